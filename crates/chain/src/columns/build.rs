//! Writes the columns of a chain from the blocks of a store, in one pass in chain order.
//!
//! Everything goes into a folder that no manifest names; a renamed folder and a renamed manifest make it the
//! generation that counts. Killed at any moment, the build leaves the generation before it, or none, and what
//! it leaves lying the next build removes.
//!
//! Memory in this version: the outputs that are unspent, the ids of all transactions (to tell a double spend
//! from a foreign output) and one entry for each address, besides one block and what `derive` needs.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{BlocksHasher, Outpoint};

use super::address::{pointer, shorten, whole};
use super::column::{Appender, OUTSIDE, five, four};
use super::derive::derive;
use super::layout::{Counts, Kind};
use super::manifest::{GENERATION, MANIFEST, Manifest, Sealed, key};
use super::notes;
use crate::blocks::settle::Settlement;
use crate::blocks::{Hash, IndexedBlock};
use crate::sources::bitcoin::Transaction;
use crate::sources::bitcoin::records::as_u64;
use crate::store::{Sink, Store, StoreError, lock, sync_directory, walk};
use crate::text::hex;

/// The folder that is being written.
const TEMPORARY: &str = "building";

/// Builds the columns of a chain in a directory and makes them the ones that count.
///
/// The same content gives the same bytes.
///
/// # Errors
/// When the store's blocks cannot be read, a file cannot be written, or another process is building there.
pub fn build(root: &Path, store: &Store, chain: &Chain) -> Result<(), StoreError> {
    let Chain::Bitcoin(network) = chain else {
        return Err(StoreError::NoColumns(root.to_owned()));
    };
    fs::create_dir_all(root).map_err(StoreError::io(root, "cannot be created"))?;
    let _lock = lock(root)?;
    let made_from = store.fingerprint(chain);
    // A manifest that cannot be read names nothing; it is replaced.
    sweep(root, Manifest::read(root).ok().flatten().as_ref())?;
    let folder = root.join(TEMPORARY);
    fs::create_dir(&folder).map_err(StoreError::io(&folder, "cannot be created"))?;
    let mut builder = Builder::create(&folder, chain)?;
    let mut walked = walk(*network, store.blocks(chain)?, &mut builder)?;
    walked.notes.sort();
    notes::write(&folder, &walked.notes)?;
    let (mut counts, hasher) = builder.finish()?;
    let coverage = Coverage::canonical(walked.arrangement.coverage());
    let content = hasher.finish(chain, &walked.outside, &coverage, &walked.notes);
    derive(&folder, &mut counts, key(content))?;
    let mut manifest = Manifest::new(chain, &made_from, content, counts, &coverage);
    let names = Kind::ALL
        .iter()
        .map(|kind| kind.name())
        .chain([notes::NOTES]);
    for name in names {
        let sealed = seal(&folder.join(name))?;
        manifest.files.insert(name.to_owned(), sealed);
    }
    manifest.name();
    commit(root, &folder, &manifest)
}

/// Makes a folder of sealed files the generation that counts.
fn commit(root: &Path, folder: &Path, manifest: &Manifest) -> Result<(), StoreError> {
    sync_directory(folder)?;
    let kept = manifest.folder(root);
    if kept.exists() {
        // The same columns again, to mend damaged ones: for a moment there are none.
        let named = root.join(MANIFEST);
        fs::remove_file(&named).map_err(StoreError::io(&named, "cannot be removed"))?;
        fs::remove_dir_all(&kept).map_err(StoreError::io(&kept, "cannot be removed"))?;
    }
    fs::rename(folder, &kept).map_err(StoreError::io(&kept, "cannot be put in place"))?;
    sync_directory(root)?;
    let path = root.join(format!("{MANIFEST}.new"));
    let write = || {
        fs::write(&path, manifest.to_text())?;
        File::open(&path)?.sync_all()
    };
    write().map_err(StoreError::io(&path, "cannot be written"))?;
    let named = root.join(MANIFEST);
    fs::rename(&path, &named).map_err(StoreError::io(&named, "cannot be put in place"))?;
    sync_directory(root)?;
    sweep(root, Some(manifest))
}

/// Removes what no manifest names: generations before, and what a crash has left.
fn sweep(root: &Path, current: Option<&Manifest>) -> Result<(), StoreError> {
    let kept = current.map(|current| current.folder(root));
    let list = || -> io::Result<Vec<PathBuf>> {
        fs::read_dir(root)?.map(|entry| Ok(entry?.path())).collect()
    };
    for path in list().map_err(StoreError::io(root, "cannot be read"))? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let left = name == TEMPORARY || name.starts_with(GENERATION);
        if left && path.is_dir() && Some(&path) != kept.as_ref() {
            fs::remove_dir_all(&path).map_err(StoreError::io(&path, "cannot be removed"))?;
        }
    }
    Ok(())
}

/// Brings a file to disk, and says what it holds.
fn seal(path: &Path) -> Result<Sealed, StoreError> {
    let sync = || {
        OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)?
            .sync_all()
    };
    sync().map_err(StoreError::io(path, "cannot be brought to disk"))?;
    measure(path)
}

