//! Where rules lead: which are reached from the start, in which order they can be made, that none leads back to
//! itself, and how many follow one another.

use super::read::Read;
use super::reader::clipped;
use super::{DocumentFault, DocumentFaults, Target, Wrong};
use crate::limits::TRAFFIC_POLICY_DEPTH_MAX;

/// So many rules of a cycle are shown.
const CYCLE_SHOWN_MAX: usize = 10;

/// How far a rule has been walked.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    New,
    /// On the way that is walked now.
    Open,
    /// With the number of rules on the longest way down from it.
    Done(usize),
}

/// The rules that the start leads to, each after all that it leads to.
pub(super) fn check(read: &Read) -> Result<Vec<usize>, DocumentFaults> {
    let below: Vec<Vec<usize>> = read.rules.iter().map(|rule| rules_below(rule.branches.all())).collect();
    let mut walk = Walk { read, below, marks: vec![Mark::New; read.rules.len()], done: Vec::new() };
    if let Target::Rule(start) = read.start {
        walk.from(start)?;
        if let Mark::Done(depth) = walk.marks[start]
            && depth > TRAFFIC_POLICY_DEPTH_MAX
        {
            return Err(fault("StartRule".to_owned(), Wrong::TooDeep(depth)));
        }
    }
    let reached = walk.done.clone();
    // What is not used must not be a cycle either: the next version may use it.
    for rule in 0..read.rules.len() {
        walk.from(rule)?;
    }
    Ok(reached)
}

fn rules_below(branches: Vec<&super::Branch>) -> Vec<usize> {
    let rules = branches.into_iter().filter_map(|branch| match branch.target {
        Target::Rule(rule) => Some(rule),
        Target::Endpoint(_) => None,
    });
    rules.collect()
}

struct Walk<'a> {
    read: &'a Read,
    /// The rules that each rule leads to.
    below: Vec<Vec<usize>>,
    marks: Vec<Mark>,
    /// In the order in which they were done.
    done: Vec<usize>,
}

impl Walk<'_> {
    /// Depth first, with a stack of its own: a document has room for more than a thousand rules in a row.
    fn from(&mut self, start: usize) -> Result<(), DocumentFaults> {
        if self.marks[start] != Mark::New {
            return Ok(());
        }
        let mut way = vec![(start, 0)];
        self.marks[start] = Mark::Open;
        while let Some((rule, next)) = way.last_mut() {
            let rule = *rule;
            if let Some(&below) = self.below[rule].get(*next) {
                *next += 1;
                match self.marks[below] {
                    Mark::New => {
                        self.marks[below] = Mark::Open;
                        way.push((below, 0));
                    }
                    Mark::Open => return Err(self.cycle(&way, below)),
                    Mark::Done(_) => {}
                }
                continue;
            }
            self.marks[rule] = Mark::Done(1 + self.deepest_below(rule));
            self.done.push(rule);
            way.pop();
        }
        Ok(())
    }

    fn deepest_below(&self, rule: usize) -> usize {
        let depths = self.below[rule].iter().map(|below| match self.marks[*below] {
            Mark::Done(depth) => depth,
            Mark::New | Mark::Open => 0,
        });
        depths.max().unwrap_or(0)
    }

    fn cycle(&self, way: &[(usize, usize)], again: usize) -> DocumentFaults {
        let rules: Vec<usize> = way.iter().map(|(rule, _)| *rule).skip_while(|rule| *rule != again).collect();
        let mut ids: Vec<String> =
            rules.iter().take(CYCLE_SHOWN_MAX).map(|rule| clipped(&self.read.rules[*rule].id)).collect();
        if rules.len() > CYCLE_SHOWN_MAX {
            ids.push("…".to_owned());
        }
        ids.push(clipped(&self.read.rules[again].id));
        fault(format!("Rules.{}", clipped(&self.read.rules[again].id)), Wrong::Cycle(ids))
    }
}

fn fault(path: String, wrong: Wrong) -> DocumentFaults {
    DocumentFaults(vec![DocumentFault { path, wrong }])
}
