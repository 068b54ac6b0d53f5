//! What a case says, in questions: its incidents as origins, its claims on addresses.

use whither::knowledge;
use whither::place;
use whither::question::{Chains, Finding, Opened};
use whither::{Case, Error, Question, answer, open_case};
use whither_analysis::trace::OriginPlace;
use whither_casework::{Author, CaseId, Draft, Json, Kind, Salt, Says, Time, Writer};
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{MemoryAccounts, RowKind, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::{U256, view::ChainView as _};

const TRANSACTION: &str = "0x1111111111111111111111111111111111111111111111111111111111111111";
const TIME: &str = "2024-01-01T00:00:00Z";

/// An account chain made of rows.
struct Rows {
    chain: Chain,
    rows: Vec<TableRow>,
}

impl Chains for Rows {
    fn chains(&self) -> Vec<Chain> {
        vec![self.chain.clone()]
    }

    fn open(&self, chain: &Chain, claims: &[TableRow]) -> Result<Opened, Error> {
        let time = Timestamp::parse(TIME).unwrap();
        let source = TableSource {
            digest: [1; 32],
            coverage: Coverage::Rows {
                from: time,
                to: time,
            },
            rows: self.rows.clone(),
            facts: whither_ledger::memory::Facts::default(),
        };
        let view = MemoryAccounts::build_with_claims(chain.clone(), &[source], claims);
        Ok(Opened::Accounts(view))
    }
}

fn address(letter: char) -> String {
    format!("0x{}", letter.to_string().repeat(40))
}

fn row(transaction: &str, from: char, to: char, amount: u64, log_index: Option<u32>) -> TableRow {
    let chain = Chain::Evm(1);
    TableRow {
        transaction: Some(TransactionId::parse(&chain, transaction).unwrap()),
        height: None,
        index: None,
        time: Timestamp::parse(TIME).unwrap(),
        log_index,
        kind: RowKind::Transfer,
        from: Address::parse(&chain, &address(from)).unwrap(),
        to: Address::parse(&chain, &address(to)).unwrap(),
        asset: Asset::native(&chain).unwrap(),
        amount: U256::from(amount),
    }
}

fn evm(rows: Vec<TableRow>) -> Rows {
    Rows {
        chain: Chain::Evm(1),
        rows,
    }
}

fn transfer(from: char, to: char, amount: &str) -> String {
    format!(
        "{{\"transaction\":\"{TRANSACTION}\",\"chain\":\"eip155:1\",\"time\":\"{TIME}\",\"from\":\"{}\",\"to\":\"{}\",\
         \"asset\":\"eip155:1/slip44:60\",\"amount\":\"{amount}\",\"why\":\"w\"}}",
        address(from),
        address(to),
    )
}

fn claim(id: &str, body: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",{body},\"source\":\"s\",\"confidence\":\"A1\",\"handling\":\"TLP:CLEAR\",\
         \"time\":\"{TIME}\",\"author\":\"a\"}}\n"
    )
}

fn incident(id: &str, origins: &[String]) -> String {
    let origins = origins.join(",");
    claim(
        id,
        &format!(
            "\"kind\":\"incident\",\"title\":\"t\",\"date\":\"2024\",\"victim\":\"v\",\"origins\":[{origins}]"
        ),
    )
}

fn service(id: &str, address: &str, name: &str) -> String {
    claim(
        id,
        &format!(
            "\"kind\":\"service\",\"address\":\"{address}\",\"name\":\"{name}\",\"category\":\"exchange\""
        ),
    )
}

fn case(text: &str) -> Case {
    Case::open(written(text).path()).unwrap()
}

/// A case of claims that stand one a line, with the kind, the time and the author of each beside its fields.
pub fn written(text: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(dir.path(), &CaseId::new("test").unwrap(), "Test").unwrap();
    for (number, line) in text.lines().enumerate() {
        let Json::Object(mut fields) = Json::read(line.as_bytes()).unwrap() else {
            panic!("a claim is an object")
        };
        let mut take = |key: &str| fields.remove(key).unwrap().text().unwrap().to_owned();
        let (author, time, kind) = (take("author"), take("time"), take("kind"));
        if kind == "incident" {
            fields.insert("incident".to_owned(), fields["id"].clone());
        }
        let says = Says::Claim {
            kind: Kind::new(&kind).unwrap(),
            payload: Json::Object(fields),
        };
        let draft = Draft {
            author: Author::new(&author).unwrap(),
            time: Time::new(&time).unwrap(),
            salt: Salt::new([u8::try_from(number).unwrap(); 32]),
            says,
        };
        writer.append(draft).unwrap();
    }
    dir
}

