//! What may change about a health check once it exists.
//!
//! An update is the old fields with the given ones laid over them, judged again as a whole: so a field that the type
//! forbids, or a range, needs no second rule. What Route 53 never lets change (type, interval, latency) is no field of
//! [`HealthCheckChanges`] at all; an address may change and may neither come nor go.

use std::fmt;

use super::{HealthCheck, HealthCheckConfig, HealthCheckFault, RawHealthCheckConfig, Subject, Target};

/// The fields of an `UpdateHealthCheckRequest`; what is absent keeps its value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is the one of the same name in Route 53's UpdateHealthCheckRequest")]
pub struct HealthCheckChanges {
    pub ip_address: Option<String>,
    pub port: Option<i64>,
    pub resource_path: Option<String>,
    pub fully_qualified_domain_name: Option<String>,
    pub search_string: Option<String>,
    pub failure_threshold: Option<i64>,
    pub inverted: Option<bool>,
    pub disabled: Option<bool>,
    pub health_threshold: Option<i64>,
    pub child_health_checks: Option<Vec<String>>,
    pub enable_sni: Option<bool>,
    pub regions: Option<Vec<String>>,
    /// Whether `AlarmIdentifier` was there at all.
    pub alarm_identifier: bool,
    pub insufficient_data_health_status: Option<String>,
    /// Back to the default, or to nothing.
    pub reset: Vec<ResettableElement>,
}

/// What `ResetElements` may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResettableElement {
    /// `FullyQualifiedDomainName`: no name.
    FullyQualifiedDomainName,
    /// `Regions`: all regions.
    Regions,
    /// `ResourcePath`: `/`.
    ResourcePath,
    /// `ChildHealthChecks`: no children.
    ChildHealthChecks,
}

impl ResettableElement {
    /// Reads Route 53's word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "FullyQualifiedDomainName" => Some(Self::FullyQualifiedDomainName),
            "Regions" => Some(Self::Regions),
            "ResourcePath" => Some(Self::ResourcePath),
            "ChildHealthChecks" => Some(Self::ChildHealthChecks),
            _ => None,
        }
    }
}

impl fmt::Display for ResettableElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FullyQualifiedDomainName => "FullyQualifiedDomainName",
            Self::Regions => "Regions",
            Self::ResourcePath => "ResourcePath",
            Self::ChildHealthChecks => "ChildHealthChecks",
        })
    }
}

/// Why a health check was not updated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdateHealthCheckError {
    /// Somebody else was faster.
    #[error("the health check has version {current}, read it again before changing it, not version {given}")]
    VersionMismatch {
        /// What the caller has seen.
        given: u64,
        /// What it is.
        current: u64,
    },
    /// The changed config could not exist.
    #[error("the changed health check is not valid ({} faults)", .0.len())]
    Invalid(Vec<HealthCheckFault>),
}

impl HealthCheck {
    /// The same health check one version later. `version` is what the caller has seen, if it cares.
    ///
    /// # Errors
    /// Another version than the caller's, or a config that could not exist.
    pub fn update(&self, version: Option<u64>, changes: &HealthCheckChanges) -> Result<Self, UpdateHealthCheckError> {
        if let Some(given) = version.filter(|given| *given != self.version) {
            return Err(UpdateHealthCheckError::VersionMismatch { given, current: self.version });
        }
        let config = self.config.update(changes).map_err(UpdateHealthCheckError::Invalid)?;
        Ok(Self { config, version: self.version + 1, ..self.clone() })
    }
}

impl HealthCheckConfig {
    /// The config with `changes` applied.
    ///
    /// # Errors
    /// Every fault of the result, and changes that Route 53 does not allow.
    pub fn update(&self, changes: &HealthCheckChanges) -> Result<Self, Vec<HealthCheckFault>> {
        let mut faults = Vec::new();
        let has_address = matches!(
            &self.subject,
            Subject::Endpoint(endpoint) if matches!(endpoint.target, Target::Address { .. })
        );
        let endpoint = matches!(self.subject, Subject::Endpoint(_));
        if let Some(address) = &changes.ip_address
            && endpoint
            && address.is_empty() == has_address
        {
            faults.push(HealthCheckFault::AddressFixed);
        }
        let mut raw = self.raw();
        lay_over(&mut raw, changes);
        for &element in &changes.reset {
            let set = match element {
                ResettableElement::FullyQualifiedDomainName => {
                    raw.fully_qualified_domain_name = None;
                    changes.fully_qualified_domain_name.is_some()
                }
                ResettableElement::Regions => {
                    raw.regions = None;
                    changes.regions.is_some()
                }
                ResettableElement::ResourcePath => {
                    raw.resource_path = None;
                    changes.resource_path.is_some()
                }
                ResettableElement::ChildHealthChecks => {
                    raw.child_health_checks = None;
                    changes.child_health_checks.is_some()
                }
            };
            if set {
                faults.push(HealthCheckFault::SetAndReset { element });
            }
        }
        match Self::parse(&raw) {
            Ok(config) if faults.is_empty() => Ok(config),
            Ok(_) => Err(faults),
            Err(more) => Err(faults.into_iter().chain(more).collect()),
        }
    }
}

