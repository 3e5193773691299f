//! Traffic policies and their versions: create, get, list, comment, delete.
//!
//! The document comes and goes as the text that it is; its rules are `model`'s.

use control::traffic_policies::{self, NewTrafficPolicy};
use control::{Meta, Page};
use model::id::TrafficPolicyId;
use model::limits::TRAFFIC_POLICIES_PER_PAGE_MAX;
use model::traffic_policy::{TrafficPolicy as Policy, TrafficPolicyVersion as Version};

use super::Route53;
use super::error::Fault;
use super::generated::shapes::{
    CreateTrafficPolicyRequest, CreateTrafficPolicyResponse, CreateTrafficPolicyVersionRequest,
    CreateTrafficPolicyVersionResponse, DeleteTrafficPolicyRequest, DeleteTrafficPolicyResponse,
    GetTrafficPolicyRequest, GetTrafficPolicyResponse, ListTrafficPoliciesRequest, ListTrafficPoliciesResponse,
    ListTrafficPolicyVersionsRequest, ListTrafficPolicyVersionsResponse, TrafficPolicy, TrafficPolicySummary,
    UpdateTrafficPolicyCommentRequest, UpdateTrafficPolicyCommentResponse,
};
use super::{ids, page};

/// CreateTrafficPolicy.
pub(super) async fn create(
    to: &Route53,
    meta: Meta,
    request: CreateTrafficPolicyRequest,
) -> Result<CreateTrafficPolicyResponse, Fault> {
    let CreateTrafficPolicyRequest { name, document, comment } = request;
    let new = NewTrafficPolicy { name, document, comment: said(comment) };
    let (policy, version) = traffic_policies::create(&to.store, meta, to.random, new, &to.limits).await?;
    Ok(CreateTrafficPolicyResponse { location: location(&version), traffic_policy: shown(&policy, version) })
}

/// CreateTrafficPolicyVersion.
pub(super) async fn create_version(
    to: &Route53,
    meta: Meta,
    request: CreateTrafficPolicyVersionRequest,
) -> Result<CreateTrafficPolicyVersionResponse, Fault> {
    let CreateTrafficPolicyVersionRequest { id, document, comment } = request;
    let id = ids::traffic_policy(&id)?;
    let created = traffic_policies::create_version(&to.store, meta, &id, document, said(comment), &to.limits);
    let (policy, version) = created.await?;
    Ok(CreateTrafficPolicyVersionResponse { location: location(&version), traffic_policy: shown(&policy, version) })
}

/// GetTrafficPolicy, also of a version that was deleted.
pub(super) fn get(to: &Route53, request: &GetTrafficPolicyRequest) -> Result<GetTrafficPolicyResponse, Fault> {
    let GetTrafficPolicyRequest { id, version } = request;
    let found = traffic_policies::find(&to.store, &ids::traffic_policy(id)?, number(*version))?;
    let (policy, version) =
        found.ok_or_else(|| Fault::NoSuchTrafficPolicy { id: format!("{id}, version {version}") })?;
    Ok(GetTrafficPolicyResponse { traffic_policy: shown(&policy, version) })
}

/// ListTrafficPolicies, in the order in which they were created.
pub(super) fn list(to: &Route53, request: ListTrafficPoliciesRequest) -> Result<ListTrafficPoliciesResponse, Fault> {
    let ListTrafficPoliciesRequest { traffic_policy_id_marker, max_items } = request;
    let size = page::size(max_items.as_deref(), TRAFFIC_POLICIES_PER_PAGE_MAX)?;
    let marker = traffic_policy_id_marker.as_deref().map(TrafficPolicyId::parse).transpose();
    let marker = marker.map_err(|fault| Fault::InvalidInput { message: fault.to_string() })?;
    let Page { items, next } = traffic_policies::list(&to.store, marker.as_ref(), size)?;
    Ok(ListTrafficPoliciesResponse {
        traffic_policy_summaries: items.into_iter().filter_map(summary).collect(),
        is_truncated: next.is_some(),
        // The model wants it on the last page too.
        traffic_policy_id_marker: next.map(|id| id.to_string()).unwrap_or_default(),
        max_items: size.to_string(),
    })
}

