//! All lists at once: who of them can be meant by a name or an address.
//!
//! Only the names that an index leads to are compared in full. Everything found is ordered by score, list and entry, so
//! that the answer does not depend on how it was found.

use std::collections::{BTreeMap, BTreeSet};

use super::fold;
use super::hit::sort;
pub use super::hit::{AddressHit, Hit};
use super::index::NameIndex;
pub use super::index::Searcher;
use super::korean::{Korean, NONE};
use super::name::{Prepared, prepare_all};
use super::ofac;
use super::qualifier::Qualifiers;
use super::score::{Comparison, compare};
use super::vocabulary::Place;
use crate::explain;
use crate::lists::entry::{Entry, Quality, Wallet};
use crate::lists::pack::{Stored, Version};
use crate::lists::{Kind, numbers};
use crate::wallet::{self, WalletIndex};

/// The score from which a hit is one, of 100.
pub const THRESHOLD: u8 = 82;
/// What a low-quality alias takes off, in thousandths.
const LOW: u32 = 60;
/// Numbers by which lists cite their entries are not shorter, nor longer.
const NUMBER_MIN: usize = 4;
const NUMBER_MAX: usize = 40;

/// All lists, ready to be asked.
#[derive(Debug, Default)]
pub struct Screen {
    versions: Vec<Version>,
    entries: Vec<Row>,
    names: Vec<NameRow>,
    index: NameIndex,
    documents: BTreeMap<Box<str>, Vec<u32>>,
    /// Entries by the numbers under which lists cite them, their own and those of other lists, in lower case.
    cited: BTreeMap<Box<str>, Vec<u32>>,
    wallets: WalletIndex,
    /// Which entry and which of its addresses a number of `wallets` is.
    holders: Vec<(u32, u32)>,
    korean: Korean,
}

#[derive(Debug)]
struct Row {
    /// The place of its version.
    list: u32,
    stored: Stored,
}

#[derive(Debug)]
struct NameRow {
    entry: u32,
    name: u32,
    prepared: Prepared,
}

impl Screen {
    /// Prepares versions of lists.
    #[must_use]
    pub fn build(lists: Vec<(Version, Vec<Stored>)>) -> Self {
        let mut screen = Self::default();
        for (version, entries) in lists {
            let list = number(screen.versions.len());
            screen.versions.push(version);
            for stored in entries {
                screen.push(list, stored);
            }
        }
        screen.index.finish();
        for row in &mut screen.names {
            let list = screen.entries[row.entry as usize].list;
            weigh(&screen.index, list, &mut row.prepared);
        }
        let wallets: Vec<(&str, &str, u32)> = screen
            .holders
            .iter()
            .zip(0..)
            .map(|((entry, at), number)| {
                let wallet = &screen.entries[*entry as usize].stored.entry.wallets[*at as usize];
                (wallet.code.as_str(), wallet.address.as_str(), number)
            })
            .collect();
        screen.wallets = WalletIndex::build(wallets.into_iter());
        screen
    }

    fn push(&mut self, list: u32, stored: Stored) {
        let entry = number(self.entries.len());
        for (at, name) in stored.entry.names.iter().enumerate() {
            for prepared in prepare_all(&name.text, stored.entry.kind, &self.korean) {
                let place = Place {
                    name: number(self.names.len()),
                    entry,
                    list,
                };
                self.index.push(place, &prepared);
                self.names.push(NameRow {
                    entry,
                    name: number(at),
                    prepared,
                });
            }
        }
        for at in 0..stored.entry.wallets.len() {
            self.holders.push((entry, number(at)));
        }
        for document in &stored.entry.documents {
            for key in numbers::keys(&document.kind, &document.number) {
                let rows = self.documents.entry(key.into()).or_default();
                if rows.last() != Some(&entry) {
                    rows.push(entry);
                }
            }
        }
        for key in citations(&stored.entry) {
            let rows = self.cited.entry(key.into()).or_default();
            if rows.last() != Some(&entry) {
                rows.push(entry);
            }
        }
        self.entries.push(Row { list, stored });
    }

