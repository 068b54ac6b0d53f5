//! The thieves: each theft spreads, moves on, peels, sleeps, is mixed in part, comes together and leaves; what the thefts
//! of one hand share, and what they share with everybody's, the parameters say.

use super::super::block::Output;
use super::super::script::Script;
use super::super::world::{CashOut, WorldIncident, WorldPair};
use super::book::{Book, HOUR, Held, MILLI, sum};
use super::loot::{Loot, Payee, Sink, Spoils};
use super::mixing::Waiting;
use super::parameters::{OutputParameters, OutputWays};
use super::town::Town;
use std::collections::{BTreeMap, BTreeSet};

/// A coin of less is not worth dividing, in satoshi.
const SMALL: u64 = 2 * MILLI;

/// One hand.
pub(super) struct Hand {
    name: String,
    collector: Option<Script>,
    co_spends: bool,
    /// At the first exchange.
    deposit: Option<Script>,
    change: Option<Script>,
    /// What the first exchange paid it out before.
    clean: Option<Held>,
    /// Coins of earlier thefts that wait for later ones.
    stash: Vec<Loot>,
    /// How many thefts are to come.
    to_come: usize,
}

/// The thefts, and what they share.
pub(super) struct Thefts<'a> {
    pub town: &'a mut Town,
    pub parameters: &'a OutputParameters,
    pub incidents: Vec<WorldIncident>,
    pub cash_outs: Vec<CashOut>,
    /// What went to the miners, by theft, in satoshi.
    pub fees: BTreeMap<usize, u64>,
    /// Parts that are still to be mixed.
    pub waiting: Vec<Waiting>,
    /// By incident.
    pub ways: Vec<BTreeSet<&'static str>>,
    pub lures: Vec<BTreeSet<String>>,
}

/// The id of a theft, by its place.
pub(super) fn id(theft: usize) -> String {
    format!("theft-{}", theft + 1)
}

impl<'a> Thefts<'a> {
    /// Tells all of them.
    pub fn tell(book: &mut Book, town: &'a mut Town, parameters: &'a OutputParameters) -> Self {
        let mut thefts = Self {
            town,
            parameters,
            incidents: Vec::new(),
            cash_outs: Vec::new(),
            fees: BTreeMap::new(),
            waiting: Vec::new(),
            ways: Vec::new(),
            lures: Vec::new(),
        };
        let actors = book.count(parameters.actors);
        let loners = book.count(parameters.loners);
        let mut hands = Vec::new();
        for number in 0..actors + loners {
            let count = match number < actors {
                true => book.count(parameters.thefts),
                false => 1,
            };
            hands.push(thefts.hand(book, format!("actor-{}", number + 1), count));
        }
        thefts.pay_hands_out(book, &mut hands);
        for hand in &mut hands {
            while hand.to_come > 0 {
                hand.to_come -= 1;
                thefts.theft(book, hand);
            }
            for loot in std::mem::take(&mut hand.stash) {
                thefts.cash(("kept", None), &loot, None);
            }
        }
        thefts.mix(book);
        thefts.pay_fees();
        thefts
    }

    /// Every pair, with what it shares.
    pub fn pairs(&self) -> Vec<WorldPair> {
        WorldPair::all(&self.incidents, &self.ways, &self.lures)
    }

    fn hand(&mut self, book: &mut Book, name: String, to_come: usize) -> Hand {
        let OutputWays {
            collector,
            co_spend,
            deposit,
            change,
        } = self.parameters.ways;
        let mut drawn = [collector, co_spend, deposit, change].map(|way| book.happens(way));
        if drawn == [false; 4] {
            drawn[book.rng().index(4)] = true;
        }
        let shares = to_come > 1;
        let mut script = |is_drawn: bool| (shares && is_drawn).then(|| book.script());
        let (collector, change) = (script(drawn[0]), script(drawn[3]));
        let deposit = (shares && drawn[2]).then(|| self.town.deposit_script(book, 0, &name));
        Hand {
            name,
            collector,
            co_spends: shares && drawn[1],
            deposit,
            change,
            clean: None,
            stash: Vec::new(),
            to_come,
        }
    }

