//! Running deployments: one task that takes every deployment that has not ended from step to step.
//!
//! It wakes by a timer, by the log (orders, others' changes), by health checks, by finished measurements and
//! hooks, and by what DNS
//! servers serve. Whatever wakes it, it does the same ([`turn`]): load, observe, step, store, all in one transaction.
//! It keeps nothing that the store does not have, so at a start after a crash it does what it does at any other time.
//!
//! Before: `deployments` creates and orders. After: `publish` sees the weights in the log. A deployment that cannot be
//! read, or a store that fails, is reported and tried again later; the other deployments go on.

mod foreign;
mod guards;
mod lease;
mod report;
mod schedule;
mod turn;

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use model::deployment::{HookAnswer, HookCall, HookCallId, HookOutcome, MeasurementId};
use model::endpoint;
use model::health_status::Verdicts;
use model::id::DeploymentId;
use model::metric::{Measurement, MetricQuery};
use store::{Revision, Store};
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinError, JoinHandle, JoinSet};

use crate::deployments::rows as deployment_rows;
use crate::keys;
use crate::rows::{StorageError, read};
use foreign::Begun;
use lease::Epoch;
pub use lease::Fenced;
pub use report::Report;
use schedule::{HandedIn, Schedule};
use turn::{Next, Outside, Turned};

/// While weights spread, what is served is looked at so often: a shift is confirmed within a frame of a screen.
const SERVED_POLL_MS: u64 = 20;
/// No sleep is longer than this, so that a clock that was set is noticed.
const SLEEP_MS_MAX: u64 = 10_000;
/// A measurement is given up after so long; the engine counts it as an error then. The prober's own limits are shorter.
const MEASURE_MAX: Duration = Duration::from_secs(60);
/// So long after a failure to read the log or the list of deployments, it is read again.
const RETRY_MS: u64 = 500;
/// Deployments that take a turn together; more would only make the first of them wait longer.
const TURNS_AT_ONCE: usize = 64;
/// Log entries read at once.
const ENTRIES_AT_ONCE: usize = 1_024;

/// A measurement under way.
pub type Measuring = Pin<Box<dyn Future<Output = Measurement> + Send>>;

/// A call of a hook under way. It must end by itself.
pub type Calling = Pin<Box<dyn Future<Output = HookOutcome> + Send>>;

/// What the runner works with.
pub struct Inputs {
    /// Where everything is kept.
    pub store: Store,
    /// What health checks say.
    pub verdicts: watch::Receiver<Arc<Verdicts>>,
    /// The revision that every DNS server answers from.
    pub served: Arc<dyn Fn() -> u64 + Send + Sync>,
    /// Asks for a number.
    pub measure: Arc<dyn Fn(MetricQuery) -> Measuring + Send + Sync>,
    /// Calls a hook.
    pub call: Arc<dyn Fn(HookCall) -> Calling + Send + Sync>,
    /// Runs an errand to an endpoint that is not this server.
    pub foreign: crate::foreign::Run,
    /// The clock that waits go by: milliseconds since 1970. Orders must come with the same.
    pub now_ms: Arc<dyn Fn() -> u64 + Send + Sync>,
    /// The calendar, by which windows and freezes are judged: milliseconds since 1970, as the system says.
    pub calendar_ms: Arc<dyn Fn() -> u64 + Send + Sync>,
}

/// Deployments under way; dropping it ends the running, and every deployment stays as it is until the next start.
pub struct Runner {
    report: Report,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// Starts the runner on the current runtime; call it inside one.
#[must_use]
pub fn start(inputs: Inputs) -> Runner {
    let (stop, stopped) = oneshot::channel();
    let engine = Engine::new(inputs);
    let report = engine.report.clone();
    Runner { report, stop: Some(stop), task: tokio::spawn(engine.run(stopped)) }
}

impl Runner {
    /// What it tells about itself.
    #[must_use]
    pub fn report(&self) -> Report {
        self.report.clone()
    }

