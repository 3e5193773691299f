//! Errands to somebody else's endpoint, for one release: which are under way, and what the last ones said. Lost in a crash, as
//! the engine expects it.

use std::collections::BTreeSet;

use deploy::Endpoint;
use model::endpoint::{Errand, ForeignZone, Report, Trouble, WriteFault};
use model::id::ChangeId;
use model::{Name, RecordSet};

/// What was seen, until a turn has kept it.
#[derive(Debug, Clone)]
pub(super) struct Looked {
    pub(super) zone: ForeignZone,
    pub(super) names: BTreeSet<Name>,
    pub(super) sets: Vec<RecordSet>,
}

/// The errands of one release.
#[derive(Debug, Default)]
pub(super) struct Errands {
    /// What the engine is told.
    pub(super) told: Endpoint,
    pub(super) looked: Option<Looked>,
    /// When the look began whose answer counts.
    look_began_ms: Option<u64>,
}

/// An errand under way, by what its answer needs.
#[derive(Debug, Clone)]
pub(super) enum Begun {
    Look { began_ms: u64, zone: ForeignZone, names: BTreeSet<Name> },
    Write { generation: u64 },
    Confirm { change: ChangeId },
}

impl Begun {
    /// What the errand was, once nobody can say what came of it.
    pub(super) fn broken_off(&self) -> Report {
        let trouble = Trouble { text: "the request was broken off".to_owned(), rest_ms: 1_000 };
        match self {
            Self::Look { .. } => Report::Looked(Err(trouble)),
            Self::Write { .. } => Report::Written(Err(WriteFault::Unknown(trouble))),
            Self::Confirm { .. } => Report::Confirmed(Err(trouble)),
        }
    }
}

impl Errands {
    /// What was asked before the first turn, another runner asked.
    pub(super) fn know_since(&mut self, now_ms: u64) {
        if self.told.since_ms == 0 {
            self.told.since_ms = now_ms;
        }
    }

    /// Notes that an errand begins now; none if one like it is under way already.
    pub(super) fn begin(&mut self, errand: &Errand, generation: Option<u64>, now_ms: u64) -> Option<Begun> {
        match (errand, generation) {
            (Errand::Look(zone, names), _) => {
                if self.told.is_looking || self.told.writing.is_some() {
                    return None;
                }
                (self.told.is_looking, self.look_began_ms) = (true, Some(now_ms));
                Some(Begun::Look { began_ms: now_ms, zone: zone.clone(), names: names.clone() })
            }
            (Errand::Write(..), Some(generation)) => {
                if self.told.writing.is_some() {
                    return None;
                }
                // What is seen while a write is under way may be of before or after it.
                (self.told.is_looking, self.look_began_ms) = (false, None);
                (self.told.seen_ms, self.looked) = (None, None);
                self.told.writing = Some(generation);
                Some(Begun::Write { generation })
            }
            (Errand::Write(..), None) => None,
            (Errand::Confirm(_, change), _) => {
                if self.told.confirming.is_some() {
                    return None;
                }
                self.told.confirming = Some(change.clone());
                Some(Begun::Confirm { change: change.clone() })
            }
        }
    }

    /// Takes in what came of an errand.
    pub(super) fn ended(&mut self, begun: Begun, report: Report, now_ms: u64) {
        let trouble = report.trouble().cloned();
        match (begun, report) {
            (Begun::Look { began_ms, zone, names }, Report::Looked(looked)) => {
                if self.look_began_ms != Some(began_ms) {
                    return;
                }
                (self.told.is_looking, self.look_began_ms) = (false, None);
                if let Ok(sets) = looked {
                    self.told.seen_ms = Some(began_ms);
                    self.looked = Some(Looked { zone, names, sets });
                }
            }
            (Begun::Write { generation }, Report::Written(written)) => {
                // What went wrong is taken in with it.
                return self.told.wrote(generation, written, now_ms);
            }
            (Begun::Confirm { change }, Report::Confirmed(confirmed)) => {
                self.told.confirming = None;
                if confirmed == Ok(true) {
                    self.told.confirmed.insert(change);
                }
            }
            (begun, report) => unreachable!("{begun:?} is not answered by {report:?}"),
        }
        self.told.ended(trouble.as_ref(), now_ms);
    }

    /// A turn was stored with what was handed in to it.
    pub(super) fn turned(&mut self, written: usize) {
        self.told.written.drain(..written);
        self.looked = None;
    }
}
