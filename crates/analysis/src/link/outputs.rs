//! A chain of outputs, as links see it.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::view::{AddressIx, AssetIx, OutputIx, Prevout, TxIx, UtxoView};

use super::ground::{
    Assets, Claimed, Flow, Ground, Pattern, Start, Step, address, floor_of, is_multiple, named,
    take, transaction, units,
};
use crate::demix::coinjoin;
use crate::trace::{Origin, OriginPlace, Trace};

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

    fn assets<'t>(&self, trace: &'t Trace) -> Assets<'t> {
        let origins = trace.origins.iter();
        origins.map(|row| (row.asset.as_str(), COIN)).collect()
    }

    fn starts(&self, origin: &Origin, mut claimed: Claimed) -> Vec<Start> {
        let of = |tx: TxIx| self.0.outputs(tx).map(OutputIx);
        let outputs: Vec<OutputIx> = match &origin.place {
            OriginPlace::Address(address) => {
                let start = |address| Start {
                    address,
                    asset: COIN,
                    amount: claimed.remove(&COIN).unwrap_or_default(),
                    tx: None,
                };
                return self
                    .0
                    .find_address(address)
                    .map(start)
                    .into_iter()
                    .collect();
            }
            OriginPlace::Output(id, vout) => {
                let found = named(self.0, origin, id).into_iter();
                let start = |tx: TxIx| self.0.outputs(tx).start;
                found
                    .map(|tx| OutputIx(start(tx) + u64::from(*vout)))
                    .collect()
            }
            OriginPlace::Transaction(id) => {
                let found = named(self.0, origin, id).into_iter();
                found.flat_map(of).collect()
            }
            OriginPlace::Transfer(..) => Vec::new(),
        };
        let start = |output: OutputIx| {
            let amount = U256::from(self.0.value(output));
            // An output without an address takes its part of the claim, too.
            let amount = take(&mut claimed, COIN, amount);
            Some(Start {
                address: self.0.owner(output)?,
                asset: COIN,
                amount,
                tx: Some(self.0.creator(output)),
            })
        };
        outputs.into_iter().filter_map(start).collect()
    }

    fn steps(&self, trace: &Trace, starts: &[Start], _: &Assets<'_>) -> Vec<Step> {
        let mut held: BTreeSet<AddressIx> = starts.iter().map(|start| start.address).collect();
        let mut steps = Vec::new();
        let mut mixing: BTreeMap<TxIx, bool> = BTreeMap::new();
        for edge in &trace.edges {
            let Some(tx) = edge
                .transaction
                .as_deref()
                .and_then(|id| transaction(self.0, id))
            else {
                continue;
            };
            // What comes out of a CoinJoin is everybody's who took part: it is no place of a thief's.
            let is_mixed = || self.mixing(tx).is_some();
            if *mixing.entry(tx).or_insert_with(is_mixed) {
                continue;
            }
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

    fn pattern(&self, tx: TxIx) -> Option<Pattern> {
        if self.0.is_coinbase(tx) || self.mixing(tx).is_some() {
            return None;
        }
        let kind = |owner: AddressIx| kind(&self.0.address(owner));
        let kinds: BTreeSet<&str> = self.payers(tx).into_iter().map(kind).collect();
        let mut kinds = kinds.into_iter();
        let inputs = match (kinds.next()?, kinds.next()) {
            (only, None) => only,
            _ => "mixed",
        };
        // What pays nothing carries data.
        let outputs = self.0.outputs(tx).map(OutputIx);
        let outputs: Vec<OutputIx> = outputs.filter(|output| self.0.value(*output) > 0).collect();
        let owners = outputs.iter().filter_map(|output| self.0.owner(*output));
        let values: Vec<u64> = outputs.iter().map(|output| self.0.value(*output)).collect();
        let whole = floor_of(&self.0.chain().native_asset()?)?;
        Some(Pattern {
            inputs,
            same_kind: match owners.filter(|owner| kind(*owner) == inputs).count() {
                0 => "none",
                1 => "one",
                _ => "several",
            },
            outputs: match outputs.len() {
                0 | 1 => "one",
                2 => "two",
                3..=9 => "a few",
                _ => "many",
            },
            order: if outputs.len() < 2 {
                "none"
            } else if values.is_sorted() {
                "rising"
            } else if values.is_sorted_by(|one, next| one >= next) {
                "falling"
            } else {
                "none"
            },
            is_whole: values
                .iter()
                .any(|value| is_multiple(U256::from(*value), whole)),
        })
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

/// Of which kind an address is.
fn kind(address: &Address) -> &'static str {
    match address {
        Address::P2pkh(_) => "p2pkh",
        Address::P2sh(_) => "p2sh",
        Address::Witness(program) => match (program.version(), program.program().len()) {
            (0, 20) => "p2wpkh",
            (0, _) => "p2wsh",
            (1, _) => "p2tr",
            _ => "witness",
        },
        _ => "other",
    }
}
