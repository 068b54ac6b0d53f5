//! The files of an edition: made beside their place, with a copy of the case and of the data as far as its readers may see
//! them, and put there whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use whither_casework::claims::Body;
use whither_casework::{Case, Handling, Hash, Kind, Statement, Withhold, Word};
use whither_report::leak::Private;

use super::desk::Desk;
use super::edition::Publication;
use super::private::{LIFE, by_says, holds_private};
use crate::beside::Beside;
use crate::error::Error;
use crate::knowledge::BEAR_ON_TRACE;
use crate::saved::Verification;

/// The folder of the copy of the case.
pub(super) const CASE: &str = "case";
/// The folder of the data that the figures were computed from.
pub(super) const STORE: &str = "store";

/// All files below a directory, by their names with `/`, in order.
///
/// # Errors
/// Where one cannot be read.
pub(super) fn read_all(dir: &Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut all = BTreeMap::new();
    gather(dir, "", &mut all)?;
    Ok(all.into_iter().collect())
}

fn gather(dir: &Path, under: &str, into: &mut BTreeMap<String, Vec<u8>>) -> Result<(), Error> {
    let wrong =
        |error: std::io::Error| Error::new(format!("cannot read {}: {error}", dir.display()));
    for entry in fs::read_dir(dir).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let name = format!("{under}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            gather(&entry.path(), &format!("{name}/"), into)?;
        } else {
            into.insert(name, fs::read(entry.path()).map_err(wrong)?);
        }
    }
    Ok(())
}

/// What holds a report's text whole, and with it what an edition for review withholds.
const WHOLE_TEXTS: &[&str] = &["report-secret", "report-draft", "report-edition"];

/// Copies the case as far as the audience may see it. `report` is the report, and the parts of it that are withheld.
pub(super) fn copy_case(
    desk: &Desk<'_>,
    beside: &Beside,
    private: &[Private],
    report: (&str, &BTreeSet<&str>),
) -> Result<(), Error> {
    let whole = desk.ceiling >= Handling::Red;
    let mut withhold = Withhold {
        claims: BTreeSet::new(),
        kinds: BTreeSet::new(),
        above: None,
    };
    let kinds: &[&str] = if desk.audience.is_outside() {
        LIFE
    } else if whole {
        &["report-secret"]
    } else {
        WHOLE_TEXTS
    };
    for kind in kinds {
        withhold.kinds.insert(Kind::new(kind)?);
    }
    let shown = shown(desk);
    for claim in desk.case.claims() {
        let closed = claim.marks.handling.is_some_and(|mark| mark > desk.ceiling);
        let kept = if desk.audience.is_outside() {
            shown.contains(&claim.says) && !says_private(claim, private)
        } else {
            !closed && (whole || !is_said_elsewhere(desk.case, claim, report))
        };
        if !kept {
            withhold.claims.insert(claim.id);
        }
    }
    // What was struck is nobody's business outside.
    if desk.audience.is_outside() {
        let state = desk.ledger.replay(None);
        withhold
            .claims
            .extend(state.retracted.iter().map(|it| it.entry.hash()));
    }
    let name = desk.audience.is_outside().then(|| desk.case.id().as_str());
    desk.ledger
        .copy(&beside.dir().join(CASE), name, &withhold)?;
    Ok(())
}

/// What an edition for outside shows of the case: claims that were used and are open, what sources may be called, and
/// findings all of whose claims are shown.
fn shown(desk: &Desk<'_>) -> BTreeSet<Hash> {
    let used = desk.used();
    let claims = by_says(desk.case);
    let open = |says: &Hash| {
        let mark = claims.get(says).and_then(|claim| claim.marks.handling);
        mark.is_some_and(|mark| mark <= desk.ceiling)
    };
    let mut shown: BTreeSet<Hash> = used.iter().filter(|says| open(says)).copied().collect();
    for (claim, finding) in desk.case.findings() {
        if used.contains(&claim.says) && finding.claims.iter().all(&open) {
            shown.insert(claim.says);
            shown.extend(&finding.claims);
        }
    }
    // What a trace would have stopped at was looked at too, and found not to be there.
    let mut findings = desk.case.findings();
    if findings.any(|(claim, finding)| {
        used.contains(&claim.says) && Verification::follows_money(&finding.command)
    }) {
        let bears = claims
            .iter()
            .filter(|(says, claim)| BEAR_ON_TRACE.contains(&claim.body.kind_word()) && open(says));
        shown.extend(bears.map(|(says, _)| *says).collect::<Vec<_>>());
    }
    let sources: BTreeSet<&str> = shown
        .iter()
        .filter_map(|says| claims.get(says)?.marks.source.as_deref())
        .collect();
    let of_used = desk
        .case
        .descriptors()
        .filter(|(claim, said)| sources.contains(said.of.as_str()) || used.contains(&claim.says));
    shown.extend(of_used.map(|(claim, _)| claim.says).collect::<Vec<_>>());
    shown
}

/// Whether a claim is a remark on a part that is withheld, or on another report.
fn is_said_elsewhere(
    case: &Case,
    claim: &whither_casework::Claim,
    (report, withheld): (&str, &BTreeSet<&str>),
) -> bool {
    let elsewhere =
        |of: &Word, part: &Word| of.as_str() != report || withheld.contains(part.as_str());
    match &claim.body {
        Body::Comment(it) => elsewhere(&it.report, &it.part),
        Body::Reply(it) => elsewhere(&it.report, &it.part),
        Body::Ruling(ruling) => {
            let mut comments = case.comments().map(|(_, it)| it);
            let of = comments.find(|it| it.report == ruling.report && it.comment == ruling.comment);
            of.is_none_or(|it| elsewhere(&it.report, &it.part))
        }
        _ => false,
    }
}

fn says_private(claim: &whither_casework::Claim, private: &[Private]) -> bool {
    let statement = Statement {
        handle: claim.handle.clone(),
        marks: claim.marks.clone(),
        body: claim.body.clone(),
    };
    match statement.payload() {
        Ok(payload) => holds_private(&payload.canonical(), private),
        Err(_) => true,
    }
}

/// Copies prices, and all chain data where that is asked.
pub(super) fn copy_store(beside: &Beside, asked: &Publication) -> Result<(), Error> {
    let Some(store) = &asked.store else {
        return Ok(());
    };
    let to = beside.dir().join(STORE);
    if asked.with_store {
        return copy_folder(store, &to);
    }
    let prices = store.join("prices");
    if prices.is_dir() {
        copy_folder(&prices, &to.join("prices"))?;
    }
    Ok(())
}

/// Whether a file is the lock of a store or a case.
pub(super) fn is_lock(name: &str) -> bool {
    name == "lock" || name.ends_with("/lock") || name.ends_with(".lock")
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    let failed =
        |error: std::io::Error| Error::new(format!("cannot copy {}: {error}", from.display()));
    fs::create_dir_all(to).map_err(failed)?;
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(from).map_err(failed)? {
        entries.push(entry.map_err(failed)?.path());
    }
    entries.sort();
    for path in entries {
        let Some(name) = path.file_name() else {
            continue;
        };
        // A lock is of this machine and this moment.
        if is_lock(&name.to_string_lossy()) {
            continue;
        }
        if path.is_dir() {
            copy_folder(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name)).map_err(failed)?;
        }
    }
    Ok(())
}
