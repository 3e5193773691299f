//! Notices as posts: what a receiver reads, to where it is, signed as hooks are.

use std::collections::BTreeMap;
use std::sync::Arc;

use control::notices::Sending;
use model::deployment::{HookAnswer, HookCall, HookCallId, HookOutcome, HookTarget, HttpHook, Notice, Period, fill};

use crate::config::notifications::{Address, Format, Table};

/// One answer may take so long; the notice waits in the store, and is sent again.
const TIMEOUT_SECONDS: u64 = 10;

/// Sends notices.
pub(crate) struct Post {
    caller: Arc<hook::Caller>,
    addresses: BTreeMap<String, Address>,
    link: Option<String>,
}

impl Post {
    /// # Errors
    /// A file of an address that cannot be read.
    pub(crate) fn new(table: &Table, caller: Arc<hook::Caller>) -> anyhow::Result<Self> {
        Ok(Self { caller, addresses: table.addresses()?, link: table.link.clone() })
    }

    /// Sends a notice to a receiver.
    pub(crate) fn send(&self, receiver: &str, notice: &Notice) -> Sending {
        let Some(Address { format, url, secret }) = self.addresses.get(receiver).cloned() else {
            let text = format!("the configuration has no [notifications.to.{receiver}]");
            return Box::pin(async move { HookOutcome::new(HookAnswer::Fail, text) });
        };
        let link = self.link(notice);
        let body = match format {
            Format::Webhook => control::notices::webhook(notice, link.as_deref()),
            Format::Slack => control::notices::slack(notice, link.as_deref()),
        };
        let hook = HttpHook { url: url.clone(), timeout: Period::from_seconds(TIMEOUT_SECONDS), secret };
        let (id, name) = (HookCallId(notice.key.clone()), receiver.to_owned());
        let call =
            HookCall { id, name, target: HookTarget::Http(hook), body, variables: BTreeMap::new(), may_repeat: true };
        let caller = Arc::clone(&self.caller);
        Box::pin(async move {
            let outcome = caller.call(&call).await;
            // Whoever knows the address of a channel may write to it.
            HookOutcome { text: outcome.text.replace(&url, "its url"), ..outcome }
        })
    }

    fn link(&self, notice: &Notice) -> Option<String> {
        let value = |name: &str| match name {
            "deployment" => Some(notice.deployment.to_string()),
            "service" => Some(notice.service.to_string()),
            _ => None,
        };
        fill(self.link.as_deref()?, &value).ok()
    }
}
