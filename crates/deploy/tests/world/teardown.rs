//! Releases whose old environment is torn down after the success.

use model::RecordType;
use model::deployment::{AfterlifeState, Phase};

use super::World;

/// It succeeds after some seconds; blue is retained for a minute, and its answers live for 3 s in caches.
pub const SPEC: &str = r#"{"to": "green", "version": "2.1", "strategy": {"blue_green": {}}, "settle": {"min": "1s"},
    "retain_old": "1m", "teardown": {"hook": "destroy"},
    "hooks": {"destroy": {"http": {"url": "http://127.0.0.1/{{from}}"}, "every": "5s"}}}"#;

pub fn released(spec: &str) -> World {
    released_in(World::new(), spec)
}

pub fn released_in(mut world: World, spec: &str) -> World {
    world.start(spec);
    world.pass(20_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    world
}

/// [`SPEC`] with an end of the drain: `on_timeout` after 10 s.
pub fn bounded(on_timeout: &str) -> String {
    let rule = format!(r#""teardown": {{"drain": {{"max": "10s", "on_timeout": "{on_timeout}"}}, "#);
    SPEC.replace(r#""teardown": {"#, &rule)
}

/// Gives blue a weight by hand.
pub fn weigh(world: &mut World, weight: u8) {
    for record_type in [RecordType::A, RecordType::AAAA] {
        world.set_weight(record_type, "blue", weight);
    }
}

/// A release that waits for a person, because blue had weight when its time was over; it has none any more.
pub fn held() -> World {
    let mut world = released(&bounded("hold"));
    weigh(&mut world, 1);
    world.pass(120_000);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::Held, 0), "{}", world.transcript());
    weigh(&mut world, 0);
    world
}

pub fn state(world: &World) -> AfterlifeState {
    world.deployment().record.afterlife.as_ref().unwrap().state
}

pub fn waits(world: &World) -> String {
    world.deployment().status.waiting_on.iter().map(|waiting| waiting.text.clone()).collect()
}

/// How often the hook was called.
pub fn torn(world: &World) -> usize {
    world.calls.iter().filter(|call| call.name == "destroy").count()
}
