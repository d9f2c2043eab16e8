//! Two real Thrift backends with a store in memory, for trying the gateway out: a phonebook and a login.
//! They listen on loopback, framed and binary.

mod contacts;
mod login;
mod server;

use std::path::{Path, PathBuf};
use std::{fs, io};

use server::Server;
use thriftgate_config::{
    Backend, BackendAddress, BackendMessages, Documents, IdlSource, Limits, ListenAddress, Route,
    ServiceName, Services, Settings,
};

/// The IDL of the two services, by file name.
const IDL: [(&str, &str); 2] =
    [("contact.thrift", include_str!("contact.thrift")), ("auth.thrift", include_str!("auth.thrift"))];

/// The running backends, and the folder with their IDL. Dropped, both are gone.
#[derive(Debug)]
pub struct Backends {
    folder: PathBuf,
    contacts: Server,
    login: Server,
}

impl Backends {
    /// Writes the IDL to a folder of its own and starts the two backends.
    ///
    /// # Errors
    /// Where the system gives no folder, port or thread.
    pub fn start() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("thriftgate-demo-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        for (name, text) in IDL {
            fs::write(folder.join(name), text)?;
        }
        let contacts = Server::start("contacts", contacts::Contacts::default())?;
        let login = Server::start("login", login::Login)?;
        Ok(Self { folder, contacts, login })
    }

    /// The folder with the IDL.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The settings of a gateway before them: the login at `/`, the phonebook at `/ContactSvc`, and the documents of both.
    #[must_use]
    pub fn settings(&self, listen: ListenAddress) -> Settings {
        let limits = Limits::default();
        let backend = |name: &str, server: &Server| {
            let address = server.address();
            let address = BackendAddress::Tcp { host: address.ip().to_string(), port: address.port() };
            Backend { messages: BackendMessages::Pass, ..Backend::new(name, address, &limits) }
        };
        let route = |path: &str, position: usize, service: &str| {
            let name = ServiceName { name: service.into(), idl: Vec::new(), origin: None };
            Route { services: Services::Named(vec![name]), ..Route::new(path, position) }
        };
        let source = |(name, _): &(&str, &str)| IdlSource {
            path: self.folder.join(name),
            include: Vec::new(),
            origin: None,
        };
        let contacts = backend("contacts", &self.contacts);
        Settings {
            idl: IDL.iter().map(source).collect(),
            backends: vec![contacts.clone(), backend("login", &self.login)],
            routes: vec![route("/ContactSvc", 0, "ContactSvc"), route("/", 1, "AuthenticationService")],
            documents: Some(documents()),
            ..Settings::single(Vec::new(), contacts, listen)
        }
    }
}

fn documents() -> Documents {
    Documents {
        title: "Login and phonebook".to_owned(),
        description: Some("What `thriftgate demo` serves, to try things out. Nothing is kept.".to_owned()),
        ..Documents::default()
    }
}

impl Drop for Backends {
    fn drop(&mut self) {
        let _left_behind = fs::remove_dir_all(&self.folder);
    }
}
