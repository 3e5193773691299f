//! From lines to entries: tokens that know where they stand. Before: nothing. After: [`super::records`].
//!
//! An entry is one line, or several within parentheses. Comments are dropped, except those in which
//! [`super::write()`] keeps what master files cannot say:
//!
//! ```text
//! www.example.com. 60 IN A 192.0.2.1 ; cutover: set="blue" weight=10
//! ; cutover-record: www.example.com. 60 IN CNAME b. ; cutover: set="green" weight=90
//! ; cutover-alias: example.com. A zone=Z1 target="www.example.com." evaluate-target-health=true
//! ; cutover-sticky: www.example.com. ipv4-prefix=24 ipv6-prefix=56
//! ```

use std::io::{BufRead, Read};

use super::{ENTRY_BYTES_MAX, Problem};
use crate::rdata::token::{Token, token_at};

/// Before the attributes of the record on whose line it stands.
pub(super) const REMARK: &str = "; cutover: ";
/// Before a record that other servers shall not see.
pub(super) const RECORD: &str = "; cutover-record: ";
/// Before an alias.
pub(super) const ALIAS: &str = "; cutover-alias: ";

/// Before a name that is sticky.
pub(super) const STICKY: &str = "; cutover-sticky: ";

/// The tokens of one record, directive or alias.
#[derive(Debug, Default)]
pub(super) struct Entry {
    bytes: Vec<u8>,
    tokens: Vec<Span>,
    remark: Vec<Span>,
    /// Where each line begins in `bytes`.
    lines: Vec<usize>,
    first_line: u32,
    /// The line begins with a blank: the owner is the one before.
    pub(super) blank_owner: bool,
    /// The entry stands behind [`ALIAS`].
    pub(super) alias: bool,
    /// The entry stands behind [`STICKY`].
    pub(super) sticky: bool,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    quoted: bool,
}

/// A fault of the text itself.
#[derive(Debug)]
pub(super) struct LexFault {
    pub(super) problem: Problem,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) text: String,
    /// Nothing sensible can follow.
    pub(super) last: bool,
}

impl Entry {
    pub(super) fn token_count(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn token(&self, index: usize) -> Option<Token<'_>> {
        self.tokens.get(index).map(|span| self.cut(*span))
    }

    pub(super) fn tokens_from(&self, index: usize) -> Vec<Token<'_>> {
        self.tokens.get(index..).unwrap_or_default().iter().map(|span| self.cut(*span)).collect()
    }

    /// The tokens behind [`REMARK`].
    pub(super) fn remark(&self) -> impl Iterator<Item = Token<'_>> {
        self.remark.iter().map(|span| self.cut(*span))
    }

    fn cut(&self, span: Span) -> Token<'_> {
        Token { raw: &self.bytes[span.start..span.end], quoted: span.quoted }
    }

    /// Line and column of a token; of the end of the last one if there is no such token.
    pub(super) fn place(&self, index: usize) -> (u32, u32) {
        match (self.tokens.get(index), self.tokens.last()) {
            (Some(span), _) => self.place_of(span.start - usize::from(span.quoted)),
            (None, Some(last)) => self.place_of(last.end),
            (None, None) => (self.first_line, 0),
        }
    }

    /// Line and column of the remark.
    pub(super) fn remark_place(&self) -> (u32, u32) {
        self.remark.first().map_or((self.first_line, 0), |span| self.place_of(span.start))
    }

    fn place_of(&self, offset: usize) -> (u32, u32) {
        let line = self.lines.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.lines.get(line).copied().unwrap_or(0);
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        (self.first_line.saturating_add(number(line)), number(offset - start + 1))
    }

    fn clear(&mut self, first_line: u32) {
        self.bytes.clear();
        self.tokens.clear();
        self.remark.clear();
        self.lines.clear();
        self.first_line = first_line;
        self.alias = false;
        self.sticky = false;
    }
}

/// Cuts a text into entries.
pub(super) struct Lexer {
    reader: Box<dyn BufRead + Send>,
    line: u32,
}

/// Parentheses that are open, and where the first of them stands.
#[derive(Default)]
struct Depth {
    open: u32,
    at: usize,
}

impl Lexer {
    pub(super) fn new(reader: Box<dyn BufRead + Send>) -> Self {
        Self { reader, line: 0 }
    }

    /// Fills in the next entry that has tokens; false at the end of the text.
    pub(super) fn next(&mut self, entry: &mut Entry) -> Result<bool, LexFault> {
        loop {
            entry.clear(self.line.saturating_add(1));
            let mut depth = Depth::default();
            loop {
                let from = entry.bytes.len();
                if !self.read_line(entry)? {
                    return match depth.open {
                        0 => Ok(false),
                        _ => Err(fault(entry, Problem::ParenthesisOpen, depth.at, true)),
                    };
                }
                if self.line == 1 && entry.bytes.starts_with(b"\xef\xbb\xbf") {
                    entry.bytes.drain(..3);
                }
                scan_line(entry, from, &mut depth)?;
                if depth.open == 0 {
                    break;
                }
            }
            if !entry.tokens.is_empty() {
                return Ok(true);
            }
        }
    }

