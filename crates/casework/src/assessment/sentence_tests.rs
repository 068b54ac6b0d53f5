//! Tests of the check of sentences: nothing stronger than its number, and nothing that is not understood.

#![allow(clippy::unwrap_used)]

use super::*;

fn check(sentence: &str, low: &str, high: &str) -> Checked {
    check_sentence(sentence, Range::parse(low, high).unwrap())
}

fn allowed(sentence: &str, low: &str, high: &str) {
    let checked = check(sentence, low, high);
    assert!(
        checked.allowed,
        "{sentence} at {low} to {high}: {checked:?}"
    );
    assert!(
        checked.may_say.is_empty() && !checked.phrases.is_empty() || sentence.contains("etween")
    );
}

fn refused(sentence: &str, low: &str, high: &str, reason: &str) {
    let checked = check(sentence, low, high);
    assert!(!checked.allowed, "{sentence} at {low} to {high} passed");
    let why = checked.why.join("; ");
    assert!(why.contains(reason), "{sentence} at {low} to {high}: {why}");
    assert!(!checked.may_say.is_empty());
}

const PANEL: &str = "Preliminary analysis, based on the attack vectors and subsequent efforts to launder the illicit \
    proceeds strongly suggests links to the DPRK.";

#[test]
fn the_sentence_of_the_panel_has_a_defined_meaning() {
    allowed(PANEL, "0.81", "0.97");
    allowed(PANEL, "0.96", "0.99");
    refused(
        PANEL,
        "0.79",
        "0.99",
        "`strongly suggests` needs an interval above 80 % throughout",
    );
    refused(PANEL, "0.8", "0.9", "`strongly suggests`");
    let weaker = PANEL.replace("strongly suggests", "suggests");
    allowed(&weaker, "0.56", "0.9");
    allowed(&weaker, "0.96", "0.99");
    refused(
        &weaker,
        "0.5",
        "0.9",
        "`suggests` needs an interval above 55 %",
    );
}

#[test]
fn a_weaker_sentence_passes_and_a_stronger_does_not() {
    for (low, high, words) in [
        ("0.96", "0.99", "almost certain"),
        ("0.82", "0.94", "very likely"),
        ("0.6", "0.7", "likely"),
        ("0.46", "0.54", "roughly even chance"),
        ("0.3", "0.4", "unlikely"),
        ("0.1", "0.15", "very unlikely"),
        ("0.001", "0.02", "almost no chance"),
    ] {
        allowed(&format!("It is {words} that they did it."), low, high);
    }
    allowed("It is likely that they did it.", "0.96", "0.99");
    allowed("It is possible that they did it.", "0.96", "0.99");
    allowed("It is unlikely that they did it.", "0.001", "0.01");
    allowed(
        "It is more likely than not that they did it.",
        "0.51",
        "0.99",
    );
    refused(
        "It is very likely that they did it.",
        "0.6",
        "0.99",
        "above 80 %",
    );
    refused(
        "It is very unlikely that they did it.",
        "0.1",
        "0.3",
        "below 20 % throughout",
    );
    refused(
        "It is possible that they did it.",
        "0.001",
        "0.02",
        "at 5 % or above",
    );
    refused(
        "There is a roughly even chance that they did it.",
        "0.5",
        "0.6",
        "within 45 to 55 %",
    );
    refused(
        "It is more likely than not that they did it.",
        "0.5",
        "0.9",
        "above 50 %",
    );
}

#[test]
fn a_span_is_said_as_it_is() {
    allowed("Between likely and very likely: they did it", "0.6", "0.9");
    allowed(
        "It is between unlikely and almost certain that they did it.",
        "0.3",
        "0.97",
    );
    refused(
        "It is between very likely and almost certain.",
        "0.6",
        "0.97",
        "is not what the number says",
    );
    refused(
        "It is between likely and almost certain.",
        "0.6",
        "0.9",
        "is not what the number says",
    );
}

