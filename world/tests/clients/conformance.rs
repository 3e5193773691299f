//! Every operation of Route 53 through boto3, with valid and invalid input; `conformance/conform.py` says what is asked.

use std::ffi::OsStr;

use world::place::{Folder, python};
use world::process::{Server, path};

use super::client::client_with;

/// Small, so that the test reaches them, and each kind of thing is tested below them first.
const LIMITS: [(&str, u32); 14] = [
    ("hosted_zones", 12),
    ("record_sets_per_zone", 60),
    ("vpcs_per_zone", 3),
    ("vpc_authorizations_per_zone", 3),
    ("delegation_sets", 3),
    ("zones_per_delegation_set", 3),
    ("key_signing_keys_per_zone", 2),
    ("health_checks", 9),
    ("traffic_policies", 4),
    ("versions_per_traffic_policy", 4),
    ("traffic_policy_instances", 4),
    ("cidr_collections", 3),
    ("blocks_per_cidr_collection", 20),
    ("cidr_change_blocks", 100),
];

#[test]
fn conformance() {
    let folder = Folder::new("conformance");
    let text = |between: &str, end: &str| -> String {
        LIMITS.iter().map(|(key, limit)| format!("{key}{between}{limit}{end}")).collect()
    };
    // One VPC more than a zone may have.
    let vpc = |n| format!("[[vpc]]\nid = \"vpc-{n}\"\nregion = \"eu-west-1\"\nnetworks = [\"10.{n}.0.0/16\"]\n");
    let vpcs: String = (1..=4).map(vpc).collect();
    let configuration = folder.write("cutover.toml", format!("[limits]\n{}{vpcs}", text(" = ", "\n")));
    let server = Server::start_with(&folder.path().join("data"), &["--config", path(&configuration)]);
    let told = text("=", " ");
    client_with(&server, &python(), &["conformance/conform.py"], &[("CUTOVER_LIMITS", OsStr::new(told.trim_end()))]);
    assert!(server.stop());
}
