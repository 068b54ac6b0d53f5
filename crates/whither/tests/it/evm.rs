//! A theft that ran on a real node, taken in from its exports and from the node itself, and followed: the same answer
//! whoever tells of it, and whatever strangers write around it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use whither::ingest::Request;
use whither::{Finding, Question, answer, open_case};
use whither_analysis::trace::Policy;
use whither_chain::Format;
use whither_ledger::chain::Chain;

use crate::case::written;
use crate::node::Node;
use crate::support::{Desk, desk};

const CHAIN: Chain = Chain::Evm(31337);
const COIN: &str = "eip155:31337/slip44:1";
const USDT: &str = "eip155:31337/erc20:0xcf7ed3acca5a467e9e704c703e8d87f634fb0fc9";
const WETH: &str = "eip155:31337/erc20:0x5fbdb2315678afecb367f032d93f642f64180aa3";
const ROUTER: &str = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0";
const DISPERSE: &str = "0x2279B7A0a67DB372996a5FaB50D91eAA73d2eBe6";
const HOT: &str = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const THIEF: &str = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";
const THEFT: &str = "0x4409fc4f7bae8a2b97c095e3b4185106e18ecb25ea607de8a600272a037b8790";
/// What the pair paid for 400,000 USDT, in wei.
const SWAPPED: u128 = 166_249_791_562_447_890_611;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../chain/tests/fixtures/evm")
}

fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    let file = fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// What the node answered when it was recorded.
pub fn fixture_lines(name: &str) -> Vec<String> {
    let text = unpacked(&fixtures().join(name));
    text.lines().map(str::to_owned).collect()
}

