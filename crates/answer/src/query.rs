//! The question: header, one question, EDNS. Nothing of a message is trusted before it went through here.
//!
//! After: `find`. Left out on purpose: the contents of answer and authority sections of a query, which are skipped.

use model::RecordType;

use crate::edns::Edns;

/// A query that can be answered.
#[derive(Debug)]
pub(crate) struct Query<'a> {
    /// The question's name as it came, uncompressed.
    pub(crate) name: &'a [u8],
    pub(crate) record_type: RecordType,
    pub(crate) class: u16,
    pub(crate) edns: Option<Edns<'a>>,
}

/// What cannot be answered with data.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault<'a> {
    /// No header, or itself a response: an answer could start a loop.
    Drop,
    /// An opcode other than QUERY (RFC 6895 §2.2, RFC 8906 §7).
    NotImp,
    /// Not a message of the right form. The question, if it could be read, ends at this byte.
    FormErr(usize),
    /// The same, but only in an option of its EDNS.
    BadOption(usize, Edns<'a>),
    /// No question, but a cookie to be shown or judged (RFC 7873 §5.4).
    NoQuestion(Edns<'a>),
}

pub(crate) const HEADER: usize = 12;
const RESPONSE: u8 = 0x80;
const OPCODE: u8 = 0x78;
const NAME_BYTES_MAX: usize = 255;

impl<'a> Query<'a> {
    /// Reads a message.
    pub(crate) fn read(message: &'a [u8]) -> Result<Self, Fault<'a>> {
        if message.len() < HEADER || message[2] & RESPONSE != 0 {
            return Err(Fault::Drop);
        }
        if message[2] & OPCODE != 0 {
            return Err(Fault::NotImp);
        }
        // RFC 9619: exactly one question in a QUERY. RFC 7873 §5.4: or none, beside a cookie.
        let (name_end, end) = match message[4..6] {
            [0, 1] => {
                let name_end = question_name(message).ok_or(Fault::FormErr(HEADER))?;
                (name_end, name_end + 4)
            }
            [0, 0] => (HEADER, HEADER),
            _ => return Err(Fault::FormErr(HEADER)),
        };
        let [type0, type1, class0, class1] = match end {
            HEADER => [0; 4],
            _ => read4(message, name_end).ok_or(Fault::FormErr(HEADER))?,
        };
        let edns = if message[6..12] == [0; 6] { None } else { other_sections(message, end)? };
        if end == HEADER {
            // RFC 6891 §6.1.3: what is said of another version is BADVERS, whatever else there is to say.
            let told = edns.filter(|edns| edns.cookie().is_some() || edns.version != 0);
            return Err(told.map_or(Fault::FormErr(HEADER), Fault::NoQuestion));
        }
        Ok(Self {
            name: &message[HEADER..name_end],
            record_type: RecordType(u16::from_be_bytes([type0, type1])),
            class: u16::from_be_bytes([class0, class1]),
            edns,
        })
    }

    /// Where the question ends in the message.
    pub(crate) fn end(&self) -> usize {
        HEADER + self.name.len() + 4
    }
}

/// Where the question's name ends. A pointer has nothing to point at yet, so there is none.
fn question_name(message: &[u8]) -> Option<usize> {
    let mut at = HEADER;
    loop {
        let length = usize::from(*message.get(at)?);
        if length > 63 {
            return None;
        }
        at += 1 + length;
        if at - HEADER > NAME_BYTES_MAX {
            return None;
        }
        if length == 0 {
            return Some(at);
        }
    }
}

/// Walks the records after the question and takes the OPT, of which there may be one (RFC 6891 §6.1.1).
fn other_sections(message: &[u8], question_end: usize) -> Result<Option<Edns<'_>>, Fault<'_>> {
    let fault = || Fault::FormErr(question_end);
    let count = |i: usize| u32::from(u16::from_be_bytes([message[i], message[i + 1]]));
    let (before, additional) = (count(6) + count(8), count(10));
    let mut at = question_end;
    let mut edns = None;
    for i in 0..before + additional {
        let root = message.get(at) == Some(&0);
        let fixed = skip_name(message, at).ok_or_else(fault)?;
        let [type0, type1, class0, class1] = read4(message, fixed).ok_or_else(fault)?;
        let ttl = read4(message, fixed + 4).ok_or_else(fault)?;
        let length = message.get(fixed + 8..fixed + 10).ok_or_else(fault)?;
        let start = fixed + 10;
        at = start + usize::from(u16::from_be_bytes([length[0], length[1]]));
        let rdata = message.get(start..at).ok_or_else(fault)?;
        if RecordType(u16::from_be_bytes([type0, type1])) == RecordType::OPT {
            if edns.is_some() || !root || i < before {
                return Err(fault());
            }
            let read = Edns::read(u16::from_be_bytes([class0, class1]), ttl, rdata);
            edns = Some(read.map_err(|edns| Fault::BadOption(question_end, edns))?);
        }
    }
    Ok(edns)
}

/// Past a name that may end in a pointer, which is not followed.
fn skip_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            length @ 1..=63 => at += 1 + usize::from(length),
            0xc0.. => return Some(at + 2),
            _ => return None,
        }
    }
}

