//! Measures traces over a made-up chain of outputs: `measure_kernels TRANSACTIONS [whole] [slow]`.
//!
//! Prints CPU time of this thread per cone, policy and kernel, in milliseconds, each the least of several runs;
//! `whole` adds bounds and the result; with `slow`, circles start with many coins and spend old and young alike,
//! so that much taint waits at once. The chain has circles of several sizes that never pay each other, so
//! that a cone lies scattered among other people's transactions, as on a real chain; half of a circle's money
//! is tainted. Linux only: CPU time is read from `/proc`. For reading, not for scripts; what it found is in
//! `docs/methods/kernels.md`.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use whither_analysis::trace::result::Basis;
use whither_analysis::trace::{
    Direction, Kernel, Knowledge, Origin, OriginPlace, Policy, Request, Stops, Window, follow_utxo,
};
use whither_ledger::address::Address;
use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Block, MemoryUtxo, Outpoint, UtxoOutput, UtxoTransaction};
use whither_ledger::transaction_id::TransactionId;
use whither_testkit::rng::SplitMix64;

/// How many of a million transactions each circle makes; what is left is the last circle's.
const CIRCLES: [u64; 5] = [90, 850, 8_500, 85_000, 905_560];
const BLOCK: usize = 2000;
/// The outputs of each of the two coinbases that a circle starts with, the first of which is the origin.
const STARTING_COINS: [u64; 2] = [16, 50_000];
const COIN: u64 = 5_000_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let count = arguments
        .first()
        .map_or(Ok(2_000_000), |text| text.parse())?;
    let whole = arguments.iter().any(|word| word == "whole");
    let slow = arguments.iter().any(|word| word == "slow");
    let (view, origins) = chain(count, slow)?;
    println!("{count} transactions, {} MB resident", resident_mb()?);
    let names = Policy::ALL.map(|policy| format!("{:>9}", policy.name()));
    println!("{:>9} {:>10} {}", "edges", "kernel", names.concat());
    for origin in &origins[..CIRCLES.len() - 1] {
        for kernel in [Kernel::Frontier, Kernel::Sweep, Kernel::Auto] {
            measure(&view, origin, kernel)?;
        }
        if whole {
            measure_whole(&view, origin)?;
        }
    }
    println!("{} MB resident", resident_mb()?);
    Ok(())
}

fn request(origin: &[u8; 32], policy: Policy) -> Request {
    let place = OriginPlace::Transaction(TransactionId::Bitcoin(*origin));
    Request {
        origins: vec![Origin {
            what: "origin".to_owned(),
            place,
            incident: None,
            asset: None,
            height: None,
            limit: None,
            basis: Basis::Fact,
            carried: None,
        }],
        policy,
        direction: Direction::Forward,
        window: Window::default(),
        stops: Stops::default(),
        knowledge: Knowledge::default(),
        may_enter: std::collections::BTreeMap::new(),
    }
}

/// The least CPU time of several runs, in microseconds, and what the last run gave.
fn least<T>(
    mut run: impl FnMut() -> Result<T, Box<dyn Error>>,
) -> Result<(u64, T), Box<dyn Error>> {
    let mut least = u64::MAX;
    let begun = Instant::now();
    loop {
        // The clock ticks in milliseconds, so short runs are measured by the dozen.
        let (start, mut runs, mut given) = (cpu_us()?, 0, None);
        while runs == 0 || cpu_us()? - start < 40_000 {
            drop(given.take());
            given = Some(run()?);
            runs += 1;
        }
        least = least.min((cpu_us()? - start) / runs);
        if let (true, Some(given)) = (begun.elapsed().as_millis() > 600, given) {
            return Ok((least, given));
        }
    }
}

fn measure(view: &MemoryUtxo, origin: &[u8; 32], kernel: Kernel) -> Result<(), Box<dyn Error>> {
    let (mut row, mut moves, mut sum) = (String::new(), 0, 0);
    for policy in Policy::ALL {
        let request = request(origin, policy);
        let (us, found) = least(|| Ok(follow_utxo(view, &request, kernel)?.moves()))?;
        moves = moves.max(found);
        row += &format!("{:>9}", milliseconds(us));
        sum += us;
    }
    println!("{moves:>9} {kernel:>10?} {row}  sum {}", milliseconds(sum));
    Ok(())
}

/// The whole question: bounds and result after the trace, and how large the answer is.
fn measure_whole(view: &MemoryUtxo, origin: &[u8; 32]) -> Result<(), Box<dyn Error>> {
    for policy in Policy::ALL {
        let request = request(origin, policy);
        let mut followed = follow_utxo(view, &request, Kernel::Auto)?;
        let (bound, ()) = least(|| {
            followed.bound();
            Ok(())
        })?;
        let (render, trace) = least(|| Ok(followed.render()))?;
        println!(
            "{:>20} {policy:>8}: bounds {}, result {}: {} moves, {} ends, {} edges, {} transactions",
            "",
            milliseconds(bound),
            milliseconds(render),
            followed.moves(),
            trace.endpoints.len(),
            trace.edges.len(),
            trace.transactions.len()
        );
    }
    Ok(())
}

