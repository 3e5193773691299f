//! Who gets what before and after a change: the answers of two views to every client of a population, with their exact
//! odds, added up.
//!
//! Nothing is drawn. `survey` asks a view, equal clients once; `answers` holds each answer once; `flow` says who moves; here
//! clients are counted. Before: `control` makes the two views. After: it is shown. This may allocate: it is for people.

mod answers;
mod flow;
mod followed;
mod survey;

use std::collections::BTreeMap;

use model::place::Country;
use model::prefix::Prefix;
use model::{Name, RecordType};

use crate::explain::Possible;
use crate::population::Cohort;
use crate::view::View;
use answers::Answers;
use flow::Pair;
pub use followed::Followed;
use survey::{Seen, Survey};

/// Clients that are told one by one, at most.
const CLIENTS_TOLD_MAX: usize = 1_000;
/// Flows that are told, at most; the others are of few clients each.
const FLOWS_TOLD_MAX: usize = 1_000;
/// Answers that are told of each side of a part: there are as many parts as countries and clients told.
const PART_ANSWERS_TOLD_MAX: usize = 100;

/// What happens to the answers of one question. Shares are of the population's weight, 0–1.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    /// The name asked for.
    pub name: Name,
    /// The type asked for.
    pub record_type: RecordType,
    /// Every answer that anybody gets before or after, those of most clients first; beyond some hundreds as one.
    pub answers: Vec<Share>,
    /// How much of the population moves, 0–1.
    pub moved: f64,
    /// Who goes from where to where, the largest first, at most a thousand. What stays is not among them, nor what goes
    /// from one of the answers that are told as one to another.
    pub flows: Vec<Flow>,
    /// All that before holds besides shares.
    pub before: Side,
    /// The same after.
    pub after: Side,
    /// The clients by country, the largest first; those of no known country are together.
    pub countries: Vec<Part>,
    /// Clients one by one: those with most weight on the move, then those with most weight; if something is followed,
    /// before that those who come least by the first of it afterwards. Only as many as asked for.
    pub clients: Vec<Part>,
    /// What is followed, in the order given: the share of the population that comes by it before and after.
    pub followed: Vec<(f64, f64)>,
}

/// An answer and who gets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// The answer; its odds and TTL are those of one client. None stands for all others, which are too many to tell.
    pub possible: Option<Possible>,
    /// The set identifiers that lead to it, such as `eu/blue`; at most three.
    pub labels: Vec<String>,
    /// Of the population before.
    pub before: f64,
    /// Of the population after.
    pub after: f64,
}

/// Clients who move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// The place of their answer before in [`Shift::answers`].
    pub from: usize,
    /// Of that after.
    pub to: usize,
    /// Of the population.
    pub share: f64,
}

/// One side of a shift.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Side {
    /// Gets no records: NODATA, NXDOMAIN, REFUSED, a chain that does not end.
    pub nothing: f64,
    /// Gets records of a group of which nobody is healthy.
    pub fails_open: f64,
    /// The mean of those whose answer was chosen by latency, in milliseconds.
    pub milliseconds: Option<f64>,
    /// The mean of those whose answer was chosen by distance, in kilometres after the bias.
    pub kilometres: Option<f64>,
}

/// Some of the clients.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Which.
    pub of: Whom,
    /// Their part of the population.
    pub share: f64,
    /// How much of them moves, 0–1.
    pub moved: f64,
    /// What they get before: a place in [`Shift::answers`] and a share of this part, 0–1, the largest first; at most a
    /// hundred.
    pub before: Vec<(usize, f64)>,
    /// What they get after.
    pub after: Vec<(usize, f64)>,
    /// What is followed, in the order given: the share of this part that comes by it before and after, 0–1.
    pub followed: Vec<(f64, f64)>,
}

/// Which clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whom {
    /// Those of a country.
    Country(Country),
    /// Those of whom no country is known.
    Unknown,
    /// Those of one prefix.
    Client(Prefix),
}

/// There was no time for all clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

impl Shift {
    /// Whether anybody gets something else, or for another reason.
    #[must_use]
    pub fn is_change(&self) -> bool {
        let differs = |before: f64, after: f64| (before - after).abs() > flow::NEGLIGIBLE;
        self.moved > 0.0
            || differs(self.before.fails_open, self.after.fails_open)
            || self.followed.iter().any(|(before, after)| differs(*before, *after))
    }
}

