//! Deposit addresses: found by their sweeps, and told apart from private addresses that look alike.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::deposit::{Deposits, NotDeposit, Rule, consolidations, deposits, entities};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Facts, MemoryAccounts, RowKind, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AddressIx, ChainView as _, TxIx};
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::SimSize;

const ETH: &str = "eip155:1/slip44:60";
const TOKEN: &str = "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7";
/// 10^15 of the smallest units: a thousandth of an ether.
const FINNEY: u64 = 1_000_000_000_000_000;

fn address(number: u8) -> Address {
    let mut bytes = [0x11; 20];
    bytes[19] = number;
    Address::Evm(bytes)
}

/// Rows (height, from, to, asset, thousandths of an ether or units of a token) as a chain, each a transaction of its own.
pub fn view(rows: &[(u32, u8, u8, &str, u64)]) -> MemoryAccounts {
    view_on(&Chain::Evm(1), ETH, rows)
}

fn view_on(chain: &Chain, coin: &str, rows: &[(u32, u8, u8, &str, u64)]) -> MemoryAccounts {
    let rows = (1_u32..)
        .zip(rows)
        .map(|(number, (height, from, to, asset, amount))| TableRow {
            transaction: Some(TransactionId::parse(chain, &format!("0x{number:064x}")).unwrap()),
            height: Some(*height),
            index: Some(number),
            time: Timestamp::from_seconds(i64::from(*height) * 12).unwrap(),
            log_index: Some(0),
            kind: RowKind::Transfer,
            from: address(*from),
            to: address(*to),
            asset: asset.parse().unwrap(),
            amount: U256::from(*amount) * U256::from(if *asset == coin { FINNEY } else { 1 }),
        });
    let source = TableSource {
        digest: [1; 32],
        rows: rows.collect(),
        coverage: Coverage::Blocks {
            first: Some(0),
            last: Some(100_000),
            internal: true,
        },
        facts: Facts::default(),
    };
    MemoryAccounts::build(chain.clone(), &[source])
}

fn ix(view: &MemoryAccounts, number: u8) -> AddressIx {
    view.find_address(&address(number)).unwrap()
}

fn find(view: &MemoryAccounts, services: &[u8]) -> (BTreeSet<AddressIx>, Deposits) {
    let services: BTreeSet<AddressIx> = services.iter().map(|number| ix(view, *number)).collect();
    let found = deposits(view, &services, &Rule::of(view.chain()));
    (services, found)
}

/// The formula, by hand: rest 5 of 10, age 800 of 3,200: 1 - (0.5 + 0.25) / 2 = 0.625.
#[test]
fn a_payment_that_is_forwarded_in_time_makes_a_deposit_address_with_the_published_confidence() {
    let view = view(&[(100, 1, 2, ETH, 1000), (900, 2, 9, ETH, 995)]);
    let (services, found) = find(&view, &[9]);
    let [deposit] = &found.found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(
        (deposit.address, deposit.service),
        (ix(&view, 2), ix(&view, 9))
    );
    assert_eq!(deposit.confidence_millionths, 625_000);
    let [entity] = &entities(&view, &services, &found)[..] else {
        panic!()
    };
    assert_eq!(
        (&entity.payers[..], &entity.deposits[..]),
        (&[ix(&view, 1)][..], &[ix(&view, 2)][..])
    );
}

/// A hundredth of the chain's own coin, by its own decimals; chains whose coin is on no list have one too.
#[test]
fn what_a_sweep_may_leave_behind_is_of_the_chains_own_coin() {
    let alpha = |chain: &Chain| Rule::of(chain).alpha;
    let ether = U256::from(10 * FINNEY);
    assert_eq!(alpha(&Chain::Tron), U256::from(10_000));
    for chain in [1, 56, 137, 2020, 31_337] {
        assert_eq!(alpha(&Chain::Evm(chain)), ether, "{chain}");
    }
    for chain in [1, 2020, 31_337].map(Chain::Evm) {
        let coin = whither_ledger::asset::Asset::coin(&chain).unwrap();
        let coin = coin.as_str();
        let view = view_on(
            &chain,
            coin,
            &[(100, 1, 2, coin, 1000), (900, 2, 9, coin, 995)],
        );
        let (_, found) = find(&view, &[9]);
        assert_eq!(found.found.len(), 1, "{chain}");
        assert!(whither_analysis::deposit::gas_is_seen(&view), "{chain}");
    }
}

