//! Measures how far assessments can be relied on, in made-up thefts of which the truth is known:
//! `cargo run --release -p whither-casework --example measure_assessment [WORLDS] [SEED]`. The figures stand in
//! `docs/methods/assessment.md`.
#![allow(clippy::unwrap_used)]

#[path = "../tests/it/worlds.rs"]
mod worlds;

use whither_casework::assessment::Word;
use worlds::{SETTINGS, Setting, Tally, per_mille, tally};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| {
        arguments
            .next()
            .map_or(default, |text| text.parse().expect("a whole number"))
    };
    let (count, seed) = (number(10_000), number(1));
    println!("{count} worlds, seed {seed}; percent\n");
    println!(
        "| setting | exact within | true one: mean low | mean high | excluded | \"very likely\" or more: said | true | \"almost certain\": said | true | \"very unlikely\" or less: said | true |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for setting in &SETTINGS {
        println!("{}", row(setting, &tally(setting, count, seed)));
    }
    let plain = tally(&SETTINGS[0], count, seed);
    println!("\n| word | as the low end: said | true | as the high end: said | true |");
    println!("| --- | --- | --- | --- | --- |");
    for word in Word::ALL {
        let of = |words: &std::collections::BTreeMap<Word, (u64, u64)>| {
            words.get(&word).copied().unwrap_or_default()
        };
        let (low, high) = (of(&plain.said), of(&plain.bounded));
        println!(
            "| {} | {} | {} | {} | {} |",
            word.text(),
            low.0,
            percent(low.1, low.0),
            high.0,
            percent(high.1, high.0)
        );
    }
}

fn row(setting: &Setting, tally: &Tally) -> String {
    let hypotheses = tally.worlds * 4;
    let sum = |from: Word| {
        let words = tally.said.iter().filter(|(word, _)| **word >= from);
        words.fold((0, 0), |sum, (_, said)| (sum.0 + said.0, sum.1 + said.1))
    };
    let (likely, certain) = (sum(Word::VeryLikely), sum(Word::AlmostCertain));
    let unlikely = tally
        .bounded
        .iter()
        .filter(|(word, _)| **word <= Word::VeryUnlikely);
    let unlikely = unlikely.fold((0, 0), |sum, (_, said)| (sum.0 + said.0, sum.1 + said.1));
    let mean = |sum: u64| percent(sum / tally.worlds, 1_000_000);
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
        setting.name,
        percent(tally.contained, hypotheses),
        mean(tally.low),
        mean(tally.high),
        percent(tally.excluded, tally.worlds),
        likely.0,
        percent(likely.1, likely.0),
        certain.0,
        percent(certain.1, certain.0),
        unlikely.0,
        percent(unlikely.1, unlikely.0),
    )
}

fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let tenths = per_mille(part, whole);
    format!("{}.{}", tenths / 10, tenths % 10)
}
