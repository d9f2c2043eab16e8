//! The command `thriftgate`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use thriftgate::cli::{self, Arguments};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run(Arguments::parse())
}
