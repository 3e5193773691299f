//! Writes small files in MaxMind's DB format, version 2, straight from the specification: databases for tests, of any
//! layout, record size and family. Nothing of the product writes this format.

use std::collections::HashMap;
use std::net::IpAddr;

use model::prefix::Prefix;

/// A value of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// UTF-8.
    Text(&'static str),
    /// A double.
    Real(f64),
    /// Unsigned, 32 bits.
    Whole(u32),
    /// True or false.
    Flag(bool),
    /// Of pairs.
    Map(Vec<(&'static str, Value)>),
    /// Of values.
    Array(Vec<Value>),
}

/// How a file is written.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// Bits of a branch: 24, 28 or 32.
    pub branch_bits: u8,
    /// 4 or 6; in a tree of 6, IPv4 lies below `::/96`.
    pub ip_version: u8,
    /// Whether IPv4 is reached by `::ffff:0:0/96` and 6to4 too.
    pub aliases: bool,
}

impl Default for Form {
    fn default() -> Self {
        Self { branch_bits: 24, ip_version: 6, aliases: true }
    }
}

#[derive(Clone, Copy)]
enum Branch {
    Nothing,
    Node(usize),
    Record(usize),
}

/// A file in which each prefix has a record; a longer one in another hides it there.
///
/// # Panics
/// The file becomes too large for its branches, or a prefix is not of its family.
#[must_use]
pub fn write(form: Form, rows: &[(Prefix, Value)]) -> Vec<u8> {
    let mut data = Data::default();
    let mut nodes = vec![[Branch::Nothing; 2]];
    let mut sorted: Vec<&(Prefix, Value)> = rows.iter().collect();
    sorted.sort_by_key(|(prefix, _)| depth(form, prefix));
    let mut places: Vec<(&Value, usize)> = Vec::new();
    for (prefix, value) in sorted {
        let known = places.iter().find(|(other, _)| other == &value).map(|(_, at)| *at);
        let at = known.unwrap_or_else(|| {
            let at = data.0.len();
            data.value(value);
            places.push((value, at));
            at
        });
        put(&mut nodes, bits(form, prefix), depth(form, prefix), Branch::Record(at));
    }
    if form.aliases && form.ip_version == 6 {
        let ipv4 = at(&nodes, 0, 96);
        put(&mut nodes, 0xffff << 32, 96, ipv4);
        put(&mut nodes, 0x2002 << 112, 16, ipv4);
    }
    let count = nodes.len();
    let number = |branch: Branch| match branch {
        Branch::Node(node) => node,
        Branch::Nothing => count,
        Branch::Record(at) => count + 16 + at,
    };
    let mut file = Vec::new();
    for [left, right] in nodes.iter().map(|branches| branches.map(number)) {
        let [left, right] = [left, right].map(|to| u32::try_from(to).expect("a small file").to_be_bytes());
        match form.branch_bits {
            24 => file.extend([&left[1..], &right[1..]].concat()),
            28 => {
                let middle = left[0] << 4 | right[0];
                file.extend([&left[1..], &[middle], &right[1..]].concat());
            }
            _ => file.extend([left, right].concat()),
        }
    }
    file.extend([0; 16]);
    file.extend(data.0);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    let mut about = Data::default();
    about.value(&Value::Map(vec![
        ("node_count", Value::Whole(u32::try_from(count).expect("a small file"))),
        ("record_size", Value::Whole(form.branch_bits.into())),
        ("ip_version", Value::Whole(form.ip_version.into())),
        ("database_type", Value::Text("Test-City")),
        ("languages", Value::Array(vec![Value::Text("en")])),
        ("binary_format_major_version", Value::Whole(2)),
        ("binary_format_minor_version", Value::Whole(0)),
        ("build_epoch", Value::Whole(1_781_725_900)),
        ("description", Value::Map(vec![("en", Value::Text("written by a test"))])),
    ]));
    file.extend(about.0);
    file
}

fn depth(form: Form, prefix: &Prefix) -> u8 {
    let ipv4_in_ipv6 = form.ip_version == 6 && prefix.address().is_ipv4();
    prefix.length() + if ipv4_in_ipv6 { 96 } else { 0 }
}

/// The bits of an address, the first one at 2¹²⁷.
fn bits(form: Form, prefix: &Prefix) -> u128 {
    match prefix.address() {
        IpAddr::V4(v4) if form.ip_version == 6 => u32::from(v4).into(),
        IpAddr::V4(v4) => u128::from(u32::from(v4)) << 96,
        IpAddr::V6(v6) if form.ip_version == 6 => v6.into(),
        IpAddr::V6(_) => panic!("an IPv6 prefix in a tree of IPv4: {prefix}"),
    }
}

fn bit(bits: u128, depth: u8) -> usize {
    usize::from(bits >> (127 - depth) & 1 == 1)
}

/// Hangs a branch under the first `depth` bits; what hung there shorter goes on beside it.
fn put(nodes: &mut Vec<[Branch; 2]>, bits: u128, depth: u8, branch: Branch) {
    let mut node = 0;
    for level in 0..depth - 1 {
        let side = bit(bits, level);
        node = match nodes[node][side] {
            Branch::Node(next) => next,
            other => {
                nodes.push([other; 2]);
                let next = nodes.len() - 1;
                nodes[node][side] = Branch::Node(next);
                next
            }
        };
    }
    nodes[node][bit(bits, depth - 1)] = branch;
}

fn at(nodes: &[[Branch; 2]], bits: u128, depth: u8) -> Branch {
    let mut at = Branch::Node(0);
    for level in 0..depth {
        let Branch::Node(node) = at else { return at };
        at = nodes[node][bit(bits, level)];
    }
    at
}

/// The data section. A text that stands there already is pointed to.
#[derive(Default)]
struct Data(Vec<u8>);

impl Data {
    fn value(&mut self, value: &Value) {
        self.value_with(value, &mut HashMap::new());
    }

    fn value_with(&mut self, value: &Value, known: &mut HashMap<&'static str, usize>) {
        match value {
            Value::Text(text) => self.text(text, known),
            Value::Real(number) => {
                self.control(3, 8);
                self.0.extend(number.to_be_bytes());
            }
            Value::Whole(number) => {
                // As few octets as it needs, as writers do.
                let octets = number.to_be_bytes();
                let octets = &octets[usize::try_from(number.leading_zeros() / 8).expect("at most 4")..];
                self.control(6, octets.len());
                self.0.extend(octets);
            }
            Value::Flag(flag) => self.control(14, usize::from(*flag)),
            Value::Map(pairs) => {
                self.control(7, pairs.len());
                for (key, value) in pairs {
                    self.text(key, known);
                    self.value_with(value, known);
                }
            }
            Value::Array(values) => {
                self.control(11, values.len());
                values.iter().for_each(|value| self.value_with(value, known));
            }
        }
    }

    fn text(&mut self, text: &'static str, known: &mut HashMap<&'static str, usize>) {
        if let Some(at) = known.get(text).filter(|at| **at < 2048 && text.len() > 2) {
            self.0.extend([0x20 | u8::try_from(at >> 8).expect("three bits"), u8::try_from(at & 0xff).expect("eight")]);
            return;
        }
        known.insert(text, self.0.len());
        self.control(2, text.len());
        self.0.extend(text.as_bytes());
    }

    fn control(&mut self, kind: u8, size: usize) {
        let (short, more): (usize, Vec<u8>) = match size {
            0..29 => (size, Vec::new()),
            29..285 => (29, vec![u8::try_from(size - 29).expect("one octet")]),
            _ => (30, u16::try_from(size - 285).expect("two octets").to_be_bytes().into()),
        };
        let short = u8::try_from(short).expect("five bits");
        if kind < 8 {
            self.0.push(kind << 5 | short);
        } else {
            self.0.extend([short, kind - 7]);
        }
        self.0.extend(more);
    }
}
