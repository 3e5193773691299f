//! Changes: GetChange, and how every operation that makes one tells of it.

use std::time::Duration;

use control::changes::{self, ChangeStatus as Status, SubmittedChange};
use tokio::time::Instant;

use super::Route53;
use super::error::Fault;
use super::generated::shapes::{ChangeInfo, ChangeStatus, GetChangeRequest, GetChangeResponse};
use super::ids;
use crate::time::Timestamp;

/// How long GetChange waits for a change that is nearly there. An idle worker tells of a new revision within 50 ms;
/// the waiter of AWS's SDKs, told PENDING, asks again only after 30 s.
pub(super) const NEARLY_THERE: Duration = Duration::from_millis(250);

/// GetChange: in sync once every DNS worker answers from the change's revision or a later one.
pub(super) async fn find(to: &Route53, request: &GetChangeRequest) -> Result<GetChangeResponse, Fault> {
    let id = ids::change(&request.id)?;
    let asked = Instant::now();
    loop {
        let Some((change, status)) = changes::find(&to.store, &id, (to.served)())? else {
            return Err(Fault::NoSuchChange { id: id.to_string() });
        };
        if status == Status::Insync || asked.elapsed() > NEARLY_THERE {
            return Ok(GetChangeResponse { change_info: shown(change, status) });
        }
        tokio::time::sleep(NEARLY_THERE / 25).await;
    }
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
