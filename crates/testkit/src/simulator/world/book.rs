//! The rows of a world: kept as they are told, ordered by time when the story ends, and written as a table with its
//! mapping beside it.

use super::super::table::{random_address, random_hash};
use super::customs::Customs;
use crate::rng::SplitMix64;
use std::fmt::Write as _;

/// The chain's own asset.
pub const ETHER: &str = "eip155:1/slip44:60";
/// The stable token.
pub const STABLE: &str = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7";

/// When worlds begin.
pub(super) const START: u64 = 1_700_000_000;
/// The height then.
const FIRST_BLOCK: u64 = 18_500_000;

/// What moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coin {
    /// Ether, at 2,000 dollars.
    Ether,
    /// The stable token, at one.
    Stable,
}

impl Coin {
    /// CAIP-19.
    #[must_use]
    pub fn asset(self) -> &'static str {
        match self {
            Self::Ether => ETHER,
            Self::Stable => STABLE,
        }
    }

    /// So many cents in the smallest unit.
    #[must_use]
    pub fn cents(self, cents: u64) -> u128 {
        match self {
            Self::Ether => u128::from(cents) * 5_000_000_000_000,
            Self::Stable => u128::from(cents) * 10_000,
        }
    }
}

/// One row: one transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldRow {
    /// Seconds since 1970.
    pub time: u64,
    /// Height of the block.
    pub block: u64,
    /// The transaction's place in its block.
    pub index: u32,
    /// The transaction's hash.
    pub txid: String,
    /// The transfer's place in its transaction.
    pub log_index: u32,
    /// Who pays.
    pub from: String,
    /// Who is paid.
    pub to: String,
    /// CAIP-19.
    pub asset: String,
    /// How much, in the smallest unit.
    pub amount: u128,
    /// What its transaction paid for gas; none in worlds without gas, and of spam.
    pub fee: Option<WorldFee>,
}

/// What a transaction paid for gas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldFee {
    /// Who signed it.
    pub payer: String,
    /// How much ether, in wei.
    pub wei: u128,
}

/// What is told so far. Times are seconds from the world's beginning.
#[derive(Debug)]
pub(super) struct Book {
    pub rng: SplitMix64,
    /// How everybody pays, where that is told.
    pub customs: Option<Customs>,
    rows: Vec<WorldRow>,
}

impl Book {
    pub fn new(seed: u64) -> Self {
        Self {
            rng: SplitMix64::new(seed),
            customs: None,
            rows: Vec::new(),
        }
    }

    /// A fresh account.
    pub fn account(&mut self) -> String {
        random_address(&mut self.rng)
    }

    /// One payment; gives the transaction.
    pub fn pay(&mut self, at: u64, from: &str, to: &str, coin: Coin, amount: u128) -> String {
        self.pay_many(at, from, &[(to.to_owned(), amount)], coin.asset())
    }

    /// Several payments of one asset in one transaction; gives the transaction.
    pub fn pay_many(&mut self, at: u64, from: &str, to: &[(String, u128)], asset: &str) -> String {
        let txid = random_hash(&mut self.rng);
        let is_plain = asset == ETHER && to.len() == 1;
        let customs = self.customs.as_mut();
        let fee = customs.map(|customs| customs.fee(from, is_plain));
        for (place, (to, amount)) in (0..).zip(to) {
            self.rows.push(WorldRow {
                time: START + at,
                block: FIRST_BLOCK + at / 12,
                index: 0,
                txid: txid.clone(),
                log_index: place,
                from: from.to_owned(),
                to: to.clone(),
                asset: asset.to_owned(),
                amount: *amount,
                fee: fee.clone(),
            });
        }
        txid
    }

    /// The rows in chain order, with the places of transactions in their blocks.
    pub fn finish(mut self) -> Vec<WorldRow> {
        self.rows.sort_by_key(|row| row.time);
        let (mut block, mut index, mut last) = (0, 0, String::new());
        for row in &mut self.rows {
            if row.block != block {
                (block, index) = (row.block, 0);
            } else if row.txid != last {
                index += 1;
            }
            row.index = index;
            last.clone_from(&row.txid);
        }
        self.rows
    }
}

/// The mapping that reads the table.
pub(super) fn mapping(accounts: &[String], has_fees: bool) -> String {
    let (decimals, columns) = match has_fees {
        true => (
            "fee_decimals = 0\n",
            "fee = \"fee\"\nfee_payer = \"fee_payer\"\n",
        ),
        false => ("", ""),
    };
    let mut text = format!(
        "schema = \"whither.mapping/1\"\nname = \"world\"\ndescription = \"a simulated world\"\nchain = \"ethereum\"\n\
         time_format = \"epoch-seconds\"\ndecimals = 0\n{decimals}\n[columns]\ntime = \"time\"\nblock = \"block\"\nindex = \"index\"\n\
         transaction = \"transaction\"\nlog_index = \"log_index\"\nfrom = \"from\"\nto = \"to\"\nasset = \"asset\"\n\
         amount = \"amount\"\n{columns}\n[coverage]\nkind = \"addresses\"\ninternal = true\naddresses = [\n",
    );
    for account in accounts {
        writeln!(text, "  \"{account}\",").expect("a string takes all");
    }
    text + "]\n"
}

/// Whether any transaction tells what it paid for gas.
pub(super) fn has_fees(rows: &[WorldRow]) -> bool {
    rows.iter().any(|row| row.fee.is_some())
}

/// The rows as the text of a CSV file.
pub(super) fn table(rows: &[WorldRow]) -> String {
    let has_fees = has_fees(rows);
    let mut text = String::from("time,block,index,transaction,log_index,from,to,asset,amount");
    text += if has_fees { ",fee,fee_payer\n" } else { "\n" };
    for row in rows {
        let WorldRow {
            time,
            block,
            index,
            txid,
            log_index,
            from,
            to,
            asset,
            amount,
            fee,
        } = row;
        write!(
            text,
            "{time},{block},{index},{txid},{log_index},{from},{to},{asset},{amount}"
        )
        .expect("a string takes all");
        text += &match fee {
            Some(WorldFee { payer, wei }) => format!(",{wei},{payer}\n"),
            None if has_fees => ",,\n".to_owned(),
            None => "\n".to_owned(),
        };
    }
    text
}
