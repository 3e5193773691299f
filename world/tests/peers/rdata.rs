//! Values of every record type that all the servers read, with odd bytes where the type allows them.

use super::draw::Draw;

/// Types that are drawn for data; `TYPE…` are nobody's.
const TYPES: [&str; 29] = [
    "A",
    "AAAA",
    "TXT",
    "TXT",
    "TXT",
    "MX",
    "SRV",
    "PTR",
    "CAA",
    "CAA",
    "HTTPS",
    "SVCB",
    "NAPTR",
    "SSHFP",
    "TLSA",
    "HINFO",
    "RP",
    "LOC",
    "AFSDB",
    "KX",
    "CERT",
    "URI",
    "SMIMEA",
    "OPENPGPKEY",
    "DHCID",
    "SPF",
    "TYPE65400",
    "TYPE65280",
    "TYPE999",
];

pub(crate) fn any_type(draw: &mut Draw) -> &'static str {
    TYPES[draw.below(TYPES.len())]
}

/// A value of a type in master-file form; `target` is an absolute name.
pub(crate) fn value(record_type: &str, target: &str, draw: &mut Draw) -> String {
    let n = draw.below(250);
    // The case of names is compared where the judge's parser does not look into the RDATA, so there is only one.
    let small = target.to_lowercase();
    match record_type {
        "A" => format!("198.51.{}.{n}", draw.below(4)),
        "AAAA" => format!("2001:db8:{:x}::{n:x}", draw.below(9)),
        "TXT" | "SPF" => (0..1 + draw.below(3)).map(|_| string(draw)).collect::<Vec<_>>().join(" "),
        "MX" => format!("{n} {target}"),
        "KX" | "AFSDB" => format!("{n} {small}"),
        "SRV" => format!("{} {n} {} {target}", draw.below(3), draw.below(65_536)),
        "NS" | "PTR" | "CNAME" | "DNAME" => target.to_owned(),
        "CAA" => format!("{} {} {}", draw.one(&["0", "128"]), draw.one(&["issue", "issuewild", "iodef"]), string(draw)),
        "HTTPS" | "SVCB" => match draw.below(3) {
            0 => format!("0 {small}"),
            1 => "1 . alpn=h2,h3".to_owned(),
            _ => format!("{} {small} port={n} ipv4hint=192.0.2.{n} ipv6hint=2001:db8::{n:x}", 1 + n),
        },
        "NAPTR" => {
            let (service, expression, replacement) =
                draw.one(&[&("E2U+sip", "!^.*$!sip:info@example.test!", "."), &("x-eduroam:radius.tls", "", "")]);
            let replacement = if replacement.is_empty() { target } else { replacement };
            format!("{n} 10 {} \"{service}\" \"{expression}\" {replacement}", draw.one(&["\"u\"", "\"s\"", "\"\""]))
        }
        "SSHFP" => format!("4 2 {}", hexadecimal(32, draw)),
        "TLSA" | "SMIMEA" => format!("{} {} 1 {}", draw.below(4), draw.below(2), hexadecimal(32, draw)),
        "DS" => format!("{n} 13 2 {}", hexadecimal(32, draw)),
        "HINFO" => format!("{} {}", string(draw), string(draw)),
        "RP" => format!("{small} {small}"),
        "LOC" => format!("{} 22 23.000 N 4 53 {}.000 E -2.00m 1.00m 10000.00m 10.00m", draw.below(90), draw.below(60)),
        "CERT" => format!("{} {n} 8 {}", draw.one(&["1", "254"]), base64(draw)),
        "URI" => format!("{n} 1 \"https://www.example.test/{n}?a=b\""),
        "OPENPGPKEY" | "DHCID" => base64(draw),
        _ => {
            let length = draw.below(40);
            format!("\\# {length} {}", hexadecimal(length, draw)).trim_end().to_owned()
        }
    }
}

fn hexadecimal(length: usize, draw: &mut Draw) -> String {
    (0..length).map(|_| format!("{:02X}", draw.below(256))).collect()
}

fn base64(draw: &mut Draw) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (0..4 * (1 + draw.below(12))).map(|_| char::from(DIGITS[draw.below(64)])).collect()
}

/// A quoted string with what needs escapes and what does not.
fn string(draw: &mut Draw) -> String {
    let text = match draw.below(8) {
        0 => String::new(),
        1 => "v=spf1 ip4:192.0.2.0/24 -all".to_owned(),
        2 => "semi;colon (paren) and \\\"quotes\\\" and \\\\".to_owned(),
        3 => "\\000\\001\\127\\200\\255".to_owned(),
        4 => "x".repeat(255),
        5 => "long ".repeat(1 + draw.below(40)),
        6 => "UPPER and lower".to_owned(),
        _ => format!("number {}", draw.below(1000)),
    };
    format!("\"{text}\"")
}
