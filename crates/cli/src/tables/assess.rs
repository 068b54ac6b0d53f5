//! An assessment, for people: the hypotheses, what they rest on, what falls, and the sentences.
//!
//! Likelihood and confidence stand in sections of their own: ICD 203 keeps them out of one sentence.

use whither::assess::{
    Assessed, Assessment, Changed, HypothesisOutcome, Range, SentenceRow, Share, Suggestion, Turn,
    Without,
};
use whither::text::visible;

use super::{Side, Table, count, wrapped};
use crate::style::Style;

/// No more phrases than this are listed beside a sentence that was refused.
const PHRASES_SHOWN: usize = 6;

/// All of an assessment.
pub fn render(assessment: &Assessment, style: Style) -> String {
    let assessed = &assessment.assessed;
    let mut text = format!(
        "{}\n",
        style.bold(&format!(
            "Who stood behind {}",
            visible(&assessment.incident)
        ))
    );
    section(
        &mut text,
        style,
        "How likely each hypothesis is",
        &hypotheses(assessed, style),
    );
    section(
        &mut text,
        style,
        "What speaks against each",
        &matrix(assessed, style),
    );
    section(
        &mut text,
        style,
        "Without each item",
        &left_out(assessed, style),
    );
    section(
        &mut text,
        style,
        "What the prior does",
        &priors(assessed, style),
    );
    section(&mut text, style, "Confidence", &confidence(assessed));
    let fallen = assessed.fallen.iter();
    let fallen =
        fallen.map(|item| wrapped(&format!("  - {}: {}", item.evidence, item.why), "    "));
    section(
        &mut text,
        style,
        "Evidence that fell and does not count",
        &fallen.collect::<String>(),
    );
    let sentences: String = assessment.sentences.iter().map(sentence).collect();
    section(&mut text, style, "Sentences", &sentences);
    if let Some(without) = &assessment.without {
        let heading = format!("Without {}", visible(&without.evidence.join(", ")));
        section(&mut text, style, &heading, &what_falls(without, style));
    }
    let caveats = assessed.caveats.iter();
    let caveats = caveats.map(|caveat| wrapped(&format!("  - {}", caveat.what), "    "));
    section(
        &mut text,
        style,
        "To know before using this",
        &caveats.collect::<String>(),
    );
    text
}

/// A heading and what stands under it, unless that is nothing.
fn section(text: &mut String, style: Style, heading: &str, body: &str) {
    if !body.is_empty() {
        text.push_str(&format!("\n{}\n\n{body}", style.bold(heading)));
    }
}

/// A range in percent, rounded outward to a tenth.
fn percent(range: Range) -> String {
    let tenths = |tenths: u32| format!("{}.{}", tenths / 10, tenths % 10);
    let low = range.low.millionths() / 1_000;
    let high = range.high.millionths().div_ceil(1_000);
    format!("{} to {} %", tenths(low), tenths(high))
}

fn hypotheses(assessed: &Assessed, style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "hypothesis"),
        (Side::Right, "prior"),
        (Side::Right, "posterior"),
        (Side::Left, "in words"),
    ]);
    for row in &assessed.hypotheses {
        let prior = percent(row.prior);
        let prior = if row.prior_stated {
            prior
        } else {
            format!("{prior} (not stated)")
        };
        table.row(&[
            &row.hypothesis,
            &prior,
            &percent(row.posterior),
            &row.words.text(),
        ]);
    }
    let statements = assessed.hypotheses.iter();
    let statements =
        statements.map(|row| wrapped(&format!("  - {}: {}", row.hypothesis, row.sentence), "    "));
    format!(
        "{}\n{}",
        table.render(style),
        statements.collect::<String>()
    )
}

