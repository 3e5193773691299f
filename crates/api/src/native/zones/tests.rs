//! Whole zones where some are private and several have one name.

use control::hosted_zones::{self, NewHostedZone};
use model::hosted_zone::{Delegation, Vpc};
use model::id::{Region, VpcId};
use model::limits::Limits;

use super::*;
use crate::native::zone_history::tests::ask;
use crate::route53::testing::{meta, route53};

async fn zone(api: &V1, number: usize, vpc: Option<&str>) -> HostedZone {
    let vpc = vpc.map(|id| Vpc { region: Region::parse("eu-west-1").unwrap(), id: VpcId::parse(id).unwrap() });
    let visibility = vpc.map_or(Visibility::PUBLIC, |vpc| Visibility::Private { vpcs: vec![vpc] });
    let (name, caller_reference) = (Name::parse("ex.test").unwrap(), number.to_string());
    let new = NewHostedZone { name, caller_reference, comment: None, visibility };
    let (delegation, limits) = (Delegation::default(), Limits::default());
    hosted_zones::create(&api.store, meta(), api.random, new, &delegation, &limits).await.unwrap().0
}

#[tokio::test]
async fn a_private_zone_is_listed_as_one_and_stays_one_under_an_import() {
    let to = route53();
    let api = V1::offline(to.store.clone(), to.random);
    let (public, private) = (zone(&api, 1, None).await, zone(&api, 2, Some("vpc-1")).await);
    let (_, page) = ask(&api, "GET", "/v1/zones", "").await;
    let by_id = |id: &str| page["zones"].as_array().unwrap().iter().find(|zone| zone["id"] == id).unwrap();
    let vpcs = json!([{"region": "eu-west-1", "id": "vpc-1"}]);
    let told =
        |zone: &HostedZone| (by_id(zone.id.as_str())["private"].clone(), by_id(zone.id.as_str())["vpcs"].clone());
    assert_eq!((told(&public), told(&private)), ((json!(false), json!([])), (json!(true), vpcs)));

    let file = "@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\nwww 60 A 192.0.2.1\n";
    for (method, body) in [("PUT", file), ("GET", "")] {
        let (status, refused) = ask(&api, method, "/v1/zones/ex.test", body).await;
        assert_eq!(status, 409, "{refused}");
    }
    let path = format!("/v1/zones/{}", private.id);
    assert_eq!(ask(&api, "PUT", &path, file).await.0, 200);
    let now = hosted_zones::find(&api.store, &private.id).unwrap().unwrap();
    assert_eq!((now.record_set_count, now.visibility), (3, private.visibility));
    let (_, exported) = ask(&api, "GET", &path, "").await;
    assert!(exported.as_str().unwrap().contains("192.0.2.1"), "{exported}");
    assert_eq!(hosted_zones::find(&api.store, &public.id).unwrap().unwrap(), public);
}

#[tokio::test]
async fn zones_of_one_name_fill_more_than_a_page() {
    let to = route53();
    let api = V1::offline(to.store.clone(), to.random);
    for number in 0..101 {
        zone(&api, number, None).await;
    }
    let (_, first) = ask(&api, "GET", "/v1/zones", "").await;
    let (_, rest) = ask(&api, "GET", &format!("/v1/zones?from={}", first["next"].as_str().unwrap()), "").await;
    assert_eq!((rest["zones"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
}
