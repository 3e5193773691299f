//! The past seen from outside: what was listed then must be found again, whichever way it is asked for.

use model::change::Action;
use model::deployment::Period;
use model::hosted_zone::HostedZone;
use model::{Body, Name, Ttl};

use super::*;
use crate::hosted_zones;
use crate::testing::{Scratch, alias, batch, change, listed, meta, random, set, weighted, zone};

async fn upsert(store: &Store, zone: &HostedZone, text: &str) -> u64 {
    change(store, &zone.id, batch(Action::Upsert, [set(text)])).await.unwrap().revision
}

async fn delete(store: &Store, zone: &HostedZone, text: &str) -> u64 {
    change(store, &zone.id, batch(Action::Delete, [set(text)])).await.unwrap().revision
}

async fn back(store: &Store, zone: &HostedZone, back: Back) -> Result<RolledBack, RollbackError> {
    go_back(store, meta(), &random(), &zone.id, back, None, None).await
}

fn rows(store: &Store, zone: &HostedZone) -> Vec<ZoneRevision> {
    list(store, &zone.id, None, None, usize::MAX).unwrap().items
}

fn told(changes: &[RecordSetChange]) -> Vec<String> {
    let one = |change: &RecordSetChange| {
        let sign = match (&change.before, &change.after) {
            (None, _) => '+',
            (_, None) => '-',
            _ => '~',
        };
        let (gone, new) = change.values();
        let fields: Vec<_> =
            change.fields().iter().map(|f| format!("{} {:?} {:?}", f.field, f.before, f.after)).collect();
        format!("{sign} {} -{gone:?} +{new:?} {}", change.key(), fields.join("; "))
    };
    changes.iter().map(one).collect()
}

#[tokio::test]
async fn the_past_can_be_listed_and_brought_back() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (zone, other) = (zone(&store, "example.com").await, zone(&store, "other.test").await);
    let first = upsert(&store, &zone, "www.example.com A 10.0.0.1").await;
    let then = listed(&store, &zone.id, 10);
    upsert(&store, &other, "www.other.test A 10.0.0.1").await;
    let commented = ChangeBatchWith("why").of(batch(Action::Upsert, [set("www.example.com A 10.0.0.2")]));
    let second = change(&store, &zone.id, commented).await.unwrap();
    let third = delete(&store, &zone, "www.example.com A 10.0.0.2").await;
    hosted_zones::update_comment(&store, meta(), &zone.id, Some("c".into())).await.unwrap();

    let text = |text: &str| Some(Fact::Text(text.to_owned()));
    let settings = |revision| show(&store, &zone.id, revision).unwrap().settings;
    assert_eq!(settings(third + 1), [FieldChange { field: "comment", before: None, after: text("c") }]);
    assert_eq!(settings(third), []);

    let page = list(&store, &zone.id, None, None, 3).unwrap();
    let kinds: Vec<_> = page.items.iter().map(|r| (r.revision, r.change, r.put, r.deleted)).collect();
    let batch = ZoneChange::RecordSets;
    assert_eq!(kinds, [(third + 1, ZoneChange::Settings, 0, 0), (third, batch, 0, 1), (second.revision, batch, 1, 0)]);
    let row = &page.items[2];
    assert_eq!(
        (row.author.as_str(), row.comment.as_deref(), row.change_id.as_ref()),
        ("test", Some("why"), Some(&second.id))
    );
    let rest = list(&store, &zone.id, page.next, None, 9).unwrap();
    let kinds: Vec<_> = rest.items.iter().map(|r| (r.revision, r.change)).collect();
    assert_eq!((kinds, rest.next), (vec![(first, batch), (1, ZoneChange::Created)], None));

    assert_eq!(record_sets_at(&store, &zone.id, first).unwrap(), then);
    let done = back(&store, &zone, Back::To(first)).await.unwrap();
    assert_eq!(done.change.as_ref().unwrap().comment.as_deref(), Some(&*format!("rollback to revision {first}")));
    assert_eq!(listed(&store, &zone.id, 10), then);
    assert_eq!(done.zone.record_set_count, 3);
    assert_eq!(rows(&store, &zone)[0].change, ZoneChange::RolledBack { to: first });
    assert!(crate::changes::find(&store, &done.change.unwrap().id, u64::MAX).unwrap().is_some());
    // Once more there is nothing to do, and nothing is written.
    let revision = store.revision();
    assert_eq!(back(&store, &zone, Back::To(first)).await.unwrap().change, None);
    assert_eq!(store.revision(), revision);
}

