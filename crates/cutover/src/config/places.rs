//! `[places]` and `[[region]]`: the files that say where clients are, and the user's own regions.
//!
//! What they mean together is [`crate::places`]'s; columns are told in `docs/route53/geolocation.md`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::id::Region;
use model::place::{OwnRegion, Point, Regions};
use model::vpc::VpcNetworks;
use serde::{Deserialize, Serialize};

use crate::places::{Sources, UPDATED};

/// `[places]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Table {
    /// CSV of prefixes and where they are; it counts before every database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<PathBuf>,
    /// CSV of prefixes and measured milliseconds to regions; without it distances stand for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) latencies: Option<PathBuf>,
    /// Databases in MaxMind's format, the most trusted first.
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) mmdb: Vec<PathBuf>,
    /// Whether the default database counts behind all of them: the data folder's, else the one in this binary.
    pub(crate) default: bool,
}

/// One `[[region]]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnRegionTable {
    /// Its name in record sets and tables of latencies.
    pub(crate) name: String,
    /// -90 to 90.
    pub(crate) latitude: f64,
    /// -180 to 180.
    pub(crate) longitude: f64,
}

impl Default for Table {
    fn default() -> Self {
        Self { file: None, latencies: None, mmdb: Vec::new(), default: true }
    }
}

impl Table {
    /// The files, with what they are read with.
    pub(crate) fn sources(&self, data: &Path, regions: Arc<Regions>, vpcs: Vec<VpcNetworks>) -> Sources {
        Sources {
            file: self.file.clone(),
            latencies: self.latencies.clone(),
            mmdb: self.mmdb.clone(),
            updated: self.default.then(|| data.join(UPDATED)),
            regions,
            vpcs,
        }
    }
}

/// AWS's regions and these.
///
/// # Errors
/// A name that is none or is taken, or coordinates that are none.
pub(crate) fn regions(tables: &[OwnRegionTable]) -> anyhow::Result<Regions> {
    let own = tables.iter().map(OwnRegionTable::parse).collect::<anyhow::Result<Vec<_>>>()?;
    Regions::with(own).map_err(|fault| anyhow::anyhow!("region: {fault}"))
}

impl OwnRegionTable {
    fn parse(&self) -> anyhow::Result<OwnRegion> {
        let name = Region::parse(&self.name).map_err(|fault| anyhow::anyhow!("region.name: {fault}"))?;
        let hundredths = |key: &str, degrees: f64, most: f64| {
            anyhow::ensure!(
                degrees.abs() <= most,
                "region.{key} of {} must be a number from -{most} to {most}: {degrees}",
                self.name
            );
            #[allow(clippy::cast_possible_truncation, reason = "at most 18000 in amount")]
            Ok((degrees * 100.0).round() as i16)
        };
        let latitude = hundredths("latitude", self.latitude, 90.0)?;
        let longitude = hundredths("longitude", self.longitude, 180.0)?;
        Ok(OwnRegion { name, point: Point { latitude, longitude } })
    }
}

/// A path, or a list of them.
fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a file, or a list of files")]
    enum Paths {
        One(PathBuf),
        Many(Vec<PathBuf>),
    }
    Ok(match Paths::deserialize(deserializer)? {
        Paths::One(path) => vec![path],
        Paths::Many(paths) => paths,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(table: &Table, folder: &Path) -> anyhow::Result<()> {
        table.sources(folder, Arc::default(), Vec::new()).compile().map(|_| ())
    }

    #[test]
    fn a_fault_in_a_file_is_told_with_its_place() {
        let folder = std::env::temp_dir().join(format!("cutover-places-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("places.csv");
        std::fs::write(&file, "prefix,country\n192.0.2.0/24,DE\n192.0.2.0/33,FR\n").unwrap();
        let table = Table { file: Some(file.clone()), ..Table::default() };
        let fault = compile(&table, &folder).unwrap_err().to_string();
        assert_eq!(fault, format!("{}:3:1: a prefix length is from 0 to 32: 192.0.2.0/33", file.display()));
        std::fs::write(&file, "prefix,country\n192.0.2.0/24,DE\n").unwrap();
        assert!(compile(&table, &folder).is_ok());
        let missing = Table { latencies: Some("no such file".into()), ..table.clone() };
        assert_eq!(compile(&missing, &folder).unwrap_err().to_string(), "cannot read places.latencies, no such file");
        let no_database = Table { mmdb: vec![file.clone()], ..table };
        assert_eq!(
            format!("{:#}", compile(&no_database, &folder).unwrap_err()),
            format!(
                "places.mmdb, {}: this is no MaxMind DB file, or it was cut off: it has no description at its end",
                file.display()
            )
        );
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn regions_are_read_and_faults_name_their_key() {
        let table = |name: &str, latitude, longitude| OwnRegionTable { name: name.to_owned(), latitude, longitude };
        let own = regions(&[table("paris", 48.857, 2.35)]).unwrap();
        let point = own.point(&Region::parse("paris").unwrap());
        assert_eq!(point, Some(Point { latitude: 4886, longitude: 235 }));
        for (table, fault) in [
            (table("", 0.0, 0.0), "region.name: region is empty"),
            (table("paris", 91.0, 0.0), "region.latitude of paris must be a number from -90 to 90: 91"),
            (table("paris", 0.0, f64::NAN), "region.longitude of paris must be a number from -180 to 180: NaN"),
            (
                table("eu-west-3", 0.0, 0.0),
                "region: this is a region of AWS, whose place is known; choose another name: eu-west-3",
            ),
        ] {
            assert_eq!(regions(&[table]).unwrap_err().to_string(), fault);
        }
    }
}
