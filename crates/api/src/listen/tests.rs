//! The listener over a real socket: limits, strangers, foreign pages, and an orderly end.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;

use super::*;
use crate::message::{Request, plain};
use crate::route::{Native, Pending, Probes};

struct Well;
impl Probes for Well {
    fn ready(&self) -> Result<(), String> {
        Ok(())
    }
    fn metrics(&self) -> String {
        "cutover_up 1\n".to_owned()
    }
}

fn routes(open: bool) -> Routes {
    Routes {
        route53: crate::route53::testing::route53(),
        native: None,
        probes: Arc::new(Well),
        credential_of: Arc::new(|_| None),
        now_ms: Arc::new(|| 1_795_417_200_000),
        open,
        operator_token: Some("let-me-in".to_owned()),
        requests: Arc::default(),
        audit: None,
    }
}

/// Starts a server, sends each text on a connection of its own, and stops it; gives the answers.
async fn exchange(routes: Routes, limits: Limits, requests: &[String]) -> Vec<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(listen(listener, routes, limits, async { drop(stopped.await) }));
    let mut answers = Vec::new();
    for request in requests {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        answers.push(String::from_utf8(answer).unwrap());
    }
    stop.send(()).unwrap();
    server.await.unwrap();
    answers
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
}

#[tokio::test]
async fn an_operation_is_carried_out_and_carries_a_request_id() {
    let request = get("/2013-04-01/checkeripranges", "");
    let answer = exchange(routes(true), Limits::default(), &[request]).await.remove(0);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("content-type: text/xml\r\n"), "{answer}");
    assert!(answer.contains("x-amzn-requestid: "), "{answer}");
    assert!(
        answer
            .ends_with("<CheckerIpRanges><member>192.0.2.0/24</member></CheckerIpRanges></GetCheckerIpRangesResponse>")
    );
}

#[tokio::test]
async fn reads_want_a_signature_too() {
    let signed = "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/route53/aws4_request, \
                  SignedHeaders=host;x-amz-date, Signature=00\r\nX-Amz-Date: 20261123T070000Z\r\n";
    let requests = [get("/2013-04-01/checkeripranges", ""), get("/2013-04-01/checkeripranges", signed)];
    let answers = exchange(routes(false), Limits::default(), &requests).await;
    assert!(answers[0].starts_with("HTTP/1.1 403") && answers[0].contains("<Code>MissingAuthenticationToken</Code>"));
    assert!(answers[1].starts_with("HTTP/1.1 403") && answers[1].contains("<Code>InvalidClientTokenId</Code>"));
}

