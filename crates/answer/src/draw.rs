//! Where the choices of one answer come from: random bits, or a script that takes every choice in turn.
//!
//! Routing policies ask here and never know which it is. So the odds that explanations, plans and simulations tell are
//! those of the code that serves: they are counted by serving every way once, not computed beside it.

/// The choices of one answer.
pub(crate) enum Draw<'s> {
    /// Random numbers drawn from [`crate::Client::draw`] (SplitMix64).
    Random(u64),
    /// One way after the other, each with its odds.
    Scripted(&'s mut Script),
}

impl Draw<'_> {
    /// One of several, each by its share. `total` is the sum of the shares and not 0; a share of 0 is never taken.
    pub(crate) fn among(&mut self, total: u32, shares: impl Iterator<Item = (usize, u32)>) -> usize {
        match self {
            Self::Random(state) => {
                let mut left = below(state, total);
                for (i, share) in shares {
                    match left.checked_sub(share) {
                        Some(rest) => left = rest,
                        None => return i,
                    }
                }
                unreachable!("the draw is below the sum of the shares")
            }
            Self::Scripted(script) => script.among(total, shares),
        }
    }

    /// Puts `take` of the items in front, every set of so many equally likely, in random order.
    pub(crate) fn some<T>(&mut self, items: &mut [T], take: usize) {
        match self {
            Self::Random(state) => shuffle(state, items, take),
            Self::Scripted(script) if items.len() > take => {
                let first = script.window(items.len());
                items.rotate_left(first);
            }
            Self::Scripted(_) => {}
        }
    }

    /// Puts all items in random order. To a script, order is no choice: an RRset has none (RFC 2181 §5).
    pub(crate) fn order<T>(&mut self, items: &mut [T]) {
        if let Self::Random(state) = self {
            shuffle(state, items, items.len());
        }
    }

    /// Which of `n` comes first, where more cannot be ordered. `n` must not be 0.
    pub(crate) fn first(&mut self, n: u32) -> usize {
        match self {
            Self::Random(state) => below(state, n) as usize,
            Self::Scripted(_) => 0,
        }
    }

    /// Until told otherwise, choices are beside the answer, such as addresses of name servers: a script takes any.
    pub(crate) fn aside(&mut self, is_aside: bool) {
        if let Self::Scripted(script) = self {
            script.is_aside = is_aside;
        }
    }

    /// Whether sticky groups are drawn as well: not this client is asked about, but all clients together.
    pub(crate) fn is_by_weights(&self) -> bool {
        matches!(self, Self::Scripted(script) if script.by_weights)
    }

    /// Tells a script which name is looked up now.
    pub(crate) fn at_name(&mut self, name: &[u8]) {
        if let Self::Scripted(script) = self {
            script.names.push(name.into());
        }
    }

    /// Tells a script, at the end, how many bits of the client's address the answer depends on, and how many health
    /// look-ups it took.
    pub(crate) fn end(&mut self, scope: u8, steps: u32) {
        if let Self::Scripted(script) = self {
            script.scope = script.scope.max(scope);
            script.work += 1 + u64::from(steps);
        }
    }
}

/// Goes through all ways that an answer can take, one at a time, in order of the members.
#[derive(Debug, Default)]
pub(crate) struct Script {
    branches: Vec<Branch>,
    at: usize,
    odds: f64,
    is_aside: bool,
    names: Vec<Box<[u8]>>,
    scope: u8,
    work: u64,
    by_weights: bool,
    has_begun: bool,
}

/// A choice on the present way.
#[derive(Debug, Clone, Copy)]
struct Branch {
    taken: usize,
    /// What is to be taken after it.
    next: Option<usize>,
    /// It says which of more records than an answer holds are in it.
    is_window: bool,
}

impl Script {
    /// For one client, or for all clients at one place, who are spread over a sticky group by its weights.
    pub(crate) fn new(by_weights: bool) -> Self {
        Self { by_weights, ..Self::default() }
    }

    /// Turns to the first way, or to the next one after it was gone; false if there is none.
    pub(crate) fn turn(&mut self) -> bool {
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        let next = loop {
            match self.branches.pop() {
                None => break None,
                Some(Branch { next: Some(taken), is_window, .. }) => {
                    break Some(Branch { taken, next: None, is_window });
                }
                Some(_) => {}
            }
        };
        let is_there = is_first || next.is_some();
        self.branches.extend(next);
        (self.at, self.odds, self.is_aside) = (0, 1.0, false);
        self.names.clear();
        is_there
    }

