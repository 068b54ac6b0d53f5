//! A transfer table with a planted theft: several victims, a peel chain, a fan-out and its consolidation through a
//! router, a mixing with innocent money, deposits to a service that sweeps them, and innocent traffic all the while.
//!
//! Every transaction has a block of its own, so the rows may be shuffled. Nobody's beginning is in the table: people
//! spend what they had before it starts. The story is the same for every seed; amounts and the traffic are not.

use super::table::{Row, SimTable, random_address, random_hash};
use super::truth::{Beginning, End, Fate, SCHEMA, Service, SimSize, Theft, Truth, Typology};
use crate::naive::account::{NaiveTable, Origin, openings, trace};
use crate::naive::{Direction, Policy};
use crate::rng::SplitMix64;
use std::collections::BTreeMap;

/// A table with a theft, and the truth of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountScenario {
    /// The table, in chain order.
    pub table: SimTable,
    /// What really happened.
    pub truth: Truth,
}

impl AccountScenario {
    /// The table for the naive reference, without services.
    #[must_use]
    pub fn to_naive(&self) -> NaiveTable {
        self.table.to_naive()
    }
}

/// Makes a table with a theft.
///
/// # Panics
/// If the size is too small for the story.
#[must_use]
pub fn account(seed: u64, size: SimSize) -> AccountScenario {
    size.check();
    let mut story = Story::begin(seed, size);
    let (first, second) = story.theft();
    story.peel_chain(first);
    let spread = story.fan_out(&second);
    let gathered = story.consolidation(&spread);
    story.mixing(&gathered);
    story.sweep();
    story.traffic();
    story.end(seed)
}

/// The story as it is told.
struct Story {
    rng: SplitMix64,
    size: SimSize,
    block: u64,
    rows: Vec<Row>,
    people: Vec<String>,
    /// What each account is known to have.
    balances: BTreeMap<String, u64>,
    labels: BTreeMap<String, String>,
    theft: Theft,
    stolen: u64,
    thief: Vec<String>,
    typologies: Vec<Typology>,
    kept: Vec<String>,
    deposits: Vec<String>,
    innocent_deposits: Vec<String>,
    unswept: String,
    hot: String,
}

impl Story {
    /// Innocent life: the service pays people out, people pay each other.
    fn begin(seed: u64, size: SimSize) -> Self {
        let mut rng = SplitMix64::new(seed);
        let people = (0..size.innocents)
            .map(|_| random_address(&mut rng))
            .collect();
        let hot = random_address(&mut rng);
        let mut story = Self {
            rng,
            size,
            block: 20_000_000,
            rows: Vec::new(),
            people,
            balances: BTreeMap::new(),
            labels: BTreeMap::from([(hot.clone(), "Exchange 1".to_owned())]),
            theft: Theft {
                transactions: Vec::new(),
                victims: Vec::new(),
                origins: Vec::new(),
            },
            stolen: 0,
            thief: Vec::new(),
            typologies: Vec::new(),
            kept: Vec::new(),
            deposits: Vec::new(),
            innocent_deposits: Vec::new(),
            unswept: String::new(),
            hot,
        };
        for _ in 0..size.innocents {
            let (to, cents) = (story.person(), story.rng.between(100_000, 900_000));
            story.transaction(&[(story.hot.clone(), to, cents)]);
            story.traffic();
        }
        story
    }

    /// Two transactions rob the victims, each to an account of the thief.
    fn theft(&mut self) -> (String, String) {
        let mut loot = Vec::new();
        let half = self.size.victims / 2;
        for victims in [half, self.size.victims - half] {
            let thief = self.thief_address();
            let mut legs = Vec::new();
            for _ in 0..victims {
                let victim = random_address(&mut self.rng);
                let cents = self.rng.between(50_000_000, 90_000_000);
                self.stolen += cents;
                self.theft.victims.push(victim.clone());
                legs.push((victim, thief.clone(), cents));
            }
            let txid = self.transaction(&legs);
            self.theft.transactions.push(txid.clone());
            self.theft.origins.push(txid);
            self.traffic();
            loot.push(thief);
        }
        let second = loot.pop().expect("two thefts");
        (loot.pop().expect("two thefts"), second)
    }

