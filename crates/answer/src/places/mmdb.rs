//! A file in MaxMind's DB format (version 2) → a [`Database`].
//!
//! The layouts of countries and cities by MaxMind and DB-IP are read (`country.iso_code`, `location.latitude`), and flat
//! ones such as those of ip-location-db (`country_code`, `state1`, `latitude`); what else stands in a record is skipped.
//! `mmdb/record.rs` reads records, here is the tree of addresses.
//!
//! Files are not trusted: every offset is checked, and work and memory are bounded by the size of the file. In a tree of
//! IPv6 the IPv4 addresses are those below `::/96`; other ways to that part of the tree (`::ffff:0:0/96`, 6to4, Teredo)
//! are aliases of it, and left out. Source: the format's public specification.

mod record;

use std::collections::HashMap;

use super::database::{Database, Interned};
use crate::runs::{NONE, Runs};
use record::{Data, Value};

/// What stands before the description of the file.
const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";
/// So near its end the description is looked for, as the specification says.
const METADATA_BYTES_MAX: usize = 128 * 1024;
/// Zero octets between the tree and the records.
const SEPARATOR: usize = 16;
/// A tree visits each of its nodes once, aliases aside. One that shares parts may visit some again; one made to take for
/// ever ends here.
const VISITS_A_NODE: u64 = 4;

/// A value has an octet at least, and records share names by pointers. A file whose records all lead through the same
/// thousands of values ends here.
const VALUES_AN_OCTET: u64 = 4;

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mmdb {
    /// The database.
    pub kind: String,
    /// When it was built, in seconds since 1970; 0 if the file does not say.
    pub built: u64,
    /// Nodes of its tree.
    pub nodes: u32,
    /// 4 or 6.
    pub ip_version: u8,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MmdbFault {
    /// No description at the end: another format, or a file that was cut off.
    #[error("this is no MaxMind DB file, or it was cut off: it has no description at its end")]
    NoMetadata,
    /// The description lacks something, or says something else.
    #[error("the description of the file has no sound {0}")]
    Metadata(&'static str),
    /// A format of another time.
    #[error("the file has format version {0}; version 2 can be read")]
    Version(u64),
    /// The tree should be larger than the file.
    #[error("the file is shorter than its description says; download it again")]
    Short,
    /// The tree leads out of itself.
    #[error("node {node} of the tree leads to {to}, which is neither a node nor a record")]
    Leads {
        /// The node.
        node: u32,
        /// What stands there.
        to: u32,
    },
    /// The tree does not end after as many bits as an address has, or goes through a node again and again.
    #[error("the tree of addresses has circles or is deeper than an address is long: node {0}")]
    Circle(u32),
    /// A record that cannot be read.
    #[error("the record at octet {0} of the data cannot be read")]
    Record(usize),
    /// No record says where anything is.
    #[error(
        "no record of the file has a country, a continent or coordinates; fields looked for: country, country_code, continent, location, latitude"
    )]
    NoPlaces,
}

/// Reads a file.
///
/// # Errors
/// See [`MmdbFault`].
pub fn read_mmdb(file: &[u8]) -> Result<(Database, Mmdb), MmdbFault> {
    let (tree, about) = Tree::of(file)?;
    let visits = VISITS_A_NODE * u64::from(about.nodes) + 256;
    let values = VALUES_AN_OCTET * tree.data.0.len() as u64 + 65_536;
    let mut reading = Reading { tree: &tree, visits, values, known: HashMap::new(), places: Interned::default() };
    let (mut v4, mut v6) = (Runs::default(), Runs::default());
    let mut put_v4 = |address: u128, value| v4.push(u32::try_from(address).expect("32 bits were walked"), value);
    let root = Branch::Node(0);
    if about.ip_version == 4 {
        reading.walk(root, 32, None, &mut put_v4)?;
    } else {
        let ipv4 = tree.ipv4_root()?;
        reading.walk(ipv4, 32, None, &mut put_v4)?;
        reading.walk(root, 128, Some(ipv4), &mut |address, value| v6.push(address, value))?;
    }
    let places = reading.places.items;
    if places.is_empty() {
        return Err(MmdbFault::NoPlaces);
    }
    Ok((Database { places, v4, v6 }, about))
}

/// The tree of addresses and the records behind it.
struct Tree<'a> {
    nodes: &'a [u8],
    count: u32,
    /// Bits of a branch: 24, 28 or 32.
    branch_bits: u8,
    data: Data<'a>,
}

/// Where a bit of an address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Branch {
    Node(u32),
    /// A record at this octet of the data.
    Record(u32),
    Nothing,
}

