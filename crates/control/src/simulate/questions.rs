//! Which questions are worth asking: the one asked for, or those whose answer could change.

use std::collections::BTreeSet;

use model::RoutingPolicy;
use model::change::Touched;
use model::hosted_zone::HostedZone;
use model::{Name, RecordSet, RecordType};
use store::Reader;

use super::health::Flips;
use super::{Asked, SimulateError};
use crate::keys;
use crate::plan::{self, Questions};
use crate::record_rows::at;
use crate::rows::list;

/// Questions of one simulation that asks for a whole zone: more than a person reads.
const QUESTIONS_MAX: usize = 500;

/// Finds them.
pub(super) fn find(
    reader: &Reader<'_>,
    zone: &HostedZone,
    asked: &Asked,
    touched: &[Touched],
    flips: &Flips,
) -> Result<Questions, SimulateError> {
    let inside = |name: &Name| match name.is_in(&zone.name) {
        true => Ok(()),
        false => Err(SimulateError::NotInZone { name: name.clone(), zone: zone.name.clone() }),
    };
    let mut found = match asked {
        Asked::Question(name, record_type) => {
            inside(name)?;
            Questions { asked: vec![(name.clone(), *record_type)], is_cut: false }
        }
        Asked::Name(name) => {
            inside(name)?;
            let mut types: BTreeSet<RecordType> =
                at(reader, &zone.id, &name.sort_key())?.iter().map(|set| set.record_type).collect();
            let then = touched.iter().find(|touched| touched.name == *name);
            types.extend(then.into_iter().flat_map(|touched| &touched.after).map(|set| set.record_type));
            if types.remove(&RecordType::CNAME) || types.is_empty() {
                types.insert(RecordType::A);
            }
            Questions {
                asked: types.into_iter().map(|record_type| (name.clone(), record_type)).collect(),
                is_cut: false,
            }
        }
        Asked::Zone if touched.is_empty() && flips.is_empty() => routed(reader, zone)?,
        Asked::Zone => {
            let mut touched = touched.to_vec();
            for (name, sets) in &flips.names {
                if touched.iter().all(|touched| touched.name != *name) {
                    // Nothing of it is written, but what leads to it may answer otherwise.
                    touched.push(Touched { name: name.clone(), before: sets.clone(), after: sets.clone() });
                }
            }
            plan::find_questions(reader, zone, &touched)?
        }
    };
    if found.asked.len() > QUESTIONS_MAX {
        found.asked.truncate(QUESTIONS_MAX);
        found.is_cut = true;
    }
    Ok(found)
}

/// Names and types that a routing policy answers.
fn routed(reader: &Reader<'_>, zone: &HostedZone) -> Result<Questions, SimulateError> {
    let sets: Vec<RecordSet> = list(reader, &keys::record_sets(&zone.id), &[], usize::MAX)?;
    let is_routed = |set: &&RecordSet| {
        set.routing.policy() != RoutingPolicy::Simple || matches!(set.body, model::Body::TrafficPolicy(_))
    };
    let mut asked: Vec<(Name, RecordType)> =
        sets.iter().filter(is_routed).map(|set| (set.name.clone(), set.record_type)).collect();
    asked.dedup();
    Ok(Questions { asked, is_cut: false })
}
