//! Everybody but the thieves: people who pay each other, exchanges with deposit addresses that are swept together, merchants,
//! traders, and people who mix.
//!
//! What they do is drawn when the town is founded and done in the order of time, so that nobody spends what he does not
//! have yet. Thieves are told in between: what they pay is spent on by whoever got it.

use super::super::block::Output;
use super::super::script::Script;
use super::super::world::{Span, WorldDeposit, WorldService};
use super::book::{Book, HOUR, Held, MILLI, sum, take};
use super::mixer::{self, Make};
use super::parameters::OutputParameters;
use super::truth::WorldMixing;

/// An exchange sweeps so many deposit addresses in one transaction, at most.
const SWEEP_MAX: usize = 40;
/// What is less is left to the miners, in satoshi.
const DUST: u64 = 1_000;

/// Somebody who has nothing to do with the thefts.
pub(super) struct Person {
    /// The address that he uses again and again.
    pub script: Script,
    pub coins: Vec<Held>,
}

impl Person {
    pub fn address(&self) -> String {
        self.script.address.clone().expect("people have addresses")
    }
}

/// What a service has: coins of its own, and those at its customers' deposit addresses.
pub(super) struct Till {
    pub wallet: Script,
    pub coins: Vec<Held>,
    pub unswept: Vec<Held>,
    is_fresh: bool,
}

/// A customer: at which exchange, which person, where he deposits.
struct Customer {
    exchange: usize,
    person: usize,
    script: Script,
}

/// What somebody does.
#[derive(Clone, Copy)]
enum Act {
    Pay { person: usize },
    Deposit { customer: usize },
    Sweep { exchange: usize },
    PayOut { exchange: usize },
    Buy { merchant: usize },
    Gather { merchant: usize },
    Trade { customer: usize },
    Join,
}

/// Who lives in a world.
pub(super) struct Town {
    pub people: Vec<Person>,
    /// Exchanges first, then merchants; `tills` in the same order.
    pub services: Vec<WorldService>,
    pub tills: Vec<Till>,
    pub exchanges: usize,
    pub traders: Vec<String>,
    pub mixings: Vec<WorldMixing>,
    /// When people stop, in seconds from the beginning.
    pub end: u64,
    customers: Vec<Customer>,
    /// In the order of time, the last first.
    acts: Vec<(u64, Act)>,
    batch: Span,
    reuse: u64,
}

impl Town {
    /// Founds it.
    pub fn found(book: &mut Book, parameters: &OutputParameters) -> Self {
        let mut town = Self {
            people: Vec::new(),
            services: Vec::new(),
            tills: Vec::new(),
            exchanges: book.count(parameters.exchanges),
            traders: Vec::new(),
            mixings: Vec::new(),
            end: parameters.days * 24 * HOUR,
            customers: Vec::new(),
            acts: Vec::new(),
            batch: parameters.batch,
            reuse: parameters.reuse,
        };
        for _ in 0..book.count(parameters.people) {
            town.settle(book, parameters);
        }
        for place in 0..town.exchanges {
            town.open(book, parameters, ("exchange", place));
        }
        for place in 0..book.count(parameters.merchants) {
            town.open(book, parameters, ("merchant", place));
        }
        town.plan(book, parameters);
        town
    }

    /// A person with some coins.
    fn settle(&mut self, book: &mut Book, parameters: &OutputParameters) {
        let script = book.script();
        let mut outputs = Vec::new();
        for _ in 0..book.count(parameters.coins) {
            let value = book.rng().between(40 * MILLI, 900 * MILLI);
            let script = book.script();
            outputs.push(Output { value, script });
        }
        let coins = book.grant(0, outputs);
        self.people.push(Person { script, coins });
    }

    fn open(
        &mut self,
        book: &mut Book,
        parameters: &OutputParameters,
        (category, place): (&str, usize),
    ) {
        let wallet = book.script();
        let mut till = Till {
            wallet: wallet.clone(),
            coins: Vec::new(),
            unswept: Vec::new(),
            is_fresh: book.happens(parameters.fresh_change),
        };
        if category == "exchange" {
            let value = book.rng().between(4_000 * MILLI, 12_000 * MILLI);
            let script = wallet.clone();
            let outputs = vec![Output { value, script }; 4];
            till.coins = book.grant(0, outputs);
        }
        self.tills.push(till);
        self.services.push(WorldService {
            name: format!("{category}-{}", place + 1),
            category: category.to_owned(),
            wallet: wallet.address.expect("a wallet has an address"),
            gas_station: None,
            labelled: book.happens(parameters.labelled),
            deposits: Vec::new(),
        });
    }

