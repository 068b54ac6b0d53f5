//! Rows that an explorer's export tells of: some transfers of some accounts, and no promise about others.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Facts, RowKind, TableRow, TableSource, TokenFact};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

use super::evm::EvmFault;
use super::evm::hex::short;

/// What an export tells.
#[derive(Debug)]
pub(crate) struct Export {
    pub(crate) chain: Chain,
    pub(crate) coin: Asset,
    pub(crate) rows: Vec<TableRow>,
    pub(crate) tokens: BTreeSet<TokenFact>,
    /// What single rows told of transactions and of calls within them: pages that were put together overlap.
    told: BTreeMap<(TransactionId, Box<str>), Vec<TableRow>>,
    /// What was left out, each sentence with its count.
    pub(crate) left_out: Vec<(u64, &'static str)>,
}

/// Where and when.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) id: TransactionId,
    pub(crate) height: Option<u32>,
    pub(crate) index: Option<u32>,
    pub(crate) time: Timestamp,
}

impl Export {
    pub(crate) fn new(chain: &Chain) -> Result<Self, EvmFault> {
        let coin = Asset::coin(chain).ok_or_else(|| EvmFault::NotEvm(chain.clone()))?;
        Ok(Self {
            chain: chain.clone(),
            coin,
            rows: Vec::new(),
            tokens: BTreeSet::new(),
            told: BTreeMap::new(),
            left_out: Vec::new(),
        })
    }

    pub(crate) fn address(&self, text: &str) -> Result<Address, EvmFault> {
        Address::parse(&self.chain, text).map_err(|_| EvmFault::Shape {
            what: short(text),
            expected: "an address",
        })
    }

    pub(crate) fn transaction(&self, text: &str) -> Result<TransactionId, EvmFault> {
        TransactionId::parse(&self.chain, text).map_err(|_| EvmFault::Shape {
            what: short(text),
            expected: "a transaction's hash",
        })
    }

    /// Adds a row of the chain's coin, or of a token.
    pub(crate) fn push(
        &mut self,
        moment: &Moment,
        kind: RowKind,
        (from, to): (Address, Address),
        asset: Option<Asset>,
        (place, amount): (Option<u32>, U256),
    ) {
        if amount.is_zero() && asset.is_none() {
            return;
        }
        self.rows.push(TableRow {
            transaction: Some(moment.id.clone()),
            height: moment.height,
            index: moment.index,
            time: moment.time,
            log_index: place,
            kind,
            from,
            to,
            asset: asset.unwrap_or_else(|| self.coin.clone()),
            amount,
        });
    }

    /// Ends a row that is told once of its place, given how many there were before it: of one that is told again, what it
    /// added is taken away.
    ///
    /// # Errors
    /// Where it says something else the second time.
    pub(crate) fn once(
        &mut self,
        id: &TransactionId,
        place: &str,
        before: usize,
    ) -> Result<(), EvmFault> {
        let added = self.rows.split_off(before);
        match self.told.entry((id.clone(), place.into())) {
            Entry::Vacant(entry) => {
                self.rows.extend(added.iter().cloned());
                entry.insert(added);
                Ok(())
            }
            Entry::Occupied(known) if *known.get() == added => Ok(()),
            Entry::Occupied(_) => Err(EvmFault::Twice {
                what: format!("transaction {id}"),
            }),
        }
    }

    /// Counts something that was left out.
    pub(crate) fn leave(&mut self, why: &'static str) {
        match self.left_out.iter_mut().find(|(_, said)| *said == why) {
            Some((count, _)) => *count += 1,
            None => self.left_out.push((1, why)),
        }
    }

    /// The rows as a source that promises no more than them; none where there are none.
    pub(crate) fn source(&self, digest: [u8; 32]) -> Option<TableSource> {
        let times = self.rows.iter().map(|row| row.time);
        let (from, to) = (times.clone().min()?, times.max()?);
        Some(TableSource {
            digest,
            coverage: Coverage::Rows { from, to },
            rows: self.rows.clone(),
            facts: Facts {
                tokens: self.tokens.iter().cloned().collect(),
                ..Facts::default()
            },
        })
    }
}

/// Seconds since 1970.
pub(crate) fn time(seconds: i64) -> Result<Timestamp, EvmFault> {
    Timestamp::from_seconds(seconds).map_err(|_| EvmFault::Time(seconds))
}
