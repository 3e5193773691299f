//! A zone: its master file, and what the questions and the judgement need to know of it.
//!
//! Before: [`crate::rules`] or [`crate::garden`] wrote it. After: [`crate::questions`].

use world::reply::Record;

use super::view::is_below;

/// A zone, and what there is to ask about.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    /// Absolute, in the case of its file.
    pub(crate) origin: String,
    /// The master file.
    pub(crate) text: String,
    /// Absolute owners with the types of their records.
    pub(crate) owners: Vec<(String, Vec<String>)>,
    /// Further absolute names to ask for.
    pub(crate) also: Vec<String>,
    /// Its A and AAAA records, below cuts too.
    addresses: Vec<Record>,
}

impl Zone {
    /// From a master file of one line a record, `owner ttl IN type value`, after its `$ORIGIN`.
    pub(crate) fn read(origin: &str, text: String) -> Self {
        let mut owners: Vec<(String, Vec<String>)> = Vec::new();
        let mut addresses = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('$')) {
            let mut words = line.splitn(5, ' ');
            let mut word = || words.next().unwrap();
            let (owner, ttl, _, record_type, value) = (word(), word(), word(), word(), word());
            let owner = absolute(owner, origin);
            if ["A", "AAAA"].contains(&record_type) {
                addresses.push(Record::parse(&format!("{owner} {ttl} IN {record_type} {value}")).unwrap());
            }
            match owners.last_mut().filter(|(last, _)| *last == owner) {
                Some((_, types)) if types.iter().any(|of| of == record_type) => {}
                Some((_, types)) => types.push(record_type.to_owned()),
                None => owners.push((owner, vec![record_type.to_owned()])),
            }
        }
        Self { origin: origin.to_owned(), text, owners, also: Vec::new(), addresses }
    }

    /// The closest of some zones around a name.
    pub(crate) fn around<'z>(zones: &'z [Self], name: &str) -> Option<&'z Self> {
        let name = name.to_lowercase();
        zones.iter().filter(|zone| is_below(&name, &zone.origin.to_lowercase())).max_by_key(|zone| zone.origin.len())
    }

    /// Whether a lower-case absolute name is at or below a zone cut.
    pub(crate) fn is_below_cut(&self, name: &str) -> bool {
        let cuts = self.owners.iter().filter(|(owner, types)| *owner != self.origin && types.iter().any(|t| t == "NS"));
        cuts.map(|(owner, _)| owner.to_lowercase()).any(|cut| is_below(name, &cut))
    }

    /// Whether an address record is the zone's, by a wildcard at least.
    pub(crate) fn holds(&self, record: &Record) -> bool {
        self.addresses.iter().any(|held| {
            let wildcard = held.owner.strip_prefix("*.").is_some_and(|above| is_below(&record.owner, above));
            (held.owner == record.owner || wildcard)
                && held.ttl == record.ttl
                && held.record_type == record.record_type
                && held.text == record.text
        })
    }
}

/// A relative owner of a master file made absolute.
pub(crate) fn absolute(owner: &str, origin: &str) -> String {
    match (owner, origin) {
        ("@", _) => origin.to_owned(),
        (_, ".") => format!("{owner}."),
        _ => format!("{owner}.{origin}"),
    }
}
