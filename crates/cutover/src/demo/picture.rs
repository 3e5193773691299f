//! The picture of the traffic over time: stacked shares per version, failures above, steps as lines. One drawing for
//! the terminal, one as SVG.

use std::fmt::Write as _;

use super::timeline::{Mark, SLICE, Slice, VERSIONS};

const COLOURS: [&str; VERSIONS] = ["#4c78a8", "#54a24b", "#e0a030"];
const FAILURE: &str = "#c0392b";
/// ANSI colours of the versions: blue, green, yellow.
const ANSI: [u8; VERSIONS] = [34, 32, 33];

/// Draws for a terminal, `width` columns, eight rows of 12.5 % each and a row for failures.
pub(crate) fn terminal(slices: &[Slice], marks: &[Mark], width: usize, colour: bool) -> String {
    let columns = columns(slices, width);
    let mut out = String::new();
    for row in (0..8).rev() {
        let label = match row {
            7 => "100%",
            3 => " 50%",
            _ => "    ",
        };
        write!(out, "{label} │").expect("a string takes all");
        for column in &columns {
            out.push_str(&cell(column, (f64::from(row) + 0.5) / 8.0, colour));
        }
        out.push('\n');
    }
    out.push_str("fail │");
    for column in &columns {
        let share = f64::from(column.failures()) / f64::from(column.total().max(1));
        let glyph = match column.failures() {
            0 => " ",
            _ if share < 0.02 => "·",
            _ if share < 0.1 => "▄",
            _ => "█",
        };
        out.push_str(&paint(glyph, 31, colour));
    }
    writeln!(out, "\n     └{}", "─".repeat(columns.len())).expect("a string takes all");
    let seconds_each = seconds(slices.len()) / columns.len().max(1) as f64;
    for mark in marks {
        let at = (mark.at.as_secs_f64() / seconds_each.max(1e-9)).floor();
        writeln!(out, "      {:>5.1} s (column {at:>2}) {}", mark.at.as_secs_f64(), mark.text)
            .expect("a string takes all");
    }
    out
}

/// Sums slices into at most `width` columns.
fn columns(slices: &[Slice], width: usize) -> Vec<Slice> {
    let each = slices.len().div_ceil(width.max(1)).max(1);
    slices
        .chunks(each)
        .map(|chunk| {
            chunk.iter().fold(Slice::default(), |mut sum, slice| {
                for version in 0..VERSIONS {
                    sum.served[version] += slice.served[version];
                    sum.failed[version] += slice.failed[version];
                }
                sum.lost += slice.lost;
                sum
            })
        })
        .collect()
}

/// The version that holds this height of the stack.
fn cell(column: &Slice, height: f64, colour: bool) -> String {
    let mut below = 0.0;
    let version = (0..VERSIONS).find(|&version| {
        below += column.share(version);
        height < below
    });
    match version {
        Some(version) if colour => paint("█", ANSI[version], true),
        Some(version) => (version + 1).to_string(),
        None => " ".to_owned(),
    }
}

