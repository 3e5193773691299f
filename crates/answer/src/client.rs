//! Who asks, and the randomness of this one query.

use std::net::IpAddr;

use crate::identity::Identity;

/// What the reply may depend on besides question and view.
#[derive(Debug, Clone, Copy)]
pub struct Client<'i> {
    /// The address the query came from: the resolver's.
    pub address: IpAddr,
    /// How it came, which bounds the reply's size.
    pub transport: Transport,
    /// 64 random bits, new for each query; the same bits give the same reply.
    pub draw: u64,
    /// What the server it asks says of itself; no record depends on it.
    pub identity: &'i Identity,
    /// Seconds since 1970 in 32 bits, for cookies; no record depends on it.
    pub now_seconds: u32,
}

impl Client<'static> {
    /// One who asks a server that says nothing of itself: without a socket there is nobody to tell apart.
    #[must_use]
    pub fn new(address: IpAddr, transport: Transport, draw: u64) -> Self {
        Self { address, transport, draw, identity: Identity::SILENT, now_seconds: 0 }
    }
}

/// How a query came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams: 512 bytes, or what EDNS says up to [`crate::UDP_PAYLOAD_MAX`].
    Udp,
    /// A stream: as long as the length prefix can say.
    Tcp,
}
