//! A prefix: a run of addresses that share their first bits, as CIDR notation writes it.
//!
//! Here is only its form. What Route 53 allows of blocks is [`crate::cidr`]'s, what a VPC's networks may be is
//! [`crate::vpc`]'s.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Addresses of one family whose first `length` bits are those of `address`; its further bits are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    address: IpAddr,
    length: u8,
}

/// A text or a pair that is no prefix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrefixError {
    /// No address before the slash, or none at all.
    #[error("not an address and a prefix length, such as 192.0.2.0/24: {0}")]
    Form(String),
    /// More bits than an address of the family has.
    #[error("a prefix length is from 0 to {max}: {text}")]
    Length {
        /// 32 or 128.
        max: u8,
        /// As given.
        text: String,
    },
    /// Bits behind the prefix.
    #[error("bits behind the prefix length are set; the network is {network}: {text}")]
    HostBits {
        /// What was probably meant.
        network: Prefix,
        /// As given.
        text: String,
    },
}

impl Prefix {
    /// The prefix of this length around an address, whose further bits are cut off. A length above the family's counts
    /// as its whole address. IPv4 addresses mapped into IPv6 become IPv4.
    #[must_use]
    pub fn around(address: IpAddr, length: u8) -> Self {
        let (address, length) = match address.to_canonical() {
            v4 @ IpAddr::V4(_) if address.is_ipv6() => (v4, length.saturating_sub(96)),
            same => (same, length),
        };
        match address {
            IpAddr::V4(v4) => {
                let length = length.min(32);
                let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
                Self { address: IpAddr::V4((u32::from(v4) & mask).into()), length }
            }
            IpAddr::V6(v6) => {
                let length = length.min(128);
                let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
                Self { address: IpAddr::V6((u128::from(v6) & mask).into()), length }
            }
        }
    }

    /// One address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self::around(address, 128)
    }

    /// Its first address.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// How many bits are given: 0–32 or 0–128.
    #[must_use]
    pub fn length(&self) -> u8 {
        self.length
    }

    /// Whether all addresses of `other` are in this prefix too.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.address.is_ipv4() == other.address.is_ipv4()
            && self.length <= other.length
            && Self::around(other.address, self.length) == *self
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let form = || PrefixError::Form(text.to_owned());
        let (address, length) = text.split_once('/').ok_or_else(form)?;
        let address: IpAddr = address.parse().map_err(|_| form())?;
        let is_number = length.bytes().all(|byte| byte.is_ascii_digit()) && (length == "0" || !length.starts_with('0'));
        if !is_number || length.is_empty() {
            return Err(form());
        }
        let max = if address.is_ipv4() { 32 } else { 128 };
        let length = length.parse().ok().filter(|length| *length <= max);
        let length = length.ok_or_else(|| PrefixError::Length { max, text: text.to_owned() })?;
        let network = match address {
            // Written as IPv6, so meant as IPv6.
            IpAddr::V6(v6) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
                Self { address: IpAddr::V6((u128::from(v6) & mask).into()), length }
            }
            IpAddr::V4(_) => Self::around(address, length),
        };
        if network.address != address {
            return Err(PrefixError::HostBits { network, text: text.to_owned() });
        }
        Ok(network)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        text.parse().unwrap()
    }

    #[test]
    fn prefixes_are_read_and_shown() {
        for text in ["0.0.0.0/0", "192.0.2.0/24", "192.0.2.1/32", "::/0", "2001:db8::/32", "2001:db8::1/128"] {
            assert_eq!(prefix(text).to_string(), text);
        }
        for text in ["192.0.2.0", "192.0.2.0/", "192.0.2/24", "x/8", "192.0.2.0/024", "192.0.2.0/+8", ""] {
            assert!(matches!(text.parse::<Prefix>(), Err(PrefixError::Form(_))), "{text}");
        }
        for text in ["192.0.2.0/33", "::/129", "::/999"] {
            assert!(matches!(text.parse::<Prefix>(), Err(PrefixError::Length { .. })), "{text}");
        }
        let fault = "192.0.2.7/24".parse::<Prefix>().unwrap_err().to_string();
        assert_eq!(fault, "bits behind the prefix length are set; the network is 192.0.2.0/24: 192.0.2.7/24");
    }

    #[test]
    fn a_prefix_contains_itself_and_longer_ones() {
        assert!(prefix("192.0.2.0/24").contains(&prefix("192.0.2.0/24")));
        assert!(prefix("192.0.2.0/24").contains(&prefix("192.0.2.128/25")));
        assert!(!prefix("192.0.2.0/24").contains(&prefix("192.0.0.0/16")));
        assert!(!prefix("192.0.2.0/24").contains(&prefix("192.0.3.0/24")));
        assert!(!prefix("0.0.0.0/0").contains(&prefix("::/0")));
        assert!(prefix("::/0").contains(&prefix("2001:db8::/32")));
    }

    #[test]
    fn an_address_is_cut_to_its_prefix() {
        assert_eq!(Prefix::around("198.51.103.9".parse().unwrap(), 22), prefix("198.51.100.0/22"));
        assert_eq!(Prefix::of("::ffff:192.0.2.1".parse().unwrap()), prefix("192.0.2.1/32"));
        assert_eq!(Prefix::around("2001:db8::1".parse().unwrap(), 0), prefix("::/0"));
    }
}
