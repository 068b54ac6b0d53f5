//! Charts in rows and columns: where a sum went, thefts over time, totals by group, a timeline.
//!
//! Ink on paper: a whole is filled, a part is hatched with an outline, a point is a disc, so they read in grey. All is
//! integers, in whole pixels; the same rows give the same bytes. Labels are cut to their space, and stand whole in the
//! table twin.
//!
//! Not here: what the figures mean, and the table.

use std::fmt::Write as _;

use crate::text::{Face, fit, html, width_of};

/// What a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A whole: a filled bar.
    Whole,
    /// A part of it: a hatched bar.
    Part,
    /// A moment: a disc at its place.
    Point,
}

/// A row of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is. May be hostile.
    pub label: String,
    /// Where its bar begins, on the chart's scale.
    pub begin: u128,
    /// Where it ends; of a point the same.
    pub end: u128,
    /// The figure as it is shown.
    pub text: String,
    /// What it shows.
    pub kind: RowKind,
}

/// A theft in a chart over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theft {
    /// Its day, counted from any day.
    pub day: i64,
    /// How large, on the chart's scale.
    pub size: u128,
    /// What it is. May be hostile.
    pub label: String,
}

/// The ends of the scale of a chart over time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scale {
    /// The first day.
    pub first: i64,
    /// The last day.
    pub last: i64,
    /// Marks on the axis: a day and its word.
    pub marks: Vec<(i64, String)>,
    /// The sum, as it is shown.
    pub total: String,
}

/// How wide a chart is, in pixels.
pub const WIDTH: i64 = 836;

/// The widest that labels and figures may be; a figure is a date and a value at most, and is never cut.
const LABEL_MAX: i64 = 250;
const FIGURE_MAX: i64 = 310;
const TEXT_MIN: i64 = 60;
const GAP: i64 = 12;
/// The size of the letters, in hundredths of a pixel.
const SIZE: i64 = 1_350;
const LINE: i64 = 30;
const BAR: i64 = 16;
const TOP: i64 = 12;

/// A chart in rows. `prefix` begins every id in it: ASCII letters, digits and hyphens.
pub fn row_chart(prefix: &str, title: &str, rows: &[Row], marks: &[(u128, String)]) -> String {
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX / LINE);
    let columns = Columns::of(rows);
    let (label, plot) = (columns.label, columns.plot());
    let foot = if marks.is_empty() { 0 } else { 26 };
    let height = TOP * 2 + count * LINE + foot;
    let largest = rows
        .iter()
        .map(|row| row.end)
        .chain(marks.iter().map(|mark| mark.0));
    let largest = largest.max().unwrap_or_default();
    let mut out = open(prefix, title, height, &format!("{} rows.", rows.len()));
    let bottom = TOP + count * LINE;
    put(
        &mut out,
        format_args!("<path class=\"wc-axis\" d=\"M{label} {TOP}V{bottom}\"/>\n"),
    );
    for (at, word) in marks {
        let x = label + scaled(*at, largest, plot);
        let y = bottom + 18;
        put(
            &mut out,
            format_args!(
                "<path class=\"wc-grid\" d=\"M{x} {TOP}V{bottom}\"/>\n<text class=\"wc-mark\" x=\"{x}\" y=\"{y}\">{}</text>\n",
                html(word)
            ),
        );
    }
    for (row, at) in rows.iter().zip(0..) {
        draw_row(
            &mut out,
            row,
            TOP + at * LINE,
            (largest, &columns, &plain(prefix)),
        );
    }
    out.push_str("</svg>\n");
    out
}

/// How wide the columns of a chart in rows are: as its words ask for, so that the plot has the rest.
struct Columns {
    label: i64,
    figure: i64,
}

impl Columns {
    fn of(rows: &[Row]) -> Self {
        let widest = |text: fn(&Row) -> &str, most: i64| {
            let widths = rows.iter().map(|row| {
                let short: String = text(row).chars().take(200).collect();
                width_of(&crate::text::visible(&short), Face::Sans, SIZE) / 100 + 2
            });
            widths
                .max()
                .unwrap_or_default()
                .clamp(TEXT_MIN, most - 2 * GAP)
                + 2 * GAP
        };
        Self {
            label: widest(|row| &row.label, LABEL_MAX),
            figure: widest(|row| &row.text, FIGURE_MAX),
        }
    }

    fn plot(&self) -> i64 {
        WIDTH - self.label - self.figure
    }
}

