//! As what a place is read that money of two thefts came to: the kind of evidence, its sentence, and what would take it away.

use super::ground::Ground;
use super::weigh;

/// As what a shared place is read.
pub(super) struct Reading {
    pub kind: &'static str,
    /// How much less than all of a theft may come there without a word.
    pub free: u64,
    pub what: String,
    pub falsified_by: String,
}

pub(super) fn reading<G: Ground>(
    shown: &str,
    is_theft: bool,
    service: Option<&str>,
    is_together: bool,
) -> Reading {
    let private = format!("{shown} is a service's, or somebody's who deals with many");
    let (kind, free, what, falsified_by) = match service {
        _ if is_theft => (
            "shared-address",
            u64::MAX,
            format!("both thefts paid {shown}"),
            format!("{shown} is a service's, or the victims chose it and not the thief"),
        ),
        Some(service) => (
            "shared-deposit",
            weigh::DEPOSIT_SHARE_FREE,
            format!("money of both was paid to {shown}, which forwards to {service} alone"),
            format!("{service} says that {shown} serves several customers"),
        ),
        None if is_together && G::POOLS => (
            "commingling",
            weigh::SHARE_FREE,
            format!("money of both lay at {shown} at the same time, before any service"),
            private,
        ),
        None => (
            "shared-address",
            weigh::SHARE_FREE,
            format!("money of both came to {shown}, one after the other"),
            private,
        ),
    };
    Reading {
        kind,
        free,
        what,
        falsified_by,
    }
}
