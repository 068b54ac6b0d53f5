//! A chain of many kinds of transaction, CoinJoins of every make among them, and the labels of all of it.
//!
//! Of a hundred transactions some sixty have one payer, thirty several; two are shaped like a CoinJoin. A third of the
//! addresses that are paid were seen before. What a CoinJoin spends comes from a coinbase made for it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};

use whither_analysis::cluster::{ChangeRule, change};
use whither_analysis::demix::{label, matches};
use whither_ledger::address::Address;
use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::memory::{Block, MemoryUtxo, Outpoint, UtxoOutput, UtxoTransaction};
use whither_ledger::view::{AddressIx, ChainView as _, OutputIx, Prevout, TxIx, UtxoView as _};
use whither_testkit::measure::{Line, Meter};
use whither_testkit::rng::SplitMix64;

use crate::label::words;

const BLOCK: usize = 2_000;
/// So many transactions lie in memory at once; a longer chain is several.
const CHAIN: usize = 200_000;
/// Of the coins that are not spent yet, so many are kept at hand.
const COINS_MAX: usize = 20_000;

/// Makes chains until they have so many transactions, labels them all and tells a sample.
pub fn measure(count: usize, seed: u64, sample: usize, file: &str) -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(File::create(file)?);
    let step = (count / sample.max(1)).max(1);
    let (mut transactions, mut coinjoins, mut changes) = (0, 0, 0);
    let (mut cpu_ms, mut wall_us) = (0, 0);
    for seed in seed.. {
        if transactions >= count {
            break;
        }
        let view = Maker::new(seed).chain(CHAIN.min(count - transactions))?;
        let all = || (0..view.transaction_count()).map(TxIx::of);
        let meter = Meter::start();
        for tx in all() {
            coinjoins += usize::from(label(&matches(&view, tx)).is_some());
            changes += usize::from(change(&view, tx, ChangeRule::ONE_TIME).is_some());
            changes += usize::from(change(&view, tx, ChangeRule::REUSE).is_some());
        }
        let used = meter.finish();
        cpu_ms += used.cpu_ms;
        wall_us += used.wall_us;
        transactions += view.transaction_count();
        for tx in all().step_by(step) {
            writeln!(out, "{}", told(&view, seed, tx))?;
        }
    }
    out.flush()?;
    let line = Line::of("label")
        .count("transactions", transactions)
        .count("coinjoins", coinjoins)
        .count("changes", changes)
        .number("cpu_ms", cpu_ms)
        .number("wall_us", wall_us);
    println!("{}", line.end());
    Ok(())
}

/// A transaction and its labels: height, coinbase, inputs, outputs, labels; then one word for each address with what a
/// database of the chain would tell of it.
fn told(view: &MemoryUtxo, seed: u64, tx: TxIx) -> String {
    let side = |owner: Option<AddressIx>, value: u64| match owner {
        Some(owner) => {
            let kind = kind(&view.address(owner));
            format!("{seed}.{}:{value}:{kind}", owner.0)
        }
        None => format!("-:{value}:-"),
    };
    let inputs = view.inputs(tx).map(|prevout| match prevout {
        Prevout::Inside(output) => side(view.owner(output), view.value(output)),
        Prevout::Outside(_) => "-:0:-".to_owned(),
    });
    let inputs: Vec<String> = inputs.collect();
    let paid = view.outputs(tx).map(OutputIx);
    let outputs: Vec<String> = paid
        .clone()
        .map(|output| side(view.owner(output), view.value(output)))
        .collect();
    let mut seen: BTreeMap<AddressIx, String> = BTreeMap::new();
    for owner in paid.filter_map(|output| view.owner(output)) {
        let creators = view.received(owner).map(|output| view.creator(output));
        let spenders = view
            .received(owner)
            .filter_map(|output| view.spender(output));
        let (creators, spenders) = (distinct(creators), distinct(spenders));
        let first = creators.first().map(|tx| height(view, *tx)).unwrap_or(0);
        let (paid, pays) = (creators.len(), spenders.len());
        let word = format!("{seed}.{}:{paid}:{pays}:{first}", owner.0);
        seen.insert(owner, word);
    }
    let seen: Vec<String> = seen.into_values().collect();
    let named = |owner: Option<AddressIx>| {
        owner.map_or("-".to_owned(), |owner| format!("{seed}.{}", owner.0))
    };
    format!(
        "{} {} | {} | {} | {} | {} {} | {}",
        height(view, tx),
        u8::from(view.is_coinbase(tx)),
        inputs.join(" "),
        outputs.join(" "),
        words(&matches(view, tx)),
        named(change(view, tx, ChangeRule::ONE_TIME)),
        named(change(view, tx, ChangeRule::REUSE)),
        seen.join(" ")
    )
}

fn distinct(all: impl Iterator<Item = TxIx>) -> Vec<TxIx> {
    let mut all: Vec<TxIx> = all.collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn height(view: &MemoryUtxo, tx: TxIx) -> u32 {
    view.position(tx).height.unwrap_or(0)
}

/// An address's type in a word.
fn kind(address: &Address) -> &'static str {
    match address {
        Address::P2pkh(_) => "pubkeyhash",
        Address::P2sh(_) => "scripthash",
        _ => "other",
    }
}

/// A coin: its transaction, its place there, its value.
type Coin = (usize, u32, u64);
/// An output: whose by number, none for a data carrier, and how much.
type Paid = (Option<u64>, u64);

struct Maker {
    rng: SplitMix64,
    transactions: Vec<UtxoTransaction>,
    coins: Vec<Coin>,
    addresses: u64,
}

