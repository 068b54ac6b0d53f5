//! A line that a measured program prints: a flat JSON object of whole numbers and plain words.
//!
//! No JSON library, so that this tool compiles in a second; what is not flat and plain is refused.

/// Names and values, in the order in which they were printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(Vec<(String, String)>);

impl Line {
    /// Reads a line; none where it is anything but a flat object.
    pub fn parse(line: &str) -> Option<Self> {
        let mut rest = line.trim().strip_prefix('{')?.strip_suffix('}')?;
        let mut values = Vec::new();
        while !rest.is_empty() {
            let (name, after) = word(rest)?;
            let after = after.strip_prefix(':')?;
            let (value, after) = if after.starts_with('"') {
                word(after)?
            } else {
                after.split_at(after.find(',').unwrap_or(after.len()))
            };
            values.push((name.to_owned(), value.to_owned()));
            rest = match after.strip_prefix(',') {
                Some(more) => more,
                None if after.is_empty() => after,
                None => return None,
            };
        }
        Some(Self(values))
    }

    /// What was measured.
    pub fn step(&self) -> &str {
        self.text("step").unwrap_or_default()
    }

    /// A word.
    pub fn text(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter();
        let (_, value) = values.find(|(known, _)| known == name)?;
        Some(value)
    }

    /// A number.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    /// All numbers whose names begin so, with what their names go on with.
    pub fn numbers<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, u64)> {
        self.0.iter().filter_map(move |(name, value)| {
            Some((name.strip_prefix(prefix)?, value.parse().ok()?))
        })
    }
}

/// A word in quotes at the beginning, and what follows it.
fn word(text: &str) -> Option<(&str, &str)> {
    let (word, after) = text.strip_prefix('"')?.split_once('"')?;
    (!word.contains('\\')).then_some((word, after))
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn flat_objects_are_read_and_others_refused() {
        let line = Line::parse("{\"step\":\"scan\",\"n\":12,\"disk a\":3,\"disk b\":4}\n");
        let line = line.expect("a flat object");
        assert_eq!((line.step(), line.number("n")), ("scan", Some(12)));
        let disk: Vec<(&str, u64)> = line.numbers("disk ").collect();
        assert_eq!(disk, [("a", 3), ("b", 4)]);
        for bad in [
            "",
            "[]",
            "{\"a\" 1}",
            "{\"a\":\"x\"1}",
            "{\"a\\n\":1}",
            "{a:1}",
        ] {
            assert_eq!(Line::parse(bad), None, "{bad}");
        }
    }
}
