//! What is known of the instances of a rolling release: who serves, who is healthy, what each runs. Looked at by the walk
//! of a batch (`rolling`), and at any time by what watches.

use std::collections::BTreeMap;

use model::deployment::{Code, Environment, Instance, Reason, Record, RecordSetWeight, Rolling, Snapshot};
use model::id::SetIdentifier;

use super::Turn;
use crate::action::Action;
use crate::live::{EnvironmentHealth, environment_health};
use crate::strategy::bounds::{Bounds, has_weight};
use crate::strategy::rolling::UNKNOWN;

impl Turn<'_> {
    /// An instance that serves with the new version and becomes unhealthy is a failure; others are the guard's business.
    pub(super) fn watch_instances(&mut self) -> bool {
        let to = &self.next.plan.to.version;
        let changed = self.next.record.instances.iter().filter(|i| i.version.as_ref() == Some(to));
        let sick = changed.map(|i| &i.instance).find(|id| {
            let health = environment_health(&self.live.checks_of_instance(id), &self.seen.health);
            self.is_in_rotation(id) && matches!(health, EnvironmentHealth::Unhealthy(_))
        });
        let Some(sick) = sick.cloned() else { return false };
        let text = format!("{sick} became unhealthy with {to}");
        self.fail(Reason::new(Code::TargetUnhealthy, text), false)
    }

    /// Since when the batch has been healthy without a break.
    pub(super) fn note_health_of_batch(&mut self) {
        let is_up = self.instances_now().iter().all(|id| self.is_healthy(id));
        self.next.status.healthy_since_ms = is_up.then(|| self.next.status.healthy_since_ms.unwrap_or(self.now));
    }

    /// What was seen before the replacement was another program's health.
    pub(super) fn note_health_anew(&mut self) {
        self.next.status.healthy_since_ms = None;
        self.note_health_of_batch();
    }

    /// Tells the service what its instances run, so that it is known whatever becomes of the release.
    pub(super) fn note_versions(&mut self) {
        // Until its turn has come, what they run is somebody else's business.
        if self.next.record.snapshot.is_none() {
            return;
        }
        let environment = self.next.plan.to.environment.clone();
        let Some(declared) = self.seen.environments.get(&environment) else { return };
        let runs = |i: &Instance| i.version.clone().unwrap_or_else(|| UNKNOWN.to_owned());
        let known = self.next.record.instances.iter().map(|i| (i.instance.clone(), runs(i)));
        let known: BTreeMap<SetIdentifier, String> =
            known.filter(|(id, _)| declared.set_identifiers.contains(id)).collect();
        if known.iter().any(|(id, version)| declared.version_of(id) != version) {
            let service = self.next.service.name.clone();
            self.actions.push(Action::NoteVersions { service, environment, versions: known });
            self.wake_soon();
        }
    }

    /// I-DONE: all of them.
    pub(super) fn runs_everywhere(&self) -> bool {
        let to = &self.next.plan.to.version;
        self.next.record.instances.iter().all(|i| i.version.as_ref() == Some(to))
    }

    /// The batch that is under way.
    fn instances_now(&self) -> &[SetIdentifier] {
        let Record { undoing, batch, .. } = &self.next.record;
        if undoing.is_empty() { batch } else { undoing }
    }

    /// The first of these, as many as may be out together.
    pub(super) fn one_batch(&self, mut instances: Vec<SetIdentifier>) -> Vec<SetIdentifier> {
        let Some((bounds, environment)) = self.bounds().zip(self.rolled()) else { return instances };
        if self.next.spec.rolling().is_some_and(Rolling::is_zone_by_zone) {
            let zone = |id: &SetIdentifier| environment.instances.get(id).and_then(|placed| placed.zone.clone());
            let first = instances.first().map(zone);
            instances.retain(|id| Some(zone(id)) == first);
        }
        instances.truncate(bounds.batch);
        instances
    }

    pub(super) fn bounds(&self) -> Option<Bounds> {
        Some(Bounds::of_running(self.next.spec.rolling()?, self.rolled()?, &self.start()))
    }

    /// The environment whose instances are replaced.
    pub(super) fn rolled(&self) -> Option<&Environment> {
        self.next.service.environments.get(&self.next.plan.to.environment)
    }

    /// The weights as found, of the instances that there are.
    fn start(&self) -> Vec<RecordSetWeight> {
        self.next.record.snapshot.as_ref().map_or_else(|| self.next.plan.start.clone(), Snapshot::weights)
    }

    pub(super) fn own_weights(&self, instance: &SetIdentifier) -> Vec<RecordSetWeight> {
        self.start().into_iter().filter(|m| m.record_set.set_identifier == *instance).collect()
    }

    /// Whether it is in rotation when nobody works on anything.
    pub(super) fn has_weight_of_its_own(&self, instance: &SetIdentifier) -> bool {
        has_weight(instance, &self.start())
    }

    /// Whether nobody is sent to it, and somebody should.
    pub(super) fn is_out(&self, instance: &SetIdentifier) -> bool {
        self.has_weight_of_its_own(instance) && !self.is_in_rotation(instance)
    }

    /// Whether anybody is sent to it.
    pub(super) fn is_in_rotation(&self, instance: &SetIdentifier) -> bool {
        has_weight(instance, &self.live.weights())
    }

    /// Nothing checks it, nobody asks for its health, or its checks are healthy.
    pub(super) fn is_healthy(&self, instance: &SetIdentifier) -> bool {
        let asks = self.next.spec.rolling().is_some_and(|rolling| rolling.verify.health);
        let health = environment_health(&self.live.checks_of_instance(instance), &self.seen.health);
        !asks || matches!(health, EnvironmentHealth::Healthy | EnvironmentHealth::Unchecked)
    }
}
