//! The check of an edition, offline and on any machine: every byte against the manifest, every finding computed anew, and
//! the report rendered once more and compared.
//!
//! What differs is named: a file, a claim, a finding with the first place in it, or a figure of the report by its
//! reference.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use whither_casework::{Case, Handling, Hash, Json, Ledger};
use whither_ledger::chain::Chain;
use whither_ledger::memory::TableRow;
use whither_report::document::parse;

use super::audience::Audience;
use super::bundle::{CASE, STORE, is_lock, read_all};
use super::desk::{Desk, NOT_SHOWN};
use super::edition::{MANIFEST, Made, Manifest, SEAL, TEXT, forms};
use super::life::{as_remarks, remarks};
use super::pdf::{PDF, SETS_TYPE};
use super::render::render;
use super::seal::Seal;
use crate::error::Error;
use crate::evidence;
use crate::prices::Book;
use crate::question::{Chains, Opened};
use crate::saved::{self, Mismatch, Verification};
use crate::store::Store;

/// Whether a directory is an edition that was given out.
#[must_use]
pub fn is_bundle(dir: &Path) -> bool {
    dir.join(MANIFEST).is_file()
}

/// The data that an edition brought along; what it did not bring is taken from the reader's own store.
struct Both<'a> {
    brought: Store,
    has_prices: bool,
    own: &'a dyn Chains,
}

impl Both<'_> {
    fn of(&self, chain: &Chain) -> &dyn Chains {
        if self.brought.chains().contains(chain) {
            &self.brought
        } else {
            self.own
        }
    }

    fn priced(&self) -> &dyn Chains {
        if self.has_prices {
            &self.brought
        } else {
            self.own
        }
    }
}

impl Chains for Both<'_> {
    fn chains(&self) -> Vec<Chain> {
        let mut chains = self.brought.chains();
        let own = self.own.chains();
        chains.extend(
            own.into_iter()
                .filter(|chain| !self.brought.chains().contains(chain)),
        );
        chains
    }

    fn open(&self, chain: &Chain, claims: &[TableRow]) -> Result<Opened, Error> {
        self.of(chain).open(chain, claims)
    }

    fn prices(&self) -> Result<Book, Error> {
        self.priced().prices()
    }

    fn prices_then(&self, then: &[Json]) -> Result<Book, Error> {
        self.priced().prices_then(then)
    }
}

/// Checks an edition, and that these keys signed it.
///
/// # Errors
/// Where it has no manifest that can be read. What is not as it was is no error.
pub fn verify(own: &dyn Chains, dir: &Path, signed_by: &[String]) -> Result<Verification, Error> {
    let mut found = Verification {
        schema: "whither.verify/1",
        checked: 0,
        matched: 0,
        mismatched: Vec::new(),
        fallen: Vec::new(),
        signed_by: Vec::new(),
        unchecked: Vec::new(),
    };
    let files: BTreeMap<String, Vec<u8>> = read_all(dir)?.into_iter().collect();
    let manifest = manifest(&files, dir)?;
    bytes(&files, &manifest, &mut found);
    for key in signed_by {
        let signed = found
            .signed_by
            .iter()
            .any(|it| it.eq_ignore_ascii_case(key));
        let fault = (!signed).then(|| {
            let is = match found.signed_by.as_slice() {
                [] => "no signature that holds".to_owned(),
                keys => format!("signed by {}", keys.join(", ")),
            };
            ("altered", format!("signed by {key}"), is)
        });
        found.count("the seal", fault);
    }
    let case_dir = dir.join(CASE);
    if case_dir.is_dir() {
        case(&case_dir, &manifest, &mut found);
        let prices = dir.join(STORE).join("prices");
        let brought = Store::open(&dir.join(STORE));
        match brought {
            Err(error) => found.add(
                "store",
                "the data of the edition",
                "data that can be read",
                &error.to_string(),
            ),
            Ok(brought) => {
                let chains = Both {
                    brought,
                    has_prices: prices.is_dir(),
                    own,
                };
                findings(&chains, &case_dir, &manifest, &mut found);
                if let Err(error) = rendered(&chains, &case_dir, &manifest, &files, &mut found) {
                    found.add("error", "the report", "a report", &error.to_string());
                }
            }
        }
    }
    Ok(found)
}

impl Verification {
    fn add(&mut self, reason: &'static str, what: &str, expected: &str, is: &str) {
        self.mismatched.push(Mismatch {
            finding: what.to_owned(),
            entry: String::new(),
            reason,
            what: what.to_owned(),
            expected: expected.to_owned(),
            found: is.to_owned(),
        });
    }

