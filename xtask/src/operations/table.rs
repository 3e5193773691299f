//! Writes `operations.rs`: the enum of operations and one row for each with its method, path, name and status.

use std::fmt::Write;

use anyhow::{Context, Result};

use super::model::Model;

/// The text of the file, not yet formatted.
pub(crate) fn file(model: &Model, prefix: &str) -> Result<String> {
    let mut out = String::from("use crate::route53::call::{Row, Segment::{Label, Literal}, row};\n");
    writeln!(out, "\n#[derive(Debug, Clone, Copy, PartialEq, Eq)]\npub(crate) enum Operation {{")?;
    for name in model.operations.keys() {
        writeln!(out, "{name},")?;
    }
    writeln!(out, "}}\n\npub(crate) const TABLE: [Row; {}] = [", model.operations.len())?;
    for (name, operation) in &model.operations {
        let path = operation.http.request_uri.strip_prefix(prefix);
        let path = path.with_context(|| format!("{name} is not below {prefix}: {}", operation.http.request_uri))?;
        let segments: Vec<String> = path.trim_matches('/').split('/').map(segment).collect();
        writeln!(
            out,
            "row(Operation::{name}, {name:?}, {:?}, &[{}], {}),",
            operation.http.method,
            segments.join(","),
            operation.http.response_code
        )?;
    }
    writeln!(out, "];")?;
    Ok(out)
}

fn segment(text: &str) -> String {
    match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(label) => format!("Label({label:?})"),
        None => format!("Literal({text:?})"),
    }
}
