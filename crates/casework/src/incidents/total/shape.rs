//! The shape of a total, `whither.total/1`: what is printed, field by field.

use serde::Serialize;

use super::Priced;
use crate::incidents::beside::CitedRow;
use crate::incidents::folded::{Decimals, Held};

/// A total (`whither.total/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Total {
    /// `whither.total/1`.
    pub schema: &'static str,
    /// The first day; `None` for no limit.
    pub from: Option<String>,
    /// The last day; `None` for no limit.
    pub to: Option<String>,
    /// The actor that was asked for.
    pub actor: Option<String>,
    /// The sum over the rows: the claimed value of each, or the computed one where none is claimed.
    pub usd: Decimals,
    /// The sum of the claimed values alone.
    pub claimed: Decimals,
    /// The sum of the computed values alone, of all rows that have one.
    pub computed: Decimals,
    /// The part of it that is in `usd`: `claimed` and `counted` add up to it.
    pub counted: Decimals,
    /// The sum with the least that claims say of each row.
    pub min: Decimals,
    /// The sum with the most.
    pub max: Decimals,
    /// What was recovered of it, in dollars as claims say.
    pub recovered: Decimals,
    /// What is frozen of it.
    pub frozen: Decimals,
    /// What was reissued of it.
    pub reissued: Decimals,
    /// `usd` without what was recovered and reissued. What is frozen is still in it.
    pub net: Decimals,
    /// How many incidents lie within the period, with a value or without.
    pub incidents: usize,
    /// The incidents, by date.
    pub rows: Vec<TotalRow>,
    /// By what the sum is broken down.
    pub by: Option<&'static str>,
    /// The parts of the sum.
    pub groups: Vec<Group>,
    /// What others published of a period that overlaps.
    pub cited: Vec<CitedRow>,
    /// Quantities without a price, of incidents that need one or could have one.
    pub unpriced: Vec<Unpriced>,
    /// Incidents of the period without any value.
    pub without_value: Vec<String>,
    /// Incidents whose date lies across an edge of the period; they are not in the sum.
    pub straddling: Vec<Straddling>,
    /// Incidents without a date; they are not in the sum.
    pub undated: Vec<String>,
    /// Incidents that may be one; each counts.
    pub duplicates: Vec<Duplicate>,
    /// What a reader must know before using the total.
    pub caveats: Vec<Caveat>,
}

/// An incident of a total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TotalRow {
    /// Its id.
    pub incident: String,
    /// When, as precisely as is known.
    pub date: Option<String>,
    /// What it is called.
    pub title: Option<String>,
    /// From whom.
    pub victim: Option<String>,
    /// The value that counts; `None` where there is none.
    pub usd: Option<Decimals>,
    /// `claimed`, `computed`, or `both` where claims value some of its assets and prices the others.
    pub basis: Option<&'static str>,
    /// Who gives the value: a source, or where the prices are from.
    pub source: Option<String>,
    /// The claim that is used.
    pub claim: Option<String>,
    /// The least: over what claims say, and over quantities and days where prices count.
    pub min: Option<Decimals>,
    /// The most.
    pub max: Option<Decimals>,
    /// How many different values claims give.
    pub values: usize,
    /// The value that claims give.
    pub claimed: Option<Decimals>,
    /// The value by quantities and prices, over the assets that have a price.
    pub computed: Option<Decimals>,
    /// The part of it that is in `usd`: all of it where nothing is claimed, else of the assets that no claim values.
    pub counted: Option<Decimals>,
    /// The assets, and what each was worth.
    pub assets: Vec<AssetRow>,
    /// What was recovered, in dollars: as claims say, and units at the price of the theft's day.
    pub recovered: Option<Decimals>,
    /// What is frozen.
    pub frozen: Option<Decimals>,
    /// What was reissued.
    pub reissued: Option<Decimals>,
    /// `usd` without what was recovered and reissued.
    pub net: Option<Decimals>,
}

/// An asset that was stolen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssetRow {
    /// How much of what.
    #[serde(flatten)]
    pub held: Held,
    /// What it was worth; `None` where no price is known.
    pub priced: Option<Priced>,
}

/// A part of a total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The source, year, chain or technique.
    pub key: String,
    /// The sum of its rows.
    pub usd: Decimals,
    /// How many incidents.
    pub incidents: usize,
}

/// A quantity without a price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unpriced {
    /// Of which incident.
    pub incident: String,
    /// How much of what.
    #[serde(flatten)]
    pub held: Held,
    /// Why it has none.
    pub why: String,
}

/// An incident whose date lies across an edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Straddling {
    /// Which.
    pub incident: String,
    /// Its date.
    pub date: String,
    /// What it would add.
    pub usd: Option<Decimals>,
}

/// Two incidents that may be one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Duplicate {
    /// Both.
    pub incidents: [String; 2],
    /// Why.
    pub why: String,
    /// What the total would be if they were one: without the smaller value.
    pub total_if_one: Option<Decimals>,
}

/// What a reader must know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Caveat {
    /// A word for what kind of caveat it is.
    pub kind: &'static str,
    /// In a sentence.
    pub what: String,
    /// The incident that it is about.
    pub incident: Option<String>,
}

impl Caveat {
    pub(crate) fn new(kind: &'static str, incident: Option<&str>, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            incident: incident.map(str::to_owned),
        }
    }
}
