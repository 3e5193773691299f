//! May we go on? Judging and counting measurements and the verdict over them: pure, total, the same for the same
//! measurements. Comparisons are judged by `judge`.
//!
//! There is no default to success: a pass needs real measurements within the limit, and one without data or in error
//! never turns anything into a pass. Scheduling and asking is `step::measure`'s business.

use model::deployment::{
    Compare, Condition, Judged, Looks, Metric, MetricRun, NoData, OnProviderError, Sample, Sampled, Tally, Verdict,
};
use model::metric::Measurement;

use crate::event::cut;
use crate::judge::look::{Look, events, look};

/// Measurements that are kept in a run to be looked at.
const RECENT_MAX: usize = 10;

/// Takes one measurement into a metric's run: judges it, counts it and says what that means. Pure; a step does it when the
/// measurement comes in, and so does whoever judges again.
///
/// `at_ms` is when it came in. A metric that is decided stays so.
pub fn take(metric: &Metric, run: &mut MetricRun, endless: bool, at_ms: u64, answer: &Measurement) -> Sample {
    let judged = judge(metric, run, endless, answer);
    run.tally = count(run.tally, judged.sampled);
    if judged.compared.as_ref().is_some_and(|compared| compared.critical) {
        run.tally.critical = run.tally.critical.saturating_add(1);
    }
    let value = judged.compared.as_ref().map(|compared| compared.canary.value).or_else(|| number(answer));
    let sample = Sample {
        at_ms,
        value: value.filter(|value| value.is_finite()),
        sampled: judged.sampled,
        error: judged.error.map(cut),
        compared: judged.compared.map(Box::new),
    };
    run.no_data_since_ms = match sample.sampled {
        Sampled::NoData | Sampled::TooFew => Some(run.no_data_since_ms.unwrap_or(at_ms)),
        Sampled::Error => run.no_data_since_ms,
        Sampled::Pass | Sampled::Fail | Sampled::Inconclusive | Sampled::Undecided => None,
    };
    if run.recent.len() >= RECENT_MAX {
        run.recent.remove(0);
    }
    run.recent.push(sample.clone());
    decide(metric, run, endless, at_ms);
    sample
}

/// Decides a metric by what was counted and by how long there has been no data. Pure; a decided one stays so.
pub fn decide(metric: &Metric, run: &mut MetricRun, endless: bool, now_ms: u64) {
    if run.verdict != Verdict::Running {
        return;
    }
    run.verdict = verdict(metric, &run.tally, endless);
    let is_silent = run.no_data_since_ms.is_some_and(|since| now_ms >= since.saturating_add(metric.max_wait.ms()));
    if run.verdict == Verdict::Running && is_silent {
        run.verdict = match metric.no_data {
            NoData::Wait | NoData::Pause => Verdict::NoData,
            NoData::Fail => Verdict::Fail,
            NoData::Pass if endless => Verdict::Running,
            NoData::Pass => Verdict::Skipped,
        };
    }
    if run.verdict != Verdict::Running {
        run.decided_ms = Some(now_ms);
    }
}

/// What a measurement counts as.
fn judge(metric: &Metric, run: &mut MetricRun, endless: bool, answer: &Measurement) -> Look {
    let mut judged = match (&metric.compare, metric.condition) {
        (Some(rule), _) => look(metric, rule, run.looks.get_or_insert_with(Looks::default), answer, endless),
        (None, Some(condition)) => by_condition(metric, condition, answer),
        // No plan is made of such a metric.
        (None, None) => Look { sampled: Sampled::Inconclusive, compared: None, error: None },
    };
    if judged.sampled == Sampled::NoData && metric.no_data == NoData::Fail {
        judged.sampled = Sampled::Fail;
    }
    judged
}

