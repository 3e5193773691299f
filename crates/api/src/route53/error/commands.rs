//! What the commands of `control` refuse, in AWS's terms: one exhaustive match for each of their errors.

use control::{NoSuchHostedZone, StorageError, delegation_sets, health_checks, hosted_zones, record_sets, tags, vpcs};
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
            DeleteError::NotEmpty => Fault::HostedZoneNotEmpty { message },
            DeleteError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<delegation_sets::NoSuchDelegationSet> for Fault {
    fn from(delegation_sets::NoSuchDelegationSet(id): delegation_sets::NoSuchDelegationSet) -> Fault {
        Fault::NoSuchDelegationSet { id: id.to_string() }
    }
}

impl From<delegation_sets::CreateError> for Fault {
    fn from(error: delegation_sets::CreateError) -> Fault {
        use delegation_sets::CreateError;
        let message = error.to_string();
        match error {
            CreateError::AlreadyCreated(_) => Fault::DelegationSetAlreadyCreated,
            CreateError::AlreadyReusable(_) => Fault::DelegationSetAlreadyReusable,
            CreateError::HostedZoneNotFound(id) => Fault::HostedZoneNotFound { id: id.to_string() },
            CreateError::PrivateZone(_) => Fault::InvalidArgument { message },
            CreateError::CallerReference(_) => Fault::InvalidInput { message },
            CreateError::TooMany(_) => Fault::LimitsExceeded { message },
            CreateError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<delegation_sets::DeleteError> for Fault {
    fn from(error: delegation_sets::DeleteError) -> Fault {
        use delegation_sets::DeleteError;
        match error {
            DeleteError::NoSuchDelegationSet(missing) => Fault::from(missing),
            DeleteError::InUse(id) => Fault::DelegationSetInUse { id: id.to_string() },
            DeleteError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<delegation_sets::ListZonesError> for Fault {
    fn from(error: delegation_sets::ListZonesError) -> Fault {
        use delegation_sets::ListZonesError;
        match error {
            ListZonesError::NoSuchDelegationSet(missing) => Fault::from(missing),
            ListZonesError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<vpcs::AssociateError> for Fault {
    fn from(error: vpcs::AssociateError) -> Fault {
        use vpcs::AssociateError;
        let message = error.to_string();
        match error {
            AssociateError::NoSuchHostedZone(missing) => Fault::from(missing),
            AssociateError::PublicZone { .. } => Fault::PublicZoneVPCAssociation { message },
            AssociateError::Taken(_) => Fault::ConflictingDomainExists { message },
            AssociateError::TooMany(_) => Fault::LimitsExceeded { message },
            AssociateError::CommentTooLong(_) => Fault::InvalidInput { message },
            AssociateError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<vpcs::DisassociateError> for Fault {
    fn from(error: vpcs::DisassociateError) -> Fault {
        use vpcs::DisassociateError;
        let message = error.to_string();
        match error {
            DisassociateError::NoSuchHostedZone(missing) => Fault::from(missing),
            DisassociateError::NotAssociated(vpc) => Fault::VPCAssociationNotFound { vpc: vpc.id.to_string() },
            DisassociateError::Last(_) => Fault::LastVPCAssociation { message },
            DisassociateError::CommentTooLong(_) => Fault::InvalidInput { message },
            DisassociateError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<vpcs::AuthorizeError> for Fault {
    fn from(error: vpcs::AuthorizeError) -> Fault {
        use vpcs::AuthorizeError;
        let message = error.to_string();
        match error {
            AuthorizeError::NoSuchHostedZone(missing) => Fault::from(missing),
            AuthorizeError::PublicZone(_) => Fault::InvalidInput { message },
            AuthorizeError::TooMany(_) => Fault::TooManyVPCAssociationAuthorizations { message },
            AuthorizeError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<vpcs::DeauthorizeError> for Fault {
    fn from(error: vpcs::DeauthorizeError) -> Fault {
        use vpcs::DeauthorizeError;
        match error {
            DeauthorizeError::NoSuchHostedZone(missing) => Fault::from(missing),
            DeauthorizeError::NotAuthorized(vpc) => {
                Fault::VPCAssociationAuthorizationNotFound { vpc: vpc.id.to_string() }
            }
            DeauthorizeError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<vpcs::ListAuthorizationsError> for Fault {
    fn from(error: vpcs::ListAuthorizationsError) -> Fault {
        use vpcs::ListAuthorizationsError;
        match error {
            ListAuthorizationsError::NoSuchHostedZone(missing) => Fault::from(missing),
            ListAuthorizationsError::Storage(error) => Fault::from(error),
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
