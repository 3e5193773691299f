//! Changes: GetChange, and how every operation that makes one tells of it.

use control::changes::{self, ChangeStatus as Status, SubmittedChange};

use super::Route53;
use super::error::Fault;
use super::generated::shapes::{ChangeInfo, ChangeStatus, GetChangeRequest, GetChangeResponse};
use super::ids;
use crate::time::Timestamp;

/// GetChange: in sync once every DNS worker answers from the change's revision or a later one.
pub(super) fn find(to: &Route53, request: &GetChangeRequest) -> Result<GetChangeResponse, Fault> {
    let id = ids::change(&request.id)?;
    let Some((change, status)) = changes::find(&to.store, &id, (to.served)())? else {
        return Err(Fault::NoSuchChange { id: id.to_string() });
    };
    Ok(GetChangeResponse { change_info: shown(change, status) })
}

/// A change that was just made: durable and listed, not yet known to be answered.
pub(super) fn submitted(change: SubmittedChange) -> ChangeInfo {
    shown(change, Status::Pending)
}

fn shown(change: SubmittedChange, status: Status) -> ChangeInfo {
    let SubmittedChange { id, revision: _, submitted_at_ms, comment } = change;
    ChangeInfo {
        id: format!("/change/{id}"),
        status: match status {
            Status::Pending => ChangeStatus::Pending,
            Status::Insync => ChangeStatus::Insync,
        },
        submitted_at: Timestamp { ms: submitted_at_ms },
        comment,
    }
}
