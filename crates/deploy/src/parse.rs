//! JSON from users into nouns, with the place of every mistake. Before: the API or a file. After: `plan`.
//!
//! The shapes are the nouns' own (`serde` in `model`); here is only the path to the wrong field.

mod nested;
mod suggest;

use std::fmt;

use model::RecordType;
use model::deployment::{Binding, DnsBinding, Foreign, Freeze, ManualGate, Notify, Service, Spec, Window};
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::window::check_range;

/// Names that one service may steer: all are one change, and every step reads all of them.
const BINDINGS_MAX: usize = 16;
/// Receivers of one service: each is told apart.
const RECEIVERS_MAX: usize = 16;

/// What is wrong with a spec or a service, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", Place(field))]
pub struct SpecError {
    /// The path of the field, such as `strategy.canary.steps[4].weight`; empty when the text is no JSON.
    pub field: String,
    /// What is wrong, and what to change.
    pub problem: String,
}

/// A field before what is wrong with it; nothing for the whole document.
struct Place<'a>(&'a str);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "{}: ", self.0) }
    }
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
    parse(json).or_else(|error| nested::parse(json).unwrap_or(Err(error)))
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

/// Reads a freeze.
///
/// # Errors
/// The first field that is wrong.
pub fn parse_freeze(json: &[u8]) -> Result<Freeze, SpecError> {
    let freeze: Freeze = parse(json)?;
    for (index, range) in freeze.when.iter().enumerate() {
        check_range(format!("when[{index}]"), range)?;
    }
    Ok(freeze)
}

/// A gate that nobody could open is refused.
pub(crate) fn check_gate(field: &str, gate: &ManualGate) -> Result<(), SpecError> {
    if gate.count == 0 {
        return Err(SpecError::new(format!("{field}.count"), "must be at least 1; leave the gate out for nobody"));
    }
    let is_one = |text: &String| !text.contains('*');
    let possible = if gate.approvers.iter().all(is_one) { gate.approvers.len() } else { usize::MAX };
    if !gate.approvers.is_empty() && possible < gate.count {
        let problem = format!("{} must agree, but {possible} may: name more approvers", gate.count);
        return Err(SpecError::new(format!("{field}.count"), problem));
    }
    if let Some(group) = gate.approvers.iter().find(|text| text.starts_with("group:")) {
        let problem = format!("there are no groups; name access keys, such as sre-*: {group}");
        return Err(SpecError::new(format!("{field}.approvers"), problem));
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, SpecError> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        // The library's signs for the whole document and for a place it lost; neither tells a reader anything.
        let path = if matches!(path.as_str(), "." | "?") { String::new() } else { path };
        let is_json = serde_json::from_slice::<IgnoredAny>(json).is_ok();
        SpecError::new(path, suggest::told(error.inner(), is_json))
    })?;
    deserializer.end().map_err(|error| SpecError::new("", error.to_string()))?;
    Ok(value)
}

/// The rules between the fields of a service.
pub(crate) fn check_service(service: &Service) -> Result<(), SpecError> {
    if let Some(active) = service.active.as_ref().filter(|active| !service.environments.contains_key(*active)) {
        return Err(SpecError::new("active", format!("no such environment: {active}")));
    }
    let found = service.traffic.len();
    if found == 0 || found > BINDINGS_MAX {
        return Err(SpecError::new("traffic", format!("name from 1 to {BINDINGS_MAX} bindings, found {found}")));
    }
    let names: Vec<_> = service.records().map(|records| (&records.zone, &records.name)).collect();
    if let Some(twice) = (1..found).find(|at| names[..*at].contains(&names[*at])) {
        let problem = format!("named twice: {}; put all its types in one binding", names[twice].1);
        return Err(SpecError::new(format!("traffic[{twice}].{}.name", service.traffic[twice].kind()), problem));
    }
    service.traffic.iter().enumerate().try_for_each(|(index, binding)| check_account(service, index, binding))?;
    for (index, Window::Deny(range) | Window::Allow(range)) in service.policy.windows.iter().enumerate() {
        check_range(format!("policy.windows[{index}]"), range)?;
    }
    if let Some(gate) = &service.policy.approvals {
        check_gate("policy.approvals", gate)?;
    }
    check_notify(&service.policy.notify)?;
    for (name, environment) in &service.environments {
        let field = format!("environments.{name}.set_identifiers");
        if environment.set_identifiers.is_empty() {
            return Err(SpecError::new(field, "name at least one weighted record set"));
        }
        if let Some(unknown) = environment.instances.keys().find(|id| !environment.set_identifiers.contains(id)) {
            let field = format!("environments.{name}.instances.{unknown}");
            return Err(SpecError::new(field, "not one of its set_identifiers"));
        }
        for (index, set_identifier) in environment.set_identifiers.iter().enumerate() {
            let twice = environment.set_identifiers[..index].contains(set_identifier);
            if twice || service.environment_of(set_identifier) != Some(name) {
                return Err(SpecError::new(field, format!("named twice: {set_identifier}")));
            }
        }
    }
    for (index, binding) in service.traffic.iter().enumerate() {
        let place = format!("traffic[{index}].{}", binding.kind());
        let binding = binding.records();
        check_adoption(service, &place, binding)?;
        let field = format!("{place}.types");
        if binding.types.is_empty() {
            return Err(SpecError::new(field, "name at least one record type, such as A"));
        }
        if let Some(twice) = (1..binding.types.len()).find(|at| binding.types[..*at].contains(&binding.types[*at])) {
            return Err(SpecError::new(field, format!("named twice: {}", binding.types[twice])));
        }
    }
    Ok(())
}

