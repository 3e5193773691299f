//! One account: the SDK's client with its credentials, the limiter, and the requests that are no look.

use std::path::PathBuf;
use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_route53::Client;
use aws_sdk_route53::types::{ChangeBatch, ChangeStatus};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use model::endpoint::{Trouble, WriteFault};
use model::id::{AccountName, ChangeId, HostedZoneId};
use tokio::time::Instant;

use crate::fault::{self, Fault, Kind};
use crate::limit::{Limiter, Of};

/// To connect.
const CONNECT_MAX: Duration = Duration::from_secs(3);
/// For one request, and what it is answered with.
const REQUEST_MAX: Duration = Duration::from_secs(10);
/// A write that could not be sent by then is given back: an abort may have come.
const WRITE_PATIENCE: Duration = Duration::from_secs(2);
/// What is asked of a change is asked for so long, then somebody may ask again.
const CONFIRM_MAX: Duration = Duration::from_secs(30);
/// So long after an answer that says nothing by which to go on: only another endpoint will say more.
const NAMELESS_REST_MS: u64 = 30_000;
/// Between two questions: 0.5 s, doubled, at most this.
const CONFIRM_PAUSE_MAX: Duration = Duration::from_secs(5);

/// An account, as the configuration has it.
#[derive(Debug, Clone)]
pub struct Config {
    /// The endpoint's URL; none: Amazon's, whatever the environment or profiles say of endpoints.
    pub endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
    /// Whose requests they are.
    pub credentials: Credentials,
}

/// Where credentials come from. They are never in a service or a release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// A file in the form of `~/.aws/credentials`; none: the SDK's chain of environment, profile files, web identity, and
    /// the container's or instance's own.
    pub file: Option<PathBuf>,
    /// The profile of the file, or of AWS's own files without one; it goes before `AWS_*` variables. None: that of the
    /// chain, and `default` in a file.
    pub profile: Option<String>,
}

/// An account that cannot be prepared.
#[derive(Debug, thiserror::Error)]
#[error("cannot read accounts.{account}.credentials_file from {}", file.display())]
pub struct OpenError {
    account: AccountName,
    file: PathBuf,
    source: std::io::Error,
}

/// One account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) client: Client,
    limiter: Limiter,
}

impl Account {
    pub(crate) async fn open(name: &AccountName, config: Config) -> Result<Self, OpenError> {
        let Config { endpoint, region, credentials: Credentials { file, profile } } = config;
        let http = aws_smithy_http_client::Builder::new();
        let http = http.tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https();
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT_MAX).operation_attempt_timeout(REQUEST_MAX).build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http.clone())
            .region(Region::new(region.clone()))
            .timeout_config(timeouts)
            .retry_config(RetryConfig::disabled());
        if file.is_some() || profile.is_some() {
            // A profile may lead to other sources, which are asked by the same client.
            let asking = ProviderConfig::without_region().with_region(Some(Region::new(region))).with_http_client(http);
            let mut provider = ProfileFileCredentialsProvider::builder().configure(&asking);
            if let Some(file) = file {
                if let Err(source) = std::fs::File::open(&file) {
                    return Err(OpenError { account: name.clone(), file, source });
                }
                let files = EnvConfigFiles::builder().with_file(EnvConfigFileKind::Credentials, file);
                provider = provider.profile_files(files.build());
            }
            if let Some(profile) = &profile {
                loader = loader.profile_name(profile);
                provider = provider.profile_name(profile);
            }
            // Not one among several of the SDK's chain, where variables of the environment come first.
            loader = loader.credentials_provider(provider.build());
        }
        let mut builder = aws_sdk_route53::config::Builder::from(&loader.load().await);
        // The SDK's configuration may have brought one along, and what is written of Amazon must not go elsewhere.
        builder.set_endpoint_url(endpoint);
        Ok(Self { client: Client::from_conf(builder.build()), limiter: Limiter::new() })
    }

    /// Waits until something may be read.
    pub(crate) async fn turn(&self) {
        self.limiter.turn_to_read().await;
    }

    /// Takes note that a request was answered.
    pub(crate) fn answered(&self, of: Of) {
        self.limiter.answered(of);
    }

    /// Takes note of a failure: what is told of it.
    pub(crate) fn trouble(&self, of: Of, fault: Fault) -> Trouble {
        Trouble { rest_ms: self.limiter.failed(of, fault.kind == Kind::Throttled), text: fault.text }
    }

    /// Sends a change batch, once.
    pub(crate) async fn write(&self, zone: &HostedZoneId, batch: ChangeBatch) -> Result<ChangeId, WriteFault> {
        if let Err(wait) = self.limiter.turn_to_write(WRITE_PATIENCE).await {
            let text = format!("the account is asked as often as it may; its turn is in {}s", wait.as_secs());
            let rest_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            return Err(WriteFault::Untaken(Trouble { text, rest_ms }));
        }
        let request = self.client.change_resource_record_sets().hosted_zone_id(zone.as_str()).change_batch(batch);
        match request.send().await {
            Ok(answer) => {
                self.answered(Of::Writing);
                let id = answer.change_info().map(aws_sdk_route53::types::ChangeInfo::id).unwrap_or_default();
                // One without a name was taken all the same, and is found out by looking.
                change_id(id).map_err(|text| WriteFault::Unknown(Trouble { text, rest_ms: NAMELESS_REST_MS }))
            }
            Err(error) => {
                let fault = fault::of(&error);
                Err(match fault.kind {
                    // The answer of an endpoint that is well: look at once.
                    Kind::Stale => {
                        self.answered(Of::Writing);
                        WriteFault::Stale(Trouble { text: fault.text, rest_ms: 0 })
                    }
                    Kind::Throttled | Kind::Busy => WriteFault::Untaken(self.trouble(Of::Writing, fault)),
                    Kind::Refused => WriteFault::Refused(self.trouble(Of::Writing, fault)),
                    Kind::Unknown => WriteFault::Unknown(self.trouble(Of::Writing, fault)),
                })
            }
        }
    }

    /// Whether every server answers by a change; asks until one does, or for half a minute.
    pub(crate) async fn confirm(&self, change: &ChangeId) -> Result<bool, Trouble> {
        let until = Instant::now() + CONFIRM_MAX;
        let mut pause = Duration::from_millis(500);
        loop {
            self.turn().await;
            let answer = self.client.get_change().id(change.as_str()).send().await;
            let answer = answer.map_err(|error| self.trouble(Of::Reading, fault::of(&error)))?;
            self.answered(Of::Reading);
            if answer.change_info().is_some_and(|info| *info.status() == ChangeStatus::Insync) {
                return Ok(true);
            }
            if Instant::now() + pause > until {
                return Ok(false);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(CONFIRM_PAUSE_MAX);
        }
    }
}

