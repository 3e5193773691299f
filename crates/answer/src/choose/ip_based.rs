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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_location_comes_before_the_default() {
        let (a, b) = (key(b"a"), key(b"b"));
        assert_eq!([a, b, DEFAULT].map(|location| cost(location, Some(a))), [Some(0.0), None, Some(1.0)]);
        assert_eq!([a, b, DEFAULT].map(|location| cost(location, None)), [None, None, Some(1.0)]);
        assert_ne!(key(b"aaaaaaaaaaaaaaaa"), key(b"aaaaaaaaaaaaaaab"));
    }
}
