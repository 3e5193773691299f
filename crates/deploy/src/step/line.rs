//! Whose turn it is, and whether it is the time: the queue of a service, windows and freezes, and what served when the
//! release began.

use model::deployment::{Code, Decision, Deployment, StableUnhealthy, Stage, WaitingOn, named};
use model::health_status::HealthStatus;
use model::id::EnvironmentName;

use super::Turn;
use crate::forecast::{Promised, Promises};
use crate::live::{EnvironmentHealth, Live};
use crate::observation::Observation;
use crate::plan::plan_with;
use crate::strategy::rolling;
use crate::window::{Closed, closed};

/// What forbids this deployment to move forward now.
pub(super) fn barred(deployment: &Deployment, seen: &Observation, now_ms: u64) -> Option<Closed> {
    if !deployment.kind.asks() || deployment.status.guarded.window_override.is_some() {
        return None;
    }
    closed(&deployment.service, &seen.guards.freezes, seen.guards.calendar_ms.unwrap_or(now_ms))
}

impl Turn<'_> {
    /// The time behind a window does not count as time that a stage took.
    pub(super) fn note_opening(&mut self) {
        let has_waited = self.next.status.waiting_on.iter().any(|waiting| waiting.on == WaitingOn::Window);
        if has_waited
            && self.closed.is_none()
            && let Some(cursor) = &mut self.next.status.cursor
            && matches!(cursor.stage, Stage::Guard | Stage::Shift)
        {
            cursor.since_ms = self.now;
        }
    }

    /// Whether traffic may move forward now; says until when not.
    pub(super) fn is_window_open(&mut self) -> bool {
        let Some(closed) = &self.closed else { return true };
        // The engine's clock may be another than the calendar's: both go on by the same time.
        let calendar_ms = self.seen.guards.calendar_ms.unwrap_or(self.now);
        let until_ms = closed.until_ms.map(|until| self.now.saturating_add(until.saturating_sub(calendar_ms)));
        let text = closed.reason().text;
        self.wait(WaitingOn::Window, text, until_ms);
        false
    }

    /// Whether nothing is in front of it. Its plan is made when its turn comes: what it starts from is known only then.
    pub(super) fn is_first_in_line(&mut self) -> bool {
        let Some(queued) = self.next.status.guarded.queued.clone() else { return true };
        if let Some(first) = self.seen.guards.ahead.first().cloned() {
            if queued.until_ms.is_some_and(|until| self.now >= until) {
                return self.cancel(Code::Busy, format!("waited too long for deployment {first}"));
            }
            self.wait(WaitingOn::Lock, format!("waits for deployment {first} to end"), queued.until_ms);
            return false;
        }
        let service = self.seen.guards.declared.clone().unwrap_or_else(|| self.next.service.clone());
        let promised = Promised::of_made(&self.next.plan);
        match plan_with(&service, &self.next.spec, &self.seen.record_sets, Promises::Known(&promised)) {
            Ok(plan) => {
                let from = named(plan.from.as_ref());
                let text = format!("its turn: {} from {from} to {}, plan {}", plan.strategy, plan.to, plan.hash);
                self.live = Live::read(&service, &self.seen.record_sets);
                let is_another =
                    plan.hash != self.next.plan.hash || service.policy.approvals != self.next.service.policy.approvals;
                // Whoever was in front may have replaced them.
                self.next.record.instances = rolling::instances(&self.next.spec, &service, &plan.start);
                (self.next.service, self.next.plan) = (service, plan);
                (self.next.status.guarded.queued, self.next.status.phase_since_ms) = (None, self.now);
                self.closed = barred(&self.next, self.seen, self.now);
                self.tell(text);
                if is_another {
                    self.void_approvals();
                }
                true
            }
            Err(error) => self.cancel(error.code(), error.to_string()),
        }
    }

    /// Who agreed to what was planned while it waited has not agreed to this. Who said no still does.
    fn void_approvals(&mut self) {
        let approvals = self.next.status.guarded.approvals.iter_mut();
        let of_draft = approvals.filter(|said| said.step == 0 && said.decision == Decision::Approve && !said.is_void);
        let mut voided = 0;
        for said in of_draft {
            said.is_void = true;
            voided += 1;
        }
        if voided > 0 {
            self.tell("the plan or who must agree has changed since it waits: it must be approved anew");
        }
    }

    /// An unhealthy environment that serves must not bar the release that may cure it.
    pub(super) fn note_broken_origin(&mut self) {
        let Some(from) = self.next.plan.origin().cloned() else { return };
        if !matches!(self.health_of(&from), EnvironmentHealth::Unhealthy(_)) {
            return;
        }
        let line = format!("{from}: {}", self.health_line(&from));
        match self.next.service.policy.stable_unhealthy {
            StableUnhealthy::Keep => self.tell(format!("{line}; `promote --full` would skip the steps")),
            StableUnhealthy::FastForward => {
                self.next.status.guarded.fast_forward = true;
                self.tell(format!("{line}; holds are skipped"));
            }
        }
    }

    /// `1 of 3 health checks healthy (unhealthy: 5cfc7aaf-…)`.
    pub(super) fn health_line(&self, name: &EnvironmentName) -> String {
        let mut checks = self.live.checks_of(&self.next.service, name);
        checks.sort();
        checks.dedup();
        let healthy = checks.iter().filter(|id| self.seen.health.status(id) == Some(HealthStatus::Healthy)).count();
        let which = match self.health_of(name) {
            EnvironmentHealth::Unhealthy(id) => format!(" (unhealthy: {id})"),
            EnvironmentHealth::Unknown(id) => format!(" (says nothing: {id})"),
            EnvironmentHealth::Healthy | EnvironmentHealth::Unchecked => String::new(),
        };
        format!("{healthy} of {} health checks healthy{which}", checks.len())
    }
}
