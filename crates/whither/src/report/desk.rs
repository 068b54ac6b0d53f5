//! What a reference comes to, for one audience: the value, the words for it, and from what it was computed.
//!
//! Findings are read as they were kept, and totals, values and assessments are computed from the case and the prices at
//! hand. What an audience may not see is refused with the reason, and never left out in silence.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use whither_casework::claims::Body;
use whither_casework::findings::{Kept as Result_, kept, named};
use whither_casework::incidents::{Kept, Sources};
use whither_casework::{Case, Claim, Handling, Hash, Json, Ledger};
use whither_report::document::Reference;
use whither_report::edition::{Derived, Value};

use super::path::{Written, dollars, plain, walk};
use crate::assess::{Assessment, Options, assess_case};
use crate::error::Error;
use crate::incidents::{TotalAnswer, TotalQuestion, total};
use crate::prices::{Book, Choice};
use crate::question::Chains;
use crate::saved::used;
use crate::value::{Quantity, Request, value};

/// For whom a report is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Those who work on the case.
    Internal,
    /// Those who may comment on it.
    Review,
    /// Everybody.
    Public,
    /// The expert of the other side: what was used, and no more.
    Disclosure,
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Internal, Self::Review, Self::Public, Self::Disclosure];

    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Review => "review",
            Self::Public => "public",
            Self::Disclosure => "disclosure",
        }
    }

    /// Reads its word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|audience| audience.word() == word)
    }

    /// The most closed mark that it sees, where nothing else is said.
    #[must_use]
    pub fn ceiling(self) -> Handling {
        match self {
            Self::Internal => Handling::Red,
            Self::Review => Handling::AmberStrict,
            Self::Disclosure => Handling::Amber,
            Self::Public => Handling::Clear,
        }
    }

    /// Whether sources are called by their descriptors alone.
    #[must_use]
    pub fn is_outside(self) -> bool {
        matches!(self, Self::Public | Self::Disclosure)
    }
}

/// Why a reference cannot be written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub hint: String,
}

impl Refusal {
    fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: hint.into(),
        }
    }

    fn of(error: &Error) -> Self {
        Self::new(
            error.to_string(),
            error
                .hint()
                .unwrap_or("see whether the case and the store have it"),
        )
    }

    fn path(why: String) -> Self {
        Self::new(
            why,
            "`whither report help` and docs/reference/report.md tell what a path can name",
        )
    }
}

/// A case and its data, as one audience may see them.
pub struct Desk<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) case: &'a Case,
    chains: &'a dyn Chains,
    pub(super) audience: Audience,
    pub(super) ceiling: Handling,
    pub(super) sources: Sources,
    folded: OnceCell<Kept>,
    prices: OnceCell<Book>,
    results: RefCell<BTreeMap<String, Json>>,
    /// The claims that what was computed rests on, each by the entry whose payload counts.
    used: RefCell<BTreeSet<Hash>>,
    assessed: RefCell<BTreeMap<String, std::rc::Rc<Assessment>>>,
}

impl<'a> Desk<'a> {
    /// A desk for an audience, with the most closed mark that it may see.
    pub fn new(
        (ledger, case): (&'a Ledger, &'a Case),
        chains: &'a dyn Chains,
        audience: Audience,
        ceiling: Handling,
    ) -> Self {
        Self {
            ledger,
            case,
            chains,
            audience,
            ceiling,
            sources: Sources::of(case.claims()),
            folded: OnceCell::new(),
            prices: OnceCell::new(),
            results: RefCell::default(),
            used: RefCell::default(),
            assessed: RefCell::default(),
        }
    }

    /// What a reference comes to.
    ///
    /// # Errors
    /// Why it cannot be written out, or not for this audience.
    pub fn value(&self, reference: &Reference) -> Result<Value, Refusal> {
        match reference.kind.as_str() {
            "finding" => self.finding(reference),
            "total" => self.total(reference),
            "incident" => self.incident(reference),
            "value" => self.priced(reference),
            "assessment" => self.assessment(reference),
            "claim" | "cited" | "evidence" => self.claim(reference),
            "source" => self.source(reference),
            other => Err(Refusal::new(
                format!("a {other} is not computed"),
                "name what is",
            )),
        }
    }

