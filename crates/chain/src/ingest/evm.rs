//! Takes in what sources tell of chains of Ethereum's kind.

use std::ops::RangeInclusive;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use whither_ledger::chain::Chain;

use super::rows::{self, Counts};
use super::{IngestReport, IngestRequest, Progress, Skipped};
use crate::error::{ChainError, RequestError};
use crate::sources::evm::settle::{Settled, settle};
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
    let mut gathered = Gathered::default();
    let chain = request.chain.as_ref();
    let heights = request.blocks.as_ref();
    match format {
        Format::EvmJson => {
            let paths: Vec<&Path> = request.paths.iter().map(AsRef::as_ref).collect();
            let (told, digest) = evm_json::read(&paths, chain, &tell).map_err(Box::new)?;
            gathered.add(&request.paths[0], told, digest, heights)?;
        }
        Format::Etherscan | Format::TronGrid => return explorer(store, request, format, &tell),
        _ => {
            for path in &request.paths {
                if format == Format::EthereumEtl {
                    let (told, digest) =
                        ethereum_etl::read(path, chain, &tell).map_err(Box::new)?;
                    gathered.add(path, told, digest, heights)?;
                    continue;
                }
                for piece in cryo::pieces(path).map_err(Box::new)? {
                    let (told, digest) = cryo::read(path, piece, chain, &tell).map_err(Box::new)?;
                    gathered.add(path, told, digest, heights)?;
                }
            }
        }
    }
    gathered.commit(store, request)
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
    rows::commit(store, request.dry_run, &chain, &sources, skipped, None)
}

/// What all sources of one ingest told.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    chain: Option<Chain>,
    settled: Settled,
    skipped: Vec<Skipped>,
}

impl Gathered {
    /// Settles what one source told, and adds it.
    pub(super) fn add(
        &mut self,
        path: &Path,
        told: Told,
        digest: [u8; 32],
        heights: Option<&RangeInclusive<u32>>,
    ) -> Result<(), ChainError> {
        let name = path.display().to_string();
        if let Some(other) = self.chain.as_ref().filter(|other| **other != told.chain) {
            return Err(RequestError::SeveralChains(other.clone(), told.chain).into());
        }
        self.chain = Some(told.chain.clone());
        let new = settle(told, &name, digest, heights).map_err(Box::new)?;
        let all = &mut self.settled;
        all.sources.extend(new.sources);
        all.blocks += new.blocks;
        all.transactions += new.transactions;
        all.paid |= new.paid;
        all.fees = all.fees.saturating_add(new.fees);
        all.burned = all.burned.saturating_add(new.burned);
        self.skipped
            .extend(new.left_out.into_iter().map(|why| Skipped {
                place: name.clone(),
                why,
            }));
        Ok(())
    }

    /// Says which chain it is of, where nothing else does.
    pub(super) fn chain_is(&mut self, chain: &Chain) {
        self.chain = Some(chain.clone());
    }

    /// Says that something was passed over.
    pub(super) fn skip(&mut self, path: &Path, why: &str) {
        self.skipped.push(Skipped {
            place: path.display().to_string(),
            why: why.to_owned(),
        });
    }

    /// Writes all of it to the store, or nothing.
    pub(super) fn commit(
        self,
        store: &mut Store,
        request: &IngestRequest,
    ) -> Result<IngestReport, ChainError> {
        let chain = self.chain.ok_or(RequestError::NoSource)?;
        let counts = Counts {
            blocks: self.settled.blocks,
            transactions: self.settled.transactions,
            fees: u128::try_from(self.settled.fees)
                .ok()
                .filter(|_| self.settled.paid),
            burned: u128::try_from(self.settled.burned)
                .ok()
                .filter(|_| self.settled.paid),
        };
        rows::commit(
            store,
            request.dry_run,
            &chain,
            &self.settled.sources,
            self.skipped,
            Some(counts),
        )
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
