//! The command line: a file a verb. Exit codes: 0 well, 1 failed, 2 wrong usage.

mod call;
mod check;
mod demo;
mod diff;
mod explain;
mod keys;
mod man;
mod openapi;
mod probe;
mod routes;
mod serve;
mod source;
mod whom;

use std::fmt;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::telemetry;
use crate::version::VERSION;

/// An HTTP/JSON gateway to Apache Thrift backends.
#[derive(Debug, Parser)]
#[command(name = "thriftgate", version = VERSION, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the gateway
    Serve(serve::Arguments),
    /// Run the gateway before a phonebook and a login backend of its own, to try it out
    Demo(demo::Arguments),
    /// Say everything that is wrong with a configuration, or with IDL alone
    Check(check::Arguments),
    /// Say what a change of the IDL breaks, in JSON and on the wire; exit 1 where anything does
    Diff(diff::Arguments),
    /// Print what each URL leads to
    Routes(routes::Arguments),
    /// Say which route and backend a call would take, and why; exit 1 where it would be refused
    Explain(explain::Arguments),
    /// Make one call from the shell and print the reply
    Call(call::Arguments),
    /// Find out which protocol and transport a Thrift server speaks
    Probe(probe::Arguments),
    /// Make, list and revoke the API keys of callers
    Keys(keys::Arguments),
    /// Write the OpenAPI document of the routes, as the gateway serves it
    Openapi(openapi::Arguments),
    /// Print the JSON Schema of the configuration file
    Schema,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, or write those of all verbs
    Man(man::Arguments),
}

/// Why a verb failed; the text is for the terminal.
#[derive(Debug)]
struct Error(String);

impl<E: fmt::Display> From<E> for Error {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Runs the verb.
#[must_use]
pub fn run(arguments: Arguments) -> ExitCode {
    let done = match arguments.verb {
        Verb::Serve(arguments) => serve::run(&arguments),
        Verb::Demo(arguments) => demo::run(&arguments),
        Verb::Check(arguments) => check::run(&arguments),
        Verb::Diff(arguments) => return diff::run(&arguments),
        Verb::Routes(arguments) => routes::run(&arguments),
        Verb::Explain(arguments) => explain::run(&arguments),
        Verb::Call(arguments) => call::run(&arguments),
        Verb::Probe(arguments) => probe::run(&arguments),
        Verb::Keys(arguments) => keys::run(&arguments),
        Verb::Openapi(arguments) => openapi::run(&arguments),
        Verb::Schema => print(&thriftgate_config::json_schema()),
        Verb::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "thriftgate", &mut std::io::stdout());
            Ok(())
        }
        Verb::Man(arguments) => man::run(&arguments),
    };
    telemetry::close_log();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error(message)) => {
            complain(&message);
            ExitCode::FAILURE
        }
    }
}

/// Prints one text to standard output at once. A reader that has gone is no error.
fn print(text: &str) -> Result<(), Error> {
    use std::io::Write;
    let mut output = std::io::stdout().lock();
    match writeln!(output, "{}", text.trim_end()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints one text to standard error.
fn complain(text: &str) {
    use std::io::Write;
    let _nobody_reads = writeln!(std::io::stderr(), "{}", text.trim_end());
}
