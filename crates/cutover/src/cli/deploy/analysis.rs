//! `cutover deploy analysis`: what was measured for a release, and the same judged again.

use std::process::ExitCode;

use clap::Subcommand;
use hyper::Method;
use serde_json::Value;

use super::picture::{self, items, line};
use super::{Said, Target, ask, resolve, show};
use crate::client::encode;
use crate::door::Door;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Show the metrics and their last measurements.
    Show {
        #[command(flatten)]
        target: Target,
        /// The deployment's id, or a service for its newest deployment.
        deployment: String,
        /// Of one metric only.
        #[arg(long)]
        metric: Option<String>,
        /// How many measurements, at most 1000.
        #[arg(long, default_value_t = 20, value_name = "N")]
        last: usize,
    },
    /// Judge the stored measurements again. Code 0: every verdict is the same; 3: one is not.
    Replay {
        #[command(flatten)]
        target: Target,
        /// The deployment's id, or a service for its newest deployment.
        deployment: String,
    },
}

impl Verb {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Show { target, deployment, metric, last } => {
                show_analysis(&target, &deployment, metric.as_deref(), last).await
            }
            Self::Replay { target, deployment } => replay(&target, &deployment).await,
        }
    }
}

async fn show_analysis(
    target: &Target,
    deployment: &str,
    metric: Option<&str>,
    last: usize,
) -> anyhow::Result<ExitCode> {
    let client = Door::server(&target.data)?;
    let id = match resolve(&client, deployment, false).await? {
        Ok(id) => id,
        Err(code) => return Ok(code),
    };
    let below = format!("/v1/deployments/{}", encode(&id));
    let mut view = match ask(&client, Method::GET, &format!("{below}/analysis"), Vec::new()).await? {
        Said::Yes(view) => view,
        Said::No(code) => return Ok(code),
    };
    let metric = metric.map(|name| format!("&metric={}", encode(name))).unwrap_or_default();
    let path = format!("{below}/measurements?limit={last}{metric}");
    match ask(&client, Method::GET, &path, Vec::new()).await? {
        Said::Yes(kept) => view["measurements"] = kept["measurements"].clone(),
        Said::No(code) => return Ok(code),
    }
    show(target, &view, || print!("{}", text(&view)))
}

fn text(view: &Value) -> String {
    // What is measured now, or was last; the runs of earlier steps are told by their measurements.
    let is_measured = !items(&view["analysis"]).is_empty();
    let mut out = if is_measured { picture::analysis(view) } else { String::new() };
    let kept = items(&view["measurements"]);
    let start = kept.first().and_then(|m| m["at_ms"].as_u64()).unwrap_or(0);
    for m in kept {
        let after = m["at_ms"].as_u64().unwrap_or(0).saturating_sub(start);
        let name = format!("{}/{}", picture::text(m, "template"), picture::text(m, "metric"));
        let seconds = format!("{}.{}s", after / 1000, after % 1000 / 100);
        line(&mut out, &format!("{seconds:>8}  run {} {name} {}: {}", m["run"], m["number"], picture::text(m, "text")));
    }
    if out.is_empty() {
        line(&mut out, "nothing was measured");
    }
    out
}

async fn replay(target: &Target, deployment: &str) -> anyhow::Result<ExitCode> {
    let client = Door::server(&target.data)?;
    let id = match resolve(&client, deployment, false).await? {
        Ok(id) => id,
        Err(code) => return Ok(code),
    };
    let replayed =
        match ask(&client, Method::GET, &format!("/v1/deployments/{}/replay", encode(&id)), Vec::new()).await? {
            Said::Yes(replayed) => replayed,
            Said::No(code) => return Ok(code),
        };
    show(target, &replayed, || print!("{}", replayed_text(&replayed)))?;
    Ok(if replayed["identical"] == true { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn replayed_text(replayed: &Value) -> String {
    let mut out = String::new();
    for metric in items(&replayed["metrics"]) {
        let differences = items(&metric["differences"]);
        let name = format!("{}/{}", picture::text(metric, "template"), picture::text(metric, "metric"));
        let same = if differences.is_empty() { "identical" } else { "different" };
        let first = metric["first"].as_u64().unwrap_or(1);
        let from = if first > 1 { format!(" from number {first} on") } else { String::new() };
        line(
            &mut out,
            &format!(
                "run {} {name}: {} measurements{from}, verdict {}, {same}",
                metric["run"],
                metric["measurements"],
                picture::text(metric, "verdict")
            ),
        );
        differences
            .iter()
            .for_each(|difference| line(&mut out, &format!("  {}", difference.as_str().unwrap_or_default())));
    }
    if out.is_empty() {
        line(&mut out, "nothing was measured");
    }
    out
}
