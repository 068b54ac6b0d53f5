//! A UTXO chain in memory: columns over blocks given in chain order.
//!
//! Resolves each input to the output it spends. A spent output whose transaction is not among the
//! blocks stays an [`OutsideOutput`], with its value where undo data told it. A transaction id that
//! occurs twice (BIP 30) names the later transaction from there on, as consensus has it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::BuildError;
use super::addresses::Addresses;
use crate::address::Address;
use crate::chain::Chain;
use crate::content::{ContentHasher, ContentId};
use crate::coverage::Coverage;
use crate::time::Timestamp;
use crate::transaction_id::TransactionId;
use crate::view::{
    AddressIx, ChainView, Note, OutputIx, OutsideIx, OutsideOutput, Position, Prevout, TxIx,
    UtxoView,
};

/// 21 million coins of 10^8 units: no transaction of a Bitcoin chain moves more.
const SUPPLY_MAX: u128 = 21_000_000 * 100_000_000;

/// All that ever comes into the blocks of a view, so that sums over several origins fit with room to spare.
pub(super) const ENTERING_MAX: u64 = u64::MAX / 4;

/// An output by name: the transaction that made it, and its index there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outpoint {
    /// Transaction id, internal byte order.
    pub txid: [u8; 32],
    /// Index of the output.
    pub vout: u32,
}

/// What undo data tells of an output that was spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideValue {
    /// Value in the smallest unit.
    pub value: u64,
    /// Whose it was, where its script has an address.
    pub owner: Option<Address>,
}

/// One output of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UtxoOutput {
    /// Value in the smallest unit.
    pub value: u64,
    /// Whose it is, where its script has an address.
    pub owner: Option<Address>,
}

/// One transaction of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UtxoTransaction {
    /// Transaction id, internal byte order.
    pub txid: [u8; 32],
    /// What it spends; empty for a coinbase.
    pub inputs: Vec<Outpoint>,
    /// What it makes.
    pub outputs: Vec<UtxoOutput>,
    /// Whether it creates new coins.
    pub coinbase: bool,
}

/// One block of the active chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Block hash, internal byte order.
    pub hash: [u8; 32],
    /// Height, where it is known.
    pub height: Option<u32>,
    /// Header time, seconds since 1970.
    pub time: u32,
    /// Its transactions in order.
    pub transactions: Vec<UtxoTransaction>,
}

/// A UTXO chain in memory.
#[derive(Debug)]
pub struct MemoryUtxo {
    chain: Chain,
    coverage: Vec<Coverage>,
    notes: Vec<Note>,
    content: ContentId,
    blocks: Vec<(Option<u32>, u32)>,
    txids: Vec<[u8; 32]>,
    tx_block: Vec<u32>,
    tx_index: Vec<u32>,
    tx_coinbase: Vec<bool>,
    tx_by_id: HashMap<[u8; 32], Vec<TxIx>>,
    first_output: Vec<u64>,
    first_input: Vec<usize>,
    prevouts: Vec<Prevout>,
    values: Vec<u64>,
    owners: Vec<Option<AddressIx>>,
    creators: Vec<TxIx>,
    spenders: Vec<Option<TxIx>>,
    outside: Vec<OutsideOutput>,
    addresses: Addresses,
    received: Vec<Vec<OutputIx>>,
    /// How many outputs of the view each address spends in it.
    spent_inside: Vec<usize>,
    from_outside: Vec<Vec<(TxIx, OutsideIx)>>,
}

