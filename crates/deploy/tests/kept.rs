//! What keeps an old environment from being torn down: whoever is still given its answers, and whoever uses it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use model::deployment::{AfterlifeState, HookAnswer};
use model::health_status::HealthStatus;
use model::id::DeploymentId;
use world::teardown::{SPEC, bounded, held, released, released_in, state, torn, waits, weigh};
use world::{World, environment, order};

fn retry(world: &mut World) {
    world.command(|d, now| deploy::retry(d, &order("bob", "they are robots"), now));
}

fn looks(world: &World) -> Vec<u64> {
    let requests = world.elsewhere.as_ref().unwrap().requests.iter();
    requests.filter(|(_, what)| *what == "look").map(|(at, _)| *at).collect()
}

#[test]
fn while_the_new_environment_is_unhealthy_dns_answers_with_the_old_one_and_caches_count_from_its_recovery() {
    for spec in [SPEC.to_owned(), bounded("proceed")] {
        let mut world = released(&spec);
        world.set_health("green", HealthStatus::Unhealthy);
        world.pass(600_000);
        assert_eq!((state(&world), torn(&world)), (AfterlifeState::Retained, 0));
        assert!(waits(&world).starts_with("blue is retained while green is unhealthy"), "{}", waits(&world));
        assert!(deploy::undo(world.deployment(), world.now).is_ok(), "the way back is as long as the environment");
        world.set_health("green", HealthStatus::Healthy);
        world.pass(2_900);
        assert_eq!((state(&world), waits(&world).as_str()), (AfterlifeState::Retained, "blue is draining"));
        world.pass(1_000);
        assert_eq!(state(&world), AfterlifeState::TornDown);
    }
}

#[test]
fn a_restart_forgets_no_illness_and_trusts_no_guess() {
    let mut world = released(SPEC);
    world.set_health("green", HealthStatus::Unhealthy);
    world.pass(30_000);
    world.restart();
    world.pass(600_000);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::Retained, 0));
    assert!(waits(&world).contains("health check green says nothing"), "{}", waits(&world));
    world.set_health("green", HealthStatus::Healthy);
    world.pass(2_900);
    assert_eq!(state(&world), AfterlifeState::Retained, "caches count from the first that was seen");
    world.pass(1_000);
    assert_eq!(state(&world), AfterlifeState::TornDown);

    // It fell ill while nobody looked.
    let mut world = released(SPEC);
    world.restart();
    world.pass(120_000);
    world.set_health("green", HealthStatus::Unhealthy);
    world.pass(600_000);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::Retained, 0));
}

#[test]
fn who_serves_nobody_is_not_waited_for() {
    let mut world = released(SPEC);
    let red = world.service.environments[&environment("green")].clone();
    world.service.environments.insert(
        environment("red"),
        model::deployment::Environment {
            set_identifiers: vec![model::id::SetIdentifier::parse("red").unwrap()],
            ..red
        },
    );
    world.service.active = Some(environment("red"));
    world.set_health("green", HealthStatus::Unhealthy);
    world.pass(90_000);
    assert_eq!(state(&world), AfterlifeState::TornDown, "{}", waits(&world));
}

#[test]
fn nobody_who_still_comes_is_cut_off() {
    // Somebody gives it traffic again by hand.
    let mut world = released(SPEC);
    weigh(&mut world, 1);
    world.pass(90_000);
    assert_eq!((state(&world), waits(&world).as_str()), (AfterlifeState::Retained, "blue is draining"));
    weigh(&mut world, 0);
    world.pass(2_900);
    assert_eq!(state(&world), AfterlifeState::Retained, "caches count from now");
    world.pass(1_000);
    assert_eq!(state(&world), AfterlifeState::TornDown);

    // And with answers that live longer than those of the release.
    let mut world = released(SPEC);
    weigh(&mut world, 1);
    world.set_ttl(60);
    world.pass(90_000);
    weigh(&mut world, 0);
    world.set_ttl(2);
    world.pass(89_900);
    assert_eq!(state(&world), AfterlifeState::Retained, "a minute and half of it");
    world.pass(1_000);
    assert_eq!(state(&world), AfterlifeState::TornDown);
}

#[test]
fn a_drain_that_took_too_long_skips_the_wait_for_caches_and_never_a_weight() {
    for on_timeout in ["proceed", "cut"] {
        let mut world = released(&bounded(on_timeout));
        weigh(&mut world, 1);
        world.pass(120_000);
        assert_eq!((state(&world), torn(&world)), (AfterlifeState::Held, 0), "{on_timeout}");

        let mut world = released(&bounded(on_timeout));
        weigh(&mut world, 1);
        world.set_ttl(600);
        world.pass(45_000);
        weigh(&mut world, 0);
        world.pass(5_000);
        assert_eq!(state(&world), AfterlifeState::Retained);
        world.pass(60_000);
        assert_eq!(state(&world), AfterlifeState::TornDown, "{on_timeout}: {}", waits(&world));
    }
    let mut world = held();
    assert_eq!(world.told.last().unwrap().event.name(), "teardown_failed");
    retry(&mut world);
    world.pass(1_000);
    assert_eq!(state(&world), AfterlifeState::TornDown);
}

