//! The nouns of Cutover and their rules: what Route 53, the RFCs and deployments allow.
#![forbid(unsafe_code)]

pub mod health_check;
pub mod health_status;
pub mod id;
pub mod metric;
