//! The parameters of SVCB and HTTPS (RFC 9460 §2.1 and §7): `alpn="h2,h3" port=8443 ipv4hint=192.0.2.1`.
//!
//! On the wire they stand in order of their keys, each once. Keys without a meaning here are opaque (`key65400="…"`).

use std::net::{Ipv4Addr, Ipv6Addr};

use domain::utils::base64;

use super::show::take_string;
use super::token::{Dialect, Token, push_quoted, unescape};
use super::{Misread, RdataFault};
use crate::RecordType;

/// The keys with a name, in order of their numbers (IANA, "Service Parameter Keys").
const NAMES: [&str; 10] = [
    "mandatory",
    "alpn",
    "no-default-alpn",
    "port",
    "ipv4hint",
    "ech",
    "ipv6hint",
    "dohpath",
    "ohttp",
    "tls-supported-groups",
];
const MANDATORY: u16 = 0;
const ALPN: u16 = 1;
const NO_DEFAULT_ALPN: u16 = 2;
const PORT: u16 = 3;
const IPV4HINT: u16 = 4;
const ECH: u16 = 5;
const IPV6HINT: u16 = 6;
const OHTTP: u16 = 8;
const GROUPS: u16 = 9;

/// Reads all parameters and appends them in the order of the wire.
pub(super) fn read(
    record_type: RecordType,
    tokens: &[Token<'_>],
    dialect: Dialect<'_>,
    wire: &mut Vec<u8>,
) -> Result<(), Misread> {
    let mut parameters: Vec<(u16, usize, Vec<u8>)> = Vec::with_capacity(tokens.len());
    let fault = |token: usize, reason| Misread {
        fault: RdataFault::Parameter { record_type, reason, value: tokens[token].shown() },
        token,
    };
    for (index, token) in tokens.iter().enumerate() {
        let (key, value) = read_one(*token, dialect).map_err(|reason| fault(index, reason))?;
        parameters.push((key, index, value));
    }
    // Sorted before they are compared: a master file may give tens of thousands.
    parameters.sort_by_key(|(key, ..)| *key);
    if let Some(pair) = parameters.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(fault(pair[1].1, "Parameter is given twice"));
    }
    check(&parameters).map_err(|(token, reason)| fault(token, reason))?;
    // RFC 9460 §2.4.2: AliasMode (priority 0) has no parameters. The priority is the first field read.
    if let Some((_, token, _)) = parameters.first()
        && alias_mode(wire)
    {
        return Err(fault(*token, "Priority 0 takes no parameters"));
    }
    for (key, token, value) in &parameters {
        let length = u16::try_from(value.len()).map_err(|_| fault(*token, "Value is too long"))?;
        wire.extend_from_slice(&key.to_be_bytes());
        wire.extend_from_slice(&length.to_be_bytes());
        wire.extend_from_slice(value);
    }
    Ok(())
}

/// Whether the RDATA read so far begins with priority 0.
fn alias_mode(wire: &[u8]) -> bool {
    wire.starts_with(&[0, 0])
}

/// Takes parameters in order of their keys. RFC 9460 §8: `mandatory` lists other keys that are present; §7.1.1: `no-default-alpn` needs `alpn`.
fn check(parameters: &[(u16, usize, Vec<u8>)]) -> Result<(), (usize, &'static str)> {
    let present = |key: u16| parameters.binary_search_by_key(&key, |(other, ..)| *other).is_ok();
    for (key, token, value) in parameters {
        match *key {
            MANDATORY if !value.chunks(2).all(|key| present(u16::from_be_bytes([key[0], key[1]]))) => {
                return Err((*token, "A mandatory key is missing"));
            }
            NO_DEFAULT_ALPN if !present(ALPN) => return Err((*token, "no-default-alpn needs alpn")),
            _ => {}
        }
    }
    Ok(())
}

