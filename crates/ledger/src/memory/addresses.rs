//! Addresses behind dense ids, by first appearance.

use std::collections::HashMap;

use crate::address::Address;
use crate::view::AddressIx;

#[derive(Debug, Default)]
pub(super) struct Addresses {
    list: Vec<Address>,
    by_address: HashMap<Address, AddressIx>,
}

impl Addresses {
    pub(super) fn intern(&mut self, address: &Address) -> AddressIx {
        if let Some(ix) = self.by_address.get(address) {
            return *ix;
        }
        let ix = AddressIx::of(self.list.len());
        self.list.push(address.clone());
        self.by_address.insert(address.clone(), ix);
        ix
    }

    pub(super) fn get(&self, ix: AddressIx) -> &Address {
        &self.list[ix.row()]
    }

    pub(super) fn find(&self, address: &Address) -> Option<AddressIx> {
        self.by_address.get(address).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }
}
