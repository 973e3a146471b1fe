//! Writes a large document to the standard output: `cargo run --example large -- 1000 10000000 > large.json`, for measurements.

use std::io::{self, Write as _};

#[path = "../tests/corpus/large.rs"]
mod large;

fn main() -> io::Result<()> {
    let mut numbers = std::env::args().skip(1).filter_map(|text| text.parse().ok());
    let (operations, bytes) = (numbers.next().unwrap_or(1000), numbers.next().unwrap_or(10_000_000));
    io::stdout().write_all(large::document(operations, bytes).to_string().as_bytes())
}
