//! What the audit log keeps of calls over a real socket: each once, whatever became of it, and a change before its answer.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use control::audit::{Filter, verify};
use serde_json::{Value, json};
use server::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends a text and reads to the end; the status.
async fn send(server: &Server, text: &str) -> u16 {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response).await;
    String::from_utf8_lossy(&response).split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

fn request(line: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}

fn lines(server: &Server) -> Vec<Value> {
    let listed = server.audit.reader().list(&Filter::default(), 0, 1000).unwrap();
    listed.lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// As [`lines`], once as many are written: reads and refusals are written soon, not at once.
async fn awaited(server: &Server, count: u64) -> Vec<Value> {
    server.audit.head().wait_for(|head| *head >= count).await.unwrap();
    lines(server)
}

const ZONE: &str =
    "<CreateHostedZoneRequest><Name>ex.test</Name><CallerReference>1</CallerReference></CreateHostedZoneRequest>";

#[tokio::test]
async fn every_call_is_told_once_and_a_change_before_its_answer() {
    let server = Server::open().await;
    assert_eq!(send(&server, &request("POST /2013-04-01/hostedzone", "", ZONE)).await, 201);
    // No waiting: who was answered finds the line.
    let line = lines(&server).remove(0);
    let created = line["created"].as_str().unwrap().to_owned();
    assert!(created.starts_with("/2013-04-01/hostedzone/Z"), "{line}");
    let known = ["by", "service", "operation", "status", "revision"].map(|key| line[key].clone());
    assert_eq!(known, [json!("anyone"), json!("route53"), json!("CreateHostedZone"), json!(201), json!(1)]);
    assert!(line["client"].as_str().unwrap().starts_with("127.0.0.1:") && line.get("code").is_none());

    assert_eq!(send(&server, &request("POST /2013-04-01/hostedzone", "", ZONE)).await, 409);
    assert_eq!(send(&server, &request(&format!("GET {created}?secret=1"), "Cookie: secret\r\n", "")).await, 200);
    assert_eq!(send(&server, &request("PATCH /2013-04-01/nothing/x", "", "<secret/>")).await, 404);
    assert_eq!(send(&server, "GET /2013-04-01/hostedzone HTTP/1.1\r\nConnection: close\r\n\r\n").await, 400);
    assert_eq!(send(&server, "nonsense\r\n\r\n").await, 400);
    let lines = awaited(&server, 6).await;
    let told = |key: &str| lines[1..].iter().map(|line| line[key].clone()).collect::<Vec<_>>();
    let none = Value::Null;
    assert_eq!(told("status"), [409, 200, 404, 400, 400]);
    let operations =
        [json!("CreateHostedZone"), json!("GetHostedZone"), none.clone(), json!("ListHostedZones"), none.clone()];
    assert_eq!(told("operation"), operations);
    let code = |code: &str| json!(code);
    assert_eq!(
        told("code"),
        [
            code("HostedZoneAlreadyExists"),
            none.clone(),
            code("UnknownOperationException"),
            none.clone(),
            code("Malformed")
        ]
    );
    assert_eq!(told("revision"), vec![none; 5]);
    assert_eq!(lines[2]["resources"], json!([created.rsplit('/').next().unwrap()]));
    assert_eq!(lines[3]["path"], "PATCH /2013-04-01/nothing/x");
    let all = serde_json::to_string(&lines).unwrap();
    assert!(!all.contains("secret"), "{all}");
    assert_eq!(verify(server.folder(), None).unwrap().faults, Vec::<String>::new());
}

#[tokio::test]
async fn strangers_are_told_by_what_they_claim() {
    let server = Server::signed().await;
    let key = server.key().await;
    let claim = format!(
        "Authorization: AWS4-HMAC-SHA256 Credential={}/20261123/us-east-1/route53/aws4_request, SignedHeaders=host, \
         Signature=no-signature-of-ours\r\nX-Amz-Date: 20261123T070000Z\r\n",
        key.id
    );
    for _ in 0..5 {
        assert_eq!(send(&server, &request("POST /2013-04-01/hostedzone", &claim, ZONE)).await, 403);
    }
    assert_eq!(send(&server, &request("GET /2013-04-01/hostedzone", "", "")).await, 403);
    server.audit.close();
    let lines = lines(&server);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!((&lines[0]["by"], &lines[0]["claimed"]), (&json!("nobody"), &json!(key.id.as_str())));
    assert_eq!((&lines[1]["code"], lines[1].get("claimed")), (&json!("MissingAuthenticationToken"), None));
    // The four others of the first kind: the newest, and three more.
    assert_eq!((&lines[2]["claimed"], &lines[2]["repeated"]), (&lines[0]["claimed"], &json!(3)));
    let all = serde_json::to_string(&lines).unwrap();
    assert!(!all.contains("no-signature-of-ours") && !all.contains("aws4_request"), "{all}");
}