fn milliseconds(us: u64) -> String {
    format!("{}.{:02}", us / 1000, us % 1000 / 10)
}

/// CPU time of this thread in microseconds.
fn cpu_us() -> Result<u64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: u64 = text
        .split(' ')
        .next()
        .ok_or("an empty schedstat")?
        .parse()?;
    Ok(nanoseconds / 1000)
}

fn resident_mb() -> Result<u64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = text.split(' ').nth(1).ok_or("an empty statm")?.parse()?;
    Ok(pages * 4 / 1024)
}

/// A coin that nobody spent yet.
#[derive(Clone, Copy)]
struct Coin {
    outpoint: Outpoint,
    value: u64,
}

/// A chain, and the id of each circle's first coinbase.
type Circles = (MemoryUtxo, Vec<[u8; 32]>);

fn chain(count: usize, slow: bool) -> Result<Circles, Box<dyn Error>> {
    let rng = &mut SplitMix64::new(1);
    let mut circles: [Vec<Coin>; CIRCLES.len()] = Default::default();
    let (mut blocks, mut transactions, mut origins) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..count {
        let txid = txid(rng, number)?;
        let circle = circle(rng, number);
        if number < CIRCLES.len() {
            origins.push(txid);
        }
        transactions.push(payment(
            rng,
            &mut circles[circle],
            txid,
            (number < 2 * CIRCLES.len(), slow),
        ));
        if transactions.len() == BLOCK || number + 1 == count {
            let height = u32::try_from(blocks.len())?;
            blocks.push(Block {
                hash: rng.bytes(),
                height: Some(height),
                time: 1_400_000_000 + 600 * height,
                transactions: std::mem::take(&mut transactions),
            });
        }
    }
    let coverage = vec![Coverage::Blocks {
        first: Some(0),
        last: Some(u32::try_from(blocks.len())? - 1),
        internal: true,
    }];
    let chain = Chain::Bitcoin(BitcoinNetwork::Regtest);
    let view = MemoryUtxo::build(chain, &blocks, &BTreeMap::new(), coverage, Vec::new())?;
    Ok((view, origins))
}

fn txid(rng: &mut SplitMix64, number: usize) -> Result<[u8; 32], Box<dyn Error>> {
    let mut txid = rng.bytes::<32>();
    txid[..8].copy_from_slice(&u64::try_from(number)?.to_le_bytes());
    Ok(txid)
}

/// Which circle makes a transaction: first two coinbases each, then by their shares.
fn circle(rng: &mut SplitMix64, number: usize) -> usize {
    if number < 2 * CIRCLES.len() {
        return number % CIRCLES.len();
    }
    let mut drawn = rng.below(CIRCLES.iter().sum());
    CIRCLES
        .iter()
        .position(|share| {
            let is_here = drawn < *share;
            drawn = drawn.saturating_sub(*share);
            is_here
        })
        .unwrap_or_default()
}

/// One to five coins, most of them young, into one to five.
fn payment(
    rng: &mut SplitMix64,
    coins: &mut Vec<Coin>,
    txid: [u8; 32],
    (coinbase, slow): (bool, bool),
) -> UtxoTransaction {
    let starting_coins = STARTING_COINS[usize::from(slow)];
    let mut inputs = Vec::new();
    let mut total = if coinbase { COIN * starting_coins } else { 0 };
    let wanted = if coinbase { 0 } else { rng.between(1, 5) };
    for _ in 0..wanted {
        let Some(last) = coins.len().checked_sub(1) else {
            break;
        };
        let place = if !slow && rng.chance(9, 10) {
            last - rng.index(coins.len().min(300))
        } else {
            rng.index(coins.len())
        };
        let coin = coins.swap_remove(place);
        inputs.push(coin.outpoint);
        total += coin.value;
    }
    let fee = if coinbase { 0 } else { total / 50_000 };
    // A little more out than in, so that some coins are never spent.
    let parts = match coinbase {
        true => starting_coins,
        false => rng.between(1, 5) + u64::from(rng.chance(1, 10)),
    };
    let mut left = total - fee;
    let outputs: Vec<UtxoOutput> = (1..=parts)
        .rev()
        .map(|parts| {
            let even = left / parts;
            let value = match parts {
                1 => left,
                _ if coinbase => even,
                _ => rng.between(even / 2, even + even / 2),
            };
            left -= value;
            let owner = Some(Address::P2pkh(rng.bytes()));
            UtxoOutput { value, owner }
        })
        .collect();
    for (vout, output) in (0..).zip(&outputs).filter(|(_, output)| output.value > 0) {
        coins.push(Coin {
            outpoint: Outpoint { txid, vout },
            value: output.value,
        });
    }
    UtxoTransaction {
        txid,
        inputs,
        outputs,
        coinbase,
    }
}
