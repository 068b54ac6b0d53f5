//! Chains, assets, transactions and addresses of a table, each checked as far as its chain is known here.
//!
//! A symbol is never an identity: only with its chain beside it does `ETH` become an asset. A checksum that fails, a
//! transaction where an address belongs, and a hash of the wrong length are refused; what cannot be checked is said.

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::transaction_id::TransactionId;

/// What was stolen, as far as it is identified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    /// An asset, and the decimals between its smallest unit and the one people speak of.
    Asset(Asset, u8),
    /// What the table calls it.
    Symbol(String),
}

/// Other names of chains.
const CHAINS: &[(&str, &str)] = &[
    ("bitcoin", "btc|xbt|bitcoin mainnet"),
    ("ethereum", "eth|ethereum mainnet|erc20|erc 20|mainnet"),
    (
        "bsc",
        "bnb|bnb chain|bnb smart chain|binance smart chain|bep20",
    ),
    ("polygon", "matic|polygon pos"),
    ("tron", "trx|trc20"),
    ("avalanche", "avax|avalanche c chain"),
    ("arbitrum", "arb|arbitrum one"),
    ("optimism", "op mainnet"),
    ("ronin", "ronin network"),
];

/// Symbols that everybody knows, though not what they stand for on which chain.
const TICKERS: &str = "BTC XBT ETH WETH WBTC STETH USDT USDC DAI BUSD TUSD USDP PAX FRAX GUSD XRP LTC BCH BSV BTG DASH ZEC \
    XMR ETC TRX XLM EOS ADA DOGE SOL BNB MATIC POL AVAX DOT LINK UNI AAVE SNX OCEAN NEM XEM ALGO ATOM \
    FTM FTT SHIB CRV CVX COMP MKR YFI SUSHI AXS SLP RON NEAR FIL XTZ VET NEO GAS ONT QTUM ICX ZRX BAT \
    OMG KNC REP GRT LUNA UST APE SAND MANA ENJ TON APT SUI ARB OP USD KCS AMPL ORN NPXS SNT METH CMETH";

/// Reads the chains of a cell; what is no chain that is known here comes back as it stands.
pub(super) fn chains(text: &str) -> (Vec<Chain>, Vec<String>) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for word in text
        .split([';', ',', '/', '|', '+', '&', '\n'])
        .flat_map(|part| part.split(" and "))
    {
        let word = word.trim();
        if word.is_empty() {
            continue;
        }
        match chain(word) {
            Some(chain) if !known.contains(&chain) => known.push(chain),
            Some(_) => {}
            None => unknown.push(word.to_owned()),
        }
    }
    (known, unknown)
}

fn chain(word: &str) -> Option<Chain> {
    let plain = super::words::plain(word);
    let short = CHAINS
        .iter()
        .find(|(_, names)| names.split('|').any(|name| name == plain))
        .map_or(plain.as_str(), |(short, _)| *short);
    let compact = short.replace(' ', "");
    compact
        .parse()
        .or_else(|_| word.to_ascii_lowercase().parse())
        .ok()
}

/// Reads an asset: a CAIP-19 id, a contract with its chain, or a symbol. The second is a warning.
///
/// # Errors
/// Why it is none.
pub(super) fn asset(text: &str, chains: &[Chain]) -> Result<(Thing, Option<String>), String> {
    if text.contains('/') && text.contains(':') || text.starts_with("iso4217:") {
        let asset: Asset = text.parse().map_err(|error| format!("{error}"))?;
        return Ok(match asset.decimals_hint() {
            Some(decimals) => (Thing::Asset(asset, decimals), None),
            None => (Thing::Symbol(asset.to_string()), Some("its decimals are not known here, so its quantity is kept in units, not smallest units".to_owned())),
        });
    }
    if text.starts_with("0x") {
        let [chain @ Chain::Evm(_)] = chains else {
            return Err("a token's contract needs the chain beside it, one chain".to_owned());
        };
        let Address::Evm(contract) =
            Address::parse(chain, text).map_err(|error| error.to_string())?
        else {
            return Err("it is no contract of its chain".to_owned());
        };
        let asset = Asset::erc20(chain, contract)
            .map(|asset| asset.to_string())
            .unwrap_or_default();
        return Ok((Thing::Symbol(asset), Some("its decimals are not known here, so its quantity is kept in units, not smallest units".to_owned())));
    }
    if text.contains([';', ',', '|', '&', '\n']) || text.contains(" + ") || text.contains(" and ") {
        return Err("it names several assets; make a row of each".to_owned());
    }
    if matches!(
        text.to_ascii_lowercase().as_str(),
        "various"
            | "multiple"
            | "several"
            | "mixed"
            | "crypto"
            | "cryptocurrency"
            | "tokens"
            | "other"
            | "others"
    ) {
        return Err("it names no asset; make a row of each, or leave the cell empty".to_owned());
    }
    if text.chars().count() > 40 {
        return Err("it is too long for a symbol".to_owned());
    }
    Ok(symbol(text, chains))
}

