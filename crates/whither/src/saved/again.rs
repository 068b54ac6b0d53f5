//! A finding computed anew, from its command and its parameters alone.
//!
//! One arm per command that keeps findings; what a command needs stands among the parameters that it kept.

use std::str::FromStr;

use whither_analysis::trace::{Direction, Window};
use whither_casework::{Case, Json};
use whither_ledger::chain::Chain;
use whither_ledger::time::Timestamp;

use crate::amount::smallest_units;
use crate::error::Error;
use crate::question::{Chains, Question, answer, parse_stops};

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
        other => Err(Error::new(format!(
            "this program cannot compute `{other}` anew"
        ))),
    }
}

/// The question of a trace, from the parameters that its finding kept.
fn question(parameters: &Json) -> Result<Question, Error> {
    let text = |key: &str| parameters.field(key).and_then(Json::text);
    let needed = |key: &str| {
        text(key).ok_or_else(|| Error::new(format!("the parameters lack the text `{key}`")))
    };
    let list = |key: &str| -> Result<Vec<String>, Error> {
        let list = parameters.field(key).and_then(Json::list);
        let list =
            list.ok_or_else(|| Error::new(format!("the parameters lack the list `{key}`")))?;
        let texts = list.iter().map(|value| value.text().map(ToOwned::to_owned));
        texts
            .collect::<Option<Vec<String>>>()
            .ok_or_else(|| Error::new(format!("`{key}` is not a list of texts")))
    };
    let time = |key: &str| {
        text(key)
            .map(Timestamp::parse)
            .transpose()
            .map_err(Error::new)
    };
    let mut stops = list("stops")?;
    // Services are the default: where they are not named, they were switched off.
    if !stops.iter().any(|stop| stop == "services") {
        stops.push("none".to_owned());
    }
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
        stops: parse_stops(&stops)?,
        claims: parameters.field("claims") == Some(&Json::Bool(true)),
    })
}
