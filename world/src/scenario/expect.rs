//! The reply that an `ask` or `packet` must get.

use super::Fault;
use super::zone::word;
use crate::reply::{Record, Reply};

/// Expected lines, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Expected {
    /// `None`: no reply at all.
    head: Option<(String, String)>,
    sections: [Section; 3],
    /// The text of the OPT; if none is given only its presence is checked.
    edns: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Section {
    Records(Vec<Pattern>),
    Count(usize),
}

/// A record, or one of whose RDATA nothing is said (`...`).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    record: Record,
    any: bool,
}

const SECTIONS: [&str; 3] = ["ANSWER", "AUTHORITY", "ADDITIONAL"];

impl Default for Section {
    fn default() -> Self {
        Self::Records(Vec::new())
    }
}

impl Expected {
    /// Reads the lines under a question.
    pub(super) fn read(lines: &[(usize, &str)]) -> Result<Self, Fault> {
        let mut expected = Self::default();
        let mut section = None;
        for &(line, text) in lines {
            let fault = |message: String| Fault::new(line, message);
            let Some(comment) = text.strip_prefix(";;") else {
                let Some(Section::Records(records)) = section.map(|i: usize| &mut expected.sections[i]) else {
                    return Err(fault(format!("a record outside a section: {text}")));
                };
                records.push(Pattern::read(text).map_err(fault)?);
                continue;
            };
            let (first, rest) = word(comment);
            match first.trim_end_matches(':') {
                "no" => expected.head = None,
                "status" => {
                    let (status, flags) = rest.split_once(", flags:").ok_or_else(|| fault("no flags".to_owned()))?;
                    expected.head = Some((status.trim().to_owned(), flags.trim().to_owned()));
                }
                "EDNS" => expected.edns = Some(rest.to_owned()),
                name => {
                    let i = SECTIONS.iter().position(|s| *s == name);
                    let i = i.ok_or_else(|| fault(format!("not a section: {name}")))?;
                    if !rest.is_empty() {
                        let count = rest.parse().map_err(|_| fault(format!("not a number of records: {rest}")))?;
                        expected.sections[i] = Section::Count(count);
                    }
                    section = Some(i);
                }
            }
        }
        Ok(expected)
    }

    /// Compares, and says everything that differs.
    pub(super) fn check(&self, reply: Option<&Reply>) -> Result<(), String> {
        let (Some((status, flags)), Some(reply)) = (&self.head, reply) else {
            return match (&self.head, reply) {
                (None, None) => Ok(()),
                (None, Some(reply)) => Err(format!("expected no reply, got\n{reply}")),
                _ => Err("no reply".to_owned()),
            };
        };
        let mut faults = Vec::new();
        if (status, flags) != (&reply.status, &reply.flags) {
            faults.push(format!("expected status {status}, flags {flags}"));
        }
        if let (Some(expected), Some(edns)) = (&self.edns, &reply.edns)
            && *expected != edns.to_string()
        {
            faults.push(format!("expected EDNS {expected}"));
        }
        if self.edns.is_some() && reply.edns.is_none() {
            faults.push("expected an OPT".to_owned());
        }
        for ((name, section), records) in
            SECTIONS.iter().zip(&self.sections).zip([&reply.answer, &reply.authority, &reply.additional])
        {
            if let Err(fault) = section.check(records) {
                faults.push(format!("{name}: {fault}"));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(format!("{}; got\n{reply}", faults.join("; "))) }
    }

    /// Whether the reply's OPT is described.
    pub(super) fn names_edns(&self) -> bool {
        self.edns.is_some()
    }
}

impl Section {
    /// Sections are sets of RRsets: order does not matter, number does.
    fn check(&self, records: &[Record]) -> Result<(), String> {
        match self {
            Self::Count(n) if *n == records.len() => Ok(()),
            Self::Count(n) => Err(format!("expected {n} records, not {}", records.len())),
            Self::Records(patterns) => {
                let mut left: Vec<&Record> = records.iter().collect();
                for pattern in patterns {
                    let found = left.iter().position(|r| pattern.matches(r));
                    left.swap_remove(found.ok_or_else(|| format!("expected {}", pattern.record))?);
                }
                left.first().map_or(Ok(()), |r| Err(format!("unexpected {r}")))
            }
        }
    }
}

impl Pattern {
    fn read(text: &str) -> Result<Self, String> {
        let any = text.ends_with(" ...");
        let text = match text.strip_suffix("...") {
            // Any RDATA will do to read the rest of the line.
            Some(head) => format!("{head} \\# 0"),
            None => text.to_owned(),
        };
        match Record::parse(&text) {
            Ok(record) => Ok(Self { record, any }),
            Err(_) if any => Self::read_head(&text),
            Err(error) => Err(format!("{error}: {text}")),
        }
    }

    /// Types whose RDATA cannot be empty are read as TXT and renamed.
    fn read_head(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [owner, ttl, class, record_type, ..] = words[..] else { return Err(format!("not a record: {text}")) };
        let mut record = Record::parse(&format!("{owner} {ttl} {class} TXT x"))?;
        record.record_type = record_type.to_owned();
        record.text = "...".to_owned();
        Ok(Self { record, any: true })
    }

    fn matches(&self, record: &Record) -> bool {
        if !self.any {
            return self.record == *record;
        }
        (&self.record.owner, self.record.ttl, &self.record.record_type)
            == (&record.owner, record.ttl, &record.record_type)
    }
}
