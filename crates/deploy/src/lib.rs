//! The engine of deployments: releasing a new version of a service by moving its DNS weights in steps, watching health
//! and metrics, and going back by itself.
//!
//! **What it is.** Pure functions over the nouns of `model::deployment`: [`parse_spec`] and [`parse_service`] read what
//! users write, [`plan()`] expands and checks it, [`create()`] makes a deployment of it, [`step()`] says what happens next,
//! [`pause`], [`promote()`], [`abort`] and their like are what people order, [`undo`] takes back what succeeded,
//! [`progress()`] is what they look at, [`notice`] what they are told without looking.
//!
//! **What it is not.** No clock, no store, no sockets, no tasks. Strategies know shares only; [`weights`] knows the
//! integers of the DNS. Left out for now: load balancer rules.
//!
//! **The walk.** The runner (in `control`) takes a turn with each deployment that has not ended. Whenever something may have
//! changed — at start, at a wake time, after a commit, a health change, a finished measurement or an order — it does, in
//! **one transaction** of the store:
//!
//! 1. load the [`Deployment`](model::deployment::Deployment), the service and the record sets of its names;
//! 2. build the [`Observation`] and call [`step()`];
//! 3. if `next` differs, store it ([`stored`]), and carry out every [`Action::SetWeights`], [`Action::Activate`] and [`Action::NoteVersions`];
//!    if a write's `precondition` does not match, write nothing: the next step will see it as drift.
//!
//! After the commit it starts every [`Action::Measure`] and [`Action::CallHook`] that is not under way, sleeps until [`Action::Wake`] or news,
//! and begins again; a step that wrote is followed by another at once. An order is the same with the command's function
//! in place of step 2 and a step after it. Finished measurements are handed in until a step has been stored with them.
//!
//! **Crashes.** A deployment is stored before or together with what it asks for. After a crash the runner does as at any
//! other time: `step` compares what is live with the last line of the journal and finishes, repeats, or reports drift.
//! Measurements that were under way are asked for again under the same id.
//!
//! **Invariants.** Weights of a name are never all zero, and shares sum to one (I-SUM). Without an abort the share of
//! the new environment never falls (I-MONO); after one it never rises (I-ABORT). `RolledBack` means the weights of the
//! snapshot, exactly (I-RESTORE). `Succeeded` means all traffic on the new environment (I-DONE). Nothing gives traffic
//! to an environment that is not healthy, but a person's restore (I-HEALTHY). Nothing moves forward while paused
//! (I-PAUSE). A second step with the same observation changes nothing (I-QUIET).
//!
//! **How it is tested.** `tests/games` are played games on a virtual clock, with their transcripts; `tests/crash.rs`
//! crashes each game at every turn, before and after its writes; `tests/invariants.rs` plays random orders and accidents
//! and looks at the invariants after every turn.
//!
//! ```
//! let service = deploy::parse_service(br#"{
//!     "name": "shop", "active": "blue",
//!     "environments": {
//!         "blue":  {"version": "1.9", "set_identifiers": ["blue"]},
//!         "green": {"version": "2.0", "set_identifiers": ["green"]}
//!     },
//!     "traffic": [{"dns": {"zone": "Z1", "name": "shop.example.com", "types": ["A", "AAAA"]}}]
//! }"#)?;
//! let spec = deploy::parse_spec(br#"{
//!     "to": "green", "version": "2.1",
//!     "strategy": {"canary": {"steps": [
//!         {"weight": "5%"}, {"hold": "10m"}, {"analyse": ["errors"]}, {"weight": "50%"}, {"hold": {}}, {"weight": "100%"}
//!     ]}},
//!     "health_gate": {"healthy_for": "30s"},
//!     "analysis": {"errors": {"metrics": [{
//!         "name": "5xx", "interval": "10s", "count": 6, "failure_limit": 1, "no_data": "wait",
//!         "provider": {"prometheus": {"url": "http://127.0.0.1:9090", "query": "error_ratio{env=\"{{env}}\"}"}},
//!         "condition": "value <= 0.01"
//!     }]}},
//!     "background": {"templates": ["errors"]},
//!     "settle": {"ttl_multiple": 1.5, "min": "10s"},
//!     "deadlines": {"progress": "10m", "on_deadline": "abort"},
//!     "bake": "30m", "on_failure": "abort"
//! }"#)?;
//! // The record sets do not exist, and the plan says so before anything moves.
//! let error = deploy::plan(&service, &spec, &[]).unwrap_err();
//! assert_eq!(error.code().as_str(), "E_PRECONDITION");
//! // `{"preset": "95-5"}`, `{"linear": {"from": "10%", "step": "30%", "every": "5m"}}` and
//! // `{"exponential": {"from": "1%", "factor": 4, "every": "5m"}}` stand for lists of steps. Blue-green is
//! // `{"blue_green": {"preview": {"healthy_for": "30s", "analyse": ["errors"]}, "gate": "manual", "switch": "at_once"}}`.
//! # Ok::<(), deploy::SpecError>(())
//! ```
#![forbid(unsafe_code)]

mod action;
mod asked;
mod before;
mod check_metric;
mod command;
mod create;
mod decide;
mod drain;
mod ease;
mod endpoint;
mod event;
mod forecast;
pub mod gate;
mod hook;
pub mod judge;
mod left;
mod line;
mod live;
pub mod notice;
mod observation;
mod parse;
mod place;
mod plan;
mod progress;
mod replay;
mod score;
mod serving;
mod step;
pub mod stored;
mod strategy;
mod teardown;
mod timeline;
mod traffic;
mod ttl;
mod verdict;
mod window;

pub use action::{Action, SetWeights};
pub use before::service_before;
pub use command::{
    Expect, Order, OrderKey, Promote, Refusal, abort, detach, force_restore, pause, promote, resume, retry, stop,
};
pub use create::{CreateError, CreateGuard, Request, create, is_in_the_way, undo};
pub use decide::{answer_drift, approve, deny, override_window};
pub use drain::{drain_facts, drain_facts_of, drained, is_quiet};
pub use endpoint::Endpoint;
pub use forecast::{Forecast, ForecastFault, Promised, StepForecast, check_promises, forecast, promised};
pub use line::{draft, give_way};
pub use live::{LiveFault, live_members, live_weights};
pub use observation::{Guards, Observation};
pub use parse::{SpecError, parse_freeze, parse_service, parse_spec};
pub use plan::{PlanError, STEPS_MAX, lint, plan};
pub use progress::{Progress, progress};
pub use replay::{Replayed, replay, told};
pub use step::{RescaleError, Step, check_rescale, step};
pub use timeline::{Begins, Timeline, timeline};
pub use traffic::{GranularityError, weights};
