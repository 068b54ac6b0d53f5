//! A position in sentences: how it is known who has it, whether it is there, and who can keep it there.

use super::{How, Position};
use crate::trace::result::{Basis, Endpoint, EndpointKind};

/// Writes them.
pub(super) fn tell(position: &mut Position, end: &Endpoint) {
    let mut why = Vec::new();
    why.extend(who(position, end));
    why.extend(customer(position));
    why.extend(there(position));
    why.extend(freezes(position));
    position.why = why;
}

fn who(position: &Position, end: &Endpoint) -> Option<String> {
    let rule = &end.reason.rule;
    if let EndpointKind::Frozen | EndpointKind::Recovered = position.kind {
        let word = position.kind.name();
        let claim = position.claim.as_deref().unwrap_or("of the case");
        return Some(format!("{word}, as claim {claim} says ({rule})"));
    }
    let holder = position.entity.as_ref();
    if let Some(holder) = holder {
        let (name, category, claim) = (&holder.name, &holder.category, &holder.claim);
        return Some(match holder.basis {
            Basis::Claim => format!("{name} ({category}) has this address, as claim {claim} says"),
            _ => format!(
                "this address empties into that of {name} ({category}), which claim {claim} names"
            ),
        });
    }
    match position.kind {
        EndpointKind::Degree => Some(format!(
            "nobody is named; the address looks like a service ({rule})"
        )),
        EndpointKind::Unresolved => {
            Some(format!("what happened there cannot be followed ({rule})"))
        }
        EndpointKind::Depth | EndpointKind::Dust | EndpointKind::Time => {
            Some(format!("the trace was asked to stop here ({rule})"))
        }
        _ => None,
    }
}

fn customer(position: &Position) -> Option<String> {
    let seen = position.deposit.as_ref()?;
    Some(match (seen.basis, &seen.claim) {
        (Basis::Claim, Some(claim)) => {
            format!(
                "{} is a customer's deposit address, as claim {claim} says",
                seen.address
            )
        }
        _ => format!(
            "{} is taken for a customer's deposit address: {} of its payments on match what it was paid (rule deposit-reuse, \
             confidence {})",
            seen.address,
            seen.sweeps,
            decimal(seen.confidence_millionths.unwrap_or(0))
        ),
    })
}

fn there(position: &Position) -> Option<String> {
    let text = match (position.kind, position.still_there) {
        (EndpointKind::Held | EndpointKind::Unspent, _) => {
            "nothing moves it as far as the data goes, which is complete here"
        }
        (EndpointKind::Horizon, _) => {
            "the data ends here, and does not tell whether it moved since"
        }
        (EndpointKind::Mixer, _) => "what a mixer gives out is not what it took in",
        (EndpointKind::Frozen | EndpointKind::Recovered, _) => return None,
        (EndpointKind::Service | EndpointKind::Bridge | EndpointKind::Degree, Some(false)) => {
            "the address holds less than this by now, so it went on from there; whose account it stands in, no chain tells"
        }
        (EndpointKind::Service | EndpointKind::Bridge | EndpointKind::Degree, Some(true)) => {
            "the output that it came in is not spent"
        }
        (EndpointKind::Service | EndpointKind::Bridge | EndpointKind::Degree, None) => {
            "funds are pooled there: whether it was paid out again, no chain tells"
        }
        (EndpointKind::Depth | EndpointKind::Dust | EndpointKind::Time, None) => {
            "something moves on from there; whether it is this, the data does not tell"
        }
        (_, Some(false)) => "it moves on from there",
        _ => return None,
    };
    Some(text.to_owned())
}

fn freezes(position: &Position) -> Vec<String> {
    if matches!(
        position.kind,
        EndpointKind::Frozen | EndpointKind::Recovered
    ) {
        return Vec::new();
    }
    let told = position.freezers.iter().map(|freezer| match freezer.how {
        How::Service => format!("{} holds it for a customer and can keep it", freezer.who),
        How::Issuer => format!(
            "{} issued this token and can block the address in its contract",
            freezer.who
        ),
    });
    let told: Vec<String> = told.collect();
    if !told.is_empty() {
        return told;
    }
    let nobody = match position.kind {
        EndpointKind::Mixer => "nobody is known who could freeze it in a mixer",
        EndpointKind::Bridge => {
            "whoever runs the bridge may tell where it went on to, and may be able to stop it"
        }
        EndpointKind::Degree => "whoever runs it could keep it: find out who that is",
        EndpointKind::Service => "the service is a contract that keeps nothing for customers",
        _ => "nobody is known who could freeze it at this address",
    };
    vec![nobody.to_owned()]
}

/// Millionths as a decimal.
fn decimal(millionths: u64) -> String {
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}
