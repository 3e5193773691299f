//! R5.11: instances that appear or go while a rolling release runs. The service names them; whoever is named anew joins
//! with the weight that it has, and is replaced when the batches are done unless it runs the version already; whoever is
//! named no more leaves the release as it is.
//!
//! Done between two writes only, so that what is written and seen is always of the same record sets, and before the release
//! is finalised. What the service does
//! not name is drift, as ever.

use std::collections::BTreeMap;

use model::deployment::{
    Deployment, Instance, OpKind, OpState, Phase, RecordSetKey, RecordSetWeight, Service, SnapshotMember,
};
use model::id::SetIdentifier;

use super::Turn;
use crate::live::Live;

/// Phases in which instances may come and go: after the first look at record sets, and before the success is written down.
const MOVING: [Phase; 4] = [Phase::Progressing, Phase::Promoting, Phase::Baking, Phase::RollingBack];

/// Whether a service may be declared anew while this deployment of it runs: only instances come or go, and the deployment
/// can take them in or let them go.
#[must_use]
pub fn may_rescale(running: &Deployment, before: &Service, after: &Service) -> bool {
    let Some(rolling) = running.spec.rolling() else { return false };
    let mut same = after.clone();
    let environments =
        same.environments.get_mut(&rolling.environment).zip(before.environments.get(&rolling.environment));
    if let Some((environment, was)) = environments {
        environment.set_identifiers.clone_from(&was.set_identifiers);
        environment.instances.clone_from(&was.instances);
    }
    MOVING.contains(&running.status.phase) && same == *before
}

impl Turn<'_> {
    /// Takes in what the service says of instances now, if that can be done now.
    pub(super) fn reconcile(&mut self) {
        let is_rolling = self.next.spec.rolling().is_some() && MOVING.contains(&self.next.status.phase);
        if !is_rolling || self.is_writing() {
            return;
        }
        let Some(service) = self.declared_anew() else { return };
        let live = Live::read(&service, &self.seen.record_sets);
        // Whatever is wrong with them, or with the others, is told as drift.
        if live.whole().is_err() {
            return;
        }
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
        let op = self.next.record.journal.last();
        op.is_some_and(|op| !matches!(op.state(), OpState::Done | OpState::Superseded))
    }

    /// The service with the instances that it names now; none if those are the same.
    fn declared_anew(&self) -> Option<Service> {
        let name = &self.next.plan.to.environment;
        let (declared, known) = (self.seen.environments.get(name)?, self.rolled()?);
        let is_same = declared.set_identifiers.len() == known.set_identifiers.len()
            && declared.set_identifiers.iter().all(|id| known.set_identifiers.contains(id));
        if is_same {
            return None;
        }
        let mut service = self.next.service.clone();
        let environment = service.environments.get_mut(name)?;
        environment.set_identifiers.clone_from(&declared.set_identifiers);
        environment.instances.clone_from(&declared.instances);
        Some(service)
    }

    fn let_go(&mut self) {
        let Some(named) = self.rolled().map(|environment| environment.set_identifiers.clone()) else { return };
        let record = &mut self.next.record;
        let (stay, gone): (Vec<_>, Vec<_>) = record.instances.drain(..).partition(|i| named.contains(&i.instance));
        record.instances = stay;
        record.undoing.retain(|id| named.contains(id));
        record.late.retain(|id| named.contains(id));
        for Instance { instance, .. } in gone {
            self.tell(format!("{instance} has left the release: the service does not name it any more"));
        }
    }

    fn take_in(&mut self) {
        let Some(environment) = self.rolled().cloned() else { return };
        let known = |turn: &Self, id: &SetIdentifier| turn.next.record.instances.iter().any(|i| i.instance == *id);
        for instance in environment.set_identifiers.iter().filter(|id| !known(self, id)).collect::<Vec<_>>() {
            let (runs, to) = (environment.version_of(instance).to_owned(), self.next.plan.to.version.clone());
            let from = self.next.plan.from.as_ref().map(|from| from.version.clone());
            let what = if runs == to { "and is taken for replaced" } else { "to be replaced after the batches" };
            self.tell(format!("{instance} has joined the release with version {runs}, {what}"));
            // It came up with the new version: going back means for it too what serves is the old one.
            let old_version = if runs == to { from.unwrap_or_else(|| runs.clone()) } else { runs.clone() };
            let instance = instance.clone();
            self.next.record.instances.push(Instance { instance, old_version, version: Some(runs) });
        }
    }
}
