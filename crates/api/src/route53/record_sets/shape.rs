//! Record sets on the wire and in the model: the one place where one becomes the other.
//!
//! Routing policies are in `routing.rs`. Values go both ways verbatim; names become lower case and absolute. Both directions take their source apart in
//! full, so that a field that is added cannot be forgotten.

use model::change::{Action, Change, ChangeBatch, ChangeFault};
use model::id::{HealthCheckId, HostedZoneId, IdError, SetIdentifier, TrafficPolicyInstanceId};
use model::{AliasTarget, Body, Name, NameError, PolicyRecord, RecordSet, RecordType, Routing, Ttl};

use super::super::error::Fault;
use super::super::generated::shapes::{self, ChangeAction, ResourceRecord, ResourceRecordSet};
use super::routing::{self, Policy};
use super::structure;

/// A batch of a request: the changes whose names could be read, and a fault for each of the others.
pub(super) fn batch(batch: shapes::ChangeBatch) -> Result<(ChangeBatch, Vec<ChangeFault>), Fault> {
    let shapes::ChangeBatch { comment, changes } = batch;
    let faults: Vec<String> = changes.iter().flat_map(structure::faults).collect();
    if !faults.is_empty() {
        return Err(Fault::InvalidInput { message: format!("Invalid request: {}", faults.join(", ")) });
    }
    let (mut read, mut names) = (Vec::with_capacity(changes.len()), Vec::new());
    for shapes::Change { action, resource_record_set } in changes {
        match record_set(resource_record_set) {
            Ok(record_set) => read.push(Change { action: action_of(action), record_set }),
            Err(NoRecordSet::Name(fault)) => names.push(ChangeFault::Name(fault)),
            Err(NoRecordSet::Id(fault)) => return Err(Fault::InvalidInput { message: fault.to_string() }),
            Err(NoRecordSet::HealthCheck(id)) => return Err(Fault::NoSuchHealthCheck { id }),
        }
    }
    Ok((ChangeBatch { comment, changes: read }, names))
}

fn action_of(action: ChangeAction) -> Action {
    match action {
        ChangeAction::Create => Action::Create,
        ChangeAction::Delete => Action::Delete,
        ChangeAction::Upsert => Action::Upsert,
    }
}

/// Why a record set could not be read.
enum NoRecordSet {
    Name(NameError),
    Id(IdError),
    HealthCheck(String),
}

impl From<NameError> for NoRecordSet {
    fn from(fault: NameError) -> Self {
        Self::Name(fault)
    }
}

impl From<IdError> for NoRecordSet {
    fn from(fault: IdError) -> Self {
        Self::Id(fault)
    }
}

