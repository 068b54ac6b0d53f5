//! A trace over mapped columns of accounts is the trace over the view in memory, byte for byte, under every
//! policy, both ways; and the front door answers from columns, unless the case adds transfers of its own.

use std::path::Path;

use whither::question::{Chains, Opened};
use whither::show::show;
use whither::store::Store;
use whither::{Error, Question, answer};
use whither_analysis::trace::{Direction, Policy, Stops, Window};
use whither_chain::LoadedChain;
use whither_ledger::U256;
use whither_ledger::chain::{Chain, ChainKind};
use whither_ledger::memory::{MemoryAccounts, TableRow};
use whither_ledger::view::{AccountView as _, AddressIx, ChainView as _, TxIx};
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::{TableShape, random_table};

use crate::support::{Desk, data, desk};

/// The store, its tables built into a view in memory for each question.
struct InMemory(whither_chain::Store);

impl InMemory {
    fn of(desk: &Desk) -> Self {
        Self(whither_chain::Store::open(desk.store.path()).unwrap())
    }

    fn view(&self) -> MemoryAccounts {
        match self.0.load(&self.0.chains()[0]).unwrap() {
            LoadedChain::Account(view) => view,
            LoadedChain::Utxo(_) => panic!("a table is of accounts"),
        }
    }
}

impl Chains for InMemory {
    fn chains(&self) -> Vec<Chain> {
        self.0.chains()
    }

    fn open(&self, _: &Chain, _: &[TableRow]) -> Result<Opened, Error> {
        Ok(Opened::Accounts(self.view()))
    }
}

fn start(view: &MemoryAccounts, rng: &mut SplitMix64) -> String {
    let tx = TxIx::of(rng.index(view.transaction_count()));
    let id = view.transaction_id(tx);
    match rng.below(3) {
        0 => id.to_string(),
        1 => {
            let address = AddressIx::of(rng.index(view.address_count()));
            view.address(address).display(view.chain())
        }
        _ => {
            let number = view.legs(tx).next().map_or(0, |leg| leg.number);
            format!("{id}#{number}")
        }
    }
}

fn question(view: &MemoryAccounts, rng: &mut SplitMix64) -> Question {
    let from = (0..=rng.below(3)).map(|_| start(view, rng)).collect();
    let time =
        |rng: &mut SplitMix64| Some(view.time(TxIx::of(rng.index(view.transaction_count()))));
    let mut question = Question {
        chain: Some(view.chain().clone()),
        ..Question::from(from)
    };
    match rng.below(6) {
        0 => {
            question.window = Window {
                since: time(rng),
                before: None,
            }
        }
        1 => {
            question.window = Window {
                since: None,
                before: time(rng),
            }
        }
        2 => {
            question.stops = Stops {
                time: time(rng),
                ..Stops::default()
            }
        }
        3 => {
            question.stops = Stops {
                degree: Some(rng.index(12)),
                dust: Some(U256::from(rng.below(500))),
                depth: Some(3),
                ..Stops::default()
            };
        }
        _ => {}
    }
    question
}

/// The answer as text, or why there is none.
fn answered(chains: &dyn Chains, question: &Question) -> String {
    match answer(chains, None, question) {
        Ok(finding) => serde_json::to_string(&finding).unwrap(),
        Err(error) => error.to_string(),
    }
}

/// Asks store and memory the same; gives how many questions were answered by a trace.
fn agree(desk: &Desk, seed: u64, questions: usize) -> usize {
    let memory = InMemory::of(desk);
    let view = memory.view();
    let opened = desk.store.open(view.chain(), &[]).unwrap();
    assert!(
        matches!(opened, Opened::AccountColumns(_)),
        "columns are built and used"
    );
    let mut rng = SplitMix64::new(seed);
    let mut traces = 0;
    for _ in 0..questions {
        let question = question(&view, &mut rng);
        for policy in Policy::ALL {
            for direction in [Direction::Forward, Direction::Backward] {
                let question = Question {
                    policy,
                    direction,
                    ..question.clone()
                };
                let expected = answered(&memory, &question);
                assert_eq!(
                    answered(&desk.store, &question),
                    expected,
                    "seed {seed}, {question:?}"
                );
                traces += usize::from(expected.starts_with('{'));
            }
        }
    }
    traces
}

fn ingested(table: &Path) -> Desk {
    let mut desk = desk();
    desk.ingest(table);
    desk
}