    /// The first exchange pays some hands out before they steal, in one transaction with its other customers.
    fn pay_hands_out(&mut self, book: &mut Book, hands: &mut [Hand]) {
        let share = self.parameters.lures.payout;
        let paid: Vec<&mut Hand> = hands.iter_mut().filter(|_| book.happens(share)).collect();
        let mut outputs = Vec::new();
        for _ in &paid {
            let value = book.rng().between(5 * MILLI, 60 * MILLI);
            let script = book.script();
            outputs.push(Output { value, script });
        }
        let people: Vec<usize> = (0..book.count(self.parameters.batch).max(2))
            .map(|_| book.rng().index(self.town.people.len()))
            .collect();
        let before = self.town.end / 6;
        let made = self.town.pay_out(book, before, 0, (&people, &outputs));
        for (hand, held) in paid.into_iter().zip(made) {
            hand.clean = Some(held);
        }
    }

    fn theft(&mut self, book: &mut Book, hand: &mut Hand) {
        let end = self.town.end;
        let at = book.rng().between(end / 6 + HOUR, end * 2 / 3);
        let mut spoils = Spoils::empty(self.incidents.len(), at);
        // The incident stands before its story, so that what is told later of it finds it.
        self.incidents.push(WorldIncident {
            id: id(spoils.theft),
            actor: hand.name.clone(),
            asset: super::BITCOIN.to_owned(),
            amount: 0,
            time: super::book::START + spoils.at,
            victim: String::new(),
            transactions: Vec::new(),
            accounts: Vec::new(),
            patterns: Vec::new(),
        });
        self.ways.push(BTreeSet::new());
        self.lures.push(BTreeSet::new());
        let mut coins = self.rob(book, &mut spoils);
        if let Some(held) = hand.clean.take() {
            spoils.accounts.push(held.address());
            spoils.lures.insert("payout".to_owned());
            coins.push(Loot::of(None, held));
        }
        self.launder(book, hand, coins, &mut spoils);
        let incident = &mut self.incidents[spoils.theft];
        incident.accounts = spoils.accounts;
        incident.patterns = spoils.patterns;
        self.lures[spoils.theft] = spoils.lures;
        self.ways[spoils.theft].extend(spoils.ways);
    }

    /// Up to three transactions take all that a victim has.
    fn rob(&mut self, book: &mut Book, spoils: &mut Spoils) -> Vec<Loot> {
        let count = book.rng().between(1, 3);
        let all = book.draw(self.parameters.stolen) * MILLI + book.rng().below(MILLI);
        let (mut coins, first) = (Vec::new(), spoils.script(book));
        let is_reused = book.rng().chance(1, 2);
        for number in 0..count {
            let victims = book.rng().between(1, 5);
            let outputs = (0..victims).map(|_| Output {
                value: all / count / victims,
                script: book.script(),
            });
            let outputs = outputs.collect();
            let age = book.rng().between(24 * HOUR, 20 * 24 * HOUR);
            let robbed = book.grant(spoils.at.saturating_sub(age), outputs);
            let script = match number > 0 && !is_reused {
                true => spoils.script(book),
                false => first.clone(),
            };
            let value = sum(&robbed) - book.fee();
            let paid = book.pay(spoils.at, &robbed, vec![Output { value, script }]);
            spoils.wait(book, 60, HOUR);
            let incident = &mut self.incidents[spoils.theft];
            incident.amount += u128::from(value);
            incident.transactions.push(paid.txid);
            if incident.victim.is_empty() {
                incident.victim = robbed[0].address();
            }
            let theft = Some(spoils.theft);
            coins.extend(paid.coins.into_iter().map(|held| Loot::of(theft, held)));
        }
        coins
    }

    /// From the first address to the last: spread, layers, together, away.
    fn launder(&mut self, book: &mut Book, hand: &mut Hand, coins: Vec<Loot>, spoils: &mut Spoils) {
        let mut parts = self.spread(book, coins, spoils);
        let (began, mut last) = (spoils.at, spoils.at);
        let mut gathered = Vec::new();
        let kept = parts.remove(0);
        for (place, mut part) in parts.into_iter().enumerate() {
            spoils.at = began;
            for _ in 0..book.count(self.parameters.layers) {
                spoils.wait(book, 600, 6 * HOUR);
                part = self.move_on(book, part, spoils);
            }
            if book.happens(self.parameters.peel) {
                part = self.peel(book, part, spoils).1;
            }
            if book.happens(self.parameters.peel_chain) {
                part = self.peel_chain(book, part, spoils);
            }
            if book.happens(self.parameters.sleep) {
                spoils.at += book.draw(self.parameters.sleep_days) * 24 * HOUR;
                part = self.move_on(book, part, spoils);
            }
            if place > 0 && part.value() > SMALL && book.happens(self.parameters.mix) {
                self.wait_for_mixing(book, part, (&hand.name, spoils));
            } else {
                gathered.push(part);
            }
            last = last.max(spoils.at);
        }
        spoils.at = last;
        self.strangers(book, &mut gathered, spoils);
        self.keep(book, hand, kept, spoils);
        self.take_stash(hand, &mut gathered, spoils);
        let here = self.gather(book, hand, gathered, spoils);
        self.leave(book, hand, here, spoils);
    }

