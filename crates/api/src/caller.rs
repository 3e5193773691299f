//! May this caller do that? Every operation of both APIs asks here, before it reads anything.
//!
//! Before: `sigv4` has proven the sender. After: the operation, or a refusal that is the same whether or not the thing
//! exists. The operator's token and a server that was started open may do everything; keys what their policies say.

use std::net::IpAddr;

use model::policy::{Context, Judgement, Key, Question, judge};

use crate::keyring::Credential;
use crate::message::Sender;
use crate::time::utc;

/// Who asks, from where and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller<'r> {
    pub(crate) sender: &'r Sender,
    /// The other end of the connection.
    pub(crate) client: Option<IpAddr>,
    /// Milliseconds since 1970.
    pub(crate) at_ms: u64,
}

/// What somebody is about to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    /// Such as `route53:ListHostedZones`.
    pub(crate) action: String,
    /// ARNs, each of which must be allowed; none where the action is on none in particular.
    pub(crate) resources: Vec<String>,
    /// What conditions ask of this operation.
    pub(crate) keys: Vec<(Key, Vec<String>)>,
    /// Whether any key may, unless a policy denies it.
    pub(crate) open: bool,
    /// What a refusal calls the resource, where its ARN would tell more than the request did.
    pub(crate) written: Option<String>,
}

impl Ask {
    /// On nothing in particular.
    pub(crate) fn to(action: impl Into<String>) -> Self {
        Self { action: action.into(), resources: Vec::new(), keys: Vec::new(), open: false, written: None }
    }

    pub(crate) fn on(mut self, resource: String) -> Self {
        self.resources.push(resource);
        self
    }

    pub(crate) fn written(mut self, resource: String) -> Self {
        self.written = Some(resource);
        self
    }

    pub(crate) fn with(mut self, key: Key, values: Vec<String>) -> Self {
        self.keys.push((key, values));
        self
    }
}

/// Not allowed. The words are AWS's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("User: {user} is not authorized to perform: {action}{on} {because}")]
pub(crate) struct Denied {
    user: String,
    action: String,
    on: String,
    because: String,
}

impl Caller<'_> {
    /// Asks. The question is made only for those who are judged; it is given the account that ARNs are of.
    pub(crate) fn may(&self, ask: impl FnOnce(&str) -> Ask) -> Result<(), Denied> {
        match self.sender {
            Sender::Operator | Sender::Anyone => Ok(()),
            Sender::Signed(identity) => self.judge(&identity.credential, ask(&identity.credential.account)),
        }
    }

    fn judge(&self, credential: &Credential, ask: Ask) -> Result<(), Denied> {
        let Ask { action, mut resources, keys, open, written } = ask;
        let context = self.context(credential, keys);
        if resources.is_empty() {
            resources.push("*".to_owned());
        }
        for resource in &resources {
            let question = Question { action: &action, resource, context: &context };
            for (at, policies) in credential.layers.iter().enumerate() {
                // The layers after the first are a session's own.
                let policy = if at == 0 { "identity-based" } else { "session" };
                let because = match judge(policies, &question) {
                    Judgement::Allowed(_) => continue,
                    Judgement::Silent if open => continue,
                    Judgement::Denied(_) if at == 0 => "with an explicit deny in an identity-based policy".to_owned(),
                    Judgement::Denied(_) => "with an explicit deny in a session policy".to_owned(),
                    Judgement::Silent => format!("because no {policy} policy allows the {action} action"),
                };
                let resource = written.as_ref().unwrap_or(resource);
                let on = if resource == "*" { String::new() } else { format!(" on resource: {resource}") };
                return Err(Denied { user: credential.arn(), action, on, because });
            }
        }
        Ok(())
    }

    fn context(&self, credential: &Credential, keys: Vec<(Key, Vec<String>)>) -> Context {
        let who = Who { name: &credential.name, key: credential.key().as_str(), account: &credential.account };
        context(&who, self.client, self.at_ms, keys)
    }
}

/// Whose policies are asked.
pub(crate) struct Who<'w> {
    pub(crate) name: &'w str,
    pub(crate) key: &'w str,
    pub(crate) account: &'w str,
}

impl Who<'_> {
    fn arn(&self) -> String {
        format!("arn:aws:iam::{}:user/{}", self.account, self.name)
    }
}

/// What conditions are judged by: `keys` of the operation, and what every request tells.
pub(crate) fn context(who: &Who<'_>, client: Option<IpAddr>, at_ms: u64, keys: Vec<(Key, Vec<String>)>) -> Context {
    let mut context = Context::of(keys);
    let mut tell = |key: Key, value: String| {
        if context.values(key).is_none() {
            context.add(key, vec![value]);
        }
    };
    tell(Key::UserName, who.name.to_owned());
    tell(Key::UserId, who.key.to_owned());
    tell(Key::PrincipalArn, who.arn());
    tell(Key::PrincipalAccount, who.account.to_owned());
    tell(Key::CurrentTime, format!("{}Z", &utc(at_ms)[..19]));
    tell(Key::EpochTime, (at_ms / 1000).to_string());
    if let Some(address) = client {
        tell(Key::SourceIp, address.to_canonical().to_string());
    }
    // Unspecified: whether the way here was encrypted is known to the proxy that ends TLS, not to us.
    context
}