    /// Ends the running after the turn that is under way, if one is.
    pub async fn stop(mut self) {
        self.stop = None;
        if (&mut self.task).await.is_err() {
            tracing::error!("the deployment runner had panicked");
        }
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").field("report", &self.report).finish_non_exhaustive()
    }
}

/// The runner's own state: nothing of it outlives a crash, and nothing needs to.
struct Engine {
    inputs: Inputs,
    /// Its lease; taken before anything else.
    epoch: Option<Epoch>,
    schedule: Schedule,
    /// The log was followed to here.
    followed: Revision,
    /// Everything is to be read anew: at the start, and where the log has a gap.
    is_lost: bool,
    retry_ms: Option<u64>,
    served: u64,
    measuring: JoinSet<Measurement>,
    asked: HashMap<tokio::task::Id, (DeploymentId, MeasurementId)>,
    calling: JoinSet<HookOutcome>,
    ordered: HashMap<tokio::task::Id, (DeploymentId, HookCallId)>,
    running: JoinSet<endpoint::Report>,
    sent: HashMap<tokio::task::Id, (DeploymentId, Begun)>,
    report: Report,
}

impl Engine {
    fn new(inputs: Inputs) -> Self {
        Self {
            inputs,
            epoch: None,
            schedule: Schedule::default(),
            followed: Revision(0),
            is_lost: true,
            retry_ms: None,
            served: 0,
            measuring: JoinSet::new(),
            asked: HashMap::new(),
            calling: JoinSet::new(),
            ordered: HashMap::new(),
            running: JoinSet::new(),
            sent: HashMap::new(),
            report: Report::default(),
        }
    }

    async fn run(mut self, mut stopped: oneshot::Receiver<()>) {
        let mut revisions = self.inputs.store.watch();
        let mut verdicts = self.inputs.verdicts.clone();
        let mut has_prober = true;
        loop {
            revisions.mark_unchanged();
            self.follow();
            while self.turn_due().await > 0 {
                if self.report.fenced().is_some() {
                    return;
                }
                if !matches!(stopped.try_recv(), Err(oneshot::error::TryRecvError::Empty)) {
                    return;
                }
                self.follow();
            }
            let sleep = self.sleep_ms();
            tokio::select! {
                biased;
                _ = &mut stopped => return,
                changed = revisions.changed() => if changed.is_err() { return }, // the store was closed
                changed = verdicts.changed(), if has_prober => {
                    has_prober = changed.is_ok();
                    self.schedule.all_due();
                }
                () = self.ended(), if self.is_asking() => {}
                () = tokio::time::sleep(Duration::from_millis(sleep)) => {}
            }
        }
    }

    fn now_ms(&self) -> u64 {
        (self.inputs.now_ms)()
    }

    /// Whether something outside of the store is under way.
    fn is_asking(&self) -> bool {
        !self.measuring.is_empty() || !self.calling.is_empty() || !self.running.is_empty()
    }

    /// How long nothing can be due by itself.
    fn sleep_ms(&self) -> u64 {
        let now = self.now_ms();
        let awaits = self.schedule.open.values().any(|open| open.awaits_servers);
        let poll = awaits.then(|| now.saturating_add(SERVED_POLL_MS));
        let next = [self.wake_ms(), poll].into_iter().flatten().min();
        next.map_or(SLEEP_MS_MAX, |at| at.saturating_sub(now)).min(SLEEP_MS_MAX)
    }

    /// When something is due by itself.
    fn wake_ms(&self) -> Option<u64> {
        [self.schedule.wake_ms(), self.retry_ms].into_iter().flatten().min()
    }

    /// Takes in what the log and the DNS servers say. A store that fails is asked again a little later.
    fn follow(&mut self) {
        let served = (self.inputs.served)();
        if served != self.served {
            self.served = served;
            self.schedule.note_served();
        }
        if self.retry_ms.is_some_and(|at| (1..=RETRY_MS).contains(&at.saturating_sub(self.now_ms()))) {
            return;
        }
        self.retry_ms = None;
        if let Err(error) = self.try_follow() {
            self.report.note_fault();
            let revision = self.followed.0;
            tracing::error!(revision, error = &error as &dyn std::error::Error, "cannot follow the log, trying again");
            self.is_lost = true;
            self.retry_ms = Some(self.now_ms().saturating_add(RETRY_MS));
        }
    }

