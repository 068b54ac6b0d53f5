//! What a source has told so far, by block and transaction, each thing once.
//!
//! What is told twice must be the same: exporters repeat rows where ranges overlap, and a node that was reorganised
//! between two files tells two different things, which are not to be mixed.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::asset::Asset;
use whither_ledger::chain::{Chain, ChainKind};
use whither_ledger::memory::TokenFact;

use super::bloom::Bloom;
use super::error::EvmFault;
use super::logs::{Log, Meaning, Move, meaning};
use super::{Account, Call, Frame, FrameKind, Hash, Header, Receipt, root};
use crate::text::hex;

/// Which tables a source has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Has {
    pub(crate) blocks: bool,
    pub(crate) transactions: bool,
    pub(crate) receipts: bool,
    /// All logs, and not only some tokens' transfers.
    pub(crate) logs: bool,
    pub(crate) traces: bool,
}

/// What is told of a transaction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transaction {
    pub(crate) hash: Option<Hash>,
    pub(crate) call: Option<Call>,
    pub(crate) receipt: Option<Receipt>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) moves: Vec<Move>,
    /// The indexes of all its logs, as they were told.
    pub(crate) logs: Vec<u32>,
    /// Of its logs, where the header commits to any.
    pub(crate) bloom: Option<Box<Bloom>>,
    /// Its logs as its receipt holds them, by index, where the header commits to receipts.
    pub(crate) encoded: BTreeMap<u32, Vec<u8>>,
}

/// What is told of a block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    pub(crate) hash: Option<Hash>,
    pub(crate) header: Option<Header>,
    pub(crate) transactions: BTreeMap<u32, Transaction>,
    pub(crate) rewards: Vec<(Account, U256)>,
}

/// All that a source tells.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) chain: Chain,
    pub(crate) coin: Asset,
    pub(crate) has: Has,
    pub(crate) blocks: BTreeMap<u32, Block>,
    pub(crate) tokens: BTreeMap<Account, TokenFact>,
    pub(crate) contracts: BTreeSet<Account>,
    /// What accounts had before the first block.
    pub(crate) genesis: BTreeMap<Account, U256>,
    /// Movements of things that are no amounts.
    pub(crate) things: u64,
    /// Logs called transfers that are of no known form.
    pub(crate) odd: u64,
    /// Transfers of which no table says whether they are amounts.
    pub(crate) unsure_tokens: u64,
    /// Frames that do not say what they moved.
    pub(crate) vague_frames: u64,
    /// Files or documents of no kind that is read.
    pub(crate) strange: u64,
    /// Whether of some blocks only a part may be told, as where files were collected one by one.
    pub(crate) piecemeal: bool,
}

impl Told {
    /// Nothing yet, of a chain.
    pub(crate) fn new(chain: &Chain) -> Result<Self, EvmFault> {
        let not_evm = || EvmFault::NotEvm(chain.clone());
        if !matches!(chain, Chain::Evm(_)) || chain.kind() != ChainKind::Account {
            return Err(not_evm());
        }
        Ok(Self {
            chain: chain.clone(),
            coin: Asset::coin(chain).ok_or_else(not_evm)?,
            has: Has::default(),
            blocks: BTreeMap::new(),
            tokens: BTreeMap::new(),
            contracts: BTreeSet::new(),
            genesis: BTreeMap::new(),
            things: 0,
            odd: 0,
            unsure_tokens: 0,
            vague_frames: 0,
            strange: 0,
            piecemeal: false,
        })
    }

