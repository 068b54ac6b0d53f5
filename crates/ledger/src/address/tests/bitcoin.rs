//! Bitcoin's vectors: BIP-173, BIP-350, base58check, and scripts with and without an address.

#![allow(clippy::unwrap_used)]

use super::*;

/// BIP-350's valid addresses, with the script each pays.
#[test]
fn bip_350_valid() {
    for (text, script) in [
        (
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "0014751e76e8199196d454941c45d1b3a323f1433bd6",
        ),
        (
            "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
            "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
        ),
        (
            "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
            "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6",
        ),
        ("BC1SW50QGDZ25J", "6002751e"),
        (
            "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
            "5210751e76e8199196d454941c45d1b3a323",
        ),
        (
            "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
            "0020000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
        ),
        (
            "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
            "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
        ),
        (
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        ),
    ] {
        let main = text.to_ascii_lowercase().starts_with("bc1");
        let chains = if main {
            vec![Main]
        } else {
            vec![Testnet3, Testnet4, Signet]
        };
        for chain in chains.into_iter().map(Chain::Bitcoin) {
            let address = Address::parse(&chain, text).unwrap();
            assert_eq!(address.script().unwrap(), bytes(script), "{text}");
            assert_eq!(
                Address::from_script(&bytes(script)),
                Some(address.clone()),
                "{text}"
            );
            assert_eq!(address.display(&chain), text.to_ascii_lowercase());
        }
    }
}

/// The invalid addresses of BIP-350 and BIP-173, and BIP-173's valid ones that BIP-350 made invalid.
#[test]
fn bip_350_and_bip_173_invalid() {
    for text in [
        "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
        "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf",
        "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
        "tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47",
        "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
        "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
        "bc1pw5dgrnzv",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",
        "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
        "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",
        "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j",
        "bc1gmk9yu",
        "tc1qw508d6qejxtdg4y5r3zarvary0c5xw7kg3g4ty",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        "BC13W508D6QEJXTDG4Y5R3ZARVARY0C5XW7KN40WF2",
        "bc1rw5uspcuh",
        "bc10w508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kw5rljs90",
        "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sL5k7",
        "bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du",
        "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3pjxtptv",
        "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7k7grplx",
        "BC1SW50QA3JX3S",
        "bc1zw508d6qejxtdg4y5r3zarvaryvg6kdaj",
    ] {
        for network in BitcoinNetwork::ALL {
            let error = refused(&Chain::Bitcoin(network), text);
            assert!(error.to_string().contains(text), "{error}");
        }
    }
}

