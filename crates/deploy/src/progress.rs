//! The numbers a person looks at: what share of the traffic the new environment should have, has been written, is
//! served, and is likely to see right now. None of them is a wish shown as a fact.

use model::deployment::{Deployment, Op, OpState, RecordSetWeight, Share};
use serde::Serialize;

/// Shares of the new environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// By the plan, once the current step is done; after an abort: as found.
    pub wanted: Share,
    /// By the weights that are stored.
    pub written: Share,
    /// By the weights that every node serves.
    pub applied: Share,
    /// Of the queries of clients, while caches forget: with a TTL of T, a cache renews its answer at any time in T.
    pub expected_now: Share,
}

/// The shares of the new environment at a time.
#[must_use]
pub fn progress(deployment: &Deployment, now_ms: u64) -> Progress {
    let is_new = |m: &RecordSetWeight| is_new(deployment, m);
    let start = share(&is_new, &deployment.plan.start);
    let journal = &deployment.record.journal;
    let desired = |op: Option<&Op>| op.map_or(start, |op| share(&is_new, &op.desired));
    let at = |op: &Op, wanted: fn(OpState) -> bool| op.entries.iter().find(|e| wanted(e.state)).map(|e| e.at_ms);
    let is_observed = |state: OpState| state == OpState::Observed;
    let observed = journal.iter().rev().find_map(|op| Some((op, at(op, is_observed)?)));
    let expected_now = observed.map_or(start, |(op, since)| {
        let (was, shall) = (share(&is_new, &op.precondition), share(&is_new, &op.desired));
        let ttl_seconds = op.ttl_seconds.unwrap_or(deployment.plan.times.ttl_seconds);
        converging(was, shall, now_ms.saturating_sub(since), u64::from(ttl_seconds) * 1_000)
    });
    let is_back = deployment.status.abort.is_some();
    let planned = deployment.status.cursor.map_or(desired(journal.last()), |c| deployment.plan.share_after(c.step));
    let before = if deployment.spec.rolling().is_some() { Share::NONE } else { start };
    Progress {
        wanted: if is_back { before } else { planned },
        written: desired(journal.iter().rev().find(|op| op.was_applied())),
        applied: desired(observed.map(|(op, _)| op)),
        expected_now,
    }
}

/// The share of the new environment by these weights.
pub(crate) fn share_of_new(deployment: &Deployment, weights: &[RecordSetWeight]) -> Share {
    share(&|m: &RecordSetWeight| is_new(deployment, m), weights)
}

/// `was + (shall − was) · min(1, since / ttl)`.
fn converging(was: Share, shall: Share, since_ms: u64, ttl_ms: u64) -> Share {
    if since_ms >= ttl_ms {
        return shall;
    }
    let (was, shall) = (i128::from(was.ppm()), i128::from(shall.ppm()));
    let ppm = was + (shall - was) * i128::from(since_ms) / i128::from(ttl_ms);
    Share::from_ppm(u32::try_from(ppm).expect("between two shares"))
}

/// Whether a record set leads to the new version: those of the new environment, or the instances that run it by now.
fn is_new(deployment: &Deployment, m: &RecordSetWeight) -> bool {
    let (id, to) = (&m.record_set.set_identifier, &deployment.plan.to);
    if deployment.spec.rolling().is_some() {
        let mut instances = deployment.record.instances.iter();
        return instances.any(|i| i.instance == *id && i.version.as_ref() == Some(&to.version));
    }
    deployment.service.environment_of(id) == Some(&to.environment)
}

/// The share of some record sets by the weights of the first type; all types move together.
fn share(is_own: &impl Fn(&RecordSetWeight) -> bool, weights: &[RecordSetWeight]) -> Share {
    let group = weights.chunk_by(|a, b| a.record_set.is_beside(&b.record_set)).next().unwrap_or_default();
    let sum: u64 = group.iter().map(|m| u64::from(m.weight)).sum();
    let own: u64 = group.iter().filter(|m| is_own(m)).map(|m| u64::from(m.weight)).sum();
    let ppm = (own * 1_000_000).checked_div(sum).unwrap_or(0);
    Share::from_ppm(u32::try_from(ppm).expect("a part is at most all"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_forget_evenly_over_a_ttl() {
        let (five, half) = (Share::from_ppm(50_000), Share::from_ppm(500_000));
        for (since, expected) in [(0, 50_000), (10_000, 200_000), (30_000, 500_000), (90_000, 500_000)] {
            assert_eq!(converging(five, half, since, 30_000).ppm(), expected);
        }
        assert_eq!(converging(half, Share::NONE, 15_000, 30_000).ppm(), 250_000);
        assert_eq!(converging(five, half, 0, 0), half);
    }

    #[test]
    fn many_heavy_record_sets_do_not_overflow_the_share() {
        let ids = |side: &str| (0..40).map(|n| format!("\"{side}{n}\"")).collect::<Vec<_>>().join(",");
        let json = format!(
            r#"{{"name":"shop","active":"blue","environments":{{"blue":{{"version":"1","set_identifiers":[{}]}},
                "green":{{"version":"2","set_identifiers":[{}]}}}},
                "traffic":[{{"dns":{{"zone":"Z1","name":"shop.example.com","types":["A"]}}}}]}}"#,
            ids("b"),
            ids("g")
        );
        let service = crate::parse_service(json.as_bytes()).unwrap();
        let heavy = |record_set| RecordSetWeight { record_set, weight: 255 };
        let weights: Vec<_> = service.record_set_keys().into_iter().map(heavy).collect();
        let is_green =
            |m: &RecordSetWeight| service.environment_of(&m.record_set.set_identifier).unwrap().as_str() == "green";
        assert_eq!(share(&is_green, &weights).ppm(), 500_000);
    }
}
