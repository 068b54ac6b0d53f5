//! The freeze clock, for people.

use whither::freeze::FreezeList;

use super::{Side, Table, amount, wrapped};
use crate::style::Style;

/// The requests.
pub fn render(list: &FreezeList, style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "request"),
        (Side::Left, "to"),
        (Side::Left, "state"),
        (Side::Left, "since"),
        (Side::Right, "asked"),
        (Side::Right, "frozen"),
        (Side::Right, "came back"),
        (Side::Right, "first word after"),
        (Side::Right, "answer after"),
        (Side::Right, "open for"),
    ]);
    for row in &list.requests {
        let minutes = |seconds: Option<u64>| {
            seconds
                .map(|it| format!("{} min", it / 60))
                .unwrap_or_default()
        };
        table.row(&[
            row.request.clone(),
            row.to.clone(),
            row.state.to_owned(),
            row.since.clone(),
            row.asked
                .as_ref()
                .map_or_else(|| "all".to_owned(), |asked| amount(&row.asset, asked)),
            amount(&row.asset, &row.frozen),
            amount(&row.asset, &row.recovered),
            minutes(row.acknowledged_after),
            minutes(row.answered_after),
            minutes(row.open_for),
        ]);
        table.row(&["", row.place.as_str()]);
    }
    let mut text = match table.is_empty() {
        true => "  nobody was asked to freeze anything\n".to_owned(),
        false => table.render(style),
    };
    for caveat in &list.caveats {
        text.push_str(&wrapped(
            &format!("  - {}: {}", caveat.kind, caveat.what),
            "    ",
        ));
    }
    text
}
