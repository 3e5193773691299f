//! Zones made from a seed: a tree of names in which whatever RFC 1034, 4592 and 6672 tell apart lies close together.
//!
//! Before: a number. After: [`crate::questions`]. Left out on purpose, because some of the servers refuse to load it: data
//! below a DNAME or beside a CNAME, NS at wildcards, unequal TTLs in a record set.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use world::query::wire_name;

use super::draw::Draw;
use super::rdata;
use super::zone::{Zone, absolute};

/// What a zone is mostly made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flavour {
    Mixed,
    Wildcards,
    Delegations,
    Chains,
    Types,
    Sizes,
    Reverse,
    Deep,
}

/// How many of [`generate`]'s zones there are before they repeat themselves in kind.
const FLAVOURS: [Flavour; 8] = [
    Flavour::Mixed,
    Flavour::Wildcards,
    Flavour::Delegations,
    Flavour::Chains,
    Flavour::Types,
    Flavour::Sizes,
    Flavour::Reverse,
    Flavour::Deep,
];
const LABELS: [&str; 16] =
    ["a", "b", "c", "a", "b", "www", "mail", "ns1", "ns2", "*", "*", "_sip", "_tcp", "x-1", "0", "MixedCase"];
const ODD_LABELS: [&str; 7] = ["odd\\.dot", "sp\\032ace", "at\\@sign", "nul\\000", "\\200\\255", "\\034q\\034", "*x"];
/// BIND takes 100.
const RECORDS_PER_SET_MAX: usize = 100;
const TTLS: [u32; 8] = [0, 1, 30, 60, 300, 3600, 86_400, 2_147_483_647];

/// The zone that a server of the root would have: in a run of its own, since every other zone lies below it.
pub(crate) fn root(seed: u64) -> Zone {
    Garden::new(".", Flavour::Delegations, Draw(seed)).grow().finish()
}

/// Zone `number` of a run.
pub(crate) fn generate(seed: u64, number: usize) -> Zone {
    let draw = Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (number as u64) << 8);
    let flavour = FLAVOURS[number % FLAVOURS.len()];
    let origin = match flavour {
        Flavour::Reverse if number % 16 < 8 => format!("{number}.2.0.192.in-addr.arpa."),
        Flavour::Reverse => format!("{:x}.{:x}.0.0.8.b.d.0.1.0.0.2.ip6.arpa.", number / 16, number % 16),
        Flavour::Deep => format!("{}.Zone{number}.test.", vec!["l".repeat(40); 1 + number % 3].join(".")),
        Flavour::Delegations => format!("tld{number}."),
        _ if number.is_multiple_of(5) => format!("Zone{number}.TEST."),
        _ => format!("zone{number}.test."),
    };
    Garden::new(&origin, flavour, draw).grow().finish()
}

/// A zone whose apex is a DNAME: all of it is elsewhere.
pub(crate) fn renamed(target: &str) -> Zone {
    let mut garden = Garden::new("renamed.test.", Flavour::Chains, Draw(1));
    garden.put("@", 60, "DNAME", target);
    garden.put("@", 60, "MX", "10 mail.elsewhere.example.");
    garden.finish()
}

/// A zone in the making.
struct Garden {
    origin: String,
    flavour: Flavour,
    draw: Draw,
    /// By relative owner, lower case, labels from the root on.
    names: BTreeMap<Vec<String>, (String, Vec<Written>)>,
}

/// A record's type, TTL and value.
type Written = (String, u32, String);

/// Labels from the root on, lower case; none for the apex.
fn key(owner: &str) -> Vec<String> {
    if owner == "@" {
        return Vec::new();
    }
    let mut labels = vec![String::new()];
    let mut characters = owner.chars();
    while let Some(character) = characters.next() {
        let last = labels.last_mut().unwrap();
        match character {
            '\\' => last.extend(std::iter::once('\\').chain(characters.next())),
            '.' => labels.push(String::new()),
            _ => last.push(character.to_ascii_lowercase()),
        }
    }
    labels.reverse();
    labels
}

impl Garden {
    fn new(origin: &str, flavour: Flavour, draw: Draw) -> Self {
        let mut garden = Self { origin: origin.to_owned(), flavour, draw, names: BTreeMap::new() };
        let (ttl, minimum) = (garden.ttl(), garden.ttl());
        garden.put(
            "@",
            ttl,
            "SOA",
            &format!("ns1.elsewhere.example. Host\\.master.elsewhere.example. 7 7200 900 1209600 {minimum}"),
        );
        let ttl = garden.ttl();
        garden.put("@", ttl, "NS", "ns1.elsewhere.example.");
        if origin == "." {
            // BIND wants to know the addresses of name servers that lie in the zone.
            garden.put("ns1.elsewhere.example", ttl, "A", "192.0.2.1");
        }
        garden
    }

