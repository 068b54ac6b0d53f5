//! The rows of a table as rows of the ledger, and what is counted on the way.
//!
//! A row becomes a transfer, and the fee of its transaction where that was not told before. A failed row
//! moved nothing, and its fee was paid all the same (law 8). Rows keep the order in which they stand.
//!
//! Not here: what a cell's text means, and whether two rows are one transfer.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{RowKind, TableRow};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

use super::Misplaced;
use super::cells;
use super::error::TableFault;
use super::header::Header;
use super::mapping::{Mapping, Promise, Role};
use super::on_chain::{OnChain, asset_on, check_decimals};
use super::records::Record;

/// Makes rows of records.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    mapping: &'a Mapping,
    on_chain: &'a OnChain,
    chain: &'a Chain,
    header: &'a Header,
    rows: Vec<TableRow>,
    counts: Counts,
    fees: BTreeMap<TransactionId, Fee>,
    /// Assets that cells named, by the text that named them.
    assets: BTreeMap<String, (Asset, u8)>,
}

/// What was counted while rows were read.
#[derive(Debug, Default)]
struct Counts {
    rows: u64,
    labels: u64,
    rounded: u64,
    period: Option<(Timestamp, Timestamp)>,
    promised_seen: bool,
}

/// All that a table gives.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) coverage: Coverage,
    pub(super) rows: Vec<TableRow>,
    pub(super) count: u64,
    pub(super) labels: u64,
    pub(super) rounded: u64,
}

/// A fee a transaction is known to have paid.
#[derive(Debug)]
struct Fee {
    amount: U256,
    payer: Address,
    line: u64,
}

impl<'a> Rows<'a> {
    pub(super) fn new(
        mapping: &'a Mapping,
        on_chain: &'a OnChain,
        chain: &'a Chain,
        header: &'a Header,
    ) -> Self {
        Self {
            mapping,
            on_chain,
            chain,
            header,
            rows: Vec::new(),
            counts: Counts::default(),
            fees: BTreeMap::new(),
            assets: BTreeMap::new(),
        }
    }

    /// How many rows of the table were read.
    pub(super) fn count(&self) -> u64 {
        self.counts.rows
    }

    /// Takes one record.
    pub(super) fn push(&mut self, record: &Record) -> Result<(), Misplaced> {
        let (found, expected) = (record.len(), self.header.len());
        if found != expected {
            return Err((record.line(), TableFault::RowLength { found, expected }).into());
        }
        let cells = Cells {
            record,
            header: self.header,
        };
        let (row, rounded) = self.transfer(&cells)?;
        let fee_rounded = self.fee(&cells, &row)?;
        let failed = cells
            .optional(Role::Status)
            .is_some_and(|status| self.mapping.failed.iter().any(|value| value == status.text));
        let counts = &mut self.counts;
        counts.rows += 1;
        counts.rounded += u64::from(rounded || fee_rounded);
        counts.labels += cells.labels();
        counts.period = Some(counts.period.map_or((row.time, row.time), |(from, to)| {
            (from.min(row.time), to.max(row.time))
        }));
        let promised = &self.on_chain.promised;
        counts.promised_seen |= promised.contains(&row.from) || promised.contains(&row.to);
        if !failed {
            self.rows.push(row);
        }
        Ok(())
    }

    /// The transfer a record tells of, and whether its amount was rounded.
    fn transfer(&mut self, cells: &Cells<'_>) -> Result<(TableRow, bool), Misplaced> {
        let prefix = self.mapping.address_prefix.as_deref();
        let (chain, format) = (self.chain, self.mapping.time_format);
        let address = |text: &str| cells::address(chain, text, prefix);
        let time = cells.required(Role::Time, |text| cells::time(text, format))?;
        let height = cells.where_mapped(Role::Block, cells::number)?;
        let index = cells.where_mapped(Role::Index, cells::number)?;
        let transaction = cells.where_mapped(Role::Transaction, |text| {
            cells::transaction(chain, text, prefix)
        })?;
        let log_index = cells.where_filled(Role::LogIndex, cells::number)?;
        let from = cells.required(Role::From, address)?;
        let to = cells.required(Role::To, address)?;
        let (asset, decimals) = self.asset(cells)?;
        let rounding = self.mapping.rounding;
        let (amount, rounded) =
            cells.required(Role::Amount, |text| cells::amount(text, decimals, rounding))?;
        let kind = RowKind::Transfer;
        let row = TableRow {
            transaction,
            height,
            index,
            time,
            log_index,
            kind,
            from,
            to,
            asset,
            amount,
        };
        Ok((row, rounded))
    }

