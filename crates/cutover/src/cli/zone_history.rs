//! `cutover zone history` and `rollback`: what became of a zone, and the way back, with the server up or down.

use anyhow::Context as _;
use control::Store;
use control::history::{self, ZoneRevision};
use hyper::Method;
use model::Name;
use model::hosted_zone::HostedZone;
use model::limits::Limits;
use serde_json::{Value, json};

use super::{Target, print};
use crate::client::encode;
use crate::door::{Door, meta, random};

/// Lists the last revisions that changed the zone, the newest first.
pub(super) async fn list(target: &Target, origin: &str, limit: usize) -> anyhow::Result<()> {
    let name = Name::parse(origin).with_context(|| format!("not a zone name: {origin}"))?;
    let told: Value = match Door::existing(&target.data)? {
        Door::Server(client) => {
            let path = format!("/v1/zones/{}/history?limit={limit}", encode(&name.to_string()));
            client.json(Method::GET, &path, None).await?
        }
        Door::Store(store) => {
            let zone = named(&store, &name)?;
            let revisions = history::list(&store, &zone.id, limit)?;
            let revisions: Vec<Value> = revisions
                .iter()
                .map(|ZoneRevision { revision, at_ms, author, put, deleted }| {
                    json!({ "revision": revision, "at_ms": at_ms, "by": author, "put": put, "deleted": deleted })
                })
                .collect();
            json!({ "id": zone.id.as_str(), "revisions": revisions })
        }
    };
    if target.json {
        return print::json(&told);
    }
    let rows: Vec<Vec<String>> = told["revisions"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|revision| {
            let number = |field: &str| revision[field].as_u64().unwrap_or_default();
            let by = revision["by"].as_str().unwrap_or_default().to_owned();
            let counts = [number("put"), number("deleted")].map(|count| count.to_string());
            [vec![number("revision").to_string(), api::utc(number("at_ms"))], counts.to_vec(), vec![by]].concat()
        })
        .collect();
    print!("{}", print::table(&["REVISION", "WHEN", "PUT", "DELETED", "BY"], &rows));
    Ok(())
}

/// Makes the zone again what it was at a revision.
pub(super) async fn rollback(target: &Target, origin: &str, revision: u64) -> anyhow::Result<()> {
    let name = Name::parse(origin).with_context(|| format!("not a zone name: {origin}"))?;
    let done: Value = match Door::existing(&target.data)? {
        Door::Server(client) => {
            let path = format!("/v1/zones/{}/rollback", encode(&name.to_string()));
            client.json(Method::POST, &path, Some(&json!({ "revision": revision }))).await?
        }
        Door::Store(store) => {
            let zone = named(&store, &name)?;
            let limits = Limits::default().without_quotas();
            let done = history::rollback(&store, meta(), random(), &zone.id, revision, &limits).await?;
            super::zone::imported(&done)
        }
    };
    super::zone::tell(target, &done)
}

fn named(store: &Store, name: &Name) -> anyhow::Result<HostedZone> {
    let mut zones = control::hosted_zones::named(store, name)?;
    let zone = zones.pop().with_context(|| format!("no hosted zone has this name: {name}"))?;
    anyhow::ensure!(zones.is_empty(), "several hosted zones have this name: {name}");
    Ok(zone)
}
