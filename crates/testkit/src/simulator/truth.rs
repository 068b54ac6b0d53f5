//! What really happened in a simulated theft: the answer sheet beside a chain or a table.
//!
//! Its form as JSON is described in the reference, `simulator-truth.md`. What the thief did is written down as he
//! did it; where FIFO says the money went is the naive reference's answer.

use serde::{Deserialize, Serialize};

/// The version of the form.
pub const SCHEMA: &str = "whither.simulator-truth/1";

/// How much goes on in a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimSize {
    /// How many innocent people there are.
    pub innocents: usize,
    /// How many innocent payments go with every step of the story.
    pub traffic: usize,
    /// How many victims are robbed; at least two.
    pub victims: usize,
    /// How many times the peel chain peels; at least three.
    pub peel_hops: usize,
    /// Over how many addresses the fan-out spreads; at least four.
    pub fan_out: usize,
    /// How many innocent deposits the service receives.
    pub deposits: usize,
}

impl SimSize {
    /// A few dozen transactions.
    pub const SMALL: Self = Self {
        innocents: 6,
        traffic: 1,
        victims: 3,
        peel_hops: 4,
        fan_out: 5,
        deposits: 2,
    };
    /// A few hundred transactions.
    pub const MEDIUM: Self = Self {
        innocents: 30,
        traffic: 5,
        victims: 8,
        peel_hops: 12,
        fan_out: 16,
        deposits: 10,
    };
    /// A few thousand transactions.
    pub const LARGE: Self = Self {
        innocents: 200,
        traffic: 25,
        victims: 20,
        peel_hops: 60,
        fan_out: 60,
        deposits: 60,
    };

    /// Panics where the story would miss a part.
    pub(super) fn check(self) {
        let enough =
            self.innocents > 0 && self.victims > 1 && self.peel_hops > 2 && self.fan_out > 3;
        assert!(enough, "the scenario is too small for its story");
    }
}

/// The answer sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// [`SCHEMA`].
    pub schema: String,
    /// `utxo` or `account`.
    pub kind: String,
    /// The seed that makes all this again.
    pub seed: u64,
    /// What was stolen in all, in the smallest unit.
    #[serde(with = "decimal")]
    pub stolen: u128,
    /// The theft.
    pub theft: Theft,
    /// Every address that the thief controls, in the order of first use.
    pub thief: Vec<String>,
    /// What he did, in the order in which he did it.
    pub typologies: Vec<Typology>,
    /// The service he cashed out at.
    pub service: Service,
    /// Accounts only: unexplained beginnings, sorted by address.
    pub openings: Vec<Beginning>,
    /// What really is the thief's at the end: outputs, or addresses.
    pub kept: Vec<String>,
    /// Where FIFO says the stolen money ended, origins being `theft.origins` in their order.
    pub fifo: Fate,
}

/// The theft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Theft {
    /// The transactions that took the money.
    pub transactions: Vec<String>,
    /// What was taken: the victims' outputs, or their addresses.
    pub victims: Vec<String>,
    /// Where a trace of it starts: the thief's outputs `txid:vout`, or the transactions.
    pub origins: Vec<String>,
}

/// One thing that the thief did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typology {
    /// `peel-chain`, `same-block`, `fan-out`, `data-carrier`, `consolidation`, `mixing`, `router`,
    /// `deposit` or `sweep`.
    pub kind: String,
    /// Its transactions, in order.
    pub transactions: Vec<String>,
    /// The outputs or addresses that it led to, in order.
    pub places: Vec<String>,
}

impl Typology {
    /// One with nothing in it yet.
    pub(super) fn new(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            transactions: Vec::new(),
            places: Vec::new(),
        }
    }
}

/// The service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its hot wallet's address.
    pub hot: String,
    /// The deposit addresses that the thief used and that were swept into the hot wallet.
    pub deposits: Vec<String>,
    /// A deposit address that the thief used and that was never swept.
    pub unswept: String,
    /// The deposit addresses of innocent customers.
    pub innocent_deposits: Vec<String>,
}

/// An account's unexplained beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beginning {
    /// Whose.
    pub address: String,
    /// How much at the least.
    #[serde(with = "decimal")]
    pub amount: u128,
}

/// Where stolen money ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fate {
    /// With no stop at all.
    pub followed_through: Vec<End>,
    /// With the hot wallet known as a service.
    pub stopped_at_service: Vec<End>,
}

/// One endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The kind of endpoint.
    pub kind: String,
    /// The output, the address, or for a fee the transaction.
    pub place: String,
    /// The origin, by its place in `theft.origins`.
    pub origin: usize,
    /// How much.
    #[serde(with = "decimal")]
    pub amount: u128,
}

/// Amounts stand in JSON as strings of digits.
pub(super) mod decimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in crate::simulator) fn serialize<S: Serializer>(
        amount: &u128,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_str(amount)
    }

    pub(in crate::simulator) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<u128, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(D::Error::custom)
    }
}
