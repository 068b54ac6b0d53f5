//! What two names share and what each has left over, weighed into a score.
//!
//! What is left over on one side costs little, on both sides much; how rare the shared words are decides how little. Which
//! words are paired is decided before.

use super::name::{Class, Token};

/// What one word of a person of several names comes to at most.
const ONE_WORD_MAX: u32 = 700;

/// What a listed surname takes off that the question does not have.
const SURNAME_LEFT: u32 = 150;

#[derive(Default)]
pub(super) struct Side {
    /// Weights of words that are paired, and those weights by how like.
    pub(super) paired: u32,
    pub(super) like: u32,
    pub(super) left: u32,
    /// Weights of names that are left over, and of all names.
    pub(super) left_names: u32,
    pub(super) names: u32,
    /// How many fathers' names, initials, places and common words are left over.
    pub(super) left_fathers: u32,
    pub(super) left_initials: u32,
    pub(super) left_places: u32,
    pub(super) left_generic: u32,
    /// How many names are paired, and how many there are.
    pub(super) names_paired: u32,
    pub(super) names_all: u32,
}

impl Side {
    pub(super) fn paired(&mut self, token: &Token, weight: u32, similarity: u32) {
        self.paired += weight;
        self.like += weight * similarity / 1000;
        if token.class.tells() {
            self.names += weight;
            self.names_paired += 1;
            self.names_all += 1;
        }
    }

    pub(super) fn left(&mut self, token: &Token, weight: u32) {
        self.left += weight;
        match token.class {
            Class::Patronymic => self.left_fathers += 1,
            Class::Initial => self.left_initials += 1,
            Class::Place => self.left_places += 1,
            Class::Generic => self.left_generic += 1,
            _ => {}
        }
        if token.class.tells() {
            self.names += weight;
            self.left_names += weight;
            self.names_all += 1;
        }
    }

    /// The share of this side that is paired, in thousandths; what is left over counts by `share` hundredths.
    pub(super) fn covered(&self, share: u32) -> u32 {
        let all = self.paired * 100 + self.left * share;
        (self.like * 100_000).checked_div(all).unwrap_or(0)
    }
}

#[derive(Default)]
pub(super) struct Sums {
    pub(super) ours: Side,
    pub(super) theirs: Side,
    /// Pairs that are rather unlike.
    pub(super) rough: u32,
    /// Whether the question has all but the surname of the one who is listed.
    pub(super) surname_left: bool,
}

impl Sums {
    /// What is taken off where both sides have words left over that would have to be one.
    pub(super) fn conflict(&self) -> u32 {
        let (ours, theirs) = (&self.ours, &self.theirs);
        let names = ours.names.min(theirs.names).max(1);
        let mut off = match ours.left_names.min(theirs.left_names) {
            0 => 0,
            left => (350 * left / names).max(100),
        };
        let both = |one: u32, other: u32| one > 0 && other > 0;
        if both(ours.left_fathers, theirs.left_fathers)
            || both(ours.left_places, theirs.left_places)
        {
            off += 130;
        }
        if both(ours.left_generic, theirs.left_generic) {
            off += 60;
        }
        let initial = both(
            ours.left_initials,
            theirs.left_initials + theirs.left_names + theirs.left_fathers,
        ) || both(theirs.left_initials, ours.left_names + ours.left_fathers);
        if initial {
            off += 130;
        }
        off
    }

    pub(super) fn score(&self, person: bool, rarity: u32) -> u32 {
        // How much counts what only one side has: little where what they share is rare.
        let (asked, listed) = if person { (60, 25) } else { (80, 45) };
        let common = 1000 - rarity;
        let (asked, listed) = ((asked + common / 15).min(95), listed + common * 4 / 10);
        let base = (self.ours.covered(asked) * 55 + self.theirs.covered(listed) * 45) / 100;
        let mut score = base.saturating_sub(self.conflict());
        score = score.saturating_sub(60 * self.rough.saturating_sub(1));
        if self.surname_left {
            score = score.saturating_sub(SURNAME_LEFT);
        }
        let several = self.ours.names_all.max(self.theirs.names_all) > 1;
        if self.ours.names_paired == 0 && self.ours.names_all > 0 && self.theirs.names_paired == 0 {
            score = score.min(500);
        } else if person && several && self.ours.names_paired < 2 && self.theirs.names_paired < 2 {
            score = score.min(ONE_WORD_MAX);
        }
        score.min(1000)
    }
}
