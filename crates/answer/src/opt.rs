//! The OPT of a reply (RFC 6891): Client Subnet echoed (RFC 7871), and what else the query asked for: a cookie (RFC
//! 7873), the server's name (RFC 5001), the idle time of its connection (RFC 7828), why it is so (RFC 8914).
//!
//! Before: `edns` read the query's OPT. After: `write` puts it at the reply's end, for which room is kept from the start.

use crate::client::{Client, Transport};
use crate::cookies::WholeCookie;
use crate::edns::{DNSSEC_OK, Edns, code};
use crate::extended_error::ExtendedError;
use crate::identity::Nsid;
use crate::limits::UDP_PAYLOAD_MAX;

/// See the module. Most queries ask for nothing but the record itself, so what else there is to say is put together only
/// when it is written.
pub(crate) struct Opt<'e> {
    edns: &'e Edns<'e>,
    /// Who asked for more than a Client Subnet.
    more: Option<&'e Client<'e>>,
    /// Bytes of the record, without an extended error.
    length: usize,
}

/// Owner, type, class, TTL, length.
const FIXED: usize = 11;
/// Code and length of an option.
const HEAD: usize = 4;

impl<'e> Opt<'e> {
    /// What answers the OPT of a client's query.
    #[inline]
    pub(crate) fn new(edns: &'e Edns<'e>, client: &'e Client<'e>) -> Self {
        let more = edns.asks_for_more().then_some(client);
        let length = FIXED
            + edns.subnet.map_or(0, |subnet| HEAD + 4 + subnet.address.len())
            + more.map_or(0, |client| More::length(edns, client));
        Self { edns, more, length }
    }

    /// Bytes of the record, without an extended error.
    #[inline]
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// Writes it; `out` is exactly [`Self::length`] long, and longer by the error's. `extended` is the upper part of the
    /// response code, `scope` how many bits of the client's address the answer depends on.
    #[inline]
    pub(crate) fn write(&self, extended: u8, scope: u8, error: Option<ExtendedError>, out: &mut [u8]) {
        let payload = u16::try_from(UDP_PAYLOAD_MAX).expect("below 65536").to_be_bytes();
        let flags = if self.edns.dnssec_ok { DNSSEC_OK } else { 0 }.to_be_bytes();
        let options = length(out.len() - FIXED);
        // Root name, type 41, our payload size, extended rcode, version 0, flags (RFC 6891 §6.1.2).
        let head = [0, 0, 41, payload[0], payload[1], extended, 0, flags[0], flags[1], options[0], options[1]];
        out[..FIXED].copy_from_slice(&head);
        let mut at = FIXED;
        if let Some(subnet) = self.edns.subnet {
            let length = length(4 + subnet.address.len());
            let family = subnet.family.to_be_bytes();
            // RFC 7871 §7.2.1: family, source and address as they came; scope 0 to a client that gave no address.
            let scope = if subnet.source > 0 { self.edns.scope(scope) } else { 0 };
            let head = [0, 8, length[0], length[1], family[0], family[1], subnet.source, scope];
            out[at..at + 8].copy_from_slice(&head);
            at += 8;
            out[at..at + subnet.address.len()].copy_from_slice(subnet.address);
            at += subnet.address.len();
        }
        if self.more.is_some() || error.is_some() {
            self.write_more(error, &mut out[at..]);
        }
    }

    #[inline(never)]
    fn write_more(&self, error: Option<ExtendedError>, out: &mut [u8]) {
        let mut options = Options { out, at: 0 };
        if let Some(client) = self.more {
            More::new(self.edns, client).write(&mut options);
        }
        if let Some(error) = error {
            let (code, text) = error.value();
            options.put(code::EXTENDED_ERROR, &[&code, text]);
        }
    }
}

/// What some queries ask for beside the record itself.
struct More<'e> {
    cookie: Option<WholeCookie>,
    nsid: Option<&'e [u8]>,
    keepalive: Option<u16>,
}

impl<'e> More<'e> {
    fn new(edns: &'e Edns<'e>, client: &'e Client<'e>) -> Self {
        let identity = client.identity;
        let cookie = edns.cookie().zip(identity.cookies.as_ref());
        let cookie = cookie.map(|(cookie, ours)| ours.whole(cookie, client.address, client.now_seconds));
        let nsid = identity.nsid.as_ref().filter(|_| edns.wants_nsid).map(Nsid::bytes);
        Self { cookie, nsid, keepalive: Self::keepalive(edns, client) }
    }

    /// Bytes of all of it, for which no cookie need be made.
    fn length(edns: &Edns<'_>, client: &Client<'_>) -> usize {
        let has_cookie = client.identity.cookies.is_some() && edns.cookie().is_some();
        let nsid = client.identity.nsid.as_ref().filter(|_| edns.wants_nsid);
        let has_keepalive = Self::keepalive(edns, client).is_some();
        let cookie = if has_cookie { HEAD + size_of::<WholeCookie>() } else { 0 };
        let keepalive = if has_keepalive { HEAD + 2 } else { 0 };
        cookie + nsid.map_or(0, |nsid| HEAD + nsid.bytes().len()) + keepalive
    }

