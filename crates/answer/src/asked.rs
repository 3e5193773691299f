//! What a query log wants to know of a query, in a value that needs no memory of its own.
//!
//! Before: `answer` found a zone whose queries are logged. After: `serve` puts it into a queue.

use model::id::HostedZoneId;
use model::prefix::Prefix;
use model::{Name, RecordType};

use crate::edns::Edns;
use crate::query::Query;
use crate::zone::Zone;

/// A question to a zone whose queries are logged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    zone: Short<32>,
    name: Short<255>,
    record_type: RecordType,
    client: Option<Prefix>,
}

/// A few bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Short<const N: usize> {
    bytes: [u8; N],
    length: u8,
}

impl Asked {
    pub(crate) fn new(zone: &Zone, query: &Query<'_>) -> Self {
        Self {
            zone: Short::of(zone.id.as_str().as_bytes()),
            name: Short::of(query.name),
            record_type: query.record_type,
            client: query.edns.as_ref().and_then(Edns::client),
        }
    }

    /// The zone that answered.
    #[must_use]
    pub fn zone(&self) -> HostedZoneId {
        let text = str::from_utf8(self.zone.as_slice()).expect("an id is text");
        HostedZoneId::parse(text).expect("it was an id")
    }

    /// The name asked for.
    #[must_use]
    pub fn name(&self) -> Name {
        Name::from_wire(self.name.as_slice()).expect("the question was read")
    }

    /// The type asked for.
    #[must_use]
    pub fn record_type(&self) -> RecordType {
        self.record_type
    }

    /// The Client Subnet, if the query had one that says anything.
    #[must_use]
    pub fn client_subnet(&self) -> Option<Prefix> {
        self.client
    }
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asked")
            .field("zone", &self.zone())
            .field("name", &self.name())
            .field("record_type", &self.record_type)
            .field("client", &self.client)
            .finish()
    }
}

impl<const N: usize> Short<N> {
    /// Ids have at most 32 characters, names at most 255 bytes.
    fn of(text: &[u8]) -> Self {
        let mut bytes = [0; N];
        bytes[..text.len()].copy_from_slice(text);
        Self { bytes, length: u8::try_from(text.len()).expect("at most 255") }
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}
