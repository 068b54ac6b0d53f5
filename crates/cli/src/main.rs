//! whither

fn main() {}
