//! Measuring for deployments: each query goes to whoever can answer it, and the two sides of a comparison at the same time.
//!
//! HTTP is asked by `health`, programs by `hook` within what the configuration allows, health checks are looked up in what
//! the prober says, and answers of DNS in what was counted of them. Before: the runner of `control`. After: it hands the answer to the deployment.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hook::Caller;
use model::deployment::{HookAnswer, HookCall, HookCallId, HookTarget};
use model::health_status::{HealthStatus, Verdicts};
use model::metric::{Measurement, MetricQuery, Read};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::answers::Answers;

/// What a program printed beside its output, as far as an error repeats it.
const ERRORS_MAX: usize = 200;

/// Who can be asked.
#[derive(Clone)]
pub(crate) struct Measure {
    verdicts: watch::Receiver<Arc<Verdicts>>,
    caller: Arc<Caller>,
    answers: Answers,
    asked: Arc<AtomicU64>,
}

type Measuring = Pin<Box<dyn Future<Output = Measurement> + Send>>;

impl Measure {
    pub(crate) fn new(verdicts: watch::Receiver<Arc<Verdicts>>, caller: Arc<Caller>, answers: Answers) -> Self {
        Self { verdicts, caller, answers, asked: Arc::default() }
    }

    /// Asks once. What goes wrong is part of the answer.
    pub(crate) fn ask(&self, query: MetricQuery) -> Measuring {
        let this = self.clone();
        Box::pin(async move {
            match query {
                MetricQuery::Several(queries) => this.several(queries).await,
                MetricQuery::Health { checks, value } => {
                    let verdicts = Arc::clone(&this.verdicts.borrow());
                    let said = checks.iter().map(|id| verdicts.status(id).map(HealthStatus::is_healthy));
                    value.of(&said.collect::<Vec<_>>())
                }
                MetricQuery::Dns { of, among, value, over_ms } => this.answers.measure(&of, &among, value, over_ms),
                MetricQuery::Exec { hook, read } => this.run(hook, &read).await,
                query @ (MetricQuery::Prometheus { .. }
                | MetricQuery::PrometheusRange { .. }
                | MetricQuery::HttpJson { .. }) => health::measure(&query).await,
            }
        })
    }

    async fn several(&self, queries: Vec<MetricQuery>) -> Measurement {
        let mut answers = vec![Measurement::NoData; queries.len()];
        let mut asking = JoinSet::new();
        for (at, query) in queries.into_iter().enumerate() {
            let answer = self.ask(query);
            asking.spawn(async move { (at, answer.await) });
        }
        while let Some(answered) = asking.join_next().await {
            match answered {
                Ok((at, answer)) => answers[at] = answer,
                Err(_) => return Measurement::Error("the measurement was broken off".to_owned()),
            }
        }
        Measurement::Several(answers)
    }

    async fn run(&self, program: model::deployment::ExecHook, read: &Read) -> Measurement {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let call = HookCall {
            id: HookCallId(format!("measurement-{number}")),
            name: program.program.clone(),
            target: HookTarget::Exec(program),
            body: String::new(),
            variables: BTreeMap::new(),
            may_repeat: true,
        };
        let outcome = self.caller.call(&call).await;
        match outcome.answer {
            HookAnswer::Pass => health::read_json(outcome.output.trim(), read),
            // "Not yet" is what a program says that has nothing to tell.
            HookAnswer::Wait(_) => Measurement::NoData,
            HookAnswer::Fail | HookAnswer::Error | HookAnswer::InDoubt => {
                let errors: String = outcome.errors.trim().chars().take(ERRORS_MAX).collect();
                let colon = if errors.is_empty() { "" } else { ": " };
                Measurement::Error(format!("{}: {}{colon}{errors}", call.name, outcome.text))
            }
        }
    }
}
