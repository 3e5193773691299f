//! What DNS answers from, for those who ask without a socket: TestDNSAnswer, explanations, plans. They see the same view
//! through the same function as every worker.
//!
//! Before: `publish` sends views. Here nothing is decided.

use std::net::IpAddr;
use std::sync::Arc;

use answer::{AnswerRecord, Client, Outcome, Places, Snapshot, Transport, View};
use model::id::HostedZoneId;
use model::{Name, RecordType};
use tokio::sync::watch;

/// The newest view.
#[derive(Debug, Clone)]
pub struct Views(watch::Receiver<Arc<View>>);

/// What a worker would have replied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestedAnswer {
    /// The response code's mnemonic, such as `NXDOMAIN`.
    pub response_code: &'static str,
    /// The answer section.
    pub records: Vec<AnswerRecord>,
    /// Whether the reply would have needed TCP.
    pub over_tcp: bool,
}

impl Views {
    /// Follows what `publish` sends.
    #[must_use]
    pub fn new(receiver: watch::Receiver<Arc<View>>) -> Self {
        Self(receiver)
    }

    /// No zones at all, for ever: for those who work on a store that nobody serves.
    #[must_use]
    pub fn none() -> Self {
        Self::placed(Arc::default())
    }

    /// No zones either, but it is known where clients are.
    #[must_use]
    pub fn placed(places: Arc<Places>) -> Self {
        let view = View { snapshot: Arc::new(Snapshot::empty()), health: Arc::default(), places };
        Self(watch::channel(Arc::new(view)).1)
    }

    /// The newest view.
    #[must_use]
    pub fn current(&self) -> Arc<View> {
        Arc::clone(&self.0.borrow())
    }

    /// Asks one zone as a resolver at `resolver` would, with a client subnet if one is given. `draw` is this
    /// question's randomness.
    #[must_use]
    pub fn test(
        &self,
        zone: &HostedZoneId,
        name: &Name,
        record_type: RecordType,
        resolver: IpAddr,
        subnet: Option<(IpAddr, u8)>,
        draw: u64,
    ) -> TestedAnswer {
        let view = self.current();
        let message = answer::question(name, record_type, subnet);
        let client = |transport| Client::new(resolver, transport, draw);
        let mut out = vec![0; usize::from(u16::MAX)];
        let mut outcome = answer::answer_in(&view, zone, &message, &client(Transport::Udp), &mut out);
        let over_tcp = matches!(outcome, Outcome::Truncated(_));
        if over_tcp {
            outcome = answer::answer_in(&view, zone, &message, &client(Transport::Tcp), &mut out);
        }
        let reply = answer::read_reply(&out[..outcome.len()]);
        let (response_code, records) = reply.map_or((2, Vec::new()), |reply| (reply.response_code, reply.answer));
        TestedAnswer { response_code: mnemonic(response_code), records, over_tcp }
    }
}

/// Response codes by IANA's names, as far as we send them.
fn mnemonic(rcode: u8) -> &'static str {
    match rcode {
        0 => "NOERROR",
        1 => "FORMERR",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        6 => "YXDOMAIN",
        _ => "SERVFAIL",
    }
}
