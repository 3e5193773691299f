//! Who asks, and the randomness of this one query.

use std::net::IpAddr;

/// What the answer may depend on besides question and view.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// The address the query came from: the resolver's.
    pub address: IpAddr,
    /// How it came, which bounds the reply's size.
    pub transport: Transport,
    /// 64 random bits, new for each query; the same bits give the same reply.
    pub draw: u64,
}

/// How a query came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams: 512 bytes, or what EDNS says up to [`crate::UDP_PAYLOAD_MAX`].
    Udp,
    /// A stream: as long as the length prefix can say.
    Tcp,
}

/// Random numbers of one query, drawn from its [`Client::draw`] (SplitMix64).
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `n`, each equally likely within n / 2⁶⁴. `n` must not be 0.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        u32::try_from((u128::from(z) * u128::from(n)) >> 64).expect("a product's high half is below its factor")
    }

    /// Puts the first `take` places of `items` in a random order drawn from all of them (Fisher–Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T], take: usize) {
        for i in 0..take.min(items.len().saturating_sub(1)) {
            let rest = u32::try_from(items.len() - i).expect("fewer than 2³² items");
            items.swap(i, i + self.below(rest) as usize);
        }
    }
}
