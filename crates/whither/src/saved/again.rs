//! A finding computed anew, from its command and its parameters alone.
//!
//! One arm per command that keeps findings; what a command needs stands among the parameters that it kept.

use std::str::FromStr;

use whither_analysis::trace::{Direction, Stops, Window};
use whither_casework::{Case, Json};
use whither_ledger::chain::Chain;
use whither_ledger::time::Timestamp;

use super::{ASSESS, LINK, OFFRAMPS, TOTAL, VALUE};
use crate::amount::smallest_units;
use crate::assess::{Options, assess_case};
use crate::error::Error;
use crate::incidents::{By, Kept, TotalQuestion, total};
use crate::link::{self, LinkQuestion};
use crate::offramps::{self, OfframpsQuestion};
use crate::prices::{Book, Choice, Convention, Currency};
use crate::question::{Chains, Question, answer, parse_stops};
use crate::value::{Quantity, Request, value};

/// Computes the result of a command.
///
/// # Errors
/// Where the command is none that keeps findings, the parameters are not what it kept, or it cannot be computed.
pub(super) fn compute(
    chains: &dyn Chains,
    case: &Case,
    command: &str,
    parameters: &Json,
) -> Result<Json, Error> {
    match command {
        "trace" => {
            let finding = answer(chains, Some(case), &question(parameters)?)?;
            Json::of(&finding).map_err(Error::new)
        }
        LINK => {
            let list = link::answer(chains, case, &link_question(parameters)?)?;
            Json::of(&list).map_err(Error::new)
        }
        OFFRAMPS => {
            let asked = offramps_question(parameters)?;
            let book = prices_then(chains, parameters)?;
            let list = offramps::answer(chains, Some(case), &book, &asked)?;
            Json::of(&list).map_err(Error::new)
        }
        TOTAL => {
            let asked = total_question(parameters)?;
            let answer = total(
                &Kept::of(case),
                &asked,
                Some(&prices_then(chains, parameters)?),
            )?;
            Json::of(&answer).map_err(Error::new)
        }
        VALUE => {
            let value = value(
                &prices_then(chains, parameters)?,
                &value_request(parameters)?,
            )?;
            Json::of(&value).map_err(Error::new)
        }
        ASSESS => {
            let (incident, options) = assess_question(parameters)?;
            let assessment = assess_case(case, &incident, &options)?;
            Json::of(&assessment).map_err(Error::new)
        }
        other => Err(Error::new(format!(
            "this program cannot compute `{other}` anew"
        ))),
    }
}

/// The prices that an answer was computed with.
fn prices_then(chains: &dyn Chains, parameters: &Json) -> Result<Book, Error> {
    match parameters.field("prices").and_then(Json::list) {
        Some(then) => chains.prices_then(then),
        None => chains.prices(),
    }
}

/// A text that a parameter must be.
fn needed<'a>(parameters: &'a Json, key: &str) -> Result<&'a str, Error> {
    let text = parameters.field(key).and_then(Json::text);
    text.ok_or_else(|| Error::new(format!("the parameters lack the text `{key}`")))
}

/// The texts that a parameter must list.
fn texts(parameters: &Json, key: &str) -> Result<Vec<String>, Error> {
    let list = parameters.field(key).and_then(Json::list);
    let list = list.ok_or_else(|| Error::new(format!("the parameters lack the list `{key}`")))?;
    let texts = list.iter().map(|value| value.text().map(ToOwned::to_owned));
    texts
        .collect::<Option<Vec<String>>>()
        .ok_or_else(|| Error::new(format!("`{key}` is not a list of texts")))
}

/// The question of a total, from the parameters that its finding kept. Its prices are those in force.
fn total_question(parameters: &Json) -> Result<TotalQuestion, Error> {
    let text = |key: &str| {
        let text = parameters.field(key).and_then(Json::text);
        text.map(ToOwned::to_owned)
    };
    let by = text("by").map(|by| {
        let found = By::of_word(&by);
        found.ok_or_else(|| Error::new(format!("a total is not broken down by {by:?}")))
    });
    let convention = text("convention").map(|name| name.parse());
    Ok(TotalQuestion {
        from: text("from"),
        to: text("to"),
        actor: text("actor"),
        by: by.transpose()?,
        convention: convention.transpose()?,
    })
}

