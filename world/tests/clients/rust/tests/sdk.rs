//! AWS's SDK for Rust, unmodified: a zone, a batch with a policy, a waiter's question, pages, errors as variants.
//!
//! In a package of its own outside the default members, so that whoever builds the product does not compile the SDK.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use aws_sdk_route53::Client;
use aws_sdk_route53::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_route53::error::ProvideErrorMetadata;
use aws_sdk_route53::operation::get_hosted_zone::GetHostedZoneError;
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, ChangeStatus, HealthCheckConfig, HealthCheckType, ResourceRecord,
    ResourceRecordSet, RrType,
};
use world::exchange::{self, Transport};
use world::place::Folder;
use world::process::Server;
use world::query::Query;

/// The SDK as its users set it up, but for HTTP without TLS.
fn client(server: &Server) -> Client {
    let key = server.credentials();
    let config = aws_sdk_route53::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(format!("http://{}", server.api))
        .credentials_provider(Credentials::new(key.id, key.secret, None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

fn address(name: &str, set_identifier: &str, weight: i64, value: &str) -> ResourceRecordSet {
    ResourceRecordSet::builder()
        .name(name)
        .r#type(RrType::A)
        .set_identifier(set_identifier)
        .weight(weight)
        .ttl(5)
        .resource_records(ResourceRecord::builder().value(value).build().unwrap())
        .build()
        .unwrap()
}

fn batch(action: &ChangeAction, sets: &[ResourceRecordSet]) -> ChangeBatch {
    let change = |set: &ResourceRecordSet| {
        Change::builder().action(action.clone()).resource_record_set(set.clone()).build().unwrap()
    };
    ChangeBatch::builder().set_changes(Some(sets.iter().map(change).collect())).comment("ünïcode <&>").build().unwrap()
}

/// All record sets, page by page.
async fn listed(client: &Client, zone: &str) -> Vec<ResourceRecordSet> {
    let mut all = Vec::new();
    let mut request = client.list_resource_record_sets().hosted_zone_id(zone).max_items(1);
    loop {
        let page = request.send().await.unwrap();
        all.extend(page.resource_record_sets);
        if !page.is_truncated {
            return all;
        }
        request = client
            .list_resource_record_sets()
            .hosted_zone_id(zone)
            .max_items(1)
            .set_start_record_name(page.next_record_name)
            .set_start_record_type(page.next_record_type)
            .set_start_record_identifier(page.next_record_identifier);
    }
}

#[tokio::test]
async fn a_zone_lives_and_dies() {
    let folder = Folder::new("rust-sdk");
    let server = Server::start(&folder.path().join("data"));
    let client = client(&server);

    let made = client.create_hosted_zone().name("example.com").caller_reference("1").send().await.unwrap();
    let zone = made.hosted_zone.unwrap();
    // The SDK itself takes the prefix off ids that it sends.
    assert!(zone.id.starts_with("/hostedzone/Z"), "{}", zone.id);
    assert!(made.location.ends_with(&zone.id));
    let sets =
        [address("www.example.com", "blue", 255, "192.0.2.1"), address("www.example.com", "green", 0, "192.0.2.2")];
    let changed = client
        .change_resource_record_sets()
        .hosted_zone_id(&zone.id)
        .change_batch(batch(&ChangeAction::Create, &sets))
        .send()
        .await
        .unwrap();
    let info = changed.change_info.unwrap();
    assert_eq!(info.comment.as_deref(), Some("ünïcode <&>"));
    let told = loop {
        let now = client.get_change().id(&info.id).send().await.unwrap().change_info.unwrap();
        if now.status == ChangeStatus::Insync {
            break now;
        }
    };
    assert_eq!((told.id, told.submitted_at), (info.id, info.submitted_at));
    let reply = exchange::ask(server.dns, &Query::new("www.example.com", "A").unwrap(), Transport::Udp).unwrap();
    assert_eq!(reply.answer.len(), 1, "{reply:?}");

    let all = listed(&client, &zone.id).await;
    let own = |set: &&ResourceRecordSet| set.r#type == RrType::A;
    let weights: Vec<_> = all.iter().filter(own).map(|set| (set.set_identifier(), set.weight)).collect();
    assert_eq!(weights, [(Some("blue"), Some(255)), (Some("green"), Some(0))]);

    let again = client
        .change_resource_record_sets()
        .hosted_zone_id(&zone.id)
        .change_batch(batch(&ChangeAction::Create, &sets[..1]))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(again.is_invalid_change_batch(), "{again:?}");
    assert!(again.message().unwrap_or_default().contains("but it already exists"), "{again:?}");

    let gone = batch(&ChangeAction::Delete, &sets);
    client.change_resource_record_sets().hosted_zone_id(&zone.id).change_batch(gone).send().await.unwrap();
    client.delete_hosted_zone().id(&zone.id).send().await.unwrap();
    let missing = client.get_hosted_zone().id(&zone.id).send().await.unwrap_err().into_service_error();
    assert!(matches!(missing, GetHostedZoneError::NoSuchHostedZone(_)), "{missing:?}");
    assert!(server.stop());
}

#[tokio::test]
async fn a_health_check_lives_and_dies() {
    let folder = Folder::new("rust-sdk-health");
    let server = Server::start(&folder.path().join("data"));
    let client = client(&server);
    let config = HealthCheckConfig::builder()
        .r#type(HealthCheckType::Tcp)
        .ip_address("127.0.0.1")
        .port(9)
        .request_interval(10)
        .failure_threshold(3)
        .build()
        .unwrap();
    let made = client.create_health_check().caller_reference("1").health_check_config(config).send().await.unwrap();
    let check = made.health_check.unwrap();
    assert_eq!(check.health_check_config.as_ref().unwrap().port, Some(9));
    let updated = client.update_health_check().health_check_id(&check.id).failure_threshold(5).send().await.unwrap();
    assert_eq!(updated.health_check.unwrap().health_check_version, 2);
    let stale = client.update_health_check().health_check_id(&check.id).health_check_version(1).send().await;
    assert!(stale.unwrap_err().into_service_error().is_health_check_version_mismatch());
    let pages: Vec<_> = client.list_health_checks().into_paginator().items().send().try_collect().await.unwrap();
    assert_eq!(pages.len(), 1);
    client.delete_health_check().health_check_id(&check.id).send().await.unwrap();
    assert!(
        client
            .get_health_check()
            .health_check_id(&check.id)
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_no_such_health_check()
    );
    assert!(server.stop());
}
