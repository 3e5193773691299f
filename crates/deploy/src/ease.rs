//! The steps of a way back that has some: checked and priced with the plan, so that nothing is left to find out on the way.
//! Taking them is `step::ease`'s business.

use model::deployment::{Period, PlanBack, RecordSetWeight, Rollback, RollbackMode, Service, Share, Shares, Spec};

use crate::plan::{PlanError, wrong};
use crate::traffic::{Bounds, bounded_weights};

/// More would be slower than any reason to go back allows.
const STEPS_MAX: usize = 20;

/// What is wrong with the steps.
pub(crate) fn check(spec: &Spec) -> Result<(), PlanError> {
    let Rollback { mode, steps, every: _ } = &spec.rollback;
    if *mode == RollbackMode::OneChange {
        let is_fine = steps.is_empty();
        return if is_fine { Ok(()) } else { Err(wrong("rollback.steps", "need mode: stepped")) };
    }
    if spec.rolling().is_some() {
        return Err(wrong("rollback.mode", "a rolling release goes back by its batches; leave this out"));
    }
    if spec.initial.is_some() {
        return Err(wrong("rollback.mode", "nobody served before the first release; leave this out"));
    }
    if steps.is_empty() || steps.len() > STEPS_MAX {
        let problem = format!("name from 1 to {STEPS_MAX} shares that the new environment keeps, such as 50%");
        return Err(wrong("rollback.steps", problem));
    }
    let mut last = Share::ALL;
    for (index, share) in steps.iter().enumerate() {
        if *share >= last || *share == Share::NONE {
            let problem = format!("shares fall from below 100% to above 0%: {share} follows {last}");
            return Err(wrong(format!("rollback.steps[{index}]"), problem));
        }
        last = *share;
    }
    Ok(())
}

/// The steps with their weights.
pub(crate) fn plan(
    service: &Service,
    spec: &Spec,
    start: &[RecordSetWeight],
    foreign: &[RecordSetWeight],
) -> Result<Option<PlanBack>, PlanError> {
    let Rollback { mode, steps, every } = &spec.rollback;
    let (Some(active), Some(target), RollbackMode::Stepped) = (&service.active, spec.target(), mode) else {
        return Ok(None);
    };
    let bounds = || Bounds { foreign, tolerance: spec.tolerance };
    let priced = steps.iter().enumerate().map(|(index, share)| {
        let shares = Shares::from([(active.clone(), share.rest()), (target.clone(), *share)]);
        let weights = bounded_weights(service, start, &shares, bounds())
            .map_err(|error| PlanError::Granularity { field: format!("rollback.steps[{index}]"), error })?;
        Ok((*share, weights))
    });
    Ok(Some(PlanBack { steps: priced.collect::<Result<_, PlanError>>()?, every: *every }))
}

/// From the decision to go back until caches should have forgotten the new environment, with every step taken.
pub(crate) fn worst(back: &PlanBack, settle: Period) -> Period {
    let each = settle.ms().saturating_add(back.every.ms());
    let steps = u64::try_from(back.steps.len()).unwrap_or(u64::MAX);
    Period::from_ms(each.saturating_mul(steps).saturating_add(settle.ms()))
}