/// Asks two views the same for each of the clients. `told` is how many clients are told one by one; `followed` are
/// record sets whose part in the answers is told; `go_on` is asked before each client who is not like one before,
/// and before those who move alike are counted. None if there are no clients.
///
/// # Errors
/// `go_on` said no.
pub fn simulate<'c>(
    (before, after): (&View, &View),
    (name, record_type): (&Name, RecordType),
    clients: impl Iterator<Item = &'c Cohort>,
    told: usize,
    followed: &[Followed],
    mut go_on: impl FnMut() -> bool,
) -> Result<Option<Shift>, Stopped> {
    let mut old = Survey::new(before, name, record_type, followed);
    let mut new = Survey::new(after, name, record_type, followed);
    let mut answers = Answers::default();
    let mut asked = Vec::new();
    for cohort in clients {
        let seen = (old.ask(cohort, &mut answers, &mut go_on)?, new.ask(cohort, &mut answers, &mut go_on)?);
        asked.push((cohort, seen));
    }
    if asked.is_empty() {
        return Ok(None);
    }
    let (old, new) = (old.seen(), new.seen());
    let total: f64 = asked.iter().map(|(cohort, _)| cohort.weight).sum();
    let mut sides = [Means::default(); 2];
    // Clients who see the same before and after move alike.
    let mut alike = BTreeMap::<(usize, usize), BTreeMap<Whom, f64>>::new();
    for (cohort, seen) in &asked {
        let share = cohort.weight / total;
        sides[0].add(share, &old[seen.0]);
        sides[1].add(share, &new[seen.1]);
        let country = cohort.country.or_else(|| before.places.locate(cohort.client).value?.place.country);
        let whom = country.map_or(Whom::Unknown, Whom::Country);
        *alike.entry(*seen).or_default().entry(whom).or_default() += share;
    }
    let (answers, fold) = answers.fold(alike.iter().flat_map(|((a, b), parts)| {
        let share: f64 = parts.values().sum();
        [(share, &old[*a].shares[..]), (share, &new[*b].shares[..])]
    }));
    let pair = |(a, b): (usize, usize)| {
        let (old, new) = (&old[a], &new[b]);
        let followed = old.followed.iter().copied().zip(new.followed.iter().copied());
        let mut pair = Pair::folded(&old.shares, &new.shares, &fold);
        pair.followed = followed.collect();
        pair
    };
    let mut whole = Whole::default();
    let mut countries = BTreeMap::<Whom, Tally>::new();
    let mut ranks = BTreeMap::<(usize, usize), Rank>::new();
    for (seen, parts) in &alike {
        if !go_on() {
            return Err(Stopped);
        }
        let pair = pair(*seen);
        let comes = pair.followed.first().map_or(0.0, |(_, after)| *after);
        ranks.insert(*seen, Rank { comes, moved: pair.moved });
        whole.add(parts.values().sum(), &pair);
        for (whom, share) in parts {
            countries.entry(*whom).or_default().add(*share, &pair);
        }
    }
    let of = |(cohort, seen): &Asked<'_>| {
        let mut tally = Tally::default();
        tally.add(cohort.weight / total, &pair(*seen));
        tally.part(Whom::Client(cohort.client))
    };
    let clients = first(&asked, &ranks, told.min(CLIENTS_TOLD_MAX)).into_iter().map(of).collect();
    let mut countries: Vec<Part> = countries.into_iter().map(|(of, tally)| tally.part(of)).collect();
    countries.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.of.cmp(&b.of)));
    let shift = Shift {
        name: name.clone(),
        record_type,
        answers: answers.told(&whole.tally.before, &whole.tally.after),
        moved: whole.tally.moved,
        flows: whole.flows(),
        before: sides[0].side(),
        after: sides[1].side(),
        countries,
        clients,
        followed: whole.tally.followed,
    };
    Ok(Some(in_order(shift)))
}

/// What says who is told first.
#[derive(Clone, Copy)]
struct Rank {
    /// The odds of coming by what is followed first, after.
    comes: f64,
    moved: f64,
}

/// A client, and the places of what it sees before and after.
type Asked<'c> = (&'c Cohort, (usize, usize));

/// What some clients get, added up.
#[derive(Default)]
struct Tally {
    share: f64,
    before: BTreeMap<usize, f64>,
    after: BTreeMap<usize, f64>,
    moved: f64,
    followed: Vec<(f64, f64)>,
}

