//! The profile of an over-the-counter broker: an address that takes stablecoins from many who do not know each other and
//! carries them, nearly all, to the same few accounts at exchanges.
//!
//! Five features, each with its evidence and its points; the sum is the confidence, of 100. What counts is money: movements
//! of a dollar token of the shipped list (or of a table in dollars) of ten dollars or more, so that neither dust nor made-up
//! tokens change anything.
//!
//! | feature | points |
//! | --- | --- |
//! | `unrelated-payers`: groups of payers that never paid each other; services left out | 25 from 5, 15 from 3 |
//! | `repeated-deposits`: share of what goes out to addresses that empty into one place or into services, each paid three times or more | 25 from 60 %, 15 from 30 % |
//! | `parity`: payments in after each of which 97 % or more of it, and no more than it, went out at once within two days; or all that went out, of all that came in | 20 from 60 % of the payments or 90 to 102 % of the sum, 10 from 40 % or 80 % |
//! | `stablecoins`: share of dollar tokens among movements that count | 15 from 80 %, 8 from 50 % |
//! | `few-payees`: no more payees than five or a third of the payers, ten payments or more | 15 |
//!
//! 70 and more is the profile, if the payers are unrelated: without customers there is no broker. An address of fewer than
//! ten payments in or out has none. When it fails: a merchant's or a
//! payment processor's collecting address has the same shape; a broker that pays each time to a new account, or holds what it
//! takes, has not. It is a lead, and no claim about a person. Measured in `docs/methods/offramps.md`.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::time::Timestamp;
use whither_ledger::view::{AccountKind, AccountView, AddressIx, AssetIx, Destination, TxIx};

use super::arrivals::amount;
use super::issuer::dollar;
use crate::cluster::Forest;
use crate::deposit::POSTINGS_MAX;
use crate::trace::result::{Edge, EdgeWhy, Trace};

/// From so many points on an address has the profile.
pub const PROFILE: u32 = 70;
/// Fewer payments in, or out, say nothing.
const PAYMENTS_MIN: usize = 10;
/// Dollars from which on a movement counts.
const DOLLARS_MIN: u128 = 10;
/// An address with more movements than this is not asked whom it paid.
const NEIGHBOUR_POSTINGS_MAX: usize = 2_000;
/// What a broker passes on goes within so many seconds,
const PASSED_ON_SECONDS: i64 = 2 * 86_400;
/// and so much of it, in per cent.
const PASSED_ON_PERCENT: u128 = 97;
/// A payee is a customer's account, paid again and again, from so many payments on.
const REPEATED: usize = 3;

/// What an address has of the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The address.
    pub address: AddressIx,
    /// Points, of 100.
    pub confidence: u32,
    /// Each feature, with what it rests on.
    pub features: Vec<Feature>,
}

/// A feature with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Which.
    pub feature: &'static str,
    /// Its points.
    pub points: u32,
    /// The most it could have.
    pub of: u32,
    /// What was counted, in a sentence.
    pub what: String,
    /// The addresses that show it, the first few.
    pub addresses: Vec<AddressIx>,
}

/// A broker on the way of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// What it has of the profile.
    pub profile: Profile,
    /// Its address, as its chain writes it.
    pub address: String,
    /// How much of the trace's money came to it, by asset (CAIP-19), smallest units.
    pub received: BTreeMap<String, U256>,
    /// By which transactions, in the order of the trace.
    pub transactions: Vec<String>,
}

/// The addresses that a trace passes and that have the profile, by address.
#[must_use]
pub fn brokers<V: AccountView>(
    view: &V,
    services: &BTreeSet<AddressIx>,
    trace: &Trace,
) -> Vec<Broker> {
    let mut came: BTreeMap<&str, Vec<&Edge>> = BTreeMap::new();
    for edge in trace
        .edges
        .iter()
        .filter(|edge| edge.why == EdgeWhy::Transfer)
    {
        if let Some(to) = &edge.to.address {
            came.entry(to).or_default().push(edge);
        }
    }
    let mut found = Vec::new();
    for (address, edges) in came {
        let parsed = Address::parse(view.chain(), address).ok();
        let Some(ix) = parsed.and_then(|address| view.find_address(&address)) else {
            continue;
        };
        // Counting is cheap; looking at all that an address did is not.
        if !view.has_more_postings_than(ix, 2 * PAYMENTS_MIN - 1) {
            continue;
        }
        let profile = profile(view, services, ix);
        let Some(profile) = profile.filter(|profile| profile.confidence >= PROFILE) else {
            continue;
        };
        let mut received: BTreeMap<String, U256> = BTreeMap::new();
        for edge in &edges {
            let sum = received.entry(edge.asset.clone()).or_default();
            *sum = sum.saturating_add(amount(&edge.amount));
        }
        found.push(Broker {
            profile,
            address: address.to_owned(),
            received,
            transactions: edges
                .iter()
                .filter_map(|edge| edge.transaction.clone())
                .collect(),
        });
    }
    found
}

