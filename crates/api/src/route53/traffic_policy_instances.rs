//! Traffic policy instances: create, get, update, delete, count, and the three listings.
//!
//! Their `State` is that of the revision that made or replaced their record set: `Creating` or `Updating` until every
//! DNS worker answers from it, then `Applied`; or `Failed`, with what stood in the way as `Message`.

use control::traffic_policy_instances::{self, NewTrafficPolicyInstance, Place};
use control::{Meta, Page};
use model::limits::TRAFFIC_POLICIES_PER_PAGE_MAX;
use model::traffic_policy::{Stage, TrafficPolicyInstance as Instance};
use model::{Name, RecordType, Ttl};
use tokio::time::Instant;

use super::Route53;
use super::changes::NEARLY_THERE;
use super::error::Fault;
use super::generated::shapes::{
    CreateTrafficPolicyInstanceRequest, CreateTrafficPolicyInstanceResponse, DeleteTrafficPolicyInstanceRequest,
    DeleteTrafficPolicyInstanceResponse, GetTrafficPolicyInstanceCountRequest, GetTrafficPolicyInstanceCountResponse,
    GetTrafficPolicyInstanceRequest, GetTrafficPolicyInstanceResponse, ListTrafficPolicyInstancesByHostedZoneRequest,
    ListTrafficPolicyInstancesByHostedZoneResponse, ListTrafficPolicyInstancesByPolicyRequest,
    ListTrafficPolicyInstancesByPolicyResponse, ListTrafficPolicyInstancesRequest, ListTrafficPolicyInstancesResponse,
    TrafficPolicyInstance, UpdateTrafficPolicyInstanceRequest, UpdateTrafficPolicyInstanceResponse,
};
use super::hosted_zones;
use super::traffic_policies::number;
use super::{ids, page};

/// CreateTrafficPolicyInstance.
pub(super) async fn create(
    to: &Route53,
    meta: Meta,
    request: CreateTrafficPolicyInstanceRequest,
) -> Result<CreateTrafficPolicyInstanceResponse, Fault> {
    let CreateTrafficPolicyInstanceRequest { hosted_zone_id, name, ttl, traffic_policy_id, traffic_policy_version } =
        request;
    let new = NewTrafficPolicyInstance {
        zone: ids::hosted_zone(&hosted_zone_id)?,
        name: domain_name(&name)?,
        ttl: seconds(ttl),
        policy: ids::traffic_policy(&traffic_policy_id)?,
        version: number(traffic_policy_version),
    };
    let instance = traffic_policy_instances::create(&to.store, meta, to.random, new, &to.limits).await?;
    Ok(CreateTrafficPolicyInstanceResponse {
        location: format!("{}trafficpolicyinstance/{}", super::respond::VERSION, instance.id),
        traffic_policy_instance: shown(instance, 0),
    })
}

/// GetTrafficPolicyInstance. Like GetChange it waits a moment for an instance that is nearly there.
pub(super) async fn get(
    to: &Route53,
    request: &GetTrafficPolicyInstanceRequest,
) -> Result<GetTrafficPolicyInstanceResponse, Fault> {
    let id = ids::traffic_policy_instance(&request.id)?;
    let asked = Instant::now();
    loop {
        let served = (to.served)();
        let found = traffic_policy_instances::find(&to.store, &id)?;
        let instance = found.ok_or_else(|| Fault::NoSuchTrafficPolicyInstance { id: id.to_string() })?;
        let is_waiting = matches!(instance.stage, Stage::Created(at) | Stage::Updated(at) if at > served);
        if !is_waiting || asked.elapsed() > NEARLY_THERE {
            return Ok(GetTrafficPolicyInstanceResponse { traffic_policy_instance: shown(instance, served) });
        }
        tokio::time::sleep(NEARLY_THERE / 25).await;
    }
}

/// UpdateTrafficPolicyInstance.
pub(super) async fn update(
    to: &Route53,
    meta: Meta,
    request: UpdateTrafficPolicyInstanceRequest,
) -> Result<UpdateTrafficPolicyInstanceResponse, Fault> {
    let UpdateTrafficPolicyInstanceRequest { id, ttl, traffic_policy_id, traffic_policy_version } = request;
    let (id, policy) = (ids::traffic_policy_instance(&id)?, ids::traffic_policy(&traffic_policy_id)?);
    let (ttl, version) = (seconds(ttl), number(traffic_policy_version));
    let updated = traffic_policy_instances::update(&to.store, meta, &id, ttl, &policy, version, &to.limits);
    Ok(UpdateTrafficPolicyInstanceResponse { traffic_policy_instance: shown(updated.await?, 0) })
}

