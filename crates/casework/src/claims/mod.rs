//! Claims: what people say, by kind. One file per kind, with its fields and what they must be.
//!
//! An entry's payload is the fields of its kind and the marks that any claim may carry. It is read strictly: a
//! field that a kind does not know is refused on the way in. A claim of somebody else's case that cannot be read
//! is kept as [`Body::Unreadable`] with the reason, since dropping it in silence would change what a case says.

mod address;
mod alike;
mod assessment;
mod attribution;
mod cited;
mod continuation;
mod decision;
mod entity;
mod finding;
pub(crate) mod forms;
mod freeze;
mod incident;
mod loss;
mod origin;
mod relation;
mod report;
mod source;

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use address::{AddressClaim, Hands};
pub use alike::Alike;
pub use assessment::{Assessment, Evidence, Hypothesis};
pub use attribution::Attribution;
pub use cited::Cited;
pub use continuation::Continuation;
pub use decision::{Decision, Verdict};
pub use entity::{Entity, EntityKind, Identifier};
pub use finding::Finding;
pub use forms::{AssetId, Number, Range, Units};
pub use freeze::{Freeze, FreezeState};
pub use incident::Incident;
pub use loss::{Loss, LossKind};
pub use origin::{OriginClaim, PlaceClaim, TransferClaim};
pub use relation::{Relation, RelationEnd, RelationKind};
pub use report::{
    Comment, Commitment, Draft, Edition, EditionFile, Outcome, Reply, Ruling, Secret,
};
pub use source::{Descriptor, Source};

use crate::canonical::Json;
use crate::hash::Hash;
use crate::marks::Marks;
use crate::words::{Author, Kind, Time, Word};
use crate::writer::Says;

/// Fields of a payload by name.
type JsonFields = BTreeMap<String, Json>;

/// The fields of one kind of claim.
pub(crate) trait Fields: Serialize + DeserializeOwned {
    /// What must hold between the fields, beyond what each of them is.
    fn check(&self) -> Result<(), String>;

    /// Tells what the claim is about: a kind of subject (`incident`, `address`, …) and its id.
    fn subjects(&self, about: &mut dyn FnMut(&str, &str));
}

/// A claim in force, with what is needed to weigh and to share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The entry that made it.
    pub id: Hash,
    /// The entry whose payload counts: `id`, or the last correction of it.
    pub says: Hash,
    /// What its author calls it (payload field `id`).
    pub handle: Option<Word>,
    /// Who made it.
    pub author: Author,
    /// Its entry's place in the author's log, from 1.
    pub number: u64,
    /// When it was made, as its author says.
    pub time: Time,
    /// Source, confidence, handling, dates.
    pub marks: Marks,
    /// What is said.
    pub body: Body,
}

impl Claim {
    /// What names it: its handle, or its hash.
    #[must_use]
    pub fn name(&self) -> String {
        self.handle
            .as_ref()
            .map_or_else(|| self.id.to_string(), ToString::to_string)
    }
}

/// What a payload says: the claim without the entry that holds it. It is what is read, checked and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What its author calls it.
    pub handle: Option<Word>,
    /// Source, confidence, handling, dates.
    pub marks: Marks,
    /// What is said.
    pub body: Body,
}

impl Statement {
    /// Reads a payload. Strictly: what its kind does not know is refused.
    ///
    /// # Errors
    /// Which field is not what it must be.
    pub fn read(kind: &Kind, payload: &Json) -> Result<Self, String> {
        let (handle, marks, fields) = apart(payload)?;
        let body = Body::read(kind, fields)?;
        Ok(Self {
            handle,
            marks,
            body,
        })
    }

    /// Reads a payload that may be of a later version of the program, or damaged by its author: what cannot be
    /// read is said so.
    #[must_use]
    pub fn read_any(kind: &Kind, payload: &Json) -> Self {
        let unreadable = |why: String| Body::Unreadable {
            kind: kind.clone(),
            why,
        };
        match apart(payload) {
            Err(why) => Self {
                handle: None,
                marks: Marks::default(),
                body: unreadable(why),
            },
            Ok((handle, marks, fields)) => Self {
                handle,
                marks,
                body: Body::read(kind, fields).unwrap_or_else(unreadable),
            },
        }
    }

    /// The payload, as it is written.
    ///
    /// # Errors
    /// Where the statement is one that cannot be made: the body is unreadable, withheld, or fails its checks.
    pub fn payload(&self) -> Result<Json, String> {
        let mut fields = self.body.fields()?;
        self.marks.write(&mut fields);
        if let Some(handle) = &self.handle {
            fields.insert("id".to_owned(), Json::Text(handle.to_string()));
        }
        Ok(Json::Object(fields))
    }

    /// The statement as a new entry says it.
    ///
    /// # Errors
    /// As [`Statement::payload`].
    pub fn says(&self) -> Result<Says, String> {
        let (kind, payload) = (self.body.kind(), self.payload()?);
        Ok(Says::Claim { kind, payload })
    }
}

/// Handle and marks of a payload, and the fields that are up to its kind.
fn apart(payload: &Json) -> Result<(Option<Word>, Marks, JsonFields), String> {
    let marks = Marks::read(payload)?;
    let mut fields = payload.object().ok_or("a payload is an object")?.clone();
    for mark in Marks::FIELDS {
        fields.remove(*mark);
    }
    let handle = match fields.remove("id") {
        None => None,
        Some(Json::Text(id)) => Some(Word::new(&id).map_err(|error| format!("`id`: {error}"))?),
        Some(_) => return Err("`id` is not text".to_owned()),
    };
    Ok((handle, marks, fields))
}

