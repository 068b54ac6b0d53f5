//! Links on small chains of accounts, written by hand.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Facts, MemoryAccounts, RowKind, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AccountView as _, AddressIx, AssetIx, ChainView as _, TxIx};

use super::accounts::Accounts;
use super::ground::{Flow, Ground as _, Start, Step};
use super::stolen::Stolen;
use super::{LIMITS, Limits, Link, Links, Taint, links};
use crate::trace::result::{Basis, EndpointKind};
use crate::trace::{
    Direction, Knowledge, KnownService, Origin, OriginPlace, Policy, Request, Stops, Window,
    trace_accounts,
};

mod deployer;
mod deposit;
mod habit;

const ETHER: &str = "eip155:1/slip44:60";
const USDT: &str = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7";
/// A million.
const M: u64 = 1_000_000;

fn account(number: u8) -> Address {
    Address::Evm([number; 20])
}

fn id(number: usize) -> TransactionId {
    TransactionId::parse(&Chain::Evm(1), &format!("0x{number:064x}")).unwrap()
}

/// A chain that is told transfer by transfer.
#[derive(Default)]
struct Story(Vec<TableRow>);

impl Story {
    /// Transfers of one transaction: gives its number.
    fn tell(&mut self, transfers: &[(u8, u8, &str, u64)]) -> usize {
        let number = self
            .0
            .last()
            .map_or(1, |row| usize::try_from(row.height.unwrap()).unwrap() + 1);
        for (place, (from, to, asset, amount)) in (0..).zip(transfers) {
            let height = u32::try_from(number).unwrap();
            self.0.push(TableRow {
                transaction: Some(id(number)),
                height: Some(height),
                index: Some(0),
                time: Timestamp::from(1_700_000_000 + 12 * height),
                log_index: Some(place),
                kind: RowKind::Transfer,
                from: account(*from),
                to: account(*to),
                asset: asset.parse().unwrap(),
                amount: U256::from(*amount),
            });
        }
        number
    }

    /// Who signed the last transaction.
    fn sign(&mut self, signer: u8) {
        self.pay_for(signer, 1);
    }

    /// Who signed the last transaction, and what it paid for gas.
    fn pay_for(&mut self, signer: u8, fee: u64) {
        let last = self.0.last().unwrap().clone();
        self.0.push(TableRow {
            log_index: None,
            kind: RowKind::Fee,
            from: account(signer),
            to: account(signer),
            asset: ETHER.parse().unwrap(),
            amount: U256::from(fee),
            ..last
        });
    }

    /// When the last transaction was.
    fn hour(&mut self, hour: u32) {
        let last = self.0.last().unwrap().height;
        for row in self.0.iter_mut().filter(|row| row.height == last) {
            row.time = Timestamp::from(1_699_999_200 + 3_600 * hour);
        }
    }

    /// That an account is a contract which another one deployed.
    fn is_contract(&mut self, number: u8, creator: u8, nonce: u64) {
        let contract = account(creator).contract(nonce).unwrap();
        for row in &mut self.0 {
            for place in [&mut row.from, &mut row.to] {
                if *place == account(number) {
                    *place = contract.clone();
                }
            }
        }
    }

    fn view(&self) -> MemoryAccounts {
        let source = TableSource {
            digest: [1; 32],
            rows: self.0.clone(),
            coverage: Coverage::Blocks {
                first: Some(0),
                last: Some(u32::MAX),
                internal: true,
            },
            facts: Facts::default(),
        };
        MemoryAccounts::build(Chain::Evm(1), &[source])
    }

    fn links(&self, thefts: &[usize], known: &Knowledge, limits: &Limits) -> Links {
        let view = self.view();
        let taints = thefts.iter().map(|theft| {
            let place = OriginPlace::Transaction(id(*theft));
            taint(&view, &format!("theft-{theft}"), vec![origin(place)])
        });
        links(&Accounts(&view), known, taints.collect(), limits)
    }

    fn link(&self, thefts: [usize; 2]) -> Link {
        let links = self.links(&thefts, &Knowledge::default(), &LIMITS);
        links.pairs.into_iter().next().unwrap()
    }
}

fn origin(place: OriginPlace) -> Origin {
    Origin {
        what: "here".to_owned(),
        place,
        incident: None,
        asset: None,
        height: None,
        limit: None,
        basis: Basis::Fact,
        carried: None,
    }
}

