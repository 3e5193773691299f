//! The judges against other people's programs, against chance, and against their own bits.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;

use deploy::judge::{mann_whitney, proportion, spending};
use model::deployment::{Compare, Counts, MannWhitney};
use proptest::prelude::*;
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/judges.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn near(ours: f64, theirs: f64, within: f64) {
    assert!((ours - theirs).abs() <= within * theirs.abs().max(1.0), "{ours} is not {theirs}");
}

fn counts(events: f64, total: f64) -> Counts {
    Counts { events, total }
}

fn mann_whitney_rule(fields: &str) -> MannWhitney {
    let Compare::MannWhitney(rule) = serde_json::from_str(&format!(r#"{{"judge":"mann_whitney"{fields}}}"#)).unwrap()
    else {
        panic!("another judge")
    };
    rule
}

#[test]
fn proportions_are_scored_as_by_search() {
    for case in golden()["proportion"].as_array().unwrap() {
        let [x1, n1, x2, n2] = numbers(&case["counts"])[..] else { panic!() };
        for score in case["scores"].as_array().unwrap() {
            let [difference, theirs] = numbers(score)[..] else { panic!() };
            near(proportion::score(counts(x1, n1), counts(x2, n2), difference), theirs, 1e-6);
        }
    }
}

#[test]
fn shifts_and_their_intervals_are_those_of_all_differences() {
    for case in golden()["mann_whitney"].as_array().unwrap() {
        let (new, old, bound) = (numbers(&case["new"]), numbers(&case["old"]), case["bound"].as_f64().unwrap());
        let moved = mann_whitney::compare(&mann_whitney_rule(r#","effect":"cles""#), &new, &old, bound).unwrap();
        let (low, high) = moved.interval.unwrap();
        for (ours, field) in [(moved.shift, "shift"), (low, "low"), (high, "high"), (moved.effect.unwrap(), "cles")] {
            near(ours, case[field].as_f64().unwrap(), 1e-12);
        }
        let moved = mann_whitney::compare(&mann_whitney_rule(""), &new, &old, bound).unwrap();
        near(moved.effect.unwrap(), case["mean_ratio"].as_f64().unwrap(), 1e-12);
    }
}

#[test]
fn bounds_are_those_of_the_many_dimensional_integral() {
    let golden = golden();
    for case in golden["spending"].as_array().unwrap() {
        let (alpha, looks) = (case["alpha"].as_f64().unwrap(), case["looks"].as_u64().unwrap());
        let ours = spending::bounds(alpha, usize::try_from(looks).unwrap(), &numbers(&case["information"]));
        ours.iter().zip(numbers(&case["bounds"])).for_each(|(ours, theirs)| near(*ours, theirs, 2e-5));
    }
    for point in golden["points"].as_array().unwrap() {
        let [chance, theirs] = numbers(point)[..] else { panic!() };
        // One look of one, on one side, is the plain point.
        near(spending::bound(chance, 1, &[1.0]), theirs, 1e-13);
    }
}

/// Other bits on another machine would be another verdict when a stored analysis is judged again.
#[test]
fn the_bits_are_the_same_everywhere() {
    let mut text = String::new();
    let mut line = |what: &str, numbers: &[f64]| {
        write!(text, "{what}").unwrap();
        numbers.iter().for_each(|number| write!(text, " {:016x}", number.to_bits()).unwrap());
        text.push('\n');
    };
    for case in golden()["proportion"].as_array().unwrap() {
        let [x1, n1, x2, n2] = numbers(&case["counts"])[..] else { panic!() };
        let interval = proportion::interval(counts(x1, n1), counts(x2, n2), 2.5);
        line("proportion", &[interval.low, interval.high]);
    }
    for case in golden()["mann_whitney"].as_array().unwrap() {
        let moved =
            mann_whitney::compare(&mann_whitney_rule(""), &numbers(&case["new"]), &numbers(&case["old"]), 2.5).unwrap();
        let (low, high) = moved.interval.unwrap();
        line("mann_whitney", &[moved.shift, low, high, moved.effect.unwrap(), moved.medians.0, moved.medians.1]);
    }
    line("spending", &spending::bounds(0.05, 20, &[1.0, 2.0, 2.5, 4.0, 5.5, 7.0, 11.0]));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/bits.txt");
    if std::env::var_os("CUTOVER_BLESS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(path).unwrap_or_default());
}

/// xorshift64*: the same releases in every run of the test (S. Vigna, 2016).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn binomial(&mut self, trials: u32, chance: f64) -> f64 {
        // By jumps between successes, of which there are few.
        let (mut at, mut successes) = (0.0, 0.0);
        loop {
            at += ((1.0 - self.next()).ln() / (1.0 - chance).ln()).floor() + 1.0;
            if at > f64::from(trials) {
                return successes;
            }
            successes += 1.0;
        }
    }
}

/// A release with equal looks: how many fail, and how many pass early.
struct Release {
    canary: (u32, f64),
    baseline: (u32, f64),
    delta: f64,
    pass_delta: f64,
    looks: usize,
}

impl Release {
    fn play(&self, releases: u32, seed: u64) -> (f64, f64) {
        let (n1, n2) = (f64::from(self.canary.0), f64::from(self.baseline.0));
        let information: Vec<f64> = (1..=self.looks).map(|k| k as f64 * n1 * n2 / (n1 + n2)).collect();
        let bounds = spending::bounds(0.05, self.looks, &information);
        let mut dice = Dice(seed);
        let (mut failed, mut passed) = (0, 0);
        for _ in 0..releases {
            let (mut new, mut old) = (Counts::default(), Counts::default());
            for bound in &bounds {
                new = counts(new.events + dice.binomial(self.canary.0, self.canary.1), new.total + n1);
                old = counts(old.events + dice.binomial(self.baseline.0, self.baseline.1), old.total + n2);
                if proportion::score(new, old, self.delta) > *bound {
                    failed += 1;
                    break;
                }
                if self.pass_delta >= 0.0 && proportion::score(new, old, self.pass_delta) < -bound {
                    passed += 1;
                    break;
                }
            }
        }
        (f64::from(failed) / f64::from(releases), f64::from(passed) / f64::from(releases))
    }
}

/// Ten thousand releases of the same version, twenty looks at each: no more than α of them may fail. What chance alone
/// adds to that in so many is 3 standard deviations.
#[test]
fn of_good_releases_no_more_fail_than_are_allowed_to() {
    const RELEASES: u32 = 10_000;
    let most = 0.05 + 3.0 * (0.05f64 * 0.95 / f64::from(RELEASES)).sqrt();
    for (canary, baseline, chance) in [(25, 475, 0.02), (100, 1900, 0.004), (500, 500, 0.004)] {
        let release = Release {
            canary: (canary, chance),
            baseline: (baseline, chance),
            delta: 0.0,
            // Nobody passes early, so that all looks are made.
            pass_delta: -1.0,
            looks: 20,
        };
        let (failed, _) = release.play(RELEASES, 7);
        assert!(failed <= most, "{failed} of {canary} against {baseline} at {chance}");
        assert!(failed > 0.02, "the bound is much too far out: {failed}");
    }
}

/// A release that is worse by just what is borne fails no more often either, and passes no more often than allowed.
#[test]
fn a_release_at_the_limit_is_failed_and_passed_by_chance_only() {
    let release = Release { canary: (100, 0.015), baseline: (1900, 0.01), delta: 0.005, pass_delta: 0.005, looks: 20 };
    let (failed, passed) = release.play(2_000, 11);
    assert!(failed <= 0.06 && passed <= 0.06, "{failed} {passed}");
}

/// The curve in docs/deployments/analysis.md: how often a release with 0.4 % errors on the old side is stopped.
#[test]
fn worse_releases_are_stopped_more_often_the_worse_they_are() {
    let power = |errors: f64, requests: u32| {
        let release = Release {
            canary: (requests / 20, errors),
            baseline: (requests / 20 * 19, 0.004),
            delta: 0.0,
            pass_delta: -1.0,
            looks: 20,
        };
        release.play(200, 3).0
    };
    let curve: Vec<f64> = [0.004, 0.008, 0.012, 0.02].map(|errors| power(errors, 2_000)).into();
    assert!(curve.windows(2).all(|pair| pair[0] < pair[1]), "{curve:?}");
    assert!(curve[1] > 0.6 && curve[3] > 0.99, "{curve:?}");
    if std::env::var_os("CUTOVER_CURVES").is_some() {
        for requests in [200, 1_000, 2_000, 10_000, 40_000] {
            let row = [0.004, 0.005, 0.006, 0.008, 0.012, 0.02, 0.05].map(|errors| power(errors, requests));
            println!("{requests} requests a look, the canary has 1 in 20: {row:?}");
        }
    }
}

#[test]
fn of_equal_latencies_few_fail_and_slower_ones_are_seen() {
    let rule = mann_whitney_rule("");
    let mut dice = Dice(5);
    let mut failed = |slower: f64, samples: usize| {
        let bound = spending::bound(0.01, 1, &[1.0]);
        let worse = (0..400).filter(|_| {
            let mut sample =
                |factor: f64| (0..samples).map(|_| factor * (1.0 + dice.next() + dice.next())).collect::<Vec<_>>();
            mann_whitney::compare(&rule, &sample(slower), &sample(1.0), bound).unwrap().is_worse
        });
        worse.count() as f64 / 400.0
    };
    assert!(failed(1.0, 50) <= 0.025);
    assert!(failed(1.3, 50) > 0.9);
    if std::env::var_os("CUTOVER_CURVES").is_some() {
        for samples in [30, 50, 100, 300] {
            let row = [1.0, 1.05, 1.1, 1.2, 1.3, 1.5].map(|slower| failed(slower, samples));
            println!("{samples} values on each side: {row:?}");
        }
    }
}

#[test]
fn samples_that_say_nothing_are_judged_without_dice() {
    let rule = mann_whitney_rule("");
    let tied = mann_whitney::compare(&rule, &[5.0; 40], &[5.0; 35], 2.3).unwrap();
    assert_eq!((tied.is_worse, tied.note.is_some(), tied.interval), (false, true, Some((0.0, 0.0))));
    let values: Vec<f64> = (0..40).map(f64::from).collect();
    let same = mann_whitney::compare(&rule, &values, &values, 2.3).unwrap();
    assert_eq!((same.is_worse, same.note.is_some(), same.shift), (false, true, 0.0));
    // One side is one value throughout, the other is another: as clear as can be.
    let split = mann_whitney::compare(&rule, &[9.0; 40], &[5.0; 40], 2.3).unwrap();
    assert_eq!((split.is_worse, split.shift), (true, 4.0));
    assert!(mann_whitney::compare(&rule, &[f64::NAN; 40], &values, 2.3).is_none());
    let zero = mann_whitney_rule(r#","nan":"zero""#);
    assert_eq!(mann_whitney::usable(&zero, &[f64::NAN, 1.0], &[f64::INFINITY]), (2, 0));
    let mut wild = values.clone();
    wild.push(1e9);
    assert_eq!(mann_whitney::usable(&mann_whitney_rule(r#","outliers":3"#), &wild, &values), (40, 40));
}

#[test]
fn sizes_that_are_allowed_and_critical() {
    let old: Vec<f64> = (100..160).map(f64::from).collect();
    let judge = |fields: &str, factor: f64| {
        let new: Vec<f64> = old.iter().map(|value| value * factor).collect();
        let moved = mann_whitney::compare(&mann_whitney_rule(fields), &new, &old, 2.3).unwrap();
        (moved.is_worse, moved.is_critical)
    };
    assert_eq!(judge("", 1.15), (true, false));
    assert_eq!(judge(r#","allowed_increase":1.2"#, 1.15), (false, false));
    assert_eq!(judge(r#","allowed_increase":1.2,"critical_increase":1.5"#, 1.3), (true, false));
    assert_eq!(judge(r#","allowed_increase":1.2,"critical_increase":1.5"#, 1.6), (true, true));
    assert_eq!(judge("", 0.8), (false, false), "less is better");
    assert_eq!(judge(r#","direction":"decrease""#, 0.8), (true, false));
    assert_eq!(judge(r#","direction":"either","allowed_decrease":0.7"#, 0.8), (false, false));
    assert_eq!(judge(r#","effect":"cles","allowed_increase":0.99"#, 1.3), (false, false));
}

/// Five requests without a bad event beside four thousand without one score almost one, because of the correction for
/// skewness. Whoever bears many false alarms has lower bounds than that.
#[test]
fn a_side_without_bad_events_is_never_worse() {
    let bound = 0.9;
    for n1 in (5..400u32).step_by(45) {
        for n2 in [5u32, 30, 400, 4_000] {
            for x2 in [0, 1, 2, n2 / 20, n2 - 1] {
                for limit in [0.0, 1e-6, 0.005, 0.1] {
                    let (canary, baseline) = (counts(0.0, n1.into()), counts(x2.into(), n2.into()));
                    assert!(!proportion::is_worse(canary, baseline, limit, bound), "{canary:?} {baseline:?} {limit}");
                }
            }
        }
    }
    assert!(proportion::score(counts(0.0, 5.0), counts(0.0, 4_000.0), 1e-6) > bound, "the score alone would be enough");
}

proptest! {
    /// The order in which values came says nothing, and the same values give the same bits.
    #[test]
    fn the_order_of_values_does_not_matter(
        new in proptest::collection::vec(-20i32..20, 5..40), old in proptest::collection::vec(-20i32..20, 5..40), seed in 1u64..
    ) {
        let floats = |values: &[i32]| values.iter().map(|v| f64::from(*v) / 3.0).collect::<Vec<_>>();
        let shuffled = |mut values: Vec<f64>| {
            let mut dice = Dice(seed);
            for at in (1..values.len()).rev() {
                values.swap(at, (dice.next() * (at + 1) as f64) as usize);
            }
            values
        };
        let rule = mann_whitney_rule("");
        let (new, old) = (floats(&new), floats(&old));
        let straight = mann_whitney::compare(&rule, &new, &old, 1.5);
        let mixed = mann_whitney::compare(&rule, &shuffled(new.clone()), &shuffled(old.clone()), 1.5);
        prop_assert_eq!(format!("{straight:?}"), format!("{mixed:?}"));
        // Sides exchanged: everything has the other sign.
        let (there, back) = (straight.unwrap(), mann_whitney::compare(&rule, &old, &new, 1.5).unwrap());
        prop_assert_eq!(there.shift + 0.0, -back.shift + 0.0);
        if let (Some(there), Some(back)) = (there.interval, back.interval) {
            prop_assert_eq!((there.0 + 0.0, there.1 + 0.0), (-back.1 + 0.0, -back.0 + 0.0));
        }
    }

    /// More bad events in the canary, or fewer in the baseline, never turn a failure into none, at any bound that a look may
    /// have. (Far beyond all bounds the correction for skewness bends, with some dozen requests.)
    #[test]
    fn more_errors_never_look_better(
        (n1, x1) in (30u32..400).prop_flat_map(|n| (Just(n), 0..n)),
        (n2, x2) in (30u32..4000).prop_flat_map(|n| (Just(n), 1..n)),
        limit in 0.0f64..0.1, bound in 1.6f64..5.0
    ) {
        let of = |x: u32, n: u32| counts(f64::from(x), f64::from(n));
        let fails = |canary, baseline, bound| proportion::is_worse(canary, baseline, limit, bound);
        let (canary, baseline) = (of(x1, n1), of(x2, n2));
        prop_assert!(!fails(canary, baseline, bound) || fails(of(x1 + 1, n1), baseline, bound - 1e-6));
        prop_assert!(!fails(canary, baseline, bound) || fails(canary, of(x2 - 1, n2), bound - 1e-6));
        let interval = proportion::interval(canary, baseline, bound);
        prop_assert!(interval.low <= interval.high && (-1.0..=1.0).contains(&interval.low));
    }
}
