//! A change batch as `aws route53 change-resource-record-sets --change-batch file://…` takes it, as the XML that it
//! becomes: the members of a structure are elements of their name, in a list each element is named in one way. So one
//! reader, with its limits and messages, is there for both, and a new member of a record set needs nothing here.

use serde_json::{Map, Value};

/// The lists of a change batch, and the name of their elements.
const LISTS: [(&str, &str); 2] = [("Changes", "Change"), ("ResourceRecords", "ResourceRecord")];

/// The document of a ChangeResourceRecordSets. The batch may stand alone, or in a member `ChangeBatch` as in
/// `--cli-input-json`.
///
/// # Errors
/// Something that no member of a change batch can be, in words.
pub(in crate::native) fn document(json: &[u8]) -> Result<String, String> {
    let value: Value = serde_json::from_slice(json).map_err(|fault| format!("not JSON: {fault}"))?;
    let Value::Object(mut members) = value else { return Err("a change batch is an object with Changes".to_owned()) };
    let batch = match members.remove("ChangeBatch") {
        Some(Value::Object(batch)) => batch,
        Some(_) => return Err("ChangeBatch is an object with Changes".to_owned()),
        None => members,
    };
    let mut out = "<ChangeResourceRecordSetsRequest><ChangeBatch>".to_owned();
    structure(&batch, "ChangeBatch", &mut out)?;
    out.push_str("</ChangeBatch></ChangeResourceRecordSetsRequest>");
    Ok(out)
}

fn structure(members: &Map<String, Value>, at: &str, out: &mut String) -> Result<(), String> {
    for (name, value) in members {
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) || name.is_empty() {
            return Err(format!("no member of {at}: {name}"));
        }
        element(name, value, at, out)?;
    }
    Ok(())
}

fn element(name: &str, value: &Value, at: &str, out: &mut String) -> Result<(), String> {
    let at = format!("{at}.{name}");
    let text = match value {
        // As in AWS's own tools, null is as good as not being there.
        Value::Null => return Ok(()),
        Value::Object(members) => {
            return enclosed(name, out, |out| structure(members, &at, out));
        }
        Value::Array(items) => {
            let item = LISTS.iter().find(|(list, _)| *list == name).map(|(_, item)| *item);
            let item = item.ok_or_else(|| format!("{at} is no list"))?;
            return enclosed(name, out, |out| items.iter().try_for_each(|value| element(item, value, &at, out)));
        }
        Value::String(text) => escaped(text),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
    };
    enclosed(name, out, |out| {
        out.push_str(&text);
        Ok(())
    })
}

fn enclosed(name: &str, out: &mut String, inner: impl FnOnce(&mut String) -> Result<(), String>) -> Result<(), String> {
    out.extend(["<", name, ">"]);
    inner(out)?;
    out.extend(["</", name, ">"]);
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_becomes_the_same_document_as_aws_sends() {
        let json =
            br#"{"Comment": "a & b", "Changes": [{"Action": "UPSERT", "ResourceRecordSet": {"Name": "w.x.", "Type":
            "TXT", "TTL": 60, "SetIdentifier": null, "ResourceRecords": [{"Value": "\"<1>\""}]}}]}"#;
        let inner = "<Changes><Change><Action>UPSERT</Action><ResourceRecordSet><Name>w.x.</Name>\
                     <ResourceRecords><ResourceRecord><Value>\"&lt;1&gt;\"</Value></ResourceRecord></ResourceRecords>\
                     <TTL>60</TTL><Type>TXT</Type></ResourceRecordSet></Change></Changes><Comment>a &amp; b</Comment>";
        let document = document(json).unwrap();
        assert_eq!(document.matches("</").count(), 13);
        for part in ["<Comment>a &amp; b</Comment>", "<TTL>60</TTL>", "<Value>\"&lt;1&gt;\"</Value>"] {
            assert!(document.contains(part) && inner.contains(part), "{document}");
        }
        let wrapped = [b"{\"HostedZoneId\": \"Z1\", \"ChangeBatch\": ", &json[..], b"}"].concat();
        assert_eq!(super::document(&wrapped).unwrap(), document);
    }

    #[test]
    fn what_is_no_batch_is_told() {
        for (json, word) in [
            ("[]", "object with Changes"),
            ("{", "not JSON"),
            ("{\"ChangeBatch\": 1}", "object with Changes"),
            ("{\"Changes\": [{\"a b\": 1}]}", "no member of ChangeBatch.Changes.Change: a b"),
            ("{\"Changes\": [{\"Action\": []}]}", "ChangeBatch.Changes.Change.Action is no list"),
        ] {
            assert!(document(json.as_bytes()).unwrap_err().contains(word), "{json}");
        }
    }
}
