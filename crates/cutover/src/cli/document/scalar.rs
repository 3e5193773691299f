//! A YAML tree as JSON, by the core schema of YAML 1.2 (§10.3.2): what is written without quotes may be nothing, a truth
//! value or a number, and is a text otherwise. `no`, `on` and `1:30` are texts.

use serde_json::{Number, Value};

use super::super::yaml::{Fault, Node, Value as Tree};

/// The same values.
///
/// # Errors
/// A number that JSON cannot hold.
pub(super) fn json(node: &Node) -> Result<Value, Fault> {
    Ok(match &node.value {
        Tree::Text(text) if node.is_plain => plain(text).map_err(|text| node.fault(text))?,
        Tree::Text(text) => Value::String(text.clone()),
        Tree::List(items) => Value::Array(items.iter().map(json).collect::<Result<_, _>>()?),
        Tree::Map(members) => {
            let members = members.iter().map(|(key, value)| Ok((key.clone(), json(value)?)));
            Value::Object(members.collect::<Result<_, Fault>>()?)
        }
    })
}

fn plain(text: &str) -> Result<Value, String> {
    let too_large = || format!("a number that is too large: {text}; write it in quotes if it is a text");
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        _ if is_infinite(text) => return Err(format!("JSON has no such number: {text}")),
        _ => {
            let (sign, digits) = text.strip_prefix(['-', '+']).map_or(("", text), |rest| (&text[..1], rest));
            let radix = [("0o", 8), ("0x", 16)].into_iter().find(|(prefix, _)| text.starts_with(prefix));
            if let Some((_, radix)) = radix.filter(|(_, radix)| is_number_of(&text[2..], *radix)) {
                return u64::from_str_radix(&text[2..], radix).map(Value::from).map_err(|_| too_large());
            }
            if is_number_of(digits, 10) {
                let number = format!("{}{digits}", sign.trim_start_matches('+'));
                let number = number.parse::<i64>().map(Value::from);
                return number.or_else(|_| text.parse::<u64>().map(Value::from)).map_err(|_| too_large());
            }
            if !is_float(digits) {
                return Ok(text.into());
            }
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            number.and_then(Number::from_f64).map(Value::Number).ok_or_else(too_large)?
        }
    })
}

fn is_number_of(digits: &str, radix: u32) -> bool {
    !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix))
}

fn is_infinite(text: &str) -> bool {
    matches!(text.trim_start_matches(['-', '+']), ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN")
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, the sign taken off.
fn is_float(text: &str) -> bool {
    let (number, exponent) = text.split_once(['e', 'E']).map_or((text, "1"), |(number, rest)| (number, rest));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let has_digits = !whole.is_empty() || !decimals.is_empty();
    has_digits && digits(whole) && digits(decimals) && is_number_of(exponent, 10)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_words_of_yaml_1_2_are_more_than_texts() {
        for text in
            ["no", "yes", "on", "off", "NO", "y", "1:30", "5%", "10s", "1_000", "0b1", "1.2.3", "-", ".", "e5", "2e"]
        {
            assert_eq!(plain(text), Ok(json!(text)), "{text}");
        }
        for (text, value) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("true", json!(true)),
            ("False", json!(false)),
            ("010", json!(10)),
            ("0o10", json!(8)),
            ("0xff", json!(255)),
            ("-7", json!(-7)),
            ("+7", json!(7)),
            ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
            ("1.5", json!(1.5)),
            (".5", json!(0.5)),
            ("1e3", json!(1000.0)),
        ] {
            assert_eq!(plain(text), Ok(value), "{text}");
        }
        for text in [".inf", "-.INF", ".nan", "99999999999999999999", "1e999"] {
            assert!(plain(text).is_err(), "{text}");
        }
    }
}
