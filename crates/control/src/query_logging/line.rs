//! One line of a query log, in the format of AWS (DG `query-logs`): version, time, zone, name, type, code, protocol,
//! edge location, resolver, subnet.

use std::fmt::Write as _;
use std::net::IpAddr;

use model::Name;
use model::RecordType;
use model::id::HostedZoneId;

/// The version of the format.
const VERSION: &str = "1.0";

/// A query that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at_ms: u64,
    /// The zone that answered.
    pub zone: HostedZoneId,
    /// The name that was asked for.
    pub qname: Name,
    /// The type that was asked for.
    pub qtype: RecordType,
    /// The code of the response: 0 is NOERROR.
    pub rcode: u8,
    /// What it travelled by.
    pub protocol: Protocol,
    /// Who asked.
    pub resolver: IpAddr,
    /// The client's network, if the resolver told it (EDNS Client Subnet): `198.51.100.0/24`.
    pub subnet: Option<String>,
}

/// How a query came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// In a datagram.
    Udp,
    /// Over a connection.
    Tcp,
}

/// Appends the line of a query; `location` is what stands for AWS's edge location.
pub(super) fn push(line: &mut String, query: &Query, location: &str) {
    let Query { at_ms, zone, qname, qtype, rcode, protocol, resolver, subnet } = query;
    let qname = qname.to_string();
    let qname = if qname == "." { "." } else { qname.trim_end_matches('.') };
    let protocol = match protocol {
        Protocol::Udp => "UDP",
        Protocol::Tcp => "TCP",
    };
    let (time, qtype, rcode) = (time(*at_ms), type_word(*qtype), rcode_word(*rcode));
    let written = write!(line, "{VERSION} {time} {zone} {qname} {qtype} {rcode} {protocol} {location} {resolver} ");
    written.expect("a string takes everything");
    match subnet {
        None => line.push_str("-\n"),
        Some(subnet) => {
            line.push_str(subnet);
            line.push('\n');
        }
    }
}

fn type_word(qtype: RecordType) -> String {
    const ANY: RecordType = RecordType(255);
    if qtype == ANY { "ANY".to_owned() } else { qtype.to_string() }
}

/// Names of the IANA registry; what has none is told by its number.
fn rcode_word(rcode: u8) -> String {
    let word = match rcode {
        0 => "NOERROR",
        1 => "FORMERR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        _ => return format!("RCODE{rcode}"),
    };
    word.to_owned()
}

/// `2017-12-13T08:15:50.235Z`.
fn time(at_ms: u64) -> String {
    let (days, of_day) = (at_ms / 86_400_000, at_ms % 86_400_000);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", of_day % 1000)
}

/// Year, month and day of a day since 1970-01-01, by counting years from March on, so that leap days come last.
fn date(days: u64) -> (u64, u64, u64) {
    let since_march = days + 719_468;
    let (era, of_era) = (since_march / 146_097, since_march % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query() -> Query {
        Query {
            at_ms: 1_513_152_950_235,
            zone: HostedZoneId::parse("Z123412341234").unwrap(),
            qname: Name::parse("example.com").unwrap(),
            qtype: RecordType::AAAA,
            rcode: 0,
            protocol: Protocol::Tcp,
            resolver: "192.168.3.1".parse().unwrap(),
            subnet: Some("192.168.222.0/24".to_owned()),
        }
    }

    fn check(query: &Query, expect: &str) {
        let mut line = String::new();
        push(&mut line, query, "DFW3");
        assert_eq!(line, format!("{expect}\n"));
    }

    #[test]
    fn lines_are_those_of_the_developer_guide() {
        check(
            &query(),
            "1.0 2017-12-13T08:15:50.235Z Z123412341234 example.com AAAA NOERROR TCP DFW3 192.168.3.1 192.168.222.0/24",
        );
        let other = Query {
            at_ms: 1_513_152_956_381,
            qname: Name::parse("*.a b.example.com".replace(' ', "\\040").as_str()).unwrap(),
            qtype: RecordType(255),
            rcode: 3,
            protocol: Protocol::Udp,
            resolver: "2001:db8::35".parse().unwrap(),
            subnet: None,
            ..query()
        };
        check(
            &other,
            "1.0 2017-12-13T08:15:56.381Z Z123412341234 \\052.a\\040b.example.com ANY NXDOMAIN UDP DFW3 2001:db8::35 -",
        );
    }

    #[test]
    fn dates_are_right_at_their_edges() {
        for (at_ms, expect) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(time(at_ms), expect);
        }
    }
}
