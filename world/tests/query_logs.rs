//! Query logs from end to end: a configuration over the API, questions over sockets, lines in a file.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use world::exchange::{Transport, ask};
use world::place::Folder;
use world::process::Server;
use world::query::{Opt, Query, subnet};
use world::route53::Client;

/// Waits for a line about this name; a busy machine may be slow.
fn line_about(file: &Path, qname: &str, again: impl Fn()) -> String {
    let (began, about) = (Instant::now(), format!(" {qname} "));
    loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        if let Some(line) = text.lines().find(|line| line.contains(&about)) {
            return line.to_owned();
        }
        assert!(began.elapsed() < Duration::from_secs(30), "no line about {qname}: {text}");
        std::thread::sleep(Duration::from_millis(20));
        again();
    }
}

#[test]
fn queries_of_a_logged_zone_are_written_down_and_those_of_others_are_not() {
    let folder = Folder::new("query-logs");
    let data = folder.path().join("data");
    let server = Server::start(&data);
    let mut api = Client::connect(server.api, &server.credentials()).unwrap();
    let logged = api.create_zone("logged.test", "1").unwrap();
    let quiet = api.create_zone("quiet.test", "2").unwrap();
    api.change(&logged, &[("CREATE", "www.logged.test", "A", 60, "192.0.2.1")]).unwrap();
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/logged.test";
    let body = format!(
        "<CreateQueryLoggingConfigRequest><HostedZoneId>{logged}</HostedZoneId>\
         <CloudWatchLogsLogGroupArn>{arn}</CloudWatchLogsLogGroupArn></CreateQueryLoggingConfigRequest>"
    );
    let created = api.send("POST", "queryloggingconfig", &body).unwrap();
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(created.element("CloudWatchLogsLogGroupArn"), Some(arn));

    let file = data.join("query-logs/+aws+route53+logged.test.log");
    let asks = |qname: &str, qtype: &str, transport, client: Option<&str>| {
        let mut query = Query::new(qname, qtype).unwrap();
        if let Some(client) = client {
            let options = subnet(client).unwrap();
            query.edns = Some(Opt { options, ..Opt::default() });
        }
        ask(server.dns, &query, transport).unwrap();
    };
    let www = || asks("www.logged.test", "A", Transport::Udp, Some("198.51.100.0/24"));
    asks("quiet.test", "SOA", Transport::Udp, None);
    // A server that has answered one question by the configuration answers all later ones by it.
    let line = line_about(&file, "www.logged.test", www);
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!(words[0], "1.0");
    assert!(words[1].len() == 24 && words[1].ends_with('Z'), "{line}");
    let rest = ["www.logged.test", "A", "NOERROR", "UDP", "CUTOVER", "127.0.0.1", "198.51.100.0/24"];
    assert_eq!((words[2], &words[3..]), (logged.as_str(), &rest[..]));

    asks("Nope.logged.test", "MX", Transport::Tcp, None);
    let line = line_about(&file, "nope.logged.test", || ());
    assert!(line.ends_with(" nope.logged.test MX NXDOMAIN TCP CUTOVER 127.0.0.1 -"), "{line}");

    // What is asked just before the end is written too.
    asks("last.logged.test", "A", Transport::Udp, None);
    assert!(server.stop());
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(" last.logged.test A NXDOMAIN UDP "), "{text}");
    assert!(!text.contains("quiet.test") && !text.contains(&quiet), "{text}");
    assert_eq!(fs::read_dir(data.join("query-logs")).unwrap().count(), 1);
}
