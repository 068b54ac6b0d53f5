//! What a user writes to name a starting point, read into a place on a chain.
//!
//! `txid:vout`, `txid`, `txid#n`, an address; with `@height` where two transactions share an id (BIP 30);
//! with a chain before it (`bitcoin:12cbQ…`, `eip155:1:0x…`) where it would be ambiguous.

use whither_analysis::trace::OriginPlace;
use whither_ledger::address::{Account, Address, parse_account};
use whither_ledger::chain::{Chain, ChainError, ChainKind};
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::ChainView;

use crate::error::Error;

/// A starting point on a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The chain.
    pub chain: Chain,
    /// The place.
    pub place: OriginPlace,
    /// The block, where one was named.
    pub height: Option<u32>,
}

/// Reads a starting point.
///
/// `default` is the chain the user named; `known` are the chains of the store, of which one must fit
/// where neither the text nor the user names a chain.
///
/// # Errors
/// Where the text fits no chain, or several.
pub fn parse(text: &str, default: Option<&Chain>, known: &[Chain]) -> Result<Place, Error> {
    let (chain, rest) = split_chain(text);
    if let Some(chain) = chain.as_ref().or(default) {
        return on_chain(rest, chain).map_err(|why| {
            Error::new(format!("{text:?} names nothing on {chain}: {why}"))
                .with_hint("write txid:vout, txid, txid#n or an address of that chain")
        });
    }
    let mut fitting: Vec<Place> = known
        .iter()
        .filter_map(|chain| on_chain(rest, chain).ok())
        .collect();
    match (fitting.pop(), fitting.is_empty()) {
        (Some(place), true) => Ok(place),
        (Some(_), false) => {
            Err(
                Error::new(format!("{text:?} could be on several chains of the store")).with_hint(
                    format!("add `--chain`, or write `{}:{text}`", short(&known[0])),
                ),
            )
        }
        (None, _) if known.is_empty() => Err(Error::new("the store holds no chain")
            .with_hint("`whither ingest FILE --store DIR` brings chain data in")),
        (None, _) => {
            let why = known
                .first()
                .and_then(|chain| on_chain(rest, chain).err())
                .unwrap_or_default();
            let chains: Vec<String> = known.iter().map(short).collect();
            Err(Error::new(format!(
                "{text:?} names nothing on the chains of the store ({}): {why}",
                chains.join(", ")
            ))
            .with_hint("write txid:vout, txid, txid#n or an address"))
        }
    }
}

fn short(chain: &Chain) -> String {
    chain
        .short_name()
        .map_or_else(|| chain.to_string(), ToOwned::to_owned)
}

/// Splits `bitcoin:…`, `bip122:…:…`, `eip155:1:…` into chain and rest.
#[must_use]
pub fn split_chain(text: &str) -> (Option<Chain>, &str) {
    let Some((first, rest)) = text.split_once(':') else {
        return (None, text);
    };
    if let Ok(chain) = first.parse::<Chain>() {
        return (Some(chain), rest);
    }
    let Some((second, rest)) = rest.split_once(':') else {
        return (None, text);
    };
    match format!("{first}:{second}").parse::<Chain>() {
        Ok(chain) => (Some(chain), rest),
        Err(_) => (None, text),
    }
}

fn on_chain(text: &str, chain: &Chain) -> Result<Place, String> {
    let (text, height) = split_height(text)?;
    let place = place(text, chain)?;
    Ok(Place {
        chain: chain.clone(),
        place,
        height,
    })
}

fn split_height(text: &str) -> Result<(&str, Option<u32>), String> {
    match text.rsplit_once('@') {
        None => Ok((text, None)),
        Some((rest, height)) => {
            let height = height
                .parse()
                .map_err(|_| format!("{height:?} is not a block height"))?;
            Ok((rest, Some(height)))
        }
    }
}

fn place(text: &str, chain: &Chain) -> Result<OriginPlace, String> {
    let transaction = |id: &str| transaction(id, chain);
    if let Some((id, number)) = text.rsplit_once('#') {
        let number = number
            .parse()
            .map_err(|_| format!("{number:?} is not the number of a transfer"))?;
        return Ok(OriginPlace::Transfer(transaction(id)?, number));
    }
    let address = || Address::parse(chain, text).map(OriginPlace::Address);
    // Where any word can be an address and a transaction, it is an address until the data knows better.
    let is_open = matches!(chain, Chain::Other(_)) && !text.starts_with("row:");
    if is_open && let Ok(place) = address() {
        return Ok(place);
    }
    if chain.kind() == ChainKind::Utxo
        && let Some((id, vout)) = text.rsplit_once(':')
    {
        let vout = vout
            .parse()
            .map_err(|_| format!("{vout:?} is not the index of an output"))?;
        return Ok(OriginPlace::Output(transaction(id)?, vout));
    }
    match transaction(text) {
        Ok(id) => Ok(OriginPlace::Transaction(id)),
        Err(_) => address().map_err(|error| error.to_string()),
    }
}

