//! A traffic policy → one group for each of its rules, nested as the rules are.
//!
//! Each rule becomes what the same record sets would be, so that the same policies choose, and a branch to another rule
//! holds that rule's group instead of an alias to a name: nobody can ask for the inside of a tree, and a new version of
//! it is one group put in the place of another. A rule that several branches lead to is compiled once and shared.
//! Endpoints that are resources of AWS have no addresses here, like aliases that lead out of the server.

use std::sync::Arc;

use model::id::SetIdentifier;
use model::traffic_policy::{Branch, Branches, Document, EndpointKind, Rule, Target};
use model::{Body, FailoverRole, MadeRecords, PolicyRecord, RecordSet, Routing};

use super::CompileFault;
use super::record_sets::{Indexes, compile_group, encode, make_sticky};
use crate::group::{Content, Group, Nested};
use crate::table::Contents;
use crate::zone::Zone;

/// Compiles what an instance made. A record set that only names its instance answers nothing.
pub(super) fn compile(
    zone: &Zone,
    root: &RecordSet,
    record: &PolicyRecord,
    indexes: &mut Indexes<'_>,
) -> Result<Contents, CompileFault> {
    let Some(made) = &record.made else {
        return Ok(Contents::Group(Arc::new(compile_group(zone, &[root], indexes)?)));
    };
    let document = &*made.document;
    let mut rules = Rules {
        zone,
        root,
        made,
        groups: vec![None; document.reached().iter().map(|rule| rule + 1).max().unwrap_or(0)],
    };
    for rule in document.reached() {
        let group = rules.group(document.rule(*rule), indexes)?;
        rules.groups[*rule] = Some(group);
    }
    match document.start() {
        Target::Rule(start) => Ok(Contents::Group(rules.made_before(start))),
        Target::Endpoint(endpoint) => {
            let set = RecordSet { body: rules.body(Target::Endpoint(endpoint)), ..root.clone() };
            match set.body {
                Body::Records { .. } => Ok(Contents::Records(encode(zone, &set)?)),
                Body::Alias(_) | Body::TrafficPolicy(_) => {
                    Ok(Contents::Group(Arc::new(compile_group(zone, &[&set], indexes)?)))
                }
            }
        }
    }
}

struct Rules<'a> {
    zone: &'a Zone,
    root: &'a RecordSet,
    made: &'a MadeRecords,
    /// By the place of the rule in the document.
    groups: Vec<Option<Arc<Group>>>,
}

impl Rules<'_> {
    fn document(&self) -> &Document {
        &self.made.document
    }

    /// The group of a rule whose branches lead to rules that are compiled.
    fn group(&self, rule: &Rule, indexes: &mut Indexes<'_>) -> Result<Arc<Group>, CompileFault> {
        let branches = &rule.branches;
        let sets: Vec<RecordSet> = routings(branches)
            .into_iter()
            .zip(branches.all())
            .map(|(routing, branch)| RecordSet {
                name: self.root.name.clone(),
                record_type: self.root.record_type,
                routing,
                body: self.body(branch.target),
                health_check: branch.health_check.clone(),
            })
            .collect();
        let mut group = compile_group(self.zone, &sets.iter().collect::<Vec<_>>(), indexes)?;
        let all = branches.all();
        for member in &mut group.members {
            // The policies may have sorted the members; their set identifiers tell which branch each is.
            let place = member.aside.set_identifier.as_deref().and_then(|id| id.parse::<usize>().ok());
            let branch = all[place.expect("each branch was given its place")];
            member.aside.set_identifier = Some(self.named(branch).into());
            if let Target::Rule(rule) = branch.target {
                let evaluate_health = branch.evaluate_target_health;
                member.content = Content::Nested(Nested { group: self.made_before(rule), evaluate_health });
            }
        }
        // By the names of its branches: their places change when the next version has one more.
        make_sticky(&mut group, self.root, &rule.id, indexes);
        group.checks = Group::checks_of(&group.members);
        group.always_healthy &= group.members.iter().all(|member| match &member.content {
            Content::Nested(nested) => !nested.evaluate_health || nested.group.is_healthy_for_all(),
            Content::Records(_) | Content::Alias(_) | Content::Elsewhere(_) | Content::Outside => true,
        });
        Ok(Arc::new(group))
    }

    /// What stands in the record set of a branch; nothing for a rule, whose group is put there later.
    fn body(&self, target: Target) -> Body {
        let nothing = Body::TrafficPolicy(PolicyRecord { instance: self.instance(), made: None });
        match target {
            Target::Rule(_) => nothing,
            Target::Endpoint(endpoint) => match &self.document().endpoint(endpoint).kind {
                EndpointKind::Value(value) => Body::Records { ttl: self.made.ttl, values: vec![value.clone()] },
                EndpointKind::Outside { .. } => nothing,
            },
        }
    }

    fn instance(&self) -> model::id::TrafficPolicyInstanceId {
        let Body::TrafficPolicy(record) = &self.root.body else { unreachable!("the root is an instance's") };
        record.instance.clone()
    }

    /// For explanations.
    fn named(&self, branch: &Branch) -> String {
        match branch.target {
            Target::Endpoint(endpoint) => format!("endpoint {}", self.document().endpoint(endpoint).id),
            Target::Rule(rule) => format!("rule {}", self.document().rule(rule).id),
        }
    }

    fn made_before(&self, rule: usize) -> Arc<Group> {
        Arc::clone(self.groups[rule].as_ref().expect("rules stand after all that they lead to"))
    }
}

/// What each branch would have for routing as a record set; the set identifier is its place.
fn routings(branches: &Branches) -> Vec<Routing> {
    let id = |place: usize| SetIdentifier::parse(&place.to_string()).expect("a number is a set identifier");
    match branches {
        Branches::Failover { primary: _, secondary: _ } => vec![
            Routing::Failover { set_identifier: id(0), role: FailoverRole::Primary },
            Routing::Failover { set_identifier: id(1), role: FailoverRole::Secondary },
        ],
        Branches::Geolocation(branches) => branches
            .iter()
            .enumerate()
            .map(|(place, (location, _))| Routing::Geolocation { set_identifier: id(place), location: *location })
            .collect(),
        Branches::Latency(branches) => branches
            .iter()
            .enumerate()
            .map(|(place, (region, _))| Routing::Latency { set_identifier: id(place), region: region.clone() })
            .collect(),
        Branches::Geoproximity(branches) => branches
            .iter()
            .enumerate()
            .map(|(place, (geoproximity, _))| Routing::Geoproximity {
                set_identifier: id(place),
                geoproximity: geoproximity.clone(),
            })
            .collect(),
        Branches::Multivalue(branches) => {
            (0..branches.len()).map(|place| Routing::Multivalue { set_identifier: id(place) }).collect()
        }
        Branches::Weighted(branches) => branches
            .iter()
            .enumerate()
            .map(|(place, (weight, _))| Routing::Weighted { set_identifier: id(place), weight: *weight })
            .collect(),
    }
}
