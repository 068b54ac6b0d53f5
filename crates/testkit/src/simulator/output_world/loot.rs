//! Stolen coins, and the books that the simulator keeps of them: of every coin of a thief's, which theft paid how much of it.
//!
//! Where coins of several thefts, or clean ones, are spent together, the plan says that what was put in first pays first,
//! and what is left over pays for the miners. It is the thief's own plan, and no policy of tracing.

use super::super::block::Output;
use super::super::script::Script;
use super::super::world::{CashOut, WorldPattern};
use super::book::{Book, HOUR, Held};
use super::thieves::Thefts;
use std::collections::{BTreeSet, VecDeque};

/// How much of a coin is of which theft, by its place; clean money is of none.
pub(super) type Shares = Vec<(Option<usize>, u64)>;

/// A coin of a thief's.
#[derive(Debug, Clone)]
pub(super) struct Loot {
    pub held: Held,
    pub shares: Shares,
}

impl Loot {
    /// A coin that is wholly of one theft, or of none.
    pub fn of(theft: Option<usize>, held: Held) -> Self {
        let shares = vec![(theft, held.value())];
        Self { held, shares }
    }

    pub fn value(&self) -> u64 {
        self.held.value()
    }
}

/// A theft while it is told.
pub(super) struct Spoils {
    /// Its place among the incidents.
    pub theft: usize,
    /// Seconds from the world's beginning.
    pub at: u64,
    pub accounts: Vec<String>,
    pub ways: BTreeSet<&'static str>,
    pub lures: BTreeSet<String>,
    pub patterns: Vec<WorldPattern>,
}

impl Spoils {
    /// Of a theft from a time on, with nothing told yet.
    pub fn empty(theft: usize, at: u64) -> Self {
        Self {
            theft,
            at,
            accounts: Vec::new(),
            ways: BTreeSet::new(),
            lures: BTreeSet::new(),
            patterns: Vec::new(),
        }
    }

    /// A new address of the thief's.
    pub fn script(&mut self, book: &mut Book) -> Script {
        let script = book.script();
        self.accounts.extend(script.address.clone());
        script
    }

    /// An address that thefts of one hand share.
    pub fn shared(&mut self, script: &Script, way: &'static str) -> Script {
        self.ways.insert(way);
        let address = script.address.clone().expect("it has an address");
        if !self.accounts.contains(&address) {
            self.accounts.push(address);
        }
        script.clone()
    }

    pub fn wait(&mut self, book: &mut Book, least: u64, most: u64) {
        self.at += book.rng().between(least, most);
    }

    pub fn shape(&mut self, typology: &str, size: usize, transactions: Vec<String>) {
        self.patterns.push(WorldPattern {
            typology: typology.to_owned(),
            size: u64::try_from(size).expect("a small size"),
            transactions,
        });
    }
}

/// Where an innocent is paid.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sink {
    Person(usize),
    /// A deposit address of a service.
    Deposit(usize),
    /// A service's wallet.
    Till(usize),
    /// Somebody who keeps it.
    Nobody,
}

/// Who gets money of a thief's.
#[derive(Debug, Clone)]
pub(super) struct Payee {
    pub kind: &'static str,
    pub script: Script,
    pub sink: Sink,
}

/// What a payment of a thief's made.
pub(super) struct Spent {
    pub txid: String,
    pub loot: Vec<Loot>,
}

