//! A share of the traffic, in parts per million, as people write it: `5%`, `0.5%`.
//!
//! Shares are what strategies speak of. How a share becomes the integers of a traffic driver is `deploy`'s business.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::EnvironmentName;

/// A part of the whole traffic: 0 to 1 000 000 parts per million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Share(u32);

/// A share for each environment that may hold traffic; the sum is exactly [`Share::ALL`].
pub type Shares = BTreeMap<EnvironmentName, Share>;

/// A text that is no share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a share of the traffic (write it with a percent sign, from 0% to 100%, such as 5% or 0.5%): {0}")]
pub struct ShareError(pub String);

impl Share {
    /// No traffic.
    pub const NONE: Self = Self(0);
    /// All traffic.
    pub const ALL: Self = Self(1_000_000);

    /// From parts per million; more than all is all.
    #[must_use]
    pub const fn from_ppm(ppm: u32) -> Self {
        if ppm > 1_000_000 { Self::ALL } else { Self(ppm) }
    }

    /// Parts per million.
    #[must_use]
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// What is left for the others.
    #[must_use]
    pub const fn rest(self) -> Self {
        Self(1_000_000 - self.0)
    }

    /// Reads a percentage with at most four decimals.
    ///
    /// # Errors
    /// No percent sign, no number, or outside 0–100.
    pub fn parse(text: &str) -> Result<Self, ShareError> {
        let error = || ShareError(text.to_owned());
        let number = text.strip_suffix('%').ok_or_else(error)?;
        let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || decimals.len() > 4 || whole.len() > 3 {
            return Err(error());
        }
        let ppm: u32 = format!("{whole}{decimals:0<4}").parse().map_err(|_| error())?;
        if ppm > 1_000_000 { Err(error()) } else { Ok(Self(ppm)) }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, decimals) = (self.0 / 10_000, self.0 % 10_000);
        let text = format!("{decimals:04}");
        match text.trim_end_matches('0') {
            "" => f.pad(&format!("{whole}%")),
            decimals => f.pad(&format!("{whole}.{decimals}%")),
        }
    }
}

impl TryFrom<String> for Share {
    type Error = ShareError;
    fn try_from(text: String) -> Result<Self, ShareError> {
        Self::parse(&text)
    }
}

impl From<Share> for String {
    fn from(share: Share) -> Self {
        share.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_and_shown_as_a_percentage() {
        for (text, ppm, shown) in [
            ("5%", 50_000, "5%"),
            ("0.5%", 5_000, "0.5%"),
            ("100%", 1_000_000, "100%"),
            ("33.3333%", 333_333, "33.3333%"),
            ("12.50%", 125_000, "12.5%"),
        ] {
            let share = Share::parse(text).unwrap();
            assert_eq!((share.ppm(), share.to_string().as_str()), (ppm, shown));
        }
        for text in ["5", "101%", "-1%", "%", "5 %", ".5%", "0.00001%", "100.0001%"] {
            assert!(Share::parse(text).is_err(), "{text}");
        }
    }
}
