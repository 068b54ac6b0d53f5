//! Thieves of the big chain, and how far the money of each has come.
//!
//! All steal in one block. Each splits the loot and moves it among his own addresses for a while; then it goes
//! among the people. The later that is, the smaller the cone of it is at the chain's end: nothing else steers a
//! cone's size, so several thieves try, and the truth tells of the one that came closest to the size wanted.

use super::coins::Coin;

/// One theft.
#[derive(Debug, Clone, Default)]
pub(super) struct Theft {
    /// The output that was stolen, once it is.
    pub(super) loot: Option<Coin>,
    pub(super) height: u32,
    /// The money goes among the people when so many outputs are made.
    pub(super) release_at: u64,
    pub(super) released_height: Option<u32>,
    /// What the thief still has to himself.
    pub(super) coins: Vec<Coin>,
    pub(super) cone: Cone,
}

/// What the money of one theft has reached, by the poison rule.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cone {
    pub(super) transactions: u64,
    pub(super) inputs: u64,
    /// Those worth something, the loot itself among them.
    pub(super) outputs: u64,
}

impl Cone {
    pub(super) fn edges(self) -> u64 {
        self.inputs + self.outputs
    }
}

/// All thefts; the place in the list is the bit of [`Coin::thefts`].
#[derive(Debug)]
pub(super) struct Thefts(pub(super) Vec<Theft>);

impl Thefts {
    /// Plans thefts whose money is set free later and later: `late_per_mille` of a chain of `outputs` remain for the
    /// first, and for each other 86 % of what remained for the one before.
    pub(super) fn plan(count: usize, outputs: u64, late_per_mille: u64) -> Self {
        let mut remaining = outputs * late_per_mille / 1000;
        let mut thefts = vec![Theft::default(); count];
        for theft in &mut thefts {
            theft.release_at = outputs - remaining;
            remaining = remaining * 86 / 100;
        }
        Self(thefts)
    }

    /// Takes note of a transaction, and says whose money is in its outputs.
    pub(super) fn follow(&mut self, coins: &[Coin], worth_something: u64) -> u32 {
        let mut all = 0;
        for coin in coins {
            all |= coin.thefts;
            for theft in bits(coin.thefts) {
                self.0[theft].cone.inputs += 1;
            }
        }
        for theft in bits(all) {
            let cone = &mut self.0[theft].cone;
            cone.transactions += 1;
            cone.outputs += worth_something;
        }
        all
    }

    /// The theft whose cone is closest in size to the one wanted.
    pub(super) fn closest(&self, edges: u64) -> Option<&Theft> {
        let done = self.0.iter().filter(|theft| theft.loot.is_some());
        done.min_by_key(|theft| theft.cone.edges().abs_diff(edges))
    }
}

/// The places of the bits that are set.
fn bits(mut mask: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = mask.trailing_zeros();
        mask &= mask.wrapping_sub(1);
        (place < 32).then(|| usize::try_from(place).expect("a small number"))
    })
}
