//! What a release owns beside weights, as it is and as it shall be: before the first step plain records are adopted, TTLs
//! lowered and names made sticky, in one change; after the last step, and on the way back, it is as it was found.
//!
//! Pure descriptions of states; `carry` writes them and `owned` decides when. Three-way: a field that is ours goes back to
//! the snapshot, one that others changed meanwhile stays as they left it.

use model::Stickiness;
use model::deployment::{
    Affinity, Beside, DnsBinding, NameStickiness, Owned, Period, PlanBeside, RecordForm, RecordSetKey, RecordSetTtl,
    Service, Spec,
};
use model::id::{EnvironmentName, HostedZoneId};

use crate::live::{Live, adopted};

/// The TTL that a group gets while staged, in seconds; none if all of it are low enough.
///
/// A group has one TTL once somebody writes one (R53 weighted), so the smallest of its members bounds it.
fn staged_ttl<'a>(spec: &Spec, group: impl Iterator<Item = &'a RecordForm>) -> Option<u32> {
    let stage = u32::try_from(spec.stage_ttl?.ms() / 1_000).unwrap_or(u32::MAX);
    let ttls: Vec<u32> = group.filter_map(RecordForm::ttl_seconds).collect();
    let (least, most) = (ttls.iter().min()?, ttls.iter().max()?);
    (*most > stage).then_some(stage.min(*least))
}

fn groups(live: &Live) -> impl Iterator<Item = &[RecordForm]> {
    live.records.chunk_by(RecordForm::is_beside)
}

fn binding_of<'a>(service: &'a Service, form: &RecordForm) -> Option<&'a DnsBinding> {
    service.records().find(|binding| binding.zone == form.zone && binding.name == form.name)
}

/// What is to be written before the first step; none if all is so already.
pub(crate) fn before(service: &Service, spec: &Spec, live: &Live, sticky: &[NameStickiness]) -> Option<Beside> {
    let (mut was, mut shall) = (Owned::default(), Owned::default());
    for group in groups(live) {
        let staged = staged_ttl(spec, group.iter());
        if let [plain @ RecordForm { weighted: None, .. }] = group {
            let members = adopted(service, plain);
            was.records.push(plain.clone());
            for form in members {
                let form = staged.map_or(form.clone(), |ttl| form.with_ttl(ttl));
                let ttl = staged.and(form.ttl_seconds()).zip(form.key());
                shall.ttls.extend(ttl.map(|(ttl_seconds, record_set)| RecordSetTtl { record_set, ttl_seconds }));
                shall.records.push(form);
            }
            continue;
        }
        for form in group {
            if let (Some(to), Some(ttl_seconds), Some(record_set)) = (staged, form.ttl_seconds(), form.key()) {
                was.ttls.push(RecordSetTtl { record_set: record_set.clone(), ttl_seconds });
                shall.ttls.push(RecordSetTtl { record_set, ttl_seconds: to });
            }
        }
    }
    for (zone, name) in names(service, |binding| binding.affinity == Some(Affinity::Resolver)) {
        let found = sticky.iter().find(|found| found.zone == *zone && found.name == *name);
        if found.is_none_or(|found| found.prefixes.is_none()) {
            let form = |prefixes| NameStickiness { zone: zone.clone(), name: name.clone(), prefixes };
            was.sticky.push(form(None));
            let by = Stickiness::DEFAULT;
            shall.sticky.push(form(Some((by.ipv4_prefix(), by.ipv6_prefix()))));
        }
    }
    (!was.is_empty() || !shall.is_empty()).then_some(Beside { precondition: was, desired: shall })
}

