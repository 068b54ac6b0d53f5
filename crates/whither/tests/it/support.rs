//! A store in a temporary directory, files into it, questions to it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use whither::ingest::{Ingested, Request, Silent, ingest};
use whither::store::Store;
use whither::{Finding, Question, answer};
use whither_analysis::trace::{Direction, Policy};
use whither_testkit::naive;

/// A store that goes with its directory.
pub struct Desk {
    pub store: Store,
    pub dir: tempfile::TempDir,
}

pub fn desk() -> Desk {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("store")).unwrap();
    Desk { store, dir }
}

impl Desk {
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn ingest(&mut self, path: &Path) -> Ingested {
        self.ingest_with(path, Request::default())
    }

    pub fn ingest_with(&mut self, path: &Path, request: Request) -> Ingested {
        let request = Request {
            paths: vec![path.to_owned()],
            ..request
        };
        ingest(&mut self.store, &request, &Silent)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub fn ask(&self, from: &[&str], policy: Policy, direction: Direction) -> Finding {
        let from = from.iter().map(ToString::to_string).collect();
        let question = Question {
            policy,
            direction,
            ..Question::from(from)
        };
        answer(&self.store, None, &question).unwrap()
    }
}

/// (kind, place, origin) → amount.
pub type Ends = BTreeMap<(String, String, usize), u128>;

pub fn ends(finding: &Finding) -> Ends {
    let mut ends = Ends::new();
    for endpoint in &finding.trace.endpoints {
        let place = endpoint
            .output
            .clone()
            .or_else(|| endpoint.address.as_ref().map(|text| text.to_lowercase()));
        let place = place.or_else(|| endpoint.transaction.clone()).unwrap();
        for share in &endpoint.origins {
            let key = (
                endpoint.kind.name().to_owned(),
                place.clone(),
                share.origin[1..].parse::<usize>().unwrap() - 1,
            );
            assert!(
                ends.insert(key, share.amount.parse().unwrap()).is_none(),
                "endpoints are merged"
            );
        }
    }
    ends
}

pub fn policy(policy: naive::Policy) -> Policy {
    match policy {
        naive::Policy::Fifo => Policy::Fifo,
        naive::Policy::Lifo => Policy::Lifo,
        naive::Policy::Haircut => Policy::Haircut,
        naive::Policy::Tiho => Policy::Tiho,
        naive::Policy::Poison => Policy::Poison,
    }
}

/// The folder of real data, or a word to the reader that the test is skipped.
pub fn data() -> Option<PathBuf> {
    match std::env::var_os("WHITHER_TEST_DATA") {
        Some(path) => {
            let path = PathBuf::from(path);
            assert!(
                path.is_dir(),
                "WHITHER_TEST_DATA names {}, which is not there",
                path.display()
            );
            Some(path)
        }
        None => {
            eprintln!("skipped: WHITHER_TEST_DATA is not set");
            None
        }
    }
}
