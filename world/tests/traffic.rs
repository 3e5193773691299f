//! Releases under load, with real processes: clients ask the DNS over UDP and small web servers over HTTP while a release
//! runs, and Cutover is killed in its middle. Nobody may notice a good release; a bad one costs no more than the share
//! that was given to it, and is told.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "traffic/agent.rs"]
mod agent;
#[path = "traffic/clients.rs"]
mod clients;
#[path = "traffic/servers.rs"]
mod servers;

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use agent::Agent;
use clients::{Asked, Clients};
use serde_json::Value;
use servers::Service;
use world::place::Folder;
use world::process::{Server, cutover, path, text};

const BLUE: &str = "127.0.0.31";
const GREEN: &str = "127.0.0.32";
const NAME: &str = "www.rel.test";
const SETTLE: &str = "settle: {ttl_multiple: 1, min: 100ms}\n";

/// A server with the service `shop` on blue, and clients.
struct Town {
    data: PathBuf,
    dns: SocketAddr,
    server: Option<Server>,
    service: Service,
    clients: Clients,
    folder: Folder,
}

/// An address that is free for UDP and TCP, so that a server that comes back is found again.
fn free_address() -> SocketAddr {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = tcp.local_addr().unwrap();
        if UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
}

impl Town {
    /// Blue serves, green waits.
    fn new(name: &str) -> Self {
        let shop = "service: shop\nenvironments:\n  blue:  {version: \"1\", set_identifiers: [blue]}\n  green: {version: \"2\", \
                    set_identifiers: [green]}\nactive: blue\ntraffic:\n  - dns: {zone: rel.test, name: www.rel.test, types: [A]}\n";
        Self::of(name, &[("blue", BLUE, 100), ("green", GREEN, 0)], shop)
    }

    /// These record sets, each a server, and this service.
    fn of(name: &str, sets: &[(&str, &str, u8)], shop: &str) -> Self {
        let folder = Folder::new(name);
        let addresses: Vec<&str> = sets.iter().map(|(_, address, _)| *address).collect();
        let (data, dns, service) = (folder.path().join("data"), free_address(), Service::start(&addresses));
        let mut zone =
            "$ORIGIN rel.test.\n$TTL 60\n@ SOA ns h 1 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.9\n".to_owned();
        for (set, address, weight) in sets {
            zone.push_str(&format!("www 1 IN A {address} ; cutover: set={set} weight={weight}\n"));
        }
        let zone = folder.write("rel.zone", zone);
        told(&["zone", "import", "rel.test", path(&zone), "--data", path(&data)]);
        let shop = folder.write("shop.yaml", shop);
        let server = Server::start_with(&data, &["--dns", &dns.to_string()]);
        told(&["service", "apply", "-f", path(&shop), "--data", path(&data)]);
        let clients = Clients::start(dns, NAME, service.port);
        clients.reach(sets[0].1, Instant::now());
        Self { data, dns, server: Some(server), service, clients, folder }
    }

