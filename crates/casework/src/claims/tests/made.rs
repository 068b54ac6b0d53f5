//! Random statements of every kind.

use proptest::option::of as maybe;
use proptest::prelude::*;

use super::super::*;
use crate::attachments::Attachment;
use crate::marks::{Confidence, Handling};
use crate::words::Date;

pub(super) fn word() -> impl Strategy<Value = Word> {
    "[a-z0-9][a-z0-9-]{0,12}".prop_map(|text| Word::new(&text).unwrap())
}

pub(super) fn text() -> impl Strategy<Value = String> {
    "[ -~äé世😀\"\\\\\n]{0,20}x"
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(text(), 1..3)
}

fn date() -> impl Strategy<Value = Date> {
    let forms = prop::sample::select(vec![
        "2020",
        "2020-09",
        "2020-09-25",
        "2020-09-25T18:49Z",
        "2020-09-25T18:49:07Z",
    ]);
    forms.prop_map(|text| Date::new(text).unwrap())
}

fn number() -> impl Strategy<Value = Number> {
    "(0|[1-9][0-9]{0,12})(\\.[0-9]{1,8})?".prop_map(|text| text.parse().unwrap())
}

fn range() -> impl Strategy<Value = Range> {
    let ratios = ("0\\.[1-9]{1,4}", "1\\.[0-9]{1,4}");
    ratios.prop_map(|(low, high)| {
        Range::try_from([low.parse().unwrap(), high.parse().unwrap()]).unwrap()
    })
}

fn prior() -> impl Strategy<Value = Range> {
    let ends = ("0\\.[0-4]{1,4}", "0\\.[5-9]{1,4}");
    ends.prop_map(|(low, high)| {
        Range::try_from([low.parse().unwrap(), high.parse().unwrap()]).unwrap()
    })
}

fn asset() -> impl Strategy<Value = AssetId> {
    let assets = vec![
        "eip155:1/slip44:60",
        "bip122:000000000019d6689c085ae165831e93/slip44:0",
    ];
    prop::sample::select(assets).prop_map(|text| text.parse().unwrap())
}

fn units() -> impl Strategy<Value = Units> {
    "[1-9][0-9]{0,60}".prop_map(|text| text.parse().unwrap())
}

fn origin() -> impl Strategy<Value = OriginClaim> {
    let transfer =
        (text(), maybe(any::<u32>()), text(), text()).prop_map(|(from, height, to, why)| {
            let (transaction, chain, time) =
                ("0x1".to_owned(), "eip155:1".to_owned(), "2022".to_owned());
            let (asset, amount) = ("eip155:1/slip44:60".to_owned(), "7".to_owned());
            OriginClaim::Transfer(TransferClaim {
                transaction,
                chain,
                height,
                time,
                from,
                to,
                asset,
                amount,
                why,
            })
        });
    let place =
        (text(), text()).prop_map(|(from, why)| OriginClaim::Place(PlaceClaim { from, why }));
    prop_oneof![transfer, place]
}

fn incident() -> impl Strategy<Value = Body> {
    let vectors = prop::collection::vec("T1[0-9]{3}", 0..3);
    let chains = prop::collection::vec("eip155:[1-9][0-9]{0,3}", 0..3);
    let origins = prop::collection::vec(origin(), 0..3);
    let incident = (
        word(),
        maybe(text()),
        maybe(text()),
        maybe(text()),
        maybe(date()),
        (chains, vectors),
        origins,
        maybe(text()),
    );
    incident.prop_map(
        |(incident, title, victim, sector, discovered, (chains, vectors), origins, note)| {
            Body::Incident(Incident {
                incident,
                title,
                victim,
                sector,
                discovered,
                chains,
                vectors,
                origins,
                note,
            })
        },
    )
}

fn loss() -> impl Strategy<Value = Body> {
    let kinds = vec![
        LossKind::Stolen,
        LossKind::Recovered,
        LossKind::Frozen,
        LossKind::Reissued,
    ];
    let what = (
        maybe((asset(), units())),
        maybe((text(), number())),
        number(),
    );
    let loss = (word(), prop::sample::select(kinds), what, maybe(text()));
    loss.prop_map(|(incident, what, (identified, named, usd), basis)| {
        let named = named.filter(|_| identified.is_none());
        let (asset, amount) = identified.unzip();
        let (symbol, quantity) = named.unzip();
        Body::Loss(Loss {
            incident,
            what,
            usd: (asset.is_none() && symbol.is_none()).then_some(usd),
            asset,
            amount,
            symbol,
            quantity,
            basis,
        })
    })
}

