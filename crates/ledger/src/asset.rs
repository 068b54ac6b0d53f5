//! Assets: what moves, by its CAIP-19 id.
//!
//! A symbol is never an identity, because anyone can deploy a token called USDT. An id is brought to one
//! spelling (an EVM contract in lower case), so that equal assets are equal texts, in their order too.
//!
//! Not here: prices, and what a token's decimals are. Decimals of contracts are pinned metadata that is
//! verified when it ships; they are never guessed from a name.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

use crate::address::{Address, AddressError};
use crate::chain::text::{hex, is_word, quote, visible_ascii};
use crate::chain::{BitcoinNetwork, Chain, ChainError, StrayCharacter};

/// Coin types of SLIP-44 that ids of native assets use.
const BITCOIN: u32 = 0;
const TEST_COIN: u32 = 1;
const ETHER: u32 = 60;
const TRX: u32 = 195;
/// The bit by which ENSIP-11 makes a coin type of an EVM chain's id.
const DERIVED: u32 = 1 << 31;

/// A checked CAIP-19 id, or `iso4217:` and a currency's code for money itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asset(Arc<str>);

impl Asset {
    /// The asset that pays a chain's fees; `None` where no CAIP-19 id for it is established.
    #[must_use]
    pub fn native(chain: &Chain) -> Option<Self> {
        let coin_type = match chain {
            Chain::Bitcoin(BitcoinNetwork::Main) => BITCOIN,
            Chain::Bitcoin(_) => TEST_COIN,
            // Ethereum, and the roll-ups whose fees are paid in ether.
            Chain::Evm(1 | 10 | 8453 | 42161) => ETHER,
            Chain::Evm(56) => 714,
            Chain::Evm(137) => 966,
            Chain::Evm(43114) => 9005,
            Chain::Tron => TRX,
            Chain::Evm(_) | Chain::Other(_) => return None,
        };
        Some(Self(format!("{chain}/slip44:{coin_type}").into()))
    }

    /// The asset that pays a chain's fees, also where no id for it is established: on other EVM chains the coin
    /// type is the one ENSIP-11 derives from the chain id, and on known test chains that of test coins.
    #[must_use]
    pub fn coin(chain: &Chain) -> Option<Self> {
        let coin_type = match chain {
            Chain::Evm(1337 | 31337 | 17000 | 560_048 | 11_155_111) => TEST_COIN,
            Chain::Evm(id) => DERIVED | u32::try_from(*id).ok().filter(|id| *id < DERIVED)?,
            _ => return Self::native(chain),
        };
        let derived = || Self(format!("{chain}/slip44:{coin_type}").into());
        Self::native(chain).or_else(|| Some(derived()))
    }

    /// The token of a contract on a chain of Ethereum's kind or on Tron; `None` elsewhere.
    #[must_use]
    pub fn token(chain: &Chain, contract: &Address) -> Option<Self> {
        let kind = match (chain, contract) {
            (Chain::Evm(_), Address::Evm(contract)) => return Self::erc20(chain, *contract),
            (Chain::Tron, Address::Tron(_)) => "trc20",
            _ => return None,
        };
        Some(Self(
            format!("{chain}/{kind}:{}", contract.display(chain)).into(),
        ))
    }

    /// The ERC-20 token of a contract; `None` on a chain that is not an EVM chain.
    #[must_use]
    pub fn erc20(chain: &Chain, contract: [u8; 20]) -> Option<Self> {
        matches!(chain, Chain::Evm(_))
            .then(|| Self(format!("{chain}/erc20:0x{}", hex(&contract)).into()))
    }

