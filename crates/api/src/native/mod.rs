//! The native API, `/v1`: JSON for what Route 53's API has no words for. Everything the command line does, it can do.
//!
//! One table of routes in `routes`, one of what they need permission for in `authorize`; below, who carries them out. One
//! file per noun; refusals are problem documents (RFC 9457) from `problem`.

mod audit;
mod authorize;
mod call;
mod deployment_guards;
mod deployment_view;
mod deployments;
mod explain;
mod freezes;
mod hook_view;
mod keys;
mod openapi;
mod problem;
mod routes;
mod services;
mod simulate;
mod stickiness;
mod streams;
mod turns;
mod zone_history;
mod zone_plan;
mod zones;

use std::sync::Arc;

use control::{Random, Store};
use http::{Method, StatusCode};
use model::hosted_zone::Delegation;
use model::limits::Limits;

use crate::message::{Request, Response};
use crate::requests::Operation;
use crate::route::{Native, Pending, Refusal};
use call::Call;
use problem::Problem;

pub use explain::{Standing, Standings};
pub use streams::Streams;
pub use turns::Turns;

/// The account that ARNs are of if nobody says otherwise.
pub const ACCOUNT_DEFAULT: &str = "000000000000";

/// What the native API works on.
#[derive(Clone)]
pub struct V1 {
    /// Where everything is kept.
    pub store: Store,
    /// For ids and secrets.
    pub random: &'static Random,
    /// What secrets of keys are kept under; without it no key is made.
    pub seal: Option<Arc<control::seal::Seal>>,
    /// The account that ARNs are of.
    pub account: Arc<str>,
    /// What new hosted zones are given.
    pub delegation: Arc<Delegation>,
    /// What zones may hold.
    pub limits: Arc<Limits>,
    /// What DNS answers from.
    pub views: control::Views,
    /// The revision that every DNS server answers from.
    pub served: Arc<dyn Fn() -> u64 + Send + Sync>,
    /// What the prober knows of health checks.
    pub standing: explain::Standings,
    /// What was asked of this server, if that is kept.
    pub audit: Option<control::Audit>,
    /// The clock of the deployment runner, by which orders to it are timed; none: the request's own time.
    pub release_ms: Option<Arc<dyn Fn() -> u64 + Send + Sync>>,
    /// Runs errands to endpoints that are not this server.
    pub foreign: control::foreign::Run,
    /// What the deployment runner tells about itself.
    pub running: control::run_deployments::Report,
    /// Who may work out plans, simulations and explanations now.
    pub turns: Turns,
    /// Who is told events as they happen.
    pub streams: Streams,
}

impl V1 {
    /// Works on a store that nobody serves: the command line's own, when no server runs.
    #[must_use]
    pub fn offline(store: Store, random: &'static Random) -> Self {
        Self {
            store,
            random,
            seal: None,
            account: ACCOUNT_DEFAULT.into(),
            delegation: Arc::default(),
            limits: Arc::default(),
            views: control::Views::none(),
            served: Arc::new(|| 0),
            standing: Arc::new(|_| None),
            audit: None,
            release_ms: None,
            foreign: control::foreign::nobody("no server runs"),
            running: control::run_deployments::Report::default(),
            turns: Turns::default(),
            streams: Streams::default(),
        }
    }
}

impl V1 {
    /// The time of a request as the deployment runner counts it, in milliseconds since 1970.
    fn release_ms(&self, call: &Call<'_>) -> u64 {
        self.release_ms.as_ref().map_or(call.request.at_ms, |clock| clock())
    }

    /// Who orders something of a deployment, and when.
    fn release_meta(&self, call: &Call<'_>) -> control::Meta {
        control::Meta { at_ms: self.release_ms(call), ..call.meta() }
    }
}

impl Native for V1 {
    fn respond<'a>(&'a self, request: &'a Request) -> Pending<'a> {
        Box::pin(async move {
            let call = match Call::read(request) {
                Ok(call) => call,
                Err(problem) => return refused(request, &problem),
            };
            let (operation, result) = self.carry_out(&call).await;
            let mut response = result.unwrap_or_else(|problem| refused(request, &problem));
            #[cfg(test)]
            openapi::check::answer(&call, &response);
            if let Some(name) = operation {
                response.extensions_mut().insert(Operation(name));
            }
            response
        })
    }

    fn refuse(&self, refusal: Refusal, _request_id: &str) -> Response {
        let status = match &refusal {
            Refusal::Signature(_) => StatusCode::UNAUTHORIZED,
            Refusal::Origin { .. } | Refusal::Host { .. } => StatusCode::FORBIDDEN,
            Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Broken => StatusCode::BAD_REQUEST,
        };
        Problem::new(status, "not_admitted", refusal).response()
    }
}

fn refused(request: &Request, problem: &Problem) -> Response {
    tracing::debug!(request = request.id, code = %problem.code, detail = problem.detail, "refused");
    problem.response()
}

