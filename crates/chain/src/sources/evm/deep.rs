//! JSON that is nested as deep as calls can be.
//!
//! Frames of `callTracer` stand within each other, two levels of JSON each, and thefts by re-entrance call deep. The
//! parser's own limit is less than that, so depth is counted before anything is parsed, and what is deep is parsed with
//! a stack that is made for it.

use std::thread;

use serde_json::{Deserializer, Value};

use super::error::EvmFault;

/// How deep JSON may be: 1,024 calls, an object and an array each, and what stands around them.
const LEVELS_MAX: usize = 2 * 1024 + 16;
/// What the parser takes on the stack it is called with.
const SHALLOW: usize = 100;
/// Bytes of stack for the deepest: some 2 kB a level without optimisation.
const STACK: usize = 64 << 20;

/// The documents of a text, one behind the other.
pub(crate) fn values(text: &[u8]) -> Result<Vec<Value>, EvmFault> {
    let levels = levels(text);
    if levels > LEVELS_MAX {
        return Err(EvmFault::Depth);
    }
    if levels <= SHALLOW {
        return parse(text);
    }
    let io = EvmFault::Io;
    thread::scope(|scope| {
        let deep = thread::Builder::new().stack_size(STACK);
        let running = deep.spawn_scoped(scope, || parse(text)).map_err(io)?;
        running
            .join()
            .unwrap_or_else(|_| Err(EvmFault::Json("it cannot be parsed".to_owned())))
    })
}

/// The one document that a text is.
pub(crate) fn value(text: &[u8]) -> Result<Value, EvmFault> {
    let mut all = values(text)?;
    match (all.pop(), all.is_empty()) {
        (Some(value), true) => Ok(value),
        (None, _) => Err(EvmFault::Json("nothing stands in it".to_owned())),
        _ => Err(EvmFault::Json("several documents stand in it".to_owned())),
    }
}

fn parse(text: &[u8]) -> Result<Vec<Value>, EvmFault> {
    let mut parser = Deserializer::from_slice(text);
    parser.disable_recursion_limit();
    let all: Result<Vec<Value>, _> = parser.into_iter::<Value>().collect();
    all.map_err(|error| EvmFault::Json(error.to_string()))
}

/// How deep objects and arrays stand within each other, as far as the text is JSON.
fn levels(text: &[u8]) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => {
                now += 1;
                most = most.max(now);
            }
            b'}' | b']' => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn nested(calls: usize) -> String {
        let open = r#"{"type":"CALL","calls":["#;
        format!("{}{}", open.repeat(calls), "]}".repeat(calls))
    }

    #[test]
    fn as_deep_as_calls_can_be_is_read_and_no_deeper() {
        for calls in [1, 40, 60, 1024] {
            let found = value(nested(calls).as_bytes()).unwrap();
            let mut depth = 0;
            let mut at = &found;
            while let Some(within) = at.get("calls") {
                depth += 1;
                match within.get(0) {
                    Some(next) => at = next,
                    None => break,
                }
            }
            assert_eq!(depth, calls);
        }
        assert!(matches!(
            value(nested(1100).as_bytes()),
            Err(EvmFault::Depth)
        ));
        let million = "[".repeat(1_000_000);
        assert!(matches!(value(million.as_bytes()), Err(EvmFault::Depth)));
    }

    #[test]
    fn brackets_in_texts_are_no_depth() {
        let text = format!(
            "{{\"a\": \"{}\\\"{}\"}}",
            "[".repeat(5000),
            "{".repeat(5000)
        );
        assert_eq!(levels(text.as_bytes()), 1);
        assert!(value(text.as_bytes()).is_ok());
    }

    #[test]
    fn documents_may_stand_behind_each_other_and_one_must_be_one() {
        assert_eq!(values(b"{} [1]\n2").unwrap().len(), 3);
        assert!(value(b"{} {}").is_err());
        assert!(value(b"").is_err());
        assert!(value(b"{").is_err());
    }
}
