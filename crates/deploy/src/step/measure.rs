//! When to measure, what came back, and what it means for a run. Verdicts are `gate`'s business.

use model::deployment::{
    Compare, Measured, MeasurementId, Metric, MetricRun, OnProviderError, Pending, Phase, Provider, ProviderError, Run,
    Sample, Sampled, Stage, Verdict, WaitingOn,
};
use model::id::EnvironmentName;
use model::metric::{Measurement, MetricQuery, Shown};

use super::Turn;
use crate::action::Action;
use crate::judge::words::{too_few, words};
use crate::verdict::{Because, run_verdict};
use crate::{asked, gate, plan};

/// In the first of so many measurements stands where the metric stood before, so that judging again can begin there.
pub(crate) const MARK_EVERY: u32 = 100;
/// A measurement without an answer for so long has failed: 60 s, well above the prober's own limit.
const ANSWER_MS_MAX: u64 = 60_000;

impl Turn<'_> {
    /// A run over the metrics of some templates, beginning now.
    pub(super) fn new_run(&mut self, templates: &[String], endless: bool) -> Run {
        self.next.analysis.runs += 1;
        let mut metrics = Vec::new();
        for template in templates {
            for metric in self.next.spec.analysis.get(template).iter().flat_map(|found| &found.metrics) {
                let next_ms = self.now.saturating_add(metric.initial_delay.ms());
                metrics.push(MetricRun::new(template, &metric.name, next_ms));
            }
        }
        Run { number: self.next.analysis.runs, started_ms: self.now, endless, metrics }
    }

    /// Counts what was measured since the last step, and what was waited for too long.
    pub(super) fn take_measurements(&mut self) {
        let mut stories = Vec::new();
        let mut analysis = std::mem::take(&mut self.next.analysis);
        for run in [&mut analysis.step, &mut analysis.background].into_iter().flatten() {
            let (number, endless, started_ms) = (run.number, run.endless, run.started_ms);
            for metric in &mut run.metrics {
                stories.extend(self.take(metric, (number, endless, started_ms)));
            }
        }
        self.next.analysis = analysis;
        for story in stories {
            self.tell(story);
        }
    }

    fn take(&mut self, run: &mut MetricRun, of: (u32, bool, u64)) -> Option<String> {
        let (number, endless, started_ms) = of;
        let metric = plan::metric(&self.next, &run.template, &run.metric)?.clone();
        let mut story = None;
        if let Some(pending) = run.pending.clone() {
            let finished = self.seen.finished.iter().find(|(id, _)| *id == pending.id).map(|(_, m)| m.clone());
            // What is not under way was lost with the runner, which is no fault of the provider: it is asked again.
            let is_late =
                self.seen.measuring.contains(&pending.id) && self.now >= pending.since_ms.saturating_add(ANSWER_MS_MAX);
            let late = is_late.then(|| Measurement::Error("no answer in 60s".to_owned()));
            if let Some(answer) = finished.or(late) {
                run.pending = None;
                // It was decided while this was under way, by how long there was no data.
                if run.verdict != Verdict::Running {
                    return None;
                }
                let asked = self.query(&metric, run, (started_ms, pending.since_ms));
                let nth = run.tally.measured().saturating_add(1);
                let is_mark = nth % MARK_EVERY == 1;
                let before = is_mark.then(|| Box::new(MetricRun { recent: Vec::new(), ..run.clone() }));
                let begins = run.looks.clone().filter(|looks| looks.seen.is_empty());
                let was_silent = run.no_data_since_ms.is_some();
                let sample = gate::take(&metric, run, endless, self.now, &answer);
                let wait = if sample.sampled == Sampled::Error { metric.error_retry() } else { metric.interval };
                run.next_ms = pending.since_ms.saturating_add(wait.ms());
                story = tell_sample(run, &metric, &sample, was_silent);
                if let Ok(query) = asked {
                    self.actions.push(Action::Keep(Box::new(Measured {
                        run: number,
                        endless,
                        template: run.template.clone(),
                        metric: run.metric.clone(),
                        number: nth,
                        asked_ms: pending.since_ms,
                        query,
                        answer,
                        sample,
                        verdict: run.verdict,
                        begins,
                        before,
                    })));
                }
            }
        }
        gate::decide(&metric, run, endless, self.now);
        story
    }

    /// What a metric asks. The window begins with the looks of a comparison, or with the last shift; `times` are the begin
    /// of the run and when it is asked.
    fn query(&self, metric: &Metric, run: &MetricRun, times: (u64, u64)) -> Result<MetricQuery, ProviderError> {
        let looks = run.looks.as_ref().filter(|looks| looks.number > 0);
        let begin = looks.map(|looks| looks.since_ms).or_else(|| asked::window_begin(&self.next, metric, times.0));
        let service = &self.next.service;
        let checks = |name: &EnvironmentName| self.live.checks_of(service, name).into_iter().cloned().collect();
        asked::query(&self.next.plan, service, metric, checks, (begin.unwrap_or(times.0), times.1))
    }

    /// Asks for what is due, and again for what was asked for and is not under way.
    pub(super) fn ask_measurements(&mut self) {
        let is_forward = matches!(self.next.status.phase, Phase::Progressing | Phase::Promoting | Phase::Baking);
        let is_step = self.next.status.cursor.is_some_and(|cursor| cursor.stage == Stage::Analyse);
        let mut analysis = std::mem::take(&mut self.next.analysis);
        for (run, is_wanted) in [(&mut analysis.step, is_forward && is_step), (&mut analysis.background, is_forward)] {
            let Some(run) = run else { continue };
            let is_open = run_verdict(run, &self.next.spec).0 == Verdict::Running;
            if is_wanted && is_open {
                let of = (run.number, run.endless, run.started_ms);
                for metric in &mut run.metrics {
                    self.ask(metric, of);
                }
            }
        }
        self.next.analysis = analysis;
    }

    fn ask(&mut self, run: &mut MetricRun, of: (u32, bool, u64)) {
        let (number, endless, started_ms) = of;
        let Some(metric) = plan::metric(&self.next, &run.template, &run.metric).cloned() else { return };
        if run.verdict != Verdict::Running {
            return;
        }
        let silent_until = run.no_data_since_ms.map(|since| since.saturating_add(metric.max_wait.ms()));
        let silent_until = silent_until.filter(|until| *until > self.now);
        if run.pending.is_none() && self.now < run.next_ms {
            self.wake(silent_until.map_or(run.next_ms, |until| until.min(run.next_ms)));
            return;
        }
        if run.pending.is_none()
            && matches!(metric.provider, Provider::Dns(_))
            && let Some(begin) = asked::window_begin(&self.next, &metric, started_ms)
        {
            // A share of fewer answers than the interval has would be told like any other.
            let whole = begin.saturating_add(metric.interval.ms());
            if self.now < whole {
                self.wake(whole);
                return;
            }
        }
        if run.pending.is_none() && metric.compare.is_some() {
            // While shares move, and where one side has no traffic, there is nothing to compare. In the background
            // whatever ends that is followed by another step; a step that waits for nothing else says so and looks again.
            let Some(begin) = asked::window_begin(&self.next, &metric, started_ms) else {
                if !endless {
                    let text = format!("{}/{} begins when the weights have settled", run.template, run.metric);
                    self.wait(WaitingOn::Convergence, text, None);
                    self.wake_soon();
                }
                return;
            };
            if endless && !asked::has_baseline(&self.next, &metric, self.now) {
                return;
            }
            asked::begin_looks(&metric, run, begin, endless, self.now);
        }
        let name = format!("{}/{}", run.template, run.metric);
        let nth = run.tally.measured().saturating_add(1);
        let pending = run.pending.get_or_insert_with(|| Pending {
            id: MeasurementId(format!("{}/{number}/{name}/{nth}", self.next.id)),
            since_ms: self.now,
        });
        if !self.seen.measuring.contains(&pending.id) {
            let id = pending.id.clone();
            pending.since_ms = self.now;
            // Such a query was made when the plan was.
            match self.query(&metric, run, (started_ms, self.now)) {
                Ok(query) => self.actions.push(Action::Measure { id, metric: name, query }),
                Err(_) => run.pending = None,
            }
        }
        let Some(pending) = &run.pending else { return };
        let late = pending.since_ms.saturating_add(ANSWER_MS_MAX);
        self.wake(silent_until.map_or(late, |until| until.min(late)));
    }

    /// The verdict of a run, and the words for it.
    pub(super) fn verdict_of(&self, run: Option<&Run>) -> (Verdict, String) {
        let Some(run) = run else { return (Verdict::Running, String::new()) };
        let (verdict, because) = run_verdict(run, &self.next.spec);
        let decisive = match because {
            None => return (verdict, String::new()),
            Some(Because::Score(template, scored)) => return (verdict, format!("analysis {template} {scored}")),
            Some(Because::Metric(decisive)) => decisive,
        };
        let name = format!("metric {}/{}", decisive.template, decisive.metric);
        let last = decisive.recent.last();
        let rule = plan::metric(&self.next, &decisive.template, &decisive.metric);
        let compared =
            last.and_then(|sample| Some((rule?, rule?.compare.as_ref()?, sample, sample.compared.as_deref()?)));
        let text = match (verdict, compared) {
            (Verdict::Fail | Verdict::Inconclusive, Some((metric, rule, sample, found))) => {
                format!("{name}: {}", words(metric, rule, sample, found))
            }
            (Verdict::NoData, Some((metric, _, Sample { sampled: Sampled::TooFew, .. }, found))) => {
                format!("{name}: {} in {}", too_few(metric, found), metric.max_wait)
            }
            _ => self.plain_words(verdict, decisive, &name),
        };
        (verdict, text)
    }

    fn plain_words(&self, verdict: Verdict, decisive: &MetricRun, name: &str) -> String {
        let last = decisive.recent.last();
        match verdict {
            Verdict::Fail => {
                let limit = plan::metric(&self.next, &decisive.template, &decisive.metric).map(Metric::rule);
                let value = last.and_then(|s| s.value).map_or("no data".to_owned(), |value| Shown(value).to_string());
                format!("{name} is {value}, limit is {} ({})", limit.unwrap_or_default(), decisive.tally)
            }
            Verdict::Error => {
                let error = last.and_then(|sample| sample.error.clone()).unwrap_or_default();
                format!("{name}: {} errors in a row: {error}", decisive.tally.errors_in_row)
            }
            Verdict::NoData => format!("{name} has no data ({})", decisive.tally),
            Verdict::Inconclusive | Verdict::Running | Verdict::Pass | Verdict::Skipped => {
                format!("{name} is not decided ({})", decisive.tally)
            }
        }
    }

    /// Whether a provider that fails is to fail the release.
    pub(super) fn is_error_fatal(&self, run: Option<&Run>) -> bool {
        run.iter().flat_map(|run| &run.metrics).any(|m| {
            m.verdict == Verdict::Error
                && self.counts(m)
                && plan::metric(&self.next, &m.template, &m.metric)
                    .is_some_and(|metric| metric.on_provider_error == OnProviderError::Abort)
        })
    }

    /// Whether the run has failed in a metric that bears no failure.
    pub(super) fn is_critical(&self, run: Option<&Run>) -> bool {
        run.iter().flat_map(|run| &run.metrics).any(|m| {
            m.verdict == Verdict::Fail
                && self.counts(m)
                && (m.tally.critical > 0
                    || plan::metric(&self.next, &m.template, &m.metric).is_some_and(|metric| metric.critical))
        })
    }

    fn counts(&self, run: &MetricRun) -> bool {
        plan::metric(&self.next, &run.template, &run.metric).is_some_and(|metric| !metric.dry_run)
    }
}

