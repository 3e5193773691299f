//! The population that a flag names, as the API takes it. Files are read here, so that their faults name the file.

use std::fmt::Write as _;

use anyhow::Context as _;
use control::simulate::{Cohort, Population, read_log};
use serde_json::{Value, json};

/// `world`, or a file: a query log if its first line is one's, else CSV.
///
/// # Errors
/// The file cannot be read, or has a fault, told as file:line:column.
pub(in crate::cli) fn read(of: &str) -> anyhow::Result<Value> {
    if of == "world" {
        return Ok(json!("world"));
    }
    let text = std::fs::read_to_string(of)
        .with_context(|| format!("cannot read {of}; a population is `world`, a CSV file or a query log"))?;
    let is_log = text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with("1.0 "));
    if is_log {
        // Queries are many, clients fewer.
        let population = read_log(&text).map_err(|fault| anyhow::anyhow!("{of}:{fault}"))?;
        return Ok(json!({ "csv": csv(&population) }));
    }
    Population::read(&text).map_err(|fault| anyhow::anyhow!("{of}:{fault}"))?;
    Ok(json!({ "csv": text }))
}

fn csv(population: &Population) -> String {
    let mut out = "client,weight,name,type\n".to_owned();
    for Cohort { client, weight, asked, country: _ } in &population.cohorts {
        let (name, record_type) =
            asked.as_ref().map(|(name, record_type)| (name.to_string(), record_type.to_string())).unwrap_or_default();
        writeln!(out, "{client},{weight},\"{}\",{record_type}", name.replace('"', "\"\"")).expect("a string takes all");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_becomes_a_table_of_the_same_clients() {
        let log = "1.0 2017-12-13T08:15:50.235Z Z1 \\042a\\054b.x ANY NOERROR UDP DFW3 192.0.2.3 -\n";
        let population = read_log(log).unwrap();
        assert_eq!(Population::read(&csv(&population)), Ok(population));
    }
}