impl<'a> Tree<'a> {
    fn of(file: &'a [u8]) -> Result<(Self, Mmdb), MmdbFault> {
        let end = &file[file.len().saturating_sub(METADATA_BYTES_MAX)..];
        let marker = end.windows(MARKER.len()).rposition(|window| window == MARKER).ok_or(MmdbFault::NoMetadata)?;
        let metadata = Data(&end[marker + MARKER.len()..]);
        let rest = &file[..file.len() - end.len() + marker];

        let mut fields = Metadata::default();
        let read = metadata.map(0, &mut |key, value| fields.take(key, &value));
        read.map_err(|_| MmdbFault::Metadata("map of fields"))?;
        let version = fields.version.ok_or(MmdbFault::Metadata("binary_format_major_version"))?;
        if version != 2 {
            return Err(MmdbFault::Version(version));
        }
        let count = fields.nodes.and_then(|count| u32::try_from(count).ok()).filter(|count| *count > 0);
        let count = count.ok_or(MmdbFault::Metadata("node_count"))?;
        let branch_bits = match fields.record_size {
            Some(24) => 24,
            Some(28) => 28,
            Some(32) => 32,
            _ => return Err(MmdbFault::Metadata("record_size, which is 24, 28 or 32")),
        };
        let ip_version = match fields.ip_version {
            Some(4) => 4,
            Some(6) => 6,
            _ => return Err(MmdbFault::Metadata("ip_version, which is 4 or 6")),
        };
        let length = u64::from(count) * u64::from(branch_bits) / 4;
        let length = usize::try_from(length).ok().filter(|length| length + SEPARATOR <= rest.len());
        let (nodes, data) = rest.split_at(length.ok_or(MmdbFault::Short)?);
        let tree = Self { nodes, count, branch_bits, data: Data(&data[SEPARATOR..]) };
        let about = Mmdb { kind: fields.kind, built: fields.built.unwrap_or(0), nodes: count, ip_version };
        Ok((tree, about))
    }

    /// The two ways from a node that is there.
    fn branches(&self, node: u32) -> Result<[Branch; 2], MmdbFault> {
        let size = usize::from(self.branch_bits) / 4;
        let octets = &self.nodes[node as usize * size..][..size];
        let [left, right] = match *octets {
            [a, b, c, d, e, f] => [[0, a, b, c], [0, d, e, f]],
            [a, b, c, middle, d, e, f] => [[middle >> 4, a, b, c], [middle & 0xf, d, e, f]],
            [a, b, c, d, e, f, g, h] => [[a, b, c, d], [e, f, g, h]],
            _ => unreachable!("a node has 6, 7 or 8 octets"),
        };
        let branch = |octets: [u8; 4]| {
            let to = u32::from_be_bytes(octets);
            let fault = MmdbFault::Leads { node, to };
            match to.checked_sub(self.count) {
                None => Ok(Branch::Node(to)),
                Some(0) => Ok(Branch::Nothing),
                Some(behind) => {
                    let at = behind.checked_sub(16).filter(|at| (*at as usize) < self.data.0.len());
                    at.map(Branch::Record).ok_or(fault)
                }
            }
        };
        Ok([branch(left)?, branch(right)?])
    }

    /// Where `::/96` leads; a record on the way there is not about IPv4.
    fn ipv4_root(&self) -> Result<Branch, MmdbFault> {
        let mut at = Branch::Node(0);
        for _ in 0..96 {
            match at {
                Branch::Node(node) => at = self.branches(node)?[0],
                Branch::Record(_) | Branch::Nothing => return Ok(Branch::Nothing),
            }
        }
        Ok(at)
    }
}

/// What the description says, as far as it is asked.
#[derive(Default)]
struct Metadata {
    version: Option<u64>,
    nodes: Option<u64>,
    record_size: Option<u64>,
    ip_version: Option<u64>,
    built: Option<u64>,
    kind: String,
}

impl Metadata {
    fn take(&mut self, key: &[u8], value: &Value<'_>) {
        match (key, value) {
            (b"binary_format_major_version", Value::Whole(n)) => self.version = Some(*n),
            (b"node_count", Value::Whole(n)) => self.nodes = Some(*n),
            (b"record_size", Value::Whole(n)) => self.record_size = Some(*n),
            (b"ip_version", Value::Whole(n)) => self.ip_version = Some(*n),
            (b"build_epoch", Value::Whole(n)) => self.built = Some(*n),
            (b"database_type", Value::Text(text)) => self.kind = String::from_utf8_lossy(text).into_owned(),
            _ => {}
        }
    }
}

/// A walk through the tree.
struct Reading<'a> {
    tree: &'a Tree<'a>,
    /// Nodes that may still be visited.
    visits: u64,
    /// Values that may still be looked at.
    values: u64,
    /// Records that were read, by where they are: their place, or `NONE`.
    known: HashMap<u32, u32>,
    places: Interned<super::Place>,
}

impl Reading<'_> {
    /// Tells from which address on which place is, in order. `bits` is the length of an address; nothing is below `alias`.
    fn walk(
        &mut self,
        root: Branch,
        bits: u8,
        alias: Option<Branch>,
        put: &mut impl FnMut(u128, u32),
    ) -> Result<(), MmdbFault> {
        let mut open = vec![(root, 0, 0u128)];
        while let Some((at, depth, address)) = open.pop() {
            let is_alias = depth > 0 && alias == Some(at);
            match at {
                Branch::Node(_) if is_alias => put(address, NONE),
                Branch::Nothing => put(address, NONE),
                Branch::Record(at) => {
                    let place = self.place(at)?;
                    put(address, place);
                }
                Branch::Node(node) => {
                    self.visits = self.visits.checked_sub(1).ok_or(MmdbFault::Circle(node))?;
                    if depth == bits {
                        return Err(MmdbFault::Circle(node));
                    }
                    let [left, right] = self.tree.branches(node)?;
                    open.push((right, depth + 1, address | 1 << (bits - depth - 1)));
                    open.push((left, depth + 1, address));
                }
            }
        }
        Ok(())
    }

    fn place(&mut self, at: u32) -> Result<u32, MmdbFault> {
        if let Some(known) = self.known.get(&at) {
            return Ok(*known);
        }
        let place = record::place(self.tree.data, at as usize, &mut self.values)?;
        let index = if place == super::Place::default() { NONE } else { self.places.index(place) };
        self.known.insert(at, index);
        Ok(index)
    }
}

#[cfg(test)]
mod tests;