    /// The claims that what was computed so far rests on, each by the entry whose payload counts.
    pub(super) fn used(&self) -> BTreeSet<Hash> {
        self.used.borrow().clone()
    }

    /// The findings among them.
    pub(super) fn findings_used(&self) -> Vec<String> {
        let used = self.used.borrow();
        let findings = self
            .case
            .findings()
            .filter(|(claim, _)| used.contains(&claim.says));
        findings
            .map(|(_, finding)| finding.finding.to_string())
            .collect()
    }

    fn uses(&self, claims: impl IntoIterator<Item = Hash>) {
        self.used.borrow_mut().extend(claims);
    }

    /// A result by its reference's subject, as JSON: of a finding or a total.
    pub(super) fn result(&self, reference: &Reference) -> Result<Json, Refusal> {
        let key = format!("{}:{}", reference.kind, reference.subject);
        if let Some(known) = self.results.borrow().get(&key) {
            return Ok(known.clone());
        }
        let json = match reference.kind.as_str() {
            "finding" => self.kept(&reference.subject)?,
            "total" => {
                let answer = self.total_of(&question(&reference.subject)?)?;
                self.uses(used::of_total(self.case, &answer.total));
                Json::of(&answer).map_err(|why| Refusal::path(why))?
            }
            other => {
                return Err(Refusal::new(
                    format!("a {other} has no result to draw"),
                    "draw a finding or a total",
                ));
            }
        };
        self.results.borrow_mut().insert(key, json.clone());
        Ok(json)
    }

    fn kept(&self, name: &str) -> Result<Json, Refusal> {
        let found = named(self.case, name);
        let Some((claim, finding)) = found.first() else {
            return Err(Refusal::new(
                format!("the case has no finding {name:?}"),
                "`--save NAME` of trace, incident total or assess keeps one; `whither evidence list --kind finding` lists them",
            ));
        };
        self.uses(finding.claims.iter().copied().chain([claim.says]));
        match kept(self.ledger, claim).map_err(|error| Refusal::of(&error.into()))? {
            Result_::Here(text) => Json::read(text.as_bytes()).map_err(Refusal::path),
            Result_::Withheld => Err(Refusal::new(
                format!("the result of finding {name:?} is not in this copy of the case"),
                "ask for a copy that has it",
            )),
            Result_::Altered(why) => Err(Refusal::new(
                format!("the result of finding {name:?} was altered: {why}"),
                "`whither evidence verify` names every fault",
            )),
        }
    }

    fn finding(&self, reference: &Reference) -> Result<Value, Refusal> {
        let json = self.result(reference)?;
        let written = walk(&json, &reference.path)
            .and_then(|found| found.written(&reference.form))
            .map_err(Refusal::path)?;
        let found = named(self.case, &reference.subject);
        let Some((claim, finding)) = found.first() else {
            return Err(Refusal::path("the finding is gone".to_owned()));
        };
        let mut rows = vec![
            row(
                "From",
                format!("finding {}, {}", reference.subject, reference.path),
            ),
            row(
                "Computed by",
                format!("whither {} {}", finding.version, finding.command),
            ),
            row("Parameters", finding.parameters.canonical()),
            row("Chain data", finding.store.clone()),
            row("Case", finding.case.clone()),
        ];
        let result = claim.marks.attachments.first();
        rows.extend(result.map(|kept| row("Result (SHA-256)", kept.sha256.to_string())));
        rows.push(row(
            "Rests on",
            self.rests(finding.claims.len(), "claims of the case"),
        ));
        Ok(made(reference, written, rows))
    }

    fn rests(&self, count: usize, what: &str) -> String {
        format!("{count} {what}")
    }

    /// The incidents of the case.
    pub(super) fn folded(&self) -> &Kept {
        self.folded.get_or_init(|| Kept::of(self.case))
    }

    fn prices(&self) -> Result<&Book, Refusal> {
        if let Some(book) = self.prices.get() {
            return Ok(book);
        }
        let book = self.chains.prices().map_err(|error| Refusal::of(&error))?;
        Ok(self.prices.get_or_init(|| book))
    }

