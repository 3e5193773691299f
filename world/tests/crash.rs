//! `kill -9` in a storm of changes, many times over: no acknowledged change is lost, no batch is there by half.
//!
//! Several writers send batches without pause. Each batch moves its writer's three records to one number, so that the
//! three always tell the same number. A reader asks for them over DNS the whole time. Every now and then the server is
//! killed and started again on its folder.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use world::exchange::{Transport, ask};
use world::place::Folder;
use world::process::Server;
use world::query::Query;
use world::route53::{Client, Credentials};

const CRASHES: usize = 12;
const WRITERS: usize = 4;
/// How long a storm lasts, each time a little longer, so that the kill falls on ever other moments.
const STORM: Duration = Duration::from_millis(300);

/// What a writer knows: the last number that was acknowledged, and the last that was sent.
#[derive(Default)]
struct Known {
    acknowledged: AtomicU32,
    sent: AtomicU32,
}

/// The three names of a writer. They lie far apart in the zone.
fn names(writer: usize) -> [String; 3] {
    [format!("a{writer}.crash.test"), format!("deep.below.m{writer}.crash.test"), format!("z{writer}.crash.test")]
}

fn value(number: u32) -> String {
    format!("\"{number}\"")
}

/// Sends batches until the server is gone or the storm is over.
fn write(api: SocketAddr, credentials: &Credentials, zone: &str, writer: usize, known: &Known, stop: &AtomicBool) {
    let Ok(mut client) = Client::connect(api, credentials) else { return };
    let names = names(writer);
    while !stop.load(Ordering::Relaxed) {
        let number = known.sent.load(Ordering::Relaxed) + 1;
        known.sent.store(number, Ordering::Relaxed);
        let text = value(number);
        let changes: Vec<_> = names.iter().map(|name| ("UPSERT", name.as_str(), "TXT", 1, text.as_str())).collect();
        match client.change(zone, &changes) {
            Ok(response) if response.status == 200 => known.acknowledged.store(number, Ordering::Relaxed),
            Ok(response) => panic!("a good batch was refused: {response:?}"),
            Err(_) => return,
        }
    }
}

/// The number that a name tells over DNS; nothing before the first batch.
fn told(dns: SocketAddr, name: &str) -> Option<u32> {
    let reply = ask(dns, &Query::new(name, "TXT").unwrap(), Transport::Udp).unwrap();
    reply.values().next().map(|text| text.trim_matches('"').parse().unwrap())
}

#[test]
fn nothing_acknowledged_is_lost_and_no_batch_is_there_by_half() {
    let folder = Folder::new("crash");
    let data = folder.path().join("data");
    let server = Server::start(&data);
    let credentials = server.credentials();
    let zone = Client::connect(server.api, &credentials).unwrap().create_zone("crash.test", "1").unwrap();
    assert!(server.stop());

    let known: Arc<Vec<Known>> = Arc::new((0..WRITERS).map(|_| Known::default()).collect());
    let mut batches = 0;
    for crash in 0..CRASHES {
        let server = Server::start(&data);
        for writer in 0..WRITERS {
            let (acknowledged, sent) =
                (known[writer].acknowledged.load(Ordering::Relaxed), known[writer].sent.load(Ordering::Relaxed));
            let found: BTreeSet<Option<u32>> = names(writer).iter().map(|name| told(server.dns, name)).collect();
            assert_eq!(found.len(), 1, "half a batch of writer {writer} after crash {crash}: {found:?}");
            let number = found.into_iter().next().unwrap().unwrap_or(0);
            assert!(
                (acknowledged..=sent).contains(&number),
                "writer {writer} after crash {crash}: {number} is there, {acknowledged} was acknowledged, {sent} sent"
            );
            known[writer].sent.store(number, Ordering::Relaxed);
            known[writer].acknowledged.store(number, Ordering::Relaxed);
        }
        batches += storm(server, &credentials, &zone, &known, STORM + Duration::from_millis(37) * crash as u32);
    }
    println!("{CRASHES} crashes, {batches} batches acknowledged");
    assert!(batches > CRASHES as u32, "a storm is more than {batches} batches");
}

/// Lets the writers loose, kills the server in the middle; how many batches were acknowledged.
fn storm(server: Server, credentials: &Credentials, zone: &str, known: &Arc<Vec<Known>>, length: Duration) -> u32 {
    let (api, dns) = (server.api, server.dns);
    let count = || known.iter().map(|k| k.acknowledged.load(Ordering::Relaxed)).sum::<u32>();
    let before = count();
    let stop = AtomicBool::new(false);
    let torn = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (known, stop) = (Arc::clone(known), &stop);
            scope.spawn(move || write(api, credentials, zone, writer, &known[writer], stop));
        }
        let (stop, torn) = (&stop, &torn);
        scope.spawn(move || {
            // Numbers only grow: a later name of the same batch can never tell less than an earlier one told before.
            while !stop.load(Ordering::Relaxed) {
                for writer in 0..WRITERS {
                    let numbers: Vec<u32> = names(writer).iter().map_while(|n| read_once(dns, n)).collect();
                    if numbers.windows(2).any(|pair| pair[1] < pair[0]) {
                        torn.lock().unwrap().push(numbers);
                    }
                }
            }
        });
        let began = Instant::now();
        while began.elapsed() < length {
            std::thread::sleep(Duration::from_millis(5));
        }
        server.crash();
        stop.store(true, Ordering::Relaxed);
    });
    let torn = torn.into_inner().unwrap();
    assert!(torn.is_empty(), "answers from the middle of a batch: {torn:?}");
    count() - before
}

/// One question, patient with nobody: the server may be dead.
fn read_once(dns: SocketAddr, name: &str) -> Option<u32> {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").ok()?;
    socket.set_read_timeout(Some(Duration::from_millis(100))).ok()?;
    socket.send_to(&Query::new(name, "TXT").unwrap().to_wire(1), dns).ok()?;
    let mut reply = [0; 1500];
    let length = socket.recv(&mut reply).ok()?;
    let reply = world::reply::Reply::read(&reply[..length]).unwrap();
    reply.values().next().map(|text| text.trim_matches('"').parse().unwrap())
}
