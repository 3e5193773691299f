//! Sticky weighted routing: the client's prefix takes the place of the draw (weighted rendezvous hashing).
//!
//! Each candidate waits −ln h / weight, where h in (0, 1) is a hash of the client's prefix, the owner name and the set
//! identifier; whoever waits least answers. Waiting times of random h are exponential, so a candidate's share of
//! clients is weight / sum of the weights, as if drawn. No waiting time depends on another candidate, so a weight
//! that rises moves clients to its record set only, one that falls away from it only, and a candidate that leaves or
//! comes back moves its own clients only. The record type is not hashed: A, AAAA and HTTPS of a name agree.
//! Who is a candidate is `weighted`'s matter.
//!
//! Every machine must choose alike, so nothing here depends on a mathematical library or on the snapshot's seed: it
//! is integers, and the +, −, ×, ÷ of IEEE 754, which are exact to the bit. Changing any of it moves every client; a
//! test holds some choices fixed.

use std::collections::HashMap;
use std::f64::consts::{LN_2, SQRT_2};
use std::net::IpAddr;

use model::Stickiness;
use model::prefix::Prefix;

use super::Asker;

/// What a sticky group is chosen by.
#[derive(Debug)]
pub(crate) struct Sticky {
    by: Stickiness,
    /// One for each member, in their order.
    keys: Box<[u64]>,
}

impl Sticky {
    /// For members with these identifiers, at a name. `rule` tells groups of one name and type apart: those of a
    /// traffic policy.
    pub(crate) fn compile<'m>(
        by: Stickiness,
        owner: &[u8],
        rule: &str,
        identifiers: impl Iterator<Item = Option<&'m str>>,
    ) -> Self {
        let group = hash(hash(SEED, owner), rule.as_bytes());
        // Branches of a traffic policy may lead to the same endpoint; each has its own share all the same.
        let mut met: HashMap<&str, u64> = HashMap::new();
        let keys = identifiers
            .map(|identifier| {
                let identifier = identifier.unwrap_or_default();
                let times = met.entry(identifier).or_default();
                *times += 1;
                mix(hash(group, identifier.as_bytes()) ^ *times)
            })
            .collect();
        Self { by, keys }
    }

    /// The hash of this client. The answer then depends on as much of its address as the setting says.
    pub(super) fn client(&self, asker: &mut Asker<'_>) -> u64 {
        of_prefix(asker.cut(self.by.ipv4_prefix(), self.by.ipv6_prefix()))
    }

    /// The member, among those of the mask, that this client gets. At least one of them must weigh more than 0.
    pub(super) fn choose(&self, client: u64, mut among: u128, weight: impl Fn(usize) -> u8) -> usize {
        let (mut chosen, mut least) = (0, f64::INFINITY);
        while among != 0 {
            let i = among.trailing_zeros() as usize;
            among &= among - 1;
            let (bits, weight) = (mix(client ^ self.keys[i]), f64::from(weight(i)));
            // −ln h > 1 − h spares nearly all logarithms of a large group. The slack is far more than all roundings, so that
            // nothing is passed over that could wait less.
            if (1.0 - h(bits)) * (1.0 - SLACK) > least * weight {
                continue;
            }
            // Weight 0 waits for ever. Of equals, which 2⁵² values of h make rare, the first answers.
            let waits = minus_ln(bits) / weight;
            if waits < least {
                (chosen, least) = (i, waits);
            }
        }
        chosen
    }
}

/// An IPv4 and an IPv6 client are different clients.
fn of_prefix(prefix: Prefix) -> u64 {
    match prefix.address() {
        IpAddr::V4(address) => mix(mix(SEED ^ 4) ^ u64::from(u32::from(address))),
        IpAddr::V6(address) => {
            let bytes = address.octets();
            let half = |at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
            mix(mix(mix(SEED ^ 6) ^ half(0)) ^ half(8))
        }
    }
}

/// Any number; the same on all servers.
const SEED: u64 = 0x6375_746f_7665_7221;

/// SplitMix64's step: every bit of the result depends on every bit of `z`, and different numbers stay different.
fn mix(z: u64) -> u64 {
    let z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let start = mix(seed ^ bytes.len() as u64);
    bytes.chunks(8).fold(start, |hash, chunk| {
        let mut eight = [0; 8];
        eight[..chunk.len()].copy_from_slice(chunk);
        mix(hash ^ u64::from_le_bytes(eight))
    })
}

/// See [`Sticky::choose`]; 2⁻⁴⁰.
const SLACK: f64 = 1.0 / 1_099_511_627_776.0;

/// The middle of one of 2⁵² equal parts of (0, 1), chosen by the upper bits: an odd number of 2⁻⁵³, so exact.
fn h(bits: u64) -> f64 {
    odd(bits) as f64 / 9_007_199_254_740_992.0
}