struct ChangeBatchWith(&'static str);

impl ChangeBatchWith {
    fn of(&self, batch: model::change::ChangeBatch) -> model::change::ChangeBatch {
        model::change::ChangeBatch { comment: Some(self.0.to_owned()), ..batch }
    }
}

#[tokio::test]
async fn a_name_has_a_history_of_its_own_also_in_large_revisions() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let many = (0..40).map(|i| set(&format!("n{i}.example.com A 10.0.0.1")));
    let large = change(&store, &zone.id, batch(Action::Create, many)).await.unwrap().revision;
    let small = upsert(&store, &zone, "n7.example.com A 10.0.0.2").await;
    upsert(&store, &zone, "n8.example.com A 10.0.0.2").await;
    let of = |text: &str| {
        let page = list(&store, &zone.id, None, Some(&Name::parse(text).unwrap()), 9).unwrap();
        page.items.iter().map(|r| r.revision).collect::<Vec<_>>()
    };
    assert_eq!(of("n7.example.com"), [small, large]);
    assert_eq!(of("n9.example.com"), [large]);
    assert!(of("none.example.com").is_empty());
    let page = list(&store, &zone.id, None, Some(&Name::parse("n7.example.com").unwrap()), 1).unwrap();
    assert_eq!((page.items.len(), page.next), (1, Some(small)));
}

/// The oracle is the listing at each revision.
#[tokio::test]
async fn every_state_and_every_difference_is_found_again() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let mut states = vec![(store.revision().0, listed(&store, &zone.id, 99))];
    let mut seed = 7_u32;
    for round in 0..60 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (name, value) = (seed >> 13 & 3, seed >> 20 & 3);
        let stored = listed(&store, &zone.id, 99);
        let owner = Name::parse(&format!("n{name}.example.com")).unwrap();
        let old = stored.into_iter().find(|set| set.name == owner);
        let batch = match old {
            Some(old) if value == 0 => batch(Action::Delete, [old]),
            _ => batch(Action::Upsert, [set(&format!("n{name}.example.com A 10.0.{round}.{value}"))]),
        };
        if round % 7 == 3 {
            let to = states[round / 3].0;
            back(&store, &zone, Back::To(to)).await.unwrap();
        } else {
            change(&store, &zone.id, batch).await.unwrap();
        }
        states.push((store.revision().0, listed(&store, &zone.id, 99)));
    }
    for (revision, state) in &states {
        assert_eq!(record_sets_at(&store, &zone.id, *revision).unwrap(), *state, "{revision}");
    }
    for (from, before) in states.iter().step_by(5) {
        for (to, after) in states.iter().step_by(7) {
            let changes = diff(&store, &zone.id, *from, *to).unwrap().changes;
            let mut patched = before.clone();
            for change in &changes {
                patched.retain(|set| Some(set) != change.before.as_ref());
                patched.extend(change.after.clone());
            }
            let sorted = |sets: &[model::RecordSet]| {
                let mut keys: Vec<String> = sets.iter().map(|set| format!("{set:?}")).collect();
                keys.sort();
                keys
            };
            assert_eq!(sorted(&patched), sorted(after), "{from} {to}");
        }
    }
}

