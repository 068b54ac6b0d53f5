//! All that analysis sees of a chain: columns behind dense ids, and look-ups into them.
//!
//! Ids are dense and in chain order, so that comparing two [`TxIx`] compares two positions. They belong
//! to one opened view and never reach an output. Analysis is generic over the traits, so a column store and
//! the in-memory view answer at their own speed, and alike: where columns hold packed ids the traits give
//! iterators that decode as they go, not slices.

use std::borrow::Cow;

use crate::address::Address;
use crate::asset::Asset;
use crate::chain::Chain;
use crate::content::ContentId;
use crate::coverage::Coverage;
use crate::memory::{BlockFact, TokenFact};
use crate::time::Timestamp;
use crate::transaction_id::TransactionId;
use ruint::aliases::U256;

macro_rules! dense_id {
    ($(#[$doc:meta])* $name:ident, $int:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $int);

        impl $name {
            /// The row of a column that this id stands for.
            ///
            /// # Panics
            /// When the id does not fit this machine's address space, which a view never hands out.
            #[must_use]
            pub fn row(self) -> usize {
                usize::try_from(self.0).expect("a dense id addresses a column in memory")
            }

            /// The id of a row.
            ///
            /// # Panics
            /// When a column outgrows the id: 2^32 transactions, addresses or holdings, 2^64 outputs.
            #[must_use]
            pub fn of(row: usize) -> Self {
                Self(<$int>::try_from(row).expect("a column is shorter than its id type allows"))
            }
        }
    };
}

dense_id!(
    /// A transaction, in chain order.
    TxIx, u32
);
dense_id!(
    /// An output, in chain order (by transaction, then by its index in it).
    OutputIx, u64
);
dense_id!(
    /// An output made outside the store, of which an input of the store tells something.
    OutsideIx, u64
);
dense_id!(
    /// An address, by first appearance.
    AddressIx, u32
);
dense_id!(
    /// An asset.
    AssetIx, u32
);
dense_id!(
    /// A holding of an account chain: (address, asset).
    HoldingIx, u32
);

/// Where a transaction stands in its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Block height, where it is known.
    pub height: Option<u32>,
    /// Index in the block, where the source gives one.
    pub index: Option<u32>,
}

/// Something about a view's content that every answer computed from it must say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// A short stable word, such as `disagreement` or `stale-block`.
    pub kind: &'static str,
    /// The sentence.
    pub what: String,
    /// The transaction it is about, if one.
    pub transaction: Option<TransactionId>,
}

/// What both kinds of chain have.
pub trait ChainView {
    /// Which chain this is.
    fn chain(&self) -> &Chain;
    /// How many transactions the view holds.
    fn transaction_count(&self) -> usize;
    /// A transaction's id.
    fn transaction_id(&self, tx: TxIx) -> TransactionId;
    /// The transactions of that id, in chain order: none, one, or (BIP 30) several.
    fn find_transaction(&self, id: &TransactionId) -> Vec<TxIx>;
    /// Where a transaction stands.
    fn position(&self, tx: TxIx) -> Position;
    /// When, as its block or its row says; never used for order where a position is known.
    fn time(&self, tx: TxIx) -> Timestamp;
    /// An address.
    fn address(&self, ix: AddressIx) -> Cow<'_, Address>;
    /// The id of an address that occurs in this view.
    fn find_address(&self, address: &Address) -> Option<AddressIx>;
    /// How many addresses the view holds.
    fn address_count(&self) -> usize;
    /// In how many postings (debits and credits) an address takes part; decided before any expansion.
    fn posting_count(&self, address: AddressIx) -> usize;
    /// Whether that count is beyond a limit; where counting is dear it stops there.
    fn has_more_postings_than(&self, address: AddressIx, limit: usize) -> bool {
        self.posting_count(address) > limit
    }
    /// What the sources of this view promised.
    fn coverage(&self) -> &[Coverage];
    /// Which content this is.
    fn content_id(&self) -> ContentId;
    /// What must be said with every answer.
    fn notes(&self) -> &[Note];
}

