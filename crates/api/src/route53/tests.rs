//! The wire code as a whole: every request that botocore 1.43.11 sends, with every member set (`requests.txt`), bent
//! requests and what is said about them, and documents as AWS prints them.

use super::call::Call;
use super::generated::decode::read_any;
use super::generated::shapes::{
    AliasTarget, ChangeInfo, ChangeStatus, ChangeTagsForResourceResponse, CreateHostedZoneResponse, DelegationSet,
    HostedZone, HostedZoneConfig, ListCidrBlocksResponse, ListResourceRecordSetsResponse, ResourceRecord,
    ResourceRecordSet,
};
use super::write::{Output, document};
use crate::time::Timestamp;

const REQUESTS: &str = include_str!("tests/requests.txt");
const NAMESPACE: &str = "xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"";

/// Name, method, path, query and body of each request.
fn requests() -> impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str, &'static str)> {
    REQUESTS.split("== ").skip(1).map(|text| {
        let (name, rest) = text.split_once('\n').unwrap();
        let (line, body) = rest.split_once('\n').unwrap();
        let (method, uri) = line.split_once(' ').unwrap();
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        (name, method, path.strip_prefix("/2013-04-01/").unwrap(), query, body.trim_end())
    })
}

fn read(method: &str, path: &str, query: &str, body: &str) -> Result<String, String> {
    let call = Call::find(method, path, query, body.as_bytes()).expect("an operation is there");
    read_any(&call).map_err(|error| error.to_string())
}

/// A batch with one change around `record_set`.
fn change(record_set: &str) -> Result<String, String> {
    let body = format!(
        "<ChangeResourceRecordSetsRequest {NAMESPACE}><ChangeBatch><Changes><Change><Action>CREATE</Action>\
         <ResourceRecordSet>{record_set}</ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
    );
    read("POST", "hostedzone/Z1/rrset", "", &body)
}

#[test]
fn every_request_that_botocore_sends_is_read_whole() {
    let mut count = 0;
    for (name, method, path, query, body) in requests() {
        let call = Call::find(method, path, query, body.as_bytes()).unwrap();
        assert_eq!(call.row.name, name);
        let read = read_any(&call).unwrap_or_else(|error| panic!("{name}: {error}"));
        // Every member was set, so none may have been overlooked.
        assert!(!read.contains("None"), "{name}: {read}");
        count += 1;
    }
    assert_eq!(count, 71);
}

#[test]
fn order_prefixes_entities_and_cdata_do_not_matter() {
    let expect = change(
        "<Name>a.test</Name><Type>TXT</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>\"a&amp;b\"</Value></ResourceRecord></ResourceRecords>",
    );
    let other = "<?xml version='1.0' encoding='UTF-8'?>\n<!-- by hand -->\n<r:ChangeResourceRecordSetsRequest xmlns:r=\"https://route53.amazonaws.com/doc/2013-04-01/\">\n\
        <r:ChangeBatch> <r:Changes><r:Change><r:ResourceRecordSet><r:ResourceRecords><r:ResourceRecord><r:Value>&#34;a<![CDATA[&]]>b&quot;</r:Value></r:ResourceRecord></r:ResourceRecords>\
        <r:TTL> 60 </r:TTL><r:Type>TXT</r:Type><r:Name>a.test</r:Name></r:ResourceRecordSet><r:Action>CREATE</r:Action></r:Change></r:Changes></r:ChangeBatch>\n</r:ChangeResourceRecordSetsRequest>\n";
    assert!(expect.is_ok());
    assert_eq!(read("POST", "hostedzone/Z1/rrset/", "", other), expect);
}

#[test]
fn a_missing_member_is_named() {
    let alias = "<Name>a.test</Name><Type>A</Type><AliasTarget><HostedZoneId>Z1</HostedZoneId><DNSName>b.test</DNSName></AliasTarget>";
    assert_eq!(
        change(alias).unwrap_err(),
        "Invalid XML ; cvc-complex-type.2.4.b: The content of element 'AliasTarget' is not complete. \
         One of '{\"https://route53.amazonaws.com/doc/2013-04-01/\":EvaluateTargetHealth}' is expected."
    );
    assert_eq!(
        read("GET", "testdnsanswer", "hostedzoneid=Z1&recordtype=A", "").unwrap_err(),
        "1 validation error detected: Value null at 'recordName' failed to satisfy constraint: Member must not be null"
    );
}

