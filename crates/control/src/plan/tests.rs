//! Plans against a small zone, shown in a few words: `name type: before => after`.

use answer::Possible;
use model::change::Action;
use model::{Body, Routing, Ttl};

use super::*;
use crate::testing::{Scratch, alias, batch, change, listed, name, set, weighted, zone};

/// A zone with `lines` in it, planned offline.
struct Case {
    _scratch: Scratch,
    store: Store,
    zone: HostedZone,
}

impl Case {
    async fn new(sets: impl IntoIterator<Item = RecordSet>) -> Self {
        let scratch = Scratch::new();
        let store = scratch.store();
        let zone = zone(&store, "example.com").await;
        for set in sets {
            change(&store, &zone.id, batch(Action::Create, [set])).await.unwrap();
        }
        Self { _scratch: scratch, store, zone }
    }

    fn plan(&self, wish: &Wish) -> Result<ZonePlan, PlanError> {
        let limits = Limits::default();
        plan(&self.store, &Views::none(), &self.zone.id, wish, [127, 0, 0, 1].into(), &limits)
    }

    /// What would change in answers, in words; and nothing is written.
    #[track_caller]
    fn check(&self, changes: ChangeBatch, expected: &[&str], warnings: &[&str]) {
        let revision = self.store.revision();
        let plan = self.plan(&Wish::Batch(changes)).unwrap();
        let told: Vec<String> = plan.answers.iter().map(told).collect();
        assert_eq!(told, expected);
        let told: Vec<String> = plan.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(told, warnings);
        assert_eq!(self.store.revision(), revision, "a plan writes nothing");
    }
}

fn told(change: &AnswerChange) -> String {
    let side = |all: &[Possible]| {
        let one = |possible: &Possible| {
            let via: String = possible.via.iter().map(|name| format!("{name}>")).collect();
            format!("{:.0}% {via}{}", possible.odds * 100.0, possible.what())
        };
        all.iter().map(one).collect::<Vec<_>>().join(" | ")
    };
    format!("{} {}: {} => {}", change.name, change.record_type, side(&change.before), side(&change.after))
}

fn held(name: &str, seconds: u32) -> String {
    format!("resolvers may give the old answer of {name} for up to {seconds} s")
}

#[tokio::test]
async fn shares_are_exact_and_followed_through_aliases_and_cnames() {
    let zone = Case::new([weighted("w.example.com A 10.0.0.1", "blue", 95)]).await;
    let linked = alias("a.example.com A", &zone.zone.id, "w.example.com");
    change(&zone.store, &zone.zone.id, batch(Action::Create, [linked])).await.unwrap();
    let cname = set("c.example.com CNAME a.example.com.");
    change(&zone.store, &zone.zone.id, batch(Action::Create, [cname])).await.unwrap();
    zone.check(
        batch(Action::Create, [weighted("w.example.com A 10.0.0.2", "green", 5)]),
        &[
            "a.example.com. A: 100% 10.0.0.1 => 95% 10.0.0.1 | 5% 10.0.0.2",
            "c.example.com. A: 100% a.example.com.>10.0.0.1 => 95% a.example.com.>10.0.0.1 | 5% a.example.com.>10.0.0.2",
            "w.example.com. A: 100% 10.0.0.1 => 95% 10.0.0.1 | 5% 10.0.0.2",
        ],
        &[],
    );
    // A third that nobody gets changes no answer, and is told.
    zone.check(
        batch(Action::Create, [weighted("w.example.com A 10.0.0.3", "red", 0)]),
        &[],
        &["w.example.com. A \"red\" would answer nobody: its weight is 0"],
    );
}

#[tokio::test]
async fn several_cnames_are_followed_each_with_its_share() {
    let zone = Case::new([
        set("x.example.com A 10.0.0.1"),
        weighted("c.example.com CNAME x.example.com.", "in", 1),
        weighted("c.example.com CNAME out.test.", "out", 3),
    ])
    .await;
    let moved = weighted("c.example.com CNAME out.test.", "out", 1);
    let out = "out.test.>CNAME out of the zone";
    let asked = |record_type: &str, there: &str| {
        let there = format!("x.example.com.>{there}");
        format!("c.example.com. {record_type}: 75% {out} | 25% {there} => 50% {there} | 50% {out}")
    };
    let expected = [
        &*asked("A", "10.0.0.1"),
        &*asked("AAAA", "NODATA"),
        "c.example.com. CNAME: 75% out.test. | 25% x.example.com. => 50% out.test. | 50% x.example.com.",
    ];
    zone.check(batch(Action::Upsert, [moved]), &expected, &[]);
}