#[tokio::test]
async fn differences_are_told_field_by_field() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    change(&store, &zone.id, batch(Action::Create, [weighted("w.example.com A 10.0.0.1", "blue", 90)])).await.unwrap();
    let first = upsert(&store, &zone, "www.example.com A 10.0.0.1,10.0.0.2").await;
    let mut slow = set("www.example.com A 10.0.0.2,10.0.0.3");
    if let Body::Records { ttl, .. } = &mut slow.body {
        *ttl = Ttl::new(300).unwrap();
    }
    let lighter = weighted("w.example.com A 10.0.0.1", "blue", 10);
    let linked = alias("a.example.com A", &zone.id, "www.example.com");
    let last = change(&store, &zone.id, batch(Action::Upsert, [slow, lighter, linked])).await.unwrap().revision;

    let expected = [
        format!(
            "+ [name='a.example.com.', type='A'] -[] +[] alias_target None Some(Text(\"www.example.com.\")); \
             alias_zone None Some(Text(\"{}\")); evaluate_target_health None Some(Flag(true))",
            zone.id
        ),
        "~ [name='w.example.com.', type='A', set-identifier='blue'] -[] +[] weight Some(Number(90)) Some(Number(10))"
            .into(),
        "~ [name='www.example.com.', type='A'] -[\"10.0.0.1\"] +[\"10.0.0.3\"] ttl Some(Number(60)) Some(Number(300))"
            .into(),
    ];
    assert_eq!(told(&diff(&store, &zone.id, first, last).unwrap().changes), expected);
    assert_eq!(told(&show(&store, &zone.id, last).unwrap().changes), expected);
    let reverse = diff(&store, &zone.id, last, first).unwrap().changes;
    assert!(told(&reverse)[0].starts_with("- [name='a.example.com.'"), "{reverse:?}");
}

#[tokio::test]
async fn a_store_without_the_index_gets_it_from_its_log() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (zone, other) = (zone(&store, "example.com").await, zone(&store, "gone.test").await);
    for round in 0..300 {
        upsert(&store, &zone, &format!("n{}.example.com A 10.0.0.{}", round % 3, round % 200)).await;
    }
    hosted_zones::delete(&store, meta(), &random(), &other.id).await.unwrap();
    let (before, states) = (rows(&store, &zone), record_sets_at(&store, &zone.id, 50).unwrap());
    let others = rows(&store, &other);

    // As if by a program that knew no index.
    let forget = |transaction: &mut store::Transaction<'_>| {
        let mut keys = Vec::new();
        transaction.scan_prefix(b"zone-", |key, _| {
            keys.extend((!key.starts_with(b"zone-name/") && !key.starts_with(b"zone-ref/")).then(|| key.to_vec()));
            std::ops::ControlFlow::Continue(())
        })?;
        keys.iter().for_each(|key| transaction.delete(key));
        Ok::<_, store::ReadError>(keys.len())
    };
    assert!(store.write_blocking(meta(), forget).unwrap().value > 300);
    // A program that knows it goes on before anybody asks, and it is asked twice at once.
    let late = upsert(&store, &zone, "late.example.com A 10.0.0.1").await;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| index::ensure(&store).unwrap());
        }
    });
    let after = rows(&store, &zone);
    assert_eq!((after[0].revision, &after[1..]), (late, &before[..]));
    assert_eq!(rows(&store, &other), others);
    assert_eq!(record_sets_at(&store, &zone.id, 50).unwrap(), states);
    assert_eq!(named(&store, "gone.test").unwrap()[0].id, other.id);
    let revision = store.revision();
    index::ensure(&store).unwrap();
    assert_eq!(store.revision(), revision, "made once");
}

#[tokio::test]
async fn a_deleted_zone_still_has_its_past() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let first = zone(&store, "example.com").await;
    let then = listed(&store, &first.id, 9);
    let at = store.revision().0;
    hosted_zones::delete(&store, meta(), &random(), &first.id).await.unwrap();
    assert_eq!(record_sets_at(&store, &first.id, at).unwrap(), then);
    assert_eq!(rows(&store, &first)[0].change, ZoneChange::Deleted);
    let known = named(&store, "EXAMPLE.com").unwrap();
    assert!(known.len() == 1 && known[0].is_deleted() && known[0].id == first.id);
    for missing in [0, at + 1, 99] {
        let fault = record_sets_at(&store, &first.id, missing);
        assert!(matches!(fault, Err(HistoryError::NotThen { .. })), "{missing}");
    }
    let refused = back(&store, &first, Back::To(at)).await.unwrap_err().to_string();
    assert!(refused.contains("was deleted by test") && refused.contains(&format!("--at {at}")), "{refused}");
    let second = zone(&store, "example.com").await;
    assert_eq!(named(&store, "example.com").unwrap()[0].id, second.id);
    assert_eq!(named(&store, first.id.as_str()).unwrap()[0].id, first.id);
}

