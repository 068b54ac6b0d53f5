//! Takes blocks in, one after the other in chain order, and matches each input with the output it spends.
//!
//! Every look-up is a place in a file that is mapped anyway, so memory does not grow with the chain. The look-ups
//! of a block are made in rounds, one kind in each round: then they wait for memory together, not one after another.
//!
//! The rules are those of `whither_ledger::memory::MemoryUtxo`: an outpoint names the latest transaction
//! of its id, an output is spent once, and undo data is asked only for what the blocks do not hold.

use whither_ledger::address::Address;
use whither_ledger::memory::{Outpoint, OutsideValue};
use whither_ledger::view::Note;

use super::address::{Addresses, Whole, Written, pointing, whole, written};
use super::column::{OUTSIDE, Rows as _, five, four, index, narrow};
use super::layout::STRIDE;
use super::slots::{Crowded, Place};
use super::writer::{ADDRESSES, Kept, TRANSACTIONS, Writer};
use super::{fail, hash, starts};
use crate::blocks::data::BlockData;
use crate::blocks::settle::{ENTERING_MAX, SumFault, contradictions, double_spend};
use crate::error::SourceError;
use crate::sources::bitcoin::SUPPLY_MAX;
use crate::store::StoreError;

/// No such output among the blocks.
const NONE: u64 = u64::MAX;
/// The value of an outside output that nothing tells.
pub(super) const UNKNOWN: u64 = u64::MAX;
/// The value of an outside output of which two sources tell differently.
pub(super) const DISPUTED: u64 = u64::MAX - 1;

/// What is known of an output that the blocks do not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Nothing.
    Nothing,
    /// Value and owner.
    Told(OutsideValue),
    /// Two sources differ; neither is believed.
    Disputed,
}

/// Tells of outputs that blocks spend and do not hold.
pub(crate) trait Undo {
    /// What the `input`-th of a block's inputs spends.
    fn spent(&mut self, block: &BlockData, input: usize) -> Result<Known, AppendError>;
    /// The outputs of a transaction that it was told of beforehand, to be held against the block that made them.
    fn told_of(&self, txid: [u8; 32]) -> Vec<(u32, OutsideValue)>;
}

/// What a block comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) blocks: u64,
    pub(crate) transactions: u64,
    pub(crate) inputs: u64,
    pub(crate) outputs: u64,
    /// Inputs of unknown value.
    pub(crate) unresolved: u64,
    /// The fees of all transactions whose inputs are known.
    pub(crate) fees: u128,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.transactions += other.transactions;
        self.inputs += other.inputs;
        self.outputs += other.outputs;
        self.unresolved += other.unresolved;
        self.fees += other.fees;
    }
}

/// Why a block cannot be taken in.
#[derive(Debug)]
pub(crate) enum AppendError {
    /// Its sums; and which of its transactions.
    Sum(usize, SumFault),
    /// The files.
    Store(StoreError),
    /// The undo data.
    Source(SourceError),
    /// More than 2^62 satoshi come into the blocks.
    BeyondCounting,
    /// Keys crowd one place of a table, which is named; it must be made again.
    Crowded(&'static str),
}

impl From<StoreError> for AppendError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Lists that one block after the other is worked on in.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    hashes: Vec<u64>,
    candidates: Vec<u32>,
    /// What each input spends: an output, or [`NONE`] and whether its transaction is known.
    outputs: Vec<(u64, bool)>,
    owners: Vec<Option<(Whole, Written, u64)>>,
}

impl Writer {
    /// Takes in the next block.
    pub(crate) fn append(
        &mut self,
        data: &BlockData,
        height: Option<u32>,
        undo: &mut dyn Undo,
    ) -> Result<Tally, AppendError> {
        let outputs = self.counts.outputs + count(data.values.len());
        self.make_room(data)?;
        self.spent.extend(outputs)?;
        self.push_head(data, height);
        let mut scratch = std::mem::take(&mut self.scratch);
        self.push_transactions(data, &mut scratch)?;
        fail::point("after a block's ids are in the table")?;
        self.find_spent(data, &mut scratch);
        self.hash_owners(data, &mut scratch);
        let tally = self.settle(data, undo, &scratch)?;
        self.scratch = scratch;
        self.counts.blocks += 1;
        fail::point("after a block's inputs are settled")?;
        self.columns
            .each()
            .into_iter()
            .try_for_each(|column| column.ease())?;
        Ok(tally)
    }