    /// The versions, in the order they were given.
    #[must_use]
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// How many listed names it holds, counting those within others.
    #[must_use]
    pub fn names(&self) -> usize {
        self.names.len()
    }

    /// Every address of the lists: the list, the entry's id, its first name, and the address.
    pub fn listed_addresses(&self) -> impl Iterator<Item = (&str, &str, &str, &Wallet)> {
        self.holders.iter().map(|(entry, at)| {
            let row = &self.entries[*entry as usize];
            let entry = &row.stored.entry;
            let name = entry.names.first().map_or("", |name| name.text.as_str());
            let list = self.versions[row.list as usize].list.as_str();
            (list, entry.id.as_str(), name, &entry.wallets[*at as usize])
        })
    }

    /// Whether an address is listed: the question that is asked millions of times.
    #[must_use]
    pub fn is_listed_address(&self, text: &str) -> bool {
        self.wallets.contains(text)
    }

    /// All hits of a question, an address or a name, from a score on.
    #[must_use]
    pub fn ask(
        &self,
        text: &str,
        qualifiers: &Qualifiers,
        threshold: u8,
        searcher: &mut Searcher,
    ) -> Vec<Hit> {
        if wallet::is_address(text) || self.wallets.is_odd(text) {
            return self.ask_address(text);
        }
        let numbered = self.ask_number(text);
        if !numbered.is_empty() {
            return numbered;
        }
        self.ask_name(text, qualifiers, threshold, searcher)
    }

    /// The entries that an address is listed for.
    #[must_use]
    pub fn ask_address(&self, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        for number in self.wallets.find(text) {
            let (row, at) = self.holders[number as usize];
            let entry = &self.entries[row as usize].stored.entry;
            let wallet = &entry.wallets[at as usize];
            let mut hit = self.hit(row, entry.shown_name(), 100, true);
            hit.why = explain::address(text, wallet);
            hit.address = Some(AddressHit {
                listed: wallet.address.clone(),
                code: wallet.code.clone(),
            });
            hits.push(hit);
        }
        sort(&mut hits);
        hits
    }

    /// The entries that a list cites by a number, and those that it says another list cites by it: `KPe.031`,
    /// `EU.3319.66`.
    #[must_use]
    pub fn ask_number(&self, text: &str) -> Vec<Hit> {
        let text = text.trim();
        let key = text.to_ascii_lowercase();
        let mut hits = Vec::new();
        for row in self.cited.get(key.as_str()).into_iter().flatten() {
            let entry = &self.entries[*row as usize].stored.entry;
            let own = [&entry.id, &entry.reference];
            let mut hit = self.hit(*row, entry.shown_name(), 100, true);
            hit.why
                .push(if own.iter().any(|id| id.eq_ignore_ascii_case(text)) {
                    format!("the list cites this entry by the number {text}")
                } else {
                    format!("the list says that another list cites this entry by the number {text}")
                });
            hits.push(hit);
        }
        sort(&mut hits);
        hits
    }

    /// The entries that can be meant by a name.
    #[must_use]
    pub fn ask_name(
        &self,
        text: &str,
        qualifiers: &Qualifiers,
        threshold: u8,
        searcher: &mut Searcher,
    ) -> Vec<Hit> {
        self.ask_among(text, qualifiers, threshold, |query| {
            self.index.candidates(query, searcher)
        })
    }

    /// The same with every listed name compared, which is slow: what the index must not change.
    #[must_use]
    pub fn ask_every_name(&self, text: &str, qualifiers: &Qualifiers, threshold: u8) -> Vec<Hit> {
        let all: Vec<u32> = (0..).take(self.names.len()).collect();
        self.ask_among(text, qualifiers, threshold, |_| all.clone())
    }

