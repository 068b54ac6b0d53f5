//! Fingerprints of chains of outputs: of which form a theft's transactions are.
//!
//! Kinds of addresses, how many outputs, in which order, whole amounts: where three of four transactions that a theft's own
//! addresses sign have one form, that is its form. Two thefts of one form are as rare as the form is among the
//! transactions of strangers, of which a sample is looked at.
//!
//! When it fails: a wallet that many use makes all of its transactions of one form, and which wallets are used
//! changes over the years, while the sample is of the whole store. Version, lock time and sequence, which tell wallets
//! apart best, are not in the store.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AddressIx, ChainView as _, TxIx};

use super::ground::{Ground, Pattern};
use super::habit::{Likeness, Payments};
use super::open::Surroundings;
use super::pair::{Found, Pair, Theft};

/// So many transactions of a theft have a form at the least.
const TRANSACTIONS_MIN: usize = 12;
/// Of four of them so many have the one that is its form.
const OF_FOUR: usize = 3;
/// So many transactions of strangers are looked at, evenly spread over the store; beside fewer than the second nothing is
/// weighed.
const SAMPLE_MAX: usize = 4_096;
const SAMPLE_MIN: usize = 256;

/// Forms of transactions of strangers: how many there are of each.
#[derive(Default)]
pub(super) struct Forms {
    by: BTreeMap<Pattern, u64>,
    all: usize,
}

impl Forms {
    /// A sample of the transactions that nobody signs whose address is a theft's place.
    pub fn of<G: Ground>(around: &Surroundings<'_, G>, thefts: &[Theft]) -> Self {
        let mut found = Self::default();
        if G::POOLS {
            return found;
        }
        let count = around.ground.view().transaction_count();
        let step = count.div_ceil(SAMPLE_MAX).max(1);
        for tx in (0..count).step_by(step).map(TxIx::of) {
            let signers = around.ground.signers(tx);
            let is_place = |signer: &AddressIx| {
                let mut thefts = thefts.iter();
                thefts.any(|theft| theft.reach.places.contains_key(signer))
            };
            if signers.iter().any(is_place) {
                continue;
            }
            if let Some(pattern) = around.ground.pattern(tx) {
                *found.by.entry(pattern).or_default() += 1;
                found.all += 1;
            }
        }
        found
    }
}

/// The forms of what a theft's own accounts paid.
pub(super) type Patterns = BTreeMap<TxIx, Pattern>;

impl<G: Ground> Surroundings<'_, G> {
    /// The forms of these payments.
    pub fn patterns_of(&self, payments: &Payments) -> Patterns {
        let all = payments.values().flatten().map(|payment| payment.tx);
        let all: BTreeSet<TxIx> = all.filter(|_| !G::POOLS).collect();
        let pattern = |tx: TxIx| Some((tx, self.ground.pattern(tx)?));
        all.into_iter().filter_map(pattern).collect()
    }
}

/// The form of three of four of a theft's transactions, those left out that another theft shares; with some that have it.
fn form(theft: &Theft, other: &Theft, places: &[AddressIx]) -> Option<(Pattern, Vec<TxIx>)> {
    let mut forms: BTreeMap<Pattern, BTreeSet<TxIx>> = BTreeMap::new();
    let own = theft.payments.iter();
    let own = own.filter(|(account, _)| places.binary_search(account).is_err());
    for payment in own.flat_map(|(_, payments)| payments) {
        if let Some(pattern) = theft.patterns.get(&payment.tx)
            && !other.patterns.contains_key(&payment.tx)
        {
            forms.entry(*pattern).or_default().insert(payment.tx);
        }
    }
    let all: usize = forms.values().map(BTreeSet::len).sum();
    let mut forms = forms.into_iter();
    let (pattern, by) = forms.find(|(_, by)| 4 * by.len() >= OF_FOUR * all)?;
    (all >= TRANSACTIONS_MIN).then(|| (pattern, by.into_iter().collect()))
}

impl<G: Ground> Pair<'_, '_, G> {
    /// Whether the transactions of both are of one form that few others have.
    pub(super) fn forms(&self, places: &[AddressIx], fact: usize) -> Option<Found> {
        if self.forms.all < SAMPLE_MIN {
            return None;
        }
        let (pattern, mine) = form(self.one, self.other, places)?;
        let (other, theirs) = form(self.other, self.one, places)?;
        if pattern != other {
            return None;
        }
        let near = self.forms.by.get(&pattern).copied().unwrap_or(0);
        let of = u64::try_from(self.forms.all).expect("a sample");
        let likeness = Likeness {
            near,
            of,
            nearer: 0,
        };
        let row = self.alike("fingerprint", likeness, fact, [&mine, &theirs])?;
        Some(Found {
            what: format!(
                "transactions of both are of one form ({}): of {of} transactions of others, {near} are of it",
                told(&pattern),
            ),
            falsified_by: "a wallet that many use makes its transactions of this form".to_owned(),
            ..row
        })
    }
}

fn told(pattern: &Pattern) -> String {
    let Pattern {
        inputs,
        same_kind,
        outputs,
        order,
        is_whole,
    } = pattern;
    let whole = if *is_whole {
        "a whole amount"
    } else {
        "no whole amount"
    };
    format!(
        "{inputs} pays, outputs: {outputs}, of the same kind: {same_kind}, order of amounts: {order}, {whole}"
    )
}
