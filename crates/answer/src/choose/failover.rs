//! Failover routing: the primary while healthy, otherwise the secondary while healthy, otherwise the primary.

/// The index of the member that answers; the primary stands first. A group may consist of one of the two only.
pub(super) fn choose(healthy: u128) -> usize {
    super::bits(healthy).next().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn the_truth_table_of_the_guide() {
        assert_eq!([0b11, 0b10, 0b01, 0b00].map(choose), [0, 1, 0, 0]);
    }
}
