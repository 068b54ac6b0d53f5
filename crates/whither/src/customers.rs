//! Clusters of a chain of accounts: a service's customers, found by their deposit addresses.
//!
//! The services are those that the case claims and, where asked, what looks like one; without any there is nothing to find. See `docs/methods/deposits.md`.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::deposit::{
    Deposit, Deposits, Entity, Rule, Sweep, consolidations, deposits, entities,
};
use whither_analysis::shape::of_account;
use whither_analysis::trace::Window;
use whither_casework::Case;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::time::Timestamp;
use whither_ledger::view::{AccountView, AddressIx, TxIx};

use crate::cluster::{
    ClusterAnswer, ClusterList, ClusterProvenance, ClusterQuestion, ClusterRow, DepositRow,
    Explanation, LeadRow, NameRow, ReceiptRow, StepRow, SweepRow, transactions,
};
use crate::error::Error;
use crate::knowledge::{knowledge, names};

/// The rule's name in results.
const RULE: &str = "deposit-reuse";

/// A chain of accounts, asked for customers.
struct Asked<'a, V> {
    view: &'a V,
    chain: &'a Chain,
    /// Wallets of services, by what they are taken for one.
    services: BTreeMap<AddressIx, By>,
    names: BTreeMap<AddressIx, Vec<NameRow>>,
    deposits: Deposits,
    entities: Vec<Entity>,
    /// The entities before anything was struck.
    before: Vec<Entity>,
    provenance: ClusterProvenance,
}

/// By what an address is taken for a service's: claims, each with its days, in the order of the log; and its shape, which
/// has none, where that was asked.
#[derive(Clone, Debug, Default)]
struct By {
    claims: Vec<(Window, String)>,
    shape: Option<String>,
}

impl By {
    /// The claim that was in force at a time, the first in the log; of the shape, none.
    fn claim(&self, time: Timestamp) -> Option<&String> {
        let mut claims = self.claims.iter();
        let claim = claims.find(|(valid, _)| valid.holds(time));
        claim.map(|(_, claim)| claim)
    }

    /// Whether it is taken for a service's at a time.
    fn is_in_force(&self, time: Timestamp) -> bool {
        self.shape.is_some() || self.claim(time).is_some()
    }
}

/// Answers a question about clusters on a chain of accounts.
///
/// # Errors
/// Where rules of chains of outputs are asked for, no case says what is a service, or an address is not in the data.
pub(crate) fn answer<V: AccountView>(
    view: &V,
    chain: &Chain,
    case: Option<&Case>,
    question: &ClusterQuestion,
    addresses: Vec<Address>,
) -> Result<ClusterAnswer, Error> {
    let asks_outputs = question.with_coinjoins || !question.change.is_empty();
    if asks_outputs {
        return Err(Error::new(format!(
            "{chain} is a chain of accounts: `--change` and `--with-coinjoins` are of chains of outputs"
        ))
        .with_hint("its customers are found by their deposit addresses; `--explain A B` tells why"));
    }
    if case.is_none() && question.shape.is_none() {
        return Err(Error::new(format!(
            "{chain} is a chain of accounts, and nobody says which of its addresses are services"
        ))
        .with_hint(
            "`whither label import PACK --case DIR` brings labels in; `whither init` starts a case; `--shape N` takes \
             what looks like a service for one",
        ));
    }
    let mut found = Vec::new();
    for address in addresses {
        let ix = view.find_address(&address).ok_or_else(|| {
            let shown = address.display(chain);
            Error::new(format!("{shown} does not occur on {chain} in the store"))
        })?;
        found.push(ix);
    }
    let asked = Asked::new(view, chain, case, question)?;
    if question.explain.is_some() {
        let [a, b] = found[..] else {
            return Err(Error::new("`--explain` takes two addresses"));
        };
        return Ok(ClusterAnswer::Explanation(asked.explain(a, b)));
    }
    Ok(ClusterAnswer::List(asked.list(question, &found)))
}

impl<'a, V: AccountView> Asked<'a, V> {
    fn new(
        view: &'a V,
        chain: &'a Chain,
        case: Option<&Case>,
        question: &ClusterQuestion,
    ) -> Result<Self, Error> {
        let services = services(view, chain, case, question.shape)?;
        let mut named: BTreeMap<AddressIx, Vec<NameRow>> = BTreeMap::new();
        let all = case.map_or_else(|| Ok(Vec::new()), |case| names(case, chain))?;
        for (address, name) in all {
            if let Some(ix) = view.find_address(&address) {
                named.entry(ix).or_default().push(NameRow {
                    address: address.display(chain),
                    name: name.name,
                    category: name.category,
                    claim: name.claim,
                });
            }
        }
        let wallets: BTreeSet<AddressIx> = services.keys().copied().collect();
        let is_in_force = |service, tx| {
            let by = services.get(&service);
            by.is_some_and(|by: &By| by.is_in_force(view.time(tx)))
        };
        let mut deposits = deposits(view, &wallets, &Rule::of(view.chain())).in_force(is_in_force);
        let mut found = entities(view, &wallets, &deposits);
        let before = found.clone();
        if !question.strike.is_empty() {
            let mut struck = BTreeSet::new();
            for text in &question.strike {
                struck.extend(transactions(view, chain, text)?);
            }
            deposits = deposits.without(&struck);
            found = entities(view, &wallets, &deposits);
        }
        let provenance = ClusterProvenance {
            store: view.content_id().to_string(),
            case: case.map(Case::revision),
            change: Vec::new(),
            with_coinjoins: false,
            struck: question.strike.clone(),
            shape: question.shape,
            version: env!("CARGO_PKG_VERSION"),
        };
        Ok(Self {
            view,
            chain,
            services,
            names: named,
            deposits,
            entities: found,
            before,
            provenance,
        })
    }

