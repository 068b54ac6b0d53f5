//! The thieves: each theft spreads, moves on, comes together and leaves; what the thefts of one hand share, and what
//! they share with everybody's, the parameters say.

use super::book::{Book, Coin};
use super::customs::Habit;
use super::hand::Hand;
use super::parameters::{Habits, WorldParameters};
use super::town::{HOUR, Town};
use super::truth::{CashOut, WorldIncident, WorldPair, WorldPattern};
use std::collections::BTreeSet;

/// The thefts, and what they share.
#[derive(Debug)]
pub(super) struct Thefts<'a> {
    town: &'a mut Town,
    parameters: &'a WorldParameters,
    pub incidents: Vec<WorldIncident>,
    pub cash_outs: Vec<CashOut>,
    /// By incident.
    ways: Vec<BTreeSet<&'static str>>,
    lures: Vec<BTreeSet<String>>,
    /// The account that deploys contracts for the hand whose thefts are told: the first of its first theft.
    deployer: Option<String>,
}

/// A theft while it is told.
struct Spoils {
    coin: Coin,
    at: u64,
    accounts: Vec<String>,
    ways: BTreeSet<&'static str>,
    lures: BTreeSet<String>,
    incident: String,
    patterns: Vec<WorldPattern>,
    /// How the hand pays.
    habit: Option<Habit>,
}

/// A part of the spoils: where it lies, how much it is, since when.
struct Part {
    account: String,
    amount: u128,
    came: u64,
}

impl<'a> Thefts<'a> {
    /// Tells all of them.
    pub fn tell(book: &mut Book, town: &'a mut Town, parameters: &'a WorldParameters) -> Self {
        let mut thefts = Self {
            town,
            parameters,
            incidents: Vec::new(),
            cash_outs: Vec::new(),
            ways: Vec::new(),
            lures: Vec::new(),
            deployer: None,
        };
        let actors = parameters.actors.count_of(book);
        let loners = parameters.loners.count_of(book);
        for number in 0..actors + loners {
            let name = format!("actor-{}", number + 1);
            let hand = Hand::draw(book, thefts.town, parameters, name, number < actors);
            thefts.deployer = None;
            let count = if number < actors {
                parameters.thefts.count_of(book)
            } else {
                1
            };
            for _ in 0..count {
                thefts.theft(book, &hand);
            }
        }
        thefts
    }

    /// Every pair, with what it shares.
    pub fn pairs(&self) -> Vec<WorldPair> {
        WorldPair::all(&self.incidents, &self.ways, &self.lures)
    }

    fn theft(&mut self, book: &mut Book, hand: &Hand) {
        let coin = if book.rng.chance(self.parameters.ether, 1000) {
            Coin::Ether
        } else {
            Coin::Stable
        };
        let third = self.town.end / 3;
        let id = format!("theft-{}", self.incidents.len() + 1);
        let mut spoils = Spoils {
            coin,
            at: book.rng.between(2 * 24 * HOUR, third.max(3 * 24 * HOUR)),
            accounts: Vec::new(),
            ways: BTreeSet::new(),
            lures: BTreeSet::new(),
            incident: id.clone(),
            patterns: Vec::new(),
            habit: hand.habit,
        };
        spoils.ways.extend(hand.customs());
        let victim = book.account();
        let first = spoils.account(book);
        if hand.deploys && self.deployer.is_none() {
            self.deployer = Some(first.clone());
        }
        self.gas(book, hand, &first, &mut spoils);
        let (began, mut amount, mut transactions) = (spoils.at, 0, Vec::new());
        for _ in 0..book.rng.between(1, 3) {
            let cents =
                self.parameters.stolen.draw(&mut book.rng) * 100_000 + book.rng.below(100_000);
            let taken = coin.cents(cents) + u128::from(book.rng.below(10_000));
            transactions.push(book.pay(spoils.at, &victim, &first, coin, taken));
            amount += taken;
            spoils.wait(book, 60, HOUR);
        }
        self.launder(book, hand, &first, amount, &mut spoils);
        self.strangers(book, &spoils);
        self.incidents.push(WorldIncident {
            id,
            actor: hand.name.clone(),
            asset: coin.asset().to_owned(),
            amount,
            time: 1_700_000_000 + began,
            victim,
            transactions,
            accounts: spoils.accounts,
            patterns: spoils.patterns,
        });
        self.ways.push(spoils.ways);
        self.lures.push(spoils.lures);
    }