/// The same for people, before anything exists; and what will be released at the end.
pub(crate) fn planned(service: &Service, spec: &Spec, live: &Live) -> Option<PlanBeside> {
    let before = before(service, spec, live, &[])
        .unwrap_or_else(|| Beside { precondition: Owned::default(), desired: Owned::default() });
    let told = |form: &RecordForm| format!("{} {}", form.name, form.record_type);
    let released = groups(live)
        .filter_map(|group| group.first())
        .filter(|first| binding_of(service, first).is_some_and(|binding| binding.release));
    let plan = PlanBeside {
        adopt: before.precondition.records.iter().map(told).collect(),
        release: released.map(told).collect(),
        ttl_seconds: before.desired.ttls.iter().map(|ttl| ttl.ttl_seconds).max(),
        sticky: before.desired.sticky.iter().map(|found| found.name.to_string()).collect(),
        takes: Period::ZERO,
    };
    (plan != PlanBeside::default()).then_some(plan)
}

fn names(
    service: &Service,
    is_wanted: impl Fn(&DnsBinding) -> bool,
) -> impl Iterator<Item = (&HostedZoneId, &model::Name)> {
    service.records().filter(move |binding| is_wanted(binding)).map(|binding| (&binding.zone, &binding.name))
}

/// What must be kept of the record sets as found, so that the way back is exact: all of names and types whose existence
/// may change.
pub(crate) fn kept(service: &Service, live: &Live) -> Vec<RecordForm> {
    let is_kept = |form: &&RecordForm| {
        form.weighted.is_none() || binding_of(service, form).is_some_and(|binding| binding.release)
    };
    live.records.iter().filter(is_kept).cloned().collect()
}

/// What the TTLs and stickiness of a release are to be after it, by what was done before it and what is there now.
fn fields_as_found(was: &Owned, live: &Live, sticky: &[NameStickiness]) -> (Owned, Owned) {
    let (mut now, mut shall) = (Owned::default(), Owned::default());
    for found in &was.ttls {
        let Some(ttl_seconds) = live_ttl(live, &found.record_set) else { continue };
        now.ttls.push(RecordSetTtl { record_set: found.record_set.clone(), ttl_seconds });
        shall.ttls.push(found.clone());
    }
    for found in &was.sticky {
        let is_same = |other: &&NameStickiness| other.zone == found.zone && other.name == found.name;
        let prefixes = sticky.iter().find(is_same).and_then(|other| other.prefixes);
        now.sticky.push(NameStickiness { prefixes, ..found.clone() });
        shall.sticky.push(found.clone());
    }
    (now, shall)
}

/// The TTL of a weighted record set as it is; none of one that is gone or an alias.
fn live_ttl(live: &Live, key: &RecordSetKey) -> Option<u32> {
    live.records.iter().find(|form| form.key().as_ref() == Some(key))?.ttl_seconds()
}

/// What is to be written after the last step; none if all is so already. `before` is what was written before the first.
pub(crate) fn after(
    service: &Service,
    before: Option<&Beside>,
    live: &Live,
    sticky: &[NameStickiness],
    to: &EnvironmentName,
) -> Option<Beside> {
    let nothing = Owned::default();
    let (was, did) = before.map_or((&nothing, &nothing), |beside| (&beside.precondition, &beside.desired));
    let is_staged = |key: &RecordSetKey| did.ttls.iter().any(|ttl| ttl.record_set == *key);
    let (mut now, mut shall) = fields_as_found(was, live, sticky);
    for group in groups(live) {
        let [first, ..] = group else { continue };
        let found_ttl = was.records.iter().find(|form| form.is_beside(first)).and_then(RecordForm::ttl_seconds);
        let is_released = binding_of(service, first).is_some_and(|binding| binding.release);
        let is_of_target =
            |form: &&RecordForm| form.weighted.as_ref().is_some_and(|(id, _)| service.environment_of(id) == Some(to));
        match group.iter().find(is_of_target).filter(|_| is_released) {
            Some(member) => {
                let staged = was.ttls.iter().find(|ttl| member.key().as_ref() == Some(&ttl.record_set));
                let is_ours = member.key().is_some_and(|key| is_staged(&key));
                let ttl = found_ttl.filter(|_| is_ours).or(staged.map(|ttl| ttl.ttl_seconds));
                let plain = member.clone().as_plain();
                now.ttls.retain(|ttl| !first.is_at(&ttl.record_set));
                shall.ttls.retain(|ttl| !first.is_at(&ttl.record_set));
                now.records.extend(group.iter().cloned());
                shall.records.push(ttl.map_or(plain.clone(), |ttl| plain.with_ttl(ttl)));
            }
            // Adopted and kept: the TTL of the plain record is that of its members again.
            None => {
                for form in group {
                    let of_form = (found_ttl, form.ttl_seconds(), form.key().filter(is_staged));
                    if let (Some(found), Some(ttl_seconds), Some(record_set)) = of_form {
                        now.ttls.push(RecordSetTtl { record_set: record_set.clone(), ttl_seconds });
                        shall.ttls.push(RecordSetTtl { record_set, ttl_seconds: found });
                    }
                }
            }
        }
    }
    (now != shall).then_some(Beside { precondition: now, desired: shall })
}

