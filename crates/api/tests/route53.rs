//! Conversations with the Route 53 API over a real socket, word for word: `route53/*.txt`.
//!
//! A conversation is a list of turns. `> METHOD PATH` begins a request and `< STATUS [PATH OF LOCATION]` the response;
//! the lines below each are its body, joined without their margins, and without the XML declaration and the namespace,
//! which every response must have. `{word}` stands for any id the first time and for the same id later, `{*}` for
//! anything; in a body `for n in 1..501:` repeats the rest of its line with `{n}` replaced. `! served` lets the DNS workers catch up, `! unhealthy ID` breaks an endpoint. `#` begins a remark.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use std::collections::HashMap;

use server::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HEAD: &str = "<?xml version=\"1.0\"?>\n";
const NAMESPACE: &str = " xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"";

#[tokio::test]
async fn hosted_zones() {
    play(include_str!("route53/hosted_zones.txt")).await;
}

#[tokio::test]
async fn delegation_sets() {
    play(include_str!("route53/delegation_sets.txt")).await;
}

#[tokio::test]
async fn private_zones() {
    play(include_str!("route53/private_zones.txt")).await;
}

#[tokio::test]
async fn vpc_authorizations() {
    play(include_str!("route53/vpc_authorizations.txt")).await;
}

#[tokio::test]
async fn dnssec() {
    play(include_str!("route53/dnssec.txt")).await;
}

#[tokio::test]
async fn record_sets() {
    play(include_str!("route53/record_sets.txt")).await;
}

#[tokio::test]
async fn records() {
    play(include_str!("route53/records.txt")).await;
}

#[tokio::test]
async fn refused_batches() {
    play(include_str!("route53/refused_batches.txt")).await;
}

#[tokio::test]
async fn examples() {
    play(include_str!("route53/examples.txt")).await;
}

#[tokio::test]
async fn placed_record_sets() {
    play(include_str!("route53/placed_record_sets.txt")).await;
}

#[tokio::test]
async fn cidr_collections() {
    play(include_str!("route53/cidr_collections.txt")).await;
}

#[tokio::test]
async fn query_logging() {
    play(include_str!("route53/query_logging.txt")).await;
}

#[tokio::test]
async fn geo_locations() {
    play(include_str!("route53/geo_locations.txt")).await;
}

#[tokio::test]
async fn health_checks() {
    play(include_str!("route53/health_checks.txt")).await;
}

#[tokio::test]
async fn tags() {
    play(include_str!("route53/tags.txt")).await;
}

#[tokio::test]
async fn traffic_policies() {
    play(include_str!("route53/traffic_policies.txt")).await;
}

#[tokio::test]
async fn traffic_policy_instances() {
    play(include_str!("route53/traffic_policy_instances.txt")).await;
}

#[tokio::test]
async fn test_dns_answer() {
    play(include_str!("route53/test_dns_answer.txt")).await;
}

/// A page has 300 record sets at most, whatever was asked for.
#[tokio::test]
async fn pages_have_a_largest_size() {
    let server = Server::open().await;
    let zone = "<CreateHostedZoneRequest><Name>example.com</Name><CallerReference>1</CallerReference></CreateHostedZoneRequest>";
    let (_, _, created) = exchange(&server, "POST /2013-04-01/hostedzone", zone).await;
    let id = created.split("<Id>/hostedzone/").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    let change = "<Change><Action>CREATE</Action><ResourceRecordSet><Name>n{n}.example.com</Name><Type>A</Type><TTL>60</TTL>\
                  <ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>";
    let changes = repeated(&format!("for n in 1..400: {change}"));
    let batch = format!(
        "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes>{changes}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
    );
    assert_eq!(exchange(&server, &format!("POST /2013-04-01/hostedzone/{id}/rrset"), &batch).await.0, 200);
    let (_, _, page) = exchange(&server, &format!("GET /2013-04-01/hostedzone/{id}/rrset?maxitems=1000"), "").await;
    assert_eq!(page.matches("<ResourceRecordSet>").count(), 300);
    assert!(
        page.contains("<IsTruncated>true</IsTruncated>")
            && page.ends_with("<MaxItems>300</MaxItems></ListResourceRecordSetsResponse>")
    );
}

/// One side of a turn.
enum Step {
    Request { line: String, body: String },
    Response { line: String, body: String },
    Order(String),
}

