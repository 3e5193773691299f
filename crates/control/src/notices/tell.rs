//! Delivering what waits: one notice at a time for each receiver, barred rollbacks first and then the oldest that is due.
//!
//! A receiver that is slow or away delays nobody else; one that was away rests, and what it has missed for too long is given
//! up, so that what waits for it has an end. Losing this task loses nothing: what was under way is still in the
//! store, and is delivered again under the same key.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use model::deployment::{HookAnswer, HookOutcome, Notice, NoticeEvent};
use model::id::DeploymentId;
use store::{Meta, Store, Transaction};
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinHandle, JoinSet};

use super::outbox::{self, Row, Waiting};
use super::receivers::Receivers;
use crate::deployments::rows as deployment_rows;
use crate::keys;
use crate::rows::{StorageError, find, put, read, write};
use crate::run_deployments::Report;

/// After a try that failed: 10 s, doubled each time.
const BACKOFF_MS: u64 = 10_000;
/// But no longer than a quarter of an hour.
const BACKOFF_MS_MAX: u64 = 900_000;
/// Then it is given up: after 81 min, longer than most receivers are away for repair.
const TRIES_MAX: u32 = 12;
/// What waits for a receiver that is away is given up after two hours, however seldom it was tried: with growing rests between
/// tries, not everything that waits can be tried so often.
const AGE_MS_MAX: u64 = 7_200_000;
/// A rollback that is still blocked is told again after so long: often enough to be seen in an incident, seldom enough
/// not to be muted.
const REMIND_MS: u64 = 900_000;
/// So long after a failure of the store, it is asked again.
const RETRY_MS: u64 = 1_000;
/// No sleep is longer than this, so that a clock that was set is noticed.
const SLEEP_MS_MAX: u64 = 10_000;
/// The author in the log.
const AUTHOR: &str = "notifications";

/// A delivery under way. It must end by itself; a pass or a wait is a receipt.
pub type Sending = Pin<Box<dyn Future<Output = HookOutcome> + Send>>;

/// Sends a notice to the receiver of this name.
pub type Deliver = Arc<dyn Fn(&str, &Notice) -> Sending + Send + Sync>;

/// What it takes to tell people.
pub struct Inputs {
    /// Where everything is kept.
    pub store: Store,
    /// What the configuration says.
    pub receivers: Receivers,
    /// Sends a notice to the receiver of this name. What is refused (a no) is not sent again.
    pub send: Deliver,
    /// The clock of the runner: ms since 1970.
    pub now_ms: Arc<dyn Fn() -> u64 + Send + Sync>,
    /// Where failures are told.
    pub report: Report,
}

/// The telling; dropping it ends it, and what waits waits for the next start.
pub struct Teller {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// Starts telling on the current runtime; call it inside one.
#[must_use]
pub fn start(inputs: Inputs) -> Teller {
    let (stop, stopped) = oneshot::channel();
    Teller { stop: Some(stop), task: tokio::spawn(Desk::new(inputs).run(stopped)) }
}

/// Keeps what the configuration says where every write of a deployment finds it. To be called before deployments are run: what
/// their first turns have to tell is left for those who are known by then. `now_ms` is ms since 1970.
///
/// # Errors
/// The store cannot be read or written.
pub async fn keep(store: &Store, receivers: &Receivers, now_ms: u64) -> Result<(), StorageError> {
    let stored = read(store, |reader| find::<Receivers>(reader, keys::NOTICE_RECEIVERS));
    let is_so = match stored {
        Ok(stored) => stored.unwrap_or_default() == *receivers,
        Err(StorageError::Damaged { .. }) => false,
        Err(error) => return Err(error),
    };
    if !is_so {
        let receivers = receivers.clone();
        write(store, Meta::new(AUTHOR, now_ms), move |transaction| {
            put(transaction, keys::NOTICE_RECEIVERS, &receivers);
            Ok::<_, StorageError>(())
        })
        .await?;
    }
    Ok(())
}

impl Teller {
    /// Ends it. What is under way is broken off, and sent again after the next start.
    pub async fn stop(mut self) {
        self.stop = None;
        if (&mut self.task).await.is_err() {
            tracing::error!("the telling of releases had panicked");
        }
    }
}

impl fmt::Debug for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Teller").finish_non_exhaustive()
    }
}

