//! Heights, forks and fragments: which blocks count, and where they stand.

use whither_chain::{Extent, IngestReport, IngestRequest, status};
use whither_ledger::coverage::Coverage;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{ChainView as _, OutputIx, TxIx, UtxoView as _};

use crate::made::{COIN, Draft, Hash, Tx, extend, framed, genesis, hash, show};
use crate::support::{Bench, REGTEST, describe, request, request_of};

fn extent(first: u32, last: u32) -> Option<Extent> {
    Some(Extent { first, last })
}

fn ingest(bench: &Bench, blocks: &[Vec<u8>]) -> IngestReport {
    bench.ingest(&request(bench.file("blocks", &framed(blocks))))
}

/// A block of version 2 that claims a height.
fn claiming(previous: Hash, height: u16, tag: u8) -> Vec<u8> {
    let [low, high] = height.to_le_bytes();
    let push = if height < 128 {
        vec![1, low]
    } else {
        vec![2, low, high]
    };
    let coinbase = Tx::coinbase(&[&push[..], &[1, tag]].concat(), &[50 * COIN]);
    let mut draft = Draft::after(previous, vec![coinbase]);
    draft.version = 2;
    draft.mine()
}

#[test]
fn without_a_link_or_a_claim_a_height_is_unknown_and_said() {
    let blocks = extend(&extend(&genesis(), 1, 1)[0], 3, 2);
    let bench = Bench::new();
    let report = ingest(&bench, &blocks);
    assert_eq!((report.blocks, report.extent), (3, None));
    let unknown = Coverage::Blocks {
        first: None,
        last: None,
        internal: true,
    };
    assert_eq!(report.coverage, [unknown]);
    let [note] = report.notes.as_slice() else {
        panic!("{:?}", report.notes)
    };
    assert_eq!(note.kind, "unknown-height");
    assert!(note.what.contains(&show(&hash(&blocks[0]))), "{note:?}");
    let view = bench.utxo(&REGTEST);
    assert_eq!(view.transaction_count(), 3);
    assert_eq!(view.notes(), report.notes);
    let tip = status(&bench.store()).unwrap().remove(0).tip.unwrap();
    assert_eq!((tip.height, tip.hash), (None, show(&hash(&blocks[2]))));

    let told = IngestRequest {
        height: Some(700),
        ..request(bench.file("blocks", &framed(&blocks)))
    };
    let report = bench.ingest(&told);
    assert!(!report.unchanged);
    assert_eq!((report.extent, report.notes.len()), (extent(700, 702), 0));
    assert!(bench.ingest(&told).unchanged);
    let status = status(&bench.store()).unwrap();
    assert_eq!(status[0].extent, extent(700, 702));
}

#[test]
fn a_claim_of_one_block_tells_the_heights_of_all_it_is_linked_to() {
    let below = extend(&extend(&genesis(), 1, 1)[0], 1, 2).remove(0);
    let claims = claiming(hash(&below), 5000, 0);
    let above = extend(&claims, 2, 3);
    let blocks: Vec<_> = [below, claims].into_iter().chain(above).collect();
    let report = ingest(&Bench::new(), &blocks);
    assert_eq!((report.extent, report.notes.len()), (extent(4999, 5002), 0));
}

#[test]
fn claims_that_do_not_fit_together_are_not_believed() {
    let a = claiming([7; 32], 5000, 0);
    let b = claiming(hash(&a), 5002, 0);
    let report = ingest(&Bench::new(), &[a.clone(), b]);
    assert_eq!(report.extent, None);
    assert!(
        report.notes[0].what.contains("do not fit together"),
        "{:?}",
        report.notes
    );
    // Only the network's first block is at height 0.
    let c = claiming(hash(&a), 17, 0);
    let above = extend(&[3; 80], 17, 1);
    let late = claiming(hash(&above[16]), 17, 9);
    let report = ingest(&Bench::new(), &[extend(&genesis(), 1, 1).remove(0), c]);
    assert_eq!(report.extent, extent(1, 17));
    assert_eq!(report.gaps, [Extent { first: 2, last: 16 }]);
    let blocks: Vec<_> = above.into_iter().chain([late]).collect();
    assert_eq!(ingest(&Bench::new(), &blocks).extent, None);
}

#[test]
fn links_are_believed_before_claims() {
    let a = claiming(hash(&genesis()), 5000, 0);
    let report = ingest(&Bench::new(), &[genesis(), a]);
    assert_eq!((report.extent, report.notes.len()), (extent(0, 1), 0));
}