#[test]
fn negations_boosters_and_certainties_are_not_guessed() {
    for (sentence, reason) in [
        ("The DPRK stole the assets.", "does not say how likely"),
        (
            "It is likely. The DPRK stole the assets.",
            "does not say how likely",
        ),
        (
            "It is likely; the DPRK stole the assets",
            "does not say how likely",
        ),
        (
            "It is certain that the DPRK did it.",
            "`certain` claims certainty",
        ),
        (
            "This likely proves that the DPRK did it.",
            "`proves` claims certainty",
        ),
        (
            "There is no doubt that it is likely.",
            "`doubt` claims certainty",
        ),
        (
            "It is likely, beyond question.",
            "`beyond` claims certainty",
        ),
        ("It is very, very likely.", "`very` changes how strong"),
        ("It is extremely likely.", "`extremely` changes"),
        (
            "It clearly suggests links to the DPRK.",
            "`clearly` changes",
        ),
        (
            "It is likely that the DPRK did not act alone.",
            "`not` turns the sentence round",
        ),
        ("It isn't likely.", "`isn't` turns"),
        ("It isn’t likely.", "`isn’t` turns"),
        ("It is not unlikely.", "`not` turns"),
        ("It is never likely.", "`never` turns"),
        (
            "It is likely with a probability of 99 %.",
            "`99` is a percentage",
        ),
        ("It is likely, at odds of ten to one.", "`odds` changes"),
        (
            "It is likely, with high confidence.",
            "speaks of confidence",
        ),
        ("It is very l\u{200b}ikely.", "imitates others (U+200B)"),
        ("It is likely, and c\u{435}rtain.", "mixes letters"),
        ("It is less likely than not.", "`less` turns"),
        ("It is anything but likely.", "`anything` turns"),
        ("It is un-likely.", "`un` turns"),
        ("It is most likely.", "`most` changes"),
        ("It is likely, ninety-nine per cent.", "`cent` changes"),
        ("It is likely \u{1d41c}\u{1d41e}.", "imitates others"),
        (
            "It is likely.\n\nThe DPRK did it",
            "does not say how likely",
        ),
        ("", "it is empty"),
        ("...", "it is empty"),
    ] {
        refused(sentence, "0.90", "0.94", reason);
    }
    refused(&"likely ".repeat(1_000), "0.9", "0.94", "longer than");
    // Almost certain, and yet no number is certain.
    refused(
        "They certainly did it.",
        "1",
        "1",
        "`certainly` claims certainty",
    );
}

#[test]
fn hedges_in_front_of_not_have_their_own_numbers() {
    allowed("It was almost certainly not an insider.", "0.001", "0.02");
    refused(
        "It was almost certainly not an insider.",
        "0.001",
        "0.06",
        "below 5 % throughout",
    );
    refused(
        "It was almost certainly not an insider.",
        "0.96",
        "0.99",
        "below 5 %",
    );
    allowed("It was probably not an insider.", "0.1", "0.3");
    refused(
        "An insider cannot be ruled out.",
        "0.001",
        "0.01",
        "at 5 % or above",
    );
    allowed("An insider cannot be ruled out.", "0.001", "0.2");
    allowed("Who did it remains open.", "0.001", "0.99");
}

#[test]
fn the_month_of_may_is_no_hedge() {
    refused(
        "In May 2022 the DPRK stole the assets.",
        "0.6",
        "0.9",
        "does not say how likely",
    );
    allowed(
        "The DPRK may have stolen the assets in May 2022.",
        "0.6",
        "0.9",
    );
}

#[test]
fn a_line_that_was_broken_is_one_sentence() {
    allowed("It is likely\nthat they did it.", "0.6", "0.9");
    allowed("They may well have done it.", "0.6", "0.9");
    refused(
        "They may well have done it.",
        "0.5",
        "0.9",
        "`may well` needs",
    );
    allowed("It is as likely as not.", "0.46", "0.54");
}

#[test]
fn a_name_with_a_full_stop_ends_no_sentence() {
    allowed(
        "It is likely that J. Park of the U.S. office was deceived.",
        "0.6",
        "0.7",
    );
    allowed("It is likely that they took 281.5 million.", "0.6", "0.7");
}

#[test]
fn the_hypothesis_itself_is_not_read() {
    let interval = Range::parse("0.6", "0.7").unwrap();
    let about = |sentence, statement| check_sentence_about(sentence, statement, interval).allowed;
    let statement = "An insider acted without help";
    assert!(about("Likely: An insider acted without help.", statement));
    assert!(!about(
        "Very likely: An insider acted without help.",
        statement
    ));
    assert!(!about("Likely: An insider acted without help.", ""));
    // A hypothesis that says how likely it is hides nothing.
    assert!(!about(
        "Likely: It is certain that they did it.",
        "It is certain that they did it"
    ));
    assert!(!about("It is not likely.", "not"));
}

#[test]
fn no_phrase_is_hidden_behind_another() {
    for phrase in PHRASES {
        let read = Read::of(phrase.text);
        assert_eq!(read.phrases, [*phrase], "{phrase:?}");
        assert!(read.loaded.is_empty());
    }
    let mut texts: Vec<&str> = PHRASES.iter().map(|phrase| phrase.text).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), PHRASES.len());
}

/// Whatever the interval, what may be said of it passes, and every other phrase is refused.
#[test]
fn what_may_be_said_is_what_passes() {
    for low in 0..=20 {
        for high in low..=20 {
            let share = |n: u32| super::super::share::Share::of_millionths(n * 50_000);
            let interval = Range::new(share(low), share(high)).unwrap();
            let may = may_say(interval);
            for phrase in PHRASES {
                let allowed = check_sentence(phrase.text, interval).allowed;
                assert_eq!(
                    allowed,
                    may.iter().any(|may| may == phrase.text),
                    "{phrase:?} {interval}"
                );
            }
            let words = Verdict::of(interval).text();
            assert!(check_sentence(&format!("It is {words}."), interval).allowed);
        }
    }
}
