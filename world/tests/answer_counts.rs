//! A release that measures the answers of this very server: what share of them each environment gives.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use world::exchange::udp;
use world::place::Folder;
use world::process::{Server, cutover, path, text};
use world::query::Query;

const ZONE: &str = "$ORIGIN rel.test.\n$TTL 60\n@ SOA ns h 1 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.9\n\
    www.rel.test. 1 IN A 192.0.2.1 ; cutover: set=blue weight=100\n\
    www.rel.test. 1 IN A 192.0.2.2 ; cutover: set=green weight=0\n";
const DEADLINE: Duration = Duration::from_secs(90);

fn told(args: &[&str]) -> Value {
    let output = cutover(args);
    assert!(output.status.success(), "cutover {args:?}: {}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", text(&output)))
}

/// Asks for the name until told to stop; counts who answered.
fn ask(server: SocketAddr, stop: &AtomicBool, [blue, green]: [&AtomicU64; 2]) {
    let message = Query::new("www.rel.test", "A").unwrap().to_wire(7);
    while !stop.load(Ordering::Relaxed) {
        let Ok(reply) = udp(server, &message) else { continue };
        match reply.last() {
            Some(1) => blue.fetch_add(1, Ordering::Relaxed),
            Some(2) => green.fetch_add(1, Ordering::Relaxed),
            _ => panic!("another answer: {reply:?}"),
        };
        thread::sleep(Duration::from_millis(2));
    }
}

fn release(share: &str) -> String {
    let metric = json!({
        "name": "share", "interval": "2s", "count": 2, "provider": {"dns": {}}, "condition": share});
    json!({
        "to": "green", "settle": {"ttl_multiple": 1.0, "min": "0s"},
        "strategy": {"canary": {"steps": [{"weight": "50%"}, {"analyse": ["answers"]}, {"weight": "100%"}]}},
        "analysis": {"answers": {"metrics": [metric]}}})
    .to_string()
}

fn ended(data: &std::path::Path, spec: &std::path::Path) -> Value {
    let made = told(&["deploy", "create", "shop", path(spec), "--data", path(data), "--json"]);
    let (id, start) = (made["id"].as_str().unwrap().to_owned(), Instant::now());
    loop {
        let view = told(&["deploy", "status", &id, "--data", path(data), "--json"]);
        if view["terminal"] == true {
            return view;
        }
        assert!(start.elapsed() < DEADLINE, "the release does not end: {view:#}");
        thread::sleep(Duration::from_millis(300));
    }
}

#[test]
fn a_release_measures_its_share_of_the_answers() {
    let folder = Folder::new("answer-counts");
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
    // Its answers are counted from the next view on, which is a moment later than the declaration is kept.
    let start = Instant::now();
    while answers(&server, "blue").is_none() {
        assert!(start.elapsed() < DEADLINE, "answers are not counted");
        thread::sleep(Duration::from_millis(20));
    }
    let (stop, counts) = (Arc::new(AtomicBool::new(false)), Arc::new([AtomicU64::new(0), AtomicU64::new(0)]));
    let asking = {
        let (dns, stop, counts) = (server.dns, Arc::clone(&stop), Arc::clone(&counts));
        thread::spawn(move || ask(dns, &stop, [&counts[0], &counts[1]]))
    };

    // Half of the answers are not nine tenths of them.
    let bad = ended(&data, &folder.write("bad.json", release("value > 0.9")));
    assert_eq!(bad["phase"], "RolledBack", "{bad:#}");
    let good = ended(&data, &folder.write("good.json", release("value > 0.25")));
    assert_eq!(good["phase"], "Succeeded", "{good:#}");

    stop.store(true, Ordering::Relaxed);
    asking.join().unwrap();
    for (set, count) in [("blue", &counts[0]), ("green", &counts[1])] {
        let told = answers(&server, set).unwrap();
        let (seen, lost) = (count.load(Ordering::Relaxed), 20);
        assert!((seen..=seen + lost).contains(&told), "{set}: {told} counted, {seen} seen");
    }
    assert!(server.stop());
}

/// Answers of a record set by the server's own count; none if it does not count them.
fn answers(server: &Server, set: &str) -> Option<u64> {
    let page = metrics(server);
    let is_it = |line: &&str| line.starts_with("cutover_record_set_answers_total{") && line.contains(set);
    page.lines().find(is_it).map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

/// The page of metrics, which needs no key.
fn metrics(server: &Server) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(server.api).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    page
}
