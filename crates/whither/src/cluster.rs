//! Clusters as a user asks for them: around addresses, or all of a chain; why two are one; what falls without a link.

mod rows;

use std::collections::BTreeMap;

use whither_analysis::cluster::{
    self, ChangeRule, Claimed, Clusters, Constraints, Path, Refused, Rule, Rules, Why,
};
use whither_analysis::trace::OriginPlace;
use whither_casework::Case;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::view::{AddressIx, ChainView, TxIx, UtxoView};

pub use rows::{
    ClusterList, ClusterProvenance, ClusterRow, DepositRow, ExcludedRow, Explanation, LeadRow,
    NameRow, ReceiptRow, RefusedRow, StepRow, SweepRow,
};

use crate::customers;
use crate::error::Error;
use crate::knowledge::{hands, service_identities};
use crate::place;
use crate::question::{Chains, Opened};

/// A question about clusters.
#[derive(Clone, Debug)]
pub struct ClusterQuestion {
    /// Around which addresses; none: all clusters of the chain.
    pub addresses: Vec<String>,
    /// Why these two are one.
    pub explain: Option<(String, String)>,
    /// The chain of addresses that name none.
    pub chain: Option<Chain>,
    /// Change expressions.
    pub change: Vec<String>,
    /// CoinJoins join too.
    pub with_coinjoins: bool,
    /// Transactions that join nothing.
    pub strike: Vec<String>,
    /// Clusters with fewer addresses are left out where all are asked for.
    pub least: usize,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClusterAnswer {
    /// Clusters.
    List(ClusterList),
    /// Why two addresses are one.
    Explanation(Explanation),
}

/// Answers a question about clusters.
///
/// # Errors
/// Where an address or a transaction is not in the data, a rule is none, or the chain has no outputs.
pub fn answer(
    chains: &dyn Chains,
    case: Option<&Case>,
    question: &ClusterQuestion,
) -> Result<ClusterAnswer, Error> {
    let known = chains.chains();
    let mut named: Vec<&String> = question.addresses.iter().collect();
    if let Some((a, b)) = &question.explain {
        named.extend([a, b]);
    }
    let mut places = Vec::new();
    for text in named {
        let place = place::parse(text, question.chain.as_ref(), &known)?;
        let OriginPlace::Address(address) = place.place else {
            return Err(Error::new(format!("{text:?} is not an address"))
                .with_hint("clusters are asked for by addresses"));
        };
        places.push((place.chain, address));
    }
    let chain = one_chain(question.chain.as_ref(), &places, &known)?;
    let addresses = places.into_iter().map(|(_, address)| address).collect();
    match chains.open(&chain, &[])? {
        Opened::Utxo(view) => Asked::new(&view, chain, case, question)?.answer(question, addresses),
        Opened::Accounts(view) => customers::answer(&view, &chain, case, question, addresses),
        Opened::AccountColumns(view) => customers::answer(&view, &chain, case, question, addresses),
    }
}

/// The one chain of a question.
fn one_chain(
    asked: Option<&Chain>,
    places: &[(Chain, Address)],
    known: &[Chain],
) -> Result<Chain, Error> {
    let mut chains: Vec<&Chain> = places.iter().map(|(chain, _)| chain).collect();
    chains.extend(asked);
    chains.dedup();
    match (&chains[..], known) {
        ([chain], _) => Ok((*chain).clone()),
        ([], [only]) => Ok(only.clone()),
        ([], []) => Err(Error::new("the store holds no chain")
            .with_hint("`whither ingest FILE --store DIR` brings chain data in")),
        _ => {
            Err(Error::new("the question is about several chains")
                .with_hint("name one with `--chain`"))
        }
    }
}

/// A view, asked under rules and claims.
struct Asked<'a, V> {
    view: &'a V,
    chain: Chain,
    rules: Rules,
    said: Constraints,
    names: BTreeMap<AddressIx, Vec<(String, String, String)>>,
    provenance: ClusterProvenance,
}

