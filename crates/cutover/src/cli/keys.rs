//! `cutover keys`: access keys, what they may do, and sessions, with the server up or down.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use hyper::Method;
use model::Name;
use model::policy::named::normalized;
use serde_json::{Value, json};

use super::{Target, print};
use crate::client::encode;
use crate::door::{Door, wait};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make a key; its secret is shown this once.
    Create {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        master_key: MasterKey,
        /// Whose key it is; what policies call aws:username.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        policies: Policies,
    },
    /// List keys and sessions, without their secrets.
    List {
        #[command(flatten)]
        target: Target,
    },
    /// Delete a key and its sessions; requests signed with them are refused at once.
    Delete {
        #[command(flatten)]
        target: Target,
        /// The access key id.
        id: String,
    },
    /// Show what a key may do, or say it anew with --policy.
    Policy {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        master_key: MasterKey,
        /// The access key id.
        id: String,
        #[command(flatten)]
        policies: Policies,
    },
    /// Make temporary credentials of a key, with at most its permissions.
    Session {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        master_key: MasterKey,
        /// The access key id.
        id: String,
        /// How long they are good, 1m to 36h.
        #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = seconds)]
        ttl: u64,
        #[command(flatten)]
        policies: Policies,
    },
    /// Would this key be allowed to do that, and which statement says so? Ends with 1 if not.
    Check(Check),
}

#[derive(Debug, Args)]
pub(crate) struct MasterKey {
    /// The file with the key that secrets are sealed with [default: secrets.key in the data folder].
    #[arg(long, value_name = "FILE", env = "CUTOVER_MASTER_KEY")]
    master_key: Option<PathBuf>,
}