fn odd(bits: u64) -> u64 {
    (bits >> 12) << 1 | 1
}

/// −ln h, within 2⁻⁵⁰ of the truth, relatively: h is exact, the series ends where its terms are below 2⁻⁵⁴ of the sum, and
/// some roundings remain.
fn minus_ln(bits: u64) -> f64 {
    // h = odd / 2⁵³ = m / 2ᵉ with 1/2 ≤ m < 1; then m is brought to √½ ≤ m < √2.
    let odd = odd(bits);
    let shift = odd.leading_zeros() - 11;
    let mut m = f64::from_bits(1022 << 52 | odd << shift & ((1 << 52) - 1));
    let mut e = f64::from(shift);
    if m < SQRT_2 / 2.0 {
        m *= 2.0;
        e += 1.0;
    }
    // ln m = 2 (z + z³/3 + z⁵/5 + …) with |z| < 0.172.
    let z = (m - 1.0) / (m + 1.0);
    let square = z * z;
    let mut series = 1.0 / 19.0;
    for divisor in [17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        series = series * square + 1.0 / divisor;
    }
    e * LN_2 - 2.0 * z * series
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &[u8] = b"\x03www\x02ex\x04test\0";

    fn sticky(identifiers: &[&str]) -> Sticky {
        Sticky::compile(Stickiness::DEFAULT, OWNER, "", identifiers.iter().map(|id| Some(*id)))
    }

    fn client(n: u32) -> u64 {
        of_prefix(Prefix::around(n.wrapping_shl(8).to_be_bytes().into(), 24))
    }

    #[test]
    fn logarithms_are_those_of_the_library_but_for_the_last_bits() {
        let mut bits = 1_u64;
        for n in 0..200_000_u64 {
            bits = match n {
                0..64 => u64::MAX >> n,
                64..128 => 1 << (n - 64),
                _ => mix(bits),
            };
            let h = h(bits);
            // Near 1 the difference to 1 is exact, and says more than the number.
            let truth = if h > 0.5 { -(h - 1.0).ln_1p() } else { -h.ln() };
            let ours = minus_ln(bits);
            assert!(
                ours > 0.0 && ((ours - truth) / truth).abs() < 1.0 / 1_125_899_906_842_624.0,
                "{bits:x} {ours} {truth}"
            );
        }
    }

    /// If this fails, every client of every sticky name moves: servers of two versions would disagree.
    #[test]
    fn choices_are_the_same_on_every_machine_and_in_every_version() {
        let group = sticky(&["blue", "green", "grey"]);
        let chosen: Vec<usize> = (0..24).map(|n| group.choose(client(n), 0b111, |i| [10, 20, 70][i])).collect();
        assert_eq!(chosen, [2, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 2, 2, 2, 2, 2, 0, 2, 2, 2]);
        let [v4, v6] = ["192.0.2.0/24", "2001:db8::/56"].map(|text| of_prefix(text.parse().unwrap()));
        assert_eq!([v4, v6], [0x9c3f_6fa3_f9f1_68f4, 0x998e_f359_c455_0c6e]);
        assert_eq!([group.keys[0], minus_ln(v4).to_bits()], [0x42ff_0062_751b_ca74, 0x3fdf_9957_8dfe_f67c]);
    }

    #[test]
    fn what_is_passed_over_would_not_have_answered() {
        let identifiers: Vec<String> = (0..128).map(|n| n.to_string()).collect();
        let group = sticky(&identifiers.iter().map(String::as_str).collect::<Vec<_>>());
        for n in 0..2000 {
            let client = client(n);
            let weight = |i: usize| u8::try_from(mix(u64::from(n) << 8 | i as u64) >> 56).unwrap();
            let waits = |i: &usize| minus_ln(mix(client ^ group.keys[*i])) / f64::from(weight(*i));
            let least = (0..128).min_by(|a, b| waits(a).total_cmp(&waits(b))).unwrap();
            assert_eq!(group.choose(client, u128::MAX, weight), least);
        }
    }

    #[test]
    fn members_with_one_identifier_have_a_share_each() {
        let group = sticky(&["a", "b", "a"]);
        let mut clients = [0; 3];
        (0..30_000).for_each(|n| clients[group.choose(client(n), 0b111, |_| 1)] += 1);
        assert!(clients.iter().all(|n| (9_500..10_500).contains(n)), "{clients:?}");
    }

    #[test]
    fn weight_0_waits_for_ever() {
        let group = sticky(&["a", "b", "c"]);
        assert!((0..1000).all(|n| group.choose(client(n), 0b111, |i| [0, 0, 1][i]) == 2));
        assert!((0..1000).all(|n| group.choose(client(n), 0b010, |_| 1) == 1));
    }
}