fn ask(chains: &Rows, case: &Case, from: &[&str]) -> Result<Finding, Error> {
    let from = from.iter().map(ToString::to_string).collect();
    answer(chains, Some(case), &Question::from(from))
}

fn claimed(finding: &Finding) -> Vec<(&str, &str)> {
    let rows = finding.trace.origins.iter();
    rows.map(|row| (row.origin.as_str(), row.amount.as_str()))
        .collect()
}

/// 100 of a transaction that moves 150: the other 50 were never said to be stolen.
#[test]
fn an_incidents_transfer_claims_its_leg_alone() {
    let data = [
        row(TRANSACTION, 'a', 'b', 100, Some(7)),
        row(TRANSACTION, 'c', 'd', 50, Some(9)),
    ];
    let case = case(&incident("x", &[transfer('a', 'b', "100")]));
    // Whether the data tells the transfer, or the case alone.
    for rows in [data.to_vec(), data[1..].to_vec()] {
        let finding = ask(&evm(rows), &case, &["incident:x"]).unwrap();
        assert_eq!(claimed(&finding), [("o1", "100")]);
    }
}

#[test]
fn two_transfers_of_one_transaction_are_two_origins() {
    let data = [
        row(TRANSACTION, 'a', 'b', 100, Some(7)),
        row(TRANSACTION, 'c', 'd', 50, Some(9)),
        row(TRANSACTION, 'a', 'b', 100, Some(11)),
    ];
    let told = [
        transfer('a', 'b', "100"),
        transfer('a', 'b', "100"),
        transfer('c', 'd', "50"),
    ];
    let case = case(&incident("x", &told));
    for rows in [data.to_vec(), data[1..].to_vec(), Vec::new()] {
        let finding = ask(&evm(rows), &case, &["incident:x"]).unwrap();
        let each = [("o1", "100"), ("o2", "100"), ("o3", "50")];
        assert_eq!(claimed(&finding), each);
        let collisions = finding.trace.caveats.iter();
        assert_eq!(collisions.filter(|one| one.kind == "collision").count(), 0);
    }
}

/// A transfer that two incidents tell happened once.
#[test]
fn what_two_incidents_tell_is_one_transfer() {
    let told = [transfer('a', 'b', "100")];
    let case = case(&(incident("x", &told) + &incident("y", &told)));
    let finding = ask(&evm(Vec::new()), &case, &["incident:x", "incident:y"]).unwrap();
    assert_eq!(finding.trace.totals[0].origin, "100");
}

#[test]
fn an_origin_that_names_nothing_is_blamed_on_its_claim() {
    let fails = |origins: &[String]| {
        let case = case(&incident("x", origins));
        let rows = evm(vec![row(TRANSACTION, 'a', 'b', 100, Some(7))]);
        ask(&rows, &case, &["incident:x"]).unwrap_err().to_string()
    };
    assert_eq!(fails(&[]), "incident \"x\" names no origin");
    let error = fails(&[transfer('a', 'a', "100")]);
    assert!(error.starts_with("claim x: transaction 0x1111"), "{error}");
    assert!(error.contains("moves no 100 of"), "{error}");
    for amount in ["", "0x10", "1_000"] {
        let error = fails(&[transfer('a', 'b', amount)]);
        let wrong = format!("claim x: {amount:?} is not a whole number");
        assert!(error.starts_with(&wrong), "{error}");
    }
    let bare = format!("{{\"from\":\"{}\",\"why\":\"w\"}}", address('a'));
    let error = fails(&[bare]);
    assert!(error.starts_with("claim x: the address"), "{error}");
}

#[test]
fn a_claims_address_names_its_chain() {
    let rows = evm(vec![row(TRANSACTION, 'a', 'b', 100, Some(7))]);
    let from = format!("ethereum:{}", address('a'));
    for bare in ["12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S", &address('a')] {
        let case = case(&service("s1", bare, "X"));
        let error = ask(&rows, &case, &[&from]).unwrap_err();
        assert!(
            error.to_string().starts_with("claim s1: the address"),
            "{error}"
        );
        assert!(error.hint().unwrap().contains("CAIP-10"), "{error}");
        assert!(knowledge::check(&case).is_err());
    }
    let bitcoin = case(&service(
        "s1",
        "bitcoin:12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S",
        "X",
    ));
    assert!(ask(&rows, &bitcoin, &[&from]).is_ok());
}

