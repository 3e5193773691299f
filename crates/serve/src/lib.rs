//! `serve`: the sockets that answers leave by, over UDP and TCP.
//!
//! **What it is.** [`start`] binds addresses and answers from the newest [`answer::View`]: one pinned thread and socket a core for UDP,
//! tasks for TCP. **What it is not.** It knows nothing of DNS beyond TCP's length prefix: [`answer::answer`] decides every octet of
//! every reply, whatever the transport. **The walk.** `bind` → `udp` or `tcp`, each asking `current` for the view and telling `count`
//! what came out, and `query_log` what was asked. **Invariants.** A worker answers a whole batch from one view; [`Status::served_revision`] never runs ahead of what is
//! served; nothing between receive and send of a datagram allocates, locks or waits. **Tests.** `tests/serving.rs` asks over loopback.
#![forbid(unsafe_code)]

mod bind;
mod clock;
mod count;
mod current;
mod draw;
mod limit;
mod query_log;
mod start;
mod tcp;
mod udp;

pub use bind::BindError;
pub use count::{Counters, Counts};
pub use limit::TcpLimits;
pub use query_log::{QueryLog, QueryRecord};
pub use start::{Config, Serving, Status, start};
