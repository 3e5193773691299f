//! Health checks: create, get, list, update, delete, and what was last seen of their endpoints.
//!
//! The rules of a config are `model`'s; here its fields only change their clothes. Observations come from the prober
//! through [`super::Observed`]. Differs: one checker stands for all of AWS's, and says it is in `us-east-1`.

use control::{Meta, health_checks};
use model::health_check::{
    HealthCheck as Check, HealthCheckChanges, HealthCheckConfig as Config, RawHealthCheckConfig, ResettableElement,
    Subject,
};
use model::health_status::Observation;
use model::id::HealthCheckId;
use model::limits::HEALTH_CHECKS_PER_PAGE_MAX;

use super::Route53;
use super::check::Choice as _;
use super::error::Fault;
use super::generated::shapes::{
    CreateHealthCheckRequest, CreateHealthCheckResponse, DeleteHealthCheckRequest, DeleteHealthCheckResponse,
    GetHealthCheckCountRequest, GetHealthCheckCountResponse, GetHealthCheckLastFailureReasonRequest,
    GetHealthCheckLastFailureReasonResponse, GetHealthCheckRequest, GetHealthCheckResponse,
    GetHealthCheckStatusRequest, GetHealthCheckStatusResponse, HealthCheck, HealthCheckConfig, HealthCheckObservation,
    HealthCheckType, ListHealthChecksRequest, ListHealthChecksResponse, ResettableElementName, StatusReport,
    UpdateHealthCheckRequest, UpdateHealthCheckResponse,
};
use super::hosted_zones::number;
use super::{ids, page};
use crate::time::Timestamp;

/// Where the one checker says it is; a place of AWS's, because clients read the field.
const REGION: &str = "us-east-1";

/// CreateHealthCheck; with the same reference and settings again, it gives the one that exists.
pub(super) async fn create(
    to: &Route53,
    meta: Meta,
    request: CreateHealthCheckRequest,
) -> Result<CreateHealthCheckResponse, Fault> {
    let CreateHealthCheckRequest { caller_reference, health_check_config } = request;
    let config = Config::parse(&raw(health_check_config))?;
    let check = health_checks::create(&to.store, meta, to.random, caller_reference, config, &to.limits).await?;
    let location = format!("{}healthcheck/{}", super::respond::VERSION, check.id);
    Ok(CreateHealthCheckResponse { health_check: shown(check), location })
}

/// GetHealthCheck.
pub(super) fn get(to: &Route53, request: &GetHealthCheckRequest) -> Result<GetHealthCheckResponse, Fault> {
    Ok(GetHealthCheckResponse { health_check: shown(find(to, &request.health_check_id)?) })
}

/// ListHealthChecks, by id.
pub(super) fn list(to: &Route53, request: ListHealthChecksRequest) -> Result<ListHealthChecksResponse, Fault> {
    let ListHealthChecksRequest { marker, max_items } = request;
    let size = page::size(max_items.as_deref(), HEALTH_CHECKS_PER_PAGE_MAX)?;
    let from = marker.as_deref().map(HealthCheckId::parse).transpose();
    let from = from.map_err(|fault| Fault::InvalidInput { message: fault.to_string() })?;
    let page = health_checks::list(&to.store, from.as_ref(), size)?;
    Ok(ListHealthChecksResponse {
        health_checks: page.items.into_iter().map(shown).collect(),
        marker,
        is_truncated: page.next.is_some(),
        next_marker: page.next.map(|id| id.to_string()),
        max_items: size.to_string(),
    })
}

/// UpdateHealthCheck.
pub(super) async fn update(
    to: &Route53,
    meta: Meta,
    request: UpdateHealthCheckRequest,
) -> Result<UpdateHealthCheckResponse, Fault> {
    let (id, version, changes) = changes(request)?;
    let check = health_checks::update(&to.store, meta, &id, version, changes).await?;
    Ok(UpdateHealthCheckResponse { health_check: shown(check) })
}

/// DeleteHealthCheck.
pub(super) async fn delete(
    to: &Route53,
    meta: Meta,
    request: &DeleteHealthCheckRequest,
) -> Result<DeleteHealthCheckResponse, Fault> {
    health_checks::delete(&to.store, meta, &ids::health_check(&request.health_check_id)?).await?;
    Ok(DeleteHealthCheckResponse {})
}

/// GetHealthCheckCount.
pub(super) fn count(to: &Route53, _: &GetHealthCheckCountRequest) -> Result<GetHealthCheckCountResponse, Fault> {
    Ok(GetHealthCheckCountResponse { health_check_count: number(health_checks::count(&to.store)?) })
}

/// GetHealthCheckStatus: nothing before the first probe.
pub(super) fn status(
    to: &Route53,
    request: &GetHealthCheckStatusRequest,
) -> Result<GetHealthCheckStatusResponse, Fault> {
    let check = with_endpoint(to, &request.health_check_id)?;
    let seen = (to.observed)(&check.id);
    Ok(GetHealthCheckStatusResponse { health_check_observations: observed(to, seen) })
}

/// GetHealthCheckLastFailureReason: nothing where nothing failed since the prober started.
pub(super) fn last_failure(
    to: &Route53,
    request: &GetHealthCheckLastFailureReasonRequest,
) -> Result<GetHealthCheckLastFailureReasonResponse, Fault> {
    let check = with_endpoint(to, &request.health_check_id)?;
    let seen = (to.last_failure)(&check.id);
    Ok(GetHealthCheckLastFailureReasonResponse { health_check_observations: observed(to, seen) })
}

