//! One verdict over the metrics of a template that is judged by its score (R8.6). Pure, and only asked when every metric has its
//! own verdict.
//!
//! A group scores the part of its metrics that pass. A metric without data counts for nothing, a group without any metric
//! that counts leaves its weight to the others, and if no group is left there is no score: silence is never a hundred.

use std::collections::BTreeMap;
use std::fmt;

use model::deployment::{Metric, MetricRun, Score, Verdict};

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scored {
    /// From 0 to 100; none if nothing had data.
    pub(crate) score: Option<f64>,
    /// Of each group: how many of its metrics passed, and of how many.
    groups: BTreeMap<String, (u32, u32)>,
    verdict: Verdict,
    needed: f64,
}

/// Scores decided metrics, each with its rule.
#[must_use]
pub(crate) fn score<'a>(rule: &Score, metrics: impl Iterator<Item = (&'a Metric, &'a MetricRun)>) -> Scored {
    let mut groups: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for (metric, run) in metrics {
        let (passed, all) = groups.entry(metric.group.clone().unwrap_or_default()).or_default();
        match run.verdict {
            Verdict::Pass => (*passed, *all) = (*passed + 1, *all + 1),
            Verdict::Fail | Verdict::Inconclusive => *all += 1,
            Verdict::NoData | Verdict::Skipped | Verdict::Error | Verdict::Running => {}
        }
    }
    // In the order of names, so that the same is added in the same order everywhere.
    let (mut sum, mut weights) = (0.0, 0.0);
    for (name, (passed, all)) in groups.iter().filter(|(_, (_, all))| *all > 0) {
        let weight = rule.groups.get(name).copied().unwrap_or(1.0);
        sum += weight * 100.0 * f64::from(*passed) / f64::from(*all);
        weights += weight;
    }
    let score = (weights > 0.0).then(|| sum / weights);
    let verdict = match score {
        Some(score) if is_at_least(score, rule.pass) => Verdict::Pass,
        Some(score) if is_at_least(score, rule.marginal.unwrap_or(rule.pass)) => Verdict::Inconclusive,
        Some(_) => Verdict::Fail,
        None => Verdict::Inconclusive,
    };
    Scored { score, groups, verdict, needed: rule.pass }
}

/// A hundred that was added up of parts may be a little less.
fn is_at_least(score: f64, limit: f64) -> bool {
    score >= limit - 1e-9
}

impl Scored {
    /// What it means.
    #[must_use]
    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict
    }
}

impl fmt::Display for Scored {
    /// `scores 62.5 of 100, 75 pass (errors 1 of 2, latency 3 of 4)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.score {
            Some(score) => write!(f, "scores {:.1} of 100, {} pass", score, self.needed)?,
            None => write!(f, "has no score: nothing had data")?,
        }
        let named = |name: &str| if name.is_empty() { "others".to_owned() } else { name.to_owned() };
        let groups = self.groups.iter().map(|(name, (passed, all))| format!("{} {passed} of {all}", named(name)));
        write!(f, " ({})", groups.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn metric(group: &str) -> Metric {
        let group = if group.is_empty() { String::new() } else { format!(r#","group":"{group}""#) };
        let json = format!(
            r#"{{"name":"m","provider":{{"http":{{"url":"http://m/","pointer":"/v"}}}},"condition":"value <= 1"{group}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    /// `p`ass, `f`ail, `i`nconclusive, `n`o data, `s`kipped.
    fn judged(rule: &str, metrics: &[(&str, char)]) -> Scored {
        let rule: Score = serde_json::from_str(rule).unwrap();
        let all = metrics.iter().map(|(group, verdict)| {
            let mut run = MetricRun::new("t", "m", 0);
            run.verdict = match verdict {
                'p' => Verdict::Pass,
                'f' => Verdict::Fail,
                'i' => Verdict::Inconclusive,
                'n' => Verdict::NoData,
                _ => Verdict::Skipped,
            };
            (metric(group), run)
        });
        let all: Vec<_> = all.collect();
        score(&rule, all.iter().map(|(metric, run)| (metric, run)))
    }

    #[test]
    fn groups_are_weighed_and_those_without_data_left_out() {
        let rule = r#"{"pass":75,"marginal":50,"groups":{"errors":3,"latency":1}}"#;
        for (metrics, score, verdict) in [
            (&[("errors", 'p'), ("errors", 'p'), ("latency", 'f')][..], Some(75.0), Verdict::Pass),
            (&[("errors", 'p'), ("errors", 'f'), ("latency", 'p')], Some(62.5), Verdict::Inconclusive),
            (&[("errors", 'i'), ("latency", 'p')], Some(25.0), Verdict::Fail),
            (&[("errors", 'n'), ("latency", 'p')], Some(100.0), Verdict::Pass),
            (&[("errors", 'n'), ("latency", 's')], None, Verdict::Inconclusive),
            (&[("errors", 'p'), ("errors", 'n')], Some(100.0), Verdict::Pass),
            (&[("", 'p'), ("errors", 'f')], Some(25.0), Verdict::Fail),
        ] {
            let found = judged(rule, metrics);
            assert_eq!((found.score, found.verdict()), (score, verdict), "{metrics:?}");
        }
        let parts = r#"{"pass":100,"groups":{"a":0.1,"b":0.2,"c":0.3}}"#;
        assert_eq!(judged(parts, &[("a", 'p'), ("b", 'p'), ("c", 'p')]).verdict(), Verdict::Pass);
        let text = judged(rule, &[("errors", 'p'), ("errors", 'f'), ("latency", 'p'), ("", 'n')]).to_string();
        assert_eq!(text, "scores 62.5 of 100, 75 pass (others 0 of 0, errors 1 of 2, latency 1 of 1)");
        assert_eq!(judged(r#"{"pass":60}"#, &[("", 'p'), ("", 'f')]).verdict(), Verdict::Fail, "nothing is marginal");
    }

    proptest! {
        /// I-VERDICT: silence never makes a pass of what is none, and a failure never makes a score better.
        #[test]
        fn silence_and_failures_never_help(
            metrics in proptest::collection::vec(("[abc]", "[pfins]"), 1..12), at in 0usize..12, pass in 1.0..100.0f64
        ) {
            let metrics: Vec<(&str, char)> =
                metrics.iter().map(|(group, verdict)| (group.as_str(), verdict.chars().next().unwrap())).collect();
            let rule = format!(r#"{{"pass":{pass}}}"#);
            let found = judged(&rule, &metrics);
            prop_assert!(found.verdict() != Verdict::Pass || metrics.iter().any(|(_, verdict)| *verdict == 'p'));
            let at = at % metrics.len();
            if metrics[at].1 == 'p' {
                let mut worse = metrics.clone();
                worse[at].1 = 'f';
                prop_assert!(judged(&rule, &worse).score < found.score);
            }
        }
    }
}