fn read_fields<T: Fields>(fields: JsonFields) -> Result<T, String> {
    let read: T = Json::Object(fields).to()?;
    read.check().map(|()| read)
}

fn write_fields(of: &impl Fields) -> Result<JsonFields, String> {
    of.check()?;
    match Json::of(of)? {
        Json::Object(fields) => Ok(fields),
        _ => Err("a payload is an object".to_owned()),
    }
}

/// The kinds, each with its word, its type and what it says.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident($fields:ty) = $word:literal,)*) => {
        /// What a claim says.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        #[allow(clippy::large_enum_variant)]
        pub enum Body {
            $($(#[$doc])* $kind($fields),)*
            /// A kind that this version of the program does not know.
            Other {
                /// The kind.
                kind: Kind,
                /// What it says besides its marks.
                fields: BTreeMap<String, Json>,
            },
            /// A kind that is known, with fields that are not what they must be.
            Unreadable {
                /// The kind.
                kind: Kind,
                /// What is wrong.
                why: String,
            },
            /// The payload is not in this copy of the case.
            Withheld {
                /// The kind.
                kind: Kind,
            },
        }

        impl Body {
            /// The kinds that are known.
            pub const KINDS: &[&str] = &[$($word),*];

            fn read(kind: &Kind, fields: JsonFields) -> Result<Self, String> {
                match kind.as_str() {
                    $($word => read_fields(fields).map(Self::$kind),)*
                    _ => Ok(Self::Other { kind: kind.clone(), fields }),
                }
            }

            fn fields(&self) -> Result<JsonFields, String> {
                match self {
                    $(Self::$kind(fields) => write_fields(fields),)*
                    Self::Other { fields, .. } => Ok(fields.clone()),
                    Self::Unreadable { why, .. } => Err(format!("it cannot be read: {why}")),
                    Self::Withheld { .. } => Err("its payload is withheld".to_owned()),
                }
            }

            /// The word of its kind.
            #[must_use]
            pub fn kind_word(&self) -> &str {
                match self {
                    $(Self::$kind(_) => $word,)*
                    Self::Other { kind, .. }
                    | Self::Unreadable { kind, .. }
                    | Self::Withheld { kind } => kind.as_str(),
                }
            }

            /// Tells what the claim is about: a kind of subject (`incident`, `entity`, `source`, `address`, …) and
            /// its id. A claim that cannot be read tells nothing.
            pub fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
                match self {
                    $(Self::$kind(fields) => Fields::subjects(fields, about),)*
                    Self::Other { .. } | Self::Unreadable { .. } | Self::Withheld { .. } => {}
                }
            }
        }
    };
}

kinds! {
    /// A theft.
    Incident(Incident) = "incident",
    /// What a theft took, or what came of it.
    Loss(Loss) = "loss",
    /// Who did it.
    Attribution(Attribution) = "attribution",
    /// A total that somebody published.
    Cited(Cited) = "cited",
    /// Incidents of several names are one.
    SameIncident(Alike) = "same-incident",
    /// Incidents that look like one are several.
    DistinctIncidents(Alike) = "distinct-incidents",
    /// An address of somebody through whom tracing is meaningless.
    Service(AddressClaim) = "service",
    /// An address that belongs to one customer of a service and forwards to it.
    Deposit(AddressClaim) = "deposit",
    /// An address has a name, and is followed all the same.
    Label(AddressClaim) = "label",
    /// Addresses are in one hand.
    SameHand(Hands) = "same-hand",
    /// Addresses are each in another hand.
    DistinctHands(Hands) = "distinct-hands",
    /// A person, an organisation, a group or a vessel.
    Entity(Entity) = "entity",
    /// How two of them belong together.
    Relation(Relation) = "relation",
    /// Where money goes on that the chain cannot tell.
    Continuation(Continuation) = "continuation",
    /// A step in getting money frozen.
    Freeze(Freeze) = "freeze",
    /// Whether who was asked for is who is listed.
    Decision(Decision) = "decision",
    /// The private record of a source.
    Source(Source) = "source",
    /// How a source may be called in public.
    Descriptor(Descriptor) = "descriptor",
    /// One answer to who did it.
    Hypothesis(Hypothesis) = "hypothesis",
    /// What speaks for or against hypotheses.
    Evidence(Evidence) = "evidence",
    /// What is said of a hypothesis in the end.
    Assessment(Assessment) = "assessment",
    /// A computation whose result was kept.
    Finding(Finding) = "finding",
    /// A revision of a report.
    Draft(Draft) = "report-draft",
    /// What somebody says of a part of it.
    Comment(Comment) = "report-comment",
    /// What becomes of a comment.
    Ruling(Ruling) = "report-ruling",
    /// Somebody who is named was asked.
    Reply(Reply) = "report-reply",
    /// An edition that was given out.
    Edition(Edition) = "report-edition",
    /// What the salts of an edition come of.
    Secret(Secret) = "report-secret",
}

impl Body {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::new(self.kind_word()).expect("every kind that is known is a word")
    }
}

#[cfg(test)]
mod tests;
