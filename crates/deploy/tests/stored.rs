//! What an earlier build has stored is read by every later one, and the release goes on to its end.

mod world;

use model::deployment::Phase;
use world::{CANARY, World};

#[test]
fn a_deployment_of_the_first_form_goes_on_where_it_was() {
    let mut world = World::new();
    world.start(&CANARY.replacen('{', r#"{"background": {"templates": ["errors"]},"#, 1));
    world.pass(16_500);
    // Written by the first build; never to be written again.
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stored/v1.json");
    let stored = std::fs::read(&path).unwrap();
    world.deployment = Some(deploy::stored::read(&stored).unwrap());
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    assert!(deploy::stored::read(br#"{"deployment.v9": {}}"#).is_err());
}
