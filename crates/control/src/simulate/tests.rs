//! Simulations of a small zone, shown in a few words: `answer before>after` in percent.

use answer::{PlaceRow, Places, read_places};
use model::change::{Action, ChangeBatch};
use model::health_check::{HealthCheckConfig, RawHealthCheckConfig};
use model::health_status::{HealthStatus, Verdicts};
use model::id::{Region, SetIdentifier};
use model::{FailoverRole, RecordSet, Routing};

use super::*;
use crate::testing::{Scratch, alias, batch, change, meta, name, random, set, weighted, zone};
use crate::{health_checks, traffic_policies, traffic_policy_instances};

/// A zone, simulated without a server.
struct Case {
    _scratch: Scratch,
    store: Store,
    zone: HostedZone,
    views: Views,
}

impl Case {
    async fn new() -> Self {
        let scratch = Scratch::new();
        let store = scratch.store();
        let zone = zone(&store, "ex.test").await;
        Self { _scratch: scratch, store, zone, views: Views::none() }
    }

    async fn with(self, sets: impl IntoIterator<Item = RecordSet>) -> Self {
        for set in sets {
            change(&self.store, &self.zone.id, batch(Action::Create, [set])).await.unwrap();
        }
        self
    }

    /// Where clients are, by CSV.
    fn at(self, places: &str) -> Self {
        let rows: Vec<PlaceRow> = read_places(places).unwrap();
        let places = Arc::new(Places::compile(rows, Vec::new(), &[]).unwrap());
        let view = View { places, ..(*Views::none().current()).clone() };
        Self { views: Views::new(tokio::sync::watch::channel(Arc::new(view)).1), ..self }
    }

    async fn check(&self, config: RawHealthCheckConfig) -> HealthCheckId {
        let reference = self.store.revision().to_string();
        let config = HealthCheckConfig::parse(&config).unwrap();
        let made = health_checks::create(&self.store, meta(), &random(), reference, config, &Limits::default()).await;
        made.unwrap().id
    }

    async fn endpoint(&self) -> HealthCheckId {
        let kind = "HTTP".into();
        let ip_address = Some("192.0.2.1".into());
        self.check(RawHealthCheckConfig { kind, ip_address, port: Some(80), ..Default::default() }).await
    }

    async fn calculated(&self, children: &[&HealthCheckId], threshold: i64) -> HealthCheckId {
        let child_health_checks = Some(children.iter().map(ToString::to_string).collect());
        let (kind, health_threshold) = ("CALCULATED".into(), Some(threshold));
        self.check(RawHealthCheckConfig { kind, health_threshold, child_health_checks, ..Default::default() }).await
    }

    fn inquiry(&self, asked: Asked, proposal: Proposal, clients: Clients) -> Inquiry {
        let (zone, since, followed) = (self.zone.id.clone(), Vec::new(), Vec::new());
        Inquiry { zone, asked, since, proposal, clients, told: 5, followed, begun: Instant::now() }
    }

    fn simulate(&self, asked: &str, proposal: Proposal, clients: Clients) -> Result<Simulation, SimulateError> {
        let asked = match asked.split_once(' ') {
            Some((name, record_type)) => Asked::Question(self::name(name), RecordType::parse(record_type).unwrap()),
            None if asked == "ex.test" => Asked::Zone,
            None => Asked::Name(name(asked)),
        };
        let revision = self.store.revision();
        let inquiry = self.inquiry(asked, proposal, clients);
        let done = simulate(&self.store, &self.views, inquiry, &|_| None, &Limits::default());
        assert_eq!(self.store.revision(), revision, "a simulation writes nothing");
        done
    }

    #[track_caller]
    fn told(&self, asked: &str, proposal: Proposal) -> Vec<String> {
        self.simulate(asked, proposal, three()).unwrap().shifts.iter().map(told).collect()
    }

    #[track_caller]
    fn refused(&self, asked: &str, proposal: Proposal, clients: Clients, expected: &str) {
        assert_eq!(self.simulate(asked, proposal, clients).unwrap_err().to_string(), expected);
    }
}

fn own(text: &str) -> Clients {
    Clients::Own(Population::read(text).unwrap())
}

