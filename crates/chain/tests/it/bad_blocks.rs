//! Blocks such as no node would hand out: each fault has its own answer, and no flipped bit goes unnoticed.

use proptest::prelude::*;
use whither_chain::sources::bitcoin::{BlockFault, FaultAt, check};
use whither_chain::{ChainError, IngestRequest};
use whither_ledger::chain::BitcoinNetwork;

use crate::made::{COIN, Draft, Tx, commitment, framed, genesis, hash, mine, reserved};
use crate::support::{Bench, first_blocks, request};

/// A coinbase of a block at height 1.
fn coinbase() -> Tx {
    Tx::coinbase(&[0x51, 7], &[50 * COIN])
}

fn draft(txs: Vec<Tx>) -> Draft {
    Draft::after(hash(&genesis()), txs)
}

fn fault(block: &[u8]) -> FaultAt {
    check(block, BitcoinNetwork::Regtest).unwrap_err()
}

/// The fault of a block of these transactions.
fn fault_of(txs: Vec<Tx>) -> BlockFault {
    fault(&draft(txs).mine()).fault
}

/// Payments of outputs that nobody made; their sums are not this check's business.
fn payment(vout: u32) -> Tx {
    Tx::pay(&[([9; 32], vout)], &[COIN])
}

#[test]
fn a_good_block_is_good() {
    let block = draft(vec![coinbase(), payment(0), payment(1)]).mine();
    let checked = check(&block, BitcoinNetwork::Regtest).unwrap();
    assert_eq!(checked.txids.len(), 3);
    assert_eq!(checked.txids[1], payment(0).txid());
    assert_eq!(checked.block.header.hash, hash(&block));
}

#[test]
fn a_block_is_read_to_its_end_and_no_further() {
    let good = draft(vec![coinbase(), payment(0)]).mine();
    for length in 0..good.len() {
        let FaultAt { offset, fault } = fault(&good[..length]);
        assert!(offset <= length, "{offset} of {length}");
        let cut = matches!(fault, BlockFault::Ends { .. } | BlockFault::Count { .. });
        assert!(cut, "{length}: {fault}");
    }
    let long = [&good[..], &[0]].concat();
    let trailing = FaultAt {
        offset: good.len(),
        fault: BlockFault::Trailing(1),
    };
    assert_eq!(fault(&long), trailing);
}

#[test]
fn values_are_within_the_supply() {
    let most = 21_000_000 * COIN;
    let coinbase = |outputs: &[u64]| Tx::coinbase(&[0x51, 7], outputs);
    assert!(
        check(
            &draft(vec![coinbase(&[most])]).mine(),
            BitcoinNetwork::Regtest
        )
        .is_ok()
    );
    assert_eq!(
        fault_of(vec![coinbase(&[most + 1])]),
        BlockFault::Value(most + 1)
    );
    assert_eq!(
        fault_of(vec![coinbase(&[u64::MAX])]),
        BlockFault::Value(u64::MAX)
    );
    assert_eq!(
        fault_of(vec![coinbase(&[most, 1])]),
        BlockFault::ValueSum(most + 1)
    );
}

#[test]
fn the_coinbase_is_the_first_and_only_the_first() {
    assert_eq!(fault_of(vec![payment(0)]), BlockFault::FirstNotCoinbase);
    let mixed = Tx::pay(&[([0; 32], u32::MAX), ([9; 32], 0)], &[1]);
    assert_eq!(fault_of(vec![mixed.clone()]), BlockFault::FirstNotCoinbase);
    let second = coinbase().with_script(&[0x51, 8]);
    assert_eq!(fault_of(vec![coinbase(), second]), BlockFault::LateCoinbase);
    assert_eq!(fault_of(vec![coinbase(), mixed]), BlockFault::LateCoinbase);
    for length in [0, 1, 101] {
        let coinbase = coinbase().with_script(&vec![1; length]);
        assert_eq!(fault_of(vec![coinbase]), BlockFault::CoinbaseScript(length));
    }
}

