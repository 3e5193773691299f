//! When to measure, what came back, and what it means for a run. Verdicts are `gate`'s business.

use model::deployment::{
    MeasurementId, MetricRun, NoData, Pending, Phase, Run, Sample, Sampled, Stage, Tally, Verdict,
};
use model::metric::{Measurement, Shown};

use super::Turn;
use crate::action::Action;
use crate::event::cut;
use crate::{gate, plan};

/// Measurements that are kept to be looked at.
const RECENT_MAX: usize = 10;
/// A measurement without an answer for so long has failed: 60 s, well above the prober's own limit.
const ANSWER_MS_MAX: u64 = 60_000;

impl Turn<'_> {
    /// A run over the metrics of some templates, beginning now.
    pub(super) fn new_run(&mut self, templates: &[String], endless: bool) -> Run {
        self.next.analysis.runs += 1;
        let mut metrics = Vec::new();
        for template in templates {
            for metric in self.next.spec.analysis.get(template).iter().flat_map(|found| &found.metrics) {
                metrics.push(MetricRun {
                    template: template.clone(),
                    metric: metric.name.clone(),
                    tally: Tally::default(),
                    pending: None,
                    next_ms: self.now.saturating_add(metric.initial_delay.ms()),
                    no_data_since_ms: None,
                    recent: Vec::new(),
                    verdict: Verdict::Running,
                });
            }
        }
        Run { number: self.next.analysis.runs, started_ms: self.now, endless, metrics }
    }

    /// Counts what was measured since the last step, and what was waited for too long.
    pub(super) fn take_measurements(&mut self) {
        let mut stories = Vec::new();
        let mut analysis = std::mem::take(&mut self.next.analysis);
        for run in [&mut analysis.step, &mut analysis.background].into_iter().flatten() {
            for metric in &mut run.metrics {
                stories.extend(self.take(metric, run.endless));
            }
        }
        self.next.analysis = analysis;
        for story in stories {
            self.tell(story);
        }
    }

    fn take(&self, run: &mut MetricRun, endless: bool) -> Option<String> {
        let metric = plan::metric(&self.next, &run.template, &run.metric)?;
        let mut story = None;
        if let Some(pending) = &run.pending {
            let finished = self.seen.finished.iter().find(|(id, _)| *id == pending.id).map(|(_, m)| m.clone());
            // What is not under way was lost with the runner, which is no fault of the provider: it is asked again.
            let is_late =
                self.seen.measuring.contains(&pending.id) && self.now >= pending.since_ms.saturating_add(ANSWER_MS_MAX);
            let late = is_late.then(|| Measurement::Error("no answer in 60s".to_owned()));
            if let Some(measurement) = finished.or(late) {
                let sampled = gate::sample(metric, &measurement);
                run.next_ms = pending.since_ms.saturating_add(metric.interval.ms());
                run.pending = None;
                run.tally = gate::count(run.tally, sampled);
                let sample = recorded(self.now, measurement, sampled);
                story = tell_sample(run, metric, &sample);
                run.no_data_since_ms = match sampled {
                    Sampled::NoData => Some(run.no_data_since_ms.unwrap_or(self.now)),
                    Sampled::Error => run.no_data_since_ms,
                    Sampled::Pass | Sampled::Fail | Sampled::Inconclusive => None,
                };
                if run.recent.len() >= RECENT_MAX {
                    run.recent.remove(0);
                }
                run.recent.push(sample);
            }
        }
        if run.verdict == Verdict::Running {
            run.verdict = gate::verdict(metric, &run.tally, endless);
            let is_silent = run.no_data_since_ms.is_some_and(|since| {
                metric.no_data == NoData::Wait && self.now >= since.saturating_add(metric.max_wait.ms())
            });
            if run.verdict == Verdict::Running && is_silent {
                run.verdict = Verdict::NoData;
            }
        }
        story
    }

    /// Asks for what is due, and again for what was asked for and is not under way.
    pub(super) fn ask_measurements(&mut self) {
        let is_forward = matches!(self.next.status.phase, Phase::Progressing | Phase::Promoting | Phase::Baking);
        let is_step = self.next.status.cursor.is_some_and(|cursor| cursor.stage == Stage::Analyse);
        let mut analysis = std::mem::take(&mut self.next.analysis);
        for (run, is_wanted) in [(&mut analysis.step, is_forward && is_step), (&mut analysis.background, is_forward)] {
            let Some(run) = run else { continue };
            let is_open = gate::run_verdict(run, |m| self.counts(m)).0 == Verdict::Running;
            if is_wanted && is_open {
                let number = run.number;
                for metric in &mut run.metrics {
                    self.ask(metric, number);
                }
            }
        }
        self.next.analysis = analysis;
    }

    fn ask(&mut self, run: &mut MetricRun, number: u32) {
        let Some(metric) = plan::metric(&self.next, &run.template, &run.metric) else { return };
        // The query was made once when the plan was; it cannot fail now.
        let (Verdict::Running, Ok(query)) = (run.verdict, plan::query(&self.next.plan, metric)) else { return };
        let silent_until = run.no_data_since_ms.map(|since| since.saturating_add(metric.max_wait.ms()));
        if run.pending.is_none() && self.now < run.next_ms {
            self.wake(silent_until.map_or(run.next_ms, |until| until.min(run.next_ms)));
            return;
        }
        let measured: u32 =
            run.tally.passes + run.tally.fails + run.tally.inconclusive + run.tally.no_data + run.tally.errors;
        let name = format!("{}/{}", run.template, run.metric);
        let pending = run.pending.get_or_insert_with(|| Pending {
            id: MeasurementId(format!("{}/{number}/{name}/{}", self.next.id, measured + 1)),
            since_ms: self.now,
        });
        if !self.seen.measuring.contains(&pending.id) {
            let id = pending.id.clone();
            pending.since_ms = self.now;
            self.actions.push(Action::Measure { id, metric: name, query });
        }
        let late = pending.since_ms.saturating_add(ANSWER_MS_MAX);
        self.wake(silent_until.map_or(late, |until| until.min(late)));
    }

    /// The verdict of a run, and the words for it.
    pub(super) fn verdict_of(&self, run: Option<&Run>) -> (Verdict, String) {
        let Some(run) = run else { return (Verdict::Running, String::new()) };
        let (verdict, decisive) = gate::run_verdict(run, |metric| self.counts(metric));
        let Some(decisive) = decisive else { return (verdict, String::new()) };
        let name = format!("metric {}/{}", decisive.template, decisive.metric);
        let last = decisive.recent.last();
        let text = match verdict {
            Verdict::Fail => {
                let limit =
                    plan::metric(&self.next, &decisive.template, &decisive.metric).map(|m| m.condition.to_string());
                let value = last.and_then(|s| s.value).map_or("no data".to_owned(), |value| Shown(value).to_string());
                format!("{name} is {value}, limit is {} ({})", limit.unwrap_or_default(), decisive.tally)
            }
            Verdict::Error => {
                let error = last.and_then(|sample| sample.error.clone()).unwrap_or_default();
                format!("{name}: {} errors in a row: {error}", decisive.tally.errors_in_row)
            }
            Verdict::NoData => format!("{name} has no data ({})", decisive.tally),
            Verdict::Inconclusive | Verdict::Running | Verdict::Pass => {
                format!("{name} is not decided ({})", decisive.tally)
            }
        };
        (verdict, text)
    }

    /// Whether the run has failed in a metric that bears no failure.
    pub(super) fn is_critical(&self, run: Option<&Run>) -> bool {
        run.iter().flat_map(|run| &run.metrics).any(|m| {
            m.verdict == Verdict::Fail
                && self.counts(m)
                && plan::metric(&self.next, &m.template, &m.metric).is_some_and(|m| m.critical)
        })
    }

    fn counts(&self, run: &MetricRun) -> bool {
        plan::metric(&self.next, &run.template, &run.metric).is_some_and(|metric| !metric.dry_run)
    }
}

