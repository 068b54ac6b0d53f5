//! The programs that measure: examples of the crates, built once and run one after the other.

use super::line::Line;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Built programs.
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Builds them; for a smoke test as tests are built, so that after those nothing is left to build.
    pub fn build(smoke: bool) -> Result<Self, String> {
        let (profile, arguments): (_, &[&str]) = if smoke {
            ("debug", &["build", "--workspace", "--examples"])
        } else {
            let packages = [
                "build",
                "--release",
                "--examples",
                "-p",
                "whither-testkit",
                "-p",
                "whither-chain",
                "-p",
                "whither",
            ];
            ("release", &packages.clone())
        };
        let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut cargo = Command::new(program);
        let status = cargo
            .args(arguments)
            .arg("--quiet")
            .current_dir(root)
            .status();
        let status = status.map_err(|error| format!("cannot start cargo: {error}"))?;
        if !status.success() {
            return Err("the programs that measure do not build".to_owned());
        }
        // This program lies in the target directory too: `target/debug/xtask`.
        let this = std::env::current_exe().map_err(|error| format!("who am I: {error}"))?;
        let target = this.ancestors().nth(2).ok_or("no target directory")?;
        Ok(Self {
            folder: target.join(profile).join("examples"),
        })
    }

    /// Runs one and gives the lines it printed.
    pub fn run(&self, name: &str, arguments: &[&str]) -> Result<Vec<Line>, String> {
        let line = format!("{name} {}", arguments.join(" "));
        eprintln!("$ {line}");
        let mut program = Command::new(self.folder.join(name));
        let output = program.args(arguments).stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| format!("cannot start `{line}`: {error}"))?;
        if !output.status.success() {
            return Err(format!("`{line}` failed ({})", output.status));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let parse = |printed: &str| {
            Line::parse(printed).ok_or_else(|| format!("`{line}` printed {printed:?}"))
        };
        text.lines().map(parse).collect()
    }
}
