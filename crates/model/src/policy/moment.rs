//! Dates of conditions: ISO 8601 as the W3C narrows it, or seconds since 1970.

/// Milliseconds since 1970, of `2026-11-23`, `2026-11-23T07:00Z`, `2026-11-23T07:00:00.5+01:00` or `1795417200`.
pub(crate) fn parse(text: &str) -> Option<i64> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() != 4 {
        return text.parse::<i64>().ok()?.checked_mul(1000);
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let days = day(date)?;
    let millis = match time {
        Some(time) => time_of_day(time)?,
        None => 0,
    };
    Some(days * 86_400_000 + millis)
}

/// `2026`, `2026-11` or `2026-11-23`, in days since 1970.
fn day(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4, 0..=9999)?;
    let month = parts.next().map_or(Some(1), |text| number(text, 2, 1..=12))?;
    let last = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let day = parts.next().map_or(Some(1), |text| number(text, 2, 1..=last))?;
    if parts.next().is_some() {
        return None;
    }
    // Years that begin in March, so that the leap day is their last; eras of 400 years have 146 097 days.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year.div_euclid(400);
    let year = year - era * 400;
    Some(era * 146_097 + year * 365 + year / 4 - year / 100 + (153 * month + 2) / 5 + day - 1 - 719_468)
}

/// `07:00Z`, `07:00:00.25+01:00`, in milliseconds; a zone is needed.
fn time_of_day(text: &str) -> Option<i64> {
    let at = text.find(['Z', '+', '-'])?;
    let (clock, zone) = text.split_at(at);
    let mut parts = clock.split(':');
    let hour = number(parts.next()?, 2, 0..=23)?;
    let minute = number(parts.next()?, 2, 0..=59)?;
    let millis = match parts.next() {
        None => 0,
        Some(seconds) => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
            let digits = fraction.len() <= 9 && !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
            let fraction = digits.then(|| format!("{fraction:0<3}")[..3].parse::<i64>().ok()).flatten()?;
            number(whole, 2, 0..=59)? * 1000 + fraction
        }
    };
    if parts.next().is_some() {
        return None;
    }
    let east = match zone.split_at(1) {
        ("Z", "") => 0,
        (sign, offset) => {
            let (hours, minutes) = offset.split_once(':')?;
            let minutes = number(hours, 2, 0..=23)? * 60 + number(minutes, 2, 0..=59)?;
            if sign == "-" { -minutes } else { minutes }
        }
    };
    Some((hour * 60 + minute - east) * 60_000 + millis)
}

fn number(text: &str, digits: usize, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let well = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| well && range.contains(number))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn dates_are_read() {
        let at = 1_795_417_200_000;
        for text in ["2026-11-23T07:00:00Z", "2026-11-23T07:00Z", "1795417200", "2026-11-23T08:00:00.000+01:00"] {
            assert_eq!(parse(text), Some(at), "{text}");
        }
        assert_eq!(parse("2026-11-23"), Some(at - 7 * 3_600_000));
        assert_eq!(parse("1970"), Some(0));
        assert_eq!(parse("2000-02-29T00:00:00.25Z"), Some(951_782_400_250));
        assert_eq!(parse("1969-12-31T23:59:59Z"), Some(-1000));
        for text in ["", "now", "2026-13-01", "2026-02-29", "2026-11-23T07:00", "2026-11-23T7:00Z", "2026-11-23 07:00Z"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
