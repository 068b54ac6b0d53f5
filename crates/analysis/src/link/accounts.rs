//! A chain of accounts, as links see it.

use std::collections::BTreeSet;

use whither_ledger::U256;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::view::{
    AccountKind, AccountView, AddressIx, AssetIx, Destination, HoldingIx, TxIx,
};

use super::ground::{
    Assets, Claimed, Flow, Ground, Manner, Start, Step, address, floor_of, named, take,
    transaction, units,
};
use crate::money::is_vouched;
use crate::trace::result::EdgeWhy;
use crate::trace::{Origin, OriginPlace, Trace};

/// A gwei in the smallest unit, and what a plain payment needs of gas.
const GWEI: u128 = 1_000_000_000;
const PLAIN_GAS: u128 = 21_000;
/// A price of more whole gwei is no habit that is told apart.
const GWEI_MAX: u16 = 1_000;

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

    /// What an address paid for the gas of a transaction, if it did: where a part of that is destroyed, the rest.
    fn fee(&self, tx: TxIx, address: AddressIx) -> Option<U256> {
        let fees = self.0.legs(tx).filter(|leg| leg.to == Destination::Fee);
        let own = fees.filter(|leg| self.payer(leg.from) == Some(address));
        own.map(|leg| leg.amount).reduce(U256::saturating_add)
    }

    fn payer(&self, from: Option<HoldingIx>) -> Option<AddressIx> {
        from.map(|from| self.0.holding(from).0)
    }

    /// Whether the price for gas was whole gwei, and, of a plain payment, which.
    fn price(&self, address: AddressIx, tx: TxIx) -> [Option<u16>; 2] {
        let fee = self
            .fee(tx, address)
            .and_then(|fee| u128::try_from(fee).ok());
        let Some(fee) = fee.filter(|fee| *fee > 0) else {
            return [None; 2];
        };
        let moved = || {
            let legs = self.0.legs(tx);
            legs.filter(|leg| matches!(leg.to, Destination::Holding(_)))
        };
        let native = Asset::coin(self.0.chain());
        let is_coin = |asset: AssetIx| native.as_ref() == Some(&*self.0.asset(asset));
        let is_plain = moved().count() == 1 && moved().all(|leg| is_coin(leg.asset));
        if !is_plain || !fee.is_multiple_of(PLAIN_GAS) {
            return [Some(u16::from(fee.is_multiple_of(GWEI))), None];
        }
        let price = fee / PLAIN_GAS;
        let is_whole = price.is_multiple_of(GWEI);
        let gwei = u16::try_from(price / GWEI).ok();
        let gwei = gwei.filter(|gwei| is_whole && *gwei <= GWEI_MAX);
        [Some(u16::from(is_whole)), Some(gwei.unwrap_or(0))]
    }

    /// Whether a transaction left nothing of what an address had of an asset; where that began before the data, nobody knows.
    fn is_emptied(&self, address: AddressIx, asset: AssetIx, tx: TxIx) -> Option<bool> {
        let holding = self.holding(address, asset)?;
        let is_known = self.0.opening(holding).is_zero();
        is_known.then(|| {
            let count = self.0.movements_before(holding, |posting| posting.tx <= tx);
            self.0.balance_after(holding, count).is_zero()
        })
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

    fn is_signed_by(&self, tx: TxIx, address: AddressIx) -> bool {
        let is_told = self.0.legs(tx).any(|leg| leg.to == Destination::Fee);
        !is_told || self.fee(tx, address).is_some()
    }

    fn callers(&self, tx: TxIx) -> BTreeSet<AddressIx> {
        let (fees, others): (Vec<_>, Vec<_>) =
            self.0.legs(tx).partition(|leg| leg.to == Destination::Fee);
        let of = |legs: &[whither_ledger::view::Leg]| -> BTreeSet<AddressIx> {
            let payers = legs.iter().filter(|leg| leg.to != Destination::Burn);
            payers.filter_map(|leg| self.payer(leg.from)).collect()
        };
        let (callers, robbed) = (of(&fees), of(&others));
        callers.difference(&robbed).copied().collect()
    }

    fn sent_count(&self, address: AddressIx) -> usize {
        let mut sent: BTreeSet<TxIx> = BTreeSet::new();
        for holding in self.0.holdings(address) {
            let postings = self.0.postings(holding);
            let out = postings
                .filter(|posting| self.0.leg(posting.tx, posting.leg).from == Some(holding));
            sent.extend(out.map(|posting| posting.tx));
        }
        sent.len()
    }

    fn is_contract(&self, address: AddressIx) -> bool {
        self.0.account_kind(address) == Some(AccountKind::Contract)
    }

    fn manner(&self, address: AddressIx, flows: &[Flow]) -> Manner {
        let Some(first) = flows.first() else {
            return Manner::default();
        };
        let [whole, price] = match self.0.chain() {
            Chain::Evm(_) => self.price(address, first.tx),
            _ => [None; 2],
        };
        let emptied = self.is_emptied(address, first.asset, first.tx);
        [whole, price, emptied.map(u16::from), None]
    }

    fn gas(&self) -> Option<AssetIx> {
        let native = Asset::coin(self.0.chain())?;
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
