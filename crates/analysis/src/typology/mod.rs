//! Typologies: laundering patterns that a trace shows, each with its transactions and with how common the same shape is.
//!
//! A shape is a predicate of a unit of the chain: of a transaction on a chain of outputs, of a holding (address, asset) on a
//! chain of accounts. It is asked of the units that the trace passes, which gives findings, and of the units around them,
//! which gives the base rate: how many of those that moved the same assets in the trace's own window have it. A shape that
//! every tenth payment has says little, and a reader must see that. What is read off the trace itself (how deep it is, which
//! mixers, bridges, services it ends at, what was exchanged) is counted the same way where there is something to count.
//!
//! Movements of less than a millionth of what was followed of their asset count neither in a finding nor in its base rate, so
//! that dust that anybody sends changes nothing. A pattern is a description and no proof of intent: payrolls fan out, miners
//! consolidate, an exchange peels. Measured in `docs/methods/typologies.md`.

mod accounts;
mod holdings;
mod outputs;
mod peel;
mod told;

use std::collections::BTreeMap;

use whither_ledger::U256;
use whither_ledger::time::Timestamp;
use whither_ledger::view::{AccountView, UtxoView};

use crate::offramp::{Position, otc::Broker};
use crate::trace::request::Knowledge;
use crate::trace::result::Trace;

/// A pattern, where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Which: `peel-chain`, `fan-out`, …
    pub typology: &'static str,
    /// In a sentence.
    pub what: String,
    /// CAIP-2.
    pub chain: String,
    /// Where, if at one address.
    pub address: Option<String>,
    /// How much of the trace's money took part, by asset (CAIP-19), smallest units. Of a shape of holdings and outputs: what
    /// moved there, whosever it was.
    pub amounts: BTreeMap<String, U256>,
    /// The transactions that show it, in the order of the trace.
    pub transactions: Vec<String>,
    /// With which limits it was looked for.
    pub parameters: BTreeMap<&'static str, u64>,
    /// How common the same shape is around the trace.
    pub base_rate: Option<BaseRate>,
}

/// How many of the units around a trace have a shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseRate {
    /// What was counted.
    pub of_what: &'static str,
    /// How many have it.
    pub found: u64,
    /// How many were looked at.
    pub of: u64,
}

/// What patterns are looked for with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A peel chain has so many steps or more.
    pub peel_steps: u64,
    /// In a peel at least so much of a step, in per cent, goes on.
    pub peel_share: u64,
    /// A fan-out pays so many.
    pub fan_out: u64,
    /// Within so many seconds.
    pub fan_out_seconds: u64,
    /// A consolidation brings so many together.
    pub consolidation: u64,
    /// Money slept for so many days.
    pub dormant_days: u64,
    /// Money went on within so many seconds.
    pub fast_seconds: u64,
    /// A round amount has so many significant digits at most.
    pub round_digits: u64,
    /// So many addresses or transactions around a trace are looked at, at most.
    pub sample: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            peel_steps: 3,
            peel_share: 66,
            fan_out: 10,
            fan_out_seconds: 86_400,
            consolidation: 5,
            dormant_days: 30,
            fast_seconds: 600,
            round_digits: 2,
            sample: 200_000,
        }
    }
}

/// What a trace is read with.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The trace.
    pub trace: &'a Trace,
    /// What the case says of addresses.
    pub knowledge: &'a Knowledge,
    /// Its positions on this chain.
    pub positions: &'a [Position],
    /// The brokers that it passes on this chain.
    pub brokers: &'a [Broker],
    /// With which limits.
    pub limits: &'a Limits,
}

/// From when to when a trace goes, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first transaction.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
}

impl Span {
    fn holds(self, time: Timestamp) -> bool {
        self.first <= time && time <= self.last
    }
}

/// The window of a trace on a chain; none where no transaction of that chain moves anything.
#[must_use]
pub fn span(trace: &Trace, chain: &str) -> Option<Span> {
    let rows = trace.transactions.iter().filter(|row| row.chain == chain);
    let times = rows.filter_map(|row| Timestamp::parse(&row.time).ok());
    let (mut first, mut last): (Option<Timestamp>, Option<Timestamp>) = (None, None);
    for time in times {
        first = Some(first.map_or(time, |known| known.min(time)));
        last = Some(last.map_or(time, |known| known.max(time)));
    }
    Some(Span {
        first: first?,
        last: last?,
    })
}

/// Below this an amount of an asset does not count: a millionth of what was followed, and at least one unit.
fn floors(trace: &Trace) -> BTreeMap<&str, U256> {
    let number = |text: &str| text.parse::<U256>().unwrap_or(U256::ZERO);
    let rows = trace.totals.iter().map(|row| {
        let all = number(&row.origin).saturating_add(number(&row.converted_in));
        (
            row.asset.as_str(),
            (all / U256::from(1_000_000)).max(U256::from(1)),
        )
    });
    rows.collect()
}

/// The patterns of a trace on a chain of accounts.
#[must_use]
pub fn of_accounts<V: AccountView>(view: &V, asked: Asked<'_>) -> Vec<Pattern> {
    let mut found = accounts::patterns(view, asked);
    found.extend(told::patterns(
        &view.chain().to_string(),
        asked,
        &accounts::rates(view, asked),
    ));
    sorted(found)
}

/// The patterns of a trace on a chain of outputs.
#[must_use]
pub fn of_outputs<V: UtxoView>(view: &V, asked: Asked<'_>) -> Vec<Pattern> {
    let mut found = outputs::patterns(view, asked);
    found.extend(told::patterns(
        &view.chain().to_string(),
        asked,
        &outputs::rates(view, asked),
    ));
    sorted(found)
}

fn sorted(mut found: Vec<Pattern>) -> Vec<Pattern> {
    found.sort_by(|a, b| {
        (a.typology, &a.chain, &a.transactions, &a.address).cmp(&(
            b.typology,
            &b.chain,
            &b.transactions,
            &b.address,
        ))
    });
    found
}

/// Whether an amount has few significant digits, and so many more zeros that somebody chose it.
fn is_round(amount: U256, digits: u64) -> bool {
    let ten = U256::from(10);
    let (mut rest, mut zeros) = (amount, 0_u64);
    while !rest.is_zero() && (rest % ten).is_zero() {
        rest /= ten;
        zeros += 1;
    }
    let mut significant = 0;
    while !rest.is_zero() {
        rest /= ten;
        significant += 1;
    }
    significant > 0 && significant <= digits && zeros >= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_amount_is_one_that_somebody_chose() {
        let round = |amount: u64| is_round(U256::from(amount), 2);
        assert!(round(150_000_000) && round(10_000) && round(5_000_000_000_000_000_000));
        assert!(!round(123_000_000) && !round(0) && !round(150) && !round(150_000_001));
    }
}
