//! The running prober: checks come in, verdicts go out.
//!
//! One task owns the `board` and is the only one to change it: it takes each new list of checks and each report of a
//! `rounds` task, and sends the verdicts when one differs. Nothing waits for a probe but its own rounds.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use model::health_check::HealthCheck;
use model::health_status::Verdicts;
use model::id::HealthCheckId;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;

use crate::board::{Board, Change};
use crate::observations::Observations;
use crate::probe::{Deadlines, Tls};
use crate::rounds::{Means, Report, now_ms, repeat};

/// Reports that may wait. A probe that finds the queue full waits with its result; none is lost.
const REPORTS_MAX: usize = 1024;

/// How to probe.
#[derive(Debug, Clone)]
pub struct Config {
    /// How long the parts of a probe may take.
    pub deadlines: Deadlines,
    /// Most probes at the same time; others wait for their turn. Each needs one file descriptor.
    pub in_flight_max: usize,
    /// A new check is probed for the first time within this time, each check at its own moment.
    pub first_within: Duration,
    /// How long one second of a request interval lasts. One second, unless a test or a demonstration is in a hurry.
    pub second: Duration,
}

impl Default for Config {
    fn default() -> Self {
        // 512: half of the usual limit of 1024 descriptors. With every endpoint dead that is 512 / 4 s = 128 probes a
        // second, enough for 1280 checks every 10 s.
        Self {
            deadlines: Deadlines::default(),
            in_flight_max: 512,
            first_within: Duration::from_secs(1),
            second: Duration::from_secs(1),
        }
    }
}

/// The prober while it runs. Dropping it ends every probe.
#[derive(Debug)]
pub struct Running {
    verdicts: watch::Receiver<Arc<Verdicts>>,
    observations: Observations,
    _task: Task,
}

impl Running {
    /// The status of every check; changes are told at once, and only changes.
    #[must_use]
    pub fn verdicts(&self) -> watch::Receiver<Arc<Verdicts>> {
        self.verdicts.clone()
    }

    /// What was last seen of each endpoint.
    #[must_use]
    pub fn observations(&self) -> Observations {
        self.observations.clone()
    }
}

/// Starts probing the checks in the list, and follows the list from then on. Must be called on a tokio runtime.
///
/// The verdicts of the list as it is now can be read at once. When the other end of `checks` is gone, its last list
/// goes on being probed.
#[must_use]
pub fn start(config: Config, mut checks: watch::Receiver<Arc<Vec<HealthCheck>>>) -> Running {
    let Config { deadlines, in_flight_max, first_within, second } = config;
    let (reports, incoming) = mpsc::channel(REPORTS_MAX);
    let (sender, verdicts) = watch::channel(Arc::default());
    let observations = Observations::default();
    let permits = Semaphore::new(in_flight_max.clamp(1, Semaphore::MAX_PERMITS));
    let mut prober = Prober {
        board: Board::default(),
        rounds: HashMap::new(),
        starts: 0,
        means: Arc::new(Means { deadlines, first_within, second, permits, tls: Tls::new() }),
        reports,
        verdicts: sender,
        observations: observations.clone(),
    };
    let list = Arc::clone(&checks.borrow_and_update());
    prober.adopt(&list);
    let task = Task(tokio::spawn(prober.run(checks, incoming)));
    Running { verdicts, observations, _task: task }
}

struct Prober {
    board: Board,
    rounds: HashMap<HealthCheckId, Rounds>,
    starts: u64,
    means: Arc<Means>,
    reports: mpsc::Sender<Report>,
    verdicts: watch::Sender<Arc<Verdicts>>,
    observations: Observations,
}

struct Rounds {
    start: u64,
    _task: Task,
}

