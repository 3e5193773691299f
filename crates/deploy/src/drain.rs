//! Drain accounting: may what has lost its weight be replaced or torn down?
//!
//! Weight 0 everywhere is not enough. An answer that was given a moment before lives in caches for its TTL, in some
//! longer; connections outlive answers; and clients that never ask again keep coming. So four numbers count: the weight,
//! when the old answer was last given and its TTL, open connections, and the rate of requests. The last two only when
//! somebody can tell them. Before: the journal, or whoever counts otherwise, makes [`DrainFacts`]. After: tear-down and
//! replacement ask [`drained`].

use model::deployment::{Deployment, DrainFacts, DrainRule, Drained, Op, OpState, RecordSetKey, RecordSetWeight};
use model::id::EnvironmentName;

/// Whether it has drained, for somebody who has been asking since `asked_since_ms`.
///
/// Total and without memory: the same facts at the same time give the same answer, and a later time never takes back a
/// `Yes`.
#[must_use]
pub fn drained(rule: &DrainRule, facts: &DrainFacts, asked_since_ms: u64, now_ms: u64) -> Drained {
    let forgotten = facts.last_answered_ms.map(|at| rule.forgotten_ms(at, facts.ttl_seconds));
    let asks = rule.connections.is_some() || rule.requests.is_some();
    let quiet = if asks { facts.quiet_since_ms.map(|at| at.saturating_add(rule.quiet.ms())) } else { Some(0) };
    let ready = forgotten.zip(quiet).map(|(forgotten, quiet)| forgotten.max(quiet));
    if facts.weight == 0 && ready.is_some_and(|ready| now_ms >= ready) {
        return Drained::Yes;
    }
    let end = rule.max.map(|max| asked_since_ms.saturating_add(max.ms()));
    if end.is_some_and(|end| now_ms >= end) {
        return Drained::TimedOut(rule.on_timeout);
    }
    // What is known to pass by time alone; the rest passes by a later look.
    let known = [forgotten, quiet].into_iter().flatten().filter(|at| *at > now_ms).max();
    Drained::NotYet { until_ms: [known, end].into_iter().flatten().min() }
}

/// What the journal of a release knows of an environment; the readings are for others to fill in.
#[must_use]
pub fn drain_facts(deployment: &Deployment, environment: &EnvironmentName, live: &[RecordSetWeight]) -> DrainFacts {
    let own = |key: &RecordSetKey| deployment.service.environment_of(&key.set_identifier) == Some(environment);
    facts_of(deployment, own, live)
}

/// The same for any of the service's record sets, such as those of one instance.
#[must_use]
pub fn drain_facts_of(deployment: &Deployment, keys: &[RecordSetKey], live: &[RecordSetWeight]) -> DrainFacts {
    facts_of(deployment, |key| keys.contains(key), live)
}

fn facts_of(deployment: &Deployment, own: impl Fn(&RecordSetKey) -> bool, live: &[RecordSetWeight]) -> DrainFacts {
    let most = |weights: &[RecordSetWeight]| {
        weights.iter().filter(|m| own(&m.record_set)).map(|m| m.weight).max().unwrap_or(0)
    };
    let journal: Vec<&Op> = deployment.record.journal.iter().filter(|op| op.was_applied()).collect();
    // The write that took the last weight away, after which none gave any: every server has it since it was observed.
    let last_with = journal.iter().rposition(|op| most(&op.desired) > 0);
    // What others gave it meanwhile was taken away again by the last write that found it.
    let taken = journal.iter().rposition(|op| most(&op.precondition) > 0 && most(&op.desired) == 0);
    let off = journal.get(last_with.map_or(0, |at| at + 1).max(taken.unwrap_or(0)));
    let observed = |op: &&Op| op.entries.iter().find(|e| e.state == OpState::Observed).map(|e| e.at_ms);
    let began_without = most(&deployment.plan.start) == 0 && last_with.is_none();
    // Who joined later was looked at then.
    let knows = |op: &&&Op| op.desired.iter().any(|m| own(&m.record_set));
    let joined_ms = journal.iter().find(knows).and_then(|op| op.entries.first()).map(|entry| entry.at_ms);
    let began_here = deployment.plan.start.iter().any(|m| own(&m.record_set));
    let last_answered_ms = if began_without {
        joined_ms.filter(|_| !began_here).or(Some(deployment.created.at_ms))
    } else {
        off.and_then(|op| journal.iter().skip_while(|other| other.generation < op.generation).find_map(observed))
    };
    let ttl_in_force = off.and_then(|op| op.ttl_seconds).unwrap_or(deployment.plan.times.ttl_seconds);
    DrainFacts { weight: most(live), last_answered_ms, ttl_seconds: ttl_in_force, ..DrainFacts::default() }
}

