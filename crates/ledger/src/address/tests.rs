//! The published vectors of each address format, and what must be refused.

#![allow(clippy::unwrap_used)]

mod account;
mod bitcoin;

use proptest::prelude::*;

use super::*;
use crate::chain::BitcoinNetwork::{self, Main, Regtest, Signet, Testnet3, Testnet4};
use crate::chain::text::decode_hex;

const BITCOIN: Chain = Chain::Bitcoin(Main);
const ETHEREUM: Chain = Chain::Evm(1);
const TETHER_ON_TRON: &str = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
const SATOSHI_BLOCK_9: &str = "12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S";

/// Bytes of hex of any length.
fn bytes(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits
        .flat_map(|two| decode_hex::<1>(std::str::from_utf8(two).unwrap()).unwrap())
        .collect()
}

fn refused(chain: &Chain, text: &str) -> AddressError {
    match Address::parse(chain, text) {
        Ok(address) => panic!("{text:?} was accepted as {address:?}"),
        Err(error) => error,
    }
}

/// All vectors of EIP-55: all upper case, all lower case, and mixed.
#[test]
fn eip_55() {
    for text in [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ] {
        let address = Address::parse(&ETHEREUM, text).unwrap();
        assert_eq!(address.display(&ETHEREUM), text);
        let upper = format!("0x{}", text[2..].to_uppercase());
        for same in [text.to_lowercase(), upper, format!(" {text}\n")] {
            assert_eq!(
                Address::parse(&ETHEREUM, &same),
                Ok(address.clone()),
                "{same}"
            );
        }
    }
    let error = refused(&ETHEREUM, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD");
    assert!(
        matches!(error, AddressError::EvmChecksum { .. }),
        "{error:?}"
    );
    for text in [
        "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
        "\\x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae",
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed0",
        "0x0x5aaeb6053f3e94c9b9a09f33669435e7ef1bea",
        "0xgaaeb6053f3e94c9b9a09f33669435e7ef1beaed",
        "0x",
        SATOSHI_BLOCK_9,
    ] {
        assert!(
            matches!(refused(&ETHEREUM, text), AddressError::NotEvm { .. }),
            "{text}"
        );
    }
}

#[test]
fn tron_in_both_forms() {
    for (base58, hex) in [
        (TETHER_ON_TRON, "41a614f803b6fd780986a42c78ec9c7f77e6ded13c"),
        (
            "TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW",
            "415a523b449890854c8fc460ab602df9f31fe4293f",
        ),
        (
            "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb",
            "410000000000000000000000000000000000000000",
        ),
    ] {
        let address = Address::parse(&Chain::Tron, base58).unwrap();
        assert_eq!(address.display(&Chain::Tron), base58);
        assert_eq!(Address::parse(&Chain::Tron, hex), Ok(address.clone()));
        assert_eq!(
            Address::parse(&Chain::Tron, &hex.to_uppercase()),
            Ok(address.clone())
        );
        assert_eq!(address.is_zero_account(), hex.ends_with("00000000"));
    }
    // The next version byte makes a `T` too.
    let other_version = super::bitcoin::encode_base58check(0x42, &[0; 20]);
    assert!(other_version.starts_with('T'), "{other_version}");
    assert!(matches!(
        refused(&Chain::Tron, &other_version),
        AddressError::NotTron { .. }
    ));
    let error = refused(&Chain::Tron, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u");
    assert!(
        matches!(error, AddressError::Base58Checksum { .. }),
        "{error:?}"
    );
    for text in [
        "41a614f803b6fd780986a42c78ec9c7f77e6ded1",
        SATOSHI_BLOCK_9,
        "0xa614",
        "T",
    ] {
        refused(&Chain::Tron, text);
    }
}

#[test]
fn characters_that_cannot_be_seen_are_refused_everywhere() {
    let other: Chain = "cosmos:cosmoshub-3".parse().unwrap();
    for (chain, text) in [
        (&BITCOIN, "12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S"),
        (&BITCOIN, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        (&ETHEREUM, "0xde709f2102306220921060314715629080e2fb77"),
        (&Chain::Tron, TETHER_ON_TRON),
        (&other, "cosmos1t2uflqwqe0fsj0shcfkrvpukewcw40yjj6hdc0"),
    ] {
        Address::parse(chain, text).unwrap();
        for stray in [
            '\u{200b}', '\u{feff}', '\u{ff11}', '\u{a0}', '\u{202e}', ' ', '\t', '\0', 'é',
        ] {
            for place in [1, text.len() / 2] {
                let text = format!("{}{stray}{}", &text[..place], &text[place..]);
                let error = refused(chain, &text);
                let code = format!("U+{:04X}", u32::from(stray));
                assert!(matches!(error, AddressError::Stray(_)), "{error:?}");
                assert!(error.to_string().contains(&code), "{error}");
                assert!(parse_account(&text, Some(chain)).is_err());
            }
        }
        assert!(Address::parse(chain, &format!("{text}\u{200b}")).is_err());
        assert!(Address::parse(chain, &format!("\r\n\t {text} ")).is_ok());
    }
}

#[test]
fn other_chains_keep_what_is_written() {
    let other: Chain = "hedera:mainnet".parse().unwrap();
    let address = Address::parse(&other, "0.0.1234567890-zbhlt%20").unwrap();
    assert_eq!(address.display(&other), "0.0.1234567890-zbhlt%20");
    for text in ["a_b", "a:b", "a/b", &"a".repeat(129)] {
        refused(&other, text);
    }
    // Litecoin's version bytes are unknown here: no Bitcoin address may stand for a Litecoin one.
    let litecoin: Chain = "bip122:12a765e31ffd4059bada1e25190f6e98".parse().unwrap();
    let script = "76a91447376c6f537d62177a2c41c4ca9b45829ab9908388ac";
    assert_eq!(
        Address::from_script(&bytes(script))
            .unwrap()
            .display(&litecoin),
        script
    );
}

#[test]
fn the_zero_address_is_nobody() {
    assert!(Address::Evm([0; 20]).is_zero_account());
    for place in 0..20 {
        let mut account = [0; 20];
        account[place] = 1;
        assert!(!Address::Evm(account).is_zero_account());
    }
    assert!(!Address::P2pkh([0; 20]).is_zero_account());
}

#[test]
fn an_address_is_small() {
    assert!(size_of::<Address>() <= 48);
    assert!(size_of::<Result<Address, AddressError>>() <= 128);
}

fn any_witness() -> impl Strategy<Value = Address> {
    let later = (1_u8..=16, prop::collection::vec(any::<u8>(), 2..=40));
    let first = prop_oneof![Just(20_usize), Just(32)]
        .prop_flat_map(|length| (Just(0_u8), prop::collection::vec(any::<u8>(), length)));
    prop_oneof![later, first].prop_map(|(version, program)| {
        Address::Witness(WitnessProgram::new(version, &program).unwrap())
    })
}

fn any_account() -> impl Strategy<Value = Account> {
    let network = prop::sample::select(BitcoinNetwork::ALL.to_vec()).prop_map(Chain::Bitcoin);
    let scripts = prop_oneof![
        any::<[u8; 20]>().prop_map(Address::P2pkh),
        any::<[u8; 20]>().prop_map(Address::P2sh),
        any_witness(),
    ];
    prop_oneof![
        (network, scripts),
        (
            any::<u64>().prop_map(Chain::Evm),
            any::<[u8; 20]>().prop_map(Address::Evm)
        ),
        (Just(Chain::Tron), any::<[u8; 20]>().prop_map(Address::Tron)),
    ]
    .prop_map(|(chain, address)| Account { chain, address })
}

proptest! {
    #[test]
    fn what_is_shown_is_read_back(account in any_account()) {
        let text = account.to_string();
        prop_assert_eq!(parse_account(&text, None), Ok(account.clone()));
        let bare = account.address.display(&account.chain);
        prop_assert_eq!(Address::parse(&account.chain, &bare), Ok(account.address.clone()));
        if let Some(script) = account.address.script() {
            prop_assert_eq!(Address::from_script(&script), Some(account.address));
        }
    }

    #[test]
    fn a_changed_character_is_noticed(account in any_account(), place: prop::sample::Index, other in "[0-9a-zA-Z]") {
        let text = account.address.display(&account.chain);
        let place = place.index(text.len());
        let changed = format!("{}{other}{}", &text[..place], &text[place + 1..]);
        // An EVM address has a checksum only in the case of its letters, so a digit may change unseen.
        let unseen = matches!(account.address, Address::Evm(_)) && !changed.eq_ignore_ascii_case(&text);
        if changed != text && !unseen {
            let read = Address::parse(&account.chain, &changed);
            // All letters in one case say that there is no checksum.
            prop_assert!(read.is_err() || read == Ok(account.address), "{} for {}", changed, text);
        }
    }

    #[test]
    fn no_text_and_no_script_panics(text in "\\PC{0,130}", script: Vec<u8>) {
        for chain in [BITCOIN, ETHEREUM, Chain::Tron, Chain::Other("abc:d".into())] {
            let _ = Address::parse(&chain, &text);
            let _ = parse_account(&text, Some(&chain));
        }
        let _ = parse_account(&text, None);
        if let Some(address) = Address::from_script(&script) {
            prop_assert_eq!(Address::parse(&BITCOIN, &address.display(&BITCOIN)), Ok(address));
        }
    }
}
