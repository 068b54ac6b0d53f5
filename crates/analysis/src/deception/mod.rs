//! The tricks played on whoever reads a chain: transfers that moved nothing, addresses and tokens made to look
//! like others, and dust.
//!
//! Recognised by stated rules, counted, and shown as what they are; never a movement of the trace. Which rules,
//! where they come from and when they fail: `docs/methods/deception.md`. What is real money is never taken out of a
//! balance because it looks like a trick: it is only said.

mod hollow;
mod likeness;

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::view::{
    AccountKind, AccountView, AddressIx, AssetIx, Destination, HoldingIx, Leg, TxIx,
};

pub use hollow::Judge;
use hollow::{Hollow, judge};
use likeness::{Likeness, imitated};

use crate::trace::result::{Caveat, Deception};

/// Addresses with more debits and credits than this are not looked through.
const POSTINGS_MAX: usize = 200_000;
/// How many transactions, senders and assets a row names.
const NAMED_MAX: usize = 10;
/// A receipt of at most one part in so many of what the trace follows is dust, if a stranger sent it.
const DUST_PARTS: u64 = 10_000;

/// The kinds, in the order in which they are told, each with the sentence that says what it is.
const KINDS: [(&str, &str); 7] = [
    (
        "look-alike",
        "a transfer of nothing, of dust or of a worthless token names an address that looks like one this address \
         really deals with",
    ),
    (
        "look-alike-paid",
        "this address paid an address that looks like another one it deals with; the money moved, and is followed",
    ),
    (
        "zero-transfer",
        "a transfer of no amount names this address; it moved nothing, and its sender need not have agreed to it",
    ),
    (
        "counterfeit",
        "a token of another contract calls itself like a well-known one, or like one that this trace follows",
    ),
    (
        "unsupported-event",
        "a token's contract says that money moved which its sender never had, in a transaction that neither side \
         signed",
    ),
    (
        "unsolicited",
        "an unverified token came to this address, which never asked for it, moved it or dealt with its sender",
    ),
    (
        "dust",
        "a stranger to this trace sent a very small amount; whoever sends something is no lead for that",
    ),
];

/// What was found around one address.
#[derive(Default)]
struct Row {
    count: usize,
    assets: BTreeSet<AssetIx>,
    others: BTreeSet<AddressIx>,
    transactions: BTreeSet<TxIx>,
}

/// Kind, the address of the trace, and what is imitated.
type Key = (usize, AddressIx, Option<String>);

struct Finder<'a, V> {
    view: &'a V,
    /// The addresses that held taint.
    held: &'a BTreeSet<AddressIx>,
    /// These, and the others that are looked at.
    met: &'a BTreeSet<AddressIx>,
    carried: &'a BTreeMap<AssetIx, U256>,
    rows: BTreeMap<Key, Row>,
    /// Receipts of dust: transaction, sender, receiver.
    dust: BTreeSet<(TxIx, AddressIx, AddressIx)>,
}

/// An event that names an address: who stands on its other side, in which transaction, of which asset.
#[derive(Clone, Copy)]
struct Event {
    tx: TxIx,
    asset: AssetIx,
    other: Option<AddressIx>,
}

/// What was found.
pub struct Around {
    /// The tricks.
    pub deceptions: Vec<Deception>,
    /// Where was not looked.
    pub caveats: Vec<Caveat>,
    /// Receipts of dust, as the result names them: transaction, sender, receiver.
    pub dust: BTreeSet<[String; 3]>,
}

