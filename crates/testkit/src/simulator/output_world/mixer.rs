//! `CoinJoin` rounds, of the shapes that stand in the literature: Whirlpool, Wasabi 1.0 and 2.0, `JoinMarket`.
//!
//! Thieves come with a coin each; the others are people of the town. Nothing here knows how a round is recognised.

use super::super::block::Output;
use super::book::{Book, FEE_MAX, HOUR, Held, MILLI, Paid};
use super::town::Town;
use super::truth::WorldMixing;

/// The values of Whirlpool's pools, in satoshi.
const POOLS: [u64; 3] = [5_000_000, 1_000_000, 100_000];
/// What somebody who comes in new brings beyond the pool's value, in satoshi.
const ENTRY: u64 = 20_000;
/// The equal amount of Wasabi 1.0, a tenth of a coin.
const WASABI: u64 = 10_000_000;
/// What is left over below this goes to the miners, in satoshi.
const CHANGE_MIN: u64 = 10_000;

/// A make of `CoinJoin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Make {
    Whirlpool,
    Wasabi2,
    Wasabi1,
    JoinMarket,
}

impl Make {
    pub const ALL: [Self; 4] = [
        Self::Whirlpool,
        Self::Wasabi2,
        Self::Wasabi1,
        Self::JoinMarket,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Whirlpool => "whirlpool",
            Self::Wasabi2 => "wasabi-2",
            Self::Wasabi1 => "wasabi-1.0",
            Self::JoinMarket => "joinmarket",
        }
    }

    /// The least that somebody must bring, in satoshi.
    pub fn least(self) -> u64 {
        match self {
            Self::Whirlpool => POOLS[2] + 10 * ENTRY,
            Self::Wasabi2 => 20 * MILLI,
            Self::Wasabi1 => WASABI + 10 * MILLI,
            Self::JoinMarket => 10 * MILLI,
        }
    }
}

/// A coin that a thief brings, and of which theft.
pub(super) struct Entrant {
    pub held: Held,
    pub theft: String,
}

/// Who takes part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Party {
    Thief(usize),
    Person(usize),
    /// Who brings the others together, and takes a fee.
    Coordinator,
}

/// The largest pool that a coin is enough for, and how many outputs it makes for it, three at most.
pub(super) fn pool(value: u64) -> (u64, u64) {
    let entry = |pool: u64| pool + ENTRY;
    let fits = |pool: &&u64| entry(**pool) + entry(**pool) / 10 + FEE_MAX < value;
    let pool = *POOLS.iter().find(fits).unwrap_or(&POOLS[2]);
    (entry(pool), (value * 9 / 10 / entry(pool)).clamp(1, 3))
}

/// The fee for coming into the pool for which a value was prepared, in satoshi.
pub(super) fn pool_fee(entry: u64) -> u64 {
    (entry - ENTRY) / 20
}

/// One round; gives its transaction and what each thief got out of it. Nothing where too few people can take part.
pub(super) fn round(
    book: &mut Book,
    town: &mut Town,
    at: u64,
    (make, entrants): (Make, &[Entrant]),
) -> Option<(Paid, Vec<Vec<Held>>)> {
    let last = entrants.iter().map(|entrant| entrant.held.came);
    let at = last.fold(at, u64::max);
    let pool = match entrants {
        [entrant, ..] if make == Make::Whirlpool => entrant.held.value() - ENTRY,
        _ => *book.rng().pick(&POOLS),
    };
    let count = match make {
        Make::Whirlpool => 5,
        Make::Wasabi2 => book.rng().between(20, 26),
        Make::Wasabi1 => book.rng().between(10, 14),
        Make::JoinMarket => book.rng().between(3, 6),
    };
    let mut parties: Vec<(Party, Held)> = Vec::new();
    for (number, entrant) in entrants.iter().enumerate() {
        parties.push((Party::Thief(number), entrant.held.clone()));
    }
    let wanted = usize::try_from(count).expect("a few people");
    gather(book, town, at, (make, pool, wanted), &mut parties);
    if parties.len() < wanted {
        give_back(town, parties);
        return None;
    }
    let outputs = outputs(book, make, pool, &parties);
    let at = at + HOUR;
    let coins: Vec<Held> = parties.iter().map(|(_, held)| held.clone()).collect();
    let sides = outputs.iter().map(|(_, output)| output.clone()).collect();
    let paid = book.pay(at, &coins, sides);
    let mut out: Vec<Vec<Held>> = vec![Vec::new(); entrants.len()];
    for ((party, _), held) in outputs.iter().zip(&paid.coins) {
        match party {
            Party::Thief(number) => out[*number].push(held.clone()),
            Party::Person(person) => town.people[*person].coins.push(held.clone()),
            Party::Coordinator => {}
        }
    }
    let name = |(party, _): &(Party, Held)| match party {
        Party::Thief(number) => entrants[*number].theft.clone(),
        Party::Person(person) => town.people[*person].address(),
        Party::Coordinator => unreachable!("who coordinates brings nothing"),
    };
    town.mixings.push(WorldMixing {
        make: make.name().to_owned(),
        transaction: paid.txid.clone(),
        parties: parties.iter().map(name).collect(),
    });
    Some((paid, out))
}

