//! Which shapes requests and responses reach: only those are written, and each only in the directions it travels.
//!
//! Before: [`super::model`]. After: the writers.

use std::collections::BTreeSet;

use anyhow::Result;

use super::model::{Model, Shape};

/// Shape names by direction. Names of requests and responses themselves are in [`Reach::inputs`] and
/// [`Reach::outputs`]; the sets hold what is nested in them.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// `(operation, shape)` of every request.
    pub(crate) inputs: Vec<(String, String)>,
    /// `(operation, shape)` of every response.
    pub(crate) outputs: Vec<(String, String)>,
    /// Shapes nested in requests.
    pub(crate) read: BTreeSet<String>,
    /// Shapes nested in responses.
    pub(crate) written: BTreeSet<String>,
}

impl Reach {
    /// Walks every operation of the model.
    pub(crate) fn of(model: &Model) -> Result<Reach> {
        let mut reach = Reach::default();
        for (name, operation) in &model.operations {
            reach.inputs.push((name.clone(), operation.input.shape.clone()));
            reach.outputs.push((name.clone(), operation.output.shape.clone()));
            for (_, member) in model.structure(&operation.input.shape)?.0 {
                walk(model, &member.shape, &mut reach.read)?;
            }
            for (_, member) in model.structure(&operation.output.shape)?.0 {
                walk(model, &member.shape, &mut reach.written)?;
            }
        }
        Ok(reach)
    }

    /// Every nested shape, whichever way it travels.
    pub(crate) fn nested(&self) -> BTreeSet<&String> {
        self.read.union(&self.written).collect()
    }
}

fn walk(model: &Model, name: &str, into: &mut BTreeSet<String>) -> Result<()> {
    if !into.insert(name.to_owned()) {
        return Ok(());
    }
    match model.shape(name)? {
        Shape::Structure { members, .. } => {
            for (_, member) in &members.0 {
                walk(model, &member.shape, into)?;
            }
        }
        Shape::List { member, .. } => walk(model, &member.shape, into)?,
        Shape::String { .. } | Shape::Integer { .. } | Shape::Boolean {} | Shape::Double {} | Shape::Timestamp {} => {}
    }
    Ok(())
}
