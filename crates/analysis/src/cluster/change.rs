//! Change rules: which output of a transaction goes back to who paid.
//!
//! Each rule leaves out the outputs that it says are no change. Rules are put together: an expression is the outputs
//! that all of its rules leave, and it speaks only where exactly one is left. Several expressions must not contradict each
//! other, else none speaks. Sources: BlockSci's change rules (Kalodner et al. 2020), Meiklejohn et al. (IMC 2013), the
//! one-time change of GraphSense. Rules that look at lock times, sequence numbers or fee rates are not here: the store
//! does not keep what they need.

use std::str::FromStr;

use whither_ledger::address::Address;
use whither_ledger::view::{AddressIx, OutputIx, Prevout, TxIx, UtxoView};

use super::links::payers;

/// A rule, or several that must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangeRule(u8);

/// Each rule with its bit and its word.
const RULES: [(u8, &str); 6] = [
    (ChangeRule::ONE_TIME.0, "one-time"),
    (ChangeRule::FRESH.0, "fresh"),
    (ChangeRule::OPTIMAL.0, "optimal"),
    (ChangeRule::TYPE.0, "type"),
    (ChangeRule::ROUND.0, "round"),
    (ChangeRule::REUSE.0, "reuse"),
];

impl ChangeRule {
    /// GraphSense's one-time change: two to ten outputs; the one that has the inputs' one address type, is not round (in
    /// thousands of satoshi), is less than the smallest input, and whose address is seen nowhere else.
    pub const ONE_TIME: Self = Self(1);
    /// Meiklejohn's rule: of all outputs only this one's address was never seen before, and none pays a payer.
    pub const FRESH: Self = Self(2);
    /// The output is less than every input: with more than that, an input would not have been needed.
    pub const OPTIMAL: Self = Self(4);
    /// All inputs have one address type, and so has the output.
    pub const TYPE: Self = Self(8);
    /// The output is no multiple of a million satoshi: people pay round sums, and the rest is not round.
    pub const ROUND: Self = Self(16);
    /// The output pays an address that pays.
    pub const REUSE: Self = Self(32);

    /// The words of its rules, joined by `+`.
    #[must_use]
    pub fn name(self) -> String {
        let mine = RULES.iter().filter(|(bit, _)| self.0 & bit != 0);
        let words: Vec<&str> = mine.map(|(_, word)| *word).collect();
        words.join("+")
    }

    fn has(self, rule: Self) -> bool {
        self.0 & rule.0 != 0
    }
}

impl FromStr for ChangeRule {
    type Err = String;

    /// Reads words joined by `+`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut bits = 0;
        for word in text.split('+') {
            let rule = RULES.iter().find(|(_, name)| *name == word);
            let (bit, _) = rule.ok_or_else(|| {
                let all: Vec<&str> = RULES.iter().map(|(_, name)| *name).collect();
                format!(
                    "`{word}` is not a change rule; there are {}",
                    all.join(", ")
                )
            })?;
            bits |= bit;
        }
        Ok(Self(bits))
    }
}

/// By what addresses are joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// CoinJoins join nothing.
    pub skip_coinjoin: bool,
    /// Change expressions; without one, change joins nothing.
    pub change: Vec<ChangeRule>,
    /// A link is refused that would join two clusters that both have more addresses than this. It holds for change and
    /// for claims; who signs together holds all the keys, however many these are.
    pub large: usize,
}

impl Default for Rules {
    /// Multi-input alone, without CoinJoins.
    fn default() -> Self {
        Self {
            skip_coinjoin: true,
            change: Vec::new(),
            large: 1000,
        }
    }
}

impl Rules {
    /// Who gets the change of a transaction, and by which expression; the first of several that say so.
    pub(super) fn change_of<V: UtxoView>(
        &self,
        view: &V,
        tx: TxIx,
        payers: &[AddressIx],
    ) -> Option<(AddressIx, ChangeRule)> {
        let spend = Spend::of(view, tx, payers);
        let mut found: Option<(AddressIx, ChangeRule)> = None;
        for rule in &self.change {
            let Some(owner) = spend.change(view, *rule) else {
                continue;
            };
            match found {
                Some((other, _)) if other != owner => return None,
                Some(_) => {}
                None => found = Some((owner, *rule)),
            }
        }
        found.filter(|(owner, _)| !payers.contains(owner))
    }
}