impl<'a, V: UtxoView> Asked<'a, V> {
    fn new(
        view: &'a V,
        chain: Chain,
        case: Option<&Case>,
        question: &ClusterQuestion,
    ) -> Result<Self, Error> {
        let read = |text: &String| {
            text.parse::<ChangeRule>()
                .map_err(|why| Error::new(format!("`--change {text}`: {why}")))
        };
        let rules = Rules {
            skip_coinjoin: !question.with_coinjoins,
            change: question.change.iter().map(read).collect::<Result<_, _>>()?,
            ..Rules::default()
        };
        let mut said = match case {
            Some(case) => constraints(view, case, &chain)?,
            None => Constraints::default(),
        };
        let mut names: BTreeMap<AddressIx, Vec<(String, String, String)>> = BTreeMap::new();
        if let Some(case) = case {
            for (address, named) in crate::knowledge::names(case, &chain)? {
                if let Some(ix) = view.find_address(&address) {
                    let row = (named.name, named.category, named.claim);
                    names.entry(ix).or_default().push(row);
                }
            }
        }
        let mut struck = Vec::new();
        for text in &question.strike {
            for tx in transactions(view, &chain, text)? {
                said.struck.insert((tx, Rule::MultiInput));
                said.struck
                    .extend(rules.change.iter().map(|rule| (tx, Rule::Change(*rule))));
            }
            struck.push(text.clone());
        }
        let provenance = ClusterProvenance {
            store: view.content_id().to_string(),
            case: case.map(Case::revision),
            change: question.change.clone(),
            with_coinjoins: question.with_coinjoins,
            struck,
            version: env!("CARGO_PKG_VERSION"),
        };
        Ok(Self {
            view,
            chain,
            rules,
            said,
            names,
            provenance,
        })
    }

    fn answer(
        self,
        question: &ClusterQuestion,
        addresses: Vec<Address>,
    ) -> Result<ClusterAnswer, Error> {
        let mut found = Vec::new();
        for address in addresses {
            let ix = self.view.find_address(&address).ok_or_else(|| {
                let shown = address.display(&self.chain);
                Error::new(format!(
                    "{shown} does not occur on {} in the store",
                    self.chain
                ))
            })?;
            found.push(ix);
        }
        if question.explain.is_some() {
            let b = found.pop().expect("two addresses were named");
            let a = found.pop().expect("two addresses were named");
            let clusters = cluster::cluster(self.view, &self.rules, &self.said);
            let path = cluster::explain(self.view, &self.rules, &self.said, &clusters, (a, b));
            return Ok(ClusterAnswer::Explanation(self.explanation(path)));
        }
        Ok(ClusterAnswer::List(self.list(question, &found)))
    }

    fn explanation(self, path: Option<Path>) -> Explanation {
        let connected = path.is_some();
        let steps = path.map(|path| path.steps).unwrap_or_default();
        let path = steps.into_iter().map(|step| StepRow {
            from: self.shown(step.from),
            to: self.shown(step.to),
            transaction: step.transaction.map(|tx| self.id(tx)),
            rule: step.rule.name(),
            claim: step.claim,
        });
        Explanation {
            schema: "whither.cluster-explanation/1",
            path: path.collect(),
            chain: self.chain.to_string(),
            connected,
            provenance: self.provenance,
        }
    }

    fn list(self, question: &ClusterQuestion, around: &[AddressIx]) -> ClusterList {
        // Without guesses, claims and struck links a cluster is found from its address alone.
        let is_local = !around.is_empty() && self.rules.change.is_empty() && self.said.is_empty();
        let (sets, excluded, refused) = if is_local {
            self.around(around)
        } else {
            self.of_all(question, around)
        };
        let clusters = sets.into_iter().map(|set| self.row(&set)).collect();
        let excluded = excluded.into_iter().map(|(tx, why)| ExcludedRow {
            transaction: self.id(tx),
            why,
        });
        let refused = refused.iter().map(|refused| self.refused(refused));
        ClusterList {
            schema: "whither.cluster/1",
            clusters,
            excluded: excluded.collect(),
            refused: refused.collect(),
            leads: Vec::new(),
            examined: BTreeMap::new(),
            chain: self.chain.to_string(),
            provenance: self.provenance,
        }
    }

    fn around(&self, around: &[AddressIx]) -> Sets {
        let mut sets: BTreeMap<AddressIx, Vec<AddressIx>> = BTreeMap::new();
        let mut excluded = BTreeMap::new();
        for address in around {
            if sets.values().any(|set| set.binary_search(address).is_ok()) {
                continue;
            }
            let skip = self.rules.skip_coinjoin;
            let found = cluster::around(self.view, skip, *address, usize::MAX);
            let makes = found.excluded.into_iter();
            excluded.extend(makes.map(|(tx, make)| (tx, format!("coinjoin:{}", make.name()))));
            let first = found.addresses.first().copied().unwrap_or(*address);
            sets.insert(first, found.addresses);
        }
        (
            sets.into_values().collect(),
            excluded.into_iter().collect(),
            Vec::new(),
        )
    }

