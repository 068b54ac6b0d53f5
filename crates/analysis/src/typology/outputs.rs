//! Shapes of transactions on a chain of outputs.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{OutputIx, Prevout, TxIx, UtxoView};

use super::accounts::parameters;
use super::peel::chains;
use super::told::Rates;
use super::{Asked, BaseRate, Limits, Pattern, Span, floors, is_round, span};
use crate::demix::coinjoin;

/// A transaction of more outputs is asked only how many they are.
const OUTPUTS_MAX: u64 = 10_000;

/// What is asked around a trace.
struct Around<'a, V> {
    view: &'a V,
    limits: &'a Limits,
    span: Span,
    floor: u64,
    asset: String,
}

impl<'a, V: UtxoView> Around<'a, V> {
    fn of(view: &'a V, asked: &Asked<'a>) -> Option<Self> {
        let asset = view.chain().native_asset()?.to_string();
        let floor = floors(asked.trace)
            .get(asset.as_str())
            .copied()
            .unwrap_or(U256::from(1));
        Some(Self {
            view,
            limits: asked.limits,
            span: span(asked.trace, &view.chain().to_string())?,
            floor: u64::try_from(floor).unwrap_or(u64::MAX),
            asset,
        })
    }

    /// The outputs that count.
    fn outputs(&self, tx: TxIx) -> Vec<OutputIx> {
        let outputs = self
            .view
            .outputs(tx)
            .take(usize::try_from(OUTPUTS_MAX).unwrap_or(usize::MAX));
        let outputs = outputs.map(OutputIx);
        outputs
            .filter(|output| self.view.value(*output) >= self.floor)
            .collect()
    }

    /// The output that goes on, where a transaction peels: two outputs, of which one has the larger part.
    fn peeled(&self, tx: TxIx) -> Option<OutputIx> {
        let outputs = self.outputs(tx);
        let [a, b] = outputs[..] else {
            return None;
        };
        let (one, other) = (
            u128::from(self.view.value(a)),
            u128::from(self.view.value(b)),
        );
        let (rest, most) = if one >= other { (a, one) } else { (b, other) };
        (most * 100 >= (one + other) * u128::from(self.limits.peel_share)).then_some(rest)
    }

    /// Whether a transaction begins a peel chain; no more steps are taken than that needs.
    fn begins_chain(&self, tx: TxIx) -> bool {
        let mut here = Some(tx);
        for _ in 0..self.limits.peel_steps {
            let Some(rest) = here.and_then(|tx| self.peeled(tx)) else {
                return false;
            };
            here = self.view.spender(rest);
        }
        true
    }

    fn fans_out(&self, tx: TxIx) -> bool {
        let owners: BTreeSet<_> = self
            .outputs(tx)
            .iter()
            .filter_map(|output| self.view.owner(*output))
            .collect();
        u64::try_from(owners.len()).is_ok_and(|count| count >= self.limits.fan_out)
    }

    fn consolidates(&self, tx: TxIx) -> bool {
        let inputs = u64::try_from(self.view.inputs(tx).len()).unwrap_or(u64::MAX);
        inputs >= self.limits.consolidation && self.outputs(tx).len() <= 2
    }

    /// The shortest and the longest time for which what a transaction spends lay still, in seconds.
    fn rested(&self, tx: TxIx) -> Option<(u64, u64)> {
        let view = self.view;
        let now = view.time(tx).seconds();
        let ages = view.inputs(tx).filter_map(|prevout| match prevout {
            Prevout::Inside(output) if view.value(output) >= self.floor => {
                Some(u64::try_from(now - view.time(view.creator(output)).seconds()).unwrap_or(0))
            }
            _ => None,
        });
        ages.fold(None, |known, age| {
            let (least, most) = known.unwrap_or((age, age));
            Some((least.min(age), most.max(age)))
        })
    }

    fn slept(&self, tx: TxIx) -> bool {
        let least = self.limits.dormant_days.saturating_mul(86_400);
        self.rested(tx).is_some_and(|(_, longest)| longest >= least)
    }

    fn is_fast(&self, tx: TxIx) -> bool {
        self.rested(tx)
            .is_some_and(|(shortest, _)| shortest <= self.limits.fast_seconds)
    }

    fn is_round(&self, tx: TxIx) -> bool {
        let outputs = self.outputs(tx);
        outputs.iter().any(|output| {
            is_round(
                U256::from(self.view.value(*output)),
                self.limits.round_digits,
            )
        })
    }

    fn pattern(
        &self,
        typology: &'static str,
        what: String,
        txs: &[TxIx],
        rate: BaseRate,
    ) -> Pattern {
        let outputs = txs.iter().flat_map(|tx| self.outputs(*tx));
        let sum = outputs.fold(U256::ZERO, |sum, output| {
            sum.saturating_add(U256::from(self.view.value(output)))
        });
        Pattern {
            typology,
            what,
            chain: self.view.chain().to_string(),
            address: None,
            amounts: BTreeMap::from([(self.asset.clone(), sum)]),
            transactions: txs
                .iter()
                .map(|tx| self.view.transaction_id(*tx).to_string())
                .collect(),
            parameters: parameters(typology, self.limits, ("payees_max", 2)),
            base_rate: Some(rate),
        }
    }
}

/// The transactions by which a trace moves.
fn passed<V: UtxoView>(view: &V, asked: &Asked<'_>) -> Vec<TxIx> {
    let chain = view.chain().to_string();
    let rows = asked
        .trace
        .transactions
        .iter()
        .filter(|row| row.chain == chain);
    let ids = rows.filter_map(|row| {
        Some((
            TransactionId::parse(view.chain(), &row.transaction).ok()?,
            row.height,
        ))
    });
    let found = ids.flat_map(|(id, height)| {
        let all = view.find_transaction(&id).into_iter();
        all.filter(move |tx| height.is_none() || view.position(*tx).height == height)
    });
    let found: BTreeSet<TxIx> = found.collect();
    found.into_iter().collect()
}

