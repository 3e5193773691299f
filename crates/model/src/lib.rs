//! The nouns of Cutover and their rules: what Route 53, the RFCs and deployments allow.
#![forbid(unsafe_code)]

pub mod id;