#[test]
fn a_persons_word_tears_nothing_down_that_serves_again() {
    // Another release has made it serve, while this one waited for a person.
    let mut world = held();
    world.service.active = Some(environment("blue"));
    world.pass(1_000);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::Kept, 0), "{}", world.transcript());

    // The order comes in the same moment.
    let mut world = held();
    world.service.active = Some(environment("blue"));
    retry(&mut world);
    world.pass(60_000);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::Kept, 0), "{}", world.transcript());

    // After a hook that failed.
    let mut world = released(SPEC);
    world.hooks.insert("destroy".into(), vec![HookAnswer::Fail]);
    world.pass(90_000);
    world.guards.users = vec![DeploymentId::parse("D2").unwrap()];
    retry(&mut world);
    world.pass(60_000);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::Failed, 1), "its hook has worked on it");
    world.service.active = Some(environment("blue"));
    retry(&mut world);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::Kept, 1), "{}", world.transcript());
}

#[test]
fn a_persons_word_tears_nothing_down_that_is_given_to_clients() {
    let check = |change: fn(&mut World), why: &str| {
        let mut world = held();
        change(&mut world);
        retry(&mut world);
        world.pass(60_000);
        assert_eq!((state(&world), torn(&world)), (AfterlifeState::Held, 0), "{why}");
        assert!(world.transcript().contains(why), "{why}: {}", world.transcript());
        assert_eq!(world.told.last().unwrap().event.name(), "teardown_failed");
    };
    check(|world| weigh(world, 1), "blue is not torn down: it has weight");
    check(|world| world.set_health("green", HealthStatus::Unhealthy), "it is answered while green is unhealthy");
    let uses = |world: &mut World| world.guards.users = vec![DeploymentId::parse("D2").unwrap()];
    check(uses, "it is used by deployment D2");
}

#[test]
fn who_uses_it_keeps_it() {
    let mut world = released(SPEC);
    world.guards.users = vec![DeploymentId::parse("D2").unwrap()];
    world.pass(120_000);
    assert_eq!((state(&world), waits(&world).as_str()), (AfterlifeState::Retained, "blue is used by deployment D2"));
    // That deployment has made it serve.
    world.guards.users.clear();
    world.service.active = Some(environment("blue"));
    world.pass(1_000);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::Kept, 0));
    assert!(world.transcript().contains("blue is kept: it serves again"), "{}", world.transcript());

    let mut world = released(SPEC);
    world.service.environments.get_mut(&environment("blue")).unwrap().version = "3.0".into();
    world.pass(1_000);
    assert!(world.transcript().contains("blue is kept: it is said to run 3.0 by now"), "{}", world.transcript());

    let mut world = released(SPEC);
    world.is_declared = false;
    world.pass(1_000);
    assert!(world.transcript().contains("blue is kept: service shop is not declared any more"));
}

/// A release in somebody else's account.
fn elsewhere() -> World {
    released_in(World::elsewhere(), SPEC)
}

#[test]
fn others_record_sets_are_looked_at_before_anything_is_torn_down() {
    let mut world = elsewhere();
    // Nobody is told of it, and no look is due.
    let asked = looks(&world).len();
    weigh(&mut world, 1);
    world.pass(30_000);
    assert_eq!(looks(&world).len(), asked, "nothing is decided yet");
    world.pass(90_000);
    assert_eq!(
        (state(&world), torn(&world), waits(&world).as_str()),
        (AfterlifeState::Retained, 0, "blue is draining")
    );
    let asked = looks(&world).len();
    world.pass(120_000);
    assert_eq!(looks(&world).len() - asked, 4, "every 30 s");
    weigh(&mut world, 0);
    world.pass(60_000);
    assert_eq!(state(&world), AfterlifeState::TornDown, "{}", waits(&world));

    // It comes back between the last look that is due and the hook.
    let mut world = elsewhere();
    weigh(&mut world, 1);
    world.pass(60_000);
    weigh(&mut world, 0);
    for _ in 0..1_000 {
        if world.deployment().record.afterlife.as_ref().unwrap().has_weight {
            world.pass(100);
        }
    }
    weigh(&mut world, 1);
    world.pass(10_000);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::Retained, 0), "looked at once more");
}

#[test]
fn what_cannot_be_looked_at_is_not_torn_down() {
    let mut world = elsewhere();
    world.elsewhere.as_mut().unwrap().is_unreachable = true;
    world.pass(600_000);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::Retained, 0));
    assert_eq!(waits(&world), "looking whether blue has weight: no connection");
    world.elsewhere.as_mut().unwrap().is_unreachable = false;
    world.pass(10_000);
    assert_eq!(state(&world), AfterlifeState::TornDown);

    // Nor on a person's word; who may change it meanwhile.
    let mut world = elsewhere();
    world.hooks.insert("destroy".into(), vec![HookAnswer::Fail, HookAnswer::Pass]);
    world.pass(90_000);
    assert_eq!(state(&world), AfterlifeState::Failed);
    world.pass(60_000);
    world.elsewhere.as_mut().unwrap().is_unreachable = true;
    retry(&mut world);
    world.pass(60_000);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::TearingDown, 1));
    world.command(|d, now| deploy::stop(d, &order("bob", "by hand"), now));
    assert_eq!(state(&world), AfterlifeState::Kept);
}
