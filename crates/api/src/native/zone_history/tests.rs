//! Through the table of paths, as the command line and programs ask.

use http_body_util::BodyExt as _;
use serde_json::Value;

use crate::message::{Request, Sender};
use crate::route::Native as _;
use crate::route53::testing::route53;

use super::*;

pub(in crate::native) async fn ask(api: &V1, method: &str, path: &str, body: &str) -> (u16, Value) {
    let parts = http::Request::builder().method(method).uri(path).body(()).unwrap().into_parts().0;
    let (body, id) = (body.to_owned().into(), "1".to_owned());
    let response = api
        .respond(&Request { parts, body, sender: Sender::Operator, at_ms: 7, id, receipt: control::Receipt::default() })
        .await;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let text = || Value::from(String::from_utf8_lossy(&body).into_owned());
    (status, serde_json::from_slice(&body).unwrap_or_else(|_| text()))
}

/// A zone in three revisions.
async fn api() -> (V1, [u64; 3]) {
    let to = route53();
    let (store, random) = (to.store.clone(), to.random);
    // Whole, so that the store's folder stays as long as the API.
    let served = move || {
        let whole = &to;
        (whole.served)()
    };
    let api = V1 { served: std::sync::Arc::new(served), ..V1::offline(store, random) };
    let file = |last: &str| format!("@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\n{last}\n");
    let mut revisions = Vec::new();
    for last in ["www 60 A 192.0.2.1", "www 60 A 192.0.2.2", "www 300 A 192.0.2.2\nb 60 A 192.0.2.3"] {
        assert!(ask(&api, "PUT", "/v1/zones/ex.test", &file(last)).await.0 < 300);
        revisions.push(api.store.revision().0);
    }
    (api, revisions.try_into().unwrap())
}

#[tokio::test]
async fn a_zone_tells_its_past_and_goes_back_to_it() {
    let (api, [first, second, third]) = api().await;
    let (_, past) = ask(&api, "GET", "/v1/zones/ex.test/history?limit=2", "").await;
    let told: Vec<_> =
        past["revisions"].as_array().unwrap().iter().map(|r| (&r["put"], &r["by"], &r["change"])).collect();
    let (by, imported) = (json!("operator"), json!("imported"));
    assert_eq!(told, [(&json!(2), &by, &imported), (&json!(1), &by, &imported)]);
    let (_, rest) = ask(&api, "GET", &format!("/v1/zones/ex.test/history?before={}", past["next"]), "").await;
    assert_eq!((rest["revisions"][0]["revision"].as_u64(), &rest["next"]), (Some(first), &Value::Null));
    let (_, of_b) = ask(&api, "GET", "/v1/zones/ex.test/history?name=b", "").await;
    assert_eq!(of_b["revisions"].as_array().unwrap().len(), 1);

    let (_, diff) = ask(&api, "GET", &format!("/v1/zones/ex.test/diff?from={second}&to=now"), "").await;
    let told: Vec<_> =
        diff["changes"].as_array().unwrap().iter().map(|c| (&c["change"], &c["name"], &c["fields"])).collect();
    let ttl = |before, after| json!([{ "field": "ttl", "before": before, "after": after }]);
    assert_eq!(
        told,
        [
            (&json!("added"), &json!("b.ex.test."), &ttl(Value::Null, json!(60))),
            (&json!("changed"), &json!("www.ex.test."), &ttl(json!(60), json!(300))),
        ]
    );
    let (_, shown) = ask(&api, "GET", "/v1/zones/ex.test/history/now", "").await;
    assert_eq!((&shown["changes"], shown["revision"].as_u64()), (&diff["changes"], Some(third)));

    let (_, plan) = ask(&api, "POST", "/v1/zones/ex.test/rollback", r#"{"revision": "now~2", "dry_run": true}"#).await;
    assert_eq!((&plan["put"], &plan["deleted"], plan["at"].as_u64()), (&json!(1), &json!(1), Some(third)));
    assert_eq!(api.store.revision().0, third, "a dry run writes nothing");
    let body = json!({ "revision": first, "expect_revision": third, "comment": "3 a.m." }).to_string();
    let (status, back) = ask(&api, "POST", "/v1/zones/ex.test/rollback", &body).await;
    assert_eq!((status, &back["changes"], &back["record_sets"]), (200, &plan["changes"], &json!(3)));
    let (_, past) = ask(&api, "GET", "/v1/zones/ex.test/history?limit=1", "").await;
    let newest = &past["revisions"][0];
    assert_eq!(
        (&newest["change"], newest["of"].as_u64(), &newest["comment"]),
        (&json!("rolled_back"), Some(first), &json!("3 a.m."))
    );
    assert_eq!(newest["change_id"], back["change"]);
    let (status, _) = ask(&api, "POST", "/v1/zones/ex.test/rollback", r#"{"undo": "now"}"#).await;
    assert_eq!(status, 200);
    let (_, same) = ask(&api, "GET", &format!("/v1/zones/ex.test/diff?from={third}"), "").await;
    assert_eq!(same["changes"], json!([]));
    let (_, file) = ask(&api, "GET", &format!("/v1/zones/ex.test?at={first}"), "").await;
    assert!(file.as_str().unwrap().contains("192.0.2.1"), "{file}");
}

#[tokio::test]
async fn what_is_wrong_is_told() {
    let (api, [first, _, third]) = api().await;
    for (method, path, body, status, word) in [
        ("POST", "ex.test/rollback", "{\"revision\": 0}", 422, "did not exist at revision: 0"),
        ("POST", "ex.test/rollback", "{}", 422, "revision or undo is missing"),
        ("POST", "ex.test/rollback", "{\"revision\": 1, \"undo\": 1}", 422, "either"),
        ("POST", "ex.test/rollback", "{\"undo\": 1}", 422, "created the zone"),
        ("POST", "ex.test/rollback", "{\"revision\": 1, \"expect_revision\": 2}", 409, "is not at revision 2 any more"),
        ("POST", "none.test/rollback", "{\"revision\": 1}", 404, "none.test."),
        ("GET", "ex.test/history?limit=0", "", 422, "limit must be from 1 to 1000: 0"),
        ("GET", "ex.test/history?before=x", "", 422, "before must be at least 1: x"),
        ("GET", "ex.test/history/99", "", 422, "revision 99 did not change"),
        ("GET", "ex.test/diff", "", 422, "from is missing"),
        ("GET", "ex.test/diff?from=soon", "", 422, "not a revision: soon"),
        ("GET", "ex.test/diff?from=1d", "", 422, "did not exist at: 1d ago"),
    ] {
        let body = if word.starts_with("created") { body.replace('1', &first.to_string()) } else { body.to_owned() };
        let (given, problem) = ask(&api, method, &format!("/v1/zones/{path}"), &body).await;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(given == status && detail.contains(word), "{method} {path}: {given} {problem}");
    }
    assert_eq!(api.store.revision().0, third);
}
