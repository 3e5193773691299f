//! What each path of the native API needs permission for. A path without a line here does not exist for keys, so a
//! route that somebody forgets is closed, not open; a test compares the lines with the documented paths.
//!
//! Zones are asked for by the ARN that Route 53's API uses, also where a request names them by name. A name is looked
//! up before the decision, and the refusal repeats it as it was written: it tells nothing about what is there.

use control::{deployments, history, hosted_zones};
use http::Method;
use model::Name;
use model::id::DeploymentId;

use super::V1;
use super::problem::Problem;
use crate::caller::{Ask, Caller};

/// What a path works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target<'p> {
    Nothing,
    /// By id or name.
    Zone(&'p str),
    Service(&'p str),
    Deployment(&'p str),
    Key(&'p str),
}

/// The action and what it is on; none for a path that does not exist.
pub(super) fn needs<'p>(method: &Method, path: &[&'p str]) -> Option<(&'static str, Target<'p>)> {
    use Target::{Deployment, Key, Nothing, Service, Zone};
    Some(match (method, path) {
        (&Method::POST, ["keys"]) => ("CreateKey", Nothing),
        (&Method::GET, ["keys"]) => ("ListKeys", Nothing),
        (&Method::GET, &["keys", id]) => ("ShowKey", Key(id)),
        (&Method::PUT, &["keys", id, "policies"]) => ("SetKeyPolicies", Key(id)),
        (&Method::POST, &["keys", id, "sessions"]) => ("OpenSession", Key(id)),
        (&Method::POST, &["keys", id, "check"]) => ("CheckKey", Key(id)),
        (&Method::DELETE, &["keys", id]) => ("DeleteKey", Key(id)),
        // Tells what everybody asked for.
        (&Method::GET, ["audit"]) => ("ListAudit", Nothing),
        (&Method::GET, ["zones"]) => ("ListZones", Nothing),
        (&Method::PUT, &["zones", zone]) => ("ImportZone", Zone(zone)),
        (&Method::GET, &["zones", zone]) => ("ExportZone", Zone(zone)),
        (&Method::GET, &["zones", zone, "history"]) => ("ListZoneHistory", Zone(zone)),
        (&Method::GET, &["zones", zone, "history", _]) => ("ShowZoneRevision", Zone(zone)),
        (&Method::GET, &["zones", zone, "diff"]) => ("DiffZone", Zone(zone)),
        (&Method::POST, &["zones", zone, "plan"]) => ("PlanZone", Zone(zone)),
        (&Method::POST, &["zones", zone, "rollback"]) => ("RollBackZone", Zone(zone)),
        (&Method::GET, &["zones", zone, "stickiness"]) => ("ListStickiness", Zone(zone)),
        (&Method::PUT, &["zones", zone, "stickiness", _]) => ("PutStickiness", Zone(zone)),
        (&Method::DELETE, &["zones", zone, "stickiness", _]) => ("DeleteStickiness", Zone(zone)),
        // Tells why any name is answered as it is.
        (&Method::GET, ["explain"]) => ("Explain", Nothing),
        // Tells what any zone answers to anybody.
        (&Method::POST, ["simulate"]) => ("Simulate", Nothing),
        // What the API looks like is no secret, but who may not read anything need not ask.
        (&Method::GET, ["openapi.json"]) => ("ShowOpenApi", Nothing),
        (&Method::GET, ["schema", _]) => ("ShowSchema", Nothing),
        // They hold for services of many owners.
        (&Method::GET, ["freezes"]) => ("ListFreezes", Nothing),
        (&Method::PUT, ["freezes", _]) => ("PutFreeze", Nothing),
        (&Method::GET, ["freezes", _]) => ("ShowFreeze", Nothing),
        (&Method::DELETE, ["freezes", _]) => ("DeleteFreeze", Nothing),
        (&Method::GET, ["services"]) => ("ListServices", Nothing),
        (&Method::PUT, &["services", name]) => ("PutService", Service(name)),
        (&Method::GET, &["services", name]) => ("ShowService", Service(name)),
        (&Method::DELETE, &["services", name]) => ("DeleteService", Service(name)),
        // `NAME:rollback`
        (&Method::POST, &["services", order]) => ("RollBackService", Service(order.split(':').next().unwrap_or(order))),
        (&Method::POST, &["services", name, "plan"]) => ("PlanDeployment", Service(name)),
        (&Method::POST, &["services", name, "deployments"]) => ("CreateDeployment", Service(name)),
        (&Method::GET, ["deployments"]) => ("ListDeployments", Nothing),
        (&Method::GET, &["deployments", id]) => ("ShowDeployment", Deployment(id)),
        (&Method::GET, &["deployments", id, _]) => ("ShowDeploymentPart", Deployment(id)),
        // `GATE:approve` or `GATE:deny`
        (&Method::POST, &["deployments", id, "gates", _]) => ("ApproveDeployment", Deployment(id)),
        // `ID:VERB`
        (&Method::POST, &["deployments", order]) => {
            ("OrderDeployment", Deployment(order.split(':').next().unwrap_or(order)))
        }
        _ => return None,
    })
}

/// Asks.
pub(super) fn authorize(api: &V1, caller: &Caller<'_>, action: &str, target: Target<'_>) -> Result<(), Problem> {
    let mut failed = None;
    let ask = |_: &str| {
        let ask = Ask::to(format!("cutover:{action}"));
        match target {
            Target::Nothing => ask,
            Target::Key(id) => ask.on(format!("arn:cutover:access:::key/{id}")),
            Target::Service(name) => ask.on(format!("arn:cutover:deploy:::service/{name}")),
            Target::Deployment(id) => {
                let service = service_of(api, id).unwrap_or_else(|error| {
                    failed = Some(error);
                    NOTHING.to_owned()
                });
                let written = format!("arn:cutover:deploy:::deployment/{id}");
                ask.on(format!("arn:cutover:deploy:::deployment/{service}/{id}")).written(written)
            }
            Target::Zone(text) => {
                let ids = zones_of(api, text).unwrap_or_else(|error| {
                    failed = Some(error);
                    Vec::new()
                });
                let arn = |id: &str| format!("arn:aws:route53:::hostedzone/{id}");
                let ask = ask.written(arn(text));
                if ids.is_empty() { ask.on(arn(NOTHING)) } else { ids.iter().fold(ask, |ask, id| ask.on(arn(id))) }
            }
        }
    };
    let allowed = caller.may(ask);
    if let Some(error) = failed {
        return Err(Problem::storage(&error));
    }
    allowed.map_err(|denied| Problem::new(http::StatusCode::FORBIDDEN, "access_denied", denied))
}

/// Stands for the id of what does not exist: only a policy that speaks of all of its kind speaks of it.
const NOTHING: &str = "-";

fn service_of(api: &V1, id: &str) -> Result<String, control::StorageError> {
    let Ok(id) = DeploymentId::parse(id) else { return Ok(NOTHING.to_owned()) };
    let found = deployments::find(&api.store, &id)?;
    Ok(found.map_or_else(|| NOTHING.to_owned(), |found| found.deployment.service.name.to_string()))
}

/// Every zone that a request could mean by this text.
fn zones_of(api: &V1, text: &str) -> Result<Vec<String>, control::StorageError> {
    let mut ids: Vec<String> = history::named(&api.store, text)?.iter().map(|zone| zone.id.to_string()).collect();
    if let Ok(name) = Name::parse(text) {
        ids.extend(hosted_zones::named(&api.store, &name)?.iter().map(|zone| zone.id.to_string()));
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use model::policy::{Context, Judgement, Question, judge, named};

    use super::*;

    const PAGE: &str = include_str!("../../../../docs/api-v1.md");

    /// Method and path of every row of the page's tables.
    fn documented() -> Vec<(Method, Vec<&'static str>)> {
        let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()?.split_once(' '));
        let rows = rows.filter_map(|(method, rest)| {
            let path = rest.split([' ', '?', ',']).next()?.strip_prefix("/v1/")?;
            Some((method.parse().ok()?, path.split('/').collect()))
        });
        rows.collect()
    }

    #[test]
    fn every_documented_path_has_an_action() {
        let documented = documented();
        assert!(documented.len() > 20);
        for (method, path) in documented {
            assert!(needs(&method, &path).is_some(), "{method} /v1/{}", path.join("/"));
        }
        assert_eq!(needs(&Method::GET, &["nope"]), None);
        assert_eq!(needs(&Method::PATCH, &["keys"]), None);
    }

    #[test]
    fn all_reading_but_of_keys_and_calls_is_read_only() {
        let policies = [named::find("read-only").unwrap()];
        for (method, path) in documented() {
            let (action, _) = needs(&method, &path).unwrap();
            let action = format!("cutover:{action}");
            let question = Question { action: &action, resource: "*", context: &Context::default() };
            let allowed = matches!(judge(&policies, &question), Judgement::Allowed(_));
            let reads =
                method == Method::GET || path.last().is_some_and(|last| last.ends_with("plan")) || path == ["simulate"];
            let kept = ["keys", "audit"].contains(&path[0]);
            assert_eq!(allowed, reads && !kept, "{method} /v1/{}", path.join("/"));
        }
    }

    #[test]
    fn an_order_is_on_its_deployment() {
        let order = needs(&Method::POST, &["deployments", "01A:promote"]);
        assert_eq!(order, Some(("OrderDeployment", Target::Deployment("01A"))));
    }
}
