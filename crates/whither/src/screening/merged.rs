//! Hits of one question that was asked in several ways, put together.
//!
//! Not here: which ways there are.

use super::Judged;

/// Adds hits that a question has besides. One that gives no new reason is there already, with the decision about it. Of two of an
/// entry the better is kept, with the reasons of both.
pub(super) fn add(hits: &mut Vec<Judged>, found: Vec<Judged>) {
    for mut one in found {
        let same =
            |known: &Judged| known.hit.list == one.hit.list && known.hit.entry == one.hit.entry;
        let tells = |known: &Judged| one.hit.why.iter().all(|why| known.hit.why.contains(why));
        if hits.iter().any(|known| same(known) && tells(known)) {
            continue;
        }
        match hits.iter_mut().find(|known| same(known)) {
            Some(known) => {
                if known.rank() < one.rank() {
                    std::mem::swap(known, &mut one);
                }
                known.hit.ofac_score = known.hit.ofac_score.max(one.hit.ofac_score);
                add_new(&mut known.hit.why, one.hit.why);
            }
            None => hits.push(one),
        }
    }
}

/// Adds what is not there.
pub(super) fn add_new<T: PartialEq>(known: &mut Vec<T>, new: Vec<T>) {
    for one in new {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}