fn symbol(text: &str, chains: &[Chain]) -> (Thing, Option<String>) {
    let upper = text.to_ascii_uppercase();
    let name = match upper.as_str() {
        "BITCOIN" | "XBT" | "BITCOINS" => "BTC",
        "ETHER" | "ETHEREUM" => "ETH",
        "TETHER" => "USDT",
        "TRON" => "TRX",
        "RIPPLE" => "XRP",
        "LITECOIN" => "LTC",
        other => other,
    };
    if name == "USD" {
        return (Thing::Asset(Asset::usd(), 2), None);
    }
    if let [chain] = chains
        && let Some(native) = chain
            .native_asset()
            .filter(|native| native.unit_name() == Some(name))
        && let Some(decimals) = native.decimals_hint()
    {
        return (Thing::Asset(native, decimals), None);
    }
    let known = TICKERS.split(' ').any(|known| known == name);
    let kept = if known {
        name.to_owned()
    } else {
        text.to_owned()
    };
    let warning = (!known).then(|| {
        format!("the symbol `{kept}` is not known here; it is kept, and identifies nothing")
    });
    (Thing::Symbol(kept), warning)
}

/// A quantity in smallest units.
///
/// # Errors
/// Where it has more digits than the asset has, or does not fit.
pub(super) fn smallest(decimal: &str, decimals: u8) -> Result<U256, String> {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let decimals = usize::from(decimals);
    if fraction.len() > decimals {
        return Err(format!(
            "it has more than the {decimals} digits behind the point that the asset has"
        ));
    }
    let digits = format!("{whole}{fraction}{}", "0".repeat(decimals - fraction.len()));
    digits
        .parse()
        .map_err(|_| "it is larger than any amount on a chain".to_owned())
}

/// What a place of a table is, once it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// As a trace takes it, with its chain; without one, as it stands.
    pub text: String,
    pub on_chain: bool,
}

