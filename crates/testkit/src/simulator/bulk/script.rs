//! Addresses of the big chain, each made from its number alone: the script that pays it, and what spends it.
//!
//! Nothing is remembered of an address but its number, so that tens of millions of them cost no memory. Keys,
//! hashes and signatures are random bytes.

use crate::rng::SplitMix64;

/// The form of an output script, and with it of what spends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    P2wpkh,
    P2pkh,
    /// Spent by a witness of one signature, behind a redeem script.
    P2shNested,
    /// Spent by a script of two signatures out of three.
    P2shMultisig,
    P2trKey,
    /// Spent by a script that carries some hundred bytes of data, as inscriptions do.
    P2trScript,
    P2wsh,
    P2pk,
    P2pkLong,
    /// A bare multisig: spendable, and nobody's address.
    Multisig,
    /// A data carrier, which nobody can spend.
    Data,
}

/// Out of 1000 outputs that can be spent, how many have which form.
const SHARES: [(Form, u64); 10] = [
    (Form::P2wpkh, 551),
    (Form::P2pkh, 202),
    (Form::P2shNested, 60),
    (Form::P2shMultisig, 60),
    (Form::P2trKey, 62),
    (Form::P2trScript, 18),
    (Form::P2wsh, 30),
    (Form::P2pk, 5),
    (Form::P2pkLong, 5),
    (Form::Multisig, 7),
];

impl Form {
    pub(super) fn has_address(self) -> bool {
        !matches!(self, Self::Multisig | Self::Data)
    }

    pub(super) fn has_witness(self) -> bool {
        matches!(
            self,
            Self::P2wpkh | Self::P2shNested | Self::P2trKey | Self::P2trScript | Self::P2wsh
        )
    }
}

/// An address: whose it is and which of theirs, in one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: u64,
    pub(super) form: Form,
}

impl Place {
    /// The address of a number; its form follows from it.
    pub(super) fn of(seed: u64, number: u64) -> Self {
        let mut share = keys(seed, number).below(1000);
        for (form, part) in SHARES {
            if share < part {
                return Self { number, form };
            }
            share -= part;
        }
        unreachable!("the shares make up 1000")
    }

    /// A data carrier; the number only makes its bytes differ.
    pub(super) fn data(number: u64) -> Self {
        let form = Form::Data;
        Self { number, form }
    }

    /// Writes the script that pays it, its length first.
    pub(super) fn write_script(self, seed: u64, to: &mut Vec<u8>) {
        let mut keys = keys(seed, self.number);
        keys.next_u64();
        let key: [u8; 32] = keys.bytes();
        match self.form {
            Form::P2wpkh => join(to, &[&[22, 0x00, 20], &key[..20]]),
            Form::P2pkh => join(to, &[&[25, 0x76, 0xa9, 20], &key[..20], &[0x88, 0xac]]),
            Form::P2shNested | Form::P2shMultisig => {
                join(to, &[&[23, 0xa9, 20], &key[..20], &[0x87]]);
            }
            Form::P2trKey | Form::P2trScript => join(to, &[&[34, 0x51, 32], &key]),
            Form::P2wsh => join(to, &[&[34, 0x00, 32], &key]),
            Form::P2pk => join(to, &[&[35, 33, 0x02], &key, &[0xac]]),
            Form::P2pkLong => {
                let other: [u8; 32] = keys.bytes();
                join(to, &[&[67, 65, 0x04], &key, &other, &[0xac]]);
            }
            Form::Multisig => join(to, &[&[37, 0x51, 33, 0x02], &key, &[0x51, 0xae]]),
            Form::Data => join(to, &[&[34, 0x6a, 32], &key]),
        }
    }
}

/// The random numbers that belong to an address: the first tells its form, the others are its key.
fn keys(seed: u64, number: u64) -> SplitMix64 {
    SplitMix64::new(seed ^ number.wrapping_mul(0x9fb2_1c65_1e98_df25))
}

/// Writes the input script that spends a form, its length first.
pub(super) fn write_input_script(form: Form, noise: &mut SplitMix64, to: &mut Vec<u8>) {
    match form {
        Form::P2pkh => {
            // Old wallets show the whole key.
            if noise.chance(1, 4) {
                join(to, &[&[139, 72]]);
                fill(to, 72, noise);
                to.extend_from_slice(&[65, 0x04]);
                fill(to, 64, noise);
            } else {
                join(to, &[&[106, 71]]);
                fill(to, 71, noise);
                to.extend_from_slice(&[33, 0x02]);
                fill(to, 32, noise);
            }
        }
        Form::P2shNested => {
            to.extend_from_slice(&[23, 22, 0x00, 20]);
            fill(to, 20, noise);
        }
        Form::P2shMultisig => {
            // OP_0, two signatures of 71 bytes, a redeem script of 105.
            to.extend_from_slice(&[252, 0x00]);
            for _ in 0..2 {
                to.push(71);
                fill(to, 71, noise);
            }
            to.extend_from_slice(&[0x4c, 105]);
            fill(to, 105, noise);
        }
        Form::P2pk | Form::P2pkLong => {
            to.extend_from_slice(&[72, 71]);
            fill(to, 71, noise);
        }
        Form::Multisig => {
            to.extend_from_slice(&[73, 0x00, 71]);
            fill(to, 71, noise);
        }
        Form::P2wpkh | Form::P2trKey | Form::P2trScript | Form::P2wsh => to.push(0),
        Form::Data => panic!("a data carrier cannot be spent"),
    }
}

/// Writes the witness that spends a form: how many items, and each with its length first.
pub(super) fn write_witness(form: Form, noise: &mut SplitMix64, to: &mut Vec<u8>) {
    match form {
        Form::P2wpkh | Form::P2shNested => {
            to.extend_from_slice(&[2, 71]);
            fill(to, 71, noise);
            to.extend_from_slice(&[33, 0x02]);
            fill(to, 32, noise);
        }
        Form::P2trKey => {
            to.extend_from_slice(&[1, 64]);
            fill(to, 64, noise);
        }
        Form::P2trScript => {
            let size = u16::try_from(noise.between(300, 1_500)).expect("a small number");
            to.extend_from_slice(&[3, 64]);
            fill(to, 64, noise);
            to.push(0xfd);
            to.extend_from_slice(&size.to_le_bytes());
            fill(to, usize::from(size), noise);
            to.push(33);
            fill(to, 33, noise);
        }
        Form::P2wsh => {
            to.extend_from_slice(&[4, 0]);
            for size in [71, 71, 105] {
                to.push(size);
                fill(to, usize::from(size), noise);
            }
        }
        _ => to.push(0),
    }
}

fn join(to: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        to.extend_from_slice(part);
    }
}

/// Random bytes.
fn fill(to: &mut Vec<u8>, mut count: usize, noise: &mut SplitMix64) {
    while count > 0 {
        let some = count.min(8);
        to.extend_from_slice(&noise.next_u64().to_le_bytes()[..some]);
        count -= some;
    }
}
