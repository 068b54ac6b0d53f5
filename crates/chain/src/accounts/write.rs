//! Takes transactions in chain order and writes the columns of them.
//!
//! Ids are given out by first appearance. The two sides of each leg are sorted by holding on disk, and running balances
//! are computed as they come back: the opening balance of a holding is known once its last movement is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::content::ContentId;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::merged::{MergedTransaction, effective_rows, is_native};
use whither_ledger::memory::{RowKind, TableRow};
use whither_ledger::view::{AddressIx, AssetIx, Destination, HoldingIx, Leg, TxIx, ZeroTransfer};

use super::column::{Writer, five, index};
use super::gather::{Outline, Take};
use super::layout::{Counts, Kind};
use super::manifest::{Manifest, Sealed};
use super::postings::{Postings, Side};
use super::record::{self, Amounts, write_address, write_id, write_leg, write_text};
use super::said;
use crate::sources::bitcoin::records::as_u64;
use crate::store::StoreError;
use crate::store::rows::Names;

/// Bits of `tx.place`.
pub(super) const HEIGHT: u8 = 1;
pub(super) const INDEX: u8 = 2;
pub(super) const ORDERED: u8 = 4;
pub(super) const CLAIMED: u8 = 8;

/// Bits of the last byte of `address.payload`.
pub(super) const COVERED: u8 = 1;
pub(super) const CONTRACT: u8 = 2;
pub(super) const KEY: u8 = 4;

/// The columns of transactions, open.
struct Transactions {
    ids: Writer,
    places: Writer,
    starts: Writer,
    legs: Writer,
    zeros: Writer,
}

/// Columns that are being written.
pub(super) struct Columns<'a> {
    folder: &'a Path,
    sorting: PathBuf,
    chain: &'a Chain,
    counts: Counts,
    files: BTreeMap<String, Sealed>,
    amounts: Amounts,
    texts: Writer,
    transactions: Transactions,
    /// By place in the order of ids.
    find: Vec<u32>,
    names: Names,
    addresses: Vec<Address>,
    /// By address: whether it has paid gas.
    payers: Vec<bool>,
    assets: HashMap<Asset, AssetIx>,
    beyond: BTreeSet<Asset>,
    holdings: Vec<(AddressIx, AssetIx)>,
    by_holding: HashMap<(AddressIx, AssetIx), HoldingIx>,
    postings: Postings,
}

impl<'a> Columns<'a> {
    /// None yet, in a folder, with one for sorting beside it.
    pub(super) fn create(
        folder: &'a Path,
        sorting: &Path,
        chain: &'a Chain,
        room: usize,
    ) -> Result<Self, StoreError> {
        let column = |kind: Kind| Writer::create(folder, kind.name());
        Ok(Self {
            folder,
            sorting: sorting.to_owned(),
            chain,
            counts: Counts::default(),
            files: BTreeMap::new(),
            amounts: Amounts {
                wide: column(Kind::Wide)?,
                rows: 0,
            },
            texts: column(Kind::Text)?,
            transactions: Transactions {
                ids: column(Kind::TxId)?,
                places: column(Kind::TxPlace)?,
                starts: column(Kind::TxStart)?,
                legs: column(Kind::Leg)?,
                zeros: column(Kind::Zero)?,
            },
            find: Vec::new(),
            names: Names::default(),
            addresses: Vec::new(),
            payers: Vec::new(),
            assets: HashMap::new(),
            beyond: BTreeSet::new(),
            holdings: Vec::new(),
            by_holding: HashMap::new(),
            postings: Postings::new(sorting, room),
        })
    }

    fn column(&self, kind: Kind) -> Result<Writer, StoreError> {
        Writer::create(self.folder, kind.name())
    }

    fn seal(&mut self, files: impl IntoIterator<Item = Writer>) -> Result<(), StoreError> {
        for file in files {
            let (name, sealed) = file.finish()?;
            self.files.insert(name, sealed);
        }
        Ok(())
    }

    fn address(&mut self, address: &Address) -> AddressIx {
        let (number, is_new) = self.names.number(address);
        if is_new {
            self.addresses.push(address.clone());
            self.payers.push(false);
        }
        AddressIx(number)
    }

    fn holding(&mut self, address: &Address, asset: AssetIx) -> HoldingIx {
        let address = self.address(address);
        let next = HoldingIx::of(self.holdings.len());
        let holding = *self.by_holding.entry((address, asset)).or_insert(next);
        if holding == next {
            self.holdings.push((address, asset));
        }
        holding
    }

    /// Keeps what moved nothing, as said: only tokens say such things to deceive.
    fn zero_transfers(
        &mut self,
        tx: TxIx,
        transaction: &MergedTransaction,
    ) -> Result<(), StoreError> {
        for row in &transaction.rows {
            let is_zero = row.kind == RowKind::Transfer && row.amount.is_zero();
            if !is_zero || is_native(self.chain, &row.asset) {
                continue;
            }
            let zero = ZeroTransfer {
                tx,
                log_index: row.log_index,
                asset: self.assets[&row.asset],
                from: self.address(&row.from),
                to: self.address(&row.to),
            };
            let record = record::write_zero(&zero);
            self.transactions.zeros.push(&record)?;
            self.counts.zeros += 1;
        }
        Ok(())
    }

