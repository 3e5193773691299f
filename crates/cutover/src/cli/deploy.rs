//! `cutover deploy`: plan, start, watch and steer releases of a running server.
//!
//! Exit codes: 0 done, 1 it could not be asked, 2 not valid, 3 it ended without serving the new version, 4 not ended in
//! time, 5 paused (with `--fail-on-pause`), 6 it contradicts what is there or may not be done, 7 the rollback is blocked.

mod analysis;
mod difference;
mod events;
mod forecast;
mod guards;
mod outlook;
mod picture;
mod release;
mod timeline;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use hyper::Method;
use model::deployment::Period;
use serde_json::{Value, json};

use super::ask::{Said, ask};
use super::{Target, print};
use crate::client::{Client, encode};
use crate::door::{Door, wait};
use release::Source;
use watch::{Until, follow};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Show what releases would do, step by step, with the weights they would write. Changes nothing.
    Plan {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        source: Source,
        /// Who gets what after each step, of a population: `world` (each country by its Internet users), a CSV file
        /// `client,weight`, or a query log.
        #[arg(long, value_name = "world|FILE")]
        population: Option<String>,
        /// How many clients to tell one by one, of those who come least to the new version.
        #[arg(long, default_value_t = 0, value_name = "N", requires = "population")]
        clients: usize,
        /// When each step begins at the earliest, with the windows and freezes that are known.
        #[arg(long)]
        timeline: bool,
    },
    /// Print the plan, then start exactly this release.
    Create {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        source: Source,
        /// Why; kept with the deployment.
        #[arg(long, default_value = "")]
        reason: String,
        /// A repeated call with this key starts nothing new and tells the deployment of the first.
        #[arg(long, value_name = "KEY")]
        idempotency_key: Option<String>,
        #[command(flatten)]
        window: guards::AtWindow,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Check files of releases and services without a server: every field, and what fields say of each other.
    Lint {
        /// YAML or JSON; `-` reads standard input.
        #[arg(short = 'f', long = "file", value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema of a release or a service, for editors and for checks.
    Schema {
        /// Of what.
        #[arg(value_enum, default_value_t = release::Schema::Release)]
        of: release::Schema,
    },
    /// Show where a deployment is.
    Status {
        #[command(flatten)]
        target: Target,
        /// The deployment's id, or a service for its newest deployment.
        deployment: String,
        /// Show it until it ends.
        #[arg(long)]
        watch: bool,
    },
    /// Tell what happened, an event a line.
    Events {
        #[command(flatten)]
        target: Target,
        /// The deployment's id, or a service for its newest deployment.
        deployment: String,
        /// Go on telling what happens, to the end.
        #[arg(short, long)]
        follow: bool,
    },
    /// Compare the record sets: as found, as wanted, as written last, as they are.
    Diff {
        #[command(flatten)]
        target: Target,
        /// The deployment's id, or a service for its newest deployment.
        deployment: String,
    },
    /// Stop everything forward; the weights stay.
    Pause(Order),
    /// End a pause, or open a gate.
    Resume(Order),
    /// Skip the current hold, gate or analysis, or go to 100 % at once. Health and drift are still asked.
    Promote {
        #[command(flatten)]
        order: Order,
        /// Skip the current hold, gate or analysis (what is done if nothing is said).
        #[arg(long, conflicts_with = "full")]
        step: bool,
        /// Go to 100 % now.
        #[arg(long)]
        full: bool,
        /// With --full: whatever health and foreign changes say. Needs a reason, which is kept.
        #[arg(long, requires = "full")]
        force: bool,
    },
    /// Go back to the weights as they were found. It cannot be taken back.
    Abort(Order),
    /// End the release with the weights as they are.
    Stop(Order),
    /// Try a blocked rollback again.
    Retry(Order),
    /// Go back though the old environment is known to be unhealthy.
    ForceRestore(Order),
    /// End a blocked rollback with the weights as they are.
    Detach(Order),
    /// Take back the last release of a service that has succeeded: what served before serves again, at once.
    Rollback {
        #[command(flatten)]
        target: Target,
        /// The service.
        service: String,
        /// Only if this deployment is what served before; otherwise whatever did.
        #[arg(long, value_name = "ID")]
        to: Option<String>,
        /// Why; kept with the deployment.
        #[arg(long, default_value = "")]
        reason: String,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Agree to go on at a gate.
    Approve(guards::AtGate),
    /// Shut a gate: the release goes back, unless its `on_failure` says otherwise.
    Deny(guards::AtGate),
    /// Let it move although windows or freezes forbid it. Needs a reason, which is kept.
    OverrideWindow(Order),
    /// What others changed that a deployment owns.
    Drift {
        #[command(subcommand)]
        verb: guards::Drift,
    },
    /// Look into what was measured, and judge it again.
    #[command(subcommand)]
    Analysis(analysis::Verb),
    /// List the deployments of a service, newest first.
    History {
        #[command(flatten)]
        target: Target,
        /// The service.
        service: String,
    },
}

/// An order to a deployment.
#[derive(Debug, Args)]
pub(crate) struct Order {
    #[command(flatten)]
    target: Target,
    /// The deployment's id, or a service for the deployment that runs.
    deployment: String,
    /// Why; kept in the deployment's story.
    #[arg(long, default_value = "")]
    reason: String,
    /// Only if this is the current step, so that an order typed late does no harm.
    #[arg(long, value_name = "N")]
    expect_step: Option<usize>,
}

/// How long `create` stays.
#[derive(Debug, Args)]
pub(crate) struct Waiting {
    /// Stay until the release has ended, showing what happens.
    #[arg(long)]
    wait: bool,
    /// With --wait: give up waiting after so long (the release goes on), such as 30m.
    #[arg(long, requires = "wait", value_parser = Period::parse)]
    timeout: Option<Period>,
    /// With --wait: leave with code 5 when it pauses or waits for a person.
    #[arg(long, requires = "wait")]
    fail_on_pause: bool,
}

impl Verb {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        wait(async move {
            match self {
                Self::Plan { target, source, population, clients, timeline } => {
                    let more = release::More { population: population.as_deref(), clients, timeline };
                    release::plan(&target, &source, more).await
                }
                Self::Create { target, source, reason, idempotency_key, window, waiting } => {
                    let key = idempotency_key.as_deref();
                    release::create(&target, &source, &reason, key, &window.query(), &waiting).await
                }
                Self::Lint { files } => release::lint(&files),
                Self::Schema { of } => release::schema(of),
                Self::Status { target, deployment, watch } => status(&target, &deployment, watch).await,
                Self::Events { target, deployment, follow } => events::tell(&target, &deployment, follow).await,
                Self::Diff { target, deployment } => difference::show(&target, &deployment).await,
                Self::Pause(given) => order(&given, "pause", json!({})).await,
                Self::Resume(given) => order(&given, "resume", json!({})).await,
                Self::Promote { order: given, step: _, full, force } => {
                    let how = if full { json!({ "full": true, "force": force }) } else { json!({ "step": true }) };
                    order(&given, "promote", how).await
                }
                Self::Rollback { target, service, to, reason, waiting } => {
                    guards::roll_back(&target, &service, to.as_deref(), &reason, &waiting).await
                }
                Self::Approve(given) => guards::say(&given, "approve").await,
                Self::Deny(given) => guards::say(&given, "deny").await,
                Self::OverrideWindow(given) => order(&given, "override-window", json!({})).await,
                Self::Drift { verb } => verb.run().await,
                Self::Abort(given) => order(&given, "abort", json!({})).await,
                Self::Stop(given) => order(&given, "stop", json!({})).await,
                Self::Retry(given) => order(&given, "retry", json!({})).await,
                Self::ForceRestore(given) => order(&given, "force-restore", json!({})).await,
                Self::Detach(given) => order(&given, "detach", json!({})).await,
                Self::Analysis(verb) => verb.run().await,
                Self::History { target, service } => history(&target, &service).await,
            }
        })
    }
}

async fn status(target: &Target, deployment: &str, is_watched: bool) -> anyhow::Result<ExitCode> {
    let client = Door::server(&target.data)?;
    let id = match resolve(&client, deployment, false).await? {
        Ok(id) => id,
        Err(code) => return Ok(code),
    };
    if is_watched {
        let tell = if target.json { watch::Tell::Programs } else { watch::Tell::People };
        return Ok(follow(&target.data, &id, Until::default(), tell).await?.1);
    }
    match ask(&client, Method::GET, &format!("/v1/deployments/{}", encode(&id)), Vec::new()).await? {
        Said::Yes(view) => show(target, &view, || print!("{}", picture::draw(&view, crate::door::now_ms()))),
        Said::No(code) => Ok(code),
    }
}

async fn order(given: &Order, verb: &str, more: Value) -> anyhow::Result<ExitCode> {
    let Order { target, deployment, reason, expect_step } = given;
    let client = Door::server(&target.data)?;
    let id = match resolve(&client, deployment, true).await? {
        Ok(id) => id,
        Err(code) => return Ok(code),
    };
    let mut body = more;
    body["reason"] = json!(reason);
    if let Some(step) = expect_step {
        body["expect"] = json!({ "step": step });
    }
    let path = format!("/v1/deployments/{}:{verb}", encode(&id));
    match ask(&client, Method::POST, &path, body.to_string().into_bytes()).await? {
        Said::Yes(view) => show(target, &view, || {
            println!("deployment {id} is {}{}", picture::text(&view, "phase"), picture::paused(&view));
        }),
        Said::No(code) => Ok(code),
    }
}

async fn history(target: &Target, service: &str) -> anyhow::Result<ExitCode> {
    let client = Door::server(&target.data)?;
    let (mut all, mut unreadable, mut before) = (Vec::new(), Vec::new(), String::new());
    loop {
        let path = format!("/v1/deployments?service={}{before}", encode(service));
        let page = match ask(&client, Method::GET, &path, Vec::new()).await? {
            Said::Yes(page) => page,
            Said::No(code) => return Ok(code),
        };
        all.extend(page["deployments"].as_array().cloned().unwrap_or_default());
        unreadable.extend(page["unreadable"].as_array().cloned().unwrap_or_default());
        let Some(next) = page["next"].as_str() else { break };
        before = format!("&before={}", encode(next));
    }
    // An empty list is a true answer for a service, and a riddle for a name that was mistyped.
    if all.is_empty()
        && unreadable.is_empty()
        && let Said::No(code) = ask(&client, Method::GET, &super::service::path(service), Vec::new()).await?
    {
        return Ok(code);
    }
    for lost in &unreadable {
        eprintln!(
            "cutover: deployment {} cannot be read: {}",
            picture::text(lost, "id"),
            picture::text(lost, "problem")
        );
    }
    let listed = json!({ "deployments": all, "unreadable": unreadable });
    show(target, &listed, || print!("{}", picture::history(&all)))
}

/// The id of a deployment: given as it is, or the newest of a service; `open` wants one that has not ended.
async fn resolve(client: &Client, given: &str, open: bool) -> anyhow::Result<Result<String, ExitCode>> {
    // Ids are ULIDs: 26 characters, of which a service's name of that length and form is no likely neighbour.
    if given.len() == 26 && given.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        return Ok(Ok(given.to_owned()));
    }
    let state = if open { "open" } else { "all" };
    let path = format!("/v1/deployments?service={}&state={state}&limit=20", encode(given));
    let found = match ask(client, Method::GET, &path, Vec::new()).await? {
        Said::Yes(found) => found,
        Said::No(code) => return Ok(Err(code)),
    };
    // Orders are for what runs, not for what waits behind it.
    let all = found["deployments"].as_array().map(Vec::as_slice).unwrap_or_default();
    let running = all.iter().find(|found| !open || found["queued"] != true).or(all.first());
    let newest = running.and_then(|found| found["id"].as_str()).or(found["unreadable"][0]["id"].as_str());
    let which = if open { "running deployment" } else { "deployment" };
    newest.map(|id| Ok(id.to_owned())).with_context(|| format!("no {which} of a service with this name: {given}"))
}

fn show(target: &Target, value: &Value, tell: impl FnOnce()) -> anyhow::Result<ExitCode> {
    if target.json {
        print::json(value)?;
    } else {
        tell();
    }
    Ok(ExitCode::SUCCESS)
}
