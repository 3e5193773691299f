//! Zones as octoDNS's YamlProvider writes them: `<zone>.yaml`, names without the zone's, one record or a list of them under
//! each. What octoDNS itself would send to Route 53 becomes record sets; what has no counterpart is told, and what is
//! stored under its name and type is left as it is.
//!
//! Before: `zone plan` was given a YAML file or a folder of them. After: the server compares. Left out on purpose:
//! octoDNS's own configuration, processors and other sources.

mod records;

use std::path::{Path, PathBuf};

use super::yaml;
use model::id::HostedZoneId;
use model::{Name, RecordSet, RecordType};

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct OctoZone {
    /// What Cutover can hold.
    pub(super) sets: Vec<RecordSet>,
    /// What it cannot: a name, a type, and a line for people. What is stored there is none of the plan's business.
    pub(super) left: Vec<Left>,
    /// What was read and has no effect.
    pub(super) remarks: Vec<String>,
}

/// A record that is not planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) name: Name,
    /// As the file says, upper case.
    pub(super) record_type: String,
    /// With its line.
    pub(super) why: String,
}

impl Left {
    /// Whether a stored record set is none of the plan's business because of this.
    pub(super) fn is_about(&self, set: &RecordSet) -> bool {
        let is_of_type = match self.record_type.as_str() {
            // Whatever else an alias of octoDNS becomes, it answers with addresses.
            "ALIAS" => matches!(set.record_type, RecordType::A | RecordType::AAAA),
            kind => RecordType::parse(kind).is_ok_and(|record_type| record_type == set.record_type),
        };
        set.name == self.name && is_of_type
    }
}

/// The file of a zone: itself, or the one of its name in a folder.
pub(super) fn file_of(zone: &Name, path: &Path) -> PathBuf {
    if !path.is_dir() {
        return path.to_owned();
    }
    let name = zone.to_string();
    // octoDNS writes `$` for the slash of RFC 2317 names, which no file name can hold.
    path.join(format!("{}.yaml", name.trim_end_matches('.').replace('/', "$").replace("\\057", "$")))
}

/// Reads the file of a zone.
///
/// # Errors
/// All faults of the file, each with its line.
pub(super) fn read(zone: &Name, id: &HostedZoneId, path: &Path) -> anyhow::Result<OctoZone> {
    use anyhow::Context as _;
    let path = file_of(zone, path);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    zone_of(zone, id, &text).map_err(|faults| {
        let lines: Vec<String> = faults
            .iter()
            .map(|fault| format!("{}:{}:{}: {}", path.display(), fault.line, fault.column, fault.text))
            .collect();
        anyhow::anyhow!("{}", lines.join("\n"))
    })
}

fn zone_of(zone: &Name, id: &HostedZoneId, text: &str) -> Result<OctoZone, Vec<yaml::Fault>> {
    let root = yaml::read(text).map_err(|fault| vec![fault])?;
    let mut octo = OctoZone::default();
    let Some(root) = root else { return Ok(octo) };
    let yaml::Value::Map(names) = &root.value else {
        return Err(vec![root.fault("a zone is a mapping of names to records")]);
    };
    let mut faults = Vec::new();
    for (label, node) in names {
        let owner = if label.is_empty() { Ok(zone.clone()) } else { Name::parse(&format!("{label}.{zone}")) };
        match owner {
            Ok(owner) => {
                for record in node.items() {
                    records::add(zone, id, &owner, record, &mut octo, &mut faults);
                }
            }
            Err(fault) => faults.push(node.fault(fault.to_string())),
        }
    }
    if faults.is_empty() { Ok(octo) } else { Err(faults) }
}

#[cfg(test)]
mod tests;
