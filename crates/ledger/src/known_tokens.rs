//! A short list of well-known tokens, by contract: what they are called, their decimals, and their odd ways.
//!
//! Anyone can deploy a token called USDT. A name is shown as verified only where chain and contract stand in this
//! list, and the list is facts that two published lists state alike. What is not in it is not doubtful: it is
//! unverified, and shown in its smallest unit unless its metadata was pinned, and then as that says.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::asset::Asset;

/// A token whose metadata is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownToken {
    /// What people call it: for display, never for identity.
    pub symbol: &'static str,
    /// Decimals between its smallest unit and the unit people speak of.
    pub decimals: u8,
    /// How its balances move.
    pub ways: Ways,
}

/// How a token's balances move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ways {
    /// As its transfers say.
    Plain,
    /// It stands for the chain's own coin, made and destroyed without transfers.
    Wraps,
    /// Balances also change without transfers: amounts say little about who holds what.
    Rebases,
    /// A part of what is sent goes elsewhere.
    Taxes,
}

/// What the list says of an asset; nothing of one that is not in it.
#[must_use]
pub fn known(asset: &Asset) -> Option<KnownToken> {
    list().get(asset).copied()
}

/// All of the list, in the order of the assets.
pub fn all() -> impl Iterator<Item = (&'static Asset, KnownToken)> {
    list().iter().map(|(asset, token)| (asset, *token))
}

fn list() -> &'static BTreeMap<Asset, KnownToken> {
    static LIST: OnceLock<BTreeMap<Asset, KnownToken>> = OnceLock::new();
    LIST.get_or_init(|| rows().collect())
}

fn rows() -> impl Iterator<Item = (Asset, KnownToken)> {
    let lines = include_str!("known_tokens.csv").lines();
    let rows = lines.filter(|line| !line.starts_with('#'));
    rows.map(|line| row(line).expect("the list that ships is well formed, which a test holds"))
}

fn row(line: &'static str) -> Option<(Asset, KnownToken)> {
    let mut cells = line.split(',');
    let asset = cells.next()?.parse().ok()?;
    let symbol = cells.next()?;
    let decimals = cells.next()?.parse().ok()?;
    let ways = match cells.next()? {
        "" => Ways::Plain,
        "wraps" => Ways::Wraps,
        "rebases" => Ways::Rebases,
        "taxes" => Ways::Taxes,
        _ => return None,
    };
    let token = KnownToken {
        symbol,
        decimals,
        ways,
    };
    Some((asset, token))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_well_formed_and_names_nobody_twice() {
        let all: Vec<(Asset, KnownToken)> = rows().collect();
        let assets: std::collections::BTreeSet<&Asset> = all.iter().map(|row| &row.0).collect();
        assert_eq!(assets.len(), all.len());
        assert!(all.len() > 30);
        // A typing error would not have the checksum that EIP-55 puts into the case of the letters.
        let lines = include_str!("known_tokens.csv").lines();
        for line in lines.filter(|line| !line.starts_with('#')) {
            if line.starts_with("tron:") {
                // Of Tron's the parser checks the checksum.
                let asset: Asset = line.split(',').next().unwrap().parse().unwrap();
                assert!(
                    asset.contract().is_some() && line.ends_with(",wallets"),
                    "{line}"
                );
                continue;
            }
            let contract = line.split([':', ',']).nth(2).unwrap();
            let mixed = contract.bytes().any(|byte| byte.is_ascii_uppercase());
            assert!(mixed || contract.ends_with("0006"), "{line}");
            assert!(
                line.ends_with(",uniswap") || line.ends_with(",sushi"),
                "{line}"
            );
        }
    }

    #[test]
    fn a_name_is_known_by_contract_and_chain_alone() {
        let usdt: Asset = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"
            .parse()
            .unwrap();
        assert_eq!(known(&usdt).unwrap().symbol, "USDT");
        for other in [
            "eip155:56/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7",
            "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec8",
            "eip155:1/slip44:60",
        ] {
            assert_eq!(known(&other.parse().unwrap()), None, "{other}");
        }
    }
}
