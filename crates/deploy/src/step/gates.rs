//! Gates: before a release begins, and at steps of it. A gate is opened by people, by time or by another program, and shut
//! by one who says no, which is a failure of the release.

use model::deployment::{
    Approval, Code, Cursor, Decision, Gate, Hold, HookPoint, ManualGate, Occasion, OnTimeout, Phase, Reason, WaitingOn,
    WebhookGate,
};

use super::hooks::Hooked;
use super::{ENGINE, Turn};
use crate::place::begin;
use crate::plan::START_GATE;

/// What people and time have said of a gate.
enum Said {
    Open,
    Shut(String),
    TimeIsUp(OnTimeout),
    NotYet {
        text: String,
        until_ms: Option<u64>,
    },
    /// A program is asked; the wait for it is named already.
    Asked {
        until_ms: Option<u64>,
    },
}

impl Turn<'_> {
    /// A gate in a step; whether to look again.
    pub(super) fn gate(&mut self, cursor: Cursor, name: &str, gate: &Gate) -> bool {
        let said = match gate {
            Gate::Webhook(webhook) => self.asked(name, cursor, webhook),
            Gate::Manual(_) | Gate::AutoAfter(_) => self.said(name, cursor.step, gate, cursor.since_ms),
        };
        match said {
            Said::Open => self.pass(cursor.step, format!("gate {name} is open")),
            Said::Shut(text) => self.fail(Reason::new(Code::GateDenied, text), false),
            Said::TimeIsUp(on_timeout) => {
                let text = format!("nobody opened gate {name} in time");
                match on_timeout {
                    _ if self.is_paused() => false,
                    OnTimeout::Continue => self.pass(cursor.step, format!("{text}: going on")),
                    OnTimeout::Abort => {
                        self.roll_back(Reason::new(Code::Deadline, text));
                        true
                    }
                    OnTimeout::Hold => {
                        self.pause(Reason::new(Code::Deadline, text));
                        true
                    }
                }
            }
            Said::NotYet { text, until_ms } => {
                self.wait(WaitingOn::Gate, text, until_ms);
                false
            }
            Said::Asked { until_ms } => {
                if let Some(until_ms) = until_ms {
                    self.wake(until_ms);
                }
                false
            }
        }
    }

    /// What the program behind a gate says.
    fn asked(&mut self, name: &str, cursor: Cursor, gate: &WebhookGate) -> Said {
        let occasion = Occasion::Gate { step: cursor.step };
        match self.hook(name, occasion.clone()) {
            Hooked::Passed => return Said::Open,
            Hooked::Failed(text) => return Said::Shut(format!("gate {name} was shut: {text}")),
            Hooked::Waiting => {}
        }
        let until_ms = gate.timeout.map(|timeout| cursor.since_ms.saturating_add(timeout.ms()));
        if until_ms.is_some_and(|until| self.now >= until) {
            if self.next.status.paused.is_none() {
                self.forget_hook(&occasion);
            }
            return Said::TimeIsUp(gate.on_timeout);
        }
        Said::Asked { until_ms }
    }

    fn pass(&mut self, step: usize, text: String) -> bool {
        if self.is_paused() {
            return false;
        }
        self.tell(text);
        begin(&mut self.next, self.now, step + 1, ENGINE);
        true
    }

    /// The gate before the release; whether it is open. Shut, or too late, it ends the release with nothing moved.
    pub(super) fn start_gate(&mut self) -> bool {
        let Some(gate) = self.next.service.policy.approvals.clone().filter(|_| self.next.kind.asks()) else {
            return true;
        };
        match self.said(START_GATE, 0, &Gate::Manual(gate), self.next.status.phase_since_ms) {
            Said::Open | Said::TimeIsUp(OnTimeout::Continue) => true,
            Said::Shut(text) => self.cancel(Code::GateDenied, text),
            Said::TimeIsUp(OnTimeout::Abort) => {
                self.cancel(Code::Deadline, format!("nobody opened gate {START_GATE} in time"))
            }
            Said::TimeIsUp(OnTimeout::Hold) => {
                let text = format!("nobody opened gate {START_GATE} in time");
                self.pause(Reason::new(Code::Deadline, text));
                false
            }
            Said::NotYet { text, until_ms } => {
                self.wait(WaitingOn::Gate, text, until_ms);
                false
            }
            // Only people are asked before a release.
            Said::Asked { .. } => false,
        }
    }

    fn said(&self, name: &str, step: usize, gate: &Gate, since_ms: u64) -> Said {
        let standing: Vec<&Approval> = self
            .next
            .status
            .guarded
            .approvals
            .iter()
            .filter(|approval| approval.step == step && approval.gate == name && !approval.is_void)
            .collect();
        if let Some(denial) = standing.iter().find(|approval| approval.decision == Decision::Deny) {
            let who = denial.name.as_ref().unwrap_or(&denial.by);
            let why = if denial.comment.is_empty() { String::new() } else { format!(": {}", denial.comment) };
            return Said::Shut(format!("gate {name} was denied by {who}{why}"));
        }
        let given = standing.len();
        match gate {
            Gate::Manual(manual) => self.manual(name, manual, given, since_ms),
            Gate::AutoAfter(period) => {
                let until = since_ms.saturating_add(period.ms());
                if given > 0 || self.now >= until {
                    return Said::Open;
                }
                Said::NotYet { text: format!("gate {name} opens by itself after {period}"), until_ms: Some(until) }
            }
            Gate::Webhook(_) => Said::Asked { until_ms: None },
        }
    }

    fn manual(&self, name: &str, gate: &ManualGate, given: usize, since_ms: u64) -> Said {
        if given >= gate.count {
            return Said::Open;
        }
        let until_ms = gate.timeout.map(|timeout| since_ms.saturating_add(timeout.ms()));
        if until_ms.is_some_and(|until| self.now >= until) {
            return Said::TimeIsUp(gate.on_timeout);
        }
        let id = &self.next.id;
        let who = if gate.approvers.is_empty() { String::new() } else { format!(" of {}", gate.approvers.join(", ")) };
        let text = format!(
            "gate {name}: {given} of {} approvals{who}; cutover deploy approve {id} {name}, or deny",
            gate.count
        );
        Said::NotYet { text, until_ms }
    }

    /// Whether a hold is skipped, because what served was broken when the release began.
    pub(super) fn is_hurried(&self, hold: &Hold) -> bool {
        self.next.status.guarded.fast_forward && matches!(hold, Hold::For(_))
    }

    /// The phase before anything: the queue, then people, then windows.
    pub(super) fn pending(&mut self) -> bool {
        if self.is_paused() || !self.is_first_in_line() || !self.start_gate() || !self.is_window_open() {
            return false;
        }
        if self.hooks_at(HookPoint::ConfirmRollout, None) != Hooked::Passed {
            return false;
        }
        self.enter(Phase::Preparing, ENGINE, "preparing");
        true
    }
}