/// Three of four in Germany.
fn three() -> Clients {
    own("client,weight\n20.0.0.1,3\n30.0.0.1,1\n")
}

const PLACES: &str = "prefix,country,latitude,longitude\n20.0.0.0/8,DE,50,9\n30.0.0.0/8,US,39,-77\n";

fn told(shift: &Shift) -> String {
    let share = |share: &Share| {
        let what = share.possible.as_ref().unwrap().what();
        format!(" {what} {:.1}>{:.1}", share.before * 100.0, share.after * 100.0)
    };
    format!("{} {}:{}", shift.name, shift.record_type, shift.answers.iter().map(share).collect::<String>())
}

fn checked(id: &HealthCheckId, set: RecordSet) -> RecordSet {
    RecordSet { health_check: Some(id.clone()), ..set }
}

fn latency(region: &str, set: RecordSet) -> RecordSet {
    let (set_identifier, region) = (SetIdentifier::parse(region).unwrap(), Region::parse(region).unwrap());
    RecordSet { routing: Routing::Latency { set_identifier, region }, ..set }
}

fn weights(list: &[(&str, u8)]) -> Proposal {
    let one = |(id, weight): &(&str, u8)| NewWeight {
        name: name("shop.ex.test"),
        record_type: RecordType::A,
        set_identifier: (*id).to_owned(),
        weight: *weight,
    };
    Proposal { weights: list.iter().map(one).collect(), ..Proposal::default() }
}

async fn shop() -> Case {
    let sets = [
        weighted("shop.ex.test A 10.0.0.1", "blue", 95),
        weighted("shop.ex.test A 10.0.0.2", "green", 5),
        set("www.ex.test CNAME shop.ex.test."),
        set("plain.ex.test A 10.0.0.9"),
    ];
    Case::new().await.with(sets).await
}

#[tokio::test]
async fn weights_move_what_they_must_and_no_more() {
    let case = shop().await;
    let simulation = case.simulate("ex.test", weights(&[("blue", 50), ("green", 50)]), three()).unwrap();
    let told: Vec<String> = simulation.shifts.iter().map(told).collect();
    assert!(told.contains(&"shop.ex.test. A: 10.0.0.1 95.0>50.0 10.0.0.2 5.0>50.0".to_owned()), "{told:?}");
    assert!(told.contains(&"www.ex.test. A: 10.0.0.1 95.0>50.0 10.0.0.2 5.0>50.0".to_owned()), "{told:?}");
    assert!(!told.iter().any(|line| line.starts_with("plain")), "{told:?}");
    assert_eq!(simulation.changes.len(), 2);
    assert!((simulation.shifts[0].moved - 0.45).abs() < 1e-9);
    // Upon a batch that writes the record set anew.
    let moved = weighted("shop.ex.test A 10.0.0.3", "green", 1);
    let wish = Some(Wish::Batch(batch(Action::Upsert, [moved])));
    let both = Proposal { wish, ..weights(&[("green", 95)]) };
    assert_eq!(
        case.told("shop.ex.test", both),
        ["shop.ex.test. A: 10.0.0.1 95.0>50.0 10.0.0.3 0.0>50.0 10.0.0.2 5.0>0.0"]
    );
    // A weight brings nothing back that the batch deletes.
    let gone = weighted("shop.ex.test A 10.0.0.2", "green", 5);
    let both = |changes: ChangeBatch| Proposal { wish: Some(Wish::Batch(changes)), ..weights(&[("green", 95)]) };
    let fault = "shop.ex.test. A has no weighted record set \"green\"; there are blue";
    case.refused("ex.test", both(batch(Action::Delete, [gone.clone()])), three(), fault);
    let mut again = batch(Action::Delete, [gone.clone()]);
    again.changes.extend(batch(Action::Create, [gone]).changes);
    assert_eq!(case.told("shop.ex.test", both(again)), ["shop.ex.test. A: 10.0.0.1 95.0>50.0 10.0.0.2 5.0>50.0"]);
}

