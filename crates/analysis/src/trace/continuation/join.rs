//! The answers of several chains as one, with what the claims carried between them.
//!
//! Labels become the origins that were asked for. What a claim took from an end is no longer there. Conservation
//! is checked once more over all of it (law 13).

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::chain::Chain;

use super::lane::{End, place_of, units};
use super::{Label, Move, Taken, Walk};
use crate::trace::policy::Policy;
use crate::trace::request::{Request, TraceError};
use crate::trace::result::{
    Basis, Bound, Caveat, ClaimRow, Edge, EdgeEnd, EdgeWhy, Endpoint, EndpointKind, Fall, Onward,
    OriginRow, OriginShare, Totals, Trace,
};

/// Amounts by origin.
type ByOrigin = BTreeMap<usize, U256>;

impl<R: FnMut(&Chain, &Request) -> Result<Trace, TraceError>> Walk<'_, R> {
    /// The result.
    pub(super) fn join(self) -> Trace {
        let asked = &self.lanes[0].request;
        let own = asked.origins.iter();
        let count = own.filter(|origin| origin.carried.is_none()).count();
        let traces = || self.lanes.iter().filter_map(|lane| lane.trace.as_ref());
        let rows = self.lanes[0].trace.iter().flat_map(|trace| &trace.origins);
        let origins: Vec<OriginRow> = rows
            .filter(|row| place_of(&row.origin) < count)
            .cloned()
            .collect();
        let taken = self.taken();
        let endpoints = self.endpoints(&taken);
        let totals = self.totals(&origins, &endpoints);
        let mut caveats: BTreeSet<Caveat> = traces()
            .flat_map(|trace| trace.caveats.iter().cloned())
            .collect();
        caveats.extend(self.caveats());
        Trace {
            direction: asked.direction.name(),
            policy: asked.policy.name(),
            origins,
            endpoints: endpoints
                .into_iter()
                .map(|(_, endpoint)| endpoint)
                .collect(),
            totals,
            edges: self.edges(),
            transactions: traces()
                .flat_map(|trace| trace.transactions.iter().cloned())
                .collect(),
            conversions: traces()
                .flat_map(|trace| trace.conversions.iter().cloned())
                .collect(),
            deceptions: traces()
                .flat_map(|trace| trace.deceptions.iter().cloned())
                .collect(),
            caveats: caveats.into_iter().collect(),
            claims: Some(
                (0..self.claims.len())
                    .map(|claim| self.row(claim, &taken))
                    .collect(),
            ),
        }
    }

    /// Labels summed by origin; under poison, which reaches, the most of them.
    fn by_origin(&self, shares: &BTreeMap<usize, U256>) -> ByOrigin {
        let mut sums = ByOrigin::new();
        for (label, amount) in shares {
            let sum = sums.entry(self.labels[*label].origin).or_default();
            *sum = match self.policy {
                Policy::Poison => (*sum).max(*amount),
                _ => sum.plus(*amount),
            };
        }
        sums
    }

    /// The amount behind shares: their sum, or the one amount that poison reaches.
    fn sum(&self, shares: impl IntoIterator<Item = U256>) -> U256 {
        let shares = shares.into_iter();
        match self.policy {
            Policy::Poison => shares.fold(U256::ZERO, U256::max),
            _ => shares.fold(U256::ZERO, U256::plus),
        }
    }

    /// What remains of each label at an end.
    fn remaining(&self, lane: usize, endpoint: &Endpoint, taken: &Taken) -> BTreeMap<usize, U256> {
        let mut shares = self.lanes[lane].by_label(&endpoint.origins);
        if self.policy == Policy::Poison || endpoint.kind == EndpointKind::Fee {
            return shares;
        }
        let mut at = (lane, End::of(endpoint), 0);
        for (label, share) in &mut shares {
            at.2 = *label;
            for (_, amount) in taken.get(&at).into_iter().flatten() {
                *share = share.minus(*amount);
            }
        }
        shares.retain(|_, share| !share.is_zero());
        shares
    }

    /// All endpoints where something is left, with the shares by origin.
    fn endpoints(&self, taken: &Taken) -> Vec<(ByOrigin, Endpoint)> {
        let mut endpoints = Vec::new();
        for (number, lane) in self.lanes.iter().enumerate() {
            let takes = self.may_take(number);
            let rows = lane.trace.iter().flat_map(|trace| &trace.endpoints);
            for (row, endpoint) in rows.enumerate() {
                let shares = self.by_origin(&self.remaining(number, endpoint, taken));
                let amount = self.sum(shares.values().copied());
                if amount.is_zero() {
                    continue;
                }
                let mut endpoint = Endpoint {
                    amount: amount.to_string(),
                    origins: named(&shares),
                    ..endpoint.clone()
                };
                // What claims take from an end depends on the policy: the least is that much less.
                if let Some(most) = takes.get(&row).filter(|_| self.policy != Policy::Poison) {
                    endpoint.min = units(&endpoint.min).saturating_sub(*most).to_string();
                    endpoint.bound = Bound::Loose;
                }
                endpoints.push((shares, endpoint));
            }
        }
        endpoints
    }

    /// The most that claims may take from the endpoints of a chain, by their rows.
    fn may_take(&self, lane: usize) -> BTreeMap<usize, U256> {
        let mut takes: BTreeMap<usize, U256> = BTreeMap::new();
        let lane = &self.lanes[lane];
        for claim in self.claims.iter().filter(|claim| claim.chain == lane.chain) {
            for row in lane.rows_at(claim) {
                let most = takes.entry(row).or_default();
                *most = most.saturating_add(claim.amount);
            }
        }
        takes
    }

    fn totals(&self, origins: &[OriginRow], endpoints: &[(ByOrigin, Endpoint)]) -> Vec<Totals> {
        let mut balance: BTreeMap<(usize, String), (U256, U256)> = BTreeMap::new();
        let mut row = |origin: usize, asset: &str, paid_in: U256, paid_out: U256| {
            let entry = balance.entry((origin, asset.to_owned())).or_default();
            *entry = (entry.0.plus(paid_in), entry.1.plus(paid_out));
        };
        let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
        for origin in origins {
            let amount = units(&origin.amount);
            let entry = sums.entry(origin.asset.clone()).or_default();
            entry.origin = entry.origin.plus(amount);
            row(place_of(&origin.origin), &origin.asset, amount, U256::ZERO);
        }
        for (label, amount) in self.carried_labels() {
            let claim = &self.claims[label];
            let (taken, arrived, origin) = amount;
            row(origin, claim.to_asset.as_str(), arrived, U256::ZERO);
            row(origin, claim.asset.as_str(), U256::ZERO, taken);
            if claim.converts() {
                let from = sums.entry(claim.asset.to_string()).or_default();
                from.converted_out = from.converted_out.plus(taken);
                let to = sums.entry(claim.to_asset.to_string()).or_default();
                to.converted_in = to.converted_in.plus(arrived);
            }
        }
        for trace in self.lanes.iter().filter_map(|lane| lane.trace.as_ref()) {
            for known in &trace.totals {
                let entry = sums.entry(known.asset.clone()).or_default();
                entry.converted_in = entry.converted_in.plus(units(&known.converted_in));
                entry.converted_out = entry.converted_out.plus(units(&known.converted_out));
            }
        }
        for ((origin, asset), (came, ended)) in self.crossed() {
            row(
                origin,
                &asset,
                ended.saturating_sub(came),
                came.saturating_sub(ended),
            );
        }
        for (shares, endpoint) in endpoints {
            let entry = sums.entry(endpoint.asset.clone()).or_default();
            let sum = entry.by_kind.entry(endpoint.kind).or_default();
            *sum = sum.plus(units(&endpoint.amount));
            for (origin, amount) in shares {
                row(*origin, &endpoint.asset, U256::ZERO, *amount);
            }
        }
        let is_conserved = balance
            .values()
            .all(|(paid_in, paid_out)| paid_in == paid_out);
        assert!(
            self.policy == Policy::Poison || is_conserved,
            "taint is conserved per origin and asset over all chains: {balance:?}"
        );
        let order = self.lanes.iter().filter_map(|lane| lane.trace.as_ref());
        let order = order.flat_map(|trace| trace.totals.iter().map(|row| row.asset.clone()));
        let mut rows: Vec<Totals> = Vec::new();
        for asset in order.chain(sums.keys().cloned().collect::<Vec<_>>()) {
            rows.extend(sums.remove(&asset).map(|sums| sums.row(asset)));
        }
        rows
    }

    /// By origin and asset, what came into chains on which assets were converted, and what ended there: they differ by
    /// what the conversions took and gave.
    fn crossed(&self) -> BTreeMap<(usize, String), (U256, U256)> {
        let mut crossed: BTreeMap<(usize, String), (U256, U256)> = BTreeMap::new();
        for lane in &self.lanes {
            let traces = lane.trace.iter();
            for trace in traces.filter(|trace| !trace.conversions.is_empty()) {
                for came in &trace.origins {
                    let share = OriginShare {
                        origin: came.origin.clone(),
                        amount: came.amount.clone(),
                    };
                    for (label, amount) in lane.by_label(&[share]) {
                        let of = (self.labels[label].origin, came.asset.clone());
                        let entry = crossed.entry(of).or_default();
                        entry.0 = entry.0.plus(amount);
                    }
                }
                for ended in &trace.endpoints {
                    for (label, amount) in lane.by_label(&ended.origins) {
                        let of = (self.labels[label].origin, ended.asset.clone());
                        let entry = crossed.entry(of).or_default();
                        entry.1 = entry.1.plus(amount);
                    }
                }
            }
        }
        crossed
    }

    /// Per carried label: the claim, with what was taken, what arrived and whose it was.
    fn carried_labels(&self) -> Vec<(usize, (U256, U256, usize))> {
        if self.policy == Policy::Poison {
            return Vec::new();
        }
        let labels = self.labels.iter().enumerate();
        let carried = labels.filter_map(|(label, known)| {
            let claim = *known.path.last()?;
            let into = self.moves.iter().filter(|known| known.to == label);
            let taken = into.fold(U256::ZERO, |sum, known| sum.plus(known.amount));
            Some((claim, (taken, known.amount, known.origin)))
        });
        carried.collect()
    }

    fn edges(&self) -> Vec<Edge> {
        let mut edges = Vec::new();
        for lane in &self.lanes {
            for edge in lane.trace.iter().flat_map(|trace| &trace.edges) {
                let shares = self.by_origin(&lane.by_label(&edge.origins));
                edges.push(Edge {
                    origins: named(&shares),
                    ..edge.clone()
                });
            }
        }
        for claim in 0..self.claims.len() {
            let moves = self.moves.iter().filter(|known| known.claim == claim);
            let mut ends: Vec<&(usize, End)> = Vec::new();
            for known in moves.filter(|known| !known.amount.is_zero()) {
                if !ends.contains(&&known.end) {
                    ends.push(&known.end);
                }
            }
            edges.extend(ends.into_iter().map(|end| self.onward(claim, end)));
        }
        edges
    }

    /// The edge of a claim from one end.
    fn onward(&self, claim: usize, end: &(usize, End)) -> Edge {
        let said = &self.claims[claim];
        let moves = || {
            self.moves
                .iter()
                .filter(|known| known.claim == claim && known.end == *end)
        };
        let mut shares: BTreeMap<usize, U256> = BTreeMap::new();
        let mut arrived: BTreeMap<usize, U256> = BTreeMap::new();
        for known in moves() {
            let share = shares.entry(known.from).or_default();
            *share = share.plus(known.amount);
            arrived.insert(known.to, self.part(known));
        }
        let shares = self.by_origin(&shares);
        let (address, output) = said.to.words();
        Edge {
            transaction: None,
            from: EdgeEnd {
                address: end.1.address.clone(),
                output: end.1.output.clone(),
            },
            to: EdgeEnd { address, output },
            asset: said.asset.to_string(),
            amount: self.sum(shares.values().copied()).to_string(),
            origins: named(&shares),
            why: EdgeWhy::Claim,
            basis: Basis::Claim,
            onward: Some(Onward {
                claim: said.claim.clone(),
                to_asset: said.to_asset.to_string(),
                to_amount: self.sum(arrived.into_values()).to_string(),
            }),
        }
    }

    /// As how much the money of a move arrives: of several moves that become one label, each its share, the
    /// last what is left.
    fn part(&self, this: &Move) -> U256 {
        let label = &self.labels[this.to];
        if self.policy == Policy::Poison {
            return label.amount;
        }
        let into: Vec<&Move> = self
            .moves
            .iter()
            .filter(|known| known.to == this.to)
            .collect();
        let whole = into
            .iter()
            .fold(U256::ZERO, |sum, known| sum.plus(known.amount));
        let upto = |amount: U256| {
            let scaled = label.amount.mul_div(amount, whole);
            scaled.map_or(U256::ZERO, |(floor, _)| floor)
        };
        let before = into.iter().take_while(|known| known.end != this.end);
        let before = before.fold(U256::ZERO, |sum, known| sum.plus(known.amount));
        upto(before.plus(this.amount)).minus(upto(before))
    }

    fn row(&self, claim: usize, taken: &Taken) -> ClaimRow {
        let said = &self.claims[claim];
        let mut shares: BTreeMap<usize, U256> = BTreeMap::new();
        for known in self.moves.iter().filter(|known| known.claim == claim) {
            let share = shares.entry(known.from).or_default();
            *share = share.plus(known.amount);
        }
        shares.retain(|_, share| !share.is_zero());
        let shares = self.by_origin(&shares);
        let arrived = self
            .labels
            .iter()
            .filter(|label| label.path.last() == Some(&claim));
        let arrived = self.sum(arrived.map(|label| label.amount));
        ClaimRow {
            claim: said.claim.clone(),
            from: said.words.0.clone(),
            to: said.words.1.clone(),
            asset: said.asset.to_string(),
            amount: said.amount.to_string(),
            to_asset: said.to_asset.to_string(),
            to_amount: said.to_amount.to_string(),
            carried: self.sum(shares.values().copied()).to_string(),
            arrived: arrived.to_string(),
            origins: named(&shares),
            falls: self.falls(claim, taken),
        }
    }

    /// What came to each end by a claim.
    fn falls(&self, claim: usize, taken: &Taken) -> Vec<Fall> {
        let mut falls = Vec::new();
        let carries = |label: &Label| label.path.contains(&claim);
        if !self.labels.iter().any(carries) {
            return falls;
        }
        for (number, lane) in self.lanes.iter().enumerate() {
            for endpoint in lane.trace.iter().flat_map(|trace| &trace.endpoints) {
                let shares = self.remaining(number, endpoint, taken);
                let by_claim = |label: &usize| self.labels[*label].path.contains(&claim);
                // Poison still reaches what it reaches in another way.
                if self.policy == Policy::Poison && !shares.keys().all(by_claim) {
                    continue;
                }
                let fallen = shares.iter().filter(|(label, _)| by_claim(label));
                let amount = self.sum(fallen.map(|(_, share)| *share));
                if !amount.is_zero() {
                    falls.push(Fall {
                        kind: endpoint.kind,
                        chain: endpoint.chain.clone(),
                        address: endpoint.address.clone(),
                        output: endpoint.output.clone(),
                        asset: endpoint.asset.clone(),
                        amount: amount.to_string(),
                    });
                }
            }
        }
        falls
    }

    fn caveats(&self) -> Vec<Caveat> {
        let mut caveats = Vec::new();
        if self.moves.iter().any(|known| !known.amount.is_zero()) {
            caveats.push(Caveat::general(
                "continuation",
                "claims carry this trace on where no chain shows it; `claims` lists what falls without each",
            ));
        }
        if self.is_cut {
            caveats.push(Caveat::general(
                "continuations-cut",
                "more parts were to be carried on by claims than are followed; the rest stays where they begin",
            ));
        }
        let about = |kind: &str, claim: usize, what: &str| {
            let said = &self.claims[claim];
            Caveat {
                asset: Some(said.to_asset.to_string()),
                ..Caveat::general(kind, format!("claim {}: {what}", said.claim))
            }
        };
        caveats.extend(self.full.iter().map(|claim| {
            about(
                "continuation-short",
                *claim,
                "less went on than was to: the place holds less, an earlier claim has it, or what went on made \
                 room for itself before it; the rest stays where the claim begins",
            )
        }));
        caveats.extend(self.early.iter().map(|claim| {
            about(
                "continuation-early",
                *claim,
                "by the times of the chains, the money went on before it arrived",
            )
        }));
        caveats
    }
}

/// Sums of one asset.
#[derive(Default)]
struct Sums {
    origin: U256,
    converted_in: U256,
    converted_out: U256,
    by_kind: BTreeMap<EndpointKind, U256>,
}

impl Sums {
    fn row(self, asset: String) -> Totals {
        Totals {
            asset,
            origin: self.origin.to_string(),
            converted_in: self.converted_in.to_string(),
            converted_out: self.converted_out.to_string(),
            by_kind: self
                .by_kind
                .into_iter()
                .map(|(kind, sum)| (kind.name(), sum.to_string()))
                .collect(),
        }
    }
}

fn named(shares: &ByOrigin) -> Vec<OriginShare> {
    let shares = shares.iter().map(|(origin, amount)| OriginShare {
        origin: format!("o{}", origin + 1),
        amount: amount.to_string(),
    });
    shares.collect()
}
