//! The measurements of deployments, one row each, kept so that a verdict can be looked into and judged again.
//!
//! Bounded: of each metric of a run the last thousand at most, and they go by the hundred, because the first of each hundred
//! says where its metric stood. Written by the runner in the turn that counts them.

use std::ops::ControlFlow;

use deploy::Replayed;
use model::deployment::Measured;
use model::id::DeploymentId;
use store::{Store, Transaction};

use super::rows;
use crate::keys;
use crate::rows::{Rows, StorageError, put, read, scan};
use crate::stored::Stored as _;

/// Measurements of a metric that are kept at least, once there are so many; a hundred more at most.
const KEPT: u32 = 900;
/// They go by so many.
const GO_TOGETHER: u32 = 100;

/// Keeps a measurement, and lets go what is too old.
pub(crate) fn keep(transaction: &mut Transaction<'_>, id: &DeploymentId, measured: &Measured) {
    put(transaction, &key(id, measured, measured.number), measured);
    if measured.number % GO_TOGETHER == 1 && measured.number > KEPT {
        let to = measured.number - KEPT;
        for number in to.saturating_sub(GO_TOGETHER)..to {
            transaction.delete(&key(id, measured, number));
        }
    }
}

fn key(id: &DeploymentId, of: &Measured, number: u32) -> Vec<u8> {
    keys::deployment_measurement(id, of.run, &of.template, &of.metric, number)
}

/// What is kept of a deployment, by run, metric and number.
///
/// # Errors
/// The store cannot be read, or a row is damaged.
pub fn measurements(store: &Store, id: &DeploymentId) -> Result<Vec<Measured>, StorageError> {
    read(store, |reader| kept(reader, id))
}

/// The last of those kept of a deployment that are wanted, at most `limit`, oldest first, and how many there are besides. No
/// more than twice as many are in memory at a time.
///
/// # Errors
/// The store cannot be read, or a row is damaged.
pub fn last_measurements(
    store: &Store,
    id: &DeploymentId,
    limit: usize,
    is_wanted: impl Fn(&Measured) -> bool,
) -> Result<(Vec<Measured>, usize), StorageError> {
    let (mut last, mut skipped) = (Vec::new(), 0);
    let mut cut = |last: &mut Vec<Measured>| {
        last.sort_by_key(|m: &Measured| m.sample.at_ms);
        let over = last.len().saturating_sub(limit);
        last.drain(..over);
        skipped += over;
    };
    read(store, |reader| {
        each(reader, id, |measured| {
            if is_wanted(&measured) {
                last.push(measured);
            }
            if last.len() >= limit.saturating_mul(2) {
                cut(&mut last);
            }
        })
    })?;
    cut(&mut last);
    Ok((last, skipped))
}

/// Judges again what is kept of a deployment, one metric of a run after the other; nothing if there is no such deployment.
///
/// # Errors
/// The store cannot be read, or a row is damaged.
pub fn replay(store: &Store, id: &DeploymentId) -> Result<Option<Vec<Replayed>>, StorageError> {
    read(store, |reader| {
        let Some(deployment) = rows::load(reader, id)? else { return Ok(None) };
        let (mut replayed, mut together) = (Vec::new(), Vec::<Measured>::new());
        let is_beside = |a: &Measured, b: &Measured| (a.run, &a.template, &a.metric) == (b.run, &b.template, &b.metric);
        each(reader, id, |measured| {
            // Their keys are in this order.
            if together.last().is_some_and(|last| !is_beside(last, &measured)) {
                replayed.extend(deploy::replay(&deployment, &together));
                together.clear();
            }
            together.push(measured);
        })?;
        replayed.extend(deploy::replay(&deployment, &together));
        Ok(Some(replayed))
    })
}

fn kept(rows: &impl Rows, id: &DeploymentId) -> Result<Vec<Measured>, StorageError> {
    let mut found = Vec::new();
    each(rows, id, |measured| found.push(measured))?;
    Ok(found)
}

fn each(rows: &impl Rows, id: &DeploymentId, mut take: impl FnMut(Measured)) -> Result<(), StorageError> {
    scan(rows, &keys::deployment_measurements(id), &[], |key, value| {
        take(Measured::decode(value).map_err(|fault| StorageError::damaged(key, fault))?);
        Ok(ControlFlow::Continue(()))
    })
}

#[cfg(test)]
mod tests {
    use model::deployment::{MetricRun, Sample, Sampled, Verdict};
    use model::metric::{Measurement, MetricQuery};
    use store::Meta;

    use super::*;
    use crate::rows::write;
    use crate::testing::Scratch;

    fn measured(number: u32) -> Measured {
        Measured {
            run: 1,
            endless: true,
            template: "errors".into(),
            metric: "5xx".into(),
            number,
            asked_ms: u64::from(number),
            query: MetricQuery::http_json("http://127.0.0.1/", "/v").unwrap(),
            answer: Measurement::Value(0.1),
            sample: Sample {
                at_ms: u64::from(number),
                value: Some(0.1),
                sampled: Sampled::Pass,
                error: None,
                compared: None,
            },
            verdict: Verdict::Running,
            begins: None,
            before: (number % GO_TOGETHER == 1).then(|| Box::new(MetricRun::new("errors", "5xx", 0))),
        }
    }

    #[tokio::test]
    async fn the_last_thousand_are_kept_and_begin_where_judging_can() {
        let scratch = Scratch::new();
        let store = scratch.store();
        let id = DeploymentId::parse("01JDEPLOY").unwrap();
        for hundred in 0..25u32 {
            let id = id.clone();
            write(&store, Meta::new("test", 1), move |transaction| {
                for number in hundred * 100 + 1..=hundred * 100 + 100 {
                    keep(transaction, &id, &measured(number));
                }
                Ok::<(), StorageError>(())
            })
            .await
            .unwrap();
        }
        let kept = measurements(&store, &id).unwrap();
        assert_eq!((kept.len(), kept[0].number, kept.last().unwrap().number), (1_000, 1_501, 2_500));
        assert!(kept[0].before.is_some());
        let even = |m: &Measured| m.number.is_multiple_of(2);
        let (last, skipped) = last_measurements(&store, &id, 3, even).unwrap();
        assert_eq!((last.iter().map(|m| m.number).collect::<Vec<_>>(), skipped), (vec![2_496, 2_498, 2_500], 497));
    }

    /// What version 1 wrote; every later build must read it.
    #[test]
    fn the_stored_form_stays() {
        let stored = r#"{"measurement.v1":{"run":1,"endless":false,"template":"errors","metric":"5xx","number":2,"asked_ms":1700000000000,"query":{"Several":[{"HttpJson":{"url":"http://127.0.0.1/green","read":{"numbers":["/bad","/all"]}}},{"HttpJson":{"url":"http://127.0.0.1/blue","read":{"numbers":["/bad","/all"]}}}]},"answer":{"Several":[{"Several":[{"Value":4.0},{"Value":200.0}]},"NoData"]},"sample":{"at_ms":1700000000050,"value":null,"sampled":"no_data","error":null},"verdict":"running","begins":{"number":1,"since_ms":1699999990000,"seen":[]}}}"#;
        let read = Measured::decode(stored.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(read.encode()).unwrap(), stored);
    }
}
