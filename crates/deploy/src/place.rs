//! Going from place to place: phases, steps, stages. Used by the step machine and by commands, so that both move a
//! deployment in the same way and leave the same story.

use model::deployment::{Cursor, Decision, Deployment, Hold, HookState, Phase, Plan, PlanStep, Share, Stage, Verdict};

use crate::event::tell;

/// Enters a phase. Phases without steps have no cursor; the way back keeps it, to tell how far the release came.
pub(crate) fn enter(deployment: &mut Deployment, now_ms: u64, phase: Phase, cause: &str, text: impl Into<String>) {
    deployment.status.phase = phase;
    deployment.status.phase_since_ms = now_ms;
    if !matches!(phase, Phase::Progressing | Phase::Promoting | Phase::RollingBack | Phase::RollbackBlocked) {
        deployment.status.cursor = None;
    }
    tell(deployment, now_ms, cause, text);
}

/// Goes to a step by its number; past the last one is baking.
pub(crate) fn begin(deployment: &mut Deployment, now_ms: u64, number: usize, cause: &str) {
    let Some(step) = deployment.plan.step(number).cloned() else {
        let text = format!("all steps done, baking for {}", deployment.plan.times.bake);
        enter(deployment, now_ms, Phase::Baking, cause, text);
        return;
    };
    let stage = match &step {
        PlanStep::Shift { .. } | PlanStep::Batch { .. } | PlanStep::Healthy(_) => Stage::Guard,
        PlanStep::Hold(Hold::For(_)) => Stage::Hold,
        PlanStep::Hold(Hold::UntilResumed) | PlanStep::Gate { .. } => Stage::Gate,
        PlanStep::Analyse { .. } => Stage::Analyse,
        PlanStep::Hook { .. } => Stage::Hook,
    };
    deployment.analysis.step = None;
    deployment.status.cursor = Some(Cursor { step: number, stage, since_ms: now_ms });
    let has_all = deployment.plan.share_after(number) == Share::ALL;
    let phase = if has_all { Phase::Promoting } else { Phase::Progressing };
    let text = step_line(&deployment.plan, number);
    if deployment.status.phase == phase {
        tell(deployment, now_ms, cause, text);
    } else {
        enter(deployment, now_ms, phase, cause, text);
    }
}

/// What the story says when a step begins.
pub(crate) fn step_line(plan: &Plan, number: usize) -> String {
    let step = plan.step(number).map(ToString::to_string).unwrap_or_default();
    format!("step {number}/{}: {step}", plan.steps.len())
}

/// Ends a pause. What stopped is measured anew; deadlines begin anew; holds have gone on.
pub(crate) fn unpause(deployment: &mut Deployment, now_ms: u64) {
    deployment.status.paused = None;
    if let Some(cursor) = &mut deployment.status.cursor
        && matches!(
            cursor.stage,
            Stage::Guard | Stage::Shift | Stage::Observe | Stage::Gate | Stage::Drain | Stage::Verify
        )
    {
        cursor.since_ms = now_ms;
    }
    supersede_hooks(deployment);
    if matches!(deployment.status.phase, Phase::Pending | Phase::Finalizing) {
        deployment.status.phase_since_ms = now_ms;
    }
    // A gate that was shut may be opened now.
    let denials = deployment.status.guarded.approvals.iter_mut().filter(|said| said.decision == Decision::Deny);
    denials.for_each(|said| said.is_void = true);
    for run in [&mut deployment.analysis.step, &mut deployment.analysis.background] {
        let is_open = |verdict| matches!(verdict, Verdict::Running | Verdict::Pass);
        if run.as_ref().is_some_and(|run| !run.metrics.iter().all(|metric| is_open(metric.verdict))) {
            *run = None;
        }
    }
}

/// Hooks that have failed are called anew.
pub(crate) fn supersede_hooks(deployment: &mut Deployment) {
    for run in deployment.record.hooks.iter_mut().filter(|run| run.state == HookState::Failed) {
        run.state = HookState::Superseded;
    }
}
