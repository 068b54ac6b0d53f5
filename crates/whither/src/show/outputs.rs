//! What a UTXO chain tells of an address, a transaction, an output.

use serde::Serialize;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AddressIx, OutputIx, OutsideOutput, Prevout, TxIx, UtxoView};

use super::case::{LabelRow, Labels};
use super::{AddressPage, HoldingRow, Moment, Thing, TransactionPage, moment, one};
use crate::error::Error;

/// An output that an address received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceivedRow {
    /// `txid:vout`.
    pub output: String,
    /// Smallest units, where that is known.
    pub amount: Option<String>,
    /// Where it was made; `None` where the data begins later.
    pub made: Option<Moment>,
    /// Where it was spent.
    pub spent: Option<Moment>,
    /// `spent`, `unspent`, or `horizon`: no spend is seen, and nobody promised that it would be.
    pub state: &'static str,
}

/// What a transaction spends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputRow {
    /// `txid:vout` of the output that is spent.
    pub output: String,
    /// Whose it was, where that is known.
    pub address: Option<String>,
    /// What the case calls the address.
    pub name: Option<String>,
    /// Smallest units, where that is known.
    pub amount: Option<String>,
}

/// What a transaction makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutputRow {
    /// `txid:vout`.
    pub output: String,
    /// Whose it is, where its script has an address.
    pub address: Option<String>,
    /// What the case calls the address.
    pub name: Option<String>,
    /// Smallest units.
    pub amount: String,
    /// Where it was spent.
    pub spent: Option<Moment>,
    /// `spent`, `unspent` or `horizon`.
    pub state: &'static str,
}

/// An output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutputPage {
    /// CAIP-2.
    pub chain: String,
    /// `txid:vout`.
    pub output: String,
    /// Whose it is, where its script has an address.
    pub address: Option<String>,
    /// CAIP-19.
    pub asset: String,
    /// Smallest units, where that is known.
    pub amount: Option<String>,
    /// Whether it is of new coins.
    pub coinbase: Option<bool>,
    /// Where it was made; `None` where the data begins later.
    pub made: Option<Moment>,
    /// Where it was spent.
    pub spent: Option<Moment>,
    /// `spent`, `unspent` or `horizon`.
    pub state: &'static str,
    /// What the case calls its address.
    pub labels: Vec<LabelRow>,
}

/// The asset of a UTXO chain. A chain without an established id is named by itself.
fn asset(chain: &Chain) -> String {
    chain
        .native_asset()
        .map_or_else(|| chain.to_string(), |asset| asset.to_string())
}

/// An address: an error where the chain has no such address and the case does not name it either.
pub(super) fn address(
    view: &impl UtxoView,
    address: &Address,
    labels: &Labels,
) -> Result<Option<Thing>, Error> {
    let labels = labels.all(address);
    let Some(ix) = view.find_address(address) else {
        return Ok((!labels.is_empty())
            .then(|| Thing::Address(AddressPage::unseen(view.chain(), address, labels))));
    };
    let mut outputs: Vec<(Option<TxIx>, Option<TxIx>, ReceivedRow)> = Vec::new();
    for (tx, outside) in view.spent_from_outside(ix) {
        outputs.push((
            None,
            Some(tx),
            from_outside(view, &view.outside(outside), tx),
        ));
    }
    for output in view.received(ix) {
        let row = ReceivedRow {
            output: name(view, output),
            amount: Some(view.value(output).to_string()),
            made: Some(moment(view, view.creator(output))),
            spent: view.spender(output).map(|tx| moment(view, tx)),
            state: state(view, output),
        };
        outputs.push((Some(view.creator(output)), view.spender(output), row));
    }
    let touched = || {
        outputs
            .iter()
            .flat_map(|(made, spent, _)| [*made, *spent])
            .flatten()
    };
    let (first, last) = (touched().min(), touched().max());
    Ok(Some(Thing::Address(AddressPage {
        postings: view.posting_count(ix),
        first: first.map(|tx| moment(view, tx)),
        last: last.map(|tx| moment(view, tx)),
        holdings: vec![holding(view, ix, first)],
        outputs: outputs.into_iter().map(|(_, _, row)| row).collect(),
        ..AddressPage::unseen(view.chain(), address, labels)
    })))
}

fn from_outside(view: &impl UtxoView, outside: &OutsideOutput, spender: TxIx) -> ReceivedRow {
    ReceivedRow {
        output: format!("{}:{}", outside.transaction, outside.vout),
        amount: outside.value.map(|value| value.to_string()),
        made: None,
        spent: Some(moment(view, spender)),
        state: "spent",
    }
}

fn holding(view: &impl UtxoView, ix: AddressIx, first: Option<TxIx>) -> HoldingRow {
    let value = |output| u128::from(view.value(output));
    let unspent = || {
        view.received(ix)
            .filter(|output| view.spender(*output).is_none())
    };
    let outside = view.spent_from_outside(ix);
    let opening: u128 = outside
        .filter_map(|(_, ix)| view.outside(ix).value)
        .map(u128::from)
        .sum();
    let total: u128 = view.received(ix).map(value).sum();
    let left: u128 = unspent().map(value).sum();
    HoldingRow {
        asset: asset(view.chain()),
        opening: opening.to_string(),
        received: total.to_string(),
        sent: (opening + total - left).to_string(),
        balance: left.to_string(),
        unspent_outputs: Some(unspent().count()),
        covered: first.is_some_and(|tx| view.complete_since(tx)),
    }
}

