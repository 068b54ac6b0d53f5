//! Clusters: addresses that one hand controls, found by stated rules, each union with its transaction.
//!
//! The base rule is multi-input: who signs for several inputs of one transaction holds all their keys. CoinJoins are left
//! out. Change rules may be added; they guess, so they are off unless asked for, and a guard refuses a guess that would
//! join two large clusters. What the case says counts too: two addresses are the same, or are not; two services that
//! are called differently are not one. What is refused is kept, for somebody to look at.
//!
//! The answer is a function of the chain, the rules and the claims: links are taken in chain order, whatever the order of
//! ingest. Sources: Nakamoto (2008), Meiklejohn et al. (IMC 2013), Kalodner et al. (BlockSci, 2020), Möser and Narayanan
//! (FC 2022); how often each is wrong stands in `docs/methods/clusters.md`.
//!
//! Not here: who somebody is. A cluster has no name; labels have.

mod change;
mod crew;
mod explain;
mod forest;
mod join;
mod links;
mod local;
mod table;
mod whole;

pub use change::{ChangeRule, Rules, change};
pub use crew::{Alone, Crew, Job, joined};
pub use explain::{Path, Step, explain};
pub use forest::Forest;
pub use join::{Clusters, Refused, Union, Why, cluster, prove, within};
pub use links::{Claimed, Constraints, Rule, Service};
pub use local::{Component, component, links_of};
pub use table::Table;
pub use whole::by_crew;
