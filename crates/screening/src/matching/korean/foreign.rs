//! How a syllable of Hangul is written in Cyrillic and in Arabic letters.
//!
//! Cyrillic after Kontsevich (`Ким Чен Ын`, `Чхве Рён Хэ`), with the older habits that newspapers keep (`е` for ㅓ, `Ир` for 일,
//! `дж`). Arabic as newspapers write, syllable by syllable with a vowel in each (`كيم جونغ أون`); there is no one
//! convention, so all that are in use are tried. What a spelling costs is as in [`super::spelling`]: nothing where it
//! is usual, one where it is rare or loses a difference.

use std::borrow::Cow;

type Spelled = &'static [(&'static str, u8)];

/// A script with its spellings of initials, vowels and finals, in the order of Unicode.
pub(super) struct Script {
    initials: [Spelled; 19],
    vowels: [Spelled; 21],
    finals: [Spelled; 28],
    /// What may stand before a vowel that begins a syllable.
    carrier: &'static str,
}

const NONE: Spelled = &[];

/// Cyrillic letters.
pub(super) const CYRILLIC: Script = Script {
    initials: [
        &[("к", 0), ("г", 0)],
        &[("кк", 0), ("к", 1)],
        &[("н", 0)],
        &[("т", 0), ("д", 0)],
        &[("тт", 0), ("т", 1)],
        &[("р", 0), ("л", 0), ("н", 1)],
        &[("м", 0)],
        &[("п", 0), ("б", 0)],
        &[("пп", 0), ("п", 1)],
        &[("с", 0), ("ш", 1)],
        &[("сс", 0), ("с", 1)],
        &[("", 0)],
        &[("ч", 0), ("чж", 0), ("дж", 0), ("ж", 1)],
        &[("чч", 0), ("ч", 1)],
        &[("чх", 0), ("ч", 1)],
        &[("кх", 0), ("к", 1)],
        &[("тх", 0), ("т", 1)],
        &[("пх", 0), ("п", 1), ("ф", 1)],
        &[("х", 0)],
    ],
    vowels: [
        &[("а", 0)],
        &[("э", 0), ("е", 1), ("ай", 1)],
        &[("я", 0)],
        &[("йе", 0)],
        &[("о", 0), ("е", 1), ("э", 1)],
        &[("е", 0), ("э", 0)],
        &[("ё", 0), ("е", 1), ("йо", 1), ("ьо", 1)],
        &[("е", 0), ("йе", 0)],
        &[("о", 0)],
        &[("ва", 0), ("уа", 1)],
        &[("вэ", 0), ("ве", 0)],
        &[("ве", 0), ("вэ", 0), ("ой", 1)],
        &[("ё", 0), ("е", 1), ("йо", 1)],
        &[("у", 0)],
        &[("во", 0)],
        &[("ве", 0)],
        &[("ви", 0)],
        &[("ю", 0)],
        &[("ы", 0), ("у", 1), ("и", 1)],
        &[("ый", 0), ("и", 0), ("ы", 1)],
        &[("и", 0)],
    ],
    finals: [
        &[("", 0)],
        &[("к", 0), ("г", 1)],
        NONE,
        NONE,
        &[("н", 0)],
        NONE,
        NONE,
        &[("т", 0)],
        &[("ль", 0), ("л", 0), ("р", 1)],
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
        &[("м", 0)],
        &[("п", 0), ("б", 1)],
        NONE,
        &[("т", 0)],
        NONE,
        &[("н", 0), ("нъ", 0), ("нг", 1)],
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
    ],
    carrier: "",
};

/// Arabic letters, brought together by [`plain`].
pub(super) const ARABIC: Script = Script {
    initials: [
        &[("ك", 0), ("غ", 0), ("ج", 0), ("ق", 0)],
        &[("ك", 0)],
        &[("ن", 0)],
        &[("د", 0), ("ت", 0), ("ط", 1)],
        &[("ت", 0), ("د", 1)],
        &[("ر", 0), ("ل", 0), ("ن", 1)],
        &[("م", 0)],
        &[("ب", 0)],
        &[("ب", 0)],
        &[("س", 0), ("ش", 1), ("ص", 1)],
        &[("س", 0)],
        &[("", 0)],
        &[("ج", 0), ("تش", 0), ("ز", 1)],
        &[("ج", 0), ("تش", 1)],
        &[("تش", 0), ("ش", 1), ("ج", 1)],
        &[("ك", 0)],
        &[("ت", 0), ("ث", 0), ("ط", 1)],
        &[("ب", 0), ("ف", 0)],
        &[("ه", 0), ("ح", 0)],
    ],
    vowels: [
        &[("ا", 0)],
        &[("اي", 0), ("ي", 0), ("ا", 1)],
        &[("يا", 0)],
        &[("ياي", 0), ("ي", 1)],
        &[("و", 0), ("يو", 0), ("ا", 1)],
        &[("ي", 0), ("اي", 1)],
        &[("يو", 0), ("ي", 1)],
        &[("يي", 0), ("ي", 0)],
        &[("و", 0)],
        &[("وا", 0)],
        &[("واي", 0), ("وي", 1)],
        &[("وي", 0), ("واي", 1)],
        &[("يو", 0)],
        &[("و", 0)],
        &[("وو", 0), ("و", 1)],
        &[("وي", 0)],
        &[("وي", 0)],
        &[("يو", 0)],
        &[("و", 0), ("يو", 1), ("ي", 1)],
        &[("وي", 0), ("ي", 0)],
        &[("ي", 0)],
    ],
    finals: [
        &[("", 0), ("ه", 2)],
        &[("ك", 0), ("ق", 0), ("غ", 1)],
        NONE,
        NONE,
        &[("ن", 0)],
        NONE,
        NONE,
        &[("ت", 0)],
        &[("ل", 0), ("ر", 1)],
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
        &[("م", 0)],
        &[("ب", 0)],
        NONE,
        &[("ت", 0)],
        NONE,
        &[("نغ", 0), ("نج", 0), ("نق", 0), ("نك", 1), ("ن", 1)],
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
    ],
    carrier: "ا",
};

