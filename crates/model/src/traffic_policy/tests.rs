//! Documents in and out: what is understood, what is refused and with which words, and any bytes at all.

use proptest::prelude::*;

use super::*;
use crate::limits::{TRAFFIC_POLICY_DEPTH_MAX, TRAFFIC_POLICY_DOCUMENT_CHARS_MAX};

/// A document of 2015 with two endpoints and these rules.
fn ruled(rules: &str) -> String {
    format!(
        r#"{{"AWSPolicyFormatVersion":"2015-10-01","RecordType":"A","StartRule":"r","Endpoints":{{
        "a":{{"Type":"value","Value":"192.0.2.1"}},"b":{{"Type":"value","Value":"192.0.2.2"}},
        "lb":{{"Type":"elastic-load-balancer","Value":"lb-1.us-west-2.elb.amazonaws.com"}}}},"Rules":{{{rules}}}}}"#
    )
}

fn faults(text: &str) -> Vec<String> {
    Document::parse(text).unwrap_err().0.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn refused(rules: &str, expected: &[&str]) {
    assert_eq!(faults(&ruled(rules)), expected, "{rules}");
}

fn branches(rules: &str) -> Branches {
    let document = Document::parse(&ruled(rules)).unwrap();
    let Target::Rule(start) = document.start() else { panic!("it starts with a rule") };
    document.rule(start).branches.clone()
}

fn to(endpoint: usize) -> Branch {
    Branch { target: Target::Endpoint(endpoint), evaluate_target_health: false, health_check: None }
}

#[test]
fn the_guides_failover_with_booleans_as_texts() {
    let rules = r#""r":{"RuleType":"failover","Primary":{"EndpointReference":"lb","EvaluateTargetHealth":"true",
        "HealthCheck":"12345678-abcd"},"Secondary":{"RuleReference":"s"}},
        "s":{"RuleType":"multivalue","Items":[{"EndpointReference":"a","HealthCheck":""},{"EndpointReference":"b","HealthCheck":"h-2"}]}"#;
    let document = Document::parse(&ruled(rules)).unwrap();
    assert_eq!(document.start(), Target::Rule(0));
    assert_eq!(document.reached(), [1, 0]);
    let Branches::Failover { primary, secondary } = &document.rule(0).branches else { panic!("failover") };
    assert!(primary.evaluate_target_health && primary.target == Target::Endpoint(2));
    assert!(!secondary.evaluate_target_health && secondary.target == Target::Rule(1));
    let checks: Vec<&str> = document.health_checks().map(HealthCheckId::as_str).collect();
    assert_eq!(checks, ["h-2", "12345678-abcd"]);
    assert_eq!(
        document.endpoint(2).kind,
        EndpointKind::Outside {
            service: Service::ElasticLoadBalancer,
            name: Name::parse("lb-1.us-west-2.elb.amazonaws.com").unwrap()
        }
    );
    assert_eq!((document.record_type(), document.text()), (RecordType::A, ruled(rules).as_str()));
}

#[test]
fn weights_locations_and_regions() {
    let weighted = r#""r":{"RuleType":"weighted","Items":[{"EndpointReference":"a","Weight":"1"},{"EndpointReference":"b","Weight":255}]}"#;
    assert_eq!(branches(weighted), Branches::Weighted(vec![(1, to(0)), (255, to(1))]));
    let geo = r#""r":{"RuleType":"geo","Locations":[{"EndpointReference":"a","Continent":"EU"},
        {"EndpointReference":"b","Country":"US","Subdivision":"CA"},{"EndpointReference":"b","Country":"US","IsDefault":false},
        {"EndpointReference":"a","Country":"*","IsDefault":"true"}]}"#;
    assert_eq!(
        branches(geo),
        Branches::Geolocation(vec![
            (Location::Continent(crate::place::Continent::Europe), to(0)),
            (Location::Subdivision(crate::place::Country::US, "CA".parse().unwrap()), to(1)),
            (Location::Country(crate::place::Country::US), to(1)),
            (Location::Default, to(0)),
        ])
    );
    let latency = r#""r":{"RuleType":"latency","Regions":[{"Region":"eu-west-1","EndpointReference":"a"}]}"#;
    assert_eq!(branches(latency), Branches::Latency(vec![(Region::parse("eu-west-1").unwrap(), to(0))]));
}