    /// Peels a little off the first loot, again and again: to deposit addresses and to places of his own; the rest
    /// moves on to a fresh account. The second hop's two transfers stand in one transaction.
    fn peel_chain(&mut self, mut from: String) {
        let mut peels = Typology::new("peel-chain");
        for hop in 0..self.size.peel_hops {
            let all = self.balances[&from];
            let peel = all / self.rng.between(9, 14);
            let target = if hop % 2 == 0 {
                random_address(&mut self.rng)
            } else {
                self.thief_address()
            };
            let next = self.thief_address();
            let first = (from.clone(), target.clone(), peel);
            let second = (from, next.clone(), all - peel);
            let txid = if hop == 1 {
                self.transaction(&[first, second])
            } else {
                let txid = self.transaction(&[first]);
                self.traffic();
                peels.transactions.push(txid.clone());
                let moved = self.transaction(&[second]);
                peels.transactions.push(moved);
                txid
            };
            if hop == 1 {
                peels.transactions.push(txid.clone());
            }
            peels.places.push(target.clone());
            if hop % 2 == 0 {
                self.record_deposit(target, txid, hop == 0);
            } else {
                self.kept.push(target);
            }
            self.traffic();
            from = next;
        }
        self.kept.push(from);
        self.typologies.push(peels);
    }

    /// The second loot over many accounts in one transaction.
    fn fan_out(&mut self, from: &str) -> Vec<String> {
        let count = self.size.fan_out;
        let mut left = self.balances[from];
        let mut fan = Typology::new("fan-out");
        let mut legs = Vec::new();
        for place in 1..=count {
            let share = left / u64::try_from(count - place + 1).expect("a small number");
            let part = if place == count {
                left
            } else {
                self.rng.between(share / 2, share)
            };
            left -= part;
            let to = self.thief_address();
            fan.places.push(to.clone());
            legs.push((from.to_owned(), to, part));
        }
        let txid = self.transaction(&legs);
        fan.transactions.push(txid);
        let spread = fan.places.clone();
        self.typologies.push(fan);
        self.traffic();
        spread
    }

    /// All but one of the accounts pay into one; one of them through a router within one transaction, whose rows
    /// stand the wrong way round, and one with more than it received.
    fn consolidation(&mut self, spread: &[String]) -> String {
        let to = self.thief_address();
        let router = random_address(&mut self.rng);
        let (kept, paying) = spread.split_last().expect("a fan-out has accounts");
        self.kept.push(kept.clone());
        let mut gather = Typology::new("consolidation");
        let mut routed = Typology::new("router");
        gather.places.push(to.clone());
        routed.places.push(router.clone());
        for (place, from) in paying.iter().enumerate() {
            let all = self.balances[from];
            let txid = match place {
                0 => {
                    let onward = (router.clone(), to.clone(), all);
                    let inward = (from.clone(), router.clone(), all);
                    self.transaction(&[onward, inward])
                }
                1 => {
                    let more = all + self.rng.between(1_000_000, 9_000_000);
                    self.transaction(&[(from.clone(), to.clone(), more)])
                }
                _ => self.transaction(&[(from.clone(), to.clone(), all)]),
            };
            if place == 0 {
                routed.transactions.push(txid.clone());
            }
            gather.transactions.push(txid);
            self.traffic();
        }
        self.typologies.extend([gather, routed]);
        to
    }

    /// Innocent money arrives in the same account; the thief deposits part of the mixture and keeps the rest.
    fn mixing(&mut self, thief: &str) {
        let mut mix = Typology::new("mixing");
        for _ in 0..2 {
            let leg = (
                self.person(),
                thief.to_owned(),
                self.rng.between(1_000_000, 9_000_000),
            );
            let txid = self.transaction(&[leg]);
            mix.transactions.push(txid);
        }
        mix.places.push(thief.to_owned());
        self.typologies.push(mix);
        let part = self.balances[thief] / 2;
        let deposit = random_address(&mut self.rng);
        let txid = self.transaction(&[(thief.to_owned(), deposit.clone(), part)]);
        self.record_deposit(deposit, txid, false);
        self.kept.push(thief.to_owned());
        self.traffic();
    }