fn read_one(token: Token<'_>, dialect: Dialect<'_>) -> Result<(u16, Vec<u8>), &'static str> {
    let syntax = "Parameter should be key=value";
    if token.quoted {
        return Err(syntax);
    }
    let (name, value) = match token.raw.iter().position(|&byte| byte == b'=') {
        Some(at) => (&token.raw[..at], Some(&token.raw[at + 1..])),
        None => (token.raw, None),
    };
    let key = std::str::from_utf8(name).ok().and_then(key).ok_or("Parameter key is not known")?;
    let value = match value {
        Some(quoted @ [b'"', .., b'"']) => &quoted[1..quoted.len() - 1],
        Some(plain) if plain.contains(&b'"') => return Err(syntax),
        Some(plain) => plain,
        None => b"",
    };
    let value = unescape(value, dialect).ok_or("Value contains unsupported characters")?;
    let value = value_to_wire(key, &value)?;
    Ok((key, value))
}

/// The number of a key: by name, or `keyNNNNN` without leading zeros.
fn key(name: &str) -> Option<u16> {
    if let Some(number) = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name)) {
        return u16::try_from(number).ok();
    }
    let digits = name.strip_prefix("key")?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    // RFC 9460 §14.3.2: 65535 is reserved as invalid.
    digits.parse().ok().filter(|&number| plain && number != u16::MAX)
}

fn value_to_wire(key: u16, value: &[u8]) -> Result<Vec<u8>, &'static str> {
    let text = || std::str::from_utf8(value).ok();
    match key {
        MANDATORY => {
            let reason = "mandatory should list keys";
            let mut keys: Vec<u16> =
                text().ok_or(reason)?.split(',').map(self::key).collect::<Option<_>>().ok_or(reason)?;
            keys.sort_unstable();
            if keys.contains(&MANDATORY) || keys.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err("mandatory should list each other key once");
            }
            Ok(keys.iter().flat_map(|key| key.to_be_bytes()).collect())
        }
        ALPN => {
            let mut wire = Vec::with_capacity(value.len() + 1);
            for id in list(value) {
                let length = u8::try_from(id.len()).ok().filter(|&length| length > 0);
                wire.push(length.ok_or("alpn should list ids of 1 to 255 bytes")?);
                wire.extend_from_slice(&id);
            }
            Ok(wire)
        }
        NO_DEFAULT_ALPN | OHTTP if value.is_empty() => Ok(Vec::new()),
        NO_DEFAULT_ALPN | OHTTP => Err("Parameter takes no value"),
        PORT => match text().and_then(|text| text.parse::<u16>().ok()) {
            Some(port) => Ok(port.to_be_bytes().to_vec()),
            None => Err("port should be a number from 0 to 65535"),
        },
        IPV4HINT => text()
            .and_then(|text| text.split(',').map(|hint| Some(hint.parse::<Ipv4Addr>().ok()?.octets())).collect())
            .map(|hints: Vec<[u8; 4]>| hints.concat())
            .ok_or("ipv4hint should list IPv4 addresses"),
        IPV6HINT => text()
            .and_then(|text| text.split(',').map(|hint| Some(hint.parse::<Ipv6Addr>().ok()?.octets())).collect())
            .map(|hints: Vec<[u8; 16]>| hints.concat())
            .ok_or("ipv6hint should list IPv6 addresses"),
        ECH => text()
            .and_then(|text| base64::decode::<Vec<u8>>(text).ok())
            .filter(|config| !config.is_empty())
            .ok_or("ech should be base 64"),
        GROUPS => text()
            .and_then(|text| text.split(',').map(|group| Some(group.parse::<u16>().ok()?.to_be_bytes())).collect())
            .map(|groups: Vec<[u8; 2]>| groups.concat())
            .ok_or("tls-supported-groups should list numbers"),
        _ => Ok(value.to_vec()),
    }
}

/// RFC 9460 appendix A.1: items are joined by commas; a comma or backslash inside an item has a backslash before it.
fn list(value: &[u8]) -> Vec<Vec<u8>> {
    let mut items = vec![Vec::new()];
    let mut bytes = value.iter();
    while let Some(&byte) = bytes.next() {
        let item = items.last_mut().expect("there is always one item");
        match byte {
            b',' => items.push(Vec::new()),
            b'\\' => item.extend(bytes.next()),
            _ => item.push(byte),
        }
    }
    items
}

