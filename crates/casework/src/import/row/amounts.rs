//! The amounts of a row: what was stolen, what became of it, and whether that can be.

use std::str::FromStr as _;

use rust_decimal::Decimal;

use super::{AFTER, Figures, Reader};
use crate::import::MISSING;
use crate::import::header::Field;
use crate::import::number::{self, Number, Unit};
use crate::import::places::{self, Thing};
use crate::import::text::Kind;
use crate::import::words::plain;

/// More than this of a coin there will not be, or was not by 2026, in whole units.
const SUPPLIES: &[(&str, u64)] = &[
    ("BTC", 21_000_000),
    ("BCH", 21_000_000),
    ("BSV", 21_000_000),
    ("LTC", 84_000_000),
    ("ETH", 130_000_000),
    ("XRP", 100_000_000_000),
    ("XEM", 8_999_999_999),
];

impl Reader<'_> {
    fn number(&mut self, field: Field, unit: Unit) -> Option<Number> {
        let (text, column) = self.cell(field, Kind::Number)?;
        match number::read(&text, unit, column.power) {
            Ok(_) if column.commas && number::may_be_thousands(&text) => {
                let why = "other cells of the column have a comma before the fraction, so its point may set off thousands; write it without one";
                self.error(field, &text, why);
                None
            }
            Ok(number) => {
                if number.read_as {
                    self.warn(field, &text, format!("it is read as {}", number.decimal));
                }
                if unit == Unit::Usd
                    && number
                        .decimal
                        .split('.')
                        .next()
                        .is_some_and(|whole| whole.len() > 11)
                {
                    self.warn(field, &text, "it is more than any theft that is known");
                }
                if number.decimal.bytes().filter(u8::is_ascii_digit).count() > 28 {
                    self.error(field, &text, "it has more digits than are kept (28)");
                    return None;
                }
                Some(number)
            }
            Err(why) => {
                self.error(field, &text, why);
                None
            }
        }
    }

    pub(super) fn amounts(&mut self) {
        let (had_quantity, had_usd) = (
            self.given(Field::Quantity) || self.given(Field::Amount),
            self.given(Field::Usd),
        );
        self.row.stolen.usd = self.number(Field::Usd, Unit::Usd);
        self.row.stolen.quantity = self.number(Field::Quantity, Unit::Quantity);
        self.amount();
        self.zeros();
        for (at, (usd, quantity)) in AFTER.into_iter().enumerate() {
            let figures = Figures {
                usd: self.after(usd),
                quantity: self.number(quantity, Unit::Quantity),
            };
            self.row.after[at] = figures;
        }
        self.without_asset();
        if self.given(Field::Asset) && !had_quantity {
            let asset = self.record_text(Field::Asset);
            self.warn(
                Field::Asset,
                &asset,
                "how much of the asset was stolen is missing",
            );
        }
        self.supply();
        self.sizes();
        self.in_smallest_units();
        let stolen = had_quantity || had_usd || self.given(Field::Asset);
        let after = AFTER
            .iter()
            .any(|(usd, quantity)| self.given(*usd) || self.given(*quantity));
        if !stolen && !after {
            let field = [Field::Usd, Field::Quantity, Field::Amount]
                .into_iter()
                .find(|field| self.header.has(*field));
            self.warn(field.unwrap_or(Field::Usd), "", MISSING);
        }
    }

    /// The column of the quantity, and that of the dollars, as this row has them.
    fn columns(&self) -> (Field, Field) {
        let given = |field, other| if self.given(field) { field } else { other };
        (
            given(Field::Quantity, Field::Amount),
            given(Field::Usd, Field::Amount),
        )
    }

    fn zeros(&mut self) {
        let (of_the_asset, of_dollars) = self.columns();
        let stolen = &self.row.stolen;
        let figures = [
            (of_the_asset, stolen.quantity.clone()),
            (of_dollars, stolen.usd.clone()),
        ];
        for (field, figure) in figures {
            if figure.is_some_and(|number| number.is_zero()) {
                let why = "nothing was stolen; leave the cell empty where the amount is not known";
                self.error(field, "0", why);
            }
        }
    }

    fn without_asset(&mut self) {
        let quantity = self.row.stolen.quantity.as_ref();
        let Some(value) = quantity.map(|number| number.decimal.clone()) else {
            return;
        };
        if !self.given(Field::Asset) {
            let (field, _) = self.columns();
            self.error(field, &value, "a quantity of what? its asset is missing");
        }
    }

    /// A column that is headed `amount` alone: of the asset beside it, or in dollars where the cell says so.
    fn amount(&mut self) {
        if !self.given(Field::Amount) {
            return;
        }
        let text = self.record_text(Field::Amount);
        let lower = text.to_lowercase();
        let dollars = lower.contains('$')
            || lower.contains("usd") && !lower.contains("usdt") && !lower.contains("usdc");
        if dollars && !self.given(Field::Usd) {
            self.row.stolen.usd = self.number(Field::Amount, Unit::Usd);
        } else if self.given(Field::Asset) && !self.given(Field::Quantity) {
            self.row.stolen.quantity = self.number(Field::Amount, Unit::Quantity);
        } else if self
            .number(
                Field::Amount,
                if dollars { Unit::Usd } else { Unit::Quantity },
            )
            .is_some()
        {
            self.error(
                Field::Amount,
                &text,
                "an amount of what? name the column `usd`, or give the asset beside it",
            );
        }
    }

    /// What came back, in dollars unless the row counts nothing else than units.
    fn after(&mut self, field: Field) -> Option<Number> {
        let number = self.number(field, Unit::Usd)?;
        let in_units_alone = self.row.stolen.usd.is_none() && self.row.stolen.quantity.is_some();
        let says = self
            .header
            .name(field)
            .is_some_and(|name| plain(name).contains("usd"));
        if in_units_alone && !says && !number.is_dollars && !number.is_zero() {
            let name = self.header.name(field).unwrap_or_default().to_owned();
            self.error(
                field,
                &number.decimal,
                format!(
                    "in dollars or in units? name the column `{name} usd` or `{name} quantity`"
                ),
            );
            return None;
        }
        Some(number)
    }

    /// Nobody can lose more of a coin than there is.
    fn supply(&mut self) {
        let (Some(quantity), Some(thing)) = (&self.row.stolen.quantity, &self.row.thing) else {
            return;
        };
        let name = match thing {
            Thing::Asset(asset, _) => asset.unit_name().unwrap_or_default().to_owned(),
            Thing::Symbol(symbol) => symbol.clone(),
        };
        let most = SUPPLIES.iter().find(|(coin, _)| *coin == name);
        let stolen = Decimal::from_str(&quantity.decimal).ok();
        if let (Some((coin, most)), Some(stolen)) = (most, stolen)
            && stolen > Decimal::from(*most)
        {
            let field = if self.given(Field::Quantity) {
                Field::Quantity
            } else {
                Field::Amount
            };
            let value = quantity.decimal.clone();
            self.error(
                field,
                &value,
                format!("there are not so many {coin}: never more than {most}"),
            );
        }
    }

    /// Nothing comes back that was not taken.
    fn sizes(&mut self) {
        let decimal = |number: &Option<Number>| {
            number
                .as_ref()
                .and_then(|number| Decimal::from_str(&number.decimal).ok())
        };
        for usd in [true, false] {
            let of =
                |figures: &Figures| decimal(if usd { &figures.usd } else { &figures.quantity });
            let Some(stolen) = of(&self.row.stolen) else {
                continue;
            };
            let back: Option<Decimal> = self
                .row
                .after
                .iter()
                .filter_map(of)
                .try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part));
            if back.is_none_or(|back| back > stolen) {
                let at = self
                    .row
                    .after
                    .iter()
                    .position(|figures| of(figures).is_some())
                    .unwrap_or(0);
                let field = if usd { AFTER[at].0 } else { AFTER[at].1 };
                let back = back.map(|back| back.to_string()).unwrap_or_default();
                self.error(field, &back, format!("recovered, frozen and reissued come to {back}, more than the {stolen} that were stolen"));
            }
        }
    }

    /// An amount that its asset cannot have is found here, where its column is known.
    fn in_smallest_units(&mut self) {
        let Some(Thing::Asset(_, decimals)) = self.row.thing else {
            return;
        };
        let after = AFTER
            .iter()
            .zip(&self.row.after)
            .map(|((_, field), figures)| (*field, figures.quantity.clone()));
        let stolen = if self.given(Field::Quantity) {
            Field::Quantity
        } else {
            Field::Amount
        };
        let all: Vec<(Field, Option<Number>)> = after
            .chain([(stolen, self.row.stolen.quantity.clone())])
            .collect();
        for (field, number) in all {
            if let Some(number) = number
                && let Err(why) = places::smallest(&number.decimal, decimals)
            {
                self.error(field, &number.decimal, why);
            }
        }
    }
}
