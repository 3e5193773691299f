//! Batches against a small zone, and the exact messages that come back.

use std::collections::BTreeMap;
use std::convert::Infallible;

mod placed;
mod rules;

use super::*;
use crate::{AliasTarget, FailoverRole};

/// A zone in memory: `example.com.` with its SOA and NS, and what a test adds.
struct Zone {
    facts: HostedZone,
    names: BTreeMap<Name, Vec<RecordSet>>,
    limits: Limits,
}

impl Records for &Zone {
    type Error = Infallible;

    fn at(&mut self, name: &Name) -> Result<Vec<RecordSet>, Infallible> {
        Ok(self.names.get(name).cloned().unwrap_or_default())
    }

    fn aliases_to(&mut self, target: &Name, record_type: RecordType, limit: usize) -> Result<Vec<Name>, Infallible> {
        let leads = |set: &RecordSet| {
            set.record_type == record_type && matches!(&set.body, Body::Alias(alias) if alias.dns_name == *target)
        };
        let names = self.names.iter().filter(|(_, sets)| sets.iter().any(leads));
        Ok(names.map(|(name, _)| name.clone()).take(limit).collect())
    }

    fn has_health_check(&mut self, id: &HealthCheckId) -> Result<bool, Infallible> {
        Ok(id.as_str().starts_with("known"))
    }

    fn cidr_location(&mut self, id: &CidrCollectionId, location: &CidrLocation) -> Result<Option<bool>, Infallible> {
        Ok(id.as_str().starts_with("known").then(|| location.as_str().starts_with("known")))
    }

    fn elsewhere(&mut self, zone: &HostedZoneId, name: &Name, _: RecordType) -> Result<Elsewhere, Infallible> {
        Ok(match (zone.as_str(), name.to_string().as_str()) {
            ("ZPRIVATE", _) => Elsewhere::Private,
            ("ZNEIGHBOUR", "there.example.net.") => Elsewhere::There,
            ("ZNEIGHBOUR", name) if name.ends_with("example.net.") => Elsewhere::Missing,
            ("ZNEIGHBOUR", _) => Elsewhere::Outside,
            _ => Elsewhere::NotOurs,
        })
    }
}

impl Zone {
    fn new() -> Self {
        let facts = HostedZone {
            id: HostedZoneId::parse("ZONE").unwrap(),
            name: name("example.com"),
            caller_reference: "once".into(),
            comment: None,
            name_servers: Vec::new(),
            record_set_count: 2,
            created: 1,
            visibility: crate::hosted_zone::Visibility::PUBLIC,
        };
        let apex = crate::hosted_zone::Delegation::default().default_record_sets(&facts.name).to_vec();
        Self { names: BTreeMap::from([(facts.name.clone(), apex)]), facts, limits: Limits::default() }
    }

    fn apply(&self, changes: Vec<Change>) -> Result<Vec<Touched>, ApplyError<Infallible>> {
        apply(&self.facts, &ChangeBatch { comment: None, changes }, &self.limits, &mut &*self)
    }

    /// Applies a batch that must succeed.
    #[track_caller]
    fn with(mut self, changes: Vec<Change>) -> Self {
        for touched in self.apply(changes).unwrap() {
            self.facts.record_set_count += touched.after.len() as u64;
            self.facts.record_set_count -= touched.before.len() as u64;
            self.names.insert(touched.name, touched.after);
        }
        self
    }