/// What is under way. Nothing of it outlives a crash, and nothing needs to.
pub(super) struct Desk {
    inputs: Inputs,
    has_settled: bool,
    sending: JoinSet<HookOutcome>,
    /// The receiver and the row of each delivery.
    under_way: HashMap<tokio::task::Id, (String, Vec<u8>)>,
    /// Rows whose delivery has ended and is not noted yet: they are not sent again, whatever hinders the note.
    ended: Vec<(Vec<u8>, HookOutcome)>,
    /// Receivers whose last delivery failed.
    away: HashMap<String, Away>,
}

/// A receiver that did not answer.
#[derive(Debug, Clone, Copy, Default)]
struct Away {
    /// In ms since 1970.
    since_ms: u64,
    failures: u32,
    /// In ms since 1970.
    until_ms: u64,
}

impl Desk {
    pub(super) fn new(inputs: Inputs) -> Self {
        Self {
            inputs,
            has_settled: false,
            sending: JoinSet::new(),
            under_way: HashMap::new(),
            ended: Vec::new(),
            away: HashMap::new(),
        }
    }

    async fn run(mut self, mut stopped: oneshot::Receiver<()>) {
        let mut revisions = self.inputs.store.watch();
        loop {
            revisions.mark_unchanged();
            let sleep = match self.begin().await {
                Ok(next) => next.map_or(SLEEP_MS_MAX, |at| at.saturating_sub((self.inputs.now_ms)())).min(SLEEP_MS_MAX),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "cannot read or note what is to be told");
                    RETRY_MS
                }
            };
            tokio::select! {
                biased;
                _ = &mut stopped => return,
                Some(ended) = self.sending.join_next_with_id() => {
                    self.take_end(ended);
                    if let Err(error) = self.note_ends().await {
                        // It was told, and only the note is tried again.
                        tracing::error!(error = &error as &dyn std::error::Error, "cannot note what was told");
                        tokio::time::sleep(Duration::from_millis(RETRY_MS)).await;
                    }
                }
                changed = revisions.changed() => if changed.is_err() { return }, // the store was closed
                () = tokio::time::sleep(Duration::from_millis(sleep)) => {}
            }
        }
    }

    /// Begins every delivery that is due and whose receiver is free; when the next one is due by itself.
    pub(super) async fn begin(&mut self) -> Result<Option<u64>, StorageError> {
        self.settle().await?;
        let unnoted = self.note_ends().await;
        let (rows, damaged) = read(&self.inputs.store, |reader| outbox::all(reader))?;
        if damaged > 0 {
            tracing::error!(damaged, "notices that cannot be read are not told");
        }
        let (now_ms, mut next): (u64, Option<u64>) = ((self.inputs.now_ms)(), None);
        let (stale, mut rows): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| self.is_stale(row, now_ms));
        self.inputs.report.note_untold(rows.len() + damaged, &late(&rows));
        if !stale.is_empty() {
            self.give_up(stale).await?;
        }
        rows.sort_by_key(|(_, waiting)| !is_urgent(&waiting.notice));
        for (key, waiting) in rows {
            if self.is_at_work(&key, &waiting) {
                continue;
            }
            let due_ms = waiting.due_ms.max(self.rest_ms(&waiting));
            if due_ms > now_ms {
                next = Some(next.map_or(due_ms, |at| at.min(due_ms)));
                continue;
            }
            let waiting = if waiting.is_reminder { self.remind(&key, waiting).await? } else { Some(waiting) };
            if let Some(Waiting { receiver, notice, .. }) = waiting {
                let task = self.sending.spawn((self.inputs.send)(&receiver, &notice));
                self.under_way.insert(task.id(), (receiver, key));
            }
        }
        unnoted.map(|()| next)
    }

    /// Whether its receiver is being told something, or this was told.
    fn is_at_work(&self, key: &[u8], waiting: &Waiting) -> bool {
        self.under_way.values().any(|(receiver, _)| *receiver == waiting.receiver)
            || self.ended.iter().any(|(ended, _)| ended == key)
    }

    /// Until when its receiver rests. What is urgent is tried once all the same.
    fn rest_ms(&self, waiting: &Waiting) -> u64 {
        let is_first = is_urgent(&waiting.notice) && waiting.tries == 0;
        self.away.get(&waiting.receiver).filter(|_| !is_first).map_or(0, |away| away.until_ms)
    }

    /// Whether it has waited for too long for a receiver that is away.
    fn is_stale(&self, (key, waiting): &Row, now_ms: u64) -> bool {
        // What waited while this server was down has not waited for the receiver.
        let since_ms = self.away.get(&waiting.receiver).map(|away| away.since_ms.max(waiting.notice.at_ms));
        let is_old = since_ms.is_some_and(|since_ms| now_ms >= since_ms.saturating_add(AGE_MS_MAX));
        is_old && !waiting.is_reminder && !self.is_at_work(key, waiting)
    }

    /// Gives up what has waited for too long.
    async fn give_up(&self, stale: Vec<Row>) -> Result<(), StorageError> {
        let (rows, now_ms) = (stale.clone(), (self.inputs.now_ms)());
        write(&self.inputs.store, self.meta(), move |transaction| {
            for (key, waiting) in rows {
                leave(transaction, &key, last(waiting, now_ms).as_ref());
            }
            Ok::<_, StorageError>(())
        })
        .await?;
        for (_, waiting) in stale {
            self.lose(&waiting, "it was away for too long");
        }
        Ok(())
    }

    fn lose(&self, Waiting { receiver, notice, .. }: &Waiting, text: &str) {
        let Notice { key, deployment, event, .. } = notice;
        tracing::error!(%deployment, receiver, key, "not told of {event}, given up: {text}");
        self.inputs.report.note_lost(deployment, &format!("{receiver} was not told of {event}: {text}"));
        self.inputs.report.note_told(receiver, "lost");
    }

    /// In case it could not be done at the start.
    async fn settle(&mut self) -> Result<(), StorageError> {
        if !self.has_settled {
            keep(&self.inputs.store, &self.inputs.receivers, (self.inputs.now_ms)()).await?;
            self.has_settled = true;
        }
        Ok(())
    }

    /// What is told again, if it is still true; else it is forgotten. Of a deployment that cannot be read nobody knows that
    /// somebody has acted.
    async fn remind(&self, key: &[u8], waiting: Waiting) -> Result<Option<Waiting>, StorageError> {
        let (key, now_ms) = (key.to_vec(), (self.inputs.now_ms)());
        let committed = write(&self.inputs.store, self.meta(), move |transaction| {
            let again = match deployment_rows::load(transaction, &waiting.notice.deployment) {
                Ok(deployment) => deployment.and_then(|now| deploy::notice::reminder(&waiting.notice, &now, now_ms)),
                Err(StorageError::Damaged { .. }) => {
                    let deployment = &waiting.notice.deployment;
                    tracing::error!(%deployment, "a deployment that cannot be read counts as blocked still");
                    Some(deploy::notice::again(&waiting.notice, now_ms))
                }
                Err(error) => return Err(error),
            };
            let again = again.map(|notice| Waiting { notice, is_reminder: false, ..waiting });
            leave(transaction, &key, again.as_ref());
            Ok::<_, StorageError>(again)
        });
        Ok(committed.await?.value)
    }

    /// Takes in how a delivery ended.
    fn take_end(&mut self, ended: Result<(tokio::task::Id, HookOutcome), JoinError>) {
        let broken =
            |fault: JoinError| (fault.id(), HookOutcome::new(HookAnswer::Error, "the delivery was broken off"));
        let (task, outcome) = ended.unwrap_or_else(broken);
        let Some((receiver, key)) = self.under_way.remove(&task) else { return };
        if is_failure(outcome.answer) {
            let now_ms = (self.inputs.now_ms)();
            let away = self.away.entry(receiver).or_insert(Away { since_ms: now_ms, ..Away::default() });
            away.until_ms = now_ms.saturating_add(backoff_ms(away.failures));
            away.failures = away.failures.saturating_add(1);
        } else {
            self.away.remove(&receiver);
        }
        self.ended.push((key, outcome));
    }

    /// Notes how deliveries ended.
    async fn note_ends(&mut self) -> Result<(), StorageError> {
        while let Some((key, outcome)) = self.ended.first().cloned() {
            self.note_end(key, outcome).await?;
            self.ended.remove(0);
        }
        Ok(())
    }

    async fn note_end(&self, key: Vec<u8>, outcome: HookOutcome) -> Result<(), StorageError> {
        let (now_ms, answer) = ((self.inputs.now_ms)(), outcome.answer);
        let committed = write(&self.inputs.store, self.meta(), move |transaction| {
            let Some(waiting) = find::<Waiting>(transaction, &key)? else { return Ok(None) };
            let left = left(waiting.clone(), answer, now_ms);
            leave(transaction, &key, left.as_ref());
            Ok::<_, StorageError>(Some((waiting, left)))
        });
        let Some((waiting, left)) = committed.await?.value else { return Ok(()) };
        let Waiting { receiver, notice: Notice { key, deployment, event, .. }, .. } = &waiting;
        let is_again = left.is_some_and(|left| !left.is_reminder);
        let text = &outcome.text;
        match answer {
            HookAnswer::Pass | HookAnswer::Wait(_) => self.inputs.report.note_told(receiver, "delivered"),
            HookAnswer::Error | HookAnswer::InDoubt if is_again => {
                tracing::warn!(%deployment, receiver, key, "not told of {event} yet, trying again: {text}");
                self.inputs.report.note_told(receiver, "failed");
            }
            HookAnswer::Error | HookAnswer::InDoubt | HookAnswer::Fail => self.lose(&waiting, text),
        }
        Ok(())
    }

    /// Waits for a delivery that is under way.
    #[cfg(test)]
    pub(super) async fn next_end(&mut self) -> bool {
        let Some(ended) = self.sending.join_next_with_id().await else { return false };
        self.take_end(ended);
        self.note_ends().await.unwrap();
        true
    }

    fn meta(&self) -> Meta {
        Meta::new(AUTHOR, (self.inputs.now_ms)())
    }
}

