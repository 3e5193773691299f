//! The model's limits on single values, and what is said about a value outside them.
//!
//! Used by `read` (bodies) and `call` (paths and queries); the limits themselves are in `generated/decode.rs`. All
//! violations of a request are told together, in AWS's words. Left out on purpose: rules between members; they are
//! `model`'s.

use std::ops::RangeInclusive;

/// What a text must be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text {
    length: (usize, usize),
    pattern: Option<&'static pattern::Pattern>,
    choices: Option<&'static [&'static str]>,
    path_form: bool,
}

impl Text {
    /// No limit at all.
    pub(crate) const ANY: Text = Text { length: (0, usize::MAX), pattern: None, choices: None, path_form: false };

    pub(crate) const fn at_least(self, characters: usize) -> Text {
        Text { length: (characters, self.length.1), ..self }
    }

    pub(crate) const fn at_most(self, characters: usize) -> Text {
        Text { length: (self.length.0, characters), ..self }
    }

    pub(crate) const fn matching(self, pattern: &'static pattern::Pattern) -> Text {
        Text { pattern: Some(pattern), ..self }
    }

    /// One of these, and still a text, because responses hold others too.
    pub(crate) const fn among(self, choices: &'static [&'static str]) -> Text {
        Text { choices: Some(choices), ..self }
    }

    /// An identifier that may come behind a path: `/hostedzone/Z1` means `Z1`.
    pub(crate) const fn in_path_form(self) -> Text {
        Text { path_form: true, ..self }
    }
}

/// A closed enumeration of the model.
pub(crate) trait Choice: Copy + 'static {
    /// Every value, in the model's order.
    const ALL: &'static [Self];
    /// The value on the wire.
    fn as_str(self) -> &'static str;
    /// The value with that spelling; case counts.
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.as_str() == text)
    }
}

/// What is wrong with a request's values, in the order found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Violations(Vec<String>);

impl Violations {
    /// Checks a text; `path` is asked only when something is wrong.
    pub(crate) fn text(&mut self, path: impl Fn() -> String, value: String, limits: &Text) -> String {
        let value = match value.rsplit_once('/') {
            Some((_, bare)) if limits.path_form => bare.to_owned(),
            _ => value,
        };
        let length = value.chars().count();
        let (min, max) = limits.length;
        if length < min {
            let rule = format!("Member must have length greater than or equal to {min}");
            self.add(&path(), Some(&value), &rule);
        }
        if length > max {
            let rule = format!("Member must have length less than or equal to {max}");
            self.add(&path(), Some(&value), &rule);
        }
        if let Some(pattern) = limits.pattern.filter(|pattern| !(pattern.holds)(&value)) {
            let rule = format!("Member must satisfy regular expression pattern: {}", pattern.written);
            self.add(&path(), Some(&value), &rule);
        }
        if let Some(choices) = limits.choices.filter(|choices| !choices.contains(&value.as_str())) {
            self.not_among(&path(), &value, choices);
        }
        value
    }

    /// Checks a number.
    pub(crate) fn integer(&mut self, path: impl Fn() -> String, value: i64, limits: &RangeInclusive<i64>) {
        let rule = if value < *limits.start() {
            format!("Member must have value greater than or equal to {}", limits.start())
        } else if value > *limits.end() {
            format!("Member must have value less than or equal to {}", limits.end())
        } else {
            return;
        };
        self.add(&path(), Some(&value.to_string()), &rule);
    }

    /// Checks how many items a list has.
    pub(crate) fn count(&mut self, path: impl Fn() -> String, items: usize, limits: &RangeInclusive<usize>) {
        let rule = if items < *limits.start() {
            format!("Member must have length greater than or equal to {}", limits.start())
        } else if items > *limits.end() {
            format!("Member must have length less than or equal to {}", limits.end())
        } else {
            return;
        };
        self.add(&path(), Some(if items == 0 { "[]" } else { "[...]" }), &rule);
    }

    /// Notes a value that is none of an enumeration's.
    pub(crate) fn not_a_choice<T: Choice>(&mut self, path: &str, value: &str) {
        let known: Vec<&str> = T::ALL.iter().map(|choice| choice.as_str()).collect();
        self.not_among(path, value, &known);
    }

    fn not_among(&mut self, path: &str, value: &str, choices: &[&str]) {
        self.add(path, Some(value), &format!("Member must satisfy enum value set: [{}]", choices.join(", ")));
    }

    /// Notes a required value that was not given.
    pub(crate) fn absent(&mut self, path: &str) {
        self.add(path, None, "Member must not be null");
    }

    fn add(&mut self, path: &str, value: Option<&str>, rule: &str) {
        // A value may be as long as a whole body; the message repeats what is needed to find it.
        let shown = match value {
            None => "null".to_owned(),
            Some(value) if value.chars().count() > 256 => {
                format!("'{}...'", value.chars().take(256).collect::<String>())
            }
            Some(value) => format!("'{value}'"),
        };
        self.0.push(format!("Value {shown} at '{path}' failed to satisfy constraint: {rule}"));
    }