/// A movement that counts.
struct Payment {
    tx: TxIx,
    time: Timestamp,
    other: AddressIx,
    /// In millionths of a dollar.
    worth: u128,
    is_in: bool,
}

/// As many addresses stand beside a feature as evidence.
const EVIDENCE_MAX: usize = 20;

/// What an address has of the profile; nothing where it pays or is paid too little to say, or is a service.
#[must_use]
pub fn profile<V: AccountView>(
    view: &V,
    services: &BTreeSet<AddressIx>,
    address: AddressIx,
) -> Option<Profile> {
    let is_crowd = view.has_more_postings_than(address, POSTINGS_MAX);
    if is_crowd
        || services.contains(&address)
        || view.account_kind(address) == Some(AccountKind::Contract)
    {
        return None;
    }
    let (payments, others) = payments(view, address);
    let came = payments.iter().filter(|payment| payment.is_in);
    let went = payments.iter().filter(|payment| !payment.is_in);
    if came.clone().count() < PAYMENTS_MIN || went.clone().count() < PAYMENTS_MIN {
        return None;
    }
    let payers: BTreeSet<AddressIx> = came.clone().map(|payment| payment.other).collect();
    let payers: BTreeSet<AddressIx> = payers.difference(services).copied().collect();
    let mut payees: BTreeMap<AddressIx, (usize, u128)> = BTreeMap::new();
    for payment in went.clone() {
        let sum = payees.entry(payment.other).or_default();
        sum.0 += 1;
        sum.1 = sum.1.saturating_add(payment.worth);
    }
    let sum_in = came.fold(0_u128, |sum, payment| sum.saturating_add(payment.worth));
    let sum_out = went.fold(0_u128, |sum, payment| sum.saturating_add(payment.worth));
    let features = vec![
        unrelated(view, services, address, &payers),
        repeated(view, services, (address, &payees), sum_out),
        parity(&payments, sum_in, sum_out),
        stablecoins(payments.len(), others),
        few_payees(
            &payers,
            &payees,
            payments.iter().filter(|payment| !payment.is_in).count(),
        ),
    ];
    // Without customers there is no broker, whatever else is like one.
    if features[0].points == 0 {
        return None;
    }
    Some(Profile {
        address,
        confidence: features.iter().map(|feature| feature.points).sum(),
        features,
    })
}

/// The movements of dollar tokens that count, and how many movements of the chain's own coin there are beside them. Other
/// tokens are made by anybody and count as nothing.
fn payments<V: AccountView>(view: &V, address: AddressIx) -> (Vec<Payment>, usize) {
    let native = Asset::coin(view.chain());
    // A thousandth of the coin: gas that somebody sends along is no business of the account's.
    let decimals = native.as_ref().and_then(|coin| coin.decimals_hint());
    let digits = u32::from(decimals.unwrap_or(18)).saturating_sub(3);
    let coin_min = U256::from(10_u128.checked_pow(digits).unwrap_or(u128::MAX));
    let (mut found, mut others) = (Vec::new(), 0);
    for holding in view.holdings(address) {
        let asset = view.asset(view.holding(holding).1);
        let unit = dollar(&asset);
        let is_native = native.as_ref() == Some(asset.as_ref());
        if unit.is_none() && !is_native {
            continue;
        }
        for posting in view.postings(holding) {
            let leg = view.leg(posting.tx, posting.leg);
            let is_in = leg.to == Destination::Holding(holding);
            let other = match (is_in, leg.to) {
                (true, _) => leg.from,
                (false, Destination::Holding(to)) => Some(to),
                (false, _) => None,
            };
            let Some(other) = other.map(|other| view.holding(other).0) else {
                continue;
            };
            let Some(unit) = unit else {
                others += usize::from(leg.amount >= coin_min);
                continue;
            };
            let units = u128::try_from(leg.amount).unwrap_or(u128::MAX);
            if units / unit >= DOLLARS_MIN {
                let millionths = units
                    .checked_mul(1_000_000)
                    .map_or(u128::MAX, |it| it / unit);
                found.push(Payment {
                    tx: posting.tx,
                    time: view.time(posting.tx),
                    other,
                    worth: millionths,
                    is_in,
                });
            }
        }
    }
    // Within one transaction what comes stands before what goes.
    found.sort_by_key(|payment| (payment.tx, !payment.is_in));
    (found, others)
}