/// A place as the data has it: on a chain where any word can be an address and a transaction, a
/// transaction where the view holds one of that id.
#[must_use]
pub fn settle(place: OriginPlace, view: &impl ChainView) -> OriginPlace {
    if !matches!(view.chain(), Chain::Other(_)) {
        return place;
    }
    let transaction = match &place {
        OriginPlace::Address(address) => {
            TransactionId::parse(view.chain(), &address.display(view.chain())).ok()
        }
        _ => None,
    };
    match transaction.filter(|id| !view.find_transaction(id).is_empty()) {
        Some(id) => OriginPlace::Transaction(id),
        None => place,
    }
}

/// Reads an address with its chain, or of a chain that is given.
///
/// # Errors
/// Where the text is no address, or leaves the chain open.
pub fn account(text: &str, default: Option<&Chain>) -> Result<Account, Error> {
    parse_account(text, default).map_err(|error| Error::new(&error).with_hint_of(error.hint()))
}

/// Reads the name of a chain.
///
/// # Errors
/// Where there is no such chain.
pub fn chain_named(text: &str) -> Result<Chain, Error> {
    text.parse().map_err(|error: ChainError| {
        Error::new(format!("{text:?}: {error}")).with_hint_of(error.hint())
    })
}

/// What to say of an address in a claim that leaves its chain open.
pub(crate) fn needs_chain(text: &str) -> Error {
    Error::new(format!(
        "the address {text:?} does not say of which chain it is"
    ))
    .with_hint(
        "write its chain before it: `ethereum:0x…`, `bitcoin:12cbQ…`, or as CAIP-10 `eip155:1:0x…`",
    )
}

/// A transaction id as its chain writes it; without `0x` it is none of an EVM chain's, or a Bitcoin id
/// would be ambiguous wherever both are in the store.
fn transaction(id: &str, chain: &Chain) -> Result<TransactionId, String> {
    let bare = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if bare && matches!(chain, Chain::Evm(_)) {
        return Err("a transaction of this chain begins with 0x".to_owned());
    }
    TransactionId::parse(chain, id).map_err(|error| error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use whither_ledger::chain::BitcoinNetwork;

    use super::*;

    const TXID: &str = "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16";

    fn bitcoin() -> Chain {
        Chain::Bitcoin(BitcoinNetwork::Main)
    }

    #[test]
    fn each_form_is_read() {
        let id = TransactionId::parse(&bitcoin(), TXID).unwrap();
        let read = |text: &str| parse(text, None, &[bitcoin(), Chain::Evm(1)]).unwrap();
        assert_eq!(read(TXID).place, OriginPlace::Transaction(id.clone()));
        assert_eq!(
            read(&format!("{TXID}:1")).place,
            OriginPlace::Output(id.clone(), 1)
        );
        assert_eq!(read(&format!("bitcoin:{TXID}:1@170")).height, Some(170));
        let bip122 = format!("bip122:000000000019d6689c085ae165831e93:{TXID}:0");
        assert_eq!(read(&bip122).place, OriginPlace::Output(id, 0));
        assert!(matches!(
            read("bitcoin:12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S").place,
            OriginPlace::Address(_)
        ));
        let evm = read("0x098B716B8Aaf21512996dC57EB0615e2383E2f96");
        assert_eq!(evm.chain, Chain::Evm(1));
        let hash = format!("0x{TXID}");
        assert!(matches!(
            read(&format!("{hash}#3")).place,
            OriginPlace::Transfer(_, 3)
        ));
    }

    #[test]
    fn what_is_ambiguous_or_wrong_says_so() {
        let two = [Chain::Evm(1), Chain::Evm(137)];
        let error = parse("0x098B716B8Aaf21512996dC57EB0615e2383E2f96", None, &two).unwrap_err();
        assert!(error.to_string().contains("several chains"), "{error}");
        let error = parse("hello", None, &[bitcoin()]).unwrap_err();
        assert!(error.to_string().contains("names nothing"), "{error}");
        let error = parse(&format!("{TXID}:x"), None, &[bitcoin()]).unwrap_err();
        assert!(
            error.to_string().contains("not the index of an output"),
            "{error}"
        );
        assert!(
            parse(TXID, None, &[])
                .unwrap_err()
                .hint()
                .unwrap()
                .contains("ingest")
        );
    }
}
