//! One request of the native API, with its path taken apart.

use std::sync::Arc;

use control::Meta;
use model::limits::Limits;
use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::message::{Request, Sender};

/// See the module.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request,
    /// The parts of the path after `/v1/`, percent-decoded.
    pub(super) path: Vec<String>,
    query: Vec<(String, String)>,
}

impl<'a> Call<'a> {
    pub(super) fn read(request: &'a Request) -> Result<Self, Problem> {
        let uri = &request.parts.uri;
        let path = uri.path().strip_prefix("/v1/").unwrap_or_default();
        let path = path.split('/').map(decode).collect::<Result<_, _>>()?;
        let mut query = Vec::new();
        for pair in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            query.push((decode(key)?, decode(&value.replace('+', " "))?));
        }
        Ok(Self { request, path, query })
    }

    /// A query parameter.
    pub(super) fn query(&self, key: &str) -> Option<String> {
        self.query.iter().find(|(k, _)| k == key).map(|(_, value)| value.clone())
    }

    /// The body as JSON of this shape; unknown fields are the shape's to refuse.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.request.body)
            .map_err(|fault| Problem::invalid(format!("the body is not what this path takes: {fault}")))
    }

    /// What this sender may write: quotas bind customers, not the operator.
    pub(super) fn limits(&self, configured: &Arc<Limits>) -> Arc<Limits> {
        match self.request.sender {
            Sender::Operator => Arc::new(configured.without_quotas()),
            Sender::Signed(_) | Sender::Anyone => Arc::clone(configured),
        }
    }

    /// Who changes something, and when.
    pub(super) fn meta(&self) -> Meta {
        self.request.meta()
    }
}

/// Percent-decoding (RFC 3986 §2.1).
fn decode(text: &str) -> Result<String, Problem> {
    let fault = || Problem::invalid(format!("the URL is not percent-encoded text: {text}"));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().ok_or_else(fault)?, rest.next().ok_or_else(fault)?];
            let digits = std::str::from_utf8(&digits).map_err(|_| fault())?;
            bytes.push(u8::from_str_radix(digits, 16).map_err(|_| fault())?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| fault())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn names_with_odd_bytes_survive_a_path() {
        assert_eq!(decode("a%20b%2F%5C052.example").unwrap(), "a b/\\052.example");
        for text in ["%", "%1", "%zz", "%ff"] {
            assert!(decode(text).is_err(), "{text}");
        }
    }
}
