//! Record sets that somebody follows through a simulation, such as those of one environment of a service: how many
//! clients come by them, whatever stands above and below.
//!
//! Before: `explain` tells what competes on each way, with the odds of the whole way. Here the odds of some of it are
//! added up. Not by labels or values, which other record sets may share.

use model::{Name, RecordType};

use crate::explain::{Content, Explanation, Finding, Level};

/// Record sets of one name that are counted together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// Their name.
    pub name: Name,
    /// Their types.
    pub types: Vec<RecordType>,
    /// What tells them apart from others of the name and type.
    pub set_identifiers: Vec<String>,
}

impl Followed {
    /// The odds of an answer that comes by any of them, 0–1.
    pub(super) fn odds(&self, explained: &Explanation) -> f64 {
        let mut odds = 0.0;
        for hop in &explained.hops {
            let Finding::Records { record_type, is_wildcard, level } = &hop.finding else { continue };
            if self.types.contains(record_type) {
                let stands_for = *is_wildcard
                    && self.name.is_wildcard()
                    && self.name.parent().is_some_and(|parent| hop.name.is_in(&parent));
                odds += self.below(level, hop.name == self.name || stands_for);
            }
        }
        odds
    }

    /// `is_theirs`: the level is of their name, so that they compete there.
    fn below(&self, level: &Level, is_theirs: bool) -> f64 {
        let odds = level.candidates.iter().map(|candidate| {
            let own = candidate.set_identifier.as_ref();
            if is_theirs && own.is_some_and(|own| self.set_identifiers.contains(own)) {
                return candidate.odds;
            }
            match &candidate.content {
                Content::Alias(target, _, Some(level)) => self.below(level, *target == self.name),
                Content::Rule(_, level) => self.below(level, false),
                Content::Records(..) | Content::Alias(_, _, None) | Content::Outside => 0.0,
            }
        });
        odds.sum()
    }
}
