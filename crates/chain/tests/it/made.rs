//! Small regtest blocks made by hand, also such as no node would make.

use sha2::{Digest as _, Sha256};

pub const MAGIC: [u8; 4] = [0xfa, 0xbf, 0xb5, 0xda];
const REGTEST_BITS: u32 = 0x207f_ffff;
pub const COIN: u64 = 100_000_000;

pub type Hash = [u8; 32];

pub fn double_sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(Sha256::digest(bytes)).into()
}

/// A hash as people write it.
pub fn show(hash: &Hash) -> String {
    hash.iter()
        .rev()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// One input: what it spends, and its script.
#[derive(Clone)]
pub struct In {
    pub txid: Hash,
    pub vout: u32,
    pub script: Vec<u8>,
}

/// A transaction, without a witness unless one is given as bytes.
#[derive(Clone)]
pub struct Tx {
    pub inputs: Vec<In>,
    /// Value and script.
    pub outputs: Vec<(u64, Vec<u8>)>,
    /// What stands between the outputs and the lock time; with it the marker is written.
    pub witness: Option<Vec<u8>>,
    pub flag: u8,
}

impl Tx {
    pub fn coinbase(script: &[u8], outputs: &[u64]) -> Self {
        Self::pay(&[([0; 32], u32::MAX)], outputs).with_script(script)
    }

    pub fn pay(inputs: &[(Hash, u32)], outputs: &[u64]) -> Self {
        let input = |(txid, vout): &(Hash, u32)| In {
            txid: *txid,
            vout: *vout,
            script: vec![0x51],
        };
        Self {
            inputs: inputs.iter().map(input).collect(),
            outputs: outputs.iter().map(|value| (*value, vec![0x51])).collect(),
            witness: None,
            flag: 1,
        }
    }

    pub fn with_script(mut self, script: &[u8]) -> Self {
        self.inputs[0].script = script.to_vec();
        self
    }

    pub fn with_output(mut self, value: u64, script: &[u8]) -> Self {
        self.outputs.push((value, script.to_vec()));
        self
    }

    pub fn with_witness(mut self, witness: &[u8]) -> Self {
        self.witness = Some(witness.to_vec());
        self
    }

    pub fn encode(&self, with_witness: bool) -> Vec<u8> {
        let mut bytes = vec![1, 0, 0, 0];
        if with_witness && self.witness.is_some() {
            bytes.extend([0, self.flag]);
        }
        bytes.push(u8::try_from(self.inputs.len()).unwrap());
        for input in &self.inputs {
            bytes.extend(input.txid);
            bytes.extend(input.vout.to_le_bytes());
            bytes.push(u8::try_from(input.script.len()).unwrap());
            bytes.extend(&input.script);
            bytes.extend([0xff; 4]);
        }
        bytes.push(u8::try_from(self.outputs.len()).unwrap());
        for (value, script) in &self.outputs {
            bytes.extend(value.to_le_bytes());
            bytes.push(u8::try_from(script.len()).unwrap());
            bytes.extend(script);
        }
        if with_witness {
            bytes.extend(self.witness.iter().flatten());
        }
        bytes.extend([0; 4]);
        bytes
    }

    pub fn txid(&self) -> Hash {
        double_sha256(&self.encode(false))
    }

    pub fn wtxid(&self) -> Hash {
        double_sha256(&self.encode(true))
    }
}

/// A block to be mined.
#[derive(Clone)]
pub struct Draft {
    pub version: i32,
    pub previous: Hash,
    pub time: u32,
    pub bits: u32,
    pub txs: Vec<Tx>,
    /// Taken instead of the right one.
    pub merkle_root: Option<Hash>,
}

impl Draft {
    pub fn after(previous: Hash, txs: Vec<Tx>) -> Self {
        Self {
            version: 1,
            previous,
            time: 1_700_000_000,
            bits: REGTEST_BITS,
            txs,
            merkle_root: None,
        }
    }

    /// With the lowest nonce that gives proof of work.
    pub fn mine(&self) -> Vec<u8> {
        let mut bytes = self.version.to_le_bytes().to_vec();
        bytes.extend(self.previous);
        let txids: Vec<Hash> = self.txs.iter().map(Tx::txid).collect();
        bytes.extend(self.merkle_root.unwrap_or_else(|| merkle_root(&txids)));
        bytes.extend(self.time.to_le_bytes());
        bytes.extend(self.bits.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.push(u8::try_from(self.txs.len()).unwrap());
        for tx in &self.txs {
            bytes.extend(tx.encode(true));
        }
        mine(&mut bytes);
        bytes
    }
}

/// Gives a block proof of work by the bits of regtest, whatever its own say.
pub fn mine(block: &mut [u8]) {
    for nonce in 0_u32.. {
        block[76..80].copy_from_slice(&nonce.to_le_bytes());
        if hash(block)[31] < 0x7f {
            return;
        }
    }
}

pub fn hash(block: &[u8]) -> Hash {
    double_sha256(&block[..80])
}

pub fn merkle_root(leaves: &[Hash]) -> Hash {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| double_sha256(&[pair[0], *pair.last().unwrap()].concat()))
            .collect();
    }
    level.first().copied().unwrap_or_default()
}

/// Coinbase outputs that commit to the witnesses of a block's other transactions, reserved value zero.
pub fn commitment(others: &[Tx]) -> Vec<u8> {
    let mut leaves = vec![[0; 32]];
    leaves.extend(others.iter().map(Tx::wtxid));
    let commitment = double_sha256(&[merkle_root(&leaves), [0; 32]].concat());
    [&[0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed], &commitment[..]].concat()
}

/// The witness of a coinbase whose reserved value is zero.
pub fn reserved() -> Vec<u8> {
    [&[1, 32][..], &[0; 32]].concat()
}

/// The first block of regtest.
pub fn genesis() -> Vec<u8> {
    whither_testkit::simulator::block::Block::genesis().encode()
}

/// A chain of blocks on top of another, each with a coinbase alone that tells `tag` and no height.
pub fn extend(previous: &[u8], count: usize, tag: u8) -> Vec<Vec<u8>> {
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    for number in 0..count {
        let previous = hash(blocks.last().map_or(previous, Vec::as_slice));
        let script = [0x02, tag, u8::try_from(number).unwrap()];
        let coinbase = Tx::coinbase(&script, &[50 * COIN]);
        blocks.push(Draft::after(previous, vec![coinbase]).mine());
    }
    blocks
}

/// Blocks in block-file framing.
pub fn framed(blocks: &[Vec<u8>]) -> Vec<u8> {
    blocks.iter().flat_map(|block| record(block)).collect()
}

pub fn record(block: &[u8]) -> Vec<u8> {
    let size = u32::try_from(block.len()).unwrap();
    [&MAGIC[..], &size.to_le_bytes(), block].concat()
}

/// Hides bytes as `xor.dat` says.
pub fn hide(bytes: &mut [u8], key: [u8; 8]) {
    for (offset, byte) in bytes.iter_mut().enumerate() {
        *byte ^= key[offset % 8];
    }
}
