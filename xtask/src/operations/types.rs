//! What a shape of the model becomes in Rust, and the lists of exceptions that the wire asks for.
//!
//! Used by the writers of shapes, decoding and encoding.

use anyhow::{Result, bail};

use super::model::{Model, Shape};

/// Identifiers that clients send bare or behind a path (`/hostedzone/Z1`): everything up to the last `/` is dropped,
/// as botocore does before it sends.
const PATH_FORM: [&str; 3] = ["ResourceId", "DelegationSetId", "ChangeId"];

/// Enumerations that stay text: a private installation names regions of its own, so `model` judges them.
const OPEN: [&str; 4] = ["CloudWatchRegion", "HealthCheckRegion", "ResourceRecordSetRegion", "VPCRegion"];

/// Enumerations that are text in Rust and are still checked in requests: listings show values that are none of AWS's.
const CHECKED: [&str; 1] = ["RRType"];

/// The Rust type of a shape.
pub(crate) fn rust_type(model: &Model, name: &str) -> Result<String> {
    Ok(match model.shape(name)? {
        Shape::Structure { .. } => name.to_owned(),
        Shape::List { member, .. } => format!("Vec<{}>", rust_type(model, &member.shape)?),
        Shape::String { .. } if closed_enum(model, name)?.is_some() => name.to_owned(),
        Shape::String { .. } => "String".to_owned(),
        Shape::Integer { .. } => "i64".to_owned(),
        Shape::Boolean {} => "bool".to_owned(),
        Shape::Double {} => "f64".to_owned(),
        Shape::Timestamp {} => "Timestamp".to_owned(),
    })
}

/// The values of an enumeration that becomes a Rust `enum`.
pub(crate) fn closed_enum<'m>(model: &'m Model, name: &str) -> Result<Option<&'m [String]>> {
    match model.shape(name)? {
        Shape::String { choices: Some(values), .. } if !OPEN.contains(&name) && !CHECKED.contains(&name) => {
            Ok(Some(values))
        }
        _ => Ok(None),
    }
}

/// The limits of a text as a `Text` expression of `api::route53::check`.
pub(crate) fn text_limits(model: &Model, name: &str) -> Result<String> {
    let Shape::String { min, max, pattern, choices } = model.shape(name)? else {
        bail!("{name} should be a string");
    };
    let mut out = "Text::ANY".to_owned();
    if let Some(min) = min.filter(|min| *min > 0) {
        out += &format!(".at_least({min})");
    }
    if let Some(max) = max {
        out += &format!(".at_most({max})");
    }
    if let Some(pattern) = pattern {
        out += &format!(".matching(&pattern::{})", pattern_constant(name, pattern)?);
    }
    if let Some(choices) = choices.as_ref().filter(|_| CHECKED.contains(&name)) {
        out += &format!(".among(&{choices:?})");
    }
    if PATH_FORM.contains(&name) {
        out += ".in_path_form()";
    }
    Ok(out)
}

/// The hand-written predicate for a pattern. There are ten patterns in the service, too few for a regex engine; a
/// pattern that is new or has changed stops the generator, and somebody writes or checks its predicate.
fn pattern_constant(name: &str, pattern: &str) -> Result<&'static str> {
    Ok(match (name, pattern) {
        ("ARN" | "Cidr", r".*\S.*") => "NOT_BLANK",
        ("CidrLocationNameDefaultAllowed", r"[0-9A-Za-z_\-\*]+") => "LOCATION_OR_DEFAULT",
        ("CidrLocationNameDefaultNotAllowed" | "CollectionName", r"[0-9A-Za-z_\-]+") => "LOCATION",
        ("CidrNonce", r"\p{ASCII}+") => "ASCII",
        ("IPAddress", long) if long.starts_with(r"(^((([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])\.){3}") => {
            "IP_ADDRESS"
        }
        ("Latitude", r"[-+]?[0-9]{1,2}(\.[0-9]{0,2})?") => "LATITUDE",
        ("Longitude", r"[-+]?[0-9]{1,3}(\.[0-9]{0,2})?") => "LONGITUDE",
        ("UUID", "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}") => "UUID",
        _ => bail!("no predicate for the pattern of {name}; write one in crates/api/src/route53/check.rs: {pattern}"),
    })
}
