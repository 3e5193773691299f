//! Queries written by hand, independent of the code that reads them: the ordinary ones and raw packets.

use std::net::IpAddr;
use std::str::FromStr;

use domain::base::Name;
use domain::base::iana::Rtype;

/// A query with one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Wire format, case as given.
    pub name: Vec<u8>,
    /// The type's number.
    pub record_type: u16,
    /// The class's number.
    pub class: u16,
    /// The RD flag.
    pub recursion_desired: bool,
    /// The CD flag.
    pub checking_disabled: bool,
    /// The OPT to send.
    pub edns: Option<Opt>,
}

/// The OPT of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opt {
    /// Largest UDP reply we say we take.
    pub payload: u16,
    /// The EDNS version.
    pub version: u8,
    /// The DO bit.
    pub dnssec_ok: bool,
    /// Flags other than DO.
    pub flags: u16,
    /// Options, one after another in wire format.
    pub options: Vec<u8>,
}

impl Query {
    /// Asks for a name in master-file form and a type by mnemonic or number, in class IN without EDNS.
    ///
    /// # Errors
    /// Not a name, not a type.
    pub fn new(name: &str, record_type: &str) -> Result<Self, String> {
        Ok(Self {
            name: wire_name(name)?,
            record_type: Rtype::from_str(record_type).map_err(|_| format!("not a type: {record_type}"))?.to_int(),
            class: 1,
            recursion_desired: false,
            checking_disabled: false,
            edns: None,
        })
    }

    /// The question section.
    #[must_use]
    pub fn question(&self) -> Vec<u8> {
        let mut bytes = self.name.clone();
        bytes.extend_from_slice(&self.record_type.to_be_bytes());
        bytes.extend_from_slice(&self.class.to_be_bytes());
        bytes
    }

    /// The whole message.
    #[must_use]
    pub fn to_wire(&self, id: u16) -> Vec<u8> {
        let mut bytes = id.to_be_bytes().to_vec();
        let flags = [u8::from(self.recursion_desired), u8::from(self.checking_disabled) << 4];
        bytes.extend_from_slice(&flags);
        bytes.extend_from_slice(&[0, 1, 0, 0, 0, 0, 0, u8::from(self.edns.is_some())]);
        bytes.extend(self.question());
        if let Some(opt) = &self.edns {
            bytes.extend_from_slice(&[0, 0, 41]);
            bytes.extend_from_slice(&opt.payload.to_be_bytes());
            bytes.extend_from_slice(&[0, opt.version]);
            bytes.extend_from_slice(&(opt.flags | u16::from(opt.dnssec_ok) << 15).to_be_bytes());
            bytes.extend_from_slice(&u16::try_from(opt.options.len()).expect("few options").to_be_bytes());
            bytes.extend_from_slice(&opt.options);
        }
        bytes
    }

    /// The largest UDP reply that may come back: what the client takes, and never more than 1232 bytes (RFC 9715).
    #[must_use]
    pub fn udp_limit(&self) -> usize {
        self.edns.as_ref().map_or(512, |opt| usize::from(opt.payload).clamp(512, 1232))
    }
}

impl Default for Opt {
    fn default() -> Self {
        Self { payload: 1232, version: 0, dnssec_ok: false, flags: 0, options: Vec::new() }
    }
}

/// An EDNS option in wire format.
#[must_use]
pub fn option(code: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).expect("options are short");
    [&code.to_be_bytes()[..], &length.to_be_bytes(), value].concat()
}

/// A Client Subnet option (RFC 7871 §6) from `address/prefix`; address bytes beyond the prefix are cut off.
///
/// # Errors
/// Not an address and a prefix.
pub fn subnet(text: &str) -> Result<Vec<u8>, String> {
    let fault = || format!("not a subnet: {text}");
    let (address, prefix) = text.split_once('/').ok_or_else(fault)?;
    let prefix: u8 = prefix.parse().map_err(|_| fault())?;
    let (family, bytes) = match address.parse::<IpAddr>().map_err(|_| fault())? {
        IpAddr::V4(a) => (1, a.octets().to_vec()),
        IpAddr::V6(a) => (2, a.octets().to_vec()),
    };
    let length = usize::from(prefix).div_ceil(8);
    let mut value = vec![0, family, prefix, 0];
    value.extend_from_slice(bytes.get(..length).ok_or_else(fault)?);
    Ok(option(8, &value))
}

/// A name in master-file form, final dot optional, to wire format in the case given.
///
/// # Errors
/// Not a name.
pub fn wire_name(text: &str) -> Result<Vec<u8>, String> {
    let name = Name::<Vec<u8>>::from_str(text).map_err(|e| format!("not a name: {text}: {e}"))?;
    Ok(name.into_octets())
}

/// A packet from words: hexadecimal digits, `<name>` for a name in wire format, `hex*N` for a repetition.
///
/// # Errors
/// A word that is none of these.
pub fn packet(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for word in text.split_whitespace() {
        if let Some(name) = word.strip_prefix('<').and_then(|w| w.strip_suffix('>')) {
            bytes.extend(wire_name(name)?);
            continue;
        }
        let fault = || format!("not hexadecimal: {word}");
        let (digits, times) = word.split_once('*').unwrap_or((word, "1"));
        let times: usize = times.parse().map_err(|_| fault())?;
        if !digits.is_ascii() || digits.len() % 2 != 0 {
            return Err(fault());
        }
        let part: Result<Vec<u8>, _> =
            (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16)).collect();
        bytes.extend(part.map_err(|_| fault())?.repeat(times));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_and_the_same_as_a_packet() {
        let mut query = Query::new("wWw.ex", "AAAA").unwrap();
        query.recursion_desired = true;
        query.edns = Some(Opt { options: subnet("198.51.100.7/24").unwrap(), ..Opt::default() });
        let packet = packet(
            "1234 0100 0001 0000 0000 0001 <wWw.ex> 001c 0001  00 0029 04d0 0000 0000 000b 0008 0007 0001 18 00 c63364",
        );
        assert_eq!(Ok(query.to_wire(0x1234)), packet);
        assert_eq!(query.name, b"\x03wWw\x02ex\0");
    }

    #[test]
    fn packets_repeat_and_complain() {
        assert_eq!(packet("c00c*3 00").unwrap(), [0xc0, 12, 0xc0, 12, 0xc0, 12, 0]);
        for text in ["0", "xx", "00*x", "<a..b>"] {
            assert!(packet(text).is_err(), "{text}");
        }
    }
}