impl V1 {
    /// Carries out the operation of a route; its name is that under which it is logged and counted.
    async fn carry_out(&self, call: &Call<'_>) -> (Option<&'static str>, Result<Response, Problem>) {
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        let method = &call.request.parts.method;
        let unknown = || Problem::not_found(format!("no such operation: {method} {}", call.request.parts.uri.path()));
        // What has no row in the table of routes is in no description of this API, and does not exist.
        let Some((action, target)) = routes::find(method, &path).and_then(|_| authorize::needs(method, &path)) else {
            return (None, Err(unknown()));
        };
        if let Err(problem) = authorize::authorize(self, &call.request.caller(), action, target) {
            return (Some(action), Err(problem));
        }
        let (name, result) = match (method, &path[..]) {
            (&Method::POST, ["keys"]) => ("CreateKey", keys::create(self, call).await),
            (&Method::GET, ["keys"]) => ("ListKeys", keys::list(self)),
            (&Method::GET, ["keys", id]) => ("ShowKey", keys::show(self, id)),
            (&Method::PUT, ["keys", id, "policies"]) => ("SetKeyPolicies", keys::set_policies(self, call, id).await),
            (&Method::POST, ["keys", id, "sessions"]) => ("OpenSession", keys::open_session(self, call, id).await),
            (&Method::POST, ["keys", id, "check"]) => ("CheckKey", keys::check(self, call, id)),
            (&Method::DELETE, ["keys", id]) => ("DeleteKey", keys::delete(self, call, id).await),
            (&Method::GET, ["audit"]) => (audit::LIST, audit::list(self, call).await),
            (&Method::GET, ["zones"]) => ("ListZones", zones::list(self, call)),
            (&Method::PUT, ["zones", origin]) => ("ImportZone", zones::import(self, call, origin).await),
            (&Method::GET, ["zones", origin]) => ("ExportZone", zones::export(self, call, origin).await),
            (&Method::GET, ["zones", zone, "history"]) => {
                ("ListZoneHistory", zone_history::list(self, call, zone).await)
            }
            (&Method::GET, ["zones", zone, "history", revision]) => {
                ("ShowZoneRevision", zone_history::show(self, call, zone, revision).await)
            }
            (&Method::GET, ["zones", zone, "diff"]) => ("DiffZone", zone_history::diff(self, call, zone).await),
            (&Method::POST, ["zones", zone, "plan"]) => ("PlanZone", zone_plan::plan(self, call, zone).await),
            (&Method::POST, ["zones", zone, "rollback"]) => {
                ("RollBackZone", zone_history::rollback(self, call, zone).await)
            }
            (&Method::GET, ["zones", zone, "stickiness"]) => ("ListStickiness", stickiness::list(self, zone)),
            (&Method::PUT, ["zones", zone, "stickiness", name]) => {
                ("PutStickiness", stickiness::put(self, call, zone, name).await)
            }
            (&Method::DELETE, ["zones", zone, "stickiness", name]) => {
                ("DeleteStickiness", stickiness::delete(self, call, zone, name).await)
            }
            (&Method::GET, ["explain"]) => ("Explain", explain::explain(self, call).await),
            (&Method::POST, ["simulate"]) => ("Simulate", simulate::simulate(self, call).await),
            (&Method::GET, ["freezes"]) => ("ListFreezes", freezes::list(self)),
            (&Method::PUT, ["freezes", name]) => ("PutFreeze", freezes::put(self, call, name).await),
            (&Method::GET, ["freezes", name]) => ("ShowFreeze", freezes::show(self, name)),
            (&Method::DELETE, ["freezes", name]) => ("DeleteFreeze", freezes::delete(self, call, name).await),
            (&Method::GET, ["services"]) => ("ListServices", services::list(self)),
            (&Method::PUT, ["services", name]) => ("PutService", services::put(self, call, name).await),
            (&Method::GET, ["services", name]) => ("ShowService", services::show(self, name)),
            (&Method::DELETE, ["services", name]) => ("DeleteService", services::delete(self, call, name).await),
            (&Method::POST, ["services", order]) => {
                ("RollBackService", deployments::roll_back(self, call, order).await)
            }
            (&Method::POST, ["services", name, "plan"]) => {
                ("PlanDeployment", deployments::plan(self, call, name).await)
            }
            (&Method::POST, ["services", name, "deployments"]) => {
                ("CreateDeployment", deployments::create(self, call, name).await)
            }
            (&Method::GET, ["deployments"]) => ("ListDeployments", deployments::list(self, call)),
            (&Method::GET, ["deployments", id]) => ("ShowDeployment", deployments::show(self, call, id).await),
            (&Method::GET, ["deployments", id, part]) => {
                ("ShowDeploymentPart", deployments::part(self, call, id, part).await)
            }
            (&Method::POST, ["deployments", id, "gates", said]) => {
                ("ApproveDeployment", deployments::say(self, call, id, said).await)
            }
            (&Method::POST, ["deployments", order]) => ("OrderDeployment", deployments::order(self, call, order).await),
            (&Method::GET, ["openapi.json"]) => ("ShowOpenApi", Ok(openapi::show())),
            (&Method::GET, ["schema", document]) => ("ShowSchema", openapi::schema(document)),
            _ => return (None, Err(unknown())),
        };
        (Some(name), result)
    }
}
