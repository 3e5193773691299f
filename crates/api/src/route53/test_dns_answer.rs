//! TestDNSAnswer: what a DNS worker would reply, from the same view through the same function.
//!
//! Differs: without `ResolverIP` AWS asks as one of its own resolvers; here it is loopback.
//! Unspecified: where a name is a CNAME, the entries are those of the whole answer section, in its order.

use std::net::{IpAddr, Ipv4Addr};

use control::TestedAnswer;
use model::{Name, RecordType, rdata};

use super::Route53;
use super::error::Fault;
use super::generated::shapes::{TestDNSAnswerRequest, TestDNSAnswerResponse};
use super::hosted_zones::{find, server_name};

/// Prefix lengths when a client subnet comes without one.
const MASK_V4: u8 = 24;
const MASK_V6: u8 = 64;

/// TestDNSAnswer.
pub(super) fn test(to: &Route53, request: TestDNSAnswerRequest) -> Result<TestDNSAnswerResponse, Fault> {
    let TestDNSAnswerRequest {
        hosted_zone_id,
        record_name,
        record_type,
        resolver_ip,
        edns0_client_subnet_ip,
        edns0_client_subnet_mask,
    } = request;
    let zone = find(to, &hosted_zone_id)?;
    if zone.is_private() {
        return Err(invalid(format!("only public hosted zones can be tested, and this one is private: {}", zone.id)));
    }
    let name = Name::parse(&record_name).map_err(|fault| invalid(format!("FATAL problem: {fault}")))?;
    let resolver = resolver_ip.as_deref().map(|text| address("ResolverIP", text)).transpose()?;
    let subnet = subnet(edns0_client_subnet_ip.as_deref(), edns0_client_subnet_mask.as_deref())?;
    let of_type = RecordType::parse(&record_type).expect("every type of Route 53 is a type");

    let mut draw = [0; 8];
    to.random.fill(&mut draw).map_err(|_| Fault::InternalFailure)?;
    let resolver = resolver.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let TestedAnswer { response_code, records, over_tcp } =
        to.views.test(&zone.id, &name, of_type, resolver, subnet, u64::from_ne_bytes(draw));
    Ok(TestDNSAnswerResponse {
        nameserver: zone.name_servers.first().map(server_name).unwrap_or_default(),
        record_name,
        record_type,
        record_data: records.iter().map(|record| rdata::text(record.record_type, &record.rdata)).collect(),
        response_code: response_code.to_owned(),
        protocol: if over_tcp { "TCP" } else { "UDP" }.to_owned(),
    })
}

fn subnet(ip: Option<&str>, mask: Option<&str>) -> Result<Option<(IpAddr, u8)>, Fault> {
    let Some(ip) = ip else {
        return match mask {
            None => Ok(None),
            Some(mask) => Err(invalid(format!("EDNS0ClientSubnetMask needs EDNS0ClientSubnetIP: {mask}"))),
        };
    };
    let ip = address("EDNS0ClientSubnetIP", ip)?;
    let (default, most) = if ip.is_ipv4() { (MASK_V4, 32) } else { (MASK_V6, 128) };
    let Some(text) = mask else { return Ok(Some((ip, default))) };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let mask = text.parse::<u8>().ok().filter(|mask| digits && *mask <= most);
    let mask = mask.ok_or_else(|| invalid(format!("EDNS0ClientSubnetMask must be from 0 to {most}: {text}")))?;
    Ok(Some((ip, mask)))
}

fn address(field: &str, text: &str) -> Result<IpAddr, Fault> {
    text.parse().map_err(|_| invalid(format!("{field} must be an IPv4 or IPv6 address: {text}")))
}

fn invalid(message: String) -> Fault {
    Fault::InvalidInput { message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_has_a_default_a_range_and_needs_an_address() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(subnet(None, None), Ok(None));
        assert_eq!(subnet(Some("192.0.2.1"), None), Ok(Some((ip("192.0.2.1"), 24))));
        assert_eq!(subnet(Some("2001:db8::1"), None), Ok(Some((ip("2001:db8::1"), 64))));
        assert_eq!(subnet(Some("192.0.2.1"), Some("0")), Ok(Some((ip("192.0.2.1"), 0))));
        for (ip, mask) in [
            (None, "24"),
            (Some("192.0.2.1"), "33"),
            (Some("2001:db8::1"), "129"),
            (Some("::"), "x"),
            (Some("::"), "+64"),
        ] {
            assert!(matches!(subnet(ip, Some(mask)), Err(Fault::InvalidInput { .. })), "{ip:?} {mask}");
        }
    }
}