    /// Gas comes before the theft.
    fn gas(&self, book: &mut Book, hand: &Hand, first: &str, spoils: &mut Spoils) {
        let lures = self.parameters.lures;
        let faucet = self
            .town
            .faucets
            .first()
            .map(|faucet| faucet.wallet.clone());
        let from = match (&hand.funder, faucet) {
            (Some(funder), _) => {
                spoils.ways.insert("funder");
                funder.clone()
            }
            (None, Some(faucet)) if book.rng.chance(lures.faucet, 1000) => {
                spoils.lures.insert("faucet".to_owned());
                faucet
            }
            _ if book.rng.chance(lures.withdrawal, 1000) => {
                spoils.lures.insert("withdrawal".to_owned());
                self.town.exchanges[0].wallet.clone()
            }
            _ => book.account(),
        };
        let before = book.rng.between(600, 20 * HOUR);
        let paid = Coin::Ether.cents(book.rng.between(1_000, 20_000));
        book.pay(spoils.at - before, &from, first, Coin::Ether, paid);
    }

    /// From the first account to the last: spread, layers, together, away.
    fn launder(
        &mut self,
        book: &mut Book,
        hand: &Hand,
        first: &str,
        amount: u128,
        spoils: &mut Spoils,
    ) {
        let mut parts = self.spread(book, first, amount, spoils);
        for part in &mut parts {
            for _ in 0..self.parameters.layers.count_of(book) {
                let next = spoils.account(book);
                spoils.wait(book, 60, 3 * HOUR);
                spoils.move_on(book, part, next);
            }
            if book.rng.chance(self.parameters.peel, 1000) {
                self.peel(book, part, spoils);
            }
            if let Some(habits) = self.parameters.habits {
                self.indulge(book, &habits, part, spoils);
            }
        }
        let kept = parts.pop().expect("a fan-out has parts");
        self.cash(spoils, "kept", None, &kept.account, kept.amount, None);
        let collector = match &hand.collector {
            Some(shared) => spoils.shared(shared, "collector"),
            None => spoils.account(book),
        };
        let (mut gathered, mut came) = (0, Vec::new());
        let payers = u64::try_from(parts.len()).expect("a few parts");
        for mut part in parts {
            spoils.wait(book, 300, 9 * HOUR);
            gathered += part.amount;
            came.push(spoils.move_on(book, &mut part, collector.clone()));
        }
        spoils.shape("consolidation", payers, came);
        let mut here = collector;
        if let Some(pool) = &hand.pool {
            let pool = spoils.shared(pool, "pool");
            spoils.wait(book, HOUR, 20 * HOUR);
            book.pay(spoils.at, &here, &pool, spoils.coin, gathered);
            // A part stays for good, so that what comes later meets it.
            let rest = gathered / 100 * u128::from(book.rng.between(10, 30));
            self.cash(spoils, "kept", None, &pool, rest, None);
            (here, gathered) = (pool, gathered - rest);
        }
        if let Some(deployer) = &self.deployer {
            let contract = book.deploy(deployer);
            let contract = spoils.shared(&contract, "contract");
            spoils.wait(book, HOUR, 20 * HOUR);
            book.pay(spoils.at, &here, &contract, spoils.coin, gathered);
            here = contract;
        }
        self.leave(book, hand, &here, gathered, spoils);
    }

