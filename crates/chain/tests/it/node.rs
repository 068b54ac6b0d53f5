//! A node that answers what a real one answered, and can be made to misbehave.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::evm::fixture_lines;

/// What becomes of an answer: the method, its parameters, and the answer as recorded.
type Twist = Box<dyn FnMut(&str, &Value, Value) -> Value + Send>;

/// A node on a port of this machine, for as long as it is held.
pub struct Node {
    url: String,
    twist: Arc<Mutex<Twist>>,
}

impl Node {
    /// A node that behaves.
    pub fn new() -> Self {
        Self::twisted(|_, _, answer| answer)
    }

    /// A node whose answers pass through something.
    pub fn twisted(twist: impl FnMut(&str, &Value, Value) -> Value + Send + 'static) -> Self {
        let answers: HashMap<String, Value> = fixture_lines("rpc.jsonl.gz")
            .iter()
            .map(|line| {
                let line: Value = serde_json::from_str(line).unwrap();
                let key = key(line["method"].as_str().unwrap(), &line["params"]);
                let answer = match line.get("result") {
                    Some(result) => json!({"result": result}),
                    None => json!({"error": line["error"]}),
                };
                (key, answer)
            })
            .collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let twist: Arc<Mutex<Twist>> = Arc::new(Mutex::new(Box::new(twist)));
        let own = Arc::clone(&twist);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let _ = answer(stream, &answers, &own);
            }
        });
        Self { url, twist }
    }

    /// Changes what becomes of its answers from now on.
    pub fn twist(&self, twist: impl FnMut(&str, &Value, Value) -> Value + Send + 'static) {
        *self.twist.lock().unwrap() = Box::new(twist);
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

fn key(method: &str, parameters: &Value) -> String {
    format!("{method} {parameters}")
}

/// Answers one request, one question or several, and closes the line.
fn answer(
    mut stream: TcpStream,
    answers: &HashMap<String, Value>,
    twist: &Mutex<Twist>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(told) = lower.strip_prefix("content-length:") {
            length = told.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let question: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut one = |question: &Value| {
        let method = question["method"].as_str().unwrap_or_default();
        let parameters = &question["params"];
        let known = answers.get(&key(method, parameters)).cloned();
        let missing = json!({"error": {"code": -32601, "message": "Method not found"}});
        let mut answer = twist.lock().unwrap()(method, parameters, known.unwrap_or(missing));
        answer["jsonrpc"] = json!("2.0");
        answer["id"] = question["id"].clone();
        answer
    };
    let said = match &question {
        // In reverse: the order of answers means nothing.
        Value::Array(all) => Value::Array(all.iter().map(&mut one).rev().collect()),
        single => one(single),
    };
    let text = said.to_string();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )
}
