//! `cutover zone`: hosted zones as master files (RFC 1035 §5), with the server up or down.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use control::history::StickinessChange;
use control::zone_import::{self, Into};
use hyper::Method;
use model::hosted_zone::Delegation;
use model::id::HostedZoneId;
use model::limits::Limits;
use model::{Name, Stickiness, zone_file};
use serde_json::{Value, json};

use super::zone_changes::{self, Paint};
use super::{Target, print, zone_history, zone_plan, zone_sticky};
use crate::client::encode;
use crate::door::{Door, meta, random, wait};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make a zone exactly what a file says, in one revision; the zone is created if it does not exist.
    Import {
        #[command(flatten)]
        target: Target,
        /// The zone's name; its id where several zones have the name.
        #[arg(required_unless_present = "list")]
        origin: Option<String>,
        /// The master file.
        #[arg(required_unless_present = "list")]
        file: Option<PathBuf>,
        /// Many zones: a file of lines `origin<TAB>path`; paths are relative to it.
        #[arg(long, value_name = "FILE", conflicts_with_all = ["origin", "file"])]
        list: Option<PathBuf>,
    },
    /// Print a zone as a file that imports to the same zone.
    Export {
        #[command(flatten)]
        target: Target,
        /// The zone's name or id.
        origin: String,
        /// Where to write; standard output if not given.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// As it was then: a revision, now~1, 10m (ago) or 2026-11-23T09:00Z; also if it was deleted since.
        #[arg(long, value_name = "WHEN")]
        at: Option<String>,
    },
    /// List zones.
    List {
        #[command(flatten)]
        target: Target,
    },
    /// Show who changed a zone, when and why, newest first.
    History(zone_history::History),
    /// Show what one revision did to a zone.
    Show(zone_history::Show),
    /// Show what differs between two revisions of a zone.
    Diff(zone_history::Diff),
    /// Show what a change batch, a zone file or octoDNS's YAML would change, and change nothing. Code 2: something would.
    Plan(zone_plan::Plan),
    /// Show or say which names give a client the same weighted record set again; Route 53 draws each query anew.
    Sticky(zone_sticky::Sticky),
    /// Make a zone again what it was, or take one revision back, as a new revision.
    Rollback(zone_history::Rollback),
}

impl Verb {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        wait(async move {
            match self {
                Self::Import { target, origin, file, list } => {
                    let zones = match (origin, file, list) {
                        (Some(origin), Some(file), None) => vec![(origin, file)],
                        (None, None, Some(list)) => read_list(&list)?,
                        _ => anyhow::bail!("name a zone and its file, or --list"),
                    };
                    import(&target, zones).await
                }
                Self::Export { target, origin, output, at } => {
                    export(&target, &origin, output.as_deref(), at.as_deref()).await
                }
                Self::List { target } => list(&target).await,
                Self::History(history) => history.run().await,
                Self::Show(show) => show.run().await,
                Self::Diff(diff) => diff.run().await,
                Self::Rollback(rollback) => rollback.run().await,
                Self::Plan(plan) => return plan.run().await,
                Self::Sticky(sticky) => sticky.run().await,
            }
            .map(|()| ExitCode::SUCCESS)
        })
    }
}

fn read_list(path: &Path) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the list {}", path.display()))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut zones = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Some((origin, file)) = line.split_once('\t') else {
            anyhow::bail!("{}:{}: not origin<TAB>path: {line}", path.display(), i + 1);
        };
        zones.push((origin.to_owned(), folder.join(file)));
    }
    Ok(zones)
}

/// Every file is read and checked before the first zone is changed.
async fn import(target: &Target, zones: Vec<(String, PathBuf)>) -> anyhow::Result<()> {
    let many = zones.len() > 1;
    let door = Door::open(&target.data)?;
    if many {
        let mut faults = Vec::new();
        for (origin, file) in &zones {
            if let Err(fault) = parse(&door, origin, file).await {
                faults.push(format!("{fault:#}"));
            }
        }
        anyhow::ensure!(faults.is_empty(), "nothing was imported\n{}", faults.join("\n"));
    }
    let mut imported = Vec::new();
    for (origin, file) in &zones {
        let (into, name, zone) = parse(&door, origin, file).await?;
        for warning in &zone.warnings {
            eprintln!("cutover: warning: {warning}");
        }
        let done = match &door {
            Door::Server(client) => {
                let mut text = Vec::new();
                zone_file::write_sticky(&name, zone.record_sets.iter(), zone.sticky.iter(), &mut text)?;
                let path = match into {
                    Into::Existing(id) => format!("/v1/zones/{id}"),
                    Into::Named(name) => format!("/v1/zones/{}", encode(&name.to_string())),
                };
                client.send(Method::PUT, &path, "text/dns", text).await?.success().and_then(|reply| reply.parse())
            }
            Door::Store(store) => {
                let (delegation, limits) = (Delegation::default(), Limits::default().without_quotas());
                zone_import::import(store, meta(), random(), into, zone, &delegation, &limits)
                    .await
                    .map(|done| self::imported(&done))
                    .map_err(anyhow::Error::from)
            }
        };
        let done: Value = done.with_context(|| {
            let before =
                if many { format!("; {} zones before it are imported", imported.len()) } else { String::new() };
            format!("{origin} was not imported{before}")
        })?;
        if !target.json {
            tell(target, &done)?;
        }
        imported.push(done);
    }
    match (target.json, many) {
        (false, _) => Ok(()),
        (true, false) => print::json(&imported.remove(0)),
        (true, true) => print::json(&json!({ "zones": imported })),
    }
}

