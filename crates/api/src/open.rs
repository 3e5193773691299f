//! Who may use a server that asks for no key: programs on this machine, and no web page of another.
//!
//! Used by `route` where the server was started open. Two guards, because a browser on this machine reaches loopback
//! for every page its owner looks at: `Origin` tells pages of other origins, and `Host` tells a page whose own name was
//! pointed at loopback (DNS rebinding), which is its own origin and sends no `Origin` with reads.

use std::net::IpAddr;

use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;

use crate::route::Refusal;

/// Refuses what may come from a page that is not ours.
pub(crate) fn check(parts: &Parts) -> Result<(), Refusal> {
    let host = parts.headers.get(HOST).map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
    let host = host.unwrap_or_default();
    if !is_loopback(&host) {
        return Err(Refusal::Host { host });
    }
    let Some(origin) = parts.headers.get(ORIGIN) else { return Ok(()) };
    let origin = String::from_utf8_lossy(origin.as_bytes()).into_owned();
    match origin.split_once("://") {
        Some((_, own)) if own == host => Ok(()),
        Some(_) | None => Err(Refusal::Origin { origin }),
    }
}

/// Whether nobody's DNS decides where this host is: an address, or the name that RFC 6761 §6.3 keeps for loopback.
fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    !host.contains('@')
        && (name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_with(host: &str, origin: Option<&str>) -> Result<(), Refusal> {
        let request = http::Request::get("/v1/keys").header(HOST, host);
        let request =
            origin.map_or(http::Request::get("/v1/keys").header(HOST, host), |origin| request.header(ORIGIN, origin));
        check(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn a_name_that_others_may_point_at_loopback_is_no_loopback() {
        for host in ["127.0.0.1:8053", "127.3.2.1", "[::1]:8053", "localhost", "LocalHost:80"] {
            assert_eq!(check_with(host, None), Ok(()), "{host}");
        }
        let others = [
            "evil.test",
            "evil.test:8053",
            "127.0.0.1.evil.test",
            "192.0.2.1",
            "localhost.evil.test",
            "a@127.0.0.1",
            "",
            "0x7f.1",
        ];
        for host in others {
            assert_eq!(check_with(host, None), Err(Refusal::Host { host: host.to_owned() }), "{host}");
        }
        // Rebound: the page is its own origin.
        assert!(matches!(check_with("evil.test", Some("http://evil.test")), Err(Refusal::Host { .. })));
    }

    #[test]
    fn a_page_of_another_origin_is_refused() {
        assert_eq!(check_with("localhost:8053", Some("http://localhost:8053")), Ok(()));
        for origin in ["https://evil.test", "null", "http://localhost:9999"] {
            assert!(matches!(check_with("localhost:8053", Some(origin)), Err(Refusal::Origin { .. })), "{origin}");
        }
    }
}
