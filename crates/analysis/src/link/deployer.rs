//! Contracts: who deployed one where stolen money lay.
//!
//! No source says who made a contract, but it can be proved: its address is a hash of its maker's and of the number of
//! the transaction. So for accounts of the thefts that may have made contracts the addresses of these are derived, and looked
//! for among the places where stolen money came. Who uses the contracts that an account deployed, in the whole store,
//! says whether they are one hand's or a trade: a factory's contracts link nobody.
//!
//! When it fails: what `CREATE2` made depends on its code, which the store does not keep, and is not derived; nor is what an
//! account made beyond the numbers that are tried, or what an account made that no theft leads to.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use whither_ledger::view::{AddressIx, ChainView as _, TxIx};

use super::funder::Funding;
use super::ground::Ground;
use super::open::Surroundings;
use super::pair::{Found, Pair, Theft};
use super::reach::{Place, Reach};
use super::result::Counter;
use super::users::Users;
use super::weigh;

/// Beyond the transactions that an account is known to have sent so many numbers are tried: contracts are often made by
/// transactions that move nothing, and that the store does not hold.
const SLACK: usize = 16;
/// No more numbers of one account are tried, and of one theft no more in all.
const NUMBERS_MAX: usize = 1_024;
const DERIVED_MAX: usize = 8_192;
/// Of one deployer no more contracts of a theft are looked at.
const CONTRACTS_MAX: usize = 8;

/// A contract and the number of the transaction that made it.
type Contract = (AddressIx, u64);

/// Who deployed what, of contracts that the store knows.
pub(super) type Deployed = BTreeMap<AddressIx, Vec<Contract>>;

/// Accounts that called for a theft and had no other part in it, each with a transaction: who signs an attack.
pub(super) type Callers = BTreeMap<AddressIx, TxIx>;

/// Who signed the transactions of a theft without being robbed in them.
pub(super) fn callers<G: Ground>(around: &Surroundings<'_, G>, reach: &Reach) -> Callers {
    let mut found = Callers::new();
    for tx in reach.begun() {
        for caller in around.ground.callers(tx) {
            found.entry(caller).or_insert(tx);
        }
    }
    found
}

/// Accounts that may have deployed contracts of a theft, in the order in which they are tried: who called for it, where it
/// begins, who paid for its gas, and its own.
fn candidates(reach: &Reach, callers: &Callers, funding: &Funding) -> Vec<AddressIx> {
    let starts = reach.places.iter().filter(|(_, place)| place.is_start);
    let starts = starts.map(|(address, _)| *address);
    let all = callers.keys().copied();
    let all = all.chain(starts).chain(funding.by.keys().copied());
    let mut seen = BTreeSet::new();
    all.chain(funding.own.iter().copied())
        .filter(|account| seen.insert(*account))
        .collect()
}

/// The contracts that accounts of the thefts deployed.
pub(super) fn deployed<G: Ground>(around: &mut Surroundings<'_, G>, thefts: &[Theft]) -> Deployed {
    let mut found = Deployed::new();
    if !G::POOLS {
        return found;
    }
    let mut tried: BTreeSet<AddressIx> = BTreeSet::new();
    for theft in thefts {
        let mut left = DERIVED_MAX;
        for account in candidates(&theft.reach, &theft.callers, &theft.funding) {
            if left == 0 {
                break;
            }
            if tried.contains(&account) || around.is_nobodys(account) || around.is_busy(account) {
                continue;
            }
            let numbers = around.ground.sent_count(account).saturating_add(SLACK);
            let wanted = numbers.min(NUMBERS_MAX);
            let numbers = wanted.min(left);
            left -= numbers;
            // Whom one theft has no numbers left for another may try.
            if numbers == wanted {
                tried.insert(account);
            }
            let contracts = contracts(around, account, numbers);
            if !contracts.is_empty() {
                found.insert(account, contracts);
            }
        }
    }
    found
}

fn contracts<G: Ground>(
    around: &Surroundings<'_, G>,
    account: AddressIx,
    numbers: usize,
) -> Vec<Contract> {
    let view = around.ground.view();
    let creator = view.address(account);
    let numbers = 0..u64::try_from(numbers).expect("a few numbers");
    let contract = |number: u64| Some((view.find_address(&creator.contract(number)?)?, number));
    numbers.filter_map(contract).collect()
}

