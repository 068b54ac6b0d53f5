//! Which column is which, by names that people give them.
//!
//! Case, punctuation and a currency in brackets are no matter. Several columns may say the same; their cells must
//! then agree. A column that is not known is not read, and the reading says so.

use super::words::plain;

/// What a cell of a table may say about an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Id,
    Title,
    Date,
    Discovered,
    Victim,
    Sector,
    Chains,
    Vectors,
    Asset,
    Quantity,
    /// An amount of what the header does not say.
    Amount,
    Usd,
    Recovered,
    Frozen,
    Reissued,
    RecoveredQuantity,
    FrozenQuantity,
    ReissuedQuantity,
    Transactions,
    Addresses,
    Actor,
    Source,
    Reference,
    Published,
    Confidence,
    Handling,
    Note,
}

/// The names of each field, as names are compared.
const NAMES: &[(Field, &str)] = &[
    (
        Field::Id,
        "id|incident|incident id|case id|key|ref|ref no|no|nr|number|incident no|incident number",
    ),
    (
        Field::Title,
        "title|headline|event|incident name|incident title|summary",
    ),
    (
        Field::Date,
        "date|date of theft|theft date|hack date|date of hack|incident date|date of incident|\
         date of attack|attack date|date utc|theft date utc|date of theft utc|time|datetime|\
         timestamp|when|day|occurred|occurred at|date occurred|stolen on|event date|exploit date|\
         date of exploit",
    ),
    (
        Field::Discovered,
        "discovered|discovery|date discovered|date of discovery|discovery date|discovered on|\
         discovered at|detected|date detected|detection date|discovered utc|noticed",
    ),
    (
        Field::Victim,
        "victim|name|exchange|project|target|organisation|organization|company|entity|protocol|\
         platform|victim name|name of victim|name of exchange|exchange name|project name|\
         protocol name|service",
    ),
    (
        Field::Sector,
        "sector|type|category|industry|victim type|type of victim|target type|victim sector|\
         victim category|classification",
    ),
    (
        Field::Chains,
        "chain|chains|blockchain|blockchains|network|networks|chain s|blockchain s",
    ),
    (
        Field::Vectors,
        "vector|vectors|vector s|technique|techniques|technique s|attack|attack vector|\
         attack vectors|technique id|technique ids|ttp|ttps|attack technique|method|exploit|\
         attack type|root cause|attack technique s|mitre",
    ),
    (
        Field::Asset,
        "asset|assets|token|coin|currency|symbol|ticker|asset stolen|stolen asset|asset symbol|\
         token symbol|asset id|cryptocurrency",
    ),
    (
        Field::Quantity,
        "quantity|qty|quantity stolen|stolen quantity|units|token amount|asset amount|\
         amount of asset|amount asset|coins|amount native|native amount|amount token|\
         amount in tokens|amount crypto|crypto amount",
    ),
    (
        Field::Amount,
        "amount|amount stolen|stolen amount|value|sum|loss|losses|amount lost|lost|funds lost|\
         funds stolen",
    ),
    (
        Field::Usd,
        "usd|amount usd|usd amount|loss usd|usd loss|stolen|stolen usd|usd stolen|value usd|\
         usd value|amount in usd|loss in usd|value in usd|dollars|us dollars|amount lost usd|\
         funds lost usd|losses usd|total usd|total loss usd|amount stolen usd|stolen value usd|\
         usd equivalent|stolen in usd|loss amount usd|estimated loss usd|usd at theft|\
         usd value at theft|usd lost",
    ),
    (
        Field::Recovered,
        "recovered|recovered usd|usd recovered|recovered in usd|amount recovered|\
         amount recovered usd|returned|returned usd|funds recovered|recovery usd|recovered amount usd",
    ),
    (
        Field::Frozen,
        "frozen|frozen usd|usd frozen|frozen in usd|amount frozen|amount frozen usd|seized|\
         seized usd|funds frozen|frozen amount usd",
    ),
    (
        Field::Reissued,
        "reissued|reissued usd|usd reissued|reissued in usd|re issued|re issued usd|amount reissued|\
         amount reissued usd|reissued amount usd",
    ),
    (
        Field::RecoveredQuantity,
        "recovered quantity|quantity recovered|recovered qty|recovered units|recovered amount",
    ),
    (
        Field::FrozenQuantity,
        "frozen quantity|quantity frozen|frozen qty|frozen units|frozen amount",
    ),
    (
        Field::ReissuedQuantity,
        "reissued quantity|quantity reissued|reissued qty|reissued units|reissued amount",
    ),
    (
        Field::Transactions,
        "tx|txs|txid|txids|tx id|tx ids|transaction|transactions|hash|hashes|tx hash|tx hashes|\
         txhash|transaction hash|transaction hashes|transaction id|transaction ids|theft tx|\
         theft transaction|theft transactions|theft txid|exploit tx",
    ),
    (
        Field::Addresses,
        "address|addresses|from|to|theft address|theft addresses|thief address|thief|hacker address|\
         attacker address|attacker|victim address|from address|to address|wallet|wallets|\
         hacker addresses|attacker addresses|destination|recipient|destination address",
    ),
    (
        Field::Actor,
        "actor|attribution|attributed to|group|threat actor|perpetrator|suspect|attributed|\
         attributed actor",
    ),
    (
        Field::Source,
        "source|sources|source id|reported by|publisher|source name|citation",
    ),
    (
        Field::Reference,
        "url|reference|references|link|links|source url|source link|reference url|urls",
    ),
    (
        Field::Published,
        "published|date published|publication date|reported on|source date|date of source",
    ),
    (
        Field::Confidence,
        "confidence|admiralty|admiralty code|reliability|grade|admiralty grade|confidence code",
    ),
    (
        Field::Handling,
        "handling|tlp|tlp mark|handling mark|marking|classification tlp|tlp marking",
    ),
    (
        Field::Note,
        "note|notes|comment|comments|remark|remarks|description|details",
    ),
];

