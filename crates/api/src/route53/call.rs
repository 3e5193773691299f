//! A call: which operation a method and a path mean, and the values that travel in path and query.
//!
//! Before: `listen` has read the request and `sigv4` has judged it. After: the generated `decode.rs` makes the typed
//! request. Trailing slashes, percent-encoding and ids in path form (`/hostedzone//hostedzone/Z1`) end here.

use std::ops::RangeInclusive;

use super::check::{Choice, Text, Violations};
use super::generated::operations::{Operation, TABLE};
use super::read::{DecodeError, parse_integer};

/// One operation: its name and where it is reached.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) operation: Operation,
    pub(crate) name: &'static str,
    /// HTTP method.
    pub(crate) method: &'static str,
    /// Path below the version.
    pub(crate) path: &'static [Segment],
    /// HTTP status of success.
    pub(crate) status: u16,
}

/// A row of the table.
pub(crate) const fn row(
    operation: Operation,
    name: &'static str,
    method: &'static str,
    path: &'static [Segment],
    status: u16,
) -> Row {
    Row { operation, name, method, path, status }
}

/// A part of a path between slashes.
#[derive(Debug)]
pub(crate) enum Segment {
    /// Exactly this.
    Literal(&'static str),
    /// Any one part that is not empty, under this name.
    Label(&'static str),
}

/// A matched request, not yet read.
#[derive(Debug)]
pub(crate) struct Call<'r> {
    pub(crate) row: &'static Row,
    labels: Vec<(&'static str, String)>,
    query: Vec<(String, String)>,
    pub(crate) body: &'r [u8],
}

/// Why no operation was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoCall {
    /// Nothing lives at that path.
    Path,
    /// Something does, for another method.
    Method,
}

/// Whether an operation has this name, in whatever case: policies compare actions so.
pub(crate) fn is_operation(name: &str) -> bool {
    TABLE.iter().any(|row| row.name.eq_ignore_ascii_case(name))
}

impl<'r> Call<'r> {
    /// Finds the operation. `path` is below `/2013-04-01/`, percent-encoded as it came; `query` is without its `?`.
    pub(crate) fn find(method: &str, path: &str, query: &str, body: &'r [u8]) -> Result<Call<'r>, NoCall> {
        let mut path = path.trim_matches('/').to_owned();
        for prefix in ["hostedzone", "delegationset", "change"] {
            path = path.replace(&format!("//{prefix}/"), "/");
        }
        let parts: Vec<String> = path.split('/').map(|part| decode(part, false)).collect();
        let mut known = false;
        for row in &TABLE {
            let Some(labels) = labels(row.path, &parts) else { continue };
            if row.method == method {
                return Ok(Call { row, labels, query: pairs(query), body });
            }
            known = true;
        }
        Err(if known { NoCall::Method } else { NoCall::Path })
    }

    /// The parts of the path that are values, in its order.
    pub(crate) fn labels(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().map(|(_, value)| value.as_str())
    }

    /// A part of the path.
    pub(crate) fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the query. Clients send `marker=` for no marker, so an empty value is an absent one.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

fn labels(path: &[Segment], parts: &[String]) -> Option<Vec<(&'static str, String)>> {
    if path.len() != parts.len() {
        return None;
    }
    let mut labels = Vec::new();
    for (segment, part) in path.iter().zip(parts) {
        match segment {
            Segment::Literal(text) if text == part => {}
            Segment::Label(name) if !part.is_empty() => labels.push((*name, part.clone())),
            Segment::Literal(_) | Segment::Label(_) => return None,
        }
    }
    Some(labels)
}

/// Names and values of a query, decoded.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name, true), decode(value, true))
        })
        .collect()
}

/// Percent-decoding; bytes that are no UTF-8 become U+FFFD, which no id holds. In queries `+` is a space.
pub(crate) fn decode(text: &str, plus_is_space: bool) -> String {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'%', [high, low, after @ ..]) if digit(*high).is_some() && digit(*low).is_some() => {
                out.extend(u8::from_str_radix(&String::from_utf8_lossy(&[*high, *low]), 16));
                rest = after;
            }
            (b'+', _) if plus_is_space => out.push(b' '),
            _ => out.push(*first),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The values of a call outside its body, checked one after the other.