    fn spread(&self, book: &mut Book, first: &str, amount: u128, spoils: &mut Spoils) -> Vec<Part> {
        let count = self.parameters.fan_out.count_of(book).max(2);
        let mut rest = amount;
        let mut parts = Vec::new();
        for place in 0..count {
            let share = rest / u128::try_from(count - place).expect("a few parts");
            let part = match place + 1 == count {
                true => rest,
                false => share / 100 * u128::from(book.rng.between(50, 120)),
            };
            rest -= part;
            parts.push((spoils.account(book), part));
        }
        spoils.wait(book, 120, 5 * HOUR);
        let mut paid = Vec::new();
        let mut spread = Vec::new();
        if book.rng.chance(1, 2) {
            paid.push(book.pay_many(spoils.at, first, &parts, spoils.coin.asset()));
            spread.extend(parts.into_iter().map(|part| spoils.part(part)));
        } else {
            for (to, part) in parts {
                spoils.wait(book, 60, HOUR / 2);
                paid.push(book.pay(spoils.at, first, &to, spoils.coin, part));
                spread.push(spoils.part((to, part)));
            }
        }
        let payees = u64::try_from(count).expect("a few parts");
        spoils.shape("fan-out", payees, paid);
        spread
    }

    /// A little goes to somebody who has nothing to do with it; gives the payment.
    fn peel(&mut self, book: &mut Book, part: &mut Part, spoils: &mut Spoils) {
        let person = book.rng.pick(&self.town.people).clone();
        let little = part.amount / 1000 * u128::from(book.rng.between(2, 40));
        spoils.wait(book, 60, HOUR);
        self.peel_off(book, (part, &person, little), spoils);
    }

    fn peel_off(
        &mut self,
        book: &mut Book,
        (part, to, little): (&mut Part, &str, u128),
        spoils: &Spoils,
    ) -> String {
        let txid = book.pay(spoils.at, &part.account, to, spoils.coin, little);
        part.amount -= little;
        self.cash(spoils, "passer-by", None, to, little, Some(txid.clone()));
        txid
    }

    /// A part goes down a chain of peels, or lies still.
    fn indulge(&mut self, book: &mut Book, habits: &Habits, part: &mut Part, spoils: &mut Spoils) {
        if book.rng.chance(habits.peel_chain, 1000) {
            let (steps, mut paid) = (habits.peel_steps.draw(&mut book.rng), Vec::new());
            let next = spoils.account(book);
            spoils.wait(book, 60, HOUR);
            spoils.move_on(book, part, next);
            for _ in 0..steps {
                // To somebody new each time: who came twice would be more than a passer-by.
                let person = book.account();
                let little = part.amount / 1000 * u128::from(habits.peeled.draw(&mut book.rng));
                spoils.wait(book, 60, HOUR);
                paid.push(self.peel_off(book, (part, &person, little), spoils));
                let next = spoils.account(book);
                spoils.wait(book, 60, HOUR);
                paid.push(spoils.move_on(book, part, next));
            }
            spoils.shape("peel-chain", steps, paid);
        }
        if book.rng.chance(habits.sleep, 1000) {
            let days = habits.sleep_days.draw(&mut book.rng);
            spoils.at += days * 24 * HOUR;
            let next = spoils.account(book);
            spoils.move_on(book, part, next);
        }
    }