#[tokio::test]
async fn what_is_there_and_what_does_not_exist_are_told_apart() {
    let requests = [
        get("/2013-04-01/queryloggingconfig", ""),
        get("/2013-04-01/nothing", ""),
        get("/nothing", ""),
        get("/v1/deployments", ""),
    ];
    let answers = exchange(routes(true), Limits::default(), &requests).await;
    assert!(answers[0].starts_with("HTTP/1.1 200") && answers[0].contains("<ListQueryLoggingConfigsResponse"));
    assert!(answers[1].starts_with("HTTP/1.1 404") && answers[1].contains("<Code>UnknownOperationException</Code>"));
    assert!(answers[2].starts_with("HTTP/1.1 404") && answers[3].starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn the_operator_is_admitted_by_the_token_and_nobody_by_another() {
    let requests = ["let-me-in", "let-me-ix", ""]
        .map(|token| get("/2013-04-01/checkeripranges", &format!("Authorization: Bearer {token}\r\n")));
    let answers = exchange(routes(false), Limits::default(), &requests).await;
    assert!(answers[0].starts_with("HTTP/1.1 200"), "{}", answers[0]);
    assert!(answers[1].starts_with("HTTP/1.1 4") && answers[2].starts_with("HTTP/1.1 4"), "{answers:?}");
}

#[tokio::test]
async fn the_server_tells_about_itself_without_a_signature() {
    let requests = [get("/healthz", ""), get("/readyz", ""), get("/metrics", "")];
    let answers = exchange(routes(false), Limits::default(), &requests).await;
    assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 200")));
    assert!(answers[2].ends_with("cutover_up 1\n"));
}

/// A native API that waits until it is told to answer: it began, it may end, it has ended.
struct Slow(Semaphore, Semaphore, Semaphore);
impl Native for Slow {
    fn respond<'a>(&'a self, request: &'a Request) -> Pending<'a> {
        Box::pin(async move {
            self.0.add_permits(1);
            let _told = self.1.acquire().await;
            self.2.add_permits(1);
            plain(200, format!("{} at {}", request.sender.author(), request.at_ms))
        })
    }
    fn refuse(&self, refusal: Refusal, _request_id: &str) -> Response {
        plain(401, refusal.to_string())
    }
}

#[tokio::test]
async fn a_request_under_way_is_answered_after_the_stop() {
    let slow = Arc::new(Slow(Semaphore::new(0), Semaphore::new(0), Semaphore::new(0)));
    let routes = Routes { native: Some(Arc::clone(&slow) as Arc<dyn Native>), ..routes(true) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(listen(listener, routes, Limits::default(), async { drop(stopped.await) }));
    stream.write_all(b"GET /v1/x HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let _started = slow.0.acquire().await.unwrap();
    stop.send(()).unwrap();
    slow.1.add_permits(1);
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("anyone at 1795417200000"), "{answer}");
    server.await.unwrap();
}

#[tokio::test]
async fn a_client_that_leaves_stops_nothing_half_way() {
    let slow = Arc::new(Slow(Semaphore::new(0), Semaphore::new(0), Semaphore::new(0)));
    let routes = Routes { native: Some(Arc::clone(&slow) as Arc<dyn Native>), ..routes(true) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(listen(listener, routes, Limits::default(), async { drop(stopped.await) }));
    stream.write_all(b"PUT /v1/x HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let _began = slow.0.acquire().await.unwrap();
    drop(stream);
    stop.send(()).unwrap();
    // The connection is gone, and so is all that held it.
    server.await.unwrap();
    slow.1.add_permits(1);
    let _ended = slow.2.acquire().await.unwrap();
}

#[tokio::test]
async fn the_native_api_words_its_own_refusals() {
    let slow = Arc::new(Slow(Semaphore::new(0), Semaphore::new(0), Semaphore::new(0)));
    let routes = Routes { native: Some(slow), ..routes(false) };
    let answer = exchange(routes, Limits::default(), &[get("/v1/x", "")]).await.remove(0);
    assert!(answer.starts_with("HTTP/1.1 401") && answer.ends_with("Missing Authentication Token"), "{answer}");
}

#[tokio::test]
async fn a_long_body_and_a_foreign_page_are_refused() {
    let limits = Limits { body_bytes: 10, ..Limits::default() };
    let long = "POST /2013-04-01/hostedzone HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\nConnection: close\r\n\r\n01234567890";
    let foreign = get("/2013-04-01/checkeripranges", "Origin: https://evil.test\r\n");
    let own = get("/2013-04-01/checkeripranges", "Origin: http://localhost\r\n");
    let answers = exchange(routes(true), limits, &[long.to_owned(), foreign, own]).await;
    assert!(answers[0].starts_with("HTTP/1.1 413") && answers[0].contains("larger than 10 bytes"));
    assert!(answers[1].starts_with("HTTP/1.1 403") && answers[1].contains("https://evil.test"));
    assert!(answers[2].starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_body_announced_too_long_is_refused_before_it_is_read() {
    // Nothing of the body is ever sent, so an answer can only be made from the announcement.
    let head = "POST /2013-04-01/hostedzone HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n";
    let answers = exchange(routes(false), Limits::default(), &[head.to_owned()]).await;
    assert!(answers[0].starts_with("HTTP/1.1 413"), "{}", answers[0]);
}

#[tokio::test]
async fn an_open_server_answers_for_names_of_loopback_only() {
    let rebound = "GET /2013-04-01/checkeripranges HTTP/1.1\r\nHost: evil.test:8053\r\nConnection: close\r\n\r\n";
    let hostless = "GET /2013-04-01/checkeripranges HTTP/1.1\r\nConnection: close\r\n\r\n";
    let answers = exchange(routes(true), Limits::default(), &[rebound.to_owned(), hostless.to_owned()]).await;
    assert!(answers[0].starts_with("HTTP/1.1 403") && answers[0].contains("use one of them: evil.test:8053"));
    assert!(answers[1].starts_with("HTTP/1.1 400") && answers[1].ends_with("a request needs one Host header\n"));
}

#[tokio::test]
async fn requests_are_counted_by_operation_and_status() {
    let routes = routes(true);
    let counted = Arc::clone(&routes.requests);
    let paths = ["checkeripranges", "checkeripranges", "change/C1", "nothing"];
    let requests = paths.map(|path| get(&format!("/2013-04-01/{path}"), ""));
    exchange(routes, Limits::default(), &[&requests[..], &[get("/healthz", "")]].concat()).await;
    let expect = [("GetChange", 404, 1), ("GetCheckerIpRanges", 200, 2), ("none", 404, 1)];
    assert_eq!(counted.counts(), expect);
}

#[tokio::test]
async fn the_body_of_a_stranger_takes_no_memory_from_others() {
    // All the memory for bodies is one body; strangers announce as much and send nothing for now.
    let limits = Limits { body_bytes: 8192, bodies_bytes: 8192, ..Limits::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(listen(listener, routes(false), limits, async { drop(stopped.await) }));
    let head = "POST /2013-04-01/hostedzone HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 8192\r\n\r\n";
    let mut strangers = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        strangers.push(stream);
    }
    for mut stream in strangers.into_iter().rev() {
        stream.write_all(&[b'x'; 8192]).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("MissingAuthenticationToken"), "{answer}");
    }
    stop.send(()).unwrap();
    server.await.unwrap();
}

#[tokio::test]
async fn one_address_cannot_take_all_memory_for_bodies() {
    let limits = Limits { body_bytes: 8192, bodies_bytes: 16384, ..Limits::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(listen(listener, routes(true), limits, async { drop(stopped.await) }));
    let head =
        "POST /2013-04-01/hostedzone HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 8192\r\n\r\n";
    let mut silent = Vec::new();
    for _ in 0..4 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        silent.push(stream);
    }
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = socket.connect(address).await.unwrap();
    other.write_all(&[head.as_bytes(), &[b'x'; 8192]].concat()).await.unwrap();
    let mut answer = String::new();
    other.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    // It was not their end that made room.
    assert!(silent.iter().all(|stream| stream.try_read(&mut [0]).is_err()));
    drop(silent);
    stop.send(()).unwrap();
    server.await.unwrap();
}

#[tokio::test]
async fn one_address_cannot_take_all_connections() {
    let limits = Limits { connections_per_source: 1, ..Limits::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(listen(listener, routes(true), limits, async { drop(stopped.await) }));
    let mut first = TcpStream::connect(address).await.unwrap();
    let mut second = TcpStream::connect(address).await.unwrap();
    let mut answer = String::new();
    // Closed without a word: by an end, or by a reset where something was sent already.
    assert!(matches!(second.read_to_string(&mut answer).await, Ok(0) | Err(_)), "{answer}");
    first.write_all(get("/healthz", "").as_bytes()).await.unwrap();
    first.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    stop.send(()).unwrap();
    server.await.unwrap();
}

#[tokio::test]
async fn who_sends_too_slowly_is_not_waited_for() {
    let wait = Duration::from_millis(30);
    let limits = Limits { header_wait: wait, body_wait: wait, ..Limits::default() };
    let begun = "POST /2013-04-01/hostedzone HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n<Create";
    let head = "GET /2013-04-01/hostedzone HTTP/1.1\r\nHost: local";
    // Neither sends more nor closes; that the exchange ends is the server's doing.
    let answers = exchange(routes(true), limits, &[begun.to_owned(), head.to_owned()]).await;
    assert!(answers[0].starts_with("HTTP/1.1 400") && answers[0].contains("did not arrive whole"), "{}", answers[0]);
    assert!(answers[1].is_empty() || answers[1].starts_with("HTTP/1.1 408"), "{}", answers[1]);
}
