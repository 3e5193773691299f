//! All health checks and what is thought of each: the state behind the verdicts. Pure: no task, no clock.
//!
//! Before: `run` hands in each new list of checks and each probe's result. After: `run` starts and stops probing as
//! told, and sends the verdicts out. A check that changes keeps its standing wherever that still means something:
//!
//! - threshold, `Inverted`, latency, regions: all results are kept, the new rule reads them;
//! - another place, port, path or protocol: the standing is kept until new results disagree, old results do not count;
//! - disabled: nothing is kept, so that a check enabled again begins like a new one.

use std::collections::HashMap;

use model::health_check::{Endpoint, HealthCheck, HealthCheckConfig, Subject};
use model::health_status::{HealthStatus, Verdicts};
use model::id::HealthCheckId;

use crate::calculated;
use crate::verdict::{Checker, aggregate};

/// Every check, by id.
#[derive(Debug, Default)]
pub(crate) struct Board {
    entries: HashMap<HealthCheckId, Entry>,
}

#[derive(Debug)]
struct Entry {
    config: HealthCheckConfig,
    checker: Checker,
}

/// What is to be done after a new list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Probe this endpoint from now on, instead of whatever was probed for this check.
    Start(HealthCheckId, Endpoint),
    /// Probe nothing for this check.
    Stop(HealthCheckId),
    /// The check is gone, and all that is known about it.
    Forget(HealthCheckId),
}

impl Board {
    /// Takes over a new list of checks.
    pub(crate) fn adopt(&mut self, list: &[HealthCheck]) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut before = std::mem::take(&mut self.entries);
        for check in list {
            let old = before.remove(&check.id);
            let was = old.as_ref().and_then(|entry| probed(&entry.config));
            let is = probed(&check.config);
            let checker = old.as_ref().map(|entry| entry.checker).unwrap_or_default();
            let checker = match (was, is) {
                (_, None) => Checker::default(),
                (Some(was), Some(is)) if is_same_probe(was, is) => checker,
                (_, Some(_)) => checker.moved(),
            };
            match (was, is) {
                (Some(was), Some(is)) if is_same_probe(was, is) => {}
                (_, Some(endpoint)) => changes.push(Change::Start(check.id.clone(), endpoint.clone())),
                (Some(_), None) => changes.push(Change::Stop(check.id.clone())),
                (None, None) => {}
            }
            self.entries.insert(check.id.clone(), Entry { config: check.config.clone(), checker });
        }
        changes.extend(before.into_keys().filter(|id| !self.entries.contains_key(id)).map(Change::Forget));
        changes
    }

    /// Takes one probe's result; the new standing if it changed a mind.
    pub(crate) fn take(&mut self, id: &HealthCheckId, success: bool) -> Option<HealthStatus> {
        let Entry { config, checker } = self.entries.get_mut(id)?;
        let endpoint = probed(config)?;
        let result = if success { HealthStatus::Healthy } else { HealthStatus::Unhealthy };
        let after = checker.after(result, endpoint.failure_threshold.count());
        let changed = after.standing != checker.standing;
        *checker = after;
        if changed { after.standing } else { None }
    }

    /// The status of every check.
    pub(crate) fn verdicts(&self) -> Verdicts {
        let endpoints: Verdicts = self
            .entries
            .iter()
            .filter(|(_, entry)| matches!(entry.config.subject, Subject::Endpoint(_)))
            .map(|(id, entry)| (id.clone(), entry.conclude(aggregate(&[entry.checker]))))
            .collect();
        let calculated = self.entries.iter().filter_map(|(id, entry)| match &entry.config.subject {
            Subject::Endpoint(_) => None,
            Subject::Calculated(subject) => {
                Some((id.clone(), entry.conclude(Some(calculated::count(subject, &endpoints)))))
            }
        });
        let calculated: Vec<_> = calculated.collect();
        let unseen = self.entries.keys().filter(|id| !self.is_seen(id)).cloned();
        let all = endpoints.iter().map(|(id, status)| (id.clone(), status)).chain(calculated);
        all.collect::<Verdicts>().with_unseen(unseen)
    }

    /// Whether the status of a check is more than the guess of the beginning. What is not probed says what it says.
    fn is_seen(&self, id: &HealthCheckId) -> bool {
        let Some(Entry { config, checker }) = self.entries.get(id) else { return true };
        probed(config).is_none_or(|_| checker.standing.is_some())
            && (config.disabled || config.children().iter().all(|child| self.is_seen(child)))
    }

    /// Calculated checks and those of their children that do not exist.
    pub(crate) fn missing_children(&self) -> impl Iterator<Item = (&HealthCheckId, &HealthCheckId)> {
        let pairs = self.entries.iter().flat_map(|(id, entry)| entry.config.children().iter().map(move |c| (id, c)));
        pairs.filter(|(_, child)| !self.entries.contains_key(*child))
    }
}

impl Entry {
    fn conclude(&self, seen: Option<HealthStatus>) -> HealthStatus {
        HealthStatus::conclude(seen, self.config.inverted, self.config.disabled)
    }
}

/// The endpoint to probe, if there is one. A disabled check's endpoint is left alone.
fn probed(config: &HealthCheckConfig) -> Option<&Endpoint> {
    match &config.subject {
        Subject::Endpoint(endpoint) if !config.disabled => Some(endpoint),
        Subject::Endpoint(_) | Subject::Calculated(_) => None,
    }
}

