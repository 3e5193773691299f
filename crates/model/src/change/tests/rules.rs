//! Rules of one line each: what may stand where, and what may stand beside what.

use super::placed::latency;
use super::*;

#[test]
fn the_apex_takes_everything_but_a_cname() {
    let zone = Zone::new();
    let apex = "RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.";
    zone.refuses(vec![upsert(set("@ CNAME a.test"))], &[apex]);
    zone.refuses(vec![create(weighted("@ CNAME a.test", "one", 1))], &[apex]);
    zone.refuses(vec![create(set("c CNAME a.test")), create(alias("@ CNAME", "c"))], &[apex]);
    for text in ["@ A 10.0.0.1", "@ TXT \"a\"", "@ MX 0 .", "@ CAA 0 issue \";\"", "@ HTTPS 1 ."] {
        assert!(zone.apply(vec![create(set(text))]).is_ok(), "{text}");
    }
    let [ns, soa] = crate::hosted_zone::Delegation::default().default_record_sets(&zone.facts.name);
    zone.refuses(
        vec![delete(soa), delete(ns.clone())],
        &[
            "A HostedZone must contain exactly one SOA record.",
            "A HostedZone must contain at least one NS record for the zone itself.",
        ],
    );
    assert!(zone.apply(vec![delete(ns), create(set("@ NS ns1.other.test,ns2.other.test"))]).is_ok());
    zone.refuses(
        vec![upsert(set("@ SOA a. b. 1 1 1 1 1,a. b. 2 1 1 1 1"))],
        &["A HostedZone must contain exactly one SOA record."],
    );
    zone.with(vec![create(set("sub NS ns.other.test"))]).with(vec![delete(set("sub NS ns.other.test"))]);
}

#[test]
fn a_cname_stands_alone_whatever_its_policy_or_body() {
    let zone = Zone::new().with(vec![
        create(weighted("c CNAME a.test", "one", 1)),
        create(weighted("c CNAME b.test", "two", 1)),
        create(alias("d CNAME", "c")),
        create(set("a A 10.0.0.1")),
    ]);
    for (owner, new) in [("c", set("c A 10.0.0.1")), ("d", set("d A 10.0.0.1")), ("c", alias("c A", "a"))] {
        let message = format!(
            "RRSet of type A with DNS name {owner}.example.com. is not permitted because a conflicting RRSet of type  \
             CNAME with the same DNS name already exists in zone example.com."
        );
        zone.refuses(vec![create(new)], &[&message]);
    }
    let message = "RRSet of type CNAME with DNS name a.example.com. is not permitted as it conflicts with other records \
                   with the same DNS name in zone example.com.";
    zone.refuses(vec![create(alias("a CNAME", "c"))], &[message]);
    zone.refuses(vec![create(latency("a CNAME a.test", "one", "eu-west-1"))], &[message]);
}

#[test]
fn each_type_has_the_policies_and_bodies_that_aws_gives_it() {
    let zone = Zone::new();
    for record_type in RecordType::ROUTE53 {
        let value = match record_type {
            RecordType::A => "10.0.0.1",
            RecordType::AAAA => "::1",
            RecordType::CAA => "0 issue \";\"",
            RecordType::DS => "1 1 1 00",
            RecordType::HTTPS | RecordType::SVCB => "1 .",
            RecordType::MX => "0 .",
            RecordType::NAPTR => "0 0 \"\" \"\" \"\" .",
            RecordType::SOA => "a. b. 1 1 1 1 1",
            RecordType::SPF | RecordType::TXT => "\"a\"",
            RecordType::SRV => "0 0 0 .",
            RecordType::SSHFP => "1 1 00",
            RecordType::TLSA => "3 1 1 00",
            _ => "a.test",
        };
        let text = format!("x {record_type} {value}");
        let simple_only = matches!(record_type, RecordType::NS | RecordType::SOA | RecordType::DS);
        assert_eq!(zone.apply(vec![create(set(&text))]).is_ok(), record_type != RecordType::SOA, "{text}");
        assert_eq!(zone.apply(vec![create(weighted(&text, "one", 1))]).is_ok(), !simple_only, "{text}");
        assert_eq!(zone.apply(vec![create(latency(&text, "one", "eu-west-1"))]).is_ok(), !simple_only, "{text}");
        let primary = failover(&text, "one", FailoverRole::Primary);
        assert_eq!(zone.apply(vec![create(primary)]).is_ok(), !simple_only, "{text}");
        let many = !simple_only && record_type != RecordType::CNAME;
        assert_eq!(zone.apply(vec![create(multivalue(&text, "one"))]).is_ok(), many, "{text}");
        let target = [create(set(&text)), create(alias(&format!("y {record_type}"), "x"))].to_vec();
        let aliased = !matches!(record_type, RecordType::NS | RecordType::SOA);
        assert_eq!(zone.apply(target).is_ok(), aliased, "{text}");
    }
}