/// Size and hash of a file.
pub(super) fn measure(path: &Path) -> Result<Sealed, StoreError> {
    let read = || -> io::Result<Sealed> {
        let mut file = File::open(path)?;
        let (mut hasher, mut bytes) = (Sha256::new(), 0);
        let mut chunk = vec![0; 1 << 18];
        loop {
            match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => {
                    hasher.update(&chunk[..count]);
                    bytes += as_u64(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let sha256 = hex(&hasher.finalize());
        Ok(Sealed { bytes, sha256 })
    };
    read().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::MissingColumn(path.to_owned()),
        _ => StoreError::io(path, "cannot be read")(error),
    })
}

/// The columns that are written block by block.
struct Builder {
    counts: Counts,
    hasher: BlocksHasher,
    addresses: HashMap<Address, u32>,
    block_head: Appender,
    tx_id: Appender,
    tx_out: Appender,
    tx_in: Appender,
    out_value: Appender,
    out_address: Appender,
    in_prev: Appender,
    outside: Appender,
    address: Appender,
    address_long: Appender,
}

impl Builder {
    fn create(folder: &Path, chain: &Chain) -> Result<Self, StoreError> {
        let column = |kind: Kind| Appender::create(folder, kind.name());
        Ok(Self {
            counts: Counts::default(),
            hasher: BlocksHasher::new(chain),
            addresses: HashMap::new(),
            block_head: column(Kind::BlockHead)?,
            tx_id: column(Kind::TxId)?,
            tx_out: column(Kind::TxOut)?,
            tx_in: column(Kind::TxIn)?,
            out_value: column(Kind::OutValue)?,
            out_address: column(Kind::OutAddress)?,
            in_prev: column(Kind::InPrev)?,
            outside: column(Kind::Outside)?,
            address: column(Kind::Address)?,
            address_long: column(Kind::AddressLong)?,
        })
    }

    /// Ends the columns.
    fn finish(mut self) -> Result<(Counts, BlocksHasher), StoreError> {
        self.tx_out.push(&five(self.counts.outputs))?;
        self.tx_in.push(&five(self.counts.inputs))?;
        for column in [
            self.block_head,
            self.tx_id,
            self.tx_out,
            self.tx_in,
            self.out_value,
            self.out_address,
            self.in_prev,
            self.outside,
            self.address,
            self.address_long,
        ] {
            column.finish()?;
        }
        Ok((self.counts, self.hasher))
    }

    /// The id of an address plus one, or zero for none.
    fn owner(&mut self, address: Option<Address>) -> Result<[u8; 4], StoreError> {
        let Some(address) = address else {
            return Ok([0; 4]);
        };
        if let Some(owner) = self.addresses.get(&address) {
            return Ok(owner.to_le_bytes());
        }
        let whole = whole(&address).expect("a script's address is one of Bitcoin's");
        match shorten(&whole) {
            Some(short) => self.address.push(&short)?,
            None => {
                self.address.push(&pointer(self.counts.long_addresses))?;
                self.address_long.push(&whole)?;
                self.counts.long_addresses += 1;
            }
        }
        self.counts.addresses += 1;
        let owner = four(self.counts.addresses);
        self.addresses.insert(address, owner);
        Ok(owner.to_le_bytes())
    }

    /// Adds an outside output and gives its row.
    fn push_outside(
        &mut self,
        outpoint: &Outpoint,
        settlement: &Settlement<'_>,
    ) -> Result<u64, StoreError> {
        let known = settlement.outside.get(outpoint);
        let owner = self.owner(known.and_then(|known| known.owner.clone()))?;
        let value = known.map_or(u64::MAX, |known| known.value);
        self.outside.push(&outpoint.txid)?;
        self.outside.push(&outpoint.vout.to_le_bytes())?;
        self.outside.push(&value.to_le_bytes())?;
        self.outside.push(&owner)?;
        let spender = four(self.counts.transactions);
        self.outside.push(&spender.to_le_bytes())?;
        self.counts.outside += 1;
        Ok(self.counts.outside - 1)
    }
}

impl Sink for Builder {
    fn block(
        &mut self,
        block: &IndexedBlock,
        height: Option<u32>,
        header: &[u8],
    ) -> Result<(), StoreError> {
        self.hasher.block(height, block.hash);
        self.block_head.push(header)?;
        let height = height.unwrap_or(u32::MAX);
        self.block_head.push(&height.to_le_bytes())?;
        let first = four(self.counts.transactions);
        self.block_head.push(&first.to_le_bytes())?;
        self.counts.blocks += 1;
        Ok(())
    }

    fn transaction(
        &mut self,
        txid: Hash,
        transaction: &Transaction<'_>,
        settlement: &Settlement<'_>,
    ) -> Result<(), StoreError> {
        self.tx_id.push(&txid)?;
        self.tx_out.push(&five(self.counts.outputs))?;
        self.tx_in.push(&five(self.counts.inputs))?;
        // A coinbase spends nothing, and nothing was settled for it.
        for (input, spent) in transaction.inputs.iter().zip(&settlement.spent) {
            let outpoint = Outpoint {
                txid: *input.txid,
                vout: input.vout,
            };
            let previous = match spent {
                Some(output) => *output,
                None => OUTSIDE | self.push_outside(&outpoint, settlement)?,
            };
            self.in_prev.push(&five(previous))?;
            self.counts.inputs += 1;
        }
        for output in &transaction.outputs {
            let owner = self.owner(Address::from_script(output.script))?;
            self.out_value.push(&output.value.to_le_bytes())?;
            self.out_address.push(&owner)?;
            self.counts.outputs += 1;
        }
        self.counts.transactions += 1;
        Ok(())
    }
}
