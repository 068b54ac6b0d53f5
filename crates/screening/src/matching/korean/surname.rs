//! Korean surnames: how common each is, how it is written in Latin letters, and by which Hanja.
//!
//! The Chinese reading of a surname is its own, not that of the dictionary: 朴 is Piao. South and North differ (이 and
//! 리 are one). Frequencies are after the census of 2015 in the South, in thousandths and rounded; the North
//! publishes none.

use std::collections::BTreeMap;

use super::foreign;

/// Hangul (the first is the one shown), thousandths, Latin spellings, pinyin, Hanja.
const SURNAMES: &[(&str, u16, &str, &str, &str)] = &[
    ("김", 215, "kim gim ghim", "jin", "金"),
    (
        "리이",
        147,
        "ri lee yi li rhee i rhie yee leigh",
        "li yi",
        "李伊",
    ),
    ("박", 84, "pak park bak bahk pahk", "piao pu", "朴"),
    ("최", 47, "choe choi ch'oe choy tchoi", "cui", "崔"),
    (
        "정",
        43,
        "jong jung jeong chong chung cho'ng joung djong",
        "zheng ding",
        "鄭丁郑程",
    ),
    ("강", 25, "kang gang kahng", "jiang kang", "姜康江"),
    ("조", 21, "jo cho joe djo tcho", "zhao cao", "趙曺曹赵"),
    ("윤", 20, "yun yoon youn", "yin", "尹"),
    (
        "장",
        20,
        "jang chang djang tchang",
        "zhang jiang zhuang",
        "張章蔣莊张蒋庄",
    ),
    ("림임", 17, "rim lim im yim leem", "lin ren", "林任"),
    ("한", 15, "han hahn", "han", "韓韩"),
    ("오", 15, "o oh", "wu", "吳吴"),
    ("서", 15, "so seo suh so' sur", "xu", "徐"),
    ("신", 15, "sin shin", "shen xin", "申辛愼"),
    ("권", 14, "kwon gwon kwo'n kweon", "quan", "權权"),
    ("황", 14, "hwang whang", "huang", "黃黄"),
    ("안", 14, "an ahn", "an", "安"),
    ("송", 14, "song", "song", "宋"),
    (
        "류유",
        20,
        "ryu yu yoo lyu ryoo you",
        "liu yu",
        "柳劉兪庾刘",
    ),
    (
        "전",
        14,
        "jon jeon chon cho'n jun chun",
        "quan tian qian",
        "全田錢",
    ),
    ("홍", 11, "hong", "hong", "洪"),
    ("고", 9, "ko go koh", "gao", "高"),
    ("문", 9, "mun moon", "wen", "文"),
    ("양", 9, "yang ryang liang lyang", "liang yang", "梁楊"),
    ("손", 9, "son sohn", "sun", "孫孙"),
    ("배", 8, "pae bae pai", "pei", "裵裴"),
    ("백", 8, "paek baek paik baik", "bai", "白"),
    ("허", 7, "ho heo hur huh ho'", "xu", "許许"),
    ("남", 6, "nam", "nan", "南"),
    ("심", 5, "sim shim", "shen", "沈"),
    ("로노", 5, "ro no roh noh rho", "lu", "盧卢"),
    ("하", 5, "ha", "he xia", "河夏"),
    ("곽", 4, "kwak gwak", "guo", "郭"),
    ("성", 4, "song sung seong so'ng", "cheng", "成"),
    ("차", 4, "cha ch'a chha", "che", "車车"),
    ("주", 5, "ju chu joo", "zhu zhou", "朱周"),
    ("우", 4, "u woo wu", "yu", "禹于"),
    ("구", 4, "ku koo gu goo", "ju qiu", "具丘邱"),
    ("민", 4, "min", "min", "閔闵"),
    ("라나", 3, "ra na rah nah la", "luo", "羅罗"),
    ("진", 4, "jin chin", "chen qin", "陳秦晉陈"),
    ("지", 3, "ji chi jee", "chi zhi", "池智"),
    ("엄", 3, "om um eom o'm uhm", "yan", "嚴严"),
    ("채", 3, "chae ch'ae chai chhae", "cai", "蔡"),
    ("원", 3, "won wo'n weon", "yuan", "元"),
    ("천", 2, "chon ch'o'n cheon chun", "qian", "千"),
    ("방", 3, "pang bang", "fang pang", "方房"),
    ("공", 2, "kong gong", "kong", "孔"),
    ("현", 2, "hyon hyun hyeon hyo'n", "xuan", "玄"),
    ("함", 2, "ham", "xian", "咸"),
    ("변", 2, "pyon byon byun byeon pyo'n", "bian", "卞邊"),
    ("렴염", 2, "ryom yom yeom ryo'm", "lian yan", "廉"),
    ("려여", 2, "ryo yo yeo ryeo", "lv lu", "呂"),
    ("추", 1, "chu choo ch'u chhu", "qiu", "秋"),
    ("도", 1, "to do", "du dao", "都陶"),
    ("석", 1, "sok suk seok so'k", "shi", "石"),
    ("설", 1, "sol sul seol so'l", "xue", "薛"),
    ("선", 1, "son sun seon so'n", "xuan", "宣"),
    ("마", 1, "ma mah", "ma", "馬马"),
    ("길", 1, "kil gil", "ji", "吉"),
    ("련연", 1, "ryon yon yeon ryo'n", "yan lian", "延連"),
    ("위", 1, "wi wee", "wei", "魏"),
    ("표", 1, "pyo p'yo phyo", "biao", "表"),
    ("명", 1, "myong myung myeong", "ming", "明"),
    ("기", 1, "ki gi", "qi", "奇"),
    ("반", 1, "pan ban", "pan", "潘"),
    ("왕", 1, "wang", "wang", "王"),
    ("금", 1, "kum keum geum", "qin", "琴"),
    ("옥", 1, "ok", "yu", "玉"),
    ("륙육", 1, "ryuk yuk yook", "lu", "陸陆"),
    ("인", 1, "in", "yin", "印"),
    ("맹", 1, "maeng", "meng", "孟"),
    ("제", 1, "je che", "zhu", "諸"),
    ("모", 1, "mo", "mao mou", "毛牟"),
    ("탁", 1, "tak thak", "zhuo", "卓"),
    ("국", 1, "kuk guk kook", "ju", "鞠"),
    ("은", 1, "un eun u'n", "yin", "殷"),
    ("용룡", 1, "ryong yong", "long", "龍"),
    ("태", 1, "tae t'ae thae", "tai", "太"),
    ("계", 1, "kye gye", "gui", "桂"),
    ("동", 1, "tong dong", "dong", "董"),
    ("온", 1, "on", "wen", "溫"),
    ("사", 1, "sa", "shi", "史舍"),
    ("남궁", 1, "namgung namkung", "nangong", ""),
    ("황보", 1, "hwangbo", "huangfu", ""),
    ("선우", 1, "sonu sunwoo seonu", "xianyu", ""),
];

