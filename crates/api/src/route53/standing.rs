//! What becomes of each operation here: carried out, or AWS's own error and the reason. `docs/route53/operations.md` is
//! written from this table, so that the page cannot say what the code does not.
//!
//! Used by tests and by `cargo xtask operations` only. Exhaustive: an operation that the generator brings does not
//! compile until somebody decides.

use super::generated::operations::{Operation, TABLE};

/// Where the page that tells an operation's noun lies, beside `operations.md`.
type Page = &'static str;

/// What an operation does here.
enum Standing {
    /// What AWS does.
    Done(Page),
    /// What AWS does, but for one case that cannot mean anything here: AWS's error for that, and why.
    DoneBut(Page, &'static str, &'static str),
    /// Valid requests always meet AWS's error, and why.
    Refused(Page, &'static str, &'static str),
}

fn standing(operation: Operation) -> Standing {
    use Standing::{Done, DoneBut, Refused};
    match operation {
        Operation::ActivateKeySigningKey
        | Operation::CreateKeySigningKey
        | Operation::DeactivateKeySigningKey
        | Operation::DeleteKeySigningKey
        | Operation::GetDNSSEC => Done("dnssec-keys.md"),
        Operation::EnableHostedZoneDNSSEC => Refused(
            "dnssec-keys.md",
            "InvalidArgument",
            "answers are not signed yet, and a zone that says so and is not would break for every validating resolver; \
             without an active key the error is AWS's KeySigningKeyWithActiveStatusNotFound",
        ),
        Operation::DisableHostedZoneDNSSEC => Refused(
            "dnssec-keys.md",
            "DNSSECNotFound",
            "no hosted zone is signed, so there is none to take signing from",
        ),
        Operation::AssociateVPCWithHostedZone
        | Operation::CreateVPCAssociationAuthorization
        | Operation::DeleteVPCAssociationAuthorization
        | Operation::DisassociateVPCFromHostedZone
        | Operation::ListHostedZonesByVPC
        | Operation::ListVPCAssociationAuthorizations => Done("private-zones.md"),
        Operation::UpdateHostedZoneFeatures => DoneBut(
            "private-zones.md",
            "InvalidInput",
            "accelerated recovery moves a zone's control between AWS's regions; there are none here to move it to",
        ),
        Operation::ChangeCidrCollection
        | Operation::CreateCidrCollection
        | Operation::DeleteCidrCollection
        | Operation::ListCidrBlocks
        | Operation::ListCidrCollections
        | Operation::ListCidrLocations => Done("cidr-collections.md"),
        Operation::CreateReusableDelegationSet
        | Operation::DeleteReusableDelegationSet
        | Operation::GetReusableDelegationSet
        | Operation::GetReusableDelegationSetLimit
        | Operation::ListReusableDelegationSets => Done("delegation-sets.md"),
        Operation::CreateQueryLoggingConfig
        | Operation::DeleteQueryLoggingConfig
        | Operation::GetQueryLoggingConfig
        | Operation::ListQueryLoggingConfigs => Done("query-logging.md"),
        Operation::CreateTrafficPolicy
        | Operation::CreateTrafficPolicyInstance
        | Operation::CreateTrafficPolicyVersion
        | Operation::DeleteTrafficPolicy
        | Operation::DeleteTrafficPolicyInstance
        | Operation::GetTrafficPolicy
        | Operation::GetTrafficPolicyInstance
        | Operation::GetTrafficPolicyInstanceCount
        | Operation::ListTrafficPolicies
        | Operation::ListTrafficPolicyInstances
        | Operation::ListTrafficPolicyInstancesByHostedZone
        | Operation::ListTrafficPolicyInstancesByPolicy
        | Operation::ListTrafficPolicyVersions
        | Operation::UpdateTrafficPolicyComment
        | Operation::UpdateTrafficPolicyInstance => Done("traffic-policies.md"),
        Operation::CreateHealthCheck
        | Operation::DeleteHealthCheck
        | Operation::GetCheckerIpRanges
        | Operation::GetHealthCheck
        | Operation::GetHealthCheckCount
        | Operation::GetHealthCheckLastFailureReason
        | Operation::GetHealthCheckStatus
        | Operation::ListHealthChecks
        | Operation::UpdateHealthCheck => Done("health-checks.md"),
        Operation::GetGeoLocation | Operation::ListGeoLocations => Done("geolocation.md"),
        Operation::ChangeResourceRecordSets | Operation::GetChange => Done("change-batches.md"),
        Operation::ListResourceRecordSets => Done("listing-order.md"),
        Operation::GetAccountLimit | Operation::GetHostedZoneLimit => Done("limits.md"),
        Operation::ChangeTagsForResource
        | Operation::CreateHostedZone
        | Operation::DeleteHostedZone
        | Operation::GetHostedZone
        | Operation::GetHostedZoneCount
        | Operation::ListHostedZones
        | Operation::ListHostedZonesByName
        | Operation::ListTagsForResource
        | Operation::ListTagsForResources
        | Operation::TestDNSAnswer
        | Operation::UpdateHostedZoneComment => Done("operations.md"),
    }
}

/// The table as it stands on the page.
fn table() -> String {
    let mut text = String::from("| Operation | Here | Why, and where it is told |\n|---|---|---|\n");
    for row in &TABLE {
        let (here, why, page) = match standing(row.operation) {
            Standing::Done(page) => ("done".to_owned(), String::new(), page),
            Standing::DoneBut(page, code, why) => {
                (format!("done, but `{code}` where it cannot be"), why.to_owned(), page)
            }
            Standing::Refused(page, code, why) => (format!("`{code}`"), why.to_owned(), page),
        };
        let page = if page == "operations.md" { "below".to_owned() } else { format!("[{page}]({page})") };
        let why = if why.is_empty() { page } else { format!("{why}: {page}") };
        text += &format!("| {} | {here} | {why} |\n", row.name);
    }
    text
}

/// What stands between these two is written by `cargo xtask operations`.
const BEGIN: &str = "<!-- the table begins: cargo xtask operations writes it -->\n";
const END: &str = "<!-- the table ends -->\n";

#[test]
fn the_page_of_operations_is_the_table() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/route53/operations.md");
    let text = std::fs::read_to_string(page).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the page says where the table begins");
    let (_, after) = rest.split_once(END).expect("the page says where the table ends");
    let wanted = [before, BEGIN, &table(), END, after].concat();
    if std::env::var_os("CUTOVER_WRITE_PAGES").is_some() {
        std::fs::write(page, &wanted).unwrap();
    } else {
        assert!(
            text == wanted,
            "docs/route53/operations.md is not what the table says; `cargo xtask operations` writes it"
        );
    }
}
