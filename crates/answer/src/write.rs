//! Puts compiled records into the reply: header, question, three sections, OPT; truncation when they do not fit.
//!
//! Before: `choose`. Names are compressed where it is free: owners point at the question or at the rdata that led to
//! them, and names in the zone end in a pointer to the apex in the question (RFC 1035 §4.1.4).

use model::RecordType;

use crate::choose::Chosen;
use crate::client::Transport;
use crate::draw::Draw;
use crate::edns::Edns;
use crate::extended_error::ExtendedError;
use crate::limits::UDP_PAYLOAD_MIN;
use crate::opt::Opt;
use crate::query::HEADER;
use crate::records::{Rdata, Records};

/// Response codes (RFC 1035 §4.1.1, RFC 6672 §2.2, RFC 6891 §9, RFC 7873 §8).
pub(crate) mod rcode {
    pub(crate) const NOERROR: u16 = 0;
    pub(crate) const FORMERR: u16 = 1;
    pub(crate) const NXDOMAIN: u16 = 3;
    pub(crate) const NOTIMP: u16 = 4;
    pub(crate) const REFUSED: u16 = 5;
    pub(crate) const YXDOMAIN: u16 = 6;
    pub(crate) const BADVERS: u16 = 16;
    pub(crate) const BADCOOKIE: u16 = 23;
}

/// The sections after the question, as places in the header's counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Answer = 6,
    Authority = 8,
    Additional = 10,
}

/// The required records do not fit.
#[derive(Debug)]
pub(crate) struct Full;

/// Whose records are written.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    /// Where in the reply the name stands.
    pub(crate) at: usize,
    /// The name, for where no pointer reaches it; it lies in the zone.
    pub(crate) wire: &'a [u8],
}

impl Owner<'_> {
    /// That the name stands nowhere yet.
    pub(crate) const NOWHERE: usize = usize::MAX;
}

/// A reply in the making.
pub(crate) struct Reply<'o> {
    out: &'o mut [u8],
    len: usize,
    /// Where records must end, so that the OPT has room.
    limit: usize,
    /// Where the reply must end.
    limit_with_opt: usize,
    question_end: usize,
    /// Where the zone's apex stands in the question.
    apex_at: usize,
    apex_length: usize,
    pub(crate) authoritative: bool,
    pub(crate) rcode: u16,
    /// How many bits of the client's address the answer depends on.
    pub(crate) scope: u8,
    /// What there is to say beside the response code.
    pub(crate) error: Option<ExtendedError>,
}

const TRUNCATED: u8 = 0x02;
const AUTHORITATIVE: u8 = 0x04;
const RESPONSE: u8 = 0x80;
/// Opcode and RD are copied (RFC 1035 §4.1.1).
const COPIED: u8 = 0x79;
/// CD is copied (RFC 4035 §3.1.6).
const CHECKING_DISABLED: u8 = 0x10;
const POINTER_MAX: usize = 0x3fff;
/// Of a record, everything but owner and rdata.
const FIXED: usize = 10;

impl<'o> Reply<'o> {
    /// Copies header and question. `None` if `out` cannot even hold those.
    pub(crate) fn begin(message: &[u8], question_end: usize, limit: usize, out: &'o mut [u8]) -> Option<Self> {
        let limit = limit.min(out.len());
        if question_end > limit {
            return None;
        }
        out[..question_end].copy_from_slice(&message[..question_end]);
        out[2] = RESPONSE | message[2] & COPIED;
        out[3] = message[3] & CHECKING_DISABLED;
        out[4..HEADER].copy_from_slice(&[0, u8::from(question_end > HEADER), 0, 0, 0, 0, 0, 0]);
        Some(Self {
            out,
            len: question_end,
            limit,
            limit_with_opt: limit,
            question_end,
            apex_at: HEADER,
            apex_length: 0,
            authoritative: false,
            rcode: rcode::NOERROR,
            scope: 0,
            error: None,
        })
    }

    /// The largest reply for this transport and EDNS, the OPT included.
    pub(crate) fn limit(transport: Transport, edns: Option<&Edns<'_>>) -> usize {
        match transport {
            Transport::Tcp => usize::from(u16::MAX),
            Transport::Udp => edns.map_or(UDP_PAYLOAD_MIN, Edns::udp_payload),
        }
    }