    fn ask_among(
        &self,
        text: &str,
        qualifiers: &Qualifiers,
        threshold: u8,
        mut candidates: impl FnMut(&Prepared) -> Vec<u32>,
    ) -> Vec<Hit> {
        let composed = fold::composed(text);
        let text = &*composed;
        let kind = qualifiers.kind.unwrap_or_default();
        let mut queries = prepare_all(text, kind, &self.korean);
        let least = u32::from(threshold) * 10;
        let mut best: BTreeMap<u32, (u32, u32, Comparison)> = BTreeMap::new();
        for query in &mut queries {
            let mut known = None;
            for number in candidates(query) {
                let row = &self.names[number as usize];
                // Names stand list by list: the words are counted again only where another list begins.
                let list = self.entries[row.entry as usize].list;
                if known != Some(list) {
                    weigh(&self.index, list, query);
                    known = Some(list);
                }
                let comparison = compare(query, &row.prepared, least);
                if comparison.korean.is_some() && self.of_another_surname(query, number) {
                    continue;
                }
                let quality = self.quality(row);
                let off = if quality == Quality::Low { LOW } else { 0 };
                let score = comparison.score.saturating_sub(off);
                let better = best
                    .get(&row.entry)
                    .is_none_or(|(found, ..)| score > *found);
                if better && score / 10 >= u32::from(threshold) {
                    best.insert(row.entry, (score, number, comparison));
                }
            }
        }
        let question = ofac::Question::new(text);
        let mut hits: Vec<Hit> = best
            .into_iter()
            .filter_map(|(row, (score, number, comparison))| {
                self.named(
                    row,
                    number,
                    score,
                    &comparison,
                    qualifiers,
                    &question,
                    threshold,
                )
            })
            .collect();
        self.ask_document(qualifiers, &mut hits);
        sort(&mut hits);
        hits
    }

    #[expect(clippy::too_many_arguments, reason = "all of it is one hit")]
    fn named(
        &self,
        row: u32,
        number: u32,
        score: u32,
        comparison: &Comparison,
        qualifiers: &Qualifiers,
        question: &ofac::Question,
        threshold: u8,
    ) -> Option<Hit> {
        let entry = &self.entries[row as usize].stored.entry;
        let (off, said) = qualifiers.weigh(entry);
        let points = u8::try_from(score.saturating_sub(off) / 10).unwrap_or(100);
        if points < threshold {
            return None;
        }
        let name = &self.names[number as usize];
        let name = &entry.names[name.name as usize];
        let exact = comparison.exact && off == 0 && name.quality != Quality::Low;
        let mut hit = self.hit(row, &name.text, points, exact);
        hit.ofac_score = entry
            .names
            .iter()
            .map(|name| question.score(&name.text))
            .max()
            .unwrap_or(0);
        hit.why = explain::name(comparison, name);
        hit.why.extend(said);
        Some(hit)
    }

    /// An entry by its list and what the list tells it apart by, or cites it by; as a hit of itself.
    #[must_use]
    pub fn entry(&self, list: &str, id: &str) -> Option<Hit> {
        let row = self.entries.iter().position(|row| {
            let entry = &row.stored.entry;
            self.versions[row.list as usize].list == list
                && (entry.id == id || entry.reference == id)
        })?;
        let name = self.entries[row].stored.entry.shown_name();
        let mut hit = self.hit(u32::try_from(row).ok()?, name, 100, true);
        hit.why.push("the case names this entry".to_owned());
        Some(hit)
    }

    /// Entries that a document of the one who is asked for is listed with.
    fn ask_document(&self, qualifiers: &Qualifiers, hits: &mut Vec<Hit>) {
        let asked = qualifiers.document.as_deref().map(numbers::asked);
        let keys = asked.iter().flatten();
        let rows = keys.filter_map(|key| self.documents.get(key.as_str()));
        let rows: BTreeSet<&u32> = rows.flatten().collect();
        for row in rows {
            let entry = &self.entries[*row as usize].stored.entry;
            let why = format!(
                "the document number {} is listed",
                qualifiers.document.as_deref().unwrap_or_default()
            );
            let list = self.entries[*row as usize].list;
            let list = &self.versions[list as usize].list;
            let same = |hit: &&mut Hit| hit.entry == entry.id && hit.list == *list;
            match hits.iter_mut().find(same) {
                Some(hit) => {
                    hit.score = 100;
                    hit.why.push(why);
                }
                None => {
                    let mut hit = self.hit(*row, entry.shown_name(), 100, false);
                    hit.why.push(why);
                    hits.push(hit);
                }
            }
        }
    }