    fn leg(&mut self, row: &TableRow, number: u32) -> Leg {
        for nobody in [&row.from, &row.to] {
            if nobody.is_zero_account() {
                self.address(nobody);
            }
        }
        let asset = self.assets[&row.asset];
        let from = (!row.from.is_zero_account()).then(|| self.holding(&row.from, asset));
        let to = match row.kind {
            RowKind::Fee => {
                let payer = self.address(&row.from);
                self.payers[payer.row()] = true;
                Destination::Fee
            }
            _ if row.to.is_zero_account() => Destination::Burn,
            RowKind::Transfer | RowKind::Wrap => Destination::Holding(self.holding(&row.to, asset)),
        };
        Leg {
            asset,
            from,
            to,
            amount: row.amount,
            number,
        }
    }

    fn legs(&mut self, tx: TxIx, rows: Vec<(u32, &TableRow)>) -> Result<(), StoreError> {
        for (place, (number, row)) in (0..).zip(rows) {
            let leg = self.leg(row, number);
            let record = write_leg(&mut self.amounts, &leg)?;
            self.transactions.legs.push(&record)?;
            self.counts.legs += 1;
            let to = match leg.to {
                Destination::Holding(holding) => Some(holding),
                Destination::Burn | Destination::Fee => None,
            };
            let sides = [(leg.from, Side::Debit), (to, Side::Credit)];
            for (holding, side) in sides {
                if let Some(holding) = holding {
                    self.postings.push(holding, tx, place, side, leg.amount)?;
                }
            }
        }
        Ok(())
    }

    /// Ends the columns, and says what they are.
    pub(super) fn finish(
        mut self,
        outline: &Outline,
        content: ContentId,
        made_from: &str,
    ) -> Result<Manifest, StoreError> {
        self.transactions.starts.push(&five(self.counts.legs))?;
        self.counts.addresses = as_u64(self.addresses.len());
        self.counts.assets = as_u64(outline.assets.len());
        self.counts.holdings = as_u64(self.holdings.len());
        self.by_holding = HashMap::new();
        self.names = Names::default();
        let mut find = self.column(Kind::TxFind)?;
        for tx in std::mem::take(&mut self.find) {
            find.push(&tx.to_le_bytes())?;
        }
        self.seal([find])?;
        let counts = self.balances()?;
        self.write_addresses(outline, &counts)?;
        drop(counts);
        self.rest(outline)?;
        let Transactions {
            ids,
            places,
            starts,
            legs,
            zeros,
        } = self.transactions;
        self.counts.wide = self.amounts.rows;
        self.counts.text = self.texts.bytes();
        let open = [
            ids,
            places,
            starts,
            legs,
            zeros,
            self.amounts.wide,
            self.texts,
        ];
        for file in open {
            let (name, sealed) = file.finish()?;
            self.files.insert(name, sealed);
        }
        let said = said::Said {
            notes: &outline.notes,
            coverage: &outline.coverage,
            tokens: &outline.facts.tokens,
        };
        self.files
            .extend(said::write(self.folder, self.chain, &said)?);
        let manifest = Manifest::new(self.chain, made_from, content, self.counts, self.files);
        said::prove(self.folder, &manifest, self.chain, &said)?;
        Ok(manifest)
    }

    /// Writes movements and balances; gives how many movements each holding has.
    fn balances(&mut self) -> Result<Vec<u32>, StoreError> {
        let (mut heads, mut starts) = (
            self.column(Kind::Holding)?,
            self.column(Kind::HoldingStart)?,
        );
        let (mut posts, mut balances) = (self.column(Kind::Post)?, self.column(Kind::PostBalance)?);
        let empty = Postings::new(&self.sorting, 0);
        let sorted = std::mem::replace(&mut self.postings, empty).sorted()?;
        let (mut movements, counts) = sorted.with_openings(self.holdings.len())?;
        for (row, count) in counts.iter().enumerate() {
            let (address, asset) = self.holdings[row];
            let mut balance = movements.opening()?;
            heads.push(&address.0.to_le_bytes())?;
            heads.push(&asset.0.to_le_bytes())?;
            heads.push(&self.amounts.write(balance)?)?;
            starts.push(&five(self.counts.postings))?;
            for _ in 0..*count {
                let movement = movements.next()?;
                balance = movement.after(balance);
                posts.push(&movement.tx.to_le_bytes())?;
                posts.push(&movement.leg.to_le_bytes())?;
                balances.push(&self.amounts.write(balance)?)?;
            }
            self.counts.postings += u64::from(*count);
        }
        starts.push(&five(self.counts.postings))?;
        self.seal([heads, starts, posts, balances])?;
        Ok(counts)
    }

