//! Prefixes, which may nest, and runs of a database below them → ranges side by side.

use super::{Around, INDEX_BITS_MAX, Range, Ranges};
use crate::runs::{Bits, NONE, Runs};

/// A given prefix on its way into ranges.
pub(super) struct Row<B> {
    first: B,
    last: B,
    length: u8,
    value: u32,
    /// The row around it, or `NONE`.
    parent: u32,
    has_others: bool,
    /// Its place in [`Shared::around`] if it has others in it, else that of the next one around it, or `NONE`.
    around: u32,
}

fn push(all: &mut Vec<Around>, prefix: Around) -> u32 {
    all.push(prefix);
    place(all.len() - 1)
}

/// The largest prefix around an address that lies in its run.
fn whole_run<B: Bits>(all: &mut Vec<Around>, runs: &Runs<B>, address: B) -> u32 {
    let i = runs.at(address);
    match runs.run(i).2 {
        NONE => NONE,
        value => push(all, Around { value, parent: NONE, length: runs.scope(i, address) }),
    }
}

fn place(i: usize) -> u32 {
    u32::try_from(i).ok().filter(|i| *i != NONE).expect("fewer than 2³² - 1 prefixes")
}

impl<B: Bits> Row<B> {
    pub(super) fn new(first: B, length: u8, value: u32) -> Self {
        let last = first.last(length);
        Self { first, last, length, value, parent: NONE, has_others: false, around: NONE }
    }
}

/// Notes for each of the sorted rows which one is around it.
fn note_parents<B: Bits>(rows: &mut [Row<B>]) {
    let mut open: Vec<usize> = Vec::new();
    for i in 0..rows.len() {
        while open.last().is_some_and(|last| rows[*last].last < rows[i].first) {
            open.pop();
        }
        if let Some(parent) = open.last() {
            rows[*parent].has_others = true;
            rows[i].parent = place(*parent);
        }
        open.push(i);
    }
}

impl<B: Bits> Ranges<B> {
    /// Lays sorted rows over runs.
    pub(super) fn lay(rows: &mut [Row<B>], runs: &Runs<B>, all: &mut Vec<Around>) -> Self {
        note_parents(rows);
        // A parent stands before those in it.
        for i in 0..rows.len() {
            let outer = match rows[i].parent {
                NONE => whole_run(all, runs, rows[i].last),
                parent => rows[parent as usize].around,
            };
            let Row { value, length, has_others, .. } = rows[i];
            rows[i].around = if has_others { push(all, Around { value, parent: outer, length }) } else { outer };
        }
        let mut laid = Laying { ranges: Vec::with_capacity(runs.len()), around: Vec::new() };
        let pieces = pieces(rows);
        for (k, &(first, owner)) in pieces.iter().enumerate() {
            if owner != NONE {
                let Row { value, around, .. } = rows[owner as usize];
                laid.push(Range { start: first, value }, around);
                continue;
            }
            let last = pieces.get(k + 1).map_or(B::MAX, |next| next.0.previous().expect("a later start is not 0"));
            for run in runs.at(first)..=runs.at(last) {
                let (start, end, value) = runs.run(run);
                let around = if end > last { whole_run(all, runs, last) } else { NONE };
                laid.push(Range { start: start.max(first), value }, around);
            }
        }
        let Laying { ranges, around } = laid;
        let bits = ranges.len().ilog2().min(INDEX_BITS_MAX);
        let mut index = Vec::with_capacity((1 << bits) + 1);
        for (start, i) in ranges.iter().map(|range| range.start).zip(0u32..) {
            // The values before a range's first address begin in ranges before it.
            let values = start.leading(bits) + usize::from(!start.is_first_of(bits));
            index.resize(values.max(index.len()), i.saturating_sub(1));
        }
        index.resize((1 << bits) + 1, u32::try_from(ranges.len() - 1).expect("fewer than 2³² ranges"));
        Self { bits, index: index.into(), ranges: ranges.into(), around: around.into() }
    }
}

/// Ranges so far, and who is around them; nothing if nobody is around any.
struct Laying<B: Copy> {
    ranges: Vec<Range<B>>,
    around: Vec<u32>,
}

impl<B: Bits> Laying<B> {
    /// A range that has the value of the one before it makes that longer; who is around its end counts.
    fn push(&mut self, range: Range<B>, around: u32) {
        let is_longer = self.ranges.last().is_some_and(|last| last.value == range.value);
        if !is_longer {
            self.ranges.push(range);
        }
        let last = self.ranges.len() - 1;
        if around != NONE || last < self.around.len() {
            self.around.resize(last + 1, NONE);
            self.around[last] = around;
        }
    }
}

/// Where the smallest row around the addresses changes: first address, and the row or `NONE`.
fn pieces<B: Bits>(rows: &[Row<B>]) -> Vec<(B, u32)> {
    let mut pieces: Vec<(B, u32)> = vec![(B::ZERO, NONE)];
    let mut begin = |start: B, owner: u32| match pieces.last_mut() {
        Some(last) if last.0 == start => last.1 = owner,
        _ => pieces.push((start, owner)),
    };
    let mut open: Vec<u32> = Vec::new();
    let leave = |open: &mut Vec<u32>, begin: &mut dyn FnMut(B, u32)| {
        let row = open.pop().expect("only called inside a prefix");
        if let Some(after) = rows[row as usize].last.next() {
            begin(after, open.last().copied().unwrap_or(NONE));
        }
    };
    for (row, i) in rows.iter().zip(0..) {
        while open.last().is_some_and(|last| rows[*last as usize].last < row.first) {
            leave(&mut open, &mut begin);
        }
        begin(row.first, i);
        open.push(i);
    }
    while !open.is_empty() {
        leave(&mut open, &mut begin);
    }
    pieces
}
