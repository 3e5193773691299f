//! What the commands of CIDR collections refuse, in AWS's terms.

use control::cidr_collections;
use model::cidr::CollectionFault;

use super::Fault;

impl From<cidr_collections::NoSuchCidrCollection> for Fault {
    fn from(cidr_collections::NoSuchCidrCollection(id): cidr_collections::NoSuchCidrCollection) -> Fault {
        Fault::NoSuchCidrCollectionException { id: id.to_string() }
    }
}

impl From<cidr_collections::CreateError> for Fault {
    fn from(error: cidr_collections::CreateError) -> Fault {
        use cidr_collections::CreateError;
        let message = error.to_string();
        match error {
            CreateError::AlreadyExists(_) => Fault::CidrCollectionAlreadyExistsException { message },
            CreateError::TooMany(_) => Fault::LimitsExceeded { message },
            CreateError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<cidr_collections::ChangeError> for Fault {
    fn from(error: cidr_collections::ChangeError) -> Fault {
        use cidr_collections::ChangeError;
        let message = error.to_string();
        match error {
            ChangeError::NoSuchCidrCollection(missing) => Fault::from(missing),
            ChangeError::Refused(CollectionFault::Version { .. }) => {
                Fault::CidrCollectionVersionMismatchException { message }
            }
            ChangeError::Refused(CollectionFault::BlockInUse { .. }) => Fault::CidrBlockInUseException { message },
            ChangeError::TooManyNamed { .. } | ChangeError::Refused(CollectionFault::TooManyBlocks(_)) => {
                Fault::LimitsExceeded { message }
            }
            ChangeError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<cidr_collections::DeleteError> for Fault {
    fn from(error: cidr_collections::DeleteError) -> Fault {
        use cidr_collections::DeleteError;
        let message = error.to_string();
        match error {
            DeleteError::NoSuchCidrCollection(missing) => Fault::from(missing),
            DeleteError::NotEmpty(_) | DeleteError::InUse(_) => Fault::CidrCollectionInUseException { message },
            DeleteError::Storage(error) => Fault::from(error),
        }
    }
}