    fn try_follow(&mut self) -> Result<(), StorageError> {
        if self.epoch.is_none() {
            let epoch = lease::take(&self.inputs.store, self.now_ms())?;
            tracing::info!(epoch = epoch.0, "running the deployments of this store");
            self.epoch = Some(epoch);
        }
        // With nothing to run, the index of open deployments is all there is to know, and cheaper than any log.
        while !self.is_lost && !self.schedule.open.is_empty() {
            let entries = self.inputs.store.log_after(self.followed, ENTRIES_AT_ONCE).map_err(StorageError::Read)?;
            if entries.is_empty() {
                return Ok(());
            }
            for entry in entries {
                if entry.revision != self.followed.next() {
                    self.is_lost = true;
                    break;
                }
                self.followed = entry.revision;
                for mutation in entry.mutations.into_iter().filter(|mutation| !keys::is_measured(&mutation.key)) {
                    let of = |index| keys::deployment_after(&mutation.key, index);
                    match (of(keys::OPEN_DEPLOYMENTS).or_else(|| of(keys::AFTERLIVES)), mutation.value) {
                        (Some(id), Some(_)) => self.schedule.add(id),
                        // Taken out by the turn that sees its end; whoever waits in line looks again.
                        (Some(_), None) | (None, _) => self.schedule.note_change(&mutation.key, &entry.author),
                    }
                }
            }
        }
        if self.is_lost || self.followed != self.inputs.store.revision() {
            let (open, revision) = read(&self.inputs.store, |reader| {
                let open = deployment_rows::open(reader)?.into_iter().chain(deployment_rows::afterlives(reader)?);
                Ok((open.collect::<Vec<_>>(), reader.revision()))
            })?;
            self.schedule.all_due();
            open.into_iter().for_each(|(id, _)| self.schedule.add(id));
            (self.followed, self.is_lost) = (revision, false);
        }
        Ok(())
    }

    /// Takes a turn of every deployment that is due, as far as they go together; how many.
    async fn turn_due(&mut self) -> usize {
        let now_ms = self.now_ms();
        let Some(epoch) = self.epoch.filter(|_| self.report.fenced().is_none()) else { return 0 };
        // Side by side they are durable together: the store makes one write of all that wait.
        let mut turns = JoinSet::new();
        let due = self.schedule.due(now_ms, TURNS_AT_ONCE);
        for id in &due {
            let Some(open) = self.schedule.open.get_mut(id) else { continue };
            open.errands.know_since(now_ms);
            let handed_in = open.handed_in();
            let outside = Outside {
                now_ms,
                calendar_ms: (self.inputs.calendar_ms)(),
                served: (self.inputs.served)(),
                health: Arc::clone(&self.inputs.verdicts.borrow()),
                finished: open.finished.clone(),
                measuring: open.measuring.clone(),
                called: open.called.clone(),
                calling: open.calling.clone(),
                needs_past: !open.has_snapshot,
                endpoint: open.errands.told.clone(),
                looked: open.errands.looked.clone(),
                epoch,
            };
            self.report.note_turn();
            let (store, id) = (self.inputs.store.clone(), id.clone());
            turns.spawn(async move { (turn::turn(&store, &id, outside).await, id, handed_in) });
        }
        while let Some(ended) = turns.join_next().await {
            match ended {
                Ok((turned, id, handed_in)) => self.turned(&id, turned, handed_in, now_ms),
                Err(fault) => std::panic::resume_unwind(fault.into_panic()),
            }
        }
        due.len()
    }

    fn turned(&mut self, id: &DeploymentId, turned: Result<Turned, StorageError>, handed_in: HandedIn, now_ms: u64) {
        match turned {
            Ok(Turned::Over(ended)) => {
                self.schedule.open.remove(id);
                self.report.note_end(id, ended);
            }
            Ok(Turned::Open(next)) => {
                if let Some(ended) = next.ended {
                    self.report.note_end(id, Some(ended));
                }
                self.schedule.turned(id, &next, handed_in, now_ms);
                self.report.note_sound(id);
                self.begin(id, next);
            }
            Ok(Turned::Fenced(fenced)) => {
                tracing::error!(revision = self.followed.0, "E_FENCED: {fenced}");
                self.report.note_fenced(fenced);
            }
            Err(error) => self.fail(id, &error, now_ms),
        }
    }

