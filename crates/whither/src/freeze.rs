//! The freeze clock: requests to freeze, as the case tells them step by step, and what they keep where it is.
//!
//! A step is a claim of whoever takes it. What is frozen or came back becomes an end of a trace that takes the case's claims
//! (`--claims`), and stands beside the place in a list of off-ramps either way. No clock is read here: how long a request has
//! been open is told for a time that is given.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;
use whither_analysis::trace::OriginPlace;
use whither_analysis::trace::freeze::Stayed;
use whither_analysis::trace::result::{Caveat, EndpointKind};
use whither_casework::claims::{Freeze, FreezeState};
use whither_casework::freezes::{self, Request, Stays};
use whither_casework::{Case, Claim, Json, Time, Word};
use whither_ledger::asset::Asset;
use whither_ledger::time::Timestamp;

use crate::amount::smallest_units;
use crate::error::Error;
use crate::evidence::{Written, add};
use crate::place;
use crate::recorder::Recorder;

/// Requests with their clocks: `whither.freeze/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FreezeList {
    /// The shape's name and version.
    pub schema: &'static str,
    /// By name.
    pub requests: Vec<RequestRow>,
    /// The time that clocks of open requests are read at, where one was given.
    pub at: Option<String>,
    /// What must be said with it.
    pub caveats: Vec<Caveat>,
    /// Revision of the case.
    pub case: String,
}

/// A request and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestRow {
    /// Its name.
    pub request: String,
    /// `requested`, `acknowledged`, `frozen`, `refused`, `expired` or `recovered`.
    pub state: &'static str,
    /// Since when.
    pub since: String,
    /// Of whom it is asked, as the last step has it (hostile text).
    pub to: String,
    /// Where the money is.
    pub place: String,
    /// CAIP-19.
    pub asset: String,
    /// How much was asked for; null where all was.
    pub asked: Option<String>,
    /// How much is frozen.
    pub frozen: String,
    /// How much came back.
    pub recovered: String,
    /// When it was asked.
    pub requested: Option<String>,
    /// Seconds from there to the first word back.
    pub acknowledged_after: Option<u64>,
    /// Seconds from there to `frozen`, `refused` or `expired`, whichever came first.
    pub answered_after: Option<u64>,
    /// Seconds that it has waited for an answer, at the time given; null where it has one.
    pub open_for: Option<u64>,
    /// Each step.
    pub steps: Vec<StepRow>,
}

/// A step of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepRow {
    /// Which.
    pub state: &'static str,
    /// When it was taken.
    pub at: String,
    /// How much.
    pub amount: Option<String>,
    /// In words (hostile text).
    pub why: Option<String>,
    /// Who says so: the author of the log.
    pub by: String,
    /// The claim.
    pub claim: String,
}

/// A step to be claimed.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// The request.
    pub request: String,
    /// Which step.
    pub state: String,
    /// When; now, where it is not said.
    pub at: Option<String>,
    /// Of whom; of a later step that of the one before, where it is not said.
    pub to: Option<String>,
    /// Where; likewise.
    pub place: Option<String>,
    /// Of what; likewise.
    pub asset: Option<String>,
    /// How much, smallest units.
    pub amount: Option<String>,
    /// In words.
    pub why: Option<String>,
}

/// The requests of a case.
///
/// # Errors
/// Where the time is none.
pub fn list(case: &Case, at: Option<&str>) -> Result<FreezeList, Error> {
    let at = at.map(Timestamp::parse).transpose().map_err(Error::new)?;
    let requests = freezes::requests(case);
    let rows = requests.iter().filter_map(|request| row(request, at));
    let (_, mut caveats) = stayed(case);
    caveats.extend(requests.iter().filter_map(several_assets));
    Ok(FreezeList {
        schema: "whither.freeze/1",
        requests: rows.collect(),
        at: at.map(|at| at.to_string()),
        caveats: caveats.into_iter().collect(),
        case: case.revision(),
    })
}