fn taint(view: &MemoryAccounts, incident: &str, origins: Vec<Origin>) -> Taint {
    let request = Request {
        origins,
        policy: Policy::Haircut,
        direction: Direction::Forward,
        window: Window::default(),
        stops: Stops::none(),
        knowledge: Knowledge::default(),
        may_enter: BTreeMap::new(),
    };
    let trace = trace_accounts(view, &request).unwrap();
    Taint::of_accounts(view, incident, &request.origins, &trace)
}

/// Two thefts of tokens whose accounts 21 and 22 send all to 40.
fn two_to_one() -> (Story, [usize; 2]) {
    let mut story = Story::default();
    let one = story.tell(&[(11, 21, USDT, 100 * M)]);
    let other = story.tell(&[(12, 22, USDT, 100 * M)]);
    story.tell(&[(21, 40, USDT, 100 * M)]);
    story.tell(&[(22, 40, USDT, 100 * M)]);
    (story, [one, other])
}

#[test]
fn a_place_that_nobody_counted_has_no_number() {
    let (mut story, thefts) = two_to_one();
    for stranger in 100..120 {
        story.tell(&[(stranger, 40, USDT, M)]);
    }
    let limits = Limits { busy: 10, ..LIMITS };
    let links = story.links(&thefts, &Knowledge::default(), &limits);
    let [link] = &links.pairs[..] else {
        panic!("{links:?}")
    };
    assert!(link.evidence.is_empty(), "{link:?}");
    let [counter] = &link.counter_evidence[..] else {
        panic!("{link:?}")
    };
    assert_eq!((counter.kind, counter.base_rate), ("popular", None));
    assert!(counter.what.contains("not counted"), "{counter:?}");
}

/// Accounts of both had their gas from 30; what they paid says how much they had before the data begins.
#[test]
fn gas_that_an_account_had_before_the_data_begins_is_gas_that_it_had() {
    let gas = 1_000 * 10_u64.pow(13);
    for (paid, expected) in [(gas / 2, vec!["shared-funder"]), (20 * gas, vec![])] {
        let mut story = Story::default();
        let one = story.tell(&[(11, 21, USDT, 100 * M)]);
        let other = story.tell(&[(12, 22, USDT, 100 * M)]);
        for (thief, payee) in [(21, 51), (22, 52)] {
            story.tell(&[(30, thief, ETHER, gas)]);
            story.tell(&[(thief, payee, ETHER, paid)]);
        }
        let link = story.link([one, other]);
        let kinds: Vec<&str> = link.evidence.iter().map(|row| row.kind).collect();
        assert_eq!(kinds, expected, "{link:?}");
    }
}

/// Of a hundred million one is exchanged, and what came of it sent to the other's purse: no share of the theft.
#[test]
fn a_part_that_was_exchanged_is_as_small_as_it_was() {
    let ether = 10_u64.pow(15);
    for (part, verdict) in [(100 * M, "probable"), (1, "none")] {
        let mut story = Story::default();
        let one = story.tell(&[(11, 21, USDT, 100 * M)]);
        let other = story.tell(&[(12, 22, ETHER, ether)]);
        story.tell(&[(21, 70, USDT, part), (70, 21, ETHER, ether)]);
        story.sign(21);
        story.tell(&[(21, 40, ETHER, ether)]);
        story.tell(&[(22, 40, ETHER, ether)]);
        let link = story.link([one, other]);
        assert_eq!(link.verdict, verdict, "{link:?}");
    }
}

fn flow(tx: u32, amount: u64) -> Flow {
    Flow {
        tx: TxIx(tx),
        other: None,
        asset: AssetIx(0),
        amount: U256::from(amount),
    }
}

