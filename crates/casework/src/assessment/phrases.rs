//! The phrases that a sentence may say how likely something is with, and what each of them claims.
//!
//! ICD 203 defines seven words. Reports use more: here each has a number, so that "strongly suggests links to" means
//! something that can be refused. What is not in the table is not understood, and so not passed.

use super::share::{Range, Share};
use super::words::Word;

/// What a phrase claims of a probability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claims {
    /// All of the interval lies above the beginning of this word's band, which lies above even.
    AtLeast(Word),
    /// All of it lies below the end of this word's band, which lies below even.
    AtMost(Word),
    /// All of it lies above one half.
    MoreThanHalf,
    /// All of it lies within the band around even.
    Even,
    /// It reaches above almost no chance: no more is said than that it is not excluded.
    Possible,
    /// Nothing: the question is left open.
    Open,
}

impl Claims {
    /// Whether an interval bears it.
    #[must_use]
    pub fn holds(self, interval: Range) -> bool {
        let (low, high) = (Word::of(interval.low), Word::of(interval.high));
        match self {
            Self::AtLeast(word) => low >= word,
            Self::AtMost(word) => high <= word,
            Self::MoreThanHalf => interval.low > Share::of_millionths(500_000),
            Self::Even => low == Word::RoughlyEvenChance && high == Word::RoughlyEvenChance,
            Self::Possible => high > Word::AlmostNoChance,
            Self::Open => true,
        }
    }

    /// What an interval must be to bear it.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::AtLeast(word) => format!("above {} throughout", percent(word.from())),
            Self::AtMost(word) => format!("below {} throughout", percent(word.to())),
            Self::MoreThanHalf => "above 50 % throughout".to_owned(),
            Self::Even => "within 45 to 55 %".to_owned(),
            Self::Possible => "at 5 % or above at its high end".to_owned(),
            Self::Open => "any".to_owned(),
        }
    }
}

fn percent(share: Share) -> String {
    format!("{} %", share.millionths() / 10_000)
}

/// A phrase and what it claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// In small letters, one space between words.
    pub text: &'static str,
    /// What it claims.
    pub claims: Claims,
}

const fn phrase(text: &'static str, claims: Claims) -> Phrase {
    Phrase { text, claims }
}

use Claims::{AtLeast, AtMost, Even, MoreThanHalf, Open, Possible};
use Word::{AlmostCertain, AlmostNoChance, Likely, Unlikely, VeryLikely, VeryUnlikely};

/// All phrases, from the strongest that speaks for to the strongest that speaks against, then the open ones.
pub const PHRASES: &[Phrase] = &[
    phrase("almost certain", AtLeast(AlmostCertain)),
    phrase("almost certainly", AtLeast(AlmostCertain)),
    phrase("nearly certain", AtLeast(AlmostCertain)),
    phrase("nearly certainly", AtLeast(AlmostCertain)),
    phrase("very likely", AtLeast(VeryLikely)),
    phrase("highly likely", AtLeast(VeryLikely)),
    phrase("very probable", AtLeast(VeryLikely)),
    phrase("very probably", AtLeast(VeryLikely)),
    phrase("highly probable", AtLeast(VeryLikely)),
    phrase("highly probably", AtLeast(VeryLikely)),
    phrase("strongly suggest", AtLeast(VeryLikely)),
    phrase("strongly suggests", AtLeast(VeryLikely)),
    phrase("strongly suggested", AtLeast(VeryLikely)),
    phrase("strongly indicate", AtLeast(VeryLikely)),
    phrase("strongly indicates", AtLeast(VeryLikely)),
    phrase("strongly point to", AtLeast(VeryLikely)),
    phrase("strongly points to", AtLeast(VeryLikely)),
    phrase("strong indication", AtLeast(VeryLikely)),
    phrase("strong indications", AtLeast(VeryLikely)),
    phrase("likely", AtLeast(Likely)),
    phrase("probable", AtLeast(Likely)),
    phrase("probably", AtLeast(Likely)),
    phrase("suggest", AtLeast(Likely)),
    phrase("suggests", AtLeast(Likely)),
    phrase("suggested", AtLeast(Likely)),
    phrase("indicate", AtLeast(Likely)),
    phrase("indicates", AtLeast(Likely)),
    phrase("point to", AtLeast(Likely)),
    phrase("points to", AtLeast(Likely)),
    phrase("appears to", AtLeast(Likely)),
    phrase("appear to", AtLeast(Likely)),
    phrase("seems to", AtLeast(Likely)),
    phrase("seem to", AtLeast(Likely)),
    phrase("may well", AtLeast(Likely)),
    phrase("might well", AtLeast(Likely)),
    phrase("could well", AtLeast(Likely)),
    phrase("more likely than not", MoreThanHalf),
    phrase("roughly even chance", Even),
    phrase("roughly even odds", Even),
    phrase("about as likely as not", Even),
    phrase("as likely as not", Even),
    phrase("possible", Possible),
    phrase("possibly", Possible),
    phrase("may", Possible),
    phrase("might", Possible),
    phrase("could", Possible),
    phrase("consistent with", Possible),
    phrase("cannot be ruled out", Possible),
    phrase("cannot be excluded", Possible),
    phrase("unlikely", AtMost(Unlikely)),
    phrase("not likely", AtMost(Unlikely)),
    phrase("likely not", AtMost(Unlikely)),
    phrase("probably not", AtMost(Unlikely)),
    phrase("improbable", AtMost(Unlikely)),
    phrase("improbably", AtMost(Unlikely)),
    phrase("very unlikely", AtMost(VeryUnlikely)),
    phrase("highly unlikely", AtMost(VeryUnlikely)),
    phrase("very improbable", AtMost(VeryUnlikely)),
    phrase("highly improbable", AtMost(VeryUnlikely)),
    phrase("very likely not", AtMost(VeryUnlikely)),
    phrase("very probably not", AtMost(VeryUnlikely)),
    phrase("almost no chance", AtMost(AlmostNoChance)),
    phrase("remote chance", AtMost(AlmostNoChance)),
    phrase("almost certainly not", AtMost(AlmostNoChance)),
    phrase("nearly certainly not", AtMost(AlmostNoChance)),
    phrase("remains open", Open),
    phrase("cannot be assessed", Open),
    phrase("cannot be judged", Open),
    phrase("cannot be attributed", Open),
];

