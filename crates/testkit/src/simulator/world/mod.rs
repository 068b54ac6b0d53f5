//! Worlds: several thefts on one chain of accounts, some by one hand and some by others who use the same services,
//! among people, exchanges, bridge routers, faucets, brokers and traders who have nothing to do with them.
//!
//! A world is a function of its parameters ([`WorldParameters`], read from a JSON file) and a seed. Four files ship:
//! `worlds/tuning.json`, on which methods may be tuned, and `worlds/held-out.json`, on which they are measured; a third,
//! `worlds/habits.json`, has thieves whose habits typologies are measured on, and in `worlds/hands.json` hands and people
//! pay each in their own way, so that links by that can be measured.
//!
//! ```
//! use whither_testkit::simulator::world::{World, WorldParameters};
//!
//! let world = World::make(&WorldParameters::tuning(), 7);
//! assert!(world.truth.incidents.len() > 1);
//! assert!(world.truth.pairs.iter().any(|pair| pair.same));
//! ```
//!
//! [`World::rows`] are transfers in chain order, for a view in memory; [`World::write`] writes `transfers.csv` with
//! `mapping.toml` (`whither ingest transfers.csv --source-format transfers --mapping mapping.toml`), `incidents.csv`
//! (`whither incident import`), `labels.csv` (`whither label import`: the services that are labelled) and `truth.json`.
//! By hand: `cargo run -p whither-testkit --example make_world -- PARAMETERS.json SEED DIRECTORY`.
//!
//! There are two assets, ether and a stable token, and gas is paid for where parameters say how ([`Hands`]). Truth is written down as the story is told; no
//! rule of tracing has a part in it.

mod book;
mod customs;
mod hand;
mod parameters;
mod spam;
#[cfg(test)]
mod tests;
mod thieves;
mod town;
mod truth;

use book::Book;
pub use book::{Coin, ETHER, STABLE, WorldFee, WorldRow};
use customs::Customs;
pub use parameters::{Habits, Hands, Lures, PARAMETERS_SCHEMA, Span, Ways, WorldParameters};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};
use thieves::Thefts;
use town::Town;
pub use truth::{
    CashOut, WORLD_SCHEMA, WorldDeposit, WorldIncident, WorldPair, WorldPattern, WorldService,
    WorldTruth,
};

/// A world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    /// Its transfers in chain order.
    pub rows: Vec<WorldRow>,
    /// What really happened.
    pub truth: WorldTruth,
}

impl World {
    /// Makes one.
    #[must_use]
    pub fn make(parameters: &WorldParameters, seed: u64) -> Self {
        let mut book = Book::new(seed);
        book.customs = parameters.hands.map(|_| Customs::new(seed));
        let mut town = Town::found(&mut book, parameters);
        let thefts = Thefts::tell(&mut book, &mut town, parameters);
        let pairs = thefts.pairs();
        let (incidents, cash_outs) = (thefts.incidents, thefts.cash_outs);
        let accounts: Vec<String> = incidents
            .iter()
            .flat_map(|incident| incident.accounts.clone())
            .collect();
        // Who pays for spam is nobody's habit.
        book.customs = None;
        spam::tell(&mut book, &accounts, town.end, parameters.spam);
        let services = [town.exchanges, town.bridges, town.faucets, town.brokers].concat();
        Self {
            rows: book.finish(),
            truth: WorldTruth {
                schema: WORLD_SCHEMA.to_owned(),
                seed,
                incidents,
                pairs,
                services,
                traders: town.traders,
                cash_outs,
                spam: parameters.spam,
            },
        }
    }

    /// Writes it into a directory, which is made if need be.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, directory: &Path) -> io::Result<()> {
        fs::create_dir_all(directory)?;
        let accounts: BTreeSet<&String> = self
            .rows
            .iter()
            .flat_map(|row| [&row.from, &row.to])
            .collect();
        let accounts: Vec<String> = accounts.into_iter().cloned().collect();
        fs::write(directory.join("transfers.csv"), book::table(&self.rows))?;
        fs::write(
            directory.join("mapping.toml"),
            book::mapping(&accounts, book::has_fees(&self.rows)),
        )?;
        fs::write(directory.join("incidents.csv"), self.incidents_csv())?;
        fs::write(directory.join("labels.csv"), self.labels_csv())?;
        let truth = serde_json::to_string_pretty(&self.truth)? + "\n";
        fs::write(directory.join("truth.json"), truth)
    }

    /// The thefts as a table of incidents.
    #[must_use]
    pub fn incidents_csv(&self) -> String {
        let mut text = String::from("id,date,victim,chain,tx\n");
        for incident in &self.truth.incidents {
            let WorldIncident {
                id, transactions, ..
            } = incident;
            let date = super::table::timestamp(incident.time);
            let (day, _) = date.split_once(' ').expect("a day and a time");
            let transactions = transactions.join(" ");
            writeln!(
                text,
                "{id},{day},the victim of {id},ethereum,{transactions}"
            )
            .expect("a string takes all");
        }
        text
    }

    /// The services that are labelled, as a table of labels.
    #[must_use]
    pub fn labels_csv(&self) -> String {
        let mut text = String::from("address,chain,name,category,confidence\n");
        for service in self
            .truth
            .services
            .iter()
            .filter(|service| service.labelled)
        {
            let WorldService {
                name,
                category,
                wallet,
                ..
            } = service;
            writeln!(text, "{wallet},ethereum,{name},{category},ownership")
                .expect("a string takes all");
        }
        text
    }
}
