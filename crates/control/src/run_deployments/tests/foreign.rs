//! Releases of record sets in somebody else's zone: that of a second store, which judges every batch by the rules of
//! Route 53.

use std::collections::VecDeque;

use model::endpoint::{Errand, Report as Answer, Trouble, WriteFault};
use model::id::HostedZoneId;

use super::*;
use crate::foreign::{self, LookError, Run};
use crate::record_sets::{self, ChangeError};
use crate::testing::weighted;

/// What goes wrong with the next write.
#[derive(Clone, Copy)]
enum Fault {
    Throttled,
    /// It is taken, and nobody says so.
    Unheard,
}

/// Runs errands against another store, as a driver does against an endpoint.
fn against(theirs: &Store, faults: Vec<Fault>) -> Run {
    let (theirs, faults) = (theirs.clone(), Arc::new(Mutex::new(VecDeque::from(faults))));
    Arc::new(move |errand| {
        let (theirs, faults) = (theirs.clone(), Arc::clone(&faults));
        Box::pin(async move {
            match errand {
                Errand::Look(zone, names) => {
                    let mut all = listed(&theirs, &zone.zone, 100);
                    all.retain(|set| names.contains(&set.name));
                    Answer::Looked(Ok(all))
                }
                Errand::Write(zone, batch) => {
                    assert!(batch.changes.iter().all(|change| change.action != Action::Upsert));
                    let fault = faults.lock().unwrap().pop_front();
                    let trouble = |text: &str, rest_ms| Trouble { text: text.to_owned(), rest_ms };
                    if let Some(Fault::Throttled) = fault {
                        return Answer::Written(Err(WriteFault::Untaken(trouble("Throttling: Rate exceeded", 700))));
                    }
                    let (random, limits) = (random(), model::limits::Limits::default());
                    let written = record_sets::change(&theirs, meta(), &random, &zone.zone, batch, &limits);
                    Answer::Written(match (written.await, fault) {
                        (Ok(_), Some(Fault::Unheard)) => Err(WriteFault::Unknown(trouble("no answer", 0))),
                        (Ok(change), _) => Ok(change.id),
                        (Err(ChangeError::Invalid(fault)), _) => Err(WriteFault::Stale(trouble(&fault.to_string(), 0))),
                        (Err(fault), _) => panic!("{fault}"),
                    })
                }
                Errand::Confirm(..) => Answer::Confirmed(Ok(true)),
            }
        })
    })
}

struct Theirs {
    /// Removed when the test ends.
    _scratch: Scratch,
    store: Store,
    zone: HostedZoneId,
}

/// The shop of the other tests, with its record sets in a second store, and the release of it.
async fn game(faults: Vec<Fault>) -> (Game, Theirs) {
    let scratch = Scratch::new();
    let (store, theirs) = (scratch.store(), Scratch::new());
    let shop = Shop::open(&store).await;
    let other = theirs.store();
    let zone = crate::testing::zone(&other, "example.com").await.id;
    let mut sets = listed(&store, &shop.zone, 100);
    sets.retain(|set| set.set_identifier().is_some());
    for set in &mut sets {
        // A health check of the other account would be one that this one does not know.
        set.health_check = None;
    }
    change(&other, &zone, batch(Action::Create, sets)).await.unwrap();
    let json = format!(
        r#"{{"name":"shop","active":"blue","environments":{{
            "blue":{{"version":"1.9","set_identifiers":["blue"]}},
            "green":{{"version":"2.0","set_identifiers":["green"],"health_check":"{}"}}}},
            "traffic":[{{"route53":{{"account":"prod","zone":"{zone}","name":"shop.example.com","types":["A","AAAA"]}}}}]}}"#,
        shop.checks[1]
    );
    let service = services::parse(json.as_bytes()).unwrap();
    let run = against(&other, faults);
    foreign::look(&store, meta(), &run, &service).await.unwrap();
    services::put(&store, meta(), service, None).await.unwrap();
    let mut game = Game::on(scratch, store, shop, CANARY).await;
    *game.around.foreign.lock().unwrap() = Some(run);
    game.engine = engine(&game.store, &game.around, &game.verdicts);
    game.before = listed(&other, &zone, 100);
    (game, Theirs { _scratch: theirs, store: other, zone })
}

async fn phase(game: &mut Game) -> Phase {
    game.pass(120_000).await;
    deployments::find(&game.store, &game.id).unwrap().unwrap().deployment.status.phase
}

fn weights(theirs: &Theirs) -> Vec<u8> {
    let weight = |set: RecordSet| match set.routing {
        Routing::Weighted { weight, .. } => Some(weight),
        _ => None,
    };
    listed(&theirs.store, &theirs.zone, 100).into_iter().filter_map(weight).collect()
}

