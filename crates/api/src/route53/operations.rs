//! The table: every operation and the function that carries it out. Exhaustive, so an operation that AWS adds and the
//! generator brings does not compile until somebody decides.
//!
//! Before: `call`. After: `respond`. A function takes what it works on and its typed request, and answers with its
//! typed response or a [`Fault`]; its file is named after the noun.

use control::Meta;

use super::Route53;
use super::authorize::Asks;
use super::call::{Call, Row};
use super::error::Fault;
use super::generated::operations::Operation;
use super::read::Input;
use super::traffic_policy_instances as instances;
use super::write::{Output, document};
use super::{
    changes, checkers, cidr_collections, counts, delegation_sets, dnssec, geo_locations, health_checks, hosted_zones,
    query_logging, record_sets, tags, test_dns_answer, traffic_policies, vpcs,
};
use crate::caller::Caller;

/// What goes back for an operation that succeeded.
#[derive(Debug)]
pub(super) struct Reply {
    /// Path of what was created.
    pub(super) location: Option<String>,
    /// The whole document.
    pub(super) document: String,
}

/// A call and who makes it. To read its request is to ask whether he may: no operation can forget it.
struct Asked<'c, 'r> {
    by: &'c Caller<'c>,
    call: &'c Call<'r>,
    row: &'static Row,
}

