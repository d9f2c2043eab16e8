//! From the form of a file to settings, in one step: names resolved, defaults filled in, everything wrong noted.

use crate::address::listen_address;
use crate::authentication::authentication;
use crate::backends::Backends;
use crate::diagnostic::{Diagnostics, Source};
use crate::dns::dns;
use crate::documents::documents;
use crate::file::{self, ClientCertificates as Clients, File};
use crate::groups::{audit, groups, rate};
use crate::idl::IdlSources;
use crate::logging::{logging, metrics};
use crate::problems::Problems;
use crate::reading;
use crate::routes::{Written, routes};
use crate::scalar::{Scalar, Word};
use crate::settings::{
    ClientCertificates, Drain, Limits, ListenAddress, Listener, ListenerTls, Places, Reload, Runtime,
    Settings,
};
use crate::shape::{OneOrMany, Short, Switch};
use crate::tracing::tracing;
use crate::variables::Environment;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// For how long browsers shall come back by HTTPS alone, where nothing is said.
const DEFAULT_HSTS: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The settings that `file`, read from `source`, stands for; relative paths are relative to its directory.
fn resolve(file: &File, source: &Arc<Source>, environment: Environment<'_>) -> Result<Settings, Diagnostics> {
    let base = source.path.parent().unwrap_or(Path::new(""));
    let mut problems = Problems::new(Arc::clone(source), environment);
    let limits = limits(&file.limits, &mut problems);
    let listen = listeners(&file.listen, base, &mut problems);
    let admin = admin(&file.admin, base, &mut problems);
    let mut idl = IdlSources::new(base);
    idl.add(&file.idl, &mut problems);
    let mut backends = Backends::new(&file.backends, &limits, base, &mut problems);
    let documents = documents(file.documents.as_ref(), &mut problems);
    let written = Written { services: &file.services, routes: &file.routes, documents: documents.as_ref() };
    let routes = routes(&written, &mut idl, &mut backends, &mut problems);
    let groups = groups(&file.groups, &routes, &mut problems);
    let required = problems.words(&file.admin.ready_requires);
    let ready_requires = required.iter().filter_map(|name| backends.named(name, &mut problems)).collect();
    warn_of_certificates_that_nobody_asks_for(file, &listen, &mut problems);
    let settings = Settings {
        authentication: authentication(&file.authentication, &groups, base, &mut problems),
        groups,
        documents,
        audit: file.audit.as_ref().map(|file| audit(file, base, &mut problems)),
        listen,
        admin,
        ready_requires,
        idl: idl.finish(&mut problems),
        backends: backends.finish(&mut problems),
        routes,
        dns: dns(&file.dns, &mut problems),
        limits: limits.clone(),
        runtime: runtime(&file.runtime, &mut problems),
        logging: logging(&file.logging, base, &mut problems),
        metrics: metrics(&file.metrics, &mut problems),
        tracing: file.tracing.as_ref().and_then(|file| tracing(file, &mut problems)),
        reload: reload(&file.reload, &mut problems),
        drain: drain(&file.drain, &mut problems),
        places: places(file, &problems),
        warnings: Vec::new(),
    };
    problems.finish().map(|warnings| Settings { warnings, ..settings })
}

fn listeners(written: &OneOrMany<file::Listener>, base: &Path, problems: &mut Problems<'_>) -> Vec<Listener> {
    let mut listeners: Vec<Listener> = Vec::new();
    for listener in &written.0 {
        let (address, tls) = match listener {
            Short::Text(address) => (address, None),
            Short::Full(listener) => (&listener.address, listener.tls.as_ref()),
        };
        let tls = tls.and_then(|tls| listener_tls(tls, base, problems));
        let address = problems.word(address);
        let Some(resolved) = problems.keep(&address.span, listen_address(&address.text, base)) else {
            continue;
        };
        if listeners.iter().any(|other| other.address == resolved) {
            problems.error(&address.span, format!("`{}` is there twice", address.text));
        }
        let origin = Some(problems.origin(&address.span));
        listeners.push(Listener { address: resolved, tls, origin });
    }
    forget_implied_hsts(written, &mut listeners);
    if listeners.is_empty() {
        listeners.push(Listener { address: ListenAddress::DEFAULT, tls: None, origin: None });
    }
    listeners
}

