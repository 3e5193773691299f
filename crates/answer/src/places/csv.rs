//! The user's tables: CSV with named columns → rows. Faults are told at line and column with the text at fault.
//!
//! Places: `prefix,continent,country,subdivision,latitude,longitude`; latencies: `prefix,region,milliseconds`. The first
//! line names the columns, in any order; further columns are skipped, missing ones are empty. A field may stand in double
//! quotes, a quote in it is doubled (RFC 4180); lines that are empty or begin with `#` are skipped. Coordinates may have
//! any number of decimals; two are kept, about a kilometre.

use std::collections::HashSet;

use model::id::Region;
use model::place::{Continent, Country, Point, Regions, Subdivision};
use model::prefix::Prefix;

use super::Place;

/// A prefix and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceRow {
    /// The addresses.
    pub prefix: Prefix,
    /// Their place.
    pub place: Place,
}

/// A prefix and how far a region is from it.
#[derive(Debug, Clone, PartialEq)]
pub struct LatencyRow {
    /// The addresses.
    pub prefix: Prefix,
    /// The region, by [`Regions::index`].
    pub region: usize,
    /// At least 0.
    pub milliseconds: f32,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {problem}")]
pub struct CsvFault {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What.
    pub problem: CsvProblem,
}

/// What is wrong at one place of a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvProblem {
    /// The first line lacks a column that must be there.
    #[error("the first line names no column {column}: {line}")]
    NoColumn {
        /// The column.
        column: &'static str,
        /// The first line.
        line: String,
    },
    /// Two columns of one name.
    #[error("two columns have this name: {0}")]
    ColumnTwice(String),
    /// More or fewer fields than columns.
    #[error("{columns} columns are named, but the line has {fields} fields")]
    Fields {
        /// In the first line.
        columns: usize,
        /// In this one.
        fields: usize,
    },
    /// A quoted field that does not end with its quote.
    #[error("a quoted field ends with a quote before the comma: {0}")]
    Quote(String),
    /// Not what the column holds.
    #[error("{expected}: {text}")]
    Value {
        /// What would be right.
        expected: String,
        /// The field.
        text: String,
    },
    /// A prefix that an earlier line has.
    #[error("line {first} has this prefix already: {prefix}")]
    Twice {
        /// The earlier line.
        first: usize,
        /// The prefix.
        prefix: Prefix,
    },
}

/// Reads a table of places.
///
/// # Errors
/// The first fault.
pub fn read_places(text: &str) -> Result<Vec<PlaceRow>, CsvFault> {
    let [prefix, continent, country, subdivision, latitude, longitude] = [0, 1, 2, 3, 4, 5];
    let columns = ["prefix", "continent", "country", "subdivision", "latitude", "longitude"];
    let mut lines = std::collections::HashMap::new();
    let mut rows = Vec::new();
    read(text, columns, 1, |line, row: &Row<'_, 6>| {
        let read_prefix = row.read(prefix, str::parse::<Prefix>)?.ok_or_else(|| row.missing(prefix))?;
        if let Some(first) = lines.insert(read_prefix, line) {
            return Err(row.fault(prefix, CsvProblem::Twice { first, prefix: read_prefix }));
        }
        let latitude = row.read(latitude, |text| hundredths(text, 90))?;
        let longitude = row.read(longitude, |text| hundredths(text, 180))?;
        let place = Place {
            continent: row.read(continent, str::parse::<Continent>)?,
            country: row.read(country, str::parse::<Country>)?,
            subdivision: row.read(subdivision, str::parse::<Subdivision>)?,
            point: latitude.zip(longitude).map(|(latitude, longitude)| Point { latitude, longitude }),
        };
        rows.push(PlaceRow { prefix: read_prefix, place });
        Ok(())
    })?;
    Ok(rows)
}

/// Reads a table of latencies to AWS's regions.
///
/// # Errors
/// The first fault.
pub fn read_latencies(text: &str) -> Result<Vec<LatencyRow>, CsvFault> {
    read_latencies_of(text, &Regions::default())
}