    pub(super) fn total_of(&self, asked: &TotalQuestion) -> Result<TotalAnswer, Refusal> {
        total(self.folded(), asked, Some(self.prices()?)).map_err(|error| Refusal::of(&error))
    }

    fn total(&self, reference: &Reference) -> Result<Value, Refusal> {
        let json = self.result(reference)?;
        let written = walk(&json, &reference.path)
            .and_then(|found| found.written(&reference.form))
            .map_err(Refusal::path)?;
        let text = |key: &str| json.field(key).map(Json::canonical).unwrap_or_default();
        let rows = vec![
            row(
                "From",
                format!("total {}, {}", reference.subject, reference.path),
            ),
            row(
                "Computed by",
                format!("whither {} incident total", env!("CARGO_PKG_VERSION")),
            ),
            row("Incidents", text("incidents")),
            row("Case", text("revision").trim_matches('"').to_owned()),
            row("Prices", self.price_files(&json)),
        ];
        Ok(made(reference, written, rows))
    }

    fn price_files(&self, total: &Json) -> String {
        let files = walk(total, "provenance.parameters.prices");
        let files = files
            .ok()
            .and_then(|found| found.values.first().and_then(|list| list.list()));
        match files {
            Some([]) | None => "none".to_owned(),
            Some(files) => {
                let names = files
                    .iter()
                    .filter_map(|file| file.field("source").and_then(Json::text));
                names.collect::<Vec<_>>().join("; ")
            }
        }
    }

    fn incident(&self, reference: &Reference) -> Result<Value, Refusal> {
        let answer = self.total_of(&TotalQuestion::default())?;
        let id = &reference.subject;
        let json = Json::of(&answer).map_err(Refusal::path)?;
        let rows = json.field("rows").and_then(Json::list).unwrap_or_default();
        let is_it = |row: &&Json| row.field("incident").and_then(Json::text) == Some(id);
        let Some(found) = rows.iter().find(is_it) else {
            return Err(Refusal::new(
                format!("the case has no dated incident {id:?}"),
                "`whither incident list` lists them",
            ));
        };
        self.uses(self.about(id));
        self.may_show_incident(found, id)?;
        let written = if reference.path == "stolen" {
            stolen(found, &reference.form)
        } else {
            walk(found, &reference.path).and_then(|found| found.written(&reference.form))
        };
        let written = written.map_err(Refusal::path)?;
        let field = |key: &str| {
            found
                .field(key)
                .and_then(Json::text)
                .unwrap_or("not stated")
                .to_owned()
        };
        let mut rows = vec![
            row("From", format!("incident {id}, {}", reference.path)),
            row("Basis", field("basis")),
            row("Case", self.case.revision()),
        ];
        if let Some(source) = found.field("source").and_then(Json::text) {
            rows.push(row(
                "According to",
                self.called(source, "a source that this edition does not name"),
            ));
        }
        Ok(made(reference, written, rows))
    }

    /// All claims about a theft as such.
    fn about(&self, incident: &str) -> Vec<Hash> {
        let is_of = |claim: &&Claim| match &claim.body {
            Body::Incident(said) => said.incident.as_str() == incident,
            Body::Loss(said) => said.incident.as_str() == incident,
            Body::Attribution(said) => said.incident.as_str() == incident,
            _ => false,
        };
        let claims = self.case.claims().iter().filter(is_of);
        claims.map(|claim| claim.says).collect()
    }

    /// Whether the claims that an incident's words and value are from may be shown here.
    fn may_show_incident(&self, found: &Json, id: &str) -> Result<(), Refusal> {
        if let Some(name) = found.field("claim").and_then(Json::text) {
            self.case
                .named(name)
                .first()
                .map_or(Ok(()), |claim| self.may_show(claim))?;
        }
        self.case
            .incident(id)
            .first()
            .map_or(Ok(()), |(claim, _)| self.may_show(claim))
    }

