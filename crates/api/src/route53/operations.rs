//! The table: every operation and the function that carries it out. Exhaustive, so an operation that AWS adds and the
//! generator brings does not compile until somebody decides.
//!
//! Before: `call`. After: `respond`. A function takes what it works on and its typed request, and answers with its
//! typed response or a [`Fault`]; its file is named after the noun.

use super::Route53;
use super::call::Call;
use super::checkers;
use super::error::Fault;
use super::generated::operations::Operation;
use super::read::Input;
use super::write::{Output, document};

/// What goes back for an operation that succeeded.
#[derive(Debug)]
pub(super) struct Reply {
    /// Path of what was created.
    pub(super) location: Option<String>,
    /// The whole document.
    pub(super) document: String,
}

/// Carries out one call.
pub(super) async fn carry_out(to: &Route53, call: &Call<'_>) -> Result<Reply, Fault> {
    match call.row.operation {
        Operation::GetCheckerIpRanges => reply(&checkers::ranges(to, read(call)?)?),

        // Known, and not offered yet: docs/route53/operations.md.
        Operation::ActivateKeySigningKey
        | Operation::AssociateVPCWithHostedZone
        | Operation::ChangeCidrCollection
        | Operation::ChangeResourceRecordSets
        | Operation::ChangeTagsForResource
        | Operation::CreateCidrCollection
        | Operation::CreateHealthCheck
        | Operation::CreateHostedZone
        | Operation::CreateKeySigningKey
        | Operation::CreateQueryLoggingConfig
        | Operation::CreateReusableDelegationSet
        | Operation::CreateTrafficPolicy
        | Operation::CreateTrafficPolicyInstance
        | Operation::CreateTrafficPolicyVersion
        | Operation::CreateVPCAssociationAuthorization
        | Operation::DeactivateKeySigningKey
        | Operation::DeleteCidrCollection
        | Operation::DeleteHealthCheck
        | Operation::DeleteHostedZone
        | Operation::DeleteKeySigningKey
        | Operation::DeleteQueryLoggingConfig
        | Operation::DeleteReusableDelegationSet
        | Operation::DeleteTrafficPolicy
        | Operation::DeleteTrafficPolicyInstance
        | Operation::DeleteVPCAssociationAuthorization
        | Operation::DisableHostedZoneDNSSEC
        | Operation::DisassociateVPCFromHostedZone
        | Operation::EnableHostedZoneDNSSEC
        | Operation::GetAccountLimit
        | Operation::GetChange
        | Operation::GetDNSSEC
        | Operation::GetGeoLocation
        | Operation::GetHealthCheck
        | Operation::GetHealthCheckCount
        | Operation::GetHealthCheckLastFailureReason
        | Operation::GetHealthCheckStatus
        | Operation::GetHostedZone
        | Operation::GetHostedZoneCount
        | Operation::GetHostedZoneLimit
        | Operation::GetQueryLoggingConfig
        | Operation::GetReusableDelegationSet
        | Operation::GetReusableDelegationSetLimit
        | Operation::GetTrafficPolicy
        | Operation::GetTrafficPolicyInstance
        | Operation::GetTrafficPolicyInstanceCount
        | Operation::ListCidrBlocks
        | Operation::ListCidrCollections
        | Operation::ListCidrLocations
        | Operation::ListGeoLocations
        | Operation::ListHealthChecks
        | Operation::ListHostedZones
        | Operation::ListHostedZonesByName
        | Operation::ListHostedZonesByVPC
        | Operation::ListQueryLoggingConfigs
        | Operation::ListResourceRecordSets
        | Operation::ListReusableDelegationSets
        | Operation::ListTagsForResource
        | Operation::ListTagsForResources
        | Operation::ListTrafficPolicies
        | Operation::ListTrafficPolicyInstances
        | Operation::ListTrafficPolicyInstancesByHostedZone
        | Operation::ListTrafficPolicyInstancesByPolicy
        | Operation::ListTrafficPolicyVersions
        | Operation::ListVPCAssociationAuthorizations
        | Operation::TestDNSAnswer
        | Operation::UpdateHealthCheck
        | Operation::UpdateHostedZoneComment
        | Operation::UpdateHostedZoneFeatures
        | Operation::UpdateTrafficPolicyComment
        | Operation::UpdateTrafficPolicyInstance => Err(Fault::NotImplemented { operation: call.row.name }),
    }
}

fn read<I: Input>(call: &Call<'_>) -> Result<I, Fault> {
    Ok(I::decode(call)?)
}

fn reply<O: Output>(response: &O) -> Result<Reply, Fault> {
    Ok(Reply { location: response.location().map(str::to_owned), document: document(O::ROOT, response) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route53::call::Segment;
    use crate::route53::generated::operations::TABLE;

    const PAGE: &str = include_str!("../../../../docs/route53/operations.md");

    /// Calls every operation with nothing in its body: one that is offered complains about that or answers, others say
    /// that they are not offered.
    #[tokio::test]
    async fn the_page_of_operations_tells_what_is_offered() {
        for row in &TABLE {
            let part = |segment: &Segment| match segment {
                Segment::Literal(text) | Segment::Label(text) => *text,
            };
            let path: Vec<&str> = row.path.iter().map(part).collect();
            let call = Call::find(row.method, &path.join("/"), "", b"").unwrap();
            let offered = !matches!(carry_out(&Route53::default(), &call).await, Err(Fault::NotImplemented { .. }));
            let line = format!("| {} | {} |", row.name, if offered { "yes" } else { "no" });
            assert!(PAGE.lines().any(|known| known == line), "docs/route53/operations.md lacks: {line}");
        }
    }
}