/// Entities of what is left, against joins of what is left told one by one; and striking all at once is striking one after
/// the other.
#[test]
fn struck_links_join_nothing_and_the_rest_is_as_from_scratch() {
    let mut rng = SplitMix64::new(3);
    for round in 0..60 {
        let mut rows = Vec::new();
        for height in 0..40 {
            let deposit = u8::try_from(20 + rng.below(8)).unwrap();
            let payer = u8::try_from(40 + rng.below(10)).unwrap();
            let amount = 10 + rng.below(500);
            rows.push((10 + 10 * height, payer, deposit, ETH, amount));
            if rng.chance(3, 4) {
                rows.push((11 + 10 * height, deposit, 9, ETH, amount));
            }
        }
        let view = view(&rows);
        let (services, found) = find(&view, &[9]);
        let links: Vec<TxIx> = found
            .found
            .iter()
            .flat_map(|deposit| &deposit.sweeps)
            .map(|sweep| sweep.tx)
            .collect();
        let receipts = found.found.iter().flat_map(|deposit| &deposit.sweeps);
        let receipts = receipts
            .flat_map(|sweep| &sweep.receipts)
            .map(|receipt| receipt.tx);
        let all: Vec<TxIx> = links.into_iter().chain(receipts).collect();
        let struck: BTreeSet<TxIx> = all.into_iter().filter(|_| rng.chance(1, 3)).collect();
        let left = found.without(&struck);
        let one_by_one = struck.iter().fold(found.clone(), |left, tx| {
            left.without(&BTreeSet::from([*tx]))
        });
        assert_eq!(left.found, one_by_one.found, "round {round}");
        let mut sets: Vec<BTreeSet<AddressIx>> = Vec::new();
        for deposit in &found.found {
            for sweep in deposit
                .sweeps
                .iter()
                .filter(|sweep| !struck.contains(&sweep.tx))
            {
                for receipt in sweep
                    .receipts
                    .iter()
                    .filter(|receipt| !struck.contains(&receipt.tx))
                {
                    let link = BTreeSet::from([deposit.address, receipt.from.unwrap()]);
                    let (touched, rest): (Vec<_>, Vec<_>) =
                        sets.into_iter().partition(|set| !set.is_disjoint(&link));
                    sets = rest;
                    sets.push(touched.into_iter().flatten().chain(link).collect());
                }
            }
        }
        sets.sort();
        let mut told: Vec<BTreeSet<AddressIx>> = entities(&view, &services, &left)
            .into_iter()
            .map(|entity| entity.payers.into_iter().chain(entity.deposits).collect())
            .collect();
        told.sort();
        assert_eq!(told, sets, "round {round}");
        let gone = found.found.len() - left.found.len();
        let why = left
            .refused
            .values()
            .filter(|why| **why == NotDeposit::Struck);
        assert_eq!(why.count(), gone);
    }
}

/// Two customers who pay nobody else but one address, and a third who pays others too.
#[test]
fn where_customers_gather_money_is_a_lead() {
    let view = view(&[
        (10, 1, 2, ETH, 300),
        (11, 2, 9, ETH, 300),
        (12, 3, 4, ETH, 200),
        (13, 4, 9, ETH, 200),
        (14, 5, 6, ETH, 100),
        (15, 6, 9, ETH, 100),
        (16, 1, 30, ETH, 5),
        (17, 3, 30, ETH, 5),
        (18, 5, 30, ETH, 5),
        (19, 5, 31, ETH, 5),
    ]);
    let (services, found) = find(&view, &[9]);
    let entities = entities(&view, &services, &found);
    assert_eq!(entities.len(), 3, "it joins nothing");
    let leads = consolidations(&view, &services, &found, &entities);
    let payers = BTreeSet::from([ix(&view, 1), ix(&view, 3)]);
    assert_eq!(leads, BTreeMap::from([(ix(&view, 30), payers)]));
}

