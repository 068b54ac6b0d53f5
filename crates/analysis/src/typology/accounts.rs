//! Shapes of holdings: what an address did with one asset within the window of a trace.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::view::{AccountView, AddressIx, Destination, HoldingIx, TxIx};

use super::holdings::{Around, Move};
use super::peel::chains;
use super::told::Rates;
use super::{Asked, BaseRate, Limits, Pattern};
use crate::offramp::otc;
use crate::trace::result::EdgeWhy;

/// Of so many busy addresses around a trace it is asked whether they are like a broker.
const BROKERS_ASKED_MAX: u64 = 500;

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
    let mut peeled: BTreeMap<HoldingIx, Option<HoldingIx>> = BTreeMap::new();
    let (mut slept, mut fast, mut round, mut payments) =
        (Vec::new(), Vec::new(), Vec::new(), 0_u64);
    for holding in &holdings {
        let moves = around.moves(*holding);
        let out = moves.iter().filter(|one| !one.is_in).count();
        payments += u64::try_from(out).unwrap_or(u64::MAX);
        let next = around.next(*holding, &moves);
        peeled.extend(next.map(|next| (*holding, Some(next))));
        found.extend(spreads_and_gathers(&writer, *holding, &moves, &rates));
        slept.extend(around.slept(&moves).into_iter().map(|one| (*holding, one)));
        fast.extend(around.fast(&moves).into_iter().map(|one| (*holding, one)));
        round.extend(around.round(&moves).into_iter().map(|one| (*holding, one)));
    }
    found.extend(peels(&writer, &peeled, &rates));
    let limits = around.limits;
    let often = [
        (
            "dormancy",
            &slept,
            format!(
                "came {} days or more after money last came in",
                limits.dormant_days
            ),
            !slept.is_empty(),
        ),
        (
            "speed",
            &fast,
            format!(
                "came within {} min of money coming in",
                limits.fast_seconds / 60
            ),
            is_often(fast.len(), payments),
        ),
        (
            "round-amounts",
            &round,
            format!("have {} significant digits or fewer", limits.round_digits),
            is_often(round.len(), payments),
        ),
    ];
    for (typology, moves, words, _) in often.into_iter().filter(|(.., is_told)| *is_told) {
        let what = format!("{} of {payments} payments {words}", moves.len());
        found.push(writer.over(typology, what, moves, rates.rate(typology)));
    }
    found
}

/// Whether a holding pays many at once, or takes money from many to pay it on together.
fn spreads_and_gathers<V: AccountView>(
    writer: &Writer<'_, '_, V>,
    holding: HoldingIx,
    moves: &[Move],
    rates: &Shapes,
) -> Vec<Pattern> {
    let around = writer.around;
    let others = |moves: &[Move]| {
        let others: BTreeSet<AddressIx> = moves.iter().map(|one| one.other).collect();
        others.len()
    };
    let mut found = Vec::new();
    if let Some(out) = around.fan_out(moves) {
        let hours = around.limits.fan_out_seconds / 3600;
        let what = format!("pays {} addresses within {hours} h", others(&out));
        found.push(writer.at("fan-out", holding, what, &out, rates.rate("fan-out")));
    }
    if let Some(came) = around.consolidated(moves) {
        let what = format!("takes money from {} addresses together", others(&came));
        let rate = rates.rate("consolidation");
        found.push(writer.at("consolidation", holding, what, &came, rate));
    }
    found
}

/// The peel chains that are long enough, from what each step sends its larger part to.
fn peels<V: AccountView>(
    writer: &Writer<'_, '_, V>,
    peeled: &BTreeMap<HoldingIx, Option<HoldingIx>>,
    rates: &Shapes,
) -> Vec<Pattern> {
    let around = writer.around;
    let is_long = |chain: &[HoldingIx]| {
        u64::try_from(chain.len()).is_ok_and(|steps| steps >= around.limits.peel_steps)
    };
    let mut found = Vec::new();
    for chain in chains(peeled).iter().filter(|chain| is_long(chain)) {
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
        pattern.address = Some(writer.shown(around.view.holding(chain[0]).0));
        found.push(pattern);
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
            parameters: parameters(typology, self.around.limits, ("payees_percent", 50)),
            base_rate: Some(rate),
        }
    }
}

/// The limits that a typology was looked for with; to how many a consolidation may go on, each kind of chain says.
pub(super) fn parameters(
    typology: &str,
    limits: &Limits,
    payees: (&'static str, u64),
) -> BTreeMap<&'static str, u64> {
    let rows: &[(&'static str, u64)] = match typology {
        "peel-chain" => &[
            ("steps", limits.peel_steps),
            ("share_percent", limits.peel_share),
        ],
        "fan-out" => &[
            ("payees", limits.fan_out),
            ("seconds", limits.fan_out_seconds),
        ],
        "consolidation" => &[("payers", limits.consolidation), payees],
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
            let is_chain = around.begins_chain(holding, around.limits.peel_steps);
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
    let (mut payers, mut busy) = (0, 0);
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
        rates.swaps += u64::from(exchanges);
        let address = view.holding(holding).0;
        if !asked.brokers.is_empty() && busy < BROKERS_ASKED_MAX && moves.len() >= 20 {
            busy += 1;
            let profile = otc::profile(view, &services, address);
            like_brokers +=
                u64::from(profile.is_some_and(|profile| profile.confidence >= otc::PROFILE));
        }
    }
    rates.of = payers;
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
