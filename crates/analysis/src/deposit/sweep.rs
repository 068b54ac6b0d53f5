//! Sweeps: which payments a deposit address forwarded.

use whither_ledger::U256;
use whither_ledger::view::{AddressIx, AssetIx, TxIx};

use super::{Movement, Rule};

/// The whole of it, in millionths.
const ONE: u64 = 1_000_000;

/// As many payments as wait for a sweep; of more the smallest is given up (of several alike the oldest), so that an address
/// that is flooded costs no more than another, and a flood of dust pushes nothing out.
const OPEN_MAX: usize = 256;

/// A payment that was swept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The transaction.
    pub tx: TxIx,
    /// Who paid; none for a mint.
    pub from: Option<AddressIx>,
    /// How much.
    pub amount: U256,
    /// At which block.
    pub height: u32,
}

/// A sweep with the payments that it forwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// The transaction.
    pub tx: TxIx,
    /// Of which asset.
    pub asset: AssetIx,
    /// How much.
    pub amount: U256,
    /// At which block.
    pub height: u32,
    /// The payments, in chain order. Several, where their sum is what was swept.
    pub receipts: Vec<Receipt>,
    /// By the formula, in millionths, rounded down; of several payments the time is the oldest one's.
    pub confidence_millionths: u64,
}

impl Sweep {
    /// Who paid what it forwards.
    pub fn payers(&self) -> impl Iterator<Item = AddressIx> + '_ {
        self.receipts.iter().filter_map(|receipt| receipt.from)
    }
}

/// The sweeps that payments explain, and how many none do. Every payment is swept once.
pub(super) fn matched(
    movements: &[Movement],
    rule: &Rule,
    is_native: impl Fn(AssetIx) -> bool,
) -> (Vec<Sweep>, usize) {
    let (mut sweeps, mut unmatched) = (Vec::new(), 0);
    let mut open: Vec<Receipt> = Vec::new();
    let mut assets: Vec<AssetIx> = movements.iter().map(|movement| movement.asset).collect();
    assets.sort_unstable();
    assets.dedup();
    for asset in assets {
        open.clear();
        let alpha = if is_native(asset) {
            rule.alpha
        } else {
            U256::ZERO
        };
        for movement in movements.iter().filter(|movement| movement.asset == asset) {
            let Some(height) = movement.height else {
                continue;
            };
            if movement.is_in {
                open.push(Receipt {
                    tx: movement.tx,
                    from: movement.other,
                    amount: movement.amount,
                    height,
                });
                if open.len() > OPEN_MAX {
                    let least = open.iter().enumerate();
                    let least = least.min_by_key(|(at, receipt)| (receipt.amount, *at));
                    let least = least.map_or(0, |(at, _)| at);
                    open.remove(least);
                }
                continue;
            }
            let found = run(&open, (movement.amount, height), (alpha, rule));
            let Some((first, end)) = found else {
                unmatched += 1;
                continue;
            };
            let receipts: Vec<Receipt> = open.drain(first..end).collect();
            sweeps.push(Sweep {
                tx: movement.tx,
                asset,
                amount: movement.amount,
                height,
                confidence_millionths: confidence(
                    &receipts,
                    (movement.amount, height),
                    (alpha, rule),
                ),
                receipts,
            });
        }
    }
    sweeps.sort_by_key(|sweep| (sweep.tx, sweep.asset));
    (sweeps, unmatched)
}

/// The run of payments that a sweep forwards: one alone, the latest that fits; else the shortest run, the latest of those
/// alike, whose sum fits.
fn run(
    open: &[Receipt],
    (amount, height): (U256, u32),
    (alpha, rule): (U256, &Rule),
) -> Option<(usize, usize)> {
    let is_timely = |receipt: &Receipt| height - receipt.height.min(height) <= rule.tau;
    for length in 1..=open.len().min(rule.batch_max) {
        for first in (0..=open.len() - length).rev() {
            let run = &open[first..first + length];
            let sum = run
                .iter()
                .try_fold(U256::ZERO, |sum, receipt| sum.checked_add(receipt.amount));
            let rest = sum.and_then(|sum| sum.checked_sub(amount));
            if rest.is_some_and(|rest| rest <= alpha) && run.iter().all(is_timely) {
                return Some((first, first + length));
            }
        }
    }
    None
}

/// `1 - (rest / alpha + age / tau) / 2`, in millionths. Where nothing may be left behind, that term is nothing.
fn confidence(
    receipts: &[Receipt],
    (amount, height): (U256, u32),
    (alpha, rule): (U256, &Rule),
) -> u64 {
    let sum = receipts
        .iter()
        .fold(U256::ZERO, |sum, receipt| sum + receipt.amount);
    let rest = sum.saturating_sub(amount);
    let scaled = rest
        .checked_mul(U256::from(ONE))
        .and_then(|scaled| scaled.checked_div(alpha));
    let of_amount = scaled
        .and_then(|scaled| u64::try_from(scaled).ok())
        .unwrap_or(0)
        .min(ONE);
    let oldest = receipts
        .iter()
        .map(|receipt| receipt.height)
        .min()
        .unwrap_or(height);
    let age = u64::from(height.saturating_sub(oldest));
    let of_age = (age * ONE / u64::from(rule.tau.max(1))).min(ONE);
    ONE - (of_amount + of_age).div_ceil(2)
}
