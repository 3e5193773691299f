//! Traffic policy documents for generated trees: rules of every kind, nested in each other.

use super::{CHECKS, Garden};
use crate::tables::LOCATIONS;

/// The entries of a document as they come together.
#[derive(Default)]
struct Parts {
    endpoints: Vec<String>,
    rules: Vec<String>,
}

impl Garden {
    /// A document with that many levels of rules below the first.
    pub(super) fn document(&mut self, levels: usize) -> String {
        let mut parts = Parts::default();
        let start = self.rule(levels, &mut parts);
        let (endpoints, rules) = (parts.endpoints.join(","), parts.rules.join(","));
        format!(
            r#"{{"AWSPolicyFormatVersion":"2015-10-01","RecordType":"A","StartRule":"{start}","Endpoints":{{{endpoints}}},"Rules":{{{rules}}}}}"#
        )
    }

    /// The key of a new rule.
    fn rule(&mut self, levels: usize, parts: &mut Parts) -> String {
        let kind = if levels > 0 { self.random.below(5) } else { self.random.below(7).min(5) };
        let count = match kind {
            0 => 2,
            // So many of the eight that most clients are in one.
            2 => 4 + self.random.below(2),
            5 => 2 + self.random.below(9),
            _ => 2 + self.random.below(2),
        };
        let first = self.random.below(LOCATIONS);
        let branches: Vec<String> = (0..count)
            .map(|i| {
                let target = self.target(levels, kind == 5, i == 0, parts);
                let own = match kind {
                    0 | 5 => String::new(),
                    1 => format!(r#""Weight":"{}","#, [0, 1, 3, 10][self.random.below(4)]),
                    2 => place(first + i),
                    3 => format!(r#""Region":"{}","#, region(first + i)),
                    _ => {
                        let bias =
                            ["", r#""Bias":"50","#, r#""Bias":"-50","#, r#""Bias":"-90","#][self.random.below(4)];
                        format!(r#""Region":"aws:route53:{}",{bias}"#, region(first + i))
                    }
                };
                format!("{{{own}{target}}}")
            })
            .collect();
        let (kind, branches) = match kind {
            0 => ("failover", format!(r#""Primary":{},"Secondary":{}"#, branches[0], branches[1])),
            1 => ("weighted", list("Items", &branches)),
            2 => ("geo", list("Locations", &branches)),
            3 => ("latency", list("Regions", &branches)),
            4 => ("geoproximity", list("GeoproximityLocations", &branches)),
            _ => ("multivalue", list("Items", &branches)),
        };
        let key = format!("r{}", parts.rules.len());
        parts.rules.push(format!(r#""{key}":{{"RuleType":"{kind}",{branches}}}"#));
        key
    }

    /// Where a branch leads; the first of a rule to another rule while there are levels left.
    fn target(&mut self, levels: usize, only_check: bool, is_first: bool, parts: &mut Parts) -> String {
        let check = match self.random.below(3) {
            0 => String::new(),
            _ => format!(r#","HealthCheck":"{}""#, self.checks[self.random.below(CHECKS)]),
        };
        if levels > 0 && !only_check && (is_first || self.random.one_in(2)) {
            let rule = self.rule(levels - 1, parts);
            let evaluate = !self.random.one_in(4);
            return format!(r#""RuleReference":"{rule}","EvaluateTargetHealth":{evaluate}{check}"#);
        }
        let key = format!("e{}", parts.endpoints.len());
        parts.endpoints.push(format!(r#""{key}":{{"Type":"value","Value":"{}"}}"#, self.address()));
        format!(r#""EndpointReference":"{key}"{check}"#)
    }
}

fn list(name: &str, branches: &[String]) -> String {
    format!(r#""{name}":[{}]"#, branches.join(","))
}

/// The same places as [`crate::tables::location`], in a document's words.
fn place(n: usize) -> String {
    match n % LOCATIONS {
        0 => r#""Country":"US","Subdivision":"CA","#.to_owned(),
        1 => r#""Country":"US","#.to_owned(),
        2 => r#""Country":"DE","#.to_owned(),
        3 => r#""Country":"FR","#.to_owned(),
        4 => r#""Continent":"NA","#.to_owned(),
        5 => r#""Continent":"EU","#.to_owned(),
        6 => r#""Continent":"AS","#.to_owned(),
        _ => r#""IsDefault":true,"#.to_owned(),
    }
}

/// AWS's regions of [`crate::tables::region`]; a document may name no others.
fn region(n: usize) -> &'static str {
    ["us-east-1", "eu-central-1", "ap-northeast-1", "cn-north-1", "sa-east-1"][n % 5]
}
