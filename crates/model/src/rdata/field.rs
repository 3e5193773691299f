//! The table of record types: which fields their RDATA has.
//!
//! A new type is a line in [`fields`]; a new kind of field has an arm in [`super::read`], [`super::show`] and [`fold`].
//! Types that are not here are [`super::rare`]'s.

use super::names;
use crate::RecordType;

/// One kind of field. Those from `Strings` on take all tokens that are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// A number of one byte.
    U8,
    /// A number of two bytes.
    U16,
    /// A number of four bytes.
    U32,
    /// The kind of a certificate, two bytes; also by mnemonic (RFC 4398 §2.1).
    Certificate,
    /// A DNSSEC algorithm, one byte; also by mnemonic.
    Algorithm,
    /// Seconds, four bytes; in master files also with units (`1h30m`), as in BIND.
    Period,
    /// An uncompressed name.
    Name,
    /// A string of at most 255 bytes with its length before it.
    String,
    /// A string to the end of the RDATA, without a length.
    Text,
    /// Letters and digits with their length before them.
    Tag,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// One or more strings.
    Strings,
    /// Bytes as hexadecimal digits, blanks allowed between them.
    Hexadecimal,
    /// Bytes as base 64, blanks allowed between them.
    Base64,
    /// SVCB's parameters (RFC 9460 §2.1).
    Parameters,
    /// A place on earth (RFC 1876 §3).
    Location,
}

impl Field {
    /// Whether the field takes all tokens that are left.
    pub(crate) fn takes_all(self) -> bool {
        matches!(self, Self::Strings | Self::Hexadecimal | Self::Base64 | Self::Parameters | Self::Location)
    }
}

/// The fields of a type's RDATA; nothing for the types that are not in the table.
pub(crate) fn fields(record_type: RecordType) -> Option<&'static [Field]> {
    use Field::{Algorithm, Base64, Certificate, Hexadecimal, Ipv4, Ipv6, Location, Name};
    use Field::{Parameters, Period, String, Strings, Tag, Text, U8, U16, U32};
    Some(match record_type.0 {
        1 => &[Ipv4],
        // NS MD MF CNAME MB MG MR PTR DNAME
        2..=5 | 7..=9 | 12 | 39 => &[Name],
        6 => &[Name, Name, U32, Period, Period, Period, Period],
        13 => &[String, String],                         // HINFO
        14 | 17 => &[Name, Name],                        // MINFO RP
        15 | 18 | 21 | 36 | 107 => &[U16, Name],         // MX AFSDB RT KX LP
        16 | 99 => &[Strings],                           // TXT SPF
        19 => &[String],                                 // X25
        25 => &[U16, U8, Algorithm, Base64],             // KEY
        26 => &[U16, Name, Name],                        // PX
        28 => &[Ipv6],                                   // AAAA
        29 => &[Location],                               // LOC
        33 => &[U16, U16, U16, Name],                    // SRV
        35 => &[U16, U16, String, String, String, Name], // NAPTR
        37 => &[Certificate, U16, Algorithm, Base64],    // CERT
        43 | 59 | 32769 => &[U16, U8, U8, Hexadecimal],  // DS CDS DLV
        44 => &[U8, U8, Hexadecimal],                    // SSHFP
        49 => &[Base64],                                 // DHCID
        52 | 53 => &[U8, U8, U8, Hexadecimal],           // TLSA SMIMEA
        63 => &[U32, U8, U8, Hexadecimal],               // ZONEMD
        64 | 65 => &[U16, Name, Parameters],             // SVCB HTTPS
        105 => &[U16, Ipv4],                             // L32
        256 => &[U16, U16, Text],                        // URI
        257 => &[U8, Tag, Text],                         // CAA
        _ => return None,
    })
}

/// Makes the letters of all names in valid RDATA lower-case, so that equal bytes mean equal records.
pub(super) fn fold(fields: &[Field], wire: &mut [u8]) {
    let mut at = 0;
    for field in fields {
        at += match field {
            Field::U8 | Field::Algorithm => 1,
            Field::U16 | Field::Certificate => 2,
            Field::U32 | Field::Period | Field::Ipv4 => 4,
            Field::Ipv6 => 16,
            Field::String | Field::Tag => 1 + usize::from(wire[at]),
            Field::Name => {
                let length = names::length(&wire[at..]).expect("the RDATA was read by this table");
                // Length bytes are below 64 and so are no letters.
                wire[at..at + length].make_ascii_lowercase();
                length
            }
            Field::Text | Field::Strings | Field::Hexadecimal | Field::Base64 | Field::Parameters | Field::Location => {
                return;
            }
        };
    }
}