#[test]
fn geoproximity_in_both_shapes() {
    let old = r#""r":{"RuleType":"geoproximity","GeoproximityLocations":[
        {"EndpointReference":"a","Bias":"10","Region":"aws:route53:us-east-1"},
        {"EndpointReference":"b","Latitude":"-33.87","Longitude":151.2,"Bias":-99}]}"#;
    let new = r#""r":{"RuleType":"geoproximity","GeoproximityLocations":[
        {"EndpointReference":"a","Bias":10,"Location":{"Type":"Region","LocationName":"aws:route53:us-east-1"}},
        {"EndpointReference":"b","Bias":"-99","Location":{"Type":"Coordinate","Latitude":-33.87,"Longitude":"151.2"}}]}"#;
    let in_2023 = ruled(new).replace("2015-10-01", "2023-05-09");
    let document = Document::parse(&in_2023).unwrap();
    assert_eq!(document.rule(0).branches, branches(old));
    let zone = in_2023.replace(r#""Type":"Region""#, r#""Type":"LocalZone""#);
    assert!(Document::parse(&zone).is_ok());
    refused(
        new,
        &[
            "Rules.r.GeoproximityLocations[0].Location: has no meaning here, write one of: Region, Latitude, Longitude, Bias",
            "Rules.r.GeoproximityLocations[0]: needs exactly one of Region and Latitude with Longitude",
            "Rules.r.GeoproximityLocations[1].Location: has no meaning here, write one of: Region, Latitude, Longitude, Bias",
            "Rules.r.GeoproximityLocations[1]: needs exactly one of Region and Latitude with Longitude",
        ],
    );
}

#[test]
fn a_start_may_be_an_endpoint_and_what_is_not_used_is_kept() {
    let text = r#"{"AWSPolicyFormatVersion":"2023-05-09","RecordType":"MX","StartEndpoint":"x","Rules":null,
        "Endpoints":{"x":{"Type":"value","Value":"10 mail.example.com"},"unused":{"Type":"value","Value":"20 b.example"}}}"#;
    let document = Document::parse(text).unwrap();
    assert_eq!((document.start(), document.reached()), (Target::Endpoint(0), &[][..]));
    assert_eq!(document.endpoint(1).id, "unused");
}

