//! An account chain in memory: rows of one or several tables become transactions, legs and holdings.
//!
//! One transfer told by two tables is one transfer; where they disagree, a note says so (law 17).
//! Opening balances are the least that explain the rows (law 6).

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use ruint::aliases::U256;

use super::addresses::Addresses;
use super::legs::effective_rows;
use super::merge::{self, MergedTransaction};
use super::merged::Merged;
use super::tables::{BlockFact, Facts, RowKind, TableRow, TableSource, TokenFact};
use crate::address::Address;
use crate::amount::Amount as _;
use crate::asset::Asset;
use crate::chain::Chain;
use crate::content::ContentId;
use crate::coverage::Coverage;
use crate::time::Timestamp;
use crate::transaction_id::TransactionId;
use crate::view::{
    AccountKind, AccountView, AddressIx, AssetIx, ChainView, Destination, HoldingIx, Leg, Note,
    Position, Posting, TxIx, ZeroTransfer,
};

/// An account chain in memory.
#[derive(Debug)]
pub struct MemoryAccounts {
    chain: Chain,
    coverage: Vec<Coverage>,
    /// Whether each promise reaches to the end of the view.
    reaches_end: Vec<bool>,
    notes: Vec<Note>,
    content: ContentId,
    transactions: Vec<Transaction>,
    by_id: HashMap<TransactionId, Vec<TxIx>>,
    addresses: Addresses,
    assets: Vec<Asset>,
    beyond: BTreeSet<Asset>,
    holdings: Vec<(AddressIx, AssetIx)>,
    by_holding: HashMap<(AddressIx, AssetIx), HoldingIx>,
    of_address: Vec<Vec<HoldingIx>>,
    postings: Vec<Vec<Posting>>,
    balances: Vec<Vec<U256>>,
    openings: Vec<U256>,
    zero_transfers: Vec<ZeroTransfer>,
    /// By address: whether it has paid gas.
    payers: Vec<bool>,
    facts: Facts,
}

#[derive(Debug)]
struct Transaction {
    id: TransactionId,
    height: Option<u32>,
    index: Option<u32>,
    time: Timestamp,
    legs: Vec<Leg>,
    ordered: bool,
    claimed: bool,
}

impl MemoryAccounts {
    /// Builds the view from all tables of one chain, in any order.
    ///
    #[must_use]
    pub fn build(chain: Chain, sources: &[TableSource]) -> Self {
        Self::build_with_claims(chain, sources, &[])
    }

    /// The same, with transfers that the case claims and no table tells: an internal transfer that an
    /// export leaves out. One that a table does tell with its transaction id is the table's, and the claim
    /// changes nothing. One that a table tells without transaction ids cannot be known to be the same: both
    /// are kept, and a note `claim-beside-rows` says so.
    ///
    /// The content id is that of the tables alone.
    #[must_use]
    pub fn build_with_claims(chain: Chain, sources: &[TableSource], claims: &[TableRow]) -> Self {
        let merged = Merged::of(&chain, sources, claims);
        let mut assets: Vec<Asset> = merged
            .transactions
            .iter()
            .flat_map(|transaction| transaction.rows.iter().map(|row| row.asset.clone()))
            .collect();
        assets.sort();
        assets.dedup();
        let mut view = Self {
            reaches_end: merged.ends.reached_by(&merged.coverage),
            coverage: merged.coverage,
            notes: merged.notes,
            content: merged.content,
            transactions: Vec::with_capacity(merged.transactions.len()),
            by_id: HashMap::new(),
            addresses: Addresses::default(),
            assets,
            beyond: merged.beyond,
            holdings: Vec::new(),
            by_holding: HashMap::new(),
            of_address: Vec::new(),
            postings: Vec::new(),
            balances: Vec::new(),
            openings: Vec::new(),
            zero_transfers: Vec::new(),
            payers: Vec::new(),
            facts: merged.facts,
            chain,
        };
        for transaction in &merged.transactions {
            view.push(transaction);
        }
        view.settle();
        view
    }

