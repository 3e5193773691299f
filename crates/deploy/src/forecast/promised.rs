//! What a spec requires of its plan, asked once: a forecast is some millions of draws, and no transaction should wait for
//! them.
//!
//! Before: whoever creates a release asks [`promised`] where it keeps nobody waiting, and hands the answer in. After: the
//! plan that is made then takes it, if it is the same plan; any other asks anew.

use model::RecordSet;
use model::deployment::{Deployment, Plan, Service, Spec};
use model::id::HostedZoneId;

use super::{ForecastFault, check_promises};
use crate::line::draft_with;

/// Whether one plan can promise what its spec requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promised {
    /// The hash of the plan.
    hash: String,
    found: Result<(), ForecastFault>,
}

/// Where a plan takes that answer from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Promises<'a> {
    /// From a forecast of its own.
    Ask,
    /// From what was found of the same plan, if it is the same.
    Known(&'a Promised),
    /// It is asked later.
    Leave,
}

impl Promised {
    /// Of a plan that was made, and kept its promises then.
    pub(crate) fn of_made(plan: &Plan) -> Self {
        Self { hash: plan.hash.clone(), found: Ok(()) }
    }
}

impl Promises<'_> {
    /// Whether a plan, with its hash, can promise what is required.
    pub(crate) fn check(self, plan: &Plan, spec: &Spec) -> Result<(), ForecastFault> {
        let Some(require) = &spec.require else { return Ok(()) };
        match self {
            Self::Leave => Ok(()),
            Self::Known(known) if known.hash == plan.hash => known.found.clone(),
            Self::Known(_) | Self::Ask => check_promises(plan, spec, require),
        }
    }
}

/// Asks for the plan that would be made now, as [`crate::draft`] makes it. Nothing if nothing must be drawn for it, or there
/// is no plan.
#[must_use]
pub fn promised(
    service: &Service,
    spec: &Spec,
    record_sets: &[(HostedZoneId, RecordSet)],
    others: &[Deployment],
) -> Option<Promised> {
    let require = spec.require.as_ref().filter(|require| require.share_interval.is_some())?;
    let plan = draft_with(service, spec, record_sets, others, Promises::Leave).ok()?;
    let found = check_promises(&plan, spec, require);
    Some(Promised { hash: plan.hash, found })
}