#[tokio::test]
async fn wildcards_hide_and_are_hidden() {
    let zone = Case::new([set("*.example.com A 10.0.0.9"), set("c.example.com CNAME q.example.com.")]).await;
    // A name of another type below an empty one hides the wildcard from both.
    zone.check(
        batch(Action::Create, [set("a.b.example.com TXT \"x\"")]),
        &[
            "b.example.com. A: 100% 10.0.0.9 => 100% NODATA",
            "a.b.example.com. A: 100% 10.0.0.9 => 100% NODATA",
            "a.b.example.com. TXT: 100% NODATA => 100% \"x\"",
        ],
        &[&held("a.b.example.com. TXT", 86_400).replace("86400", "900")],
    );
    zone.check(
        batch(Action::Upsert, [set("*.example.com A 10.0.0.8")]),
        &[
            "\\052.example.com. A: 100% 10.0.0.9 => 100% 10.0.0.8",
            "c.example.com. A: 100% q.example.com.>10.0.0.9 => 100% q.example.com.>10.0.0.8",
        ],
        &[&held("c.example.com. A", 60)],
    );
}

#[tokio::test]
async fn a_delegation_takes_away_what_is_below_it() {
    let zone = Case::new([set("www.sub.example.com A 10.0.0.1")]).await;
    let plan = zone.plan(&Wish::Batch(batch(
        Action::Create,
        [set("sub.example.com NS ns.test."), set("x.sub.example.com A 10.0.0.2")],
    )));
    let plan = plan.unwrap();
    let told: Vec<String> = plan.answers.iter().map(told).collect();
    assert!(
        told.contains(&"www.sub.example.com. A: 100% 10.0.0.1 => 100% referral to ns.test.".to_owned()),
        "{told:?}"
    );
    let nobody = "x.sub.example.com. A would answer nobody: its name is delegated to other name servers";
    assert!(plan.warnings.iter().any(|warning| warning.to_string() == nobody), "{:?}", plan.warnings);
}

#[tokio::test]
async fn a_whole_zone_is_compared_with_what_is_stored() {
    let zone = Case::new([set("a.example.com A 10.0.0.1"), set("b.example.com A 10.0.0.1")]).await;
    let mut sets = listed(&zone.store, &zone.zone.id, 99);
    sets.reverse();
    let same = zone.plan(&Wish::Zone(sets.clone().into())).unwrap();
    assert!(same.changes.is_empty() && same.answers.is_empty());
    sets.retain(|set| set.name.to_string() != "b.example.com.");
    sets.push(set("n.example.com A 10.0.0.2"));
    let plan = zone.plan(&Wish::Zone(sets.into())).unwrap();
    let told: Vec<String> = plan.answers.iter().map(told).collect();
    assert_eq!(
        told,
        ["b.example.com. A: 100% 10.0.0.1 => 100% NXDOMAIN", "n.example.com. A: 100% NXDOMAIN => 100% 10.0.0.2",]
    );
    assert_eq!(plan.changes.len(), 2);
    let refused = zone.plan(&Wish::Zone(vec![set("a.example.com A x"), set("other.test A 10.0.0.1")].into()));
    let Err(PlanError::Refused(ChangeError::Invalid(faults))) = refused else { panic!("{refused:?}") };
    assert_eq!(faults.0.len(), 4, "{faults}");
}

#[tokio::test]
async fn a_server_is_asked_what_it_answers_now() {
    let zone = Case::new([weighted("w.example.com A 10.0.0.1", "blue", 1)]).await;
    let (_verdicts, receiver) = tokio::sync::watch::channel(Arc::default());
    let publisher = crate::publish::start(&zone.store, receiver, Arc::default(), 7).unwrap();
    let views = Views::new(publisher.view());
    let mut set = weighted("w.example.com A 10.0.0.2", "green", 1);
    set.health_check = Some(model::id::HealthCheckId::parse("none").unwrap());
    let limits = Limits::default();
    let wish = |set| Wish::Batch(batch(Action::Create, [set]));
    let unknown = plan(&zone.store, &views, &zone.zone.id, &wish(set.clone()), [127, 0, 0, 1].into(), &limits);
    assert!(matches!(unknown, Err(PlanError::Refused(ChangeError::NoSuchHealthCheck(_)))));
    set.health_check = None;
    if let (Body::Records { ttl, .. }, Routing::Weighted { weight, .. }) = (&mut set.body, &mut set.routing) {
        (*ttl, *weight) = (Ttl::new(60).unwrap(), 3);
    }
    let planned = plan(&zone.store, &views, &zone.zone.id, &wish(set), [127, 0, 0, 1].into(), &limits).unwrap();
    assert_eq!(
        planned.answers.iter().map(told).collect::<Vec<_>>(),
        ["w.example.com. A: 100% 10.0.0.1 => 75% 10.0.0.2 | 25% 10.0.0.1"]
    );
    publisher.stop();
}

