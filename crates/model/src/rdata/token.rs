//! Tokens and escapes: the two dialects in which RDATA is written.
//!
//! Route 53 escapes a byte as `\ooo` (octal), master files as `\ddd` (decimal, RFC 1035 §5.1). Everything above this
//! file sees bytes. Splitting whole master files is [`crate::zone_file`]'s work, which has comments and parentheses.

use std::borrow::Cow;

/// How text is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Dialect<'a> {
    /// Octal escapes, printable ASCII only, strings always quoted, all names absolute.
    Route53,
    /// Decimal escapes, any byte, names relative to the origin (in wire format) unless they end with a dot.
    MasterFile {
        /// What relative names are relative to.
        origin: &'a [u8],
    },
}

/// One token as written: escapes still in it, outer quotation marks taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) raw: &'a [u8],
    pub(crate) quoted: bool,
}

impl Token<'_> {
    /// The token as it can be shown to a person.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(self.raw).into_owned()
    }
}

/// Splits a Route 53 value text at its blanks; nothing if a quotation mark is not closed.
pub(crate) fn split(text: &str) -> Option<Vec<Token<'_>>> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::with_capacity(4);
    let mut at = 0;
    while at < bytes.len() {
        if matches!(bytes[at], b' ' | b'\t') {
            at += 1;
            continue;
        }
        let (token, end) = token_at(bytes, at, |byte| matches!(byte, b' ' | b'\t'))?;
        tokens.push(token);
        at = end;
    }
    Some(tokens)
}

/// The token that begins at `at`, and where it ends. `ends` tells which bytes end a token without quotes.
/// A quoted part directly after `=` belongs to its token, as in `alpn="h2,h3"` (RFC 9460 §2.1).
pub(crate) fn token_at(bytes: &[u8], at: usize, ends: impl Fn(u8) -> bool) -> Option<(Token<'_>, usize)> {
    if bytes[at] == b'"' {
        let end = closing_mark(bytes, at + 1)?;
        return Some((Token { raw: &bytes[at + 1..end], quoted: true }, end + 1));
    }
    let mut end = at;
    while end < bytes.len() && !ends(bytes[end]) {
        end += match bytes[end] {
            b'\\' => 2,
            b'"' if end > at && bytes[end - 1] == b'=' => closing_mark(bytes, end + 1)? + 1 - end,
            b'"' => break,
            _ => 1,
        };
    }
    let end = end.min(bytes.len());
    Some((Token { raw: &bytes[at..end], quoted: false }, end))
}

/// Where the quotation mark is that closes a string whose text begins at `at`; never on another line.
fn closing_mark(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\n' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The bytes a token stands for; nothing if it holds a byte or an escape code that its dialect does not allow.
pub(crate) fn unescape<'a>(raw: &'a [u8], dialect: Dialect<'_>) -> Option<Cow<'a, [u8]>> {
    if matches!(dialect, Dialect::Route53) && !raw.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    if !raw.contains(&b'\\') {
        return Some(Cow::Borrowed(raw));
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        if raw[at] == b'\\' {
            let (byte, length) = escape_code(&raw[at..], dialect)?;
            bytes.push(byte);
            at += length;
        } else {
            bytes.push(raw[at]);
            at += 1;
        }
    }
    Some(Cow::Owned(bytes))
}

/// The byte of the escape code at the front of `raw`, and the code's length.
pub(crate) fn escape_code(raw: &[u8], dialect: Dialect<'_>) -> Option<(u8, usize)> {
    let first = *raw.get(1)?;
    if !first.is_ascii_digit() {
        return Some((first, 2));
    }
    let base = match dialect {
        Dialect::Route53 => 8,
        Dialect::MasterFile { .. } => 10,
    };
    let mut value = 0;
    for &byte in raw.get(1..4)? {
        value = value * base + char::from(byte).to_digit(base)?;
    }
    Some((u8::try_from(value).ok()?, 4))
}

/// Appends the escape code of a byte.
pub(crate) fn push_code(byte: u8, dialect: Dialect<'_>, text: &mut String) {
    let base = match dialect {
        Dialect::Route53 => 8,
        Dialect::MasterFile { .. } => 10,
    };
    text.push('\\');
    for digit in [byte / (base * base), byte / base % base, byte % base] {
        text.push(char::from(b'0' + digit));
    }
}

/// Appends bytes as the inside of a quoted string.
pub(crate) fn push_escaped(bytes: &[u8], dialect: Dialect<'_>, text: &mut String) {
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => {
                text.push('\\');
                text.push(char::from(byte));
            }
            b' '..=b'~' => text.push(char::from(byte)),
            _ => push_code(byte, dialect, text),
        }
    }
}

/// Appends bytes as a quoted string.
pub(crate) fn push_quoted(bytes: &[u8], dialect: Dialect<'_>, text: &mut String) {
    text.push('"');
    push_escaped(bytes, dialect, text);
    text.push('"');
}

/// Appends a token of one dialect in another.
pub(crate) fn push_translated(token: Token<'_>, from: Dialect<'_>, to: Dialect<'_>, text: &mut String) -> Option<()> {
    if token.quoted {
        text.push('"');
    }
    let mut at = 0;
    while at < token.raw.len() {
        match token.raw[at] {
            b'\\' => {
                let (byte, length) = escape_code(&token.raw[at..], from)?;
                if length == 2 && byte.is_ascii_graphic() {
                    text.push('\\');
                    text.push(char::from(byte));
                } else {
                    push_code(byte, to, text);
                }
                at += length;
            }
            byte @ b' '..=b'~' => {
                text.push(char::from(byte));
                at += 1;
            }
            byte => {
                if matches!(from, Dialect::Route53) {
                    return None;
                }
                push_code(byte, to, text);
                at += 1;
            }
        }
    }
    if token.quoted {
        text.push('"');
    }
    Some(())
}

/// Tokens as a person would write them, for messages.
pub(crate) fn join(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    for token in tokens {
        if !text.is_empty() {
            text.push(' ');
        }
        let shown = token.shown();
        if token.quoted {
            text.extend(["\"", &shown, "\""]);
        } else {
            text.push_str(&shown);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_at_blanks_outside_quotes() {
        let tokens = split(r#"1  . alpn="h2 h3" "a \" b""c""#).unwrap();
        let shown: Vec<(String, bool)> = tokens.iter().map(|t| (t.shown(), t.quoted)).collect();
        let expected = [("1", false), (".", false), ("alpn=\"h2 h3\"", false), ("a \\\" b", true), ("c", true)];
        assert_eq!(shown, expected.map(|(t, q)| (t.to_owned(), q)));
        assert_eq!(split("\"open"), None);
        assert_eq!(split("\"open\\\""), None);
    }

    #[test]
    fn escapes_are_octal_for_route_53_and_decimal_in_master_files() {
        let master = Dialect::MasterFile { origin: b"\0" };
        assert_eq!(unescape(b"a\\344\\\"", Dialect::Route53).unwrap().as_ref(), b"a\xe4\"");
        assert_eq!(unescape(b"a\\228", master).unwrap().as_ref(), b"a\xe4");
        for raw in [&b"\\400"[..], b"\\08", b"\\8", b"\\", "ä".as_bytes()] {
            assert_eq!(unescape(raw, Dialect::Route53), None, "{raw:?}");
        }
        assert_eq!(unescape(b"\\256", master), None);
        let mut text = String::new();
        push_quoted(b"\xe4 \"\\", Dialect::Route53, &mut text);
        push_quoted(b"\xe4", master, &mut text);
        assert_eq!(text, r#""\344 \"\\""\228""#);
    }
}
