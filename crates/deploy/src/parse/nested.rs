//! Fields of the whole release that stand inside its strategy: `canary: {steps: […], bake: 30m}`. They are taken out
//! of there, so that everything behind this file knows one form. Asked only when the plain form was refused.
//!
//! A field in both places is refused: which of them counts would be a guess.

use model::deployment::{Spec, schema};
use serde_json::Value;

use super::SpecError;

/// Reads a release with the fields taken out; nothing when there are none to take.
pub(super) fn parse(json: &[u8]) -> Option<Result<Spec, SpecError>> {
    let Ok(Value::Object(mut release)) = serde_json::from_slice(json) else { return None };
    let strategy = release.get_mut("strategy")?.as_object_mut().filter(|strategy| strategy.len() == 1)?;
    let (word, Value::Object(own)) = strategy.iter_mut().next()? else { return None };
    let mut moved = Vec::new();
    let word = word.clone();
    for field in schema::fields_inside(&word) {
        if let Some(value) = own.remove(&field) {
            moved.push((field, value));
        }
    }
    if moved.is_empty() {
        return None;
    }
    for (field, value) in &moved {
        if release.insert(field.clone(), value.clone()).is_some() {
            let problem = format!("stands in both places; `{field}` of a release is written once");
            return Some(Err(SpecError::new(format!("strategy.{word}.{field}"), problem)));
        }
    }
    let text = Value::Object(release).to_string();
    let restored = |error: SpecError| {
        let first = error.field.split(['.', '[']).next().unwrap_or_default();
        let is_moved = moved.iter().any(|(field, _)| field == first);
        let field = if is_moved { format!("strategy.{word}.{}", error.field) } else { error.field };
        SpecError { field, problem: error.problem }
    };
    Some(super::parse(text.as_bytes()).map_err(restored))
}