#[test]
fn a_block_and_its_transactions_are_not_empty() {
    let mut empty = draft(vec![]).mine();
    // Room for a transaction, so that the count alone is at fault.
    assert_eq!(fault(&empty).fault, BlockFault::NoTransactions);
    empty.extend([0; 60]);
    assert_eq!(fault(&empty).fault, BlockFault::NoTransactions);
    // Large enough that the count of transactions is plausible.
    let coinbase = || coinbase().with_output(0, &[0x6a; 100]);
    let no_outputs = Tx::pay(&[([9; 32], 0)], &[]);
    assert_eq!(
        fault_of(vec![coinbase(), no_outputs.clone()]),
        BlockFault::NoOutputs
    );
    let nothing = Tx::pay(&[], &[]);
    assert_eq!(fault_of(vec![coinbase(), nothing]), BlockFault::NoInputs);
    let mut marked = no_outputs.with_witness(&[]);
    marked.flag = 0;
    assert_eq!(fault_of(vec![coinbase(), marked]), BlockFault::NoInputs);
}

#[test]
fn a_number_has_one_spelling_and_no_count_is_believed() {
    let good = draft(vec![coinbase()]).mine();
    let with_count = |count: &[u8]| [&good[..80], count, &good[81..]].concat();
    let at_count = |block: &[u8]| {
        let FaultAt { offset, fault } = fault(block);
        assert_eq!(offset, 80);
        fault
    };
    let long = at_count(&with_count(&[0xfd, 1, 0]));
    assert!(
        matches!(long, BlockFault::LongSize { value: 1, .. }),
        "{long}"
    );
    for count in [&[2][..], &[0xfd, 0xff, 0xff], &[0xfe, 0, 0, 0, 2]] {
        let many = at_count(&with_count(count));
        assert!(matches!(many, BlockFault::Count { .. }), "{many}");
    }
    let huge = at_count(&with_count(&[0xff; 9]));
    assert!(matches!(huge, BlockFault::HugeSize { .. }), "{huge}");
}

#[test]
fn witnesses_are_tied_to_the_block() {
    let witness = [1, 2, 0xaa, 0xbb];
    let paid = payment(0).with_witness(&witness);
    let committed = |others: &[Tx]| coinbase().with_output(0, &commitment(others));
    let coinbase_of = |others: &[Tx]| committed(others).with_witness(&reserved());

    let good = vec![coinbase_of(std::slice::from_ref(&paid)), paid.clone()];
    assert!(check(&draft(good).mine(), BitcoinNetwork::Regtest).is_ok());
    assert_eq!(
        fault_of(vec![coinbase(), paid.clone()]),
        BlockFault::NoWitnessCommitment
    );
    let no_reserved = committed(std::slice::from_ref(&paid));
    assert_eq!(
        fault_of(vec![no_reserved, paid.clone()]),
        BlockFault::NoWitnessCommitment
    );
    let other = payment(0).with_witness(&[1, 1, 0xaa]);
    let of_other = vec![coinbase_of(&[other]), paid.clone()];
    assert_eq!(fault_of(of_other), BlockFault::WitnessCommitment);
    let short = committed(std::slice::from_ref(&paid)).with_witness(&[1, 1, 0]);
    assert_eq!(
        fault_of(vec![short, paid.clone()]),
        BlockFault::WitnessCommitment
    );
    let superfluous = payment(0).with_witness(&[0]);
    assert_eq!(
        fault_of(vec![coinbase(), superfluous]),
        BlockFault::SuperfluousWitness
    );
    let mut unknown = paid;
    unknown.flag = 2;
    assert_eq!(
        fault_of(vec![coinbase(), unknown]),
        BlockFault::WitnessFlag(2)
    );
}

