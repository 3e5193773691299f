//! Multivalue answers: up to eight healthy record sets together, in random order; of more than eight, eight at
//! random; with nobody healthy, up to eight of all.

use crate::draw::Draw;
use crate::limits::{GROUP_MEMBERS_MAX, MULTIVALUE_ANSWERS_MAX};

/// Writes the indexes of the members that answer; returns how many.
pub(super) fn choose(
    members: usize,
    healthy: u128,
    draw: &mut Draw<'_>,
    indexes: &mut [u8; GROUP_MEMBERS_MAX],
) -> usize {
    let mask = if healthy == 0 { super::all(members) } else { healthy };
    let mut n = 0;
    for i in super::bits(mask) {
        indexes[n] = u8::try_from(i).expect("at most 128 members");
        n += 1;
    }
    draw.some(&mut indexes[..n], MULTIVALUE_ANSWERS_MAX);
    n.min(MULTIVALUE_ANSWERS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(members: usize, healthy: u128, count: usize, possible: u128) {
        let mut draw = Draw::Random(7);
        let mut seen = 0u128;
        for _ in 0..500 {
            let mut indexes = [0; GROUP_MEMBERS_MAX];
            let n = choose(members, healthy, &mut draw, &mut indexes);
            assert_eq!(n, count);
            let answer = indexes[..n].iter().fold(0u128, |mask, i| mask | 1 << i);
            assert_eq!(answer.count_ones() as usize, count, "no member twice");
            seen |= answer;
        }
        assert_eq!(seen, possible);
    }

    #[test]
    fn up_to_eight_healthy_members_answer() {
        check(10, 0x3ff, 8, 0x3ff);
        check(5, 0b10101, 3, 0b10101);
        check(5, 0, 5, 0b11111);
        check(10, 0, 8, 0x3ff);
        check(10, 0x7f, 7, 0x7f);
    }
}
