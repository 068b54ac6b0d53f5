//! How two of them belong together: who owns, controls, works for or supplies whom.
//!
//! An end is an entity of the case, an account, an entry of a sanctions list, or an incident, so that a path
//! can lead from an address to a listed body.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use whither_ledger::address::{Account, parse_account};

use super::Fields;
use super::forms::{Number, as_text};
use crate::words::Word;

/// Somebody says that one end has to do with the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// Who owns, controls, works for, … the other.
    pub from: RelationEnd,
    /// How.
    pub relation: RelationKind,
    /// The other.
    pub to: RelationEnd,
    /// Of what is owned, in per cent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Number>,
}

/// How one end has to do with the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelationKind {
    /// All or a share of it.
    Owns,
    /// Decides what it does.
    Controls,
    /// Is employed by it.
    WorksFor,
    /// Does what it is asked to on its behalf.
    ActsFor,
    /// Gives it goods, services or money.
    Supplies,
    /// Belongs to it.
    MemberOf,
    /// Is another name of it.
    SameAs,
}

/// One end of a relation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RelationEnd {
    /// `entity:ID`: somebody of the case.
    Entity(Word),
    /// `incident:ID`: a theft of the case.
    Incident(Word),
    /// `list:LIST/REFERENCE`: an entry of a sanctions list.
    Listed {
        /// Which list.
        list: Word,
        /// What the list calls the entry.
        reference: String,
    },
    /// A CAIP-10 account.
    Account(Account),
}

impl FromStr for RelationEnd {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let word = |text: &str| Word::new(text).map_err(|error| error.to_string());
        if let Some(id) = text.strip_prefix("entity:") {
            return word(id).map(Self::Entity);
        }
        if let Some(id) = text.strip_prefix("incident:") {
            return word(id).map(Self::Incident);
        }
        if let Some(entry) = text.strip_prefix("list:") {
            let (list, reference) = entry.split_once('/').unwrap_or((entry, ""));
            if reference.trim().is_empty() {
                return Err(format!("{text:?} is not of the form list:LIST/REFERENCE"));
            }
            let (list, reference) = (word(list)?, reference.to_owned());
            return Ok(Self::Listed { list, reference });
        }
        parse_account(text, None).map(Self::Account).map_err(|error| {
            format!("{text:?} is not entity:ID, incident:ID, list:LIST/REFERENCE or a CAIP-10 account: {error}")
        })
    }
}

impl fmt::Display for RelationEnd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entity(id) => write!(formatter, "entity:{id}"),
            Self::Incident(id) => write!(formatter, "incident:{id}"),
            Self::Listed { list, reference } => write!(formatter, "list:{list}/{reference}"),
            Self::Account(account) => account.fmt(formatter),
        }
    }
}

as_text!(RelationEnd);

impl Fields for Relation {
    fn check(&self) -> Result<(), String> {
        if self.from == self.to {
            return Err("a relation is between two".to_owned());
        }
        let Some(share) = self.share else {
            return Ok(());
        };
        if self.relation != RelationKind::Owns {
            return Err("`share` is of `owns`".to_owned());
        }
        if share.value() > Decimal::ONE_HUNDRED {
            return Err(format!(
                "`share` is in per cent, and {share} is more than all"
            ));
        }
        Ok(())
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        for end in [&self.from, &self.to] {
            match end {
                RelationEnd::Entity(id) => about("entity", id.as_str()),
                RelationEnd::Incident(id) => about("incident", id.as_str()),
                RelationEnd::Listed { list, reference } => {
                    about("list", &format!("{list}/{reference}"));
                }
                RelationEnd::Account(account) => about("address", &account.to_string()),
            }
        }
    }
}
