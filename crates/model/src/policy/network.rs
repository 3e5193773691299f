//! Networks of conditions: an address and how many of its bits count.

use std::net::IpAddr;

/// `203.0.113.0/24`, `2001:db8::/32`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    bits: u8,
}

/// Bits before the IPv4 address in an IPv6 one that stands for it (RFC 4291 §2.5.5.2).
const MAPPED_BITS: u8 = 96;

impl Network {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most)?,
            None => most,
        };
        // Requests tell an IPv4 address as such, however it came here.
        Some(match address {
            IpAddr::V6(six) if bits >= MAPPED_BITS => match six.to_ipv4_mapped() {
                Some(four) => Self { address: four.into(), bits: bits - MAPPED_BITS },
                None => Self { address, bits },
            },
            IpAddr::V4(_) | IpAddr::V6(_) => Self { address, bits },
        })
    }

    pub(crate) fn holds(&self, address: IpAddr) -> bool {
        let same = |a: u128, b: u128, width: u8| width == self.bits || (a ^ b) >> (width - self.bits) == 0;
        match (self.address, address) {
            _ if self.bits == 0 && self.address.is_ipv4() == address.is_ipv4() => true,
            (IpAddr::V4(a), IpAddr::V4(b)) if self.bits == 32 => a == b,
            (IpAddr::V6(a), IpAddr::V6(b)) if self.bits == 128 => a == b,
            (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn addresses_are_in_networks_or_not() {
        let holds = |network: &str, address: &str| Network::parse(network).unwrap().holds(address.parse().unwrap());
        assert!(holds("203.0.113.0/24", "203.0.113.255") && !holds("203.0.113.0/24", "203.0.114.0"));
        assert!(holds("203.0.113.77/24", "203.0.113.1"));
        assert!(holds("127.0.0.1", "127.0.0.1") && !holds("127.0.0.1", "127.0.0.2"));
        assert!(holds("0.0.0.0/0", "8.8.8.8") && !holds("0.0.0.0/0", "::1") && holds("::/0", "::1"));
        assert!(holds("2001:db8::/33", "2001:db8:7fff::") && !holds("2001:db8::/33", "2001:db8:8000::"));
        assert!(holds("::1/128", "::1") && !holds("::1", "::2"));
        // Clients that came over IPv6 from IPv4 are told by their IPv4 address.
        assert!(holds("::ffff:10.0.0.0/104", "10.1.2.3") && !holds("::ffff:10.0.0.0/104", "11.1.2.3"));
        assert!(holds("::ffff:10.0.0.1", "10.0.0.1") && holds("::ffff:0:0/95", "::fffe:1:1"));
        for text in ["", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "::/129", "10.0.0.0/-1", "localhost"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
