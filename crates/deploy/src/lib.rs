//! cutover-deploy
#![forbid(unsafe_code)]
