//! Windows and freezes: may traffic move forward now, and if not, until when. The time comes in; the zones are constant
//! data of a crate.
//!
//! Asked when a deployment is created, before it begins, and before each forward shift. The way back, pauses and aborts
//! never ask. Local times that a change of the clock skips are taken as the first minute after it, times that come twice
//! as their first.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan as _};
use model::deployment::{Code, Day, Freeze, Minute, Moment, Reason, Service, Span, TimeRange, Window};

use crate::parse::SpecError;

/// Windows that follow one another are joined so often to find the end.
const JOINS_MAX: usize = 64;
/// The next opening of an allowed range is looked for in so many days; every weekly one has come by then.
const DAYS_AHEAD: i32 = 8;

/// Nothing may move forward now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closed {
    /// `frozen by "year-end" until 2027-01-04T07:00+01:00`, without the end if there is none.
    pub(crate) text: String,
    /// When something may move again, in ms since 1970; none when nobody knows.
    pub(crate) until_ms: Option<u64>,
}

impl Closed {
    /// As a refusal tells it.
    pub(crate) fn reason(&self) -> Reason {
        Reason::new(Code::Window, format!("{}; rollback stays possible", self.text))
    }
}

/// Whether something forbids a service to move forward now.
pub(crate) fn closed(service: &Service, freezes: &[Freeze], now_ms: u64) -> Option<Closed> {
    let now = timestamp(now_ms);
    let first = closed_at(service, freezes, now)?;
    let (mut until, mut zone) = (first.until, first.zone.clone());
    for joined in 0..=JOINS_MAX {
        let Some(at) = until else { break };
        let Some(next) = closed_at(service, freezes, at) else { break };
        (until, zone) = (next.until.filter(|next| *next > at && joined < JOINS_MAX), next.zone);
    }
    let text = match until {
        Some(until) => format!("{} until {}", first.text, local(until, &zone)),
        None => first.text,
    };
    Some(Closed { text, until_ms: until.map(|until| u64::try_from(until.as_millisecond()).unwrap_or(0)) })
}

/// One thing that forbids, and when it ends by itself.
struct Barrier {
    text: String,
    until: Option<Timestamp>,
    zone: TimeZone,
}

fn closed_at(service: &Service, freezes: &[Freeze], now: Timestamp) -> Option<Barrier> {
    for freeze in freezes.iter().filter(|freeze| freeze.is_of(&service.name)) {
        let text = format!("frozen by \"{}\"", freeze.name);
        if freeze.when.is_empty() {
            return Some(Barrier { text, until: None, zone: TimeZone::UTC });
        }
        if let Some((range, until)) = freeze.when.iter().find_map(|range| Some((range, end(range, now)?))) {
            return Some(Barrier { text, until: Some(until), zone: zone(range) });
        }
    }
    let mut allowed = Vec::new();
    for window in &service.policy.windows {
        match window {
            Window::Deny(range) => {
                if let Some(until) = end(range, now) {
                    let text = format!("frozen by the window {range}");
                    return Some(Barrier { text, until: Some(until), zone: zone(range) });
                }
            }
            Window::Allow(range) => allowed.push(range),
        }
    }
    if allowed.is_empty() || allowed.iter().any(|range| end(range, now).is_some()) {
        return None;
    }
    let next = allowed.iter().filter_map(|range| Some((start(range, now)?, zone(range)))).min_by_key(|(at, _)| *at);
    let ranges = allowed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let text = format!("outside of the window {ranges}: closed");
    let (until, zone) = next.map_or((None, TimeZone::UTC), |(at, zone)| (Some(at), zone));
    Some(Barrier { text, until, zone })
}

/// When a range ends that a moment is inside of.
fn end(range: &TimeRange, now: Timestamp) -> Option<Timestamp> {
    spans(range, now, -8..=0).find(|(from, to)| *from <= now && now < *to).map(|(_, to)| to)
}

/// When a range begins next.
fn start(range: &TimeRange, now: Timestamp) -> Option<Timestamp> {
    spans(range, now, 0..=DAYS_AHEAD).map(|(from, _)| from).filter(|from| *from > now).min()
}

