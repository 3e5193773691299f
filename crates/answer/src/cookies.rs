//! DNS cookies (RFC 7873), in the form that servers of every make can share (RFC 9018).
//!
//! A server cookie is `version 1 | reserved | time | hash`, the hash taken over what stands before it, the client's
//! cookie and the client's address, so that nothing is kept of any client. Before: `query` read the option. After:
//! `edns` writes the one that goes back. Each reply carries a cookie made now (RFC 9018 §4.3 lets a server make them as
//! often as it likes), so that one hash is all that it costs. Left out on purpose: refusing or shortening replies to those who have no
//! valid cookie, which is for servers that limit rates.

use std::net::IpAddr;

use crate::siphash::siphash24;

/// Bytes of a secret that servers may share.
pub const COOKIE_SECRET_BYTES: usize = 16;

/// What server cookies are made and judged by.
#[derive(Clone, PartialEq, Eq)]
pub struct CookieSecrets {
    current: [u8; COOKIE_SECRET_BYTES],
    other: Option<[u8; COOKIE_SECRET_BYTES]>,
}

/// A cookie option of a query: the client's part, and the server's if the client has learnt one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cookie<'a> {
    client: &'a [u8; CLIENT],
    server: Option<&'a [u8]>,
}

/// What goes back: the client's part and the server's.
pub(crate) type WholeCookie = [u8; CLIENT + SERVER];

const CLIENT: usize = 8;
const SERVER: usize = 16;
/// RFC 7873 §4: a server cookie of any make.
const SERVER_OF_ANY_MAKE: std::ops::RangeInclusive<usize> = 8..=32;
const VERSION: u8 = 1;
/// RFC 9018 §4.3: cookies are taken for an hour, and from clocks that are up to five minutes ahead.
const AGE_SECONDS_MAX: i32 = 3600;
const AHEAD_SECONDS_MAX: i32 = 300;

impl<'a> Cookie<'a> {
    /// Reads the option's value; none if its length is none that a cookie has (RFC 7873 §5.2.2).
    pub(crate) fn read(value: &'a [u8]) -> Option<Self> {
        let (client, server) = value.split_first_chunk()?;
        let server = match server.len() {
            0 => None,
            length if SERVER_OF_ANY_MAKE.contains(&length) => Some(server),
            _ => return None,
        };
        Some(Self { client, server })
    }
}

impl CookieSecrets {
    /// Cookies are made with `current`; those made with `other` count as valid too, while secrets are exchanged
    /// (RFC 9018 §5).
    #[must_use]
    pub fn new(current: [u8; COOKIE_SECRET_BYTES], other: Option<[u8; COOKIE_SECRET_BYTES]>) -> Self {
        Self { current, other }
    }

    /// The cookie for the client at `address`, `now` being seconds since 1970.
    pub(crate) fn whole(&self, cookie: Cookie<'_>, address: IpAddr, now: u32) -> WholeCookie {
        let mut whole = [0; CLIENT + SERVER];
        whole[..CLIENT].copy_from_slice(cookie.client);
        whole[CLIENT] = VERSION;
        whole[CLIENT + 4..CLIENT + 8].copy_from_slice(&now.to_be_bytes());
        let hash = hash(&self.current, whole.first_chunk().expect("it is longer"), address);
        whole[CLIENT + 8..].copy_from_slice(&hash);
        whole
    }

    /// Whether the server's part is one of ours for this client, of the last hour; true if there is none yet.
    pub(crate) fn accept(&self, cookie: Cookie<'_>, address: IpAddr, now: u32) -> bool {
        let Some(server) = cookie.server else { return true };
        let Ok(server) = <&[u8; SERVER]>::try_from(server) else { return false };
        let (head, found) = server.split_at(8);
        let time = u32::from_be_bytes(head[4..].try_into().expect("four bytes"));
        // RFC 9018 §4.3 compares times as serial numbers (RFC 1982), which do not end in 2106.
        let age = now.wrapping_sub(time).cast_signed();
        if head[0] != VERSION || !(-AHEAD_SECONDS_MAX..=AGE_SECONDS_MAX).contains(&age) {
            return false;
        }
        let mut input = [0; CLIENT + 8];
        input[..CLIENT].copy_from_slice(cookie.client);
        // RFC 9018 §4.2: reserved bytes may be set, and are hashed as they came.
        input[CLIENT..].copy_from_slice(head);
        let mut secrets = [Some(&self.current), self.other.as_ref()].into_iter().flatten();
        let found = u64::from_ne_bytes(found.try_into().expect("eight bytes"));
        // As numbers, so that the time does not tell how many bytes were right.
        secrets.any(|secret| u64::from_ne_bytes(hash(secret, &input, address)) == found)
    }
}

/// Who sees a secret can make cookies, so it is not printed.
impl std::fmt::Debug for CookieSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CookieSecrets").finish_non_exhaustive()
    }
}