    /// Draws what everybody does.
    fn plan(&mut self, book: &mut Book, parameters: &OutputParameters) {
        let mut acts: Vec<Act> = Vec::new();
        for person in 0..self.people.len() {
            let count = book.count(parameters.payments);
            acts.extend(vec![Act::Pay { person }; count]);
        }
        for exchange in 0..self.exchanges {
            for _ in 0..book.count(parameters.customers) {
                let customer = self.customer(book, exchange);
                let count = book.count(parameters.deposits);
                acts.extend(vec![Act::Deposit { customer }; count]);
            }
            let count = book.count(parameters.payouts);
            acts.extend(vec![Act::PayOut { exchange }; count]);
        }
        for _ in 0..book.count(parameters.traders) {
            let exchange = book.rng().index(self.exchanges);
            let customer = self.customer(book, exchange);
            let trader = &self.people[self.customers[customer].person];
            self.traders.push(trader.address());
            let count = book.count(parameters.trades);
            acts.extend(vec![Act::Trade { customer }; count]);
        }
        for merchant in self.exchanges..self.tills.len() {
            let count = book.count(parameters.buyers);
            acts.extend(vec![Act::Buy { merchant }; count]);
            acts.extend([Act::Gather { merchant }; 4]);
        }
        let count = book.count(parameters.joins);
        acts.extend(vec![Act::Join; count]);
        let end = self.end;
        let timed = acts.into_iter().map(|act| (book.rng().below(end), act));
        self.acts = timed.collect();
        for exchange in 0..self.exchanges {
            let every = book.draw(parameters.sweep_hours).max(1) * HOUR;
            let sweeps = (1..=end / every).map(|time| (time * every, Act::Sweep { exchange }));
            self.acts.extend(sweeps);
        }
        self.acts.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    }

    fn customer(&mut self, book: &mut Book, exchange: usize) -> usize {
        let person = book.rng().index(self.people.len());
        let name = self.people[person].address();
        let script = self.deposit_script(book, exchange, &name);
        self.customers.push(Customer {
            exchange,
            person,
            script,
        });
        self.customers.len() - 1
    }

    /// A new deposit address for a customer of an exchange.
    pub fn deposit_script(&mut self, book: &mut Book, exchange: usize, customer: &str) -> Script {
        let script = book.script();
        self.services[exchange].deposits.push(WorldDeposit {
            address: script.address.clone().expect("it has an address"),
            customer: customer.to_owned(),
            swept: true,
        });
        script
    }

    /// Does what was to be done before a time.
    pub fn live(&mut self, book: &mut Book, until: u64) {
        while let Some((at, act)) = self.acts.pop_if(|(at, _)| *at < until) {
            self.act(book, at, act);
        }
    }

    /// Whatever lies at a deposit address yet is swept.
    pub fn close(&mut self, book: &mut Book) {
        for exchange in 0..self.exchanges {
            let unswept = self.tills[exchange].unswept.iter();
            let last = unswept.map(|held| held.came).fold(self.end, u64::max);
            self.sweep(book, last + HOUR, exchange);
        }
    }

    fn act(&mut self, book: &mut Book, at: u64, act: Act) {
        match act {
            Act::Pay { person } => {
                let payee = book.rng().index(self.people.len());
                let value = book.rng().between(2 * MILLI, 250 * MILLI);
                let script = self.script_of(book, payee);
                let paid = self.person_pays(book, at, person, Output { value, script });
                self.people[payee].coins.extend(paid);
            }
            Act::Deposit { customer } => self.deposit(book, at, customer),
            Act::Sweep { exchange } => self.sweep(book, at, exchange),
            Act::PayOut { exchange } => {
                let count = book.count(self.batch);
                let payees: Vec<usize> = (0..count.max(1))
                    .map(|_| book.rng().index(self.people.len()))
                    .collect();
                self.pay_out(book, at, exchange, (&payees, &[]));
            }
            Act::Buy { merchant } => {
                let person = book.rng().index(self.people.len());
                let value = book.rng().between(MILLI, 60 * MILLI);
                let script = self.tills[merchant].wallet.clone();
                let paid = self.person_pays(book, at, person, Output { value, script });
                self.tills[merchant].coins.extend(paid);
            }
            Act::Gather { merchant } => self.gather(book, at, merchant),
            Act::Trade { customer } => {
                let Customer {
                    exchange, person, ..
                } = self.customers[customer];
                if book.rng().chance(1, 2) {
                    self.deposit(book, at, customer);
                } else {
                    self.pay_out(book, at, exchange, (&[person], &[]));
                }
            }
            Act::Join => {
                let make = *book.rng().pick(&Make::ALL);
                mixer::round(book, self, at, (make, &[]));
            }
        }
    }

