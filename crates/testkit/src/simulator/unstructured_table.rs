//! Random transfers between accounts without a story, for property tests: several legs to a transaction, chains and
//! circles within one, missing beginnings, self-transfers, zeros, equal amounts, mints and burns.

use super::table::{Row, SimTable, random_address, random_hash};
use crate::naive::account::{Fee, Leg, NaiveTable, NaiveTransaction, ZERO_ADDRESS};
use crate::rng::SplitMix64;
use std::collections::BTreeMap;

/// The native asset of [`random_ledger`].
pub const NATIVE: &str = "eip155:1337/slip44:60";

/// How large a random table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableShape {
    /// How many accounts there are.
    pub accounts: usize,
    /// How many transactions.
    pub transactions: usize,
    /// Whether several transactions share a block and a second, so that only their rows' order tells them apart.
    /// Without this, shuffling the rows changes no answer.
    pub ties: bool,
    /// Whether the tokens of a [`random_ledger`] are made and destroyed by its accounts, and many of its transactions
    /// are exchanges of one asset for another.
    pub market: bool,
}

impl Default for TableShape {
    fn default() -> Self {
        Self {
            accounts: 8,
            transactions: 40,
            ties: false,
            market: false,
        }
    }
}

/// A random table of transfers in US cents, in chain order.
#[must_use]
pub fn random_table(seed: u64, shape: TableShape) -> SimTable {
    let mut rng = SplitMix64::new(seed);
    let mut players = Players::new(&mut rng, shape.accounts);
    let mut block = 20_000_000;
    let mut rows = Vec::new();
    for _ in 0..shape.transactions {
        if !shape.ties || rng.chance(1, 2) {
            block += rng.between(1, 3);
        }
        let txid = random_hash(&mut rng);
        for (from, to, cents) in players.legs(&mut rng, "") {
            rows.push(Row {
                time: 1_720_000_000 + 12 * (block - 20_000_000),
                block,
                txid: txid.clone(),
                from,
                from_label: String::new(),
                to,
                to_label: String::new(),
                cents,
            });
        }
    }
    SimTable {
        rows,
        addresses: players.addresses,
    }
}

/// A random chain of transfers of three assets with gas and failed transactions; the legs stand in the chain's own
/// order, which the canonical order would not give.
#[must_use]
pub fn random_ledger(seed: u64, shape: TableShape) -> NaiveTable {
    let mut rng = SplitMix64::new(seed);
    let mut players = Players::new(&mut rng, shape.accounts);
    let mut assets = vec![NATIVE.to_owned()];
    for account in 0..2 {
        let contract = if shape.market {
            players.addresses[account].clone()
        } else {
            random_address(&mut rng)
        };
        assets.push(format!("eip155:1337/erc20:{contract}"));
    }
    let mut table = NaiveTable::default();
    let mut height = 0;
    for _ in 0..shape.transactions {
        if !shape.ties || rng.chance(1, 2) {
            height += 1;
        }
        let payer = rng.pick(&players.addresses).clone();
        let amount = players.amount(&mut rng, &payer, NATIVE);
        players.debit(&payer, NATIVE, amount);
        let mut legs = Vec::new();
        if !rng.chance(1, 10) {
            let mut told = Vec::new();
            let exchanges = if shape.market { rng.below(3) } else { 0 };
            for _ in 0..exchanges {
                told.extend(players.exchange(&mut rng, &payer, &assets));
            }
            for _ in 0..2 - exchanges.min(2) {
                let asset = rng.pick(&assets).clone();
                let more = players.legs(&mut rng, &asset).into_iter();
                told.extend(more.map(|(from, to, amount)| (asset.clone(), from, to, amount)));
            }
            for (asset, from, to, amount) in told {
                legs.push(Leg {
                    index: legs.len(),
                    asset,
                    from,
                    to,
                    amount: u128::from(amount),
                });
            }
        }
        let fee = Fee {
            payer,
            asset: NATIVE.to_owned(),
            amount: u128::from(amount),
        };
        table.transactions.push(NaiveTransaction {
            txid: random_hash(&mut rng),
            height,
            time: 1_720_000_000 + 12 * height,
            fee: rng.chance(4, 5).then_some(fee),
            legs,
            unordered: false,
        });
    }
    table
}

/// The accounts, and about what they have.
struct Players {
    addresses: Vec<String>,
    balances: BTreeMap<(String, String), u64>,
}

impl Players {
    fn new(rng: &mut SplitMix64, accounts: usize) -> Self {
        let addresses = (0..accounts).map(|_| random_address(rng)).collect();
        Self {
            addresses,
            balances: BTreeMap::new(),
        }
    }

