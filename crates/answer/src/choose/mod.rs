//! The routing policies: which record sets of a group answer this client now.
//!
//! Before: `find`. After: `write`. One pure function per policy, from the members' health and a draw to indexes;
//! this file walks the tree of aliases around them. Rules shared by all policies (R53 "How Route 53 chooses
//! records"): a member without health check is healthy; if nobody is healthy, all count as healthy; the health of an
//! alias that evaluates its target is that of the target group; a branch once chosen is never backed out of.

mod failover;
pub(crate) mod geolocation;
pub(crate) mod geoproximity;
pub(crate) mod ip_based;
pub(crate) mod latency;
pub(crate) mod multivalue;
mod ordered;
pub(crate) mod sticky;
mod targets;
mod weighted;
mod whereabouts;

use model::RecordType;

use crate::collections::Collections;
use crate::counted::AnswerSlots;
use crate::draw::Draw;
use crate::extended_error::ExtendedError;
use crate::group::{Alias, Content, Elsewhere, Group, Member, Policy, Set};
use crate::limits::{ALIAS_DEPTH_MAX, GROUP_MEMBERS_MAX, HEALTH_STEPS_MAX, MULTIVALUE_ANSWERS_MAX};
use crate::records::{Rdata, Records};
use crate::snapshot::Snapshot;
use crate::target::Target;
use crate::view::{Health, HealthIndex, View};
use crate::zone::Zone;

use sticky::Sticky;
pub(crate) use whereabouts::{Asker, Whereabouts};

/// The records that answer: one record set, or several of a multivalue group.
#[derive(Clone, Copy)]
pub(crate) struct Chosen<'a> {
    first: Records<'a>,
    others: [Option<Records<'a>>; MULTIVALUE_ANSWERS_MAX - 1],
    /// The same rdata may stand in two of them.
    pub(crate) repeats: bool,
    /// The apex of the zone that they are of, if that is not the one that is asked: names in their rdata lie below it.
    pub(crate) foreign: Option<&'a [u8]>,
}

impl<'a> Chosen<'a> {
    pub(crate) fn one(records: Records<'a>) -> Self {
        Self { first: records, others: [None; MULTIVALUE_ANSWERS_MAX - 1], repeats: false, foreign: None }
    }

    pub(crate) fn first(&self) -> Records<'a> {
        self.first
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Records<'a>> {
        std::iter::once(self.first).chain(self.others.iter().flatten().copied())
    }

    /// Whether an earlier record set than the `i`th holds this rdata too: RFC 2181 §5, no record twice in an RRset.
    pub(crate) fn has_before(&self, i: usize, rdata: Rdata<'a>) -> bool {
        self.repeats && self.iter().take(i).flat_map(Records::iter).any(|earlier| earlier == rdata)
    }

    /// Every rdata in stored order, each once.
    pub(crate) fn rdata(&self) -> impl Iterator<Item = Rdata<'a>> {
        self.iter()
            .enumerate()
            .flat_map(move |(i, records)| records.iter().filter(move |rdata| !self.has_before(i, *rdata)))
    }

    /// RFC 2181 §5.2: one RRset has one TTL; of several record sets the least.
    pub(crate) fn ttl(&self) -> u32 {
        self.iter().map(Records::ttl).min().expect("there is a first")
    }
}

/// What a choice depends on.
pub(crate) struct Choice<'a, 'd> {
    pub(crate) zone: &'a Zone,
    health: &'a Health,
    collections: &'a Collections,
    snapshot: &'a Snapshot,
    pub(crate) asker: Asker<'a>,
    /// The key under which the zone's names are hashed.
    pub(crate) seed: u64,
    pub(crate) draw: Draw<'d>,
    /// What there is to say of the choices so far.
    pub(crate) error: Option<ExtendedError>,
    /// Where the answer is to be counted.
    pub(crate) slots: AnswerSlots,
    /// Health look-ups through aliases that are still allowed.
    steps: u32,
    targets: targets::Targets<'a>,
}

impl<'a, 'd> Choice<'a, 'd> {
    pub(crate) fn new(view: &'a View, zone: &'a Zone, asker: Asker<'a>, draw: Draw<'d>) -> Self {
        Self {
            zone,
            health: &view.health,
            collections: &view.snapshot.collections,
            snapshot: &view.snapshot,
            asker,
            seed: view.snapshot.seed,
            draw,
            error: None,
            slots: AnswerSlots::default(),
            steps: HEALTH_STEPS_MAX,
            targets: targets::Targets::default(),
        }
    }

