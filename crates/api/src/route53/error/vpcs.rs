//! What the commands of VPCs refuse, in AWS's terms.

use control::vpcs;

use super::Fault;

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
