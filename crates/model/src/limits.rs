//! Every number that bounds what customers may write, in one place, each with its source.
//!
//! Two kinds: constants, which are part of a format or of Route 53's contract, and [`Limits`], which the caller of a rule
//! may choose; the server takes them from its configuration. Sources: `DG` is the Route 53 Developer Guide ("Quotas"), `API` the API Reference.

/// Characters of a comment of a hosted zone or of a change batch (API: `ResourceDescription`).
pub const COMMENT_CHARS_MAX: usize = 256;
/// Characters of the caller reference of a hosted zone (API: `Nonce`).
pub const ZONE_CALLER_REFERENCE_CHARS_MAX: usize = 128;
/// Characters of the caller reference of a health check (API: `HealthCheckNonce`).
pub const HEALTH_CHECK_CALLER_REFERENCE_CHARS_MAX: usize = 64;
/// Characters of the key of a tag (API: `TagKey`).
pub const TAG_KEY_CHARS_MAX: usize = 128;
/// Characters of the value of a tag (API: `TagValue`).
pub const TAG_VALUE_CHARS_MAX: usize = 256;
/// Tags added, or keys removed, by one call (API: `TagList`, `TagKeyList`).
pub const TAGS_PER_CALL_MAX: usize = 10;
/// Tags of one resource (AWS general tagging limit).
pub const TAGS_PER_RESOURCE_MAX: usize = 50;
/// Items of a page when the caller names no number (seen on AWS, also for record sets).
pub const PAGE_ITEMS_DEFAULT: usize = 100;
/// Record sets of one page; more is cut, not refused (API: `ListResourceRecordSets`).
pub const RECORD_SETS_PER_PAGE_MAX: usize = 300;
/// Hosted zones of one page; more is cut, not refused (API: `ListHostedZones`).
pub const ZONES_PER_PAGE_MAX: usize = 100;
/// Reusable delegation sets of one page; more is cut, not refused (API: `ListReusableDelegationSets`).
pub const DELEGATION_SETS_PER_PAGE_MAX: usize = 100;
/// VPC authorizations of one page, also when the caller names no number (API: `ListVPCAssociationAuthorizations`).
pub const AUTHORIZATIONS_PER_PAGE_MAX: usize = 50;
/// CIDR collections, locations or blocks of one page; more is cut, not refused (`Unspecified:`).
pub const CIDR_PAGE_MAX: usize = 100;
/// Locations of one page of ListGeoLocations; more is cut, not refused (API: `ListGeoLocations`).
pub const GEO_LOCATIONS_PER_PAGE_MAX: usize = 100;
/// Query logging configurations of one page; more is cut, not refused (API: `ListQueryLoggingConfigs`).
pub const QUERY_LOGGING_CONFIGS_PER_PAGE_MAX: usize = 100;
/// Health checks of one page; more is cut, not refused (API: `ListHealthChecks`).
pub const HEALTH_CHECKS_PER_PAGE_MAX: usize = 1000;

/// Characters of the name of a traffic policy (API: `TrafficPolicyName`).
pub const TRAFFIC_POLICY_NAME_CHARS_MAX: usize = 512;

/// Characters of the comment of a version of a traffic policy (API: `TrafficPolicyComment`).
pub const TRAFFIC_POLICY_COMMENT_CHARS_MAX: usize = 1024;

/// Characters of the document of a traffic policy (API: `TrafficPolicyDocument`).
pub const TRAFFIC_POLICY_DOCUMENT_CHARS_MAX: usize = 102_400;

/// Highest number of a version of a traffic policy (API: `TrafficPolicyVersion`).
pub const TRAFFIC_POLICY_VERSION_MAX: u16 = 1000;

/// Branches of one rule of a traffic policy: each is a record set of one name and type (DG: 100).
pub const TRAFFIC_POLICY_BRANCHES_MAX: usize = 100;

/// Branches of one geoproximity rule (DG: 30).
pub const TRAFFIC_POLICY_GEOPROXIMITY_BRANCHES_MAX: usize = 30;

/// Rules of a traffic policy that follow one another. Ours: AWS tells no limit, and a query walks all of them; policies
/// that people draw are three or four deep.
pub const TRAFFIC_POLICY_DEPTH_MAX: usize = 16;

/// Traffic policies, versions or instances of one page; more is cut, not refused (API: `ListTrafficPolicies`).
pub const TRAFFIC_POLICIES_PER_PAGE_MAX: usize = 100;

