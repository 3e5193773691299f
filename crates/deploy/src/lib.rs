//! The engine of deployments: what happens next in a canary or a blue-green release. A draft of docs.
#![forbid(unsafe_code)]

mod action;
mod command;
mod create;
mod event;
pub mod gate;
mod live;
mod observation;
mod parse;
mod place;
mod plan;
mod step;
pub mod stored;
mod strategy;
mod traffic;

pub use action::{Action, SetWeights};
pub use command::{Expect, Order, Promote, Refusal, abort, detach, force_restore, pause, promote, resume, retry, stop};
pub use create::{CreateError, Request, create};
pub use live::LiveFault;
pub use observation::Observation;
pub use parse::{SpecError, parse_service, parse_spec};
pub use plan::{PlanError, STEPS_MAX, plan};
pub use step::{Step, step};
pub use traffic::{GranularityError, weights};
