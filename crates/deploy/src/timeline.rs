//! When the steps of a plan begin, if all goes well and it begins now: what the plan waits for, and the windows and freezes
//! that are known by now.

use model::deployment::{Freeze, Gate, Hold, Plan, PlanBeside, PlanStep, Service, Spec};
use serde::Serialize;

use crate::window::closed;

/// The times of a release, at the earliest. In ms since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// One per step, as far as they can be reached.
    pub steps: Vec<Begins>,
    /// All steps are done; none if a window never opens as far as anybody knows.
    pub baking_ms: Option<u64>,
    /// The release has succeeded.
    pub done_ms: Option<u64>,
    /// People or programs decide on the way, in a time that nobody knows: it may be later.
    pub asks: bool,
    /// What never opens.
    pub shut: Option<String>,
}

/// When a step begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Begins {
    /// Counted from 1.
    pub step: usize,
    /// In ms since 1970.
    pub at_ms: u64,
    /// What it waits for behind a window or freeze.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behind: Option<String>,
}

/// The times of a plan of this spec that begins now.
#[must_use]
pub fn timeline(plan: &Plan, spec: &Spec, service: &Service, freezes: &[Freeze], now_ms: u64) -> Timeline {
    let mut times =
        Timeline { steps: Vec::new(), baking_ms: None, done_ms: None, asks: asks(plan, spec, service), shut: None };
    let before = plan.beside.as_ref().map_or(0, |PlanBeside { takes, .. }| takes.ms());
    let health = spec.health_gate.as_ref().map_or(0, |gate| gate.healthy_for.ms());
    let Some((mut at_ms, mut behind)) = opening(service, freezes, now_ms, &mut times) else { return times };
    at_ms = at_ms.saturating_add(before).saturating_add(health);
    for (step, number) in plan.steps.iter().zip(1..) {
        if matches!(step, PlanStep::Shift { .. } | PlanStep::Batch { .. }) {
            let Some((open_ms, barred)) = opening(service, freezes, at_ms, &mut times) else { return times };
            (at_ms, behind) = (open_ms, behind.or(barred));
        }
        times.steps.push(Begins { step: number, at_ms, behind: behind.take() });
        at_ms = at_ms.saturating_add(step.expected(plan.times.settle).ms());
    }
    times.baking_ms = Some(at_ms);
    times.done_ms = Some(at_ms.saturating_add(plan.times.bake.ms()));
    times
}

/// When something may move, from a time on, and what bars it until then; none if that never opens, which is noted.
fn opening(service: &Service, freezes: &[Freeze], at_ms: u64, times: &mut Timeline) -> Option<(u64, Option<String>)> {
    match closed(service, freezes, at_ms) {
        None => Some((at_ms, None)),
        Some(closed) => match closed.until_ms {
            Some(until) => Some((until, Some(closed.text))),
            None => {
                times.shut = Some(closed.text);
                None
            }
        },
    }
}

fn asks(plan: &Plan, spec: &Spec, service: &Service) -> bool {
    let is_asked = |step: &PlanStep| match step {
        PlanStep::Hold(Hold::UntilResumed) | PlanStep::Hook { .. } => true,
        PlanStep::Gate { gate, .. } => !matches!(gate, Gate::AutoAfter(_)),
        PlanStep::Shift { .. }
        | PlanStep::Batch { .. }
        | PlanStep::Hold(Hold::For(_))
        | PlanStep::Healthy(_)
        | PlanStep::Analyse { .. } => false,
    };
    plan.steps.iter().any(is_asked) || !spec.hooks.is_empty() || service.policy.approvals.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday, 30 November 2026, 10:00 UTC.
    const NOW: u64 = 1_796_032_800_000;

    fn told(policy: &str, spec: &str, freezes: &str) -> String {
        let service = format!(
            r#"{{"name":"shop","active":"blue","environments":{{"blue":{{"version":"1","set_identifiers":["b"]}},
                "green":{{"version":"2","set_identifiers":["g"]}}}},"policy":{policy},
                "traffic":[{{"dns":{{"zone":"Z1","name":"shop.example.com","types":["A"]}}}}]}}"#
        );
        let service = crate::parse_service(service.as_bytes()).unwrap();
        let spec = crate::parse_spec(spec.as_bytes()).unwrap();
        let sets = [("b", 100), ("g", 0)].map(|(id, weight)| {
            let set = model::RecordSet {
                name: model::Name::parse("shop.example.com.").unwrap(),
                record_type: model::RecordType::A,
                routing: model::Routing::Weighted {
                    set_identifier: model::id::SetIdentifier::parse(id).unwrap(),
                    weight,
                },
                body: model::Body::Records { ttl: model::Ttl::new(60).unwrap(), values: vec!["192.0.2.1".into()] },
                health_check: None,
            };
            (model::id::HostedZoneId::parse("Z1").unwrap(), set)
        });
        let plan = crate::plan(&service, &spec, &sets).unwrap();
        let freezes: Vec<Freeze> = serde_json::from_str(freezes).unwrap();
        let times = timeline(&plan, &spec, &service, &freezes, NOW);
        let after = |at_ms: u64| format!("{}m", (at_ms - NOW) / 60_000);
        let mut words: Vec<String> = times
            .steps
            .iter()
            .map(|step| format!("{} {}{}", step.step, after(step.at_ms), step.behind.as_ref().map_or("", |_| "!")))
            .collect();
        words.extend(times.done_ms.map(|at_ms| format!("done {}", after(at_ms))));
        words.extend(times.shut.map(|_| "shut".to_owned()));
        if times.asks {
            words.push("asks".to_owned());
        }
        words.join(", ")
    }

    #[test]
    fn steps_begin_when_those_before_have_ended_and_windows_are_open() {
        let spec = r#"{"to":"green","strategy":{"canary":{"steps":[{"weight":"50%"},{"hold":"10m"},{"weight":"100%"}]}},
            "settle":{"ttl_multiple":2,"min":"1s"},"bake":"5m"}"#;
        assert_eq!(told("{}", spec, "[]"), "1 0m, 2 2m, 3 12m, done 19m");
        let nights = r#"{"windows":[{"allow":"Mon-Sun 10:05-10:06 UTC"}]}"#;
        assert_eq!(told(nights, spec, "[]"), "1 5m!, 2 7m, 3 1445m!, done 1452m");
        let frozen = r#"[{"name":"incident"}]"#;
        assert_eq!(told("{}", spec, frozen), "shut");
        let asked = spec.replace(r#"{"hold":"10m"}"#, r#"{"hold":{}}"#);
        assert_eq!(told("{}", &asked, "[]"), "1 0m, 2 2m, 3 2m, done 9m, asks");
    }
}
