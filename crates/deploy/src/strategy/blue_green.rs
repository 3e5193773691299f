//! Blue-green: look at the new environment without traffic, open the gate, switch, look again.

use model::deployment::{BlueGreen, Hold, Period, Share, StepGate, Switch, SwitchGate, SwitchWord};

use super::{Draft, DraftStep, between, draft};

pub(super) fn expand(blue_green: &BlueGreen) -> Vec<Draft> {
    const FIELD: &str = "strategy.blue_green";
    let BlueGreen { preview, gate, switch, analyse } = blue_green;
    let mut drafts = Vec::new();
    if let Some(preview) = preview {
        if preview.healthy_for != Period::ZERO {
            drafts.push(draft(format!("{FIELD}.preview.healthy_for"), DraftStep::Healthy(preview.healthy_for)));
        }
        for index in 0..preview.checks.len() {
            let name = format!("preview.checks[{index}]");
            drafts.push(draft(format!("{FIELD}.{name}"), DraftStep::Hook(name)));
        }
        if !preview.analyse.is_empty() {
            drafts.push(draft(format!("{FIELD}.preview.analyse"), DraftStep::Analyse(preview.analyse.clone())));
        }
    }
    match gate {
        SwitchGate::Word(SwitchWord::Auto) => {}
        SwitchGate::Own(gate) => {
            drafts.push(draft(format!("{FIELD}.gate"), DraftStep::Gate(StepGate::Own(gate.clone()), Some("switch"))));
        }
        SwitchGate::Word(SwitchWord::Manual) => {
            drafts.push(draft(format!("{FIELD}.gate"), DraftStep::Hold(Hold::UntilResumed)));
        }
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
