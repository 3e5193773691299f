//! Record sets: ChangeResourceRecordSets and ListResourceRecordSets.
//!
//! Shapes become record sets and back in `record_sets/shape.rs` alone; `record_sets/structure.rs` judges what a record
//! set could not even hold. Differs: types that Route 53 does not have, which zone files may bring, are not listed.

mod shape;
mod structure;

use control::record_sets::{self, ListError, ListStart};
use control::{Meta, Store};
use model::change::RecordSetKey;
use model::id::HostedZoneId;
use model::limits::RECORD_SETS_PER_PAGE_MAX;
use model::{Name, RecordSet};

use super::Route53;
use super::changes;
use super::error::Fault;
use super::generated::shapes::{
    ChangeResourceRecordSetsRequest, ChangeResourceRecordSetsResponse, ListResourceRecordSetsRequest,
    ListResourceRecordSetsResponse,
};
use super::{ids, page};

/// ChangeResourceRecordSets: all of it, or nothing and every fault.
pub(super) async fn change(
    to: &Route53,
    meta: Meta,
    request: ChangeResourceRecordSetsRequest,
) -> Result<ChangeResourceRecordSetsResponse, Fault> {
    let zone = ids::hosted_zone(&request.hosted_zone_id)?;
    let batch = shape::batch(request.change_batch)?;
    let change = record_sets::change(&to.store, meta, to.random, &zone, batch, &to.limits).await?;
    Ok(ChangeResourceRecordSetsResponse { change_info: changes::submitted(change) })
}

/// ListResourceRecordSets.
pub(super) fn list(
    to: &Route53,
    request: ListResourceRecordSetsRequest,
) -> Result<ListResourceRecordSetsResponse, Fault> {
    let zone = ids::hosted_zone(&request.hosted_zone_id)?;
    let size = page::size(request.max_items.as_deref(), RECORD_SETS_PER_PAGE_MAX)?;
    let (items, next) = listed(&to.store, &zone, start(request)?, size)?;
    let next = next.as_ref();
    Ok(ListResourceRecordSetsResponse {
        resource_record_sets: items.into_iter().filter_map(shape::shown).collect(),
        is_truncated: next.is_some(),
        next_record_name: next.map(|key| key.name.to_string()),
        next_record_type: next.and_then(|key| shape::shown_type(key.record_type)),
        next_record_identifier: next.and_then(|key| key.set_identifier.as_ref()).map(ToString::to_string),
        max_items: size.to_string(),
    })
}

fn start(request: ListResourceRecordSetsRequest) -> Result<Option<ListStart>, Fault> {
    let ListResourceRecordSetsRequest {
        hosted_zone_id: _,
        start_record_name,
        start_record_type,
        start_record_identifier,
        max_items: _,
    } = request;
    let invalid = |message: String| Fault::InvalidInput { message };
    let Some(name) = start_record_name else {
        return match (start_record_type, start_record_identifier) {
            (None, None) => Ok(None),
            _ => Err(invalid("StartRecordType and StartRecordIdentifier need StartRecordName, name it too".to_owned())),
        };
    };
    if start_record_type.is_none() && start_record_identifier.is_some() {
        return Err(invalid("StartRecordIdentifier needs StartRecordType, name it too".to_owned()));
    }
    let name = Name::parse(&name).map_err(|fault| invalid(format!("FATAL problem: {fault}")))?;
    let record_type = start_record_type.map(shape::record_type);
    Ok(Some(ListStart { name, record_type, set_identifier: start_record_identifier }))
}

/// A page of record sets that Route 53 has words for, and where the next one starts.
fn listed(
    store: &Store,
    zone: &HostedZoneId,
    mut start: Option<ListStart>,
    size: usize,
) -> Result<(Vec<RecordSet>, Option<RecordSetKey>), ListError> {
    let mut items = Vec::new();
    loop {
        let page = record_sets::list(store, zone, start.as_ref(), size + 1)?;
        items.extend(page.items.into_iter().filter(|set| set.record_type.is_route53()));
        match page.next {
            Some(next) if items.len() <= size => start = Some(ListStart::at(&next)),
            Some(_) | None => break,
        }
    }
    let next = items.get(size).map(RecordSetKey::of);
    items.truncate(size);
    Ok((items, next))
}
