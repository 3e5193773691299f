//! One batch of a rolling release: out of rotation, drained, replaced, healthy, back with its own weights. The way back
//! is the same walk with the old versions, over whatever was changed, the last first.
//!
//! | Stage | What |
//! |---|---|
//! | guard | enough others are in rotation and healthy (R5.9) |
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

use super::Turn;
use super::carry::Carried;
use super::hooks::Hooked;
use crate::drain::{drain_facts_of, drained};

/// How a batch stands.
enum Batched {
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
enum Way {
    Forward,
    Back,
}

impl Turn<'_> {
    /// A batch on the way forward; whether to look again.
    pub(super) fn batch(&mut self, cursor: Cursor, instances: &[SetIdentifier]) -> bool {
        match self.carry_batch(cursor, instances, Way::Forward) {
            Batched::Moved => true,
            Batched::Waiting => false,
            Batched::Done => self.done(cursor.step),
            Batched::Failed(reason) => self.fail(reason, false),
        }
    }

    /// The way back of a rolling release; whether to look again.
    pub(super) fn back_rolling(&mut self) -> bool {
        // While baking there is no cursor; the way back begins where the last step was.
        let last = Cursor { step: self.next.plan.steps.len(), stage: Stage::Guard, since_ms: self.now };
        let cursor = self.next.status.cursor.unwrap_or(last);
        if self.next.record.undoing.is_empty() {
            self.next.record.undoing = self.next_to_undo();
            if self.next.record.undoing.is_empty() {
                if self.live.faults.is_empty() {
                    self.next.status.drift = None;
                }
                let version = self.next.plan.from.as_ref().map(|from| from.version.clone()).unwrap_or_default();
                return self.end_back(format!("rolled back: every instance runs what it ran, {version}"));
            }
            let names: Vec<&str> = self.next.record.undoing.iter().map(SetIdentifier::as_str).collect();
            self.tell(format!("going back: {}", names.join(", ")));
            self.enter_stage(cursor.step, Stage::Guard);
            return true;
        }
        let instances = self.next.record.undoing.clone();
        match self.carry_batch(cursor, &instances, Way::Back) {
            Batched::Moved => true,
            Batched::Waiting => self.check_deadline_of_undoing(cursor),
            Batched::Done => {
                self.next.record.undoing.clear();
                true
            }
            Batched::Failed(reason) => {
                self.next.record.undoing.clear();
                self.block(reason.code, reason.text)
            }
        }
    }

    fn check_deadline_of_undoing(&mut self, cursor: Cursor) -> bool {
        let deadline = cursor.since_ms.saturating_add(self.next.spec.deadlines.rollback.ms());
        if !matches!(cursor.stage, Stage::Guard | Stage::Shift | Stage::Observe) {
            return false;
        }
        if self.now >= deadline {
            let text = format!("the way back stayed in {} for {}", cursor.stage, self.next.spec.deadlines.rollback);
            self.next.record.undoing.clear();
            return self.block(Code::Deadline, text);
        }
        self.wake(deadline);
        false
    }

    /// Those who are out of rotation first, since they can be replaced at no further cost; then those who are not
    /// healthy; then the last changed. As many as a batch has.
    fn next_to_undo(&self) -> Vec<SetIdentifier> {
        let Some(bounds) = self.bounds() else { return Vec::new() };
        let changed = |i: &&model::deployment::Instance| {
            i.version.as_ref() != Some(&i.old_version) || !self.has_own_weight(&i.instance)
        };
        let mut changed: Vec<SetIdentifier> =
            self.next.record.instances.iter().rev().filter(changed).map(|i| i.instance.clone()).collect();
        changed.sort_by_key(|id| (self.is_in_rotation(id), self.is_healthy(id)));
        changed.truncate(bounds.batch);
        changed
    }

