//! What is asked of a zone: owners, and names beside, below and above them, of every type, over every way.
//!
//! Before: [`crate::zone`]. After: the test asks all servers.

use std::fmt;

use world::exchange::Transport;
use world::query::{Opt, Query, wire_name};

use super::draw::Draw;
use super::zone::Zone;

/// A question as it is asked of all servers.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) name: String,
    pub(crate) record_type: String,
    pub(crate) query: Query,
    pub(crate) transport: Transport,
}

/// With the commoner ones more often. Transfers are left out: whom a server lets transfer is its owner's to say.
const TYPES: [&str; 52] = [
    "A",
    "A",
    "A",
    "A",
    "A",
    "A",
    "AAAA",
    "AAAA",
    "AAAA",
    "TXT",
    "TXT",
    "CNAME",
    "CNAME",
    "NS",
    "NS",
    "NS",
    "SOA",
    "SOA",
    "DS",
    "DS",
    "MX",
    "MX",
    "SRV",
    "PTR",
    "CAA",
    "DNAME",
    "DNAME",
    "HTTPS",
    "SVCB",
    "NAPTR",
    "SSHFP",
    "TLSA",
    "HINFO",
    "RP",
    "LOC",
    "DNSKEY",
    "RRSIG",
    "NSEC",
    "NSEC3PARAM",
    "CDS",
    "SPF",
    "URI",
    "NULL",
    "MAILB",
    "TYPE65400",
    "TYPE65401",
    "TYPE999",
    "TYPE200",
    "ANY",
    "ANY",
    "ANY",
    "KX",
];
const LABELS: [&str; 9] = ["a", "b", "www", "*", "missing", "ns1", "_tcp", "x\\.y", "\\000"];

/// `count` questions about a zone, the same in every run.
pub(crate) fn questions(zone: &Zone, count: usize, seed: u64) -> Vec<Question> {
    let mut draw = Draw(seed ^ 0x51_7c_c1_b7_27_22_0a_95);
    let mut questions = Vec::new();
    while questions.len() < count {
        let (name, held) = name(zone, &mut draw);
        if wire_name(&name).is_ok_and(|wire| wire.len() <= 255) {
            questions.push(Question::draw(name, held, &mut draw));
        }
    }
    questions
}

/// An absolute name, and the types known at or near it.
fn name<'z>(zone: &'z Zone, draw: &mut Draw) -> (String, &'z [String]) {
    let (owner, types) = &zone.owners[draw.below(zone.owners.len())];
    if !zone.also.is_empty() && draw.once_in(8) {
        return (zone.also[draw.below(zone.also.len())].clone(), types);
    }
    let join = |labels: &str| if owner == "." { format!("{labels}.") } else { format!("{labels}.{owner}") };
    let above = parent(owner).filter(|above| above.len() >= zone.origin.len());
    let name = match draw.below(16) {
        0..=5 => owner.clone(),
        6..=8 => join(draw.one(&LABELS)),
        9 => join(&format!("{}.{}", draw.one(&LABELS), draw.one(&LABELS))),
        10 => above.unwrap_or(owner).to_owned(),
        11 | 12 => match above {
            Some(".") => format!("{}.", draw.one(&LABELS)),
            Some(above) => format!("{}.{above}", draw.one(&LABELS)),
            None => join(draw.one(&LABELS)),
        },
        13 => join(&vec!["long".repeat(draw.below(15) + 1); 1 + draw.below(3)].join(".")),
        14 => zone.origin.clone(),
        _ => match draw.below(6) {
            0 => parent(&zone.origin).unwrap_or(".").to_owned(),
            1 => "www.elsewhere.example.".to_owned(),
            2 => format!("x{}", zone.origin),
            _ => format!("{}.{}", draw.one(&LABELS), zone.origin.trim_start_matches('.')),
        },
    };
    (name, types)
}

/// The name without its first label; nothing for the root.
fn parent(name: &str) -> Option<&str> {
    let mut escaped = false;
    let dot = name.char_indices().find(|&(_, character)| {
        let is_dot = character == '.' && !escaped;
        escaped = character == '\\' && !escaped;
        is_dot
    });
    let (at, _) = dot?;
    match &name[at + 1..] {
        "" if name == "." => None,
        "" => Some("."),
        above => Some(above),
    }
}

impl Question {
    fn draw(name: String, held: &[String], draw: &mut Draw) -> Self {
        let name = if draw.once_in(4) { mixed_case(&name, draw) } else { name };
        let record_type = match draw.below(held.len() + 3) {
            i if i < held.len() => held[i].clone(),
            _ => TYPES[draw.below(TYPES.len())].to_owned(),
        };
        let mut query = Query::new(&name, &record_type).unwrap();
        let payload = match draw.below(8) {
            0..=2 => None,
            3 => Some(512),
            4 => Some(4096),
            5 => Some([0, 100, 700, 1220, 1400, 65_535][draw.below(6)]),
            _ => Some(1232),
        };
        query.edns = payload.map(|payload| Opt { payload, dnssec_ok: draw.once_in(2), ..Opt::default() });
        query.recursion_desired = draw.once_in(2);
        query.checking_disabled = draw.once_in(12);
        let transport = if draw.once_in(3) { Transport::Tcp } else { Transport::Udp };
        Self { name, record_type, query, transport }
    }
}

/// Every other letter, or so, in the other case (0x20).
fn mixed_case(name: &str, draw: &mut Draw) -> String {
    name.chars().map(|c| if draw.once_in(2) { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect()
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", self.name, self.record_type, self.transport)?;
        for (set, name) in [(self.query.recursion_desired, " rd"), (self.query.checking_disabled, " cd")] {
            if set {
                f.write_str(name)?;
            }
        }
        match &self.query.edns {
            None => f.write_str(" no EDNS"),
            Some(opt) => write!(f, " EDNS {}{}", opt.payload, if opt.dnssec_ok { " do" } else { "" }),
        }
    }
}