    fn list(self, question: &ClusterQuestion, around: &[AddressIx]) -> ClusterList {
        let is_asked = |entity: &&Entity| {
            let mut all = entity.payers.iter().chain(&entity.deposits);
            match around.is_empty() {
                true => entity.payers.len() + entity.deposits.len() >= question.least,
                false => all.any(|address| around.contains(address)),
            }
        };
        let asked: Vec<&Entity> = self.entities.iter().filter(is_asked).collect();
        let mut funders: BTreeMap<AddressIx, BTreeSet<AddressIx>> = BTreeMap::new();
        for entity in &asked {
            for funder in &entity.shared_funders {
                funders.entry(*funder).or_default().extend(&entity.deposits);
            }
        }
        let leads = funders.into_iter().map(|(funder, of)| LeadRow {
            kind: "gas-funder",
            address: self.shown(funder),
            of: of.into_iter().map(|address| self.shown(address)).collect(),
        });
        let leads = leads.chain(self.consolidations(&asked));
        let leads = leads.collect();
        let parted = self.parted(&asked, around);
        let mut examined = BTreeMap::from([("deposit", self.deposits.found.len())]);
        for why in self.deposits.refused.values() {
            *examined.entry(why.name()).or_default() += 1;
        }
        ClusterList {
            schema: "whither.cluster/1",
            chain: self.chain.to_string(),
            clusters: asked.iter().map(|entity| self.row(entity)).collect(),
            excluded: Vec::new(),
            refused: Vec::new(),
            parted,
            leads,
            examined,
            provenance: self.provenance,
        }
    }

    /// Where payers of several of these entities gather money.
    fn consolidations(&self, asked: &[&Entity]) -> Vec<LeadRow> {
        let wallets: BTreeSet<AddressIx> = self.services.keys().copied().collect();
        let all = consolidations(self.view, &wallets, &self.deposits, &self.entities);
        let payers = asked.iter().flat_map(|of| &of.payers);
        let payers_asked: BTreeSet<&AddressIx> = payers.collect();
        let concerns = |payer: &AddressIx| payers_asked.contains(payer);
        let mine = all.into_iter();
        let mine = mine.filter(|(_, payers)| payers.iter().any(concerns));
        let row = |(target, payers): (AddressIx, BTreeSet<AddressIx>)| LeadRow {
            kind: "consolidation",
            address: self.shown(target),
            of: payers.into_iter().map(|payer| self.shown(payer)).collect(),
        };
        mine.map(row).collect()
    }

    /// What a strike parted from the entities that were asked for: what is left of theirs and is not told already.
    fn parted(&self, asked: &[&Entity], around: &[AddressIx]) -> Vec<ClusterRow> {
        if self.provenance.struck.is_empty() || around.is_empty() {
            return Vec::new();
        }
        let all = |of: &Entity| of.payers.iter().chain(&of.deposits).copied().collect();
        let was = self.before.iter().map(all);
        let was = was.filter(|set: &BTreeSet<AddressIx>| around.iter().any(|ix| set.contains(ix)));
        let was: BTreeSet<AddressIx> = was.flatten().collect();
        let others = self
            .entities
            .iter()
            .filter(|entity| !asked.contains(entity));
        let others = others.filter(|entity| entity.deposits.iter().any(|ix| was.contains(ix)));
        others.map(|entity| self.row(entity)).collect()
    }

    fn row(&self, entity: &Entity) -> ClusterRow {
        let all: BTreeSet<AddressIx> = entity
            .payers
            .iter()
            .chain(&entity.deposits)
            .copied()
            .collect();
        let found = &self.deposits.found;
        let place = |address| found.binary_search_by_key(address, |deposit| deposit.address);
        let places = entity.deposits.iter().filter_map(|of| place(of).ok());
        let deposits = places.map(|place| self.deposit(&found[place]));
        let deposits: Vec<DepositRow> = deposits.collect();
        let sweeps = deposits.iter().map(|deposit| deposit.sweeps.len()).sum();
        let names = all.iter().filter_map(|ix| self.names.get(ix)).flatten();
        ClusterRow {
            id: all.first().map(|ix| self.shown(*ix)).unwrap_or_default(),
            size: all.len(),
            addresses: all.iter().map(|ix| self.shown(*ix)).collect(),
            rules: BTreeMap::from([(RULE.to_owned(), sweeps)]),
            names: names.cloned().collect(),
            unions: Vec::new(),
            confidence: Some(millionths(entity.confidence_millionths)),
            deposits,
        }
    }

