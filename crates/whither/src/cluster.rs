//! Clusters as a user asks for them: around addresses, or all of a chain; why two are one; what falls without a link.

mod rows;
mod threads;

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::cluster::{
    self, ChangeRule, Claimed, Clusters, Constraints, Path, Refused, Rule, Rules, Union, Why,
    by_crew,
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
use threads::Threads;

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
    /// Chains of accounts: from so many debits and credits on what looks like a service is taken for one.
    pub shape: Option<usize>,
    /// Whether each cluster is told with the unions that prove it.
    pub evidence: bool,
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

impl<'a, V: UtxoView + Sync> Asked<'a, V> {
    fn new(
        view: &'a V,
        chain: Chain,
        case: Option<&Case>,
        question: &ClusterQuestion,
    ) -> Result<Self, Error> {
        if question.shape.is_some() {
            return Err(Error::new(format!(
                "{chain} is a chain of outputs: `--shape` is of chains of accounts"
            ))
            .with_hint("here addresses are joined by what they sign together"));
        }
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
            shape: None,
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
            let component =
                cluster::component(self.view, &self.rules, &self.said, &[a], usize::MAX);
            let clusters = cluster::within(self.view, &self.rules, &self.said, &component);
            let path = cluster::explain(self.view, &self.rules, &self.said, &clusters, (a, b));
            return Ok(ClusterAnswer::Explanation(self.explanation(
                path,
                &clusters,
                (a, b),
            )));
        }
        Ok(ClusterAnswer::List(self.list(question, &found)))
    }

    fn explanation(
        self,
        path: Option<Path>,
        clusters: &Clusters,
        (a, b): (AddressIx, AddressIx),
    ) -> Explanation {
        let connected = path.is_some();
        let ends = [clusters.of(a), clusters.of(b)];
        let between = |link: (AddressIx, AddressIx)| {
            let (from, to) = (clusters.of(link.0), clusters.of(link.1));
            from != to && ends.contains(&from) && ends.contains(&to)
        };
        let refused = clusters.refused.iter().filter(|row| between(row.link));
        let refused = refused.map(|row| self.refused(row)).collect();
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
            refused,
            path: path.collect(),
            chain: self.chain.to_string(),
            connected,
            provenance: self.provenance,
        }
    }

    fn list(self, question: &ClusterQuestion, around: &[AddressIx]) -> ClusterList {
        let (clusters, sets, parted) = if around.is_empty() {
            let clusters = self.whole(question);
            let mut sets = clusters.sets();
            let parted = self.pieces(&sets);
            sets.retain(|_, set| set.len() >= question.least.max(1));
            (clusters, sets, parted)
        } else {
            self.around(around)
        };
        let mut unions: BTreeMap<AddressIx, Vec<Union>> = BTreeMap::new();
        if question.evidence {
            for union in clusters.unions(self.view) {
                let of = clusters.of(union.link.0);
                unions.entry(of).or_default().push(union);
            }
        }
        let rows = sets.iter().map(|(lowest, set)| {
            let unions = unions.get(lowest).into_iter().flatten();
            let unions = unions.map(|union| self.union(union)).collect();
            ClusterRow {
                unions,
                ..self.row(set)
            }
        });
        let excluded = clusters.excluded.iter().map(|(tx, make)| ExcludedRow {
            transaction: self.id(*tx),
            why: format!("coinjoin:{}", make.name()),
        });
        let refused = clusters.refused.iter().map(|refused| self.refused(refused));
        let parted = parted.iter().map(|set| self.row(set));
        ClusterList {
            schema: "whither.cluster/1",
            clusters: rows.collect(),
            excluded: excluded.collect(),
            refused: refused.collect(),
            parted: parted.collect(),
            leads: Vec::new(),
            examined: BTreeMap::new(),
            chain: self.chain.to_string(),
            provenance: self.provenance.clone(),
        }
    }

    /// All clusters of the chain. What cannot be refused is joined by as many threads as there are.
    fn whole(&self, question: &ClusterQuestion) -> Clusters {
        let is_free = self.rules.change.is_empty() && self.said.is_empty();
        if question.evidence || !is_free {
            return cluster::prove(self.view, &self.rules, &self.said);
        }
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        by_crew(self.view, self.rules.skip_coinjoin, &Threads(threads))
    }

    /// What is left of each cluster that a strike has broken.
    fn pieces(&self, sets: &Sets) -> Vec<Vec<AddressIx>> {
        if self.said.struck.is_empty() {
            return Vec::new();
        }
        let whole = cluster::cluster(self.view, &self.rules, &self.unstruck());
        let mut of: BTreeMap<AddressIx, Vec<&Vec<AddressIx>>> = BTreeMap::new();
        for (lowest, set) in sets {
            of.entry(whole.of(*lowest)).or_default().push(set);
        }
        let broken = of.into_values().filter(|pieces| pieces.len() > 1);
        broken.flatten().cloned().collect()
    }

    /// What is said, with nothing struck.
    fn unstruck(&self) -> Constraints {
        Constraints {
            struck: BTreeSet::new(),
            ..self.said.clone()
        }
    }

    /// The clusters around addresses, and what a strike has parted from them. It looks at what links reach from there
    /// and at nothing else, so that a strike costs no more than what it touches.
    fn around(&self, around: &[AddressIx]) -> (Clusters, Sets, Vec<Vec<AddressIx>>) {
        let (view, rules) = (self.view, &self.rules);
        let component = cluster::component(view, rules, &self.said, around, usize::MAX);
        let mut clusters = cluster::within(view, rules, &self.said, &component);
        let mut sets = clusters.sets();
        let asked: BTreeSet<AddressIx> = around.iter().map(|ix| clusters.of(*ix)).collect();
        let mut parted = Vec::new();
        if !self.said.struck.is_empty() {
            let whole = self.unstruck();
            let before = cluster::within(view, rules, &whole, &component);
            let of: BTreeSet<AddressIx> = around.iter().map(|ix| before.of(*ix)).collect();
            let others = sets.iter().filter(|(lowest, _)| !asked.contains(lowest));
            let others = others.map(|(_, set)| {
                let mine = set.iter().filter(|ix| of.contains(&before.of(**ix)));
                mine.copied().collect::<Vec<AddressIx>>()
            });
            parted = others.filter(|set| !set.is_empty()).collect();
        }
        sets.retain(|lowest, _| asked.contains(lowest));
        // Of what was refused elsewhere in the component nobody asked.
        let mut refused = std::mem::take(&mut clusters.refused);
        refused.retain(|row| {
            let (from, to) = row.link;
            asked.contains(&clusters.of(from)) || asked.contains(&clusters.of(to))
        });
        clusters.refused = refused;
        (clusters, sets, parted)
    }

    fn union(&self, union: &Union) -> StepRow {
        let mut claims = self.said.same.iter();
        let claim = claims.find(|claimed| (claimed.a, claimed.b) == union.link);
        StepRow {
            from: self.shown(union.link.0),
            to: self.shown(union.link.1),
            transaction: union.transaction.map(|tx| self.id(tx)),
            rule: union.rule.name(),
            claim: claim
                .filter(|_| union.rule == Rule::Claim)
                .map(|claimed| claimed.claim.clone()),
        }
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
            unions: Vec::new(),
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
            Why::Torn(one, other) => format!(
                "{} and {} sign too and are not in one hand: the second could be either's",
                self.shown(*one),
                self.shown(*other)
            ),
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
    for (address, services) in service_identities(case, chain)? {
        if let Some(ix) = view.find_address(&address) {
            said.services.insert(ix, services);
        }
    }
    for (is_same, addresses, claim) in hands(case, chain)? {
        // What the data does not hold can neither join nor part what it holds.
        let held = addresses.iter().filter_map(|of| view.find_address(of));
        let held: Vec<AddressIx> = held.collect();
        for (place, a) in held.iter().enumerate() {
            // Who is in one hand with the first is so with all.
            let others = held
                .iter()
                .skip(place + 1)
                .filter(|_| !is_same || place == 0);
            let claims = others.map(|b| Claimed {
                a: *a,
                b: *b,
                claim: claim.clone(),
            });
            match is_same {
                true => said.same.extend(claims),
                false => said.not_same.extend(claims),
            }
        }
    }
    Ok(said)
}

/// Clusters by their lowest address.
type Sets = BTreeMap<AddressIx, Vec<AddressIx>>;

pub(crate) fn transactions(
    view: &impl ChainView,
    chain: &Chain,
    text: &str,
) -> Result<Vec<TxIx>, Error> {
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