/// Browsers that are told to come back by HTTPS do so on every port: they are not told by default where one of them speaks
/// plain HTTP.
fn forget_implied_hsts(written: &OneOrMany<file::Listener>, listeners: &mut [Listener]) {
    let is_plain =
        |listener: &Listener| listener.tls.is_none() && matches!(listener.address, ListenAddress::Tcp(_));
    if !listeners.iter().any(is_plain) {
        return;
    }
    let says = |listener: &Short<file::Listener>| matches!(listener, Short::Full(listener) if listener.tls.as_ref().is_some_and(|tls| tls.hsts.is_some()));
    for (listener, _) in listeners.iter_mut().zip(&written.0).filter(|(_, written)| !says(written)) {
        if let Some(tls) = &mut listener.tls {
            tls.hsts = Duration::ZERO;
        }
    }
}

/// Rules for certificates are of no use where no listener has clients show one.
fn warn_of_certificates_that_nobody_asks_for(file: &File, listen: &[Listener], problems: &mut Problems<'_>) {
    let asks = |tls: &ListenerTls| tls.clients != ClientCertificates::None;
    if let Some(rule) = file.authentication.certificates.first()
        && !listen.iter().filter_map(|listener| listener.tls.as_ref()).any(asks)
    {
        problems.warning(
            &rule.name.span,
            "no listener asks for client certificates: its `tls` needs `client_ca`",
        );
    }
}

fn listener_tls(tls: &file::ListenerTls, base: &Path, problems: &mut Problems<'_>) -> Option<ListenerTls> {
    let path = |word: &Word| base.join(&word.text);
    let ca = tls.client_ca.as_ref().map(|ca| problems.word(ca));
    let implied = if ca.is_some() { Clients::Required } else { Clients::None };
    let (wanted, span) = match &tls.client_certificates {
        Some(scalar) => (problems.take(scalar)?, scalar.span.clone()),
        None => (implied, 0..0),
    };
    let clients = match (wanted, &ca) {
        (Clients::None, None) => ClientCertificates::None,
        (Clients::Optional, Some(ca)) => ClientCertificates::Optional(path(ca)),
        (Clients::Required, Some(ca)) => ClientCertificates::Required(path(ca)),
        (Clients::None, Some(ca)) => {
            problems.error(&ca.span, "`client_ca` is not used: `client_certificates` is `none`");
            return None;
        }
        (_, None) => {
            problems.error(&span, "client certificates cannot be verified without `client_ca`");
            return None;
        }
    };
    let certificate = path(&problems.word(&tls.certificate));
    let mut hsts = DEFAULT_HSTS;
    problems.set(&mut hsts, &tls.hsts);
    Some(ListenerTls { certificate, key: path(&problems.word(&tls.key)), clients, hsts })
}

fn admin(admin: &file::Admin, base: &Path, problems: &mut Problems<'_>) -> Option<ListenAddress> {
    let mut enabled = true;
    problems.set(&mut enabled, &admin.enabled);
    let address = match &admin.listen {
        Some(address) => {
            let address = problems.word(address);
            problems.keep(&address.span, listen_address(&address.text, base))
        }
        None => Some(ListenAddress::DEFAULT_ADMIN),
    };
    address.filter(|_| enabled)
}

