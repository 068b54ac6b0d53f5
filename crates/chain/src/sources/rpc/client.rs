//! Questions to a node over HTTP: in batches, again where it is busy, and to no other host than the one named.
//!
//! No proxy of the environment is used and no redirect is followed: an investigator's addresses are told to the
//! endpoint that was named and to nobody else. HTTP is spoken without TLS: a node stands on the same machine or behind
//! a tunnel, and a TLS library with its roots would be the largest dependency of all.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::sources::evm::hex::short;
use crate::sources::evm::{EvmError, EvmFault, deep};

/// How often a question is asked before the node is given up.
const TRIES: u32 = 6;
/// The first wait before asking again; each further one is twice as long.
const WAIT: Duration = Duration::from_millis(100);
/// The longest answer.
const BYTES_MAX: u64 = 1 << 29;
/// How long an answer may take: frames of a block take a node seconds.
const TIMEOUT: Duration = Duration::from_secs(180);

/// A node.
pub(crate) struct Client {
    url: String,
    agent: ureq::Agent,
    /// Whether it answers several questions at once.
    batches: bool,
}

/// A question: a method and its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Question(pub(crate) &'static str, pub(crate) Value);

/// Why one try gave nothing.
enum Failed {
    /// Asking again may help.
    Busy(String),
    /// It will not.
    Refused(EvmFault),
}

impl Client {
    /// A node at a URL.
    pub(crate) fn new(url: &str) -> Result<Self, EvmError> {
        if !url.starts_with("http://") {
            return Err(EvmError::new(url, None, EvmFault::Encrypted));
        }
        let config = ureq::Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .build();
        Ok(Self {
            url: url.to_owned(),
            agent: config.into(),
            batches: true,
        })
    }

    /// The endpoint, for messages.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// An error of this node.
    pub(crate) fn error(&self, place: Option<String>, fault: EvmFault) -> EvmError {
        EvmError::new(&self.url, place, fault)
    }

    /// Asks one question; an answer that is an error of the node is one here.
    pub(crate) fn ask(
        &mut self,
        method: &'static str,
        parameters: Value,
    ) -> Result<Value, EvmError> {
        let mut answers = self.ask_all(&[Question(method, parameters)])?;
        let answer = answers.pop().unwrap_or(Err(String::new()));
        let refused = |why| self.error(Some(method.to_owned()), EvmFault::Node(why));
        answer.map_err(refused)
    }

    /// Asks several questions; the answers are in the order of the questions, and each may be the node's refusal.
    pub(crate) fn ask_all(
        &mut self,
        questions: &[Question],
    ) -> Result<Vec<Result<Value, String>>, EvmError> {
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        if self.batches && questions.len() > 1 {
            let mut answers: Vec<Option<Result<Value, String>>> =
                questions.iter().map(|_| None).collect();
            match self.patiently(|client| client.batch(questions, &mut answers)) {
                Ok(()) => return Ok(answers.into_iter().flatten().collect()),
                // It does not take several at once.
                Err(error) if matches!(*error.fault, EvmFault::Shape { .. }) => {
                    self.batches = false;
                }
                Err(error) => return Err(error),
            }
        }
        let one = |question| self.patiently(|client| client.single(question));
        questions.iter().map(one).collect()
    }

    /// Tries again where the node is busy.
    fn patiently<T>(&self, mut ask: impl FnMut(&Self) -> Result<T, Failed>) -> Result<T, EvmError> {
        let mut wait = WAIT;
        let mut why = String::new();
        for number in 0..TRIES {
            if number > 0 {
                sleep(wait);
                wait *= 2;
            }
            match ask(self) {
                Ok(answer) => return Ok(answer),
                Err(Failed::Busy(said)) => why = said,
                Err(Failed::Refused(fault)) => return Err(self.error(None, fault)),
            }
        }
        Err(self.error(None, EvmFault::Http(why)))
    }

    fn single(
        &self,
        Question(method, parameters): &Question,
    ) -> Result<Result<Value, String>, Failed> {
        let question = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters});
        let answer = self.post(&question)?;
        if !answer.is_object() {
            return Err(Failed::Refused(shape()));
        }
        answer_of(answer)
    }

    /// Asks together what has no answer yet; one that the node is too busy for is asked again with the others.
    fn batch(
        &self,
        questions: &[Question],
        answers: &mut [Option<Result<Value, String>>],
    ) -> Result<(), Failed> {
        let open = (0_usize..)
            .zip(questions)
            .filter(|(place, _)| answers[*place].is_none());
        let asked = open.map(|(id, Question(method, parameters))| {
            json!({"jsonrpc": "2.0", "id": id + 1, "method": method, "params": parameters})
        });
        let Value::Array(told) = self.post(&asked.collect())? else {
            return Err(Failed::Refused(shape()));
        };
        let mut busy = None;
        for answer in told {
            let id = answer.get("id").and_then(Value::as_u64);
            let place = id.and_then(|id| usize::try_from(id).ok()?.checked_sub(1));
            let slot = place.and_then(|place| answers.get_mut(place));
            let slot = slot.ok_or_else(|| Failed::Busy("an answer to no question".to_owned()))?;
            match answer_of(answer) {
                Ok(answer) => *slot = Some(answer),
                Err(Failed::Busy(why)) => busy = Some(why),
                Err(refused) => return Err(refused),
            }
        }
        if answers.iter().all(Option::is_some) {
            return Ok(());
        }
        let fewer = || "fewer answers than questions".to_owned();
        Err(Failed::Busy(busy.unwrap_or_else(fewer)))
    }

    fn post(&self, question: &Value) -> Result<Value, Failed> {
        let busy = |error: ureq::Error| Failed::Busy(short(&error.to_string()));
        let request = self.agent.post(&self.url).content_type("application/json");
        let mut response = request.send(question.to_string()).map_err(busy)?;
        let status = response.status();
        let body = response.body_mut().with_config().limit(BYTES_MAX);
        let text = body.read_to_vec().map_err(busy)?;
        let answer = match deep::value(&text) {
            // Asking again gives the same.
            Err(EvmFault::Depth) => return Err(Failed::Refused(EvmFault::Depth)),
            answer => answer,
        };
        match (status.is_success(), answer) {
            (true, Ok(answer)) => Ok(answer),
            // Some nodes send their refusals with a status of failure.
            (false, Ok(answer)) if answer.get("error").is_some() && status.as_u16() != 429 => {
                Ok(answer)
            }
            (true, Err(error)) => Err(Failed::Busy(format!(
                "it answers no JSON: {}",
                short(&error.to_string())
            ))),
            (false, _) => Err(Failed::Busy(format!("HTTP status {}", status.as_u16()))),
        }
    }
}

fn shape() -> EvmFault {
    EvmFault::Shape {
        what: "the answer".to_owned(),
        expected: "one of JSON-RPC",
    }
}

/// The result of an answer, or why the node refuses. That it is asked too much means asking again.
fn answer_of(mut answer: Value) -> Result<Result<Value, String>, Failed> {
    if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
        let code = error.get("code").and_then(Value::as_i64);
        let said = short(
            error
                .get("message")
                .and_then(Value::as_str)
                .unwrap_or_default(),
        );
        let is_busy = matches!(code, Some(-32005 | 429 | -28))
            || said.to_ascii_lowercase().contains("rate limit");
        return if is_busy {
            Err(Failed::Busy(said))
        } else {
            Ok(Err(said))
        };
    }
    match answer.get_mut("result") {
        Some(result) => Ok(Ok(result.take())),
        None => Err(Failed::Busy("an answer without a result".to_owned())),
    }
}