/// What is left to do for a receiver after an answer.
fn left(waiting: Waiting, answer: HookAnswer, now_ms: u64) -> Option<Waiting> {
    let tries = waiting.tries + 1;
    if is_failure(answer) && tries < TRIES_MAX {
        let due_ms = now_ms.saturating_add(backoff_ms(waiting.tries));
        return Some(Waiting { tries, due_ms, ..waiting });
    }
    last(waiting, now_ms)
}

/// What is left when it is not tried any more. Whether it was heard or not: somebody must act on what is urgent.
fn last(waiting: Waiting, now_ms: u64) -> Option<Waiting> {
    let due_ms = now_ms.saturating_add(REMIND_MS);
    is_urgent(&waiting.notice).then_some(Waiting { tries: 0, due_ms, is_reminder: true, ..waiting })
}

fn leave(transaction: &mut Transaction<'_>, key: &[u8], left: Option<&Waiting>) {
    match left {
        Some(left) => put(transaction, key, left),
        None => transaction.delete(key),
    }
}

fn is_urgent(notice: &Notice) -> bool {
    notice.event == NoticeEvent::RollbackBlocked
}

/// Whether nobody knows that the receiver has it.
const fn is_failure(answer: HookAnswer) -> bool {
    matches!(answer, HookAnswer::Error | HookAnswer::InDoubt)
}

fn backoff_ms(failures: u32) -> u64 {
    BACKOFF_MS.saturating_mul(1 << failures.min(16)).min(BACKOFF_MS_MAX)
}

/// What could not be told so far, by the deployment.
fn late(rows: &[Row]) -> BTreeMap<DeploymentId, String> {
    let late = rows.iter().filter(|(_, waiting)| waiting.tries > 0);
    late.map(|(_, Waiting { receiver, notice, tries, .. })| {
        let text = format!("{receiver} was not told of {} in {tries} tries; see the server's log", notice.event);
        (notice.deployment.clone(), text)
    })
    .collect()
}

#[cfg(test)]
mod tests;
