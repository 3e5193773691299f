//! The weights of a rolling release while a batch is out (R5.9). Instances without weight of their own stand in for those who
//! are out, one for one, with the same weights and in the same write: nobody else gets more or fewer clients, and never
//! are more in rotation than there were.

use model::deployment::RecordSetWeight;
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

    /// Gives the weights of those who are out to healthy instances that have none of their own; who stands in already stays.
    fn stand_in(&self, mut desired: Vec<RecordSetWeight>, batch: &[SetIdentifier]) -> Vec<RecordSetWeight> {
        let surge = self.bounds().map_or(0, |bounds| bounds.surge);
        if surge == 0 {
            return desired;
        }
        let all = self.next.record.instances.iter().map(|i| &i.instance);
        let (with, without): (Vec<_>, Vec<_>) = all.partition(|id| self.has_weight_of_its_own(id));
        let out = with.into_iter().filter(|id| !has_weight(id, &desired)).collect::<Vec<_>>();
        let may_serve = |id: &&SetIdentifier| !batch.contains(id) && self.is_healthy(id);
        let mut spares = without.iter().copied().filter(may_serve).collect::<Vec<_>>();
        spares.sort_by_key(|id| !self.is_in_rotation(id));
        let pairs: Vec<_> = spares.into_iter().zip(out).take(surge).collect();
        for m in desired.iter_mut().filter(|m| without.contains(&&m.record_set.set_identifier)) {
            let replaced = pairs.iter().find(|(spare, _)| **spare == m.record_set.set_identifier).map(|(_, out)| *out);
            let own = replaced.map(|out| self.own_weights(out)).unwrap_or_default();
            m.weight = own.iter().find(|own| own.record_set.is_beside(&m.record_set)).map_or(0, |own| own.weight);
        }
        desired
    }
}
