//! A simulated world on a chain of outputs as a view, and its thefts traced as somebody would who knows what the world's
//! labels name and nothing else.

pub mod links;
pub mod offramps;
pub mod typologies;

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::trace::result::{Basis, EndpointKind};
use whither_analysis::trace::{
    Direction, Knowledge, KnownService, Origin, OriginPlace, Policy, Request, Stops, Trace, Window,
    trace_utxo,
};
use whither_ledger::address::Address;
use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Block, MemoryUtxo, Outpoint, UtxoOutput, UtxoTransaction};
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{ChainView as _, OutputIx, TxIx, UtxoView as _};
use whither_testkit::simulator::block::Transaction;
use whither_testkit::simulator::output_world::OutputWorld;
use whither_testkit::simulator::world::WorldIncident;

pub fn chain() -> Chain {
    Chain::Bitcoin(BitcoinNetwork::Regtest)
}

pub fn address(text: &str) -> Address {
    Address::parse(&chain(), text).unwrap()
}

pub fn id(text: &str) -> TransactionId {
    TransactionId::parse(&chain(), text).unwrap()
}

fn transaction(told: &Transaction) -> UtxoTransaction {
    let coinbase = told.is_coinbase();
    let spends = told.inputs.iter().filter(|_| !coinbase);
    let outputs = told.outputs.iter().map(|output| UtxoOutput {
        value: output.value,
        owner: output.script.address.as_deref().map(address),
    });
    UtxoTransaction {
        txid: told.txid(),
        inputs: spends
            .map(|input| Outpoint {
                txid: input.txid,
                vout: input.vout,
            })
            .collect(),
        outputs: outputs.collect(),
        coinbase,
    }
}

/// A world's chain, all of it.
pub fn view(world: &OutputWorld) -> MemoryUtxo {
    let blocks = world.chain.blocks.iter().map(|block| Block {
        hash: block.hash(),
        height: Some(block.height),
        time: block.time(),
        transactions: block.transactions.iter().map(transaction).collect(),
    });
    let blocks: Vec<Block> = blocks.collect();
    let coverage = vec![Coverage::Blocks {
        first: Some(0),
        last: blocks.last().unwrap().height,
        internal: true,
    }];
    MemoryUtxo::build(chain(), &blocks, &BTreeMap::new(), coverage, Vec::new()).unwrap()
}

/// The services that the world's labels name.
pub fn knowledge(world: &OutputWorld) -> Knowledge {
    let mut knowledge = Knowledge::default();
    let services = world.truth.common.services.iter();
    for service in services.filter(|service| service.labelled) {
        let known = KnownService {
            kind: EndpointKind::Service,
            name: service.name.clone(),
            identity: service.name.clone(),
            category: service.category.clone(),
            claim: service.name.clone(),
            valid: Window::default(),
        };
        let wallet = address(&service.wallet);
        knowledge.services.insert(wallet, vec![known]);
    }
    knowledge
}

/// Where a theft begins.
pub fn origins(incident: &WorldIncident) -> Vec<Origin> {
    let origin = |transaction: &String| Origin {
        what: transaction.clone(),
        place: OriginPlace::Transaction(id(transaction)),
        incident: Some(incident.id.clone()),
        asset: None,
        height: None,
        limit: None,
        basis: Basis::Fact,
        carried: None,
    };
    incident.transactions.iter().map(origin).collect()
}

/// The trace of a theft under haircut; beyond what labels name it stops where it is asked to.
pub fn trace(
    view: &MemoryUtxo,
    known: &Knowledge,
    incident: &WorldIncident,
    (policy, stops): (Policy, &Stops),
) -> Trace {
    let request = Request {
        origins: origins(incident),
        policy,
        direction: Direction::Forward,
        window: Window::default(),
        stops: stops.clone(),
        knowledge: known.clone(),
        may_enter: BTreeMap::new(),
    };
    trace_utxo(view, &request).unwrap()
}

/// The stops of somebody who asks for mixers, and for what looks like a service where a limit is given.
pub fn stops(shape: Option<usize>) -> Stops {
    Stops {
        coinjoin: true,
        shape,
        ..Stops::default()
    }
}

/// The output of a transaction that pays an address.
pub fn paid(view: &MemoryUtxo, transaction: &str, to: &str) -> OutputIx {
    let tx = view.find_transaction(&id(transaction))[0];
    let to = address(to);
    let owner = |output: &OutputIx| view.owner(*output).map(|ix| view.address(ix).into_owned());
    let mut outputs = view.outputs(tx).map(OutputIx);
    outputs
        .find(|output| owner(output) == Some(to.clone()))
        .unwrap()
}

/// The name of an output, `txid:vout`.
pub fn name(view: &MemoryUtxo, output: OutputIx) -> String {
    let tx = view.creator(output);
    let vout = output.0 - view.outputs(tx).start;
    format!("{}:{vout}", view.transaction_id(tx))
}

/// The transactions in which an address of a thief's pays.
pub fn of_thieves(world: &OutputWorld, view: &MemoryUtxo) -> BTreeSet<String> {
    let incidents = world.truth.common.incidents.iter();
    let accounts = incidents.flat_map(|incident| &incident.accounts);
    let accounts = accounts.filter_map(|account| view.find_address(&address(account)));
    let outputs = accounts.flat_map(|account| view.received(account).collect::<Vec<_>>());
    let spenders: BTreeSet<TxIx> = outputs.filter_map(|output| view.spender(output)).collect();
    let ids = spenders.into_iter().map(|tx| view.transaction_id(tx));
    ids.map(|id| id.to_string()).collect()
}
