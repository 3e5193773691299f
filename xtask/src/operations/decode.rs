//! Writes `decode.rs`: a request's path, query and body into its struct, checked against the model's limits.
//!
//! The code it writes leans on `api::route53::read` (the body) and `api::route53::call` (path and query).

use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::{Context, Result, bail};

use super::model::{Location, Member, Model, Shape};
use super::names;
use super::reach::Reach;
use super::types::{closed_enum, text_limits};

/// The text of the file, not yet formatted.
pub(crate) fn file(model: &Model, reach: &Reach) -> Result<String> {
    let mut out = String::from(
        "use super::shapes::*;\nuse crate::route53::call::{Call, Members};\nuse crate::route53::check::*;\n\
         use crate::route53::read::{DecodeError, Element, Input, Reader};\n",
    );
    for name in limited_texts(model, reach)? {
        writeln!(out, "\nconst {}: Text = {};", names::constant(name), text_limits(model, name)?)?;
    }
    for name in &reach.read {
        if let Shape::Structure { .. } = model.shape(name)? {
            element(model, name, &mut out)?;
        }
    }
    for (operation, name) in &reach.inputs {
        input(model, operation, name, &mut out).with_context(|| format!("the request of {operation}"))?;
    }
    read_any(reach, &mut out)?;
    Ok(out)
}

/// A reader for whatever operation a call means, so that tests can go through all of them.
fn read_any(reach: &Reach, out: &mut String) -> Result<()> {
    writeln!(out, "\n/// The request of whatever operation, as `Debug` shows it.\n#[cfg(test)]")?;
    writeln!(out, "pub(crate) fn read_any(call: &Call<'_>) -> Result<String, DecodeError> {{")?;
    writeln!(out, "use super::operations::Operation;\nOk(match call.row.operation {{")?;
    for (operation, name) in &reach.inputs {
        writeln!(out, "Operation::{operation} => format!(\"{{:?}}\", {name}::decode(call)?),")?;
    }
    writeln!(out, "}})\n}}")?;
    Ok(())
}

fn limited_texts<'m>(model: &Model, reach: &'m Reach) -> Result<BTreeSet<&'m str>> {
    let mut texts = BTreeSet::new();
    for name in &reach.read {
        if matches!(model.shape(name)?, Shape::String { .. }) && closed_enum(model, name)?.is_none() {
            texts.insert(name.as_str());
        }
    }
    Ok(texts)
}

fn element(model: &Model, name: &str, out: &mut String) -> Result<()> {
    let (members, required) = model.structure(name)?;
    let members: Vec<_> = members.iter().collect();
    writeln!(out, "\nimpl Element for {name} {{\nfn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {{")?;
    children(model, &members, out)?;
    writeln!(out, "Ok({name} {{")?;
    for (member, is) in members {
        if is.location.is_some() {
            bail!("{name}.{member} travels outside the body, and is nested");
        }
        finish_child(member, is, required.contains(member), out)?;
    }
    writeln!(out, "}})\n}}\n}}")?;
    Ok(())
}

fn input(model: &Model, operation: &str, name: &str, out: &mut String) -> Result<()> {
    let (members, required) = model.structure(name)?;
    let (body, outside): (Vec<_>, Vec<_>) = members.iter().partition(|(_, is)| is.location.is_none());
    if members.is_empty() {
        let decode = format!("fn decode(_call: &Call<'_>) -> Result<Self, DecodeError> {{\nOk({name} {{}})\n}}");
        writeln!(out, "\nimpl Input for {name} {{\n{decode}\n}}")?;
        return Ok(());
    }
    writeln!(out, "\nimpl Input for {name} {{\nfn decode(call: &Call<'_>) -> Result<Self, DecodeError> {{")?;
    let root = model.operations[operation].input.location_name.as_deref();
    match (body.is_empty(), root) {
        (true, _) => {}
        (false, Some(root)) => {
            writeln!(out, "let reader = &mut Reader::open(call.body, {root:?})?;")?;
            children(model, &body, out)?;
        }
        (false, None) => bail!("members in the body, and no root element"),
    }
    if !outside.is_empty() {
        writeln!(out, "let mut members = Members::new();")?;
    }
    for (member, is) in &outside {
        outside_member(model, member, is, required.contains(member), out)?;
    }
    writeln!(out, "let read = {name} {{")?;
    for (member, is) in members {
        match is.location {
            None => finish_child(member, is, required.contains(member), out)?,
            Some(_) => writeln!(out, "{},", names::field(member))?,
        }
    }
    writeln!(out, "}};")?;
    match (body.is_empty(), outside.is_empty()) {
        (false, false) => writeln!(out, "members.finish(reader.finish()?)?;")?,
        (false, true) => writeln!(out, "reader.finish()?.finish()?;")?,
        (true, _) => writeln!(out, "members.finish(Violations::default())?;")?,
    }
    writeln!(out, "Ok(read)\n}}\n}}")?;
    Ok(())
}

