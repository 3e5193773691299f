//! Playing a scenario: zones and health become a view, each question is asked of it.
//!
//! Besides what the scenario expects, every reply must parse, repeat the question byte for byte, fit its transport,
//! carry an OPT if and only if the question did, and be the same when asked again.

use std::collections::HashMap;
use std::sync::Arc;

use answer::{Client, Health, Identity, LatencyRow, Outcome, PlaceRow, Places, Snapshot, Transport, View, answer};
use model::Name;
use model::cidr::CidrCollection;
use model::id::CidrCollectionId;
use model::vpc::VpcNetworks;

use super::Fault;
use super::read::{Kind, Sender, read};
use super::shares::Tally;
use super::zone::Zone;
use crate::query::Query;
use crate::reply::Reply;

/// How much was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Played {
    /// Questions with an expectation.
    pub questions: usize,
}

/// Plays the text of a scenario; every fault found.
///
/// # Errors
/// The text is no scenario, or replies are not as expected.
pub fn play(text: &str) -> Result<Played, Vec<Fault>> {
    play_with(text, None)
}

/// Plays a scenario by sending its questions to a server that holds its [`zones`]. Of all else that a scenario can say
/// it must say nothing.
///
/// # Errors
/// The text is no such scenario, or replies are not as expected.
pub fn play_over(text: &str, exchange: &Exchange<'_>) -> Result<Played, Vec<Fault>> {
    play_with(text, Some(exchange))
}

/// Sends a message to a server and waits for the reply.
pub type Exchange<'e> = dyn Fn(&[u8], Transport) -> Result<Vec<u8>, String> + 'e;

/// The zones of a scenario as zone files, by name.
///
/// # Errors
/// The text is no scenario.
pub fn zones(text: &str) -> Result<Vec<(Name, String)>, Fault> {
    let zones = read(text)?.into_iter().filter_map(|step| match step.kind {
        Kind::Zone(zone) => {
            let mut file = Vec::new();
            model::zone_file::write(&zone.apex, zone.record_sets.iter(), &mut file).expect("a Vec takes all bytes");
            Some((zone.apex, String::from_utf8(file).expect("a zone file is text")))
        }
        _ => None,
    });
    Ok(zones.collect())
}

fn play_with(text: &str, exchange: Option<&Exchange<'_>>) -> Result<Played, Vec<Fault>> {
    let steps = read(text).map_err(|fault| vec![fault])?;
    let mut world = World::new(exchange);
    let mut faults = Vec::new();
    let mut questions = 0;
    for step in steps {
        let is_question = matches!(step.kind, Kind::Ask { .. } | Kind::AskMany { .. } | Kind::Packet { .. });
        if exchange.is_some() && !is_question && !matches!(step.kind, Kind::Zone(_)) {
            faults.push(Fault::new(step.line, "nobody can tell that to a server"));
            continue;
        }
        let checked = match step.kind {
            Kind::Zone(zone) => world.put(zone),
            Kind::Health(states) => world.set_health(states),
            Kind::Places(rows) => {
                world.places = rows;
                world.look()
            }
            Kind::Latencies(rows) => {
                world.latencies = rows;
                world.look()
            }
            Kind::Server(identity) => {
                world.identity = identity;
                Ok(())
            }
            Kind::Vpc(vpc) => {
                world.vpcs.push(vpc);
                world.look()
            }
            Kind::Collection(id, collection) => world.put_collection(&id, collection.as_ref()),
            Kind::Clients(cases) => {
                for case in &cases {
                    questions += 1;
                    let mut sender = Sender::new();
                    sender.address = case.from.unwrap_or(sender.address);
                    let asked = world.ask(&case.query, sender, 1);
                    let checked = asked.and_then(|reply| case.check(&reply.ok_or("no reply")?));
                    faults.extend(checked.err().map(|message| Fault::new(case.line, message)));
                }
                Ok(())
            }
            Kind::Ask { query, sender, expected } => {
                questions += 1;
                world.ask(&query, sender, sender.seed).and_then(|reply| expected.check(reply.as_ref()))
            }
            Kind::AskMany { query, sender, times, rules } => {
                questions += 1;
                world.ask_many(&query, sender, times).and_then(|tally| rules.iter().try_for_each(|r| tally.check(r)))
            }
            Kind::Packet { bytes, sender, expected } => {
                questions += 1;
                world.send(&bytes, sender, sender.seed).and_then(|(_, reply)| {
                    let undescribed = reply.as_ref().is_some_and(|r| r.edns.is_some()) && !expected.names_edns();
                    if undescribed { Err("a packet's `;; EDNS:` must be described".to_owned()) } else { Ok(()) }?;
                    expected.check(reply.as_ref())
                })
            }
        };
        faults.extend(checked.err().map(|message| Fault::new(step.line, message)));
    }
    if questions == 0 {
        faults.push(Fault::new(1, "a scenario asks nothing"));
    }
    if faults.is_empty() { Ok(Played { questions }) } else { Err(faults) }
}

