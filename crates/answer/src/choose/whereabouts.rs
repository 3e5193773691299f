//! What location policies may know of a client, looked up when the first of them asks.
//!
//! Each look-up notes how much of the client's address it depended on; the longest goes into the reply (RFC 7871 §7.2.1).

use model::prefix::Prefix;

use crate::places::{Direction, Latencies, Located, Place, Places};
use crate::prefixes::Matched;

/// A client on its way through one answer.
pub(crate) struct Asker<'a> {
    prefix: Prefix,
    places: &'a Places,
    /// The clients of a VPC are where its region is, when they ask a private zone.
    region: Option<&'a Located>,
    known: Known<'a>,
    scope: u8,
}

/// What was looked up already.
#[derive(Default)]
struct Known<'a> {
    located: Option<Option<&'a Located>>,
    latencies: Option<Option<&'a Latencies>>,
}

/// Where a client is.
#[derive(Clone, Copy)]
pub(crate) struct Whereabouts<'a> {
    pub(crate) located: Option<&'a Located>,
    pub(crate) latencies: Option<&'a Latencies>,
}

const NOWHERE: Place = Place { continent: None, country: None, subdivision: None, point: None };

impl<'a> Whereabouts<'a> {
    pub(crate) fn place(&self) -> &'a Place {
        self.located.map_or(&NOWHERE, |located| &located.place)
    }

    pub(crate) fn direction(&self) -> Option<&'a Direction> {
        self.located?.direction.as_ref()
    }
}

impl<'a> Asker<'a> {
    /// A client known by its address or a prefix of it; with `region`, by the VPC it is in.
    pub(crate) fn new(prefix: Prefix, places: &'a Places, region: Option<&'a Located>) -> Self {
        Self { prefix, places, region, known: Known::default(), scope: 0 }
    }

    /// The client's prefix, cut to a length for its family: the answer depends on so much of the address.
    pub(super) fn cut(&mut self, ipv4: u8, ipv6: u8) -> Prefix {
        let length = if self.prefix.address().is_ipv4() { ipv4 } else { ipv6 };
        self.scope = self.scope.max(length);
        Prefix::around(self.prefix.address(), length.min(self.prefix.length()))
    }

    /// The same client, of whom nothing was looked up yet.
    pub(super) fn anew(&self) -> Self {
        Self::new(self.prefix, self.places, self.region)
    }

    /// How many bits of the address the answer depended on so far.
    pub(crate) fn scope(&self) -> u8 {
        self.scope
    }

    /// Where the client is.
    pub(super) fn located(&mut self) -> Whereabouts<'a> {
        let located = match (self.region, self.known.located) {
            (Some(region), _) => Some(region),
            (None, Some(known)) => known,
            (None, None) => {
                let Matched { value, scope } = self.places.locate(self.prefix);
                self.scope = self.scope.max(scope);
                *self.known.located.insert(value)
            }
        };
        Whereabouts { located, latencies: None }
    }

    /// What is known of where the client is, for explanations.
    pub(crate) fn place(&mut self) -> Option<Place> {
        self.located().located.map(|located| located.place)
    }

    /// Where the client is and what was measured from there.
    pub(super) fn measured(&mut self) -> Whereabouts<'a> {
        Whereabouts { latencies: self.latencies(), ..self.located() }
    }

    /// What was measured from where the client is; nothing of the clients of a VPC.
    pub(crate) fn latencies(&mut self) -> Option<&'a Latencies> {
        if self.region.is_some() {
            return None;
        }
        match self.known.latencies {
            Some(known) => known,
            None => {
                let Matched { value, scope } = self.places.latencies(self.prefix);
                self.scope = self.scope.max(scope);
                *self.known.latencies.insert(value)
            }
        }
    }

    /// Where the regions are, by their indexes.
    pub(super) fn directions(&self) -> &'a [Option<Direction>] {
        self.places.directions()
    }

    /// The client's location in a CIDR collection.
    pub(super) fn location(&mut self, collection: Option<&crate::prefixes::Prefixes<u128>>) -> Option<u128> {
        let Matched { value, scope } = collection?.find(self.prefix);
        self.scope = self.scope.max(scope);
        value.copied()
    }
}
