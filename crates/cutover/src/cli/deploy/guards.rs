//! `cutover deploy approve | deny | drift`, and what `create` says about windows.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use hyper::Method;
use serde_json::{Value, json};

use super::{Order, Waiting, order, picture, release, resolve, show};
use crate::cli::Target;
use crate::cli::ask::{Said, ask};
use crate::client::encode;
use crate::door::Door;

#[derive(Debug, Args)]
pub(crate) struct AtGate {
    #[command(flatten)]
    order: Order,
    /// The gate; default: the one it is at.
    gate: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Drift {
    /// Show what others changed, who and when.
    Show(Order),
    /// Go on from the weights as found.
    Accept(Order),
    /// Write the weights again.
    Reassert(Order),
}

/// What `create` does while a window or freeze forbids to begin.
#[derive(Debug, Args)]
pub(crate) struct AtWindow {
    /// Create it although a window or freeze forbids to begin; it begins when it may.
    #[arg(long, conflicts_with = "override_window")]
    wait_for_window: bool,
    /// Move although windows and freezes forbid it. The reason is kept.
    #[arg(long, value_name = "REASON")]
    override_window: Option<String>,
}

impl AtWindow {
    /// As parameters of a request that has some already.
    pub(super) fn query(&self) -> String {
        match &self.override_window {
            Some(reason) => format!("&override_window={}", encode(reason)),
            None if self.wait_for_window => "&window=wait".to_owned(),
            None => String::new(),
        }
    }
}

/// Says yes or no at a gate.
pub(super) async fn say(given: &AtGate, what: &str) -> anyhow::Result<ExitCode> {
    let AtGate { order: Order { target, deployment, reason, expect_step }, gate } = given;
    let client = Door::server(&target.data)?;
    let id = match resolve(&client, deployment, true).await? {
        Ok(id) => id,
        Err(code) => return Ok(code),
    };
    let below = format!("/v1/deployments/{}", encode(&id));
    let gate = match gate {
        Some(gate) => gate.clone(),
        None => match ask(&client, Method::GET, &below, Vec::new()).await? {
            Said::Yes(view) => match view["gate"]["name"].as_str() {
                Some(gate) => gate.to_owned(),
                None => anyhow::bail!(
                    "deployment {id} is at no gate with a name; a hold goes on by: cutover deploy resume {id}"
                ),
            },
            Said::No(code) => return Ok(code),
        },
    };
    let mut body = json!({ "reason": reason });
    if let Some(step) = expect_step {
        body["expect"] = json!({ "step": step });
    }
    let path = format!("{below}/gates/{}:{what}", encode(&gate));
    match ask(&client, Method::POST, &path, body.to_string().into_bytes()).await? {
        Said::Yes(view) => show(target, &view, || {
            let done = if what == "approve" { "approved" } else { "denied" };
            println!("gate {gate} {done}; deployment {id} is {}", picture::text(&view, "phase"));
        }),
        Said::No(code) => Ok(code),
    }
}

/// Takes back the last release of a service.
pub(super) async fn roll_back(
    target: &Target,
    service: &str,
    to: Option<&str>,
    reason: &str,
    waiting: &Waiting,
) -> anyhow::Result<ExitCode> {
    let body = json!({ "to": to.unwrap_or("previous"), "reason": reason }).to_string().into_bytes();
    let path = format!("/v1/services/{}:rollback", encode(service));
    let created = match ask(&Door::server(&target.data)?, Method::POST, &path, body).await? {
        Said::Yes(created) => created,
        Said::No(code) => return Ok(code),
    };
    let id = created["id"].as_str().context("the server's reply has no id")?.to_owned();
    if !target.json {
        println!("{}\n", created["plan_text"].as_str().unwrap_or_default());
    }
    release::stay(target, &id, &created, waiting).await
}

impl Drift {
    pub(super) async fn run(&self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Show(given) => shown(given).await,
            Self::Accept(given) => order(given, "accept-drift", json!({})).await,
            Self::Reassert(given) => order(given, "reassert-drift", json!({})).await,
        }
    }
}

async fn shown(given: &Order) -> anyhow::Result<ExitCode> {
    let client = Door::server(&given.target.data)?;
    let id = match resolve(&client, &given.deployment, false).await? {
        Ok(id) => id,
        Err(code) => return Ok(code),
    };
    match ask(&client, Method::GET, &format!("/v1/deployments/{}/drift", encode(&id)), Vec::new()).await? {
        Said::Yes(found) => show(&given.target, &found, || print!("{}", text(&found))),
        Said::No(code) => Ok(code),
    }
}

fn text(found: &Value) -> String {
    let Some(drift) = found["drift"].as_str() else {
        return "no drift: all weights are as they were left\n".to_owned();
    };
    let report = &found["report"];
    format!(
        "{drift}\nexpected: {}\nfound:    {}\npolicy:   {}\n",
        picture::text(report, "weights_expected"),
        picture::text(report, "weights_found"),
        picture::text(found, "policy"),
    )
}
