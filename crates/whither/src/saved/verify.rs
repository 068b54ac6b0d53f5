//! The check of saved findings: each computed anew from the case as it was, and compared byte for byte.
//!
//! What does not match says why: data that is missing or other, a payload that is withheld, another version of
//! the program, or the first place where the results differ.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use whither_casework::claims::Finding;
use whither_casework::findings::{Kept, differences, kept};
use whither_casework::{Body, Case, Claim, Hash, Json, Ledger};

use super::{LINK, OFFRAMPS, again};
use crate::error::Error;
use crate::knowledge::BEAR_ON_TRACE;
use crate::question::Chains;

/// What a check of findings found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// `whither.verify/1`.
    pub schema: &'static str,
    /// How many were checked.
    pub checked: usize,
    /// How many came out the same, byte for byte.
    pub matched: usize,
    /// Those that did not.
    pub mismatched: Vec<Mismatch>,
    /// Those that rest on claims that no longer stand, whether they came out the same or not.
    pub fallen: Vec<Fallen>,
    /// Of an edition: the keys whose signatures hold. Whose they are is told on another way.
    pub signed_by: Vec<String>,
    /// What this program could not check, in words.
    pub unchecked: Vec<String>,
}

/// A finding that rests on what was said otherwise since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fallen {
    /// The finding.
    pub finding: String,
    /// The claims that were struck or corrected, by the names that they had.
    pub claims: Vec<String>,
}

/// A finding that did not come out the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// The finding, or the entry where its payload is withheld.
    pub finding: String,
    /// The entry whose payload counts.
    pub entry: String,
    /// In a word: `withheld`, `altered`, `case`, `chain`, `store`, `prices`, `version`, `result` or `error`.
    pub reason: &'static str,
    /// What differs: of a result, the finding and the first place in it.
    pub what: String,
    /// What was kept.
    pub expected: String,
    /// What there is now.
    pub found: String,
}

/// Why a finding does not match: reason, what, expected, found.
type Fault = (&'static str, String, String, String);

impl Verification {
    /// Both checks as one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.checked += other.checked;
        self.matched += other.matched;
        self.mismatched.extend(other.mismatched);
        self.fallen.extend(other.fallen);
        self.signed_by.extend(other.signed_by);
        self.unchecked.extend(other.unchecked);
        self
    }

    /// Whether a command follows money, so that its result rests on every claim that bears on a trace: on those that it met,
    /// which it names, and on those that it would have met elsewhere, which it does not.
    pub(crate) fn follows_money(command: &str) -> bool {
        command == "trace" || command == LINK || command == OFFRAMPS
    }

    /// Whether everything matched.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.mismatched.is_empty()
    }
}

/// Checks the findings of these names, or all of them.
///
/// # Errors
/// Where there is no case, its log is damaged, or it has no finding of a name.
pub fn verify(chains: &dyn Chains, dir: &Path, names: &[String]) -> Result<Verification, Error> {
    let ledger = Ledger::open(dir)?;
    let case = Case::of(&ledger)?;
    let mut found = Verification {
        schema: "whither.verify/1",
        checked: 0,
        matched: 0,
        mismatched: Vec::new(),
        fallen: Vec::new(),
        signed_by: Vec::new(),
        unchecked: Vec::new(),
    };
    for name in names {
        if whither_casework::findings::named(&case, name).is_empty() {
            return Err(Error::new(format!("the case has no finding {name:?}"))
                .with_hint("`whither evidence list --kind finding` lists those it has"));
        }
    }
    for claim in case.claims() {
        let fault = match &claim.body {
            Body::Finding(finding) => {
                let name = finding.finding.to_string();
                if !names.is_empty() && !names.contains(&name) {
                    continue;
                }
                let fault = check(chains, &ledger, (claim, finding))?;
                fault.map(|fault| (name, fault))
            }
            Body::Withheld { kind } if kind.as_str() == "finding" && names.is_empty() => Some((
                claim.id.to_string(),
                fault("withheld", "payload", "a payload", "nothing"),
            )),
            Body::Unreadable { kind, why } if kind.as_str() == "finding" && names.is_empty() => {
                Some((
                    claim.id.to_string(),
                    fault("altered", "payload", "a finding", why),
                ))
            }
            _ => continue,
        };
        if let Body::Finding(finding) = &claim.body
            && let Some(row) = fallen(&ledger, &case, finding)
        {
            found.fallen.push(row);
        }
        found.checked += 1;
        match fault {
            None => found.matched += 1,
            Some((finding, (reason, what, expected, is))) => found.mismatched.push(Mismatch {
                what: if what.is_empty() {
                    finding.clone()
                } else {
                    format!("{finding}: {what}")
                },
                finding,
                entry: claim.says.to_string(),
                reason,
                expected,
                found: is,
            }),
        }
    }
    Ok(found)
}

