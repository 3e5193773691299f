//! Hooks over HTTP, against real sockets on loopback.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::time::Duration;

use hook::{Caller, Config};
use model::deployment::{HookAnswer, HookCall, HookCallId, HookOutcome, HookTarget, HttpHook, Period};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const BODY: &str = r#"{"deployment":"D1","phase":"Progressing"}"#;

/// Answers one connection after another with these texts (an empty one hangs up, `…` says nothing); gives the requests.
async fn server(answers: &[&str]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?a=b", listener.local_addr().unwrap());
    let answers: Vec<String> = answers.iter().map(ToString::to_string).collect();
    let task = tokio::spawn(async move {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(BODY.as_bytes()) {
                let read = stream.read_buf(&mut request).await.unwrap();
                assert!(read > 0, "the request ended early");
            }
            requests.push(String::from_utf8(request).unwrap());
            if answer == "…" {
                std::future::pending::<()>().await;
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        requests
    });
    (url, task)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

fn caller() -> Caller {
    let secrets = BTreeMap::from([("ci".to_owned(), b"very secret".to_vec())]);
    Caller::new(Config { secrets, attempts: 3, backoff: Duration::from_millis(1), ..Config::default() })
}

async fn call(url: &str, secret: Option<&str>, timeout: Period) -> HookOutcome {
    call_of(url, secret, timeout, true).await
}

async fn call_of(url: &str, secret: Option<&str>, timeout: Period, may_repeat: bool) -> HookOutcome {
    let target = HookTarget::Http(HttpHook { url: url.into(), timeout, secret: secret.map(Into::into) });
    let id = HookCallId("D1/hook/7".into());
    let (name, body, variables) = ("notify".into(), BODY.into(), BTreeMap::new());
    caller().call(&HookCall { id, name, target, body, variables, may_repeat }).await
}

async fn check(answers: &[&str], expect: HookAnswer) -> (HookOutcome, Vec<String>) {
    let (url, task) = server(answers).await;
    let outcome = call(&url, None, Period::from_seconds(15)).await;
    assert_eq!(outcome.answer, expect, "{outcome:?}");
    (outcome, task.await.unwrap())
}

#[tokio::test]
async fn a_hook_gets_a_signed_post_under_the_id_of_its_call() {
    let (url, task) = server(&[&answer("200 OK", "", "fine")]).await;
    let outcome = call(&url, Some("ci"), Period::from_seconds(15)).await;
    assert_eq!((outcome.answer, outcome.code, outcome.output.as_str()), (HookAnswer::Pass, Some(200), "fine"));
    let request = task.await.unwrap().remove(0);
    let header = |name: &str| {
        let line = request.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("{name}: {request}")).split_once(": ").unwrap().1.to_owned()
    };
    assert!(request.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{request}");
    assert_eq!(
        (header("idempotency-key").as_str(), header("content-type").as_str()),
        ("D1/hook/7", "application/json")
    );
    // The other side's check, with its own copy of the secret.
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"very secret");
    let expected = ring::hmac::sign(&key, format!("{}.{BODY}", header("x-timestamp")).as_bytes());
    let hex: String = expected.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(header("x-signature"), format!("sha256={hex}"));
}

#[tokio::test]
async fn answers_are_told_apart() {
    check(&[&answer("204 No Content", "", "")], HookAnswer::Pass).await;
    check(&[&answer("202 Accepted", "", "")], HookAnswer::Wait(None)).await;
    let seven = HookAnswer::Wait(Some(Period::from_seconds(7)));
    check(&[&answer("202 Accepted", "Retry-After: 7\r\n", "")], seven).await;
    check(&[&answer("200 OK", "", r#"{"status":"IN_PROGRESS","retry_after":"7s"}"#)], seven).await;
    let (outcome, _) = check(&[&answer("409 Conflict", "", "not on a Friday")], HookAnswer::Fail).await;
    assert_eq!((outcome.text.as_str(), outcome.output.as_str()), ("status 409 Conflict", "not on a Friday"));
    check(&[&answer("302 Found", "Location: /\r\n", "")], HookAnswer::Error).await;
}

#[tokio::test]
async fn what_may_pass_is_tried_again_under_the_same_id_and_no_more_than_so_often() {
    let broken = answer("503 Service Unavailable", "Retry-After: 0\r\n", "");
    let (_, requests) = check(&[&broken, "", &answer("200 OK", "", "")], HookAnswer::Pass).await;
    let attempts = requests.iter().map(|r| r.lines().find_map(|l| l.strip_prefix("x-attempt: ")).unwrap().to_owned());
    assert_eq!(attempts.collect::<Vec<_>>(), ["1", "2", "3"]);
    assert!(requests.iter().all(|request| request.contains("idempotency-key: D1/hook/7\r\n")));
    let busy = answer("429 Too Many Requests", "", "");
    let (outcome, _) = check(&[&busy, &busy, &busy], HookAnswer::Error).await;
    assert_eq!(outcome.text, "status 429 Too Many Requests (3 tries)");
}

#[tokio::test]
async fn who_has_the_request_and_is_silent_is_not_asked_again() {
    let (url, task) = server(&["…", &answer("200 OK", "", "")]).await;
    let host = url.parse::<http::Uri>().unwrap().authority().unwrap().to_string();
    // The text goes to chat rooms; a path may be a secret.
    let outcome = call(&format!("http://{host}/T0/s3cret?token=1"), None, Period::from_ms(50)).await;
    assert_eq!((outcome.answer, outcome.text), (HookAnswer::Error, format!("no answer in 50ms from http://{host}")));
    task.abort();
}

#[tokio::test]
async fn who_must_not_be_called_twice_is_left_in_doubt() {
    let busy = answer("503 Service Unavailable", "Retry-After: 0\r\n", "");
    let (fine, failed) = (answer("200 OK", "", ""), answer("500 Internal Server Error", "", ""));
    for (answers, expected, text) in [
        // It hung up when it had the request.
        ([&busy, "", &fine], HookAnswer::InDoubt, "no http answer from "),
        ([&busy, &failed, &fine], HookAnswer::Error, "status 500"),
        ([&busy, "…", &fine], HookAnswer::InDoubt, "no answer in 300ms from "),
    ] {
        let (url, task) = server(&answers).await;
        let outcome = call_of(&url, None, Period::from_ms(300), false).await;
        assert!(outcome.answer == expected && outcome.text.starts_with(text), "{outcome:?}");
        assert!(!task.is_finished(), "the third answer is never asked for");
        task.abort();
    }
}

#[tokio::test]
async fn nobody_there_a_wrong_url_and_an_unknown_secret_are_told() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (url, secret, text) in [
        (format!("http://{address}/"), None, "cannot connect to "),
        ("ftp://127.0.0.1/".to_owned(), None, "its url does not begin with http:// or https://"),
        (format!("http://{address}/"), Some("cd"), "the configuration has no secret under [hooks.secrets]: cd"),
    ] {
        let outcome = call(&url, secret, Period::from_seconds(15)).await;
        assert!(outcome.answer == HookAnswer::Error && outcome.text.starts_with(text), "{outcome:?}");
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let body = "x".repeat(200_000);
    let (outcome, _) = check(&[&answer("200 OK", "", &body)], HookAnswer::Pass).await;
    assert_eq!(outcome.output.len(), model::deployment::HOOK_OUTPUT_MAX);
}
