//! Commands and the writer against a real store and real files.

use std::fs;
use std::sync::atomic::Ordering;

use model::RecordType;
use model::hosted_zone::Visibility;

use super::*;
use crate::testing::{Scratch, meta, name, random, zone};

fn arn(group: &str) -> LogGroupArn {
    LogGroupArn::parse(&format!("arn:aws:logs:us-east-1:123456789012:log-group:{group}")).unwrap()
}

async fn created(store: &Store, zone: &HostedZoneId, group: &str) -> Result<QueryLoggingConfig, CreateError> {
    create(store, meta(), &random(), zone, arn(group)).await
}

fn query(zone: &HostedZoneId, qname: &str) -> Query {
    Query {
        at_ms: 0,
        zone: zone.clone(),
        qname: name(qname),
        qtype: RecordType::A,
        rcode: 0,
        protocol: Protocol::Udp,
        resolver: "192.0.2.1".parse().unwrap(),
        subnet: None,
    }
}

#[tokio::test]
async fn a_zone_has_one_configuration_that_goes_with_it() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let first = zone(&store, "example.com").await;
    let config = created(&store, &first.id, "/a").await.unwrap();
    assert_eq!(find(&store, &config.id).unwrap(), Some(config.clone()));
    assert_eq!(of_zone(&store, &first.id).unwrap(), Some(config.clone()));
    assert!(matches!(created(&store, &first.id, "/b").await, Err(CreateError::AlreadyExists(_))));
    let nobody = HostedZoneId::parse("ZNOBODY").unwrap();
    assert!(matches!(created(&store, &nobody, "/a").await, Err(CreateError::NoSuchHostedZone(_))));
    assert!(matches!(of_zone(&store, &nobody), Err(ListError::NoSuchHostedZone(_))));

    let second = zone(&store, "example.org").await;
    assert_eq!(of_zone(&store, &second.id).unwrap(), None);
    created(&store, &second.id, "/a").await.unwrap();
    let page = list(&store, None, 1).unwrap();
    assert_eq!((page.items.len(), list(&store, page.next.as_ref(), 1).unwrap().items.len()), (1, 1));

    delete(&store, meta(), &config.id).await.unwrap();
    assert!(matches!(delete(&store, meta(), &config.id).await, Err(DeleteError::NoSuchQueryLoggingConfig(_))));
    let again = created(&store, &first.id, "/b").await.unwrap();
    crate::hosted_zones::delete(&store, meta(), &random(), &first.id).await.unwrap();
    assert_eq!(find(&store, &again.id).unwrap(), None);
}

#[tokio::test]
async fn private_zones_have_none() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let facts = zone(&store, "example.com").await;
    let private = HostedZone { visibility: Visibility::Private { vpcs: Vec::new() }, ..facts.clone() };
    let hide = write(&store, meta(), move |transaction| {
        put(transaction, &keys::zone(&private.id), &private);
        Ok::<_, StorageError>(())
    });
    hide.await.unwrap();
    assert!(matches!(created(&store, &facts.id, "/a").await, Err(CreateError::Private(_))));
}

#[tokio::test]
async fn lines_go_to_the_file_of_their_group_and_files_rotate() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (one, two) = (zone(&store, "example.com").await.id, zone(&store, "example.org").await.id);
    let folder = scratch.path().join("query-logs");
    // Two lines fill a file, and three files are kept.
    let rotation = Rotation { file_bytes_max: 150, files_max: 3 };
    let sink = Sink::Folder(folder.clone());
    let mut logs = QueryLogs::new(&store, sink, "here".to_owned(), rotation).unwrap();
    logs.write(&[query(&one, "lost.example.com")]);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "nothing is logged yet");

    created(&store, &one, "/q/one").await.unwrap();
    let of_two = created(&store, &two, "/q/two").await.unwrap();
    logs.write(&[query(&one, "a.example.com"), query(&two, "b.example.org"), query(&one, "c.example.com")]);
    let file = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    let line = |zone: &HostedZoneId, qname: &str| {
        format!("1.0 1970-01-01T00:00:00.000Z {zone} {qname} A NOERROR UDP here 192.0.2.1 -\n")
    };
    assert_eq!(file("+q+one.log"), line(&one, "a.example.com") + &line(&one, "c.example.com"));
    assert_eq!(file("+q+two.log"), line(&two, "b.example.org"));

    for qname in ["d.example.com", "e.example.com", "f.example.com", "g.example.com", "h.example.com"] {
        logs.write(&[query(&one, qname)]);
    }
    assert_eq!(file("+q+one.log"), line(&one, "h.example.com"));
    assert_eq!(file("+q+one.log.1"), line(&one, "f.example.com") + &line(&one, "g.example.com"));
    assert_eq!(file("+q+one.log.2"), line(&one, "d.example.com") + &line(&one, "e.example.com"));
    assert!(!folder.join("+q+one.log.3").exists());

    delete(&store, meta(), &of_two.id).await.unwrap();
    logs.write(&[query(&two, "late.example.org")]);
    assert_eq!(file("+q+two.log"), line(&two, "b.example.org"), "what was written stays");
    assert_eq!(logs.counts().written.load(Ordering::Relaxed), 8);

    // The folder is gone: lines are counted as lost, and writing goes on once it is back.
    fs::remove_dir_all(&folder).unwrap();
    for qname in ["i.example.com", "j.example.com"] {
        logs.write(&[query(&one, qname)]);
    }
    assert_eq!(logs.counts().lost.load(Ordering::Relaxed), 1);
    fs::create_dir(&folder).unwrap();
    logs.write(&[query(&one, "k.example.com")]);
    assert_eq!(file("+q+one.log"), line(&one, "k.example.com"));
}