#[test]
fn a_case_is_refused_where_an_address_leaves_its_chain_open() {
    let dir = written(&service("s1", &address('a'), "X"));
    let error = open_case(Some(dir.path())).unwrap_err();
    assert!(error.to_string().starts_with("claim s1: "), "{error}");
}

#[test]
fn claims_that_do_not_agree_are_a_caveat() {
    let rows = evm(vec![row(TRANSACTION, 'a', 'b', 100, Some(7))]);
    let (b, far) = (
        format!("eip155:1:{}", address('b')),
        format!("eip155:1:{}", address('e')),
    );
    let text = [
        service("s1", &b, "X"),
        service("s2", &b, "X"),
        service("s3", &b, "Y"),
        service("s4", &far, "X"),
        service("s5", &far, "Y"),
    ];
    let case = case(&text.concat());
    let finding = ask(&rows, &case, &[TRANSACTION]).unwrap();
    let entity = finding.trace.endpoints[0].entity.as_ref().unwrap();
    assert_eq!((entity.name.as_str(), entity.claim.as_str()), ("X", "s1"));
    let caveats = finding.trace.caveats.iter();
    let found: Vec<_> = caveats
        .filter(|caveat| caveat.kind == "conflicting-claims")
        .collect();
    let [caveat] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert!(
        caveat.what.contains("s1") && caveat.what.contains("s3"),
        "{caveat:?}"
    );
    assert!(caveat.address.is_some());
}

/// A claim that an address is a customer's does not stand beside an earlier one that it is a service.
#[test]
fn the_first_of_two_claims_is_used_whatever_it_says() {
    let chain = Chain::Evm(1);
    let b = format!("eip155:1:{}", address('b'));
    let deposit = service("d", &b, "X").replace("\"service\"", "\"deposit\"");
    let service = service("s", &b, "X");
    let known = |text: String| {
        let known = knowledge::knowledge(&case(&text), &chain).unwrap();
        (known.services.len(), known.deposits.len())
    };
    assert_eq!(known(format!("{service}{deposit}")), (1, 0));
    assert_eq!(known(format!("{deposit}{service}")), (0, 1));
}

/// Where any word can be an address and a transaction, the data decides.
#[test]
fn on_a_chain_of_its_own_rules_addresses_can_be_named() {
    let chain: Chain = "cosmos:cosmoshub-4".parse().unwrap();
    let time = Timestamp::parse(TIME).unwrap();
    let asset: Asset = "cosmos:cosmoshub-4/slip44:118".parse().unwrap();
    let word = |text: &str| Address::parse(&chain, text).unwrap();
    let rows = Rows {
        chain: chain.clone(),
        rows: vec![TableRow {
            transaction: Some(TransactionId::parse(&chain, "tx1").unwrap()),
            height: None,
            index: None,
            time,
            log_index: None,
            kind: RowKind::Transfer,
            from: word("cosmos1a"),
            to: word("cosmos1b"),
            asset,
            amount: U256::from(5u64),
        }],
    };
    for from in ["cosmos1a", "tx1", "tx1#0"] {
        let question = Question::from(vec![from.to_owned()]);
        let finding = answer(&rows, None, &question).unwrap();
        assert_eq!(claimed(&finding), [("o1", "5")], "{from}");
    }
    let Opened::Accounts(view) = rows.open(&chain, &[]).unwrap() else {
        panic!("a table has accounts")
    };
    assert_eq!(view.chain(), &chain);
    let read = |text: &str| place::parse(text, None, std::slice::from_ref(&chain)).unwrap();
    let settled = |text: &str| place::settle(read(text).place, &view);
    assert!(matches!(settled("cosmos1a"), OriginPlace::Address(_)));
    assert!(matches!(settled("tx1"), OriginPlace::Transaction(_)));
    assert!(matches!(read("row:ab").place, OriginPlace::Transaction(_)));
}

#[test]
fn stops_take_digits() {
    let stop = |text: &str| whither::parse_stops(&[text.to_owned()]);
    assert_eq!(stop("dust:16").unwrap().dust, Some(U256::from(16u64)));
    for text in ["dust:", "dust:0x10", "dust:1_000", "depth:+1", "degree:0x1"] {
        assert!(stop(text).is_err(), "{text}");
    }
}
