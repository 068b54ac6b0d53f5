//! Assessments small enough to be computed by hand, and questions that cannot be asked.

use super::*;

fn plain(hypotheses: &[&str], items: Vec<Item>) -> Question {
    let hypotheses = hypotheses.iter();
    Question {
        hypotheses: hypotheses
            .map(|id| Hypothesis {
                id: (*id).to_owned(),
                statement: String::new(),
                prior: None,
            })
            .collect(),
        items,
    }
}

fn stated(id: &str, kind: ItemKind, source: &str, likelihoods: &[(&str, &str, &str)]) -> Item {
    let ranges = likelihoods.iter();
    Item {
        id: id.to_owned(),
        statement: format!("what {id} says"),
        kind,
        source: Some(source.to_owned()),
        upstream: None,
        group: None,
        finding: None,
        confidence: Confidence::parse("A1"),
        likelihoods: ranges
            .map(|(id, low, high)| ((*id).to_owned(), Likelihood::parse(low, high).unwrap()))
            .collect(),
        fallen: None,
    }
}

#[test]
fn two_hypotheses_and_one_item_by_hand() {
    let item = stated(
        "e1",
        ItemKind::Technique,
        "s1",
        &[("a", "0.8", "0.8"), ("b", "0.2", "0.2")],
    );
    let assessed = assess(&plain(&["a", "b"], vec![item])).unwrap();
    let a = &assessed.hypotheses[0];
    // Priors of one quarter to all of the other's rest: 0.25 to 0.75. Low: .25·.8 / (.25·.8 + .75·.2) = 4/7.
    assert_eq!(a.hypothesis, "a");
    assert_eq!(a.prior.to_string(), "0.25 to 0.75");
    assert_eq!(a.posterior.to_string(), "0.571428 to 0.923077");
    assert_eq!(a.words.text(), "between likely and very likely");
    // With the prior at its ends, and where the low end would be even: 0.55·0.2 / (0.55·0.2 + 0.45·0.8) = 0.234.
    assert_eq!(
        a.prior_sensitivity.at_low.to_string(),
        "0.571428 to 0.571429"
    );
    assert_eq!(
        a.prior_sensitivity
            .low_word
            .weaker_below
            .unwrap()
            .to_string(),
        "0.234042"
    );
    assert_eq!(
        a.prior_sensitivity
            .low_word
            .stronger_above
            .unwrap()
            .to_string(),
        "0.5"
    );
    assert_eq!(assessed.inconsistency[0].hypothesis, "a");
    assert_eq!(
        (
            assessed.inconsistency[1].points,
            assessed.inconsistency[1].rank
        ),
        (1, 2)
    );
    assert_eq!(assessed.evidence[0].diagnosticity.sure, "4.00");
    assert_eq!(assessed.carries_most, ["e1"]);
    assert_eq!(assessed.confidence.level, Level::Low);
}

#[test]
fn one_source_behind_several_items_counts_once() {
    let for_a = [("a", "0.8", "0.8"), ("b", "0.2", "0.2")];
    let one = stated("e1", ItemKind::Technique, "vendor", &for_a);
    let mut quoted = stated("e2", ItemKind::Technique, "newspaper", &for_a);
    let apart = assess(&plain(&["a", "b"], vec![one.clone(), quoted.clone()])).unwrap();
    assert_eq!(apart.groups.len(), 2);
    quoted.upstream = Some("vendor".to_owned());
    let joined = assess(&plain(&["a", "b"], vec![one, quoted])).unwrap();
    assert_eq!(joined.groups.len(), 1);
    assert_eq!(joined.groups[0].joined_by, ["source vendor"]);
    assert!(joined.hypotheses[0].posterior.low < apart.hypotheses[0].posterior.low);
}

