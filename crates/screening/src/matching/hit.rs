//! A hit: who can be meant, by which name or address, with what score, and why.

use serde::Serialize;

/// One listed subject that can be meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The list.
    pub list: String,
    /// The date of its version.
    pub list_date: String,
    /// SHA-256 of the file that version came from.
    pub list_hash: String,
    /// The entry, as the list tells it apart.
    pub entry: String,
    /// The number under which it is cited.
    pub reference: String,
    /// SHA-256 over all that the list says of it.
    pub entry_hash: String,
    /// What it is.
    pub kind: &'static str,
    /// The name that matched, as published; the primary one for an address.
    pub name: String,
    /// The primary name.
    pub primary_name: String,
    /// What it is listed under.
    pub programmes: Vec<String>,
    /// Our score, 0 to 100.
    pub score: u8,
    /// What OFAC's own search would say, 0 to 100; 0 for an address that is no name.
    pub ofac_score: u8,
    /// Whether nothing differs.
    pub exact: bool,
    /// Why, in words, field against field.
    pub why: Vec<String>,
    /// The address, where one matched.
    pub address: Option<AddressHit>,
}

/// An address that is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AddressHit {
    /// As it stands in the list.
    pub listed: String,
    /// The publisher's code: a coin or a token, and no chain.
    pub code: String,
}

/// The likeliest first; of one score, in the order of lists and entries.
pub(super) fn sort(hits: &mut [Hit]) {
    hits.sort_by(|a, b| {
        let key = |hit: &Hit| {
            (
                std::cmp::Reverse(hit.score),
                hit.list.clone(),
                hit.entry.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
}