#[tokio::test]
async fn without_a_change_it_says_who_gets_what() {
    let case = shop().await;
    let now = "10.0.0.1 95.0>95.0 10.0.0.2 5.0>5.0";
    assert_eq!(case.told("ex.test", Proposal::default()), [format!("shop.ex.test. A: {now}")]);
    assert_eq!(case.told("www.ex.test", Proposal::default()), [format!("www.ex.test. A: {now}")]);
    assert_eq!(case.told("none.ex.test", Proposal::default()), ["none.ex.test. A: NXDOMAIN 100.0>100.0"]);
    assert_eq!(case.told("plain.ex.test AAAA", Proposal::default()), ["plain.ex.test. AAAA: NODATA 100.0>100.0"]);
    let gone = batch(Action::Delete, [set("plain.ex.test A 10.0.0.9")]);
    let gone = Proposal { wish: Some(Wish::Batch(gone)), ..Proposal::default() };
    let simulation = case.simulate("ex.test", gone, three()).unwrap();
    assert_eq!(
        simulation.shifts.iter().map(told).collect::<Vec<_>>(),
        ["plain.ex.test. A: 10.0.0.9 100.0>0.0 NXDOMAIN 0.0>100.0"]
    );
    assert!((simulation.shifts[0].after.nothing - 1.0).abs() < 1e-9);
}

#[tokio::test]
async fn a_check_that_goes_down_takes_what_depends_on_it() {
    let case = Case::new().await;
    let (a, b) = (case.endpoint().await, case.endpoint().await);
    let role = |id: &str, role| Routing::Failover { set_identifier: SetIdentifier::parse(id).unwrap(), role };
    let first = RecordSet { routing: role("one", FailoverRole::Primary), ..set("f.ex.test A 10.0.0.1") };
    let second = RecordSet { routing: role("two", FailoverRole::Secondary), ..set("f.ex.test A 10.0.0.2") };
    let linked = alias("w.ex.test A", &case.zone.id, "f.ex.test");
    let parent = case.calculated(&[&a, &b], 2).await;
    let over = checked(&parent, weighted("c.ex.test A 10.0.1.1", "x", 1));
    let other = weighted("c.ex.test A 10.0.1.2", "y", 1);
    let case = case.with([checked(&a, first), second, linked, over, other]).await;
    let down =
        |ids: &[&HealthCheckId]| Proposal { down: ids.iter().copied().cloned().collect(), ..Proposal::default() };
    let mut told = case.told("ex.test", down(&[&a]));
    told.sort();
    assert_eq!(
        told,
        [
            "c.ex.test. A: 10.0.1.2 50.0>100.0 10.0.1.1 50.0>0.0",
            "f.ex.test. A: 10.0.0.1 100.0>0.0 10.0.0.2 0.0>100.0",
            "w.ex.test. A: 10.0.0.1 100.0>0.0 10.0.0.2 0.0>100.0",
        ]
    );
    let simulation = case.simulate("ex.test", down(&[&b]), three()).unwrap();
    let health: Vec<String> =
        simulation.health.iter().map(|change| format!("{} {:?}", change.is_healthy, change.because)).collect();
    assert!(health.contains(&format!("false [\"its child {b}\"]")) && health.len() == 2, "{health:?}");
    assert!(simulation.warnings == [SimulationWarning::NoPlaces], "{:?}", simulation.warnings);
    let up = Proposal { up: vec![a.clone()], ..Proposal::default() };
    let simulation = case.simulate("f.ex.test", up, three()).unwrap();
    assert_eq!(simulation.warnings[0].to_string(), format!("health check {a} is healthy already"));
    let lonely = case.endpoint().await;
    let simulation = case.simulate("ex.test", down(&[&lonely]), three()).unwrap();
    let nowhere = format!("no record set of ex.test. names health check {lonely}");
    assert_eq!(simulation.warnings[0].to_string(), nowhere);
    let nobody = HealthCheckId::parse("nobody").unwrap();
    case.refused("ex.test", down(&[&nobody]), three(), "no health check has this id: nobody");
    let both = Proposal { up: vec![a.clone()], ..down(&[&a]) };
    case.refused("ex.test", both, three(), &format!("a health check cannot go both down and up: {a}"));
}

