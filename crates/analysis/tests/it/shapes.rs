//! Services by shape: the service of the simulator is found, and who is only paid a lot is not.

use whither_analysis::shape::{Looks, of_account, of_owner};
use whither_analysis::trace::{OriginPlace, Request, Stops, trace_utxo};
use whither_ledger::address::Address;
use whither_ledger::memory::MemoryAccounts;
use whither_ledger::view::{AddressIx, ChainView as _};
use whither_testkit::naive::{Direction, Policy};
use whither_testkit::simulator::{SimSize, account, utxo};

use crate::{accounts, outputs};

/// Prints for the page of methods, and asserts: the service is found in each, and nobody else is.
#[test]
fn the_service_is_found_by_its_deposits_and_nobody_else() {
    for limit in [50, 100] {
        let (mut found, mut right, mut wrong, mut asked) = (0, 0, 0, 0);
        for seed in 0..20 {
            let scenario = account(seed, SimSize::MEDIUM);
            let view = accounts::table_view(&scenario.table);
            let hot = view.find_address(&accounts::address(&scenario.truth.service.hot));
            for row in 0..view.address_count() {
                let address = AddressIx::of(row);
                asked += 1;
                if of_account(&view, address, limit).is_some() {
                    found += 1;
                    match Some(address) == hot {
                        true => right += 1,
                        false => wrong += 1,
                    }
                }
            }
        }
        println!(
            "accounts, limit {limit}: of {asked} addresses {found} found, {right} right, {wrong} wrong"
        );
        assert_eq!((right, wrong), (20, 0), "limit {limit}");
    }
}

#[test]
fn the_service_of_a_chain_of_outputs_is_found_too() {
    let (mut right, mut wrong, mut asked) = (0, 0, 0);
    for seed in 0..20 {
        let scenario = utxo(seed, SimSize::MEDIUM);
        let view = outputs::view(&scenario.chain.to_naive());
        let hot = Address::parse(&outputs::chain(), &scenario.truth.service.hot).unwrap();
        let hot = view.find_address(&hot);
        for row in 0..view.address_count() {
            let address = AddressIx::of(row);
            asked += 1;
            if let Some(looks) = of_owner(&view, address, 100) {
                match Some(address) == hot {
                    true => right += 1,
                    false => wrong += 1,
                }
                assert!(matches!(looks, Looks::Busy | Looks::FanIn));
            }
        }
    }
    println!("outputs, limit 100: of {asked} addresses {right} right, {wrong} wrong");
    assert_eq!((right, wrong), (20, 0));
}

/// A trace stops there with that reason when asked, and goes on where somebody says so.
#[test]
fn a_trace_stops_at_what_looks_like_a_service_and_lets_through_who_is_named() {
    let scenario = utxo(3, SimSize::MEDIUM);
    let view = outputs::view(&scenario.chain.to_naive());
    let hot = &scenario.truth.service.hot;
    let trace = |stops: Stops| {
        let origins = scenario.truth.theft.origins.iter().map(|text| {
            let (txid, vout) = text.rsplit_once(':').unwrap();
            let id = whither_ledger::transaction_id::TransactionId::parse(&outputs::chain(), txid);
            outputs::origin(OriginPlace::Output(id.unwrap(), vout.parse().unwrap()))
        });
        let request = Request {
            origins: origins.collect(),
            stops,
            ..outputs::request(&[], Policy::Fifo, Direction::Forward)
        };
        trace_utxo(&view, &request).unwrap()
    };
    let shape = Stops {
        shape: Some(100),
        ..Stops::none()
    };
    let stopped = trace(shape.clone());
    let at_hot = |trace: &whither_analysis::trace::Trace| {
        let ends = trace.endpoints.iter();
        ends.filter(|end| {
            end.address.as_ref() == Some(hot) && end.reason.rule.starts_with("shape:100:")
        })
        .count()
    };
    assert!(at_hot(&stopped) > 0, "it stops at {hot}");
    let passed = trace(Stops {
        pass: [hot.clone()].into(),
        ..shape
    });
    assert_eq!(at_hot(&passed), 0);
    assert_eq!(at_hot(&trace(Stops::none())), 0);
}

/// More movements than any look-ahead: what keeps half of its first ten thousand, and passes on nearly all in the end.
#[test]
fn a_service_that_grew_is_busy_by_all_that_came_and_not_by_how_it_began() {
    const ETH: &str = "eip155:1/slip44:60";
    let mut rows = Vec::new();
    for turn in 0..5_100_u32 {
        let other = u8::try_from(turn % 5).unwrap();
        let (payer, payee) = (10 + other, 20 + other);
        let (paid, kept) = if turn < 5_000 { (2, 1) } else { (1_000, 0) };
        rows.push((turn, payer, 9, ETH, paid));
        rows.push((turn, 9, payee, ETH, paid - kept));
    }
    let view = crate::deposits::view(&rows);
    let mut hot = [0x11; 20];
    hot[19] = 9;
    let hot = Address::Evm(hot);
    let looks = |view: &MemoryAccounts| of_account(view, view.find_address(&hot).unwrap(), 8);
    assert_eq!(looks(&view), Some(Looks::Busy));
    // Before that it kept half of all, and was none.
    assert_eq!(looks(&crate::deposits::view(&rows[..10_000])), None);
}
