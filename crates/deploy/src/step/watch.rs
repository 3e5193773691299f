//! What can go wrong at any time while traffic is on the new environment: others' writes, lost health, a metric in the
//! background, a stage that takes too long. Looked at before every stage.

use model::deployment::{
    Abort, Code, OnFailure, OpState, Period, Phase, PlanStep, Reason, RecordSetWeight, Share, Stage, Verdict,
    WeightsLine,
};

use super::forward::code_of;
use super::{ENGINE, Turn};
use crate::live::EnvironmentHealth;

impl Turn<'_> {
    /// Looks for what is wrong; whether that changed anything.
    pub(super) fn watch(&mut self) -> bool {
        self.watch_drift() || self.watch_health() || self.watch_background() || self.watch_deadline()
    }

    /// A failure: back, or a pause when the user wants to decide. Whether that changed anything.
    pub(super) fn fail(&mut self, reason: Reason, critical: bool) -> bool {
        self.act(reason, if critical { OnFailure::Abort } else { self.next.spec.on_failure })
    }

    fn act(&mut self, reason: Reason, on_failure: OnFailure) -> bool {
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
        }
    }

    fn roll_back(&mut self, reason: Reason) {
        let text = format!("rolling back: {reason}");
        self.next.status.abort = Some(Abort { by: ENGINE.into(), reason, at_ms: self.now, force_restore: false });
        self.next.status.paused = None;
        self.enter(Phase::RollingBack, ENGINE, text);
    }

    fn watch_drift(&mut self) -> bool {
        let drift = self.find_drift();
        if drift == self.next.status.drift {
            let Some(text) = drift.filter(|_| !self.is_paused()) else { return false };
            self.pause(Reason::new(Code::Drift, text));
            return true;
        }
        self.next.status.drift.clone_from(&drift);
        match drift {
            None => self.tell("drift is gone: all weights are as they were left"),
            Some(text) if self.next.status.paused.is_some() => self.tell(format!("drift: {text}")),
            Some(text) => self.pause(Reason::new(Code::Drift, text)),
        }
        true
    }

    /// What is ours and not as we left it.
    fn find_drift(&self) -> Option<String> {
        let live = match self.live.whole() {
            Ok(live) => live,
            Err(fault) => return Some(fault.to_string()),
        };
        let snapshot = self.next.record.snapshot.as_ref()?;
        for (found, was) in live.members.iter().zip(&snapshot.members) {
            if found.health_check != was.health_check {
                return Some(format!("the health check of {} was changed", found.record_set));
            }
        }
        let weights = live.weights();
        let expected = self.next.record.live_weights()?;
        let is_being_written =
            self.next.record.journal.last().is_some_and(|op| {
                op.state() == OpState::Planned && (op.desired == weights || op.precondition == weights)
            });
        if weights == expected || is_being_written {
            return None;
        }
        let differs = |(found, left): &(&RecordSetWeight, &RecordSetWeight)| found.weight != left.weight;
        let (found, left) = weights.iter().zip(&expected).find(differs)?;
        Some(format!(
            "weight of {} changed from {} to {}; all weights should be {}",
            found.record_set,
            left.weight,
            found.weight,
            WeightsLine(&expected)
        ))
    }

    /// Unhealthy is a failure only once the environment has traffic; before that the guard waits.
    fn watch_health(&mut self) -> bool {
        let to = self.next.plan.to.environment.clone();
        let EnvironmentHealth::Unhealthy(id) = self.health_of(&to) else { return false };
        let service = &self.next.service;
        let is_target = |m: &RecordSetWeight| service.environment_of(&m.record_set.set_identifier) == Some(&to);
        if !self.live.weights().iter().any(|m| m.weight > 0 && is_target(m)) {
            return false;
        }
        self.fail(Reason::new(Code::TargetUnhealthy, format!("{to} became unhealthy: health check {id}")), false)
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
            Verdict::Running | Verdict::Pass => false,
            Verdict::Fail => {
                let critical = self.is_critical(self.next.analysis.background.as_ref());
                self.fail(Reason::new(Code::Analysis, text), critical)
            }
            Verdict::Error | Verdict::NoData | Verdict::Inconclusive => {
                self.act(Reason::new(code_of(verdict), text), OnFailure::Hold)
            }
        }
    }

    /// Stages that should be quick. Holds, gates, caches and analyses have their own ends, and pauses do not count.
    fn watch_deadline(&mut self) -> bool {
        let Some(cursor) = self.next.status.cursor else { return false };
        let is_quick = matches!(cursor.stage, Stage::Guard | Stage::Shift | Stage::Observe);
        if !is_quick || self.next.status.paused.is_some() {
            return false;
        }
        let deadlines = self.next.spec.deadlines.clone();
        let named = self.named_wait(cursor.step, cursor.stage);
        let deadline = cursor.since_ms.saturating_add(deadlines.progress.ms()).saturating_add(named.ms());
        if self.now < deadline {
            self.wake(deadline);
            return false;
        }
        let text = format!("step {} stayed in {} for {}", cursor.step, cursor.stage, deadlines.progress);
        self.act(Reason::new(Code::Deadline, text), deadlines.on_deadline)
    }

    /// What the plan itself lets a guard wait for health.
    fn named_wait(&self, step: usize, stage: Stage) -> Period {
        let of_step = match self.next.plan.step(step) {
            Some(PlanStep::Healthy(period)) => *period,
            Some(PlanStep::Shift { .. } | PlanStep::Hold(_) | PlanStep::Analyse { .. }) | None => Period::ZERO,
        };
        let of_gate = self.next.spec.health_gate.as_ref().map_or(Period::ZERO, |gate| gate.healthy_for);
        if stage == Stage::Guard { of_step.max(of_gate) } else { Period::ZERO }
    }
}
