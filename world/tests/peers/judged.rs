//! The differences that have been judged, as data. `docs/conformance.md` tells them to people, and a test compares.
//!
//! Before: [`crate::view`]. A difference that no line here is for fails the test.

use world::exchange::Transport;
use world::reply::Record;

use super::case::Case;
use super::view::Field::{self, *};
use super::view::{View, is_below, same_name};
use super::zone::Zone;

/// The servers' versions for which this is what they do.
pub(crate) const VERSIONS: [(&str, &str); 4] =
    [("NSD", "4.6.1"), ("Knot", "3.2.6"), ("BIND", "9.18.49"), ("PowerDNS", "4.7.3")];

/// A kind of difference.
pub(crate) struct Judged {
    pub(crate) name: &'static str,
    /// The rule by which it was judged.
    pub(crate) rule: &'static str,
    /// What it can be seen in.
    pub(crate) fields: &'static [Field],
    pub(crate) holds: fn(&Case<'_>) -> bool,
}

/// All that follows from other data or another response code.
const ALL: &[Field] = &[Rcode, Authoritative, Answer, Soa, Referral, Glue, SiblingGlue];

/// All four agree, and we differ: nowhere.
pub(crate) const OURS: [Judged; 0] = [];

/// They disagree among themselves. The first that holds explains a field.
pub(crate) const THEIRS: [Judged; 16] = [
    Judged {
        name: "CD in the reply",
        rule: "RFC 4035 §3.1.6",
        fields: &[CheckingDisabled],
        holds: |case| case.question.query.checking_disabled,
    },
    Judged {
        name: "types 128 to 254",
        rule: "RFC 8906 §3.1.2",
        fields: ALL,
        holds: |case| (128..255).contains(&case.question.query.record_type) && !case.peer("BIND").is("NOERROR"),
    },
    Judged {
        name: "RRSIG of an unsigned zone",
        rule: "RFC 2308 §2.2",
        fields: ALL,
        holds: |case| is_asked(case, "RRSIG") && case.peer("PowerDNS").is("REFUSED"),
    },
    Judged {
        name: "RRSIG or NSEC at a CNAME",
        rule: "RFC 1034 §4.3.2, step 3a",
        fields: ALL,
        holds: |case| {
            (is_asked(case, "RRSIG") || is_asked(case, "NSEC"))
                && has(&case.ours().answer, "CNAME")
                && case.peer("BIND").answer.len() < case.ours().answer.len()
        },
    },
    Judged {
        name: "CNAME into another zone of the server",
        rule: "RFC 1034 §4.3.2, step 3a",
        fields: ALL,
        holds: |case| {
            let last = case.ours().reply.answer.iter().rfind(|record| record.record_type == "CNAME");
            let zone = last.and_then(|last| Zone::around(case.zones, &dotted(&last.text)));
            zone.is_some_and(|zone| zone.origin != case.zone.origin)
        },
    },
    Judged { name: "CNAME that comes back", rule: "RFC 1034 §3.6.2", fields: ALL, holds: is_loop },
    Judged {
        name: "ANY at a CNAME or below a DNAME",
        rule: "RFC 1034 §4.3.2, step 3a",
        fields: ALL,
        holds: |case| is_asked(case, "ANY") && has(&case.ours().answer, "CNAME"),
    },
    Judged {
        name: "ANY at an empty non-terminal",
        rule: "RFC 2308 §2.2",
        fields: &[Answer, Soa],
        holds: |case| is_asked(case, "ANY") && has(&case.peer("PowerDNS").answer, "TYPE0"),
    },
    Judged {
        name: "ANY, which record sets",
        rule: "RFC 8482 §4",
        fields: &[Answer],
        holds: |case| {
            let theirs = || case.views[1..].iter().flat_map(|view| &view.answer);
            is_asked(case, "ANY") && case.ours().answer.iter().all(|record| theirs().any(|other| record == other))
        },
    },
    Judged {
        name: "a cut below a cut",
        rule: "RFC 1034 §4.3.2, step 3b",
        fields: &[Referral, Glue, SiblingGlue],
        holds: |case| {
            let (ours, theirs) = (cut(case.ours()), cut(case.peer("PowerDNS")));
            ours.zip(theirs).is_some_and(|(ours, theirs)| ours != theirs && is_below(theirs, ours))
        },
    },
    Judged {
        name: "DS below a cut",
        rule: "RFC 4035 §3.1.4.1",
        fields: &[Authoritative, Soa, Referral, Glue, SiblingGlue],
        holds: |case| is_asked(case, "DS") && cut(case.ours()).is_some() && !case.peer("PowerDNS").soa.is_empty(),
    },
    Judged {
        name: "DS of a zone that its parent does not know",
        rule: "RFC 8020 §2",
        fields: &[Rcode],
        holds: |case| is_asked(case, "DS") && same_name(&case.question.name, &case.zone.origin.to_lowercase()),
    },
    Judged {
        name: "glue left out without TC",
        rule: "RFC 9471 §3.1",
        fields: &[Glue],
        holds: |case| {
            let ours = &case.ours().glue;
            let left_out = |view: &View| view.glue.iter().all(|record| ours.contains(record));
            case.question.transport == Transport::Udp && case.views.iter().all(left_out)
        },
    },
    Judged {
        name: "CNAME that was asked for, and more",
        rule: "RFC 1034 §4.3.2, step 3a",
        fields: ALL,
        holds: |case| {
            let (ours, theirs) = (case.ours(), case.peer("PowerDNS"));
            let more = theirs.answer.len() > ours.answer.len() || !theirs.soa.is_empty() || !theirs.referral.is_empty();
            is_asked(case, "CNAME") && has(&ours.answer, "CNAME") && more
        },
    },
    Judged {
        name: "SOA beside YXDOMAIN",
        rule: "RFC 6672 §2.2",
        fields: &[Soa],
        holds: |case| case.ours().is("YXDOMAIN"),
    },
    Judged {
        name: "below the DNAME of a wildcard",
        rule: "RFC 6672 §3.3",
        fields: &[Answer],
        holds: |case| case.ours().answer.iter().any(|r| r.record_type == "DNAME" && r.owner.starts_with("*.")),
    },
];

/// Of those the ones in which three of the four may be of one mind, and we of another.
pub(crate) const OUTVOTED: [&str; 4] = [
    "CD in the reply",
    "RRSIG or NSEC at a CNAME",
    "ANY, which record sets",
    "DS of a zone that its parent does not know",
];

fn is_asked(case: &Case<'_>, record_type: &str) -> bool {
    case.question.record_type == record_type
}

/// RDATA is printed without the final dot by some versions of the parser.
fn dotted(name: &str) -> String {
    if name.ends_with('.') { name.to_owned() } else { format!("{name}.") }
}

fn has(records: &[Record], record_type: &str) -> bool {
    records.iter().any(|record| record.record_type == record_type)
}

fn cut(view: &View) -> Option<&str> {
    view.referral.first().map(|record| record.owner.as_str())
}

/// Whether our answer comes back to a name that it has, or `PowerDNS` found that it would, had it gone on.
fn is_loop(case: &Case<'_>) -> bool {
    let answer = &case.ours().reply.answer;
    let is_back = answer.iter().rfind(|record| record.record_type == "CNAME").is_some_and(|last| {
        answer.iter().any(|record| record.record_type == "CNAME" && same_name(&last.text, &record.owner))
    });
    is_back || case.peer("PowerDNS").is("SERVFAIL") && (is_asked(case, "ANY") || is_asked(case, "CNAME"))
}