/// RFC 9018 §4.4: client cookie, version, reserved, time, and the client's address.
fn hash(secret: &[u8; COOKIE_SECRET_BYTES], input: &[u8; CLIENT + 8], address: IpAddr) -> [u8; 8] {
    let mut bytes = [0; CLIENT + 8 + 16];
    bytes[..CLIENT + 8].copy_from_slice(input);
    let length = match address {
        IpAddr::V4(address) => {
            bytes[CLIENT + 8..CLIENT + 12].copy_from_slice(&address.octets());
            CLIENT + 12
        }
        IpAddr::V6(address) => {
            bytes[CLIENT + 8..].copy_from_slice(&address.octets());
            bytes.len()
        }
    };
    siphash24(secret, &bytes[..length]).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex<const N: usize>(digits: &str) -> [u8; N] {
        let byte = |i: usize| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap();
        std::array::from_fn(byte)
    }

    const SECRET: &str = "e5e973e5a6b2a43f48e7dc849e37bfcf";
    const NEW: &str = "445536bcd2513298075a5d379663c962";
    const OLD: &str = "dd3bdf9344b678b185a6f5cb60fca715";

    fn secrets(current: &str, other: Option<&str>) -> CookieSecrets {
        CookieSecrets::new(hex(current), other.map(hex))
    }

    /// What a client sends, when, and what it gets.
    #[track_caller]
    fn check(secrets: &CookieSecrets, address: &str, client: &str, now: u32, expected: &str) {
        let client: [u8; CLIENT] = hex(client);
        let whole = secrets.whole(Cookie::read(&client).unwrap(), address.parse().unwrap(), now);
        assert_eq!(whole, hex(expected));
        assert!(secrets.accept(Cookie::read(&whole).unwrap(), address.parse().unwrap(), now));
    }

    #[test]
    fn the_vectors_of_rfc_9018() {
        let ours = secrets(SECRET, None);
        let first = "2464c4abcf10c957010000005cf79f111f8130c3eee29480";
        check(&ours, "198.51.100.100", "2464c4abcf10c957", 1_559_731_985, first);
        let later = "2464c4abcf10c957010000005cf7a871d4a564a1442aca77";
        check(&ours, "198.51.100.100", "2464c4abcf10c957", 1_559_734_385, later);
        let other = "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e";
        check(&ours, "203.0.113.203", "fc93fc62807ddb86", 1_559_734_700, other);
        let six = "22681ab97d52c298010000005cf7c609a6bb79d16625507a";
        check(&secrets(NEW, Some(OLD)), "2001:db8:220:1:59de:d0f4:8769:82b8", "22681ab97d52c298", 1_559_741_961, six);
    }

    #[test]
    fn reserved_bytes_are_hashed_as_they_came() {
        let cookie: [u8; 24] = hex("fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5");
        let accept = |now| secrets(SECRET, None).accept(Cookie::read(&cookie).unwrap(), [203, 0, 113, 203].into(), now);
        assert!(accept(1_559_727_985) && accept(1_559_727_985 + 3600) && accept(1_559_727_985 - 300));
        assert!(!accept(1_559_727_985 + 3601), "an hour old");
        assert!(!accept(1_559_727_985 - 301), "from the future");
    }

    #[test]
    fn a_cookie_is_good_for_its_client_and_under_either_secret() {
        let cookie: [u8; 24] = hex("22681ab97d52c298010000005cf7c57926556bd0934c72f8");
        let six: IpAddr = "2001:db8:220:1:59de:d0f4:8769:82b8".parse().unwrap();
        let accept = |current, other, address, cookie: &[u8]| {
            secrets(current, other).accept(Cookie::read(cookie).unwrap(), address, 1_559_741_961)
        };
        assert!(accept(OLD, None, six, &cookie) && accept(NEW, Some(OLD), six, &cookie));
        assert!(!accept(NEW, None, six, &cookie), "the old secret has gone");
        assert!(!accept(OLD, None, [192, 0, 2, 1].into(), &cookie), "another client");
        for i in 0..24 {
            let mut changed = cookie;
            changed[i] ^= 1;
            assert!(!accept(OLD, None, six, &changed), "byte {i}");
        }
        assert!(!accept(OLD, None, six, &cookie[..16]), "of another make");
        assert!(accept(OLD, None, six, &cookie[..8]), "none yet");
    }

    #[test]
    fn lengths_that_no_cookie_has_are_told() {
        for length in 0..60 {
            let is_good = length == 8 || (16..=40).contains(&length);
            assert_eq!(Cookie::read(&vec![0; length]).is_some(), is_good, "{length}");
        }
    }

    #[test]
    fn time_goes_on_after_2106() {
        let (ours, client) = (secrets(SECRET, None), [7; CLIENT]);
        let whole = ours.whole(Cookie::read(&client).unwrap(), [192, 0, 2, 1].into(), u32::MAX - 5);
        assert!(ours.accept(Cookie::read(&whole).unwrap(), [192, 0, 2, 1].into(), 60));
    }
}