fn limits(file: &file::Limits, problems: &mut Problems<'_>) -> Limits {
    let mut limits = Limits::default();
    let bodies = file.bodies.as_ref().map(|scalar| scalar.span.clone());
    let body = file.body.as_ref().map(|scalar| scalar.span.clone());
    problems.set(&mut limits.body, &file.body);
    problems.set(&mut limits.frame, &file.frame);
    problems.set(&mut limits.depth, &file.depth);
    problems.set(&mut limits.headers, &file.headers);
    problems.set(&mut limits.header_timeout, &file.header_timeout);
    problems.set(&mut limits.body_timeout, &file.body_timeout);
    problems.set(&mut limits.deadline, &file.deadline);
    problems.set(&mut limits.reply, &file.reply);
    problems.set(&mut limits.reply_timeout, &file.reply_timeout);
    problems.set(&mut limits.connections, &file.connections);
    problems.set(&mut limits.calls, &file.calls);
    problems.set(&mut limits.backend_calls, &file.backend_calls);
    problems.set(&mut limits.endpoint_connections, &file.endpoint_connections);
    problems.set(&mut limits.bodies, &file.bodies);
    problems.set(&mut limits.memory, &file.memory);
    limits.address_rate = file.address_rate.as_ref().and_then(|written| rate(written, problems));
    if limits.bodies < limits.body {
        let span = bodies.or(body).unwrap_or_default();
        let message =
            format!("`bodies` ({} bytes) holds not even one `body` ({} bytes)", limits.bodies, limits.body);
        problems.error(&span, message);
    }
    limits
}

fn runtime(file: &file::Runtime, problems: &mut Problems<'_>) -> Runtime {
    let threads = file.threads.as_ref().and_then(|scalar| problems.take(scalar)).map(usize::from);
    let mut runtime = Runtime { threads, ..Runtime::default() };
    problems.set(&mut runtime.scheduling, &file.scheduling);
    runtime
}

fn drain(file: &file::Drain, problems: &mut Problems<'_>) -> Drain {
    let mut drain = Drain::default();
    problems.set(&mut drain.delay, &file.delay);
    problems.set(&mut drain.grace, &file.grace);
    drain
}

fn reload(file: &file::Reload, problems: &mut Problems<'_>) -> Reload {
    let mut reload = Reload::default();
    problems.set(&mut reload.watch, &file.watch);
    problems.set(&mut reload.refuse_breaking, &file.refuse_breaking);
    reload
}

/// The places of the keys that a reload cannot change, or that can turn out wrong only when they are used.
fn places(file: &File, problems: &Problems<'_>) -> Places {
    fn span<T>(scalar: &Option<Scalar<T>>) -> Option<&Range<usize>> {
        scalar.as_ref().map(|scalar| &scalar.span)
    }
    let File { admin, limits, runtime, logging, drain, .. } = file;
    let access_file = match &logging.access {
        Some(Switch::Full(access)) => access.file.as_ref(),
        _ => None,
    };
    let spans = [
        ("admin.listen", span(&admin.listen)),
        ("admin.enabled", span(&admin.enabled)),
        ("limits.connections", span(&limits.connections)),
        ("runtime.threads", span(&runtime.threads)),
        ("runtime.scheduling", span(&runtime.scheduling)),
        ("logging.format", span(&logging.format)),
        ("audit.file", file.audit.as_ref().map(|audit| &audit.file.span)),
        ("logging.access.file", access_file.map(|file| &file.span)),
        ("tracing", file.tracing.as_ref().map(|tracing| &tracing.otlp.span)),
        ("drain.delay", span(&drain.delay)),
        ("drain.grace", span(&drain.grace)),
    ];
    let mut places = Places::default();
    for (key, span) in spans {
        if let Some(span) = span {
            places.add(key, problems.origin(span));
        }
    }
    places
}

impl Settings {
    /// The settings that the file at `path` stands for.
    ///
    /// `environment` gives the value of a variable, `None` where it is not set; it is asked only for those that scalars of
    /// the file name. The only file opened is `path` itself: what it names is for the caller to read.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the file, or that it cannot be read.
    pub fn read(path: &Path, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, Diagnostics> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text, environment),
            Err(error) => Err(Diagnostics::unreadable(path, &error)),
        }
    }

    /// The settings that `text`, the contents of the file at `path`, stands for; like [`Settings::read`] otherwise.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the text.
    pub fn parse(
        path: &Path,
        text: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Diagnostics> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let source = Arc::new(Source { path: path.to_owned(), text: text.into() });
        resolve(&reading::read(&source)?, &source, environment)
    }
}
