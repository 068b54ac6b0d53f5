//! What an address did with one asset within the window of a trace, and which shapes that has.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::time::Timestamp;
use whither_ledger::view::{AccountView, AddressIx, AssetIx, Destination, HoldingIx, TxIx};

use super::{Asked, Limits, Span, floors, is_round, span};

/// A holding with more movements than this within the window is a crowd's, and has no shape.
const MOVEMENTS_MAX: usize = 20_000;

/// A movement that counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    pub(super) tx: TxIx,
    pub(super) time: Timestamp,
    pub(super) other: AddressIx,
    pub(super) amount: U256,
    pub(super) is_in: bool,
}

/// What is asked around a trace.
pub(super) struct Around<'a, V> {
    pub(super) view: &'a V,
    pub(super) limits: &'a Limits,
    pub(super) span: Span,
    pub(super) floors: BTreeMap<AssetIx, U256>,
}

impl<'a, V: AccountView> Around<'a, V> {
    pub(super) fn of(view: &'a V, asked: &Asked<'a>) -> Option<Self> {
        let by_name = floors(asked.trace);
        let assets = (0..view.asset_count()).map(AssetIx::of);
        let floors =
            assets.filter_map(|asset| Some((asset, *by_name.get(view.asset(asset).as_str())?)));
        Some(Self {
            view,
            limits: asked.limits,
            span: span(asked.trace, &view.chain().to_string())?,
            floors: floors.collect(),
        })
    }

    /// The movements of a holding that count, in chain order; none of an asset that the trace does not follow, or of a crowd.
    pub(super) fn moves(&self, holding: HoldingIx) -> Vec<Move> {
        let view = self.view;
        let (_, asset) = view.holding(holding);
        let Some(floor) = self.floors.get(&asset) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for posting in view.postings(holding) {
            let time = view.time(posting.tx);
            let leg = view.leg(posting.tx, posting.leg);
            if leg.amount < *floor || !self.span.holds(time) {
                continue;
            }
            let is_in = leg.to == Destination::Holding(holding);
            let other = match (is_in, leg.to) {
                (true, _) => leg.from,
                (false, Destination::Holding(to)) => Some(to),
                (false, _) => None,
            };
            let Some(other) = other.map(|other| view.holding(other).0) else {
                continue;
            };
            if found.len() == MOVEMENTS_MAX {
                return Vec::new();
            }
            found.push(Move {
                tx: posting.tx,
                time,
                other,
                amount: leg.amount,
                is_in,
            });
        }
        found
    }

    /// The same asset's holding of an address.
    pub(super) fn beside(&self, address: AddressIx, asset: AssetIx) -> Option<HoldingIx> {
        let mut holdings = self.view.holdings(address);
        holdings.find(|holding| self.view.holding(*holding).1 == asset)
    }

    /// Where the rest goes, if all that goes out goes to two and one of them has the larger part.
    pub(super) fn peeled(&self, moves: &[Move]) -> Option<AddressIx> {
        let mut paid: BTreeMap<AddressIx, U256> = BTreeMap::new();
        for one in moves.iter().filter(|one| !one.is_in) {
            let sum = paid.entry(one.other).or_default();
            *sum = sum.saturating_add(one.amount);
        }
        if paid.len() != 2 {
            return None;
        }
        let all = paid
            .values()
            .fold(U256::ZERO, |sum, part| sum.saturating_add(*part));
        let (rest, most) = paid
            .into_iter()
            .max_by_key(|(address, part)| (*part, std::cmp::Reverse(*address)))?;
        let share = U256::from(self.limits.peel_share);
        let is_most = most.saturating_mul(U256::from(100)) >= all.saturating_mul(share);
        is_most.then_some(rest)
    }

    /// The holding to which the rest of a step of a peel chain goes, if this is one.
    pub(super) fn next(&self, holding: HoldingIx, moves: &[Move]) -> Option<HoldingIx> {
        self.beside(self.peeled(moves)?, self.view.holding(holding).1)
    }

    /// Whether a chain of so many different holdings, each a peel, begins at one.
    pub(super) fn begins_chain(&self, first: HoldingIx, steps: u64) -> bool {
        let (mut chain, mut here) = (BTreeSet::new(), first);
        for _ in 0..steps {
            match self.next(here, &self.moves(here)) {
                Some(next) if chain.insert(here) => here = next,
                _ => return false,
            }
        }
        true
    }

    /// The payments of the busiest stretch, if they go to enough different addresses.
    pub(super) fn fan_out(&self, moves: &[Move]) -> Option<Vec<Move>> {
        let out: Vec<Move> = moves.iter().copied().filter(|one| !one.is_in).collect();
        let seconds = i64::try_from(self.limits.fan_out_seconds).unwrap_or(i64::MAX);
        let (mut first, mut inside): (usize, BTreeMap<AddressIx, u64>) = (0, BTreeMap::new());
        let mut best: Option<(usize, usize, usize)> = None;
        for (end, one) in out.iter().enumerate() {
            *inside.entry(one.other).or_default() += 1;
            while one.time.seconds() - out[first].time.seconds() > seconds {
                let left = inside.entry(out[first].other).or_default();
                *left -= 1;
                if *left == 0 {
                    inside.remove(&out[first].other);
                }
                first += 1;
            }
            if best.is_none_or(|(most, ..)| inside.len() > most) {
                best = Some((inside.len(), first, end + 1));
            }
        }
        let (most, first, end) = best?;
        let is_enough = u64::try_from(most).is_ok_and(|most| most >= self.limits.fan_out);
        is_enough.then(|| out[first..end].to_vec())
    }

    /// The payments in, if they come from enough different addresses and go on to half as many at most.
    pub(super) fn consolidated(&self, moves: &[Move]) -> Option<Vec<Move>> {
        let came: Vec<Move> = moves.iter().copied().filter(|one| one.is_in).collect();
        let payers: BTreeSet<AddressIx> = came.iter().map(|one| one.other).collect();
        let payees: BTreeSet<AddressIx> = moves
            .iter()
            .filter(|one| !one.is_in)
            .map(|one| one.other)
            .collect();
        let is_enough =
            u64::try_from(payers.len()).is_ok_and(|count| count >= self.limits.consolidation);
        (is_enough && payees.len() * 2 <= payers.len()).then_some(came)
    }

    /// Payments out, each with how long before it money last came in.
    pub(super) fn rests<'b>(&self, moves: &'b [Move]) -> impl Iterator<Item = (&'b Move, u64)> {
        let mut came: Option<Timestamp> = None;
        moves.iter().filter_map(move |one| {
            if one.is_in {
                came = Some(one.time);
                return None;
            }
            let seconds = one.time.seconds() - came?.seconds();
            Some((one, u64::try_from(seconds).unwrap_or(0)))
        })
    }

    pub(super) fn slept(&self, moves: &[Move]) -> Vec<Move> {
        let least = self.limits.dormant_days.saturating_mul(86_400);
        let rests = self.rests(moves).filter(|(_, seconds)| *seconds >= least);
        rests.map(|(one, _)| *one).collect()
    }

    pub(super) fn fast(&self, moves: &[Move]) -> Vec<Move> {
        let rests = self
            .rests(moves)
            .filter(|(_, seconds)| *seconds <= self.limits.fast_seconds);
        rests.map(|(one, _)| *one).collect()
    }

    pub(super) fn round(&self, moves: &[Move]) -> Vec<Move> {
        let out = moves.iter().filter(|one| !one.is_in);
        out.filter(|one| is_round(one.amount, self.limits.round_digits))
            .copied()
            .collect()
    }
}
