//! Random flows from a seed, and shuffles of them: the same seed gives the same flow for ever.

use whither_report::figure::{Certainty, Flow, FlowBand, FlowNode, NodeKind, Unit};

/// A small generator (SplitMix64); quality enough for shapes.
pub struct Random(pub u64);

impl Random {
    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        usize::try_from(z % u64::try_from(bound).expect("a bound fits")).expect("a remainder fits")
    }

    /// Puts a list in a random order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// A flow of up to a few hundred boxes, with circles, self-loops, parallel bands, two units and wild amounts.
pub fn flow(seed: u64) -> Flow {
    let mut random = Random(seed);
    let size = [4, 12, 40, 160][random.below(4)];
    let count = 1 + random.below(size);
    let kinds = NodeKind::ALL;
    let nodes: Vec<FlowNode> = (0..count)
        .map(|at| {
            let kind = if at == 0 {
                NodeKind::Origin
            } else {
                kinds[random.below(kinds.len())]
            };
            let mut node =
                FlowNode::new(format!("n{at}"), format!("0x{:040x}", at * 7919 + 1), kind);
            node.subtitle = (random.below(3) == 0).then(|| format!("subtitle {at}"));
            node.column = (random.below(40) == 0).then_some(2);
            node
        })
        .collect();
    let units = [
        Unit::new("eip155:1/slip44:60", "ETH", 18),
        Unit::new("bip122:0/slip44:0", "BTC", 8),
    ];
    let bands = (0..count * 2)
        .map(|_| {
            let (a, b) = (random.below(count), random.below(count));
            let (from, to) = if random.below(12) == 0 {
                (a, b)
            } else {
                (a.min(b), a.max(b))
            };
            let digits = match random.below(4) {
                0 => "1".to_owned(),
                1 => format!("{}", 1 + random.below(1_000_000)),
                2 => format!("{}000000000000000000", 1 + random.below(100_000)),
                _ => format!("{}7", random.below(50)),
            };
            let mut band = FlowBand::new(
                format!("n{from}"),
                format!("n{to}"),
                digits,
                &units[random.below(8) / 7],
            );
            band.certainty =
                [Certainty::Observed, Certainty::Inferred, Certainty::Claimed][random.below(3)];
            band.count = 1 + u32::try_from(random.below(9)).expect("small");
            band
        })
        .collect();
    Flow { nodes, bands }
}