impl Tally {
    fn add(&mut self, share: f64, pair: &Pair) {
        self.share += share;
        self.moved += share * pair.moved;
        pair.before.iter().for_each(|(place, odds)| *self.before.entry(*place).or_default() += share * odds);
        pair.after.iter().for_each(|(place, odds)| *self.after.entry(*place).or_default() += share * odds);
        self.followed.resize(pair.followed.len(), (0.0, 0.0));
        for (sum, (before, after)) in self.followed.iter_mut().zip(&pair.followed) {
            *sum = (sum.0 + share * before, sum.1 + share * after);
        }
    }

    fn part(self, of: Whom) -> Part {
        let side = |shares: BTreeMap<usize, f64>| {
            let mut shares: Vec<_> = shares.into_iter().map(|(place, share)| (place, share / self.share)).collect();
            shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            shares.truncate(PART_ANSWERS_TOLD_MAX);
            shares
        };
        Part {
            of,
            share: self.share,
            moved: self.moved / self.share,
            before: side(self.before),
            after: side(self.after),
            followed: self.followed.iter().map(|(old, new)| (old / self.share, new / self.share)).collect(),
        }
    }
}

/// What all clients get, and how they move: only here, since ways are many times more than answers.
#[derive(Default)]
struct Whole {
    tally: Tally,
    moves: BTreeMap<(usize, usize), f64>,
}

impl Whole {
    fn add(&mut self, share: f64, pair: &Pair) {
        self.tally.add(share, pair);
        pair.moves().for_each(|(way, odds)| *self.moves.entry(way).or_default() += share * odds);
    }

    fn flows(&self) -> Vec<Flow> {
        let mut flows: Vec<Flow> = self.moves.iter().map(|(&(from, to), &share)| Flow { from, to, share }).collect();
        flows.sort_by(|a, b| b.share.total_cmp(&a.share).then((a.from, a.to).cmp(&(b.from, b.to))));
        flows.truncate(FLOWS_TOLD_MAX);
        flows
    }
}

/// What one side holds besides shares, added up.
#[derive(Debug, Clone, Copy, Default)]
struct Means {
    side: Side,
    milliseconds: (f64, f64),
    kilometres: (f64, f64),
}

impl Means {
    fn add(&mut self, share: f64, seen: &Seen) {
        self.side.nothing += share * seen.nothing;
        self.side.fails_open += share * seen.fails_open;
        for (sum, of) in [(&mut self.milliseconds, seen.milliseconds), (&mut self.kilometres, seen.kilometres)] {
            sum.0 += share * of.0;
            sum.1 += share * of.1;
        }
    }

    fn side(self) -> Side {
        let mean = |(sum, odds): (f64, f64)| (odds > 0.0).then(|| sum / odds);
        Side { milliseconds: mean(self.milliseconds), kilometres: mean(self.kilometres), ..self.side }
    }
}

/// Those who come least by what is followed, then those with most weight on the move, then those with most weight.
fn first<'a, 'c>(asked: &'a [Asked<'c>], ranks: &BTreeMap<(usize, usize), Rank>, most: usize) -> Vec<&'a Asked<'c>> {
    let ranked = |asked: &'a Asked<'c>| {
        let Rank { comes, moved } = ranks[&asked.1];
        (comes, asked.0.weight * moved, asked)
    };
    let mut order: Vec<_> = asked.iter().map(ranked).collect();
    order.sort_by(|(comes, moves, (a, _)), (other_comes, other_moves, (b, _))| {
        let by_weight = b.weight.total_cmp(&a.weight).then(a.client.cmp(&b.client));
        comes.total_cmp(other_comes).then(other_moves.total_cmp(moves)).then(by_weight)
    });
    order.into_iter().take(most).map(|(_, _, asked)| asked).collect()
}

/// Puts the answers of most clients first, and turns every place to its new one.
fn in_order(mut shift: Shift) -> Shift {
    let mut order: Vec<usize> = (0..shift.answers.len()).collect();
    let weight = |share: &Share| share.before.max(share.after);
    order.sort_by(|&a, &b| weight(&shift.answers[b]).total_cmp(&weight(&shift.answers[a])).then(a.cmp(&b)));
    let mut new = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, old)| new[*old] = place);
    shift.answers = order.iter().map(|old| shift.answers[*old].clone()).collect();
    shift.flows.iter_mut().for_each(|flow| (flow.from, flow.to) = (new[flow.from], new[flow.to]));
    for part in shift.countries.iter_mut().chain(&mut shift.clients) {
        part.before.iter_mut().chain(&mut part.after).for_each(|(place, _)| *place = new[*place]);
    }
    shift
}
