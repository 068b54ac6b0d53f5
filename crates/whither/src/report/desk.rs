//! What a reference comes to, for one audience: the value, the words for it, and from what it was computed.
//!
//! Findings are read as they were kept, and totals, values and assessments are computed from the case and the prices at
//! hand. What an audience may not see is refused with the reason, and never left out in silence.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use whither_casework::claims::Body;
use whither_casework::findings::{Kept as Result_, kept, named};
use whither_casework::incidents::{Kept, Sources};
use whither_casework::{Case, Claim, Handling, Hash, Json, Ledger};
use whither_report::document::Reference;
use whither_report::edition::{Derived, Value};

use super::audience::{Audience, Refusal};
use super::path::{Written, dollars, plain, walk};
use super::private::{LIFE, by_says};
use crate::assess::Assessment;
use crate::incidents::{TotalAnswer, TotalQuestion, total};
use crate::prices::{Book, Choice};
use crate::question::Chains;
use crate::saved::used;
use crate::value::{Quantity, Request, value};

/// What a derivation says of claims that an edition does not show.
pub(super) const NOT_SHOWN: &str = "not shown in this edition";

/// A case and its data, as one audience may see them.
pub struct Desk<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) case: &'a Case,
    chains: &'a dyn Chains,
    pub(super) audience: Audience,
    pub(super) ceiling: Handling,
    pub(super) sources: Sources,
    folded: OnceCell<Kept>,
    whole: OnceCell<Json>,
    prices: OnceCell<Book>,
    results: RefCell<BTreeMap<String, Rc<Json>>>,
    /// On how many claims each total rests, in words.
    resting: RefCell<BTreeMap<String, String>>,
    /// The claims that what was computed rests on, each by the entry whose payload counts.
    used: RefCell<BTreeSet<Hash>>,
    pub(super) assessed: RefCell<BTreeMap<String, Rc<Assessment>>>,
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
            whole: OnceCell::new(),
            prices: OnceCell::new(),
            results: RefCell::default(),
            resting: RefCell::default(),
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

    pub(super) fn uses(&self, claims: impl IntoIterator<Item = Hash>) {
        self.used.borrow_mut().extend(claims);
    }

    /// A result by its reference's subject, as JSON: of a finding or a total.
    pub(super) fn result(&self, reference: &Reference) -> Result<Rc<Json>, Refusal> {
        let key = format!("{}:{}", reference.kind, reference.subject);
        if let Some(known) = self.results.borrow().get(&key) {
            return Ok(Rc::clone(known));
        }
        let json = match reference.kind.as_str() {
            "finding" => self.kept(&reference.subject)?,
            "total" => {
                let answer = self.total_of(&question(&reference.subject)?)?;
                let used = used::of_total(self.case, &answer.total);
                self.uses(used.iter().copied());
                let resting = self.rests_on(&self.on_thefts(used));
                self.resting.borrow_mut().insert(key.clone(), resting);
                Json::of(&answer).map_err(Refusal::path)?
            }
            other => {
                return Err(Refusal::new(
                    format!("a {other} has no result to draw"),
                    "draw a finding or a total",
                ));
            }
        };
        let json = Rc::new(json);
        self.results.borrow_mut().insert(key, Rc::clone(&json));
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
        rows.push(row("Rests on", self.rests_on(&finding.claims)));
        Ok(made(reference, written, rows))
    }

    /// On how many claims a total rests that was computed.
    fn resting(&self, reference: &Reference) -> String {
        let key = format!("{}:{}", reference.kind, reference.subject);
        let known = self.resting.borrow();
        known.get(&key).cloned().unwrap_or_default()
    }

    /// On how many claims something rests, and how many of them this edition does not show.
    fn rests_on(&self, claims: &[Hash]) -> String {
        let all = self.rests(claims.len(), "claim of the case", "claims of the case");
        let known = by_says(self.case);
        // Outside, some kinds go with no edition, whatever their mark: a reader's copy lacks them.
        let goes = |kind: &str| !self.audience.is_outside() || !LIFE.contains(&kind);
        let is_open = |says: &&Hash| {
            known
                .get(says)
                .is_some_and(|claim| self.may_show(claim).is_ok() && goes(claim.body.kind_word()))
        };
        match claims.iter().filter(|says| !is_open(says)).count() {
            0 => all,
            closed => format!("{all}, {closed} of them {NOT_SHOWN}"),
        }
    }

    /// The claims on thefts and published totals among some; who their sources are is another matter.
    fn on_thefts(&self, claims: BTreeSet<Hash>) -> Vec<Hash> {
        let known = by_says(self.case);
        let is_of_theft = |says: &Hash| {
            !matches!(
                known.get(says).map(|claim| &claim.body),
                None | Some(Body::Source(_) | Body::Descriptor(_))
            )
        };
        claims.into_iter().filter(is_of_theft).collect()
    }

    /// Whether what people call a theft, and what it was worth, may be told to this audience.
    pub(super) fn may_draw(&self, row: &Json, incident: &str) -> bool {
        let said = self.case.incident(incident);
        let named = said.iter().all(|(claim, _)| self.may_show(claim).is_ok());
        named && self.may_show_incident(row, incident).is_ok()
    }

    pub(super) fn rests(&self, count: usize, one: &str, many: &str) -> String {
        format!("{count} {}", if count == 1 { one } else { many })
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

    /// The total over all incidents, worked out once: each incident is a row of it.
    fn whole(&self) -> Result<&Json, Refusal> {
        if let Some(whole) = self.whole.get() {
            return Ok(whole);
        }
        let answer = self.total_of(&TotalQuestion::default())?;
        let json = Json::of(&answer).map_err(Refusal::path)?;
        Ok(self.whole.get_or_init(|| json))
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
            row("Rests on", self.resting(reference)),
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
        let id = &reference.subject;
        let json = self.whole()?;
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
}

pub(super) fn row(name: &str, text: String) -> (String, String) {
    (name.to_owned(), text)
}

pub(super) fn made(reference: &Reference, written: Written, rows: Vec<(String, String)>) -> Value {
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
                asked.by = Some(crate::incidents::By::of_word(by).ok_or_else(wrong)?);
            }
            Some(("convention", name)) => {
                asked.convention = Some(name.parse().map_err(|_| wrong())?);
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
