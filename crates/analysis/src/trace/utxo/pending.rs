//! Taint at rest, waiting for the transactions that move it on: which comes next, and what waits for it.
//!
//! Two ways to find the next transaction, with one answer. The **frontier** is a heap of what waits, keyed
//! by transaction: its cost knows nothing of the chain. The **sweep** passes over the transactions in
//! chain order, a window at a time: a slot per transaction of the window and a list per later window,
//! so that nothing is ever compared. `docs/methods/kernels.md` has the figures behind [`Kernel::Auto`].

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use whither_ledger::view::TxIx;

use super::COIN;
use crate::trace::collect::Place;
use crate::trace::policy::Direction;
use crate::trace::taint::Piece;

/// How a driver finds the next transaction. Every choice gives the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// The frontier, and the sweep once more than 256 holdings wait.
    Auto,
    /// A heap of the transactions that taint waits for.
    Frontier,
    /// A pass over all transactions from the first tainted one on.
    Sweep,
}

/// So many holdings may wait in a heap before the sweep takes over (measured: `docs/methods/kernels.md`).
const AUTO_WAITING_MAX: usize = 256;

/// Transactions of a window: its slots (4 bytes each) stay within a processor's second cache.
const WINDOW: u32 = 1 << 16;
const WINDOW_SLOTS: usize = 1 << 16;

/// Taint in a place.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) place: Place,
    pub(super) hops: u32,
    /// What lies there, tainted or not; kept so that it need not be looked up a second time.
    pub(super) value: Option<u64>,
    /// Settled: neighbours of one origin joined.
    pub(super) pieces: Vec<Piece<u64>>,
    /// When it is moved on.
    step: u32,
    /// What else waits for that transaction: its row plus one.
    next: u32,
}

/// All taint at rest.
pub(super) struct Pending {
    direction: Direction,
    kernel: Kernel,
    /// Rows are used again, with their memory.
    held: Vec<Held>,
    free: Vec<u32>,
    frontier: BinaryHeap<Reverse<(u32, u32)>>,
    sweep: Option<Sweep>,
}

impl Pending {
    pub(super) fn new(direction: Direction, kernel: Kernel) -> Self {
        Self {
            direction,
            kernel,
            held: Vec::new(),
            free: Vec::new(),
            frontier: BinaryHeap::new(),
            sweep: (kernel == Kernel::Sweep).then(Sweep::new),
        }
    }

    /// Has a transaction stepped whatever waits for it.
    pub(super) fn visit(&mut self, tx: TxIx) {
        // Taint that waits has pieces, so a row without any stands for nothing but the transaction.
        self.put(tx, (Place::Fee(tx, COIN), None), 0, &[]);
    }

    /// Puts taint down until a transaction moves it on, which is later than all that were taken.
    pub(super) fn put(
        &mut self,
        tx: TxIx,
        (place, value): (Place, Option<u64>),
        hops: u32,
        pieces: &[Piece<u64>],
    ) {
        let step = step_of(self.direction, tx);
        let row = self.free.pop().unwrap_or_else(|| {
            self.held.push(Held {
                place,
                hops,
                value,
                pieces: Vec::new(),
                step,
                next: 0,
            });
            u32::try_from(self.held.len() - 1).expect("fewer than 2^32 holdings wait at once")
        });
        let held = &mut self.held[index(row)];
        (held.place, held.value) = (place, value);
        (held.hops, held.step) = (hops, step);
        for piece in pieces {
            match held.pieces.last_mut() {
                Some(last) if last.origin_ix == piece.origin_ix => last.amount += piece.amount,
                _ => held.pieces.push(Piece { debit: 0, ..*piece }),
            }
        }
        match &mut self.sweep {
            Some(sweep) => sweep.put(&mut self.held, step, row),
            None => {
                self.frontier.push(Reverse((step, row)));
                if self.kernel == Kernel::Auto && self.frontier.len() > AUTO_WAITING_MAX {
                    let mut sweep = Sweep::new();
                    for Reverse((step, row)) in std::mem::take(&mut self.frontier) {
                        sweep.put(&mut self.held, step, row);
                    }
                    self.sweep = Some(sweep);
                }
            }
        }
    }

