//! Reading the number, or the numbers, out of an answer. Pure.
//!
//! Absence is no data: no series, null, NaN, infinities. Several series without an aggregation are an error, because
//! whichever were picked would be a guess.

use http::StatusCode;
use model::metric::{Measurement, Read, VALUES_MAX};
use serde_json::Value;

/// Most characters of a text from outside that an error repeats.
const QUOTE_MAX: usize = 200;

/// The answer to a Prometheus query, instant or over a range.
pub(super) fn prometheus(status: StatusCode, body: &[u8]) -> Result<Measurement, String> {
    // Prometheus sends its own error as JSON with status 400, 422 or 503, so the body is read first.
    let Ok(answer) = serde_json::from_slice::<Value>(body) else {
        return Err(if status.is_success() { "prometheus: the answer is no json".to_owned() } else { refused(status) });
    };
    if answer["status"] != "success" {
        let text = answer["error"].as_str().map_or_else(|| refused(status), quote);
        return Err(format!("prometheus: {text}"));
    }
    let result = &answer["data"]["result"];
    match (answer["data"]["resultType"].as_str(), result.as_array().map(Vec::as_slice)) {
        (Some("vector" | "matrix"), Some([])) => Ok(Measurement::NoData),
        (Some("vector"), Some([series])) => number(&series["value"][1]),
        (Some("matrix"), Some([series])) => {
            let points = series["values"].as_array().map(Vec::as_slice).unwrap_or_default();
            values(points.iter().map(|point| &point[1]))
        }
        (Some("vector" | "matrix"), Some(many)) => {
            Err(format!("prometheus: the answer is ambiguous, aggregate the query to one series, not {}", many.len()))
        }
        (Some("scalar"), Some([_, value])) => number(value),
        (kind, _) => {
            Err(format!("prometheus: the query must give one series or a scalar, not {}", kind.unwrap_or("nothing")))
        }
    }
}

/// What is wanted of a JSON answer.
pub(super) fn json(status: StatusCode, body: &[u8], read: &Read) -> Result<Measurement, String> {
    if !status.is_success() {
        return Err(refused(status));
    }
    let answer: Value = serde_json::from_slice(body).map_err(|error| format!("the answer is no json: {error}"))?;
    let at = |pointer: &str| answer.pointer(pointer).ok_or_else(|| format!("nothing in the answer at {pointer}"));
    match read {
        Read::Number(pointer) => number(at(pointer)?),
        Read::Numbers(pointers) => {
            let numbers = pointers.iter().map(|pointer| number(at(pointer)?));
            Ok(Measurement::Several(numbers.collect::<Result<_, _>>()?))
        }
        Read::Values(pointer) => match at(pointer)? {
            Value::Null => Ok(Measurement::NoData),
            Value::Array(found) => values(found.iter()),
            other => Err(format!("the answer is not a list of numbers: {}", quote(&other.to_string()))),
        },
    }
}

/// A list of numbers; none at all is no data.
fn values<'a>(found: impl Iterator<Item = &'a Value>) -> Result<Measurement, String> {
    let mut values = Vec::new();
    for value in found {
        values.push(match number(value)? {
            Measurement::Value(value) => Some(value),
            _ => None,
        });
        if values.len() > VALUES_MAX {
            return Err(format!("the answer has more than {VALUES_MAX} values; ask for fewer"));
        }
    }
    if values.is_empty() { Ok(Measurement::NoData) } else { Ok(Measurement::Values(values)) }
}