/// What an input spends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prevout {
    /// An output of this view.
    Inside(OutputIx),
    /// An output whose transaction the view does not hold.
    Outside(OutsideIx),
}

/// An output made outside the view, as far as an input or undo data tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideOutput {
    /// The transaction that made it.
    pub transaction: TransactionId,
    /// Its index there.
    pub vout: u32,
    /// Its value in the smallest unit, where undo data gave it.
    pub value: Option<u64>,
    /// Whose it was, where undo data gave a script that has an address.
    pub owner: Option<AddressIx>,
    /// The transaction of the view that spends it.
    pub spender: TxIx,
}

/// A chain whose holdings are outputs.
pub trait UtxoView: ChainView {
    /// What a transaction spends, in input order; empty for a coinbase.
    fn inputs(&self, tx: TxIx) -> impl ExactSizeIterator<Item = Prevout>;
    /// Whether a transaction creates new coins.
    fn is_coinbase(&self, tx: TxIx) -> bool;
    /// The outputs of a transaction, in order.
    fn outputs(&self, tx: TxIx) -> std::ops::Range<u64>;
    /// Value of an output in the smallest unit.
    fn value(&self, output: OutputIx) -> u64;
    /// Whose an output is; `None` where its script has no address.
    fn owner(&self, output: OutputIx) -> Option<AddressIx>;
    /// The transaction that made an output.
    fn creator(&self, output: OutputIx) -> TxIx;
    /// The transaction that spends an output, if the view holds it.
    fn spender(&self, output: OutputIx) -> Option<TxIx>;
    /// An output made outside the view.
    fn outside(&self, ix: OutsideIx) -> OutsideOutput;
    /// The outputs an address received, in chain order.
    fn received(&self, address: AddressIx) -> impl ExactSizeIterator<Item = OutputIx>;
    /// Outside outputs of an address that this view sees spent, with the spending transaction, in order.
    fn spent_from_outside(
        &self,
        address: AddressIx,
    ) -> impl ExactSizeIterator<Item = (TxIx, OutsideIx)>;
    /// Whether the view holds every block from this transaction's to the last one it holds.
    fn complete_since(&self, tx: TxIx) -> bool;
}

/// Where a debit of an account chain goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Another holding.
    Holding(HoldingIx),
    /// The zero address, or a base fee: destroyed.
    Burn,
    /// Paid for inclusion: gas.
    Fee,
}

/// One movement of one asset within a transaction of an account chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// What moves.
    pub asset: AssetIx,
    /// Whose holding is debited; `None` for a mint.
    pub from: Option<HoldingIx>,
    /// Who is credited.
    pub to: Destination,
    /// How much, never zero.
    pub amount: U256,
    /// The index a user names it by in `txid#n`, unlike any other of its transaction: the log index, or its
    /// place among the transfers where the source gives none or gives one twice. Gas comes after them.
    pub number: u32,
}

/// One side of a leg, as a holding sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Posting {
    /// The transaction.
    pub tx: TxIx,
    /// The leg's place in its transaction: what [`AccountView::leg`] takes.
    pub leg: u32,
}

/// A transfer of no amount: it moved nothing, and yet somebody made a contract say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ZeroTransfer {
    /// The transaction.
    pub tx: TxIx,
    /// Its log index; none where the source gives none.
    pub log_index: Option<u32>,
    /// What did not move.
    pub asset: AssetIx,
    /// Who is said to have sent it.
    pub from: AddressIx,
    /// Who is said to have received it.
    pub to: AddressIx,
}

/// What is known of whose hand an account obeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// It holds code, or once did: a source says so.
    Contract,
    /// It has paid gas: somebody holds its key.
    Key,
}

