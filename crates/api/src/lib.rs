//! cutover-api
#![forbid(unsafe_code)]
