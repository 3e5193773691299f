//! Questions written and replies read back, for those who ask [`crate::answer`] without a socket: TestDNSAnswer,
//! explanations, tests. This may allocate.

use std::net::IpAddr;

use model::{Name, RecordType};

/// One record of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRecord {
    /// The owner.
    pub name: Name,
    /// The type.
    pub record_type: RecordType,
    /// Seconds.
    pub ttl: u32,
    /// The rdata, uncompressed.
    pub rdata: Vec<u8>,
}

/// What a reply says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadReply {
    /// The response code of the header (RFC 1035 §4.1.1).
    pub response_code: u8,
    /// The answer section, in its order.
    pub answer: Vec<AnswerRecord>,
    /// The authority section.
    pub authority: Vec<AnswerRecord>,
}

/// Writes a query for a name and type, with a Client Subnet option if one is given (address and prefix length, the
/// address's further bits are cut off; RFC 7871 §6).
#[must_use]
pub fn question(name: &Name, record_type: RecordType, subnet: Option<(IpAddr, u8)>) -> Vec<u8> {
    let mut message = vec![0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    message.extend_from_slice(name.wire());
    message.extend_from_slice(&record_type.0.to_be_bytes());
    message.extend_from_slice(&[0, 1]);
    if let Some((address, prefix)) = subnet {
        let (family, mut bytes) = match address {
            IpAddr::V4(v4) => (1, v4.octets().to_vec()),
            IpAddr::V6(v6) => (2, v6.octets().to_vec()),
        };
        bytes.truncate(usize::from(prefix).div_ceil(8));
        if let Some(last) = bytes.last_mut().filter(|_| prefix % 8 != 0) {
            *last &= !(0xff >> (prefix % 8));
        }
        let length = u8::try_from(4 + bytes.len()).expect("at most 20");
        message[11] = 1;
        message.extend_from_slice(&[0, 0, 41, 16, 0, 0, 0, 0, 0, 0, length + 4]);
        message.extend_from_slice(&[0, 8, 0, length, 0, family, prefix, 0]);
        message.extend_from_slice(&bytes);
    }
    message
}

/// Reads the first two sections of a reply. `None` if it is no reply of ours.
#[must_use]
pub fn read_reply(reply: &[u8]) -> Option<ReadReply> {
    let mut at = 12;
    for _ in 0..u16_at(reply, 4)? {
        at = name(reply, at)?.1 + 4;
    }
    let mut section = |count: u16| (0..count).map(|_| record(reply, &mut at)).collect::<Option<Vec<_>>>();
    Some(ReadReply {
        response_code: reply.get(3)? & 0x0f,
        answer: section(u16_at(reply, 6)?)?,
        authority: section(u16_at(reply, 8)?)?,
    })
}

fn u16_at(reply: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(reply.get(at..at + 2)?.try_into().ok()?))
}

fn record(reply: &[u8], at: &mut usize) -> Option<AnswerRecord> {
    let (owner, fixed) = name(reply, *at)?;
    let record_type = RecordType(u16_at(reply, fixed)?);
    let ttl = u32::from_be_bytes(reply.get(fixed + 4..fixed + 8)?.try_into().ok()?);
    let start = fixed + 10;
    *at = start + usize::from(u16_at(reply, fixed + 8)?);
    let rdata = uncompressed(reply, record_type, start, *at)?;
    Some(AnswerRecord { name: Name::from_wire(&owner).ok()?, record_type, ttl, rdata })
}

/// Rdata with its names written out; only the types of RFC 1035 may be compressed (RFC 3597 §4).
fn uncompressed(reply: &[u8], record_type: RecordType, start: usize, end: usize) -> Option<Vec<u8>> {
    let (head, names) = match record_type {
        RecordType::NS | RecordType::CNAME | RecordType::PTR => (0, 1),
        RecordType::MX => (2, 1),
        RecordType::SOA => (0, 2),
        _ => return reply.get(start..end).map(<[u8]>::to_vec),
    };
    let mut rdata = reply.get(start..start + head)?.to_vec();
    let mut at = start + head;
    for _ in 0..names {
        let (name, next) = name(reply, at)?;
        rdata.extend_from_slice(&name);
        at = next;
    }
    rdata.extend_from_slice(reply.get(at..end)?);
    Some(rdata)
}

/// A name in wire format, and where the next field begins.
fn name(reply: &[u8], mut at: usize) -> Option<(Vec<u8>, usize)> {
    let mut wire = Vec::new();
    let mut next = None;
    loop {
        let length = usize::from(*reply.get(at)?);
        match length {
            0 => {
                wire.push(0);
                return Some((wire, next.unwrap_or(at + 1)));
            }
            1..=63 => {
                wire.extend_from_slice(reply.get(at..at + 1 + length)?);
                at += 1 + length;
            }
            0xc0.. => {
                next = next.or(Some(at + 2));
                let to = (length & 0x3f) << 8 | usize::from(*reply.get(at + 1)?);
                // Only backwards, so that this ends.
                at = (to < at).then_some(to)?;
            }
            _ => return None,
        }
        if wire.len() > 255 {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_rdata_are_written_out() {
        let mut reply = question(&Name::parse("w.ex").unwrap(), RecordType::CNAME, None);
        reply[7] = 1;
        reply.extend_from_slice(b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x04\x01v\xc0\x0e");
        let ReadReply { response_code, answer: records, authority } = read_reply(&reply).unwrap();
        assert_eq!((response_code, records.len(), authority.len()), (0, 1, 0));
        assert_eq!((records[0].name.to_string().as_str(), records[0].ttl), ("w.ex.", 60));
        assert_eq!(records[0].rdata, b"\x01v\x02ex\0");
        reply.truncate(reply.len() - 1);
        assert_eq!(read_reply(&reply), None);
    }

    #[test]
    fn a_subnet_is_cut_to_its_prefix() {
        let message = question(&Name::root(), RecordType::A, Some(([198, 51, 103, 9].into(), 22)));
        assert!(message.ends_with(&[0, 8, 0, 7, 0, 1, 22, 0, 198, 51, 100]));
    }
}
