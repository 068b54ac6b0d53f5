//! Blocks and transactions of a regtest chain as bytes: identifiers, merkle root, witness commitment, proof of work.
//!
//! Written from the protocol's documents for these tests alone. It only writes; it parses nothing.

use super::script::{Form, Script, push};
use sha2::{Digest, Sha256};

/// A double SHA-256, in the byte order of the protocol.
pub type Hash = [u8; 32];

/// The compact target of regtest: every second hash or so meets it.
pub(super) const BITS: u32 = 0x207f_ffff;
/// The time of regtest's first block.
pub(super) const GENESIS_TIME: u32 = 1_296_688_602;
/// Satoshi in a bitcoin.
pub const COIN: u64 = 100_000_000;

/// One input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The transaction whose output is spent.
    pub txid: Hash,
    /// Which of its outputs.
    pub vout: u32,
    script: Vec<u8>,
    witness: Vec<Vec<u8>>,
}

/// One output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its value in satoshi.
    pub value: u64,
    /// Its script.
    pub script: Script,
}

/// One transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    version: u32,
    /// Its inputs; a coinbase has one that spends nothing.
    pub inputs: Vec<Input>,
    /// Its outputs.
    pub outputs: Vec<Output>,
}

/// An output that can be spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coin {
    /// The transaction that made it.
    pub txid: Hash,
    /// Which of its outputs it is.
    pub vout: u32,
    /// The output itself.
    pub output: Output,
}

impl Coin {
    /// Its name, `txid:vout`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", display(&self.txid), self.vout)
    }
}

impl Transaction {
    /// A payment, with dummy proofs of the right form.
    #[must_use]
    pub fn payment(coins: &[Coin], outputs: Vec<Output>) -> Self {
        let input = |coin: &Coin| {
            let (script, witness) = coin.output.script.dummy_proof(coin.name().as_bytes());
            Input {
                txid: coin.txid,
                vout: coin.vout,
                script,
                witness,
            }
        };
        Self {
            version: 2,
            inputs: coins.iter().map(input).collect(),
            outputs,
        }
    }

    /// Whether it makes new money.
    #[must_use]
    pub fn is_coinbase(&self) -> bool {
        self.inputs.iter().any(|input| input.vout == u32::MAX)
    }

    /// Its identifier, which leaves the witness out.
    #[must_use]
    pub fn txid(&self) -> Hash {
        double_sha256(&self.encode(false))
    }

    /// Its identifier as people write it.
    #[must_use]
    pub fn name(&self) -> String {
        display(&self.txid())
    }

    /// Its outputs as coins, those that can be spent.
    #[must_use]
    pub fn coins(&self) -> Vec<Coin> {
        let txid = self.txid();
        let coin = |(vout, output): (u32, &Output)| Coin {
            txid,
            vout,
            output: output.clone(),
        };
        let all = (0..).zip(&self.outputs).map(coin);
        all.filter(|coin| coin.output.script.form != Form::OpReturn)
            .collect()
    }

    fn has_witness(&self) -> bool {
        self.inputs.iter().any(|input| !input.witness.is_empty())
    }

    fn encode(&self, with_witness: bool) -> Vec<u8> {
        let with_witness = with_witness && self.has_witness();
        let mut bytes = self.version.to_le_bytes().to_vec();
        if with_witness {
            bytes.extend([0, 1]);
        }
        bytes.extend(compact_size(self.inputs.len()));
        for input in &self.inputs {
            bytes.extend(input.txid);
            bytes.extend(input.vout.to_le_bytes());
            bytes.extend(sized(&input.script));
            bytes.extend(u32::MAX.to_le_bytes());
        }
        bytes.extend(compact_size(self.outputs.len()));
        for output in &self.outputs {
            bytes.extend(output.value.to_le_bytes());
            bytes.extend(sized(&output.script.bytes));
        }
        if with_witness {
            for input in &self.inputs {
                bytes.extend(compact_size(input.witness.len()));
                for item in &input.witness {
                    bytes.extend(sized(item));
                }
            }
        }
        bytes.extend(0_u32.to_le_bytes());
        bytes
    }
}

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its height.
    pub height: u32,
    version: u32,
    previous: Hash,
    time: u32,
    nonce: u32,
    /// Its transactions, the coinbase first.
    pub transactions: Vec<Transaction>,
}

