//! DNS queries to send and what we look at in the replies.
//!
//! Leaves out on purpose: everything a correct answer needs beyond code, flags and first address; correctness is the tests' business.

use anyhow::{Context, Result, bail};

use crate::random::Random;

/// Many queries, packed at equal strides so that picking one costs one multiplication.
#[derive(Clone, Debug)]
pub struct Queries {
    octets: Vec<u8>,
    lengths: Vec<u16>,
    stride: usize,
}

impl Queries {
    /// One query for each name and type; with `edns` each carries an OPT record that offers 1,232 octets.
    ///
    /// # Errors
    /// No name at all, or one that cannot be written in wire form.
    pub fn new<'a>(questions: impl IntoIterator<Item = (&'a str, u16)>, edns: bool) -> Result<Queries> {
        let all: Vec<Vec<u8>> =
            questions.into_iter().map(|(name, qtype)| write_query(name, qtype, edns)).collect::<Result<_>>()?;
        Queries::of(&all)
    }

    /// Messages as they stand.
    ///
    /// # Errors
    /// None at all.
    pub fn of(all: &[Vec<u8>]) -> Result<Queries> {
        let stride = all.iter().map(Vec::len).max().context("no queries to send")?.next_multiple_of(16);
        let mut octets = vec![0; stride * all.len()];
        for (query, place) in all.iter().zip(octets.chunks_exact_mut(stride)) {
            place[..query.len()].copy_from_slice(query);
        }
        Ok(Queries { octets, lengths: all.iter().map(|query| query.len() as u16).collect(), stride })
    }

    /// Queries from text: a name and a type (`A` if there is none) in each line.
    ///
    /// # Errors
    /// As [`Queries::new`], and types not known here.
    pub fn parse(text: &str, edns: bool) -> Result<Queries> {
        let mut questions = Vec::new();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            if let Some(name) = words.next() {
                questions.push((name, qtype(words.next().unwrap_or("A"))?));
            }
        }
        Queries::new(questions, edns)
    }

    /// One of the queries, by chance; its first two octets (the ID) are to be overwritten.
    #[inline]
    pub fn pick(&self, random: &mut Random) -> &[u8] {
        let index = random.below(self.lengths.len());
        let start = index * self.stride;
        &self.octets[start..start + usize::from(self.lengths[index])]
    }

    /// Octets of the longest query, rounded up.
    pub fn longest(&self) -> usize {
        self.stride
    }
}

/// The number of a record type as queries write it.
///
/// # Errors
/// A name that is neither of the usual ones nor `TYPE` and a number.
pub fn qtype(text: &str) -> Result<u16> {
    Ok(match text {
        "A" => 1,
        "NS" => 2,
        "CNAME" => 5,
        "SOA" => 6,
        "PTR" => 12,
        "MX" => 15,
        "TXT" => 16,
        "AAAA" => 28,
        "SRV" => 33,
        "HTTPS" => 65,
        "CAA" => 257,
        _ => text
            .strip_prefix("TYPE")
            .and_then(|number| number.parse().ok())
            .with_context(|| format!("unknown record type: {text}"))?,
    })
}

/// One query in wire form, ID 0.
///
/// # Errors
/// A label of 0 or more than 63 octets.
pub fn write_query(name: &str, qtype: u16, edns: bool) -> Result<Vec<u8>> {
    let mut query = vec![0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(edns)];
    for label in name.strip_suffix('.').unwrap_or(name).split('.') {
        match label.len() {
            1..=63 => query.push(label.len() as u8),
            length => bail!("a label has 1 to 63 octets, not {length}: {name}"),
        }
        query.extend_from_slice(label.as_bytes());
    }
    query.push(0);
    query.extend_from_slice(&qtype.to_be_bytes());
    query.extend_from_slice(&[0, 1]);
    if edns {
        // RFC 6891 §6.1.2: root, OPT, payload size, extended rcode, version, flags, no options.
        query.extend_from_slice(&[0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0]);
    }
    Ok(query)
}

/// The address in the first A record of the answer section, if there is one.
#[inline]
pub fn first_address(reply: &[u8]) -> Option<[u8; 4]> {
    let number = |at: usize| Some(u16::from_be_bytes([*reply.get(at)?, *reply.get(at + 1)?]));
    let mut at = 12;
    for _ in 0..number(4)? {
        at = skip_name(reply, at)? + 4;
    }
    for _ in 0..number(6)? {
        at = skip_name(reply, at)?;
        let (rtype, length) = (number(at)?, usize::from(number(at + 8)?));
        if rtype == 1 && length == 4 {
            return reply.get(at + 10..at + 14)?.try_into().ok();
        }
        at += 10 + length;
    }
    None
}

/// Where the name that starts at `at` ends: behind a zero octet or a pointer.
#[inline]
fn skip_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            length if length >= 0xC0 => return Some(at + 2),
            length => at += 1 + usize::from(length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_written_as_the_rfc_says() {
        let query = write_query("ab.c.", 28, false).unwrap();
        assert_eq!(query, b"\0\0\0\0\0\x01\0\0\0\0\0\0\x02ab\x01c\0\0\x1c\0\x01");
        assert_eq!(write_query("ab.c", 28, true).unwrap().len(), query.len() + 11);
        assert!(write_query("a..c", 1, false).is_err());
    }

    #[test]
    fn the_first_address_is_found_behind_other_records() {
        let mut reply = write_query("a.b", 1, false).unwrap();
        reply[7] = 2;
        reply.extend_from_slice(b"\xc0\x0c\0\x05\0\x01\0\0\0\x01\0\x02\xc0\x0c"); // CNAME
        reply.extend_from_slice(b"\xc0\x0c\0\x01\0\x01\0\0\0\x01\0\x04\x0a\x01\x02\x03");
        assert_eq!(first_address(&reply), Some([10, 1, 2, 3]));
        assert_eq!(first_address(&reply[..reply.len() - 1]), None);
    }

    #[test]
    fn a_file_of_names_becomes_queries() {
        let queries = Queries::parse("a.test A\nlonger.a.test AAAA\n\nb.test\n", false).unwrap();
        assert_eq!(queries.lengths, [24, 31, 24].map(|length: u16| length));
        assert!(Queries::parse("", false).is_err());
        assert!(Queries::parse("a.test NOTYPE", false).is_err());
    }
}
