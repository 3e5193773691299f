//! Zone files into a store and back: the same zone, in one revision.

use super::*;
use crate::stickiness::STICKY_NAMES_MAX;
use crate::testing::{Scratch, alias, listed, meta, name, random, set, zone};

fn file(sets: &[&str]) -> Vec<RecordSet> {
    let apex = ["example.com SOA a. b. 1 2 3 4 5", "example.com NS ns.other.test"];
    apex.iter().chain(sets).map(|text| set(text)).collect()
}

async fn take(store: &Store, sets: Vec<RecordSet>) -> Result<Imported, ImportError> {
    let into = Into::Named(name("example.com"));
    import(store, meta(), &random(), into, sets, &Delegation::default(), &Limits::default()).await
}

fn exported(store: &Store, id: &HostedZoneId) -> Vec<RecordSet> {
    let mut sets = Vec::new();
    export(store, id, |set| sets.push(set)).unwrap();
    sets
}

#[tokio::test]
async fn an_import_makes_the_zone_what_the_file_says() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let sets =
        file(&["www.example.com A 10.0.0.1", "old.example.com DNAME other.test.", "x.example.com TYPE65400 \\# 1 ff"]);
    let first = take(&store, sets).await.unwrap();
    assert!((first.created, first.put, first.zone.record_set_count) == (true, 5, 5));
    assert_eq!(first.zone.name_servers, [name("ns.other.test")], "the delegation set is the file's");
    let sets = file(&["www.example.com A 10.0.0.2", "new.example.com A 10.0.0.3"]);
    let second = take(&store, sets.clone()).await.unwrap();
    assert_eq!((second.created, second.put, second.deleted), (false, 2, 2));
    assert_eq!((second.zone.id.clone(), second.zone.record_set_count), (first.zone.id, 4));
    let mut expected = sets;
    expected.sort_by_key(|set| record_key(&second.zone.id, set));
    assert_eq!(exported(&store, &second.zone.id), expected);
    assert_eq!(listed(&store, &second.zone.id, 3), expected);
    assert_eq!(store.log_after(store::Revision(1), 9).unwrap().len(), 1, "one import is one revision");
}

#[tokio::test]
async fn the_same_file_again_changes_no_record_set() {
    let scratch = Scratch::new();
    let store = scratch.store();
    take(&store, file(&["www.example.com A 10.0.0.1"])).await.unwrap();
    let again = take(&store, file(&["www.example.com A 10.0.0.1"])).await.unwrap();
    assert_eq!((again.put, again.deleted), (0, 0));
}

#[tokio::test]
async fn a_file_against_the_rules_changes_nothing() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let refused = take(&store, vec![set("www.example.com A 10.0.0.1")]).await.unwrap_err();
    assert!(refused.to_string().contains("exactly one SOA"), "{refused}");
    let refused = take(&store, file(&["www.other.test A 10.0.0.1"])).await.unwrap_err();
    assert!(refused.to_string().contains("is not permitted in zone example.com."), "{refused}");
    assert_eq!(store.revision().0, 0);
}

#[tokio::test]
async fn a_name_with_two_zones_needs_an_id() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (one, _two) = (zone(&store, "example.com").await, zone(&store, "example.com").await);
    assert!(matches!(take(&store, file(&[])).await, Err(ImportError::Ambiguous(ids)) if ids.len() == 2));
    let into = Into::Existing(one.id.clone());
    let done = import(&store, meta(), &random(), into, file(&[]), &Delegation::default(), &Limits::default()).await;
    assert_eq!(done.unwrap().zone.id, one.id);
}

#[tokio::test]
async fn imported_aliases_protect_their_targets() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = take(&store, file(&[])).await.unwrap().zone;
    let mut sets = file(&["www.example.com A 10.0.0.1"]);
    sets.push(alias("a.example.com A", &zone.id, "www.example.com"));
    take(&store, sets).await.unwrap();
    let delete = || crate::testing::batch(model::change::Action::Delete, [set("www.example.com A 10.0.0.1")]);
    assert!(crate::testing::change(&store, &zone.id, delete()).await.is_err());
    take(&store, file(&["www.example.com A 10.0.0.1"])).await.unwrap();
    assert!(crate::testing::change(&store, &zone.id, delete()).await.is_ok());
}

#[tokio::test]
async fn a_file_says_which_names_are_sticky_and_record_sets_alone_do_not() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let by = |ipv4| Stickiness::new(ipv4, 56).unwrap();
    let with = |names: &[(&str, i64)]| Contents {
        record_sets: file(&["www.example.com A 10.0.0.1"]),
        sticky: Some(names.iter().map(|(text, ipv4)| (name(text), by(*ipv4))).collect()),
    };
    let take = async |contents: Contents| {
        let into = Into::Named(name("example.com"));
        import(&store, meta(), &random(), into, contents, &Delegation::default(), &Limits::default()).await
    };
    let first = take(with(&[("www.example.com", 24), ("b.example.com", 24)])).await.unwrap();
    let sticky = || export(&store, &first.zone.id, |_| {}).unwrap().1;
    assert_eq!(sticky(), [(name("b.example.com"), by(24)), (name("www.example.com"), by(24))]);
    take(Contents::from(file(&[]))).await.unwrap();
    assert_eq!(sticky().len(), 2);
    let last = take(with(&[("www.example.com", 20)])).await.unwrap();
    assert_eq!((sticky(), last.put), (vec![(name("www.example.com"), by(20))], 1));
    let many: Vec<String> = (0..=STICKY_NAMES_MAX).map(|n| format!("n{n}.example.com")).collect();
    let many: Vec<(&str, i64)> = many.iter().map(|name| (name.as_str(), 24)).collect();
    let fault = take(with(&many)).await.unwrap_err();
    assert!(matches!(fault, ImportError::TooManySticky(_)), "{fault}");
    assert_eq!(sticky().len(), 1);
    let back = crate::history::Back::To(first.change.revision);
    crate::history::go_back(&store, meta(), &random(), &first.zone.id, back, None, None).await.unwrap();
    assert_eq!(sticky().len(), 2);
}