/// Reads a table of latencies to these regions.
///
/// # Errors
/// The first fault.
pub fn read_latencies_of(text: &str, regions: &Regions) -> Result<Vec<LatencyRow>, CsvFault> {
    let mut rows = Vec::new();
    read(text, ["prefix", "region", "milliseconds"], 3, |_, row: &Row<'_, 3>| {
        let region = |text: &str| {
            let index = Region::parse(text).ok().and_then(|region| regions.index(&region));
            index.ok_or("a region is one of AWS's, such as eu-central-1, or of your own, which [[region]] names")
        };
        let milliseconds = |text: &str| {
            let number = text.parse::<f32>().ok().filter(|number| number.is_finite() && *number >= 0.0);
            number.ok_or("milliseconds are a number that is not negative")
        };
        rows.push(LatencyRow {
            prefix: row.read(0, str::parse::<Prefix>)?.ok_or_else(|| row.missing(0))?,
            region: row.read(1, region)?.ok_or_else(|| row.missing(1))?,
            milliseconds: row.read(2, milliseconds)?.ok_or_else(|| row.missing(2))?,
        });
        Ok(())
    })?;
    Ok(rows)
}

fn hundredths(text: &str, max: i16) -> Result<i16, String> {
    let degrees = text.parse::<f64>().ok().filter(|degrees| degrees.abs() <= f64::from(max));
    let degrees = degrees.ok_or_else(|| format!("degrees are a number from -{max} to {max}"))?;
    #[allow(clippy::cast_possible_truncation, reason = "at most 18000")]
    Ok((degrees * 100.0).round() as i16)
}

