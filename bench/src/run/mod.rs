//! The rows of docs/performance.md: each starts what it measures, measures, and prints a table.

pub mod answers;
pub mod api;
pub mod batches;
pub mod change;
pub mod compile;
pub mod contender;
pub mod in_process;
pub mod listings;
pub mod million;
pub mod mmdb;
pub mod peers;
pub mod policies;
pub mod releases;
pub mod routed_peers;
pub mod server;
pub mod signature;
pub mod size;
pub mod statistics;
pub mod zone;
