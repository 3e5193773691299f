//! Plays `fixtures/examples.txt`: the documents' examples of health checks, each line what is given and what is told.
//!
//! Probes are real ones, of servers on loopback; verdicts are those of the board that the prober keeps.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use model::health_check::{Endpoint, HealthCheckConfig, RawHealthCheckConfig, Subject};
use model::health_status::HealthStatus;

use crate::board::Board;
use crate::board::tests::{check, id};
use crate::probe::tests::server::{Server, certificate};
use crate::probe::{Deadlines, Tls, host, probe};
use crate::verdict::{Checker, aggregate};
use HealthStatus::{Healthy, Unhealthy};

/// "all is OK and well, all is OK and well" as brotli (RFC 7932) has it; the letters OK do not stand in it.
const BROTLI: &[u8] =
    b"\x1b\x25\x00\xf8\x9d\x07\x76\x83\x75\xb7\x3b\x4a\xd2\xf4\x8e\x51\x86\x2d\x95\xe5\x53\xda\x5d\x83\xb0\x91\xb1\x4c\x36\xb7\xb9\x90\x2a\x46\xd8\xa4\x89\xee\x35\x00";

#[tokio::test]
async fn every_example_is_told_so() {
    let mut lines = 0;
    for line in include_str!("../fixtures/examples.txt").lines().filter(|line| !line.starts_with('#')) {
        let Some((given, told)) = line.split_once(" -> ") else { continue };
        assert_eq!(play(given).await, told, "{given}");
        lines += 1;
    }
    assert!(lines > 20, "only {lines} lines are examples");
}

async fn play(given: &str) -> String {
    let words: Vec<&str> = given.split_whitespace().collect();
    match words[..] {
        ["checkers", healthy, "of", all] => checkers(number(healthy), number(all)),
        ["results", threshold, ref results @ ..] => return standings(threshold, results),
        ["answer", kind, status, ref more @ ..] => answer(kind, status, more).await,
        ["connected", "after", seconds, "s", "by", kind] => {
            let Deadlines { tcp_connect, connect, .. } = Deadlines::default();
            let patience = if kind == "TCP" { tcp_connect } else { connect };
            of(Duration::from_secs(number(seconds) as u64) < patience)
        }
        ["certificate", "expired"] => {
            let server = Server::https("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", certificate::EXPIRED).await;
            probed(&endpoint("HTTPS", server.address.port(), "127.0.0.1", Some("w.test"))).await
        }
        ["children", threshold, ref children @ ..] => calculated(threshold, children),
        ["new", how] => {
            let mut board = Board::default();
            board.adopt(&[check("a", |raw| mark(raw, how))]);
            board.verdicts().status(&id("a")).unwrap()
        }
        ["host", kind, port, address, ref name @ ..] => {
            let endpoint = endpoint(kind, number(port) as u16, address, name.first().copied());
            return host(&endpoint, address.parse().unwrap());
        }
        _ => panic!("no such example: {given}"),
    }
    .told()
}

trait Told {
    fn told(self) -> String;
}

impl Told for HealthStatus {
    fn told(self) -> String {
        if self.is_healthy() { "healthy" } else { "unhealthy" }.to_owned()
    }
}

fn of(healthy: bool) -> HealthStatus {
    if healthy { Healthy } else { Unhealthy }
}

fn number(text: &str) -> usize {
    text.trim_end_matches(':').parse().unwrap()
}

fn checkers(healthy: usize, all: usize) -> HealthStatus {
    let checker = |i| Checker::default().after(of(i < healthy), 1);
    aggregate(&(0..all).map(checker).collect::<Vec<_>>()).unwrap()
}

/// The status after each result, as a record set sees it.
fn standings(threshold: &str, results: &[&str]) -> String {
    let mut board = Board::default();
    board.adopt(&[check("a", |raw| raw.failure_threshold = Some(number(threshold) as i64))]);
    let after = |result: &&str| {
        board.take(&id("a"), *result == "H");
        if board.verdicts().is_healthy(&id("a")) { "H" } else { "U" }
    };
    results.iter().map(after).collect::<Vec<_>>().join(" ")
}

/// `inverted`, `disabled`, both with a plus, or a word that says nothing.
fn mark(raw: &mut RawHealthCheckConfig, how: &str) {
    raw.inverted = Some(how.contains("inverted"));
    raw.disabled = Some(how.contains("disabled"));
    raw.failure_threshold = Some(1);
}

fn calculated(threshold: &str, children: &[&str]) -> HealthStatus {
    let names: Vec<String> = (0..children.len()).map(|i| format!("c{i}")).collect();
    let parent = check("parent", |raw| {
        *raw = RawHealthCheckConfig {
            kind: "CALCULATED".to_owned(),
            child_health_checks: Some(names.clone()),
            health_threshold: Some(number(threshold) as i64),
            ..RawHealthCheckConfig::default()
        };
    });
    let children_of = names.iter().zip(children).map(|(name, how)| check(name, |raw| mark(raw, how)));
    let mut board = Board::default();
    board.adopt(&children_of.chain([parent]).collect::<Vec<_>>());
    for (name, how) in names.iter().zip(children) {
        board.take(&id(name), *how != "unhealthy");
    }
    board.verdicts().status(&id("parent")).unwrap()
}

async fn answer(kind: &str, status: &str, more: &[&str]) -> HealthStatus {
    let option = |key: &str| more.iter().find_map(|word| word.strip_prefix(key));
    let body: Vec<u8> = option("body=").unwrap_or_default().split('+').flat_map(part).collect();
    let coding = option("coding=");
    let body = match coding {
        Some("gzip") => {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
            gzip.write_all(&body).unwrap();
            gzip.finish().unwrap()
        }
        Some("br") => BROTLI.to_vec(),
        _ => body,
    };
    let coded = coding.map(|coding| format!("Content-Encoding: {coding}\r\n")).unwrap_or_default();
    let head = format!("HTTP/1.1 {status} Told\r\n{coded}Content-Length: {}\r\n\r\n", body.len());
    let server = Server::bytes(&[head.into_bytes(), body].concat()).await;
    probed(&endpoint(kind, server.address.port(), "127.0.0.1", None)).await
}

/// `OK`, or `5118*x`.
fn part(text: &str) -> Vec<u8> {
    let (times, text) = text.split_once('*').map_or((1, text), |(times, text)| (number(times), text));
    text.repeat(times).into_bytes()
}

fn endpoint(kind: &str, port: u16, address: &str, name: Option<&str>) -> Endpoint {
    let raw = RawHealthCheckConfig {
        kind: kind.to_owned(),
        ip_address: Some(address.to_owned()),
        fully_qualified_domain_name: name.map(str::to_owned),
        port: Some(port.into()),
        search_string: kind.ends_with("_STR_MATCH").then(|| "OK".to_owned()),
        ..RawHealthCheckConfig::default()
    };
    match HealthCheckConfig::parse(&raw).unwrap().subject {
        Subject::Endpoint(endpoint) => endpoint,
        other => panic!("{kind} is no endpoint: {other:?}"),
    }
}

/// One result; one failure is not yet a verdict, but here the threshold is not the question.
async fn probed(endpoint: &Endpoint) -> HealthStatus {
    of(probe(&id("a"), endpoint, &Deadlines::default(), &Tls::new()).await.is_ok())
}
