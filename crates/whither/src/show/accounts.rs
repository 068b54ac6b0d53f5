//! What an account chain tells of an address and of a transaction.

use std::borrow::Cow;

use serde::Serialize;
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::known_tokens::known;
use whither_ledger::view::{AccountView, AddressIx, AssetIx, Destination, HoldingIx, Leg, TxIx};

use super::case::Labels;
use super::{AddressPage, HoldingRow, Thing, TokenRow, TransactionPage, moment};
use crate::error::Error;

/// One movement of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Movement {
    /// The transaction.
    pub transaction: String,
    /// The number of the transfer in it, as in `txid#n`.
    pub number: u32,
    /// Its block's height.
    pub height: Option<u32>,
    /// Its time.
    pub time: String,
    /// `in` or `out`.
    pub direction: &'static str,
    /// `transfer`, `fee`, `mint` or `burn`.
    pub what: &'static str,
    /// Who is on the other side, where somebody is.
    pub counterparty: Option<String>,
    /// What the case calls them.
    pub name: Option<String>,
    /// CAIP-19.
    pub asset: String,
    /// Smallest units.
    pub amount: String,
    /// What the address has of the asset afterwards.
    pub balance: String,
}

/// One movement within a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Transfer {
    /// Its number, as in `txid#n`.
    pub number: u32,
    /// `transfer`, `fee`, `mint` or `burn`.
    pub what: &'static str,
    /// Who pays; nobody for a mint.
    pub from: Option<String>,
    /// What the case calls them.
    pub from_name: Option<String>,
    /// Who receives; nobody for a burn or a fee.
    pub to: Option<String>,
    /// What the case calls them.
    pub to_name: Option<String>,
    /// CAIP-19.
    pub asset: String,
    /// Smallest units.
    pub amount: String,
}

/// An address: none where neither the chain nor the case has it.
pub(super) fn address(
    view: &impl AccountView,
    address: &Address,
    labels: &Labels,
) -> Result<Option<Thing>, Error> {
    let own = labels.all(address);
    let token = token(view, address);
    let Some(ix) = view.find_address(address) else {
        let is_known = !own.is_empty() || token.is_some();
        let page = || AddressPage {
            token,
            ..AddressPage::unseen(view.chain(), address, own)
        };
        return Ok(is_known.then(|| Thing::Address(page())));
    };
    let mut movements: Vec<((TxIx, u32), Movement)> = Vec::new();
    for holding in view.holdings(ix) {
        for (place, posting) in view.postings(holding).enumerate() {
            let leg = view.leg(posting.tx, posting.leg);
            let balance = view.balance_after(holding, place + 1);
            let row = movement(view, holding, posting.tx, leg, balance, labels);
            movements.push(((posting.tx, posting.leg), row));
        }
    }
    movements.sort_by_key(|(place, _)| *place);
    let (first, last) = (movements.first(), movements.last());
    Ok(Some(Thing::Address(AddressPage {
        postings: view.posting_count(ix),
        first: first.map(|((tx, _), _)| moment(view, *tx)),
        last: last.map(|((tx, _), _)| moment(view, *tx)),
        holdings: view
            .holdings(ix)
            .map(|holding| holding_row(view, ix, holding))
            .collect(),
        movements: movements.into_iter().map(|(_, row)| row).collect(),
        token,
        ..AddressPage::unseen(view.chain(), address, own)
    })))
}

/// The token of a contract that the view has movements of.
fn token(view: &impl AccountView, contract: &Address) -> Option<TokenRow> {
    let asset = Asset::token(view.chain(), contract)?;
    (0..view.asset_count()).find(|row| *view.asset(AssetIx::of(*row)) == asset)?;
    let verified = known(&asset);
    let pinned = view.tokens().iter().find(|token| token.asset == asset);
    let said = pinned.and_then(|token| token.decimals);
    Some(TokenRow {
        asset: asset.to_string(),
        verified: verified.map(|token| token.symbol),
        symbol: pinned.and_then(|token| token.symbol.clone()),
        name: pinned.and_then(|token| token.name.clone()),
        decimals: verified.map(|token| token.decimals).or(said),
    })
}

