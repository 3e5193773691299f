//! Who asks: the clients that a simulation counts, with their weights.
//!
//! Two sources are here: the world, one client for each country by its Internet users, and the user's CSV. Before: a table
//! of places, or a text. After: `simulate`. Left out on purpose: files, and query logs, whose format is not ours.

use std::collections::BTreeMap;

use model::place::{Country, internet_users};
use model::prefix::Prefix;
use model::{Name, RecordType};

use crate::places::{CsvFault, Places, read_rows};

/// Clients of one prefix, who are all answered alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// Where they ask from: an address, or what a resolver tells of one.
    pub client: Prefix,
    /// How much they count: users, queries, money; finite and above 0.
    pub weight: f64,
    /// The country that they stand for; none: whatever the places say.
    pub country: Option<Country>,
    /// What they ask for; none: whatever is asked.
    pub asked: Option<(Name, RecordType)>,
}

/// The clients that are counted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Population {
    /// In no order.
    pub cohorts: Vec<Cohort>,
    /// Countries that nobody can be counted for, since the places know no prefix of them; with their weights.
    pub absent: Vec<(Country, f64)>,
}

impl Population {
    /// One client for each country, weighted by Internet users in thousands. The client is an address of the country's
    /// largest IPv4 prefix, so that every policy sees it as in life; a large country with several regions of its own is
    /// one place here all the same.
    #[must_use]
    pub fn world(places: &Places) -> Self {
        let largest = places.largest_prefixes();
        let mut world = Self::default();
        for (country, thousands) in internet_users() {
            let weight = f64::from(thousands);
            match largest.get(&country) {
                None => world.absent.push((country, weight)),
                Some(prefix) => {
                    let client = Prefix::of(prefix.address());
                    world.cohorts.push(Cohort { client, weight, country: Some(country), asked: None });
                }
            }
        }
        world
    }

    /// Reads `client,weight,name,type` with named columns, of which only `client` must be there: an address or a prefix.
    /// A weight is 1 if it is not given; clients with a name and a type count only for that question.
    ///
    /// # Errors
    /// The first fault.
    pub fn read(text: &str) -> Result<Self, CsvFault> {
        let mut cohorts = Vec::new();
        read_rows(text, ["client", "weight", "name", "type"], 1, |_, row| {
            let client = row.read(0, client)?.ok_or_else(|| row.missing(0))?;
            let weight = row.read(1, weight)?.unwrap_or(1.0);
            let name = row.read(2, Name::parse)?;
            let record_type = row.read(3, RecordType::parse)?;
            let asked = match (name, record_type) {
                (Some(name), Some(record_type)) => Some((name, record_type)),
                (None, None) => None,
                (name, _) => return Err(row.missing(if name.is_none() { 2 } else { 3 })),
            };
            cohorts.push(Cohort { client, weight, country: None, asked });
            Ok(())
        })?;
        Ok(Self { cohorts, absent: Vec::new() })
    }

    /// The clients by what they ask for, found in one pass.
    #[must_use]
    pub fn by_question(&self) -> Asking<'_> {
        let (mut known, mut open) = (BTreeMap::<_, BTreeMap<_, Vec<_>>>::new(), Vec::new());
        for cohort in &self.cohorts {
            match &cohort.asked {
                Some((name, record_type)) => {
                    known.entry(name).or_default().entry(*record_type).or_default().push(cohort);
                }
                None => open.push(cohort),
            }
        }
        if open.is_empty() {
            open.extend(&self.cohorts);
        }
        Asking { known, open }
    }
}

/// Clients by question.
#[derive(Debug)]
pub struct Asking<'p> {
    known: BTreeMap<&'p Name, BTreeMap<RecordType, Vec<&'p Cohort>>>,
    /// Those who count for every other question.
    open: Vec<&'p Cohort>,
}

