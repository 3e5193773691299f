//! Tokens of the next page, where AWS's are opaque: the parts of the place where it starts, in hexadecimal digits.
//!
//! Used by listings whose operation has `InvalidPaginationToken`, which is what a token that was not made here gets.

use super::error::Fault;

/// Makes a token of parts, none of which holds a zero byte.
pub(super) fn write(parts: &[&str]) -> String {
    parts.join("\0").bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Takes a token apart into `N` parts.
pub(super) fn read<const N: usize>(token: &str) -> Result<[String; N], Fault> {
    let parts = bytes(token).and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = parts.map(|text| text.split('\0').map(str::to_owned).collect::<Vec<_>>());
    parts.and_then(|parts| parts.try_into().ok()).ok_or(Fault::InvalidPaginationToken)
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hex.chars().map(|c| u8::try_from(c.to_digit(16)?).ok()).collect();
    let (pairs, rest) = digits.as_deref()?.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_made_here_is_no_token() {
        let token = write(&["a.test.", "Z1"]);
        assert_eq!(read::<2>(&token).unwrap(), ["a.test.", "Z1"]);
        for wrong in ["", "x", "6", "61ff", "6100", "61", "é0", &token[2..token.len() - 1]] {
            assert_eq!(read::<2>(wrong).ok(), (wrong == "6100").then(|| ["a".to_owned(), String::new()]), "{wrong}");
        }
    }
}
