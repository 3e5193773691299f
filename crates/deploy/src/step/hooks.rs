//! When hooks are called, what they said, and what that means to the flow.
//!
//! A run of a hook is stored before it is called. A run that is meant to be under way and is not was lost with the
//! runner: nobody knows whether the hook has done its work, so it is called again under the same id, or a person decides.

use model::deployment::{
    Code, Hook, HookAnswer, HookOutcome, HookPoint, HookRun, HookState, HookTold, Occasion, Reason, Stage, WaitingOn,
};

use super::Turn;
use crate::action::Action;
use crate::event::cut;
use crate::hook;

/// Runs that are kept; the oldest that are over go first. A release of a hundred steps with a hook before and after each
/// has fewer.
const RUNS_MAX: usize = 500;
/// Characters that are kept of what a hook wrote; all of it went to the log of the program.
const OUTPUT_CHARS_MAX: usize = 1_000;
/// A hook that says when to ask again is asked after this at the latest: 5 min.
const WAIT_MS_MAX: u64 = 300_000;

/// How a hook, or all of a point, stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hooked {
    /// Not yet.
    Waiting,
    /// All said yes.
    Passed,
    /// This one did not; the text says what it said.
    Failed(String),
}

/// What a no means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// The hook has failed.
    Work,
    /// Not yet: it is asked another time.
    Confirm,
    /// A check has failed; it is called again and again whatever it says, until that is too often.
    Check,
    /// The gate is shut. Whoever says nothing is asked another time.
    Gate,
    /// Nothing: it was told.
    Told,
}

const fn manner(occasion: &Occasion) -> Manner {
    match occasion {
        Occasion::Point { point, .. } => match point {
            HookPoint::ConfirmRollout
            | HookPoint::ConfirmWeightIncrease
            | HookPoint::ConfirmPromotion
            | HookPoint::RollbackCheck => Manner::Confirm,
            HookPoint::During => Manner::Check,
            HookPoint::PostRollout | HookPoint::OnRollback => Manner::Told,
            HookPoint::PrePrepare
            | HookPoint::PreRollout
            | HookPoint::PostStep
            | HookPoint::PostPromotion
            | HookPoint::Scale => Manner::Work,
        },
        Occasion::Drain { .. } => Manner::Confirm,
        Occasion::Gate { .. } => Manner::Gate,
        Occasion::Step { .. } | Occasion::Replace { .. } | Occasion::Teardown { .. } => Manner::Work,
    }
}