#[test]
fn a_set_identifier_tells_apart_within_one_name_and_type_only() {
    let zone = Zone::new().with(vec![create(weighted("w A 10.0.0.1", "one", 1))]);
    let same = || weighted("w A 10.0.0.2", "one", 2);
    let exists = "Tried to create resource record set [name='w.example.com.', type='A', set-identifier='one'] but it \
                  already exists";
    zone.refuses(vec![create(same())], &[exists]);
    for other in
        [weighted("w AAAA ::1", "one", 1), weighted("v A 10.0.0.1", "one", 1), weighted("w A 10.0.0.1", "One", 1)]
    {
        assert!(zone.apply(vec![create(other)]).is_ok());
    }
    // UPSERT finds by name, type and identifier, and may give the only record set of a group another policy.
    assert!(zone.apply(vec![upsert(latency("w A 10.0.0.1", "one", "eu-west-1"))]).is_ok());
    let zone = zone.with(vec![create(weighted("w A 10.0.0.2", "two", 1))]);
    zone.refuses(
        vec![upsert(latency("w A 10.0.0.1", "one", "eu-west-1"))],
        &["RRSet with DNS name w.example.com., type A, SetIdentifier one, and Region Name=eu-west-1 cannot be created \
           because a non-latency RRSet with the same name and type already exists."],
    );
    zone.refuses(
        vec![delete(set("w A 10.0.0.1"))],
        &["Tried to delete resource record set [name='w.example.com.', type='A'] but it was not found"],
    );
}

#[test]
fn a_name_that_only_a_wildcard_covers_is_no_alias_target() {
    let zone = Zone::new().with(vec![create(set("* A 10.0.0.1"))]);
    zone.refuses(
        vec![create(alias("a A", "covered"))],
        &["Tried to create an alias that targets covered.example.com., type A in zone ZONE, but that target was not found"],
    );
    assert!(zone.apply(vec![create(alias("a A", "*")), create(weighted("*.b A 10.0.0.1", "one", 1))]).is_ok());
    let message = "RRSet of type A with DNS name a.example.com. cannot be an alias";
    let many = RecordSet { body: alias("a A", "*").body, ..multivalue("a A 10.0.0.1", "one") };
    zone.refuses(vec![create(many)], &[message]);
}

#[test]
fn a_batch_counts_aliases_once_and_upserts_twice() {
    let zone = Zone::new().with(vec![create(set("t A 10.0.0.1"))]);
    let aliases = |count: usize| (0..count).map(|i| alias(&format!("n{i} A"), "t"));
    let many = &["Number of records limit of 1000 exceeded."];
    assert!(zone.apply(aliases(1000).map(create).collect()).is_ok());
    zone.refuses(aliases(1001).map(create).collect(), many);
    assert!(zone.apply(aliases(500).map(upsert).collect()).is_ok());
    zone.refuses(aliases(501).map(upsert).collect(), many);
    // 250 characters and two quotation marks each: 63 of them twice are 31 752, 64 are 32 256.
    let long = |n| upsert(set(&format!("n{n} TXT \"{}\"", "a".repeat(250))));
    assert!(zone.apply((0..63).map(long).collect()).is_ok());
    zone.refuses((0..64).map(long).collect(), &["Number of characters limit of 32000 exceeded."]);
    let values: Vec<String> = (0..400).map(|i| format!("10.0.{}.{}", i / 256, i % 256)).collect();
    assert!(zone.apply(vec![create(set(&format!("many A {}", values.join(","))))]).is_ok());
}
