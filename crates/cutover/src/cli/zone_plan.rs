//! `cutover zone plan`: what a change batch, a zone file or octoDNS's YAML would change, in record sets and in answers.
//! Nothing is written. Code 0: nothing would change; 2: something would; 1: it would be refused, or cannot be read.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use hyper::Method;
use serde_json::{Value, json};

use super::change_file::{ChangeFile, Format};
use super::simulate::{self, population};
use super::zone_changes::{self, Paint};
use super::{Target, print};
use crate::client::encode;
use crate::door::Door;

/// Something would change: the code of `terraform plan -detailed-exitcode`.
pub(super) const CHANGES: u8 = 2;

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
    /// Who moves as well, of a population: `world` (each country by its Internet users), a CSV file `client,weight`, or a
    /// query log.
    #[arg(long, value_name = "world|FILE")]
    population: Option<String>,
}

impl Plan {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let door = Door::existing(&self.target.data)?;
        let population = self.population.as_deref().map(population::read).transpose()?;
        let ChangeFile { format, text, left, remarks } =
            ChangeFile::read(&door, &self.zone, &self.file, self.format).await?;
        let kind = match format {
            Format::Json => "application/json",
            Format::Xml => "application/xml",
            Format::Zone | Format::Octodns => "text/dns",
        };
        let change = simulate::change(format, &text)?;
        let path = format!("/v1/zones/{}/plan?from={}", encode(&self.zone), self.from);
        let mut plan: Value = door.ask(Method::POST, &path, kind, text).await?.success()?.parse()?;
        plan["not_planned"] = json!(left);
        plan["remarks"] = json!(remarks);
        if let Some(population) = population {
            let body = json!({ "zone": self.zone, "change": change, "population": population, "clients": 0 });
            let simulation = simulate::ask(&door, &self.target.data, &body).await?;
            let mut more: Vec<Value> = simulation["warnings"].as_array().cloned().unwrap_or_default();
            more.retain(|warning| plan["warnings"].as_array().is_none_or(|told| !told.contains(warning)));
            if simulation["at"] != plan["at"] {
                let at = &simulation["at"];
                more.push(json!(format!("the zone was changed meanwhile: clients are counted at revision {at}")));
            }
            plan["remarks"].as_array_mut().into_iter().for_each(|remarks| remarks.append(&mut more));
            plan["simulation"] = simulation;
        }
        let paint = Paint::for_stdout();
        if self.target.json {
            print::json(&plan)?;
        } else {
            print!("{}", text_of(&plan, paint));
        }
        let is_same = is_same(&plan);
        Ok(if is_same { ExitCode::SUCCESS } else { ExitCode::from(CHANGES) })
    }
}

/// Whether nothing would be written.
fn is_same(plan: &Value) -> bool {
    ["changes", "stickiness"].iter().all(|what| plan[what].as_array().is_none_or(Vec::is_empty))
}

/// The plan for people.
fn text_of(plan: &Value, paint: Paint) -> String {
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
    if !plan["simulation"].is_null() {
        out.push_str("\nclients\n");
        out.push_str(&simulate::clients(&plan["simulation"], paint));
    }
    for (title, field) in [("warnings", "warnings"), ("not planned", "not_planned"), ("remarks", "remarks")] {
        let mut lines = list(field);
        if field == "remarks" {
            lines.extend(simulate::not_simulated(&plan["simulation"]).map(Value::String));
        }
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
    fn a_plan_with_a_population_tells_what_a_simulation_tells() {
        let plan = json!({"id": "Z1", "name": "x.", "at": 7, "changes": [], "remarks": ["look out"], "simulation": {
            "health": [{"id": "c1", "healthy": false, "because": ["as asked"]}], "unchecked": ["b.x. A"], "answers": [],
            "population": {"clients": 2, "weight": 3.0, "not_simulated": [{"country": "FR", "weight": 1.0}]}}});
        assert_eq!(
            text_of(&plan, Paint::Plain),
            "Z1 x. at revision 7\nnothing would change\n\nclients\nhealth check c1 goes down: as asked\n\
             would still be answered, it has no health check: b.x. A\nno client would be answered otherwise\n\nremarks\n\
             ! look out\n! 1 countries are not simulated, for no prefix of them is known: 25.0 % of all users\n"
        );
    }

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
            text_of(&plan, Paint::Plain),
            "Z1 x. at revision 7\n\nrecord sets\n- b.x. A  192.0.2.9\n\nanswers\nc.x. A  (held for up to 60 s)\n    - 100.000 %  \
             a.x. → 192.0.2.1 (TTL 60)\n    +   5.000 %  a.x. → 192.0.2.2 (TTL 60)\n    +  95.000 %  NXDOMAIN\n\nwarnings\n\
             ! look out\n"
        );
    }
}
