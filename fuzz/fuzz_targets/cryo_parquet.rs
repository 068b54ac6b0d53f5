//! Parquet files of cryo.
#![no_main]

use whither_chain::Format;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| whither_fuzz::folder(Format::Cryo, &["e__blocks__0_to_1.parquet", "e__logs__0_to_1.parquet", "e__traces__0_to_1.parquet"], bytes));
