//! What the commands of reusable delegation sets refuse, in AWS's terms.

use control::delegation_sets;

use super::Fault;

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
