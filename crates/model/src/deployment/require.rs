//! What a release must be able to promise before it starts, and what is assumed of those who ask the DNS.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{Period, Share, ShareError};

/// Promises that the forecast must bear out; one that it cannot refuses the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Require {
    /// From the decision to go back until caches have forgotten the new environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_within: Option<Period>,
    /// In 95 of 100 releases the share of the traffic is so near to the one that each step wants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_interval: Option<Margin>,
}

/// So far up or down, written `±3%`; the sign may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Margin(pub Share);

/// Those who ask: how many, how uneven, and how they keep answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Resolvers {
    /// How many there are, from 1 to 100000; default 2000.
    pub count: u32,
    /// How uneven they are: the n-th largest brings 1 / n^exponent of the largest's traffic; from 0 to 3, default 1.2.
    pub exponent: f64,
    /// What each one brings, in any unit, instead of the two above.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
    /// The part of them that keeps answers longer than it may; default 8.7%, as a study of 2023 measured.
    pub extending: Share,
    /// What those keep an answer for at least; default 5 min.
    pub kept: Period,
    /// The part of the traffic whose clients do not ask again while the release goes on, and stay; default none.
    pub pinned: Share,
}

impl Default for Resolvers {
    fn default() -> Self {
        Self {
            count: 2_000,
            exponent: 1.2,
            weights: Vec::new(),
            extending: Share::from_ppm(87_000),
            kept: Period::from_seconds(300),
            pinned: Share::NONE,
        }
    }
}

impl fmt::Display for Margin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "±{}", self.0)
    }
}

impl TryFrom<String> for Margin {
    type Error = ShareError;
    fn try_from(text: String) -> Result<Self, ShareError> {
        Share::parse(text.trim_start_matches('±')).map(Self).map_err(|_| ShareError(text))
    }
}

impl From<Margin> for String {
    fn from(margin: Margin) -> Self {
        margin.to_string()
    }
}

impl JsonSchema for Margin {
    fn schema_name() -> Cow<'static, str> {
        "Margin".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "description": "So far up or down.", "examples": ["±3%"],
            "pattern": r"^±?(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)%$",
        })
    }
}
