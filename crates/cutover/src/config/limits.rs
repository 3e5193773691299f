//! `[limits]`: what customers may write, one row for each limit of `model::limits`.
//!
//! One table serves reading, checking and printing. It takes [`Limits`] apart by name, so that a limit without a key
//! does not compile.

use std::fmt;
use std::ops::RangeInclusive;

use model::limits::{Limits, RECORD_SETS_PER_GROUP_CEILING};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// The word for a quota that is none.
const UNLIMITED: &str = "unlimited";

/// The whole table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Table(pub(crate) Limits);

/// One limit and where it is kept.
struct Row<'l> {
    key: &'static str,
    place: Place<'l>,
}

enum Place<'l> {
    /// What may be unlimited.
    Quota(&'l mut Option<u64>),
    /// A bound on one request or record set, within a range.
    Bound(&'l mut usize, RangeInclusive<usize>),
}

fn rows(limits: &mut Limits) -> [Row<'_>; 20] {
    let Limits {
        hosted_zones_max,
        record_sets_per_zone_max,
        vpcs_per_zone_max,
        vpc_authorizations_per_zone_max,
        delegation_sets_max,
        zones_per_delegation_set_max,
        key_signing_keys_per_zone_max,
        health_checks_max,
        traffic_policies_max,
        versions_per_traffic_policy_max,
        traffic_policy_instances_max,
        cidr_collections_max,
        blocks_per_cidr_collection_max,
        cidr_change_blocks_max,
        batch_records_max,
        batch_value_chars_max,
        values_per_record_set_max,
        record_sets_per_group_max,
        geoproximity_per_group_max,
        alias_tree_names_max,
    } = limits;
    let quota = |key, place| Row { key, place: Place::Quota(place) };
    let bound = |key, place, range| Row { key, place: Place::Bound(place, range) };
    [
        quota("hosted_zones", hosted_zones_max),
        quota("record_sets_per_zone", record_sets_per_zone_max),
        quota("vpcs_per_zone", vpcs_per_zone_max),
        quota("vpc_authorizations_per_zone", vpc_authorizations_per_zone_max),
        quota("delegation_sets", delegation_sets_max),
        quota("zones_per_delegation_set", zones_per_delegation_set_max),
        quota("key_signing_keys_per_zone", key_signing_keys_per_zone_max),
        quota("health_checks", health_checks_max),
        quota("traffic_policies", traffic_policies_max),
        quota("versions_per_traffic_policy", versions_per_traffic_policy_max),
        quota("traffic_policy_instances", traffic_policy_instances_max),
        quota("cidr_collections", cidr_collections_max),
        quota("blocks_per_cidr_collection", blocks_per_cidr_collection_max),
        bound("cidr_change_blocks", cidr_change_blocks_max, 1..=100_000),
        // A batch is one transaction, and its body is bounded by api.limits.body_bytes beside these.
        bound("batch_records", batch_records_max, 1..=100_000),
        bound("batch_value_chars", batch_value_chars_max, 1..=10_000_000),
        bound("values_per_record_set", values_per_record_set_max, 1..=10_000),
        bound("record_sets_per_group", record_sets_per_group_max, 1..=RECORD_SETS_PER_GROUP_CEILING),
        bound("geoproximity_per_group", geoproximity_per_group_max, 1..=RECORD_SETS_PER_GROUP_CEILING),
        bound("alias_tree_names", alias_tree_names_max, 1..=1_000_000),
    ]
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Shown {
            Number(u64),
            Word(&'static str),
        }
        let mut limits = self.0.clone();
        serializer.collect_map(rows(&mut limits).into_iter().map(|row| {
            let shown = match row.place {
                Place::Quota(None) => Shown::Word(UNLIMITED),
                Place::Quota(&mut Some(most)) => Shown::Number(most),
                Place::Bound(most, _) => Shown::Number(*most as u64),
            };
            (row.key, shown)
        }))
    }
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Table;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of limits")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Table, A::Error> {
        let mut limits = Limits::default();
        while let Some(key) = map.next_key_seed(Key)? {
            let row = rows(&mut limits).into_iter().find(|row| row.key == key).expect("the key was found in the rows");
            map.next_value_seed(row)?;
        }
        Ok(Table(limits))
    }
}