impl Block {
    /// Regtest's real first block.
    #[must_use]
    pub fn genesis() -> Self {
        let text = b"The Times 03/Jan/2009 Chancellor on brink of second bailout for banks";
        let key = "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb6\
                   49f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f";
        let key: Vec<u8> = (0..key.len())
            .step_by(2)
            .map(|place| u8::from_str_radix(&key[place..place + 2], 16).expect("hex digits"))
            .collect();
        let bits = 0x1d00_ffff_u32.to_le_bytes();
        let script = [&push(&bits)[..], &push(&[4]), &push(text)].concat();
        let output = Output {
            value: 50 * COIN,
            script: Script {
                form: Form::P2pk,
                bytes: [&push(&key)[..], &[0xac]].concat(),
                address: None,
            },
        };
        Self {
            height: 0,
            version: 1,
            previous: [0; 32],
            time: GENESIS_TIME,
            nonce: 2,
            transactions: vec![Transaction {
                version: 1,
                inputs: vec![coinbase_input(script, Vec::new())],
                outputs: vec![output],
            }],
        }
    }

    /// The block after `previous`: a coinbase that pays subsidy and fees in the given parts, then the transactions.
    ///
    /// # Panics
    /// If `coinbase_outputs` is empty.
    #[must_use]
    pub fn after(
        previous: &Self,
        extra_nonce: u64,
        coinbase_outputs: Vec<Output>,
        transactions: Vec<Transaction>,
    ) -> Self {
        let time = GENESIS_TIME + 600 * (previous.height + 1);
        Self::after_at(previous, time, extra_nonce, coinbase_outputs, transactions)
    }

    /// The same at a time, in seconds since 1970: nothing need happen every ten minutes.
    ///
    /// # Panics
    /// If `coinbase_outputs` is empty.
    #[must_use]
    pub fn after_at(
        previous: &Self,
        time: u32,
        extra_nonce: u64,
        coinbase_outputs: Vec<Output>,
        transactions: Vec<Transaction>,
    ) -> Self {
        assert!(!coinbase_outputs.is_empty(), "a coinbase pays somebody");
        let height = previous.height + 1;
        let script = [push_height(height), push(&extra_nonce.to_le_bytes())].concat();
        let mut coinbase = Transaction {
            version: 2,
            inputs: vec![coinbase_input(script, Vec::new())],
            outputs: coinbase_outputs,
        };
        if transactions.iter().any(Transaction::has_witness) {
            coinbase.inputs[0].witness = vec![vec![0; 32]];
            coinbase.outputs.push(witness_commitment(&transactions));
        }
        let mut block = Self {
            height,
            version: 4,
            previous: previous.hash(),
            time,
            nonce: 0,
            transactions: [vec![coinbase], transactions].concat(),
        };
        while !has_proof_of_work(block.hash()) {
            block.nonce += 1;
        }
        block
    }

    /// Its hash.
    #[must_use]
    pub fn hash(&self) -> Hash {
        double_sha256(&self.header())
    }

    /// Its hash as people write it.
    #[must_use]
    pub fn name(&self) -> String {
        display(&self.hash())
    }

    /// Its time, in seconds since 1970.
    #[must_use]
    pub fn time(&self) -> u32 {
        self.time
    }

    /// All its bytes, as a node sends and stores them.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.header();
        bytes.extend(compact_size(self.transactions.len()));
        for transaction in &self.transactions {
            bytes.extend(transaction.encode(true));
        }
        bytes
    }

    fn header(&self) -> Vec<u8> {
        let txids: Vec<Hash> = self.transactions.iter().map(Transaction::txid).collect();
        let mut bytes = self.version.to_le_bytes().to_vec();
        bytes.extend(self.previous);
        bytes.extend(merkle_root(&txids));
        bytes.extend(self.time.to_le_bytes());
        bytes.extend(BITS.to_le_bytes());
        bytes.extend(self.nonce.to_le_bytes());
        bytes
    }
}