/// What became of a zone that was written as a whole, in the words of `/v1`.
pub(super) fn imported(done: &zone_import::Imported) -> Value {
    let side = |side: Option<Stickiness>| {
        side.map(|set| json!({ "ipv4_prefix": set.ipv4_prefix(), "ipv6_prefix": set.ipv6_prefix() }))
    };
    let stickiness = done.stickiness.iter().map(|StickinessChange { name, before, after }| {
        json!({ "name": name.to_string(), "before": side(*before), "after": side(*after) })
    });
    let stickiness: Vec<Value> = stickiness.collect();
    json!({
        "id": done.zone.id.as_str(), "name": done.zone.name.to_string(),
        "record_sets": done.zone.record_set_count, "created": done.created,
        "put": done.put, "deleted": done.deleted, "stickiness": stickiness, "change": done.change.id.as_str(),
    })
}

/// Prints it.
pub(super) fn tell(target: &Target, done: &Value) -> anyhow::Result<()> {
    if target.json {
        return print::json(done);
    }
    let text = |field: &str| done[field].as_str().unwrap_or_default().to_owned();
    let (id, name, sets, put, deleted) =
        (text("id"), text("name"), &done["record_sets"], &done["put"], &done["deleted"]);
    println!("{id} {name}: {sets} record sets ({put} put, {deleted} deleted)");
    print!("{}", zone_changes::stickiness(&done["stickiness"], Paint::for_stdout()));
    Ok(())
}

async fn parse(door: &Door, origin: &str, file: &Path) -> anyhow::Result<(Into, Name, zone_file::ZoneFile)> {
    let (into, name) = match with_id(door, origin).await? {
        Some((id, name)) => (Into::Existing(id), name),
        None => {
            let name = Name::parse(origin).with_context(|| format!("not a zone name: {origin}"))?;
            (Into::Named(name.clone()), name)
        }
    };
    let zone = zone_file::read(&name, file).map_err(|faults| {
        anyhow::anyhow!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })?;
    Ok((into, name, zone))
}

/// The zone with this id, if there is one: a name of one label may look like an id.
async fn with_id(door: &Door, text: &str) -> anyhow::Result<Option<(HostedZoneId, Name)>> {
    let Ok(id) = HostedZoneId::parse(text) else { return Ok(None) };
    let path = format!("/v1/zones/{id}/history?limit=1");
    let reply = door.ask(Method::GET, &path, "application/json", Vec::new()).await?;
    let Ok(reply) = reply.success() else { return Ok(None) };
    let told: Value = reply.parse()?;
    let is_it = told["id"] == id.as_str() && told["is_deleted"] == false;
    is_it.then(|| Ok((id, Name::parse(told["name"].as_str().unwrap_or_default())?))).transpose()
}

async fn export(target: &Target, origin: &str, output: Option<&Path>, at: Option<&str>) -> anyhow::Result<()> {
    let at = at.map(|at| format!("?at={}", encode(at))).unwrap_or_default();
    let path = format!("/v1/zones/{}{at}", encode(origin));
    let door = Door::existing(&target.data)?;
    let text = door.ask(Method::GET, &path, "text/dns", Vec::new()).await?.success()?.body;
    if target.json {
        let origin = Name::parse(origin).map_or_else(|_| origin.to_owned(), |name| name.to_string());
        return print::json(&json!({ "name": origin, "zone_file": String::from_utf8_lossy(&text) }));
    }
    match output {
        Some(path) => std::fs::write(path, &text).with_context(|| format!("cannot write {}", path.display())),
        None => std::io::stdout().write_all(&text).context("cannot write to standard output"),
    }
}

async fn list(target: &Target) -> anyhow::Result<()> {
    let mut zones: Vec<Value> = Vec::new();
    let door = Door::existing(&target.data)?;
    let mut from = String::new();
    loop {
        let page = door.json(Method::GET, &format!("/v1/zones{from}"), None).await?;
        zones.extend(page["zones"].as_array().cloned().unwrap_or_default());
        let Some(next) = page["next"].as_str() else { break };
        from = format!("?from={}", encode(next));
    }
    if target.json {
        return print::json(&json!({ "zones": zones }));
    }
    let rows: Vec<Vec<String>> = zones
        .iter()
        .map(|zone| {
            let text = |field: &str| zone[field].as_str().unwrap_or_default().to_owned();
            vec![text("id"), text("name"), zone["record_sets"].to_string(), visible_to(zone)]
        })
        .collect();
    print!("{}", print::table(&["ID", "NAME", "RECORD SETS", "VISIBLE TO"], &rows));
    Ok(())
}

/// Everybody, or the VPCs of a private zone.
fn visible_to(zone: &Value) -> String {
    let vpcs: Vec<&str> = zone["vpcs"].as_array().into_iter().flatten().filter_map(|vpc| vpc["id"].as_str()).collect();
    if vpcs.is_empty() { "everybody".to_owned() } else { vpcs.join(", ") }
}