/// DeleteTrafficPolicyInstance.
pub(super) async fn delete(
    to: &Route53,
    meta: Meta,
    request: &DeleteTrafficPolicyInstanceRequest,
) -> Result<DeleteTrafficPolicyInstanceResponse, Fault> {
    traffic_policy_instances::delete(&to.store, meta, &ids::traffic_policy_instance(&request.id)?).await?;
    Ok(DeleteTrafficPolicyInstanceResponse {})
}

/// GetTrafficPolicyInstanceCount.
pub(super) fn count(
    to: &Route53,
    _: &GetTrafficPolicyInstanceCountRequest,
) -> Result<GetTrafficPolicyInstanceCountResponse, Fault> {
    let count = hosted_zones::number(traffic_policy_instances::count(&to.store)?);
    Ok(GetTrafficPolicyInstanceCountResponse { traffic_policy_instance_count: count })
}

/// ListTrafficPolicyInstances.
pub(super) fn list(
    to: &Route53,
    request: ListTrafficPolicyInstancesRequest,
) -> Result<ListTrafficPolicyInstancesResponse, Fault> {
    let ListTrafficPolicyInstancesRequest {
        hosted_zone_id_marker,
        traffic_policy_instance_name_marker,
        traffic_policy_instance_type_marker,
        max_items,
    } = request;
    let size = page::size(max_items.as_deref(), TRAFFIC_POLICIES_PER_PAGE_MAX)?;
    let name = traffic_policy_instance_name_marker;
    let marker = marker(hosted_zone_id_marker, name, traffic_policy_instance_type_marker)?;
    let page = traffic_policy_instances::list(&to.store, marker.as_ref(), size)?;
    let Listed { instances, zone, name, record_type } = listed(to, page);
    Ok(ListTrafficPolicyInstancesResponse {
        traffic_policy_instances: instances,
        is_truncated: zone.is_some(),
        hosted_zone_id_marker: zone,
        traffic_policy_instance_name_marker: name,
        traffic_policy_instance_type_marker: record_type,
        max_items: size.to_string(),
    })
}

/// ListTrafficPolicyInstancesByHostedZone.
pub(super) fn list_in_zone(
    to: &Route53,
    request: ListTrafficPolicyInstancesByHostedZoneRequest,
) -> Result<ListTrafficPolicyInstancesByHostedZoneResponse, Fault> {
    let ListTrafficPolicyInstancesByHostedZoneRequest {
        hosted_zone_id,
        traffic_policy_instance_name_marker,
        traffic_policy_instance_type_marker,
        max_items,
    } = request;
    let size = page::size(max_items.as_deref(), TRAFFIC_POLICIES_PER_PAGE_MAX)?;
    let id = ids::hosted_zone(&hosted_zone_id)?;
    let marker =
        marker(Some(hosted_zone_id), traffic_policy_instance_name_marker, traffic_policy_instance_type_marker)?;
    let page = traffic_policy_instances::list_in_zone(&to.store, &id, marker.as_ref(), size)?;
    let Listed { instances, zone, name, record_type } = listed(to, page);
    Ok(ListTrafficPolicyInstancesByHostedZoneResponse {
        traffic_policy_instances: instances,
        is_truncated: zone.is_some(),
        traffic_policy_instance_name_marker: name,
        traffic_policy_instance_type_marker: record_type,
        max_items: size.to_string(),
    })
}

