//! Which blocks count, and at which height.
//!
//! Blocks hang together by the hash of the block before, even where that block is missing. Of each such
//! piece the branch with most work counts. Heights count from the network's first block; a piece that does not
//! reach it takes them from what its coinbases claim (BIP 34), or from what the user said. Nothing here
//! depends on the order in which blocks were found: ties go to the lower hash.

use std::collections::{BTreeMap, HashMap};

use whither_ledger::U256;
use whither_ledger::chain::BitcoinNetwork;
use whither_ledger::coverage::Coverage;
use whither_ledger::view::Note;

use super::{Hash, Index, IndexedBlock};
use crate::sources::bitcoin::HEIGHT_MAX;
use crate::text::show_hash;

/// Contiguous heights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extent {
    /// First height.
    pub first: u32,
    /// Last height.
    pub last: u32,
}

/// Blocks, sorted into those that count and those that do not.
#[derive(Debug, Default)]
pub(crate) struct Arrangement {
    /// The blocks that count, in chain order: place in the index, and height where known.
    pub(crate) active: Vec<(usize, Option<u32>)>,
    /// The blocks that do not.
    pub(crate) stale: Vec<Stale>,
    /// Contiguous runs of known heights, ascending.
    pub(crate) runs: Vec<Extent>,
    /// Whether blocks of unknown height are among those that count.
    pub(crate) has_unknown: bool,
    /// What must be said with every answer.
    pub(crate) notes: Vec<Note>,
}

/// A block that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stale {
    /// Place in the index.
    pub(crate) block: usize,
    /// Height, where known.
    pub(crate) height: Option<u32>,
    /// What counts in its stead: the block at its height, or the end of the chain.
    pub(crate) instead: Hash,
    /// Whether it may still come to count once more blocks are known: it is on a branch with as much work as the
    /// one that counts, or what it follows is not here.
    pub(crate) open: bool,
}

/// Heights that were said contradict what the blocks say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("block {} cannot be at height {said}: {why}", show_hash(block))]
pub struct HeightConflict {
    /// The block, internal byte order.
    pub block: Hash,
    /// The height that was said.
    pub said: u32,
    /// What speaks against it.
    pub why: String,
}

impl Arrangement {
    /// First and last known height.
    pub(crate) fn extent(&self) -> Option<Extent> {
        extent_of(&self.runs)
    }

    /// The heights between the first and the last that are missing.
    pub(crate) fn gaps(&self) -> Vec<Extent> {
        gaps_of(&self.runs)
    }

    /// What the blocks promise to be complete.
    pub(crate) fn coverage(&self) -> Vec<Coverage> {
        let blocks = |first, last| Coverage::Blocks {
            first,
            last,
            internal: true,
        };
        let unknown = self.has_unknown.then(|| blocks(None, None));
        let runs = self.runs.iter();
        runs.map(|run| blocks(Some(run.first), Some(run.last)))
            .chain(unknown)
            .collect()
    }
}

/// First and last of runs in ascending order. They may overlap: two sources may promise the same blocks.
pub(crate) fn extent_of(runs: &[Extent]) -> Option<Extent> {
    Some(Extent {
        first: runs.first()?.first,
        last: runs.iter().map(|run| run.last).max()?,
    })
}

/// What lies between runs in ascending order, which may overlap.
pub(crate) fn gaps_of(runs: &[Extent]) -> Vec<Extent> {
    let mut gaps = Vec::new();
    let mut upto: Option<u32> = None;
    for run in runs {
        if let Some(upto) = upto.filter(|upto| run.first > upto.saturating_add(1)) {
            gaps.push(Extent {
                first: upto + 1,
                last: run.first - 1,
            });
        }
        upto = upto.max(Some(run.last));
    }
    gaps
}

