//! A client of one request at a time that signs as AWS documents it, in code of its own.

use ring::digest::{SHA256, digest};
use ring::hmac;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Credentials, Server};

/// [`super::NOW_MS`] as signatures write it.
const DATE: &str = "20261123T070000Z";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sends a request and tells status and body. `service` is `route53` or `cutover`; a query is in order and has nothing to encode.
pub(crate) async fn send(
    server: &Server,
    credentials: &Credentials,
    service: &str,
    line: &str,
    body: &str,
) -> (u16, String) {
    let request = sign(server, credentials, service, line, body);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// The text of a signed request that closes its connection.
pub(crate) fn sign(server: &Server, credentials: &Credentials, service: &str, line: &str, body: &str) -> String {
    let (method, path) = line.split_once(' ').unwrap();
    let host = server.address;
    let mut headers = vec![("host".to_owned(), host.to_string()), ("x-amz-date".to_owned(), DATE.to_owned())];
    if let Some(token) = &credentials.token {
        headers.push(("x-amz-security-token".to_owned(), token.clone()));
    }
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let body_hash = hex(digest(&SHA256, body.as_bytes()).as_ref());
    // The path is encoded once more, as for all services but S3.
    let (alone, query) = path.split_once('?').unwrap_or((path, ""));
    let encoded: String =
        alone
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "/-_.~".contains(c) {
                    c.into()
                } else {
                    format!("%{:02X}", u32::from(c))
                }
            })
            .collect();
    let canonical = format!("{method}\n{encoded}\n{query}\n{lines}\n{names}\n{body_hash}");
    let scope = format!("{}/us-east-1/{service}/aws4_request", &DATE[..8]);
    let text = format!("AWS4-HMAC-SHA256\n{DATE}\n{scope}\n{}", hex(digest(&SHA256, canonical.as_bytes()).as_ref()));
    let mut key = format!("AWS4{}", credentials.secret).into_bytes();
    for part in scope.split('/').chain([text.as_str()]) {
        key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
    }
    let id = &credentials.id;
    headers.push((
        "authorization".to_owned(),
        format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={}", hex(&key)),
    ));
    let head: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\n{head}connection: close\r\ncontent-length: {length}\r\n\r\n{body}")
}
