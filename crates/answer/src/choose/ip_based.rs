//! IP-based routing: the location whose block is the longest around the client's prefix; without one, or if that is
//! unhealthy, the default `*`.
//!
//! Unspecified: what an unhealthy location does. The default answers if it is healthy, and the location if nobody is.

/// A location's name as one number: names have at most 16 characters of one byte.
pub(crate) type LocationKey = u128;

/// The default, `*`.
pub(crate) const DEFAULT: LocationKey = key(b"*");

/// The number of a name of at most 16 bytes.
pub(crate) const fn key(name: &[u8]) -> LocationKey {
    let mut bytes = [0; 16];
    let mut i = 0;
    while i < name.len() && i < bytes.len() {
        bytes[i] = name[i];
        i += 1;
    }
    u128::from_le_bytes(bytes)
}

/// 0 for the client's location, 1 for the default; none for others.
pub(super) fn cost(location: LocationKey, client: Option<LocationKey>) -> Option<f64> {
    if client == Some(location) { Some(0.0) } else { (location == DEFAULT).then_some(1.0) }
}

/// Which member is for each location, in order of their numbers.
#[derive(Debug)]
pub(crate) struct Blocks {
    places: Box<[(LocationKey, u8)]>,
    default: Option<u8>,
}

impl Blocks {
    /// The locations of a group's members; if one stood twice, the first would answer.
    pub(crate) fn of(locations: impl Iterator<Item = LocationKey>) -> Self {
        let mut places: Vec<(LocationKey, u8)> = locations.zip(0..).collect();
        places.sort_unstable();
        places.dedup_by_key(|(location, _)| *location);
        let default = places.iter().find(|(location, _)| *location == DEFAULT).map(|(_, member)| *member);
        Self { places: places.into(), default }
    }
}

/// The member of the client's location, else the default.
pub(super) fn best(blocks: &Blocks, client: Option<LocationKey>) -> Option<usize> {
    let found = client.and_then(|key| blocks.places.binary_search_by(|(location, _)| location.cmp(&key)).ok());
    found.map(|place| blocks.places[place].1).or(blocks.default).map(usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_location_comes_before_the_default() {
        let (a, b) = (key(b"a"), key(b"b"));
        assert_eq!([a, b, DEFAULT].map(|location| cost(location, Some(a))), [Some(0.0), None, Some(1.0)]);
        assert_eq!([a, b, DEFAULT].map(|location| cost(location, None)), [None, None, Some(1.0)]);
        let best = |locations: &[LocationKey], client| best(&Blocks::of(locations.iter().copied()), client);
        assert_eq!([Some(b), Some(a), None].map(|client| best(&[b, DEFAULT], client)), [Some(0), Some(1), Some(1)]);
        assert_eq!([Some(b), Some(a), None].map(|client| best(&[a, b], client)), [Some(1), Some(0), None]);
        assert_ne!(key(b"aaaaaaaaaaaaaaaa"), key(b"aaaaaaaaaaaaaaab"));
    }
}
