//! One thing of a chain or of the case, for people.

use whither::show::{
    AddressPage, BlockPage, CasePage, CoinjoinRow, IncidentPage, LabelRow, Moment, OriginClaim,
    OutputPage, Shown, Thing, TokenRow, TransactionPage,
};
use whither::text::visible;

use super::{Side, Table, amount, count, facts, related, wrapped};
use crate::style::Style;

/// Most rows of a list that are shown; JSON has them all.
const SHOWN_MAX: usize = 50;

/// The thing.
pub fn render(shown: &Shown, style: Style) -> String {
    match &shown.thing {
        Thing::Address(page) => address(page, style),
        Thing::Transaction(page) => transaction(page, style),
        Thing::Output(page) => output(page, style),
        Thing::Block(page) => block(page, style),
        Thing::Incident(page) => incident(page, style),
        Thing::Entity(page) => related::entity(page, style),
        Thing::Paths(page) => related::paths(page, style),
        Thing::Case(page) => case(page, style),
    }
}

fn heading(text: &str, style: Style) -> String {
    format!("{}\n\n", style.bold(text))
}

/// A table under a heading, and how much of it is not shown; nothing where there is nothing.
fn section(title: &str, table: &Table, all: usize, style: Style) -> String {
    if table.is_empty() {
        return String::new();
    }
    let more = match all.saturating_sub(SHOWN_MAX) {
        0 => String::new(),
        more => format!(
            "  and {}; `--json` lists all\n",
            count(more, "more", "more")
        ),
    };
    format!("\n{}{}{more}", heading(title, style), table.render(style))
}

fn at(moment: &Moment) -> String {
    match moment.height {
        Some(height) => format!("{}, block {height}", moment.time),
        None => moment.time.clone(),
    }
}

fn address(page: &AddressPage, style: Style) -> String {
    let mut text = heading("Address", style);
    text.push_str(&facts(&[
        ("address", Some(page.address.clone())),
        ("chain", Some(page.chain.clone())),
        (
            "postings",
            Some(count(
                page.postings,
                "debit or credit",
                "debits and credits",
            )),
        ),
        ("first seen", page.first.as_ref().map(at)),
        ("last seen", page.last.as_ref().map(at)),
        ("token", page.token.as_ref().map(token)),
    ]));
    let mut holdings = Table::new(&[
        (Side::Right, "balance"),
        (Side::Right, "received"),
        (Side::Right, "sent"),
        (Side::Right, "before the data"),
        (Side::Left, "asset"),
    ]);
    for row in page.holdings.iter().take(SHOWN_MAX) {
        let shown = |digits: &str| amount(&row.asset, digits);
        holdings.row(&[
            &shown(&row.balance),
            &shown(&row.received),
            &shown(&row.sent),
            &shown(&row.opening),
            &row.asset,
        ]);
    }
    let covered = page.holdings.iter().all(|row| row.covered);
    let title = if covered {
        "Holdings"
    } else {
        "Holdings, as far as the data tells: it does not cover this address"
    };
    text.push_str(&section(title, &holdings, page.holdings.len(), style));
    text.push_str(&received(page, style));
    text.push_str(&movements(page, style));
    text.push_str(&labels(&page.labels, style));
    text.push_str(&related::relations(&page.relations, style));
    text.push_str(&related::listed(&page.listed, style));
    text
}

/// A token by its contract; what it says of itself is marked as that.
fn token(row: &TokenRow) -> String {
    let decimals = row
        .decimals
        .map(|decimals| format!(", {decimals} decimals"));
    let decimals = decimals.unwrap_or_default();
    match (row.verified, &row.symbol) {
        (Some(symbol), _) => format!("{symbol}{decimals}: a well-known contract"),
        (None, Some(symbol)) => format!("calls itself {symbol:?}{decimals}: not verified"),
        (None, None) => "says nothing of itself".to_owned(),
    }
}

fn received(page: &AddressPage, style: Style) -> String {
    let asset = page
        .holdings
        .first()
        .map(|row| row.asset.as_str())
        .unwrap_or_default();
    let mut table = Table::new(&[
        (Side::Right, "amount"),
        (Side::Left, "state"),
        (Side::Left, "received"),
        (Side::Left, "output"),
    ]);
    for row in page.outputs.iter().take(SHOWN_MAX) {
        let value = row
            .amount
            .as_ref()
            .map_or_else(|| "unknown".to_owned(), |digits| amount(asset, digits));
        let made = row
            .made
            .as_ref()
            .map_or_else(|| "before the data".to_owned(), |made| made.time.clone());
        table.row(&[value.as_str(), row.state, &made, &row.output]);
        if let Some(spent) = &row.spent {
            table.row(&[
                "",
                "",
                &spent.time,
                &format!("spent in {}", spent.transaction),
            ]);
        }
    }
    section("Outputs received", &table, page.outputs.len(), style)
}