/// The way back beside weights, and what others changed meanwhile and is left to them; none if nothing was written.
/// `before` is what was written before the first step, `finish` what was written after the last, if it came so far.
pub(crate) fn back(
    service: &Service,
    (kept, before, finish): (&[RecordForm], Option<&Beside>, Option<&Beside>),
    live: &Live,
    sticky: &[NameStickiness],
    from: Option<&EnvironmentName>,
) -> (Option<Beside>, Vec<String>) {
    let (nothing, mut left) = (Owned::default(), Vec::new());
    let (was, did) = before.map_or((&nothing, &nothing), |beside| (&beside.precondition, &beside.desired));
    let (mut now, mut shall) = fields_as_found(was, live, sticky);
    for group in kept.chunk_by(RecordForm::is_beside) {
        let Some(first) = group.first() else { continue };
        let there: Vec<RecordForm> = live.records.iter().filter(|form| form.is_beside(first)).cloned().collect();
        let is_plain = |forms: &[RecordForm]| forms.iter().any(|form| form.weighted.is_none());
        // A plain record in the place of a plain one is the new environment's where the end of the release made it.
        let made = finish.iter().flat_map(|beside| &beside.desired.records).find(|form| form.is_beside(first));
        let answers_alike =
            |found: &RecordForm| made.is_some_and(|made| made.clone().with_ttl(0) == found.clone().with_ttl(0));
        let is_ours = matches!(there.as_slice(), [found @ RecordForm { weighted: None, .. }] if answers_alike(found));
        if is_plain(group) == is_plain(&there) && !there.is_empty() && !(is_plain(group) && is_ours) {
            continue;
        }
        now.ttls.retain(|ttl| !first.is_at(&ttl.record_set));
        shall.ttls.retain(|ttl| !first.is_at(&ttl.record_set));
        let mut forms = group.to_vec();
        if let [plain @ RecordForm { weighted: None, .. }] = forms.as_mut_slice() {
            let is_of_origin =
                |form: &&RecordForm| form.weighted.as_ref().is_some_and(|(id, _)| service.environment_of(id) == from);
            let made = did.records.iter().filter(|form| form.is_beside(first)).find(is_of_origin);
            let member = there.iter().find(is_of_origin);
            if let (Some(made), Some(member)) = (made, member)
                && (&made.answer, &made.health_check) != (&member.answer, &member.health_check)
            {
                left.push(format!("{} {}", plain.name, plain.record_type));
                let is_ttl_ours = made.ttl_seconds() != plain.ttl_seconds();
                let ttl = if is_ttl_ours { plain.ttl_seconds() } else { member.ttl_seconds() };
                let edited = member.clone().as_plain();
                *plain = ttl.map_or(edited.clone(), |ttl| edited.with_ttl(ttl));
            }
            // The end of the release wrote the answer; a TTL that others gave it since stays.
            if let ([found], Some(made)) = (there.as_slice(), made.filter(|_| is_ours))
                && let (Some(ttl), Some(given)) = (found.ttl_seconds(), made.ttl_seconds())
                && ttl != given
            {
                left.push(format!("{} {}", plain.name, plain.record_type));
                *plain = plain.clone().with_ttl(ttl);
            }
        }
        now.records.extend(there);
        shall.records.extend(forms);
    }
    ((now != shall).then_some(Beside { precondition: now, desired: shall }), left)
}