fn holding_row(view: &impl AccountView, address: AddressIx, holding: HoldingIx) -> HoldingRow {
    let (mut received, mut sent) = (U256::ZERO, U256::ZERO);
    for posting in view.postings(holding) {
        let leg = view.leg(posting.tx, posting.leg);
        let side = if leg.from == Some(holding) {
            &mut sent
        } else {
            &mut received
        };
        *side += leg.amount;
    }
    let opening = view.opening(holding);
    let balance = view.final_balance(holding);
    HoldingRow {
        asset: view.asset(view.holding(holding).1).to_string(),
        opening: opening.to_string(),
        received: received.to_string(),
        sent: sent.to_string(),
        balance: balance.to_string(),
        unspent_outputs: None,
        covered: view.is_covered(address),
    }
}

fn movement(
    view: &impl AccountView,
    holding: HoldingIx,
    tx: TxIx,
    leg: Leg,
    balance: U256,
    labels: &Labels,
) -> Movement {
    let out = leg.from == Some(holding);
    let other = if out {
        receiver(view, &leg)
    } else {
        payer(view, &leg)
    };
    Movement {
        transaction: view.transaction_id(tx).to_string(),
        number: leg.number,
        height: view.position(tx).height,
        time: view.time(tx).to_string(),
        direction: if out { "out" } else { "in" },
        what: what(&leg),
        counterparty: other.as_ref().map(|address| address.display(view.chain())),
        name: other.and_then(|address| labels.name(&address)),
        asset: view.asset(leg.asset).to_string(),
        amount: leg.amount.to_string(),
        balance: balance.to_string(),
    }
}

fn payer<'a>(view: &'a impl AccountView, leg: &Leg) -> Option<Cow<'a, Address>> {
    leg.from
        .map(|holding| view.address(view.holding(holding).0))
}

fn receiver<'a>(view: &'a impl AccountView, leg: &Leg) -> Option<Cow<'a, Address>> {
    match leg.to {
        Destination::Holding(holding) => Some(view.address(view.holding(holding).0)),
        Destination::Burn | Destination::Fee => None,
    }
}

fn what(leg: &Leg) -> &'static str {
    match (leg.from, leg.to) {
        (_, Destination::Fee) => "fee",
        (_, Destination::Burn) => "burn",
        (None, Destination::Holding(_)) => "mint",
        (Some(_), Destination::Holding(_)) => "transfer",
    }
}

/// A transaction, or the transfers of one number in it.
pub(super) fn transaction(
    view: &impl AccountView,
    tx: TxIx,
    only: Option<u32>,
    labels: &Labels,
) -> TransactionPage {
    let row = |leg: Leg| {
        let (from, to) = (payer(view, &leg), receiver(view, &leg));
        let shown = |address: &Option<Cow<'_, Address>>| {
            address
                .as_ref()
                .map(|address| address.display(view.chain()))
        };
        Transfer {
            number: leg.number,
            what: what(&leg),
            from: shown(&from),
            from_name: from.and_then(|address| labels.name(&address)),
            to: shown(&to),
            to_name: to.and_then(|address| labels.name(&address)),
            asset: view.asset(leg.asset).to_string(),
            amount: leg.amount.to_string(),
        }
    };
    let fee = view.legs(tx).find(|leg| leg.to == Destination::Fee);
    TransactionPage {
        chain: view.chain().to_string(),
        transaction: view.transaction_id(tx).to_string(),
        height: view.position(tx).height,
        index: view.position(tx).index,
        time: view.time(tx).to_string(),
        coinbase: None,
        asset: None,
        inputs: Vec::new(),
        outputs: Vec::new(),
        transfers: view
            .legs(tx)
            .filter(|leg| only.is_none_or(|number| leg.number == number))
            .map(row)
            .collect(),
        fee: fee.map(|leg| leg.amount.to_string()),
        fee_asset: fee.map(|leg| view.asset(leg.asset).to_string()),
        coinjoin: None,
    }
}
