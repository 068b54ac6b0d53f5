//! How everybody pays: at which hours, at which price for gas; and which contracts an account deploys.
//!
//! Where a world tells nothing of this, nothing here is drawn, so that such a world is the same as before. Prices that
//! nobody chose come from a generator of their own.

use super::book::{Book, START, WorldFee};
use super::parameters::Hands;
use super::town::HOUR;
use crate::rng::SplitMix64;
use sha3::{Digest as _, Keccak256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const DAY: u64 = 24 * HOUR;
const GWEI: u128 = 1_000_000_000;

/// Office hours, by UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Office {
    /// The hour at which they begin.
    from: u64,
    /// How many they are.
    hours: u64,
}

impl Office {
    /// Any moment as one of these hours of the same day, and the later of two as the later; seconds from the world's
    /// beginning.
    fn squeezed(self, at: u64) -> u64 {
        let (day, second) = ((START + at) / DAY, (START + at) % DAY);
        let moment = day * DAY + self.from * HOUR + second * self.hours / 24;
        moment.saturating_sub(START)
    }

    /// The moment itself where it is one of these hours; else some minutes after the next of them begins.
    pub fn next(self, at: u64, rng: &mut SplitMix64) -> u64 {
        let second = (START + at) % DAY;
        let since = (second + DAY - self.from * HOUR) % DAY;
        match since < self.hours * HOUR {
            true => at,
            false => at + DAY - since + rng.below(HOUR),
        }
    }
}

/// How somebody pays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Habit {
    pub office: Option<Office>,
    /// The price for gas that it names.
    pub price_gwei: Option<u64>,
}

impl Habit {
    /// Somebody's.
    pub fn draw(hands: &Hands, rng: &mut SplitMix64) -> Self {
        let mut habit = Self::default();
        if rng.chance(hands.office, 1000) {
            habit.office = Some(Office {
                from: rng.below(24),
                hours: hands.office_hours.draw(rng),
            });
        }
        if rng.chance(hands.own_price, 1000) {
            habit.price_gwei = Some(hands.price_gwei.draw(rng));
        }
        habit
    }
}

/// How everybody pays.
#[derive(Debug)]
pub(super) struct Customs {
    habits: BTreeMap<String, Habit>,
    /// How many transactions an account has signed: the number of its next.
    nonces: BTreeMap<String, u64>,
    /// Who signs for a contract.
    signers: BTreeMap<String, String>,
    /// For what nobody chose.
    market: SplitMix64,
}

impl Customs {
    pub fn new(seed: u64) -> Self {
        Self {
            habits: BTreeMap::new(),
            nonces: BTreeMap::new(),
            signers: BTreeMap::new(),
            market: SplitMix64::new(seed ^ 0x9a5),
        }
    }

    /// What a transaction pays for gas: a plain payment of ether needs 21,000.
    pub fn fee(&mut self, from: &str, is_plain: bool) -> WorldFee {
        let payer = self.signers.get(from).map_or(from, String::as_str);
        let gas = match is_plain {
            true => 21_000,
            false => self.market.between(41_000, 95_000),
        };
        let habit = self.habits.get(payer).copied().unwrap_or_default();
        let price = match habit.price_gwei {
            Some(gwei) => u128::from(gwei) * GWEI,
            None => u128::from(self.market.between(5_000_000_000, 60_000_000_000)),
        };
        *self.nonces.entry(payer.to_owned()).or_default() += 1;
        WorldFee {
            payer: payer.to_owned(),
            wei: u128::from(gas) * price,
        }
    }
}

impl Book {
    /// Somebody's habit, where habits are told.
    pub fn habit(&mut self, hands: Option<&Hands>) -> Option<Habit> {
        hands.map(|hands| Habit::draw(hands, &mut self.rng))
    }

    /// Says whose habit an account has.
    pub fn adopt(&mut self, account: &str, habit: Option<Habit>) {
        if let (Some(customs), Some(habit)) = (&mut self.customs, habit) {
            customs.habits.insert(account.to_owned(), habit);
        }
    }

    /// A moment of the world as one of somebody's hours.
    pub fn in_hours_of(&self, account: &str, at: u64) -> u64 {
        let customs = self.customs.as_ref();
        let habit = customs.and_then(|customs| customs.habits.get(account));
        let office = habit.and_then(|habit| habit.office);
        office.map_or(at, |office| office.squeezed(at))
    }

    /// The contract that an account deploys with its next transaction, for which it signs from then on.
    ///
    /// # Panics
    /// In a world that does not tell how everybody pays.
    pub fn deploy(&mut self, creator: &str) -> String {
        let customs = self.customs.as_mut();
        let customs = customs.expect("contracts are deployed where customs are told");
        let nonce = customs.nonces.entry(creator.to_owned()).or_default();
        let contract = contract(creator, *nonce);
        *nonce += 1;
        customs.signers.insert(contract.clone(), creator.to_owned());
        contract
    }
}

/// The address of a contract, from the account that deploys it and the number of the transaction.
fn contract(creator: &str, nonce: u64) -> String {
    let byte = |place: usize| {
        let digits = &creator[2 + 2 * place..4 + 2 * place];
        u8::from_str_radix(digits, 16).expect("an account is 20 bytes in hex")
    };
    let mut list = vec![0x94];
    list.extend((0..20).map(byte));
    let digits: Vec<u8> = nonce
        .to_be_bytes()
        .into_iter()
        .skip_while(|digit| *digit == 0)
        .collect();
    if nonce == 0 || nonce >= 0x80 {
        list.push(0x80 + u8::try_from(digits.len()).expect("at most eight"));
    }
    list.extend(digits);
    list.insert(0, 0xc0 + u8::try_from(list.len()).expect("at most thirty"));
    let hash = Keccak256::digest(&list);
    let mut text = "0x".to_owned();
    for byte in &hash[12..] {
        write!(text, "{byte:02x}").expect("a string takes all");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{DAY, HOUR, Office, START, contract};
    use crate::rng::SplitMix64;

    #[test]
    fn contracts_are_where_the_chain_puts_them() {
        let creator = "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0";
        for (nonce, expected) in [
            (0, "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"),
            (3, "0xfffd933a0bc612844eaf0c6fe3e5b8e9b6c1d19c"),
            (127, "0x06d9a77f5e4b311bae8d559db9cdb4df94104aa0"),
            (128, "0x08e190dcb7b73f5fcdabb43e102215c83659a76d"),
            (256, "0x3837c1ae70354f670550c746580199ac6a73cb0a"),
        ] {
            assert_eq!(contract(creator, nonce), expected);
        }
    }

    #[test]
    fn office_hours_are_kept_over_midnight_and_time_does_not_run_back() {
        let mut rng = SplitMix64::new(1);
        for from in 0..24 {
            let office = Office { from, hours: 7 };
            let is_in = |at: u64| ((START + at) % DAY + DAY - from * HOUR) % DAY < 7 * HOUR;
            let mut last = 0;
            for at in (0..5 * DAY).step_by(1_777) {
                let moment = office.squeezed(at);
                assert!(
                    moment >= last && (is_in(moment) || moment == 0),
                    "{from} {at}"
                );
                last = moment;
                let next = office.next(at, &mut rng);
                assert!(
                    next >= at && next < at + DAY + HOUR && is_in(next),
                    "{from} {at}"
                );
            }
        }
    }
}