#[test]
fn what_is_late_or_lacks_too_much_is_no_sweep() {
    for (height, swept, is_found) in [
        (3300, 1000, true),
        (3301, 1000, false),
        (101, 990, true),
        (101, 989, false),
    ] {
        let view = view(&[(100, 1, 2, ETH, 1000), (height, 2, 9, ETH, swept)]);
        let (_, found) = find(&view, &[9]);
        assert_eq!(found.found.len(), usize::from(is_found), "{height} {swept}");
        if !is_found {
            assert_eq!(found.refused[&ix(&view, 2)], NotDeposit::NoMatch);
        }
    }
}

/// Payers of one deposit address are one hand, and one payer of two joins both.
#[test]
fn a_sweep_of_several_payments_is_matched_by_its_sum_and_payers_are_joined() {
    let view = view(&[
        (10, 1, 2, ETH, 300),
        (11, 3, 2, ETH, 200),
        (12, 4, 2, ETH, 100),
        (13, 2, 9, ETH, 300),
        (14, 4, 5, ETH, 50),
        (15, 5, 9, ETH, 50),
        (16, 7, 8, ETH, 70),
        (17, 8, 9, ETH, 70),
    ]);
    let (services, found) = find(&view, &[9]);
    // 300 is the first payment alone, which goes before the two that add up to it.
    assert_eq!(found.found[0].sweeps[0].receipts.len(), 1);
    let entities = entities(&view, &services, &found);
    assert_eq!(entities.len(), 3);
    let batch = self::view(&[
        (10, 1, 2, ETH, 300),
        (11, 3, 2, ETH, 200),
        (13, 2, 9, ETH, 500),
        (14, 3, 5, ETH, 7),
        (15, 5, 9, ETH, 7),
    ]);
    let (services, found) = find(&batch, &[9]);
    assert_eq!(found.found[0].sweeps[0].receipts.len(), 2);
    let [entity] = &self::entities(&batch, &services, &found)[..] else {
        panic!()
    };
    assert_eq!(entity.payers, [ix(&batch, 1), ix(&batch, 3)]);
    assert_eq!(entity.deposits, [ix(&batch, 2), ix(&batch, 5)]);
}

#[test]
fn who_pays_others_or_two_services_has_no_deposit_address() {
    let view = view(&[
        (10, 1, 2, ETH, 300),
        (11, 2, 9, ETH, 200),
        (12, 2, 5, ETH, 100),
        (10, 1, 3, ETH, 300),
        (11, 3, 9, ETH, 150),
        (12, 3, 8, ETH, 150),
    ]);
    let (_, found) = find(&view, &[8, 9]);
    assert!(found.found.is_empty());
    assert_eq!(found.refused[&ix(&view, 2)], NotDeposit::PaysOthers);
    assert_eq!(found.refused[&ix(&view, 3)], NotDeposit::SeveralServices);
}

#[test]
fn a_token_is_swept_whole_and_its_gas_is_paid_by_another() {
    let gas = (12, 6, 2, ETH, 1);
    for (rows, why) in [
        (
            vec![(10, 1, 2, TOKEN, 300), gas, (13, 2, 9, TOKEN, 300)],
            None,
        ),
        (
            vec![(10, 1, 2, TOKEN, 300), gas, (13, 2, 9, TOKEN, 299)],
            Some(NotDeposit::NoMatch),
        ),
        (
            vec![
                (10, 1, 2, TOKEN, 300),
                (12, 1, 2, ETH, 1),
                (13, 2, 9, TOKEN, 300),
            ],
            Some(NotDeposit::OwnGas),
        ),
        (
            vec![(10, 1, 2, TOKEN, 300), (13, 2, 9, TOKEN, 300)],
            // Without the chain's own asset in the data nobody can say who paid for gas.
            None,
        ),
    ] {
        let view = view(&rows);
        let (_, found) = find(&view, &[9]);
        assert_eq!(found.refused.get(&ix(&view, 2)).copied(), why, "{rows:?}");
        assert_eq!(found.found.len(), usize::from(why.is_none()));
    }
}

