//! The bench: what a query, a change and a million records cost, measured the same way every time.
//!
//! Binaries: `loadgen` sends queries and reads the server's CPU time, `floor` is the echo no server can beat, `bench` runs the rows
//! of docs/performance.md. What it is not: a test; nothing here passes or fails. Numbers are CPU time per answer and ratios within one
//! run, because those survive a noisy machine. `unsafe` only in `mail`, for sendmmsg and recvmmsg. Linux only.
#![deny(clippy::undocumented_unsafe_blocks)]

pub mod cpu;
pub mod generate;
pub mod histogram;
pub mod mail;
pub mod query;
pub mod random;
pub mod routed;
pub mod run;
