//! Through the table of paths: questions in, reasons out.

use std::sync::Arc;

use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::message::{Request, Sender};
use crate::native::{ACCOUNT_DEFAULT, Standing, V1};
use crate::route::Native as _;
use crate::route53::testing::route53;

async fn ask(api: &V1, method: &str, path: &str, body: &str) -> (u16, Value) {
    let parts = http::Request::builder().method(method).uri(path).header("content-type", "text/dns");
    let parts = parts.body(()).unwrap().into_parts().0;
    let (body, id) = (body.to_owned().into(), "1".to_owned());
    let receipt = control::Receipt::default();
    let response = api.respond(&Request { parts, body, sender: Sender::Operator, at_ms: 9_000, id, receipt }).await;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

/// A server's API that holds the zone as it was imported first, then as it was imported last.
async fn api(files: &[&str]) -> V1 {
    let to = route53();
    let (store, random, views) = (to.store.clone(), to.random, to.views.clone());
    // Whoever holds the Route 53 holds the store's folder, and what publishes.
    let served = move || (to.served)();
    let standing = |id: &model::id::HealthCheckId| {
        let seen = model::health_status::Observation::failure("no answer", 8_000);
        (id.as_str() == "h1").then_some(Standing { is_healthy: true, since_ms: 4_000, seen: Some(seen) })
    };
    let account = ACCOUNT_DEFAULT.into();
    let api = V1 {
        served: Arc::new(served),
        standing: Arc::new(standing),
        views,
        account,
        ..V1::offline(store.clone(), random)
    };
    for file in files {
        let (status, told) = ask(&api, "PUT", "/v1/zones/ex.test", file).await;
        assert!(status < 300, "{told}");
    }
    while api.views.current().revision() < store.revision().0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    api
}

const HEAD: &str = "@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\n";

#[tokio::test]
async fn every_answer_is_told_with_its_odds_and_the_draw_repeats_one() {
    let file = format!(
        "{HEAD}www 60 A 192.0.2.1 ; cutover: set=blue weight=3 health-check=h1\nwww 60 A 192.0.2.2 ; cutover: set=green weight=1\nc 5 CNAME www\n"
    );
    let api = api(&[&file]).await;
    let (status, told) = ask(&api, "GET", "/v1/explain?name=c.ex.test", "").await;
    assert_eq!(status, 200, "{told}");
    let odds: Vec<&Value> = told["answers"].as_array().unwrap().iter().map(|answer| &answer["odds"]).collect();
    assert_eq!(odds, [&json!(0.75), &json!(0.25)], "{told}");
    assert_eq!(told["answers"][0]["via"], json!(["www.ex.test."]));
    assert_eq!((&told["answers"][0]["ttl"], &told["hops"][1]["level"]["policy"]), (&json!(5), &json!("weighted")));
    assert_eq!(told["hops"][1]["level"]["candidates"][1]["rule"], "weight 1");
    assert_eq!(
        told["hops"][1]["level"]["candidates"][0]["health_check"],
        json!({"id": "h1", "healthy": true, "since_ms": 5_000, "seen": "Failure: no answer", "seen_ms": 1_000})
    );
    let draw = told["sample"]["draw"].as_str().unwrap();
    for _ in 0..3 {
        let (_, again) = ask(&api, "GET", &format!("/v1/explain?name=c.ex.test&draw={draw}"), "").await;
        assert_eq!(again["sample"], told["sample"]);
    }
}

#[tokio::test]
async fn the_zone_is_explained_as_it_was() {
    let file = |address: &str| format!("{HEAD}www 60 A {address}\n");
    let api = api(&[&file("192.0.2.1"), &file("192.0.2.2")]).await;
    let answer = async |at: &str| ask(&api, "GET", &format!("/v1/explain?name=www.ex.test{at}"), "").await.1;
    assert_eq!(answer("").await["answers"][0]["text"], "192.0.2.2");
    let before = answer("&at=now~1").await;
    assert_eq!(before["answers"][0]["text"], "192.0.2.1");
    assert!(before["revision"].as_u64().unwrap() < answer("").await["revision"].as_u64().unwrap());
    assert_eq!(answer("&at=99999").await["field"], "at");
}

#[tokio::test]
async fn what_cannot_be_asked_is_told_with_its_field() {
    let api = api(&[&format!("{HEAD}www 60 A 192.0.2.1\n")]).await;
    for (query, status, field) in [
        ("", 422, "name"),
        ("name=a..b", 422, "name"),
        ("name=www.ex.test&type=QUX", 422, "type"),
        ("name=www.ex.test&from=here", 422, "from"),
        ("name=www.ex.test&subnet=192.0.2.0/33", 422, "subnet"),
        ("name=www.ex.test&subnet=192.0.2.1/24", 422, "subnet"),
        ("name=www.ex.test&draw=xyz", 422, "draw"),
        ("name=www.ex.test&at=yesterday", 422, "at"),
    ] {
        let (given, problem) = ask(&api, "GET", &format!("/v1/explain?{query}"), "").await;
        assert_eq!((given, problem["field"].as_str()), (status, Some(field)), "{query}: {problem}");
    }
    let (status, told) = ask(&api, "GET", "/v1/explain?name=www.other.test", "").await;
    assert_eq!((status, &told["zone"], &told["answers"][0]["ending"]), (200, &Value::Null, &json!("REFUSED")));
    assert_eq!(ask(&api, "GET", "/v1/explain?name=www.other.test&at=now", "").await.0, 404);
}