#[tokio::test]
async fn going_back_knows_no_order_and_no_size() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    // An alias leads to a simple record set, later to a weighted group of the same name: no order of a batch does that.
    upsert(&store, &zone, "t.example.com A 10.0.0.1").await;
    let linked = alias("a.example.com A", &zone.id, "t.example.com");
    let simple = change(&store, &zone.id, batch(Action::Create, [linked.clone()])).await.unwrap().revision;
    let then = listed(&store, &zone.id, 9999);
    change(&store, &zone.id, batch(Action::Delete, [linked.clone()])).await.unwrap();
    delete(&store, &zone, "t.example.com A 10.0.0.1").await;
    change(&store, &zone.id, batch(Action::Create, [weighted("t.example.com A 10.0.0.2", "w", 1), linked]))
        .await
        .unwrap();
    for part in 0..3 {
        let many = (0..900).map(|i| set(&format!("n{part}-{i}.example.com A 10.0.0.1")));
        change(&store, &zone.id, batch(Action::Create, many)).await.unwrap();
    }
    let full = store.revision().0;
    let done = back(&store, &zone, Back::To(simple)).await.unwrap();
    assert_eq!(done.changes.len(), 2702);
    assert_eq!(listed(&store, &zone.id, 9999), then);
    back(&store, &zone, Back::To(full)).await.unwrap();
    assert_eq!(hosted_zones::find(&store, &zone.id).unwrap().unwrap().record_set_count, 2704);
}

#[tokio::test]
async fn rules_of_today_judge_the_past() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let (random, limits) = (random(), model::limits::Limits::default());
    let check = crate::health_checks::create(
        &store,
        meta(),
        &random,
        "once".into(),
        model::health_check::HealthCheckConfig::parse(&model::health_check::RawHealthCheckConfig {
            kind: "TCP".into(),
            ip_address: Some("192.0.2.1".into()),
            port: Some(80),
            ..Default::default()
        })
        .unwrap(),
        &limits,
    );
    let check = check.await.unwrap();
    let checked = |name: &str| model::RecordSet {
        health_check: Some(check.id.clone()),
        ..weighted(&format!("{name}.example.com A 10.0.0.1"), "w", 1)
    };
    let sets = [checked("a"), checked("b")];
    let then = change(&store, &zone.id, batch(Action::Create, sets.clone())).await.unwrap().revision;
    change(&store, &zone.id, batch(Action::Delete, sets)).await.unwrap();
    crate::health_checks::delete(&store, meta(), &check.id).await.unwrap();
    let revision = store.revision();
    let planned = plan(&store, &zone.id, Back::To(then)).unwrap();
    assert_eq!((planned.changes.len(), planned.faults.unwrap().0.len()), (2, 2));
    let refused = back(&store, &zone, Back::To(then)).await.unwrap_err().to_string();
    assert_eq!(refused.matches("which does not exist").count(), 2, "{refused}");
    assert_eq!(store.revision(), revision);
}