    fn of_all(&self, question: &ClusterQuestion, around: &[AddressIx]) -> Sets {
        let clusters = cluster::cluster(self.view, &self.rules, &self.said);
        let mut sets: BTreeMap<u32, Vec<AddressIx>> = BTreeMap::new();
        if around.is_empty() {
            for (row, lowest) in clusters.lowest().iter().enumerate() {
                sets.entry(*lowest).or_default().push(AddressIx::of(row));
            }
            sets.retain(|_, set| set.len() >= question.least.max(1));
        } else {
            for address in around {
                let lowest = clusters.of(*address);
                sets.entry(lowest.0)
                    .or_insert_with(|| clusters.members(lowest));
            }
        }
        let Clusters {
            excluded, refused, ..
        } = clusters;
        let excluded = excluded.into_iter();
        let excluded = excluded.map(|(tx, make)| (tx, format!("coinjoin:{}", make.name())));
        (sets.into_values().collect(), excluded.collect(), refused)
    }

    fn row(&self, set: &[AddressIx]) -> ClusterRow {
        let mut rules = BTreeMap::new();
        for (_, rule) in cluster::links_of(self.view, &self.rules, &self.said, set) {
            *rules.entry(rule.name()).or_insert(0) += 1;
        }
        let is_inside = |ix: &AddressIx| set.binary_search(ix).is_ok();
        let claims = self.said.same.iter();
        let claims = claims.filter(|claimed| is_inside(&claimed.a) && is_inside(&claimed.b));
        for _ in claims {
            *rules.entry(Rule::Claim.name()).or_insert(0) += 1;
        }
        let names = set.iter().flat_map(|ix| {
            let of = self.names.get(ix).into_iter().flatten();
            of.map(|(name, category, claim)| NameRow {
                address: self.shown(*ix),
                name: name.clone(),
                category: category.clone(),
                claim: claim.clone(),
            })
        });
        ClusterRow {
            id: set.first().map(|ix| self.shown(*ix)).unwrap_or_default(),
            size: set.len(),
            addresses: set.iter().map(|ix| self.shown(*ix)).collect(),
            rules,
            names: names.collect(),
            confidence: None,
            deposits: Vec::new(),
        }
    }

    fn refused(&self, refused: &Refused) -> RefusedRow {
        let why = match &refused.why {
            Why::Large(one, other) => {
                format!("it would join clusters of {one} and {other} addresses by a guess")
            }
            Why::Services(one, other) => {
                format!("the case calls one a service of {one}, the other of {other}")
            }
            Why::NotSame(claim) => format!("claim {claim} says that they are not in one hand"),
        };
        RefusedRow {
            transaction: refused.transaction.map(|tx| self.id(tx)),
            rule: refused.rule.name(),
            from: self.shown(refused.link.0),
            to: self.shown(refused.link.1),
            why,
        }
    }

    fn shown(&self, ix: AddressIx) -> String {
        self.view.address(ix).display(&self.chain)
    }

    fn id(&self, tx: TxIx) -> String {
        self.view.transaction_id(tx).to_string()
    }
}

/// What the case says that bears on clusters: services, addresses in one hand, addresses that are not.
fn constraints(view: &impl ChainView, case: &Case, chain: &Chain) -> Result<Constraints, Error> {
    let mut said = Constraints::default();
    for (address, service) in service_identities(case, chain)? {
        if let Some(ix) = view.find_address(&address) {
            said.services.insert(ix, service);
        }
    }
    for (is_same, a, b, claim) in hands(case, chain)? {
        // What the data does not hold can neither join nor part what it holds.
        let (Some(a), Some(b)) = (view.find_address(&a), view.find_address(&b)) else {
            continue;
        };
        let claims = if is_same {
            &mut said.same
        } else {
            &mut said.not_same
        };
        claims.push(Claimed { a, b, claim });
    }
    Ok(said)
}

/// Clusters, what was left out and why, what was refused.
type Sets = (Vec<Vec<AddressIx>>, Vec<(TxIx, String)>, Vec<Refused>);

fn transactions(view: &impl ChainView, chain: &Chain, text: &str) -> Result<Vec<TxIx>, Error> {
    let place = place::parse(text, Some(chain), &[])?;
    let OriginPlace::Transaction(id) = place.place else {
        return Err(Error::new(format!(
            "`--strike {text}`: it is not a transaction id"
        )));
    };
    let found = view.find_transaction(&id);
    if found.is_empty() {
        return Err(Error::new(format!(
            "`--strike {text}`: the store does not hold it"
        )));
    }
    Ok(found)
}
