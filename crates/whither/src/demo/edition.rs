//! The report of the demo: an edition like any other, given out from a case and a store that are made of what is built in.
//!
//! Nothing in it is secret, so its salts follow from what is said, and the same bytes come out each time. Whoever has the
//! directory can check it: it brings its case, its chain data and its prices along.

use std::fs;
use std::path::{Path, PathBuf};

use whither_analysis::trace::Policy;
use whither_casework::{Case, Hash};

use super::{CASE, INCIDENT, LOG, PAYLOADS, TABLE, failed, write};
use crate::error::Error;
use crate::ingest::{Request, Silent, ingest};
use crate::prices::{self, Convention, pair};
use crate::question::{Question, answer};
use crate::recorder::Recorder;
use crate::report::{Audience, Publication, draft, is_bundle, publish};
use crate::saved::{Computed, save};
use crate::store::Store;

const TEXT: &str = include_str!("../../../../examples/ronin-2022/report.txt");
const PRICES: &str = include_str!("../../../../examples/prices/eth-usd.csv");
const NAME: &str = "ronin-2022";
const NOW: &str = "2026-11-30T00:00:00Z";
/// What the edition's directory is called.
pub(super) const EDITION: &str = "edition";

/// Makes the edition in a directory; gives its page.
///
/// # Errors
/// Where a file cannot be written, or what stands in the edition's place is none.
pub(super) fn make(out: &Path) -> Result<PathBuf, Error> {
    let (work, place) = (out.join(".work"), out.join(EDITION));
    for dir in [&work, &place] {
        if !dir.exists() {
            continue;
        }
        if *dir == place && !is_bundle(dir) {
            return Err(
                Error::new(format!("{} is there, and is no edition", dir.display()))
                    .with_hint("name another directory with `--out DIR`"),
            );
        }
        fs::remove_dir_all(dir).map_err(|error| failed(dir, &error))?;
    }
    let made = made(&work, &place);
    // What was made on the way is of no use to anybody, whether it came to something or not.
    let cleared = fs::remove_dir_all(&work).map_err(|error| failed(&work, &error));
    made.and(cleared)?;
    Ok(place.join("report.html"))
}

fn made(work: &Path, place: &Path) -> Result<(), Error> {
    let (dir, store_dir) = (work.join("case"), work.join("store"));
    for (name, bytes) in [
        ("case.json", CASE),
        ("log/whither.jsonl", LOG),
        ("payloads/whither.jsonl", PAYLOADS),
    ] {
        let path = dir.join(name);
        let folder = path.parent().unwrap_or(&dir);
        fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
        fs::write(&path, bytes).map_err(|error| failed(&path, &error))?;
    }
    let table = work.join("transfers.csv");
    write(&table, TABLE)?;
    let mut store = Store::open(&store_dir)?;
    let request = Request {
        paths: vec![table],
        ..Request::default()
    };
    ingest(&mut store, &request, &Silent)?;
    prices::import(
        &store_dir,
        prices::Request {
            file: PathBuf::from("eth-usd.csv"),
            bytes: Some(PRICES.as_bytes().to_vec()),
            pair: pair("ethereum", None)?,
            convention: Convention::Close,
            source: "Yahoo Finance, ETH-USD, as frederickpek/algorithmic-trading has it".to_owned(),
            licence: Some("MIT".to_owned()),
            decimals: None,
            dry_run: false,
        },
    )?;
    let recorder = Recorder::repeatable("whither-demo", NOW, NAME)?;
    let case = Case::open(&dir)?;
    for policy in Policy::ALL
        .into_iter()
        .filter(|policy| *policy != Policy::Poison)
    {
        let question = Question {
            policy,
            ..Question::from(vec![format!("incident:{INCIDENT}")])
        };
        let finding = answer(&store, Some(&case), &question)?;
        let computed = Computed::of_trace(&case, &finding)?;
        save(
            &dir,
            &case,
            &recorder,
            (&format!("ronin-{}", policy.name()), &computed),
        )?;
    }
    draft(&dir, &recorder, (NAME, TEXT), None)?;
    let asked = Publication {
        report: NAME.to_owned(),
        revision: None,
        audience: Audience::Public,
        ceiling: None,
        name: None,
        out: place.to_owned(),
        store: Some(store_dir),
        with_store: true,
        pdf: false,
        key: None,
        secret: Some(Hash::of(NAME.as_bytes())),
    };
    publish(&store, &dir, &recorder, &asked)?;
    Ok(())
}