    /// The asset of a record, and with how many decimals its amount is written.
    fn asset(&mut self, cells: &Cells<'_>) -> Result<(Asset, u8), Misplaced> {
        let cell = cells.optional(Role::Asset);
        let named = cell.as_ref().filter(|cell| !cell.text.is_empty());
        match (named, cell.as_ref(), &self.on_chain.asset) {
            (None, _, Some(fixed)) => Ok(fixed.clone()),
            (Some(cell), _, _) => self
                .named_asset(cell.text)
                .map_err(|fault| cell.misplaced(fault)),
            (None, Some(cell), None) => Err(cell.misplaced(TableFault::Empty)),
            (None, None, None) => unreachable!("a mapping has an asset or a column of assets"),
        }
    }

    fn named_asset(&mut self, text: &str) -> Result<(Asset, u8), TableFault> {
        if let Some(known) = self.assets.get(text) {
            return Ok(known.clone());
        }
        let prefix = self.mapping.address_prefix.as_deref();
        let changed = cells::without_prefix(self.chain, text, prefix);
        let asset = asset_on(self.chain, changed.as_deref().unwrap_or(text))?;
        let decimals = self
            .on_chain
            .asset_decimals
            .get(&asset)
            .copied()
            .or(self.mapping.decimals);
        let decimals = decimals.ok_or_else(|| TableFault::NoDecimals {
            asset: asset.to_string(),
        })?;
        check_decimals(&asset, decimals)?;
        self.assets
            .insert(text.to_owned(), (asset.clone(), decimals));
        Ok((asset, decimals))
    }

    /// Adds the fee of a record's transaction unless it is known; whether the fee was rounded.
    fn fee(&mut self, cells: &Cells<'_>, row: &TableRow) -> Result<bool, Misplaced> {
        let (Some((asset, decimals)), Some(transaction)) = (&self.on_chain.fee, &row.transaction)
        else {
            return Ok(false);
        };
        let rounding = self.mapping.rounding;
        let told =
            cells.where_filled(Role::Fee, |text| cells::amount(text, *decimals, rounding))?;
        let Some((amount, rounded)) = told else {
            return Ok(false);
        };
        let prefix = self.mapping.address_prefix.as_deref();
        let payer = cells
            .where_mapped(Role::FeePayer, |text| {
                cells::address(self.chain, text, prefix)
            })?
            .unwrap_or_else(|| row.from.clone());
        let line = cells.line(Role::Fee);
        let Some(known) = self.fees.get(transaction) else {
            self.rows.push(TableRow {
                log_index: None,
                kind: RowKind::Fee,
                from: payer.clone(),
                to: payer.clone(),
                asset: asset.clone(),
                amount,
                ..row.clone()
            });
            self.fees.insert(
                transaction.clone(),
                Fee {
                    amount,
                    payer,
                    line,
                },
            );
            return Ok(rounded);
        };
        if known.amount != amount {
            let (fee, other) = (amount.to_string(), known.amount.to_string());
            return Err(cells.misplaced(
                Role::Fee,
                TableFault::FeeDiffers {
                    fee,
                    other,
                    line: known.line,
                },
            ));
        }
        if known.payer != payer {
            let (payer, other) = (payer.display(self.chain), known.payer.display(self.chain));
            return Err(cells.misplaced(
                Role::Fee,
                TableFault::PayerDiffers {
                    payer,
                    other,
                    line: known.line,
                },
            ));
        }
        Ok(rounded)
    }