/// Cuts a cell into single places.
pub(super) fn places(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ';', ',', '|', '\n', '\t'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// Reads a transaction.
///
/// # Errors
/// Why it is none.
pub(super) fn transaction(text: &str, chains: &[Chain]) -> Result<Place, String> {
    if text.contains("://") {
        return Err("it is a link; give the transaction's id alone".to_owned());
    }
    let (text, chain) = named_chain(text).map_or((text, None), |(chain, rest)| (rest, Some(chain)));
    let end = text.find(['#', ':']).unwrap_or(text.len());
    let (id, rest) = text.split_at(end);
    if !rest.is_empty() && !rest[1..].bytes().all(|byte| byte.is_ascii_digit()) || rest.len() == 1 {
        return Err(
            "behind the transaction's id stands no number of an output or a transfer".to_owned(),
        );
    }
    let bare = id.strip_prefix("0x").unwrap_or(id);
    let hex = bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    if looks_like_an_address(id) {
        return Err("it is an address, where a transaction belongs".to_owned());
    }
    if hex && bare.len() != 64 {
        return Err(format!(
            "it has {} digits, and a transaction's id has 64",
            bare.len()
        ));
    }
    if hex && bare.bytes().all(|byte| byte == b'0') {
        return Err("it is all zeros, which is no transaction".to_owned());
    }
    let signature =
        (86..=88).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !hex && !signature {
        return Err("it is not a transaction's id".to_owned());
    }
    let chains: Vec<Chain> = chain.map_or_else(|| chains.to_vec(), |chain| vec![chain]);
    let fits: Vec<&Chain> = chains.iter().filter(|chain| fits(chain, id)).collect();
    match (fits.as_slice(), chains.as_slice()) {
        ([chain], _) => {
            let id = TransactionId::parse(chain, id).map_err(|error| error.to_string())?;
            Ok(Place {
                text: format!("{chain}:{id}{rest}"),
                on_chain: true,
            })
        }
        ([], [chain]) if !matches!(chain, Chain::Other(_)) => {
            let why = TransactionId::parse(chain, id)
                .err()
                .map(|error| error.to_string());
            Err(why.unwrap_or_else(|| {
                format!("a transaction's id is not written so on {}", name(chain))
            }))
        }
        _ => Ok(Place {
            text: text.to_owned(),
            on_chain: false,
        }),
    }
}

fn fits(chain: &Chain, id: &str) -> bool {
    let prefixed = id.starts_with("0x");
    match chain {
        Chain::Evm(_) => prefixed && TransactionId::parse(chain, id).is_ok(),
        Chain::Other(_) => false,
        _ => !prefixed && TransactionId::parse(chain, id).is_ok(),
    }
}

fn name(chain: &Chain) -> String {
    chain
        .short_name()
        .map_or_else(|| chain.to_string(), str::to_owned)
}

/// A place with its chain before it: `bitcoin:…`, `eip155:1:0x…`.
fn named_chain(text: &str) -> Option<(Chain, &str)> {
    let (first, rest) = text.split_once(':')?;
    if let Ok(chain) = first.parse() {
        return Some((chain, rest));
    }
    let (second, rest) = rest.split_once(':')?;
    Some((format!("{first}:{second}").parse().ok()?, rest))
}

fn looks_like_an_address(text: &str) -> bool {
    let base58 = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'O' | b'I' | b'l'))
    };
    text.starts_with("0x") && text.len() == 42
        || text.starts_with("bc1")
        || text.starts_with("ltc1")
        || (25..=36).contains(&text.len())
            && base58(text)
            && text.starts_with(['1', '3', 'T', 'r', 'L', 'M', 'D'])
        || text.len() == 56 && text.starts_with('G') && base58(text)
}

/// Reads an address. The second is a warning.
///
/// # Errors
/// Why it is none: most often a checksum.
pub(super) fn address(text: &str, chains: &[Chain]) -> Result<(Place, Option<String>), String> {
    if text.contains("://") {
        return Err("it is a link; give the address alone".to_owned());
    }
    let (text, chain) = named_chain(text).map_or((text, None), |(chain, rest)| (rest, Some(chain)));
    let bare = text.strip_prefix("0x").unwrap_or(text);
    if bare.len() == 64 && bare.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("it is a transaction's id, where an address belongs".to_owned());
    }
    let chains: Vec<Chain> = chain.map_or_else(|| chains.to_vec(), |chain| vec![chain]);
    let guess = by_its_form(text);
    let known = |chain: &&Chain| !matches!(chain, Chain::Other(_));
    let mut errors = Vec::new();
    for chain in chains.iter().filter(known).chain(
        guess
            .as_ref()
            .filter(|_| chains.iter().filter(known).count() != 1),
    ) {
        match Address::parse(chain, text) {
            Ok(address) if chains.contains(chain) => {
                return Ok((
                    Place {
                        text: format!("{chain}:{}", address.display(chain)),
                        on_chain: true,
                    },
                    None,
                ));
            }
            Ok(_) => {
                return Ok((
                    Place {
                        text: text.to_owned(),
                        on_chain: false,
                    },
                    None,
                ));
            }
            Err(error) => errors.push(error.to_string()),
        }
    }
    match errors.first() {
        Some(error) => Err(error.clone()),
        None if text.len() < 3
            || text.len() > 128
            || !text.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            Err("it is not an address".to_owned())
        }
        None if text.starts_with("0x") => {
            Err("it is not an address: after 0x come 40 digits".to_owned())
        }
        None => {
            let warning = "it is of a chain that is not known here, and was not checked".to_owned();
            Ok((
                Place {
                    text: text.to_owned(),
                    on_chain: false,
                },
                Some(warning),
            ))
        }
    }
}

