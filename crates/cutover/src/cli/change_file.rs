//! A file that says what shall change: a change batch, a zone file, or octoDNS's YAML. For plans and simulations.

use std::collections::HashSet;
use std::path::Path;

use anyhow::Context as _;
use clap::ValueEnum;
use hyper::{Method, StatusCode};
use model::id::HostedZoneId;
use model::{Name, RecordSet, RecordType, zone_file};
use serde_json::Value;

use super::octodns;
use crate::client::encode;
use crate::door::Door;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
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
    /// By the name of the file.
    pub(super) fn of(path: &Path) -> Self {
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

/// A file as the API takes it.
pub(super) struct ChangeFile {
    /// Never octoDNS's: that has become a zone file.
    pub(super) format: Format,
    pub(super) text: Vec<u8>,
    /// Lines about what octoDNS's files hold that Cutover does not.
    pub(super) left: Vec<String>,
    /// Lines about what was read and has no effect.
    pub(super) remarks: Vec<String>,
}

impl ChangeFile {
    /// Reads a file about a zone.
    ///
    /// # Errors
    /// It cannot be read, or has faults, told with their places; or the zone does not exist.
    pub(super) async fn read(door: &Door, zone: &str, path: &Path, format: Option<Format>) -> anyhow::Result<Self> {
        let read = || std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
        let whole = |format, text| Self { format, text, left: Vec::new(), remarks: Vec::new() };
        Ok(match format.unwrap_or_else(|| Format::of(path)) {
            format @ (Format::Json | Format::Xml) => whole(format, read()?),
            Format::Zone => whole(Format::Zone, zone_text(door, zone, path).await?),
            Format::Octodns => octodns_text(door, zone, path).await?,
        })
    }
}

/// The zone that a name or an id means, or else the longest one around the name.
///
/// # Errors
/// There is none, or there are several.
pub(super) async fn zone_around(door: &Door, text: &str) -> anyhow::Result<String> {
    let mut next = Some(text.to_owned());
    while let Some(zone) = next {
        let path = format!("/v1/zones/{}/history?limit=1", encode(&zone));
        let reply = door.ask(Method::GET, &path, "application/json", Vec::new()).await?;
        let is_there = match reply.status {
            StatusCode::NOT_FOUND => false,
            _ => reply.success()?.parse::<Value>()?["is_deleted"] != true,
        };
        if is_there {
            return Ok(zone);
        }
        next = Name::parse(&zone)?.parent().map(|parent| parent.to_string());
    }
    anyhow::bail!("no hosted zone here holds this name: {text}")
}

/// The zone's name and id.
async fn about(door: &Door, zone: &str) -> anyhow::Result<(Name, HostedZoneId)> {
    let path = format!("/v1/zones/{}/history?limit=1", encode(zone));
    let told = door.json(Method::GET, &path, None).await?;
    let text = |field: &str| told[field].as_str().unwrap_or_default().to_owned();
    Ok((Name::parse(&text("name"))?, HostedZoneId::parse(&text("id"))?))
}

/// Read here, so that it may include other files, and faults name the file.
async fn zone_text(door: &Door, zone: &str, path: &Path) -> anyhow::Result<Vec<u8>> {
    let (name, _) = about(door, zone).await?;
    let zone = zone_file::read(&name, path).map_err(|faults| {
        anyhow::anyhow!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })?;
    let mut text = Vec::new();
    zone_file::write_sticky(&name, zone.record_sets.iter(), zone.sticky.iter(), &mut text)?;
    Ok(text)
}

/// What octoDNS does not manage, and what it says that has no counterpart, stays as it is stored.
async fn octodns_text(door: &Door, zone: &str, path: &Path) -> anyhow::Result<ChangeFile> {
    let (name, id) = about(door, zone).await?;
    let octo = octodns::read(&name, &id, path)?;
    let path = format!("/v1/zones/{id}?at=now");
    let stored = door.ask(Method::GET, &path, "text/dns", Vec::new()).await?.success()?.body;
    let stored = zone_file::read_from(&name, Path::new("stored"), std::io::Cursor::new(stored)).map_err(|faults| {
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
    let left = octo.left.into_iter().map(|left| left.why).collect();
    Ok(ChangeFile { format: Format::Zone, text, left, remarks: octo.remarks })
}

#[cfg(test)]
mod tests {
    use super::*;

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
