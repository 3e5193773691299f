//! Who hears of what: what the configuration of the server says is kept in the store, so that the transaction that changes a
//! deployment knows for whom to leave a notice; what a service says of a receiver goes before it.

use std::collections::{BTreeMap, BTreeSet};

use model::deployment::{NoticeEvent, Notify};
use model::id::ServiceName;
use serde::{Deserialize, Serialize};

/// The receivers of the configuration, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Receivers(pub BTreeMap<String, Hears>);

/// What a receiver hears of without being named by a service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hears {
    /// Of these services; none: of all.
    pub services: Option<BTreeSet<ServiceName>>,
    /// Of these events; of all there are, if empty.
    pub events: BTreeSet<NoticeEvent>,
}

impl Receivers {
    /// Who hears of an event of a service with this policy.
    pub(super) fn of(&self, service: &ServiceName, policy: &[Notify], event: NoticeEvent) -> BTreeSet<String> {
        let named = policy.iter().filter(|notify| notify.events.is_empty() || notify.events.contains(&event));
        let configured = self.0.iter().filter(|(name, hears)| {
            policy.iter().all(|notify| notify.to != **name)
                && hears.services.as_ref().is_none_or(|services| services.contains(service))
                && (hears.events.is_empty() || hears.events.contains(&event))
        });
        named.map(|notify| notify.to.clone()).chain(configured.map(|(name, _)| name.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_says_of_a_receiver_goes_before_the_configuration() {
        let shop = ServiceName::parse("shop").unwrap();
        let hears = |services: Option<&str>, events: &[NoticeEvent]| Hears {
            services: services.map(|name| [ServiceName::parse(name).unwrap()].into()),
            events: events.iter().copied().collect(),
        };
        let receivers = Receivers(BTreeMap::from([
            ("all".to_owned(), hears(None, &[])),
            ("blocked".to_owned(), hears(None, &[NoticeEvent::RollbackBlocked])),
            ("others".to_owned(), hears(Some("desk"), &[])),
        ]));
        let notify = |to: &str, events: &[NoticeEvent]| Notify { to: to.into(), events: events.to_vec() };
        let of = |policy: &[Notify], event| receivers.of(&shop, policy, event).into_iter().collect::<Vec<_>>();
        assert_eq!(of(&[], NoticeEvent::Step), ["all"]);
        assert_eq!(of(&[], NoticeEvent::RollbackBlocked), ["all", "blocked"]);
        let policy = [notify("all", &[NoticeEvent::Paused]), notify("others", &[]), notify("unknown", &[])];
        assert_eq!(of(&policy, NoticeEvent::Step), ["others", "unknown"]);
        assert_eq!(of(&policy, NoticeEvent::Paused), ["all", "others", "unknown"]);
    }
}
