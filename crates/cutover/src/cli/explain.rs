//! `cutover explain`: why a name is answered as it is, and the exact odds of every other answer.

mod text;

use std::net::IpAddr;

use clap::Args;
use hyper::Method;
use model::prefix::Prefix;
use serde_json::Value;

use super::zone_changes::Paint;
use super::{Target, print};
use crate::client::encode;
use crate::door::{Door, wait};

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The name asked for.
    name: String,
    /// The type asked for.
    #[arg(default_value = "A", value_name = "TYPE")]
    record_type: String,
    /// Who asks: a client, or a resolver.
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    from: IpAddr,
    /// The client's prefix, as a resolver tells it by EDNS Client Subnet: 198.51.100.0/24.
    #[arg(long, value_name = "PREFIX")]
    subnet: Option<Prefix>,
    /// As the zone was: a revision, a time, an age such as 2h, now~1. Health and places are those of now.
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,
    /// The random bits of the sample answer, as an earlier explanation showed them.
    #[arg(long, value_name = "HEX")]
    draw: Option<String>,
    #[command(flatten)]
    target: Target,
}

impl Explain {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let client = Door::server(&self.target.data)?;
        let mut path =
            format!("/v1/explain?name={}&type={}&from={}", encode(&self.name), encode(&self.record_type), self.from);
        let subnet = self.subnet.map(|subnet| subnet.to_string());
        for (key, value) in [("subnet", &subnet), ("at", &self.at), ("draw", &self.draw)] {
            if let Some(value) = value {
                path.push_str(&format!("&{key}={}", encode(value)));
            }
        }
        let explanation: Value = wait(async { client.json(Method::GET, &path, None).await })?;
        if self.target.json {
            return print::json(&explanation);
        }
        print!("{}", text::text(&explanation, Paint::for_stdout()));
        Ok(())
    }
}
