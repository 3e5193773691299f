//! A population out of query logs: ours, or AWS's, whose lines have the same form (DG `query-logs`).
//!
//! Each line is one query of the client whose subnet the resolver told, or else of the resolver. Equal ones are counted.

use std::collections::BTreeMap;
use std::net::IpAddr;

use answer::{Cohort, Population};
use model::prefix::Prefix;
use model::{Name, RecordType};

/// The parts of a line: version, time, zone, name, type, code, protocol, edge location, resolver, subnet.
const PARTS: usize = 10;

/// What is wrong with a log, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {expected}: {text}")]
pub struct LogFault {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What would be right.
    pub expected: String,
    /// What stands there.
    pub text: String,
}

/// Counts the queries of a log.
///
/// # Errors
/// The first fault.
pub fn read_log(text: &str) -> Result<Population, LogFault> {
    let mut counts = BTreeMap::<(Name, RecordType, Prefix), u64>::new();
    let lines = text.lines().zip(1..).filter(|(text, _)| !text.trim().is_empty());
    for (text, line) in lines {
        *counts.entry(read_line(text, line)?).or_default() += 1;
    }
    #[allow(clippy::cast_precision_loss, reason = "fewer than 2⁵³ queries")]
    let cohorts = counts.into_iter().map(|((name, record_type, client), count)| Cohort {
        client,
        weight: count as f64,
        country: None,
        asked: Some((name, record_type)),
    });
    Ok(Population { cohorts: cohorts.collect(), absent: Vec::new() })
}

fn read_line(text: &str, line: usize) -> Result<(Name, RecordType, Prefix), LogFault> {
    let mut column = 1;
    let mut parts: Vec<(usize, &str)> = Vec::with_capacity(PARTS);
    for part in text.trim_end().split(' ') {
        parts.push((column, part));
        column += part.chars().count() + 1;
    }
    let fault = |(column, text): (usize, &str), expected: String| LogFault {
        line,
        column,
        // Errors of the model end with the text, which stands here once anyway.
        expected: expected.strip_suffix(&format!(": {text}")).map_or_else(|| expected.clone(), str::to_owned),
        text: text.to_owned(),
    };
    if parts.len() != PARTS {
        return Err(fault((1, text), format!("a line of a query log has {PARTS} parts, not {}", parts.len())));
    }
    if parts[0].1 != "1.0" {
        return Err(fault(parts[0], "the version of a query log's line is 1.0".to_owned()));
    }
    let name = Name::parse(parts[3].1).map_err(|error| fault(parts[3], error.to_string()))?;
    let record_type = match parts[4].1 {
        "ANY" => RecordType::ANY,
        word => RecordType::parse(word).map_err(|error| fault(parts[4], error.to_string()))?,
    };
    let resolver: IpAddr = parts[8].1.parse().map_err(|_| fault(parts[8], "a resolver is an IP address".to_owned()))?;
    let client = match parts[9].1 {
        "-" => Prefix::of(resolver),
        subnet => {
            let subnet: Prefix = subnet.parse().map_err(|error| fault(parts[9], format!("{error}")))?;
            // RFC 7871 §7.1.2: a subnet of no bits says that the resolver is to be taken.
            if subnet.length() == 0 { Prefix::of(resolver) } else { subnet }
        }
    };
    Ok((name, record_type, client))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "1.0 2017-12-13T08:15:50.235Z Z1 www.ex.test AAAA NOERROR UDP DFW3 192.0.2.3";

    #[test]
    fn queries_are_counted_by_what_they_ask_and_whom_they_are_for() {
        let log = format!("{LINE} 198.51.100.0/24\n{LINE} 198.51.100.0/24\n{LINE} -\n\n{LINE} 0.0.0.0/0\n");
        let log = log + "1.0 2017-12-13T08:15:50.235Z Z1 \\052.ex.test ANY NXDOMAIN TCP DFW3 2001:db8::35 -\n";
        let told: Vec<String> = read_log(&log)
            .unwrap()
            .cohorts
            .iter()
            .map(|cohort| {
                let (name, record_type) = cohort.asked.as_ref().unwrap();
                format!("{name} {record_type} {} {}", cohort.client, cohort.weight)
            })
            .collect();
        let expected = [
            "\\052.ex.test. ANY 2001:db8::35/128 1",
            "www.ex.test. AAAA 192.0.2.3/32 2",
            "www.ex.test. AAAA 198.51.100.0/24 2",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn faults_are_told_at_line_and_column() {
        let third = "1.0 2017-12-13T08:15:50.235Z Z1 www.ex.test AAAA NOERROR UDP DFW3 resolver -";
        for (line, expected) in [
            ("1.0 x", "1:1: a line of a query log has 10 parts, not 2: 1.0 x".to_owned()),
            (
                &LINE.replacen("1.0", "2.0", 1).add(" -"),
                "1:1: the version of a query log's line is 1.0: 2.0".to_owned(),
            ),
            (third, "1:67: a resolver is an IP address: resolver".to_owned()),
            (
                &LINE.add(" 192.0.2.7/24"),
                "1:77: bits behind the prefix length are set; the network is 192.0.2.0/24: 192.0.2.7/24".to_owned(),
            ),
        ] {
            assert_eq!(read_log(line).unwrap_err().to_string(), expected);
        }
        let second = format!("{LINE} -\n{LINE}\n");
        assert!(read_log(&second).unwrap_err().to_string().starts_with("2:1: "));
    }

    trait Add {
        fn add(&self, end: &str) -> String;
    }

    impl Add for str {
        fn add(&self, end: &str) -> String {
            format!("{self}{end}")
        }
    }
}
