//! What links say of a world's thefts, beside its truth.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::link::{LEAD, Link, PROBABLE, STRONG, Taint, links_of_accounts};
use whither_analysis::trace::Policy;
use whither_ledger::memory::MemoryAccounts;
use whither_testkit::simulator::world::{World, WorldPair};

use super::{knowledge, origins, trace, view};

/// The thefts of a world, traced, in this order.
pub fn taints(world: &World, view: &MemoryAccounts, policy: Policy) -> Vec<Taint> {
    let known = knowledge(world);
    let incidents = world.truth.incidents.iter();
    let taint = incidents.map(|incident| {
        let trace = trace(view, &known, incident, policy, None);
        Taint::of_accounts(view, &incident.id, &origins(incident), &trace)
    });
    taint.collect()
}

/// The links of a world.
pub fn links(world: &World, policy: Policy) -> Vec<Link> {
    let view = view(world);
    let taints = taints(world, &view, policy);
    links_of_accounts(&view, &knowledge(world), taints).pairs
}

/// How links came out: for pairs of one hand and of two, how many of each verdict.
#[derive(Debug, Default)]
pub struct Confusion {
    pub same: BTreeMap<&'static str, usize>,
    pub other: BTreeMap<&'static str, usize>,
    /// Pairs of one hand by what they share, of those how many are no lead.
    pub by_way: BTreeMap<String, [usize; 2]>,
    /// Pairs by the kinds of evidence that count in them: of one hand, of two.
    pub by_kind: BTreeMap<&'static str, [usize; 2]>,
    /// The same by the kinds of counter-evidence.
    pub by_counter: BTreeMap<&'static str, [usize; 2]>,
    /// Pairs whose verdict would be another without these kinds: of one hand, of two.
    pub raised: BTreeMap<(&'static str, &'static str, &'static str), [usize; 2]>,
}

/// Kinds of evidence that are looked at apart.
const APART: [(&str, &[&str]); 2] = [
    ("habits", &["timing", "fingerprint"]),
    ("deployer", &["deployer"]),
];

/// What the verdict would be without these kinds.
fn without(link: &Link, kinds: &[&str]) -> &'static str {
    let rows = link.evidence.iter();
    let rows = rows.filter(|row| row.counted && !kinds.contains(&row.kind));
    let weights: Vec<u64> = rows.map(|row| row.weight).collect();
    let alone: u64 = weights.iter().filter(|weight| **weight >= PROBABLE).sum();
    let all: u64 = weights.iter().sum();
    match if alone > 0 {
        alone
    } else {
        all.min(PROBABLE - 1)
    } {
        STRONG.. => "strong",
        PROBABLE.. => "probable",
        LEAD.. => "lead",
        _ => "none",
    }
}

impl Confusion {
    pub fn add(&mut self, world: &World, links: &[Link], say: bool) {
        let told: BTreeMap<BTreeSet<&str>, &Link> = links
            .iter()
            .map(|link| (BTreeSet::from([link.a.as_str(), link.b.as_str()]), link))
            .collect();
        for pair in &world.truth.pairs {
            let link = told[&BTreeSet::from([pair.a.as_str(), pair.b.as_str()])];
            let counts = if pair.same {
                &mut self.same
            } else {
                &mut self.other
            };
            *counts.entry(link.verdict).or_default() += 1;
            let side = usize::from(!pair.same);
            let kinds: BTreeSet<&str> = link
                .evidence
                .iter()
                .filter(|row| row.counted)
                .map(|row| row.kind)
                .collect();
            for kind in kinds {
                self.by_kind.entry(kind).or_default()[side] += 1;
            }
            let kinds = link.counter_evidence.iter().map(|row| row.kind);
            for kind in kinds.collect::<BTreeSet<_>>() {
                self.by_counter.entry(kind).or_default()[side] += 1;
            }
            for (name, kinds) in APART {
                let before = without(link, kinds);
                if before != link.verdict {
                    let key = (name, before, link.verdict);
                    self.raised.entry(key).or_default()[side] += 1;
                }
            }
            if pair.same {
                let row = self.by_way.entry(pair.ways.join("+")).or_default();
                row[0] += 1;
                row[1] += usize::from(!is_found(link));
            }
            let is_wrong = pair.same != is_found(link);
            if say && is_wrong {
                tell(world.truth.seed, pair, link);
            }
        }
    }
}

/// Whether a link is told as one: a lead is none yet.
pub fn is_found(link: &Link) -> bool {
    matches!(link.verdict, "probable" | "strong")
}

fn tell(seed: u64, pair: &WorldPair, link: &Link) {
    println!("seed {seed} {pair:?} {} {}", link.verdict, link.strength);
    for row in &link.evidence {
        println!(
            "   {} {} n={} {}",
            row.kind, row.weight, row.base_rate, row.what
        );
    }
    for row in &link.counter_evidence {
        println!("   - {} {}", row.kind, row.what);
    }
}