impl Maker {
    fn new(seed: u64) -> Self {
        Self {
            rng: SplitMix64::new(seed),
            transactions: Vec::new(),
            coins: Vec::new(),
            addresses: 1,
        }
    }

    fn chain(mut self, count: usize) -> Result<MemoryUtxo, Box<dyn Error>> {
        while self.transactions.len() < count {
            match self.rng.below(200) {
                0..=3 => self.coinjoin(),
                4..=7 => self.mint(),
                8..=119 => self.pay(1, 3),
                120..=189 => self.pay(2, 6),
                190..=194 => self.pay(20, 3),
                _ => self.pay(3, 30),
            }
        }
        let mut blocks: Vec<Block> = Vec::new();
        let mut height = 0_u32;
        let mut rest = self.transactions;
        while !rest.is_empty() {
            let later = rest.split_off(rest.len().min(BLOCK));
            height += 1;
            blocks.push(Block {
                hash: id(usize::MAX - blocks.len()),
                height: Some(height),
                time: 1_500_000_000 + 600 * height,
                transactions: std::mem::replace(&mut rest, later),
            });
        }
        let chain = Chain::Bitcoin(BitcoinNetwork::Main);
        let nothing = BTreeMap::new();
        Ok(MemoryUtxo::build(
            chain,
            &blocks,
            &nothing,
            Vec::new(),
            Vec::new(),
        )?)
    }

    /// An address: of three one that was seen before.
    fn address(&mut self) -> u64 {
        if self.rng.chance(1, 3) {
            return self.rng.below(self.addresses);
        }
        self.addresses += 1;
        self.addresses
    }

    fn mint(&mut self) {
        let outputs =
            (0..8).map(|_| (Some(self.address()), 20_000_000 + self.rng.below(9_000_000)));
        let outputs = outputs.collect();
        self.push(&[], outputs, true);
    }

    /// So many payers and payees at the most; change comes back to a payer, or to somebody new of his type.
    fn pay(&mut self, payers: usize, payees: usize) {
        let payers = 1 + self.rng.index(payers);
        let mut spent = Vec::new();
        while spent.len() < payers && !self.coins.is_empty() {
            let at = self.rng.index(self.coins.len());
            spent.push(self.coins.swap_remove(at));
        }
        let mut left: u64 = spent.iter().map(|coin| coin.2).sum();
        if left < 100_000 {
            return self.mint();
        }
        left -= left / 1_000;
        let mut outputs: Vec<Paid> = Vec::new();
        for _ in 1..1 + self.rng.index(payees) {
            let unit = *self.rng.pick(&[1, 1_000, 1_000_000]);
            let value = self.rng.below(left / 2 + 1) / unit * unit;
            left -= value;
            outputs.push((Some(self.address()), value));
        }
        outputs.push((Some(self.address()), left));
        if self.rng.chance(1, 12) {
            outputs.push((None, 0));
        }
        self.push(&spent, outputs, true);
    }

    /// A round, or what only looks like one: some of its numbers are a little off.
    fn coinjoin(&mut self) {
        let people = *self.rng.pick(&[3, 4, 5, 6, 10, 12, 25, 60]);
        let base = *self
            .rng
            .pick(&[10_000_000, 9_900_000, 1_000_000, 5_000_000, 137_000_321]);
        let levels = *self.rng.pick(&[1_u32, 1, 1, 2, 3]);
        let mut outputs: Vec<Paid> = Vec::new();
        for person in 0..people {
            let level = u32::try_from(person).unwrap_or(0) % levels;
            outputs.push((Some(self.address()), base << level));
            if self.rng.chance(2, 3) {
                let rest = 5_000 + self.rng.below(40_000_000);
                outputs.push((Some(self.address()), rest));
            }
        }
        let each = 1 + self.rng.index(3);
        let total: u64 = outputs.iter().map(|(_, value)| value).sum();
        let inputs = u64::try_from(people * each).unwrap_or(1);
        let brought = (0..inputs).map(|_| (Some(self.address()), total / inputs + 2_000));
        let brought: Vec<Paid> = brought.collect();
        let from = self.transactions.len();
        let coins = (0..)
            .zip(&brought)
            .map(|(place, paid)| (from, place, paid.1));
        let coins: Vec<Coin> = coins.collect();
        self.push(&[], brought, false);
        let by = self.rng.index(outputs.len());
        outputs.rotate_left(by);
        self.push(&coins, outputs, true);
    }

    fn push(&mut self, spent: &[Coin], outputs: Vec<Paid>, is_free: bool) {
        let number = self.transactions.len();
        for (place, (owner, value)) in (0..).zip(&outputs) {
            if is_free && owner.is_some() && *value > 0 && self.coins.len() < COINS_MAX {
                self.coins.push((number, place, *value));
            }
        }
        let inputs = spent.iter().map(|(of, vout, _)| Outpoint {
            txid: id(*of),
            vout: *vout,
        });
        let outputs = outputs.into_iter().map(|(owner, value)| UtxoOutput {
            value,
            owner: owner.map(address),
        });
        self.transactions.push(UtxoTransaction {
            txid: id(number),
            inputs: inputs.collect(),
            outputs: outputs.collect(),
            coinbase: spent.is_empty(),
        });
    }
}

fn id(number: usize) -> [u8; 32] {
    let mut id = [7; 32];
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    id[..8].copy_from_slice(&number.to_le_bytes());
    id
}

fn address(number: u64) -> Address {
    let mut hash = [0; 20];
    hash[..8].copy_from_slice(&number.to_le_bytes());
    if number.is_multiple_of(3) {
        Address::P2sh(hash)
    } else {
        Address::P2pkh(hash)
    }
}