#[test]
fn a_height_that_contradicts_the_blocks_is_refused() {
    let bench = Bench::new();
    let linked = framed(&[genesis(), extend(&genesis(), 1, 1).remove(0)]);
    let claims = framed(&[claiming([7; 32], 5000, 0)]);
    let lone = framed(&extend(&[7; 80], 1, 1));
    let told = |bytes: &[u8], height| IngestRequest {
        height: Some(height),
        ..request(bench.file("blocks", bytes))
    };
    for (bytes, height, why) in [
        (&linked, 1, "linked to the network's first block"),
        (&claims, 4999, "the coinbases claim other heights"),
        (&lone, 0, "only the network's first block is at height 0"),
        (&lone, u32::MAX, "no chain is that high"),
    ] {
        let error = bench.refuse(&told(bytes, height));
        let text = error.to_string();
        assert!(text.contains(why), "{text}");
        assert!(
            text.contains(&format!("cannot be at height {height}")),
            "{text}"
        );
        assert!(error.hint().unwrap().contains("--height"));
    }
    assert_eq!(bench.ingest(&told(&linked, 0)).extent, extent(0, 1));
    assert_eq!(bench.ingest(&told(&claims, 5000)).extent, extent(0, 5000));
    assert_eq!(bench.ingest(&told(&lone, 9000)).extent, extent(0, 9000));
    let error = bench.refuse(&told(&lone, 9001));
    assert!(
        error
            .to_string()
            .contains("an earlier ingest was told that it is at 9000"),
        "{error}"
    );

    let two = framed(&[extend(&[7; 80], 1, 1), extend(&[8; 80], 1, 1)].concat());
    let error = bench.refuse(&told(&two, 3));
    assert!(
        error
            .to_string()
            .contains("2 pieces that do not hang together"),
        "{error}"
    );
}

#[test]
fn a_tie_goes_to_the_lower_hash_in_any_order() {
    let base = extend(&genesis(), 2, 1);
    let mut tips: Vec<Vec<u8>> = (2..8)
        .map(|tag| extend(&base[1], 1, tag).remove(0))
        .collect();
    tips.sort_by_key(|tip| show(&hash(tip)));
    let lowest = show(&hash(&tips[0]));
    let mut views = Vec::new();
    for turn in 0..tips.len() {
        tips.rotate_left(turn);
        let blocks: Vec<_> = [vec![genesis()], tips.clone(), base.clone()].concat();
        let bench = Bench::new();
        let report = ingest(&bench, &blocks);
        assert_eq!((report.blocks, report.skipped.len()), (4, 5));
        assert_eq!(
            status(&bench.store()).unwrap()[0]
                .tip
                .as_ref()
                .unwrap()
                .hash,
            lowest
        );
        views.push(describe(&bench.utxo(&REGTEST)));
    }
    views.dedup();
    assert_eq!(views.len(), 1);
}

#[test]
fn most_work_wins_and_not_most_blocks() {
    let bench = Bench::new();
    let long = extend(&genesis(), 3, 1);
    let mut hard = Draft::after(hash(&genesis()), vec![Tx::coinbase(&[0x51, 9], &[1])]);
    // Sixteen times the work of a block with the easiest target.
    hard.bits = 0x2007_ffff;
    let hard = loop {
        let block = hard.mine();
        if hash(&block)[31] < 0x07 {
            break block;
        }
        hard.time += 1;
    };
    let blocks: Vec<_> = [vec![genesis(), hard.clone()], long.clone()].concat();
    let report = ingest(&bench, &blocks);
    assert_eq!((report.blocks, report.extent), (2, extent(0, 1)));
    let heights: Vec<bool> = report
        .skipped
        .iter()
        .zip(1..)
        .map(|(skipped, height)| skipped.place.ends_with(&format!(" at height {height}")))
        .collect();
    assert_eq!(heights, [true; 3]);
    assert!(
        report.skipped[0].why.contains(&show(&hash(&hard))),
        "{report:?}"
    );
}

