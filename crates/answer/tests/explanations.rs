//! What explanations tell, and that their odds are those of answers.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod asking;

use std::collections::BTreeMap;
use std::sync::Arc;

use answer::{Candidate, Content, Ending, Finding, Level, PlaceRow, Places, Question, View};
use asking::{alias, ask_over, name, simple, view};
use model::id::{HealthCheckId, Region, SetIdentifier};
use model::{FailoverRole, RecordSet, RecordType, Routing};

fn set(owner: &str, routing: Routing, value: &str) -> RecordSet {
    RecordSet { routing, ..simple(owner, RecordType::A, &[value]) }
}

fn checked(check: &str, set: RecordSet) -> RecordSet {
    RecordSet { health_check: Some(HealthCheckId::parse(check).unwrap()), ..set }
}

fn weighted(id: &str, weight: u8) -> Routing {
    Routing::Weighted { set_identifier: SetIdentifier::parse(id).unwrap(), weight }
}

fn latency(region: &str) -> Routing {
    Routing::Latency { set_identifier: SetIdentifier::parse(region).unwrap(), region: Region::parse(region).unwrap() }
}

fn unhealthy(view: &View, down: &[&str]) -> View {
    let health = answer::Health::compile(&view.snapshot, |id| !down.contains(&id.as_str()));
    View { health: Arc::new(health), ..view.clone() }
}

fn question(owner: &str) -> Question {
    Question { name: name(owner), record_type: RecordType::A, address: [198, 51, 100, 7].into(), subnet: None }
}

/// `odds values` of each possible answer.
fn possible(view: &View, owner: &str) -> Vec<String> {
    let told = answer::possible(view, &question(owner));
    assert!(told.untold == 0.0, "{told:?}");
    let one = |possible: &answer::Possible| {
        let via: String = possible.via.iter().map(|name| format!("{name} ")).collect();
        format!("{:.4} {via}{}", possible.odds, possible.what())
    };
    told.answers.iter().map(one).collect()
}

fn level(view: &View, owner: &str) -> Level {
    let mut hops = answer::explain(view, &question(owner)).hops;
    let Finding::Records { level, .. } = hops.remove(0).finding else { panic!("no records at {owner}") };
    level
}

fn told(candidate: &Candidate) -> String {
    format!("{} {:.2} {}", candidate.set_identifier.as_deref().unwrap_or("-"), candidate.odds, candidate.reason)
}

fn tree() -> View {
    let mut zone = vec![
        checked("a", set("p.ex.test", weighted("p1", 50), "10.0.0.1")),
        checked("b", set("p.ex.test", weighted("p2", 150), "10.0.0.2")),
        set("q.ex.test", weighted("q1", 1), "10.0.1.1"),
        set("q.ex.test", weighted("q2", 0), "10.0.1.2"),
        alias("t.ex.test", RecordType::A, weighted("left", 1), "p.ex.test"),
        alias("t.ex.test", RecordType::A, weighted("right", 3), "q.ex.test"),
        simple("c.ex.test", RecordType::CNAME, &["t.ex.test."]),
        simple("out.ex.test", RecordType::CNAME, &["www.other.test."]),
        simple("loop.ex.test", RecordType::CNAME, &["loop.ex.test."]),
        set("l.ex.test", latency("eu-central-1"), "10.0.2.1"),
        set("l.ex.test", latency("us-east-1"), "10.0.2.2"),
    ];
    let many = |n: u8| {
        let routing = Routing::Multivalue { set_identifier: SetIdentifier::parse(&n.to_string()).unwrap() };
        set("m.ex.test", routing, &format!("10.1.0.{n}"))
    };
    zone.extend((0..10).map(many));
    let role = |role, id: &str| Routing::Failover { set_identifier: SetIdentifier::parse(id).unwrap(), role };
    zone.push(checked("a", set("f.ex.test", role(FailoverRole::Primary, "one"), "10.0.3.1")));
    zone.push(checked("b", set("f.ex.test", role(FailoverRole::Secondary, "two"), "10.0.3.2")));
    view(&[("Z1", "ex.test", &zone)])
}

