//! Digital-currency addresses: brought to one form, checked, and found.
//!
//! Two texts are one address where they stand for the same key or script: EIP-55 and lower case, upper and lower
//! bech32, CashAddr and legacy, Tron's base58 and hex, Litecoin's `3…` and `M…`. A code of a list says which coin
//! was meant and no more: `USDT` names a token that lives on many chains, so the form of the address decides. The
//! same 20 bytes on any EVM chain are one subject, with a note on the chain that was listed.
//!
//! Looking up checks nothing: a listed address with a wrong checksum is found as it stands. Checks are told apart.
//! Known failure: addresses that differ in text and stand for one owner in other ways (Monero's sub-addresses,
//! XRP's X-addresses, Tron and EVM of one key) are not brought together.

mod check;
mod form;
mod index;

pub use check::{Problem, check, is_known};
pub use form::{KEY_MAX, forms, is_address, key};
pub use index::WalletIndex;
