//! A mapping on one chain: its texts read as assets and addresses of that chain.
//!
//! The chain may be named by the caller, so this cannot be done once and for all when the file is read.
//!
//! Not here: cells of a table, but for what an asset may be written as, which is the same in both.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;

use super::error::{MappingError, TableFault, quote};
use super::mapping::{Located, Mapping, Promise, Role};

/// What a mapping means on one chain.
#[derive(Debug)]
pub(super) struct OnChain {
    /// The asset of rows that name none, and with how many decimals its amounts are written.
    pub(super) asset: Option<(Asset, u8)>,
    /// Decimals of the assets that are not written as the others.
    pub(super) asset_decimals: BTreeMap<Asset, u8>,
    /// What fees are paid in, and with how many decimals; there is one where there is a fee column.
    pub(super) fee: Option<(Asset, u8)>,
    /// The addresses of which all rows are promised.
    pub(super) promised: BTreeSet<Address>,
}

impl Mapping {
    /// Reads the mapping's texts on a chain.
    pub(super) fn on(&self, chain: &Chain) -> Result<OnChain, MappingError> {
        let asset = |located: &Located| {
            asset_on(chain, &located.text).map_err(|fault| self.error(located, &fault))
        };
        let mut asset_decimals = BTreeMap::new();
        for (located, decimals) in &self.asset_decimals {
            let asset = asset(located)?;
            check_decimals(&asset, *decimals).map_err(|fault| self.error(located, &fault))?;
            if asset_decimals.insert(asset, *decimals).is_some() {
                let what = format!("the asset {} is listed twice", quote(&located.text));
                return Err(self.invalid(located, what, "an asset has one number of decimals"));
            }
        }
        let mut promised = BTreeSet::new();
        if let Promise::Addresses { addresses, .. } = &self.promise {
            for located in addresses {
                let address = Address::parse(chain, &located.text).map_err(|error| {
                    self.error(
                        located,
                        &TableFault::Address {
                            error,
                            original: None,
                        },
                    )
                })?;
                promised.insert(address);
            }
        }
        let fixed = match &self.asset {
            None => None,
            Some(located) => {
                let asset = asset(located)?;
                let decimals = asset_decimals.get(&asset).copied().or(self.decimals);
                Some(self.with_decimals(located, asset, decimals)?)
            }
        };
        let fee = self.fee_on(chain, fixed.as_ref())?;
        Ok(OnChain {
            asset: fixed,
            asset_decimals,
            fee,
            promised,
        })
    }

    fn with_decimals(
        &self,
        located: &Located,
        asset: Asset,
        decimals: Option<u8>,
    ) -> Result<(Asset, u8), MappingError> {
        let no_decimals = || TableFault::NoDecimals {
            asset: asset.to_string(),
        };
        let checked = decimals.ok_or_else(no_decimals).and_then(|decimals| {
            check_decimals(&asset, decimals)?;
            Ok(decimals)
        });
        let decimals = checked.map_err(|fault| self.error(located, &fault))?;
        Ok((asset, decimals))
    }

    /// What fees are paid in: what the mapping says, else the chain's own asset. Their decimals are those of
    /// the amounts only where both are the same asset.
    fn fee_on(
        &self,
        chain: &Chain,
        fixed: Option<&(Asset, u8)>,
    ) -> Result<Option<(Asset, u8)>, MappingError> {
        if !self.has(Role::Fee) {
            return Ok(None);
        }
        let columns = Located {
            text: String::new(),
            place: self.columns_place,
        };
        let located = self.fee_asset.as_ref().unwrap_or(&columns);
        let asset = match &self.fee_asset {
            Some(named) => {
                asset_on(chain, &named.text).map_err(|fault| self.error(located, &fault))?
            }
            None => chain.native_asset().ok_or_else(|| {
                let what = format!("what fees are paid in on {chain} is not known");
                self.invalid(located, what, "set `fee_asset`")
            })?,
        };
        let same = fixed
            .filter(|(fixed, _)| *fixed == asset)
            .map(|(_, decimals)| *decimals);
        let Some(decimals) = self.fee_decimals.or(same) else {
            let what =
                format!("the mapping does not say how many decimals the fees in {asset} have");
            return Err(self.invalid(
                located,
                what,
                "set `fee_decimals`: 18 for ether in ETH, 0 for wei",
            ));
        };
        self.with_decimals(located, asset, Some(decimals)).map(Some)
    }

    fn error(&self, located: &Located, fault: &TableFault) -> MappingError {
        let hint = fault
            .hint()
            .unwrap_or_else(|| "write it as the chain does".to_owned());
        self.invalid(located, fault.to_string(), &hint)
    }

    fn invalid(&self, located: &Located, what: String, hint: &str) -> MappingError {
        MappingError::Invalid {
            name: self.file.clone(),
            place: located.place,
            what,
            hint: hint.to_owned(),
        }
    }
}

/// Refuses units smaller than the smallest: each amount would come out too large by a power of ten.
pub(super) fn check_decimals(asset: &Asset, decimals: u8) -> Result<(), TableFault> {
    match asset.decimals_hint() {
        Some(known) if decimals > known => Err(TableFault::TooManyDecimals {
            asset: asset.to_string(),
            known,
            decimals,
        }),
        _ => Ok(()),
    }
}

/// Reads an asset: a CAIP-19 id, the part of one behind the chain, or a token's contract on the chain.
pub(super) fn asset_on(chain: &Chain, text: &str) -> Result<Asset, TableFault> {
    let id = if text.contains('/') || text.starts_with("iso4217:") {
        text.to_owned()
    } else if text.contains(':') {
        format!("{chain}/{text}")
    } else {
        let standard = match chain {
            Chain::Evm(_) => "erc20",
            Chain::Tron => "trc20",
            _ => {
                return Err(TableFault::BareAsset {
                    text: quote(text),
                    chain: chain.clone(),
                });
            }
        };
        let contract = Address::parse(chain, text).map_err(|error| TableFault::Address {
            error,
            original: None,
        })?;
        format!("{chain}/{standard}:{}", contract.display(chain))
    };
    let asset: Asset = id.parse().map_err(TableFault::Asset)?;
    // Money is on no chain, and so on any.
    if asset.chain().is_some_and(|own| own != *chain) {
        return Err(TableFault::OtherChain {
            asset: asset.to_string(),
            chain: chain.clone(),
        });
    }
    Ok(asset)
}