#[test]
fn values_outside_the_model_are_told_with_their_place() {
    assert_eq!(
        change("<Name>a.test</Name><Type>A</Type><SetIdentifier></SetIdentifier><Weight>256</Weight>").unwrap_err(),
        "2 validation errors detected: Value '' at 'changeBatch.changes.1.member.resourceRecordSet.setIdentifier' failed to satisfy constraint: \
         Member must have length greater than or equal to 1; Value '256' at 'changeBatch.changes.1.member.resourceRecordSet.weight' \
         failed to satisfy constraint: Member must have value less than or equal to 255"
    );
    assert!(change("<Name>a.test</Name><Type>ANY</Type>").unwrap_err().starts_with(
        "1 validation error detected: Value 'ANY' at 'changeBatch.changes.1.member.resourceRecordSet.type' failed to satisfy constraint: \
         Member must satisfy enum value set: [SOA, A, TXT,"
    ));
    assert!(read("GET", "hostedzone/Z12345678901234567890123456789012", "", "").unwrap_err().contains("'id' failed"));
    assert!(
        change("<Name>a.test</Name><Type>A</Type><TTL>soon</TTL>")
            .unwrap_err()
            .ends_with("'soon' is not a valid value for 'integer'.")
    );
}

#[test]
fn what_is_not_the_document_is_refused() {
    for (body, expect) in [
        ("", "Premature end of file."),
        ("{}", "Content is not allowed in prolog."),
        ("<CreateHostedZoneRequest>", "Premature end of file."),
        ("<CreateHostedZoneRequest></Create>", "Invalid XML ; "),
        ("<Other/>", "Cannot find the declaration of element 'Other'."),
        ("<!DOCTYPE a [<!ENTITY b \"c\">]><CreateHostedZoneRequest/>", "DOCTYPE is disallowed"),
        ("<CreateHostedZoneRequest><Name>&b;</Name></CreateHostedZoneRequest>", "\"b\" was referenced"),
        (
            "<CreateHostedZoneRequest><Name>a&#1;</Name></CreateHostedZoneRequest>",
            "invalid XML character (Unicode: 0x1)",
        ),
        ("<CreateHostedZoneRequest><Nam>a</Nam></CreateHostedZoneRequest>", "starting with element 'Nam'"),
        (
            "<CreateHostedZoneRequest><Name>a</Name><Name>b</Name></CreateHostedZoneRequest>",
            "starting with element 'Name'",
        ),
        ("<CreateHostedZoneRequest>a</CreateHostedZoneRequest>", "type is element-only"),
        (
            "<CreateHostedZoneRequest><Name>a</Name><CallerReference>b</CallerReference></CreateHostedZoneRequest><a/>",
            "following the root",
        ),
    ] {
        let error = read("POST", "hostedzone", "", body).unwrap_err();
        assert!(error.contains(expect), "{body} gave: {error}");
    }
    let deep = format!("<CreateHostedZoneRequest>{}", "<Name>".repeat(100_000));
    assert!(read("POST", "hostedzone", "", &deep).unwrap_err().contains("No child element is expected"));
}

/// botocore sends no body when it would be empty: a comment that is taken away.
#[test]
fn no_body_is_an_empty_one_where_nothing_is_required() {
    let body = "<UpdateHostedZoneCommentRequest/>";
    assert_eq!(read("POST", "hostedzone/Z1", "", ""), read("POST", "hostedzone/Z1", "", body));
    assert!(read("POST", "hostedzone/Z1", "", " ").is_err());
    let error = read("POST", "hostedzone/Z1/rrset", "", "").unwrap_err();
    assert_eq!(error, "Invalid XML ; Premature end of file.");
}

#[test]
fn broken_requests_never_panic() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for (_, method, path, query, body) in requests() {
        for _ in 0..200 {
            let mut bytes = body.as_bytes().to_vec();
            for _ in 0..3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let at = (state >> 33) as usize;
                if bytes.is_empty() || at.is_multiple_of(5) {
                    bytes.truncate(at % (bytes.len() + 1));
                } else {
                    let at = at % bytes.len();
                    bytes[at] = b"<>&;/\"=a0!\xff"[(state >> 20) as usize % 11];
                }
            }
            let call = Call::find(method, path, query, &bytes).unwrap();
            let _ = read_any(&call).map_err(|error| error.to_string());
        }
    }
}

