//! Who gets what before and after a change: the answers of two views to every client of a population, with their exact
//! odds, added up.
//!
//! Nothing is drawn. `survey` asks a view, equal clients once; `flow` says who moves; here clients are counted. Before:
//! `control` makes the two views. After: it is shown. This may allocate: it is for people.

mod flow;
mod followed;
mod survey;

use std::collections::{BTreeMap, HashMap};

use model::place::Country;
use model::prefix::Prefix;
use model::{Name, RecordType};

use crate::explain::{Ending, Possible};
use crate::population::Cohort;
use crate::view::View;
use flow::Pair;
pub use followed::Followed;
use survey::{Seen, Survey};

/// Clients that are told one by one, at most.
const CLIENTS_TOLD_MAX: usize = 1_000;

/// What happens to the answers of one question. Shares are of the population's weight, 0–1.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    /// The name asked for.
    pub name: Name,
    /// The type asked for.
    pub record_type: RecordType,
    /// Every answer that anybody gets before or after, those of most clients first.
    pub answers: Vec<Share>,
    /// Who goes from where to where, the largest first. What stays is not among them.
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
    /// The answer; its odds and TTL are those of one client. None stands for answers beyond some ten thousand.
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
    /// What they get before: a place in [`Shift::answers`] and a share of this part, 0–1, the largest first.
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
    /// How much of the population moves, 0–1.
    #[must_use]
    pub fn moved(&self) -> f64 {
        // The sum of nothing is -0.
        self.flows.iter().fold(0.0, |moved, flow| moved + flow.share)
    }

    /// Whether anybody gets something else, or for another reason.
    #[must_use]
    pub fn is_change(&self) -> bool {
        let differs = |before: f64, after: f64| (before - after).abs() > flow::NEGLIGIBLE;
        !self.flows.is_empty()
            || differs(self.before.fails_open, self.after.fails_open)
            || self.followed.iter().any(|(before, after)| differs(*before, *after))
    }
}

/// Asks two views the same for each of the clients. `told` is how many clients are told one by one; `followed` are
/// record sets whose part in the answers is told; `go_on` is asked before each client who is not like one before. None
/// if there are no clients.
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
    let mut asked = Vec::new();
    for cohort in clients {
        let seen = (old.ask(cohort, &mut go_on)?, new.ask(cohort, &mut go_on)?);
        asked.push((cohort, seen));
    }
    if asked.is_empty() {
        return Ok(None);
    }
    let mut answers = Answers::default();
    let shares = |survey: &Survey<'_>, answers: &mut Answers| -> Vec<Vec<(usize, f64)>> {
        survey.seen().iter().map(|seen| answers.shares(seen)).collect()
    };
    let (old_shares, new_shares) = (shares(&old, &mut answers), shares(&new, &mut answers));
    // Clients who see the same before and after move alike.
    let mut pairs = HashMap::<(usize, usize), Pair>::new();
    for (_, (a, b)) in &asked {
        pairs.entry((*a, *b)).or_insert_with(|| {
            let sides = old.seen()[*a].followed.iter().copied().zip(new.seen()[*b].followed.iter().copied());
            Pair { followed: sides.collect(), ..Pair::new(&old_shares[*a], &new_shares[*b]) }
        });
    }
    let total: f64 = asked.iter().map(|(cohort, _)| cohort.weight).sum();
    let mut whole = Tally::default();
    let mut countries = BTreeMap::<Whom, Tally>::new();
    let mut sides = [Means::default(); 2];
    for (cohort, seen) in &asked {
        let (share, pair) = (cohort.weight / total, &pairs[seen]);
        whole.add(share, pair);
        let country = cohort.country.or_else(|| before.places.locate(cohort.client).value?.place.country);
        countries.entry(country.map_or(Whom::Unknown, Whom::Country)).or_default().add(share, pair);
        sides[0].add(share, &old.seen()[seen.0]);
        sides[1].add(share, &new.seen()[seen.1]);
    }
    let clients = one_by_one(&asked, &pairs, total, told.min(CLIENTS_TOLD_MAX));
    let mut countries: Vec<Part> = countries.into_iter().map(|(of, tally)| tally.part(of)).collect();
    countries.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.of.cmp(&b.of)));
    let shift = Shift {
        name: name.clone(),
        record_type,
        answers: answers.told(&whole),
        flows: whole.flows(),
        before: sides[0].side(),
        after: sides[1].side(),
        countries,
        clients,
        followed: whole.followed,
    };
    Ok(Some(in_order(shift)))
}

