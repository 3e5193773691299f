//! The search of a body: does a text stand, whole, in its first 5120 bytes?
//!
//! gzip and deflate are unpacked first, as far as needed; any other coding is searched as it came. Reading stops as
//! soon as the answer is known, so a body without an end can still pass.

use std::io::Write as _;

use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};
use http::header::CONTENT_ENCODING;
use http_body_util::BodyExt as _;
use hyper::Response;
use hyper::body::Incoming;
use model::health_check::SearchString;

/// How much of the unpacked body counts, in bytes (R53 health-checks: "first 5,120 bytes of the response body").
const WINDOW: usize = 5120;
/// How much packed body is read for that. Text of 5120 bytes packs to less; the rest is room for gzip's header.
const PACKED_MAX: usize = 16 * 1024;
/// How much is unpacked at a time: at deflate's best ratio of 1032 this is 66 kB, whatever the endpoint sends.
const BITE: usize = 64;

/// Whether the body holds `search`. The caller sets the deadline and holds the connection.
pub(super) async fn find(response: Response<Incoming>, search: &SearchString) -> hyper::Result<bool> {
    let coding = response.headers().get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    let mut window = Window::new(Unpack::new(coding), search.as_str().as_bytes());
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        if let Some(bytes) = frame?.data_ref()
            && let Some(found) = window.feed(bytes)
        {
            return Ok(found);
        }
    }
    Ok(window.finish())
}

struct Window<'a> {
    unpack: Unpack,
    needle: &'a [u8],
    searched: usize,
    packed: usize,
}

impl<'a> Window<'a> {
    fn new(unpack: Unpack, needle: &'a [u8]) -> Self {
        Self { unpack, needle, searched: 0, packed: 0 }
    }

    /// Takes a piece of the body; the answer once it is known.
    fn feed(&mut self, piece: &[u8]) -> Option<bool> {
        for bite in piece.chunks(BITE) {
            self.packed += bite.len();
            let sound = self.unpack.write(bite);
            if self.search() {
                return Some(true);
            }
            if !sound || self.unpack.plain().len() >= WINDOW || self.packed >= PACKED_MAX {
                return Some(false);
            }
        }
        None
    }

    /// The answer at the end of the body.
    fn finish(mut self) -> bool {
        self.unpack.flush();
        self.search()
    }

    /// Looks at what is new, with as much before it as the text could have begun in.
    fn search(&mut self) -> bool {
        let plain = self.unpack.plain();
        let plain = &plain[..plain.len().min(WINDOW)];
        let from = self.searched.saturating_sub(self.needle.len().saturating_sub(1));
        self.searched = plain.len();
        plain[from..].windows(self.needle.len()).any(|window| window == self.needle)
    }
}

/// A body on its way to plain bytes.
enum Unpack {
    Plain(Vec<u8>),
    Gzip(GzDecoder<Vec<u8>>),
    /// `deflate`, with its first byte still awaited: it tells the two meanings of that word apart.
    DeflateUnseen,
    Zlib(ZlibDecoder<Vec<u8>>),
    Raw(DeflateDecoder<Vec<u8>>),
}

impl Unpack {
    fn new(coding: Option<&str>) -> Self {
        match coding.map(|coding| coding.trim().to_ascii_lowercase()).as_deref() {
            Some("gzip" | "x-gzip") => Self::Gzip(GzDecoder::new(Vec::new())),
            Some("deflate") => Self::DeflateUnseen,
            _ => Self::Plain(Vec::new()),
        }
    }

    /// False when nothing more can come: a broken or finished stream.
    fn write(&mut self, bytes: &[u8]) -> bool {
        if matches!(self, Self::DeflateUnseen) {
            // RFC 9110 §8.4.1.2 means zlib (RFC 1950, first byte x8 with x ≤ 7); some servers send bare deflate.
            *self = match bytes.first() {
                Some(first) if first & 0x8f == 0x08 => Self::Zlib(ZlibDecoder::new(Vec::new())),
                Some(_) => Self::Raw(DeflateDecoder::new(Vec::new())),
                None => return true,
            };
        }
        match self {
            Self::Plain(plain) => plain.write_all(bytes).is_ok(),
            Self::Gzip(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()).is_ok(),
            Self::Zlib(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()).is_ok(),
            Self::Raw(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()).is_ok(),
            Self::DeflateUnseen => true,
        }
    }

    fn flush(&mut self) {
        // A stream cut short keeps what it gave so far.
        _ = match self {
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Zlib(decoder) => decoder.try_finish(),
            Self::Raw(decoder) => decoder.try_finish(),
            Self::Plain(_) | Self::DeflateUnseen => Ok(()),
        };
    }

    fn plain(&self) -> &[u8] {
        match self {
            Self::Plain(plain) => plain,
            Self::Gzip(decoder) => decoder.get_ref(),
            Self::Zlib(decoder) => decoder.get_ref(),
            Self::Raw(decoder) => decoder.get_ref(),
            Self::DeflateUnseen => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    /// Feeds the body in pieces of several sizes: the answer must not depend on them.
    fn check(coding: Option<&str>, body: &[u8], expect: bool) {
        for size in [1, 2, 7, 64, 1000, body.len().max(1)] {
            let mut window = Window::new(Unpack::new(coding), b"OK");
            let early = body.chunks(size).find_map(|piece| window.feed(piece));
            assert_eq!(early.unwrap_or_else(|| window.finish()), expect, "{coding:?} in pieces of {size}");
        }
    }

    fn behind(filler: usize, end: &str) -> Vec<u8> {
        [vec![b'x'; filler].as_slice(), end.as_bytes()].concat()
    }

    #[test]
    fn the_text_must_end_within_the_window_and_in_its_own_case() {
        check(None, &behind(5119, "OK"), false);
        check(None, &behind(5118, "OK"), true);
        check(None, &behind(5118, "OK and more"), true);
        check(None, b"ok", false);
        check(None, b"OOK", true);
        check(None, b"", false);
    }

    #[test]
    fn gzip_and_both_kinds_of_deflate_are_unpacked_and_nothing_else() {
        let body = behind(5118, "OK");
        let late = behind(5119, "OK");
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&body).unwrap();
        let gzip = gzip.finish().unwrap();
        check(Some("gzip"), &gzip, true);
        check(Some("br"), &gzip, false);
        check(None, &gzip, false);
        check(Some("gzip"), &gzip[..gzip.len() / 2], false);
        check(Some("gzip"), b"this is no gzip, OK?", false);
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&body).unwrap();
        check(Some("deflate"), &zlib.finish().unwrap(), true);
        for (body, expect) in [(&body, true), (&late, false)] {
            let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
            raw.write_all(body).unwrap();
            check(Some("deflate"), &raw.finish().unwrap(), expect);
        }
    }
}
