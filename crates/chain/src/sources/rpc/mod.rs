//! A node's JSON-RPC: blocks, receipts and frames, asked for by the block's hash wherever a node lets one, so that an
//! answer never straddles two branches.
//!
//! A node is not trusted. It may be behind itself (a balancer before several nodes), leave logs out, cap answers, or
//! be reorganised while it answers: a block that is missing below the tip is asked for again, receipts are counted and
//! held against the header's filter, and a block that is not built on the one before sends the run back to where the
//! branches part. What stays wrong is refused with the reason.

pub(crate) mod abilities;
pub(crate) mod client;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use whither_ledger::U256;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::memory::TokenFact;

use super::evm::hex::{bytes, fixed, quantity, short};
use super::evm::settle;
use super::evm::told::{Told, shown};
use super::evm::{Account, EvmError, EvmFault, Hash, json as shapes};
use abilities::{Abilities, Tracing, call_tracer};
use client::{Client, Question};

/// How many blocks are asked for at once.
const BATCH: u32 = 16;
/// How many questions of another kind are asked at once.
const QUESTIONS: usize = 64;
/// How often a block that does not fit together is asked for again.
const TRIES: u32 = 5;
const WAIT: Duration = Duration::from_millis(100);
/// How far back a reorganisation is followed.
const REORG_MAX: u32 = 64;
/// The most contracts whose words are asked for.
const TOKENS_MAX: usize = 10_000;
/// The most accounts whose first balance is asked for.
const ACCOUNTS_MAX: usize = 100_000;

/// A node and what is known of it.
pub(crate) struct Node {
    pub(crate) client: Client,
    pub(crate) chain: Chain,
    pub(crate) genesis: Hash,
    pub(crate) head: u32,
    pub(crate) abilities: Abilities,
}

fn height(number: u32) -> String {
    format!("{number:#x}")
}

impl Node {
    /// Asks a node who it is, and what it can do with the blocks of a range.
    pub(crate) fn meet(url: &str, heights: Option<&RangeInclusive<u32>>) -> Result<Self, EvmError> {
        let mut client = Client::new(url)?;
        let here = |client: &Client, fault| client.error(None, fault);
        let number = |client: &mut Client, method| {
            let answer = client.ask(method, json!([]))?;
            shapes::number(&answer, method).map_err(|fault| here(client, fault))
        };
        let id = number(&mut client, "eth_chainId")?;
        let chain = u64::try_from(id)
            .map(Chain::Evm)
            .map_err(|_| here(&client, EvmFault::NoChain))?;
        let head = number(&mut client, "eth_blockNumber")?;
        let head =
            u32::try_from(head).map_err(|_| here(&client, EvmFault::TooLarge(head.to_string())))?;
        let first = client.ask("eth_getBlockByNumber", json!(["0x0", false]))?;
        let genesis = first.get("hash").and_then(Value::as_str).map(fixed);
        let genesis = genesis.and_then(Result::ok).ok_or_else(|| {
            here(
                &client,
                EvmFault::Missing {
                    what: "the hash of its first block".to_owned(),
                },
            )
        })?;
        let (from, to) = heights.map_or((0, head), |heights| (*heights.start(), *heights.end()));
        let mut node = Self {
            client,
            chain,
            genesis,
            head,
            abilities: Abilities {
                block_receipts: false,
                tracing: Tracing::None,
            },
        };
        node.find_out(from, to.min(head))?;
        Ok(node)
    }

    /// Looks for a block with a transaction, and probes with it.
    fn find_out(&mut self, from: u32, to: u32) -> Result<(), EvmError> {
        let mut probed = None;
        for number in from..=to.min(from.saturating_add(256)) {
            let block = self
                .client
                .ask("eth_getBlockByNumber", json!([height(number), false]))?;
            let Some(hash) = block.get("hash").and_then(Value::as_str) else {
                continue;
            };
            let transactions = block.get("transactions").and_then(Value::as_array);
            let first = transactions
                .and_then(|all| all.first())
                .and_then(Value::as_str);
            probed = Some((height(number), hash.to_owned(), first.map(str::to_owned)));
            if first.is_some() {
                break;
            }
        }
        if let Some((number, hash, transaction)) = probed {
            let transaction = transaction.as_deref();
            self.abilities = abilities::probe(&mut self.client, &number, &hash, transaction)?;
        }
        Ok(())
    }