    fn create(&self, release: &str) -> String {
        let release = release.replace("{port}", &self.service.port.to_string());
        let file = self.folder.write("release.yaml", release);
        let made = told(&["deploy", "create", "-f", path(&file), "--data", path(&self.data), "--json"]);
        serde_json::from_str::<Value>(&made).unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// `kill -9`, and a new start on the same folder.
    fn crash(&mut self) {
        self.server.take().unwrap().crash();
        self.server = Some(Server::start_with(&self.data, &["--dns", &self.dns.to_string()]));
    }

    /// Waits for the end of a release; its exit code and how it looks.
    fn end(&self, id: &str) -> (i32, Value) {
        let watched = cutover(&["deploy", "status", id, "--watch", "--data", path(&self.data)]);
        let shown = told(&["deploy", "status", id, "--data", path(&self.data), "--json"]);
        (watched.status.code().unwrap(), serde_json::from_str(&shown).unwrap())
    }

    /// Until caches have forgotten what was before, and a while longer.
    fn rest(&self) -> Instant {
        std::thread::sleep(Duration::from_millis(1_200));
        let since = Instant::now();
        std::thread::sleep(Duration::from_millis(500));
        since
    }
}

fn told(args: &[&str]) -> String {
    let output = cutover(args);
    assert!(output.status.success(), "cutover {args:?}: {}", text(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn of<'a>(asked: &'a [Asked], server: &str) -> Vec<&'a Asked> {
    asked.iter().filter(|asked| asked.server.to_string() == server).collect()
}

fn failed(asked: &[Asked]) -> Vec<&Asked> {
    asked.iter().filter(|asked| !asked.is_fine).collect()
}

/// A canary that looks at the errors that its own clients got.
const CANARY: &str = r#"deploy: shop
to: green
strategy:
  canary:
    steps: [{weight: 20%}, {analyse: [errors]}, {weight: 60%}, {hold: 500ms}, {weight: 100%}]
    bake: 500ms
analysis:
  errors:
    metrics:
      - {name: ratio, provider: {http: {url: "http://127.0.0.32:{port}/errors", pointer: /errors}},
         condition: value <= 0.1, interval: 200ms, count: 4, initial_delay: 300ms}
"#;

#[test]
fn nobody_notices_a_good_canary_that_is_killed_in_its_middle() {
    let mut town = Town::new("traffic-good");
    let began = Instant::now();
    let id = town.create(&format!("{CANARY}{SETTLE}"));
    town.clients.reach(GREEN, began);
    town.crash();
    let (code, view) = town.end(&id);
    assert_eq!((code, &view["phase"]), (0, &Value::from("Succeeded")), "{view:#}");
    let rested = town.rest();
    let asked = town.clients.stop();
    assert!(failed(&asked).is_empty(), "{:?} of {}", failed(&asked), asked.len());
    assert!(asked.iter().any(|asked| asked.at >= rested));
    let old = of(&asked, BLUE).iter().filter(|asked| asked.at >= rested).count();
    assert_eq!(old, 0, "everybody has the new version");
}

#[test]
fn a_bad_canary_costs_its_share_and_is_told() {
    let mut town = Town::new("traffic-bad");
    town.service.at(GREEN).fails_every.store(2, Ordering::SeqCst);
    let began = Instant::now();
    let id = town.create(&format!("{CANARY}{SETTLE}"));
    town.clients.reach(GREEN, began);
    town.crash();
    let (code, view) = town.end(&id);
    assert_eq!((code, &view["phase"]), (3, &Value::from("RolledBack")), "{view:#}");
    assert!(view["reason"].as_str().unwrap().starts_with("E_ANALYSIS: metric errors/ratio"), "{}", view["reason"]);
    let rested = town.rest();
    let asked = town.clients.stop();
    let (bad, during): (Vec<_>, Vec<_>) = (failed(&asked), asked.iter().filter(|asked| asked.at >= began).collect());
    assert!(!bad.is_empty() && bad.iter().all(|asked| asked.server.to_string() == GREEN));
    // Half of a fifth of the requests; twice that, because few clients share out unevenly.
    assert!(bad.len() * 5 <= during.len(), "{} of {} failed", bad.len(), during.len());
    assert!(of(&asked, GREEN).iter().all(|asked| asked.at < rested), "nobody comes there any more");
}

#[test]
fn blue_green_goes_back_at_once_after_a_kill_and_nobody_notices() {
    let mut town = Town::new("traffic-blue-green");
    let release = format!(
        "deploy: shop\nto: green\nstrategy:\n  blue_green: {{gate: auto, switch: at_once, bake: 10m}}\n{SETTLE}"
    );
    let began = Instant::now();
    let id = town.create(&release);
    town.clients.reach(GREEN, began);
    town.crash();
    told(&["deploy", "abort", "shop", "--reason", "customers call", "--data", path(&town.data)]);
    let (code, view) = town.end(&id);
    assert_eq!((code, &view["phase"]), (3, &Value::from("RolledBack")), "{view:#}");
    let shifts: Vec<_> = view["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "shift").collect();
    assert_eq!(shifts.len(), 2, "there at once, and back at once: {shifts:?}");
    let rested = town.rest();
    let asked = town.clients.stop();
    assert!(failed(&asked).is_empty(), "{:?} of {}", failed(&asked), asked.len());
    assert!(of(&asked, GREEN).iter().all(|asked| asked.at < rested), "everybody is back");
}

/// Six instances of one environment, and a spare.
const INSTANCES: [(&str, &str, u8); 7] = [
    ("i1", "127.0.0.41", 10),
    ("i2", "127.0.0.42", 10),
    ("i3", "127.0.0.43", 10),
    ("i4", "127.0.0.44", 10),
    ("i5", "127.0.0.45", 10),
    ("i6", "127.0.0.46", 10),
    ("i7", "127.0.0.47", 0),
];

/// Rolls all instances to version 2, with a kill when the first was replaced. `batch` says how many may be away.
fn roll(
    name: &str,
    batch: &str,
    broken: Option<(&'static str, &'static str)>,
) -> (i32, Value, Vec<String>, Vec<Asked>) {
    let sets: Vec<&str> = INSTANCES.iter().map(|(set, _, _)| *set).collect();
    let shop = format!(
        "service: shop\nenvironments:\n  blue: {{version: \"1\", set_identifiers: [{}]}}\nactive: blue\ntraffic:\n  - dns: {{zone: \
         rel.test, name: www.rel.test, types: [A]}}\n",
        sets.join(", ")
    );
    let mut town = Town::of(name, &INSTANCES, &shop);
    let instances = INSTANCES.iter().map(|(set, address, _)| {
        ((*set).to_owned(), std::sync::Arc::clone(&town.service.instances[&address.parse().unwrap()]))
    });
    let agent = Agent::start(instances.collect(), broken);
    let id = town.create(&format!(
        "deploy: shop\nstrategy:\n  rolling:\n    environment: blue\n    version: \"2\"\n    {batch}\n    replace: {{http: {{url: \
         \"http://{}/{{{{instance}}}}\", timeout: 10s}}}}\n    verify: {{health: false, min_healthy_time: 200ms}}\n{SETTLE}",
        agent.address
    ));
    let deadline = Instant::now() + Duration::from_secs(60);
    while agent.told.lock().unwrap().is_empty() {
        assert!(Instant::now() < deadline, "nothing is replaced");
        std::thread::sleep(Duration::from_millis(5));
    }
    town.crash();
    let (code, view) = town.end(&id);
    town.rest();
    let told = agent.told.lock().unwrap().clone();
    (code, view, told, town.clients.stop())
}

#[test]
fn nobody_notices_six_instances_that_are_replaced() {
    let (code, view, told, asked) = roll("traffic-rolling", "batch: {size: 2}", None);
    assert_eq!((code, &view["phase"]), (0, &Value::from("Succeeded")), "{view:#}");
    // A hook that was under way at the kill is called again.
    for (instance, _, _) in INSTANCES {
        assert!(told.contains(&format!("{instance} 2")), "{told:?}");
    }
    assert!(failed(&asked).is_empty(), "{:?} of {}", failed(&asked), asked.len());
}

#[test]
fn a_broken_fourth_instance_is_taken_back_with_the_others_and_gets_no_traffic() {
    let (code, view, told, asked) = roll("traffic-broken", "batch: {size: 2}", Some(("i4", "2")));
    assert_eq!((code, &view["phase"]), (3, &Value::from("RolledBack")), "{view:#}");
    assert!(view["reason"].as_str().unwrap().contains("i4"), "{}", view["reason"]);
    for instance in ["i1", "i2", "i3", "i4"] {
        let last = told.iter().rev().find(|line| line.starts_with(instance)).unwrap();
        assert_eq!(last, &format!("{instance} 1"), "{told:?}");
    }
    assert!(!told.iter().any(|line| line.starts_with("i5") || line.starts_with("i6")), "{told:?}");
    assert!(failed(&asked).is_empty(), "{:?} of {}", failed(&asked), asked.len());
}

/// Three leave at a time and one spare stands in: two are missing, where else three would be.
#[test]
fn a_spare_stands_in_for_one_who_is_away() {
    let batch = "batch: {size: 3}\n    max_unavailable: 2\n    max_surge: 1";
    let (code, view, told, asked) = roll("traffic-spare", batch, None);
    assert_eq!((code, &view["phase"]), (0, &Value::from("Succeeded")), "{view:#}");
    assert_eq!(told[0], "i7 2", "the spare comes first: {told:?}");
    assert!(of(&asked, "127.0.0.47").iter().any(|asked| asked.is_fine), "nobody came to the spare");
    assert!(failed(&asked).is_empty(), "{:?} of {}", failed(&asked), asked.len());
}
