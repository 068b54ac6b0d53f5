//! Timing: at which hours of the day a theft's own accounts pay.
//!
//! A burst of payments is one event, so each hour counts once, however much was paid in it. Hours are spread over their
//! neighbours, since an office does not open to the minute, and two days of payments are compared as shares of one
//! total that both have. What it weighs is how few strangers pay at hours as like ([`habit`](super::habit)).
//!
//! When it fails: hours tell of a part of the world, or of a machine, and never of a person.

use super::ground::Ground;
use super::habit::{Habit, Likeness, SIZES, STRANGERS_MIN};
use super::pair::{Found, Pair};
use super::result::Counter;

const HOURS: usize = 24;
/// How an hour spreads over those around it.
const SPREAD: [u32; 5] = [1, 2, 3, 2, 1];

/// How much was paid by the hour of the day, each payment nine parts in all.
pub(super) type Clock = [u32; HOURS];

/// The clock of hours since 1970.
pub(super) fn clock(hours: impl Iterator<Item = i64>) -> Clock {
    let mut clock = [0; HOURS];
    for hour in hours {
        let hour = usize::try_from(hour.rem_euclid(24)).expect("below 24");
        for (place, part) in SPREAD.iter().enumerate() {
            clock[(hour + HOURS - SPREAD.len() / 2 + place) % HOURS] += part;
        }
    }
    clock
}

/// How much two clocks of as many payments have in common.
fn alike(one: &Clock, other: &Clock) -> u64 {
    let common = one.iter().zip(other).map(|(a, b)| u64::from(*a.min(b)));
    common.sum()
}

impl<G: Ground> Pair<'_, '_, G> {
    /// Whether both pay at like hours.
    pub(super) fn timing(
        &self,
        habits: [&Habit; 2],
        fact: usize,
        found: &mut Vec<Found>,
        counter: &mut Vec<Counter>,
    ) {
        let compared = SIZES.into_iter().find_map(|size| {
            let strangers = self.strangers.clocks(size);
            let [one, other] = habits.map(|habit| habit.clock(size));
            let clocks = [one?, other?];
            (strangers.len() >= STRANGERS_MIN).then_some((size, clocks, strangers))
        });
        let Some((size, [one, other], strangers)) = compared else {
            return;
        };
        let near = strangers
            .iter()
            .map(|stranger| [alike(&one, stranger), alike(&other, stranger)]);
        let likeness = Likeness::of(alike(&one, &other), near);
        let Likeness { near, of, nearer } = likeness;
        let others = format!(
            "{size} of each compared: of {of} accounts that have nothing to do with either"
        );
        let by = habits.map(|habit| &habit.by[..]);
        if likeness.is_unlike() {
            let what = format!(
                "own accounts of the two pay at other hours of the day (UTC), {others}, {nearer} are nearer"
            );
            counter.push(self.unlike("other-hours", what, likeness, by));
        }
        found.extend(self.alike("timing", likeness, fact, by).map(|row| Found {
            what: format!(
                "own accounts of both pay at like hours of the day (UTC), {others}, {near} pay at hours as like"
            ),
            falsified_by: "more accounts of strangers pay at these hours than the store holds: a working day of the same part of the \
                           world, or one program that many run"
                .to_owned(),
            ..row
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::{HOURS, alike, clock};

    #[test]
    fn clocks_are_round_and_the_same_hours_have_all_in_common() {
        let late = clock([23, 47].into_iter());
        assert_eq!(
            (late[21], late[22], late[23], late[0], late[1]),
            (2, 4, 6, 4, 2)
        );
        assert_eq!(late.iter().sum::<u32>(), 18);
        let of = |hour: i64| alike(&late, &clock([hour, hour].into_iter()));
        assert_eq!([of(23), of(0), of(1), of(3), of(4)], [18, 12, 8, 2, 0]);
        assert_eq!(clock([-1].into_iter()), clock([23].into_iter()));
        assert_eq!(HOURS, 24);
    }
}
