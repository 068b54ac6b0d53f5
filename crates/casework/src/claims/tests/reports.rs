//! Random statements of the life of a report.

use proptest::option::of as maybe;
use proptest::prelude::*;

use super::super::*;
use super::made::{text, word};
use crate::words::Date;

/// Drafts, what is said of them, editions and their secrets.
pub(super) fn report() -> impl Strategy<Value = Body> {
    prop_oneof![said(), given_out()]
}

fn said() -> impl Strategy<Value = Body> {
    let draft =
        (word(), 1_u32..99, text(), maybe(text())).prop_map(|(report, revision, text, note)| {
            Body::Draft(Draft {
                report,
                revision,
                text,
                note,
            })
        });
    let comment = (word(), word(), word(), 1_u32..99, maybe(text()), text());
    let comment = comment.prop_map(|(report, comment, part, revision, by, text)| {
        Body::Comment(Comment {
            report,
            comment,
            revision,
            part,
            by,
            text,
        })
    });
    let ruling = (word(), word(), any::<bool>(), text());
    let ruling = ruling.prop_map(|(report, comment, accepted, why)| {
        Body::Ruling(Ruling {
            report,
            comment,
            outcome: if accepted {
                Outcome::Accepted
            } else {
                Outcome::Rejected
            },
            why,
        })
    });
    let reply = (word(), word(), word(), text(), maybe(text()));
    let reply = reply.prop_map(|(report, reply, part, of, text)| {
        Body::Reply(Reply {
            report,
            reply,
            part,
            of,
            asked: Date::new("2020-09").unwrap(),
            answered: text.is_some().then(|| Date::new("2020-10-01").unwrap()),
            text,
        })
    });
    prop_oneof![draft, comment, ruling, reply]
}

fn given_out() -> impl Strategy<Value = Body> {
    let head = Json::read(br#"{"case":"c","format":"whither.head/1","last":{}}"#).unwrap();
    let edition =
        (word(), word(), text(), any::<u8>()).prop_map(move |(report, edition, text, byte)| {
            let sha256 = Hash::of(&[byte]);
            Body::Edition(Edition {
                report,
                edition,
                audience: "public".to_owned(),
                revision: 1,
                ceiling: "TLP:CLEAR".to_owned(),
                head: head.clone(),
                files: vec![EditionFile {
                    name: text.clone(),
                    sha256,
                }],
                withheld: vec![Commitment {
                    piece: text.clone(),
                    sha256,
                }],
                text,
                version: "0.1.0".to_owned(),
            })
        });
    let secret = (word(), word(), any::<u8>()).prop_map(|(report, edition, byte)| {
        Body::Secret(Secret {
            report,
            edition,
            secret: Hash::of(&[byte]),
        })
    });
    prop_oneof![edition, secret]
}
