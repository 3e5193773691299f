//! The time that cookies carry.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970 in 32 bits, as cookies compare them (RFC 9018 §4.3). A clock before 1970 counts as 1970.
pub(crate) fn now_seconds() -> u32 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    u32::try_from(since & u64::from(u32::MAX)).expect("32 bits")
}
