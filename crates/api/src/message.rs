//! A request and a response as the routes of this crate see them: whole, with the sender proven.

use std::net::SocketAddr;

use control::{Meta, Receipt};
use http::request::Parts;
use hyper::body::Bytes;
use ring::rand::{SecureRandom, SystemRandom};

use crate::caller::Caller;
use crate::content::Content;
use crate::sigv4::Identity;

/// A response.
pub type Response = http::Response<Content>;

/// A request that was read to its end and whose sender is known.
#[derive(Debug)]
pub struct Request {
    /// Method, URI and headers as they came.
    pub parts: Parts,
    /// The whole body.
    pub body: Bytes,
    /// Who asks.
    pub sender: Sender,
    /// When it was admitted, in milliseconds since 1970.
    pub at_ms: u64,
    /// This request's own id, in the form of a UUID; it is on the response and in the log.
    pub id: String,
    /// Where the revision is noted that it makes.
    pub receipt: Receipt,
}

/// The other end of the connection, carried in the extensions of a request's parts. Behind a proxy that is the proxy:
/// headers that name others are not believed, since anybody can write them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client(pub SocketAddr);

impl Request {
    /// Who changes something, and when.
    #[must_use]
    pub fn meta(&self) -> Meta {
        Meta { receipt: self.receipt.clone(), ..Meta::new(self.sender.author(), self.at_ms) }
    }

    /// Where it came from; nothing for a request that came over no connection, as in tests.
    #[must_use]
    pub fn client(&self) -> Option<SocketAddr> {
        self.parts.extensions.get().map(|&Client(address)| address)
    }

    /// Who asks, for those who judge what may be done.
    pub(crate) fn caller(&self) -> Caller<'_> {
        Caller { sender: &self.sender, client: self.client().map(|address| address.ip()), at_ms: self.at_ms }
    }
}

/// Who asks.
#[derive(Debug, Clone)]
pub enum Sender {
    /// The holder of a key.
    Signed(Identity),
    /// Whoever may read the data folder.
    Operator,
    /// Anybody: the server was started open.
    Anyone,
}

impl Sender {
    /// Who is written into the log as the author of a change.
    #[must_use]
    pub fn author(&self) -> &str {
        match self {
            Sender::Signed(identity) => &identity.credential.author,
            Sender::Operator => "operator",
            Sender::Anyone => "anyone",
        }
    }
}

/// A response with a status and a text. Statuses come from tables, so a wrong one is our fault: 500.
pub fn plain(status: u16, text: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Content::whole(text));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// A fresh request id: a random UUID (RFC 9562 §5.4).
pub(crate) fn request_id() -> String {
    let mut bytes = [0_u8; 16];
    SystemRandom::new().fill(&mut bytes).expect("the system's randomness does not run dry once it has started");
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = |range: std::ops::Range<usize>| -> String { bytes[range].iter().map(|b| format!("{b:02x}")).collect() };
    [hex(0..4), hex(4..6), hex(6..8), hex(8..10), hex(10..16)].join("-")
}
