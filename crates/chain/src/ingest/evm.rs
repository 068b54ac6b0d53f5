//! Takes in what sources tell of chains of Ethereum's kind.

use std::ops::RangeInclusive;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use whither_ledger::U256;
use whither_ledger::chain::Chain;

use super::desk::{Brought, Counts, Desk, report};
use super::rows;
use super::stretches::Stretches;
use super::{IngestReport, IngestRequest, Progress, Skipped};
use crate::error::{ChainError, RequestError};
use crate::sources::evm::settle::{Settled, Settling, Untaken};
use crate::sources::evm::told::Told;
use crate::sources::evm::{EvmError, EvmFault};
use crate::sources::{Format, cryo, ethereum_etl, etherscan, evm_json, trongrid};
use crate::store::Store;

pub(super) fn ingest(
    store: &mut Store,
    request: &IngestRequest,
    format: Format,
    progress: &dyn Progress,
) -> Result<IngestReport, ChainError> {
    refuse_options(request)?;
    let tell = |path: &Path| progress.report(0, 0, &path.display().to_string());
    if matches!(format, Format::Etherscan | Format::TronGrid) {
        return explorer(store, request, format, &tell);
    }
    let mut gathered = Gathered::new(store, request.dry_run);
    let chain = request.chain.as_ref();
    let heights = request.blocks.as_ref();
    if format == Format::EvmJson {
        let paths: Vec<&Path> = request.paths.iter().map(AsRef::as_ref).collect();
        let (told, digest) = evm_json::read(&paths, chain, &tell).map_err(Box::new)?;
        gathered.add(&request.paths[0], told, digest, heights)?;
        let kept = gathered.keep(true)?;
        return say(store, kept);
    }
    for path in &request.paths {
        if format == Format::EthereumEtl {
            let (told, digest) = ethereum_etl::read(path, chain, &tell).map_err(Box::new)?;
            gathered.add(path, told, digest, heights)?;
            continue;
        }
        for piece in cryo::pieces(path).map_err(Box::new)? {
            let piece = cryo::Reading::open(path, piece, chain, &tell).map_err(Box::new)?;
            gathered.add_parts(path, piece, heights)?;
        }
    }
    let kept = gathered.keep(true)?;
    say(store, kept)
}

/// Says what was kept, and what the store then holds.
pub(super) fn say(
    store: &Store,
    (chain, brought, skipped, counts): Kept,
) -> Result<IngestReport, ChainError> {
    report(store, &chain, &brought, skipped, counts)
}

/// Takes in what an explorer exported of accounts: rows, and no promise about others.
fn explorer(
    store: &mut Store,
    request: &IngestRequest,
    format: Format,
    tell: &dyn Fn(&Path),
) -> Result<IngestReport, ChainError> {
    if request.blocks.is_some() {
        return Err(RequestError::OnlyForBlocks("--blocks").into());
    }
    let mut sources = Vec::new();
    let mut skipped = Vec::new();
    let mut chain = None;
    for path in &request.paths {
        tell(path);
        let name = path.display().to_string();
        let here = |fault| Box::new(EvmError::new(&name, None, fault));
        let wanted = request.chain.as_ref();
        let made = match format {
            Format::TronGrid => trongrid::export(wanted),
            _ => etherscan::export(wanted),
        };
        let mut export = made.map_err(here)?;
        let bytes = std::fs::read(path).map_err(|error| here(EvmFault::Io(error)))?;
        if etherscan::is_one(path) {
            etherscan::read_csv(path, &mut export).map_err(Box::new)?;
        } else {
            for document in evm_json::documents(path).map_err(here)? {
                let taken = match format {
                    Format::TronGrid => trongrid::take_document(&document, &mut export),
                    _ => etherscan::take_document(&document, &mut export),
                };
                taken.map_err(here)?;
            }
        }
        skipped.extend(export.left_out.iter().map(|(count, why)| Skipped {
            place: name.clone(),
            why: format!("{count} {why}"),
        }));
        sources.extend(export.source(Sha256::digest(&bytes).into()));
        chain = Some(export.chain);
    }
    let chain = chain.ok_or(RequestError::NoSource)?;
    rows::of_tables(store, request.dry_run, &chain, &sources, skipped)
}

/// What all sources of one ingest told.
#[derive(Debug)]
pub(super) struct Gathered<'store> {
    /// Until it is known of which chain the sources are.
    store: Option<&'store mut Store>,
    desk: Option<Desk<'store>>,
    dry_run: bool,
    chain: Option<Chain>,
    settled: Settled,
    skipped: Vec<Skipped>,
}

impl<'store> Gathered<'store> {
    pub(super) fn new(store: &'store mut Store, dry_run: bool) -> Self {
        Self {
            store: Some(store),
            desk: None,
            dry_run,
            chain: None,
            settled: Settled {
                fees: Some(U256::ZERO),
                burned: Some(U256::ZERO),
                ..Settled::default()
            },
            skipped: Vec::new(),
        }
    }

