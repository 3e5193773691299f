//! The command line's HTTP client for the server that holds a data folder: where it listens and the operator's token
//! are read from the folder, so whoever may read the folder may operate the server.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// Where a running server listens; written by `serve` once it answers.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Listening {
    /// DNS over UDP and TCP.
    pub(crate) dns: Vec<SocketAddr>,
    /// The HTTP API.
    pub(crate) api: SocketAddr,
}

/// The file of [`Listening`] in the data folder.
pub(crate) const LISTENING: &str = "listening.json";
/// The file of the operator's token in the data folder, for its owner's eyes only; new at each start.
pub(crate) const OPERATOR_TOKEN: &str = "operator-token";

/// A client of the server on one data folder.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) listening: Listening,
    token: String,
}

/// What the server answered.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl Client {
    /// Reads the folder of a running server.
    ///
    /// # Errors
    /// The server does not answer yet, or the folder is not the caller's to read.
    pub(crate) fn of(folder: &Path) -> anyhow::Result<Self> {
        let read = |file: &str| {
            let path = folder.join(file);
            std::fs::read_to_string(&path).with_context(|| {
                format!("a server holds {} but does not serve yet: cannot read {}", folder.display(), path.display())
            })
        };
        let listening = serde_json::from_str(&read(LISTENING)?).context("listening.json is not what `serve` writes")?;
        Ok(Self { listening, token: read(OPERATOR_TOKEN)?.trim().to_owned() })
    }

    /// Sends one request on a connection of its own; any status is an answer.
    ///
    /// # Errors
    /// No connection, or it broke.
    pub(crate) async fn send(&self, method: Method, path: &str, kind: &str, body: Vec<u8>) -> anyhow::Result<Reply> {
        self.send_with(method, path, kind, &[], body).await
    }

    /// The same with more headers.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub(crate) async fn send_with(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> anyhow::Result<Reply> {
        let (response, connection) = self.open(method, path, kind, headers, body).await?;
        let status = response.status();
        let body = response.into_body().collect().await.context("the reply broke off")?.to_bytes();
        connection.abort();
        Ok(Reply { status, body })
    }

    /// Sends one request, and gives the reply before its body has come; the connection lives as long as the task.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub(crate) async fn open(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> anyhow::Result<(Response<Incoming>, JoinHandle<hyper::Result<()>>)> {
        let address = self.listening.api;
        let stream = TcpStream::connect(address)
            .await
            .with_context(|| format!("cannot reach the server's API at {address}; is it stopping?"))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .method(method)
            .uri(path)
            .header("host", address.to_string())
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", kind)
            .body(Full::new(Bytes::from(body)))?;
        let response = sender.send_request(request).await.context("the server closed the connection")?;
        Ok((response, connection))
    }

    /// Sends JSON and reads JSON.
    ///
    /// # Errors
    /// As [`Self::send`], and a status that is no success, told in the server's words.
    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> anyhow::Result<T> {
        let body = body.map(serde_json::to_vec).transpose()?.unwrap_or_default();
        self.send(method, path, "application/json", body).await?.success()?.parse()
    }
}

impl Reply {
    /// Refuses all but 2xx, with the detail of the problem document (RFC 9457 §3.1.4).
    ///
    /// # Errors
    /// The server's own words.
    pub(crate) fn success(self) -> anyhow::Result<Self> {
        if self.status.is_success() {
            return Ok(self);
        }
        let problem: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let detail = problem["detail"].as_str().map(str::to_owned);
        let code = problem["code"].as_str().map(|code| format!("{code}: ")).unwrap_or_default();
        let hint = problem["hint"].as_str().map(|hint| format!(" ({hint})")).unwrap_or_default();
        match detail {
            Some(detail) => anyhow::bail!("{code}{detail}{hint}"),
            None => anyhow::bail!("the server answered {}: {}", self.status, String::from_utf8_lossy(&self.body)),
        }
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// It is none, or not of this shape.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        serde_json::from_slice(&self.body).context("the server's reply is not what this version expects")
    }
}

/// A percent-encoded path or query part (RFC 3986 §2.1).
pub(crate) fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing to a string cannot fail");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn names_with_odd_bytes_survive_a_path() {
        assert_eq!(encode("a b/\\052.example"), "a%20b%2F%5C052.example");
    }
}
