//! Why a record set answers a client, or does not, in one word of a closed list.

use std::fmt;

use crate::choose::{Choice, geolocation, latency};
use crate::group::{Group, Member, Policy};
use crate::sites::Site;

/// See the module. The text is for people; [`Reason::code`] is for programs and does not change.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// It answers.
    Answers,
    /// It answers though it is unhealthy, because everybody is.
    FailsOpen,
    /// It answers, and always does while the same record sets are candidates: its name is sticky.
    Sticks,
    /// Its name is sticky, and another record set is this client's.
    SticksElsewhere,
    /// Its health check is unhealthy.
    Unhealthy,
    /// The target of its alias, or its rule, has nothing healthy for this client.
    TargetUnhealthy,
    /// Its weight is 0 and others have more.
    WeightZero,
    /// The primary answers.
    Standby,
    /// Another region is so many milliseconds nearer.
    Slower(f64),
    /// Another record set is so many biased kilometres nearer.
    Farther(f64),
    /// Nobody knows how far it is.
    Unmeasured,
    /// Another one costs the client the same and comes first by its set identifier.
    Later,
    /// The policy sends the client elsewhere for a reason of its own: `cn-north-1` for clients in China.
    RuledOut,
    /// The client is in another country, subdivision or continent, or nobody knows where; in words.
    Elsewhere(&'static str),
    /// A smaller location around the client answers.
    LessSpecific,
    /// The client is in no block of its location.
    NoBlock,
    /// A block around the client answers, this is the default.
    BlockMatches,
}

/// What a record set costs a client.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure {
    /// Milliseconds that somebody measured.
    Measured(f64),
    /// Milliseconds estimated from the distance.
    Estimated(f64),
    /// Kilometres after the bias.
    Kilometres(f64),
}

impl Reason {
    /// For programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::FailsOpen => "fails_open",
            Self::Sticks => "sticks",
            Self::SticksElsewhere => "sticks_elsewhere",
            Self::Unhealthy => "unhealthy",
            Self::TargetUnhealthy => "target_unhealthy",
            Self::WeightZero => "weight_zero",
            Self::Standby => "standby",
            Self::Slower(_) => "slower",
            Self::Farther(_) => "farther",
            Self::Unmeasured => "unmeasured",
            Self::Later => "later",
            Self::RuledOut => "ruled_out",
            Self::Elsewhere(_) => "elsewhere",
            Self::LessSpecific => "less_specific",
            Self::NoBlock => "no_block",
            Self::BlockMatches => "block_matches",
        }
    }

    /// Whether the record set may be in an answer of its group.
    #[must_use]
    pub fn answers(&self) -> bool {
        matches!(self, Self::Answers | Self::FailsOpen | Self::Sticks)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answers => f.write_str("answers"),
            Self::FailsOpen => f.write_str("answers although unhealthy: nobody is healthy"),
            Self::Sticks => f.write_str("sticky: the client's prefix keeps it"),
            Self::SticksElsewhere => f.write_str("sticky: the client's prefix keeps another"),
            Self::Unhealthy => f.write_str("its health check is unhealthy"),
            Self::TargetUnhealthy => f.write_str("its target has nothing healthy"),
            Self::WeightZero => f.write_str("weight 0"),
            Self::Standby => f.write_str("stands by: the primary answers"),
            Self::Slower(milliseconds) => write!(f, "farther by {milliseconds:.0} ms"),
            Self::Farther(kilometres) => write!(f, "farther by {kilometres:.0} km"),
            Self::Unmeasured => f.write_str("nobody knows how far it is"),
            Self::Later => f.write_str("no nearer than the one that answers, which comes first by its identifier"),
            Self::RuledOut => f.write_str("clients in China get cn-north-1"),
            Self::Elsewhere(why) => f.write_str(why),
            Self::LessSpecific => f.write_str("a smaller location around the client answers"),
            Self::NoBlock => f.write_str("no block of it holds the client"),
            Self::BlockMatches => f.write_str("a block around the client answers"),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Measured(milliseconds) => write!(f, "{milliseconds:.0} ms"),
            Self::Estimated(milliseconds) => write!(f, "~{milliseconds:.0} ms"),
            Self::Kilometres(kilometres) => write!(f, "{kilometres:.0} km"),
        }
    }
}

/// For each member of a group what it costs the client, and why it is chosen with this chance.
pub(super) fn all(
    choice: &mut Choice<'_, '_>,
    group: &Group,
    healthy: u128,
    is_open: bool,
    chances: &[f64],
) -> Vec<(Option<Measure>, Reason)> {
    let costs = choice.costs(group);
    let applicable = choice.applicable(group);
    let is_sticky = choice.sticky(group).is_some();
    let weighs = |(i, member): (usize, &Member)| (is_open || healthy & (1 << i) != 0) && member.weight > 0;
    let has_weights = group.members.iter().enumerate().any(weighs);
    let best = chances.iter().position(|chance| *chance > 0.0);
    let cost = |i: usize| costs.of(i).unwrap_or(f64::INFINITY);
    let members = group.members.iter().enumerate();
    let mut why = |(i, member): (usize, &Member)| {
        let bit = |mask: u128| mask & (1 << i) != 0;
        let measure = match (group.policy, &member.aside.site) {
            _ if !(0.0..f64::MAX).contains(&cost(i)) => None,
            (Policy::Latency, Site::Region(site)) => match latency::is_measured(site, choice.asker.latencies()) {
                true => Some(Measure::Measured(cost(i))),
                false => Some(Measure::Estimated(cost(i))),
            },
            (Policy::Geoproximity, _) => {
                choice.asker.place().and_then(|place| place.point).map(|_| Measure::Kilometres(cost(i)))
            }
            _ => None,
        };
        let reason = match (group.policy, &member.aside.site) {
            _ if chances[i] > 0.0 && is_open => Reason::FailsOpen,
            _ if chances[i] > 0.0 && is_sticky => Reason::Sticks,
            _ if chances[i] > 0.0 => Reason::Answers,
            (Policy::Geolocation, Site::Location(location)) if !bit(applicable) => {
                Reason::Elsewhere(geolocation::reason(*location, &choice.asker.place().unwrap_or_default()))
            }
            (Policy::IpBased(_), _) if !bit(applicable) => Reason::NoBlock,
            _ if !is_open && !bit(healthy) && member.health.is_some_and(|index| !choice.is_check_healthy(index)) => {
                Reason::Unhealthy
            }
            _ if !is_open && !bit(healthy) => Reason::TargetUnhealthy,
            (Policy::Weighted { .. }, _) if is_sticky && (member.weight > 0) == has_weights => Reason::SticksElsewhere,
            (Policy::Weighted { .. }, _) => Reason::WeightZero,
            (Policy::Failover, _) => Reason::Standby,
            (Policy::Geolocation, _) => Reason::LessSpecific,
            (Policy::IpBased(_), _) => Reason::BlockMatches,
            (Policy::Latency | Policy::Geoproximity, _) => match (cost(i), best.map_or(f64::INFINITY, cost)) {
                (_, best) if best < 0.0 => Reason::RuledOut,
                (own, best) if own.total_cmp(&best).is_eq() => Reason::Later,
                (own, _) if own >= f64::MAX => Reason::Unmeasured,
                (own, best) if group.policy == Policy::Latency => Reason::Slower(own - best),
                (own, best) => Reason::Farther(own - best),
            },
            (Policy::Simple | Policy::Multivalue, _) => Reason::Unhealthy,
        };
        (measure, reason)
    };
    members.map(&mut why).collect()
}