#[test]
fn coins_that_two_thefts_claim_are_stolen_once() {
    let address = AddressIx(7);
    let of = |tx: Option<TxIx>| Taint {
        incident: String::new(),
        starts: vec![Start {
            address,
            asset: AssetIx(0),
            amount: U256::from(50),
            tx,
        }],
        steps: vec![Step {
            tx: TxIx(1),
            from: None,
            to: Some(address),
            asset: AssetIx(0),
            amount: U256::from(50),
            is_crossing: false,
        }],
        crossings: Vec::new(),
        doubtful: 0,
    };
    let inflow = [flow(1, 50), flow(2, 150)];
    let part = |stolen: u64| vec![(AssetIx(0), [U256::from(stolen), U256::from(200)])];
    let twice = Stolen::of(&[of(Some(TxIx(1))), of(Some(TxIx(1)))]);
    assert_eq!(twice.at(address, &inflow), part(50));
    // Where no transaction is named, it may be any.
    assert_eq!(Stolen::of(&[of(None)]).at(address, &inflow), part(100));
    assert!(twice.is_said(address, AssetIx(0)) && !twice.is_any(AddressIx(8)));
}

/// Somebody of whose money a third was stolen: two incidents that name one theft make him no thief.
#[test]
fn a_theft_that_two_incidents_name_is_counted_once() {
    let mut story = Story::default();
    let theft = story.tell(&[(11, 21, USDT, 100 * M)]);
    story.tell(&[(21, 40, USDT, 100 * M)]);
    story.tell(&[(13, 40, USDT, 200 * M)]);
    let view = story.view();
    let of = |incident| {
        let place = OriginPlace::Transaction(id(theft));
        taint(&view, incident, vec![origin(place)])
    };
    let services = BTreeSet::new();
    let taints = [of("a"), of("b")];
    let ground = Accounts(&view);
    let mut around = super::Surroundings::new(&ground, &services, &taints, LIMITS.busy);
    let address = view.find_address(&account(40)).unwrap();
    assert!(!around.is_own(address));
    assert_eq!(around.dilution(address), Some(159));
}

#[test]
fn a_theft_begins_with_what_its_trace_claims() {
    let mut story = Story::default();
    let theft = story.tell(&[(11, 21, USDT, 100)]);
    // It had 300 before.
    story.tell(&[(21, 40, USDT, 400)]);
    let view = story.view();
    let limited = Origin {
        limit: Some(U256::from(10)),
        ..origin(OriginPlace::Transaction(id(theft)))
    };
    let whole = origin(OriginPlace::Address(account(21)));
    let amounts = |origins: Vec<Origin>| {
        let starts = taint(&view, "a", origins).starts.into_iter();
        let amounts: Vec<u64> = starts.map(|start| start.amount.to()).collect();
        amounts
    };
    assert_eq!(amounts(vec![limited]), [10]);
    assert_eq!(amounts(vec![whole.clone()]), [400]);
    // What an origin before it claims is not claimed again.
    let transaction = origin(OriginPlace::Transaction(id(theft)));
    assert_eq!(amounts(vec![transaction, whole]), [100, 300]);
}

/// The thief's account is empty again when the other's money comes to it.
#[test]
fn a_theft_lies_where_it_begins_only_until_it_leaves() {
    for (paid, kind) in [(100 * M, "shared-address"), (99 * M, "commingling")] {
        let mut story = Story::default();
        let one = story.tell(&[(11, 21, USDT, 100 * M)]);
        let other = story.tell(&[(12, 22, USDT, 100 * M)]);
        story.tell(&[(21, 41, USDT, paid)]);
        story.tell(&[(22, 21, USDT, 100 * M)]);
        let link = story.link([one, other]);
        assert_eq!(link.evidence[0].kind, kind, "{link:?}");
    }
}

#[test]
fn rounds_that_did_not_settle_are_told() {
    let (story, thefts) = two_to_one();
    let caveats = |rounds: usize| {
        let limits = Limits { rounds, ..LIMITS };
        let links = story.links(&thefts, &Knowledge::default(), &limits);
        let kinds = links.caveats.into_iter().map(|caveat| caveat.kind);
        kinds.collect::<Vec<_>>()
    };
    assert_eq!(caveats(1), ["links-unsettled"]);
    assert!(caveats(LIMITS.rounds).is_empty());
}

/// The trace did not stop at the service; that nothing links there rests on the claim.
#[test]
fn links_rest_on_the_claims_that_name_a_service() {
    let (story, thefts) = two_to_one();
    let mut known = Knowledge::default();
    let named = |number: u8| KnownService {
        kind: EndpointKind::Service,
        name: "X".to_owned(),
        identity: "X".to_owned(),
        category: "exchange".to_owned(),
        claim: format!("claim-{number}"),
        valid: Window::default(),
    };
    for number in [40, 99] {
        known.services.insert(account(number), vec![named(number)]);
    }
    let links = story.links(&thefts, &known, &LIMITS);
    assert_eq!(links.pairs[0].counter_evidence[0].kind, "service");
    assert_eq!(links.claims, BTreeSet::from(["claim-40".to_owned()]));
}