/// Deployers that a theft has to do with: its own accounts, and those whose contracts its money came to.
pub(super) fn of_theft(deployed: &Deployed, theft: &Theft) -> BTreeSet<AddressIx> {
    let is_of = |(deployer, contracts): &(&AddressIx, &Vec<Contract>)| {
        let mut contracts = contracts.iter();
        theft.has(**deployer) || contracts.any(|(of, _)| theft.reach.places.contains_key(of))
    };
    let all = deployed.iter().filter(is_of);
    all.map(|(deployer, _)| *deployer).collect()
}

impl Theft {
    /// Whether an account is one of its own, or called for it.
    fn has(&self, account: AddressIx) -> bool {
        self.funding.own.contains(&account) || self.callers.contains_key(&account)
    }
}

/// What one theft has to do with a deployer.
struct Side {
    /// The contract, or the deployer itself where that is an account of the theft.
    address: AddressIx,
    /// What makes it the deployer's: the number of the transaction; none of itself.
    number: Option<u64>,
    /// How many strangers are there or stand before it.
    unrelated: Users,
    /// What is taken from the weight.
    lost: u64,
    by: Vec<TxIx>,
}

impl<G: Ground> Pair<'_, '_, G> {
    /// Accounts that deployed contracts of both, or of one and are the other's.
    pub(super) fn deployers(
        &mut self,
        (deployers, places): (&[AddressIx], &[AddressIx]),
        fact: usize,
        found: &mut Vec<Found>,
        counter: &mut Vec<Counter>,
    ) {
        for deployer in deployers {
            // Where money of both lay is a fact already.
            if places.binary_search(deployer).is_ok() {
                continue;
            }
            let thefts = [self.one, self.other];
            let contracts = thefts.map(|theft| self.contract_of(theft, *deployer, places));
            let sides = match contracts {
                [Some(one), Some(other)] => Some([one, other]),
                [Some(one), None] => self.itself(self.other, *deployer).map(|own| [one, own]),
                [None, Some(other)] => self.itself(self.one, *deployer).map(|own| [own, other]),
                [None, None] => None,
            };
            if let Some(sides) = sides {
                let row = self.deployer(*deployer, &sides, fact);
                match row.unrelated.is_private() {
                    true => found.extend((row.weight > 0).then_some(row)),
                    false => counter.push(self.popular_contract(*deployer, &row)),
                }
            }
        }
    }

    /// The most private contract of a deployer to which money of one theft alone came.
    fn contract_of(
        &mut self,
        theft: &Theft,
        deployer: AddressIx,
        places: &[AddressIx],
    ) -> Option<Side> {
        let mut sides = Vec::new();
        for (contract, number) in &self.deployed[&deployer] {
            if sides.len() < CONTRACTS_MAX
                && places.binary_search(contract).is_err()
                && let Some(place) = theft.reach.places.get(contract)
            {
                let diluted = self.around.dilution(*contract).unwrap_or(u64::MAX);
                let diluted = diluted
                    .saturating_sub(100)
                    .saturating_mul(weigh::PER_DOUBLING)
                    / 100;
                sides.push(Side {
                    address: *contract,
                    number: Some(*number),
                    unrelated: place.passed.max(self.around.open(*contract)),
                    lost: lost(theft, place).saturating_add(diluted),
                    by: place.by.iter().copied().take(4).collect(),
                });
            }
        }
        sides
            .into_iter()
            .min_by_key(|side| (side.unrelated, side.lost))
    }

    /// The deployer as an account of a theft.
    fn itself(&self, theft: &Theft, deployer: AddressIx) -> Option<Side> {
        let place = theft.reach.places.get(&deployer);
        let place = place.filter(|_| theft.funding.own.contains(&deployer));
        let caller = theft.callers.get(&deployer);
        if place.is_none() && caller.is_none() {
            return None;
        }
        // Whoever called for the theft, or where it began, is the thief's, however little came.
        let is_first = caller.is_some() || place.is_some_and(|place| place.is_start);
        let lost = place.filter(|_| !is_first).map(|place| lost(theft, place));
        let came = place.into_iter().flat_map(|place| place.by.iter());
        Some(Side {
            address: deployer,
            number: None,
            unrelated: place.map_or(Users::default(), |place| place.passed),
            lost: lost.unwrap_or(0),
            by: caller.into_iter().chain(came).copied().take(4).collect(),
        })
    }

