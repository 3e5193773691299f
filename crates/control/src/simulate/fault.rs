//! Why there is no simulation, and what to know of one that there is.

use model::id::HealthCheckId;
use model::{Name, RecordType};

use super::{CLIENTS_MAX, ENTRIES_MAX, LOOKUPS_MAX, Lost, TIME_MAX};
use crate::plan::{PlanError, Warning};
use crate::record_sets::ChangeError;
use crate::rows::{NoSuchHostedZone, StorageError, from_storage};
use crate::stickiness::TooManySticky;

/// What somebody should know who reads a simulation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SimulationWarning {
    /// The same as of a plan.
    #[error(transparent)]
    Plan(Warning),
    /// It makes no difference to answers.
    #[error("no record set of {zone} names health check {id}")]
    NamedNowhere {
        /// The check.
        id: HealthCheckId,
        /// The zone.
        zone: Name,
    },
    /// It is what it shall become.
    #[error("health check {id} is {} already", if *.is_healthy { "healthy" } else { "unhealthy" })]
    AsBefore {
        /// The check.
        id: HealthCheckId,
        /// Its status.
        is_healthy: bool,
    },
    /// Where clients are is known to servers.
    #[error("no server runs on this folder: where clients are is not known")]
    NoPlaces,
    /// Clients of the world are in no VPC.
    #[error("the hosted zone is private: only clients in its VPCs are answered from it")]
    Private,
    /// Not all questions were counted.
    #[error("more answers may change than {by}; questions counted: {counted}")]
    More {
        /// Those that were.
        counted: usize,
        /// What ended it.
        by: Cut,
    },
}

/// Which bound a simulation met before it was through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Cut {
    /// Of time.
    #[error("there was time to count in {} s", TIME_MAX.as_secs())]
    Time,
    /// Of clients times questions.
    #[error("{LOOKUPS_MAX} look-ups of clients tell")]
    Lookups,
    /// Of questions.
    #[error("one simulation asks for")]
    Questions,
}

/// Why there is no simulation.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The zone does not exist.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// The change would be refused, for all these reasons.
    #[error(transparent)]
    Refused(ChangeError),
    /// More names would be sticky than a zone may have.
    #[error(transparent)]
    TooManySticky(TooManySticky),
    /// A name that the zone does not hold.
    #[error("{name} is not in the zone {zone}")]
    NotInZone {
        /// The name.
        name: Name,
        /// The zone.
        zone: Name,
    },
    /// No health check has this id.
    #[error("no health check has this id: {0}")]
    NoSuchHealthCheck(HealthCheckId),
    /// Down and up at once.
    #[error("a health check cannot go both down and up: {0}")]
    DownAndUp(HealthCheckId),
    /// No such weighted record set.
    #[error("{name} {record_type} has no weighted record set {set_identifier:?}; {}", told(.there))]
    NoSuchWeight {
        /// The name.
        name: Name,
        /// The type.
        record_type: RecordType,
        /// What was asked for.
        set_identifier: String,
        /// The set identifiers of those that there are.
        there: Vec<String>,
    },
    /// Two weights for one record set.
    #[error("two weights for {name} {record_type} {set_identifier:?}")]
    WeightTwice {
        /// The name.
        name: Name,
        /// The type.
        record_type: RecordType,
        /// Its set identifier.
        set_identifier: String,
    },
    /// No instance makes these records.
    #[error("no traffic policy instance makes the records of {0} {1}")]
    NoInstance(Name, RecordType),
    /// A zone file knows nothing of instances.
    #[error("a traffic policy cannot be simulated together with a zone file; do the one after the other")]
    PolicyBesideZone,
    /// Nothing is there that could be lost.
    #[error("no record set of the zone is in {lost}; {}", told(.there))]
    NobodyThere {
        /// What was to be lost.
        lost: Lost,
        /// The regions that record sets are in.
        there: Vec<String>,
    },
    /// The places know no country.
    #[error(
        "nobody knows where clients are, so that the world cannot be simulated; start the server, or bring \
         clients of your own"
    )]
    NoWorld,
    /// A table without clients.
    #[error("there are no clients in the population")]
    NoClients,
    /// A table with too many.
    #[error("a population has at most {CLIENTS_MAX} clients; count them by shorter prefixes: {0}")]
    TooManyClients(usize),
    /// A list that nobody would write by hand.
    #[error("a simulation takes at most {ENTRIES_MAX} entries of {member}: {count}")]
    TooMany {
        /// The list, as the API names it.
        member: &'static str,
        /// Its entries.
        count: usize,
    },
    /// Not even one question could be answered in time.
    #[error("this takes longer than {} s; simulate a smaller change, or fewer clients", TIME_MAX.as_secs())]
    TooLong,
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
    /// The zone cannot be compiled; a fault of this program, or a damaged zone.
    #[error("the hosted zone cannot be compiled, so that its answers are not known")]
    Compile(#[source] answer::CompileFault),
}

from_storage!(SimulateError);

fn told(there: &[String]) -> String {
    if there.is_empty() { "there are none".to_owned() } else { format!("there are {}", there.join(", ")) }
}

impl From<PlanError> for SimulateError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::NoSuchHostedZone(error) => Self::NoSuchHostedZone(error),
            PlanError::Refused(error) => Self::Refused(error),
            PlanError::TooManySticky(error) => Self::TooManySticky(error),
            PlanError::Storage(error) => Self::Storage(error),
            PlanError::Compile(fault) => Self::Compile(fault),
        }
    }
}
