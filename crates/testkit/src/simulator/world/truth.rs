//! What really happened in a world: whose the thefts are, what they share, and who everybody is.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The version of the form.
pub const WORLD_SCHEMA: &str = "whither.world-truth/1";

/// The answer sheet of a world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldTruth {
    /// [`WORLD_SCHEMA`].
    pub schema: String,
    /// The seed that makes all this again, with the parameters.
    pub seed: u64,
    /// The thefts.
    pub incidents: Vec<WorldIncident>,
    /// Every pair of them.
    pub pairs: Vec<WorldPair>,
    /// Exchanges, bridge routers, faucets and brokers.
    pub services: Vec<WorldService>,
    /// Ordinary traders.
    pub traders: Vec<String>,
    /// Where the thieves' money left, and what they kept.
    pub cash_outs: Vec<CashOut>,
    /// How many rows are spam. It is told last: without it the same seed makes the same rest.
    pub spam: u64,
}

/// A theft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldIncident {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub actor: String,
    /// CAIP-19 of what was taken.
    pub asset: String,
    /// How much, in the smallest unit.
    #[serde(with = "super::super::truth::decimal")]
    pub amount: u128,
    /// Seconds since 1970.
    pub time: u64,
    /// Who was robbed.
    pub victim: String,
    /// The transactions that took it: where a trace starts.
    pub transactions: Vec<String>,
    /// The accounts that the thief used for it, services and deposit addresses left out.
    pub accounts: Vec<String>,
    /// The shapes that his plan had, whatever others brought into it.
    pub patterns: Vec<WorldPattern>,
}

/// A shape of a thief's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldPattern {
    /// `fan-out`, `consolidation`, `peel-chain` or `dormancy`.
    pub typology: String,
    /// Payees, payers, steps, or days.
    pub size: u64,
    /// The payments.
    pub transactions: Vec<String>,
}

/// Two thefts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldPair {
    /// The first.
    pub a: String,
    /// The second.
    pub b: String,
    /// Whether one hand made both.
    pub same: bool,
    /// What they share because of that: `collector`, `pool`, `deposit`, `funder`, `contract` (contracts that one account
    /// deployed), `hours` (office hours), `price` (its own price for gas).
    pub ways: Vec<String>,
    /// What they share whoever made them: `broker`, `bridge`, `faucet`, `withdrawal`, `hot-wallet`, or an exchange by its
    /// name (`exchange-1`).
    pub lures: Vec<String>,
}

impl WorldPair {
    /// Every pair of these, with what it shares: by theft, its hand's ways and the lures that it took.
    pub(in crate::simulator) fn all(
        incidents: &[WorldIncident],
        ways_of: &[BTreeSet<&'static str>],
        lures_of: &[BTreeSet<String>],
    ) -> Vec<Self> {
        let mut pairs = Vec::new();
        for (one, a) in incidents.iter().enumerate() {
            for (other, b) in incidents.iter().enumerate().skip(one + 1) {
                let same = a.actor == b.actor;
                let ways = ways_of[one].intersection(&ways_of[other]);
                let lures = lures_of[one].intersection(&lures_of[other]);
                pairs.push(Self {
                    a: a.id.clone(),
                    b: b.id.clone(),
                    same,
                    ways: ways.filter(|_| same).map(|way| (*way).to_owned()).collect(),
                    lures: lures.cloned().collect(),
                });
            }
        }
        pairs
    }
}

/// Somebody who serves many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldService {
    /// Its name.
    pub name: String,
    /// `exchange`, `bridge`, `faucet` or `broker`.
    pub category: String,
    /// Where it keeps what it has.
    pub wallet: String,
    /// Who pays gas for its deposit addresses.
    pub gas_station: Option<String>,
    /// Whether the labels name it; a broker never is.
    pub labelled: bool,
    /// Its customers' deposit addresses.
    pub deposits: Vec<WorldDeposit>,
}

/// A customer's deposit address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldDeposit {
    /// The address.
    pub address: String,
    /// Whose: a person's account, `actor-N`, or a broker's name.
    pub customer: String,
    /// Whether it was swept into the wallet.
    pub swept: bool,
}

/// Money of thieves that left, or stayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashOut {
    /// Of which theft: whose part of the plan it was, whatever money a rule says it is.
    pub incident: String,
    /// `exchange`, `broker`, `bridge`, `hot-wallet`, `passer-by` or `kept`.
    pub kind: String,
    /// The service's name, if it is one.
    pub service: Option<String>,
    /// Where it was paid: of an exchange the deposit address.
    pub address: String,
    /// CAIP-19.
    pub asset: String,
    /// How much, in the smallest unit.
    #[serde(with = "super::super::truth::decimal")]
    pub amount: u128,
    /// The transaction; none where it stayed.
    pub transaction: Option<String>,
}
