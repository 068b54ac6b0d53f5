//! Rows as bytes: numbers of as many bytes as they need, ids and addresses with a byte that says their form.
//!
//! Every value of the ledger's types can be written and reads back as it was. Reading trusts nothing: what is cut or of
//! no known form is `None`.

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::memory::RowKind;
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

use crate::sources::bitcoin::records::as_u64;

/// Seven bits a byte, the lowest first; the top bit says that more follow.
pub(crate) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = number.to_le_bytes()[0] & 0x7f;
        number >>= 7;
        if number == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// Bytes after their count.
fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, as_u64(bytes.len()));
    out.extend_from_slice(bytes);
}

/// An amount: how many bytes, then those that are not zero, the lowest first.
pub(crate) fn put_amount(out: &mut Vec<u8>, amount: U256) {
    let bytes = amount.to_le_bytes::<32>();
    let used = amount.bit_len().div_ceil(8);
    out.push(used.to_le_bytes()[0]);
    out.extend_from_slice(&bytes[..used]);
}

/// A time.
pub(crate) fn put_time(out: &mut Vec<u8>, time: Timestamp) {
    out.extend_from_slice(&time.seconds().to_le_bytes());
}

/// A number that may be missing.
pub(crate) fn put_option(out: &mut Vec<u8>, number: Option<u32>) {
    put_number(out, number.map_or(0, |number| u64::from(number) + 1));
}

/// A transaction's id.
pub(crate) fn put_id(out: &mut Vec<u8>, id: Option<&TransactionId>) {
    let (form, hash) = match id {
        None => return out.push(0),
        Some(TransactionId::Bitcoin(hash)) => (1, hash),
        Some(TransactionId::Hash(hash)) => (2, hash),
        Some(TransactionId::Tron(hash)) => (3, hash),
        Some(TransactionId::Other(text)) => {
            out.push(4);
            return put_bytes(out, text.as_bytes());
        }
    };
    out.push(form);
    out.extend_from_slice(hash);
}

/// A transaction's id so that bytes compare as ids do, and no id begins with another.
pub(crate) fn put_id_in_order(out: &mut Vec<u8>, id: &TransactionId) {
    let TransactionId::Other(text) = id else {
        return put_id(out, Some(id));
    };
    out.push(4);
    for byte in text.bytes() {
        out.push(byte);
        if byte == 0 {
            out.push(1);
        }
    }
    out.extend_from_slice(&[0, 0]);
}

/// An address.
pub(crate) fn put_address(out: &mut Vec<u8>, address: &Address) {
    match address {
        Address::Evm(account) => {
            out.push(1);
            out.extend_from_slice(account);
        }
        Address::Tron(account) => {
            out.push(2);
            out.extend_from_slice(account);
        }
        Address::Other(text) => {
            out.push(0);
            put_bytes(out, text.as_bytes());
        }
        Address::P2pkh(_) | Address::P2sh(_) | Address::Witness(_) => {
            let script = address.script();
            out.push(3);
            put_bytes(out, &script.expect("an address of Bitcoin has a script"));
        }
    }
}

/// The number of a kind of row: two bits.
pub(crate) fn kind_bits(kind: RowKind) -> u8 {
    match kind {
        RowKind::Fee => 0,
        RowKind::Transfer => 1,
        RowKind::Wrap => 2,
    }
}

