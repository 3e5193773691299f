//! cutover-store
#![forbid(unsafe_code)]