    /// Counts something that was checked; `fault` tells why it is not as it was.
    fn count(&mut self, what: &str, fault: Option<(&'static str, String, String)>) {
        self.checked += 1;
        match fault {
            None => self.matched += 1,
            Some((reason, expected, is)) => self.add(reason, what, &expected, &is),
        }
    }
}

fn manifest(files: &BTreeMap<String, Vec<u8>>, dir: &Path) -> Result<Manifest, Error> {
    let bytes = files.get(MANIFEST);
    let bytes = bytes.ok_or_else(|| {
        Error::new(format!("{} has no {MANIFEST}", dir.display()))
            .with_hint("`whither report publish` writes one")
    })?;
    let manifest: Manifest = serde_json::from_slice(bytes).map_err(|error| {
        Error::new(format!("{MANIFEST} cannot be read: {error}"))
            .with_hint("it was altered, or is of a later version")
    })?;
    Ok(manifest)
}

/// Every byte against the manifest, and the manifest against its seal.
fn bytes(files: &BTreeMap<String, Vec<u8>>, manifest: &Manifest, found: &mut Verification) {
    let seal = files.get(SEAL);
    let seal = seal.and_then(|bytes| serde_json::from_slice::<Seal>(bytes).ok());
    let sealed = seal.as_ref().map(|seal| seal.manifest.clone());
    let is = files.get(MANIFEST).map(|bytes| Hash::of(bytes).to_string());
    let fault = (sealed != is).then(|| {
        let none = || "nothing".to_owned();
        (
            "altered",
            sealed.clone().unwrap_or_else(none),
            is.clone().unwrap_or_else(none),
        )
    });
    if let Some(seal) = &seal {
        found.signed_by.extend(seal.holding());
    }
    for key in seal.as_ref().map(Seal::broken).unwrap_or_default() {
        let is = "one that does not hold".to_owned();
        found.count(
            &format!("the signature of {key}"),
            Some(("altered", "a signature".to_owned(), is)),
        );
    }
    found.count(MANIFEST, fault);
    for entry in &manifest.files {
        let fault = match files.get(&entry.name) {
            None => Some(("withheld", entry.sha256.clone(), "no such file".to_owned())),
            Some(bytes) => {
                let is = Hash::of(bytes).to_string();
                (is != entry.sha256).then(|| ("altered", entry.sha256.clone(), is))
            }
        };
        found.count(&entry.name, fault);
    }
    let known: BTreeSet<&str> = manifest
        .files
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    // A file that an operating system leaves behind when the case is opened is none of the edition's.
    let extra = files.keys().filter(|name| {
        !known.contains(name.as_str())
            && ![MANIFEST, SEAL].contains(&name.as_str())
            && !is_lock(name)
    });
    let extra: Vec<&String> = extra.collect();
    for name in extra {
        found.count(
            name,
            Some((
                "altered",
                "no such file".to_owned(),
                "a file that no manifest knows".to_owned(),
            )),
        );
    }
}

/// Each entry and payload of the copy of the case.
fn case(dir: &Path, manifest: &Manifest, found: &mut Verification) {
    match evidence::check(dir, None) {
        Err(error) => found.count(
            "the case",
            Some(("case", manifest.case_revision.clone(), error.to_string())),
        ),
        Ok(checked) => {
            for fault in &checked.faults {
                let what = match (&fault.author, fault.entry) {
                    (Some(author), Some(entry)) => format!("{} {entry} of {author}", fault.what),
                    _ => fault.what.to_owned(),
                };
                found.count(
                    &what,
                    Some(("altered", "what was written".to_owned(), fault.why.clone())),
                );
            }
            let is = checked.revision.unwrap_or_default();
            let fault = (is != manifest.case_revision)
                .then(|| ("case", manifest.case_revision.clone(), is));
            found.count("the revision of the case", fault);
        }
    }
}

/// The findings that the report rests on, computed anew.
fn findings(chains: &dyn Chains, dir: &Path, manifest: &Manifest, found: &mut Verification) {
    let Ok(case) = Case::open(dir) else { return };
    for name in &manifest.findings {
        // One that was not shared has no payload here, and its figures no derivation to follow.
        if whither_casework::findings::named(&case, name).is_empty() {
            found.count(
                &format!("finding {name}"),
                Some((
                    "withheld",
                    "a finding".to_owned(),
                    "its payload is withheld from this copy".to_owned(),
                )),
            );
            continue;
        }
        match saved::verify(chains, dir, std::slice::from_ref(name)) {
            Ok(checked) => {
                found.checked += checked.checked;
                found.matched += checked.matched;
                found.mismatched.extend(checked.mismatched);
                found.fallen.extend(checked.fallen);
            }
            Err(error) => found.count(
                &format!("finding {name}"),
                Some(("error", "a result".to_owned(), error.to_string())),
            ),
        }
    }
}

/// The report, rendered once more.
fn rendered(
    chains: &dyn Chains,
    dir: &Path,
    manifest: &Manifest,
    files: &BTreeMap<String, Vec<u8>>,
    found: &mut Verification,
) -> Result<(), Error> {
    let ledger = Ledger::open(dir)?;
    let case = Case::of(&ledger)?;
    let audience = Audience::of_word(&manifest.audience)
        .ok_or_else(|| Error::new(format!("there is no audience {:?}", manifest.audience)))?;
    let ceiling = Handling::parse(&manifest.ceiling)
        .ok_or_else(|| Error::new(format!("there is no mark {:?}", manifest.ceiling)))?;
    let text = files
        .get(TEXT)
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let (document, faults) = parse(&text.unwrap_or_default());
    if let Some(fault) = faults.first() {
        return Err(Error::new(format!(
            "{TEXT}, line {}: {}",
            fault.place.line, fault.what
        )));
    }
    let desk = Desk::new((&ledger, &case), chains, audience, ceiling);
    let shown = render(
        &desk,
        document.clone(),
        as_remarks(&remarks(&case, &manifest.report)),
    );
    let then = files
        .get("report.json")
        .and_then(|bytes| Json::read(bytes).ok());
    let named = figures(then.as_ref(), &desk, &document, found);
    let made = Made {
        document,
        pieces: Vec::new(),
        shown,
    };
    let has_pdf = files.contains_key(PDF);
    if has_pdf && !SETS_TYPE {
        found.unchecked.push(format!(
            "{PDF} was held against the manifest, and not set in type anew: this program was built without the feature pdf"
        ));
    }
    for (name, bytes) in forms(&made, has_pdf && SETS_TYPE)? {
        let is = files.get(&name);
        let fault = match is {
            Some(then) if *then == bytes => None,
            // Where its figures are named already, that its bytes differ says nothing more.
            Some(_) if named => Some((
                "result",
                "the same bytes".to_owned(),
                "other bytes, see the figures".to_owned(),
            )),
            Some(then) => Some((
                "result",
                "the same bytes".to_owned(),
                first_difference(then, &bytes),
            )),
            None => None,
        };
        found.count(&format!("{name}, rendered anew"), fault);
    }
    Ok(())
}

/// Each figure of the report, computed anew; tells whether one is another.
fn figures(
    then: Option<&Json>,
    desk: &Desk<'_>,
    document: &whither_report::document::Document,
    found: &mut Verification,
) -> bool {
    let values = then
        .and_then(|json| json.field("values"))
        .and_then(Json::list);
    let text = |row: &Json, key: &str| {
        row.field(key)
            .and_then(Json::text)
            .unwrap_or_default()
            .to_owned()
    };
    let rows = values.unwrap_or_default();
    let then: BTreeMap<String, String> = rows
        .iter()
        .map(|row| (text(row, "reference"), text(row, "exact")))
        .collect();
    // What rests on claims that are not here cannot come out the same but by chance.
    let partly = rows.iter().filter(|row| {
        row.field("derived")
            .is_some_and(|derived| derived.canonical().contains(NOT_SHOWN))
    });
    let partly: BTreeSet<String> = partly.map(|row| text(row, "reference")).collect();
    let mut seen = BTreeSet::new();
    let mut any = false;
    for reference in document.computed() {
        let key = reference.to_string();
        if !seen.insert(key.clone()) {
            continue;
        }
        let was = then
            .get(&key)
            .cloned()
            .unwrap_or_else(|| "nothing".to_owned());
        let fault = match desk.value(reference) {
            // A finding's own part is as it was kept; that a claim is missing is told of the finding.
            Ok(value) if reference.kind == "finding" && value.derived.exact == was => None,
            Ok(value) if partly.contains(&key) => Some((
                "withheld",
                was,
                format!(
                    "{}, without the claims that this edition does not show",
                    value.derived.exact
                ),
            )),
            Ok(value) if value.derived.exact == was => None,
            Ok(value) => Some(("result", was, value.derived.exact)),
            Err(refusal) => Some(("error", was, refusal.what)),
        };
        any |= fault.is_some();
        found.count(&format!("{{{key}}}"), fault);
    }
    any
}

fn first_difference(then: &[u8], now: &[u8]) -> String {
    let at = then.iter().zip(now).position(|(a, b)| a != b);
    let at = at.unwrap_or(then.len().min(now.len()));
    let line = then.iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
    format!("other bytes from byte {at} on, line {line}")
}