    /// The next transaction in the direction of the trace, and what waits for it, by place.
    pub(super) fn take(&mut self, waiting: &mut Vec<(Place, u32)>) -> Option<TxIx> {
        waiting.clear();
        let step = match &mut self.sweep {
            Some(sweep) => {
                let step = sweep.next(&mut self.held)?;
                let mut row = sweep.clear(step);
                while let Some(known) = row.checked_sub(1) {
                    row = self.held[index(known)].next;
                    self.found(known, waiting);
                }
                step
            }
            None => {
                let Reverse((step, row)) = self.frontier.pop()?;
                self.found(row, waiting);
                let of_step = |next: &Reverse<(u32, u32)>| next.0.0 == step;
                while let Some(Reverse((_, row))) = self.frontier.peek().copied().filter(of_step) {
                    self.frontier.pop();
                    self.found(row, waiting);
                }
                step
            }
        };
        waiting.sort_unstable();
        Some(tx_of(self.direction, step))
    }

    fn found(&mut self, row: u32, waiting: &mut Vec<(Place, u32)>) {
        let held = &self.held[index(row)];
        if held.pieces.is_empty() {
            self.free.push(row);
        } else {
            waiting.push((held.place, row));
        }
    }

    pub(super) fn held(&self, row: u32) -> &Held {
        &self.held[index(row)]
    }

    /// Gives a row back once its taint has gone on.
    pub(super) fn free(&mut self, row: u32) {
        self.held[index(row)].pieces.clear();
        self.free.push(row);
    }
}

/// The linear pass: what waits within the window it is in, and what waits beyond.
struct Sweep {
    /// Its transactions are `window * WINDOW ..`.
    window: u32,
    /// Per transaction of the window the row of what waits for it plus one, linked by [`Held::next`].
    slots: Vec<u32>,
    /// A bit per transaction of the window.
    occupied: Vec<u64>,
    /// No bit is set in words before this one.
    word: usize,
    /// What waits in later windows, by their number.
    later: Vec<Vec<(u32, u32)>>,
    /// How many wait in `later`.
    waiting_later: usize,
}

impl Sweep {
    fn new() -> Self {
        Self {
            window: 0,
            slots: vec![0; WINDOW_SLOTS],
            occupied: vec![0; WINDOW_SLOTS / 64],
            word: 0,
            later: Vec::new(),
            waiting_later: 0,
        }
    }

    fn put(&mut self, held: &mut [Held], step: u32, row: u32) {
        if step / WINDOW == self.window {
            return self.link(held, step, row);
        }
        let window = index(step / WINDOW);
        if window >= self.later.len() {
            self.later.resize_with(window + 1, Vec::new);
        }
        self.later[window].push((step, row));
        self.waiting_later += 1;
    }

    fn link(&mut self, held: &mut [Held], step: u32, row: u32) {
        let slot = index(step % WINDOW);
        held[index(row)].next = self.slots[slot];
        self.slots[slot] = row + 1;
        self.occupied[slot / 64] |= 1 << (slot % 64);
        self.word = self.word.min(slot / 64);
    }

    /// The next transaction that something waits for; moves on to its window.
    fn next(&mut self, held: &mut [Held]) -> Option<u32> {
        loop {
            while let Some(word) = self.occupied.get(self.word) {
                if *word != 0 {
                    let bit = word.trailing_zeros();
                    let word = u32::try_from(self.word).expect("a window has few words");
                    return Some(self.window * WINDOW + 64 * word + bit);
                }
                self.word += 1;
            }
            if self.waiting_later == 0 {
                return None;
            }
            let from = index(self.window) + 1;
            let beyond = self.later[from.min(self.later.len())..].iter();
            let skipped = beyond.take_while(|later| later.is_empty()).count();
            let window = from + skipped;
            self.window = u32::try_from(window).expect("a window holds transactions");
            self.word = 0;
            let waiting = std::mem::take(&mut self.later[window]);
            self.waiting_later -= waiting.len();
            for (step, row) in waiting {
                self.link(held, step, row);
            }
        }
    }

    /// Empties the slot of a transaction; the first row that waited plus one.
    fn clear(&mut self, step: u32) -> u32 {
        let slot = index(step % WINDOW);
        self.occupied[slot / 64] &= !(1 << (slot % 64));
        std::mem::take(&mut self.slots[slot])
    }
}

/// Steps grow in the direction of the trace.
fn step_of(direction: Direction, tx: TxIx) -> u32 {
    match direction {
        Direction::Forward => tx.0,
        Direction::Backward => u32::MAX - tx.0,
    }
}

fn tx_of(direction: Direction, step: u32) -> TxIx {
    TxIx(match direction {
        Direction::Forward => step,
        Direction::Backward => u32::MAX - step,
    })
}

fn index(row: u32) -> usize {
    usize::try_from(row).expect("a 32-bit row addresses memory")
}
