//! The policies that put a group's members in an order for this client: latency, geolocation, geoproximity, IP-based.
//!
//! One function per policy says what a member costs this client, or that it is not for it, and another finds the cheapest
//! without computing all costs. Here the cheapest healthy one is found; with nobody healthy, the cheapest of all (R53 "How
//! Route 53 chooses records"). Health is looked at in that order and no further than needed, so that the reply's scope
//! names what the answer depended on and nothing else.

use model::RecordType;

use super::{Choice, Whereabouts, geolocation, geoproximity, ip_based, latency};
use crate::extended_error::ExtendedError;
use crate::group::{Group, Policy};
use crate::limits::GROUP_MEMBERS_MAX;
use crate::sites::{Site, Sites};

/// What members cost one client. Those that are not for it have no bit.
pub(crate) struct Costs {
    applicable: u128,
    of: [f64; GROUP_MEMBERS_MAX],
}

impl Costs {
    /// The first of the cheapest among these.
    fn least(&self, among: u128) -> Option<usize> {
        let mut left = among & self.applicable;
        let mut least: Option<usize> = None;
        while left != 0 {
            let i = left.trailing_zeros() as usize;
            left &= left - 1;
            if least.is_none_or(|least| self.of[i] < self.of[least]) {
                least = Some(i);
            }
        }
        least
    }

    /// What a member costs; none if it is not for this client. For explanations.
    pub(crate) fn of(&self, member: usize) -> Option<f64> {
        (self.applicable & (1 << member) != 0).then(|| self.of[member])
    }
}

impl Choice<'_, '_> {
    /// The member that answers this client; none if no member is for it.
    pub(super) fn in_order(&mut self, group: &Group, record_type: RecordType) -> Option<usize> {
        let best = self.best(group)?;
        if group.always_healthy || self.is_healthy(&group.members[best], record_type, 0) {
            return Some(best);
        }
        let costs = self.costs(group);
        let mut left = !(1 << best);
        while let Some(i) = costs.least(left) {
            if self.is_healthy(&group.members[i], record_type, 0) {
                return Some(i);
            }
            left &= !(1 << i);
        }
        self.error = Some(ExtendedError::AllUnhealthy);
        Some(best)
    }

    /// The first of the cheapest.
    fn best(&mut self, group: &Group) -> Option<usize> {
        match &group.sites {
            Sites::Regions(sites) => {
                let measured = self.asker.latencies().and_then(|latencies| latency::best_measured(sites, latencies));
                measured.or_else(|| latency::best(sites, self.asker.measured(), self.asker.directions()))
            }
            Sites::Points(sites) => geoproximity::best(sites, self.asker.located(), self.asker.directions()),
            Sites::Locations(sites) => geolocation::best(sites, self.asker.located().place()),
            Sites::Blocks(sites) => {
                let Policy::IpBased(collection) = group.policy else { unreachable!("blocks are of a collection") };
                ip_based::best(sites, self.asker.location(self.collections.blocks(collection)))
            }
            Sites::Weights(_) | Sites::Nowhere => None,
        }
    }

    /// What tells regions apart. Where the client is does not if all of them were measured.
    fn for_latency(&mut self, sites: &Sites) -> Whereabouts<'_> {
        let latencies = self.asker.latencies();
        match (sites, latencies) {
            (Sites::Regions(sites), Some(measured)) if latency::best_measured(sites, measured).is_some() => {
                Whereabouts { located: None, latencies }
            }
            _ => self.asker.measured(),
        }
    }

    /// What each member costs this client.
    pub(crate) fn costs(&mut self, group: &Group) -> Costs {
        let mut costs = Costs { applicable: 0, of: [0.0; GROUP_MEMBERS_MAX] };
        self.each(group, |i, cost| {
            costs.applicable |= 1 << i;
            costs.of[i] = cost;
        });
        costs
    }

    /// One bit for each member that is for this client.
    pub(crate) fn applicable(&mut self, group: &Group) -> u128 {
        match group.policy {
            Policy::Geolocation | Policy::IpBased(_) => {
                let mut applicable = 0;
                self.each(group, |i, _| applicable |= 1 << i);
                applicable
            }
            Policy::Simple
            | Policy::Weighted { .. }
            | Policy::Failover
            | Policy::Multivalue
            | Policy::Latency
            | Policy::Geoproximity => super::all(group.members.len()),
        }
    }

    /// Tells the cost of each member that is for this client.
    fn each(&mut self, group: &Group, mut tell: impl FnMut(usize, f64)) {
        let mut each = |cost: &dyn Fn(&Site) -> Option<f64>| {
            for (i, member) in group.members.iter().enumerate() {
                if let Some(cost) = cost(&member.aside.site) {
                    tell(i, cost);
                }
            }
        };
        match group.policy {
            Policy::Latency => {
                let client = self.for_latency(&group.sites);
                each(&|site| if let Site::Region(site) = site { Some(latency::cost(site, client)) } else { None });
            }
            Policy::Geoproximity => {
                let client = self.asker.located();
                each(&|site| if let Site::Point(site) = site { Some(geoproximity::cost(site, client)) } else { None });
            }
            Policy::Geolocation => {
                let client = self.asker.located();
                each(&|site| match site {
                    Site::Location(location) => geolocation::cost(*location, client.place()),
                    _ => None,
                });
            }
            Policy::IpBased(collection) => {
                let client = self.asker.location(self.collections.blocks(collection));
                each(&|site| if let Site::Blocks(location) = site { ip_based::cost(*location, client) } else { None });
            }
            Policy::Simple | Policy::Weighted { .. } | Policy::Failover | Policy::Multivalue => {}
        }
    }
}