/// Bytes that are read from their beginning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    pub(crate) rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    pub(crate) fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.fixed::<1>().map(|[byte]| byte)
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0_u64, 0);
        loop {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            if shift >= 64 || low.leading_zeros() < shift {
                return None;
            }
            number |= low << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
            shift += 7;
        }
    }

    pub(crate) fn small(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = usize::try_from(self.number()?).ok()?;
        self.take(count)
    }

    fn text(&mut self) -> Option<Box<str>> {
        std::str::from_utf8(self.bytes()?).ok().map(Into::into)
    }

    pub(crate) fn option(&mut self) -> Option<Option<u32>> {
        match self.number()? {
            0 => Some(None),
            number => u32::try_from(number - 1).ok().map(Some),
        }
    }

    pub(crate) fn time(&mut self) -> Option<Timestamp> {
        Timestamp::from_seconds(i64::from_le_bytes(self.fixed()?)).ok()
    }

    pub(crate) fn amount(&mut self) -> Option<U256> {
        let count = usize::from(self.byte()?);
        if count > 32 {
            return None;
        }
        Some(U256::from_le_slice(self.take(count)?))
    }

    pub(crate) fn id(&mut self) -> Option<Option<TransactionId>> {
        Some(Some(match self.byte()? {
            0 => return Some(None),
            1 => TransactionId::Bitcoin(self.fixed()?),
            2 => TransactionId::Hash(self.fixed()?),
            3 => TransactionId::Tron(self.fixed()?),
            4 => TransactionId::Other(self.text()?),
            _ => return None,
        }))
    }

    /// What [`put_id_in_order`] wrote.
    pub(crate) fn id_in_order(&mut self) -> Option<TransactionId> {
        if self.rest.first() != Some(&4) {
            return self.id()?;
        }
        self.byte()?;
        let mut text = Vec::new();
        loop {
            match (self.byte()?, self.rest.first()) {
                (0, Some(0)) => {
                    self.byte()?;
                    let text = String::from_utf8(text).ok()?;
                    return Some(TransactionId::Other(text.into()));
                }
                (0, Some(1)) => {
                    self.byte()?;
                    text.push(0);
                }
                (0, _) => return None,
                (byte, _) => text.push(byte),
            }
        }
    }

    pub(crate) fn address(&mut self) -> Option<Address> {
        Some(match self.byte()? {
            0 => Address::Other(self.text()?),
            1 => Address::Evm(self.fixed()?),
            2 => Address::Tron(self.fixed()?),
            3 => Address::from_script(self.bytes()?)?,
            _ => return None,
        })
    }
}

/// The kind of two bits.
pub(crate) fn kind_of(bits: u8) -> Option<RowKind> {
    Some(match bits & 3 {
        0 => RowKind::Fee,
        1 => RowKind::Transfer,
        2 => RowKind::Wrap,
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_amounts_read_back() {
        let mut out = Vec::new();
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        numbers
            .iter()
            .for_each(|number| put_number(&mut out, *number));
        let amounts = [U256::ZERO, U256::ONE, U256::from(256), U256::MAX];
        amounts
            .iter()
            .for_each(|amount| put_amount(&mut out, *amount));
        let mut cursor = Cursor::new(&out);
        for number in numbers {
            assert_eq!(cursor.number(), Some(number));
        }
        for amount in amounts {
            assert_eq!(cursor.amount(), Some(amount));
        }
        assert_eq!(cursor.number(), None);
        assert_eq!(Cursor::new(&[0xff; 11]).number(), None);
        assert_eq!(Cursor::new(&[33]).amount(), None);
    }

    #[test]
    fn ids_in_order_compare_as_ids_do_and_read_back() {
        let texts = ["", "\0", "\0\0", "\0a", "a", "a\0", "aa", "b"];
        let mut ids: Vec<TransactionId> = texts
            .iter()
            .map(|text| TransactionId::Other((*text).into()))
            .collect();
        for byte in [0, 7, 255] {
            ids.push(TransactionId::Bitcoin([byte; 32]));
            ids.push(TransactionId::Hash([byte; 32]));
            ids.push(TransactionId::Tron([byte; 32]));
        }
        let bytes = |id: &TransactionId| {
            let mut out = Vec::new();
            put_id_in_order(&mut out, id);
            out
        };
        for a in &ids {
            let own = bytes(a);
            let mut cursor = Cursor::new(&own);
            assert_eq!(cursor.id_in_order().as_ref(), Some(a));
            assert!(cursor.rest.is_empty());
            for b in &ids {
                assert_eq!(a.cmp(b), own.cmp(&bytes(b)), "{a:?} {b:?}");
                assert!(a == b || !bytes(b).starts_with(&own));
            }
        }
    }
}
