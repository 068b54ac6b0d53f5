//! What lists say together: another list adds hits and takes none away, nor changes what an entry comes to.

use whither_screening::lists::{Kind, Listing};
use whither_screening::matching::qualifier::Qualifiers;
use whither_screening::matching::screen::{Hit, Screen, Searcher, THRESHOLD};

use crate::support::{data, list, list_of, screen};

fn ask(screen: &Screen, text: &str) -> Vec<Hit> {
    let known = Qualifiers::default();
    screen.ask_name(text, &known, THRESHOLD, &mut Searcher::default())
}

/// Asks all lists together and each alone: of each list the same hits must come.
fn are_as_alone(listings: &[Listing], questions: &[String]) -> usize {
    let all = screen(listings);
    let answers: Vec<Vec<Hit>> = questions.iter().map(|text| ask(&all, text)).collect();
    let mut hits = 0;
    for listing in listings {
        let alone = screen(std::slice::from_ref(listing));
        for (question, together) in questions.iter().zip(&answers) {
            let own = together.iter().filter(|hit| hit.list == listing.list);
            let own: Vec<&Hit> = own.collect();
            let asked = ask(&alone, question);
            assert_eq!(
                own,
                asked.iter().collect::<Vec<&Hit>>(),
                "{question}, {}",
                listing.list
            );
            hits += asked.len();
        }
    }
    hits
}

#[test]
fn another_list_takes_no_hit_away() {
    let published = "id,name,type\n1,GARANTEX EUROPE OU,company\n2,ISLAMIC REVOLUTIONARY GUARD CORPS,company\n\
        3,\"PETROVA, Irina Ivanovna\",person\n";
    // The same entry again, the word by which it is known in several more, and names that make others no misspelling.
    let own = "id,name,type\na,GARANTEX EUROPE OU,company\nb,Garantex Exchange,company\nc,Garantex Academy,company\n\
        d,Garantex Wallets Ltd,company\ne,Revolutionary Guard Choir,company\nf,Islamic Guard of Honour,company\n\
        g,Islamic Revolutionary Front,company\nh,\"PETROVA, Irene\",person\ni,\"SIDOROVA, Irene\",person\n";
    let listings = [
        list_of("published.csv", published.as_bytes()).unwrap(),
        list_of("own.csv", own.as_bytes()).unwrap(),
    ];
    let questions = [
        "Garantex",
        "Garantex Europe",
        "Islamic Revolutionary Guard",
        "Irene Petrova",
        "Irina Petrova",
    ];
    let questions = questions.map(str::to_owned);
    assert!(are_as_alone(&listings, &questions) > 0);
    let hits = ask(&screen(&listings), "Garantex");
    let published = |hit: &Hit| hit.list == "published" && hit.entry == "1";
    assert!(hits.iter().any(published), "{hits:?}");
}

#[test]
fn the_published_lists_say_together_what_each_says_alone() {
    const FOLDER: &str = "sanctions/inoutlists/tests/integration/fixtures";
    let files = [
        "sdn.xml",
        "consolidated.xml",
        "un_consolidated.xml",
        "20240513-FULL-1_1(xsd).xml",
    ];
    let paths = files.map(|name| data(&format!("{FOLDER}/{name}")));
    let paths: Vec<_> = paths.into_iter().flatten().collect();
    if paths.len() != files.len() {
        return;
    }
    let listings: Vec<Listing> = paths.iter().map(|path| list(&[path]).1).collect();
    let mut questions = vec!["Islamic Revolutionary Guard".to_owned()];
    for listing in &listings {
        let organisations = listing
            .entries
            .iter()
            .filter(|listed| listed.entry.kind == Kind::Organisation);
        let names: Vec<&str> = organisations
            .map(|listed| listed.entry.shown_name())
            .filter(|name| name.split_whitespace().count() > 1)
            .collect();
        let step = (names.len() / 50).max(1);
        questions.extend(names.iter().step_by(step).take(50).map(|name| {
            let words: Vec<&str> = name.split_whitespace().collect();
            words[..words.len() - 1].join(" ")
        }));
    }
    assert!(are_as_alone(&listings, &questions) > 100);
}
