//! What the commands of traffic policies and their instances refuse, in AWS's terms.

use control::traffic_policies::{self, NoSuchTrafficPolicy};
use control::traffic_policy_instances::{self, NoSuchTrafficPolicyInstance};

use super::super::Fault;

impl From<NoSuchTrafficPolicy> for Fault {
    fn from(NoSuchTrafficPolicy { id, version }: NoSuchTrafficPolicy) -> Fault {
        let version = version.map(|version| format!(", version {version}")).unwrap_or_default();
        Fault::NoSuchTrafficPolicy { id: format!("{id}{version}") }
    }
}

impl From<NoSuchTrafficPolicyInstance> for Fault {
    fn from(NoSuchTrafficPolicyInstance(id): NoSuchTrafficPolicyInstance) -> Fault {
        Fault::NoSuchTrafficPolicyInstance { id: id.to_string() }
    }
}

impl From<traffic_policies::CreateError> for Fault {
    fn from(error: traffic_policies::CreateError) -> Fault {
        use traffic_policies::CreateError;
        let message = error.to_string();
        match error {
            CreateError::Name(_) | CreateError::CommentTooLong(_) => Fault::InvalidInput { message },
            CreateError::Document(_) => Fault::InvalidTrafficPolicyDocument { message },
            CreateError::AlreadyExists(name) => Fault::TrafficPolicyAlreadyExists { name },
            CreateError::TooMany(_) => Fault::TooManyTrafficPolicies { message },
            CreateError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<traffic_policies::CreateVersionError> for Fault {
    fn from(error: traffic_policies::CreateVersionError) -> Fault {
        use traffic_policies::CreateVersionError;
        let message = error.to_string();
        match error {
            CreateVersionError::NoSuchTrafficPolicy(missing) => Fault::from(missing),
            CreateVersionError::CommentTooLong(_) => Fault::InvalidInput { message },
            CreateVersionError::Document(_) => Fault::InvalidTrafficPolicyDocument { message },
            CreateVersionError::TooMany(_) | CreateVersionError::NumbersUsed => {
                Fault::TooManyTrafficPolicyVersionsForCurrentPolicy { message }
            }
            CreateVersionError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<traffic_policies::ListError> for Fault {
    fn from(error: traffic_policies::ListError) -> Fault {
        use traffic_policies::ListError;
        let message = error.to_string();
        match error {
            ListError::Marker(_) => Fault::InvalidInput { message },
            ListError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<traffic_policies::ListVersionsError> for Fault {
    fn from(error: traffic_policies::ListVersionsError) -> Fault {
        use traffic_policies::ListVersionsError;
        match error {
            ListVersionsError::NoSuchTrafficPolicy(missing) => Fault::from(missing),
            ListVersionsError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<traffic_policies::UpdateCommentError> for Fault {
    fn from(error: traffic_policies::UpdateCommentError) -> Fault {
        use traffic_policies::UpdateCommentError;
        let message = error.to_string();
        match error {
            UpdateCommentError::NoSuchTrafficPolicy(missing) => Fault::from(missing),
            UpdateCommentError::CommentTooLong(_) => Fault::InvalidInput { message },
            UpdateCommentError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<traffic_policies::DeleteError> for Fault {
    fn from(error: traffic_policies::DeleteError) -> Fault {
        use traffic_policies::DeleteError;
        let message = error.to_string();
        match error {
            DeleteError::NoSuchTrafficPolicy(missing) => Fault::from(missing),
            DeleteError::InUse(_) => Fault::TrafficPolicyInUse { message },
            DeleteError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<traffic_policy_instances::CreateError> for Fault {
    fn from(error: traffic_policy_instances::CreateError) -> Fault {
        use traffic_policy_instances::CreateError;
        let message = error.to_string();
        match error {
            CreateError::NoSuchHostedZone(missing) => Fault::from(missing),
            CreateError::NoSuchTrafficPolicy(missing) => Fault::from(missing),
            CreateError::PrivateZone(_) | CreateError::NotInZone(_) => Fault::InvalidInput { message },
            CreateError::AlreadyExists { .. } => Fault::TrafficPolicyInstanceAlreadyExists { message },
            CreateError::TooMany(_) => Fault::TooManyTrafficPolicyInstances { message },
            CreateError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<traffic_policy_instances::UpdateError> for Fault {
    fn from(error: traffic_policy_instances::UpdateError) -> Fault {
        use traffic_policy_instances::UpdateError;
        let message = error.to_string();
        match error {
            UpdateError::NoSuchTrafficPolicyInstance(missing) => Fault::from(missing),
            UpdateError::NoSuchTrafficPolicy(missing) => Fault::from(missing),
            UpdateError::ConflictingTypes { .. } => Fault::ConflictingTypes { message },
            UpdateError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<traffic_policy_instances::DeleteError> for Fault {
    fn from(error: traffic_policy_instances::DeleteError) -> Fault {
        use traffic_policy_instances::DeleteError;
        let message = error.to_string();
        match error {
            DeleteError::NoSuchTrafficPolicyInstance(missing) => Fault::from(missing),
            DeleteError::InUse(_) => Fault::InvalidInput { message },
            DeleteError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<traffic_policy_instances::ListError> for Fault {
    fn from(error: traffic_policy_instances::ListError) -> Fault {
        use traffic_policy_instances::ListError;
        match error {
            ListError::Marker(place) => Fault::NoSuchTrafficPolicyInstance { id: place.to_string() },
            ListError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<traffic_policy_instances::ListInZoneError> for Fault {
    fn from(error: traffic_policy_instances::ListInZoneError) -> Fault {
        use traffic_policy_instances::ListInZoneError;
        match error {
            ListInZoneError::NoSuchHostedZone(missing) => Fault::from(missing),
            ListInZoneError::List(error) => Fault::from(error),
        }
    }
}

impl From<traffic_policy_instances::ListByPolicyError> for Fault {
    fn from(error: traffic_policy_instances::ListByPolicyError) -> Fault {
        use traffic_policy_instances::ListByPolicyError;
        match error {
            ListByPolicyError::NoSuchTrafficPolicy(missing) => Fault::from(missing),
            ListByPolicyError::List(error) => Fault::from(error),
        }
    }
}
