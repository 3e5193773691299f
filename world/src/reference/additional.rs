//! What may stand beside an answer that names hosts (RFC 1035 §3.3.9, §3.3.11): their addresses, if the zone has them.

use std::collections::BTreeSet;

use model::{Body, Name, RecordType, Routing};

use super::{Possible, Reference, wire};
use crate::reply::Record;

impl Reference<'_> {
    /// Adds the addresses of the hosts that these records name.
    pub(super) fn beside(&self, reply: &mut Possible, records: &[Record]) {
        let named = records.iter().filter(|r| ["MX", "NS"].contains(&r.record_type.as_str()));
        let hosts = named.filter_map(|r| Name::parse(r.text.rsplit(' ').next()?).ok());
        let hosts: BTreeSet<Name> = hosts.filter(|host| host.is_in(self.apex)).collect();
        for (host, record_type) in hosts.iter().flat_map(|h| [(h, RecordType::A), (h, RecordType::AAAA)]) {
            let Some(source) = self.source(host) else { continue };
            let choices = self.pick(&source, record_type);
            let mut choices: Vec<BTreeSet<Record>> =
                choices.iter().map(|way| way.records.iter().map(|record| record.at(&wire(host))).collect()).collect();
            // RFC 7871 §7.3.1: nothing that depends on where a client is, which the reply's scope is a test of.
            if self.asks_where(&source, record_type, &mut BTreeSet::new()) {
                choices.push(BTreeSet::new());
            }
            if !choices.is_empty() {
                reply.glue.push(choices);
            }
        }
    }

    /// The name whose records answer for a host, unless it lies below a cut or a DNAME.
    fn source(&self, host: &Name) -> Option<Name> {
        let leads_away = |place: &Name| {
            *place != *self.apex && self.has(place, RecordType::NS)
                || place != host && self.has(place, RecordType::DNAME)
        };
        if self.way_down(host).iter().any(leads_away) {
            return None;
        }
        if self.exists(host) {
            return Some(host.clone());
        }
        let encloser = std::iter::successors(host.parent(), Name::parent).find(|name| self.exists(name))?;
        encloser.wildcard().filter(|wildcard| self.exists(wildcard))
    }

    /// Whether any record set that may answer is chosen by the client's place.
    fn asks_where(&self, name: &Name, record_type: RecordType, seen: &mut BTreeSet<Name>) -> bool {
        seen.insert(name.clone())
            && self.group(name, record_type).iter().any(|record_set| {
                let by_place = !matches!(
                    record_set.routing,
                    Routing::Simple | Routing::Weighted { .. } | Routing::Failover { .. } | Routing::Multivalue { .. }
                );
                by_place
                    || match &record_set.body {
                        Body::Alias(alias) => self.asks_where(&alias.dns_name, record_type, seen),
                        Body::TrafficPolicy(_) => true,
                        Body::Records { .. } => false,
                    }
            })
    }
}