impl MasterKey {
    fn path(&self, target: &Target) -> PathBuf {
        crate::master_key::path(self.master_key.as_deref(), &target.data)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Policies {
    /// What it may do: full-access, read-only, acme:NAME (DNS challenges of certificates for NAME and below), or a file
    /// with a policy in IAM's JSON; may be repeated.
    #[arg(long, value_name = "POLICY")]
    policy: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    target: Target,
    /// The access key id.
    id: String,
    /// Such as route53:ChangeResourceRecordSets.
    action: String,
    /// An ARN such as arn:aws:route53:::hostedzone/Z1; nothing in particular if left out.
    #[arg(default_value = "*")]
    resource: String,
    /// A name in the change batch; may be repeated.
    #[arg(long)]
    name: Vec<String>,
    /// A type in the change batch, such as TXT; may be repeated.
    #[arg(long = "type", value_name = "TYPE")]
    kind: Vec<String>,
    /// An action in the change batch, such as UPSERT; may be repeated.
    #[arg(long = "action", value_name = "ACTION")]
    change: Vec<String>,
    /// Where it would come from.
    #[arg(long, value_name = "ADDRESS")]
    source_ip: Option<std::net::IpAddr>,
}

impl Verb {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let done = |()| ExitCode::SUCCESS;
        wait(async move {
            match self {
                Self::Create { target, master_key, name, policies } => {
                    create(&target, &master_key, &name, &policies).await.map(done)
                }
                Self::List { target } => list(&target).await.map(done),
                Self::Delete { target, id } => delete(&target, &id).await.map(done),
                Self::Policy { target, master_key, id, policies } => {
                    policy(&target, &master_key, &id, &policies).await.map(done)
                }
                Self::Session { target, master_key, id, ttl, policies } => {
                    session(&target, &master_key, &id, ttl, &policies).await.map(done)
                }
                Self::Check(check) => check.run().await,
            }
        })
    }
}

impl Policies {
    /// As the API takes them: names as they are, files as their JSON.
    fn read(&self) -> anyhow::Result<Vec<Value>> {
        self.policy.iter().map(|text| read(text)).collect()
    }
}

fn read(text: &str) -> anyhow::Result<Value> {
    if matches!(text, "full-access" | "read-only") || text.starts_with("acme:") {
        return Ok(text.into());
    }
    anyhow::ensure!(
        Path::new(text).exists(),
        "no such policy: there are full-access, read-only and acme:NAME, or name a file with a policy: {text}"
    );
    let document = std::fs::read_to_string(text).with_context(|| format!("cannot read the policy {text}"))?;
    // Read here as well, so that faults are told with the file, and a member that occurs twice is seen.
    model::policy::Policy::parse(&document).with_context(|| format!("{text} is no policy"))?;
    serde_json::from_str(&document).with_context(|| format!("{text} is no JSON"))
}

async fn create(target: &Target, master_key: &MasterKey, name: &str, policies: &Policies) -> anyhow::Result<()> {
    let policies = policies.read()?;
    anyhow::ensure!(
        !policies.is_empty(),
        "a key without a policy could do nothing; say what it may do with --policy: full-access, read-only, acme:NAME \
         (DNS challenges of certificates), or a file with a policy in IAM's JSON"
    );
    let body = json!({ "name": name, "policies": policies });
    let door = Door::open(&target.data)?;
    let made = door.json_under(&master_key.path(target), Method::POST, "/v1/keys", &body).await?;
    told(target, &made)
}

async fn session(
    target: &Target,
    master_key: &MasterKey,
    id: &str,
    ttl_seconds: u64,
    policies: &Policies,
) -> anyhow::Result<()> {
    let body = json!({ "ttl_seconds": ttl_seconds, "policies": policies.read()? });
    let path = format!("/v1/keys/{}/sessions", encode(id));
    let door = Door::existing(&target.data)?;
    let made = door.json_under(&master_key.path(target), Method::POST, &path, &body).await?;
    told(target, &made)
}

/// What is shown once, for a shell to take over.
fn told(target: &Target, made: &Value) -> anyhow::Result<()> {
    if target.json {
        return print::json(made);
    }
    let field = |name: &str| made[name].as_str().unwrap_or_default();
    println!("export AWS_ACCESS_KEY_ID={}", field("access_key_id"));
    println!("export AWS_SECRET_ACCESS_KEY={}", field("secret_access_key"));
    match made["session_token"].as_str() {
        Some(token) => println!("export AWS_SESSION_TOKEN={token}"),
        // What a shell kept of an earlier session does not belong to this key.
        None => println!("unset AWS_SESSION_TOKEN"),
    }
    println!("# the secret is not shown again");
    Ok(())
}

async fn list(target: &Target) -> anyhow::Result<()> {
    let listed = Door::existing(&target.data)?.json(Method::GET, "/v1/keys", None).await?;
    if target.json {
        return print::json(&listed);
    }
    let text = |key: &Value, field: &str| key[field].as_str().unwrap_or_default().to_owned();
    let rows: Vec<Vec<String>> = listed["keys"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|key| {
            let session =
                key["expires_ms"].as_u64().map(|ms| format!("{} until {}", text(key, "session_of"), api::utc(ms)));
            vec![text(key, "access_key_id"), text(key, "name"), summary(&key["policies"]), session.unwrap_or_default()]
        })
        .collect();
    print!("{}", print::table(&["ACCESS KEY ID", "NAME", "POLICIES", "SESSION OF"], &rows));
    Ok(())
}

/// Names of policies; documents have none.
fn summary(policies: &Value) -> String {
    let name = |policy: &Value| policy.as_str().unwrap_or("document").to_owned();
    policies.as_array().into_iter().flatten().map(name).collect::<Vec<_>>().join(", ")
}

async fn delete(target: &Target, id: &str) -> anyhow::Result<()> {
    let path = format!("/v1/keys/{}", encode(id));
    let deleted = Door::existing(&target.data)?.json(Method::DELETE, &path, None).await?;
    if target.json {
        return print::json(&deleted);
    }
    println!("deleted {id}");
    Ok(())
}

async fn policy(target: &Target, master_key: &MasterKey, id: &str, policies: &Policies) -> anyhow::Result<()> {
    let (door, policies) = (Door::existing(&target.data)?, policies.read()?);
    let key = if policies.is_empty() {
        door.json(Method::GET, &format!("/v1/keys/{}", encode(id)), None).await?
    } else {
        let path = format!("/v1/keys/{}/policies", encode(id));
        door.json_under(&master_key.path(target), Method::PUT, &path, &json!({ "policies": policies })).await?
    };
    if target.json {
        return print::json(&key);
    }
    for policy in key["policies"].as_array().into_iter().flatten() {
        match policy.as_str() {
            Some(name) => println!("{name}"),
            None => println!("{policy:#}"),
        }
    }
    Ok(())
}

impl Check {
    async fn run(&self) -> anyhow::Result<ExitCode> {
        let mut conditions = serde_json::Map::new();
        let mut add = |key: model::policy::Key, values: Vec<String>| {
            if !values.is_empty() {
                conditions.insert(key.name().to_owned(), values.into());
            }
        };
        let names = self.name.iter().map(|text| Ok(normalized(&Name::parse(text)?)));
        add(model::policy::Key::RecordNames, names.collect::<Result<_, model::NameError>>()?);
        add(model::policy::Key::RecordTypes, self.kind.clone());
        add(model::policy::Key::Actions, self.change.clone());
        add(model::policy::Key::SourceIp, self.source_ip.iter().map(ToString::to_string).collect());
        let body = json!({ "action": self.action, "resource": self.resource, "conditions": conditions });
        let path = format!("/v1/keys/{}/check", encode(&self.id));
        let checked = Door::existing(&self.target.data)?.json(Method::POST, &path, Some(&body)).await?;
        let allowed = checked["allowed"].as_bool().unwrap_or(false);
        if self.target.json {
            print::json(&checked)?;
        } else {
            println!("{}", if allowed { "allowed" } else { "denied" });
            for reason in checked["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                println!("  {reason}");
            }
        }
        Ok(if allowed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// `90s`, `15m`, `1h`, `1d`.
fn seconds(text: &str) -> Result<u64, String> {
    let fault = || format!("not a duration such as 15m or 1h: {text}");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(fault)?;
    let number: u64 = number.parse().map_err(|_| fault())?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(fault()),
    };
    number.checked_mul(unit).ok_or_else(fault)
}