/// The occurrences of a range that begin on one of these days, counted from today.
fn spans(
    range: &TimeRange,
    now: Timestamp,
    days: std::ops::RangeInclusive<i32>,
) -> impl Iterator<Item = (Timestamp, Timestamp)> + use<> {
    let zone = zone(range);
    let today = now.to_zoned_datetime(zone.clone()).date();
    let span = range.span;
    let occurrence = move |date: Date| {
        let (from, to) = match span {
            Span::Weekly { from_day, from, to_day, to } => {
                let days = match to_day.after(from_day) {
                    0 if to <= from => 7,
                    days => i64::from(days),
                };
                (day_of(date) == from_day).then_some((at(date, from), at(later(date, days)?, to)))?
            }
            Span::Daily { from_day, to_day, from, to } => {
                let is_day = day_of(date).after(from_day) <= to_day.after(from_day);
                let days = i64::from(to <= from);
                is_day.then_some((at(date, from), at(later(date, days)?, to)))?
            }
            Span::Once { from, to } => (moment(from)?, moment(to)?),
        };
        Some((instant(from, &zone)?, instant(to, &zone)?))
    };
    days.filter_map(move |day| occurrence(later(today, i64::from(day))?))
}

fn day_of(date: Date) -> Day {
    Day(match date.weekday() {
        Weekday::Monday => 0,
        Weekday::Tuesday => 1,
        Weekday::Wednesday => 2,
        Weekday::Thursday => 3,
        Weekday::Friday => 4,
        Weekday::Saturday => 5,
        Weekday::Sunday => 6,
    })
}

fn later(date: Date, days: i64) -> Option<Date> {
    date.checked_add(days.days()).ok()
}

fn at(date: Date, minute: Minute) -> DateTime {
    let (hour, minute) = (minute.0 / 60, minute.0 % 60);
    date.at(i8::try_from(hour).unwrap_or(0), i8::try_from(minute).unwrap_or(0), 0, 0)
}

fn moment(moment: Moment) -> Option<DateTime> {
    Date::new(moment.year, moment.month, moment.day).ok().map(|date| at(date, moment.minute))
}

