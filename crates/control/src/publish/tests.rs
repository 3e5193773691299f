//! From commands to answers: what is committed is served, whole, in order, and soon.

use answer::{Client, Outcome, Tables, Transport, answer};
use model::change::{Action, ChangeBatch};
use model::cidr::{CidrAction, LocationChange};
use model::health_check::{HealthCheckConfig, RawHealthCheckConfig};
use model::health_status::HealthStatus;
use model::hosted_zone::{Delegation, Vpc};
use model::id::{CidrLocation, Region, SetIdentifier, VpcId};
use model::limits::Limits;
use model::place::{OwnRegion, Point, Regions};
use model::vpc::VpcNetworks;
use model::{RecordSet, RecordType};

use super::*;
use crate::testing::{Scratch, alias, batch, change, meta, name, random, set, weighted, zone};
use crate::{cidr_collections, health_checks, history, hosted_zones, stickiness, vpcs, zone_import};

/// Publishing from a store, and what it answers.
struct Published {
    publisher: Publisher,
    verdicts: watch::Sender<Arc<Verdicts>>,
}

impl Published {
    fn from(store: &Store) -> Self {
        Self::with(store, Places::default())
    }

    fn with(store: &Store, places: Places) -> Self {
        let (verdicts, receiver) = watch::channel(Arc::default());
        Self { publisher: start(store, receiver, Arc::new(places), 7).unwrap(), verdicts }
    }

    /// The view once it has reached a revision.
    async fn at(&self, revision: u64) -> Arc<View> {
        let mut view = self.publisher.view();
        let seen = tokio::time::timeout(Duration::from_secs(20), view.wait_for(|view| view.revision() >= revision));
        Arc::clone(&seen.await.expect("published in time").unwrap())
    }
}

/// The reply's code and addresses: `0 10.0.0.1`.
fn ask(view: &View, owner: &str, record_type: RecordType) -> String {
    let mut query = b"\x00\x07\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00".to_vec();
    query.extend(name(owner).wire());
    query.extend(record_type.0.to_be_bytes());
    query.extend([0, 1]);
    let client = Client::new([192, 0, 2, 9].into(), Transport::Tcp, 0);
    let mut reply = [0u8; 4096];
    let length = match answer(view, &query, &client, &mut reply) {
        Outcome::Answered(length) => length,
        Outcome::Refused(_) => return "refused".to_owned(),
        other => panic!("{other:?}"),
    };
    let answers = u16::from_be_bytes([reply[6], reply[7]]);
    let mut text = format!("{}", reply[3] & 15);
    let mut at = query.len();
    for _ in 0..answers {
        // Compressed owner (2), type, class, TTL, length.
        let rdata = at + 12;
        let rdlength = usize::from(u16::from_be_bytes([reply[at + 10], reply[at + 11]]));
        assert!(rdata + rdlength <= length);
        let octets: Vec<String> = reply[rdata..rdata + rdlength].iter().map(ToString::to_string).collect();
        text += &format!(" {}", octets.join("."));
        at = rdata + rdlength;
    }
    text
}

fn a(view: &View, owner: &str) -> String {
    ask(view, owner, RecordType::A)
}

fn upsert(sets: impl IntoIterator<Item = RecordSet>) -> ChangeBatch {
    batch(Action::Upsert, sets)
}

#[tokio::test]
async fn a_change_is_answered_and_so_is_its_undoing() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let published = Published::from(&store);
    assert_eq!(a(&*published.at(0).await, "www.example.com"), "refused");
    let zone = zone(&store, "example.com").await;
    let made = change(&store, &zone.id, upsert([set("www.example.com A 10.0.0.1")])).await.unwrap();
    assert_eq!(a(&*published.at(made.revision).await, "www.example.com"), "0 10.0.0.1");
    let undone = change(&store, &zone.id, batch(Action::Delete, [set("www.example.com A 10.0.0.1")])).await.unwrap();
    assert_eq!(a(&*published.at(undone.revision).await, "www.example.com"), "3");
    let deleted = hosted_zones::delete(&store, meta(), &random(), &zone.id).await.unwrap();
    assert_eq!(a(&*published.at(deleted.revision).await, "example.com"), "refused");
    published.publisher.stop();
}