/// All that a service steers moves in one change, and no change is of two accounts, or of two zones of one.
fn check_account(service: &Service, index: usize, binding: &Binding) -> Result<(), SpecError> {
    let first = &service.traffic[0];
    let place = format!("traffic[{index}].{}", binding.kind());
    if binding.account() != first.account() {
        let of = first.account().map_or("of this server".to_owned(), |account| format!("of account {account}"));
        let problem = format!("the others are record sets {of}, and all of a service move in one change; split it");
        return Err(SpecError::new(place, problem));
    }
    if binding.account().is_none() {
        return Ok(());
    }
    let (records, zone) = (binding.records(), &first.records().zone);
    if records.zone != *zone {
        let problem = format!("must be {zone} like the others: Route 53 changes one zone at a time; split the service");
        return Err(SpecError::new(format!("{place}.zone"), problem));
    }
    if records.affinity.is_some() {
        let problem = "Route 53 draws every answer anew, only names of this server can be sticky; take it out";
        return Err(SpecError::new(format!("{place}.affinity"), problem));
    }
    Ok(())
}

fn check_notify(receivers: &[Notify]) -> Result<(), SpecError> {
    if receivers.len() > RECEIVERS_MAX {
        let problem = format!("name at most {RECEIVERS_MAX} receivers, found {}", receivers.len());
        return Err(SpecError::new("policy.notify", problem));
    }
    for (index, Notify { to, events: _ }) in receivers.iter().enumerate() {
        let field = format!("policy.notify[{index}].to");
        if to.is_empty() || to.len() > 64 || !to.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        {
            let problem = format!("name a receiver of the server's configuration, [notifications.to.NAME]: {to:?}");
            return Err(SpecError::new(field, problem));
        }
        if receivers[..index].iter().any(|other| other.to == *to) {
            return Err(SpecError::new(field, format!("named twice: {to}; put all its events in one")));
        }
    }
    Ok(())
}

