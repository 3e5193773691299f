//! One zone on NSD, Knot and Cutover, a thousand questions to each: the same replies, but for differences that are
//! listed here with their reason.
//!
//! What is compared: response code, AA, the answer section, and what the standards fix of the others: the SOA of
//! negative replies with its TTL, the NS of a referral with its glue.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "peers/servers.rs"]
mod servers;
#[path = "peers/zone.rs"]
mod zone;

use std::collections::BTreeSet;
use std::net::SocketAddr;

use world::exchange::{Transport, ask};
use world::place::Folder;
use world::query::{Opt, Query};
use world::reply::{Record, Reply};

use servers::{Knot, Nsd, cutover};

const QUESTIONS: usize = 1_000;
const ANY: u16 = 255;

/// A question as it is asked of all three.
#[derive(Debug, Clone)]
struct Question {
    text: String,
    query: Query,
    transport: Transport,
}

#[test]
fn cutover_answers_like_nsd_and_knot() {
    let folder = Folder::new("peers");
    let file = folder.write("zone.txt", zone::text());
    let nsd = Nsd::start(folder.path(), &file);
    let knot = Knot::start(folder.path(), &file);
    let cutover = cutover(folder.path(), &file);
    let mut faults = Vec::new();
    let mut compared = 0;
    for question in questions() {
        for (name, address) in [("NSD", nsd.address), ("Knot", knot.address)] {
            match both(&question, cutover.dns, address) {
                Ok((ours, theirs)) => {
                    compared += 1;
                    if let Err(fault) = compare(&ours, &theirs) {
                        faults.push(format!("{}: {fault}\nCutover\n{ours}\n{name}\n{theirs}", question.text));
                    }
                }
                Err(fault) => faults.push(format!("{}: {name}: {fault}", question.text)),
            }
        }
    }
    println!("{compared} replies compared");
    assert!(compared >= 2 * QUESTIONS || !faults.is_empty());
    let shown = faults.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(faults.is_empty(), "{} differences, the first of them:\n{shown}", faults.len());
}

fn set(records: &[Record]) -> BTreeSet<&Record> {
    records.iter().collect()
}

fn of_type<'r>(records: &'r [Record], record_type: &str) -> BTreeSet<&'r Record> {
    records.iter().filter(|r| r.record_type == record_type).collect()
}

/// Our reply and the peer's to a question that they are bound to answer alike.
fn both(question: &Question, cutover: SocketAddr, peer: SocketAddr) -> Result<(Reply, Reply), String> {
    let (mut query, transport) = (question.query.clone(), question.transport);
    let (ours, theirs) = (ask(cutover, &query, transport)?, ask(peer, &query, transport)?);
    // RFC 8482 leaves open which RRsets answer ANY, and all three choose differently. What we chose must be what the
    // peer says, too, to ANY or to that type; and all three must have something or nothing.
    if query.record_type == ANY {
        let mut merged = theirs.clone();
        if let Some(record) = ours.answer.last() {
            query.record_type = Query::new(".", &record.record_type)?.record_type;
            merged.answer.extend(ask(peer, &query, Transport::Tcp)?.answer);
            merged.answer.retain(|record| ours.answer.contains(record));
        }
        merged.flags.clone_from(&ours.flags);
        return Ok((ours, merged));
    }
    // Peers add what is optional, and so are full earlier than we; never the other way round. Over TCP nobody is full.
    if ours.has("tc") && !theirs.has("tc") {
        return Err(format!("Cutover is truncated where there is room\n{theirs}"));
    }
    if theirs.has("tc") {
        return Ok((ask(cutover, &query, Transport::Tcp)?, ask(peer, &query, Transport::Tcp)?));
    }
    Ok((ours, theirs))
}

/// Whether the replies say the same, tolerating what the comments say.
fn compare(ours: &Reply, theirs: &Reply) -> Result<(), &'static str> {
    if ours.status != theirs.status {
        return Err("status differs");
    }
    if ours.has("tc") || theirs.has("tc") {
        return Err("truncated over TCP");
    }
    if ours.has("aa") != theirs.has("aa") {
        return Err("AA differs");
    }
    if set(&ours.answer) != set(&theirs.answer) {
        return Err("answer section differs");
    }
    if ours.edns.is_some() != theirs.edns.is_some() {
        return Err("presence of an OPT differs");
    }
    if of_type(&ours.authority, "SOA") != of_type(&theirs.authority, "SOA") {
        return Err("SOA of the authority section differs");
    }
    // Positive answers: NSD and Knot may add the zone's NS and addresses of targets. Optional (RFC 1034 §4.3.2 step 6
    // says "may be useful"), and we leave it out (docs/route53/dns.md).
    let referral = theirs.authority.iter().any(|r| r.record_type == "NS") && !theirs.has("aa");
    let through_chain = ours.authority.iter().any(|r| r.record_type == "NS");
    if (referral || through_chain) && of_type(&ours.authority, "NS") != of_type(&theirs.authority, "NS") {
        return Err("NS of the referral differs");
    }
    if referral && set(&ours.additional) != set(&theirs.additional) {
        return Err("glue differs");
    }
    Ok(())
}

/// The same questions in every run.
fn questions() -> Vec<Question> {
    let (names, types) = (zone::names_to_ask(), zone::types_to_ask());
    let mut draw = zone::Draw(7);
    let mut questions = Vec::new();
    // Every name once with every eighth type, then at random.
    for i in 0..QUESTIONS {
        let name = if i < names.len() { &names[i] } else { &names[draw.below(names.len())] };
        let record_type = types[draw.below(types.len())];
        let mut query = Query::new(name, record_type).unwrap();
        let mut text = format!("{name} {record_type}");
        match draw.below(4) {
            0 => {}
            1 => query.edns = Some(Opt { payload: 512, ..Opt::default() }),
            2 => query.edns = Some(Opt { payload: 4096, ..Opt::default() }),
            _ => query.edns = Some(Opt::default()),
        }
        query.recursion_desired = draw.below(2) == 0;
        let transport = if draw.below(3) == 0 { Transport::Tcp } else { Transport::Udp };
        text.push_str(&format!(" {transport:?} EDNS {:?}", query.edns.as_ref().map(|opt| opt.payload)));
        questions.push(Question { text, query, transport });
    }
    questions
}
