//! `control`: the only writer. Every change of what Cutover knows is a command here.
//!
//! **What it is.** Functions per noun over a [`Store`] ([`hosted_zones`], [`delegation_sets`], [`vpcs`], [`record_sets`],
//! [`health_checks`], [`tags`], [`stickiness`], [`access_keys`], [`zone_import`], [`history`], [`changes`], [`cidr_collections`], [`query_logging`],
//! [`services`], [`deployments`], [`freezes`]), each of them one
//! transaction, each with one error enum of its own; and [`run_deployments`], which takes deployments from step to step;
//! and [`notices`], which tells people of them.
//! **What it is not.** It keeps no state: a command reads what it needs in its transaction. It knows no XML, no sockets.
//! **The walk.** `api` or the command line → a command → `model` judges → the store commits → [`publish`] follows the
//! log and swaps the view that DNS servers answer from.
//! **Invariants.** A refused command leaves nothing. All of a batch is in one revision, and a published view is the
//! state of exactly one revision. Stored bytes are `stored`'s alone; keys stand in one file.
//! **How it is tested.** On real stores in folders of their own; golden bytes for everything stored.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir().join(format!("cutover-control-doc-{}", std::process::id()));
//! use control::{Meta, Store, hosted_zones, record_sets};
//! use model::{Name, hosted_zone::{Delegation, Visibility}, limits::Limits};
//!
//! let store = Store::open(&folder)?;
//! let random = ring::rand::SystemRandom::new();
//! let meta = Meta::new("example", 1_700_000_000_000);
//! let new = hosted_zones::NewHostedZone {
//!     name: Name::parse("example.com")?,
//!     caller_reference: "only once".to_owned(),
//!     comment: None,
//!     visibility: Visibility::PUBLIC,
//! };
//! let (zone, _change) =
//!     hosted_zones::create(&store, meta, &random, new, &Delegation::default(), &Limits::default()).await?;
//! let page = record_sets::list(&store, &zone.id, None, 100)?;
//! assert_eq!(page.items.len(), 2);
//! # store.close();
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

pub mod access_keys;
pub mod audit;
pub mod changes;
pub mod cidr_collections;
pub mod delegation_sets;
pub mod deployments;
pub mod dnssec;
mod draw;
pub mod explain;
pub mod foreign;
pub mod freezes;
pub mod health_checks;
pub mod history;
pub mod hosted_zones;
mod keys;
pub mod notices;
pub mod plan;
pub mod publish;
pub mod query_logging;
mod record_rows;
pub mod record_sets;
mod rows;
pub mod run_deployments;
pub mod seal;
pub mod services;
pub mod simulate;
pub mod stickiness;
mod stored;
pub mod tags;
#[cfg(test)]
mod testing;
mod traffic;
pub mod traffic_policies;
pub mod traffic_policy_instances;
mod views;
pub mod vpcs;
pub mod zone_import;

pub use audit::Audit;
pub use draw::Random;
pub use rows::{NoSuchHostedZone, Page, StorageError};
pub use store::{Meta, Receipt, Revision, Store};
pub use stored::StoredFault;
pub use views::{TestedAnswer, Views};
