//! Instances that come and go while a rolling release replaces them, on a real store.

use model::deployment::Service;

use super::*;

const ROLLING: &str = r#"{
    "strategy": {"rolling": {"environment": "blue", "version": "2.0",
        "replace": {"http": {"url": "http://127.0.0.1/{{instance}}"}}, "verify": {"min_healthy_time": "2s"}}},
    "settle": {"min": "1s"}, "bake": "5s"}"#;

/// Blue has these record sets; others of the name are left alone.
fn service(shop: &Shop, sets: &[&str], active_version: &str) -> Service {
    let json = format!(
        r#"{{"name":"shop","active":"blue","environments":{{
            "blue":{{"version":"{active_version}","set_identifiers":{}}}}},
            "traffic":[{{"dns":{{"zone":"{}","name":"shop.example.com.","types":["A"],"foreign":"keep"}}}}],
            "policy":{{"on_busy":"queue"}}}}"#,
        serde_json::to_string(sets).unwrap(),
        shop.zone
    );
    services::parse(json.as_bytes()).unwrap()
}

async fn rolling() -> Game {
    let scratch = Scratch::new();
    let store = scratch.store();
    let shop = Shop::open(&store).await;
    let more = ["blue2", "blue3"].map(|id| shop.set(id, 100));
    change(&store, &shop.zone, batch(Action::Create, more)).await.unwrap();
    services::put(&store, meta(), service(&shop, &["blue", "blue2"], "1.9"), None).await.unwrap();
    Game::on(scratch, store, shop, ROLLING).await
}

async fn name(game: &mut Game, sets: &[&str]) -> Result<(), services::PutError> {
    let service = service(&game.shop, sets, "1.9");
    services::put(&game.store, at(game.now_ms()), service, None).await?;
    game.settle().await;
    Ok(())
}

fn replaced(game: &Game) -> Vec<String> {
    let called = game.around.called.lock().unwrap();
    called.iter().map(|call| call.variables["CUTOVER_INSTANCE"].clone()).collect()
}

fn versions(game: &Game) -> Vec<(String, String)> {
    let service = services::find(&game.store, &shop_name()).unwrap().unwrap().service;
    let blue = &service.environments.values().next().unwrap();
    blue.set_identifiers.iter().map(|id| (id.to_string(), blue.version_of(id).to_owned())).collect()
}

#[tokio::test]
async fn who_the_service_names_meanwhile_is_replaced_too() {
    let mut game = rolling().await;
    game.pass(1_000).await;
    let other = service(&game.shop, &["blue", "blue2", "blue3"], "1.8");
    let busy = services::put(&game.store, meta(), other, None).await.unwrap_err();
    assert_eq!(busy.code().unwrap().as_str(), "E_BUSY", "only instances may change");
    name(&mut game, &["blue", "blue2", "blue3"]).await.unwrap();
    game.pass(120_000).await;
    assert_eq!(game.phase(), Phase::Succeeded, "{}", game.story());
    assert_eq!(replaced(&game), ["blue", "blue2", "blue3"]);
    let new = ["blue", "blue2", "blue3"].map(|id| (id.to_owned(), "2.0".to_owned()));
    assert_eq!(versions(&game), new);
    assert_eq!(game.weights(), "A blue=200 blue2=100 blue3=100");
}

#[tokio::test]
async fn who_it_names_no_more_is_left_alone_and_may_be_deleted() {
    let mut game = rolling().await;
    game.pass(1_000).await;
    name(&mut game, &["blue", "blue2", "blue3"]).await.unwrap();
    game.pass(4_000).await;
    name(&mut game, &["blue", "blue3"]).await.unwrap();
    game.pass(6_000).await;
    let known: Vec<String> = game.deployment().record.instances.iter().map(|i| i.instance.to_string()).collect();
    assert_eq!(known, ["blue", "blue3"], "{}", game.story());
    let is_it = |set: &RecordSet| set.set_identifier().is_some_and(|id| id.as_str() == "blue2");
    let gone = listed(&game.store, &game.shop.zone, 100).into_iter().find(is_it).unwrap();
    change(&game.store, &game.shop.zone, batch(Action::Delete, [gone])).await.unwrap();
    game.pass(120_000).await;
    assert_eq!(game.phase(), Phase::Succeeded, "{}", game.story());
    assert_eq!(versions(&game), ["blue", "blue3"].map(|id| (id.to_owned(), "2.0".to_owned())));
}