fn check<O: Output>(response: &O, expect: &str) {
    let root = O::ROOT;
    assert_eq!(document(root, response), format!("<?xml version=\"1.0\"?>\n<{root} {NAMESPACE}{expect}"));
}

#[test]
fn documents_stand_on_one_line_in_the_models_order() {
    let created = CreateHostedZoneResponse {
        hosted_zone: HostedZone {
            id: "/hostedzone/Z1".to_owned(),
            name: "example.com.".to_owned(),
            caller_reference: "r1".to_owned(),
            config: Some(HostedZoneConfig { comment: None, private_zone: Some(false) }),
            resource_record_set_count: Some(2),
            linked_service: None,
            features: None,
        },
        change_info: ChangeInfo {
            id: "/change/C1".to_owned(),
            status: ChangeStatus::Pending,
            submitted_at: Timestamp { ms: 1_490_636_896_751 },
            comment: None,
        },
        delegation_set: Some(DelegationSet {
            id: None,
            caller_reference: None,
            name_servers: vec!["ns1.test".to_owned()],
        }),
        vpc: None,
        location: "/2013-04-01/hostedzone/Z1".to_owned(),
    };
    assert_eq!(created.location(), Some("/2013-04-01/hostedzone/Z1"));
    check(
        &created,
        "><HostedZone><Id>/hostedzone/Z1</Id><Name>example.com.</Name><CallerReference>r1</CallerReference>\
         <Config><PrivateZone>false</PrivateZone></Config><ResourceRecordSetCount>2</ResourceRecordSetCount></HostedZone>\
         <ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2017-03-27T17:48:16.751Z</SubmittedAt></ChangeInfo>\
         <DelegationSet><NameServers><NameServer>ns1.test</NameServer></NameServers></DelegationSet></CreateHostedZoneResponse>",
    );
}

#[test]
fn values_are_escaped_and_absent_members_left_out() {
    let bare = |name: &str, kind: &str| ResourceRecordSet {
        name: name.to_owned(),
        r#type: kind.to_owned(),
        set_identifier: None,
        weight: None,
        region: None,
        geo_location: None,
        failover: None,
        multi_value_answer: None,
        ttl: None,
        resource_records: None,
        alias_target: None,
        health_check_id: None,
        traffic_policy_instance_id: None,
        cidr_routing_config: None,
        geo_proximity_location: None,
    };
    let text = ResourceRecordSet {
        ttl: Some(60),
        resource_records: Some(vec![ResourceRecord { value: "\"a<b>&c\"".to_owned() }]),
        ..bare("\\052.test.", "TXT")
    };
    let alias = ResourceRecordSet {
        alias_target: Some(AliasTarget {
            hosted_zone_id: "Z1".to_owned(),
            dns_name: "b.test.".to_owned(),
            evaluate_target_health: true,
        }),
        ..bare("a.test.", "AAAA")
    };
    let listing = ListResourceRecordSetsResponse {
        resource_record_sets: vec![text, alias],
        is_truncated: false,
        next_record_name: None,
        next_record_type: None,
        next_record_identifier: None,
        max_items: "100".to_owned(),
    };
    check(
        &listing,
        "><ResourceRecordSets><ResourceRecordSet><Name>\\052.test.</Name><Type>TXT</Type><TTL>60</TTL><ResourceRecords>\
         <ResourceRecord><Value>&quot;a&lt;b&gt;&amp;c&quot;</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>\
         <ResourceRecordSet><Name>a.test.</Name><Type>AAAA</Type><AliasTarget><HostedZoneId>Z1</HostedZoneId><DNSName>b.test.</DNSName>\
         <EvaluateTargetHealth>true</EvaluateTargetHealth></AliasTarget></ResourceRecordSet></ResourceRecordSets>\
         <IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListResourceRecordSetsResponse>",
    );
}

#[test]
fn an_empty_list_is_an_empty_wrapper_and_an_empty_response_closes_itself() {
    check(
        &ListCidrBlocksResponse { next_token: None, cidr_blocks: Some(vec![]) },
        "><CidrBlocks></CidrBlocks></ListCidrBlocksResponse>",
    );
    check(&ChangeTagsForResourceResponse {}, "/>");
}
