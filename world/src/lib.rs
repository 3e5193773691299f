//! `world`: Cutover judged from outside. Nothing here is part of the product.
//!
//! **What it is.** Scenarios in words (`tests/answers`), the slow reference answerer, and the tests that run the whole
//! server next to other people's servers and clients.
//!
//! **What it is not.** It shares no code with what it judges: replies are read by the `domain` crate, queries are
//! written by hand.
//!
//! **Tests.** `tests/*.rs`; those that start processes need `target/debug/cutover` (`cargo xtask test` builds it).
#![forbid(unsafe_code)]

pub mod query;
pub mod reference;
pub mod reply;
pub mod scenario;