    fn spread(&mut self, book: &mut Book, coins: Vec<Loot>, spoils: &mut Spoils) -> Vec<Loot> {
        let count = book.count(self.parameters.fan_out);
        let mut rest: u64 = coins.iter().map(Loot::value).sum::<u64>() - SMALL;
        let mut outs = Vec::new();
        for place in 1..count {
            let share = rest / u64::try_from(count - place + 1).expect("a few parts");
            let part = share / 100 * book.rng().between(50, 120);
            rest -= part;
            outs.push((spoils.script(book), part));
        }
        let last = spoils.script(book);
        spoils.wait(book, 600, 8 * HOUR);
        let spent = self.spend(book, spoils, coins, (outs, last));
        spoils.shape("fan-out", count, vec![spent.txid]);
        spent.loot
    }

    /// All of a coin to a new address.
    fn move_on(&mut self, book: &mut Book, part: Loot, spoils: &mut Spoils) -> Loot {
        let next = spoils.script(book);
        let spent = self.spend(book, spoils, vec![part], (Vec::new(), next));
        only(spent.loot)
    }

    /// A little goes to somebody who has nothing to do with it, or to an exchange; the rest to a new address. Gives the
    /// payment and the rest.
    fn peel(&mut self, book: &mut Book, part: Loot, spoils: &mut Spoils) -> (Option<String>, Loot) {
        let little = part.value() / 1000 * book.draw(self.parameters.peeled);
        if part.value() < SMALL || little < MILLI / 10 {
            return (None, part);
        }
        let payee = match book.rng().chance(1, 3) {
            true => self.exchange(book, (None, None), spoils),
            false => self.passer_by(book),
        };
        spoils.wait(book, 600, 5 * HOUR);
        let rest = spoils.script(book);
        let outs = vec![(payee.script.clone(), little)];
        let spent = self.spend(book, spoils, vec![part], (outs, rest));
        let mut made = spent.loot.into_iter();
        let peeled = made.next().expect("two outputs");
        self.hand_over(&payee, peeled, &spent.txid);
        (Some(spent.txid), made.next().expect("two outputs"))
    }

    fn peel_chain(&mut self, book: &mut Book, mut part: Loot, spoils: &mut Spoils) -> Loot {
        let mut paid = Vec::new();
        for _ in 0..book.draw(self.parameters.peel_steps) {
            let (txid, rest) = self.peel(book, part, spoils);
            part = rest;
            paid.extend(txid);
        }
        spoils.shape("peel-chain", paid.len(), paid);
        part
    }

    /// A part stays: of a hand that spends coins of its thefts together as many coins as thefts are to come, for these.
    fn keep(&mut self, book: &mut Book, hand: &mut Hand, kept: Loot, spoils: &mut Spoils) {
        if !hand.co_spends || hand.to_come == 0 || kept.value() < 8 * SMALL {
            self.cash(("kept", None), &kept, None);
            return;
        }
        let began = spoils.at;
        spoils.wait(book, 600, 5 * HOUR);
        let part = kept.value() / u64::try_from(hand.to_come + 1).expect("a few thefts");
        let outs = (0..hand.to_come).map(|_| (spoils.script(book), part));
        let outs = outs.collect();
        let rest = spoils.script(book);
        let mut made = self
            .spend(book, spoils, vec![kept], (outs, rest))
            .loot
            .into_iter();
        hand.stash.extend(made.by_ref().take(hand.to_come));
        for rest in made {
            self.cash(("kept", None), &rest, None);
        }
        spoils.at = began;
    }

    /// One coin of every earlier theft is gathered with the parts of this one.
    fn take_stash(&mut self, hand: &mut Hand, gathered: &mut Vec<Loot>, spoils: &mut Spoils) {
        let mut taken = BTreeSet::from([Some(spoils.theft)]);
        for loot in std::mem::take(&mut hand.stash) {
            let whose = loot.shares[0].0;
            if !taken.insert(whose) {
                hand.stash.push(loot);
                continue;
            }
            let earlier = whose.expect("what is kept was stolen");
            self.ways[earlier].insert("co-spend");
            spoils.ways.insert("co-spend");
            spoils.accounts.push(loot.held.address());
            gathered.push(loot);
        }
    }