/// Appends all parameters as text; nothing if they are not valid.
pub(super) fn show(mut wire: &[u8], dialect: Dialect<'_>, text: &mut String) -> Option<()> {
    let mut last = None;
    while !wire.is_empty() {
        let ([a, b, c, d], rest) = wire.split_first_chunk()?;
        let key = u16::from_be_bytes([*a, *b]);
        let (value, rest) = rest.split_at_checked(u16::from_be_bytes([*c, *d]).into())?;
        wire = rest;
        if last.is_some_and(|last| last >= key) || key == u16::MAX {
            return None;
        }
        if last.is_some() {
            text.push(' ');
        }
        last = Some(key);
        push_key(key, text);
        let shown = value_to_text(key, value)?;
        if !shown.is_empty() {
            text.push('=');
            push_quoted(&shown, dialect, text);
        }
    }
    Some(())
}

fn push_key(key: u16, text: &mut String) {
    match NAMES.get(usize::from(key)) {
        Some(name) => text.push_str(name),
        None => text.extend(["key", &key.to_string()]),
    }
}

fn value_to_text(key: u16, value: &[u8]) -> Option<Vec<u8>> {
    let numbers = || (!value.is_empty() && value.len().is_multiple_of(2)).then(|| value.chunks(2));
    let number = |pair: &[u8]| u16::from_be_bytes([pair[0], pair[1]]);
    let joined = |items: Vec<String>| (!items.is_empty()).then(|| items.join(",").into_bytes());
    match key {
        MANDATORY => joined(
            numbers()?
                .map(|pair| {
                    let mut name = String::new();
                    push_key(number(pair), &mut name);
                    name
                })
                .collect(),
        ),
        ALPN => {
            let (mut rest, mut text) = (value, Vec::new());
            while !rest.is_empty() {
                if !text.is_empty() {
                    text.push(b',');
                }
                for &byte in take_string(&mut rest)? {
                    if matches!(byte, b',' | b'\\') {
                        text.push(b'\\');
                    }
                    text.push(byte);
                }
            }
            (!text.is_empty()).then_some(text)
        }
        NO_DEFAULT_ALPN | OHTTP => value.is_empty().then(Vec::new),
        PORT => Some(u16::from_be_bytes(value.try_into().ok()?).to_string().into_bytes()),
        IPV4HINT => {
            let (hints, []) = value.as_chunks::<4>() else { return None };
            joined(hints.iter().map(|hint| Ipv4Addr::from(*hint).to_string()).collect())
        }
        IPV6HINT => {
            let (hints, []) = value.as_chunks::<16>() else { return None };
            joined(hints.iter().map(|hint| Ipv6Addr::from(*hint).to_string()).collect())
        }
        ECH => (!value.is_empty()).then(|| base64::encode_string(value).into_bytes()),
        GROUPS => joined(numbers()?.map(|pair| number(pair).to_string()).collect()),
        _ => Some(value.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rdata::token::split;

    #[test]
    fn tens_of_thousands_of_parameters_are_read_without_comparing_each_with_all() {
        let keys = (10..16_010).rev().map(|key| format!("key{key}"));
        let text: Vec<String> = keys.collect();
        let read = |text: &str| {
            let mut wire = vec![0, 1, 0];
            let tokens = split(text).unwrap();
            super::read(RecordType::SVCB, &tokens, Dialect::MasterFile { origin: b"\0" }, &mut wire).map(|()| wire)
        };
        let wire = read(&text.join(" ")).unwrap();
        assert_eq!((wire.len(), &wire[3..7]), (3 + 4 * 16_000, &[0, 10, 0, 0][..]));
        let twice = read(&format!("{} key10 key11", text.join(" "))).unwrap_err();
        assert_eq!((twice.fault.reason(), twice.token), (read("key10 key10").unwrap_err().fault.reason(), 16_000));
    }
}
