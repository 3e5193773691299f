//! Every operation of AWS's model, as botocore sends it, and what it asks permission for.

use super::super::call::Call;
use super::super::read::Input;
use super::*;

const REQUESTS: &str = include_str!("../tests/requests.txt");

/// What the request of an operation in `requests.txt` asks for.
fn ask<I: Input + Asks>(operation: &str) -> Ask {
    let text = REQUESTS.split("== ").find(|text| text.lines().next() == Some(operation)).unwrap();
    let mut lines = text.splitn(3, '\n').skip(1);
    let (method, uri) = lines.next().unwrap().split_once(' ').unwrap();
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let body = lines.next().unwrap_or_default().trim_end();
    let call = Call::find(method, path.strip_prefix("/2013-04-01/").unwrap(), query, body.as_bytes()).unwrap();
    I::decode(&call).unwrap().ask(call.row.name, "000000000000")
}

#[test]
fn operations_ask_for_what_aws_lists() {
    let seen = [
        ask::<GetHostedZoneRequest>("GetHostedZone"),
        ask::<GetChangeRequest>("GetChange"),
        ask::<GetHealthCheckRequest>("GetHealthCheck"),
        ask::<ListCidrBlocksRequest>("ListCidrBlocks"),
        ask::<CreateTrafficPolicyInstanceRequest>("CreateTrafficPolicyInstance"),
        ask::<ListTagsForResourcesRequest>("ListTagsForResources"),
        ask::<AssociateVPCWithHostedZoneRequest>("AssociateVPCWithHostedZone"),
        ask::<CreateHostedZoneRequest>("CreateHostedZone"),
        ask::<ListHostedZonesRequest>("ListHostedZones"),
        ask::<ListGeoLocationsRequest>("ListGeoLocations"),
        ask::<ChangeResourceRecordSetsRequest>("ChangeResourceRecordSets"),
    ];
    let lines: Vec<String> = seen
        .iter()
        .map(|ask| {
            let keys: String = ask.keys.iter().map(|(key, values)| format!(" {key:?}={values:?}")).collect();
            format!("{} [{}]{keys}{}", ask.action, ask.resources.join(" "), if ask.open { " open" } else { "" })
        })
        .collect();
    assert_eq!(lines.join("\n"), EXPECTED);
}

const EXPECTED: &str = r#"route53:GetHostedZone [arn:aws:route53:::hostedzone/Z1PA6795UKMFR9]
route53:GetChange [arn:aws:route53:::change/C1PA6795UKMFR9]
route53:GetHealthCheck [arn:aws:route53:::healthcheck/abcdef11-2222-3333-4444-555555fedcba]
route53:ListCidrBlocks [arn:aws:route53::000000000000:cidrcollection/c0000000-0000-0000-0000-000000000000]
route53:CreateTrafficPolicyInstance [arn:aws:route53:::hostedzone/Z1PA6795UKMFR9 arn:aws:route53:::trafficpolicy/12345678-1234-1234-1234-123456789012]
route53:ListTagsForResources [arn:aws:route53:::healthcheck/resourceids]
route53:AssociateVPCWithHostedZone [arn:aws:route53:::hostedzone/Z1PA6795UKMFR9] Vpcs=["VPCId=vpcid,VPCRegion=us-east-1"]
route53:CreateHostedZone [] Vpcs=["VPCId=vpcid,VPCRegion=us-east-1"]
route53:ListHostedZones []
route53:ListGeoLocations [] open
route53:ChangeResourceRecordSets [arn:aws:route53:::hostedzone/Z1PA6795UKMFR9] RecordNames=["www.example.com"] RecordTypes=["SOA"] Actions=["CREATE"]"#;

#[test]
fn names_and_vpcs_have_one_spelling() {
    for text in ["*.Example.COM", "\\052.example.com.", "*.e\\170ample.com"] {
        assert_eq!(name(text), "\\052.example.com", "{text}");
    }
    assert_eq!(name("A$b.test"), "a\\044b.test");
    assert_eq!(name("\\101.test"), "a.test");
    assert_eq!(name("."), ".");
    assert_eq!(name("a b.Test"), "a b.test");
    let vpc = VPC { vpc_id: Some("VPC-1A".to_owned()), vpc_region: Some("eu-west-1".to_owned()) };
    assert_eq!(super::vpc(&vpc), "VPCId=vpc-1a,VPCRegion=eu-west-1");
    assert_eq!(arn("hostedzone", "/hostedzone/Z1"), "arn:aws:route53:::hostedzone/Z1");
}
