//! What the commands of query logging configurations refuse, in AWS's terms.

use control::query_logging;

use super::Fault;

impl From<query_logging::NoSuchQueryLoggingConfig> for Fault {
    fn from(query_logging::NoSuchQueryLoggingConfig(id): query_logging::NoSuchQueryLoggingConfig) -> Fault {
        Fault::NoSuchQueryLoggingConfig { id: id.to_string() }
    }
}

impl From<query_logging::CreateError> for Fault {
    fn from(error: query_logging::CreateError) -> Fault {
        use query_logging::CreateError;
        let message = error.to_string();
        match error {
            CreateError::NoSuchHostedZone(missing) => Fault::from(missing),
            CreateError::Private(_) => Fault::InvalidInput { message },
            CreateError::AlreadyExists(zone) => Fault::QueryLoggingConfigAlreadyExists { id: zone.to_string() },
            CreateError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<query_logging::ListError> for Fault {
    fn from(error: query_logging::ListError) -> Fault {
        use query_logging::ListError;
        match error {
            ListError::NoSuchHostedZone(missing) => Fault::from(missing),
            ListError::Storage(error) => Fault::from(error),
        }
    }
}

impl From<query_logging::DeleteError> for Fault {
    fn from(error: query_logging::DeleteError) -> Fault {
        use query_logging::DeleteError;
        match error {
            DeleteError::NoSuchQueryLoggingConfig(missing) => Fault::from(missing),
            DeleteError::Storage(error) => Fault::from(error),
        }
    }
}