impl MemoryUtxo {
    /// Builds the view from blocks in chain order.
    ///
    /// `outside` tells the value and owner of outputs that these blocks spend but do not hold.
    ///
    /// # Errors
    /// [`BuildError`] where a transaction makes more than it spends, or more than can exist, and where all
    /// that comes into the blocks could not be added up.
    pub fn build(
        chain: Chain,
        blocks: &[Block],
        outside: &BTreeMap<Outpoint, OutsideValue>,
        coverage: Vec<Coverage>,
        mut notes: Vec<Note>,
    ) -> Result<Self, BuildError> {
        notes.sort();
        let coverage = Coverage::canonical(coverage);
        let content = content_id(&chain, blocks, outside, &coverage, &notes);
        let mut view = Self {
            chain,
            coverage,
            notes,
            content,
            blocks: Vec::with_capacity(blocks.len()),
            txids: Vec::new(),
            tx_block: Vec::new(),
            tx_index: Vec::new(),
            tx_coinbase: Vec::new(),
            tx_by_id: HashMap::new(),
            first_output: vec![0],
            first_input: vec![0],
            prevouts: Vec::new(),
            values: Vec::new(),
            owners: Vec::new(),
            creators: Vec::new(),
            spenders: Vec::new(),
            outside: Vec::new(),
            addresses: Addresses::default(),
            received: Vec::new(),
            spent_inside: Vec::new(),
            from_outside: Vec::new(),
        };
        for block in blocks {
            view.push_block(block, outside);
        }
        let mut sum = 0;
        for row in 0..view.txids.len() {
            sum += view.check_sums(TxIx::of(row))?;
            if sum > u128::from(ENTERING_MAX) {
                return Err(BuildError::BeyondCounting { sum });
            }
        }
        Ok(view)
    }

    /// Refuses sums that no chain can have, so that no later sum can overflow.
    ///
    /// Returns what comes into the view by this transaction: new coins, known outputs made outside, and what
    /// it makes beyond all that is known of its inputs.
    fn check_sums(&self, tx: TxIx) -> Result<u128, BuildError> {
        let made: u128 = self
            .outputs(tx)
            .map(|output| u128::from(self.value(OutputIx(output))))
            .sum();
        let known = |prevout: Prevout| match prevout {
            Prevout::Inside(output) => Some(self.value(output)),
            Prevout::Outside(ix) => self.outside[ix.row()].value,
        };
        let spent: u128 = self.inputs(tx).filter_map(known).map(u128::from).sum();
        let transaction = self.transaction_id(tx);
        if made.max(spent) > SUPPLY_MAX {
            return Err(BuildError::BeyondSupply {
                transaction,
                sum: made.max(spent),
            });
        }
        let complete = self.inputs(tx).all(|prevout| known(prevout).is_some());
        if complete && !self.is_coinbase(tx) && made > spent {
            return Err(BuildError::OutputsExceedInputs {
                transaction,
                spent,
                made,
            });
        }
        let outside: u128 = self
            .inputs(tx)
            .filter(|prevout| matches!(prevout, Prevout::Outside(_)))
            .filter_map(known)
            .map(u128::from)
            .sum();
        Ok(outside + made.saturating_sub(spent))
    }

    fn push_block(&mut self, block: &Block, outside: &BTreeMap<Outpoint, OutsideValue>) {
        let block_row = u32::try_from(self.blocks.len()).expect("fewer than 2^32 blocks");
        self.blocks.push((block.height, block.time));
        for (index, transaction) in block.transactions.iter().enumerate() {
            let tx = TxIx::of(self.txids.len());
            self.push_inputs(tx, transaction, outside);
            self.push_outputs(tx, transaction);
            self.txids.push(transaction.txid);
            self.tx_block.push(block_row);
            self.tx_index
                .push(u32::try_from(index).expect("fewer than 2^32 transactions in a block"));
            self.tx_coinbase.push(transaction.coinbase);
            self.tx_by_id.entry(transaction.txid).or_default().push(tx);
        }
    }

    fn push_inputs(
        &mut self,
        tx: TxIx,
        transaction: &UtxoTransaction,
        outside: &BTreeMap<Outpoint, OutsideValue>,
    ) {
        for outpoint in &transaction.inputs {
            let prevout = match self.resolve(outpoint) {
                Some(output) => {
                    self.spenders[output.row()] = Some(tx);
                    if let Some(owner) = self.owners[output.row()] {
                        self.spent_inside[owner.row()] += 1;
                    }
                    Prevout::Inside(output)
                }
                None => Prevout::Outside(self.push_outside(tx, outpoint, outside.get(outpoint))),
            };
            self.prevouts.push(prevout);
        }
        self.first_input.push(self.prevouts.len());
    }