    /// The parts come together: in one transaction, or each by itself at one address from where they go on together.
    fn gather(
        &mut self,
        book: &mut Book,
        hand: &Hand,
        parts: Vec<Loot>,
        spoils: &mut Spoils,
    ) -> Loot {
        let collector = match &hand.collector {
            Some(shared) => spoils.shared(shared, "collector"),
            None => spoils.script(book),
        };
        spoils.wait(book, 600, 9 * HOUR);
        let inputs = parts.len();
        if book.rng().chance(1, 2) {
            let spent = self.spend(book, spoils, parts, (Vec::new(), collector));
            spoils.shape("consolidation", inputs, vec![spent.txid]);
            return only(spent.loot);
        }
        let mut here = Vec::new();
        for part in parts {
            // What was kept of an earlier theft comes along with the others, and not before.
            if part.shares[0].0 == Some(spoils.theft) {
                let to = (Vec::new(), collector.clone());
                here.push(only(self.spend(book, spoils, vec![part], to).loot));
                spoils.wait(book, 600, 5 * HOUR);
            } else {
                here.push(part);
            }
        }
        let next = spoils.script(book);
        let spent = self.spend(book, spoils, here, (Vec::new(), next));
        spoils.shape("consolidation", inputs, vec![spent.txid]);
        only(spent.loot)
    }

    /// The last coin pays exchanges and others, and the rest is kept.
    fn leave(&mut self, book: &mut Book, hand: &Hand, from: Loot, spoils: &mut Spoils) {
        let mut payees = vec![self.exchange(book, (Some(0), hand.deposit.as_ref()), spoils)];
        if book.rng().chance(1, 2) {
            payees.push(self.exchange(book, (None, None), spoils));
        }
        let lures = self.parameters.lures;
        for (kind, place, share) in [
            ("hot-wallet", 0, lures.hot_wallet),
            ("merchant", self.town.exchanges, lures.merchant),
        ] {
            if book.happens(share) {
                spoils.lures.insert(kind.to_owned());
                payees.push(Payee {
                    kind,
                    script: self.town.tills[place].wallet.clone(),
                    sink: Sink::Till(place),
                });
            }
        }
        let share = from.value() / u64::try_from(payees.len() + 1).expect("a few payees");
        let is_batch = book.rng().chance(1, 4);
        let size = if is_batch { payees.len() } else { 1 };
        let mut here = from;
        for payees in payees.chunks(size) {
            spoils.wait(book, HOUR, 30 * HOUR);
            let part = |payee: &Payee| {
                let value = share / 100 * book.rng().between(60, 100);
                (payee.script.clone(), value)
            };
            let outs = payees.iter().map(part).collect();
            let change = match &hand.change {
                Some(shared) => spoils.shared(shared, "change"),
                None => spoils.script(book),
            };
            let mut spent = self.spend(book, spoils, vec![here], (outs, change));
            here = spent.loot.pop().expect("the rest");
            for (payee, loot) in payees.iter().zip(spent.loot) {
                self.hand_over(payee, loot, &spent.txid);
            }
        }
        self.cash(("kept", None), &here, None);
    }

    /// Innocent money comes to the thief's addresses; half of it is gathered with the spoils.
    fn strangers(&mut self, book: &mut Book, gathered: &mut Vec<Loot>, spoils: &Spoils) {
        for _ in 0..book.count(self.parameters.strangers) {
            let person = book.rng().index(self.town.people.len());
            let place = book.rng().index(gathered.len());
            let script = gathered[place].held.script();
            let value = book.rng().between(MILLI, 40 * MILLI);
            let to = Output { value, script };
            let paid = self.town.person_pays(book, spoils.at, person, to);
            if let Some(held) = paid
                && book.rng().chance(1, 2)
            {
                gathered.push(Loot::of(None, held));
            }
        }
    }

    fn pay_fees(&mut self) {
        for (theft, amount) in std::mem::take(&mut self.fees) {
            self.cash_outs.push(CashOut {
                incident: id(theft),
                kind: "fee".to_owned(),
                service: None,
                address: String::new(),
                asset: super::BITCOIN.to_owned(),
                amount: u128::from(amount),
                transaction: None,
            });
        }
    }
}

fn only(loot: Vec<Loot>) -> Loot {
    let mut loot = loot.into_iter();
    loot.next().expect("a payment makes a coin")
}
