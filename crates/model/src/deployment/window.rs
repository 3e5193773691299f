//! When traffic may move forward: weekly and one-off ranges of local time, in windows of a service and in stored
//! freezes.
//!
//! Texts and their parts only. What a local time means in a zone, and whether now is inside, is `deploy`'s business,
//! which has the zones.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gate::matches;
use crate::id::ServiceName;

/// A window of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// Nothing moves forward inside.
    Deny(TimeRange),
    /// Nothing moves forward outside of all of these.
    Allow(TimeRange),
}

/// A freeze: nothing of these services moves forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Its name.
    pub name: String,
    /// Names of services, in which `*` stands for any text; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// When; empty: until it is removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<TimeRange>,
    /// Why; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// A range of local time, once or again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeRange {
    /// When.
    pub span: Span,
    /// The name of the IANA zone, such as `Europe/Prague`.
    pub zone: String,
}

/// From when to when. The end is not inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Once a week: `Fri 16:00-Mon 07:00`.
    Weekly {
        /// The day it begins.
        from_day: Day,
        /// At this minute of it.
        from: Minute,
        /// The day it ends: the first such day after the beginning.
        to_day: Day,
        /// At this minute of it.
        to: Minute,
    },
    /// On some days of the week: `Mon-Fri 09:00-17:00`. An end that is not after the beginning is on the next day.
    Daily {
        /// The first day.
        from_day: Day,
        /// The last day.
        to_day: Day,
        /// From this minute of each.
        from: Minute,
        /// To this one.
        to: Minute,
    },
    /// Once: `2026-12-23T00:00/2027-01-04T07:00`.
    Once {
        /// From.
        from: Moment,
        /// To.
        to: Moment,
    },
}

/// A day of the week; 0 is Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub u8);

/// A minute of a day, 0 to 1439.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minute(pub u16);

/// A minute of local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// 1970–9999.
    pub year: i16,
    /// 1–12.
    pub month: i8,
    /// 1–31.
    pub day: i8,
    /// Of that day.
    pub minute: Minute,
}

/// A text that is no range of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a range of time (write `Fri 16:00-Mon 07:00 Europe/Prague`, `Mon-Fri 09:00-17:00 Europe/Prague` or \
     `2026-12-23T00:00/2027-01-04T07:00 Europe/Prague`): {0}"
)]
pub struct TimeRangeError(pub String);

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Freeze {
    /// Whether it speaks of a service.
    #[must_use]
    pub fn is_of(&self, service: &ServiceName) -> bool {
        self.services.is_empty() || self.services.iter().any(|pattern| matches(pattern, service.as_str()))
    }
}

impl Day {
    /// How many days after another it is the first time, 0 to 6.
    #[must_use]
    pub const fn after(self, other: Self) -> u8 {
        (self.0 + 7 - other.0) % 7
    }
}

impl TimeRange {
    /// Reads a range.
    ///
    /// # Errors
    /// Another form, or an end that is not after the beginning.
    pub fn parse(text: &str) -> Result<Self, TimeRangeError> {
        let error = || TimeRangeError(text.to_owned());
        let (span, zone) = text.trim().rsplit_once(' ').ok_or_else(error)?;
        let span = once(span).or_else(|| weekly(span)).or_else(|| daily(span)).ok_or_else(error)?;
        Ok(Self { span, zone: zone.to_owned() })
    }
}

fn once(text: &str) -> Option<Span> {
    let (from, to) = text.split_once('/')?;
    let (from, to) = (moment(from)?, moment(to)?);
    (from < to).then_some(Span::Once { from, to })
}

fn weekly(text: &str) -> Option<Span> {
    let (from, to) = text.split_once('-')?;
    let ((from_day, from), (to_day, to)) = (from.split_once(' ')?, to.split_once(' ')?);
    Some(Span::Weekly { from_day: day(from_day)?, from: minute(from)?, to_day: day(to_day)?, to: minute(to)? })
}

fn daily(text: &str) -> Option<Span> {
    let (days, times) = text.split_once(' ')?;
    let (from_day, to_day) = days.split_once('-').unwrap_or((days, days));
    let (from, to) = times.split_once('-')?;
    Some(Span::Daily { from_day: day(from_day)?, to_day: day(to_day)?, from: minute(from)?, to: minute(to)? })
}

fn day(text: &str) -> Option<Day> {
    let at = DAYS.iter().position(|day| day.eq_ignore_ascii_case(text))?;
    u8::try_from(at).ok().map(Day)
}

/// `HH:MM`; `24:00` is not a minute of the day.
fn minute(text: &str) -> Option<Minute> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute) = (number::<u16>(hour, 2)?, number::<u16>(minute, 2)?);
    (hour < 24 && minute < 60).then_some(Minute(hour * 60 + minute))
}

/// `YYYY-MM-DDTHH:MM`
fn moment(text: &str) -> Option<Moment> {
    let (date, time) = text.split_once('T')?;
    let mut parts = date.split('-');
    let (year, month, day) =
        (number::<i16>(parts.next()?, 4)?, number::<i8>(parts.next()?, 2)?, number::<i8>(parts.next()?, 2)?);
    let is_date = year >= 1970 && (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    (parts.next().is_none() && is_date).then_some(Moment { year, month, day, minute: minute(time)? })
}

const fn days_of(year: i16, month: i8) -> i8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn number<T: std::str::FromStr>(text: &str, digits: usize) -> Option<T> {
    (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.span, self.zone)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weekly { from_day, from, to_day, to } => write!(f, "{from_day} {from}-{to_day} {to}"),
            Self::Daily { from_day, to_day, from, to } if from_day == to_day => write!(f, "{from_day} {from}-{to}"),
            Self::Daily { from_day, to_day, from, to } => write!(f, "{from_day}-{to_day} {from}-{to}"),
            Self::Once { from, to } => write!(f, "{from}/{to}"),
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(DAYS[usize::from(self.0 % 7)])
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}T{}", self.year, self.month, self.day, self.minute)
    }
}

impl TryFrom<String> for TimeRange {
    type Error = TimeRangeError;
    fn try_from(text: String) -> Result<Self, TimeRangeError> {
        Self::parse(&text)
    }
}

impl From<TimeRange> for String {
    fn from(range: TimeRange) -> Self {
        range.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_shown_as_they_were_written() {
        for text in [
            "Fri 16:00-Mon 07:00 Europe/Prague",
            "Mon-Fri 09:00-17:00 UTC",
            "Sat 22:00-02:00 America/New_York",
            "2026-12-23T00:00/2027-01-04T07:00 Europe/Prague",
        ] {
            assert_eq!(TimeRange::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "Fri 16:00-Mon 07:00",
            "Fri 16:00 Europe/Prague",
            "Fri 24:00-Mon 07:00 UTC",
            "Fri 6:00-Mon 07:00 UTC",
            "Freitag 16:00-Mon 07:00 UTC",
            "2026-02-29T00:00/2027-01-04T07:00 UTC",
            "2027-01-04T07:00/2026-12-23T00:00 UTC",
        ] {
            assert!(TimeRange::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_freeze_speaks_of_the_services_it_names() {
        let of = |services: &str, service: &str| {
            let freeze: Freeze = serde_json::from_str(&format!(r#"{{"name":"f","services":[{services}]}}"#)).unwrap();
            freeze.is_of(&ServiceName::parse(service).unwrap())
        };
        assert!(of("", "shop") && of(r#""shop""#, "shop") && of(r#""a","shop-*""#, "shop-eu"));
        assert!(!of(r#""shop""#, "shop-eu"));
    }
}