#[derive(Debug, Default)]
pub(crate) struct Members {
    violations: Violations,
}

impl Members {
    pub(crate) fn new() -> Members {
        Members::default()
    }

    pub(crate) fn string(&mut self, path: &str, value: Option<&str>, limits: &Text) -> Option<String> {
        value.map(|value| self.violations.text(|| path.to_owned(), value.to_owned(), limits))
    }

    pub(crate) fn integer(
        &mut self,
        path: &str,
        value: Option<&str>,
        limits: RangeInclusive<i64>,
    ) -> Result<Option<i64>, DecodeError> {
        let Some(value) = value else { return Ok(None) };
        let value = parse_integer(value)?;
        self.violations.integer(|| path.to_owned(), value, &limits);
        Ok(Some(value))
    }

    pub(crate) fn choice<T: Choice>(&mut self, path: &str, value: Option<&str>) -> Result<Option<T>, DecodeError> {
        let Some(value) = value else { return Ok(None) };
        if let Some(choice) = T::parse(value) {
            return Ok(Some(choice));
        }
        self.violations.not_a_choice::<T>(path, value);
        Err(DecodeError::Constraints(std::mem::take(&mut self.violations)))
    }

    pub(crate) fn required<T>(&mut self, path: &str, value: Option<T>) -> Result<T, DecodeError> {
        if value.is_none() {
            self.violations.absent(path);
        }
        value.ok_or_else(|| DecodeError::Constraints(std::mem::take(&mut self.violations)))
    }

    /// Ends the checks; `body` is what the body violates.
    pub(crate) fn finish(mut self, body: Violations) -> Result<(), DecodeError> {
        self.violations.append(body);
        self.violations.finish()
    }
}

impl Violations {
    /// Nothing, or everything found.
    pub(crate) fn finish(self) -> Result<(), DecodeError> {
        if self.is_empty() { Ok(()) } else { Err(DecodeError::Constraints(self)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> (String, Vec<String>) {
        let call = Call::find(method, path, "", b"").unwrap();
        (call.row.name.to_owned(), call.labels.into_iter().map(|(_, value)| value).collect())
    }

    #[test]
    fn every_operation_is_found_at_its_own_path() {
        for row in &TABLE {
            let part = |segment: &Segment| match segment {
                Segment::Literal(text) => (*text).to_owned(),
                Segment::Label(_) => "X1".to_owned(),
            };
            let path = row.path.iter().map(part).collect::<Vec<_>>().join("/");
            assert_eq!(found(row.method, &path).0, row.name);
            assert_eq!(found(row.method, &format!("{path}/")).0, row.name);
        }
    }

    #[test]
    fn ids_come_bare_encoded_or_in_path_form() {
        for path in ["hostedzone/Z1/rrset", "hostedzone/Z1/rrset/", "hostedzone//hostedzone/Z1/rrset/"] {
            assert_eq!(found("POST", path), ("ChangeResourceRecordSets".to_owned(), vec!["Z1".to_owned()]));
        }
        assert_eq!(found("GET", "change/%2Fchange%2FC1"), ("GetChange".to_owned(), vec!["/change/C1".to_owned()]));
    }

    #[test]
    fn a_wrong_path_and_a_wrong_method_are_told_apart() {
        assert_eq!(Call::find("GET", "nothing", "", b"").unwrap_err(), NoCall::Path);
        assert_eq!(Call::find("GET", "hostedzone//rrset", "", b"").unwrap_err(), NoCall::Path);
        assert_eq!(Call::find("PUT", "hostedzone", "", b"").unwrap_err(), NoCall::Method);
    }

    #[test]
    fn queries_are_decoded_and_empty_values_are_absent() {
        let call =
            Call::find("GET", "hostedzone/Z1/rrset", "name=%5C052.example.com&type=&x&maxitems=%zz", b"").unwrap();
        assert_eq!(call.query("name"), Some("\\052.example.com"));
        assert_eq!(call.query("type"), None);
        assert_eq!(call.query("maxitems"), Some("%zz"));
    }
}