fn movements(page: &AddressPage, style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Right, "amount"),
        (Side::Left, ""),
        (Side::Left, "time"),
        (Side::Left, "counterparty and transaction"),
    ]);
    for row in page.movements.iter().take(SHOWN_MAX) {
        let other = row.counterparty.as_deref().unwrap_or(row.what);
        let (value, other) = (
            amount(&row.asset, &row.amount),
            owner(other, row.name.as_ref()),
        );
        table.row(&[&value, row.direction, &row.time, &other]);
        table.row(&["", "", "", &format!("{}#{}", row.transaction, row.number)]);
    }
    section("Movements", &table, page.movements.len(), style)
}

fn labels(labels: &[LabelRow], style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "name"),
        (Side::Left, "category"),
        (Side::Left, "says"),
        (Side::Left, "confidence"),
        (Side::Left, "handling"),
        (Side::Left, "claim and source"),
    ]);
    for row in labels.iter().take(SHOWN_MAX) {
        table.row(&[
            &row.name,
            &row.category,
            row.says,
            row.marks.confidence.as_deref().unwrap_or_default(),
            row.marks.handling.as_deref().unwrap_or_default(),
            &row.claim,
        ]);
        for said in [&row.marks.source, &row.marks.reference]
            .into_iter()
            .flatten()
        {
            table.row(&["", "", "", "", "", said]);
        }
    }
    section("What the case calls it", &table, labels.len(), style)
}

fn transaction(page: &TransactionPage, style: Style) -> String {
    let mut text = heading("Transaction", style);
    let known = page.fee.as_ref().zip(page.fee_asset.as_ref());
    let fee = match (known, page.coinbase) {
        (Some((fee, asset)), _) => Some(amount(asset, fee)),
        (None, Some(_)) => Some("unknown: the data lacks what it spends".to_owned()),
        (None, None) => None,
    };
    let coinbase = page.coinbase == Some(true);
    text.push_str(&facts(&[
        ("transaction", Some(page.transaction.clone())),
        ("chain", Some(page.chain.clone())),
        ("block", page.height.map(|height| height.to_string())),
        ("index", page.index.map(|index| index.to_string())),
        ("time", Some(page.time.clone())),
        ("coinbase", coinbase.then(|| "yes: new coins".to_owned())),
        ("fee", fee),
        ("looks like", page.coinjoin.as_ref().map(coinjoin)),
    ]));
    text.push_str(&inputs(page, style));
    text.push_str(&outputs(page, style));
    text.push_str(&transfers(page, style));
    text
}

fn coinjoin(found: &CoinjoinRow) -> String {
    let lineage = found.lineage.map(|lineage| format!("; lineage {lineage}"));
    format!(
        "a CoinJoin ({}), a coin of it among {} at the most{}",
        found.make,
        found.anonymity_set,
        lineage.unwrap_or_default()
    )
}

const OUTPUT_COLUMNS: &[(Side, &str)] = &[
    (Side::Right, "amount"),
    (Side::Left, "state"),
    (Side::Left, "address and output"),
];

fn inputs(page: &TransactionPage, style: Style) -> String {
    let asset = page.asset.as_deref().unwrap_or_default();
    let mut table = Table::new(OUTPUT_COLUMNS);
    for row in page.inputs.iter().take(SHOWN_MAX) {
        let (value, nobody) = match &row.amount {
            Some(digits) => (amount(asset, digits), "no address"),
            None => ("unknown".to_owned(), "unknown: made before the data"),
        };
        let owner = owner(row.address.as_deref().unwrap_or(nobody), row.name.as_ref());
        table.row(&[value.as_str(), "spent", &owner]);
        table.row(&["", "", &row.output]);
    }
    section("Inputs", &table, page.inputs.len(), style)
}

fn outputs(page: &TransactionPage, style: Style) -> String {
    let asset = page.asset.as_deref().unwrap_or_default();
    let mut table = Table::new(OUTPUT_COLUMNS);
    for row in page.outputs.iter().take(SHOWN_MAX) {
        let address = row.address.as_deref().unwrap_or("no address");
        let owner = owner(address, row.name.as_ref());
        table.row(&[&amount(asset, &row.amount), row.state, &owner]);
        table.row(&["", "", &row.output]);
        if let Some(spent) = &row.spent {
            table.row(&["", "", &format!("spent in {}", spent.transaction)]);
        }
    }
    section("Outputs", &table, page.outputs.len(), style)
}

/// An address, with what the case calls it.
fn owner(address: &str, name: Option<&String>) -> String {
    name.map_or_else(|| address.to_owned(), |name| format!("{address} {name}"))
}

fn transfers(page: &TransactionPage, style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Right, "#"),
        (Side::Right, "amount"),
        (Side::Left, ""),
        (Side::Left, "from and to"),
        (Side::Left, "asset"),
    ]);
    let side = |address: &Option<String>, name: &Option<String>| {
        owner(address.as_deref().unwrap_or("nobody"), name.as_ref())
    };
    for row in page.transfers.iter().take(SHOWN_MAX) {
        let (number, value) = (row.number.to_string(), amount(&row.asset, &row.amount));
        let from = side(&row.from, &row.from_name);
        table.row(&[&number, &value, row.what, &from, &row.asset]);
        table.row(&["", "", "", &side(&row.to, &row.to_name)]);
    }
    section("Transfers", &table, page.transfers.len(), style)
}

