//! Datagrams in batches: the product's UDP system calls, and its only `unsafe` code, behind a safe face.
//!
//! What it is: [`Socket`] binds, [`Batch`] receives up to N datagrams a call, asks for each reply and sends them; [`pin_to`] keeps a
//! thread on a core. What it is not: it knows no DNS, no threads, no statistics. The walk: `socket` → `batch` (memory in `slots`) →
//! `send`. Invariants: nothing is allocated after [`Batch::new`]; a datagram is shown once and whole or not at all; a reply goes to
//! who asked, from the address that was asked. Tested over loopback, below and in `tests/loopback.rs`. Linux only.
//!
//! ```
//! use udp::{Batch, Options, Socket, Wait};
//! let server = Socket::bind("127.0.0.1:0".parse().unwrap(), &Options::default())?;
//! let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
//! client.send_to(b"hello", server.local_addr())?;
//! let mut batch = Batch::new(64);
//! assert_eq!(batch.receive(&server, Wait::ForFirst)?, 1);
//! batch.reply(&server, |datagram, _from, reply| {
//!     reply[..datagram.len()].copy_from_slice(datagram);
//!     datagram.len()
//! });
//! let mut echo = [0; 16];
//! assert_eq!(client.recv(&mut echo)?, 5);
//! # Ok::<(), std::io::Error>(())
//! ```
#![deny(clippy::undocumented_unsafe_blocks)]

mod batch;
mod pin;
mod send;
mod slots;
mod socket;

pub use batch::{Batch, Sent, Wait};
pub use pin::{cores, pin_to};
pub use slots::{RECEIVED_OCTETS_MAX, REPLY_OCTETS_MAX};
pub use socket::{Options, Socket};
