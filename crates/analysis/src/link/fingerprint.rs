//! Fingerprints of chains of accounts: how payments are made, as far as the store keeps it.
//!
//! Whether the price for gas is whole gwei, which, whether a payment empties the account, whether its amount is round. Of
//! each trait only what both thefts and enough strangers show is compared; what it weighs is how few of them are as like
//! ([`habit`](super::habit)).
//!
//! When it fails: a program that many run makes all of its payments alike. Version, lock time and sequence of a transaction are
//! not in the store; a fee that no source tells is no trait.

use super::ground::{Ground, Manner, TRAITS};
use super::habit::{Habit, Likeness, STRANGERS_MIN, spread};
use super::pair::{Found, Pair};
use super::result::Counter;

/// How many payments of a trait are compared: as many as all have.
const SIZES: [usize; 4] = [48, 24, 12, 6];

/// What the traits are called.
const NAMES: [&str; TRAITS] = [
    "whether gas prices are whole gwei",
    "gas prices",
    "whether accounts are emptied",
    "whether amounts are round",
];

/// How often each class of a trait came, in the order of the classes.
type Histogram = Vec<(u16, u64)>;

/// How somebody pays: by trait and place of [`SIZES`], where it is known of so many payments.
pub(super) struct Manners([[Option<Histogram>; SIZES.len()]; TRAITS]);

impl Manners {
    /// Of payments in chain order.
    pub fn of(payments: impl Iterator<Item = Manner> + Clone) -> Self {
        Self(std::array::from_fn(|of| {
            let classes: Vec<u16> = payments.clone().filter_map(|manner| manner[of]).collect();
            SIZES.map(|size| (classes.len() >= size).then(|| histogram(&classes, size)))
        }))
    }

    fn get(&self, (of, place): (usize, usize)) -> Option<&Histogram> {
        self.0[of][place].as_ref()
    }
}

fn histogram(classes: &[u16], size: usize) -> Histogram {
    let mut classes: Vec<u16> = spread(classes, size).collect();
    classes.sort_unstable();
    let alike = classes.chunk_by(|one, next| one == next);
    let count = |alike: &[u16]| u64::try_from(alike.len()).expect("a few");
    alike.map(|alike| (alike[0], count(alike))).collect()
}

/// How many payments of as many have the same class.
fn common(one: &Histogram, other: &Histogram) -> u64 {
    let of = |(class, count): &(u16, u64)| {
        let row = other.binary_search_by_key(class, |row| row.0).ok()?;
        Some(other[row].1.min(*count))
    };
    one.iter().filter_map(of).sum()
}

/// How much two have in common of traits, each of the same total; nothing where one does not show them all.
fn alike(one: &Manners, other: &Manners, traits: &[(usize, usize)]) -> Option<u64> {
    let of = |key: &(usize, usize)| {
        let parts = SIZES[0] / SIZES[key.1];
        let parts = u64::try_from(parts).expect("a small number");
        Some(common(one.get(*key)?, other.get(*key)?) * parts)
    };
    traits.iter().map(of).sum()
}

impl<G: Ground> Pair<'_, '_, G> {
    /// Whether both make their payments alike.
    pub(super) fn fingerprint(
        &self,
        habits: [&Habit; 2],
        fact: usize,
        found: &mut Vec<Found>,
        counter: &mut Vec<Counter>,
    ) {
        let [one, other] = habits.map(|habit| &habit.manners);
        let strangers = &self.strangers.manners;
        // Of each trait as many payments as both and enough strangers show.
        let is_shown = |key: &(usize, usize)| {
            let has = |manners: &Manners| manners.get(*key).is_some();
            has(one) && has(other) && strangers.iter().filter(|of| has(of)).count() >= STRANGERS_MIN
        };
        let traits = (0..TRAITS).filter_map(|of| {
            let keys = (0..SIZES.len()).map(|place| (of, place));
            keys.into_iter().find(is_shown)
        });
        let traits: Vec<(usize, usize)> = traits.collect();
        let Some(like) = alike(one, other, &traits).filter(|_| !traits.is_empty()) else {
            return;
        };
        let near: Vec<[u64; 2]> = strangers
            .iter()
            .filter_map(|of| Some([alike(one, of, &traits)?, alike(other, of, &traits)?]))
            .collect();
        if near.len() < STRANGERS_MIN {
            return;
        }
        let likeness = Likeness::of(like, near.into_iter());
        let Likeness { near, of, nearer } = likeness;
        let names: Vec<&str> = traits.iter().map(|(of, _)| NAMES[*of]).collect();
        let others = format!(
            "{} compared: of {of} accounts that have nothing to do with either",
            names.join(", ")
        );
        let by = habits.map(|habit| &habit.by[..]);
        if likeness.is_unlike() {
            let what = format!(
                "own accounts of the two make their payments in other ways, {others}, {nearer} are nearer"
            );
            counter.push(self.unlike("other-habits", what, likeness, by));
        }
        found.extend(self.alike("fingerprint", likeness, fact, by).map(|row| Found {
            what: format!(
                "own accounts of both make their payments alike, {others}, {near} pay as alike"
            ),
            falsified_by: "more accounts of strangers pay so than the store holds: a program that many run makes its payments so"
                .to_owned(),
            ..row
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::{Manners, alike};

    #[test]
    fn what_one_does_not_show_is_not_compared_and_sizes_count_alike() {
        let of = |price: [u16; 2], count: usize| {
            let manners =
                (0..count).map(move |place| [None, Some(price[place % 2]), None, Some(0)]);
            Manners::of(manners)
        };
        let (steady, other, few) = (of([17, 17], 48), of([17, 30], 48), of([17, 17], 12));
        let price = |place: usize| [(1, place)];
        assert_eq!(alike(&steady, &steady, &price(0)), Some(48));
        assert_eq!(alike(&steady, &other, &price(0)), Some(24));
        assert_eq!(alike(&steady, &few, &price(0)), None);
        assert_eq!(alike(&steady, &few, &price(2)), Some(48));
        assert_eq!(alike(&steady, &steady, &[(0, 2)]), None);
        assert_eq!(alike(&steady, &few, &[(1, 2), (3, 2)]), Some(96));
    }
}
