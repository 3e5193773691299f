//! Where clients are, what was measured and which blocks there are: small tables that overlap at every edge, for
//! generated zones.

use std::sync::Arc;

use answer::{Health, LatencyRow, PlaceRow, Places, Snapshot, View};
use model::cidr::CidrCollection;
use model::id::{CidrCollectionId, CidrLocation, HealthCheckId, Region};
use model::place::{Continent, Country, Location};
use model::prefix::Prefix;

use crate::mmdb::{Form, Value, write};
use crate::reference::Asker;

/// The one collection.
pub const COLLECTION: &str = "c";

/// Its locations, and the default.
pub const BLOCKS: [&str; 4] = ["l0", "l1", "l2", "*"];

/// How many places [`location`] tells.
pub const LOCATIONS: usize = 8;

/// How many regions [`region`] tells.
pub const REGIONS: usize = 6;

/// Tables of which each bit of a number takes a row.
#[derive(Debug, Clone)]
pub struct Tables {
    places: Vec<PlaceRow>,
    databases: [Vec<PlaceRow>; 2],
    latencies: Vec<LatencyRow>,
    collections: Vec<CidrCollection>,
}

impl Tables {
    /// The tables with these rows; the highest bit takes the collection away.
    ///
    /// # Panics
    /// Never: the rows are good.
    #[must_use]
    pub fn of(rows: u32) -> Self {
        let mut bits = (0..32).map(|bit| rows & (1 << bit) != 0);
        let mut take = |text: &str| {
            if bits.next().expect("fewer than 32 rows") { format!("{text}\n") } else { String::new() }
        };
        let places = [
            "10.0.0.0/8,,US,CA,37.77,-122.42",
            "10.0.0.0/16,,DE,,52.52,13.40",
            "10.0.128.0/17,,FR,,48.86,2.35",
            "10.1.0.0/16,,JP,,35.68,139.69",
            "10.2.0.0/15,,BR,,-23.55,-46.63",
            "10.0.0.0/24,,CN,,39.9,116.41",
            "192.0.2.0/24,,US,,,",
            "0.0.0.0/0,EU,,,,",
            "2001:db8::/32,,DE,,52.52,13.40",
            "2001:db8:8000::/33,,US,CA,37.77,-122.42",
            "2001:db8:1::/48,,JP,,35.68,139.69",
        ]
        .map(&mut take)
        .concat();
        let latencies = [
            "10.0.0.0/16,us-east-1,1.5",
            "10.0.0.0/16,eu-central-1,200",
            "10.0.0.0/12,sa-east-1,3.5",
            "2001:db8:1:80::/57,us-east-1,7.5",
        ]
        .map(&mut take)
        .concat();
        let blocks = [
            ("10.0.0.0/16", "l0"),
            ("10.0.128.0/20", "l1"),
            ("10.1.0.0/16", "l1"),
            ("10.0.0.0/24", "l2"),
            ("192.0.0.0/12", "l0"),
            ("2001:db8:1::/48", "l1"),
            ("2001:db8::/36", "l2"),
        ];
        let blocks = blocks.into_iter().filter(|_| !take("").is_empty());
        let block = |(block, of): (&str, &str)| {
            (block.parse().expect("a block"), CidrLocation::parse(of).expect("a location's name"))
        };
        let collection = CidrCollection {
            id: CidrCollectionId::parse(COLLECTION).expect("a collection's id"),
            name: COLLECTION.to_owned(),
            caller_reference: String::new(),
            version: 1,
            blocks: blocks.map(block).collect(),
        };
        let header = "prefix,continent,country,subdivision,latitude,longitude\n";
        // A file and the default. Neighbours of one place, across prefixes and across the two, must count as one.
        let mut table = |rows: &[&str]| {
            let rows = rows.iter().map(|row| take(row)).collect::<String>();
            answer::read_places(&format!("{header}{rows}")).expect("good rows")
        };
        let file = table(&[
            "10.0.0.0/17,,DE,,,",
            "10.1.0.0/17,,FR,,,",
            "10.1.128.0/17,,FR,,,",
            "192.0.2.0/24,NA,US,CA,37.77,-122.42",
        ]);
        let default = table(&["10.0.0.0/15,,DE,,,", "10.2.0.0/15,,FR,,,", "10.4.0.0/14,,US,,,", "192.0.0.0/16,,US,,,"]);
        let latencies = format!("prefix,region,milliseconds\n{latencies}");
        Self {
            places: answer::read_places(&format!("{header}{places}")).expect("good rows"),
            databases: [file, default],
            latencies: answer::read_latencies(&latencies).expect("good rows"),
            collections: if rows & (1 << 31) == 0 { vec![collection] } else { Vec::new() },
        }
    }