    /// Settles what one source told, and adds it.
    pub(super) fn add(
        &mut self,
        path: &Path,
        told: Told,
        digest: [u8; 32],
        heights: Option<&RangeInclusive<u32>>,
    ) -> Result<(), ChainError> {
        self.add_parts(path, (digest, Some(told)), heights)
    }

    /// The same of a source that tells in parts.
    pub(super) fn add_parts(
        &mut self,
        path: &Path,
        mut parts: impl Parts,
        heights: Option<&RangeInclusive<u32>>,
    ) -> Result<(), ChainError> {
        let name = path.display().to_string();
        let mut settling = Settling::new(&name, heights);
        let Some(mut part) = parts.next().map_err(Box::new)? else {
            return Ok(());
        };
        let desk = self.desk_of(&part.chain)?;
        let mut stretches = Stretches::new(desk, parts.digest());
        loop {
            settling.take(part, &mut stretches)?;
            match parts.next().map_err(Box::new)? {
                Some(next) => part = next,
                None => break,
            }
        }
        let mut new = settling.finish();
        stretches.finish(std::mem::take(&mut new.facts))?;
        let all = &mut self.settled;
        all.blocks += new.blocks;
        all.transactions += new.transactions;
        all.fees = sum(all.fees, new.fees);
        all.burned = sum(all.burned, new.burned);
        self.skipped
            .extend(new.left_out.into_iter().map(|why| Skipped {
                place: name.clone(),
                why,
            }));
        Ok(())
    }

    /// Where rows of a chain go: of one chain alone.
    fn desk_of(&mut self, chain: &Chain) -> Result<&mut Desk<'store>, ChainError> {
        if let Some(other) = self.chain.as_ref().filter(|other| *other != chain) {
            return Err(RequestError::SeveralChains(other.clone(), chain.clone()).into());
        }
        self.chain = Some(chain.clone());
        if let Some(store) = self.store.take() {
            self.desk = Some(Desk::begin(store, chain, self.dry_run)?);
        }
        Ok(self.desk.as_mut().expect("the store was given to it"))
    }

    /// Says that something was passed over.
    pub(super) fn skip(&mut self, path: &Path, why: &str) {
        self.skipped.push(Skipped {
            place: path.display().to_string(),
            why: why.to_owned(),
        });
    }

    /// Makes all of it part of the store, and says what it was.
    pub(super) fn keep(self, with_columns: bool) -> Result<Kept, ChainError> {
        let (Some(chain), Some(desk)) = (self.chain, self.desk) else {
            return Err(RequestError::NoSource.into());
        };
        let told = |amount: Option<U256>| u128::try_from(amount?).ok();
        let counts = Counts {
            blocks: self.settled.blocks,
            transactions: self.settled.transactions,
            fees: told(self.settled.fees),
            burned: told(self.settled.burned),
        };
        Ok((chain, desk.end(with_columns)?, self.skipped, counts))
    }
}

/// What was kept of one ingest.
pub(super) type Kept = (Chain, Brought, Vec<Skipped>, Counts);

/// A source that tells of its blocks part by part, the lower ones first.
pub(super) trait Parts {
    /// Of the source's bytes.
    fn digest(&self) -> [u8; 32];
    /// The next part.
    fn next(&mut self) -> Result<Option<Told>, EvmError>;
}

/// A source that tells all at once.
impl Parts for ([u8; 32], Option<Told>) {
    fn digest(&self) -> [u8; 32] {
        self.0
    }

    fn next(&mut self) -> Result<Option<Told>, EvmError> {
        Ok(self.1.take())
    }
}

impl Parts for cryo::Reading<'_> {
    fn digest(&self) -> [u8; 32] {
        self.digest
    }

    fn next(&mut self) -> Result<Option<Told>, EvmError> {
        self.part()
    }
}

/// What two sources tell together; nothing where one does not tell.
fn sum(a: Option<U256>, b: Option<U256>) -> Option<U256> {
    a?.checked_add(b?)
}

impl From<Untaken> for ChainError {
    fn from(untaken: Untaken) -> Self {
        match untaken {
            Untaken::Told(error) => Box::new(error).into(),
            Untaken::Store(error) => error.into(),
        }
    }
}

fn refuse_options(request: &IngestRequest) -> Result<(), RequestError> {
    let options = [
        (request.undo.is_some(), "--undo"),
        (request.height.is_some(), "--height"),
    ];
    if let Some((_, option)) = options.into_iter().find(|(given, _)| *given) {
        return Err(RequestError::OnlyForBitcoin(option));
    }
    if request.mapping.is_some() {
        return Err(RequestError::OnlyForTables("--mapping"));
    }
    Ok(())
}
