//! How like two words are: an edit distance whose steps cost what they mean in names.
//!
//! What romanisation varies is cheap (a doubled letter, an `h`, `i` for `y`, `k` for `q`), what names apart is dear.
//! Costs are tenths of a step. How much two words may differ grows with their length; words of up to three letters
//! must be equal but for a vowel, since nothing is left to know them by. Costs were set by hand from the variants
//! that lists give of one name; none is fitted.

/// Similarity in thousandths; 0 where the words are not one.
#[must_use]
pub fn similarity(one: &str, other: &str) -> u32 {
    if one == other {
        return 1000;
    }
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let (shorter, longer) = (one.len().min(other.len()), one.len().max(other.len()));
    let most = budget(shorter);
    if most == 0 || (longer - shorter) * 3 > most || longer > LONGEST {
        return 0;
    }
    let mut room = [[0; LONGEST]; 2];
    let [ours, theirs] = &mut room;
    write_gaps(one, ours);
    write_gaps(other, theirs);
    similar((one, ours), (other, theirs), most)
}

/// The same for two words within reach of each other whose gaps are known.
pub(super) fn similar(one: (&[u8], &[u8]), other: (&[u8], &[u8]), most: usize) -> u32 {
    match cost(one, other, most) {
        Some(cost) => 1000 - as_u32(cost * 100 / one.0.len().max(other.0.len())).min(999),
        None => 0,
    }
}

