//! The native API over a real store, with the runner on real time and a quick release.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use control::run_deployments::{self, Runner};
use control::{Meta, Store, Views, hosted_zones, publish, record_sets};
use http::{HeaderMap, Method};
use http_body_util::BodyExt as _;
use model::change::{Action, Change, ChangeBatch};
use model::deployment::{HookAnswer, HookOutcome};
use model::id::SetIdentifier;
use model::metric::Measurement;
use model::{Body, Name, RecordSet, RecordType, Routing, Ttl};
use ring::rand::SystemRandom;
use tokio::sync::watch;

use super::*;
use crate::message::{Request, Sender};
use crate::route::Native as _;

struct Api {
    v1: V1,
    runner: Option<Runner>,
    zone: String,
    _publisher: publish::Publisher,
    folder: PathBuf,
}

impl Drop for Api {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn now_ms() -> u64 {
    u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap()
}

fn weighted(id: &str, weight: u8) -> Change {
    let routing = Routing::Weighted { set_identifier: SetIdentifier::parse(id).unwrap(), weight };
    let body = Body::Records { ttl: Ttl::new(0).unwrap(), values: vec!["192.0.2.1".to_owned()] };
    let name = Name::parse("shop.example.com").unwrap();
    let record_set = RecordSet { name, record_type: RecordType::A, routing, body, health_check: None };
    Change { action: Action::Create, record_set }
}

impl Api {
    async fn open() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("cutover-api-native-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let store = Store::open(&folder).unwrap();
        let random: &'static SystemRandom = Box::leak(Box::new(SystemRandom::new()));
        let meta = || Meta::new("test", now_ms());
        let new = hosted_zones::NewHostedZone {
            name: Name::parse("example.com").unwrap(),
            caller_reference: "once".to_owned(),
            comment: None,
            visibility: model::hosted_zone::Visibility::PUBLIC,
        };
        let (delegation, limits) = (Arc::default(), Arc::default());
        let (zone, _) = hosted_zones::create(&store, meta(), random, new, &delegation, &limits).await.unwrap();
        let batch = ChangeBatch { comment: None, changes: vec![weighted("blue", 200), weighted("green", 0)] };
        record_sets::change(&store, meta(), random, &zone.id, batch, &limits).await.unwrap();
        let (_, verdicts) = watch::channel(Arc::default());
        let publisher = publish::start(&store, verdicts.clone(), Arc::default(), 7).unwrap();
        let view = publisher.view();
        let served: Arc<dyn Fn() -> u64 + Send + Sync> = Arc::new(move || view.borrow().revision());
        let runner = run_deployments::start(run_deployments::Inputs {
            store: store.clone(),
            verdicts,
            served: Arc::clone(&served),
            measure: Arc::new(|_| Box::pin(async { Measurement::Value(0.5) })),
            call: Arc::new(|_| Box::pin(async { HookOutcome::new(HookAnswer::Pass, "status 200") })),
            foreign: control::foreign::nobody("nobody is asked here"),
            now_ms: Arc::new(now_ms),
            calendar_ms: Arc::new(now_ms),
        });
        let views = Views::new(publisher.view());
        let v1 = V1 { delegation, limits, views, served, running: runner.report(), ..V1::offline(store, random) };
        Self { v1, runner: Some(runner), zone: zone.id.to_string(), _publisher: publisher, folder }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, HeaderMap, Value) {
        let mut request = http::Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let body = body.to_owned().into();
        let request = Request {
            parts,
            body,
            sender: Sender::Operator,
            at_ms: now_ms(),
            id: "test".to_owned(),
            receipt: control::Receipt::default(),
        };
        let (parts, body) = self.v1.respond(&request).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status.as_u16(), parts.headers, serde_json::from_slice(&body).unwrap())
    }

