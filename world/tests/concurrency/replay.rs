//! Explains what the clients saw by the order of the log.
//!
//! The log tells in what order the accepted batches came. Each must have been possible where it stands, every refusal and
//! every listing must agree with the zone at one moment between its request and its reply, and no two orders may
//! contradict: what was acknowledged before a request was sent lies before it.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use super::batch::{Key, Look, Zone, apply};
use super::caller::{Exchange, Listed, Seen, Tried};

/// Each record set with the positions at which it changed, and how many there are after each.
struct Past {
    values: HashMap<Key, Vec<(usize, Option<String>)>>,
    counts: Vec<usize>,
}

/// The zone after so many entries of the log.
struct At<'a>(&'a Past, usize);

impl Past {
    /// Adds what the next entry of the log left.
    fn push(&mut self, left: BTreeMap<Key, Option<String>>) {
        let (position, mut count) = (self.counts.len(), self.counts[self.counts.len() - 1]);
        for (key, value) in left {
            let before = At(self, position - 1).look(&key).is_some();
            count = count + usize::from(value.is_some()) - usize::from(before);
            self.values.entry(key).or_default().push((position, value));
        }
        self.counts.push(count);
    }

    fn is(&self, position: usize, zone: &Zone) -> bool {
        self.counts[position] == zone.len() && self.shows(position, zone)
    }

    fn shows(&self, position: usize, part: &Zone) -> bool {
        let at = At(self, position);
        part.iter().all(|(key, value)| at.look(key) == Some(value))
    }
}

impl Look for At<'_> {
    fn look(&self, key: &Key) -> Option<&str> {
        let changes = self.0.values.get(key)?;
        let before = changes.partition_point(|(position, _)| *position <= self.1);
        changes[..before].last()?.1.as_deref()
    }
}

/// Between which positions of the log something must lie.
struct Bounds {
    /// Accepted batches by the moment of their reply, each with the furthest position acknowledged until then.
    acknowledged: Vec<(Instant, usize)>,
    /// By the moment of the request, each with the nearest position of those sent from then on.
    sent: Vec<(Instant, usize)>,
    end: usize,
}

impl Bounds {
    fn new(accepted: &[(&Exchange<Tried>, usize)], end: usize) -> Self {
        let mut acknowledged: Vec<_> = accepted.iter().map(|(e, position)| (e.received, *position)).collect();
        acknowledged.sort_unstable();
        let mut furthest = 0;
        for (_, position) in &mut acknowledged {
            furthest = furthest.max(*position);
            *position = furthest;
        }
        let mut sent: Vec<_> = accepted.iter().map(|(e, position)| (e.sent, *position)).collect();
        sent.sort_unstable();
        let mut nearest = end + 1;
        for (_, position) in sent.iter_mut().rev() {
            nearest = nearest.min(*position);
            *position = nearest;
        }
        Self { acknowledged, sent, end }
    }

    /// How many entries the zone may have had in between.
    fn of<T>(&self, exchange: &Exchange<T>) -> std::ops::RangeInclusive<usize> {
        let before = self.acknowledged.partition_point(|(moment, _)| *moment <= exchange.sent);
        let low = self.acknowledged[..before].last().map_or(0, |(_, position)| *position);
        let after = self.sent.partition_point(|(moment, _)| *moment < exchange.received);
        let high = self.sent.get(after).map_or(self.end, |(_, position)| position - 1);
        low..=high
    }
}

/// What was explained, for people.
#[derive(Debug, Default)]
pub(crate) struct Explained {
    pub(crate) refused: usize,
    pub(crate) listings: usize,
}

/// `log` has the change ids in order; `keys` the access key of each caller, by whom the log says a change was made.
pub(crate) fn explain(seen: &[Seen], log: &[(String, String)], keys: &[String], last: &Zone) -> Explained {
    let tried: Vec<&Exchange<Tried>> = seen.iter().flat_map(|seen| &seen.tried).collect();
    let mut by_id: HashMap<&str, &Exchange<Tried>> = HashMap::new();
    for exchange in &tried {
        if let Ok(id) = &exchange.what.result {
            assert!(by_id.insert(id, exchange).is_none(), "the change id {id} was given twice");
        }
    }
    assert_eq!(log.len(), by_id.len(), "the log and the clients count different batches");

    let mut past = Past { values: HashMap::new(), counts: vec![0] };
    let mut accepted = Vec::new();
    for (index, (id, by)) in log.iter().enumerate() {
        let exchange = by_id.get(id.as_str()).unwrap_or_else(|| panic!("nobody was told of {id}"));
        // The key's name, and its id in brackets.
        assert!(by.ends_with(&format!("({})", keys[exchange.caller])), "the log names another author of {id}: {by}");
        let left = apply(&At(&past, index), &exchange.what.batch);
        let left = left.unwrap_or_else(|faults| panic!("{id} cannot have been accepted as number {index}: {faults:?}"));
        past.push(left);
        accepted.push((*exchange, index + 1));
    }

    let bounds = Bounds::new(&accepted, log.len());
    for (exchange, position) in &accepted {
        // Whatever was acknowledged before it was sent lies before it, whatever was sent after its reply lies behind it.
        let bounds = bounds.of(exchange);
        assert!(
            *bounds.start() < *position && *position <= *bounds.end(),
            "{position} is not within {bounds:?}: {exchange:?}"
        );
    }
    let mut explained = Explained::default();
    for exchange in tried.iter().filter(|exchange| exchange.what.result.is_err()) {
        let told = exchange.what.result.as_ref().unwrap_err();
        let fits = |position: usize| {
            apply(&At(&past, position), &exchange.what.batch)
                .is_err_and(|faults| format!("[{}]", faults.join(", ")) == *told)
        };
        assert!(
            bounds.of(exchange).any(fits),
            "no moment explains this refusal, {:?}: {exchange:?}",
            bounds.of(exchange)
        );
        explained.refused += 1;
    }
    for exchange in seen.iter().flat_map(|seen| &seen.listed) {
        let Listed { zone, whole } = &exchange.what;
        let fits = |position: usize| if *whole { past.is(position, zone) } else { past.shows(position, zone) };
        assert!(
            bounds.of(exchange).any(fits),
            "no moment explains this listing, {:?}: {exchange:?}",
            bounds.of(exchange)
        );
        explained.listings += 1;
    }
    assert!(past.is(log.len(), last), "the zone is not what its log makes it: {last:?}");
    explained
}