    fn ttl(&mut self) -> u32 {
        TTLS[self.draw.below(TTLS.len())]
    }

    /// Whether the servers would load it.
    fn may_put(&self, owner: &str, record_type: &str) -> bool {
        let key = key(owner);
        let at = |key: &[String], record_type: &str| {
            self.names.get(key).is_some_and(|(_, records)| records.iter().any(|(of, ..)| of == record_type))
        };
        let has_below = || self.names.keys().any(|other| other.len() > key.len() && other.starts_with(&key));
        let here = self.names.get(&key).map_or(0, |(_, records)| records.len());
        let is_below_dname = (0..key.len()).any(|depth| at(&key[..depth], "DNAME"));
        !is_below_dname
            && is_short(&self.absolute(owner))
            && !at(&key, "CNAME")
            && match record_type {
                "CNAME" => here == 0 && !key.is_empty(),
                "DNAME" => !has_below() && !at(&key, "DNAME") && !at(&key, "NS"),
                "NS" => key.is_empty() || key.last().unwrap() != "*" && !at(&key, "DNAME"),
                "DS" => at(&key, "NS") && !key.is_empty(),
                _ => true,
            }
    }

    /// Adds a record if it may stand there; those of one name and type share the first one's TTL.
    fn put(&mut self, owner: &str, ttl: u32, record_type: &str, value: &str) -> bool {
        let is_name = ["NS", "CNAME", "DNAME"].contains(&record_type);
        if !self.may_put(owner, record_type) || is_name && !is_short(value) {
            return false;
        }
        let (_, records) = self.names.entry(key(owner)).or_insert_with(|| (owner.to_owned(), Vec::new()));
        let held = records.iter().filter(|(of, ..)| of == record_type).count();
        if held >= RECORDS_PER_SET_MAX {
            return false;
        }
        let ttl = records.iter().find(|(of, ..)| of == record_type).map_or(ttl, |(_, ttl, _)| *ttl);
        if !records.iter().any(|(of, _, other)| of == record_type && other.eq_ignore_ascii_case(value)) {
            records.push((record_type.to_owned(), ttl, value.to_owned()));
        }
        true
    }

    fn absolute(&self, owner: &str) -> String {
        absolute(owner, &self.origin)
    }

    /// A relative owner, new or known.
    fn owner(&mut self) -> String {
        let most = match self.flavour {
            Flavour::Reverse => 3,
            Flavour::Delegations => 2,
            Flavour::Deep => 6,
            _ => 4,
        };
        let depth = 1 + self.draw.below(most);
        let labels: Vec<String> = (0..depth).map(|place| self.label(place == 0)).collect();
        labels.join(".")
    }

    fn label(&mut self, is_first: bool) -> String {
        match self.flavour {
            Flavour::Reverse if !self.draw.once_in(8) => self.draw.below(12).to_string(),
            Flavour::Wildcards if is_first && self.draw.once_in(2) => "*".to_owned(),
            Flavour::Types if self.draw.once_in(3) => self.draw.one(&ODD_LABELS).to_owned(),
            Flavour::Deep if self.draw.once_in(2) => self.draw.one(&["d", "long"]).repeat(1 + self.draw.below(14)),
            Flavour::Delegations if self.draw.once_in(2) => format!("cut{}", self.draw.below(9)),
            _ => self.draw.one(&LABELS).to_owned(),
        }
    }

    /// A name to point at, absolute: mostly of this zone, existing or not.
    fn target(&mut self) -> String {
        let known: Vec<String> = self.names.values().map(|(owner, _)| owner.clone()).collect();
        let name = match self.draw.below(10) {
            0 => {
                return self
                    .draw
                    .one(&["www.elsewhere.example.", "elsewhere.example.", "*.elsewhere.example."])
                    .to_owned();
            }
            1 => self.owner(),
            2 | 3 => format!("{}.{}", self.draw.one(&["a", "b", "www", "*"]), known[self.draw.below(known.len())]),
            _ => known[self.draw.below(known.len())].clone(),
        };
        let name = self.absolute(name.trim_end_matches(".@"));
        if is_short(&name) { name } else { self.origin.clone() }
    }

    /// Whether one of the flavour's own rules is drawn: `often` in 12 for the flavour, `seldom` in 12 for others.
    fn is_for(&mut self, flavour: Flavour, often: usize, seldom: usize) -> bool {
        let chance = if self.flavour == flavour { often } else { seldom };
        self.draw.below(12) < chance
    }

