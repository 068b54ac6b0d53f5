//! One item of evidence: how likely it is under each hypothesis, held by a cap and by what its source is worth.
//!
//! Two rules keep one item from deciding alone. The cap: no two hypotheses may be told apart by more than the factor
//! of the item's kind. The widening: what comes from a source that is not the best reaches toward "it says
//! nothing". Both are stated in `docs/methods/assessment.md`, and neither can make an item speak louder.
//!
//! All in integers: a likelihood is held in billionths of what it is at large, a low end rounded down and a high end rounded up.

use std::collections::BTreeMap;

use serde::Serialize;

use super::share::Likelihood;
use crate::marks::Confidence;

/// Billionths in a millionth: a likelihood that is written with six places has three more for what is computed.
const FINER: u64 = 1_000;

/// What kind of thing an item is. The kind sets how far one item may tell two hypotheses apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemKind {
    /// A technique of the theft, by its ATT&CK or AADAPT id.
    Technique,
    /// A way of laundering: a typology, the services used, the hours of work.
    Laundering,
    /// Money of this theft and money of another in one pair of hands, by a saved finding.
    Flow,
    /// A server, a domain, an account that both this and other acts used.
    Infrastructure,
    /// Code, a tool or a build that both this and other acts used.
    Malware,
    /// Somebody says who did it: a state, a company, a court.
    Statement,
    /// Somebody says that they did it themselves.
    Admission,
    /// Anything else.
    Other,
}

impl ItemKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Technique,
        Self::Laundering,
        Self::Flow,
        Self::Infrastructure,
        Self::Malware,
        Self::Statement,
        Self::Admission,
        Self::Other,
    ];

    /// As a case writes it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Technique => "technique",
            Self::Laundering => "laundering",
            Self::Flow => "flow",
            Self::Infrastructure => "infrastructure",
            Self::Malware => "malware",
            Self::Statement => "statement",
            Self::Admission => "admission",
            Self::Other => "other",
        }
    }

    /// Reads what a case writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.text() == text)
    }

    /// The largest likelihood ratio that one item of this kind may have between any two hypotheses.
    #[must_use]
    pub fn cap(self) -> u32 {
        match self {
            Self::Technique | Self::Laundering | Self::Statement | Self::Other => 10,
            Self::Infrastructure | Self::Malware | Self::Admission => 30,
            Self::Flow => 100,
        }
    }
}

/// An item of evidence, as it was stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its word within the incident.
    pub id: String,
    /// What it says, for a reader.
    pub statement: String,
    /// What kind of thing it is.
    pub kind: ItemKind,
    /// Who says so: the id of the source.
    pub source: Option<String>,
    /// Where that source has it from, if somewhere else.
    pub upstream: Option<String>,
    /// The group that somebody put it in, because its items depend on one another.
    pub group: Option<String>,
    /// The saved finding that it rests on.
    pub finding: Option<String>,
    /// How good the source is, and how likely what it says.
    pub confidence: Option<Confidence>,
    /// How likely one would see this if a hypothesis were true, by the hypothesis's word. Only the ratios between
    /// hypotheses count; what is not stated counts as one.
    pub likelihoods: BTreeMap<String, Likelihood>,
    /// Why it no longer counts, if the finding it rests on fell.
    pub fallen: Option<String>,
}

/// The likelihood of an item under one hypothesis, in billionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub low: u64,
    pub high: u64,
}

/// An item with its cells as they count, one for each hypothesis in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Weighed {
    pub cells: Vec<Cell>,
    pub capped: bool,
    pub widened: bool,
    /// Hypotheses that it states no likelihood for.
    pub unstated: Vec<usize>,
}

/// How much of an item reaches what it says, in quarters: the lesser of what source and statement are worth.
/// A, 1: all; B, 2: three; C, 3: two; D, 4: one; E, 5: none. What nobody judged (F, 6, no mark) is worth one.
pub(super) fn quarters(confidence: Option<Confidence>) -> u64 {
    let Some(confidence) = confidence else {
        return 1;
    };
    let source = match confidence.reliability() {
        'A' => 4,
        'B' => 3,
        'C' => 2,
        'E' => 0,
        _ => 1,
    };
    let statement = match confidence.credibility() {
        '1' => 4,
        '2' => 3,
        '3' => 2,
        '5' => 0,
        _ => 1,
    };
    source.min(statement)
}