    fn priced(&self, reference: &Reference) -> Result<Value, Refusal> {
        let parts: Vec<&str> = reference.subject.split(',').map(str::trim).collect();
        let [asset, amount, day] = parts[..] else {
            return Err(Refusal::new(
                format!(
                    "{:?} is not an asset, an amount and a day",
                    reference.subject
                ),
                "write `{value:CAIP-19,SMALLEST-UNITS,YYYY-MM-DD#usd}`",
            ));
        };
        let bad = |error: &dyn std::fmt::Display| Refusal::path(error.to_string());
        let request = Request {
            asset: asset.parse().map_err(|error| bad(&error))?,
            quantity: Quantity::Units(amount.to_owned()),
            at: whither_ledger::time::Timestamp::parse(day).map_err(|error| bad(&error))?,
            decimals: None,
            choice: Choice::default(),
        };
        let value = value(self.prices()?, &request).map_err(|error| Refusal::of(&error))?;
        let json = Json::of(&value).map_err(Refusal::path)?;
        let written = walk(&json, &reference.path)
            .and_then(|found| found.written(&reference.form))
            .map_err(Refusal::path)?;
        let text = |key: &str| {
            json.field(key)
                .and_then(Json::text)
                .unwrap_or_default()
                .to_owned()
        };
        let rows = vec![
            row(
                "From",
                format!("value of {amount} smallest units of {asset} on {day}"),
            ),
            row("Price", text("price")),
            row("Day of the price", text("day")),
            row("Price source", text("price_source")),
            row("Convention", text("convention")),
        ];
        Ok(made(reference, written, rows))
    }

    /// The assessment of an incident.
    pub(super) fn assessed(&self, incident: &str) -> Result<std::rc::Rc<Assessment>, Refusal> {
        if let Some(known) = self.assessed.borrow().get(incident) {
            return Ok(known.clone());
        }
        let found = assess_case(self.case, incident, &Options::default());
        let found = std::rc::Rc::new(found.map_err(|error| Refusal::of(&error))?);
        self.uses(used::of_assessment(self.case, incident));
        self.assessed
            .borrow_mut()
            .insert(incident.to_owned(), found.clone());
        Ok(found)
    }

    fn assessment(&self, reference: &Reference) -> Result<Value, Refusal> {
        let Some((incident, hypothesis)) = reference.subject.split_once('/') else {
            return Err(Refusal::new(
                format!(
                    "{:?} is not an incident and a hypothesis",
                    reference.subject
                ),
                "write `{assessment:INCIDENT/HYPOTHESIS#words}`",
            ));
        };
        let assessed = self.assessed(incident)?;
        let mut outcomes = assessed.assessed.hypotheses.iter();
        let Some(outcome) = outcomes.find(|outcome| outcome.hypothesis == hypothesis) else {
            return Err(Refusal::new(
                format!("incident {incident} has no hypothesis {hypothesis:?}"),
                "`whither assess` lists them",
            ));
        };
        let text = match reference.path.as_str() {
            "words" => outcome.words.text(),
            "bound" => String::new(),
            "sentence" => self.sentence(&assessed, outcome)?,
            "low" | "high" | "confidence" | "statement" => {
                let json = Json::of(outcome).map_err(Refusal::path)?;
                let all = Json::of(&*assessed).map_err(Refusal::path)?;
                let (json, path) = match reference.path.as_str() {
                    "confidence" => (&all, "confidence.level".to_owned()),
                    "statement" => (&json, "statement".to_owned()),
                    end => (&json, format!("posterior.{end}")),
                };
                let form = if reference.path.len() <= 4 && reference.form.is_empty() {
                    "percent"
                } else {
                    &reference.form
                };
                walk(json, &path)
                    .and_then(|found| found.written(form))
                    .map_err(Refusal::path)?
                    .text
            }
            other => {
                return Err(Refusal::new(
                    format!("an assessment has no {other:?}"),
                    "one of words, bound, sentence, low, high, confidence, statement",
                ));
            }
        };
        let posterior = outcome.posterior;
        let rows = vec![
            row(
                "From",
                format!("assessment of incident {incident}, hypothesis {hypothesis}"),
            ),
            row(
                "Interval",
                format!("{} to {}", posterior.low, posterior.high),
            ),
            row("In the words of ICD 203", outcome.words.text()),
            row(
                "Rests on",
                self.rests(assessed.assessed.evidence.len(), "items of evidence"),
            ),
            row("Case", self.case.revision()),
        ];
        let exact = format!("{} to {}", posterior.low, posterior.high);
        Ok(made(reference, Written { text, exact }, rows))
    }

