//! What a server on a network gets to read, over a real socket: each thing has its answer, and nothing is changed by it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use std::time::Duration;

use server::{Credentials, Server, signer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nothing here takes a tenth of it; a server that hangs fails instead of stopping the tests.
const HANGING: Duration = Duration::from_secs(20);

/// Sends bytes and reads to the end. Once something was answered, it says that there will be no more requests.
async fn send(server: &Server, bytes: &[u8]) -> String {
    exchange(server, bytes, false).await
}

/// The same; with `is_cut` there will be no more as soon as the bytes are sent.
async fn exchange(server: &Server, bytes: &[u8], is_cut: bool) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut response = vec![0; 1 << 16];
    let conversation = async {
        // A server may answer before it has read everything, and close.
        let write = async {
            let _ = writing.write_all(bytes).await;
            if is_cut {
                let _ = writing.shutdown().await;
            }
        };
        let (first, ()) = tokio::join!(reading.read(&mut response), write);
        response.truncate(first.unwrap_or(0));
        let _ = writing.shutdown().await;
        let _ = reading.read_to_end(&mut response).await;
    };
    timeout(HANGING, conversation).await.expect("an answer, or an end");
    String::from_utf8_lossy(&response).into_owned()
}

fn post(headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST /2013-04-01/hostedzone HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

const ZONE: &str =
    "<CreateHostedZoneRequest><Name>ex.test</Name><CallerReference>1</CallerReference></CreateHostedZoneRequest>";

fn zone_with(text: &str) -> String {
    ZONE.replace("ex.test", text)
}

#[tokio::test]
async fn bodies_that_are_no_request_are_told_what_is_wrong() {
    let server = Server::open().await;
    let bomb = "<!DOCTYPE z [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;\">]>";
    let outside = "<!DOCTYPE z [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>";
    let deep = format!("<CreateHostedZoneRequest>{}", "<Name>".repeat(200_000));
    let bodies: Vec<(&str, Vec<u8>, &str)> = vec![
        ("an entity bomb", format!("{bomb}{}", zone_with("&c;")).into(), "DOCTYPE is disallowed"),
        ("an entity from outside", format!("{outside}{}", zone_with("&a;")).into(), "DOCTYPE is disallowed"),
        ("an entity of nobody", zone_with("&nobody;").into(), "was referenced, but not declared"),
        ("deep nesting", deep.into(), "No child element is expected"),
        ("bytes that are no text", [b"<CreateHostedZoneRequest><Name>\xff\xfe", &b"x"[..]].concat(), "is not UTF-8"),
        ("a NUL", zone_with("ex\0.test").into(), "An invalid XML character (Unicode: 0x0)"),
        ("a NUL by number", zone_with("ex&#0;.test").into(), "Invalid XML"),
        (
            "one element twice",
            ZONE.replace("</Name>", "</Name><Name>other.test</Name>").into(),
            "starting with element 'Name'",
        ),
        ("an element of nobody", ZONE.replace("</Name>", "</Name><Nobody/>").into(), "starting with element 'Nobody'"),
        ("another operation's", ZONE.replace("CreateHostedZone", "CreateHealthCheck").into(), "cvc-elt.1"),
        ("half of it", ZONE[..50].into(), "Invalid XML"),
        ("two of it", ZONE.repeat(2).into(), "following the root element"),
        ("nothing", vec![], "Premature end of file"),
        ("JSON", b"{\"Name\": \"ex.test\"}".into(), "not allowed in prolog"),
        ("no name of DNS", zone_with(&format!("{}.test", "x".repeat(64))).into(), "label"),
    ];
    for (what, body, told) in bodies {
        let answer = send(&server, &post("", &body)).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{what}: {answer}");
        assert!(answer.contains("<ErrorResponse ") && answer.contains("<Type>Sender</Type>"), "{what}: {answer}");
        let coded = ["InvalidInput", "InvalidDomainName"].iter().any(|code| answer.contains(&format!("<Code>{code}<")));
        assert!(coded && answer.contains(told), "{what}: {answer}");
        assert!(!answer.contains("root:"), "{what}: {answer}");
    }
    assert_eq!(server.store.revision().0, 0);
    // What is only unusual is taken: a wrong type of content, a body in chunks, a parameter twice (the first counts).
    let chunked = format!(
        "POST /2013-04-01/hostedzone?x=1&x=2 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: image/png\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{ZONE}\r\n0\r\n\r\n",
        ZONE.len()
    );
    let answer = send(&server, chunked.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    for (query, items) in [("1&maxitems=x", 200), ("x&maxitems=1", 400)] {
        let list = format!(
            "GET /2013-04-01/hostedzone?maxitems={query} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        );
        assert!(send(&server, list.as_bytes()).await.starts_with(&format!("HTTP/1.1 {items} ")), "{query}");
    }
}

#[tokio::test]
async fn what_two_servers_could_read_in_two_ways_is_one_request_or_none() {
    let server = Server::open().await;
    let get = "GET /2013-04-01/hostedzonecount HTTP/1.1\r\n";
    let inner = "GET /2013-04-01/checkeripranges HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    let long = "x".repeat(300_000);
    let many: String = (0..2000).map(|n| format!("X-{n}: 1\r\n")).collect();
    let shapes: Vec<(&str, String)> = vec![
        ("no host", format!("{get}\r\n")),
        ("two hosts", format!("{get}Host: 127.0.0.1\r\nHost: evil.test\r\n\r\n")),
        (
            "two lengths",
            format!("{get}Host: 127.0.0.1\r\nContent-Length: 0\r\nContent-Length: {}\r\n\r\n{inner}", inner.len()),
        ),
        ("a signed length", format!("{get}Host: 127.0.0.1\r\nContent-Length: +{}\r\n\r\n{inner}", inner.len())),
        ("a length in hexadecimal", format!("{get}Host: 127.0.0.1\r\nContent-Length: 0x10\r\n\r\n{inner}")),
        (
            "a length and chunks",
            format!("{get}Host: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}"),
        ),
        ("an unknown coding", format!("{get}Host: 127.0.0.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{inner}")),
        (
            "chunks not last",
            format!("{get}Host: 127.0.0.1\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{inner}"),
        ),
        (
            "a size that overflows",
            format!("{get}Host: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{inner}"),
        ),
        ("a space before the colon", format!("{get}Host : 127.0.0.1\r\n\r\n")),
        ("a folded header", format!("{get}Host: 127.0.0.1\r\nX-A: b\r\n c: d\r\n\r\n")),
        ("a NUL in a header", format!("{get}Host: 127.0.0.1\r\nX-A: b\0c\r\n\r\n")),
        ("a NUL in the path", "GET /2013-04-01/\0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".to_owned()),
        ("a bare return", format!("{get}Host: 127.0.0.1\rX-A: b\r\n\r\n")),
        ("a huge header", format!("{get}Host: 127.0.0.1\r\nX-A: {long}\r\n\r\n")),
        ("many headers", format!("{get}Host: 127.0.0.1\r\n{many}\r\n")),
        ("a huge path", format!("GET /2013-04-01/{long} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")),
        ("another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\r\n\r\n".to_owned()),
    ];
    for (what, text) in shapes {
        let answer = send(&server, text.as_bytes()).await;
        let answers: Vec<&str> = answer.split("HTTP/1.1 ").skip(1).map(|rest| &rest[..3]).collect();
        let is_refused = matches!(answers[..], ["400" | "413" | "414" | "431" | "404" | "501" | "505"] | []);
        // RFC 9112 §6.3: chunks count, and the connection ends, so nothing that follows is taken for a request.
        let is_one = what == "a length and chunks" && answers == ["200"] && answer.contains("connection: close");
        assert!(is_refused || is_one, "{what}: {answers:?} {answer}");
        assert!(!answer.contains("CheckerIpRanges>"), "{what}: the inner request was carried out: {answer}");
    }
    let cut =
        "POST /2013-04-01/hostedzone HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 200\r\n\r\n<Create".to_owned();
    let in_chunks =
        cut.replace("Content-Length: 200", "Transfer-Encoding: chunked").replace("<Create", "ff\r\n<Create");
    for text in [cut, in_chunks] {
        let answer = exchange(&server, text.as_bytes(), true).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    assert_eq!(server.store.revision().0, 0);
    assert!(send(&server, &post("", ZONE.as_bytes())).await.starts_with("HTTP/1.1 201 "), "and it still serves");
}

#[tokio::test]
async fn who_is_not_proven_learns_nothing() {
    let server = Server::signed_at_rest().await;
    let key = server.key().await;
    let (status, body) = signer::send(&server, &key, "route53", "POST /2013-04-01/hostedzone", ZONE).await;
    assert_eq!(status, 201);
    let zone = body.split("<Id>/hostedzone/").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let before = server.store.revision();
    let unknown = Credentials { id: model::id::AccessKeyId::parse("AKIDNOBODYHASTHIS000").unwrap(), ..key.clone() };
    type Bend = Box<dyn Fn(String) -> String>;
    let bends: Vec<(&str, &Credentials, Bend, u16, &str)> = vec![
        ("no signature", &key, Box::new(|text| drop_header(&text, "authorization")), 403, "MissingAuthenticationToken"),
        ("an unknown key", &unknown, Box::new(|text| text), 403, "InvalidClientTokenId"),
        (
            "another secret",
            &key,
            Box::new(|text| text.replace("Signature=", "Signature=00")),
            403,
            "SignatureDoesNotMatch",
        ),
        (
            "no hexadecimal",
            &key,
            Box::new(|text| text.replace("Signature=", "Signature=zz")),
            403,
            "SignatureDoesNotMatch",
        ),
        ("half a credential", &key, Box::new(|text| text.replace("/aws4_request", "")), 400, "IncompleteSignature"),
        (
            "an old date",
            &key,
            Box::new(|text| text.replace("20261123T070000Z", "20261123T065000Z")),
            403,
            "SignatureDoesNotMatch",
        ),
        (
            "a date to come",
            &key,
            Box::new(|text| text.replace("20261123T070000Z", "20261123T071000Z")),
            403,
            "SignatureDoesNotMatch",
        ),
        ("no date at all", &key, Box::new(|text| drop_header(&text, "x-amz-date")), 400, "IncompleteSignature"),
        ("another service", &key, Box::new(|text| text.replace("/route53/", "/s3/")), 403, "SignatureDoesNotMatch"),
    ];
    for (what, credentials, bend, status, code) in bends {
        let answers: Vec<String> = {
            let mut answers = Vec::new();
            for zone in [zone.as_str(), "Z0000000000000NOBODY"] {
                for method in ["GET", "DELETE"] {
                    let line = format!("{method} /2013-04-01/hostedzone/{zone}");
                    let text = bend(signer::sign(&server, credentials, "route53", &line, ""));
                    let answer = send(&server, text.as_bytes()).await;
                    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{what}: {answer}");
                    assert!(answer.contains(&format!("<Code>{code}</Code>")), "{what}: {answer}");
                    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
                    answers.push(body.split("<RequestId>").next().unwrap().to_owned());
                }
            }
            answers
        };
        // Word for word the same, whether there is such a zone or not.
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{what}: {answers:?}");
    }
    let altered =
        signer::sign(&server, &key, "route53", "POST /2013-04-01/hostedzone", ZONE).replace("ex.test", "no.test");
    assert!(send(&server, altered.as_bytes()).await.contains("<Code>SignatureDoesNotMatch</Code>"));
    let long = signer::sign(&server, &key, "route53", "POST /2013-04-01/hostedzone", &" ".repeat((8 << 20) + 1));
    assert!(send(&server, long.as_bytes()).await.starts_with("HTTP/1.1 413 "));
    assert_eq!(server.store.revision(), before);
}

fn drop_header(text: &str, name: &str) -> String {
    text.split("\r\n").filter(|line| !line.starts_with(&format!("{name}:"))).collect::<Vec<_>>().join("\r\n")
}
