//! The native API, `/v1`: JSON for what Route 53's API has no words for. Everything the command line does, it can do.
//!
//! One table of paths below; one file per noun; refusals are problem documents (RFC 9457) from `problem`.

mod call;
mod deployment_view;
mod deployments;
mod explain;
mod keys;
mod problem;
mod services;
mod zones;

use std::sync::Arc;

use control::{Random, Store};
use http::{Method, StatusCode};
use model::hosted_zone::Delegation;
use model::limits::Limits;

use crate::message::{Request, Response};
use crate::route::{Native, Pending, Refusal};
use call::Call;
use problem::Problem;

/// What the native API works on.
#[derive(Clone)]
pub struct V1 {
    /// Where everything is kept.
    pub store: Store,
    /// For ids and secrets.
    pub random: &'static Random,
    /// What new hosted zones are given.
    pub delegation: Arc<Delegation>,
    /// What zones may hold.
    pub limits: Arc<Limits>,
    /// What DNS answers from.
    pub views: control::Views,
    /// The revision that every DNS server answers from.
    pub served: Arc<dyn Fn() -> u64 + Send + Sync>,
    /// What the deployment runner tells about itself.
    pub running: control::run_deployments::Report,
}

impl Native for V1 {
    fn respond<'a>(&'a self, request: &'a Request) -> Pending<'a> {
        Box::pin(async move {
            match self.carry_out(request).await {
                Ok(response) => response,
                Err(problem) => {
                    tracing::debug!(request = request.id, code = %problem.code, detail = problem.detail, "refused");
                    problem.response()
                }
            }
        })
    }

    fn refuse(&self, refusal: Refusal, _request_id: &str) -> Response {
        let status = match &refusal {
            Refusal::Signature(_) => StatusCode::UNAUTHORIZED,
            Refusal::Origin { .. } => StatusCode::FORBIDDEN,
            Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Broken => StatusCode::BAD_REQUEST,
        };
        Problem::new(status, "not_admitted", refusal).response()
    }
}

impl V1 {
    /// The table of paths.
    async fn carry_out(&self, request: &Request) -> Result<Response, Problem> {
        let call = Call::read(request)?;
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        match (&request.parts.method, &path[..]) {
            (&Method::POST, ["keys"]) => keys::create(self, &call).await,
            (&Method::GET, ["keys"]) => keys::list(self),
            (&Method::DELETE, ["keys", id]) => keys::delete(self, &call, id).await,
            (&Method::GET, ["zones"]) => zones::list(self, &call),
            (&Method::PUT, ["zones", origin]) => zones::import(self, &call, origin).await,
            (&Method::GET, ["zones", origin]) => zones::export(self, origin).await,
            (&Method::GET, ["explain"]) => explain::explain(self, &call),
            (&Method::GET, ["services"]) => services::list(self),
            (&Method::PUT, ["services", name]) => services::put(self, &call, name).await,
            (&Method::GET, ["services", name]) => services::show(self, name),
            (&Method::DELETE, ["services", name]) => services::delete(self, &call, name).await,
            (&Method::POST, ["services", name, "plan"]) => deployments::plan(self, &call, name),
            (&Method::POST, ["services", name, "deployments"]) => deployments::create(self, &call, name).await,
            (&Method::GET, ["deployments"]) => deployments::list(self, &call),
            (&Method::GET, ["deployments", id]) => deployments::show(self, &call, id).await,
            (&Method::GET, ["deployments", id, part]) => deployments::part(self, &call, id, part).await,
            (&Method::POST, ["deployments", order]) => deployments::order(self, &call, order).await,
            (method, _) => Err(Problem::not_found(format!("no such operation: {method} {}", request.parts.uri.path()))),
        }
    }
}