/// Says of a request whose steps name several assets which of them its row tells: amounts of two assets are no sum.
fn several_assets(request: &Request<'_>) -> Option<Caveat> {
    let (_, last) = request.last()?;
    let assets = request.assets();
    if assets.len() < 2 {
        return None;
    }
    let names: Vec<String> = assets.iter().map(ToString::to_string).collect();
    let what = format!(
        "steps of request {} name {} assets ({}): what was asked, frozen and came back is told of {} alone, which the last \
         step names",
        request.request,
        assets.len(),
        names.join(", "),
        last.asset
    );
    Some(Caveat::general("freeze-assets-differ", what))
}

fn row(request: &Request<'_>, at: Option<Timestamp>) -> Option<RequestRow> {
    let (_, last) = request.last()?;
    let asked = request.first(FreezeState::Requested);
    let since = |from: &Time, to: Option<&Time>| {
        let (from, to) = (moment(from)?, moment(to?)?);
        u64::try_from(to.seconds() - from.seconds()).ok()
    };
    let answers = [
        FreezeState::Frozen,
        FreezeState::Refused,
        FreezeState::Expired,
    ];
    let answer = request
        .steps
        .iter()
        .find(|(_, said)| answers.contains(&said.state));
    let word_back = request
        .steps
        .iter()
        .find(|(_, said)| said.state != FreezeState::Requested);
    let after =
        |step: Option<&(&Claim, &Freeze)>| since(&asked?.1.at, step.map(|(_, said)| &said.at));
    let open = asked.filter(|_| answer.is_none() && last.state != FreezeState::Recovered);
    let open_for =
        open.and_then(|(_, said)| u64::try_from(at?.seconds() - moment(&said.at)?.seconds()).ok());
    // Of the asset that the row names: another one is a caveat, and no part of a sum.
    let is_shown = |said: &Freeze| said.asset == last.asset;
    let recovered = request.recovered().filter(|back| is_shown(back.said));
    let recovered = recovered.fold(whither_ledger::U256::ZERO, |sum, back| {
        sum.saturating_add(back.amount)
    });
    let frozen = request.frozen().filter(|held| is_shown(held.said));
    let frozen = frozen.map_or(whither_ledger::U256::ZERO, |held| held.amount);
    let step = |(claim, said): &(&Claim, &Freeze)| StepRow {
        state: said.state.word(),
        at: said.at.to_string(),
        amount: said.amount.map(|amount| amount.to_string()),
        why: said.why.clone(),
        by: claim.author.to_string(),
        claim: claim.name(),
    };
    Some(RequestRow {
        request: request.request.clone(),
        state: last.state.word(),
        since: last.at.to_string(),
        to: last.to.clone(),
        place: last.place.clone(),
        asset: last.asset.to_string(),
        asked: asked
            .filter(|(_, said)| is_shown(said))
            .and_then(|(_, said)| Some(said.amount?.to_string())),
        frozen: frozen.to_string(),
        recovered: recovered.to_string(),
        requested: asked.map(|(_, said)| said.at.to_string()),
        acknowledged_after: after(word_back),
        answered_after: after(answer),
        open_for,
        steps: request.steps.iter().map(step).collect(),
    })
}

fn moment(time: &Time) -> Option<Timestamp> {
    Timestamp::parse(time.as_str()).ok()
}

