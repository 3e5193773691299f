//! AWS's brakes over a real socket, as SDKs meet them: both are off unless somebody asks for them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use std::sync::mpsc;

use api::{Pace, Rate};
use control::Meta;
use server::{NOW_MS, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn ask(server: &Server, line: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let length = body.len();
    let request =
        format!("{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

#[tokio::test]
async fn who_is_too_fast_is_told_as_aws_does() {
    let server = Server::paced(Pace::new(Some(Rate { per_second: 5, burst: 3 }), false)).await;
    // The clock stands still, so nothing is refilled.
    for _ in 0..3 {
        assert!(ask(&server, "GET /2013-04-01/hostedzone", "").await.starts_with("HTTP/1.1 200"));
    }
    let refused = ask(&server, "GET /2013-04-01/hostedzone", "").await;
    assert!(refused.starts_with("HTTP/1.1 400") && refused.contains("<Type>Sender</Type>"), "{refused}");
    assert!(refused.contains("<Code>Throttling</Code><Message>Rate exceeded</Message>"), "{refused}");
}

#[tokio::test]
async fn one_batch_at_a_time_where_it_is_asked_for() {
    for (is_asked_for, refused) in [(true, 1), (false, 0)] {
        let server = Server::paced(Pace::new(None, is_asked_for)).await;
        let zone = "<CreateHostedZoneRequest><Name>ex.test</Name><CallerReference>1</CallerReference></CreateHostedZoneRequest>";
        let created = ask(&server, "POST /2013-04-01/hostedzone", zone).await;
        let id = created.split("<Id>/hostedzone/").nth(1).unwrap().split('<').next().unwrap();
        let batch = "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>UPSERT</Action><ResourceRecordSet>\
            <Name>a.ex.test</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value>\
            </ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>";
        let line = format!("POST /2013-04-01/hostedzone/{id}/rrset");

        // While the store is held, no batch can end; so of three, the first to come has the turn.
        let (release, held) = mpsc::channel::<()>();
        let store = server.store.clone();
        let holding = std::thread::spawn(move || {
            let _ = store.write_blocking(Meta::new("test", NOW_MS), move |_| Err::<(), _>(held.recv()));
        });
        let mut batches = tokio::task::JoinSet::new();
        let server = std::sync::Arc::new(server);
        for _ in 0..3 {
            let (server, line) = (server.clone(), line.clone());
            batches.spawn(async move { ask(&server, &line, batch).await });
        }
        for _ in 0..2 * refused {
            let answer = batches.join_next().await.unwrap().unwrap();
            assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
            let told = "<Code>PriorRequestNotComplete</Code><Message>The request was rejected because Route 53 was still \
                processing a prior request.</Message>";
            assert!(answer.contains(told), "{answer}");
        }
        drop(release);
        while let Some(answer) = batches.join_next().await {
            let answer = answer.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
        holding.join().unwrap();
        assert!(ask(&server, &line, batch).await.starts_with("HTTP/1.1 200"));
    }
}
