//! One check's probes, round after round: when to probe next.
//!
//! Before: `run` starts this as a task, once for each endpoint, and ends it by dropping its handle. After: each result
//! goes back to `run` as a [`Report`]. The wait counts from the response to the next request, so a slow endpoint is
//! asked less often, and two probes of one check never overlap.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::health_check::{Endpoint, RequestInterval};
use model::health_status::Observation;
use model::id::HealthCheckId;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::sleep;

use crate::probe::{Cause, Deadlines, Tls, probe};

/// What all rounds share.
pub(crate) struct Means {
    pub(crate) deadlines: Deadlines,
    pub(crate) first_within: Duration,
    pub(crate) second: Duration,
    pub(crate) permits: Semaphore,
    pub(crate) tls: Tls,
}

/// One result.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) id: HealthCheckId,
    /// Which start of this check's rounds it belongs to; an older one is of no interest any more.
    pub(crate) start: u64,
    pub(crate) observation: Observation,
}

/// Probes for ever, or until nobody takes reports.
pub(crate) async fn repeat(
    id: HealthCheckId,
    start: u64,
    endpoint: Endpoint,
    means: Arc<Means>,
    reports: mpsc::Sender<Report>,
) {
    let share = share(&id);
    let interval = interval(endpoint.request_interval, means.second);
    sleep(means.first_within.mul_f64(share)).await;
    // The first probe comes soon, so the first wait spreads the checks out: between half an interval and a whole one.
    let mut wait = interval.mul_f64(0.5 + share / 2.0);
    loop {
        let seen = {
            let _permit = means.permits.acquire().await.expect("this semaphore is never closed");
            probe(&id, &endpoint, &means.deadlines, &means.tls).await
        };
        let observation = match seen {
            Ok(success) => Some(Observation::success(&success.to_string(), now_ms())),
            Err(failure) if matches!(failure.cause, Cause::OwnFault { .. }) => {
                tracing::warn!(health_check = %id, %failure, "probe not counted");
                None
            }
            Err(failure) => Some(Observation::failure(&failure.to_string(), now_ms())),
        };
        if let Some(observation) = observation
            && reports.send(Report { id: id.clone(), start, observation }).await.is_err()
        {
            return;
        }
        sleep(wait).await;
        wait = interval;
    }
}

fn interval(interval: RequestInterval, second: Duration) -> Duration {
    second * u32::from(interval.seconds())
}

/// A number from 0 to 1 that is this check's own: the same at every start, spread evenly over many checks.
fn share(id: &HealthCheckId) -> f64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    // 16 bits are exact in an f64 and finer than any wait needs.
    f64::from((hasher.finish() >> 48) as u16) / f64::from(u16::MAX)
}

pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_checks_are_spread_over_the_whole_time() {
        let mut tenths = [0; 10];
        for i in 0..1000 {
            let share = share(&HealthCheckId::parse(&format!("check-{i}")).unwrap());
            tenths[((share * 10.0) as usize).min(9)] += 1;
        }
        assert!(tenths.iter().all(|count| (50..200).contains(count)), "{tenths:?}");
    }
}
