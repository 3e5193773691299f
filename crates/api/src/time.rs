//! Times as the wire writes them, from and to whole numbers: milliseconds since 1970 in UTC, no leap seconds.
//!
//! Used by `sigv4` (dates of signatures) and `route53` (timestamps in documents). Left out on purpose: a clock. Every
//! function takes the time as an argument.

/// A moment in a document, such as `2017-03-27T17:48:16.751Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) ms: u64,
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Calendar { year, month, day, hour, minute, second } = Calendar::of(self.ms / 1000);
        let ms = self.ms % 1000;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
    }
}

/// Milliseconds since 1970 for people: `2017-03-27T17:48:16.751Z`.
#[must_use]
pub fn utc(ms: u64) -> String {
    Timestamp { ms }.to_string()
}

/// Seconds since 1970 in the form that signatures use: `20170327T174816Z`.
pub(crate) fn basic(seconds: u64) -> String {
    let Calendar { year, month, day, hour, minute, second } = Calendar::of(seconds);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// Reads `20170327T174816Z`; `None` when it is anything else.
pub(crate) fn parse_basic(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let (year, month, day) = (number(&bytes[..4])?, number(&bytes[4..6])?, number(&bytes[6..8])?);
    let (hour, minute, second) = (number(&bytes[9..11])?, number(&bytes[11..13])?, number(&bytes[13..15])?);
    Calendar { year, month, day, hour, minute, second }.seconds()
}

/// Reads the `Date` header's one current form, `Mon, 27 Mar 2017 17:48:16 GMT` (RFC 9110 §5.6.7 IMF-fixdate).
pub(crate) fn parse_http(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_weekday, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let day = number(words.next()?.as_bytes())?;
    let month = words.next()?;
    let month = 1 + MONTHS.iter().position(|known| *known == month)? as u64;
    let year = number(words.next()?.as_bytes())?;
    let mut clock = words.next()?.split(':').map(|part| number(part.as_bytes()));
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    (words.next() == Some("GMT") && words.next().is_none() && clock.next().is_none())
        .then(|| Calendar { year, month, day, hour, minute, second }.seconds())?
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 4 {
        return None;
    }
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u64::from(digit - b'0')))
}

struct Calendar {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
}

impl Calendar {
    // Days to civil date and back by eras of 400 years (146 097 days) that start on 1 March, so that the leap day is
    // the last of its year: Howard Hinnant, "chrono-compatible low-level date algorithms".
    fn of(seconds: u64) -> Calendar {
        let days = seconds / 86_400 + 719_468;
        let day_of_era = days % 146_097;
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Calendar {
            year: days / 146_097 * 400 + year_of_era + u64::from(month <= 2),
            month,
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
            hour: seconds / 3600 % 24,
            minute: seconds / 60 % 60,
            second: seconds % 60,
        }
    }

    /// `None` before 1970 and for dates that no calendar holds.
    fn seconds(&self) -> Option<u64> {
        let Calendar { year, month, day, hour, minute, second } = *self;
        if year < 1970
            || !(1..=12).contains(&month)
            || !(1..=31).contains(&day)
            || hour > 23
            || minute > 59
            || second > 60
        {
            return None;
        }
        let year = year - u64::from(month <= 2);
        let year_of_era = year % 400;
        let from_march = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * from_march + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = year / 400 * 146_097 + day_of_era - 719_468;
        Some(days * 86_400 + hour * 3600 + minute * 60 + second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_and_read_back() {
        assert_eq!(Timestamp { ms: 1_490_636_896_751 }.to_string(), "2017-03-27T17:48:16.751Z");
        assert_eq!(Timestamp { ms: 951_782_400_000 }.to_string(), "2000-02-29T00:00:00.000Z");
        for seconds in [0, 951_782_400, 1_490_636_896, 4_102_444_799, 1_709_164_800] {
            assert_eq!(parse_basic(&basic(seconds)), Some(seconds));
        }
        assert_eq!(parse_http("Mon, 27 Mar 2017 17:48:16 GMT"), Some(1_490_636_896));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in
            ["", "20170327T174816", "20171327T174816Z", "2017-03-27T17:48", "20170327t174816Z", "2017é327T17481Z"]
        {
            assert_eq!(parse_basic(text), None, "{text}");
        }
        assert_eq!(parse_http("27 Mar 2017"), None);
        assert_eq!(parse_http("Mon, 27 Mar 2017 17:48:16 CET"), None);
    }
}