/// The bare form of `/change/C…`.
fn change_id(text: &str) -> Result<ChangeId, String> {
    let bare = text.strip_prefix("/change/").unwrap_or(text);
    ChangeId::parse(bare).map_err(|fault| format!("the endpoint calls the change by no name: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Answer, account, change, error};

    fn batch() -> ChangeBatch {
        use aws_sdk_route53::types::{Change, ChangeAction, ResourceRecordSet, RrType};
        let set = ResourceRecordSet::builder().name("shop.example.com.").r#type(RrType::A).build().unwrap();
        let change = Change::builder().action(ChangeAction::Delete).resource_record_set(set).build().unwrap();
        ChangeBatch::builder().changes(change).build().unwrap()
    }

    /// What a write comes to, in a word.
    async fn wrote(answers: Vec<Answer>) -> &'static str {
        let (account, _) = account(answers).await;
        match account.write(&HostedZoneId::parse("Z1").unwrap(), batch()).await {
            Ok(_) => "taken",
            Err(WriteFault::Stale(_)) => "stale",
            Err(WriteFault::Untaken(_)) => "untaken",
            Err(WriteFault::Refused(_)) => "refused",
            Err(WriteFault::Unknown(_)) => "unknown",
        }
    }

    #[tokio::test]
    async fn what_each_answer_says_of_a_write() {
        for (answer, is) in [
            (change("ChangeResourceRecordSets", "PENDING"), "taken"),
            (error(400, "InvalidChangeBatch"), "stale"),
            (error(400, "Throttling"), "untaken"),
            (error(429, "SlowDown"), "untaken"),
            (error(503, "Throttling"), "untaken"),
            (error(400, "PriorRequestNotComplete"), "untaken"),
            (error(403, "AccessDenied"), "refused"),
            (error(404, "NoSuchHostedZone"), "refused"),
            (error(400, "InvalidInput"), "refused"),
            (error(500, "InternalError"), "unknown"),
            (error(503, "ServiceUnavailable"), "unknown"),
            (Answer::Says(502, "<html>".to_owned()), "unknown"),
            (Answer::Says(200, "half of an ans".to_owned()), "unknown"),
            (Answer::Nothing, "unknown"),
        ] {
            assert_eq!(wrote(vec![answer.clone()]).await, is, "{answer:?}");
        }
    }

    #[tokio::test]
    async fn a_change_is_asked_for_until_every_server_answers_by_it() {
        let pending = change("GetChange", "PENDING");
        let (account, asked) = account(vec![pending.clone(), pending, change("GetChange", "INSYNC")]).await;
        assert_eq!(account.confirm(&ChangeId::parse("C1").unwrap()).await, Ok(true));
        let asked = asked.lock().unwrap().clone();
        assert!(asked.len() == 3 && asked.iter().all(|line| line.contains("/change/C1")), "{asked:?}");
    }

    #[tokio::test]
    async fn a_name_that_tells_nothing_is_no_hot_loop() {
        let odd = change("ChangeResourceRecordSets", "PENDING");
        let Answer::Says(status, body) = odd else { unreachable!() };
        let (account, _) = account(vec![Answer::Says(status, body.replace("/change/C1", "/change/no-name!"))]).await;
        let fault = account.write(&HostedZoneId::parse("Z1").unwrap(), batch()).await.unwrap_err();
        assert!(matches!(&fault, WriteFault::Unknown(trouble) if trouble.rest_ms == NAMELESS_REST_MS), "{fault:?}");
    }
}
