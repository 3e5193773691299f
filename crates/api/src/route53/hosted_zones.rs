//! Hosted zones: create, get, list, comment, delete; their count and features.

use control::{Meta, Page, delegation_sets as sets, hosted_zones};
use model::Name;
use model::hosted_zone::{HostedZone as Zone, Visibility};
use model::id::HostedZoneId;
use model::limits::ZONES_PER_PAGE_MAX;

use super::Route53;
use super::changes;
use super::error::Fault;
use super::generated::shapes::{
    CreateHostedZoneRequest, CreateHostedZoneResponse, DeleteHostedZoneRequest, DeleteHostedZoneResponse,
    GetHostedZoneCountRequest, GetHostedZoneCountResponse, GetHostedZoneRequest, GetHostedZoneResponse, HostedZone,
    HostedZoneConfig, HostedZoneType, ListHostedZonesByNameRequest, ListHostedZonesByNameResponse,
    ListHostedZonesRequest, ListHostedZonesResponse, UpdateHostedZoneCommentRequest, UpdateHostedZoneCommentResponse,
    UpdateHostedZoneFeaturesRequest, UpdateHostedZoneFeaturesResponse, VPC,
};
use super::{delegation_sets, ids, page, vpcs};

/// CreateHostedZone.
pub(super) async fn create(
    to: &Route53,
    meta: Meta,
    request: CreateHostedZoneRequest,
) -> Result<CreateHostedZoneResponse, Fault> {
    let CreateHostedZoneRequest { name, vpc, caller_reference, hosted_zone_config, delegation_set_id } = request;
    let HostedZoneConfig { comment, private_zone } =
        hosted_zone_config.unwrap_or(HostedZoneConfig { comment: None, private_zone: None });
    let name = domain_name(&name)?;
    let visibility = visibility(to, vpc.clone(), private_zone, delegation_set_id)?;
    let new = hosted_zones::NewHostedZone { name, caller_reference, comment, visibility };
    let (zone, change) = hosted_zones::create(&to.store, meta, to.random, new, &to.delegation, &to.limits).await?;
    Ok(CreateHostedZoneResponse {
        location: format!("{}hostedzone/{}", super::respond::VERSION, zone.id),
        change_info: changes::submitted(change),
        delegation_set: delegation_sets::of_zone(to, &zone)?,
        hosted_zone: shown(zone),
        vpc,
    })
}

/// A VPC makes a zone private, whatever `PrivateZone` says; without one there is no private zone.
fn visibility(
    to: &Route53,
    vpc: Option<VPC>,
    private_zone: Option<bool>,
    delegation_set_id: Option<String>,
) -> Result<Visibility, Fault> {
    let refused = |message: &str| Err(Fault::InvalidInput { message: message.to_owned() });
    match (vpc, delegation_set_id) {
        (None, _) if private_zone == Some(true) => refused(
            "When you're creating a private hosted zone (when you specify true for PrivateZone), you must also specify \
             values for VPCId and VPCRegion.",
        ),
        (None, id) => {
            let delegation_set = id.map(|id| ids::delegation_set(&id)).transpose()?;
            Ok(Visibility::Public { delegation_set })
        }
        (Some(_), Some(_)) => refused("a private hosted zone has no delegation set, leave out DelegationSetId or VPC"),
        (Some(vpc), None) => Ok(Visibility::Private { vpcs: vec![vpcs::known(to, vpc)?] }),
    }
}

/// GetHostedZone.
pub(super) fn get(to: &Route53, request: &GetHostedZoneRequest) -> Result<GetHostedZoneResponse, Fault> {
    let zone = find(to, &request.id)?;
    let vpcs = match &zone.visibility {
        Visibility::Public { delegation_set: _ } => None,
        Visibility::Private { vpcs } => Some(vpcs.iter().map(vpcs::shown).collect()),
    };
    let delegation_set = delegation_sets::of_zone(to, &zone)?;
    Ok(GetHostedZoneResponse { hosted_zone: shown(zone), delegation_set, vpcs })
}

/// ListHostedZones, by id.
pub(super) fn list(to: &Route53, request: ListHostedZonesRequest) -> Result<ListHostedZonesResponse, Fault> {
    let ListHostedZonesRequest { marker, max_items, delegation_set_id, hosted_zone_type } = request;
    let size = page::size(max_items.as_deref(), ZONES_PER_PAGE_MAX)?;
    let set = delegation_set_id.map(|id| ids::delegation_set(&id)).transpose()?;
    let from = marker.as_deref().map(zone_marker).transpose()?;
    let page = match (set, hosted_zone_type) {
        (None, None) => hosted_zones::list(&to.store, from.as_ref(), size)?,
        (None, Some(HostedZoneType::PrivateHostedZone)) => hosted_zones::list_private(&to.store, from.as_ref(), size)?,
        (Some(set), None) => sets::list_zones(&to.store, &set, from.as_ref(), size)?,
        // No private zone has one; the set must be there all the same.
        (Some(set), Some(HostedZoneType::PrivateHostedZone)) => {
            sets::list_zones(&to.store, &set, None, 0)?;
            Page { items: Vec::new(), next: None }
        }
    };
    Ok(ListHostedZonesResponse {
        hosted_zones: page.items.into_iter().map(shown).collect(),
        marker,
        is_truncated: page.next.is_some(),
        next_marker: page.next.map(|id| id.to_string()),
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

/// UpdateHostedZoneFeatures. Accelerated recovery is AWS's promise for its own regions: it is off here and stays off.
pub(super) fn update_features(
    to: &Route53,
    request: &UpdateHostedZoneFeaturesRequest,
) -> Result<UpdateHostedZoneFeaturesResponse, Fault> {
    find(to, &request.hosted_zone_id)?;
    if request.enable_accelerated_recovery == Some(true) {
        let message = "accelerated recovery means the regions of AWS and is not offered by this server, \
                       EnableAcceleratedRecovery can be: false";
        return Err(Fault::InvalidInput { message: message.to_owned() });
    }
    Ok(UpdateHostedZoneFeaturesResponse {})
}

/// GetHostedZoneCount.
pub(super) fn count(to: &Route53, _: &GetHostedZoneCountRequest) -> Result<GetHostedZoneCountResponse, Fault> {
    Ok(GetHostedZoneCountResponse { hosted_zone_count: number(hosted_zones::count(&to.store)?) })
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
    let private_zone = Some(zone.is_private());
    let Zone { id, name, caller_reference, comment, name_servers: _, record_set_count, created: _, visibility: _ } =
        zone;
    HostedZone {
        id: format!("/hostedzone/{id}"),
        name: name.to_string(),
        caller_reference,
        // certbot reads `Config.PrivateZone` without asking whether it is there.
        config: Some(HostedZoneConfig { comment, private_zone }),
        resource_record_set_count: Some(number(record_set_count)),
        linked_service: None,
        features: None,
    }
}

/// A name server's name as AWS writes it.
pub(super) fn server_name(name: &Name) -> String {
    name.to_string().trim_end_matches('.').to_owned()
}
