//! Two servers: one is the account of Route 53, the other releases what is in it, through a line that throttles, loses
//! answers and delays.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod proxy;

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use proxy::{Fault, Proxy};
use serde_json::{Value, json};
use world::exchange::{self, Transport};
use world::place::Folder;
use world::process::{Server, cutover, path, text};
use world::query::Query;

/// Two weighted record sets of each type and something beside them, in the words of an export.
const ZONE: &str = "$ORIGIN rel.test.\n$TTL 60\n@ SOA ns h 1 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.9\n\
    www.rel.test. 1 IN A 192.0.2.1 ; cutover: set=blue weight=100\n\
    www.rel.test. 1 IN A 192.0.2.2 ; cutover: set=green weight=0\n\
    www.rel.test. 1 IN AAAA 2001:db8::1 ; cutover: set=blue weight=100\n\
    www.rel.test. 1 IN AAAA 2001:db8::2 ; cutover: set=green weight=0\n\
    www.rel.test. 1 IN TXT \"not of the release\"\n\
    plain.rel.test. 1 IN A 192.0.2.7\n";
/// Far longer than a release of these tests takes.
const DEADLINE: Duration = Duration::from_secs(240);

/// The server that stands for Amazon, the line to it, and the folder of the one that releases.
struct Place {
    folder: Folder,
    amazon: Server,
    zone: String,
    line: Proxy,
}

/// A command that must succeed; its JSON.
fn told(args: &[&str]) -> Value {
    let output = cutover(args);
    assert!(output.status.success(), "cutover {args:?}: {}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", text(&output)))
}

/// A page that always tells the same number.
fn page(number: f64) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 1024]);
            let body = json!({ "errors": number }).to_string();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all((head + &body).as_bytes());
        }
    });
    address
}

impl Place {
    fn new(name: &str, faults: &[Fault]) -> Self {
        let folder = Folder::new(name);
        let theirs = folder.path().join("amazon");
        let file = folder.write("rel.zone", ZONE);
        let made = told(&["zone", "import", "rel.test", path(&file), "--data", path(&theirs), "--json"]);
        let amazon = Server::start(&theirs);
        let line = Proxy::to(amazon.api, faults);
        let key = amazon.credentials();
        let credentials =
            format!("[release]\naws_access_key_id = {}\naws_secret_access_key = {}\n", key.id, key.secret);
        let credentials = folder.write("credentials", credentials);
        folder.write(
            "cutover.toml",
            format!(
                "[accounts.prod]\nendpoint = \"http://{}\"\ncredentials_file = \"{}\"\nprofile = \"release\"\n",
                line.address,
                path(&credentials)
            ),
        );
        Self { zone: made["id"].as_str().unwrap().to_owned(), folder, amazon, line }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("own")
    }

    /// The server that releases. Without the driver it says how to build it, and does not come up.
    fn start(&self) -> Server {
        Server::start_with(&self.data(), &["--config", path(&self.folder.path().join("cutover.toml"))])
    }

    fn service(&self) -> PathBuf {
        let service = json!({
            "name": "shop", "active": "blue",
            "environments": {"blue": {"version": "1", "set_identifiers": ["blue"]},
                             "green": {"version": "2", "set_identifiers": ["green"]}},
            "traffic": [{"route53": {"account": "prod", "zone": self.zone, "name": "www.rel.test", "types": ["A", "AAAA"]}}],
        });
        self.folder.write("shop.json", service.to_string())
    }

    /// Declares the service and creates a release; its id.
    fn create(&self, hold: &Value, errors: f64) -> String {
        let data = self.data();
        told(&["service", "apply", path(&self.service()), "--data", path(&data), "--json"]);
        let spec = json!({
            "to": "green",
            "strategy": {"canary": {"steps": [
                {"weight": "10%"}, {"analyse": ["errors"]}, {"weight": "50%"}, {"hold": hold}, {"weight": "100%"}]}},
            "settle": {"ttl_multiple": 1.0, "min": "100ms"},
            "analysis": {"errors": {"metrics": [{
                "name": "ratio", "interval": "200ms", "count": 3,
                "provider": {"http": {"url": format!("http://{}/", page(errors)), "pointer": "/errors"}},
                "condition": {"pass": "value <= 0.1", "fail": "value > 0.1"}}]}},
            "bake": "500ms",
        });
        let spec = self.folder.write("spec.json", spec.to_string());
        let made = told(&["deploy", "create", "shop", path(&spec), "--data", path(&data), "--json"]);
        made["id"].as_str().unwrap().to_owned()
    }

    fn status(&self, id: &str) -> Value {
        told(&["deploy", "status", id, "--data", path(&self.data()), "--json"])
    }

