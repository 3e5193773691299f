//! EDNS(0): what a query's OPT record says (RFC 6891). `opt` writes the one of the reply.
//!
//! Of options that come more than once the last one counts, of cookies the first (RFC 7873 §4). What a query puts into
//! NSID and keepalive means nothing and is not looked at.

use std::net::IpAddr;

use model::prefix::Prefix;

use crate::cookies::Cookie;
use crate::limits::{UDP_PAYLOAD_MAX, UDP_PAYLOAD_MIN};

/// What the OPT of a query says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edns<'a> {
    /// The largest UDP reply the client takes, as it says.
    payload: u16,
    pub(crate) version: u8,
    pub(crate) dnssec_ok: bool,
    pub(crate) subnet: Option<Subnet<'a>>,
    /// The value of a cookie option, which has the length of one; empty without.
    cookie: &'a [u8],
    pub(crate) wants_nsid: bool,
    pub(crate) wants_keepalive: bool,
}

/// A valid Client Subnet option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subnet<'a> {
    pub(crate) family: u16,
    pub(crate) source: u8,
    pub(crate) address: &'a [u8],
}

/// An option that its RFC calls malformed: the query is answered FORMERR.
#[derive(Debug, PartialEq, Eq)]
struct BadOption;

/// The options we know.
pub(crate) mod code {
    pub(crate) const NSID: u16 = 3;
    pub(crate) const CLIENT_SUBNET: u16 = 8;
    pub(crate) const COOKIE: u16 = 10;
    pub(crate) const TCP_KEEPALIVE: u16 = 11;
    pub(crate) const EXTENDED_ERROR: u16 = 15;
}

pub(crate) const DNSSEC_OK: u16 = 0x8000;

impl<'a> Edns<'a> {
    /// Reads an OPT from its class, TTL and rdata. If an option is malformed, what else it says is the error: the
    /// reply has an OPT all the same (RFC 6891 §6.1.1).
    pub(crate) fn read(class: u16, ttl: [u8; 4], rdata: &'a [u8]) -> Result<Self, Self> {
        let [_, version, flags0, flags1] = ttl;
        let dnssec_ok = u16::from_be_bytes([flags0, flags1]) & DNSSEC_OK != 0;
        let edns = Self {
            payload: class,
            version,
            dnssec_ok,
            subnet: None,
            cookie: &[],
            wants_nsid: false,
            wants_keepalive: false,
        };
        // What options mean in another version is not ours to know; the reply is BADVERS.
        if version != 0 || rdata.is_empty() {
            return Ok(edns);
        }
        edns.with_options(rdata).map_err(|BadOption| edns)
    }

    fn with_options(mut self, rdata: &'a [u8]) -> Result<Self, BadOption> {
        let mut rest = rdata;
        while !rest.is_empty() {
            let [code0, code1, length0, length1, ..] = *rest else { return Err(BadOption) };
            let length = usize::from(u16::from_be_bytes([length0, length1]));
            let value = rest.get(4..4 + length).ok_or(BadOption)?;
            rest = &rest[4 + length..];
            match u16::from_be_bytes([code0, code1]) {
                code::CLIENT_SUBNET => self.subnet = Some(Subnet::read(value)?),
                code::COOKIE => {
                    Cookie::read(value).ok_or(BadOption)?;
                    if self.cookie.is_empty() {
                        self.cookie = value;
                    }
                }
                code::NSID => self.wants_nsid = true,
                code::TCP_KEEPALIVE => self.wants_keepalive = true,
                _ => {}
            }
        }
        Ok(self)
    }

