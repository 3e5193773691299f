//! A deployment as bytes for the store: JSON under a tag with the version of the form, so that a later build can read
//! what an earlier one wrote.

use model::deployment::Deployment;
use serde::{Deserialize, Serialize};

/// Bytes that are no deployment of a known form.
#[derive(Debug, thiserror::Error)]
#[error("not a stored deployment")]
pub struct StoredError(#[source] serde_json::Error);

#[derive(Serialize)]
enum Written<'a> {
    #[serde(rename = "deployment.v1")]
    V1(&'a Deployment),
}

#[derive(Deserialize)]
enum Stored {
    #[serde(rename = "deployment.v1")]
    V1(Box<Deployment>),
}

/// The bytes of a deployment.
#[must_use]
pub fn write(deployment: &Deployment) -> Vec<u8> {
    serde_json::to_vec(&Written::V1(deployment)).expect("nouns of the model are representable in JSON")
}

/// A deployment from its bytes.
///
/// # Errors
/// Other bytes, or a form of a later build.
pub fn read(bytes: &[u8]) -> Result<Deployment, StoredError> {
    let Stored::V1(deployment) = serde_json::from_slice(bytes).map_err(StoredError)?;
    Ok(*deployment)
}
