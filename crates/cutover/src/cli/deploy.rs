//! `cutover deploy`: plan, start, watch and steer releases of a running server.
//!
//! Exit codes: 0 done, 1 it could not be asked, 2 not valid, 3 it ended without serving the new version, 4 not ended in
//! time, 5 paused (with `--fail-on-pause`), 6 it contradicts what is there, 7 the rollback is blocked.

mod forecast;
mod picture;
mod watch;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use hyper::Method;
use model::deployment::Period;
use serde_json::{Value, json};

use super::ask::{Said, ask};
use super::service::read;
use super::simulate::population;
use super::{Target, print};
use crate::client::{Client, encode};
use crate::door::{Door, wait};
use watch::{Until, follow};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Show what a release would do, step by step, with the weights it would write. Changes nothing.
    Plan {
        #[command(flatten)]
        target: Target,
        /// The service.
        service: String,
        /// The release as JSON; `-` reads standard input.
        file: PathBuf,
        /// Who gets what after each step, of a population: `world` (each country by its Internet users), a CSV file
        /// `client,weight`, or a query log.
        #[arg(long, value_name = "world|FILE")]
        population: Option<String>,
        /// How many clients to tell one by one, of those who come least to the new version.
        #[arg(long, default_value_t = 0, value_name = "N", requires = "population")]
        clients: usize,
    },
    /// Print the plan, then start exactly this release.
    Create {
        #[command(flatten)]
        target: Target,
        /// The service.
        service: String,
        /// The release as JSON; `-` reads standard input.
        file: PathBuf,
        /// Why; kept with the deployment.
        #[arg(long, default_value = "")]
        reason: String,
        #[command(flatten)]
        waiting: Waiting,
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
                Self::Plan { target, service, file, population, clients } => {
                    plan(&target, &service, &file, population.as_deref(), clients).await
                }
                Self::Create { target, service, file, reason, waiting } => {
                    create(&target, &service, &file, &reason, &waiting).await
                }
                Self::Status { target, deployment, watch } => status(&target, &deployment, watch).await,
                Self::Pause(given) => order(&given, "pause", json!({})).await,
                Self::Resume(given) => order(&given, "resume", json!({})).await,
                Self::Promote { order: given, step: _, full } => {
                    order(&given, "promote", if full { json!({ "full": true }) } else { json!({ "step": true }) }).await
                }
                Self::Abort(given) => order(&given, "abort", json!({})).await,
                Self::Stop(given) => order(&given, "stop", json!({})).await,
                Self::Retry(given) => order(&given, "retry", json!({})).await,
                Self::ForceRestore(given) => order(&given, "force-restore", json!({})).await,
                Self::Detach(given) => order(&given, "detach", json!({})).await,
                Self::History { target, service } => history(&target, &service).await,
            }
        })
    }
}

async fn plan(
    target: &Target,
    service: &str,
    file: &Path,
    population: Option<&str>,
    clients: usize,
) -> anyhow::Result<ExitCode> {
    let client = Door::server(&target.data)?;
    let path = format!("/v1/services/{}/plan", encode(service));
    let mut body = read(file)?;
    if let Some(of) = population {
        body = forecast::body(body, &population::read(of)?, clients);
    }
    let mut planned = match ask(&client, Method::POST, &path, body).await? {
        Said::Yes(planned) => planned,
        Said::No(code) => return Ok(code),
    };
    if let Some(of) = population {
        planned["forecast"]["population"]["of"] = json!(of);
    }
    show(target, &planned, || {
        println!("{}", planned["plan_text"].as_str().unwrap_or_default());
        if population.is_some() {
            print!("{}", forecast::text(&planned));
        }
    })
}

async fn create(
    target: &Target,
    service: &str,
    file: &Path,
    reason: &str,
    waiting: &Waiting,
) -> anyhow::Result<ExitCode> {
    let client = Door::server(&target.data)?;
    let spec = read(file)?;
    let below = format!("/v1/services/{}", encode(service));
    let planned = match ask(&client, Method::POST, &format!("{below}/plan"), spec.clone()).await? {
        Said::Yes(planned) => planned,
        Said::No(code) => return Ok(code),
    };
    if !target.json {
        println!("{}\n", planned["plan_text"].as_str().unwrap_or_default());
    }
    // The hash makes sure that what starts is what was printed.
    let hash = planned["plan_hash"].as_str().unwrap_or_default();
    let path = format!("{below}/deployments?plan={}&reason={}", encode(hash), encode(reason));
    let created = match ask(&client, Method::POST, &path, spec).await? {
        Said::Yes(created) => created,
        Said::No(code) => return Ok(code),
    };
    let id = created["id"].as_str().context("the server's reply has no id")?.to_owned();
    if !waiting.wait {
        return show(target, &created, || {
            println!("deployment {id} has started; follow it with: cutover deploy status {id} --watch");
        });
    }
    if !target.json {
        println!("deployment {id}");
    }
    let until = Until { timeout: waiting.timeout, fail_on_pause: waiting.fail_on_pause, leave_when_blocked: true };
    // Programs get one object at the end instead of a story.
    let (last, code) =
        follow(&target.data, &id, until, if target.json { watch::Tell::Nothing } else { watch::Tell::People }).await?;
    if target.json {
        print::json(&last)?;
    }
    Ok(code)
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
    let path = format!("/v1/deployments?service={}&state={state}&limit=1", encode(given));
    let found = match ask(client, Method::GET, &path, Vec::new()).await? {
        Said::Yes(found) => found,
        Said::No(code) => return Ok(Err(code)),
    };
    let newest = found["deployments"][0]["id"].as_str().or(found["unreadable"][0]["id"].as_str());
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