/// One who funds the gas of two customers is a lead, and joins nothing.
#[test]
fn a_gas_funder_is_a_lead_and_no_union() {
    let view = view(&[
        (10, 1, 2, TOKEN, 300),
        (10, 3, 4, TOKEN, 500),
        (12, 6, 2, ETH, 1),
        (12, 6, 4, ETH, 1),
        (13, 2, 9, TOKEN, 300),
        (13, 4, 9, TOKEN, 500),
    ]);
    let (services, found) = find(&view, &[9]);
    let entities = entities(&view, &services, &found);
    assert_eq!(entities.len(), 2);
    for entity in &entities {
        assert_eq!(entity.shared_funders, [ix(&view, 6)]);
    }
}

/// A wallet that was the service's until a day: what was swept later proves nothing, and an address that swept only
/// then is none.
#[test]
fn sweeps_of_days_on_which_the_wallet_was_not_the_service_s_prove_nothing() {
    let view = view(&[
        (100, 1, 2, ETH, 1000),
        (200, 2, 9, ETH, 1000),
        (5000, 3, 2, ETH, 700),
        (5100, 2, 9, ETH, 700),
        (6000, 4, 5, ETH, 300),
        (6100, 5, 9, ETH, 300),
    ]);
    let (services, all) = find(&view, &[9]);
    assert_eq!(all.found.len(), 2);
    let last = Timestamp::from_seconds(1000 * 12).unwrap();
    let found = all.in_force(|service, tx| service == ix(&view, 9) && view.time(tx) < last);
    let [deposit] = &found.found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(deposit.address, ix(&view, 2));
    let payers: Vec<_> = deposit.sweeps.iter().flat_map(|of| of.payers()).collect();
    assert_eq!(payers, [ix(&view, 1)]);
    // The mean is of the sweep that is left.
    let left = deposit.sweeps[0].confidence_millionths;
    assert_eq!(deposit.confidence_millionths, left);
    assert_eq!(found.refused[&ix(&view, 5)], NotDeposit::NotInForce);
    let entities = entities(&view, &services, &found);
    assert_eq!(entities.len(), 1);
    assert_eq!(entities[0].payers, [ix(&view, 1)]);
}

/// On the simulator's truth: of the deposit addresses that were swept all are found, and none that is not one.
#[test]
fn planted_deposit_addresses_are_found_and_no_others() {
    let (mut planted, mut found_right, mut found_wrong) = (0, 0, 0);
    for seed in 0..20 {
        let scenario = whither_testkit::simulator::account(seed, SimSize::MEDIUM);
        let view = crate::accounts::table_view(&scenario.table);
        let truth = &scenario.truth.service;
        let service = view
            .find_address(&crate::accounts::address(&truth.hot))
            .unwrap();
        let deposits = deposits(&view, &BTreeSet::from([service]), &Rule::of(view.chain()));
        let swept: BTreeSet<AddressIx> = truth
            .deposits
            .iter()
            .chain(&truth.innocent_deposits)
            .map(|text| view.find_address(&crate::accounts::address(text)).unwrap())
            .collect();
        planted += swept.len();
        for deposit in &deposits.found {
            match swept.contains(&deposit.address) {
                true => found_right += 1,
                false => found_wrong += 1,
            }
        }
    }
    assert!(planted > 200, "{planted}");
    println!("planted {planted}, right {found_right}, wrong {found_wrong}");
    assert_eq!((found_right, found_wrong), (planted, 0));
}
