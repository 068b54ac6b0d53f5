//! An invented theft with every kind of ending: what the sample shows and the tests check.
//!
//! Names, addresses and amounts are made up; only the shapes are those of real cases. Two names are hostile on
//! purpose. Bitcoin amounts are drawn at 15 ether to the bitcoin.

use whither_report::figure::{Certainty, Flow, FlowBand, FlowNode, NodeKind, Unit};
use whither_report::page::{
    Balance, CaveatText, Headline, SeenGroup, SeenRow, SourceRow, StolenRow, TracePage,
};
use whither_report::text::{add_digits, weight};

const STOLEN: &str = "173600000000000000000000";

/// The whole page.
pub fn page() -> TracePage {
    let figure = flow();
    TracePage {
        title: "The Harbour Bridge theft, followed to 30 April".to_owned(),
        headline: Headline {
            figure: "173,600".to_owned(),
            unit: "ETH".to_owned(),
            words: "stolen from Harbour Bridge on 23 March (an invented case)".to_owned(),
        },
        lead: vec![
            "Five weeks after the theft most of the ether had gone into one mixer. An eighth reached deposit addresses of \
             two exchanges, which can still be asked to freeze it; a part crossed a bridge to Bitcoin and lies there \
             unspent."
                .to_owned(),
            "What is called last seen is where the data ends, not where the money must be.".to_owned(),
        ],
        stolen: vec![StolenRow {
            time: "23 March, 13:29:09 UTC".to_owned(),
            victim: "Harbour Bridge".to_owned(),
            amount: "173,600 ETH".to_owned(),
            asset: ether().asset,
            value: Some("541.6 million USD at the day's close".to_owned()),
            address: Some(address(1)),
            transaction: Some(transaction(1)),
        }],
        seen: vec![seen(&figure, &ether(), STOLEN), seen(&figure, &bitcoin(), "0")],
        caveats: caveats(),
        figure,
        figure_options: Default::default(),
        method: method(),
        sources: vec![
            SourceRow {
                what: "Transfers of 12 addresses, 23 March to 30 April".to_owned(),
                where_from: "ethereum-etl export, blocks 14,442,835 to 14,684,000".to_owned(),
                licence: "public domain".to_owned(),
            },
            SourceRow {
                what: "Labels of exchanges and mixers".to_owned(),
                where_from: "tagpacks/harbour.yaml, revision 3".to_owned(),
                licence: "CC BY 4.0".to_owned(),
            },
        ],
    }
}

/// The flow: nodes, then bands in thousandths of an ether.
pub fn flow() -> Flow {
    let mut nodes = vec![
        FlowNode::new("victim", "Harbour Bridge", NodeKind::Origin)
            .with_subtitle("23 March, 13:29 UTC"),
        FlowNode::new("mixer", "Whirl Cash", NodeKind::Mixer).with_subtitle("pool of 100 ETH"),
        FlowNode::new("exchange-a", "Kestrel Exchange", NodeKind::Service)
            .with_subtitle("hot wallet 3"),
        FlowNode::new(
            "exchange-b",
            "<img src=x onerror=alert(1)>",
            NodeKind::Service,
        )
        .with_subtitle("deposit \u{202e}gnp.etis"),
        FlowNode::new("bridge", "Plank Bridge", NodeKind::Bridge).with_subtitle("ETH to BTC"),
        FlowNode::new("fees", "Gas", NodeKind::Fee),
        FlowNode::new(
            "burn",
            "0x000000000000000000000000000000000000dead",
            NodeKind::Burn,
        ),
        FlowNode::new("swap", "Unknown contract 7", NodeKind::Unresolved)
            .with_subtitle("two assets out"),
        FlowNode::new(
            "btc",
            "bc1qexampleexampleexampleexample0000kestrel",
            NodeKind::Address,
        ),
        FlowNode::new(
            "utxo-1",
            format!("{}:0", &transaction(71)[2..]),
            NodeKind::Unspent,
        ),
        FlowNode::new(
            "utxo-2",
            format!("{}:1", &transaction(72)[2..]),
            NodeKind::Unspent,
        ),
    ];
    let mut thief = FlowNode::new("a1", address(1), NodeKind::Address)
        .with_subtitle("first address of the thief");
    thief.sanctions = Some("listed by an invented authority on 14 April".to_owned());
    nodes.push(thief);
    nodes
        .extend((2..=10).map(|at| FlowNode::new(format!("a{at}"), address(at), NodeKind::Address)));
    nodes.extend((1..=3).map(|at| {
        FlowNode::new(format!("l{at}"), address(20 + at), NodeKind::LastSeen)
            .with_subtitle("data ends 30 April")
    }));
    nodes.extend(
        (1..=2).map(|at| FlowNode::new(format!("h{at}"), address(30 + at), NodeKind::Held)),
    );
    Flow {
        nodes,
        bands: bands(),
    }
}

