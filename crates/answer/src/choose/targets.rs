//! The targets of the aliases that an answer came by last: a target's health is asked first, and then the target answers.

use model::RecordType;

use crate::group::{Alias, Set};

/// As many as a tree of three levels asks for twice.
const KEPT: usize = 4;

/// See the module.
#[derive(Default)]
pub(super) struct Targets<'a> {
    /// An alias is told by where it stands, which does not change while somebody answers from it.
    kept: [Option<Kept<'a>>; KEPT],
    next: usize,
}

#[derive(Clone, Copy)]
struct Kept<'a> {
    alias: *const Alias,
    record_type: RecordType,
    set: Option<Set<'a>>,
}

impl<'a> Targets<'a> {
    /// What stands at an alias's target, found by `find` if that was long ago.
    pub(super) fn of(
        &mut self,
        alias: &Alias,
        record_type: RecordType,
        find: impl FnOnce() -> Option<Set<'a>>,
    ) -> Option<Set<'a>> {
        let place = std::ptr::from_ref(alias);
        let is_it = |kept: &&Kept<'a>| kept.alias == place && kept.record_type == record_type;
        if let Some(kept) = self.kept.iter().flatten().find(is_it) {
            return kept.set;
        }
        let set = find();
        self.kept[self.next % KEPT] = Some(Kept { alias: place, record_type, set });
        self.next += 1;
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_found_once_while_few_others_are() {
        let alias = || Alias { relative: Vec::new().into(), hash: 1, evaluate_target_health: true };
        let aliases: Vec<Alias> = (0..5).map(|_| alias()).collect();
        let mut targets = Targets::default();
        let mut found = 0;
        for (i, record_type, expected) in [
            (0, RecordType::A, 1),
            (0, RecordType::A, 1),
            (0, RecordType::AAAA, 2),
            (1, RecordType::A, 3),
            (2, RecordType::A, 4),
            (0, RecordType::AAAA, 4),
            (3, RecordType::A, 5),
            (0, RecordType::A, 6),
        ] {
            targets.of(&aliases[i], record_type, || {
                found += 1;
                None
            });
            assert_eq!(found, expected, "{i} {record_type}");
        }
    }
}
