//! Names: AWS's spelling to Rust's. Types keep AWS's names; members become snake case, enumeration values camel case.
//!
//! Used by every writer beside it. Left out on purpose: cleverness; a name that comes out ugly is listed here.

/// `HostedZoneId` → `hosted_zone_id`, `DNSName` → `dns_name`, `VPCs` → `vpcs`.
pub(crate) fn field(member: &str) -> String {
    let letters: Vec<char> = member.replace("VPCs", "Vpcs").chars().collect();
    let mut out = String::new();
    for (at, &c) in letters.iter().enumerate() {
        let after_word = at > 0 && !letters[at - 1].is_uppercase();
        let before_word = at > 0 && letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if c.is_uppercase() && (after_word || before_word) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    match out.as_str() {
        "type" => "r#type".to_owned(),
        _ => out,
    }
}

/// `HTTP_STR_MATCH` → `HttpStrMatch`, `us-east-1` → `UsEast1`, `LessThanThreshold` stays.
pub(crate) fn variant(value: &str) -> String {
    let shouted = !value.chars().any(char::is_lowercase);
    let mut out = String::new();
    let mut start = true;
    for c in value.chars() {
        if !c.is_ascii_alphanumeric() {
            start = true;
        } else if start {
            out.extend(c.to_uppercase());
            start = false;
        } else if shouted {
            out.extend(c.to_lowercase());
        } else {
            out.push(c);
        }
    }
    out
}

/// `ResourceId` → `RESOURCE_ID`: the constant that holds a shape's limits.
pub(crate) fn constant(shape: &str) -> String {
    field(shape).trim_start_matches("r#").to_uppercase()
}

/// `DNSName` → `dNSName`: how AWS spells a member in its validation messages (the first letter alone is lowered).
pub(crate) fn path(member: &str) -> String {
    let mut letters = member.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acronyms_and_digits_split_where_a_reader_would_split_them() {
        for (given, expect) in [
            ("HostedZoneId", "hosted_zone_id"),
            ("DNSName", "dns_name"),
            ("VPCs", "vpcs"),
            ("TTL", "ttl"),
            ("Type", "r#type"),
            ("EnableSNI", "enable_sni"),
            ("EDNS0ClientSubnetIP", "edns0_client_subnet_ip"),
            ("DNSKEYRecord", "dnskey_record"),
        ] {
            assert_eq!(field(given), expect);
        }
        assert_eq!(variant("HTTP_STR_MATCH"), "HttpStrMatch");
        assert_eq!(variant("AAAA"), "Aaaa");
        assert_eq!(variant("LessThanThreshold"), "LessThanThreshold");
        assert_eq!(variant("hostedzone"), "Hostedzone");
        assert_eq!(path("TTL"), "tTL");
    }
}
