//! JSON from users into nouns, with the place of every mistake. Before: the API or a file. After: `plan`.
//!
//! The shapes are the nouns' own (`serde` in `model`); here is only the path to the wrong field.

use model::deployment::{Service, Spec};
use serde::de::DeserializeOwned;

/// What is wrong with a spec or a service, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct SpecError {
    /// The path of the field, such as `strategy.canary.steps[4].weight`; empty when the text is no JSON.
    pub field: String,
    /// What is wrong, and what to change.
    pub problem: String,
}

impl SpecError {
    pub(crate) fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

/// Reads the spec of a deployment.
///
/// # Errors
/// The first field that is unknown, missing or of the wrong form.
pub fn parse_spec(json: &[u8]) -> Result<Spec, SpecError> {
    parse(json)
}

/// Reads a service, and checks what its fields say of each other.
///
/// # Errors
/// The first field that is wrong.
pub fn parse_service(json: &[u8]) -> Result<Service, SpecError> {
    let service: Service = parse(json)?;
    check_service(&service)?;
    Ok(service)
}

fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, SpecError> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        // The library's signs for the whole document and for a place it lost; neither tells a reader anything.
        let path = if matches!(path.as_str(), "." | "?") { String::new() } else { path };
        SpecError::new(path, error.inner().to_string())
    })?;
    deserializer.end().map_err(|error| SpecError::new("", error.to_string()))?;
    Ok(value)
}

/// The rules between the fields of a service.
pub(crate) fn check_service(service: &Service) -> Result<(), SpecError> {
    if !service.environments.contains_key(&service.active) {
        return Err(SpecError::new("active", format!("no such environment: {}", service.active)));
    }
    if service.traffic.len() != 1 {
        let found = service.traffic.len();
        return Err(SpecError::new("traffic", format!("exactly one binding is supported, found {found}")));
    }
    for (name, environment) in &service.environments {
        let field = format!("environments.{name}.set_identifiers");
        if environment.set_identifiers.is_empty() {
            return Err(SpecError::new(field, "name at least one weighted record set"));
        }
        for (index, set_identifier) in environment.set_identifiers.iter().enumerate() {
            let twice = environment.set_identifiers[..index].contains(set_identifier);
            if twice || service.environment_of(set_identifier) != Some(name) {
                return Err(SpecError::new(field, format!("named twice: {set_identifier}")));
            }
        }
    }
    for (index, model::deployment::Binding::Dns(binding)) in service.traffic.iter().enumerate() {
        let field = format!("traffic[{index}].dns.types");
        if binding.types.is_empty() {
            return Err(SpecError::new(field, "name at least one record type, such as A"));
        }
        if let Some(twice) = (1..binding.types.len()).find(|at| binding.types[..*at].contains(&binding.types[*at])) {
            return Err(SpecError::new(field, format!("named twice: {}", binding.types[twice])));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_reported_with_its_place() {
        for (json, field, part) in [
            (
                r#"{"to":"green","strategy":{"canary":{"steps":[{"weight":"5"}]}}}"#,
                "strategy.canary.steps[0].weight",
                "percent sign",
            ),
            (
                r#"{"to":"green","strategy":{"canary":{"steps":[{"wieght":"5%"}]}}}"#,
                "strategy.canary.steps[0]",
                "expected one of",
            ),
            (r#"{"to":"green","strategy":{"canary":{"preset":"80-20"}}}"#, "strategy.canary.preset", "95-5"),
            (r#"{"to":"green","strategy":{"canary":{"steps":[{"hold":10}]}}}"#, "strategy.canary.steps[0].hold", "10s"),
            (r#"{"to":"green","bake":"10 s","strategy":{"blue_green":{}}}"#, "bake", "not a length of time"),
            (r#"{"too":"green","strategy":{"blue_green":{}}}"#, "too", "unknown field"),
            (r#"{"to":"green","strategy":{"blue_green":{}}} x"#, "", "trailing"),
            (r#"{"to":"green"}"#, "", "missing field `strategy`"),
        ] {
            let error = parse_spec(json.as_bytes()).unwrap_err();
            assert_eq!(error.field, field, "{error}");
            assert!(error.problem.contains(part), "{error}");
        }
    }

    #[test]
    fn a_service_names_each_record_set_once_and_an_active_environment_that_it_has() {
        let service = |active: &str, green: &str| {
            format!(
                r#"{{"name":"shop","active":"{active}","environments":{{
                    "blue":{{"version":"1","set_identifiers":["b"]}},
                    "green":{{"version":"2","set_identifiers":[{green}]}}}},
                    "traffic":[{{"dns":{{"zone":"Z1","name":"shop.example.com","types":["A","AAAA"]}}}}]}}"#
            )
        };
        assert!(parse_service(service("blue", r#""g""#).as_bytes()).is_ok());
        for (active, green, field) in [
            ("red", r#""g""#, "active"),
            ("blue", r#""b""#, "environments.green.set_identifiers"),
            ("blue", "", "environments.green.set_identifiers"),
        ] {
            assert_eq!(parse_service(service(active, green).as_bytes()).unwrap_err().field, field);
        }
    }
}