/// ListTrafficPolicyVersions, by number.
pub(super) fn list_versions(
    to: &Route53,
    request: ListTrafficPolicyVersionsRequest,
) -> Result<ListTrafficPolicyVersionsResponse, Fault> {
    let ListTrafficPolicyVersionsRequest { id, traffic_policy_version_marker, max_items } = request;
    let size = page::size(max_items.as_deref(), TRAFFIC_POLICIES_PER_PAGE_MAX)?;
    let from = traffic_policy_version_marker.as_deref().map(version_marker).transpose()?.unwrap_or(1);
    let (policy, page) = traffic_policies::list_versions(&to.store, &ids::traffic_policy(&id)?, from, size)?;
    Ok(ListTrafficPolicyVersionsResponse {
        traffic_policies: page.items.into_iter().map(|version| shown(&policy, version)).collect(),
        is_truncated: page.next.is_some(),
        traffic_policy_version_marker: page.next.map(|number| number.to_string()).unwrap_or_default(),
        max_items: size.to_string(),
    })
}

/// UpdateTrafficPolicyComment; an empty one removes it.
pub(super) async fn update_comment(
    to: &Route53,
    meta: Meta,
    request: UpdateTrafficPolicyCommentRequest,
) -> Result<UpdateTrafficPolicyCommentResponse, Fault> {
    let UpdateTrafficPolicyCommentRequest { id, version, comment } = request;
    let (id, comment) = (ids::traffic_policy(&id)?, said(Some(comment)));
    let (policy, version) = traffic_policies::update_comment(&to.store, meta, &id, number(version), comment).await?;
    Ok(UpdateTrafficPolicyCommentResponse { traffic_policy: shown(&policy, version) })
}

/// DeleteTrafficPolicy: one version.
pub(super) async fn delete(
    to: &Route53,
    meta: Meta,
    request: &DeleteTrafficPolicyRequest,
) -> Result<DeleteTrafficPolicyResponse, Fault> {
    let DeleteTrafficPolicyRequest { id, version } = request;
    traffic_policies::delete(&to.store, meta, &ids::traffic_policy(id)?, number(*version)).await?;
    Ok(DeleteTrafficPolicyResponse {})
}

/// A version number of a request, whose range the model's limits name.
pub(super) fn number(version: i64) -> u16 {
    u16::try_from(version).expect("the model's limits were checked")
}

fn version_marker(text: &str) -> Result<u16, Fault> {
    let message = || format!("TrafficPolicyVersionMarker must be the number of a version: {text}");
    text.parse().map_err(|_| Fault::InvalidInput { message: message() })
}

/// Clients send an empty element for no comment.
fn said(comment: Option<String>) -> Option<String> {
    comment.filter(|comment| !comment.is_empty())
}

fn location(version: &Version) -> String {
    format!("{}trafficpolicy/{}/{}", super::respond::VERSION, version.policy, version.number)
}

fn shown(policy: &Policy, version: Version) -> TrafficPolicy {
    let Version { policy: id, number, record_type, document, comment } = version;
    TrafficPolicy {
        id: id.to_string(),
        version: number.into(),
        name: policy.name.clone(),
        r#type: record_type.to_string(),
        document,
        comment,
    }
}

/// Nothing of a policy without versions, which listings do not hold.
fn summary(policy: Policy) -> Option<TrafficPolicySummary> {
    let Policy { id, name, created: _, newest_version: _, versions } = policy;
    let (latest, record_type) = versions.last()?;
    Some(TrafficPolicySummary {
        id: id.to_string(),
        name,
        r#type: record_type.to_string(),
        latest_version: (*latest).into(),
        traffic_policy_count: super::hosted_zones::number(versions.len() as u64),
    })
}
