//! The parameters of a world on a chain of outputs, as they stand in a file.
//!
//! As with worlds on chains of accounts every number is drawn from a range that the file names, so that methods can be
//! tuned on worlds of one file and measured on worlds of another. Shares are in thousandths.

use super::super::world::Span;
use serde::{Deserialize, Serialize};

/// The version of the file's form.
pub const OUTPUT_PARAMETERS_SCHEMA: &str = "whither.output-world-parameters/1";

/// What a world is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputParameters {
    /// [`OUTPUT_PARAMETERS_SCHEMA`].
    pub schema: String,
    /// Over how many days people live; thieves may be at it longer.
    pub days: u64,
    /// Innocent people.
    pub people: Span,
    /// How many coins each has at the beginning.
    pub coins: Span,
    /// How many payments people make to each other, each.
    pub payments: Span,
    /// How many payments in a thousand to a person, and changes of his own, go to an address that he used before.
    pub reuse: u64,
    /// Exchanges.
    pub exchanges: Span,
    /// Customers of an exchange, each with a deposit address.
    pub customers: Span,
    /// How often a customer deposits.
    pub deposits: Span,
    /// After how many hours an exchange sweeps its deposit addresses, all together.
    pub sweep_hours: Span,
    /// How often an exchange pays customers out.
    pub payouts: Span,
    /// How many at once.
    pub batch: Span,
    /// How many exchanges in a thousand take the change of payouts to new addresses.
    pub fresh_change: u64,
    /// Merchants, each paid at one address.
    pub merchants: Span,
    /// How many people buy from a merchant.
    pub buyers: Span,
    /// Ordinary traders.
    pub traders: Span,
    /// How many trades a trader makes.
    pub trades: Span,
    /// `CoinJoin` rounds of people alone.
    pub joins: Span,
    /// How many services in a thousand the labels name.
    pub labelled: u64,
    /// Hands that steal more than once.
    pub actors: Span,
    /// How often they do.
    pub thefts: Span,
    /// Hands that steal once.
    pub loners: Span,
    /// What a theft takes, in thousandths of a coin.
    pub stolen: Span,
    /// Over how many addresses the spoils spread.
    pub fan_out: Span,
    /// Over how many further addresses each part moves.
    pub layers: Span,
    /// How many parts in a thousand pay a little to a passer-by on the way.
    pub peel: u64,
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
    /// How many parts in a thousand go into a `CoinJoin`.
    pub mix: u64,
    /// How many innocent payments arrive at a thief's addresses.
    pub strangers: Span,
    /// What the thefts of one hand share; of a hand without any, one is drawn.
    pub ways: OutputWays,
    /// What thefts share whoever makes them.
    pub lures: OutputLures,
    /// Worthless outputs at the thieves' and at people's addresses.
    pub spam: u64,
}

/// What the thefts of one hand share, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputWays {
    /// The address where the parts come together.
    pub collector: u64,
    /// A later theft's parts are gathered together with a coin that was kept of an earlier one.
    pub co_spend: u64,
    /// A customer's deposit address at the first exchange.
    pub deposit: u64,
    /// The address that takes the change of the last payments.
    pub change: u64,
}

/// What thefts share whoever makes them, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputLures {
    /// A part goes straight into the first exchange's hot wallet, as if it gave no deposit addresses.
    pub hot_wallet: u64,
    /// The first merchant is paid.
    pub merchant: u64,
    /// Before its first theft a hand is paid out by the first exchange, together with others, and spends that coin with
    /// the spoils.
    pub payout: u64,
    /// The parts that are mixed are mixed in one round with those of other hands.
    pub mixer: u64,
}

impl OutputParameters {
    /// Reads a file's text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if read.schema != OUTPUT_PARAMETERS_SCHEMA {
            return Err(format!(
                "the schema is {:?}, not {OUTPUT_PARAMETERS_SCHEMA:?}",
                read.schema
            ));
        }
        let is_small = read.people.0 < 30 || read.coins.0 < 2 || read.days < 10;
        if is_small || read.exchanges.0 < 1 || read.merchants.0 < 1 || read.fan_out.0 < 2 {
            return Err(
                "a world needs 30 people with 2 coins each, an exchange, a merchant, a fan-out of 2 and 10 days".to_owned(),
            );
        }
        Ok(read)
    }

    /// The committed parameters that methods may be tuned on.
    #[must_use]
    pub fn tuning() -> Self {
        Self::parse(include_str!("../../../worlds/outputs-tuning.json"))
            .expect("the file that ships is sound")
    }

    /// The committed parameters that methods are measured on, and that nothing was tuned on.
    #[must_use]
    pub fn held_out() -> Self {
        Self::parse(include_str!("../../../worlds/outputs.json"))
            .expect("the file that ships is sound")
    }
}