    /// Takes in what was told of other blocks.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.has = other.has;
        self.blocks.extend(other.blocks);
        self.tokens.extend(other.tokens);
        self.contracts.extend(other.contracts);
        self.genesis.extend(other.genesis);
        self.things += other.things;
        self.odd += other.odd;
        self.unsure_tokens += other.unsure_tokens;
        self.vague_frames += other.vague_frames;
        self.strange += other.strange;
    }

    /// Takes a header.
    pub(crate) fn header(&mut self, height: u32, header: Header) -> Result<(), EvmFault> {
        self.has.blocks = true;
        if let Some(hash) = header.hash {
            self.belongs(height, hash)?;
        }
        let block = self.blocks.entry(height).or_default();
        match &block.header {
            Some(known) if *known != header => Err(twice("the header")),
            _ => {
                block.header = Some(header);
                Ok(())
            }
        }
    }

    /// A part says which block it is of.
    pub(crate) fn belongs(&mut self, height: u32, hash: Hash) -> Result<(), EvmFault> {
        let block = self.blocks.entry(height).or_default();
        match block.hash {
            Some(known) if known != hash => Err(EvmFault::Differs {
                what: "the hash of its block",
                found: shown(&hash),
                known: shown(&known),
            }),
            _ => {
                block.hash = Some(hash);
                Ok(())
            }
        }
    }

    /// The transaction at a place, which must be the one of that hash where a hash is told.
    fn at(
        &mut self,
        (height, index): (u32, u32),
        hash: Option<Hash>,
    ) -> Result<&mut Transaction, EvmFault> {
        let block = self.blocks.entry(height).or_default();
        let transaction = block.transactions.entry(index).or_default();
        match (transaction.hash, hash) {
            (Some(known), Some(hash)) if known != hash => Err(EvmFault::Differs {
                what: "the hash of its transaction",
                found: shown(&hash),
                known: shown(&known),
            }),
            _ => {
                transaction.hash = transaction.hash.or(hash);
                Ok(transaction)
            }
        }
    }

    /// Takes what a transaction asks for.
    pub(crate) fn call(&mut self, place: (u32, u32), call: Call) -> Result<(), EvmFault> {
        self.has.transactions = true;
        let transaction = self.at(place, Some(call.hash))?;
        match &transaction.call {
            Some(known) if *known != call => Err(twice("a transaction")),
            _ => {
                transaction.call = Some(call);
                Ok(())
            }
        }
    }

    /// Takes what became of a transaction.
    pub(crate) fn receipt(
        &mut self,
        place: (u32, u32),
        hash: Option<Hash>,
        receipt: Receipt,
    ) -> Result<(), EvmFault> {
        self.has.receipts = true;
        if let Some(created) = receipt.created.filter(|_| receipt.status != Some(false)) {
            self.contracts.insert(created);
        }
        let transaction = self.at(place, hash)?;
        match &transaction.receipt {
            Some(known) if *known != receipt => Err(twice("a receipt")),
            _ => {
                transaction.receipt = Some(receipt);
                Ok(())
            }
        }
    }

    /// Takes a frame.
    pub(crate) fn frame(
        &mut self,
        place: (u32, u32),
        hash: Option<Hash>,
        mut frame: Frame,
    ) -> Result<(), EvmFault> {
        self.has.traces = true;
        // Tracers differ in what they show of nothing.
        frame.value = frame
            .value
            .filter(|value| !value.is_zero() && frame.kind != FrameKind::Borrowed);
        self.at(place, hash)?.frames.push(frame);
        Ok(())
    }

    /// Takes a log.
    pub(crate) fn log(
        &mut self,
        place: (u32, u32),
        hash: Option<Hash>,
        log: &Log<'_>,
    ) -> Result<(), EvmFault> {
        match meaning(log) {
            Meaning::Moves(moved) => self.moved(place, hash, moved)?,
            Meaning::Thing => self.things += 1,
            Meaning::Odd => self.odd += 1,
            Meaning::Nothing => {}
        }
        self.contracts.insert(log.address);
        let header = self.blocks.get(&place.0);
        let header = header.and_then(|block| block.header.as_ref());
        // Headers come before logs.
        let filters = header.is_some_and(|header| header.bloom.is_some());
        let encodes = header.is_some_and(|header| header.receipts_root.is_some());
        let transaction = self.at(place, hash)?;
        transaction.logs.push(log.index);
        if filters || encodes {
            let bloom = transaction.bloom.get_or_insert_default();
            bloom.add(&log.address);
            log.topics.iter().for_each(|topic| bloom.add(topic));
        }
        if encodes {
            transaction.encoded.insert(log.index, root::log(log));
        }
        Ok(())
    }

    /// Takes a movement of a token.
    pub(crate) fn moved(
        &mut self,
        place: (u32, u32),
        hash: Option<Hash>,
        moved: Move,
    ) -> Result<(), EvmFault> {
        self.at(place, hash)?.moves.push(moved);
        Ok(())
    }

    /// Takes a movement of a token in a transaction that is named by its hash alone.
    pub(crate) fn moved_by_hash(
        &mut self,
        height: u32,
        hash: Hash,
        moved: Move,
    ) -> Result<(), EvmFault> {
        let block = self.blocks.entry(height).or_default();
        let mut transactions = block.transactions.values_mut();
        let own = transactions.find(|transaction| transaction.hash == Some(hash));
        let own = own.ok_or_else(|| EvmFault::Missing {
            what: format!("transaction {}", shown(&hash)),
        })?;
        own.moves.push(moved);
        Ok(())
    }

    /// Takes what a token says of itself.
    pub(crate) fn token(&mut self, contract: Account, fact: TokenFact) -> Result<(), EvmFault> {
        self.contracts.insert(contract);
        match self.tokens.get(&contract) {
            // The earliest is kept: a contract may change its words.
            Some(known) if *known <= fact => Ok(()),
            _ => {
                self.tokens.insert(contract, fact);
                Ok(())
            }
        }
    }

    /// Takes a reward that a trace tells.
    pub(crate) fn reward(&mut self, height: u32, author: Account, value: U256) {
        let block = self.blocks.entry(height).or_default();
        block.rewards.push((author, value));
    }

    /// Takes what an account had before the first block.
    pub(crate) fn genesis(&mut self, account: Account, value: U256) -> Result<(), EvmFault> {
        match self.genesis.insert(account, value) {
            Some(known) if known != value => {
                Err(twice("what an account had before the first block"))
            }
            _ => Ok(()),
        }
    }
}

fn twice(what: &str) -> EvmFault {
    EvmFault::Twice {
        what: what.to_owned(),
    }
}

/// A hash as people write it.
pub(crate) fn shown(bytes: &[u8]) -> String {
    format!("0x{}", hex(bytes))
}