    /// Whether a listed name is a given name alone, and the entry's other names say that the surname is not the
    /// one that is asked for.
    fn of_another_surname(&self, query: &Prepared, number: u32) -> bool {
        let listed = &self.names[number as usize];
        let alone = |prepared: &Prepared| {
            prepared
                .korean
                .iter()
                .any(|reading| reading.surname == NONE)
        };
        if !alone(&listed.prepared) || query.korean.is_empty() || alone(query) {
            return false;
        }
        let first = self.names.partition_point(|row| row.entry < listed.entry);
        let own = self.names[first..]
            .iter()
            .take_while(|row| row.entry == listed.entry);
        let mut surnames = own
            .flat_map(|row| &row.prepared.korean)
            .map(|reading| reading.surname);
        !surnames.any(|surname| {
            query
                .korean
                .iter()
                .any(|reading| reading.surname == surname)
        })
    }

    fn quality(&self, row: &NameRow) -> Quality {
        let entry = &self.entries[row.entry as usize].stored.entry;
        entry.names[row.name as usize].quality
    }

    fn hit(&self, row: u32, name: &str, score: u8, exact: bool) -> Hit {
        let Row { list, stored } = &self.entries[row as usize];
        let version = &self.versions[*list as usize];
        let Entry {
            id,
            reference,
            kind,
            programmes,
            ..
        } = &stored.entry;
        Hit {
            list: version.list.clone(),
            list_date: version.date.clone(),
            list_hash: version.hash.clone(),
            entry: id.clone(),
            reference: reference.clone(),
            entry_hash: stored.hash.clone(),
            kind: kind.word(),
            name: name.to_owned(),
            primary_name: stored.entry.shown_name().to_owned(),
            programmes: programmes.clone(),
            score,
            ofac_score: 0,
            exact,
            why: Vec::new(),
            address: None,
        }
    }
}

fn number(length: usize) -> u32 {
    u32::try_from(length).expect("lists have less than 4 G rows")
}

/// Says of each word of a name in how many entries of a list it stands. What other lists there are says nothing: an entry
/// comes to the same with them and without.
fn weigh(index: &NameIndex, list: u32, name: &mut Prepared) {
    for token in &mut name.tokens {
        token.frequency = index.frequency(list, &token.text);
    }
}

/// Whether a text can be a number by which a list cites an entry.
fn is_citation(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        && (NUMBER_MIN..=NUMBER_MAX).contains(&text.len())
        && !text.contains(char::is_whitespace)
}

/// The numbers by which an entry is cited, in lower case. Where another list's number stands among words (`UN Ref
/// KPi.035`), it is the word.
fn citations(entry: &Entry) -> Vec<String> {
    let own = [entry.id.as_str(), entry.reference.as_str()].into_iter();
    let also = entry.also.iter();
    let also = also.flat_map(|text| text.split([' ', ',', ';', '(', ')']));
    own.chain(also)
        .filter(|text| is_citation(text))
        .map(str::to_ascii_lowercase)
        .collect()
}

/// A name against a name, without lists: what [`Screen::ask_name`] would say if the second were all there is.
#[must_use]
pub fn pair(query: &str, listed: &str, kind: Kind, korean: &Korean) -> Comparison {
    let mut best = Comparison::default();
    let listed = prepare_all(listed, kind, korean);
    for one in prepare_all(query, kind, korean) {
        for other in &listed {
            let found = compare(&one, other, 0);
            if found.score > best.score {
                best = found;
            }
        }
    }
    best
}
