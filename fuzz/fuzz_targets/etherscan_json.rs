//! What Etherscan's API answers of an account.
#![no_main]

use whither_chain::Format;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| whither_fuzz::file(Format::Etherscan, "export.json", bytes));
