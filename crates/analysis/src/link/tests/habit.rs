//! Hours at which accounts pay, and how they make their payments.

use super::{ETHER, Knowledge, LIMITS, Link, Links, M, Story, USDT};

/// A coin's tenth, and a gwei, in the smallest unit.
const TENTH: u64 = 100_000_000_000_000_000;
const GWEI: u64 = 1_000_000_000;

/// Who pays when, at which price for gas: by the number of the payment.
type Custom<'c> = &'c dyn Fn(u32) -> (u32, u64);

/// Thefts at 21 and 22, each with fourteen payments to one account; and strangers, who pay each other.
fn story(one: Custom<'_>, other: Custom<'_>, strangers: &[Custom<'_>]) -> (Story, [usize; 2]) {
    let mut story = Story::default();
    let first = story.tell(&[(11, 21, ETHER, 15 * TENTH)]);
    let second = story.tell(&[(12, 22, ETHER, 15 * TENTH)]);
    let mut pay = |from: u8, to: u8, custom: Custom<'_>| {
        for number in 0..14 {
            let (hour, fee) = custom(number);
            story.tell(&[(from, to, ETHER, TENTH + 1)]);
            if fee > 0 {
                story.pay_for(from, fee);
            }
            story.hour(hour);
        }
    };
    pay(21, 31, one);
    pay(22, 32, other);
    for (number, custom) in (100..).zip(strangers) {
        pay(number, 250, *custom);
    }
    (story, [first, second])
}