    fn carry_batch(&mut self, cursor: Cursor, instances: &[SetIdentifier], way: Way) -> Batched {
        let Some(rolling) = self.next.spec.rolling().cloned() else { return Batched::Waiting };
        match cursor.stage {
            Stage::Guard => self.take_out(cursor, instances, way),
            Stage::Shift | Stage::Observe | Stage::Settle => self.carry_weights(cursor, way),
            Stage::Drain => self.drain(cursor, &rolling, instances),
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
        let Ok(live) = self.live.whole().map(crate::live::Live::weights) else { return Batched::Waiting };
        if let Some(text) = self.too_few_without(instances) {
            self.wait(WaitingOn::Health, text, None);
            return Batched::Waiting;
        }
        let has_weight = |id: &&SetIdentifier| self.own_weights(id).iter().any(|m| m.weight > 0);
        if !instances.iter().any(|id| has_weight(&id)) {
            self.enter_stage(cursor.step, Stage::Replace);
            return Batched::Moved;
        }
        let mut desired = live.clone();
        for m in desired.iter_mut().filter(|m| instances.contains(&m.record_set.set_identifier)) {
            m.weight = 0;
        }
        // Written even where nothing changes: then it is known that every server has it.
        self.plan_write(OpKind::TakeOut { step: cursor.step }, live, desired);
        self.enter_stage(cursor.step, Stage::Shift);
        Batched::Moved
    }

    /// Why a batch cannot be taken out: too few would be left. Taking out who serves nobody costs nothing.
    fn too_few_without(&self, batch: &[SetIdentifier]) -> Option<String> {
        let bounds = self.bounds()?;
        let serves = |id: &SetIdentifier| self.is_in_rotation(id) && self.is_healthy(id);
        let all = self.next.record.instances.iter().map(|i| &i.instance);
        let left = all.filter(|id| !batch.contains(id) && serves(id)).count();
        let least = bounds.in_rotation - bounds.unavailable;
        (left < least && batch.iter().any(serves)).then(|| {
            format!("{left} instances would be healthy and in rotation without this batch; at least {least} must be")
        })
    }

    fn carry_weights(&mut self, cursor: Cursor, way: Way) -> Batched {
        let is_back = matches!(self.next.record.journal.last().map(|op| op.kind), Some(OpKind::PutBack { .. }));
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
    fn drain(&mut self, cursor: Cursor, rolling: &Rolling, instances: &[SetIdentifier]) -> Batched {
        let live = self.live.weights();
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
        self.enter_stage(cursor.step, Stage::Replace);
        Batched::Moved
    }

    /// Has the hook give every instance of the batch the version, all at the same time.
    fn replace(&mut self, cursor: Cursor, instances: &[SetIdentifier], way: Way) -> Batched {
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
        if let Some(text) = failed {
            return Batched::Failed(Reason::new(Code::Hook, text));
        }
        if is_waiting {
            return Batched::Waiting;
        }
        self.note_health_anew();
        self.enter_stage(cursor.step, Stage::Verify);
        Batched::Moved
    }

    /// Waits for health, then gives the batch its own weights back.
    fn verify(&mut self, cursor: Cursor, rolling: &Rolling, instances: &[SetIdentifier], way: Way) -> Batched {
        let is_forced = way == Way::Back && self.next.status.abort.as_ref().is_some_and(|abort| abort.force_restore);
        let since = match rolling.verify.health {
            true => self.next.status.healthy_since_ms.map(|at| at.max(cursor.since_ms)),
            false => Some(cursor.since_ms),
        };
        let ready = since.map(|at| at.saturating_add(rolling.verify.min_healthy_time.ms()));
        if !is_forced && ready.is_none_or(|ready| self.now < ready) {
            let deadline = cursor.since_ms.saturating_add(rolling.verify.deadline.ms());
            let sick: Vec<&str> =
                instances.iter().filter(|id| !self.is_healthy(id)).map(SetIdentifier::as_str).collect();
            if self.now >= deadline && rolling.verify.health {
                let what = if sick.is_empty() { "not healthy for long enough".to_owned() } else { sick.join(", ") };
                let text = format!("not healthy within {} of the replacement: {what}", rolling.verify.deadline);
                return Batched::Failed(Reason::new(Code::TargetUnhealthy, text));
            }
            let text = match sick.is_empty() {
                true => format!("must be healthy for {}", rolling.verify.min_healthy_time),
                false => format!("not healthy: {}", sick.join(", ")),
            };
            self.wait(WaitingOn::Health, text, ready.map(|ready| ready.min(deadline)).or(Some(deadline)));
            return Batched::Waiting;
        }
        if way == Way::Forward && self.is_paused() {
            return Batched::Waiting;
        }
        let Ok(live) = self.live.whole().map(crate::live::Live::weights) else { return Batched::Waiting };
        let own: Vec<RecordSetWeight> = instances.iter().flat_map(|id| self.own_weights(id)).collect();
        let mut desired = live.clone();
        for m in &mut desired {
            if let Some(own) = own.iter().find(|own| own.record_set == m.record_set) {
                m.weight = own.weight;
            }
        }
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