/// A chain by whose rules an address without one can be checked.
fn by_its_form(text: &str) -> Option<Chain> {
    let lower = text.to_ascii_lowercase();
    if text.starts_with("0x") {
        return Some(Chain::Evm(1));
    }
    if lower.starts_with("bc1") || (26..=35).contains(&text.len()) && text.starts_with(['1', '3']) {
        return Some(Chain::Bitcoin(BitcoinNetwork::Main));
    }
    (text.len() == 34 && text.starts_with('T')).then_some(Chain::Tron)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const BITCOIN: Chain = Chain::Bitcoin(BitcoinNetwork::Main);
    const ETHEREUM: Chain = Chain::Evm(1);
    const TX: &str = "0xca4e0aa223e3190ab477efb25617eff3a42af7bdb29cdb7dc9e7935ea88626b4";

    #[test]
    fn chains_are_known_by_many_names() {
        let (known, unknown) = chains("BTC; Ethereum / BNB Chain, eip155:137 and Monero");
        assert_eq!(known, [BITCOIN, ETHEREUM, Chain::Evm(56), Chain::Evm(137)]);
        assert_eq!(unknown, ["Monero"]);
    }

    #[test]
    fn a_symbol_is_an_asset_only_with_its_chain() {
        let native = ETHEREUM.native_asset().unwrap();
        assert_eq!(
            asset("eth", &[ETHEREUM]).unwrap(),
            (Thing::Asset(native.clone(), 18), None)
        );
        assert_eq!(
            asset("eip155:1/slip44:60", &[]).unwrap(),
            (Thing::Asset(native, 18), None)
        );
        assert_eq!(
            asset("ETH", &[]).unwrap(),
            (Thing::Symbol("ETH".to_owned()), None)
        );
        assert_eq!(
            asset("ETH", &[BITCOIN]).unwrap(),
            (Thing::Symbol("ETH".to_owned()), None)
        );
        assert!(
            asset("WOMBAT", &[])
                .unwrap()
                .1
                .unwrap()
                .contains("not known")
        );
        assert!(asset("eip155:1/erc20:0xdac1", &[]).is_err());
        assert!(asset("BTC, ETH", &[]).unwrap_err().contains("several"));
        assert!(asset("various", &[]).is_err());
        assert_eq!(
            smallest("1.5", 18).unwrap().to_string(),
            "1500000000000000000"
        );
        assert!(smallest("1.123456789", 8).is_err());
    }

    #[test]
    fn a_transaction_is_one_and_no_address() {
        let place = transaction(TX, &[ETHEREUM]).unwrap();
        assert_eq!(place.text, format!("eip155:1:{TX}"));
        assert!(!transaction(TX, &[]).unwrap().on_chain);
        assert_eq!(
            transaction(&format!("{}:1", &TX[2..]), &[BITCOIN])
                .unwrap()
                .text,
            format!("{BITCOIN}:{}:1", &TX[2..])
        );
        for (text, chains, why) in [
            (&TX[..65], &[ETHEREUM][..], "63 digits"),
            (&TX[..42], &[], "is an address"),
            (
                "12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S",
                &[BITCOIN],
                "is an address",
            ),
            (TX, &[BITCOIN], "64 hex digits"),
            ("https://etherscan.io/tx/0x1", &[], "link"),
            (
                "0x0000000000000000000000000000000000000000000000000000000000000000",
                &[],
                "zeros",
            ),
            ("see annex", &[], "not a transaction"),
        ] {
            let refused = transaction(text, chains).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }

    #[test]
    fn an_address_has_its_checksum() {
        let good = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96";
        assert_eq!(
            address(good, &[ETHEREUM]).unwrap().0.text,
            format!("eip155:1:{good}")
        );
        assert!(!address(good, &[]).unwrap().0.on_chain);
        assert!(
            address("rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh", &[])
                .unwrap()
                .1
                .unwrap()
                .contains("not checked")
        );
        for (text, chains, why) in [
            (
                "0x098B716B8Aaf21512996dC57EB0615e2383E2f97",
                &[ETHEREUM][..],
                "checksum",
            ),
            (
                "0x098B716B8Aaf21512996dC57EB0615e2383E2f97",
                &[],
                "checksum",
            ),
            ("12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3T", &[], "checksum"),
            (
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
                &[],
                "checksum",
            ),
            (TX, &[], "transaction"),
            ("0x1234", &[], "0x"),
            (
                "0x098B716B8Aaf21512996dC57EB0615e2383E2f96",
                &[BITCOIN],
                "bitcoin",
            ),
        ] {
            let refused = address(text, chains).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }
}
