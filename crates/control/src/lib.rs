//! cutover-control
#![forbid(unsafe_code)]
