//! Tags of hosted zones and health checks. They go with their resource.

use model::tag::{TagChange, TagFault, Taggable, Tags};
use store::{Meta, Store};

use crate::health_checks::NoSuchHealthCheck;
use crate::keys;
use crate::rows::{NoSuchHostedZone, Rows, StorageError, exists, find as find_row, from_storage, put, read, write};

/// The resource does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchResource {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    HostedZone(NoSuchHostedZone),
    /// `NoSuchHealthCheck`.
    #[error(transparent)]
    HealthCheck(NoSuchHealthCheck),
}

/// Why tags were not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// `NoSuchHostedZone` or `NoSuchHealthCheck`.
    #[error(transparent)]
    NoSuchResource(NoSuchResource),
    /// `InvalidInput`.
    #[error(transparent)]
    Invalid(TagFault),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(ChangeError);

/// Why tags were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// `NoSuchHostedZone` or `NoSuchHealthCheck`.
    #[error(transparent)]
    NoSuchResource(NoSuchResource),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Adds and removes tags.
///
/// # Errors
/// See [`ChangeError`].
pub async fn change(store: &Store, meta: Meta, of: &Taggable, change: TagChange) -> Result<Tags, ChangeError> {
    let of = of.clone();
    let committed = write(store, meta, move |transaction| {
        if let Some(missing) = missing(transaction, &of)? {
            return Err(ChangeError::NoSuchResource(missing));
        }
        let key = keys::tags(&of);
        let before: Tags = find_row(transaction, &key)?.unwrap_or_default();
        let after = change.apply(&before).map_err(ChangeError::Invalid)?;
        if after.is_empty() {
            transaction.delete(&key);
        } else {
            put(transaction, &key, &after);
        }
        Ok(after)
    });
    Ok(committed.await?.value)
}

/// The tags of one resource.
///
/// # Errors
/// See [`ListError`].
pub fn list(store: &Store, of: &Taggable) -> Result<Tags, ListError> {
    let found = read(store, |reader| match missing(reader, of)? {
        Some(missing) => Ok(Err(ListError::NoSuchResource(missing))),
        None => Ok(Ok(find_row(reader, &keys::tags(of))?.unwrap_or_default())),
    });
    found.map_err(ListError::Storage)?
}

fn missing(rows: &impl Rows, of: &Taggable) -> Result<Option<NoSuchResource>, StorageError> {
    let (key, missing) = match of {
        Taggable::HostedZone(id) => (keys::zone(id), NoSuchResource::HostedZone(NoSuchHostedZone(id.clone()))),
        Taggable::HealthCheck(id) => {
            (keys::health_check(id), NoSuchResource::HealthCheck(NoSuchHealthCheck(id.clone())))
        }
    };
    Ok(if exists(rows, &key)? { None } else { Some(missing) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosted_zones;
    use crate::testing::{Scratch, meta, random, zone};

    #[tokio::test]
    async fn tags_belong_to_a_resource_and_go_with_it() {
        let scratch = Scratch::new();
        let store = scratch.store();
        let zone = zone(&store, "example.com").await;
        let of = Taggable::HostedZone(zone.id.clone());
        assert_eq!(list(&store, &of).unwrap(), Tags::new());
        let add = |key: &str| TagChange { add: vec![(key.to_owned(), "v".to_owned())], remove: Vec::new() };
        change(&store, meta(), &of, add("team")).await.unwrap();
        change(&store, meta(), &of, add("cost")).await.unwrap();
        assert_eq!(list(&store, &of).unwrap().into_keys().collect::<Vec<_>>(), ["cost", "team"]);
        assert!(matches!(change(&store, meta(), &of, add("")).await, Err(ChangeError::Invalid(TagFault::Key(_)))));
        hosted_zones::delete(&store, meta(), &random(), &zone.id).await.unwrap();
        assert!(matches!(list(&store, &of), Err(ListError::NoSuchResource(NoSuchResource::HostedZone(_)))));
        assert!(change(&store, meta(), &of, add("team")).await.is_err());
    }
}
