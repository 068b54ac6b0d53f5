//! Sources: a private record, and what may be said of it in public.
//!
//! A public edition calls a source by its descriptor ("one Member State") and by nothing else: not by its record, nor by
//! free text that somebody typed as a source. A descriptor that fits one source alone tells who it is to whoever knows the
//! case, and that is a warning. It is found by kinds and words; what a reader knows besides cannot be found here.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::said::{Cite, Gathered, Said, rank};
use crate::claims::{Body, Claim};
use crate::import::{plain, slug};
use crate::index::Tally;

/// What is known of the sources of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    all: BTreeMap<String, SourceView>,
    /// How many claims name each as their source.
    cited: BTreeMap<String, usize>,
}

/// A source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SourceView {
    /// Its id.
    pub source: String,
    /// Who it is. Private.
    pub name: Vec<Said<String>>,
    /// What it is: a publication, an agency, a person.
    pub kind: Vec<Said<String>>,
    /// What it may be called in public, the best first.
    pub descriptors: Vec<Said<String>>,
    /// How many claims name it as their source.
    pub claims: usize,
}

/// Something that may give a source away, or that leaves a claim without one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SourceWarning {
    /// `only-source`, `descriptor-tells`, `id-tells`, `no-descriptor`, `unknown-source`.
    pub kind: &'static str,
    /// The source, as claims name it. Private where it is free text.
    pub source: String,
    /// In a sentence.
    pub what: String,
}

#[derive(Default)]
struct Gathering {
    name: Gathered<String>,
    kind: Gathered<String>,
    descriptors: Gathered<String>,
}

impl Sources {
    /// Gathers what claims say of sources, and how many claims name them.
    #[must_use]
    pub fn of(claims: &[Claim]) -> Self {
        Self::counted(claims, Tally::of(claims).sources)
    }

    /// Gathers what claims say of sources, where it is known how many claims of the whole case name each.
    #[must_use]
    pub fn counted(claims: &[Claim], cited: BTreeMap<String, usize>) -> Self {
        let mut all: BTreeMap<String, Gathering> = BTreeMap::new();
        for (place, claim) in claims.iter().enumerate() {
            let rank = rank(claim, place);
            match &claim.body {
                Body::Source(said) => {
                    let gathering = all.entry(said.record.to_string()).or_default();
                    gathering.name.add(&rank, said.name.clone(), claim);
                    if let Some(kind) = &said.kind {
                        gathering.kind.add(&rank, kind.clone(), claim);
                    }
                }
                Body::Descriptor(said) => {
                    let gathering = all.entry(said.of.to_string()).or_default();
                    gathering.descriptors.add(&rank, said.text.clone(), claim);
                }
                _ => {}
            }
        }
        let views = all.into_iter().map(|(source, gathering)| {
            let view = SourceView {
                source: source.clone(),
                name: gathering.name.ordered(),
                kind: gathering.kind.ordered(),
                descriptors: gathering.descriptors.ordered(),
                claims: cited.get(&source).copied().unwrap_or_default(),
            };
            (source, view)
        });
        Self {
            all: views.collect(),
            cited,
        }
    }

    /// The sources that have a record or a descriptor, by their ids.
    pub fn views(&self) -> impl Iterator<Item = &SourceView> {
        self.all.values()
    }

    /// A source.
    #[must_use]
    pub fn get(&self, source: &str) -> Option<&SourceView> {
        self.all.get(source)
    }

    /// What a source may be called in public: its descriptor; `None` where it has none, and then it may not be called
    /// anything. A private name never comes out of here.
    #[must_use]
    pub fn public_name(&self, source: &str) -> Option<&str> {
        let best = self.all.get(source)?.descriptors.first()?;
        Some(best.value.as_str())
    }

    /// For people who work on the case: the name of a source, if there is a record of it.
    #[must_use]
    pub fn private_name(&self, source: &str) -> Option<&str> {
        Some(self.all.get(source)?.name.first()?.value.as_str())
    }

    /// What may give sources away, among those that are used: of all claims, or of a total alone.
    #[must_use]
    pub fn warnings(&self, used: Option<&BTreeSet<String>>) -> Vec<SourceWarning> {
        let counts = |source: &str| used.is_none_or(|used| used.contains(source));
        let views: Vec<&SourceView> = self
            .all
            .values()
            .filter(|view| counts(&view.source))
            .collect();
        let mut warnings: Vec<SourceWarning> = Vec::new();
        for view in &views {
            warnings.extend(of_source(view, &views, within(used)));
        }
        let unknown = self
            .cited
            .iter()
            .filter(|(source, _)| counts(source) && !self.all.contains_key(*source));
        for (source, count) in unknown {
            let names = if *count == 1 {
                "claim names"
            } else {
                "claims name"
            };
            let what = format!(
                "{count} {names} the source {source:?}, which has neither record nor descriptor: a public edition cannot name it"
            );
            warnings.push(SourceWarning {
                kind: "unknown-source",
                source: source.clone(),
                what,
            });
        }
        warnings.sort();
        warnings
    }
}

/// What may give one source away among others.
fn of_source(view: &SourceView, others: &[&SourceView], within: &str) -> Vec<SourceWarning> {
    let id = &view.source;
    let warning = |kind, what: String| SourceWarning {
        kind,
        source: id.clone(),
        what,
    };
    let Some(descriptor) = view.descriptors.first().map(|said| said.value.as_str()) else {
        let what =
            format!("source {id} has no descriptor: a public edition cannot say who says it");
        return vec![warning("no-descriptor", what)];
    };
    let name = view.name.first().map(|said| said.value.as_str());
    // A source that may be called by its name hides nothing.
    if name.is_some_and(|name| plain(name) == plain(descriptor)) {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    if name.is_some_and(|name| holds(descriptor, name)) {
        let what = format!("the descriptor of source {id} holds its private name");
        warnings.push(warning("descriptor-tells", what));
    }
    if name.is_some_and(|name| !slug(name).is_empty() && id.contains(&slug(name))) {
        let what =
            format!("the id {id} holds the source's private name, and stands in other claims");
        warnings.push(warning("id-tells", what));
    }
    if others.iter().filter(|other| same_kind(view, other)).count() == 1 {
        let only = match view.kind.first() {
            Some(kind) => format!(
                "and is the only one of the kind \"{}\" {within}",
                kind.value
            ),
            None => format!("as no other source {within}"),
        };
        let what =
            format!("source {id} is called \"{descriptor}\", {only}: the descriptor identifies it");
        warnings.push(warning("only-source", what));
    }
    warnings
}

fn within(used: Option<&BTreeSet<String>>) -> &'static str {
    if used.is_some() {
        "that is used here"
    } else {
        "in the case"
    }
}

/// Whether a descriptor could mean either source: of one kind, or called alike.
fn same_kind(a: &SourceView, b: &SourceView) -> bool {
    let kind = |view: &SourceView| view.kind.first().map(|said| plain(&said.value));
    let called = |view: &SourceView| view.descriptors.first().map(|said| plain(&said.value));
    match (kind(a), kind(b)) {
        (Some(a), Some(b)) => a == b,
        _ => called(a) == called(b),
    }
}

/// Whether a text holds a name, as whole words.
fn holds(text: &str, name: &str) -> bool {
    let (text, name) = (plain(text), plain(name));
    !name.is_empty() && format!(" {text} ").contains(&format!(" {name} "))
}

/// The sources that cites name.
#[must_use]
pub fn used<'a>(cites: impl Iterator<Item = &'a Cite>) -> BTreeSet<String> {
    cites.filter_map(|cite| cite.source.clone()).collect()
}
