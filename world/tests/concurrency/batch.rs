//! A batch of changes as the clients send it, and what it does to a zone by the documents: applied whole or, with all its
//! faults told in AWS's words, not at all.

use std::collections::BTreeMap;

/// Name and type of a record set.
pub(crate) type Key = (String, &'static str);

/// One value of every record set that the clients write.
pub(crate) type Zone = BTreeMap<Key, String>;

/// `(action, name, type, value)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) action: &'static str,
    pub(crate) key: Key,
    pub(crate) value: String,
}

/// A change, in the order of AWS's words: `CREATE TXT name value`.
pub(crate) fn change(action: &'static str, record_type: &'static str, name: &str, value: impl Into<String>) -> Change {
    Change { action, key: (format!("{name}.concurrent.test."), record_type), value: value.into() }
}

/// What a zone looks like that can only be asked for one record set at a time.
pub(crate) trait Look {
    /// The value, if the record set is there.
    fn look(&self, key: &Key) -> Option<&str>;
}

impl Look for Zone {
    fn look(&self, key: &Key) -> Option<&str> {
        self.get(key).map(String::as_str)
    }
}

/// What the batch leaves of the record sets that it names, or AWS's words for all that is wrong.
pub(crate) fn apply(zone: &impl Look, batch: &[Change]) -> Result<BTreeMap<Key, Option<String>>, Vec<String>> {
    let mut working: BTreeMap<Key, Option<String>> = BTreeMap::new();
    let mut faults = Vec::new();
    for Change { action, key, value } in batch {
        let now = working.get(key).cloned().unwrap_or_else(|| zone.look(key).map(str::to_owned));
        let named = format!("[name='{}', type='{}']", key.0, key.1);
        let left = match (*action, now) {
            ("CREATE", Some(_)) => Err(format!("Tried to create resource record set {named} but it already exists")),
            ("CREATE" | "UPSERT", _) => Ok(Some(value.clone())),
            ("DELETE", None) => Err(format!("Tried to delete resource record set {named} but it was not found")),
            ("DELETE", Some(now)) if now != *value => Err(format!(
                "Tried to delete resource record set {named} but the values provided do not match the current values"
            )),
            ("DELETE", _) => Ok(None),
            _ => unreachable!("the clients know three actions"),
        };
        match left {
            Ok(left) => drop(working.insert(key.clone(), left)),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(working) } else { Err(faults) }
}
