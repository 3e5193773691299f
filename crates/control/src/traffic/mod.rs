//! Traffic drivers: what carries out the shares of a deployment. One file per driver; for now record weights only.

pub(crate) mod record_weight;
