//! `cutover freeze`: times when nothing of some services moves forward. The way back is never barred.

use std::process::ExitCode;

use clap::Subcommand;
use hyper::Method;
use serde_json::{Value, json};

use super::ask::{Said, ask};
use super::{Target, print};
use crate::client::encode;
use crate::door::{Door, wait};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Freeze services: now, or in ranges of local time.
    Add {
        #[command(flatten)]
        target: Target,
        /// Its name, such as year-end. One that is there is replaced.
        name: String,
        /// A service; `*` stands for any text. May be given several times; default: all.
        #[arg(long = "service", value_name = "NAME")]
        services: Vec<String>,
        /// When, such as `2026-12-23T00:00/2027-01-04T07:00 Europe/Prague` or `Fri 16:00-Mon 07:00 Europe/Prague`. May
        /// be given several times; default: from now until it is removed.
        #[arg(long, value_name = "RANGE")]
        when: Vec<String>,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// List freezes.
    List {
        #[command(flatten)]
        target: Target,
    },
    /// Remove a freeze: what waited for it goes on.
    Rm {
        #[command(flatten)]
        target: Target,
        /// Its name.
        name: String,
    },
}

impl Verb {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        wait(async move {
            match self {
                Self::Add { target, name, services, when, reason } => {
                    let body = json!({ "services": services, "when": when, "reason": reason });
                    let told = format!("freeze {name} is set");
                    one(&target, Method::PUT, &name, body.to_string().into_bytes(), &told).await
                }
                Self::Rm { target, name } => {
                    let told = format!("removed freeze {name}");
                    one(&target, Method::DELETE, &name, Vec::new(), &told).await
                }
                Self::List { target } => list(&target).await,
            }
        })
    }
}

async fn one(target: &Target, method: Method, name: &str, body: Vec<u8>, told: &str) -> anyhow::Result<ExitCode> {
    let path = format!("/v1/freezes/{}", encode(name));
    match ask(&Door::server(&target.data)?, method, &path, body).await? {
        Said::Yes(found) if target.json => print::json(&found).map(|()| ExitCode::SUCCESS),
        Said::Yes(_) => {
            println!("{told}");
            Ok(ExitCode::SUCCESS)
        }
        Said::No(code) => Ok(code),
    }
}

async fn list(target: &Target) -> anyhow::Result<ExitCode> {
    let found = match ask(&Door::server(&target.data)?, Method::GET, "/v1/freezes", Vec::new()).await? {
        Said::Yes(found) => found,
        Said::No(code) => return Ok(code),
    };
    if target.json {
        return print::json(&found).map(|()| ExitCode::SUCCESS);
    }
    let words = |value: &Value, none: &str| {
        let all: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if all.is_empty() { none.to_owned() } else { all.join(", ") }
    };
    let rows: Vec<Vec<String>> = found["freezes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|freeze| {
            let text = |field: &str| freeze[field].as_str().unwrap_or_default().to_owned();
            vec![
                text("name"),
                words(&freeze["services"], "all"),
                words(&freeze["when"], "until removed"),
                text("reason"),
            ]
        })
        .collect();
    print!("{}", print::table(&["NAME", "SERVICES", "WHEN", "WHY"], &rows));
    Ok(ExitCode::SUCCESS)
}