fn attribution() -> impl Strategy<Value = Body> {
    let attribution = (word(), word());
    attribution.prop_map(|(incident, actor)| Body::Attribution(Attribution { incident, actor }))
}

fn cited() -> impl Strategy<Value = Body> {
    let cited = (number(), text(), maybe(word()), maybe(any::<bool>()));
    cited.prop_map(|(usd, what, actor, gross)| {
        let (from, to) = (
            Date::new("2019-01-01").unwrap(),
            Date::new("2020-11").unwrap(),
        );
        Body::Cited(Cited {
            from,
            to,
            usd,
            what,
            actor,
            gross,
        })
    })
}

fn alike() -> impl Strategy<Value = Body> {
    let alike = (
        prop::collection::btree_set(word(), 2..4),
        text(),
        any::<bool>(),
    );
    alike.prop_map(|(incidents, why, same)| {
        let alike = Alike {
            incidents: incidents.into_iter().collect(),
            why,
        };
        match same {
            true => Body::SameIncident(alike),
            false => Body::DistinctIncidents(alike),
        }
    })
}

fn hands() -> impl Strategy<Value = Body> {
    let hands = (
        prop::collection::btree_set(text(), 2..4),
        text(),
        any::<bool>(),
    );
    hands.prop_map(|(addresses, why, same)| {
        let addresses = addresses.into_iter().collect();
        let hands = Hands { addresses, why };
        match same {
            true => Body::SameHand(hands),
            false => Body::DistinctHands(hands),
        }
    })
}

fn named() -> impl Strategy<Value = Body> {
    let more = (maybe(word()), maybe(date()), maybe(text()), texts());
    let named = (text(), text(), text(), 0..3_u8, more);
    named.prop_map(|(address, name, category, kind, more)| {
        let (entity, valid_from, abuse, concepts) = more;
        let claim = AddressClaim {
            address,
            name,
            category,
            entity,
            valid_from,
            abuse,
            concepts,
            ..AddressClaim::default()
        };
        match kind {
            0 => Body::Service(claim),
            1 => Body::Deposit(claim),
            _ => Body::Label(claim),
        }
    })
}

fn entity() -> impl Strategy<Value = Body> {
    let identifier = (text(), text(), maybe(text()));
    let identifier = identifier.prop_map(|(kind, number, issuer)| Identifier {
        kind,
        number,
        issuer,
    });
    let identifiers = prop::collection::vec(identifier, 0..3);
    let entity = (
        word(),
        texts(),
        maybe(date()),
        maybe(text()),
        identifiers,
        maybe(text()),
    );
    entity.prop_map(|(entity, names, born, nationality, identifiers, note)| {
        Body::Entity(Entity {
            entity,
            kind: EntityKind::Person,
            names,
            born,
            nationality,
            identifiers,
            categories: Vec::new(),
            jurisdictions: Vec::new(),
            uri: None,
            note,
        })
    })
}

fn relation() -> impl Strategy<Value = Body> {
    let ends = vec![
        "entity:a",
        "incident:b",
        "list:ofac-sdn/27307/1",
        "eip155:1:0x098B716B8Aaf21512996dC57EB0615e2383E2f96",
    ];
    let end = || prop::sample::select(ends.clone());
    (end(), end(), maybe("[1-9][0-9]?(\\.5)?")).prop_filter_map(
        "two different ends",
        |(from, to, share)| {
            (from != to).then(|| {
                Body::Relation(Relation {
                    from: from.parse().unwrap(),
                    relation: match share {
                        Some(_) => RelationKind::Owns,
                        None => RelationKind::MemberOf,
                    },
                    to: to.parse().unwrap(),
                    share: share.map(|share| share.parse().unwrap()),
                })
            })
        },
    )
}

fn source() -> impl Strategy<Value = Body> {
    let source = (word(), text(), maybe(text()), maybe(text()), maybe(text()));
    source.prop_map(|(record, name, kind, contact, note)| {
        Body::Source(Source {
            record,
            name,
            kind,
            contact,
            note,
        })
    })
}

fn descriptor() -> impl Strategy<Value = Body> {
    (word(), text()).prop_map(|(of, text)| Body::Descriptor(Descriptor { of, text }))
}

fn onward() -> impl Strategy<Value = Body> {
    let onward = (text(), units(), asset(), maybe((asset(), units())), text());
    onward.prop_map(|(from, amount, asset, other, why)| {
        let (to_asset, to_amount) = other.unzip();
        Body::Continuation(Continuation {
            to: format!("to {from}"),
            from,
            amount,
            asset,
            to_asset,
            to_amount,
            why,
        })
    })
}

