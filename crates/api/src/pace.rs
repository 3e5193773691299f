//! AWS's two brakes, for those who want to meet them before production does. Both are off unless configured.
//!
//! Used by `route53`: a rate for each key and its sessions together (`Throttling`, which SDKs repeat by themselves), and
//! one change batch at a time for a zone (`PriorRequestNotComplete`; without it batches wait for each other and none is
//! refused). Left out on purpose: the operator, who is nobody's customer, and the native API, which has no AWS to be like.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::id::HostedZoneId;

use crate::message::Sender;

/// Keys whose rate is remembered; those that have been quiet are forgotten first.
const KEYS_MAX: usize = 10_000;

/// How many requests a key may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In the long run. AWS: 5, for the whole account.
    pub per_second: u32,
    /// At once, after a quiet time.
    pub burst: u32,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Pace {
    rate: Option<Rate>,
    /// Tokens in thousandths, and when they were counted, in milliseconds since 1970.
    keys: Mutex<HashMap<String, (u64, u64)>>,
    one_batch_per_zone: bool,
    zones: Arc<Mutex<HashSet<HostedZoneId>>>,
}

/// The turn of a zone; dropping it is its end.
#[derive(Debug)]
pub(crate) struct Turn(Option<(Arc<Mutex<HashSet<HostedZoneId>>>, HostedZoneId)>);

impl Pace {
    /// With these brakes.
    #[must_use]
    pub fn new(rate: Option<Rate>, one_batch_per_zone: bool) -> Self {
        Self { rate, one_batch_per_zone, ..Self::default() }
    }

    /// Whether a sender may make one more request at `now_ms`: a token bucket for each key.
    pub(crate) fn admits(&self, sender: &Sender, now_ms: u64) -> bool {
        let Some(Rate { per_second, burst }) = self.rate else { return true };
        let key = match sender {
            Sender::Operator => return true,
            Sender::Signed(identity) => identity.credential.key().as_str(),
            Sender::Anyone => "",
        };
        let full = u64::from(burst) * 1000;
        let refilled = |&(tokens, at_ms): &(u64, u64)| {
            // A token is a thousand thousandths and a second a thousand milliseconds.
            full.min(tokens.saturating_add(now_ms.saturating_sub(at_ms).saturating_mul(u64::from(per_second))))
        };
        let mut keys = lock(&self.keys);
        if keys.len() >= KEYS_MAX && !keys.contains_key(key) {
            keys.retain(|_, bucket| refilled(bucket) < full);
        }
        let tokens = keys.get(key).map_or(full, refilled);
        let is_admitted = tokens >= 1000;
        let rest = if is_admitted { tokens - 1000 } else { tokens };
        keys.insert(key.to_owned(), (rest, now_ms));
        is_admitted
    }

    /// The zone's turn, unless another batch has it and turns are kept.
    pub(crate) fn begin(&self, zone: &HostedZoneId) -> Option<Turn> {
        if !self.one_batch_per_zone {
            return Some(Turn(None));
        }
        lock(&self.zones).insert(zone.clone()).then(|| Turn(Some((Arc::clone(&self.zones), zone.clone()))))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some((zones, zone)) = &self.0 {
            lock(zones).remove(zone);
        }
    }
}

/// What is kept is whole after every statement, so a panic elsewhere harms nothing.
fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use control::access_keys::OpenedSession;
    use model::id::AccessKeyId;

    use super::*;
    use crate::keyring::Credential;
    use crate::sigv4::Identity;

    #[test]
    fn a_burst_is_admitted_and_then_the_rate() {
        let pace = Pace::new(Some(Rate { per_second: 5, burst: 10 }), false);
        let admitted = |from_ms: u64, to_ms: u64| {
            (from_ms..to_ms).step_by(10).filter(|now| pace.admits(&Sender::Anyone, 1_000_000 + now)).count()
        };
        // A hundred requests a second: the burst and five more; then five a second; after a rest the burst again.
        assert_eq!((admitted(0, 1000), admitted(1000, 3000)), (14, 10));
        assert_eq!(admitted(60_000, 60_090), 9);
        // The clock was set back: nobody is refused for it longer than a bucket takes to fill.
        assert!(admitted(0, 100) <= 1 && admitted(61_000, 61_010) == 1);
        assert!((0..1000).all(|_| pace.admits(&Sender::Operator, 0)));
        assert!((0..1000).all(|_| Pace::default().admits(&Sender::Anyone, 0)));
    }

    #[test]
    fn a_key_goes_no_faster_by_opening_sessions() {
        let pace = Pace::new(Some(Rate { per_second: 1, burst: 2 }), false);
        let id = |text: &str| AccessKeyId::parse(text).unwrap();
        let sender = |key: &str, of: Option<&str>| {
            let session = of.map(|of| OpenedSession { of: id(of), expires_ms: 0, token_sha256: [0; 32] });
            let credential = Arc::new(Credential::of_tests(&id(key), "", session));
            Sender::Signed(Identity { credential, region: String::new() })
        };
        assert!(pace.admits(&sender("CUTO1", None), 0) && pace.admits(&sender("CUTS1", Some("CUTO1")), 0));
        assert!(!pace.admits(&sender("CUTS2", Some("CUTO1")), 0) && !pace.admits(&sender("CUTO1", None), 0));
        assert!(pace.admits(&sender("CUTS3", Some("CUTO2")), 0));
    }

    #[test]
    fn a_zone_takes_turns_where_they_are_kept() {
        let (one, other) = (HostedZoneId::parse("Z1").unwrap(), HostedZoneId::parse("Z2").unwrap());
        let pace = Pace::new(None, true);
        let turn = pace.begin(&one).unwrap();
        assert!(pace.begin(&one).is_none() && pace.begin(&other).is_some());
        drop(turn);
        assert!(pace.begin(&one).is_some());
        let free = Pace::default();
        let _turn = free.begin(&one);
        assert!(free.begin(&one).is_some());
    }
}
