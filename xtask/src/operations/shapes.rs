//! Writes `shapes.rs`: a plain struct for every structure and a closed enum for every enumeration.
//!
//! Required members are plain, others `Option`; an optional list is `Option<Vec<…>>`, because an absent list and an
//! empty one differ on the wire.

use std::fmt::Write;

use anyhow::Result;

use super::model::{Model, Shape};
use super::names;
use super::reach::Reach;
use super::types::{closed_enum, rust_type};

/// The text of the file, not yet formatted.
pub(crate) fn file(model: &Model, reach: &Reach) -> Result<String> {
    let mut out = String::from("use crate::route53::check::Choice;\nuse crate::time::Timestamp;\n");
    let tops = reach.inputs.iter().chain(&reach.outputs).map(|(_, shape)| shape);
    for name in tops.chain(reach.nested()) {
        match model.shape(name)? {
            Shape::Structure { .. } => structure(model, name, &mut out)?,
            _ => {
                if let Some(values) = closed_enum(model, name)? {
                    enumeration(name, values, &mut out)?;
                }
            }
        }
    }
    Ok(out)
}

fn structure(model: &Model, name: &str, out: &mut String) -> Result<()> {
    let (members, required) = model.structure(name)?;
    writeln!(out, "\n#[derive(Debug, Clone, PartialEq)]\npub(crate) struct {name} {{")?;
    for (member, is) in members {
        let kind = rust_type(model, &is.shape)?;
        let kind = if required.contains(member) { kind } else { format!("Option<{kind}>") };
        writeln!(out, "pub(crate) {}: {kind},", names::field(member))?;
    }
    writeln!(out, "}}")?;
    Ok(())
}

fn enumeration(name: &str, values: &[String], out: &mut String) -> Result<()> {
    let variants: Vec<String> = values.iter().map(|value| names::variant(value)).collect();
    writeln!(
        out,
        "\n#[derive(Debug, Clone, Copy, PartialEq, Eq)]\npub(crate) enum {name} {{ {} }}",
        variants.join(",")
    )?;
    writeln!(out, "\nimpl Choice for {name} {{\nconst ALL: &'static [{name}] = &[")?;
    for variant in &variants {
        writeln!(out, "{name}::{variant},")?;
    }
    writeln!(out, "];\nfn as_str(self) -> &'static str {{\nmatch self {{")?;
    for (value, variant) in values.iter().zip(&variants) {
        writeln!(out, "{name}::{variant} => {value:?},")?;
    }
    writeln!(out, "}}\n}}\n}}")?;
    Ok(())
}
