//! Where it was last seen: the 100 % bar by kind, and the table of every place.
//!
//! Shares are given out once, to the places, by largest remainder; a kind's share is the sum of its places' shares.
//! So the bar, the summary and the table agree to the hundredth of a percent, and each adds up to exactly 100.00 %.
//!
//! Not here: who can freeze what; that is another page.

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::cells::{
    address, amount, close_table, counted, foreign, open_table, or_dash, put, sign,
};
use super::{Balance, SeenGroup, SeenRow, TracePage};
use crate::figure::{NodeKind, kind_class};
use crate::text::{add_digits, html, percent, share_points, units, weight};

/// Places shown before the rest is put behind a disclosure.
const PLACES_SHOWN: usize = 25;
/// The whole bar, and the least any part of it is drawn with, in hundredths of a percent.
const BAR: u32 = 10_000;
const PART_MIN: u32 = 40;

/// All places of one kind.
struct KindSum<'a> {
    kind: NodeKind,
    words: &'a str,
    places: usize,
    digits: String,
    points: u32,
}

/// The section with one bar per asset and what it means.
pub(super) fn summary(out: &mut String, page: &TracePage) {
    if page.seen.is_empty() {
        return;
    }
    out.push_str("<section id=\"seen\" aria-labelledby=\"seen-h\">\n<h2 id=\"seen-h\">Where it was last seen</h2>\n");
    patterns(out);
    for group in &page.seen {
        let sums = by_kind(group);
        if page.seen.len() > 1 {
            put(
                out,
                format_args!(
                    "<h3>{} {}</h3>\n",
                    foreign(&group.unit.symbol),
                    address(&group.unit.asset)
                ),
            );
        }
        if group.balance.is_some() {
            bar(out, group, &sums);
        }
        summary_table(out, group, &sums);
        balance(out, group);
    }
    if !page.caveats.is_empty() {
        let count = counted(page.caveats.len(), "caveat limits", "caveats limit");
        put(
            out,
            format_args!(
                "<p class=\"note\"><a href=\"#caveats\">{count}</a> what these figures can say.</p>\n"
            ),
        );
    }
    out.push_str("</section>\n");
}

/// The section with every place, largest first.
pub(super) fn places(out: &mut String, groups: &[SeenGroup]) {
    if groups.is_empty() {
        return;
    }
    out.push_str("<section id=\"places\" aria-labelledby=\"places-h\">\n<h2 id=\"places-h\">Every place</h2>\n");
    for group in groups {
        let points = points_of(group);
        let mut order: Vec<usize> = (0..group.rows.len()).collect();
        order.sort_by_key(|&row| (Reverse(weight(&group.rows[row].digits)), row));
        let (shown, rest) = order.split_at(order.len().min(PLACES_SHOWN));
        let symbol = html(&group.unit.symbol);
        open_places(
            out,
            group,
            &format!("{symbol}: where it was last seen, largest first"),
        );
        shown
            .iter()
            .for_each(|&row| place(out, group, &group.rows[row], points[row]));
        out.push_str("</tbody>\n<tfoot>\n");
        if !rest.is_empty() {
            let digits = sum_of(rest.iter().map(|&row| &group.rows[row]));
            let points = rest.iter().map(|&row| points[row]).sum();
            total(
                out,
                group,
                &format!("and {} more, listed below", rest.len()),
                &digits,
                points,
            );
        }
        total(
            out,
            group,
            "Total",
            &sum_of(&group.rows),
            points.iter().sum(),
        );
        out.push_str("</tfoot>\n");
        close_table(out);
        if !rest.is_empty() {
            put(
                out,
                format_args!(
                    "<details>\n<summary>The other {} places of {symbol}</summary>\n",
                    rest.len()
                ),
            );
            open_places(out, group, &format!("{symbol}: the other places"));
            rest.iter()
                .for_each(|&row| place(out, group, &group.rows[row], points[row]));
            out.push_str("</tbody>\n");
            close_table(out);
            out.push_str("</details>\n");
        }
    }
    out.push_str("</section>\n");
}

fn open_places(out: &mut String, group: &SeenGroup, label: &str) {
    let heads = [
        "What",
        "Where",
        "Amount",
        "Share",
        "Seen",
        "Why the trace ends here",
    ];
    let heads: Vec<&str> = heads
        .into_iter()
        .filter(|head| group.balance.is_some() || *head != "Share")
        .collect();
    open_table(out, "places", label, &heads);
    out.push_str("<tbody>\n");
}