    /// Waits until a release is as it should be.
    fn wait(&self, id: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let view = self.status(id);
            if is_so(&view) {
                return view;
            }
            assert!(Instant::now() < deadline, "that never comes: {view:#}");
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// What the zone of the account holds.
    fn export(&self) -> String {
        let export = cutover(&["zone", "export", "rel.test", "--data", path(self.amazon.data())]);
        let export = text(&export);
        // The serial counts changes, which there were.
        export.lines().filter(|line| !line.contains(" SOA ")).collect::<Vec<_>>().join("\n")
    }

    /// Every address that the account's DNS gives.
    fn answers(&self) -> BTreeSet<String> {
        let ask = |kind: &str| {
            let query = Query::new("www.rel.test", kind).unwrap();
            exchange::ask(self.amazon.dns, &query, Transport::Udp).unwrap().answer
        };
        (0..60).flat_map(|_| ask("A").into_iter().chain(ask("AAAA"))).map(|record| record.text).collect()
    }
}

fn events(view: &Value) -> String {
    let events = view["events"].as_array().unwrap().iter();
    events.map(|event| event["text"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

fn is_over(view: &Value) -> bool {
    view["terminal"] == true
}

#[test]
fn a_good_release_moves_the_answers_of_the_account_whatever_the_line_does() {
    let faults = [Fault::Throttle, Fault::LoseAnswer, Fault::Delay(Duration::from_millis(700)), Fault::Throttle];
    let place = Place::new("route53-good", &faults);
    let server = place.start();
    let blue = BTreeSet::from(["192.0.2.1".to_owned(), "2001:db8::1".to_owned()]);
    assert_eq!(place.answers(), blue);
    let id = place.create(&json!({}), 0.0);
    let view = place.wait(&id, |view| view["step"]["stage"] == "gate");
    assert!(events(&view).contains("blue=50 green=50, AAAA blue=50 green=50 (change C"), "{}", events(&view));
    assert_eq!(place.answers().len(), 4, "both versions of both types: {:?}", place.answers());
    told(&["deploy", "resume", &id, "--reason", "both answer", "--data", path(&place.data()), "--json"]);
    let view = place.wait(&id, is_over);
    assert_eq!(view["phase"], "Succeeded", "{view:#}");
    assert_eq!(place.answers(), BTreeSet::from(["192.0.2.2".to_owned(), "2001:db8::2".to_owned()]));
    assert!(place.line.is_well(), "every fault has happened");
    // Three steps, and once more the one whose answer was lost: only so is it known when every server answers by it.
    assert_eq!(place.line.batches(), 4, "{}", events(&view));
    assert!(events(&view).contains("whether the write was taken is not known"), "{}", events(&view));
    assert!(place.export().contains("not of the release"));
    assert!(server.stop());
}

#[test]
fn a_bad_release_leaves_the_account_as_it_was() {
    let place = Place::new("route53-bad", &[Fault::LoseAnswer]);
    let server = place.start();
    let before = place.export();
    let id = place.create(&json!("1s"), 0.5);
    let view = place.wait(&id, is_over);
    assert_eq!(view["phase"], "RolledBack", "{view:#}");
    assert!(events(&view).contains("blue=90 green=10"), "it had moved: {}", events(&view));
    assert_eq!(place.export(), before);
    assert!(server.stop());
}

#[test]
fn a_runner_that_is_killed_carries_its_release_on() {
    let place = Place::new("route53-killed", &[Fault::LoseAnswer]);
    let mut server = place.start();
    let id = place.create(&json!("1s"), 0.0);
    let deadline = Instant::now() + DEADLINE;
    for pause_ms in [300, 900, 500, 1_300, 700].iter().cycle() {
        thread::sleep(Duration::from_millis(*pause_ms));
        server.crash();
        server = place.start();
        let view = place.status(&id);
        if is_over(&view) {
            assert_eq!(view["phase"], "Succeeded", "{view:#}");
            break;
        }
        assert!(Instant::now() < deadline, "the release does not end: {view:#}");
    }
    let export = place.export();
    assert_eq!(export.matches("set=\"blue\" weight=0").count(), 2, "{export}");
    assert_eq!(export.matches("set=\"green\" weight=100").count(), 2, "{export}");
    assert!(server.stop());
}

#[test]
fn an_edit_by_others_is_noticed_and_stays() {
    let place = Place::new("route53-edit", &[]);
    let server = place.start();
    let id = place.create(&json!("1h"), 0.0);
    place.wait(&id, |view| view["step"]["stage"] == "hold");
    meddle(&place);
    let view = place.wait(&id, |view| !view["drift"].is_null());
    assert!(view["drift"].to_string().contains("50→77"), "{view:#}");
    told(&["deploy", "abort", &id, "--reason", "somebody else is at it", "--data", path(&place.data()), "--json"]);
    let view = place.wait(&id, is_over);
    assert_eq!(view["phase"], "RolledBack", "{view:#}");
    // Weights are ours again, the comment of others beside them is not.
    let export = place.export();
    assert!(export.contains("192.0.2.222") && !export.contains("weight=77"), "{export}");
    assert_eq!(export.matches("set=\"blue\" weight=100").count(), 2, "{export}");
    assert!(server.stop());
}

#[test]
fn an_account_that_nobody_knows_and_a_zone_that_is_not_there_are_refused() {
    let place = Place::new("route53-refused", &[]);
    let server = place.start();
    let service = std::fs::read_to_string(place.service()).unwrap();
    for (from, to, words) in [
        ("\"prod\"", "\"test\"", "the configuration names no account test (known: prod); add [accounts.test]"),
        (&place.zone[..], "Z0NOTTHERE", "NoSuchHostedZone"),
        ("\"www.rel.test\"", "\"none.rel.test\"", "there is no record set none.rel.test. A \"blue\""),
    ] {
        let file = place.folder.write("refused.json", service.replace(from, to));
        let refused = cutover(&["service", "apply", path(&file), "--data", path(&place.data())]);
        assert!(!refused.status.success() && text(&refused).contains(words), "{}", text(&refused));
    }
    assert!(server.stop());
}

#[test]
fn two_releases_in_one_zone_do_not_disturb_each_other_and_adoption_writes_no_check_of_ours() {
    let place = Place::new("route53-two", &[Fault::Throttle]);
    let server = place.start();
    let check = check_of_ours(&server);
    let service = json!({
        "name": "plain", "active": "blue",
        "environments": {"blue": {"version": "1", "set_identifiers": ["blue"]},
                         "green": {"version": "2", "set_identifiers": ["green"], "health_check": check,
                                   "dns": {"A": ["192.0.2.8"]}}},
        "traffic": [{"route53": {"account": "prod", "zone": place.zone, "name": "plain.rel.test", "types": ["A"],
                                 "adopt": true}}],
    });
    let file = place.folder.write("plain.json", service.to_string());
    told(&["service", "apply", path(&file), "--data", path(&place.data()), "--json"]);
    let spec = json!({"to": "green", "strategy": {"canary": {"steps": [
        {"weight": "50%"}, {"hold": "2s"}, {"weight": "100%"}]}}, "settle": {"ttl_multiple": 1.0, "min": "100ms"}});
    let spec = place.folder.write("plain-spec.json", spec.to_string());
    let made = told(&["deploy", "create", "plain", path(&spec), "--data", path(&place.data()), "--json"]);
    let ids = [made["id"].as_str().unwrap().to_owned(), place.create(&json!("1s"), 0.0)];
    for id in &ids {
        let view = place.wait(id, is_over);
        assert_eq!(view["phase"], "Succeeded", "{view:#}");
        assert!(!events(&view).contains("drift") && !events(&view).contains("wrote first"), "{}", events(&view));
    }
    let export = place.export();
    let is_green = |line: &str| line.contains("192.0.2.8") && line.contains("set=\"green\" weight=100");
    assert!(export.lines().any(is_green), "{export}");
    assert!(!export.contains(check.as_str()), "{export}");
    assert!(server.stop());
}

/// A health check of the server that releases; it is switched off, which counts as healthy.
fn check_of_ours(server: &Server) -> String {
    use aws_sdk_route53::types::{HealthCheckConfig, HealthCheckType};

    let config = HealthCheckConfig::builder().r#type(HealthCheckType::Tcp).ip_address("192.0.2.8").port(80);
    let config = config.disabled(true).build().unwrap();
    let made = client(server).create_health_check().caller_reference("one").health_check_config(config).send();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(made).unwrap().health_check().unwrap().id().to_owned()
}

/// AWS's own SDK, to a server.
fn client(server: &Server) -> aws_sdk_route53::Client {
    use aws_sdk_route53::config::{BehaviorVersion, Credentials, Region};

    let key = server.credentials();
    let config = aws_sdk_route53::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(format!("http://{}", server.api))
        .credentials_provider(Credentials::new(key.id, key.secret, None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    aws_sdk_route53::Client::from_conf(config)
}

/// Somebody else changes a weight and an address of the account's zone, with AWS's own SDK.
fn meddle(place: &Place) {
    use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType};

    let set = ResourceRecordSet::builder().name("www.rel.test.").r#type(RrType::A).set_identifier("green").weight(77);
    let set = set.ttl(1).resource_records(ResourceRecord::builder().value("192.0.2.222").build().unwrap());
    let change = Change::builder().action(ChangeAction::Upsert).resource_record_set(set.build().unwrap());
    let batch = ChangeBatch::builder().changes(change.build().unwrap()).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sent =
        client(&place.amazon).change_resource_record_sets().hosted_zone_id(&place.zone).change_batch(batch).send();
    runtime.block_on(sent).unwrap();
}
