//! An endpoint that answers what a test says, one answer for each request, and keeps what was asked.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use model::id::AccountName;

use crate::account::{Account, Config, Credentials};

/// What a request is answered with.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A status and a body.
    Says(u16, String),
    /// The line goes dead.
    Nothing,
}

/// An error in Route 53's words.
pub(crate) fn error(status: u16, code: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">\
         <Error><Type>Sender</Type><Code>{code}</Code><Message>why</Message></Error><RequestId>1</RequestId>\
         </ErrorResponse>"
    );
    Answer::Says(status, body)
}

/// A page of a listing; `next` is the name, type and set identifier of the page after it.
pub(crate) fn page(sets: &[&str], next: Option<(&str, &str, &str)>) -> Answer {
    let next = next.map_or("<IsTruncated>false</IsTruncated>".to_owned(), |(name, kind, id)| {
        format!(
            "<IsTruncated>true</IsTruncated><NextRecordName>{name}</NextRecordName>\
             <NextRecordType>{kind}</NextRecordType><NextRecordIdentifier>{id}</NextRecordIdentifier>"
        )
    });
    Answer::Says(
        200,
        format!(
            "<?xml version=\"1.0\"?><ListResourceRecordSetsResponse \
             xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ResourceRecordSets>{}</ResourceRecordSets>{next}\
             <MaxItems>300</MaxItems></ListResourceRecordSetsResponse>",
            sets.concat()
        ),
    )
}

/// A weighted record set of a listing.
pub(crate) fn weighted(name: &str, kind: &str, id: &str) -> String {
    format!(
        "<ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type><SetIdentifier>{id}</SetIdentifier><Weight>1</Weight>\
         <TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords>\
         </ResourceRecordSet>"
    )
}

/// An alias of a listing.
pub(crate) fn alias(name: &str, zone: &str, target: &str) -> String {
    format!(
        "<ResourceRecordSet><Name>{name}</Name><Type>A</Type><AliasTarget><HostedZoneId>{zone}</HostedZoneId>\
         <DNSName>{target}</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget></ResourceRecordSet>"
    )
}

/// The state of a change, as its batch and as GetChange is answered.
pub(crate) fn change(of: &str, status: &str) -> Answer {
    Answer::Says(
        200,
        format!(
            "<?xml version=\"1.0\"?><{of}Response xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeInfo>\
             <Id>/change/C1</Id><Status>{status}</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo>\
             </{of}Response>"
        ),
    )
}

/// An account whose endpoint gives these answers, the last one for ever, and the first lines of the requests.
pub(crate) async fn account(answers: Vec<Answer>) -> (Account, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    // Nobody checks them.
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/credentials").into();
    let log = Arc::clone(&asked);
    thread::spawn(move || {
        let mut left = answers.into_iter().peekable();
        let mut last = Answer::Nothing;
        for mut stream in listener.incoming().flatten() {
            let mut bytes = Vec::new();
            let mut piece = [0; 4096];
            while !is_whole(&bytes) {
                match stream.read(&mut piece) {
                    Ok(count) if count > 0 => bytes.extend(&piece[..count]),
                    _ => break,
                }
            }
            log.lock().unwrap().push(String::from_utf8_lossy(&bytes).lines().next().unwrap_or_default().to_owned());
            last = left.next().unwrap_or(last);
            if let Answer::Says(status, body) = &last {
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: text/xml\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all((head + body).as_bytes());
            }
        }
    });
    let config = Config {
        endpoint: Some(format!("http://{address}")),
        region: "us-east-1".to_owned(),
        credentials: Credentials { file: Some(kept), profile: None },
    };
    (Account::open(&AccountName::parse("prod").unwrap(), config).await.unwrap(), asked)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    body.len() >= length.map_or(0, |length| length.trim().parse().unwrap())
}
