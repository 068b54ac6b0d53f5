//! Verifies the columns of a chain: each byte against its checksum, and the columns against each other.
//!
//! What is only appended to has checksums. What changes, the spends and the two tables, follows from the rest
//! and is held against it: every input is spent by its transaction and nothing else is, every transaction and every
//! address is found where it belongs. And the ids of a block's transactions have the root that its header, whose
//! hash is the block's name, commits to.

use std::path::Path;

use super::column::{OUTSIDE, Rows as _, index};
use super::hash;
use super::layout::{Kind, OUT_SPENT, STRIDE};
use super::slots::Slots;
use super::sums;
use super::view::ColumnUtxo;
use super::writer::{ADDRESSES, MARKER, TRANSACTIONS};
use crate::ingest::Progress;
use crate::sources::bitcoin::{Header, commits_to};
use crate::store::{Checked, StoreError};
use crate::text::show_hash;
use whither_ledger::view::{OutputIx, TxIx, UtxoView as _};

/// Verifies an opened view, whose files lie in a folder. `latest` says whether what it shows is what is committed.
///
/// Behind what is committed nothing may lie, but for what a writer at work, or one that died, has left there: that
/// is told by its marker, or by a later commit.
pub(crate) fn check(
    folder: &Path,
    view: &ColumnUtxo,
    latest: &dyn Fn() -> bool,
    progress: &dyn Progress,
) -> Result<Checked, StoreError> {
    let check = Check {
        folder,
        view,
        latest,
    };
    let mut checked = check.sums(progress)?;
    let all = checked.bytes;
    for posts in &view.posts {
        posts.check()?;
        checked.files += 1;
    }
    let say = |what| progress.report(all, all, what);
    say("headers and ids");
    check.blocks()?;
    say("transactions");
    check.transactions()?;
    say("spends");
    check.spends()?;
    say("addresses");
    check.addresses()?;
    say("postings");
    check.postings()?;
    checked.files += 3;
    Ok(checked)
}

/// Verifies what all else follows from: the columns that are only appended to.
pub(crate) fn check_sources(
    folder: &Path,
    view: &ColumnUtxo,
    progress: &dyn Progress,
) -> Result<(), StoreError> {
    let check = Check {
        folder,
        view,
        latest: &|| true,
    };
    check.sums(progress)?;
    check.blocks()
}

struct Check<'view> {
    folder: &'view Path,
    view: &'view ColumnUtxo,
    latest: &'view dyn Fn() -> bool,
}