const IEUNG: usize = 11;
/// The most that a spelling may cost.
const COST_MAX: u8 = 2;

impl Script {
    /// All spellings of a syllable with their costs.
    pub(super) fn spellings(&self, code: u16) -> Vec<(String, u8)> {
        let code = usize::from(code);
        let (initial, vowel, last) = (code / 588 % 19, code / 28 % 21, code % 28);
        let mut found = Vec::new();
        for (first, one) in self.initials[initial] {
            for (middle, two) in self.vowels[vowel] {
                for (end, three) in self.finals[last] {
                    let cost = one + two + three;
                    if cost > COST_MAX {
                        continue;
                    }
                    found.push((format!("{first}{middle}{end}"), cost));
                    let carried = initial == IEUNG && !self.carrier.is_empty();
                    if carried && !middle.starts_with(self.carrier) {
                        found.push((format!("{}{middle}{end}", self.carrier), cost));
                    }
                }
            }
        }
        found
    }
}

/// Surnames that emigrants and newspapers write otherwise than their syllable: Hangul and spelling.
pub(super) const SURNAMES: &[(char, &str)] = &[
    ('최', "цой"),
    ('최', "чой"),
    ('정', "тен"),
    ('장', "тян"),
    ('리', "лий"),
    ('박', "بارك"),
    ('최', "شوي"),
];

/// Whether a letter is Cyrillic.
pub(super) fn is_cyrillic(c: char) -> bool {
    matches!(u32::from(c), 0x400..=0x52F)
}

/// Whether a letter is Arabic.
pub(super) fn is_arabic(c: char) -> bool {
    matches!(u32::from(c), 0x620..=0x6FF)
}

/// A word with the letters that writers exchange brought together: carriers of hamza, Persian letters, marks.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| is_arabic(c) || is_cyrillic(c)) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            'أ' | 'إ' | 'آ' | 'ٱ' => plain.push('ا'),
            'ى' | 'ی' | 'ئ' => plain.push('ي'),
            'ؤ' => plain.push('و'),
            'ة' => plain.push('ه'),
            'ک' => plain.push('ك'),
            'گ' => plain.push('غ'),
            'چ' => plain.push_str("تش"),
            'پ' => plain.push('ب'),
            'ڤ' => plain.push('ف'),
            'і' => plain.push('и'),
            'є' => plain.push('е'),
            'ء' | 'ـ' => {}
            _ if matches!(u32::from(c), 0x610..=0x61A | 0x64B..=0x65F | 0x200C..=0x200F) => {}
            other => plain.push(other),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::super::compare;
    use crate::matching::fold::words;
    use crate::matching::korean::Korean;

    #[test]
    fn cyrillic_and_arabic_are_read_by_syllables() {
        let korean = Korean::new();
        let score = |one: &str, other: &str| {
            let (one, other) = (korean.readings(&words(one)), korean.readings(&words(other)));
            compare(&one, &other).map_or(0, |found| found.score)
        };
        for (foreign, name) in [
            ("Ким Чен Ын", "Kim Jong Un"),
            ("Ким Чен Ир", "Kim Jong Il"),
            ("Ким Чхоль Сам", "Kim Chol Sam"),
            ("Чхве Рён Хэ", "Choe Ryong Hae"),
            ("Пак Пон Чжу", "Pak Pong Ju"),
            ("Чан Сон Тхэк", "Jang Song Thaek"),
            ("Ри Ён Хо", "Ri Yong Ho"),
            ("Ким Ён Чхоль", "Kim Yong Chol"),
            ("Хван Бён Со", "Hwang Pyong So"),
            ("Чо Ёнвон", "Jo Yong Won"),
            ("كيم جونغ أون", "Kim Jong Un"),
            ("كيم جونغ إيل", "Kim Jong Il"),
            ("ري يونغ هو", "Ri Yong Ho"),
            ("باك بونغ جو", "Pak Pong Ju"),
            ("كيم يونغ تشول", "Kim Yong Chol"),
            ("تشوي ريونغ هاي", "Choe Ryong Hae"),
            ("جانغ سونغ ثيك", "Jang Song Thaek"),
        ] {
            assert!(
                score(foreign, name) >= 900,
                "{foreign} {name}: {}",
                score(foreign, name)
            );
        }
        for (foreign, name) in [
            ("Ким Чен Ын", "Kim Yong Chol"),
            ("Ри Ён Хо", "Ri Yong Mu"),
            ("كيم جونغ أون", "Kim Yong Chol"),
            ("Иван Петров", "Kim Jong Un"),
        ] {
            assert!(score(foreign, name) < 820, "{foreign} {name}");
        }
        for text in ["حسن يونس", "محمد علي", "كريم سامي", "Иван Иванов"]
        {
            assert!(korean.readings(&words(text)).is_empty(), "{text}");
        }
    }
}