/// A later ingest may bring the branch with more work: the earlier one is stale from then on.
#[test]
fn a_reorganisation_is_said() {
    let old = extend(&genesis(), 2, 1);
    let new = extend(&genesis(), 3, 2);
    let bench = Bench::new();
    ingest(&bench, &[vec![genesis()], old.clone()].concat());
    let report = ingest(&bench, &new);
    assert_eq!((report.blocks, report.extent), (3, extent(0, 3)));
    let since =
        |skipped: &whither_chain::Skipped| skipped.why.starts_with("stale since this ingest: ");
    assert_eq!(
        report
            .skipped
            .iter()
            .filter(|skipped| since(skipped))
            .count(),
        2
    );

    let fresh = Bench::new();
    ingest(&fresh, &[vec![genesis()], new.clone()].concat());
    assert_eq!(
        describe(&bench.utxo(&REGTEST)),
        describe(&fresh.utxo(&REGTEST))
    );
    let report = ingest(&bench, &old);
    assert_eq!((report.blocks, report.skipped.len()), (0, 2));
    assert!(report.unchanged && report.skipped[0].why.starts_with("stale: "));
}

#[test]
fn of_fragments_that_claim_the_same_heights_the_one_with_more_work_counts() {
    let a = claiming([7; 32], 1000, 0);
    let a = [vec![a.clone()], extend(&a, 3, 1)].concat();
    let b = claiming([8; 32], 1002, 0);
    let b = [vec![b.clone()], extend(&b, 1, 1)].concat();
    // It ends right below the others, and is not what they are linked to.
    let c = vec![claiming([9; 32], 999, 0)];
    // Free heights.
    let d = vec![claiming([10; 32], 1005, 0)];
    let mut views = Vec::new();
    for order in [[&a, &b, &c, &d], [&d, &c, &b, &a], [&b, &d, &a, &c]] {
        let bench = Bench::new();
        let mut skipped = Vec::new();
        for blocks in order {
            let report = ingest(&bench, blocks);
            skipped.push(report.skipped);
        }
        let status = status(&bench.store()).unwrap().remove(0);
        assert_eq!((status.blocks, status.stale_blocks), (5, 3));
        assert_eq!(status.extent, extent(1000, 1005));
        assert_eq!(
            status.gaps,
            [Extent {
                first: 1004,
                last: 1004
            }]
        );
        assert!(skipped.iter().flatten().count() >= 3, "{skipped:?}");
        views.push(describe(&bench.utxo(&REGTEST)));
    }
    views.dedup();
    assert_eq!(views.len(), 1);
}

#[test]
fn a_range_of_heights_keeps_its_heights() {
    let chain = [vec![genesis()], extend(&genesis(), 9, 1)].concat();
    let bench = Bench::new();
    let range = |first, last| IngestRequest {
        blocks: Some(first..=last),
        ..request(bench.file("blocks", &framed(&chain)))
    };
    let report = bench.ingest(&range(3, 5));
    assert_eq!((report.blocks, report.extent), (3, extent(3, 5)));
    assert!(
        report.skipped[0]
            .why
            .starts_with("7 blocks are outside the range"),
        "{report:?}"
    );
    assert_eq!(status(&bench.store()).unwrap()[0].extent, extent(3, 5));
    assert!(bench.ingest(&range(3, 5)).unchanged);
    assert_eq!(
        bench.ingest(&range(8, 20)).gaps,
        [Extent { first: 6, last: 7 }]
    );
    let report = bench.ingest(&range(0, 100));
    assert_eq!(
        (report.blocks, report.extent, report.gaps.len()),
        (10, extent(0, 9), 0)
    );
    let whole = Bench::new();
    ingest(&whole, &chain);
    assert_eq!(
        describe(&bench.utxo(&REGTEST)),
        describe(&whole.utxo(&REGTEST))
    );

    #[allow(clippy::reversed_empty_ranges)]
    let error = bench.refuse(&range(5, 3));
    assert!(
        error
            .to_string()
            .contains("--blocks 5:3 ends before it begins"),
        "{error}"
    );
}

/// Without a height two blocks of one chain still stand in the order of their times.
#[test]
fn pieces_of_unknown_height_stand_by_their_time() {
    let at = |time: u32, tag: u8| {
        let mut draft = Draft::after([tag; 32], vec![Tx::coinbase(&[1, tag, 1], &[1])]);
        draft.time = time;
        draft.mine()
    };
    let (old, young) = (at(1_000_000_000, 9), at(1_800_000_000, 3));
    let known = [vec![genesis()], extend(&genesis(), 2, 1)].concat();
    let mut views = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let bench = Bench::new();
        let pieces = [vec![old.clone()], known.clone(), vec![young.clone()]];
        for piece in order {
            ingest(&bench, &pieces[piece]);
        }
        let view = bench.utxo(&REGTEST);
        let heights: Vec<_> = (0..view.transaction_count())
            .map(|row| view.position(TxIx::of(row)).height)
            .collect();
        assert_eq!(heights, [None, Some(0), Some(1), Some(2), None]);
        views.push(describe(&view));
    }
    views.dedup();
    assert_eq!(views.len(), 1);
}

