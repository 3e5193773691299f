//! The verdict over a run: of metrics that count by themselves, and of templates that are judged by their score (R8.3, R8.6).
//! What a single metric comes to is `gate`'s business.

use model::deployment::{Metric, MetricRun, Run, Score, Spec, Verdict};

use crate::score::{Scored, score};

/// What decided a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Because<'a> {
    /// One metric.
    Metric(&'a MetricRun),
    /// The score of this template.
    Score(&'a str, Scored),
}

/// The verdict over a run, and what decides it, if that is worth a word; nothing of a dry run does.
///
/// One failure decides at once; the rest waits until every metric of the run is decided, so that a failure on its way is
/// not missed. Where metrics are scored together, only a critical one fails by itself. In an endless run nothing can be
/// waited for.
pub(crate) fn run_verdict<'a>(run: &'a Run, spec: &Spec) -> (Verdict, Option<Because<'a>>) {
    let rule = |m: &MetricRun| {
        let template = spec.analysis.get(&m.template)?;
        let metric = template.metrics.iter().find(|metric| metric.name == m.metric)?;
        (!metric.dry_run).then_some((template.score.as_ref(), metric))
    };
    let counted: Vec<Counted<'_, 'a>> =
        run.metrics.iter().filter_map(|m| rule(m).map(|(score, metric)| Counted { score, metric, run: m })).collect();
    let with = |verdict, is_alone: bool| {
        let mut found = counted.iter().filter(|c| c.run.verdict == verdict && (c.is_alone() || !is_alone));
        found.next().map(|c| Because::Metric(c.run))
    };
    if let Some(failed) = with(Verdict::Fail, true) {
        return (Verdict::Fail, Some(failed));
    }
    if !run.endless && with(Verdict::Running, false).is_some() {
        return (Verdict::Running, None);
    }
    let scores = scores(&counted);
    let scored = |verdict| {
        let mut found = scores.iter().filter(|(_, scored)| scored.verdict() == verdict);
        found.next().map(|(template, scored)| Because::Score(template, scored.clone()))
    };
    let worst = [
        (Verdict::Fail, scored(Verdict::Fail)),
        (Verdict::Error, with(Verdict::Error, false)),
        (Verdict::NoData, with(Verdict::NoData, false)),
        (Verdict::Inconclusive, with(Verdict::Inconclusive, true).or_else(|| scored(Verdict::Inconclusive))),
    ];
    match worst.into_iter().find(|(_, because)| because.is_some()) {
        Some(worst) => worst,
        None if run.endless => (Verdict::Running, None),
        None if scored(Verdict::Pass).is_some() => (Verdict::Pass, scored(Verdict::Pass)),
        None if with(Verdict::Pass, true).is_some() => (Verdict::Pass, None),
        // All that count were left out: nobody has said that it is good.
        None => {
            with(Verdict::Skipped, true).map_or((Verdict::Running, None), |left| (Verdict::Inconclusive, Some(left)))
        }
    }
}

/// A metric that counts, with its rule and the score of its template.
struct Counted<'r, 'a> {
    score: Option<&'r Score>,
    metric: &'r Metric,
    run: &'a MetricRun,
}

impl Counted<'_, '_> {
    /// Whether its verdict counts by itself.
    fn is_alone(&self) -> bool {
        let is_critical = self.run.verdict == Verdict::Fail && (self.metric.critical || self.run.tally.critical > 0);
        self.score.is_none() || is_critical
    }
}

/// The scores of templates. One that was not measured, or is silent where that is not left out, has none.
fn scores<'a>(counted: &[Counted<'_, 'a>]) -> Vec<(&'a str, Scored)> {
    let mut scores = Vec::new();
    for of_template in counted.chunk_by(|a, b| a.run.template == b.run.template) {
        let Some((rule, first)) = of_template.first().and_then(|c| Some((c.score?, c.run))) else { continue };
        let is_open =
            |c: &Counted<'_, '_>| matches!(c.run.verdict, Verdict::Error | Verdict::NoData | Verdict::Running);
        if !of_template.iter().any(is_open) {
            scores.push((first.template.as_str(), score(rule, of_template.iter().map(|c| (c.metric, c.run)))));
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = r#"{"to":"green","strategy":{"canary":{"steps":[{"weight":"100%"}]}},"analysis":{
        "scored":{"score":{"pass":60,"marginal":40},"metrics":[METRIC_a, METRIC_b, METRIC_c, METRIC_vital]},
        "plain":{"metrics":[METRIC_d]}}}"#;

    /// The metrics `a`, `b`, `c` and `vital` together, and `d` by itself.
    fn judged(verdicts: [Verdict; 5]) -> (Verdict, String) {
        let mut json = SPEC.to_owned();
        for name in ["a", "b", "c", "vital", "d"] {
            let critical = if name == "vital" { r#","critical":true"# } else { "" };
            let provider = r#""provider":{"http":{"url":"http://m/","pointer":"/v"}},"condition":"value <= 1""#;
            json = json.replace(&format!("METRIC_{name}"), &format!(r#"{{"name":"{name}",{provider}{critical}}}"#));
        }
        let spec = crate::parse_spec(json.as_bytes()).unwrap();
        let of = [("scored", "a"), ("scored", "b"), ("scored", "c"), ("scored", "vital"), ("plain", "d")];
        let metrics = of
            .iter()
            .zip(verdicts)
            .map(|((template, metric), verdict)| MetricRun { verdict, ..MetricRun::new(template, metric, 0) });
        let run = Run { number: 1, started_ms: 0, endless: false, metrics: metrics.collect() };
        let (verdict, because) = run_verdict(&run, &spec);
        let text = match because {
            None => String::new(),
            Some(Because::Metric(metric)) => metric.metric.clone(),
            Some(Because::Score(template, scored)) => format!("{template} {scored}"),
        };
        (verdict, text)
    }

    #[test]
    fn what_is_scored_fails_together_or_by_what_is_critical() {
        use Verdict::{Error, Fail, Inconclusive, NoData, Pass, Running, Skipped};
        let score = |text: &str| format!("scored scores {text} of 100, 60 pass");
        for (verdicts, verdict, text) in [
            ([Pass, Pass, Fail, Pass, Pass], Pass, score("75.0") + " (others 3 of 4)"),
            ([Fail, Pass, Fail, Pass, Pass], Inconclusive, score("50.0") + " (others 2 of 4)"),
            ([Fail, Fail, Fail, Pass, Pass], Fail, score("25.0") + " (others 1 of 4)"),
            ([Fail, Fail, Running, Pass, Pass], Running, String::new()),
            ([Running, Pass, Pass, Fail, Pass], Fail, "vital".into()),
            ([Running, Pass, Pass, Pass, Fail], Fail, "d".into()),
            ([Pass, Pass, NoData, Pass, Pass], NoData, "c".into()),
            ([Pass, Error, Pass, Pass, Pass], Error, "b".into()),
            ([Skipped, Pass, Skipped, Pass, Pass], Pass, score("100.0") + " (others 2 of 2)"),
            (
                [Skipped, Skipped, Skipped, Skipped, Pass],
                Inconclusive,
                "scored has no score: nothing had data (others 0 of 0)".into(),
            ),
            ([Pass, Pass, Pass, Pass, Inconclusive], Inconclusive, "d".into()),
        ] {
            assert_eq!(judged(verdicts), (verdict, text), "{verdicts:?}");
        }
    }
}
