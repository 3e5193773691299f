//! The past of a small zone, asked of a server that started after it.

use answer::Places;
use model::change::Action;
use model::health_check::{HealthCheckConfig, RawHealthCheckConfig};
use model::limits::Limits;
use model::{RecordSet, RecordType};
use tokio::sync::watch;

use super::*;
use crate::history::Base;
use crate::testing::{Scratch, batch, change, meta, name, random, set, weighted, zone};
use crate::{Views, health_checks, publish};

/// What a name's A records were at a revision; `failing` fails now.
fn then(store: &Store, owner: &str, revision: u64, failing: Option<&HealthCheckId>) -> Result<Vec<String>, String> {
    let verdicts = watch::channel(Arc::default()).1;
    let publisher = publish::start(store, verdicts, Arc::new(Places::default()), 7).unwrap();
    let view = Views::new(publisher.view()).current();
    let question =
        Question { name: name(owner), record_type: RecordType::A, address: [192, 0, 2, 9].into(), subnet: None };
    let when = When { base: Base::Revision(revision), back: 0 };
    let standing = |id: &HealthCheckId| failing.map(|failing| failing != id);
    let may = |_: &HostedZoneId| Ok::<_, ExplainError>(());
    let then = past(store, &view, &question, (&when, 0), &standing, may).map_err(|error| error.to_string())?;
    let told = explain(&then, &question, Some(0), &random());
    assert_eq!((told.revision, told.draw), (revision, 0));
    Ok(told.explanation.possible.answers.iter().map(Possible::what).collect())
}

#[tokio::test]
async fn a_check_that_no_record_set_names_any_more_still_fails() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let raw = RawHealthCheckConfig {
        kind: "HTTP".into(),
        ip_address: Some("192.0.2.1".into()),
        port: Some(80),
        ..RawHealthCheckConfig::default()
    };
    let config = HealthCheckConfig::parse(&raw).unwrap();
    let check = health_checks::create(&store, meta(), &random(), "1".into(), config, &Limits::default()).await.unwrap();
    let blue = weighted("www.example.com A 10.0.0.1", "blue", 3);
    let checked = RecordSet { health_check: Some(check.id.clone()), ..blue.clone() };
    let group = [checked, weighted("www.example.com A 10.0.0.2", "green", 1)];
    change(&store, &zone.id, batch(Action::Create, group)).await.unwrap();
    let named = store.revision().0;
    change(&store, &zone.id, batch(Action::Upsert, [blue])).await.unwrap();
    let both = ["10.0.0.1".to_owned(), "10.0.0.2".to_owned()];
    assert_eq!(then(&store, "www.example.com", named, None).unwrap(), both);
    assert_eq!(then(&store, "www.example.com", named, Some(&check.id)).unwrap(), ["10.0.0.2"]);
    assert_eq!(then(&store, "www.example.com", store.revision().0, Some(&check.id)).unwrap(), both);
}

#[tokio::test]
async fn before_a_zone_was_made_the_one_above_it_answered() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let above = zone(&store, "example.com").await;
    change(&store, &above.id, batch(Action::Create, [set("www.sub.example.com A 10.0.0.1")])).await.unwrap();
    let before = store.revision().0;
    let below = zone(&store, "sub.example.com").await;
    change(&store, &below.id, batch(Action::Create, [set("www.sub.example.com A 10.0.0.2")])).await.unwrap();
    let told = |revision| then(&store, "www.sub.example.com", revision, None);
    assert_eq!(told(store.revision().0).unwrap(), ["10.0.0.2"]);
    assert_eq!(told(before).unwrap(), ["10.0.0.1"]);
    let fault = format!("hosted zone {} did not exist at revision: 0", below.id);
    assert_eq!(told(0).unwrap_err(), fault, "where none was, the one of now is named");
    assert!(then(&store, "other.test", before, None).unwrap_err().starts_with("no hosted zone here holds"));
}
