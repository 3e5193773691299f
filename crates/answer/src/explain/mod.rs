//! Why an answer is what it is: the way from the name to the records, and the exact odds of every other answer.
//!
//! Nothing here decides. `possible` serves the question once on every way it can take (`draw`) and reads the replies;
//! `level` asks the routing policies the same questions as an answer does and writes down what they say. This may
//! allocate: it is for people.

mod level;
mod possible;
mod reason;

use model::id::HostedZoneId;
use model::prefix::Prefix;
use model::{Name, RecordType};

use crate::choose::Asker;
use crate::find::{self, Found};
use crate::group::Set;
use crate::places::Place;
use crate::target::Target;
use crate::view::View;
use crate::zone::Zone;

pub use level::{Candidate, Content, Level};
pub use possible::{Ending, Possibilities, Possible, Question, answering_zone, possible, possible_by_weights, sample};
pub use reason::{Measure, Reason};

/// The way of one question.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The zone that answers, and its name; none means REFUSED.
    pub zone: Option<(HostedZoneId, Name)>,
    /// Who asks, as routing policies see it.
    pub client: Seen,
    /// One step for each name on any way, in the order in which they are come to.
    pub hops: Vec<Hop>,
    /// Every answer that may come.
    pub possible: Possibilities,
}

/// What routing policies can know of who asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The client's prefix: of the Client Subnet option if there is one, else the whole address that asks.
    pub prefix: Prefix,
    /// Where that is, as far as it is known; in a private zone the region of the VPC.
    pub place: Option<Place>,
}

/// One name on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Hop {
    /// The name looked up.
    pub name: Name,
    /// How likely an answer leads through it, 0–1.
    pub odds: f64,
    /// What stands there.
    pub finding: Finding,
}

/// What stands at a name.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// Record sets of this type, which compete if they are several; and whether a wildcard stands for the name.
    Records {
        /// Their type: the one asked for, or CNAME.
        record_type: RecordType,
        /// The wildcard of the name's parent answers.
        is_wildcard: bool,
        /// What competes.
        level: Level,
    },
    /// The name exists, without this type.
    NoData {
        /// The wildcard stands for the name.
        is_wildcard: bool,
    },
    /// NXDOMAIN.
    NoName,
    /// A zone cut at or above it.
    Delegated,
    /// A DNAME above it.
    Renamed,
}

/// Explains the answer to a question.
#[must_use]
pub fn explain(view: &View, question: &Question) -> Explanation {
    explained(view, question, false)
}

/// The same for all clients together who are where this one is, as [`possible_by_weights`] counts them.
#[must_use]
pub fn explain_by_weights(view: &View, question: &Question) -> Explanation {
    explained(view, question, true)
}

fn explained(view: &View, question: &Question, by_weights: bool) -> Explanation {
    let possible = possible::count(view, question, by_weights);
    let mut target = Target::new(question.name.wire(), view.snapshot.seed);
    let prefix = question.client();
    let found = find::zone(view, question.address, &target, question.record_type);
    let Some((zone, region)) = found else {
        let client = Seen { prefix, place: None };
        return Explanation { zone: None, client, hops: Vec::new(), possible };
    };
    let asker = || Asker::new(prefix, &view.places, region);
    let place = asker().place();
    let hops = possible.names.iter().map(|(wire, odds)| {
        target.set(&[wire], view.snapshot.seed);
        let name = Name::from_wire(wire).expect("a name was looked up");
        let listing = |record_type| level::Listing::new(view, zone, record_type, &asker, by_weights);
        let finding = match finding(zone, &target, question.record_type, listing, *odds) {
            Finding::NoName if find::is_unknown_child(view, question.address, &target, question.record_type, zone) => {
                Finding::NoData { is_wildcard: false }
            }
            finding => finding,
        };
        Hop { name, odds: *odds, finding }
    });
    let hops = hops.collect();
    let apex = Name::from_wire(&zone.apex).expect("the apex was a name");
    Explanation { zone: Some((zone.id.clone(), apex)), client: Seen { prefix, place }, hops, possible }
}

fn finding<'f, 'a: 'f>(
    zone: &'a Zone,
    target: &Target,
    record_type: RecordType,
    listing: impl FnOnce(RecordType) -> level::Listing<'f, 'a>,
    odds: f64,
) -> Finding {
    let (node, is_wildcard) = match find::node(zone, target, record_type) {
        Found::Node(node) => (node, false),
        Found::Wildcard(node) => (node, true),
        Found::Delegation { .. } => return Finding::Delegated,
        Found::Dname { .. } => return Finding::Renamed,
        Found::NoName => return Finding::NoName,
    };
    let of_type = |wanted: RecordType| node.sets().find(|(t, _)| *t == wanted || wanted == RecordType::ANY);
    let set: Option<(RecordType, Set<'a>)> = of_type(record_type).or_else(|| of_type(RecordType::CNAME));
    match set {
        None => Finding::NoData { is_wildcard },
        Some((record_type, set)) => {
            let level = listing(record_type).level(set, odds);
            Finding::Records { record_type, is_wildcard, level }
        }
    }
}
