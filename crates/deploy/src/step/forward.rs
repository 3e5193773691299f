//! The stages of one step on the way forward: guard → shift → observe → settle, or hold, or analyse, or gate.
//!
//! A pause lets what is under way come to its end (weights that are written are seen and settled, measurements come
//! in) and starts nothing new.

use model::deployment::{
    Code, Hold, HookPoint, Occasion, OpKind, Period, PlanStep, Reason, RecordSetWeight, Share, Stage, Verdict,
    WaitingOn,
};

use super::carry::Carried;
use super::hooks::Hooked;
use super::{ENGINE, Turn};
use crate::live::Live;
use crate::place::begin;

impl Turn<'_> {
    /// The current stage of the current step; whether to look again.
    pub(super) fn forward(&mut self) -> bool {
        let Some(cursor) = self.next.status.cursor else {
            self.begin(1);
            return true;
        };
        let Some(step) = self.next.plan.step(cursor.step).cloned() else {
            self.begin(cursor.step);
            return true;
        };
        match (cursor.stage, &step) {
            (Stage::Guard, PlanStep::Healthy(period)) => self.is_target_ready(*period) && self.done(cursor.step),
            (Stage::Guard, PlanStep::Shift { weights, .. }) => self.guard(cursor.step, weights),
            (_, PlanStep::Batch { instances, .. }) => self.batch(cursor, instances),
            (Stage::Shift | Stage::Observe | Stage::Settle, _) => {
                let may_write = cursor.stage != Stage::Shift || self.may_shift();
                match self.carry(cursor.step, cursor.stage, cursor.since_ms, may_write) {
                    Carried::Moved => true,
                    Carried::Settled => self.done(cursor.step),
                    // Disturbed: `watch` has looked at the same weights and paused; a person decides.
                    Carried::Waiting | Carried::Disturbed => false,
                }
            }
            (Stage::Hold, PlanStep::Hold(hold)) if self.is_hurried(hold) => self.done(cursor.step),
            (Stage::Hold, PlanStep::Hold(Hold::For(period))) => {
                let until = cursor.since_ms.saturating_add(period.ms());
                if self.now < until {
                    self.wait(WaitingOn::Time, format!("holding for {period}"), Some(until));
                    return false;
                }
                self.done(cursor.step)
            }
            (Stage::Analyse, PlanStep::Analyse { templates, .. }) => self.analyse(cursor.step, templates),
            (Stage::Hook, PlanStep::Hook { hook }) => match self.hook(hook, Occasion::Step { step: cursor.step }) {
                Hooked::Waiting => false,
                Hooked::Passed => self.done(cursor.step),
                Hooked::Failed(text) => self.fail(Reason::new(Code::Hook, text), false),
            },
            (Stage::Gate, PlanStep::Gate { name, gate }) => self.gate(cursor, name, gate),
            (Stage::Gate, _) => {
                self.wait(WaitingOn::Gate, "resume or promote to go on", None);
                false
            }
            // A stage that its step does not have: begin the step anew, its stages are safe to repeat.
            (
                Stage::Guard
                | Stage::Hold
                | Stage::Analyse
                | Stage::Hook
                | Stage::Drain
                | Stage::Replace
                | Stage::Verify,
                _,
            ) => {
                self.begin(cursor.step);
                true
            }
        }
    }

    /// Asked before a shift is planned, and again before it is written: a crash may lie in between.
    fn may_shift(&mut self) -> bool {
        !self.is_paused() && self.is_window_open() && self.is_target_ready(Period::ZERO)
    }

    /// The last look before more traffic goes to the new environment.
    fn guard(&mut self, number: usize, weights: &[RecordSetWeight]) -> bool {
        if !self.may_shift() {
            return false;
        }
        match self.hooks_before_shift(number) {
            Hooked::Waiting => return false,
            Hooked::Failed(text) => return self.fail(Reason::new(Code::Hook, text), false),
            Hooked::Passed => {}
        }
        let Ok(live) = self.live.whole().map(Live::weights) else { return false };
        self.plan_write(OpKind::Shift { step: number }, live, weights.to_vec());
        self.enter_stage(number, Stage::Shift);
        true
    }

    fn hooks_before_shift(&mut self, number: usize) -> Hooked {
        let step = Some(number);
        let mut points = vec![HookPoint::ConfirmWeightIncrease, HookPoint::Scale];
        if self.next.plan.share_after(number) == Share::ALL {
            points.insert(1, HookPoint::ConfirmPromotion);
        }
        self.hooks_in_turn(&points, step)
    }

    fn hooks_after_step(&mut self, number: usize) -> Hooked {
        let mut points = vec![HookPoint::PostStep];
        if self.next.plan.last_shift() == number {
            points.push(HookPoint::PostPromotion);
        }
        self.hooks_in_turn(&points, Some(number))
    }

    pub(super) fn hooks_in_turn(&mut self, points: &[HookPoint], step: Option<usize>) -> Hooked {
        let mut all = points.iter().map(|point| self.hooks_at(*point, step));
        all.find(|hooked| *hooked != Hooked::Passed).unwrap_or(Hooked::Passed)
    }

    fn begin(&mut self, number: usize) {
        begin(&mut self.next, self.now, number, ENGINE);
    }

    /// The step has come to its end; a pause holds it here.
    pub(super) fn done(&mut self, number: usize) -> bool {
        if self.is_paused() {
            return false;
        }
        match self.hooks_after_step(number) {
            Hooked::Waiting => return false,
            Hooked::Failed(text) => return self.fail(Reason::new(Code::Hook, text), false),
            Hooked::Passed => {}
        }
        self.begin(number + 1);
        true
    }

    fn analyse(&mut self, number: usize, templates: &[String]) -> bool {
        if self.next.analysis.step.is_none() {
            if self.is_paused() {
                return false;
            }
            self.next.analysis.step = Some(self.new_run(templates, false));
        }
        let (verdict, text) = self.verdict_of(self.next.analysis.step.as_ref());
        match verdict {
            Verdict::Pass => {
                if !text.is_empty() {
                    self.tell_once(text);
                }
                return self.done(number);
            }
            Verdict::Running => {
                self.wait(WaitingOn::Analysis, format!("measuring {}", templates.join(", ")), None);
                return false;
            }
            Verdict::Fail | Verdict::Error | Verdict::NoData | Verdict::Inconclusive | Verdict::Skipped => {}
        }
        if verdict == Verdict::Fail {
            let critical = self.is_critical(self.next.analysis.step.as_ref());
            return self.fail(Reason::new(Code::Analysis, text), critical);
        }
        if verdict == Verdict::Error && self.is_error_fatal(self.next.analysis.step.as_ref()) {
            return self.fail(Reason::new(Code::Provider, text), false);
        }
        if self.is_paused() {
            return false;
        }
        self.pause(Reason::new(code_of(verdict), text));
        true
    }
}

/// The code of a verdict that stops a run without failing it.
pub(super) fn code_of(verdict: Verdict) -> Code {
    match verdict {
        Verdict::NoData => Code::NoData,
        Verdict::Error => Code::Provider,
        Verdict::Fail => Code::Analysis,
        Verdict::Inconclusive | Verdict::Running | Verdict::Pass | Verdict::Skipped => Code::Inconclusive,
    }
}