fn bands() -> Vec<FlowBand> {
    const MILLI: [(&str, &str, u64, u32); 31] = [
        ("victim", "a1", 173_600_000, 1),
        ("a1", "a2", 65_000_000, 14),
        ("a1", "a3", 48_000_000, 9),
        ("a1", "a4", 30_000_000, 6),
        ("a1", "a5", 20_599_400, 5),
        ("a1", "h1", 10_000_000, 1),
        ("a1", "fees", 600, 36),
        ("a2", "a6", 40_000_000, 8),
        ("a2", "a7", 24_999_000, 5),
        ("a2", "fees", 1_000, 14),
        ("a3", "a7", 20_000_000, 4),
        ("a3", "a8", 27_999_100, 6),
        ("a3", "fees", 900, 11),
        ("a4", "a8", 12_000_000, 2),
        ("a4", "bridge", 12_000_000, 12),
        ("a4", "l1", 5_998_800, 3),
        ("a4", "burn", 1_200, 1),
        ("a5", "exchange-a", 9_000_000, 41),
        ("a5", "a9", 11_599_400, 7),
        ("a6", "mixer", 38_000_000, 380),
        ("a6", "l2", 2_000_000, 2),
        ("a7", "mixer", 44_000_000, 440),
        ("a7", "a9", 999_000, 1),
        ("a8", "mixer", 31_000_000, 310),
        ("a8", "a10", 12_199_100, 9),
        ("a9", "exchange-a", 3_000_000, 12),
        ("a9", "exchange-b", 8_098_400, 33),
        ("a9", "swap", 1_500_000, 2),
        ("a10", "l3", 3_999_100, 4),
        ("a10", "h2", 5_000_000, 1),
        ("a10", "a8", 3_200_000, 3),
    ];
    let mut bands: Vec<FlowBand> = MILLI
        .iter()
        .map(|&(from, to, amount, count)| {
            let digits = match (from, to) {
                // Real fees are never round.
                ("a1", "h1") => "9999999876543210987655".to_owned(),
                ("a1", "fees") => "600123456789012345".to_owned(),
                _ => format!("{amount}000000000000000"),
            };
            let mut band = FlowBand::new(from, to, digits, &ether());
            band.count = count;
            band.certainty = match (from, to) {
                ("a9", "exchange-a" | "exchange-b") => Certainty::Inferred,
                ("a10", "h2") => Certainty::Claimed,
                _ => Certainty::Observed,
            };
            band
        })
        .collect();
    for (from, to, satoshi, count) in [
        ("bridge", "btc", 79_600_000_000_u128, 12),
        ("btc", "utxo-1", 50_000_000_000, 1),
        ("btc", "utxo-2", 29_599_950_000, 1),
        ("btc", "fees", 50_000, 1),
    ] {
        let mut band = FlowBand::new(from, to, satoshi.to_string(), &bitcoin());
        band.amount = satoshi * 150_000_000_000;
        band.count = count;
        if from == "bridge" {
            band.certainty = Certainty::Inferred;
            band.label = "12,000 ETH as 796 BTC".to_owned();
        }
        bands.push(band);
    }
    bands
}

/// The ends of one asset, read from the flow itself.
fn seen(flow: &Flow, unit: &Unit, stolen: &str) -> SeenGroup {
    let mut rows = Vec::new();
    let mut bridged = "0".to_owned();
    let mut arrived = "0".to_owned();
    for node in &flow.nodes {
        let ends = flow
            .bands
            .iter()
            .filter(|band| band.to == node.id && band.unit == *unit);
        let digits = ends.fold("0".to_owned(), |sum, band| add_digits(&sum, &band.digits));
        if weight(&digits) == 0 {
            continue;
        }
        match node.kind {
            NodeKind::Origin => {}
            NodeKind::Address if node.id == "btc" => arrived = digits,
            NodeKind::Address => {}
            NodeKind::Bridge => bridged = digits,
            kind => rows.push(row(node, kind, digits)),
        }
    }
    let balance = Balance {
        stolen: stolen.to_owned(),
        converted_in: arrived,
        converted_out: bridged,
    };
    SeenGroup {
        unit: unit.clone(),
        rows,
        balance: Some(balance),
    }
}