/// Surnames by how they are written.
#[derive(Clone, Debug)]
pub(super) struct Surnames {
    roman: BTreeMap<&'static str, Vec<u16>>,
    pinyin: BTreeMap<&'static str, Vec<u16>>,
    /// In Cyrillic and Arabic letters, by the spellings of their syllables.
    foreign: BTreeMap<Box<str>, Vec<u16>>,
    hangul: BTreeMap<char, u16>,
    hanja: BTreeMap<char, u16>,
}

impl Surnames {
    pub(super) fn new() -> Self {
        let mut surnames = Self {
            roman: BTreeMap::new(),
            pinyin: BTreeMap::new(),
            foreign: BTreeMap::new(),
            hangul: BTreeMap::new(),
            hanja: BTreeMap::new(),
        };
        for (number, (hangul, _, roman, pinyin, hanja)) in (0_u16..).zip(SURNAMES) {
            for text in roman.split(' ') {
                surnames.roman.entry(text).or_default().push(number);
            }
            for text in pinyin.split(' ') {
                surnames.pinyin.entry(text).or_default().push(number);
            }
            let compound = hanja.is_empty();
            for c in hangul.chars().filter(|_| !compound) {
                surnames.hangul.insert(c, number);
                for text in foreign_spellings(c) {
                    let numbers = surnames.foreign.entry(text).or_default();
                    if !numbers.contains(&number) {
                        numbers.push(number);
                    }
                }
            }
            for c in hanja.chars() {
                surnames.hanja.insert(c, number);
            }
        }
        surnames
    }

    /// The surnames that a Latin word can be. Apostrophes that no spelling has are passed over.
    pub(super) fn roman(&self, raw: &str) -> &[u16] {
        let plain = || raw.replace('\'', "");
        match self.roman.get(raw) {
            Some(found) => found,
            None => self.roman.get(plain().as_str()).map_or(&[], Vec::as_slice),
        }
    }

    /// The surnames that a word of pinyin can be.
    pub(super) fn pinyin(&self, text: &str) -> &[u16] {
        self.pinyin.get(text).map_or(&[], Vec::as_slice)
    }