/// The cells of an item as they count.
pub(super) fn weigh(item: &Item, hypotheses: &[String]) -> Weighed {
    let stated = hypotheses
        .iter()
        .map(|id| item.likelihoods.get(id).copied());
    let stated: Vec<Option<Likelihood>> = stated.collect();
    let cell = |likelihood: &Option<Likelihood>| {
        let likelihood = likelihood.unwrap_or(Likelihood::ONE);
        Cell {
            low: likelihood.low() * FINER,
            high: likelihood.high() * FINER,
        }
    };
    let mut weighed = Weighed {
        cells: stated.iter().map(cell).collect(),
        capped: false,
        widened: false,
        unstated: (0..stated.len())
            .filter(|at| stated[*at].is_none())
            .collect(),
    };
    weighed.capped = cap(&mut weighed.cells, u64::from(item.kind.cap()));
    weighed.widened = widen(&mut weighed.cells, quarters(item.confidence));
    weighed
}

/// Raises what lies more than the cap below the highest. No ratio of two cells is then above the cap.
fn cap(cells: &mut [Cell], cap: u64) -> bool {
    let high = highest(cells);
    let mut capped = false;
    for cell in cells {
        let floor = Cell {
            low: high / cap,
            high: high.div_ceil(cap),
        };
        capped |= cell.low < floor.low;
        cell.low = cell.low.max(floor.low);
        cell.high = cell.high.max(floor.high).max(cell.low);
    }
    capped
}

/// Stretches each range toward the neutral likelihood, by the part of the item that is not worth believing.
/// The neutral one lies in the middle between the lowest high end and the highest low end.
fn widen(cells: &mut [Cell], quarters: u64) -> bool {
    let high_min = cells.iter().map(|cell| cell.high).min().unwrap_or(0);
    let low_max = cells.iter().map(|cell| cell.low).max().unwrap_or(0);
    // Doubled, so that the middle stays whole; quarters of it are eighths.
    let neutral = high_min + low_max;
    let toward = |end: u64| quarters * end * 2 + (4 - quarters) * neutral;
    let mut widened = false;
    for cell in cells {
        let low = cell.low.min(toward(cell.low) / 8);
        let high = cell.high.max(toward(cell.high).div_ceil(8));
        widened |= low < cell.low || high > cell.high;
        *cell = Cell { low, high };
    }
    widened
}

/// The highest of all cells.
fn highest(cells: &[Cell]) -> u64 {
    cells.iter().map(|cell| cell.high).max().unwrap_or(1)
}

fn lowest(cells: &[Cell]) -> u64 {
    cells.iter().map(|cell| cell.low).min().unwrap_or(1)
}

/// A likelihood ratio: how well an item tells hypotheses apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratio {
    pub over: u64,
    pub under: u64,
}

impl Ratio {
    fn cross(self, other: Self) -> (u128, u128) {
        (
            u128::from(self.over) * u128::from(other.under),
            u128::from(other.over) * u128::from(self.under),
        )
    }

    /// Whether it is at least a whole number.
    pub fn at_least(self, whole: u64) -> bool {
        u128::from(self.over) >= u128::from(self.under) * u128::from(whole)
    }

    /// In hundredths, rounded down.
    pub fn hundredths(self) -> u64 {
        let hundredths = u128::from(self.over) * 100 / u128::from(self.under.max(1));
        u64::try_from(hundredths).unwrap_or(u64::MAX)
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ratio {}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let (own, theirs) = self.cross(*other);
        own.cmp(&theirs)
    }
}

/// How far the item surely tells the best hypothesis from the worst: highest low end over lowest high end.
/// Not above one, and it may say nothing at all.
pub(super) fn sure(cells: &[Cell]) -> Ratio {
    Ratio {
        over: cells.iter().map(|cell| cell.low).max().unwrap_or(1),
        under: cells.iter().map(|cell| cell.high).min().unwrap_or(1),
    }
}

/// How far it may at most tell two of them apart.
pub(super) fn at_most(cells: &[Cell]) -> Ratio {
    Ratio {
        over: highest(cells),
        under: lowest(cells),
    }
}

#[cfg(test)]
#[path = "item_tests.rs"]
mod tests;