    fn push_head(&mut self, data: &BlockData, height: Option<u32>) {
        let mut record = [0; super::layout::HEAD];
        let (header, rest) = record.split_at_mut(80);
        header.copy_from_slice(&data.header);
        rest[..4].copy_from_slice(&height.unwrap_or(u32::MAX).to_le_bytes());
        rest[4..8].copy_from_slice(&data.claimed_height.unwrap_or(u32::MAX).to_le_bytes());
        rest[8..].copy_from_slice(&self.counts.to_record());
        self.columns.head.push(&record);
    }

    /// Writes what each transaction is by itself, and puts its id into the table.
    fn push_transactions(
        &mut self,
        data: &BlockData,
        scratch: &mut Scratch,
    ) -> Result<(), AppendError> {
        let crowded = |Crowded| AppendError::Crowded(TRANSACTIONS);
        let seed = self.transactions.shape().seed;
        scratch.hashes.clear();
        let hashes = data
            .txids
            .iter()
            .map(|txid| hash::of_transaction(txid, seed));
        scratch.hashes.extend(hashes);
        let touched = scratch
            .hashes
            .iter()
            .map(|hash| self.transactions.touch(*hash));
        std::hint::black_box(touched.fold(0, |sum, byte| sum ^ byte));
        let (mut outputs, mut inputs) = (self.counts.outputs, self.counts.inputs);
        let first = self.counts.transactions;
        let ends = data.input_ends.iter().zip(&data.output_ends);
        for (((row, txid), hash), (input_end, output_end)) in
            (first..).zip(&data.txids).zip(&scratch.hashes).zip(ends)
        {
            let id = four(row);
            let held = |row: u32| self.columns.tx_id.record(index(u64::from(row))) == txid;
            match self.transactions.find(*hash, held).map_err(crowded)? {
                Place::Empty(at) => self.transactions.put(at, *hash, id),
                Place::Held(_) => {
                    self.transactions.insert(*hash, id).map_err(crowded)?;
                    self.repeated.push(id);
                }
            }
            self.columns.tx_id.push(txid);
            self.push_starts(row, outputs, inputs);
            outputs = self.counts.outputs + count(*output_end);
            inputs = self.counts.inputs + count(*input_end);
            while count(self.columns.out_tx.rows()) * STRIDE < outputs {
                self.columns.out_tx.push(&id.to_le_bytes());
            }
        }
        for value in &data.values {
            self.columns.out_value.push(&narrow(*value));
        }
        Ok(())
    }

    fn push_starts(&mut self, row: u64, outputs: u64, inputs: u64) {
        if row.is_multiple_of(STRIDE) {
            let mut base = [0; 10];
            base[..5].copy_from_slice(&five(outputs));
            base[5..].copy_from_slice(&five(inputs));
            self.columns.tx_base.push(&base);
            let block = four(self.counts.blocks);
            self.columns.tx_block.push(&block.to_le_bytes());
        }
        let base = self.columns.tx_base.record(index(row / STRIDE));
        let (base_outputs, base_inputs) = starts::of_base(base);
        let mut step = [0; 6];
        step[..3].copy_from_slice(&narrow::<3>(outputs - base_outputs));
        step[3..].copy_from_slice(&narrow::<3>(inputs - base_inputs));
        self.columns.tx_step.push(&step);
    }

    /// Finds the output that each input names, whether it is spent already or not.
    fn find_spent(&self, data: &BlockData, scratch: &mut Scratch) {
        let seed = self.transactions.shape().seed;
        let Scratch {
            hashes,
            candidates,
            outputs,
            ..
        } = scratch;
        hashes.clear();
        let spends = &data.spends;
        hashes.extend(
            spends
                .iter()
                .map(|spend| hash::of_transaction(&spend.txid, seed)),
        );
        let touched = hashes.iter().map(|hash| self.transactions.touch(*hash));
        std::hint::black_box(touched.fold(0, |sum, byte| sum ^ byte));
        candidates.clear();
        let mut input = 0;
        for (tx, end) in (four(self.counts.transactions)..).zip(&data.input_ends) {
            for hash in &hashes[input..*end] {
                let first = self.transactions.candidates(*hash, tx).next();
                candidates.push(first.unwrap_or(u32::MAX));
            }
            input = *end;
        }
        let found = candidates.iter().filter(|row| **row != u32::MAX);
        let touched = found.map(|row| {
            let row = index(u64::from(*row));
            self.columns.tx_id.record(row)[0] ^ self.columns.tx_step.record(row)[0]
        });
        std::hint::black_box(touched.fold(0, |sum, byte| sum ^ byte));
        outputs.clear();
        let mut input = 0;
        for (tx, end) in (four(self.counts.transactions)..).zip(&data.input_ends) {
            for place in input..*end {
                let found =
                    self.transaction_of(&spends[place], candidates[place], hashes[place], tx);
                outputs.push(match found {
                    Some(found) => (self.output_of(found, spends[place].vout, data), true),
                    None => (NONE, false),
                });
            }
            input = *end;
        }
        let spent = outputs.iter().filter(|(output, _)| *output != NONE);
        let touched = spent.map(|(output, _)| {
            self.spent.get(*output) ^ u32::from(self.columns.out_value.record(index(*output))[0])
        });
        std::hint::black_box(touched.fold(0, |sum, word| sum ^ word));
    }

