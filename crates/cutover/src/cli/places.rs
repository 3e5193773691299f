//! `cutover places`: where clients are, by which prefix of which file, and how old the databases are.
//!
//! It reads the files that the configuration names, as the server does; no server need run.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use answer::{Place, Placed};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use model::place::Country;
use model::prefix::Prefix;
use serde_json::{Value, json};

use super::{places_update, print};
use crate::config::{Config, Flags};
use crate::places::{Loaded, Origin, Source, Sources, embedded};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Where an address is, who says so, and how far it is from each region.
    Show {
        /// The address of a client or resolver.
        address: IpAddr,
        /// How many regions to list, the nearest first.
        #[arg(long, value_name = "N", default_value_t = 10)]
        regions: usize,
        #[command(flatten)]
        configured: Configured,
    },
    /// The tables and databases in use, the most trusted first.
    Status {
        #[command(flatten)]
        configured: Configured,
    },
    /// Put a newer default database into the data folder; a running server uses it within seconds.
    Update(places_update::Update),
    /// Make the database that is built into the binary.
    #[command(hide = true)]
    Pack(places_update::Pack),
}

/// Where the configuration is.
#[derive(Debug, Args)]
pub(crate) struct Configured {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE", env = "CUTOVER_CONFIG")]
    config: Option<PathBuf>,
    /// Data folder [default: ./cutover-data].
    #[arg(long, value_name = "DIR", env = "CUTOVER_DATA")]
    data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

impl Configured {
    /// The configuration.
    ///
    /// # Errors
    /// See [`Flags::resolve`].
    pub(super) fn config(&self) -> anyhow::Result<Config> {
        Flags { config: self.config.clone(), data: self.data.clone(), ..Flags::default() }.resolve()
    }
}

impl Verb {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let (told, json, text) = match self {
            Self::Show { address, regions, configured } => {
                (show(&configured.config()?.place_sources()?, address, regions)?, configured.json, show_text as Text)
            }
            Self::Status { configured } => {
                (status(&configured.config()?.place_sources()?)?, configured.json, status_text as Text)
            }
            Self::Update(update) => return update.run(),
            Self::Pack(pack) => return pack.run(),
        };
        if json {
            print::json(&told)?;
        } else {
            print!("{}", text(&told));
        }
        Ok(ExitCode::SUCCESS)
    }
}

type Text = fn(&Value) -> String;

/// What counts for an address.
fn show(sources: &Sources, address: IpAddr, regions: usize) -> anyhow::Result<Value> {
    let loaded = sources.load()?;
    let client = Prefix::of(address);
    let by = said_by(sources, &loaded, client);
    let places = sources.compile_loaded(loaded)?;
    let (place, scope) = places.find(client);
    let regions: Vec<Value> = places
        .latencies_from(client)
        .into_iter()
        .take(regions)
        .map(|from| {
            json!({
                "region": from.region.to_string(),
                "kilometres": from.kilometres.map(f64::round),
                "milliseconds": from.milliseconds.map(|ms| (ms * 10.0).round() / 10.0),
                "measured": from.is_measured,
            })
        })
        .collect();
    Ok(json!({
        "address": client.address().to_string(),
        "place": place_json(&place),
        "by": by.map(|(prefix, source)| json!({"prefix": prefix.to_string(), "source": source})),
        "scope": scope,
        "regions": regions,
    }))
}

/// The prefix that an address has its place from, and whose it is.
fn said_by(sources: &Sources, loaded: &Loaded, client: Prefix) -> Option<(Prefix, String)> {
    let rows = loaded.rows.iter().filter(|row| row.prefix.contains(&client));
    if let Some(row) = rows.max_by_key(|row| row.prefix.length()) {
        let path = sources.file.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        return Some((row.prefix, format!("places.file, {path}")));
    }
    loaded.databases.iter().find_map(|source| {
        let Placed { place, prefix } = source.database.find(client.address());
        (place != Place::default()).then(|| (prefix, source.origin.to_string()))
    })
}

fn place_json(place: &Place) -> Value {
    let Place { continent, country, subdivision, point } = place;
    json!({
        "continent": continent.map(model::place::Continent::code),
        "country": country.map(|country| country.to_string()),
        "name": country.and_then(|country| Country::name(&country)),
        "subdivision": subdivision.map(|state| state.to_string()),
        "latitude": point.map(|point| f64::from(point.latitude) / 100.0),
        "longitude": point.map(|point| f64::from(point.longitude) / 100.0),
    })
}