    fn deposit(&self, deposit: &Deposit) -> DepositRow {
        let by = self.services.get(&deposit.service);
        let claim = |sweep: &Sweep| by?.claim(self.view.time(sweep.tx)).cloned();
        let sweeps = deposit.sweeps.iter().map(|sweep| SweepRow {
            transaction: self.id(sweep.tx),
            claim: claim(sweep),
            asset: self.view.asset(sweep.asset).to_string(),
            amount: sweep.amount.to_string(),
            receipts: sweep
                .receipts
                .iter()
                .map(|receipt| ReceiptRow {
                    transaction: self.id(receipt.tx),
                    from: receipt.from.map(|from| self.shown(from)),
                    amount: receipt.amount.to_string(),
                })
                .collect(),
            confidence: millionths(sweep.confidence_millionths),
        });
        let claim = deposit.sweeps.first().and_then(claim);
        DepositRow {
            address: self.shown(deposit.address),
            service: self.shown(deposit.service),
            shape: by
                .filter(|_| claim.is_none())
                .and_then(|by| by.shape.clone()),
            claim,
            sweeps: sweeps.collect(),
            unmatched: deposit.unmatched,
            confidence: millionths(deposit.confidence_millionths),
        }
    }

    /// The shortest chain of sweeps between two addresses; of several the one that comes first.
    fn explain(self, a: AddressIx, b: AddressIx) -> Explanation {
        // A payer joins where he stands in some entity.
        let joining = self.entities.iter().flat_map(|entity| &entity.payers);
        let joining: BTreeSet<&AddressIx> = joining.collect();
        let mut links: BTreeMap<AddressIx, BTreeMap<AddressIx, TxIx>> = BTreeMap::new();
        for deposit in &self.deposits.found {
            for sweep in &deposit.sweeps {
                for payer in Sweep::payers(sweep).filter(|payer| joining.contains(payer)) {
                    for (one, other) in [(payer, deposit.address), (deposit.address, payer)] {
                        links
                            .entry(one)
                            .or_default()
                            .entry(other)
                            .or_insert(sweep.tx);
                    }
                }
            }
        }
        let mut came: BTreeMap<AddressIx, (AddressIx, TxIx)> = BTreeMap::new();
        let mut here = vec![a];
        while !here.is_empty() && !came.contains_key(&b) && a != b {
            let mut next = Vec::new();
            for from in here {
                for (to, tx) in links.get(&from).into_iter().flatten() {
                    if *to != a && !came.contains_key(to) {
                        came.insert(*to, (from, *tx));
                        next.push(*to);
                    }
                }
            }
            here = next;
        }
        let mut path = Vec::new();
        let mut at = b;
        while let Some((from, tx)) = came.get(&at).filter(|_| came.contains_key(&b) && at != a) {
            path.push(StepRow {
                from: self.shown(*from),
                to: self.shown(at),
                transaction: Some(self.id(*tx)),
                rule: RULE.to_owned(),
                claim: None,
            });
            at = *from;
        }
        path.reverse();
        Explanation {
            schema: "whither.cluster-explanation/1",
            chain: self.chain.to_string(),
            connected: a == b || !path.is_empty(),
            path,
            refused: Vec::new(),
            provenance: self.provenance,
        }
    }

    fn shown(&self, ix: AddressIx) -> String {
        self.view.address(ix).display(self.chain)
    }

    fn id(&self, tx: TxIx) -> String {
        self.view.transaction_id(tx).to_string()
    }
}

/// The wallets of services: those that the case claims, and those that look like one where that was asked.
fn services<V: AccountView>(
    view: &V,
    chain: &Chain,
    case: Option<&Case>,
    shape: Option<usize>,
) -> Result<BTreeMap<AddressIx, By>, Error> {
    let mut services = BTreeMap::new();
    if let Some(limit) = shape {
        for address in (0..view.address_count()).map(AddressIx::of) {
            let is_nobody = view.address(address).is_zero_account();
            if let Some(looks) = of_account(view, address, limit).filter(|_| !is_nobody) {
                let shape = Some(format!("shape:{limit}:{}", looks.name()));
                let claims = Vec::new();
                services.insert(address, By { claims, shape });
            }
        }
    }
    let known = case.map(|case| knowledge(case, chain)).transpose()?;
    for (address, claims) in known.into_iter().flat_map(|known| known.services) {
        if let Some(ix) = view.find_address(&address) {
            let claims = claims.into_iter();
            let claims = claims.map(|service| (service.valid, service.claim));
            services.entry(ix).or_default().claims.extend(claims);
        }
    }
    Ok(services)
}

/// A share of one as a decimal.
fn millionths(number: u64) -> String {
    format!("{}.{:06}", number / 1_000_000, number % 1_000_000)
}
