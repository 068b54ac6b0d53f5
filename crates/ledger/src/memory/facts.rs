//! What several sources tell beside transfers, as one: the same for any order of the sources.
//!
//! Where two tell of different blocks at one height, or pin different metadata of one token, a note says so.

use std::collections::{BTreeMap, BTreeSet};

use super::tables::{BlockFact, Facts, TableSource, TokenFact};
use crate::asset::Asset;
use crate::chain::Chain;
use crate::chain::text::hex;
use crate::content::ContentHasher;
use crate::view::Note;

/// The facts of all sources, and where they disagree.
#[must_use]
pub fn merge(sources: &[TableSource]) -> (Facts, BTreeSet<Note>) {
    let mut notes = BTreeSet::new();
    let mut blocks: BTreeMap<u32, BTreeSet<&BlockFact>> = BTreeMap::new();
    let mut tokens: BTreeMap<&Asset, BTreeSet<&TokenFact>> = BTreeMap::new();
    let mut facts = Facts::default();
    for source in sources {
        for block in &source.facts.blocks {
            blocks.entry(block.height).or_default().insert(block);
        }
        for token in &source.facts.tokens {
            tokens.entry(&token.asset).or_default().insert(token);
        }
        let contracts = source.facts.contracts.iter().cloned();
        facts.contracts.extend(contracts);
    }
    for (height, told) in blocks {
        let (block, differ) = one_block(&told);
        if differ {
            let hashes: BTreeSet<String> = told.iter().map(|block| hex(&block.hash)).collect();
            let hashes: Vec<String> = hashes.into_iter().map(|hash| format!("0x{hash}")).collect();
            notes.insert(Note {
                kind: "disagreement",
                what: format!(
                    "two sources tell of different blocks at height {height}: {}",
                    hashes.join(", ")
                ),
                transaction: None,
            });
        }
        facts.blocks.push(block);
    }
    for pair in facts.blocks.windows(2) {
        let follows = pair[0].height.checked_add(1) == Some(pair[1].height);
        if follows && pair[1].parent.is_some_and(|parent| parent != pair[0].hash) {
            notes.insert(Note {
                kind: "disagreement",
                what: format!(
                    "two sources tell of different branches: block {} is not built on block {} as the other tells it",
                    pair[1].height, pair[0].height
                ),
                transaction: None,
            });
        }
    }
    for (asset, told) in tokens {
        // The earliest that was pinned: later words of a contract change nothing.
        let first = told.first().copied().cloned();
        let differ = |token: &&TokenFact| {
            let said = |token: &TokenFact| (token.symbol.clone(), token.decimals);
            first
                .as_ref()
                .is_some_and(|first| said(token) != said(first))
        };
        if told.iter().any(differ) {
            notes.insert(Note {
                kind: "disagreement",
                what: format!(
                    "the metadata of {asset} was pinned with different symbols or decimals; the earliest is used"
                ),
                transaction: None,
            });
        }
        facts.tokens.extend(first);
    }
    (facts, notes)
}

/// One block of all that is told of a height, completed, and whether it is told of more than one.
fn one_block(told: &BTreeSet<&BlockFact>) -> (BlockFact, bool) {
    let mut told = told.iter();
    let first = told.next().expect("a height is told by somebody");
    let mut block = (*first).clone();
    let mut differ = false;
    for other in told {
        differ |= other.hash != block.hash;
        if other.hash == block.hash {
            block.parent = block.parent.or(other.parent);
        }
    }
    (block, differ)
}

/// Adds facts to a content id; nothing where there are none.
pub(super) fn hash(chain: &Chain, facts: &Facts, hasher: &mut ContentHasher) {
    for block in &facts.blocks {
        hasher.line(&format!(
            "block {} 0x{} {} {}",
            block.height,
            hex(&block.hash),
            block.time,
            block.transactions
        ));
    }
    for token in &facts.tokens {
        hasher.line(&format!(
            "token {} {:?} {:?} {:?}",
            token.asset, token.symbol, token.name, token.decimals
        ));
    }
    for contract in &facts.contracts {
        hasher.line(&format!("contract {}", contract.display(chain)));
    }
}
