//! Hosted zones: create, get, list, comment, delete; their count and limits; what DNSSEC they have.
//!
//! Not offered yet: private zones (a VPC, `PrivateZone`) and reusable delegation sets; asking for one is refused.

use control::{Meta, hosted_zones};
use model::Name;
use model::hosted_zone::HostedZone as Zone;
use model::id::HostedZoneId;
use model::limits::ZONES_PER_PAGE_MAX;

use super::Route53;
use super::changes;
use super::error::Fault;
use super::generated::shapes::{
    CreateHostedZoneRequest, CreateHostedZoneResponse, DNSSECStatus, DelegationSet, DeleteHostedZoneRequest,
    DeleteHostedZoneResponse, GetDNSSECRequest, GetDNSSECResponse, GetHostedZoneCountRequest,
    GetHostedZoneCountResponse, GetHostedZoneRequest, GetHostedZoneResponse, HostedZone, HostedZoneConfig,
    HostedZoneType, ListHostedZonesByNameRequest, ListHostedZonesByNameResponse, ListHostedZonesRequest,
    ListHostedZonesResponse, UpdateHostedZoneCommentRequest, UpdateHostedZoneCommentResponse,
};
use super::{ids, page};

/// CreateHostedZone.
pub(super) async fn create(
    to: &Route53,
    meta: Meta,
    request: CreateHostedZoneRequest,
) -> Result<CreateHostedZoneResponse, Fault> {
    let CreateHostedZoneRequest { name, vpc, caller_reference, hosted_zone_config, delegation_set_id } = request;
    let HostedZoneConfig { comment, private_zone } =
        hosted_zone_config.unwrap_or(HostedZoneConfig { comment: None, private_zone: None });
    if vpc.is_some() || private_zone == Some(true) {
        let message = "private hosted zones are not supported yet, leave out VPC and PrivateZone".to_owned();
        return Err(Fault::InvalidInput { message });
    }
    if let Some(id) = delegation_set_id {
        return Err(Fault::NoSuchDelegationSet { id });
    }
    let new = hosted_zones::NewHostedZone { name: domain_name(&name)?, caller_reference, comment };
    let (zone, change) = hosted_zones::create(&to.store, meta, to.random, new, &to.delegation, &to.limits).await?;
    Ok(CreateHostedZoneResponse {
        location: format!("{}hostedzone/{}", super::respond::VERSION, zone.id),
        change_info: changes::submitted(change),
        delegation_set: delegation_set(&zone),
        hosted_zone: shown(zone),
        vpc: None,
    })
}

/// GetHostedZone.
pub(super) fn get(to: &Route53, request: &GetHostedZoneRequest) -> Result<GetHostedZoneResponse, Fault> {
    let zone = find(to, &request.id)?;
    Ok(GetHostedZoneResponse { delegation_set: Some(delegation_set(&zone)), hosted_zone: shown(zone), vpcs: None })
}

/// ListHostedZones, by id.
pub(super) fn list(to: &Route53, request: ListHostedZonesRequest) -> Result<ListHostedZonesResponse, Fault> {
    let ListHostedZonesRequest { marker, max_items, delegation_set_id, hosted_zone_type } = request;
    let size = page::size(max_items.as_deref(), ZONES_PER_PAGE_MAX)?;
    if let Some(id) = delegation_set_id {
        return Err(Fault::NoSuchDelegationSet { id });
    }
    let from = marker.as_deref().map(zone_marker).transpose()?;
    let (items, next) = match hosted_zone_type {
        // There are none yet.
        Some(HostedZoneType::PrivateHostedZone) => (Vec::new(), None),
        None => {
            let page = hosted_zones::list(&to.store, from.as_ref(), size)?;
            (page.items, page.next)
        }
    };
    Ok(ListHostedZonesResponse {
        hosted_zones: items.into_iter().map(shown).collect(),
        marker,
        is_truncated: next.is_some(),
        next_marker: next.map(|id| id.to_string()),
        max_items: size.to_string(),
    })
}

