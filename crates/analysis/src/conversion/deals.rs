//! Which parties exchange, and what: the netting of law 11.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::view::{AssetIx, HoldingIx};

use super::parties::{Move, Stage};
use super::{Deal, Side};

/// What a party took and gave, of each asset.
type Sums = BTreeMap<AssetIx, (U256, U256)>;
/// Per leg the deals of its payer's and its payee's side.
pub(super) type Sides = Vec<[Option<usize>; 2]>;

/// A party and the assets it exchanges, before its legs are looked at one by one.
struct Bargain {
    party: usize,
    gets: BTreeMap<AssetIx, U256>,
    gives: BTreeMap<AssetIx, U256>,
    /// Only legs within its circle count.
    within: bool,
    rule: &'static str,
}

/// The deals of a transaction, and which legs belong to them; nothing where a holding moves against its deal.
pub(super) fn of(stage: &Stage) -> Option<(Vec<Deal>, Sides)> {
    let mut bargains = issues(stage);
    let issuing: BTreeSet<usize> = bargains.iter().map(|bargain| bargain.party).collect();
    bargains.extend(
        swaps(stage)
            .into_iter()
            .filter(|one| !issuing.contains(&one.party)),
    );
    bargains.sort_by_key(|bargain| bargain.party);
    let mut sides = vec![[None; 2]; stage.leg_count];
    for step in &stage.moves {
        for (side, party) in step.parties.iter().enumerate() {
            let counts = |bargain: &Bargain| {
                bargain.party == *party
                    && (!bargain.within || stage.is_within(step))
                    && (bargain.gets.contains_key(&step.asset)
                        || bargain.gives.contains_key(&step.asset))
            };
            sides[step.leg][side] = bargains.iter().position(counts);
        }
    }
    let deals = bargains
        .iter()
        .enumerate()
        .map(|(number, bargain)| deal(stage, number, bargain, &sides));
    Some((deals.collect::<Option<Vec<Deal>>>()?, sides))
}

/// Net what was taken, and net what was given.
fn net(sums: &Sums) -> (BTreeMap<AssetIx, U256>, BTreeMap<AssetIx, U256>) {
    let over = |more: U256, less: U256| more.checked_sub(less).filter(|rest| !rest.is_zero());
    let gets = sums
        .iter()
        .filter_map(|(asset, (taken, given))| Some((*asset, over(*taken, *given)?)));
    let gives = sums
        .iter()
        .filter_map(|(asset, (taken, given))| Some((*asset, over(*given, *taken)?)));
    (gets.collect(), gives.collect())
}

/// Within each circle, all that take one asset and give another; the signer is the one they do it for, and is
/// followed raw where there is any other.
fn swaps(stage: &Stage) -> Vec<Bargain> {
    let sums = stage.sums(|step| stage.is_within(step));
    let mut mixed: BTreeMap<usize, Vec<Bargain>> = BTreeMap::new();
    for (party, sums) in sums.iter().enumerate() {
        let (gets, gives) = net(sums);
        if gets.is_empty() || gives.is_empty() {
            continue;
        }
        let rule = if is_own_token(stage, party, &gets, &gives) {
            "issue-or-redeem"
        } else {
            "swap"
        };
        mixed
            .entry(stage.circles[party])
            .or_default()
            .push(Bargain {
                party,
                gets,
                gives,
                within: true,
                rule,
            });
    }
    let mut bargains = Vec::new();
    for (_, mut circle) in mixed {
        if circle.len() > 1 {
            circle.retain(|bargain| Some(bargain.party) != stage.signer);
        }
        bargains.extend(circle);
    }
    bargains
}

/// Whether a party exchanges a token that it makes or destroys itself.
fn is_own_token(
    stage: &Stage,
    party: usize,
    gets: &BTreeMap<AssetIx, U256>,
    gives: &BTreeMap<AssetIx, U256>,
) -> bool {
    stage.moves.iter().any(|step| {
        let made = step.is_mint() && step.parties[0] == party && gives.contains_key(&step.asset);
        let destroyed =
            step.is_burn() && step.parties[1] == party && gets.contains_key(&step.asset);
        made || destroyed
    })
}

/// Those that get a token made for what they give, or give one that is destroyed for what they get, where the
/// token's contract has no other part in the transaction: somebody else took the money, or paid it.
fn issues(stage: &Stage) -> Vec<Bargain> {
    let is_only = |party: usize, side: usize| {
        stage.moves.iter().all(|step| {
            let issues = if side == 0 {
                step.is_mint()
            } else {
                step.is_burn()
            };
            step.parties[1 - side] != party && (step.parties[side] != party || issues)
        })
    };
    let of = |side: usize| -> BTreeSet<AssetIx> {
        let issued = stage.moves.iter().filter(|step: &&Move| {
            let issues = if side == 0 {
                step.is_mint()
            } else {
                step.is_burn()
            };
            issues && is_only(step.parties[side], side)
        });
        issued.map(|step| step.asset).collect()
    };
    let (made, destroyed) = (of(0), of(1));
    if made.is_empty() && destroyed.is_empty() {
        return Vec::new();
    }
    let sums = stage.sums(|_| true);
    let bargain = |(party, sums): (usize, &Sums)| {
        let (mut gets, mut gives) = net(sums);
        let is_made = gets.keys().any(|asset| made.contains(asset));
        let is_destroyed = gives.keys().any(|asset| destroyed.contains(asset));
        if is_made {
            gets.retain(|asset, _| made.contains(asset));
        }
        if is_destroyed {
            gives.retain(|asset, _| destroyed.contains(asset));
        }
        let counts = (is_made || is_destroyed) && !gets.is_empty() && !gives.is_empty();
        counts.then_some(Bargain {
            party,
            gets,
            gives,
            within: false,
            rule: "issue-or-redeem",
        })
    };
    sums.iter().enumerate().filter_map(bargain).collect()
}

/// A bargain with the part of each asset that comes to or from a holding; nothing where a holding loses what its
/// party gets, or gains what it gives.
fn deal(stage: &Stage, number: usize, bargain: &Bargain, sides: &Sides) -> Option<Deal> {
    let mut held: BTreeMap<AssetIx, (Option<HoldingIx>, U256, U256)> = BTreeMap::new();
    for step in &stage.moves {
        for side in [0, 1] {
            let holding = step.holdings[side];
            if sides[step.leg][side] == Some(number) && holding.is_some() {
                let sums = held.entry(step.asset).or_default();
                sums.0 = holding;
                let sum = if side == 0 { &mut sums.2 } else { &mut sums.1 };
                *sum = sum.plus(step.amount);
            }
        }
    }
    let side = |(asset, amount): (&AssetIx, &U256), gets: bool| {
        let (holding, taken, given) = held.get(asset).copied().unwrap_or_default();
        let (more, less) = if gets { (taken, given) } else { (given, taken) };
        let part = more.checked_sub(less).filter(|part| part <= amount)?;
        Some(Side {
            asset: *asset,
            amount: *amount,
            holding,
            held: part,
        })
    };
    let gets = bargain.gets.iter().map(|one| side(one, true));
    let gives = bargain.gives.iter().map(|one| side(one, false));
    Some(Deal {
        party: stage.parties[bargain.party],
        gets: gets.collect::<Option<_>>()?,
        gives: gives.collect::<Option<_>>()?,
        rule: bargain.rule,
    })
}
