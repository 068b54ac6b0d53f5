//! Bringing lists in (`whither.lists.import/1`): read whole, held against the version before, written, told.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use whither_ledger::time::Timestamp;
use whither_screening::lists::pack::{File as Origin, Version, encode};
use whither_screening::lists::{self, Format, Listing, Source, recognise};
use whither_screening::wallet::{Problem, check};

use super::folder::Folder;
use crate::error::Error;

/// A list that lost more of its entries, names or addresses than one in so many is refused.
const LOSS_SHARE: u64 = 20;
/// How much of a file shows its format.
const HEAD: u64 = 64 << 10;

/// What to bring in, and how.
#[derive(Clone, Debug, Default)]
pub struct ImportRequest {
    /// Files; those of OFAC's CSV family are one list, any other is one by itself.
    pub paths: Vec<PathBuf>,
    /// The name of the list, where the file's own shall not be used.
    pub name: Option<String>,
    /// The date, where the file bears none, or another counts.
    pub date: Option<String>,
    /// Whether a list may have lost entries, names or addresses.
    pub allow_loss: bool,
    /// Read and tell, and write nothing.
    pub dry_run: bool,
    /// The day, for files that bear no date; empty where nobody knows it. No version is of a later one.
    pub today: String,
}

/// What was brought in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// `whither.lists.import/1`.
    pub schema: &'static str,
    /// The lists, in the order of the files.
    pub lists: Vec<ImportedList>,
}

/// A list that was brought in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportedList {
    /// Its version: list, publisher, date, hash, files, counts, what was unknown, what is odd.
    #[serde(flatten)]
    pub version: Version,
    /// How many digital-currency addresses it holds (also `wallets`).
    pub addresses: u64,
    /// Codes of digital currencies that no list had before, and how often.
    pub unknown_codes: Vec<CodeCount>,
    /// Addresses that are not right as they stand in the list.
    pub address_problems: Vec<AddressProblem>,
    /// The version before it, where the store holds one.
    pub previous: Option<super::VersionRow>,
    /// Whether the store held it already.
    pub unchanged: bool,
    /// What must be said with it: that another version is asked, since it is newer.
    pub caveats: Vec<String>,
}

/// A code and how often it stands in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodeCount {
    /// The code.
    pub code: String,
    /// How often.
    pub count: u64,
}

/// An address that is not right as it stands in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AddressProblem {
    /// Whose it is.
    pub entry: String,
    /// The publisher's code.
    pub code: String,
    /// The address.
    pub address: String,
    /// What is wrong.
    pub what: String,
}

/// Brings lists into a store.
///
/// # Errors
/// Where a file is no list, cannot be read whole, lost too much, is of a day to come, or cannot be written. Lists before it
/// stay.
pub fn import(store: &Path, request: &ImportRequest) -> Result<Imported, Error> {
    if let Some(date) = &request.date {
        day(date)?;
    }
    let mut lists = Vec::new();
    for paths in families(&request.paths)? {
        lists.push(one(store, &paths, request)?);
    }
    Ok(Imported {
        schema: "whither.lists.import/1",
        lists,
    })
}

/// Reads a day, `YYYY-MM-DD`.
///
/// # Errors
/// Where the text is none.
pub(super) fn day(text: &str) -> Result<(), Error> {
    let right = text.len() == 10 && Timestamp::parse(text).is_ok();
    right.then_some(()).ok_or_else(|| {
        Error::new(format!("`{text}` is no day")).with_hint("write it as 2024-05-31")
    })
}

/// Files by list: the files of OFAC's CSV family together, any other alone.
fn families(paths: &[PathBuf]) -> Result<Vec<Vec<PathBuf>>, Error> {
    let mut families: Vec<Vec<PathBuf>> = Vec::new();
    let mut family: Option<usize> = None;
    for path in paths {
        let mut head = Vec::new();
        File::open(path)
            .and_then(|file| file.take(HEAD).read_to_end(&mut head))
            .map_err(|error| cannot(path, &error))?;
        match family.filter(|_| recognise(&head) == Some(Format::OfacCsv)) {
            Some(at) => families[at].push(path.clone()),
            None => {
                if recognise(&head) == Some(Format::OfacCsv) {
                    family = Some(families.len());
                }
                families.push(vec![path.clone()]);
            }
        }
    }
    Ok(families)
}

fn cannot(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("{}: {error}", path.display()))
}