#[tokio::test]
async fn a_release_moves_the_weights_of_another_store_and_survives_a_restart_at_any_turn() {
    let (mut whole, theirs) = game(vec![Fault::Throttled, Fault::Unheard]).await;
    assert_eq!(phase(&mut whole).await, Phase::Succeeded);
    assert_eq!(weights(&theirs), [0, 200, 0, 200]);
    // Its own record sets, of the same names, are no business of this release.
    assert_eq!(whole.shop.set("blue", 200).routing, listed(&whole.store, &whole.shop.zone, 100)[2].routing);
    for lost_after in (1..whole.turns).step_by(4) {
        let (mut game, theirs) = game(vec![Fault::Unheard]).await;
        game.lost_after = Some(lost_after);
        assert_eq!(phase(&mut game).await, Phase::Succeeded, "lost after turn {lost_after}");
        assert_eq!(weights(&theirs), [0, 200, 0, 200], "lost after turn {lost_after}");
    }
}

#[tokio::test]
async fn a_bad_release_leaves_the_other_store_as_it_was_but_for_what_others_changed() {
    let (mut game, theirs) = game(Vec::new()).await;
    *game.around.metric.lock().unwrap() = Some(Measurement::Value(0.5));
    assert_eq!(phase(&mut game).await, Phase::RolledBack);
    assert_eq!(listed(&theirs.store, &theirs.zone, 100), game.before);
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_not_declared() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let json = r#"{"name":"shop","active":"blue","environments":{"blue":{"version":"1","set_identifiers":["b"]}},
        "traffic":[{"route53":{"account":"prod","zone":"Z1","name":"shop.example.com","types":["A"]}}]}"#;
    let service = services::parse(json.as_bytes()).unwrap();
    let refused = foreign::look(&store, meta(), &foreign::nobody("there is no driver"), &service).await.unwrap_err();
    assert!(matches!(refused, LookError::Trouble { .. }));
    assert_eq!(refused.to_string(), "traffic: cannot look at the record sets of account prod: there is no driver");
    // Nothing was seen, and nothing is taken for granted.
    assert!(matches!(services::put(&store, meta(), service.clone(), None).await, Err(services::PutError::Live(_))));
    // What was seen is forgotten with the service.
    let seen: Run = Arc::new(|_| {
        let set = weighted("shop.example.com A 10.0.0.1", "b", 9);
        Box::pin(std::future::ready(Answer::Looked(Ok(vec![set]))))
    });
    foreign::look(&store, meta(), &seen, &service).await.unwrap();
    services::put(&store, meta(), service.clone(), None).await.unwrap();
    services::delete(&store, meta(), &service.name).await.unwrap();
    assert!(matches!(services::put(&store, meta(), service, None).await, Err(services::PutError::Live(_))));
}

/// A service of another name that steers TXT beside the shop's A and AAAA.
fn neighbour(zone: &HostedZoneId) -> model::deployment::Service {
    let json = format!(
        r#"{{"name":"texts","active":"one","environments":{{"one":{{"version":"1","set_identifiers":["one"]}}}},
            "traffic":[{{"route53":{{"account":"prod","zone":"{zone}","name":"shop.example.com","types":["TXT"]}}}}]}}"#
    );
    services::parse(json.as_bytes()).unwrap()
}

#[tokio::test]
async fn an_older_look_for_another_service_of_the_name_is_no_drift() {
    let (mut game, theirs) = game(Vec::new()).await;
    let mut old = game.before.clone();
    old.push(weighted("shop.example.com TXT \"x\"", "one", 1));
    game.pass(9_000).await;
    assert_ne!(weights(&theirs), [200, 0, 200, 0], "it has moved");
    // It began before the release wrote, and comes late.
    let late: Run = Arc::new(move |_| Box::pin(std::future::ready(Answer::Looked(Ok(old.clone())))));
    foreign::look(&game.store, meta(), &late, &neighbour(&theirs.zone)).await.unwrap();
    assert_eq!(phase(&mut game).await, Phase::Succeeded, "{}", game.story());
    assert!(!game.story().contains("drift"), "{}", game.story());
}

#[tokio::test]
async fn a_service_that_is_deleted_takes_nothing_from_its_neighbour() {
    let (mut game, theirs) = game(Vec::new()).await;
    let mut all = game.before.clone();
    all.push(weighted("shop.example.com TXT \"x\"", "one", 1));
    let seen: Run = Arc::new(move |_| Box::pin(std::future::ready(Answer::Looked(Ok(all.clone())))));
    let service = neighbour(&theirs.zone);
    foreign::look(&game.store, meta(), &seen, &service).await.unwrap();
    services::put(&game.store, meta(), service.clone(), None).await.unwrap();
    game.pass(9_000).await;
    services::delete(&game.store, meta(), &service.name).await.unwrap();
    assert_eq!(phase(&mut game).await, Phase::Succeeded, "{}", game.story());
    assert!(!game.story().contains("drift"), "{}", game.story());
}