fn fault(reason: &'static str, what: &str, expected: &str, found: &str) -> Fault {
    (
        reason,
        what.to_owned(),
        expected.to_owned(),
        found.to_owned(),
    )
}

/// The claims that a finding rests on and that were struck or corrected since, if there are any.
fn fallen(ledger: &Ledger, case: &Case, finding: &Finding) -> Option<Fallen> {
    let stand: BTreeSet<&Hash> = case.claims().iter().map(|claim| &claim.says).collect();
    let gone: Vec<&Hash> = finding
        .claims
        .iter()
        .filter(|says| !stand.contains(says))
        .collect();
    if gone.is_empty() {
        return None;
    }
    let then = at_head(ledger, finding).ok();
    let name = |says: &&Hash| {
        let claims = then.as_ref().map(Case::claims).unwrap_or_default();
        let claim = claims.iter().find(|claim| claim.says == **says);
        claim.map_or_else(|| says.to_string(), Claim::name)
    };
    Some(Fallen {
        finding: finding.finding.to_string(),
        claims: gone.iter().map(name).collect(),
    })
}

/// Why a finding does not match, if it does not.
fn check(
    chains: &dyn Chains,
    ledger: &Ledger,
    (claim, finding): (&Claim, &Finding),
) -> Result<Option<Fault>, Error> {
    let text = match kept(ledger, claim)? {
        Kept::Here(text) => text,
        Kept::Withheld => {
            return Ok(Some(fault("withheld", "result", "the result", "nothing")));
        }
        Kept::Altered(why) => return Ok(Some(fault("altered", "result", "the result", &why))),
    };
    let expected = match Json::read_canonical(text.as_bytes()) {
        Ok(expected) => expected,
        Err(why) => {
            return Ok(Some(fault("altered", "result", "canonical JSON", &why)));
        }
    };
    let then = match at_head(ledger, finding) {
        Ok(case) => case,
        Err(why) => return Ok(Some(fault("case", "case", &finding.case, &why))),
    };
    if let Some(withheld) = withheld(&then, finding) {
        let found = "its payload is withheld from this copy";
        return Ok(Some(fault(
            "withheld",
            "a claim that it rests on",
            &withheld,
            found,
        )));
    }
    if let Some(missing) = missing_chain(chains, &expected) {
        return Ok(Some(fault(
            "chain",
            "chain data",
            &missing,
            "no such chain in the store",
        )));
    }
    let found = match again::compute(chains, &then, &finding.command, &finding.parameters) {
        Ok(found) => found,
        Err(error) => {
            return Ok(Some(fault(
                "error",
                "result",
                "a result",
                &error.to_string(),
            )));
        }
    };
    if text == found.canonical() {
        return Ok(None);
    }
    // A copy that withholds claims says so in its answers, whether they matter or not.
    Ok(Some(
        unread(&then, &finding.command).unwrap_or_else(|| differs(&expected, &found)),
    ))
}

/// The case as it was when the finding was computed.
fn at_head(ledger: &Ledger, finding: &Finding) -> Result<Case, String> {
    let head = finding.head()?;
    let then = ledger
        .clone()
        .at(&head)
        .map_err(|error| error.to_string())?;
    let case = Case::of(&then).map_err(|error| error.to_string())?;
    if case.revision() != finding.case {
        return Err(format!(
            "the head that it names is that of {}",
            case.revision()
        ));
    }
    Ok(case)
}

/// A claim that the finding used and that this copy of the case withholds.
fn withheld(case: &Case, finding: &Finding) -> Option<String> {
    let is_gone = |claim: &&Claim| matches!(claim.body, Body::Withheld { .. });
    let mut gone = case.claims().iter().filter(is_gone);
    let claim = gone.find(|claim| finding.claims.contains(&claim.says))?;
    Some(claim.id.to_string())
}

