//! From entries to record sets of one record each. Before: [`super::lex`]. After: [`super::gather`].
//!
//! Keeps what a master file leaves unsaid from one entry to the next: origin, owner, TTL, the files that include each
//! other. A fault costs its entry only; the next one is read as if nothing had been.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Component, Path, PathBuf};

use super::lex::{Entry, LexFault, Lexer};
use super::parts::{Fault, Head, Ttls, alias, fault, name, read_value, sticky, ttl};
use super::remark::Remark;
use super::{INCLUDE_DEPTH_MAX, INCLUDES_MAX, Problem, ZoneFileFault};
use crate::rdata;
use crate::{Body, Name, RecordSet, Routing, Stickiness};

/// Where a record stands in its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    file: u32,
    line: u32,
    column: u32,
}

impl Place {
    /// The first file as a whole.
    pub(super) const WHOLE_FILE: Self = Self { file: 0, line: 0, column: 0 };

    /// The line, from 1.
    #[must_use]
    pub fn line(self) -> u32 {
        self.line
    }
}

/// The records of a master file, one after the other.
pub struct Records {
    zone: Name,
    /// The folder that included files must lie in; nothing may be included without one.
    folder: Option<PathBuf>,
    files: Vec<PathBuf>,
    includes: usize,
    stack: Vec<Source>,
    ttl: Ttls,
    entry: Entry,
    wire: Vec<u8>,
    /// Names that comments call sticky.
    sticky: BTreeMap<Name, Stickiness>,
}

/// One file being read.
struct Source {
    lexer: Lexer,
    file: u32,
    /// In wire format.
    origin: Vec<u8>,
    owner: Owner,
}

/// The owner of an entry that begins with a blank.
enum Owner {
    Missing,
    /// It was faulty and has been reported: what hangs on it is passed over.
    Faulty,
    Known(Name),
}

impl Records {
    pub(super) fn open(origin: &Name, path: &Path) -> Result<Self, ZoneFileFault> {
        let unreadable = |error: std::io::Error| ZoneFileFault {
            file: path.to_owned(),
            line: 0,
            column: 0,
            text: error.to_string(),
            problem: Problem::Unreadable,
        };
        let reader = BufReader::with_capacity(1 << 16, File::open(path).map_err(unreadable)?);
        let mut records = Self::from_text(origin, path, Box::new(reader));
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        records.folder = Some(folder.canonicalize().map_err(unreadable)?);
        Ok(records)
    }

    pub(super) fn from_text(origin: &Name, name: &Path, reader: Box<dyn BufRead + Send>) -> Self {
        let source =
            Source { lexer: Lexer::new(reader), file: 0, origin: origin.wire().to_vec(), owner: Owner::Missing };
        Self {
            zone: origin.clone(),
            folder: None,
            files: vec![name.to_owned()],
            includes: 0,
            stack: vec![source],
            ttl: Ttls::default(),
            entry: Entry::default(),
            wire: Vec::new(),
            sticky: BTreeMap::new(),
        }
    }

    /// The file of a place, as it was named.
    #[must_use]
    pub fn file(&self, place: Place) -> &Path {
        &self.files[place.file as usize]
    }

    /// The sticky names met so far.
    pub(super) fn take_sticky(&mut self) -> BTreeMap<Name, Stickiness> {
        std::mem::take(&mut self.sticky)
    }

    /// The apex.
    pub(super) fn zone(&self) -> &Name {
        &self.zone
    }

    /// A fault of the record at a place.
    pub(super) fn fault_at(&self, place: Place, text: String, problem: Problem) -> ZoneFileFault {
        let file = self.file(place).to_owned();
        ZoneFileFault { file, line: place.line, column: place.column, text, problem }
    }

    /// Reads one entry; nothing if it was a directive.
    fn interpret(&mut self, entry: &Entry) -> Result<Option<RecordSet>, Fault> {
        let source = self.stack.last_mut().expect("the entry was read from a source");
        let first = entry.token(0).expect("entries have tokens");
        if entry.sticky {
            let (name, set) = sticky(entry, &source.origin)?;
            if !name.is_in(&self.zone) {
                return Err(fault(Problem::OutOfZone, 0));
            }
            return match self.sticky.insert(name, set) {
                Some(before) if before != set => Err(fault(Problem::Remark("the name is sticky in two ways"), 0)),
                Some(_) | None => Ok(None),
            };
        }
        if !entry.blank_owner && !entry.alias && !first.quoted && first.raw.starts_with(b"$") {
            return self.direct(entry).map(|()| None);
        }
        let mut at = 0;
        if !entry.blank_owner {
            source.owner = Owner::Faulty;
            let name = name(entry, 0, &source.origin)?;
            if !name.is_in(&self.zone) {
                return Err(fault(Problem::OutOfZone, 0));
            }
            source.owner = Owner::Known(name);
            at = 1;
        }
        let owner = match &source.owner {
            Owner::Known(name) => name.clone(),
            Owner::Faulty => return Ok(None),
            Owner::Missing => return Err(fault(Problem::OwnerMissing, 0)),
        };
        if entry.alias {
            return alias(entry, owner).map(Some);
        }
        let head = Head::read(entry, &mut at)?;
        let mut value = read_value(head.record_type, entry, at, &source.origin, &mut self.wire)?;
        let ttl = self.ttl.settle(head, &self.wire).ok_or_else(|| fault(Problem::TtlMissing, at - 1))?;
        let mut routing = Routing::Simple;
        let mut health_check = None;
        let mut tokens = entry.remark().peekable();
        if tokens.peek().is_some() {
            let remark_fault = |problem| Fault { problem, token: usize::MAX, text: None };
            let remark = Remark::parse(tokens).map_err(remark_fault)?;
            routing = remark.routing().map_err(remark_fault)?;
            // Who edits the record need not edit the comment: it holds as long as both mean the same.
            if let Some(written) = remark.value
                && rdata::wire(head.record_type, &written).is_ok_and(|wire| wire == self.wire)
            {
                value = written;
            }
            health_check = remark.health_check;
        }
        let body = Body::Records { ttl, values: vec![value] };
        Ok(Some(RecordSet { name: owner, record_type: head.record_type, routing, body, health_check }))
    }

