//! What comes before anybody serves and after a success, on a real store: the first release, and the old environment.

use model::deployment::{AfterlifeState, Service};

use super::*;
use crate::rows::read;

const TEARDOWN: &str = r#"{"to": "green", "version": "2.1", "strategy": {"blue_green": {}}, "settle": {"min": "1s"},
    "retain_old": "1m", "teardown": {"hook": "destroy"},
    "hooks": {"destroy": {"http": {"url": "http://127.0.0.1/{{from}}"}, "every": "5s"}}}"#;

fn state(game: &Game) -> AfterlifeState {
    let found = deployments::find(&game.store, &game.id).unwrap().unwrap();
    found.deployment.record.afterlife.unwrap().state
}

fn calls(game: &Game) -> Vec<String> {
    game.around.called.lock().unwrap().iter().map(|call| call.id.to_string()).collect()
}

#[tokio::test]
async fn an_old_environment_is_torn_down_once_whatever_is_lost_in_between() {
    let play = async |lost_after| {
        let mut game = Game::of(TEARDOWN).await;
        game.lost_after = lost_after;
        game.pass(30_000).await;
        assert_eq!((game.phase(), state(&game)), (Phase::Succeeded, AfterlifeState::Retained));
        let open = read(&game.store, |reader| deployment_rows::open(reader)).unwrap();
        assert_eq!(open, [], "the service is free");
        game.restart();
        game.pass(60_000).await;
        assert_eq!((state(&game), game.engine.schedule.open.len()), (AfterlifeState::TornDown, 0));
        let ids: std::collections::BTreeSet<_> = calls(&game).into_iter().collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        game
    };
    let whole = play(None).await;
    assert_eq!(whole.engine.report.ended().values().sum::<u64>(), 0, "the end was counted before the restart");
    for lost_after in 1..=whole.turns {
        play(Some(lost_after)).await;
    }
}

#[tokio::test]
async fn another_release_keeps_what_it_uses() {
    let mut game = Game::of(TEARDOWN).await;
    game.pass(30_000).await;
    let back = deployments::RollBack { service: shop_name(), to: None, reason: "no".into(), by_key: None };
    let made = deployments::roll_back(&game.store, at(game.now_ms()), &random(), back).await.unwrap();
    game.pass(30_000).await;
    let found = deployments::find(&game.store, &made.id).unwrap().unwrap().deployment;
    assert_eq!((found.status.phase, game.active().as_str()), (Phase::Succeeded, "blue 1.9"));
    game.pass(120_000).await;
    assert_eq!((state(&game), calls(&game).len()), (AfterlifeState::Kept, 0));
    assert_eq!(game.engine.schedule.open.len(), 0);
}

#[tokio::test]
async fn a_person_keeps_it_after_the_success_and_is_refused_afterwards() {
    let mut game = Game::of(TEARDOWN).await;
    game.pass(30_000).await;
    game.order(Command::Stop).await;
    game.pass(120_000).await;
    assert_eq!((state(&game), calls(&game).len(), game.phase()), (AfterlifeState::Kept, 0, Phase::Succeeded));
    let order = Order { by: "alice".into(), ..Order::default() };
    let refused = deployments::order(&game.store, at(game.now_ms()), &game.id, Command::Stop, order).await;
    assert!(refused.unwrap_err().to_string().contains("is Succeeded; nothing was changed"));
}

#[tokio::test]
async fn a_first_release_makes_somebody_serve() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let shop = Shop::open(&store).await;
    services::delete(&store, meta(), &shop_name()).await.unwrap();
    // Both weights are zero, which is equal shares to the DNS: nobody serves alone.
    for record_type in [model::RecordType::A, model::RecordType::AAAA] {
        let mut set = listed(&store, &shop.zone, 100)
            .into_iter()
            .find(|set| set.record_type == record_type && set.set_identifier().is_some_and(|id| id.as_str() == "blue"))
            .unwrap();
        if let Routing::Weighted { weight, .. } = &mut set.routing {
            *weight = 0;
        }
        change(&store, &shop.zone, batch(Action::Upsert, [set])).await.unwrap();
    }
    services::put(&store, meta(), Service { active: None, ..shop.service() }, None).await.unwrap();
    let spec = r#"{"to": "blue", "initial": "direct", "strategy": {"blue_green": {}}, "settle": {"min": "1s"}}"#;
    let mut game = Game::on(scratch, store, shop, spec).await;
    assert_eq!(game.active(), "nobody");
    let back = deployments::RollBack { service: shop_name(), to: None, reason: String::new(), by_key: None };
    let refused = deployments::roll_back(&game.store, at(START_MS), &random(), back.clone()).await.unwrap_err();
    assert!(matches!(refused, deployments::RollBackError::NobodyServes(_)), "{refused}");
    game.pass(30_000).await;
    assert_eq!(
        (game.phase(), game.weights().as_str()),
        (Phase::Succeeded, "A blue=255 green=0, AAAA blue=255 green=0")
    );
    assert_eq!(game.active(), "blue 1.9");
    let refused = deployments::roll_back(&game.store, at(game.now_ms()), &random(), back).await.unwrap_err();
    assert!(refused.to_string().contains("nobody served before"), "{refused}");
    // A file that never named a pointer keeps what the release has set.
    let kept = services::put(&game.store, meta(), Service { active: None, ..game.shop.service() }, None).await.unwrap();
    assert_eq!(kept.service.active.unwrap().as_str(), "blue");
}
