//! Records as bytes: amounts, texts, ids, addresses and legs.
//!
//! What is common has a short form; what has no room there lies in a file of its own, and the record says
//! where. Every value of the ledger's types can be written, so that a view and its columns cannot differ.

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::memory::BlockFact;
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AddressIx, AssetIx, Destination, HoldingIx, Leg, TxIx, ZeroTransfer};

use super::column::{Column, Writer, index};
use crate::store::StoreError;

/// An amount: 95 bits of it, or with the top bit the row of a wide one.
pub(super) type Short = [u8; 12];
/// Where a text lies: its first byte (8) and its length (4).
pub(super) type Place = [u8; 12];

const WIDE: u8 = 0x80;

/// Takes the amounts that have no room in a record.
pub(super) struct Amounts {
    pub(super) wide: Writer,
    pub(super) rows: u64,
}

impl Amounts {
    /// The record of an amount.
    pub(super) fn write(&mut self, amount: U256) -> Result<Short, StoreError> {
        let bytes = amount.to_le_bytes::<32>();
        let mut short = [0; 12];
        if amount.bit_len() < 96 {
            short.copy_from_slice(&bytes[..12]);
            return Ok(short);
        }
        self.wide.push(&bytes)?;
        short[..8].copy_from_slice(&self.rows.to_le_bytes());
        short[11] = WIDE;
        self.rows += 1;
        Ok(short)
    }
}

/// The amount of a record.
pub(super) fn amount(short: &Short, wide: &Column<32>) -> U256 {
    if short[11] & WIDE == 0 {
        return U256::from_le_slice(short);
    }
    let (row, _) = split::<8>(short);
    U256::from_le_bytes(*wide.record(index(u64::from_le_bytes(row))))
}

/// Writes a text, or other bytes, and gives its place.
fn put(texts: &mut Writer, bytes: &[u8]) -> Result<Place, StoreError> {
    let length = u32::try_from(bytes.len()).expect("a text is shorter than 2^32 bytes");
    let mut place = [0; 12];
    place[..8].copy_from_slice(&texts.bytes().to_le_bytes());
    place[8..].copy_from_slice(&length.to_le_bytes());
    texts.push(bytes)?;
    Ok(place)
}

/// The record of a text.
pub(super) fn write_text(texts: &mut Writer, text: &str) -> Result<Place, StoreError> {
    put(texts, text.as_bytes())
}

/// The bytes at a place that a record begins with.
fn bytes_at<'a>(place: &[u8], texts: &'a Column<1>) -> &'a [u8] {
    let (start, rest) = split(place);
    let (length, _) = split(rest);
    let (start, length) = (u64::from_le_bytes(start), u32::from_le_bytes(length));
    texts.slice(index(start), index(length))
}

/// The text at a place that a record begins with.
pub(super) fn text<'a>(place: &[u8], texts: &'a Column<1>) -> &'a str {
    std::str::from_utf8(bytes_at(place, texts)).expect("a text was written")
}

/// A transaction id: form, then a hash or the place of a text.
pub(super) fn write_id(texts: &mut Writer, id: &TransactionId) -> Result<[u8; 33], StoreError> {
    Ok(match id {
        TransactionId::Other(text) => form(0, &put(texts, text.as_bytes())?),
        TransactionId::Hash(hash) => form(1, hash),
        TransactionId::Tron(hash) => form(2, hash),
        TransactionId::Bitcoin(hash) => form(3, hash),
    })
}

/// The id of a record.
pub(super) fn id([form, hash @ ..]: &[u8; 33], texts: &Column<1>) -> TransactionId {
    match form {
        1 => TransactionId::Hash(*hash),
        2 => TransactionId::Tron(*hash),
        3 => TransactionId::Bitcoin(*hash),
        _ => TransactionId::Other(text(hash, texts).into()),
    }
}

/// An address: form, then an account or the place of a text or a script.
pub(super) fn write_address(texts: &mut Writer, address: &Address) -> Result<[u8; 21], StoreError> {
    Ok(match address {
        Address::Other(text) => form(0, &put(texts, text.as_bytes())?),
        Address::Evm(account) => form(1, account),
        Address::Tron(account) => form(2, account),
        Address::P2pkh(_) | Address::P2sh(_) | Address::Witness(_) => {
            let script = address
                .script()
                .expect("an address of Bitcoin has a script");
            form(3, &put(texts, &script)?)
        }
    })
}

/// The address of a record.
pub(super) fn address([form, account @ ..]: &[u8; 21], texts: &Column<1>) -> Address {
    match form {
        1 => Address::Evm(*account),
        2 => Address::Tron(*account),
        3 => Address::from_script(bytes_at(account, texts)).expect("a script with an address"),
        _ => Address::Other(text(account, texts).into()),
    }
}

