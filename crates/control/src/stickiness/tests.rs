//! On a real store: what is set is listed, told by the history, brought back by it, and goes with the zone.

use model::change::Action;
use model::hosted_zone::HostedZone;

use super::*;
use crate::history::{self, Back, Conflicting, Fact, FieldChange, RollbackError, StickinessChange, ZoneChange};
use crate::hosted_zones;
use crate::testing::{Scratch, batch, change, meta, name, random, set, weighted, zone};

fn by(ipv4: i64) -> Stickiness {
    Stickiness::new(ipv4, 56).unwrap()
}

async fn make_sticky(store: &Store, zone: &HostedZone, text: &str, ipv4: i64) -> u64 {
    put(store, meta(), &zone.id, &name(text), by(ipv4)).await.unwrap().0
}

fn listed(store: &Store, zone: &HostedZone) -> Vec<(String, u8)> {
    list(store, &zone.id).unwrap().into_iter().map(|(name, set)| (name.to_string(), set.ipv4_prefix())).collect()
}

async fn back(store: &Store, zone: &HostedZone, back: Back) -> Result<history::RolledBack, RollbackError> {
    history::go_back(store, meta(), &random(), &zone.id, back, None, None).await
}

#[tokio::test]
async fn names_are_sticky_until_they_are_not_or_their_zone_is_gone() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (zone, other) = (zone(&store, "example.com").await, zone(&store, "other.test").await);
    make_sticky(&store, &zone, "www.example.com", 24).await;
    make_sticky(&store, &other, "www.other.test", 24).await;
    // A name that has no records yet, and the zone's own.
    make_sticky(&store, &zone, "later.example.com", 24).await;
    let last = make_sticky(&store, &zone, "example.com", 20).await;
    let own = |text: &str, length| (text.to_owned(), length);
    let all = [own("example.com.", 20), own("later.example.com.", 24), own("www.example.com.", 24)];
    assert_eq!(listed(&store, &zone), all);
    assert_eq!(make_sticky(&store, &zone, "example.com", 20).await, last, "nothing changed, so no revision");

    let fault = put(&store, meta(), &zone.id, &name("www.other.test"), by(24)).await.unwrap_err();
    assert_eq!(fault.to_string(), "the name is not in the hosted zone example.com.: www.other.test.");
    let fault = delete(&store, meta(), &zone.id, &name("none.example.com")).await.unwrap_err();
    assert_eq!(fault.to_string(), "the name is not sticky: none.example.com.");
    assert_eq!(store.revision().0, last);

    delete(&store, meta(), &zone.id, &name("www.example.com")).await.unwrap();
    assert_eq!(listed(&store, &zone), all[..2]);
    hosted_zones::delete(&store, meta(), &random(), &zone.id).await.unwrap();
    assert!(matches!(list(&store, &zone.id), Err(ListError::NoSuchHostedZone(_))));
    assert!(matches!(
        put(&store, meta(), &zone.id, &name("example.com"), by(24)).await,
        Err(PutError::NoSuchHostedZone(_))
    ));
    let left = read(&store, |reader| of_zone(reader, &zone.id)).unwrap();
    assert_eq!((left.len(), listed(&store, &other).len()), (0, 1));
}

#[tokio::test]
async fn a_zone_has_so_many_sticky_names() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let id = zone.id.clone();
    let filled = write(&store, meta(), move |transaction| {
        for n in 0..STICKY_NAMES_MAX {
            put_row(transaction, &keys::stickiness(&id, &name(&format!("n{n}.example.com")).sort_key()), &by(24));
        }
        Ok::<_, StorageError>(())
    });
    filled.await.unwrap();
    let more = put(&store, meta(), &zone.id, &name("more.example.com"), by(24)).await;
    assert!(matches!(more, Err(PutError::TooMany)));
    make_sticky(&store, &zone, "n1.example.com", 20).await;
}

