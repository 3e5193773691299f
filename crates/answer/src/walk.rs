//! From name to name: finds, chooses and writes, through CNAMEs and DNAMEs, until there is data, a referral, or nothing
//! (RFC 1034 §4.3.2).
//!
//! Before: `answer` read the question and found the zone. `additional` adds what a client will ask next. Left out on
//! purpose: chains into other zones, which are the resolver's to follow, even if we serve them, and lie below this one.

mod additional;

use std::net::IpAddr;

use model::RecordType;

use crate::choose::{Choice, Chosen};
use crate::counted::AnswerSlots;
use crate::find::{self, Found};
use crate::group::Set;
use crate::limits::CHAIN_MAX;
use crate::query::HEADER;
use crate::table::Node;
use crate::target::Target;
use crate::view::View;
use crate::write::{Full, Owner, Reply, Section, rcode};

/// One question on its way through CNAMEs and DNAMEs of one zone.
pub(crate) struct Walk<'w, 'a, 'd, 'o> {
    record_type: RecordType,
    /// What answers this client where, to see where the zone ends.
    view: &'a View,
    client: IpAddr,
    pub(crate) choice: Choice<'a, 'd>,
    reply: &'w mut Reply<'o>,
    /// The DNAMEs that already stand in the reply, by hash of their owner.
    renamed: [u64; CHAIN_MAX + 1],
    renames: usize,
}

/// Whether the walk goes on.
enum Next {
    /// At the name that the target now holds, which stands at this place of the reply.
    At(usize),
    Done,
}

impl<'w, 'a, 'd, 'o> Walk<'w, 'a, 'd, 'o> {
    pub(crate) fn new(
        record_type: RecordType,
        (view, client): (&'a View, IpAddr),
        choice: Choice<'a, 'd>,
        reply: &'w mut Reply<'o>,
    ) -> Self {
        Self { record_type, view, client, choice, reply, renamed: [0; CHAIN_MAX + 1], renames: 0 }
    }
}

impl<'a> Walk<'_, 'a, '_, '_> {
    /// Writes the reply's records, those of `target` first, and says how much of the client's address they depend on.
    pub(crate) fn run(&mut self, target: &mut Target) -> Result<(), Full> {
        let ran = self.hop_on(target);
        self.reply.scope = self.choice.asker.scope();
        self.reply.error = self.choice.error;
        self.choice.end();
        ran
    }

    fn hop_on(&mut self, target: &mut Target) -> Result<(), Full> {
        let zone = self.choice.zone;
        let mut seen = [0; CHAIN_MAX + 1];
        let mut at = HEADER;
        self.reply.authoritative = true;
        for hop in 0..=CHAIN_MAX {
            seen[hop] = target.hash(0);
            self.choice.draw.at_name(target.wire());
            let next = match find::node(zone, target, self.record_type) {
                Found::Node(node) | Found::Wildcard(node) => self.at_node(node, target, at)?,
                Found::Delegation { node, label } => self.refer(node, label, target, at)?,
                Found::Dname { node, label } => self.rewrite(node, label, target, at)?,
                Found::NoName => {
                    // RFC 6604: the response code is that of the last name of a chain.
                    if !find::is_unknown_child(self.view, self.client, target, self.record_type, zone) {
                        self.reply.rcode = rcode::NXDOMAIN;
                    }
                    self.negative()?
                }
            };
            let Next::At(next) = next else { return Ok(()) };
            // A chain that comes back to a name has said all it can, and one that enters another zone what we may.
            if hop == CHAIN_MAX
                || seen[..=hop].contains(&target.hash(0))
                || find::is_for_closer_zone(self.view, self.client, target, self.record_type, zone)
            {
                return Ok(());
            }
            at = next;
        }
        Ok(())
    }

    /// The name exists: its records, a CNAME to follow, or NODATA.
    fn at_node(&mut self, node: Node<'a>, target: &mut Target, at: usize) -> Result<Next, Full> {
        if self.record_type == RecordType::ANY {
            // RFC 8482 §4.1: one RRset is answer enough; the first that has records, for an alias may lead nowhere.
            for (record_type, set) in node.sets() {
                (self.choice.error, self.choice.slots) = (None, AnswerSlots::default());
                if let Some(chosen) = self.choice.choose(set, record_type) {
                    return self.put(&chosen, record_type, target, at);
                }
            }
            return self.negative();
        }
        if let Some(set) = node.set(self.record_type) {
            return self.data(set, self.record_type, target, at);
        }
        match node.set(RecordType::CNAME) {
            Some(set) => self.follow(set, target, at),
            None => self.negative(),
        }
    }

    fn data(&mut self, set: Set<'a>, record_type: RecordType, target: &Target, at: usize) -> Result<Next, Full> {
        match self.choice.choose(set, record_type) {
            Some(chosen) => {
                let next = self.put(&chosen, record_type, target, at)?;
                self.add(&chosen, record_type, target);
                Ok(next)
            }
            None => self.negative(),
        }
    }

    fn put(&mut self, chosen: &Chosen<'a>, record_type: RecordType, target: &Target, at: usize) -> Result<Next, Full> {
        if record_type == RecordType::DNAME && self.has_renamed(target.hash(0)) {
            return Ok(Next::Done);
        }
        self.reply.put_chosen(Owner { at, wire: target.wire() }, record_type, chosen, &mut self.choice.draw)?;
        Ok(Next::Done)
    }