/// All answers of both views, equal ones once.
#[derive(Default)]
struct Answers {
    places: BTreeMap<Option<Identity>, usize>,
    all: Vec<(Option<Possible>, Vec<String>)>,
}

/// What makes two answers the same to a client.
type Identity = (Vec<Name>, Vec<String>, Option<usize>, Ending, RecordType);

/// Labels of one answer.
const LABELS_MAX: usize = 3;

impl Answers {
    fn shares(&mut self, seen: &Seen) -> Vec<(usize, f64)> {
        let mut shares = BTreeMap::<usize, f64>::new();
        for (possible, labels) in &seen.answers {
            let Possible { odds, via, record_type, values, some, ending, ttl_seconds: _ } = possible;
            let identity = (via.clone(), values.clone(), *some, *ending, *record_type);
            let place = self.place(Some(identity), Some(possible));
            for label in labels {
                let known = &mut self.all[place].1;
                if known.len() < LABELS_MAX && !known.contains(label) {
                    known.push(label.clone());
                }
            }
            *shares.entry(place).or_default() += odds;
        }
        if seen.untold > 0.0 {
            let place = self.place(None, None);
            *shares.entry(place).or_default() += seen.untold;
        }
        shares.into_iter().collect()
    }

    fn place(&mut self, identity: Option<Identity>, possible: Option<&Possible>) -> usize {
        *self.places.entry(identity).or_insert_with(|| {
            self.all.push((possible.cloned(), Vec::new()));
            self.all.len() - 1
        })
    }

    fn told(self, whole: &Tally) -> Vec<Share> {
        let share = |shares: &BTreeMap<usize, f64>, place| shares.get(&place).copied().unwrap_or(0.0);
        let told = self.all.into_iter().enumerate().map(|(place, (possible, labels))| Share {
            possible,
            labels,
            before: share(&whole.before, place),
            after: share(&whole.after, place),
        });
        told.collect()
    }
}

/// What some clients get and how they move, added up.
#[derive(Default)]
struct Tally {
    share: f64,
    before: BTreeMap<usize, f64>,
    after: BTreeMap<usize, f64>,
    moves: BTreeMap<(usize, usize), f64>,
    moved: f64,
    followed: Vec<(f64, f64)>,
}

impl Tally {
    fn add(&mut self, share: f64, pair: &Pair) {
        self.share += share;
        self.moved += share * pair.moved;
        pair.before.iter().for_each(|(place, odds)| *self.before.entry(*place).or_default() += share * odds);
        pair.after.iter().for_each(|(place, odds)| *self.after.entry(*place).or_default() += share * odds);
        pair.moves.iter().for_each(|(way, odds)| *self.moves.entry(*way).or_default() += share * odds);
        self.followed.resize(pair.followed.len(), (0.0, 0.0));
        for (sum, (before, after)) in self.followed.iter_mut().zip(&pair.followed) {
            *sum = (sum.0 + share * before, sum.1 + share * after);
        }
    }

    fn part(self, of: Whom) -> Part {
        let side = |shares: BTreeMap<usize, f64>| {
            let mut shares: Vec<_> = shares.into_iter().map(|(place, share)| (place, share / self.share)).collect();
            shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
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

    fn flows(&self) -> Vec<Flow> {
        let mut flows: Vec<Flow> = self.moves.iter().map(|(&(from, to), &share)| Flow { from, to, share }).collect();
        flows.sort_by(|a, b| b.share.total_cmp(&a.share).then((a.from, a.to).cmp(&(b.from, b.to))));
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
        self.side.nothing += share * seen.nothing();
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

fn one_by_one(
    asked: &[(&Cohort, (usize, usize))],
    pairs: &HashMap<(usize, usize), Pair>,
    total: f64,
    most: usize,
) -> Vec<Part> {
    let mut order: Vec<_> = asked.iter().collect();
    let on_the_move = |(cohort, seen): &(&Cohort, (usize, usize))| cohort.weight * pairs[seen].moved;
    let comes = |(_, seen): &(&Cohort, (usize, usize))| pairs[seen].followed.first().map_or(0.0, |(_, after)| *after);
    order.sort_by(|a, b| {
        let by_weight = b.0.weight.total_cmp(&a.0.weight).then(a.0.client.cmp(&b.0.client));
        comes(a).total_cmp(&comes(b)).then(on_the_move(b).total_cmp(&on_the_move(a))).then(by_weight)
    });
    let part = |(cohort, seen): &(&Cohort, (usize, usize))| {
        let mut tally = Tally::default();
        tally.add(cohort.weight / total, &pairs[seen]);
        tally.part(Whom::Client(cohort.client))
    };
    order.into_iter().take(most).map(part).collect()
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
