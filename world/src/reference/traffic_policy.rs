//! Traffic policies, slowly: the document read as the tree that it is, a step at a time.

use model::id::SetIdentifier;
use model::traffic_policy::{Branch, Branches, Document, EndpointKind, Target};
use model::{Body, MadeRecords, RecordSet, Routing};

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
                let costs = self.costs(branches);
                let cheapest = |among: &dyn Fn(&Branch) -> bool| {
                    let among = costs.iter().enumerate().filter(|(_, (cost, branch))| cost.is_some() && among(branch));
                    // Of equals the one whose place is the first text.
                    among.min_by(|(i, (a, _)), (j, (b, _))| {
                        a.partial_cmp(b).expect("no cost is NaN").then_with(|| i.to_string().cmp(&j.to_string()))
                    })
                };
                let chosen = cheapest(&|branch| self.able(document, branch)).or_else(|| cheapest(&|_| true));
                chosen.map_or_else(|| vec![Vec::new()], |(_, (_, branch))| follow(branch))
            }
        }
    }

    /// What each branch costs the client; none if it is not for it.
    fn costs<'b>(&self, branches: &'b Branches) -> Vec<(Option<f64>, &'b Branch)> {
        let set_identifier = || SetIdentifier::parse("any").expect("a set identifier");
        let cost = |routing: Routing| self.asker.cost(&routing);
        match branches {
            Branches::Geolocation(items) => items
                .iter()
                .map(|(location, branch)| {
                    (cost(Routing::Geolocation { set_identifier: set_identifier(), location: *location }), branch)
                })
                .collect(),
            Branches::Latency(items) => items
                .iter()
                .map(|(region, branch)| {
                    (cost(Routing::Latency { set_identifier: set_identifier(), region: region.clone() }), branch)
                })
                .collect(),
            Branches::Geoproximity(items) => items
                .iter()
                .map(|(geoproximity, branch)| {
                    let geoproximity = geoproximity.clone();
                    (cost(Routing::Geoproximity { set_identifier: set_identifier(), geoproximity }), branch)
                })
                .collect(),
            Branches::Failover { .. } | Branches::Multivalue(_) | Branches::Weighted(_) => {
                branches.all().into_iter().map(|branch| (Some(0.0), branch)).collect()
            }
        }
    }

    fn able(&self, document: &Document, branch: &Branch) -> bool {
        branch.health_check.as_ref().is_none_or(|id| (self.is_healthy)(id))
            && match branch.target {
                Target::Rule(rule) if branch.evaluate_target_health => {
                    let below = self.costs(&document.rule(rule).branches);
                    below.into_iter().any(|(cost, branch)| cost.is_some() && self.able(document, branch))
                }
                Target::Rule(_) | Target::Endpoint(_) => true,
            }
    }
}
