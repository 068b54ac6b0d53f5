//! A block of Bitcoin's kind, and what is told of the outputs that it spends.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| whither_fuzz::block_and_undo(bytes));