    /// The cookie, if there is one.
    pub(crate) fn cookie(&self) -> Option<Cookie<'a>> {
        Cookie::read(self.cookie)
    }

    /// Whether options other than a Client Subnet want to be answered.
    #[inline]
    pub(crate) fn asks_for_more(&self) -> bool {
        self.wants_nsid || self.wants_keepalive || !self.cookie.is_empty()
    }

    /// The largest UDP reply: sizes below 512 count as 512 (RFC 6891 §6.2.3), and ours has a bound of its own.
    pub(crate) fn udp_payload(&self) -> usize {
        usize::from(self.payload).clamp(UDP_PAYLOAD_MIN, UDP_PAYLOAD_MAX)
    }

    /// A scope in bits of the address as the query wrote it: an IPv4 address mapped into IPv6 (RFC 4291 §2.5.5.2) counts as
    /// IPv4, whose bits begin behind 96 others.
    pub(crate) fn scope(&self, scope: u8) -> u8 {
        let is_mapped = || self.client().is_some_and(|client| client.address().is_ipv4());
        let is_of_ipv6 = self.subnet.is_some_and(|subnet| subnet.family == 2);
        if scope > 0 && is_of_ipv6 && is_mapped() { scope + 96 } else { scope }
    }

    /// The prefix of the client that the query names; none without the option, and none for a prefix of length 0, by
    /// which a client asks not to be told apart (RFC 7871 §7.1.2).
    pub(crate) fn client(&self) -> Option<Prefix> {
        let subnet = self.subnet.filter(|subnet| subnet.source > 0)?;
        let address = match subnet.family {
            1 => {
                let mut octets = [0; 4];
                octets[..subnet.address.len()].copy_from_slice(subnet.address);
                IpAddr::from(octets)
            }
            2 => {
                let mut octets = [0; 16];
                octets[..subnet.address.len()].copy_from_slice(subnet.address);
                IpAddr::from(octets)
            }
            _ => return None,
        };
        Some(Prefix::around(address, subnet.source))
    }
}

impl<'a> Subnet<'a> {
    /// RFC 7871 §6: scope 0 in queries, the address in as few bytes as the prefix needs, no bits beyond it.
    fn read(value: &'a [u8]) -> Result<Self, BadOption> {
        let [family0, family1, source, scope, ref address @ ..] = *value else { return Err(BadOption) };
        let family = u16::from_be_bytes([family0, family1]);
        let most = match family {
            // What `dig +subnet=0` sends: no address at all.
            0 => 0,
            1 => 32,
            2 => 128,
            _ => return Err(BadOption),
        };
        let spare = source % 8;
        let beyond = address.last().is_some_and(|last| spare != 0 && last & (0xff >> spare) != 0);
        if source > most || scope != 0 || address.len() != usize::from(source).div_ceil(8) || beyond {
            return Err(BadOption);
        }
        Ok(Self { family, source, address })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subnet_names_the_client() {
        let edns = Edns::read(4096, [0, 0, 0x80, 0], &[0, 8, 0, 7, 0, 1, 24, 0, 198, 51, 100]).unwrap();
        assert_eq!(edns.client().unwrap().to_string(), "198.51.100.0/24");
        let nobody = Edns::read(4096, [0; 4], &[0, 8, 0, 4, 0, 1, 0, 0]).unwrap();
        assert_eq!(nobody.client(), None);
        assert_eq!((edns.dnssec_ok, edns.udp_payload()), (true, UDP_PAYLOAD_MAX));
    }

    #[test]
    fn the_first_of_two_cookies_counts() {
        let rdata = [&[0, 10, 0, 8][..], &[1; 8], &[0, 10, 0, 8], &[2; 8], &[0, 3, 0, 0, 0, 11, 0, 0]].concat();
        let edns = Edns::read(4096, [0; 4], &rdata).unwrap();
        assert_eq!(edns.cookie(), Cookie::read(&[1; 8]));
        assert!(edns.wants_nsid && edns.wants_keepalive);
    }

    #[test]
    fn malformed_options_are_refused() {
        let bad: [&[u8]; 9] = [
            &[0],
            &[0, 8, 0, 9, 0, 1],
            &[0, 8, 0, 2, 0, 1],
            &[0, 8, 0, 7, 0, 1, 20, 0, 198, 51, 0x6f],
            &[0, 8, 0, 6, 0, 1, 24, 0, 198, 51],
            &[0, 8, 0, 7, 0, 3, 24, 0, 1, 2, 3],
            &[0, 8, 0, 7, 0, 1, 24, 24, 1, 2, 3],
            &[0, 10, 0, 1, 7],
            &[0, 10, 0, 0],
        ];
        for rdata in bad {
            assert!(Edns::read(512, [0; 4], rdata).is_err(), "{rdata:?}");
        }
        assert!(Edns::read(512, [0; 4], &[0, 9, 0, 1, 7]).is_ok(), "an unknown option is ignored");
        assert!(Edns::read(512, [0, 1, 0, 0], &[0]).is_ok(), "another version has rules of its own");
    }
}
