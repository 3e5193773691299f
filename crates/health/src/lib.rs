//! cutover-health
#![forbid(unsafe_code)]