/// Whether the same requests go to the same place.
fn is_same_probe(a: &Endpoint, b: &Endpoint) -> bool {
    (&a.target, a.port, &a.protocol, a.request_interval) == (&b.target, b.port, &b.protocol, b.request_interval)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use HealthStatus::{Healthy, Unhealthy};
    use model::health_check::RawHealthCheckConfig;

    pub(crate) fn id(text: &str) -> HealthCheckId {
        HealthCheckId::parse(text).unwrap()
    }

    pub(crate) fn check(name: &str, change: impl FnOnce(&mut RawHealthCheckConfig)) -> HealthCheck {
        let mut raw = RawHealthCheckConfig {
            kind: "TCP".to_owned(),
            ip_address: Some("127.0.0.1".to_owned()),
            port: Some(1),
            request_interval: Some(10),
            ..RawHealthCheckConfig::default()
        };
        change(&mut raw);
        let config = HealthCheckConfig::parse(&raw).unwrap();
        HealthCheck { id: id(name), caller_reference: name.to_owned(), config, version: 1 }
    }

    fn status(board: &Board, name: &str) -> HealthStatus {
        board.verdicts().status(&id(name)).unwrap()
    }

    #[test]
    fn a_new_check_is_healthy_inverted_unhealthy_and_disabled_not_probed_at_all() {
        let mut board = Board::default();
        let changes = board.adopt(&[
            check("plain", |_| {}),
            check("inverted", |raw| raw.inverted = Some(true)),
            check("disabled", |raw| raw.disabled = Some(true)),
            check("both", |raw| (raw.disabled, raw.inverted) = (Some(true), Some(true))),
        ]);
        let started: Vec<_> = changes
            .iter()
            .map(|change| match change {
                Change::Start(id, _) => id.as_str(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(started, ["plain", "inverted"]);
        for (name, expect) in [("plain", Healthy), ("inverted", Unhealthy), ("disabled", Healthy), ("both", Unhealthy)]
        {
            assert_eq!(status(&board, name), expect, "{name}");
        }
    }

    #[test]
    fn a_changed_threshold_keeps_results_and_a_changed_port_only_the_standing() {
        let mut board = Board::default();
        let with =
            |threshold, port| [check("a", |raw| (raw.failure_threshold, raw.port) = (Some(threshold), Some(port)))];
        board.adopt(&with(3, 1));
        assert_eq!((board.take(&id("a"), false), board.take(&id("a"), false)), (None, None));
        assert_eq!(board.adopt(&with(2, 1)), []);
        assert_eq!(board.take(&id("a"), false), Some(Unhealthy));

        assert!(matches!(board.adopt(&with(2, 2))[..], [Change::Start(..)]));
        assert_eq!(status(&board, "a"), Unhealthy);
        assert_eq!((board.take(&id("a"), true), status(&board, "a")), (None, Unhealthy));
        assert_eq!(board.take(&id("a"), true), Some(Healthy));
    }

    /// Healthy when `a` is.
    fn parent_of_a() -> HealthCheck {
        check("parent", |raw| {
            *raw = RawHealthCheckConfig {
                kind: "CALCULATED".to_owned(),
                child_health_checks: Some(vec!["a".to_owned()]),
                health_threshold: Some(1),
                ..RawHealthCheckConfig::default()
            };
        })
    }

    #[test]
    fn a_status_is_a_guess_until_enough_results_agree_and_so_is_what_is_calculated_of_it() {
        let mut board = Board::default();
        let parent = parent_of_a();
        let disabled = check("disabled", |raw| raw.disabled = Some(true));
        board.adopt(&[check("a", |raw| raw.failure_threshold = Some(2)), parent, disabled]);
        let seen = |board: &Board| ["a", "parent", "disabled"].map(|name| board.verdicts().is_seen(&id(name)));
        assert_eq!(seen(&board), [false, false, true]);
        board.take(&id("a"), true);
        assert_eq!(seen(&board), [false, false, true]);
        let before = board.verdicts();
        assert_eq!(board.take(&id("a"), true), Some(Healthy));
        assert_eq!(seen(&board), [true, true, true]);
        assert_ne!(board.verdicts(), before, "whoever waits for it is told");
    }

    #[test]
    fn disabling_stops_probes_at_once_and_enabling_begins_anew() {
        let mut board = Board::default();
        let with = |disabled| [check("a", |raw| (raw.failure_threshold, raw.disabled) = (Some(1), Some(disabled)))];
        board.adopt(&with(false));
        board.take(&id("a"), false);
        assert_eq!(status(&board, "a"), Unhealthy);
        assert_eq!(board.adopt(&with(true)), [Change::Stop(id("a"))]);
        assert_eq!(status(&board, "a"), Healthy);
        assert_eq!(board.take(&id("a"), false), None);
        board.adopt(&with(false));
        assert_eq!(status(&board, "a"), Healthy);
    }

    #[test]
    fn a_deleted_check_is_forgotten_and_no_longer_holds_its_parent_down() {
        let mut board = Board::default();
        let parent = parent_of_a();
        board.adopt(&[check("a", |raw| raw.failure_threshold = Some(1)), parent.clone()]);
        board.take(&id("a"), false);
        assert_eq!(status(&board, "parent"), Unhealthy);
        assert_eq!(board.adopt(&[parent]), [Change::Forget(id("a"))]);
        assert_eq!(board.take(&id("a"), true), None);
        assert_eq!(status(&board, "parent"), Healthy);
        assert_eq!(board.missing_children().collect::<Vec<_>>(), [(&id("parent"), &id("a"))]);
    }
}
