//! What went wrong with a request, and whether a write may have been taken all the same.

use std::error::Error;

use aws_sdk_route53::error::{ProvideErrorMetadata, SdkError};

/// A request that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    /// For people.
    pub(crate) text: String,
}

/// What it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The account asks too much.
    Throttled,
    /// Another change of the zone is not done yet. Nothing was changed.
    Busy,
    /// The record sets are not those that the batch was made for. Nothing was changed.
    Stale,
    /// Refused for another reason, or never sent. Nothing was changed.
    Refused,
    /// No answer, or one that says nothing: it may have been done.
    Unknown,
}

/// Judges what the SDK gives back.
pub(crate) fn of<E>(error: &SdkError<E>) -> Fault
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let text = told(error);
    let kind = match error {
        SdkError::ConstructionFailure(_) => Kind::Refused,
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            match service.err().code() {
                // R53: "Throttling: Rate exceeded" is a 400, as are those of other services.
                Some("Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequestsException") => {
                    Kind::Throttled
                }
                Some("PriorRequestNotComplete") => Kind::Busy,
                Some("InvalidChangeBatch") => Kind::Stale,
                _ if status == 429 => Kind::Throttled,
                _ if (400..500).contains(&status) => Kind::Refused,
                // Also one that says that it was done, and not what.
                _ => Kind::Unknown,
            }
        }
        // No answer, half of one, or none that can be read.
        _ => Kind::Unknown,
    };
    Fault { kind, text }
}

/// The whole chain in one line; of an answer, its code and message.
fn told<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let SdkError::ServiceError(service) = error {
        let (code, message) = (service.err().code(), service.err().message());
        if let Some(code) = code {
            return message.map_or(code.to_owned(), |message| format!("{code}: {message}"));
        }
        return format!("status {}", service.raw().status().as_u16());
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = next.source();
    }
    text
}