/// Carries out one call, if its caller may; `meta` says who changes something and when.
pub(super) async fn carry_out(to: &Route53, by: &Caller<'_>, meta: Meta, call: &Call<'_>) -> Result<Reply, Fault> {
    let call = &Asked { by, call, row: call.row };
    match call.row.operation {
        Operation::ActivateKeySigningKey => reply(&dnssec::activate_key(to, meta, &read(call)?).await?),
        Operation::AssociateVPCWithHostedZone => reply(&vpcs::associate(to, meta, read(call)?).await?),
        Operation::ChangeCidrCollection => reply(&cidr_collections::change(to, meta, read(call)?).await?),
        Operation::ChangeResourceRecordSets => reply(&record_sets::change(to, meta, read(call)?).await?),
        Operation::ChangeTagsForResource => reply(&tags::change(to, meta, read(call)?).await?),
        Operation::CreateCidrCollection => reply(&cidr_collections::create(to, meta, read(call)?).await?),
        Operation::CreateHealthCheck => reply(&health_checks::create(to, meta, read(call)?).await?),
        Operation::CreateHostedZone => reply(&hosted_zones::create(to, meta, read(call)?).await?),
        Operation::CreateKeySigningKey => reply(&dnssec::create_key(to, meta, read(call)?).await?),
        Operation::CreateQueryLoggingConfig => reply(&query_logging::create(to, meta, read(call)?).await?),
        Operation::CreateReusableDelegationSet => reply(&delegation_sets::create(to, meta, read(call)?).await?),
        Operation::CreateTrafficPolicy => reply(&traffic_policies::create(to, meta, read(call)?).await?),
        Operation::CreateTrafficPolicyInstance => reply(&instances::create(to, meta, read(call)?).await?),
        Operation::CreateTrafficPolicyVersion => reply(&traffic_policies::create_version(to, meta, read(call)?).await?),
        Operation::CreateVPCAssociationAuthorization => reply(&vpcs::authorize(to, meta, read(call)?).await?),
        Operation::DeactivateKeySigningKey => reply(&dnssec::deactivate_key(to, meta, &read(call)?).await?),
        Operation::DeleteCidrCollection => reply(&cidr_collections::delete(to, meta, &read(call)?).await?),
        Operation::DeleteHealthCheck => reply(&health_checks::delete(to, meta, &read(call)?).await?),
        Operation::DeleteHostedZone => reply(&hosted_zones::delete(to, meta, &read(call)?).await?),
        Operation::DeleteKeySigningKey => reply(&dnssec::delete_key(to, meta, &read(call)?).await?),
        Operation::DeleteQueryLoggingConfig => reply(&query_logging::delete(to, meta, &read(call)?).await?),
        Operation::DeleteReusableDelegationSet => reply(&delegation_sets::delete(to, meta, &read(call)?).await?),
        Operation::DeleteTrafficPolicy => reply(&traffic_policies::delete(to, meta, &read(call)?).await?),
        Operation::DeleteTrafficPolicyInstance => reply(&instances::delete(to, meta, &read(call)?).await?),
        Operation::DeleteVPCAssociationAuthorization => reply(&vpcs::deauthorize(to, meta, read(call)?).await?),
        Operation::DisableHostedZoneDNSSEC => reply(&dnssec::disable(to, &read(call)?)?),
        Operation::DisassociateVPCFromHostedZone => reply(&vpcs::disassociate(to, meta, read(call)?).await?),
        Operation::EnableHostedZoneDNSSEC => reply(&dnssec::enable(to, &read(call)?)?),
        Operation::GetAccountLimit => reply(&counts::of_account(to, &read(call)?)?),
        Operation::GetChange => reply(&changes::find(to, &read(call)?).await?),
        Operation::GetCheckerIpRanges => reply(&checkers::ranges(to, read(call)?)?),
        Operation::GetDNSSEC => reply(&dnssec::get(to, &read(call)?)?),
        Operation::GetGeoLocation => reply(&geo_locations::get(&read(call)?)?),
        Operation::GetHealthCheck => reply(&health_checks::get(to, &read(call)?)?),
        Operation::GetHealthCheckCount => reply(&health_checks::count(to, &read(call)?)?),
        Operation::GetHealthCheckLastFailureReason => reply(&health_checks::last_failure(to, &read(call)?)?),
        Operation::GetHealthCheckStatus => reply(&health_checks::status(to, &read(call)?)?),
        Operation::GetHostedZone => reply(&hosted_zones::get(to, &read(call)?)?),
        Operation::GetHostedZoneCount => reply(&hosted_zones::count(to, &read(call)?)?),
        Operation::GetHostedZoneLimit => reply(&counts::of_hosted_zone(to, &read(call)?)?),
        Operation::GetQueryLoggingConfig => reply(&query_logging::get(to, &read(call)?)?),
        Operation::GetReusableDelegationSet => reply(&delegation_sets::get(to, &read(call)?)?),
        Operation::GetReusableDelegationSetLimit => reply(&delegation_sets::limit(to, &read(call)?)?),
        Operation::GetTrafficPolicy => reply(&traffic_policies::get(to, &read(call)?)?),
        Operation::GetTrafficPolicyInstance => reply(&instances::get(to, &read(call)?).await?),
        Operation::GetTrafficPolicyInstanceCount => reply(&instances::count(to, &read(call)?)?),
        Operation::ListCidrBlocks => reply(&cidr_collections::blocks(to, read(call)?)?),
        Operation::ListCidrCollections => reply(&cidr_collections::list(to, read(call)?)?),
        Operation::ListCidrLocations => reply(&cidr_collections::locations(to, read(call)?)?),
        Operation::ListGeoLocations => reply(&geo_locations::list(read(call)?)?),
        Operation::ListHealthChecks => reply(&health_checks::list(to, read(call)?)?),
        Operation::ListHostedZones => reply(&hosted_zones::list(to, read(call)?)?),
        Operation::ListHostedZonesByName => reply(&hosted_zones::list_by_name(to, read(call)?)?),
        Operation::ListHostedZonesByVPC => reply(&vpcs::list_zones(to, read(call)?)?),
        Operation::ListQueryLoggingConfigs => reply(&query_logging::list(to, read(call)?)?),
        Operation::ListResourceRecordSets => reply(&record_sets::list(to, read(call)?)?),
        Operation::ListReusableDelegationSets => reply(&delegation_sets::list(to, read(call)?)?),
        Operation::ListTagsForResource => reply(&tags::list(to, &read(call)?)?),
        Operation::ListTagsForResources => reply(&tags::list_of_several(to, &read(call)?)?),
        Operation::ListTrafficPolicies => reply(&traffic_policies::list(to, read(call)?)?),
        Operation::ListTrafficPolicyInstances => reply(&instances::list(to, read(call)?)?),
        Operation::ListTrafficPolicyInstancesByHostedZone => reply(&instances::list_in_zone(to, read(call)?)?),
        Operation::ListTrafficPolicyInstancesByPolicy => reply(&instances::list_by_policy(to, read(call)?)?),
        Operation::ListTrafficPolicyVersions => reply(&traffic_policies::list_versions(to, read(call)?)?),
        Operation::ListVPCAssociationAuthorizations => reply(&vpcs::list_authorizations(to, read(call)?)?),
        Operation::TestDNSAnswer => reply(&test_dns_answer::test(to, read(call)?)?),
        Operation::UpdateHealthCheck => reply(&health_checks::update(to, meta, read(call)?).await?),
        Operation::UpdateHostedZoneComment => reply(&hosted_zones::update_comment(to, meta, read(call)?).await?),
        Operation::UpdateHostedZoneFeatures => reply(&hosted_zones::update_features(to, &read(call)?)?),
        Operation::UpdateTrafficPolicyComment => reply(&traffic_policies::update_comment(to, meta, read(call)?).await?),
        Operation::UpdateTrafficPolicyInstance => reply(&instances::update(to, meta, read(call)?).await?),
    }
}

/// The typed request, of a caller who may make it. Nothing was looked up yet, so a refusal tells nothing.
fn read<I: Input + Asks>(asked: &Asked<'_, '_>) -> Result<I, Fault> {
    let request = I::decode(asked.call)?;
    asked.by.may(|account| request.ask(asked.row.name, account))?;
    Ok(request)
}

fn reply<O: Output>(response: &O) -> Result<Reply, Fault> {
    Ok(Reply { location: response.location().map(str::to_owned), document: document(O::ROOT, response) })
}