/// A transaction.
pub(super) fn transaction(view: &impl UtxoView, tx: TxIx, labels: &Labels) -> TransactionPage {
    let inputs: Vec<InputRow> = view
        .inputs(tx)
        .map(|prevout| input(view, prevout, labels))
        .collect();
    let row = |output| {
        let owner = view.owner(output).map(|ix| view.address(ix));
        OutputRow {
            output: name(view, output),
            address: owner.as_ref().map(|address| address.display(view.chain())),
            name: owner.and_then(|address| labels.name(&address)),
            amount: view.value(output).to_string(),
            spent: view.spender(output).map(|tx| moment(view, tx)),
            state: state(view, output),
        }
    };
    let asset = asset(view.chain());
    TransactionPage {
        chain: view.chain().to_string(),
        transaction: view.transaction_id(tx).to_string(),
        height: view.position(tx).height,
        index: view.position(tx).index,
        time: view.time(tx).to_string(),
        coinbase: Some(view.is_coinbase(tx)),
        asset: Some(asset.clone()),
        inputs,
        outputs: view.outputs(tx).map(OutputIx).map(row).collect(),
        transfers: Vec::new(),
        fee: fee(view, tx).map(|fee| fee.to_string()),
        fee_asset: Some(asset),
        coinjoin: super::coinjoin::of(view, tx),
    }
}

fn input(view: &impl UtxoView, prevout: Prevout, labels: &Labels) -> InputRow {
    let (output, owner, amount) = match prevout {
        Prevout::Inside(output) => (
            name(view, output),
            view.owner(output),
            Some(view.value(output)),
        ),
        Prevout::Outside(ix) => {
            let outside = view.outside(ix);
            (
                format!("{}:{}", outside.transaction, outside.vout),
                outside.owner,
                outside.value,
            )
        }
    };
    let owner = owner.map(|ix| view.address(ix));
    InputRow {
        output,
        address: owner.as_ref().map(|address| address.display(view.chain())),
        name: owner.and_then(|address| labels.name(&address)),
        amount: amount.map(|amount| amount.to_string()),
    }
}

/// What a transaction pays for inclusion: nothing where it creates coins, unknown where an input is.
fn fee(view: &impl UtxoView, tx: TxIx) -> Option<u128> {
    if view.is_coinbase(tx) {
        return Some(0);
    }
    let spent = view.inputs(tx).map(|prevout| match prevout {
        Prevout::Inside(output) => Some(u128::from(view.value(output))),
        Prevout::Outside(ix) => view.outside(ix).value.map(u128::from),
    });
    let spent: u128 = spent.collect::<Option<Vec<u128>>>()?.into_iter().sum();
    let made: u128 = view
        .outputs(tx)
        .map(|output| u128::from(view.value(OutputIx(output))))
        .sum();
    spent.checked_sub(made)
}

/// An output, made in the data or only spent there.
pub(super) fn output(
    view: &impl UtxoView,
    id: &TransactionId,
    vout: u32,
    height: Option<u32>,
    labels: &Labels,
) -> Result<Option<OutputPage>, Error> {
    let Some(tx) = one(view, id, height)? else {
        return Ok(outside_output(view, id, vout, labels));
    };
    let range = view.outputs(tx);
    let found = range.start + u64::from(vout);
    if !range.contains(&found) {
        let outputs = range.end - range.start;
        return Err(Error::new(format!(
            "{id}:{vout}: the transaction has {outputs} outputs, counted from 0"
        ))
        .with_hint(format!("`whither show {id}` lists them")));
    }
    let output = OutputIx(found);
    let owner = view.owner(output).map(|ix| view.address(ix));
    Ok(Some(OutputPage {
        chain: view.chain().to_string(),
        output: name(view, output),
        address: owner.as_ref().map(|address| address.display(view.chain())),
        asset: asset(view.chain()),
        amount: Some(view.value(output).to_string()),
        coinbase: Some(view.is_coinbase(tx)),
        made: Some(moment(view, tx)),
        spent: view.spender(output).map(|tx| moment(view, tx)),
        state: state(view, output),
        labels: owner
            .map(|address| labels.all(&address))
            .unwrap_or_default(),
    }))
}

/// An output of which only its spend is in the data.
fn outside_output(
    view: &impl UtxoView,
    id: &TransactionId,
    vout: u32,
    labels: &Labels,
) -> Option<OutputPage> {
    let spends = |tx: &TxIx| {
        view.inputs(*tx).find_map(|prevout| match prevout {
            Prevout::Outside(ix) => Some(view.outside(ix))
                .filter(|known| known.transaction == *id && known.vout == vout),
            Prevout::Inside(_) => None,
        })
    };
    let (tx, known) = (0..view.transaction_count())
        .map(TxIx::of)
        .find_map(|tx| Some((tx, spends(&tx)?)))?;
    let owner = known.owner.map(|ix| view.address(ix));
    Some(OutputPage {
        chain: view.chain().to_string(),
        output: format!("{id}:{vout}"),
        address: owner.as_ref().map(|address| address.display(view.chain())),
        asset: asset(view.chain()),
        amount: known.value.map(|value| value.to_string()),
        coinbase: None,
        made: None,
        spent: Some(moment(view, tx)),
        state: "spent",
        labels: owner
            .map(|address| labels.all(&address))
            .unwrap_or_default(),
    })
}

/// An output as people name it.
fn name(view: &impl UtxoView, output: OutputIx) -> String {
    let tx = view.creator(output);
    format!(
        "{}:{}",
        view.transaction_id(tx),
        output.0 - view.outputs(tx).start
    )
}

/// "Unspent" only where every later block was promised (law 7).
fn state(view: &impl UtxoView, output: OutputIx) -> &'static str {
    match view.spender(output) {
        Some(_) => "spent",
        None if view.complete_since(view.creator(output)) => "unspent",
        None => "horizon",
    }
}
