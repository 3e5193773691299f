//! `cutover simulate`: who gets what before and after a change, for a population of clients. Nothing is written. Code 0:
//! nothing would change; 2: something would; 1: it would be refused, or cannot be read.

mod map;
mod picture;
pub(super) mod population;
mod text;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Map, Value, json};

use super::change_file::{self, ChangeFile, Format};
use super::zone_changes::Paint;
use super::zone_plan::CHANGES;
use super::{Target, print};
use crate::door::{Door, wait};

pub(super) use text::{clients, not_simulated, percent, who};

/// Flags of `simulate`.
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// A zone, by name or id: every answer of it that could change. Or a name in a zone.
    name: String,
    /// The type asked for; without it every type that the name has.
    #[arg(value_name = "TYPE")]
    record_type: Option<String>,
    /// The zone, if it is not the one around the name.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    #[command(flatten)]
    change: Change,
    /// Who asks: `world` (each country by its Internet users), a CSV file `client,weight`, or a query log.
    #[arg(long, default_value = "world", value_name = "world|FILE")]
    population: String,
    /// How many clients to tell one by one, of those that most moves of.
    #[arg(long, default_value_t = 0, value_name = "N")]
    clients: usize,
    /// Draw it as well, as SVG.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

/// What changes, all of it together. Without any of it: who gets what now.
#[derive(Debug, Args)]
struct Change {
    /// A change batch (.json, .xml), octoDNS's YAML (.yaml, .yml, or a folder), or a zone file.
    #[arg(long, value_name = "FILE")]
    change: Option<PathBuf>,
    /// What the file is, if its name does not tell.
    #[arg(long, value_enum, requires = "change")]
    format: Option<Format>,
    /// Other weights: --weights shop.example.com A blue=90,green=10
    #[arg(long, num_args = 3, value_names = ["NAME", "TYPE", "SET=WEIGHT"])]
    weights: Vec<String>,
    /// Another document for the traffic policy instance at a name.
    #[arg(long, num_args = 2, value_names = ["NAME", "FILE"])]
    traffic_policy: Vec<String>,
    /// A health check that goes down.
    #[arg(long, value_name = "CHECK")]
    down: Vec<String>,
    /// A health check that comes up.
    #[arg(long, value_name = "CHECK")]
    up: Vec<String>,
    /// A place that is lost, with the health checks of all record sets there: eu-west-1, country:DE, continent:EU.
    #[arg(long, value_name = "PLACE")]
    lose: Vec<String>,
}

impl Simulate {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        wait(async move {
            let door = Door::existing(&self.target.data)?;
            if let Some(folder) = self.svg.as_deref().and_then(Path::parent).filter(|folder| *folder != Path::new("")) {
                anyhow::ensure!(
                    folder.is_dir(),
                    "no folder for the picture; name another with --svg: {}",
                    folder.display()
                );
            }
            let zone = match &self.zone {
                Some(zone) => zone.clone(),
                // Only a file is read before the server says what it finds.
                None if self.change.change.is_none() => self.name.clone(),
                None => change_file::zone_around(&door, &self.name).await.context("name the zone with --zone")?,
            };
            let (change, remarks) = self.change.read(&door, &zone).await?;
            let mut body = json!({
                "name": self.name, "change": change, "population": population::read(&self.population)?,
                "clients": self.clients,
            });
            for (key, value) in [("zone", &self.zone), ("type", &self.record_type)] {
                if let Some(value) = value {
                    body[key] = json!(value);
                }
            }
            let mut simulation = ask(&door, &self.target.data, &body).await?;
            simulation["remarks"] = json!(remarks);
            simulation["population"]["of"] = json!(self.population);
            if let Some(path) = &self.svg {
                std::fs::write(path, picture::svg(&simulation))
                    .with_context(|| format!("cannot write {}", path.display()))?;
            }
            if self.target.json {
                print::json(&simulation)?;
            } else {
                print!("{}", text::whole(&simulation, Paint::for_stdout()));
            }
            Ok(if is_change(&simulation) { ExitCode::from(CHANGES) } else { ExitCode::SUCCESS })
        })
    }
}