#[test]
fn items_of_a_group_that_point_apart_are_named() {
    let mut one = stated(
        "e1",
        ItemKind::Flow,
        "s1",
        &[("a", "0.9", "0.9"), ("b", "0.1", "0.1")],
    );
    let mut other = stated(
        "e2",
        ItemKind::Flow,
        "s2",
        &[("a", "0.2", "0.2"), ("b", "0.4", "0.4")],
    );
    one.group = Some("g".to_owned());
    other.group = Some("g".to_owned());
    let assessed = assess(&plain(&["a", "b"], vec![one, other])).unwrap();
    assert_eq!(assessed.groups[0].counts_as, "e1");
    assert_eq!(assessed.caveats[0].kind, "contradiction");
}

#[test]
fn confidence_needs_sources_and_is_no_likelihood() {
    let for_a = [("a", "0.8", "0.8"), ("unknown", "0.1", "0.1")];
    let items =
        (1..=6).map(|at| stated(&format!("e{at}"), ItemKind::Flow, &format!("s{at}"), &for_a));
    let question = plain(&["a", "unknown"], items.collect());
    let high = assess(&question).unwrap();
    assert_eq!(high.confidence.level, Level::High, "{:?}", high.confidence);
    let mut one_voice = question.clone();
    one_voice
        .items
        .iter_mut()
        .for_each(|item| item.source = Some("s1".to_owned()));
    assert_eq!(assess(&one_voice).unwrap().confidence.level, Level::Low);
    // Groups that somebody held apart, and still one voice.
    for item in &mut one_voice.items {
        item.upstream = Some(format!("u-{}", item.id));
    }
    let apart = assess(&one_voice).unwrap();
    assert_eq!(
        (apart.groups.len(), apart.confidence.independent_sources),
        (6, 1)
    );
    let mut poor = question;
    poor.items
        .iter_mut()
        .for_each(|item| item.confidence = Confidence::parse("C3"));
    assert_eq!(assess(&poor).unwrap().confidence.level, Level::Low);
}

#[test]
fn what_cannot_be_asked_is_said() {
    let error = |question: &Question| assess(question).unwrap_err();
    assert!(error(&plain(&["a"], Vec::new())).contains("at least two"));
    assert!(error(&plain(&["a", "a"], Vec::new())).contains("stands twice"));
    let mut priors = plain(&["a", "b"], Vec::new());
    priors.hypotheses[0].prior = Some(Range::parse("0.2", "0.3").unwrap());
    assert!(assess(&priors).is_ok());
    priors.hypotheses[1].prior = Some(Range::parse("0.2", "0.3").unwrap());
    assert!(error(&priors).contains("their high ends sum to less"));
    priors.hypotheses[1].prior = Some(Range::parse("0.9", "1").unwrap());
    assert!(error(&priors).contains("their low ends sum to more"));
    priors.hypotheses[1].prior = None;
    priors.hypotheses[0].prior = Some(Range::parse("1", "1").unwrap());
    assert!(error(&priors).contains("nothing for the others"));
    let items = (0..=ITEMS_MAX).map(|at| stated(&format!("e{at}"), ItemKind::Other, "s", &[]));
    assert!(error(&plain(&["a", "b"], items.collect())).contains("at most"));
    assert_eq!(
        plain(&["a", "b"], Vec::new()).without(&["e1".to_owned()]),
        Err("e1".to_owned())
    );
}

/// The largest question that is allowed, to see that it ends: its weights have some 15,000 bits.
#[test]
fn the_largest_question_is_answered() {
    let names: Vec<String> = (0..HYPOTHESES_MAX).map(|at| format!("h{at:02}")).collect();
    let ids: Vec<&str> = names.iter().map(String::as_str).collect();
    let items = (0..ITEMS_MAX).map(|at| {
        let likelihoods: Vec<(&str, &str, &str)> =
            ids.iter().map(|id| (*id, "0.4", "0.6")).collect();
        stated(
            &format!("e{at:03}"),
            ItemKind::Other,
            &format!("s{at}"),
            &likelihoods,
        )
    });
    let assessed = assess(&plain(&ids, items.collect())).unwrap();
    assert_eq!(assessed.leave_one_out.len(), ITEMS_MAX);
    assert_eq!(assessed.hypotheses[0].posterior.to_string(), "0 to 1");
}
