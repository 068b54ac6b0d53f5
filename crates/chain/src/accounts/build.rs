//! Writes the columns of a chain of accounts from a view of it, and makes them the ones that count.
//!
//! Everything goes into a folder that no manifest names; a renamed folder and a renamed manifest make it the
//! generation that counts. Killed at any moment, the build leaves the generation before it, or none, and what
//! it leaves lying the next build removes.
//!
//! In this version the view is whole in memory, and so are the ids and addresses while they are sorted.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use whither_ledger::view::{AccountKind, AccountView, AddressIx, AssetIx, HoldingIx, TxIx};

use super::column::{Writer, five, index};
use super::layout::{Counts, Kind};
use super::manifest::{GENERATION, MANIFEST, Manifest, Sealed};
use super::record::{self, Amounts, write_address, write_id, write_leg, write_text};
use super::said;
use crate::sources::bitcoin::records::as_u64;
use crate::store::{StoreError, lock, sync_directory};

/// The folder that is being written.
const TEMPORARY: &str = "building";

/// Bits of `tx.place`.
pub(super) const HEIGHT: u8 = 1;
pub(super) const INDEX: u8 = 2;
pub(super) const ORDERED: u8 = 4;
pub(super) const CLAIMED: u8 = 8;

/// Bits of the last byte of `address.payload`.
pub(super) const COVERED: u8 = 1;
pub(super) const CONTRACT: u8 = 2;
pub(super) const KEY: u8 = 4;

/// Builds columns in a directory from a view, and makes them the ones that count. `made_from` says what the
/// view was made from, and [`super::is_current`] asks for it.
///
/// The same content gives the same bytes.
///
/// # Errors
/// When a file cannot be written, or another process is building there.
pub fn build<V: AccountView>(root: &Path, view: &V, made_from: &str) -> Result<(), StoreError> {
    fs::create_dir_all(root).map_err(StoreError::io(root, "cannot be created"))?;
    let _lock = lock(root)?;
    // A manifest that cannot be read names nothing; it is replaced.
    sweep(root, Manifest::read(root).ok().flatten().as_ref())?;
    let folder = root.join(TEMPORARY);
    fs::create_dir(&folder).map_err(StoreError::io(&folder, "cannot be created"))?;
    let mut builder = Builder::create(&folder, view)?;
    builder.transactions()?;
    builder.holdings()?;
    builder.addresses()?;
    builder.assets()?;
    builder.zero_transfers()?;
    builder.blocks()?;
    let (counts, mut files) = builder.finish()?;
    files.extend(said::write(&folder, view)?);
    let manifest = Manifest::new(view.chain(), made_from, view.content_id(), counts, files);
    said::prove(&folder, &manifest, view)?;
    commit(root, &folder, &manifest)
}

/// Makes a folder of sealed files the generation that counts.
fn commit(root: &Path, folder: &Path, manifest: &Manifest) -> Result<(), StoreError> {
    sync_directory(folder)?;
    let kept = manifest.folder(root);
    let named = root.join(MANIFEST);
    if kept.exists() {
        // The same columns again, to mend damaged ones: for a moment there are none.
        match fs::remove_file(&named) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io(&named, "cannot be removed")(error));
            }
            _ => {}
        }
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

/// What is known of an address, as bits.
fn address_flags(view: &impl AccountView, ix: AddressIx) -> u8 {
    let kind = match view.account_kind(ix) {
        Some(AccountKind::Contract) => CONTRACT,
        Some(AccountKind::Key) => KEY,
        None => 0,
    };
    u8::from(view.is_covered(ix)) | kind
}

/// Writes the columns of a view, one group of files after the other.
struct Builder<'a, V> {
    view: &'a V,
    folder: &'a Path,
    counts: Counts,
    files: BTreeMap<String, Sealed>,
    amounts: Amounts,
    texts: Writer,
}

impl<'a, V: AccountView> Builder<'a, V> {
    fn create(folder: &'a Path, view: &'a V) -> Result<Self, StoreError> {
        let wide = Writer::create(folder, Kind::Wide.name())?;
        let addresses = (0..view.address_count()).map(AddressIx::of);
        let holdings = addresses.map(|address| view.holdings(address).len()).sum();
        Ok(Self {
            view,
            folder,
            counts: Counts {
                transactions: as_u64(view.transaction_count()),
                addresses: as_u64(view.address_count()),
                assets: as_u64(view.asset_count()),
                holdings: as_u64(holdings),
                ..Counts::default()
            },
            files: BTreeMap::new(),
            amounts: Amounts { wide, rows: 0 },
            texts: Writer::create(folder, Kind::Text.name())?,
        })
    }

    fn column(&self, kind: Kind) -> Result<Writer, StoreError> {
        Writer::create(self.folder, kind.name())
    }

    fn seal(&mut self, files: impl IntoIterator<Item = Writer>) -> Result<(), StoreError> {
        for file in files {
            let (name, sealed) = file.finish()?;
            self.files.insert(name, sealed);
        }
        Ok(())
    }

