//! The step machine: what is, and what shall be done next. Pure, total, deterministic.
//!
//! `step` looks at the observation once and goes as far as it can without the outside: through phases and stages until
//! something must be written, measured or waited for. Called again with nothing new it changes nothing. Here is the
//! order of phases; the stages of one step are in `forward`, the way back in `back` and `undo`, what can go wrong at any time in
//! `watch`, measurements in `measure`, hooks in `hooks`, writing and seeing weights in `carry`, and in `endpoint` where
//! they are not this server's, `stop` what a person stops there; what becomes of the old environment after the success in `after`.

mod after;
mod back;
pub(crate) mod beside;
mod caches;
mod carry;
mod drift;
mod ease;
mod endpoint;
mod forward;
mod gates;
mod hooks;
mod instances;
mod line;
mod measure;
mod owned;
mod reconcile;
mod rolling;
mod stand_in;
mod stop;
mod undo;
mod watch;

use model::deployment::{
    Abort, Code, Cursor, Deployment, HookPoint, Paused, Period, Phase, Reason, Share, Side, Snapshot, Stage, Waiting,
    WaitingOn, WeightsLine, named,
};
use model::id::EnvironmentName;

use crate::action::Action;
use crate::event::tell;
use crate::live::{EnvironmentHealth, Live, environment_health};
use crate::observation::Observation;
use crate::place::{begin, enter};
use crate::teardown;
use crate::window::Closed;
use hooks::Hooked;

pub use reconcile::{RescaleError, check_rescale};

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
        let waited_on = std::mem::take(&mut turn.next.status.waiting_on);
        turn.take_writes();
        let is_stopping = turn.take_stop();
        turn.reconcile();
        turn.note_health();
        turn.note_caches();
        turn.take_measurements();
        turn.take_hooks();
        // Every pass but the last moves the deployment forward along its plan; the bound is never met.
        let passes = if !is_stopping && turn.is_seeing() { turn.next.plan.steps.len() * 8 + 32 } else { 0 };
        if passes == 0 {
            turn.keep_gates(waited_on);
        }
        for _ in 0..passes {
            turn.next.status.waiting_on.clear();
            if !turn.advance() {
                break;
            }
        }
        turn.is_paused();
        // The batch may be another one now.
        if turn.next.spec.rolling().is_some() {
            turn.note_health();
        }
        turn.note_versions();
        turn.ask_measurements();
        if turn.next.status.phase.is_terminal() {
            turn.next.status.waiting_on.clear();
            turn.wake_ms = None;
            // What comes after asks other things of the outside than this turn has looked at.
            if teardown::open(&turn.next).is_some() {
                turn.wake(now_ms);
            }
        }
    } else {
        turn.after();
    }
    turn.finish(deployment)
}

/// One call of `step` in progress.
struct Turn<'a> {
    next: Deployment,
    seen: &'a Observation,
    live: Live,
    now: u64,
    /// A window or freeze forbids to move forward.
    closed: Option<Closed>,
    actions: Vec<Action>,
    wake_ms: Option<u64>,
}

