//! Traffic policies, slowly: the document read as the tree that it is, a step at a time.

use model::traffic_policy::{Branch, Branches, Document, EndpointKind, Target};
use model::{Body, MadeRecords, RecordSet};

use super::Reference;
use super::routing::{own, with_one_ttl};
use crate::reply::Record;

impl Reference<'_> {
    /// The choices of an instance: each the records of one answer.
    pub(super) fn tree(&self, root: &RecordSet, made: &MadeRecords) -> Vec<Vec<Record>> {
        self.follow(root, made, made.document.start())
    }

    fn follow(&self, root: &RecordSet, made: &MadeRecords, target: Target) -> Vec<Vec<Record>> {
        match target {
            Target::Endpoint(endpoint) => match &made.document.endpoint(endpoint).kind {
                EndpointKind::Value(value) => {
                    let body = Body::Records { ttl: made.ttl, values: vec![value.clone()] };
                    vec![own(&RecordSet { body, ..root.clone() })]
                }
                EndpointKind::Outside { .. } => vec![Vec::new()],
            },
            Target::Rule(rule) => self.branches(root, made, &made.document.rule(rule).branches),
        }
    }

    fn branches(&self, root: &RecordSet, made: &MadeRecords, branches: &Branches) -> Vec<Vec<Record>> {
        let document = &*made.document;
        let healthy = branches.all().into_iter().any(|branch| self.able(document, branch));
        let able = |branch: &Branch| !healthy || self.able(document, branch);
        let follow = |branch: &Branch| self.follow(root, made, branch.target);
        match branches {
            Branches::Failover { primary, secondary } => follow(if able(primary) { primary } else { secondary }),
            Branches::Multivalue(items) => {
                let records = items.iter().filter(|item| able(item)).flat_map(|item| follow(item).concat());
                vec![with_one_ttl(records.collect())]
            }
            Branches::Weighted(items) => {
                let mut able: Vec<_> = items.iter().filter(|(_, branch)| able(branch)).collect();
                let positive = able.iter().any(|(weight, _)| *weight > 0);
                able.retain(|(weight, _)| !positive || *weight > 0);
                able.into_iter().flat_map(|(_, branch)| follow(branch)).collect()
            }
            Branches::Geolocation(_) | Branches::Latency(_) | Branches::Geoproximity(_) => {
                unreachable!("the tests ask the reference about no policy that looks at places")
            }
        }
    }

    fn able(&self, document: &Document, branch: &Branch) -> bool {
        branch.health_check.as_ref().is_none_or(|id| (self.is_healthy)(id))
            && match branch.target {
                Target::Rule(rule) if branch.evaluate_target_health => {
                    document.rule(rule).branches.all().into_iter().any(|below| self.able(document, below))
                }
                Target::Rule(_) | Target::Endpoint(_) => true,
            }
    }
}
