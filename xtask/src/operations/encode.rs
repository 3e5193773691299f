//! Writes `encode.rs`: a response's struct into its document, members in the order of the model.
//!
//! The code it writes leans on `api::route53::write`.

use std::fmt::Write;

use anyhow::{Context, Result, bail};

use super::model::{Location, Model, Shape};
use super::names;
use super::reach::Reach;

/// The text of the file, not yet formatted.
pub(crate) fn file(model: &Model, reach: &Reach) -> Result<String> {
    let mut out = String::from("use super::shapes::*;\nuse crate::route53::write::{Content, Output, Writer};\n");
    for name in &reach.written {
        if let Shape::Structure { .. } = model.shape(name)? {
            writeln!(out, "\nimpl Content for {name} {{")?;
            members(model, name, &mut out)?;
            writeln!(out, "}}")?;
        }
    }
    for (operation, name) in &reach.outputs {
        if *name != format!("{operation}Response") {
            bail!("the response of {operation} is {name}; its root element would differ");
        }
        let location = location(model, name).with_context(|| format!("the response of {operation}"))?;
        writeln!(out, "\nimpl Content for {name} {{")?;
        members(model, name, &mut out)?;
        writeln!(out, "}}\n\nimpl Output for {name} {{\nconst ROOT: &'static str = {name:?};")?;
        if let Some(value) = location {
            writeln!(out, "fn location(&self) -> Option<&str> {{\n{value}\n}}")?;
        }
        writeln!(out, "}}")?;
    }
    Ok(out)
}

/// The expression for what is sent as the `Location` header; no other header occurs in the service.
fn location(model: &Model, name: &str) -> Result<Option<String>> {
    let (members, required) = model.structure(name)?;
    for (member, is) in members {
        match (is.location, is.location_name.as_deref()) {
            (None, _) => {}
            (Some(Location::Header), Some("Location")) => {
                let field = names::field(member);
                let required = required.contains(member);
                return Ok(Some(if required {
                    format!("Some(&self.{field})")
                } else {
                    format!("self.{field}.as_deref()")
                }));
            }
            (place, header) => bail!("{member} travels in {place:?} {header:?}"),
        }
    }
    Ok(None)
}

fn members(model: &Model, name: &str, out: &mut String) -> Result<()> {
    let (members, required) = model.structure(name)?;
    let body: Vec<_> = members.iter().filter(|(_, is)| is.location.is_none()).collect();
    let writer = if body.is_empty() { "_out" } else { "out" };
    writeln!(out, "fn write(&self, {writer}: &mut Writer) {{")?;
    for (member, is) in body {
        let element = is.location_name.as_deref().unwrap_or(member);
        let field = names::field(member);
        let item = match model.shape(&is.shape)? {
            Shape::List { member, .. } => Some(member.location_name.as_deref().unwrap_or("member")),
            _ => None,
        };
        match (item, required.contains(member)) {
            (None, true) => writeln!(out, "out.element({element:?}, &self.{field});")?,
            (None, false) => writeln!(out, "out.optional({element:?}, self.{field}.as_ref());")?,
            (Some(item), true) => writeln!(out, "out.list({element:?}, {item:?}, &self.{field});")?,
            (Some(item), false) => {
                writeln!(out, "out.optional_list({element:?}, {item:?}, self.{field}.as_deref());")?;
            }
        }
    }
    writeln!(out, "}}")?;
    Ok(())
}
