//! Hits, for people: each with its reasons.

use whither::screening::{AskedList, Judged, Screened, ScreenedCase, Through};
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
        answer
            .hits
            .iter()
            .for_each(|judged| text.push_str(&hit(judged)));
        answer.through.iter().for_each(|it| text.push_str(&led(it)));
        text.push('\n');
    }
    text.push_str(&asked(
        &screened.lists,
        screened.threshold,
        &screened.caveats,
    ));
    text
}

/// Whom relations lead to, and how.
fn led(through: &Through) -> String {
    let mut text = wrapped(&format!("  leads to {}", through.end), "    ");
    through
        .hit
        .iter()
        .for_each(|judged| text.push_str(&hit(judged)));
    for path in &through.paths {
        let ends: Vec<&str> = path.ends.iter().map(|end| end.end.as_str()).collect();
        let weakest = &path.weakest;
        let grade = weakest.confidence.as_deref();
        let grade = grade.unwrap_or("no confidence said");
        text.push_str(&wrapped(
            &format!(
                "    by {}; weakest claim {} ({grade})",
                ends.join(" - "),
                weakest.claim
            ),
            "      ",
        ));
    }
    text
}

/// A case with whom it leads to.
pub fn case(screened: &ScreenedCase, style: Style) -> String {
    let mut text = String::new();
    for row in &screened.subjects {
        let name = row.name.as_deref().unwrap_or_default();
        text.push_str(&format!(
            "{}  {}\n",
            style.bold(&visible(&row.subject)),
            visible(name)
        ));
        row.hits
            .iter()
            .for_each(|judged| text.push_str(&hit(judged)));
        row.through.iter().for_each(|it| text.push_str(&led(it)));
        text.push('\n');
    }
    let found = super::count(screened.subjects.len(), "is", "are");
    text.push_str(&wrapped(
        &format!(
            "Of {} persons, organisations and addresses {found} on a list or led to one.",
            screened.asked
        ),
        "  ",
    ));
    text.push_str(&asked(
        &screened.lists,
        screened.threshold,
        &screened.caveats,
    ));
    text
}

fn hit(judged: &Judged) -> String {
    let hit = &judged.hit;
    let score = if hit.address.is_some() {
        "address".to_owned()
    } else {
        format!("score {}, OFAC's tool {}", hit.score, hit.ofac_score)
    };
    let mut text = wrapped(
        &format!(
            "  {} {} of {}: {} ({score})",
            hit.list, hit.entry, hit.list_date, hit.primary_name
        ),
        "    ",
    );
    for why in &hit.why {
        text.push_str(&wrapped(&format!("    - {why}"), "      "));
    }
    if let Some(decided) = &judged.decision {
        let note = decided.note.as_ref().map(|note| format!("; {note}"));
        text.push_str(&wrapped(
            &format!(
                "    decided {} by {} on {}: {}{}",
                decided.decision.word(),
                decided.by,
                decided.time,
                decided.why,
                note.unwrap_or_default()
            ),
            "      ",
        ));
    }
    text
}

fn asked(lists: &[AskedList], threshold: u8, caveats: &[String]) -> String {
    let mut text = String::new();
    let lists: Vec<String> = lists
        .iter()
        .map(|list| format!("{} of {}", list.list, list.date))
        .collect();
    text.push_str(&wrapped(
        &format!("Asked: {}; threshold {}.", lists.join(", "), threshold),
        "  ",
    ));
    for caveat in caveats {
        text.push_str(&wrapped(&format!("Note: {caveat}"), "  "));
    }
    text
}
