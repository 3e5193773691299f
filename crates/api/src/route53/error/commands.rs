//! What the commands of `control` refuse, in AWS's terms: one exhaustive match for each of their errors.

mod traffic_policies;

use control::{NoSuchHostedZone, StorageError, health_checks, hosted_zones, record_sets, tags};
use model::change::Faults;
use model::health_check::{HealthCheckFault, UpdateHealthCheckError};

use super::{Fault, Messages};

impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Fault {
        tracing::error!(error = &error as &dyn std::error::Error, "the store failed a request");
        match error {
            StorageError::Read(_) | StorageError::Write(_) => Fault::ServiceUnavailable,
            StorageError::Damaged { .. } => Fault::InternalFailure,
        }
    }
}

impl From<NoSuchHostedZone> for Fault {
    fn from(NoSuchHostedZone(id): NoSuchHostedZone) -> Fault {
        Fault::NoSuchHostedZone { id: id.to_string() }
    }
}

impl From<health_checks::NoSuchHealthCheck> for Fault {
    fn from(health_checks::NoSuchHealthCheck(id): health_checks::NoSuchHealthCheck) -> Fault {
        Fault::NoSuchHealthCheck { id: id.to_string() }
    }
}

impl From<hosted_zones::CreateError> for Fault {
    fn from(error: hosted_zones::CreateError) -> Fault {
        use hosted_zones::CreateError;
        let message = error.to_string();
        match error {
            CreateError::Name(_) => Fault::InvalidDomainName { message },
            CreateError::AlreadyExists(_) => Fault::HostedZoneAlreadyExists,
            CreateError::CallerReference(_) | CreateError::CommentTooLong(_) => Fault::InvalidInput { message },
            CreateError::TooMany(_) | CreateError::TooManyInSet { .. } => Fault::TooManyHostedZones { message },
            CreateError::NoSuchDelegationSet(missing) => Fault::from(missing),
            CreateError::DomainInSet { .. } | CreateError::VpcTaken(_) => Fault::ConflictingDomainExists { message },
            CreateError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<hosted_zones::UpdateCommentError> for Fault {
    fn from(error: hosted_zones::UpdateCommentError) -> Fault {
        use hosted_zones::UpdateCommentError;
        let message = error.to_string();
        match error {
            UpdateCommentError::NoSuchHostedZone(missing) => Fault::from(missing),
            UpdateCommentError::CommentTooLong(_) => Fault::InvalidInput { message },
            UpdateCommentError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<hosted_zones::DeleteError> for Fault {
    fn from(error: hosted_zones::DeleteError) -> Fault {
        use hosted_zones::DeleteError;
        let message = error.to_string();
        match error {
            DeleteError::NoSuchHostedZone(missing) => Fault::from(missing),
            DeleteError::NotEmpty | DeleteError::HasKeySigningKeys | DeleteError::HasTrafficPolicyInstances => {
                Fault::HostedZoneNotEmpty { message }
            }
            DeleteError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<Faults> for Fault {
    fn from(Faults(faults): Faults) -> Fault {
        Fault::InvalidChangeBatch { messages: Messages(faults.iter().map(ToString::to_string).collect()) }
    }
}

impl From<record_sets::ChangeError> for Fault {
    fn from(error: record_sets::ChangeError) -> Fault {
        use record_sets::ChangeError;
        let message = error.to_string();
        match error {
            ChangeError::NoSuchHostedZone(missing) => Fault::from(missing),
            ChangeError::NoSuchHealthCheck(id) => Fault::NoSuchHealthCheck { id: id.to_string() },
            ChangeError::CommentTooLong(_) => Fault::InvalidInput { message },
            ChangeError::Invalid(faults) => Fault::from(faults),
            // Route 53 has no locks; this is its word for a batch that cannot be made as it is.
            ChangeError::Locked(_) => Fault::InvalidChangeBatch { messages: Messages(vec![message]) },
            ChangeError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<record_sets::ListError> for Fault {
    fn from(error: record_sets::ListError) -> Fault {
        use record_sets::ListError;
        match error {
            ListError::NoSuchHostedZone(missing) => Fault::from(missing),
            ListError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<Vec<HealthCheckFault>> for Fault {
    fn from(faults: Vec<HealthCheckFault>) -> Fault {
        let messages: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Fault::InvalidInput { message: messages.join("; ") }
    }
}

impl From<health_checks::CreateError> for Fault {
    fn from(error: health_checks::CreateError) -> Fault {
        use health_checks::CreateError;
        let message = error.to_string();
        match error {
            CreateError::AlreadyExists(_) => Fault::HealthCheckAlreadyExists,
            CreateError::CallerReference(_) | CreateError::Child(_) => Fault::InvalidInput { message },
            CreateError::TooMany(_) => Fault::TooManyHealthChecks { message },
            CreateError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<health_checks::UpdateError> for Fault {
    fn from(error: health_checks::UpdateError) -> Fault {
        use health_checks::UpdateError;
        let message = error.to_string();
        match error {
            UpdateError::NoSuchHealthCheck(missing) => Fault::from(missing),
            UpdateError::Refused(UpdateHealthCheckError::VersionMismatch { given, current }) => {
                let signed = |version: u64| i64::try_from(version).unwrap_or(i64::MAX);
                Fault::HealthCheckVersionMismatch { given: signed(given), current: signed(current) }
            }
            UpdateError::Refused(UpdateHealthCheckError::Invalid(faults)) => Fault::from(faults),
            UpdateError::Child(_) => Fault::InvalidInput { message },
            UpdateError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<health_checks::DeleteError> for Fault {
    fn from(error: health_checks::DeleteError) -> Fault {
        use health_checks::DeleteError;
        match error {
            DeleteError::NoSuchHealthCheck(missing) => Fault::from(missing),
            DeleteError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<tags::NoSuchResource> for Fault {
    fn from(missing: tags::NoSuchResource) -> Fault {
        match missing {
            tags::NoSuchResource::HostedZone(missing) => Fault::from(missing),
            tags::NoSuchResource::HealthCheck(missing) => Fault::from(missing),
        }
    }
}

impl From<tags::ChangeError> for Fault {
    fn from(error: tags::ChangeError) -> Fault {
        use tags::ChangeError;
        let message = error.to_string();
        match error {
            ChangeError::NoSuchResource(missing) => Fault::from(missing),
            ChangeError::Invalid(_) => Fault::InvalidInput { message },
            ChangeError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<tags::ListError> for Fault {
    fn from(error: tags::ListError) -> Fault {
        use tags::ListError;
        match error {
            ListError::NoSuchResource(missing) => Fault::from(missing),
            ListError::Storage(error) => Fault::from(error),
        }
    }
}