    /// The sentence that was recorded, if it may stand; where nobody recorded one, the one that the interval makes.
    fn sentence(
        &self,
        assessed: &Assessment,
        outcome: &crate::assess::HypothesisOutcome,
    ) -> Result<String, Refusal> {
        let mut rows = assessed.sentences.iter();
        match rows.find(|row| row.hypothesis == outcome.hypothesis) {
            None => Ok(outcome.sentence.clone()),
            Some(row) if row.stands() => Ok(row.sentence.clone()),
            Some(row) => Err(Refusal::new(
                format!(
                    "the recorded sentence may not stand: {}",
                    row.checked.why.join("; ")
                ),
                format!("it may say: {}", row.checked.may_say.join(", ")),
            )),
        }
    }

    fn claim(&self, reference: &Reference) -> Result<Value, Refusal> {
        let name = reference.subject.as_str();
        let of_evidence = |claim: &&Claim| match (&claim.body, name.split_once('/')) {
            (Body::Evidence(said), Some((incident, evidence))) => {
                said.incident.as_str() == incident && said.evidence.as_str() == evidence
            }
            (Body::Evidence(said), None) => said.evidence.as_str() == name,
            _ => false,
        };
        let found: Vec<&Claim> = match reference.kind.as_str() {
            "evidence" => self.case.claims().iter().filter(of_evidence).collect(),
            _ => self.case.named(name),
        };
        let [claim] = found[..] else {
            return Err(Refusal::new(
                format!("{} claims are named {name:?}", found.len()),
                "name one by its hash; `whither evidence list` lists them",
            ));
        };
        self.may_show(claim)?;
        self.uses([claim.says]);
        let statement = whither_casework::Statement {
            handle: claim.handle.clone(),
            marks: claim.marks.clone(),
            body: claim.body.clone(),
        };
        let json = statement.payload().map_err(Refusal::path)?;
        let written = match reference.path.as_str() {
            "source" => {
                let source = claim.marks.source.as_deref();
                let source =
                    source.ok_or_else(|| Refusal::path("the claim names no source".to_owned()))?;
                let text = self.name_of(source)?;
                Written {
                    exact: text.clone(),
                    text,
                }
            }
            path => walk(&json, path)
                .and_then(|found| found.written(&reference.form))
                .map_err(Refusal::path)?,
        };
        let mut rows = vec![
            row(
                "From",
                format!("claim {}, {}", self.claim_name(claim), reference.path),
            ),
            row("Kind", claim.body.kind_word().to_owned()),
            row("Entry", claim.says.to_string()),
        ];
        if let Some(source) = &claim.marks.source {
            rows.push(row(
                "According to",
                self.called(source, "a source that this edition does not name"),
            ));
        }
        rows.extend(
            claim
                .marks
                .reference
                .iter()
                .map(|it| row("Reference", it.clone())),
        );
        rows.extend(
            claim
                .marks
                .confidence
                .map(|mark| row("Confidence", mark.to_string())),
        );
        Ok(made(reference, written, rows))
    }

    fn claim_name(&self, claim: &Claim) -> String {
        if self.audience.is_outside() {
            claim.says.to_string()
        } else {
            claim.name()
        }
    }

    fn source(&self, reference: &Reference) -> Result<Value, Refusal> {
        let id = &reference.subject;
        if self.sources.get(id).is_none() {
            return Err(Refusal::new(
                format!("the case has no record of a source {id:?}"),
                "`whither evidence add source` makes one, and `… descriptor` says what it is called in public",
            ));
        }
        let text = self.name_of(id)?;
        let called = self.case.descriptors();
        let called = called.filter(|(_, said)| said.of.as_str() == id);
        self.uses(called.map(|(claim, _)| claim.says).collect::<Vec<_>>());
        let rows = vec![row(
            "From",
            format!(
                "source {}",
                if self.audience.is_outside() { "" } else { id }
            )
            .trim()
            .to_owned(),
        )];
        let exact = text.clone();
        Ok(made(reference, Written { text, exact }, rows))
    }

