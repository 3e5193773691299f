//! What people are told of releases, by receivers of flesh and sockets: one that checks signatures, one like Slack, one
//! that is slow, one that is not there; and a server that is killed in the middle.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod receiver;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

use receiver::{Receiver, told, until};
use serde_json::{Value, json};
use world::place::Folder;
use world::process::{Server, cutover, path, text};

const ZONE: &str = "$ORIGIN rel.test.\n$TTL 60\n@ SOA ns h 1 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.9\n\
    www.rel.test. 1 IN A 192.0.2.1 ; cutover: set=blue weight=100\n\
    www.rel.test. 1 IN A 192.0.2.2 ; cutover: set=green weight=0\n";
const SECRET: &str = "a secret of more than sixteen bytes";

/// The events of one deployment that a receiver got, without repetitions.
fn events(receiver: &Receiver, id: &str) -> Vec<String> {
    let mut events: Vec<(String, String)> = Vec::new();
    for got in receiver.got() {
        let (key, json) = (got.key().to_owned(), got.json());
        if json["deployment"] == id && events.iter().all(|(known, _)| *known != key) {
            events.push((key, json["event"].as_str().unwrap().to_owned()));
        }
    }
    events.into_iter().map(|(_, event)| event).collect()
}

/// A folder with a service whose policy this is, and a configuration.
struct Place {
    folder: Folder,
    data: std::path::PathBuf,
    config: std::path::PathBuf,
}

impl Place {
    fn new(name: &str, policy: &Value, config: &str) -> Self {
        let folder = Folder::new(name);
        let data = folder.path().join("data");
        let zone = folder.write("rel.zone", ZONE);
        let made = told(&["zone", "import", "rel.test", path(&zone), "--data", path(&data), "--json"]);
        let service = json!({
            "name": "shop", "active": "blue",
            "environments": {"blue": {"version": "1", "set_identifiers": ["blue"]},
                             "green": {"version": "2", "set_identifiers": ["green"]}},
            "traffic": [{"dns": {"zone": made["id"], "name": "www.rel.test", "types": ["A"]}}],
            "policy": policy,
        });
        let service = folder.write("shop.json", service.to_string());
        let secret = folder.write("desk.secret", SECRET);
        let config = format!("[hooks.secrets]\ndesk = \"{}\"\n{config}", path(&secret));
        let config = folder.write("cutover.toml", config);
        let place = Self { folder, data, config };
        let server = place.start();
        told(&["service", "apply", path(&service), "--data", path(&place.data), "--json"]);
        assert!(server.stop());
        place
    }

    fn start(&self) -> Server {
        Server::start_with(&self.data, &["--config", path(&self.config)])
    }

    fn create(&self, spec: &Value, reason: &str) -> String {
        let spec = self.folder.write("release.json", spec.to_string());
        let args = ["deploy", "create", "shop", path(&spec), "--reason", reason, "--data", path(&self.data), "--json"];
        told(&args)["id"].as_str().unwrap().to_owned()
    }

    fn order(&self, verb: &str, id: &str, reason: &str) {
        let output = cutover(&["deploy", verb, id, "--reason", reason, "--data", path(&self.data)]);
        assert!(output.status.success(), "{}", text(&output));
    }

    fn status(&self, id: &str) -> Value {
        told(&["deploy", "status", id, "--data", path(&self.data), "--json"])
    }
}

fn spec(to: &str, steps: &Value) -> Value {
    json!({
        "to": to, "strategy": {"canary": {"steps": steps}},
        "settle": {"ttl_multiple": 1.0, "min": "100ms"},
    })
}

