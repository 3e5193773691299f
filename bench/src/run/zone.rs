//! The zone that is asked for: `bench.test.` with as many A records as wanted, each with an address of its own.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// The zone's name.
pub const ZONE: &str = "bench.test.";

/// Writes a zone file with `count` A records: `h0000000` and so on.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, count: usize) -> Result<()> {
    let mut text = format!(
        "$ORIGIN {ZONE}\n$TTL 300\n@ IN SOA ns1.{ZONE} admin.{ZONE} 1 3600 600 604800 300\n@ IN NS ns1.{ZONE}\nns1 IN A 192.0.2.1\n"
    );
    for number in 0..count {
        let [a, b, c, d] = address(number);
        writeln!(text, "{} IN A {a}.{b}.{c}.{d}", label(number)).context("a string takes any text")?;
    }
    fs::write(path, text).with_context(|| format!("write {}", path.display()))
}

/// The name of record `number`.
pub fn name(number: usize) -> String {
    format!("{}.{ZONE}", label(number))
}

/// The name of weighted record set `number`.
pub fn weighted_name(number: usize) -> String {
    format!("w{number:04}.{ZONE}")
}

fn label(number: usize) -> String {
    format!("h{number:07}")
}

fn address(number: usize) -> [u8; 4] {
    let [_, b, c, d] = (number as u32).to_be_bytes();
    [10, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_is_there_once() {
        let path = std::env::temp_dir().join(format!("cutover-bench-zone-{}", std::process::id()));
        write(&path, 300).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(text.lines().count(), 5 + 300);
        assert!(text.ends_with("h0000299 IN A 10.0.1.43\n"));
    }
}
