//! EDNS(0): what a query's OPT record says, and the OPT of the reply (RFC 6891), with Client Subnet echoed (RFC 7871).

use std::net::IpAddr;

use model::prefix::Prefix;

use crate::limits::{UDP_PAYLOAD_MAX, UDP_PAYLOAD_MIN};

/// What the OPT of a query says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edns<'a> {
    /// The largest UDP reply the client takes, as it says.
    payload: u16,
    pub(crate) version: u8,
    dnssec_ok: bool,
    subnet: Option<Subnet<'a>>,
}

/// A valid Client Subnet option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Subnet<'a> {
    family: u16,
    source: u8,
    address: &'a [u8],
}

/// An option that its RFC calls malformed: the query is answered FORMERR.
#[derive(Debug, PartialEq, Eq)]
struct BadOption;

const CLIENT_SUBNET: u16 = 8;
const DNSSEC_OK: u16 = 0x8000;

impl<'a> Edns<'a> {
    /// Reads an OPT from its class, TTL and rdata. If an option is malformed, what else it says is the error: the
    /// reply has an OPT all the same (RFC 6891 §6.1.1).
    pub(crate) fn read(class: u16, ttl: [u8; 4], rdata: &'a [u8]) -> Result<Self, Self> {
        let [_, version, flags0, flags1] = ttl;
        let dnssec_ok = u16::from_be_bytes([flags0, flags1]) & DNSSEC_OK != 0;
        let edns = Self { payload: class, version, dnssec_ok, subnet: None };
        match Self::subnet(rdata) {
            // What options mean in another version is not ours to know; the reply is BADVERS.
            _ if version != 0 => Ok(edns),
            Ok(subnet) => Ok(Self { subnet, ..edns }),
            Err(BadOption) => Err(edns),
        }
    }

    fn subnet(rdata: &'a [u8]) -> Result<Option<Subnet<'a>>, BadOption> {
        let mut subnet = None;
        let mut rest = rdata;
        while !rest.is_empty() {
            let [code0, code1, length0, length1, ..] = *rest else { return Err(BadOption) };
            let length = usize::from(u16::from_be_bytes([length0, length1]));
            let value = rest.get(4..4 + length).ok_or(BadOption)?;
            rest = &rest[4 + length..];
            if u16::from_be_bytes([code0, code1]) == CLIENT_SUBNET {
                subnet = Some(Subnet::read(value)?);
            }
        }
        Ok(subnet)
    }

    /// The largest UDP reply: sizes below 512 count as 512 (RFC 6891 §6.2.3), and ours has a bound of its own.
    pub(crate) fn udp_payload(&self) -> usize {
        usize::from(self.payload).clamp(UDP_PAYLOAD_MIN, UDP_PAYLOAD_MAX)
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

    /// How long the OPT of the reply will be.
    pub(crate) fn reply_length(&self) -> usize {
        11 + self.subnet.map_or(0, |s| 8 + s.address.len())
    }

    /// Writes the OPT of the reply; `out` is exactly [`Self::reply_length`] long. `extended` is the upper part of
    /// the response code, `scope` how many bits of the client's address the answer depends on.
    pub(crate) fn write(&self, extended: u8, scope: u8, out: &mut [u8]) {
        let payload = u16::try_from(UDP_PAYLOAD_MAX).expect("below 65536").to_be_bytes();
        let flags = if self.dnssec_ok { DNSSEC_OK } else { 0 }.to_be_bytes();
        // Root name, type 41, our payload size, extended rcode, version 0, flags (RFC 6891 §6.1.2).
        out[..9].copy_from_slice(&[0, 0, 41, payload[0], payload[1], extended, 0, flags[0], flags[1]]);
        let length = u16::try_from(out.len() - 11).expect("an option is short").to_be_bytes();
        out[9..11].copy_from_slice(&length);
        if let Some(subnet) = self.subnet {
            let length = u16::try_from(4 + subnet.address.len()).expect("at most 16 bytes").to_be_bytes();
            let family = subnet.family.to_be_bytes();
            // RFC 7871 §7.2.1: family, source and address as they came; scope 0 to a client that gave no address.
            let scope = if subnet.source > 0 { scope } else { 0 };
            let head = [0, 8, length[0], length[1], family[0], family[1], subnet.source, scope];
            out[11..19].copy_from_slice(&head);
            out[19..].copy_from_slice(subnet.address);
        }
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
    fn a_subnet_is_echoed_with_the_scope() {
        let edns = Edns::read(4096, [0, 0, 0x80, 0], &[0, 8, 0, 7, 0, 1, 24, 0, 198, 51, 100]).unwrap();
        let mut out = vec![0; edns.reply_length()];
        edns.write(0, 20, &mut out);
        assert_eq!(
            out,
            [&[0, 0, 41, 4, 208, 0, 0, 0x80, 0, 0, 11][..], &[0, 8, 0, 7, 0, 1, 24, 20, 198, 51, 100]].concat()
        );
        assert_eq!(edns.client().unwrap().to_string(), "198.51.100.0/24");
        let nobody = Edns::read(4096, [0; 4], &[0, 8, 0, 4, 0, 1, 0, 0]).unwrap();
        let mut out = vec![0; nobody.reply_length()];
        nobody.write(0, 20, &mut out);
        assert_eq!((out[out.len() - 1], nobody.client()), (0, None));
        assert_eq!(edns.udp_payload(), UDP_PAYLOAD_MAX);
    }

    #[test]
    fn malformed_options_are_refused() {
        let bad: [&[u8]; 7] = [
            &[0],
            &[0, 8, 0, 9, 0, 1],
            &[0, 8, 0, 2, 0, 1],
            &[0, 8, 0, 7, 0, 1, 20, 0, 198, 51, 0x6f],
            &[0, 8, 0, 6, 0, 1, 24, 0, 198, 51],
            &[0, 8, 0, 7, 0, 3, 24, 0, 1, 2, 3],
            &[0, 8, 0, 7, 0, 1, 24, 24, 1, 2, 3],
        ];
        for rdata in bad {
            assert!(Edns::read(512, [0; 4], rdata).is_err(), "{rdata:?}");
        }
        assert!(Edns::read(512, [0; 4], &[0, 10, 0, 1, 7]).is_ok(), "an unknown option is ignored");
        assert!(Edns::read(512, [0, 1, 0, 0], &[0]).is_ok(), "another version has rules of its own");
    }
}