impl<'p> Asking<'p> {
    /// Those that count for a question: those of whom it is known that they ask it; else those of whom it is not known
    /// what they ask; else all.
    #[must_use]
    pub fn of(&self, name: &Name, record_type: RecordType) -> &[&'p Cohort] {
        self.known.get(name).and_then(|types| types.get(&record_type)).unwrap_or(&self.open)
    }
}

/// More than all queries of the world in a year.
const WEIGHT_MAX: f64 = 1e15;

/// An address, or a prefix.
fn client(text: &str) -> Result<Prefix, String> {
    if text.contains('/') {
        return text.parse::<Prefix>().map_err(|fault| fault.to_string());
    }
    let address = text.parse().map_err(|_| "a client is an address or a prefix, such as 192.0.2.7 or 192.0.2.0/24")?;
    Ok(Prefix::of(address))
}

fn weight(text: &str) -> Result<f64, &'static str> {
    // So that a hundred thousand of them still add up.
    let weight = text.parse::<f64>().ok().filter(|weight| *weight > 0.0 && *weight <= WEIGHT_MAX);
    weight.ok_or("a weight is a number above 0, at most 1e15")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::read_places;

    #[test]
    fn clients_are_read_with_and_without_weights() {
        let read = Population::read("client,weight\n192.0.2.7,2.5\n2001:db8::/32,\n").unwrap().cohorts;
        let told: Vec<String> = read.iter().map(|cohort| format!("{} {}", cohort.client, cohort.weight)).collect();
        assert_eq!(told, ["192.0.2.7/32 2.5", "2001:db8::/32 1"]);
        let read = Population::read("name,type,client\nwww.x.test,AAAA,192.0.2.0/24\n,,10.0.0.1\n").unwrap();
        let (name, other) = (Name::parse("www.x.test").unwrap(), Name::parse("x.test").unwrap());
        let asking = read.by_question();
        let of = |name, t| asking.of(name, t).iter().map(|cohort| cohort.client.to_string()).collect::<Vec<_>>();
        assert_eq!(of(&name, RecordType::AAAA), ["192.0.2.0/24"]);
        assert_eq!(of(&name, RecordType::A), ["10.0.0.1/32"]);
        assert_eq!(of(&other, RecordType::AAAA), ["10.0.0.1/32"]);
        let read = Population::read("name,type,client\nwww.x.test,AAAA,192.0.2.0/24\n").unwrap();
        assert_eq!(read.by_question().of(&other, RecordType::A).len(), 1, "better than nobody");
    }

    #[test]
    fn faults_are_told_at_line_and_column() {
        for (text, expected) in [
            ("client,weight\n192.0.2.0/24,0\n", "2:14: a weight is a number above 0, at most 1e15: 0"),
            ("client,weight\n192.0.2.0/24,many\n", "2:14: a weight is a number above 0, at most 1e15: many"),
            ("client,weight\n192.0.2.0/24,inf\n", "2:14: a weight is a number above 0, at most 1e15: inf"),
            (
                "weight,client\n1,shop\n",
                "2:3: a client is an address or a prefix, such as 192.0.2.7 or 192.0.2.0/24: shop",
            ),
            (
                "client\n192.0.2.7/24\n",
                "2:1: bits behind the prefix length are set; the network is 192.0.2.0/24: 192.0.2.7/24",
            ),
            ("client,weight\n,1\n", "2:1: a row needs a client: "),
            ("client,name\n10.0.0.1,x.test\n", "2:1: a row needs a type: "),
            ("192.0.2.0/24,5\n", "1:1: the first line names no column client: 192.0.2.0/24,5"),
        ] {
            assert_eq!(Population::read(text).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn the_world_is_what_the_places_know() {
        let rows = read_places("prefix,country\n192.0.2.0/24,DE\n198.51.100.0/25,AQ\n").unwrap();
        let world = Population::world(&Places::compile(rows, Vec::new(), &[]).unwrap());
        let told: Vec<String> = world.cohorts.iter().map(|cohort| cohort.client.to_string()).collect();
        assert_eq!((told, world.absent.len()), (vec!["192.0.2.0/32".to_owned()], internet_users().count() - 1));
    }
}