#[tokio::test]
async fn what_is_down_now_can_come_up() {
    let case = Case::new().await;
    let (a, child) = (case.endpoint().await, case.endpoint().await);
    let parent = case.calculated(&[&child], 1).await;
    let sets = [
        checked(&a, weighted("w.ex.test A 10.0.0.1", "x", 1)),
        checked(&parent, weighted("w.ex.test A 10.0.0.2", "y", 1)),
        weighted("w.ex.test A 10.0.0.3", "z", 2),
    ];
    let case = case.with(sets).await;
    let down = [&a, &child, &parent].map(|id| (id.clone(), HealthStatus::Unhealthy));
    let (_verdicts, verdicts) = tokio::sync::watch::channel(Arc::new(down.into_iter().collect::<Verdicts>()));
    let publisher = crate::publish::start(&case.store, verdicts.clone(), Arc::default(), 7).unwrap();
    let case = Case { views: Views::new(publisher.view()), ..case };
    let up = |ids: &[&HealthCheckId]| Proposal { up: ids.iter().copied().cloned().collect(), ..Proposal::default() };
    assert_eq!(case.told("w.ex.test", Proposal::default()), ["w.ex.test. A: 10.0.0.3 100.0>100.0"]);
    let told = case.told("w.ex.test", up(&[&a]));
    assert_eq!(told, ["w.ex.test. A: 10.0.0.3 100.0>66.7 10.0.0.1 0.0>33.3"]);
    // No record set names the child: what the prober says of it is asked for.
    let inquiry = case.inquiry(Asked::Zone, up(&[&child]), three());
    let is_healthy = |id: &HealthCheckId| verdicts.borrow().status(id).map(HealthStatus::is_healthy);
    let done = simulate(&case.store, &case.views, inquiry, &is_healthy, &Limits::default()).unwrap();
    assert_eq!(
        done.shifts.iter().map(self::told).collect::<Vec<_>>(),
        ["w.ex.test. A: 10.0.0.3 100.0>66.7 10.0.0.2 0.0>33.3"]
    );
    assert!(done.warnings.is_empty() && done.health.len() == 2, "{done:?}");
    publisher.stop();
}

#[tokio::test]
async fn a_lost_region_takes_its_checks_and_says_what_has_none() {
    let case = Case::new().await;
    let (pool, east) = (case.endpoint().await, case.endpoint().await);
    let linked = alias("www.ex.test A", &case.zone.id, "eu.ex.test");
    let sets = [
        checked(&pool, weighted("eu.ex.test A 10.0.0.1", "a", 1)),
        latency("eu-central-1", linked),
        checked(&east, latency("us-east-1", set("www.ex.test A 10.0.0.2"))),
        latency("eu-west-1", set("bare.ex.test A 10.0.0.3")),
        latency("us-east-1", set("bare.ex.test A 10.0.0.4")),
    ];
    let case = case.with(sets).await.at(PLACES);
    let lose = |text: &str| Proposal { lost: vec![text.parse().unwrap()], ..Proposal::default() };
    let simulation = case.simulate("ex.test", lose("continent:EU"), Clients::World).unwrap();
    assert_eq!(simulation.unchecked, ["bare.ex.test. A \"eu-west-1\""]);
    let health: Vec<_> = simulation.health.iter().map(|change| (&change.id, &change.because[..])).collect();
    assert_eq!(health, [(&pool, &["www.ex.test. A \"eu-central-1\"".to_owned()][..])]);
    let www = simulation.shifts.iter().find(|shift| shift.name == name("www.ex.test")).unwrap();
    // Of the two countries that the places know, Germany moves.
    let moved: Vec<String> = www.countries.iter().map(|part| format!("{:?} {}", part.of, part.moved)).collect();
    assert_eq!(moved.len(), 2);
    assert!((www.countries[0].moved, www.countries[1].moved) == (0.0, 1.0), "{moved:?}");
    assert!(www.before.milliseconds < www.after.milliseconds);
    assert_eq!((simulation.population.cohorts.len(), simulation.population.absent.len() > 200), (2, true));
    let both = Proposal { up: vec![pool.clone()], ..lose("country:DE") };
    assert!(case.simulate("ex.test", both, Clients::World).unwrap().health.is_empty(), "whoever says up means it");
    let there = "there are eu-central-1, eu-west-1, us-east-1";
    case.refused("ex.test", lose("ap-east-1"), three(), &format!("no record set of the zone is in ap-east-1; {there}"));
}