fn read4(message: &[u8], at: usize) -> Option<[u8; 4]> {
    message.get(at..at + 4)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WWW: &[u8] = b"\0\x01\x01\0\0\x01\0\0\0\0\0\0\x03www\x02ex\0\0\x01\0\x01";

    #[track_caller]
    fn check(change: impl FnOnce(&mut Vec<u8>), expected: &Fault<'_>) {
        let mut message = WWW.to_vec();
        change(&mut message);
        assert_eq!(Query::read(&message).err().as_ref(), Some(expected));
    }

    #[test]
    fn a_question_is_read() {
        let query = Query::read(WWW).unwrap();
        assert_eq!((query.name, query.record_type, query.class), (&b"\x03www\x02ex\0"[..], RecordType::A, 1));
        assert_eq!(query.end(), WWW.len());
    }

    #[test]
    fn what_is_no_query_gets_its_code_or_silence() {
        check(|m| m.truncate(11), &Fault::Drop);
        check(|m| m[2] |= 0x80, &Fault::Drop);
        check(|m| m[2] |= 0x28, &Fault::NotImp);
        check(|m| m[5] = 2, &Fault::FormErr(12));
        check(|m| m[5] = 0, &Fault::FormErr(12));
        check(|m| m.truncate(20), &Fault::FormErr(12));
        check(|m| m[12] = 0xc0, &Fault::FormErr(12));
        check(|m| m[12] = 64, &Fault::FormErr(12));
        check(|m| m[11] = 1, &Fault::FormErr(WWW.len()));
    }

    #[test]
    fn two_opts_or_an_opt_with_a_name_are_formerr() {
        let opt = b"\0\0\x29\x10\0\0\0\0\0\0\0";
        let with = |n: u8, tail: &[u8]| {
            let mut message = WWW.to_vec();
            message[11] = n;
            message.extend_from_slice(tail);
            message
        };
        assert!(Query::read(&with(1, opt)).unwrap().edns.is_some());
        assert!(Query::read(&with(2, &[&opt[..], opt].concat())).is_err());
        assert!(Query::read(&with(1, b"\x01x\0\0\x29\x10\0\0\0\0\0\0\0")).is_err());
    }

    #[test]
    fn an_overlong_name_is_formerr() {
        let mut message = WWW[..12].to_vec();
        for _ in 0..5 {
            message.push(63);
            message.extend_from_slice(&[b'a'; 63]);
        }
        message.extend_from_slice(b"\0\0\x01\0\x01");
        assert_eq!(Query::read(&message).err(), Some(Fault::FormErr(12)));
    }
}
