//! The same record sets as the API takes them. Leaves out on purpose: characters that XML escapes, which no text of ours has.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use model::place::{Location, Origin};
use model::{Body, FailoverRole, RecordSet, Routing};

/// A change that creates the record set.
///
/// # Errors
/// A record set that only a traffic policy instance makes, or a place that nothing here uses.
pub fn create(record_set: &RecordSet) -> Result<String> {
    let mut text = format!(
        "<Change><Action>CREATE</Action><ResourceRecordSet><Name>{}</Name><Type>{}</Type>",
        record_set.name, record_set.record_type
    );
    if let Some(id) = record_set.set_identifier() {
        write!(text, "<SetIdentifier>{id}</SetIdentifier>")?;
    }
    // The schema orders the elements: what these two hold stands behind the health check.
    let mut late = String::new();
    match &record_set.routing {
        Routing::Simple => {}
        Routing::Weighted { weight, .. } => write!(text, "<Weight>{weight}</Weight>")?,
        Routing::Failover { role, .. } => {
            let role = if *role == FailoverRole::Primary { "PRIMARY" } else { "SECONDARY" };
            write!(text, "<Failover>{role}</Failover>")?;
        }
        Routing::Multivalue { .. } => text += "<MultiValueAnswer>true</MultiValueAnswer>",
        Routing::Latency { region, .. } => write!(text, "<Region>{region}</Region>")?,
        Routing::Geolocation { location, .. } => {
            let code = match location {
                Location::Default => "<CountryCode>*</CountryCode>".to_owned(),
                Location::Continent(code) => format!("<ContinentCode>{code}</ContinentCode>"),
                Location::Country(code) => format!("<CountryCode>{code}</CountryCode>"),
                Location::Subdivision(..) => bail!("no record set of the bench is for a state"),
            };
            write!(text, "<GeoLocation>{code}</GeoLocation>")?;
        }
        Routing::Geoproximity { geoproximity, .. } => {
            let Origin::Region(region) = &geoproximity.origin else { bail!("all of the bench are near a region") };
            let bias = geoproximity.bias.map_or_else(String::new, |bias| format!("<Bias>{bias}</Bias>"));
            write!(late, "<GeoProximityLocation><AWSRegion>{region}</AWSRegion>{bias}</GeoProximityLocation>")?;
        }
        Routing::IpBased { collection, location, .. } => write!(
            late,
            "<CidrRoutingConfig><CollectionId>{collection}</CollectionId><LocationName>{location}</LocationName></CidrRoutingConfig>"
        )?,
    }
    match &record_set.body {
        Body::Records { ttl, values } => {
            write!(text, "<TTL>{}</TTL><ResourceRecords>", ttl.seconds())?;
            for value in values {
                write!(text, "<ResourceRecord><Value>{value}</Value></ResourceRecord>")?;
            }
            text += "</ResourceRecords>";
        }
        Body::Alias(target) => write!(
            text,
            "<AliasTarget><HostedZoneId>{}</HostedZoneId><DNSName>{}</DNSName><EvaluateTargetHealth>{}</EvaluateTargetHealth></AliasTarget>",
            target.hosted_zone_id, target.dns_name, target.evaluate_target_health
        )?,
        Body::TrafficPolicy(_) => bail!("record sets of traffic policies are made by their instances"),
    }
    if let Some(check) = &record_set.health_check {
        write!(text, "<HealthCheckId>{check}</HealthCheckId>")?;
    }
    Ok(text + &late + "</ResourceRecordSet></Change>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routed::kind::KINDS;
    use crate::routed::records::References;

    #[test]
    fn a_change_names_all_it_needs() {
        let references = References::in_process().unwrap();
        let geoproximity = KINDS.iter().find(|kind| kind.prefix == "gp").unwrap();
        let text = create(&references.record_sets(geoproximity, 7).unwrap()[1]).unwrap();
        assert!(
            text.contains(
                "<Name>gp00007.bench.test.</Name><Type>A</Type><SetIdentifier>set-01</SetIdentifier><TTL>60</TTL>"
            ),
            "{text}"
        );
        let late = "</HealthCheckId><GeoProximityLocation><AWSRegion>us-west-2</AWSRegion><Bias>20</Bias></GeoProximityLocation></ResourceRecordSet></Change>";
        assert!(text.ends_with(late), "{text}");
        for record_set in references.all(&KINDS).unwrap() {
            assert_eq!(create(&record_set).is_err(), matches!(record_set.body, Body::TrafficPolicy(_)));
        }
    }
}