    /// The surnames that a word in Cyrillic or Arabic letters can be.
    pub(super) fn foreign(&self, text: &str) -> &[u16] {
        self.foreign.get(text).map_or(&[], Vec::as_slice)
    }

    /// The surname that a letter of Hangul or Han is.
    pub(super) fn letter(&self, c: char) -> Option<u16> {
        self.hangul.get(&c).or_else(|| self.hanja.get(&c)).copied()
    }
}

/// How a surname of one syllable is written in Cyrillic and Arabic letters: its usual spellings, and those of its own.
fn foreign_spellings(surname: char) -> Vec<Box<str>> {
    let mut found = Vec::new();
    for script in [foreign::CYRILLIC, foreign::ARABIC] {
        let spellings = super::code(surname).map(|code| script.spellings(code));
        let usual = spellings
            .into_iter()
            .flatten()
            .filter(|(_, cost)| *cost < 2);
        found.extend(usual.map(|(text, _)| text.into()));
    }
    let own = foreign::SURNAMES.iter().filter(|(c, _)| *c == surname);
    found.extend(own.map(|(_, text)| (*text).into()));
    found
}

/// How a surname is shown: in Hangul.
pub(super) fn shown(number: u16) -> &'static str {
    SURNAMES
        .get(usize::from(number))
        .map_or("", |surname| surname.0)
}

/// How much a shared surname tells, in tenths of a bit.
pub(super) fn bits(number: u16) -> u32 {
    let share = SURNAMES
        .get(usize::from(number))
        .map_or(1, |surname| surname.1);
    // log2(1000 / share), in tenths, by the thresholds that are met.
    match share {
        150.. => 22,
        100.. => 28,
        60.. => 36,
        35.. => 45,
        20.. => 55,
        12.. => 63,
        7.. => 70,
        4.. => 80,
        2.. => 90,
        _ => 100,
    }
}

/// How many times as common the last word must be as a surname for the first to be in doubt, and as the first for itself
/// not to be.
const TIMES_FIRST: u16 = 4;
const TIMES_LAST: u16 = 2;

/// Whether a surname, read first or last, is rather one of those that the word at the other end can be: the first
/// word gives way to one that is far more common, the last to any that is not much rarer.
pub(super) fn is_doubtful(surname: u16, first: bool, others: &[u16]) -> bool {
    let share = |number: u16| SURNAMES.get(usize::from(number)).map_or(0, |row| row.1);
    let other = others.iter().map(|number| share(*number)).max();
    let own = share(surname);
    other.is_some_and(|other| {
        if first {
            other >= own * TIMES_FIRST
        } else {
            other * TIMES_LAST > own
        }
    })
}

/// The number of a surname that was left out: `Young-Chul`.
pub const NONE: u16 = u16::MAX;

/// What two surnames tell.
pub(super) struct Alike {
    /// Tenths of a bit that they share.
    pub shared: u32,
    /// Tenths of a bit that they would share if they were one.
    pub all: u32,
    /// 1 where they are two that are near.
    pub missing: u32,
}

/// The surnames that can be meant by one: itself, and those that are near.
#[must_use]
pub fn like(number: u16) -> Vec<u16> {
    let all = (0_u16..).take(SURNAMES.len());
    all.filter(|other| alike(number, *other).is_some())
        .collect()
}

/// What two surnames tell, where they are one, or near, or one of them was left out.
pub(super) fn alike(one: u16, other: u16) -> Option<Alike> {
    if one == other {
        let bits = if one == NONE { 0 } else { bits(one) };
        return Some(Alike {
            shared: bits,
            all: bits,
            missing: 0,
        });
    }
    if one == NONE || other == NONE {
        return Some(Alike {
            shared: 0,
            all: 0,
            missing: 0,
        });
    }
    let first = |number: u16| shown(number).chars().next().and_then(super::code);
    let near = first(one)
        .zip(first(other))
        .is_some_and(|(one, other)| slips(one, other));
    let all = bits(one).max(bits(other));
    near.then_some(Alike {
        shared: all * 60 / 100,
        all,
        missing: 1,
    })
}

/// Whether two syllables differ in their vowels alone, and those slip into one another.
pub(super) fn slips(one: u16, other: u16) -> bool {
    let vowel = |code: u16| code / 28 % 21;
    let rest = |code: u16| (code / 588, code % 28);
    let (low, high) = (vowel(one).min(vowel(other)), vowel(one).max(vowel(other)));
    // a ae, a wa, o' yo', o' wo, o yo, o wo, u yu, e ae.
    let near = matches!(
        (low, high),
        (0, 1 | 9) | (4, 6 | 14) | (8, 12 | 14) | (13, 17) | (1, 5)
    );
    rest(one) == rest(other) && near
}
