//! How many instances of a rolling release are replaced together, how many may be away, and how many stand in for them
//! (R5.9). Asked by the plan, which refuses numbers that allow nothing, and at every batch, by the instances that there are
//! then.

use model::deployment::{Amount, Environment, RecordSetWeight, Rolling};
use model::id::SetIdentifier;

use super::rolling::wrong;
use crate::parse::SpecError;

/// Numbers of instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Of one batch.
    pub(crate) batch: usize,
    /// In rotation by their own weights.
    pub(crate) in_rotation: usize,
    /// So many of those may be out of rotation or unhealthy, with nobody in their place.
    pub(crate) unavailable: usize,
    /// So many without weight may take the place of others.
    pub(crate) surge: usize,
}

impl Bounds {
    /// By the weights that instances have of their own.
    pub(crate) fn of(rolling: &Rolling, environment: &Environment, own: &[RecordSetWeight]) -> Self {
        let all = environment.set_identifiers.len();
        let is_part = matches!(rolling.batch.size, Amount::Part(_));
        let batch = rolling.batch.size.of_down(all).max(usize::from(is_part));
        let in_rotation = environment.set_identifiers.iter().filter(|id| has_weight(id, own)).count();
        let surge = rolling.max_surge.of_up(in_rotation);
        let default = batch.saturating_sub(surge);
        let unavailable = rolling.max_unavailable.map_or(default, |amount| amount.of_down(in_rotation));
        Self { batch, in_rotation, unavailable, surge }
    }

    /// The same while a release runs: instances that went make nothing impossible that was asked for in parts.
    pub(crate) fn of_running(rolling: &Rolling, environment: &Environment, own: &[RecordSetWeight]) -> Self {
        let mut bounds = Self::of(rolling, environment, own);
        let spares = environment.set_identifiers.len() - bounds.in_rotation;
        bounds.surge = bounds.surge.min(spares);
        if bounds.unavailable + bounds.surge == 0 && rolling.max_unavailable != Some(Amount::Count(0)) {
            bounds.unavailable = 1;
        }
        bounds.unavailable = bounds.unavailable.min(bounds.in_rotation.saturating_sub(1));
        bounds.batch = bounds.batch.max(1);
        bounds
    }

    /// So many must be healthy and in rotation at every moment.
    pub(crate) fn least(self) -> usize {
        self.in_rotation.saturating_sub(self.unavailable)
    }

    /// # Errors
    /// Numbers that allow nothing, or everything, at once.
    pub(crate) fn check(self, rolling: &Rolling, spares: usize) -> Result<(), SpecError> {
        let Self { batch, in_rotation, unavailable, surge } = self;
        if batch == 0 {
            return Err(wrong("batch.size", "must be at least 1"));
        }
        if rolling.batch.canary_batch.is_some_and(|count| count == 0 || count as usize > batch) {
            return Err(wrong("batch.canary_batch", format!("must be from 1 to the size of a batch, {batch}")));
        }
        if surge > spares {
            let problem = format!(
                "{surge} instances shall stand in for others, but only {spares} have weight 0; add record sets with \
                 weight 0 to the environment"
            );
            return Err(wrong("max_surge", problem));
        }
        if unavailable == 0 && surge == 0 {
            let asked = rolling.max_unavailable.unwrap_or_default();
            let problem =
                format!("{asked} of {in_rotation} instances is none, and max_surge is 0: nothing could be replaced");
            return Err(wrong("max_unavailable", problem));
        }
        if batch > unavailable + surge {
            let more = if surge == 0 { String::new() } else { format!(" and max_surge {surge}") };
            let problem = format!("a batch of {batch} is more than max_unavailable {unavailable}{more} allow");
            return Err(wrong("batch.size", problem));
        }
        // R53 weighted: all weights zero would mean equal shares, also for those who are being replaced.
        if unavailable >= in_rotation {
            let problem = format!(
                "{unavailable} of {in_rotation} instances in rotation would leave none; at least one must stay"
            );
            return Err(wrong("max_unavailable", problem));
        }
        Ok(())
    }
}

/// Whether an instance is in rotation by these weights.
pub(crate) fn has_weight(instance: &SetIdentifier, weights: &[RecordSetWeight]) -> bool {
    weights.iter().any(|m| m.record_set.set_identifier == *instance && m.weight > 0)
}