fn metrics(server: &Server) -> String {
    let mut stream = TcpStream::connect(server.api).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// HMAC-SHA256 as others compute it.
fn signature(timestamp: &str, body: &str, folder: &Path) -> String {
    let file = folder.join("signed");
    std::fs::write(&file, format!("{timestamp}.{body}")).unwrap();
    let args = ["dgst", "-sha256", "-hmac", SECRET, path(&file)];
    let output = std::process::Command::new("openssl").args(args).output().unwrap();
    text(&output).trim().rsplit(' ').next().unwrap().to_owned()
}

#[test]
fn people_are_told_what_happens_and_what_they_must_do() {
    let (desk, slack) =
        (Receiver::start("127.0.0.1:0", Duration::ZERO), Receiver::start("127.0.0.1:0", Duration::ZERO));
    let hidden = Folder::new("notifications-url");
    let url = hidden.write("slack.url", format!("http://{}/services/T0/secret-part\n", slack.address));
    let config = format!(
        "[notifications]\nlink = \"https://releases.test/{{{{deployment}}}}\"\n\
         [notifications.to.desk]\nurl = \"http://{}/cutover\"\nsecret = \"desk\"\n\
         [notifications.to.chat]\nformat = \"slack\"\nurl_file = \"{}\"\nservices = []\n",
        desk.address,
        path(&url)
    );
    let place =
        Place::new("notifications", &json!({"notify": [{"to": "chat", "events": ["waiting", "paused"]}]}), &config);
    let server = place.start();
    let steps = json!([{"weight": "10%"}, {"hold": {}}, {"weight": "100%"}]);
    let id = place.create(&spec("green", &steps), "CHG-1");
    until("the hold", || events(&desk, &id).last().is_some_and(|event| event == "waiting"));
    place.order("pause", &id, "<!channel> a & b\u{1b}[2J");
    until("the pause", || slack.got().len() == 2);
    place.order("resume", &id, "");
    place.order("resume", &id, "");
    until("the end", || events(&desk, &id).last().is_some_and(|event| event == "succeeded"));
    assert_eq!(
        events(&desk, &id),
        ["created", "step", "step", "waiting", "paused", "waiting", "step", "succeeded"],
        "{}",
        server.log()
    );
    // The desk checks who speaks.
    for got in desk.got() {
        let expected = signature(&got.headers["x-timestamp"], &got.body, hidden.path());
        assert_eq!(got.headers["x-signature"], format!("sha256={expected}"));
        assert_eq!(got.json()["url"], format!("https://releases.test/{id}"));
        assert_eq!(got.json()["key"], got.key());
    }
    let waiting = desk.got().into_iter().find(|got| got.json()["event"] == "waiting").unwrap().json();
    assert!(waiting["text"].as_str().unwrap().contains(&format!("cutover deploy resume {id}")), "{waiting}");
    assert_eq!((&waiting["step"], &waiting["phase"]), (&json!(2), &json!("Progressing")));
    assert_eq!(waiting["weights"][1]["weight"], 10);
    // Slack reads its own form, and nobody's text calls a channel.
    let paused = slack.got()[1].json();
    let section = paused["blocks"][0]["text"]["text"].as_str().unwrap();
    assert!(section.contains("&lt;!channel&gt; a &amp; b [2J"), "{section}");
    assert!(!slack.got()[1].body.contains("\\u001b"), "{paused}");
    assert!(!server.log().contains("secret-part"), "the address of a channel is a secret");
    assert!(metrics(&server).contains(r#"cutover_notifications_total{receiver="desk",result="delivered"} 8"#));
    assert!(server.stop());
}

#[test]
fn a_receiver_that_is_slow_or_away_holds_up_no_release_and_a_kill_loses_nothing() {
    let slow = Receiver::start("127.0.0.1:0", Duration::from_millis(400));
    // A port that is free now, for the one that comes back later.
    let away = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut config = String::new();
    for (name, address) in [("slow", slow.address), ("away", away)] {
        writeln!(config, "[notifications.to.{name}]\nurl = \"http://{address}/\"").unwrap();
    }
    let place = Place::new("notifications-kill", &json!({}), &config);
    let mut server = place.start();
    let steps = json!([{"weight": "10%"}, {"weight": "50%"}, {"hold": "300ms"}, {"weight": "100%"}]);
    let id = place.create(&spec("green", &steps), "");
    for pause in [300, 700, 500, 900].into_iter().cycle() {
        thread::sleep(Duration::from_millis(pause));
        server.crash();
        server = place.start();
        if place.status(&id)["terminal"] == true {
            break;
        }
    }
    let view = place.status(&id);
    assert_eq!(view["phase"], "Succeeded", "{view:#}");
    until("the one that is away is missed", || place.status(&id)["untold"].is_string());
    let untold = place.status(&id)["untold"].as_str().unwrap().to_owned();
    assert!(untold.starts_with("away was not told of"), "{untold}");
    let expected = ["created", "step", "step", "step", "step", "succeeded"];
    until("the slow one hears of all", || events(&slow, &id) == expected);
    // What was told twice bears the same key and the same words.
    let mut bodies = BTreeMap::new();
    for got in slow.got() {
        assert_eq!(bodies.entry(got.key().to_owned()).or_insert_with(|| got.body.clone()), &got.body);
    }
    let back = Receiver::start(&away.to_string(), Duration::ZERO);
    until("the one that was away hears of all", || back.got().len() >= expected.len());
    let mut heard = events(&back, &id);
    heard.sort();
    assert_eq!(heard, ["created", "step", "step", "step", "step", "succeeded"]);
    until("nothing is left", || place.status(&id)["untold"].is_null());
    assert!(metrics(&server).contains("cutover_notifications_waiting 0"));
    assert!(server.stop());
}