/// The matrix of Heuer: items down, hypotheses across, the least inconsistent first.
fn matrix(assessed: &Assessed, style: Style) -> String {
    if assessed.evidence.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[
        (Side::Left, "hypothesis"),
        (Side::Right, "rank"),
        (Side::Right, "points"),
        (Side::Left, "inconsistent with it (II very, I somewhat)"),
    ]);
    for row in &assessed.inconsistency {
        let against = assessed.evidence.iter().filter(|item| item.counts);
        let against = against.filter_map(|item| {
            let mark = item.marks.get(&row.hypothesis)?;
            (mark.points() > 0).then(|| format!("{} {}", item.evidence, mark.text()))
        });
        let against: Vec<String> = against.collect();
        table.row(&[
            &row.hypothesis,
            &row.rank.to_string(),
            &row.points.to_string(),
            &against.join(", "),
        ]);
    }
    let mut items = Table::new(&[
        (Side::Left, "item"),
        (Side::Left, "type"),
        (Side::Left, "tells apart, surely"),
        (Side::Left, "at most"),
        (Side::Left, "worth"),
        (Side::Left, ""),
    ]);
    for item in &assessed.evidence {
        let group = assessed
            .groups
            .iter()
            .find(|group| group.items.contains(&item.evidence));
        let note = match group {
            Some(group) if !item.counts => format!("counts with {}", group.counts_as),
            _ if item.capped => format!("capped at {}", item.cap),
            _ => String::new(),
        };
        items.row(&[
            &item.evidence,
            item.r#type.text(),
            &item.diagnosticity.sure,
            &item.diagnosticity.at_most,
            &format!("{}/4", item.quarters),
            &note,
        ]);
    }
    format!("{}\n{}", table.render(style), items.render(style))
}

fn left_out(assessed: &Assessed, style: Style) -> String {
    let Some(leader) = assessed.hypotheses.first() else {
        return String::new();
    };
    let mut table = Table::new(&[
        (Side::Left, "without"),
        (Side::Right, "posterior of the first"),
        (Side::Left, "in words"),
    ]);
    for row in &assessed.leave_one_out {
        let changed = row
            .hypotheses
            .iter()
            .find(|change| change.hypothesis == leader.hypothesis);
        if let Some(changed) = changed {
            table.row(&[
                &row.without.join(", "),
                &percent(changed.posterior),
                &changed_words(changed),
            ]);
        }
    }
    if table.is_empty() {
        return String::new();
    }
    let most = match assessed.carries_most.as_slice() {
        [] => "  Nothing moves it.\n".to_owned(),
        items => wrapped(&format!("  Most rests on {}.", items.join(", ")), "  "),
    };
    format!("{}\n{most}", table.render(style))
}

fn changed_words(changed: &Changed) -> String {
    let words = changed.words.text();
    if changed.words_change {
        format!("{words} (changed)")
    } else {
        words
    }
}

fn priors(assessed: &Assessed, style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "hypothesis"),
        (Side::Right, "at the low prior"),
        (Side::Right, "at the high prior"),
        (Side::Left, "word of the low end turns at"),
        (Side::Left, "of the high end at"),
    ]);
    for row in &assessed.hypotheses {
        let HypothesisOutcome {
            prior_sensitivity: prior,
            ..
        } = row;
        table.row(&[
            &row.hypothesis,
            &percent(prior.at_low),
            &percent(prior.at_high),
            &turn(prior.low_word),
            &turn(prior.high_word),
        ]);
    }
    table.render(style)
}