/// Sorts the blocks of one network. `said` holds heights that were said of blocks.
pub(crate) fn arrange(
    network: BitcoinNetwork,
    index: &Index,
    said: &BTreeMap<Hash, u32>,
) -> Result<Arrangement, HeightConflict> {
    let mut pieces = pieces(network, index, said)?;
    pieces.sort_by(|a, b| {
        b.work
            .cmp(&a.work)
            .then_with(|| a.tip_key(index).cmp(&b.tip_key(index)))
    });
    let mut arrangement = Arrangement::default();
    let mut known: Vec<Piece> = Vec::new();
    let mut unknown: Vec<Piece> = Vec::new();
    for piece in pieces {
        let Some(base) = piece.base else {
            unknown.push(piece);
            continue;
        };
        match known.iter().find(|rival| rival.claims_of(&piece)) {
            None => known.push(piece),
            Some(rival) => {
                let instead = |depth: usize| rival.hash_at(index, base + as_height(depth));
                let blocks = piece.blocks.iter();
                arrangement.stale.extend(blocks.map(|(block, depth)| Stale {
                    block: *block,
                    height: Some(base + as_height(*depth)),
                    instead: instead(*depth),
                    open: true,
                }));
            }
        }
    }
    known.sort_by_key(|piece| piece.base);
    unknown.sort_by_key(|piece| {
        let root = &index.blocks[piece.branch[0]];
        (root.time, shown_order(&root.hash))
    });
    for piece in &unknown {
        let note = unknown_height_note(index, piece);
        arrangement.notes.push(note);
    }
    merge(index, known, unknown, &mut arrangement);
    let key = |stale: &Stale| (stale.height, shown_order(&index.blocks[stale.block].hash));
    arrangement.stale.sort_by_key(key);
    Ok(arrangement)
}

/// Puts the pieces in chain order: by height; those without one before the first piece that is younger.
fn merge(index: &Index, known: Vec<Piece>, unknown: Vec<Piece>, arrangement: &mut Arrangement) {
    let time = |piece: &Piece| index.blocks[piece.branch[0]].time;
    let mut unknown = unknown.into_iter().peekable();
    for piece in known {
        while let Some(older) = unknown.next_if(|other| time(other) < time(&piece)) {
            older.place(index, arrangement);
        }
        piece.place(index, arrangement);
    }
    for piece in unknown {
        piece.place(index, arrangement);
    }
}

fn unknown_height_note(index: &Index, piece: &Piece) -> Note {
    let first = show_hash(&index.blocks[piece.branch[0]].hash);
    let what = match piece.branch.len() {
        1 => format!("the height of block {first} is not known"),
        count => format!("the heights of {count} blocks from block {first} on are not known"),
    };
    let kind = "unknown-height";
    Note {
        kind,
        what: if piece.claims_differ {
            format!("{what}: their coinbases claim heights that do not fit together")
        } else {
            what
        },
        transaction: None,
    }
}

/// Blocks that hang together: trees whose first blocks all follow the same block, which is not here.
#[derive(Debug)]
struct Piece {
    /// All of them, with their distance from a first one.
    blocks: Vec<(usize, usize)>,
    /// The most work of a branch through each of them.
    works: Vec<U256>,
    /// Those with most work, in order.
    branch: Vec<usize>,
    /// Their work.
    work: U256,
    /// The height of the first ones.
    base: Option<u32>,
    claims_differ: bool,
}

impl Piece {
    fn tip_key(&self, index: &Index) -> Hash {
        let tip = self.branch.last().expect("a branch has a block");
        shown_order(&index.blocks[*tip].hash)
    }

    /// The heights of the branch. The piece also says which block is below its first: not one that it holds.
    fn heights(&self) -> Option<(u32, u32)> {
        let base = self.base?;
        Some((base, base + as_height(self.branch.len() - 1)))
    }

