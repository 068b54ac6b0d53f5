//! What links ask of a chain, whichever kind it is: who paid an address, whom it paid, and how taint stepped.

use std::collections::BTreeSet;

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::known_tokens::known;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{
    AccountView, AddressIx, AssetIx, ChainView, Destination, OutputIx, Prevout, TxIx, UtxoView,
};

use crate::demix::coinjoin;
use crate::trace::result::EdgeWhy;
use crate::trace::{Origin, OriginPlace, Trace};

/// A payment, as the one who is asked about sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flow {
    pub tx: TxIx,
    /// Who paid it, or was paid; of several payers of one transaction the first.
    pub other: Option<AddressIx>,
    pub asset: AssetIx,
    pub amount: U256,
}

/// A place where a theft begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub address: AddressIx,
    pub asset: AssetIx,
    pub amount: U256,
    /// The transaction that brought it; none where all that the address has counts.
    pub tx: Option<TxIx>,
}

/// A tainted movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub tx: TxIx,
    pub from: Option<AddressIx>,
    pub to: Option<AddressIx>,
    pub asset: AssetIx,
    pub amount: U256,
    /// It became this asset here, and moved nowhere.
    pub is_crossing: bool,
}

/// A chain as links see it.
pub(super) trait Ground {
    type View: ChainView;
    /// Whether what lies at one address is one balance.
    const POOLS: bool;
    fn view(&self) -> &Self::View;
    /// What came to an address, in chain order of each asset.
    fn inflow(&self, address: AddressIx) -> Vec<Flow>;
    /// What it paid, fees left out.
    fn outflow(&self, address: AddressIx) -> Vec<Flow>;
    /// Where an origin begins.
    fn starts(&self, origin: &Origin) -> Vec<Start>;
    /// The tainted movements of a trace.
    fn steps(&self, trace: &Trace, starts: &[Start]) -> Vec<Step>;
    /// Transactions in which an address signs beside others, where there are such.
    fn signed(&self, _: AddressIx) -> BTreeSet<TxIx> {
        BTreeSet::new()
    }
    /// Who signs in a transaction.
    fn signers(&self, _: TxIx) -> BTreeSet<AddressIx> {
        BTreeSet::new()
    }
    /// Whether several hands sign in a transaction, so that it joins nobody: its make.
    fn mixing(&self, _: TxIx) -> Option<&'static str> {
        None
    }
    /// The asset that pays for gas, where accounts pay it.
    fn gas(&self) -> Option<AssetIx>;
    /// Less gas than this pays for no transaction: a hundred-thousandth of a coin.
    fn dust(&self) -> U256 {
        let native = self.view().chain().native_asset();
        let decimals = native.and_then(|asset| asset.decimals_hint()).unwrap_or(18);
        U256::from(10_u64).pow(U256::from(decimals.saturating_sub(5)))
    }
    /// A payment of an asset that is more than dust: a coin of a token on the shipped list, a thousandth of the chain's
    /// own. Of others nobody knows what a payment is worth.
    fn floor(&self, asset: AssetIx) -> Option<U256>;
    /// Whether taint in this asset may be told by a stranger: of a contract nobody knows.
    fn is_doubtful(&self, asset: AssetIx) -> bool;
}

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

    fn asset(&self, asset: &Asset) -> Option<AssetIx> {
        (0..self.0.asset_count())
            .map(AssetIx::of)
            .find(|ix| *self.0.asset(*ix) == *asset)
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

    fn starts(&self, origin: &Origin) -> Vec<Start> {
        let is_asked = |asset: AssetIx| {
            origin
                .asset
                .as_ref()
                .is_none_or(|asked| *self.0.asset(asset) == *asked)
        };
        let (id, number) = match &origin.place {
            OriginPlace::Address(address) => {
                let Some(address) = self.0.find_address(address) else {
                    return Vec::new();
                };
                let flows = self.inflow(address).into_iter();
                let flows = flows.filter(|flow| is_asked(flow.asset));
                let start = |flow: Flow| Start {
                    address,
                    asset: flow.asset,
                    amount: flow.amount,
                    tx: None,
                };
                return flows.map(start).collect();
            }
            OriginPlace::Transaction(id) => (id, None),
            OriginPlace::Transfer(id, number) => (id, Some(*number)),
            OriginPlace::Output(..) => return Vec::new(),
        };
        let mut starts = Vec::new();
        for tx in self.0.find_transaction(id) {
            let legs: Vec<_> = self.0.legs(tx).filter(|leg| is_asked(leg.asset)).collect();
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
                        amount: leg.amount,
                        tx: Some(tx),
                    });
                }
            }
        }
        starts
    }

    fn steps(&self, trace: &Trace, _: &[Start]) -> Vec<Step> {
        let mut assets = std::collections::BTreeMap::new();
        for ix in (0..self.0.asset_count()).map(AssetIx::of) {
            assets.insert(self.0.asset(ix).to_string(), ix);
        }
        let mut last: Option<(&str, TxIx)> = None;
        let mut steps = Vec::new();
        for edge in &trace.edges {
            let (Some(id), Some(asset)) = (&edge.transaction, assets.get(&edge.asset)) else {
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
        self.asset(&self.0.chain().native_asset()?)
    }

    fn is_doubtful(&self, asset: AssetIx) -> bool {
        let asset = self.0.asset(asset);
        let is_native = self
            .0
            .chain()
            .native_asset()
            .is_some_and(|native| native == *asset);
        !is_native && asset.as_str().contains("/erc20:") && known(&asset).is_none()
    }

    fn floor(&self, asset: AssetIx) -> Option<U256> {
        floor_of(&self.0.asset(asset))
    }
}

/// A chain of outputs.
pub(super) struct Outputs<'a, V>(pub &'a V);

