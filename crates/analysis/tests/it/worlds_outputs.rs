//! Methods on chains of outputs, on worlds that nothing was tuned on: links, off-ramps and typologies.
//!
//! A small share of the worlds that the pages' figures are from; `measure_links` and `measure_offramps` run all of them.

use whither_analysis::trace::Policy;
use whither_ledger::view::ChainView as _;
use whither_testkit::simulator::output_world::{BITCOIN, OutputParameters, OutputWorld};

use crate::worlds::links::Confusion;
use crate::worlds::outputs::{chain, links, offramps, stops, typologies, view};

fn worlds() -> impl Iterator<Item = OutputWorld> {
    (5_000..5_008).map(|seed| OutputWorld::make(&OutputParameters::held_out(), seed))
}

#[test]
fn a_world_has_the_asset_and_the_transactions_of_its_chain() {
    let world = OutputWorld::make(&OutputParameters::tuning(), 1);
    assert_eq!(chain().native_asset().unwrap().as_str(), BITCOIN);
    let blocks = world.chain.blocks.iter();
    let count: usize = blocks.map(|block| block.transactions.len()).sum();
    assert_eq!(view(&world).transaction_count(), count);
}

#[test]
fn one_hand_is_found_on_outputs_and_two_are_seldom_taken_for_one() {
    let mut confusion = Confusion::default();
    for world in worlds() {
        let told = links::links(&world, Policy::Haircut, &stops(None));
        links::add(&mut confusion, &world, &told, true);
    }
    let wrong: usize = ["probable", "strong"]
        .iter()
        .filter_map(|verdict| confusion.other.get(verdict))
        .sum();
    let others: usize = confusion.other.values().sum();
    assert!(others > 100 && wrong * 50 <= others, "{confusion:?}");
    let same: usize = confusion.same.values().sum();
    let missed: usize = confusion.by_way.values().map(|row| row[1]).sum();
    // Clean coins that are spent with the spoils make places look used by others: see `docs/methods/links.md`.
    assert!(same >= 12 && missed * 2 <= same, "{confusion:?}");
}

#[test]
fn off_ramps_on_outputs_are_found_where_labels_name_them() {
    let mut all = offramps::Counts::default();
    for world in worlds() {
        all.add(&offramps::measure(&world, None, true));
    }
    for (kind, labelled) in [("exchange", true), ("hot-wallet", true), ("mixer", false)] {
        let (found, of) = all.off_ramps[&(kind.to_owned(), labelled)];
        assert!(of >= 2 && found * 100 >= of * 95, "{kind}: {all:?}");
    }
    // Without a label and without asking for shapes nothing says that it is a service.
    assert_eq!(
        all.off_ramps[&("exchange".to_owned(), false)].0,
        0,
        "{all:?}"
    );
}

#[test]
fn the_shapes_of_plans_on_outputs_are_found() {
    let mut all = typologies::Shapes::default();
    for world in worlds() {
        all.add(&typologies::measure(&world, Some(120), true));
    }
    for (typology, (found, of)) in &all.found {
        assert!(*of >= 10 && found * 100 >= of * 85, "{typology}: {all:?}");
    }
    assert_eq!(all.found.len(), 5, "{all:?}");
    // A mixer that is told is one.
    assert_eq!(all.told["mixer-passage"][2], 0, "{all:?}");
    let [planned, own, others] = all.told["peel-chain"];
    assert!(
        planned > 200 && planned * 10 >= (planned + own + others) * 6,
        "{all:?}"
    );
}
