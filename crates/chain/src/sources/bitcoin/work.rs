//! Targets, and the work that meeting one stands for.
//!
//! The chain that counts is the one with most work, which only `bits` tell: neither height nor time does.
//! Whether the bits are those that the difficulty rules demand at their height is not checked here; that
//! needs every header since the network's beginning.

use whither_ledger::U256;
use whither_ledger::chain::BitcoinNetwork;

/// The target that compact bits stand for; `None` for negative, zero and overflowing ones.
#[must_use]
pub fn target(bits: u32) -> Option<U256> {
    let exponent = bits >> 24;
    let mantissa = bits & 0x007f_ffff;
    if mantissa == 0 || bits & 0x0080_0000 != 0 {
        return None;
    }
    let mantissa = U256::from(mantissa);
    if exponent <= 3 {
        let target = mantissa >> (8 * (3 - exponent));
        return (!target.is_zero()).then_some(target);
    }
    let shift = 8 * (exponent - 3);
    let target = mantissa.checked_shl(usize::try_from(shift).ok()?)?;
    Some(target)
}

/// How many hashes it takes on average to meet a target.
#[must_use]
pub fn work(target: U256) -> U256 {
    // 2^256 / (target + 1), as Bitcoin Core writes it within 256 bits.
    match target.checked_add(U256::ONE) {
        Some(next) => (!target / next).saturating_add(U256::ONE),
        None => U256::ONE,
    }
}

/// Whether a hash, read as a little-endian number, is at most the target.
#[must_use]
pub fn meets(hash: &[u8; 32], target: U256) -> bool {
    U256::from_le_bytes(*hash) <= target
}

/// The easiest target a network allows.
#[must_use]
pub fn limit(network: BitcoinNetwork) -> U256 {
    match network {
        BitcoinNetwork::Main | BitcoinNetwork::Testnet3 | BitcoinNetwork::Testnet4 => {
            U256::MAX >> 32
        }
        BitcoinNetwork::Signet => U256::from(0x0003_77ae_u32) << 216,
        BitcoinNetwork::Regtest => U256::MAX >> 1,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn compact_targets_are_read_as_bitcoin_core_does() {
        assert_eq!(target(0x1d00_ffff).unwrap(), U256::from(0xffff_u32) << 208);
        assert_eq!(target(0x0312_3456).unwrap(), U256::from(0x12_3456));
        assert_eq!(target(0x0212_3456).unwrap(), U256::from(0x1234));
        assert_eq!(target(0x0112_3456).unwrap(), U256::from(0x12));
        assert_eq!(target(0x207f_ffff).unwrap(), U256::from(0x7f_ffff) << 232);
        for bits in [
            0,
            0x0012_3456,
            0x0112_3456 & 0xff00_ffff,
            0x0480_0001,
            0x0400_0000,
            0x237f_ffff,
            0xff12_3456,
        ] {
            assert_eq!(target(bits), None, "{bits:#x}");
        }
        assert!(target(0x2200_00ff).is_some());
        assert!(target(0x2200_ffff).is_none());
    }

    #[test]
    fn work_is_the_inverse_of_the_target() {
        assert_eq!(
            work(target(0x1d00_ffff).unwrap()),
            U256::from(0x1_0001_0001_u64)
        );
        assert_eq!(work(target(0x207f_ffff).unwrap()), U256::from(2));
        assert_eq!(work(U256::MAX), U256::ONE);
        assert_eq!(work(U256::ZERO), U256::MAX);
    }

    #[test]
    fn limits_are_those_of_the_first_blocks() {
        for (network, bits) in [
            (BitcoinNetwork::Main, 0x1d00_ffff),
            (BitcoinNetwork::Testnet4, 0x1d00_ffff),
            (BitcoinNetwork::Signet, 0x1e03_77ae),
            (BitcoinNetwork::Regtest, 0x207f_ffff),
        ] {
            let first = target(bits).unwrap();
            assert!(first <= limit(network));
            assert!(
                first > limit(network) - (limit(network) >> 15),
                "{network:?}"
            );
        }
    }
}