/// The shapes of the transactions by which a trace moves.
pub(super) fn patterns<V: UtxoView>(view: &V, asked: Asked<'_>) -> Vec<Pattern> {
    let Some(around) = Around::of(view, &asked) else {
        return Vec::new();
    };
    let txs = passed(view, &asked);
    let rates = Shapes::count(&around);
    let mut found = peels(&around, &txs, &rates);
    for tx in &txs {
        if around.fans_out(*tx) {
            let what = format!("pays {} outputs at once", around.outputs(*tx).len());
            found.push(around.pattern("fan-out", what, &[*tx], rates.rate("fan-out")));
        }
        if around.consolidates(*tx) {
            let what = format!("brings {} outputs together", view.inputs(*tx).len());
            found.push(around.pattern("consolidation", what, &[*tx], rates.rate("consolidation")));
        }
    }
    let all = txs.len();
    let with = |has: &dyn Fn(TxIx) -> bool| -> Vec<TxIx> {
        txs.iter().copied().filter(|tx| has(*tx)).collect()
    };
    let (slept, fast, round) = (
        with(&|tx| around.slept(tx)),
        with(&|tx| around.is_fast(tx)),
        with(&|tx| around.is_round(tx)),
    );
    let days = around.limits.dormant_days;
    for (typology, of, words, is_told) in [
        (
            "dormancy",
            &slept,
            format!("spend what lay still for {days} days or more"),
            !slept.is_empty(),
        ),
        (
            "speed",
            &fast,
            format!(
                "spend what came within {} min",
                around.limits.fast_seconds / 60
            ),
            is_often(fast.len(), all),
        ),
        (
            "round-amounts",
            &round,
            format!(
                "pay an amount of {} significant digits or fewer",
                around.limits.round_digits
            ),
            is_often(round.len(), all),
        ),
    ] {
        if is_told {
            let what = format!("{} of {all} transactions {words}", of.len());
            found.push(around.pattern(typology, what, of, rates.rate(typology)));
        }
    }
    found
}

/// The peel chains that are long enough, only as far as the trace goes along.
fn peels<V: UtxoView>(around: &Around<'_, V>, txs: &[TxIx], rates: &Shapes) -> Vec<Pattern> {
    let on_way: BTreeSet<TxIx> = txs.iter().copied().collect();
    let steps = txs.iter().filter_map(|tx| {
        let next = around.view.spender(around.peeled(*tx)?);
        Some((*tx, next.filter(|next| on_way.contains(next))))
    });
    let chains = chains(&steps.collect());
    let is_long = |chain: &&Vec<TxIx>| {
        u64::try_from(chain.len()).is_ok_and(|steps| steps >= around.limits.peel_steps)
    };
    let mut found = Vec::new();
    for chain in chains.iter().filter(is_long) {
        let what = format!(
            "{} steps, each of which peels a little off and sends the rest on",
            chain.len()
        );
        found.push(around.pattern("peel-chain", what, chain, rates.rate("peel-chain")));
    }
    found
}

fn is_often(part: usize, of: usize) -> bool {
    part >= 3 && part.saturating_mul(5) >= of
}

/// How many transactions around a trace have each shape.
struct Shapes {
    found: BTreeMap<&'static str, u64>,
    of: u64,
}

impl Shapes {
    fn count<V: UtxoView>(around: &Around<'_, V>) -> Self {
        let mut shapes = Self {
            found: BTreeMap::new(),
            of: 0,
        };
        for tx in sample(around) {
            shapes.of += 1;
            for (typology, has) in [
                ("peel-chain", around.begins_chain(tx)),
                ("fan-out", around.fans_out(tx)),
                ("consolidation", around.consolidates(tx)),
                ("dormancy", around.slept(tx)),
                ("speed", around.is_fast(tx)),
                ("round-amounts", around.is_round(tx)),
            ] {
                *shapes.found.entry(typology).or_default() += u64::from(has);
            }
        }
        shapes
    }

    fn rate(&self, typology: &str) -> BaseRate {
        BaseRate {
            of_what: "transactions in the window of the trace that are no coinbase",
            found: self.found.get(typology).copied().unwrap_or(0),
            of: self.of,
        }
    }
}

/// The transactions within the window of a trace that move enough: all of them, or every n-th.
fn sample<'a, V: UtxoView>(around: &'a Around<'a, V>) -> impl Iterator<Item = TxIx> + 'a {
    let view = around.view;
    let within = (0..view.transaction_count())
        .map(TxIx::of)
        .filter(|tx| around.span.holds(view.time(*tx)));
    let most = usize::try_from(around.limits.sample)
        .unwrap_or(usize::MAX)
        .max(1);
    let step = within.clone().count().div_ceil(most).max(1);
    within
        .step_by(step)
        .filter(|tx| !view.is_coinbase(*tx) && !around.outputs(*tx).is_empty())
}

/// How common CoinJoins are around a trace, and payments to whom the case names.
pub(super) fn rates<V: UtxoView>(view: &V, asked: Asked<'_>) -> Rates {
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
    let mut coinjoins = 0;
    for tx in sample(&around) {
        rates.of += 1;
        coinjoins += u64::from(coinjoin(view, tx).is_some());
        let outputs = around.outputs(tx);
        let paid: BTreeSet<_> = outputs
            .iter()
            .filter_map(|output| kinds.get(&view.owner(*output)?))
            .collect();
        for kind in paid {
            *rates.pay.entry(*kind).or_default() += 1;
        }
    }
    rates.coinjoins = Some((coinjoins, rates.of));
    rates
}