    /// Adds what another part of the request found.
    pub(crate) fn append(&mut self, mut other: Violations) {
        self.0.append(&mut other.0);
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for Violations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A batch may hold a thousand bad values; ten tell the story, and the count tells the rest.
        const SHOWN: usize = 10;
        let count = self.0.len();
        write!(f, "{count} validation error{} detected: ", if count == 1 { "" } else { "s" })?;
        write!(f, "{}", self.0[..count.min(SHOWN)].join("; "))?;
        if count > SHOWN { write!(f, "; and {} more", count - SHOWN) } else { Ok(()) }
    }
}

/// The model's regular expressions, each as a predicate on the whole text.
pub(crate) mod pattern {
    use std::net::{Ipv4Addr, Ipv6Addr};

    /// A pattern as the model writes it, and what it means.
    #[derive(Debug)]
    pub(crate) struct Pattern {
        pub(crate) written: &'static str,
        pub(crate) holds: fn(&str) -> bool,
    }

    pub(crate) const NOT_BLANK: Pattern =
        Pattern { written: r".*\S.*", holds: |text| text.chars().any(|c| !c.is_whitespace()) };
    pub(crate) const LOCATION: Pattern =
        Pattern { written: r"[0-9A-Za-z_\-]+", holds: |text| !text.is_empty() && text.chars().all(location) };
    pub(crate) const LOCATION_OR_DEFAULT: Pattern = Pattern {
        written: r"[0-9A-Za-z_\-\*]+",
        holds: |text| !text.is_empty() && text.chars().all(|c| location(c) || c == '*'),
    };
    pub(crate) const ASCII: Pattern =
        Pattern { written: r"\p{ASCII}+", holds: |text| !text.is_empty() && text.is_ascii() };
    /// The model spells both address families out in 600 characters; the message says it in words.
    pub(crate) const IP_ADDRESS: Pattern = Pattern { written: "an IPv4 or IPv6 address", holds: ip_address };
    pub(crate) const LATITUDE: Pattern =
        Pattern { written: r"[-+]?[0-9]{1,2}(\.[0-9]{0,2})?", holds: |text| degrees(text, 2) };
    pub(crate) const LONGITUDE: Pattern =
        Pattern { written: r"[-+]?[0-9]{1,3}(\.[0-9]{0,2})?", holds: |text| degrees(text, 3) };
    pub(crate) const UUID: Pattern = Pattern { written: "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", holds: uuid };

    fn location(c: char) -> bool {
        c.is_ascii_alphanumeric() || c == '_' || c == '-'
    }

    fn ip_address(text: &str) -> bool {
        let bare = match text.split_once('%') {
            Some((address, zone)) if address.starts_with("fe80:") && !zone.is_empty() => address,
            _ => text,
        };
        bare.parse::<Ipv4Addr>().is_ok() || bare.parse::<Ipv6Addr>().is_ok()
    }

    fn degrees(text: &str, digits: usize) -> bool {
        let text = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        (1..=digits).contains(&whole.len()) && fraction.len() <= 2 && all_digits(whole) && all_digits(fraction)
    }

    fn uuid(text: &str) -> bool {
        text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, limits: &Text, expect: &str) {
        let mut violations = Violations::default();
        violations.text(|| "name".to_owned(), value.to_owned(), limits);
        assert_eq!(if violations.is_empty() { String::new() } else { violations.to_string() }, expect);
    }

    #[test]
    fn a_text_outside_its_limits_is_told_in_the_words_of_aws() {
        check("abc", &Text::ANY.at_most(3), "");
        check(
            "abcd",
            &Text::ANY.at_most(3),
            "1 validation error detected: Value 'abcd' at 'name' failed to satisfy constraint: Member must have length less than or equal to 3",
        );
        check(
            "",
            &Text::ANY.at_least(1).matching(&pattern::LOCATION),
            "2 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1; \
             Value '' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9A-Za-z_\\-]+",
        );
    }

    #[test]
    fn an_identifier_may_come_in_path_form() {
        let bare = Violations::default().text(String::new, "/hostedzone/Z1".to_owned(), &Text::ANY.in_path_form());
        assert_eq!(bare, "Z1");
    }

    #[test]
    fn patterns_hold_for_what_the_model_means() {
        for (pattern, good, bad) in [
            (&pattern::IP_ADDRESS, "2001:db8::1", "2001:db8::g"),
            (&pattern::IP_ADDRESS, "192.0.2.1", "192.0.2.256"),
            (&pattern::LATITUDE, "-51.50", "151.5"),
            (&pattern::LONGITUDE, "+179.", "1.234"),
            (&pattern::UUID, "c0000000-0000-0000-0000-00000000000f", "C0000000-0000-0000-0000-000000000000"),
            (&pattern::LOCATION_OR_DEFAULT, "*", "a b"),
            (&pattern::NOT_BLANK, " x", "  "),
        ] {
            assert!((pattern.holds)(good), "{good}");
            assert!(!(pattern.holds)(bad), "{bad}");
        }
    }
}
