//! R5.11: instances that appear or go while a rolling release runs. The service names them; whoever is named anew joins
//! with the weight that it has, and is replaced when the batches are done unless it runs the version already; whoever is
//! named no more leaves the release as it is, and does not come back to it.
//!
//! Done between two writes only, so that what is written and seen is always of the same record sets, and before the release
//! is finalised. What the service does not name is drift, as ever.

use std::collections::BTreeMap;

use model::RecordSet;
use model::deployment::{
    Deployment, Environment, HookState, Instance, OpKind, OpState, Phase, Placed, RecordSetKey, RecordSetWeight,
    Service, Snapshot, SnapshotMember, Stage,
};
use model::id::{HostedZoneId, SetIdentifier};

use super::Turn;
use crate::live::{EnvironmentHealth, Live, environment_health};
use crate::parse::SpecError;
use crate::strategy::batches::batches;
use crate::strategy::bounds::{Bounds, has_weight};
use crate::strategy::rolling;

/// Phases in which instances may come and go: after the first look at record sets, and before the success is written down.
const MOVING: [Phase; 5] =
    [Phase::Progressing, Phase::Promoting, Phase::Baking, Phase::RollingBack, Phase::RollbackBlocked];

/// Why a service cannot be declared anew while a deployment of it runs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RescaleError {
    /// Something else than the instances of a rolling release would change, or it is not the time.
    #[error("only the instances of a rolling release may change, while it replaces them")]
    NotInstances,
    /// The release cannot take in the new ones, or let the others go.
    #[error("the release that runs cannot go on with these instances: {0}")]
    Unfit(SpecError),
}

/// Whether a service may be declared anew while this deployment of it runs: only instances come or go, and the deployment
/// can take them in or let them go. `record_sets` are those of the service's names, as they are now.
///
/// # Errors
/// See [`RescaleError`].
pub fn check_rescale(
    running: &Deployment,
    before: &Service,
    after: &Service,
    record_sets: &[(HostedZoneId, RecordSet)],
) -> Result<(), RescaleError> {
    let Some(rolling) = running.spec.rolling() else { return Err(RescaleError::NotInstances) };
    let unfit = |problem: String| Err(RescaleError::Unfit(SpecError::new("set_identifiers", problem)));
    let mut same = after.clone();
    let was = before.environments.get(&rolling.environment);
    let (Some(environment), Some(was)) = (same.environments.get_mut(&rolling.environment), was) else {
        return Err(RescaleError::NotInstances);
    };
    let (named, placed) = (environment.set_identifiers.clone(), environment.instances.clone());
    environment.set_identifiers.clone_from(&was.set_identifiers);
    environment.instances.clone_from(&was.instances);
    if same != *before || !MOVING.contains(&running.status.phase) {
        return Err(RescaleError::NotInstances);
    }
    let zone = |of: &BTreeMap<SetIdentifier, Placed>, id: &SetIdentifier| of.get(id).and_then(|p| p.zone.clone());
    if named.iter().any(|id| was.set_identifiers.contains(id) && zone(&placed, id) != zone(&was.instances, id)) {
        return Err(RescaleError::NotInstances);
    }
    if let Some(back) = named.iter().find(|id| running.record.left.contains(id)) {
        return unfit(format!("{back} has left it already; name it when it is over, or give it another identifier"));
    }
    let knows = |id: &&SetIdentifier| running.record.instances.iter().any(|i| i.instance == **id);
    if let Some(again) = named.iter().filter(knows).find(|id| !was.set_identifiers.contains(id)) {
        return unfit(format!("{again} is leaving it; give the new one another identifier"));
    }
    let live = Live::read(after, record_sets);
    let environment = &after.environments[&rolling.environment];
    // Who is out of rotation for the moment has a weight of its own.
    let found = running.record.snapshot.as_ref().map(Snapshot::weights).unwrap_or_default();
    let own = |m: RecordSetWeight| found.iter().find(|own| own.record_set == m.record_set).cloned().unwrap_or(m);
    let own: Vec<RecordSetWeight> = live.weights().into_iter().map(own).collect();
    rolling::check(rolling, environment, &live).map_err(RescaleError::Unfit)?;
    batches(rolling, environment, &own).map_err(RescaleError::Unfit)?;
    // By right and for the moment: all weights 0 would mean equal shares.
    let stays = |weights: &[RecordSetWeight]| named.iter().any(|id| has_weight(id, weights));
    if !stays(&own) || !stays(&live.weights()) {
        return unfit("none of them is in rotation; at least one must stay".to_owned());
    }
    let bounds = Bounds::of_running(rolling, environment, &own);
    if bounds.unavailable + bounds.surge == 0 {
        return unfit("nobody of them could leave any more, and none could be replaced".to_owned());
    }
    Ok(())
}