    fn push(&mut self, merged: &MergedTransaction) {
        let tx = TxIx::of(self.transactions.len());
        self.push_zero_transfers(tx, merged);
        let (rows, ordered) = effective_rows(&self.chain, merged, &self.beyond);
        let mut legs = Vec::with_capacity(rows.len());
        for (number, row) in rows {
            let leg = self.leg(row, number);
            let place = Posting {
                tx,
                leg: u32::try_from(legs.len()).expect("fewer than 2^32 legs"),
            };
            for holding in [leg.from, destination_holding(leg.to)]
                .into_iter()
                .flatten()
            {
                self.postings[holding.row()].push(place);
            }
            legs.push(leg);
        }
        self.by_id.entry(merged.id.clone()).or_default().push(tx);
        self.transactions.push(Transaction {
            id: merged.id.clone(),
            height: merged.height,
            index: merged.index,
            time: merged.time,
            legs,
            ordered,
            claimed: merged.claimed,
        });
    }

    /// Keeps what moved nothing, as said: only tokens say such things to deceive.
    fn push_zero_transfers(&mut self, tx: TxIx, merged: &MergedTransaction) {
        for row in &merged.rows {
            let is_zero = row.kind == RowKind::Transfer && row.amount.is_zero();
            if !is_zero || merge::is_native(&self.chain, &row.asset) {
                continue;
            }
            let asset = self.assets.binary_search(&row.asset);
            let zero = ZeroTransfer {
                tx,
                log_index: row.log_index,
                asset: AssetIx::of(asset.expect("every asset was collected")),
                from: self.intern_address(&row.from),
                to: self.intern_address(&row.to),
            };
            self.zero_transfers.push(zero);
        }
    }

    fn leg(&mut self, row: &TableRow, number: u32) -> Leg {
        for nobody in [&row.from, &row.to]
            .into_iter()
            .filter(|address| address.is_zero_account())
        {
            self.intern_address(nobody);
        }
        let asset = self
            .assets
            .binary_search(&row.asset)
            .expect("every asset was collected");
        let asset = AssetIx::of(asset);
        let from = (!row.from.is_zero_account()).then(|| self.intern(&row.from, asset));
        let to = match row.kind {
            RowKind::Fee => {
                let payer = self.intern_address(&row.from);
                self.payers[payer.row()] = true;
                Destination::Fee
            }
            _ if row.to.is_zero_account() => Destination::Burn,
            RowKind::Transfer | RowKind::Wrap => Destination::Holding(self.intern(&row.to, asset)),
        };
        Leg {
            asset,
            from,
            to,
            amount: row.amount,
            number,
        }
    }

    fn intern_address(&mut self, address: &Address) -> AddressIx {
        let address = self.addresses.intern(address);
        if address.row() == self.of_address.len() {
            self.of_address.push(Vec::new());
            self.payers.push(false);
        }
        address
    }

    fn intern(&mut self, address: &Address, asset: AssetIx) -> HoldingIx {
        let address = self.intern_address(address);
        if let Some(holding) = self.by_holding.get(&(address, asset)) {
            return *holding;
        }
        let holding = HoldingIx::of(self.holdings.len());
        self.holdings.push((address, asset));
        self.by_holding.insert((address, asset), holding);
        self.of_address[address.row()].push(holding);
        self.postings.push(Vec::new());
        holding
    }

    /// Computes opening balances and running balances from the postings.
    fn settle(&mut self) {
        for row in 0..self.holdings.len() {
            let holding = HoldingIx::of(row);
            let mut opening = U256::ZERO;
            let (mut credits, mut debits) = (U256::ZERO, U256::ZERO);
            let mut sums = Vec::with_capacity(self.postings[row].len());
            for posting in &self.postings[row] {
                let leg = &self.transactions[posting.tx.row()].legs
                    [usize::try_from(posting.leg).expect("fits")];
                if leg.from == Some(holding) {
                    debits = debits.plus(leg.amount);
                } else {
                    credits = credits.plus(leg.amount);
                }
                opening = opening.max(debits.saturating_sub(credits));
                sums.push((credits, debits));
            }
            self.balances.push(
                sums.into_iter()
                    .map(|(credits, debits)| opening.plus(credits).minus(debits))
                    .collect(),
            );
            self.openings.push(opening);
        }
        for holdings in &mut self.of_address {
            holdings.sort_by_key(|holding| self.holdings[holding.row()].1);
        }
    }
}

