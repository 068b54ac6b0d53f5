//! One thing of a chain or of the case, with what the data and the case say of it (`whither.show/1`).
//!
//! An address, a transaction, an output, a block; an incident; or the case as a whole. Looking up, not
//! tracing: nothing here follows money. "Unspent" is said only within coverage, as in a trace.

mod accounts;
mod case;
mod coinjoin;
mod outputs;

use serde::Serialize;
use whither_analysis::trace::OriginPlace;
use whither_casework::Case;
use whither_casework::claims::RelationEnd;
use whither_chain::ColumnUtxo;
use whither_ledger::address::Account;
use whither_ledger::chain::{Chain, ChainKind};
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AccountView, ChainView, TxIx, UtxoView};

pub use accounts::{Movement, Transfer};
pub use case::{CasePage, IncidentPage, IncidentRow, LabelRow, MarkFields};
pub use coinjoin::{CoinjoinRow, MatchRow};
pub use outputs::{InputRow, OutputPage, OutputRow, ReceivedRow};
pub use whither_casework::claims::OriginClaim;

use crate::error::Error;
use crate::place::{self, Place};
use crate::question::{Chains, Opened};
use crate::related::{self, EntityPage, PathsPage, PathsRows, RelationRow};
use case::Labels;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// `whither.show/1`.
    pub schema: &'static str,
    /// The thing itself.
    #[serde(flatten)]
    pub thing: Thing,
}

/// What can be shown.
#[expect(clippy::large_enum_variant, reason = "one is made for each answer")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Thing {
    /// An address.
    Address(AddressPage),
    /// A transaction.
    Transaction(TransactionPage),
    /// An output.
    Output(OutputPage),
    /// A block.
    Block(BlockPage),
    /// An incident, as the case tells it.
    Incident(IncidentPage),
    /// A person, an organisation, a group or a vessel, as the case knows them.
    Entity(EntityPage),
    /// The paths from one end of relations to another.
    Paths(PathsPage),
    /// All that the case says, in short.
    Case(CasePage),
}

/// When and in which transaction something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// The transaction.
    pub transaction: String,
    /// Its block's height.
    pub height: Option<u32>,
    /// Its time.
    pub time: String,
}

/// An address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AddressPage {
    /// CAIP-2.
    pub chain: String,
    /// As its chain writes it.
    pub address: String,
    /// CAIP-10.
    pub account: String,
    /// In how many debits and credits it takes part.
    pub postings: usize,
    /// The first of them.
    pub first: Option<Moment>,
    /// The last of them.
    pub last: Option<Moment>,
    /// What it has, per asset.
    pub holdings: Vec<HoldingRow>,
    /// On a UTXO chain: the outputs it received, in chain order.
    pub outputs: Vec<ReceivedRow>,
    /// On an account chain: its movements, in chain order.
    pub movements: Vec<Movement>,
    /// The token whose contract it is, if it is one that the data has movements of.
    pub token: Option<TokenRow>,
    /// What the case calls it.
    pub labels: Vec<LabelRow>,
    /// Whom it belongs to, as claims say.
    pub relations: Vec<RelationRow>,
    /// The paths from it to entries of sanctions lists.
    pub listed: PathsRows,
}

/// A token, by its contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenRow {
    /// CAIP-19.
    pub asset: String,
    /// What the shipped list of well-known contracts calls it; none of one that is not in it.
    pub verified: Option<&'static str>,
    /// What the contract calls itself, which may be anything.
    pub symbol: Option<String>,
    /// The name that it gives itself.
    pub name: Option<String>,
    /// Decimals between its smallest unit and the unit people speak of: of the list, else as the contract says.
    pub decimals: Option<u8>,
}

/// What an address has of one asset, as far as the data tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HoldingRow {
    /// CAIP-19.
    pub asset: String,
    /// The least it must have had before the data begins, smallest units.
    pub opening: String,
    /// What it received.
    pub received: String,
    /// What it sent.
    pub sent: String,
    /// What is left.
    pub balance: String,
    /// In how many outputs that lies, on a UTXO chain.
    pub unspent_outputs: Option<usize>,
    /// Whether a source promised every movement from the first one here to the end of the data.
    pub covered: bool,
}

/// A transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TransactionPage {
    /// CAIP-2.
    pub chain: String,
    /// Its id.
    pub transaction: String,
    /// Its block's height.
    pub height: Option<u32>,
    /// Its index in the block.
    pub index: Option<u32>,
    /// Its time.
    pub time: String,
    /// Whether it creates new coins, on a UTXO chain.
    pub coinbase: Option<bool>,
    /// The asset of inputs and outputs, on a UTXO chain.
    pub asset: Option<String>,
    /// What it spends.
    pub inputs: Vec<InputRow>,
    /// What it makes.
    pub outputs: Vec<OutputRow>,
    /// What it moves, on an account chain.
    pub transfers: Vec<Transfer>,
    /// What was paid for inclusion, smallest units, where that is known.
    pub fee: Option<String>,
    /// The asset of the fee.
    pub fee_asset: Option<String>,
    /// What make of CoinJoin it looks like, if any, on a UTXO chain.
    pub coinjoin: Option<CoinjoinRow>,
}

