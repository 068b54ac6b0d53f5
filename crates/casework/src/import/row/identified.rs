//! What a row identifies: its chains, its asset, the places where a trace starts.

use whither_ledger::chain::Chain;

use super::Reader;
use crate::import::header::Field;
use crate::import::places::{self, Thing};
use crate::import::text::Kind;
use crate::import::words::plain;

impl Reader<'_> {
    pub(super) fn chains_and_assets(&mut self) {
        if let Some(text) = self.text(Field::Chains, Kind::Strict) {
            let (known, unknown) = places::chains(&text);
            self.row.chains = known;
            for chain in unknown {
                self.warn(
                    Field::Chains,
                    &chain,
                    "the chain is not known here; it is kept in the note",
                );
                self.row.notes.push(format!("Chain: {chain}."));
            }
        }
        if let Some(text) = self.text(Field::Asset, Kind::Strict) {
            match places::asset(&text, &self.row.chains) {
                Ok((thing, warning)) => {
                    let astray = astray(&thing, &self.row.chains);
                    self.row.thing = Some(thing);
                    if let Some(why) = astray {
                        self.warn(Field::Asset, &text, why);
                    }
                    if let Some(warning) = warning {
                        self.warn(Field::Asset, &text, warning);
                    }
                }
                Err(why) => self.error(Field::Asset, &text, why),
            }
        }
    }

    pub(super) fn places(&mut self) {
        for (text, _) in self
            .cell(Field::Transactions, Kind::Prose)
            .into_iter()
            .collect::<Vec<_>>()
        {
            for place in places::places(&text) {
                match places::transaction(place, &self.row.chains) {
                    Ok(found) => {
                        self.row.transactions.push(found.text.clone());
                        self.start(Field::Transactions, place, found, true);
                    }
                    Err(why) => self.error(Field::Transactions, place, why),
                }
            }
        }
        if let Some((text, column)) = self.cell(Field::Addresses, Kind::Prose) {
            // An address that was robbed holds much besides what was stolen; it is no starting point.
            let victims = matches!(
                plain(&column.name).as_str(),
                "from" | "from address" | "victim address" | "wallet" | "wallets"
            );
            for place in places::places(&text) {
                match places::address(place, &self.row.chains) {
                    Ok((found, warning)) => {
                        if let Some(warning) = warning {
                            self.warn(Field::Addresses, place, warning);
                        }
                        self.start(Field::Addresses, place, found, !victims);
                    }
                    Err(why) => self.error(Field::Addresses, place, why),
                }
            }
        }
    }

    fn start(&mut self, field: Field, given: &str, place: places::Place, starts: bool) {
        if place.on_chain && starts {
            self.row.origins.push(place.text);
            return;
        }
        let what = if field == Field::Transactions {
            "Transaction"
        } else {
            "Address"
        };
        self.row.notes.push(format!("{what}: {}.", place.text));
        if !place.on_chain {
            self.warn(
                field,
                given,
                "its chain is not known, so that no trace can start there; it is kept in the note",
            );
        }
    }
}

/// A coin beside a chain that it is not the coin of.
fn astray(thing: &Thing, chains: &[Chain]) -> Option<String> {
    let Thing::Symbol(symbol) = thing else {
        return None;
    };
    let names = |chain: &Chain| chain.native_asset()?.unit_name();
    let coin = matches!(symbol.as_str(), "BTC" | "ETH" | "TRX");
    let [chain] = chains else {
        return None;
    };
    let own = names(chain)?;
    (coin && own != symbol).then(|| {
        format!("the coin of the chain beside it is {own}; it is kept as a symbol, and identifies nothing")
    })
}