impl Turn<'_> {
    /// Takes in what the service says of instances now, if that can be done now.
    pub(super) fn reconcile(&mut self) {
        let is_rolling = self.next.spec.rolling().is_some() && MOVING.contains(&self.next.status.phase);
        if !is_rolling || self.is_writing() {
            return;
        }
        let Some((service, live)) = self.declared_anew() else { return };
        let expected = self.next.record.live_weights().unwrap_or_default();
        let Some(snapshot) = &mut self.next.record.snapshot else { return };
        let was: BTreeMap<RecordSetKey, SnapshotMember> =
            snapshot.members.drain(..).map(|m| (m.record_set.clone(), m)).collect();
        let members = live.members.iter().map(|m| was.get(&m.record_set).unwrap_or(m).clone());
        snapshot.members = members.collect();
        let left_at = |m: RecordSetWeight| expected.iter().find(|e| e.record_set == m.record_set).cloned().unwrap_or(m);
        let desired = live.weights().into_iter().map(left_at).collect();
        self.plan_write(OpKind::Reconcile, expected, desired);
        self.enter_state(OpState::Applied { revision: self.seen.revision });
        self.enter_state(OpState::Done);
        (self.next.service, self.live) = (service, live);
        self.let_go();
        self.take_in();
    }

    fn is_writing(&self) -> bool {
        let stage = self.next.status.cursor.map(|cursor| cursor.stage);
        let is_of_write = matches!(stage, None | Some(Stage::Shift | Stage::Observe | Stage::Settle));
        self.next.record.journal.last().is_some_and(|op| match op.state() {
            OpState::Planned => true,
            // What an aborted write left behind nobody carries on.
            OpState::Applied { .. } | OpState::Observed => is_of_write,
            OpState::Done | OpState::Superseded => false,
        })
    }

    /// The service with the instances that it names now, and their record sets; none if they are the same or cannot be taken
    /// as they are. Whatever is wrong with record sets is told as drift.
    fn declared_anew(&self) -> Option<(Service, Live)> {
        let declared = self.seen.environments.get(&self.next.plan.to.environment)?;
        let with = |is_named: &dyn Fn(&SetIdentifier) -> bool| {
            let mut service = self.next.service.clone();
            let environment = service.environments.get_mut(&self.next.plan.to.environment)?;
            environment.set_identifiers = declared.set_identifiers.iter().filter(|id| is_named(id)).cloned().collect();
            environment.instances.clone_from(&declared.instances);
            let is_same = environment.set_identifiers.len() == self.rolled()?.set_identifiers.len()
                && environment.set_identifiers.iter().all(|id| self.is_known(id));
            let live = Live::read(&service, &self.seen.record_sets);
            (!is_same && live.whole().is_ok()).then_some((service, live))
        };
        let stays_away = |id: &SetIdentifier| self.next.record.left.contains(id);
        let (_, all) = with(&|id| !stays_away(id))?;
        // One that comes up with the version joins once it is well: until then it has not failed.
        let comes_up = |id: &SetIdentifier| {
            let health = environment_health(&all.checks_of_instance(id), &self.seen.health);
            !self.is_known(id)
                && declared.version_of(id) == self.next.plan.to.version
                && !matches!(health, EnvironmentHealth::Healthy | EnvironmentHealth::Unchecked)
        };
        with(&|id| !stays_away(id) && !comes_up(id))
    }

    fn is_known(&self, instance: &SetIdentifier) -> bool {
        self.next.record.instances.iter().any(|i| i.instance == *instance)
    }

    fn let_go(&mut self) {
        let Some(named) = self.rolled().map(|environment| environment.set_identifiers.clone()) else { return };
        let record = &mut self.next.record;
        let (stay, gone): (Vec<_>, Vec<_>) = record.instances.drain(..).partition(|i| named.contains(&i.instance));
        record.instances = stay;
        record.undoing.retain(|id| named.contains(id));
        record.batch.retain(|id| named.contains(id));
        for Instance { instance, .. } in gone {
            // Nobody waits for what is said of it any more.
            for run in self.next.record.hooks.iter_mut().filter(|run| run.occasion.instance() == Some(&instance)) {
                if run.is_open() || run.state == HookState::Failed {
                    run.state = HookState::Superseded;
                }
            }
            self.tell(format!("{instance} has left the release: the service does not name it any more"));
            self.next.record.left.push(instance);
        }
    }

    fn take_in(&mut self) {
        let Some(environment) = self.rolled().cloned() else { return };
        for instance in environment.set_identifiers.iter().filter(|id| !self.is_known(id)).collect::<Vec<_>>() {
            self.take_in_one(&environment, instance.clone());
        }
    }

    fn take_in_one(&mut self, environment: &Environment, instance: SetIdentifier) {
        let (runs, to) = (environment.version_of(&instance).to_owned(), self.next.plan.to.version.clone());
        let from = self.next.plan.from.as_ref().map(|from| from.version.clone());
        let what = match self.next.status.abort {
            None if runs == to => ", and is taken for replaced",
            None => ", to be replaced after the batches",
            Some(_) => "",
        };
        self.tell(format!("{instance} has joined the release with version {runs}{what}"));
        // It came up with the new version: going back means for it too that what serves is the old one.
        let old_version = if runs == to { from.unwrap_or_else(|| runs.clone()) } else { runs.clone() };
        self.next.record.instances.push(Instance { instance, old_version, version: Some(runs) });
    }
}