    /// Applies a batch that must fail with exactly these messages.
    #[track_caller]
    fn refuses(&self, changes: Vec<Change>, messages: &[&str]) {
        match self.apply(changes) {
            Err(ApplyError::Invalid(faults)) => {
                let told: Vec<String> = faults.0.iter().map(ToString::to_string).collect();
                assert_eq!(told, messages);
            }
            other => panic!("{other:?}"),
        }
    }
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

/// `www A 10.0.0.1,10.0.0.2` with TTL 60 in example.com; `@` is the apex, a name with a final dot stands for itself.
fn set(text: &str) -> RecordSet {
    let mut parts = text.splitn(3, ' ');
    let mut part = || parts.next().unwrap_or_default();
    let (owner, record_type, values) = (owner(part()), RecordType::parse(part()).unwrap(), part());
    RecordSet::simple(owner, record_type, Ttl::new(60).unwrap(), values.split(',').map(str::to_owned).collect())
}

fn owner(text: &str) -> Name {
    match text {
        "@" => name("example.com"),
        _ if text.ends_with('.') => name(text),
        _ => name(&format!("{text}.example.com")),
    }
}

fn alias(text: &str, target: &str) -> RecordSet {
    alias_to("ZONE", text, target)
}

fn alias_to(zone: &str, text: &str, target: &str) -> RecordSet {
    let target = AliasTarget {
        hosted_zone_id: HostedZoneId::parse(zone).unwrap(),
        dns_name: owner(target),
        evaluate_target_health: true,
    };
    RecordSet { body: Body::Alias(target), ..set(text) }
}

fn weighted(text: &str, id: &str, weight: u8) -> RecordSet {
    RecordSet { routing: Routing::Weighted { set_identifier: SetIdentifier::parse(id).unwrap(), weight }, ..set(text) }
}

fn failover(text: &str, id: &str, role: FailoverRole) -> RecordSet {
    RecordSet { routing: Routing::Failover { set_identifier: SetIdentifier::parse(id).unwrap(), role }, ..set(text) }
}

fn multivalue(text: &str, id: &str) -> RecordSet {
    RecordSet { routing: Routing::Multivalue { set_identifier: SetIdentifier::parse(id).unwrap() }, ..set(text) }
}

fn with_ttl(mut set: RecordSet, seconds: u64) -> RecordSet {
    set_ttl(&mut set, Ttl::new(seconds).unwrap());
    set
}

fn create(record_set: RecordSet) -> Change {
    Change { action: Action::Create, record_set }
}

fn upsert(record_set: RecordSet) -> Change {
    Change { action: Action::Upsert, record_set }
}

fn delete(record_set: RecordSet) -> Change {
    Change { action: Action::Delete, record_set }
}

#[test]
fn existence_is_judged_with_route_53_words() {
    let zone = Zone::new().with(vec![create(set("www A 10.0.0.1")), create(weighted("geo A 10.0.0.1", "Default", 1))]);
    zone.refuses(
        vec![create(set("www A 10.0.0.2"))],
        &["Tried to create resource record set [name='www.example.com.', type='A'] but it already exists"],
    );
    zone.refuses(
        vec![create(weighted("geo A 10.0.0.2", "Default", 1))],
        &["Tried to create resource record set [name='geo.example.com.', type='A', set-identifier='Default'] but it \
           already exists"],
    );
    zone.refuses(
        vec![delete(set("x A 10.0.0.1"))],
        &["Tried to delete resource record set [name='x.example.com.', type='A'] but it was not found"],
    );
    // Scenario 59.
    zone.refuses(
        vec![delete(with_ttl(set("www A 10.0.0.1"), 61))],
        &["Tried to delete resource record set [name='www.example.com.', type='A'] but the values provided do not match \
           the current values"],
    );
    zone.refuses(
        vec![delete(weighted("geo A 10.0.0.1", "Default", 2))],
        &["Tried to delete resource record set [name='geo.example.com.', type='A', set-identifier='Default'] but the \
           values provided do not match the current values"],
    );
}

#[test]
fn delete_compares_values_as_a_set_and_by_meaning() {
    let zone = Zone::new()
        .with(vec![create(set("six AAAA 2001:db8::1,2001:db8::2")), create(set("mail MX 10 MX.example.com"))]);
    let zone = zone
        .with(vec![delete(set("six AAAA 2001:0db8:0:0::2,2001:DB8::1")), delete(set("mail MX 10 mx.example.com."))]);
    assert_eq!(zone.facts.record_set_count, 2);
}

#[test]
fn upsert_replaces_what_has_the_key() {
    let zone =
        Zone::new().with(vec![create(set("www A 10.0.0.1"))]).with(vec![upsert(with_ttl(set("www A 10.0.0.2"), 5))]);
    assert_eq!(zone.names[&owner("www")], [with_ttl(set("www A 10.0.0.2"), 5)]);
    assert_eq!(zone.facts.record_set_count, 3);
}

#[test]
fn cnames_stand_alone_and_never_at_the_apex() {
    // Scenario 53.
    let zone = Zone::new().with(vec![create(set("txt TXT \"hi\"")), create(set("c CNAME www.example.com"))]);
    zone.refuses(
        vec![create(set("@ CNAME www.example.com"))],
        &["RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com."],
    );
    zone.refuses(
        vec![create(set("txt CNAME www.example.com"))],
        &["RRSet of type CNAME with DNS name txt.example.com. is not permitted as it conflicts with other records with \
           the same DNS name in zone example.com."],
    );
    zone.refuses(
        vec![create(set("c TXT \"hi\""))],
        &["RRSet of type TXT with DNS name c.example.com. is not permitted because a conflicting RRSet of type  CNAME \
           with the same DNS name already exists in zone example.com."],
    );
    zone.refuses(
        vec![create(set("d CNAME a.example.com,b.example.com"))],
        &["RRSet of type CNAME with DNS name d.example.com. must contain exactly one resource record"],
    );
}

#[test]
fn changes_count_in_the_order_given() {
    // Scenario 57.
    let zone = Zone::new().with(vec![create(set("x A 10.0.0.1"))]);
    let (cname, a) = (set("x CNAME www.example.com"), set("x A 10.0.0.1"));
    assert!(zone.apply(vec![create(cname.clone()), delete(a.clone())]).is_err());
    let touched = zone.apply(vec![delete(a.clone()), create(cname.clone())]).unwrap();
    assert_eq!(touched, [Touched { name: owner("x"), before: vec![a], after: vec![cname] }]);
}

#[test]
fn all_faults_of_a_batch_are_told_in_one_bracketed_list() {
    // Scenario 58.
    let zone = Zone::new().with(vec![create(set("www A 10.0.0.1"))]);
    let fault = zone
        .apply(vec![create(set("ok A 10.0.0.9")), create(set("www A 10.0.0.1")), create(set("bad A 999.1.1.1"))])
        .unwrap_err();
    assert_eq!(
        fault.to_string(),
        "[Tried to create resource record set [name='www.example.com.', type='A'] but it already exists, Invalid \
         Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered \
         with '999.1.1.1'']"
    );
}

#[test]
fn one_key_can_be_put_once_and_deleted_once() {
    let zone = Zone::new().with(vec![create(set("www A 10.0.0.1"))]);
    let message = "The request contains an invalid set of changes for a resource record set 'A www.example.com.'";
    let www = || set("www A 10.0.0.1");
    zone.refuses(vec![upsert(www()), upsert(set("www A 10.0.0.2"))], &[message]);
    zone.refuses(vec![delete(www()), delete(www())], &[message]);
    assert!(zone.apply(vec![delete(www()), create(set("www A 10.0.0.2"))]).is_ok());
}

#[test]
fn names_stay_in_their_zone() {
    Zone::new().refuses(
        vec![create(set("www.other.test. A 10.0.0.1"))],
        &["RRSet with DNS name www.other.test. is not permitted in zone example.com."],
    );
}

#[test]
fn one_name_and_type_has_one_policy() {
    let zone = Zone::new().with(vec![
        create(weighted("w A 10.0.0.1", "one", 1)),
        create(set("s A 10.0.0.1")),
        create(multivalue("m A 10.0.0.1", "one")),
    ]);
    // Scenario 61.
    zone.refuses(
        vec![upsert(set("w A 10.0.0.2"))],
        &["RRSet with DNS name w.example.com., type A cannot be created as other RRSets exist with the same name and \
           type."],
    );
    zone.refuses(
        vec![create(weighted("s A 10.0.0.2", "two", 1))],
        &["RRSet with DNS name s.example.com., type A, SetIdentifier two cannot be created as a non-weighted set exists \
           with the same name and type."],
    );
    zone.refuses(
        vec![create(multivalue("w A 10.0.0.2", "two"))],
        &["RRSet with DNS name w.example.com., type A, SetIdentifier two cannot be created because a non multivalue \
           answer rrset exists with the same name and type."],
    );
    zone.refuses(
        vec![create(failover("m A 10.0.0.2", "two", FailoverRole::Primary))],
        &["RRSet with DNS name m.example.com., type A, SetIdentifier two cannot be created as a non-failover set exists \
           with the same name and type."],
    );
    assert!(zone.apply(vec![create(set("w AAAA 2001:db8::1"))]).is_ok(), "another type is another group");
}

#[test]
fn policies_that_a_type_does_not_know_are_refused() {
    let zone = Zone::new();
    zone.refuses(
        vec![create(weighted("sub NS ns.other.test", "one", 1))],
        &["RRSet of type NS with DNS name sub.example.com. does not support weighted routing"],
    );
    zone.refuses(
        vec![create(multivalue("c CNAME a.other.test", "one"))],
        &["RRSet of type CNAME with DNS name c.example.com. does not support multivalue answer routing"],
    );
    zone.refuses(
        vec![create(set("* NS ns.other.test"))],
        &["RRSet of type NS with DNS name \\052.example.com. is not permitted because NS records cannot be wildcards"],
    );
    zone.refuses(
        vec![create(set("old DNAME new.example.com"))],
        &["RRSet with DNS name old.example.com. has the type DNAME, which is not supported"],
    );
}

#[test]
fn a_failover_group_has_each_role_once_and_roles_can_be_swapped_in_one_batch() {
    let (p, s) = (FailoverRole::Primary, FailoverRole::Secondary);
    let zone =
        Zone::new().with(vec![create(failover("f A 10.0.0.1", "a", p)), create(failover("f A 10.0.0.2", "b", s))]);
    zone.refuses(
        vec![create(failover("f A 10.0.0.3", "c", p))],
        &["RRSets with DNS name f.example.com., type A can contain only one PRIMARY failover record"],
    );
    zone.with(vec![upsert(failover("f A 10.0.0.1", "a", s)), upsert(failover("f A 10.0.0.2", "b", p))]);
}

#[test]
fn the_apex_keeps_its_soa_and_ns() {
    // Scenario 67.
    let zone = Zone::new();
    let [ns, soa] = crate::hosted_zone::Delegation::default().default_record_sets(&zone.facts.name);
    zone.refuses(vec![delete(soa.clone())], &["A HostedZone must contain exactly one SOA record."]);
    zone.refuses(vec![delete(ns.clone())], &["A HostedZone must contain at least one NS record for the zone itself."]);
    let other_soa = set("@ SOA ns1.example.com. me.example.com. 7 1 1 1 60");
    zone.refuses(vec![create(set("sub SOA a. b. 1 1 1 1 1"))], &["A HostedZone must contain exactly one SOA record."]);
    assert!(zone.apply(vec![upsert(other_soa.clone()), upsert(set("@ NS ns1.example.com"))]).is_ok());
    assert!(zone.apply(vec![delete(soa), create(other_soa)]).is_ok());
}

#[test]
fn aliases_need_a_target_of_their_type_in_their_zone() {
    // Scenario 49.
    let zone = Zone::new().with(vec![create(set("www A 10.0.0.1")), create(set("c CNAME www.example.com"))]);
    let tried = |target: &str| format!("Tried to create an alias that targets {target}, type A in zone ZONE, but ");
    let missing = |target: &str| tried(target) + "that target was not found";
    zone.refuses(
        vec![create(alias("@ A", "other.test."))],
        &[
            &(tried("other.test.") + "the alias target name does not lie within the target zone"),
            &missing("other.test."),
        ],
    );
    zone.refuses(vec![create(alias("@ A", "gone"))], &[&missing("gone.example.com.")]);
    zone.refuses(vec![create(alias("@ A", "c"))], &[&missing("c.example.com.")]);
    zone.refuses(
        vec![create(alias("a A", "later")), create(set("later A 10.0.0.1"))],
        &[&missing("later.example.com.")],
    );
    assert!(zone.apply(vec![create(set("early A 10.0.0.1")), create(alias("a A", "early"))]).is_ok());
    zone.refuses(
        vec![create(alias_to("ZNEIGHBOUR", "a A", "www.other.test."))],
        &[
            "Tried to create an alias that targets www.other.test., type A in zone ZNEIGHBOUR, but the alias target name does \
             not lie within the target zone",
            "Tried to create an alias that targets www.other.test., type A in zone ZNEIGHBOUR, but that target was not found",
        ],
    );
    zone.refuses(
        vec![create(alias_to("ZNEIGHBOUR", "a A", "www.example.net."))],
        &["Tried to create an alias that targets www.example.net., type A in zone ZNEIGHBOUR, but that target was not found"],
    );
    zone.refuses(
        vec![create(alias_to("ZPRIVATE", "a A", "www.example.net."))],
        &["Tried to create an alias that targets www.example.net., type A in zone ZPRIVATE, but that hosted zone is private"],
    );
    let neighbour = alias_to("ZNEIGHBOUR", "a A", "there.example.net.");
    assert_eq!(zone.apply(vec![create(neighbour.clone())]).unwrap()[0].after, [neighbour]);
    let foreign = alias_to("Z35SXDOTRQ7X7K", "elb A", "lb.us-east-1.elb.amazonaws.com.");
    assert_eq!(zone.apply(vec![create(foreign.clone())]).unwrap()[0].after, [foreign]);
}

#[test]
fn an_alias_never_leads_back_to_itself() {
    let zone =
        Zone::new().with(vec![create(set("a A 10.0.0.1")), create(alias("b A", "a")), create(alias("c A", "b"))]);
    let message = |target: &str| {
        format!(
            "Tried to create an alias that targets {target}, type A in zone ZONE, but that target leads back to the alias"
        )
    };
    zone.refuses(vec![upsert(alias("a A", "c"))], &[&message("c.example.com.")]);
    zone.refuses(vec![upsert(alias("a A", "a"))], &[&message("a.example.com.")]);
}

#[test]
fn what_an_alias_leads_to_cannot_be_deleted_before_the_alias() {
    let zone = Zone::new().with(vec![
        create(weighted("a A 10.0.0.1", "one", 1)),
        create(weighted("a A 10.0.0.2", "two", 1)),
        create(alias("b A", "a")),
    ]);
    let (one, two) = (weighted("a A 10.0.0.1", "one", 1), weighted("a A 10.0.0.2", "two", 1));
    assert!(zone.apply(vec![delete(one.clone())]).is_ok(), "the group is the target, not its members");
    let message = "Tried to delete resource record set [name='a.example.com.', type='A', set-identifier='two'] but it is \
                   the target of the alias resource record set 'b.example.com.' with the same type";
    zone.refuses(vec![delete(one.clone()), delete(two.clone())], &[message]);
    zone.refuses(vec![delete(one.clone()), delete(two.clone()), delete(alias("b A", "a"))], &[message]);
    assert!(zone.apply(vec![delete(alias("b A", "a")), delete(one), delete(two)]).is_ok());
}

#[test]
fn values_are_read_and_repeated_values_refused() {
    let zone = Zone::new();
    zone.refuses(vec![create(set("w A 10.0.0.1,10.0.0.2,10.0.0.1"))], &["Duplicate Resource Record: '10.0.0.1'"]);
    zone.refuses(
        vec![create(set("w AAAA 2001:db8::1,2001:DB8:0::1"))],
        &["Duplicate Resource Record: '2001:DB8:0::1'"],
    );
    zone.refuses(
        vec![create(set("t TXT bare"))],
        &["Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) \
           encountered with 'bare''"],
    );
}

#[test]
fn the_last_ttl_written_is_the_ttl_of_a_weighted_group() {
    let zone =
        Zone::new().with(vec![create(weighted("w A 10.0.0.1", "one", 1)), create(weighted("w A 10.0.0.2", "two", 1))]);
    let zone = zone.with(vec![upsert(with_ttl(weighted("w A 10.0.0.1", "one", 9), 300))]);
    let expected =
        [with_ttl(weighted("w A 10.0.0.1", "one", 9), 300), with_ttl(weighted("w A 10.0.0.2", "two", 1), 300)];
    assert_eq!(zone.names[&owner("w")], expected);
}

#[test]
fn moving_weights_leaves_the_ttls_of_an_imported_group_alone() {
    let mut zone = Zone::new();
    let group = [with_ttl(weighted("w A 10.0.0.1", "one", 1), 60), with_ttl(weighted("w A 10.0.0.2", "two", 0), 300)];
    zone.names.insert(owner("w"), group.to_vec());
    let moved = [with_ttl(weighted("w A 10.0.0.1", "one", 0), 60), with_ttl(weighted("w A 10.0.0.2", "two", 9), 300)];
    let touched = zone.apply(moved.clone().map(upsert).to_vec()).unwrap();
    assert_eq!(touched[0].after, moved);
    // Of two that are written, the last one counts even when it alone says nothing new.
    let changes = vec![upsert(with_ttl(moved[0].clone(), 7)), upsert(moved[1].clone())];
    assert_eq!(zone.apply(changes).unwrap()[0].after, [with_ttl(moved[0].clone(), 300), moved[1].clone()]);
}

#[test]
fn a_group_beyond_a_lowered_limit_can_shrink_and_not_grow() {
    let member = |i: u32| weighted(&format!("g A 10.0.0.{i}"), &i.to_string(), 1);
    let mut zone = Zone::new().with((0..5).map(member).map(create).collect());
    zone.limits.record_sets_per_group_max = 3;
    assert!(zone.apply(vec![delete(member(0))]).is_ok());
    assert!(zone.apply(vec![create(set("g AAAA 2001:db8::1")), create(alias("a A", "g"))]).is_ok());
    zone.refuses(
        vec![create(member(5))],
        &["RRSets with DNS name g.example.com., type A exceed the limit of 3 records with the same name and type."],
    );
}

#[test]
fn batches_and_record_sets_have_limits() {
    // Scenario 60.
    let sets = |n: usize| (0..n).map(|i| set(&format!("n{i} A 10.0.0.1")));
    let zone = Zone::new();
    assert!(zone.apply(sets(1000).map(create).collect()).is_ok());
    assert!(zone.apply(sets(500).map(upsert).collect()).is_ok());
    zone.refuses(sets(501).map(upsert).collect(), &["Number of records limit of 1000 exceeded."]);
    zone.refuses(Vec::new(), &["The request contains no changes"]);
    let long = |n| create(set(&format!("n{n} TXT \"{}\"", "a".repeat(250))));
    assert!(zone.apply((0..126).map(long).collect()).is_ok());
    zone.refuses((0..127).map(long).collect(), &["Number of characters limit of 32000 exceeded."]);
    let values: Vec<String> = (0..401).map(|i| format!("10.0.{}.{}", i / 256, i % 256)).collect();
    zone.refuses(
        vec![create(set(&format!("many A {}", values.join(","))))],
        &["RRSet with DNS name many.example.com., type A exceeds the limit of 400 resource records."],
    );
    let group = |n: u32| (0..n).map(|i| create(weighted(&format!("g A 10.0.0.{i}"), &i.to_string(), 1))).collect();
    assert!(zone.apply(group(100)).is_ok());
    zone.refuses(
        group(101),
        &["RRSets with DNS name g.example.com., type A exceed the limit of 100 records with the same name and type."],
    );
    let small = Zone { limits: Limits { record_sets_per_zone_max: Some(3), ..Limits::default() }, ..Zone::new() };
    assert!(small.apply(sets(1).map(create).collect()).is_ok());
    small.refuses(sets(2).map(create).collect(), &["The hosted zone exceeds the limit of 3 resource record sets."]);
}

#[test]
fn health_checks_must_exist_when_they_are_first_named() {
    let checked = |id: &str, text: &str| RecordSet {
        health_check: Some(HealthCheckId::parse(id).unwrap()),
        ..weighted(text, "one", 1)
    };
    let mut zone = Zone::new().with(vec![create(checked("known-1", "w A 10.0.0.1"))]);
    let unknown = zone.apply(vec![upsert(checked("gone", "w A 10.0.0.1"))]);
    assert!(matches!(unknown, Err(ApplyError::NoSuchHealthCheck(id)) if id.as_str() == "gone"));
    zone.names.insert(owner("w"), vec![checked("gone", "w A 10.0.0.1")]);
    assert!(zone.apply(vec![upsert(checked("gone", "w A 10.0.0.2"))]).is_ok());
    assert!(zone.apply(vec![delete(checked("gone", "w A 10.0.0.1"))]).is_ok());
}

#[test]
fn a_whole_zone_is_judged_by_the_same_rules() {
    let zone = Zone::new();
    let whole = |sets: &[RecordSet]| {
        let mut names = ZoneRecordSets::new();
        for set in sets {
            names.entry(set.name.sort_key()).or_insert_with(|| (set.name.clone(), Vec::new())).1.push(set.clone());
        }
        let faults = check_zone(&zone.facts, &names, &zone.limits, &|_, _, _| Elsewhere::NotOurs, 100);
        faults.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let [ns, soa] = crate::hosted_zone::Delegation::default().default_record_sets(&zone.facts.name);
    let good = [ns.clone(), soa.clone(), set("www A 10.0.0.1"), set("d DNAME other.test."), alias("a A", "www")];
    assert_eq!(whole(&good), Vec::<String>::new());
    assert_eq!(
        whole(&[set("www A 10.0.0.1"), set("www A 10.0.0.2"), alias("a A", "gone")]),
        [
            "A HostedZone must contain exactly one SOA record.",
            "A HostedZone must contain at least one NS record for the zone itself.",
            "Tried to create an alias that targets gone.example.com., type A in zone ZONE, but that target was not found",
            "Tried to create resource record set [name='www.example.com.', type='A'] but it already exists",
        ]
    );
}

/// Ends judged by [`replace`]: the touched names, or the messages.
fn replaced(zone: &Zone, names: &[(Name, Vec<RecordSet>)]) -> Result<usize, Vec<String>> {
    match replace(&zone.facts, names, &zone.limits, &mut &*zone) {
        Ok(touched) => Ok(touched.len()),
        Err(ApplyError::Invalid(faults)) => Err(faults.0.iter().map(ToString::to_string).collect()),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn an_end_is_judged_without_the_way_to_it() {
    let zone = Zone::new().with(vec![create(set("t A 10.0.0.1")), create(set("c CNAME x."))]);
    let zone = zone.with(vec![create(alias("a A", "t"))]);
    // A batch would have to delete the target first, which its alias forbids.
    let group = vec![weighted("t A 10.0.0.1", "one", 1), weighted("t A 10.0.0.2", "two", 1)];
    assert_eq!(replaced(&zone, &[(owner("t"), group)]), Ok(1));
    // Both change their place in one step.
    let swapped =
        vec![(owner("t"), vec![set("t CNAME x.")]), (owner("c"), vec![set("c A 10.0.0.1")]), (owner("a"), vec![])];
    assert_eq!(replaced(&zone, &swapped), Ok(3));
    // What is as it was is not judged again, and is nothing to write.
    assert_eq!(replaced(&zone, &[(owner("t"), vec![set("t A 10.0.0.1")])]), Ok(0));
}

#[test]
fn an_end_that_breaks_the_rules_is_told_whole() {
    let zone = Zone::new().with(vec![create(set("t A 10.0.0.1"))]).with(vec![create(alias("a A", "t"))]);
    let checked =
        |text: &str, id: &str| RecordSet { health_check: Some(HealthCheckId::parse(id).unwrap()), ..set(text) };
    let names = vec![
        (owner("t"), vec![]),
        (owner("b"), vec![set("b CNAME x."), set("b A 10.0.0.300")]),
        (owner("n"), vec![alias("n A", "none")]),
        (owner("h"), vec![checked("h A 10.0.0.1", "gone"), checked("h AAAA ::1", "known")]),
        (owner("other.test."), vec![set("other.test. A 10.0.0.1")]),
        (owner("@"), vec![]),
    ];
    let faults = replaced(&zone, &names).unwrap_err();
    for word in [
        "is the target of the alias resource record set 'a.example.com.'",
        "conflicts with other records",
        "10.0.0.300",
        "none.example.com",
        "h.example.com., type A uses the health check gone, which does not exist",
        "other.test. is not permitted in zone",
        "exactly one SOA",
        "at least one NS",
    ] {
        assert!(faults.iter().any(|fault| fault.contains(word)), "{word}: {faults:#?}");
    }
    assert!(!faults.iter().any(|fault| fault.contains("known")), "{faults:#?}");
}