/// Whether fields are as they shall be. What is plain has no weights to compare; the caller leaves them out.
pub(crate) fn is_live(owned: &Owned, live: &Live, sticky: &[NameStickiness]) -> bool {
    first_difference(owned, live, sticky).is_none()
}

/// The first field that is not as it shall be, in words.
pub(crate) fn first_difference(owned: &Owned, live: &Live, sticky: &[NameStickiness]) -> Option<String> {
    for ttl in &owned.ttls {
        let found = live_ttl(live, &ttl.record_set);
        if found.is_some_and(|found| found != ttl.ttl_seconds) {
            let found = found.unwrap_or_default();
            return Some(format!("the TTL of {} is {found}s, not {}s", ttl.record_set, ttl.ttl_seconds));
        }
    }
    for form in &owned.records {
        let found = match form.key() {
            None => live.records.iter().find(|other| *other == form),
            Some(key) => live.records.iter().find(|other| other.key().as_ref() == Some(&key)),
        };
        if found.is_none() {
            let what = form.key().map_or("plain record".to_owned(), |key| format!("record set {}", key.set_identifier));
            return Some(format!("{} {} has no {what} as it should", form.name, form.record_type));
        }
    }
    for name in &owned.sticky {
        let is_same = |other: &&NameStickiness| other.zone == name.zone && other.name == name.name;
        if sticky.iter().find(is_same).and_then(|found| found.prefixes) != name.prefixes {
            let should = if name.prefixes.is_some() { "sticky" } else { "not sticky" };
            return Some(format!("{} should be {should}", name.name));
        }
    }
    None
}

/// Whether a write lowers a TTL, so that the old one must be waited for.
pub(crate) fn lowers_ttl(beside: &Beside) -> bool {
    let most = |owned: &Owned| {
        let of_records = owned.records.iter().filter_map(RecordForm::ttl_seconds);
        owned.ttls.iter().map(|ttl| ttl.ttl_seconds).chain(of_records).max()
    };
    most(&beside.desired) < most(&beside.precondition)
}

/// Whether a key is at a name and type whose record sets the write makes anew.
pub(crate) fn makes(owned: &Owned, key: &RecordSetKey) -> bool {
    owned.records.iter().any(|form| form.is_at(key))
}

/// What a write does beside weights, for the story.
pub(crate) fn told(beside: &Beside) -> String {
    let (was, shall) = (&beside.precondition, &beside.desired);
    let mut parts = Vec::new();
    for group in shall.records.chunk_by(RecordForm::is_beside) {
        let [first, ..] = group else { continue };
        let what = if first.weighted.is_some() { "weighted record sets" } else { "one plain record" };
        parts.push(format!("{} {} is {what}", first.name, first.record_type));
    }
    let was_ttl = was.ttls.first().map(|ttl| ttl.ttl_seconds);
    if let Some(shall) = shall.ttls.first() {
        let was = was_ttl.or_else(|| was.records.iter().find_map(RecordForm::ttl_seconds));
        parts.push(format!("ttl {}s → {}s", was.unwrap_or(0), shall.ttl_seconds));
    }
    for name in &shall.sticky {
        let no_longer = if name.prefixes.is_some() { "" } else { "no longer " };
        parts.push(format!("{} is {no_longer}sticky", name.name));
    }
    parts.join("; ")
}
