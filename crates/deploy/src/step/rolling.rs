//! One batch of a rolling release: out of rotation, drained, replaced, healthy, back with its own weights. The way back
//! (`undo`) is the same walk with the old versions.
//!
//! | Stage | What |
//! |---|---|
//! | guard | enough others are in rotation and healthy (R5.9), spares counted that stand in (`stand_in`) |
//! | shift, observe, settle | the weights go to 0, or come back |
//! | drain | nobody comes any more |
//! | replace | the hook gives each instance the version |
//! | verify | healthy for long enough, counted from the replacement |
//!
//! What an instance runs is unknown from the first call of the hook until it says yes; on the way back such an instance
//! is replaced like one that was changed.

use model::deployment::{
    Code, Cursor, DrainTimeout, Drained, HookPoint, HookRun, HookState, Occasion, OpKind, OpState, Reason,
    RecordSetKey, RecordSetWeight, Rolling, Stage, WaitingOn,
};
use model::id::SetIdentifier;

use super::carry::Carried;
use super::hooks::Hooked;
use super::{ENGINE, Turn};
use crate::drain::{drain_facts_of, drained};
use crate::live::Live;
use crate::place::begin;
use crate::strategy::bounds::has_weight;

/// Points that are asked before anybody is taken out.
const BEFORE_SHIFT: [HookPoint; 3] = [HookPoint::ConfirmWeightIncrease, HookPoint::ConfirmPromotion, HookPoint::Scale];

/// How a batch stands.
pub(super) enum Batched {
    /// Moved on; look again.
    Moved,
    /// Something outside must happen first.
    Waiting,
    /// All in rotation again with the version.
    Done,
    /// It cannot go on.
    Failed(Reason),
}

/// Which way a batch goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Forward,
    Back,
}

