//! Blue-green: look at the new environment without traffic, open the gate, switch, look again.

use model::deployment::{BlueGreen, Hold, Period, Share, Switch, SwitchGate};

use super::{Draft, DraftStep, between, draft};

pub(super) fn expand(blue_green: &BlueGreen) -> Vec<Draft> {
    const FIELD: &str = "strategy.blue_green";
    let BlueGreen { preview, gate, switch, analyse } = blue_green;
    let mut drafts = Vec::new();
    if let Some(preview) = preview {
        if preview.healthy_for != Period::ZERO {
            drafts.push(draft(format!("{FIELD}.preview.healthy_for"), DraftStep::Healthy(preview.healthy_for)));
        }
        if !preview.analyse.is_empty() {
            drafts.push(draft(format!("{FIELD}.preview.analyse"), DraftStep::Analyse(preview.analyse.clone())));
        }
    }
    match gate {
        SwitchGate::Auto => {}
        SwitchGate::Manual => drafts.push(draft(format!("{FIELD}.gate"), DraftStep::Hold(Hold::UntilResumed))),
    }
    match switch {
        Switch::AtOnce => drafts.push(draft(format!("{FIELD}.switch"), DraftStep::Weight(Share::ALL))),
        Switch::Steps(steps) => {
            for (index, share) in steps.weights.iter().enumerate() {
                let field = format!("{FIELD}.switch.steps");
                drafts.push(draft(format!("{field}.weights[{index}]"), DraftStep::Weight(*share)));
                if index + 1 < steps.weights.len() {
                    drafts.extend(between(&field, steps.every, &[]));
                }
            }
        }
    }
    if !analyse.is_empty() {
        drafts.push(draft(format!("{FIELD}.analyse"), DraftStep::Analyse(analyse.clone())));
    }
    drafts
}