/// Whether a hash, read as a little-endian number, is at most 0x7fffff followed by 29 zero bytes.
pub(super) fn has_proof_of_work(mut hash: Hash) -> bool {
    let mut target = [0; 32];
    target[..3].copy_from_slice(&[0x7f, 0xff, 0xff]);
    hash.reverse();
    hash <= target
}

/// The new money of a block: 50 bitcoin, halved every 150 blocks.
#[must_use]
pub fn subsidy(height: u32) -> u64 {
    (50 * COIN).checked_shr(height / 150).unwrap_or(0)
}

/// Bytes twice through SHA-256.
#[must_use]
pub fn double_sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(Sha256::digest(bytes)).into()
}

/// A hash as people write it: hexadecimal, last byte first.
#[must_use]
pub fn display(hash: &Hash) -> String {
    hash.iter()
        .rev()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn coinbase_input(script: Vec<u8>, witness: Vec<Vec<u8>>) -> Input {
    Input {
        txid: [0; 32],
        vout: u32::MAX,
        script,
        witness,
    }
}

/// The height as BIP 34 wants it: the shortest push of the number.
pub(super) fn push_height(height: u32) -> Vec<u8> {
    if let 1..=16 = height {
        return vec![0x50 + u8::try_from(height).expect("a small number")];
    }
    let mut bytes = height.to_le_bytes().to_vec();
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    if bytes.last().is_some_and(|byte| byte & 0x80 != 0) {
        bytes.push(0);
    }
    push(&bytes)
}

/// The coinbase output that commits to the witnesses (BIP 141): worth nothing, spendable by nobody.
fn witness_commitment(transactions: &[Transaction]) -> Output {
    let mut leaves = vec![[0; 32]];
    for transaction in transactions {
        leaves.push(double_sha256(&transaction.encode(true)));
    }
    let commitment = double_sha256(&[merkle_root(&leaves), [0; 32]].concat());
    let data = [&[0xaa, 0x21, 0xa9, 0xed], &commitment[..]].concat();
    Output {
        value: 0,
        script: Script {
            form: Form::OpReturn,
            bytes: [&[0x6a], &push(&data)[..]].concat(),
            address: None,
        },
    }
}

fn merkle_root(leaves: &[Hash]) -> Hash {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        if level.len() % 2 == 1 {
            level.push(level[level.len() - 1]);
        }
        level = level
            .chunks(2)
            .map(|pair| double_sha256(&pair.concat()))
            .collect();
    }
    level[0]
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&compact_size(bytes.len())[..], bytes].concat()
}

pub(super) fn compact_size(count: usize) -> Vec<u8> {
    if let Ok(small @ 0..=0xfc) = u8::try_from(count) {
        return vec![small];
    }
    if let Ok(middle) = u16::try_from(count) {
        return [&[0xfd], &middle.to_le_bytes()[..]].concat();
    }
    let large = u32::try_from(count).expect("nothing here is that large");
    [&[0xfe], &large.to_le_bytes()[..]].concat()
}

#[cfg(test)]
mod tests {
    use super::{Block, COIN, compact_size, display, has_proof_of_work, push_height, subsidy};

    #[test]
    fn the_first_block_is_the_real_one() {
        let genesis = Block::genesis();
        let hash = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206";
        assert_eq!(display(&genesis.hash()), hash);
        let txid = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b";
        assert_eq!(genesis.transactions[0].name(), txid);
        assert_eq!(genesis.encode().len(), 285);
        assert!(has_proof_of_work(genesis.hash()));
    }

    #[test]
    fn numbers_take_the_shortest_form() {
        assert_eq!(push_height(16), [0x60]);
        assert_eq!(push_height(17), [1, 17]);
        assert_eq!(push_height(128), [2, 0x80, 0]);
        assert_eq!(push_height(256), [2, 0, 1]);
        assert_eq!(compact_size(0xfc), [0xfc]);
        assert_eq!(compact_size(0xfd), [0xfd, 0xfd, 0]);
        assert_eq!(compact_size(0x1_0000), [0xfe, 0, 0, 1, 0]);
    }

    #[test]
    fn the_subsidy_halves() {
        assert_eq!(subsidy(149), 50 * COIN);
        assert_eq!(subsidy(150), 25 * COIN);
        assert_eq!(subsidy(150 * 64), 0);
    }
}
