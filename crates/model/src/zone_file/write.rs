//! The way out: record sets as a master file that every name server reads, and that [`super::read`] reads back as the
//! same record sets.
//!
//! Names are absolute, so the file can be cut anywhere. What only Cutover understands stands in comments (see
//! [`super::lex`]); of several CNAMEs of one name only the first is visible to others, who would refuse a second.

use std::io::{self, Write};

use super::lex::{ALIAS, RECORD, REMARK, STICKY};
use super::remark::{push_attributes, push_stickiness, push_target};
use crate::rdata::{self, Dialect, RdataFault, names};
use crate::{Body, Name, RecordSet, RecordType, Stickiness};

/// Why a zone was not written, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum WriteFault {
    /// The receiver refused.
    #[error("cannot write the zone file")]
    Io(#[source] io::Error),
    /// A value that is none of its type, which no stored record set has.
    #[error("{name} {record_type} has a faulty value")]
    Value {
        /// The owner.
        name: Name,
        /// The type.
        record_type: RecordType,
        /// What is wrong with it.
        #[source]
        fault: RdataFault,
    },
}

/// Writes record sets as a master file: the SOA first, then in Route 53's listing order (name, type, set identifier).
///
/// # Errors
/// The receiver fails, or a value is not one of its type.
pub fn write<'a>(
    origin: &Name,
    record_sets: impl Iterator<Item = &'a RecordSet>,
    out: &mut impl Write,
) -> Result<(), WriteFault> {
    write_sticky(origin, record_sets, std::iter::empty(), out)
}

/// The same, with the names whose record sets are sticky at its end, in the order given.
///
/// # Errors
/// See [`write()`].
pub fn write_sticky<'a>(
    origin: &Name,
    record_sets: impl Iterator<Item = &'a RecordSet>,
    sticky: impl Iterator<Item = (&'a Name, &'a Stickiness)>,
    out: &mut impl Write,
) -> Result<(), WriteFault> {
    let mut sets: Vec<(String, &RecordSet)> = record_sets.map(|set| (set.name.sort_key(), set)).collect();
    let soa = |set: &RecordSet| set.record_type != RecordType::SOA;
    sets.sort_by(|(a_key, a), (b_key, b)| {
        (soa(a).cmp(&soa(b)).then_with(|| a_key.cmp(b_key)))
            .then_with(|| a.record_type.to_string().cmp(&b.record_type.to_string()))
            .then_with(|| a.set_identifier().cmp(&b.set_identifier()))
    });
    let mut line = String::new();
    push_name(origin, &mut line);
    line = format!("; zone {line}, exported by cutover; comments that begin with \"cutover\" are read back\n");
    let mut before: Option<&RecordSet> = None;
    for (_, set) in sets {
        let visible = before.is_none_or(|before| {
            before.name != set.name
                || before.record_type != set.record_type
                || !matches!(set.record_type, RecordType::CNAME | RecordType::DNAME | RecordType::SOA)
        });
        match &set.body {
            Body::Alias(target) => {
                line.push_str(ALIAS);
                push_name(&set.name, &mut line);
                line.extend([" ", &set.record_type.to_string()]);
                push_target(target, &mut line);
                push_attributes(set, None, &mut line);
                line.push('\n');
            }
            // For people: a policy is not part of a zone file, and reading leaves the record sets of instances alone.
            Body::TrafficPolicy(record) => {
                line.push_str("; ");
                push_name(&set.name, &mut line);
                line.push_str(&format!(
                    " {} is answered by the traffic policy instance {}\n",
                    set.record_type, record.instance
                ));
            }
            Body::Records { ttl, values } => {
                for value in values {
                    if !visible {
                        line.push_str(RECORD);
                    }
                    push_name(&set.name, &mut line);
                    line.push_str(&format!(" {} IN {} ", ttl.seconds(), set.record_type));
                    push_value(set, value, &mut line)?;
                    line.push('\n');
                }
                before = Some(set);
            }
        }
        // The receiver need not be buffered.
        if line.len() > 1 << 16 {
            out.write_all(line.as_bytes()).map_err(WriteFault::Io)?;
            line.clear();
        }
    }
    for (name, set) in sticky {
        line.push_str(STICKY);
        push_name(name, &mut line);
        push_stickiness(*set, &mut line);
        line.push('\n');
    }
    out.write_all(line.as_bytes()).map_err(WriteFault::Io)?;
    out.flush().map_err(WriteFault::Io)
}

/// RDATA, and what of its record set only a comment can say.
fn push_value(set: &RecordSet, value: &str, line: &mut String) -> Result<(), WriteFault> {
    let fault = |fault| WriteFault::Value { name: set.name.clone(), record_type: set.record_type, fault };
    let wire = rdata::wire(set.record_type, value).map_err(fault)?;
    rdata::show(set.record_type, &wire, dialect(), line);
    let written = Some(value).filter(|value| rdata::text(set.record_type, &wire) != *value);
    let before = line.len();
    push_attributes(set, written, line);
    if line.len() > before {
        // The attributes bring the blank that ends the mark.
        line.insert_str(before, REMARK.trim_end());
        line.insert(before, ' ');
    }
    Ok(())
}

fn dialect() -> Dialect<'static> {
    Dialect::MasterFile { origin: b"\0" }
}

fn push_name(name: &Name, line: &mut String) {
    names::show(name.wire(), dialect(), line).expect("a Name is a name in wire format");
}