/// Rivals are rivals also where the block below them is missing and nobody knows their height.
#[test]
fn rivals_without_the_block_below_them_do_not_count_both() {
    let below = [7; 80];
    let (short, long) = (extend(&below, 2, 1), extend(&below, 3, 2));
    let mut views = Vec::new();
    for order in [[&short, &long], [&long, &short]] {
        let bench = Bench::new();
        for blocks in order {
            ingest(&bench, blocks);
        }
        let status = status(&bench.store()).unwrap().remove(0);
        assert_eq!((status.blocks, status.stale_blocks), (3, 0));
        views.push(describe(&bench.utxo(&REGTEST)));
    }
    assert_eq!(views[0], views[1]);
    let bench = Bench::new();
    let both = [short, long].concat();
    let report = bench.ingest(&IngestRequest {
        height: Some(70),
        ..request(bench.file("both", &framed(&both)))
    });
    assert_eq!((report.blocks, report.extent), (3, extent(70, 72)));
    assert_eq!(report.skipped.len(), 2);
    assert!(
        report.skipped[0].place.ends_with(" at height 70"),
        "{report:?}"
    );
}

/// One transaction spends what another has spent before: on forks that do not hang together this can be.
#[test]
fn spending_twice_is_said() {
    let mint = Tx::coinbase(&[0x51, 1], &[50 * COIN]);
    let a = Draft::after(hash(&genesis()), vec![mint.clone()]).mine();
    let spend = |previous: Hash, tag: u8| {
        let payment = Tx::pay(&[(mint.txid(), 0)], &[u64::from(tag)]);
        Draft::after(previous, vec![Tx::coinbase(&[1, tag, 0], &[1]), payment]).mine()
    };
    let b = spend(hash(&a), 20);
    let elsewhere = spend([7; 32], 30);
    let bench = Bench::new();
    let report = ingest(&bench, &[genesis(), a, b, elsewhere]);
    assert_eq!((report.unresolved_inputs, report.fees), (1, None));
    let kinds: Vec<&str> = report.notes.iter().map(|note| note.kind).collect();
    assert_eq!(kinds, ["double-spend", "unknown-height"]);
    assert_eq!(bench.utxo(&REGTEST).notes(), report.notes);
}

/// Two blocks may hold one and the same transaction (BIP 30): the later one's output is the one that is spent.
#[test]
fn a_transaction_id_may_occur_twice() {
    let twice = Tx::coinbase(&[0x51, 1], &[50 * COIN]);
    let a = Draft::after(hash(&genesis()), vec![twice.clone()]).mine();
    let b = Draft::after(hash(&a), vec![twice.clone()]).mine();
    let payment = Tx::pay(&[(twice.txid(), 0)], &[COIN]);
    let c = Draft::after(hash(&b), vec![Tx::coinbase(&[0x51, 2], &[1]), payment]).mine();
    let bench = Bench::new();
    let report = ingest(&bench, &[genesis(), a, b, c]);
    assert_eq!((report.transactions, report.unresolved_inputs), (5, 0));
    let view = bench.utxo(&REGTEST);
    let id = TransactionId::Bitcoin(twice.txid());
    let [first, second] = view.find_transaction(&id)[..] else {
        panic!("{:?}", view.find_transaction(&id))
    };
    let spender = |tx| view.spender(OutputIx(view.outputs(tx).start));
    assert_eq!((spender(first), spender(second)), (None, Some(TxIx(4))));
}

#[test]
fn a_chain_that_has_no_bitcoin_blocks_is_refused() {
    let bench = Bench::new();
    let ethereum = whither_ledger::chain::Chain::Evm(1);
    let file = bench.file("blocks", &framed(&[genesis()]));
    let error = bench.refuse(&request_of(&ethereum, file));
    assert!(
        error.to_string().contains("eip155:1 has no Bitcoin blocks"),
        "{error}"
    );
}
