//! cutover-serve
#![forbid(unsafe_code)]