    fn read_line(&mut self, entry: &mut Entry) -> Result<bool, LexFault> {
        let from = entry.bytes.len();
        let left = ENTRY_BYTES_MAX.saturating_sub(from) + 1;
        let result = (&mut self.reader).take(left as u64).read_until(b'\n', &mut entry.bytes);
        self.line = self.line.saturating_add(1);
        entry.lines.push(from);
        match result {
            Ok(0) => Ok(false),
            Ok(length) if length >= left => Err(fault(entry, Problem::EntryTooLong, 0, true)),
            Ok(_) => Ok(true),
            Err(error) => {
                let text = error.to_string();
                Err(LexFault { problem: Problem::Unreadable, line: self.line, column: 0, text, last: true })
            }
        }
    }
}

fn fault(entry: &Entry, problem: Problem, offset: usize, last: bool) -> LexFault {
    let (line, column) = entry.place_of(offset);
    let rest = &entry.bytes[offset.min(entry.bytes.len())..];
    let rest = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // A message repeats no more than a person reads.
    let text = String::from_utf8_lossy(&rest[..rest.len().min(80)]).trim_end().to_owned();
    LexFault { problem, line, column, text, last }
}

/// Appends the tokens of the line that begins at `from`.
fn scan_line(entry: &mut Entry, from: usize, depth: &mut Depth) -> Result<(), LexFault> {
    let mut at = from;
    let mut in_remark = false;
    if depth.open == 0 {
        let line = &entry.bytes[from..];
        entry.blank_owner = matches!(line.first(), Some(b' ' | b'\t'));
        if line.starts_with(ALIAS.as_bytes()) {
            entry.alias = true;
            at += ALIAS.len();
        } else if line.starts_with(STICKY.as_bytes()) {
            entry.sticky = true;
            at += STICKY.len();
        } else if line.starts_with(RECORD.as_bytes()) {
            at += RECORD.len();
        }
    }
    while at < entry.bytes.len() {
        match entry.bytes[at] {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b';' if !in_remark && entry.bytes[at..].starts_with(REMARK.as_bytes()) => {
                in_remark = true;
                at += REMARK.len();
            }
            b';' => break,
            b'(' => {
                if depth.open == 0 {
                    depth.at = at;
                }
                depth.open += 1;
                at += 1;
            }
            b')' => {
                depth.open = match depth.open.checked_sub(1) {
                    Some(open) => open,
                    None => return Err(fault(entry, Problem::ParenthesisStray, at, false)),
                };
                at += 1;
            }
            _ => {
                let ends = |byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'(' | b')');
                let Some((token, end)) = token_at(&entry.bytes, at, ends) else {
                    return Err(fault(entry, Problem::QuoteOpen, at, false));
                };
                if token.raw.ends_with(b"\n") {
                    return Err(fault(entry, Problem::EscapeOpen, end - 2, false));
                }
                let quotes = usize::from(token.quoted);
                let span = Span { start: at + quotes, end: end - quotes, quoted: token.quoted };
                if in_remark {
                    entry.remark.push(span);
                } else {
                    entry.tokens.push(span);
                }
                at = end;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &'static str) -> Vec<Vec<(String, u32, u32)>> {
        let mut lexer = Lexer::new(Box::new(text.as_bytes()));
        let mut entry = Entry::default();
        let mut all = Vec::new();
        while lexer.next(&mut entry).unwrap() {
            let token = |index| {
                let (line, column) = entry.place(index);
                (entry.token(index).unwrap().shown(), line, column)
            };
            all.push((0..entry.token_count()).map(token).collect());
        }
        all
    }

    #[test]
    fn tokens_know_their_line_and_column() {
        let owned =
            |tokens: &[(&str, u32, u32)]| tokens.iter().map(|(t, l, c)| (t.to_string(), *l, *c)).collect::<Vec<_>>();
        assert_eq!(
            entries("; nothing\r\n\na ( \"b ; c\" ; comment )\r\n  d\\;e ) f\ng"),
            [owned(&[("a", 3, 1), ("b ; c", 3, 5), ("d\\;e", 4, 3), ("f", 4, 10)]), owned(&[("g", 5, 1)])]
        );
    }

    #[test]
    fn what_is_left_open_is_found_where_it_was_opened() {
        for (text, problem, line, column) in [
            ("a\nb \"c\nd", Problem::QuoteOpen, 2, 3),
            ("a\nb (\nc\n", Problem::ParenthesisOpen, 2, 3),
            ("a )", Problem::ParenthesisStray, 1, 3),
            ("a b\\\nc", Problem::EscapeOpen, 1, 4),
        ] {
            let mut lexer = Lexer::new(Box::new(text.as_bytes()));
            let mut entry = Entry::default();
            let fault = loop {
                if let Err(fault) = lexer.next(&mut entry) {
                    break fault;
                }
            };
            assert_eq!((fault.problem, fault.line, fault.column), (problem, line, column), "{text}");
        }
    }

    #[test]
    fn an_endless_line_takes_bounded_memory() {
        let endless = std::io::BufReader::new(std::io::repeat(b'x'));
        let mut entry = Entry::default();
        let fault = Lexer::new(Box::new(endless)).next(&mut entry).unwrap_err();
        assert_eq!(fault.problem, Problem::EntryTooLong);
        assert!(entry.bytes.len() <= ENTRY_BYTES_MAX + 1);
    }
}
