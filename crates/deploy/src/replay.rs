//! Judging again: the measurements that were kept, by the same pure functions, on whatever machine this is.
//!
//! Before: `step` handed every measurement out to be kept, the first of each hundred with where its metric stood before it.
//! After: people who doubt a verdict, or an upgrade.

use model::deployment::{Deployment, Measured, Metric, MetricRun, Sample, Sampled, Verdict};
use model::metric::Shown;
use serde::Serialize;

use crate::judge::words::words;
use crate::{gate, plan};

/// What came out of judging one metric of one run again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replayed {
    /// The run's number.
    pub run: u32,
    /// The name of the template.
    pub template: String,
    /// The name of the metric.
    pub metric: String,
    /// The first measurement that was judged again; earlier ones are no longer kept.
    pub first: u32,
    /// How many were judged again.
    pub measurements: u32,
    /// The verdict after the last one.
    pub verdict: Verdict,
    /// What came out otherwise than it was stored; none if all is identical.
    pub differences: Vec<String>,
}

/// Judges again what was kept of a deployment, in the order of runs, metrics and numbers.
#[must_use]
pub fn replay(deployment: &Deployment, kept: &[Measured]) -> Vec<Replayed> {
    let name = |m: &Measured| (m.run, m.template.clone(), m.metric.clone());
    let mut sorted: Vec<&Measured> = kept.iter().collect();
    sorted.sort_by_key(|m| (name(m), m.number));
    sorted.chunk_by(|a, b| name(a) == name(b)).filter_map(|metric| again(deployment, metric)).collect()
}

fn again(deployment: &Deployment, kept: &[&Measured]) -> Option<Replayed> {
    // Judging begins where the state before is known.
    let begin = kept.iter().position(|m| m.before.is_some()).unwrap_or(0);
    let first = *kept.get(begin)?;
    let mut replayed = Replayed {
        run: first.run,
        template: first.template.clone(),
        metric: first.metric.clone(),
        first: first.number,
        measurements: 0,
        verdict: Verdict::Running,
        differences: Vec::new(),
    };
    let Some(metric) = plan::metric(deployment, &first.template, &first.metric) else {
        replayed.differences.push("the release has no such metric".to_owned());
        return Some(replayed);
    };
    let Some(before) = &first.before else {
        replayed.differences.push("where the metric stood before is not kept".to_owned());
        return Some(replayed);
    };
    let mut run = MetricRun::clone(before);
    for (number, m) in (first.number..).zip(&kept[begin..]) {
        if m.number != number {
            replayed.differences.push(format!("measurement {number} is missing"));
            break;
        }
        if let Some(looks) = &m.begins {
            run.looks = Some(looks.clone());
        }
        let sample = gate::take(metric, &mut run, m.endless, m.sample.at_ms, &m.answer);
        replayed.measurements += 1;
        if sample != m.sample {
            let (stored, now) = (told(metric, &m.sample), told(metric, &sample));
            replayed.differences.push(format!("measurement {number} was stored as {stored}, and is {now}"));
        }
        if run.verdict != m.verdict {
            replayed.differences.push(format!(
                "after measurement {number} the verdict was stored as {}, and is {}",
                word(m.verdict),
                word(run.verdict)
            ));
        }
    }
    close(deployment, metric, &mut run, kept, &mut replayed.differences);
    replayed.verdict = run.verdict;
    Some(replayed)
}

/// The last verdict may have fallen without a measurement, when there was no data for too long.
fn close(
    deployment: &Deployment,
    metric: &Metric,
    run: &mut MetricRun,
    kept: &[&Measured],
    differences: &mut Vec<String>,
) {
    let Some(last) = kept.last() else { return };
    let runs = [&deployment.analysis.step, &deployment.analysis.background].into_iter().flatten();
    let stored = runs.filter(|stored| stored.number == last.run).flat_map(|stored| &stored.metrics);
    let mut stored = stored.filter(|stored| stored.template == last.template && stored.metric == last.metric);
    let Some(stored) = stored.next() else { return };
    if let Some(decided_ms) = stored.decided_ms {
        gate::decide(metric, run, last.endless, decided_ms);
    }
    if run.verdict != stored.verdict && stored.tally.measured() == last.number {
        differences.push(format!("the verdict was stored as {}, and is {}", word(stored.verdict), word(run.verdict)));
    }
}

/// One measurement in a line, for people.
#[must_use]
pub fn told(metric: &Metric, sample: &Sample) -> String {
    let what = match sample.sampled {
        Sampled::Pass => "pass",
        Sampled::Fail => "fail",
        Sampled::Inconclusive => "inconclusive",
        Sampled::NoData => "no data",
        Sampled::Error => "error",
        Sampled::Undecided => "undecided",
        Sampled::TooFew => "too few samples",
    };
    let found = metric.compare.as_ref().zip(sample.compared.as_deref());
    let found = found.map(|(rule, found)| words(metric, rule, sample, found));
    let found = found.or_else(|| sample.error.clone()).or_else(|| sample.value.map(|value| Shown(value).to_string()));
    found.map_or_else(|| what.to_owned(), |found| format!("{what}: {found}"))
}

/// A verdict as it is written.
fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Running => "running",
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Inconclusive => "inconclusive",
        Verdict::NoData => "no data",
        Verdict::Error => "error",
        Verdict::Skipped => "skipped",
    }
}
