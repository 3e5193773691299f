//! From files to releases: `plan`, `create`, `lint` and `schema`. A file holds one release or several, each in a document
//! that says `deploy: SERVICE`; a file of one release may leave that to the command line.
//!
//! After: `watch` follows a release to its end, the rest of `deploy` steers it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use hyper::Method;
use model::deployment::schema;
use serde_json::{Value, json};

use super::watch::{self, Until, follow};
use super::{Waiting, forecast, outlook, show, timeline};
use crate::cli::ask::{INVALID, Said, ask_about, ask_with, refuse};
use crate::cli::document::{self, Document, Kind, named};
use crate::cli::simulate::population;
use crate::cli::{Target, print};
use crate::client::{Client, encode};
use crate::door::Door;

/// Where releases are written.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// The service; a file named with `-f` says it itself.
    #[arg(required_unless_present = "from", requires = "file")]
    service: Option<String>,
    /// Its release as YAML or JSON; `-` reads standard input.
    file: Option<PathBuf>,
    /// A file of releases as YAML or JSON, each with `deploy: SERVICE`; `-` reads standard input.
    #[arg(short = 'f', long = "file", value_name = "FILE", conflicts_with = "service")]
    from: Option<PathBuf>,
}

/// What has a schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Schema {
    /// What `deploy create` takes.
    Release,
    /// What `service apply` takes.
    Service,
}

/// A release and the service it is of.
struct Release {
    service: String,
    document: Document,
}

impl Source {
    /// The releases, each checked as far as one can without a server.
    fn read(&self) -> anyhow::Result<Result<Vec<Release>, ExitCode>> {
        let file = self.from.as_ref().or(self.file.as_ref()).context("no file was named")?;
        let documents = match document::read(file, Kind::Release)? {
            Ok(documents) => documents,
            Err(code) => return Ok(Err(code)),
        };
        let mut releases = Vec::new();
        for document in documents {
            let service = match (&self.service, document.name()) {
                (Some(given), Some(name)) if given != name => {
                    Err(format!("deploy: the release is of {name}, not of {given}"))
                }
                (Some(given), _) => Ok(given.clone()),
                (None, Some(name)) => Ok(name.to_owned()),
                (None, None) => Err("deploy: a release names its service; write deploy: SERVICE".to_owned()),
            };
            match service {
                Ok(service) => releases.push(Release { service, document }),
                Err(problem) => {
                    return Ok(Err(refuse(INVALID, &anyhow::anyhow!(document.told("deploy", &problem)))));
                }
            }
        }
        Ok(Ok(releases))
    }
}

/// What else is told of a plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct More<'a> {
    /// Who gets what, of a population, and how many of them one by one.
    pub(super) population: Option<&'a str>,
    pub(super) clients: usize,
    pub(super) timeline: bool,
}