/// Looks around the addresses that held taint, and those where it ended or was taken from, given the assets that the
/// trace followed and how much of each.
pub fn around<V: AccountView>(
    view: &V,
    (held, met): (&BTreeSet<AddressIx>, &BTreeSet<AddressIx>),
    carried: &BTreeMap<AssetIx, U256>,
) -> Around {
    let met: &BTreeSet<AddressIx> = &held.union(met).copied().collect();
    let mut finder = Finder {
        view,
        held,
        met,
        carried,
        rows: BTreeMap::new(),
        dust: BTreeSet::new(),
    };
    let mut caveats = Vec::new();
    let mut zeros: BTreeMap<AddressIx, Vec<Event>> = BTreeMap::new();
    for zero in view.zero_transfers() {
        for (one, other) in [(zero.from, zero.to), (zero.to, zero.from)] {
            if met.contains(&one) {
                zeros.entry(one).or_default().push(Event {
                    tx: zero.tx,
                    asset: zero.asset,
                    other: Some(other),
                });
            }
        }
    }
    for address in met {
        if view.has_more_postings_than(*address, POSTINGS_MAX) {
            caveats.push(Caveat {
                address: Some(view.address(*address).display(view.chain())),
                ..Caveat::general(
                    "deceptions-not-sought",
                    format!(
                        "more than {POSTINGS_MAX} debits and credits; not looked through for tricks"
                    ),
                )
            });
            continue;
        }
        finder.look(*address, zeros.get(address).map_or(&[][..], Vec::as_slice));
    }
    let named = |address: &AddressIx| view.address(*address).display(view.chain());
    let dust = finder.dust.iter();
    let dust =
        dust.map(|(tx, from, to)| [view.transaction_id(*tx).to_string(), named(from), named(to)]);
    Around {
        dust: dust.collect(),
        deceptions: finder.tell(),
        caveats,
    }
}

/// The other side of a leg, as a holding sees it; none where money is made, destroyed or a fee.
fn other_side<V: AccountView>(view: &V, holding: HoldingIx, leg: &Leg) -> Option<AddressIx> {
    let other = match leg.to {
        Destination::Holding(to) if to == holding => leg.from?,
        Destination::Holding(to) => to,
        Destination::Burn | Destination::Fee => return None,
    };
    Some(view.holding(other).0)
}

