//! Simulations: who gets what before and after a change, for a whole population of clients. Nothing is written.
//!
//! Before: somebody has a change, or a fear: a batch, a zone file, weights, a traffic policy, health checks that go down, a
//! region that is lost. Here: the same judges as for a change and two views aside, as for a plan; `edits` makes a batch
//! of weights and policies, `health` says which checks turn over, `questions` which answers are worth asking for. After:
//! [`answer::simulate`] asks both views for every client and adds up. Left out on purpose: other zones, which are as
//! they are.

mod edits;
mod fault;
mod health;
mod lost;
mod questions;
mod read_log;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use answer::{Health, View};
use model::hosted_zone::HostedZone;
use model::id::{HealthCheckId, HostedZoneId};
use model::limits::Limits;
use model::traffic_policy::{Document, DocumentFaults};
use model::{Name, RecordType};
use store::{Reader, Store};

use crate::history::{RecordSetChange, StickinessChange, past};
use crate::plan::{self, Warning, Wish};
use crate::rows::{NoSuchHostedZone, StorageError, find, read};
use crate::{Views, keys};

pub use answer::{Cohort, CsvFault, Flow, Followed, Part, Population, Share, Shift, Side, Whom};
pub use fault::{Cut, SimulateError, SimulationWarning};
pub use health::HealthChange;
pub use lost::{Lost, LostError};
pub use read_log::{LogFault, read_log};

/// Prefixes of clients in one simulation.
pub const CLIENTS_MAX: usize = 100_000;
/// Look-ups in one simulation, of known clients some tens of nanoseconds each.
const LOOKUPS_MAX: usize = 5_000_000;
/// Entries of each list of a proposal: more than a person says at once, and each may look through the whole zone.
pub const ENTRIES_MAX: usize = 1_000;
/// So long it may take, from the inquiry on: a hundred thousand prefixes of clients over the built-in places took 10 s in
/// an unoptimised build.
pub(crate) const TIME_MAX: Duration = Duration::from_secs(20);

/// What is to be simulated.
#[derive(Debug, Clone, Default)]
pub struct Proposal {
    /// Other record sets.
    pub wish: Option<Wish>,
    /// Other weights, in what is wished for, or else in what is stored.
    pub weights: Vec<NewWeight>,
    /// Other traffic policies of instances that are there.
    pub policies: Vec<NewPolicy>,
    /// Health checks that go down.
    pub down: Vec<HealthCheckId>,
    /// Health checks that come up.
    pub up: Vec<HealthCheckId>,
    /// Places whose health checks go down.
    pub lost: Vec<Lost>,
}

/// Another weight for one record set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWeight {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub record_type: RecordType,
    /// Its set identifier.
    pub set_identifier: String,
    /// The weight.
    pub weight: u8,
}

/// Another document for the traffic policy instance at a name.
#[derive(Debug, Clone)]
pub struct NewPolicy {
    /// The name that the instance makes records of; their type is the document's.
    pub name: Name,
    /// As a new version of the policy would have it.
    pub document: Document,
}

/// Who asks.
#[derive(Debug, Clone)]
pub enum Clients {
    /// One client for each country, weighted by Internet users: [`Population::world`].
    World,
    /// The caller's own.
    Own(Population),
}

/// What is asked for.
#[derive(Debug, Clone)]
pub enum Asked {
    /// Every answer of the zone that could change; if nothing changes, those that a routing policy makes.
    Zone,
    /// Every type that there is at a name.
    Name(Name),
    /// One question.
    Question(Name, RecordType),
}

/// All that is asked for.
#[derive(Debug, Clone)]
pub struct Inquiry {
    /// In which zone.
    pub zone: HostedZoneId,
    /// Which questions.
    pub asked: Asked,
    /// Weights that stand before the change instead of the stored ones.
    pub since: Vec<NewWeight>,
    /// What changes.
    pub proposal: Proposal,
    /// Who asks.
    pub clients: Clients,
    /// How many clients to tell one by one.
    pub told: usize,
    /// Record sets whose part in the answers is told.
    pub followed: Vec<Followed>,
    /// When somebody began to ask: since then the time counts.
    pub begun: Instant,
}

/// Tells of a health check that no record set names whether it is healthy; none if nobody knows.
pub type Standing<'a> = dyn Fn(&HealthCheckId) -> Option<bool> + 'a;