fn by_condition(metric: &Metric, condition: Condition, answer: &Measurement) -> Look {
    let bare = |sampled| Look { sampled, compared: None, error: None };
    let value = match answer {
        Measurement::Value(value) => *value,
        Measurement::NoData => return bare(Sampled::NoData),
        Measurement::Error(text) => return Look { error: Some(text.clone()), ..bare(Sampled::Error) },
        Measurement::Values(_) => {
            return Look { error: Some("the answer is no single number".to_owned()), ..bare(Sampled::Error) };
        }
        Measurement::Several(_) => match events(answer) {
            Err(text) => return Look { error: Some(text), ..bare(Sampled::Error) },
            Ok(None) => return bare(Sampled::NoData),
            Ok(Some(counts)) if counts.total < f64::from(metric.min_samples()) => return bare(Sampled::TooFew),
            Ok(Some(counts)) => counts.events / counts.total,
        },
    };
    if !value.is_finite() {
        return bare(Sampled::NoData);
    }
    bare(match condition.judge(value) {
        Judged::Pass => Sampled::Pass,
        Judged::Fail => Sampled::Fail,
        Judged::Inconclusive => Sampled::Inconclusive,
    })
}

/// The number in an answer, if it is one.
fn number(answer: &Measurement) -> Option<f64> {
    match answer {
        Measurement::Value(value) => Some(*value),
        Measurement::Several(_) => events(answer).ok().flatten().map(|counts| counts.events / counts.total),
        Measurement::NoData | Measurement::Error(_) | Measurement::Values(_) => None,
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
        // Silence between two errors is no answer either: it must not hide that the provider is lost.
        errors_in_row: match sampled {
            Sampled::NoData | Sampled::TooFew => tally.errors_in_row,
            _ => in_row(tally.errors_in_row, Sampled::Error),
        },
        passes_in_row: in_row(tally.passes_in_row, Sampled::Pass),
        undecided: add(tally.undecided, Sampled::Undecided),
        too_few: add(tally.too_few, Sampled::TooFew),
        critical: tally.critical,
    }
}

/// The verdict over a metric; the first rule that matches decides. `endless` leaves out the rules that end in time.
///
/// Only measurements with data count towards `count`, so that errors and silence cannot run the clock out.
#[must_use]
pub fn verdict(metric: &Metric, tally: &Tally, endless: bool) -> Verdict {
    let is_left_out = metric.on_provider_error == OnProviderError::Continue;
    // A comparison that sees ever more passes once it is sure, or else at its last look.
    let passes_once = metric.compare.as_ref().is_some_and(Compare::is_sequential);
    if tally.fails > metric.failure_limit || tally.critical > 0 {
        Verdict::Fail
    } else if tally.errors_in_row > metric.consecutive_error_limit && !is_left_out {
        Verdict::Error
    } else if tally.inconclusive > metric.inconclusive_limit {
        Verdict::Inconclusive
    } else if tally.no_data > 0 && metric.no_data == NoData::Pause {
        Verdict::NoData
    } else if endless {
        Verdict::Running
    } else if tally.errors_in_row > metric.consecutive_error_limit {
        Verdict::Skipped
    } else if metric.consecutive_success_limit.is_some_and(|limit| tally.passes_in_row >= limit)
        || passes_once && tally.passes > 0
    {
        Verdict::Pass
    } else if tally.judged() < metric.count {
        Verdict::Running
    } else if tally.passes >= metric.min_pass.max(1) {
        Verdict::Pass
    } else {
        Verdict::Inconclusive
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

    fn run(metric: &Metric) -> MetricRun {
        MetricRun::new("t", &metric.name, 0)
    }

    /// `p`ass, `f`ail, `i`nconclusive, `n`o data, `e`rror.
    fn judge(metric: &Metric, measurements: &str) -> Verdict {
        let mut run = run(metric);
        for letter in measurements.chars() {
            let measurement = match letter {
                'p' => Measurement::Value(0.0),
                'f' => Measurement::Value(9.0),
                'i' => Measurement::Value(3.0),
                'n' => Measurement::NoData,
                _ => Measurement::Error("refused".into()),
            };
            take(metric, &mut run, false, 0, &measurement);
        }
        run.verdict
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
        let metric = metric("");
        assert_eq!(take(&metric, &mut run(&metric), false, 0, &Measurement::Value(f64::NAN)).sampled, Sampled::NoData);
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