impl Change {
    /// As the API takes it, and lines about what was left out.
    async fn read(&self, door: &Door, zone: &str) -> anyhow::Result<(Value, Vec<String>)> {
        let (mut whole, mut remarks) = (json!({}), Vec::new());
        if let Some(path) = &self.change {
            let file = ChangeFile::read(door, zone, path, self.format).await?;
            whole = change(file.format, &file.text).with_context(|| format!("cannot read {}", path.display()))?;
            remarks = [file.left, file.remarks].concat();
        }
        let weights = self.weights.chunks(3).map(|words| weights(&words[0], &words[1], &words[2]));
        let weights: Vec<Value> = weights.collect::<anyhow::Result<Vec<_>>>()?.concat();
        let mut policies = Vec::new();
        for words in self.traffic_policy.chunks(2) {
            let document = std::fs::read_to_string(&words[1]).with_context(|| format!("cannot read {}", words[1]))?;
            policies.push(json!({ "name": words[0], "document": document }));
        }
        let members = [
            ("weights", json!(weights)),
            ("traffic_policies", json!(policies)),
            ("down", json!(self.down)),
            ("up", json!(self.up)),
            ("lose", json!(self.lose)),
        ];
        members.into_iter().for_each(|(key, value)| whole[key] = value);
        Ok((whole, remarks))
    }
}

/// Asks for a simulation.
pub(super) async fn ask(door: &Door, folder: &Path, body: &Value) -> anyhow::Result<Value> {
    let mut simulation = door.json_placed(folder, "/v1/simulate", body).await?;
    if let (Door::Store(_), Some(warnings)) = (door, simulation["warnings"].as_array_mut()) {
        warnings.push(json!("no server runs on this folder: clients are placed by the default database alone"));
    }
    Ok(simulation)
}

/// A file as a member of the change that the API takes.
pub(super) fn change(format: Format, text: &[u8]) -> anyhow::Result<Value> {
    let mut change = Map::new();
    let words = || String::from_utf8(text.to_vec()).context("the file is not UTF-8");
    let (key, value) = match format {
        Format::Json => ("batch", serde_json::from_slice(text).context("the file is not JSON")?),
        Format::Xml => ("batch_xml", json!(words()?)),
        Format::Zone | Format::Octodns => ("zone_file", json!(words()?)),
    };
    change.insert(key.to_owned(), value);
    Ok(Value::Object(change))
}

/// `blue=90,green=10`.
fn weights(name: &str, record_type: &str, list: &str) -> anyhow::Result<Vec<Value>> {
    let one = |text: &str| {
        let split = text.rsplit_once('=').filter(|(set, _)| !set.is_empty());
        let (set, weight) = split.with_context(|| format!("weights are SET=WEIGHT,SET=WEIGHT: {text}"))?;
        let weight: u64 = weight.parse().ok().with_context(|| format!("a weight is 0 to 255: {weight}"))?;
        Ok(json!({ "name": name, "type": record_type, "set_identifier": set, "weight": weight }))
    };
    list.split(',').map(one).collect()
}

fn is_change(simulation: &Value) -> bool {
    let any = |field: &str| simulation[field].as_array().is_some_and(|list| !list.is_empty());
    let moves = |answer: &Value| answer["moved"].as_f64().is_some_and(|moved| moved > 0.0);
    any("changes")
        || any("stickiness")
        || any("health")
        || simulation["answers"].as_array().is_some_and(|all| all.iter().any(moves))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_read_set_by_set() {
        let read = weights("shop.x", "A", "blue=90,a=b=10").unwrap();
        assert_eq!((&read[0]["set_identifier"], &read[0]["weight"]), (&json!("blue"), &json!(90)));
        assert_eq!((&read[1]["set_identifier"], &read[1]["weight"]), (&json!("a=b"), &json!(10)));
        assert_eq!(weights("shop.x", "A", "blue").unwrap_err().to_string(), "weights are SET=WEIGHT,SET=WEIGHT: blue");
        assert_eq!(weights("shop.x", "A", "blue=-1").unwrap_err().to_string(), "a weight is 0 to 255: -1");
    }
}
