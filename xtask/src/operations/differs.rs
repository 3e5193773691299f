//! Where our wire differs from AWS's model on purpose. Each exception is one line, and a model in which it no longer
//! finds its place stops the generator, so that none outlives its reason.
//!
//! Before: [`super::model`] was read. After: [`super::reach`] sees the model as we want it.

use anyhow::{Context, Result, bail};

use super::model::{Member, Model, Shape};

/// Makes the exceptions.
pub(crate) fn apply(model: &mut Model) -> Result<()> {
    // `Differs:` a health check may probe every second; the rules of `model` refuse what lies between 10 and 30, as
    // AWS does. docs/route53/health-checks.md
    least(model, "RequestInterval", 1)?;
    // Told only where one was sent, as AWS does, though its model requires it.
    optional(model, "ListHealthChecksResponse", "Marker")?;
    optional(model, "ListHostedZonesResponse", "Marker")?;
    optional(model, "ListReusableDelegationSetsResponse", "Marker")?;
    // A private zone has none, as AWS's own example shows, though its model requires one.
    optional(model, "CreateHostedZoneResponse", "DelegationSet")?;
    // `Differs:` zone files bring types that Route 53 lacks; listings show them, and a page may begin with one.
    // docs/route53/operations.md
    let any = Shape::String { min: None, max: None, pattern: None, choices: None };
    model.shapes.insert("ListedType".to_owned(), any);
    member(model, "ListResourceRecordSetsRequest", "StartRecordType")?.shape = "ListedType".to_owned();
    member(model, "ListResourceRecordSetsResponse", "NextRecordType")?.shape = "ListedType".to_owned();
    Ok(())
}

fn least(model: &mut Model, name: &str, least: i64) -> Result<()> {
    match model.shapes.get_mut(name) {
        Some(Shape::Integer { min: Some(min), .. }) => *min = least,
        other => bail!("{name} should be a number with a least value, and is {other:?}"),
    }
    Ok(())
}

fn optional(model: &mut Model, structure: &str, member: &str) -> Result<()> {
    let Some(Shape::Structure { required, .. }) = model.shapes.get_mut(structure) else {
        bail!("the model has no structure named {structure}");
    };
    let place = required.iter().position(|name| name == member);
    required.remove(place.with_context(|| format!("{structure}.{member} is not required any more"))?);
    Ok(())
}

fn member<'m>(model: &'m mut Model, structure: &str, name: &str) -> Result<&'m mut Member> {
    let Some(Shape::Structure { members, .. }) = model.shapes.get_mut(structure) else {
        bail!("the model has no structure named {structure}");
    };
    let found = members.0.iter_mut().find(|(known, _)| known == name);
    found.map(|(_, member)| member).with_context(|| format!("the model has no {structure}.{name}"))
}