/// What was simulated.
#[derive(Debug)]
pub struct Simulation {
    /// The zone as it is.
    pub zone: HostedZone,
    /// The zone's newest revision, which the simulation is of.
    pub at: u64,
    /// Record sets that would change.
    pub changes: Vec<RecordSetChange>,
    /// Names that would become sticky, or no longer be.
    pub stickiness: Vec<StickinessChange>,
    /// Health checks that would turn over.
    pub health: Vec<HealthChange>,
    /// Record sets of lost places that would still be answered, for they have no health check: name, type, identifier.
    pub unchecked: Vec<String>,
    /// Who asked.
    pub population: Population,
    /// What happens to each answer, those that most move of first.
    pub shifts: Vec<Shift>,
    /// What else there is to know.
    pub warnings: Vec<SimulationWarning>,
}

/// Reads a traffic policy document.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_policy(name: Name, text: &str) -> Result<NewPolicy, DocumentFaults> {
    Ok(NewPolicy { name, document: Document::parse(text)? })
}

/// The zone that holds a name: the longest one around it, of several of one name the oldest.
///
/// # Errors
/// The store cannot be read.
pub fn zone_around(store: &Store, name: &Name) -> Result<Option<HostedZone>, StorageError> {
    let mut next = Some(name.clone());
    while let Some(name) = next {
        if let Some(zone) = crate::hosted_zones::named(store, &name)?.into_iter().next() {
            return Ok(Some(zone));
        }
        next = name.parent();
    }
    Ok(None)
}

/// Everything that is needed to ask, taken from one snapshot of the store.
struct Prepared {
    zone: HostedZone,
    at: u64,
    changes: Vec<RecordSetChange>,
    stickiness: Vec<StickinessChange>,
    flips: health::Flips,
    before: View,
    after: View,
    questions: plan::Questions,
    warnings: Vec<SimulationWarning>,
}

/// Simulates. Reads the zone once through, and takes up to 20 s: run it where it keeps nobody waiting.
///
/// # Errors
/// See [`SimulateError`].
pub fn simulate(
    store: &Store,
    views: &Views,
    inquiry: Inquiry,
    is_healthy: &Standing<'_>,
    limits: &Limits,
) -> Result<Simulation, SimulateError> {
    let Inquiry { zone, asked, since, proposal, clients, told, followed, begun } = inquiry;
    let clock = Clock { until: begun + TIME_MAX };
    proposal.bound()?;
    let change = Edits { since, proposal };
    crate::history::index::ensure(store)?;
    let view = views.current();
    let population = match clients {
        Clients::Own(population) => population,
        Clients::World => Population::world(&view.places),
    };
    match population.cohorts.len() {
        0 if population.absent.is_empty() => return Err(SimulateError::NoClients),
        0 => return Err(SimulateError::NoWorld),
        more if more > CLIENTS_MAX => return Err(SimulateError::TooManyClients(more)),
        _ => {}
    }
    let prepared =
        read(store, |reader| Ok(prepare(reader, &view, &zone, &asked, change, is_healthy, limits, &clock)))??;
    let Prepared { zone, at, changes, stickiness, flips, before, after, questions, mut warnings } = prepared;
    if view.snapshot.zone_count() == 0 && !view.places.is_known() {
        warnings.push(SimulationWarning::NoPlaces);
    }
    if zone.is_private() && !population.absent.is_empty() {
        warnings.push(SimulationWarning::Private);
    }
    // Of a whole zone only what differs, if anything can.
    let is_all = !matches!(asked, Asked::Zone) || flips.is_empty() && changes.is_empty() && stickiness.is_empty();
    let asking = population.by_question();
    let mut shifts = Vec::new();
    let (mut lookups, mut counted) = (0, 0);
    let mut cut = questions.is_cut.then_some(Cut::Questions);
    for (name, record_type) in &questions.asked {
        if lookups > LOOKUPS_MAX {
            cut = Some(Cut::Lookups);
            break;
        }
        let asking = asking.of(name, *record_type);
        let clients = asking.iter().copied();
        let shift =
            answer::simulate((&before, &after), (name, *record_type), clients, told, &followed, || clock.goes_on());
        let Ok(shift) = shift else {
            cut = Some(Cut::Time);
            break;
        };
        shifts.extend(shift.filter(|shift| is_all || shift.is_change()));
        counted += 1;
        lookups += asking.len();
    }
    if counted == 0 && !questions.asked.is_empty() {
        return Err(SimulateError::TooLong);
    }
    warnings.extend(cut.map(|by| SimulationWarning::More { counted, by }));
    shifts.sort_by(|a, b| b.moved.total_cmp(&a.moved));
    let health::Flips { changes: health, unchecked, .. } = flips;
    Ok(Simulation { zone, at, changes, stickiness, health, unchecked, population, shifts, warnings })
}