impl<V: UtxoView> Outputs<'_, V> {
    /// Who pays in a transaction, each once, in order.
    pub fn payers(&self, tx: TxIx) -> BTreeSet<AddressIx> {
        let owner = |prevout| match prevout {
            Prevout::Inside(output) => self.0.owner(output),
            Prevout::Outside(ix) => self.0.outside(ix).owner,
        };
        self.0.inputs(tx).filter_map(owner).collect()
    }
}

/// The one asset of a chain of outputs.
const COIN: AssetIx = AssetIx(0);

impl<V: UtxoView> Ground for Outputs<'_, V> {
    type View = V;
    const POOLS: bool = false;

    fn view(&self) -> &V {
        self.0
    }

    fn inflow(&self, address: AddressIx) -> Vec<Flow> {
        let flow = |output: OutputIx| {
            let tx = self.0.creator(output);
            let payers = self.payers(tx);
            // Change is not received.
            let other = (!payers.contains(&address))
                .then(|| payers.first().copied())
                .flatten();
            Flow {
                tx,
                other,
                asset: COIN,
                amount: U256::from(self.0.value(output)),
            }
        };
        self.0.received(address).map(flow).collect()
    }

    fn outflow(&self, address: AddressIx) -> Vec<Flow> {
        let spenders: BTreeSet<TxIx> = self
            .0
            .received(address)
            .filter_map(|output| self.0.spender(output))
            .collect();
        let mut flows = Vec::new();
        for tx in spenders {
            for output in self.0.outputs(tx).map(OutputIx) {
                let other = self.0.owner(output);
                if other != Some(address) {
                    let amount = U256::from(self.0.value(output));
                    flows.push(Flow {
                        tx,
                        other,
                        asset: COIN,
                        amount,
                    });
                }
            }
        }
        flows
    }

    fn starts(&self, origin: &Origin) -> Vec<Start> {
        let outputs: Vec<OutputIx> = match &origin.place {
            OriginPlace::Output(id, vout) => {
                let found = self.0.find_transaction(id).into_iter();
                found
                    .map(|tx| OutputIx(self.0.outputs(tx).start + u64::from(*vout)))
                    .collect()
            }
            OriginPlace::Transaction(id) => {
                let found = self.0.find_transaction(id).into_iter();
                found
                    .flat_map(|tx| self.0.outputs(tx).map(OutputIx))
                    .collect()
            }
            OriginPlace::Address(address) => match self.0.find_address(address) {
                Some(ix) => self.0.received(ix).collect(),
                None => Vec::new(),
            },
            OriginPlace::Transfer(..) => Vec::new(),
        };
        let is_all = matches!(origin.place, OriginPlace::Address(_));
        let start = |output: OutputIx| {
            Some(Start {
                address: self.0.owner(output)?,
                asset: COIN,
                amount: U256::from(self.0.value(output)),
                tx: (!is_all).then(|| self.0.creator(output)),
            })
        };
        outputs.into_iter().filter_map(start).collect()
    }

    fn steps(&self, trace: &Trace, starts: &[Start]) -> Vec<Step> {
        let mut held: BTreeSet<AddressIx> = starts.iter().map(|start| start.address).collect();
        let mut steps = Vec::new();
        for edge in &trace.edges {
            let Some(tx) = edge
                .transaction
                .as_deref()
                .and_then(|id| transaction(self.0, id))
            else {
                continue;
            };
            let to = address(self.0, edge.to.address.as_deref());
            // Whose inputs were tainted: the edge names one, or says that several were mixed.
            let from: Vec<AddressIx> = match address(self.0, edge.from.address.as_deref()) {
                Some(one) => vec![one],
                None => self
                    .payers(tx)
                    .into_iter()
                    .filter(|payer| held.contains(payer))
                    .collect(),
            };
            let mut amount = units(&edge.amount);
            let from = if from.is_empty() {
                vec![None]
            } else {
                from.into_iter().map(Some).collect()
            };
            for from in from {
                steps.push(Step {
                    tx,
                    from,
                    to,
                    asset: COIN,
                    amount,
                    is_crossing: false,
                });
                amount = U256::ZERO;
            }
            held.extend(to);
        }
        steps
    }

    fn signed(&self, address: AddressIx) -> BTreeSet<TxIx> {
        let received = self.0.received(address);
        let spent = received.filter_map(|output| self.0.spender(output));
        let outside = self.0.spent_from_outside(address).map(|(tx, _)| tx);
        let all: BTreeSet<TxIx> = spent.chain(outside).collect();
        all.into_iter()
            .filter(|tx| self.payers(*tx).len() > 1)
            .collect()
    }

    fn signers(&self, tx: TxIx) -> BTreeSet<AddressIx> {
        self.payers(tx)
    }

    fn mixing(&self, tx: TxIx) -> Option<&'static str> {
        coinjoin(self.0, tx).map(|found| found.make.name())
    }

    fn gas(&self) -> Option<AssetIx> {
        None
    }

    fn floor(&self, _: AssetIx) -> Option<U256> {
        floor_of(&self.0.chain().native_asset()?)
    }

    fn is_doubtful(&self, _: AssetIx) -> bool {
        false
    }
}

fn floor_of(asset: &Asset) -> Option<U256> {
    let digits = match known(asset) {
        Some(token) => token.decimals,
        None => asset.decimals_hint()?.saturating_sub(3),
    };
    Some(U256::from(10_u64).pow(U256::from(digits)))
}

fn transaction<V: ChainView>(view: &V, id: &str) -> Option<TxIx> {
    let id = TransactionId::parse(view.chain(), id).ok()?;
    view.find_transaction(&id).first().copied()
}

fn address<V: ChainView>(view: &V, text: Option<&str>) -> Option<AddressIx> {
    let address = Address::parse(view.chain(), text?).ok()?;
    view.find_address(&address)
}

fn units(text: &str) -> U256 {
    text.parse().expect("a trace writes whole numbers")
}