/// Passes are told by their sum, and so are looks that decide nothing; everything else is worth a line.
fn tell_sample(run: &MetricRun, metric: &Metric, sample: &Sample, was_silent: bool) -> Option<String> {
    let name = format!("metric {}/{}", run.template, run.metric);
    let dry = if metric.dry_run { " (dry run)" } else { "" };
    let value = sample.value.map_or("nothing".to_owned(), |value| Shown(value).to_string());
    let compared = metric.compare.as_ref().zip(sample.compared.as_deref());
    let found = compared.map(|(rule, found)| words(metric, rule, sample, found));
    let found = found.unwrap_or_else(|| format!("{value}, limit is {}", metric.rule()));
    match sample.sampled {
        Sampled::Pass if metric.compare.as_ref().is_some_and(Compare::is_sequential) && run.tally.passes == 1 => {
            Some(format!("{name} passed{dry}: {found}"))
        }
        Sampled::Pass | Sampled::Undecided => None,
        Sampled::Fail => Some(format!("{name} failed{dry}: {found}")),
        Sampled::Inconclusive => Some(format!("{name} is neither{dry}: {found}")),
        Sampled::NoData => (!was_silent).then(|| format!("{name} has no data{dry}")),
        Sampled::TooFew => (!was_silent).then(|| format!("{name} has too few samples{dry}: {found}")),
        Sampled::Error => (run.tally.errors_in_row == 1)
            .then(|| format!("{name} was not measured{dry}: {}", sample.error.clone().unwrap_or_default())),
    }
}
