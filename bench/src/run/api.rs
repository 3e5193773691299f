//! A client of the Route 53 API: one kept-open connection, signed requests, replies read whole.
//!
//! Leaves out on purpose: everything the rows do not ask for, and every HTTP feature our own server does not use.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};

use crate::run::signature::{Key, headers};

const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

/// A connection to the API.
#[derive(Debug)]
pub struct Api {
    stream: TcpStream,
    host: String,
    key: Key,
    received: Vec<u8>,
}

/// What a change does.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// There must be none.
    Create,
    /// Create or replace.
    Upsert,
    /// There must be exactly this.
    Delete,
}

/// One change of a weighted or simple A record set.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// What it does.
    pub action: Action,
    /// The record set's name.
    pub name: &'a str,
    /// The only value.
    pub address: [u8; 4],
    /// Set identifier, weight and health check of a weighted record set.
    pub weighted: Option<(&'a str, u8, &'a str)>,
}

impl Api {
    /// Connects.
    ///
    /// # Errors
    /// Nobody listens.
    pub fn connect(address: SocketAddr, key: Key) -> Result<Api> {
        let stream = TcpStream::connect(address).with_context(|| format!("connect to the api at {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Api { stream, host: address.to_string(), key, received: Vec::new() })
    }

    /// Sends a request and reads the reply's body.
    ///
    /// # Errors
    /// The connection fails, or the status is not a success; the message then holds the body.
    pub fn call(&mut self, method: &str, target: &str, body: &str) -> Result<String> {
        self.send(method, target, body)?;
        loop {
            if let Some(reply) = self.receive()? {
                return Ok(reply);
            }
        }
    }

    /// Sends a request and does not wait for the reply.
    ///
    /// # Errors
    /// The connection fails.
    pub fn send(&mut self, method: &str, target: &str, body: &str) -> Result<()> {
        let signed = headers(&self.key, method, target, &self.host, body.as_bytes(), SystemTime::now());
        let length = body.len();
        let request = format!(
            "{method} {target} HTTP/1.1\r\n{signed}content-type: text/xml\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        self.stream.set_nonblocking(false)?;
        self.stream.write_all(request.as_bytes()).context("write to the api")
    }

    /// Makes [`Api::receive`] return at once, until the next [`Api::send`].
    ///
    /// # Errors
    /// What the system says.
    pub fn poll(&self) -> Result<()> {
        self.stream.set_nonblocking(true).context("poll the api's connection")
    }

    /// Reads more of the reply and returns its body once it is whole.
    ///
    /// # Errors
    /// As [`Api::call`].
    pub fn receive(&mut self) -> Result<Option<String>> {
        let mut piece = [0; 16 * 1024];
        match self.stream.read(&mut piece) {
            Ok(0) => bail!("the api closed the connection: {}", String::from_utf8_lossy(&self.received)),
            Ok(length) => self.received.extend_from_slice(&piece[..length]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error).context("read from the api"),
        }
        let Some((status, body, length)) = whole_reply(&self.received)? else { return Ok(None) };
        self.received.drain(..length);
        if !(200..300).contains(&status) {
            bail!("the api says {status}: {body}");
        }
        Ok(Some(body))
    }

    /// The id of the hosted zone `name`, without `/hostedzone/`.
    ///
    /// # Errors
    /// As [`Api::call`], or there is no such zone.
    pub fn hosted_zone(&mut self, name: &str) -> Result<String> {
        let reply = self.call("GET", &format!("/2013-04-01/hostedzonesbyname?dnsname={name}"), "")?;
        let id = between(&reply, "<Id>/hostedzone/", "</Id>").with_context(|| format!("no hosted zone: {name}"))?;
        let found = between(&reply, "<Name>", "</Name>");
        if found != Some(name) {
            bail!("no hosted zone, the next one is {found:?}: {name}");
        }
        Ok(id.to_owned())
    }

    /// Creates a health check that is always healthy (calculated, from no others) and returns its id.
    ///
    /// # Errors
    /// As [`Api::call`].
    pub fn create_health_check(&mut self, reference: &str) -> Result<String> {
        let body = format!(
            "<CreateHealthCheckRequest xmlns=\"{NAMESPACE}\"><CallerReference>{reference}</CallerReference><HealthCheckConfig><Type>CALCULATED</Type><HealthThreshold>0</HealthThreshold></HealthCheckConfig></CreateHealthCheckRequest>"
        );
        let reply = self.call("POST", "/2013-04-01/healthcheck", &body)?;
        let id = between(&reply, "<Id>", "</Id>").with_context(|| format!("a health check without id: {reply}"))?;
        Ok(id.to_owned())
    }
}

/// The path of ChangeResourceRecordSets.
pub fn change_target(zone: &str) -> String {
    format!("/2013-04-01/hostedzone/{zone}/rrset/")
}

/// The body of ChangeResourceRecordSets for these changes.
pub fn change_body(changes: &[Change<'_>]) -> String {
    let mut body = String::new();
    for change in changes {
        let [a, b, c, d] = change.address;
        let action = match change.action {
            Action::Create => "CREATE",
            Action::Upsert => "UPSERT",
            Action::Delete => "DELETE",
        };
        let (weighted, health) = match change.weighted {
            Some((identifier, weight, check)) => (
                format!("<SetIdentifier>{identifier}</SetIdentifier><Weight>{weight}</Weight>"),
                format!("<HealthCheckId>{check}</HealthCheckId>"),
            ),
            None => Default::default(),
        };
        body += &format!(
            "<Change><Action>{action}</Action><ResourceRecordSet><Name>{}</Name><Type>A</Type>{weighted}<TTL>60</TTL><ResourceRecords><ResourceRecord><Value>{a}.{b}.{c}.{d}</Value></ResourceRecord></ResourceRecords>{health}</ResourceRecordSet></Change>",
            change.name
        );
    }
    batch_body(&body)
}

/// The body of ChangeResourceRecordSets for changes that are written already.
pub fn batch_body(changes: &str) -> String {
    format!(
        "<ChangeResourceRecordSetsRequest xmlns=\"{NAMESPACE}\"><ChangeBatch><Changes>{changes}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
    )
}

/// The body of a request of one element, as most are.
pub fn request_body(name: &str, members: &str) -> String {
    format!("<{name} xmlns=\"{NAMESPACE}\">{members}</{name}>")
}

/// The body of CreateHostedZone.
pub fn create_zone_body(name: &str, reference: &str) -> String {
    format!(
        "<CreateHostedZoneRequest xmlns=\"{NAMESPACE}\"><Name>{name}</Name><CallerReference>{reference}</CallerReference></CreateHostedZoneRequest>"
    )
}

/// Status, body and length in all of the reply that `received` starts with, once it is whole.
fn whole_reply(received: &[u8]) -> Result<Option<(u16, String, usize)>> {
    let Some(head) = received.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(&received[..head]).context("the api's headers are text")?.to_ascii_lowercase();
    let status = text.split_whitespace().nth(1).and_then(|word| word.parse().ok());
    let status = status.with_context(|| format!("no status in the api's reply: {text}"))?;
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim));
    let (body, length) = if field("transfer-encoding") == Some("chunked") {
        let Some((body, length)) = unchunk(&received[head + 4..])? else { return Ok(None) };
        (body, head + 4 + length)
    } else {
        let length = field("content-length").map_or(Ok(0), str::parse::<usize>).context("content-length")?;
        let Some(body) = received.get(head + 4..head + 4 + length) else { return Ok(None) };
        (body.to_vec(), head + 4 + length)
    };
    Ok(Some((status, String::from_utf8(body).context("the api's body is text")?, length)))
}

/// The body and the octets it took, once the last chunk is there.
fn unchunk(mut rest: &[u8]) -> Result<Option<(Vec<u8>, usize)>> {
    let whole = rest.len();
    let mut body = Vec::new();
    loop {
        let Some(line) = rest.windows(2).position(|two| two == b"\r\n") else { return Ok(None) };
        let size = std::str::from_utf8(&rest[..line]).context("a chunk's size is text")?;
        let size = usize::from_str_radix(size.trim(), 16).with_context(|| format!("a chunk's size: {size}"))?;
        let Some(chunk) = rest.get(line + 2..line + 2 + size + 2) else { return Ok(None) };
        body.extend_from_slice(&chunk[..size]);
        rest = &rest[line + 2 + size + 2..];
        if size == 0 {
            return Ok(Some((body, whole - rest.len())));
        }
    }
}

/// What stands between two texts.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let start = text.find(before)? + before.len();
    text[start..].split_once(after).map(|(found, _)| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_whole_or_waited_for() {
        let plain = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP";
        assert_eq!(whole_reply(plain).unwrap(), Some((200, "abc".into(), plain.len() - 4)));
        let chunked = b"HTTP/1.1 400 Bad\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
        assert_eq!(whole_reply(chunked).unwrap(), Some((400, "abc".into(), chunked.len())));
        for length in 0..chunked.len() {
            assert_eq!(whole_reply(&chunked[..length]).unwrap(), None, "{length}");
        }
    }

    #[test]
    fn a_weighted_change_names_all_it_needs() {
        let change = Change {
            action: Action::Upsert,
            name: "w.test.",
            address: [10, 0, 0, 1],
            weighted: Some(("a", 90, "check")),
        };
        let body = change_body(&[change]);
        let expected = "<Name>w.test.</Name><Type>A</Type><SetIdentifier>a</SetIdentifier><Weight>90</Weight><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>10.0.0.1</Value></ResourceRecord></ResourceRecords><HealthCheckId>check</HealthCheckId>";
        assert!(body.contains(expected), "{body}");
    }
}
