//! `thriftgate man`: the manual pages.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::Error;

/// Arguments of `man`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A directory that gets a page for the command and one for each verb; without it the command's own is printed
    directory: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let command = super::Arguments::command();
    if let Some(directory) = &arguments.directory {
        return std::fs::create_dir_all(directory)
            .and_then(|()| clap_mangen::generate_to(command, directory))
            .map_err(|error| Error(format!("error: {}: {error}", directory.display())));
    }
    let mut page = Vec::new();
    Man::new(command.disable_help_subcommand(true)).render(&mut page)?;
    super::print(&String::from_utf8_lossy(&page))
}
