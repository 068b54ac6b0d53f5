//! Why two addresses are one cluster: the shortest chain of evidence from one to the other.
//!
//! The evidence is the chain itself: each transaction that joins addresses can be asked again, so nothing need be kept
//! beside it, and no link is missing from the explanation. Steps are counted in links; of several shortest chains the one
//! whose transactions come first.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AddressIx, TxIx, UtxoView};

use super::change::Rules;
use super::join::{Clusters, Why};
use super::links::{Constraints, Joined, Rule, transactions_of};

/// A chain of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// From one address to the other; empty where both are one.
    pub steps: Vec<Step>,
}

/// One link of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// From.
    pub from: AddressIx,
    /// To.
    pub to: AddressIx,
    /// The transaction that joins them, unless a claim does.
    pub transaction: Option<TxIx>,
    /// By what rule.
    pub rule: Rule,
    /// The claim, if it is one.
    pub claim: Option<String>,
}

/// The shortest chain of evidence between two addresses; `None` where they are not one cluster.
#[must_use]
pub fn explain<V: UtxoView>(
    view: &V,
    rules: &Rules,
    said: &Constraints,
    clusters: &Clusters,
    (a, b): (AddressIx, AddressIx),
) -> Option<Path> {
    if clusters.of(a) != clusters.of(b) {
        return None;
    }
    let links = Links::new(view, rules, said, clusters);
    let mut came: BTreeMap<AddressIx, Step> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut here = vec![a];
    while !here.is_empty() && a != b && !came.contains_key(&b) {
        let mut next = Vec::new();
        for step in here
            .into_iter()
            .flat_map(|from| links.from(from, &mut seen))
        {
            let to = step.to;
            if to != a && !came.contains_key(&to) {
                came.insert(to, step);
                next.push(to);
            }
        }
        here = next;
    }
    if a != b && !came.contains_key(&b) {
        return None;
    }
    let mut steps = Vec::new();
    let mut at = b;
    while at != a {
        let step = came.get(&at)?.clone();
        at = step.from;
        steps.push(step);
    }
    steps.reverse();
    Some(Path { steps })
}

/// The links that were not refused.
struct Links<'a, V> {
    view: &'a V,
    rules: &'a Rules,
    said: &'a Constraints,
    clusters: &'a Clusters,
    /// Guesses: the transaction, the rule, and who would have got the change.
    guesses: BTreeSet<(TxIx, Rule, AddressIx)>,
    /// Transactions that several hands signed.
    torn: BTreeSet<TxIx>,
    /// Who signed such a one and could be either's.
    nobodys: BTreeSet<(TxIx, AddressIx)>,
    claims: BTreeSet<(AddressIx, AddressIx)>,
}

impl<'a, V: UtxoView> Links<'a, V> {
    fn new(view: &'a V, rules: &'a Rules, said: &'a Constraints, clusters: &'a Clusters) -> Self {
        let mut links = Self {
            view,
            rules,
            said,
            clusters,
            guesses: BTreeSet::new(),
            torn: BTreeSet::new(),
            nobodys: BTreeSet::new(),
            claims: BTreeSet::new(),
        };
        for refused in &clusters.refused {
            match (refused.transaction, refused.rule) {
                (Some(tx), Rule::MultiInput) => {
                    links.torn.insert(tx);
                    let is_torn = matches!(refused.why, Why::Torn(..));
                    let torn = is_torn.then_some((tx, refused.link.1));
                    links.nobodys.extend(torn);
                }
                (Some(tx), rule) => {
                    links.guesses.insert((tx, rule, refused.link.1));
                }
                (None, _) => {
                    links.claims.insert(refused.link);
                }
            }
        }
        links
    }

    /// All links from an address, those of transactions seen before left out.
    fn from(&self, from: AddressIx, seen: &mut BTreeSet<TxIx>) -> Vec<Step> {
        let mut steps = Vec::new();
        for claimed in &self.said.same {
            let ends = (claimed.a, claimed.b);
            let to = match (claimed.a == from, claimed.b == from) {
                (true, false) => claimed.b,
                (false, true) => claimed.a,
                _ => continue,
            };
            if !self.claims.contains(&ends) {
                let (rule, claim) = (Rule::Claim, Some(claimed.claim.clone()));
                let transaction = None;
                steps.push(Step {
                    from,
                    to,
                    transaction,
                    rule,
                    claim,
                });
            }
        }
        for tx in transactions_of(self.view, self.rules, from) {
            self.of_transaction(from, tx, seen, &mut steps);
        }
        steps
    }

    fn of_transaction(
        &self,
        from: AddressIx,
        tx: TxIx,
        seen: &mut BTreeSet<TxIx>,
        steps: &mut Vec<Step>,
    ) {
        let joined = Joined::of(self.view, self.rules, &self.said.struck, tx);
        let step = |to, rule| Step {
            from,
            to,
            transaction: Some(tx),
            rule,
            claim: None,
        };
        // Of a transaction that several hands signed, those in the hand that is asked about.
        let hand = self.clusters.of(from);
        let mut payers = joined.payers;
        payers.retain(|payer| {
            self.clusters.of(*payer) == hand && !self.nobodys.contains(&(tx, *payer))
        });
        let is_payer = payers.binary_search(&from).is_ok();
        let change = joined.change.filter(|(change, rule)| {
            let guess = (tx, Rule::Change(*rule), *change);
            !self.torn.contains(&tx) && !self.guesses.contains(&guess)
        });
        if let Some((change, rule)) = change {
            if change == from {
                steps.extend(payers.iter().map(|payer| step(*payer, Rule::Change(rule))));
            } else if is_payer {
                steps.push(step(change, Rule::Change(rule)));
            }
        }
        if is_payer && seen.insert(tx) {
            let others = payers.into_iter().filter(|payer| *payer != from);
            steps.extend(others.map(|payer| step(payer, Rule::MultiInput)));
        }
    }
}
