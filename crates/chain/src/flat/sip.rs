//! SipHash-2-4 (Aumasson and Bernstein 2012): the keyed fingerprints of the hash indexes.
//!
//! Transaction ids can be ground so that their first bytes agree; under a key that follows from the whole
//! chain's content they cannot be ground to share a bucket. Not for anything that must withstand forgery.

/// A key of the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(pub(super) u64, pub(super) u64);

impl Key {
    /// The fingerprint of some bytes.
    pub(super) fn fingerprint(self, bytes: &[u8]) -> u64 {
        let mut state = [
            self.0 ^ 0x736f_6d65_7073_6575,
            self.1 ^ 0x646f_7261_6e64_6f6d,
            self.0 ^ 0x6c79_6765_6e65_7261,
            self.1 ^ 0x7465_6462_7974_6573,
        ];
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            absorb(&mut state, u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        last[7] = bytes.len().to_le_bytes()[0];
        absorb(&mut state, u64::from_le_bytes(last));
        state[2] ^= 0xff;
        (0..4).for_each(|_| round(&mut state));
        state[0] ^ state[1] ^ state[2] ^ state[3]
    }
}

fn absorb(state: &mut [u64; 4], word: u64) {
    state[3] ^= word;
    round(state);
    round(state);
    state[0] ^= word;
}

fn round([a, b, c, d]: &mut [u64; 4]) {
    *a = a.wrapping_add(*b);
    *b = b.rotate_left(13) ^ *a;
    *a = a.rotate_left(32);
    *c = c.wrapping_add(*d);
    *d = d.rotate_left(16) ^ *c;
    *a = a.wrapping_add(*d);
    *d = d.rotate_left(21) ^ *a;
    *c = c.wrapping_add(*b);
    *b = b.rotate_left(17) ^ *c;
    *c = c.rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::Key;

    /// The reference vectors of the paper's authors: key 00…0f, inputs of 0 to 15 counting bytes.
    #[test]
    fn the_reference_vectors_hold() {
        let key = Key(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908);
        let bytes: Vec<u8> = (0..15).collect();
        assert_eq!(key.fingerprint(&[]), 0x726f_db47_dd0e_0e31);
        assert_eq!(key.fingerprint(&bytes[..1]), 0x74f8_39c5_93dc_67fd);
        assert_eq!(key.fingerprint(&bytes[..8]), 0x93f5_f579_9a93_2462);
        assert_eq!(key.fingerprint(&bytes), 0xa129_ca61_49be_45e5);
    }
}