    /// Keeps room for the OPT at the end.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.limit = self.limit.saturating_sub(bytes);
    }

    /// Says that the question lies in the zone of this apex, so that names can point at it there.
    pub(crate) fn point_at_apex(&mut self, apex: &[u8]) {
        self.apex_length = apex.len();
        self.apex_at = self.question_end - 4 - apex.len();
    }

    /// The zone's apex as an owner.
    pub(crate) fn apex<'w>(&self, wire: &'w [u8]) -> Owner<'w> {
        Owner { at: self.apex_at, wire }
    }

    /// Where the next byte goes.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Writes the records of an answer, values in random order.
    pub(crate) fn put_chosen(
        &mut self,
        owner: Owner<'_>,
        record_type: RecordType,
        chosen: &Chosen<'_>,
        draw: &mut Draw<'_>,
    ) -> Result<(), Full> {
        let ttl = chosen.ttl();
        for (i, records) in chosen.iter().enumerate() {
            // A set of thousands that cannot fit is not walked in vain for every datagram.
            if !chosen.repeats && records.count() * FIXED > self.limit.saturating_sub(self.len) {
                return Err(Full);
            }
            let mut put = |rdata| match chosen.has_before(i, rdata) {
                true => Ok(()),
                false => self.put_of(chosen.foreign, Section::Answer, owner, record_type, ttl, rdata),
            };
            if records.count() == 1 {
                put(records.first())?;
            } else {
                shuffled(records, draw, put)?;
            }
        }
        Ok(())
    }

    /// Writes all records of a set in stored order, telling where each rdata begins; none of them if one does not
    /// fit (RFC 2181 §5: an RRset is whole or absent).
    pub(crate) fn put_all(
        &mut self,
        section: Section,
        owner: Owner<'_>,
        record_type: RecordType,
        chosen: &Chosen<'_>,
        mut rdata_at: impl FnMut(usize),
    ) -> Result<(), Full> {
        let ttl = chosen.ttl();
        let (len, count) = (self.len, self.count(section));
        // Sets of thousands that cannot fit are not written to be taken out again.
        let records: usize = if chosen.repeats { 0 } else { chosen.iter().map(Records::count).sum() };
        if records * FIXED > self.limit.saturating_sub(self.len) {
            return Err(Full);
        }
        for rdata in chosen.rdata() {
            let length = rdata_length(&rdata);
            if let Err(full) = self.put_of(chosen.foreign, section, owner, record_type, ttl, rdata) {
                self.len = len;
                self.set_count(section, count);
                return Err(full);
            }
            rdata_at(self.len - length);
        }
        Ok(())
    }

    /// Writes one record of the zone that is asked, or of another one with this apex, which is written out.
    pub(crate) fn put_of(
        &mut self,
        foreign: Option<&[u8]>,
        section: Section,
        owner: Owner<'_>,
        record_type: RecordType,
        ttl: u32,
        rdata: Rdata<'_>,
    ) -> Result<(), Full> {
        let own = pointer(self.apex_at);
        let apex = foreign.unwrap_or(&own);
        let length = rdata.bytes.len() + apex.len() * rdata.apex_positions().count();
        let mut at = self.head(section, owner, record_type, ttl, length)?;
        let mut copied = 0;
        for position in rdata.apex_positions() {
            at = self.copy(at, &rdata.bytes[copied..position]);
            at = self.copy(at, apex);
            copied = position;
        }
        self.len = self.copy(at, &rdata.bytes[copied..]);
        Ok(())
    }

    /// Writes one record of the zone that is asked.
    pub(crate) fn put(
        &mut self,
        section: Section,
        owner: Owner<'_>,
        record_type: RecordType,
        ttl: u32,
        rdata: Rdata<'_>,
    ) -> Result<(), Full> {
        self.put_of(None, section, owner, record_type, ttl, rdata)
    }

    /// Writes one record whose rdata is made of the given parts.
    pub(crate) fn put_parts(
        &mut self,
        section: Section,
        owner: Owner<'_>,
        record_type: RecordType,
        ttl: u32,
        parts: &[&[u8]],
    ) -> Result<(), Full> {
        let length = parts.iter().map(|p| p.len()).sum();
        let at = self.head(section, owner, record_type, ttl, length)?;
        self.len = parts.iter().fold(at, |at, part| self.copy(at, part));
        Ok(())
    }

    /// Everything before the rdata, for which there is room when this returns.
    fn head(
        &mut self,
        section: Section,
        owner: Owner<'_>,
        record_type: RecordType,
        ttl: u32,
        length: usize,
    ) -> Result<usize, Full> {
        let short = owner.at <= POINTER_MAX;
        // A name that no pointer reaches is written down to the apex, which stands in the question.
        let above = if short { 0 } else { owner.wire.len() - self.apex_length };
        if self.len + above + 2 + FIXED + length > self.limit {
            return Err(Full);
        }
        let at = if short {
            self.copy(self.len, &pointer(owner.at))
        } else {
            let at = self.copy(self.len, &owner.wire[..above]);
            self.copy(at, &pointer(self.apex_at))
        };
        let (t, l) = (record_type.0.to_be_bytes(), u16::try_from(length).expect("rdata is below 64 KiB").to_be_bytes());
        let [t3, t2, t1, t0] = ttl.to_be_bytes();
        let at = self.copy(at, &[t[0], t[1], 0, 1, t3, t2, t1, t0, l[0], l[1]]);
        // At most 65535 bytes of at least 11 each: the count cannot overflow.
        self.set_count(section, self.count(section) + 1);
        Ok(at)
    }

    /// How many records a section has.
    fn count(&self, section: Section) -> u16 {
        let place = section as usize;
        u16::from_be_bytes([self.out[place], self.out[place + 1]])
    }

    fn set_count(&mut self, section: Section, count: u16) {
        let place = section as usize;
        self.out[place..place + 2].copy_from_slice(&count.to_be_bytes());
    }

    fn copy(&mut self, at: usize, bytes: &[u8]) -> usize {
        self.out[at..at + bytes.len()].copy_from_slice(bytes);
        at + bytes.len()
    }

    /// Whether the answer section has records.
    pub(crate) fn has_answers(&self) -> bool {
        self.count(Section::Answer) != 0
    }

    /// Takes all records out again and sets TC: the client asks over TCP (RFC 2181 §9).
    pub(crate) fn truncate(&mut self) {
        self.len = self.question_end;
        self.out[6..HEADER].fill(0);
        self.out[2] |= TRUNCATED;
    }

    /// Whether [`Self::truncate`] was called.
    pub(crate) fn is_truncated(&self) -> bool {
        self.out[2] & TRUNCATED != 0
    }

    /// Flags, response code and OPT; the length of the reply.
    pub(crate) fn finish(mut self, opt: Option<&Opt<'_>>) -> usize {
        let [extended, low] = (self.rcode << 4).to_be_bytes();
        self.out[3] |= low >> 4;
        if self.authoritative {
            self.out[2] |= AUTHORITATIVE;
        }
        let Some(opt) = opt else { return self.len };
        let mut end = self.len + opt.length();
        if end > self.out.len() {
            return self.len;
        }
        // RFC 8914 §3: what only explains is left out where it has no room.
        let error = self.error.filter(|error| end + error.length() <= self.limit_with_opt);
        end += error.map_or(0, ExtendedError::length);
        opt.write(extended, self.scope, error, &mut self.out[self.len..end]);
        self.set_count(Section::Additional, self.count(Section::Additional) + 1);
        end
    }
}

/// R53 simple: all values, in random order per response. Beyond 400 values (Route 53's own limit) the order is that of
/// the zone from a random value on.
fn shuffled<'a>(
    records: Records<'a>,
    draw: &mut Draw<'_>,
    mut put: impl FnMut(Rdata<'a>) -> Result<(), Full>,
) -> Result<(), Full> {
    let count = records.count();
    let mut starts = [0u32; 400];
    if count <= starts.len() {
        let n = records.starts(&mut starts);
        draw.order(&mut starts[..n]);
        return starts[..n].iter().try_for_each(|&start| put(records.at(start)));
    }
    let first = draw.first(u32::try_from(count).expect("at most 65535"));
    records.iter().skip(first).chain(records.iter().take(first)).try_for_each(put)
}

fn rdata_length(rdata: &Rdata<'_>) -> usize {
    rdata.bytes.len() + 2 * rdata.apex_positions().count()
}

fn pointer(at: usize) -> [u8; 2] {
    (0xc000 | u16::try_from(at).expect("pointers are checked against POINTER_MAX")).to_be_bytes()
}