/// The tables of ethereum-etl as they are changed, in a folder of the desk.
fn etl(desk: &Desk, change: impl Fn(&str, String) -> Option<String>) -> PathBuf {
    let folder = desk.path("etl");
    fs::create_dir(&folder).unwrap();
    for entry in fs::read_dir(fixtures().join("ethereum-etl")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if let Some(text) = change(name, unpacked(&path)) {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    folder
}

fn request(format: Format) -> Request {
    Request {
        format: Some(format),
        chain: (format == Format::EthereumEtl).then_some(CHAIN),
        ..Request::default()
    }
}

/// A store with the scenario as ethereum-etl told it, changed.
fn by_etl(change: impl Fn(&str, String) -> Option<String>) -> Desk {
    let mut desk = desk();
    let folder = etl(&desk, change);
    desk.ingest_with(&folder, request(Format::EthereumEtl));
    desk
}

/// The theft followed, with a case that knows the exchange's hot wallet.
fn follow(desk: &Desk, policy: Policy) -> Finding {
    let claim = format!(
        "{{\"id\":\"hot\",\"kind\":\"service\",\"address\":\"{CHAIN}:{HOT}\",\"name\":\"The exchange\",\
         \"category\":\"exchange\",\"source\":\"the scenario\",\"confidence\":\"A1\",\"handling\":\"TLP:CLEAR\",\
         \"time\":\"2026-01-01T00:00:00Z\",\"author\":\"test\"}}\n"
    );
    let dir = written(&claim);
    let case = open_case(Some(dir.path())).unwrap();
    let question = Question {
        policy,
        ..Question::from(vec![format!("{CHAIN}:{THEFT}")])
    };
    answer(&desk.store, case.as_ref(), &question).unwrap()
}

/// (kind, address, asset) → amount.
type Found = BTreeMap<(String, String, String), u128>;

fn ends(finding: &Finding) -> Found {
    let mut found = Found::new();
    for end in &finding.trace.endpoints {
        let address = end.address.clone().unwrap_or_default();
        let key = (end.kind.name().to_owned(), address, end.asset.clone());
        *found.entry(key).or_default() += end.amount.parse::<u128>().unwrap();
    }
    found
}

/// Each edge, one line.
fn edges(finding: &Finding) -> Vec<String> {
    let edges = finding.trace.edges.iter();
    let line = |edge: &whither_analysis::trace::result::Edge| {
        format!(
            "{:?} {:?} {:?} {} {}",
            edge.transaction, edge.from.address, edge.to.address, edge.asset, edge.amount
        )
    };
    edges.map(line).collect()
}

/// The amounts that are known of the scenario by what was sent in it.
fn holds(finding: &Finding, policy: Policy) {
    let found = ends(finding);
    let at = |kind: &str, address: &str, asset: &str| {
        let key = (kind.to_owned(), address.to_owned(), asset.to_owned());
        found.get(&key).copied().unwrap_or_default()
    };
    let [swap] = finding.trace.conversions.as_slice() else {
        panic!("{policy}: {:?}", finding.trace.conversions)
    };
    assert_eq!(swap.address.as_deref(), Some(THIEF), "{policy}");
    let (taken, given) = (&swap.taken[0], &swap.given[0]);
    assert_eq!((&*taken.asset, &*taken.tainted), (USDT, "400000000000"));
    assert_eq!(
        (&*given.asset, &*given.tainted),
        (COIN, &*SWAPPED.to_string()),
        "the coin that the swap paid"
    );
    // Of 100,000 USDT that were not swapped the issuer destroyed 99,000; the rest was swept.
    assert_eq!(at("service", HOT, USDT), 1_000_000_000, "{policy}");
    let burnt: u128 = found
        .iter()
        .filter(|((kind, _, asset), _)| kind == "burn" && asset == USDT)
        .map(|(_, amount)| *amount)
        .sum();
    assert_eq!(burnt, 99_000_000_000, "{policy}");
    for total in &finding.trace.totals {
        let number = |text: &str| text.parse::<i128>().unwrap();
        let ended: i128 = total.by_kind.values().map(|amount| number(amount)).sum();
        let came = number(&total.origin) + number(&total.converted_in);
        assert_eq!(came - number(&total.converted_out), ended, "{policy}");
    }
    // A quarter of a coin was sent in a call that failed: it goes to the contract that called, and no further.
    let quarter = "250000000000000000";
    for edge in &finding.trace.edges {
        if edge.amount == quarter {
            assert_eq!(edge.to.address.as_deref(), Some(DISPERSE), "{policy}");
        }
    }
    if policy == Policy::Tiho {
        // Taint first: twelve peels of 3, eight of which are swept but for a hundredth.
        assert_eq!(at("service", HOT, COIN), 35_920_000_000_000_000_000);
    }
}

const VALUED: [Policy; 4] = [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Tiho];

#[test]
fn the_theft_is_followed_to_the_unit_whoever_tells_of_it() {
    let by_csv = by_etl(|_, text| Some(text));
    // cryo's files end one block earlier, before the issuer destroys anything.
    let mut shorter = desk();
    let folder = etl(&shorter, |_, text| Some(text));
    let blocks = Some(0..=74);
    shorter.ingest_with(
        &folder,
        Request {
            blocks,
            ..request(Format::EthereumEtl)
        },
    );
    let mut by_parquet = desk();
    by_parquet.ingest_with(&fixtures().join("cryo"), request(Format::Cryo));
    let node = Node::new();
    let mut by_node = desk();
    by_node.ingest_with(Path::new(node.url()), request(Format::Rpc));
    for policy in VALUED {
        let told = follow(&by_csv, policy);
        holds(&told, policy);
        assert!(
            told.trace.caveats.iter().all(|it| it.kind != "missing-leg"),
            "{policy}"
        );
        let (one, other) = (follow(&shorter, policy), follow(&by_parquet, policy));
        assert_eq!(ends(&other), ends(&one), "{policy}");
        assert_eq!(edges(&other), edges(&one), "{policy}");
        assert_eq!(other.trace.conversions, one.trace.conversions);
        // The node tells what accounts had before the first block, which no export does: so coins may take another way
        // where the order of what was there matters. Tokens do not, and neither do the amounts of the swap.
        let found = follow(&by_node, policy);
        holds(&found, policy);
        let tokens = |finding: &Finding| {
            let mut found = ends(finding);
            found.retain(|(_, _, asset), _| asset == USDT);
            found
        };
        assert_eq!(tokens(&found), tokens(&told), "{policy}");
    }
}

#[test]
fn without_traces_the_swaps_coin_is_missing_and_said_with_its_amount() {
    let desk = by_etl(|name, text| (name != "traces.csv").then_some(text));
    let found = follow(&desk, Policy::Fifo);
    let key = ("unresolved".to_owned(), ROUTER.to_owned(), WETH.to_owned());
    assert_eq!(ends(&found).get(&key), Some(&SWAPPED));
    let missing = found.trace.caveats.iter();
    let missing = missing.filter(|it| it.kind == "missing-leg");
    let [missing] = missing.collect::<Vec<_>>()[..] else {
        panic!("one leg is missing: {:?}", found.trace.caveats)
    };
    assert_eq!(missing.amount.as_deref(), Some(&*SWAPPED.to_string()));
    assert_eq!(missing.address.as_deref(), Some(ROUTER));
}

/// How many blocks the spam is written into, in how many transactions each, with how many logs each.
const SPAM: (u32, u32, u32) = (70, 30, 48);

/// Rows of spam: counterfeit tokens, transfers of nothing of the real one, and amounts no token has, between the thief,
/// the hot wallet, an address that looks like the thief's, and strangers.
struct Spam {
    transactions: String,
    receipts: String,
    logs: String,
    traces: String,
    transfers: u32,
}

/// `blocks`: height, hash, and how many logs the block has of its own.
fn spam(blocks: &[(u32, String, u32)]) -> Spam {
    let mut spam = Spam {
        transactions: String::new(),
        receipts: String::new(),
        logs: String::new(),
        traces: String::new(),
        transfers: 0,
    };
    let transfer = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
    let low = |address: &str| address[2..].to_lowercase();
    let like_thief = format!("90f79bf6{}93b906", "0".repeat(26));
    let people = [low(THIEF), low(HOT), like_thief, low(ROUTER), low(DISPERSE)];
    let spammer = format!("0x{:040x}", 0x5_9a3);
    for (height, block, own) in blocks {
        for number in 0..SPAM.1 {
            // Behind the block's own, of which there is one.
            let (index, hash) = (1 + number, format!("0x{height:032x}{number:032x}"));
            let contract = format!("0x{:040x}", 0xfa_0000 + (height + number) % 97);
            writeln!(
                spam.transactions,
                "{hash},{number},{block},{height},{index},{spammer},{contract},0,90000,2000000000,0x,,,,0,,"
            )
            .unwrap();
            writeln!(
                spam.receipts,
                "{hash},{index},{block},{height},60000,60000,,,1,2000000000,,,,,,"
            )
            .unwrap();
            writeln!(
                spam.traces,
                "{height},,{index},{spammer},{contract},0,0x,,call,call,,90000,60000,0,,,1,"
            )
            .unwrap();
            for log in 0..SPAM.2 {
                let pick = |by: u32| &people[usize::try_from((log + by) % 5).unwrap()];
                let stranger = format!("{:040x}", 0xbeef_0000 + log * 31 + number);
                let (from, to) = match log % 3 {
                    0 => (pick(0), pick(1 + number % 4)),
                    1 => (&stranger, pick(2)),
                    _ => (pick(3), &stranger),
                };
                // The real token says of nothing that it moved; a counterfeit one says what it likes.
                let (token, amount) = match log % 4 {
                    0 => (low(USDT.rsplit(':').next().unwrap()), "0".repeat(64)),
                    1 if (height + number) % 97 < 20 => (contract[2..].to_owned(), "f".repeat(64)),
                    2 => (
                        contract[2..].to_owned(),
                        format!("{:064x}", 400_000_000_000_u64),
                    ),
                    _ => (contract[2..].to_owned(), format!("{SWAPPED:064x}")),
                };
                let place = own + number * SPAM.2 + log;
                writeln!(
                    spam.logs,
                    "{place},{hash},{index},{block},{height},0x{token},0x{amount},\"{transfer},0x{from:0>64},0x{to:0>64}\""
                )
                .unwrap();
                spam.transfers += 1;
            }
        }
    }
    spam
}

#[test]
fn a_hundred_thousand_spam_transfers_change_no_number() {
    let clean = by_etl(|_, text| Some(text));
    let blocks = unpacked(&fixtures().join("ethereum-etl/blocks.csv.gz"));
    let heads = blocks.lines().skip(1).map(|line| {
        let mut cells = line.split(',');
        let height = cells.next().unwrap().parse::<u32>().unwrap();
        (height, cells.next().unwrap().to_owned())
    });
    let heads = heads.filter(|(height, _)| (3..3 + SPAM.0).contains(height));
    let logs = unpacked(&fixtures().join("ethereum-etl/logs.csv.gz"));
    let heads = heads.map(|(height, hash)| {
        let own = logs.lines().filter(|line| line.contains(&hash)).count();
        (height, hash, u32::try_from(own).unwrap())
    });
    let spam = spam(&heads.collect::<Vec<_>>());
    assert!(spam.transfers > 100_000, "{}", spam.transfers);
    let spammed = by_etl(|name, mut text| {
        match name {
            // What a header commits to would not hold any more; who exports may leave it out.
            "blocks.csv" => {
                text = without(&text, &["logs_bloom", "receipts_root", "transaction_count"]);
            }
            "transactions.csv" => text.push_str(&spam.transactions),
            "receipts.csv" => text.push_str(&spam.receipts),
            "logs.csv" => text.push_str(&spam.logs),
            "traces.csv" => text.push_str(&spam.traces),
            _ => {}
        }
        Some(text)
    });
    for policy in [
        Policy::Fifo,
        Policy::Lifo,
        Policy::Haircut,
        Policy::Tiho,
        Policy::Poison,
    ] {
        let (before, after) = (follow(&clean, policy), follow(&spammed, policy));
        if policy != Policy::Poison {
            holds(&after, policy);
        }
        assert_eq!(ends(&after), ends(&before), "{policy}");
        assert_eq!(edges(&after), edges(&before), "{policy}");
        assert_eq!(
            after.trace.conversions, before.trace.conversions,
            "{policy}"
        );
        assert_eq!(after.trace.totals, before.trace.totals, "{policy}");
        // It is seen, and said to be what it is.
        assert!(after.trace.deceptions.len() > before.trace.deceptions.len());
    }
    let said = follow(&spammed, Policy::Fifo);
    let beyond = said.trace.caveats.iter();
    assert!(
        beyond.filter(|it| it.kind == "beyond-counting").count() > 0,
        "tokens whose amounts no token has are said"
    );
}

/// A table without the values of some columns.
fn without(text: &str, columns: &[&str]) -> String {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut out = names.join(",") + "\n";
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(
            cells.len(),
            names.len(),
            "no cell of this table is in quotes"
        );
        let cells = names.iter().zip(cells);
        let cells = cells.map(|(name, cell)| if columns.contains(name) { "" } else { cell });
        out.push_str(&cells.collect::<Vec<_>>().join(","));
        out.push('\n');
    }
    out
}
