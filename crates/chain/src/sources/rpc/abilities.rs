//! What a node can do, found out by asking once and looking at the shape of the answer, never at its words: nodes
//! word a refusal as they please, and one answers a question for frames with steps of code.

use serde_json::{Value, json};

use super::client::{Client, Question};
use crate::sources::evm::EvmError;

/// How frames are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tracing {
    /// `debug_traceBlockByHash` with `callTracer`.
    CallTracer,
    /// `trace_block`.
    Flat,
    /// `debug_traceTransaction` with `callTracer`, one by one.
    ByTransaction,
    /// The node has none.
    None,
}

/// What a node can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Abilities {
    /// `eth_getBlockReceipts`; else receipts are asked for one by one.
    pub(crate) block_receipts: bool,
    pub(crate) tracing: Tracing,
}

/// The tracer's parameters.
pub(crate) fn call_tracer() -> Value {
    json!({"tracer": "callTracer"})
}

/// Asks a node what it can do, with a block that has a transaction.
pub(crate) fn probe(
    client: &mut Client,
    number: &str,
    hash: &str,
    transaction: Option<&str>,
) -> Result<Abilities, EvmError> {
    let mut questions = vec![
        Question("eth_getBlockReceipts", json!([number])),
        Question("debug_traceBlockByHash", json!([hash, call_tracer()])),
        Question("trace_block", json!([number])),
    ];
    if let Some(transaction) = transaction {
        questions.push(Question(
            "debug_traceTransaction",
            json!([transaction, call_tracer()]),
        ));
    }
    // One by one: a node that lacks a method may refuse the whole batch for it.
    let mut answers = Vec::new();
    for question in &questions {
        answers.extend(client.ask_all(std::slice::from_ref(question))?);
    }
    let array = |place: usize| {
        let answer = answers.get(place)?.as_ref().ok()?;
        answer.as_array()
    };
    let is_frame = |value: &Value| value.get("type").is_some() && value.get("from").is_some();
    let has_frames = array(1).is_some_and(|traces| {
        traces
            .iter()
            .all(|trace| trace.get("result").is_some_and(is_frame))
            && traces.is_empty() == transaction.is_none()
    });
    let has_flat = array(2).is_some_and(|traces| {
        let is_flat =
            |trace: &Value| trace.get("action").is_some() && trace.get("traceAddress").is_some();
        traces.iter().all(is_flat) && (transaction.is_none() || !traces.is_empty())
    });
    let has_single = answers
        .get(3)
        .is_some_and(|one| one.as_ref().is_ok_and(is_frame));
    let tracing = match (has_frames, has_flat, has_single) {
        (true, ..) => Tracing::CallTracer,
        (_, true, _) => Tracing::Flat,
        (_, _, true) => Tracing::ByTransaction,
        _ => Tracing::None,
    };
    Ok(Abilities {
        block_receipts: array(0).is_some(),
        tracing,
    })
}