async fn play(text: &str) {
    let server = Server::open().await;
    let mut words = HashMap::new();
    let mut last = None;
    for step in steps(text) {
        match step {
            Step::Request { line, body } => {
                let line = filled(&line, &words);
                let answer = exchange(&server, &line, &filled(&body, &words)).await;
                last = Some((line, answer));
            }
            Step::Response { line, body } => {
                let (request, (status, location, body_seen)) = last.take().expect("a response follows a request");
                let mut parts = line.split(' ');
                let seen = format!("{status} {location}{body_seen}");
                assert_eq!(parts.next(), Some(status.to_string().as_str()), "{request} gave: {seen}");
                let pattern = format!("{}{body}", parts.next().unwrap_or_default());
                if let Err(at) = matches(&pattern, &format!("{location}{body_seen}"), &mut words) {
                    panic!("{request}\nexpected: {pattern}\ngot:      {location}{body_seen}\ndiffers at: {at}");
                }
            }
            Step::Order(order) => match order.split_once(' ') {
                None if order == "served" => server.serve().await,
                Some(("unhealthy", id)) => server.break_down(&filled(id, &words)).await,
                _ => panic!("no such order: {order}"),
            },
        }
    }
    assert!(last.is_none(), "the last request has no response to compare with");
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_at(line.len().min(2)) {
            ("> ", line) => steps.push(Step::Request { line: line.to_owned(), body: String::new() }),
            ("< ", line) => steps.push(Step::Response { line: line.to_owned(), body: String::new() }),
            ("! ", order) => steps.push(Step::Order(order.to_owned())),
            _ => match steps.last_mut() {
                Some(Step::Request { body, .. } | Step::Response { body, .. }) => body.push_str(&repeated(line)),
                Some(Step::Order(_)) | None => panic!("a body without a request: {line}"),
            },
        }
    }
    steps
}

/// A line, or as many as its `for n in 1..501:` says.
fn repeated(line: &str) -> String {
    let Some((range, line)) = line.strip_prefix("for n in ").and_then(|rest| rest.split_once(": ")) else {
        return line.to_owned();
    };
    let (first, last) = range.split_once("..").expect("a range such as 1..501");
    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
    (first..=last).map(|n| line.replace("{n}", &n.to_string())).collect()
}

/// Status, path of the location, body without declaration and namespace.
async fn exchange(server: &Server, line: &str, body: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let (host, length) = (server.address, body.len());
    let request =
        format!("{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let location = head.lines().find_map(|line| line.strip_prefix("location: "));
    let location = location.map(|url| url.strip_prefix(&format!("http://{host}")).unwrap().to_owned());
    assert!(head.contains("\r\ncontent-type: text/xml\r\n") && head.contains("\r\nx-amzn-requestid: "), "{head}");
    let body = body.strip_prefix(HEAD).unwrap_or_else(|| panic!("no XML declaration: {body}"));
    (status, location.unwrap_or_default(), body.replacen(NAMESPACE, "", 1))
}

fn filled(text: &str, words: &HashMap<String, String>) -> String {
    words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(&format!("{{{word}}}"), value))
}

/// Compares, learning the words that are new.
fn matches(pattern: &str, seen: &str, words: &mut HashMap<String, String>) -> Result<(), String> {
    let (mut pattern, mut seen) = (filled(pattern, words), seen);
    loop {
        let Some((literal, rest)) = pattern.split_once('{') else {
            return if pattern == seen { Ok(()) } else { Err(difference(&pattern, seen)) };
        };
        seen = seen.strip_prefix(literal).ok_or_else(|| difference(literal, seen))?;
        let (word, rest) = rest.split_once('}').expect("a word ends with a brace");
        let end = if word == "*" {
            seen.find('<').unwrap_or(seen.len())
        } else {
            seen.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(seen.len())
        };
        let value = &seen[..end];
        seen = &seen[end..];
        let mut rest = rest.to_owned();
        if word != "*" {
            words.insert(word.to_owned(), value.to_owned());
            rest = filled(&rest, words);
        }
        pattern = rest;
    }
}

/// What was seen from the first character on that is not the expected one.
fn difference(expected: &str, seen: &str) -> String {
    let same = expected.chars().zip(seen.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    seen[same..].to_owned()
}
