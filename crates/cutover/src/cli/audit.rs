//! `cutover audit list`, `follow` and `verify`: who called the API, what for, and what they were told.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use control::audit::{AuditReader, Filter, Head, verify, zone_spellings};
use hyper::Method;
use model::deployment::Period;
use serde::Deserialize;
use serde_json::Value;

use super::{Target, print};
use crate::client::{Client, encode};
use crate::door::{Door, now_ms, wait};

/// How long one request of `follow` waits: a server that stops waits for it.
const WAIT: &str = "5s";

/// Lines that are asked for at once.
const PAGE: usize = 1000;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List calls, oldest first, with the server up or down.
    List {
        #[command(flatten)]
        target: Target,
        /// Only calls since then, such as 30m, 12h or 7d [default: 1h, unless --after is given].
        #[arg(long, value_name = "PERIOD", conflicts_with = "after", value_parser = Period::parse)]
        since: Option<Period>,
        /// Only lines after this number.
        #[arg(long, value_name = "SEQ")]
        after: Option<u64>,
        #[command(flatten)]
        wanted: Wanted,
    },
    /// Show calls as they come, until interrupted.
    Follow {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        wanted: Wanted,
    },
    /// Prove that no line was changed or taken out. Prints the head, which proves the end if it is kept elsewhere.
    Verify {
        #[command(flatten)]
        target: Target,
        /// A head that an earlier run printed: the log must still hold it.
        #[arg(long, value_name = "SEQ:HASH")]
        head: Option<Head>,
    },
}

/// Which calls.
#[derive(Debug, Args)]
pub(crate) struct Wanted {
    /// Only of this sender: the id or name of a key, operator, anyone, nobody.
    #[arg(long, value_name = "KEY")]
    who: Option<String>,
    /// Only of this operation, such as ChangeResourceRecordSets.
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
    /// Only about this zone, by name or id.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Only what changed something.
    #[arg(long)]
    changes: bool,
    /// Only what was refused, or failed.
    #[arg(long)]
    refused: bool,
}

/// A page of the server.
#[derive(Deserialize)]
struct Page {
    next: u64,
    end: bool,
    entries: Vec<Value>,
}

impl Verb {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List { target, since, after, wanted } => {
                let since = since.or(after.is_none().then(|| Period::from_seconds(3600)));
                let since_ms = since.map(|since| now_ms().saturating_sub(since.ms()));
                wait(list(&target, since_ms, after.unwrap_or(0), &wanted))?;
                Ok(ExitCode::SUCCESS)
            }
            Self::Follow { target, wanted } => {
                wait(follow(&target, &wanted))?;
                Ok(ExitCode::SUCCESS)
            }
            Self::Verify { target, head } => prove(&target, head.as_ref()),
        }
    }
}

async fn list(target: &Target, since_ms: Option<u64>, mut after: u64, wanted: &Wanted) -> anyhow::Result<()> {
    let mut rows = Rows::new(target.json);
    match Door::existing(&target.data)? {
        Door::Server(client) => loop {
            let since = since_ms.map(|since_ms| format!("&since_ms={since_ms}")).unwrap_or_default();
            let page = page(&client, wanted, &format!("after={after}&limit={PAGE}{since}")).await?;
            rows.show(&page.entries)?;
            if page.end {
                return Ok(());
            }
            after = page.next;
        },
        Door::Store(store) => {
            let zones = wanted.zone.as_deref().map(|zone| zone_spellings(&store, zone)).transpose()?;
            let filter = Filter {
                who: wanted.who.clone(),
                operation: wanted.operation.clone(),
                except: None,
                zones: zones
                    .filter(|zones| !zones.is_empty())
                    .unwrap_or_else(|| wanted.zone.clone().into_iter().collect()),
                only_changes: wanted.changes,
                only_refused: wanted.refused,
                since_ms,
            };
            let reader = AuditReader::new(&target.data);
            loop {
                let listed = reader.list(&filter, after, PAGE).context("cannot read the audit log")?;
                let entries: Vec<Value> =
                    listed.lines.iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>()?;
                rows.show(&entries)?;
                if listed.is_end {
                    return Ok(());
                }
                after = listed.next;
            }
        }
    }
}

