//! Live peers: other programs that Whither is run beside, on the same data and machine.
//!
//! Empty so far. A peer comes here with the command that runs it and the version it was run at.

/// Prints the live peers there are.
pub fn run() {
    println!("no live peers in this release");
}
