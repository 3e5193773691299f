//! cutover-world
#![forbid(unsafe_code)]