    fn deployer(&mut self, deployer: AddressIx, sides: &[Side; 2], fact: usize) -> Found {
        let used: Vec<AddressIx> = sides.iter().map(|side| side.address).collect();
        let mut unrelated = sides[0].unrelated.max(sides[1].unrelated);
        let made = &self.deployed[&deployer];
        let is_his = |of: &AddressIx| *of == deployer || made.iter().any(|(one, _)| one == of);
        // Who uses several of his contracts is one.
        let mut patrons: BTreeSet<AddressIx> = BTreeSet::new();
        for (contract, _) in made {
            if used.contains(contract) {
                continue;
            }
            match self.around.patrons(*contract) {
                Ok(all) => patrons.extend(all.iter().filter(|one| !is_his(one))),
                Err(users) => unrelated = unrelated.and(users),
            }
            if !unrelated.is_private() {
                break;
            }
        }
        patrons.retain(|patron| !self.around.is_own(*patron));
        let patrons = u64::try_from(patrons.len()).expect("counted in memory");
        unrelated = unrelated.and(Users::Counted(patrons));
        let weight = unrelated.weight(weigh::SHARED_DEPLOYER);
        let lost = sides[0].lost.max(sides[1].lost);
        let shown = self.shown(deployer);
        let place = |side: &Side| {
            let number = side.number.expect("of a contract");
            format!(
                "{} (with its transaction {number})",
                self.shown(side.address)
            )
        };
        let what = match (sides[0].number, sides[1].number) {
            (Some(_), Some(_)) => format!(
                "{shown} deployed {}, where money of one lay, and {}, where money of the other did",
                place(&sides[0]),
                place(&sides[1])
            ),
            (one, _) => {
                let side = if one.is_some() { &sides[0] } else { &sides[1] };
                format!(
                    "{shown}, an account of one theft, deployed {}, where money of the other lay",
                    place(side)
                )
            }
        };
        Found {
            address: Some(deployer),
            kind: "deployer",
            weight: weight.saturating_sub(lost),
            unrelated,
            what,
            falsified_by: format!("{shown} deploys contracts for others, or others use them"),
            by: sides.iter().flat_map(|side| side.by.clone()).collect(),
            fact,
        }
    }

    fn popular_contract(&self, deployer: AddressIx, row: &Found) -> Counter {
        let shown = self.shown(deployer);
        let users = match row.unrelated.count() {
            Some(count) => {
                format!("are used by {count} accounts that have nothing to do with either")
            }
            None => "have more users than were counted".to_owned(),
        };
        Counter {
            kind: "popular-contract",
            what: format!("contracts that {shown} deployed {users}"),
            address: Some(shown),
            base_rate: row.unrelated.count(),
            transactions: self.ids(&row.by),
        }
    }
}

/// What a weight loses where less than a quarter of a theft came.
fn lost(theft: &Theft, place: &Place) -> u64 {
    theft.reach.less(place).saturating_sub(weigh::SHARE_FREE)
}

impl<G: Ground> Surroundings<'_, G> {
    /// Who deals with a contract where nothing stolen came, in more than dust; else, or where that was not looked at, how
    /// many use it.
    fn patrons(&mut self, contract: AddressIx) -> Result<Rc<BTreeSet<AddressIx>>, Users> {
        if self.stolen.is_any(contract) {
            return Err(self.open(contract));
        }
        if self.is_nobodys(contract) {
            return Err(Users::Everybodys);
        }
        if self.is_busy(contract) {
            return Err(Users::Busy);
        }
        if let Some(known) = self.patrons.get(&contract) {
            return Ok(Rc::clone(known));
        }
        let flows = [self.ground.inflow(contract), self.ground.outflow(contract)];
        let mut patrons: BTreeSet<AddressIx> = BTreeSet::new();
        for flow in flows.into_iter().flatten() {
            let floor = self.floor(flow.asset);
            if floor.is_some_and(|floor| flow.amount >= floor) {
                patrons.extend(flow.other);
            }
        }
        let patrons = Rc::new(patrons);
        self.patrons.insert(contract, Rc::clone(&patrons));
        Ok(patrons)
    }
}