/// The loop over the child elements, in whatever order they come.
fn children(model: &Model, members: &[&(String, Member)], out: &mut String) -> Result<()> {
    let names: Vec<String> = members.iter().map(|(member, is)| format!("{:?}", element_name(member, is))).collect();
    for (member, _) in members {
        writeln!(out, "let mut {} = None;", names::field(member))?;
    }
    writeln!(out, "while let Some(child) = reader.child(&[{}])? {{\nmatch child {{", names.join(","))?;
    for (member, is) in members {
        let read = read(model, &is.shape)?;
        writeln!(out, "{:?} => {} = Some({read}?),", element_name(member, is), names::field(member))?;
    }
    writeln!(out, "other => return Err(reader.unexpected(other)),\n}}\n}}")?;
    Ok(())
}

fn finish_child(member: &str, is: &Member, required: bool, out: &mut String) -> Result<()> {
    let field = names::field(member);
    if required {
        writeln!(out, "{field}: reader.required({field}, {:?})?,", element_name(member, is))?;
    } else {
        writeln!(out, "{field},")?;
    }
    Ok(())
}

fn outside_member(model: &Model, member: &str, is: &Member, required: bool, out: &mut String) -> Result<()> {
    let name = is.location_name.as_deref().unwrap_or(member);
    let given = match is.location {
        Some(Location::Uri) => format!("call.label({name:?})"),
        Some(Location::Querystring) => format!("call.query({name:?})"),
        Some(Location::Header) | None => bail!("{member} travels in a header of a request"),
    };
    let path = names::path(member);
    let value = match model.shape(&is.shape)? {
        Shape::String { .. } if closed_enum(model, &is.shape)?.is_some() => {
            format!("members.choice({path:?}, {given})?")
        }
        Shape::String { .. } => format!("members.string({path:?}, {given}, &{})", names::constant(&is.shape)),
        Shape::Integer { min, max } => format!("members.integer({path:?}, {given}, {})?", bounds(*min, *max)),
        other => bail!("{member} is outside the body, and is {other:?}"),
    };
    let field = names::field(member);
    if required {
        writeln!(out, "let {field} = {value};\nlet {field} = members.required({path:?}, {field})?;")?;
    } else {
        writeln!(out, "let {field} = {value};")?;
    }
    Ok(())
}

/// The expression that reads one element's content.
fn read(model: &Model, name: &str) -> Result<String> {
    Ok(match model.shape(name)? {
        Shape::Structure { .. } => format!("{name}::read(reader)"),
        Shape::String { .. } if closed_enum(model, name)?.is_some() => "reader.choice()".to_owned(),
        Shape::String { .. } => format!("reader.string(&{})", names::constant(name)),
        Shape::Integer { min, max } => format!("reader.integer({})", bounds(*min, *max)),
        Shape::Boolean {} => "reader.boolean()".to_owned(),
        Shape::List { member, min, max } => {
            let item = member.location_name.as_deref().unwrap_or("member");
            let (min, max) = (min.unwrap_or(0), max.map_or("usize::MAX".to_owned(), |max| max.to_string()));
            let each = match model.shape(&member.shape)? {
                Shape::Structure { .. } => format!("{}::read", member.shape),
                Shape::String { .. } if closed_enum(model, &member.shape)?.is_some() => "Reader::choice".to_owned(),
                _ => format!("|reader| {}", read(model, &member.shape)?),
            };
            format!("reader.list({item:?}, {min}..={max}, {each})")
        }
        Shape::Double {} | Shape::Timestamp {} => bail!("{name} is read nowhere else; teach the reader"),
    })
}

fn bounds(min: Option<i64>, max: Option<i64>) -> String {
    let min = min.map_or("i64::MIN".to_owned(), |min| min.to_string());
    let max = max.map_or("i64::MAX".to_owned(), |max| max.to_string());
    format!("{min}..={max}")
}

fn element_name<'m>(member: &'m str, is: &'m Member) -> &'m str {
    is.location_name.as_deref().unwrap_or(member)
}
