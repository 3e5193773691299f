//! The rows. Long and uniform on purpose.

use http::Method;

use super::{Gives, Route, Takes};
use Gives::{Json as Answer, OrEvents, Text as Page, With};
use Takes::{Json, Nothing, Perhaps, Text};

type Words = &'static [(&'static str, &'static str)];

const POPULATION: &str = "SimulatedRelease";
const ZONE_CHANGE: &[&str] = &["application/json", "application/xml", "text/dns"];
const IF_MATCH: (&str, &str) = ("If-Match", "The revision of the service that must be current.");
const SINCE: (&str, &str) = ("since", "The number of the last event that is known.");
const WAIT: (&str, &str) = ("wait", "Wait so long for an event after `since`, such as 30s; at most 60s.");

const fn row(
    method: Method,
    path: &'static str,
    operation: &'static str,
    summary: &'static str,
    takes: Takes,
    gives: &'static [(u16, Gives)],
) -> Route {
    Route { method, path, operation, summary, query: &[], headers: &[], takes, gives }
}

impl Route {
    const fn query(mut self, query: Words) -> Self {
        self.query = query;
        self
    }

    const fn headers(mut self, headers: Words) -> Self {
        self.headers = headers;
        self
    }
}

#[rustfmt::skip]
pub(in super::super) const ROUTES: &[Route] = &[
    row(Method::POST, "keys", "CreateKey", "Make an access key", Json("NewKey"),
        &[(201, With(&["access_key_id", "secret_access_key", "name", "policies", "created_ms"]))]),
    row(Method::GET, "keys", "ListKeys", "List access keys", Nothing, &[(200, With(&["keys"]))]),
    row(Method::GET, "keys/{key}", "ShowKey", "Show an access key", Nothing,
        &[(200, With(&["access_key_id", "name", "policies", "created_ms"]))]),
    row(Method::PUT, "keys/{key}/policies", "SetKeyPolicies", "Set the policies of an access key", Json("Object"),
        &[(200, With(&["access_key_id", "policies"]))]),
    row(Method::POST, "keys/{key}/sessions", "OpenSession", "Make a key that expires", Json("Object"),
        &[(201, With(&["access_key_id", "secret_access_key", "session_token", "expires_ms"]))]),
    row(Method::POST, "keys/{key}/check", "CheckKey", "Ask what the policies of a key say", Json("Object"),
        &[(200, With(&["allowed", "reasons"]))]),
    row(Method::DELETE, "keys/{key}", "DeleteKey", "Delete an access key", Nothing, &[(200, With(&["deleted"]))]),

    row(Method::GET, "audit", "ListAudit", "Read the audit log", Nothing, &[(200, With(&["next", "end", "entries"]))])
        .query(&[
            ("after", "Only lines after this number; `last` begins at the end."), ("limit", "Lines at most, 1 to 1000."),
            ("wait", "If there are none, wait for one."), ("since_ms", "Only calls since then."),
            ("who", "Only of this sender."), ("operation", "Only of this operation."), ("zone", "Only about this zone."),
            ("changes", "Only what changed something."), ("refused", "Only what was refused or failed."),
        ]),

    row(Method::GET, "zones", "ListZones", "List hosted zones", Nothing, &[(200, With(&["zones", "next"]))])
        .query(&[("from", "Begin with this name.")]),
    row(Method::PUT, "zones/{zone}", "ImportZone", "Make a zone what a zone file says", Text(&["text/dns"]),
        &[(200, With(&["id", "name", "record_sets", "created"])), (201, With(&["id", "name", "record_sets", "created"]))]),
    row(Method::GET, "zones/{zone}", "ExportZone", "Show a zone as a zone file", Nothing, &[(200, Page("text/dns"))])
        .query(&[("at", "As it was at this revision.")]),
    row(Method::GET, "zones/{zone}/history", "ListZoneHistory", "List the revisions of a zone", Nothing,
        &[(200, With(&["id", "name", "is_deleted", "revisions", "next"]))])
        .query(&[("limit", "1 to 1000."), ("before", "Only revisions before this one."), ("name", "Only those that touched this name.")]),
    row(Method::GET, "zones/{zone}/history/{revision}", "ShowZoneRevision", "Show one revision of a zone", Nothing,
        &[(200, With(&["revision", "changes"]))]),
    row(Method::GET, "zones/{zone}/diff", "DiffZone", "Compare two revisions of a zone", Nothing,
        &[(200, With(&["id", "name", "from", "to", "changes", "stickiness"]))])
        .query(&[("from", "A revision."), ("to", "A revision; now if not given.")]),
    row(Method::POST, "zones/{zone}/plan", "PlanZone", "Tell what a change would do; nothing is written", Text(ZONE_CHANGE),
        &[(200, With(&["id", "name", "at", "changes", "answers", "warnings"]))])
        .query(&[("from", "The client whose answers are compared.")]),
    row(Method::POST, "zones/{zone}/rollback", "RollBackZone", "Go back to a revision of a zone, or undo one", Json("Object"),
        &[(200, With(&["id", "name", "put", "deleted", "changes"]))]),
    row(Method::GET, "zones/{zone}/stickiness", "ListStickiness", "List the sticky names of a zone", Nothing,
        &[(200, With(&["id", "name", "stickiness"]))]),
    row(Method::PUT, "zones/{zone}/stickiness/{name}", "PutStickiness", "Make a name sticky", Perhaps("Object"),
        &[(200, With(&["id", "name", "ipv4_prefix", "ipv6_prefix", "revision"]))]),
    row(Method::DELETE, "zones/{zone}/stickiness/{name}", "DeleteStickiness", "Make a name sticky no more", Nothing,
        &[(200, With(&["id", "deleted", "revision"]))]),

    row(Method::GET, "explain", "Explain", "Why a name is answered as it is", Nothing,
        &[(200, With(&["name", "type", "revision", "answers", "hops"]))])
        .query(&[
            ("name", "The name that is asked for."), ("type", "The type; A if not given."), ("from", "The client's address."),
            ("subnet", "What a resolver tells by EDNS Client Subnet."), ("at", "As it was at this revision."),
            ("draw", "Repeat a sample."),
        ]),
    row(Method::POST, "simulate", "Simulate", "Who gets what before and after a change; nothing is written", Json("Object"),
        &[(200, With(&["id", "name", "population", "answers", "warnings"]))]),

    row(Method::GET, "services", "ListServices", "List services", Nothing, &[(200, With(&["services"]))]),
    row(Method::PUT, "services/{service}", "PutService", "Declare a service, new or again", Json("Service"),
        &[(200, Answer("DeclaredService"))]).headers(&[IF_MATCH]),
    row(Method::GET, "services/{service}", "ShowService", "Show a service", Nothing, &[(200, Answer("DeclaredService"))]),
    row(Method::DELETE, "services/{service}", "DeleteService", "Forget a service", Nothing, &[(200, With(&["deleted"]))]),
    row(Method::POST, "services/{service}/plan", "PlanDeployment", "Tell what a release would do; nothing is written",
        Json(POPULATION), &[(200, Answer("Plan"))]),
    row(Method::POST, "services/{service}/deployments", "CreateDeployment", "Start a release", Json("Release"),
        &[(201, Answer("Deployment")), (200, Answer("Deployment"))])
        .query(&[
            ("plan", "The hash of the plan that must be this one."), ("reason", "Why; kept with the deployment."),
            ("window", "`wait`: it begins when windows and freezes let it."),
            ("override_window", "It moves whatever windows and freezes say, for this reason."),
        ])
        .headers(&[IF_MATCH, ("Idempotency-Key", "A repeated request with this key starts nothing new.")]),

    row(Method::POST, "services/{service}:{order}", "RollBackService",
        "Take back the last release of a service: rollback", Perhaps("Object"), &[(201, Answer("Deployment"))]),
    row(Method::GET, "deployments", "ListDeployments", "List deployments, newest first", Nothing,
        &[(200, Answer("Deployments"))])
        .query(&[
            ("service", "Only of this service."), ("state", "open, ended or all."), ("before", "Only those before this id."),
            ("limit", "1 to 100."),
        ]),
    row(Method::GET, "deployments/{deployment}", "ShowDeployment", "Show a deployment, at once or when there is news", Nothing,
        &[(200, Answer("Deployment"))]).query(&[WAIT, SINCE]),
    row(Method::GET, "deployments/{deployment}/{part}", "ShowDeploymentPart",
        "Show a part: events, plan, spec, snapshot, journal, diff, drift, analysis, hooks, measurements or replay; events as a stream too", Nothing,
        &[(200, OrEvents(&[])), (204, Gives::Nothing)])
        .query(&[
            WAIT, SINCE, ("template", "Of measurements: only of this template."),
            ("metric", "Of measurements: only of this metric."), ("run", "Of measurements: only of the run of this number."),
            ("limit", "Of measurements: the last 1 to 1000; 100 if nothing is said."),
        ])
        .headers(&[("Last-Event-ID", "Of a stream: the number of the last event that is known.")]),
    row(Method::POST, "deployments/{deployment}:{order}", "OrderDeployment",
        "Give an order: pause, resume, promote, abort, stop, retry, force-restore, detach, accept-drift, reassert-drift or override-window",
        Perhaps("Order"),
        &[(200, Answer("Deployment"))]),

    row(Method::POST, "deployments/{deployment}/gates/{gate}:{decision}", "ApproveDeployment",
        "Agree to go on at a gate, or shut it: approve or deny", Perhaps("Order"), &[(200, Answer("Deployment"))]),

    row(Method::GET, "freezes", "ListFreezes", "List freezes", Nothing, &[(200, With(&["freezes"]))]),
    row(Method::PUT, "freezes/{freeze}", "PutFreeze", "Freeze services: now, or in ranges of local time", Perhaps("Freeze"),
        &[(200, With(&["name"]))]),
    row(Method::GET, "freezes/{freeze}", "ShowFreeze", "Show a freeze", Nothing, &[(200, With(&["name"]))]),
    row(Method::DELETE, "freezes/{freeze}", "DeleteFreeze", "Remove a freeze: what waited for it goes on", Nothing,
        &[(200, With(&["deleted"]))]),

    row(Method::GET, "openapi.json", "ShowOpenApi", "This description", Nothing, &[(200, With(&["openapi", "paths"]))]),
    row(Method::GET, "schema/{document}", "ShowSchema", "The JSON Schema of a document: release or service", Nothing,
        &[(200, With(&["$schema", "$defs"]))]),
];