impl<V: AccountView> Finder<'_, V> {
    fn look(&mut self, address: AddressIx, zeros: &[Event]) {
        let view = self.view;
        let judging = Judge::of(view, address, |asset| self.carried.contains_key(&asset));
        // Services and contracts get small amounts by their nature.
        let takes_dust = self.held.contains(&address)
            && view.account_kind(address) != Some(AccountKind::Contract);
        let mut dealings: BTreeMap<AddressIx, TxIx> = BTreeMap::new();
        let mut paid: BTreeSet<AddressIx> = BTreeSet::new();
        let mut small: Vec<Event> = Vec::new();
        let mut worthless: Vec<(usize, Option<String>, Event)> = Vec::new();
        for holding in view.holdings(address) {
            let asset = view.holding(holding).1;
            if !self.is_money(asset) {
                for (kind, imitates, event) in self.worthless(&judging, holding) {
                    worthless.push((kind, imitates, event));
                }
                continue;
            }
            let limit = self
                .carried
                .get(&asset)
                .filter(|_| takes_dust)
                .map(|all| *all / U256::from(DUST_PARTS));
            for posting in view.postings(holding) {
                let leg = view.leg(posting.tx, posting.leg);
                let Some(other) = other_side(view, holding, &leg) else {
                    continue;
                };
                let pays = leg.from == Some(holding);
                let is_small = !pays
                    && limit.is_some_and(|limit| leg.amount <= limit)
                    && !self.met.contains(&other);
                if pays {
                    paid.insert(other);
                }
                if is_small {
                    small.push(Event {
                        tx: posting.tx,
                        asset,
                        other: Some(other),
                    });
                } else {
                    dealings.entry(other).or_insert(posting.tx);
                }
            }
        }
        small.retain(|event| event.other.is_some_and(|other| !paid.contains(&other)));
        let likeness = Likeness::of(view, dealings.keys().copied());
        self.note_paid_look_alikes(address, &dealings, &paid);
        let dust = small.iter();
        let dust = dust.filter_map(|event| Some((event.tx, event.other?, address)));
        self.dust.extend(dust);
        let small = small.into_iter().map(|event| (6, None, event));
        let zeros = zeros.iter().map(|event| (2, None, *event));
        for (kind, imitates, event) in small.chain(zeros).chain(worthless) {
            let like = event.other.and_then(|other| likeness.like(view, other));
            match like {
                Some(like) => {
                    let like = view.address(like).display(view.chain());
                    self.note(0, address, Some(like), event);
                }
                None => self.note(kind, address, imitates, event),
            }
        }
    }

    /// Whether an asset counts as money in dealings: what the trace follows, coins, and what is well known.
    fn is_money(&self, asset: AssetIx) -> bool {
        let named = self.view.asset(asset);
        self.carried.contains_key(&asset)
            || !hollow::is_token(&named)
            || whither_ledger::known_tokens::known(&named).is_some()
    }

    /// The movements of a holding of no known worth that are tricks.
    fn worthless(
        &self,
        judging: &Judge<'_, V>,
        holding: HoldingIx,
    ) -> Vec<(usize, Option<String>, Event)> {
        let view = self.view;
        let asset = view.holding(holding).1;
        let carried = self.carried.keys().copied();
        let counterfeit = imitated(view, asset, carried);
        let unsolicited = judging.is_unsolicited(holding);
        let judged = view.postings(holding).filter_map(|posting| {
            let leg = view.leg(posting.tx, posting.leg);
            let event = Event {
                tx: posting.tx,
                asset,
                other: other_side(view, holding, &leg),
            };
            let hollow = judge(view, posting, &leg);
            match (&counterfeit, hollow) {
                (Some(imitates), _) => Some((3, Some(imitates.clone()), event)),
                (None, Some(Hollow::Unsupported)) => Some((4, None, event)),
                (None, None) if unsolicited => Some((5, None, event)),
                (None, None) => None,
            }
        });
        judged.collect()
    }

    /// Of two addresses that look alike and that both have dealings, the later one, if it was paid.
    fn note_paid_look_alikes(
        &mut self,
        address: AddressIx,
        dealings: &BTreeMap<AddressIx, TxIx>,
        paid: &BTreeSet<AddressIx>,
    ) {
        let view = self.view;
        let mut known = Likeness::default();
        let mut in_time: Vec<(&TxIx, &AddressIx)> =
            dealings.iter().map(|(other, tx)| (tx, other)).collect();
        in_time.sort();
        for (tx, other) in in_time {
            if let Some(like) = known.like(view, *other).filter(|_| paid.contains(other)) {
                let like = view.address(like).display(view.chain());
                let holdings = view.holdings(address);
                let asset = holdings.map(|holding| view.holding(holding).1).next();
                if let Some(asset) = asset {
                    let event = Event {
                        tx: *tx,
                        asset,
                        other: Some(*other),
                    };
                    self.note(1, address, Some(like), event);
                }
            }
            known.add(view, *other);
        }
    }

    fn note(&mut self, kind: usize, address: AddressIx, imitates: Option<String>, event: Event) {
        let row = self.rows.entry((kind, address, imitates)).or_default();
        row.count += 1;
        if row.assets.len() < NAMED_MAX {
            row.assets.insert(event.asset);
        }
        if row.others.len() < NAMED_MAX {
            row.others.extend(event.other);
        }
        if row.transactions.len() < NAMED_MAX {
            row.transactions.insert(event.tx);
        }
    }

    fn tell(self) -> Vec<Deception> {
        let view = self.view;
        let address = |ix: AddressIx| view.address(ix).display(view.chain());
        let mut told: Vec<Deception> = self
            .rows
            .into_iter()
            .map(|((kind, of, imitates), row)| {
                let mut others: Vec<String> = row.others.into_iter().map(address).collect();
                others.sort();
                let assets = row.assets.into_iter();
                Deception {
                    kind: KINDS[kind].0,
                    what: KINDS[kind].1,
                    address: address(of),
                    imitates,
                    count: row.count,
                    others,
                    assets: assets.map(|asset| view.asset(asset).to_string()).collect(),
                    transactions: row
                        .transactions
                        .into_iter()
                        .map(|tx| view.transaction_id(tx).to_string())
                        .collect(),
                }
            })
            .collect();
        let place = |kind: &str| KINDS.iter().position(|known| known.0 == kind);
        told.sort_by(|a, b| {
            (place(a.kind), &a.address, &a.imitates).cmp(&(place(b.kind), &b.address, &b.imitates))
        });
        told
    }
}