#[tokio::test]
async fn a_batch_appears_whole_or_not_at_all() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let pair =
        |n: u8| upsert([set(&format!("a.example.com A 10.0.0.{n}")), set(&format!("b.example.com A 10.0.0.{n}"))]);
    change(&store, &zone.id, pair(0)).await.unwrap();
    let published = Published::from(&store);
    let writer = {
        let (store, id) = (store.clone(), zone.id.clone());
        tokio::spawn(async move {
            let mut last = 0;
            for n in 1..=60 {
                last = change(&store, &id, pair(n)).await.unwrap().revision;
            }
            last
        })
    };
    let mut view = published.publisher.view();
    let last = loop {
        let seen = Arc::clone(&view.borrow_and_update());
        assert_eq!(a(&seen, "a.example.com"), a(&seen, "b.example.com"));
        if writer.is_finished() {
            break writer.await.unwrap();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(a(&*published.at(last).await, "b.example.com"), "0 10.0.0.60");
}

#[tokio::test]
async fn a_commit_that_is_not_told_yet_does_not_compile_every_zone_anew() {
    let scratch = Scratch::new();
    let store = scratch.store();
    zone(&store, "example.com").await;
    let counts = Arc::<PublishCounts>::default();
    let mut compiler = Compiler::new(store.clone(), 7, Arc::clone(&counts));
    compiler.compile_all().unwrap();
    let writer = {
        let store = store.clone();
        std::thread::spawn(move || {
            for n in 0..3000u32 {
                let put = move |t: &mut store::Transaction<'_>| {
                    t.put(b"elsewhere", &n.to_be_bytes());
                    Ok::<_, ()>(())
                };
                store.write_blocking(meta(), put).unwrap();
            }
        })
    };
    while !writer.is_finished() || compiler.snapshot().revision() < store.revision().0 {
        compiler.compile_changes().unwrap();
    }
    assert_eq!(counts.zones.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_panic_over_one_zone_is_counted_and_ends_nothing() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let counts = Arc::<PublishCounts>::default();
    let mut compiler = Compiler::new(store.clone(), 7, Arc::clone(&counts));
    compiler.compile_all().unwrap();
    compiler.guarded(&zone.id, store.revision(), |_| panic!("on purpose")).unwrap();
    assert_eq!(counts.compile_faults.load(Ordering::Relaxed), 1);
    // With its next change the zone is compiled whole.
    change(&store, &zone.id, upsert([set("www.example.com A 10.0.0.1")])).await.unwrap();
    compiler.compile_changes().unwrap();
    assert_eq!(counts.zones.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn following_the_log_ends_where_a_restart_begins() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let published = Published::from(&store);
    let zone = zone(&store, "example.com").await;
    let mut n = 12345u32;
    let mut draw = |bound: u32| {
        n = n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (n >> 16) % bound
    };
    let labels = ["", "a.", "b.a.", "*.", "c.b.a.", "*.a.", "deep.er.", "a-b."];
    let mut last = 0;
    for _ in 0..150 {
        let owner = format!("{}example.com", labels[draw(labels.len() as u32) as usize]);
        let made = match draw(5) {
            0 => upsert([weighted(&format!("w{}.{owner} A 10.1.0.{}", draw(2), draw(250)), "one", 1)]),
            1 => upsert([alias(&format!("al.{owner} A"), &zone.id, &format!("x.{owner}"))]),
            2 => {
                let at = crate::record_sets::at(&store, &zone.id, &name(&format!("x.{owner}"))).unwrap();
                batch(Action::Delete, at)
            }
            _ => upsert([set(&format!("x.{owner} A 10.0.0.{}", draw(250)))]),
        };
        if let Ok(made) = change(&store, &zone.id, made).await {
            last = made.revision;
        }
    }
    let followed = published.at(last).await;
    let restarted = Published::from(&store).at(last).await;
    assert!(followed.snapshot.name_count() > 10);
    assert_eq!(followed.snapshot.name_count(), restarted.snapshot.name_count());
    for label in labels {
        for owner in ["", "x.", "al.", "w0.", "w1.", "none."].map(|front| format!("{front}{label}example.com")) {
            assert_eq!(a(&followed, &owner), a(&restarted, &owner), "{owner}");
        }
    }
}

#[tokio::test]
async fn an_import_is_published_and_a_second_one_too() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let published = Published::from(&store);
    let import = async |count: u32| {
        let mut sets = vec![set("example.com SOA a. b. 1 2 3 4 5"), set("example.com NS ns.other.test")];
        sets.extend((0..count).map(|i| set(&format!("n{i}.example.com A 10.0.{}.{}", i / 250, i % 250))));
        let into = zone_import::Into::Named(name("example.com"));
        let (delegation, limits) = (Delegation::default(), Limits::default());
        let done = zone_import::import(&store, meta(), &random(), into, sets, &delegation, &limits).await.unwrap();
        published.at(done.change.revision).await
    };
    let view = import(6000).await; // more than a page of rows
    assert_eq!(
        (a(&view, "n0.example.com"), a(&view, "n5999.example.com")),
        ("0 10.0.0.0".into(), "0 10.0.23.249".into())
    );
    let view = import(10).await;
    assert_eq!((a(&view, "n9.example.com"), a(&view, "n10.example.com")), ("0 10.0.0.9".into(), "3".into()));
    assert_eq!(view.snapshot.name_count(), 11);
}

#[tokio::test]
async fn a_health_flip_makes_a_new_view_of_the_same_snapshot() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let published = Published::from(&store);
    let raw = RawHealthCheckConfig {
        kind: "TCP".into(),
        ip_address: Some("192.0.2.1".into()),
        port: Some(80),
        ..RawHealthCheckConfig::default()
    };
    let config = HealthCheckConfig::parse(&raw).unwrap();
    let check = health_checks::create(&store, meta(), &random(), "r".into(), config, &Limits::default()).await.unwrap();
    let mut checks = published.publisher.health_checks();
    checks.wait_for(|checks| checks.len() == 1).await.unwrap();

    let zone = zone(&store, "example.com").await;
    let checked =
        RecordSet { health_check: Some(check.id.clone()), ..weighted("w.example.com A 10.0.0.1", "one", 255) };
    let other = weighted("w.example.com A 10.0.0.2", "two", 0);
    let made = change(&store, &zone.id, upsert([checked, other])).await.unwrap();
    let before = published.at(made.revision).await;
    assert_eq!(a(&before, "w.example.com"), "0 10.0.0.1");
    let mut view = published.publisher.view();
    view.mark_unchanged();
    published.verdicts.send_replace(Arc::new(Verdicts::from_iter([(check.id.clone(), HealthStatus::Unhealthy)])));
    view.changed().await.unwrap();
    let after = Arc::clone(&view.borrow());
    assert_eq!(a(&after, "w.example.com"), "0 10.0.0.2");
    assert!(Arc::ptr_eq(&before.snapshot, &after.snapshot));
    health_checks::delete(&store, meta(), &check.id).await.unwrap();
    checks.wait_for(|checks| checks.is_empty()).await.unwrap();
}

