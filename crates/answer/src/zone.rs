//! One compiled zone: its names in pieces, and what every answer from it needs.
//!
//! After: `find` looks names up. `compile/edit` changes a copy; pieces that no change touches are shared by `Arc`.

use std::sync::Arc;

use model::RecordType;
use model::hosted_zone::{Visibility, Vpc};
use model::id::HostedZoneId;

use crate::group::Set;
use crate::records::Records;
use crate::table::{Node, Table};
use crate::target::Target;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    pub(crate) id: HostedZoneId,
    /// Wire format, lower case.
    pub(crate) apex: Box<[u8]>,
    pub(crate) apex_labels: usize,
    /// Of the apex, under the snapshot's seed.
    pub(crate) apex_hash: u64,
    /// Of two zones with one name the older answers.
    pub(crate) created: u64,
    /// Who may ask.
    pub(crate) visibility: Visibility,
    /// Its queries are logged.
    pub(crate) is_logged: bool,
    /// A power of two of pieces; the low bits of a name's hash choose one.
    pub(crate) pieces: Vec<Arc<Table>>,
    pub(crate) names: usize,
    /// Bit d is set if there is a zone cut or DNAME d labels below the apex: where `find` must look on its way down.
    pub(crate) cut_depths: u128,
    /// How many cuts and DNAMEs at each depth, to keep `cut_depths` true.
    pub(crate) cut_counts: Vec<u32>,
}

impl Zone {
    /// Whether only clients in VPCs may ask it.
    pub(crate) fn is_private(&self) -> bool {
        matches!(self.visibility, Visibility::Private { .. })
    }

    /// Whether it is for the clients of this VPC.
    pub(crate) fn is_for(&self, vpc: &Vpc) -> bool {
        matches!(&self.visibility, Visibility::Private { vpcs } if vpcs.contains(vpc))
    }

    /// The node with this hash and relative name.
    pub(crate) fn node(&self, hash: u64, relative: &[u8]) -> Option<Node<'_>> {
        self.pieces[self.piece(hash)].find(hash, relative)
    }

    /// The node of the target's name from label `i` on; the target lies in this zone.
    pub(crate) fn node_of(&self, target: &Target, i: usize) -> Option<Node<'_>> {
        self.node(target.hash(i), target.relative(i, self.apex_labels))
    }

    pub(crate) fn piece(&self, hash: u64) -> usize {
        usize::try_from(hash & 0xffff_ffff).expect("32 bits") & (self.pieces.len() - 1)
    }

    /// The zone's SOA, if it has one of the ordinary shape.
    pub(crate) fn soa(&self) -> Option<Records<'_>> {
        match self.node(self.apex_hash, b"")?.set(RecordType::SOA)? {
            Set::Records(records) => Some(records),
            Set::Group(_) => None,
        }
    }
}
