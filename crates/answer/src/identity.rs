//! What a server says of itself when a query asks by an EDNS option. It stays the same while the server runs.
//!
//! Before: configuration. After: `opt` writes it into replies. No record depends on it.

use crate::cookies::CookieSecrets;

/// See the module. The default says nothing.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// What tells this server from others behind the same address.
    pub nsid: Option<Nsid>,
    /// How cookies are made; without it cookies are ignored like options that we do not know.
    pub cookies: Option<CookieSecrets>,
    /// How long a TCP connection may be idle before we close it, in tenths of a second.
    pub tcp_idle_tenths: Option<u16>,
}

/// A name of one server in replies (RFC 5001).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nsid(Box<[u8]>);

/// Why a text is no [`Nsid`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NsidFault {
    /// Nothing would be said.
    #[error("it is empty; leave it out instead")]
    Empty,
    /// A reply of 512 bytes must have room for it beside the longest question and all other options.
    #[error("it has more than {NSID_BYTES_MAX} bytes: {0}")]
    TooLong(usize),
}

/// Longest server name in replies, in bytes. RFC 5001 has no bound.
pub const NSID_BYTES_MAX: usize = 128;

impl Identity {
    /// Says nothing.
    pub const SILENT: &'static Self = &Self { nsid: None, cookies: None, tcp_idle_tenths: None };
}

impl Nsid {
    /// Takes the bytes that are to be sent.
    ///
    /// # Errors
    /// None, or too many.
    pub fn new(bytes: &[u8]) -> Result<Self, NsidFault> {
        match bytes.len() {
            0 => Err(NsidFault::Empty),
            1..=NSID_BYTES_MAX => Ok(Self(bytes.into())),
            length => Err(NsidFault::TooLong(length)),
        }
    }

    /// What is sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}
