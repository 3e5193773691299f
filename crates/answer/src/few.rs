//! What mostly is few, kept where it is named: an address or a short name is then read without going elsewhere.

/// Up to `N` items in place; more beside it. `N` is at most 255.
#[derive(Debug)]
pub(crate) enum Few<T, const N: usize> {
    Here { length: u8, items: [T; N] },
    Beside(Box<[T]>),
}

/// Bytes, of which 30 have room in half a cache line.
pub(crate) type Bytes = Few<u8, 30>;

impl<T: Copy + Default, const N: usize> From<Vec<T>> for Few<T, N> {
    fn from(given: Vec<T>) -> Self {
        let mut items = [T::default(); N];
        let Some(here) = items.get_mut(..given.len()) else { return Self::Beside(given.into()) };
        here.copy_from_slice(&given);
        Self::Here { length: u8::try_from(given.len()).expect("at most 255"), items }
    }
}

impl<T, const N: usize> std::ops::Deref for Few<T, N> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Self::Here { length, items } => &items[..usize::from(*length)],
            Self::Beside(items) => items,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were_given() {
        for length in [0, 1, 29, 30, 31, 300] {
            let bytes: Vec<u8> = (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect();
            assert_eq!(*Bytes::from(bytes.clone()), *bytes, "{length}");
        }
        assert_eq!(size_of::<Bytes>(), 32);
    }
}
