//! The VPCs of private hosted zones: associations, authorizations, and the zones of a VPC.
//!
//! A VPC is one that the operator configured in `[[vpc]]`; no other gets a zone. One that is configured no more can
//! still be taken from its zones. docs/route53/private-zones.md

use control::{Meta, vpcs};
use model::Name;
use model::hosted_zone::Vpc;
use model::id::{HostedZoneId, Region, VpcId};
use model::limits::{AUTHORIZATIONS_PER_PAGE_MAX, ZONES_PER_PAGE_MAX};

use super::Route53;
use super::changes;
use super::error::Fault;
use super::generated::shapes::{
    AssociateVPCWithHostedZoneRequest, AssociateVPCWithHostedZoneResponse, CreateVPCAssociationAuthorizationRequest,
    CreateVPCAssociationAuthorizationResponse, DeleteVPCAssociationAuthorizationRequest,
    DeleteVPCAssociationAuthorizationResponse, DisassociateVPCFromHostedZoneRequest,
    DisassociateVPCFromHostedZoneResponse, HostedZoneOwner, HostedZoneSummary, ListHostedZonesByVPCRequest,
    ListHostedZonesByVPCResponse, ListVPCAssociationAuthorizationsRequest, ListVPCAssociationAuthorizationsResponse,
    VPC,
};
use super::{ids, page, token};

/// AssociateVPCWithHostedZone.
pub(super) async fn associate(
    to: &Route53,
    meta: Meta,
    request: AssociateVPCWithHostedZoneRequest,
) -> Result<AssociateVPCWithHostedZoneResponse, Fault> {
    let AssociateVPCWithHostedZoneRequest { hosted_zone_id, vpc, comment } = request;
    let zone = ids::hosted_zone(&hosted_zone_id)?;
    let vpc = known(to, vpc)?;
    let change = vpcs::associate(&to.store, meta, to.random, &zone, vpc, comment, &to.limits).await?;
    Ok(AssociateVPCWithHostedZoneResponse { change_info: changes::submitted(change) })
}

/// DisassociateVPCFromHostedZone.
pub(super) async fn disassociate(
    to: &Route53,
    meta: Meta,
    request: DisassociateVPCFromHostedZoneRequest,
) -> Result<DisassociateVPCFromHostedZoneResponse, Fault> {
    let DisassociateVPCFromHostedZoneRequest { hosted_zone_id, vpc, comment } = request;
    let zone = ids::hosted_zone(&hosted_zone_id)?;
    let change = vpcs::disassociate(&to.store, meta, to.random, &zone, read(vpc)?, comment).await?;
    Ok(DisassociateVPCFromHostedZoneResponse { change_info: changes::submitted(change) })
}

/// CreateVPCAssociationAuthorization.
pub(super) async fn authorize(
    to: &Route53,
    meta: Meta,
    request: CreateVPCAssociationAuthorizationRequest,
) -> Result<CreateVPCAssociationAuthorizationResponse, Fault> {
    let CreateVPCAssociationAuthorizationRequest { hosted_zone_id, vpc } = request;
    let zone = ids::hosted_zone(&hosted_zone_id)?;
    let vpc = known(to, vpc)?;
    vpcs::authorize(&to.store, meta, &zone, vpc.clone(), &to.limits).await?;
    Ok(CreateVPCAssociationAuthorizationResponse { hosted_zone_id: zone.to_string(), vpc: shown(&vpc) })
}

/// DeleteVPCAssociationAuthorization.
pub(super) async fn deauthorize(
    to: &Route53,
    meta: Meta,
    request: DeleteVPCAssociationAuthorizationRequest,
) -> Result<DeleteVPCAssociationAuthorizationResponse, Fault> {
    let DeleteVPCAssociationAuthorizationRequest { hosted_zone_id, vpc } = request;
    vpcs::deauthorize(&to.store, meta, &ids::hosted_zone(&hosted_zone_id)?, read(vpc)?).await?;
    Ok(DeleteVPCAssociationAuthorizationResponse {})
}

