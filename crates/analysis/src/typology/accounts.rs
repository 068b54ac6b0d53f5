//! Shapes of holdings: what an address did with one asset within the window of a trace.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::time::Timestamp;
use whither_ledger::view::{AccountView, AddressIx, AssetIx, Destination, HoldingIx, TxIx};

use super::told::Rates;
use super::{Asked, BaseRate, Limits, Pattern, Span, floors, is_round, span};
use crate::offramp::otc;
use crate::trace::result::EdgeWhy;

/// A holding with more movements than this within the window is a crowd's, and has no shape.
const MOVEMENTS_MAX: usize = 20_000;
/// Of so many busy addresses around a trace it is asked whether they are like a broker.
const BROKERS_ASKED_MAX: u64 = 500;

/// A movement that counts.
#[derive(Clone, Copy, Debug)]
struct Move {
    tx: TxIx,
    time: Timestamp,
    other: AddressIx,
    amount: U256,
    is_in: bool,
}

/// What is asked around a trace.
struct Around<'a, V> {
    view: &'a V,
    limits: &'a Limits,
    span: Span,
    floors: BTreeMap<AssetIx, U256>,
}

impl<'a, V: AccountView> Around<'a, V> {
    fn of(view: &'a V, asked: &Asked<'a>) -> Option<Self> {
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
    fn moves(&self, holding: HoldingIx) -> Vec<Move> {
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
    fn beside(&self, address: AddressIx, asset: AssetIx) -> Option<HoldingIx> {
        let mut holdings = self.view.holdings(address);
        holdings.find(|holding| self.view.holding(*holding).1 == asset)
    }

    /// Where the rest goes, if all that goes out goes to two and one of them has the larger part.
    fn peeled(&self, moves: &[Move]) -> Option<AddressIx> {
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

    /// The holdings of a peel chain that begins at one.
    fn peel_chain(&self, first: HoldingIx) -> Vec<HoldingIx> {
        let (mut chain, mut here) = (Vec::new(), Some(first));
        while let Some(holding) = here.filter(|holding| !chain.contains(holding)) {
            let Some(rest) = self.peeled(&self.moves(holding)) else {
                break;
            };
            chain.push(holding);
            here = self.beside(rest, self.view.holding(holding).1);
            if chain.len() > 10_000 {
                break;
            }
        }
        chain
    }

    /// The payments of the busiest stretch, if they go to enough different addresses.
    fn fan_out(&self, moves: &[Move]) -> Option<Vec<Move>> {
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

    /// The payments in, if they come from enough different addresses and go on to two at most.
    fn consolidated(&self, moves: &[Move]) -> Option<Vec<Move>> {
        let came: Vec<Move> = moves.iter().copied().filter(|one| one.is_in).collect();
        let payers: BTreeSet<AddressIx> = came.iter().map(|one| one.other).collect();
        let payees: BTreeSet<AddressIx> = moves
            .iter()
            .filter(|one| !one.is_in)
            .map(|one| one.other)
            .collect();
        let is_enough =
            u64::try_from(payers.len()).is_ok_and(|count| count >= self.limits.consolidation);
        (is_enough && payees.len() <= 2).then_some(came)
    }

    /// Payments out, each with how long before it money last came in.
    fn rests<'b>(&self, moves: &'b [Move]) -> impl Iterator<Item = (&'b Move, u64)> {
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

    fn slept(&self, moves: &[Move]) -> Vec<Move> {
        let least = self.limits.dormant_days.saturating_mul(86_400);
        let rests = self.rests(moves).filter(|(_, seconds)| *seconds >= least);
        rests.map(|(one, _)| *one).collect()
    }

    fn fast(&self, moves: &[Move]) -> Vec<Move> {
        let rests = self
            .rests(moves)
            .filter(|(_, seconds)| *seconds <= self.limits.fast_seconds);
        rests.map(|(one, _)| *one).collect()
    }

    fn round(&self, moves: &[Move]) -> Vec<Move> {
        let out = moves.iter().filter(|one| !one.is_in);
        out.filter(|one| is_round(one.amount, self.limits.round_digits))
            .copied()
            .collect()
    }
}

/// The holdings that a trace passes: those that pay on what came.
fn passed<V: AccountView>(view: &V, asked: &Asked<'_>) -> Vec<HoldingIx> {
    let mut found = BTreeSet::new();
    for edge in asked
        .trace
        .edges
        .iter()
        .filter(|edge| edge.why == EdgeWhy::Transfer)
    {
        let address = edge
            .from
            .address
            .as_deref()
            .and_then(|text| Address::parse(view.chain(), text).ok());
        let Some(address) = address.and_then(|address| view.find_address(&address)) else {
            continue;
        };
        let mut holdings = view.holdings(address);
        found.extend(
            holdings.find(|holding| view.asset(view.holding(*holding).1).as_str() == edge.asset),
        );
    }
    found.into_iter().collect()
}

/// The shapes of the holdings that a trace passes.
pub(super) fn patterns<V: AccountView>(view: &V, asked: Asked<'_>) -> Vec<Pattern> {
    let Some(around) = Around::of(view, &asked) else {
        return Vec::new();
    };
    let holdings = passed(view, &asked);
    let rates = Shapes::count(&around);
    let writer = Writer { around: &around };
    let mut found = Vec::new();
    let (mut in_chain, mut chains) = (BTreeSet::new(), Vec::new());
    let (mut slept, mut fast, mut round, mut payments) =
        (Vec::new(), Vec::new(), Vec::new(), 0_u64);
    for holding in &holdings {
        let moves = around.moves(*holding);
        payments += moves
            .iter()
            .filter(|one| !one.is_in)
            .map(|_| 1)
            .sum::<u64>();
        let chain = around.peel_chain(*holding);
        in_chain.extend(chain.iter().skip(1).copied());
        chains.push((*holding, chain));
        if let Some(out) = around.fan_out(&moves) {
            let payees: BTreeSet<AddressIx> = out.iter().map(|one| one.other).collect();
            let what = format!(
                "pays {} addresses within {} h",
                payees.len(),
                around.limits.fan_out_seconds / 3600
            );
            found.push(writer.at("fan-out", *holding, what, &out, rates.rate("fan-out")));
        }
        if let Some(came) = around.consolidated(&moves) {
            let payers: BTreeSet<AddressIx> = came.iter().map(|one| one.other).collect();
            let what = format!("takes money from {} addresses together", payers.len());
            found.push(writer.at(
                "consolidation",
                *holding,
                what,
                &came,
                rates.rate("consolidation"),
            ));
        }
        slept.extend(around.slept(&moves).into_iter().map(|one| (*holding, one)));
        fast.extend(around.fast(&moves).into_iter().map(|one| (*holding, one)));
        round.extend(around.round(&moves).into_iter().map(|one| (*holding, one)));
    }
    for (first, chain) in chains {
        let is_long =
            u64::try_from(chain.len()).is_ok_and(|steps| steps >= around.limits.peel_steps);
        if is_long && !in_chain.contains(&first) {
            let out = chain.iter().flat_map(|holding| {
                let moves = around.moves(*holding).into_iter();
                moves.filter(|one| !one.is_in).map(|one| (*holding, one))
            });
            let out: Vec<(HoldingIx, Move)> = out.collect();
            let what = format!(
                "{} steps, each of which peels a little off and sends the rest on",
                chain.len()
            );
            let mut pattern = writer.over("peel-chain", what, &out, rates.rate("peel-chain"));
            pattern.address = Some(writer.shown(view.holding(first).0));
            found.push(pattern);
        }
    }
    let of = |part: usize, words: &str| format!("{part} of {payments} payments {words}");
    if !slept.is_empty() {
        let what = of(
            slept.len(),
            &format!(
                "came {} days or more after money last came in",
                around.limits.dormant_days
            ),
        );
        found.push(writer.over("dormancy", what, &slept, rates.rate("dormancy")));
    }
    if is_often(fast.len(), payments) {
        let what = of(
            fast.len(),
            &format!(
                "came within {} min of money coming in",
                around.limits.fast_seconds / 60
            ),
        );
        found.push(writer.over("speed", what, &fast, rates.rate("speed")));
    }
    if is_often(round.len(), payments) {
        let what = of(
            round.len(),
            &format!(
                "have {} significant digits or fewer",
                around.limits.round_digits
            ),
        );
        found.push(writer.over("round-amounts", what, &round, rates.rate("round-amounts")));
    }
    found
}

/// Whether something is seen three times, and in a fifth of the payments.
fn is_often(part: usize, of: u64) -> bool {
    part >= 3 && u64::try_from(part).is_ok_and(|part| part.saturating_mul(5) >= of)
}

/// Writes movements as patterns.
struct Writer<'a, 'b, V> {
    around: &'a Around<'b, V>,
}

impl<V: AccountView> Writer<'_, '_, V> {
    fn shown(&self, address: AddressIx) -> String {
        self.around
            .view
            .address(address)
            .display(self.around.view.chain())
    }

    fn at(
        &self,
        typology: &'static str,
        holding: HoldingIx,
        what: String,
        moves: &[Move],
        rate: BaseRate,
    ) -> Pattern {
        let moves: Vec<(HoldingIx, Move)> = moves.iter().map(|one| (holding, *one)).collect();
        let mut pattern = self.over(typology, what, &moves, rate);
        pattern.address = Some(self.shown(self.around.view.holding(holding).0));
        pattern
    }

    fn over(
        &self,
        typology: &'static str,
        what: String,
        moves: &[(HoldingIx, Move)],
        rate: BaseRate,
    ) -> Pattern {
        let view = self.around.view;
        let mut amounts: BTreeMap<String, U256> = BTreeMap::new();
        let mut txs = BTreeSet::new();
        for (holding, one) in moves {
            let sum = amounts
                .entry(view.asset(view.holding(*holding).1).to_string())
                .or_default();
            *sum = sum.saturating_add(one.amount);
            txs.insert(one.tx);
        }
        Pattern {
            typology,
            what,
            chain: view.chain().to_string(),
            address: None,
            amounts,
            transactions: txs
                .into_iter()
                .map(|tx| view.transaction_id(tx).to_string())
                .collect(),
            parameters: parameters(typology, self.around.limits),
            base_rate: Some(rate),
        }
    }
}

/// The limits that a typology was looked for with.
pub(super) fn parameters(typology: &str, limits: &Limits) -> BTreeMap<&'static str, u64> {
    let rows: &[(&'static str, u64)] = match typology {
        "peel-chain" => &[
            ("steps", limits.peel_steps),
            ("share_percent", limits.peel_share),
        ],
        "fan-out" => &[
            ("payees", limits.fan_out),
            ("seconds", limits.fan_out_seconds),
        ],
        "consolidation" => &[("payers", limits.consolidation), ("payees_max", 2)],
        "dormancy" => &[("days", limits.dormant_days)],
        "speed" => &[("seconds", limits.fast_seconds)],
        "round-amounts" => &[("digits", limits.round_digits)],
        _ => &[],
    };
    rows.iter().copied().collect()
}

/// How many holdings around a trace have each shape.
struct Shapes {
    found: BTreeMap<&'static str, u64>,
    of: u64,
}

impl Shapes {
    fn count<V: AccountView>(around: &Around<'_, V>) -> Self {
        let mut shapes = Self {
            found: BTreeMap::new(),
            of: 0,
        };
        for holding in sample(around) {
            let moves = around.moves(holding);
            if !moves.iter().any(|one| !one.is_in) {
                continue;
            }
            shapes.of += 1;
            let steps = match around.peeled(&moves) {
                Some(_) => around.peel_chain(holding).len(),
                None => 0,
            };
            let is_chain =
                u64::try_from(steps).is_ok_and(|steps| steps >= around.limits.peel_steps);
            for (typology, has) in [
                ("peel-chain", is_chain),
                ("fan-out", around.fan_out(&moves).is_some()),
                ("consolidation", around.consolidated(&moves).is_some()),
                ("dormancy", !around.slept(&moves).is_empty()),
                ("speed", !around.fast(&moves).is_empty()),
                ("round-amounts", !around.round(&moves).is_empty()),
            ] {
                *shapes.found.entry(typology).or_default() += u64::from(has);
            }
        }
        shapes
    }

    fn rate(&self, typology: &str) -> BaseRate {
        BaseRate {
            of_what: "holdings of the same assets that paid in the window of the trace",
            found: self.found.get(typology).copied().unwrap_or(0),
            of: self.of,
        }
    }
}

/// Holdings of the assets of a trace: all of them, or those of every n-th address.
fn sample<V: AccountView>(around: &Around<'_, V>) -> Vec<HoldingIx> {
    let view = around.view;
    let most = usize::try_from(around.limits.sample)
        .unwrap_or(usize::MAX)
        .max(1);
    let step = view.address_count().div_ceil(most).max(1);
    let addresses = (0..view.address_count()).step_by(step).map(AddressIx::of);
    let holdings = addresses.flat_map(|address| view.holdings(address).collect::<Vec<_>>());
    holdings
        .filter(|holding| around.floors.contains_key(&view.holding(*holding).1))
        .collect()
}

/// How common it is to pay what the case names, to exchange, and to be like a broker.
pub(super) fn rates<V: AccountView>(view: &V, asked: Asked<'_>) -> Rates {
    let mut rates = Rates::default();
    let Some(around) = Around::of(view, &asked) else {
        return rates;
    };
    let mut kinds = BTreeMap::new();
    for (address, claims) in &asked.knowledge.services {
        if let (Some(ix), Some(claim)) = (view.find_address(address), claims.first()) {
            kinds.insert(ix, claim.kind);
        }
    }
    let services: BTreeSet<AddressIx> = kinds.keys().copied().collect();
    let (mut swaps, mut payers, mut busy) = (BTreeSet::new(), 0, 0);
    let mut like_brokers = 0;
    for holding in sample(&around) {
        let moves = around.moves(holding);
        if !moves.iter().any(|one| !one.is_in) {
            continue;
        }
        payers += 1;
        let paid: BTreeSet<_> = moves
            .iter()
            .filter(|one| !one.is_in)
            .filter_map(|one| kinds.get(&one.other))
            .collect();
        for kind in paid {
            *rates.pay.entry(*kind).or_default() += 1;
        }
        let exchanges = moves
            .iter()
            .any(|one| !one.is_in && exchanged(&around, holding, one.tx));
        if exchanges {
            swaps.insert(view.holding(holding).0);
        }
        let address = view.holding(holding).0;
        if !asked.brokers.is_empty() && busy < BROKERS_ASKED_MAX && moves.len() >= 20 {
            busy += 1;
            let profile = otc::profile(view, &services, address);
            like_brokers +=
                u64::from(profile.is_some_and(|profile| profile.confidence >= otc::PROFILE));
        }
    }
    rates.of = payers;
    rates.swaps = u64::try_from(swaps.len()).unwrap_or(u64::MAX);
    rates.brokers = (like_brokers, busy);
    rates
}

/// Whether an address got another asset of the trace in the transaction in which it paid this one.
fn exchanged<V: AccountView>(around: &Around<'_, V>, holding: HoldingIx, tx: TxIx) -> bool {
    let view = around.view;
    let (address, asset) = view.holding(holding);
    view.legs(tx).any(|leg| match leg.to {
        Destination::Holding(to) => view.holding(to).0 == address && leg.asset != asset,
        _ => false,
    })
}
