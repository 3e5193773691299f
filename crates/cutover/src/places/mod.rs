//! Where clients are: from the files that the configuration names to one compiled table.
//!
//! Of an address the user's table counts (`places.file`), else the first of the databases that knows it: those of
//! `places.mmdb` in their order, the one that `cutover places update` put into the data folder, the one in this binary
//! ([`embedded`]). [`unpack`] opens what databases come in; [`watch`] reads files anew while the server runs. What rows and
//! databases mean is [`answer`]'s.

pub(crate) mod embedded;
pub(crate) mod unpack;
pub(crate) mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use answer::{CsvFault, Database, LatencyRow, Mmdb, PlaceRow, Places, Tables};
use anyhow::Context as _;
use model::place::Regions;
use model::vpc::VpcNetworks;

/// The default database's name in the data folder.
pub(crate) const UPDATED: &str = "places.mmdb";
/// A larger file is not read: a database of all cities has 130 MB.
pub(crate) const FILE_BYTES_MAX: u64 = 1 << 30;

/// What the configuration says of places.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    /// `places.file`.
    pub(crate) file: Option<PathBuf>,
    /// `places.latencies`.
    pub(crate) latencies: Option<PathBuf>,
    /// `places.mmdb`.
    pub(crate) mmdb: Vec<PathBuf>,
    /// The data folder's database, if the default is not turned off.
    pub(crate) updated: Option<PathBuf>,
    /// All regions.
    pub(crate) regions: Arc<Regions>,
    /// The networks of VPCs.
    pub(crate) vpcs: Vec<VpcNetworks>,
}

/// What the files hold.
pub(crate) struct Loaded {
    pub(crate) rows: Vec<PlaceRow>,
    pub(crate) latencies: Vec<LatencyRow>,
    /// The first one that knows an address counts.
    pub(crate) databases: Vec<Source>,
}

/// A database and what it is.
pub(crate) struct Source {
    pub(crate) origin: Origin,
    pub(crate) database: Database,
    /// When it was built, in seconds since 1970; 0 if that is not known.
    pub(crate) built: u64,
}

/// Where a database is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// One of `places.mmdb`.
    Configured(PathBuf, Mmdb),
    /// The data folder's.
    Updated(PathBuf, Mmdb),
    /// This binary's.
    Embedded,
}

impl Sources {
    /// Every file that counts, whether it is there or not.
    pub(crate) fn files(&self) -> Vec<&Path> {
        let single = [&self.file, &self.latencies, &self.updated].into_iter().flatten();
        single.chain(&self.mmdb).map(PathBuf::as_path).collect()
    }

    /// Reads the files.
    ///
    /// # Errors
    /// A file that cannot be read, or a fault in it; of tables as file:line:column.
    pub(crate) fn load(&self) -> anyhow::Result<Loaded> {
        let rows = read(self.file.as_deref(), "places.file", answer::read_places)?;
        let latencies =
            read(self.latencies.as_deref(), "places.latencies", |text| answer::read_latencies_of(text, &self.regions))?;
        let mut databases = Vec::new();
        for path in &self.mmdb {
            let (database, about) = open(path).with_context(|| format!("places.mmdb, {}", path.display()))?;
            let built = about.built;
            databases.push(Source { origin: Origin::Configured(path.clone(), about), database, built });
        }
        if let Some(path) = &self.updated {
            databases.push(self.default_database(path)?);
        }
        Ok(Loaded { rows, latencies, databases })
    }

    /// Reads and compiles the files.
    ///
    /// # Errors
    /// As [`Self::load`], and rows that do not go together.
    pub(crate) fn compile(&self) -> anyhow::Result<(Arc<Places>, Told)> {
        let loaded = self.load()?;
        let mut built = Vec::new();
        for source in loaded.databases.iter().filter(|source| source.built > 0) {
            let name = source.origin.short();
            // A file may be named twice.
            if !built.iter().any(|(known, _)| *known == name) {
                built.push((name, source.built));
            }
        }
        Ok((Arc::new(self.compile_loaded(loaded)?), Told { built }))
    }