    /// United States dollars, counted in cents: what a table holds that states values and no assets.
    #[must_use]
    pub fn usd() -> Self {
        Self("iso4217:USD".into())
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The chain this asset lives on; `None` for money.
    #[must_use]
    pub fn chain(&self) -> Option<Chain> {
        let (chain, _) = self.0.split_once('/')?;
        chain.parse().ok()
    }

    /// Whether this is the coin of a chain, made and destroyed by the chain's own rules.
    #[must_use]
    pub fn is_coin(&self) -> bool {
        let within = self.0.split_once('/').map(|(_, within)| within);
        within.is_some_and(|within| within.starts_with("slip44:"))
    }

    /// The contract that makes and destroys this token; `None` where it is none of a known kind.
    #[must_use]
    pub fn contract(&self) -> Option<Address> {
        let (_, within) = self.0.split_once('/')?;
        let (namespace, reference) = within.split_once(':')?;
        matches!(namespace, "erc20" | "trc20")
            .then(|| Address::parse(&self.chain()?, reference).ok())
            .flatten()
    }

    /// Decimals between the smallest unit and the unit people speak of, where a standard fixes them:
    /// Bitcoin's coins 8, ether 18, TRX 6, US dollars 2 (cents).
    ///
    /// `None` for all else. Decimals of a contract are pinned metadata, verified for those that ship;
    /// they are never guessed.
    #[must_use]
    pub fn decimals_hint(&self) -> Option<u8> {
        let (chain, within) = self.0.split_once('/').unwrap_or(("", &self.0));
        let namespace = chain.split_once(':').map_or("", |(namespace, _)| namespace);
        match (namespace, within) {
            ("bip122", "slip44:0" | "slip44:1") => Some(8),
            ("eip155", "slip44:60") => Some(18),
            ("tron", "slip44:195") => Some(6),
            ("", within) => within.strip_prefix("iso4217:").map(minor_units),
            _ => None,
        }
    }

    /// What people call this asset's unit: for display, never for identity.
    ///
    /// Only known chains' own coins have one: a fork's coin is not called what the original is.
    #[must_use]
    pub fn unit_name(&self) -> Option<&'static str> {
        if *self == Self::usd() {
            return Some("USD");
        }
        if Self::native(&self.chain()?)? != *self {
            return None;
        }
        let (_, coin_type) = self.0.rsplit_once(':')?;
        match coin_type.parse().ok()? {
            BITCOIN => Some("BTC"),
            ETHER => Some("ETH"),
            TRX => Some("TRX"),
            _ => None,
        }
    }
}

/// How many decimals a currency has, as ISO 4217 lists its minor unit.
fn minor_units(currency: &str) -> u8 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Asset {
    type Err = AssetError;

    fn from_str(text: &str) -> Result<Self, AssetError> {
        let text = visible_ascii(text)?;
        if let Some(code) = text.strip_prefix("iso4217:") {
            return currency(text, code);
        }
        let mut parts = text.splitn(3, '/');
        let (Some(chain), Some(kind), token) = (parts.next(), parts.next(), parts.next()) else {
            return Err(AssetError::Form { text: quote(text) });
        };
        let chain: Chain = chain.parse()?;
        let (namespace, reference) = kind
            .split_once(':')
            .ok_or_else(|| AssetError::Form { text: quote(text) })?;
        let well_formed = is_word(namespace, 3, 8, b"-")
            && !namespace.bytes().any(|byte| byte.is_ascii_uppercase())
            && is_word(reference, 1, 128, b"-.%")
            && token.is_none_or(|token| is_word(token, 1, 78, b"-.%"));
        if !well_formed {
            return Err(AssetError::Form { text: quote(text) });
        }
        let reference = one_spelling(text, &chain, namespace, reference)?;
        let token = token.map_or_else(String::new, |token| format!("/{token}"));
        Ok(Self(
            format!("{chain}/{namespace}:{reference}{token}").into(),
        ))
    }
}

/// Money: three capital letters.
fn currency(text: &str, code: &str) -> Result<Asset, AssetError> {
    if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(Asset(text.into()));
    }
    Err(AssetError::Currency { text: quote(text) })
}

