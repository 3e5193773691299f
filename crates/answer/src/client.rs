//! Who asks, and the randomness of this one query.

use std::net::IpAddr;

/// What the answer may depend on besides question and view.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// The address the query came from: the resolver's.
    pub address: IpAddr,
    /// How it came, which bounds the reply's size.
    pub transport: Transport,
    /// 64 random bits, new for each query; the same bits give the same reply.
    pub draw: u64,
}

/// How a query came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams: 512 bytes, or what EDNS says up to [`crate::UDP_PAYLOAD_MAX`].
    Udp,
    /// A stream: as long as the length prefix can say.
    Tcp,
}
