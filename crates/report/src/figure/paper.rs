//! A drawing for paper: the same shapes, with its colours written out.
//!
//! A browser asks the reader's system whether to draw dark or light, and takes colours from custom properties. Whoever
//! sets a page in type knows neither, so they are settled here, in light. Only the style sheet of the drawing is touched.

use std::collections::BTreeMap;

/// A drawing of ours for paper.
#[must_use]
pub fn for_paper(svg: &str) -> String {
    let (Some(begin), Some(end)) = (svg.find("<style>"), svg.find("</style>")) else {
        return svg.to_owned();
    };
    let begin = begin + "<style>".len();
    let Some(style) = svg.get(begin..end) else {
        return svg.to_owned();
    };
    format!("{}{}{}", &svg[..begin], settled(style), &svg[end..])
}

/// A style sheet without questions to the reader's system and with its custom properties written out.
fn settled(style: &str) -> String {
    let light = without_media(style);
    let mut named: BTreeMap<&str, &str> = BTreeMap::new();
    for declaration in light.split([';', '{', '}']) {
        if let Some((name, value)) = declaration.split_once(':')
            && name.starts_with("--")
        {
            named.entry(name).or_insert(value);
        }
    }
    let mut out = light.clone();
    for (name, value) in named {
        out = out.replace(&format!("var({name})"), value);
    }
    let still = out.lines().filter(|line| !line.contains(":hover"));
    let still: Vec<&str> = still.collect();
    still
        .join("\n")
        .replace("ui-monospace", "\"DejaVu Sans Mono\"")
}

/// A style sheet without its `@media` rules, which nest one level of braces.
fn without_media(style: &str) -> String {
    let mut out = String::with_capacity(style.len());
    let mut rest = style;
    while let Some(at) = rest.find("@media") {
        out.push_str(&rest[..at]);
        let mut depth = 0_usize;
        let end = rest[at..].char_indices().find(|(_, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => return false,
            }
            depth == 0
        });
        match end {
            Some((end, _)) => rest = &rest[at + end + 1..],
            None => return out,
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_written_out_and_words_are_left_alone() {
        let svg = "<svg><style>.a{--x:#111;}@media screen and (d){.a{--x:#eee;}}\n.a text{fill:var(--x)}\n.a:hover{fill:red}\n</style>\
                   <text>var(--x) @media {</text></svg>";
        let paper = for_paper(svg);
        assert!(paper.contains("fill:#111}"), "{paper}");
        assert!(
            !paper.contains("#eee") && !paper.contains(":hover"),
            "{paper}"
        );
        assert!(
            paper.ends_with("<text>var(--x) @media {</text></svg>"),
            "{paper}"
        );
        assert_eq!(for_paper("<svg/>"), "<svg/>");
    }

    #[test]
    fn no_drawing_of_ours_asks_the_system_on_paper() {
        let flow = include_str!("../../tests/golden/small.svg");
        let chart = crate::figure::chart::row_chart("c", "T", &[], &[]);
        for svg in [flow, &chart] {
            let paper = for_paper(svg);
            assert!(
                !paper.contains("var(") && !paper.contains("@media"),
                "{paper}"
            );
        }
    }
}