    fn write_addresses(&mut self, outline: &Outline, counts: &[u32]) -> Result<(), StoreError> {
        let (mut payloads, mut starts) = (
            self.column(Kind::Address)?,
            self.column(Kind::AddressStart)?,
        );
        let mut list = self.column(Kind::AddressHolding)?;
        let mut sorted: Vec<(AddressIx, AssetIx, u32)> = Vec::with_capacity(self.holdings.len());
        for (holding, (address, asset)) in (0..).zip(std::mem::take(&mut self.holdings)) {
            sorted.push((address, asset, holding));
        }
        sorted.sort_unstable();
        let mut holdings = sorted.iter().peekable();
        let (mut first_holding, mut first_posting) = (0_u32, 0);
        for (ix, address) in (0..).map(AddressIx).zip(&self.addresses) {
            payloads.push(&write_address(&mut self.texts, address)?)?;
            payloads.push(&[flags(outline, address, self.payers[ix.row()])])?;
            starts.push(&first_holding.to_le_bytes())?;
            starts.push(&five(first_posting))?;
            while let Some((_, _, holding)) = holdings.next_if(|(of, _, _)| *of == ix) {
                list.push(&holding.to_le_bytes())?;
                first_holding += 1;
                first_posting += u64::from(counts[index(*holding)]);
            }
        }
        starts.push(&first_holding.to_le_bytes())?;
        starts.push(&five(first_posting))?;
        drop(sorted);
        let mut find: Vec<u32> = (0..).take(self.addresses.len()).collect();
        find.sort_unstable_by(|a, b| self.addresses[index(*a)].cmp(&self.addresses[index(*b)]));
        let mut found = self.column(Kind::AddressFind)?;
        for ix in find {
            found.push(&ix.to_le_bytes())?;
        }
        self.seal([payloads, starts, list, found])
    }

    /// Assets and blocks.
    fn rest(&mut self, outline: &Outline) -> Result<(), StoreError> {
        let mut assets = self.column(Kind::Asset)?;
        for asset in &outline.assets {
            assets.push(&write_text(&mut self.texts, asset.as_str())?)?;
        }
        let mut blocks = self.column(Kind::Block)?;
        for block in &outline.facts.blocks {
            blocks.push(&record::write_block(block))?;
            self.counts.blocks += 1;
        }
        self.seal([assets, blocks])
    }
}

/// What is known of an address, as bits.
fn flags(outline: &Outline, address: &Address, has_paid: bool) -> u8 {
    let promises = outline.coverage.iter().zip(&outline.reaches_end);
    let mut promises = promises.filter(|(_, reaches)| **reaches);
    let covered = promises.any(|(promise, _)| match promise {
        Coverage::Addresses { addresses, .. } => addresses.contains(address),
        Coverage::Blocks { .. } => true,
        Coverage::Rows { .. } => false,
    });
    let kind = match (has_paid, outline.facts.contracts.contains(address)) {
        (true, _) => KEY,
        (false, true) => CONTRACT,
        (false, false) => 0,
    };
    u8::from(covered) | kind
}

impl Take for Columns<'_> {
    fn begin(&mut self, outline: &Outline) -> Result<(), StoreError> {
        let assets = outline.assets.iter().cloned();
        self.assets = assets.zip((0..).map(AssetIx)).collect();
        self.beyond = outline.beyond.clone();
        Ok(())
    }

    fn take(&mut self, rank: u32, transaction: &MergedTransaction) -> Result<(), StoreError> {
        let tx = TxIx(u32::try_from(self.counts.transactions).expect("fewer than 2^32"));
        self.counts.transactions += 1;
        if self.find.len() <= index(rank) {
            self.find.resize(index(rank) + 1, 0);
        }
        self.find[index(rank)] = tx.0;
        self.zero_transfers(tx, transaction)?;
        let beyond = std::mem::take(&mut self.beyond);
        let (rows, ordered) = effective_rows(self.chain, transaction, &beyond);
        let id = write_id(&mut self.texts, &transaction.id)?;
        self.transactions.ids.push(&id)?;
        let flag = |flag, is| if is { flag } else { 0 };
        let flags = flag(HEIGHT, transaction.height.is_some())
            | flag(INDEX, transaction.index.is_some())
            | flag(ORDERED, ordered)
            | flag(CLAIMED, transaction.claimed);
        let places = &mut self.transactions.places;
        places.push(&transaction.time.seconds().to_le_bytes())?;
        places.push(&transaction.height.unwrap_or(0).to_le_bytes())?;
        places.push(&transaction.index.unwrap_or(0).to_le_bytes())?;
        places.push(&[flags])?;
        self.transactions.starts.push(&five(self.counts.legs))?;
        self.legs(tx, rows)?;
        self.beyond = beyond;
        Ok(())
    }
}