/// How many claims this copy withholds of the case as it was then, if any.
fn unread(case: &Case, command: &str) -> Option<Fault> {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let of_trace = Verification::follows_money(command);
    let bears = |kind: &str| !of_trace || BEAR_ON_TRACE.contains(&kind);
    for claim in case.claims() {
        if let Body::Withheld { kind } = &claim.body
            && bears(kind.as_str())
        {
            *kinds.entry(kind.as_str()).or_default() += 1;
        }
    }
    let counts: Vec<String> = kinds
        .iter()
        .map(|(kind, count)| format!("{count} of kind {kind}"))
        .collect();
    let found = format!("withheld from this copy: {}", counts.join(", "));
    (!counts.is_empty()).then(|| fault("withheld", "claims of the case", "all claims", &found))
}

/// A chain that the result was computed from and the store lacks.
fn missing_chain(chains: &dyn Chains, expected: &Json) -> Option<String> {
    let known: Vec<String> = chains.chains().iter().map(ToString::to_string).collect();
    let provenance = expected.field("provenance")?;
    let stores = provenance
        .field("stores")
        .and_then(Json::list)
        .unwrap_or_default();
    let stores = stores.iter().filter_map(|row| row.field("chain"));
    let asked = provenance
        .field("parameters")
        .and_then(|asked| asked.field("chain"));
    let mut needed = asked.into_iter().chain(stores).filter_map(Json::text);
    needed
        .find(|chain| !known.iter().any(|known| known == chain))
        .map(ToOwned::to_owned)
}

/// The first price file that is another, is gone, or was not there.
fn other_prices(expected: &Json, found: &Json) -> Option<Fault> {
    let files = |json: &Json| -> BTreeMap<String, Json> {
        let parameters = json
            .field("provenance")
            .and_then(|from| from.field("parameters"));
        let rows = parameters.and_then(|parameters| parameters.field("prices"));
        let rows = rows.and_then(Json::list).unwrap_or_default();
        let named = rows.iter().map(|row| {
            let text = |key: &str| row.field(key).and_then(Json::text).unwrap_or_default();
            let [asset, quote, convention, source] =
                ["asset", "quote", "convention", "source"].map(text);
            let name = format!("prices of {asset} in {quote} ({convention}, {source})");
            (name, row.clone())
        });
        named.collect()
    };
    let (kept, now) = (files(expected), files(found));
    let mut names: Vec<&String> = kept.keys().chain(now.keys()).collect();
    names.sort();
    let name = names
        .into_iter()
        .find(|name| kept.get(*name) != now.get(*name))?;
    let file = |row: &Json| {
        row.field("price_file")
            .and_then(Json::text)
            .map(str::to_owned)
    };
    let (a, b) = (kept.get(name), now.get(name));
    let same_file = a.and_then(file) == b.and_then(file);
    let shown = |row: Option<&Json>| match row {
        None => "nothing".to_owned(),
        Some(row) if same_file => row.canonical(),
        Some(row) => file(row).unwrap_or_default(),
    };
    Some(fault("prices", name, &shown(a), &shown(b)))
}

/// The reason that says most: other chain data, another program, or the first place that differs.
fn differs(expected: &Json, found: &Json) -> Fault {
    let of = |json: &Json, key: &str| {
        json.field("provenance")
            .and_then(|from| from.field(key))
            .cloned()
    };
    for (reason, key, what) in [
        ("store", "store", "chain data"),
        ("store", "stores", "chain data"),
        ("version", "version", "program version"),
    ] {
        // Before the version: other prices are other data, whoever computes.
        if key == "version"
            && let Some(fault) = other_prices(expected, found)
        {
            return fault;
        }
        let (kept, now) = (of(expected, key), of(found, key));
        if kept != now {
            let (kept, now) = (kept.unwrap_or(Json::Null), now.unwrap_or(Json::Null));
            let mut first = differences(&kept, &now, 1).into_iter();
            if let Some(at) = first.next() {
                return fault(reason, what, &at.expected, &at.found);
            }
        }
    }
    match differences(expected, found, 1).into_iter().next() {
        Some(at) => fault("result", &at.path, &at.expected, &at.found),
        None => fault("result", "bytes", "the bytes that are kept", "others"),
    }
}