#[test]
fn a_rule_may_be_reached_twice_but_not_by_itself() {
    let item = |id: &str| format!(r#"{{"RuleReference":"{id}","Weight":1}}"#);
    let rule = |id: &str, to: &[&str]| {
        let items: Vec<String> = to.iter().map(|id| item(id)).collect();
        format!(r#""{id}":{{"RuleType":"weighted","Items":[{}]}}"#, items.join(","))
    };
    let leaf = r#""leaf":{"RuleType":"weighted","Items":[{"EndpointReference":"a","Weight":0}]}"#;
    let shared = [rule("r", &["x", "y"]), rule("x", &["leaf"]), rule("y", &["leaf", "x"]), leaf.to_owned()].join(",");
    assert_eq!(Document::parse(&ruled(&shared)).unwrap().reached(), [3, 1, 2, 0]);
    let cycle = [rule("r", &["x"]), rule("x", &["y"]), rule("y", &["x"])].join(",");
    refused(&cycle, &["Rules.x: rules must not lead back to themselves: x -> y -> x"]);
    let aside = [rule("r", &["leaf"]), leaf.to_owned(), rule("x", &["x"])].join(",");
    refused(&aside, &["Rules.x: rules must not lead back to themselves: x -> x"]);

    let chain = |length: usize| {
        let mut rules: Vec<String> = (1..length).map(|i| rule(&format!("n{i}"), &[&format!("n{}", i + 1)])).collect();
        rules.push(rule(&format!("n{length}"), &["leaf"]));
        ruled(&format!("{},{}", rules.join(","), leaf)).replace(r#""StartRule":"r""#, r#""StartRule":"n1""#)
    };
    assert!(Document::parse(&chain(TRAFFIC_POLICY_DEPTH_MAX - 1)).is_ok());
    assert_eq!(faults(&chain(1200)), ["StartRule: at most 16 rules can follow one another, found: 1201"]);
}

#[test]
fn every_fault_is_told_with_its_place() {
    let text = r#"{"AWSPolicyFormatVersion":"1.0","RecordType":"NS","Start":"r","StartRule":"r","StartEndpoint":"a",
        "Endpoints":{"a":{"Type":"lb","Value":"x"},"b":{"Type":"s3-website","Value":"www.example.com"},"c":[]},
        "Rules":{"r":{"RuleType":"cidr"},"s":{}}}"#;
    assert_eq!(
        faults(text),
        [
            "Start: has no meaning here, write one of: AWSPolicyFormatVersion, RecordType, StartEndpoint, StartRule, Endpoints, Rules",
            "AWSPolicyFormatVersion: must be one of 2015-10-01, 2023-05-09: 1.0",
            "RecordType: a traffic policy cannot make records of this type: NS",
            "Endpoints.a.Type: must be one of value, cloudfront, application-load-balancer, elastic-load-balancer, network-load-balancer, elastic-beanstalk, s3-website: lb",
            "Endpoints.b.Region: is missing, write the region of the bucket",
            "Endpoints.c: write an object here, not a list",
            "Rules.r.RuleType: must be one of failover, geo, latency, geoproximity, multivalue, weighted: cidr",
            "Rules.s.RuleType: is missing, write its policy, such as \"failover\"",
            "needs exactly one of StartEndpoint and StartRule",
        ]
    );
}

#[test]
fn faults_of_endpoints_and_branches() {
    let endpoint = |record_type: &str, endpoint: &str| {
        let text = format!(
            r#"{{"AWSPolicyFormatVersion":"2015-10-01","RecordType":"{record_type}","StartEndpoint":"e","Endpoints":{{"e":{endpoint}}}}}"#
        );
        faults(&text).join("\n")
    };
    assert_eq!(
        endpoint("A", r#"{"Type":"value","Value":"999.1.1.1"}"#),
        "Endpoints.e.Value: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '999.1.1.1'"
    );
    assert_eq!(
        endpoint("A", r#"{"Type":"value","Value":"192.0.2.1","Region":"eu-west-1"}"#),
        "Endpoints.e.Region: has no meaning here, write one of: Type, Value"
    );
    assert_eq!(
        endpoint("TXT", r#"{"Type":"cloudfront","Value":"d1.cloudfront.net"}"#),
        "Endpoints.e.Type: an endpoint of this type needs the RecordType A, AAAA or HTTPS, not TXT"
    );
    assert_eq!(
        endpoint("A", r#"{"Type":"value"}"#),
        "Endpoints.e.Value: is missing, write what answers, such as an address"
    );

    let one = |rule: &str, expected: &str| refused(&format!(r#""r":{rule}"#), &[expected]);
    let items = |items: &str| format!(r#"{{"RuleType":"weighted","Items":[{items}]}}"#);
    one(&items(""), "Rules.r.Items: needs at least one branch");
    one(&items("7"), "Rules.r.Items[0]: write an object here, not a number");
    one(
        &items(r#"{"EndpointReference":"a"}"#),
        "Rules.r.Items[0].Weight: is missing, write a whole number from 0 to 255",
    );
    one(
        &items(r#"{"EndpointReference":"a","Weight":256}"#),
        "Rules.r.Items[0].Weight: must be a whole number from 0 to 255: 256",
    );
    one(
        &items(r#"{"EndpointReference":"a","Weight":"1.5"}"#),
        "Rules.r.Items[0].Weight: must be a whole number from 0 to 255: 1.5",
    );
    one(
        &items(r#"{"EndpointReference":"z","Weight":1}"#),
        "Rules.r.Items[0].EndpointReference: there is no such entry in Endpoints: z",
    );
    one(
        &items(r#"{"RuleReference":"z","Weight":1}"#),
        "Rules.r.Items[0].RuleReference: there is no such entry in Rules: z",
    );
    one(
        &items(r#"{"EndpointReference":"a","RuleReference":"r","Weight":1}"#),
        "Rules.r.Items[0]: needs exactly one of EndpointReference and RuleReference",
    );
    one(
        &items(r#"{"EndpointReference":"a","Weight":1,"EvaluateTargetHealth":"yes"}"#),
        "Rules.r.Items[0].EvaluateTargetHealth: must be one of true, false: yes",
    );
    one(
        &items(r#"{"EndpointReference":"a","Weight":1,"HealthCheck":"a b"}"#),
        "Rules.r.Items[0].HealthCheck: health check id holds a character that is not allowed: a b",
    );
    one(
        &items(r#"{"EndpointReference":"a","Weight":1,"Region":"x"}"#),
        "Rules.r.Items[0].Region: has no meaning here, write one of: Weight",
    );
    one(
        &items(&[r#"{"EndpointReference":"a","Weight":1}"#; 101].join(",")),
        "Rules.r.Items: a rule of this type can have at most 100 branches: 101",
    );
    one(
        r#"{"RuleType":"failover","Primary":{"EndpointReference":"a"}}"#,
        "Rules.r.Secondary: is missing, write what answers in this role",
    );
    one(
        r#"{"RuleType":"multivalue","Items":[{"EndpointReference":"lb"}]}"#,
        "Rules.r.Items[0].EndpointReference: a multivalue rule can only lead to endpoints of the type value: lb",
    );
    one(
        r#"{"RuleType":"multivalue","Items":[{"EndpointReference":"a","EvaluateTargetHealth":true}]}"#,
        "Rules.r.Items[0].EvaluateTargetHealth: has no meaning here, write one of: EndpointReference, HealthCheck",
    );
}

#[test]
fn faults_of_places() {
    let one = |rule: &str, expected: &str| refused(&format!(r#""r":{rule}"#), &[expected]);
    let geo = |place: &str| format!(r#"{{"RuleType":"geo","Locations":[{{"EndpointReference":"a",{place}}}]}}"#);
    let found = |place: &str| faults(&ruled(&format!(r#""r":{}"#, geo(place)))).join("\n");
    let unknown = "Rules.r.Locations[0]: no location is known with";
    assert_eq!(found(r#""Continent":"XX""#), format!("{unknown} ContinentCode XX"));
    assert_eq!(found(r#""Country":"UK""#), format!("{unknown} CountryCode UK"));
    assert_eq!(found(r#""Country":"US","Subdivision":"ZZ""#), format!("{unknown} CountryCode US, SubdivisionCode ZZ"));
    for place in [r#""Subdivision":"CA""#, r#""Continent":"EU","Country":"DE""#] {
        assert!(found(place).starts_with("Rules.r.Locations[0]: "), "{place}");
    }
    let unclear = "Rules.r.Locations[0]: name a Continent, a Country, a Country with its Subdivision, or IsDefault";
    for place in [r#""IsDefault":false"#, r#""Country":"DE","IsDefault":true"#] {
        one(&geo(place), unclear);
    }
    one(
        r#"{"RuleType":"geo","Locations":[{"EndpointReference":"a","Country":"*"},{"EndpointReference":"b","IsDefault":"true"}]}"#,
        "Rules.r.Locations[1]: stands for the same as Rules.r.Locations[0], each can be there once",
    );
    one(
        r#"{"RuleType":"latency","Regions":[{"EndpointReference":"a","Region":"x"},{"EndpointReference":"b","Region":"x"}]}"#,
        "Rules.r.Regions[1]: stands for the same as Rules.r.Regions[0], each can be there once",
    );
    let near = |place: &str| {
        format!(r#"{{"RuleType":"geoproximity","GeoproximityLocations":[{{"EndpointReference":"a",{place}}}]}}"#)
    };
    one(
        &near(r#""Region":"us-east-1""#),
        "Rules.r.GeoproximityLocations[0].Region: must begin with aws:route53:, write aws:route53:us-east-1",
    );
    one(
        &near(r#""Latitude":"1.234","Longitude":"0""#),
        "Rules.r.GeoproximityLocations[0].Latitude: degrees are a number with at most two decimals from -90 to 90: 1.234",
    );
    one(
        &near(r#""Latitude":1,"Longitude":2,"Bias":100"#),
        "Rules.r.GeoproximityLocations[0].Bias: must be a whole number from -99 to 99: 100",
    );
}

#[test]
fn what_is_no_document_at_all() {
    assert_eq!(faults("[]"), ["write an object here, not a list"]);
    assert_eq!(faults("{"), ["the document is not JSON: EOF while parsing an object at line 1 column 1"]);
    assert!(faults(r#"{"Rules":{"a":1,"a":2}}"#)[0].starts_with("the document is not JSON: a member occurs twice: a"));
    let long = " ".repeat(TRAFFIC_POLICY_DOCUMENT_CHARS_MAX + 1);
    assert_eq!(faults(&long), ["a document can have at most 102400 characters: 102401"]);
    let several = ruled(&(0..30).map(|i| format!(r#""r{i}":1"#)).collect::<Vec<_>>().join(","));
    let told = Document::parse(&several).unwrap_err().to_string();
    assert!(told.ends_with("; faults not told: 11"), "{told}");
}

/// Words of documents in any order, which find more than bytes would.
fn any_json() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "AWSPolicyFormatVersion",
        "2015-10-01",
        "2023-05-09",
        "RecordType",
        "A",
        "CNAME",
        "StartRule",
        "StartEndpoint",
        "Endpoints",
        "Rules",
        "RuleType",
        "weighted",
        "failover",
        "geo",
        "latency",
        "geoproximity",
        "multivalue",
        "Items",
        "Locations",
        "Regions",
        "GeoproximityLocations",
        "Primary",
        "Secondary",
        "EndpointReference",
        "RuleReference",
        "Weight",
        "Country",
        "*",
        "US",
        "Bias",
        "Location",
        "Type",
        "value",
        "Value",
        "192.0.2.1",
        "Region",
        "x",
        "",
        "HealthCheck",
        "EvaluateTargetHealth",
        "true",
        "Latitude",
        "1.5",
    ]);
    let text = word.clone().prop_map(|word| format!("\"{word}\""));
    let leaf = prop_oneof![4 => text, 1 => (-300i32..300).prop_map(|n| n.to_string()), 1 => Just("null".to_owned()), 1 => Just("true".to_owned())];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        let member = (word.clone(), inner.clone()).prop_map(|(name, value)| format!("\"{name}\":{value}"));
        prop_oneof![
            3 => prop::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(","))),
            1 => prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_judged(text in any_json()) {
        if let Err(faults) = Document::parse(&text) {
            prop_assert!(!faults.0.is_empty() && !faults.to_string().is_empty());
        }
    }

    #[test]
    fn any_text_is_judged(text in "\\PC*") {
        let _ = Document::parse(&text);
    }

    /// Every rule that a reached rule leads to comes before it.
    #[test]
    fn what_is_reached_can_be_made_in_order(links in prop::collection::vec(prop::collection::vec(0usize..12, 1..4), 1..12)) {
        let rules: Vec<String> = links.iter().enumerate().map(|(at, below)| {
            let items: Vec<String> = below.iter().map(|to| if *to < links.len() {
                format!(r#"{{"RuleReference":"{to}","Weight":1}}"#)
            } else {
                r#"{"EndpointReference":"a","Weight":1}"#.to_owned()
            }).collect();
            format!(r#""{at}":{{"RuleType":"weighted","Items":[{}]}}"#, items.join(","))
        }).collect();
        let text = ruled(&rules.join(",")).replace(r#""StartRule":"r""#, r#""StartRule":"0""#);
        if let Ok(document) = Document::parse(&text) {
            let reached = document.reached();
            prop_assert_eq!(reached.last(), Some(&0));
            for (place, rule) in reached.iter().enumerate() {
                for branch in document.rule(*rule).branches.all() {
                    if let Target::Rule(below) = branch.target {
                        prop_assert!(reached[..place].contains(&below));
                    }
                }
            }
        }
    }
}