/// ListTrafficPolicyInstancesByPolicy.
pub(super) fn list_by_policy(
    to: &Route53,
    request: ListTrafficPolicyInstancesByPolicyRequest,
) -> Result<ListTrafficPolicyInstancesByPolicyResponse, Fault> {
    let ListTrafficPolicyInstancesByPolicyRequest {
        traffic_policy_id,
        traffic_policy_version,
        hosted_zone_id_marker,
        traffic_policy_instance_name_marker,
        traffic_policy_instance_type_marker,
        max_items,
    } = request;
    let size = page::size(max_items.as_deref(), TRAFFIC_POLICIES_PER_PAGE_MAX)?;
    let id = ids::traffic_policy(&traffic_policy_id)?;
    let name = traffic_policy_instance_name_marker;
    let marker = marker(hosted_zone_id_marker, name, traffic_policy_instance_type_marker)?;
    let version = number(traffic_policy_version);
    let page = traffic_policy_instances::list_by_policy(&to.store, &id, version, marker.as_ref(), size)?;
    let Listed { instances, zone, name, record_type } = listed(to, page);
    Ok(ListTrafficPolicyInstancesByPolicyResponse {
        traffic_policy_instances: instances,
        is_truncated: zone.is_some(),
        hosted_zone_id_marker: zone,
        traffic_policy_instance_name_marker: name,
        traffic_policy_instance_type_marker: record_type,
        max_items: size.to_string(),
    })
}

/// A page on the wire: its instances, and the first of the next one.
struct Listed {
    instances: Vec<TrafficPolicyInstance>,
    zone: Option<String>,
    name: Option<String>,
    record_type: Option<String>,
}

fn listed(to: &Route53, page: Page<Instance, Place>) -> Listed {
    let served = (to.served)();
    let instances = page.items.into_iter().map(|instance| shown(instance, served)).collect();
    let (zone, name, record_type) = match page.next {
        None => (None, None, None),
        Some(Place { zone, name, record_type }) => (
            Some(zone.to_string()),
            name.map(|name| name.to_string()),
            record_type.map(|record_type| record_type.to_string()),
        ),
    };
    Listed { instances, zone, name, record_type }
}

/// A marker's three parts; each needs those before it.
fn marker(zone: Option<String>, name: Option<String>, record_type: Option<String>) -> Result<Option<Place>, Fault> {
    let invalid = |message: &str| Err(Fault::InvalidInput { message: message.to_owned() });
    let Some(zone) = zone else {
        return match (name, record_type) {
            (None, None) => Ok(None),
            _ => invalid("TrafficPolicyInstanceNameMarker and TrafficPolicyInstanceTypeMarker need HostedZoneIdMarker"),
        };
    };
    if name.is_none() && record_type.is_some() {
        return invalid("TrafficPolicyInstanceTypeMarker needs TrafficPolicyInstanceNameMarker, name it too");
    }
    let Ok(id) = model::id::HostedZoneId::parse(&zone) else {
        return Err(Fault::NoSuchTrafficPolicyInstance { id: zone });
    };
    let name = name.as_deref().map(domain_name).transpose()?;
    let record_type = record_type.as_deref().map(RecordType::parse).transpose();
    let record_type = record_type.map_err(|fault| Fault::InvalidInput { message: fault.to_string() })?;
    Ok(Some(Place { zone: id, name, record_type }))
}

fn domain_name(text: &str) -> Result<Name, Fault> {
    Name::parse(text).map_err(|fault| Fault::InvalidInput { message: format!("FATAL problem: {fault}") })
}

fn seconds(ttl: i64) -> Ttl {
    let seconds = u64::try_from(ttl).ok().and_then(|ttl| Ttl::new(ttl).ok());
    seconds.expect("the model's limits were checked")
}

/// An instance as it is for whoever is answered from the revision `served`.
fn shown(instance: Instance, served: u64) -> TrafficPolicyInstance {
    let Instance { id, zone, name, record_type, ttl, policy, version, stage } = instance;
    let (state, message) = match stage {
        Stage::Created(at) | Stage::Updated(at) if at <= served => ("Applied", String::new()),
        Stage::Created(_) => ("Creating", String::new()),
        Stage::Updated(_) => ("Updating", String::new()),
        Stage::Failed(message) => ("Failed", clipped(message)),
    };
    TrafficPolicyInstance {
        id: id.to_string(),
        hosted_zone_id: zone.to_string(),
        name: name.to_string(),
        ttl: ttl.seconds().into(),
        state: state.to_owned(),
        message,
        traffic_policy_id: policy.to_string(),
        traffic_policy_version: version.into(),
        traffic_policy_type: record_type.to_string(),
    }
}

/// API `Message`: at most 1024 characters.
fn clipped(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(1024) {
        message.truncate(end);
    }
    message
}
