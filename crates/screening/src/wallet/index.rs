//! All listed addresses in one table: some 40 ns a look-up, without an allocation.
//!
//! Open addressing over a hash of the form; the bytes are compared, so that a hash decides nothing. The order of
//! what is found is that of the lists.

use std::collections::BTreeMap;

use super::form::{KEY_MAX, forms, key};

/// Where listed addresses stand.
#[derive(Clone, Debug, Default)]
pub struct WalletIndex {
    /// Positions in `rows`, plus one; 0 is free. A power of two.
    slots: Vec<u32>,
    rows: Vec<Row>,
    bytes: Vec<u8>,
    /// Addresses of no form that is known, found letter by letter.
    odd: BTreeMap<Box<str>, Vec<u32>>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    hash: u64,
    start: u32,
    length: u32,
    /// What was given for it.
    value: u32,
    /// The next row of the same form, plus one.
    next: u32,
}

impl WalletIndex {
    /// Builds the table from code, address and a number of the caller's own.
    #[must_use]
    pub fn build<'a>(wallets: impl Iterator<Item = (&'a str, &'a str, u32)>) -> Self {
        let mut index = Self::default();
        for (code, address, value) in wallets {
            let forms = forms(code, address);
            if forms.is_empty() {
                let odd = index.odd.entry(address.trim().into()).or_default();
                odd.push(value);
            }
            for form in forms {
                index.push(&form, value);
            }
        }
        index.rehash();
        index
    }

    /// How many forms it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn push(&mut self, form: &[u8], value: u32) {
        let start =
            u32::try_from(self.bytes.len()).expect("lists have less than 4 GB of addresses");
        self.bytes.extend(form);
        self.rows.push(Row {
            hash: hash(form),
            start,
            length: u32::try_from(form.len()).expect("a form has up to 128 bytes"),
            value,
            next: 0,
        });
    }

    fn rehash(&mut self) {
        let size = (self.rows.len() * 2 + 1).next_power_of_two();
        self.slots = vec![0; size];
        for at in 0..self.rows.len() {
            let row = self.rows[at];
            let number = u32::try_from(at + 1).expect("lists have less than 4 G addresses");
            let form = self.form(&row).to_vec();
            let mut slot = self.first_slot(row.hash);
            loop {
                match self.slots[slot] {
                    0 => {
                        self.slots[slot] = number;
                        break;
                    }
                    taken => {
                        let mut last = taken as usize - 1;
                        if self.form(&self.rows[last]) == form {
                            while self.rows[last].next != 0 {
                                last = self.rows[last].next as usize - 1;
                            }
                            self.rows[last].next = number;
                            break;
                        }
                        slot = (slot + 1) & (size - 1);
                    }
                }
            }
        }
    }

    fn first_slot(&self, hash: u64) -> usize {
        usize::try_from(hash >> 32).unwrap_or(0) & (self.slots.len() - 1)
    }

    fn form(&self, row: &Row) -> &[u8] {
        let start = row.start as usize;
        &self.bytes[start..start + row.length as usize]
    }

    /// The numbers under which an address was given; none where it is not listed.
    pub fn find(&self, text: &str) -> Vec<u32> {
        let odd = self.odd.get(text.trim());
        let mut found = odd.cloned().unwrap_or_default();
        let mut row = self.first_row(text);
        while let Some(at) = row {
            let one = &self.rows[at];
            if !found.contains(&one.value) {
                found.push(one.value);
            }
            row = (one.next as usize).checked_sub(1);
        }
        found
    }

    /// Whether an address is listed.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        let mut buffer = [0; KEY_MAX];
        match key(text, &mut buffer) {
            Some(length) => self.row_of(&buffer[..length]).is_some(),
            // What has a form is not kept letter by letter.
            None => self.is_odd(text),
        }
    }

    /// Whether a text is a listed address of no form that is known, letter by letter.
    #[must_use]
    pub fn is_odd(&self, text: &str) -> bool {
        !self.odd.is_empty() && self.odd.contains_key(text.trim())
    }

    fn first_row(&self, text: &str) -> Option<usize> {
        let mut buffer = [0; KEY_MAX];
        let length = key(text, &mut buffer)?;
        self.row_of(&buffer[..length])
    }

    fn row_of(&self, form: &[u8]) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let hash = hash(form);
        let mut slot = self.first_slot(hash);
        loop {
            let at = (self.slots[slot] as usize).checked_sub(1)?;
            let row = &self.rows[at];
            if row.hash == hash && self.form(row) == form {
                return Some(at);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }
}

/// A hash that is the same on every machine; whoever makes forms collide only slows himself down.
fn hash(bytes: &[u8]) -> u64 {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: &[u8; 8]| {
        (hash.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(MULTIPLIER)
    };
    let (words, rest) = bytes.as_chunks();
    let hash = words.iter().fold(bytes.len() as u64, mix);
    // What is left is read with what stands before it; a form has twenty bytes and more.
    let hash = match bytes.last_chunk() {
        Some(last) if !rest.is_empty() => mix(hash, last),
        _ => hash,
    };
    hash ^ (hash >> 29).wrapping_mul(MULTIPLIER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(wallets: &[(&str, &str)]) -> WalletIndex {
        WalletIndex::build(
            wallets
                .iter()
                .zip(0..)
                .map(|((code, address), at)| (*code, *address, at)),
        )
    }

    #[test]
    fn one_address_is_found_under_all_its_forms() {
        let index = index(&[
            ("ETH", "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"),
            ("USDT", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
            ("BCH", "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu"),
            ("XBT", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
            ("ARB", "0x098b716b8aaf21512996dc57eb0615e2383e2f96"),
            ("ZZZ", "SomethingNobodyKnows12345"),
        ]);
        for (text, found) in [
            ("0x098b716b8aaf21512996dc57eb0615e2383e2f96", vec![0, 4]),
            (
                "eip155:1:0X098B716B8AAF21512996DC57EB0615E2383E2F96",
                vec![0, 4],
            ),
            ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", vec![1]),
            ("41a614f803b6fd780986a42c78ec9c7f77e6ded13c", vec![1]),
            ("0x41a614f803b6fd780986a42c78ec9c7f77e6ded13c", vec![1]),
            ("0X41A614F803B6FD780986A42C78EC9C7F77E6DED13C", vec![1]),
            (
                "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
                vec![2],
            ),
            ("1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", vec![2]),
            ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", vec![3]),
            ("SomethingNobodyKnows12345", vec![5]),
            ("somethingnobodyknows12345", vec![]),
            ("1bpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(index.find(text), found, "{text}");
        }
    }
}