    fn fail(&mut self, id: &DeploymentId, error: &StorageError, now_ms: u64) {
        let failures = self.schedule.failed(id, now_ms);
        self.report.note_fault();
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
        let text = format!("{error}{cause}");
        // Said once for each reason; the report keeps it as long as it is true.
        if self.report.note_trouble(id, &text) {
            let revision = self.followed.0;
            tracing::error!(deployment = %id, revision, failures, "cannot run a deployment, its weights stay: {text}");
        }
    }

    /// Begins what a turn has asked for outside of the store.
    fn begin(&mut self, id: &DeploymentId, next: Next) {
        let now_ms = self.now_ms();
        let Some(open) = self.schedule.open.get_mut(id) else { return };
        for (measurement, query) in next.measures {
            if !open.measuring.insert(measurement.clone()) {
                continue;
            }
            let asking = (self.inputs.measure)(query);
            let task = self.measuring.spawn(async move {
                let given_up = |_| Measurement::Error("no answer in 60s".to_owned());
                tokio::time::timeout(MEASURE_MAX, asking).await.unwrap_or_else(given_up)
            });
            self.asked.insert(task.id(), (id.clone(), measurement));
        }
        for call in next.calls {
            let call_id = call.id.clone();
            if open.calling.insert(call_id.clone()) {
                let task = self.calling.spawn((self.inputs.call)(call));
                self.ordered.insert(task.id(), (id.clone(), call_id));
            }
        }
        for (errand, generation) in next.errands {
            if let Some(begun) = open.errands.begin(&errand, generation, now_ms) {
                let task = self.running.spawn((self.inputs.foreign)(errand));
                self.sent.insert(task.id(), (id.clone(), begun));
            }
        }
    }

    /// Waits for one measurement, one call or one errand.
    async fn ended(&mut self) {
        tokio::select! {
            Some(measured) = self.measuring.join_next_with_id() => self.measured(measured),
            Some(called) = self.calling.join_next_with_id() => self.called(called),
            Some(reported) = self.running.join_next_with_id() => self.reported(reported),
            else => {}
        }
    }

    fn measured(&mut self, measured: Result<(tokio::task::Id, Measurement), JoinError>) {
        let broken = |fault: JoinError| (fault.id(), Measurement::Error("the measurement was broken off".to_owned()));
        let (task, measurement) = measured.unwrap_or_else(broken);
        if let Some((deployment, id)) = self.asked.remove(&task) {
            self.schedule.note_measured(&deployment, id, measurement);
        }
    }

    fn called(&mut self, called: Result<(tokio::task::Id, HookOutcome), JoinError>) {
        let broken = |fault: JoinError| (fault.id(), HookOutcome::new(HookAnswer::Error, "the call was broken off"));
        let (task, outcome) = called.unwrap_or_else(broken);
        let Some((deployment, id)) = self.ordered.remove(&task) else { return };
        tracing::debug!(%deployment, call = %id, output = outcome.output, errors = outcome.errors, "hook: {}", outcome.text);
        self.schedule.note_called(&deployment, id, outcome);
    }

    fn reported(&mut self, reported: Result<(tokio::task::Id, endpoint::Report), JoinError>) {
        let (task, report) = match reported {
            Ok((task, report)) => (task, Some(report)),
            Err(fault) => (fault.id(), None),
        };
        let Some((deployment, begun)) = self.sent.remove(&task) else { return };
        let report = report.unwrap_or_else(|| begun.broken_off());
        if let Some(trouble) = report.trouble() {
            tracing::debug!(%deployment, "an errand came to nothing: {trouble}");
        }
        let now_ms = self.now_ms();
        self.schedule.note_errand(&deployment, begun, report, now_ms);
    }
}

#[cfg(test)]
mod tests;