    /// How likely the way is, 0–1.
    pub(crate) fn odds(&self) -> f64 {
        self.odds
    }

    /// The names that the way led through, in wire format.
    pub(crate) fn names(&self) -> &[Box<[u8]>] {
        &self.names
    }

    /// How many bits of the client's address any way so far depended on.
    pub(crate) fn scope(&self) -> u8 {
        self.scope
    }

    /// What all ways so far cost: one each, and one for each look-up of health through an alias or rule.
    pub(crate) fn work(&self) -> u64 {
        self.work
    }

    /// The choices of the way but for those of which records of too many are in the answer; and whether there were such.
    pub(crate) fn way(&self) -> (Vec<usize>, bool) {
        let branches = self.branches.iter();
        let way = branches.clone().filter(|branch| !branch.is_window).map(|branch| branch.taken).collect();
        (way, branches.clone().any(|branch| branch.is_window))
    }

    fn among(&mut self, total: u32, shares: impl Iterator<Item = (usize, u32)>) -> usize {
        let mut shares = shares.filter(|(_, share)| *share > 0);
        let wanted = if self.is_aside { None } else { self.branches.get(self.at).map(|branch| branch.taken) };
        let (taken, share) =
            shares.find(|(i, _)| wanted.is_none_or(|wanted| *i == wanted)).expect("a share is positive");
        if !self.is_aside {
            self.pass(Branch { taken, next: shares.next().map(|(i, _)| i), is_window: false });
            self.odds *= f64::from(share) / f64::from(total);
        }
        taken
    }

    /// A run of items that goes round: of the `n` of them, each item is in as many as it is in of all sets of that size.
    fn window(&mut self, n: usize) -> usize {
        if self.is_aside {
            return 0;
        }
        let taken = self.branches.get(self.at).map_or(0, |branch| branch.taken);
        self.pass(Branch { taken, next: (taken + 1 < n).then_some(taken + 1), is_window: true });
        self.odds /= f64::from(u32::try_from(n).expect("at most 128 members"));
        taken
    }

    fn pass(&mut self, branch: Branch) {
        match self.branches.get_mut(self.at) {
            Some(place) => *place = branch,
            None => self.branches.push(branch),
        }
        self.at += 1;
    }
}

/// A number below `n`, each equally likely within n / 2⁶⁴. `n` must not be 0.
fn below(state: &mut u64, n: u32) -> u32 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    u32::try_from((u128::from(z) * u128::from(n)) >> 64).expect("a product's high half is below its factor")
}

/// Puts the first `take` places of `items` in a random order drawn from all of them (Fisher–Yates).
fn shuffle<T>(state: &mut u64, items: &mut [T], take: usize) {
    for i in 0..take.min(items.len().saturating_sub(1)) {
        let rest = u32::try_from(items.len() - i).expect("fewer than 2³² items");
        items.swap(i, i + below(state, rest) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_takes_every_way_once_and_the_odds_add_up() {
        let mut script = Script::default();
        let mut ways = Vec::new();
        while script.turn() {
            let mut draw = Draw::Scripted(&mut script);
            let first = draw.among(10, [(0, 7), (1, 0), (2, 3)].into_iter());
            let second = if first == 2 { draw.among(2, [(4, 1), (5, 1)].into_iter()) } else { 9 };
            ways.push((first, second, script.odds()));
        }
        assert_eq!(ways, [(0, 9, 0.7), (2, 4, 0.15), (2, 5, 0.15)]);
        let mut nothing = Script::default();
        assert!(nothing.turn() && !nothing.turn(), "an answer without a choice has one way");
    }

    #[test]
    fn of_too_many_items_each_is_in_as_many_windows() {
        let mut script = Script::default();
        let mut chance = [0.0; 10];
        while script.turn() {
            let mut items: Vec<usize> = (0..10).collect();
            Draw::Scripted(&mut script).some(&mut items, 8);
            items[..8].iter().for_each(|i| chance[*i] += script.odds());
            assert_eq!(script.way(), (vec![], true));
        }
        assert!(chance.iter().all(|chance| (chance - 0.8).abs() < 1e-9), "{chance:?}");
    }

    #[test]
    fn what_is_beside_the_answer_makes_no_ways() {
        let mut script = Script::default();
        let mut ways = 0;
        while script.turn() {
            let mut draw = Draw::Scripted(&mut script);
            draw.aside(true);
            draw.among(2, [(0, 1), (1, 1)].into_iter());
            draw.aside(false);
            ways += 1;
        }
        assert_eq!(ways, 1);
    }
}