struct World<'e> {
    /// Where questions go; none asks the view here.
    exchange: Option<&'e Exchange<'e>>,
    snapshot: Snapshot,
    health: HashMap<String, bool>,
    places: Vec<PlaceRow>,
    latencies: Vec<LatencyRow>,
    vpcs: Vec<VpcNetworks>,
    identity: Identity,
    view: View,
}

impl<'e> World<'e> {
    fn new(exchange: Option<&'e Exchange<'e>>) -> Self {
        let snapshot = Snapshot::empty();
        let health = Health::compile(&snapshot, |_| true);
        Self {
            exchange,
            view: View { snapshot: snapshot.clone().into(), health: health.into(), places: Arc::default() },
            snapshot,
            health: HashMap::new(),
            places: Vec::new(),
            latencies: Vec::new(),
            vpcs: Vec::new(),
            identity: Identity::default(),
        }
    }

    fn put(&mut self, zone: Zone) -> Result<(), String> {
        let mut record_sets = zone.record_sets;
        record_sets.sort_by(|a, b| a.name.cmp(&b.name));
        let mut edit = self.snapshot.edit();
        edit.set_stickiness(&zone.id, zone.sticky);
        edit.put_zone(&zone.id, &zone.apex, zone.created, &zone.visibility, 0, record_sets)
            .map_err(|fault| fault.to_string())?;
        self.snapshot = edit.finish(self.snapshot.revision() + 1);
        self.look()
    }

    fn put_collection(&mut self, id: &CidrCollectionId, collection: Option<&CidrCollection>) -> Result<(), String> {
        let mut edit = self.snapshot.edit();
        match collection {
            Some(collection) => edit.put_cidr_collection(collection),
            None => edit.remove_cidr_collection(id),
        }
        self.snapshot = edit.finish(self.snapshot.revision() + 1);
        self.look()
    }

    fn set_health(&mut self, states: Vec<(String, Option<bool>)>) -> Result<(), String> {
        for (id, state) in states {
            match state {
                Some(healthy) => self.health.insert(id, healthy),
                None => self.health.remove(&id),
            };
        }
        self.look()
    }

    fn look(&mut self) -> Result<(), String> {
        let health = Health::compile(&self.snapshot, |id| self.health.get(id.as_str()).copied().unwrap_or(true));
        let places = Places::compile(self.places.clone(), self.latencies.clone(), &self.vpcs);
        let places = Arc::new(places.map_err(|fault| fault.to_string())?);
        self.view = View { snapshot: self.snapshot.clone().into(), health: health.into(), places };
        Ok(())
    }

    /// Sends bytes; what came back, and its length.
    fn send(&self, bytes: &[u8], sender: Sender, draw: u64) -> Result<(usize, Option<Reply>), String> {
        if let Some(exchange) = self.exchange {
            let back = exchange(bytes, sender.transport)?;
            return Ok((back.len(), Some(Reply::read(&back)?)));
        }
        let Sender { address, transport, now: now_seconds, seed: _ } = sender;
        let client = Client { address, transport, draw, identity: &self.identity, now_seconds };
        let mut out = vec![0; 65_535];
        let outcome = answer(&self.view, bytes, &client, &mut out);
        let length = outcome.len();
        let reply = (length > 0).then(|| Reply::read(&out[..length])).transpose()?;
        let Some(reply) = reply else { return Ok((0, None)) };
        if reply.id.to_be_bytes() != bytes[..2] || !reply.has("qr") || reply.has("ra") {
            return Err(format!("not the reply to what was sent:\n{reply}"));
        }
        if matches!(outcome, Outcome::Truncated(_)) != reply.has("tc") {
            return Err(format!("the outcome {outcome:?} and the TC flag disagree"));
        }
        let mut again = vec![0; 65_535];
        let length_again = answer(&self.view, bytes, &client, &mut again).len();
        if again[..length_again] != out[..length] {
            return Err("the same question with the same draw got another reply".to_owned());
        }
        Ok((length, Some(reply)))
    }

    /// Asks a well-formed question.
    fn ask(&self, query: &Query, sender: Sender, draw: u64) -> Result<Option<Reply>, String> {
        let (length, reply) = self.send(&query.to_wire(0x4d2), sender, draw)?;
        let reply = reply.ok_or("no reply to a good question")?;
        if reply.question != query.question() {
            return Err(format!("the question came back changed: {:02x?}", reply.question));
        }
        if sender.transport == Transport::Udp && length > query.udp_limit() {
            return Err(format!("{length} bytes where {} are allowed", query.udp_limit()));
        }
        if reply.edns.is_some() != query.edns.is_some() {
            return Err(format!("an OPT comes back if and only if one was sent:\n{reply}"));
        }
        if reply.has("rd") != query.recursion_desired || reply.has("cd") != query.checking_disabled {
            return Err(format!("RD and CD are copied:\n{reply}"));
        }
        Ok(Some(reply))
    }

    fn ask_many(&self, query: &Query, sender: Sender, times: u64) -> Result<Tally, String> {
        let mut tally = Tally::default();
        for i in 0..times {
            // Draws far apart, and the same ones in every run.
            let draw = sender.seed.wrapping_add(i).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            if let Some(reply) = self.ask(query, sender, draw)? {
                tally.count(&reply);
            }
        }
        Ok(tally)
    }
}
