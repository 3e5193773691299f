//! From a name to the node that answers for it (RFC 1034 §4.3.2, RFC 4592, RFC 6672).
//!
//! Before: `query`. After: `choose`. One probe finds an existing name; only a miss, or a zone with cuts, probes more.

use std::net::IpAddr;

use model::RecordType;
use model::prefix::Prefix;

use crate::places::Located;
use crate::snapshot::ByName;
use crate::table::{Node, flag};
use crate::target::{Target, chain};
use crate::view::View;
use crate::zone::Zone;

/// Where a name leads.
pub(crate) enum Found<'a> {
    /// The name exists, or is an empty non-terminal.
    Node(Node<'a>),
    /// It does not, and this wildcard stands for it.
    Wildcard(Node<'a>),
    /// It is at or below a zone cut: label `label` of the target begins the cut's name.
    Delegation { node: Node<'a>, label: usize },
    /// It is below a DNAME: label `label` of the target begins the DNAME's owner.
    Dname { node: Node<'a>, label: usize },
    /// It does not exist.
    NoName,
}

/// The zone that answers a question, and the region of the asking VPC if it is a private one.
///
/// R53 private zones: a client in a VPC is answered from the closest private zone of that VPC, whatever the public zones
/// hold; a name that the private zone lacks does not exist. With no private zone around the name, it is a client like
/// all others.
pub(crate) fn zone<'a>(
    view: &'a View,
    client: IpAddr,
    target: &Target,
    record_type: RecordType,
) -> Option<(&'a Zone, Option<&'a Located>)> {
    let snapshot = &*view.snapshot;
    if !snapshot.private.is_empty()
        && let Some((vpc, region)) = view.places.vpc(Prefix::of(client))
        && let Some(zone) = closest(&snapshot.private, |zone| zone.is_for(vpc), target, record_type)
    {
        return Some((zone, Some(region)));
    }
    closest(&snapshot.public, |_| true, target, record_type).map(|zone| (zone, None))
}

/// Whether another zone than `zone`, closer to the target, answers this client: what `zone` holds or lacks there is not
/// the truth.
pub(crate) fn is_for_closer_zone(
    view: &View,
    client: IpAddr,
    target: &Target,
    record_type: RecordType,
    zone: &Zone,
) -> bool {
    self::zone(view, client, target, record_type).is_some_and(|(closest, _)| closest.apex_labels > zone.apex_labels)
}

/// Whether the DS is asked of a zone of ours that `zone` above it does not know: to say that there is no such name would
/// deny all of that zone (RFC 8020 §2).
pub(crate) fn is_unknown_child(
    view: &View,
    client: IpAddr,
    target: &Target,
    record_type: RecordType,
    zone: &Zone,
) -> bool {
    record_type == RecordType::DS && is_for_closer_zone(view, client, target, RecordType::SOA, zone)
}

fn closest<'a>(
    zones: &'a ByName,
    sees: impl Fn(&Zone) -> bool + Copy,
    target: &Target,
    record_type: RecordType,
) -> Option<&'a Zone> {
    let zone = zones.closest(target, 0, sees)?;
    // The DS of a zone is its parent's to answer (RFC 4035 §3.1.4.1), if we serve the parent as well.
    if record_type == RecordType::DS && zone.apex_labels == target.labels() && target.labels() > 0 {
        return zones.closest(target, 1, sees).or(Some(zone));
    }
    Some(zone)
}

/// The node for a target that lies in `zone`.
pub(crate) fn node<'a>(zone: &'a Zone, target: &Target, record_type: RecordType) -> Found<'a> {
    let below = target.labels() - zone.apex_labels;
    if zone.cut_depths != 0
        && let Some(found) = on_the_way(zone, target, record_type, below)
    {
        return found;
    }
    if let Some(node) = zone.node_of(target, 0) {
        return Found::Node(node);
    }
    for label in 1..=below {
        let Some(encloser) = zone.node_of(target, label) else { continue };
        if encloser.flags() & flag::WILDCARD_CHILD == 0 {
            break;
        }
        let mut relative = [0; 256];
        let above = target.relative(label, zone.apex_labels);
        relative[..2].copy_from_slice(&[1, b'*']);
        relative[2..2 + above.len()].copy_from_slice(above);
        let hash = chain(target.hash(label), b"*");
        return zone.node(hash, &relative[..2 + above.len()]).map_or(Found::NoName, Found::Wildcard);
    }
    Found::NoName
}

/// Cuts and DNAMEs between the apex and the name, from the top.
fn on_the_way<'a>(zone: &'a Zone, target: &Target, record_type: RecordType, below: usize) -> Option<Found<'a>> {
    for depth in (0..=below).filter(|&depth| zone.cut_depths & (1 << depth) != 0) {
        let label = below - depth;
        let Some(node) = zone.node_of(target, label) else { continue };
        // A DS at the cut itself belongs to this side of it.
        if node.flags() & flag::CUT != 0 && !(label == 0 && record_type == RecordType::DS) {
            return Some(Found::Delegation { node, label });
        }
        if node.flags() & flag::DNAME != 0 && label > 0 {
            return Some(Found::Dname { node, label });
        }
    }
    None
}
