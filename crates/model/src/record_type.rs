//! Record types: an open number on the wire, so that unknown types survive (RFC 3597), with the 17 names that
//! Route 53's API knows.

use std::fmt;

use domain::base::iana::Rtype;

/// A DNS record type as its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordType(pub u16);

/// A text that names no record type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a record type: {0}")]
pub struct RecordTypeError(pub String);

macro_rules! types {
    ($($name:ident = $number:literal),* $(,)?) => {
        #[allow(missing_docs, reason = "the mnemonics are IANA's")]
        impl RecordType {
            $(pub const $name: Self = Self($number);)*
        }
    };
}

types! {
    A = 1, NS = 2, CNAME = 5, SOA = 6, PTR = 12, MX = 15, TXT = 16, AAAA = 28, SRV = 33, NAPTR = 35, DNAME = 39,
    OPT = 41, DS = 43, SSHFP = 44, RRSIG = 46, NSEC = 47, DNSKEY = 48, NSEC3 = 50, TLSA = 52, SVCB = 64, HTTPS = 65,
    SPF = 99, IXFR = 251, AXFR = 252, ANY = 255, CAA = 257,
}

impl RecordType {
    /// The types of Route 53's `RRType`, in the ASCII order of its listings.
    pub const ROUTE53: [Self; 17] = [
        Self::A,
        Self::AAAA,
        Self::CAA,
        Self::CNAME,
        Self::DS,
        Self::HTTPS,
        Self::MX,
        Self::NAPTR,
        Self::NS,
        Self::PTR,
        Self::SOA,
        Self::SPF,
        Self::SRV,
        Self::SSHFP,
        Self::SVCB,
        Self::TLSA,
        Self::TXT,
    ];

    /// Whether Route 53's API can create record sets of this type. Zone files may hold any other type too.
    #[must_use]
    pub fn is_route53(self) -> bool {
        Self::ROUTE53.contains(&self)
    }

    /// Whether a zone may hold records of this type: not the questions and pseudo types (RFC 6895 §3.1).
    #[must_use]
    pub fn is_storable(self) -> bool {
        !matches!(self.0, 0 | 41 | 128..=255 | 65535)
    }

    /// Reads a mnemonic (`AAAA`, any case) or the form of RFC 3597 §5 (`TYPE65400`).
    ///
    /// # Errors
    /// The text names no type.
    pub fn parse(text: &str) -> Result<Self, RecordTypeError> {
        text.parse::<Rtype>().map(|t| Self(t.to_int())).map_err(|_| RecordTypeError(text.to_owned()))
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Rtype::from_int(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_and_shown_by_name_or_number() {
        for (text, number, shown) in [
            ("A", 1, "A"),
            ("aaaa", 28, "AAAA"),
            ("HTTPS", 65, "HTTPS"),
            ("TYPE65400", 65400, "TYPE65400"),
            ("TYPE1", 1, "A"),
        ] {
            let record_type = RecordType::parse(text).unwrap();
            assert_eq!((record_type.0, record_type.to_string().as_str()), (number, shown));
        }
        assert!(RecordType::parse("ALIAS!").is_err());
    }

    #[test]
    fn the_seventeen_types_stand_in_listing_order() {
        let names: Vec<String> = RecordType::ROUTE53.iter().map(ToString::to_string).collect();
        let mut sorted = names.clone();
        sorted.sort();
        assert_eq!(names, sorted);
    }

    #[test]
    fn questions_are_not_data() {
        assert!(!RecordType::ANY.is_storable() && !RecordType::OPT.is_storable() && !RecordType(0).is_storable());
        assert!(RecordType::DNAME.is_storable() && RecordType(65400).is_storable());
    }
}