#[tokio::test]
async fn another_version_of_a_traffic_policy_is_simulated_at_its_instance() {
    let case = shop().await;
    let document = |weight: u8| {
        format!(
            r#"{{"AWSPolicyFormatVersion":"2015-10-01","RecordType":"A","StartRule":"r","Endpoints":{{
            "a":{{"Type":"value","Value":"10.0.2.1"}},"b":{{"Type":"value","Value":"10.0.2.2"}}}},
            "Rules":{{"r":{{"RuleType":"weighted","Items":[{{"EndpointReference":"a","Weight":1}},
            {{"EndpointReference":"b","Weight":{weight}}}]}}}}}}"#
        )
    };
    let limits = Limits::default();
    let new = traffic_policies::NewTrafficPolicy { name: "p".to_owned(), document: document(1), comment: None };
    let policy = traffic_policies::create(&case.store, meta(), &random(), new, &limits).await.unwrap().0;
    let (ttl, version) = (model::Ttl::new(60).unwrap(), 1);
    let new = traffic_policy_instances::NewTrafficPolicyInstance {
        zone: case.zone.id.clone(),
        name: name("tree.ex.test"),
        ttl,
        policy: policy.id,
        version,
    };
    traffic_policy_instances::create(&case.store, meta(), &random(), new, &limits).await.unwrap();
    let policies =
        |at: &str| Proposal { policies: vec![read_policy(name(at), &document(3)).unwrap()], ..Proposal::default() };
    assert_eq!(
        case.told("ex.test", policies("tree.ex.test")),
        ["tree.ex.test. A: 10.0.2.2 50.0>75.0 10.0.2.1 50.0>25.0"]
    );
    let fault = "no traffic policy instance makes the records of shop.ex.test. A";
    case.refused("ex.test", policies("shop.ex.test"), three(), fault);
    let wish = Some(Wish::Zone(crate::zone_import::Contents {
        record_sets: vec![set("plain.ex.test A 10.0.0.9")],
        sticky: None,
    }));
    let fault = "a traffic policy cannot be simulated together with a zone file; do the one after the other";
    case.refused("ex.test", Proposal { wish, ..policies("tree.ex.test") }, three(), fault);
}

#[tokio::test]
async fn what_makes_no_sense_is_told() {
    let case = shop().await;
    let none = Proposal::default;
    let unknown = "shop.ex.test. A has no weighted record set \"red\"; there are blue, green";
    case.refused("ex.test", weights(&[("red", 1)]), three(), unknown);
    let twice = "two weights for shop.ex.test. A \"blue\"";
    case.refused("ex.test", weights(&[("blue", 1), ("blue", 2)]), three(), twice);
    case.refused("ex.test", none(), own("client\n"), "there are no clients in the population");
    case.refused("www.other.test A", none(), three(), "www.other.test. is not in the zone ex.test.");
    let world = "nobody knows where clients are, so that the world cannot be simulated; start the server, or bring \
                 clients of your own";
    case.refused("ex.test", none(), Clients::World, world);
    let client = |n: u32| Cohort {
        client: model::prefix::Prefix::of(std::net::Ipv4Addr::from(n).into()),
        weight: 1.0,
        country: None,
        asked: None,
    };
    let crowd = Population { cohorts: (0..=100_000).map(client).collect(), absent: Vec::new() };
    let many = "a population has at most 100000 clients; count them by shorter prefixes: 100001";
    case.refused("ex.test", none(), Clients::Own(crowd), many);
    let bad = Proposal { wish: Some(Wish::Batch(batch(Action::Create, [set("shop.ex.test A 10.0.0.300")]))), ..none() };
    assert!(matches!(case.simulate("ex.test", bad, three()), Err(SimulateError::Refused(_))));
    assert_eq!(zone_around(&case.store, &name("a.b.shop.ex.test")).unwrap().unwrap().id, case.zone.id);
    assert!(zone_around(&case.store, &name("other.test")).unwrap().is_none());
}