#[test]
fn a_token_tells_where_somebody_vouches_for_it() {
    let assets = [
        "tron:0x2b6653dc/slip44:195",
        "tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        "tron:0x2b6653dc/trc20:TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf",
    ];
    let row = |asset: &&str| TableRow {
        transaction: Some(TransactionId::parse(&Chain::Tron, &"1".repeat(64)).unwrap()),
        height: Some(1),
        index: Some(0),
        time: Timestamp::from(1_700_000_000),
        log_index: None,
        kind: RowKind::Transfer,
        from: Address::Tron([1; 20]),
        to: Address::Tron([2; 20]),
        asset: asset.parse().unwrap(),
        amount: U256::from(1),
    };
    let source = TableSource {
        digest: [1; 32],
        rows: assets.iter().map(row).collect(),
        coverage: Coverage::Blocks {
            first: Some(0),
            last: Some(u32::MAX),
            internal: true,
        },
        facts: Facts::default(),
    };
    let view = MemoryAccounts::build(Chain::Tron, &[source]);
    let doubtful: BTreeMap<String, bool> = (0..view.asset_count())
        .map(AssetIx::of)
        .map(|ix| (view.asset(ix).to_string(), Accounts(&view).is_doubtful(ix)))
        .collect();
    let expected = assets.map(|asset| doubtful[asset]);
    assert_eq!(expected, [false, false, true], "{doubtful:?}");
}

/// A coin's ten-thousandth, in the smallest unit: more than dust.
const COIN: u64 = 100_000_000_000_000;

fn funders(story: &Story, thefts: &[usize], pair: usize) -> usize {
    let links = story.links(thefts, &Knowledge::default(), &LIMITS);
    let mut pairs: Vec<_> = links.pairs.iter().collect();
    pairs.sort_by_key(|link| (&link.a, &link.b));
    let rows = pairs[pair].evidence.iter();
    rows.filter(|row| row.kind == "shared-funder").count()
}

/// What one thief pays a passer-by is no gas, though it be the first that another's account had.
#[test]
fn stolen_money_of_any_theft_is_no_gas() {
    let told = |is_stolen: bool| {
        let mut story = Story::default();
        let coin = story.tell(&[(if is_stolen { 11 } else { 70 }, 21, ETHER, 9 * COIN)]);
        let one = story.tell(&[(12, 22, USDT, 100 * M)]);
        let other = story.tell(&[(13, 23, USDT, 100 * M)]);
        story.tell(&[(21, 40, ETHER, 4 * COIN)]);
        story.tell(&[(21, 30, ETHER, 4 * COIN)]);
        story.tell(&[(22, 40, USDT, 100 * M)]);
        story.tell(&[(23, 30, USDT, 100 * M)]);
        story.tell(&[(40, 41, USDT, 100 * M)]);
        story.tell(&[(30, 31, USDT, 100 * M)]);
        match is_stolen {
            true => funders(&story, &[coin, one, other], 2),
            false => funders(&story, &[one, other], 0),
        }
    };
    assert_eq!((told(false), told(true)), (1, 0));
}

/// Who gave a little coin to accounts that two thieves paid in coin gave them no gas: they had it from the thieves.
#[test]
fn accounts_that_stolen_coin_came_to_needed_no_gas() {
    let told = |asset: &str, amount: u64| {
        let mut story = Story::default();
        let one = story.tell(&[(11, 21, asset, 10 * amount)]);
        let other = story.tell(&[(12, 22, asset, 10 * amount)]);
        story.tell(&[(50, 30, ETHER, COIN)]);
        story.tell(&[(50, 32, ETHER, COIN)]);
        story.tell(&[(21, 30, asset, 10 * amount)]);
        story.tell(&[(22, 32, asset, 10 * amount)]);
        story.tell(&[(30, 60, asset, 10 * amount)]);
        story.tell(&[(32, 61, asset, 10 * amount)]);
        funders(&story, &[one, other], 0)
    };
    assert_eq!((told(USDT, 10 * M), told(ETHER, 100 * COIN)), (1, 0));
}