/// Most record sets of one name and type that any configuration may allow: an answer marks the chosen ones in 128 bits
/// (`crates/answer/src/limits.rs`).
pub const RECORD_SETS_PER_GROUP_CEILING: usize = 128;

/// What the server's configuration may change, one row each. The defaults are AWS's (DG "Quotas"), ours where AWS has
/// none. `None` is without a limit; it is there for what AWS limits per account or per zone and sells more of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Hosted zones in all (DG: 500).
    pub hosted_zones_max: Option<u64>,
    /// Record sets of one hosted zone (DG: 10 000).
    pub record_sets_per_zone_max: Option<u64>,
    /// VPCs associated with one private hosted zone (DG: 300).
    pub vpcs_per_zone_max: Option<u64>,
    /// Authorizations to associate a VPC that one hosted zone may have open (DG: 1000).
    pub vpc_authorizations_per_zone_max: Option<u64>,
    /// Reusable delegation sets in all (DG: 100).
    pub delegation_sets_max: Option<u64>,
    /// Hosted zones that share one reusable delegation set (DG: 100).
    pub zones_per_delegation_set_max: Option<u64>,
    /// Key-signing keys of one hosted zone (DG: 2).
    pub key_signing_keys_per_zone_max: Option<u64>,
    /// Health checks in all (DG: 200).
    pub health_checks_max: Option<u64>,
    /// Traffic policies in all, whatever number of versions each has (DG: 50).
    pub traffic_policies_max: Option<u64>,
    /// Versions of one traffic policy (DG: 1000).
    pub versions_per_traffic_policy_max: Option<u64>,
    /// Traffic policy instances in all (DG: 5).
    pub traffic_policy_instances_max: Option<u64>,
    /// CIDR collections in all (DG: 5).
    pub cidr_collections_max: Option<u64>,
    /// CIDR blocks of one collection (DG: 1000).
    pub blocks_per_cidr_collection_max: Option<u64>,
    /// CIDR blocks that one ChangeCidrCollection names (DG: 1000).
    pub cidr_change_blocks_max: usize,
    /// `ResourceRecord` elements of one change batch, an alias counting one, UPSERT counting twice (DG: 1000).
    pub batch_records_max: usize,
    /// Characters of all values of one change batch, UPSERT counting twice (DG: 32 000).
    pub batch_value_chars_max: usize,
    /// Values of one record set (DG: 400).
    pub values_per_record_set_max: usize,
    /// Record sets that share one name and type (DG: 100); at most [`RECORD_SETS_PER_GROUP_CEILING`].
    pub record_sets_per_group_max: usize,
    /// Geoproximity record sets that share one name and type (DG: 30).
    pub geoproximity_per_group_max: usize,
    /// Names that are visited to make sure that an alias does not lead back to itself. Ours: the work of one change
    /// must not grow with the zone; 1000 names are far more than a tree that a person can follow.
    pub alias_tree_names_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hosted_zones_max: Some(500),
            record_sets_per_zone_max: Some(10_000),
            vpcs_per_zone_max: Some(300),
            vpc_authorizations_per_zone_max: Some(1000),
            delegation_sets_max: Some(100),
            zones_per_delegation_set_max: Some(100),
            key_signing_keys_per_zone_max: Some(2),
            health_checks_max: Some(200),
            traffic_policies_max: Some(50),
            versions_per_traffic_policy_max: Some(1000),
            traffic_policy_instances_max: Some(5),
            cidr_collections_max: Some(5),
            blocks_per_cidr_collection_max: Some(1000),
            cidr_change_blocks_max: 1000,
            batch_records_max: 1000,
            batch_value_chars_max: 32_000,
            values_per_record_set_max: 400,
            record_sets_per_group_max: 100,
            geoproximity_per_group_max: 30,
            alias_tree_names_max: 1000,
        }
    }
}

impl Limits {
    /// The same for the operator's own tools: no quota of an account or a zone, all rules of one record set. Quotas bind
    /// those who are let in, not who owns the server.
    #[must_use]
    pub fn without_quotas(&self) -> Self {
        Self {
            hosted_zones_max: None,
            record_sets_per_zone_max: None,
            vpcs_per_zone_max: None,
            vpc_authorizations_per_zone_max: None,
            delegation_sets_max: None,
            zones_per_delegation_set_max: None,
            key_signing_keys_per_zone_max: None,
            health_checks_max: None,
            traffic_policies_max: None,
            versions_per_traffic_policy_max: None,
            traffic_policy_instances_max: None,
            cidr_collections_max: None,
            blocks_per_cidr_collection_max: None,
            ..self.clone()
        }
    }
}
