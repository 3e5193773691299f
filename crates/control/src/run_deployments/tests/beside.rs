//! What a release owns beside weights, on a real store: TTLs, plain records, stickiness, and those of others.

use model::deployment::{Affinity, DnsBinding, Foreign, Service};
use model::{Body, RecordType, Stickiness, Ttl};

use super::*;
use crate::stickiness;
use crate::testing::{alias, set, weighted};

fn dns(service: &mut Service) -> &mut DnsBinding {
    service.traffic[0].records_mut()
}

fn with_ttl(mut set: RecordSet, seconds: u64) -> RecordSet {
    if let Body::Records { ttl, .. } = &mut set.body {
        *ttl = Ttl::new(seconds).unwrap();
    }
    set
}

fn staged() -> String {
    CANARY.replacen('{', r#"{"stage_ttl": "2s","#, 1)
}

/// Plain records of both types, an alias to one of them, and a service that adopts and releases them.
async fn plain() -> Game {
    let scratch = Scratch::new();
    let store = scratch.store();
    let shop = Shop::open(&store).await;
    let weighted = listed(&store, &shop.zone, 100).into_iter().filter(|set| set.set_identifier().is_some());
    change(&store, &shop.zone, batch(Action::Delete, weighted.collect::<Vec<_>>())).await.unwrap();
    let plain = [
        with_ttl(set("shop.example.com A 10.0.0.1,10.0.0.2"), 20),
        with_ttl(set("shop.example.com AAAA 2001:db8::1"), 20),
        alias("www.example.com A ", &shop.zone, "shop.example.com"),
    ];
    change(&store, &shop.zone, batch(Action::Create, plain)).await.unwrap();
    let mut service = shop.service();
    let binding = dns(&mut service);
    (binding.adopt, binding.release, binding.affinity) = (true, true, Some(Affinity::Resolver));
    for (name, environment) in &mut service.environments {
        let v4 = if name.as_str() == "green" { "10.0.0.9" } else { "10.0.0.1" };
        environment.dns =
            [(RecordType::A, vec![v4.to_owned()]), (RecordType::AAAA, vec!["2001:db8::9".to_owned()])].into();
    }
    services::put(&store, meta(), service, None).await.unwrap();
    Game::on(scratch, store, shop, &staged()).await
}

/// The revisions at which each type of a name was written, from the log.
fn revisions(game: &Game, record_type: &str) -> Vec<u64> {
    let entries = game.store.log_after(Revision(0), 10_000).unwrap();
    let of_release = entries.into_iter().filter(|entry| entry.author.starts_with("deployment "));
    let writes = of_release.filter(|entry| {
        entry.mutations.iter().any(|mutation| {
            let key = String::from_utf8_lossy(&mutation.key).into_owned();
            mutation.key.starts_with(keys::RECORD_SETS) && key.split('\0').any(|part| part == record_type)
        })
    });
    writes.map(|entry| entry.revision.0).collect()
}

#[tokio::test]
async fn a_plain_record_is_released_by_one_change_before_and_one_after() {
    let mut game = plain().await;
    game.pass(500_000).await;
    assert_eq!(game.phase(), Phase::Succeeded, "{}", game.story());
    let expected = game.before.clone().into_iter().map(|mut found| {
        let values = if found.record_type == RecordType::A { "10.0.0.9" } else { "2001:db8::9" };
        if let (true, Body::Records { values: of, .. }) =
            (found.name.to_string() == "shop.example.com.", &mut found.body)
        {
            *of = vec![values.to_owned()];
        }
        found
    });
    assert_eq!(listed(&game.store, &game.shop.zone, 100), expected.collect::<Vec<_>>(), "{}", game.story());
    assert!(stickiness::list(&game.store, &game.shop.zone).unwrap().is_empty());
    assert_eq!(game.active(), "green 2.1");
    // Adoption with staging, three shifts, release: both types in each of them, at no other revision.
    assert_eq!((revisions(&game, "A").len(), revisions(&game, "A")), (5, revisions(&game, "AAAA")));
}

#[tokio::test]
async fn a_crash_after_any_turn_of_an_adoption_leaves_the_way_back_whole() {
    for lost_after in [3, 4, 5, 6, 7, 8, 10, 12] {
        let mut game = plain().await;
        game.lost_after = Some(lost_after);
        game.pass(33_000).await;
        let sticky = stickiness::list(&game.store, &game.shop.zone).unwrap();
        assert_eq!(sticky.iter().map(|(_, set)| *set).collect::<Vec<_>>(), [Stickiness::DEFAULT], "{}", game.story());
        game.order(Command::Abort).await;
        game.pass(500_000).await;
        assert_eq!(game.phase(), Phase::RolledBack, "{}", game.story());
        assert_eq!(listed(&game.store, &game.shop.zone, 100), game.before, "{}", game.story());
        assert!(stickiness::list(&game.store, &game.shop.zone).unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_staged_group_with_others_in_it_is_found_again_as_it_was() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let shop = Shop::open(&store).await;
    let legacy = weighted("shop.example.com A 10.0.0.66", "legacy", 50);
    change(&store, &shop.zone, batch(Action::Create, [with_ttl(legacy, 40)])).await.unwrap();
    let mut service = shop.service();
    dns(&mut service).foreign = Foreign::Keep;
    services::put(&store, meta(), service, None).await.unwrap();
    let mut game = Game::on(scratch, store, shop, &staged()).await;
    // The change that made `legacy` gave all of A its TTL.
    game.pass(64_000).await;
    let ttls = || {
        let all = listed(&game.store, &game.shop.zone, 100).into_iter().filter(|set| set.record_type == RecordType::A);
        let ttl = |set: RecordSet| match set.body {
            Body::Records { ttl, .. } => {
                (set.routing.set_identifier().map(ToString::to_string).unwrap(), ttl.seconds())
            }
            _ => unreachable!(),
        };
        all.map(ttl).collect::<Vec<_>>()
    };
    let expected = [("blue".to_owned(), 2), ("green".to_owned(), 2), ("legacy".to_owned(), 40)];
    assert_eq!(ttls(), expected, "{}", game.story());
    game.order(Command::Abort).await;
    game.pass(500_000).await;
    assert_eq!((game.phase(), listed(&game.store, &game.shop.zone, 100)), (Phase::RolledBack, game.before.clone()));
}