    /// What a source is called for this audience.
    fn name_of(&self, source: &str) -> Result<String, Refusal> {
        let public = self.sources.public_name(source);
        let private = self.sources.private_name(source);
        let found = match (self.audience.is_outside(), private, public) {
            (false, Some(name), Some(called)) if name != called => {
                Some(format!("{called} ({name})"))
            }
            (false, Some(name), _) => Some(name.to_owned()),
            (false, None, None) => Some(source.to_owned()),
            (_, _, public) => public.map(ToOwned::to_owned),
        };
        found.ok_or_else(|| {
            Refusal::new(
                "a source has no descriptor, and cannot be named in this edition".to_owned(),
                "`whither evidence add descriptor` says what it may be called",
            )
        })
    }

    /// The same, for a derivation: what cannot be named is said not to be.
    fn called(&self, source: &str, otherwise: &str) -> String {
        self.name_of(source)
            .unwrap_or_else(|_| otherwise.to_owned())
    }

    /// Whether the claim of this name may be shown.
    pub(super) fn may_show_named(&self, name: &str) -> bool {
        let named = self.case.named(name);
        named
            .first()
            .is_some_and(|claim| self.may_show(claim).is_ok())
    }

    /// Whether a claim's words may be shown to this audience. What is not marked counts as closed, outside.
    fn may_show(&self, claim: &Claim) -> Result<(), Refusal> {
        let mark = claim.marks.handling;
        let open = match mark {
            Some(mark) => mark <= self.ceiling,
            None => !self.audience.is_outside(),
        };
        if open {
            return Ok(());
        }
        let mark = mark.map_or_else(|| "not marked".to_owned(), |mark| mark.to_string());
        Err(Refusal::new(
            format!(
                "the claim {} is {mark}, and this edition shows {} at most",
                claim.name(),
                self.ceiling
            ),
            "mark the part that names it, `{#name TLP:AMBER}`, so that it is withheld; or mark the claim by `whither evidence correct`",
        ))
    }
}

fn row(name: &str, text: String) -> (String, String) {
    (name.to_owned(), text)
}

fn made(reference: &Reference, written: Written, rows: Vec<(String, String)>) -> Value {
    Value {
        text: written.text,
        derived: Derived {
            reference: reference.to_string(),
            exact: written.exact,
            rows,
        },
    }
}

/// What was stolen, asset by asset.
fn stolen(row: &Json, form: &str) -> Result<Written, String> {
    let assets = row.field("assets").and_then(Json::list).unwrap_or_default();
    let mut parts = Vec::new();
    for held in assets {
        let text = |key: &str| held.field(key).and_then(Json::text);
        let quantity = text("quantity").unwrap_or_default();
        parts.push(match text("asset") {
            Some(asset) => crate::page::unit(asset).exact(quantity),
            None => format!("{quantity} {}", text("symbol").unwrap_or("of something")),
        });
    }
    if parts.is_empty() {
        return Err("no claim tells what was stolen".to_owned());
    }
    plain(&parts.join(" and "), form)
}

/// A period, and what else is asked of a total: `2019..2020`, `2019-01-01..2020-11-30,actor=lazarus,by=year`.
pub(super) fn question(subject: &str) -> Result<TotalQuestion, Refusal> {
    let wrong = || {
        Refusal::new(
            format!("{subject:?} is no period"),
            "write `{total:FROM..TO#usd}`, with `,actor=WORD` or `,by=year` after it where they are wanted",
        )
    };
    let mut parts = subject.split(',').map(str::trim);
    let (from, to) = parts
        .next()
        .and_then(|period| period.split_once(".."))
        .ok_or_else(wrong)?;
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut asked = TotalQuestion {
        from: some(from),
        to: some(to),
        ..TotalQuestion::default()
    };
    for part in parts {
        match part.split_once('=') {
            Some(("actor", actor)) => asked.actor = some(actor),
            Some(("by", by)) => {
                asked.by = Some(crate::incidents::By::of_word(by).ok_or_else(wrong)?)
            }
            Some(("convention", name)) => {
                asked.convention = Some(name.parse().map_err(|_| wrong())?)
            }
            _ => return Err(wrong()),
        }
    }
    Ok(asked)
}

/// US dollars as reports write them, for tables that are computed.
pub(super) fn usd(value: rust_decimal::Decimal, form: &str) -> String {
    dollars(&[value], form).map_or_else(|_| "?".to_owned(), |written| written.text)
}
