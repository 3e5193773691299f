//! The step machine: what is, and what shall be done next. Pure, total, deterministic.
//!
//! `step` looks at the observation once and goes as far as it can without the outside: through phases and stages until
//! something must be written, measured or waited for. Called again with nothing new it changes nothing. Here is the
//! order of phases; the stages of one step are in `forward`, the way back in `back`, what can go wrong at any time in
//! `watch`, measurements in `measure`, writing and seeing weights in `carry`.

mod back;
mod carry;
mod forward;
mod measure;
mod watch;

use model::deployment::{
    Abort, Code, Cursor, Deployment, Paused, Period, Phase, Reason, Side, Snapshot, Stage, Waiting, WaitingOn,
    WeightsLine,
};
use model::id::EnvironmentName;

use crate::action::Action;
use crate::event::tell;
use crate::live::{EnvironmentHealth, Live, environment_health};
use crate::observation::Observation;
use crate::place::{begin, enter};

/// Who did it when nobody did.
pub(crate) const ENGINE: &str = "engine";
/// How long to wait before asking again for what cannot be foreseen: 1 s.
const POLL_MS: u64 = 1_000;

/// What shall be done next.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The deployment as it shall be stored, before any of the actions is carried out. Equal to the one given, and not
    /// worth storing, when nothing changed; otherwise its revision is one higher.
    pub next: Deployment,
    /// What to do.
    pub actions: Vec<Action>,
}

/// Decides what happens next.
///
/// `now_ms` is the time in ms since 1970. A clock that goes backwards makes waits longer, never shorter.
#[must_use]
pub fn step(deployment: &Deployment, seen: &Observation, now_ms: u64) -> Step {
    let mut turn = Turn::new(deployment, seen, now_ms);
    if !turn.next.status.phase.is_terminal() {
        turn.next.status.waiting_on.clear();
        turn.note_health();
        turn.take_measurements();
        // Every pass but the last moves the deployment forward along its plan; the bound is never met.
        for _ in 0..turn.next.plan.steps.len() * 8 + 32 {
            turn.next.status.waiting_on.clear();
            if !turn.advance() {
                break;
            }
        }
        turn.is_paused();
        turn.ask_measurements();
        if turn.next.status.phase.is_terminal() {
            turn.next.status.waiting_on.clear();
            turn.wake_ms = None;
        }
    }
    turn.finish(deployment)
}

/// One call of `step` in progress.
struct Turn<'a> {
    next: Deployment,
    seen: &'a Observation,
    live: Live,
    now: u64,
    actions: Vec<Action>,
    wake_ms: Option<u64>,
}

impl<'a> Turn<'a> {
    fn new(deployment: &Deployment, seen: &'a Observation, now: u64) -> Self {
        let live = Live::read(&deployment.service, &seen.record_sets);
        Self { next: deployment.clone(), seen, live, now, actions: Vec::new(), wake_ms: None }
    }

    fn finish(mut self, before: &Deployment) -> Step {
        // A time that has passed already would make the runner spin.
        let wake_ms = self.wake_ms.map(|at| if at > self.now { at } else { self.now.saturating_add(POLL_MS) });
        self.actions.extend(wake_ms.map(|at_ms| Action::Wake { at_ms }));
        if self.next != *before {
            self.next.revision = before.revision + 1;
        }
        Step { next: self.next, actions: self.actions }
    }

    /// Moves as far as one look allows; whether it must look again.
    fn advance(&mut self) -> bool {
        match self.next.status.phase {
            Phase::Pending => {
                if self.is_paused() {
                    return false;
                }
                self.enter(Phase::Preparing, ENGINE, "preparing");
                true
            }
            Phase::Preparing => self.prepare(),
            Phase::Progressing | Phase::Promoting => self.watch() || self.forward(),
            Phase::Baking => self.watch() || self.bake(),
            Phase::Finalizing => self.finalise(),
            Phase::RollingBack => self.back(),
            Phase::RollbackBlocked => {
                self.wait(WaitingOn::Gate, "choose retry, force-restore or detach", None);
                false
            }
            Phase::Succeeded | Phase::RolledBack | Phase::Cancelled | Phase::Stopped | Phase::Detached => false,
        }
    }

    /// Takes the snapshot and waits for the new environment to be healthy. Writes nothing.
    fn prepare(&mut self) -> bool {
        let live = match self.live.whole() {
            Ok(live) => live,
            Err(fault) => return self.cancel(Code::Precondition, fault.to_string()),
        };
        if live.weights() != self.next.plan.start {
            let found = WeightsLine(&live.weights()).to_string();
            return self.cancel(Code::Precondition, format!("weights changed after the plan was made: {found}"));
        }
        if self.seen.active != self.next.plan.from.environment {
            return self.cancel(Code::Precondition, format!("the active environment is now {}", self.seen.active));
        }
        if self.next.record.snapshot.is_none() {
            let (revision, members) = (self.seen.revision, live.members.clone());
            self.next.record.snapshot = Some(Snapshot { taken_ms: self.now, revision, members });
            let weights = WeightsLine(&self.next.plan.start).to_string();
            self.tell(format!("snapshot taken: {weights}"));
        }
        if self.is_paused() {
            return false;
        }
        if !self.is_target_ready(Period::ZERO) {
            let deadline = self.next.status.phase_since_ms.saturating_add(self.next.spec.deadlines.prepare.ms());
            if self.now >= deadline {
                let text = format!("{} did not become healthy in time", self.next.plan.to.environment);
                return self.cancel(Code::TargetUnhealthy, text);
            }
            self.wake(deadline);
            return false;
        }
        begin(&mut self.next, self.now, 1, ENGINE);
        true
    }

