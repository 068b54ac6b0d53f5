//! Who issued a token and can block an address in its contract.
//!
//! By contract and chain alone: a token that calls itself USDT is nobody's until its address says so, and a bridged copy of
//! a token obeys its bridge and not the issuer, so copies are left out. Addresses of Tether's and Circle's contracts were
//! compared with public lists of them on 2026-11-30; that a contract can block (`addBlackList`, `blacklist`, `freeze`) is as
//! its issuer publishes it, and was not read off each chain. A token that is not in this list is not said to be safe from its
//! issuer: nobody here knows.

use whither_ledger::asset::Asset;
use whither_ledger::known_tokens::known;

/// Contracts whose issuer can block an address, with the issuer.
const ISSUERS: &[(&str, &str)] = &[
    (
        "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7",
        "Tether",
    ),
    (
        "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
        "Circle",
    ),
    (
        "eip155:1/erc20:0x4fabb145d64652a948d72533023f6e7a623c7c53",
        "Paxos",
    ),
    (
        "eip155:1/erc20:0x45804880de22913dafe09f4980848ece6ecbaf78",
        "Paxos",
    ),
    (
        "eip155:1/erc20:0x0000000000085d4780b73119b644ae5ecd22b376",
        "TrueUSD",
    ),
    (
        "eip155:10/erc20:0x0b2c639c533813f4aa9d7837caf62653d097ff85",
        "Circle",
    ),
    (
        "eip155:137/erc20:0x3c499c542cef5e3811e1192ce70d8cc03d5c3359",
        "Circle",
    ),
    (
        "eip155:8453/erc20:0x833589fcd6edb6e08f4c7c32d4f71b54bda02913",
        "Circle",
    ),
    (
        "eip155:42161/erc20:0xaf88d065e77c8cc2239327c5edb3a432268e5831",
        "Circle",
    ),
    (
        "eip155:43114/erc20:0x9702230a8ea53601f5cd2dc00fdbc13d4df4a8c7",
        "Tether",
    ),
    (
        "eip155:43114/erc20:0xb97ef9ef8734c71904d8002f8b6bc66dd9c48a6e",
        "Circle",
    ),
    (
        "tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        "Tether",
    ),
    (
        "tron:0x2b6653dc/trc20:TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8",
        "Circle",
    ),
];

/// Tokens of the shipped list that stand for a dollar each.
const DOLLARS: &[&str] = &["USDT", "USDC", "USDC.e", "DAI", "BUSD", "TUSD"];

/// Who can block an address from moving an asset, if anybody is known to.
#[must_use]
pub fn issuer(asset: &Asset) -> Option<&'static str> {
    let mut rows = ISSUERS.iter();
    let row = rows.find(|(of, _)| of.parse::<Asset>().is_ok_and(|of| of == *asset))?;
    Some(row.1)
}

/// How many smallest units of an asset are one dollar, where it stands for dollars: by the contracts of the shipped list,
/// and of tables in dollars.
#[must_use]
pub fn dollar(asset: &Asset) -> Option<u128> {
    if *asset == Asset::usd() {
        return Some(100);
    }
    let token = known(asset).filter(|token| DOLLARS.contains(&token.symbol))?;
    10_u128.checked_pow(u32::from(token.decimals))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_contract_is_one_of_the_shipped_list_and_named_once() {
        let assets: Vec<Asset> = ISSUERS.iter().map(|(of, _)| of.parse().unwrap()).collect();
        for (at, asset) in assets.iter().enumerate() {
            assert!(known(asset).is_some(), "{asset} is a known token");
            assert!(!assets[..at].contains(asset), "{asset} stands there twice");
        }
    }

    #[test]
    fn a_copy_of_a_token_is_not_the_issuers_and_a_chains_own_coin_is_nobodys() {
        let of = |text: &str| issuer(&text.parse().unwrap());
        assert_eq!(
            of("eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7"),
            Some("Tether")
        );
        for nobodys in [
            "eip155:56/erc20:0x55d398326f99059fF775485246999027B3197955",
            "eip155:137/erc20:0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174",
            "eip155:1/erc20:0x6B175474E89094C44Da98b954EedeAC495271d0F",
            "eip155:1/slip44:60",
        ] {
            assert_eq!(of(nobodys), None, "{nobodys}");
        }
        let dollars = |text: &str| dollar(&text.parse().unwrap());
        assert_eq!(
            dollars("eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7"),
            Some(1_000_000)
        );
        assert_eq!(dollars("iso4217:USD"), Some(100));
        assert_eq!(dollars("eip155:1/slip44:60"), None);
    }
}