    async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, &[], "").await.2
    }

    /// Status and code of a refusal.
    async fn refused(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let (status, headers, problem) = self.send(method, path, headers, body).await;
        assert_eq!(headers["content-type"], "application/problem+json");
        (status, problem["code"].as_str().unwrap().to_owned())
    }

    fn service(&self) -> String {
        json!({
            "name": "shop", "active": "blue",
            "environments": {
                "blue": {"version": "1.9", "set_identifiers": ["blue"]},
                "green": {"version": "2.0", "set_identifiers": ["green"]},
            },
            "traffic": [{"dns": {"zone": self.zone, "name": "shop.example.com", "types": ["A"]}}],
        })
        .to_string()
    }

    async fn declared() -> Self {
        let api = Self::open().await;
        let (status, headers, _) = api.send(Method::PUT, "/v1/services/shop", &[], &api.service()).await;
        assert_eq!((status, headers.contains_key("etag")), (200, true));
        api
    }

    /// Waits, as programs do, until the deployment is in a state.
    async fn until(&self, id: &str, is_there: impl Fn(&Value) -> bool) -> Value {
        let mut seen = 0;
        for _ in 0..100 {
            let view = self.get(&format!("/v1/deployments/{id}?wait=10s&since={seen}")).await;
            if is_there(&view) {
                return view;
            }
            seen = view["events"].as_array().unwrap().last().unwrap()["seq"].as_u64().unwrap();
        }
        panic!("it never came so far");
    }
}

fn spec(gate: &str) -> String {
    format!(
        r#"{{"to": "green", "version": "2.1", "settle": {{"min": "10ms"}}, "bake": "10ms",
            "strategy": {{"canary": {{"steps": [{{"weight": "5%"}}, {gate} {{"weight": "100%"}}]}}}}}}"#
    )
}