fn show_text(told: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut out = String::new();
    let place = &told["place"];
    let address = word(&told["address"]);
    if told["by"].is_null() {
        writeln!(out, "{address}: nobody knows where; geolocation answers by the default location")
            .expect("a string takes all");
    } else {
        let mut parts = Vec::new();
        for key in ["subdivision", "country", "continent"] {
            match (key, place[key].as_str(), place["name"].as_str()) {
                (_, None, _) => {}
                ("country", Some(code), Some(name)) => parts.push(format!("country {code} ({name})")),
                (_, Some(code), _) => parts.push(format!("{key} {code}")),
            }
        }
        if let (Some(latitude), Some(longitude)) = (place["latitude"].as_f64(), place["longitude"].as_f64()) {
            parts.push(format!("at {latitude:.2}, {longitude:.2}"));
        }
        let parts = if parts.is_empty() { "a place of which nothing is known".to_owned() } else { parts.join(", ") };
        writeln!(out, "{address}: {parts}").expect("a string takes all");
        writeln!(out, "  by     {} of {}", word(&told["by"]["prefix"]), word(&told["by"]["source"]))
            .expect("a string takes all");
    }
    writeln!(out, "  scope  /{}: within it everybody has this place", told["scope"]).expect("a string takes all");
    let rows: Vec<Vec<String>> = told["regions"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|from| {
            let number = |key: &str| from[key].as_f64().map_or_else(|| "?".to_owned(), |number| number.to_string());
            let how = match (from["measured"].as_bool(), from["milliseconds"].is_null()) {
                (Some(true), _) => "measured",
                (_, true) => "unknown",
                _ => "estimated",
            };
            vec![word(&from["region"]), number("kilometres"), number("milliseconds"), how.to_owned()]
        })
        .collect();
    out.push_str(&print::table(&["region", "km", "ms", ""], &rows));
    out
}

/// What is in use.
fn status(sources: &Sources) -> anyhow::Result<Value> {
    let loaded = sources.load()?;
    let mut told = Vec::new();
    if let Some(path) = &sources.file {
        told.push(json!({"source": format!("places.file, {}", path.display()), "prefixes": loaded.rows.len()}));
    }
    told.extend(loaded.databases.iter().map(database_json));
    let latencies = sources
        .latencies
        .as_ref()
        .map(|path| json!({"source": format!("places.latencies, {}", path.display()), "rows": loaded.latencies.len()}));
    let regions = sources.regions.count();
    let places = sources.compile_loaded(loaded).context("the tables do not go together")?;
    Ok(json!({"places": told, "latencies": latencies, "regions": regions, "ranges": places.ranges()}))
}

fn database_json(source: &Source) -> Value {
    let (v4, v6) = source.database.runs();
    let places = source.database.places();
    let mut countries: Vec<Country> = places.iter().filter_map(|place| place.country).collect();
    countries.sort_unstable();
    countries.dedup();
    json!({
        "source": source.origin.to_string(),
        "built": (source.built > 0).then(|| api::utc(source.built.saturating_mul(1000))),
        "countries": countries.len(),
        "places": places.len(),
        "ipv4_ranges": v4,
        "ipv6_ranges": v6,
        "licence": (source.origin == Origin::Embedded).then_some(embedded::ATTRIBUTION),
    })
}

fn status_text(told: &Value) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    for source in told["places"].as_array().into_iter().flatten() {
        line(source["source"].as_str().unwrap_or_default().to_owned());
        if let Some(prefixes) = source["prefixes"].as_u64() {
            line(format!("  {prefixes} prefixes"));
            continue;
        }
        let built = source["built"].as_str().unwrap_or("at an unknown time");
        line(format!("  built {built}; {} countries, {} places", source["countries"], source["places"]));
        line(format!("  {} ranges of IPv4, {} of IPv6", source["ipv4_ranges"], source["ipv6_ranges"]));
        if let Some(licence) = source["licence"].as_str() {
            line(format!("  {licence}"));
        }
    }
    if let Some(latencies) = told["latencies"]["source"].as_str() {
        line(format!("{latencies}\n  {} rows", told["latencies"]["rows"]));
    }
    if told["places"].as_array().is_some_and(Vec::is_empty) {
        line("nothing says where clients are: places.default is false, and no file is named".to_owned());
    }
    line(format!("together {} ranges; {} regions", told["ranges"], told["regions"]));
    out
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Configured(path, about) => write!(f, "places.mmdb, {} ({})", path.display(), about.kind),
            Self::Updated(path, about) => write!(f, "the default database, {} ({})", path.display(), about.kind),
            Self::Embedded => {
                write!(f, "the default database, built in ({} {})", embedded::PACKAGE, embedded::VERSION)
            }
        }
    }
}
