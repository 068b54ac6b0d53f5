//! The payments of a world: told in any order in which coins are there when they are spent, and put into blocks by their
//! times when the story ends.

use super::super::block::{Coin, Output, Transaction, display};
use super::super::builder::ChainBuilder;
use super::super::chain::SimChain;
use super::super::script::{Form, Script};
use super::super::world::Span;
use crate::rng::SplitMix64;

/// When worlds begin, in seconds since 1970.
pub(super) const START: u64 = 1_700_000_000;
/// Seconds of an hour.
pub(super) const HOUR: u64 = 3_600;
/// Satoshi in a thousandth of a coin.
pub(super) const MILLI: u64 = 100_000;
/// The most that a payment costs, in satoshi.
pub(super) const FEE_MAX: u64 = 5_000;
/// How many coinbases the miners have before a world begins, 50 coins each.
const FOUNDING: u64 = 49;
/// How many blocks a coinbase waits.
const MATURITY: u64 = 100;
/// Seconds of a block.
const BLOCK: u64 = 600;

/// A coin of somebody's, and since when it is his, in seconds from the world's beginning.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub coin: Coin,
    pub came: u64,
}

impl Held {
    pub fn value(&self) -> u64 {
        self.coin.output.value
    }

    pub fn script(&self) -> Script {
        self.coin.output.script.clone()
    }

    pub fn address(&self) -> String {
        let address = self.coin.output.script.address.clone();
        address.expect("in a world everybody has an address")
    }
}

/// A payment: its transaction, when it was, and what it made, in the order that was asked for.
#[derive(Debug)]
pub(super) struct Paid {
    pub txid: String,
    pub at: u64,
    pub coins: Vec<Held>,
}

/// What is told so far.
pub(super) struct Book {
    builder: ChainBuilder,
    told: Vec<(u64, Transaction, u64)>,
    miner: Script,
    /// The miners' coins.
    mined: Vec<Held>,
}

impl Book {
    pub fn new(seed: u64) -> Self {
        let mut builder = ChainBuilder::new(seed);
        let miner = Script::random(Form::P2wpkh, &mut builder.rng);
        let mut mined = Vec::new();
        for block in 0..FOUNDING + MATURITY {
            let before = (FOUNDING + MATURITY - block) * BLOCK;
            let made = builder.mine_at(std::slice::from_ref(&miner), time(START - before));
            if block < FOUNDING {
                mined.extend(made.into_iter().map(|coin| Held { coin, came: 0 }));
            }
        }
        Self {
            builder,
            told: Vec::new(),
            miner,
            mined,
        }
    }

    pub fn rng(&mut self) -> &mut SplitMix64 {
        &mut self.builder.rng
    }

    /// A number of a span.
    pub fn draw(&mut self, span: Span) -> u64 {
        self.builder.rng.between(span.0, span.1.max(span.0))
    }

    /// The same as a count.
    pub fn count(&mut self, span: Span) -> usize {
        usize::try_from(self.draw(span)).expect("a small count")
    }

    /// Whether one of so many thousandths happens.
    pub fn happens(&mut self, thousandths: u64) -> bool {
        self.builder.rng.chance(thousandths, 1000)
    }

    /// A fresh script with an address.
    pub fn script(&mut self) -> Script {
        Script::random_with_address(&mut self.builder.rng)
    }

    /// A script of a data carrier.
    pub fn carrier(&mut self) -> Script {
        Script::random(Form::OpReturn, &mut self.builder.rng)
    }

    /// What a payment costs, in satoshi.
    pub fn fee(&mut self) -> u64 {
        self.builder.rng.between(300, FEE_MAX)
    }

    /// Pays at a time, or when the last of the coins came; what the outputs leave is the fee. In the transaction the
    /// outputs stand in a random order, data carriers last.
    pub fn pay(&mut self, at: u64, coins: &[Held], outputs: Vec<Output>) -> Paid {
        let at = coins.iter().map(|coin| coin.came).fold(at, u64::max);
        let mut order: Vec<usize> = (0..outputs.len()).collect();
        self.builder.rng.shuffle(&mut order);
        order.sort_by_key(|place| outputs[*place].script.form == Form::OpReturn);
        let shuffled = order.iter().map(|place| outputs[*place].clone()).collect();
        let spent: Vec<Coin> = coins.iter().map(|held| held.coin.clone()).collect();
        let (transaction, fee) = self.builder.draw_up(&spent, shuffled);
        let made = transaction.coins().into_iter();
        let mut made: Vec<(usize, Held)> = order
            .into_iter()
            .zip(made.map(|coin| Held { coin, came: at }))
            .collect();
        made.sort_by_key(|(place, _)| *place);
        let paid = Paid {
            txid: display(&transaction.txid()),
            at,
            coins: made.into_iter().map(|(_, held)| held).collect(),
        };
        self.told.push((at, transaction, fee));
        paid
    }

    /// The miners pay.
    pub fn grant(&mut self, at: u64, mut outputs: Vec<Output>) -> Vec<Held> {
        let wanted: u64 = outputs.iter().map(|output| output.value).sum();
        let coins = take(&mut self.builder.rng, &mut self.mined, at, wanted)
            .expect("the miners have enough for a world");
        let change = sum(&coins) - wanted - self.fee();
        outputs.push(Output {
            value: change,
            script: self.miner.clone(),
        });
        let mut paid = self.pay(at, &coins, outputs);
        self.mined.extend(paid.coins.pop());
        paid.coins
    }

    /// Shows every script that was paid so far.
    pub fn scripts(&self, mut show: impl FnMut(&Script)) {
        let outputs = self.told.iter().flat_map(|(_, told, _)| &told.outputs);
        outputs.for_each(|output| show(&output.script));
    }

    /// The chain: payments in the order of their times, each in the first block after it.
    pub fn finish(mut self, addresses: Vec<String>) -> SimChain {
        // What spends a coin is told after what made it, and sorting keeps the order of what is alike.
        self.told.sort_by_key(|(at, ..)| *at);
        let miner = [self.miner.clone()];
        for block in self.told.chunk_by(|a, b| a.0 / BLOCK == b.0 / BLOCK) {
            for (_, transaction, fee) in block {
                self.builder.put(transaction.clone(), *fee);
            }
            let end = (block[0].0 / BLOCK + 1) * BLOCK;
            self.builder.mine_at(&miner, time(START + end));
        }
        self.builder.finish(addresses)
    }
}

fn time(seconds: u64) -> u32 {
    u32::try_from(seconds).expect("a time of this century")
}

/// The value of coins, in satoshi.
pub(super) fn sum(coins: &[Held]) -> u64 {
    coins.iter().map(Held::value).sum()
}

/// Takes coins that are there at a time out of a purse, until they are enough for a value and its fee; nothing where they
/// are not.
pub(super) fn take(
    rng: &mut SplitMix64,
    purse: &mut Vec<Held>,
    at: u64,
    value: u64,
) -> Option<Vec<Held>> {
    let wanted = value + FEE_MAX;
    let mut there: Vec<usize> = (0..purse.len())
        .filter(|place| purse[*place].came <= at)
        .collect();
    rng.shuffle(&mut there);
    let (mut chosen, mut sum) = (Vec::new(), 0);
    for place in there {
        if sum >= wanted {
            break;
        }
        sum += purse[place].value();
        chosen.push(place);
    }
    if sum < wanted {
        return None;
    }
    chosen.sort_unstable_by(|a, b| b.cmp(a));
    Some(
        chosen
            .into_iter()
            .map(|place| purse.swap_remove(place))
            .collect(),
    )
}
