//! Worlds on a chain of outputs: several thefts, some by one hand and some by others who use the same services, among
//! people, exchanges that sweep their customers' deposit addresses together and pay out in batches, merchants, traders, and
//! people who mix their coins.
//!
//! A world is a function of its parameters ([`OutputParameters`], read from a JSON file) and a seed. Two files ship:
//! `worlds/outputs-tuning.json`, on which methods may be tuned, and `worlds/outputs.json`, on which they are measured.
//!
//! ```
//! use whither_testkit::simulator::output_world::{OutputParameters, OutputWorld};
//!
//! let world = OutputWorld::make(&OutputParameters::tuning(), 7);
//! assert!(world.truth.common.incidents.len() > 1);
//! assert!(world.truth.common.pairs.iter().any(|pair| pair.same));
//! ```
//!
//! [`OutputWorld::chain`] is a regtest chain; [`OutputWorld::write`] writes `blocks/` in the node's own files (`whither
//! ingest blocks --chain regtest`), `incidents.csv`, `labels.csv` and `truth.json`. By hand: `cargo run -p whither-testkit
//! --example make_world -- outputs PARAMETERS.json SEED DIRECTORY`.
//!
//! Blocks stand where something happens, up to ten minutes after it; nothing happens in between. Truth is written down as
//! the story is told, in the form of all worlds ([`super::world`]) with the rounds of mixing beside it; no rule of tracing
//! has a part in it. Not here: chains of accounts.

mod book;
mod loot;
mod mixer;
mod mixing;
mod parameters;
#[cfg(test)]
mod tests;
mod thieves;
mod town;
mod truth;

use super::block::Output;
use super::chain::SimChain;
use super::script::Script;
use super::world::{WORLD_SCHEMA, WorldTruth};
use super::writer::WriteOptions;
use book::Book;
pub use parameters::{OUTPUT_PARAMETERS_SCHEMA, OutputLures, OutputParameters, OutputWays};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};
use thieves::Thefts;
use town::Town;
pub use truth::{OutputTruth, WorldMixing};

/// The one asset of these chains, CAIP-19.
pub const BITCOIN: &str = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328/slip44:1";
/// What an output of spam is worth, in satoshi.
const SPAM: u64 = 546;
/// How many of them one transaction makes.
const SPAM_EACH: usize = 40;

/// A world on a chain of outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputWorld {
    /// The chain.
    pub chain: SimChain,
    /// What really happened.
    pub truth: OutputTruth,
}

impl OutputWorld {
    /// Makes one.
    #[must_use]
    pub fn make(parameters: &OutputParameters, seed: u64) -> Self {
        let mut book = Book::new(seed);
        let mut town = Town::found(&mut book, parameters);
        // Thefts begin when some life has passed.
        let before = town.end / 6;
        town.live(&mut book, before);
        let thefts = Thefts::tell(&mut book, &mut town, parameters);
        let pairs = thefts.pairs();
        let (incidents, cash_outs) = (thefts.incidents, thefts.cash_outs);
        let end = town.end;
        town.live(&mut book, end);
        town.close(&mut book);
        let accounts = incidents.iter().flat_map(|incident| &incident.accounts);
        let accounts: Vec<String> = accounts.cloned().collect();
        spam(&mut book, &accounts, end, parameters.spam);
        let common = WorldTruth {
            schema: WORLD_SCHEMA.to_owned(),
            seed,
            incidents,
            pairs,
            services: town.services,
            traders: town.traders,
            cash_outs,
            spam: parameters.spam,
        };
        Self {
            chain: book.finish(accounts),
            truth: OutputTruth {
                common,
                mixings: town.mixings,
            },
        }
    }

    /// Writes it into a directory, which is made if need be.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, directory: &Path) -> io::Result<()> {
        fs::create_dir_all(directory)?;
        let blocks = directory.join("blocks");
        self.chain.write_blk(&blocks, &WriteOptions::default())?;
        fs::write(directory.join("incidents.csv"), self.incidents_csv())?;
        fs::write(directory.join("labels.csv"), self.labels_csv())?;
        let truth = serde_json::to_string_pretty(&self.truth)? + "\n";
        fs::write(directory.join("truth.json"), truth)
    }

    /// The thefts as a table of incidents.
    #[must_use]
    pub fn incidents_csv(&self) -> String {
        let mut text = String::from("id,date,victim,chain,tx\n");
        for incident in &self.truth.common.incidents {
            let id = &incident.id;
            let date = super::table::timestamp(incident.time);
            let (day, _) = date.split_once(' ').expect("a day and a time");
            let transactions = incident.transactions.join(" ");
            writeln!(text, "{id},{day},the victim of {id},regtest,{transactions}")
                .expect("a string takes all");
        }
        text
    }

    /// The services that are labelled, as a table of labels.
    #[must_use]
    pub fn labels_csv(&self) -> String {
        let mut text = String::from("address,chain,name,category,confidence\n");
        let services = self.truth.common.services.iter();
        for service in services.filter(|service| service.labelled) {
            let (wallet, name, category) = (&service.wallet, &service.name, &service.category);
            writeln!(text, "{wallet},regtest,{name},{category},ownership")
                .expect("a string takes all");
        }
        text
    }
}

/// Worthless outputs at the thieves' addresses, many in one transaction; told last, so that the rest is the same without.
fn spam(book: &mut Book, accounts: &[String], end: u64, count: u64) {
    let mut scripts: BTreeMap<String, Script> = BTreeMap::new();
    book.scripts(|script| {
        if let Some(address) = &script.address {
            scripts.insert(address.clone(), script.clone());
        }
    });
    let mut outputs = Vec::new();
    for _ in 0..count {
        let script = scripts[book.rng().pick(accounts)].clone();
        outputs.push(Output {
            value: SPAM,
            script,
        });
    }
    for outputs in outputs.chunks(SPAM_EACH) {
        let at = book.rng().between(end / 3, end);
        book.grant(at, outputs.to_vec());
    }
}
