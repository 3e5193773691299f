//! Eight clients change one zone at once for a minute: no update is lost, no batch is seen by half, no id is given twice,
//! and the order of the log explains every result.
//!
//! `batch` says what a batch does by the documents, `caller` sends and writes down, `replay` explains. Left out: kills,
//! which are `crash.rs`'s.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "concurrency/batch.rs"]
mod batch;
#[path = "concurrency/caller.rs"]
mod caller;
#[path = "concurrency/replay.rs"]
mod replay;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use caller::{COUNTERS, Caller, Seen, counter_sets};
use world::exchange::{Transport, ask};
use world::place::Folder;
use world::process::{Server, cutover, path, text};
use world::query::Query;
use world::route53::{Client, Credentials};

const CLIENTS: usize = 8;
/// `CUTOVER_CONCURRENCY_SECONDS` makes it shorter or longer.
const SECONDS: u64 = 60;

/// Asks for the counters over DNS: one question shows two record sets of a batch, which must be of one number.
fn ask_until(dns: SocketAddr, end: Instant) -> usize {
    let mut asked = 0;
    while Instant::now() < end {
        let counter = asked % COUNTERS;
        let reply =
            ask(dns, &Query::new(&format!("name{counter}.concurrent.test"), "TXT").unwrap(), Transport::Udp).unwrap();
        let told: Vec<&str> = reply.values().collect();
        let [name, value] = told[..] else { panic!("half a batch is visible: {reply:?}") };
        let number = value.trim_matches('"');
        assert!(name.starts_with(&format!("at{number}.counter{counter}.")), "two batches are visible: {reply:?}");
        asked += 1;
    }
    asked
}

/// The zone's log from `cutover zone history`, oldest first: change id and author.
fn log_of(data: &std::path::Path) -> Vec<(String, String)> {
    let (mut log, mut before) = (Vec::new(), None::<String>);
    loop {
        let mut args = vec!["zone", "history", "concurrent.test", "--json", "--limit", "1000", "--data", path(data)];
        if let Some(before) = &before {
            args.extend(["--before", before]);
        }
        let output = cutover(&args);
        assert!(output.status.success(), "{}", text(&output));
        let page: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        for revision in page["revisions"].as_array().unwrap() {
            if revision["change"] == "record_sets" {
                let field = |name: &str| revision[name].as_str().unwrap().to_owned();
                log.push((field("change_id"), field("by")));
            }
        }
        match page["next"].as_u64() {
            Some(next) => before = Some(next.to_string()),
            None => break,
        }
    }
    log.reverse();
    log
}

/// Everybody creates a zone with the same caller reference at the same moment: one succeeds. And one of their own each:
/// no two get the same id.
fn create_at_once(server: &Server, keys: &[Credentials]) {
    let together = Barrier::new(keys.len());
    let create = |number: usize| {
        let mut client = Client::connect(server.api, &keys[number]).unwrap();
        together.wait();
        let shared = client.create_zone("wanted.test", "one for all").ok();
        let own: Vec<String> =
            (0..5).map(|n| client.create_zone("own.test", &format!("{number}-{n}")).unwrap()).collect();
        (shared, own)
    };
    let made: Vec<(Option<String>, Vec<String>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..keys.len())
            .map(|number| {
                scope.spawn({
                    let create = &create;
                    move || create(number)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(made.iter().filter(|(shared, _)| shared.is_some()).count(), 1, "one caller reference, one zone");
    let ids: BTreeSet<&String> = made.iter().flat_map(|(shared, own)| shared.iter().chain(own)).collect();
    assert_eq!(ids.len(), keys.len() * 5 + 1, "an id was given twice");
}

#[test]
fn the_order_of_the_log_explains_what_eight_clients_saw() {
    let seconds = std::env::var("CUTOVER_CONCURRENCY_SECONDS").map_or(SECONDS, |text| text.parse().unwrap());
    let folder = Folder::new("concurrency");
    let data = folder.path().join("data");
    let server = Server::start(&data);
    let keys: Vec<Credentials> = (0..=CLIENTS).map(|_| server.credentials()).collect();
    create_at_once(&server, &keys[..CLIENTS]);

    let mut client = Client::connect(server.api, &keys[CLIENTS]).unwrap();
    let zone = client.create_zone("concurrent.test", "concurrency").unwrap();
    let mut first = Caller::new(CLIENTS, &server, &keys[CLIENTS], &zone);
    (0..COUNTERS).for_each(|counter| assert!(first.send(counter_sets("CREATE", counter, 0))));
    // Visible before anybody looks.
    first.settle();

    let end = Instant::now() + Duration::from_secs(seconds);
    let caller = |number: usize| Caller::new(number, &server, &keys[number], &zone);
    let (mut seen, asked): (Vec<Seen>, usize) = std::thread::scope(|scope| {
        let callers: Vec<Caller> = (0..CLIENTS).map(caller).collect();
        let clients: Vec<_> = callers.into_iter().map(|caller| scope.spawn(move || caller.run(end))).collect();
        let watcher = caller(CLIENTS);
        let reader = scope.spawn(move || watcher.watch(end));
        let dns = server.dns;
        let resolver = scope.spawn(move || ask_until(dns, end));
        let seen = clients.into_iter().chain([reader]).map(|thread| thread.join().unwrap()).collect();
        (seen, resolver.join().unwrap())
    });
    seen.push(first.seen());
    let (after, last) = caller(CLIENTS).last();
    seen.push(after);

    let names: Vec<String> = keys.iter().map(|key| key.id.clone()).collect();
    let log = log_of(&data);
    let explained = replay::explain(&seen, &log, &names, &last);
    let (accepted, refused, listings) = (log.len(), explained.refused, explained.listings);
    println!(
        "{accepted} batches accepted and {refused} refused, {listings} listings, {asked} questions in {seconds} s"
    );
    // No lost update: each counter stands at the number of batches that were told that they moved it.
    for counter in 0..COUNTERS {
        let key = (format!("counter{counter}.concurrent.test."), "TXT");
        let moved = seen.iter().flat_map(|seen| &seen.tried).filter(|tried| tried.what.result.is_ok());
        let moved = moved.filter(|tried| tried.what.batch.iter().any(|change| change.key == key)).count();
        assert_eq!(last[&key], format!("\"{}\"", moved - 1), "counter{counter}");
    }
    assert!(refused > 0, "the clients never met");
    assert!(server.stop());
}
