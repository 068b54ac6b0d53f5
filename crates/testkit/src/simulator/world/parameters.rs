//! The parameters of a world, as they stand in a file.
//!
//! Every number of a world is drawn from a range that its file names, so that methods can be tuned on worlds of one
//! file and measured on worlds of another. Shares are in thousandths.

use crate::rng::SplitMix64;
use serde::{Deserialize, Serialize};

/// The version of the file's form.
pub const PARAMETERS_SCHEMA: &str = "whither.world-parameters/1";

/// The least and the most of something, both included; in a file a list of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span(pub u64, pub u64);

impl Span {
    /// A number of the span.
    pub(super) fn draw(self, rng: &mut SplitMix64) -> u64 {
        rng.between(self.0, self.1.max(self.0))
    }

    /// The same as a count.
    pub(super) fn count(self, rng: &mut SplitMix64) -> usize {
        usize::try_from(self.draw(rng)).expect("a small count")
    }
}

/// What a world is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldParameters {
    /// [`PARAMETERS_SCHEMA`].
    pub schema: String,
    /// Over how many days it goes.
    pub days: u64,
    /// Innocent people.
    pub people: Span,
    /// How many payments people make to each other, each.
    pub payments: Span,
    /// Exchanges.
    pub exchanges: Span,
    /// Customers of an exchange, each with a deposit address.
    pub customers: Span,
    /// How often a customer deposits.
    pub deposits: Span,
    /// Bridge routers.
    pub bridges: Span,
    /// How many people use a bridge router.
    pub bridge_users: Span,
    /// Gas faucets.
    pub faucets: Span,
    /// How many accounts a faucet pays.
    pub faucet_users: Span,
    /// OTC brokers.
    pub brokers: Span,
    /// How many people sell to a broker, each several times.
    pub broker_customers: Span,
    /// Ordinary traders.
    pub traders: Span,
    /// How many trades a trader makes.
    pub trades: Span,
    /// How many services in a thousand the labels name.
    pub labelled: u64,
    /// Hands that steal more than once.
    pub actors: Span,
    /// How often they do.
    pub thefts: Span,
    /// Hands that steal once.
    pub loners: Span,
    /// What a theft takes, in thousands of dollars.
    pub stolen: Span,
    /// How many thefts in a thousand take ether; the rest take a stable token.
    pub ether: u64,
    /// Over how many accounts the spoils spread.
    pub fan_out: Span,
    /// Over how many further accounts each part moves.
    pub layers: Span,
    /// How many parts in a thousand pay a little to a passer-by on the way.
    pub peel: u64,
    /// How many innocent payments arrive in a thief's accounts.
    pub strangers: Span,
    /// What the thefts of one hand share; of a hand without any, one is drawn.
    pub ways: Ways,
    /// What thefts share whoever makes them.
    pub lures: Lures,
    /// Worthless transfers around the thieves' accounts.
    pub spam: u64,
    /// What thieves do with parts beyond moving them on; without it, nothing.
    #[serde(default)]
    pub habits: Option<Habits>,
    /// How hands and people go about paying; without it everybody pays at any hour, nobody pays for gas, and nobody
    /// deploys a contract.
    #[serde(default)]
    pub hands: Option<Hands>,
}

/// How hands and people go about paying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hands {
    /// How many hands and people in a thousand keep office hours.
    pub office: u64,
    /// How long these are, in hours; they begin at any hour of the day.
    pub office_hours: Span,
    /// How many hands and people in a thousand name their own price for gas; the others pay what is asked.
    pub own_price: u64,
    /// That price, in whole gwei.
    pub price_gwei: Span,
    /// How many hands in a thousand move what they steal through contracts that they deploy.
    pub deployers: u64,
    /// How many hands in a thousand that steal more than once share no place among their thefts.
    pub apart: u64,
}

/// What thieves do with parts of the spoils on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Habits {
    /// How many parts in a thousand go down a chain of peels.
    pub peel_chain: u64,
    /// How many steps that has.
    pub peel_steps: Span,
    /// How much of each step is peeled off, in thousandths.
    pub peeled: Span,
    /// How many parts in a thousand lie still before they move on.
    pub sleep: u64,
    /// For how many days.
    pub sleep_days: Span,
}

/// What the thefts of one hand share, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ways {
    /// The account where the parts come together.
    pub collector: u64,
    /// An account further on, where money of the earlier theft still lies.
    pub pool: u64,
    /// A customer's deposit address at an exchange.
    pub deposit: u64,
    /// A private account that pays for gas.
    pub funder: u64,
}

/// What thefts share whoever makes them, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lures {
    /// The first broker buys a part.
    pub broker: u64,
    /// The first bridge router takes a part.
    pub bridge: u64,
    /// The first faucet pays for gas.
    pub faucet: u64,
    /// The first exchange's hot wallet pays for gas.
    pub withdrawal: u64,
    /// A part goes straight into the first exchange's hot wallet, as if it gave no deposit addresses.
    pub hot_wallet: u64,
}

impl WorldParameters {
    /// Reads a file's text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if read.schema != PARAMETERS_SCHEMA {
            return Err(format!(
                "the schema is {:?}, not {PARAMETERS_SCHEMA:?}",
                read.schema
            ));
        }
        if read.people.0 < 4 || read.exchanges.0 < 1 || read.fan_out.0 < 2 || read.days < 10 {
            return Err(
                "a world needs 4 people, an exchange, a fan-out of 2 and 10 days".to_owned(),
            );
        }
        Ok(read)
    }

    /// The committed parameters that methods were tuned on.
    #[must_use]
    pub fn tuning() -> Self {
        Self::parse(include_str!("../../../worlds/tuning.json"))
            .expect("the file that ships is sound")
    }

    /// The committed parameters whose thieves have habits, on which typologies are measured.
    #[must_use]
    pub fn habits() -> Self {
        Self::parse(include_str!("../../../worlds/habits.json"))
            .expect("the file that ships is sound")
    }

    /// The committed parameters whose hands and people pay each in their own way, on which the links that this makes are
    /// measured.
    #[must_use]
    pub fn hands() -> Self {
        Self::parse(include_str!("../../../worlds/hands.json"))
            .expect("the file that ships is sound")
    }

    /// The committed parameters that methods are measured on, and that nothing was tuned on.
    #[must_use]
    pub fn held_out() -> Self {
        Self::parse(include_str!("../../../worlds/held-out.json"))
            .expect("the file that ships is sound")
    }
}
