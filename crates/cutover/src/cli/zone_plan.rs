//! `cutover zone plan`: what a change batch, a zone file or octoDNS's YAML would change, in record sets and in answers.
//! Nothing is written. Code 0: nothing would change; 2: something would; 1: it would be refused, or cannot be read.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use hyper::Method;
use model::id::HostedZoneId;
use model::{Name, RecordSet, RecordType, zone_file};
use serde_json::{Value, json};

use super::zone_changes::{self, Paint};
use super::{Target, octodns, print};
use crate::client::encode;
use crate::door::Door;

/// Something would change: the code of `terraform plan -detailed-exitcode`.
const CHANGES: u8 = 2;

/// Flags of `zone plan`.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    target: Target,
    /// The zone's name or id.
    zone: String,
    /// A change batch (.json as the AWS CLI takes it, .xml), octoDNS's YAML (.yaml, .yml, or a folder), or a zone file.
    file: PathBuf,
    /// What the file is, if its name does not tell.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The client that the answers are for.
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    from: IpAddr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A change batch as JSON.
    Json,
    /// A change batch as XML.
    Xml,
    /// octoDNS.
    Octodns,
    /// A master file.
    Zone,
}

impl Format {
    fn of(path: &Path) -> Self {
        if path.is_dir() {
            return Self::Octodns;
        }
        match path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("json") => Self::Json,
            Some("xml") => Self::Xml,
            Some("yaml" | "yml") => Self::Octodns,
            Some(_) | None => Self::Zone,
        }
    }
}

impl Plan {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let door = Door::existing(&self.target.data)?;
        let mut told_apart = (Vec::new(), Vec::new());
        let read = || std::fs::read(&self.file).with_context(|| format!("cannot read {}", self.file.display()));
        let (kind, body) = match self.format.unwrap_or_else(|| Format::of(&self.file)) {
            Format::Json => ("application/json", read()?),
            Format::Xml => ("application/xml", read()?),
            Format::Zone => ("text/dns", self.zone_file(&door).await?),
            Format::Octodns => ("text/dns", self.octodns(&door, &mut told_apart).await?),
        };
        let path = format!("/v1/zones/{}/plan?from={}", encode(&self.zone), self.from);
        let mut plan: Value = door.ask(Method::POST, &path, kind, body).await?.success()?.parse()?;
        let (left, remarks) = told_apart;
        plan["not_planned"] = json!(left);
        plan["remarks"] = json!(remarks);
        if self.target.json {
            print::json(&plan)?;
        } else {
            print!("{}", text(&plan, Paint::for_stdout()));
        }
        let is_same = is_same(&plan);
        Ok(if is_same { ExitCode::SUCCESS } else { ExitCode::from(CHANGES) })
    }

    /// The zone's name and id.
    async fn about(&self, door: &Door) -> anyhow::Result<(Name, HostedZoneId)> {
        let path = format!("/v1/zones/{}/history?limit=1", encode(&self.zone));
        let told = door.json(Method::GET, &path, None).await?;
        let text = |field: &str| told[field].as_str().unwrap_or_default().to_owned();
        Ok((Name::parse(&text("name"))?, HostedZoneId::parse(&text("id"))?))
    }

    /// Read here, so that it may include other files, and faults name the file.
    async fn zone_file(&self, door: &Door) -> anyhow::Result<Vec<u8>> {
        let (name, _) = self.about(door).await?;
        let zone = zone_file::read(&name, &self.file).map_err(|faults| {
            anyhow::anyhow!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        })?;
        let mut text = Vec::new();
        zone_file::write_sticky(&name, zone.record_sets.iter(), zone.sticky.iter(), &mut text)?;
        Ok(text)
    }

    /// What octoDNS does not manage, and what it says that has no counterpart, stays as it is stored.
    async fn octodns(&self, door: &Door, told: &mut (Vec<String>, Vec<String>)) -> anyhow::Result<Vec<u8>> {
        let (name, id) = self.about(door).await?;
        let octo = octodns::read(&name, &id, &self.file)?;
        let path = format!("/v1/zones/{id}?at=now");
        let stored = door.ask(Method::GET, &path, "text/dns", Vec::new()).await?.success()?.body;
        let stored =
            zone_file::read_from(&name, Path::new("stored"), std::io::Cursor::new(stored)).map_err(|faults| {
                anyhow::anyhow!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
            })?;
        let stays = |set: &RecordSet| {
            (set.name == name && matches!(set.record_type, RecordType::SOA | RecordType::NS))
                || octo.left.iter().any(|left| left.is_about(set))
        };
        let said: HashSet<(&Name, RecordType)> = octo.sets.iter().map(|set| (&set.name, set.record_type)).collect();
        let is_said = |set: &RecordSet| said.contains(&(&set.name, set.record_type));
        let kept = stored.record_sets.iter().filter(|set| stays(set) && !is_said(set));
        let sets: Vec<_> = kept.chain(&octo.sets).collect();
        let mut text = Vec::new();
        zone_file::write_sticky(&name, sets.into_iter(), stored.sticky.iter(), &mut text)?;
        *told = (octo.left.into_iter().map(|left| left.why).collect(), octo.remarks);
        Ok(text)
    }
}

