//! What a kind of chain knows of its places: whose, which output, which asset.

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::view::{AccountView, AddressIx, AssetIx, ChainView, UtxoView};

use crate::trace::collect::Place;
use crate::trace::result::{EdgeWhy, EndpointKind};

/// What a kind of chain knows of its places.
pub trait Naming<A> {
    /// The view it names.
    fn view(&self) -> &dyn ChainView;
    /// Whose a place is.
    fn address_of(&self, place: Place) -> Option<AddressIx>;
    /// The output a place is.
    fn output_of(&self, place: Place) -> Option<String>;
    /// An asset.
    fn asset(&self, asset: AssetIx) -> String;
    /// What lies at a place.
    fn asset_of(&self, place: Place) -> AssetIx;
    /// The most that can lie at a place, where that is known without following anything.
    fn capacity(&self, kind: EndpointKind, place: Place) -> Option<A>;
    /// Why edges of this kind of chain are there.
    fn why(&self) -> EdgeWhy;
}

/// The places of a UTXO chain.
pub struct Outputs<'a, V> {
    view: &'a V,
    /// Its only asset, which every edge names.
    coin: String,
}
/// The places of an account chain.
pub struct Accounts<'a, V>(pub &'a V);

impl<'a, V: UtxoView> Outputs<'a, V> {
    pub fn of(view: &'a V) -> Self {
        let native = view.chain().native_asset();
        let coin = native.map_or_else(
            || format!("{}/native", view.chain()),
            |asset| asset.to_string(),
        );
        Self { view, coin }
    }
}

impl<V: UtxoView> Naming<u64> for Outputs<'_, V> {
    fn view(&self) -> &dyn ChainView {
        as_dyn(self.view)
    }

    fn address_of(&self, place: Place) -> Option<AddressIx> {
        match place {
            Place::Output(output) => self.view.owner(output),
            Place::Outside(ix) => self.view.outside(ix).owner,
            _ => None,
        }
    }

    fn output_of(&self, place: Place) -> Option<String> {
        match place {
            Place::Output(output) => {
                let tx = self.view.creator(output);
                let vout = output.0 - self.view.outputs(tx).start;
                Some(format!("{}:{vout}", self.view.transaction_id(tx)))
            }
            Place::Outside(ix) => {
                let outside = self.view.outside(ix);
                Some(format!("{}:{}", outside.transaction, outside.vout))
            }
            _ => None,
        }
    }

    fn asset(&self, _: AssetIx) -> String {
        self.coin.clone()
    }

    fn asset_of(&self, _: Place) -> AssetIx {
        crate::trace::utxo::COIN
    }

    fn capacity(&self, _: EndpointKind, place: Place) -> Option<u64> {
        match place {
            Place::Output(output) => Some(self.view.value(output)),
            Place::Outside(ix) => self.view.outside(ix).value,
            _ => None,
        }
    }

    fn why(&self) -> EdgeWhy {
        EdgeWhy::Spend
    }
}

impl<V: AccountView> Naming<U256> for Accounts<'_, V> {
    fn view(&self) -> &dyn ChainView {
        as_dyn(self.0)
    }

    fn address_of(&self, place: Place) -> Option<AddressIx> {
        match place {
            Place::Holding(holding) => Some(self.0.holding(holding).0),
            Place::Burn(_) | Place::Mint(_) => self.0.find_address(&nobody(self.0.chain())),
            _ => None,
        }
    }

    fn output_of(&self, _: Place) -> Option<String> {
        None
    }

    fn asset(&self, asset: AssetIx) -> String {
        self.0.asset(asset).to_string()
    }

    fn asset_of(&self, place: Place) -> AssetIx {
        match place {
            Place::Holding(holding) => self.0.holding(holding).1,
            Place::Fee(_, asset) | Place::Burn(asset) | Place::Mint(asset) => asset,
            Place::Output(_) | Place::Outside(_) => crate::trace::utxo::COIN,
        }
    }

    fn capacity(&self, kind: EndpointKind, place: Place) -> Option<U256> {
        let Place::Holding(holding) = place else {
            return None;
        };
        match kind {
            EndpointKind::Held | EndpointKind::Horizon => Some(self.0.final_balance(holding)),
            _ => None,
        }
    }

    fn why(&self) -> EdgeWhy {
        EdgeWhy::Transfer
    }
}

/// The zero address: what it sends is minted, what it receives is burnt.
fn nobody(chain: &Chain) -> Address {
    match chain {
        Chain::Tron => Address::Tron([0; 20]),
        _ => Address::Evm([0; 20]),
    }
}

/// The renderer is no hot path: one `dyn` view keeps it from being compiled per chain kind.
fn as_dyn<V: ChainView>(view: &V) -> &dyn ChainView {
    view
}