/// A task that ends when this is dropped.
#[derive(Debug)]
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Prober {
    async fn run(mut self, mut checks: watch::Receiver<Arc<Vec<HealthCheck>>>, mut incoming: mpsc::Receiver<Report>) {
        let mut followed = true;
        loop {
            tokio::select! {
                biased;
                changed = checks.changed(), if followed => match changed {
                    Ok(()) => {
                        let list = Arc::clone(&checks.borrow_and_update());
                        self.adopt(&list);
                    }
                    Err(_) => followed = false,
                },
                Some(report) = incoming.recv() => {
                    // Results that came together are told together.
                    let mut changed = self.take(report);
                    while let Ok(report) = incoming.try_recv() {
                        changed |= self.take(report);
                    }
                    if changed {
                        self.publish();
                    }
                }
            }
        }
    }

    fn adopt(&mut self, list: &[HealthCheck]) {
        for change in self.board.adopt(list) {
            match change {
                Change::Start(id, endpoint) => {
                    self.starts += 1;
                    let (start, means, reports) = (self.starts, Arc::clone(&self.means), self.reports.clone());
                    let task = Task(tokio::spawn(repeat(id.clone(), start, endpoint, means, reports)));
                    self.rounds.insert(id, Rounds { start, _task: task });
                }
                Change::Stop(id) => _ = self.rounds.remove(&id),
                Change::Forget(id) => {
                    self.rounds.remove(&id);
                    self.observations.forget(&id);
                }
            }
        }
        for (id, child) in self.board.missing_children() {
            tracing::warn!(health_check = %id, %child, "a child does not exist and counts as healthy");
        }
        self.publish();
    }

    /// True when a mind has changed.
    fn take(&mut self, report: Report) -> bool {
        let Report { id, start, observation } = report;
        if self.rounds.get(&id).is_none_or(|rounds| rounds.start != start) {
            return false;
        }
        let standing = self.board.take(&id, observation.success);
        if let Some(standing) = standing {
            tracing::info!(health_check = %id, ?standing, seen = observation.status, "endpoint changed");
        }
        self.observations.record(&id, observation);
        standing.is_some()
    }

    fn publish(&self) {
        let verdicts = self.board.verdicts();
        self.verdicts.send_if_modified(|current| {
            let changed = **current != verdicts;
            if changed {
                self.observations.turn(current, &verdicts, now_ms());
                *current = Arc::new(verdicts);
            }
            changed
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::tests::{check, id};
    use crate::probe::tests::server::Server;
    use model::health_status::HealthStatus;

    fn hurried() -> Config {
        Config { first_within: Duration::ZERO, second: Duration::from_millis(1), ..Config::default() }
    }

    fn http(server: &Server, threshold: i64) -> HealthCheck {
        let port = server.address.port();
        check("a", |raw| {
            raw.kind = "HTTP".to_owned();
            (raw.port, raw.request_interval) = (Some(i64::from(port)), Some(1));
            raw.failure_threshold = Some(threshold);
        })
    }

    async fn until(verdicts: &mut watch::Receiver<Arc<Verdicts>>, status: Option<HealthStatus>) {
        let there = verdicts.wait_for(|verdicts| verdicts.status(&id("a")) == status);
        drop(tokio::time::timeout(Duration::from_secs(20), there).await.unwrap().unwrap());
    }

    #[tokio::test]
    async fn an_endpoint_that_fails_and_recovers_is_told_and_can_be_read() {
        let server = Server::http("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n").await;
        let (_list, checks) = watch::channel(Arc::new(vec![http(&server, 3)]));
        let running = start(hurried(), checks);
        let mut verdicts = running.verdicts();
        assert!(verdicts.borrow().is_healthy(&id("a")), "healthy until enough data");
        until(&mut verdicts, Some(HealthStatus::Unhealthy)).await;
        server.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        until(&mut verdicts, Some(HealthStatus::Healthy)).await;
        let observations = running.observations();
        let texts =
            (observations.latest(&id("a")).unwrap().status, observations.last_failure(&id("a")).unwrap().status);
        let (ok, unavailable) =
            ("Success: HTTP Status Code 200, OK", "Failure: HTTP Status Code 503, Service Unavailable");
        assert_eq!(texts, (ok.to_owned(), unavailable.to_owned()));
    }

    #[tokio::test]
    async fn changes_of_the_list_are_followed() {
        let server = Server::http("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n").await;
        let bad = http(&server, 1);
        let (list, checks) = watch::channel(Arc::new(Vec::new()));
        let running = start(hurried(), checks);
        let mut verdicts = running.verdicts();
        list.send_replace(Arc::new(vec![bad.clone()]));
        until(&mut verdicts, Some(HealthStatus::Unhealthy)).await;

        let mut inverted = bad.clone();
        inverted.config.inverted = true;
        list.send_replace(Arc::new(vec![inverted]));
        until(&mut verdicts, Some(HealthStatus::Healthy)).await;
        list.send_replace(Arc::new(vec![bad]));
        until(&mut verdicts, Some(HealthStatus::Unhealthy)).await;

        list.send_replace(Arc::new(Vec::new()));
        until(&mut verdicts, None).await;
        assert_eq!(running.observations().latest(&id("a")), None);
        drop(list);
        drop(running);
        // The one task that sends is gone, and nobody probes any more.
        assert!(tokio::time::timeout(Duration::from_secs(20), verdicts.changed()).await.unwrap().is_err());
    }
}