    /// All rows, where there are any, with the table's promise.
    pub(super) fn finish(self) -> Result<Content, TableFault> {
        let Self {
            mapping,
            on_chain,
            rows,
            counts,
            ..
        } = self;
        let (from, to) = counts.period.ok_or(TableFault::NoRows)?;
        let coverage = match mapping.promise {
            Promise::Rows => Coverage::Rows { from, to },
            Promise::Addresses { .. } if !counts.promised_seen => {
                return Err(TableFault::NotThePromisedTable {
                    mapping: mapping.name().to_owned(),
                    addresses: on_chain.promised.len(),
                });
            }
            Promise::Addresses { internal, .. } => {
                let addresses: BTreeSet<Address> = on_chain.promised.clone();
                Coverage::Addresses {
                    addresses,
                    internal,
                    from,
                    to,
                }
            }
        };
        let Counts {
            rows: count,
            labels,
            rounded,
            ..
        } = counts;
        Ok(Content {
            coverage,
            rows,
            count,
            labels,
            rounded,
        })
    }
}

/// The cells of a record by what they hold.
struct Cells<'a> {
    record: &'a Record,
    header: &'a Header,
}

/// One cell, without white space at its ends.
struct Cell<'a> {
    text: &'a str,
    line: u64,
    column: &'a str,
}

impl Cell<'_> {
    fn misplaced(&self, fault: TableFault) -> Misplaced {
        Misplaced {
            line: Some(self.line),
            column: Some(self.column.to_owned()),
            fault: Box::new(fault),
        }
    }

    fn read<T>(&self, read: impl FnOnce(&str) -> Result<T, TableFault>) -> Result<T, Misplaced> {
        let value = if self.text.is_empty() {
            Err(TableFault::Empty)
        } else {
            read(self.text)
        };
        value.map_err(|fault| self.misplaced(fault))
    }
}

impl<'a> Cells<'a> {
    fn at(&self, column: usize) -> Option<Cell<'a>> {
        let (text, line) = self.record.cell(column)?;
        Some(Cell {
            text: text.trim_ascii(),
            line,
            column: self.header.name(column),
        })
    }

    /// The cell of a column that need not be mapped.
    fn optional(&self, role: Role) -> Option<Cell<'a>> {
        self.header.column(role).and_then(|column| self.at(column))
    }

    /// A value that must be there where its column is mapped.
    fn where_mapped<T>(
        &self,
        role: Role,
        read: impl FnOnce(&str) -> Result<T, TableFault>,
    ) -> Result<Option<T>, Misplaced> {
        self.optional(role).map(|cell| cell.read(read)).transpose()
    }

    /// A value that may be left out of a row.
    fn where_filled<T>(
        &self,
        role: Role,
        read: impl FnOnce(&str) -> Result<T, TableFault>,
    ) -> Result<Option<T>, Misplaced> {
        let filled = self.optional(role).filter(|cell| !cell.text.is_empty());
        filled.map(|cell| cell.read(read)).transpose()
    }

    /// A value of a column that every mapping names.
    fn required<T>(
        &self,
        role: Role,
        read: impl FnOnce(&str) -> Result<T, TableFault>,
    ) -> Result<T, Misplaced> {
        let cell = self
            .optional(role)
            .expect("every mapping names time, from, to and amount, and the header has them");
        cell.read(read)
    }

    /// How many labels the record has.
    fn labels(&self) -> u64 {
        let cells = self
            .header
            .columns(Role::Label)
            .filter_map(|column| self.at(column));
        cells.map(|cell| u64::from(!cell.text.is_empty())).sum()
    }

    /// The line of a cell.
    fn line(&self, role: Role) -> u64 {
        self.optional(role)
            .map_or(self.record.line(), |cell| cell.line)
    }

    fn misplaced(&self, role: Role, fault: TableFault) -> Misplaced {
        match self.optional(role) {
            Some(cell) => cell.misplaced(fault),
            None => (self.record.line(), fault).into(),
        }
    }
}