fn links(one: Custom<'_>, other: Custom<'_>, strangers: &[Custom<'_>]) -> Links {
    let (story, thefts) = story(one, other, strangers);
    story.links(&thefts, &Knowledge::default(), &LIMITS)
}

fn rows(link: &Link) -> Vec<(&str, u64, u64)> {
    let rows = link.evidence.iter();
    rows.map(|row| (row.kind, row.base_rate, row.weight))
        .collect()
}

fn counter(link: &Link) -> Vec<&str> {
    link.counter_evidence.iter().map(|row| row.kind).collect()
}

/// In the morning: two hours of each day.
fn morning(number: u32) -> (u32, u64) {
    (24 * (number / 2) + 8 + number % 2, 0)
}

fn evening(number: u32) -> (u32, u64) {
    (24 * (number / 2) + 20 + number % 2, 0)
}

/// All around the clock.
fn any(number: u32) -> (u32, u64) {
    (24 * (number / 2) + 12 * (number % 2) + 5 * number % 12, 0)
}

#[test]
fn hours_that_few_strangers_keep_weigh_and_are_no_lead_alone() {
    let link = &links(&morning, &morning, &[&any as Custom<'_>; 70]).pairs[0];
    assert_eq!(rows(link), [("timing", 0, 149)], "{link:?}");
    assert_eq!(
        (link.verdict, link.facts, link.falsified_by.len()),
        ("none", 1, 1)
    );
    assert!(link.evidence[0].transactions.len() == 8 && link.evidence[0].address.is_none());
    // Five of seventy do, and fifteen.
    for (count, expected) in [(5, vec![("timing", 5, 82)]), (15, vec![])] {
        let mut strangers: Vec<Custom<'_>> = vec![&any; 70];
        for stranger in strangers.iter_mut().take(count) {
            *stranger = &morning;
        }
        let link = &links(&morning, &morning, &strangers).pairs[0];
        assert_eq!(rows(link), expected, "{link:?}");
    }
}

#[test]
fn other_hours_stand_against_one_hand() {
    let link = &links(&morning, &evening, &[&any as Custom<'_>; 70]).pairs[0];
    assert_eq!(
        (rows(link), counter(link)),
        (vec![], vec!["other-hours"]),
        "{link:?}"
    );
}

#[test]
fn where_strangers_are_few_nothing_weighs_and_that_is_said() {
    let told = |strangers: usize| {
        let links = links(&morning, &morning, &vec![&any as Custom<'_>; strangers]);
        let caveats = links.caveats.iter().map(|caveat| caveat.kind.clone());
        (rows(&links.pairs[0]).len(), caveats.collect::<String>())
    };
    assert_eq!(told(31), (0, "links-habits-unmeasured".to_owned()));
    assert_eq!(told(32), (1, String::new()));
}

/// A burst of payments is one, and three days are too few.
#[test]
fn a_habit_takes_several_hours_on_several_days() {
    let burst = |number: u32| (24 * (number / 4), 0_u64);
    let hurried = |number: u32| (number * 3, 0_u64);
    for custom in [&burst as Custom<'_>, &hurried] {
        let links = links(custom, custom, &[&any as Custom<'_>; 70]);
        assert_eq!(rows(&links.pairs[0]), []);
        assert!(links.caveats.is_empty());
    }
}

/// A price that nobody else names, at hours that say nothing.
#[test]
fn gas_prices_of_its_own_are_a_fingerprint() {
    let price = |gwei: u64| move |number: u32| (any(number).0, 21_000 * gwei * GWEI);
    let market = |number: u32| {
        (
            any(number).0,
            21_000 * (7 * GWEI + 1_001 * u64::from(number)),
        )
    };
    let (seventeen, thirty) = (price(17), price(30));
    let mut strangers: Vec<Custom<'_>> = vec![&market; 70];
    let link = &links(&seventeen, &seventeen, &strangers).pairs[0];
    assert_eq!(rows(link), [("fingerprint", 0, 149)], "{link:?}");
    let link = &links(&seventeen, &market, &strangers).pairs[0];
    assert_eq!((rows(link), counter(link)), (vec![], vec!["other-habits"]));
    // Whole gwei alone are half of the way.
    for stranger in strangers.iter_mut().take(5) {
        *stranger = &thirty;
    }
    let link = &links(&seventeen, &seventeen, &strangers).pairs[0];
    assert_eq!(rows(link), [("fingerprint", 0, 149)], "{link:?}");
    let found = links(&seventeen, &thirty, &strangers);
    let link = &found.pairs[0];
    assert_eq!(rows(link), [("fingerprint", 5, 82)], "{found:?}");
}

/// What all do alike says nothing, for nor against.
#[test]
fn habits_of_everybody_say_nothing() {
    let link = &links(&any, &any, &[&any as Custom<'_>; 70]).pairs[0];
    assert_eq!((rows(link), counter(link)), (vec![], vec![]), "{link:?}");
}

#[test]
fn hours_and_prices_of_one_hand_are_a_lead_together() {
    let own = |number: u32| (morning(number).0, 21_000 * 17 * GWEI);
    let market = |number: u32| {
        (
            any(number).0,
            21_000 * (7 * GWEI + 1_001 * u64::from(number)),
        )
    };
    let (mut story, [one, other]) = story(&own, &own, &[&market as Custom<'_>; 70]);
    let link = story.link([one, other]);
    assert_eq!(
        (link.verdict, link.strength, link.facts),
        ("lead", 298, 2),
        "{link:?}"
    );
    assert_eq!(story.link([other, one]), link);
    // Dust, and tokens that anybody can make, change no habit: of the thefts' accounts and of strangers'.
    for number in 0..200 {
        let spammer = 200 + u8::try_from(number % 40).unwrap();
        let fake = "eip155:1/erc20:0x1111111111111111111111111111111111111111";
        story.tell(&[(21, spammer, fake, M)]);
        story.tell(&[(spammer, 22, fake, M)]);
        story.tell(&[(spammer, 31, USDT, 1)]);
        story.hour(3 + 7 * number);
    }
    let spammed = story.link([one, other]);
    assert_eq!(
        (spammed.strength, spammed.evidence),
        (link.strength, link.evidence)
    );
}

/// What an account paid to which money of both came is of neither.
#[test]
fn an_account_of_both_says_nothing_of_habits() {
    let (mut story, thefts) = story(&any, &any, &[&any as Custom<'_>; 70]);
    for number in 0..14 {
        for own in [31, 32] {
            story.tell(&[(own, 40, ETHER, TENTH + 1)]);
            story.hour(any(number).0);
        }
        story.tell(&[(40, 41, ETHER, 2 * TENTH)]);
        story.hour(morning(number).0);
    }
    let link = story.link(thefts);
    assert!(!rows(&link).iter().any(|row| row.0 == "timing"), "{link:?}");
}
