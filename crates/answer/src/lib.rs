//! cutover-answer
#![forbid(unsafe_code)]