impl<'a> Turn<'a> {
    fn new(deployment: &Deployment, seen: &'a Observation, now: u64) -> Self {
        let live = Live::read(&deployment.service, &seen.record_sets);
        let closed = line::barred(deployment, seen, now);
        let mut turn = Self { next: deployment.clone(), seen, live, now, closed, actions: Vec::new(), wake_ms: None };
        turn.note_opening();
        turn
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

    /// A release that sees nothing for a moment waits for the same people as before, who need not be told anew.
    fn keep_gates(&mut self, waited_on: Vec<Waiting>) {
        let status = &mut self.next.status;
        let is_early = matches!(status.phase, Phase::Pending | Phase::Preparing);
        if status.abort.is_none() && (is_early || status.cursor.is_some_and(|cursor| cursor.stage == Stage::Gate)) {
            status.waiting_on.extend(waited_on.into_iter().filter(|waiting| waiting.on == WaitingOn::Gate));
        }
    }

    /// Moves as far as one look allows; whether it must look again.
    fn advance(&mut self) -> bool {
        if self.watch_refusal() {
            return true;
        }
        match self.next.status.phase {
            Phase::Pending => self.pending(),
            Phase::Preparing => self.prepare(),
            Phase::Progressing | Phase::Promoting => self.watch().unwrap_or_else(|| self.forward()),
            Phase::Baking => self.watch().unwrap_or_else(|| self.bake()),
            Phase::Finalizing => self.finalise() || self.watch_finish(),
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
        if self.next.record.snapshot.is_none() {
            match self.hooks_at(HookPoint::PrePrepare, None) {
                Hooked::Waiting => return false,
                Hooked::Failed(text) => return self.give_up(Code::Hook, text),
                Hooked::Passed => {}
            }
        }
        let live = match self.live.whole() {
            Ok(live) => live,
            Err(fault) => return self.give_up(Code::Precondition, fault.to_string()),
        };
        if live.weights() != self.next.plan.start {
            let found = WeightsLine(&live.weights()).to_string();
            return self.give_up(Code::Precondition, format!("weights changed after the plan was made: {found}"));
        }
        if self.seen.active.as_ref() != self.next.plan.origin() {
            let active = named(self.seen.active.as_ref());
            return self.give_up(Code::Precondition, format!("the active environment is now {active}"));
        }
        if self.next.record.snapshot.is_none() {
            let (revision, members) = (self.seen.revision, live.members.clone());
            let records = beside::kept(&self.next.service, &self.live);
            let sticky = self.seen.sticky.clone();
            self.next.record.snapshot = Some(Snapshot { taken_ms: self.now, revision, members, records, sticky });
            let weights = WeightsLine(&self.next.plan.start).to_string();
            self.tell(format!("snapshot taken: {weights}"));
            self.take_caches();
        }
        if let Some(again) = self.carry_preparation() {
            return again;
        }
        if self.is_paused() {
            return false;
        }
        // A rolling release mends what is broken: its batches ask for health themselves.
        if self.next.spec.rolling().is_none() && !self.is_target_ready(Period::ZERO) {
            let deadline = self.next.status.phase_since_ms.saturating_add(self.next.spec.deadlines.prepare.ms());
            if self.now >= deadline {
                let name = self.next.plan.to.environment.clone();
                let text = format!("{name} did not become healthy in time: {}", self.health_line(&name));
                return self.give_up(Code::TargetUnhealthy, text);
            }
            self.wake(deadline);
            return false;
        }
        match self.hooks_at(HookPoint::PreRollout, None) {
            Hooked::Waiting => return false,
            Hooked::Failed(text) => return self.give_up(Code::Hook, text),
            Hooked::Passed => {}
        }
        if self.plan_preparation() {
            return true;
        }
        self.note_broken_origin();
        begin(&mut self.next, self.now, 1, ENGINE);
        true
    }

    fn bake(&mut self) -> bool {
        if self.next.status.paused.is_none() && self.begin_late() {
            return true;
        }
        let until = self.next.status.phase_since_ms.saturating_add(self.next.plan.times.bake.ms());
        if self.now < until {
            if !self.is_paused() {
                self.wait(WaitingOn::Time, "baking", Some(until));
            }
            return false;
        }
        if self.is_paused() {
            return false;
        }
        if !self.is_target_ready(Period::ZERO) {
            let deadline = until.saturating_add(self.next.spec.deadlines.progress.ms());
            if self.now >= deadline {
                let name = self.next.plan.to.environment.clone();
                let text = format!("{name} is not healthy after baking: {}", self.health_line(&name));
                self.pause(Reason::new(Code::Deadline, text));
                return true;
            }
            self.wake(deadline);
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
        if let Some(again) = self.carry_finish() {
            return again;
        }
        let to = self.next.plan.to.clone();
        if !self.runs_everywhere() {
            let text = format!("not every instance runs {}", to.version);
            if self.next.status.paused.is_none() {
                self.pause(Reason::new(Code::Precondition, text));
            }
            return false;
        }
        let is_known = self.next.spec.rolling().is_none()
            || self.seen.environments.get(&to.environment).is_some_and(|e| e.version == to.version);
        if self.seen.active.as_ref() == Some(&to.environment) && is_known {
            if self.hooks_at(HookPoint::PostRollout, None) != Hooked::Passed {
                return false;
            }
            self.begin_after();
            self.enter(Phase::Succeeded, ENGINE, format!("{to} serves"));
            return false;
        }
        if self.seen.active.as_ref() != self.next.plan.origin() {
            let text = format!("the active environment became {} meanwhile", named(self.seen.active.as_ref()));
            self.pause(Reason::new(Code::Drift, text));
            return true;
        }
        self.activate(Some(&to));
        self.wait(WaitingOn::Convergence, "the service's active environment is being moved", None);
        self.wake_soon();
        false
    }

    /// Moves the pointer of the service; to nobody on the way back from its first release.
    fn activate(&mut self, side: Option<&Side>) {
        let activate = Action::Activate { service: self.next.service.name.clone(), side: side.cloned() };
        if !self.actions.contains(&activate) {
            self.actions.push(activate);
        }
    }

    /// Ends it before anything was written; never to be looked at again.
    fn cancel(&mut self, code: Code, text: String) -> bool {
        let reason = Reason::new(code, text);
        let text = format!("cancelled, nothing was written: {reason}");
        self.next.status.abort =
            Some(Abort { by: ENGINE.into(), reason, at_ms: self.now, force_restore: false, at_once: false });
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
        if self.next.status.guarded.forced.is_some() {
            return true;
        }
        let gate = self.next.spec.health_gate.as_ref().map_or(at_least, |gate| gate.healthy_for.max(at_least));
        let name = self.next.plan.to.environment.clone();
        let (text, until) = match (self.health_of(&name), self.next.status.healthy_since_ms) {
            (EnvironmentHealth::Unchecked, _) => return true,
            (EnvironmentHealth::Healthy, Some(since)) if self.now >= since.saturating_add(gate.ms()) => return true,
            (EnvironmentHealth::Healthy, since) => {
                let until = since.unwrap_or(self.now).saturating_add(gate.ms());
                (format!("{name} must be healthy for {gate}"), Some(until))
            }
            (EnvironmentHealth::Unhealthy(_) | EnvironmentHealth::Unknown(_), _) => {
                (format!("{name}: {}; refusing to shift", self.health_line(&name)), None)
            }
        };
        self.wait(WaitingOn::Health, text, until);
        false
    }

    fn note_health(&mut self) {
        let is_in_batches = self.next.status.cursor.is_some();
        if self.next.spec.rolling().is_some() && is_in_batches {
            return self.note_health_of_batch();
        }
        let is_up = match self.health_of(&self.next.plan.to.environment) {
            EnvironmentHealth::Healthy | EnvironmentHealth::Unchecked => true,
            EnvironmentHealth::Unhealthy(_) | EnvironmentHealth::Unknown(_) => false,
        };
        self.next.status.healthy_since_ms = is_up.then(|| self.next.status.healthy_since_ms.unwrap_or(self.now));
        // A person who forced the last shift spoke of the health of then. Once it is good, it counts again.
        if is_up && self.is_past_last_shift() {
            self.next.status.guarded.forced = None;
        }
    }

    /// Whether the new environment has all traffic and caches have had their time.
    fn is_past_last_shift(&self) -> bool {
        let (plan, status) = (&self.next.plan, &self.next.status);
        match (status.phase, status.cursor) {
            (Phase::Baking | Phase::Finalizing, _) => true,
            (Phase::Promoting, Some(cursor)) => cursor.step > 1 && plan.share_after(cursor.step - 1) == Share::ALL,
            _ => false,
        }
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

    /// What was told last is not told again.
    fn tell_once(&mut self, text: String) {
        if self.next.record.events.last().is_none_or(|event| event.text != text) {
            self.tell(text);
        }
    }

    fn tell(&mut self, text: impl Into<String>) {
        tell(&mut self.next, self.now, ENGINE, text);
    }
}
