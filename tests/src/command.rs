//! The command `thriftgate`, as its own crate builds it but for the allocator.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use thriftgate::cli::{self, Arguments};

fn main() -> ExitCode {
    cli::run(Arguments::parse())
}
