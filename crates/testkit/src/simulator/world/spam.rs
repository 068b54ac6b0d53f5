//! Spam, which is told last, so that the rest of a world is the same without it.

use super::book::{Book, Coin};

/// Worthless transfers around accounts: dust, nothing at all, and tokens that pretend to be sent by them.
pub(super) fn tell(book: &mut Book, accounts: &[String], end: u64, count: u64) {
    if accounts.is_empty() || count == 0 {
        return;
    }
    let spammers: Vec<String> = (0..(count / 8).clamp(1, 5_000))
        .map(|_| book.account())
        .collect();
    let fake = format!("eip155:1/erc20:{}", book.account());
    for _ in 0..count {
        let target = book.rng.pick(accounts).clone();
        let spammer = book.rng.pick(&spammers).clone();
        let at = book.rng.below(end);
        match book.rng.below(5) {
            0 => {
                let amount = u128::from(book.rng.between(1, 5_000));
                book.pay(at, &spammer, &target, Coin::Stable, amount);
            }
            1 => {
                let amount = u128::from(book.rng.between(1, 1_000_000_000));
                book.pay(at, &spammer, &target, Coin::Ether, amount);
            }
            2 => {
                book.pay(at, &target, &spammer, Coin::Stable, 0);
            }
            3 => {
                let amount = u128::from(book.rng.next_u64());
                book.pay_many(at, &target, &[(spammer, amount)], &fake);
            }
            _ => {
                let amount = u128::from(book.rng.next_u64());
                book.pay_many(at, &spammer, &[(target, amount)], &fake);
            }
        }
    }
}
