//! `cutover zone history`, `show`, `diff` and `rollback`: what became of a zone, and the ways back, with the server up or
//! down. What the API tells is shown by `zone_changes`.

use std::io::{IsTerminal as _, Write as _};

use clap::Args;
use hyper::Method;
use serde_json::{Value, json};

use super::zone_changes::{self, Paint};
use super::{Target, print};
use crate::client::encode;
use crate::door::Door;

/// Flags of `zone history`.
#[derive(Debug, Args)]
pub(crate) struct History {
    #[command(flatten)]
    target: Target,
    /// The zone's name or id; also of a zone deleted since.
    zone: String,
    /// How many revisions at most.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
    /// Only revisions before this one: the next page.
    #[arg(long, value_name = "REVISION")]
    before: Option<u64>,
    /// Only revisions that touched this name, such as `www` or `www.example.com`; `@` is the zone's own.
    #[arg(long)]
    name: Option<String>,
}

/// Flags of `zone show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    target: Target,
    /// The zone's name or id.
    zone: String,
    /// A revision that `history` lists, or now, now~1.
    #[arg(default_value = "now")]
    revision: String,
}

/// Flags of `zone diff`.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    #[command(flatten)]
    target: Target,
    /// The zone's name or id.
    zone: String,
    /// A revision, now~1, 10m (ago), or 2026-11-23T09:00Z.
    from: String,
    /// Another one.
    #[arg(default_value = "now")]
    to: String,
}

/// Flags of `zone rollback`.
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    #[command(flatten)]
    target: Target,
    /// The zone's name or id.
    zone: String,
    /// What it shall be again: a revision, now~1, 10m (ago), or 2026-11-23T09:00Z.
    #[arg(required_unless_present = "undo", value_name = "REVISION")]
    to: Option<String>,
    /// Take back only what this revision did, and leave what came after it.
    #[arg(long, value_name = "REVISION", conflicts_with = "to")]
    undo: Option<String>,
    /// Why; `rollback to revision N` if not given.
    #[arg(long)]
    comment: Option<String>,
    /// Show what would be changed, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
    /// Only if this is still the zone's newest revision.
    #[arg(long, value_name = "REVISION")]
    expect_revision: Option<u64>,
}

fn path(zone: &str, rest: &str) -> String {
    format!("/v1/zones/{}{rest}", encode(zone))
}

impl History {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let mut query = format!("/history?limit={}", self.limit);
        query.extend(self.before.map(|before| format!("&before={before}")));
        query.extend(self.name.map(|name| format!("&name={}", encode(&name))));
        let door = Door::existing(&self.target.data)?;
        let told = door.json(Method::GET, &path(&self.zone, &query), None).await?;
        if self.target.json {
            return print::json(&told);
        }
        if told["is_deleted"] == true {
            eprintln!("hosted zone {} {} is deleted", text(&told["id"]), text(&told["name"]));
        }
        let rows: Vec<Vec<String>> = told["revisions"].as_array().into_iter().flatten().map(row).collect();
        print!("{}", print::table(&["REVISION", "WHEN", "WHAT", "PUT", "DELETED", "BY", "COMMENT"], &rows));
        if let Some(next) = told["next"].as_u64() {
            eprintln!("older ones: --before {next}");
        }
        Ok(())
    }
}

fn row(revision: &Value) -> Vec<String> {
    let number = |field: &str| revision[field].as_u64().unwrap_or_default();
    vec![
        number("revision").to_string(),
        api::utc(number("at_ms")),
        zone_changes::what(revision),
        number("put").to_string(),
        number("deleted").to_string(),
        text(&revision["by"]),
        text(&revision["comment"]),
    ]
}

impl Show {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let door = Door::existing(&self.target.data)?;
        let path = path(&self.zone, &format!("/history/{}", encode(&self.revision)));
        let told = door.json(Method::GET, &path, None).await?;
        if self.target.json {
            return print::json(&told);
        }
        let when = api::utc(told["at_ms"].as_u64().unwrap_or_default());
        println!("revision {} {} {}", told["revision"], text(&told["zone"]["name"]), zone_changes::what(&told));
        println!("{when} by {}", text(&told["by"]));
        if let Some(comment) = told["comment"].as_str() {
            println!("{comment}");
        }
        let paint = Paint::for_stdout();
        let settings = zone_changes::settings(&told["settings"], paint);
        print!("{settings}");
        if settings.is_empty() || told["changes"].as_array().is_some_and(|changes| !changes.is_empty()) {
            print!("{}", zone_changes::text(&told["changes"], paint));
        }
        Ok(())
    }
}

impl Diff {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let door = Door::existing(&self.target.data)?;
        let query = format!("/diff?from={}&to={}", encode(&self.from), encode(&self.to));
        let told = door.json(Method::GET, &path(&self.zone, &query), None).await?;
        if self.target.json {
            return print::json(&told);
        }
        println!("{} revision {} → {}", text(&told["name"]), told["from"], told["to"]);
        print!("{}", zone_changes::all(&told, Paint::for_stdout()));
        Ok(())
    }
}

impl Rollback {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let door = Door::existing(&self.target.data)?;
        if !self.yes && !self.dry_run && !std::io::stdin().is_terminal() {
            anyhow::bail!("nobody to ask; say --yes, or --dry-run to look first");
        }
        let (path, mut order) = (path(&self.zone, "/rollback"), json!({ "expect_revision": self.expect_revision }));
        match (&self.to, &self.undo) {
            (_, Some(undo)) => order["undo"] = undo.as_str().into(),
            (to, None) => order["revision"] = to.as_deref().into(),
        }
        if !self.yes || self.dry_run {
            order["dry_run"] = true.into();
            let plan = door.json(Method::POST, &path, Some(&order)).await?;
            if self.dry_run && self.target.json {
                return print::json(&plan);
            }
            let faults: Vec<String> = plan["faults"].as_array().into_iter().flatten().map(text).collect();
            if !self.target.json {
                tell(&plan);
            }
            anyhow::ensure!(faults.is_empty(), "the rules of today forbid it:\n{}", faults.join("\n"));
            let is_same = |what: &str| plan[what].as_array().is_none_or(Vec::is_empty);
            if self.dry_run || (is_same("changes") && is_same("stickiness")) {
                return if self.target.json { print::json(&plan) } else { Ok(()) };
            }
            if !is_confirmed()? {
                anyhow::bail!("nothing was changed");
            }
            // What was shown is what is done, or nothing; and `now~1` must not move on while somebody thinks.
            order["expect_revision"] = plan["at"].clone();
            for field in ["revision", "undo"] {
                if let Some(number) = plan.get(field) {
                    order[field] = number.clone();
                }
            }
        }
        order["dry_run"] = false.into();
        order["comment"] = self.comment.as_deref().into();
        let done = door.json(Method::POST, &path, Some(&order)).await?;
        if self.target.json {
            return print::json(&done);
        }
        if self.yes {
            tell(&done);
        }
        if let Some(change) = done["change"].as_str() {
            println!("done: revision {}, change {change}", done["at"]);
        }
        Ok(())
    }
}

fn is_confirmed() -> anyhow::Result<bool> {
    eprint!("change this? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn tell(told: &Value) {
    let way = match told["undo"].as_u64() {
        Some(revision) => format!("without revision {revision}"),
        None => format!("as at revision {}", told["revision"]),
    };
    println!("{} {} {way}: {} put, {} deleted", text(&told["id"]), text(&told["name"]), told["put"], told["deleted"]);
    print!("{}", zone_changes::all(told, Paint::for_stdout()));
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