    /// Compiles what was read.
    ///
    /// # Errors
    /// Rows that do not go together.
    pub(crate) fn compile_loaded(&self, loaded: Loaded) -> anyhow::Result<Places> {
        let Loaded { rows, latencies, databases } = loaded;
        let database = databases.into_iter().map(|source| source.database).reduce(|above, below| above.over(&below));
        Ok(Places::of(Tables {
            rows,
            database: database.as_ref(),
            latencies,
            vpcs: &self.vpcs,
            regions: Arc::clone(&self.regions),
        })?)
    }

    fn default_database(&self, path: &Path) -> anyhow::Result<Source> {
        // One that is there and cannot be reached is a fault: another database must not count without a word.
        if !path.try_exists().with_context(|| format!("cannot look for {}", path.display()))? {
            let (database, built) = embedded::database();
            return Ok(Source { origin: Origin::Embedded, database, built });
        }
        let (database, about) = open(path).with_context(|| {
            format!("{}; `cutover places update` replaces it, without it the built-in database counts", path.display())
        })?;
        let (database, built) = (database.of_public_addresses(), about.built);
        Ok(Source { origin: Origin::Updated(path.to_owned(), about), database, built })
    }
}

impl Origin {
    /// Its name in `/metrics`: the file's, or `default` for that of the data folder and the one in its stead.
    fn short(&self) -> String {
        match self {
            Self::Configured(path, _) => path.display().to_string(),
            Self::Updated(..) | Self::Embedded => "default".to_owned(),
        }
    }
}

/// What is told of compiled places besides themselves.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// Each database by its [short name](Origin::short), the most trusted first, and when it was built, in seconds since
    /// 1970. One of which that is not known is left out.
    pub(crate) built: Vec<(String, u64)>,
}

/// Reads a database from a file, packed or not.
fn open(path: &Path) -> anyhow::Result<(Database, Mmdb)> {
    let bytes = unpack::read(path)?;
    Ok(answer::read_mmdb(&bytes)?)
}

fn read<T>(path: Option<&Path>, key: &str, rows: impl Fn(&str) -> Result<Vec<T>, CsvFault>) -> anyhow::Result<Vec<T>> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {key}, {}", path.display()))?;
    rows(&text).map_err(|fault| anyhow::anyhow!("{}:{fault}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(mmdb: Vec<PathBuf>, updated: PathBuf) -> Sources {
        let regions = Arc::default();
        Sources { file: None, latencies: None, mmdb, updated: Some(updated), regions, vpcs: Vec::new() }
    }

    #[test]
    fn it_is_told_of_each_database_when_it_was_built() {
        let seed = |name| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/mmdb").join(name);
        let (city, country) = (seed("city"), seed("country"));
        let sources = sources(vec![city.clone(), country.clone(), city.clone()], PathBuf::from("/no/such/folder/file"));
        let name = |path: PathBuf| path.display().to_string();
        let built = sources.compile().unwrap().1.built;
        let expected = [
            (name(city), 1_781_725_900),
            (name(country), 1_781_725_900),
            ("default".to_owned(), embedded::database().1),
        ];
        assert_eq!(built, expected);
    }

    #[test]
    fn a_default_database_that_cannot_be_reached_is_a_fault_and_one_that_is_missing_is_not() {
        let folder = std::env::temp_dir().join(format!("cutover-reached-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("file"), "").unwrap();
        let load = |name: &str| {
            let loaded = sources(Vec::new(), folder.join(name)).load();
            loaded.map(|loaded| loaded.databases[0].origin.clone()).map_err(|fault| fault.to_string())
        };
        assert_eq!(load("no-folder/places.mmdb"), Ok(Origin::Embedded));
        let path = folder.join("file/places.mmdb");
        assert_eq!(load("file/places.mmdb"), Err(format!("cannot look for {}", path.display())));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
