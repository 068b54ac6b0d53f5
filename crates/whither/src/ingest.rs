//! Bringing chain data in: one request, one report (`whither.ingest/1`).
//!
//! The reading and the writing are the chain crate's; here its report takes the shape that scripts call.
//! Progress goes to whoever asks for it and never into the report.

use serde::Serialize;
use whither_ledger::coverage::Coverage;
use whither_ledger::view::Note;

pub use whither_chain::{Format, IngestRequest as Request, Progress, Silent};

use crate::error::Error;
use crate::store::Store;

/// What was brought in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ingested {
    /// `whither.ingest/1`.
    pub schema: &'static str,
    /// CAIP-2.
    pub chain: String,
    /// Blocks of this run.
    pub blocks: u64,
    /// Their transactions, or those of the tables.
    pub transactions: u64,
    /// Their inputs, coinbases left out.
    pub inputs: u64,
    /// Their outputs.
    pub outputs: u64,
    /// Movements that tables tell of.
    pub transfers: u64,
    /// Inputs whose value is not known.
    pub unresolved_inputs: u64,
    /// Paid for inclusion, smallest units; `None` where an input is unresolved, and for tables.
    pub fees: Option<String>,
    /// What of it was destroyed, smallest units; `None` where no source tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burned: Option<String>,
    /// What was passed over.
    pub skipped: Vec<Skipped>,
    /// First and last height that the store now holds.
    pub extent: Extent,
    /// Heights in between that it does not.
    pub gaps: Vec<Extent>,
    /// What the store now promises to be complete.
    pub coverage: Vec<CoverageRow>,
    /// What must be said with every answer from this chain.
    pub notes: Vec<NoteRow>,
    /// Whether the store had all of it already.
    pub unchanged: bool,
}

/// Something that was passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// A file and byte, or a block.
    #[serde(rename = "where")]
    pub place: String,
    /// Why.
    pub why: String,
}

/// Heights, both ends included; `None` where the data has no heights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Extent {
    /// First height.
    pub first: Option<u32>,
    /// Last height.
    pub last: Option<u32>,
}

impl From<whither_chain::Extent> for Extent {
    fn from(extent: whither_chain::Extent) -> Self {
        Self {
            first: Some(extent.first),
            last: Some(extent.last),
        }
    }
}

/// One promise of one data source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CoverageRow {
    /// `blocks`, `addresses` or `rows`.
    pub kind: &'static str,
    /// Whether movements inside contract calls are included.
    pub internal: bool,
    /// First height, or time of the first row.
    pub from: Option<End>,
    /// Last height, or time of the last row.
    pub to: Option<End>,
    /// Whose rows are complete, where addresses are named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
}

/// One end of a promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum End {
    /// A block height.
    Height(u32),
    /// A time, RFC 3339.
    Time(String),
}

/// Something about the data that every answer computed from it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoteRow {
    /// A short stable word.
    pub kind: &'static str,
    /// The sentence.
    pub what: String,
    /// The transaction it is about, if one.
    pub transaction: Option<String>,
}

/// Brings sources into a store.
///
/// # Errors
/// With file and place, or with what does not make sense; the store is then as it was.
pub fn ingest(
    store: &mut Store,
    request: &Request,
    progress: &dyn Progress,
) -> Result<Ingested, Error> {
    let report = whither_chain::ingest(store.inner_mut(), request, progress)?;
    let chain = &report.chain;
    let skipped = |skipped: whither_chain::Skipped| Skipped {
        place: skipped.place,
        why: skipped.why,
    };
    Ok(Ingested {
        schema: "whither.ingest/1",
        chain: chain.to_string(),
        blocks: report.blocks,
        transactions: report.transactions,
        inputs: report.inputs,
        outputs: report.outputs,
        transfers: report.transfers,
        unresolved_inputs: report.unresolved_inputs,
        fees: report.fees.map(|fees| fees.to_string()),
        burned: report.burned.map(|burned| burned.to_string()),
        skipped: report.skipped.into_iter().map(skipped).collect(),
        extent: report.extent.map(Extent::from).unwrap_or_default(),
        gaps: report.gaps.into_iter().map(Extent::from).collect(),
        coverage: report
            .coverage
            .iter()
            .map(|promise| coverage(promise, chain))
            .collect(),
        notes: report.notes.iter().map(note).collect(),
        unchanged: report.unchanged,
    })
}

fn coverage(promise: &Coverage, chain: &whither_ledger::chain::Chain) -> CoverageRow {
    let (from, to) = match promise {
        Coverage::Blocks { first, last, .. } => (first.map(End::Height), last.map(End::Height)),
        Coverage::Addresses { from, to, .. } | Coverage::Rows { from, to } => (
            Some(End::Time(from.to_string())),
            Some(End::Time(to.to_string())),
        ),
    };
    let addresses = match promise {
        Coverage::Addresses { addresses, .. } => addresses
            .iter()
            .map(|address| address.display(chain))
            .collect(),
        Coverage::Blocks { .. } | Coverage::Rows { .. } => Vec::new(),
    };
    CoverageRow {
        kind: promise.kind(),
        internal: promise.internal(),
        from,
        to,
        addresses,
    }
}

fn note(note: &Note) -> NoteRow {
    NoteRow {
        kind: note.kind,
        what: note.what.clone(),
        transaction: note.transaction.as_ref().map(ToString::to_string),
    }
}
