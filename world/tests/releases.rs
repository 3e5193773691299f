//! `kill -9` in the middle of releases: the server carries on where it was, writes each step once, and a release that
//! fails goes back to exactly the weights before.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use world::place::Folder;
use world::process::{Server, cutover, path, text};

/// Two weighted record sets, in the words of an export.
const ZONE: &str = "$ORIGIN rel.test.\n$TTL 60\n@ SOA ns h 1 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.9\n\
    www.rel.test. 1 IN A 192.0.2.1 ; cutover: set=blue weight=100\n\
    www.rel.test. 1 IN A 192.0.2.2 ; cutover: set=green weight=0\n";
/// Far longer than a release of this test takes.
const DEADLINE: Duration = Duration::from_secs(90);
/// A kill in each of these moments of a step or between two.
const PAUSES_MS: [u64; 7] = [150, 700, 350, 900, 50, 500, 250];

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
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.read(&mut [0; 1024]);
            let body = json!({ "errors": number }).to_string();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all((head + &body).as_bytes());
        }
    });
    address
}

fn spec(to: &str, errors: SocketAddr) -> String {
    json!({
        "to": to,
        "strategy": {"canary": {"steps": [
            {"weight": "10%"}, {"analyse": ["errors"]}, {"weight": "50%"}, {"hold": "500ms"}, {"weight": "100%"}]}},
        "settle": {"ttl_multiple": 1.0, "min": "100ms"},
        "analysis": {"errors": {"metrics": [{
            "name": "ratio", "interval": "200ms", "count": 3,
            "provider": {"http": {"url": format!("http://{errors}/"), "pointer": "/errors"}},
            "condition": {"pass": "value <= 0.1", "fail": "value > 0.1"}}]}},
        "bake": "500ms",
    })
    .to_string()
}

/// Runs a release with a kill every now and then; how it looked at its end.
fn release(data: &Path, spec: &Path) -> Value {
    let mut server = Server::start(data);
    let made = told(&["deploy", "create", "shop", path(spec), "--data", path(data), "--json"]);
    let id = made["id"].as_str().unwrap().to_owned();
    let deadline = Instant::now() + DEADLINE;
    for pause in PAUSES_MS.iter().cycle() {
        thread::sleep(Duration::from_millis(*pause));
        server.crash();
        server = Server::start(data);
        let view = told(&["deploy", "status", &id, "--data", path(data), "--json"]);
        if view["terminal"] == true {
            assert!(server.stop());
            return view;
        }
        assert!(Instant::now() < deadline, "the release does not end: {view:#}");
    }
    unreachable!("a cycle has no end")
}

/// The weights that were written, in order.
fn shifts(view: &Value) -> Vec<&str> {
    let events = view["events"].as_array().unwrap().iter();
    events.filter(|event| event["kind"] == "shift").map(|event| event["text"].as_str().unwrap()).collect()
}

#[test]
fn a_killed_server_carries_its_releases_on() {
    let folder = Folder::new("releases");
    let data = folder.path().join("data");
    let zone = folder.write("rel.zone", ZONE);
    let made = told(&["zone", "import", "rel.test", path(&zone), "--data", path(&data), "--json"]);
    let service = json!({
        "name": "shop", "active": "blue",
        "environments": {"blue": {"version": "1", "set_identifiers": ["blue"]},
                         "green": {"version": "2", "set_identifiers": ["green"]}},
        "traffic": [{"dns": {"zone": made["id"], "name": "www.rel.test", "types": ["A"]}}],
    });
    let service = folder.write("shop.json", service.to_string());
    let server = Server::start(&data);
    told(&["service", "apply", path(&service), "--data", path(&data), "--json"]);
    assert!(server.stop());

    let good = release(&data, &folder.write("good.json", spec("green", page(0.0))));
    assert_eq!(good["phase"], "Succeeded", "{good:#}");
    let written = shifts(&good);
    assert_eq!(written.len(), 3, "each step is written once: {written:?}");
    for (written, weights) in written.iter().zip(["blue=90 green=10", "blue=50 green=50", "blue=0 green=100"]) {
        assert!(written.ends_with(weights), "{written} should end with {weights}");
    }

    let bad = release(&data, &folder.write("bad.json", spec("blue", page(0.5))));
    assert_eq!(bad["phase"], "RolledBack", "{bad:#}");
    let written = shifts(&bad);
    assert!(written.first().unwrap().ends_with("blue=10 green=90"), "{written:?}");
    assert!(written.last().unwrap().ends_with("blue=0 green=100"), "back to the weights before: {written:?}");
    assert_eq!(written.len(), 2, "{written:?}");
    let export = cutover(&["zone", "export", "rel.test", "--data", path(&data)]);
    let export = text(&export);
    assert!(export.contains(r#"set="blue" weight=0"#) && export.contains(r#"set="green" weight=100"#), "{export}");
}