    /// The hash of a block as the node has it now.
    pub(crate) fn hash_at(&mut self, number: u32) -> Result<Option<Hash>, EvmError> {
        let block = self
            .client
            .ask("eth_getBlockByNumber", json!([height(number), false]))?;
        let hash = block
            .get("hash")
            .and_then(Value::as_str)
            .map(fixed)
            .transpose();
        hash.map_err(|fault| self.client.error(Some(format!("block {number}")), fault))
    }

    /// Fetches blocks, all of one branch. `before` is the hash that the first must be built on; where the branch
    /// parts before the first, `None` is the answer: what was fetched before is of a branch that lost.
    pub(crate) fn fetch(
        &mut self,
        heights: RangeInclusive<u32>,
        before: Option<Hash>,
        tell: &dyn Fn(u32),
    ) -> Result<Option<Told>, EvmError> {
        let here = |fault| EvmError::new(self.client.url(), None, fault);
        let mut told = Told::new(&self.chain).map_err(here)?;
        let (first, last) = (*heights.start(), *heights.end());
        let mut next = first;
        let mut steps_back = 0;
        while next <= last {
            tell(next);
            let end = last.min(next.saturating_add(BATCH - 1));
            let blocks = self.blocks(next, end)?;
            for (number, block) in (next..).zip(blocks) {
                let parent = hash_of(&block, "parentHash");
                let known = match number.checked_sub(1) {
                    Some(below) if number > first => {
                        told.blocks.get(&below).and_then(|one| one.hash)
                    }
                    _ => before.filter(|_| number == first && number > 0),
                };
                if known.is_some_and(|known| parent != Some(known)) {
                    // The chain was reorganised meanwhile: back, until the branches meet.
                    steps_back += 1;
                    if number == first {
                        return Ok(None);
                    }
                    if steps_back > REORG_MAX {
                        let place = Some(format!("block {number}"));
                        return Err(self.client.error(
                            place,
                            EvmFault::Parent {
                                parent: parent.map(|hash| shown(&hash)).unwrap_or_default(),
                                before: known.map(|hash| shown(&hash)).unwrap_or_default(),
                            },
                        ));
                    }
                    told.blocks.remove(&(number - 1));
                    next = number - 1;
                    break;
                }
                if !self.take(number, &block, &mut told)? {
                    // It changed between two answers: ask for it again.
                    steps_back += 1;
                    if steps_back > REORG_MAX {
                        let place = Some(format!("block {number}"));
                        let fault = EvmFault::Node("its answers do not fit together".to_owned());
                        return Err(self.client.error(place, fault));
                    }
                    next = number;
                    break;
                }
                next = number + 1;
            }
        }
        Ok(Some(told))
    }

    /// Blocks with their transactions; one that the node does not have yet, though its head is above, is waited for.
    fn blocks(&mut self, first: u32, last: u32) -> Result<Vec<Value>, EvmError> {
        let question =
            |number: u32| Question("eth_getBlockByNumber", json!([height(number), true]));
        let questions: Vec<Question> = (first..=last).map(question).collect();
        let mut blocks = Vec::new();
        for (number, answer) in (first..).zip(self.client.ask_all(&questions)?) {
            let place = || Some(format!("block {number}"));
            let refused = |why| EvmError::new(self.client.url(), place(), EvmFault::Node(why));
            let mut block = answer.map_err(refused)?;
            let mut tries = 0;
            while block.is_null() || hash_of(&block, "hash").is_none() {
                tries += 1;
                if tries > TRIES {
                    let fault = EvmFault::Missing {
                        what: format!("this block, though the node's head is {},", self.head),
                    };
                    return Err(self.client.error(place(), fault));
                }
                sleep(WAIT * tries);
                block = self
                    .client
                    .ask("eth_getBlockByNumber", json!([height(number), true]))?;
            }
            blocks.push(block);
        }
        Ok(blocks)
    }

