//! What guards say to a new deployment, and what becomes of those whose place it takes.

use deploy::CreateGuard;
use model::deployment::{Deployment, Freeze, OnBusy};
use store::Transaction;

use super::{AtWindow, Order, rows};
use crate::rows::StorageError;

pub(super) fn guard(freezes: &[Freeze], window: AtWindow, by_key: Option<String>) -> CreateGuard<'_> {
    let waits_for_window = window == AtWindow::Wait;
    let override_window = match window {
        AtWindow::Override(reason) => Some(reason),
        AtWindow::Refuse | AtWindow::Wait => None,
    };
    CreateGuard { freezes, override_window, waits_for_window, by_key, ..CreateGuard::default() }
}

/// Where the policy of the service says so, those in front of a new deployment make way for it: what runs goes back,
/// what waits is cancelled.
pub(super) fn supersede(
    transaction: &mut Transaction<'_>,
    new: &Deployment,
    others: &[Deployment],
    at_ms: u64,
) -> Result<(), StorageError> {
    if new.status.guarded.queued.is_none() || new.service.policy.on_busy != OnBusy::Supersede {
        return Ok(());
    }
    let reason = format!("superseded by deployment {}", new.id);
    let order = Order { by: new.created.by.clone(), reason, ..Order::default() };
    for other in others.iter().filter(|other| other.service.name == new.service.name) {
        // Who has ended meanwhile, or is on the way back already, needs no order.
        if let Ok(next) = deploy::abort(other, &order, at_ms)
            && next != *other
        {
            rows::write(transaction, other, &next, at_ms)?;
        }
    }
    Ok(())
}

/// What takes a release back goes before the releases of the service that have not begun: they wait for it.
pub(super) fn go_first(
    transaction: &mut Transaction<'_>,
    new: &Deployment,
    others: &[Deployment],
    at_ms: u64,
) -> Result<(), StorageError> {
    if new.kind.asks() {
        return Ok(());
    }
    for other in others.iter().filter(|other| other.service.name == new.service.name) {
        if let Some(next) = deploy::give_way(other, &new.id, at_ms) {
            rows::write(transaction, other, &next, at_ms)?;
        }
    }
    Ok(())
}