fn recorded(at_ms: u64, measurement: Measurement, sampled: Sampled) -> Sample {
    let (value, error) = match measurement {
        Measurement::Value(value) => (Some(value).filter(|value| value.is_finite()), None),
        Measurement::NoData => (None, None),
        Measurement::Error(error) => (None, Some(cut(error))),
    };
    Sample { at_ms, value, sampled, error }
}

/// Passes are told by their sum; everything else is worth a line.
fn tell_sample(run: &MetricRun, metric: &model::deployment::Metric, sample: &Sample) -> Option<String> {
    let name = format!("metric {}/{}", run.template, run.metric);
    let dry = if metric.dry_run { " (dry run)" } else { "" };
    let value = sample.value.map_or("nothing".to_owned(), |value| Shown(value).to_string());
    match sample.sampled {
        Sampled::Pass => None,
        Sampled::Fail => Some(format!("{name} failed{dry}: {value}, limit is {}", metric.condition)),
        Sampled::Inconclusive => Some(format!("{name} is neither{dry}: {value}, limit is {}", metric.condition)),
        Sampled::NoData => (run.no_data_since_ms.is_none()).then(|| format!("{name} has no data{dry}")),
        Sampled::Error => (run.tally.errors_in_row == 1)
            .then(|| format!("{name} was not measured{dry}: {}", sample.error.clone().unwrap_or_default())),
    }
}
