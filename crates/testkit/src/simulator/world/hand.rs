//! One hand: which places it keeps for all of its thefts, and how it pays.

use super::book::{Book, Coin};
use super::customs::Habit;
use super::parameters::{Ways, WorldParameters};
use super::town::{HOUR, Town};

/// One hand.
#[derive(Debug)]
pub(super) struct Hand {
    pub name: String,
    pub collector: Option<String>,
    pub pool: Option<String>,
    /// At the first exchange.
    pub deposit: Option<String>,
    pub funder: Option<String>,
    /// How it pays, where that is told.
    pub habit: Option<Habit>,
    /// Whether it moves what it steals through contracts that it deploys.
    pub deploys: bool,
}

impl Hand {
    /// Draws one, which has places for all of its thefts where it has several.
    pub fn draw(
        book: &mut Book,
        town: &mut Town,
        parameters: &WorldParameters,
        name: String,
        shares: bool,
    ) -> Self {
        let Ways {
            collector,
            pool,
            deposit,
            funder,
        } = parameters.ways;
        let hands = parameters.hands;
        let is_apart = hands.is_some_and(|hands| book.rng.chance(hands.apart, 1000));
        let shares = shares && !is_apart;
        let habit = book.habit(hands.as_ref());
        let deploys = hands.is_some_and(|hands| book.rng.chance(hands.deployers, 1000));
        let mut drawn = [collector, pool, deposit, funder].map(|way| book.rng.chance(way, 1000));
        if drawn == [false; 4] {
            drawn[book.rng.index(4)] = true;
        }
        let mut account = |is_drawn: bool| {
            let account = (shares && is_drawn).then(|| book.account())?;
            book.adopt(&account, habit);
            Some(account)
        };
        let (collector, pool, funder) = (account(drawn[0]), account(drawn[1]), account(drawn[3]));
        let deposit = (shares && drawn[2]).then(|| town.deposit_address(book, 0, &name));
        if let Some(funder) = &funder {
            let hot = town.exchanges[0].wallet.clone();
            // Before any theft.
            book.pay(HOUR, &hot, funder, Coin::Ether, Coin::Ether.cents(900_000));
        }
        Self {
            name,
            collector,
            pool,
            deposit,
            funder,
            habit,
            deploys,
        }
    }

    /// What its thefts have in common for how it pays.
    pub fn customs(&self) -> impl Iterator<Item = &'static str> {
        let habit = self.habit.unwrap_or_default();
        let hours = habit.office.map(|_| "hours");
        hours.into_iter().chain(habit.price_gwei.map(|_| "price"))
    }
}
