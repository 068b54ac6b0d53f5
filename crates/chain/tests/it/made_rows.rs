//! Random views of account chains: all that tables, sources and claims can leave open, in one generator.

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{
    BlockFact, Facts, MemoryAccounts, RowKind, TableRow, TableSource, TokenFact,
};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_testkit::rng::SplitMix64;

/// How rows of a random ledger are written: what a chain and a source leave open.
struct Style {
    chain: Chain,
    /// Every how many transactions a height, an index, an order of legs, an id is told; 0 for none.
    heights: u64,
    indexes: u64,
    orders: u64,
    ids: u64,
    /// How many bits amounts have at most.
    bits: usize,
}

fn style(seed: u64) -> Style {
    let chains = ["eip155:1337", "tron", "cosmos:cosmoshub-4"];
    Style {
        chain: chains[usize::try_from(seed % 3).unwrap()].parse().unwrap(),
        heights: [1, 0, 2, 1][usize::try_from(seed / 3 % 4).unwrap()],
        indexes: seed / 2 % 3,
        orders: seed / 5 % 3,
        ids: [1, 1, 3][usize::try_from(seed / 7 % 3).unwrap()],
        bits: [20, 64, 94, 95, 96, 97, 130, 247][usize::try_from(seed / 4 % 8).unwrap()],
    }
}

fn told<T>(rng: &mut SplitMix64, every: u64, value: T) -> Option<T> {
    (every > 0 && rng.below(every) == 0).then_some(value)
}

fn address(chain: &Chain, number: u64) -> Address {
    let mut account = [0; 20];
    account[12..].copy_from_slice(&number.to_be_bytes());
    match chain {
        Chain::Tron => Address::Tron(account),
        Chain::Evm(_) => Address::Evm(account),
        _ => Address::Other(
            format!("cosmos1{}", "x".repeat(usize::try_from(number).unwrap())).into(),
        ),
    }
}

fn id(chain: &Chain, rng: &mut SplitMix64) -> TransactionId {
    let hash = rng.bytes();
    match chain {
        Chain::Tron => TransactionId::Tron(hash),
        Chain::Evm(_) => TransactionId::Hash(hash),
        _ => TransactionId::Other(format!("tx{}", rng.below(1 << 40)).into()),
    }
}

/// A random number of up to so many bits.
fn amount(rng: &mut SplitMix64, bits: usize) -> U256 {
    U256::from_le_bytes(rng.bytes::<32>()) >> (256 - 1 - rng.index(bits))
}

/// Random rows: gas, several legs to a transaction, zeros, self-transfers, mints and burns.
fn rows(rng: &mut SplitMix64, style: &Style, transactions: usize) -> Vec<TableRow> {
    let chain = &style.chain;
    let assets: Vec<Asset> = ["slip44:1", "slip44:2", "token:a"]
        .iter()
        .map(|asset| format!("{chain}/{asset}").parse().unwrap())
        .collect();
    let mut rows = Vec::new();
    for number in 0..transactions {
        let transaction = id(chain, rng);
        let transaction = told(rng, style.ids, transaction);
        let height = u32::try_from(number / 2).unwrap();
        let (height, index) = (
            told(rng, style.heights, height),
            told(rng, style.indexes, u32::try_from(number % 2).unwrap()),
        );
        let time = Timestamp::from_seconds(i64::try_from(number / 3).unwrap() - 5).unwrap();
        let legs = if transaction.is_some() {
            rng.index(5) + 1
        } else {
            1
        };
        let is_ordered = told(rng, style.orders, ()).is_some();
        for leg in 0..legs {
            let fee = leg == 0 && rng.chance(1, 3);
            rows.push(TableRow {
                transaction: transaction.clone(),
                height,
                index,
                time,
                log_index: (is_ordered && !fee).then(|| u32::try_from(leg * 3).unwrap()),
                kind: if fee { RowKind::Fee } else { RowKind::Transfer },
                from: address(chain, rng.below(9)),
                to: address(chain, rng.below(9)),
                asset: rng.pick(&assets).clone(),
                amount: if rng.chance(1, 12) {
                    U256::ZERO
                } else {
                    amount(rng, style.bits)
                },
            });
        }
    }
    rows
}

fn coverage(rng: &mut SplitMix64, chain: &Chain) -> Coverage {
    let time = |seconds| Timestamp::from_seconds(seconds).unwrap();
    match rng.below(3) {
        0 => Coverage::Rows {
            from: time(-5),
            to: time(9),
        },
        1 => Coverage::Blocks {
            first: Some(0),
            last: Some(u32::try_from(rng.below(40)).unwrap()),
            internal: rng.chance(1, 2),
        },
        _ => Coverage::Addresses {
            addresses: (1..4).map(|number| address(chain, number)).collect(),
            internal: rng.chance(1, 2),
            from: time(-5),
            to: time(i64::try_from(rng.below(40)).unwrap()),
        },
    }
}

/// Blocks, a token's words, and a contract.
fn facts(chain: &Chain) -> Facts {
    let block = |height: u32| BlockFact {
        height,
        hash: [7; 32],
        parent: height.checked_sub(1).map(|_| [6; 32]),
        time: Timestamp::from(height),
        transactions: height * 3,
    };
    let token = TokenFact {
        asset: format!("{chain}/token:a").parse().unwrap(),
        height: Some(7),
        symbol: Some("U\u{405}DT\n".to_owned()),
        name: None,
        decimals: Some(6),
    };
    Facts {
        blocks: (0..3).map(block).collect(),
        tokens: vec![token],
        contracts: [address(chain, 3)].into(),
    }
}

/// What a random view is made of.
pub struct Content {
    pub chain: Chain,
    pub sources: Vec<TableSource>,
    pub claims: Vec<TableRow>,
}

impl Content {
    pub fn view(&self) -> MemoryAccounts {
        MemoryAccounts::build_with_claims(self.chain.clone(), &self.sources, &self.claims)
    }
}

/// One or two tables that overlap and do not agree in everything, and sometimes claims.
pub fn random_content(seed: u64) -> Content {
    let mut rng = SplitMix64::new(seed);
    let style = style(seed);
    let all = rows(&mut rng, &style, 2 + usize::try_from(seed % 40).unwrap());
    let split = all.len() * 2 / 3;
    let mut second = all[all.len() / 3..].to_vec();
    for row in &mut second {
        if rng.chance(1, 6) {
            row.amount = amount(&mut rng, style.bits);
        }
        if rng.chance(1, 6) && !seed.is_multiple_of(4) {
            row.transaction = None;
        }
    }
    let mut sources = vec![TableSource {
        digest: [1; 32],
        coverage: coverage(&mut rng, &style.chain),
        rows: all[..split].to_vec(),
        facts: facts(&style.chain),
    }];
    if seed.is_multiple_of(2) {
        sources.push(TableSource {
            digest: [2; 32],
            coverage: coverage(&mut rng, &style.chain),
            rows: second,
            facts: Facts::default(),
        });
    }
    let mut claims = Vec::new();
    if seed.is_multiple_of(5) {
        claims = rows(&mut rng, &style, 2);
        // One of them is told by a table that names no transaction.
        claims.extend(all.iter().find(|row| row.transaction.is_none()).cloned());
        for claim in &mut claims {
            let new = id(&style.chain, &mut rng);
            claim.transaction.get_or_insert(new);
        }
    }
    Content {
        chain: style.chain,
        sources,
        claims,
    }
}
