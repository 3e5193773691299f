//! `GET /v1/explain?name=&type=&from=`: why a name is answered as it is, and the exact odds of every other answer.

use std::net::IpAddr;

use http::StatusCode;
use model::{Name, RecordType};
use serde_json::json;

use super::V1;
use super::call::Call;
use super::problem::{self, Problem};
use crate::message::Response;

pub(super) fn explain(api: &V1, call: &Call<'_>) -> Result<Response, Problem> {
    let name = call.query("name").ok_or_else(|| Problem::invalid("name is missing").field("name"))?;
    let name = Name::parse(&name).map_err(|fault| Problem::invalid(fault).field("name"))?;
    let record_type = call.query("type").unwrap_or_else(|| "A".to_owned());
    let record_type = RecordType::parse(&record_type).map_err(|fault| Problem::invalid(fault).field("type"))?;
    let from = call.query("from").unwrap_or_else(|| "127.0.0.1".to_owned());
    let from: IpAddr =
        from.parse().map_err(|_| Problem::invalid(format!("not an IP address: {from}")).field("from"))?;
    let (explanation, revision) = api.views.explain(&name, record_type, from);
    let hops: Vec<_> = explanation
        .hops
        .iter()
        .map(|hop| {
            let candidates: Vec<_> = hop
                .candidates
                .iter()
                .map(|c| {
                    json!({
                        "depth": c.depth, "policy": c.policy, "set_identifier": c.set_identifier, "weight": c.weight,
                        "health_check": c.health_check, "healthy": c.healthy, "reason": c.reason, "odds": c.odds, "answers": c.answers,
                        "ttl": c.ttl,
                    })
                })
                .collect();
            json!({ "name": hop.name.to_string(), "finding": hop.finding, "candidates": candidates })
        })
        .collect();
    let zone = explanation.zone.as_ref().map(|(id, name)| json!({ "id": id.as_str(), "name": name.to_string() }));
    Ok(problem::json(StatusCode::OK, &json!({ "zone": zone, "hops": hops, "revision": revision })))
}
