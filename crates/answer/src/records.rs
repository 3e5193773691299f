//! The compiled form of one set of records: TTL, count and rdata in one run of bytes, ready to be copied.
//!
//! Names in the rdata of the types of RFC 1035 that end in the zone's apex lose it here; the writer puts a pointer to
//! the apex in the question instead, which also keeps a million CNAMEs small. Types that came later and name a host keep
//! it whole (RFC 3597 §4) and know how much of it lies below the apex. Layout:
//! `ttl u32 BE | count u16 BE | form u8 | rdata…`, each rdata `length u16 BE | bytes`; in the form `CUT`
//! `length u16 BE | pointers u8 | positions u16 BE… | bytes`, a position being where in `bytes` the apex belongs; in the
//! form `HOST` `length u16 BE | below u8 | bytes`, `below` being one more than the host's bytes below the apex, or 0.

use model::RecordType;

/// Borrowed compiled records.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Records<'a>(&'a [u8]);

/// One rdata of [`Records`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Rdata<'a> {
    /// The bytes without the apex names.
    pub(crate) bytes: &'a [u8],
    /// Where the apex belongs: at most two places (SOA), big-endian `u16` each.
    positions: &'a [u8],
    /// One more than the bytes of its host below the apex; 0 if it has none in the zone.
    below: u8,
}

const HEADER: usize = 7;

/// The forms of rdata.
mod form {
    pub(super) const PLAIN: u8 = 0;
    pub(super) const CUT: u8 = 1;
    pub(super) const HOST: u8 = 2;
}

impl<'a> Records<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn ttl(self) -> u32 {
        u32::from_be_bytes([self.0[0], self.0[1], self.0[2], self.0[3]])
    }

    pub(crate) fn count(self) -> usize {
        usize::from(read_u16(self.0, 4))
    }

    fn form(self) -> u8 {
        self.0[6]
    }

    /// The rdata in stored order.
    pub(crate) fn iter(self) -> impl Iterator<Item = Rdata<'a>> {
        let form = self.form();
        let bytes = self.0;
        let mut at = HEADER;
        std::iter::from_fn(move || {
            (at < bytes.len()).then(|| {
                let (rdata, next) = rdata_at(bytes, at, form);
                at = next;
                rdata
            })
        })
    }

    /// Where each rdata begins, for reading in another order; as many as `starts` has room for.
    pub(crate) fn starts(self, starts: &mut [u32]) -> usize {
        let form = self.form();
        let mut at = HEADER;
        let mut n = 0;
        while at < self.0.len() && n < starts.len() {
            starts[n] = u32::try_from(at).expect("a record set is below 4 GiB");
            n += 1;
            at = rdata_at(self.0, at, form).1;
        }
        n
    }

    /// The rdata that begins at one of [`Self::starts`].
    pub(crate) fn at(self, start: u32) -> Rdata<'a> {
        rdata_at(self.0, start as usize, self.form()).0
    }

    pub(crate) fn first(self) -> Rdata<'a> {
        rdata_at(self.0, HEADER, self.form()).0
    }
}

impl<'a> Rdata<'a> {
    /// Where the apex belongs in `bytes`.
    pub(crate) fn apex_positions(self) -> impl Iterator<Item = usize> + 'a {
        self.positions.chunks_exact(2).map(|p| usize::from(u16::from_be_bytes([p[0], p[1]])))
    }

    /// The rdata with its names whole, for people.
    pub(crate) fn whole(self, apex: &[u8]) -> Vec<u8> {
        let mut wire = Vec::new();
        let mut copied = 0;
        for position in self.apex_positions() {
            wire.extend_from_slice(&self.bytes[copied..position]);
            wire.extend_from_slice(apex);
            copied = position;
        }
        wire.extend_from_slice(&self.bytes[copied..]);
        wire
    }

    /// For rdata that is one name: its part below the apex, if it lies in the zone.
    pub(crate) fn name_in_zone(self) -> Option<&'a [u8]> {
        (!self.positions.is_empty()).then_some(self.bytes)
    }

    /// For rdata of this type: the part below the apex of the host that it names, if that lies in the zone.
    pub(crate) fn host_in_zone(self, record_type: RecordType) -> Option<&'a [u8]> {
        let start = host_at(record_type)?;
        match record_type {
            RecordType::NS | RecordType::MX => (!self.positions.is_empty()).then(|| &self.bytes[start..]),
            _ => {
                let length = usize::from(self.below.checked_sub(1)?);
                Some(&self.bytes[start..start + length])
            }
        }
    }
}

/// Where in the rdata of a type the host stands whose addresses a client will ask for: RFC 1035 §3.3.9 and §3.3.11, RFC
/// 2782, RFC 9460 §2.2.
pub(crate) fn host_at(record_type: RecordType) -> Option<usize> {
    match record_type {
        RecordType::NS => Some(0),
        RecordType::MX | RecordType::SVCB | RecordType::HTTPS => Some(2),
        RecordType::SRV => Some(6),
        _ => None,
    }
}

fn rdata_at(bytes: &[u8], at: usize, form: u8) -> (Rdata<'_>, usize) {
    let length = usize::from(read_u16(bytes, at));
    let (start, positions, below) = match form {
        form::PLAIN => (at + 2, 0, 0),
        form::CUT => (at + 3, 2 * usize::from(bytes[at + 2]), 0),
        _ => (at + 3, 0, bytes[at + 2]),
    };
    let rdata = Rdata {
        positions: &bytes[start..start + positions],
        bytes: &bytes[start + positions..start + positions + length],
        below,
    };
    (rdata, start + positions + length)
}

fn read_u16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

