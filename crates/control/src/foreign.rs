//! Record sets of somebody else, as last seen: what plans are made of and releases decide by, when the record sets of a
//! service are in an account of Route 53.
//!
//! Kept in rows of their own, so that whoever reads a service's record sets reads these like our own. Two write them: the
//! runner, while a release of the service is under way, and [`look`], called before somebody declares a service or plans
//! a release of it. Neither serves them to anybody. Each service has rows of its own: services may share names (of other
//! types, or as targets of aliases), and what was seen for one says nothing of when another looked.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use model::Name;
use model::RecordSet;
use model::deployment::Service;
use model::endpoint::{Errand, ForeignZone, Report, Trouble, UNABLE_REST_MS};
use model::id::ServiceName;
use store::{Meta, Store, Transaction};

use crate::deployments::rows as deployment_rows;
use crate::keys;
use crate::record_rows;
use crate::rows::{Rows, StorageError, from_storage, read, scan, write};
use crate::stored::Stored as _;

/// A look for somebody who waits for an answer is given up after so long; releases have more patience.
const LOOK_MAX: Duration = Duration::from_secs(20);

/// An errand under way. It must end by itself.
pub type Running = Pin<Box<dyn Future<Output = Report> + Send>>;

/// Runs errands to endpoints that are not this server.
pub type Run = Arc<dyn Fn(Errand) -> Running + Send + Sync>;

/// Why nothing was seen.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The endpoint did not show them.
    #[error("traffic: cannot look at the record sets of account {account}: {trouble}")]
    Trouble {
        /// Whose.
        account: model::id::AccountName,
        /// What it said.
        trouble: Trouble,
    },
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(LookError);

/// Nobody runs errands: everything that is somebody else's is refused, for this reason.
#[must_use]
pub fn nobody(reason: &'static str) -> Run {
    Arc::new(move |errand| {
        let trouble = Trouble { text: reason.to_owned(), rest_ms: UNABLE_REST_MS };
        Box::pin(async move { errand.failed(trouble) })
    })
}

/// Looks at the record sets of a service if they are somebody else's, and keeps what was seen. While a release of it is
/// under way its runner has looked lately, and this does nothing.
///
/// # Errors
/// See [`LookError`].
pub async fn look(store: &Store, meta: Meta, run: &Run, service: &Service) -> Result<(), LookError> {
    let Some((zone, names)) = sight(service) else { return Ok(()) };
    if read(store, |reader| is_released(reader, &service.name))? {
        return Ok(());
    }
    let looking = Errand::Look(zone.clone(), names.clone());
    let late = || looking.failed(Trouble { text: format!("no answer in {}s", LOOK_MAX.as_secs()), rest_ms: 0 });
    let looked = match tokio::time::timeout(LOOK_MAX, run(looking.clone())).await.unwrap_or_else(|_| late()) {
        Report::Looked(looked) => looked,
        Report::Written(_) | Report::Confirmed(_) => unreachable!("a look is answered by what was seen"),
    };
    let sets = looked.map_err(|trouble| LookError::Trouble { account: zone.account.clone(), trouble })?;
    let service = service.name.clone();
    write(store, meta, move |transaction| {
        // A release that began meanwhile has seen more than this.
        if !is_released(transaction, &service)? {
            see(transaction, &service, &zone, &names, &sets)?;
        }
        Ok::<_, LookError>(())
    })
    .await?;
    Ok(())
}

/// The same for a service by its name; one that is not there has nothing to look at.
///
/// # Errors
/// See [`LookError`].
pub async fn look_at(store: &Store, meta: Meta, run: &Run, service: &ServiceName) -> Result<(), LookError> {
    match read(store, |reader| deployment_rows::service(reader, service))? {
        Some(declared) => look(store, meta, run, &declared.service).await,
        None => Ok(()),
    }
}

/// What is to be looked at for a service; none if its record sets are this server's own.
pub(crate) fn sight(service: &Service) -> Option<(ForeignZone, BTreeSet<Name>)> {
    let account = service.account()?.clone();
    let zone = service.records().next()?.zone.clone();
    Some((ForeignZone { account, zone }, service.records().map(|records| records.name.clone()).collect()))
}

/// Whether a release of the service is under way.
fn is_released(rows: &impl Rows, service: &ServiceName) -> Result<bool, StorageError> {
    Ok(deployment_rows::open(rows)?.iter().any(|(_, of)| of == service))
}

/// All record sets of somebody else's zone at one name, as last seen for a service.
pub(crate) fn at(
    rows: &impl Rows,
    service: &ServiceName,
    zone: &ForeignZone,
    sort_key: &str,
) -> Result<Vec<RecordSet>, StorageError> {
    record_rows::below(rows, &keys::foreign_sets_at(service, zone, sort_key))
}

/// Keeps what was seen for a service at some names: nothing but that is there.
pub(crate) fn see(
    transaction: &mut Transaction<'_>,
    service: &ServiceName,
    zone: &ForeignZone,
    names: &BTreeSet<Name>,
    sets: &[RecordSet],
) -> Result<(), StorageError> {
    for name in names.iter().chain(sets.iter().map(|set| &set.name)).collect::<BTreeSet<_>>() {
        let sort_key = name.sort_key();
        let seen: Vec<&RecordSet> = sets.iter().filter(|set| set.name == *name).collect();
        let was = at(transaction, service, zone, &sort_key)?;
        for gone in was.iter().filter(|was| !seen.iter().any(|set| is_same(set, was))) {
            transaction.delete(&keys::foreign_set(service, zone, gone));
        }
        for set in seen {
            let (key, value) = (keys::foreign_set(service, zone, set), set.encode());
            if transaction.get(&key).map_err(StorageError::Read)?.as_deref() != Some(&value[..]) {
                transaction.put(&key, &value);
            }
        }
    }
    Ok(())
}

/// Forgets all that was ever seen for a service, also of names that it has no more.
pub(crate) fn forget(transaction: &mut Transaction<'_>, service: &ServiceName) -> Result<(), StorageError> {
    let (prefix, mut keys) = (keys::foreign_sets_of(service), Vec::new());
    scan(transaction, &prefix, &prefix, |key, _| {
        keys.push(key.to_vec());
        Ok(ControlFlow::Continue(()))
    })?;
    keys.iter().for_each(|key| transaction.delete(key));
    Ok(())
}

fn is_same(one: &RecordSet, other: &RecordSet) -> bool {
    (one.record_type, one.set_identifier()) == (other.record_type, other.set_identifier())
}
