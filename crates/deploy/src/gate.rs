//! May we go on? Counting measurements and the verdict over them: pure, total, the same for the same measurements.
//!
//! There is no default to success: a pass needs real measurements within the limit, and one without data or in error
//! never turns anything into a pass. Scheduling and asking is `step::measure`'s business.

use model::deployment::{Judged, Metric, MetricRun, NoData, Run, Sampled, Tally, Verdict};
use model::metric::Measurement;

/// What a measurement counts as.
#[must_use]
pub fn sample(metric: &Metric, measurement: &Measurement) -> Sampled {
    match measurement {
        Measurement::Value(value) if value.is_finite() => match metric.condition.judge(*value) {
            Judged::Pass => Sampled::Pass,
            Judged::Fail => Sampled::Fail,
            Judged::Inconclusive => Sampled::Inconclusive,
        },
        Measurement::Value(_) | Measurement::NoData if metric.no_data == NoData::Fail => Sampled::Fail,
        Measurement::Value(_) | Measurement::NoData => Sampled::NoData,
        Measurement::Error(_) => Sampled::Error,
    }
}

/// The tally with one more measurement.
#[must_use]
pub fn count(tally: Tally, sampled: Sampled) -> Tally {
    let add = |number: u32, what: Sampled| number.saturating_add(u32::from(sampled == what));
    let in_row = |number: u32, what: Sampled| if sampled == what { number.saturating_add(1) } else { 0 };
    Tally {
        passes: add(tally.passes, Sampled::Pass),
        fails: add(tally.fails, Sampled::Fail),
        inconclusive: add(tally.inconclusive, Sampled::Inconclusive),
        no_data: add(tally.no_data, Sampled::NoData),
        errors: add(tally.errors, Sampled::Error),
        errors_in_row: in_row(tally.errors_in_row, Sampled::Error),
        passes_in_row: in_row(tally.passes_in_row, Sampled::Pass),
    }
}

/// The verdict over a metric; the first rule that matches decides. `endless` leaves out the rules that end in time.
///
/// Only measurements with data count towards `count`, so that errors and silence cannot run the clock out.
#[must_use]
pub fn verdict(metric: &Metric, tally: &Tally, endless: bool) -> Verdict {
    let judged = tally.passes.saturating_add(tally.fails).saturating_add(tally.inconclusive);
    if tally.fails > metric.failure_limit {
        Verdict::Fail
    } else if tally.errors_in_row > metric.consecutive_error_limit {
        Verdict::Error
    } else if tally.inconclusive > metric.inconclusive_limit {
        Verdict::Inconclusive
    } else if tally.no_data > 0 && metric.no_data == NoData::Pause {
        Verdict::NoData
    } else if endless {
        Verdict::Running
    } else if metric.consecutive_success_limit.is_some_and(|limit| tally.passes_in_row >= limit) {
        Verdict::Pass
    } else if judged < metric.count {
        Verdict::Running
    } else if tally.passes >= metric.min_pass.max(1) {
        Verdict::Pass
    } else {
        Verdict::Inconclusive
    }
}

/// The verdict over a run, and the metric that decides it. One failure decides at once; the rest waits until every
/// metric of the run is decided, so that a failure on its way is not missed. In an endless run nothing can be waited
/// for. `counts` says which metrics count: those of a dry run do not.
#[must_use]
pub fn run_verdict(run: &Run, counts: impl Fn(&MetricRun) -> bool) -> (Verdict, Option<&MetricRun>) {
    let with = |verdict| run.metrics.iter().find(|metric| counts(metric) && metric.verdict == verdict);
    if let Some(metric) = with(Verdict::Fail) {
        return (Verdict::Fail, Some(metric));
    }
    if !run.endless && with(Verdict::Running).is_some() {
        return (Verdict::Running, None);
    }
    let worst = [Verdict::Error, Verdict::NoData, Verdict::Inconclusive].into_iter().find_map(|v| Some((v, with(v)?)));
    match worst {
        Some((verdict, metric)) => (verdict, Some(metric)),
        None if run.endless || with(Verdict::Pass).is_none() => (Verdict::Running, None),
        None => (Verdict::Pass, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn metric(extra: &str) -> Metric {
        let json = format!(
            r#"{{"name":"errors","provider":{{"http":{{"url":"http://m/","pointer":"/v"}}}},"condition":
                {{"pass":"value <= 1","fail":"value > 5"}},"count":3{extra}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    /// `p`ass, `f`ail, `i`nconclusive, `n`o data, `e`rror.
    fn judge(metric: &Metric, measurements: &str) -> Verdict {
        let mut tally = Tally::default();
        for letter in measurements.chars() {
            let measurement = match letter {
                'p' => Measurement::Value(0.0),
                'f' => Measurement::Value(9.0),
                'i' => Measurement::Value(3.0),
                'n' => Measurement::NoData,
                _ => Measurement::Error("refused".into()),
            };
            tally = count(tally, sample(metric, &measurement));
            let verdict = verdict(metric, &tally, false);
            if verdict != Verdict::Running {
                return verdict;
            }
        }
        Verdict::Running
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        for (extra, measurements, verdict) in [
            ("", "ppp", Verdict::Pass),
            ("", "pp", Verdict::Running),
            ("", "ppf", Verdict::Fail),
            (r#","failure_limit":1"#, "pfp", Verdict::Pass),
            (r#","failure_limit":2"#, "fpf", Verdict::Pass),
            (r#","failure_limit":3"#, "fff", Verdict::Inconclusive),
            (r#","failure_limit":1,"min_pass":3"#, "pfp", Verdict::Inconclusive),
            ("", "i", Verdict::Inconclusive),
            (r#","inconclusive_limit":3"#, "iii", Verdict::Inconclusive),
            ("", "eeee", Verdict::Running),
            ("", "eeeee", Verdict::Error),
            ("", "eeeepeeeepp", Verdict::Pass),
            ("", "nnnnnnnn", Verdict::Running),
            (r#","no_data":"pause""#, "pn", Verdict::NoData),
            (r#","no_data":"fail""#, "pn", Verdict::Fail),
            (r#","consecutive_success_limit":2"#, "pp", Verdict::Pass),
            (r#","consecutive_success_limit":2"#, "pep", Verdict::Running),
        ] {
            assert_eq!(judge(&metric(extra), measurements), verdict, "{measurements} {extra}");
        }
        assert_eq!(sample(&metric(""), &Measurement::Value(f64::NAN)), Sampled::NoData);
    }

    proptest! {
        /// I-VERDICT: silence and errors never make a pass, wherever they come in.
        #[test]
        fn silence_and_errors_never_make_a_pass(
            measurements in "[pfine]{0,12}", at in 0usize..12, extra in "[ne]",
            failure_limit in 0u32..3, inconclusive_limit in 0u32..3
        ) {
            let limits = format!(r#","failure_limit":{failure_limit},"inconclusive_limit":{inconclusive_limit}"#);
            let metric = metric(&limits);
            let mut more = measurements.clone();
            more.insert_str(at.min(measurements.len()), &extra);
            let (before, after) = (judge(&metric, &measurements), judge(&metric, &more));
            prop_assert!(before == Verdict::Pass || after != Verdict::Pass, "{} {}", measurements, more);
            prop_assert!(before != Verdict::Pass || measurements.contains('p'));
        }
    }
}