fn number(value: &Value) -> Result<Measurement, String> {
    let of_text = |text: &str| text.trim().parse().ok().map(Measurement::of);
    let measurement = match value {
        Value::Null => Some(Measurement::NoData),
        Value::Array(values) if values.is_empty() => Some(Measurement::NoData),
        Value::Number(number) => number.as_f64().map(Measurement::of),
        // Prometheus writes its numbers as texts, `NaN` and `+Inf` among them, and others do too.
        Value::String(text) => of_text(text),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    measurement.ok_or_else(|| format!("the answer is not a number: {}", quote(&value.to_string())))
}

fn refused(status: StatusCode) -> String {
    format!("status {status}, wanted 200")
}

fn quote(text: &str) -> String {
    text.chars().take(QUOTE_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(result: &str) -> Result<Measurement, String> {
        let body = format!(r#"{{"status":"success","data":{{"resultType":"vector","result":{result}}}}}"#);
        prometheus(StatusCode::OK, body.as_bytes())
    }

    #[test]
    fn one_series_is_a_value_none_is_no_data_and_several_are_ambiguous() {
        assert_eq!(vector(r#"[{"value":[1,"3e-2"]}]"#), Ok(Measurement::Value(0.03)));
        for nothing in ["[]", r#"[{"value":[1,"NaN"]}]"#, r#"[{"value":[1,"+Inf"]}]"#, r#"[{"value":[1,"-Inf"]}]"#] {
            assert_eq!(vector(nothing), Ok(Measurement::NoData), "{nothing}");
        }
        let several = vector(r#"[{"value":[1,"1"]},{"value":[1,"2"]}]"#).unwrap_err();
        assert!(several.contains("ambiguous"), "{several}");
    }

    #[test]
    fn scalars_are_read_and_prometheus_errors_shown() {
        let scalar = br#"{"status":"success","data":{"resultType":"scalar","result":[1,"7"]}}"#;
        assert_eq!(prometheus(StatusCode::OK, scalar), Ok(Measurement::Value(7.0)));
        let error = br#"{"status":"error","errorType":"bad_data","error":"parse error at char 3"}"#;
        assert_eq!(prometheus(StatusCode::BAD_REQUEST, error), Err("prometheus: parse error at char 3".to_owned()));
        assert!(prometheus(StatusCode::BAD_GATEWAY, b"<html>").unwrap_err().contains("502"));
        let string = br#"{"status":"success","data":{"resultType":"string","result":[]}}"#;
        assert!(prometheus(StatusCode::OK, string).unwrap_err().ends_with("not string"));
    }

    #[test]
    fn a_series_gives_its_values_and_gaps_are_no_numbers() {
        let matrix = |result: &str| {
            let body = format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":{result}}}}}"#);
            prometheus(StatusCode::OK, body.as_bytes())
        };
        let values = Measurement::Values(vec![Some(0.5), None, Some(2.0)]);
        assert_eq!(matrix(r#"[{"values":[[1,"0.5"],[2,"NaN"],[3,"2"]]}]"#), Ok(values));
        assert_eq!(matrix("[]"), Ok(Measurement::NoData));
        assert!(matrix(r#"[{"values":[]},{"values":[]}]"#).unwrap_err().contains("ambiguous"));
    }

    #[test]
    fn counts_come_from_one_document_and_lists_are_bounded() {
        let read = |body: &str, read| json(StatusCode::OK, body.as_bytes(), &read);
        let both = Read::Numbers(vec!["/bad".into(), "/all".into()]);
        let counts = Measurement::Several(vec![Measurement::Value(3.0), Measurement::Value(70.0)]);
        assert_eq!(read(r#"{"bad":3,"all":"70"}"#, both.clone()), Ok(counts));
        assert!(read(r#"{"bad":3}"#, both).unwrap_err().ends_with("/all"));
        let list = || Read::Values("/ms".into());
        assert_eq!(read(r#"{"ms":[1,null]}"#, list()), Ok(Measurement::Values(vec![Some(1.0), None])));
        assert_eq!(read(r#"{"ms":[]}"#, list()), Ok(Measurement::NoData));
        assert!(read(r#"{"ms":7}"#, list()).is_err());
        assert!(read(&format!(r#"{{"ms":[1{}]}}"#, ",1".repeat(VALUES_MAX)), list()).is_err());
    }

    #[test]
    fn json_numbers_texts_and_nulls() {
        let read = |body: &str, pointer: &str| json(StatusCode::OK, body.as_bytes(), &Read::Number(pointer.into()));
        assert_eq!(read(r#"{"a":[1,"2.5"]}"#, "/a/1"), Ok(Measurement::Value(2.5)));
        assert_eq!(read("null", ""), Ok(Measurement::NoData));
        assert_eq!(read(r#"{"a":[]}"#, "/a"), Ok(Measurement::NoData));
        assert!(read(r#"{"a":1}"#, "/b").is_err());
        assert!(read(r#"{"a":true}"#, "/a").is_err());
        assert!(read("{", "").is_err());
    }
}
