//! `/v1/zones/ZONE/stickiness`: which names answer the same client with the same weighted record set again. Route 53 has
//! no such setting, so its API neither shows it nor changes it.

use control::stickiness::{self, DeleteError, ListError, PutError};
use http::StatusCode;
use model::{Name, Stickiness};
use serde::Deserialize;
use serde_json::{Value, json};

use super::V1;
use super::call::Call;
use super::problem::{self, Problem};
use super::zone_history::{known, within};
use crate::message::Response;

/// What is not given is the default.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lengths {
    ipv4_prefix: Option<i64>,
    ipv6_prefix: Option<i64>,
}

/// `GET /v1/zones/ZONE/stickiness`: the sticky names of a zone, in Route 53's order.
pub(super) fn list(api: &V1, zone: &str) -> Result<Response, Problem> {
    let zone = known(&api.store, zone)?;
    let names = stickiness::list(&api.store, &zone.id).map_err(|error| match error {
        ListError::NoSuchHostedZone(missing) => Problem::not_found(missing),
        ListError::Storage(error) => Problem::storage(&error),
    })?;
    let names: Vec<Value> = names.iter().map(|(name, set)| view(name, *set)).collect();
    let told = json!({ "id": zone.id.as_str(), "name": zone.name.to_string(), "stickiness": names });
    Ok(problem::json(StatusCode::OK, &told))
}

/// `PUT /v1/zones/ZONE/stickiness/NAME`: makes a name sticky, or says anew by how much of an address.
pub(super) async fn put(api: &V1, call: &Call<'_>, zone: &str, name: &str) -> Result<Response, Problem> {
    let Lengths { ipv4_prefix, ipv6_prefix } =
        if call.request.body.is_empty() { Lengths::default() } else { call.json()? };
    let default = Stickiness::DEFAULT;
    let (ipv4, ipv6) = (default.ipv4_prefix().into(), default.ipv6_prefix().into());
    let set = Stickiness::new(ipv4_prefix.unwrap_or(ipv4), ipv6_prefix.unwrap_or(ipv6))
        .map_err(|fault| Problem::invalid(fault).field(fault.field()))?;
    let zone = known(&api.store, zone)?;
    let name = within(&zone, name)?;
    let revision = stickiness::put(&api.store, call.meta(), &zone.id, &name, set).await;
    let revision = revision.map_err(|error| match error {
        PutError::NoSuchHostedZone(missing) => Problem::not_found(missing),
        PutError::OutsideZone { .. } => Problem::invalid(error).field("name"),
        PutError::TooMany => Problem::conflict(error),
        PutError::Storage(error) => Problem::storage(&error),
    })?;
    let mut told = view(&name, set);
    told["id"] = zone.id.as_str().into();
    told["revision"] = revision.0.into();
    Ok(problem::json(StatusCode::OK, &told))
}

/// `DELETE /v1/zones/ZONE/stickiness/NAME`: each query is drawn again.
pub(super) async fn delete(api: &V1, call: &Call<'_>, zone: &str, name: &str) -> Result<Response, Problem> {
    let zone = known(&api.store, zone)?;
    let name = within(&zone, name)?;
    let revision = stickiness::delete(&api.store, call.meta(), &zone.id, &name).await;
    let revision = revision.map_err(|error| match error {
        DeleteError::NoSuchHostedZone(missing) => Problem::not_found(missing),
        DeleteError::NotSticky(_) => Problem::not_found(error),
        DeleteError::Storage(error) => Problem::storage(&error),
    })?;
    let told = json!({ "id": zone.id.as_str(), "deleted": name.to_string(), "revision": revision.0 });
    Ok(problem::json(StatusCode::OK, &told))
}

fn view(name: &Name, set: Stickiness) -> Value {
    let mut told = lengths(set);
    told["name"] = name.to_string().into();
    told
}

