//! Lists of deployments, newest first.

use std::ops::ControlFlow;

use model::deployment::Deployment;
use model::id::{DeploymentId, ServiceName};
use store::Store;

use super::rows;
use crate::keys;
use crate::rows::{Rows, StorageError, read, scan};

/// Which deployments are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of this service; otherwise of all.
    pub service: Option<ServiceName>,
    /// Only those that have not ended (true) or have (false); otherwise both.
    pub is_open: Option<bool>,
    /// Only older ones than this.
    pub before: Option<DeploymentId>,
}

/// A part of a listing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
    /// Newest first.
    pub deployments: Vec<Deployment>,
    /// Those that are there and cannot be read, with the reason. The others are listed all the same.
    pub unreadable: Vec<(DeploymentId, String)>,
    /// What the next page is before, unless this is the last.
    pub next: Option<DeploymentId>,
}

/// Lists at most `limit` deployments.
///
/// # Errors
/// The store cannot be read.
pub fn list(store: &Store, filter: &Filter, limit: usize) -> Result<Listing, StorageError> {
    read(store, |reader| {
        let mut ids = ids(reader, filter)?;
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.retain(|id| filter.before.as_ref().is_none_or(|before| id < before));
        let mut listing = Listing::default();
        for id in ids {
            if listing.deployments.len() + listing.unreadable.len() >= limit {
                let last = listing.deployments.last().map(|d| d.id.clone());
                let unreadable = listing.unreadable.last().map(|(id, _)| id.clone());
                listing.next = last.into_iter().chain(unreadable).min();
                break;
            }
            match rows::load(reader, &id) {
                Ok(Some(found)) => {
                    if filter.is_open.is_none_or(|is_open| is_open != found.status.phase.is_terminal()) {
                        listing.deployments.push(found);
                    }
                }
                Ok(None) => {}
                Err(StorageError::Damaged { fault, .. }) => listing.unreadable.push((id, fault.to_string())),
                Err(error) => return Err(error),
            }
        }
        Ok(listing)
    })
}

/// Ids only; deployments are large and few of them are shown.
fn ids(reader: &impl Rows, filter: &Filter) -> Result<Vec<DeploymentId>, StorageError> {
    if filter.is_open == Some(true) {
        let wanted = |of: &ServiceName| filter.service.as_ref().is_none_or(|wanted| wanted == of);
        return Ok(rows::open(reader)?.into_iter().filter(|(_, of)| wanted(of)).map(|(id, _)| id).collect());
    }
    let prefix = match &filter.service {
        Some(service) => keys::deployments_of(service),
        None => b"deployment-of/".to_vec(),
    };
    let mut ids = Vec::new();
    scan(reader, &prefix, &prefix, |key, _| {
        let start = key.iter().position(|byte| *byte == 0).map_or(key.len(), |zero| zero + 1);
        ids.extend(keys::deployment_after(key, &key[..start]));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(ids)
}
