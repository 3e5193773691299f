//! Programs of the user's that hold the first release of a service at a gate, and tear its predecessor down after the next: over
//! real sockets, with a server that is killed in the middle of both.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod receiver;

use std::path::Path;
use std::time::Duration;

use receiver::{Receiver, told, until};
use serde_json::{Value, json};
use world::place::Folder;
use world::process::{Server, cutover, path, text};

/// Nobody serves: both weights are zero.
const ZONE: &str = "$ORIGIN rel.test.\n$TTL 60\n@ SOA ns h 1 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.9\n\
    www.rel.test. 1 IN A 192.0.2.1 ; cutover: set=blue weight=0\n\
    www.rel.test. 1 IN A 192.0.2.2 ; cutover: set=green weight=0\n";

fn create(folder: &Folder, data: &Path, spec: &Value) -> String {
    let spec = folder.write("release.json", spec.to_string());
    let made = told(&["deploy", "create", "shop", path(&spec), "--data", path(data), "--json"]);
    made["id"].as_str().unwrap().to_owned()
}

fn status(data: &Path, id: &str) -> Value {
    told(&["deploy", "status", id, "--data", path(data), "--json"])
}

fn crash(server: Server, data: &Path) -> Server {
    server.crash();
    Server::start(data)
}

#[test]
fn a_gate_is_opened_and_an_old_environment_torn_down_by_programs_through_kills() {
    let folder = Folder::new("programs");
    let data = folder.path().join("data");
    let zone = folder.write("rel.zone", ZONE);
    let made = told(&["zone", "import", "rel.test", path(&zone), "--data", path(&data), "--json"]);
    let service = json!({
        "name": "shop",
        "environments": {"blue": {"version": "1", "set_identifiers": ["blue"]},
                         "green": {"version": "2", "set_identifiers": ["green"]}},
        "traffic": [{"dns": {"zone": made["id"], "name": "www.rel.test", "types": ["A"]}}],
    });
    let service = folder.write("shop.json", service.to_string());
    let mut server = Server::start(&data);
    told(&["service", "apply", path(&service), "--data", path(&data), "--json"]);

    // The first release: not yet, not yet, yes.
    let change = Receiver::answering("127.0.0.1:0", |nth| {
        if nth < 3 { "202 Accepted\r\nretry-after: 1".to_owned() } else { "200 OK".to_owned() }
    });
    let gate = json!({"webhook": {"url": format!("http://{}/{{{{service}}}}", change.address), "every": "500ms"}});
    let settle = json!({"ttl_multiple": 1.0, "min": "100ms"});
    let spec = json!({
        "to": "blue", "initial": "direct", "strategy": {"blue_green": {"gate": gate}}, "settle": settle,
    });
    let first = create(&folder, &data, &spec);
    assert_eq!(status(&data, &first)["from"], Value::Null);
    until("the question", || !change.got().is_empty());
    server = crash(server, &data);
    until("the end of the first release", || status(&data, &first)["phase"] == "Succeeded");
    assert!(change.got().len() >= 3);
    assert_eq!(change.got()[0].json()["point"], "gate");
    let export = text(&cutover(&["zone", "export", "rel.test", "--data", path(&data)]));
    assert!(export.contains(r#"set="blue" weight=255"#) && export.contains(r#"set="green" weight=0"#), "{export}");
    // The file has no pointer, and keeps the one that the release has set.
    let applied = told(&["service", "apply", path(&service), "--data", path(&data), "--json"]);
    assert!(applied.to_string().contains(r#""active":"blue""#), "{applied}");

    // The next release; blue is torn down after it, by a program that is slow to say yes.
    let destroy = Receiver::answering("127.0.0.1:0", |nth| {
        std::thread::sleep(Duration::from_millis(300));
        if nth < 3 { "202 Accepted\r\nretry-after: 1".to_owned() } else { "200 OK".to_owned() }
    });
    let spec = json!({
        "to": "green", "strategy": {"blue_green": {}}, "settle": settle, "retain_old": "2s",
        "teardown": {"hook": "destroy"},
        "hooks": {"destroy": {"http": {"url": format!("http://{}/{{{{from}}}}", destroy.address)}, "every": "500ms"}},
    });
    let next = create(&folder, &data, &spec);
    until("the success", || status(&data, &next)["phase"] == "Succeeded");
    assert_eq!(status(&data, &next)["teardown"]["environment"], "blue");
    server = crash(server, &data);
    until("the order to tear down", || !destroy.got().is_empty());
    server = crash(server, &data);
    until("the end of blue", || status(&data, &next)["teardown"]["state"] == "torn_down");
    let got = destroy.got();
    assert!(got.len() >= 3 && got.iter().all(|one| one.key() == got[0].key()), "one order under one key");
    assert_eq!((&got[0].json()["point"], &got[0].json()["environment"]), (&json!("teardown"), &json!("blue")));
    let refused = cutover(&["deploy", "rollback", "shop", "--data", path(&data)]);
    assert!(!refused.status.success() && text(&refused).contains("torn down"), "{}", text(&refused));
    assert!(server.stop());
}