#[tokio::test]
async fn a_zone_that_cannot_be_compiled_keeps_its_last_good_form() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    change(&store, &zone.id, upsert([set("www.example.com A 10.0.0.1")])).await.unwrap();
    let published = Published::from(&store);
    // Past the commands, as a damaged disk or a later program would.
    let id = zone.id.clone();
    let spoil = |value: &'static str| {
        let id = id.clone();
        crate::rows::write(&store, meta(), move |transaction| {
            let bad = set(&format!("www.example.com A {value}"));
            crate::rows::put(transaction, &crate::record_rows::key(&id, &bad), &bad);
            Ok::<_, StorageError>(())
        })
    };
    let spoiled = spoil("nonsense").await.unwrap().revision;
    let view = published.at(spoiled.0).await;
    assert_eq!(a(&view, "www.example.com"), "0 10.0.0.1");
    assert_eq!(published.publisher.counts().compile_faults.load(Ordering::Relaxed), 1);
    let other = change(&store, &zone.id, upsert([set("other.example.com A 10.0.0.5")])).await.unwrap();
    assert_eq!(a(&*published.at(other.revision).await, "other.example.com"), "3");
    let mended = spoil("10.0.0.2").await.unwrap().revision;
    let view = published.at(mended.0).await;
    assert_eq!(
        (a(&view, "www.example.com"), a(&view, "other.example.com")),
        ("0 10.0.0.2".into(), "0 10.0.0.5".into())
    );
}