    /// The latest transaction of an id before `limit`; `first` is the first candidate.
    fn transaction_of(&self, spend: &Outpoint, first: u32, hash: u64, limit: u32) -> Option<u32> {
        if first == u32::MAX {
            return None;
        }
        let is = |row: u32| *self.columns.tx_id.record(index(u64::from(row))) == spend.txid;
        if self.repeated.is_empty() && is(first) {
            return Some(first);
        }
        let candidates = self.transactions.candidates(hash, limit);
        candidates.filter(|row| is(*row)).last()
    }

    fn output_of(&self, tx: u32, vout: u32, data: &BlockData) -> u64 {
        let tx = u64::from(tx);
        let first = self.first_output(tx);
        let end = match tx + 1 {
            next if next < count(self.columns.tx_step.rows()) => self.first_output(next),
            _ => self.counts.outputs + count(data.values.len()),
        };
        let output = first + u64::from(vout);
        if output < end { output } else { NONE }
    }

    fn first_output(&self, tx: u64) -> u64 {
        starts::first_output(&self.columns.tx_base, &self.columns.tx_step, index(tx))
    }

    fn hash_owners(&self, data: &BlockData, scratch: &mut Scratch) {
        let seed = self.addresses.shape().seed;
        scratch.owners.clear();
        scratch.owners.extend(data.owners.iter().map(|owner| {
            let whole = whole(owner.as_ref()?).expect("a script's address is one of Bitcoin's");
            Some((whole, written(&whole), hash::of_address(&whole, seed)))
        }));
        let hashes = scratch.owners.iter().flatten().map(|(_, _, hash)| hash);
        let touched = hashes.clone().map(|hash| self.addresses.touch(*hash));
        std::hint::black_box(touched.fold(0, |sum, byte| sum ^ byte));
        let known = hashes.filter_map(|hash| self.addresses.candidates(*hash, u32::MAX).next());
        let touched = known.map(|row| self.columns.address.record(index(u64::from(row)))[0]);
        std::hint::black_box(touched.fold(0, |sum, byte| sum ^ byte));
    }

    /// Spends outputs, adds sums up, and writes whose the outputs are.
    fn settle(
        &mut self,
        data: &BlockData,
        undo: &mut dyn Undo,
        scratch: &Scratch,
    ) -> Result<Tally, AppendError> {
        let mut tally = Tally {
            blocks: 1,
            ..Tally::default()
        };
        let (mut input, mut output) = (0, 0);
        for (place, txid) in data.txids.iter().enumerate() {
            let inputs = input..data.input_ends[place];
            let outputs = output..data.output_ends[place];
            (input, output) = (inputs.end, outputs.end);
            let (mut spent, mut outside, mut unresolved) = (0_u64, 0_u64, 0);
            for input in inputs.clone() {
                let value = match self.spend(scratch.outputs[input].0) {
                    Some(value) => Some(value),
                    None => {
                        let known =
                            self.push_outside(data, input, scratch.outputs[input].1, undo)?;
                        outside = outside.saturating_add(known.unwrap_or(0));
                        known
                    }
                };
                unresolved += u64::from(value.is_none());
                spent = spent.saturating_add(value.unwrap_or(0));
            }
            let made: u64 = data.values[outputs.clone()].iter().sum();
            let fault = |fault| AppendError::Sum(place, fault);
            if spent > SUPPLY_MAX {
                return Err(fault(SumFault::BeyondSupply { txid: *txid, spent }));
            }
            if unresolved == 0 && place > 0 {
                let fee = spent.checked_sub(made).ok_or_else(|| {
                    fault(SumFault::OutputsExceedInputs {
                        txid: *txid,
                        spent,
                        made,
                    })
                })?;
                tally.fees += u128::from(fee);
            }
            self.enter(outside + made.saturating_sub(spent))?;
            self.push_owners(&scratch.owners[outputs.clone()])?;
            for note in contradictions(data, place, outputs.clone(), undo) {
                self.note(note);
            }
            self.counts.transactions += 1;
            tally.transactions += 1;
            tally.inputs += count(inputs.len());
            tally.outputs += count(outputs.len());
            tally.unresolved += unresolved;
        }
        self.counts.outputs += count(data.values.len());
        Ok(tally)
    }