/// Claims a step of a request. What a later step does not say is as the step before has it.
///
/// # Errors
/// Where the step is none, nothing says where the money is, or the case cannot be written.
pub fn record(dir: &Path, case: &Case, recorder: &Recorder, step: Step) -> Result<Written, Error> {
    let state = FreezeState::of_word(&step.state).ok_or_else(|| {
        let words: Vec<&str> = FreezeState::ALL.iter().map(|state| state.word()).collect();
        Error::new(format!("`{}` is no step of a request", step.state))
            .with_hint(format!("one of {}", words.join(", ")))
    })?;
    let request = Word::new(&step.request).map_err(|error| {
        Error::new(error).with_hint("name a request like `binance-1`: a-z, 0-9 and hyphens")
    })?;
    let requests = freezes::requests(case);
    let known = requests.iter().find(|known| known.request == step.request);
    let before = known.and_then(Request::last).map(|(_, said)| said);
    if state == FreezeState::Requested && before.is_some() {
        return Err(
            Error::new(format!("a request `{request}` is there already"))
                .with_hint("`whither freeze list` shows it; name the new one otherwise"),
        );
    }
    let needed = |given: Option<String>, before: Option<String>, option: &str| {
        given.or(before).ok_or_else(|| {
            Error::new(format!("nothing says {option} of request `{request}`")).with_hint(
                "the first step names --to, --place and --asset; later ones take them from there",
            )
        })
    };
    let place = needed(
        step.place,
        before.map(|said| said.place.clone()),
        "the place",
    )?;
    check_place(&place)?;
    let asset = needed(
        step.asset,
        before.map(|said| said.asset.to_string()),
        "the asset",
    )?;
    let asset: Asset = asset.parse().map_err(Error::new)?;
    check_asset(before, &asset)?;
    let amount = step.amount.as_deref().map(|text| {
        smallest_units(text).map_err(|why| {
            Error::new(format!("`--amount {text}`: {why}")).with_hint("count smallest units")
        })
    });
    let at = match &step.at {
        Some(text) => Timestamp::parse(text).map_err(|error| {
            Error::new(format!("`--at {text}`: {error}")).with_hint_of(error.hint())
        })?,
        None => Timestamp::parse(recorder.now()?.as_str()).map_err(Error::new)?,
    };
    let to = needed(step.to, before.map(|said| said.to.clone()), "who is asked")?;
    let said = Freeze {
        request,
        state,
        to,
        place,
        asset: whither_casework::claims::AssetId(asset),
        amount: amount.transpose()?.map(whither_casework::claims::Units),
        at: Time::new(&at.to_string()).map_err(Error::new)?,
        why: step.why,
    };
    add(
        dir,
        recorder,
        "freeze",
        &[Json::of(&said).map_err(Error::new)?],
    )
}

/// A request is about one asset: what is frozen of it and what comes back is added and taken away.
fn check_asset(before: Option<&Freeze>, asset: &Asset) -> Result<(), Error> {
    match before.filter(|said| said.asset.0 != *asset) {
        None => Ok(()),
        Some(said) => Err(Error::new(format!(
            "request `{}` is about {}, and not about {asset}",
            said.request, said.asset
        ))
        .with_hint("leave `--asset` out, or open a request of another name for the other asset")),
    }
}

/// A place where money can be frozen, with its chain: an address, or an output.
pub(crate) fn check_place(text: &str) -> Result<(String, String), Error> {
    if place::split_chain(text).0.is_none() {
        return Err(place::needs_chain(text));
    }
    let place = place::parse(text, None, &[])?;
    let shown = match place.place {
        OriginPlace::Address(address) => address.display(&place.chain),
        OriginPlace::Output(id, vout) => format!("{id}:{vout}"),
        _ => {
            return Err(Error::new(format!("{text:?} is no place where money lies"))
                .with_hint("write an address or an output, txid:vout, with its chain"));
        }
    };
    Ok((place.chain.to_string(), shown))
}

/// What the case says is frozen or came back, as a trace takes it, and caveats for claims that name no place.
pub(crate) fn stayed(case: &Case) -> (Vec<Stayed>, BTreeSet<Caveat>) {
    let (mut all, mut caveats) = (Vec::new(), BTreeSet::new());
    for request in freezes::requests(case) {
        let frozen = request.frozen().into_iter();
        let frozen = frozen.map(|held| (EndpointKind::Frozen, held));
        let back = request
            .recovered()
            .map(|back| (EndpointKind::Recovered, back));
        for (
            kind,
            Stays {
                claim,
                said,
                amount,
            },
        ) in frozen.chain(back)
        {
            match check_place(&said.place) {
                Ok((chain, place)) => all.push(Stayed {
                    request: request.request.clone(),
                    claim: claim.name(),
                    kind,
                    chain,
                    place,
                    asset: said.asset.to_string(),
                    amount,
                }),
                Err(why) => {
                    let what = format!("claim {} sets nothing apart: {why}", claim.name());
                    caveats.insert(Caveat::general("freeze-unused", what));
                }
            }
        }
    }
    (all, caveats)
}
