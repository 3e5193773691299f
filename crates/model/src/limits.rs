//! Every number that bounds what customers may write, in one place, each with its source.
//!
//! Two kinds: constants, which are part of a format or of Route 53's contract, and [`Limits`], which the caller of a rule
//! may choose; the server uses their defaults. Sources: `DG` is the Route 53 Developer Guide ("Quotas"), `API` the API Reference.

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
/// Health checks of one page; more is cut, not refused (API: `ListHealthChecks`).
pub const HEALTH_CHECKS_PER_PAGE_MAX: usize = 1000;

/// What a caller may change. The defaults are AWS's where AWS limits one request or one record set; what AWS
/// limits per account in order to sell more is unlimited here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Hosted zones in all. AWS: 500. `Differs:` unlimited.
    pub hosted_zones_max: Option<u64>,
    /// Record sets of one hosted zone. AWS: 10 000. `Differs:` unlimited.
    pub record_sets_per_zone_max: Option<u64>,
    /// Health checks in all. AWS: 200. `Differs:` unlimited.
    pub health_checks_max: Option<u64>,
    /// `ResourceRecord` elements of one change batch, an alias counting one, UPSERT counting twice (DG: 1000).
    pub batch_records_max: usize,
    /// Characters of all values of one change batch, UPSERT counting twice (DG: 32 000).
    pub batch_value_chars_max: usize,
    /// Values of one record set (DG: 400).
    pub values_per_record_set_max: usize,
    /// Record sets that share one name and type (DG: 100).
    pub record_sets_per_group_max: usize,
    /// Names that are visited to make sure that an alias does not lead back to itself. Ours: the work of one change
    /// must not grow with the zone; 1000 names are far more than a tree that a person can follow.
    pub alias_tree_names_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hosted_zones_max: None,
            record_sets_per_zone_max: None,
            health_checks_max: None,
            batch_records_max: 1000,
            batch_value_chars_max: 32_000,
            values_per_record_set_max: 400,
            record_sets_per_group_max: 100,
            alias_tree_names_max: 1000,
        }
    }
}