impl Check<'_> {
    fn wrong(&self, file: &str, why: String) -> StoreError {
        StoreError::Contradiction {
            path: self.folder.join(file),
            why,
        }
    }

    /// Every byte of the columns against its checksum.
    fn sums(&self, progress: &dyn Progress) -> Result<Checked, StoreError> {
        let mut checked = Checked::default();
        let all = self.view.bytes();
        let summed = self.view.summed();
        for kind in Kind::ALL {
            let path = self.folder.join(kind.name());
            let width = u64::try_from(kind.width()).expect("a small number");
            let bytes = kind.rows(&summed) * width;
            progress.report(checked.bytes, all, kind.name());
            let last = sums::check(&path, bytes)?;
            self.settled(last, || sums::check(&path, bytes))?;
            checked.files += 1;
            checked.bytes += bytes;
            checked.unverified += kind.rows(&self.view.counts) * width - bytes;
        }
        Ok(checked)
    }

    /// Judges what was found where a writer may write: only a fault that stays is one, in files that nobody has
    /// written to since they were committed.
    fn settled(
        &self,
        found: Option<StoreError>,
        again: impl Fn() -> Result<Option<StoreError>, StoreError>,
    ) -> Result<(), StoreError> {
        let quiet = || !self.folder.join(MARKER).exists() && (self.latest)();
        if found.is_none() || !quiet() {
            return Ok(());
        }
        match again()? {
            Some(error) if quiet() => Err(error),
            _ => Ok(()),
        }
    }

    /// As many rows as there should be, and nothing beside them.
    fn table(&self, name: &str, slots: &Slots, rows: u64) -> Result<(), StoreError> {
        let held = slots.held_below(rows);
        if held != rows {
            return Err(self.wrong(name, format!("it holds {held} rows, not {rows}")));
        }
        let beside = || {
            let beside = slots.held_below(u64::MAX) != rows || !slots.is_clean();
            beside.then(|| self.wrong(name, "it holds what is no row".to_owned()))
        };
        self.settled(beside(), || Ok(beside()))
    }

    /// Headers and the ids of their transactions.
    fn blocks(&self) -> Result<(), StoreError> {
        let view = self.view;
        for row in 0..view.block_count() {
            let header = Header::parse(view.header(row));
            let number = |block: usize| u64::try_from(block).expect("a row");
            let (from, to) = (
                view.counts_before(number(row)),
                view.counts_before(number(row + 1)),
            );
            let ids = index(from.transactions)..index(to.transactions);
            let ids: Vec<[u8; 32]> = ids.map(|tx| *view.tx_id.record(tx)).collect();
            if ids.is_empty() || !commits_to(&header, &ids) {
                let hash = show_hash(&header.hash);
                let why = format!("block {hash} does not commit to its transactions' ids");
                return Err(self.wrong(Kind::TxId.name(), why));
            }
            let samples = from.transactions.div_ceil(STRIDE)..to.transactions.div_ceil(STRIDE);
            if samples
                .into_iter()
                .any(|sample| view.tx_block.number(index(sample)) != number(row))
            {
                let why = format!("the sample of block row {row} names another");
                return Err(self.wrong(Kind::TxBlock.name(), why));
            }
        }
        Ok(())
    }

    /// Starts that grow, samples that fit them, ids that are found.
    fn transactions(&self) -> Result<(), StoreError> {
        let view = self.view;
        let shape = view.transactions.shape();
        let table = shape.name(TRANSACTIONS);
        for row in 0..view.counts.transactions {
            let tx = TxIx::of(index(row));
            let outputs = view.outputs(tx);
            if outputs.start > outputs.end
                || view.first_input(tx.row()) > view.first_input(tx.row() + 1)
            {
                let why = format!("transaction row {row} ends before it begins");
                return Err(self.wrong(Kind::TxStep.name(), why));
            }
            let samples = outputs.start.div_ceil(STRIDE)..outputs.end.div_ceil(STRIDE);
            if samples
                .into_iter()
                .any(|sample| view.out_tx.number(index(sample)) != row)
            {
                let why = format!("a sample of transaction row {row} names another");
                return Err(self.wrong(Kind::OutTx.name(), why));
            }
            let hash = hash::of_transaction(view.tx_id.record(tx.row()), shape.seed);
            if !view
                .transactions
                .candidates(hash, tx.0 + 1)
                .any(|found| found == tx.0)
            {
                return Err(self.wrong(&table, format!("transaction row {row} is not found in it")));
            }
        }
        self.table(&table, &view.transactions, view.counts.transactions)
    }

    /// Every input inside is told by the output it spends, and no other output is spent.
    fn spends(&self) -> Result<(), StoreError> {
        let view = self.view;
        let mut inside = 0_u64;
        for tx in 0..index(view.counts.transactions) {
            for input in view.first_input(tx)..view.first_input(tx + 1) {
                let output = view.in_prev.number(index(input));
                if output & OUTSIDE != 0 {
                    continue;
                }
                inside += 1;
                let spender = (output < view.counts.outputs)
                    .then(|| view.spender(OutputIx(output)))
                    .flatten();
                if spender != Some(TxIx::of(tx)) {
                    let why = format!(
                        "output row {output} is spent by transaction row {tx}, and it says otherwise"
                    );
                    return Err(self.wrong(OUT_SPENT, why));
                }
            }
        }
        let beside = || {
            let why = "an output is spent by a transaction that is not there".to_owned();
            (!view.spent.is_clean()).then(|| self.wrong(OUT_SPENT, why))
        };
        self.settled(beside(), || Ok(beside()))?;
        let outputs = (0..view.counts.outputs).map(OutputIx);
        let spent = outputs.filter(|output| view.spender(*output).is_some());
        let spent = u64::try_from(spent.count()).expect("a count of rows");
        if spent != inside {
            let why = format!("{spent} outputs are spent, by {inside} inputs");
            return Err(self.wrong(OUT_SPENT, why));
        }
        Ok(())
    }

    /// Every address is found, and only once.
    fn addresses(&self) -> Result<(), StoreError> {
        let view = self.view;
        let table = view.addresses.shape().name(ADDRESSES);
        for row in 0..view.counts.addresses {
            let whole = view.keys().whole(index(row));
            if view.find_whole(&whole).map(u64::from) != Some(row) {
                return Err(self.wrong(&table, format!("address row {row} is not found in it")));
            }
        }
        self.table(&table, &view.addresses, view.counts.addresses)
    }

    /// Every posting is its address's, and there are as many as outputs with an owner.
    fn postings(&self) -> Result<(), StoreError> {
        let view = self.view;
        let (mut posted, mut owned) = (0_u64, 0_u64);
        for row in 0..view.counts.outputs {
            owned += u64::from(view.out_address.number(index(row)) != 0);
        }
        for row in 0..view.counts.addresses {
            let address = whither_ledger::view::AddressIx::of(index(row));
            for output in view.posts.iter().flat_map(|run| run.received(address.0)) {
                posted += 1;
                if view.owner(OutputIx(output)) != Some(address) {
                    let why = format!(
                        "address row {row} does not own output row {output}, as a posting says"
                    );
                    return Err(self.wrong(Kind::OutAddress.name(), why));
                }
            }
        }
        let rest = view.unposted.0..view.counts.outputs;
        let rest = rest.filter(|row| view.out_address.number(index(*row)) != 0);
        posted += u64::try_from(rest.count()).expect("a count of rows");
        if posted != owned {
            let why = format!("{owned} outputs have an owner, and {posted} are posted");
            return Err(self.wrong(Kind::OutAddress.name(), why));
        }
        Ok(())
    }
}
