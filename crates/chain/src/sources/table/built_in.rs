//! The mappings that come with Whither, and the tables they are recognised by.
//!
//! A table is recognised by its whole header and by nothing less: a mapping carries a promise about
//! coverage, and a promise for the wrong table would be a false one.
//!
//! Not here: any mapping's meaning, which stands in its own file.

/// A built-in mapping: its name, its text, and the header of the tables it is for.
struct BuiltIn {
    name: &'static str,
    text: &'static str,
    header: &'static [&'static str],
}

const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        name: "mftracer",
        text: include_str!("built_in/mftracer.toml"),
        header: &[
            "Timestamp",
            "Block",
            "Tx_hash",
            "From",
            "From_label",
            "To",
            "To_label",
            "Value_in_USD",
        ],
    },
    BuiltIn {
        name: "ronin-dune",
        text: include_str!("built_in/ronin-dune.toml"),
        header: &["block_time", "from", "to", "total_eth"],
    },
];

/// The text of the built-in mapping of that name.
#[must_use]
pub fn built_in(name: &str) -> Option<&'static str> {
    BUILT_IN
        .iter()
        .find(|mapping| mapping.name == name)
        .map(|mapping| mapping.text)
}

/// The name of the built-in mapping for tables with exactly this header.
#[must_use]
pub fn guess(header: &[&str]) -> Option<&'static str> {
    let trimmed = header
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').trim_ascii());
    BUILT_IN
        .iter()
        .find(|mapping| trimmed.clone().eq(mapping.header.iter().copied()))
        .map(|mapping| mapping.name)
}

/// The names of all built-in mappings.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|mapping| mapping.name)
}

#[cfg(test)]
mod tests {
    use super::super::Mapping;
    use super::*;

    #[test]
    fn every_built_in_mapping_is_one_and_knows_its_name() {
        for name in names() {
            let text = built_in(name).unwrap_or_default();
            let mapping = Mapping::parse(text, name);
            assert!(
                mapping.is_ok_and(|mapping| mapping.name() == name),
                "{name}"
            );
        }
        assert_eq!(built_in("nothing"), None);
    }

    #[test]
    fn a_table_is_recognised_by_its_whole_header() {
        assert_eq!(
            guess(&["\u{feff}block_time", " from", "to", "total_eth "]),
            Some("ronin-dune")
        );
        for mapping in BUILT_IN {
            assert_eq!(guess(mapping.header), Some(mapping.name));
            assert_eq!(guess(&mapping.header[1..]), None);
        }
        assert_eq!(guess(&["from", "block_time", "to", "total_eth"]), None);
        assert_eq!(
            guess(&["block_time", "from", "to", "total_eth", "hash"]),
            None
        );
        assert_eq!(guess(&[]), None);
    }
}
