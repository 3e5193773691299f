//! What the demo sets up, through Route 53's own API: a hosted zone, a health check per version, weighted records.
//!
//! The documents are those any client would send; the demo's server is open on loopback, so they carry no signature.

use std::fmt::Write as _;
use std::net::SocketAddr;

use anyhow::Context as _;
use hyper::Method;

use super::service::{self, Fleet};
use super::timeline::VERSIONS;
use crate::client::Client;

/// The hosted zone of the demo (RFC 6761 §6.2 keeps `.test` for such things).
pub(crate) const ZONE: &str = "shop.test.";
/// The name that users know.
pub(crate) const NAME: &str = "www.shop.test.";
/// Seconds; short, so that a minute shows what an hour would.
pub(crate) const TTL: u32 = 1;

const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

/// What was made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) zone_id: String,
    pub(crate) health_checks: [String; VERSIONS],
}

/// Makes all of it and waits until every worker serves it.
///
/// # Errors
/// The API refuses, in its own words.
pub(crate) async fn set_up(client: &Client, fleet: &Fleet) -> anyhow::Result<Made> {
    let zone = post(
        client,
        "/2013-04-01/hostedzone",
        &format!(
            "<CreateHostedZoneRequest xmlns=\"{NAMESPACE}\"><Name>{ZONE}</Name><CallerReference>demo</CallerReference>\
             <HostedZoneConfig><Comment>made by cutover demo</Comment></HostedZoneConfig></CreateHostedZoneRequest>"
        ),
    )
    .await?;
    let zone_id = text(&zone, "Id")?.trim_start_matches("/hostedzone/").to_owned();
    let mut health_checks: [String; VERSIONS] = Default::default();
    for (version, id) in health_checks.iter_mut().enumerate() {
        *id = create_health_check(client, version, fleet.socket(version)).await?;
    }
    let change = post(client, &format!("/2013-04-01/hostedzone/{zone_id}/rrset/"), &batch(&health_checks)).await?;
    let change = text(&change, "Id")?;
    for _ in 0..100 {
        let reply =
            client.send(Method::GET, &format!("/2013-04-01{change}"), "text/xml", Vec::new()).await?.success()?;
        if text(&String::from_utf8_lossy(&reply.body), "Status")? == "INSYNC" {
            return Ok(Made { zone_id, health_checks });
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    anyhow::bail!("the weighted records were not in sync within five seconds")
}

async fn create_health_check(client: &Client, version: usize, at: SocketAddr) -> anyhow::Result<String> {
    let body = format!(
        "<CreateHealthCheckRequest xmlns=\"{NAMESPACE}\"><CallerReference>demo-v{}</CallerReference>\
         <HealthCheckConfig><IPAddress>{}</IPAddress><Port>{}</Port><Type>HTTP</Type>\
         <ResourcePath>/healthz</ResourcePath><RequestInterval>10</RequestInterval>\
         <FailureThreshold>2</FailureThreshold></HealthCheckConfig></CreateHealthCheckRequest>",
        version + 1,
        at.ip(),
        at.port()
    );
    text(&post(client, "/2013-04-01/healthcheck", &body).await?, "Id").map(str::to_owned)
}

/// All traffic on v1 to begin with.
fn batch(health_checks: &[String; VERSIONS]) -> String {
    let mut changes = String::new();
    for (version, check) in health_checks.iter().enumerate() {
        let weight = if version == 0 { 100 } else { 0 };
        write!(
            changes,
            "<Change><Action>CREATE</Action><ResourceRecordSet><Name>{NAME}</Name><Type>A</Type>\
             <SetIdentifier>v{}</SetIdentifier><Weight>{weight}</Weight><TTL>{TTL}</TTL><ResourceRecords>\
             <ResourceRecord><Value>{}</Value></ResourceRecord></ResourceRecords>\
             <HealthCheckId>{check}</HealthCheckId></ResourceRecordSet></Change>",
            version + 1,
            service::address(version)
        )
        .expect("a string takes all");
    }
    format!(
        "<ChangeResourceRecordSetsRequest xmlns=\"{NAMESPACE}\"><ChangeBatch><Changes>{changes}</Changes></ChangeBatch>\
         </ChangeResourceRecordSetsRequest>"
    )
}

async fn post(client: &Client, path: &str, body: &str) -> anyhow::Result<String> {
    let document = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}");
    let reply = client.send(Method::POST, path, "text/xml", document.into_bytes()).await?;
    let body = String::from_utf8_lossy(&reply.body).into_owned();
    anyhow::ensure!(reply.status.is_success(), "{path}: {}", text(&body, "Message").unwrap_or(&body));
    Ok(body)
}

/// The text of the first element with this name; the documents are our own server's.
fn text<'a>(document: &'a str, element: &str) -> anyhow::Result<&'a str> {
    let open = format!("<{element}>");
    document
        .split_once(&open)
        .and_then(|(_, rest)| rest.split_once("</"))
        .map(|(text, _)| text)
        .with_context(|| format!("the reply holds no {element}: {document}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_element_is_read() {
        assert_eq!(text("<A><Id>/change/C1</Id><Id>2</Id></A>", "Id").unwrap(), "/change/C1");
        assert!(text("<A/>", "Id").is_err());
    }
}