#[tokio::test]
async fn a_release_from_the_plan_to_its_end() {
    let api = Api::declared().await;
    let (status, _, plan) = api.send(Method::POST, "/v1/services/shop/plan", &[], &spec("")).await;
    assert_eq!((status, plan["plan"][0]["weights"].as_str()), (200, Some("A blue=95 green=5")));
    let create = format!("/v1/services/shop/deployments?plan={}", plan["plan_hash"].as_str().unwrap());
    let with_reason = spec("").replacen('{', r#"{"reason": "CHG-1882","#, 1);
    let (status, headers, made) = api.send(Method::POST, &create, &[], &with_reason).await;
    let id = made["id"].as_str().unwrap();
    assert_eq!((status, headers["location"].to_str().unwrap()), (201, &format!("/v1/deployments/{id}")[..]));
    assert_eq!((&made["plan_text"], &made["created"]["reason"]), (&plan["plan_text"], &json!("CHG-1882")));

    let view = api.until(id, |view| view["terminal"] == true).await;
    assert_eq!((&view["phase"], &view["reason"], &view["paused"]), (&json!("Succeeded"), &json!(null), &json!(false)));
    assert_eq!(view["step"], json!({"index": 2, "count": 2, "stage": null}));
    assert_eq!(
        view["environments"],
        json!([
            {"name": "blue", "version": "1.9", "wanted": 0.0, "written": 0.0, "applied": 0.0, "weights": {"A": 0}},
            {"name": "green", "version": "2.1", "wanted": 1.0, "written": 1.0, "applied": 1.0, "weights": {"A": 200}},
        ])
    );
    let events = view["events"].as_array().unwrap();
    let shifts: Vec<&str> =
        events.iter().filter(|e| e["kind"] == "shift").map(|e| e["text"].as_str().unwrap()).collect();
    assert_eq!(shifts, ["weights written: A blue=95 green=5", "weights written: A blue=0 green=200"]);
    assert_eq!((&events[0]["kind"], &events[0]["cause"]), (&json!("command"), &json!("operator")));
    let service = api.get("/v1/services/shop").await;
    assert_eq!((&service["service"]["active"], &service["deployment"]), (&json!("green"), &json!(null)));
    let listed = api.get("/v1/deployments?service=shop&state=ended").await;
    assert_eq!((&listed["deployments"][0]["id"], &listed["next"]), (&json!(id), &json!(null)));
    let journal = api.get(&format!("/v1/deployments/{id}/journal")).await;
    assert_eq!(journal["journal"].as_array().unwrap().len(), 2);
    let refused = api.refused(Method::POST, &format!("/v1/deployments/{id}:abort"), &[], "").await;
    assert_eq!(refused, (409, "E_TERMINAL".to_owned()));
}

#[tokio::test]
async fn orders_steer_a_release_and_tell_why_they_are_refused() {
    let api = Api::declared().await;
    let held = spec(r#"{"hold": {}},"#);
    let (_, _, made) =
        api.send(Method::POST, "/v1/services/shop/deployments", &[("idempotency-key", "k1")], &held).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let (status, _, same) =
        api.send(Method::POST, "/v1/services/shop/deployments", &[("idempotency-key", "k1")], &held).await;
    assert_eq!((status, &same["id"]), (200, &made["id"]));
    let view = api.until(&id, |view| view["step"]["stage"] == "gate").await;
    assert_eq!(view["waiting_on"], json!(["resume or promote to go on"]));
    let order = |verb: &str| format!("/v1/deployments/{id}:{verb}");
    for (method, path, headers, body, status, code) in [
        (Method::POST, "/v1/services/shop/deployments".to_owned(), vec![], held.clone(), 409, "E_BUSY"),
        (Method::POST, "/v1/services/shop/plan".to_owned(), vec![], held.clone(), 409, "E_BUSY"),
        (Method::DELETE, "/v1/services/shop".to_owned(), vec![], String::new(), 409, "E_BUSY"),
        (Method::PUT, "/v1/services/shop".to_owned(), vec![("if-match", "\"1\"")], api.service(), 412, "E_STALE"),
        (Method::POST, order("promote"), vec![], r#"{"expect": {"step": 1}}"#.to_owned(), 409, "E_STALE"),
        (Method::POST, order("retry"), vec![], String::new(), 409, "E_INVALID_TRANSITION"),
        (Method::POST, order("explode"), vec![], String::new(), 404, "not_found"),
        (Method::POST, order("pause"), vec![], r#"{"why": "no"}"#.to_owned(), 422, "invalid_request"),
        (Method::POST, "/v1/deployments/NOPE:pause".to_owned(), vec![], String::new(), 404, "not_found"),
        (Method::GET, "/v1/deployments/NOPE".to_owned(), vec![], String::new(), 404, "not_found"),
        (Method::GET, format!("/v1/deployments/{id}?wait=10"), vec![], String::new(), 422, "invalid_request"),
    ] {
        assert_eq!(api.refused(method, &path, &headers, &body).await, (status, code.to_owned()), "{path}");
    }
    let (_, _, paused) = api.send(Method::POST, &order("pause"), &[], r#"{"reason": "lunch"}"#).await;
    assert_eq!((&paused["pause"]["by"], &paused["reason"]), (&json!("operator"), &json!("E_OPERATOR: lunch")));
    api.send(Method::POST, &order("abort"), &[], r#"{"reason": "rain"}"#).await;
    let view = api.until(&id, |view| view["terminal"] == true).await;
    assert_eq!((&view["phase"], &view["reason"]), (&json!("RolledBack"), &json!("E_OPERATOR: rain")));
    assert_eq!(view["environments"][0]["weights"], json!({"A": 200}));
}

#[tokio::test]
async fn mistakes_are_told_with_their_field() {
    let mut api = Api::declared().await;
    api.runner.take().unwrap().stop().await;
    let path = "/v1/services/shop/deployments";
    for (body, field) in [
        (spec("").replace("canary", "canari"), "strategy"),
        (spec(r#"{"weight": "4%"},"#), "strategy.canary.steps[1].weight"),
        (spec("").replace("green", "red"), "to"),
        (spec("").replacen('{', r#"{"reason": 7,"#, 1), "reason"),
        (spec("").replacen('{', r#"{"deploy": "cart","#, 1), "deploy"),
        (spec("").replace(r#""canary": {"#, r#""canary": {"on_failure": "explode","#), "strategy.canary.on_failure"),
    ] {
        let (status, _, problem) = api.send(Method::POST, path, &[], &body).await;
        assert_eq!((status, problem["field"].as_str()), (422, Some(field)), "{problem}");
    }
    let stale = api.refused(Method::POST, path, &[("if-match", "\"1\"")], &spec("")).await;
    assert_eq!(stale, (412, "E_STALE".to_owned()));
    let other = api.refused(Method::POST, &format!("{path}?plan=sha256:00"), &[], &spec("")).await;
    assert_eq!(other, (409, "E_STALE".to_owned()));
    assert_eq!(api.refused(Method::PUT, "/v1/services/cart", &[], &api.service()).await.0, 422);
    assert_eq!(api.get("/v1/deployments").await["deployments"], json!([]));
}

/// A plan with these fields beside the spec's.
fn with(fields: &str) -> String {
    spec("").replacen('{', &format!("{{{fields},"), 1)
}

#[tokio::test]
async fn a_plan_with_a_population_tells_the_same_plan_and_who_gets_what() {
    let api = Api::declared().await;
    let path = "/v1/services/shop/plan";
    let (_, _, mut plain) = api.send(Method::POST, path, &[], &spec("")).await;
    let asked = with(r#""population": {"csv": "client,weight\n192.0.2.0/24,3\n198.51.100.7,1\n"}, "clients": 1"#);
    let (status, _, mut planned) = api.send(Method::POST, path, &[], &asked).await;
    assert_eq!(status, 200, "{planned}");
    let forecast = planned.as_object_mut().unwrap().remove("forecast").unwrap();
    assert!(plain.get("forecast").is_none());
    // Each client of the population is a resolver; without one there are the usual ones.
    let outlooks = [&mut plain, &mut planned].map(|plan| plan.as_object_mut().unwrap().remove("outlook").unwrap());
    assert_eq!(outlooks.each_ref().map(|outlook| outlook["resolvers"].as_u64().unwrap()), [2_000, 2]);
    let high = |outlook: &Value| outlook["steps"][0]["high"].as_f64().unwrap();
    assert!(high(&outlooks[0]) < 0.3 && high(&outlooks[1]) > 0.7, "{outlooks:?}");
    // One was asked for a little later.
    let times = [&mut plain, &mut planned].map(|plan| plan.as_object_mut().unwrap().remove("timeline").unwrap());
    let begins = times.each_ref().map(|times| times["steps"][0]["at_ms"].as_u64().unwrap());
    assert!(begins[0] <= begins[1] && times[0]["steps"].as_array().unwrap().len() == 2, "{times:?}");
    assert_eq!(planned.to_string(), plain.to_string());
    assert_eq!(forecast["population"], json!({"clients": 2, "weight": 4.0, "not_simulated": []}));
    assert_eq!(forecast["left_off"], 0);
    let step = &forecast["steps"][0];
    let answer = &step["answers"][0];
    let told = (&step["step"], &step["share"], &answer["name"], &answer["clients"][0]["client"]);
    assert_eq!(told, (&json!(1), &json!(0.05), &json!("shop.example.com."), &json!("192.0.2.0/24")));
    let sides = |of: &Value| {
        let side = |name: &str, side: &str| (of["environments"][name][side].as_f64().unwrap() * 1e6).round() / 1e6;
        ["blue", "green"].map(|name| (side(name, "before"), side(name, "after")))
    };
    for of in [answer, &answer["clients"][0], &answer["countries"][0]] {
        assert_eq!(sides(of), [(1.0, 0.95), (0.0, 0.05)], "{of}");
    }
    // Step 2 starts from step 1. Both environments answer with the same address, so nobody notices.
    let last = &forecast["steps"][1]["answers"][0];
    assert_eq!(sides(last), [(0.95, 0.0), (0.05, 1.0)]);
    assert_eq!((&last["moved"], forecast["steps"].as_array().unwrap().len()), (&json!(0.0), 2));
}

#[tokio::test]
async fn a_population_that_makes_no_sense_is_told_with_its_field() {
    let api = Api::declared().await;
    let plan = "/v1/services/shop/plan";
    for (path, fields, field, word) in [
        (plan, r#""population": "moon""#, "population", "unknown variant `moon`"),
        (plan, r#""population": {"csv": 7}"#, "population", "invalid type"),
        (plan, r#""population": "world""#, "population", "nobody knows where clients are"),
        (plan, r#""population": {"csv": "client"}"#, "population", "there are no clients in the population"),
        (plan, r#""population": {"csv": "client\nx\n"}"#, "population.csv", "2:1: a client is"),
        (plan, r#""population": {"log": "1.0"}"#, "population.log", "1:1: a line of a query log"),
        (plan, r#""population": "world", "clients": -1"#, "clients", "invalid value"),
        (plan, r#""clients": 1"#, "clients", "clients needs a population"),
        ("/v1/services/shop/deployments", r#""population": "world""#, "population", "unknown field `population`"),
    ] {
        let (status, _, problem) = api.send(Method::POST, path, &[], &with(fields)).await;
        let told = problem["detail"].as_str().unwrap();
        assert!(status == 422 && told.contains(word), "{fields}: {status} {told}");
        assert_eq!(problem["field"].as_str().unwrap_or_default(), field, "{fields}: {told}");
    }
    let (status, _, problem) =
        api.send(Method::POST, "/v1/services/cart/plan", &[], &with(r#""population": "world""#)).await;
    assert_eq!((status, &problem["code"]), (404, &json!("not_found")));
}

impl Api {
    /// A stream of events: its status, and the body that is not read yet.
    async fn stream(&self, id: &str, known: Option<&str>) -> http::Response<crate::Content> {
        let mut request = http::Request::builder().uri(format!("/v1/deployments/{id}/events"));
        request = request.header("accept", "text/event-stream");
        if let Some(known) = known {
            request = request.header("last-event-id", known);
        }
        let request = Request {
            parts: request.body(()).unwrap().into_parts().0,
            body: Default::default(),
            sender: Sender::Operator,
            at_ms: now_ms(),
            id: "test".to_owned(),
            receipt: control::Receipt::default(),
        };
        self.v1.respond(&request).await
    }

    async fn streamed(&self, id: &str, known: Option<&str>) -> (u16, String) {
        let (parts, body) = self.stream(id, known).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
    }
}

#[tokio::test]
async fn events_are_streamed_to_the_end_and_go_on_where_a_reader_was_cut_off() {
    let api = Api::declared().await;
    let path = "/v1/services/shop/deployments";
    let (_, _, made) = api.send(Method::POST, path, &[], &spec(r#"{"hold": "100ms"},"#)).await;
    let id = made["id"].as_str().unwrap();
    let (status, told) = api.streamed(id, None).await;
    let view = api.get(&format!("/v1/deployments/{id}")).await;
    assert_eq!((status, &view["phase"]), (200, &json!("Succeeded")), "the stream ends with the release");
    let data = |told: &str| -> Vec<Value> {
        told.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok()).collect()
    };
    let ids =
        |told: &str| -> Vec<u64> { told.lines().filter_map(|line| line.strip_prefix("id: ")?.parse().ok()).collect() };
    let all = view["events"].as_array().unwrap();
    assert_eq!(&data(&told), all);
    assert_eq!(ids(&told), (1..=all.len() as u64).collect::<Vec<_>>());
    assert!(told.starts_with("retry: ") && told.contains("\nevent: shift\ndata: {"), "{told}");

    let (_, rest) = api.streamed(id, Some("3")).await;
    assert_eq!(data(&rest), all[3..]);
    let (status, nothing) = api.streamed(id, Some(&all.len().to_string())).await;
    assert_eq!((status, nothing.as_str()), (204, ""), "a reader who knows all need not come back");
    assert_eq!(api.streamed(id, Some("x")).await.0, 422);
    assert_eq!(api.streamed("NOPE", None).await.0, 404);
}

#[tokio::test]
async fn streams_are_bounded_and_a_reader_who_leaves_makes_room() {
    let api = Api::declared().await;
    let path = "/v1/services/shop/deployments";
    let (_, _, made) = api.send(Method::POST, path, &[], &spec(r#"{"hold": {}},"#)).await;
    let id = made["id"].as_str().unwrap();
    let mut open = Vec::new();
    while open.len() < 64 {
        let stream = api.stream(id, None).await;
        assert_eq!(stream.status(), 200);
        open.push(stream);
    }
    let (status, refused) = api.streamed(id, None).await;
    assert!(status == 503 && refused.contains("wait=30s"), "{refused}");
    open.pop();
    while api.stream(id, None).await.status() == 503 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_session_of_its_reader() {
    let api = Api::declared().await;
    let path = "/v1/services/shop/deployments";
    let (_, _, made) = api.send(Method::POST, path, &[], &spec(r#"{"hold": {}},"#)).await;
    let id = model::id::DeploymentId::parse(made["id"].as_str().unwrap()).unwrap();
    let found = control::deployments::find(&api.v1.store, &id).unwrap().unwrap();
    let reader = crate::native::streams::Reader { key: Some("CUTO1".into()), life: std::time::Duration::ZERO };
    let stream = api.v1.streams.open(&api.v1.store, &found, 0, None, reader).unwrap();
    // It would never end: the release waits for a person.
    stream.into_body().collect().await.unwrap();
}

#[tokio::test]
async fn a_difference_tells_what_was_found_wanted_written_and_is_there() {
    let api = Api::declared().await;
    let path = "/v1/services/shop/deployments";
    let (_, _, made) = api.send(Method::POST, path, &[], &spec(r#"{"hold": {}},"#)).await;
    let id = made["id"].as_str().unwrap();
    api.until(id, |view| view["step"]["stage"] == "gate").await;
    let zone = model::id::HostedZoneId::parse(&api.zone).unwrap();
    let mut other = weighted("green", 77);
    other.action = Action::Upsert;
    let Body::Records { values, .. } = &mut other.record_set.body else { unreachable!() };
    *values = vec!["192.0.2.9".to_owned()];
    let batch = ChangeBatch { comment: None, changes: vec![other] };
    let meta = Meta::new("somebody", now_ms());
    record_sets::change(&api.v1.store, meta, api.v1.random, &zone, batch, &api.v1.limits).await.unwrap();
    let told = api.get(&format!("/v1/deployments/{id}/diff")).await;
    assert_eq!(
        told["differences"],
        json!([
            {"name": "shop.example.com.", "type": "A", "set_identifier": "blue", "missing": false, "changed": [],
             "weight": {"snapshot": 200, "wanted": 95, "written": 95, "live": 95}},
            {"name": "shop.example.com.", "type": "A", "set_identifier": "green", "missing": false,
             "changed": [{"field": "values", "snapshot": ["192.0.2.1"], "live": ["192.0.2.9"]}],
             "weight": {"snapshot": 0, "wanted": 5, "written": 5, "live": 77}},
        ])
    );
}

#[tokio::test]
async fn a_zone_may_be_named_by_its_name() {
    let api = Api::open().await;
    let service = |zone: &str| api.service().replace(&api.zone, zone);
    let put = async |body: String| api.send(Method::PUT, "/v1/services/shop", &[], &body).await;
    let (status, _, problem) = put(service("example.org")).await;
    assert_eq!((status, &problem["code"], &problem["field"]), (422, &json!("E_SPEC"), &json!("traffic[0].dns.zone")));
    let (status, _, declared) = put(service("example.com")).await;
    assert_eq!((status, &declared["service"]["traffic"][0]["dns"]["zone"]), (200, &json!(api.zone)));
}

#[tokio::test]
async fn the_api_tells_what_it_is() {
    let api = Api::open().await;
    let document = api.get("/v1/openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/v1/services/{service}/plan"]["post"].is_object());
    assert_eq!(api.get("/v1/schema/release").await["title"], "Release");
    assert_eq!(api.get("/v1/schema/service").await["title"], "Service");
    assert_eq!(api.refused(Method::GET, "/v1/schema/moon", &[], "").await, (404, "not_found".to_owned()));
}

/// Every code that guards refuse with, once, with its message.
#[tokio::test]
async fn guards_tell_why_they_refuse() {
    let api = Api::open().await;
    let service = |policy: &str| {
        let policy: Value = serde_json::from_str(policy).unwrap();
        let mut service: Value = serde_json::from_str(&api.service()).unwrap();
        service["policy"] = policy;
        service["environments"]["green"]["capacity"] = json!("60%");
        service.to_string()
    };
    let put = async |policy: &str| api.send(Method::PUT, "/v1/services/shop", &[], &service(policy)).await;
    let told = async |path: &str, body: &str| {
        let (status, _, problem) = api.send(Method::POST, path, &[], body).await;
        (
            status,
            problem["code"].as_str().unwrap_or_default().to_owned(),
            problem["detail"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let create = "/v1/services/shop/deployments";
    put("{}").await;
    let (status, code, text) = told(create, &spec("")).await;
    assert_eq!((status, code.as_str()), (409, "E_CAPACITY"));
    assert_eq!(text, "green with capacity 60% cannot take 100%; raise its capacity or stop before");
    let mut whole: Value = serde_json::from_str(&api.service()).unwrap();
    whole["policy"] = json!({"locking": "hard", "approvals": {"approvers": ["sre-*"], "deny_self": true}});
    api.send(Method::PUT, "/v1/services/shop", &[], &whole.to_string()).await;

    let (status, _, freeze) = api.send(Method::PUT, "/v1/freezes/year-end", &[], r#"{"services": ["shop"]}"#).await;
    assert_eq!((status, &freeze["name"]), (200, &json!("year-end")));
    let (status, code, text) = told(create, &spec("")).await;
    assert_eq!(
        (status, code.as_str(), text.as_str()),
        (409, "E_WINDOW", "frozen by \"year-end\"; rollback stays possible")
    );
    let (status, code, _) = told(&format!("{create}?override_window="), &spec("")).await;
    assert_eq!((status, code.as_str()), (422, "E_SPEC"));
    let (_, _, made) = api.send(Method::POST, &format!("{create}?window=wait"), &[], &spec("")).await;
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!((&made["phase"], &made["gate"]["name"]), (&json!("Pending"), &json!("start")));
    let at = |gate: &str| format!("/v1/deployments/{id}/gates/{gate}");
    let (status, code, text) = told(&at("start:approve"), "").await;
    assert_eq!((status, code.as_str()), (403, "E_GATE_DENIED"), "{text}");
    assert_eq!(text, "approver of gate start must not be the creator: operator");
    let (status, code, _) = told(&at("other:approve"), "").await;
    assert_eq!((status, code.as_str()), (409, "E_STALE"));
    let (status, code, text) = told(&format!("/v1/deployments/{id}:accept-drift"), "").await;
    assert_eq!((status, code.as_str()), (409, "E_INVALID_TRANSITION"), "{text}");
    let busy = format!("service shop already has deployment {id} in Pending; abort it, wait, or set on_busy");
    assert_eq!(told(&format!("{create}?window=wait"), &spec("")).await, (409, "E_BUSY".into(), busy));
    let (status, code, _) = told("/v1/services/shop:rollback", "").await;
    assert_eq!((status, code.as_str()), (409, "E_PRECONDITION"));
    api.send(Method::POST, &format!("/v1/deployments/{id}:abort"), &[], "").await;
    assert_eq!(told(&at("start:deny"), "").await.1, "E_TERMINAL");
    assert_eq!(api.refused(Method::DELETE, "/v1/freezes/none", &[], "").await, (404, "not_found".to_owned()));
    assert_eq!(api.send(Method::DELETE, "/v1/freezes/year-end", &[], "").await.0, 200);
}
