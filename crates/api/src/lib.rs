//! The HTTP edge: Route 53's API for its unchanged clients, the native API beside it, and the server's own pages.
//!
//! **What it is.** One server on one listener. **What it is not.** It decides nothing: commands are `control`'s, rules
//! are `model`'s. **The walk.** [`mod@listen`] reads a whole request, [`route`] proves its sender by [`sigv4`] and picks a
//! side, `route53` turns XML into a typed request, calls a command and writes XML. **Invariants.** No operation runs for
//! a sender who is not proven; shapes of a wire format never leave this crate; AWS's codes are in one file.
//! **Tests.** Signatures against requests that botocore signed; documents against those that botocore sends and reads;
//! the server over a real socket on loopback.
#![forbid(unsafe_code)]

mod caller;
mod check_key;
mod content;
mod keyring;
pub mod listen;
pub mod message;
mod native;
mod open;
mod pace;
mod requests;
pub mod route;
mod route53;
mod same;
pub mod sigv4;
mod sources;
mod time;

pub use check_key::{CheckError, Checked, Deed, check_key};
pub use content::Content;
pub use keyring::{Credential, Keyring};
pub use listen::{Limits, listen};
pub use message::{Request, Response, Sender};
pub use native::{ACCOUNT_DEFAULT, Standing, Standings, Streams, Turns, V1};
pub use pace::{Pace, Rate};
pub use requests::Requests;
pub use route::{Native, Probes, Refusal, Routes};
pub use route53::{Observed, Route53, Served, read_location_changes, reads_batch};
pub use time::utc;