/// A reading within its bound; silence and nonsense are not.
#[must_use]
pub fn is_quiet(rule: &DrainRule, facts: &DrainFacts) -> bool {
    let within = |asked: Option<f64>, read: Option<f64>| match (asked, read) {
        (None, _) => true,
        (Some(at_most), Some(read)) => read.is_finite() && read <= at_most,
        (Some(_), None) => false,
    };
    within(rule.connections.as_ref().map(|r| r.at_most), facts.connections)
        && within(rule.requests.as_ref().map(|r| r.at_most), facts.requests)
}

#[cfg(test)]
mod tests {
    use model::deployment::DrainTimeout;

    use super::*;

    fn rule(json: &str) -> DrainRule {
        serde_json::from_str(json).unwrap()
    }

    fn facts() -> DrainFacts {
        DrainFacts { weight: 0, last_answered_ms: Some(1_000), ttl_seconds: 20, ..DrainFacts::default() }
    }

    #[test]
    fn an_old_answer_is_waited_for_by_its_ttl_and_half_of_it() {
        let rule = rule("{}");
        assert_eq!(drained(&rule, &facts(), 0, 30_999), Drained::NotYet { until_ms: Some(31_000) });
        assert_eq!(drained(&rule, &facts(), 0, 31_000), Drained::Yes);
        let weighty = DrainFacts { weight: 1, ..facts() };
        assert_eq!(drained(&rule, &weighty, 0, 99_000), Drained::NotYet { until_ms: None });
        let unseen = DrainFacts { last_answered_ms: None, ..facts() };
        assert_eq!(drained(&rule, &unseen, 0, 99_000), Drained::NotYet { until_ms: None });
    }

    #[test]
    fn readings_must_be_quiet_for_long_enough_and_silence_is_not_quiet() {
        let provider = r#"{"provider":{"http":{"url":"http://m/","pointer":"/n"}},"at_most":2}"#;
        let rule = rule(&format!(r#"{{"connections":{provider},"quiet":"10s"}}"#));
        let with = |connections, quiet_since_ms| DrainFacts { connections, quiet_since_ms, ..facts() };
        for (read, is) in [(Some(2.0), true), (Some(2.5), false), (Some(f64::NAN), false), (None, false)] {
            assert_eq!(is_quiet(&rule, &with(read, None)), is);
        }
        assert_eq!(drained(&rule, &with(Some(1.0), None), 0, 40_000), Drained::NotYet { until_ms: None });
        let since = with(Some(1.0), Some(35_000));
        assert_eq!(drained(&rule, &since, 0, 40_000), Drained::NotYet { until_ms: Some(45_000) });
        assert_eq!(drained(&rule, &since, 0, 45_000), Drained::Yes);
    }

    #[test]
    fn a_drain_that_takes_too_long_ends_as_the_rule_says() {
        let rule = rule(r#"{"max":"25s","on_timeout":"cut"}"#);
        assert_eq!(drained(&rule, &facts(), 5_000, 29_999), Drained::NotYet { until_ms: Some(30_000) });
        assert_eq!(drained(&rule, &facts(), 5_000, 30_000), Drained::TimedOut(DrainTimeout::Cut));
        assert_eq!(drained(&rule, &facts(), 5_000, 31_000), Drained::Yes, "what has drained has drained");
    }
}