    /// Takes a block with all that belongs to it; `false` where the node has another block at that height by now.
    fn take(&mut self, number: u32, block: &Value, told: &mut Told) -> Result<bool, EvmError> {
        let mut tries = 0;
        loop {
            let mut one = Told::new(&self.chain).map_err(|fault| self.client.error(None, fault))?;
            let fault = match self.read(number, block, &mut one) {
                Ok(()) => match settle::check_block(&one, number) {
                    Ok(()) => {
                        told.absorb(one);
                        return Ok(true);
                    }
                    Err(fault) => fault,
                },
                Err(error) => match *error.fault {
                    fault @ (EvmFault::Http(_) | EvmFault::Depth) => {
                        let place = Some(format!("block {number}"));
                        return Err(self.client.error(place, fault));
                    }
                    fault => fault,
                },
            };
            if self.hash_at(number)? != hash_of(block, "hash") {
                return Ok(false);
            }
            tries += 1;
            if tries >= TRIES {
                return Err(self.client.error(Some(format!("block {number}")), fault));
            }
            sleep(WAIT * tries);
        }
    }

    /// Asks for receipts and frames of a block, and reads all of it.
    fn read(&mut self, number: u32, block: &Value, told: &mut Told) -> Result<(), EvmError> {
        let url = self.client.url().to_owned();
        let here = |fault| EvmError::new(&url, Some(format!("block {number}")), fault);
        let own = shapes::block(block, told).map_err(here)?;
        if own != number {
            let (found, known) = (own.to_string(), number.to_string());
            return Err(here(EvmFault::Differs {
                what: "its height",
                found,
                known,
            }));
        }
        let hash = block.get("hash").cloned().unwrap_or_default();
        let transactions = block.get("transactions").and_then(Value::as_array);
        let ids = transactions.into_iter().flatten();
        let ids: Vec<Value> = ids.filter_map(|one| one.get("hash").cloned()).collect();
        let receipts = self.receipts(number, &ids)?;
        shapes::receipts(&receipts, told).map_err(here)?;
        if self.abilities.tracing == Tracing::None {
            return Ok(());
        }
        told.has.traces = true;
        if ids.is_empty() && self.abilities.tracing != Tracing::Flat {
            return Ok(());
        }
        match self.abilities.tracing {
            Tracing::CallTracer => {
                let traces = self
                    .client
                    .ask("debug_traceBlockByHash", json!([hash, call_tracer()]))?;
                let traces = shapes::array(&traces, "traces").map_err(here)?;
                shapes::call_traces(number, traces, told).map_err(here)
            }
            Tracing::Flat => {
                let traces = self.client.ask("trace_block", json!([height(number)]))?;
                let traces = shapes::array(&traces, "traces").map_err(here)?;
                shapes::flat_traces(traces, told).map_err(here)
            }
            Tracing::ByTransaction | Tracing::None => {
                let ask =
                    |id: &Value| Question("debug_traceTransaction", json!([id, call_tracer()]));
                let traces = self.ask_each(ids.iter().map(ask).collect(), number)?;
                for (place, (trace, id)) in (0..).zip(traces.iter().zip(&ids)) {
                    let id = id.as_str().map(fixed).transpose().map_err(here)?;
                    shapes::call_frames((number, place), id, trace, told).map_err(here)?;
                }
                Ok(())
            }
        }
    }

