//! Putting names into a zone and taking them out, with the empty non-terminals between them and the apex
//! (RFC 4592 §2.2.2) and the marks that `find` steers by.

use std::sync::Arc;

use model::RecordType;

use super::record_sets::below;
use crate::table::{Contents, Table, flag};
use crate::target::relative_hash;
use crate::zone::Zone;

/// Most names in one piece on average: large enough that a million names need few pieces, small enough that copying
/// one (some ten kilobytes) costs microseconds.
const PIECE_NAMES: usize = 128;

/// An empty zone with room for `names`; its apex always exists.
pub(super) fn empty(mut zone: Zone, names: usize) -> Zone {
    let pieces = (names / PIECE_NAMES).next_power_of_two();
    zone.pieces = vec![Arc::default(); pieces];
    zone.names = 0;
    zone.cut_depths = 0;
    zone.cut_counts = Vec::new();
    put_node(&mut zone, &[], 0, 0, Vec::new());
    zone
}

/// Makes `sets` all that the name holds; none takes the name away.
pub(super) fn put(zone: &mut Zone, relative: &[u8], sets: Vec<(RecordType, Contents)>) {
    let hash = relative_hash(zone.apex_hash, relative);
    let old = zone.node(hash, relative).map(|node| (node.flags(), node.children()));
    let (old_flags, children) = old.unwrap_or_default();
    let depth = depth(relative);
    let mut flags = old_flags & flag::WILDCARD_CHILD;
    for (record_type, _) in &sets {
        match *record_type {
            RecordType::NS if depth > 0 => flags |= flag::CUT,
            RecordType::DNAME => flags |= flag::DNAME,
            _ => {}
        }
    }
    count_cuts(zone, depth, old_flags, flags);
    if sets.is_empty() && children == 0 && depth > 0 {
        if old.is_some() {
            remove_node(zone, relative);
            leave_parent(zone, relative);
        }
        return;
    }
    put_node(zone, relative, flags, children, sets);
    if old.is_none() && depth > 0 {
        join_parent(zone, relative);
    }
}

/// A new node counts as a child of its parent; missing ancestors become empty non-terminals.
fn join_parent(zone: &mut Zone, relative: &[u8]) {
    let mark = if relative.starts_with(&[1, b'*']) { flag::WILDCARD_CHILD } else { 0 };
    let parent = parent(relative);
    let hash = relative_hash(zone.apex_hash, parent);
    if zone.node(hash, parent).is_some() {
        let piece = zone.piece(hash);
        Arc::make_mut(&mut zone.pieces[piece]).adjust(hash, parent, |flags, children| {
            *flags |= mark;
            *children += 1;
        });
    } else {
        put_node(zone, parent, mark, 1, Vec::new());
        join_parent(zone, parent);
    }
}

/// A node has gone: its parent loses a child, and goes too if it was only there for it.
fn leave_parent(zone: &mut Zone, relative: &[u8]) {
    let wildcard = relative.starts_with(&[1, b'*']);
    let parent = parent(relative);
    let hash = relative_hash(zone.apex_hash, parent);
    let piece = zone.piece(hash);
    Arc::make_mut(&mut zone.pieces[piece]).adjust(hash, parent, |flags, children| {
        *children -= 1;
        if wildcard {
            *flags &= !flag::WILDCARD_CHILD;
        }
    });
    let node = zone.node(hash, parent).expect("the parent of a node exists");
    if !parent.is_empty() && node.children() == 0 && !node.has_sets() {
        remove_node(zone, parent);
        leave_parent(zone, parent);
    }
}

fn put_node(zone: &mut Zone, relative: &[u8], flags: u8, children: u32, sets: Vec<(RecordType, Contents)>) {
    if zone.names > zone.pieces.len() * PIECE_NAMES * 2 {
        spread(zone);
    }
    let hash = relative_hash(zone.apex_hash, relative);
    let piece = zone.piece(hash);
    let table = Arc::make_mut(&mut zone.pieces[piece]);
    let before = table.len();
    table.put(hash, relative, flags, children, sets);
    zone.names += table.len() - before;
}

fn remove_node(zone: &mut Zone, relative: &[u8]) {
    let hash = relative_hash(zone.apex_hash, relative);
    let piece = zone.piece(hash);
    Arc::make_mut(&mut zone.pieces[piece]).remove(hash, relative);
    zone.names -= 1;
}

/// Four times as many pieces.
fn spread(zone: &mut Zone) {
    let pieces = zone.pieces.len() * 4;
    let old = std::mem::take(&mut zone.pieces);
    let mut tables = vec![Table::default(); pieces];
    for piece in old {
        for node in piece.nodes() {
            let hash = relative_hash(zone.apex_hash, node.relative());
            let place = usize::try_from(hash & 0xffff_ffff).expect("32 bits") & (pieces - 1);
            tables[place].adopt(hash, node);
        }
    }
    zone.pieces = tables.into_iter().map(Arc::new).collect();
}

fn count_cuts(zone: &mut Zone, depth: usize, old: u8, new: u8) {
    let cuts = |flags: u8| u32::from(flags & (flag::CUT | flag::DNAME) != 0);
    if cuts(old) == cuts(new) {
        return;
    }
    if zone.cut_counts.len() <= depth {
        zone.cut_counts.resize(depth + 1, 0);
    }
    let count = &mut zone.cut_counts[depth];
    *count = *count + cuts(new) - cuts(old);
    if *count > 0 {
        zone.cut_depths |= 1 << depth;
    } else {
        zone.cut_depths &= !(1 << depth);
    }
}

/// Finishes changed pieces: gives back spare room.
pub(super) fn tidy(zone: &mut Zone) {
    let apex_hash = zone.apex_hash;
    for piece in &mut zone.pieces {
        // A piece that is shared was not changed.
        if let Some(table) = Arc::get_mut(piece) {
            table.tidy(|relative| relative_hash(apex_hash, relative));
        }
    }
}

/// The name below the apex, if it lies in the zone.
pub(super) fn relative<'a>(zone: &Zone, name: &'a model::Name) -> Option<&'a [u8]> {
    below(name.wire(), &zone.apex)
}

fn parent(relative: &[u8]) -> &[u8] {
    &relative[1 + usize::from(relative[0])..]
}

fn depth(relative: &[u8]) -> usize {
    let mut rest = relative;
    let mut labels = 0;
    while !rest.is_empty() {
        rest = parent(rest);
        labels += 1;
    }
    labels
}