#[tokio::test]
async fn a_damaged_row_stops_only_its_own_zone() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (sick, sound) = (zone(&store, "sick.test").await, zone(&store, "sound.test").await);
    change(&store, &sick.id, upsert([set("www.sick.test A 10.0.0.1")])).await.unwrap();
    let running = Published::from(&store);
    let key = crate::record_rows::key(&sick.id, &set("www.sick.test A 10.0.0.1"));
    let damage = crate::rows::write(&store, meta(), move |transaction| {
        transaction.put(&key, &[9, 9]);
        Ok::<_, StorageError>(())
    });
    damage.await.unwrap();
    let made = change(&store, &sound.id, upsert([set("www.sound.test A 10.0.0.2")])).await.unwrap();
    let view = running.at(made.revision).await;
    assert_eq!((a(&view, "www.sick.test"), a(&view, "www.sound.test")), ("0 10.0.0.1".into(), "0 10.0.0.2".into()));
    // After a restart there is no last good form of it.
    let view = Published::from(&store).at(made.revision).await;
    assert_eq!((a(&view, "www.sick.test"), a(&view, "www.sound.test")), ("refused".into(), "0 10.0.0.2".into()));
}

#[tokio::test]
async fn a_changed_cidr_collection_answers_at_once_and_compiles_no_zone() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (random, limits) = (random(), Limits::default());
    let collection = cidr_collections::create(&store, meta(), &random, "c".to_owned(), "r".to_owned(), &limits);
    let collection = collection.await.unwrap().id;
    let zone = zone(&store, "example.com").await;
    let routed = |location: &str, address: &str| RecordSet {
        routing: model::Routing::IpBased {
            set_identifier: SetIdentifier::parse(&address.replace('.', "-")).unwrap(),
            collection: collection.clone(),
            location: CidrLocation::parse(location).unwrap(),
        },
        ..set(&format!("www.example.com A {address}"))
    };
    let changed = |change| cidr_collections::change(&store, meta(), &random, &collection, None, vec![change], &limits);
    changed(put_of("198.51.100.0/24")).await.unwrap();
    let sets = [routed("here", "10.0.0.1"), routed("*", "10.0.0.2")];
    let made = change(&store, &zone.id, batch(Action::Create, sets)).await.unwrap();
    let published = Published::from(&store);
    assert_eq!(a(&*published.at(made.revision).await, "www.example.com"), "0 10.0.0.2");
    let zones = published.publisher.counts().zones.load(Ordering::Relaxed);
    // The client of these tests asks from 192.0.2.9.
    let put = changed(put_of("192.0.2.0/24")).await.unwrap();
    assert_eq!(a(&*published.at(put.revision).await, "www.example.com"), "0 10.0.0.1");
    let away = LocationChange { action: CidrAction::DeleteIfExists, ..put_of("192.0.2.0/24") };
    let away = changed(away).await.unwrap();
    assert_eq!(a(&*published.at(away.revision).await, "www.example.com"), "0 10.0.0.2");
    assert_eq!(published.publisher.counts().zones.load(Ordering::Relaxed), zones);
    published.publisher.stop();
}

fn put_of(block: &str) -> LocationChange {
    let location = CidrLocation::parse("here").unwrap();
    LocationChange { location, action: CidrAction::Put, blocks: vec![block.parse().unwrap()] }
}

