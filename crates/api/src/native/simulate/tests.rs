//! Through the table of paths: bodies in, shares out, nothing written.

use std::sync::Arc;

use http_body_util::BodyExt as _;
use serde_json::json;

use super::*;
use crate::message::{Request, Sender};
use crate::route::Native as _;
use crate::route53::testing::route53;

async fn ask(api: &V1, method: &str, path: &str, kind: &str, body: &str) -> (u16, Value) {
    let parts = http::Request::builder().method(method).uri(path).header("content-type", kind);
    let parts = parts.body(()).unwrap().into_parts().0;
    let (body, id) = (body.to_owned().into(), "1".to_owned());
    let response = api
        .respond(&Request { parts, body, sender: Sender::Operator, at_ms: 7, id, receipt: control::Receipt::default() })
        .await;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

const FILE: &str = "@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\nwww 60 A 192.0.2.1\n";

async fn api() -> V1 {
    let to = route53();
    let (store, random) = (to.store.clone(), to.random);
    // Whoever holds the Route 53 holds the store's folder.
    let served = move || {
        let whole = &to;
        (whole.served)()
    };
    let api = V1 { served: Arc::new(served), ..V1::offline(store, random) };
    assert_eq!(ask(&api, "PUT", "/v1/zones/ex.test", "text/dns", FILE).await.0, 201);
    api
}

async fn simulate(api: &V1, body: &Value) -> (u16, Value) {
    ask(api, "POST", "/v1/simulate", "application/json", &body.to_string()).await
}

#[tokio::test]
async fn a_batch_an_xml_batch_and_a_file_are_simulated_alike() {
    let api = api().await;
    let revision = api.store.revision();
    let batch = json!({"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {"Name": "www.ex.test", "Type": "A", "TTL": 60,
        "ResourceRecords": [{"Value": "192.0.2.2"}]}}]});
    let xml = "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>UPSERT</Action><ResourceRecordSet>\
        <Name>www.ex.test</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.2</Value>\
        </ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch>\
        </ChangeResourceRecordSetsRequest>";
    let file = FILE.replace("192.0.2.1", "192.0.2.2");
    let log = "1.0 2017-12-13T08:15:50.235Z Z1 www.ex.test A NOERROR UDP DFW3 10.0.0.1 -\n";
    let mut told = Vec::new();
    for (change, population) in [
        (json!({ "batch": batch }), json!({"csv": "client\n10.0.0.1\n"})),
        (json!({ "batch_xml": xml }), json!({"csv": "client\n10.0.0.1\n"})),
        (json!({ "zone_file": file }), json!({ "log": log })),
    ] {
        let body = json!({"name": "ex.test", "change": change, "population": population});
        let (status, simulation) = simulate(&api, &body).await;
        assert_eq!(status, 200, "{simulation}");
        told.push(simulation);
    }
    assert!(told[0] == told[1] && told[1] == told[2], "{told:?}");
    assert_eq!(told[0]["warnings"], json!(["no server runs on this folder: where clients are is not known"]));
    assert_eq!(told[0]["population"], json!({"clients": 1, "weight": 1.0, "not_simulated": []}));
    let side = json!({"nothing": 0.0, "fails_open": 0.0, "latency_ms": null, "distance_km": null});
    let answer = |value: &str, before: f64| {
        json!({"via": [], "type": "A", "values": [value], "some": null, "ending": "NOERROR", "ttl": 60, "text": value,
            "nothing": false, "labels": [], "before": before, "after": 1.0 - before})
    };
    let sides = json!({"before": [{"answer": 0, "share": 1.0}], "after": [{"answer": 1, "share": 1.0}]});
    let part = |key: &str, value: Value| {
        let mut part = sides.clone();
        (part["share"], part["moved"], part[key]) = (json!(1.0), json!(1.0), value);
        part
    };
    let mut unknown = part("country", Value::Null);
    unknown["name"] = Value::Null;
    assert_eq!(
        told[0]["answers"],
        json!([{"name": "www.ex.test.", "type": "A", "moved": 1.0, "before": side, "after": side,
            "shares": [answer("192.0.2.1", 1.0), answer("192.0.2.2", 0.0)],
            "flows": [{"from": 0, "to": 1, "share": 1.0}], "countries": [unknown],
            "clients": [part("client", json!("10.0.0.1/32"))]}])
    );
    assert_eq!(api.store.revision(), revision, "a simulation writes nothing");
}

#[tokio::test]
async fn what_makes_no_sense_is_told_with_its_field() {
    let api = api().await;
    let csv = || json!({"csv": "client\n10.0.0.1\n"});
    let change = |change: Value| json!({"name": "ex.test", "change": change, "population": csv()});
    let weight = |weight: u64| {
        change(json!({"weights": [{"name": "www.ex.test", "type": "A", "set_identifier": "b", "weight": weight}]}))
    };
    for (body, status, field, word) in [
        (json!({}), 422, "name", "name a zone, or a name in one"),
        (json!({"zone": "ex.test", "type": "A"}), 422, "name", "a type needs the name"),
        (json!({"name": "www.no.test"}), 404, "", "no hosted zone here holds this name: www.no.test."),
        (json!({"zone": "no.test"}), 404, "", "no hosted zone has this name: no.test."),
        (json!({"name": "ex.test", "people": 1}), 422, "", "unknown field `people`"),
        (json!({"name": "ex.test"}), 422, "population", "nobody knows where clients are"),
        (json!({"name": "ex.test", "population": {"csv": "client\nx\n"}}), 422, "population.csv", "2:1: a client is"),
        (json!({"name": "ex.test", "population": {"log": "1.0"}}), 422, "population.log", "1:1: a line of a query log"),
        (json!({"name": "ex.test", "population": {"csv": "client"}}), 422, "population", "there are no clients"),
        (
            json!({"zone": "ex.test", "name": "a.b", "population": csv()}),
            422,
            "name",
            "a.b. is not in the zone ex.test.",
        ),
        (weight(256), 422, "change.weights", "a weight is 0 to 255: 256"),
        (weight(1), 422, "change.weights", "www.ex.test. A has no weighted record set \"b\"; there are none"),
        (change(json!({"down": ["nobody"]})), 422, "change", "no health check has this id: nobody"),
        (change(json!({"lose": ["EU"]})), 422, "change.lose", "say country:EU or continent:EU"),
        (
            change(json!({"lose": ["eu-west-1"]})),
            422,
            "change.lose",
            "no record set of the zone is in eu-west-1; there are none",
        ),
        (change(json!({"batch": {}, "zone_file": ""})), 422, "change", "give one of batch, batch_xml and zone_file"),
        (change(json!({"zone_file": "x y z"})), 422, "change.zone_file", "zone_file:1"),
        (
            change(json!({"lose": vec!["eu-west-1"; 1_001]})),
            422,
            "change.lose",
            "a simulation takes at most 1000 entries of lose: 1001",
        ),
        (change(json!({"batch": {"Changes": [{"Action": "PUT"}]}})), 422, "", "PUT"),
        (
            change(json!({"traffic_policies": [{"name": "www.ex.test", "document": "{"}]})),
            422,
            "change.traffic_policies",
            "",
        ),
    ] {
        let (given, problem) = simulate(&api, &body).await;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(given == status && detail.contains(word), "{body}: {given} {problem}");
        assert_eq!(problem["field"].as_str().unwrap_or_default(), field, "{body}: {problem}");
    }
}
