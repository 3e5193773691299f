//! When a measured value passes and when it fails: `value <= 0.01`.
//!
//! One comparison with one number for now. Comparisons with the old environment need two measurements and a judge, and
//! will stand beside this form, not inside it.

use std::fmt;

use serde::de::{MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

/// A comparison of the measured value with a number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Comparison {
    operator: Operator,
    limit: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    AtMost,
    AtLeast,
    Below,
    Above,
    Equal,
    Unequal,
}

/// Longest first: `<` is the beginning of `<=`.
const OPERATORS: [(&str, Operator); 6] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    ("<", Operator::Below),
    (">", Operator::Above),
];

/// A text that is no comparison.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a comparison (write value, one of <= < >= > == !=, and a number, such as value <= 0.01): {0}")]
pub struct ComparisonError(pub String);

impl Comparison {
    /// Reads `value <operator> <number>`.
    ///
    /// # Errors
    /// Anything else, or a number that is not finite.
    pub fn parse(text: &str) -> Result<Self, ComparisonError> {
        let error = || ComparisonError(text.to_owned());
        let rest = text.trim().strip_prefix("value").ok_or_else(error)?.trim_start();
        let (sign, operator) = OPERATORS.into_iter().find(|(sign, _)| rest.starts_with(sign)).ok_or_else(error)?;
        let limit: f64 = rest[sign.len()..].trim().parse().map_err(|_| error())?;
        if limit.is_finite() { Ok(Self { operator, limit }) } else { Err(error()) }
    }

    /// Whether the value stands in this relation. False for NaN, except for `!=`, which is why callers treat a value
    /// that is not finite as no data before they ask.
    #[must_use]
    #[allow(clippy::float_cmp, reason = "== is what the user wrote")]
    pub fn holds(self, value: f64) -> bool {
        match self.operator {
            Operator::AtMost => value <= self.limit,
            Operator::AtLeast => value >= self.limit,
            Operator::Below => value < self.limit,
            Operator::Above => value > self.limit,
            Operator::Equal => value == self.limit,
            Operator::Unequal => value != self.limit,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = OPERATORS.iter().find(|(_, o)| *o == self.operator).map_or("", |(sign, _)| sign);
        write!(f, "value {sign} {}", self.limit)
    }
}

impl TryFrom<String> for Comparison {
    type Error = ComparisonError;
    fn try_from(text: String) -> Result<Self, ComparisonError> {
        Self::parse(&text)
    }
}

impl From<Comparison> for String {
    fn from(comparison: Comparison) -> Self {
        comparison.to_string()
    }
}

/// When a value passes, fails, or neither.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition {
    /// Passes when it holds, fails otherwise. Also written as a bare text.
    Pass(Comparison),
    /// Fails when it holds, passes otherwise.
    Fail(Comparison),
    /// Fails when `fail` holds, else passes when `pass` holds, else is inconclusive.
    Both {
        /// Asked second.
        pass: Comparison,
        /// Asked first: a failure wins.
        fail: Comparison,
    },
}

/// What a condition says of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// Within the limit.
    Pass,
    /// Outside the limit.
    Fail,
    /// Neither.
    Inconclusive,
}

impl Condition {
    /// Judges one finite value.
    #[must_use]
    pub fn judge(self, value: f64) -> Judged {
        match self {
            Self::Pass(pass) if pass.holds(value) => Judged::Pass,
            Self::Fail(fail) if !fail.holds(value) => Judged::Pass,
            Self::Pass(_) | Self::Fail(_) => Judged::Fail,
            Self::Both { fail, .. } if fail.holds(value) => Judged::Fail,
            Self::Both { pass, .. } if pass.holds(value) => Judged::Pass,
            Self::Both { .. } => Judged::Inconclusive,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass(pass) => write!(f, "{pass}"),
            Self::Fail(fail) => write!(f, "not {fail}"),
            Self::Both { pass, fail } => write!(f, "{pass}, fail when {fail}"),
        }
    }
}

/// The JSON form with both sides named.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sides {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pass: Option<Comparison>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fail: Option<Comparison>,
}

impl Serialize for Condition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Pass(pass) => pass.serialize(serializer),
            Self::Fail(fail) => Sides { pass: None, fail: Some(fail) }.serialize(serializer),
            Self::Both { pass, fail } => Sides { pass: Some(pass), fail: Some(fail) }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Condition;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text such as \"value <= 0.01\", or {\"pass\": …, \"fail\": …}")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Condition, E> {
                Comparison::parse(text).map(Condition::Pass).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Condition, A::Error> {
                let sides = Sides::deserialize(MapAccessDeserializer::new(map))?;
                match (sides.pass, sides.fail) {
                    (Some(pass), None) => Ok(Condition::Pass(pass)),
                    (None, Some(fail)) => Ok(Condition::Fail(fail)),
                    (Some(pass), Some(fail)) => Ok(Condition::Both { pass, fail }),
                    (None, None) => Err(serde::de::Error::custom("a condition needs pass, fail or both")),
                }
            }
        }
        deserializer.deserialize_any(Form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_is_read_shown_and_asked() {
        for (text, value, holds) in [
            ("value <= 0.01", 0.01, true),
            ("value<0.01", 0.01, false),
            ("value >= 99.5", 99.4, false),
            ("value > 1e3", 1001.0, true),
            ("value == 1", 1.0, true),
            ("value != 1", 1.0, false),
        ] {
            let comparison = Comparison::parse(text).unwrap();
            assert_eq!(comparison.holds(value), holds, "{text}");
            assert_eq!(Comparison::parse(&comparison.to_string()).unwrap(), comparison);
        }
        for text in ["", "0.01", "value", "value <=", "value =< 1", "value <= NaN", "value <= inf", "canary <= 1"] {
            assert!(Comparison::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_failure_wins_and_neither_side_is_inconclusive() {
        let comparison = |text| Comparison::parse(text).unwrap();
        let both = Condition::Both { pass: comparison("value <= 1"), fail: comparison("value > 5") };
        assert_eq!([0.5, 3.0, 6.0].map(|v| both.judge(v)), [Judged::Pass, Judged::Inconclusive, Judged::Fail]);
        let overlap = Condition::Both { pass: comparison("value <= 9"), fail: comparison("value > 5") };
        assert_eq!(overlap.judge(6.0), Judged::Fail);
        assert_eq!(Condition::Fail(comparison("value > 5")).judge(5.0), Judged::Pass);
        assert_eq!(Condition::Pass(comparison("value <= 5")).judge(5.1), Judged::Fail);
    }
}