pub(super) async fn plan(target: &Target, source: &Source, more: More<'_>) -> anyhow::Result<ExitCode> {
    let More { population, clients, timeline } = more;
    let releases = match source.read()? {
        Ok(releases) => releases,
        Err(code) => return Ok(code),
    };
    let client = Door::server(&target.data)?;
    let of = population.map(population::read).transpose()?;
    let mut all = Vec::new();
    for release in &releases {
        let mut planned = match release.plan(&client, of.as_ref().map(|of| (of, clients))).await? {
            Said::Yes(planned) => planned,
            Said::No(code) => return Ok(code),
        };
        if let Some(of) = population {
            planned["forecast"]["population"]["of"] = json!(of);
        }
        if !target.json {
            if !all.is_empty() {
                println!();
            }
            println!("{}", planned["plan_text"].as_str().unwrap_or_default());
            if timeline {
                print!("{}", timeline::text(&planned));
            }
            print!("{}", outlook::text(&planned));
            if population.is_some() {
                print!("{}", forecast::text(&planned));
            }
        }
        all.push(planned);
    }
    if target.json {
        print::json(&print::one_or_all(all))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Starts the releases one after the other; with `--wait`, each when the one before has succeeded.
pub(super) async fn create(
    target: &Target,
    source: &Source,
    reason: &str,
    idempotency_key: Option<&str>,
    window: &str,
    waiting: &Waiting,
) -> anyhow::Result<ExitCode> {
    let releases = match source.read()? {
        Ok(releases) => releases,
        Err(code) => return Ok(code),
    };
    for release in &releases {
        let key = idempotency_key
            .map(|key| if releases.len() == 1 { key.to_owned() } else { format!("{key}/{}", release.service) });
        let code = create_one(target, release, reason, key.as_deref(), window, waiting).await?;
        if code != ExitCode::SUCCESS {
            return Ok(code);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn create_one(
    target: &Target,
    release: &Release,
    reason: &str,
    idempotency_key: Option<&str>,
    window: &str,
    waiting: &Waiting,
) -> anyhow::Result<ExitCode> {
    let client = Door::server(&target.data)?;
    let service = encode(&release.service);
    let mut path = format!("/v1/services/{service}/deployments?reason={}{window}", encode(reason));
    // A call that is repeated finds its deployment, not a plan: while that runs there is none.
    if idempotency_key.is_none() {
        let planned = match release.plan(&client, None).await? {
            Said::Yes(planned) => planned,
            Said::No(code) => return Ok(code),
        };
        if !target.json {
            println!("{}", planned["plan_text"].as_str().unwrap_or_default());
            println!("{}", outlook::text(&planned));
        }
        // The hash makes sure that what starts is what was printed.
        path.push_str(&format!("&plan={}", encode(planned["plan_hash"].as_str().unwrap_or_default())));
    }
    let headers: Vec<(&str, &str)> = idempotency_key.map(|key| ("idempotency-key", key)).into_iter().collect();
    let created = match ask_with(&client, &release.document, &path, &headers, release.document.body()).await? {
        Said::Yes(created) => created,
        Said::No(code) => return Ok(code),
    };
    let id = created["id"].as_str().context("the server's reply has no id")?.to_owned();
    if !target.json && idempotency_key.is_some() {
        println!("{}\n", created["plan_text"].as_str().unwrap_or_default());
    }
    stay(target, &id, &created, waiting).await
}

/// Tells that a deployment has started, and stays with it if that is wanted.
pub(super) async fn stay(target: &Target, id: &str, created: &Value, waiting: &Waiting) -> anyhow::Result<ExitCode> {
    if !waiting.wait {
        return show(target, created, || {
            if let Some(behind) = created["queued"]["behind"].as_str() {
                return println!("deployment {id} waits in line behind {behind}; see: cutover deploy status {id}");
            }
            println!("deployment {id} has started; follow it with: cutover deploy status {id} --watch");
        });
    }
    if !target.json {
        println!("deployment {id}");
    }
    let until = Until { timeout: waiting.timeout, fail_on_pause: waiting.fail_on_pause, leave_when_blocked: true };
    // Programs get one object at the end instead of a story.
    let (last, code) =
        follow(&target.data, id, until, if target.json { watch::Tell::Nothing } else { watch::Tell::People }).await?;
    if target.json {
        print::json(&last)?;
    }
    Ok(code)
}

impl Release {
    async fn plan(&self, client: &Client, population: Option<(&Value, usize)>) -> anyhow::Result<Said> {
        let mut more = named(&self.service);
        if let Some((of, clients)) = population {
            more.extend([("population".to_owned(), of.clone()), ("clients".to_owned(), json!(clients))]);
        }
        let path = format!("/v1/services/{}/plan", encode(&self.service));
        ask_about(client, &self.document, Method::POST, &path, self.document.body_with(more)).await
    }
}

/// Checks files; every fault is told, not only the first file's.
pub(super) fn lint(files: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for file in files {
        let documents = match document::read_all(file)? {
            Ok(documents) => documents,
            Err(refused) => {
                code = refused;
                continue;
            }
        };
        for document in &documents {
            let what = match document.kind() {
                Kind::Service => "service",
                Kind::Release => "release of",
            };
            match document.lint() {
                Ok(()) => {
                    println!("{}: {what} {} is in order", file.display(), document.name().unwrap_or("any service"));
                }
                Err(told) => code = refuse(INVALID, &anyhow::anyhow!(told)),
            }
        }
    }
    Ok(code)
}

pub(super) fn schema(of: Schema) -> anyhow::Result<ExitCode> {
    print::json(&match of {
        Schema::Release => schema::release(),
        Schema::Service => schema::declaration(),
    })?;
    Ok(ExitCode::SUCCESS)
}