/// Appends the compiled form. The rdata are complete and uncompressed; `apex` is in lower-case wire format.
pub(crate) fn encode(record_type: RecordType, ttl: u32, rdata: &[Vec<u8>], apex: &[u8], out: &mut Vec<u8>) {
    let form = match record_type {
        RecordType::NS | RecordType::CNAME | RecordType::SOA | RecordType::PTR | RecordType::MX => form::CUT,
        _ if host_at(record_type).is_some() => form::HOST,
        _ => form::PLAIN,
    };
    out.extend_from_slice(&ttl.to_be_bytes());
    out.extend_from_slice(&length(rdata.len()));
    out.push(form);
    for bytes in rdata {
        if form == form::CUT {
            encode_cut(record_type, bytes, apex, out);
            continue;
        }
        out.extend_from_slice(&length(bytes.len()));
        if form == form::HOST {
            out.push(host_below(record_type, bytes, apex));
        }
        out.extend_from_slice(bytes);
    }
}

/// One more than the bytes below the apex of the host that the rdata names; 0 if it lies elsewhere.
fn host_below(record_type: RecordType, rdata: &[u8], apex: &[u8]) -> u8 {
    let start = host_at(record_type).expect("the type names a host");
    let host = &rdata[start..start + name_length(&rdata[start..])];
    apex_in(host, apex).map_or(0, |below| u8::try_from(below + 1).expect("a name has at most 255 bytes"))
}

fn length(n: usize) -> [u8; 2] {
    u16::try_from(n).expect("compile refuses record sets over 65535").to_be_bytes()
}

fn encode_cut(record_type: RecordType, rdata: &[u8], apex: &[u8], out: &mut Vec<u8>) {
    let mut kept = Vec::with_capacity(rdata.len());
    let mut positions = Vec::new();
    let mut at = if record_type == RecordType::MX { 2 } else { 0 };
    kept.extend_from_slice(&rdata[..at]);
    let names = if record_type == RecordType::SOA { 2 } else { 1 };
    for _ in 0..names {
        let name = &rdata[at..at + name_length(&rdata[at..])];
        at += name.len();
        match apex_in(name, apex) {
            Some(below) => {
                kept.extend_from_slice(&name[..below]);
                positions.extend_from_slice(&length(kept.len()));
            }
            None => kept.extend_from_slice(name),
        }
    }
    kept.extend_from_slice(&rdata[at..]);
    out.extend_from_slice(&length(kept.len()));
    out.push(u8::try_from(positions.len() / 2).expect("at most two names"));
    out.extend_from_slice(&positions);
    out.extend_from_slice(&kept);
}

/// The bytes of the uncompressed name at the front.
fn name_length(wire: &[u8]) -> usize {
    let mut at = 0;
    while wire[at] != 0 {
        at += 1 + usize::from(wire[at]);
    }
    at + 1
}

/// Where in `name` the apex begins, if the name is the apex or lies below it.
fn apex_in(name: &[u8], apex: &[u8]) -> Option<usize> {
    let mut at = 0;
    while name.len() - at > apex.len() {
        at += 1 + usize::from(name[at]);
    }
    (name[at..].eq_ignore_ascii_case(apex)).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_the_apex_and_say_where_it_belongs() {
        let apex = b"\x02ex\x00";
        let mut bytes = Vec::new();
        encode(
            RecordType::MX,
            60,
            &[b"\x00\x0a\x01m\x02EX\x00".to_vec(), b"\x00\x14\x01m\x03net\x00".to_vec()],
            apex,
            &mut bytes,
        );
        let records = Records::new(&bytes);
        assert_eq!((records.ttl(), records.count()), (60, 2));
        let all: Vec<_> = records.iter().map(|r| (r.bytes.to_vec(), r.apex_positions().collect::<Vec<_>>())).collect();
        assert_eq!(all, [(b"\x00\x0a\x01m".to_vec(), vec![4]), (b"\x00\x14\x01m\x03net\x00".to_vec(), vec![])]);
    }

    #[test]
    fn hosts_are_found_in_the_rdata_of_their_types() {
        let apex = b"\x02ex\x00";
        type Case<'c> = (RecordType, &'c [u8], Option<&'c [u8]>);
        let cases: [Case<'_>; 7] = [
            (RecordType::NS, b"\x01a\x01b\x02ex\x00", Some(b"\x01a\x01b")),
            (RecordType::MX, b"\x00\x0a\x01M\x02EX\x00", Some(b"\x01M")),
            (RecordType::SRV, b"\x00\x01\x00\x02\x00\x03\x01s\x02ex\x00", Some(b"\x01s")),
            (RecordType::SRV, b"\x00\x01\x00\x02\x00\x03\x01s\x03net\x00", None),
            (RecordType::HTTPS, b"\x00\x01\x02ex\x00\x00\x01\x00\x03\x02h2", Some(b"")),
            (RecordType::SVCB, b"\x00\x01\x00", None),
            (RecordType::TXT, b"\x01a", None),
        ];
        for (record_type, rdata, host) in cases {
            let mut bytes = Vec::new();
            encode(record_type, 60, &[rdata.to_vec()], apex, &mut bytes);
            assert_eq!(Records::new(&bytes).first().host_in_zone(record_type), host, "{record_type}");
        }
    }

    #[test]
    fn a_soa_has_two_names() {
        let mut bytes = Vec::new();
        let soa = [&b"\x02ns\x02ex\x00\x02ex\x00"[..], &[7; 20]].concat();
        encode(RecordType::SOA, 1, &[soa], b"\x02ex\x00", &mut bytes);
        let rdata = Records::new(&bytes).first();
        assert_eq!(rdata.apex_positions().collect::<Vec<_>>(), [3, 3]);
        assert_eq!(rdata.bytes.len(), 23);
    }
}