#[test]
fn every_answer_has_its_exact_odds() {
    let view = tree();
    assert_eq!(possible(&view, "p.ex.test"), ["0.7500 10.0.0.2", "0.2500 10.0.0.1"]);
    assert_eq!(possible(&view, "t.ex.test"), ["0.7500 10.0.1.1", "0.1875 10.0.0.2", "0.0625 10.0.0.1"]);
    assert_eq!(possible(&view, "c.ex.test")[1], "0.1875 t.ex.test. 10.0.0.2");
    assert_eq!(possible(&view, "out.ex.test"), ["1.0000 www.other.test. CNAME out of the zone"]);
    assert_eq!(possible(&view, "loop.ex.test"), ["1.0000 loop.ex.test. CNAME chain that does not end"]);
    assert_eq!(possible(&view, "none.ex.test"), ["1.0000 NXDOMAIN"]);
    assert_eq!(possible(&view, "none.other"), ["1.0000 REFUSED"]);
    let all: Vec<String> = (0..10).map(|n| format!("10.1.0.{n}")).collect();
    assert_eq!(possible(&view, "m.ex.test"), [format!("1.0000 8 of {}", all.join(", "))]);
    assert_eq!(possible(&unhealthy(&view, &["b"]), "p.ex.test"), ["1.0000 10.0.0.1"]);
    assert_eq!(possible(&unhealthy(&view, &["a", "b"]), "t.ex.test"), ["1.0000 10.0.1.1"], "backs out");
}

#[test]
fn odds_are_those_of_answers() {
    let view = tree();
    for owner in ["p.ex.test", "t.ex.test", "c.ex.test"] {
        let mut seen = BTreeMap::<String, f64>::new();
        for draw in 0..40_000 {
            let reply = ask_over(&view, owner, RecordType::A, answer::Transport::Tcp, None, draw * 0x9e37_79b9);
            let value = reply.answer.last().unwrap().split_whitespace().last().unwrap().to_owned();
            *seen.entry(value).or_default() += 1.0 / 40_000.0;
        }
        let told = answer::possible(&view, &question(owner)).answers;
        assert_eq!(told.len(), seen.len());
        assert!(told.iter().all(|possible| (possible.odds - seen[&possible.values[0]]).abs() < 0.015), "{seen:?}");
    }
}

#[test]
fn each_candidate_has_its_reason() {
    let view = tree();
    let reasons = |view: &View, owner: &str| level(view, owner).candidates.iter().map(told).collect::<Vec<_>>();
    assert_eq!(reasons(&view, "q.ex.test"), ["q1 1.00 answers", "q2 0.00 weight 0"]);
    assert_eq!(reasons(&view, "f.ex.test"), ["one 1.00 answers", "two 0.00 stands by: the primary answers"]);
    let down = unhealthy(&view, &["a"]);
    assert_eq!(reasons(&down, "f.ex.test"), ["one 0.00 its health check is unhealthy", "two 1.00 answers"]);
    let all = unhealthy(&view, &["a", "b"]);
    let open = level(&all, "f.ex.test");
    assert!(open.is_failing_open);
    assert_eq!(told(&open.candidates[0]), "one 1.00 answers although unhealthy: nobody is healthy");
    assert_eq!(reasons(&all, "t.ex.test"), ["left 0.00 its target has nothing healthy", "right 1.00 answers"]);
    let Content::Alias(target, true, Some(below)) = &level(&view, "t.ex.test").candidates[0].content.clone() else {
        panic!("an alias")
    };
    assert_eq!((target.to_string().as_str(), told(&below.candidates[1]).as_str()), ("p.ex.test.", "p2 0.19 answers"));
}

#[test]
fn nothing_for_the_client_is_not_failing_open() {
    let location = "DE".parse().map(model::place::Location::Country).unwrap();
    let routing = Routing::Geolocation { set_identifier: SetIdentifier::parse("de").unwrap(), location };
    let view = view(&[("Z1", "ex.test", &[set("g.ex.test", routing, "10.0.0.1")])]);
    let level = level(&view, "g.ex.test");
    assert!(!level.is_failing_open);
    assert_eq!(told(&level.candidates[0]), "de 0.00 the client's place is unknown");
    assert_eq!(possible(&view, "g.ex.test"), ["1.0000 NODATA"]);
}

#[test]
fn a_farther_region_says_by_how_much() {
    let rows = answer::read_places("prefix,country,latitude,longitude\n198.51.100.0/24,DE,52.52,13.40\n").unwrap();
    let latencies = answer::read_latencies("prefix,region,milliseconds\n198.51.100.0/24,us-east-1,90\n").unwrap();
    let rows: Vec<PlaceRow> = rows;
    let view = View { places: Arc::new(Places::compile(rows, latencies, &[]).unwrap()), ..tree() };
    let level = level(&view, "l.ex.test");
    let texts: Vec<String> = level.candidates.iter().map(told).collect();
    assert_eq!(texts, ["eu-central-1 1.00 answers", "us-east-1 0.00 farther by 85 ms"]);
    let measures: Vec<String> = level.candidates.iter().map(|c| c.measure.unwrap().to_string()).collect();
    assert_eq!(measures, ["~5 ms", "90 ms"]);
    let explanation = answer::explain(&view, &question("l.ex.test"));
    assert_eq!(explanation.possible.scope, 24);
    assert_eq!(explanation.client.place.and_then(|place| place.country).map(|c| c.to_string()).as_deref(), Some("DE"));
    assert_eq!(explanation.possible.answers[0].ending, Ending::Records);
}
