//! Parts between `:::` lines: tables, figures, recommendations, and what an edition withholds.

use super::blocks::{DRAWINGS, Reader, is_hash};
use super::inline::{Spot, joined, runs, spots};
use super::{Body, Place, Run};

impl Reader {
    /// A part between `::: what …` and `:::`.
    pub(super) fn fenced(&mut self, lines: &[&str], at: usize) -> usize {
        let close = (at + 1..lines.len()).find(|next| lines[*next].trim() == ":::");
        let head = lines[at].trim_start_matches(':').trim();
        let words: Vec<&str> = head.split_whitespace().collect();
        let place = Place {
            line: at + 1,
            column: 1,
        };
        if let ["withheld", was, commitment, rest @ ..] = &words[..] {
            let attributes = self.named(&rest.join(" "), place);
            let body = Body::Withheld {
                was: (*was).to_owned(),
                commitment: (*commitment).to_owned(),
            };
            if !is_hash(commitment) {
                self.fault(
                    at + 1,
                    1,
                    "what is withheld is named by its hash",
                    "64 hexadecimal digits",
                );
            }
            self.push(at + 1, attributes, body);
            return at + 1;
        }
        let Some(close) = close else {
            self.fault(
                at + 1,
                1,
                format!("`::: {head}` is not closed"),
                "close it by a line `:::`",
            );
            return at + 1;
        };
        let inner: Vec<(usize, &str)> = (at + 1..close)
            .map(|line| (line + 1, lines[line]))
            .collect();
        let named = words
            .iter()
            .filter(|word| word.starts_with('#') || word.starts_with("TLP:"));
        let attributes = self.named(&named.copied().collect::<Vec<_>>().join(" "), place);
        let body = match &words[..] {
            ["table", ..] => Some(self.table(&inner, at + 1)),
            ["recommendation", ..] => Some(self.recommendation(&inner)),
            ["figure", drawing, subject, ..] => self.figure((drawing, subject), &inner, at + 1),
            _ => {
                self.fault(
                    at + 1,
                    1,
                    format!("`::: {head}` begins nothing that there is"),
                    "one of `::: table`, `::: figure DRAWING SUBJECT`, `::: recommendation`",
                );
                None
            }
        };
        if let Some(body) = body {
            self.push(at + 1, attributes, body);
        }
        close + 1
    }

    /// Caption and source of a table or a figure, and the other lines.
    fn captioned<'a>(
        &mut self,
        inner: &[(usize, &'a str)],
        line: usize,
    ) -> (Vec<Run>, Vec<Run>, Vec<(usize, &'a str)>) {
        let (mut caption, mut source, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for (number, text) in inner {
            let told = |key: &str| {
                let said = text.strip_prefix(key)?;
                let column = key.chars().count() + 1 + said.chars().count()
                    - said.trim_start().chars().count();
                Some(spots(said.trim(), *number, column))
            };
            if let Some(said) = told("Caption:") {
                caption = runs(&said, &mut self.faults);
            } else if let Some(said) = told("Source:") {
                source = runs(&said, &mut self.faults);
            } else if !text.trim().is_empty() {
                rest.push((*number, *text));
            }
        }
        for (what, runs) in [("Caption", &caption), ("Source", &source)] {
            if runs.is_empty() {
                let hint = format!("write a line `{what}: …` in it");
                self.fault(line, 1, format!("it has no {}", what.to_lowercase()), &hint);
            }
        }
        (caption, source, rest)
    }

    fn table(&mut self, inner: &[(usize, &str)], line: usize) -> Body {
        let (caption, source, rest) = self.captioned(inner, line);
        let mut rows: Vec<Vec<Vec<Run>>> = Vec::new();
        for (number, text) in rest {
            let cells = cells(text, number);
            let rule = |cell: &Vec<Spot>| {
                let cell: String = cell.iter().map(|spot| spot.c).collect();
                cell.contains("--") && cell.chars().all(|c| matches!(c, '-' | ':' | ' '))
            };
            if cells.iter().all(rule) {
                continue;
            }
            if rows.first().is_some_and(|head| head.len() != cells.len()) {
                let what = format!(
                    "this row has {} cells, and the first has {}",
                    cells.len(),
                    rows.first().map_or(0, Vec::len)
                );
                self.fault(number, 1, what, "give every row as many cells");
            }
            let row = cells.iter().map(|cell| runs(cell, &mut self.faults));
            rows.push(row.collect());
        }
        if rows.len() < 2 {
            self.fault(
                line,
                1,
                "the table has no row below its head",
                "write rows as `| a | b |`",
            );
        }
        Body::Table {
            caption,
            source,
            rows,
        }
    }

    fn figure(
        &mut self,
        (drawing, subject): (&str, &str),
        inner: &[(usize, &str)],
        line: usize,
    ) -> Option<Body> {
        let (caption, source, rest) = self.captioned(inner, line);
        if let Some((number, _)) = rest.first() {
            self.fault(
                *number,
                1,
                "a figure holds a caption and a source",
                "leave this away",
            );
        }
        if !DRAWINGS.contains(&drawing) {
            let hint = format!("one of {}", DRAWINGS.join(", "));
            self.fault(line, 1, format!("there is no drawing {drawing:?}"), &hint);
            return None;
        }
        let head = spots(&format!("{{{subject}}}"), line, 1);
        match runs(&head, &mut self.faults).pop() {
            Some(Run::Reference(subject)) => Some(Body::Figure {
                drawing: drawing.to_owned(),
                subject,
                caption,
                source,
            }),
            _ => None,
        }
    }

    fn recommendation(&mut self, inner: &[(usize, &str)]) -> Body {
        let lines: Vec<Vec<Spot>> = inner
            .iter()
            .map(|(number, text)| spots(text.trim_end(), *number, 1))
            .collect();
        Body::Recommendation(runs(&joined(&lines), &mut self.faults))
    }
}

/// The cells of a row: between bars, but not bars that are escaped or within a reference.
fn cells(line: &str, number: usize) -> Vec<Vec<Spot>> {
    let mut cells: Vec<Vec<Spot>> = vec![Vec::new()];
    let (mut depth, mut escaped) = (0_usize, false);
    for spot in spots(line.trim_end(), number, 1) {
        match spot.c {
            '{' if !escaped => depth += 1,
            '}' if !escaped => depth = depth.saturating_sub(1),
            _ => {}
        }
        if spot.c == '|' && depth == 0 && !escaped {
            cells.push(Vec::new());
        } else if let Some(cell) = cells.last_mut() {
            cell.push(spot);
        }
        escaped = spot.c == '\\' && !escaped;
    }
    let blank = |cell: &Vec<Spot>| cell.iter().all(|spot| spot.c.is_whitespace());
    if cells.first().is_some_and(blank) {
        cells.remove(0);
    }
    if cells.len() > 1 && cells.last().is_some_and(blank) {
        cells.pop();
    }
    let trimmed = |cell: Vec<Spot>| {
        let start = cell.iter().position(|spot| !spot.c.is_whitespace());
        let end = cell.iter().rposition(|spot| !spot.c.is_whitespace());
        match (start, end) {
            (Some(start), Some(end)) => cell[start..=end].to_vec(),
            _ => Vec::new(),
        }
    };
    cells.into_iter().map(trimmed).collect()
}
