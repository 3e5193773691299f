//! Probes against real servers on loopback.

pub(crate) mod server;

use model::health_check::{HealthCheckConfig, RawHealthCheckConfig, Subject};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpSocket};

use super::*;
use server::{Server, certificate};

async fn seen_within(
    socket: SocketAddr,
    kind: &str,
    deadlines: &Deadlines,
    change: impl FnOnce(&mut RawHealthCheckConfig),
) -> String {
    let mut raw = RawHealthCheckConfig {
        kind: kind.to_owned(),
        ip_address: Some(socket.ip().to_string()),
        port: Some(i64::from(socket.port())),
        ..RawHealthCheckConfig::default()
    };
    change(&mut raw);
    let config = HealthCheckConfig::parse(&raw).unwrap();
    let Subject::Endpoint(endpoint) = config.subject else { panic!("{kind} is an endpoint") };
    let id = HealthCheckId::parse("4f5e-1").unwrap();
    match probe(&id, &endpoint, deadlines, &Tls::new()).await {
        Ok(success) => success.to_string(),
        Err(failure) => format!("not: {failure}"),
    }
}

async fn seen(server: &Server, kind: &str, change: impl FnOnce(&mut RawHealthCheckConfig)) -> String {
    seen_within(server.address, kind, &Deadlines::default(), change).await
}

fn status(line: &str) -> String {
    format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n")
}

#[tokio::test]
async fn statuses_from_200_to_399_are_healthy_and_redirects_are_not_followed() {
    for (line, expect) in [
        ("200 OK", "HTTP Status Code 200, OK"),
        ("301 Moved Permanently\r\nLocation: http://127.0.0.1:1/", "HTTP Status Code 301, Moved Permanently"),
        ("399 Almost", "HTTP Status Code 399"),
        ("404 Not Found", "not: HTTP Status Code 404, Not Found"),
        ("500 Internal Server Error", "not: HTTP Status Code 500, Internal Server Error"),
    ] {
        let server = Server::http(&status(line)).await;
        assert_eq!(seen(&server, "HTTP", |_| {}).await, expect);
    }
}

