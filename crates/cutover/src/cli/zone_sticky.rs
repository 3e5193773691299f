//! `cutover zone sticky`: which names answer the same client with the same weighted record set again, with the server up
//! or down.

use clap::Args;
use hyper::Method;
use serde_json::{Value, json};

use super::{Target, print};
use crate::client::encode;
use crate::door::Door;

/// Flags of `zone sticky`.
#[derive(Debug, Args)]
pub(crate) struct Sticky {
    #[command(flatten)]
    target: Target,
    /// The zone's name or id.
    zone: String,
    /// A name in it, such as `www` or `www.example.com`; `@` is the zone's own. Without one, all that are sticky are listed.
    name: Option<String>,
    /// Answer a client of the name with the same weighted record set again.
    #[arg(long, requires = "name", conflicts_with = "off")]
    on: bool,
    /// Draw each query anew, as Route 53 does.
    #[arg(long, requires = "name")]
    off: bool,
    /// How many bits of an IPv4 address tell clients apart: 8 to 32; 24 if not set before.
    #[arg(long, value_name = "BITS", requires = "name", conflicts_with = "off")]
    ipv4_prefix: Option<i64>,
    /// How many bits of an IPv6 address tell clients apart: 16 to 128; 56 if not set before.
    #[arg(long, value_name = "BITS", requires = "name", conflicts_with = "off")]
    ipv6_prefix: Option<i64>,
}

impl Sticky {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let door = Door::existing(&self.target.data)?;
        let path = format!("/v1/zones/{}/stickiness", encode(&self.zone));
        let of_name = |name: &str| format!("{path}/{}", encode(name));
        let told = match &self.name {
            Some(name) if self.off => door.json(Method::DELETE, &of_name(name), None).await?,
            Some(name) if self.on || self.ipv4_prefix.is_some() || self.ipv6_prefix.is_some() => {
                let mut lengths = json!({});
                let set = door.json(Method::GET, &path, None).await?;
                let before = find(&set, name).unwrap_or(&Value::Null);
                for (field, given) in [("ipv4_prefix", self.ipv4_prefix), ("ipv6_prefix", self.ipv6_prefix)] {
                    // What is not said stays.
                    if let Some(length) = given.or_else(|| before[field].as_i64()) {
                        lengths[field] = length.into();
                    }
                }
                door.json(Method::PUT, &of_name(name), Some(&lengths)).await?
            }
            Some(name) => {
                let set = door.json(Method::GET, &path, None).await?;
                let found = find(&set, name).cloned();
                let text = format!("the name is not sticky: {name}; make it so with --on");
                found.ok_or_else(|| anyhow::anyhow!(text))?
            }
            None => door.json(Method::GET, &path, None).await?,
        };
        if self.target.json {
            return print::json(&told);
        }
        if let Some(names) = told["stickiness"].as_array() {
            let rows: Vec<Vec<String>> = names.iter().map(row).collect();
            print!("{}", print::table(&["NAME", "IPV4", "IPV6"], &rows));
        } else if let Some(name) = told["deleted"].as_str() {
            println!("{name} is not sticky any more: each query is drawn");
        } else {
            let [name, ipv4, ipv6] = &row(&told)[..] else { unreachable!("a row has three cells") };
            println!("{name} is sticky: clients are told apart by {ipv4} of IPv4, {ipv6} of IPv6");
        }
        Ok(())
    }
}

/// The name, written whole or without the zone's own, among those of a listing.
fn find<'a>(listed: &'a Value, name: &str) -> Option<&'a Value> {
    let zone = listed["name"].as_str().unwrap_or_default();
    let parse = |text: &str| model::Name::parse(text).ok();
    let wanted = [parse(name), parse(&format!("{name}.{zone}")), parse(zone).filter(|_| name == "@")];
    let is_it =
        |listed: &&Value| wanted.contains(&listed["name"].as_str().and_then(parse)) && !listed["name"].is_null();
    listed["stickiness"].as_array()?.iter().find(is_it)
}

fn row(listed: &Value) -> Vec<String> {
    let name = listed["name"].as_str().unwrap_or_default().to_owned();
    vec![name, format!("/{}", listed["ipv4_prefix"]), format!("/{}", listed["ipv6_prefix"])]
}
