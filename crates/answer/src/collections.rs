//! The CIDR collections of a snapshot, shared by all zones: a change of one changes answers at once and compiles no zone.

use std::collections::HashMap;
use std::sync::Arc;

use model::cidr::CidrCollection;
use model::id::CidrCollectionId;
use model::prefix::Prefix;

use crate::choose::ip_based::{LocationKey, key};
use crate::group::CollectionIndex;
use crate::prefixes::Prefixes;

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collections {
    /// Places are never taken back, so that groups may keep them.
    indexes: HashMap<CidrCollectionId, CollectionIndex>,
    tables: Vec<Option<Arc<Prefixes<LocationKey>>>>,
}

impl Collections {
    /// The place of a collection, which need not be there yet.
    pub(crate) fn place(this: &mut Arc<Self>, id: &CidrCollectionId) -> CollectionIndex {
        if let Some(index) = this.indexes.get(id) {
            return *index;
        }
        let this = Arc::make_mut(this);
        let index = CollectionIndex(u32::try_from(this.tables.len()).expect("fewer than 2³² collections"));
        this.indexes.insert(id.clone(), index);
        this.tables.push(None);
        index
    }

    /// Puts a collection with all it holds.
    pub(crate) fn put(this: &mut Arc<Self>, collection: &CidrCollection) {
        let index = Self::place(this, &collection.id);
        let block = |(block, location): (&model::cidr::Block, &model::id::CidrLocation)| {
            (Prefix::around(block.network(), block.length()), key(location.as_str().as_bytes()))
        };
        let table =
            Prefixes::build(collection.blocks.iter().map(block).collect()).expect("a block belongs to one location");
        Arc::make_mut(this).tables[index.0 as usize] = Some(Arc::new(table));
    }

    /// Takes a collection away; nothing happens if there is none.
    pub(crate) fn remove(this: &mut Arc<Self>, id: &CidrCollectionId) {
        if let Some(index) = this.indexes.get(id).copied() {
            Arc::make_mut(this).tables[index.0 as usize] = None;
        }
    }

    /// All that are there.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &CidrCollectionId> {
        self.indexes.iter().filter(|(_, index)| self.tables[index.0 as usize].is_some()).map(|(id, _)| id)
    }

    /// The blocks of a collection; none if it is not there.
    pub(crate) fn blocks(&self, index: CollectionIndex) -> Option<&Prefixes<LocationKey>> {
        self.tables.get(index.0 as usize)?.as_deref()
    }
}
