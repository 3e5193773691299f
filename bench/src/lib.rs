//! cutover-bench

