//! Where health checks come from.

use super::Route53;
use super::error::Fault;
use super::generated::shapes::{GetCheckerIpRangesRequest, GetCheckerIpRangesResponse};

/// The networks to let through a firewall so that health checks arrive.
pub(super) fn ranges(to: &Route53, _request: GetCheckerIpRangesRequest) -> Result<GetCheckerIpRangesResponse, Fault> {
    Ok(GetCheckerIpRangesResponse { checker_ip_ranges: to.checker_ranges.clone() })
}
