//! How many claims cannot be read, are withheld, or name a source: counted as they come, since a caveat needs the number
//! and no claim. Each count has a checksum, and all of them together have one, so that none is lost unseen.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::Trouble;
use super::read::{Row, sum_of_text};
use crate::claims::{Body, Claim, Statement};
use crate::marks::Marks;

const UNREADABLE: &str = "unreadable";
const WITHHELD: &str = "withheld";
const SOURCE: &str = "source";

/// Counts of the claims in force of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many cannot be read, by kind.
    pub unreadable: BTreeMap<String, usize>,
    /// How many are withheld, by kind.
    pub withheld: BTreeMap<String, usize>,
    /// How many name each source.
    pub sources: BTreeMap<String, usize>,
}

impl Tally {
    /// Counts claims.
    #[must_use]
    pub fn of(claims: &[Claim]) -> Self {
        let mut tally = Self::default();
        for claim in claims {
            let state = state(&claim.body);
            tally.count(state, claim.body.kind_word(), 1);
            tally.count(
                claim.marks.source.as_ref().map(|_| SOURCE),
                claim.marks.source.as_deref().unwrap_or_default(),
                1,
            );
        }
        tally
    }

    fn count(&mut self, what: Option<&str>, of: &str, claims: usize) {
        let counts = match what {
            Some(UNREADABLE) => &mut self.unreadable,
            Some(WITHHELD) => &mut self.withheld,
            Some(_) => &mut self.sources,
            None => return,
        };
        *counts.entry(of.to_owned()).or_default() += claims;
    }

    /// The counts that an index keeps.
    pub(super) fn read(connection: &Connection) -> Result<Self, Trouble> {
        let mut statement = connection.prepare("SELECT what, claims, sum FROM tallies")?;
        let rows = statement.query_map([], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, i64>(2)?,
            ))
        })?;
        let (mut tally, mut all) = (Self::default(), 0_i64);
        for row in rows {
            let (key, claims, sum) = row?;
            if sum_of(&key, claims) != sum {
                return Err(Trouble::Index);
            }
            all = all.wrapping_add(sum);
            let (what, of) = key.split_once(' ').ok_or(Trouble::Index)?;
            let claims = usize::try_from(claims).map_err(|_| Trouble::Index)?;
            tally.count(Some(what), of, claims);
        }
        if all == sum_of_all(connection)? {
            Ok(tally)
        } else {
            Err(Trouble::Index)
        }
    }
}

fn state(body: &Body) -> Option<&'static str> {
    match body {
        Body::Unreadable { .. } => Some(UNREADABLE),
        Body::Withheld { .. } => Some(WITHHELD),
        _ => None,
    }
}

fn sum_of(key: &str, claims: i64) -> i64 {
    sum_of_text(&[key, &claims.to_string()])
}

/// The checksums of all counts, added up.
fn sum_of_all(connection: &Connection) -> Result<i64, Trouble> {
    let query = "SELECT value FROM meta WHERE key = 'tallies'";
    let found = connection.query_row(query, [], |row| row.get::<_, String>(0));
    let found = found.optional()?.unwrap_or_else(|| "0".to_owned());
    found.parse().map_err(|_| Trouble::Index)
}

/// By how much counts change.
#[derive(Default)]
pub(super) struct Changes(BTreeMap<String, i64>);

impl Changes {
    /// Counts a claim in, or out again, if it stands.
    pub(super) fn add(&mut self, row: &Row, statement: Option<&Statement>, by: i64) {
        if !row.standing {
            return;
        }
        let state = statement.map_or(Some(WITHHELD), |statement| state(&statement.body));
        let source = |marks: &Marks| Some(format!("{SOURCE} {}", marks.source.as_ref()?));
        let source = statement.and_then(|statement| source(&statement.marks));
        for key in state
            .map(|state| format!("{state} {}", row.kind))
            .into_iter()
            .chain(source)
        {
            *self.0.entry(key).or_default() += by;
        }
    }

    pub(super) fn write(&self, connection: &Connection) -> Result<(), Trouble> {
        let mut all = sum_of_all(connection)?;
        for (key, by) in self.0.iter().filter(|(_, by)| **by != 0) {
            let before = connection
                .prepare_cached("SELECT claims, sum FROM tallies WHERE what = ?")?
                .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)));
            let (claims, sum): (i64, i64) = match before.optional()? {
                Some((claims, sum)) if sum_of(key, claims) == sum => (claims, sum),
                Some(_) => return Err(Trouble::Index),
                None => (0, 0),
            };
            let now = claims.checked_add(*by).filter(|now| *now >= 0);
            let now = now.ok_or(Trouble::Index)?;
            all = all.wrapping_sub(sum);
            if now == 0 {
                connection
                    .prepare_cached("DELETE FROM tallies WHERE what = ?")?
                    .execute([key])?;
            } else {
                all = all.wrapping_add(sum_of(key, now));
                connection
                    .prepare_cached("INSERT OR REPLACE INTO tallies VALUES (?, ?, ?)")?
                    .execute(params![key, now, sum_of(key, now)])?;
            }
        }
        connection.execute(
            "INSERT OR REPLACE INTO meta VALUES ('tallies', ?)",
            [all.to_string()],
        )?;
        Ok(())
    }
}
