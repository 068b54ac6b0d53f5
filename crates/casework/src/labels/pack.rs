//! TagPacks and ActorPacks: GraphSense's YAML of labelled addresses and of who they belong to.
//!
//! What stands in the head of a TagPack holds for each tag that does not say otherwise. An actor becomes an entity of
//! the case under its own id, so that a tag's `actor` finds it. Source: the schema in graphsense-tagpacks.

use std::collections::BTreeMap;

use super::row::{Row, cut, date, text, word};
use super::yaml::{self, Node};
use super::{Defaults, Reading, Refused};
use crate::claims::{Body, Entity, EntityKind, Identifier, Statement};
use crate::marks::{Handling, Marks};

pub(super) fn read(text: &str, defaults: &Defaults) -> Result<Reading, String> {
    let head = yaml::read(text)?;
    match (head.nodes.get("tags"), head.nodes.get("actors")) {
        (Some(tags), None) => Ok(tagpack(&head, tags, defaults)),
        (None, Some(actors)) => Ok(actorpack(&head, actors)),
        (Some(_), Some(_)) => Err("it has both `tags` and `actors`".to_owned()),
        (None, None) => Err("it has neither `tags` nor `actors`".to_owned()),
    }
}

fn tagpack(head: &Node, tags: &[Node], defaults: &Defaults) -> Reading {
    let mut reading = begun("tagpack", head, tags);
    for tag in tags {
        match &tag.fault {
            Some(fault) => reading.refused.push(fault.clone()),
            None => row(head, tag).read(defaults, &mut reading),
        }
    }
    reading
}

fn begun(form: &'static str, head: &Node, rows: &[Node]) -> Reading {
    let mut unknown: BTreeMap<&String, usize> = BTreeMap::new();
    for key in rows.iter().chain([head]).flat_map(|node| &node.unknown) {
        *unknown.entry(key).or_default() += 1;
    }
    let title = text("its title", head.text("title"), 200).ok().flatten();
    Reading {
        form,
        title,
        rows: rows.len(),
        unknown: unknown
            .into_iter()
            .map(|(key, count)| (cut(key), count))
            .collect(),
        ..Reading::default()
    }
}

/// A tag, with what it has of the head.
fn row(head: &Node, tag: &Node) -> Row {
    let said = |key: &str| match tag.text(key) {
        "" => head.text(key).to_owned(),
        own => own.to_owned(),
    };
    let own = |node: &Node| {
        let places = ["network", "currency", "asset"].into_iter();
        let mut named = places
            .map(|key| node.text(key))
            .filter(|text| !text.is_empty());
        named.next().map(str::to_owned)
    };
    let concepts = match tag.list("concepts") {
        [] => head.list("concepts"),
        own => own,
    };
    Row {
        line: tag.line,
        address: tag.text("address").to_owned(),
        chain: own(tag).or_else(|| own(head)).unwrap_or_default(),
        name: said("label"),
        category: said("category"),
        actor: said("actor"),
        level: said("confidence"),
        concepts: concepts.to_vec(),
        abuse: said("abuse"),
        of_cluster: said("is_cluster_definer").eq_ignore_ascii_case("true"),
        valid_from: said("valid_from"),
        valid_until: said("valid_until"),
        published: said("lastmod"),
        source: said("creator"),
        reference: said("source"),
        context: said("context"),
        pack: said("title"),
        closed: is_closed(head) || is_closed(tag),
        kind: said("kind"),
    }
}

/// Whether a pack says that it is not for everybody.
fn is_closed(node: &Node) -> bool {
    let said = node.text("is_public");
    ["false", "no", "off"]
        .iter()
        .any(|no| said.eq_ignore_ascii_case(no))
}

fn actorpack(head: &Node, actors: &[Node]) -> Reading {
    let mut reading = begun("actorpack", head, actors);
    for actor in actors {
        if let Some(fault) = &actor.fault {
            reading.refused.push(fault.clone());
            continue;
        }
        match entity(head, actor) {
            Ok(statement) => reading.statements.push(statement),
            Err((kind, why)) => reading.refused.push(Refused {
                line: actor.line,
                what: cut(actor.text("id")),
                kind,
                why,
            }),
        }
    }
    reading
}

/// What an ActorPack calls its ids, among the identifiers of an entity.
pub(super) const ACTOR: &str = "actor";

fn entity(head: &Node, actor: &Node) -> Result<Statement, (&'static str, String)> {
    let id = actor.text("id");
    let entity = word(id)?.ok_or_else(|| ("actor", "it has no id".to_owned()))?;
    let mut names = Vec::new();
    let label = actor.text("label").to_owned();
    for name in [&label].into_iter().chain(actor.list("aliases")) {
        names.extend(text("a name", name, 200)?.filter(|name| !names.contains(name)));
    }
    let words = |key: &str| -> Result<Vec<String>, (&'static str, String)> {
        let words = actor.list(key).iter().map(|word| text(key, word, 200));
        Ok(words
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect())
    };
    let identifiers = vec![Identifier {
        kind: ACTOR.to_owned(),
        number: text("its id", id, 200)?.unwrap_or_default(),
        issuer: text("the creator", head.text("creator"), 200)?,
    }];
    let claim = Entity {
        entity,
        kind: EntityKind::Organisation,
        names,
        born: None,
        nationality: None,
        identifiers,
        categories: words("categories")?,
        jurisdictions: words("jurisdictions")?,
        uri: text("its uri", actor.text("uri"), 4000)?,
        note: None,
    };
    let marks = Marks {
        source: text("the creator", head.text("creator"), 200)?,
        published: date("lastmod", head.text("lastmod"))?,
        handling: (is_closed(head) || is_closed(actor)).then_some(Handling::AmberStrict),
        ..Marks::default()
    };
    let statement = Statement {
        handle: None,
        marks,
        body: Body::Entity(claim),
    };
    statement.payload().map_err(|why| ("claim", why))?;
    Ok(statement)
}
