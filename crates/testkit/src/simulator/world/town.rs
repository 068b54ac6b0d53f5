//! Everybody but the thieves: people, exchanges with deposit addresses, bridge routers, faucets, brokers and traders.
//!
//! Nobody's beginning is told: people spend what they had before.

use super::book::{Book, Coin};
use super::parameters::{Span, WorldParameters};
use super::truth::{WorldDeposit, WorldService};

/// Seconds of an hour.
pub(super) const HOUR: u64 = 3600;

/// Who lives in a world.
#[derive(Debug)]
pub(super) struct Town {
    pub people: Vec<String>,
    pub exchanges: Vec<WorldService>,
    pub bridges: Vec<WorldService>,
    pub faucets: Vec<WorldService>,
    pub brokers: Vec<WorldService>,
    pub traders: Vec<String>,
    pub end: u64,
}

impl Town {
    /// Founds it, and tells its innocent life.
    pub fn found(book: &mut Book, parameters: &WorldParameters) -> Self {
        let count = parameters.people.count(&mut book.rng);
        let people: Vec<String> = (0..count).map(|_| book.account()).collect();
        for person in &people {
            let habit = book.habit(parameters.hands.as_ref());
            book.adopt(person, habit);
        }
        let mut town = Self {
            people,
            exchanges: services(book, "exchange", parameters.exchanges, parameters),
            bridges: services(book, "bridge", parameters.bridges, parameters),
            faucets: services(book, "faucet", parameters.faucets, parameters),
            brokers: services(book, "broker", parameters.brokers, parameters),
            traders: Vec::new(),
            end: parameters.days * 24 * HOUR,
        };
        // The first exchange built the bridges, which are everybody's all the same.
        if parameters.hands.is_some() {
            for bridge in &mut town.bridges {
                bridge.wallet = book.deploy(&town.exchanges[0].wallet);
            }
        }
        town.payments(book, parameters);
        for place in 0..town.exchanges.len() {
            town.customers(book, parameters, place);
        }
        for place in 0..town.bridges.len() {
            town.bridge_users(book, parameters, place);
        }
        for place in 0..town.faucets.len() {
            town.faucet_users(book, parameters, place);
        }
        for place in 0..town.brokers.len() {
            town.broker_life(book, parameters, place);
        }
        town.trade(book, parameters);
        town
    }

    /// Deposits into an account of an exchange and sweeps it some hours later; gas for a token comes from the exchange.
    /// Gives the paying transaction.
    pub fn deposit(
        &self,
        book: &mut Book,
        exchange: usize,
        (at, from, to): (u64, &str, &str),
        (coin, amount): (Coin, u128),
    ) -> String {
        let service = &self.exchanges[exchange];
        let txid = book.pay(at, from, to, coin, amount);
        let later = at + book.rng.between(HOUR / 2, 7 * HOUR);
        if coin == Coin::Stable {
            let station = service.gas_station.as_deref().unwrap_or(&service.wallet);
            book.pay(later, station, to, Coin::Ether, Coin::Ether.cents(300));
        }
        book.pay(later + 60, to, &service.wallet, coin, amount);
        txid
    }

    /// A new deposit address for a customer of an exchange.
    pub fn deposit_address(&mut self, book: &mut Book, exchange: usize, customer: &str) -> String {
        let address = book.account();
        self.exchanges[exchange].deposits.push(WorldDeposit {
            address: address.clone(),
            customer: customer.to_owned(),
            swept: true,
        });
        address
    }

    fn payments(&self, book: &mut Book, parameters: &WorldParameters) {
        for from in &self.people {
            for _ in 0..parameters.payments.count_of(book) {
                let to = book.rng.pick(&self.people).clone();
                let (at, coin) = (self.moment_of(book, from), coin(book));
                let amount = coin.cents(book.rng.between(500, 300_000));
                if *from != to {
                    book.pay(at, from, &to, coin, amount);
                }
            }
        }
    }

    fn customers(&mut self, book: &mut Book, parameters: &WorldParameters, exchange: usize) {
        for _ in 0..parameters.customers.count_of(book) {
            let person = book.rng.pick(&self.people).clone();
            let address = self.deposit_address(book, exchange, &person);
            for _ in 0..parameters.deposits.count_of(book) {
                let (at, coin) = (self.moment_of(book, &person), coin(book));
                let amount = coin.cents(book.rng.between(5_000, 2_000_000));
                self.deposit(book, exchange, (at, &person, &address), (coin, amount));
            }
            let hot = self.exchanges[exchange].wallet.clone();
            // Some withdrawals are paid together.
            let paid = (0..book.rng.between(1, 4))
                .map(|_| {
                    (
                        book.rng.pick(&self.people).clone(),
                        coin_amount(book, 900_000),
                    )
                })
                .collect::<Vec<_>>();
            let at = self.moment(book);
            book.pay_many(at, &hot, &paid, Coin::Stable.asset());
            let at = self.moment(book);
            let amount = Coin::Ether.cents(book.rng.between(1_000, 200_000));
            book.pay(at, &hot, &person, Coin::Ether, amount);
        }
    }