    fn push_outside(
        &mut self,
        tx: TxIx,
        outpoint: &Outpoint,
        known: Option<&OutsideValue>,
    ) -> OutsideIx {
        let ix = OutsideIx::of(self.outside.len());
        let owner = known
            .and_then(|known| known.owner.as_ref())
            .map(|address| self.intern(address));
        if let Some(address) = owner {
            self.from_outside[address.row()].push((tx, ix));
        }
        self.outside.push(OutsideOutput {
            transaction: TransactionId::Bitcoin(outpoint.txid),
            vout: outpoint.vout,
            value: known.map(|known| known.value),
            owner,
            spender: tx,
        });
        ix
    }

    fn push_outputs(&mut self, tx: TxIx, transaction: &UtxoTransaction) {
        for output in &transaction.outputs {
            let ix = OutputIx::of(self.values.len());
            let owner = output.owner.as_ref().map(|address| self.intern(address));
            if let Some(address) = owner {
                self.received[address.row()].push(ix);
            }
            self.values.push(output.value);
            self.owners.push(owner);
            self.creators.push(tx);
            self.spenders.push(None);
        }
        self.first_output
            .push(u64::try_from(self.values.len()).expect("fits"));
    }

    fn intern(&mut self, address: &Address) -> AddressIx {
        let ix = self.addresses.intern(address);
        if ix.row() == self.received.len() {
            self.received.push(Vec::new());
            self.spent_inside.push(0);
            self.from_outside.push(Vec::new());
        }
        ix
    }

    /// The output an outpoint names now: of the latest transaction of that id, if not yet spent.
    fn resolve(&self, outpoint: &Outpoint) -> Option<OutputIx> {
        let tx = *self.tx_by_id.get(&outpoint.txid)?.last()?;
        let range = self.outputs(tx);
        let row = range.start.checked_add(u64::from(outpoint.vout))?;
        let output = OutputIx(row);
        (row < range.end && self.spenders[output.row()].is_none()).then_some(output)
    }
}

/// The content id of a chain of blocks, taken block by block, for views that never have all blocks at once.
#[derive(Clone, Debug)]
pub struct BlocksHasher(ContentHasher);

impl BlocksHasher {
    /// Starts with a chain's name.
    #[must_use]
    pub fn new(chain: &Chain) -> Self {
        let mut hasher = ContentHasher::new("whither.chain/1");
        hasher.line(&chain.to_string());
        Self(hasher)
    }

    /// Adds the next block in chain order; its hash in internal byte order.
    pub fn block(&mut self, height: Option<u32>, hash: [u8; 32]) {
        let height = height.map_or_else(|| "?".to_owned(), |height| height.to_string());
        let hash = TransactionId::Bitcoin(hash);
        self.0.line(&format!("block {height} {hash}"));
    }

    /// The id, once it is known what the blocks spend and do not hold (by outpoint, ascending), what is promised, and what must be said.
    #[must_use]
    pub fn finish(
        mut self,
        chain: &Chain,
        outside: impl Iterator<Item = (Outpoint, OutsideValue)>,
        coverage: &[Coverage],
        notes: &[Note],
    ) -> ContentId {
        for (outpoint, known) in outside {
            let owner = known
                .owner
                .as_ref()
                .map_or_else(String::new, |owner| owner.display(chain));
            let txid = TransactionId::Bitcoin(outpoint.txid);
            self.0.line(&format!(
                "outside {txid}:{} {} {owner}",
                outpoint.vout, known.value
            ));
        }
        for promise in coverage {
            self.0.line(&promise.line(chain));
        }
        self.0.notes(notes);
        self.0.finish()
    }
}