/// A row: label, bar or disc, figure. It begins at `y`.
fn draw_row(
    out: &mut String,
    row: &Row,
    y: i64,
    (largest, columns, prefix): (u128, &Columns, &str),
) {
    let plot = columns.plot();
    let (begin, end) = (
        scaled(row.begin, largest, plot),
        scaled(row.end, largest, plot),
    );
    let (x, width) = (columns.label + begin, (end - begin).max(1));
    let (bar, text) = (y + (LINE - BAR) / 2, y + LINE / 2 + 4);
    let words = format!("{}: {}", row.label, row.text);
    put(out, format_args!("<g><title>{}</title>\n", html(&words)));
    put(
        out,
        format_args!(
            "<text class=\"wc-label\" x=\"{}\" y=\"{text}\">{}</text>\n",
            columns.label - GAP,
            cut(&row.label, columns.label - 2 * GAP)
        ),
    );
    match row.kind {
        RowKind::Point => put(
            out,
            format_args!(
                "<circle class=\"wc-point\" cx=\"{x}\" cy=\"{}\" r=\"5\"/>\n",
                y + LINE / 2
            ),
        ),
        RowKind::Whole => put(
            out,
            format_args!(
                "<rect class=\"wc-whole\" x=\"{x}\" y=\"{bar}\" width=\"{width}\" height=\"{BAR}\"/>\n"
            ),
        ),
        RowKind::Part => put(
            out,
            format_args!(
                "<rect class=\"wc-part\" fill=\"url(#{}-hatch)\" x=\"{x}\" y=\"{bar}\" width=\"{width}\" height=\"{BAR}\"/>\n",
                prefix
            ),
        ),
    }
    put(
        out,
        format_args!(
            "<text class=\"wc-figure\" x=\"{WIDTH}\" y=\"{text}\">{}</text>\n</g>\n",
            cut(&row.text, columns.figure - GAP)
        ),
    );
}

/// Thefts over time as stems, and their running sum as a line, on one scale from nothing to the sum.
pub fn time_chart(prefix: &str, title: &str, thefts: &[Theft], scale: &Scale) -> String {
    const HEIGHT: i64 = 300;
    const LEFT: i64 = 24;
    const RIGHT: i64 = 190;
    let (plot, bottom) = (WIDTH - LEFT - RIGHT, HEIGHT - 34);
    let rise = bottom - 24;
    let sum = thefts
        .iter()
        .fold(0_u128, |sum, theft| sum.saturating_add(theft.size));
    let days = u128::try_from(scale.last.saturating_sub(scale.first))
        .unwrap_or(0)
        .max(1);
    let x = |day: i64| {
        let since = u128::try_from(day.saturating_sub(scale.first)).unwrap_or(0);
        LEFT + scaled(since, days, plot)
    };
    let words = format!(
        "{} thefts as stems, their running sum as a line.",
        thefts.len()
    );
    let mut out = open(prefix, title, HEIGHT, &words);
    for (day, word) in &scale.marks {
        mark(&mut out, x(*day), (bottom, HEIGHT), word);
    }
    put(
        &mut out,
        format_args!(
            "<path class=\"wc-axis\" d=\"M{LEFT} {bottom}H{}\"/>\n",
            LEFT + plot
        ),
    );
    let mut running = 0_u128;
    let mut line = format!("M{LEFT} {bottom}");
    for theft in thefts {
        running = running.saturating_add(theft.size);
        let (x, stem) = (x(theft.day), bottom - scaled(theft.size, sum, rise));
        put(
            &mut line,
            format_args!("H{x}V{}", bottom - scaled(running, sum, rise)),
        );
        put(
            &mut out,
            format_args!(
                "<g><title>{}</title>\n<path class=\"wc-stem\" d=\"M{x} {bottom}V{stem}\"/>\n<circle class=\"wc-point\" cx=\"{x}\" cy=\"{stem}\" r=\"3\"/>\n</g>\n",
                html(&theft.label)
            ),
        );
    }
    put(&mut line, format_args!("H{}", LEFT + plot));
    let end = bottom - scaled(running, sum, rise);
    put(
        &mut out,
        format_args!(
            "<path class=\"wc-line\" d=\"{line}\"/>\n<text class=\"wc-end\" x=\"{}\" y=\"{}\">{}</text>\n<text class=\"wc-mark wc-left\" x=\"{}\" y=\"{}\">all together</text>\n",
            LEFT + plot + 10,
            end + 5,
            cut(&scale.total, RIGHT - 14),
            LEFT + plot + 10,
            end + 22
        ),
    );
    out.push_str("</svg>\n");
    out
}