/// What stands before and after.
struct Edits {
    since: Vec<NewWeight>,
    proposal: Proposal,
}

/// How long there is.
struct Clock {
    until: Instant,
}

impl Clock {
    fn goes_on(&self) -> bool {
        Instant::now() < self.until
    }

    fn check(&self) -> Result<(), SimulateError> {
        if self.goes_on() { Ok(()) } else { Err(SimulateError::TooLong) }
    }
}

impl Proposal {
    /// No list may be longer than anybody would write.
    fn bound(&self) -> Result<(), SimulateError> {
        let Self { wish: _, weights, policies, down, up, lost } = self;
        for (member, count) in [
            ("weights", weights.len()),
            ("traffic_policies", policies.len()),
            ("down", down.len()),
            ("up", up.len()),
            ("lose", lost.len()),
        ] {
            if count > ENTRIES_MAX {
                return Err(SimulateError::TooMany { member, count });
            }
        }
        Ok(())
    }
}

#[allow(clippy::too_many_arguments, reason = "one caller, which names them all")]
fn prepare(
    reader: &Reader<'_>,
    view: &View,
    id: &HostedZoneId,
    asked: &Asked,
    edits: Edits,
    is_healthy: &Standing<'_>,
    limits: &Limits,
    clock: &Clock,
) -> Result<Prepared, SimulateError> {
    let zone: HostedZone =
        find(reader, &keys::zone(id))?.ok_or_else(|| SimulateError::NoSuchHostedZone(NoSuchHostedZone(id.clone())))?;
    let at = past::newest(reader, id, u64::MAX)?.map_or(0, |newest| newest.revision);
    let Edits { since, proposal: Proposal { wish, weights, policies, down, up, lost } } = edits;
    let (mut touched, mut stickiness) = (Vec::new(), Vec::new());
    clock.check()?;
    if let Some(wish) = edits::compose(reader, &zone, wish, weights, policies)? {
        clock.check()?;
        touched = plan::judge(reader, &zone, &wish, limits)?;
        stickiness = plan::stickiness_of(reader, &zone, &wish, &mut touched)?;
    }
    let changes = plan::changes(&touched);
    clock.check()?;
    let (mut before, mut after) = plan::views(reader, view, &zone, at, &touched, &stickiness)?;
    let known = |id: &HealthCheckId| match before.snapshot.has_health_check(id) {
        true => before.is_healthy(id),
        false => is_healthy(id).unwrap_or(true),
    };
    let wanted = health::Wanted {
        down: down.into_iter().collect(),
        up: up.into_iter().collect(),
        lost: lost.into_iter().collect(),
    };
    let flips = health::flips(reader, &zone, &touched, wanted, &known, clock)?;
    let healthy = |id: &HealthCheckId| flips.status(id).unwrap_or_else(|| known(id));
    after.health = Arc::new(Health::compile(&after.snapshot, healthy));
    clock.check()?;
    if let Some(wish) = edits::compose(reader, &zone, None, since, Vec::new())? {
        let touched = plan::judge(reader, &zone, &wish, limits)?;
        let (_, mut then) = plan::views(reader, view, &zone, at, &touched, &[])?;
        then.health = Arc::new(Health::compile(&then.snapshot, known));
        before = then;
    }
    let mut warnings: Vec<SimulationWarning> =
        plan::health(view, &touched).into_iter().map(SimulationWarning::Plan).collect();
    warnings.retain(|warning| {
        !matches!(warning, SimulationWarning::Plan(Warning::NewHealthCheck(id))
        if HealthCheckId::parse(id).is_ok_and(|id| is_healthy(&id).is_some()))
    });
    warnings.extend(flips.warnings(&zone));
    clock.check()?;
    let questions = questions::find(reader, &zone, asked, &touched, &flips)?;
    Ok(Prepared { zone, at, changes, stickiness, flips, before, after, questions, warnings })
}
