//! Which logs move value, and which only look like it.
//!
//! `Transfer` with three topics and 32 bytes of data is a token's movement; with four topics it is one of a thing
//! that is no amount (ERC-721), and is counted, not summed. Wrapped coins tell of `Deposit` and `Withdrawal`; a token
//! that destroys a blacklisted account's balance tells of that alone. All of it is what a contract says of its own
//! token, which may be worth nothing: an asset is its contract.

use whither_ledger::U256;
use whither_ledger::memory::RowKind;

use super::{Account, Hash};

/// `Transfer(address,address,uint256)`.
pub(crate) const TRANSFER: Hash =
    topic("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
/// `Deposit(address,uint256)`.
const DEPOSIT: Hash = topic("e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c");
/// `Withdrawal(address,uint256)`.
const WITHDRAWAL: Hash = topic("7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65");
/// `DestroyedBlackFunds(address,uint256)`.
const DESTROYED: Hash = topic("61e6e66b0d6339b2980aecc6ccc0039736791f0ccde9ed512e789a7fbdd698c6");

const NOBODY: Account = [0; 20];

/// A log, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Log<'a> {
    pub(crate) index: u32,
    pub(crate) address: Account,
    pub(crate) topics: &'a [Hash],
    pub(crate) data: &'a [u8],
}

/// A movement of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) index: u32,
    pub(crate) contract: Account,
    pub(crate) from: Account,
    pub(crate) to: Account,
    pub(crate) amount: U256,
    pub(crate) kind: RowKind,
}

/// What a log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Moves(Move),
    /// A transfer of a thing that is no amount.
    Thing,
    /// Called a transfer, and of no form that is known.
    Odd,
    Nothing,
}

/// Says what a log is.
pub(crate) fn meaning(log: &Log<'_>) -> Meaning {
    let Some(first) = log.topics.first() else {
        return Meaning::Nothing;
    };
    let amount = || <[u8; 32]>::try_from(log.data).ok().map(U256::from_be_bytes);
    let moves = |from, to, amount, kind| {
        Meaning::Moves(Move {
            index: log.index,
            contract: log.address,
            from,
            to,
            amount,
            kind,
        })
    };
    match (*first, log.topics.len()) {
        (TRANSFER, 3) => match (account(&log.topics[1]), account(&log.topics[2]), amount()) {
            (Some(from), Some(to), Some(amount)) => moves(from, to, amount, RowKind::Transfer),
            _ => Meaning::Odd,
        },
        (TRANSFER, 4) => Meaning::Thing,
        (TRANSFER, _) => Meaning::Odd,
        (DEPOSIT | WITHDRAWAL, 2) => match (account(&log.topics[1]), amount()) {
            (Some(holder), Some(amount)) => {
                if *first == DEPOSIT {
                    moves(NOBODY, holder, amount, RowKind::Wrap)
                } else {
                    moves(holder, NOBODY, amount, RowKind::Wrap)
                }
            }
            _ => Meaning::Nothing,
        },
        (DESTROYED, 1) if log.data.len() == 64 => {
            let word = |at: usize| <[u8; 32]>::try_from(&log.data[at..at + 32]);
            match (word(0).ok().as_ref().and_then(account), word(32)) {
                (Some(holder), Ok(amount)) => moves(
                    holder,
                    NOBODY,
                    U256::from_be_bytes(amount),
                    RowKind::Transfer,
                ),
                _ => Meaning::Nothing,
            }
        }
        _ => Meaning::Nothing,
    }
}

/// The account in a word; none where the word is no account.
fn account(word: &Hash) -> Option<Account> {
    let (zeros, account) = word.split_at(12);
    let is_account = zeros.iter().all(|byte| *byte == 0);
    is_account.then(|| account.try_into().ok()).flatten()
}

/// A topic of hex digits, at compile time.
const fn topic(digits: &str) -> Hash {
    let digits = digits.as_bytes();
    let mut out = [0; 32];
    let mut place = 0;
    while place < 32 {
        out[place] = value(digits[2 * place]) << 4 | value(digits[2 * place + 1]);
        place += 1;
    }
    out
}

const fn value(digit: u8) -> u8 {
    if digit <= b'9' {
        digit - b'0'
    } else {
        digit - b'a' + 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha3::{Digest as _, Keccak256};

    #[test]
    fn topics_are_the_hashes_of_what_they_stand_for() {
        for (topic, signature) in [
            (TRANSFER, "Transfer(address,address,uint256)"),
            (DEPOSIT, "Deposit(address,uint256)"),
            (WITHDRAWAL, "Withdrawal(address,uint256)"),
            (DESTROYED, "DestroyedBlackFunds(address,uint256)"),
        ] {
            assert_eq!(topic[..], Keccak256::digest(signature)[..], "{signature}");
        }
    }

    fn word(last: u8) -> Hash {
        let mut word = [0; 32];
        word[31] = last;
        word
    }

    fn said(topics: &[Hash], data: &[u8]) -> Meaning {
        let log = Log {
            index: 7,
            address: [9; 20],
            topics,
            data,
        };
        meaning(&log)
    }

    #[test]
    fn only_the_form_of_a_token_is_an_amount() {
        let token = said(&[TRANSFER, word(1), word(2)], &word(5));
        assert!(matches!(
            token,
            Meaning::Moves(Move {
                index: 7,
                kind: RowKind::Transfer,
                ..
            })
        ));
        let thing = said(&[TRANSFER, word(1), word(2), word(5)], &[]);
        assert_eq!(thing, Meaning::Thing);
        let mut dirty = word(1);
        dirty[0] = 1;
        for (topics, data) in [
            (&[TRANSFER][..], &[0; 96][..]),
            (&[TRANSFER, word(1), word(2)], &[0; 31]),
            (&[TRANSFER, word(1), word(2)], &[0; 64]),
            (&[TRANSFER, dirty, word(2)], &[0; 32]),
        ] {
            assert_eq!(said(topics, data), Meaning::Odd);
        }
        assert_eq!(said(&[], &[]), Meaning::Nothing);
        assert_eq!(
            said(&[word(1), word(1), word(2)], &[0; 32]),
            Meaning::Nothing
        );
    }
}