fn lay_over(raw: &mut RawHealthCheckConfig, changes: &HealthCheckChanges) {
    fn over<T: Clone>(field: &mut Option<T>, change: Option<&T>) {
        if let Some(value) = change {
            *field = Some(value.clone());
        }
    }
    // Taken apart in full, so that a new field cannot be forgotten here.
    let HealthCheckChanges {
        ip_address,
        port,
        resource_path,
        fully_qualified_domain_name,
        search_string,
        failure_threshold,
        inverted,
        disabled,
        health_threshold,
        child_health_checks,
        enable_sni,
        regions,
        alarm_identifier,
        insufficient_data_health_status,
        reset: _,
    } = changes;
    over(&mut raw.ip_address, ip_address.as_ref());
    over(&mut raw.port, port.as_ref());
    over(&mut raw.resource_path, resource_path.as_ref());
    over(&mut raw.fully_qualified_domain_name, fully_qualified_domain_name.as_ref());
    over(&mut raw.search_string, search_string.as_ref());
    over(&mut raw.failure_threshold, failure_threshold.as_ref());
    over(&mut raw.inverted, inverted.as_ref());
    over(&mut raw.disabled, disabled.as_ref());
    over(&mut raw.health_threshold, health_threshold.as_ref());
    over(&mut raw.child_health_checks, child_health_checks.as_ref());
    over(&mut raw.enable_sni, enable_sni.as_ref());
    over(&mut raw.regions, regions.as_ref());
    raw.alarm_identifier |= alarm_identifier;
    over(&mut raw.insufficient_data_health_status, insufficient_data_health_status.as_ref());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health_check::HealthCheckType;
    use crate::id::HealthCheckId;

    fn check(raw: &RawHealthCheckConfig) -> HealthCheck {
        HealthCheck {
            id: HealthCheckId::parse("h-1").unwrap(),
            caller_reference: "r".to_owned(),
            config: HealthCheckConfig::parse(raw).unwrap(),
            version: 1,
        }
    }

    fn http() -> HealthCheck {
        check(&RawHealthCheckConfig {
            kind: "HTTP".to_owned(),
            ip_address: Some("192.0.2.1".to_owned()),
            fully_qualified_domain_name: Some("w.test".to_owned()),
            resource_path: Some("/live".to_owned()),
            ..RawHealthCheckConfig::default()
        })
    }

    fn faults(check: &HealthCheck, changes: &HealthCheckChanges) -> Vec<HealthCheckFault> {
        check.config.update(changes).unwrap_err()
    }

    #[test]
    fn an_update_keeps_what_it_does_not_name_and_counts_the_version() {
        let changes = HealthCheckChanges { failure_threshold: Some(1), ..HealthCheckChanges::default() };
        let next = http().update(Some(1), &changes).unwrap();
        assert_eq!((next.version, next.config.raw().failure_threshold), (2, Some(1)));
        assert_eq!(next.config.raw().resource_path.as_deref(), Some("/live"));
        assert_eq!(
            next.update(Some(1), &changes),
            Err(UpdateHealthCheckError::VersionMismatch { given: 1, current: 2 })
        );
        assert_eq!(next.update(None, &changes).unwrap().version, 3);
    }

    #[test]
    fn an_address_changes_and_neither_comes_nor_goes() {
        let to = |address: &str| HealthCheckChanges {
            ip_address: Some(address.to_owned()),
            ..HealthCheckChanges::default()
        };
        assert_eq!(http().config.update(&to("192.0.2.2")).unwrap().raw().ip_address.as_deref(), Some("192.0.2.2"));
        assert_eq!(faults(&http(), &to("")), [HealthCheckFault::AddressFixed]);
        let named = check(&RawHealthCheckConfig { ip_address: None, ..http().config.raw() });
        assert_eq!(faults(&named, &to("192.0.2.2")), [HealthCheckFault::AddressFixed]);
    }

    #[test]
    fn a_reset_returns_a_field_to_its_default_unless_nothing_would_be_left_to_probe() {
        let reset = HealthCheckChanges {
            reset: vec![ResettableElement::FullyQualifiedDomainName, ResettableElement::ResourcePath],
            ..HealthCheckChanges::default()
        };
        let raw = http().config.update(&reset).unwrap().raw();
        assert_eq!((raw.fully_qualified_domain_name, raw.resource_path), (None, None));
        let named = check(&RawHealthCheckConfig { ip_address: None, ..http().config.raw() });
        assert!(matches!(faults(&named, &reset)[..], [HealthCheckFault::Missing { .. }]));
    }

    #[test]
    fn a_field_of_another_type_is_refused() {
        let changes = HealthCheckChanges { search_string: Some("OK".to_owned()), ..HealthCheckChanges::default() };
        assert_eq!(
            faults(&http(), &changes),
            [HealthCheckFault::Forbidden { kind: HealthCheckType::Http, field: "SearchString" }]
        );
    }
}
