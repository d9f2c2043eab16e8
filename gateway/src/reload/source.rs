//! Where the settings come from, each time that they are read.

use std::fmt;
use std::path::PathBuf;

use thriftgate_config::Settings;

use super::Files;
use crate::policy::jwt;

type Read = Box<dyn Fn() -> Result<Settings, String> + Send + Sync>;

/// Where the settings come from, each time that they are read.
pub struct Source {
    file: Option<PathBuf>,
    read: Read,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Source {
    /// Settings that `read` makes of a file, and of what does not change: the command line and the environment.
    /// Without a file they are the same each time, while IDL and certificates are read again all the same. An
    /// error is the text that an operator reads.
    pub fn new(
        file: Option<PathBuf>,
        read: impl Fn() -> Result<Settings, String> + Send + Sync + 'static,
    ) -> Self {
        Self { file, read: Box::new(read) }
    }

    /// The same settings each time.
    #[must_use]
    pub fn fixed(settings: Settings) -> Self {
        Self::new(None, move || Ok(settings.clone()))
    }

    /// Reads the settings, and notes the files that they name for TLS and for credentials beside the one that they come from.
    ///
    /// # Errors
    /// Everything that is wrong with them, as text.
    pub fn read(&self, files: &mut Files) -> Result<Settings, String> {
        if let Some(file) = &self.file {
            files.note(file);
        }
        let settings = (self.read)()?;
        Self::note_files(&settings, files);
        Ok(settings)
    }

    /// Notes the files that settings name for TLS and for what callers show.
    pub(crate) fn note_files(settings: &Settings, files: &mut Files) {
        let listeners = settings.listen.iter().filter_map(|listener| listener.tls.as_ref());
        let backends = settings.backends.iter().filter_map(|backend| backend.tls.as_ref());
        listeners.flat_map(crate::tls::server_files).for_each(|path| files.note(path));
        backends.flat_map(crate::tls::client_files).for_each(|path| files.note(path));
        let authentication = &settings.authentication;
        authentication.keys.iter().for_each(|keys| files.note(&keys.file));
        authentication.jwt.iter().filter_map(jwt::file).for_each(|path| files.note(path));
    }
}