async fn follow(target: &Target, wanted: &Wanted) -> anyhow::Result<()> {
    let client = Door::server(&target.data)?;
    let mut rows = Rows::new(target.json);
    let mut after = page(&client, wanted, "after=last&limit=1").await?.next;
    loop {
        let page = page(&client, wanted, &format!("after={after}&limit={PAGE}&wait={WAIT}")).await?;
        rows.show(&page.entries)?;
        after = page.next;
    }
}

async fn page(client: &Client, wanted: &Wanted, range: &str) -> anyhow::Result<Page> {
    let Wanted { who, operation, zone, changes, refused } = wanted;
    let mut path = format!("/v1/audit?{range}&changes={changes}&refused={refused}");
    for (key, value) in [("who", who), ("operation", operation), ("zone", zone)] {
        if let Some(value) = value {
            path += &format!("&{key}={}", encode(value));
        }
    }
    client.json(Method::GET, &path, None).await
}

fn prove(target: &Target, head: Option<&Head>) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(target.data.exists(), "no data folder at {}", target.data.display());
    let checked = verify(&target.data, head).context("cannot read the audit log")?;
    let is_good = checked.faults.is_empty();
    let head = checked.head.as_ref().map(ToString::to_string);
    if target.json {
        print::json(&serde_json::json!({
            "lines": checked.lines, "first": checked.first.map(|(seq, _)| seq), "head": head,
            "lost": checked.lost, "faults": checked.faults,
        }))?;
    } else {
        for fault in &checked.faults {
            println!("{fault}");
        }
        if checked.lost > 0 {
            println!("{} calls could not be written when they came", checked.lost);
        }
        match (checked.first, head) {
            (Some((seq, at_ms)), Some(head)) => {
                println!("{} lines from {seq} ({}) on; head {head}", checked.lines, api::utc(at_ms));
            }
            _ => println!("the audit log is empty"),
        }
        println!("{}", if is_good { "every line follows from the one before it" } else { "the audit log was changed" });
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Calls as JSON lines, or in columns wide enough for what is usual: they are shown as they come.
struct Rows {
    json: bool,
    begun: bool,
}

impl Rows {
    fn new(json: bool) -> Self {
        Self { json, begun: false }
    }

    fn show(&mut self, entries: &[Value]) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        for entry in entries {
            if self.json {
                writeln!(out, "{entry}")?;
                continue;
            }
            if !std::mem::replace(&mut self.begun, true) {
                writeln!(out, "{}", columns(["SEQ", "WHEN", "BY", "FROM", "STATUS", "OPERATION", "ABOUT"]))?;
            }
            writeln!(out, "{}", row(entry))?;
        }
        out.flush()?;
        Ok(())
    }
}

fn row(entry: &Value) -> String {
    let text = |key: &str| entry[key].as_str().unwrap_or_default();
    let number = |key: &str| entry[key].as_u64();
    let (seq, when) = (number("seq").unwrap_or_default().to_string(), api::utc(number("at_ms").unwrap_or_default()));
    if let Some(lost) = number("lost") {
        return columns([&seq, &when, "", "", "", "", &format!("{lost} calls could not be written")]);
    }
    let by = match text("name") {
        "" => text("by").to_owned(),
        name => format!("{} ({name})", text("by")),
    };
    let status = number("status").unwrap_or_default().to_string();
    let operation = if text("operation").is_empty() { text("path") } else { text("operation") };
    let mut about: Vec<String> =
        entry["resources"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    about.extend(Some(text("created")).filter(|path| !path.is_empty()).map(|path| format!("created {path}")));
    about.extend(number("revision").map(|revision| format!("revision {revision}")));
    about.extend(Some(text("code")).filter(|code| !code.is_empty()).map(str::to_owned));
    about.extend(Some(text("claimed")).filter(|key| !key.is_empty()).map(|key| format!("claimed {key}")));
    about.extend(number("repeated").map(|more| format!("and {more} more alike")));
    columns([&seq, &when, &by, text("client"), &status, operation, &about.join(", ")])
}

fn columns([seq, when, by, from, status, operation, about]: [&str; 7]) -> String {
    let line = format!("{seq:>8}  {when:24}  {by:28}  {from:21}  {status:6}  {operation:28}  {about}");
    // Callers choose what they name; a terminal is not to obey it.
    line.trim_end().chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.into() }).collect()
}
