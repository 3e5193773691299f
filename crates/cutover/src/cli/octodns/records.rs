//! One record of octoDNS → record sets. The values are those that octoDNS's Route 53 provider would send.

use model::id::HostedZoneId;
use model::{AliasTarget, Body, Name, RecordSet, RecordType, Routing, Ttl, rdata};

use super::super::yaml::{Fault, Node, Value};
use super::{Left, OctoZone};

/// octoDNS's own default.
const TTL_DEFAULT: u64 = 3600;
/// Octets of one character-string (RFC 1035 §3.3).
const STRING_MAX: usize = 255;
const ALIAS: &str = "ROUTE53PROVIDER/ALIAS";

/// Members of a record that have a meaning here.
const KNOWN: [&str; 7] = ["type", "ttl", "value", "values", "octodns", "dynamic", "geo"];

/// Adds one record.
pub(super) fn add(
    zone: &Name,
    id: &HostedZoneId,
    owner: &Name,
    record: &Node,
    octo: &mut OctoZone,
    faults: &mut Vec<Fault>,
) {
    let mut fault = |node: &Node, text: String| faults.push(node.fault(text));
    let Value::Map(members) = &record.value else {
        return fault(record, format!("a record of {owner} is a mapping with a type"));
    };
    let Some(kind) = record.member("type").and_then(Node::text) else {
        return fault(record, format!("a record of {owner} has no type"));
    };
    let kind = kind.to_ascii_uppercase();
    let mut leave = |why: &str| {
        let why = format!("line {}: {owner} {kind} is not planned: {why}", record.line);
        octo.left.push(Left { name: owner.clone(), record_type: kind.clone(), why });
    };
    if record.member("dynamic").is_some() {
        return leave(
            "octoDNS makes several record sets and health checks of a dynamic record, under names of its own",
        );
    }
    if record.member("geo").is_some() {
        return leave("octoDNS makes several record sets of a geo record, under identifiers of its own");
    }
    for (member, node) in members.iter().filter(|(member, _)| !KNOWN.contains(&member.as_str())) {
        octo.remarks.push(format!("line {}: {owner} {kind}: {member} has no meaning here", node.line));
    }
    if let Some(Value::Map(extras)) = record.member("octodns").map(|node| &node.value) {
        for (extra, node) in extras {
            match extra.as_str() {
                "lenient" => {}
                "excluded" | "included" | "ignored" => {
                    return leave(&format!("`octodns: {extra}` on line {} says where it is to be", node.line));
                }
                _ => {
                    octo.remarks.push(format!("line {}: {owner} {kind}: `octodns: {extra}` is not planned", node.line));
                }
            }
        }
    }
    let values: Vec<&Node> =
        ["value", "values"].iter().filter_map(|name| record.member(name)).flat_map(Node::items).collect();
    if values.is_empty() {
        return fault(record, format!("{owner} {kind} has no value"));
    }
    if kind == ALIAS {
        for value in values {
            match alias(zone, id, owner, value) {
                Ok(set) => octo.sets.push(set),
                Err(text) => fault(value, text),
            }
        }
        return;
    }
    let Some((record_type, text)) = form(&kind) else {
        return leave(match kind.as_str() {
            "ALIAS" => "Route 53 has no ALIAS type; octoDNS writes Route53Provider/ALIAS for its aliases",
            _ => "Route 53 has no such type",
        });
    };
    let ttl = match record.member("ttl") {
        None => Ok(TTL_DEFAULT),
        Some(node) => node.text().and_then(|text| text.parse().ok()).ok_or(()),
    };
    let Ok(Ok(ttl)) = ttl.map(Ttl::new) else {
        return fault(
            record.member("ttl").unwrap_or(record),
            format!("the ttl of {owner} {kind} is no number from 0 to 2147483647"),
        );
    };
    let mut texts = Vec::new();
    for value in values {
        match text(value).and_then(|text| rdata::wire(record_type, &text).map(|_| text).map_err(|f| f.to_string())) {
            Ok(text) => texts.push(text),
            Err(text) => fault(value, format!("{owner} {kind}: {text}")),
        }
    }
    octo.sets.push(RecordSet::simple(owner.clone(), record_type, ttl, texts));
}

