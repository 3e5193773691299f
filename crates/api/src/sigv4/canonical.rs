//! The canonical request: what both sides sign, spelled so that they agree whatever happened on the way.
//!
//! Before: `sigv4` has read the credential. After: it signs this text and compares. The rules are AWS's "Create a
//! signed AWS API request", for services other than S3: the path as sent is encoded once more.

use http::request::Parts;
use ring::digest::{SHA256, digest};

use crate::route53::call::pairs;

/// The spellings of a request that a signer may have signed: clients agree on all but the path, which SDKs normalise
/// and scripts sign as it is.
pub(super) fn spellings(parts: &Parts, signed_headers: &[&str], body: &[u8]) -> Vec<String> {
    let raw = parts.uri.path();
    let mut paths = vec![normal(raw)];
    if paths[0] != raw {
        paths.push(raw.to_owned());
    }
    let query = query(parts.uri.query().unwrap_or_default());
    let headers: String = signed_headers.iter().map(|name| format!("{name}:{}\n", header(parts, name))).collect();
    let names = signed_headers.join(";");
    let body = hex(digest(&SHA256, body).as_ref());
    let spell = |path: &String| {
        format!("{}\n{}\n{query}\n{headers}\n{names}\n{body}", parts.method, encode(path.as_bytes(), true))
    };
    paths.iter().map(spell).collect()
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Parameters sorted by their encoded form; the signature itself is not part of what it signs.
fn query(query: &str) -> String {
    let mut all: Vec<(String, String)> = pairs(query)
        .into_iter()
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| (encode(name.as_bytes(), false), encode(value.as_bytes(), false)))
        .collect();
    all.sort();
    all.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// All values of a header, each trimmed and with runs of blanks made one.
fn header(parts: &Parts, name: &str) -> String {
    let values = parts.headers.get_all(name).iter().map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").trim().to_owned()
    });
    values.collect::<Vec<_>>().join(",")
}

/// Without empty and dot segments (RFC 3986 §5.2.4), as SDKs sign it.
fn normal(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            part => kept.push(part),
        }
    }
    let end = if path.ends_with('/') && !kept.is_empty() { "/" } else { "" };
    format!("/{}{end}", kept.join("/"))
}

fn encode(bytes: &[u8], keep_slash: bool) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b'/' if keep_slash => out.push('/'),
            byte => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_sorted_and_spelled_one_way() {
        assert_eq!(query("b=2&a=%7e&c&X-Amz-Signature=0&b=1"), "a=~&b=1&b=2&c=");
        assert_eq!(query("n=a+b&m=a%2Bb"), "m=a%2Bb&n=a%20b");
    }

    #[test]
    fn paths_lose_what_sdks_remove() {
        for (given, expect) in [("/a/./b//c/../d/", "/a/b/d/"), ("/", "/"), ("//", "/"), ("/..", "/")] {
            assert_eq!(normal(given), expect);
        }
    }
}
