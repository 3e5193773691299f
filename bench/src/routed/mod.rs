//! What the rows about routing policies ask for: names of every policy, the queries to them, and the tables that tell where clients are.
//!
//! The same record sets are answered in process (`run::answer`), compiled (`run::compile`) and served over sockets (`run::policies`).

pub mod kind;
pub mod places;
pub mod records;
pub mod xml;