#[tokio::test]
async fn what_a_file_makes_sticky_is_told() {
    let group = [weighted("w.example.com A 10.0.0.1", "a", 1), weighted("w.example.com A 10.0.0.2", "b", 1)];
    let zone = Case::new(group).await;
    let record_sets = listed(&zone.store, &zone.zone.id, 99);
    let name = |text: &str| Name::parse(text).unwrap();
    let wish = |names: &[&str]| {
        let sticky = names.iter().map(|text| (name(text), model::Stickiness::DEFAULT)).collect();
        Wish::Zone(Contents { record_sets: record_sets.clone(), sticky: Some(sticky) })
    };
    let plan = zone.plan(&wish(&["w.example.com", "later.example.com"])).unwrap();
    let told: Vec<_> = plan.stickiness.iter().map(|change| (change.name.to_string(), change.after.is_some())).collect();
    assert_eq!(told, [("later.example.com.".to_owned(), true), ("w.example.com.".to_owned(), true)]);
    assert_eq!(plan.changes.len(), 0);
    crate::stickiness::put(
        &zone.store,
        crate::testing::meta(),
        &zone.zone.id,
        &name("w.example.com"),
        model::Stickiness::DEFAULT,
    )
    .await
    .unwrap();
    let same = zone.plan(&wish(&["w.example.com"])).unwrap();
    assert!(same.stickiness.is_empty() && same.answers.is_empty());
    let gone = zone.plan(&wish(&[])).unwrap();
    assert_eq!((gone.stickiness.len(), gone.stickiness[0].after), (1, None));
    let third = weighted("w.example.com A 10.0.0.3", "c", 2);
    // Whichever of them the client of the plan would get.
    zone.check(
        batch(Action::Create, [third]),
        &["w.example.com. A: 50% 10.0.0.1 | 50% 10.0.0.2 => 50% 10.0.0.3 | 25% 10.0.0.1 | 25% 10.0.0.2"],
        &[],
    );
    let unknown = zone.plan(&Wish::Zone(record_sets.clone().into())).unwrap();
    assert!(unknown.stickiness.is_empty(), "record sets alone leave what is sticky");
}

#[tokio::test]
async fn a_plan_that_takes_too_long_tells_what_it_has() {
    let zone = Case::new([]).await;
    let new = ["a", "b", "c"].map(|label| set(&format!("{label}.example.com A 10.0.0.1")));
    let wish = Wish::Batch(batch(Action::Create, new));
    for (turns, told, asked) in [(0, 0, Some(0)), (2, 2, Some(2)), (5, 3, Some(3)), (6, 3, None)] {
        // Each of three answers, and then whether anybody gets each of three record sets.
        let mut left = turns;
        let go_on = || {
            left -= 1;
            left >= 0
        };
        let (views, from, limits) = (Views::none(), [127, 0, 0, 1].into(), Limits::default());
        let plan = plan_while(&zone.store, &views, &zone.zone.id, &wish, from, &limits, go_on).unwrap();
        assert_eq!((plan.changes.len(), plan.answers.len()), (3, told));
        let more = plan.warnings.iter().find_map(|warning| match warning {
            Warning::More(asked) => Some(*asked),
            _ => None,
        });
        assert_eq!(more, asked, "{:?}", plan.warnings);
    }
}

#[tokio::test]
async fn no_more_names_are_planned_sticky_than_an_import_takes() {
    let zone = Case::new([]).await;
    let record_sets = listed(&zone.store, &zone.zone.id, 9);
    let wish = |count: usize| {
        let name = |n| (name(&format!("n{n}.example.com")), model::Stickiness::DEFAULT);
        Wish::Zone(Contents { record_sets: record_sets.clone(), sticky: Some((0..count).map(name).collect()) })
    };
    let most = stickiness::STICKY_NAMES_MAX;
    assert_eq!(zone.plan(&wish(most)).unwrap().stickiness.len(), most);
    let refused = zone.plan(&wish(most + 1)).unwrap_err().to_string();
    assert!(refused.contains("at most 1000 sticky names"), "{refused}");
}
