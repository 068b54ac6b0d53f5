//! Incidents: what all claims about each of them come to, and what they add up to.
//!
//! Pure folding of claims. Files, prices and clocks are the caller's.

pub mod alike;
mod beside;
mod folded;
mod kept;
mod said;
mod same;
mod sources;
mod total;
mod view;

pub use alike::{Likeness, Pair, Traits};
pub use beside::{CitedRow, Published};
pub use folded::{After, Decimals, Figure, Folded, Held};
pub use kept::Kept;
pub use said::{Cite, Said};
pub use same::Same;
pub use sources::{SourceView, SourceWarning, Sources, used};
pub use total::{
    Asked, AssetRow, By, Caveat, Duplicate, Group, Priced, Pricing, Straddling, Total, TotalRow,
    Unpriced, total,
};
pub use view::{IncidentView, LossView, fold};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