#[test]
fn work_is_proven() {
    let with_bits = |bits: u32| {
        let mut draft = draft(vec![coinbase()]);
        draft.bits = bits;
        fault(&draft.mine())
    };
    let bits = 72;
    for none in [0, 0x0080_0000, 0xff00_ffff] {
        assert_eq!(
            with_bits(none),
            FaultAt {
                offset: bits,
                fault: BlockFault::Bits(none)
            }
        );
    }
    for easy in [0x2100_ffff, 0x2080_0000 >> 1 | 0x2000_0000, 0x2100_8000] {
        let FaultAt { fault, .. } = with_bits(easy);
        let refused = matches!(fault, BlockFault::EasyBits { .. } | BlockFault::Bits(_));
        assert!(refused, "{easy:#x}: {fault}");
    }
    let hard = with_bits(0x1d00_ffff).fault;
    assert!(
        matches!(
            hard,
            BlockFault::ProofOfWork {
                bits: 0x1d00_ffff,
                ..
            }
        ),
        "{hard}"
    );

    let block = draft(vec![coinbase()]).mine();
    let error = check(&block, BitcoinNetwork::Main).unwrap_err().fault;
    assert!(
        error.to_string().contains("easier than bitcoin allows"),
        "{error}"
    );
}

#[test]
fn the_header_commits_to_the_transactions() {
    let mut lying = draft(vec![coinbase(), payment(0)]);
    lying.merkle_root = Some([1; 32]);
    let FaultAt {
        offset,
        fault: found,
    } = fault(&lying.mine());
    assert_eq!(offset, 36);
    assert!(matches!(found, BlockFault::MerkleRoot { stated, .. } if stated == [1; 32]));

    let repeated = vec![coinbase(), payment(0), payment(1), payment(1)];
    assert_eq!(fault_of(repeated), BlockFault::MerkleMutation);
    let pairs = [payment(0), payment(1), payment(2), payment(3), payment(4)];
    let mut repeated = vec![coinbase()];
    repeated.extend(pairs.clone());
    repeated.extend_from_slice(&pairs[3..]);
    assert_eq!(
        fault_of(repeated),
        BlockFault::MerkleMutation,
        "one level up"
    );
}

#[test]
fn nothing_is_in_a_block_twice() {
    let twice = vec![coinbase(), payment(0), payment(1), payment(0)];
    assert_eq!(
        fault_of(twice),
        BlockFault::DuplicateTxid(payment(0).txid())
    );
    let again = Tx::pay(&[([9; 32], 0)], &[2 * COIN]);
    let spent = BlockFault::SpentTwice {
        txid: [9; 32],
        vout: 0,
    };
    assert_eq!(fault_of(vec![coinbase(), payment(0), again]), spent);
    let within = Tx::pay(&[([9; 32], 0), ([9; 32], 0)], &[COIN]);
    assert_eq!(fault_of(vec![coinbase(), within]), spent);
}

/// Ids can be chosen that look alike to a quick search for repetition.
#[test]
fn what_only_looks_repeated_is_good() {
    let begins = |number: u64| {
        let mut txid = [9; 32];
        txid[..8].copy_from_slice(&number.to_le_bytes());
        txid
    };
    let step = 0x9e37_79b9_7f4a_7c15;
    let like = Tx::pay(&[(begins(7 + step), 0), (begins(7), 1)], &[COIN]);
    let good = draft(vec![coinbase(), like]).mine();
    assert!(check(&good, BitcoinNetwork::Regtest).is_ok());
}

/// Sums over several blocks: nothing is made of nothing.
#[test]
fn a_payment_makes_no_more_than_it_spends() {
    let first = draft(vec![coinbase()]).mine();
    let spend = |value| {
        let coinbase_of_two = Tx::coinbase(&[0x52, 7], &[50 * COIN]);
        let payment = Tx::pay(&[(coinbase().txid(), 0)], &[value]);
        Draft::after(hash(&first), vec![coinbase_of_two, payment]).mine()
    };
    let bench = Bench::new();
    let file = |value| framed(&[genesis(), first.clone(), spend(value)]);
    let report = bench.ingest(&request(bench.file("good", &file(50 * COIN - 7))));
    assert_eq!((report.blocks, report.fees), (3, Some(7)));

    let bad = bench.file("bad", &file(50 * COIN + 1));
    let error = Bench::new().refuse(&request(&bad));
    let text = error.to_string();
    assert!(
        text.contains("spends 5000000000 and makes 5000000001"),
        "{text}"
    );
    let ChainError::Source(source) = &error else {
        panic!("{error:?}")
    };
    let begins = framed(&[genesis(), first.clone()]).len() + 8 + 81;
    let coinbase_of_two = Tx::coinbase(&[0x52, 7], &[50 * COIN]).encode(true).len();
    let at = whither_chain::At::Byte(u64::try_from(begins + coinbase_of_two).unwrap());
    assert_eq!(source.at, Some(at), "the transaction's own offset");
}

