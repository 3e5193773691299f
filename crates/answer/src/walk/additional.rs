//! The additional section of answers that name hosts: MX, SRV, NS (RFC 1035 §3.3.9, RFC 2782), SVCB and HTTPS (RFC 9460
//! §4.1). What a client would ask next comes along if the zone has it.
//!
//! Before: `walk` wrote the answer. Which hosts lie in the zone is known since compiling. All of it is optional: what does not fit
//! is left out and TC stays as it is (RFC 2181 §9), and the work is bounded. Left out on purpose: hosts below a zone
//! cut or in another zone, hosts that are CNAMEs (RFC 2181 §10.3 forbids most of them), and addresses that depend on where the client is.

use model::RecordType;

use super::Walk;
use crate::choose::Chosen;
use crate::find::{self, Found};
use crate::group::Set;
use crate::limits::ADDITIONAL_SETS_MAX;
use crate::records::{Rdata, host_at};
use crate::table::Node;
use crate::target::Target;
use crate::write::{Owner, Section};

/// The RRsets that were looked for, the answer's first: none is to stand twice in a reply (RFC 2181 §5).
struct Sought {
    sets: [(u64, RecordType); ADDITIONAL_SETS_MAX + 1],
    n: usize,
}

impl Sought {
    /// Whether the set is new and there is room to remember it.
    fn is_new(&mut self, name: u64, record_type: RecordType) -> bool {
        let set = (name, record_type);
        if self.n == self.sets.len() || self.sets[..self.n].contains(&set) {
            return false;
        }
        self.sets[self.n] = set;
        self.n += 1;
        true
    }
}

impl<'a> Walk<'_, 'a, '_, '_> {
    /// Adds the addresses of the hosts that the answer's records name.
    #[inline]
    pub(super) fn add(&mut self, chosen: &Chosen<'a>, record_type: RecordType, owner: &Target) {
        if host_at(record_type).is_some() {
            self.choice.draw.aside(true);
            self.add_hosts_of(chosen, record_type, owner);
            self.choice.draw.aside(false);
        }
    }

    #[inline(never)]
    fn add_hosts_of(&mut self, chosen: &Chosen<'a>, record_type: RecordType, owner: &Target) {
        let mut sought = Sought { sets: [(0, RecordType(0)); ADDITIONAL_SETS_MAX + 1], n: 0 };
        sought.is_new(owner.hash(0), record_type);
        self.add_hosts(chosen, record_type, owner, &mut sought);
    }

    /// It ends: each RRset is looked for once, and they are counted.
    fn add_hosts(&mut self, chosen: &Chosen<'a>, record_type: RecordType, owner: &Target, sought: &mut Sought) {
        // Records that an alias brought from another zone name that one's hosts.
        if chosen.foreign.is_some() {
            return;
        }
        let mut host = Target::blank();
        // Hosts that have nothing to add are counted too: they are looked up all the same.
        for rdata in chosen.rdata().take(ADDITIONAL_SETS_MAX) {
            let service = Service::of(rdata, record_type);
            let Some(relative) = (match service {
                Service::AtOwner => Some(owner.relative(0, self.choice.zone.apex_labels)),
                Service::Alias | Service::AtHost => rdata.host_in_zone(record_type),
            }) else {
                continue;
            };
            host.set(&[relative, &self.choice.zone.apex], self.choice.seed);
            // The root as a host says that there is none: RFC 7505, RFC 2782, RFC 9460 §2.5.1.
            if host.labels() == 0 {
                continue;
            }
            // What another zone of ours answers is not this one's to tell.
            if find::is_for_closer_zone(self.view, self.client, &host, RecordType::A, self.choice.zone) {
                continue;
            }
            let (Found::Node(node) | Found::Wildcard(node)) = find::node(self.choice.zone, &host, RecordType::A) else {
                continue;
            };
            let mut at = Owner::NOWHERE;
            if service == Service::Alias
                && let Some(services) = self.add_set(node, &host, record_type, &mut at, sought)
            {
                self.add_hosts(&services, record_type, &host, sought);
            }
            for address in [RecordType::A, RecordType::AAAA] {
                self.add_set(node, &host, address, &mut at, sought);
            }
        }
    }

    /// Adds one RRset of a host, which stands at `at` once it was written.
    fn add_set(
        &mut self,
        node: Node<'a>,
        host: &Target,
        record_type: RecordType,
        at: &mut usize,
        sought: &mut Sought,
    ) -> Option<Chosen<'a>> {
        let set = node.set(record_type)?;
        if !sought.is_new(host.hash(0), record_type) {
            return None;
        }
        let chosen = match set {
            Set::Records(records) => Chosen::one(records),
            Set::Group(_) => self.choice.choose_for_all(set, record_type)?,
        };
        let start = self.reply.len();
        let owner = Owner { at: *at, wire: host.wire() };
        self.reply.put_all(Section::Additional, owner, record_type, &chosen, |_| {}).ok()?;
        if *at == Owner::NOWHERE {
            *at = start;
        }
        Some(chosen)
    }
}

/// What a record says of its host.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Service {
    /// It is named.
    AtHost,
    /// It is the owner itself (RFC 9460 §2.5.2).
    AtOwner,
    /// The services of another name are meant (RFC 9460 §2.4.2).
    Alias,
}

impl Service {
    fn of(rdata: Rdata<'_>, record_type: RecordType) -> Self {
        match (record_type, rdata.bytes) {
            (RecordType::SVCB | RecordType::HTTPS, [0, 0, ..]) => Self::Alias,
            (RecordType::SVCB | RecordType::HTTPS, [_, _, 0, ..]) => Self::AtOwner,
            _ => Self::AtHost,
        }
    }
}