    /// Innocent customers deposit too; the service sweeps every deposit but one, and pays customers out.
    fn sweep(&mut self) {
        for _ in 0..self.size.deposits {
            let deposit = random_address(&mut self.rng);
            let leg = (
                self.person(),
                deposit.clone(),
                self.rng.between(10_000, 900_000),
            );
            self.transaction(&[leg]);
            self.innocent_deposits.push(deposit);
        }
        let mut sweep = Typology::new("sweep");
        sweep.places.push(self.hot.clone());
        let mut all = [&self.deposits[..], &self.innocent_deposits].concat();
        self.rng.shuffle(&mut all);
        for from in all {
            let cents = self.balances[&from];
            let txid = self.transaction(&[(from, self.hot.clone(), cents)]);
            sweep.transactions.push(txid);
            self.traffic();
        }
        self.typologies.push(sweep);
        let paid = self.balances[&self.hot] / 3;
        let leg = (self.hot.clone(), self.person(), paid);
        self.transaction(&[leg]);
    }

    fn end(self, seed: u64) -> AccountScenario {
        let table = SimTable {
            rows: self.rows,
            addresses: self.thief.clone(),
        };
        let naive = table.to_naive();
        let origins: Vec<Origin> = self
            .theft
            .origins
            .iter()
            .cloned()
            .map(Origin::Transaction)
            .collect();
        let mut stopped = naive.clone();
        stopped.services.insert(self.hot.clone());
        let beginning = |opening: crate::naive::account::Opening| Beginning {
            address: opening.address,
            amount: opening.amount,
        };
        let truth = Truth {
            schema: SCHEMA.to_owned(),
            kind: "account".to_owned(),
            seed,
            stolen: u128::from(self.stolen),
            theft: self.theft,
            thief: self.thief,
            typologies: self.typologies,
            service: Service {
                hot: self.hot,
                deposits: self.deposits,
                unswept: self.unswept,
                innocent_deposits: self.innocent_deposits,
            },
            openings: openings(&naive).into_iter().map(beginning).collect(),
            kept: self.kept,
            fifo: Fate {
                followed_through: ends(&naive, &origins),
                stopped_at_service: ends(&stopped, &origins),
            },
        };
        AccountScenario { table, truth }
    }

    /// One deposit of the thief; one of them is never swept.
    fn record_deposit(&mut self, address: String, txid: String, unswept: bool) {
        let mut deposit = Typology::new("deposit");
        deposit.transactions.push(txid);
        deposit.places.push(address.clone());
        self.typologies.push(deposit);
        if unswept {
            self.unswept = address;
        } else {
            self.deposits.push(address);
        }
    }

    /// One transaction in a block of its own; who pays more than he is known to have had it before.
    fn transaction(&mut self, legs: &[(String, String, u64)]) -> String {
        self.block += self.rng.between(1, 5);
        let txid = random_hash(&mut self.rng);
        for (from, to, cents) in legs {
            *self.balances.entry(to.clone()).or_default() += cents;
            let label = |address| self.labels.get(address).cloned().unwrap_or_default();
            self.rows.push(Row {
                time: 1_720_000_000 + 12 * (self.block - 20_000_000),
                block: self.block,
                txid: txid.clone(),
                from: from.clone(),
                from_label: label(from),
                to: to.clone(),
                to_label: label(to),
                cents: *cents,
            });
        }
        for (from, _, cents) in legs {
            let balance = self.balances.entry(from.clone()).or_default();
            *balance = balance.saturating_sub(*cents);
        }
        txid
    }

    /// Innocent payments.
    fn traffic(&mut self) {
        for _ in 0..self.size.traffic {
            let (from, to) = (self.person(), self.person());
            let cents = self.rng.between(1_000, 900_000);
            if from != to {
                self.transaction(&[(from, to, cents)]);
            }
        }
    }

    fn person(&mut self) -> String {
        self.rng.pick(&self.people).clone()
    }

    fn thief_address(&mut self) -> String {
        let address = random_address(&mut self.rng);
        self.thief.push(address.clone());
        let label = format!("Thief {}", self.thief.len());
        self.labels.insert(address.clone(), label);
        address
    }
}

fn ends(table: &NaiveTable, origins: &[Origin]) -> Vec<End> {
    let ends = trace(table, origins, Policy::Fifo, Direction::Forward);
    let end = |end: crate::naive::account::Endpoint| End {
        kind: end.kind.word().to_owned(),
        place: end.place,
        origin: end.label,
        amount: end.amount,
    };
    ends.into_iter().map(end).collect()
}