/// What is set.
pub(super) fn lengths(set: Stickiness) -> Value {
    json!({ "ipv4_prefix": set.ipv4_prefix(), "ipv6_prefix": set.ipv6_prefix() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::zone_history::tests::ask;
    use crate::route53::testing::route53;

    const FILE: &str = "@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\nwww 60 A 192.0.2.1\n";

    #[tokio::test]
    async fn names_are_made_sticky_and_the_past_tells_of_it() {
        let to = route53();
        let api = V1::offline(to.store.clone(), to.random);
        ask(&api, "PUT", "/v1/zones/ex.test", FILE).await;
        let path = "/v1/zones/ex.test/stickiness";
        let (_, made) = ask(&api, "PUT", &format!("{path}/www"), "").await;
        let first = made["revision"].as_u64().unwrap();
        assert_eq!(made["name"], "www.ex.test.");
        let (_, changed) = ask(&api, "PUT", &format!("{path}/www.ex.test"), r#"{"ipv4_prefix": 20}"#).await;
        assert_eq!((changed["ipv4_prefix"].as_u64(), changed["ipv6_prefix"].as_u64()), (Some(20), Some(56)));
        let (_, listed) = ask(&api, "GET", path, "").await;
        let www = json!({"name": "www.ex.test.", "ipv4_prefix": 20, "ipv6_prefix": 56});
        assert_eq!((&listed["name"], &listed["stickiness"]), (&json!("ex.test."), &json!([www])));

        let change = json!([{"name": "www.ex.test.", "before": {"ipv4_prefix": 24, "ipv6_prefix": 56},
            "after": {"ipv4_prefix": 20, "ipv6_prefix": 56}}]);
        let (_, diff) = ask(&api, "GET", &format!("/v1/zones/ex.test/diff?from={first}"), "").await;
        assert_eq!((&diff["changes"], &diff["stickiness"]), (&json!([]), &change));
        let (_, back) = ask(&api, "POST", "/v1/zones/ex.test/rollback", r#"{"undo": "now", "dry_run": true}"#).await;
        assert_eq!(back["stickiness"][0]["after"]["ipv4_prefix"], 24);
        let (_, back) = ask(&api, "POST", "/v1/zones/ex.test/rollback", r#"{"undo": "now"}"#).await;
        assert_eq!((&back["put"], &back["stickiness"][0]["after"]["ipv4_prefix"]), (&json!(0), &json!(24)));
        assert!(back["change"].is_string());

        let (status, gone) = ask(&api, "DELETE", &format!("{path}/www"), "").await;
        assert_eq!((status, &gone["deleted"]), (200, &json!("www.ex.test.")));
        let (_, past) = ask(&api, "GET", "/v1/zones/ex.test/history?name=www", "").await;
        assert_eq!(past["revisions"].as_array().unwrap().len(), 5);
        assert_eq!(
            (&past["revisions"][0]["change"], &past["revisions"][0]["by"]),
            (&json!("settings"), &json!("operator"))
        );
    }

    #[tokio::test]
    async fn a_zone_file_carries_it() {
        let to = route53();
        let api = V1::offline(to.store.clone(), to.random);
        ask(&api, "PUT", "/v1/zones/ex.test", FILE).await;
        let first = api.store.revision().0;
        ask(&api, "PUT", "/v1/zones/ex.test/stickiness/www", "").await;
        let (_, text) = ask(&api, "GET", "/v1/zones/ex.test", "").await;
        let text = text.as_str().unwrap();
        assert!(text.ends_with("; cutover-sticky: www.ex.test. ipv4-prefix=24 ipv6-prefix=56\n"), "{text}");
        let (_, before) = ask(&api, "GET", &format!("/v1/zones/ex.test?at={first}"), "").await;
        assert!(!before.as_str().unwrap().contains("sticky"));
        let (_, then) = ask(&api, "GET", "/v1/zones/ex.test?at=now", "").await;
        assert_eq!(then, text);
        // The file as it first was: nothing sticky, which is what a plan tells and an import does.
        let told = json!([{"name": "www.ex.test.", "before": {"ipv4_prefix": 24, "ipv6_prefix": 56}, "after": null}]);
        let (_, plan) = ask(&api, "POST", "/v1/zones/ex.test/plan", FILE).await;
        assert_eq!((&plan["stickiness"], &plan["changes"]), (&told, &json!([])));
        let (_, imported) = ask(&api, "PUT", "/v1/zones/ex.test", FILE).await;
        assert_eq!((&imported["stickiness"], &imported["put"], &imported["deleted"]), (&told, &json!(0), &json!(0)));
        let (_, listed) = ask(&api, "GET", "/v1/zones/ex.test/stickiness", "").await;
        assert_eq!(listed["stickiness"], json!([]));
        let (_, imported) = ask(&api, "PUT", "/v1/zones/ex.test", text).await;
        assert_eq!(imported["stickiness"][0]["after"], told[0]["before"]);
        let (_, again) = ask(&api, "PUT", "/v1/zones/ex.test", text).await;
        assert_eq!(again["stickiness"], json!([]));
        let (_, listed) = ask(&api, "GET", "/v1/zones/ex.test/stickiness", "").await;
        assert_eq!(listed["stickiness"][0]["name"], "www.ex.test.");
    }

    #[tokio::test]
    async fn what_is_wrong_is_told() {
        let to = route53();
        let api = V1::offline(to.store.clone(), to.random);
        ask(&api, "PUT", "/v1/zones/ex.test", FILE).await;
        let before = api.store.revision();
        for (method, path, body, status, detail) in [
            ("PUT", "ex.test/stickiness/www", r#"{"ipv4_prefix": 33}"#, 422, "ipv4_prefix must be from 8 to 32: 33"),
            ("PUT", "ex.test/stickiness/www", r#"{"ipv6_prefix": 8}"#, 422, "ipv6_prefix must be from 16 to 128: 8"),
            ("PUT", "ex.test/stickiness/www", r#"{"prefix": 8}"#, 422, "unknown field `prefix`"),
            ("PUT", "ex.test/stickiness/www", "[", 422, "the body is not what this path takes"),
            ("PUT", "ex.test/stickiness/x.other.", "", 422, "the name is not in the hosted zone ex.test.: x.other."),
            ("PUT", "ex.test/stickiness/a..b", "", 422, "DomainLabelEmpty"),
            ("PUT", "none.test/stickiness/www", "", 404, "none.test."),
            ("GET", "none.test/stickiness", "", 404, "none.test."),
            ("DELETE", "ex.test/stickiness/www", "", 404, "the name is not sticky: www.ex.test."),
            ("POST", "ex.test/stickiness/www", "", 404, "no such operation"),
        ] {
            let (given, problem) = ask(&api, method, &format!("/v1/zones/{path}"), body).await;
            let told = problem["detail"].as_str().unwrap_or_default();
            assert!(given == status && told.contains(detail), "{method} {path}: {given} {problem}");
        }
        assert_eq!(api.store.revision(), before);
    }
}
