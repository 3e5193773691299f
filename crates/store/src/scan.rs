//! Reading keys in order, one row at a time: used the same way inside a write and in a snapshot.
//!
//! Nothing is collected: a million rows cost one page cache. Left out on purpose: backward order, which nobody needs yet.

use std::ops::{Bound, ControlFlow, RangeBounds};

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use crate::cause::Cause;
use crate::read::ReadError;

/// The value of one key.
pub(crate) fn get(connection: &Connection, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
    let find =
        || connection.prepare_cached("SELECT value FROM state WHERE key = ?1")?.query_row([key], |row| row.get(0));
    find().optional().map_err(|error| ReadError::Database { cause: Cause::new(error) })
}

/// Shows `visit` every key of `range` with its value, in byte order, until it breaks off.
pub(crate) fn scan<'k>(
    connection: &Connection,
    range: &impl RangeBounds<&'k [u8]>,
    visit: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    // No key lies between `k` and `k` with a zero byte behind it.
    let after = |key: &[u8]| [key, &[0]].concat();
    let start = match range.start_bound() {
        Bound::Included(key) => key.to_vec(),
        Bound::Excluded(key) => after(key),
        Bound::Unbounded => Vec::new(),
    };
    let end = match range.end_bound() {
        Bound::Included(key) => Some(after(key)),
        Bound::Excluded(key) => Some(key.to_vec()),
        Bound::Unbounded => None,
    };
    walk(connection, &start, end.as_deref(), visit)
}

/// Shows `visit` every key that begins with `prefix`.
pub(crate) fn scan_prefix(
    connection: &Connection,
    prefix: &[u8],
    visit: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    walk(connection, prefix, prefix_end(prefix).as_deref(), visit)
}

fn walk(
    connection: &Connection,
    start: &[u8],
    end: Option<&[u8]>,
    visit: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let fault = |error| ReadError::Database { cause: Cause::new(error) };
    let prepare = |sql| connection.prepare_cached(sql).map_err(fault);
    match end {
        Some(end) => {
            let statement = prepare("SELECT key, value FROM state WHERE key >= ?1 AND key < ?2 ORDER BY key")?;
            show(statement, params![start, end], visit).map_err(fault)
        }
        None => {
            let statement = prepare("SELECT key, value FROM state WHERE key >= ?1 ORDER BY key")?;
            show(statement, params![start], visit).map_err(fault)
        }
    }
}

fn show(
    mut statement: CachedStatement<'_>,
    bounds: impl rusqlite::Params,
    mut visit: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>,
) -> Result<(), rusqlite::Error> {
    let mut rows = statement.query(bounds)?;
    while let Some(row) = rows.next()? {
        if visit(row.get_ref(0)?.as_blob()?, row.get_ref(1)?.as_blob()?).is_break() {
            break;
        }
    }
    Ok(())
}

/// The first key behind all that begin with `prefix`; `None` if there is none.
fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte < 0xff)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lock, open, scratch::Scratch};

    fn connection(scratch: &Scratch, keys: &[&[u8]]) -> Connection {
        let path = lock::create_file(scratch.path(), open::FILE).unwrap();
        let connection = open::open_writer(&path).unwrap();
        for key in keys {
            connection.execute("INSERT INTO state VALUES (?1, ?1, 1)", [key]).unwrap();
        }
        connection
    }

    #[test]
    fn ranges_and_prefixes_in_byte_order() {
        let scratch = Scratch::new();
        let keys: [&[u8]; 7] = [b"", b"a", b"a\0", b"ab", b"b", b"\xff", b"\xff\xffz"];
        let connection = connection(&scratch, &keys);
        let in_range = |range: (Bound<&[u8]>, Bound<&[u8]>)| {
            let mut found = Vec::new();
            scan(&connection, &range, |key, value| {
                assert_eq!(key, value);
                found.push(key.to_vec());
                ControlFlow::Continue(())
            })
            .unwrap();
            found
        };
        use Bound::{Excluded, Included, Unbounded};
        assert_eq!(in_range((Unbounded, Unbounded)), keys);
        assert_eq!(in_range((Included(b"a"), Excluded(b"b"))), &keys[1..4]);
        assert_eq!(in_range((Excluded(b"a"), Included(b"b"))), &keys[2..5]);
        assert_eq!(in_range((Included(b"b"), Unbounded)), &keys[4..]);
        assert_eq!(in_range((Included(b"b"), Excluded(b"a"))), Vec::<Vec<u8>>::new());

        let with_prefix = |prefix: &[u8]| {
            let mut found = Vec::new();
            scan_prefix(&connection, prefix, |key, _| {
                found.push(key.to_vec());
                ControlFlow::Continue(())
            })
            .unwrap();
            found
        };
        assert_eq!(with_prefix(b""), keys);
        assert_eq!(with_prefix(b"a"), &keys[1..4]);
        assert_eq!(with_prefix(b"\xff"), &keys[5..]);
        assert_eq!(with_prefix(b"\xff\xff"), &keys[6..]);
    }

    #[test]
    fn a_visitor_may_stop() {
        let scratch = Scratch::new();
        let connection = connection(&scratch, &[b"1", b"2", b"3"]);
        let mut seen = 0;
        let stop_at_two = |_: &[u8], _: &[u8]| {
            seen += 1;
            if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        scan(&connection, &.., stop_at_two).unwrap();
        assert_eq!(seen, 2);
    }
}