    /// A client, for the slow answer.
    #[must_use]
    pub fn asker(&self, prefix: Prefix) -> Asker<'_> {
        let Self { places, databases, latencies, collections } = self;
        Asker { prefix, places, databases, latencies, collections }
    }

    /// What `answer` answers from.
    ///
    /// # Panics
    /// Never: the tables are good.
    #[must_use]
    pub fn view(&self, snapshot: &Snapshot, is_healthy: &dyn Fn(&HealthCheckId) -> bool) -> View {
        let mut edit = snapshot.edit();
        self.collections.iter().for_each(|collection| edit.put_cidr_collection(collection));
        let snapshot = edit.finish(snapshot.revision() + 1);
        let health = Health::compile(&snapshot, is_healthy);
        View { snapshot: snapshot.into(), health: health.into(), places: Arc::new(self.compiled()) }
    }

    /// What `answer` makes of the tables.
    ///
    /// # Panics
    /// Never: they are good.
    #[must_use]
    pub fn compiled(&self) -> Places {
        let [file, default] = &self.databases;
        // The default goes the way of the one in the binary, the file that of files.
        let small = |default: &answer::Database| answer::compact(default, 0).expect("a good database");
        let default = database(default).map(|default| answer::expand(&small(&default)).expect("what was made").0);
        let database = match (database(file), default) {
            (Some(file), Some(default)) => Some(file.over(&default)),
            (file, default) => file.or(default),
        };
        let tables = answer::Tables {
            rows: self.places.clone(),
            database: database.as_ref(),
            latencies: self.latencies.clone(),
            ..answer::Tables::default()
        };
        Places::of(tables).expect("good tables")
    }
}

/// Rows as a file in MaxMind's format, read; none without rows, since such a file says nothing.
fn database(rows: &[PlaceRow]) -> Option<answer::Database> {
    let text = |code: &str| Value::Text(code.to_owned().leak());
    let record = |row: &PlaceRow| {
        let mut fields = Vec::new();
        fields.extend(row.place.continent.map(|continent| ("continent_code", text(continent.code()))));
        fields.extend(row.place.country.map(|country| ("country_code", text(country.code()))));
        fields.extend(row.place.subdivision.map(|state| ("subdivision_code", text(state.code()))));
        if let Some(point) = row.place.point {
            fields.push(("latitude", Value::Real(f64::from(point.latitude) / 100.0)));
            fields.push(("longitude", Value::Real(f64::from(point.longitude) / 100.0)));
        }
        (row.prefix, Value::Map(fields))
    };
    let rows: Vec<(Prefix, Value)> = rows.iter().map(record).collect();
    (!rows.is_empty()).then(|| answer::read_mmdb(&write(Form::default(), &rows)).expect("a good file").0)
}

/// One of the regions; the last is nobody's.
///
/// # Panics
/// Never: they are good names.
#[must_use]
pub fn region(n: usize) -> Region {
    let names = ["us-east-1", "eu-central-1", "ap-northeast-1", "cn-north-1", "sa-east-1", "own-1"];
    Region::parse(names[n % REGIONS]).expect("a region's name")
}

/// One of the locations; the last is the default.
///
/// # Panics
/// Never: they are good codes.
#[must_use]
pub fn location(n: usize) -> Location {
    let country = |code: &str| code.parse().expect("a country's code");
    match n % LOCATIONS {
        0 => Location::Subdivision(Country::US, "CA".parse().expect("a state's code")),
        1 => Location::Country(Country::US),
        2 => Location::Country(country("DE")),
        3 => Location::Country(country("FR")),
        4 => Location::Continent(Continent::NorthAmerica),
        5 => Location::Continent(Continent::Europe),
        6 => Location::Continent(Continent::Asia),
        _ => Location::Default,
    }
}

/// One of the blocks' locations.
///
/// # Panics
/// Never: they are good names.
#[must_use]
pub fn block(n: usize) -> CidrLocation {
    CidrLocation::parse(BLOCKS[n % BLOCKS.len()]).expect("a location's name")
}
