//! Proving: every line follows from the one before it.
//!
//! What it finds: a line that was changed, taken out, put in or moved, and a file that is missing between others. What it
//! cannot find by itself: lines cut off at the end, and a log that somebody with access wrote anew from some line on,
//! hashes included. For these, keep a [`Head`] elsewhere and ask whether it is still there; the server writes heads into
//! its own log whenever it begins a new file and when it stops. Files that rotation took away are no fault.

use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

use store::{Line, LineReader};

use super::FOLDER;
use super::line::{Hash, Seen, hash, hashed};

/// Faults that are told; beyond that there are only more of them.
const FAULTS_MAX: usize = 100;

/// A line by its number and hash, as `SEQ:HASH`. It stands for all lines up to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The line's number.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
}

/// What proving found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Lines looked at.
    pub lines: u64,
    /// Number and time of the first line.
    pub first: Option<(u64, u64)>,
    /// The last line.
    pub head: Option<Head>,
    /// Calls that the log itself tells were lost.
    pub lost: u64,
    /// What is wrong, at most a hundred times; empty if nothing is.
    pub faults: Vec<String>,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for Head {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let head = text.split_once(':').and_then(|(seq, hash)| Some((seq.parse().ok()?, hash)));
        head.filter(|(_, hash)| hash.len() == 64)
            .map(|(seq, hash)| Self { seq, hash: hash.to_owned() })
            .ok_or_else(|| format!("a head is a line's number, a colon and its hash of 64 characters: {text}"))
    }
}

/// Proves the audit log of a data folder, oldest line first, and that it holds `known`.
///
/// # Errors
/// A file cannot be read.
pub fn verify(data: &Path, known: Option<&Head>) -> io::Result<Checked> {
    let reader = LineReader::new(&data.join(FOLDER));
    let mut walk = Walk { checked: Checked::default(), before: None, known, has_known: false };
    let mut next = 1;
    loop {
        let lines = reader.read(next, 4096, 4 << 20)?;
        let Some(last) = lines.last() else { break };
        next = last.number + 1;
        for line in &lines {
            walk.line(line);
        }
    }
    Ok(walk.end())
}

struct Walk<'k> {
    checked: Checked,
    /// Number and hash of the line before.
    before: Option<(u64, Hash)>,
    known: Option<&'k Head>,
    has_known: bool,
}

impl Walk<'_> {
    fn line(&mut self, Line { number, text, begins_file }: &Line) {
        self.checked.lines += 1;
        let (Some(seen), Some(hashed)) = (Seen::parse(text), hashed(text)) else {
            self.fault(format!("line {number} is not one that was written here"));
            self.before = None;
            return;
        };
        let own = Hash(seen.hash.clone().into_owned());
        let (seq, prev) = (seen.seq, seen.prev.as_ref().map(|prev| Hash(prev.clone().into_owned())));
        match &self.before {
            Some((before, _)) if seq != before + 1 => {
                let (from, to) = (before + 1, seq.saturating_sub(1));
                self.fault(if to < from {
                    format!("line {seq} stands after line {before}")
                } else {
                    format!("lines are missing: {from} to {to}")
                });
                // What is missing was proven by nothing; the next line's own text is, if it begins a file.
                self.check_own(&seen, hashed, prev.as_ref());
            }
            Some((_, before)) => {
                if hash(before, hashed) != own || prev.as_ref().is_some_and(|prev| prev != before) {
                    self.fault(format!("line {seq} was changed, or the one before it"));
                }
            }
            None => self.check_own(&seen, hashed, prev.as_ref()),
        }
        if *begins_file != seen.prev.is_some() {
            self.fault(format!("line {seq} stands in the wrong place of its file"));
        }
        self.checked.first.get_or_insert((seq, seen.at_ms));
        self.checked.lost += seen.lost.unwrap_or(0);
        if let Some(known) = self.known.filter(|known| known.seq == seq) {
            self.has_known = true;
            if known.hash != own.0 {
                self.fault(format!("line {seq} is not the one whose hash was kept"));
            }
        }
        self.checked.head = Some(Head { seq, hash: own.0.clone() });
        self.before = Some((seq, own));
    }

    /// Without the line before, a line can be proven only if it says what that line's hash was.
    fn check_own(&mut self, seen: &Seen<'_>, hashed: &[u8], prev: Option<&Hash>) {
        let seq = seen.seq;
        match prev {
            Some(prev) if hash(prev, hashed).0 == *seen.hash => {}
            Some(_) => self.fault(format!("line {seq} was changed")),
            None if self.checked.lines == 1 => self.fault(format!("the beginning is missing, up to line {seq}")),
            None => {}
        }
    }

    fn fault(&mut self, fault: String) {
        if self.checked.faults.len() < FAULTS_MAX {
            self.checked.faults.push(fault);
        }
    }

    fn end(mut self) -> Checked {
        if let Some(known) = self.known.filter(|_| !self.has_known) {
            let end = self.checked.head.as_ref().map_or(0, |head| head.seq);
            let first = self.checked.first.map_or(0, |(seq, _)| seq);
            self.fault(if known.seq < first {
                format!("line {} cannot be compared, rotation took it away; the first is {first}", known.seq)
            } else {
                format!("line {} is missing; the last is {end}", known.seq)
            });
        }
        self.checked
    }
}