/// Words that turn a sentence round.
pub(super) const NEGATIONS: &[&str] = &[
    "not",
    "no",
    "never",
    "nobody",
    "none",
    "nothing",
    "neither",
    "nor",
    "without",
    "cannot",
    "cant",
    "isnt",
    "wasnt",
    "arent",
    "werent",
    "didnt",
    "doesnt",
    "dont",
    "couldnt",
    "wouldnt",
    "hasnt",
    "havent",
    "hadnt",
    "wont",
    "hardly",
    "scarcely",
    "barely",
    "exclude",
    "excludes",
    "excluded",
    "false",
    "wrong",
    "incorrect",
    "untrue",
    "contrary",
    "deny",
    "denies",
    "denied",
    "refute",
    "refutes",
    "refuted",
    "rather",
    "instead",
    "except",
    "unless",
    "excludable",
    "disproves",
    "disproved",
    "lacks",
    "fails",
    "failed",
    "rejects",
    "rejected",
    "ruled",
    "less",
    "least",
    "far",
    "anything",
    "little",
    "few",
    "un",
    "non",
    "im",
    "absence",
    "lack",
    "rules",
    "rule",
    "doubtful",
];

/// Words that change how strong a sentence is. Outside a phrase of the table nobody knows by how much.
pub(super) const STRENGTHS: &[&str] = &[
    "very",
    "highly",
    "extremely",
    "strongly",
    "strong",
    "stronger",
    "strongest",
    "almost",
    "nearly",
    "virtually",
    "practically",
    "overwhelming",
    "overwhelmingly",
    "quite",
    "fairly",
    "reasonably",
    "somewhat",
    "more",
    "most",
    "clear",
    "clearly",
    "plain",
    "plainly",
    "obvious",
    "obviously",
    "evident",
    "evidently",
    "surely",
    "sure",
    "absolutely",
    "totally",
    "undisputed",
    "unambiguous",
    "unambiguously",
    "unmistakable",
    "unmistakably",
    "compelling",
    "convincing",
    "convincingly",
    "must",
    "odds",
    "chance",
    "chances",
    "likelihood",
    "probability",
    "likeliest",
    "likelier",
    "percent",
    "percentage",
    "exceedingly",
    "remotely",
    "increasingly",
    "particularly",
    "especially",
    "firmly",
    "decidedly",
    "truly",
    "really",
    "indeed",
    "only",
    "equally",
    "cent",
    "well",
    "times",
    "solely",
    "extraordinarily",
];

/// Words of certainty. No number bears one.
pub(super) const CERTAINTIES: &[&str] = &[
    "certain",
    "certainly",
    "certainty",
    "definite",
    "definitely",
    "definitive",
    "definitively",
    "undoubted",
    "undoubtedly",
    "undeniable",
    "undeniably",
    "unquestionably",
    "indisputable",
    "indisputably",
    "incontrovertible",
    "incontrovertibly",
    "doubt",
    "doubtless",
    "beyond",
    "proof",
    "prove",
    "proves",
    "proved",
    "proven",
    "proving",
    "confirm",
    "confirms",
    "confirmed",
    "confirming",
    "confirmation",
    "conclusive",
    "conclusively",
    "demonstrate",
    "demonstrates",
    "demonstrated",
    "establish",
    "establishes",
    "established",
    "guarantee",
    "guarantees",
    "guaranteed",
    "fact",
    "facts",
    "truth",
    "irrefutable",
    "irrefutably",
    "verified",
];

/// Words of confidence, which ICD 203 keeps out of a sentence of likelihood.
pub(super) const CONFIDENCES: &[&str] = &["confidence", "confident", "confidently"];