fn freeze() -> impl Strategy<Value = Body> {
    let state = prop::sample::select(FreezeState::ALL.to_vec());
    let amount = units().prop_filter("an amount", |amount| !amount.0.is_zero());
    let freeze = (
        word(),
        state,
        text(),
        text(),
        asset(),
        amount,
        maybe(text()),
    );
    freeze.prop_map(|(request, state, to, place, asset, amount, why)| {
        Body::Freeze(Freeze {
            request,
            state,
            to,
            place,
            asset,
            amount: Some(amount),
            at: crate::words::Time::new("2020-09-25T18:49:07Z").unwrap(),
            why,
        })
    })
}

fn hypothesis() -> impl Strategy<Value = Body> {
    let hypothesis = (word(), word(), text(), maybe(prior()));
    hypothesis.prop_map(|(incident, hypothesis, statement, prior)| {
        Body::Hypothesis(Hypothesis {
            incident,
            hypothesis,
            statement,
            prior,
        })
    })
}

fn evidence() -> impl Strategy<Value = Body> {
    let likelihoods = prop::collection::btree_map(word(), range(), 0..3);
    let names = (maybe(text()), maybe(text()), maybe(word()), maybe(text()));
    let evidence = (word(), word(), text(), text(), likelihoods, names);
    evidence.prop_map(
        |(incident, evidence, statement, kind, likelihoods, names)| {
            let (technique, group, finding, upstream) = names;
            Body::Evidence(Evidence {
                incident,
                evidence,
                statement,
                kind,
                technique,
                group,
                likelihoods,
                finding,
                upstream,
            })
        },
    )
}

fn assessment() -> impl Strategy<Value = Body> {
    let assessment = (word(), word(), text());
    assessment.prop_map(|(incident, hypothesis, sentence)| {
        Body::Assessment(Assessment {
            incident,
            hypothesis,
            sentence,
        })
    })
}

fn finding() -> impl Strategy<Value = Body> {
    let finding = (word(), text(), prop::collection::vec(any::<u8>(), 0..3));
    finding.prop_map(|(finding, command, claims)| {
        Body::Finding(Finding {
            finding,
            command,
            parameters: Json::of(&["a", "b"]).unwrap(),
            store: "sha256:0".to_owned(),
            case: "sha256:1".to_owned(),
            head: Json::read(br#"{"case":"c","format":"whither.head/1","last":{}}"#).unwrap(),
            claims: claims.into_iter().map(|byte| Hash::of(&[byte])).collect(),
            version: "0.1.0".to_owned(),
        })
    })
}

fn other() -> impl Strategy<Value = Body> {
    maybe(text()).prop_map(|note| Body::Other {
        kind: Kind::new("of-later").unwrap(),
        fields: note
            .map(|note| ("note".to_owned(), Json::Text(note)))
            .into_iter()
            .collect(),
    })
}

fn marks() -> impl Strategy<Value = Marks> {
    let attachment = any::<u8>().prop_map(|byte| Attachment {
        sha256: Hash::of(&[byte]),
        name: "a letter.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
    });
    let attachments = prop::collection::vec(attachment, 0..3);
    let dates = (maybe(date()), maybe(date()), maybe(date()));
    let texts = (
        maybe(text()),
        maybe("[A-F][1-6]"),
        maybe(text()),
        any::<bool>(),
    );
    (texts, dates, attachments).prop_map(|(texts, dates, attachments)| {
        let (source, confidence, reference, secret) = texts;
        let (date, published, accessed) = dates;
        Marks {
            source,
            confidence: confidence.map(|text| Confidence::parse(&text).unwrap()),
            handling: secret.then_some(Handling::Red),
            date,
            published,
            accessed,
            reference,
            attachments,
        }
    })
}

/// Any statement that can be made.
pub(super) fn statement() -> impl Strategy<Value = Statement> {
    let thefts = prop_oneof![incident(), loss(), attribution(), cited(), alike(), hands()];
    let people = prop_oneof![named(), entity(), relation(), source(), descriptor()];
    let weighed = prop_oneof![
        onward(),
        freeze(),
        hypothesis(),
        evidence(),
        assessment(),
        finding()
    ];
    let body = prop_oneof![thefts, people, weighed, super::reports::report(), other()];
    (maybe(word()), marks(), body).prop_map(|(handle, marks, body)| Statement {
        handle,
        marks,
        body,
    })
}