/// The question of a value, from the parameters that its finding kept. Its prices are those in force.
fn value_request(parameters: &Json) -> Result<Request, Error> {
    let text = |key: &str| parameters.field(key).and_then(Json::text);
    let convention = text("convention").map(|name| name.parse::<Convention>());
    let quote = text("quote").map(|code| code.parse::<Currency>().map_err(Error::new));
    let nearest = needed(parameters, "nearest")?;
    let decimals = match parameters.field("decimals") {
        None | Some(Json::Null) => None,
        Some(number) => Some(
            number
                .canonical()
                .parse()
                .map_err(|_| Error::new("the parameter `decimals` is no number of decimals"))?,
        ),
    };
    Ok(Request {
        asset: needed(parameters, "asset")?.parse().map_err(Error::new)?,
        quantity: Quantity::Units(needed(parameters, "amount")?.to_owned()),
        at: Timestamp::parse(needed(parameters, "at")?).map_err(Error::new)?,
        decimals,
        choice: Choice {
            convention: convention.transpose()?,
            source: text("source").map(ToOwned::to_owned),
            quote: quote.transpose()?,
            nearest: nearest
                .parse()
                .map_err(|_| Error::new(format!("`nearest` is no number of days: {nearest:?}")))?,
        },
    })
}

/// The question of a list of off-ramps, from the parameters that its finding kept. Its prices are those of then.
fn offramps_question(parameters: &Json) -> Result<OfframpsQuestion, Error> {
    let text = |key: &str| parameters.field(key).and_then(Json::text);
    let at = text("at").map(Timestamp::parse).transpose();
    let convention = text("convention").map(|name| name.parse::<Convention>());
    let nearest = needed(parameters, "nearest")?;
    Ok(OfframpsQuestion {
        trace: question(parameters)?,
        at: at.map_err(Error::new)?,
        choice: Choice {
            convention: convention.transpose()?,
            source: None,
            quote: None,
            nearest: nearest
                .parse()
                .map_err(|_| Error::new(format!("`nearest` is no number of days: {nearest:?}")))?,
        },
    })
}

/// What an assessment was asked for.
fn assess_question(parameters: &Json) -> Result<(String, Options), Error> {
    let is_there = |key: &str| parameters.field(key).is_some_and(|it| *it != Json::Null);
    let sentence = is_there("check").then(|| {
        let both = <[String; 2]>::try_from(texts(parameters, "check")?);
        both.map_err(|_| Error::new("`check` is not a hypothesis and a sentence"))
    });
    let options = Options {
        without: texts(parameters, "without")?,
        sentence: sentence
            .transpose()?
            .map(|[hypothesis, sentence]| (hypothesis, sentence)),
    };
    Ok((needed(parameters, "incident")?.to_owned(), options))
}

/// The question of links, from the parameters that their finding kept.
fn link_question(parameters: &Json) -> Result<LinkQuestion, Error> {
    Ok(LinkQuestion {
        incidents: texts(parameters, "incidents")?,
        policy: needed(parameters, "policy")?.parse().map_err(Error::new)?,
        stops: kept_stops(parameters)?,
    })
}

/// The stops that a finding kept. Services are the default: where they are not named, they were switched off.
fn kept_stops(parameters: &Json) -> Result<Stops, Error> {
    let mut stops = texts(parameters, "stops")?;
    if !stops.iter().any(|stop| stop == "services") {
        stops.push("none".to_owned());
    }
    parse_stops(&stops)
}

/// The question of a trace, from the parameters that its finding kept.
pub(crate) fn question(parameters: &Json) -> Result<Question, Error> {
    let text = |key: &str| parameters.field(key).and_then(Json::text);
    let needed = |key: &str| needed(parameters, key);
    let list = |key: &str| texts(parameters, key);
    let time = |key: &str| {
        text(key)
            .map(Timestamp::parse)
            .transpose()
            .map_err(Error::new)
    };
    Ok(Question {
        from: list("from")?,
        chain: Some(Chain::from_str(needed("chain")?).map_err(Error::new)?),
        policy: needed("policy")?.parse().map_err(Error::new)?,
        direction: match needed("direction")? {
            "forward" => Direction::Forward,
            "backward" => Direction::Backward,
            other => return Err(Error::new(format!("{other:?} is not a direction"))),
        },
        window: Window {
            since: time("since")?,
            before: time("before")?,
        },
        amount: text("amount")
            .map(smallest_units)
            .transpose()
            .map_err(Error::new)?,
        stops: kept_stops(parameters)?,
        claims: parameters.field("claims") == Some(&Json::Bool(true)),
    })
}
