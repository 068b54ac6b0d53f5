//! Whom relations of a case lead to, asked for by one name or address after the other.
//!
//! The case is gone through once, so that the rows of a table can be asked as they come. What was decided is asked of each
//! question by itself, as of any other hit: a decision about one of a name with a date of birth is about no other.
//!
//! Not here: what the case itself answers when it is asked as a whole.

use std::collections::{BTreeMap, BTreeSet};

use whither_casework::Case;
use whither_casework::relations::EntityView;

use super::case::{Through, gather};
use super::decisions::subject;
use super::{Decisions, Qualifiers};
use crate::lists::OpenLists;

/// Whom relations of a case lead to, by everybody and every address that it knows.
#[derive(Clone, Debug, Default)]
pub struct Relations {
    by_subject: BTreeMap<String, Vec<Through>>,
    /// What is to be said of ends that no list that was asked holds.
    unheld: BTreeMap<String, String>,
}

impl Relations {
    /// Asks a case once, so that many questions can be put to it.
    #[must_use]
    pub fn of(case: &Case, lists: &OpenLists, threshold: u8) -> Self {
        let gathered = gather(case, lists, threshold);
        let mut relations = Self {
            by_subject: BTreeMap::new(),
            unheld: gathered.unheld,
        };
        for (row, _) in gathered.rows {
            if row.through.is_empty() {
                continue;
            }
            let mut called: BTreeSet<String> = row.name.iter().map(|name| subject(name)).collect();
            let last = row.subject.rsplit(':').next().unwrap_or_default();
            called.extend([subject(last), subject(&row.subject)]);
            let id = row.subject.strip_prefix("entity:");
            let entity = id.and_then(|id| EntityView::of(case, id));
            let names = entity.iter().flat_map(|view| &view.names);
            called.extend(names.map(|(name, _)| subject(name)));
            for name in called {
                let known = relations.by_subject.entry(name).or_default();
                // Very many addresses may have one label: by its name each end is told once.
                for through in &row.through {
                    if id.is_some() || known.iter().all(|one| one.end != through.end) {
                        known.push(through.clone());
                    }
                }
            }
        }
        relations
    }

    /// Whom they lead to from whoever is called so, or from an address, with what was decided about him and them. `beyond`
    /// is what is said of him and no decision can hold.
    #[must_use]
    pub fn from(
        &self,
        decisions: &Decisions,
        asked: &str,
        (known, beyond): (&Qualifiers, &[String]),
    ) -> Vec<Through> {
        let found = self.by_subject.get(&subject(asked));
        let mut found = found.cloned().unwrap_or_default();
        for through in &mut found {
            let hit = through.hit.as_ref();
            let own = hit.and_then(|judged| decisions.led(asked, (known, beyond), &judged.hit));
            if own.is_some() {
                through.hit = own;
            }
        }
        found
    }

    /// What is to be said of those of them that no list that was asked holds.
    #[must_use]
    pub fn caveats(&self, through: &[Through]) -> Vec<String> {
        let ends = through.iter().map(|one| &one.end);
        ends.filter_map(|end| self.unheld.get(end).cloned())
            .collect()
    }
}
