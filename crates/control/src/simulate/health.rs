//! Which health checks turn over: those named, those of a place that is lost, and calculated ones above them.
//!
//! A place is lost by its record sets: the check of every one whose latency or geoproximity region is there goes down, and
//! of those without one of their own the checks of what their alias leads to, if the alias evaluates that. What has no
//! check at all is told: it would still be answered.

use std::collections::{BTreeMap, BTreeSet};

use model::change::Touched;
use model::health_check::{HealthCheck, Subject};
use model::health_status::HealthStatus;
use model::hosted_zone::HostedZone;
use model::id::HealthCheckId;
use model::traffic_policy::{Branch, Document, Target};
use model::{Body, Name, RecordSet};
use store::Reader;

use super::lost::{Lost, document, region, regional};
use super::{Clock, SimulateError, SimulationWarning};
use crate::keys;
use crate::rows::list;

/// Aliases followed from a lost record set, as many as an answer follows.
const ALIAS_DEPTH_MAX: usize = answer::ALIAS_DEPTH_MAX;
/// Regions named in an error.
const REGIONS_TOLD_MAX: usize = 20;

/// A health check that turns over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthChange {
    /// Which.
    pub id: HealthCheckId,
    /// Whether it is healthy then; it is the other way round now.
    pub is_healthy: bool,
    /// Why: what was asked for, record sets of a lost place, or the children of a calculated check.
    pub because: Vec<String>,
}

/// What is asked for.
pub(super) struct Wanted {
    pub(super) down: BTreeSet<HealthCheckId>,
    pub(super) up: BTreeSet<HealthCheckId>,
    pub(super) lost: BTreeSet<Lost>,
}

/// What turns over.
#[derive(Debug, Default)]
pub(super) struct Flips {
    pub(super) changes: Vec<HealthChange>,
    pub(super) unchecked: Vec<String>,
    /// Names whose record sets name one of the checks, with all that is there after the change.
    pub(super) names: Vec<(Name, Vec<RecordSet>)>,
    as_before: Vec<(HealthCheckId, bool)>,
    nowhere: Vec<HealthCheckId>,
}

impl Flips {
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// What a check becomes, if it changes.
    pub(super) fn status(&self, id: &HealthCheckId) -> Option<bool> {
        self.changes.iter().find(|change| change.id == *id).map(|change| change.is_healthy)
    }

    pub(super) fn warnings(&self, zone: &HostedZone) -> Vec<SimulationWarning> {
        let as_before = self
            .as_before
            .iter()
            .map(|(id, is_healthy)| SimulationWarning::AsBefore { id: id.clone(), is_healthy: *is_healthy });
        let nowhere =
            self.nowhere.iter().map(|id| SimulationWarning::NamedNowhere { id: id.clone(), zone: zone.name.clone() });
        as_before.chain(nowhere).collect()
    }
}

/// Finds them. `known` tells what every check says now.
pub(super) fn flips(
    reader: &Reader<'_>,
    zone: &HostedZone,
    touched: &[Touched],
    wanted: Wanted,
    known: &dyn Fn(&HealthCheckId) -> bool,
    clock: &Clock,
) -> Result<Flips, SimulateError> {
    let Wanted { down, up, lost } = wanted;
    if down.is_empty() && up.is_empty() && lost.is_empty() {
        return Ok(Flips::default());
    }
    let checks: Vec<HealthCheck> = list(reader, keys::HEALTH_CHECKS, keys::HEALTH_CHECKS, usize::MAX)?;
    let there: BTreeSet<&HealthCheckId> = checks.iter().map(|check| &check.id).collect();
    let mut turned = BTreeMap::<HealthCheckId, (bool, Vec<String>)>::new();
    for (ids, is_healthy) in [(&down, false), (&up, true)] {
        for id in ids {
            if !there.contains(id) {
                return Err(SimulateError::NoSuchHealthCheck(id.clone()));
            }
            let (said, because) = turned.entry(id.clone()).or_insert((is_healthy, Vec::new()));
            if *said != is_healthy {
                return Err(SimulateError::DownAndUp(id.clone()));
            }
            because.clear();
            because.push("as asked".to_owned());
        }
    }
    let sets = Sets::new(reader, zone, touched)?;
    let mut flips = Flips::default();
    for lost in lost {
        clock.check()?;
        let sites = sets.sites(&lost);
        if sites.is_empty() {
            return Err(SimulateError::NobodyThere { lost, there: sets.regions() });
        }
        for (site, ids) in sites {
            clock.check()?;
            if ids.is_empty() && !flips.unchecked.contains(&site) {
                flips.unchecked.push(site.clone());
            }
            for id in ids {
                // Whoever says that a check is up means it.
                let (is_healthy, because) = turned.entry(id).or_insert((false, Vec::new()));
                if !*is_healthy && !because.contains(&site) {
                    because.push(site.clone());
                }
            }
        }
    }
    calculated(&checks, known, &mut turned);
    for (id, (is_healthy, because)) in turned {
        if known(&id) == is_healthy {
            flips.as_before.push((id, is_healthy));
        } else {
            flips.changes.push(HealthChange { id, is_healthy, because });
        }
    }
    sets.named(&mut flips);
    Ok(flips)
}

/// What children make of their parents; no child is calculated itself.
fn calculated(
    checks: &[HealthCheck],
    known: &dyn Fn(&HealthCheckId) -> bool,
    turned: &mut BTreeMap<HealthCheckId, (bool, Vec<String>)>,
) {
    let mut parents = Vec::new();
    for check in checks.iter().filter(|check| !turned.contains_key(&check.id)) {
        let Subject::Calculated(of) = &check.config.subject else { continue };
        let changed: Vec<&HealthCheckId> = of.children.iter().filter(|child| turned.contains_key(child)).collect();
        if changed.is_empty() {
            continue;
        }
        let then =
            |child: &HealthCheckId| turned.get(child).map_or_else(|| known(child), |(is_healthy, _)| *is_healthy);
        let seen = Some(of.count(then));
        let then = HealthStatus::conclude(seen, check.config.inverted, check.config.disabled).is_healthy();
        if then != known(&check.id) {
            let because = changed.iter().map(|child| format!("its child {child}")).collect();
            parents.push((check.id.clone(), (then, because)));
        }
    }
    turned.extend(parents);
}