fn one(store: &Path, paths: &[PathBuf], request: &ImportRequest) -> Result<ImportedList, Error> {
    let mut seen = Vec::new();
    let mut sources = Vec::new();
    for path in paths {
        let read = Rc::new(RefCell::new((Sha256::new(), 0)));
        let file = File::open(path).map_err(|error| cannot(path, &error))?;
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned();
        sources.push(Source {
            name: name.clone(),
            bytes: Box::new(BufReader::with_capacity(
                1 << 16,
                Hashing {
                    file,
                    read: Rc::clone(&read),
                },
            )),
        });
        seen.push((name, read));
    }
    let (format, listing) = lists::read(sources, request.name.as_deref())
        .map_err(|error| Error::new(&error).with_hint_of(error.hint()))?;
    let mut files: Vec<Origin> = seen
        .into_iter()
        .map(|(name, read)| {
            let (hash, bytes) = (read.borrow().0.clone().finalize(), read.borrow().1);
            let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            Origin { name, bytes, hash }
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let (date, basis) = match (&request.date, &listing.date) {
        (Some(date), _) => (date, "given"),
        (None, Some(date)) => (date, "publisher"),
        (None, None) => (&request.today, "import"),
    };
    let version = Version::new(&listing, format.word(), files, date, basis);
    to_come(&version, &request.today)?;
    keep(store, version, &listing, request)
}

/// Refuses a version of a day to come: it would be the newest until that day, whatever is brought in after it.
fn to_come(version: &Version, today: &str) -> Result<(), Error> {
    if today.is_empty() || version.date.as_str() <= today {
        return Ok(());
    }
    let said = match version.date_basis.as_str() {
        "publisher" => "by its publisher's date",
        _ => "as it is said",
    };
    Err(Error::new(format!(
        "the list `{}` is of {} {said}, and today is {today}: it would be the newest until then",
        version.list, version.date
    ))
    .with_hint("fetch the file anew; to bring it in anyway, say of which day it is by `--date DAY`, today or before"))
}

/// Holds a version against the one before it, and writes it.
fn keep(
    store: &Path,
    version: Version,
    listing: &Listing,
    request: &ImportRequest,
) -> Result<ImportedList, Error> {
    let folder = Folder::new(store, &version.list)?;
    let lock = || Folder::lock(store);
    let _lock = (!request.dry_run).then(lock).transpose()?;
    let held = folder.versions()?;
    // What bears no date of its own is not a new version for being brought in on another day.
    let same = |held: &Version| {
        held.hash == version.hash && (held.date == version.date || version.date_basis == "import")
    };
    let before = held
        .iter()
        .rev()
        .find(|(_, held)| held.date <= version.date && !same(held));
    let unchanged = held.iter().any(|(_, held)| same(held));
    if !unchanged && !request.allow_loss {
        lost(&version, listing, before)?;
    }
    if !unchanged && !request.dry_run {
        folder.write(&version, &encode(&version, &listing.entries))?;
    }
    let newest = held
        .last()
        .filter(|(_, newest)| newest.date > version.date)
        .map(|(_, newest)| format!("not the newest: the version of {} is asked", newest.date));
    let (unknown_codes, address_problems) = addresses(listing);
    Ok(ImportedList {
        addresses: version.wallets,
        unknown_codes,
        address_problems,
        previous: before.map(|(_, before)| super::VersionRow::from(before)),
        unchanged,
        caveats: newest.into_iter().collect(),
        version,
    })
}

/// Refuses a version that lost much of the one before it, or holds less than its file says.
fn lost(
    version: &Version,
    listing: &Listing,
    before: Option<&(PathBuf, Version)>,
) -> Result<(), Error> {
    let hint = "fetch the file anew; if the list is really so much shorter, say `--allow-loss`";
    if let Some((path, before)) = before {
        for (what, now, then) in [
            ("entries", version.entries, before.entries),
            ("names", version.names, before.names),
            ("addresses", version.wallets, before.wallets),
        ] {
            if is_much(then.saturating_sub(now), then) {
                return Err(Error::new(format!(
                    "the list `{}` of {} has {now} {what}, and that of {} has {then}: more than 5 % are lost",
                    version.list, version.date, before.date
                ))
                .with_hint(hint));
            }
        }
        // As many others in their place make up for no entry that is gone.
        let (_, stored) = super::read(path)?;
        let ids = listing.entries.iter().map(|listed| &listed.entry.id);
        let ids: BTreeSet<&String> = ids.collect();
        let gone = stored.iter().filter(|one| !ids.contains(&one.entry.id));
        let gone = gone.count() as u64;
        if is_much(gone, before.entries) {
            return Err(Error::new(format!(
                "the list `{}` of {} lacks {gone} of the {} entries of that of {}: more than 5 % are lost",
                version.list, version.date, before.entries, before.date
            ))
            .with_hint(hint));
        }
    }
    match listing
        .declared
        .filter(|declared| *declared != version.entries)
    {
        Some(declared) => Err(Error::new(format!(
            "the file says that it holds {declared} entries, and it holds {}",
            version.entries
        ))
        .with_hint(hint)),
        None => Ok(()),
    }
}

/// Whether so many are more than one in [`LOSS_SHARE`] of all.
fn is_much(lost: u64, all: u64) -> bool {
    lost * LOSS_SHARE > all
}

/// What is odd about the addresses of a list.
fn addresses(listing: &Listing) -> (Vec<CodeCount>, Vec<AddressProblem>) {
    let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
    let mut problems = Vec::new();
    for listed in &listing.entries {
        for wallet in &listed.entry.wallets {
            match check(&wallet.code, &wallet.address) {
                Some(Problem::UnknownCode) => *codes.entry(&wallet.code).or_default() += 1,
                Some(Problem::Wrong(what)) => problems.push(AddressProblem {
                    entry: listed.entry.id.clone(),
                    code: wallet.code.clone(),
                    address: wallet.address.clone(),
                    what,
                }),
                None => {}
            }
        }
    }
    let codes = codes.into_iter().map(|(code, count)| CodeCount {
        code: code.to_owned(),
        count,
    });
    (codes.collect(), problems)
}

/// A file whose bytes are hashed as they are read.
struct Hashing {
    file: File,
    read: Rc<RefCell<(Sha256, u64)>>,
}

impl Read for Hashing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let taken = self.file.read(into)?;
        let mut read = self.read.borrow_mut();
        read.0.update(&into[..taken]);
        read.1 += taken as u64;
        Ok(taken)
    }
}
