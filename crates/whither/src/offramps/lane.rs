//! What one chain of a trace gives: positions, brokers, patterns.

use whither_analysis::offramp::{Position, of_accounts, of_outputs, otc, services};
use whither_analysis::trace::Knowledge;
use whither_analysis::trace::result::Trace;
use whither_analysis::typology::{self, Asked, Limits, Pattern};
use whither_ledger::view::{AccountView, UtxoView};

use super::rows::{AssetAmount, BaseRateRow, BrokerRow, FeatureRow, PatternRow};
use crate::onward::Lane;
use crate::question::Opened;

/// What a chain gives.
pub(super) struct Read {
    pub(super) positions: Vec<Position>,
    pub(super) brokers: Vec<BrokerRow>,
    pub(super) patterns: Vec<PatternRow>,
}

pub(super) fn read(lane: &Lane, trace: &Trace) -> Read {
    let known = &lane.request.knowledge;
    match &lane.opened {
        Opened::Utxo(view) => outputs(view, trace, known),
        Opened::Accounts(view) => accounts(view, trace, known),
        Opened::AccountColumns(view) => accounts(view, trace, known),
    }
}

fn outputs<V: UtxoView>(view: &V, trace: &Trace, known: &Knowledge) -> Read {
    let positions = of_outputs(view, trace, known);
    let asked = Asked {
        trace,
        knowledge: known,
        positions: &positions,
        brokers: &[],
        limits: &Limits::default(),
    };
    let patterns = typology::of_outputs(view, asked);
    Read {
        patterns: patterns.into_iter().map(pattern).collect(),
        brokers: Vec::new(),
        positions,
    }
}

fn accounts<V: AccountView>(view: &V, trace: &Trace, known: &Knowledge) -> Read {
    let positions = of_accounts(view, trace, known);
    let wallets = services(view, trace, known);
    let brokers = otc::brokers(view, &wallets, trace);
    let asked = Asked {
        trace,
        knowledge: known,
        positions: &positions,
        brokers: &brokers,
        limits: &Limits::default(),
    };
    let patterns = typology::of_accounts(view, asked);
    Read {
        patterns: patterns.into_iter().map(pattern).collect(),
        brokers: brokers
            .into_iter()
            .map(|found| broker(view, found))
            .collect(),
        positions,
    }
}

fn amounts(all: impl IntoIterator<Item = (String, whither_ledger::U256)>) -> Vec<AssetAmount> {
    let row = |(asset, amount): (String, whither_ledger::U256)| AssetAmount {
        asset,
        amount: amount.to_string(),
    };
    all.into_iter().map(row).collect()
}

fn broker<V: AccountView>(view: &V, found: otc::Broker) -> BrokerRow {
    let shown = |address| view.address(address).display(view.chain());
    let feature = |feature: otc::Feature| FeatureRow {
        feature: feature.feature,
        points: feature.points,
        of: feature.of,
        what: feature.what,
        addresses: feature.addresses.into_iter().map(shown).collect(),
    };
    BrokerRow {
        chain: view.chain().to_string(),
        address: found.address,
        confidence: found.profile.confidence,
        received: amounts(found.received),
        transactions: found.transactions,
        features: found.profile.features.into_iter().map(feature).collect(),
    }
}

fn pattern(found: Pattern) -> PatternRow {
    PatternRow {
        typology: found.typology,
        what: found.what,
        chain: found.chain,
        address: found.address,
        amounts: amounts(found.amounts),
        transactions: found.transactions,
        parameters: found.parameters,
        base_rate: found.base_rate.map(|rate| BaseRateRow {
            of_what: rate.of_what,
            found: rate.found,
            of: rate.of,
            percent: hundredths(rate.found, rate.of),
        }),
    }
}

/// A share in per cent with two decimals, rounded down.
fn hundredths(part: u64, of: u64) -> Option<String> {
    let hundredths = u128::from(part) * 10_000 / u128::from(Some(of).filter(|of| *of > 0)?);
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}