fn output(page: &OutputPage, style: Style) -> String {
    let mut text = heading("Output", style);
    let value = page
        .amount
        .as_ref()
        .map(|digits| amount(&page.asset, digits));
    let state = match page.state {
        "horizon" => "no spend is seen; the data does not cover all that came after",
        state => state,
    };
    let moment = |moment: &Option<Moment>| moment.as_ref().map(at);
    let coinbase = page
        .coinbase
        .filter(|coinbase| *coinbase)
        .map(|_| "yes: new coins".to_owned());
    text.push_str(&facts(&[
        ("output", Some(page.output.clone())),
        ("chain", Some(page.chain.clone())),
        (
            "amount",
            Some(value.unwrap_or_else(|| "unknown".to_owned())),
        ),
        (
            "address",
            Some(page.address.clone().unwrap_or_else(|| "none".to_owned())),
        ),
        ("coinbase", coinbase),
        (
            "made",
            Some(moment(&page.made).unwrap_or_else(|| "before the data".to_owned())),
        ),
        ("state", Some(state.to_owned())),
        ("spent", moment(&page.spent)),
        (
            "spent in",
            page.spent.as_ref().map(|spent| spent.transaction.clone()),
        ),
    ]));
    text.push_str(&labels(&page.labels, style));
    text
}

fn block(page: &BlockPage, style: Style) -> String {
    let mut text = heading("Block", style);
    text.push_str(&facts(&[
        ("chain", Some(page.chain.clone())),
        ("height", page.height.map(|height| height.to_string())),
        ("hash", page.hash.clone()),
        ("time", Some(page.time.clone())),
        ("transactions", Some(page.transactions.to_string())),
    ]));
    let mut table = Table::new(&[(Side::Right, "index"), (Side::Left, "transaction")]);
    for (index, id) in page.transaction_ids.iter().take(SHOWN_MAX).enumerate() {
        table.row(&[&index.to_string(), id]);
    }
    text.push_str(&section(
        "Transactions",
        &table,
        page.transaction_ids.len(),
        style,
    ));
    text
}

fn incident(page: &IncidentPage, style: Style) -> String {
    let mut text = heading("Incident", style);
    text.push_str(&facts(&[
        ("incident", Some(page.incident.clone())),
        ("title", page.title.clone()),
        ("date", page.date.clone()),
        ("victim", page.victim.clone()),
        ("claim", Some(page.claim.clone())),
        ("source", page.marks.source.clone()),
        ("reference", page.marks.reference.clone()),
        ("confidence", page.marks.confidence.clone()),
        ("handling", page.marks.handling.clone()),
        (
            "recorded",
            Some(format!("{} by {}", page.recorded, page.author)),
        ),
    ]));
    text.push_str(&format!("\n{}", heading("Where its trace starts", style)));
    for origin in &page.origins {
        text.push_str(&origin_lines(origin));
    }
    text.push('\n');
    text.push_str(&super::incident::show::render(&page.sheet, style));
    text
}

fn origin_lines(origin: &OriginClaim) -> String {
    let lines = match origin {
        OriginClaim::Place(place) => vec![place.from.clone()],
        OriginClaim::Transfer(told) => vec![
            told.transaction.clone(),
            format!("{} at {}", amount(&told.asset, &told.amount), told.time),
            format!("from {}", told.from),
            format!("to {}", told.to),
        ],
    };
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        text.push_str(&format!(
            "  {} {}\n",
            if number == 0 { "-" } else { " " },
            visible(line)
        ));
    }
    text.push_str(&wrapped(&format!("    {}", origin.why()), "    "));
    text
}

fn case(page: &CasePage, style: Style) -> String {
    let mut text = heading("Case", style);
    text.push_str(&facts(&[("revision", Some(page.revision.clone()))]));
    let mut incidents = Table::new(&[
        (Side::Left, "incident"),
        (Side::Left, "date"),
        (Side::Left, "title"),
        (Side::Left, "victim"),
    ]);
    for row in &page.incidents {
        let shown = |text: &Option<String>| text.clone().unwrap_or_default();
        let (date, title, victim) = (shown(&row.date), shown(&row.title), shown(&row.victim));
        incidents.row(&[&row.incident, &date, &title, &victim]);
    }
    text.push_str(&section("Incidents", &incidents, 0, style));
    let mut names = Table::new(&[
        (Side::Left, "account"),
        (Side::Left, "name"),
        (Side::Left, "category"),
        (Side::Left, "says"),
        (Side::Left, "claim"),
    ]);
    for row in page.labels.iter().take(SHOWN_MAX) {
        names.row(&[&row.account, &row.name, &row.category, row.says, &row.claim]);
    }
    text.push_str(&section(
        "Names of addresses",
        &names,
        page.labels.len(),
        style,
    ));
    text
}