    /// The legs of one transaction in one asset: one to four, each from anyone to anyone or on from the last.
    fn legs(&mut self, rng: &mut SplitMix64, asset: &str) -> Vec<(String, String, u64)> {
        let mut legs: Vec<(String, String, u64)> = Vec::new();
        for _ in 0..rng.between(1, 4) {
            let mut from = rng.pick(&self.addresses).clone();
            let mut to = rng.pick(&self.addresses).clone();
            if let Some((_, last, _)) = legs.last()
                && rng.chance(1, 2)
            {
                from.clone_from(last);
            }
            match rng.below(16) {
                0 => ZERO_ADDRESS.clone_into(&mut from),
                1 => ZERO_ADDRESS.clone_into(&mut to),
                2 => to.clone_from(&from),
                _ => {}
            }
            let amount = self.amount(rng, &from, asset);
            if from != to {
                self.debit(&from, asset, amount);
                *self
                    .balances
                    .entry((to.clone(), asset.to_owned()))
                    .or_default() += amount;
            }
            legs.push((from, to, amount));
        }
        legs
    }

    /// The legs of an exchange, in any order: a trader, most often who signs, pays a pool one asset, perhaps by a
    /// router, and somebody, most often the trader, gets another; tokens are also made and destroyed.
    fn exchange(
        &mut self,
        rng: &mut SplitMix64,
        signer: &str,
        assets: &[String],
    ) -> Vec<(String, String, String, u64)> {
        let trader = if rng.chance(3, 4) {
            signer.to_owned()
        } else {
            rng.pick(&self.addresses).clone()
        };
        let router = rng.pick(&self.addresses).clone();
        let pool = rng.pick(&self.addresses).clone();
        let getter = if rng.chance(3, 4) {
            trader.clone()
        } else {
            rng.pick(&self.addresses).clone()
        };
        let (paid, got) = (rng.pick(assets).clone(), rng.pick(assets).clone());
        let amounts = [
            self.amount(rng, &trader, &paid),
            self.amount(rng, &pool, &got),
        ];
        let nobody = || ZERO_ADDRESS.to_owned();
        let mut legs = if rng.chance(1, 2) {
            vec![(paid.clone(), trader, pool.clone(), amounts[0])]
        } else {
            vec![
                (paid.clone(), trader, router.clone(), amounts[0]),
                (paid.clone(), router, pool.clone(), amounts[0]),
            ]
        };
        match rng.below(4) {
            0 => legs.push((got, nobody(), getter, amounts[1])),
            1 => {
                legs.push((paid, pool.clone(), nobody(), amounts[0]));
                legs.push((got, pool, getter, amounts[1]));
            }
            _ => legs.push((got, pool, getter, amounts[1])),
        }
        if rng.chance(1, 2) {
            legs.reverse();
        }
        for (asset, from, to, amount) in &legs {
            self.debit(from, asset, *amount);
            *self
                .balances
                .entry((to.clone(), asset.clone()))
                .or_default() += *amount;
        }
        legs
    }

    /// An amount to pay: zero, the same few units as ever, a part of what there is, all of it, or more than it.
    fn amount(&self, rng: &mut SplitMix64, from: &str, asset: &str) -> u64 {
        let key = (from.to_owned(), asset.to_owned());
        let balance = self.balances.get(&key).copied().unwrap_or(0);
        match rng.below(12) {
            0 => 0,
            1 | 2 => 7,
            3 => balance + rng.between(1, 1000),
            4 | 5 => balance,
            _ if balance == 0 => rng.between(1, 1000),
            _ => rng.between(1, balance),
        }
    }

    fn debit(&mut self, from: &str, asset: &str, amount: u64) {
        let key = (from.to_owned(), asset.to_owned());
        let balance = self.balances.entry(key).or_default();
        *balance = balance.saturating_sub(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::{TableShape, random_ledger, random_table};

    #[test]
    fn the_same_seed_makes_the_same_table() {
        let shape = TableShape::default();
        assert_eq!(random_table(1, shape), random_table(1, shape));
        assert_ne!(random_table(1, shape), random_table(2, shape));
        assert_eq!(random_ledger(1, shape), random_ledger(1, shape));
    }

    #[test]
    fn shuffling_the_rows_changes_the_table_only_where_there_are_ties() {
        let normal = |table: super::SimTable| {
            let mut naive = table.to_naive();
            for leg in naive
                .transactions
                .iter_mut()
                .flat_map(|transaction| &mut transaction.legs)
            {
                leg.index = 0;
            }
            naive
        };
        for seed in 0..20 {
            let table = random_table(seed, TableShape::default());
            assert_eq!(normal(table.clone()), normal(table.shuffled(seed)));
        }
        let shape = TableShape {
            ties: true,
            ..TableShape::default()
        };
        let table = random_table(0, shape);
        assert_ne!(normal(table.clone()), normal(table.shuffled(0)));
    }
}