fn dry(path: std::path::PathBuf) -> IngestRequest {
    IngestRequest {
        dry_run: true,
        ..request(path)
    }
}

/// Every bit of a record between two others: an error, or something said; never a different answer in silence.
#[test]
fn no_flipped_bit_goes_unnoticed() {
    let paid = payment(0).with_witness(&[1, 2, 0xaa, 0xbb]);
    let coinbase = coinbase()
        .with_output(0, &commitment(std::slice::from_ref(&paid)))
        .with_witness(&reserved());
    let middle = draft(vec![coinbase, paid]).mine();
    let last = Draft::after(hash(&middle), vec![Tx::coinbase(&[0x52, 7], &[1])]).mine();
    let good = framed(&[genesis(), middle.clone(), last]);
    let from = 8 + genesis().len();
    let bench = Bench::new();
    let report = bench.ingest(&dry(bench.file("good", &good)));
    assert_eq!(
        (report.blocks, report.skipped.len(), report.notes.len()),
        (3, 0, 0)
    );
    for bit in from * 8..(from + 8 + middle.len()) * 8 {
        let mut flipped = good.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match bench.try_ingest(&dry(bench.file("flipped", &flipped))) {
            Err(error) => assert!(error.to_string().contains("flipped: "), "{bit}: {error}"),
            Ok(report) => {
                let said = report.skipped.len() + report.notes.len();
                assert!(said > 0, "bit {bit}: {report:?}");
            }
        }
    }
}

/// On the main network nobody can repair the proof of work: the last record is safe as well.
#[test]
fn no_flipped_bit_of_a_real_block_goes_unnoticed() {
    let all = std::fs::read(first_blocks()).unwrap();
    let last = &all[all.len() - 224..];
    assert_eq!(last[..4], [0xf9, 0xbe, 0xb4, 0xd9]);
    let bench = Bench::new();
    for bit in 0..last.len() * 8 {
        let mut flipped = last.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let error = bench.refuse(&dry(bench.file("flipped", &flipped)));
        assert!(error.to_string().contains("flipped: "), "{bit}: {error}");
    }
}

#[test]
fn mining_helps_nobody_who_changes_a_transaction() {
    let mut block = draft(vec![coinbase(), payment(0)]).mine();
    let value = block.len() - 4 - 2 - 8;
    block[value] ^= 1;
    mine(&mut block);
    assert!(matches!(fault(&block).fault, BlockFault::MerkleRoot { .. }));
}

proptest! {
    /// Whatever bytes come: an answer, and no more memory than they take.
    #[test]
    fn any_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..400), network in 0_usize..5) {
        let _ = check(&bytes, BitcoinNetwork::ALL[network]);
    }

    /// Blocks with a few bytes changed anywhere, the proof of work made again: an answer as well.
    #[test]
    fn changed_blocks_get_an_answer(changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..4)) {
        let paid = payment(0).with_witness(&[1, 2, 0xaa, 0xbb]);
        let coinbase = coinbase()
            .with_output(0, &commitment(&[paid.clone(), payment(1)]))
            .with_witness(&reserved());
        let mut block = draft(vec![coinbase, paid, payment(1)]).mine();
        let before = block.clone();
        prop_assert!(check(&before, BitcoinNetwork::Regtest).is_ok());
        for (place, byte) in changes {
            let place = 80 + usize::from(place) % (block.len() - 80);
            block[place] = byte;
        }
        mine(&mut block);
        let same = block[80..] == before[80..];
        prop_assert_eq!(check(&block, BitcoinNetwork::Regtest).is_ok(), same);
    }
}