/// Whether nothing would be written.
fn is_same(plan: &Value) -> bool {
    ["changes", "stickiness"].iter().all(|what| plan[what].as_array().is_none_or(Vec::is_empty))
}

/// The plan for people.
fn text(plan: &Value, paint: Paint) -> String {
    let mut out = String::new();
    let list = |field: &str| plan[field].as_array().cloned().unwrap_or_default();
    writeln!(out, "{} {} at revision {}", word(&plan["id"]), word(&plan["name"]), plan["at"])
        .expect("a string takes all");
    if is_same(plan) {
        out.push_str("nothing would change\n");
    } else {
        out.push_str("\nrecord sets\n");
        out.push_str(&zone_changes::all(plan, paint));
        out.push_str("\nanswers\n");
        let answers = list("answers");
        answers.iter().for_each(|answer| answered(answer, paint, &mut out));
        if answers.is_empty() {
            out.push_str("no answer would change\n");
        }
    }
    for (title, field) in [("warnings", "warnings"), ("not planned", "not_planned"), ("remarks", "remarks")] {
        let lines = list(field);
        if !lines.is_empty() {
            writeln!(out, "\n{title}").expect("a string takes all");
            lines.iter().for_each(|line| writeln!(out, "! {}", word(line)).expect("a string takes all"));
        }
    }
    out
}

fn answered(answer: &Value, paint: Paint, out: &mut String) {
    let held = match answer["held_seconds"].as_u64() {
        Some(seconds) if seconds > 0 => format!("  (held for up to {seconds} s)"),
        _ => String::new(),
    };
    writeln!(out, "{} {}{held}", word(&answer["name"]), word(&answer["type"])).expect("a string takes all");
    for (sign, side) in [('-', "before"), ('+', "after")] {
        for outcome in answer[side].as_array().into_iter().flatten() {
            let share = outcome["odds"].as_f64().unwrap_or_default() * 100.0;
            let via: String =
                outcome["via"].as_array().into_iter().flatten().map(|name| format!("{} → ", word(name))).collect();
            let what = word(&outcome["text"]);
            let ttl = outcome["ttl"].as_u64().map(|ttl| format!(" (TTL {ttl})")).unwrap_or_default();
            zone_changes::side(sign, &format!("    {sign} {share:>7.3} %  {via}{what}{ttl}"), paint, out);
        }
    }
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_tells_record_sets_answers_and_warnings() {
        let outcome = |share: f64, value: &str| json!({"odds": share, "via": ["a.x."], "text": value, "ttl": 60});
        let plan = json!({
            "id": "Z1", "name": "x.", "at": 7, "changes": [{"change": "removed", "name": "b.x.", "type": "A",
                "fields": [], "before": {"values": ["192.0.2.9"]}}],
            "answers": [{"name": "c.x.", "type": "A", "held_seconds": 60, "before": [outcome(1.0, "192.0.2.1")],
                "after": [outcome(0.05, "192.0.2.2"), {"odds": 0.95, "via": [], "text": "NXDOMAIN"}]}],
            "warnings": ["look out"], "not_planned": [], "remarks": [],
        });
        assert_eq!(
            text(&plan, Paint::Plain),
            "Z1 x. at revision 7\n\nrecord sets\n- b.x. A  192.0.2.9\n\nanswers\nc.x. A  (held for up to 60 s)\n    - 100.000 %  \
             a.x. → 192.0.2.1 (TTL 60)\n    +   5.000 %  a.x. → 192.0.2.2 (TTL 60)\n    +  95.000 %  NXDOMAIN\n\nwarnings\n\
             ! look out\n"
        );
    }

    #[test]
    fn the_name_of_a_file_tells_its_format() {
        for (path, format) in
            [("a.json", Format::Json), ("a.XML", Format::Xml), ("a.yml", Format::Octodns), ("db.a", Format::Zone)]
        {
            assert_eq!(Format::of(Path::new(path)), format);
        }
        assert_eq!(Format::of(Path::new("/")), Format::Octodns);
    }
}