/// People who have enough join, until there are as many as wanted. For a Whirlpool they prepare their coins first: the
/// first two of all who take part come in new, the others come out of a round before.
fn gather(
    book: &mut Book,
    town: &mut Town,
    at: u64,
    (make, pool, wanted): (Make, u64, usize),
    parties: &mut Vec<(Party, Held)>,
) {
    let mut order: Vec<usize> = (0..town.people.len()).collect();
    book.rng().shuffle(&mut order);
    for person in order {
        if parties.len() >= wanted {
            return;
        }
        if make == Make::Whirlpool {
            let value = pool + if parties.len() < 2 { ENTRY } else { 0 };
            let script = book.script();
            let prepared = town.person_pays(book, at, person, Output { value, script });
            parties.extend(prepared.map(|held| (Party::Person(person), held)));
            continue;
        }
        let coins = &mut town.people[person].coins;
        let is_enough = |held: &Held| held.came <= at && held.value() >= make.least();
        let address = |held: &Held| held.address();
        // Who brings an address that another coin of the round has would be seen through.
        let known = |held: &Held| {
            parties
                .iter()
                .any(|(_, other)| address(other) == address(held))
        };
        if let Some(place) = coins
            .iter()
            .position(|held| is_enough(held) && !known(held))
        {
            parties.push((Party::Person(person), coins.swap_remove(place)));
        }
    }
}

fn give_back(town: &mut Town, parties: Vec<(Party, Held)>) {
    for (party, held) in parties {
        if let Party::Person(person) = party {
            town.people[person].coins.push(held);
        }
    }
}

/// What a round pays, at new addresses.
fn outputs(
    book: &mut Book,
    make: Make,
    pool: u64,
    parties: &[(Party, Held)],
) -> Vec<(Party, Output)> {
    let values = parties.iter().map(|(_, held)| held.value());
    let least = values.min().expect("somebody takes part");
    let mut sides: Vec<(Party, u64)> = Vec::new();
    for (party, held) in parties {
        let (mut rest, mut equal) = (held.value(), Vec::new());
        match make {
            Make::Whirlpool => {
                sides.push((*party, pool));
                continue;
            }
            Make::Wasabi1 => equal.push(WASABI),
            Make::JoinMarket => equal.push(least / 10 * 9),
            Make::Wasabi2 => equal = denominations(rest - 2 * FEE_MAX),
        }
        rest -= equal.iter().sum::<u64>() + book.fee();
        sides.extend(equal.into_iter().map(|value| (*party, value)));
        sides.extend((rest > CHANGE_MIN).then_some((*party, rest)));
    }
    if make == Make::Wasabi1 {
        // What the coordinator takes comes out of the last change.
        let (_, last) = sides.last_mut().expect("somebody takes part");
        if *last > 4 * CHANGE_MIN {
            *last -= 2 * CHANGE_MIN;
            sides.push((Party::Coordinator, 2 * CHANGE_MIN - 1));
        }
    }
    let side = |(party, value)| {
        let script = book.script();
        (party, Output { value, script })
    };
    sides.into_iter().map(side).collect()
}

/// A value in up to three standard parts, as Wasabi 2.0 cuts it; what is left is change.
fn denominations(value: u64) -> Vec<u64> {
    const PARTS: [u64; 9] = [
        100_000_000,
        50_000_000,
        20_000_000,
        10_000_000,
        5_000_000,
        2_000_000,
        1_000_000,
        500_000,
        200_000,
    ];
    let (mut rest, mut cut) = (value, Vec::new());
    for part in PARTS {
        while rest >= part && cut.len() < 3 {
            rest -= part;
            cut.push(part);
        }
    }
    cut
}
