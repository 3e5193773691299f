//! What can be wrong with a master file, and where.

use std::fmt;
use std::path::PathBuf;

use crate::RecordType;
use crate::rdata::RdataFault;

/// One fault or warning: `zone.txt:12:20: unknown record type: MXX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneFileFault {
    /// The file, as it was named.
    pub file: PathBuf,
    /// From 1; 0 if the fault is the file's as a whole.
    pub line: u32,
    /// In bytes, from 1; 0 if the fault is the line's as a whole.
    pub column: u32,
    /// The offending text.
    pub text: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The operating system refused.
    #[error("cannot read the file")]
    Unreadable,
    /// A string goes on at the end of its line.
    #[error("quotation mark is not closed on its line")]
    QuoteOpen,
    /// A backslash at the end of its line.
    #[error("backslash stands alone at the end of its line")]
    EscapeOpen,
    /// The file ends inside parentheses.
    #[error("parenthesis is never closed")]
    ParenthesisOpen,
    /// A closing parenthesis without an opening one.
    #[error("parenthesis closes nothing")]
    ParenthesisStray,
    /// More than [`super::ENTRY_BYTES_MAX`].
    #[error("entry is longer than 1 MiB; is a parenthesis left open?")]
    EntryTooLong,
    /// Another directive than `$ORIGIN`, `$TTL` and `$INCLUDE`.
    #[error("directive is not known; $ORIGIN, $TTL and $INCLUDE are")]
    Directive,
    /// A directive without its argument, or with more than it takes.
    #[error("directive has the wrong number of arguments")]
    DirectiveArguments,
    /// A file that may not be included.
    #[error("included file must lie below the folder of the first file")]
    IncludeOutside,
    /// More than [`super::INCLUDE_DEPTH_MAX`] files deep.
    #[error("files include each other more than 8 deep")]
    IncludeDepth,
    /// More than [`super::INCLUDES_MAX`] in all.
    #[error("more than 1000 files are included")]
    IncludesTooMany,
    /// An owner or origin that is no name.
    #[error("not a domain name ({0})")]
    Name(String),
    /// The first record has no owner.
    #[error("record has no owner, and none stands before it")]
    OwnerMissing,
    /// The owner is not at or below the apex.
    #[error("name lies outside the zone")]
    OutOfZone,
    /// Not 0–2147483647 seconds.
    #[error("TTL must be 0 to 2147483647 seconds, or numbers with the units w d h m s")]
    Ttl,
    /// No TTL, no `$TTL` and no TTL before it.
    #[error("record has no TTL; give one, or $TTL before it")]
    TtlMissing,
    /// Another class than IN.
    #[error("class must be IN")]
    Class,
    /// The entry ends before its type.
    #[error("record has no type")]
    TypeMissing,
    /// No mnemonic of a type, or of one that is not data.
    #[error("unknown record type")]
    Type,
    /// The value is not one of its type.
    #[error("{}", lower_first(.0.reason()))]
    Rdata(RdataFault),
    /// A `; cutover` comment that cannot be read back.
    #[error("cutover comment is not understood ({0})")]
    Remark(&'static str),
    /// No SOA at the apex.
    #[error("zone has no SOA record at its apex")]
    SoaMissing,
    /// A SOA below the apex.
    #[error("SOA record stands below the apex")]
    SoaBelowApex,
    /// No NS at the apex.
    #[error("zone has no NS record at its apex")]
    NsMissing,
    /// A second record of a type that is alone.
    #[error("there must be one {0} record")]
    Second(RecordType),
    /// RFC 1034 §3.6.2.
    #[error("CNAME stands beside other records of its name")]
    CnameBesideOthers,
    /// RFC 6672 §2.3.
    #[error("name lies below a DNAME")]
    BelowDname,
    /// A record without a set identifier beside some with one, or of another routing policy.
    #[error("records of one name and type must share a routing policy")]
    PoliciesMixed,
    /// Two records of one set identifier tell different things about their set.
    #[error("cutover comment differs from the one on the first record of its set")]
    RemarkDiffers,
    /// Warning: the record is left out.
    #[error("record was given before and is left out")]
    Duplicate,
    /// Warning: RFC 2181 §5.2.
    #[error("TTL differs within the record set; the smallest holds")]
    TtlUnequal,
}

fn lower_first(text: String) -> String {
    let mut text = text;
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

impl fmt::Display for ZoneFileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        for place in [self.line, self.column] {
            if place > 0 {
                write!(f, ":{place}")?;
            }
        }
        write!(f, ": {}", self.problem)?;
        if self.text.is_empty() { Ok(()) } else { write!(f, ": {}", self.text) }
    }
}

impl std::error::Error for ZoneFileFault {}
