//! `world`: Cutover judged from outside. Nothing here is part of the product.
//!
//! **What it is.** Scenarios in words (`tests/answers`), the slow reference answerer, and what tests need that run the
//! whole server next to other people's servers and clients: processes, sockets, a signing client.
//!
//! **What it is not.** It shares no code with what it judges: replies are read by the `domain` crate, queries and
//! signatures are made here.
//!
//! **Tests.** `tests/*.rs`; those that start processes need `target/debug/cutover` (`cargo xtask test` builds it).
#![forbid(unsafe_code)]

pub mod chance;
pub mod chi_square;
pub mod exchange;
pub mod explained;
pub mod mmdb;
pub mod place;
pub mod process;
pub mod query;
pub mod reference;
pub mod reply;
pub mod route53;
pub mod scenario;
pub mod tables;
pub mod trees;