/// ListVPCAssociationAuthorizations, by region, then id.
pub(super) fn list_authorizations(
    to: &Route53,
    request: ListVPCAssociationAuthorizationsRequest,
) -> Result<ListVPCAssociationAuthorizationsResponse, Fault> {
    let ListVPCAssociationAuthorizationsRequest { hosted_zone_id, next_token, max_results } = request;
    let zone = ids::hosted_zone(&hosted_zone_id)?;
    let size = page::results(max_results.as_deref(), AUTHORIZATIONS_PER_PAGE_MAX)?;
    let start = next_token.map(|token| {
        let [region, id] = token::read(&token)?;
        parse(&region, &id).ok_or(Fault::InvalidPaginationToken)
    });
    let page = vpcs::list_authorizations(&to.store, &zone, start.transpose()?.as_ref(), size)?;
    Ok(ListVPCAssociationAuthorizationsResponse {
        hosted_zone_id: zone.to_string(),
        next_token: page.next.map(|vpc| token::write(&[vpc.region.as_str(), vpc.id.as_str()])),
        vpcs: page.items.iter().map(shown).collect(),
    })
}

/// ListHostedZonesByVPC, by name, then id. A VPC that nobody knows has no zones.
pub(super) fn list_zones(
    to: &Route53,
    request: ListHostedZonesByVPCRequest,
) -> Result<ListHostedZonesByVPCResponse, Fault> {
    let ListHostedZonesByVPCRequest { vpc_id, vpc_region, max_items, next_token } = request;
    let size = page::size(max_items.as_deref(), ZONES_PER_PAGE_MAX)?;
    let vpc = parse(&vpc_region, &vpc_id).ok_or_else(|| {
        let message = format!("VPCId and VPCRegion must be ids, such as vpc-1a2b3c4d and us-east-1: {vpc_id}");
        Fault::InvalidInput { message }
    })?;
    let start = next_token.map(|token| {
        let [name, id] = token::read(&token)?;
        let place = Name::parse(&name).ok().zip(HostedZoneId::parse(&id).ok());
        place.ok_or(Fault::InvalidPaginationToken)
    });
    let start = start.transpose()?;
    let page = vpcs::list_zones(&to.store, &vpc, start.as_ref().map(|(name, id)| (name, id)), size)?;
    let owner = || HostedZoneOwner { owning_account: Some(to.account_id.to_string()), owning_service: None };
    let summary = |zone: &model::hosted_zone::HostedZone| HostedZoneSummary {
        hosted_zone_id: zone.id.to_string(),
        name: zone.name.to_string(),
        owner: owner(),
    };
    Ok(ListHostedZonesByVPCResponse {
        hosted_zone_summaries: page.items.iter().map(summary).collect(),
        max_items: size.to_string(),
        next_token: page.next.map(|(name, id)| token::write(&[&name.to_string(), id.as_str()])),
    })
}

/// A VPC of a request, if the operator configured it.
pub(super) fn known(to: &Route53, vpc: VPC) -> Result<Vpc, Fault> {
    let vpc = read(vpc)?;
    if to.vpcs.contains(&vpc) {
        return Ok(vpc);
    }
    let message = format!(
        "no VPC with this ID is configured in region {}; add it and its networks to [[vpc]] in cutover.toml: {}",
        vpc.region, vpc.id
    );
    Err(Fault::InvalidVPCId { message })
}

fn read(vpc: VPC) -> Result<Vpc, Fault> {
    let VPC { vpc_region, vpc_id } = vpc;
    let (Some(region), Some(id)) = (vpc_region, vpc_id) else {
        return Err(Fault::InvalidInput { message: "a VPC is named by VPCRegion and VPCId, give both".to_owned() });
    };
    let invalid = || Fault::InvalidVPCId { message: format!("the region or ID of a VPC is not valid: {region} {id}") };
    parse(&region, &id).ok_or_else(invalid)
}

fn parse(region: &str, id: &str) -> Option<Vpc> {
    Some(Vpc { region: Region::parse(region).ok()?, id: VpcId::parse(id).ok()? })
}

/// A VPC as the wire has it.
pub(super) fn shown(vpc: &Vpc) -> VPC {
    VPC { vpc_region: Some(vpc.region.to_string()), vpc_id: Some(vpc.id.to_string()) }
}
