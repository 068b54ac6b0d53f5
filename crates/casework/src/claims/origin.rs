//! Where the trace of a theft starts, as a claim tells it: a place, or a transfer that the data may lack.

use serde::{Deserialize, Serialize};

/// Where the trace of an incident starts.
///
/// Read strictly: a field that neither form knows is refused, since a transfer with a misspelt field
/// would otherwise pass for a place, and another sum for what was stolen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, try_from = "OriginFields")]
pub enum OriginClaim {
    /// A transfer that the case tells because the data may lack it.
    Transfer(TransferClaim),
    /// Anything that `trace` takes as a starting point.
    Place(PlaceClaim),
}

impl OriginClaim {
    /// Where it is: a place as a trace takes it, or the transaction of a transfer.
    #[must_use]
    pub fn place(&self) -> &str {
        match self {
            Self::Transfer(transfer) => &transfer.transaction,
            Self::Place(place) => &place.from,
        }
    }

    /// Why it belongs to the incident, or is not in the data, in words.
    #[must_use]
    pub fn why(&self) -> &str {
        match self {
            Self::Transfer(transfer) => &transfer.why,
            Self::Place(place) => &place.why,
        }
    }
}

/// A transfer as an origin, told in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TransferClaim {
    /// Transaction id.
    pub transaction: String,
    /// CAIP-2.
    pub chain: String,
    /// Block height, if known.
    pub height: Option<u32>,
    /// When, RFC 3339.
    pub time: String,
    /// Who paid.
    pub from: String,
    /// Who received.
    pub to: String,
    /// CAIP-19.
    pub asset: String,
    /// Smallest units.
    pub amount: String,
    /// Why it is not in the data, in words.
    pub why: String,
}

/// A place as an origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceClaim {
    /// `txid:vout`, `txid`, `txid#n` or an address, with its chain.
    pub from: String,
    /// Why it belongs to the incident, in words.
    pub why: String,
}

/// Every field that an origin of either form may have, and no other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OriginFields {
    from: String,
    why: String,
    transaction: Option<String>,
    chain: Option<String>,
    height: Option<u32>,
    time: Option<String>,
    to: Option<String>,
    asset: Option<String>,
    amount: Option<String>,
}

impl TryFrom<OriginFields> for OriginClaim {
    type Error = String;

    fn try_from(fields: OriginFields) -> Result<Self, String> {
        let named = [
            ("transaction", &fields.transaction),
            ("chain", &fields.chain),
            ("time", &fields.time),
            ("to", &fields.to),
            ("asset", &fields.asset),
            ("amount", &fields.amount),
        ];
        let missing: Vec<&str> = named
            .iter()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| *name)
            .collect();
        if missing.len() == named.len() && fields.height.is_none() {
            let (from, why) = (fields.from, fields.why);
            return Ok(Self::Place(PlaceClaim { from, why }));
        }
        let lacks = || {
            format!(
                "an origin that is a transfer lacks `{}`; one that is a place has `from` and `why` alone",
                missing.join("`, `")
            )
        };
        Ok(Self::Transfer(TransferClaim {
            transaction: fields.transaction.ok_or_else(lacks)?,
            chain: fields.chain.ok_or_else(lacks)?,
            height: fields.height,
            time: fields.time.ok_or_else(lacks)?,
            from: fields.from,
            to: fields.to.ok_or_else(lacks)?,
            asset: fields.asset.ok_or_else(lacks)?,
            amount: fields.amount.ok_or_else(lacks)?,
            why: fields.why,
        }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TRANSFER: &str = r#"{"transaction":"0x1","chain":"eip155:1","time":"2022-01-01T00:00:00Z","from":"0xa","to":"0xb","asset":"eip155:1/slip44:60","amount":"100","why":"w"}"#;

    fn read(text: &str) -> Result<OriginClaim, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn both_forms_are_read_and_written_alike() {
        let place = r#"{"from":"bitcoin:1x","why":"w"}"#;
        let read_place = read(place).unwrap();
        assert!(matches!(&read_place, OriginClaim::Place(place) if place.from == "bitcoin:1x"));
        assert_eq!(serde_json::to_string(&read_place).unwrap(), place);
        let transfer = read(TRANSFER).unwrap();
        assert!(matches!(&transfer, OriginClaim::Transfer(told) if told.amount == "100"));
        let written = serde_json::to_string(&transfer).unwrap();
        assert_eq!(read(&written).unwrap(), transfer);
        assert_eq!((transfer.why(), read_place.why()), ("w", "w"));
    }

    /// A transfer with a misspelt field is no place: everything its sender has would count as stolen.
    #[test]
    fn a_misspelt_field_is_named() {
        let error = read(&TRANSFER.replace("amount", "ammount")).unwrap_err();
        assert!(error.contains("unknown field `ammount`"), "{error}");
        assert!(error.contains("`amount`"), "{error}");
        let error = read(r#"{"from":"x","why":"w","amount":"1","to":"y"}"#).unwrap_err();
        let lacks = "a transfer lacks `transaction`, `chain`, `time`, `asset`;";
        assert!(error.contains(lacks), "{error}");
        let error = read(r#"{"from":"x","from":"y","why":"w"}"#).unwrap_err();
        assert!(error.contains("duplicate field `from`"), "{error}");
    }
}
