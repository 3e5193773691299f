//! One write on its way: from the caller to the writer thread and back.
//!
//! Before: `Store::write` makes a [`Request`]. After: `commit` runs it as a [`Write`], without its types, and answers it.

use std::sync::{Arc, mpsc};

use tokio::sync::oneshot;

use crate::cause::Cause;
use crate::open::OpenError;
use crate::transaction::Transaction;
use crate::{Committed, Meta, Revision};

/// Why a write was not kept. Nothing of it is in the store.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// The closure said no.
    #[error(transparent)]
    Refused(E),
    /// The store could not.
    #[error(transparent)]
    Store(StoreError),
}

/// What the store itself can fail with. Nothing of the write was kept; whatever was kept before is untouched.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No space, or the quota is used up. The store goes on as soon as there is room.
    #[error("the disk or quota is full, nothing was kept; make room and repeat")]
    Full {
        /// What SQLite said.
        #[source]
        cause: Cause,
    },
    /// SQLite or the disk failed. The store tries again with the next write.
    #[error("the store could not write, nothing was kept; check the disk and repeat")]
    Database {
        /// What SQLite said.
        #[source]
        cause: Cause,
    },
    /// The connection was lost and could not be made again. The store tries again with the next write.
    #[error("the store could not open its file again, nothing was kept; check the disk and repeat")]
    Reopen {
        /// Why not.
        #[source]
        source: Arc<OpenError>,
    },
    /// More than one log entry can hold.
    #[error("too much for one write, nothing was kept; split it (bytes at most: {bytes_max})")]
    TooLarge {
        /// Keys and values together.
        bytes_max: usize,
    },
    /// The closure panicked: a fault of this program.
    #[error("the write panicked, nothing was kept; report this: {message}")]
    Panicked {
        /// What the panic said.
        message: String,
    },
    /// A write waited for another from inside its closure, which would never end.
    #[error("a write cannot wait for another write; do both in one")]
    Nested,
    /// The store was closed.
    #[error("the store is closed; open it again")]
    Closed,
}

impl StoreError {
    pub(crate) fn from_sqlite(error: rusqlite::Error) -> Self {
        Self::from_cause(Cause::new(error))
    }

    pub(crate) fn from_cause(cause: Cause) -> Self {
        if cause.is_full() { Self::Full { cause } } else { Self::Database { cause } }
    }
}

/// What the closure of a write wants to become of it.
pub(crate) enum Wish {
    Keep,
    Discard,
}

/// A write without its types, as the writer thread sees it.
pub(crate) trait Write: Send {
    /// Nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
    fn meta(&self) -> &Meta;
    /// Called once.
    fn run(&mut self, transaction: &mut Transaction<'_>) -> Wish;
    /// Called once, after the commit or its failure.
    fn answer(self: Box<Self>, outcome: Result<Revision, StoreError>);
}

/// A write with its types.
pub(crate) struct Request<T, E, F> {
    meta: Meta,
    stage: Stage<T, E, F>,
    reply: Reply<Result<Committed<T>, WriteError<E>>>,
}

enum Stage<T, E, F> {
    Waiting(F),
    Ran(Result<T, E>),
    Over,
}

/// Where the answer goes: a task that awaits it, or a thread that blocks.
pub(crate) enum Reply<V> {
    Task(oneshot::Sender<V>),
    Thread(mpsc::SyncSender<V>),
}

impl<T, E, F> Request<T, E, F> {
    pub(crate) fn new(meta: Meta, f: F, reply: Reply<Result<Committed<T>, WriteError<E>>>) -> Self {
        Self { meta, stage: Stage::Waiting(f), reply }
    }
}

impl<T, E, F> Write for Request<T, E, F>
where
    T: Send,
    E: Send,
    F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send,
{
    fn is_abandoned(&self) -> bool {
        match &self.reply {
            Reply::Task(sender) => sender.is_closed(),
            Reply::Thread(_) => false,
        }
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn run(&mut self, transaction: &mut Transaction<'_>) -> Wish {
        let Stage::Waiting(f) = std::mem::replace(&mut self.stage, Stage::Over) else { return Wish::Discard };
        let result = f(transaction);
        let wish = if result.is_ok() { Wish::Keep } else { Wish::Discard };
        self.stage = Stage::Ran(result);
        wish
    }

    fn answer(self: Box<Self>, outcome: Result<Revision, StoreError>) {
        let answer = match (outcome, self.stage) {
            (Ok(revision), Stage::Ran(Ok(value))) => Ok(Committed { value, revision }),
            (Ok(_), Stage::Ran(Err(refusal))) => Err(WriteError::Refused(refusal)),
            // Even a refusal may rest on what the lost group had shown it.
            (Err(error), _) => Err(WriteError::Store(error)),
            (Ok(_), Stage::Waiting(_) | Stage::Over) => Err(WriteError::Store(StoreError::Closed)),
        };
        // Whoever left meanwhile does not want to know.
        match self.reply {
            Reply::Task(sender) => drop(sender.send(answer)),
            Reply::Thread(sender) => drop(sender.send(answer)),
        }
    }
}
