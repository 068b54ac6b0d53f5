//! Opening what an edition withheld, one piece at a time, and checking such an opening.
//!
//! An opening is the piece, its salt and its text. Whoever has the edition can check it against the hash that stands there,
//! and learns nothing of the other pieces: each has a salt of its own.

use std::path::Path;

use serde::{Deserialize, Serialize};
use whither_casework::{Case, Hash, Ledger};
use whither_report::document::{parse, redact};

use super::audience::Audience;
use super::desk::Desk;
use super::draft::text_of;
use super::edition::{MANIFEST, Manifest, commitment, hidden_sources, sealed};
use crate::error::Error;
use crate::question::Chains;

/// A piece of an edition, opened (`whither.report-opening/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// `whither.report-opening/1`.
    pub schema: String,
    /// The report.
    pub report: String,
    /// The edition.
    pub edition: String,
    /// The piece.
    pub piece: String,
    /// Its salt.
    pub salt: String,
    /// Its text (hostile).
    pub text: String,
}

/// What a check of an opening found (`whither.report-opening-check/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpeningChecked {
    schema: &'static str,
    /// The piece.
    pub piece: String,
    /// The hash that stands in the edition; none where it has no such piece.
    pub committed: Option<String>,
    /// The hash of what was opened.
    pub found: String,
    /// Whether they are the same.
    pub matches: bool,
}

/// Opens a piece of an edition that was given out.
///
/// # Errors
/// Where there is no such edition or piece, or this copy of the case does not have its secret.
pub fn open(
    chains: &dyn Chains,
    dir: &Path,
    (report, edition): (&str, &str),
    piece: &str,
) -> Result<Opening, Error> {
    let ledger = Ledger::open(dir)?;
    let case = Case::of(&ledger)?;
    let mut editions = case.editions();
    let given =
        editions.find(|(_, it)| it.report.as_str() == report && it.edition.as_str() == edition);
    let Some((_, given)) = given else {
        return Err(
            Error::new(format!("report {report:?} has no edition {edition:?}"))
                .with_hint("`whither report show NAME` lists its editions"),
        );
    };
    let mut secrets = case.secrets();
    let secret =
        secrets.find(|(_, it)| it.report.as_str() == report && it.edition.as_str() == edition);
    let Some((_, secret)) = secret else {
        return Err(
            Error::new("this copy of the case does not have the secret of that edition")
                .with_hint("who gave it out can open it"),
        );
    };
    let then = Case::of(&ledger.clone().at(&given.head().map_err(Error::new)?)?)?;
    let text = text_of(&then, report, Some(given.revision))?.text;
    let commit = |piece: &str, text: &str| {
        commitment(secret.secret, edition, piece, text)
            .0
            .to_string()
    };
    let (document, pieces) = redact(&parse(&text).0, &given.ceiling, &commit);
    let audience = Audience::of_word(&given.audience).unwrap_or(Audience::Public);
    let ceiling = whither_casework::Handling::parse(&given.ceiling).unwrap_or(audience.ceiling());
    let desk = Desk::new((&ledger, &then), chains, audience, ceiling);
    let of_text = pieces.into_iter().map(|piece| (piece.name, piece.text));
    let mut all = of_text.chain(hidden_sources(&desk, &document));
    let Some((name, text)) = all.find(|(name, _)| name == piece) else {
        let names: Vec<&str> = given.withheld.iter().map(|it| it.piece.as_str()).collect();
        return Err(Error::new(format!("the edition withholds no {piece:?}"))
            .with_hint(format!("it withholds {}", names.join(", "))));
    };
    let (_, salt) = commitment(secret.secret, edition, &name, &text);
    Ok(Opening {
        schema: "whither.report-opening/1".to_owned(),
        report: report.to_owned(),
        edition: edition.to_owned(),
        piece: name,
        salt: salt.to_string(),
        text,
    })
}

/// Checks an opening against the edition in a directory.
///
/// # Errors
/// Where either cannot be read.
pub fn check_opening(bundle: &Path, opening: &str) -> Result<OpeningChecked, Error> {
    let opening: Opening = serde_json::from_str(opening).map_err(|error| {
        Error::new(format!("this is no opening: {error}"))
            .with_hint("`whither report open` writes one")
    })?;
    let manifest = bundle.join(MANIFEST);
    let text = std::fs::read_to_string(&manifest)
        .map_err(|error| Error::new(format!("cannot read {}: {error}", manifest.display())))?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(Error::new)?;
    let salt = Hash::parse(&opening.salt).ok_or_else(|| Error::new("the salt is no hash"))?;
    let found = sealed(salt, &opening.piece, &opening.text).to_string();
    let committed = manifest
        .withheld
        .iter()
        .find(|it| it.piece == opening.piece);
    let committed = committed.map(|it| it.sha256.to_string());
    Ok(OpeningChecked {
        schema: "whither.report-opening-check/1",
        piece: opening.piece,
        matches: committed.as_ref() == Some(&found),
        committed,
        found,
    })
}
