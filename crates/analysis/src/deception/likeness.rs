//! What looks like something else: addresses by their ends, tokens by their names.

use std::collections::BTreeMap;

use whither_ledger::chain::Chain;
use whither_ledger::known_tokens;
use whither_ledger::view::{AccountView, AddressIx, AssetIx};

/// How many characters people look at, at each end of an address.
const ENDS: usize = 4;

/// Addresses by what people look at: their first and last characters.
#[derive(Default)]
pub(super) struct Likeness(BTreeMap<(String, String), Vec<AddressIx>>);

impl Likeness {
    pub(super) fn of<V: AccountView>(view: &V, addresses: impl Iterator<Item = AddressIx>) -> Self {
        let mut likeness = Self::default();
        addresses.for_each(|address| likeness.add(view, address));
        likeness
    }

    pub(super) fn add<V: AccountView>(&mut self, view: &V, address: AddressIx) {
        if let Some(ends) = ends(view, address) {
            self.0.entry(ends).or_default().push(address);
        }
    }

    /// Another address with the same ends.
    pub(super) fn like<V: AccountView>(&self, view: &V, address: AddressIx) -> Option<AddressIx> {
        let known = self.0.get(&ends(view, address)?)?;
        known.iter().copied().find(|known| *known != address)
    }
}

fn ends<V: AccountView>(view: &V, address: AddressIx) -> Option<(String, String)> {
    let text = view.address(address).display(view.chain());
    let body = match view.chain() {
        Chain::Tron => text.strip_prefix('T')?.to_owned(),
        _ => text.strip_prefix("0x")?.to_ascii_lowercase(),
    };
    let last = body.len().checked_sub(ENDS)?;
    Some((body.get(..ENDS)?.to_owned(), body.get(last..)?.to_owned()))
}

/// The asset that a token calls itself like: a well-known one, or one of these. None of an asset that is well
/// known or among these itself, or of which no source tells a name.
pub(super) fn imitated<V: AccountView>(
    view: &V,
    asset: AssetIx,
    others: impl Iterator<Item = AssetIx>,
) -> Option<String> {
    let named = view.asset(asset);
    let chain = view.chain();
    let mine = names(view, &named)?;
    let mut others: Vec<AssetIx> = others.collect();
    if others.contains(&asset) || known_tokens::known(&named).is_some() {
        return None;
    }
    others.sort_unstable();
    for other in others {
        let other = view.asset(other);
        let known = known_tokens::known(&other).map(|token| skeleton(token.symbol));
        let told = names(view, &other).unwrap_or_default();
        if known.iter().chain(&told).any(|name| mine.contains(name)) {
            return Some(other.to_string());
        }
    }
    let mut list = known_tokens::all().filter(|(known, _)| known.chain().as_ref() == Some(chain));
    let coin = chain.native_asset().filter(|coin| {
        let unit = coin.unit_name().map(skeleton);
        unit.is_some_and(|unit| mine.contains(&unit))
    });
    list.find(|(_, token)| mine.contains(&skeleton(token.symbol)))
        .map(|(known, _)| known.to_string())
        .or(coin.map(|coin| coin.to_string()))
}

/// What a token calls itself, as people see it.
fn names<V: AccountView>(view: &V, asset: &whither_ledger::asset::Asset) -> Option<Vec<String>> {
    let tokens = view.tokens();
    let first = tokens.partition_point(|token| token.asset < *asset);
    let told = tokens[first..]
        .iter()
        .take_while(|token| token.asset == *asset);
    let names: Vec<String> = told
        .flat_map(|token| [token.symbol.as_deref(), token.name.as_deref()])
        .flatten()
        .map(skeleton)
        .filter(|name| !name.is_empty())
        .collect();
    (!names.is_empty()).then_some(names)
}

/// A name as it looks: letters of other alphabets as the Latin ones they look like, in capitals, without what is
/// not seen or not read (Unicode Technical Standard 39 calls such a form a skeleton; here for what symbols use).
fn skeleton(name: &str) -> String {
    let looks = |letter: char| match letter {
        'а' | 'А' | 'Α' | 'α' => 'A',
        'В' | 'Β' => 'B',
        'с' | 'С' | 'Ϲ' => 'C',
        'ԁ' => 'D',
        'е' | 'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'і' | 'І' | 'Ι' | 'ӏ' => 'I',
        'Ј' | 'ј' => 'J',
        'К' | 'к' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'о' | 'О' | 'Ο' | 'ο' => 'O',
        'р' | 'Р' | 'Ρ' => 'P',
        'Ѕ' | 'ѕ' => 'S',
        'Т' | 'т' | 'Τ' => 'T',
        'ս' | 'υ' => 'U',
        'Ԝ' | 'ԝ' => 'W',
        'х' | 'Х' | 'Χ' => 'X',
        'У' | 'у' | 'Υ' => 'Y',
        'Ζ' => 'Z',
        '₮' => 'T',
        other => match u32::from(other) {
            // Full-width forms.
            wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(other),
            _ => other,
        },
    };
    let letters = name
        .chars()
        .map(looks)
        .filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::skeleton;

    #[test]
    fn names_that_look_alike_have_one_skeleton() {
        for name in [
            "U\u{405}DT",
            "usdt",
            "USD₮",
            "\u{202e}US DT",
            "ＵＳＤＴ",
            "$USDT.",
        ] {
            assert_eq!(skeleton(name), "USDT", "{name:?}");
        }
        assert_ne!(skeleton("USDC"), "USDT");
    }
}