    fn bake(&mut self) -> bool {
        let until = self.next.status.phase_since_ms.saturating_add(self.next.plan.times.bake.ms());
        if self.now < until {
            if !self.is_paused() {
                self.wait(WaitingOn::Time, "baking", Some(until));
            }
            return false;
        }
        if self.is_paused() || !self.is_target_ready(Period::ZERO) {
            return false;
        }
        self.enter(Phase::Finalizing, ENGINE, "baked");
        true
    }

    /// Moves the pointer of the service. The weights stay as they are.
    fn finalise(&mut self) -> bool {
        if self.is_paused() {
            return false;
        }
        let (from, to) = (self.next.plan.from.environment.clone(), self.next.plan.to.clone());
        if self.seen.active == to.environment {
            self.enter(Phase::Succeeded, ENGINE, format!("{to} serves"));
            return false;
        }
        if self.seen.active != from {
            let text = format!("the active environment became {} meanwhile", self.seen.active);
            self.pause(Reason::new(Code::Drift, text));
            return true;
        }
        self.activate(&to);
        self.wait(WaitingOn::Convergence, "the service's active environment is being moved", None);
        self.wake_soon();
        false
    }

    fn activate(&mut self, side: &Side) {
        let (service, environment) = (self.next.service.name.clone(), side.environment.clone());
        let activate = Action::Activate { service, environment, version: side.version.clone() };
        if !self.actions.contains(&activate) {
            self.actions.push(activate);
        }
    }

    fn cancel(&mut self, code: Code, text: String) -> bool {
        let reason = Reason::new(code, text);
        let text = format!("cancelled, nothing was written: {reason}");
        self.next.status.abort = Some(Abort { by: ENGINE.into(), reason, at_ms: self.now, force_restore: false });
        self.next.status.paused = None;
        self.enter(Phase::Cancelled, ENGINE, text);
        false
    }

    fn enter(&mut self, phase: Phase, cause: &str, text: impl Into<String>) {
        enter(&mut self.next, self.now, phase, cause, text);
    }

    fn enter_stage(&mut self, step: usize, stage: Stage) {
        self.next.status.cursor = Some(Cursor { step, stage, since_ms: self.now });
    }

    fn pause(&mut self, reason: Reason) {
        let text = format!("paused: {reason}");
        self.next.status.paused = Some(Paused { by: ENGINE.into(), reason, since_ms: self.now });
        self.tell(text);
    }

    /// Whether it is paused; says so in what it waits for.
    fn is_paused(&mut self) -> bool {
        let Some(paused) = &self.next.status.paused else { return false };
        let text = format!("paused by {}: {}; resume, promote or abort", paused.by, paused.reason);
        self.wait(WaitingOn::Gate, text, None);
        true
    }

    /// Whether the new environment may get more traffic: nothing checks it, or it is healthy since long enough.
    fn is_target_ready(&mut self, at_least: Period) -> bool {
        let gate = self.next.spec.health_gate.as_ref().map_or(at_least, |gate| gate.healthy_for.max(at_least));
        let name = self.next.plan.to.environment.clone();
        let (text, until) = match (self.health_of(&name), self.next.status.healthy_since_ms) {
            (EnvironmentHealth::Unchecked, _) => return true,
            (EnvironmentHealth::Healthy, Some(since)) if self.now >= since.saturating_add(gate.ms()) => return true,
            (EnvironmentHealth::Healthy, since) => {
                let until = since.unwrap_or(self.now).saturating_add(gate.ms());
                (format!("{name} must be healthy for {gate}"), Some(until))
            }
            (EnvironmentHealth::Unhealthy(id), _) => (format!("{name} is unhealthy: health check {id}"), None),
            (EnvironmentHealth::Unknown(id), _) => (format!("{name} is unknown: health check {id} says nothing"), None),
        };
        self.wait(WaitingOn::Health, text, until);
        false
    }

    fn note_health(&mut self) {
        let is_up = match self.health_of(&self.next.plan.to.environment) {
            EnvironmentHealth::Healthy | EnvironmentHealth::Unchecked => true,
            EnvironmentHealth::Unhealthy(_) | EnvironmentHealth::Unknown(_) => false,
        };
        self.next.status.healthy_since_ms = is_up.then(|| self.next.status.healthy_since_ms.unwrap_or(self.now));
    }

    fn health_of(&self, name: &EnvironmentName) -> EnvironmentHealth {
        environment_health(&self.live.checks_of(&self.next.service, name), &self.seen.health)
    }

    fn wait(&mut self, on: WaitingOn, text: impl Into<String>, until_ms: Option<u64>) {
        if let Some(until) = until_ms {
            self.wake(until);
        }
        let waiting = Waiting { on, text: text.into(), until_ms };
        if !self.next.status.waiting_on.contains(&waiting) {
            self.next.status.waiting_on.push(waiting);
        }
    }

    fn wake(&mut self, at_ms: u64) {
        self.wake_ms = Some(self.wake_ms.map_or(at_ms, |other| other.min(at_ms)));
    }

    fn wake_soon(&mut self) {
        self.wake(self.now.saturating_add(POLL_MS));
    }

    fn tell(&mut self, text: impl Into<String>) {
        tell(&mut self.next, self.now, ENGINE, text);
    }
}
