//! Databases as they are handed out: a bare `.mmdb`, gzip around it, or an npm package, which is gzip around a tar archive.
//!
//! What a file is, its first octets tell, not its name. Of a tar archive one plain file is taken, nothing is unpacked to the
//! disk; links, long names and sparse files are passed over, which no package needs for its data.

use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use anyhow::Context as _;

use super::FILE_BYTES_MAX;

const GZIP: &[u8] = &[0x1f, 0x8b];
/// Octets of a header of tar, and what contents are filled up to.
const BLOCK: usize = 512;

/// The database in a file.
///
/// # Errors
/// It cannot be read, or holds none or several.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = std::fs::File::open(path).context("cannot read the file")?;
    anyhow::ensure!(!file.metadata()?.is_dir(), "this is a folder; name the file in it");
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).context("cannot read the file")?;
    check_length(&bytes)?;
    unpack(bytes)
}

/// The database in what a file holds.
///
/// # Errors
/// It is damaged, or holds none or several.
fn unpack(bytes: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    if !bytes.starts_with(GZIP) {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    let inflate = flate2::read::MultiGzDecoder::new(&bytes[..]).take(FILE_BYTES_MAX + 1).read_to_end(&mut plain);
    inflate.context("the gzip is damaged or was cut off; download it again")?;
    check_length(&plain)?;
    drop(bytes);
    if is_tar(&plain) { database_in_tar(plain) } else { Ok(plain) }
}

fn check_length(bytes: &[u8]) -> anyhow::Result<()> {
    anyhow::ensure!(bytes.len() as u64 <= FILE_BYTES_MAX, "the file has more than {FILE_BYTES_MAX} bytes");
    Ok(())
}

fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

/// The one database in an archive, which is cut down to it; of a package that has one for each family and one for both, the
/// latter.
fn database_in_tar(mut archive: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    let mut found: Vec<(String, Range<usize>)> = Vec::new();
    let mut at = 0;
    while let Some(header) = archive.get(at..at + BLOCK).filter(|header| header[0] != 0) {
        let size = octal(&header[124..136]).context("a header of the archive is damaged")?;
        let start = at + BLOCK;
        let is_whole = archive.get(start..).is_some_and(|rest| rest.len() >= size);
        anyhow::ensure!(is_whole, "the archive was cut off; download it again");
        let name = header[..100].split(|byte| *byte == 0).next().unwrap_or_default();
        let name = String::from_utf8_lossy(name).into_owned();
        let is_plain = matches!(header[156], b'0' | 0);
        if is_plain && Path::new(&name).extension().is_some_and(|extension| extension == "mmdb") {
            found.push((name, start..start + size));
        }
        at = start + size.div_ceil(BLOCK) * BLOCK;
    }
    let of_both: Vec<_> =
        found.iter().filter(|(name, _)| !name.ends_with("-ipv4.mmdb") && !name.ends_with("-ipv6.mmdb")).collect();
    match (&found[..], &of_both[..]) {
        ([(_, contents)], _) | (_, [(_, contents)]) => {
            archive.truncate(contents.end);
            archive.drain(..contents.start);
            Ok(archive)
        }
        ([], _) => anyhow::bail!("the archive holds no .mmdb file"),
        _ => {
            let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
            anyhow::bail!(
                "the archive holds several databases; unpack it and name them in places.mmdb: {}",
                names.join(", ")
            )
        }
    }
}

fn octal(field: &[u8]) -> Option<usize> {
    let text = str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    usize::from_str_radix(text, 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = Vec::new();
        for (name, contents) in files {
            let mut header = [0; BLOCK];
            header[..name.len()].copy_from_slice(name.as_bytes());
            header[124..135].copy_from_slice(format!("{:011o}", contents.len()).as_bytes());
            header[156] = b'0';
            header[257..262].copy_from_slice(b"ustar");
            archive.extend_from_slice(&header);
            archive.extend_from_slice(contents);
            archive.resize(archive.len().div_ceil(BLOCK) * BLOCK, 0);
        }
        archive.resize(archive.len() + 2 * BLOCK, 0);
        archive
    }

    #[track_caller]
    fn check(bytes: Vec<u8>, expected: Result<&[u8], &str>) {
        let found = unpack(bytes).map_err(|fault| fault.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn a_database_is_found_in_what_it_comes_in() {
        check(b"bare".to_vec(), Ok(b"bare"));
        check(gzip(b"packed"), Ok(b"packed"));
        let package = [
            ("package/README.md", &b"text"[..]),
            ("package/c-ipv4.mmdb", b"four"),
            ("package/c-ipv6.mmdb", b"six"),
            ("package/c.mmdb", b"both"),
        ];
        check(gzip(&tar(&package)), Ok(b"both"));
        check(gzip(&tar(&package[..2])), Ok(b"four"));
        check(gzip(&tar(&package[..1])), Err("the archive holds no .mmdb file"));
        check(
            gzip(&tar(&package[..3])),
            Err(
                "the archive holds several databases; unpack it and name them in places.mmdb: package/c-ipv4.mmdb, package/c-ipv6.mmdb",
            ),
        );
    }

    #[test]
    fn damage_is_told() {
        let mut package = tar(&[("c.mmdb", &[7; 2000])]);
        package.truncate(1000);
        check(gzip(&package), Err("the archive was cut off; download it again"));
        let mut packed = gzip(b"packed");
        packed.truncate(12);
        check(packed, Err("the gzip is damaged or was cut off; download it again"));
    }
}