fn random(seed: u64) -> Desk {
    let shape = TableShape {
        ties: seed.is_multiple_of(3),
        ..TableShape::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    random_table(seed, shape).write_mftracer_csv(&path).unwrap();
    ingested(&path)
}

#[test]
fn traces_over_random_tables_agree() {
    let traces: usize = (0..60).map(|seed| agree(&random(seed), seed, 5)).sum();
    assert!(traces > 1500, "{traces}");
}

const REAL: [&str; 3] = [
    "cases/lazarus-ronin-ethdata/LazarusTabularTxs1322519.csv",
    "cases/mftracer-ground-truth/LIFI/LIFI.csv",
    "cases/mftracer-ground-truth/54m/54m.csv",
];

#[test]
fn traces_over_real_tables_agree() {
    let Some(data) = data() else { return };
    for (seed, path) in (0..).zip(REAL) {
        let traces = agree(&ingested(&data.join(path)), seed, 25);
        assert!(traces > 100, "{path}: {traces}");
    }
}

/// The thieves themselves, all at once: the largest traces there are.
#[test]
fn traces_from_the_published_sources_agree() {
    let Some(data) = data() else { return };
    for case in ["54m", "LIFI"] {
        let folder = data.join("cases/mftracer-ground-truth").join(case);
        let desk = ingested(&folder.join(format!("{case}.csv")));
        let sources = std::fs::read_to_string(folder.join("source addresses.csv")).unwrap();
        let from = sources.lines().map(|line| line.trim().to_owned());
        let from: Vec<String> = from.filter(|line| !line.is_empty()).collect();
        for policy in Policy::ALL {
            for direction in [Direction::Forward, Direction::Backward] {
                let question = Question {
                    policy,
                    direction,
                    ..Question::from(from.clone())
                };
                let expected = answered(&InMemory::of(&desk), &question);
                assert_eq!(
                    answered(&desk.store, &question),
                    expected,
                    "{case} {policy}"
                );
                assert_eq!(
                    expected.starts_with('{'),
                    (policy, direction) != (Policy::Tiho, Direction::Backward)
                );
            }
        }
    }
}

#[test]
fn pages_of_addresses_and_transactions_agree() {
    let desk = random(7);
    let memory = InMemory::of(&desk);
    let view = memory.view();
    let page = |library: &dyn Chains, text: &str| {
        let page = show(library, None, Some(text), Some(view.chain()));
        page.map(|thing| format!("{thing:?}"))
            .map_err(|error| error.to_string())
    };
    let addresses = (0..view.address_count()).map(AddressIx::of);
    let addresses = addresses.map(|ix| view.address(ix).display(view.chain()));
    let txs = (0..view.transaction_count()).map(|row| view.transaction_id(TxIx::of(row)));
    let absent = format!("0x{}", "ab".repeat(32));
    for text in addresses
        .chain(txs.map(|id| id.to_string()))
        .chain([absent])
    {
        assert_eq!(page(&desk.store, &text), page(&memory, &text), "{text}");
    }
}

/// Transfers of the case are no part of the columns: with them the chain is built in memory.
#[test]
fn claims_of_transfers_are_not_answered_from_columns() {
    let desk = random(4);
    let store: &Store = &desk.store;
    let inner = whither_chain::Store::open(store.path()).unwrap();
    let chain = inner.chains()[0].clone();
    assert_eq!(chain.kind(), ChainKind::Account);
    let row = inner.tables(&chain).unwrap()[0].rows[0].clone();
    let opened = store.open(&chain, &[row]).unwrap();
    assert!(matches!(opened, Opened::Accounts(_)));
}

/// A cut file is told by its name, and the next ingest mends it.
#[test]
fn damaged_columns_are_told_and_mended() {
    let mut desk = desk();
    let table = desk.path("table.csv");
    random_table(2, TableShape::default())
        .write_mftracer_csv(&table)
        .unwrap();
    desk.ingest(&table);
    let memory = InMemory::of(&desk);
    let chain = memory.chains()[0].clone();
    let root = memory.0.columns_folder(&chain);
    let generations = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let generation = generations.into_iter().find(|path| path.is_dir()).unwrap();
    let leg = generation.join("leg.leg");
    let bytes = std::fs::read(&leg).unwrap();
    std::fs::write(&leg, &bytes[1..]).unwrap();
    let error = desk.store.open(&chain, &[]).unwrap_err();
    assert!(error.to_string().contains("leg.leg"), "{error}");
    assert!(desk.ingest(&table).unchanged);
    assert!(desk.store.open(&chain, &[]).is_ok());
}