fn find(to: &Route53, id: &str) -> Result<Check, Fault> {
    let id = ids::health_check(id)?;
    health_checks::find(&to.store, &id)?.ok_or_else(|| Fault::NoSuchHealthCheck { id: id.to_string() })
}

/// API GetHealthCheckStatus: calculated checks have no observations of their own.
fn with_endpoint(to: &Route53, id: &str) -> Result<Check, Fault> {
    let check = find(to, id)?;
    match check.config.subject {
        Subject::Endpoint(_) => Ok(check),
        Subject::Calculated(_) => {
            let message = format!("a calculated health check has no observations, ask for its children: {id}");
            Err(Fault::InvalidInput { message })
        }
    }
}

fn observed(to: &Route53, seen: Option<Observation>) -> Vec<HealthCheckObservation> {
    let observation = seen.map(|Observation { status, checked_at_ms, success: _ }| HealthCheckObservation {
        region: Some(REGION.to_owned()),
        ip_address: checker_address(&to.checker_ranges),
        status_report: Some(StatusReport { status: Some(status), checked_time: Some(Timestamp { ms: checked_at_ms }) }),
    });
    observation.into_iter().collect()
}

/// The checker's address, if the range it comes from is one.
fn checker_address(ranges: &[String]) -> Option<String> {
    let (address, prefix) = ranges.first()?.split_once('/')?;
    let whole = if address.contains(':') { "128" } else { "32" };
    (prefix == whole).then(|| address.to_owned())
}

/// The fields of a request as the model takes them.
fn raw(config: HealthCheckConfig) -> RawHealthCheckConfig {
    let HealthCheckConfig {
        ip_address,
        port,
        r#type,
        resource_path,
        fully_qualified_domain_name,
        search_string,
        request_interval,
        failure_threshold,
        measure_latency,
        inverted,
        disabled,
        health_threshold,
        child_health_checks,
        enable_sni,
        regions,
        alarm_identifier,
        insufficient_data_health_status,
        routing_control_arn,
    } = config;
    RawHealthCheckConfig {
        kind: r#type.as_str().to_owned(),
        ip_address,
        port,
        resource_path,
        fully_qualified_domain_name,
        search_string,
        request_interval,
        failure_threshold,
        measure_latency,
        inverted,
        disabled,
        health_threshold,
        child_health_checks,
        enable_sni,
        regions,
        alarm_identifier: alarm_identifier.is_some(),
        insufficient_data_health_status: insufficient_data_health_status.map(|status| status.as_str().to_owned()),
        routing_control_arn,
    }
}

fn changes(request: UpdateHealthCheckRequest) -> Result<(HealthCheckId, Option<u64>, HealthCheckChanges), Fault> {
    let UpdateHealthCheckRequest {
        health_check_id,
        health_check_version,
        ip_address,
        port,
        resource_path,
        fully_qualified_domain_name,
        search_string,
        failure_threshold,
        inverted,
        disabled,
        health_threshold,
        child_health_checks,
        enable_sni,
        regions,
        alarm_identifier,
        insufficient_data_health_status,
        reset_elements,
    } = request;
    let changes = HealthCheckChanges {
        ip_address,
        port,
        resource_path,
        fully_qualified_domain_name,
        search_string,
        failure_threshold,
        inverted,
        disabled,
        health_threshold,
        child_health_checks,
        enable_sni,
        regions,
        alarm_identifier: alarm_identifier.is_some(),
        insufficient_data_health_status: insufficient_data_health_status.map(|status| status.as_str().to_owned()),
        reset: reset_elements.unwrap_or_default().into_iter().map(resettable).collect(),
    };
    // The model's limits begin at 1.
    let version = health_check_version.map(|version| u64::try_from(version).unwrap_or(0));
    Ok((ids::health_check(&health_check_id)?, version, changes))
}

fn resettable(name: ResettableElementName) -> ResettableElement {
    match name {
        ResettableElementName::FullyQualifiedDomainName => ResettableElement::FullyQualifiedDomainName,
        ResettableElementName::Regions => ResettableElement::Regions,
        ResettableElementName::ResourcePath => ResettableElement::ResourcePath,
        ResettableElementName::ChildHealthChecks => ResettableElement::ChildHealthChecks,
    }
}

/// A health check as it is echoed: with its defaults written in.
fn shown(check: Check) -> HealthCheck {
    let Check { id, caller_reference, config, version } = check;
    let RawHealthCheckConfig {
        kind,
        ip_address,
        port,
        resource_path,
        fully_qualified_domain_name,
        search_string,
        request_interval,
        failure_threshold,
        measure_latency,
        inverted,
        disabled,
        health_threshold,
        child_health_checks,
        enable_sni,
        regions,
        alarm_identifier: _,
        insufficient_data_health_status: _,
        routing_control_arn,
    } = config.raw();
    let health_check_config = HealthCheckConfig {
        ip_address,
        port,
        r#type: HealthCheckType::parse(&kind).expect("the model's words for types are Route 53's"),
        resource_path,
        fully_qualified_domain_name,
        search_string,
        request_interval,
        failure_threshold,
        measure_latency,
        inverted,
        disabled,
        health_threshold,
        child_health_checks,
        enable_sni,
        regions,
        alarm_identifier: None,
        insufficient_data_health_status: None,
        routing_control_arn,
    };
    HealthCheck {
        id: id.to_string(),
        caller_reference,
        linked_service: None,
        health_check_config,
        health_check_version: number(version),
        cloud_watch_alarm_configuration: None,
    }
}
