//! The one function that answers a DNS query, whatever the transport: read the question, find the zone, walk.

use model::RecordType;
use model::id::HostedZoneId;
use model::prefix::Prefix;

use crate::asked::Asked;
use crate::choose::{Asker, Choice};
use crate::client::Client;
use crate::counted::AnswerSlots;
use crate::draw::{Draw, Script};
use crate::edns::Edns;
use crate::extended_error::ExtendedError;
use crate::find;
use crate::opt::Opt;
use crate::query::{Fault, HEADER, Query};
use crate::target::Target;
use crate::view::View;
use crate::walk::Walk;
use crate::write::{Reply, rcode};
use crate::zone::Zone;

/// What became of a query. The number is the reply's length in the output buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A reply with data, or one that says there is none (NODATA, NXDOMAIN, referral).
    Answered(usize),
    /// Not from us: another zone, another class, a transfer.
    Refused(usize),
    /// Not a query of the right form.
    FormErr(usize),
    /// An opcode we do not have.
    NotImp(usize),
    /// An EDNS version we do not have (RFC 6891 §6.1.3).
    BadVers(usize),
    /// A cookie that was asked about is none of ours (RFC 7873 §5.4).
    BadCookie(usize),
    /// The reply was too large for the transport; the client is told to use TCP.
    Truncated(usize),
    /// No reply: the message was no query at all.
    Dropped,
}

impl Outcome {
    /// The reply's length; 0 for no reply.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "an outcome is not a collection")]
    pub fn len(&self) -> usize {
        match *self {
            Self::Answered(n)
            | Self::Refused(n)
            | Self::FormErr(n)
            | Self::NotImp(n)
            | Self::BadVers(n)
            | Self::BadCookie(n)
            | Self::Truncated(n) => n,
            Self::Dropped => 0,
        }
    }
}

/// Answers `message` from `view` into `out`, which should hold 4096 bytes for UDP and 65535 for TCP. Pure: the same
/// arguments give the same reply. Allocates nothing.
pub fn answer(view: &View, message: &[u8], client: &Client<'_>, out: &mut [u8]) -> Outcome {
    reply(view, None, message, client, Draw::Random(client.draw), out).0
}

/// What there is to note of an answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Noted {
    /// What was asked, if the zone's queries are logged.
    pub asked: Option<Asked>,
    /// Where the record sets that answered are counted. A reply that was cut short gave none.
    pub slots: AnswerSlots,
}

/// Like [`answer`], and says what there is to note of it.
pub fn answer_noting(view: &View, message: &[u8], client: &Client<'_>, out: &mut [u8]) -> (Outcome, Noted) {
    let (outcome, by) = reply(view, None, message, client, Draw::Random(client.draw), out);
    let zone = by.map(|by| by.zone).filter(|zone| zone.is_logged);
    let asked = zone.and_then(|zone| Some(Asked::new(zone, &Query::read(message).ok()?)));
    (outcome, Noted { asked, slots: by.map(|by| by.slots).unwrap_or_default() })
}

/// Like [`answer`], but from this zone, even if an older one has the same name (TestDNSAnswer names a zone). A private
/// zone is refused.
pub fn answer_in(view: &View, zone: &HostedZoneId, message: &[u8], client: &Client<'_>, out: &mut [u8]) -> Outcome {
    reply(view, Some(zone), message, client, Draw::Random(client.draw), out).0
}

/// Like [`answer`], on the way that a script is at.
pub(crate) fn answer_by(
    view: &View,
    message: &[u8],
    client: &Client<'_>,
    script: &mut Script,
    out: &mut [u8],
) -> Outcome {
    reply(view, None, message, client, Draw::Scripted(script), out).0
}

const CLASS_IN: u16 = 1;

/// What answered.
#[derive(Clone, Copy)]
struct By<'v> {
    zone: &'v Zone,
    slots: AnswerSlots,
}