fn place(out: &mut String, group: &SeenGroup, row: &SeenRow, points: u32) {
    let entity = row
        .entity
        .as_deref()
        .map(|entity| format!("<strong>{}</strong>", foreign(entity)));
    let whole = row.address.as_deref().map(address);
    let places: Vec<String> = [entity, whole].into_iter().flatten().collect();
    let places = if places.is_empty() {
        or_dash(None)
    } else {
        places.join("<br>")
    };
    put(
        out,
        format_args!(
            "<tr><th scope=\"row\" class=\"k\">{}{}</th><td>{places}</td><td class=\"n\">{}</td>",
            sign(row.kind),
            html(&row.kind_words),
            amount(&group.unit.exact(&row.digits))
        ),
    );
    share_cell(out, group, points);
    let (first, last) = (row.first.as_deref(), row.last.as_deref());
    let seen = match (first, last) {
        (Some(first), Some(last)) if first != last => {
            format!("{} to<br>{}", foreign(first), foreign(last))
        }
        _ => or_dash(first.or(last)),
    };
    put(
        out,
        format_args!(
            "<td class=\"when\">{seen}</td><td>{}<br><span class=\"tx\">{}</span></td></tr>\n",
            foreign(&row.reason),
            or_dash(row.transaction.as_deref())
        ),
    );
}

fn total(out: &mut String, group: &SeenGroup, words: &str, digits: &str, points: u32) {
    put(
        out,
        format_args!(
            "<tr><th scope=\"row\" colspan=\"2\">{words}</th><td class=\"n\">{}</td>",
            amount(&group.unit.exact(digits))
        ),
    );
    share_cell(out, group, points);
    out.push_str("<td colspan=\"2\"></td></tr>\n");
}

fn share_cell(out: &mut String, group: &SeenGroup, points: u32) {
    if group.balance.is_some() {
        put(
            out,
            format_args!("<td class=\"n share\">{}</td>", percent(points)),
        );
    }
}

fn sum_of<'a>(rows: impl IntoIterator<Item = &'a SeenRow>) -> String {
    rows.into_iter()
        .fold("0".to_owned(), |sum, row| add_digits(&sum, &row.digits))
}

fn points_of(group: &SeenGroup) -> Vec<u32> {
    let weights: Vec<u128> = group.rows.iter().map(|row| weight(&row.digits)).collect();
    share_points(&weights, BAR)
}

/// Sums by kind and words, largest first.
fn by_kind(group: &SeenGroup) -> Vec<KindSum<'_>> {
    let mut sums: Vec<KindSum<'_>> = Vec::new();
    for (row, points) in group.rows.iter().zip(points_of(group)) {
        let found = sums
            .iter()
            .position(|sum| sum.kind == row.kind && sum.words == row.kind_words);
        let at = found.unwrap_or_else(|| {
            let (kind, words) = (row.kind, row.kind_words.as_str());
            sums.push(KindSum {
                kind,
                words,
                places: 0,
                digits: "0".to_owned(),
                points: 0,
            });
            sums.len() - 1
        });
        let sum = &mut sums[at];
        sum.places += 1;
        sum.points += points;
        sum.digits = add_digits(&sum.digits, &row.digits);
    }
    sums.sort_by_key(|sum| (Reverse(weight(&sum.digits)), sum.kind, sum.words));
    sums
}

