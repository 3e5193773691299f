//! Telling people of releases: what is to be told is left in the store by the transaction that made it true, and a task
//! of its own delivers it.
//!
//! So a crash loses nothing, tells a thing twice at most, under the same key, and no receiver can hold up a release. Before:
//! every write of a deployment ([`leave`]). After: the binary posts what [`start`] hands it. A receiver that cannot be
//! reached is tried again with growing waits, a bounded number of times.

mod outbox;
mod receivers;
mod tell;

pub use deploy::notice::{slack, webhook};
pub(crate) use outbox::{Waiting, leave};
pub use receivers::{Hears, Receivers};
pub use tell::{Deliver, Inputs, Sending, Teller, keep, start};
