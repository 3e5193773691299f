//! Record sets from and into the SDK's shapes. What is read and written again is the same to the byte: values, health
//! checks and TTLs stay as they came, and a record set that cannot be told in full is not read as something else.

use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, ResourceRecordSetFailover,
    RrType,
};
use model::change::Action;
use model::id::{
    CidrCollectionId, CidrLocation, HealthCheckId, HostedZoneId, LocalZoneGroup, Region, SetIdentifier,
    TrafficPolicyInstanceId,
};
use model::place::{Degrees, Geoproximity, Location, Origin};
use model::{Body, FailoverRole, Name, PolicyRecord, RecordSet, RecordType, Routing, Ttl};

/// Reads a record set; else why it cannot be told here.
pub(crate) fn read(set: &ResourceRecordSet) -> Result<RecordSet, String> {
    let wrong = |what: &dyn std::fmt::Display| format!("record set {} {}: {what}", set.name(), set.r#type());
    let name = Name::parse(set.name()).map_err(|fault| wrong(&fault))?;
    let record_type: RecordType = RecordType::parse(set.r#type().as_str()).map_err(|fault| wrong(&fault))?;
    let routing = routing(set).map_err(|text| wrong(&text))?;
    let health_check = set.health_check_id().map(HealthCheckId::parse).transpose().map_err(|fault| wrong(&fault))?;
    let body = body(set).map_err(|text| wrong(&text))?;
    Ok(RecordSet { name, record_type, routing, body, health_check })
}

/// Whether its type is one that the model has; no service steers another.
pub(crate) fn is_known_type(set: &ResourceRecordSet) -> bool {
    RecordType::parse(set.r#type().as_str()).is_ok()
}

fn body(set: &ResourceRecordSet) -> Result<Body, String> {
    if let Some(instance) = set.traffic_policy_instance_id() {
        // Nothing is written over it: only its instance can change it.
        let instance = TrafficPolicyInstanceId::parse(instance).map_err(|fault| fault.to_string())?;
        return Ok(Body::TrafficPolicy(PolicyRecord { instance, made: None }));
    }
    if let Some(target) = set.alias_target() {
        return Ok(Body::Alias(model::AliasTarget {
            hosted_zone_id: HostedZoneId::parse(target.hosted_zone_id()).map_err(|fault| fault.to_string())?,
            dns_name: Name::parse(target.dns_name()).map_err(|fault| fault.to_string())?,
            evaluate_target_health: target.evaluate_target_health(),
        }));
    }
    let ttl = set.ttl().and_then(|ttl| u64::try_from(ttl).ok()).and_then(|ttl| Ttl::new(ttl).ok());
    let ttl = ttl.ok_or("it has no TTL that the DNS knows")?;
    Ok(Body::Records { ttl, values: set.resource_records().iter().map(|record| record.value().to_owned()).collect() })
}

/// Of policies that no release can move, only what tells them.
fn routing(set: &ResourceRecordSet) -> Result<Routing, String> {
    let Some(id) = set.set_identifier() else { return Ok(Routing::Simple) };
    let set_identifier = SetIdentifier::parse(id).map_err(|fault| fault.to_string())?;
    if let Some(weight) = set.weight() {
        let weight = u8::try_from(weight).map_err(|_| format!("its weight is not from 0 to 255: {weight}"))?;
        return Ok(Routing::Weighted { set_identifier, weight });
    }
    if let Some(role) = set.failover() {
        let is_primary = *role == ResourceRecordSetFailover::Primary;
        let role = if is_primary { FailoverRole::Primary } else { FailoverRole::Secondary };
        return Ok(Routing::Failover { set_identifier, role });
    }
    if let Some(region) = set.region() {
        let region = Region::parse(region.as_str()).map_err(|fault| fault.to_string())?;
        return Ok(Routing::Latency { set_identifier, region });
    }
    if let Some(cidr) = set.cidr_routing_config() {
        let collection = CidrCollectionId::parse(cidr.collection_id()).map_err(|fault| fault.to_string())?;
        let location = CidrLocation::parse(cidr.location_name()).map_err(|fault| fault.to_string())?;
        return Ok(Routing::IpBased { set_identifier, collection, location });
    }
    if set.multi_value_answer() == Some(true) {
        return Ok(Routing::Multivalue { set_identifier });
    }
    if let Some(place) = set.geo_location() {
        let codes = (place.continent_code(), place.country_code(), place.subdivision_code());
        let location = Location::of_codes(codes.0, codes.1, codes.2).map_err(|fault| fault.to_string())?;
        return Ok(Routing::Geolocation { set_identifier, location });
    }
    if let Some(near) = set.geo_proximity_location() {
        let bias = near.bias().and_then(|bias| i8::try_from(bias).ok());
        let origin = if let Some(region) = near.aws_region() {
            Origin::Region(Region::parse(region).map_err(|fault| fault.to_string())?)
        } else if let Some(group) = near.local_zone_group() {
            Origin::LocalZoneGroup(LocalZoneGroup::parse(group).map_err(|fault| fault.to_string())?)
        } else {
            let point = near.coordinates().ok_or("it is near to nothing")?;
            let latitude = Degrees::latitude(point.latitude()).map_err(|fault| fault.to_string())?;
            let longitude = Degrees::longitude(point.longitude()).map_err(|fault| fault.to_string())?;
            Origin::Coordinates { latitude, longitude }
        };
        return Ok(Routing::Geoproximity { set_identifier, geoproximity: Geoproximity { origin, bias } });
    }
    Err("its routing policy has no name here; steer it from elsewhere, or leave its type out of the service".to_owned())
}

/// A change batch in the SDK's shapes; else why it cannot be written.
pub(crate) fn batch(batch: &model::change::ChangeBatch) -> Result<ChangeBatch, String> {
    let mut changes = Vec::new();
    for change in &batch.changes {
        let action = match change.action {
            Action::Create => ChangeAction::Create,
            Action::Upsert => ChangeAction::Upsert,
            Action::Delete => ChangeAction::Delete,
        };
        let set = write(&change.record_set)?;
        changes.push(Change::builder().action(action).resource_record_set(set).build().map_err(|f| f.to_string())?);
    }
    let built = ChangeBatch::builder().set_comment(batch.comment.clone()).set_changes(Some(changes)).build();
    built.map_err(|fault| fault.to_string())
}

fn write(set: &RecordSet) -> Result<ResourceRecordSet, String> {
    let built = ResourceRecordSet::builder()
        .name(set.name.to_string())
        .r#type(RrType::from(set.record_type.to_string().as_str()))
        .set_health_check_id(set.health_check.as_ref().map(ToString::to_string));
    let built = match &set.routing {
        Routing::Simple => built,
        Routing::Weighted { set_identifier, weight } => {
            built.set_identifier(set_identifier.as_str()).weight(i64::from(*weight))
        }
        Routing::Failover { .. }
        | Routing::Multivalue { .. }
        | Routing::Latency { .. }
        | Routing::Geolocation { .. }
        | Routing::Geoproximity { .. }
        | Routing::IpBased { .. } => return Err(format!("{} is neither plain nor weighted", set.name)),
    };
    let built = match &set.body {
        Body::Records { ttl, values } => {
            let record = |value: &String| ResourceRecord::builder().value(value).build().map_err(|f| f.to_string());
            let records = values.iter().map(record).collect::<Result<Vec<_>, _>>()?;
            built.ttl(i64::from(ttl.seconds())).set_resource_records(Some(records))
        }
        Body::Alias(target) => {
            let alias = AliasTarget::builder()
                .hosted_zone_id(target.hosted_zone_id.as_str())
                .dns_name(target.dns_name.to_string())
                .evaluate_target_health(target.evaluate_target_health);
            built.alias_target(alias.build().map_err(|fault| fault.to_string())?)
        }
        Body::TrafficPolicy(_) => return Err(format!("{} was made by a traffic policy", set.name)),
    };
    built.build().map_err(|fault| fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(set: &ResourceRecordSet) {
        let read = read(set).unwrap();
        assert_eq!(write(&read).unwrap(), *set);
    }

    #[test]
    fn a_record_set_is_the_same_to_the_byte_after_a_way_through() {
        let record = |value: &str| ResourceRecord::builder().value(value).build().unwrap();
        let base = || ResourceRecordSet::builder().name("\\052.shop.example.com.").set_identifier("eu west (main)");
        let texts = base().r#type(RrType::Txt).weight(255).ttl(0).health_check_id("abcd-theirs");
        let texts = texts.resource_records(record(r#""a \"b\" \303\244" "c""#)).resource_records(record("\"d\""));
        check(&texts.build().unwrap());
        let target = AliasTarget::builder().hosted_zone_id("Z2").dns_name("dualstack.edge.example.net.");
        let target = target.evaluate_target_health(true).build().unwrap();
        check(&base().r#type(RrType::Aaaa).weight(0).alias_target(target).build().unwrap());
        let plain = ResourceRecordSet::builder().name("shop.example.com.").r#type(RrType::A).ttl(2_147_483_647);
        check(&plain.resource_records(record("203.0.113.1")).build().unwrap());
    }

    #[test]
    fn what_cannot_be_told_is_not_read_as_something_else() {
        let base = || ResourceRecordSet::builder().name("shop.example.com.").r#type(RrType::A).ttl(60);
        let made = read(&base().traffic_policy_instance_id("7f1a").build().unwrap()).unwrap();
        assert!(matches!(made.body, Body::TrafficPolicy(_)) && write(&made).is_err());
        let far = aws_sdk_route53::types::GeoLocation::builder().country_code("DE").build();
        let geo = read(&base().set_identifier("de").geo_location(far).build().unwrap()).unwrap();
        assert!(matches!(geo.routing, Routing::Geolocation { .. }) && write(&geo).is_err());
        let near = aws_sdk_route53::types::GeoProximityLocation::builder().aws_region("eu-west-1").bias(-20).build();
        let near = read(&base().set_identifier("eu").geo_proximity_location(near).build().unwrap()).unwrap();
        assert!(matches!(near.routing, Routing::Geoproximity { .. }) && write(&near).is_err());
        let new = base().set_identifier("new").build().unwrap();
        let text = "record set shop.example.com. A: its routing policy has no name here; steer it from elsewhere";
        assert!(read(&new).unwrap_err().starts_with(text));
    }
}
