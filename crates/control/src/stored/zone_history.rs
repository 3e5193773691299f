//! Rows of the index of a zone's history, version 1. See `v1` for the rules: never change a type here.

use model::id::ChangeId;
use serde::{Deserialize, Serialize};

use super::v1::{decode, encode};
use super::{Stored, StoredFault};
use crate::history::{ZoneChange, ZoneRevision};

#[derive(Serialize, Deserialize)]
struct ZoneRevisionV1<'a> {
    revision: u64,
    at_ms: u64,
    author: &'a str,
    change: ZoneChangeV1,
    comment: Option<&'a str>,
    change_id: Option<&'a str>,
    put: u64,
    deleted: u64,
    #[serde(borrow)]
    names: Option<Vec<&'a str>>,
}

#[derive(Serialize, Deserialize)]
enum ZoneChangeV1 {
    Created,
    RecordSets,
    Imported,
    RolledBack(u64),
    Undid(u64),
    Weights,
    Settings,
    Deleted,
    TrafficPolicy,
}

impl Stored for ZoneRevision {
    fn encode(&self) -> Vec<u8> {
        let Self { revision, at_ms, author, change, comment, change_id, put, deleted, names } = self;
        encode(&ZoneRevisionV1 {
            revision: *revision,
            at_ms: *at_ms,
            author,
            change: match *change {
                ZoneChange::Created => ZoneChangeV1::Created,
                ZoneChange::RecordSets => ZoneChangeV1::RecordSets,
                ZoneChange::Imported => ZoneChangeV1::Imported,
                ZoneChange::RolledBack { to } => ZoneChangeV1::RolledBack(to),
                ZoneChange::Undid { revision } => ZoneChangeV1::Undid(revision),
                ZoneChange::Weights => ZoneChangeV1::Weights,
                ZoneChange::Settings => ZoneChangeV1::Settings,
                ZoneChange::Deleted => ZoneChangeV1::Deleted,
                ZoneChange::TrafficPolicy => ZoneChangeV1::TrafficPolicy,
            },
            comment: comment.as_deref(),
            change_id: change_id.as_ref().map(ChangeId::as_str),
            put: *put,
            deleted: *deleted,
            names: names.as_ref().map(|names| names.iter().map(String::as_str).collect()),
        })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let ZoneRevisionV1 { revision, at_ms, author, change, comment, change_id, put, deleted, names } =
            decode(bytes)?;
        Ok(Self {
            revision,
            at_ms,
            author: author.to_owned(),
            change: match change {
                ZoneChangeV1::Created => ZoneChange::Created,
                ZoneChangeV1::RecordSets => ZoneChange::RecordSets,
                ZoneChangeV1::Imported => ZoneChange::Imported,
                ZoneChangeV1::RolledBack(to) => ZoneChange::RolledBack { to },
                ZoneChangeV1::Undid(revision) => ZoneChange::Undid { revision },
                ZoneChangeV1::Weights => ZoneChange::Weights,
                ZoneChangeV1::Settings => ZoneChange::Settings,
                ZoneChangeV1::Deleted => ZoneChange::Deleted,
                ZoneChangeV1::TrafficPolicy => ZoneChange::TrafficPolicy,
            },
            comment: comment.map(str::to_owned),
            change_id: change_id.map(ChangeId::parse).transpose().map_err(StoredFault::Id)?,
            put,
            deleted,
            names: names.map(|names| names.into_iter().map(str::to_owned).collect()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Golden bytes: if this fails, the form has changed: make a v2.
    #[test]
    fn a_revision_of_a_zone() {
        let revision = |change, names: Option<Vec<String>>| ZoneRevision {
            revision: 300,
            at_ms: 7,
            author: "me".to_owned(),
            change,
            comment: Some("why".to_owned()),
            change_id: Some(ChangeId::parse("C1").unwrap()),
            put: 1,
            deleted: 2,
            names,
        };
        let changes = [
            (ZoneChange::Created, "00"),
            (ZoneChange::RecordSets, "01"),
            (ZoneChange::Imported, "02"),
            (ZoneChange::RolledBack { to: 9 }, "0309"),
            (ZoneChange::Undid { revision: 9 }, "0409"),
            (ZoneChange::Weights, "05"),
            (ZoneChange::Settings, "06"),
            (ZoneChange::Deleted, "07"),
        ];
        for (change, number) in changes {
            let noun = revision(change, Some(vec!["com.ex.".to_owned()]));
            let hex: String = noun.encode().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, format!("01ac0207026d65{number}010377687901024331010201{}", "0107636f6d2e65782e"));
            assert_eq!(ZoneRevision::decode(&noun.encode()).unwrap(), noun);
        }
        let many = revision(ZoneChange::Imported, None);
        assert_eq!(ZoneRevision::decode(&many.encode()).unwrap(), many);
    }
}
