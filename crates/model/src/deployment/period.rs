//! A length of time as people write it: `10s`, `1500ms`, `5m`, `1h30m`.
//!
//! Texts only: a bare number would leave the unit to be guessed. Milliseconds inside, because a demonstration runs on
//! a TTL of a second or two.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A length of time in whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period(u64);

/// A text that is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a length of time (write 1500ms, 10s, 5m, 1h30m or 2d): {0}")]
pub struct PeriodError(pub String);

/// Longest first, so that a period is shown in the fewest words.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl Period {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From milliseconds.
    #[must_use]
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms)
    }

    /// From seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// The milliseconds.
    #[must_use]
    pub const fn ms(self) -> u64 {
        self.0
    }

    /// Reads a number with a unit, or several of them from the longest unit to the shortest.
    ///
    /// # Errors
    /// No unit, an unknown unit, units out of order, or more than 2^64 ms.
    pub fn parse(text: &str) -> Result<Self, PeriodError> {
        let error = || PeriodError(text.to_owned());
        let (mut rest, mut total, mut units) = (text, 0u64, UNITS.as_slice());
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let number: u64 = rest[..digits].parse().map_err(|_| error())?;
            rest = &rest[digits..];
            let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
            let at = units.iter().position(|(unit, _)| *unit == &rest[..letters]).ok_or_else(error)?;
            let ms = number.checked_mul(units[at].1).ok_or_else(error)?;
            total = total.checked_add(ms).ok_or_else(error)?;
            (rest, units) = (&rest[letters..], &units[at + 1..]);
        }
        if text.is_empty() { Err(error()) } else { Ok(Self(total)) }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        if !self.0.is_multiple_of(1_000) && self.0 < 60_000 {
            return write!(f, "{}ms", self.0);
        }
        let mut rest = self.0;
        for (unit, ms) in UNITS {
            if rest >= ms {
                write!(f, "{}{unit}", rest / ms)?;
                rest %= ms;
            }
        }
        Ok(())
    }
}

impl TryFrom<String> for Period {
    type Error = PeriodError;
    fn try_from(text: String) -> Result<Self, PeriodError> {
        Self::parse(&text)
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_read_and_shown_as_people_write_it() {
        for (text, ms, shown) in [
            ("10s", 10_000, "10s"),
            ("1500ms", 1_500, "1500ms"),
            ("90s", 90_000, "1m30s"),
            ("1h30m", 5_400_000, "1h30m"),
            ("0s", 0, "0s"),
            ("1m1ms", 60_001, "1m1ms"),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!((period.ms(), period.to_string().as_str()), (ms, shown));
            assert_eq!(Period::parse(shown).unwrap(), period);
        }
    }

    #[test]
    fn a_text_that_leaves_something_to_guess_is_refused() {
        for text in
            ["", "10", "s", "10 s", "-1s", "1.5s", "1s1h", "1s1s", "99999999999999999999s", "300000000000d", "ж"]
        {
            assert!(Period::parse(text).is_err(), "{text}");
        }
    }
}
