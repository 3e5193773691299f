//! Through the table of paths: batches and files in, plans out, nothing written.

use std::sync::Arc;

use http_body_util::BodyExt as _;
use serde_json::Value;

use crate::message::{Request, Sender};
use crate::route::Native as _;
use crate::route53::testing::route53;

use super::*;

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

#[tokio::test]
async fn a_batch_and_a_file_are_planned_alike() {
    let api = api().await;
    let revision = api.store.revision();
    let json = r#"{"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {"Name": "www.ex.test", "Type": "A", "TTL": 30,
        "ResourceRecords": [{"Value": "192.0.2.2"}]}}]}"#;
    let xml = "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>UPSERT</Action><ResourceRecordSet>\
        <Name>www.ex.test</Name><Type>A</Type><TTL>30</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.2</Value>\
        </ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch>\
        </ChangeResourceRecordSetsRequest>";
    let file = FILE.replace("www 60 A 192.0.2.1", "www 30 A 192.0.2.2");
    let mut plans = Vec::new();
    for (kind, body) in [("application/json", json), ("application/xml", xml), ("text/dns", &file)] {
        let (status, plan) = ask(&api, "POST", "/v1/zones/ex.test/plan", kind, body).await;
        assert_eq!(status, 200, "{plan}");
        plans.push(plan);
    }
    assert!(plans[0] == plans[1] && plans[1] == plans[2]);
    assert_eq!(plans[0]["changes"][0]["name"], "www.ex.test.");
    assert_eq!(
        plans[0]["answers"],
        json!([{
            "name": "www.ex.test.", "type": "A", "held_seconds": 60,
            "before": [{"odds": 1.0, "via": [], "type": "A", "values": ["192.0.2.1"], "some": null, "ending": "NOERROR", "ttl": 60,
                "text": "192.0.2.1"}],
            "after": [{"odds": 1.0, "via": [], "type": "A", "values": ["192.0.2.2"], "some": null, "ending": "NOERROR", "ttl": 30,
                "text": "192.0.2.2"}],
        }])
    );
    assert_eq!(plans[0]["warnings"], json!(["resolvers may give the old answer of www.ex.test. A for up to 60 s"]));
    let (_, same) = ask(&api, "POST", "/v1/zones/ex.test/plan", "text/dns", FILE).await;
    assert_eq!((&same["changes"], &same["answers"]), (&json!([]), &json!([])));
    assert_eq!(api.store.revision(), revision, "planning writes nothing");
}

#[tokio::test]
async fn what_would_be_refused_is_told_whole() {
    let api = api().await;
    let change = |name: &str, value: &str| {
        format!(
            r#"{{"Action": "CREATE", "ResourceRecordSet": {{"Name": "{name}", "Type": "A", "TTL": 1, "ResourceRecords": [{{"Value": "{value}"}}]}}}}"#
        )
    };
    let all = [change("www.ex.test", "192.0.2.1"), change("a.ex.test", "x"), change("a..b", "192.0.2.1")].join(",");
    let body = format!("{{\"Changes\": [{all}]}}");
    let (status, problem) = ask(&api, "POST", "/v1/zones/ex.test/plan", "application/json", &body).await;
    let detail = problem["detail"].as_str().unwrap();
    assert_eq!((status, &problem["code"], detail.lines().count()), (422, &json!("InvalidChangeBatch"), 3), "{problem}");
    for (path, kind, body, status, word) in [
        ("ex.test", "application/json", "{\"Changes\": []}", 422, "greater than or equal to 1"),
        ("ex.test", "application/json", "{\"Changes\": [{\"Action\": \"PUT\"}]}", 422, "PUT"),
        ("ex.test", "application/xml", "<a/>", 422, ""),
        ("ex.test", "image/png", "", 415, "image/png"),
        ("ex.test", "text/dns", "x y z", 422, "body:1"),
        ("ex.test", "text/dns", "www 60 A 192.0.2.1", 422, "SOA"),
        ("no.test", "text/dns", "", 404, "no.test."),
    ] {
        let (given, problem) = ask(&api, "POST", &format!("/v1/zones/{path}/plan"), kind, body).await;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(given == status && detail.contains(word), "{kind} {body}: {given} {problem}");
    }
    assert_eq!(ask(&api, "POST", "/v1/zones/ex.test/plan?from=x", "text/dns", FILE).await.0, 422);
}
