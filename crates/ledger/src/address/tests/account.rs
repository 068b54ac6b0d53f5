//! Accounts: a chain written out, a bare address that tells its chain, and one that does not.

#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn accounts_with_their_chain_written_out() {
    for (text, caip) in [
        (
            "eip155:1:0xde709f2102306220921060314715629080e2fb77",
            "eip155:1:0xde709f2102306220921060314715629080e2fb77",
        ),
        (
            "ethereum:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            "eip155:1:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        ),
        (
            "bitcoin:12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S",
            "bip122:000000000019d6689c085ae165831e93:12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S",
        ),
        (
            "bip122:000000000019d6689c085ae165831e93:BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "bip122:000000000019d6689c085ae165831e93:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        ),
        ("hedera:mainnet:0.0.12", "hedera:mainnet:0.0.12"),
        (
            "tron:41a614f803b6fd780986a42c78ec9c7f77e6ded13c",
            "tron:0x2b6653dc:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        ),
    ] {
        // What is written out goes before the default.
        for default in [None, Some(&Chain::Evm(137))] {
            let account = parse_account(text, default).unwrap();
            assert_eq!(account.to_string(), caip);
            assert_eq!(parse_account(caip, default), Ok(account));
        }
    }
    assert!(matches!(
        parse_account("nochain:12cbQ", None),
        Err(AddressError::Chain(_))
    ));
    assert!(parse_account(":12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S", None).is_err());
    assert!(parse_account("bitcoin:", None).is_err());
    let crossed = parse_account("bitcoin:0xde709f2102306220921060314715629080e2fb77", None);
    assert!(crossed.is_err(), "{crossed:?}");
}

#[test]
fn a_bare_address_is_taken_where_its_chain_is_plain() {
    for (text, chain) in [
        (SATOSHI_BLOCK_9, BITCOIN),
        ("3P14159f73E4gFr7JterCCQh9QjiTjiZrG", BITCOIN),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", BITCOIN),
        ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", BITCOIN),
        (
            "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
            Chain::Bitcoin(Regtest),
        ),
        (TETHER_ON_TRON, Chain::Tron),
    ] {
        assert_eq!(parse_account(text, None).unwrap().chain, chain, "{text}");
        assert_eq!(
            parse_account(text, Some(&chain)).unwrap().chain,
            chain,
            "{text}"
        );
    }
    let evm = "0xde709f2102306220921060314715629080e2fb77";
    assert_eq!(
        parse_account(evm, Some(&Chain::Evm(56))).unwrap().chain,
        Chain::Evm(56)
    );
    for (text, hint) in [
        (evm, "--chain ethereum"),
        (
            "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
            "--chain testnet4",
        ),
        ("mn1Wfa6RB6p96gc67pwKEWTy7beRgvuYbh", "--chain testnet4"),
        ("2NEZG4p5giVjQt3Uez2Gip9PxMkwtF1Wdi9", "--chain testnet4"),
        (
            "cosmos1t2uflqwqe0fsj0shcfkrvpukewcw40yjj6hdc0",
            "--chain NAME",
        ),
        ("41a614f803b6fd780986a42c78ec9c7f77e6ded13c", "--chain NAME"),
    ] {
        let error = parse_account(text, None).unwrap_err();
        assert!(error.hint().unwrap().contains(hint), "{error}");
        assert!(error.to_string().contains(text), "{error}");
    }
    // The form alone is not enough: the checksum must hold.
    for text in ["12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3T", "Thief", "3", "bc1q"] {
        assert!(parse_account(text, None).is_err(), "{text}");
    }
}

/// Known addresses, and numbers of every length in bytes, as another program gives them.
#[test]
fn an_account_makes_contracts_at_addresses_that_follow_from_its_number() {
    let creator = |text: &str| Address::parse(&Chain::Evm(1), text).unwrap();
    let account = creator("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0");
    for (nonce, expected) in [
        (0, "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"),
        (1, "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8"),
        (2, "0xf778b86fa74e846c4f0a1fbd1335fe81c00a0c91"),
        (3, "0xfffd933a0bc612844eaf0c6fe3e5b8e9b6c1d19c"),
        (127, "0x06d9a77f5e4b311bae8d559db9cdb4df94104aa0"),
        (128, "0x08e190dcb7b73f5fcdabb43e102215c83659a76d"),
        (255, "0x3ef7c1a519e4b4431e317d7839340e3139b03c65"),
        (256, "0x3837c1ae70354f670550c746580199ac6a73cb0a"),
        (65_536, "0xf666a819b370d38f44f2573464da3fba8479b917"),
        (u64::MAX, "0x9bc924993b60399df164c3763a964301d3db95ca"),
    ] {
        assert_eq!(account.contract(nonce), Some(creator(expected)), "{nonce}");
    }
    assert_eq!(Address::Tron([1; 20]).contract(0), None);
}
