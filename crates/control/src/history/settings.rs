//! What a revision changed of the zone itself: its comment and its VPCs.

use std::ops::ControlFlow;

use model::hosted_zone::{HostedZone, Visibility, Vpc};
use model::id::HostedZoneId;
use store::{Reader, Revision};

use super::{Fact, FieldChange, past};
use crate::keys;
use crate::rows::StorageError;
use crate::stored::Stored;

/// The settings that differ from those before the revision; for one that created or deleted the zone, all there were.
pub(super) fn changed(
    reader: &Reader<'_>,
    zone: &HostedZoneId,
    revision: u64,
) -> Result<Vec<FieldChange>, StorageError> {
    let row = keys::zone(zone);
    // The rows of the zone itself, the newest first: of this revision, and the last one before it.
    let mut rows = Vec::new();
    past::revisions(reader, zone, revision, |known| {
        let entry = reader.log_entry(Revision(known.revision)).map_err(StorageError::Read)?;
        let last = entry.iter().flat_map(|entry| entry.mutations.iter().rev()).find(|mutation| mutation.key == row);
        match last {
            Some(mutation) => rows.push(mutation.value.clone()),
            // It did not touch the row, so nothing of the zone itself was changed.
            None if known.revision == revision => return Ok(ControlFlow::Break(())),
            None => {}
        }
        Ok(if rows.len() < 2 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    let Some(after) = rows.first() else { return Ok(Vec::new()) };
    let read = |value: Option<&Vec<u8>>| {
        let zone = value.map(|value| HostedZone::decode(value)).transpose();
        zone.map(|zone| zone.as_ref().map(settings).unwrap_or_default()).map_err(|f| StorageError::damaged(&row, f))
    };
    let (before, after) = (read(rows.get(1).and_then(Option::as_ref))?, read(after.as_ref())?);
    let of =
        |settings: &[(&'static str, Fact)], field| settings.iter().find(|(f, _)| *f == field).map(|(_, v)| v.clone());
    let fields =
        ["comment", "vpcs"].map(|field| FieldChange { field, before: of(&before, field), after: of(&after, field) });
    Ok(fields.into_iter().filter(|field| field.before != field.after).collect())
}

fn settings(zone: &HostedZone) -> Vec<(&'static str, Fact)> {
    let comment = zone.comment.as_ref().map(|comment| ("comment", Fact::Text(comment.clone())));
    let vpcs = match &zone.visibility {
        Visibility::Public { delegation_set: _ } => None,
        Visibility::Private { vpcs } => {
            let vpcs: Vec<String> = vpcs.iter().map(|Vpc { region, id }| format!("{region} {id}")).collect();
            Some(("vpcs", Fact::Text(vpcs.join(", "))))
        }
    };
    comment.into_iter().chain(vpcs).collect()
}