/// The holding a destination credits, if one.
fn destination_holding(to: Destination) -> Option<HoldingIx> {
    match to {
        Destination::Holding(holding) => Some(holding),
        Destination::Burn | Destination::Fee => None,
    }
}

impl ChainView for MemoryAccounts {
    fn chain(&self) -> &Chain {
        &self.chain
    }

    fn transaction_count(&self) -> usize {
        self.transactions.len()
    }

    fn transaction_id(&self, tx: TxIx) -> TransactionId {
        self.transactions[tx.row()].id.clone()
    }

    fn find_transaction(&self, id: &TransactionId) -> Vec<TxIx> {
        self.by_id.get(id).cloned().unwrap_or_default()
    }

    fn position(&self, tx: TxIx) -> Position {
        let transaction = &self.transactions[tx.row()];
        Position {
            height: transaction.height,
            index: transaction.index,
        }
    }

    fn time(&self, tx: TxIx) -> Timestamp {
        self.transactions[tx.row()].time
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
        let holdings = &self.of_address[address.row()];
        holdings
            .iter()
            .map(|holding| self.postings[holding.row()].len())
            .sum()
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

impl AccountView for MemoryAccounts {
    fn leg_count(&self, tx: TxIx) -> u32 {
        let legs = &self.transactions[tx.row()].legs;
        u32::try_from(legs.len()).expect("fewer than 2^32 legs")
    }

    fn leg(&self, tx: TxIx, place: u32) -> Leg {
        self.transactions[tx.row()].legs[usize::try_from(place).expect("fits")]
    }

    fn legs_are_ordered(&self, tx: TxIx) -> bool {
        self.transactions[tx.row()].ordered
    }

    fn asset(&self, ix: AssetIx) -> Cow<'_, Asset> {
        Cow::Borrowed(&self.assets[ix.row()])
    }

    fn asset_count(&self) -> usize {
        self.assets.len()
    }

    fn holding(&self, ix: HoldingIx) -> (AddressIx, AssetIx) {
        self.holdings[ix.row()]
    }

    fn holdings(&self, address: AddressIx) -> impl ExactSizeIterator<Item = HoldingIx> {
        self.of_address[address.row()].iter().copied()
    }

    fn movement_count(&self, holding: HoldingIx) -> usize {
        self.postings[holding.row()].len()
    }

    fn posting(&self, holding: HoldingIx, place: usize) -> Posting {
        self.postings[holding.row()][place]
    }

    fn balance_after(&self, holding: HoldingIx, count: usize) -> U256 {
        match count.checked_sub(1) {
            Some(place) => self.balances[holding.row()][place],
            None => self.opening(holding),
        }
    }

    fn opening(&self, holding: HoldingIx) -> U256 {
        self.openings[holding.row()]
    }

    fn is_covered(&self, address: AddressIx) -> bool {
        let address = self.addresses.get(address);
        let promises = self.coverage.iter().zip(&self.reaches_end);
        promises
            .filter(|(_, reaches)| **reaches)
            .any(|(promise, _)| match promise {
                Coverage::Addresses { addresses, .. } => addresses.contains(address),
                Coverage::Blocks { .. } => true,
                Coverage::Rows { .. } => false,
            })
    }

    fn zero_transfers(&self) -> impl ExactSizeIterator<Item = ZeroTransfer> {
        self.zero_transfers.iter().copied()
    }

    fn account_kind(&self, address: AddressIx) -> Option<AccountKind> {
        if self.payers[address.row()] {
            return Some(AccountKind::Key);
        }
        let known = &self.facts.contracts;
        let is_contract = known.contains(self.addresses.get(address));
        is_contract.then_some(AccountKind::Contract)
    }

    fn tokens(&self) -> &[TokenFact] {
        &self.facts.tokens
    }

    fn blocks(&self) -> impl ExactSizeIterator<Item = BlockFact> {
        self.facts.blocks.iter().cloned()
    }

    fn is_claimed(&self, tx: TxIx) -> bool {
        self.transactions[tx.row()].claimed
    }
}