/// ListHostedZonesByName: from the first zone not before the name on. The name is no filter, and clients know.
pub(super) fn list_by_name(
    to: &Route53,
    request: ListHostedZonesByNameRequest,
) -> Result<ListHostedZonesByNameResponse, Fault> {
    let ListHostedZonesByNameRequest { dns_name, hosted_zone_id, max_items } = request;
    let size = page::size(max_items.as_deref(), ZONES_PER_PAGE_MAX)?;
    let name = dns_name.as_deref().map(domain_name).transpose()?;
    let id = hosted_zone_id.as_deref().map(zone_marker).transpose()?;
    if name.is_none() && id.is_some() {
        let message = "HostedZoneId has a meaning only together with DNSName, name both".to_owned();
        return Err(Fault::InvalidInput { message });
    }
    let page = hosted_zones::list_by_name(&to.store, name.as_ref().map(|name| (name, id.as_ref())), size)?;
    let (next_dns_name, next_hosted_zone_id) = page.next.map(|(name, id)| (name.to_string(), id.to_string())).unzip();
    Ok(ListHostedZonesByNameResponse {
        hosted_zones: page.items.into_iter().map(shown).collect(),
        dns_name,
        hosted_zone_id,
        is_truncated: next_dns_name.is_some(),
        next_dns_name,
        next_hosted_zone_id,
        max_items: size.to_string(),
    })
}

/// UpdateHostedZoneComment; no comment removes it.
pub(super) async fn update_comment(
    to: &Route53,
    meta: Meta,
    request: UpdateHostedZoneCommentRequest,
) -> Result<UpdateHostedZoneCommentResponse, Fault> {
    let id = ids::hosted_zone(&request.id)?;
    let zone = hosted_zones::update_comment(&to.store, meta, &id, request.comment).await?;
    Ok(UpdateHostedZoneCommentResponse { hosted_zone: shown(zone) })
}

/// DeleteHostedZone.
pub(super) async fn delete(
    to: &Route53,
    meta: Meta,
    request: &DeleteHostedZoneRequest,
) -> Result<DeleteHostedZoneResponse, Fault> {
    let id = ids::hosted_zone(&request.id)?;
    let change = hosted_zones::delete(&to.store, meta, to.random, &id).await?;
    Ok(DeleteHostedZoneResponse { change_info: changes::submitted(change) })
}

/// GetHostedZoneCount.
pub(super) fn count(to: &Route53, _: &GetHostedZoneCountRequest) -> Result<GetHostedZoneCountResponse, Fault> {
    Ok(GetHostedZoneCountResponse { hosted_zone_count: number(hosted_zones::count(&to.store)?) })
}

/// GetDNSSEC: zones are not signed yet. Terraform asks before it destroys a zone.
pub(super) fn dnssec(to: &Route53, request: &GetDNSSECRequest) -> Result<GetDNSSECResponse, Fault> {
    find(to, &request.hosted_zone_id)?;
    let status = DNSSECStatus { serve_signature: Some("NOT_SIGNING".to_owned()), status_message: None };
    Ok(GetDNSSECResponse { status, key_signing_keys: Vec::new() })
}

/// The zone with this id.
pub(super) fn find(to: &Route53, id: &str) -> Result<Zone, Fault> {
    let id = ids::hosted_zone(id)?;
    hosted_zones::find(&to.store, &id)?.ok_or_else(|| Fault::NoSuchHostedZone { id: id.to_string() })
}

/// A count as the wire has it.
pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn domain_name(text: &str) -> Result<Name, Fault> {
    Name::parse(text).map_err(|fault| Fault::InvalidDomainName { message: format!("FATAL problem: {fault}") })
}

fn zone_marker(text: &str) -> Result<HostedZoneId, Fault> {
    HostedZoneId::parse(text).map_err(|fault| Fault::InvalidInput { message: fault.to_string() })
}

fn shown(zone: Zone) -> HostedZone {
    let Zone { id, name, caller_reference, comment, name_servers: _, record_set_count, created: _, visibility: _ } =
        zone;
    HostedZone {
        id: format!("/hostedzone/{id}"),
        name: name.to_string(),
        caller_reference,
        // certbot reads `Config.PrivateZone` without asking whether it is there.
        config: Some(HostedZoneConfig { comment, private_zone: Some(false) }),
        resource_record_set_count: Some(number(record_set_count)),
        linked_service: None,
        features: None,
    }
}

/// The name servers are without their dots here, and with them in the NS record set.
fn delegation_set(zone: &Zone) -> DelegationSet {
    let name_servers = zone.name_servers.iter().map(server_name).collect();
    DelegationSet { id: None, caller_reference: None, name_servers }
}

/// A name server's name as AWS writes it.
pub(super) fn server_name(name: &Name) -> String {
    name.to_string().trim_end_matches('.').to_owned()
}