#[test]
fn the_other_checksum_constant_is_named() {
    let error = refused(
        &BITCOIN,
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
    );
    assert!(
        matches!(
            error,
            AddressError::Bech32Constant {
                found: "bech32",
                version: 1,
                ..
            }
        ),
        "{error:?}"
    );
    let error = refused(&BITCOIN, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh");
    assert!(
        matches!(
            error,
            AddressError::Bech32Constant {
                found: "bech32m",
                version: 0,
                ..
            }
        ),
        "{error:?}"
    );
    let error = refused(&BITCOIN, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5");
    assert!(matches!(error, AddressError::Bech32 { .. }), "{error:?}");
}

#[test]
fn what_is_wrong_with_a_witness_address_is_said() {
    for (text, reason) in [
        (
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            "its checksum is wrong",
        ),
        ("bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "mixed-case"),
        (
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",
            "padding",
        ),
        (
            "LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ",
            "is not a bitcoin address",
        ),
        (
            "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9",
            "an unknown chain (prefix \"ltc\")",
        ),
        ("bc1", "is not a bech32 address"),
        ("hello", "is not a bitcoin address"),
    ] {
        let error = refused(&BITCOIN, text);
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn base58_on_each_network() {
    for (text, test, script) in [
        (
            "17VZNX1SN5NtKa8UQFxwQbFeFc3iqRYhem",
            "mn1Wfa6RB6p96gc67pwKEWTy7beRgvuYbh",
            "76a91447376c6f537d62177a2c41c4ca9b45829ab9908388ac",
        ),
        (
            "3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
            "2NEZG4p5giVjQt3Uez2Gip9PxMkwtF1Wdi9",
            "a914e9c3dd0c07aac76179ebc76a6c78d4d67c6c160a87",
        ),
    ] {
        let address = Address::parse(&BITCOIN, text).unwrap();
        assert_eq!(address.script().unwrap(), bytes(script), "{text}");
        assert_eq!(Address::from_script(&bytes(script)), Some(address.clone()));
        assert_eq!(address.display(&BITCOIN), text);
        for chain in [Testnet3, Testnet4, Signet, Regtest].map(Chain::Bitcoin) {
            assert_eq!(address.display(&chain), test);
            assert_eq!(Address::parse(&chain, test), Ok(address.clone()));
            assert!(matches!(
                refused(&chain, text),
                AddressError::WrongChain { .. }
            ));
        }
        assert!(matches!(
            refused(&BITCOIN, test),
            AddressError::WrongChain { .. }
        ));
    }
}

#[test]
fn a_wrong_network_is_named() {
    let regtest = Address::from_script(&bytes("0014751e76e8199196d454941c45d1b3a323f1433bd6"))
        .unwrap()
        .display(&Chain::Bitcoin(Regtest));
    assert!(regtest.starts_with("bcrt1q"), "{regtest}");
    for (chain, text, found) in [
        (Main, regtest.as_str(), "regtest"),
        (
            Main,
            "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
            "testnet3, testnet4 or signet",
        ),
        (
            Signet,
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "bitcoin",
        ),
        (
            Regtest,
            "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
            "testnet3, testnet4 or signet",
        ),
    ] {
        let error = refused(&Chain::Bitcoin(chain), text);
        assert!(
            error
                .to_string()
                .contains(&format!("is an address of {found}, not of")),
            "{error}"
        );
        assert!(error.hint().is_some());
    }
}

#[test]
fn scripts_with_and_without_an_address() {
    let key = "0411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7b148a6909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3";
    let block_9 = Address::from_script(&bytes(&format!("41{key}ac"))).unwrap();
    assert_eq!(block_9.display(&BITCOIN), SATOSHI_BLOCK_9);
    // The key of private key 1, whose hash BIP-173 uses.
    let short = "210279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798ac";
    let expected =
        Address::from_script(&bytes("76a914751e76e8199196d454941c45d1b3a323f1433bd688ac"));
    assert_eq!(Address::from_script(&bytes(short)), expected);
    let anchor = Address::from_script(&bytes("51024e73")).unwrap();
    assert_eq!(anchor.display(&BITCOIN), "bc1pfeessrawgf");
    let key_32 = &short[4..68];
    for script in [
        String::new(),
        "6a".to_owned(),
        "6a0400000000".to_owned(),
        // Bare multisig, one of two.
        format!("5121{}21{}52ae", &short[2..68], &short[2..68]),
        // Keys of the wrong prefix or length.
        format!("2104{key_32}ac"),
        format!("4102{}ac", &key[2..]),
        format!("20{key_32}ac"),
        format!("{short}ac"),
        // Version 0 with a program of 21 bytes; a version beyond 16; a push that is too short or too long.
        format!("0015{}", &key_32[..42]),
        format!("6120{key_32}"),
        format!("5121{key_32}"),
        format!("511f{key_32}"),
        "510101".to_owned(),
        format!("5129{}", &key[..82]),
        "76a91447376c6f537d62177a2c41c4ca9b45829ab99088ac".to_owned(),
        "a914e9c3dd0c07aac76179ebc76a6c78d4d67c6c160a88".to_owned(),
    ] {
        assert_eq!(Address::from_script(&bytes(&script)), None, "{script}");
    }
}

#[test]
fn base58_refuses_what_looks_alike() {
    for (from, to) in [('Q', '0'), ('M', 'O'), ('L', 'I'), ('b', 'l')] {
        let text = SATOSHI_BLOCK_9.replacen(from, &to.to_string(), 1);
        let error = refused(&BITCOIN, &text);
        assert!(
            matches!(error, AddressError::Base58Character { character, .. } if character == to),
            "{error:?}"
        );
    }
    let swapped = SATOSHI_BLOCK_9.replace("bQ", "Qb");
    assert!(matches!(
        refused(&BITCOIN, &swapped),
        AddressError::Base58Checksum { .. }
    ));
    assert!(matches!(
        refused(&BITCOIN, &SATOSHI_BLOCK_9[..33]),
        AddressError::Base58Length { .. }
    ));
    assert!(matches!(
        refused(&BITCOIN, "1"),
        AddressError::Base58Length { .. }
    ));
    assert!(matches!(refused(&BITCOIN, ""), AddressError::Length { .. }));
    assert!(matches!(
        refused(&BITCOIN, &"1".repeat(1 << 20)),
        AddressError::Length { .. }
    ));
}
