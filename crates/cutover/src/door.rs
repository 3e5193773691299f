//! Two ways to a data folder: through the server that holds it, or directly when none does.
//!
//! The folder's lock decides, not a file that may be stale: whoever gets the lock works on the store, everybody else
//! asks the holder.

use std::path::Path;
use std::sync::Arc;

use api::Native as _;
use control::seal::Seal;
use http_body_util::BodyExt as _;
use hyper::Method;
use serde_json::Value;
use store::{OpenError, Store};

use crate::client::{Client, Reply};

/// See the module.
pub(crate) enum Door {
    /// A server holds the folder.
    Server(Client),
    /// Nobody does; the store is ours until dropped.
    Store(Store),
}

impl Door {
    /// Opens the folder, creating it if it does not exist.
    ///
    /// # Errors
    /// The folder cannot be used, or its holder does not serve.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        match Store::open(folder) {
            Ok(store) => Ok(Self::Store(store)),
            Err(OpenError::InUse { .. }) => Client::of(folder).map(Self::Server),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Opens a folder that must exist: a name that was mistyped is told, not made.
    ///
    /// # Errors
    /// There is none, or it cannot be used.
    pub(crate) fn existing(folder: &Path) -> anyhow::Result<Self> {
        if !folder.exists() {
            anyhow::bail!("no data folder at {0}; start a server with `cutover serve --data {0}`", folder.display());
        }
        Self::open(folder)
    }

    /// Asks the native API: the server's, or one of our own on the store that nobody serves. One way to ask, and one
    /// place that answers.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub(crate) async fn ask(&self, method: Method, path: &str, kind: &str, body: Vec<u8>) -> anyhow::Result<Reply> {
        self.ask_under(None, None, method, path, kind, body).await
    }

    /// The same, with a seal for secrets and with places, which a server has itself.
    async fn ask_under(
        &self,
        seal: Option<Arc<Seal>>,
        places: Option<Arc<answer::Places>>,
        method: Method,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> anyhow::Result<Reply> {
        match self {
            Self::Server(client) => client.send(method, path, kind, body).await,
            Self::Store(store) => {
                let request = hyper::Request::builder().method(method).uri(path).header("content-type", kind);
                let request = api::Request {
                    parts: request.body(())?.into_parts().0,
                    body: body.into(),
                    sender: api::Sender::Operator,
                    at_ms: now_ms(),
                    id: "command line".to_owned(),
                    receipt: control::Receipt::default(),
                };
                let views = places.map_or_else(control::Views::none, control::Views::placed);
                let api = api::V1 { seal, views, ..api::V1::offline(store.clone(), random()) };
                let response = api.respond(&request).await;
                let status = response.status();
                let body = response.into_body().collect().await?.to_bytes();
                Ok(Reply { status, body })
            }
        }
    }

    /// Sends JSON and reads JSON.
    ///
    /// # Errors
    /// As [`Self::ask`], and a status that is no success, told in the API's words.
    pub(crate) async fn json(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let body = body.map(serde_json::to_vec).transpose()?.unwrap_or_default();
        self.ask(method, path, "application/json", body).await?.success()?.parse()
    }

    /// Sends JSON and reads JSON about secrets: where no server runs, under the master key in this file.
    ///
    /// # Errors
    /// As [`Self::json`], and a master key that cannot be used.
    pub(crate) async fn json_under(
        &self,
        master_key: &Path,
        method: Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let seal = match self {
            Self::Server(_) => None,
            Self::Store(store) => Some(crate::master_key::open(master_key, store).await?),
        };
        let body = serde_json::to_vec(body)?;
        self.ask_under(seal, None, method, path, "application/json", body).await?.success()?.parse()
    }

    /// Sends JSON and reads JSON about clients: where no server runs, the folder's default database says where they are.
    ///
    /// # Errors
    /// As [`Self::json`], and a database that cannot be read.
    pub(crate) async fn json_placed(&self, folder: &Path, path: &str, body: &Value) -> anyhow::Result<Value> {
        let places = match self {
            Self::Server(_) => None,
            Self::Store(_) => {
                let sources = crate::config::places::Table::default().sources(folder, Arc::default(), Vec::new());
                Some(sources.compile()?.0)
            }
        };
        let body = serde_json::to_vec(body)?;
        self.ask_under(None, places, Method::POST, path, "application/json", body).await?.success()?.parse()
    }

    /// The server on the folder, for what only a running server knows.
    ///
    /// # Errors
    /// None is running.
    pub(crate) fn server(folder: &Path) -> anyhow::Result<Client> {
        match Self::existing(folder)? {
            Self::Server(client) => Ok(client),
            Self::Store(_) => {
                anyhow::bail!("no server runs on {0}; start one with `cutover serve --data {0}`", folder.display())
            }
        }
    }
}

/// Runs one asynchronous piece of a command to its end.
///
/// # Errors
/// The piece's own, or no runtime to be had.
pub(crate) fn wait<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// Who changes something from the command line, and when.
pub(crate) fn meta() -> control::Meta {
    control::Meta::new("operator", now_ms())
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The system's randomness, for ids and secrets.
pub(crate) fn random() -> &'static control::Random {
    static RANDOM: std::sync::LazyLock<ring::rand::SystemRandom> =
        std::sync::LazyLock::new(ring::rand::SystemRandom::new);
    &*RANDOM
}