/// A column that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub field: Field,
    /// Where it stands, from 0.
    pub at: usize,
    /// As the header writes it.
    pub name: String,
    /// What the header multiplies its numbers by, in powers of ten.
    pub power: usize,
    /// Whether a cell of it has a comma before the fraction: then a point in another may set off thousands.
    pub commas: bool,
}

/// The columns of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    pub columns: Vec<Column>,
    /// Headers that name no column that is known: where, and what.
    pub unknown: Vec<(usize, String)>,
    /// All headers, as they are compared.
    pub plain: Vec<String>,
}

impl Header {
    pub(super) fn read(cells: &[String]) -> Self {
        let mut header = Self {
            plain: cells.iter().map(|cell| plain(cell)).collect(),
            ..Self::default()
        };
        for (at, cell) in cells.iter().enumerate() {
            match field(cell) {
                Some((field, power)) => header.columns.push(Column {
                    field,
                    at,
                    name: cell.trim().to_owned(),
                    power,
                    commas: false,
                }),
                None => header.unknown.push((at, cell.trim().to_owned())),
            }
        }
        // Where the victim has a column of its own, `name` is what the incident is called.
        let says = |column: &Column| plain(&column.name);
        if header
            .columns
            .iter()
            .any(|column| column.field == Field::Victim && says(column) != "name")
        {
            for column in header
                .columns
                .iter_mut()
                .filter(|column| column.field == Field::Victim && says(column) == "name")
            {
                column.field = Field::Title;
            }
        }
        header
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.columns.iter().any(|column| column.field == field)
    }

    /// The name of a field's first column.
    pub(super) fn name(&self, field: Field) -> Option<&str> {
        self.columns
            .iter()
            .find(|column| column.field == field)
            .map(|column| column.name.as_str())
    }
}

/// How many cells of a line name a column.
pub(super) fn known(cells: &[String]) -> usize {
    cells.iter().filter(|cell| field(cell).is_some()).count()
}

/// The field that a header names, and the power of ten that it multiplies by.
fn field(header: &str) -> Option<(Field, usize)> {
    let dollars = header
        .replace("US$", " usd ")
        .replace("us$", " usd ")
        .replace('$', " usd ");
    let name = plain(&dollars);
    let of = |name: &str| {
        NAMES
            .iter()
            .find(|(_, names)| names.split('|').any(|known| known == name))
            .map(|(field, _)| *field)
    };
    if let Some(field) = of(&name) {
        return Some((field, 0));
    }
    let words: Vec<&str> = name.split(' ').collect();
    let power = words.iter().find_map(|word| match *word {
        "thousand" | "thousands" | "k" => Some(3),
        "million" | "millions" | "mn" | "mln" | "mio" | "m" | "mm" => Some(6),
        "billion" | "billions" | "bn" | "bln" | "b" => Some(9),
        _ => None,
    })?;
    let scales = [
        "thousand",
        "thousands",
        "k",
        "million",
        "millions",
        "mn",
        "mln",
        "mio",
        "m",
        "mm",
        "billion",
        "billions",
        "bn",
        "bln",
        "b",
        "in",
    ];
    let rest: Vec<&str> = words
        .into_iter()
        .filter(|word| !scales.contains(word))
        .collect();
    let found = of(&rest.join(" "))?;
    let counts = matches!(
        found,
        Field::Usd
            | Field::Amount
            | Field::Quantity
            | Field::Recovered
            | Field::Frozen
            | Field::Reissued
    );
    counts.then_some((found, power))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(header: &str) -> Vec<Field> {
        let cells: Vec<String> = header.split(',').map(str::to_owned).collect();
        Header::read(&cells)
            .columns
            .into_iter()
            .map(|column| column.field)
            .collect()
    }

    #[test]
    fn names_are_known_in_many_spellings() {
        assert_eq!(
            fields(
                "ID,Date of Theft,EXCHANGE,Chain(s),Attack vector,Asset,Qty,Amount (USD),tx_hash,TLP"
            ),
            [
                Field::Id,
                Field::Date,
                Field::Victim,
                Field::Chains,
                Field::Vectors,
                Field::Asset,
                Field::Quantity,
                Field::Usd,
                Field::Transactions,
                Field::Handling
            ]
        );
        assert_eq!(fields("name,victim"), [Field::Title, Field::Victim]);
        assert_eq!(fields("name,date"), [Field::Victim, Field::Date]);
        assert_eq!(
            fields("Loss ($),loss_usd,lossUSD"),
            [Field::Usd, Field::Usd, Field::Usd]
        );
        assert_eq!(fields("amount eur,loss (krw),colour"), []);
    }

    #[test]
    fn a_header_may_multiply() {
        assert_eq!(field("Loss (USD million)"), Some((Field::Usd, 6)));
        assert_eq!(field("Amount ($M)"), Some((Field::Usd, 6)));
        assert_eq!(field("amount usd bn"), Some((Field::Usd, 9)));
        assert_eq!(field("date million"), None);
    }

    #[test]
    fn no_name_stands_for_two_fields() {
        let mut all: Vec<&str> = NAMES
            .iter()
            .flat_map(|(_, names)| names.split('|'))
            .collect();
        for name in &all {
            assert_eq!(plain(name), *name, "names are written as they are compared");
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