/// All record sets of the zone as they would be, by name.
struct Sets(BTreeMap<String, (Name, Vec<RecordSet>)>);

impl Sets {
    fn new(reader: &Reader<'_>, zone: &HostedZone, touched: &[Touched]) -> Result<Self, SimulateError> {
        let mut names = BTreeMap::<String, (Name, Vec<RecordSet>)>::new();
        for set in list::<RecordSet>(reader, &keys::record_sets(&zone.id), &[], usize::MAX)? {
            names.entry(set.name.sort_key()).or_insert_with(|| (set.name.clone(), Vec::new())).1.push(set);
        }
        for Touched { name, before: _, after } in touched {
            names.insert(name.sort_key(), (name.clone(), after.clone()));
        }
        Ok(Self(names))
    }

    fn all(&self) -> impl Iterator<Item = &RecordSet> {
        self.0.values().flat_map(|(_, sets)| sets)
    }

    /// Regions that record sets are in, each once.
    fn regions(&self) -> Vec<String> {
        let mut regions = BTreeSet::new();
        for set in self.all() {
            regions.extend(region(&set.routing));
            if let Some(document) = document(set) {
                let rules = document.reached().iter().map(|rule| document.rule(*rule));
                regions.extend(rules.flat_map(|rule| regional(&rule.branches)).map(|(region, _)| region));
            }
        }
        regions.into_iter().take(REGIONS_TOLD_MAX).map(|region| region.to_string()).collect()
    }

    /// What stands in a lost place, in words, each with the checks that go down with it.
    fn sites(&self, lost: &Lost) -> Vec<(String, BTreeSet<HealthCheckId>)> {
        let mut sites = Vec::new();
        for set in self.all() {
            let label = || {
                let id = set.set_identifier().map(|id| format!(" {:?}", id.as_str())).unwrap_or_default();
                format!("{} {}{id}", set.name, set.record_type)
            };
            if region(&set.routing).is_some_and(|region| lost.holds(&region)) {
                let mut ids = BTreeSet::new();
                self.checks(set, lost, 0, &mut ids, &mut BTreeSet::new());
                sites.push((label(), ids));
            }
            let Some(document) = document(set) else { continue };
            for rule in document.reached() {
                let rule = document.rule(*rule);
                for (region, branch) in regional(&rule.branches).into_iter().filter(|(region, _)| lost.holds(region)) {
                    let mut ids = BTreeSet::new();
                    branch_checks(document, branch, &mut ids);
                    sites.push((format!("{} rule {:?} {region}", label(), rule.id), ids));
                }
            }
        }
        sites
    }

    /// The record set's own check, or else those of its target.
    fn checks(
        &self,
        set: &RecordSet,
        lost: &Lost,
        depth: usize,
        ids: &mut BTreeSet<HealthCheckId>,
        been: &mut BTreeSet<(usize, String)>,
    ) {
        if let Some(id) = &set.health_check {
            ids.insert(id.clone());
            return;
        }
        let Body::Alias(alias) = &set.body else { return };
        if !alias.evaluate_target_health || depth == ALIAS_DEPTH_MAX {
            return;
        }
        let target = alias.dns_name.sort_key();
        // Many record sets may lead to one name, and those there to another.
        if !been.insert((depth, target.clone())) {
            return;
        }
        let targets = self.0.get(&target).map(|(_, sets)| &sets[..]).unwrap_or_default();
        for target in targets.iter().filter(|target| target.record_type == set.record_type) {
            // What is elsewhere by its own region stays.
            if region(&target.routing).is_none_or(|region| lost.holds(&region)) {
                self.checks(target, lost, depth + 1, ids, been);
            }
        }
    }

    /// Notes the names that depend on what turned over, and what no record set depends on.
    fn named(&self, flips: &mut Flips) {
        let mut used = BTreeSet::new();
        for (name, sets) in self.0.values() {
            let ids = sets.iter().flat_map(|set| {
                let of_policy = document(set).into_iter().flat_map(Document::health_checks);
                set.health_check.iter().chain(of_policy)
            });
            let ids: Vec<&HealthCheckId> =
                ids.filter(|id| flips.changes.iter().any(|change| change.id == **id)).collect();
            if !ids.is_empty() {
                flips.names.push((name.clone(), sets.clone()));
                used.extend(ids);
            }
        }
        let parents = |id: &HealthCheckId| {
            let child = format!("its child {id}");
            flips.changes.iter().any(|change| change.because.contains(&child))
        };
        let nowhere = flips.changes.iter().map(|change| &change.id).filter(|id| !used.contains(id) && !parents(id));
        flips.nowhere = nowhere.cloned().collect();
    }
}

/// The branch's own check, or else those of the rule that it leads to.
fn branch_checks(document: &Document, branch: &Branch, ids: &mut BTreeSet<HealthCheckId>) {
    match (&branch.health_check, branch.target) {
        (Some(id), _) => _ = ids.insert(id.clone()),
        // A document has no cycle.
        (None, Target::Rule(rule)) if branch.evaluate_target_health => {
            document.rule(rule).branches.all().into_iter().for_each(|branch| branch_checks(document, branch, ids));
        }
        (None, Target::Rule(_) | Target::Endpoint(_)) => {}
    }
}