#[tokio::test]
async fn a_private_zone_is_never_seen_from_outside_and_associations_count_at_once() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let vpc = |id: &str| Vpc { region: Region::parse("eu-west-1").unwrap(), id: VpcId::parse(id).unwrap() };
    let networks = |id: &str, network: &str| VpcNetworks { vpc: vpc(id), networks: vec![network.parse().unwrap()] };
    let all = [networks("vpc-here", "192.0.2.0/24"), networks("vpc-there", "203.0.113.0/24")];
    let published = Published::with(&store, Places::compile(Vec::new(), Vec::new(), &all).unwrap());
    let new = hosted_zones::NewHostedZone {
        name: name("example.com"),
        caller_reference: "1".to_owned(),
        comment: None,
        visibility: model::hosted_zone::Visibility::Private { vpcs: vec![vpc("vpc-there")] },
    };
    let (random, limits) = (random(), Limits::default());
    let created = hosted_zones::create(&store, meta(), &random, new, &Delegation::default(), &limits).await.unwrap();
    let zone = created.0.id;
    let made = change(&store, &zone, upsert([set("www.example.com A 10.0.0.1")])).await.unwrap();
    assert_eq!(a(&*published.at(made.revision).await, "www.example.com"), "refused");
    let seen = vpcs::associate(&store, meta(), &random, &zone, vpc("vpc-here"), None, &limits).await.unwrap();
    assert_eq!(a(&*published.at(seen.revision).await, "www.example.com"), "0 10.0.0.1");
    let hidden = vpcs::disassociate(&store, meta(), &random, &zone, vpc("vpc-here"), None).await.unwrap();
    assert_eq!(a(&*published.at(hidden.revision).await, "www.example.com"), "refused");
    // Compiled anew, it is as private.
    let again = Published::with(&store, Places::default());
    assert_eq!(a(&*again.at(hidden.revision).await, "www.example.com"), "refused");
    published.publisher.stop();
    again.publisher.stop();
}

/// Which of two addresses each draw gives.
fn drawn(view: &View, owner: &str) -> std::collections::BTreeSet<u8> {
    let mut query = b"\x00\x07\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00".to_vec();
    query.extend(name(owner).wire());
    query.extend([0, 1, 0, 1]);
    let mut reply = [0u8; 512];
    let mut last = |draw| {
        let client = Client::new([192, 0, 2, 9].into(), Transport::Tcp, draw);
        let length = answer(view, &query, &client, &mut reply).len();
        reply[length - 1]
    };
    (0..64).map(&mut last).collect()
}

#[tokio::test]
async fn a_name_is_sticky_from_its_revision_on_and_after_a_restart() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let group = |owner: &str| [1, 2].map(|n| weighted(&format!("{owner} A 10.0.0.{n}"), &n.to_string(), 1));
    let groups = [group("a.example.com"), group("b.example.com")].concat();
    change(&store, &zone.id, batch(Action::Create, groups)).await.unwrap();
    let published = Published::from(&store);
    let compiled = published.publisher.counts().zones.load(Ordering::Relaxed);
    let both = |view: &View| ["a.example.com", "b.example.com"].map(|owner| drawn(view, owner).len());
    assert_eq!(both(&*published.at(0).await), [2, 2]);
    let make_sticky = async |owner: &str| {
        stickiness::put(&store, meta(), &zone.id, &name(owner), model::Stickiness::DEFAULT).await.unwrap().0
    };
    let sticky = make_sticky("a.example.com").await;
    assert_eq!(both(&*published.at(sticky).await), [1, 2]);
    // A change of the name keeps it; so does a server that starts, and one that could not follow.
    change(&store, &zone.id, batch(Action::Upsert, group("a.example.com"))).await.unwrap();
    assert_eq!(both(&*published.at(store.revision().0).await), [1, 2]);
    assert_eq!(both(&*Published::from(&store).at(0).await), [1, 2]);
    let explain = |when: u64| {
        let question = crate::explain::Question {
            name: name("a.example.com"),
            record_type: RecordType::A,
            address: [192, 0, 2, 9].into(),
            subnet: None,
        };
        use crate::explain::ExplainError;
        let view = crate::Views::new(published.publisher.view()).current();
        let when = history::When { base: history::Base::Revision(when), back: 0 };
        let then = crate::explain::past(&store, &view, &question, (&when, 0), &|_| None, |_| Ok::<_, ExplainError>(()))
            .unwrap();
        let told = crate::explain::explain(&then, &question, None, &random());
        told.explanation.possible.answers.len()
    };
    assert_eq!((explain(sticky - 1), explain(sticky)), (2, 1), "the past is explained as it was");
    stickiness::delete(&store, meta(), &zone.id, &name("a.example.com")).await.unwrap();
    assert_eq!(both(&*published.at(store.revision().0).await), [2, 2]);
    let to = history::Back::To(sticky);
    history::go_back(&store, meta(), &random(), &zone.id, to, None, None).await.unwrap();
    assert_eq!(both(&*published.at(store.revision().0).await), [1, 2]);
    // A name without records waits.
    make_sticky("c.example.com").await;
    change(&store, &zone.id, batch(Action::Create, group("c.example.com"))).await.unwrap();
    assert_eq!(drawn(&*published.at(store.revision().0).await, "c.example.com").len(), 1);
    assert_eq!(published.publisher.counts().zones.load(Ordering::Relaxed), compiled, "only names were compiled");
}