    fn receipts(&mut self, number: u32, ids: &[Value]) -> Result<Vec<Value>, EvmError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        if self.abilities.block_receipts {
            let answer = self
                .client
                .ask("eth_getBlockReceipts", json!([height(number)]))?;
            return match answer {
                Value::Array(receipts) => Ok(receipts),
                _ => {
                    let fault = EvmFault::Receipts {
                        receipts: 0,
                        transactions: ids.len(),
                    };
                    Err(self.client.error(Some(format!("block {number}")), fault))
                }
            };
        }
        let ask = |id: &Value| Question("eth_getTransactionReceipt", json!([id]));
        self.ask_each(ids.iter().map(ask).collect(), number)
    }

    /// Asks many questions of a block, some at once; a refusal of one is one of all.
    fn ask_each(&mut self, questions: Vec<Question>, number: u32) -> Result<Vec<Value>, EvmError> {
        let mut found = Vec::with_capacity(questions.len());
        for some in questions.chunks(QUESTIONS) {
            for answer in self.client.ask_all(some)? {
                let refused = |why| {
                    let place = Some(format!("block {number}"));
                    EvmError::new(self.client.url(), place, EvmFault::Node(why))
                };
                found.push(answer.map_err(refused)?);
            }
        }
        Ok(found)
    }

    /// Asks what accounts had before the first block, if the node still knows; whether it does.
    pub(crate) fn first_balances(
        &mut self,
        accounts: &BTreeSet<Account>,
        told: &mut Told,
    ) -> Result<bool, EvmError> {
        if accounts.len() > ACCOUNTS_MAX {
            return Ok(false);
        }
        let accounts: Vec<Account> = accounts.iter().copied().collect();
        for some in accounts.chunks(QUESTIONS) {
            let ask =
                |account: &Account| Question("eth_getBalance", json!([shown(account), "0x0"]));
            let questions: Vec<Question> = some.iter().map(ask).collect();
            for (account, answer) in some.iter().zip(self.client.ask_all(&questions)?) {
                let Some(balance) = answer
                    .ok()
                    .and_then(|answer| quantity(answer.as_str()?).ok())
                else {
                    return Ok(false);
                };
                if !balance.is_zero() {
                    told.genesis(*account, balance)
                        .map_err(|fault| self.client.error(None, fault))?;
                }
            }
        }
        Ok(true)
    }

    /// Asks tokens what they say of themselves at a height: hostile text, cut and bounded.
    pub(crate) fn token_words(&mut self, at: u32, told: &mut Told) -> Result<(), EvmError> {
        let moved = told
            .blocks
            .values()
            .flat_map(|block| block.transactions.values());
        let contracts = moved.flat_map(|one| one.moves.iter().map(|moved| moved.contract));
        let contracts: BTreeSet<Account> = contracts.collect();
        for contract in contracts.into_iter().take(TOKENS_MAX) {
            // symbol(), name(), decimals(); gas is bounded, since a contract may burn all it gets.
            let ask = |selector: &str| {
                let call = json!({"to": shown(&contract), "data": selector, "gas": "0x186a0"});
                Question("eth_call", json!([call, height(at)]))
            };
            let questions = ["0x95d89b41", "0x06fdde03", "0x313ce567"].map(ask);
            let answers = self.client.ask_all(&questions)?;
            let word = |place: usize| {
                let answer: &Value = answers.get(place)?.as_ref().ok()?;
                bytes(answer.as_str()?).ok()
            };
            let asset = Asset::erc20(&self.chain, contract);
            let fact = TokenFact {
                asset: asset.expect("the chain is of Ethereum's kind"),
                height: Some(at),
                symbol: word(0).and_then(|bytes| words(&bytes)),
                name: word(1).and_then(|bytes| words(&bytes)),
                decimals: word(2).and_then(|bytes| decimals(&bytes)),
            };
            let url = self.client.url().to_owned();
            let added = told.token(contract, fact);
            added.map_err(|fault| EvmError::new(&url, None, fault))?;
        }
        Ok(())
    }
}

fn hash_of(block: &Value, name: &str) -> Option<Hash> {
    block
        .get(name)
        .and_then(Value::as_str)
        .and_then(|text| fixed(text).ok())
}

/// A text that a contract answers: as ABI writes one, or in one word; cut at 256 characters.
fn words(answer: &[u8]) -> Option<String> {
    let number = |at: usize| {
        let word = answer.get(at..at.checked_add(32)?)?;
        usize::try_from(U256::try_from_be_slice(word)?).ok()
    };
    let text = match (answer.len(), number(0)) {
        (32, _) => answer,
        (_, Some(32)) => {
            let length = number(32)?;
            answer.get(64..64_usize.checked_add(length)?)?
        }
        _ => return None,
    };
    let text: String = String::from_utf8_lossy(text)
        .trim_end_matches('\0')
        .chars()
        .take(256)
        .collect();
    (!text.is_empty()).then_some(text)
}

/// Decimals up to 36: more are no decimals that anybody means.
fn decimals(answer: &[u8]) -> Option<u8> {
    let number = U256::try_from_be_slice(answer).filter(|_| answer.len() == 32)?;
    u8::try_from(number).ok().filter(|decimals| *decimals <= 36)
}

/// A note on what the node cannot tell.
pub(crate) fn limits(node: &Node) -> Option<String> {
    let none = node.abilities.tracing == Tracing::None;
    none.then(|| {
        short("the node gives no frames of calls: transfers inside contracts are not told")
    })
}
