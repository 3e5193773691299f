//! One CIDR block of a collection: IPv4 /1 to /24, IPv6 /1 to /48, no bit set beyond its length.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// Longest block of IPv4 and of IPv6 (DG `routing-policy-ipbased`).
const LENGTH_MAX: (u8, u8) = (24, 48);

/// `203.0.113.0/24`, `2001:db8::/32`. Blocks sort by family, address, length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    network: IpAddr,
    length: u8,
}

/// A text that is no block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// Not an address, a slash and a number.
    #[error("a CIDR block is an address and a prefix length, such as 203.0.113.0/24: {0}")]
    Form(String),
    /// Too short or too long. The location `*` stands for length 0.
    #[error("a CIDR block has a prefix length of 1 to 24 for IPv4, of 1 to 48 for IPv6: {0}")]
    Length(String),
    /// An address inside the block instead of its first one.
    #[error("a CIDR block begins with the first address of its network, write {network}: {text}")]
    Beyond {
        /// The block that holds the address.
        network: Block,
        /// As given.
        text: String,
    },
}

impl Block {
    /// The first address; all bits beyond the length are 0.
    #[must_use]
    pub fn network(&self) -> IpAddr {
        self.network
    }

    /// How many leading bits count.
    #[must_use]
    pub fn length(&self) -> u8 {
        self.length
    }
}

impl FromStr for Block {
    type Err = BlockError;

    fn from_str(text: &str) -> Result<Self, BlockError> {
        let form = || BlockError::Form(text.to_owned());
        let (address, length) = text.split_once('/').ok_or_else(form)?;
        let address: IpAddr = address.parse().map_err(|_| form())?;
        if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(form());
        }
        let max = if address.is_ipv4() { LENGTH_MAX.0 } else { LENGTH_MAX.1 };
        let length: Option<u8> = length.parse().ok().filter(|length| (1..=max).contains(length));
        let length = length.ok_or_else(|| BlockError::Length(text.to_owned()))?;
        let network = match address {
            IpAddr::V4(address) => IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & u32::MAX << (32 - length))),
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & u128::MAX << (128 - length))),
        };
        let block = Self { network, length };
        if network == address { Ok(block) } else { Err(BlockError::Beyond { network: block, text: text.to_owned() }) }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_and_shown_in_one_form() {
        for (text, shown) in [
            ("203.0.113.0/24", "203.0.113.0/24"),
            ("128.0.0.0/1", "128.0.0.0/1"),
            ("2001:DB8:0:0::/48", "2001:db8::/48"),
            ("8000::/1", "8000::/1"),
        ] {
            assert_eq!(text.parse::<Block>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_block_says_why() {
        for text in ["203.0.113.0", "203.0.113/24", "x/24", "203.0.113.0/", "203.0.113.0/+8", "203.0.113.0/8/8"] {
            assert!(matches!(text.parse::<Block>(), Err(BlockError::Form(_))), "{text}");
        }
        for text in ["203.0.113.0/25", "0.0.0.0/0", "::/0", "2001:db8::/49", "203.0.113.0/999"] {
            assert!(matches!(text.parse::<Block>(), Err(BlockError::Length(_))), "{text}");
        }
        let fault = "203.0.113.7/24".parse::<Block>().unwrap_err();
        let message = "a CIDR block begins with the first address of its network, write 203.0.113.0/24: 203.0.113.7/24";
        assert_eq!(fault.to_string(), message);
    }
}