    /// Whether both pieces claim a height. What stands below the first block is claimed as well: were it
    /// the other's block, the two would hang together.
    fn claims_of(&self, other: &Self) -> bool {
        let (Some(a), Some(b)) = (self.heights(), other.heights()) else {
            return false;
        };
        let below = |first: u32| first.saturating_sub(1);
        below(a.0) <= b.1 && below(b.0) <= a.1
    }

    /// The hash of the branch's block at a height, or of the nearest one.
    fn hash_at(&self, index: &Index, height: u32) -> Hash {
        let base = self.base.unwrap_or(height);
        let depth = usize::try_from(height.saturating_sub(base)).unwrap_or(usize::MAX);
        let block = self.branch[depth.min(self.branch.len() - 1)];
        index.blocks[block].hash
    }

    /// Hands the piece's blocks over in chain order.
    fn place(&self, index: &Index, arrangement: &mut Arrangement) {
        let height = |depth| self.base.map(|base| base + as_height(depth));
        let branch = self.branch.iter().enumerate();
        arrangement
            .active
            .extend(branch.map(|(depth, block)| (*block, height(depth))));
        let blocks = self.blocks.iter().zip(&self.works);
        let off_branch =
            blocks.filter(|((block, depth), _)| self.branch.get(*depth) != Some(block));
        let last = self.branch.len() - 1;
        arrangement
            .stale
            .extend(off_branch.map(|((block, depth), work)| Stale {
                block: *block,
                height: height(*depth),
                instead: index.blocks[self.branch[(*depth).min(last)]].hash,
                open: *work == self.work,
            }));
        match self.heights() {
            Some((first, last)) => arrangement.runs.push(Extent { first, last }),
            None => arrangement.has_unknown = true,
        }
    }
}

fn pieces(
    network: BitcoinNetwork,
    index: &Index,
    said: &BTreeMap<Hash, u32>,
) -> Result<Vec<Piece>, HeightConflict> {
    let mut children: HashMap<Hash, Vec<usize>> = HashMap::new();
    let mut firsts: BTreeMap<Hash, Vec<usize>> = BTreeMap::new();
    for (number, block) in index.blocks.iter().enumerate() {
        if index.find(&block.previous).is_some() {
            children.entry(block.previous).or_default().push(number);
        } else if block.hash == network.genesis_hash() {
            firsts.insert(block.hash, vec![number]);
        } else {
            // Rivals hang together by the block before them, whether it is here or not.
            firsts.entry(block.previous).or_default().push(number);
        }
    }
    let piece = |firsts| piece(network, index, said, &children, firsts);
    firsts.into_values().map(piece).collect()
}

fn piece(
    network: BitcoinNetwork,
    index: &Index,
    said: &BTreeMap<Hash, u32>,
    children: &HashMap<Hash, Vec<usize>>,
    firsts: Vec<usize>,
) -> Result<Piece, HeightConflict> {
    let block = |number: usize| &index.blocks[number];
    let mut sums: Vec<U256> = firsts.iter().map(|first| block(*first).work).collect();
    let mut blocks: Vec<(usize, usize)> = firsts.into_iter().map(|first| (first, 0)).collect();
    let mut parents: Vec<Option<usize>> = vec![None; blocks.len()];
    let mut best = 0;
    let mut at = 0;
    while let Some((number, depth)) = blocks.get(at).copied() {
        for child in children.get(&block(number).hash).into_iter().flatten() {
            blocks.push((*child, depth + 1));
            parents.push(Some(at));
            sums.push(sums[at].saturating_add(block(*child).work));
        }
        let key = |place: usize| {
            (
                sums[place],
                std::cmp::Reverse(shown_order(&block(blocks[place].0).hash)),
            )
        };
        if key(at) > key(best) {
            best = at;
        }
        at += 1;
    }
    let mut branch = vec![blocks[best].0];
    while let Some(before) = index.find(&block(branch[branch.len() - 1]).previous) {
        branch.push(before);
    }
    branch.reverse();
    let (base, claims_differ) = base(network, index, said, &blocks)?;
    let work = sums[best];
    for (place, parent) in parents.iter().enumerate().rev() {
        if let Some(parent) = parent {
            sums[*parent] = sums[*parent].max(sums[place]);
        }
    }
    Ok(Piece {
        work,
        works: sums,
        blocks,
        branch,
        base,
        claims_differ,
    })
}

