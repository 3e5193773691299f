//! What latency routing would know of a client: for people who ask why. It may allocate.

use model::id::Region;
use model::prefix::Prefix;

use super::Places;
use crate::choose::{Whereabouts, latency};
use crate::sites::RegionSite;

/// A region and how far it is from a client.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionLatency {
    /// The region.
    pub region: Region,
    /// Along the great circle; none if the client's coordinates are not known.
    pub kilometres: Option<f64>,
    /// As latency routing counts them; none if nothing tells.
    pub milliseconds: Option<f64>,
    /// Whether the user measured them; else they are estimated from the distance.
    pub is_measured: bool,
}

impl Places {
    /// All regions, in the order in which latency routing would prefer them for this client.
    #[must_use]
    pub fn latencies_from(&self, client: Prefix) -> Vec<RegionLatency> {
        let located = self.locate(client).value;
        let measured = self.latencies(client).value;
        let here = Whereabouts { located, latencies: measured };
        let mut told: Vec<(f64, RegionLatency)> = Vec::new();
        for (i, region) in self.regions.iter().enumerate() {
            let site = RegionSite::of(&region, &self.regions);
            let cost = latency::cost(&site, here);
            let own = measured.and_then(|latencies| latencies.get(i)).filter(|milliseconds| !milliseconds.is_nan());
            let kilometres = here.direction().zip(site.direction).map(|(client, region)| client.kilometres_to(&region));
            let milliseconds = match own {
                Some(milliseconds) => Some(f64::from(*milliseconds)),
                None => kilometres.map(latency::estimate),
            };
            told.push((cost, RegionLatency { region, kilometres, milliseconds, is_measured: own.is_some() }));
        }
        told.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        told.into_iter().map(|(_, region)| region).collect()
    }
}