    fn transactions(&mut self) -> Result<(), StoreError> {
        let view = self.view;
        let (mut ids, mut places) = (self.column(Kind::TxId)?, self.column(Kind::TxPlace)?);
        let (mut starts, mut legs) = (self.column(Kind::TxStart)?, self.column(Kind::Leg)?);
        let mut sorted = Vec::with_capacity(view.transaction_count());
        for tx in (0..view.transaction_count()).map(TxIx::of) {
            let (id, position) = (view.transaction_id(tx), view.position(tx));
            ids.push(&write_id(&mut self.texts, &id)?)?;
            sorted.push((id, tx.0));
            places.push(&view.time(tx).seconds().to_le_bytes())?;
            places.push(&position.height.unwrap_or(0).to_le_bytes())?;
            places.push(&position.index.unwrap_or(0).to_le_bytes())?;
            let flag = |flag, is| if is { flag } else { 0 };
            let flags = flag(HEIGHT, position.height.is_some())
                | flag(INDEX, position.index.is_some())
                | flag(ORDERED, view.legs_are_ordered(tx))
                | flag(CLAIMED, view.is_claimed(tx));
            places.push(&[flags])?;
            starts.push(&five(self.counts.legs))?;
            for leg in view.legs(tx) {
                legs.push(&write_leg(&mut self.amounts, &leg)?)?;
                self.counts.legs += 1;
            }
        }
        starts.push(&five(self.counts.legs))?;
        let find = self.find(Kind::TxFind, sorted)?;
        self.seal([ids, places, starts, legs, find])
    }

    fn holdings(&mut self) -> Result<(), StoreError> {
        let view = self.view;
        let (mut heads, mut starts) = (
            self.column(Kind::Holding)?,
            self.column(Kind::HoldingStart)?,
        );
        let (mut posts, mut balances) = (self.column(Kind::Post)?, self.column(Kind::PostBalance)?);
        for holding in (0..index(self.counts.holdings)).map(HoldingIx::of) {
            let (address, asset) = view.holding(holding);
            heads.push(&address.0.to_le_bytes())?;
            heads.push(&asset.0.to_le_bytes())?;
            heads.push(&self.amounts.write(view.opening(holding))?)?;
            starts.push(&five(self.counts.postings))?;
            for (place, posting) in view.postings(holding).enumerate() {
                posts.push(&posting.tx.0.to_le_bytes())?;
                posts.push(&posting.leg.to_le_bytes())?;
                let balance = view.balance_after(holding, place + 1);
                balances.push(&self.amounts.write(balance)?)?;
                self.counts.postings += 1;
            }
        }
        starts.push(&five(self.counts.postings))?;
        self.seal([heads, starts, posts, balances])
    }

    fn addresses(&mut self) -> Result<(), StoreError> {
        let view = self.view;
        let (mut payloads, mut starts) = (
            self.column(Kind::Address)?,
            self.column(Kind::AddressStart)?,
        );
        let mut holdings = self.column(Kind::AddressHolding)?;
        let mut sorted = Vec::with_capacity(view.address_count());
        let (mut first_holding, mut first_posting) = (0_u32, 0);
        for ix in (0..view.address_count()).map(AddressIx::of) {
            let address = view.address(ix).into_owned();
            payloads.push(&write_address(&mut self.texts, &address)?)?;
            payloads.push(&[address_flags(view, ix)])?;
            sorted.push((address, ix.0));
            starts.push(&first_holding.to_le_bytes())?;
            starts.push(&five(first_posting))?;
            for holding in view.holdings(ix) {
                holdings.push(&holding.0.to_le_bytes())?;
                first_holding += 1;
            }
            first_posting += as_u64(view.posting_count(ix));
        }
        starts.push(&first_holding.to_le_bytes())?;
        starts.push(&five(first_posting))?;
        let find = self.find(Kind::AddressFind, sorted)?;
        self.seal([payloads, starts, holdings, find])
    }

    fn assets(&mut self) -> Result<(), StoreError> {
        let view = self.view;
        let mut assets = self.column(Kind::Asset)?;
        for ix in (0..view.asset_count()).map(AssetIx::of) {
            assets.push(&write_text(&mut self.texts, view.asset(ix).as_str())?)?;
        }
        self.seal([assets])
    }

    fn zero_transfers(&mut self) -> Result<(), StoreError> {
        let mut zeros = self.column(Kind::Zero)?;
        for zero in self.view.zero_transfers() {
            zeros.push(&record::write_zero(&zero))?;
            self.counts.zeros += 1;
        }
        self.seal([zeros])
    }

    fn blocks(&mut self) -> Result<(), StoreError> {
        let mut blocks = self.column(Kind::Block)?;
        for block in self.view.blocks() {
            blocks.push(&record::write_block(&block))?;
            self.counts.blocks += 1;
        }
        self.seal([blocks])
    }

    /// The rows of a column in the order of what they hold; equal ones in row order.
    fn find<K: Ord>(&self, kind: Kind, mut rows: Vec<(K, u32)>) -> Result<Writer, StoreError> {
        rows.sort_unstable();
        let mut find = self.column(kind)?;
        for (_, row) in rows {
            find.push(&row.to_le_bytes())?;
        }
        Ok(find)
    }

    /// Ends the columns.
    fn finish(mut self) -> Result<(Counts, BTreeMap<String, Sealed>), StoreError> {
        let counts = Counts {
            wide: self.amounts.rows,
            text: self.texts.bytes(),
            ..self.counts
        };
        for file in [self.amounts.wide, self.texts] {
            let (name, sealed) = file.finish()?;
            self.files.insert(name, sealed);
        }
        Ok((counts, self.files))
    }
}