/// octoDNS's Route53Provider/ALIAS: the target is a name of the zone, or a whole one of an AWS service.
fn alias(zone: &Name, id: &HostedZoneId, owner: &Name, value: &Node) -> Result<RecordSet, String> {
    let text = |member: &str| value.member(member).and_then(Node::text);
    let kind = text("type").ok_or_else(|| format!("an alias of {owner} has no type"))?;
    let record_type = RecordType::parse(kind).map_err(|fault| fault.to_string())?;
    let target = match text("name") {
        None | Some("") => Ok(zone.clone()),
        Some(name) if name.ends_with('.') => Name::parse(name),
        Some(name) => Name::parse(&format!("{name}.{zone}")),
    };
    let hosted_zone_id = match text("hosted-zone-id").filter(|id| !id.is_empty()) {
        None => id.clone(),
        Some(id) => HostedZoneId::parse(id).map_err(|fault| fault.to_string())?,
    };
    let evaluate_target_health = text("evaluate-target-health").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    Ok(RecordSet {
        name: owner.clone(),
        record_type,
        routing: Routing::Simple,
        body: Body::Alias(AliasTarget {
            hosted_zone_id,
            dns_name: target.map_err(|fault| fault.to_string())?,
            evaluate_target_health,
        }),
        health_check: None,
    })
}

type Form = fn(&Node) -> Result<String, String>;

/// How the values of a type become texts; none for types that Route 53 does not have.
fn form(kind: &str) -> Option<(RecordType, Form)> {
    let form: Form = match kind {
        "A" | "AAAA" | "CNAME" | "NS" | "PTR" => plain,
        "TXT" | "SPF" => string,
        "MX" => |v| Ok(format!("{} {}", either(v, "preference", "priority")?, either(v, "exchange", "value")?)),
        "SRV" => |v| joined(v, &["priority", "weight", "port", "target"]),
        "CAA" => |v| {
            Ok(format!("{} {} \"{}\"", field(v, "flags")?, field(v, "tag")?, field(v, "value")?.replace("\\;", ";")))
        },
        "NAPTR" => |v| {
            let quoted = |name: &str| v.member(name).and_then(Node::text).unwrap_or_default().to_owned();
            let (flags, service, regexp) = (quoted("flags"), quoted("service"), quoted("regexp"));
            let (order, preference, replacement) =
                (field(v, "order")?, field(v, "preference")?, field(v, "replacement")?);
            Ok(format!("{order} {preference} \"{flags}\" \"{service}\" \"{regexp}\" {replacement}"))
        },
        "DS" => |v| joined(v, &["key_tag", "algorithm", "digest_type", "digest"]),
        "SSHFP" => |v| joined(v, &["algorithm", "fingerprint_type", "fingerprint"]),
        "TLSA" => |v| joined(v, &["certificate_usage", "selector", "matching_type", "certificate_association_data"]),
        "HTTPS" | "SVCB" => service,
        _ => return None,
    };
    Some((RecordType::parse(kind).ok()?, form))
}

fn plain(value: &Node) -> Result<String, String> {
    value.text().map(str::to_owned).ok_or_else(|| "the value is no text".to_owned())
}

fn field(value: &Node, name: &str) -> Result<String, String> {
    let text = value.member(name).and_then(Node::text).map(str::to_owned);
    text.ok_or_else(|| format!("the value has no {name}"))
}

/// A field that older files call otherwise.
fn either(value: &Node, name: &str, old: &str) -> Result<String, String> {
    field(value, name).or_else(|missing| field(value, old).map_err(|_| missing))
}

fn joined(value: &Node, names: &[&str]) -> Result<String, String> {
    Ok(names.iter().map(|name| field(value, name)).collect::<Result<Vec<_>, _>>()?.join(" "))
}

/// In octoDNS's files a semicolon has a backslash before it; quotation marks and the length of strings are its business.
/// It cuts what is written, backslashes counted, and never behind one.
fn string(value: &Node) -> Result<String, String> {
    let text = plain(value)?.replace('"', "\\\"");
    let (mut strings, mut rest) = (Vec::new(), text.as_str());
    while !rest.is_empty() {
        let fits = |end: &usize| rest.is_char_boundary(*end) && !rest[..*end].ends_with('\\');
        // A text of backslashes only has no such place; it is refused as a value afterwards.
        let end = (1..=rest.len().min(STRING_MAX)).rev().find(fits).unwrap_or(rest.len());
        let (string, after) = rest.split_at(end);
        strings.push(string.replace("\\;", ";"));
        rest = after;
    }
    Ok(format!("\"{}\"", strings.join("\" \"")))
}

/// `svcparams` is a mapping; a list is written with commas, and a key without a value alone.
fn service(value: &Node) -> Result<String, String> {
    let mut text = format!("{} {}", field(value, "svcpriority")?, field(value, "targetname")?);
    if let Some(Value::Map(params)) = value.member("svcparams").map(|params| &params.value) {
        for (key, param) in params {
            let values: Vec<&str> = param.items().iter().filter_map(Node::text).collect();
            text.push(' ');
            text.push_str(key);
            if !values.iter().all(|value| value.is_empty() || *value == "null" || *value == "~") {
                text.push('=');
                text.push_str(&values.join(","));
            }
        }
    }
    Ok(text)
}
