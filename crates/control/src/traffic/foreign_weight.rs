//! Weights of record sets of somebody else, as one change batch: DELETE of each as it was last seen, CREATE as it shall be.
//!
//! A batch is taken whole or refused whole, and a DELETE of what is not there exactly so refuses it: so the endpoint
//! itself compares before it sets, and a writer who comes too late changes nothing. Every record set of the service is
//! named, also those that stay, so that nothing of them can have changed unseen. Never UPSERT, which compares nothing.

use deploy::SetWeights;
use model::change::{Action, Change, ChangeBatch};
use model::endpoint::{Errand, ForeignZone};
use model::id::ServiceName;

use super::record_weight::{Replaced, WriteError, replaced};
use crate::foreign;
use crate::rows::Rows;

/// The errand that carries out a write, by what was seen last for its service.
pub(crate) fn errand(
    rows: &impl Rows,
    service: &ServiceName,
    zone: ForeignZone,
    write: &SetWeights,
) -> Result<Errand, WriteError> {
    let all = replaced(|name| foreign::at(rows, service, &zone, &name.sort_key()), &zone.zone, write)?;
    let (mut gone, mut made) = (Vec::new(), Vec::new());
    for Replaced { before, after } in all {
        gone.extend(before.map(|record_set| Change { action: Action::Delete, record_set }));
        made.extend(after.map(|record_set| Change { action: Action::Create, record_set }));
    }
    gone.extend(made);
    // Whoever looks through the endpoint's own log finds whose it was.
    let comment = Some(format!("deployment {}, write {}", write.deployment, write.generation));
    Ok(Errand::Write(zone, ChangeBatch { comment, changes: gone }))
}