    /// RFC 7828 §3.2.2: the option means nothing in a datagram.
    fn keepalive(edns: &Edns<'_>, client: &Client<'_>) -> Option<u16> {
        let is_tcp = client.transport == Transport::Tcp;
        client.identity.tcp_idle_tenths.filter(|_| edns.wants_keepalive && is_tcp)
    }

    fn write(&self, options: &mut Options<'_>) {
        if let Some(cookie) = &self.cookie {
            options.put(code::COOKIE, &[cookie]);
        }
        if let Some(nsid) = self.nsid {
            options.put(code::NSID, &[nsid]);
        }
        if let Some(tenths) = self.keepalive {
            options.put(code::TCP_KEEPALIVE, &[&tenths.to_be_bytes()]);
        }
    }
}

struct Options<'o> {
    out: &'o mut [u8],
    at: usize,
}

impl Options<'_> {
    fn put(&mut self, code: u16, parts: &[&[u8]]) {
        self.copy(&code.to_be_bytes());
        self.copy(&length(parts.iter().map(|part| part.len()).sum()));
        for part in parts {
            self.copy(part);
        }
    }

    fn copy(&mut self, bytes: &[u8]) {
        self.out[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
    }
}

fn length(bytes: usize) -> [u8; 2] {
    u16::try_from(bytes).expect("options are short").to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookies::CookieSecrets;
    use crate::identity::{Identity, NSID_BYTES_MAX};

    const SUBNET: &[u8] = &[0, 8, 0, 7, 0, 1, 24, 0, 198, 51, 100];
    const ALL: &[u8] = &[0, 3, 0, 0, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 11, 0, 0];

    fn written(identity: &Identity, transport: Transport, options: &[u8], error: Option<ExtendedError>) -> Vec<u8> {
        let edns = Edns::read(4096, [0, 0, 0x80, 0], options).unwrap();
        let client = Client { identity, ..Client::new([192, 0, 2, 1].into(), transport, 0) };
        let opt = Opt::new(&edns, &client);
        let mut out = vec![0; opt.length() + error.map_or(0, ExtendedError::length)];
        opt.write(0, 20, error, &mut out);
        out
    }

    fn identity() -> Identity {
        let nsid = Some(Nsid::new(&[b'n'; NSID_BYTES_MAX]).unwrap());
        Identity { nsid, cookies: Some(CookieSecrets::new([7; 16], None)), tcp_idle_tenths: Some(100) }
    }

    #[test]
    fn a_subnet_is_echoed_with_the_scope() {
        let out = written(Identity::SILENT, Transport::Udp, &[SUBNET, ALL].concat(), None);
        let head = &[0, 0, 41, 4, 208, 0, 0, 0x80, 0, 0, 11][..];
        assert_eq!(out, [head, &[0, 8, 0, 7, 0, 1, 24, 20, 198, 51, 100]].concat());
        let nobody = written(Identity::SILENT, Transport::Udp, &[0, 8, 0, 4, 0, 1, 0, 0], None);
        assert_eq!(nobody.last(), Some(&0), "no scope for no address");
    }

    #[test]
    fn the_scope_of_an_ipv4_address_in_ipv6_counts_the_bits_before_it() {
        let mapped = [&[0, 8, 0, 19, 0, 2, 120, 0][..], &[0; 10], &[0xff, 0xff, 198, 51, 100]].concat();
        let out = written(Identity::SILENT, Transport::Udp, &mapped, None);
        assert_eq!(out[FIXED + 7], 20 + 96);
        let other = [&[0, 8, 0, 10, 0, 2, 48, 0][..], &[0x20, 1, 0xd, 0xb8, 0, 1]].concat();
        assert_eq!(written(Identity::SILENT, Transport::Udp, &other, None)[FIXED + 7], 20);
    }

    #[test]
    fn keepalive_is_for_streams_and_errors_stand_last() {
        let of_udp = written(&identity(), Transport::Udp, ALL, None);
        let of_tcp = written(&identity(), Transport::Tcp, ALL, Some(ExtendedError::AllUnhealthy));
        assert_eq!(of_tcp.len(), of_udp.len() + 6 + ExtendedError::AllUnhealthy.length());
        let tail = [&[0, 11, 0, 2, 0, 100, 0, 15, 0, 29, 0, 0][..], b"all unhealthy, failing open"].concat();
        assert!(of_tcp.ends_with(&tail), "{of_tcp:02x?}");
    }

    #[test]
    fn the_longest_question_and_every_option_leave_room_in_512_bytes() {
        let six = [&[0, 8, 0, 20, 0, 2, 128, 0][..], &[9; 16]].concat();
        let out = written(&identity(), Transport::Tcp, &[&six, ALL].concat(), None);
        assert!(12 + 255 + 4 + out.len() <= crate::limits::UDP_PAYLOAD_MIN, "{}", out.len());
    }
}
