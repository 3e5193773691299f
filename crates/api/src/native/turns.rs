//! Turns: how many questions that take a core for seconds are worked on at once.
//!
//! Plans, simulations (those of a release as well), explanations and what was measured of a release are worked out on threads of their own, so that other requests do not wait for
//! them, and go on there when whoever asked has left. Without a bound one key could start hundreds. Imports and exports
//! are not counted: a body takes its share of `api.limits.bodies_bytes`, and reading a zone takes a second or two.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio::sync::Semaphore;

use super::problem::Problem;

/// Worked on at once, over all senders: a few people look at plans at a time, each takes a core for up to 20 s and holds
/// a zone twice in memory.
const AT_ONCE_MAX: usize = 4;
/// So long a request waits for its turn: most questions are answered in less, and a client waits longer than this.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// After so long a turn is likely to be free again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Shared by all requests.
#[derive(Debug, Clone)]
pub struct Turns {
    free: Arc<Semaphore>,
    wait: Duration,
}

impl Default for Turns {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(AT_ONCE_MAX)), wait: WAIT_MAX }
    }
}

impl Turns {
    /// Works on a thread of its own when it is its turn, which ends with the work, whether or not somebody waits for it.
    pub(super) async fn take<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = tokio::time::timeout(self.wait, Arc::clone(&self.free).acquire_owned()).await.map_err(|_| busy())?;
        let turn = turn.expect("the turns are never closed");
        let worked = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        worked.await.map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", error))
    }
}

fn busy() -> Problem {
    let detail =
        format!("plans, simulations, explanations and measurements being worked on, as many as may be: {AT_ONCE_MAX}");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail)
        .hint("ask again when others are done")
        .retry_after(RETRY_AFTER)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use http::header::RETRY_AFTER;

    use super::*;
    use crate::native::V1;
    use crate::native::zone_history::tests::ask;
    use crate::route53::testing::route53;

    #[tokio::test]
    async fn all_that_takes_long_waits_for_its_turn() {
        let to = route53();
        let turns = Turns { free: Arc::new(Semaphore::new(0)), wait: Duration::ZERO };
        let api = V1 { turns, ..V1::offline(to.store.clone(), to.random) };
        for (method, path, body) in [
            ("POST", "zones/ex.test/plan", ""),
            ("POST", "simulate", r#"{"name": "ex.test"}"#),
            ("GET", "explain?name=ex.test", ""),
            ("POST", "services/shop/plan", r#"{"to": "green", "strategy": {"blue_green": {}}, "population": "world"}"#),
        ] {
            let (status, problem) = ask(&api, method, &format!("/v1/{path}"), body).await;
            assert_eq!((status, problem["code"].as_str()), (503, Some("busy")), "{path}: {problem}");
        }
    }

    #[tokio::test]
    async fn who_comes_when_all_turns_are_taken_is_told_to_come_again() {
        let turns = Turns { wait: Duration::ZERO, ..Turns::default() };
        let (started, mut starting) = tokio::sync::mpsc::unbounded_channel();
        let (mut ends, mut asking) = (Vec::new(), Vec::new());
        for _ in 0..AT_ONCE_MAX {
            let (end, ended) = mpsc::channel::<()>();
            let (turns, started) = (turns.clone(), started.clone());
            ends.push(end);
            asking.push(tokio::spawn(async move {
                let work = move || {
                    started.send(()).unwrap();
                    // Until the other end goes.
                    ended.recv().unwrap_err();
                };
                turns.take(work).await.unwrap();
            }));
        }
        for _ in 0..AT_ONCE_MAX {
            starting.recv().await.unwrap();
        }
        // Whoever asked is gone; the work is not.
        let gone = asking.swap_remove(0);
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        let problem = turns.take(|| ()).await.unwrap_err();
        let response = problem.response();
        assert_eq!((response.status().as_u16(), &*problem.code), (503, "busy"));
        assert_eq!(response.headers()[RETRY_AFTER], "5");
        drop(ends);
        let patient = Turns { wait: Duration::from_secs(60), ..turns };
        patient.take(|| ()).await.unwrap();
    }
}