/// A chain whose holdings are (address, asset).
pub trait AccountView: ChainView {
    /// How many legs a transaction has; self-transfers and zeros are not legs.
    fn leg_count(&self, tx: TxIx) -> u32;
    /// A leg, by its place among those of its transaction.
    fn leg(&self, tx: TxIx, place: u32) -> Leg;
    /// The legs of a transaction in the order they take effect.
    fn legs(&self, tx: TxIx) -> impl Iterator<Item = Leg> {
        (0..self.leg_count(tx)).map(move |place| self.leg(tx, place))
    }
    /// Whether the source gave the order of the legs; otherwise they are in canonical order.
    fn legs_are_ordered(&self, tx: TxIx) -> bool;
    /// An asset.
    fn asset(&self, ix: AssetIx) -> Cow<'_, Asset>;
    /// How many assets the view holds.
    fn asset_count(&self) -> usize;
    /// Whose holding it is, and of what.
    fn holding(&self, ix: HoldingIx) -> (AddressIx, AssetIx);
    /// The holdings of an address, in the order of their assets.
    fn holdings(&self, address: AddressIx) -> impl ExactSizeIterator<Item = HoldingIx>;
    /// How many movements a holding has.
    fn movement_count(&self, holding: HoldingIx) -> usize;
    /// A movement of a holding, by its place in chain order.
    fn posting(&self, holding: HoldingIx, place: usize) -> Posting;
    /// All movements of a holding in chain order.
    fn postings(
        &self,
        holding: HoldingIx,
    ) -> impl DoubleEndedIterator<Item = Posting> + ExactSizeIterator {
        let places = 0..self.movement_count(holding);
        places.map(move |place| self.posting(holding, place))
    }
    /// How many movements of a holding come before a point of the chain, found by halving: `is_before` holds
    /// for those and for none after them.
    fn movements_before(&self, holding: HoldingIx, is_before: impl Fn(Posting) -> bool) -> usize {
        let (mut first, mut end) = (0, self.movement_count(holding));
        while first < end {
            let middle = first + (end - first) / 2;
            if is_before(self.posting(holding, middle)) {
                first = middle + 1;
            } else {
                end = middle;
            }
        }
        first
    }
    /// The balance after the first `count` movements, the opening balance included: after none, that alone.
    fn balance_after(&self, holding: HoldingIx, count: usize) -> U256;
    /// The balance after all movements.
    fn final_balance(&self, holding: HoldingIx) -> U256 {
        self.balance_after(holding, self.movement_count(holding))
    }
    /// The least balance before the first posting that keeps every later one from falling below zero.
    fn opening(&self, holding: HoldingIx) -> U256;
    /// Whether a source promised all rows of this address to the end of the view.
    fn is_covered(&self, address: AddressIx) -> bool;
    /// The transfers of no amount, in chain order.
    fn zero_transfers(&self) -> impl ExactSizeIterator<Item = ZeroTransfer>;
    /// What is known of an account; `None` where no source tells.
    fn account_kind(&self, address: AddressIx) -> Option<AccountKind>;
    /// What tokens say of themselves, as pinned, in the order of their assets: hostile text, and no identity.
    fn tokens(&self) -> &[TokenFact];
    /// The blocks that sources tell of, in the order of their heights.
    fn blocks(&self) -> impl ExactSizeIterator<Item = BlockFact>;
    /// Whether a transaction is told by the case and not by a source.
    fn is_claimed(&self, tx: TxIx) -> bool;
    /// Whether the order of two transactions rests on nothing but the order of rows.
    fn is_tie(&self, a: TxIx, b: TxIx) -> bool {
        let is_same_time = self.time(a) == self.time(b);
        let (a, b) = (self.position(a), self.position(b));
        // A height that is not known tells nothing apart, and then an index does not either.
        let (heights, indexes) = (a.height.zip(b.height), a.index.zip(b.index));
        is_same_time
            && match (heights, a.height.or(b.height)) {
                (Some((one, other)), _) if one != other => false,
                (None, Some(_)) => true,
                _ => indexes.is_none_or(|(one, other)| one == other),
            }
    }
}