/// A record set whose structure was judged.
fn record_set(shape: ResourceRecordSet) -> Result<RecordSet, NoRecordSet> {
    let ResourceRecordSet {
        name,
        r#type,
        set_identifier,
        weight,
        region,
        geo_location,
        failover,
        multi_value_answer,
        ttl,
        resource_records,
        alias_target,
        health_check_id,
        traffic_policy_instance_id,
        cidr_routing_config,
        geo_proximity_location,
    } = shape;
    let policy = Policy {
        weight,
        region,
        geo_location,
        failover,
        multi_value_answer,
        cidr_routing_config,
        geo_proximity_location,
    };
    let body = match (alias_target, traffic_policy_instance_id) {
        (Some(target), _) => Body::Alias(alias(target)?),
        (None, Some(instance)) => {
            Body::TrafficPolicy(PolicyRecord { instance: TrafficPolicyInstanceId::parse(&instance)?, made: None })
        }
        (None, None) => {
            let values = resource_records.unwrap_or_default().into_iter().map(|record| record.value).collect();
            Body::Records { ttl: seconds(ttl), values }
        }
    };
    let routing = match set_identifier {
        Some(id) => routing::read(SetIdentifier::parse(&id)?, policy)?,
        None => Routing::Simple,
    };
    let health_check = health_check_id
        .filter(|id| !id.is_empty())
        .map(|id| HealthCheckId::parse(&id).map_err(|_| NoRecordSet::HealthCheck(id)))
        .transpose()?;
    Ok(RecordSet { name: Name::parse(&name)?, record_type: record_type(&r#type), routing, body, health_check })
}

fn alias(shape: shapes::AliasTarget) -> Result<AliasTarget, NoRecordSet> {
    let shapes::AliasTarget { hosted_zone_id, dns_name, evaluate_target_health } = shape;
    Ok(AliasTarget {
        hosted_zone_id: HostedZoneId::parse(&hosted_zone_id)?,
        dns_name: Name::parse(&dns_name)?,
        evaluate_target_health,
    })
}

/// A type of a request, whose values the model's limits name.
fn record_type(text: &str) -> RecordType {
    RecordType::parse(text).expect("every type of Route 53 is a type")
}

fn seconds(ttl: Option<i64>) -> Ttl {
    let seconds = ttl.and_then(|seconds| u64::try_from(seconds).ok()).and_then(|seconds| Ttl::new(seconds).ok());
    seconds.expect("the structure and the model's limits were checked")
}

/// A record set as a listing shows it, also of a type that Route 53 has no word for.
pub(super) fn shown(set: RecordSet) -> ResourceRecordSet {
    let RecordSet { name, record_type, routing, body, health_check } = set;
    let mut shape = ResourceRecordSet {
        name: name.to_string(),
        r#type: record_type.to_string(),
        set_identifier: None,
        weight: None,
        region: None,
        geo_location: None,
        failover: None,
        multi_value_answer: None,
        ttl: None,
        resource_records: None,
        alias_target: None,
        health_check_id: health_check.map(|id| id.to_string()),
        traffic_policy_instance_id: None,
        cidr_routing_config: None,
        geo_proximity_location: None,
    };
    routing::show(routing, &mut shape);
    match body {
        Body::Records { ttl, values } => {
            shape.ttl = Some(i64::from(ttl.seconds()));
            shape.resource_records = Some(values.into_iter().map(|value| ResourceRecord { value }).collect());
        }
        Body::Alias(AliasTarget { hosted_zone_id, dns_name, evaluate_target_health }) => {
            let (hosted_zone_id, dns_name) = (hosted_zone_id.to_string(), dns_name.to_string());
            shape.alias_target = Some(shapes::AliasTarget { hosted_zone_id, dns_name, evaluate_target_health });
        }
        // Seen on AWS: neither its TTL nor any value is shown.
        Body::TrafficPolicy(PolicyRecord { instance, made: _ }) => {
            shape.traffic_policy_instance_id = Some(instance.to_string());
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    fn simple(name: &str) -> ResourceRecordSet {
        let set = RecordSet::simple(
            Name::parse("www.example.com").unwrap(),
            RecordType::A,
            Ttl::new(60).unwrap(),
            vec!["192.0.2.1".to_owned()],
        );
        ResourceRecordSet { name: name.to_owned(), ..shown(set) }
    }

    fn through(shape: &ResourceRecordSet) -> ResourceRecordSet {
        let Ok(set) = record_set(shape.clone()) else { panic!("not read: {shape:?}") };
        shown(set)
    }

    #[test]
    fn every_policy_and_body_comes_back_as_it_went() {
        let id = Some("a (1)".to_owned());
        let weighted = ResourceRecordSet { set_identifier: id.clone(), weight: Some(0), ..simple("www.example.com.") };
        let role = Some(shapes::ResourceRecordSetFailover::Secondary);
        let failover = ResourceRecordSet { weight: None, failover: role, ..weighted.clone() };
        let multivalue = ResourceRecordSet { weight: None, multi_value_answer: Some(true), ..weighted.clone() };
        let target = shapes::AliasTarget {
            hosted_zone_id: "Z35SXDOTRQ7X7K".to_owned(),
            dns_name: "lb.example.net.".to_owned(),
            evaluate_target_health: true,
        };
        let alias =
            ResourceRecordSet { ttl: None, resource_records: None, alias_target: Some(target), ..failover.clone() };
        let checked = ResourceRecordSet { health_check_id: Some("abc-1".to_owned()), ..weighted.clone() };
        for shape in [simple("www.example.com."), weighted, failover, multivalue, alias, checked] {
            assert_eq!(through(&shape), shape);
        }
    }

    #[test]
    fn names_are_shown_in_one_form_and_values_as_they_came() {
        for (given, expect) in [("A@B.Example.COM", "a\\100b.example.com."), ("*.Example.com.", "\\052.example.com.")] {
            assert_eq!(through(&simple(given)).name, expect);
        }
        let value = ResourceRecord { value: " \"a\\052\"  \"B\" ".to_owned() };
        let txt =
            ResourceRecordSet { r#type: "TXT".to_owned(), resource_records: Some(vec![value]), ..simple("a.test.") };
        assert_eq!(through(&txt), txt);
    }

    #[test]
    fn all_names_that_are_none_are_told() {
        let change = |name: &str| shapes::Change { action: ChangeAction::Create, resource_record_set: simple(name) };
        let changes = vec![change(".x"), change("ok.test"), change("")];
        let (read, unread) = batch(shapes::ChangeBatch { comment: None, changes }).unwrap();
        assert_eq!(read.changes.len(), 1);
        let unread: Vec<String> = unread.iter().map(ToString::to_string).collect();
        assert_eq!(
            unread,
            [
                "FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with '.x'",
                "FATAL problem: DomainNameEmpty (Domain name is empty) encountered with ''"
            ]
        );
    }
}