fn reply<'v>(
    view: &'v View,
    only: Option<&HostedZoneId>,
    message: &[u8],
    client: &Client<'_>,
    draw: Draw<'_>,
    out: &mut [u8],
) -> (Outcome, Option<By<'v>>) {
    let query = match Query::read(message) {
        Ok(query) => query,
        Err(fault) => return (refuse(&fault, message, client, out), None),
    };
    let none = |outcome: Outcome| (outcome, None);
    let edns = query.edns.as_ref();
    let limit = Reply::limit(client.transport, edns);
    let Some(mut reply) = Reply::begin(message, query.end(), limit, out) else { return none(Outcome::Dropped) };
    let opt = edns.map(|edns| Opt::new(edns, client));
    let opt = opt.as_ref();
    if edns.is_some_and(|edns| edns.version != 0) {
        reply.rcode = rcode::BADVERS;
        return none(Outcome::BadVers(reply.finish(opt)));
    }
    reply.reserve(opt.map_or(0, Opt::length));

    let mut target = Target::blank();
    target.set(&[query.name], view.snapshot.seed);
    let zone = match only {
        Some(id) => {
            let zone = view.snapshot.zone(id).filter(|zone| !zone.is_private() && target.lies_in(zone));
            zone.map(|zone| (&**zone, None))
        }
        None => find::zone(view, client.address, &target, query.record_type),
    };
    let transfer = matches!(query.record_type, RecordType::AXFR | RecordType::IXFR);
    let is_served = query.class == CLASS_IN && !transfer;
    let Some((zone, region)) = zone.filter(|_| is_served) else {
        reply.rcode = rcode::REFUSED;
        let is_ours = zone.is_some() || query.class != CLASS_IN;
        reply.error = Some(if is_ours { ExtendedError::NotSupported } else { ExtendedError::NotAuthoritative });
        return none(Outcome::Refused(reply.finish(opt)));
    };
    reply.point_at_apex(&zone.apex);
    let prefix = edns.and_then(Edns::client).unwrap_or_else(|| Prefix::of(client.address));
    let choice = Choice::new(view, zone, Asker::new(prefix, &view.places, region), draw);
    let mut walk = Walk::new(query.record_type, (view, client.address), choice, &mut reply);
    let (ran, slots) = (walk.run(&mut target), walk.choice.slots);
    if ran.is_err() {
        reply.truncate();
    }
    let truncated = reply.is_truncated();
    let length = reply.finish(opt);
    let outcome = if truncated { Outcome::Truncated(length) } else { Outcome::Answered(length) };
    (outcome, Some(By { zone, slots: if truncated { AnswerSlots::default() } else { slots } }))
}

/// The reply to what is no question that can be answered.
#[cold]
fn refuse(fault: &Fault<'_>, message: &[u8], client: &Client<'_>, out: &mut [u8]) -> Outcome {
    let (outcome, length): (fn(usize) -> Outcome, _) = match fault {
        Fault::Drop => return Outcome::Dropped,
        Fault::NotImp => (Outcome::NotImp, error(message, HEADER, rcode::NOTIMP, None, out)),
        Fault::FormErr(end) => (Outcome::FormErr, error(message, *end, rcode::FORMERR, None, out)),
        Fault::BadOption(end, edns) => {
            (Outcome::FormErr, error(message, *end, rcode::FORMERR, Some(&Opt::new(edns, client)), out))
        }
        Fault::NoQuestion(edns) if edns.version != 0 => {
            (Outcome::BadVers, error(message, HEADER, rcode::BADVERS, Some(&Opt::new(edns, client)), out))
        }
        Fault::NoQuestion(edns) => {
            let accepted = edns.cookie().zip(client.identity.cookies.as_ref());
            let accepted = accepted.map(|(cookie, ours)| ours.accept(cookie, client.address, client.now_seconds));
            let opt = Opt::new(edns, client);
            match accepted {
                Some(true) => (Outcome::Answered, error(message, HEADER, rcode::NOERROR, Some(&opt), out)),
                Some(false) => (Outcome::BadCookie, error(message, HEADER, rcode::BADCOOKIE, Some(&opt), out)),
                None => (Outcome::FormErr, error(message, HEADER, rcode::FORMERR, Some(&opt), out)),
            }
        }
    };
    length.map_or(Outcome::Dropped, outcome)
}

/// A reply of header, as much of the question as could be read, and a response code.
fn error(message: &[u8], question_end: usize, rcode: u16, opt: Option<&Opt<'_>>, out: &mut [u8]) -> Option<usize> {
    let mut reply = Reply::begin(message, question_end, usize::MAX, out)?;
    reply.rcode = rcode;
    Some(reply.finish(opt))
}
