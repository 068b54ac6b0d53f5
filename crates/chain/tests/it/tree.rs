//! A tree of made-up blocks that grows at random: forks, payments of all kinds, and what no node would let pass.

use whither_ledger::address::{Address, WitnessProgram};
use whither_testkit::rng::SplitMix64;

use crate::made::{COIN, Draft, Hash, Tx, genesis, hash};

/// An output that may be spent: where it is, and its value.
type Coin = (Hash, u32, u64);

/// One block.
pub struct Node {
    pub bytes: Vec<u8>,
    pub parent: Option<usize>,
    pub depth: usize,
    /// What its branch has not spent, and what it has.
    coins: Vec<Coin>,
    spent: Vec<Coin>,
}

/// Blocks, each after another one; the first is the network's.
pub struct Tree {
    pub nodes: Vec<Node>,
    pub rng: SplitMix64,
    /// How many payments a block has at most, and how many outputs each.
    pub payments: usize,
    pub outputs: usize,
}

impl Tree {
    pub fn new(seed: u64) -> Self {
        let first = Node {
            bytes: genesis(),
            parent: None,
            depth: 0,
            coins: Vec::new(),
            spent: Vec::new(),
        };
        Self {
            nodes: vec![first],
            rng: SplitMix64::new(seed),
            payments: 3,
            outputs: 4,
        }
    }

    /// Adds a block after another one; gives its number.
    pub fn grow(&mut self, parent: usize) -> usize {
        let mut coins = self.nodes[parent].coins.clone();
        let mut before = self.nodes[parent].spent.clone();
        let mut spent = Vec::new();
        let mut txs = Vec::new();
        for _ in 0..self.rng.index(self.payments + 1) {
            let tx = self.payment(&mut coins, &mut before, &mut spent);
            let txid = tx.txid();
            let made = (0..).zip(&tx.outputs);
            coins.extend(made.map(|(vout, (value, _))| (txid, vout, *value)));
            txs.push(tx);
        }
        // Now and then a coinbase is one that was there before, and so has its id (BIP 30).
        let number = u16::try_from(self.nodes.len()).unwrap();
        let number = if self.rng.chance(1, 12) {
            number / 2
        } else {
            number
        };
        let [low, high] = number.to_le_bytes();
        let mut coinbase = Tx::coinbase(&[0x02, low, high], &[]);
        let mut own = SplitMix64::new(u64::from(number));
        for _ in 0..=own.index(3) {
            coinbase = coinbase.with_output(COIN, &script(&mut own));
        }
        let txid = coinbase.txid();
        coins.retain(|coin| coin.0 != txid);
        before.retain(|coin| coin.0 != txid);
        spent.retain(|coin| coin.0 != txid);
        before.extend(spent);
        let made = (0..).zip(&coinbase.outputs);
        coins.extend(made.map(|(vout, (value, _))| (txid, vout, *value)));
        txs.insert(0, coinbase);
        let draft = Draft::after(hash(&self.nodes[parent].bytes), txs);
        let node = self.add(parent, draft.mine());
        (self.nodes[node].coins, self.nodes[node].spent) = (coins, before);
        node
    }

    /// Adds a block that somebody else has made.
    pub fn add(&mut self, parent: usize, bytes: Vec<u8>) -> usize {
        let depth = self.nodes[parent].depth + 1;
        self.nodes.push(Node {
            bytes,
            parent: Some(parent),
            depth,
            coins: Vec::new(),
            spent: Vec::new(),
        });
        self.nodes.len() - 1
    }

    /// Adds several, one after the other; gives the last one's number.
    pub fn extend(&mut self, parent: usize, count: usize) -> usize {
        (0..count).fold(parent, |tip, _| self.grow(tip))
    }

    /// The blocks from the first one to a tip, each by its number.
    pub fn branch(&self, tip: usize) -> Vec<usize> {
        let mut branch: Vec<usize> =
            std::iter::successors(Some(tip), |node| self.nodes[*node].parent).collect();
        branch.reverse();
        branch
    }

    pub fn bytes(&self, nodes: &[usize]) -> Vec<Vec<u8>> {
        nodes
            .iter()
            .map(|node| self.nodes[*node].bytes.clone())
            .collect()
    }

    /// The blocks of a branch.
    pub fn blocks(&self, tip: usize) -> Vec<Vec<u8>> {
        self.bytes(&self.branch(tip))
    }

    fn payment(
        &mut self,
        coins: &mut Vec<Coin>,
        before: &mut Vec<Coin>,
        spent: &mut Vec<Coin>,
    ) -> Tx {
        let mut inputs = Vec::new();
        let mut total = 0;
        for _ in 0..=self.rng.index(3) {
            let (txid, vout, value) = if self.rng.chance(1, 10) || coins.is_empty() {
                // Of a transaction that is not there.
                let txid = std::array::from_fn(|_| byte(&mut self.rng));
                (txid, 1, 0)
            } else if self.rng.chance(1, 12) && !before.is_empty() {
                // Spent in an earlier block.
                let (txid, vout, _) = before.remove(self.rng.index(before.len()));
                (txid, vout, 0)
            } else {
                let coin = coins.remove(self.rng.index(coins.len()));
                spent.push(coin);
                coin
            };
            inputs.push((txid, vout));
            total += value;
        }
        let mut tx = Tx::pay(&inputs, &[]);
        let count = u64::try_from(1 + self.rng.index(self.outputs)).unwrap();
        for _ in 0..count {
            tx = tx.with_output(total / count, &script(&mut self.rng));
        }
        tx
    }
}

/// Gives a draft more work than a dozen blocks have; `harder`: than hundreds.
pub fn mine_hard(mut draft: Draft, harder: bool) -> Vec<u8> {
    draft.bits = if harder { 0x1f7f_ffff } else { 0x2000_ffff };
    let mut bytes = draft.mine();
    let is_hard = |hash: Hash| hash[31] == 0 && (!harder || hash[30] < 0x7f);
    for nonce in 0_u32.. {
        bytes[76..80].copy_from_slice(&nonce.to_le_bytes());
        if is_hard(hash(&bytes)) {
            break;
        }
    }
    bytes
}

fn byte(rng: &mut SplitMix64) -> u8 {
    rng.next_u64().to_le_bytes()[0]
}

/// A script of some form; some owners come again and again.
pub fn script(rng: &mut SplitMix64) -> Vec<u8> {
    let hash: [u8; 40] = if rng.chance(1, 3) {
        [byte(rng) & 7; 40]
    } else {
        std::array::from_fn(|_| byte(rng))
    };
    let witness = |version, length| {
        let program = WitnessProgram::new(version, &hash[..length]).unwrap();
        Address::Witness(program).script().unwrap()
    };
    let short = *hash.first_chunk().unwrap();
    match rng.index(10) {
        0 | 1 => Address::P2pkh(short).script().unwrap(),
        2 | 3 => Address::P2sh(short).script().unwrap(),
        4 => witness(0, 20),
        5 => witness(0, 32),
        6 => witness(1, 32),
        7 => witness(1, 2),
        8 => witness(3 + u8::from(rng.chance(1, 2)), 2 + rng.index(39)),
        _ => vec![0x6a, 0x01, byte(rng)],
    }
}