    /// Tells a script what the answer took.
    pub(crate) fn end(&mut self) {
        self.draw.end(self.asker.scope(), HEALTH_STEPS_MAX - self.steps);
    }

    /// What decides a group in place of a draw; nothing where all clients are asked about, of whom each has its own.
    pub(crate) fn sticky<'g>(&self, group: &'g Group) -> Option<&'g Sticky> {
        group.sticky.as_ref().filter(|_| !self.draw.is_by_weights())
    }

    /// The records of a set; nothing if its aliases lead nowhere, or if nothing of it is for this client.
    pub(crate) fn choose(&mut self, set: Set<'a>, record_type: RecordType) -> Option<Chosen<'a>> {
        let home = self.zone;
        let mut chosen = self.follow(set, record_type);
        if !std::ptr::eq(home, self.zone)
            && let Some(chosen) = &mut chosen
        {
            chosen.foreign = Some(&self.zone.apex);
        }
        self.zone = home;
        chosen
    }

    /// Follows aliases; `zone` is then the one that they led to.
    fn follow(&mut self, set: Set<'a>, record_type: RecordType) -> Option<Chosen<'a>> {
        let (mut set, mut aliases) = (set, 0);
        // It ends: aliases are counted, and a compiled group is never nested in itself.
        loop {
            let group = match set {
                Set::Records(records) => return Some(Chosen::one(records)),
                Set::Group(group) => group,
            };
            if group.policy == Policy::Multivalue {
                return self.several(group);
            }
            let Some(member) = self.member(group, record_type) else {
                return self.nothing(ExtendedError::NotForClient);
            };
            if group.is_counted {
                self.slots.note(group.members[member].aside.slot);
            }
            match &group.members[member].content {
                Content::Records(bytes) => return Some(Chosen::one(Records::new(bytes))),
                Content::Alias(_) | Content::Elsewhere(_) if aliases == ALIAS_DEPTH_MAX => {
                    return self.nothing(ExtendedError::AliasesTooDeep);
                }
                Content::Alias(alias) => {
                    aliases += 1;
                    let Some(target) = self.target(alias, record_type) else {
                        return self.nothing(ExtendedError::AliasTargetMissing);
                    };
                    set = target;
                }
                Content::Elsewhere(elsewhere) => {
                    aliases += 1;
                    let Some(zone) = self.other_zone(elsewhere) else {
                        return self.nothing(ExtendedError::AliasTargetElsewhere);
                    };
                    self.zone = zone;
                    let Some(target) = self.foreign_target(elsewhere, record_type) else {
                        return self.nothing(ExtendedError::AliasTargetMissing);
                    };
                    set = target;
                }
                Content::Nested(nested) => set = Set::Group(&nested.group),
                Content::Outside => return self.nothing(ExtendedError::AliasTargetElsewhere),
            }
        }
    }

    /// Like [`Self::choose`], but only what every client is given: RFC 7871 §7.3.1 lets no cache tie records beside the
    /// answer to a network.
    pub(crate) fn choose_for_all(&mut self, set: Set<'a>, record_type: RecordType) -> Option<Chosen<'a>> {
        let anew = self.asker.anew();
        let (asker, error, slots) = (std::mem::replace(&mut self.asker, anew), self.error, self.slots);
        let chosen = self.choose(set, record_type);
        let depends = self.asker.scope() != 0;
        (self.asker, self.error, self.slots) = (asker, error, slots);
        chosen.filter(|_| !depends)
    }

    /// Like [`Self::choose`], for what stands beside the answer and must, as glue does: it says nothing of the answer's
    /// reasons. It counts for the scope, for another client may be given other glue.
    pub(crate) fn choose_beside(&mut self, set: Set<'a>, record_type: RecordType) -> Option<Chosen<'a>> {
        let (error, slots) = (self.error, self.slots);
        self.draw.aside(true);
        let chosen = self.choose(set, record_type);
        self.draw.aside(false);
        (self.error, self.slots) = (error, slots);
        chosen
    }

    fn nothing(&mut self, error: ExtendedError) -> Option<Chosen<'a>> {
        (self.error, self.slots) = (Some(error), AnswerSlots::default());
        None
    }

    /// One bit per member that is healthy; if that is nobody, all will count as healthy, which is noted.
    fn healthy_or_noted(&mut self, group: &Group, record_type: RecordType) -> u128 {
        let healthy = self.healthy(group, record_type, 0);
        if healthy == 0 {
            self.error = Some(ExtendedError::AllUnhealthy);
        }
        healthy
    }

    /// The one member of a group that answers; none if no member is for this client.
    fn member(&mut self, group: &Group, record_type: RecordType) -> Option<usize> {
        match group.policy {
            Policy::Weighted { total } => {
                let healthy = self.healthy_or_noted(group, record_type);
                Some(match self.sticky(group) {
                    None => weighted::choose(group.weights(), total, healthy, &mut self.draw),
                    Some(sticky) => weighted::keep(group.weights(), healthy, sticky, sticky.client(&mut self.asker)),
                })
            }
            Policy::Failover => Some(failover::choose(self.healthy_or_noted(group, record_type))),
            Policy::Latency | Policy::Geolocation | Policy::Geoproximity | Policy::IpBased(_) => {
                self.in_order(group, record_type)
            }
            Policy::Simple | Policy::Multivalue => {
                if group.members[0].health.is_some_and(|index| !self.health.is_healthy(index)) {
                    self.error = Some(ExtendedError::AllUnhealthy);
                }
                Some(0)
            }
        }
    }

    /// Tells the members of a group that answer: one, several of a multivalue group, or none.
    pub(crate) fn members(&mut self, group: &Group, record_type: RecordType, mut tell: impl FnMut(usize)) {
        if group.policy == Policy::Multivalue {
            let (indexes, n) = self.drawn(group);
            indexes[..n].iter().for_each(|&i| tell(usize::from(i)));
        } else if let Some(member) = self.member(group, record_type) {
            tell(member);
        }
    }

    fn several(&mut self, group: &'a Group) -> Option<Chosen<'a>> {
        let (indexes, n) = self.drawn(group);
        let mut chosen = indexes[..n].iter().filter_map(|&i| match &group.members[usize::from(i)].content {
            Content::Records(bytes) => Some(Records::new(bytes)),
            Content::Alias(_) | Content::Elsewhere(_) | Content::Nested(_) | Content::Outside => None,
        });
        let mut all = Chosen { repeats: group.repeats, ..Chosen::one(chosen.next()?) };
        for (place, records) in all.others.iter_mut().zip(chosen) {
            *place = Some(records);
        }
        Some(all)
    }

    /// The members of a multivalue group that answer, and how many they are.
    fn drawn(&mut self, group: &Group) -> ([u8; GROUP_MEMBERS_MAX], usize) {
        let healthy = self.healthy_or_noted(group, RecordType::A);
        let mut indexes = [0; GROUP_MEMBERS_MAX];
        let n = multivalue::choose(group.members.len(), healthy, &mut self.draw, &mut indexes);
        (indexes, n)
    }

    /// Whether a health check is healthy now.
    pub(crate) fn is_check_healthy(&self, index: HealthIndex) -> bool {
        self.health.is_healthy(index)
    }

    fn passes(&self, check: Option<HealthIndex>) -> bool {
        check.is_none_or(|index| self.health.is_healthy(index))
    }

    /// One bit per member: healthy, and so a candidate. All of them if no health check has a say.
    pub(crate) fn healthy(&mut self, group: &Group, record_type: RecordType, depth: usize) -> u128 {
        if group.always_healthy {
            return all(group.members.len());
        }
        let (mut mask, mut bit) = (0, 1);
        let mut put = |is_healthy: bool| {
            mask |= if is_healthy { bit } else { 0 };
            bit <<= 1;
        };
        match &group.checks {
            Some(checks) => checks.iter().for_each(|check| put(self.passes(*check))),
            None => group.members.iter().for_each(|member| put(self.is_healthy(member, record_type, depth))),
        }
        mask
    }

    /// Both the member's own health check and, if it evaluates its target, the target must be healthy.
    #[inline]
    pub(crate) fn is_healthy(&mut self, member: &Member, record_type: RecordType, depth: usize) -> bool {
        if !self.passes(member.health) {
            return false;
        }
        match &member.content {
            Content::Records(_) | Content::Outside => true,
            Content::Alias(_) | Content::Elsewhere(_) | Content::Nested(_) => {
                self.is_below_healthy(&member.content, record_type, depth)
            }
        }
    }

    /// What an alias or a rule leads to, if its health is to be evaluated.
    fn is_below_healthy(&mut self, content: &Content, record_type: RecordType, depth: usize) -> bool {
        match content {
            Content::Alias(alias) if alias.evaluate_target_health => {
                self.is_target_healthy(depth + 1, record_type, |choice| choice.target(alias, record_type))
            }
            Content::Elsewhere(elsewhere) if elsewhere.evaluate_target_health => {
                // What is not here is healthy: nobody can tell.
                let Some(other) = self.other_zone(elsewhere) else { return true };
                let home = std::mem::replace(&mut self.zone, other);
                let find = |choice: &mut Self| choice.foreign_target(elsewhere, record_type);
                let is_healthy = self.is_target_healthy(depth + 1, record_type, find);
                self.zone = home;
                is_healthy
            }
            Content::Nested(nested) if nested.evaluate_health => {
                self.is_group_healthy(&nested.group, record_type, depth)
            }
            Content::Alias(_) | Content::Elsewhere(_) | Content::Nested(_) | Content::Records(_) | Content::Outside => {
                true
            }
        }
    }

    /// A nested group is healthy while one of its members for this client is. How deep they nest was bounded when they
    /// were made; how many are looked at is bounded with the aliases.
    fn is_group_healthy(&mut self, group: &Group, record_type: RecordType, depth: usize) -> bool {
        if group.is_healthy_for_all() || self.steps == 0 {
            return true;
        }
        self.steps -= 1;
        self.has_healthy(group, record_type, depth)
    }

    /// Whether any member that is for this client is healthy.
    fn has_healthy(&mut self, group: &Group, record_type: RecordType, depth: usize) -> bool {
        let applicable = self.applicable(group);
        match &group.checks {
            Some(checks) => bits(applicable).any(|i| self.passes(checks[i])),
            None => bits(applicable).any(|i| self.is_healthy(&group.members[i], record_type, depth)),
        }
    }

    /// A target group is healthy while one of its members for this client is; a target that does not exist is not.
    fn is_target_healthy(
        &mut self,
        depth: usize,
        record_type: RecordType,
        target: impl FnOnce(&mut Self) -> Option<Set<'a>>,
    ) -> bool {
        if depth > ALIAS_DEPTH_MAX || self.steps == 0 {
            return true;
        }
        self.steps -= 1;
        match target(self) {
            None => false,
            Some(Set::Records(_)) => true,
            Some(Set::Group(group)) => self.has_healthy(group, record_type, depth),
        }
    }

    /// The set of the same type at the alias's target.
    pub(crate) fn target(&mut self, alias: &Alias, record_type: RecordType) -> Option<Set<'a>> {
        let zone = self.zone;
        self.targets.of(alias, record_type, || zone.node(alias.hash, &alias.relative)?.set(record_type))
    }

    /// The zone that an alias leads into, if it is here. What private zones hold is for their VPCs only.
    pub(crate) fn other_zone(&self, elsewhere: &Elsewhere) -> Option<&'a Zone> {
        self.snapshot.zone(&elsewhere.zone).map(|zone| &**zone).filter(|zone| !zone.is_private())
    }

    /// The set of the same type at the target of an alias into the zone that is looked at now.
    pub(crate) fn foreign_target(&self, elsewhere: &Elsewhere, record_type: RecordType) -> Option<Set<'a>> {
        let target = Target::new(&elsewhere.name, self.seed);
        if !target.lies_in(self.zone) {
            return None;
        }
        self.zone.node_of(&target, 0)?.set(record_type)
    }
}

/// A mask with a bit for each of `n` members.
pub(crate) fn all(n: usize) -> u128 {
    if n >= 128 { u128::MAX } else { (1 << n) - 1 }
}

/// The members of a mask, from the first on.
fn bits(mut mask: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let first = mask.trailing_zeros() as usize;
        mask &= mask.checked_sub(1)?;
        Some(first)
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use model::place::Point;

    use crate::places::{Located, Place, PlaceRow, Places};

    /// A place by its codes, as `places` completes it.
    pub(crate) fn located(
        continent: Option<&str>,
        country: Option<&str>,
        subdivision: Option<&str>,
        point: Option<(i16, i16)>,
    ) -> Located {
        let place = Place {
            continent: continent.map(|code| code.parse().unwrap()),
            country: country.map(|code| code.parse().unwrap()),
            subdivision: subdivision.map(|code| code.parse().unwrap()),
            point: point.map(|(latitude, longitude)| Point { latitude, longitude }),
        };
        let everywhere = "0.0.0.0/0".parse().unwrap();
        let places = Places::compile(vec![PlaceRow { prefix: everywhere, place }], Vec::new(), &[]).unwrap();
        *places.locate(everywhere).value.unwrap()
    }
}
