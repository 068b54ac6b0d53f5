//! The shape of a transaction: who is paid and how much, which is all that a detector sees.

use whither_ledger::view::{AddressIx, OutputIx, Prevout, TxIx, UtxoView};

/// An input or an output that has an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// Whose it is.
    pub owner: AddressIx,
    /// How much, in satoshi. Of an input whose value is not known: `None`.
    pub value: Option<u64>,
}

/// A transaction without its names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Whether it creates new coins.
    pub is_coinbase: bool,
    /// How many inputs there are, those without a known address included.
    pub inputs_count: usize,
    /// The inputs whose address is known.
    pub inputs: Vec<Side>,
    /// The outputs that have an address.
    pub outputs: Vec<Side>,
    /// The values of the outputs that have none: data carriers, bare multisig.
    pub bare_outputs: Vec<u64>,
}

impl Shape {
    /// The shape of a transaction of a view.
    #[must_use]
    pub fn of<V: UtxoView>(view: &V, tx: TxIx) -> Self {
        let inputs = view.inputs(tx);
        let inputs_count = inputs.len();
        let inputs = inputs.filter_map(|prevout| match prevout {
            Prevout::Inside(output) => Some(Side {
                owner: view.owner(output)?,
                value: Some(view.value(output)),
            }),
            Prevout::Outside(ix) => {
                let outside = view.outside(ix);
                Some(Side {
                    owner: outside.owner?,
                    value: outside.value,
                })
            }
        });
        let inputs = inputs.collect();
        let mut bare_outputs = Vec::new();
        let outputs = view.outputs(tx).map(OutputIx).filter_map(|output| {
            let Some(owner) = view.owner(output) else {
                bare_outputs.push(view.value(output));
                return None;
            };
            let value = Some(view.value(output));
            Some(Side { owner, value })
        });
        Self {
            is_coinbase: view.is_coinbase(tx),
            inputs_count,
            inputs,
            outputs: outputs.collect(),
            bare_outputs,
        }
    }
}

/// What several detectors count, counted once.
#[derive(Debug)]
pub(super) struct Sums {
    /// Each value of an output with an address and how many outputs have it, by value.
    pub values: Vec<(u64, usize)>,
    /// How many addresses the inputs have.
    pub owners_in: usize,
    /// How many inputs the address with the most of them has.
    pub top_owner: usize,
    /// Whether no address is paid twice.
    pub outputs_differ: bool,
    /// The sum of all outputs, in satoshi.
    pub total_out: u128,
}

impl Sums {
    pub(super) fn of(shape: &Shape) -> Self {
        let mut values: Vec<u64> = shape.outputs.iter().filter_map(|side| side.value).collect();
        values.sort_unstable();
        let total_out = values.iter().map(|value| u128::from(*value)).sum();
        let owners = runs(sorted(&shape.inputs));
        let paid = runs(sorted(&shape.outputs));
        Self {
            values: runs(values),
            owners_in: owners.len(),
            top_owner: owners.iter().map(|(_, count)| *count).max().unwrap_or(0),
            outputs_differ: paid.iter().all(|(_, count)| *count == 1),
            total_out,
        }
    }

    /// The value that most outputs have within a range, and how many. Of several, the lowest.
    pub(super) fn most_common(&self, range: std::ops::RangeInclusive<u64>) -> Option<(u64, usize)> {
        let within = self
            .values
            .iter()
            .filter(|(value, _)| range.contains(value));
        within
            .copied()
            .max_by_key(|(value, count)| (*count, std::cmp::Reverse(*value)))
    }

    /// How many outputs have a value within a range.
    pub(super) fn count_within(&self, range: &std::ops::RangeInclusive<u64>) -> usize {
        let within = self
            .values
            .iter()
            .filter(|(value, _)| range.contains(value));
        within.map(|(_, count)| count).sum()
    }

    /// Whether one address has more than a tenth of the inputs: a sweep, not a meeting.
    pub(super) fn is_sweep(&self, shape: &Shape) -> bool {
        self.top_owner * 10 > shape.inputs.len()
    }
}

fn sorted(sides: &[Side]) -> Vec<AddressIx> {
    let mut owners: Vec<AddressIx> = sides.iter().map(|side| side.owner).collect();
    owners.sort_unstable();
    owners
}

/// Each value of a sorted list, and how often it stands there.
pub(super) fn runs<T: Copy + PartialEq>(sorted: Vec<T>) -> Vec<(T, usize)> {
    let mut runs: Vec<(T, usize)> = Vec::new();
    for value in sorted {
        match runs.last_mut() {
            Some((last, count)) if *last == value => *count += 1,
            _ => runs.push((value, 1)),
        }
    }
    runs
}
