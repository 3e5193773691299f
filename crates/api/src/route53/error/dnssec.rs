//! What the commands of DNSSEC keys refuse, in AWS's terms.

use control::dnssec::{CreateError, DeleteError, EnableError, ListError, NoSuchKeySigningKey, SetStatusError};

use super::Fault;

impl From<NoSuchKeySigningKey> for Fault {
    fn from(NoSuchKeySigningKey { zone: _, name }: NoSuchKeySigningKey) -> Fault {
        Fault::NoSuchKeySigningKey { name: name.to_string() }
    }
}

impl From<CreateError> for Fault {
    fn from(error: CreateError) -> Fault {
        let message = error.to_string();
        match error {
            CreateError::NoSuchHostedZone(missing) => Fault::from(missing),
            CreateError::PrivateZone => Fault::InvalidArgument { message },
            CreateError::NameTaken(_) | CreateError::ArnTaken(_) | CreateError::CallerReferenceTaken(_) => {
                Fault::KeySigningKeyAlreadyExists { message }
            }
            CreateError::TooMany(_) => Fault::TooManyKeySigningKeys { message },
            CreateError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<SetStatusError> for Fault {
    fn from(error: SetStatusError) -> Fault {
        let message = error.to_string();
        match error {
            SetStatusError::NoSuchKeySigningKey(missing) => Fault::from(missing),
            SetStatusError::Already { .. } => Fault::InvalidKeySigningKeyStatus { message },
            SetStatusError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<DeleteError> for Fault {
    fn from(error: DeleteError) -> Fault {
        let message = error.to_string();
        match error {
            DeleteError::NoSuchKeySigningKey(missing) => Fault::from(missing),
            DeleteError::NotInactive(_) => Fault::InvalidKeySigningKeyStatus { message },
            DeleteError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<ListError> for Fault {
    fn from(error: ListError) -> Fault {
        let message = error.to_string();
        match error {
            ListError::NoSuchHostedZone(missing) => Fault::from(missing),
            ListError::PrivateZone => Fault::InvalidArgument { message },
            ListError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<EnableError> for Fault {
    fn from(error: EnableError) -> Fault {
        let message = error.to_string();
        match error {
            EnableError::List(error) => Fault::from(error),
            EnableError::NoActiveKey(_) => Fault::KeySigningKeyWithActiveStatusNotFound { message },
            EnableError::NotOffered(_) => Fault::InvalidArgument { message },
        }
    }
}
