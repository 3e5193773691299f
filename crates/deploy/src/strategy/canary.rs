//! The canary: a little first, then more. Written out by the user, or generated and then printed in the plan as if
//! the user had written it.

use model::deployment::{Canary, CanaryStep, Exponential, Hold, Linear, Period, Preset, Share, Spec};

use super::{Draft, DraftStep, between, draft};
use crate::parse::SpecError;

/// The hold of a preset.
const PRESET_HOLD: Period = Period::from_seconds(600);

pub(super) fn expand(canary: &Canary, spec: &Spec) -> Result<Vec<Draft>, SpecError> {
    match canary {
        Canary::Steps(steps) => Ok(steps.iter().enumerate().map(written).collect()),
        Canary::Preset(preset) => Ok(ready_made(*preset, spec)),
        Canary::Linear(linear) => expand_linear(linear),
        Canary::Exponential(exponential) => expand_exponential(exponential),
    }
}

fn written((index, step): (usize, &CanaryStep)) -> Draft {
    let field = format!("strategy.canary.steps[{index}]");
    match step {
        CanaryStep::Weight(share) => draft(format!("{field}.weight"), DraftStep::Weight(*share)),
        CanaryStep::Hold(hold) => draft(format!("{field}.hold"), DraftStep::Hold(*hold)),
        CanaryStep::Hook(name) => draft(format!("{field}.hook"), DraftStep::Hook(name.clone())),
        CanaryStep::Gate(gate) => draft(format!("{field}.gate"), DraftStep::Gate(gate.clone(), None)),
        CanaryStep::Analyse(templates) => draft(format!("{field}.analyse"), DraftStep::Analyse(templates.clone())),
    }
}

fn ready_made(preset: Preset, spec: &Spec) -> Vec<Draft> {
    const FIELD: &str = "strategy.canary.preset";
    let first = match preset {
        Preset::NinetyFiveFive => Share::from_ppm(50_000),
        Preset::NinetyTen => Share::from_ppm(100_000),
    };
    let mut drafts =
        vec![draft(FIELD, DraftStep::Weight(first)), draft(FIELD, DraftStep::Hold(Hold::For(PRESET_HOLD)))];
    if !spec.analysis.is_empty() {
        drafts.push(draft(FIELD, DraftStep::Analyse(spec.analysis.keys().cloned().collect())));
    }
    drafts.push(draft(FIELD, DraftStep::Weight(Share::ALL)));
    drafts
}

fn expand_linear(linear: &Linear) -> Result<Vec<Draft>, SpecError> {
    const FIELD: &str = "strategy.canary.linear";
    if linear.step == Share::NONE {
        return Err(SpecError::new(format!("{FIELD}.step"), "must be more than 0%"));
    }
    if linear.from > linear.to {
        return Err(SpecError::new(format!("{FIELD}.from"), format!("{} is above to: {}", linear.from, linear.to)));
    }
    let next = |share: Share| Share::from_ppm(share.ppm() + linear.step.ppm()).min(linear.to);
    Ok(ramp(FIELD, linear.from, linear.to, next, linear.every, &linear.analyse))
}

fn expand_exponential(exponential: &Exponential) -> Result<Vec<Draft>, SpecError> {
    const FIELD: &str = "strategy.canary.exponential";
    if exponential.factor < 2 {
        let problem = format!("must be at least 2: {}", exponential.factor);
        return Err(SpecError::new(format!("{FIELD}.factor"), problem));
    }
    if exponential.from == Share::NONE {
        return Err(SpecError::new(format!("{FIELD}.from"), "must be more than 0%"));
    }
    let next = |share: Share| Share::from_ppm(share.ppm().saturating_mul(exponential.factor));
    Ok(ramp(FIELD, exponential.from, Share::ALL, next, exponential.every, &exponential.analyse))
}

/// Shares from `from` to `to`, with a wait after each but the last.
fn ramp(
    field: &str,
    from: Share,
    to: Share,
    next: impl Fn(Share) -> Share,
    every: Period,
    analyse: &[String],
) -> Vec<Draft> {
    let (mut share, mut drafts) = (from, Vec::new());
    while share < to && drafts.len() <= crate::plan::STEPS_MAX {
        drafts.push(draft(field, DraftStep::Weight(share)));
        drafts.extend(between(field, every, analyse));
        share = next(share);
    }
    drafts.push(draft(field, DraftStep::Weight(to)));
    drafts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(canary: &str) -> Vec<String> {
        let json = format!(r#"{{"to":"green","strategy":{{"canary":{canary}}}}}"#);
        let drafts = super::super::expand(&crate::parse_spec(json.as_bytes()).unwrap()).unwrap();
        let show = |draft: Draft| match draft.what {
            DraftStep::Weight(share) => share.to_string(),
            DraftStep::Hold(hold) => format!("hold {hold}"),
            other => format!("{other:?}"),
        };
        drafts.into_iter().map(show).collect()
    }

    #[test]
    fn generators_end_at_everything() {
        let linear = |step: &str| {
            shares(&format!(r#"{{"linear":{{"from":"20%","step":"{step}","every":"1m"}}}}"#))
                .join(" ")
                .replace("hold 1m ", "")
        };
        assert_eq!(linear("40%"), "20% 60% 100%");
        assert_eq!(linear("30%"), "20% 50% 80% 100%");
        let exponential = shares(r#"{"exponential":{"from":"10%","factor":3,"every":"0s"}}"#).join(" ");
        assert_eq!(exponential, "10% 30% 90% 100%");
        assert_eq!(shares(r#"{"preset":"95-5"}"#).join(" "), "5% hold 10m 100%");
    }
}
