//! The one tool.
#![forbid(unsafe_code)]
fn main() {}
