//! Hits, for people: each with its reasons.

use whither::screening::Screened;
use whither::text::visible;

use super::wrapped;
use crate::style::Style;

/// Each question with its hits.
pub fn render(screened: &Screened, style: Style) -> String {
    let mut text = String::new();
    for answer in &screened.queries {
        let count = super::count(answer.hits.len(), "hit", "hits");
        text.push_str(&format!(
            "{}  {count}\n",
            style.bold(&visible(&answer.query))
        ));
        for hit in &answer.hits {
            let score = if hit.address.is_some() {
                "address".to_owned()
            } else {
                format!("score {}, OFAC's tool {}", hit.score, hit.ofac_score)
            };
            text.push_str(&wrapped(
                &format!(
                    "  {} {} of {}: {} ({score})",
                    hit.list, hit.entry, hit.list_date, hit.primary_name
                ),
                "    ",
            ));
            for why in &hit.why {
                text.push_str(&wrapped(&format!("    - {why}"), "      "));
            }
        }
        text.push('\n');
    }
    let lists: Vec<String> = screened
        .lists
        .iter()
        .map(|list| format!("{} of {}", list.list, list.date))
        .collect();
    text.push_str(&wrapped(
        &format!(
            "Asked: {}; threshold {}.",
            lists.join(", "),
            screened.threshold
        ),
        "  ",
    ));
    for caveat in &screened.caveats {
        text.push_str(&wrapped(&format!("Note: {caveat}"), "  "));
    }
    text
}