#[tokio::test]
async fn the_history_tells_and_brings_back() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let first = make_sticky(&store, &zone, "www.example.com", 24).await;
    let records = [weighted("www.example.com A 10.0.0.1", "a", 1), weighted("www.example.com A 10.0.0.2", "b", 1)];
    let second = change(&store, &zone.id, batch(Action::Create, records.clone())).await.unwrap().revision;
    let third = make_sticky(&store, &zone, "www.example.com", 20).await;
    let fourth = make_sticky(&store, &zone, "b.example.com", 24).await;
    // A batch that takes the records away leaves the setting.
    let fifth = change(&store, &zone.id, batch(Action::Delete, records)).await.unwrap().revision;
    assert_eq!(listed(&store, &zone).len(), 2);

    let rows = history::list(&store, &zone.id, None, Some(&name("www.example.com")), 9).unwrap().items;
    let told: Vec<_> = rows.iter().map(|row| (row.revision, row.change, row.put + row.deleted)).collect();
    let (settings, batch_) = (ZoneChange::Settings, ZoneChange::RecordSets);
    assert_eq!(told, [(fifth, batch_, 2), (third, settings, 0), (second, batch_, 2), (first, settings, 0)]);
    let shown = history::show(&store, &zone.id, third).unwrap();
    let text = |text: &str| Some(Fact::Text(text.to_owned()));
    let (before, after) = ("www.example.com. IPv4 /24, IPv6 /56", "www.example.com. IPv4 /20, IPv6 /56");
    assert_eq!(shown.settings, [FieldChange { field: "sticky", before: text(before), after: text(after) }]);
    assert_eq!((shown.changes, shown.revision.author.as_str()), (Vec::new(), "test"));

    let of = |text: &str, before: Option<i64>, after: Option<i64>| StickinessChange {
        name: name(text),
        before: before.map(by),
        after: after.map(by),
    };
    let diff = |from, to| history::diff(&store, &zone.id, from, to).unwrap().stickiness;
    let b_and_www = [of("b.example.com", None, Some(24)), of("www.example.com", Some(24), Some(20))];
    assert_eq!(diff(second, fifth), b_and_www);
    assert_eq!(diff(fourth, second), [of("b.example.com", Some(24), None), of("www.example.com", Some(20), Some(24))]);
    assert_eq!(diff(fourth, fifth), []);
    let then = |revision| history::stickiness_at(&store, &zone.id, revision).unwrap();
    assert_eq!(then(first), [(name("www.example.com"), by(24))]);
    assert_eq!((then(1), then(fifth).len()), (Vec::new(), 2));

    let Err(RollbackError::Conflicts { conflicts, .. }) = back(&store, &zone, Back::Undo(first)).await else {
        panic!()
    };
    assert_eq!(conflicts[0].with, Conflicting::Stickiness(name("www.example.com")));
    assert_eq!((conflicts.len(), conflicts[0].later.revision), (1, third));
    let done = back(&store, &zone, Back::Undo(third)).await.unwrap();
    assert_eq!(done.stickiness, [of("www.example.com", Some(20), Some(24))]);
    assert!(done.changes.is_empty() && done.change.is_some());
    let done = back(&store, &zone, Back::To(second)).await.unwrap();
    assert_eq!((done.changes.len(), done.stickiness), (2, vec![of("b.example.com", Some(24), None)]));
    assert_eq!(listed(&store, &zone), [("www.example.com.".to_owned(), 24)]);
    let done = back(&store, &zone, Back::To(second)).await.unwrap();
    assert!(done.change.is_none() && done.stickiness.is_empty());
    change(&store, &zone.id, batch(Action::Create, [set("x.example.com A 10.0.0.3")])).await.unwrap();
    hosted_zones::update_comment(&store, meta(), &zone.id, Some("c".into())).await.unwrap();
    let undone = back(&store, &zone, Back::Undo(store.revision().0)).await;
    assert!(matches!(undone, Err(RollbackError::NothingToUndo { .. })));
}