impl Thefts<'_> {
    /// Spends coins: so much to each of several scripts, the rest to the last. Who sleeps on a coin is told so.
    pub fn spend(
        &mut self,
        book: &mut Book,
        spoils: &mut Spoils,
        coins: Vec<Loot>,
        (outs, rest): (Vec<(Script, u64)>, Script),
    ) -> Spent {
        let total: u64 = coins.iter().map(Loot::value).sum();
        let paid: u64 = outs.iter().map(|(_, value)| *value).sum();
        let left = total - paid - book.fee();
        let outputs = outs.into_iter().chain([(rest, left)]);
        let outputs = outputs.map(|(script, value)| Output { value, script });
        let held: Vec<Held> = coins.iter().map(|loot| loot.held.clone()).collect();
        let paid = book.pay(spoils.at, &held, outputs.collect());
        spoils.at = paid.at;
        let oldest = held.iter().map(|held| paid.at - held.came).max();
        let days = oldest.unwrap_or(0) / (24 * HOUR);
        if days >= 1 {
            let days = usize::try_from(days).expect("a few days");
            spoils.shape("dormancy", days, vec![paid.txid.clone()]);
        }
        let mut shares: VecDeque<(Option<usize>, u64)> =
            coins.into_iter().flat_map(|loot| loot.shares).collect();
        let mut loot = Vec::new();
        for held in paid.coins {
            let shares = part(&mut shares, held.value());
            loot.push(Loot { held, shares });
        }
        for (theft, amount) in shares {
            self.fee(theft, amount);
        }
        Spent {
            txid: paid.txid,
            loot,
        }
    }

    /// A deposit address of an exchange: of one that is named, or of any; a shared one, or a new one.
    pub fn exchange(
        &mut self,
        book: &mut Book,
        (place, shared): (Option<usize>, Option<&Script>),
        spoils: &mut Spoils,
    ) -> Payee {
        let place = place.unwrap_or_else(|| book.rng().index(self.town.exchanges));
        let actor = self.incidents[spoils.theft].actor.clone();
        spoils.lures.insert(self.town.services[place].name.clone());
        let script = match shared {
            Some(shared) => {
                spoils.ways.insert("deposit");
                shared.clone()
            }
            None => self.town.deposit_script(book, place, &actor),
        };
        Payee {
            kind: "exchange",
            script,
            sink: Sink::Deposit(place),
        }
    }

    pub fn passer_by(&mut self, book: &mut Book) -> Payee {
        let person = book.rng().index(self.town.people.len());
        Payee {
            kind: "passer-by",
            script: self.town.script_of(book, person),
            sink: Sink::Person(person),
        }
    }

    /// Hands a coin over to somebody else.
    pub fn hand_over(&mut self, payee: &Payee, loot: Loot, txid: &str) {
        let service = match payee.sink {
            Sink::Deposit(service) | Sink::Till(service) => Some(service),
            Sink::Person(_) | Sink::Nobody => None,
        };
        let service = service.map(|place| self.town.services[place].name.clone());
        self.cash((payee.kind, service), &loot, Some(txid));
        match payee.sink {
            Sink::Person(person) => self.town.people[person].coins.push(loot.held),
            Sink::Deposit(service) => self.town.tills[service].unswept.push(loot.held),
            Sink::Till(service) => self.town.tills[service].coins.push(loot.held),
            Sink::Nobody => {}
        }
    }

    /// Writes down where a coin left, or that it stayed.
    pub fn cash(
        &mut self,
        (kind, service): (&str, Option<String>),
        loot: &Loot,
        txid: Option<&str>,
    ) {
        for (theft, amount) in &loot.shares {
            let Some(theft) = theft else {
                continue;
            };
            self.cash_outs.push(CashOut {
                incident: super::thieves::id(*theft),
                kind: kind.to_owned(),
                service: service.clone(),
                address: loot.held.address(),
                asset: super::BITCOIN.to_owned(),
                amount: u128::from(*amount),
                transaction: txid.map(ToOwned::to_owned),
            });
        }
    }

    fn fee(&mut self, theft: Option<usize>, amount: u64) {
        if let Some(theft) = theft {
            *self.fees.entry(theft).or_default() += amount;
        }
    }
}

/// Takes so much from the front.
fn part(shares: &mut VecDeque<(Option<usize>, u64)>, value: u64) -> Shares {
    let (mut wanted, mut taken) = (value, Shares::new());
    while wanted > 0 {
        let (theft, amount) = shares.pop_front().expect("coins pay what was put in");
        let some = amount.min(wanted);
        wanted -= some;
        if amount > some {
            shares.push_front((theft, amount - some));
        }
        match taken.last_mut() {
            Some((last, sum)) if *last == theft => *sum += some,
            _ => taken.push((theft, some)),
        }
    }
    taken
}
