//! One question, put to us and to the four.

use std::fmt;
use std::net::SocketAddr;

use world::exchange::{Transport, tcp, udp};
use world::reply::Reply;

use super::questions::Question;
use super::servers::KINDS;
use super::view::{Counts, Field, Tolerated, View};
use super::zone::Zone;

/// The question and what was said to it. The first view is ours, the others are in the order of [`KINDS`].
pub(crate) struct Case<'c> {
    /// All that the servers serve.
    pub(crate) zones: &'c [Zone],
    /// The closest around the name.
    pub(crate) zone: &'c Zone,
    pub(crate) question: &'c Question,
    pub(crate) views: [View; 5],
}

const ID: u16 = 4711;

impl<'c> Case<'c> {
    /// Asks all; if one truncates its reply, all of them over TCP.
    pub(crate) fn ask(
        servers: [SocketAddr; 5],
        zones: &'c [Zone],
        zone: &'c Zone,
        question: &'c Question,
        counts: &mut Counts,
    ) -> Result<Self, String> {
        let mut transport = question.transport;
        let mut replies = asked(servers, question, transport)?;
        if replies.iter().any(|(reply, _)| reply.has("tc")) {
            *counts.entry(Tolerated::Truncation).or_default() += 1;
            transport = Transport::Tcp;
            let truncated = replies[0].0.has("tc");
            replies = asked(servers, question, transport)?;
            let (whole, length) = &replies[0];
            if truncated && *length <= question.query.udp_limit() && whole.additional.is_empty() {
                return Err(format!("Cutover truncates {length} bytes that fit\n{whole}"));
            }
        }
        let views = replies.map(|(reply, _)| View::of(reply, transport == Transport::Tcp, zone, counts));
        Ok(Self { zones, zone, question, views })
    }

    pub(crate) fn ours(&self) -> &View {
        &self.views[0]
    }

    pub(crate) fn peer(&self, name: &str) -> &View {
        &self.views[1 + KINDS.iter().position(|kind| kind.name == name).unwrap()]
    }

    /// Whether at most one of the four says what we say in a field, and three say the same that we do not.
    pub(crate) fn is_outvoted(&self, field: Field) -> bool {
        let [ours, theirs @ ..] = &self.views;
        let alike = |view: &View| theirs.iter().filter(|other| !view.differs(other, field)).count();
        theirs.iter().any(|view| alike(view) >= 3 && ours.differs(view, field))
    }

    /// Who says the same in these fields: `Cutover NSD Knot | BIND | PowerDNS`.
    pub(crate) fn parties(&self, fields: &[Field]) -> String {
        let mut parties: Vec<(&View, String)> = Vec::new();
        for (name, view) in names().zip(&self.views) {
            let same = |other: &View| !fields.iter().any(|field| view.differs(other, *field));
            match parties.iter_mut().find(|(other, _)| same(other)) {
                Some((_, names)) => *names += &format!(" {name}"),
                None => parties.push((view, name.to_owned())),
            }
        }
        parties.into_iter().map(|(_, names)| names).collect::<Vec<_>>().join(" | ")
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    std::iter::once("Cutover").chain(KINDS.iter().map(|kind| kind.name))
}

/// All replies to a question with their lengths.
fn asked(servers: [SocketAddr; 5], question: &Question, transport: Transport) -> Result<[(Reply, usize); 5], String> {
    let message = question.query.to_wire(ID);
    let mut replies = Vec::new();
    for (name, server) in names().zip(servers) {
        let most = match transport {
            Transport::Tcp => usize::from(u16::MAX),
            Transport::Udp => question.query.udp_limit(),
        };
        let once = || match transport {
            Transport::Tcp => tcp(server, &message),
            Transport::Udp => udp(server, &message),
        };
        // Five servers on a busy machine: one that is silent is asked again, as a resolver would.
        let bytes = once().or_else(|_| once()).or_else(|_| once());
        let read = bytes.and_then(|bytes| Ok((Reply::read(&bytes)?, bytes.len())));
        let (reply, length) = read.map_err(|fault| format!("{name}: {fault}"))?;
        let fault = match () {
            () if reply.id != ID => "the reply to another question",
            () if length > most && name == "Cutover" => "longer than it may be",
            () if transport == Transport::Tcp && reply.has("tc") => "truncated over TCP",
            () => {
                replies.push((reply, length));
                continue;
            }
        };
        return Err(format!("{name}: {fault} ({length} bytes)\n{reply}"));
    }
    Ok(replies.try_into().expect("five servers"))
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} of the zone {}", self.question, self.zone.origin)?;
        names().zip(&self.views).try_for_each(|(name, view)| write!(f, "{name} says\n{}", view.reply))
    }
}
