//! Reusable delegation sets: create, get, list, delete, and their limit.
//!
//! `Differs:` all sets have the configured name servers, because every server here serves every zone.
//! docs/route53/delegation-sets.md

use control::{Meta, delegation_sets};
use model::delegation_set::DelegationSet as Set;
use model::hosted_zone::{HostedZone, Visibility};
use model::id::{DelegationSetId, HostedZoneId};
use model::limits::DELEGATION_SETS_PER_PAGE_MAX;

use super::Route53;
use super::counts::value;
use super::error::Fault;
use super::generated::shapes::{
    CreateReusableDelegationSetRequest, CreateReusableDelegationSetResponse, DelegationSet,
    DeleteReusableDelegationSetRequest, DeleteReusableDelegationSetResponse, GetReusableDelegationSetLimitRequest,
    GetReusableDelegationSetLimitResponse, GetReusableDelegationSetRequest, GetReusableDelegationSetResponse,
    ListReusableDelegationSetsRequest, ListReusableDelegationSetsResponse, ReusableDelegationSetLimit,
};
use super::hosted_zones::{number, server_name};
use super::{ids, page};

/// CreateReusableDelegationSet.
pub(super) async fn create(
    to: &Route53,
    meta: Meta,
    request: CreateReusableDelegationSetRequest,
) -> Result<CreateReusableDelegationSetResponse, Fault> {
    let CreateReusableDelegationSetRequest { caller_reference, hosted_zone_id } = request;
    let zone = |id: String| HostedZoneId::parse(&id).map_err(|_| Fault::HostedZoneNotFound { id });
    let of_zone = hosted_zone_id.map(zone).transpose()?;
    let new = delegation_sets::NewDelegationSet { caller_reference, of_zone };
    let set = delegation_sets::create(&to.store, meta, to.random, new, &to.delegation, &to.limits).await?;
    Ok(CreateReusableDelegationSetResponse {
        location: format!("{}delegationset/{}", super::respond::VERSION, set.id),
        delegation_set: shown(set),
    })
}

/// GetReusableDelegationSet.
pub(super) fn get(
    to: &Route53,
    request: &GetReusableDelegationSetRequest,
) -> Result<GetReusableDelegationSetResponse, Fault> {
    Ok(GetReusableDelegationSetResponse { delegation_set: shown(find(to, &ids::delegation_set(&request.id)?)?) })
}

/// ListReusableDelegationSets, by id.
pub(super) fn list(
    to: &Route53,
    request: ListReusableDelegationSetsRequest,
) -> Result<ListReusableDelegationSetsResponse, Fault> {
    let ListReusableDelegationSetsRequest { marker, max_items } = request;
    let size = page::size(max_items.as_deref(), DELEGATION_SETS_PER_PAGE_MAX)?;
    let parse = |text: &str| DelegationSetId::parse(text);
    let from = marker.as_deref().map(parse).transpose();
    let from = from.map_err(|fault| Fault::InvalidInput { message: fault.to_string() })?;
    let page = delegation_sets::list(&to.store, from.as_ref(), size)?;
    Ok(ListReusableDelegationSetsResponse {
        delegation_sets: page.items.into_iter().map(shown).collect(),
        marker,
        is_truncated: page.next.is_some(),
        next_marker: page.next.map(|id| id.to_string()),
        max_items: size.to_string(),
    })
}

/// DeleteReusableDelegationSet.
pub(super) async fn delete(
    to: &Route53,
    meta: Meta,
    request: &DeleteReusableDelegationSetRequest,
) -> Result<DeleteReusableDelegationSetResponse, Fault> {
    delegation_sets::delete(&to.store, meta, &ids::delegation_set(&request.id)?).await?;
    Ok(DeleteReusableDelegationSetResponse {})
}

/// GetReusableDelegationSetLimit.
pub(super) fn limit(
    to: &Route53,
    request: &GetReusableDelegationSetLimitRequest,
) -> Result<GetReusableDelegationSetLimitResponse, Fault> {
    let set = find(to, &ids::delegation_set(&request.delegation_set_id)?)?;
    let value = value(to.limits.zones_per_delegation_set_max);
    let limit = ReusableDelegationSetLimit { r#type: request.r#type, value };
    Ok(GetReusableDelegationSetLimitResponse { limit, count: number(set.zone_count) })
}

/// The delegation set of a zone, with an id if it is a reusable one; private zones have none. The set of a zone that was
/// just read may be gone with the zone by now, which is no fault of whoever asked for the zone.
pub(super) fn of_zone(to: &Route53, zone: &HostedZone) -> Result<Option<DelegationSet>, Fault> {
    let name_servers = || zone.name_servers.iter().map(server_name).collect();
    let alone = |id| DelegationSet { id, caller_reference: None, name_servers: name_servers() };
    Ok(match &zone.visibility {
        Visibility::Private { vpcs: _ } => None,
        Visibility::Public { delegation_set: None } => Some(alone(None)),
        Visibility::Public { delegation_set: Some(id) } => {
            let set = delegation_sets::find(&to.store, id)?.map(shown);
            Some(set.unwrap_or_else(|| alone(Some(shown_id(id)))))
        }
    })
}

fn find(to: &Route53, id: &DelegationSetId) -> Result<Set, Fault> {
    delegation_sets::find(&to.store, id)?.ok_or_else(|| Fault::NoSuchDelegationSet { id: id.to_string() })
}

/// The name servers are without their dots here, and with them in the NS record set of a zone.
fn shown(set: Set) -> DelegationSet {
    let Set { id, caller_reference, name_servers, zone_count: _ } = set;
    DelegationSet {
        id: Some(shown_id(&id)),
        caller_reference: Some(caller_reference),
        name_servers: name_servers.iter().map(server_name).collect(),
    }
}

fn shown_id(id: &DelegationSetId) -> String {
    format!("/delegationset/{id}")
}