/// A block, as far as the data has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockPage {
    /// CAIP-2.
    pub chain: String,
    /// Its hash, where the data has it.
    pub hash: Option<String>,
    /// Its height.
    pub height: Option<u32>,
    /// Its time.
    pub time: String,
    /// How many transactions of it the data has.
    pub transactions: usize,
    /// Their ids, in order.
    pub transaction_ids: Vec<String>,
}

/// Shows what a text names; without one, the case.
///
/// # Errors
/// Where the text names nothing, or nothing that the data or the case has.
pub fn show(
    chains: &dyn Chains,
    case: Option<&Case>,
    text: Option<&str>,
    default: Option<&Chain>,
) -> Result<Shown, Error> {
    let thing = match text {
        None => Thing::Case(case::case_page(case)?),
        Some(text) => match text.split_once(':') {
            Some(("incident", id)) => Thing::Incident(case::incident_page(case, id)?),
            Some(("entity", id)) => Thing::Entity(related::entity_page(case::needed(case)?, id)?),
            _ => related_or_on_chain(chains, case, text, default)?,
        },
    };
    Ok(Shown {
        schema: "whither.show/1",
        thing,
    })
}

/// The paths between two ends of relations: entities, entries of lists, incidents, addresses.
///
/// # Errors
/// Where there is no case, or an end is none.
pub fn show_paths(
    case: Option<&Case>,
    from: &str,
    to: &str,
    default: Option<&Chain>,
) -> Result<Shown, Error> {
    let case = case::needed(case)?;
    let (from, to) = (related::end(from, default)?, related::end(to, default)?);
    Ok(Shown {
        schema: "whither.show/1",
        thing: Thing::Paths(related::paths(case, &from, &to)),
    })
}

/// A thing of a chain; of an address also whom it belongs to, which the case can tell where the data has nothing.
fn related_or_on_chain(
    chains: &dyn Chains,
    case: Option<&Case>,
    text: &str,
    default: Option<&Chain>,
) -> Result<Thing, Error> {
    let found = on_chain(chains, case, text, default);
    let account = match &found {
        Ok(Thing::Address(page)) => page.account.clone(),
        Ok(_) => return found,
        Err(_) => text.to_owned(),
    };
    let Ok(end) = related::end(&account, default) else {
        return found;
    };
    let (relations, listed) = related::around(case, &end);
    match (found, end) {
        (Ok(Thing::Address(page)), _) => Ok(Thing::Address(AddressPage {
            relations,
            listed,
            ..page
        })),
        (Err(_), RelationEnd::Account(Account { chain, address })) if !relations.is_empty() => {
            let labels = Labels::of(case, &chain)?.all(&address);
            Ok(Thing::Address(AddressPage {
                relations,
                listed,
                ..AddressPage::unseen(&chain, &address, labels)
            }))
        }
        (found, _) => found,
    }
}

fn on_chain(
    chains: &dyn Chains,
    case: Option<&Case>,
    text: &str,
    default: Option<&Chain>,
) -> Result<Thing, Error> {
    let known = chains.chains();
    let (written, rest) = place::split_chain(text);
    if let Ok(height) = rest.parse::<u32>() {
        let chain = written
            .or_else(|| default.cloned())
            .map_or_else(|| only(&known, text), Ok)?;
        return block(chains, &chain, &Named::Height(height), text);
    }
    let Place {
        chain,
        place,
        height,
    } = place::parse(text, default, &known)?;
    let opened = open(chains, &chain, &known)?;
    let place = match &opened {
        Opened::Utxo(view) => place::settle(place, view),
        Opened::Accounts(view) => place::settle(place, view),
        Opened::AccountColumns(view) => place::settle(place, view),
    };
    let labels = Labels::of(case, &chain)?;
    let page = match (&opened, &place) {
        (Opened::Utxo(_), OriginPlace::Transfer(..))
        | (Opened::Accounts(_) | Opened::AccountColumns(_), OriginPlace::Output(..)) => {
            return Err(
                Error::new(format!("{text} names nothing on {chain}")).with_hint(
                    "a UTXO chain has outputs (`txid:vout`), an account chain transfers (`txid#n`)",
                ),
            );
        }
        (Opened::Utxo(view), _) => of_outputs(view, &place, height, &labels)?,
        (Opened::Accounts(view), _) => of_accounts(view, &place, height, &labels)?,
        (Opened::AccountColumns(view), _) => of_accounts(view, &place, height, &labels)?,
    };
    match (page, place) {
        (Some(thing), _) => Ok(thing),
        (None, OriginPlace::Transaction(id)) => block(chains, &chain, &Named::Hash(id), text),
        (None, _) => Err(absent(text)),
    }
}

/// The view of a chain that the store holds.
fn open(chains: &dyn Chains, chain: &Chain, known: &[Chain]) -> Result<Opened, Error> {
    if !known.contains(chain) {
        return Err(Error::new(format!("the store holds nothing of {chain}"))
            .with_hint("`whither status` tells what it holds; `whither ingest` adds more"));
    }
    chains.open(chain, &[])
}