/// A line's fields, in the order of the columns asked for.
pub(crate) struct Row<'a, const N: usize> {
    line: usize,
    /// Where each begins, and its text.
    fields: [(usize, std::borrow::Cow<'a, str>); N],
    columns: [&'static str; N],
}

impl<const N: usize> Row<'_, N> {
    /// A field; none if it is empty.
    pub(crate) fn read<T, E: ToString>(
        &self,
        field: usize,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, CsvFault> {
        let text = &*self.fields[field].1;
        if text.is_empty() {
            return Ok(None);
        }
        parse(text).map(Some).map_err(|error| {
            // Errors of the model end with the text, which stands here once anyway.
            let told = error.to_string();
            let expected = told.strip_suffix(&format!(": {text}")).unwrap_or(&told).to_owned();
            self.fault(field, CsvProblem::Value { expected, text: text.to_owned() })
        })
    }

    /// The field must not be empty.
    pub(crate) fn missing(&self, field: usize) -> CsvFault {
        let expected = format!("a row needs a {}", self.columns[field]);
        self.fault(field, CsvProblem::Value { expected, text: String::new() })
    }

    fn fault(&self, field: usize, problem: CsvProblem) -> CsvFault {
        CsvFault { line: self.line, column: self.fields[field].0, problem }
    }
}

/// Hands each row to `take`. Of the columns asked for, the first `required` must be there.
pub(crate) fn read<'a, const N: usize>(
    text: &'a str,
    columns: [&'static str; N],
    required: usize,
    mut take: impl FnMut(usize, &Row<'a, N>) -> Result<(), CsvFault>,
) -> Result<(), CsvFault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().zip(1..).filter(|(text, _)| !text.trim().is_empty() && !text.starts_with('#'));
    let mut header: Option<(usize, [Option<usize>; N])> = None;
    for (text, line) in lines {
        let fields = split(text, line)?;
        let Some((count, places)) = &header else {
            header = Some((fields.len(), places_of(text, line, &fields, columns, required)?));
            continue;
        };
        if fields.len() != *count {
            let problem = CsvProblem::Fields { columns: *count, fields: fields.len() };
            return Err(CsvFault { line, column: 1, problem });
        }
        let fields = places.map(|place| place.map_or((1, "".into()), |i| fields[i].clone()));
        take(line, &Row { line, fields, columns })?;
    }
    Ok(())
}

fn places_of<const N: usize>(
    text: &str,
    line: usize,
    fields: &[(usize, std::borrow::Cow<'_, str>)],
    columns: [&'static str; N],
    required: usize,
) -> Result<[Option<usize>; N], CsvFault> {
    let mut seen = HashSet::new();
    if let Some((column, name)) = fields.iter().find(|(_, name)| !seen.insert(name)) {
        return Err(CsvFault { line, column: *column, problem: CsvProblem::ColumnTwice(name.to_string()) });
    }
    let places = columns.map(|column| fields.iter().position(|(_, name)| *name == column));
    match (0..required).find(|i| places[*i].is_none()) {
        None => Ok(places),
        Some(missing) => {
            let problem = CsvProblem::NoColumn { column: columns[missing], line: text.to_owned() };
            Err(CsvFault { line, column: 1, problem })
        }
    }
}

/// The fields of a line, each with the column where it begins.
fn split(text: &str, line: usize) -> Result<Vec<(usize, std::borrow::Cow<'_, str>)>, CsvFault> {
    let mut fields = Vec::new();
    let mut rest = text;
    let mut column = 1;
    loop {
        let begin = column;
        let length = if rest.starts_with('"') {
            let fault = || CsvFault { line, column: begin, problem: CsvProblem::Quote(rest.to_owned()) };
            let end = closing_quote(rest).ok_or_else(fault)?;
            if !matches!(rest.as_bytes().get(end + 1), None | Some(b',')) {
                return Err(fault());
            }
            fields.push((begin, rest[1..end].replace("\"\"", "\"").into()));
            end + 1
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            fields.push((begin, rest[..end].trim().into()));
            end
        };
        if length == rest.len() {
            return Ok(fields);
        }
        column += rest[..=length].chars().count();
        rest = &rest[length + 1..];
    }
}

/// Where the quote stands that ends a field which begins with one.
fn closing_quote(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        at += text[at..].find('"')?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "prefix,continent,country,subdivision,latitude,longitude\n";

    #[test]
    fn rows_are_read_by_the_names_of_their_columns() {
        let rows =
            read_places(&format!("# ours\n{HEADER}192.0.2.0/24,NA,US,CA,37.7749,-122.4194\n\n::/0,,,,,\n")).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].place.point, Some(Point { latitude: 3777, longitude: -12242 }));
        assert_eq!(rows[0].place.subdivision.map(|s| s.to_string()).as_deref(), Some("CA"));
        assert_eq!(rows[1].place, Place::default());
        let rows = read_places("asn,country, prefix,\"a \"\"name\"\"\"\r\n64500,DE, 10.0.0.0/8,\"x, y\"\r\n").unwrap();
        assert_eq!((rows[0].prefix.to_string().as_str(), rows[0].place.country.unwrap().code()), ("10.0.0.0/8", "DE"));
        let rows = read_latencies("prefix,region,milliseconds\n10.0.0.0/8,eu-central-1,4.5\n").unwrap();
        assert!((rows[0].milliseconds - 4.5).abs() < 1e-6);
    }

    #[track_caller]
    fn check(rows: &str, expected: &str) {
        assert_eq!(read_places(&format!("{HEADER}{rows}")).unwrap_err().to_string(), expected);
    }

    #[test]
    fn faults_are_told_at_line_and_column() {
        check("192.0.2.0/24,NA,USA,,,\n", "2:17: a country is two upper-case letters of ISO 3166-1: USA");
        check(
            "192.0.2.7/24,,,,,\n",
            "2:1: bits behind the prefix length are set; the network is 192.0.2.0/24: 192.0.2.7/24",
        );
        check("::/0,,,,,\n::/0,,,,,\n", "3:1: line 2 has this prefix already: ::/0");
        check("::/0,,,,91,0\n", "2:9: degrees are a number from -90 to 90: 91");
        check(",,,,,\n", "2:1: a row needs a prefix: ");
        check("::/0,EU\n", "2:1: 6 columns are named, but the line has 2 fields");
        check("::/0,\"EU,,,,\n", "2:6: a quoted field ends with a quote before the comma: \"EU,,,,");
        let header = read_places("network,country\n").unwrap_err().to_string();
        assert_eq!(header, "1:1: the first line names no column prefix: network,country");
        let latency = read_latencies("prefix,region,milliseconds\n::/0,mars-1,1\n").unwrap_err().to_string();
        assert_eq!(
            latency,
            "2:6: a region is one of AWS's, such as eu-central-1, or of your own, which [[region]] names: mars-1"
        );
    }
}
