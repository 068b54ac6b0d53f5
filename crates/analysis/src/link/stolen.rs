//! Stolen money that came to addresses, of all thefts together.
//!
//! Two traces may see the same coins: thefts of one victim, or origins that overlap. So what they say of one transaction
//! is added only up to what it really moved to the address, of that asset: else somebody of whose money a third was
//! stolen would look like a thief, since two incidents counted it.

use std::collections::BTreeMap;

use whither_ledger::U256;
use whither_ledger::view::{AddressIx, AssetIx, TxIx};

use super::Taint;
use super::ground::Flow;

/// What came to whom, of which asset, by which transaction: none where all that the address has counts.
type Row = (AddressIx, AssetIx, Option<TxIx>, U256);

/// What the traces of all thefts say.
pub(super) struct Stolen {
    /// In the order of their columns.
    rows: Vec<Row>,
    /// The addresses, each with its first row: so that looking for one does not touch the rows of others.
    addresses: Vec<AddressIx>,
    begins: Vec<usize>,
}

impl Stolen {
    pub fn of(taints: &[Taint]) -> Self {
        let mut rows: Vec<Row> = Vec::new();
        for taint in taints {
            let starts = taint.starts.iter();
            rows.extend(starts.map(|start| (start.address, start.asset, start.tx, start.amount)));
            let steps = taint.steps.iter();
            rows.extend(
                steps.filter_map(|step| Some((step.to?, step.asset, Some(step.tx), step.amount))),
            );
        }
        rows.sort_unstable();
        let (mut addresses, mut begins) = (Vec::new(), Vec::new());
        for (place, row) in rows.iter().enumerate() {
            if addresses.last() != Some(&row.0) {
                addresses.push(row.0);
                begins.push(place);
            }
        }
        Self {
            rows,
            addresses,
            begins,
        }
    }

    /// Whether a trace says that some of an asset came to an address.
    pub fn is_said(&self, address: AddressIx, asset: AssetIx) -> bool {
        let rows = self.rows_of(address);
        let row = rows.partition_point(|row| row.1 < asset);
        rows.get(row).is_some_and(|row| row.1 == asset)
    }

    /// The assets of which a trace says that some came to an address, in order.
    pub fn assets(&self, address: AddressIx) -> impl Iterator<Item = AssetIx> {
        self.rows_of(address)
            .chunk_by(|one, next| one.1 == next.1)
            .map(|of_asset| of_asset[0].1)
    }

    /// Whether a trace says that some of an asset came to an address by a transaction.
    pub fn is_by(&self, address: AddressIx, asset: AssetIx, tx: TxIx) -> bool {
        let rows = self.rows_of(address);
        let key = (asset, Some(tx));
        let row = rows.partition_point(|row| (row.1, row.2) < key);
        rows.get(row).is_some_and(|row| (row.1, row.2) == key)
    }

    fn rows_of(&self, address: AddressIx) -> &[Row] {
        let Ok(place) = self.addresses.binary_search(&address) else {
            return &[];
        };
        let end = self.begins.get(place + 1).copied();
        &self.rows[self.begins[place]..end.unwrap_or(self.rows.len())]
    }

    /// Whether any came to an address.
    pub fn is_any(&self, address: AddressIx) -> bool {
        self.addresses.binary_search(&address).is_ok()
    }

    /// How much of each asset came to an address that received this, each beside all that it received of it.
    pub fn at(&self, address: AddressIx, inflow: &[Flow]) -> Vec<(AssetIx, [U256; 2])> {
        let mut moved: BTreeMap<(AssetIx, TxIx), U256> = BTreeMap::new();
        let mut received: BTreeMap<AssetIx, U256> = BTreeMap::new();
        for flow in inflow {
            let of_transaction = moved.entry((flow.asset, flow.tx)).or_default();
            *of_transaction = of_transaction.saturating_add(flow.amount);
            let all = received.entry(flow.asset).or_default();
            *all = all.saturating_add(flow.amount);
        }
        let mut found = Vec::new();
        for of_asset in self.rows_of(address).chunk_by(|one, next| one.1 == next.1) {
            let asset = of_asset[0].1;
            let all = received.get(&asset).copied().unwrap_or_default();
            let mut stolen = U256::ZERO;
            for alike in of_asset.chunk_by(|one, next| one.2 == next.2) {
                let said = alike
                    .iter()
                    .fold(U256::ZERO, |sum, row| sum.saturating_add(row.3));
                let most = match alike[0].2 {
                    Some(tx) => moved.get(&(asset, tx)).copied().unwrap_or_default(),
                    None => all,
                };
                stolen = stolen.saturating_add(said.min(most));
            }
            let stolen = stolen.min(all);
            if !stolen.is_zero() {
                found.push((asset, [stolen, all]));
            }
        }
        found
    }
}
