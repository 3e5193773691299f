//! The kinds of names that are measured, and the queries for each.
//!
//! What a policy costs is told against a static name of the same size of reply that is asked with the same EDNS.

use anyhow::Result;

use crate::query::{Queries, write_query};
use crate::random::Random;
use crate::routed::places::Clients;
use crate::run::zone::ZONE;

/// Names of each kind.
pub const NAMES: usize = 1000;
/// Different queries of each kind.
const QUERIES: usize = 16_384;

/// What a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// One record set without a policy, of this many values.
    Static(usize),
    /// No record at all.
    Missing,
    /// 90 and 10.
    Weighted,
    /// This many record sets.
    Multivalue(usize),
    /// Primary and secondary.
    Failover,
    /// Eight regions.
    Latency,
    /// Eight countries, a continent and the default.
    Geolocation,
    /// Eight regions, of which two have a bias.
    Geoproximity,
    /// Eight locations of 125 blocks each, and the default.
    IpBased,
    /// Latency, then weights, then failover, each an alias of the one before, all evaluating the health of their target.
    Aliases,
    /// A traffic policy: geolocation, then failover, then weights.
    TrafficPolicy,
}

/// One row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// As tables print it; `--only` takes a part of it.
    pub name: &'static str,
    /// What its names begin with; kinds that differ in the queries only share it.
    pub prefix: &'static str,
    /// What its names are.
    pub policy: Policy,
    /// Who asks by Client Subnet; none asks without EDNS.
    pub clients: Option<Clients>,
}

/// All kinds; those that others are compared with come first.
pub const KINDS: [Kind; 17] = {
    const fn kind(name: &'static str, prefix: &'static str, policy: Policy, clients: Option<Clients>) -> Kind {
        Kind { name, prefix, policy, clients }
    }
    const ECS: Option<Clients> = Some(Clients::Unmeasured);
    [
        kind("static", "s1", Policy::Static(1), None),
        kind("static, ECS", "s1", Policy::Static(1), ECS),
        kind("static, 5 values", "s5", Policy::Static(5), None),
        kind("static, 8 values", "s8", Policy::Static(8), None),
        kind("weighted", "we", Policy::Weighted, None),
        kind("multivalue of 5", "m5", Policy::Multivalue(5), None),
        kind("multivalue of 20", "mv", Policy::Multivalue(20), None),
        kind("failover", "fo", Policy::Failover, None),
        kind("latency, measured, ECS", "la", Policy::Latency, Some(Clients::Measured)),
        kind("latency, by distance, ECS", "la", Policy::Latency, ECS),
        kind("geolocation, ECS", "ge", Policy::Geolocation, ECS),
        kind("geoproximity, ECS", "gp", Policy::Geoproximity, ECS),
        kind("IP-based, ECS", "ip", Policy::IpBased, ECS),
        kind("alias tree, ECS", "al", Policy::Aliases, ECS),
        kind("traffic policy, ECS", "tp", Policy::TrafficPolicy, ECS),
        kind("NXDOMAIN", "no", Policy::Missing, None),
        kind("NXDOMAIN, ECS", "no", Policy::Missing, ECS),
    ]
};

impl Kind {
    /// The name of one of its record sets, or groups of them.
    pub fn owner(&self, number: usize) -> String {
        owner(self.prefix, number)
    }

    /// The static kind that it is compared with: by place in [`KINDS`].
    pub fn baseline(&self) -> usize {
        match (self.policy, self.clients) {
            (Policy::Static(5) | Policy::Multivalue(5), _) => 2,
            (Policy::Static(8) | Policy::Multivalue(_), _) => 3,
            (_, None) => 0,
            (_, Some(_)) => 1,
        }
    }

    /// Random queries for its names; the same for the same seed.
    ///
    /// # Errors
    /// None that a name of ours could cause.
    pub fn messages(&self, seed: u64) -> Result<Vec<Vec<u8>>> {
        let mut random = Random::new(seed);
        (0..QUERIES)
            .map(|_| {
                let mut message = write_query(&self.owner(random.below(NAMES)), 1, self.clients.is_some())?;
                if let Some(clients) = self.clients {
                    let [a, b, c] = clients.draw(&mut random);
                    // RFC 7871 §6: the length of the OPT's rdata, then option 8 with 7 octets: IPv4, /24, scope 0, address.
                    let length = message.len() - 1;
                    message[length] = 11;
                    message.extend_from_slice(&[0, 8, 0, 7, 0, 1, 24, 0, a, b, c]);
                }
                Ok(message)
            })
            .collect()
    }

    /// The same to be sent.
    ///
    /// # Errors
    /// As [`Kind::messages`].
    pub fn queries(&self, seed: u64) -> Result<Queries> {
        Queries::of(&self.messages(seed)?)
    }
}

/// A name of the zone that is asked for.
pub fn owner(prefix: &str, number: usize) -> String {
    format!("{prefix}{number:05}.{ZONE}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_one_length_and_compared_with_their_like() {
        for kind in KINDS {
            assert_eq!(kind.owner(7).len(), KINDS[0].owner(0).len(), "{kind:?}");
            let baseline = KINDS[kind.baseline()];
            assert_eq!(baseline.clients.is_some(), kind.clients.is_some(), "{kind:?}");
            assert!(matches!(baseline.policy, Policy::Static(_)), "{kind:?}");
        }
    }
}