    fn deposit(&mut self, book: &mut Book, at: u64, customer: usize) {
        let Customer {
            exchange,
            person,
            ref script,
        } = self.customers[customer];
        let script = script.clone();
        let value = book.rng().between(5 * MILLI, 400 * MILLI);
        let paid = self.person_pays(book, at, person, Output { value, script });
        self.tills[exchange].unswept.extend(paid);
    }

    /// All deposit addresses to which something came are swept together.
    fn sweep(&mut self, book: &mut Book, at: u64, exchange: usize) {
        let till = &mut self.tills[exchange];
        let all = std::mem::take(&mut till.unswept);
        let (there, later): (Vec<Held>, Vec<Held>) =
            all.into_iter().partition(|held| held.came <= at);
        till.unswept = later;
        for coins in there.chunks(SWEEP_MAX) {
            let value = sum(coins) - book.fee();
            let script = self.tills[exchange].wallet.clone();
            let paid = book.pay(at, coins, vec![Output { value, script }]);
            self.tills[exchange].coins.extend(paid.coins);
        }
    }

    /// An exchange pays people, and further outputs, which it gives; nothing where it has not enough.
    pub fn pay_out(
        &mut self,
        book: &mut Book,
        at: u64,
        exchange: usize,
        (payees, further): (&[usize], &[Output]),
    ) -> Vec<Held> {
        let mut outputs = further.to_vec();
        for payee in payees {
            let value = book.rng().between(5 * MILLI, 150 * MILLI);
            let script = self.script_of(book, *payee);
            outputs.push(Output { value, script });
        }
        let value: u64 = outputs.iter().map(|output| output.value).sum();
        let till = &mut self.tills[exchange];
        let Some(coins) = take(book.rng(), &mut till.coins, at, value) else {
            return Vec::new();
        };
        let change = sum(&coins) - value - book.fee();
        let script = match self.tills[exchange].is_fresh {
            true => book.script(),
            false => self.tills[exchange].wallet.clone(),
        };
        if change > DUST {
            outputs.push(Output {
                value: change,
                script,
            });
        }
        let mut paid = book.pay(at, &coins, outputs).coins;
        if change > DUST {
            self.tills[exchange].coins.extend(paid.pop());
        }
        let to_people = paid.split_off(further.len());
        for (payee, held) in payees.iter().zip(to_people) {
            self.people[*payee].coins.push(held);
        }
        paid
    }

    /// A merchant brings together what buyers paid, at an address of his or at an exchange.
    fn gather(&mut self, book: &mut Book, at: u64, merchant: usize) {
        let all = std::mem::take(&mut self.tills[merchant].coins);
        let (coins, later): (Vec<Held>, Vec<Held>) =
            all.into_iter().partition(|held| held.came <= at);
        self.tills[merchant].coins = later;
        if sum(&coins) < 10 * MILLI {
            self.tills[merchant].coins.extend(coins);
            return;
        }
        let value = sum(&coins) - book.fee();
        if book.rng().chance(1, 2) {
            let exchange = book.rng().index(self.exchanges);
            let name = self.services[merchant].name.clone();
            let script = self.deposit_script(book, exchange, &name);
            let paid = book.pay(at, &coins, vec![Output { value, script }]);
            self.tills[exchange].unswept.extend(paid.coins);
        } else {
            let script = book.script();
            let paid = book.pay(at, &coins, vec![Output { value, script }]);
            self.tills[merchant].coins.extend(paid.coins);
        }
    }

    /// Where a person is paid: at the address that he uses again, or at a new one.
    pub fn script_of(&self, book: &mut Book, person: usize) -> Script {
        match book.happens(self.reuse) {
            true => self.people[person].script.clone(),
            false => book.script(),
        }
    }

    /// A person pays, if he has enough, and takes the change.
    pub fn person_pays(
        &mut self,
        book: &mut Book,
        at: u64,
        person: usize,
        to: Output,
    ) -> Option<Held> {
        let coins = take(book.rng(), &mut self.people[person].coins, at, to.value)?;
        let change = sum(&coins) - to.value - book.fee();
        let mut outputs = vec![to];
        if change > DUST {
            let script = self.script_of(book, person);
            outputs.push(Output {
                value: change,
                script,
            });
        }
        let mut paid = book.pay(at, &coins, outputs).coins.into_iter();
        let to = paid.next();
        self.people[person].coins.extend(paid);
        to
    }
}
