//! Judges: is the new environment worse than the old one? Pure functions of what was measured, with the same bits on
//! every machine: sums go in a fixed order, and the elementary functions are `libm`'s.
//!
//! `proportion` judges shares of bad events, `mann_whitney` values, `ratio` two numbers. `spending` says how sure a look
//! must be when there are several. Which numbers belong to a look is not known here.

pub(crate) mod look;
pub mod mann_whitney;
mod normal;
pub mod proportion;
mod rank;
pub mod ratio;
pub mod spending;
pub(crate) mod words;
