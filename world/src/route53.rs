//! A client of Route 53's API in a few lines: HTTP/1.1 on a socket, signed with Signature Version 4.
//!
//! For tests that need what an SDK hides: the moment a reply arrives, bodies that no SDK would send. Everything ordinary
//! is tested with AWS's own clients.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ring::{digest, hmac};

/// An access key.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// What the server knows it by.
    pub id: String,
    /// What only we and the server know.
    pub secret: String,
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// A connection that stays open.
pub struct Client {
    api: SocketAddr,
    credentials: Credentials,
    stream: BufReader<TcpStream>,
}

impl Response {
    /// The text of the first element of this name.
    #[must_use]
    pub fn element(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("<{name}>"))?;
        Some(rest.split_once(&format!("</{name}>"))?.0)
    }
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// The server is not there.
    pub fn connect(api: SocketAddr, credentials: &Credentials) -> std::io::Result<Self> {
        let stream = TcpStream::connect(api)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { api, credentials: credentials.clone(), stream: BufReader::new(stream) })
    }

    /// Sends a signed request below `/2013-04-01/` and reads the response.
    ///
    /// # Errors
    /// The connection broke.
    pub fn send(&mut self, method: &str, path: &str, body: &str) -> std::io::Result<Response> {
        let path = format!("/2013-04-01/{path}");
        let head = self.head(method, &path, body);
        self.stream.get_mut().write_all(format!("{head}{body}").as_bytes())?;
        let mut line = String::new();
        self.line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(|| broken("status"))?;
        let mut length = 0;
        loop {
            self.line(&mut line)?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().map_err(|_| broken("length"))?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Response { status, body: String::from_utf8_lossy(&body).into_owned() })
    }

    /// Creates a hosted zone; its id without prefix.
    ///
    /// # Errors
    /// The connection broke, or the server refused.
    pub fn create_zone(&mut self, name: &str, reference: &str) -> std::io::Result<String> {
        let body = format!(
            "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Name>{name}</Name>\
             <CallerReference>{reference}</CallerReference></CreateHostedZoneRequest>"
        );
        let response = self.send("POST", "hostedzone", &body)?;
        let id =
            response.element("Id").filter(|_| response.status == 201).and_then(|id| id.strip_prefix("/hostedzone/"));
        id.map(str::to_owned).ok_or_else(|| std::io::Error::other(response.body.clone()))
    }

    /// Sends a change batch of `(action, name, type, ttl, value)`.
    ///
    /// # Errors
    /// The connection broke.
    pub fn change(&mut self, zone: &str, changes: &[(&str, &str, &str, u32, &str)]) -> std::io::Result<Response> {
        self.send("POST", &format!("hostedzone/{zone}/rrset/"), &batch(changes))
    }

    fn line(&mut self, line: &mut String) -> std::io::Result<()> {
        line.clear();
        if self.stream.read_line(line)? == 0 {
            return Err(broken("connection"));
        }
        line.truncate(line.trim_end().len());
        Ok(())
    }

    /// Request line and headers. The order of signing is that of AWS's "Create a signed AWS API request".
    fn head(&self, method: &str, path: &str, body: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970").as_secs();
        let time = timestamp(now);
        let (day, host) = (&time[..8], self.api);
        let scope = format!("{day}/us-east-1/route53/aws4_request");
        let (path_only, query) = path.split_once('?').unwrap_or((path, ""));
        let canonical = format!(
            "{method}\n{path_only}\n{query}\nhost:{host}\nx-amz-date:{time}\n\nhost;x-amz-date\n{}",
            hex(digest::digest(&digest::SHA256, body.as_bytes()).as_ref())
        );
        let canonical_hash = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
        let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{canonical_hash}");
        let mut key = format!("AWS4{}", self.credentials.secret).into_bytes();
        for part in scope.split('/').chain([&to_sign[..]]) {
            key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
        }
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nX-Amz-Date: {time}\r\nContent-Type: application/xml\r\n\
             Content-Length: {}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={}/{scope}, \
             SignedHeaders=host;x-amz-date, Signature={}\r\n\r\n",
            body.len(),
            self.credentials.id,
            hex(&key),
        )
    }
}

/// The body of a ChangeResourceRecordSets of `(action, name, type, ttl, value)`.
#[must_use]
pub fn batch(changes: &[(&str, &str, &str, u32, &str)]) -> String {
    let changes: String = changes
        .iter()
        .map(|(action, name, record_type, ttl, value)| {
            format!(
                "<Change><Action>{action}</Action><ResourceRecordSet><Name>{name}</Name><Type>{record_type}</Type>\
                 <TTL>{ttl}</TTL><ResourceRecords><ResourceRecord><Value>{value}</Value></ResourceRecord>\
                 </ResourceRecords></ResourceRecordSet></Change>"
            )
        })
        .collect();
    format!(
        "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch><Changes>\
         {changes}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
    )
}

fn broken(what: &str) -> std::io::Error {
    std::io::Error::other(format!("the response has no {what}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `20261123T070000Z`, by the civil-from-days method of counting years from March.
fn timestamp(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_aws_reads_them() {
        assert_eq!(timestamp(0), "19700101T000000Z");
        assert_eq!(timestamp(1_709_251_199), "20240229T235959Z");
        assert_eq!(timestamp(1_795_413_599), "20261123T055959Z");
    }
}