#[tokio::test]
async fn one_revision_is_taken_back_unless_later_ones_touched_the_same() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    upsert(&store, &zone, "a.example.com A 10.0.0.1").await;
    let sets = [set("a.example.com A 10.0.0.2"), set("b.example.com A 10.0.0.2")];
    let bad = change(&store, &zone.id, batch(Action::Upsert, sets)).await.unwrap().revision;
    let later = upsert(&store, &zone, "c.example.com A 10.0.0.3").await;
    let done = back(&store, &zone, Back::Undo(bad)).await.unwrap();
    assert_eq!(done.changes.len(), 2);
    let names: Vec<String> = listed(&store, &zone.id, 9).iter().map(|set| format!("{:?}", set.body)).collect();
    assert!(names.len() == 4 && names[2].contains("10.0.0.1") && names[3].contains("10.0.0.3"), "{names:?}");
    assert_eq!(rows(&store, &zone)[0].change, ZoneChange::Undid { revision: bad });

    let hinder = upsert(&store, &zone, "c.example.com A 10.0.0.4").await;
    let refused = back(&store, &zone, Back::Undo(later)).await.unwrap_err().to_string();
    let told = format!("[name='c.example.com.', type='A'] by test at revision {hinder}");
    assert!(refused.contains(&told), "{refused}");
    let refused = back(&store, &zone, Back::Undo(1)).await.unwrap_err().to_string();
    assert!(refused.contains("created the zone"), "{refused}");
    // Each hindrance is told with the newest revision that touched it.
    let many: Vec<String> = (0..200).map(|n| format!("n{n}.example.com A 10.0.0")).collect();
    let write = |last: u8| batch(Action::Upsert, many.iter().map(|text| set(&format!("{text}.{last}"))));
    let bad = change(&store, &zone.id, write(1)).await.unwrap().revision;
    let all = change(&store, &zone.id, write(2)).await.unwrap().revision;
    let newest = upsert(&store, &zone, "n7.example.com A 10.0.0.3").await;
    let Err(RollbackError::Conflicts { conflicts, .. }) = back(&store, &zone, Back::Undo(bad)).await else { panic!() };
    let later = |name: &str| {
        let is_it = |conflict: &&Conflict| matches!(&conflict.with, Conflicting::RecordSet(key) if key.name.to_string() == name);
        conflicts.iter().find(is_it).unwrap()
    };
    assert_eq!(conflicts.len(), 200);
    assert_eq!(later("n7.example.com.").later.revision, newest);
    assert_eq!(later("n8.example.com.").later.revision, all);
    assert!(matches!(
        back(&store, &zone, Back::Undo(999)).await,
        Err(RollbackError::History(HistoryError::NotOfZone { .. }))
    ));
}

#[tokio::test]
async fn what_the_caller_has_not_seen_is_not_overwritten() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let seen = upsert(&store, &zone, "a.example.com A 10.0.0.1").await;
    let newer = upsert(&store, &zone, "a.example.com A 10.0.0.2").await;
    let expecting =
        async |expected| go_back(&store, meta(), &random(), &zone.id, Back::To(1), None, Some(expected)).await;
    let refused = expecting(seen).await;
    assert!(matches!(refused, Err(RollbackError::Changed { found, .. }) if found == newer), "{refused:?}");
    expecting(newer).await.unwrap();

    // Everybody at once: each of them is one revision after the others, and all of them hold.
    let writers = (0..20).map(|i| {
        let (store, id) = (store.clone(), zone.id.clone());
        tokio::spawn(async move {
            if i % 2 == 0 {
                go_back(&store, meta(), &random(), &id, Back::To(seen), None, None).await.is_ok()
            } else {
                let sets = [set(&format!("n{i}.example.com A 10.0.0.1"))];
                change(&store, &id, batch(Action::Upsert, sets)).await.is_ok()
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        assert!(writer.await.unwrap());
    }
    let stored = listed(&store, &zone.id, 99).len() as u64;
    assert_eq!(hosted_zones::find(&store, &zone.id).unwrap().unwrap().record_set_count, stored);
}

#[tokio::test]
async fn revisions_are_named_by_number_time_age_and_steps() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let mut revisions = vec![1];
    for minute in [10, 20, 30_u64] {
        let meta = crate::testing::meta_at(1_700_000_000_000 + minute * 60_000);
        let sets = batch(Action::Upsert, [set(&format!("a.example.com A 10.0.0.{minute}"))]);
        let limits = model::limits::Limits::default();
        let done = crate::record_sets::change(&store, meta, &random(), &zone.id, sets, &limits).await.unwrap();
        revisions.push(done.revision);
    }
    let now = 1_700_000_000_000 + 40 * 60_000;
    let resolved = |base, back| resolve(&store, &zone.id, &When { base, back }, now).ok();
    assert_eq!(resolved(Base::Now, 0), Some(revisions[3]));
    assert_eq!(resolved(Base::Now, 1), Some(revisions[2]));
    assert_eq!(resolved(Base::Revision(2), 0), Some(2));
    assert_eq!(resolved(Base::Revision(revisions[2]), 1), Some(revisions[1]));
    assert_eq!(resolved(Base::Ago(Period::from_seconds(15 * 60)), 0), Some(revisions[2]));
    assert_eq!(resolved(Base::At(1_700_000_000_000 + 10 * 60_000), 0), Some(revisions[1]));
    assert_eq!(resolved(Base::At(1), 0), None);
    assert_eq!(resolved(Base::Now, 9), None);
}
