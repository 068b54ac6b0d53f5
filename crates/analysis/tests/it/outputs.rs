//! A naive chain as a view, and a trace over it in the naive reference's words.

use std::collections::BTreeMap;

use whither_analysis::trace::result::Basis;
use whither_analysis::trace::{
    Direction, Knowledge, Origin, OriginPlace, Policy, Request, Stops, Trace, Window, trace_utxo,
};
use whither_ledger::address::Address;
use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{
    Block, MemoryUtxo, Outpoint, OutsideValue, UtxoOutput, UtxoTransaction,
};
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AddressIx, OutputIx, TxIx, UtxoView as _};
use whither_testkit::naive::utxo::{Endpoint, NaiveChain, NaiveTransaction, Origin as NaiveOrigin};
use whither_testkit::naive::{self, Kind};

pub fn chain() -> Chain {
    Chain::Bitcoin(BitcoinNetwork::Regtest)
}

fn txid(text: &str) -> [u8; 32] {
    match TransactionId::parse(&chain(), text).unwrap() {
        TransactionId::Bitcoin(id) => id,
        _ => unreachable!("a bitcoin id"),
    }
}

pub fn transaction(naive: &NaiveTransaction) -> UtxoTransaction {
    UtxoTransaction {
        txid: txid(&naive.txid),
        coinbase: naive.coinbase,
        inputs: naive
            .inputs
            .iter()
            .map(|(id, vout)| Outpoint {
                txid: txid(id),
                vout: *vout,
            })
            .collect(),
        outputs: naive
            .outputs
            .iter()
            .map(|output| UtxoOutput {
                value: u64::try_from(output.value).unwrap(),
                owner: output
                    .address
                    .as_ref()
                    .map(|address| Address::parse(&chain(), address).unwrap()),
            })
            .collect(),
    }
}

pub fn view(naive: &NaiveChain) -> MemoryUtxo {
    view_with(naive, &BTreeMap::new())
}

/// The same, where undo data tells of outputs made outside.
pub fn view_with(naive: &NaiveChain, outside: &BTreeMap<Outpoint, OutsideValue>) -> MemoryUtxo {
    let blocks: Vec<Block> = (0..)
        .zip(&naive.blocks)
        .map(|(height, block)| Block {
            hash: [u8::try_from(height % 251).unwrap(); 32],
            height: Some(height),
            time: 1_700_000_000 + 600 * height,
            transactions: block.transactions.iter().map(transaction).collect(),
        })
        .collect();
    let last = u32::try_from(blocks.len()).unwrap() - 1;
    let coverage = vec![Coverage::Blocks {
        first: Some(0),
        last: Some(last),
        internal: true,
    }];
    MemoryUtxo::build(chain(), &blocks, outside, coverage, Vec::new()).unwrap()
}

pub fn policy(policy: naive::Policy) -> Policy {
    match policy {
        naive::Policy::Fifo => Policy::Fifo,
        naive::Policy::Lifo => Policy::Lifo,
        naive::Policy::Haircut => Policy::Haircut,
        naive::Policy::Tiho => Policy::Tiho,
        naive::Policy::Poison => Policy::Poison,
    }
}

pub fn direction(direction: naive::Direction) -> Direction {
    match direction {
        naive::Direction::Forward => Direction::Forward,
        naive::Direction::Backward => Direction::Backward,
    }
}

pub fn kind(word: &str) -> Kind {
    let kinds = [
        Kind::Unspent,
        Kind::Held,
        Kind::Service,
        Kind::Burn,
        Kind::Fee,
        Kind::Horizon,
        Kind::Unresolved,
        Kind::Coinbase,
        Kind::Mint,
        Kind::Opening,
    ];
    kinds.into_iter().find(|kind| kind.word() == word).unwrap()
}

fn place(origin: &NaiveOrigin) -> OriginPlace {
    match origin {
        NaiveOrigin::Output(name) => {
            let (id, vout) = name.split_once(':').unwrap();
            OriginPlace::Output(TransactionId::Bitcoin(txid(id)), vout.parse().unwrap())
        }
        NaiveOrigin::Transaction(id) => OriginPlace::Transaction(TransactionId::Bitcoin(txid(id))),
        NaiveOrigin::Address(address) => {
            OriginPlace::Address(Address::parse(&chain(), address).unwrap())
        }
    }
}

pub fn origin(place: OriginPlace) -> Origin {
    Origin {
        what: format!("{place:?}"),
        place,
        incident: None,
        asset: None,
        height: None,
        limit: None,
        basis: Basis::Fact,
        carried: None,
    }
}

pub fn request(origins: &[NaiveOrigin], wanted: naive::Policy, way: naive::Direction) -> Request {
    Request {
        origins: origins.iter().map(|naive| origin(place(naive))).collect(),
        policy: policy(wanted),
        direction: direction(way),
        window: Window::default(),
        stops: Stops::default(),
        knowledge: Knowledge::default(),
        may_enter: std::collections::BTreeMap::new(),
    }
}

pub fn trace(
    view: &MemoryUtxo,
    origins: &[NaiveOrigin],
    wanted: naive::Policy,
    way: naive::Direction,
) -> Trace {
    trace_utxo(view, &request(origins, wanted, way)).unwrap()
}

/// The endpoints of a trace in the naive reference's words.
pub fn endpoints(trace: &Trace) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for endpoint in &trace.endpoints {
        let place = endpoint
            .output
            .clone()
            .or_else(|| endpoint.transaction.clone())
            .unwrap();
        for share in &endpoint.origins {
            endpoints.push(Endpoint {
                kind: kind(endpoint.kind.name()),
                place: place.clone(),
                label: share.origin[1..].parse::<usize>().unwrap() - 1,
                amount: share.amount.parse().unwrap(),
            });
        }
    }
    endpoints.sort();
    endpoints
}

/// What each origin claimed.
pub fn claimed(trace: &Trace) -> Vec<u128> {
    trace
        .origins
        .iter()
        .map(|row| row.amount.parse().unwrap())
        .collect()
}

/// Whose the outputs of a transaction are.
pub fn owners(view: &MemoryUtxo, tx: TxIx) -> impl Iterator<Item = AddressIx> + '_ {
    view.outputs(tx)
        .map(OutputIx)
        .filter_map(|output| view.owner(output))
}