/// What each letter of a word costs to leave out.
pub(super) fn write_gaps(word: &[u8], into: &mut [u8]) {
    for (at, cost) in into.iter_mut().take(word.len()).enumerate() {
        *cost = gap(word, at);
    }
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// How many tenths of a step two words may be apart, by the length of the shorter.
#[must_use]
pub fn budget(length: usize) -> usize {
    match length {
        0..=2 => 0,
        3 => 4,
        4 => 7,
        5..=7 => 10,
        8 | 9 => 14,
        _ => 20,
    }
}

/// The longest word that is compared.
pub(super) const LONGEST: usize = 40;
/// More than any budget.
pub(super) const FAR: u8 = 100;
/// A letter for one that it has nothing in common with.
const STEP: u8 = 10;
/// The same where short words begin: `Jason` is no misspelling of `Mason`.
const FIRST: u8 = 13;
/// A word of so many letters is short.
const SHORT: usize = 5;
/// Letters whose places have changed.
pub(super) const TRANSPOSED: u8 = 8;

/// The cost of turning one word into the other, if it is within the budget. Only places near the diagonal are looked
/// at: a gap costs three tenths at least, so further off nothing is within the budget.
fn cost(
    (one, our_gaps): (&[u8], &[u8]),
    (other, their_gaps): (&[u8], &[u8]),
    most: usize,
) -> Option<usize> {
    let band = most / 3;
    let limit = u8::try_from(most).ok()?;
    let blank = [FAR; LONGEST + 2];
    let (mut before, mut above, mut row) = (blank, blank, blank);
    above[0] = 0;
    for at in 1..=other.len().min(band) {
        above[at] = above[at - 1].saturating_add(their_gaps[at - 1]);
    }
    let mut least_above = 0_u8;
    for i in 1..=one.len() {
        let (first, last) = (i.saturating_sub(band).max(1), (i + band).min(other.len()));
        if first > last {
            return None;
        }
        let (a, cost_of_a) = (one[i - 1], our_gaps[i - 1]);
        row[first - 1] = if first == 1 {
            above[0].saturating_add(cost_of_a)
        } else {
            FAR
        };
        let mut least = row[first - 1];
        for j in first..=last {
            let b = other[j - 1];
            let mut best = above[j - 1].saturating_add(exchange(a, b));
            if i == 1 && j == 1 && best == STEP && one.len().min(other.len()) <= SHORT {
                best = FIRST;
            }
            best = best.min(above[j].saturating_add(cost_of_a));
            best = best.min(row[j - 1].saturating_add(their_gaps[j - 1]));
            if i > 1 && j > 1 && a == other[j - 2] && b == one[i - 2] && a != b {
                best = best.min(before[j - 2].saturating_add(TRANSPOSED));
            }
            row[j] = best;
            least = least.min(best);
        }
        row[last + 1] = FAR;
        if least > limit && least_above.saturating_add(TRANSPOSED) > limit {
            return None;
        }
        (before, above, row) = (above, row, before);
        least_above = least;
    }
    Some(usize::from(above[other.len()])).filter(|cost| *cost <= most)
}

pub(super) const fn is_vowel(byte: u8) -> bool {
    matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// What it costs to leave a letter out.
fn gap(word: &[u8], at: usize) -> u8 {
    let byte = word[at];
    let near = |other: Option<&u8>| other.is_some_and(|other| is_vowel(*other));
    let before = at.checked_sub(1).and_then(|at| word.get(at));
    match byte {
        b'0'..=b'9' => 15,
        _ if before == Some(&byte) => DOUBLED,
        b'h' if at > 0 => 4,
        b's' if before == Some(&b'k') => 4,
        b'y' | b'i' if near(before) || near(word.get(at + 1)) => 5,
        b'e' | b'u' if near(before) => 6,
        b't' if word.get(at + 1) == Some(&b'z') => 5,
        b'g' if before == Some(&b'n') && at + 1 == word.len() => 4,
        _ => 10,
    }
}

/// What it costs to leave out a letter that stands twice.
const DOUBLED: u8 = 3;

/// Letters and digits, each digit for all.
pub(super) const SIGNS: usize = 27;

/// Which of the signs a byte is.
pub(super) const fn sign(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => (byte - b'a') as usize,
        _ => SIGNS - 1,
    }
}

/// What it costs to write one letter for another.
#[inline]
pub(super) fn exchange(a: u8, b: u8) -> u8 {
    if a == b {
        0
    } else {
        EXCHANGES[sign(a)][sign(b)]
    }
}

const EXCHANGES_OF: [[u8; SIGNS]; SIGNS] = exchanges();
static EXCHANGES: [[u8; SIGNS]; SIGNS] = EXCHANGES_OF;

const fn exchanges() -> [[u8; SIGNS]; SIGNS] {
    let mut costs = [[15; SIGNS]; SIGNS];
    let mut low = b'a';
    while low <= b'z' {
        let mut high = low;
        while high <= b'z' {
            costs[sign(low)][sign(high)] = cost_of_exchange(low, high);
            costs[sign(high)][sign(low)] = cost_of_exchange(low, high);
            high += 1;
        }
        low += 1;
    }
    costs
}

/// The cost for two letters, the lower first.
const fn cost_of_exchange(low: u8, high: u8) -> u8 {
    match (low, high) {
        (b'c', b'k')
        | (b'k', b'q')
        | (b'c', b'q')
        | (b's', b'z')
        | (b'v', b'w')
        | (b'j', b'y')
        | (b'i', b'y') => 3,
        (b'a', b'e') | (b'e', b'i') | (b'o', b'u') | (b'i', b'j') | (b'u', b'w') => 4,
        (b'g', b'q') | (b'f', b'v') | (b'a', b'o') => 5,
        (b'g', b'k') | (b'd', b't') | (b'c', b's') | (b'g', b'j') | (b'k', b'x') => 6,
        (b'b', b'p') | (b'b', b'v') => 7,
        _ if is_vowel(low) && is_vowel(high) => 8,
        _ => 10,
    }
}

/// The letters of a word, and those it has twice: what no edit of a small cost can change.
///
/// A letter that only one of two words has must be left out or written for another, and so must one that only one
/// of them has twice. From that follows how much it costs at least to turn one word into the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Letters(u64);

impl Letters {
    /// The letters of a word.
    #[must_use]
    pub fn of(word: &str) -> Self {
        let (mut once, mut twice) = (0_u64, 0_u64);
        for byte in word.bytes() {
            let bit = 1 << sign(byte);
            twice |= once & bit;
            once |= bit;
        }
        Self(once | twice << SIGNS)
    }

    /// Those from `l` to `v` alone, once: what they say of a word holds for all of its letters.
    pub(super) fn shared(self) -> u16 {
        u16::try_from(self.0 >> PART & PART_MASK).unwrap_or(u16::MAX)
    }

    /// What letters from `l` to `v` that differ cost at least, in twentieths of a step.
    #[inline]
    pub(super) fn shared_cost(ours: u16, theirs: u16) -> usize {
        usize::from(LEAST[1][usize::from(ours ^ theirs)])
    }

    /// Whether the letters that are not shared leave it possible, for so many twentieths of a step.
    #[inline]
    pub(super) fn rest_within(self, other: Self, left: usize) -> bool {
        let differ = self.0 ^ other.0;
        let part = |at: usize| usize::from(LEAST[at][(differ >> (at * PART) & PART_MASK) as usize]);
        let first = part(0);
        first <= left && first + part(2) + part(3) + part(4) <= left
    }

    /// Whether one word can be turned into the other for so many tenths of a step, as far as letters tell.
    #[must_use]
    pub fn within(self, other: Self, most: usize) -> bool {
        let differ = self.0 ^ other.0;
        let part = |at: usize| usize::from(LEAST[at][(differ >> (at * PART) & PART_MASK) as usize]);
        part(0) + part(1) + part(2) + part(3) + part(4) <= 2 * most
    }
}

/// Bits of a mask that are looked up at once.
const PART: usize = 11;
const PART_MASK: u64 = (1 << PART) - 1;

/// What differing letters cost at least, in twentieths of a step, by eleven bits of the mask. An exchange can
/// account for a letter on either side, so it counts for half of one.
static LEAST: [[u8; 1 << PART]; 5] = {
    let mut tables = [[0; 1 << PART]; 5];
    let mut at = 0;
    while at < tables.len() {
        let mut bits = 1;
        while bits < 1 << PART {
            let mut sum = 0;
            let mut bit = 0;
            while bit < PART {
                if bits >> bit & 1 == 1 {
                    sum += least(at * PART + bit);
                }
                bit += 1;
            }
            tables[at][bits] = sum;
            bits += 1;
        }
        at += 1;
    }
    tables
};

/// What one differing bit costs at least, in twentieths.
const fn least(bit: usize) -> u8 {
    if bit >= 2 * SIGNS {
        return 0;
    }
    let sign = bit % SIGNS;
    let mut least = match sign {
        _ if bit >= SIGNS => 2 * DOUBLED,
        // h, s, y and i, e and u, t: see `gap`.
        7 | 18 => 8,
        24 | 8 | 19 => 10,
        4 | 20 => 12,
        26 => 30,
        _ => 20,
    };
    let mut other = 0;
    while other < SIGNS {
        if other != sign && EXCHANGES_OF[sign][other] < least {
            least = EXCHANGES_OF[sign][other];
        }
        other += 1;
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_close() {
        for (one, other, least) in [
            ("mohammed", "muhammad", 850),
            ("sergei", "sergey", 900),
            ("qaeda", "qaida", 850),
            ("putin", "pulin", 750),
            ("scholze", "scholz", 800),
            ("yuri", "yury", 850),
            ("aleksandr", "alexandr", 750),
        ] {
            assert!(
                similarity(one, other) >= least,
                "{one} {other} {}",
                similarity(one, other)
            );
        }
    }

    #[test]
    fn short_words_and_other_names_are_not() {
        for (one, other) in [
            ("kim", "kin"),
            ("lxc", "lau"),
            ("bwi", "bae"),
            ("chol", "chun"),
            ("zuckermann", "zuckerberg"),
            ("boris", "benjamin"),
            ("berliner", "bayerische"),
            ("12", "13"),
            ("sparkles", "sporks"),
        ] {
            assert_eq!(similarity(one, other), 0, "{one} {other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn letters_rule_out_nothing_that_is_like(one in "[a-eiklmnosuyzht]{3,12}", edits in proptest::collection::vec((0_usize..12, 0_u8..4, "[a-z]"), 0..4)) {
            let mut other = one.clone();
            for (at, what, letter) in edits {
                let at = at.min(other.len());
                match what {
                    0 => other.insert_str(at, &letter),
                    1 if at < other.len() => { other.remove(at); }
                    2 if at < other.len() => other.replace_range(at..=at, &letter),
                    _ if at > 0 && at < other.len() => {
                        let letter = other.remove(at);
                        other.insert(at - 1, letter);
                    }
                    _ => {}
                }
            }
            let alike = similarity(&one, &other);
            proptest::prop_assert_eq!(alike, similarity(&other, &one));
            let most = budget(one.len().min(other.len()));
            proptest::prop_assert!(alike == 0 || Letters::of(&one).within(Letters::of(&other), most), "{} {}", one, other);
        }
    }
}