/// The height of a piece's first blocks, and whether its coinbases contradict each other.
fn base(
    network: BitcoinNetwork,
    index: &Index,
    said: &BTreeMap<Hash, u32>,
    blocks: &[(usize, usize)],
) -> Result<(Option<u32>, bool), HeightConflict> {
    let root = &index.blocks[blocks[0].0];
    let genesis = root.hash == network.genesis_hash();
    let linked = if genesis {
        Some(0)
    } else {
        (root.previous == network.genesis_hash()).then_some(1)
    };
    let base_by = |height: u32, depth: usize| {
        height
            .checked_sub(as_height(depth))
            .filter(|base| (*base == 0) == genesis)
    };
    let claims = |(number, depth): &(usize, usize)| {
        let height = index.blocks[*number].claimed_height?;
        Some(base_by(height, *depth))
    };
    let mut claimed: Vec<Option<u32>> = blocks.iter().filter_map(claims).collect();
    claimed.sort_unstable();
    claimed.dedup();
    let (base, why) = match claimed.as_slice() {
        _ if linked.is_some() => (linked, "it is linked to the network's first block"),
        [one] => (*one, "the coinbases claim other heights"),
        _ => (None, ""),
    };
    let claims_differ = linked.is_none() && (claimed.len() > 1 || claimed == [None]);
    let mut result = base;
    for (number, depth) in blocks {
        let block: &IndexedBlock = &index.blocks[*number];
        let Some(height) = said.get(&block.hash).copied() else {
            continue;
        };
        let conflict = |why: &str| HeightConflict {
            block: block.hash,
            said: height,
            why: why.to_owned(),
        };
        if height > HEIGHT_MAX {
            return Err(conflict("no chain is that high"));
        }
        match (base_by(height, *depth), result) {
            (None, _) if linked.is_some() => return Err(conflict(why)),
            (None, _) => return Err(conflict("only the network's first block is at height 0")),
            (said, Some(known)) if said != Some(known) => {
                let why = if base.is_some() {
                    why
                } else {
                    "another height was given for a block it is linked to"
                };
                return Err(conflict(&format!(
                    "{why} (block {} is at {})",
                    show_hash(&block.hash),
                    known + as_height(*depth)
                )));
            }
            (said, _) => result = said,
        }
    }
    Ok((result, claims_differ && result.is_none()))
}

/// A hash in the order of its number, which is that of the text people write.
fn shown_order(hash: &Hash) -> Hash {
    let mut shown = *hash;
    shown.reverse();
    shown
}

/// A distance between blocks as a difference of heights.
fn as_height(depth: usize) -> u32 {
    u32::try_from(depth).expect("fewer than 2^32 blocks")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_two_sources_promise_have_no_gap_between_them() {
        let runs = |all: &[(u32, u32)]| -> Vec<Extent> {
            let all = all.iter();
            all.map(|(first, last)| Extent {
                first: *first,
                last: *last,
            })
            .collect()
        };
        for (promised, gaps, last) in [
            (&[(0, 75), (0, 75)][..], &[][..], 75),
            (&[(0, 40), (41, 75)], &[], 75),
            (&[(0, 90), (3, 5), (95, 96)], &[(91, 94)], 96),
            (&[(0, 90), (3, 5)], &[], 90),
            (&[(7, 7), (9, u32::MAX), (9, 12)], &[(8, 8)], u32::MAX),
        ] {
            let promised = runs(promised);
            assert_eq!(gaps_of(&promised), runs(gaps), "{promised:?}");
            assert_eq!(extent_of(&promised).map(|extent| extent.last), Some(last));
        }
    }
}
