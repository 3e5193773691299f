//! `answer`: decides the reply to one DNS query, from one immutable [`View`].
//!
//! **What it is.** One pure function, [`answer`], and the compiler that makes what it reads: [`Snapshot`] from record
//! sets, [`Health`] from verdicts, [`Places`] from tables. UDP, TCP, TestDNSAnswer, `explain` and the tests
//! all call this function.
//!
//! **What it is not.** It has no sockets, clock, lock, randomness of its own or allocation per query; it signs nothing
//! yet, transfers nothing, and answers only from its own zones.
//!
//! **The walk.** `query` reads the question → `find` finds zone and node → `choose` applies the routing policy, asking
//! `places` where the client is if it must → `write` copies compiled bytes. [`answer`] does the first of these
//! once, `walk` the others for each name of a chain.
//!
//! **Invariants.** A view never changes; a reply is either whole or truncated by the rules; work per query is bounded
//! by the limits in `limits`.
//!
//! **Tests.** Examples at the bottom of each file; `tests/allocations.rs` counts allocations; the scenarios of
//! `world/tests/answers` and the comparison with NSD and Knot ask it from outside.
//!
//! ```
//! use answer::{answer, Client, Health, Outcome, Snapshot, Transport, View};
//! use model::hosted_zone::Visibility;
//! use model::{id::HostedZoneId, Name, RecordSet, RecordType, Ttl};
//!
//! let www = RecordSet::simple(
//!     Name::parse("www.example.com").unwrap(),
//!     RecordType::A,
//!     Ttl::new(60).unwrap(),
//!     vec!["192.0.2.1".into()],
//! );
//! let mut edit = Snapshot::empty().edit();
//! edit.put_zone(&HostedZoneId::parse("Z1").unwrap(), &Name::parse("example.com").unwrap(), 1, &Visibility::PUBLIC, 0, [www]).unwrap();
//! let snapshot = edit.finish(1);
//! let health = Health::compile(&snapshot, |_| true);
//! let view = View { snapshot: snapshot.into(), health: health.into(), places: Default::default() };
//! let query = b"\x12\x34\0\0\0\x01\0\0\0\0\0\0\x03www\x07example\x03com\0\0\x01\0\x01";
//! let client = Client::new([127, 0, 0, 1].into(), Transport::Udp, 0);
//! let mut reply = [0; 512];
//! let Outcome::Answered(length) = answer(&view, query, &client, &mut reply) else { panic!() };
//! assert_eq!(reply[length - 4..length], [192, 0, 2, 1]);
//! ```
#![forbid(unsafe_code)]

mod answer;
mod asked;
mod choose;
mod client;
mod collections;
mod compile;
mod cookies;
mod counted;
mod draw;
mod edns;
mod explain;
mod extended_error;
mod few;
mod find;
mod group;
mod identity;
mod limits;
mod opt;
mod places;
mod population;
mod prefixes;
mod query;
mod records;
mod reply;
mod runs;
mod simulate;
mod siphash;
mod sites;
mod snapshot;
mod table;
mod target;
mod view;
mod walk;
mod write;
mod zone;

pub use answer::{Noted, Outcome, answer, answer_in, answer_noting};
pub use asked::Asked;
pub use client::{Client, Transport};
pub use compile::{CompileFault, Edit};
pub use cookies::{COOKIE_SECRET_BYTES, CookieSecrets};
pub use counted::{AnswerSlot, AnswerSlots};
pub use explain::{
    Candidate, Content, Ending, Explanation, Finding, Hop, Level, Measure, Possibilities, Possible, Question, Reason,
    Seen, answering_zone, explain, explain_by_weights, possible, possible_by_weights, sample,
};
pub use identity::{Identity, NSID_BYTES_MAX, Nsid, NsidFault};
pub use limits::{ALIAS_DEPTH_MAX, CHAIN_MAX, UDP_PAYLOAD_MAX};
pub use places::{
    CompactFault, CsvFault, CsvProblem, Database, LatencyRow, Mmdb, MmdbFault, Place, PlaceRow, Placed, Places,
    PlacesFault, RegionLatency, Tables, TooManyCountries, compact, expand, read_latencies, read_latencies_of,
    read_mmdb, read_places,
};
pub use population::{Asking, Cohort, Population};
pub use reply::{AnswerRecord, ReadReply, question, read_reply};
pub use simulate::{Flow, Followed, Part, Share, Shift, Side, Stopped, Whom, simulate};
pub use snapshot::Snapshot;
pub use view::{Health, View};
