//! What `cargo xtask operations` writes from AWS's service model: shapes, their reading and writing, the table of
//! operations. Nothing here decides anything; `xtask/src/operations` is the place to change it.
#![allow(dead_code, reason = "an operation that is not offered yet has its shapes all the same")]
#![allow(clippy::upper_case_acronyms, reason = "types keep the names AWS gave them, such as VPC")]
#![allow(clippy::enum_variant_names, reason = "and so do the values of an enumeration")]
#![allow(clippy::semicolon_if_nothing_returned, reason = "rustfmt breaks an arm into a block without one")]

pub(crate) mod decode;
mod encode;
pub(crate) mod operations;
pub(crate) mod shapes;