    /// Writes a CNAME and turns to its target, if that lies in the zone.
    fn follow(&mut self, set: Set<'a>, target: &mut Target, at: usize) -> Result<Next, Full> {
        let Some(chosen) = self.choice.choose(set, RecordType::CNAME) else { return self.negative() };
        let rdata = chosen.first().first();
        let owner = Owner { at, wire: target.wire() };
        self.reply.put_of(chosen.foreign, Section::Answer, owner, RecordType::CNAME, chosen.ttl(), rdata)?;
        // A CNAME of another zone that leads to a name of that zone leads out of this one.
        let Some(relative) = rdata.name_in_zone().filter(|_| chosen.foreign.is_none()) else { return Ok(Next::Done) };
        let zone = self.choice.zone;
        let rdata_at = self.reply.len() - relative.len() - 2;
        target.set(&[relative, &zone.apex], self.choice.seed);
        Ok(Next::At(rdata_at))
    }

    /// Below a DNAME: the DNAME, a CNAME made from it (RFC 6672 §3.1), and on to its target.
    fn rewrite(&mut self, node: Node<'a>, label: usize, target: &mut Target, at: usize) -> Result<Next, Full> {
        let Some(chosen) = node.set(RecordType::DNAME).and_then(|set| self.choice.choose(set, RecordType::DNAME))
        else {
            return self.negative();
        };
        let rdata = chosen.first().first();
        if !self.has_renamed(target.hash(label)) {
            let owner = self.owner(target, label, at);
            self.reply.put(Section::Answer, owner, RecordType::DNAME, chosen.ttl(), rdata)?;
            self.renamed[self.renames] = target.hash(label);
            self.renames += 1;
        }
        let mut kept = [0; 256];
        let kept = &mut kept[..target.start(label)];
        kept.copy_from_slice(&target.wire()[..target.start(label)]);
        if kept.len() + rdata.bytes.len() > 255 {
            self.reply.rcode = rcode::YXDOMAIN;
            return Ok(Next::Done);
        }
        let owner = Owner { at, wire: target.wire() };
        self.reply.put_parts(Section::Answer, owner, RecordType::CNAME, chosen.ttl(), &[kept, rdata.bytes])?;
        let rdata_at = self.reply.len() - kept.len() - rdata.bytes.len();
        target.set(&[kept, rdata.bytes], self.choice.seed);
        let go_on = self.record_type != RecordType::CNAME && target.lies_in(self.choice.zone);
        Ok(if go_on { Next::At(rdata_at) } else { Next::Done })
    }

    /// RFC 2181 §5.5: a record stands once in a reply, even if a chain comes back to its DNAME.
    fn has_renamed(&self, owner: u64) -> bool {
        self.renamed[..self.renames].contains(&owner)
    }

    /// At or below a zone cut: the NS of the cut, and the addresses of name servers that we know (RFC 1034 §4.3.2).
    fn refer(&mut self, node: Node<'a>, label: usize, target: &Target, at: usize) -> Result<Next, Full> {
        let Some(chosen) = node.set(RecordType::NS).and_then(|set| self.choice.choose(set, RecordType::NS)) else {
            return self.negative();
        };
        self.reply.authoritative = self.reply.has_answers();
        // Where 32 names stand, to point at; real delegations have at most 13. Further names are written out.
        let mut places = [usize::MAX; 32];
        let mut free = places.iter_mut();
        self.reply.put_all(Section::Authority, self.owner(target, label, at), RecordType::NS, &chosen, |place| {
            if let Some(free) = free.next() {
                *free = place;
            }
        })?;
        let cut = target.relative(label, self.choice.zone.apex_labels);
        // RFC 9471 §3: glue below the cut must all be there, or TC; other addresses come after it, if there is room.
        for required in [true, false] {
            for (i, rdata) in chosen.rdata().enumerate() {
                let Some(relative) = rdata.name_in_zone() else { continue };
                if ends_with_labels(relative, cut) != required {
                    continue;
                }
                let written = self.glue(relative, places.get(i).copied().unwrap_or(usize::MAX));
                if required {
                    written?;
                }
            }
        }
        Ok(Next::Done)
    }

    fn glue(&mut self, relative: &[u8], at: usize) -> Result<(), Full> {
        let zone = self.choice.zone;
        let mut server = Target::blank();
        server.set(&[relative, &zone.apex], self.choice.seed);
        let Some(node) = zone.node_of(&server, 0) else { return Ok(()) };
        for record_type in [RecordType::A, RecordType::AAAA] {
            let chosen = node.set(record_type).and_then(|set| self.choice.choose_beside(set, record_type));
            if let Some(chosen) = chosen {
                let owner = Owner { at, wire: server.wire() };
                self.reply.put_all(Section::Additional, owner, record_type, &chosen, |_| {})?;
            }
        }
        Ok(())
    }

    /// No such name or no such type: the SOA, with the TTL for which that may be believed (RFC 2308 §3, §5).
    fn negative(&mut self) -> Result<Next, Full> {
        let zone = self.choice.zone;
        if let Some(records) = zone.soa() {
            let soa = records.first();
            let minimum = soa.bytes.last_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
            let owner = self.reply.apex(&zone.apex);
            self.reply.put(Section::Authority, owner, RecordType::SOA, records.ttl().min(minimum), soa)?;
        }
        Ok(Next::Done)
    }

    /// The target's name from `label` on, which stands `start(label)` bytes after the target itself.
    fn owner<'t>(&self, target: &'t Target, label: usize, at: usize) -> Owner<'t> {
        if label + self.choice.zone.apex_labels == target.labels() {
            return self.reply.apex(target.suffix(label));
        }
        Owner { at: at + target.start(label), wire: target.suffix(label) }
    }
}

/// Whether `relative` is `cut` or below it; both are label sequences below the same apex.
fn ends_with_labels(relative: &[u8], cut: &[u8]) -> bool {
    let mut rest = relative;
    while rest.len() > cut.len() {
        rest = &rest[1 + usize::from(rest[0])..];
    }
    rest.eq_ignore_ascii_case(cut)
}