    fn enter(&mut self, amount: u64) -> Result<(), AppendError> {
        self.counts.entering = self.counts.entering.saturating_add(amount);
        if self.counts.entering > ENTERING_MAX {
            return Err(AppendError::BeyondCounting);
        }
        Ok(())
    }

    /// Spends an output of the blocks, if it is one that is not spent; gives its value.
    fn spend(&mut self, output: u64) -> Option<u64> {
        if output == NONE || self.spent.get(output) != 0 {
            return None;
        }
        self.spent.set(output, four(self.counts.transactions + 1));
        self.columns.in_prev.push(&five(output));
        self.counts.inputs += 1;
        Some(self.columns.out_value.number(index(output)))
    }

    /// Notes that an input spends an output which the blocks do not hold; gives its value, where it is known.
    fn push_outside(
        &mut self,
        data: &BlockData,
        input: usize,
        held: bool,
        undo: &mut dyn Undo,
    ) -> Result<Option<u64>, AppendError> {
        let outpoint = data.spends[input];
        let spender = *self.columns.tx_id.record(index(self.counts.transactions));
        if held {
            self.note(double_spend(&outpoint, spender));
        }
        let (value, owner) = match undo.spent(data, input)? {
            Known::Nothing => (UNKNOWN, None),
            Known::Disputed => {
                self.note(crate::prevout::dispute(&outpoint));
                (DISPUTED, None)
            }
            Known::Told(told) => (told.value, told.owner),
        };
        let owner = self.owner_of(owner.as_ref())?;
        let mut record = [0; 52];
        record[..32].copy_from_slice(&outpoint.txid);
        record[32..36].copy_from_slice(&outpoint.vout.to_le_bytes());
        record[36..44].copy_from_slice(&value.to_le_bytes());
        record[44..48].copy_from_slice(&owner.to_le_bytes());
        record[48..].copy_from_slice(&four(self.counts.transactions).to_le_bytes());
        self.columns.outside.push(&record);
        self.columns
            .in_prev
            .push(&five(OUTSIDE | self.counts.outside));
        self.counts.outside += 1;
        self.counts.inputs += 1;
        Ok((value < DISPUTED).then_some(value))
    }

    fn note(&mut self, note: Note) {
        let since = self.counts.transactions;
        self.notes.push(Kept { note, since });
    }

    fn push_owners(&mut self, owners: &[Option<(Whole, Written, u64)>]) -> Result<(), AppendError> {
        for owner in owners {
            let id = match owner {
                None => 0,
                Some((whole, written, hash)) => self.intern(whole, written, *hash)?,
            };
            self.columns.out_address.push(&id.to_le_bytes());
        }
        Ok(())
    }

    fn owner_of(&mut self, owner: Option<&Address>) -> Result<u32, AppendError> {
        let Some(whole) = owner.and_then(whole) else {
            return Ok(0);
        };
        let hash = hash::of_address(&whole, self.addresses.shape().seed);
        self.intern(&whole, &written(&whole), hash)
    }

    /// The id of an address plus one; a new one where it is new.
    fn intern(&mut self, whole: &Whole, written: &Written, hash: u64) -> Result<u32, AppendError> {
        let columns = &self.columns;
        let held = Addresses {
            short: &columns.address,
            rest: &columns.address_rest,
            long: &columns.address_long,
        };
        let is = |row: u32| held.is(index(u64::from(row)), whole, written);
        let crowded = |Crowded| AppendError::Crowded(ADDRESSES);
        let at = match self.addresses.find(hash, is).map_err(crowded)? {
            Place::Held(row) => return Ok(row + 1),
            Place::Empty(at) => at,
        };
        match written {
            Written::Short(short) => self.columns.address.push(short),
            Written::Split(short, rest) => {
                self.columns
                    .address
                    .push(&pointing(*short, self.counts.rests));
                self.columns.address_rest.push(rest);
                self.counts.rests += 1;
            }
            Written::Long => {
                self.columns
                    .address
                    .push(&pointing([0; 21], self.counts.longs));
                self.columns.address_long.push(whole);
                self.counts.longs += 1;
            }
        }
        let row = four(self.counts.addresses);
        self.addresses.put(at, hash, row);
        self.counts.addresses += 1;
        Ok(row + 1)
    }
}

/// A length as a count.
pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).expect("memory is addressed by 64 bits")
}
