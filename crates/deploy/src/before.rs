//! The service as a release found it, as far as taking the release back needs to know: what its old environment answered.
//!
//! Before: a release has ended and is to be taken back. After: a plan of the way back. Left out on purpose: what others
//! changed since; the plan looks at record sets as they are.

use model::RecordType;
use model::deployment::{Deployment, RecordAnswer, RecordForm, Service};

/// The service that taking back `last` is planned of.
///
/// A release that made its record sets plain again left no record set of the old environment, and where it had adopted a
/// plain record, nobody but its snapshot says what that one answered. Several names that answered otherwise cannot be said
/// with one `dns` of an environment, and stay unsaid.
#[must_use]
pub fn service_before(service: &Service, last: &Deployment) -> Service {
    let mut service = service.clone();
    let Some(from) = last.plan.origin() else { return service };
    let is_of_origin =
        |form: &&RecordForm| form.weighted.as_ref().is_none_or(|(id, _)| last.service.environment_of(id) == Some(from));
    let records = || last.record.snapshot.iter().flat_map(|snapshot| &snapshot.records).filter(is_of_origin);
    let answers: Vec<(RecordType, &Vec<String>)> = records()
        .filter_map(|form| match &form.answer {
            RecordAnswer::Records { values, .. } => Some((form.record_type, values)),
            RecordAnswer::Alias { .. } => None,
        })
        .collect();
    if let Some(environment) = service.environments.get_mut(from) {
        for (record_type, values) in &answers {
            if answers.iter().all(|(other, found)| other != record_type || found == values) {
                environment.dns.entry(*record_type).or_insert_with(|| (*values).clone());
            }
        }
        let mut checks = records().map(|form| &form.health_check);
        if let Some(first) = checks.next()
            && environment.health_check.is_none()
            && checks.all(|other| other == first)
        {
            environment.health_check.clone_from(first);
        }
    }
    service
}