    /// The last account pays exchanges, a broker and a bridge, and keeps the rest.
    fn leave(
        &mut self,
        book: &mut Book,
        hand: &Hand,
        from: &str,
        amount: u128,
        spoils: &mut Spoils,
    ) {
        let lures = self.parameters.lures;
        let mut ways: Vec<&str> = vec!["exchange"];
        ways.extend((book.rng.chance(1, 2)).then_some("exchange"));
        // A broker deals in the stable token alone.
        let sells = spoils.coin == Coin::Stable && !self.town.brokers.is_empty();
        ways.extend((sells && book.rng.chance(lures.broker, 1000)).then_some("broker"));
        let bridges = !self.town.bridges.is_empty();
        ways.extend((bridges && book.rng.chance(lures.bridge, 1000)).then_some("bridge"));
        ways.extend(
            book.rng
                .chance(lures.hot_wallet, 1000)
                .then_some("hot-wallet"),
        );
        let share = amount / u128::try_from(ways.len() + 1).expect("a few ways");
        let mut kept = amount;
        for (place, way) in ways.into_iter().enumerate() {
            let part = share / 100 * u128::from(book.rng.between(60, 100));
            spoils.wait(book, HOUR, 30 * HOUR);
            let at = spoils.at;
            kept -= part;
            let service = match way {
                "broker" => self.town.brokers[0].clone(),
                "bridge" => self.town.bridges[0].clone(),
                "exchange" if place > 0 => book.rng.pick(&self.town.exchanges).clone(),
                _ => self.town.exchanges[0].clone(),
            };
            if way != "exchange" {
                let to = &service.wallet;
                let txid = book.pay(at, from, to, spoils.coin, part);
                spoils.lures.insert(way.to_owned());
                self.cash(spoils, way, Some(&service.name), to, part, Some(txid));
                continue;
            }
            let exchange = self
                .town
                .exchanges
                .iter()
                .position(|of| of.name == service.name);
            let exchange = exchange.expect("it is one of them");
            let to = match &hand.deposit {
                Some(shared) if place == 0 => {
                    spoils.ways.insert("deposit");
                    shared.clone()
                }
                _ => self.town.deposit_address(book, exchange, &hand.name),
            };
            let txid = self
                .town
                .deposit(book, exchange, (at, from, &to), (spoils.coin, part));
            spoils.lures.insert(service.name.clone());
            self.cash(
                spoils,
                "exchange",
                Some(&service.name),
                &to,
                part,
                Some(txid),
            );
        }
        self.cash(spoils, "kept", None, from, kept, None);
    }

    /// Innocent money in the thief's accounts.
    fn strangers(&self, book: &mut Book, spoils: &Spoils) {
        for _ in 0..self.parameters.strangers.count_of(book) {
            let from = book.rng.pick(&self.town.people).clone();
            let to = book.rng.pick(&spoils.accounts).clone();
            let at = spoils.at + book.rng.below(24 * HOUR);
            let amount = spoils.coin.cents(book.rng.between(1_000, 500_000));
            book.pay(at, &from, &to, spoils.coin, amount);
        }
    }

    fn cash(
        &mut self,
        spoils: &Spoils,
        kind: &str,
        service: Option<&str>,
        address: &str,
        amount: u128,
        transaction: Option<String>,
    ) {
        self.cash_outs.push(CashOut {
            incident: spoils.incident.clone(),
            kind: kind.to_owned(),
            service: service.map(ToOwned::to_owned),
            address: address.to_owned(),
            asset: spoils.coin.asset().to_owned(),
            amount,
            transaction,
        });
    }
}

impl Spoils {
    fn account(&mut self, book: &mut Book) -> String {
        let account = book.account();
        book.adopt(&account, self.habit);
        self.accounts.push(account.clone());
        account
    }

    fn shared(&mut self, account: &str, way: &'static str) -> String {
        self.ways.insert(way);
        self.accounts.push(account.to_owned());
        account.to_owned()
    }

    fn wait(&mut self, book: &mut Book, least: u64, most: u64) {
        self.at += book.rng.between(least, most);
        if let Some(office) = self.habit.and_then(|habit| habit.office) {
            self.at = office.next(self.at, &mut book.rng);
        }
    }

    /// A part that came just now.
    fn part(&self, (account, amount): (String, u128)) -> Part {
        Part {
            account,
            amount,
            came: self.at,
        }
    }

    /// Pays all of a part on; gives the payment.
    fn move_on(&mut self, book: &mut Book, part: &mut Part, next: String) -> String {
        let txid = book.pay(self.at, &part.account, &next, self.coin, part.amount);
        let days = (self.at - part.came) / (24 * HOUR);
        if days >= 1 {
            self.shape("dormancy", days, vec![txid.clone()]);
        }
        (part.account, part.came) = (next, self.at);
        txid
    }

    fn shape(&mut self, typology: &str, size: u64, transactions: Vec<String>) {
        self.patterns.push(WorldPattern {
            typology: typology.to_owned(),
            size,
            transactions,
        });
    }
}