/// A key that is in the table.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = &'static str;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<&'static str, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = &'static str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a limit")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<&'static str, E> {
        let mut limits = Limits::default();
        let known = rows(&mut limits).map(|row| row.key);
        known
            .iter()
            .copied()
            .find(|key| *key == text)
            .ok_or_else(|| E::custom(format_args!("unknown limit `{text}`, expected one of `{}`", known.join("`, `"))))
    }
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Row<'_> {
    fn wanted(&self) -> String {
        match &self.place {
            Place::Quota(_) => format!("limits.{} must be a number from 0, or \"{UNLIMITED}\"", self.key),
            Place::Bound(_, range) => {
                format!("limits.{} must be a number from {} to {}", self.key, range.start(), range.end())
            }
        }
    }
}

impl Visitor<'_> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.wanted())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        match u64::try_from(number) {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(E::custom(format_args!("{}: {number}", self.wanted()))),
        }
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        let wanted = self.wanted();
        match self.place {
            Place::Quota(most) => *most = Some(number),
            Place::Bound(most, range) => {
                *most = usize::try_from(number)
                    .ok()
                    .filter(|number| range.contains(number))
                    .ok_or_else(|| E::custom(format_args!("{wanted}: {number}")))?;
            }
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        let wanted = self.wanted();
        match self.place {
            Place::Quota(most) if text == UNLIMITED => *most = None,
            Place::Quota(_) | Place::Bound(..) => return Err(E::custom(format_args!("{wanted}: {text:?}"))),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::file;

    fn read(text: &str) -> Result<Limits, String> {
        let file = file::parse(text, "c.toml".as_ref()).map_err(|fault| fault.to_string())?;
        Ok(file.limits.0)
    }

    #[test]
    fn what_is_not_named_is_as_on_aws_and_what_is_printed_reads_the_same() {
        assert_eq!(read("").unwrap(), Limits::default());
        let text = "[limits]\nhosted_zones = \"unlimited\"\nrecord_sets_per_group = 128\nhealth_checks = 0\n";
        let limits = read(text).unwrap();
        assert_eq!((limits.hosted_zones_max, limits.health_checks_max), (None, Some(0)));
        assert_eq!((limits.record_sets_per_group_max, limits.delegation_sets_max), (128, Some(100)));
        let printed = format!("[limits]\n{}", toml::to_string(&Table(limits.clone())).unwrap());
        assert_eq!(read(&printed).unwrap(), limits, "{printed}");
    }

    #[test]
    fn a_wrong_value_is_told_with_place_key_and_range() {
        for (line, fault) in [
            (
                "record_sets_per_group = 129",
                "c.toml:2:25: limits.record_sets_per_group must be a number from 1 to 128: 129",
            ),
            (
                "record_sets_per_group = \"unlimited\"",
                "c.toml:2:25: limits.record_sets_per_group must be a number from 1",
            ),
            ("hosted_zones = -1", "c.toml:2:16: limits.hosted_zones must be a number from 0, or \"unlimited\": -1"),
            (
                "hosted_zones = \"many\"",
                "c.toml:2:16: limits.hosted_zones must be a number from 0, or \"unlimited\": \"many\"",
            ),
            (
                "hosted_zones = 1.5",
                "c.toml:2:16: invalid type: floating point `1.5`, expected limits.hosted_zones must",
            ),
            ("zones = 1", "c.toml:2:1: unknown limit `zones`, expected one of `hosted_zones`, "),
        ] {
            let told = read(&format!("[limits]\n{line}\n")).unwrap_err();
            assert!(told.starts_with(fault), "{told}");
        }
    }
}