    fn bridge_users(&self, book: &mut Book, parameters: &WorldParameters, bridge: usize) {
        let router = self.bridges[bridge].wallet.clone();
        for _ in 0..parameters.bridge_users.count_of(book) {
            let (person, coin) = (book.rng.pick(&self.people).clone(), coin(book));
            let amount = coin.cents(book.rng.between(5_000, 4_000_000));
            let at = self.moment(book);
            if book.rng.chance(2, 3) {
                let at = book.in_hours_of(&person, at);
                book.pay(at, &person, &router, coin, amount);
            } else {
                book.pay(at, &router, &person, coin, amount);
            }
        }
    }

    fn faucet_users(&self, book: &mut Book, parameters: &WorldParameters, faucet: usize) {
        let wallet = self.faucets[faucet].wallet.clone();
        for _ in 0..parameters.faucet_users.count_of(book) {
            let user = if book.rng.chance(1, 2) {
                book.account()
            } else {
                book.rng.pick(&self.people).clone()
            };
            let at = self.moment(book);
            book.pay(at, &wallet, &user, Coin::Ether, Coin::Ether.cents(2_000));
        }
    }

    /// A broker buys the stable token from many, sells about as much, and keeps what is left at an exchange.
    fn broker_life(&mut self, book: &mut Book, parameters: &WorldParameters, broker: usize) {
        let (wallet, name) = (
            self.brokers[broker].wallet.clone(),
            self.brokers[broker].name.clone(),
        );
        let exchange = book.rng.index(self.exchanges.len());
        let own = self.deposit_address(book, exchange, &name);
        for _ in 0..parameters.broker_customers.count_of(book) {
            // Most customers are known from nowhere else.
            let customer = if book.rng.chance(1, 3) {
                book.rng.pick(&self.people).clone()
            } else {
                book.account()
            };
            for _ in 0..book.rng.between(2, 5) {
                let at = self.moment_of(book, &customer);
                let cents = book.rng.between(200_000, 20_000_000);
                book.pay(
                    at,
                    &customer,
                    &wallet,
                    Coin::Stable,
                    Coin::Stable.cents(cents),
                );
                let paid = Coin::Stable.cents(cents - cents / 200);
                let later = at + book.rng.between(HOUR, 20 * HOUR);
                if book.rng.chance(1, 2) {
                    self.deposit(book, exchange, (later, &wallet, &own), (Coin::Stable, paid));
                } else {
                    let buyer = book.rng.pick(&self.people).clone();
                    book.pay(later, &wallet, &buyer, Coin::Stable, paid);
                }
            }
        }
    }

    /// Traders deposit, withdraw, and deal with a few others.
    fn trade(&mut self, book: &mut Book, parameters: &WorldParameters) {
        for _ in 0..parameters.traders.count_of(book) {
            let trader = book.account();
            let habit = book.habit(parameters.hands.as_ref());
            book.adopt(&trader, habit);
            let exchange = book.rng.index(self.exchanges.len());
            let own = self.deposit_address(book, exchange, &trader);
            let hot = self.exchanges[exchange].wallet.clone();
            let partner = book.rng.pick(&self.people).clone();
            for _ in 0..parameters.trades.count_of(book) {
                let (at, coin) = (self.moment(book), coin(book));
                let amount = coin.cents(book.rng.between(100_000, 9_000_000));
                match book.rng.below(4) {
                    0 | 1 => {
                        book.pay(at, &hot, &trader, coin, amount);
                    }
                    2 => {
                        let at = book.in_hours_of(&trader, at);
                        self.deposit(book, exchange, (at, &trader, &own), (coin, amount));
                    }
                    _ => {
                        let at = book.in_hours_of(&trader, at);
                        book.pay(at, &trader, &partner, coin, amount);
                    }
                }
            }
            self.traders.push(trader);
        }
    }

    /// Any moment, as one of somebody's hours.
    fn moment_of(&self, book: &mut Book, who: &str) -> u64 {
        let at = self.moment(book);
        book.in_hours_of(who, at)
    }

    fn moment(&self, book: &mut Book) -> u64 {
        book.rng.below(self.end)
    }
}

impl Span {
    /// A count of the span.
    pub(super) fn count_of(self, book: &mut Book) -> usize {
        self.count(&mut book.rng)
    }
}

fn services(
    book: &mut Book,
    category: &str,
    count: Span,
    parameters: &WorldParameters,
) -> Vec<WorldService> {
    let count = count.count_of(book);
    let service = |number: usize| WorldService {
        name: format!("{category}-{}", number + 1),
        category: category.to_owned(),
        wallet: book.account(),
        gas_station: (category == "exchange").then(|| book.account()),
        labelled: category != "broker" && book.rng.chance(parameters.labelled, 1000),
        deposits: Vec::new(),
    };
    (0..count).map(service).collect()
}

fn coin(book: &mut Book) -> Coin {
    if book.rng.chance(1, 2) {
        Coin::Ether
    } else {
        Coin::Stable
    }
}

fn coin_amount(book: &mut Book, cents_max: u64) -> u128 {
    Coin::Stable.cents(book.rng.between(1_000, cents_max))
}