/// A mark on the axis of a chart over time, with its line.
fn mark(out: &mut String, x: i64, (bottom, height): (i64, i64), word: &str) {
    let y = height - 12;
    put(
        out,
        format_args!(
            "<path class=\"wc-grid\" d=\"M{x} 24V{bottom}\"/>\n<text class=\"wc-mark\" x=\"{x}\" y=\"{y}\">{}</text>\n",
            html(word)
        ),
    );
}

/// The head of a chart: size, title, description, style, hatch.
fn open(prefix: &str, title: &str, height: i64, words: &str) -> String {
    let prefix = plain(prefix);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{prefix}\" class=\"whither-chart\" role=\"img\" \
         aria-labelledby=\"{prefix}-title {prefix}-desc\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\">\n\
         <title id=\"{prefix}-title\">{}</title>\n<desc id=\"{prefix}-desc\">{}</desc>\n<style>{}</style>\n\
         <defs><pattern id=\"{prefix}-hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
         <rect class=\"wc-ground\" width=\"6\" height=\"6\"/><path class=\"wc-hatch\" d=\"M0 0V6\"/></pattern></defs>\n",
        html(title),
        html(words),
        include_str!("chart.css").trim_end()
    )
}

/// A length in pixels for a value on a scale. What is above nothing is never drawn as nothing by its row.
fn scaled(value: u128, largest: u128, length: i64) -> i64 {
    let (mut value, mut largest) = (value.min(largest), largest);
    // Halving keeps the product within 128 bits.
    while largest >= 1 << 100 {
        value >>= 1;
        largest >>= 1;
    }
    if largest == 0 {
        return 0;
    }
    let length = u128::try_from(length).unwrap_or(0);
    i64::try_from(value * length / largest).unwrap_or(0)
}

fn cut(text: &str, pixels: i64) -> String {
    // A long name is not measured to its end: no more of it than this fits.
    let short: String = text.chars().take(200).collect();
    let short = crate::text::visible(&short);
    debug_assert!(
        width_of("", Face::Sans, 1) == 0,
        "an empty text has no width"
    );
    crate::text::escape_html(&fit(&short, Face::Sans, SIZE, pixels * 100))
}

fn plain(prefix: &str) -> String {
    let kept = prefix
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-');
    kept.collect()
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(begin: u128, end: u128, label: &str) -> Row {
        Row {
            label: label.to_owned(),
            begin,
            end,
            text: format!("{} ETH", end - begin),
            kind: RowKind::Part,
        }
    }

    #[test]
    fn bars_stand_where_their_amounts_are_and_hostile_labels_are_inert() {
        let rows = [
            row(0, 100, "stolen"),
            row(50, 100, "<img onerror=x>\u{202e}"),
        ];
        let svg = row_chart("a\"b", "T", &rows, &[]);
        let columns = Columns::of(&rows);
        let (label, plot) = (columns.label, columns.plot());
        assert!(
            svg.contains(&format!("x=\"{label}\" y=\"19\" width=\"{plot}\"")),
            "{svg}"
        );
        assert!(svg.contains(&format!(
            "x=\"{}\" y=\"49\" width=\"{}\"",
            label + plot / 2,
            plot - plot / 2
        )));
        assert!(!svg.contains("<img") && !svg.contains('\u{202e}') && svg.contains("id=\"ab\""));
    }

    #[test]
    fn a_figure_is_never_cut() {
        let mut long = row(0, 1, &"a long name of a victim ".repeat(9));
        long.text = "25 September 2020 · USD 123,456.8 million".to_owned();
        let svg = row_chart("c", "T", &[long.clone(), row(0, 9, "b")], &[]);
        assert!(svg.contains(&format!(">{}</text>", long.text)), "{svg}");
        assert!(
            svg.contains("…</text>"),
            "a label is, and stands whole in the table"
        );
        let columns = Columns::of(&[row(0, 1, "2017")]);
        assert!(columns.plot() > 600, "short words leave room for the bars");
    }

    #[test]
    fn amounts_beyond_any_scale_are_drawn_within_the_chart() {
        assert_eq!(scaled(u128::MAX, u128::MAX, 400), 400);
        assert_eq!(scaled(5, 0, 400), 0);
        let long = row(0, u128::MAX, &"x".repeat(10_000));
        assert!(row_chart("c", "T", &[long], &[]).len() < 25_000);
    }

    #[test]
    fn the_running_sum_ends_at_the_top() {
        let theft = |day, size| Theft {
            day,
            size,
            label: "t".to_owned(),
        };
        let scale = Scale {
            first: 0,
            last: 10,
            ..Scale::default()
        };
        let svg = time_chart("t", "T", &[theft(0, 1), theft(10, 3)], &scale);
        assert!(svg.contains("V24H646\""), "{svg}");
    }
}
