//! Runs the program in a directory of its own, and writes down what it did.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The first 439 blocks of Bitcoin: block 9's coinbase is the money of the first payment.
pub const COINBASE_9: &str = "0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9:0";
/// The first payment, in block 170.
pub const FIRST_PAYMENT: &str = "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16";
/// Who made it.
pub const PAYER: &str = "12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S";

/// A directory with a store in it, and nothing else that the program could find.
pub struct Desk {
    dir: TempDir,
}

impl Desk {
    /// An empty desk.
    pub fn new() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
        }
    }

    /// A desk whose store holds the first 439 blocks of Bitcoin.
    pub fn with_first_blocks() -> Self {
        let desk = Self::new();
        desk.run(&["ingest", &first_blocks()]).succeeded();
        desk
    }

    /// A desk whose store holds the table of the Ronin theft, and that case.
    pub fn with_ronin() -> Self {
        let desk = Self::new();
        desk.run(&["ingest", &path("examples/ronin-2022/transfers.csv")])
            .succeeded();
        desk
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file; gives its path.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    /// The program, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whither"));
        command.args(arguments).current_dir(self.path()).env_clear();
        command.env("WHITHER_STORE", self.path().join("store"));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Done {
        self.done(arguments, self.command(arguments).output().unwrap())
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Done {
        let pipes = || Stdio::piped();
        let mut command = self.command(arguments);
        let mut child = command
            .stdin(pipes())
            .stdout(pipes())
            .stderr(pipes())
            .spawn()
            .unwrap();
        // It need not read all of it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        self.done(arguments, child.wait_with_output().unwrap())
    }

    pub fn done(&self, arguments: &[&str], output: Output) -> Done {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Done {
            arguments: arguments.join(" "),
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            dir: self.path().display().to_string(),
        }
    }
}

/// What the program did.
pub struct Done {
    arguments: String,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    dir: String,
}

impl Done {
    /// Exit code 0, and nothing said beside the data.
    pub fn succeeded(self) -> Self {
        assert!(
            (self.code, self.stderr.as_str()) == (Some(0), ""),
            "{}",
            self.told()
        );
        self
    }

    /// Exit code 2, an error on stderr, and no data.
    pub fn failed(self) -> Self {
        assert!(
            self.code == Some(2) && self.stdout.is_empty(),
            "{:.2000}",
            self.told()
        );
        assert!(self.stderr.starts_with("error: "), "{}", self.stderr);
        self
    }

    /// The data as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// All of it as text, with this machine's paths, this version and content ids left out.
    pub fn told(&self) -> String {
        let code = self
            .code
            .map_or_else(|| "none".to_owned(), |code| code.to_string());
        let mut text = format!("$ whither {}\nexit: {code}\n", self.arguments);
        for (name, stream) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !stream.is_empty() {
                text.push_str(&format!("----- {name}\n{stream}"));
            }
        }
        let version = env!("CARGO_PKG_VERSION");
        without_digests(&text)
            .replace(&self.dir, "[DIR]")
            .replace(&root().display().to_string(), "[ROOT]")
            .replace(&format!("whither {version}"), "whither [VERSION]")
            .replace(
                &format!("\"version\": \"{version}\""),
                "\"version\": \"[VERSION]\"",
            )
    }
}

/// A text with each `sha256:` of 64 hex digits left out.
fn without_digests(text: &str) -> String {
    const MARK: &str = "sha256:";
    let mut parts = text.split(MARK);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part
            .bytes()
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count();
        shown.push_str(MARK);
        if digits == 64 {
            shown.push_str("[DIGEST]");
        }
        shown.push_str(&part[if digits == 64 { 64 } else { 0 }..]);
    }
    shown
}

/// Several runs as one text.
pub fn told(runs: &[Done]) -> String {
    runs.iter().map(Done::told).collect::<Vec<_>>().join("\n")
}

/// The workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap()
        .to_owned()
}

/// A file of the workspace.
pub fn path(name: &str) -> String {
    root().join(name).display().to_string()
}

/// A block file with the first 439 blocks of Bitcoin.
pub fn first_blocks() -> String {
    path("examples/first-blocks/first-100k-blocks.dat")
}
