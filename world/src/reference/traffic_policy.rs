//! Traffic policies, slowly: the document read as the tree that it is, a step at a time.

use model::id::SetIdentifier;
use model::traffic_policy::{Branch, Branches, Document, EndpointKind, Target};
use model::{Body, MadeRecords, RecordSet, Routing};

use super::Reference;
use super::routing::own;
use super::way::{Step, Way, eight, one_by_weight};

impl Reference<'_> {
    /// All ways through an instance, each with its chance.
    pub(super) fn tree(&self, root: &RecordSet, made: &MadeRecords) -> Vec<Way> {
        self.follow(root, made, made.document.start())
    }

    fn follow(&self, root: &RecordSet, made: &MadeRecords, target: Target) -> Vec<Way> {
        match target {
            Target::Endpoint(endpoint) => match &made.document.endpoint(endpoint).kind {
                EndpointKind::Value(value) => {
                    let body = Body::Records { ttl: made.ttl, values: vec![value.clone()] };
                    vec![Way::of(own(&RecordSet { body, ..root.clone() }))]
                }
                EndpointKind::Outside { .. } => vec![Way::of(Vec::new())],
            },
            Target::Rule(rule) => self.branches(root, made, &made.document.rule(rule).branches),
        }
    }

    fn branches(&self, root: &RecordSet, made: &MadeRecords, branches: &Branches) -> Vec<Way> {
        let document = &*made.document;
        let costs = self.costs(branches);
        // The branches that are for this client, each at its place.
        let ours: Vec<(usize, f64, &Branch)> =
            costs.iter().enumerate().filter_map(|(i, (cost, branch))| Some((i, (*cost)?, *branch))).collect();
        let able = |branch: &Branch| self.able(document, branch);
        let healthy = ours.iter().any(|(.., branch)| able(branch));
        let step = Step {
            policy: word(branches),
            fails_open: !healthy && !ours.is_empty(),
            backs_out: healthy && ours.iter().any(|(.., branch)| self.checked_branch(branch) && !able(branch)),
            abroad: !root.name.is_in(self.apex),
            evaluates: None,
        };
        let among = |branch: &Branch| !healthy || able(branch);
        let follow = |branch: &Branch| {
            let ways = self.follow(root, made, branch.target).into_iter();
            match branch.target {
                Target::Rule(_) => {
                    let evaluates = Some(branch.evaluate_target_health);
                    ways.map(|way| Way { evaluates, ..way }).collect()
                }
                Target::Endpoint(_) => ways.collect::<Vec<_>>(),
            }
        };
        let ways = match branches {
            Branches::Failover { primary, secondary } => follow(if among(primary) { primary } else { secondary }),
            Branches::Multivalue(items) => {
                let records = |item| follow(item).into_iter().flat_map(|way| way.records).collect();
                eight(&items.iter().filter(|item| among(item)).map(records).collect::<Vec<_>>())
            }
            Branches::Weighted(items) => {
                let able = items.iter().filter(|(_, branch)| among(branch));
                one_by_weight(able.map(|(weight, branch)| (*weight, follow(branch))).collect())
            }
            Branches::Geolocation(_) | Branches::Latency(_) | Branches::Geoproximity(_) => {
                // Of equals the one whose place is the first text.
                let order = |(i, a, _): &&(usize, f64, &Branch), (j, b, _): &&(usize, f64, &Branch)| {
                    a.partial_cmp(b).expect("no cost is NaN").then_with(|| i.to_string().cmp(&j.to_string()))
                };
                let chosen = ours.iter().filter(|(.., branch)| among(branch)).min_by(order);
                chosen.map_or_else(|| vec![Way::of(Vec::new())], |(.., branch)| follow(branch))
            }
        };
        ways.into_iter().map(|way| way.after(step)).collect()
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

    /// Whether somebody in the first rule is healthy for this client.
    pub(super) fn alive(&self, made: &MadeRecords) -> bool {
        self.leads_to_health(&made.document, made.document.start())
    }

    fn leads_to_health(&self, document: &Document, target: Target) -> bool {
        let Target::Rule(rule) = target else { return true };
        let below = self.costs(&document.rule(rule).branches);
        below.into_iter().any(|(cost, branch)| cost.is_some() && self.able(document, branch))
    }

    fn able(&self, document: &Document, branch: &Branch) -> bool {
        self.checked_branch(branch) && (!branch.evaluate_target_health || self.leads_to_health(document, branch.target))
    }

    /// Whether its own health check has nothing against it.
    fn checked_branch(&self, branch: &Branch) -> bool {
        branch.health_check.as_ref().is_none_or(|id| (self.is_healthy)(id))
    }
}

fn word(branches: &Branches) -> &'static str {
    match branches {
        Branches::Failover { .. } => "failover rule",
        Branches::Multivalue(_) => "multivalue rule",
        Branches::Weighted(_) => "weighted rule",
        Branches::Geolocation(_) => "geolocation rule",
        Branches::Latency(_) => "latency rule",
        Branches::Geoproximity(_) => "geoproximity rule",
    }
}