/// A reference as ids write it, where its namespace allows several spellings of the same thing.
fn one_spelling(
    text: &str,
    chain: &Chain,
    namespace: &str,
    reference: &str,
) -> Result<String, AssetError> {
    match (chain, namespace) {
        (Chain::Evm(_), "erc20" | "erc721" | "erc1155") => Ok(Address::parse(chain, reference)?
            .display(chain)
            .to_ascii_lowercase()),
        (Chain::Tron, "trc20" | "trc721") => Ok(Address::parse(chain, reference)?.display(chain)),
        (_, "slip44") => match reference.parse::<u32>() {
            Ok(coin_type) if coin_type.to_string() == reference => Ok(coin_type.to_string()),
            _ => Err(AssetError::CoinType { text: quote(text) }),
        },
        _ => Ok(reference.to_owned()),
    }
}

/// Why a text names no asset.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AssetError {
    /// A space, a control character, or anything beyond ASCII.
    #[error(transparent)]
    Stray(#[from] StrayCharacter),
    /// Not of the form that CAIP-19 gives an id.
    #[error("{text} is not an asset id of the form chain/namespace:reference")]
    Form {
        /// What was given, quoted.
        text: String,
    },
    /// The chain is none.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The token's contract is no address of its chain.
    #[error("the contract is not an address of the chain: {0}")]
    Contract(#[from] AddressError),
    /// `slip44` without a coin type.
    #[error("{text} has no SLIP-44 coin type, a number without leading zeros")]
    CoinType {
        /// What was given, quoted.
        text: String,
    },
    /// `iso4217` without a currency's code.
    #[error("{text} has no currency code of three capital letters")]
    Currency {
        /// What was given, quoted.
        text: String,
    },
}

impl AssetError {
    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Stray(_) => Some("type the id by hand: the character is not part of it"),
            Self::Form { .. } => Some(
                "an asset is a CAIP-19 id such as `ethereum/slip44:60`, `eip155:1/erc20:0x…` or `iso4217:USD`; \
                 a symbol is not one",
            ),
            Self::Chain(error) => error.hint(),
            Self::Contract(error) => error.hint(),
            Self::CoinType { .. } => Some("ether is `slip44:60`, bitcoin `slip44:0`"),
            Self::Currency { .. } => Some("US dollars are `iso4217:USD`"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const USDT: &str = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7";

    fn asset(text: &str) -> Asset {
        text.parse().unwrap()
    }

    #[test]
    fn native_assets_are_known_or_said_to_be_unknown() {
        for (chain, id, decimals, unit) in [
            (
                "bitcoin",
                "bip122:000000000019d6689c085ae165831e93/slip44:0",
                Some(8),
                Some("BTC"),
            ),
            (
                "signet",
                "bip122:00000008819873e925422c1ff0f99f7c/slip44:1",
                Some(8),
                None,
            ),
            ("ethereum", "eip155:1/slip44:60", Some(18), Some("ETH")),
            ("arbitrum", "eip155:42161/slip44:60", Some(18), Some("ETH")),
            ("bsc", "eip155:56/slip44:714", None, None),
            ("polygon", "eip155:137/slip44:966", None, None),
            ("avalanche", "eip155:43114/slip44:9005", None, None),
            ("tron", "tron:0x2b6653dc/slip44:195", Some(6), Some("TRX")),
        ] {
            let chain: Chain = chain.parse().unwrap();
            let native = chain.native_asset().unwrap();
            assert_eq!(native.to_string(), id);
            assert_eq!(native, asset(id));
            assert_eq!(native.chain(), Some(chain));
            assert_eq!(native.decimals_hint(), decimals, "{id}");
            assert_eq!(native.unit_name(), unit, "{id}");
        }
        for unknown in ["ronin", "eip155:10001", "cosmos:cosmoshub-3"] {
            assert_eq!(unknown.parse::<Chain>().unwrap().native_asset(), None);
        }
    }

    #[test]
    fn every_evm_chain_has_a_coin() {
        for (chain, id) in [
            ("ethereum", "eip155:1/slip44:60"),
            ("eip155:31337", "eip155:31337/slip44:1"),
            ("eip155:2020", "eip155:2020/slip44:2147485668"),
            ("tron", "tron:0x2b6653dc/slip44:195"),
        ] {
            let coin = Asset::coin(&chain.parse().unwrap());
            assert_eq!(coin, Some(asset(id)));
        }
        assert_eq!(Asset::coin(&Chain::Evm(1 << 31)), None);
    }

    #[test]
    fn a_contract_has_one_spelling_and_no_guessed_decimals() {
        let usdt = asset("ethereum/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7");
        assert_eq!(usdt.as_str(), USDT);
        assert_eq!(usdt, asset(USDT));
        assert_eq!((usdt.decimals_hint(), usdt.unit_name()), (None, None));
        let contract =
            *b"\xda\xc1\x7f\x95\x8d\x2e\xe5\x23\xa2\x20\x62\x06\x99\x45\x97\xc1\x3d\x83\x1e\xc7";
        assert_eq!(Asset::erc20(&Chain::Evm(1), contract), Some(usdt));
        assert_eq!(Asset::erc20(&Chain::Tron, contract), None);
        let wrong_case = "eip155:1/erc20:0xDAC17F958D2ee523a2206206994597C13D831ec7";
        assert!(matches!(
            wrong_case.parse::<Asset>(),
            Err(AssetError::Contract(_))
        ));
        assert!("eip155:1/erc20:0xdac1".parse::<Asset>().is_err());
        let tron = "tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
        assert_eq!(
            asset("tron/trc20:41a614f803b6fd780986a42c78ec9c7f77e6ded13c").as_str(),
            tron
        );
    }

    #[test]
    fn money_is_counted_in_cents() {
        assert_eq!(asset("iso4217:USD"), Asset::usd());
        assert_eq!(Asset::usd().decimals_hint(), Some(2));
        assert_eq!(Asset::usd().unit_name(), Some("USD"));
        assert_eq!(Asset::usd().chain(), None);
        for (currency, decimals) in [("USD", 2), ("EUR", 2), ("KRW", 0), ("KWD", 3)] {
            let money = asset(&format!("iso4217:{currency}"));
            assert_eq!(money.decimals_hint(), Some(decimals), "{currency}");
        }
        for wrong in [
            "iso4217:usd",
            "iso4217:US",
            "iso4217:USDT",
            "iso4217:",
            "iso4217:U1D",
        ] {
            assert!(
                matches!(wrong.parse::<Asset>(), Err(AssetError::Currency { .. })),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_coin_type_means_nothing_without_its_chain() {
        // Sepolia's test ether has coin type 1, and 18 decimals; a fork's ether is not ether.
        assert_eq!(asset("eip155:11155111/slip44:1").decimals_hint(), None);
        assert_eq!(asset("eip155:10001/slip44:60").unit_name(), None);
        assert_eq!(asset("cosmos:cosmoshub-3/slip44:60").decimals_hint(), None);
        assert_eq!(asset("eip155:1/slip44:0").unit_name(), None);
    }

    #[test]
    fn syntax_is_that_of_caip_19() {
        for id in [
            "cosmos:cosmoshub-3/slip44:118",
            "eip155:1/erc721:0x06012c8cf97bead5deae237070f9587f8e7a266d/771769",
            "polkadot:b0a8d493285c2df73290dfb7e61f870f/slip44:354",
            "hedera:mainnet/nft:0.0.55492/12",
        ] {
            assert_eq!(asset(id).to_string(), id);
        }
        for id in [
            "",
            "USDT",
            "eip155:1",
            "eip155:1/",
            "eip155:1/erc20",
            "eip155:1/ERC20:0x1",
            "nochain/slip44:60",
            "eip155:1/slip44:060",
            "eip155:1/slip44:x",
            "eip155:1/slip44:4294967296",
            "eip155:1/a:b",
            "eip155:1/abc:d/",
            "eip155:1/abc:d/e/f",
            "eip155:1/abc:d_e",
            "eip155:1/abc:",
        ] {
            assert!(id.parse::<Asset>().is_err(), "{id:?}");
        }
        let error = "eip155:1/slip44:6\u{ff10}".parse::<Asset>().unwrap_err();
        assert!(error.to_string().contains("U+FF10"), "{error}");
    }
}