/// The only chain of the store, for a text that names none.
fn only(known: &[Chain], text: &str) -> Result<Chain, Error> {
    match known {
        [chain] => Ok(chain.clone()),
        [] => Err(Error::new("the store holds no chain")
            .with_hint("`whither ingest FILE --store DIR` brings chain data in")),
        _ => Err(Error::new(format!(
            "block {text} could be on several chains of the store"
        ))
        .with_hint("add `--chain`")),
    }
}

fn absent(text: &str) -> Error {
    Error::new(format!("{text} is not in the store"))
        .with_hint("`whither status` tells which chains and blocks the store holds; `whither ingest` adds more")
}

/// The one transaction of an id, at a height if one was named.
fn one(
    view: &impl ChainView,
    id: &TransactionId,
    height: Option<u32>,
) -> Result<Option<TxIx>, Error> {
    let mut found = view.find_transaction(id);
    found.retain(|tx| height.is_none() || view.position(*tx).height == height);
    match found.as_slice() {
        [] => Ok(None),
        [tx] => Ok(Some(*tx)),
        several => Err(Error::new(format!(
            "{id} stands for {} transactions of one id",
            several.len()
        ))
        .with_hint(format!("name the block: `{id}@HEIGHT`"))),
    }
}

fn moment(view: &impl ChainView, tx: TxIx) -> Moment {
    Moment {
        transaction: view.transaction_id(tx).to_string(),
        height: view.position(tx).height,
        time: view.time(tx).to_string(),
    }
}

/// What a chain of outputs tells of a place.
fn of_outputs(
    view: &impl UtxoView,
    place: &OriginPlace,
    height: Option<u32>,
    labels: &Labels,
) -> Result<Option<Thing>, Error> {
    Ok(match place {
        OriginPlace::Address(address) => outputs::address(view, address, labels)?,
        OriginPlace::Output(id, vout) => {
            outputs::output(view, id, *vout, height, labels)?.map(Thing::Output)
        }
        OriginPlace::Transaction(id) => one(view, id, height)?
            .map(|tx| Thing::Transaction(outputs::transaction(view, tx, labels))),
        OriginPlace::Transfer(..) => None,
    })
}

/// What a chain of accounts tells of a place.
fn of_accounts(
    view: &impl AccountView,
    place: &OriginPlace,
    height: Option<u32>,
    labels: &Labels,
) -> Result<Option<Thing>, Error> {
    let transaction = |id, number| {
        let found = one(view, id, height)?;
        let page = |tx| Thing::Transaction(accounts::transaction(view, tx, number, labels));
        Ok(found.map(page))
    };
    match place {
        OriginPlace::Address(address) => accounts::address(view, address, labels),
        OriginPlace::Transaction(id) => transaction(id, None),
        OriginPlace::Transfer(id, number) => transaction(id, Some(*number)),
        OriginPlace::Output(..) => Ok(None),
    }
}

/// How a user names a block.
enum Named {
    Height(u32),
    Hash(TransactionId),
}

fn block(chains: &dyn Chains, chain: &Chain, named: &Named, text: &str) -> Result<Thing, Error> {
    let page = match open(chains, chain, &chains.chains())? {
        Opened::Utxo(view) => block_of(&view, named),
        Opened::Accounts(view) => block_of_rows(&view, named),
        Opened::AccountColumns(view) => block_of_rows(&view, named),
    };
    page.map(Thing::Block).ok_or_else(|| match chain.kind() {
        ChainKind::Utxo => absent(text),
        ChainKind::Account => {
            absent(text).with_hint("a table of transfers has no blocks beyond those of its rows")
        }
    })
}

fn block_of(view: &ColumnUtxo, named: &Named) -> Option<BlockPage> {
    let row = match named {
        Named::Height(height) => view.find_block_at(*height)?,
        Named::Hash(TransactionId::Bitcoin(hash)) => view.find_block(hash)?,
        Named::Hash(_) => return None,
    };
    let (hash, _) = view.block(row);
    let transactions = view.transactions_of(row).map(TxIx::of).collect();
    // A block's hash is written as a transaction's id is.
    let hash = TransactionId::Bitcoin(hash).to_string();
    block_page(view, Some(hash), transactions)
}

/// Rows tell no hashes, and not whether they are all of a block.
fn block_of_rows(view: &impl ChainView, named: &Named) -> Option<BlockPage> {
    let Named::Height(height) = named else {
        return None;
    };
    let all = (0..view.transaction_count()).map(TxIx::of);
    let transactions = all.filter(|tx| view.position(*tx).height == Some(*height));
    block_page(view, None, transactions.collect())
}

fn block_page(
    view: &impl ChainView,
    hash: Option<String>,
    transactions: Vec<TxIx>,
) -> Option<BlockPage> {
    let first = *transactions.first()?;
    let ids = transactions.iter().map(|tx| view.transaction_id(*tx));
    Some(BlockPage {
        chain: view.chain().to_string(),
        hash,
        height: view.position(first).height,
        time: view.time(first).to_string(),
        transactions: transactions.len(),
        transaction_ids: ids.map(|id| id.to_string()).collect(),
    })
}
