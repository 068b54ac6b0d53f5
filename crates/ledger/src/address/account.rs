//! Accounts: an address together with its chain, as CAIP-10 writes it.
//!
//! People paste bare addresses. One is taken where its form and checksum leave no doubt which chain is
//! meant; where several chains are possible, nothing is chosen and the error asks.
//!
//! Not here: what the account holds or did.

use std::fmt;

use super::{Address, AddressError};
use crate::chain::text::{quote, visible_ascii};
use crate::chain::{BitcoinNetwork, Chain};

/// An address on its chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// The chain.
    pub chain: Chain,
    /// The address there.
    pub address: Address,
}

impl fmt::Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}:{}",
            self.chain,
            self.address.display(&self.chain)
        )
    }
}

/// Reads an account: `eip155:1:0x…` (CAIP-10), `ethereum:0x…`, or a bare address.
///
/// A bare address is one of `default_chain` where that is given. Else it is Bitcoin's for `bc1…`, `1…` and
/// `3…`, regtest's for `bcrt1…`, Tron's for `T…`. A chain that is written out goes before the default.
///
/// # Errors
/// When the chain or the address is none, or when a bare address leaves the chain open.
pub fn parse_account(text: &str, default_chain: Option<&Chain>) -> Result<Account, AddressError> {
    let text = visible_ascii(text)?;
    let (chain, address) = match (text.rsplit_once(':'), default_chain) {
        (Some((chain, address)), _) => (chain.parse()?, address),
        (None, Some(chain)) => (chain.clone(), text),
        (None, None) => (chain_of(text)?, text),
    };
    let address = Address::parse(&chain, address)?;
    Ok(Account { chain, address })
}

/// The one chain whose addresses begin as this one does.
fn chain_of(text: &str) -> Result<Chain, AddressError> {
    const EVM: &str = "add `--chain ethereum`, or write `ethereum:0x…`";
    const TEST: &str = "add `--chain testnet4`, or write `testnet4:ADDRESS`";
    let ambiguous = |chains, hint| {
        Err(AddressError::Ambiguous {
            text: quote(text),
            chains,
            hint,
        })
    };
    let lower = text.to_ascii_lowercase();
    let begins = |prefix| lower.starts_with(prefix);
    match text.as_bytes() {
        _ if begins("0x") => ambiguous("the EVM chains", EVM),
        _ if begins("bc1") => Ok(Chain::Bitcoin(BitcoinNetwork::Main)),
        _ if begins("bcrt1") => Ok(Chain::Bitcoin(BitcoinNetwork::Regtest)),
        _ if begins("tb1") => ambiguous("testnet3, testnet4 and signet", TEST),
        [b'1' | b'3', ..] => Ok(Chain::Bitcoin(BitcoinNetwork::Main)),
        [b'2' | b'm' | b'n', ..] => ambiguous("testnet3, testnet4, signet and regtest", TEST),
        [b'T', ..] => Ok(Chain::Tron),
        _ => Err(AddressError::NoChain { text: quote(text) }),
    }
}