fn row(node: &FlowNode, kind: NodeKind, digits: String) -> SeenRow {
    let (kind_words, reason) = match kind {
        NodeKind::Service => (
            "deposited at a service",
            "The service pools its customers' funds; only it knows on.",
        ),
        NodeKind::Mixer => (
            "entered a mixer",
            "What leaves a mixer cannot be told apart by the chain alone.",
        ),
        NodeKind::LastSeen => (
            "last seen at an address",
            "The data ends on 30 April at block 14,684,000.",
        ),
        NodeKind::Held => (
            "still held",
            "All movements of this address are covered; it has not moved on.",
        ),
        NodeKind::Unspent => ("unspent output", "Not spent within the blocks covered."),
        NodeKind::Fee => (
            "paid as fees",
            "Gas and miners' fees; not followed further.",
        ),
        NodeKind::Burn => ("burnt", "Nobody holds a key to this address."),
        _ => (
            "could not be resolved",
            "Two assets left in one transaction and no rule splits them.",
        ),
    };
    let named =
        kind == NodeKind::Service || kind == NodeKind::Mixer || kind == NodeKind::Unresolved;
    SeenRow {
        kind,
        kind_words: kind_words.to_owned(),
        entity: named.then(|| node.title.clone()),
        address: match kind {
            NodeKind::Fee => None,
            _ if named => Some(address(40 + u64::try_from(node.title.len()).unwrap_or(0))),
            _ => Some(node.title.clone()),
        },
        digits,
        first: Some("24 March, 08:12 UTC".to_owned()),
        last: Some("28 April, 19:40 UTC".to_owned()),
        transaction: (kind != NodeKind::Fee)
            .then(|| transaction(50 + u64::try_from(node.id.len()).unwrap_or(0))),
        reason: reason.to_owned(),
    }
}

fn caveats() -> Vec<CaveatText> {
    [
        (
            "Horizon",
            "The data ends at block 14,684,000 on 30 April. Three addresses were last seen holding funds there; they may \
             have moved them since.",
        ),
        (
            "Unknown opening",
            "The first address of the thief held 1.0569 ETH before the data begins. It is counted as unknown, neither \
             stolen nor clean.",
        ),
        (
            "Bridge match",
            "The passage over Plank Bridge is inferred: 12 deposits and 12 payouts agree in time and in amount. Twelve \
             other payouts in the same hour agree within one part in a hundred.",
        ),
        ("Unresolved", "One contract paid out two assets in one transaction. 1,500 ETH could not be followed through it."),
    ]
    .into_iter()
    .map(|(kind, words)| CaveatText { kind: kind.to_owned(), words: words.to_owned() })
    .collect()
}

fn method() -> Vec<(String, String)> {
    [
        ("Policy", "first in, first out"),
        (
            "Stops",
            "services, mixers and bridges named by the case; no degree stop",
        ),
        (
            "Chain store",
            "b7c1f0e29d5a4c3386e0f1d2a4b59687c8d9e0f1a2b3c4d5e6f708192a3b4c5d",
        ),
        (
            "Case revision",
            "42, 6e0f1d2a4b59687c8d9e0f1a2b3c4d5e6f708192a3b4c5d7b7c1f0e29d5a4c33",
        ),
        ("Program", "whither 0.1.0"),
        ("Shares", "largest remainder, to the hundredth of a percent"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

fn ether() -> Unit {
    Unit::new("eip155:1/slip44:60", "ETH", 18)
}

fn bitcoin() -> Unit {
    Unit::new("bip122:000000000019d6689c085ae165831e93/slip44:0", "BTC", 8)
}

/// An invented address: the same for the same number.
fn address(number: u64) -> String {
    format!("0x{}", &hex(number)[..40])
}

fn transaction(number: u64) -> String {
    format!("0x{}", hex(number + 1_000))
}

fn hex(number: u64) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let words = (0..4).map(|_| {
        state ^= state >> 29;
        state = state
            .wrapping_mul(0xbf58_476d_1ce4_e5b9)
            .wrapping_add(number);
        format!("{state:016x}")
    });
    words.collect()
}
