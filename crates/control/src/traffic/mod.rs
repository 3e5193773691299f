//! Traffic drivers: what carries out the shares of a deployment. One file per driver: weights of record sets of this
//! server, and of somebody else's.

pub(crate) mod foreign_weight;
pub(crate) mod record_weight;
pub(crate) mod stick;
