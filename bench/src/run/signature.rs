//! Signs requests to the API: AWS Signature Version 4, headers `host` and `x-amz-date`.
//!
//! Written apart from the server's check so that one does not vouch for the other. Leaves out on purpose: query strings with more than
//! plain keys, session tokens, presigned URLs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ring::digest;
use ring::hmac;

/// An access key.
#[derive(Clone, Debug)]
pub struct Key {
    /// What the request names.
    pub id: String,
    /// What signs it.
    pub secret: String,
}

const REGION: &str = "us-east-1";

/// The headers that sign a request, each ending in a line end. `target` is a path, with a query in sorted order or without one.
pub fn headers(key: &Key, method: &str, target: &str, host: &str, body: &[u8], now: SystemTime) -> String {
    let stamp = stamp(now);
    let day = &stamp[..8];
    let service = if target.starts_with("/v1/") { "cutover" } else { "route53" };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    // The only character of our paths that the canonical form writes otherwise.
    let path = path.replace(':', "%3A");
    let canonical = format!(
        "{method}\n{path}\n{query}\nhost:{host}\nx-amz-date:{stamp}\n\nhost;x-amz-date\n{}",
        hex(digest::digest(&digest::SHA256, body).as_ref())
    );
    let scope = format!("{day}/{REGION}/{service}/aws4_request");
    let text = format!(
        "AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}",
        hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref())
    );
    let mut secret = format!("AWS4{}", key.secret).into_bytes();
    for part in [day, REGION, service, "aws4_request", &text] {
        secret = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), part.as_bytes()).as_ref().to_vec();
    }
    format!(
        "host: {host}\r\nx-amz-date: {stamp}\r\nauthorization: AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=host;x-amz-date, Signature={}\r\n",
        key.id,
        hex(&secret)
    )
}

/// `20261123T120000Z`.
fn stamp(now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let (year, month, day) = date(seconds / 86_400);
    let second = seconds % 86_400;
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// The date of a day counted from 1970-01-01, by walking the years and months.
fn date(mut days: u64) -> (u64, u64, u64) {
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right_around_leap_days() {
        for (seconds, expected) in [
            (0, "19700101T000000Z"),
            (951_782_400, "20000229T000000Z"),
            (1_709_251_199, "20240229T235959Z"),
            (1_764_547_200, "20251201T000000Z"),
        ] {
            assert_eq!(stamp(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        }
    }

    /// Expected value computed with Python's `hmac` and `hashlib` from the documented algorithm.
    #[test]
    fn a_known_request_gets_the_known_signature() {
        let key = Key { id: "AKIDEXAMPLE".into(), secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into() };
        let now = UNIX_EPOCH + Duration::from_secs(1_440_938_160);
        let headers = headers(&key, "GET", "/2013-04-01/hostedzone?maxitems=1", "example.test", b"", now);
        assert!(headers.contains("x-amz-date: 20150830T123600Z\r\n"));
        assert!(headers.contains("Credential=AKIDEXAMPLE/20150830/us-east-1/route53/aws4_request"));
        assert!(
            headers.ends_with("Signature=12f3d7b799cdc4a6be4c2e71be926063b191766093910b9d6446fb9d3f066dc4\r\n"),
            "{headers}"
        );
    }
}