/// A plain record stands for one record set of one environment, and the others must say what theirs shall answer.
fn check_adoption(service: &Service, place: &str, binding: &DnsBinding) -> Result<(), SpecError> {
    if binding.release && binding.foreign == Foreign::Keep {
        let problem = "a plain record leaves no room for record sets of others; take release or foreign out";
        return Err(SpecError::new(format!("{place}.release"), problem));
    }
    if !binding.adopt && !binding.release {
        return Ok(());
    }
    // Also where a service without it is declared again: what a plain record answers, serves.
    if service.active.is_none() {
        return Err(SpecError::new("active", "a plain record serves already; name the environment that it leads to"));
    }
    for (name, environment) in &service.environments {
        if environment.set_identifiers.len() != 1 {
            let field = format!("environments.{name}.set_identifiers");
            return Err(SpecError::new(field, "a plain record becomes one record set of each environment; name one"));
        }
        let lacks = |record_type: &&RecordType| environment.dns.get(*record_type).is_none_or(Vec::is_empty);
        if binding.adopt
            && Some(name) != service.active.as_ref()
            && let Some(record_type) = binding.types.iter().find(lacks)
        {
            let problem = "say what its record set shall answer when the plain record is adopted";
            return Err(SpecError::new(format!("environments.{name}.dns.{record_type}"), problem));
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
                "unknown variant `wieght`, did you mean `weight`? (known: `weight`,",
            ),
            (r#"{"to":"green","strategy":{"canary":{"preset":"80-20"}}}"#, "strategy.canary.preset", "95-5"),
            (r#"{"to":"green","strategy":{"canary":{"steps":[{"hold":10}]}}}"#, "strategy.canary.steps[0].hold", "10s"),
            (r#"{"to":"green","bake":"10 s","strategy":{"blue_green":{}}}"#, "bake", "not a length of time"),
            (r#"{"too":"green","strategy":{"blue_green":{}}}"#, "too", "unknown field"),
            (r#"{"to":"green","strategy":{"blue_green":{}}} x"#, "", "trailing"),
            (r#"{"to":"green"}"#, "", "missing field `strategy`"),
            (r#"{"to":"green","strategy":{"canary":{"wait":"1s"}}}"#, "strategy.canary", "unknown variant `wait`"),
            (
                r#"{"to":"green","strategy":{"canary":{"preset":"95-5"},"blue_green":{}}}"#,
                "strategy",
                "one of its forms",
            ),
            (r#"{"to":"green","strategy":{"canary":{"bake":"1x","preset":"95-5"}}}"#, "strategy.canary.bake", "1x"),
            (
                r#"{"to":"green","bake":"1s","strategy":{"blue_green":{"bake":"1s"}}}"#,
                "strategy.blue_green.bake",
                "both places",
            ),
        ] {
            let error = parse_spec(json.as_bytes()).unwrap_err();
            assert_eq!(error.field, field, "{error}");
            assert!(error.problem.contains(part), "{error}");
        }
    }

    #[test]
    fn what_is_said_of_the_whole_release_may_stand_inside_the_strategy() {
        let inside = r#"{"to":"green","strategy":{"canary":{"bake":"1m","preset":"95-5","on_failure":"hold"}}}"#;
        let beside = r#"{"to":"green","strategy":{"canary":{"preset":"95-5"}},"bake":"1m","on_failure":"hold"}"#;
        assert_eq!(parse_spec(inside.as_bytes()), parse_spec(beside.as_bytes()));
        assert!(parse_spec(inside.as_bytes()).is_ok());
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

    #[test]
    fn what_one_change_cannot_move_is_no_service() {
        let service = |traffic: &str| {
            let json = format!(
                r#"{{"name":"shop","active":"blue","environments":{{"blue":{{"version":"1","set_identifiers":["b"]}}}},
                    "traffic":[{traffic}]}}"#
            );
            parse_service(json.as_bytes())
        };
        let of = |account: &str, zone: &str, name: &str| {
            format!(
                r#"{{"route53":{{"account":"{account}","zone":"{zone}","name":"{name}.example.com","types":["A"]}}}}"#
            )
        };
        let (one, two) = (of("prod", "Z1", "a"), of("prod", "Z1", "b"));
        let both = service(&format!("{one},{two}")).unwrap();
        let json = serde_json::to_string(&both).unwrap();
        assert_eq!(parse_service(json.as_bytes()), Ok(both), "written as it is read");
        let own = r#"{"dns":{"zone":"Z1","name":"b.example.com","types":["A"]}}"#;
        let sticky = two.replace(r#""types""#, r#""affinity":"resolver","types""#);
        for (second, field, part) in [
            (own, "traffic[1].dns", "record sets of account prod"),
            (&of("test", "Z1", "b"), "traffic[1].route53", "split it"),
            (&of("prod", "Z2", "b"), "traffic[1].route53.zone", "must be Z1"),
            (&one, "traffic[1].route53.name", "named twice"),
            (&sticky, "traffic[1].route53.affinity", "take it out"),
            (&two.replace("types", "typs"), "traffic[1].route53.typs", "did you mean `types`?"),
        ] {
            let error = service(&format!("{one},{second}")).unwrap_err();
            assert!(error.field == field && error.problem.contains(part), "{error}");
        }
    }
}
