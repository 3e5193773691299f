//! The weights of a rolling release while a batch is out (R5.9). Instances without weight of their own stand in for those who
//! are out, one for one, with the same weights and in the same write: nobody else gets more or fewer clients, and never
//! are more in rotation than there were.

use model::deployment::{Instance, Record, RecordSetWeight};
use model::id::SetIdentifier;

use super::Turn;
use crate::strategy::bounds::has_weight;

impl Turn<'_> {
    /// The weights once a batch is out.
    pub(super) fn weights_without(&self, live: &[RecordSetWeight], batch: &[SetIdentifier]) -> Vec<RecordSetWeight> {
        let mut desired = live.to_vec();
        for m in desired.iter_mut().filter(|m| batch.contains(&m.record_set.set_identifier)) {
            m.weight = 0;
        }
        self.stand_in(desired, batch)
    }

    /// The weights once a batch is back.
    pub(super) fn weights_with(&self, live: &[RecordSetWeight], batch: &[SetIdentifier]) -> Vec<RecordSetWeight> {
        let own: Vec<RecordSetWeight> = batch.iter().flat_map(|id| self.own_weights(id)).collect();
        let mut desired = live.to_vec();
        for m in &mut desired {
            if let Some(own) = own.iter().find(|own| own.record_set == m.record_set) {
                m.weight = own.weight;
            }
        }
        self.stand_in(desired, batch)
    }

    /// Gives the weights of those whom the release has taken out to instances that have none of their own: to healthy ones,
    /// and to whoever stands in already as long as there is no other.
    fn stand_in(&self, mut desired: Vec<RecordSetWeight>, batch: &[SetIdentifier]) -> Vec<RecordSetWeight> {
        let surge = self.bounds().map_or(0, |bounds| bounds.surge);
        if surge == 0 {
            return desired;
        }
        let Record { instances, batch: forward, undoing, .. } = &self.next.record;
        let is_back = self.next.status.abort.is_some();
        let is_ours = |i: &Instance| {
            let is_changed = i.version.as_ref() != Some(&i.old_version);
            is_back && is_changed
                || [batch, forward.as_slice(), undoing.as_slice()].iter().any(|of| of.contains(&i.instance))
        };
        let (with, without): (Vec<_>, Vec<_>) = instances.iter().partition(|i| self.has_weight_of_its_own(&i.instance));
        let out = with.iter().filter(|i| is_ours(i) && !has_weight(&i.instance, &desired));
        let out: Vec<&SetIdentifier> = out.map(|i| &i.instance).collect();
        // What one runs is unknown while it is being replaced.
        let may_serve = |i: &&&Instance| {
            i.version.is_some()
                && !batch.contains(&i.instance)
                && (self.is_healthy(&i.instance) || self.is_in_rotation(&i.instance))
        };
        let mut spares: Vec<&SetIdentifier> = without.iter().filter(may_serve).map(|i| &i.instance).collect();
        spares.sort_by_key(|id| (!self.is_healthy(id), !self.is_in_rotation(id)));
        let pairs: Vec<_> = spares.into_iter().zip(out).take(surge).collect();
        let is_spare = |id: &SetIdentifier| without.iter().any(|i| i.instance == *id);
        for m in desired.iter_mut().filter(|m| is_spare(&m.record_set.set_identifier)) {
            let replaced = pairs.iter().find(|(spare, _)| **spare == m.record_set.set_identifier).map(|(_, out)| *out);
            let own = replaced.map(|out| self.own_weights(out)).unwrap_or_default();
            m.weight = own.iter().find(|own| own.record_set.is_beside(&m.record_set)).map_or(0, |own| own.weight);
        }
        desired
    }
}