/// The bar: one part per kind, its texture telling the kind, no part invisible.
fn bar(out: &mut String, group: &SeenGroup, sums: &[KindSum<'_>]) {
    let mut words = String::new();
    for sum in sums {
        // Writing to a string cannot fail.
        let _ = write!(words, "; {} {}", html(sum.words), percent(sum.points));
    }
    put(
        out,
        format_args!(
            "<svg class=\"bar\" role=\"img\" width=\"100%\" height=\"36\" aria-label=\"{}{words}\">\n",
            html(&group.unit.symbol)
        ),
    );
    let drawn: Vec<&KindSum<'_>> = sums.iter().filter(|sum| weight(&sum.digits) > 0).collect();
    let count = u32::try_from(drawn.len()).unwrap_or(u32::MAX);
    let reserved = PART_MIN.saturating_mul(count).min(BAR);
    let weights: Vec<u128> = drawn.iter().map(|sum| weight(&sum.digits)).collect();
    let mut x = 0;
    for (sum, extra) in drawn.iter().zip(share_points(&weights, BAR - reserved)) {
        let width = reserved / count.max(1) + extra;
        put(
            out,
            format_args!(
                "<rect class=\"part\" x=\"{}%\" width=\"{}%\" height=\"36\" fill=\"url(#p-{})\"><title>{} {}</title></rect>\n",
                decimal(x),
                decimal(width),
                kind_class(sum.kind),
                html(sum.words),
                percent(sum.points)
            ),
        );
        x += width;
    }
    out.push_str("</svg>\n");
}

fn summary_table(out: &mut String, group: &SeenGroup, sums: &[KindSum<'_>]) {
    let label = format!(
        "{}: where it was last seen, by kind",
        html(&group.unit.symbol)
    );
    let heads = ["What", "Places", "Amount", "Share"];
    let heads = if group.balance.is_some() {
        &heads[..]
    } else {
        &heads[..3]
    };
    open_table(out, "kinds", &label, heads);
    out.push_str("<tbody>\n");
    for sum in sums {
        put(
            out,
            format_args!(
                "<tr><th scope=\"row\"><svg class=\"swatch\" width=\"22\" height=\"14\" aria-hidden=\"true\">\
                 <rect width=\"22\" height=\"14\" fill=\"url(#p-{})\"/></svg>{}{}</th>\
                 <td class=\"n\">{}</td><td class=\"n\">{}</td>",
                kind_class(sum.kind),
                sign(sum.kind),
                html(sum.words),
                sum.places,
                amount(&group.unit.exact(&sum.digits))
            ),
        );
        share_cell(out, group, sum.points);
        out.push_str("</tr>\n");
    }
    put(
        out,
        format_args!(
            "</tbody>\n<tfoot><tr><th scope=\"row\">Total</th><td class=\"n\">{}</td><td class=\"n\">{}</td>",
            group.rows.len(),
            amount(&group.unit.exact(&sum_of(&group.rows)))
        ),
    );
    share_cell(out, group, sums.iter().map(|sum| sum.points).sum());
    out.push_str("</tr></tfoot>\n");
    close_table(out);
}

/// The sentence that sets the total beside what was stolen.
fn balance(out: &mut String, group: &SeenGroup) {
    let show = |digits: &str| {
        format!(
            "{} {}",
            units(digits, group.unit.decimals),
            html(&group.unit.symbol)
        )
    };
    let Some(Balance {
        stolen,
        converted_in,
        converted_out,
    }) = &group.balance
    else {
        out.push_str(
            "<p class=\"note\">This policy marks everything the stolen funds touched. These amounts are a reach: \
             they overlap, and do not add up to what was stolen.</p>\n",
        );
        return;
    };
    let mut words = String::new();
    for (sign, digits, what) in [
        (" + ", stolen, "stolen"),
        (" + ", converted_in, "converted in"),
        (" − ", converted_out, "converted out"),
    ] {
        if weight(digits) > 0 {
            let sign = if words.is_empty() {
                sign.trim_matches([' ', '+'])
            } else {
                sign
            };
            put(&mut words, format_args!("{sign}{} {what}", show(digits)));
        }
    }
    if words.is_empty() {
        words = format!("{} stolen", show("0"));
    }
    let found = sum_of(&group.rows);
    if add_digits(stolen, converted_in) == add_digits(&found, converted_out) {
        put(
            out,
            format_args!(
                "<p class=\"note\">{words} = {}: every unit is accounted for.</p>\n",
                show(&found)
            ),
        );
    } else {
        let verdict = format!(
            "the places above hold {}, so this page does not add up",
            show(&found)
        );
        put(
            out,
            format_args!("<p class=\"note wrong\"><strong>{words}, but {verdict}.</strong></p>\n"),
        );
    }
}

/// The textures of kinds: the same sign in the bar and beside the words, readable in grey.
fn patterns(out: &mut String) {
    const TEXTURES: [(NodeKind, &str); 12] = [
        (NodeKind::Held, r#"<path class="full" d="M0 0h8v8H0Z"/>"#),
        (
            NodeKind::Unspent,
            r#"<path class="full" d="M0 0h8v8H0Z"/><path class="gap" d="M0 4h8"/>"#,
        ),
        (
            NodeKind::Service,
            r#"<path class="line" d="M-2 2 2-2M0 8 8 0M6 10 10 6"/>"#,
        ),
        (NodeKind::Mixer, r#"<path class="line" d="M2 0v8M6 0v8"/>"#),
        (
            NodeKind::Bridge,
            r#"<path class="thin" d="M0 0 8 8M0 8 8 0"/>"#,
        ),
        (
            NodeKind::LastSeen,
            r#"<circle class="thin" cx="4" cy="4" r="2.2"/>"#,
        ),
        (NodeKind::Fee, r#"<path class="thin" d="M0 2h8M0 6h8"/>"#),
        (
            NodeKind::Burn,
            r#"<path class="thin" d="M2 2 6 6M2 6 6 2"/>"#,
        ),
        (
            NodeKind::Unresolved,
            r#"<circle class="full" cx="4" cy="4" r="1.1"/>"#,
        ),
        (NodeKind::Origin, ""),
        (NodeKind::Address, ""),
        (NodeKind::Other, ""),
    ];
    out.push_str("<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>\n");
    for (kind, texture) in TEXTURES {
        put(
            out,
            format_args!(
                "<pattern id=\"p-{}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">\
                 <path class=\"ground\" d=\"M0 0h8v8H0Z\"/>{texture}</pattern>\n",
                kind_class(kind)
            ),
        );
    }
    out.push_str("</defs></svg>\n");
}

fn decimal(points: u32) -> String {
    format!("{}.{:02}", points / 100, points % 100)
}
