//! `cutover service`: what deployments release, declared to a running server. Exit codes are those of `ask`.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use hyper::Method;
use serde_json::Value;

use super::ask::{Said, ask, ask_about};
use super::document::{self, Kind};
use super::{Target, print};
use crate::client::encode;
use crate::door::{Door, wait};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Declare a service, new or again. Its record sets must exist, and the active environment must be what serves.
    Apply {
        #[command(flatten)]
        target: Target,
        /// Services as YAML or JSON; `-` reads standard input.
        #[arg(required_unless_present = "from")]
        file: Option<PathBuf>,
        /// The same. Releases in the file are left alone.
        #[arg(short = 'f', long = "file", value_name = "FILE", conflicts_with = "file")]
        from: Option<PathBuf>,
    },
    /// Show a service.
    Show {
        #[command(flatten)]
        target: Target,
        /// Its name.
        name: String,
    },
    /// List services.
    List {
        #[command(flatten)]
        target: Target,
    },
    /// Forget a service. Its record sets and the history of its deployments stay.
    Delete {
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
                Self::Apply { target, file, from } => {
                    apply(&target, &from.or(file).context("no file was named")?).await
                }
                Self::Show { target, name } => show(&target, &name).await,
                Self::List { target } => list(&target).await,
                Self::Delete { target, name } => delete(&target, &name).await,
            }
        })
    }
}

async fn apply(target: &Target, file: &Path) -> anyhow::Result<ExitCode> {
    let documents = match document::read(file, Kind::Service)? {
        Ok(documents) => documents,
        Err(code) => return Ok(code),
    };
    let client = Door::server(&target.data)?;
    let mut all = Vec::new();
    for document in &documents {
        let name = document.name().unwrap_or_default();
        let declared = match ask_about(&client, document, Method::PUT, &path(name), document.body()).await? {
            Said::Yes(declared) => declared,
            Said::No(code) => return Ok(code),
        };
        if !target.json {
            println!("{name} is declared (revision {})", declared["revision"]);
            print!("{}", environments(&declared["service"]));
        }
        all.push(declared);
    }
    if target.json {
        print::json(&print::one_or_all(all))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(target: &Target, name: &str) -> anyhow::Result<ExitCode> {
    let client = Door::server(&target.data)?;
    let found = match ask(&client, Method::GET, &path(name), Vec::new()).await? {
        Said::Yes(found) => found,
        Said::No(code) => return Ok(code),
    };
    if target.json {
        return print::json(&found).map(|()| ExitCode::SUCCESS);
    }
    let service = &found["service"];
    println!("{name} (revision {})", found["revision"]);
    for binding in service["traffic"].as_array().into_iter().flatten() {
        let own = &binding["dns"];
        let dns = if own.is_object() { own } else { &binding["route53"] };
        let of = dns["account"].as_str().map(|account| format!(" of account {account}")).unwrap_or_default();
        let types: Vec<&str> = dns["types"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        println!("traffic: {} {} in zone {}{of}", text(dns, "name"), types.join(", "), text(dns, "zone"));
    }
    match found["deployment"].as_str() {
        Some(id) => println!("deployment: {id}"),
        None => println!("deployment: none"),
    }
    print!("{}", environments(service));
    Ok(ExitCode::SUCCESS)
}

async fn list(target: &Target) -> anyhow::Result<ExitCode> {
    let client = Door::server(&target.data)?;
    let found = match ask(&client, Method::GET, "/v1/services", Vec::new()).await? {
        Said::Yes(found) => found,
        Said::No(code) => return Ok(code),
    };
    if target.json {
        return print::json(&found).map(|()| ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = found["services"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|declared| {
            let service = &declared["service"];
            let active = text(service, "active");
            let version = text(&service["environments"][&active], "version");
            let [active, version] = [active, version].map(|text| if text.is_empty() { "-".to_owned() } else { text });
            let deployment = declared["deployment"].as_str().unwrap_or("-").to_owned();
            vec![text(service, "name"), active, version, deployment]
        })
        .collect();
    print!("{}", print::table(&["NAME", "ACTIVE", "VERSION", "DEPLOYMENT"], &rows));
    Ok(ExitCode::SUCCESS)
}

async fn delete(target: &Target, name: &str) -> anyhow::Result<ExitCode> {
    let client = Door::server(&target.data)?;
    let deleted = match ask(&client, Method::DELETE, &path(name), Vec::new()).await? {
        Said::Yes(deleted) => deleted,
        Said::No(code) => return Ok(code),
    };
    if target.json {
        return print::json(&deleted).map(|()| ExitCode::SUCCESS);
    }
    println!("deleted {name}");
    Ok(ExitCode::SUCCESS)
}

/// Where a service is.
pub(super) fn path(name: &str) -> String {
    format!("/v1/services/{}", encode(name))
}

fn environments(service: &Value) -> String {
    let active = text(service, "active");
    let rows: Vec<Vec<String>> = service["environments"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, environment)| {
            let sets: Vec<&str> =
                environment["set_identifiers"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let mark = if *name == active { "active" } else { "" };
            let check = environment["health_check"].as_str().unwrap_or("-").to_owned();
            vec![name.clone(), text(environment, "version"), sets.join(", "), check, mark.to_owned()]
        })
        .collect();
    print::table(&["ENVIRONMENT", "VERSION", "RECORD SETS", "HEALTH CHECK", ""], &rows)
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

/// A whole file; `-` is standard input.
pub(super) fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut text = Vec::new();
        std::io::stdin().read_to_end(&mut text).context("cannot read standard input")?;
        return Ok(text);
    }
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