#[tokio::test]
async fn a_list_that_nobody_would_write_is_refused_and_repetitions_count_once() {
    let case = Case::new().await;
    let check = case.endpoint().await;
    let sets = [
        checked(&check, latency("eu-west-1", set("www.ex.test A 10.0.0.1"))),
        latency("us-east-1", set("www.ex.test A 10.0.0.2")),
    ];
    let case = case.with(sets).await;
    let lost = |count| Proposal { lost: vec!["eu-west-1".parse().unwrap(); count], ..Proposal::default() };
    let many = |member| format!("a simulation takes at most 1000 entries of {member}: 1001");
    case.refused("ex.test", lost(1_001), three(), &many("lose"));
    let down = Proposal { down: vec![check.clone(); 1_001], ..Proposal::default() };
    case.refused("ex.test", down, three(), &many("down"));
    let up = Proposal { up: vec![check.clone(); 1_001], ..Proposal::default() };
    case.refused("ex.test", up, three(), &many("up"));
    let one = weights(&[("blue", 1)]).weights.remove(0);
    let more = Proposal { weights: vec![one; 1_001], ..Proposal::default() };
    case.refused("ex.test", more, three(), &many("weights"));
    let health = case.simulate("ex.test", lost(1_000), three()).unwrap().health;
    assert_eq!((health.len(), &health[0].because[..]), (1, &["www.ex.test. A \"eu-west-1\"".to_owned()][..]));
}

#[tokio::test]
async fn the_time_counts_from_the_inquiry_on() {
    let case = shop().await;
    let late = |proposal| Inquiry {
        begun: Instant::now().checked_sub(TIME_MAX).unwrap(),
        ..case.inquiry(Asked::Zone, proposal, three())
    };
    // So late that nobody looks whether the weights make sense.
    let done = simulate(&case.store, &case.views, late(weights(&[("red", 1)])), &|_| None, &Limits::default());
    let fault = "this takes longer than 20 s; simulate a smaller change, or fewer clients";
    assert_eq!(done.unwrap_err().to_string(), fault);
}

#[tokio::test]
async fn only_those_who_ask_count_as_look_ups() {
    let names = (0..60).map(|n| weighted(&format!("n{n}.ex.test A 10.0.0.1"), "one", 1));
    let case = Case::new().await;
    change(&case.store, &case.zone.id, batch(Action::Create, names)).await.unwrap();
    let client = |n: u32, asked: Option<&str>| Cohort {
        client: model::prefix::Prefix::of(std::net::Ipv4Addr::from(n).into()),
        weight: 1.0,
        country: None,
        asked: asked.map(|asked| (name(asked), RecordType::A)),
    };
    let elsewhere = (1..100_000).map(|n| client(n, Some("elsewhere.ex.test")));
    let cohorts = elsewhere.chain([client(0, None)]).collect();
    let few = Clients::Own(Population { cohorts, absent: Vec::new() });
    let done = case.simulate("ex.test", Proposal::default(), few).unwrap();
    assert_eq!((done.shifts.len(), &done.warnings[..]), (60, &[SimulationWarning::NoPlaces][..]));
}

#[tokio::test]
async fn the_bound_that_cut_a_simulation_is_told() {
    let names = (0..501).map(|n| weighted(&format!("n{n}.ex.test A 10.0.0.1"), "one", 1));
    let case = Case::new().await;
    change(&case.store, &case.zone.id, batch(Action::Create, names)).await.unwrap();
    let done = case.simulate("ex.test", Proposal::default(), three()).unwrap();
    let told = done.warnings[1].to_string();
    assert_eq!(told, "more answers may change than one simulation asks for; questions counted: 500");
    let told = |by| SimulationWarning::More { counted: 7, by }.to_string();
    let time = "more answers may change than there was time to count in 20 s; questions counted: 7";
    assert_eq!(told(Cut::Time), time);
    let lookups = "more answers may change than 5000000 look-ups of clients tell; questions counted: 7";
    assert_eq!(told(Cut::Lookups), lookups);
}