fn paint(text: &str, code: u8, colour: bool) -> String {
    if colour && text != " " { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

fn seconds(slices: usize) -> f64 {
    slices as f64 * SLICE.as_secs_f64()
}

/// Draws as SVG, with a title and a description for those who cannot see it.
pub(crate) fn svg(slices: &[Slice], marks: &[Mark]) -> String {
    const WIDTH: f64 = 900.0;
    const HEIGHT: f64 = 260.0;
    const LEFT: f64 = 48.0;
    const TOP: f64 = 96.0;
    let duration = seconds(slices.len()).max(0.001);
    let x = |at: f64| LEFT + at / duration * WIDTH;
    let y = |share: f64| TOP + (1.0 - share) * HEIGHT;
    let mut out = String::new();
    let (full_width, full_height) = (LEFT + WIDTH + 24.0, TOP + HEIGHT + 72.0);
    write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {full_width} {full_height}\" role=\"img\" \
         font-family=\"sans-serif\" font-size=\"12\"><title>Traffic per version over time</title><desc>Measured share \
         of requests that reached each version, failures in red, and the steps of both releases.</desc>\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
    )
    .expect("a string takes all");
    // Stacked areas, from the last version down so that each lies on those before it. A second is averaged, for a
    // quarter of one holds too few requests to draw a calm line.
    let smooth: Vec<[f64; VERSIONS]> = (0..slices.len())
        .map(|i| {
            let around = &slices[i.saturating_sub(2)..(i + 2).min(slices.len())];
            let mut sum = Slice::default();
            for slice in around {
                for version in 0..VERSIONS {
                    sum.served[version] += slice.served[version];
                }
            }
            std::array::from_fn(|version| sum.share(version))
        })
        .collect();
    for version in (0..VERSIONS).rev() {
        let mut path = format!("M{:.1},{:.1}", x(0.0), y(0.0));
        for (i, shares) in smooth.iter().enumerate() {
            let top: f64 = shares[..=version].iter().sum();
            write!(path, "L{:.1},{:.1}", x(seconds(i) + SLICE.as_secs_f64() / 2.0), y(top))
                .expect("a string takes all");
        }
        write!(path, "L{:.1},{:.1}Z", x(duration), y(0.0)).expect("a string takes all");
        write!(out, "<path d=\"{path}\" fill=\"{}\"/>", COLOURS[version]).expect("a string takes all");
    }
    for (i, slice) in slices.iter().enumerate().filter(|(_, slice)| slice.failures() > 0) {
        let share = f64::from(slice.failures()) / f64::from(slice.total().max(1));
        let height = (share * HEIGHT).max(2.0);
        write!(
            out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{FAILURE}\"/>",
            x(seconds(i)),
            TOP + HEIGHT - height,
            WIDTH / slices.len().max(1) as f64
        )
        .expect("a string takes all");
    }
    for (i, mark) in marks.iter().enumerate() {
        let (at, row) = (x(mark.at.as_secs_f64()), 14.0 + (i % 6) as f64 * 13.0);
        let (anchor, shift) = if at > LEFT + WIDTH * 0.7 { ("end", -4.0) } else { ("start", 4.0) };
        write!(
            out,
            "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{row}\" y2=\"{}\" stroke=\"#555\" stroke-dasharray=\"3 3\"/>\
             <text x=\"{:.1}\" y=\"{row}\" text-anchor=\"{anchor}\">{}</text>",
            TOP + HEIGHT,
            at + shift,
            escape(&mark.text)
        )
        .expect("a string takes all");
    }
    for percent in [0, 50, 100] {
        let y = y(f64::from(percent) / 100.0);
        write!(out, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{percent} %</text>", LEFT - 6.0, y + 4.0)
            .expect("a string takes all");
    }
    let mut second = 0.0;
    while second <= duration {
        write!(
            out,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{second} s</text>",
            x(second),
            TOP + HEIGHT + 18.0
        )
        .expect("a string takes all");
        second += 5.0;
    }
    for (i, (colour, label)) in
        COLOURS.iter().zip(["v1", "v2", "v3"]).chain([(&FAILURE, "failed requests")]).enumerate()
    {
        let (x, y) = (LEFT + i as f64 * 110.0, TOP + HEIGHT + 40.0);
        write!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"12\" height=\"12\" fill=\"{colour}\"/><text x=\"{}\" y=\"{}\">{label}</text>",
            x + 18.0,
            y + 10.0
        )
        .expect("a string takes all");
    }
    out.push_str("</svg>\n");
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_picture_shows_shares_failures_and_steps() {
        let mut slices = vec![Slice { served: [10, 0, 0], ..Slice::default() }; 4];
        slices.extend([Slice { served: [5, 5, 0], failed: [0, 3, 0], lost: 0 }; 4]);
        let marks = [Mark { at: Duration::from_secs(1), text: "v2 & 50 %".into() }];
        let drawing = terminal(&slices, &marks, 8, false);
        let rows: Vec<&str> = drawing.lines().collect();
        assert_eq!(rows[0], "100% │11112222");
        assert_eq!(rows[7], "     │11111111");
        assert_eq!(rows[8], "fail │    ████");
        assert!(drawing.contains("1.0 s (column  4) v2 & 50 %"), "{drawing}");
        let svg = svg(&slices, &marks);
        assert!(svg.contains("v2 &amp; 50 %") && svg.matches("<path").count() == VERSIONS);
    }
}
