//! What comes after a success: the old environment is kept for `retain_old`, and longer while the new one is unhealthy, for it
//! is the way back; then, when nobody comes any more and no other deployment uses it, its hook tears it down.
//!
//! Nothing brings a torn down environment back, so whatever is not known counts against it: health that was not seen since
//! the start, and others' record sets that were not looked at lately.

use model::deployment::{
    Afterlife, AfterlifeState, DrainRule, DrainTimeout, Drained, Occasion, Period, RecordSetWeight, Teardown, WaitingOn,
};
use model::id::EnvironmentName;

use super::hooks::Hooked;
use super::{ENGINE, Turn};
use crate::drain::{drain_facts, drained};
use crate::live::{EnvironmentHealth, Live, environment_health};
use crate::teardown;

impl Turn<'_> {
    /// Begins it, where the release asks for it.
    pub(super) fn begin_after(&mut self) {
        let (Some(_), Some(environment)) = (&self.next.spec.teardown, self.next.plan.origin().cloned()) else { return };
        self.next.record.afterlife = Some(Afterlife {
            environment,
            state: AfterlifeState::Retained,
            since_ms: self.now,
            text: String::new(),
            has_weight: false,
            last_answered_ms: None,
            ttl_seconds: 0,
        });
    }

    /// One look at it.
    pub(super) fn after(&mut self) {
        let (Some(after), Some(rule)) = (teardown::open(&self.next).cloned(), self.next.spec.teardown.clone()) else {
            return;
        };
        self.next.status.waiting_on.clear();
        self.take_hooks();
        if after.state == AfterlifeState::TearingDown && teardown::is_called(&self.next) {
            return self.tear_down(&after, &rule);
        }
        if let Some(why) = self.keeps(&after) {
            return self.enter_after(AfterlifeState::Kept, format!("{} is kept: {why}", after.environment));
        }
        self.note_answers(&after.environment);
        match after.state {
            AfterlifeState::Retained if self.is_over(&after, &rule) => {
                self.enter_after(AfterlifeState::TearingDown, format!("tearing {} down", after.environment));
                self.tear_down(&after, &rule);
            }
            AfterlifeState::TearingDown if self.is_free(&after) => self.tear_down(&after, &rule),
            AfterlifeState::Retained
            | AfterlifeState::TearingDown
            | AfterlifeState::Held
            | AfterlifeState::Failed
            | AfterlifeState::TornDown
            | AfterlifeState::Kept => {}
        }
    }

    /// Whether its time is over: it may be torn down now.
    fn is_over(&mut self, after: &Afterlife, rule: &Teardown) -> bool {
        let name = &after.environment;
        if let Some(other) = self.seen.guards.users.first() {
            self.wait(WaitingOn::Lock, format!("{name} is used by deployment {other}"), None);
            return false;
        }
        let retained = self.next.status.phase_since_ms.saturating_add(self.next.spec.retain_old.ms());
        if self.now < retained {
            self.wait(WaitingOn::Time, format!("{name} is retained for a way back"), Some(retained));
            return false;
        }
        if !self.has_looked(name, retained) {
            return false;
        }
        let (to, health) = self.serving();
        let problem = match health {
            EnvironmentHealth::Healthy | EnvironmentHealth::Unchecked => None,
            EnvironmentHealth::Unhealthy(id) => Some(format!("{to} is unhealthy: health check {id}")),
            EnvironmentHealth::Unknown(id) => Some(format!("nothing is known of {to}: health check {id} says nothing")),
        };
        if let Some(problem) = problem {
            self.wait(WaitingOn::Health, format!("{name} is retained while {problem}"), None);
            return false;
        }
        self.has_drained(name, &rule.drain, retained)
    }

    /// Whether nobody comes any more, or it took too long. That skips the wait for caches, and never cuts off an environment
    /// that is given to clients now.
    fn has_drained(&mut self, name: &EnvironmentName, rule: &DrainRule, retained: u64) -> bool {
        let mut facts = drain_facts(&self.next, name, &self.live.weights());
        let mut since = retained;
        if let Some(after) = &self.next.record.afterlife {
            facts.last_answered_ms = facts.last_answered_ms.max(after.last_answered_ms);
            facts.ttl_seconds = facts.ttl_seconds.max(after.ttl_seconds);
            since = since.max(after.last_answered_ms.unwrap_or(0));
        }
        match drained(rule, &facts, since, self.now) {
            Drained::Yes => {
                let forgotten = facts.last_answered_ms.map_or(0, |at| rule.forgotten_ms(at, facts.ttl_seconds));
                self.has_looked(name, retained.max(forgotten))
            }
            Drained::NotYet { until_ms } => {
                self.wait(WaitingOn::Caches, format!("{name} is draining"), until_ms);
                false
            }
            Drained::TimedOut(how) if facts.weight > 0 || how == DrainTimeout::Hold => {
                let why = if facts.weight > 0 { "still has weight" } else { "has not drained in time" };
                self.enter_after(AfterlifeState::Held, format!("{name} {why}; retry tears it down, stop keeps it"));
                false
            }
            Drained::TimedOut(how) => {
                let end = since.saturating_add(rule.max.map_or(0, Period::ms));
                if !self.has_looked(name, end) {
                    return false;
                }
                let cut = if how == DrainTimeout::Cut { "; what was left is cut off" } else { "" };
                self.tell(format!("{name} had not drained in time{cut}"));
                true
            }
        }
    }

    /// Whether it may be torn down by a person's word, who need not wait for caches. If not, it is a person's again.
    fn is_free(&mut self, after: &Afterlife) -> bool {
        let name = &after.environment;
        if !self.has_looked(name, after.since_ms) {
            return false;
        }
        let answers = self.next.record.afterlife.as_ref().is_some_and(|after| after.has_weight);
        let has_weight = self.live.weights().iter().any(|m| m.weight > 0 && self.is_of(name, m));
        let why = match self.seen.guards.users.first() {
            Some(other) => format!("is used by deployment {other}"),
            None if has_weight => "has weight".to_owned(),
            None if answers => format!("is answered while {} is unhealthy", self.serving().0),
            None => return true,
        };
        // What its hook has worked on already is nothing to go back to.
        let state = if teardown::was_called(&self.next) { AfterlifeState::Failed } else { AfterlifeState::Held };
        self.enter_after(state, format!("{name} is not torn down: it {why}; retry after that, or stop to keep it"));
        false
    }

    /// Whether others' record sets were looked at since, and lately.
    fn has_looked(&mut self, name: &EnvironmentName, since_ms: u64) -> bool {
        let has_looked = self.is_seeing_since(since_ms);
        if !has_looked {
            let text = format!("looking whether {name} has weight{}", self.trouble());
            self.wait(WaitingOn::Convergence, text, None);
        }
        has_looked
    }

    /// Why it must stay, whatever was asked for.
    fn keeps(&self, after: &Afterlife) -> Option<String> {
        let name = &after.environment;
        let Some(declared) = &self.seen.guards.declared else {
            return Some(format!("service {} is not declared any more", self.next.service.name));
        };
        if declared.active.as_ref() == Some(name) {
            return Some("it serves again".to_owned());
        }
        let was = self.next.service.environments.get(name)?;
        match declared.environments.get(name) {
            Some(is) if is.version == was.version && is.set_identifiers == was.set_identifiers => None,
            Some(is) if is.version != was.version => Some(format!("it is said to run {} by now", is.version)),
            Some(_) => Some("it was declared anew".to_owned()),
            None => Some("the service has no such environment any more".to_owned()),
        }
    }

    /// Notes whether it is answered. Others may have given it traffic after the release, and while what serves is unhealthy
    /// DNS answers with members of weight 0; then caches count from when that was over. What was unhealthy before a restart
    /// is until it was seen to be healthy.
    fn note_answers(&mut self, name: &EnvironmentName) {
        let has_weight = self.live.weights().iter().any(|m| m.weight > 0 && self.is_of(name, m));
        let health = self.serving().1;
        let (now, ttl_seconds) = (self.now, self.live.ttl_seconds);
        let Some(after) = &mut self.next.record.afterlife else { return };
        let is_answered = has_weight
            || match health {
                EnvironmentHealth::Unhealthy(_) => true,
                EnvironmentHealth::Unknown(_) => after.has_weight,
                EnvironmentHealth::Healthy | EnvironmentHealth::Unchecked => false,
            };
        if is_answered {
            after.ttl_seconds = after.ttl_seconds.max(ttl_seconds);
        } else if after.has_weight {
            after.last_answered_ms = Some(now);
        }
        after.has_weight = is_answered;
    }

    /// What serves by now, and how it is: by checks that have been seen to say so.
    fn serving(&self) -> (EnvironmentName, EnvironmentHealth) {
        let declared = self.seen.guards.declared.as_ref();
        let service = declared.unwrap_or(&self.next.service);
        let name = declared.and_then(|declared| declared.active.as_ref()).unwrap_or(&self.next.plan.to.environment);
        let live = Live::read(service, &self.seen.record_sets);
        let checks = live.checks_of(service, name);
        let health = match environment_health(&checks, &self.seen.health) {
            EnvironmentHealth::Healthy => match checks.iter().find(|id| !self.seen.health.is_seen(id)) {
                Some(id) => EnvironmentHealth::Unknown((*id).clone()),
                None => EnvironmentHealth::Healthy,
            },
            other => other,
        };
        (name.clone(), health)
    }

    fn is_of(&self, name: &EnvironmentName, m: &RecordSetWeight) -> bool {
        self.next.service.environment_of(&m.record_set.set_identifier) == Some(name)
    }

    fn tear_down(&mut self, after: &Afterlife, rule: &Teardown) {
        let name = after.environment.clone();
        match self.hook(&rule.hook, Occasion::Teardown { environment: name.clone() }) {
            Hooked::Waiting => {}
            Hooked::Passed => self.enter_after(AfterlifeState::TornDown, format!("{name} is torn down")),
            Hooked::Failed(text) => {
                let text = format!("{name} is not torn down: {text}; retry, or stop to keep it");
                self.enter_after(AfterlifeState::Failed, text);
            }
        }
    }

    fn enter_after(&mut self, state: AfterlifeState, text: String) {
        teardown::enter(&mut self.next, self.now, ENGINE, state, text);
    }
}
