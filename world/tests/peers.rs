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

use world::exchange::{Transport, ask};
use world::place::Folder;
use world::query::{Opt, Query};
use world::reply::{Record, Reply};

use servers::{Knot, Nsd, cutover};

const QUESTIONS: usize = 1_000;

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
        let ours = ask(cutover.dns, &question.query, question.transport);
        let theirs = [("NSD", nsd.address), ("Knot", knot.address)]
            .map(|(name, address)| (name, ask(address, &question.query, question.transport)));
        for (name, reply) in &theirs {
            match (&ours, reply) {
                (Ok(ours), Ok(theirs)) => {
                    compared += 1;
                    if let Err(fault) = compare(&question, name, ours, theirs) {
                        faults.push(format!("{}: {fault}\nCutover\n{ours}\n{name}\n{theirs}", question.text));
                    }
                }
                (Err(error), _) => faults.push(format!("{}: Cutover: {error}", question.text)),
                (_, Err(error)) => faults.push(format!("{}: {name}: {error}", question.text)),
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

/// Whether the replies say the same, tolerating what the comments say.
fn compare(question: &Question, peer: &str, ours: &Reply, theirs: &Reply) -> Result<(), String> {
    let fault = |what: &str| Err(format!("{what} differs from {peer}'s"));
    if ours.status != theirs.status {
        return fault("status");
    }
    // RFC 8482 leaves ANY open: we give one RRset, NSD gives all, Knot gives all over TCP and TC over UDP.
    if question.query.record_type == 255 {
        let all = set(&theirs.answer);
        let subset = set(&ours.answer).is_subset(&all) || theirs.has("tc");
        return if subset && ours.answer.is_empty() <= theirs.answer.is_empty() { Ok(()) } else { fault("ANY") };
    }
    // What fits in 512 bytes depends on what else is put in: NSD adds the zone's NS to positive answers and drops it
    // again if it must, and it sets TC as soon as glue is missing that we do not require. Both are asked over TCP too.
    if ours.has("tc") || theirs.has("tc") {
        let both = ours.has("tc") == theirs.has("tc");
        return if both || question.transport == Transport::Udp { Ok(()) } else { fault("TC over TCP") };
    }
    if ours.has("aa") != theirs.has("aa") {
        return fault("AA");
    }
    if set(&ours.answer) != set(&theirs.answer) {
        return fault("answer section");
    }
    if ours.edns.is_some() != theirs.edns.is_some() {
        return fault("presence of an OPT");
    }
    if of_type(&ours.authority, "SOA") != of_type(&theirs.authority, "SOA") {
        return fault("SOA of the authority section");
    }
    // Positive answers: NSD and Knot may add the zone's NS and addresses of targets. Optional (RFC 1034 §4.3.2 step 6
    // says "may be useful"), and we leave it out (docs/route53/dns.md).
    let referral = theirs.authority.iter().any(|r| r.record_type == "NS") && !theirs.has("aa");
    let through_chain = ours.authority.iter().any(|r| r.record_type == "NS");
    if (referral || through_chain) && of_type(&ours.authority, "NS") != of_type(&theirs.authority, "NS") {
        return fault("NS of the referral");
    }
    if referral && set(&ours.additional) != set(&theirs.additional) {
        return fault("glue");
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