    fn grow(mut self) -> Self {
        for record_type in ["MX", "TXT", "A", "CAA", "HTTPS"] {
            if self.draw.once_in(2) {
                self.data("@", record_type);
            }
        }
        let ttl = self.ttl();
        if self.put("ns1", ttl, "A", "192.0.2.1") {
            let origin = self.absolute("ns1");
            self.put("@", ttl, "NS", &origin);
        }
        for _ in 0..45 {
            let owner = self.owner();
            if self.is_for(Flavour::Delegations, 7, 1) {
                self.cut(&owner);
            } else if self.is_for(Flavour::Chains, 6, 2) {
                self.renaming(&owner);
            } else if self.is_for(Flavour::Sizes, 5, 0) {
                self.big(&owner);
            } else {
                for _ in 0..1 + self.draw.below(3) {
                    let record_type = if self.is_for(Flavour::Types, 11, 4) {
                        rdata::any_type(&mut self.draw)
                    } else {
                        self.draw.one(&["A", "A", "AAAA", "TXT", "MX", "SRV", "PTR"])
                    };
                    self.data(&owner, record_type);
                }
            }
        }
        self
    }

    fn data(&mut self, owner: &str, record_type: &str) {
        let ttl = self.ttl();
        for _ in 0..1 + self.draw.below(3) {
            let target = self.target();
            let value = rdata::value(record_type, &target, &mut self.draw);
            self.put(owner, ttl, record_type, &value);
        }
    }

    /// CNAME, DNAME, now and then a circle or a target so long that names below the owner do not fit.
    fn renaming(&mut self, owner: &str) {
        let (ttl, target) = (self.ttl(), self.target());
        match self.draw.below(10) {
            0 => {
                let to = self.absolute(owner);
                self.put(owner, ttl, "CNAME", &to);
            }
            1 => {
                let other = self.owner();
                let (to, back) = (self.absolute(&other), self.absolute(owner));
                let record_type = self.draw.one(&["CNAME", "DNAME"]);
                if self.put(owner, ttl, record_type, &to) {
                    self.put(&other, ttl, record_type, &back);
                }
            }
            2 => {
                let long = vec!["long".repeat(15); 3].join(".");
                self.put(owner, ttl, "DNAME", &format!("{long}.elsewhere.example."));
            }
            3 | 4 => {
                self.put(owner, ttl, "DNAME", &target);
            }
            _ => {
                self.put(owner, ttl, "CNAME", &target);
            }
        }
    }

    /// A delegation: name servers below it with or without addresses, beside it, in the zone, outside; a DS; data that
    /// the cut hides.
    fn cut(&mut self, owner: &str) {
        let ttl = self.ttl();
        let cuts: Vec<String> = self
            .names
            .iter()
            .filter(|(key, (_, records))| !key.is_empty() && records.iter().any(|(of, ..)| of == "NS"))
            .map(|(_, (owner, _))| owner.clone())
            .collect();
        for n in 0..1 + self.draw.below(4) {
            let server = match self.draw.below(8) {
                0..=3 => format!("ns{n}.{owner}"),
                4 if !cuts.is_empty() => format!("ns0.{}", cuts[self.draw.below(cuts.len())]),
                5 => "ns1".to_owned(),
                6 => owner.to_owned(),
                _ => {
                    self.put(owner, ttl, "NS", &format!("ns{n}.elsewhere.example."));
                    continue;
                }
            };
            let absolute = self.absolute(&server);
            if self.put(owner, ttl, "NS", &absolute) && server != "ns1" {
                let ttl = self.ttl();
                for record_type in ["A", "AAAA"] {
                    if !self.draw.once_in(4) {
                        self.data(&server, record_type);
                    }
                }
                if self.draw.once_in(12) {
                    self.put(&server, ttl, "TXT", "\"hidden by the cut\"");
                }
            }
        }
        if self.draw.once_in(2) {
            let value = rdata::value("DS", "", &mut self.draw);
            self.put(owner, ttl, "DS", &value);
        }
        if self.draw.once_in(3) {
            let hidden = if self.draw.once_in(2) { owner.to_owned() } else { format!("hidden.{owner}") };
            let record_type = self.draw.one(&["A", "TXT", "MX"]);
            self.data(&hidden, record_type);
        }
    }

    /// A record set that does not fit into a datagram, or just so.
    fn big(&mut self, owner: &str) {
        let (ttl, many) = (self.ttl(), 10 + self.draw.below(90));
        let record_type = self.draw.one(&["A", "AAAA", "TXT", "MX", "SRV"]);
        for _ in 0..many {
            let target = self.target();
            let value = rdata::value(record_type, &target, &mut self.draw);
            self.put(owner, ttl, record_type, &value);
        }
    }

    fn finish(self) -> Zone {
        let mut text = format!("$ORIGIN {}\n", self.origin);
        for (owner, records) in self.names.values() {
            for (record_type, ttl, value) in records {
                writeln!(text, "{owner} {ttl} IN {record_type} {value}").unwrap();
            }
        }
        Zone::read(&self.origin, text)
    }
}

/// Whether it is a name at all: at most 255 bytes.
fn is_short(name: &str) -> bool {
    wire_name(name).is_ok_and(|wire| wire.len() <= 255)
}
