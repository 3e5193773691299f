//! Environments that a release took the traffic from: when they gave their last answer, and when caches have forgotten it.

use deploy::{drain_facts, drained};
use model::deployment::{DrainFacts, DrainRule, Drained};
use model::id::EnvironmentName;

use super::Found;

/// How far the drain of an environment is.
#[derive(Debug, Clone, PartialEq)]
pub struct Drain {
    /// Which.
    pub environment: EnvironmentName,
    /// What the journal knows of it.
    pub facts: DrainFacts,
    /// When the last cache has forgotten it, in ms since 1970; none while some server may give its answers.
    pub forgotten_ms: Option<u64>,
    /// Whether that is now.
    pub is_drained: bool,
}

/// The environments of a release that had traffic and have lost it; by what the DNS knows, without connections.
#[must_use]
pub fn drains(found: &Found, now_ms: u64) -> Vec<Drain> {
    let Found { deployment, weights } = found;
    let rule = DrainRule::default();
    let of = |environment: &EnvironmentName| {
        let own = |weights: &[model::deployment::RecordSetWeight]| {
            let of = |m: &&model::deployment::RecordSetWeight| {
                deployment.service.environment_of(&m.record_set.set_identifier) == Some(environment)
            };
            weights.iter().filter(of).any(|m| m.weight > 0)
        };
        let journal = deployment.record.journal.iter().filter(|op| op.was_applied());
        let had_traffic = own(&deployment.plan.start) || journal.into_iter().any(|op| own(&op.desired));
        let facts = drain_facts(deployment, environment, weights);
        let forgotten_ms = facts.last_answered_ms.map(|at_ms| rule.forgotten_ms(at_ms, facts.ttl_seconds));
        let is_drained = drained(&rule, &facts, deployment.created.at_ms, now_ms) == Drained::Yes;
        let drain = Drain { environment: environment.clone(), facts, forgotten_ms, is_drained };
        (had_traffic && facts.weight == 0).then_some(drain)
    };
    let sides = deployment.plan.origin().into_iter().chain([&deployment.plan.to.environment]);
    let mut found: Vec<Drain> = Vec::new();
    for side in sides {
        // A release within one environment has it on both sides.
        if !found.iter().any(|known| known.environment == *side) {
            found.extend(of(side));
        }
    }
    found
}
