//! Tables of transfers.
#![no_main]

use whither_chain::Format;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| whither_fuzz::file(Format::Transfers, "table.csv", bytes));
