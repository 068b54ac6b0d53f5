//! Tables of ethereum-etl.
#![no_main]

use whither_chain::Format;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| whither_fuzz::folder(Format::EthereumEtl, &["blocks.csv", "transactions.csv", "receipts.csv", "logs.csv", "traces.csv"], bytes));
