//! Exposure, for people.

use std::collections::BTreeSet;

use whither::exposure::{ExposureList, Row};
use whither::page::unit;

use super::{Side, Table, wrapped};
use crate::style::Style;

/// Every row with where it stands: address, direction, asset, what kind of row.
pub fn rows(list: &ExposureList) -> Vec<(&str, &str, &str, &'static str, &Row)> {
    let mut rows = Vec::new();
    for exposure in &list.exposures {
        for side in &exposure.sides {
            for asset in &side.assets {
                let of = (
                    exposure.address.as_str(),
                    side.direction,
                    asset.asset.as_str(),
                );
                let kinds = [
                    ("category", &asset.categories),
                    ("party", &asset.parties),
                    ("nameless", &asset.nameless),
                ];
                for (what, these) in kinds {
                    rows.extend(these.iter().map(|row| (of.0, of.1, of.2, what, row)));
                }
            }
        }
    }
    rows
}

/// Exposures.
pub fn list(list: &ExposureList, style: Style) -> String {
    let mut text = String::new();
    for exposure in &list.exposures {
        let names = match exposure.names.is_empty() {
            true => String::new(),
            false => format!(" ({})", exposure.names.join("; ")),
        };
        let title = whither::text::visible(&format!("{}{names}", exposure.address));
        text.push_str(&format!("{}\n", style.bold(&title)));
        for side in &exposure.sides {
            for asset in &side.assets {
                let unit = unit(&asset.asset);
                let total = asset.totals.iter().map(|total| unit.exact(total));
                let mut totals: Vec<String> = total.collect();
                totals.dedup();
                text.push_str(&format!(
                    "\n{}: {}\n\n",
                    side.direction,
                    totals.join(" or ")
                ));
                let mut table = Table::new(&[
                    (Side::Left, "who"),
                    (Side::Left, "category"),
                    (Side::Right, "hops"),
                    (Side::Right, "share"),
                    (Side::Right, "direct"),
                    (Side::Right, "from"),
                    (Side::Right, "to"),
                    (Side::Right, "any policy from"),
                    (Side::Right, "to"),
                ]);
                for row in asset.parties.iter().chain(&asset.nameless) {
                    let direct = row.direct.first().map(|amount| unit.exact(amount));
                    let direct = direct.filter(|_| row.identity.is_some());
                    table.row(&[
                        row.name
                            .clone()
                            .unwrap_or_else(|| "nobody named".to_owned()),
                        row.category.clone(),
                        row.hops.to_string(),
                        share(row),
                        direct.unwrap_or_default(),
                        unit.exact(&row.low),
                        unit.exact(&row.high),
                        unit.exact(&row.min),
                        unit.exact(&row.max),
                    ]);
                }
                text.push_str(&table.render(style));
            }
        }
        // One sentence may be about many addresses; the other formats tell which.
        let caveats = exposure.caveats.iter();
        let told: BTreeSet<String> = caveats
            .map(|caveat| format!("{}: {}", caveat.kind, caveat.what))
            .collect();
        text.push('\n');
        for sentence in told {
            text.push_str(&wrapped(&format!("  - {sentence}"), "    "));
        }
    }
    text
}

/// A share, or the least and the most.
fn share(row: &Row) -> String {
    let [low, high] = &row.share;
    match low == high {
        true => format!("{low} %"),
        false => format!("{low} to {high} %"),
    }
}