#[tokio::test]
async fn the_request_names_host_path_and_check() {
    let server = Server::http(&status("200 OK")).await;
    seen(&server, "HTTP", |raw| {
        raw.fully_qualified_domain_name = Some("w.test".to_owned());
        raw.resource_path = Some("live?a={1}".to_owned());
    })
    .await;
    let request = server.request().await;
    assert!(request.starts_with("GET /live?a=%7B1%7D HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("Host: w.test:{}\r\n", server.address.port())), "{request}");
    assert!(request.contains("User-Agent: Amazon-Route53-Health-Check-Service (ref 4f5e-1; "), "{request}");
    assert!(request.contains("Connection: close\r\n"), "{request}");
}

#[tokio::test]
async fn a_text_is_found_in_the_body_only_with_a_good_status() {
    let search = |raw: &mut RawHealthCheckConfig| raw.search_string = Some("OK".to_owned());
    let missing = "not: The search string was not found in the first 5120 bytes of the response body.";
    for (answer, expect) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nall OK", "HTTP Status Code 200, OK"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nO\r\n1\r\nK\r\n0\r\n\r\n",
            "HTTP Status Code 200, OK",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nall ok", missing),
        (
            "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nOK",
            "not: HTTP Status Code 500, Internal Server Error",
        ),
    ] {
        let server = Server::http(answer).await;
        assert_eq!(seen(&server, "HTTP_STR_MATCH", search).await, expect, "{answer}");
    }
    let half = Server::http("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nall").await;
    half.hold();
    let hurried = Deadlines { body: Duration::from_millis(30), ..Deadlines::default() };
    let late = seen_within(half.address, "HTTP_STR_MATCH", &hurried, search).await;
    assert_eq!(late, "not: The endpoint did not send the response body within the timeout limit.");
}

#[tokio::test]
async fn a_response_must_come_in_time_and_be_well_formed() {
    let silent = Server::silent().await;
    let hurried = Deadlines { response: Duration::from_millis(30), ..Deadlines::default() };
    let late = seen_within(silent.address, "HTTP", &hurried, |_| {}).await;
    assert_eq!(late, "not: The endpoint did not send a response within the timeout limit.");
    let long = |filler: usize| format!("HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 0\r\n\r\n", "x".repeat(filler));
    for (answer, expect) in [
        (long(16_000), "HTTP Status Code 200, OK"),
        (long(17_000), "not: The response headers are longer than 16384 bytes."),
        ("SSH-2.0-OpenSSH_9\r\n".to_owned(), "not: The response is not well-formed HTTP."),
        (String::new(), "not: The endpoint closed the connection before the response was complete."),
    ] {
        let server = Server::http(&answer).await;
        assert_eq!(seen(&server, "HTTP", |_| {}).await, expect);
    }
}

#[tokio::test]
async fn tcp_needs_a_connection_and_nothing_else() {
    let silent = Server::silent().await;
    assert_eq!(seen(&silent, "TCP", |_| {}).await, "Connection established");
    // Bound and not listening: the port stays ours, and connecting is refused.
    let closed = TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let refused = seen_within(closed.local_addr().unwrap(), "TCP", &Deadlines::default(), |_| {}).await;
    assert_eq!(refused, "not: The endpoint refused the connection.");
}

#[tokio::test]
async fn tcp_waits_longer_for_a_connection_than_http() {
    let Deadlines { tcp_connect, connect, .. } = Deadlines::default();
    assert!(connect < Duration::from_secs(5) && Duration::from_secs(5) < tcp_connect);
    // A listener whose queue is full: the next connection is neither taken nor refused.
    let full = TcpSocket::new_v4().unwrap();
    full.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = full.listen(1).unwrap();
    let socket = full.local_addr().unwrap();
    let short = Duration::from_millis(30);
    let mut queued = Vec::new();
    while let Ok(stream) = tcp::connect(socket, short).await {
        queued.push(stream);
    }
    let timed_out = "not: The health checker could not establish a connection within the timeout limit.";
    let http_only = Deadlines { connect: short, tcp_connect: Duration::from_secs(60), ..Deadlines::default() };
    assert_eq!(seen_within(socket, "HTTP", &http_only, |_| {}).await, timed_out);
    let tcp_only = Deadlines { connect: Duration::from_secs(60), tcp_connect: short, ..Deadlines::default() };
    assert_eq!(seen_within(socket, "TCP", &tcp_only, |_| {}).await, timed_out);
}

#[tokio::test]
async fn a_name_is_resolved_to_ipv4_and_the_address_told_with_a_failure() {
    let server = Server::http(&status("404 Not Found")).await;
    let named = |name: &'static str| {
        move |raw: &mut RawHealthCheckConfig| {
            (raw.ip_address, raw.fully_qualified_domain_name) = (None, Some(name.to_owned()));
        }
    };
    let found = seen(&server, "HTTP", named("localhost")).await;
    assert_eq!(found, "not: Resolved IP: 127.0.0.1. HTTP Status Code 404, Not Found");
    let unknown = seen(&server, "HTTP", named("nothing-here.invalid")).await;
    assert!(unknown.starts_with("not: DNS resolution failed: "), "{unknown}");
}

#[tokio::test]
async fn an_expired_certificate_is_healthy_and_its_name_goes_with_the_handshake() {
    let server = Server::https(&status("200 OK"), certificate::EXPIRED).await;
    let named = |name: &'static str| {
        move |raw: &mut RawHealthCheckConfig| raw.fully_qualified_domain_name = Some(name.to_owned())
    };
    assert_eq!(seen(&server, "HTTPS", named("w.test")).await, "HTTP Status Code 200, OK");
    assert_eq!(server.names(), [Some("w.test".to_owned())]);
    // The certificate does not name this one: a second handshake without the name decides.
    assert_eq!(seen(&server, "HTTPS", named("other.test")).await, "HTTP Status Code 200, OK");
    assert_eq!(server.names(), [Some("other.test".to_owned()), None]);
    let off = |raw: &mut RawHealthCheckConfig| {
        (raw.fully_qualified_domain_name, raw.enable_sni) = (Some("w.test".to_owned()), Some(false));
    };
    assert_eq!(seen(&server, "HTTPS", off).await, "HTTP Status Code 200, OK");
    assert_eq!(seen(&server, "HTTPS", |_| {}).await, "HTTP Status Code 200, OK");
    assert_eq!(server.names(), [None, None]);
}

#[tokio::test]
async fn a_failed_handshake_is_told_with_the_alert_or_the_fault() {
    let server = Server::https_for_names_only(&status("200 OK"), certificate::EXPIRED).await;
    let seen = seen(&server, "HTTPS", |_| {}).await;
    // rustls says access_denied where OpenSSL says handshake_failure.
    assert_eq!(seen, "not: SSL alert access_denied");
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let socket = plain.local_addr().unwrap();
    let talking = tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        stream.write_all(status("400 Bad Request").as_bytes()).await.unwrap();
        stream
    });
    let no_tls = seen_within(socket, "HTTPS", &Deadlines::default(), |_| {}).await;
    drop(talking.await.unwrap());
    assert!(no_tls.starts_with("not: The TLS handshake failed: "), "{no_tls}");
}