/// It was named between the last look and the success.
#[tokio::test]
async fn whoever_comes_too_late_is_not_said_to_run_the_version() {
    let mut game = rolling().await;
    game.pass(1_000).await;
    let rolled = game.deployment().record.instances;
    let side = game.deployment().plan.to;
    name(&mut game, &["blue", "blue2", "blue3"]).await.unwrap();
    let activated = write(&game.store, meta(), move |transaction| {
        services::activate(transaction, &shop_name(), Some(&side), &rolled)
    });
    activated.await.unwrap();
    let versions = versions(&game);
    let told: Vec<(&str, &str)> = versions.iter().map(|(id, version)| (id.as_str(), version.as_str())).collect();
    assert_eq!(told, [("blue", "2.0"), ("blue2", "2.0"), ("blue3", "1.9")]);
}

/// What instances run is known only when the turn of a release comes.
#[tokio::test]
async fn a_release_that_waited_goes_back_to_what_the_one_before_it_left() {
    let mut game = rolling().await;
    let next =
        deployments::NewDeployment { window: deployments::AtWindow::Wait, ..new(&ROLLING.replace("2.0", "3.0")) };
    let next = deployments::create(&game.store, at(game.now_ms()), &random(), next).await.unwrap().deployment.id;
    game.pass(5_000).await;
    game.order(Command::Pause).await;
    game.pass(5_000).await;
    let before = (game.store.revision(), versions(&game)[0].1.clone());
    game.pass(20_000).await;
    assert_eq!((game.store.revision(), versions(&game)[0].1.clone()), (before.0, "2.0".into()), "nobody fights");
    game.order(Command::Resume).await;
    while game.phase() != Phase::Succeeded {
        game.pass(1_000).await;
    }
    game.id = next;
    game.pass(4_000).await;
    game.order(Command::Abort).await;
    game.pass(120_000).await;
    assert_eq!(game.phase(), Phase::RolledBack, "{}", game.story());
    assert_eq!(versions(&game), ["blue", "blue2"].map(|id| (id.to_owned(), "2.0".to_owned())));
    let told = game.around.called.lock().unwrap().last().unwrap().variables["CUTOVER_NEW_VERSION"].clone();
    assert_eq!(told, "2.0");
}

#[tokio::test]
async fn what_the_release_cannot_go_on_with_is_refused_with_its_reason() {
    let mut game = rolling().await;
    game.pass(1_000).await;
    let mut unchecked = game.shop.set("blue4", 10);
    unchecked.health_check = None;
    change(&game.store, &game.shop.zone, batch(Action::Create, [unchecked, game.shop.set("blue5", 0)])).await.unwrap();
    let refused = name(&mut game, &["blue", "blue2", "blue4"]).await.unwrap_err();
    assert_eq!(refused.code().unwrap().as_str(), "E_PRECONDITION");
    assert!(refused.to_string().contains("blue4 has no health check"), "{refused}");
    let refused = name(&mut game, &["blue"]).await.unwrap_err().to_string();
    assert!(refused.contains("none of them is in rotation"), "it is out for the moment: {refused}");
    let refused = name(&mut game, &["blue5"]).await.unwrap_err().to_string();
    assert!(refused.contains("none of them is in rotation; at least one must stay"), "{refused}");
    name(&mut game, &["blue", "blue2", "blue3"]).await.unwrap();
    while !game.weights().contains("blue=200") {
        game.pass(500).await;
    }
    let refused = name(&mut game, &["blue"]).await.unwrap_err().to_string();
    assert!(refused.contains("nobody of them could leave any more"), "{refused}");
    name(&mut game, &["blue", "blue3"]).await.unwrap();
    let refused = name(&mut game, &["blue", "blue2", "blue3"]).await.unwrap_err().to_string();
    assert!(refused.contains("blue2 is leaving it") || refused.contains("blue2 has left it already"), "{refused}");
    game.pass(6_000).await;
    let refused = name(&mut game, &["blue", "blue2", "blue3"]).await.unwrap_err().to_string();
    assert!(refused.contains("blue2 has left it already"), "{refused}");
    game.pass(120_000).await;
    assert_eq!(game.phase(), Phase::Succeeded, "{}", game.story());
    name(&mut game, &["blue", "blue2"]).await.unwrap();
}