impl Turn<'_> {
    /// A batch on the way forward; whether to look again.
    pub(super) fn batch(&mut self, cursor: Cursor, planned: &[SetIdentifier]) -> bool {
        if cursor.stage == Stage::Guard && !self.next.record.batch.iter().any(|id| self.is_begun(id)) {
            self.next.record.batch = self.next_of(cursor.step, planned);
        }
        let instances = self.next.record.batch.clone();
        let is_of_write = matches!(cursor.stage, Stage::Shift | Stage::Observe | Stage::Settle);
        if instances.is_empty() && !is_of_write {
            return self.end_batch(cursor);
        }
        match self.carry_batch(cursor, &instances, Way::Forward) {
            Batched::Moved => true,
            Batched::Waiting => false,
            Batched::Done => {
                self.next.record.batch.clear();
                self.ask_anew(cursor.step, &BEFORE_SHIFT);
                self.enter_stage(cursor.step, Stage::Guard);
                true
            }
            Batched::Failed(reason) => self.fail(reason, false),
        }
    }

    /// Nobody is left to work on: all are done, or have left in the middle of it, and then nobody stands in for them.
    fn end_batch(&mut self, cursor: Cursor) -> bool {
        if cursor.stage != Stage::Guard {
            self.enter_stage(cursor.step, Stage::Guard);
            return true;
        }
        let Some(live) = self.whole_weights() else { return false };
        let desired = self.weights_with(&live, &[]);
        if desired == live {
            return self.done(cursor.step);
        }
        self.plan_write(OpKind::PutBack { step: cursor.step }, live, desired);
        self.enter_stage(cursor.step, Stage::Shift);
        true
    }

    /// Has hooks of these points called once more in a step.
    fn ask_anew(&mut self, step: usize, points: &[HookPoint]) {
        let is_of = |run: &&mut HookRun| match &run.occasion {
            Occasion::Point { point, step: Some(of) } => *of == step && points.contains(point),
            _ => false,
        };
        self.next.record.hooks.iter_mut().filter(is_of).for_each(|run| run.state = HookState::Superseded);
    }

    /// Whether anything was done to it that is not at its end.
    fn is_begun(&self, instance: &SetIdentifier) -> bool {
        let mut known = self.next.record.instances.iter();
        let is_changed = known.any(|i| i.instance == *instance && i.version.as_ref() != Some(&i.old_version));
        is_changed || self.is_out(instance)
    }

    /// Those of a planned batch who do not run the version yet, as many as may be away; in their place those who are unhealthy,
    /// if nobody may be away; after the last batch those who joined later.
    fn next_of(&self, step: usize, planned: &[SetIdentifier]) -> Vec<SetIdentifier> {
        let to = &self.next.plan.to.version;
        let old = self.next.record.instances.iter().filter(|i| i.version.as_ref() != Some(to)).map(|i| &i.instance);
        let (mut of_batch, others): (Vec<_>, Vec<_>) = old.cloned().partition(|id| planned.contains(id));
        let serves = |id: &SetIdentifier| self.is_in_rotation(id) && self.is_healthy(id);
        if of_batch.is_empty() && step == self.next.plan.last_shift() {
            return self.that_fit(others);
        }
        // Whoever serves nobody costs nothing, and may be what the others wait for.
        of_batch.sort_by_key(serves);
        let batch = self.that_fit(of_batch);
        let cure = others.into_iter().filter(|id| self.is_in_rotation(id) && !serves(id)).collect::<Vec<_>>();
        let is_zoned = self.next.spec.rolling().is_some_and(Rolling::is_zone_by_zone);
        if batch.is_empty() || cure.is_empty() || is_zoned || self.fits(&batch) { batch } else { self.that_fit(cure) }
    }

    /// After all steps: goes back to the last batch for those who came later; whether anybody did.
    pub(super) fn begin_late(&mut self) -> bool {
        if self.next.spec.rolling().is_none() || self.runs_everywhere() {
            return false;
        }
        let last = self.next.plan.last_shift();
        self.ask_anew(last, &BEFORE_SHIFT);
        self.ask_anew(last, &[HookPoint::PostStep, HookPoint::PostPromotion]);
        begin(&mut self.next, self.now, last, ENGINE);
        true
    }

    pub(super) fn carry_batch(&mut self, cursor: Cursor, instances: &[SetIdentifier], way: Way) -> Batched {
        let Some(rolling) = self.next.spec.rolling().cloned() else { return Batched::Waiting };
        match cursor.stage {
            Stage::Guard => self.take_out(cursor, instances, way),
            Stage::Shift | Stage::Observe | Stage::Settle => self.carry_weights(cursor, way),
            Stage::Drain => self.drain(cursor, &rolling, instances, way),
            Stage::Replace => self.replace(cursor, instances, way),
            Stage::Verify => self.verify(cursor, &rolling, instances, way),
            // A stage that a batch does not have: its stages are safe to repeat.
            Stage::Hold | Stage::Analyse | Stage::Hook | Stage::Gate => {
                self.enter_stage(cursor.step, Stage::Guard);
                Batched::Moved
            }
        }
    }

    /// R5.9: takes the batch out if enough others stay.
    fn take_out(&mut self, cursor: Cursor, instances: &[SetIdentifier], way: Way) -> Batched {
        if way == Way::Forward {
            if self.is_paused() || !self.is_window_open() {
                return Batched::Waiting;
            }
            let mut points = vec![HookPoint::ConfirmWeightIncrease, HookPoint::Scale];
            if self.next.plan.last_shift() == cursor.step {
                points.insert(1, HookPoint::ConfirmPromotion);
            }
            match self.hooks_in_turn(&points, Some(cursor.step)) {
                Hooked::Waiting => return Batched::Waiting,
                Hooked::Failed(text) => return Batched::Failed(Reason::new(Code::Hook, text)),
                Hooked::Passed => {}
            }
        }
        let Some(live) = self.whole_weights() else { return Batched::Waiting };
        let desired = self.weights_without(&live, instances);
        let is_forced = way == Way::Back && self.is_forced_back();
        if let Some(text) = self.too_few_by(&desired, instances).filter(|_| !is_forced) {
            self.wait(WaitingOn::Health, text, None);
            return Batched::Waiting;
        }
        if leaves_nobody(&desired) {
            self.wait(WaitingOn::Health, "nobody would be in rotation without this batch", None);
            return Batched::Waiting;
        }
        if !instances.iter().any(|id| self.may_be_asked(id)) {
            self.enter_stage(cursor.step, Stage::Replace);
            return Batched::Moved;
        }
        // Written even where nothing changes: then it is known that every server has it.
        self.plan_write(OpKind::TakeOut { step: cursor.step }, live, desired);
        self.enter_stage(cursor.step, Stage::Shift);
        Batched::Moved
    }

    /// The weights as they are; says what is wrong if they cannot be steered.
    fn whole_weights(&mut self) -> Option<Vec<RecordSetWeight>> {
        let whole = self.live.whole().map(Live::weights).map_err(ToString::to_string);
        whole.map_err(|fault| self.wait(WaitingOn::Convergence, fault, None)).ok()
    }

    /// A person has said that health does not count on the way back.
    fn is_forced_back(&self) -> bool {
        self.next.status.abort.as_ref().is_some_and(|abort| abort.force_restore)
    }

    /// Whether anybody may come to it, or may have been sent to it in the course of the release.
    fn may_be_asked(&self, instance: &SetIdentifier) -> bool {
        let mut written = self.next.record.journal.iter().filter(|op| op.was_applied());
        self.has_weight_of_its_own(instance)
            || self.is_in_rotation(instance)
            || written.any(|op| has_weight(instance, &op.desired))
    }

    /// As many of these as may be out together.
    pub(super) fn that_fit(&self, instances: Vec<SetIdentifier>) -> Vec<SetIdentifier> {
        let mut batch = self.one_batch(instances);
        while batch.len() > 1 && !self.fits(&batch) {
            batch.pop();
        }
        batch
    }

    fn fits(&self, batch: &[SetIdentifier]) -> bool {
        let without = self.weights_without(&self.live.weights(), batch);
        self.too_few_by(&without, batch).is_none() && !leaves_nobody(&without)
    }

    /// Why a batch cannot be taken out: too few would be left. Taking out who serves nobody costs nothing.
    fn too_few_by(&self, desired: &[RecordSetWeight], batch: &[SetIdentifier]) -> Option<String> {
        let least = self.bounds()?.least();
        let instances = self.next.record.instances.iter().map(|i| &i.instance);
        let left = instances.filter(|id| has_weight(id, desired) && self.is_healthy(id)).count();
        let serves = |id: &SetIdentifier| self.is_in_rotation(id) && self.is_healthy(id);
        (left < least && batch.iter().any(serves)).then(|| {
            format!("{left} instances would be healthy and in rotation without this batch; at least {least} must be")
        })
    }

    fn carry_weights(&mut self, cursor: Cursor, way: Way) -> Batched {
        let is_of_batch = |kind: &OpKind| matches!(kind, OpKind::TakeOut { .. } | OpKind::PutBack { .. });
        let last = self.next.record.journal.iter().rev().map(|op| op.kind).find(is_of_batch);
        let is_back = matches!(last, Some(OpKind::PutBack { .. }));
        if cursor.stage == Stage::Settle && is_back {
            // Old answers without the instances harm nobody.
            self.finish_write();
            return Batched::Done;
        }
        let may_write = way == Way::Back || cursor.stage != Stage::Shift || !self.is_paused();
        match self.carry(cursor.step, cursor.stage, cursor.since_ms, may_write) {
            Carried::Moved => Batched::Moved,
            Carried::Waiting => Batched::Waiting,
            // Forward, `watch` has looked at the same weights and paused. Back, whatever is there is taken from.
            Carried::Disturbed if way == Way::Forward => Batched::Waiting,
            Carried::Disturbed => {
                self.enter_stage(cursor.step, Stage::Guard);
                Batched::Moved
            }
            Carried::Settled => {
                self.enter_stage(cursor.step, Stage::Drain);
                Batched::Moved
            }
        }
    }

    /// R5.12: waits until caches and sessions have left.
    fn drain(&mut self, cursor: Cursor, rolling: &Rolling, instances: &[SetIdentifier], way: Way) -> Batched {
        let live = self.live.weights();
        if way == Way::Back && self.is_forced_back() {
            self.enter_stage(cursor.step, Stage::Replace);
            return Batched::Moved;
        }
        // Others have given it weight: it is taken out once more.
        if instances.iter().any(|id| self.is_in_rotation(id)) {
            self.enter_stage(cursor.step, Stage::Guard);
            return Batched::Moved;
        }
        for instance in instances {
            let keys: Vec<RecordSetKey> = self.own_weights(instance).into_iter().map(|m| m.record_set).collect();
            let facts = drain_facts_of(&self.next, &keys, &live);
            let mut state = drained(&rolling.drain, &facts, cursor.since_ms, self.now);
            if state == Drained::Yes && rolling.drain_hook.is_some() {
                let occasion = Occasion::Drain { step: cursor.step, instance: instance.clone() };
                let end = rolling.drain.max.map(|max| cursor.since_ms.saturating_add(max.ms()));
                state = match self.hook("drain_hook", occasion) {
                    Hooked::Passed => Drained::Yes,
                    Hooked::Waiting | Hooked::Failed(_) if end.is_some_and(|end| self.now >= end) => {
                        Drained::TimedOut(rolling.drain.on_timeout)
                    }
                    Hooked::Waiting | Hooked::Failed(_) => Drained::NotYet { until_ms: end },
                };
            }
            match state {
                Drained::Yes => {}
                Drained::NotYet { until_ms } => {
                    self.wait(WaitingOn::Caches, format!("{instance} is draining"), until_ms);
                    return Batched::Waiting;
                }
                Drained::TimedOut(DrainTimeout::Proceed) => self.tell(format!("{instance} had not drained in time")),
                Drained::TimedOut(DrainTimeout::Cut) => {
                    self.tell(format!("{instance} had not drained in time; what was left is cut off"));
                }
                Drained::TimedOut(DrainTimeout::Hold) => {
                    let text = format!("{instance} has not drained in time; resume waits once more");
                    if self.next.status.abort.is_some() {
                        return Batched::Failed(Reason::new(Code::Deadline, text));
                    }
                    if self.next.status.paused.is_none() {
                        self.pause(Reason::new(Code::Deadline, text));
                    }
                    return Batched::Waiting;
                }
            }
        }
        // What is asked of one that was cut off, nobody waits for; and the next time it is asked anew.
        let is_drain = |run: &&mut HookRun| {
            let of_batch = run.occasion.instance().is_some_and(|id| instances.contains(id));
            of_batch && matches!(run.occasion, Occasion::Drain { .. })
        };
        let runs = self.next.record.hooks.iter_mut().filter(is_drain);
        runs.for_each(|run| run.state = HookState::Superseded);
        self.enter_stage(cursor.step, Stage::Replace);
        Batched::Moved
    }

    /// Has the hook give every instance of the batch the version, all at the same time.
    fn replace(&mut self, cursor: Cursor, instances: &[SetIdentifier], way: Way) -> Batched {
        if instances.iter().any(|id| self.is_in_rotation(id)) {
            self.enter_stage(cursor.step, Stage::Guard);
            return Batched::Moved;
        }
        let (mut failed, mut is_waiting) = (None, false);
        for instance in instances {
            let Some(at) = self.next.record.instances.iter().position(|i| i.instance == *instance) else { continue };
            let known = self.next.record.instances[at].clone();
            let (old_version, new_version) = match way {
                Way::Forward => (known.old_version.clone(), self.next.plan.to.version.clone()),
                Way::Back => (self.next.plan.to.version.clone(), known.old_version.clone()),
            };
            if known.version.as_ref() == Some(&new_version) {
                continue;
            }
            let occasion = Occasion::Replace {
                step: cursor.step,
                instance: instance.clone(),
                old_version,
                new_version: new_version.clone(),
            };
            if self.has_other_call(instance, &occasion) {
                is_waiting = true;
                continue;
            }
            let hooked = self.hook("replace", occasion.clone());
            let is_begun = |run: &HookRun| run.occasion == occasion && run.state != HookState::Superseded;
            if self.next.record.hooks.iter().any(is_begun) {
                self.next.record.instances[at].version = None;
            }
            match hooked {
                Hooked::Passed => self.next.record.instances[at].version = Some(new_version),
                Hooked::Waiting => is_waiting = true,
                Hooked::Failed(text) => failed = failed.or(Some(text)),
            }
        }
        // What is being called comes to its end first: nobody is given two versions at a time.
        let is_called = |run: &HookRun| {
            run.state == HookState::Calling && run.occasion.instance().is_some_and(|id| instances.contains(id))
        };
        if let Some(text) = failed
            && !self.next.record.hooks.iter().any(is_called)
        {
            return Batched::Failed(Reason::new(Code::Hook, text));
        }
        if is_waiting {
            return Batched::Waiting;
        }
        self.note_health_anew();
        self.enter_stage(cursor.step, Stage::Verify);
        Batched::Moved
    }

    /// Whether an instance is being given another version by a call that was begun before.
    fn has_other_call(&mut self, instance: &SetIdentifier, occasion: &Occasion) -> bool {
        let (mut awaits, mut at_work) = (false, None);
        let is_forced = self.is_forced_back();
        for run in &mut self.next.record.hooks {
            let is_other = matches!(run.occasion, Occasion::Replace { .. }) && run.occasion != *occasion;
            if !is_other || run.occasion.instance() != Some(instance) || !run.is_open() {
                continue;
            }
            match run.state {
                HookState::Calling if self.seen.calling.contains(&run.id(&self.next.id)) => awaits = true,
                // Whoever said "not yet" is at work: it is asked until it has come to its end.
                HookState::Waiting { .. } if run.told.is_some() && !is_forced => at_work = Some(run.occasion.clone()),
                // What was lost with the runner, or never called, is not called any more.
                _ => run.state = HookState::Superseded,
            }
        }
        if let Some(other) = at_work {
            awaits |= self.hook("replace", other) == Hooked::Waiting;
        }
        if awaits {
            self.wait(
                WaitingOn::Hook,
                format!("{instance} is being given another version, which must end first"),
                None,
            );
        }
        awaits
    }

    /// Waits for health, then gives the batch its own weights back.
    fn verify(&mut self, cursor: Cursor, rolling: &Rolling, instances: &[SetIdentifier], way: Way) -> Batched {
        let is_forced = way == Way::Back && self.is_forced_back();
        let since = match rolling.verify.health {
            true => self.next.status.healthy_since_ms.map(|at| at.max(cursor.since_ms)),
            false => Some(cursor.since_ms),
        };
        let ready = since.map(|at| at.saturating_add(rolling.verify.min_healthy_time.ms()));
        if !is_forced && ready.is_none_or(|ready| self.now < ready) {
            let deadline = cursor.since_ms.saturating_add(rolling.verify.deadline.ms());
            let sick: Vec<&str> =
                instances.iter().filter(|id| !self.is_healthy(id)).map(SetIdentifier::as_str).collect();
            // A person who pauses has a reason, and looks after it.
            let is_held = way == Way::Forward && self.next.status.paused.is_some();
            if self.now >= deadline && rolling.verify.health && !is_held {
                let what = if sick.is_empty() { "not healthy for long enough".to_owned() } else { sick.join(", ") };
                let text = format!("not healthy within {} of the replacement: {what}", rolling.verify.deadline);
                return Batched::Failed(Reason::new(Code::TargetUnhealthy, text));
            }
            let text = match sick.is_empty() {
                true => format!("must be healthy for {}", rolling.verify.min_healthy_time),
                false => format!("not healthy: {}", sick.join(", ")),
            };
            let until = ready.map(|ready| ready.min(deadline)).or(Some(deadline));
            self.wait(WaitingOn::Health, text, until.filter(|until| *until > self.now));
            return Batched::Waiting;
        }
        if way == Way::Forward && self.is_paused() {
            return Batched::Waiting;
        }
        let Some(live) = self.whole_weights() else { return Batched::Waiting };
        let desired = self.weights_with(&live, instances);
        if desired == live {
            return Batched::Done;
        }
        self.plan_write(OpKind::PutBack { step: cursor.step }, live, desired);
        self.enter_stage(cursor.step, Stage::Shift);
        Batched::Moved
    }

    fn finish_write(&mut self) {
        if self.next.record.journal.last().is_some_and(|op| op.state() == OpState::Observed) {
            self.enter_state(OpState::Done);
        }
    }
}

/// R53 weighted: weights that are all zero mean equal shares.
fn leaves_nobody(weights: &[RecordSetWeight]) -> bool {
    let mut groups = weights.chunk_by(|a, b| a.record_set.is_beside(&b.record_set));
    groups.any(|group| group.iter().all(|m| m.weight == 0))
}