fn instant(time: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    time.to_zoned_datetime(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%dT%H:%M%:z").to_string()
}

/// The time in the words of RFC 3339, in whole seconds.
pub(crate) fn utc(at_ms: u64) -> String {
    timestamp(at_ms).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn timestamp(ms: u64) -> Timestamp {
    i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or(Timestamp::MAX)
}

/// Names were checked when the window or freeze was declared; an unknown one in a stored value counts as UTC.
fn zone(range: &TimeRange) -> TimeZone {
    TimeZoneDatabase::bundled().get(&range.zone).unwrap_or(TimeZone::UTC)
}

/// Whether the zone of a range exists.
///
/// # Errors
/// It does not.
pub(crate) fn check_range(field: impl Into<String>, range: &TimeRange) -> Result<(), SpecError> {
    if TimeZoneDatabase::bundled().get(&range.zone).is_ok() {
        return Ok(());
    }
    Err(SpecError::new(field, format!("no such time zone (write one such as Europe/Prague or UTC): {}", range.zone)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(windows: &str) -> Service {
        let json = format!(
            r#"{{"name":"shop","active":"blue","environments":{{"blue":{{"version":"1","set_identifiers":["b"]}},
                "green":{{"version":"2","set_identifiers":["g"]}}}},
                "traffic":[{{"dns":{{"zone":"Z1","name":"shop.example.com","types":["A"]}}}}],"policy":{{"windows":[{windows}]}}}}"#
        );
        crate::parse_service(json.as_bytes()).unwrap()
    }

    fn ms(text: &str) -> u64 {
        u64::try_from(text.parse::<Timestamp>().unwrap().as_millisecond()).unwrap()
    }

    fn told(windows: &str, freezes: &str, now: &str) -> String {
        let freezes: Vec<Freeze> = serde_json::from_str(&format!("[{freezes}]")).unwrap();
        closed(&service(windows), &freezes, ms(now)).map_or_else(|| "open".to_owned(), |closed| closed.text)
    }

    #[test]
    fn a_weekly_window_is_closed_from_its_first_minute_to_its_last() {
        let window = r#"{"deny":"Fri 16:00-Mon 07:00 Europe/Prague"}"#;
        let text = "frozen by the window Fri 16:00-Mon 07:00 Europe/Prague until 2026-11-30T07:00+01:00";
        for (now, expected) in [
            ("2026-11-27T14:59:59Z", "open"),
            ("2026-11-27T15:00:00Z", text),
            ("2026-11-29T12:00:00Z", text),
            ("2026-11-30T05:59:59Z", text),
            ("2026-11-30T06:00:00Z", "open"),
        ] {
            assert_eq!(told(window, "", now), expected, "{now}");
        }
        let whole = r#"{"deny":"Mon 07:00-Mon 07:00 UTC"}"#;
        assert_eq!(
            told(whole, "", "2026-11-30T07:00:00Z"),
            "frozen by the window Mon 07:00-Mon 07:00 UTC",
            "a window without a gap has no end"
        );
    }

    #[test]
    fn summer_time_moves_the_ends_of_windows() {
        // Clocks go forward on 29 March 2026 at 02:00 and back on 25 October 2026 at 03:00 in Prague.
        let night = r#"{"deny":"Sun 02:30-04:00 Europe/Prague"}"#;
        for (now, is_open) in [
            ("2026-03-29T00:59:00Z", true),
            ("2026-03-29T01:29:00Z", true), // 03:29: the skipped 02:30 is taken as 03:30
            ("2026-03-29T01:30:00Z", false),
            ("2026-03-29T02:00:00Z", true),
            ("2026-10-25T00:29:00Z", true),
            ("2026-10-25T00:30:00Z", false), // the first 02:30
            ("2026-10-25T01:45:00Z", false), // the second 02:45
            ("2026-10-25T03:00:00Z", true),
        ] {
            assert_eq!(told(night, "", now) == "open", is_open, "{now}");
        }
        let weekend = r#"{"deny":"Fri 16:00-Mon 07:00 Europe/Prague"}"#;
        assert_eq!(
            told(weekend, "", "2026-03-27T15:30:00Z"),
            "frozen by the window Fri 16:00-Mon 07:00 Europe/Prague until 2026-03-30T07:00+02:00"
        );
    }

    #[test]
    fn outside_of_every_allowed_window_is_closed_until_the_next_begins() {
        let days = r#"{"allow":"Mon-Fri 09:00-17:00 Europe/Prague"},{"allow":"Sat 10:00-12:00 Europe/Prague"}"#;
        assert_eq!(told(days, "", "2026-11-30T08:00:00Z"), "open");
        assert_eq!(told(days, "", "2026-11-28T09:30:00Z"), "open");
        assert_eq!(
            told(days, "", "2026-11-28T11:00:00Z"),
            "outside of the window Mon-Fri 09:00-17:00 Europe/Prague, Sat 10:00-12:00 Europe/Prague: closed until \
             2026-11-30T09:00+01:00"
        );
        let night = r#"{"allow":"Fri 22:00-02:00 UTC"}"#;
        assert_eq!(told(night, "", "2026-11-28T01:59:00Z"), "open");
        assert_ne!(told(night, "", "2026-11-28T02:00:00Z"), "open");
    }

    #[test]
    fn freezes_and_windows_that_follow_one_another_are_one() {
        let year_end = r#"{"name":"year-end","when":["2026-12-23T00:00/2027-01-01T00:00 Europe/Prague"]}"#;
        let weekend = r#"{"deny":"Fri 00:00-Mon 07:00 Europe/Prague"}"#;
        assert_eq!(
            told(weekend, year_end, "2026-12-28T10:00:00Z"),
            "frozen by \"year-end\" until 2027-01-04T07:00+01:00"
        );
        assert_eq!(
            told("", r#"{"name":"incident","services":["shop"]}"#, "2026-12-28T10:00:00Z"),
            "frozen by \"incident\""
        );
        assert_eq!(told("", r#"{"name":"incident","services":["other"]}"#, "2026-12-28T10:00:00Z"), "open");
    }
}
