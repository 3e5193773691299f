//! Amazon Route 53, or any server that speaks its API, as a place whose record sets releases move.
//!
//! **What it is.** Errands of `model::endpoint` carried out through AWS's own SDK: looks, change batches, and the wait
//! for INSYNC. One [`Driver`] for all accounts; each account has one limiter that all releases share, because Route 53
//! takes five requests a second of an account and throttles what is more.
//!
//! **What it is not.** It knows nothing of releases, decides nothing, keeps nothing: what to write, and whether to try
//! again, is the engine's business. It never retries a write; the SDK's own retries are off.
//!
//! **The walk.** `control` runs an errand → here → the endpoint → a report. Before a request the limiter is asked
//! (`limit`), after a failure it is told; what a failure means for a write is `fault`'s business, and record sets are
//! turned from and into the SDK's shapes in `shape`.
//!
//! **Invariants.** A write is reported as taken only if the endpoint said so, as untaken only if it cannot have been, and
//! as unknown otherwise. A record set that is read and written again is the same to the byte, or is not written.
//!
//! **Tests.** `tests/route53.rs` runs two servers: one is the endpoint, the other releases against it through a proxy that
//! throttles, loses answers and is killed.
#![forbid(unsafe_code)]

mod account;
mod fault;
mod limit;
mod look;
mod shape;
#[cfg(test)]
mod testing;

use std::collections::BTreeMap;
use std::time::Duration;

use model::endpoint::{Errand, Report, Trouble, UNABLE_REST_MS, WriteFault};
use model::id::AccountName;

pub use account::{Config, Credentials, OpenError};

use account::Account;

/// No errand takes longer, its waits for turns included: somebody waits for its end.
const ERRAND_MAX: Duration = Duration::from_secs(60);
/// The rest after one that was given up.
const LATE_REST_MS: u64 = 1_000;

/// Runs errands to the accounts that the configuration names.
#[derive(Debug)]
pub struct Driver {
    accounts: BTreeMap<AccountName, Account>,
}

impl Driver {
    /// Prepares every account. Nothing is asked of anybody yet.
    ///
    /// # Errors
    /// A file with credentials that cannot be read.
    pub async fn open(accounts: BTreeMap<AccountName, Config>) -> Result<Self, OpenError> {
        let mut opened = BTreeMap::new();
        for (name, config) in accounts {
            let account = Account::open(&name, config).await?;
            opened.insert(name, account);
        }
        Ok(Self { accounts: opened })
    }

    /// Runs one errand. What goes wrong is part of the report; it ends by itself within a minute.
    pub async fn run(&self, errand: Errand) -> Report {
        let is_write = matches!(errand, Errand::Write(..));
        let trouble = Trouble { text: format!("no end within {}s", ERRAND_MAX.as_secs()), rest_ms: LATE_REST_MS };
        // A write that was given up may have been sent.
        let late = if is_write { Report::Written(Err(WriteFault::Unknown(trouble))) } else { errand.failed(trouble) };
        tokio::time::timeout(ERRAND_MAX, self.run_to_end(errand)).await.unwrap_or(late)
    }

    async fn run_to_end(&self, errand: Errand) -> Report {
        let Some(account) = self.accounts.get(errand.account()) else {
            return errand.failed(self.unknown(errand.account()));
        };
        match errand {
            Errand::Look(zone, names) => Report::Looked(look::look(account, &zone.zone, names).await),
            Errand::Write(zone, batch) => {
                let batch = match shape::batch(&batch) {
                    Ok(batch) => batch,
                    Err(text) => {
                        let trouble = Trouble { text, rest_ms: UNABLE_REST_MS };
                        return Report::Written(Err(WriteFault::Refused(trouble)));
                    }
                };
                Report::Written(account.write(&zone.zone, batch).await)
            }
            Errand::Confirm(_, change) => Report::Confirmed(account.confirm(&change).await),
        }
    }

    fn unknown(&self, name: &AccountName) -> Trouble {
        let known: Vec<&str> = self.accounts.keys().map(AccountName::as_str).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let text = format!("the configuration names no account {name} (known: {known}); add [accounts.{name}]");
        Trouble { text, rest_ms: UNABLE_REST_MS }
    }
}