/// A form and its bytes, then zeros.
fn form<const W: usize>(form: u8, bytes: &[u8]) -> [u8; W] {
    let mut record = [0; W];
    record[0] = form;
    record[1..=bytes.len()].copy_from_slice(bytes);
    record
}

/// A leg: payer + 1 or 0 (4), receiver + 2, 1 for a fee or 0 for a burn (4), asset, number, amount (12).
pub(super) fn write_leg(amounts: &mut Amounts, leg: &Leg) -> Result<[u8; 28], StoreError> {
    let more = |holding: HoldingIx, more| {
        let id = holding.0.checked_add(more);
        id.expect("fewer than 2^32 - 2 holdings")
    };
    let from = leg.from.map_or(0, |holding| more(holding, 1));
    let to = match leg.to {
        Destination::Burn => 0,
        Destination::Fee => 1,
        Destination::Holding(holding) => more(holding, 2),
    };
    let mut record = [0; 28];
    for (place, number) in [from, to, leg.asset.0, leg.number].into_iter().enumerate() {
        record[place * 4..][..4].copy_from_slice(&number.to_le_bytes());
    }
    record[16..].copy_from_slice(&amounts.write(leg.amount)?);
    Ok(record)
}

/// The leg of a record.
pub(super) fn leg(record: &[u8; 28], wide: &Column<32>) -> Leg {
    let (from, rest) = number(record);
    let (to, rest) = number(rest);
    let (asset, rest) = number(rest);
    let (number, rest) = number(rest);
    let (short, _) = split(rest);
    Leg {
        asset: AssetIx(asset),
        from: from.checked_sub(1).map(HoldingIx),
        to: match to {
            0 => Destination::Burn,
            1 => Destination::Fee,
            holding => Destination::Holding(HoldingIx(holding - 2)),
        },
        amount: amount(&short, wide),
        number,
    }
}

/// A transfer of no amount: transaction, asset, sender, receiver, log index (4 each), whether there is one (1).
pub(super) fn write_zero(zero: &ZeroTransfer) -> [u8; 21] {
    let index = zero.log_index.unwrap_or(0);
    let numbers = [zero.tx.0, zero.asset.0, zero.from.0, zero.to.0, index];
    let mut record = [0; 21];
    for (place, number) in numbers.into_iter().enumerate() {
        record[place * 4..][..4].copy_from_slice(&number.to_le_bytes());
    }
    record[20] = u8::from(zero.log_index.is_some());
    record
}

/// The transfer of no amount of a record.
pub(super) fn zero(record: &[u8; 21]) -> ZeroTransfer {
    let (tx, rest) = number(record);
    let (asset, rest) = number(rest);
    let (from, rest) = number(rest);
    let (to, rest) = number(rest);
    let (index, rest) = number(rest);
    ZeroTransfer {
        tx: TxIx(tx),
        log_index: (rest != [0]).then_some(index),
        asset: AssetIx(asset),
        from: AddressIx(from),
        to: AddressIx(to),
    }
}

/// A block: time in seconds since 1970, signed (8), height, transactions (4 each), hash (32), whether the one
/// before is known (1) and its hash (32).
pub(super) fn write_block(block: &BlockFact) -> [u8; 81] {
    let mut record = [0; 81];
    record[..8].copy_from_slice(&block.time.seconds().to_le_bytes());
    record[8..12].copy_from_slice(&block.height.to_le_bytes());
    record[12..16].copy_from_slice(&block.transactions.to_le_bytes());
    record[16..48].copy_from_slice(&block.hash);
    record[48] = u8::from(block.parent.is_some());
    record[49..].copy_from_slice(&block.parent.unwrap_or_default());
    record
}

/// The block of a record.
pub(super) fn block(record: &[u8; 81]) -> BlockFact {
    let (time, rest) = split(record);
    let (height, rest) = number(rest);
    let (transactions, rest) = number(rest);
    let (hash, rest) = split(rest);
    let ([has_parent], rest) = split(rest);
    let (parent, _) = split(rest);
    BlockFact {
        height,
        hash,
        parent: (has_parent != 0).then_some(parent),
        time: Timestamp::from_seconds(i64::from_le_bytes(time)).expect("a time was written"),
        transactions,
    }
}

/// A number of four bytes, and the rest.
pub(super) fn number(bytes: &[u8]) -> (u32, &[u8]) {
    let (number, rest) = split(bytes);
    (u32::from_le_bytes(number), rest)
}

/// The first bytes of a record, and the rest.
pub(super) fn split<const W: usize>(bytes: &[u8]) -> ([u8; W], &[u8]) {
    let (first, rest) = bytes.split_first_chunk().expect("a record is wider");
    (*first, rest)
}