#[tokio::test]
async fn new_tables_of_places_count_at_once_and_compile_no_zone() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let own = OwnRegion { name: Region::parse("our-1").unwrap(), point: Point { latitude: 0, longitude: 0 } };
    let regions = Arc::new(Regions::with(vec![own]).unwrap());
    let tables = |point: &str| Tables {
        rows: answer::read_places(&format!("prefix,latitude,longitude\n192.0.2.0/24,{point}\n")).unwrap(),
        regions: Arc::clone(&regions),
        ..Tables::default()
    };
    let published = Published::with(&store, Places::of(tables("40,-80")).unwrap());
    let by_region = |region: &str, address: &str| RecordSet {
        routing: model::Routing::Latency {
            set_identifier: SetIdentifier::parse(region).unwrap(),
            region: Region::parse(region).unwrap(),
        },
        ..set(&format!("www.example.com A {address}"))
    };
    let sets = [by_region("us-east-1", "10.0.0.1"), by_region("our-1", "10.0.0.2")];
    let made = change(&store, &zone.id, batch(Action::Create, sets)).await.unwrap();
    assert_eq!(a(&*published.at(made.revision).await, "www.example.com"), "0 10.0.0.1");
    let zones = published.publisher.counts().zones.load(Ordering::Relaxed);
    let moved = Arc::new(Places::of(tables("1,1")).unwrap());
    published.publisher.places().send_replace(Arc::clone(&moved));
    let mut view = published.publisher.view();
    let seen = view.wait_for(|view| Arc::ptr_eq(&view.places, &moved));
    let seen = Arc::clone(&tokio::time::timeout(Duration::from_secs(20), seen).await.expect("in time").unwrap());
    assert_eq!(a(&seen, "www.example.com"), "0 10.0.0.2");
    assert_eq!(published.publisher.counts().zones.load(Ordering::Relaxed), zones);
    published.publisher.stop();
}

#[tokio::test]
async fn answers_are_counted_for_the_names_that_services_steer() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let group =
        |owner: &str| [("blue", 100), ("green", 0)].map(|(set, w)| weighted(&format!("{owner} A 10.0.0.1"), set, w));
    let groups = [group("shop.example.com"), group("cart.example.com")].concat();
    change(&store, &zone.id, batch(Action::Create, groups)).await.unwrap();
    let published = Published::from(&store);
    let is_counted = |view: &View| {
        let slot = |owner: &str| view.snapshot.answer_slot(&zone.id, &name(owner), RecordType::A, "blue");
        ["shop.example.com", "cart.example.com"].map(|owner| slot(owner).is_some())
    };
    let service = |owner: &str| {
        let json = format!(
            r#"{{"name":"shop","active":"blue","environments":{{
                "blue":{{"version":"1","set_identifiers":["blue"]}},"green":{{"version":"2","set_identifiers":["green"]}}}},
                "traffic":[{{"dns":{{"zone":"{}","name":"{owner}","types":["A"]}}}}]}}"#,
            zone.id
        );
        crate::services::parse(json.as_bytes()).unwrap()
    };
    assert_eq!(is_counted(&*published.at(0).await), [false, false]);
    for (owner, counted) in [("shop.example.com", [true, false]), ("cart.example.com", [false, true])] {
        crate::services::put(&store, meta(), service(owner), None).await.unwrap();
        assert_eq!(is_counted(&*published.at(store.revision().0).await), counted);
        assert_eq!(is_counted(&*Published::from(&store).at(0).await), counted, "after a restart too");
    }
    crate::services::delete(&store, meta(), &service("cart.example.com").name).await.unwrap();
    let view = published.at(store.revision().0).await;
    assert!(is_counted(&view) == [false, false] && !view.snapshot.counts_answers());
}
