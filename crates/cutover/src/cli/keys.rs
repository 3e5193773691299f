//! `cutover keys`: access keys, with the server up or down.

use anyhow::Context as _;
use clap::Subcommand;
use control::access_keys;
use hyper::Method;
use model::id::AccessKeyId;
use serde_json::{Value, json};

use super::{Target, print};
use crate::door::{Door, meta, random, wait};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make a key; its secret is shown this once.
    Create {
        #[command(flatten)]
        target: Target,
        /// Whose key it is; for people.
        #[arg(long)]
        name: String,
    },
    /// List keys, without their secrets.
    List {
        #[command(flatten)]
        target: Target,
    },
    /// Delete a key; requests signed with it are refused at once.
    Delete {
        #[command(flatten)]
        target: Target,
        /// The access key id.
        id: String,
    },
}

impl Verb {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        wait(async move {
            match self {
                Self::Create { target, name } => create(&target, name).await,
                Self::List { target } => list(&target).await,
                Self::Delete { target, id } => delete(&target, &id).await,
            }
        })
    }
}

async fn create(target: &Target, name: String) -> anyhow::Result<()> {
    let made: Value = match Door::open(&target.data)? {
        Door::Server(client) => client.json(Method::POST, "/v1/keys", Some(&json!({ "name": name }))).await?,
        Door::Store(store) => {
            anyhow::ensure!(!name.is_empty(), "a key's name is empty; give --name");
            let key = access_keys::create(&store, meta(), random(), name).await?;
            json!({"access_key_id": key.id.as_str(), "secret_access_key": key.secret, "name": key.comment})
        }
    };
    if target.json {
        return print::json(&made);
    }
    let field = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
    println!("export AWS_ACCESS_KEY_ID={}", field("access_key_id"));
    println!("export AWS_SECRET_ACCESS_KEY={}", field("secret_access_key"));
    println!("# the secret is not shown again");
    Ok(())
}

async fn list(target: &Target) -> anyhow::Result<()> {
    let listed: Value = match Door::existing(&target.data)? {
        Door::Server(client) => client.json(Method::GET, "/v1/keys", None).await?,
        Door::Store(store) => {
            let keys: Vec<Value> = access_keys::list(&store)?
                .into_iter()
                .map(|k| json!({"access_key_id": k.id.as_str(), "name": k.comment, "created_ms": k.created_ms}))
                .collect();
            json!({ "keys": keys })
        }
    };
    if target.json {
        return print::json(&listed);
    }
    let text = |key: &Value, field: &str| key[field].as_str().unwrap_or_default().to_owned();
    let rows: Vec<Vec<String>> = listed["keys"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|key| vec![text(key, "access_key_id"), text(key, "name")])
        .collect();
    print!("{}", print::table(&["ACCESS KEY ID", "NAME"], &rows));
    Ok(())
}

async fn delete(target: &Target, id: &str) -> anyhow::Result<()> {
    match Door::existing(&target.data)? {
        Door::Server(client) => {
            let path = format!("/v1/keys/{}", crate::client::encode(id));
            client.json::<Value>(Method::DELETE, &path, None).await?;
        }
        Door::Store(store) => {
            let id = AccessKeyId::parse(id).context("not an access key id")?;
            access_keys::delete(&store, meta(), &id).await?;
        }
    }
    if target.json {
        return print::json(&json!({ "deleted": id }));
    }
    println!("deleted {id}");
    Ok(())
}
