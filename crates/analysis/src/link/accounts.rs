//! A chain of accounts, as links see it.

use std::collections::BTreeSet;

use whither_ledger::U256;
use whither_ledger::view::{AccountView, AddressIx, AssetIx, Destination, HoldingIx, TxIx};

use super::ground::{
    Assets, Claimed, Flow, Ground, Start, Step, address, floor_of, named, take, transaction, units,
};
use crate::money::is_vouched;
use crate::trace::result::EdgeWhy;
use crate::trace::{Origin, OriginPlace, Trace};

/// A chain of accounts.
pub(super) struct Accounts<'a, V>(pub &'a V);

impl<V: AccountView> Accounts<'_, V> {
    fn flows(&self, address: AddressIx, wants_in: bool) -> Vec<Flow> {
        let mut flows = Vec::new();
        for holding in self.0.holdings(address) {
            let (_, asset) = self.0.holding(holding);
            for posting in self.0.postings(holding) {
                let leg = self.0.leg(posting.tx, posting.leg);
                let is_in = leg.to == Destination::Holding(holding);
                let other = match (is_in, leg.to) {
                    (true, _) => leg.from.map(|from| self.0.holding(from).0),
                    (false, Destination::Holding(to)) => Some(self.0.holding(to).0),
                    (false, _) => None,
                };
                if is_in == wants_in && leg.to != Destination::Fee {
                    flows.push(Flow {
                        tx: posting.tx,
                        other,
                        asset,
                        amount: leg.amount,
                    });
                }
            }
        }
        flows
    }

    fn holding(&self, address: AddressIx, asset: AssetIx) -> Option<HoldingIx> {
        let mut holdings = self.0.holdings(address);
        holdings.find(|holding| self.0.holding(*holding).1 == asset)
    }

    fn is_asked(&self, origin: &Origin, asset: AssetIx) -> bool {
        let asked = origin.asset.as_ref();
        asked.is_none_or(|asked| *self.0.asset(asset) == *asked)
    }

    /// All that an address claims: what it had before the data begins, too.
    fn starts_at(&self, origin: &Origin, address: AddressIx, mut claimed: Claimed) -> Vec<Start> {
        let holdings = self.0.holdings(address);
        let assets = holdings.map(|holding| self.0.holding(holding).1);
        let assets = assets.filter(|asset| self.is_asked(origin, *asset));
        let start = |asset: AssetIx| Start {
            address,
            asset,
            amount: claimed.remove(&asset).unwrap_or_default(),
            tx: None,
        };
        assets.map(start).collect()
    }
}

impl<V: AccountView> Ground for Accounts<'_, V> {
    type View = V;
    const POOLS: bool = true;

    fn view(&self) -> &V {
        self.0
    }

    fn inflow(&self, address: AddressIx) -> Vec<Flow> {
        self.flows(address, true)
    }

    fn outflow(&self, address: AddressIx) -> Vec<Flow> {
        self.flows(address, false)
    }

    fn opening(&self, address: AddressIx, asset: AssetIx) -> U256 {
        let holding = self.holding(address, asset);
        holding.map_or(U256::ZERO, |holding| self.0.opening(holding))
    }

    fn may_have_moved(&self, address: AddressIx, asset: AssetIx, before: TxIx) -> bool {
        let holding = self.holding(address, asset);
        let first = holding.and_then(|holding| self.0.postings(holding).next());
        first.is_some_and(|first| first.tx < before)
    }

    fn assets<'t>(&self, trace: &'t Trace) -> Assets<'t> {
        let edges = trace.edges.iter().map(|edge| edge.asset.as_str());
        let origins = trace.origins.iter().map(|origin| origin.asset.as_str());
        let taken = trace.conversions.iter().flat_map(|row| &row.taken);
        let taken = taken.map(|side| side.asset.as_str());
        let named: BTreeSet<&str> = edges.chain(origins).chain(taken).collect();
        let all = (0..self.0.asset_count()).map(AssetIx::of);
        all.filter_map(|ix| Some((*named.get(self.0.asset(ix).as_str())?, ix)))
            .collect()
    }

    fn starts(&self, origin: &Origin, mut claimed: Claimed) -> Vec<Start> {
        let (id, number) = match &origin.place {
            OriginPlace::Address(address) => {
                let found = self.0.find_address(address);
                return found
                    .map_or_else(Vec::new, |address| self.starts_at(origin, address, claimed));
            }
            OriginPlace::Transaction(id) => (id, None),
            OriginPlace::Transfer(id, number) => (id, Some(*number)),
            OriginPlace::Output(..) => return Vec::new(),
        };
        let mut starts = Vec::new();
        for tx in named(self.0, origin, id) {
            let legs = self.0.legs(tx);
            let legs: Vec<_> = legs
                .filter(|leg| self.is_asked(origin, leg.asset))
                .collect();
            let payers: BTreeSet<_> = legs.iter().filter_map(|leg| leg.from).collect();
            for leg in legs
                .iter()
                .filter(|leg| number.is_none_or(|number| leg.number == number))
            {
                // Who passes on within the transaction only stood between.
                if let Destination::Holding(to) = leg.to
                    && (number.is_some() || !payers.contains(&to))
                {
                    let (address, asset) = self.0.holding(to);
                    starts.push(Start {
                        address,
                        asset,
                        amount: take(&mut claimed, asset, leg.amount),
                        tx: Some(tx),
                    });
                }
            }
        }
        starts
    }

    fn steps(&self, trace: &Trace, _: &[Start], assets: &Assets<'_>) -> Vec<Step> {
        let mut last: Option<(&str, TxIx)> = None;
        let mut steps = Vec::new();
        for edge in &trace.edges {
            let (Some(id), Some(asset)) = (&edge.transaction, assets.get(edge.asset.as_str()))
            else {
                continue;
            };
            let tx = match last.filter(|(known, _)| known == id) {
                Some((_, tx)) => Some(tx),
                None => transaction(self.0, id),
            };
            let Some(tx) = tx else { continue };
            last = Some((id, tx));
            steps.push(Step {
                tx,
                from: address(self.0, edge.from.address.as_deref()),
                to: address(self.0, edge.to.address.as_deref()),
                asset: *asset,
                amount: units(&edge.amount),
                is_crossing: edge.why == EdgeWhy::Conversion,
            });
        }
        steps
    }

    fn gas(&self) -> Option<AssetIx> {
        let native = self.0.chain().native_asset()?;
        let mut all = (0..self.0.asset_count()).map(AssetIx::of);
        all.find(|ix| *self.0.asset(*ix) == native)
    }

    fn is_doubtful(&self, asset: AssetIx) -> bool {
        !is_vouched(self.0, asset)
    }

    fn floor(&self, asset: AssetIx) -> Option<U256> {
        floor_of(&self.0.asset(asset))
    }
}