fn content_id(
    chain: &Chain,
    blocks: &[Block],
    outside: &BTreeMap<Outpoint, OutsideValue>,
    coverage: &[Coverage],
    notes: &[Note],
) -> ContentId {
    let mut hasher = BlocksHasher::new(chain);
    for block in blocks {
        hasher.block(block.height, block.hash);
    }
    let outside = outside.iter();
    let outside = outside.map(|(outpoint, known)| (*outpoint, known.clone()));
    hasher.finish(chain, outside, coverage, notes)
}

impl ChainView for MemoryUtxo {
    fn chain(&self) -> &Chain {
        &self.chain
    }

    fn transaction_count(&self) -> usize {
        self.txids.len()
    }

    fn transaction_id(&self, tx: TxIx) -> TransactionId {
        TransactionId::Bitcoin(self.txids[tx.row()])
    }

    fn find_transaction(&self, id: &TransactionId) -> Vec<TxIx> {
        match id {
            TransactionId::Bitcoin(txid) => self.tx_by_id.get(txid).cloned().unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    fn position(&self, tx: TxIx) -> Position {
        let block = usize::try_from(self.tx_block[tx.row()]).expect("a row of this view");
        Position {
            height: self.blocks[block].0,
            index: Some(self.tx_index[tx.row()]),
        }
    }

    fn time(&self, tx: TxIx) -> Timestamp {
        let block = usize::try_from(self.tx_block[tx.row()]).expect("a row of this view");
        Timestamp::from_seconds(i64::from(self.blocks[block].1))
            .expect("32 bits of seconds end in 2106")
    }

    fn address(&self, ix: AddressIx) -> Cow<'_, Address> {
        Cow::Borrowed(self.addresses.get(ix))
    }

    fn find_address(&self, address: &Address) -> Option<AddressIx> {
        self.addresses.find(address)
    }

    fn address_count(&self) -> usize {
        self.addresses.len()
    }

    fn posting_count(&self, address: AddressIx) -> usize {
        let row = address.row();
        self.received[row].len() + self.spent_inside[row] + self.from_outside[row].len()
    }

    fn coverage(&self) -> &[Coverage] {
        &self.coverage
    }

    fn content_id(&self) -> ContentId {
        self.content
    }

    fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl UtxoView for MemoryUtxo {
    fn inputs(&self, tx: TxIx) -> impl ExactSizeIterator<Item = Prevout> {
        let range = self.first_input[tx.row()]..self.first_input[tx.row() + 1];
        self.prevouts[range].iter().copied()
    }

    fn is_coinbase(&self, tx: TxIx) -> bool {
        self.tx_coinbase[tx.row()]
    }

    fn outputs(&self, tx: TxIx) -> std::ops::Range<u64> {
        self.first_output[tx.row()]..self.first_output[tx.row() + 1]
    }

    fn value(&self, output: OutputIx) -> u64 {
        self.values[output.row()]
    }

    fn owner(&self, output: OutputIx) -> Option<AddressIx> {
        self.owners[output.row()]
    }

    fn creator(&self, output: OutputIx) -> TxIx {
        self.creators[output.row()]
    }

    fn spender(&self, output: OutputIx) -> Option<TxIx> {
        self.spenders[output.row()]
    }

    fn outside(&self, ix: OutsideIx) -> OutsideOutput {
        self.outside[ix.row()].clone()
    }

    fn received(&self, address: AddressIx) -> impl ExactSizeIterator<Item = OutputIx> {
        self.received[address.row()].iter().copied()
    }

    fn spent_from_outside(
        &self,
        address: AddressIx,
    ) -> impl ExactSizeIterator<Item = (TxIx, OutsideIx)> {
        self.from_outside[address.row()].iter().copied()
    }

    fn complete_since(&self, tx: TxIx) -> bool {
        let Some(tip) = self.blocks.last() else {
            return false;
        };
        match (self.position(tx).height, tip.0) {
            (Some(height), Some(tip)) => self.coverage.iter().any(|coverage| {
                matches!(coverage, Coverage::Blocks { first: Some(first), last: Some(last), .. }
                    if (*first..=*last).contains(&height) && *last == tip)
            }),
            // A block of unknown height is complete only where it is alone.
            _ => self.blocks.len() == 1,
        }
    }
}
