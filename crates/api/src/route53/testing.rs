//! What this crate's tests share: a Route 53 over a real store, published but with no DNS workers and no prober.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use control::publish::{self, Publisher};
use control::{Meta, Store, Views};
use ring::rand::SystemRandom;

use super::Route53;
use crate::caller::Caller;
use crate::message::Sender;

/// Ends publishing and removes the store's folder with the last `Route53`.
struct Kept {
    folder: PathBuf,
    _publisher: Publisher,
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A Route 53 with an empty store in a folder of its own.
pub(crate) fn route53() -> Route53 {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("cutover-api-{}-{number}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let store = Store::open(&folder).unwrap();
    let (_, verdicts) = tokio::sync::watch::channel(Arc::default());
    let publisher = publish::start(&store, verdicts, Arc::default(), 7).unwrap();
    let view = publisher.view();
    let kept = Kept { folder, _publisher: publisher };
    Route53 {
        store,
        random: Box::leak(Box::new(SystemRandom::new())),
        delegation: Arc::default(),
        limits: Arc::default(),
        views: Views::new(view.clone()),
        served: Arc::new(move || view.borrow().revision()),
        observed: Arc::new(move |_| {
            let _until_the_end = &kept;
            None
        }),
        last_failure: Arc::new(|_| None),
        pace: Arc::default(),
        checker_ranges: vec!["192.0.2.0/24".to_owned()],
        vpcs: Arc::default(),
        seal: Arc::new(control::seal::Seal::new(&[7; 32])),
        account_id: crate::native::ACCOUNT_DEFAULT.into(),
    }
}

/// Somebody who may do everything.
pub(crate) fn caller() -> Caller<'static> {
    Caller { sender: &Sender::Operator, client: None, at_ms: 1_795_417_200_000 }
}

/// A change by the tests.
pub(crate) fn meta() -> Meta {
    Meta::new("test", 1_795_417_200_000)
}