fn feature(
    feature: &'static str,
    (points, of): (u32, u32),
    what: String,
    addresses: impl IntoIterator<Item = AddressIx>,
) -> Feature {
    Feature {
        feature,
        points,
        of,
        what,
        addresses: addresses.into_iter().take(EVIDENCE_MAX).collect(),
    }
}

/// Whom an address paid or was paid by, services and crowds left out.
fn neighbours<V: AccountView>(
    view: &V,
    services: &BTreeSet<AddressIx>,
    address: AddressIx,
) -> BTreeSet<AddressIx> {
    let mut found = BTreeSet::new();
    if view.has_more_postings_than(address, NEIGHBOUR_POSTINGS_MAX) {
        return found;
    }
    for holding in view.holdings(address) {
        if !counts(view, view.holding(holding).1) {
            continue;
        }
        for posting in view.postings(holding) {
            let leg = view.leg(posting.tx, posting.leg);
            let other = match leg.to {
                Destination::Holding(to) if to == holding => leg.from,
                Destination::Holding(to) => Some(to),
                _ => None,
            };
            found.extend(other.map(|other| view.holding(other).0));
        }
    }
    found.retain(|other| !services.contains(other));
    found
}

/// Whether an asset is money: the chain's own coin, or a dollar token.
fn counts<V: AccountView>(view: &V, asset: AssetIx) -> bool {
    let asset = view.asset(asset);
    dollar(&asset).is_some() || Asset::coin(view.chain()).as_ref() == Some(asset.as_ref())
}

fn unrelated<V: AccountView>(
    view: &V,
    services: &BTreeSet<AddressIx>,
    address: AddressIx,
    payers: &BTreeSet<AddressIx>,
) -> Feature {
    let all: Vec<AddressIx> = payers.iter().copied().collect();
    let place: BTreeMap<AddressIx, u32> = all.iter().copied().zip(0..).collect();
    let mut forest = Forest::new(all.len());
    for (payer, at) in &place {
        for other in neighbours(view, services, *payer) {
            if let Some(other) = place.get(&other).filter(|_| other != address) {
                forest.join(*at, *other);
            }
        }
    }
    let groups: BTreeSet<u32> = place.values().map(|at| forest.find(*at)).collect();
    let points = match groups.len() {
        5.. => 25,
        3..=4 => 15,
        _ => 0,
    };
    let what = format!(
        "{} payers that are no services, in {} groups that never paid each other",
        payers.len(),
        groups.len()
    );
    feature("unrelated-payers", (points, 25), what, all)
}

/// Whether an address carries all that it gets to one other, or to services alone, as a customer's account at an exchange
/// does; the exchange need not be known.
fn is_customers<V: AccountView>(
    view: &V,
    services: &BTreeSet<AddressIx>,
    (address, broker): (AddressIx, AddressIx),
) -> bool {
    if view.has_more_postings_than(address, NEIGHBOUR_POSTINGS_MAX) {
        return false;
    }
    let mut payees = BTreeSet::new();
    for holding in view.holdings(address) {
        if !counts(view, view.holding(holding).1) {
            continue;
        }
        for posting in view.postings(holding) {
            let leg = view.leg(posting.tx, posting.leg);
            if leg.from == Some(holding)
                && let Destination::Holding(to) = leg.to
            {
                payees.insert(view.holding(to).0);
            }
        }
    }
    let is_one = payees.len() == 1 || payees.iter().all(|payee| services.contains(payee));
    is_one && !payees.is_empty() && !payees.contains(&broker)
}