/// Who gets the change of a transaction, by one expression; it may be somebody who pays.
#[must_use]
pub fn change<V: UtxoView>(view: &V, tx: TxIx, rule: ChangeRule) -> Option<AddressIx> {
    if view.is_coinbase(tx) || view.outputs(tx).count() < 2 {
        return None;
    }
    let mut owners = Vec::new();
    payers(view, tx, &mut owners);
    Spend::of(view, tx, &owners).change(view, rule)
}

/// What the rules look at.
struct Spend<'a> {
    tx: TxIx,
    payers: &'a [AddressIx],
    /// Outputs that somebody can spend; without an address they can be nobody's change here.
    outputs: Vec<(OutputIx, Option<AddressIx>)>,
    /// The smallest input, where all are known.
    least_input: Option<u64>,
    /// The one address type of all inputs, if there is one.
    kind: Option<u8>,
}

impl<'a> Spend<'a> {
    fn of<V: UtxoView>(view: &V, tx: TxIx, payers: &'a [AddressIx]) -> Self {
        let mut values = view.inputs(tx).map(|prevout| match prevout {
            Prevout::Inside(output) => Some(view.value(output)),
            Prevout::Outside(ix) => view.outside(ix).value,
        });
        let least_input = values.try_fold(u64::MAX, |least, value| Some(least.min(value?)));
        let mut kinds = payers.iter().map(|payer| kind(view, *payer));
        let first = kinds.next();
        let outputs = view.outputs(tx).map(OutputIx);
        // A data carrier has neither value nor address.
        let outputs = outputs.filter(|output| view.value(*output) > 0);
        Self {
            tx,
            payers,
            outputs: outputs.map(|output| (output, view.owner(output))).collect(),
            least_input: least_input.filter(|_| view.inputs(tx).len() > 0),
            kind: first.filter(|first| kinds.all(|kind| kind == *first)),
        }
    }

    /// The one output that all of an expression's rules leave.
    fn change<V: UtxoView>(&self, view: &V, rule: ChangeRule) -> Option<AddressIx> {
        let is_few = (2..=10).contains(&self.outputs.len());
        if rule.has(ChangeRule::ONE_TIME) && !is_few || self.outputs.len() < 2 {
            return None;
        }
        if rule.has(ChangeRule::FRESH) && self.pays_itself() {
            return None;
        }
        let mut left = self.outputs.iter().filter_map(|(output, owner)| {
            let owner = (*owner)?;
            self.may_be(view, rule, *output, owner).then_some(owner)
        });
        let change = left.next()?;
        left.next().is_none().then_some(change)
    }

    fn may_be<V: UtxoView>(
        &self,
        view: &V,
        rule: ChangeRule,
        output: OutputIx,
        owner: AddressIx,
    ) -> bool {
        let value = view.value(output);
        let is_less = || self.least_input.is_some_and(|least| value < least);
        let is_alike = || self.kind.is_some_and(|of| of == kind(view, owner));
        let is_fresh = || view.received(owner).next() == Some(output);
        (!rule.has(ChangeRule::ONE_TIME)
            || is_alike()
                && !value.is_multiple_of(1000)
                && is_less()
                && self.is_seen_once(view, owner))
            && (!rule.has(ChangeRule::FRESH) || is_fresh())
            && (!rule.has(ChangeRule::OPTIMAL) || is_less())
            && (!rule.has(ChangeRule::TYPE) || is_alike())
            && (!rule.has(ChangeRule::ROUND) || !value.is_multiple_of(1_000_000))
            && (!rule.has(ChangeRule::REUSE) || self.payers.contains(&owner))
    }

    fn pays_itself(&self) -> bool {
        let owners = self.outputs.iter().filter_map(|(_, owner)| *owner);
        owners.into_iter().any(|owner| self.payers.contains(&owner))
    }

    /// An address that is paid here and nowhere else, and pays once at the most.
    fn is_seen_once<V: UtxoView>(&self, view: &V, owner: AddressIx) -> bool {
        let received = view.received(owner);
        if received.len() != 1 || view.spent_from_outside(owner).len() > 0 {
            return false;
        }
        received
            .into_iter()
            .all(|output| view.creator(output) == self.tx)
    }
}

/// An address's type, as a number that means nothing else.
fn kind<V: UtxoView>(view: &V, address: AddressIx) -> u8 {
    match view.address(address).as_ref() {
        Address::P2pkh(_) => 0,
        Address::P2sh(_) => 1,
        Address::Witness(program) if program.version() == 0 && program.program().len() == 20 => 2,
        Address::Witness(program) if program.version() == 0 => 3,
        Address::Witness(_) => 4,
        Address::Evm(_) | Address::Tron(_) | Address::Other(_) => 5,
    }
}