    /// Follows a directive.
    fn direct(&mut self, entry: &Entry) -> Result<(), Fault> {
        let source = self.stack.last_mut().expect("the entry was read from a source");
        let directive = entry.token(0).expect("entries have tokens").raw.to_ascii_uppercase();
        let arguments = entry.token_count() - 1;
        match directive.as_slice() {
            b"$ORIGIN" | b"$TTL" if arguments != 1 => Err(fault(Problem::DirectiveArguments, 0)),
            b"$INCLUDE" if !(1..=2).contains(&arguments) => Err(fault(Problem::DirectiveArguments, 0)),
            b"$ORIGIN" => {
                source.origin = name(entry, 1, &source.origin)?.wire().to_vec();
                Ok(())
            }
            b"$TTL" => {
                self.ttl.default = Some(ttl(entry, 1)?);
                Ok(())
            }
            b"$INCLUDE" => {
                let origin = match arguments {
                    1 => source.origin.clone(),
                    _ => name(entry, 2, &source.origin)?.wire().to_vec(),
                };
                self.include(entry, origin)
            }
            _ => Err(fault(Problem::Directive, 0)),
        }
    }

    /// Opens the file that an entry includes. RFC 1035 §5.1: origin and owner of the including file stay its own.
    fn include(&mut self, entry: &Entry, origin: Vec<u8>) -> Result<(), Fault> {
        if self.stack.len() > INCLUDE_DEPTH_MAX {
            return Err(fault(Problem::IncludeDepth, 1));
        }
        self.includes += 1;
        if self.includes > INCLUDES_MAX {
            return Err(fault(Problem::IncludesTooMany, 1));
        }
        let written = entry.token(1).expect("the arguments were counted").shown();
        let inside = Path::new(&written).components().all(|part| !matches!(part, Component::ParentDir));
        let folder = self.folder.clone().filter(|_| inside).ok_or(fault(Problem::IncludeOutside, 1))?;
        let unreadable = |error: std::io::Error| Fault {
            problem: Problem::Unreadable,
            token: 1,
            text: Some(format!("{written}: {error}")),
        };
        // Links are followed before looking where the file lies; an absolute path replaces the folder in `join`.
        let path = folder.join(&written).canonicalize().map_err(unreadable)?;
        if !path.starts_with(&folder) || !path.is_file() {
            return Err(fault(Problem::IncludeOutside, 1));
        }
        let reader = BufReader::with_capacity(1 << 16, File::open(&path).map_err(unreadable)?);
        let shown = PathBuf::from(written);
        let file = match self.files.iter().position(|file| *file == shown) {
            Some(known) => known,
            None => {
                self.files.push(shown);
                self.files.len() - 1
            }
        };
        let file = u32::try_from(file).map_err(|_| fault(Problem::IncludeDepth, 1))?;
        self.stack.push(Source { lexer: Lexer::new(Box::new(reader)), file, origin, owner: Owner::Missing });
        Ok(())
    }
}

impl Iterator for Records {
    type Item = Result<(RecordSet, Place), ZoneFileFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut entry = std::mem::take(&mut self.entry);
        let item = loop {
            let Some(source) = self.stack.last_mut() else { break None };
            let file = source.file;
            match source.lexer.next(&mut entry) {
                Ok(true) => {}
                Ok(false) => {
                    self.stack.pop();
                    continue;
                }
                Err(LexFault { problem, line, column, text, last }) => {
                    if last {
                        self.stack.pop();
                    }
                    break Some(Err(ZoneFileFault {
                        file: self.files[file as usize].clone(),
                        line,
                        column,
                        text,
                        problem,
                    }));
                }
            }
            match self.interpret(&entry) {
                Ok(None) => {}
                Ok(Some(set)) => {
                    let (line, column) = entry.place(0);
                    break Some(Ok((set, Place { file, line, column })));
                }
                Err(Fault { problem, token, text }) => {
                    let (line, column) = if token == usize::MAX { entry.remark_place() } else { entry.place(token) };
                    let text = text.unwrap_or_else(|| entry.token(token).map(|t| t.shown()).unwrap_or_default());
                    let file = self.files[file as usize].clone();
                    break Some(Err(ZoneFileFault { file, line, column, text, problem }));
                }
            }
        };
        self.entry = entry;
        item
    }
}