fn repeated<V: AccountView>(
    view: &V,
    services: &BTreeSet<AddressIx>,
    (address, payees): (AddressIx, &BTreeMap<AddressIx, (usize, u128)>),
    sum_out: u128,
) -> Feature {
    let often = payees.iter().filter(|(_, (count, _))| *count >= REPEATED);
    let accounts = often.filter(|(payee, _)| {
        services.contains(payee) || is_customers(view, services, (**payee, address))
    });
    let accounts: Vec<(AddressIx, u128)> = accounts
        .map(|(payee, (_, worth))| (*payee, *worth))
        .collect();
    let sum = accounts
        .iter()
        .fold(0_u128, |sum, (_, worth)| sum.saturating_add(*worth));
    let share = percent(sum, sum_out);
    let points = match share {
        60.. => 25,
        30..=59 => 15,
        _ => 0,
    };
    let what = format!(
        "{share} % of what went out went to {} accounts that empty into one place, each paid {REPEATED} times or more",
        accounts.len()
    );
    let evidence: Vec<AddressIx> = accounts.into_iter().map(|(payee, _)| payee).collect();
    feature("repeated-deposits", (points, 25), what, evidence)
}

/// How many payments in were passed on, each by one payment of its own: the first that fits.
fn passed_on(payments: &[Payment]) -> usize {
    let mut used = BTreeSet::new();
    let mut count = 0;
    for (at, came) in payments
        .iter()
        .enumerate()
        .filter(|(_, payment)| payment.is_in)
    {
        let later = payments.iter().enumerate().skip(at + 1);
        let mut soon = later
            .take_while(|(_, went)| went.time.seconds() - came.time.seconds() <= PASSED_ON_SECONDS);
        let least = came.worth / 100 * PASSED_ON_PERCENT;
        let fits = soon.find(|(place, went)| {
            !went.is_in && least <= went.worth && went.worth <= came.worth && !used.contains(place)
        });
        if let Some((place, _)) = fits {
            used.insert(place);
            count += 1;
        }
    }
    count
}

fn parity(payments: &[Payment], sum_in: u128, sum_out: u128) -> Feature {
    let all = payments.iter().filter(|payment| payment.is_in).count();
    let passed = passed_on(payments);
    let number = |count: usize| u128::try_from(count).unwrap_or(u128::MAX);
    let (each, share) = (
        percent(number(passed), number(all)),
        percent(sum_out, sum_in),
    );
    let points = match (each, share) {
        (60.., _) | (_, 90..=102) => 20,
        (40.., _) | (_, 80..=89) => 10,
        _ => 0,
    };
    let dollars = |millionths: u128| millionths / 1_000_000;
    let what = format!(
        "{passed} of {all} payments were passed on nearly whole within two days; {} dollars came in and {} went out: {share} %",
        dollars(sum_in),
        dollars(sum_out)
    );
    feature("parity", (points, 20), what, [])
}

fn stablecoins(payments: usize, others: usize) -> Feature {
    let count = |number: usize| u128::try_from(number).unwrap_or(u128::MAX);
    let share = percent(count(payments), count(payments + others));
    let points = match share {
        80.. => 15,
        50..=79 => 8,
        _ => 0,
    };
    let what = format!(
        "{payments} of {} movements that count are of dollar tokens",
        payments + others
    );
    feature("stablecoins", (points, 15), what, [])
}

fn few_payees(
    payers: &BTreeSet<AddressIx>,
    payees: &BTreeMap<AddressIx, (usize, u128)>,
    payments: usize,
) -> Feature {
    let is_few = payees.len() <= (payers.len() / 3).max(5);
    let points = if is_few { 15 } else { 0 };
    let what = format!(
        "{payments} payments went to {} payees, beside {} payers",
        payees.len(),
        payers.len()
    );
    feature("few-payees", (points, 15), what, payees.keys().copied())
}

/// A share in per cent, rounded down; of nothing it is nothing.
fn percent(part: u128, of: u128) -> u128 {
    match (part.checked_mul(100), of) {
        (_, 0) => 0,
        (Some(scaled), of) => scaled / of,
        (None, of) => part / (of / 100).max(1),
    }
}
