//! `/v1/zones/ORIGIN/history` and `/rollback`: the past of a zone, and the way back to it.

use control::history::{self, HistoryError, RollbackError, ZoneRevision};
use http::StatusCode;
use model::Name;
use model::id::HostedZoneId;
use serde::Deserialize;
use serde_json::json;

use super::V1;
use super::call::Call;
use super::problem::{self, Problem};
use super::zones::{import_problem, imported};
use crate::message::Response;

/// Revisions told if nobody says how many, and the most.
const REVISIONS: (usize, usize) = (20, 1000);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rollback {
    revision: u64,
}

/// `GET /v1/zones/ORIGIN/history?limit=N`: the last revisions that changed the zone, the newest first.
pub(super) async fn list(api: &V1, call: &Call<'_>, origin: &str) -> Result<Response, Problem> {
    let (default, most) = REVISIONS;
    let limit = match call.query("limit") {
        None => default,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=most).contains(limit))
            .ok_or_else(|| Problem::invalid(format!("limit must be from 1 to {most}: {text}")).field("limit"))?,
    };
    let zone = named(api, origin)?;
    let (store, id) = (api.store.clone(), zone.clone());
    // The whole log is read; other requests are not to wait for it.
    let revisions = tokio::task::spawn_blocking(move || history::list(&store, &id, limit))
        .await
        .map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", error))?
        .map_err(|error| Problem::storage(&error))?;
    let revisions: Vec<_> = revisions
        .iter()
        .map(|ZoneRevision { revision, at_ms, author, put, deleted }| {
            json!({ "revision": revision, "at_ms": at_ms, "by": author, "put": put, "deleted": deleted })
        })
        .collect();
    Ok(problem::json(StatusCode::OK, &json!({ "id": zone.as_str(), "revisions": revisions })))
}

/// `POST /v1/zones/ORIGIN/rollback`: makes the zone again what it was at a revision, as a new revision.
pub(super) async fn rollback(api: &V1, call: &Call<'_>, origin: &str) -> Result<Response, Problem> {
    let Rollback { revision } = call.json()?;
    let zone = named(api, origin)?;
    let done = history::rollback(&api.store, call.meta(), api.random, &zone, revision, &call.limits(&api.limits)).await;
    let done = done.map_err(|error| match error {
        RollbackError::History(HistoryError::Storage(error)) => Problem::storage(&error),
        RollbackError::History(missing @ HistoryError::NotThen { .. }) => {
            Problem::invalid(missing).field("revision").hint("`cutover zone history` lists the revisions")
        }
        RollbackError::Import(error) => import_problem(error),
    })?;
    Ok(problem::json(StatusCode::OK, &imported(&done)))
}

/// The one zone of this name.
fn named(api: &V1, origin: &str) -> Result<HostedZoneId, Problem> {
    let origin = Name::parse(origin).map_err(Problem::invalid)?;
    super::zones::named(&api.store, &origin).map(|zone| zone.id)
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use serde_json::Value;

    use crate::message::{Request, Sender};
    use crate::route::Native as _;
    use crate::route53::testing::route53;

    use super::*;

    async fn ask(api: &V1, method: &str, path: &str, body: &str) -> (u16, Value) {
        let parts = http::Request::builder().method(method).uri(path).body(()).unwrap().into_parts().0;
        let (body, id) = (body.to_owned().into(), "1".to_owned());
        let response = api.respond(&Request { parts, body, sender: Sender::Operator, at_ms: 7, id }).await;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    #[tokio::test]
    async fn a_zone_tells_its_past_and_goes_back_to_it() {
        let to = route53();
        let api = V1 {
            store: to.store.clone(),
            random: to.random,
            delegation: to.delegation.clone(),
            limits: to.limits.clone(),
            views: to.views.clone(),
            served: to.served.clone(),
            running: control::run_deployments::Report::default(),
        };
        let file = |last: &str| format!("@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\n{last}\n");
        for last in ["www 60 A 192.0.2.1", "www 60 A 192.0.2.2"] {
            assert!(ask(&api, "PUT", "/v1/zones/ex.test", &file(last)).await.0 < 300);
        }
        let (_, past) = ask(&api, "GET", "/v1/zones/ex.test/history?limit=9", "").await;
        let told: Vec<_> = past["revisions"].as_array().unwrap().iter().map(|r| (&r["put"], &r["by"])).collect();
        assert_eq!(told, [(&json!(1), &json!("operator")), (&json!(3), &json!("operator"))]);
        let first = past["revisions"][1]["revision"].clone();

        let body = json!({ "revision": first }).to_string();
        let (status, back) = ask(&api, "POST", "/v1/zones/ex.test/rollback", &body).await;
        assert_eq!((status, &back["put"], &back["deleted"]), (200, &json!(1), &json!(0)));

        for (path, body, status, word) in [
            ("ex.test/rollback", "{\"revision\": 0}", 422, "revision"),
            ("ex.test/rollback", "{}", 422, "missing field `revision`"),
            ("none.test/rollback", "{\"revision\": 1}", 404, "none.test."),
        ] {
            let (given, problem) = ask(&api, "POST", &format!("/v1/zones/{path}"), body).await;
            assert!(given == status && problem["detail"].as_str().unwrap().contains(word), "{problem}");
        }
        assert_eq!(ask(&api, "GET", "/v1/zones/ex.test/history?limit=0", "").await.0, 422);
    }
}
