//! Stickiness: an opt-in of a name by which its weighted record sets answer the same client with the same one again.
//!
//! `Differs:` Route 53 has no such setting; without it each query is drawn anew, as there. The setting belongs to a name
//! of a hosted zone, so that all its weighted groups agree: A, AAAA, HTTPS and the rules of a traffic policy. How a
//! record set is chosen by it is `answer`'s.

use std::fmt;
use std::ops::RangeInclusive;

/// How much of a client's address tells clients apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stickiness {
    ipv4_prefix: u8,
    ipv6_prefix: u8,
}

/// A prefix length that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StickinessFault {
    /// `ipv4_prefix` outside [`Stickiness::IPV4_PREFIXES`].
    #[error("ipv4_prefix must be from 8 to 32: {0}")]
    Ipv4(i64),
    /// `ipv6_prefix` outside [`Stickiness::IPV6_PREFIXES`].
    #[error("ipv6_prefix must be from 16 to 128: {0}")]
    Ipv6(i64),
}

impl StickinessFault {
    /// The field that is to be changed.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Ipv4(_) => "ipv4_prefix",
            Self::Ipv6(_) => "ipv6_prefix",
        }
    }
}

impl Stickiness {
    /// Lengths that an IPv4 client may be told apart by. A shorter one would be a draw between few halves of the
    /// Internet, of very unequal numbers of users.
    pub const IPV4_PREFIXES: RangeInclusive<u8> = 8..=32;
    /// The same for IPv6 clients.
    pub const IPV6_PREFIXES: RangeInclusive<u8> = 16..=128;

    /// As RFC 7871 §11.1 wants resolvers to cut addresses: /24 and /56.
    pub const DEFAULT: Self = Self { ipv4_prefix: 24, ipv6_prefix: 56 };

    /// By prefixes of these lengths.
    ///
    /// # Errors
    /// A length outside its range.
    pub fn new(ipv4_prefix: i64, ipv6_prefix: i64) -> Result<Self, StickinessFault> {
        let within =
            |length: i64, range: RangeInclusive<u8>| u8::try_from(length).ok().filter(|length| range.contains(length));
        Ok(Self {
            ipv4_prefix: within(ipv4_prefix, Self::IPV4_PREFIXES).ok_or(StickinessFault::Ipv4(ipv4_prefix))?,
            ipv6_prefix: within(ipv6_prefix, Self::IPV6_PREFIXES).ok_or(StickinessFault::Ipv6(ipv6_prefix))?,
        })
    }

    /// Bits of an IPv4 address.
    #[must_use]
    pub fn ipv4_prefix(self) -> u8 {
        self.ipv4_prefix
    }

    /// Bits of an IPv6 address.
    #[must_use]
    pub fn ipv6_prefix(self) -> u8 {
        self.ipv6_prefix
    }
}

impl Default for Stickiness {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl fmt::Display for Stickiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IPv4 /{}, IPv6 /{}", self.ipv4_prefix, self.ipv6_prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_within_their_ranges() {
        assert_eq!(Stickiness::new(24, 56), Ok(Stickiness::default()));
        for (ipv4, ipv6) in [(8, 16), (32, 128)] {
            let stickiness = Stickiness::new(ipv4, ipv6).unwrap();
            assert_eq!((stickiness.ipv4_prefix().into(), stickiness.ipv6_prefix().into()), (ipv4, ipv6));
        }
        for (ipv4, ipv6, told) in [
            (7, 56, "ipv4_prefix must be from 8 to 32: 7"),
            (33, 56, "ipv4_prefix must be from 8 to 32: 33"),
            (24, 15, "ipv6_prefix must be from 16 to 128: 15"),
            (24, 129, "ipv6_prefix must be from 16 to 128: 129"),
            (280, 56, "ipv4_prefix must be from 8 to 32: 280"),
            (-1, 56, "ipv4_prefix must be from 8 to 32: -1"),
        ] {
            let fault = Stickiness::new(ipv4, ipv6).unwrap_err();
            assert_eq!((fault.to_string(), told.starts_with(fault.field())), (told.to_owned(), true));
        }
    }
}