impl Turn<'_> {
    /// Takes in what hooks have said since the last step.
    pub(super) fn take_hooks(&mut self) {
        let mut runs = std::mem::take(&mut self.next.record.hooks);
        for run in runs.iter_mut().filter(|run| run.state == HookState::Calling) {
            let id = run.id(&self.next.id);
            if let Some((_, outcome)) = self.seen.called.iter().find(|(called, _)| *called == id) {
                self.take_hook(run, outcome);
            }
        }
        self.next.record.hooks = runs;
    }

    fn take_hook(&mut self, run: &mut HookRun, outcome: &HookOutcome) {
        let Some(hook) = hook::of(&self.next, &run.hook, &run.occasion) else { return };
        let manner = manner(&run.occasion);
        let HookOutcome { answer, code: _, text, output, errors } = outcome;
        let said = if output.is_empty() { errors } else { output };
        let output: String = said.chars().take(OUTPUT_CHARS_MAX).collect();
        run.told = Some(HookTold { at_ms: self.now, answer: *answer, text: cut(text.clone()), output });
        let deadline = run.since_ms.saturating_add(hook.deadline.ms());
        let is_late = self.now >= deadline;
        // Work is asked for once more at its deadline, and all else every few minutes, whatever the answer asks for.
        let again = |after: Option<model::deployment::Period>| {
            let at = self.now.saturating_add(after.unwrap_or(hook.every).ms().clamp(100, WAIT_MS_MAX));
            if manner == Manner::Work { at.min(deadline) } else { at }
        };
        let is_failed_check = manner == Manner::Check && !matches!(answer, HookAnswer::Pass | HookAnswer::Wait(_));
        run.failures += u32::from(is_failed_check);
        run.state = match (answer, manner) {
            _ if is_failed_check && run.failures > hook.failure_limit => HookState::Failed,
            // A question does no work, and may be asked anew; the next check is another.
            (HookAnswer::Fail | HookAnswer::Error | HookAnswer::InDoubt, Manner::Confirm | Manner::Check)
            | (HookAnswer::Pass, Manner::Check) => {
                run.question += 1;
                run.tries = 0;
                HookState::Waiting { until_ms: again(None) }
            }
            (HookAnswer::Pass, _) | (_, Manner::Told) => HookState::Passed,
            (HookAnswer::Wait(_), Manner::Work) if is_late => HookState::Failed,
            (HookAnswer::Wait(after), _) => HookState::Waiting { until_ms: again(*after) },
            (HookAnswer::Fail | HookAnswer::Error, Manner::Work) | (HookAnswer::Fail, Manner::Gate) => {
                HookState::Failed
            }
            // After the success there is no pause; a failure waits for a person too.
            (HookAnswer::InDoubt, Manner::Work) if is_teardown(&run.occasion) => HookState::Failed,
            // A person says when it is called again.
            (HookAnswer::InDoubt, Manner::Work) => HookState::InDoubt,
            (HookAnswer::Error | HookAnswer::InDoubt, Manner::Gate) => HookState::Waiting { until_ms: again(None) },
        };
        let name = format!("hook {} ({})", run.hook, told_occasion(&run.occasion));
        match run.state {
            HookState::Passed if *answer == HookAnswer::Pass => self.tell(format!("{name} passed")),
            HookState::Passed => self.tell(format!("{name} was told: {text}")),
            HookState::Failed => self.tell(format!("{name} failed: {}", said_by(run))),
            HookState::InDoubt => {
                run.is_asked = self.doubt(format!("{name}: {text}, and nobody knows whether it did its work"));
            }
            // Repeated every few seconds, perhaps for days: `waiting_on` and the run say it.
            HookState::Waiting { .. } if is_failed_check => {
                let (failures, most) = (run.failures, hook.failure_limit);
                self.tell(format!("{name} failed, {failures} of at most {most} times: {}", said_by(run)));
            }
            HookState::Waiting { .. } | HookState::Calling | HookState::Superseded => {}
        }
        // A guard's time is its own again.
        if !run.is_open()
            && let Some(cursor) = &mut self.next.status.cursor
            && cursor.stage == Stage::Guard
            && run.occasion.step() == Some(cursor.step)
        {
            cursor.since_ms = self.now;
        }
    }

    /// All hooks of a point, one after the other.
    pub(super) fn hooks_at(&mut self, point: HookPoint, step: Option<usize>) -> Hooked {
        for name in hook::at(&self.next.spec, point) {
            let hooked = self.hook(&name, Occasion::Point { point, step });
            let is_forgiven = matches!(hooked, Hooked::Failed(_)) && self.is_forgiven(&name, point);
            if hooked != Hooked::Passed && !is_forgiven {
                return hooked;
            }
        }
        Hooked::Passed
    }

    /// Failures after steps are counted.
    fn is_forgiven(&self, name: &str, point: HookPoint) -> bool {
        let limit = hook::find(&self.next.spec, name).map_or(0, |hook| hook.failure_limit);
        let is_failure = |run: &&HookRun| {
            let is_here = matches!(&run.occasion, Occasion::Point { point: at, .. } if *at == point);
            is_here && run.hook == name && run.state == HookState::Failed
        };
        point == HookPoint::PostStep && self.next.record.hooks.iter().filter(is_failure).count() <= limit as usize
    }

    /// One hook on one occasion: calls it if it was not, and again if its time has come.
    pub(super) fn hook(&mut self, name: &str, occasion: Occasion) -> Hooked {
        let Some(hook) = hook::of(&self.next, name, &occasion) else {
            return Hooked::Failed(format!("there is no hook {name}"));
        };
        let is_this =
            |run: &HookRun| run.hook == name && run.occasion == occasion && run.state != HookState::Superseded;
        let at = match self.next.record.hooks.iter().rposition(is_this) {
            Some(at) => at,
            // Nothing new begins in a pause, but what speaks for the way back.
            None if self.next.status.paused.is_some() && !is_always(&occasion) => return Hooked::Waiting,
            None => self.new_hook(name, occasion),
        };
        let run = self.next.record.hooks[at].clone();
        let what = format!("hook {name} ({})", told_occasion(&run.occasion));
        match run.state {
            HookState::Passed => return Hooked::Passed,
            HookState::Failed => return Hooked::Failed(format!("{what}: {}", said_by(&run))),
            HookState::Calling => self.follow_call(at, &hook, &what),
            HookState::InDoubt if self.next.status.paused.is_some() => {}
            // The person who resumed may have thought of another reason only.
            HookState::InDoubt if !run.is_asked => {
                let said = run.told.as_ref().map(|told| format!("{}, and ", told.text)).unwrap_or_default();
                let is_asked = self.doubt(format!("{what}: {said}nobody knows whether it did its work"));
                self.next.record.hooks[at].is_asked = is_asked;
            }
            HookState::InDoubt => self.call(at, &what),
            HookState::Waiting { until_ms } if self.now >= until_ms => self.call(at, &what),
            HookState::Waiting { until_ms } => {
                let said = run.told.as_ref().map_or("not yet", |told| told.text.as_str());
                self.wait(WaitingOn::Hook, format!("{what} says: {said}"), Some(until_ms));
            }
            HookState::Superseded => {}
        }
        // A text that cannot be filled in fails without a call.
        match self.next.record.hooks[at].state {
            HookState::Failed => Hooked::Failed(format!("{what}: {}", said_by(&self.next.record.hooks[at]))),
            HookState::Passed => Hooked::Passed,
            _ => Hooked::Waiting,
        }
    }

    /// Whatever an open run of this occasion comes to, nobody waits for it any more.
    pub(super) fn forget_hook(&mut self, occasion: &Occasion) {
        let runs = self.next.record.hooks.iter_mut();
        runs.filter(|run| run.occasion == *occasion && run.is_open()).for_each(|run| run.state = HookState::Superseded);
    }

    fn new_hook(&mut self, name: &str, occasion: Occasion) -> usize {
        let runs = &mut self.next.record.hooks;
        if runs.len() >= RUNS_MAX
            && let Some(over) = runs.iter().position(|run| !run.is_open() && run.occasion.instance().is_none())
        {
            runs.remove(over);
        }
        let number = runs.last().map_or(1, |run| run.number + 1);
        runs.push(HookRun {
            number,
            hook: name.to_owned(),
            occasion,
            state: HookState::Waiting { until_ms: self.now },
            since_ms: self.now,
            called_ms: self.now,
            question: 1,
            tries: 0,
            failures: 0,
            is_asked: false,
            told: None,
        });
        runs.len() - 1
    }

    /// Looks after a call that was ordered.
    fn follow_call(&mut self, at: usize, hook: &Hook, what: &str) {
        let run = &self.next.record.hooks[at];
        let id = run.id(&self.next.id);
        let is_under_way = self.seen.calling.contains(&id) || self.seen.called.iter().any(|(called, _)| *called == id);
        let is_ordered = self.actions.iter().any(|action| matches!(action, Action::CallHook { call } if call.id == id));
        if is_under_way || is_ordered {
            self.wait(WaitingOn::Hook, format!("{what} is being called"), None);
        } else if run.called_ms == self.now {
            // Ordered in this very moment; a lost server is not back in the same one.
            self.order_call(at, what);
        } else if hook.retry_in_doubt {
            self.tell(format!("{what} was being called when the server was lost; it is called again"));
            self.call(at, what);
        } else if manner(&run.occasion) == Manner::Check {
            // One check more or less decides nothing.
            let run = &mut self.next.record.hooks[at];
            run.question += 1;
            self.call(at, what);
        } else if manner(&run.occasion) == Manner::Told {
            // What it says changes nothing, so nobody need be asked: it was told, or is not to be told twice.
            self.tell(format!("{what} was being called when the server was lost; it counts as told"));
            self.next.record.hooks[at].state = HookState::Passed;
        } else {
            let text =
                format!("{what} was being called when the server was lost, and nobody knows whether it did its work");
            // As in `take_hook`.
            if is_teardown(&run.occasion) {
                let (at_ms, answer, output) = (self.now, HookAnswer::Error, String::new());
                let run = &mut self.next.record.hooks[at];
                run.told = Some(HookTold { at_ms, answer, text: cut(text), output });
                run.state = HookState::Failed;
                return;
            }
            let is_asked = self.doubt(text);
            let run = &mut self.next.record.hooks[at];
            (run.state, run.is_asked) = (HookState::InDoubt, is_asked);
        }
    }

    /// Asks a person whether a hook is called again. Whether that made a pause: in one for another reason it is told, and asked
    /// after that.
    fn doubt(&mut self, text: String) -> bool {
        if self.next.status.paused.is_some() {
            self.tell(text);
            return false;
        }
        self.pause(Reason::new(Code::Hook, format!("{text}; resume calls it again")));
        true
    }

    fn call(&mut self, at: usize, what: &str) {
        let run = &mut self.next.record.hooks[at];
        (run.state, run.is_asked) = (HookState::Calling, false);
        run.tries += 1;
        run.called_ms = self.now;
        self.order_call(at, what);
    }

    fn order_call(&mut self, at: usize, what: &str) {
        match hook::call(&self.next, &self.next.record.hooks[at], self.now) {
            Ok(call) => {
                self.actions.push(Action::CallHook { call });
                self.wait(WaitingOn::Hook, format!("{what} is being called"), None);
            }
            // The plan had looked; only a spec of another build can come here.
            Err(unknown) => {
                let (now, answer) = (self.now, HookAnswer::Error);
                let text = format!("unknown variable {unknown}");
                let run = &mut self.next.record.hooks[at];
                run.told = Some(HookTold { at_ms: now, answer, text, output: String::new() });
                run.state = HookState::Failed;
            }
        }
    }
}

/// Whether a hook is called even in a pause.
const fn is_always(occasion: &Occasion) -> bool {
    matches!(occasion, Occasion::Point { point: HookPoint::RollbackCheck | HookPoint::OnRollback, .. })
}

pub(super) const fn is_teardown(occasion: &Occasion) -> bool {
    matches!(occasion, Occasion::Teardown { .. })
}

fn told_occasion(occasion: &Occasion) -> String {
    match (occasion.instance(), occasion.step()) {
        (Some(instance), _) => format!("{} {instance}", occasion.name()),
        (None, Some(step)) if matches!(occasion, Occasion::Point { .. }) => {
            format!("{}, step {step}", occasion.name())
        }
        (None, _) => occasion.name().to_owned(),
    }
}

/// What a run was told last, in one line.
fn said_by(run: &HookRun) -> String {
    let Some(told) = &run.told else { return String::new() };
    let first = told.output.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if first.is_empty() { told.text.clone() } else { format!("{}: {}", told.text, cut(first.to_owned())) }
}