fn turn(turn: Turn) -> String {
    let at = |sign: &str, share: Option<Share>| {
        share.map(|share| {
            let hundredths = share.millionths() / 100;
            format!("{sign} {}.{:02} %", hundredths / 100, hundredths % 100)
        })
    };
    let both = [
        at("below", turn.weaker_below),
        at("above", turn.stronger_above),
    ];
    both.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn confidence(assessed: &Assessed) -> String {
    let ground = &assessed.confidence;
    let mut text = wrapped(
        &format!(
            "  {}: {} ({} good), {}.",
            ground.level,
            count(
                ground.independent_sources,
                "independent source",
                "independent sources"
            ),
            ground.good_sources,
            count(ground.assumptions.len(), "assumption", "assumptions"),
        ),
        "  ",
    );
    for items in &ground.decisive {
        text.push_str(&wrapped(
            &format!(
                "  - The words of the first hypothesis hang on {}.",
                items.join(", ")
            ),
            "    ",
        ));
    }
    for assumption in &ground.assumptions {
        text.push_str(&wrapped(&format!("  - Assumed: {assumption}."), "    "));
    }
    text
}

fn sentence(row: &SentenceRow) -> String {
    let stands = if row.stands() { "may stand" } else { "REFUSED" };
    let who = row.author.as_deref().unwrap_or("not recorded");
    let mut text = wrapped(
        &format!("  - {stands} ({}, {who}): {}", row.hypothesis, row.sentence),
        "    ",
    );
    for why in &row.checked.why {
        text.push_str(&wrapped(&format!("      {why}"), "      "));
    }
    if !row.checked.may_say.is_empty() {
        let shown: Vec<&str> = row
            .checked
            .may_say
            .iter()
            .take(PHRASES_SHOWN)
            .map(String::as_str)
            .collect();
        let more = row.checked.may_say.len() - shown.len();
        let more = if more > 0 {
            format!(", and {more} more")
        } else {
            String::new()
        };
        text.push_str(&wrapped(
            &format!("      may be said: {}{more}", shown.join(", ")),
            "      ",
        ));
    }
    text
}

fn what_falls(without: &Without, style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "hypothesis"),
        (Side::Right, "posterior"),
        (Side::Left, "in words"),
    ]);
    for row in &without.hypotheses {
        table.row(&[
            &row.hypothesis,
            &percent(row.posterior),
            &changed_words(row),
        ]);
    }
    let falling: String = without.falling.iter().map(sentence).collect();
    let falling = if falling.is_empty() {
        "  No sentence that stands falls with it.\n".to_owned()
    } else {
        falling
    };
    format!("{}\n{falling}", table.render(style))
}

/// What is offered to begin with.
pub fn suggestion(suggestion: &Suggestion, style: Style) -> String {
    let mut text = format!(
        "{}\n",
        style.bold(&format!("To begin with {}", visible(&suggestion.incident)))
    );
    let mut hypotheses = Table::new(&[
        (Side::Left, "hypothesis"),
        (Side::Left, "statement"),
        (Side::Left, ""),
    ]);
    for row in &suggestion.hypotheses {
        let stated = if row.stated { "stated" } else { "" };
        hypotheses.row(&[
            row.claim.offered.hypothesis,
            row.claim.offered.statement,
            stated,
        ]);
    }
    section(&mut text, style, "Hypotheses", &hypotheses.render(style));
    let mut techniques = Table::new(&[
        (Side::Left, "technique"),
        (Side::Left, "name"),
        (Side::Right, "DPRK groups"),
        (Side::Right, "others"),
        (Side::Left, "likelihoods, to the rate of all"),
    ]);
    for row in &suggestion.techniques {
        let rate = row.base_rate.as_ref();
        let of = |count: u32, of: u32| format!("{count} of {of}");
        techniques.row(&[
            row.technique,
            row.name,
            &rate
                .map(|rate| of(rate.dprk_groups, rate.dprk_of))
                .unwrap_or_default(),
            &rate
                .map(|rate| of(rate.other_groups, rate.other_of))
                .unwrap_or_default(),
            &rate.map_or_else(
                || "no groups are listed".to_owned(),
                |rate| format!("DPRK {}; other {}", rate.dprk, rate.other),
            ),
        ]);
    }
    if !techniques.is_empty() {
        section(&mut text, style, "Techniques", &techniques.render(style));
    }
    let unknown = suggestion
        .unknown
        .iter()
        .map(|why| wrapped(&format!("  - {why}"), "    "));
    section(
        &mut text,
        style,
        "Techniques that no catalogue has",
        &unknown.collect::<String>(),
    );
    let caveats = suggestion
        .caveats
        .iter()
        .map(|caveat| wrapped(&format!("  - {}", caveat.what), "    "));
    section(
        &mut text,
        style,
        "To know before using this",
        &caveats.collect::<String>(),
    );
    text
}
