//! What can go wrong at any time while traffic is on the new environment: others' writes, lost health, a metric in the
//! background, a stage that takes too long. Looked at before every stage.

use model::deployment::{
    Abort, Code, HookPoint, HookRun, HookState, Occasion, OnFailure, Period, Phase, PlanStep, Reason, RecordSetWeight,
    Share, Stage, Verdict,
};

use super::forward::code_of;
use super::hooks::Hooked;
use super::{ENGINE, Turn};
use crate::live::EnvironmentHealth;
use crate::progress::progress;

impl Turn<'_> {
    /// Looks for what is wrong: whether to look again, if that is all there is to do now; none when all is well.
    pub(super) fn watch(&mut self) -> Option<bool> {
        let drift = self.watch_drift();
        let is_wrong = |turn: &mut Self| {
            turn.watch_health() || turn.watch_hooks() || turn.watch_background() || turn.watch_deadline()
        };
        drift.or_else(|| is_wrong(self).then_some(true))
    }

    /// A failure: back, or a pause when the user wants to decide. Whether that changed anything.
    pub(super) fn fail(&mut self, reason: Reason, critical: bool) -> bool {
        let has_acted = self.act(reason, if critical { OnFailure::Abort } else { self.next.spec.on_failure });
        if let Some(abort) = &mut self.next.status.abort {
            abort.at_once |= critical;
        }
        has_acted
    }

    pub(super) fn act(&mut self, reason: Reason, on_failure: OnFailure) -> bool {
        match on_failure {
            OnFailure::Abort => {
                self.roll_back(reason);
                true
            }
            OnFailure::Hold if self.is_paused() => false,
            OnFailure::Hold => {
                self.pause(reason);
                true
            }
            OnFailure::Stop => {
                self.next.status.paused = None;
                let left = crate::left::behind(&self.next);
                let text = format!("stopped, weights stay as they are{left}: {reason}");
                self.next.status.guarded.stopped = Some(reason);
                self.enter(Phase::Stopped, ENGINE, text);
                true
            }
        }
    }

    pub(super) fn roll_back(&mut self, reason: Reason) {
        let text = format!("rolling back: {reason}");
        self.next.status.abort =
            Some(Abort { by: ENGINE.into(), reason, at_ms: self.now, force_restore: false, at_once: false });
        self.next.status.paused = None;
        self.enter(Phase::RollingBack, ENGINE, text);
    }

    /// Unhealthy is a failure only once the environment has traffic; before that the guard waits.
    pub(super) fn watch_health(&mut self) -> bool {
        if self.next.spec.rolling().is_some() {
            return self.watch_instances();
        }
        let to = self.next.plan.to.environment.clone();
        if !matches!(self.health_of(&to), EnvironmentHealth::Unhealthy(_)) || self.next.status.guarded.forced.is_some()
        {
            return false;
        }
        let service = &self.next.service;
        let is_target = |m: &RecordSetWeight| service.environment_of(&m.record_set.set_identifier) == Some(&to);
        if !self.live.weights().iter().any(|m| m.weight > 0 && is_target(m)) {
            return false;
        }
        let text = format!("{to} became unhealthy: {}", self.health_line(&to));
        self.fail(Reason::new(Code::TargetUnhealthy, text), false)
    }

    fn watch_background(&mut self) -> bool {
        if self.next.analysis.background.is_none() {
            let Some(background) = self.next.spec.background.clone() else { return false };
            let is_due = match (background.start_step, self.next.status.cursor) {
                (_, None) => true,
                (Some(start), Some(cursor)) => cursor.step >= start,
                (None, Some(cursor)) => self.next.plan.share_after(cursor.step - 1) > Share::NONE,
            };
            if !is_due || self.next.status.paused.is_some() {
                return false;
            }
            self.next.analysis.background = Some(self.new_run(&background.templates, true));
            self.tell(format!("watching {} in the background", background.templates.join(", ")));
            return true;
        }
        let (verdict, text) = self.verdict_of(self.next.analysis.background.as_ref());
        match verdict {
            Verdict::Running | Verdict::Pass | Verdict::Skipped => false,
            Verdict::Error if self.is_error_fatal(self.next.analysis.background.as_ref()) => {
                self.fail(Reason::new(Code::Provider, text), false)
            }
            Verdict::Fail => {
                let critical = self.is_critical(self.next.analysis.background.as_ref());
                self.fail(Reason::new(Code::Analysis, text), critical)
            }
            Verdict::Error | Verdict::NoData | Verdict::Inconclusive => {
                self.act(Reason::new(code_of(verdict), text), OnFailure::Hold)
            }
        }
    }

    /// Hooks that are called again and again as long as the new environment has traffic: asked whether to go back, or checks
    /// that may fail so often.
    fn watch_hooks(&mut self) -> bool {
        let has_traffic = match self.next.status.cursor {
            None => true,
            Some(cursor) => {
                // From the write of the first shift on, while it is seen and settles too.
                self.next.plan.share_after(cursor.step - 1) > Share::NONE
                    || progress(&self.next, self.now).written > Share::NONE
            }
        };
        if !has_traffic {
            return false;
        }
        let repeated = |point| Occasion::Point { point, step: None };
        for name in crate::hook::at(&self.next.spec, HookPoint::RollbackCheck) {
            if self.hook(&name, repeated(HookPoint::RollbackCheck)) == Hooked::Passed {
                self.roll_back(Reason::new(Code::Hook, format!("hook {name} says that it must go back")));
                return true;
            }
        }
        for name in crate::hook::at(&self.next.spec, HookPoint::During) {
            // In a pause none is begun; what was being called may come to its end.
            let is_failed = |run: &HookRun| run.hook == name && run.state == HookState::Failed;
            if self.next.status.paused.is_some() && !self.next.record.hooks.iter().any(is_failed) {
                continue;
            }
            if let Hooked::Failed(text) = self.hook(&name, repeated(HookPoint::During)) {
                return self.fail(Reason::new(Code::Hook, text), false);
            }
        }
        false
    }

    /// Stages that should be quick. Holds, gates, caches and analyses have their own ends, and pauses do not count.
    fn watch_deadline(&mut self) -> bool {
        let Some(cursor) = self.next.status.cursor else { return false };
        let is_quick = matches!(cursor.stage, Stage::Guard | Stage::Shift | Stage::Observe);
        // What a hook is waited for is the hook's deadline.
        let mut hooks = self.next.record.hooks.iter();
        let awaits_hook = hooks.any(|run| run.is_open() && run.occasion.step() == Some(cursor.step));
        let is_frozen = matches!(cursor.stage, Stage::Guard | Stage::Shift) && self.closed.is_some();
        if !is_quick || awaits_hook || is_frozen || self.next.status.paused.is_some() {
            return false;
        }
        let deadlines = self.next.spec.deadlines.clone();
        let named = self.named_wait(cursor.step, cursor.stage);
        let deadline = cursor.since_ms.saturating_add(deadlines.progress.ms()).saturating_add(named.ms());
        if self.now < deadline {
            self.wake(deadline);
            return false;
        }
        let trouble = if cursor.stage == Stage::Guard { String::new() } else { self.trouble() };
        let text = format!("step {} stayed in {} for {}{trouble}", cursor.step, cursor.stage, deadlines.progress);
        self.act(Reason::new(Code::Deadline, text), deadlines.on_deadline)
    }

    /// What the plan itself lets a guard wait for health.
    fn named_wait(&self, step: usize, stage: Stage) -> Period {
        let of_step = match self.next.plan.step(step) {
            Some(PlanStep::Healthy(period)) => *period,
            Some(
                PlanStep::Shift { .. }
                | PlanStep::Batch { .. }
                | PlanStep::Hold(_)
                | PlanStep::Hook { .. }
                | PlanStep::Analyse { .. }
                | PlanStep::Gate { .. },
            )
            | None => Period::ZERO,
        };
        let of_gate = self.next.spec.health_gate.as_ref().map_or(Period::ZERO, |gate| gate.healthy_for);
        if stage == Stage::Guard { of_step.max(of_gate) } else { Period::ZERO }
    }
}
